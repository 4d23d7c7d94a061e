"""Apply every rule of a policy to a flight."""

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError

from dji_audit._version import tool_version
from dji_audit.compliance.context import Case
from dji_audit.compliance.findings import Finding, Outcome, RuleResult
from dji_audit.compliance.network import Observation, Terms, observe
from dji_audit.compliance.policy import Pack, Policy, PolicyError, RulePolicy, explain
from dji_audit.compliance.rules import Inputs, Parameters, Rule, Verdict, day_of, rules
from dji_audit.compliance.rules._network import NetworkParameters
from dji_audit.flights import Flight
from dji_audit.supplied_tables import Document


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What flights were measured against: names, versions and hashes, for every report."""

    tool_version: str
    policy_name: str
    policy_version: str
    policy_sha256: str
    catalogue_edition: str
    catalogue_sha256: str
    #: The packs that the policy was made from, the one that the others build on first.
    packs: tuple[Pack, ...] = ()
    #: The day whose rules apply; ``None``: for each flight those of its own day.
    as_of: dt.date | None = None
    #: What the unit brought: inventory, operations log, authorisations.
    documents: tuple[Document, ...] = ()
    #: Lists of endpoints over the catalogue that ships, with what each states of itself.
    overlays: tuple[Pack, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FlightAudit:
    """One flight and what came of every rule."""

    flight: Flight
    results: tuple[RuleResult, ...]
    #: Whom the flight's devices talked to, on the terms of the policy's first network rule;
    #: ``None``: it was not looked at.
    network: Observation | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in order of their rule and time."""
        return tuple(finding for result in self.results for finding in result.findings)


def yardstick(policy: Policy, case: Case) -> Yardstick:
    """Return what a report must state of a policy and a case."""
    return Yardstick(
        tool_version(),
        policy.name,
        policy.version,
        policy.sha256,
        case.catalogue.edition,
        case.catalogue.sha256,
        policy.chain,
        case.as_of,
        case.documents,
        tuple(Pack(it.name, it.edition, it.sha256) for it in case.catalogue.overlays),
    )


def audit_flight(flight: Flight, policy: Policy, case: Case) -> FlightAudit:
    """Return what came of every rule of a policy on a flight.

    Raises:
        PolicyError: If the policy names a rule that does not exist, or gives it
            a parameter that it does not have.
    """
    return FlightAudit(
        flight,
        tuple(apply_rule(flight, entry, case) for entry in policy.rules.values()),
        observe(flight, case, _terms(policy)),
    )


def _terms(policy: Policy) -> Terms:
    """Return how contacts are joined to flights: as the policy's first network rule says."""
    for entry in policy.rules.values():
        _, parameters = resolve(entry)
        if isinstance(parameters, NetworkParameters):
            return parameters.terms
    return Terms()


def check_policy(policy: Policy) -> None:
    """Refuse a policy that names an unknown rule or parameter, before anything is read.

    Raises:
        PolicyError: With the rule and the fault.
    """
    for entry in policy.rules.values():
        resolve(entry)


def resolve(entry: RulePolicy) -> tuple[Rule, Parameters]:
    """Return the rule that an entry applies, and its parameters.

    Raises:
        PolicyError: If there is no such rule, or it has no such parameter.
    """
    rule = rules().get(entry.rule)
    if rule is None:
        close = difflib.get_close_matches(entry.rule, rules(), 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(rules()))}"
        raise PolicyError(f"no rule {entry.rule!r}; {hint}")
    try:
        return rule, rule.parameters.model_validate(entry.values)
    except ValidationError as error:
        raise PolicyError(f"rule {entry.id}: {explain(error, rule.parameters)}") from error


def apply_rule(flight: Flight, entry: RulePolicy, case: Case) -> RuleResult:
    """Return what came of one entry of a policy on a flight.

    Raises:
        PolicyError: If there is no such rule, or it has no such parameter.
    """
    rule, parameters = resolve(entry)
    day = case.as_of or day_of(flight)
    verdict = _out_of_date(entry, day, case)
    if verdict is None:
        verdict = rule.check(flight, parameters, Inputs(case, entry.severity, day))
    verdict = _named(verdict, entry, rule)
    if rule.authorisable:
        verdict = _authorised(verdict, entry, flight, case)
    return RuleResult(
        entry.id,
        entry.title or rule.title,
        verdict.outcome,
        verdict.reason
        + (_caveat(flight) if verdict.outcome is Outcome.PASS or verdict.by_log else ""),
        entry.status if entry.verified else f"{entry.status} (unverified)",
        entry.citation,
        parameters.model_dump(mode="json"),
        verdict.findings,
        sources(entry, parameters),
        rule.id,
        verdict.coverage,
    )


def sources(entry: RulePolicy, parameters: Parameters) -> Mapping[str, str]:
    """Return where the value of each parameter is from; a default is the tool's own."""
    given = entry.parameters
    return {
        name: given[name].source if name in given else "default of dji-audit"
        for name in type(parameters).model_fields
    }


def _named(verdict: Verdict, entry: RulePolicy, rule: Rule) -> Verdict:
    """Return a verdict whose findings bear the entry's name: a rule may be applied twice."""
    if entry.id == rule.id:
        return verdict
    return replace(
        verdict, findings=tuple(replace(finding, rule=entry.id) for finding in verdict.findings)
    )


def _authorised(verdict: Verdict, entry: RulePolicy, flight: Flight, case: Case) -> Verdict:
    """Return a verdict whose findings say what authorises them."""
    if case.authorisations is None or verdict.outcome is not Outcome.FAIL:
        return verdict
    ids = frozenset((entry.id, entry.rule))
    found = tuple(
        each if each.untold or each.listed else case.authorisations.cover(each, ids, flight)
        for each in verdict.findings
    )
    covered = sum(finding.is_authorised for finding in found)
    count = sum(not (finding.untold or finding.listed) for finding in found)
    if not any(finding.cover for finding in found):
        return verdict
    if covered == count:
        reason = f"{verdict.reason} Authorised: {_references(found)}."
        return replace(verdict, outcome=Outcome.FAIL_AUTHORISED, reason=reason, findings=found)
    reason = f"{verdict.reason} Authorised: {covered} of {count}"
    partly = sum(finding.cover is not None for finding in found) - covered
    reason += f", {partly} in part." if partly else "."
    return replace(verdict, reason=reason, findings=found)


def _references(found: tuple[Finding, ...]) -> str:
    return ", ".join(
        dict.fromkeys(
            name for finding in found if finding.cover for name in finding.cover.references
        )
    )


def _caveat(flight: Flight) -> str:
    """Return what must be added where a log was read in part: it may not read as clean."""
    logs = flight.logs
    one = len(logs) == 1
    lost = sum(issue.size for log in logs for issue in log.issues)
    if lost:
        of = "the log" if one else "its logs"
        return f" So says what could be read: {lost:,} bytes of {of} were not."
    sealed = [log.source.name for log in logs if log.encrypted]
    if sealed and not one:
        return f" So says what could be read: {', '.join(sealed)} needs a key."
    short = [log for log in logs if log.cut_short]
    if not short:
        return ""
    return " So says a log that is cut short." if one else " So say logs of which one is cut short."


def _out_of_date(entry: RulePolicy, day: dt.date | None, case: Case) -> Verdict | None:
    """Return ``not_applicable`` if the rule was not in force on a day."""
    if entry.valid_from is None and entry.valid_to is None:
        return None
    if day is None:
        return Verdict(Outcome.NOT_ASSESSABLE, "The date of the flight is not known.")
    if entry.applies_on(day):
        return None
    since = f" from {entry.valid_from}" if entry.valid_from else ""
    until = f" to {entry.valid_to}" if entry.valid_to else ""
    whose = "rules are held to" if case.as_of else "the flight was on"
    return Verdict(Outcome.NOT_APPLICABLE, f"The rule is valid{since}{until}; {whose} {day}.")

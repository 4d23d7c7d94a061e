"""Apply every rule of a policy to a flight."""

import datetime as dt
import difflib
from dataclasses import dataclass

from pydantic import ValidationError

from dji_audit._version import tool_version
from dji_audit.compliance.case import Case
from dji_audit.compliance.findings import Finding, Outcome, RuleResult
from dji_audit.compliance.policy import Policy, PolicyError, RulePolicy, explain
from dji_audit.compliance.rules import Inputs, Parameters, Rule, Verdict, rules
from dji_audit.flights import Flight


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What flights were measured against: names, versions and hashes, for every report."""

    tool_version: str
    policy_name: str
    policy_version: str
    policy_sha256: str
    catalogue_edition: str
    catalogue_sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class FlightAudit:
    """One flight and what came of every rule."""

    flight: Flight
    results: tuple[RuleResult, ...]

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
    )


def audit_flight(flight: Flight, policy: Policy, case: Case) -> FlightAudit:
    """Return what came of every rule of a policy on a flight.

    Raises:
        PolicyError: If the policy names a rule that does not exist, or gives it
            a parameter that it does not have.
    """
    return FlightAudit(
        flight,
        tuple(_apply(flight, entry, case) for entry in policy.rules.values()),
    )


def check_policy(policy: Policy) -> None:
    """Refuse a policy that names an unknown rule or parameter, before anything is read.

    Raises:
        PolicyError: With the rule and the fault.
    """
    for entry in policy.rules.values():
        _rule(entry)


def _rule(entry: RulePolicy) -> tuple[Rule, Parameters]:
    rule = rules().get(entry.id)
    if rule is None:
        close = difflib.get_close_matches(entry.id, rules(), 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(rules()))}"
        raise PolicyError(f"no rule {entry.id!r}; {hint}")
    try:
        return rule, rule.parameters.model_validate(entry.parameters)
    except ValidationError as error:
        raise PolicyError(f"rule {entry.id}: {explain(error, rule.parameters)}") from error


def _apply(flight: Flight, entry: RulePolicy, case: Case) -> RuleResult:
    rule, parameters = _rule(entry)
    verdict = _said_before(flight, rule) or _out_of_date(flight, entry)
    if verdict is None:
        verdict = rule.check(flight, parameters, Inputs(case, entry.severity))
    return RuleResult(
        entry.id,
        rule.title,
        verdict.outcome,
        verdict.reason + (_caveat(flight) if verdict.outcome is Outcome.PASS else ""),
        entry.status if entry.verified else f"{entry.status} (unverified)",
        entry.citation,
        parameters.model_dump(),
        verdict.findings,
    )


def _caveat(flight: Flight) -> str:
    """Return what a pass must add for a log that was read in part: it may not read as clean."""
    lost = sum(issue.size for issue in flight.log.issues)
    if lost:
        return f" So says what could be read: {lost:,} bytes of the log were not."
    return " So says a log that is cut short." if flight.log.cut_short else ""


def _said_before(flight: Flight, rule: Rule) -> Verdict | None:
    """Return ``not_applicable`` for a rule of the whole log on any flight but its first."""
    if not rule.of_log or flight.is_first:
        return None
    return Verdict(Outcome.NOT_APPLICABLE, "It judges the whole log: see the log's first flight.")


def _out_of_date(flight: Flight, entry: RulePolicy) -> Verdict | None:
    """Return ``not_applicable`` if the rule was not in force on the day of the flight."""
    if entry.valid_from is None and entry.valid_to is None:
        return None
    began = flight.takeoff or flight.start
    if began is None and flight.log.stated is not None:
        began = flight.log.stated.start
    if began is None:
        return Verdict(Outcome.NOT_ASSESSABLE, "The date of the flight is not known.")
    day: dt.date = began.date()
    if entry.applies_on(day):
        return None
    since = f" from {entry.valid_from}" if entry.valid_from else ""
    until = f" to {entry.valid_to}" if entry.valid_to else ""
    return Verdict(
        Outcome.NOT_APPLICABLE, f"The rule is valid{since}{until}; the flight was on {day}."
    )

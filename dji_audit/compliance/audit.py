"""Apply every rule of a policy to a flight."""

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.supplied_tables import SuppliedFileProvenance, validation_fault_text
from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.compliance.acknowledgements import findings_with_fingerprints_filled_in
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.declared_tracks import (
    DeclaredTrackFlightComparison,
    compare_declared_tracks_with_flight,
)
from dji_audit.compliance.findings import DATE_NOT_KNOWN, Finding, RuleResult
from dji_audit.compliance.network import ContactMatchSettings, FlightContacts, collect_contacts
from dji_audit.compliance.outcomes import FAILURES, Outcome, Severity
from dji_audit.compliance.policy import PackProvenance, Policy, PolicyEntry, PolicyError
from dji_audit.compliance.rules import (
    AnyRule,
    CheckResult,
    Parameters,
    RuleInputs,
    apply_rule_to_flight,
    rules_by_id,
    utc_date_of_flight,
)
from dji_audit.compliance.rules._shared._airborne_log_tracks import airborne_row_mask
from dji_audit.compliance.rules._shared._network_rules import NetworkRuleParameters
from dji_audit.flights import Flight


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditInputProvenance:
    """The basis of an audit: versions and hashes of tool, policy, catalogue and context files."""

    tool_version: str
    policy_name: str
    policy_version: str
    policy_sha256: str
    catalogue_edition: str
    catalogue_sha256: str
    #: The packs that the policy is made of, the base pack first.
    packs: tuple[PackProvenance, ...] = ()
    #: Date whose rules apply; ``None``: the date of each flight.
    as_of: dt.date | None = None
    #: Files that the unit supplied: inventory, operations log, authorisations, zones, elevation.
    context_files: tuple[SuppliedFileProvenance, ...] = ()
    #: Lists of endpoints that extend the shipped catalogue: name, edition, hash.
    endpoint_overlays: tuple[PackProvenance, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FlightAudit:
    """One flight and the result of every rule."""

    flight: Flight
    results: tuple[RuleResult, ...]
    #: Contacts of the devices of the flight, by the settings of the first network rule of
    #: the policy; ``None``: contacts were not collected.
    network: FlightContacts | None = None
    #: What tracks of people and of other aircraft, which the unit supplied, say of it.
    declared_tracks: tuple[DeclaredTrackFlightComparison, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, by rule and time."""
        return tuple(finding for result in self.results for finding in result.findings)


def provenance_of_policy_catalogue_and_context(
    policy: Policy, context: AuditContext
) -> AuditInputProvenance:
    """Return the basis of an audit with a policy and a context, as a report states it."""
    return AuditInputProvenance(
        tool_version=tool_version(),
        policy_name=policy.name,
        policy_version=policy.version,
        policy_sha256=policy.sha256,
        catalogue_edition=context.catalogue.edition,
        catalogue_sha256=context.catalogue.sha256,
        packs=policy.chain,
        as_of=context.as_of,
        context_files=context.supplied_files,
        endpoint_overlays=tuple(
            PackProvenance(name=it.name, version=it.edition, sha256=it.sha256)
            for it in context.catalogue.overlays
        ),
    )


def audit_flight(flight: Flight, policy: Policy, context: AuditContext) -> FlightAudit:
    """Return the result of every rule of a policy on a flight.

    Raises:
        PolicyError: If the policy names a rule that does not exist, or gives it
            a parameter that it does not have.
    """
    return FlightAudit(
        flight,
        tuple(
            apply_policy_entry_to_flight(flight, entry, context) for entry in policy.rules.values()
        ),
        collect_contacts(flight, context, contact_match_settings_of_policy(policy)),
        compare_declared_tracks_with_flight(
            flight, context.tracks, airborne_row_mask(flight, flight.track)
        ),
    )


def contact_match_settings_of_policy(policy: Policy) -> ContactMatchSettings:
    """Return how contacts are matched to flights: the settings of the first network rule."""
    for entry in policy.rules.values():
        _, parameters = rule_and_parameters_of_entry(entry)
        if isinstance(parameters, NetworkRuleParameters):
            return parameters.match_settings
    return ContactMatchSettings()


def check_policy(policy: Policy) -> None:
    """Reject a policy that names an unknown rule or parameter, before any log is read.

    Raises:
        PolicyError: It names the rule and the fault.
    """
    for entry in policy.rules.values():
        rule_and_parameters_of_entry(entry)


@dataclass(frozen=True, slots=True, eq=False)
class _ResolvedPolicyEntry:
    """What an entry of a policy says of every flight."""

    entry: PolicyEntry
    rule: AnyRule
    parameters: Parameters
    #: The parameters as a report states them, and the source of each.
    parameter_values: Mapping[str, Any]  # Any: each parameter has its own type.
    parameter_sources: Mapping[str, str]


#: Entries of policies that were resolved, by their identity: each flight asks for all of them.
_RESOLVED: dict[int, _ResolvedPolicyEntry] = {}
_MOST_RESOLVED = 256


def rule_and_parameters_of_entry(entry: PolicyEntry) -> tuple[AnyRule, Parameters]:
    """Return the rule that an entry applies, and its parameters.

    Raises:
        PolicyError: If there is no such rule, or it has no such parameter.
    """
    resolved = _resolve_entry(entry)
    return resolved.rule, resolved.parameters


def _resolve_entry(entry: PolicyEntry) -> _ResolvedPolicyEntry:
    known = _RESOLVED.get(id(entry))
    if known is not None and known.entry is entry:
        return known
    rule = rules_by_id().get(entry.rule)
    if rule is None:
        close = difflib.get_close_matches(entry.rule, rules_by_id(), 1)
        hint = (
            f"did you mean {close[0]}?"
            if close
            else f"there are {', '.join(sorted(rules_by_id()))}"
        )
        raise PolicyError(f"no rule {entry.rule!r}; {hint}")
    try:
        parameters = rule.parameters.model_validate(entry.parameter_values)
    except ValidationError as error:
        raise PolicyError(
            f"rule {entry.id}: {validation_fault_text(error, rule.parameters)}"
        ) from error
    if len(_RESOLVED) >= _MOST_RESOLVED:
        _RESOLVED.clear()
    resolved = _RESOLVED[id(entry)] = _ResolvedPolicyEntry(
        entry,
        rule,
        parameters,
        parameters.model_dump(mode="json"),
        source_of_each_parameter(entry, parameters),
    )
    return resolved


def apply_policy_entry_to_flight(
    flight: Flight, entry: PolicyEntry, context: AuditContext
) -> RuleResult:
    """Return the result of one policy entry on a flight.

    Raises:
        PolicyError: If there is no such rule, or it has no such parameter.
    """
    resolved = _resolve_entry(entry)
    rule, parameters = resolved.rule, resolved.parameters
    day = context.as_of or utc_date_of_flight(flight)
    result = _not_applicable_result_unless_in_force(entry, day, context)
    if result is None:
        result = apply_rule_to_flight(
            rule,
            flight,
            parameters,
            RuleInputs(rule=entry.id, context=context, severity=entry.severity, day=day),
        )
    if result.findings:
        result = replace(
            result, findings=findings_with_fingerprints_filled_in(result.findings, flight)
        )
        if rule.authorisable:
            result = _result_with_authorisations(result, entry, flight, context)
        result = _result_with_harmless_findings_as_remarks(
            _rule_result_with_acknowledgements(result, flight, context)
        )
    return RuleResult(
        rule=entry.id,
        title=entry.title or rule.title,
        outcome=result.outcome,
        reason=result.reason
        + (
            _partial_reading_caveat(flight)
            if result.outcome is Outcome.PASS or result.stated_by_log
            else ""
        ),
        status=entry.status if entry.verified else f"{entry.status} (unverified)",
        citation=entry.citation,
        legal_basis=tuple(source.name_text for source in entry.sources_in_force(day)),
        parameters=resolved.parameter_values,
        findings=result.findings,
        parameter_sources=resolved.parameter_sources,
        applied_rule=rule.id,
        coverage=_least_observed_share_of_needs(result),
        observations=result.observations,
    )


def source_of_each_parameter(entry: PolicyEntry, parameters: Parameters) -> Mapping[str, str]:
    """Return parameter -> source of its value; a default is that of dji-audit."""
    given = entry.parameters
    return {
        name: given[name].source if name in given else "default of dji-audit"
        for name in type(parameters).model_fields
    }


def _result_with_authorisations(
    result: CheckResult, entry: PolicyEntry, flight: Flight, context: AuditContext
) -> CheckResult:
    """Return a result whose findings state their authorisations."""
    if context.authorisations is None or result.outcome is not Outcome.FAIL:
        return result
    ids = frozenset((entry.id, entry.rule))
    findings = tuple(
        finding
        if finding.inconclusive or finding.informational
        else context.authorisations.finding_with_authorisation(finding, ids, flight)
        for finding in result.findings
    )
    covered_count = sum(finding.is_authorised for finding in findings)
    count = sum(not (finding.inconclusive or finding.informational) for finding in findings)
    if not any(finding.authorisation for finding in findings):
        return result
    if covered_count == count:
        reason = f"{result.reason} Authorised: {_authorisation_references_text(findings)}."
        return replace(result, outcome=Outcome.FAIL_AUTHORISED, reason=reason, findings=findings)
    reason = f"{result.reason} Authorised: {covered_count} of {count}"
    partial_count = sum(finding.authorisation is not None for finding in findings) - covered_count
    reason += f", {partial_count} in part." if partial_count else "."
    return replace(result, reason=reason, findings=findings)


def _rule_result_with_acknowledgements(
    result: CheckResult, flight: Flight, context: AuditContext
) -> CheckResult:
    """Return a result whose findings state who looked at them; authorised ones need nobody."""
    if context.acknowledgements is None or result.outcome is not Outcome.FAIL:
        return result
    findings = context.acknowledgements.mark_acknowledged_findings(
        result.findings, result.outcome, flight
    )
    count = sum(finding.breaks_rule and not finding.is_authorised for finding in findings)
    settled = [
        finding for finding in findings if finding.is_acknowledged and not finding.is_authorised
    ]
    if not settled:
        return replace(result, findings=findings)
    names = ", ".join(
        dict.fromkeys(
            f"{each.acknowledgement.by} ({each.acknowledgement.day})"
            for each in settled
            if each.acknowledgement
        )
    )
    if len(settled) == count:
        return replace(
            result,
            outcome=Outcome.FAIL_ACKNOWLEDGED,
            reason=f"{result.reason} Acknowledged by {names}.",
            findings=findings,
        )
    reason = f"{result.reason} Acknowledged by {names}: {len(settled)} of {count}."
    return replace(result, reason=reason, findings=findings)


def _result_with_harmless_findings_as_remarks(result: CheckResult) -> CheckResult:
    """Return a result whose findings that break nothing have the severity of a remark."""
    broken = result.outcome in FAILURES
    return replace(
        result,
        findings=tuple(
            finding
            if finding.inconclusive or (broken and finding.breaks_rule)
            else replace(finding, severity=Severity.REMARK)
            for finding in result.findings
        ),
    )


def _least_observed_share_of_needs(result: CheckResult) -> float | None:
    """Return the smallest share of what a rule needs that was observed; ``None``: no need."""
    shares = [observation.share for observation in result.observations]
    return min(shares, default=None)


def _authorisation_references_text(findings: tuple[Finding, ...]) -> str:
    return ", ".join(
        dict.fromkeys(
            name
            for finding in findings
            if finding.authorisation
            for name in finding.authorisation.references
        )
    )


def _partial_reading_caveat(flight: Flight) -> str:
    """Return the caveat for a log that was read in part, which must not look clean."""
    logs = flight.logs
    is_single = len(logs) == 1
    lost = sum(issue.size for log in logs for issue in log.issues)
    if lost:
        of = "the log" if is_single else "its logs"
        size, verb = pluralised_count(lost, "byte"), "was" if lost == 1 else "were"
        return f" This rests on the part that could be read: {size} of {of} {verb} not."
    encrypted = [log.source.name for log in logs if log.encrypted]
    if encrypted and not is_single:
        return f" This rests on the part that could be read: {', '.join(encrypted)} needs a key."
    short = [log for log in logs if log.is_truncated]
    if not short:
        return ""
    return " The log is cut short." if is_single else " One of the logs is cut short."


def _not_applicable_result_unless_in_force(
    entry: PolicyEntry, day: dt.date | None, context: AuditContext
) -> CheckResult | None:
    """Return ``not_applicable`` if the rule was not in force on a date."""
    if entry.valid_from is None and entry.valid_to is None:
        return None
    if day is None:
        return CheckResult(Outcome.NOT_ASSESSABLE, DATE_NOT_KNOWN)
    if entry.applies_on(day):
        return None
    since = f" from {entry.valid_from}" if entry.valid_from else ""
    until = f" to {entry.valid_to}" if entry.valid_to else ""
    applied = "the rules applied are those of" if context.as_of else "the flight was on"
    return CheckResult(Outcome.NOT_APPLICABLE, f"The rule is valid{since}{until}; {applied} {day}.")

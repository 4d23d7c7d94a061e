"""The type of a rule, its result, and the functions that every rule uses to make findings."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import pandas as pd

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import DATE_NOT_KNOWN, DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    build_example_flight_and_audit_context,
)
from dji_audit.compliance.rules._shared._flight_evidence import utc_date_of_flight
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    begins_or_ends_in_air_text,
)
from dji_audit.flights import Flight

P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInputs:
    """What a rule may use besides the flight, and the findings that it makes."""

    #: Id of the policy entry that applies the rule; every finding carries it.
    rule: str
    context: AuditContext
    #: Severity of a finding of this rule, from the policy.
    severity: Severity
    #: Date whose law applies: that of the flight, unless the user gives another.
    day: dt.date | None = None

    def finding(
        self,
        summary: str,
        *,
        grade: str,
        evidence: Sequence[Evidence],
        severity: Severity | None = None,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
        position: tuple[float, float] | None = None,
        peak: float | None = None,
        subject: str | None = None,
        inconclusive: bool = False,
        informational: bool = False,
        run_remark: str = "",
    ) -> Finding:
        """Return a finding of the rule.

        Args:
            summary: The finding in one line.
            grade: One of ``parsers.GRADES``; of a network rule one of ``CLAIMS``.
            evidence: The bytes that show it.
            severity: Its severity; ``None``: that of the policy.
            start: Start of its interval; ``None``: not known.
            end: End of its interval; ``None``: not known.
            position: Latitude and longitude at the start, WGS 84 degrees; ``None``: not known.
            peak: Greatest value that was compared with a limit, in the unit of the limit.
            subject: The one it concerns among several, such as the id of a zone.
            inconclusive: Whether it states that something could not be decided.
            informational: Whether it is a remark, which breaks nothing.
            run_remark: Sentence that the run says once of all flights with this remark, with
                ``{count}`` for their number; empty: the remark belongs to its flight.
        """
        latitude_deg, longitude_deg = position or (None, None)
        return Finding(
            rule=self.rule,
            severity=self.severity if severity is None else severity,
            summary=summary,
            grade=grade,
            evidence=tuple(evidence),
            start=start,
            end=end,
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            peak=peak,
            subject=subject,
            inconclusive=inconclusive,
            informational=informational,
            run_remark=run_remark,
        )


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check: outcome, reason in one sentence, findings."""

    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...] = ()
    #: What the result rests on, one for each need of the rule.
    observations: tuple[DataNeedObservation, ...] = ()
    #: Of ``not_applicable``: whether it rests on a log; an unread part may say otherwise.
    stated_by_log: bool = False

    @classmethod
    def from_findings(
        cls, findings: Sequence[Finding], pass_reason: str, fail_reason: str
    ) -> "CheckResult":
        """Return ``fail`` with the findings, or ``pass`` without any."""
        if findings:
            return cls(Outcome.FAIL, fail_reason, tuple(findings))
        return cls(Outcome.PASS, pass_reason)

    @classmethod
    def not_assessable_because(cls, reason: str, findings: Sequence[Finding] = ()) -> "CheckResult":
        """Return ``not_assessable`` with its reason; findings stay listed."""
        return cls(Outcome.NOT_ASSESSABLE, reason, tuple(findings))


class CheckEndedEarlyWithResultError(Exception):
    """What a check rests on is not there: its result is known before it looks at the flight."""

    def __init__(self, result: CheckResult) -> None:
        """Stop a check with a result."""
        super().__init__(result.reason)
        self.result = result


def flight_date_or_stop_check(inputs: RuleInputs) -> dt.date:
    """Return the date whose law applies.

    Raises:
        CheckEndedEarlyWithResultError: If it is not known.
    """
    if inputs.day is None:
        raise CheckEndedEarlyWithResultError(CheckResult.not_assessable_because(DATE_NOT_KNOWN))
    return inputs.day


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[P]):
    """One rule: its id, its question, its parameters, and its check."""

    id: str
    #: Title: a short statement that is true when the rule passes.
    title: str
    #: What the rule looks at.
    looks_at: str
    #: When the rule is ``not_assessable``.
    not_assessable: str
    parameters: type[P]
    #: Looks for what breaks the rule.  That it finds nothing is a pass only where the needs of the
    #: rule were observed, which ``apply_rule_to_flight`` decides.
    check: Callable[[Flight, P, RuleInputs], CheckResult]
    #: What must have been observed before finding nothing is a pass; a function where the
    #: parameters decide that.
    needs: tuple[DataNeed, ...] | Callable[[P], tuple[DataNeed, ...]]
    #: Small flights that show each outcome; `dji-audit rules test` checks them.
    examples: tuple[ExampleFlight, ...] = ()
    #: Whether an authorisation can cover its findings.
    authorisable: bool = False

    def data_needs_for_parameters(self, parameters: P) -> tuple[DataNeed, ...]:
        """Return what must have been observed for a pass with these parameters."""
        return self.needs(parameters) if callable(self.needs) else self.needs


#: A rule of the registry; each has its own class of parameters.
AnyRule = Rule[Any]  # Any: rules with different parameters stand in one registry.


def apply_rule_to_flight(
    rule: AnyRule, flight: Flight, parameters: Any, inputs: RuleInputs
) -> CheckResult:
    """Return the result of a rule on a flight: what its check found, and what that rests on.

    This is the only place in which nothing found becomes a pass.
    """
    try:
        result = rule.check(flight, parameters, inputs)
    except CheckEndedEarlyWithResultError as stopped:
        result = stopped.result
    if result.outcome is Outcome.NOT_APPLICABLE:
        return result
    needs = rule.data_needs_for_parameters(parameters)
    observations = tuple(
        replace(
            need.observe(flight, parameters, inputs.context),
            need=need.name,
            min_share=need.min_share,
        )
        for need in needs
    )
    result = replace(result, observations=observations)
    unmet = [observation for observation in observations if not observation.is_met]
    reasons = " ".join(dict.fromkeys(observation.reason for observation in unmet))
    if result.outcome is Outcome.PASS and unmet:
        return replace(result, outcome=Outcome.NOT_ASSESSABLE, reason=reasons)
    if result.outcome is Outcome.FAIL and unmet:
        return replace(result, reason=f"{result.reason} Not seen in full: {reasons}")
    if result.outcome is Outcome.PASS:
        otherwise = _result_by_disagreeing_log(rule, flight, parameters, inputs, needs)
        if otherwise is not None:
            return replace(otherwise, observations=observations)
    unseen = begins_or_ends_in_air_text(flight)
    if (
        result.outcome is Outcome.PASS
        and unseen
        and any(need.is_about_time_in_air for need in needs)
    ):
        return replace(result, reason=f"{result.reason} {unseen}")
    return result


#: What logs may disagree on -> facts of which a rule that needs them rests on the track.
_FACTS_OF_DISAGREEMENTS = {
    "position": {"position"},
    "height": {"height_above_takeoff", "height_above_ground", "altitude_amsl"},
}


def _result_by_disagreeing_log(
    rule: AnyRule, flight: Flight, parameters: Any, inputs: RuleInputs, needs: Sequence[DataNeed]
) -> CheckResult | None:
    """Return that another log of the flight shows a breach; ``None``: none does.

    A flight has the track of its first log.  Where another disagrees with it on what the rule looks
    at, nothing says which is right, and a pass may not depend on which log comes first.
    """
    facts = {fact for need in needs for fact in need.name.split(" or ")}
    disagreeing = {
        side.source_index: disagreement.kind
        for disagreement in flight.disagreements
        if facts & _FACTS_OF_DISAGREEMENTS.get(disagreement.kind, set())
        for side in disagreement.sides
    }
    for index, kind in sorted(disagreeing.items()):
        source = flight.sources[index]
        if not index or source.copy_of is not None or source.is_from_receiver:
            continue
        by_other = replace(
            flight, track=source.track, column_sources={}, source_offsets={}, disagreements=()
        )
        result = apply_rule_to_flight(rule, by_other, parameters, inputs)
        if result.outcome is Outcome.FAIL:
            return CheckResult.not_assessable_because(
                f"The logs of the flight disagree on {kind}. "
                f"By {source.log.source.name}: {result.reason}"
            )
    return None


def apply_rule_to_example(rule: AnyRule, example: ExampleFlight) -> CheckResult:
    """Return the result of a rule on one of its examples.

    Raises:
        pydantic.ValidationError: If the example gives it a parameter that it does not have.
    """
    flight, context = build_example_flight_and_audit_context(example)
    parameters = rule.parameters.model_validate(dict(example.parameters))
    inputs = RuleInputs(
        rule=rule.id, context=context, severity=Severity.MEDIUM, day=utc_date_of_flight(flight)
    )
    return apply_rule_to_flight(rule, flight, parameters, inputs)

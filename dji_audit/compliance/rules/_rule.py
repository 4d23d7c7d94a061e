"""The type of a rule, its result, and the functions that every rule uses to make findings."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Evidence, Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example, build_example
from dji_audit.flights import Flight


class Parameters(BaseModel):
    """The parameters that a policy gives a rule; a rule without parameters uses this class.

    Strict: neither a text nor ``true`` is a number, and NaN, which nothing exceeds, is not a
    limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class RuleInputs:
    """What a rule may use besides the flight."""

    context: AuditContext
    #: Severity of a finding of this rule, from the policy.
    severity: Severity
    #: Date whose law applies: that of the flight, unless the user gives another.
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check: outcome, reason in one sentence, findings."""

    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...] = ()
    #: Of a network rule: share of the flight's window that was recorded, 0 to 1.
    coverage: float | None = None
    #: Of ``not_applicable``: whether it rests on a log; an unread part may say otherwise.
    stated_by_log: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its question, its inputs, and its check."""

    id: str
    #: Title: a short statement that is true when the rule passes.
    title: str
    #: What the rule looks at.
    looks_at: str
    #: When the rule is ``not_assessable``.
    not_assessable: str
    parameters: type[Parameters]
    check: Callable[[Flight, Parameters, RuleInputs], CheckResult]
    #: Whether an authorisation can cover its findings.
    authorisable: bool = False
    #: Small flights that show each outcome; `dji-audit rules test` checks them.
    examples: tuple[Example, ...] = ()


def apply_example(rule: Rule, example: Example) -> CheckResult:
    """Return the result of a rule on one of its examples.

    Raises:
        pydantic.ValidationError: If the example gives it a parameter that it does not have.
    """
    flight, case = build_example(example)
    parameters = rule.parameters.model_validate(example.parameters)
    return rule.check(flight, parameters, RuleInputs(case, Severity.MEDIUM, flight_date(flight)))


def pass_or_fail(findings: Sequence[Finding], pass_reason: str, fail_reason: str) -> CheckResult:
    """Return ``fail`` with the findings, or ``pass`` without any."""
    if findings:
        return CheckResult(Outcome.FAIL, fail_reason, tuple(findings))
    return CheckResult(Outcome.PASS, pass_reason)


def not_assessable(reason: str, findings: Sequence[Finding] = ()) -> CheckResult:
    """Return ``not_assessable`` with its reason; findings stay listed."""
    return CheckResult(Outcome.NOT_ASSESSABLE, reason, tuple(findings))


def log_evidence(
    flight: Flight, offset: int | None, record: str, field: str, value: str, source_index: int = 0
) -> Evidence:
    """Return bytes of one log of a flight as evidence."""
    source = flight.logs[source_index].source
    return Evidence(source.name, source.sha256, offset, record, field, value)


def flight_date(flight: Flight) -> dt.date | None:
    """Return the date (UTC) of a flight; ``None``: it is not known."""
    start = flight.takeoff or flight.start
    if start is None and flight.stated is not None:
        start = flight.stated.start
    return None if start is None else start.date()


def position_at(flight: Flight, time: pd.Timestamp | None) -> tuple[float, float] | None:
    """Return the position of the aircraft at a time: its last fix before, within five seconds."""
    track = flight.track
    if time is None or pd.isna(time) or not len(track):
        return None
    times = track["time"].to_numpy("datetime64[ns]")
    index = int(np.searchsorted(times, np.datetime64(time.value, "ns"), "right")) - 1
    if index < 0 or abs((track["time"].iloc[index] - time).total_seconds()) > 5:
        return None
    latitude = float(track["latitude_deg"].iloc[index])
    longitude = float(track["longitude_deg"].iloc[index])
    return (latitude, longitude) if np.isfinite(latitude) and np.isfinite(longitude) else None


def no_track_reason(flight: Flight) -> str:
    """Return why a flight has no track; empty: it has one."""
    if len(flight.track):
        return ""
    if flight.is_encrypted:
        return "the log is encrypted and no key for it was given"
    return "the log holds no positions"

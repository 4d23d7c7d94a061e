"""The shape of a rule, and what every rule uses to say what it found."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from dji_audit.compliance.context import Case
from dji_audit.compliance.findings import Evidence, Finding, Outcome, Severity
from dji_audit.compliance.rules._example import Example, tell
from dji_audit.flights import Flight


class Parameters(BaseModel):
    """The numbers a policy gives a rule; a rule without any uses this.

    Strict: a text or ``true`` is no number, and NaN, which nothing exceeds, is no limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a rule may look at besides the flight."""

    case: Case
    #: What the policy says a finding of this rule weighs.
    severity: Severity
    #: The day whose law applies: the flight's, unless the user names another.
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule comes to: outcome, reason in one sentence, findings."""

    outcome: Outcome
    reason: str
    findings: tuple[Finding, ...] = ()
    #: Of a rule about the network: part of the flight's window that was watched, 0 to 1.
    coverage: float | None = None
    #: Of ``not_applicable``: whether a log says so, of which another part may say otherwise.
    by_log: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, what it asks, what it needs, and how it is checked."""

    id: str
    #: The question, as a short statement that holds when the rule passes.
    title: str
    #: What of a flight it looks at.
    inputs: str
    #: What makes it ``not_assessable``.
    not_assessable: str
    parameters: type[Parameters]
    check: Callable[[Flight, Parameters, Inputs], Verdict]
    #: Whether somebody may allow what it finds, so that an authorisation can cover it.
    authorisable: bool = False
    #: Small flights that show each outcome; `dji-audit rules test` runs them.
    examples: tuple[Example, ...] = ()


def apply_example(rule: Rule, example: Example) -> Verdict:
    """Return what comes of a rule on one of its examples.

    Raises:
        pydantic.ValidationError: If the example gives it a parameter that it does not have.
    """
    flight, case = tell(example)
    parameters = rule.parameters.model_validate(example.parameters)
    return rule.check(flight, parameters, Inputs(case, Severity.MEDIUM, day_of(flight)))


def judged(findings: Sequence[Finding], clean: str, broken: str) -> Verdict:
    """Return ``fail`` with the findings, or ``pass`` without any."""
    if findings:
        return Verdict(Outcome.FAIL, broken, tuple(findings))
    return Verdict(Outcome.PASS, clean)


def unknowable(reason: str, findings: Sequence[Finding] = ()) -> Verdict:
    """Return ``not_assessable`` with its reason; what was seen all the same stays listed."""
    return Verdict(Outcome.NOT_ASSESSABLE, reason, tuple(findings))


def evidence(
    flight: Flight, offset: int | None, record: str, field: str, value: str, told_by: int = 0
) -> Evidence:
    """Return the bytes of one of the flight's logs that show something."""
    source = flight.logs[told_by].source
    return Evidence(source.name, source.sha256, offset, record, field, value)


def day_of(flight: Flight) -> dt.date | None:
    """Return the day (UTC) of a flight; ``None``: it is not known."""
    began = flight.takeoff or flight.start
    if began is None and flight.stated is not None:
        began = flight.stated.start
    return None if began is None else began.date()


def position_at(flight: Flight, time: pd.Timestamp | None) -> tuple[float, float] | None:
    """Return where the aircraft was at an instant: its last fix before, within five seconds."""
    fixes = flight.track
    if time is None or pd.isna(time) or not len(fixes):
        return None
    times = fixes["time"].to_numpy("datetime64[ns]")
    place = int(np.searchsorted(times, np.datetime64(time.value, "ns"), "right")) - 1
    if place < 0 or abs((fixes["time"].iloc[place] - time).total_seconds()) > 5:
        return None
    latitude = float(fixes["latitude_deg"].iloc[place])
    longitude = float(fixes["longitude_deg"].iloc[place])
    return (latitude, longitude) if np.isfinite(latitude) and np.isfinite(longitude) else None


def unread(flight: Flight) -> str:
    """Return why a flight has no track, for a reason; empty if it has one."""
    if len(flight.track):
        return ""
    if flight.is_sealed:
        return "the log is encrypted and no key for it was given"
    return "the log holds no positions"

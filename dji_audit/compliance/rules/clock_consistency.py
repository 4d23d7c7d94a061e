"""The clocks of each log agree with one another.

A log may hold more than one clock: that of the ground station and that of the vehicle, the time of
a second satellite receiver, that of the photos, and the name that the logger gave its own file.
The rule compares their readings at the same bytes, over the whole log.  A computer's clock is set
by its owner and often wrong, a simulation or a replay has any date: an inconsistency shows that the
times of the log must not be relied on, and not why.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dji_audit.common.clock_difference_less_time_zone import differences_less_nearest_time_zone_s
from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, observation_from_logs_showing_subject
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import Parameters, positive_parameter_field
from dji_audit.compliance.rules._shared._airborne_log_tracks import (
    Floats,
    LogCitedAsEvidence,
    logs_judged_by_rules_about_whole_logs,
    logs_that_begin_with_this_flight,
)
from dji_audit.compliance.rules._shared._example_flights import HALF_MINUTE, ExampleFlight
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from parsers import OtherClockReadings


class ClockConsistencyParameters(Parameters):
    """Parameters of the rule."""

    difference_s: float = positive_parameter_field(60.0, "Seconds by which two clocks may differ.")
    computer_s: float = positive_parameter_field(
        600.0, "The same of a computer's clock, which its owner sets."
    )
    step_s: float = positive_parameter_field(
        300.0, "Seconds by which one may step against the other."
    )


def check(
    flight: Flight, parameters: ClockConsistencyParameters, inputs: RuleInputs
) -> CheckResult:
    """Compare the clocks of each log."""
    findings, names = list[Finding](), list[str]()
    for flight_log in logs_judged_by_rules_about_whole_logs(flight):
        for clock in flight_log.log.other_clocks:
            names.append(f"{clock.name} ({clock.record}.{clock.field})")
            findings += _second_clock_difference_findings(flight_log, clock, parameters, inputs)
    compared = ", ".join(dict.fromkeys(names)) or "nothing"
    return CheckResult.from_findings(
        findings,
        f"Compared with the clock of the log, and in agreement: {compared}.",
        f"{len(findings)} inconsistenc{'y' if len(findings) == 1 else 'ies'} between clocks; "
        f"compared with the clock of the log: {compared}.",
    )


def _second_clock_difference_findings(
    flight_log: LogCitedAsEvidence,
    clock: OtherClockReadings,
    parameters: ClockConsistencyParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield a difference that lasts, and the largest step."""
    ahead_s = clock.other_s - clock.own_s
    usual_s = float(np.median(_differences_less_time_zone(ahead_s, clock)))
    allowed_s = parameters.computer_s if clock.can_be_set else parameters.difference_s
    if abs(usual_s) > allowed_s:
        row = int(np.argmin(abs(ahead_s - np.median(ahead_s))))
        yield _clock_difference_finding(
            flight_log,
            clock,
            (row,),
            f"inconsistent: {clock.name} is {_clock_lead_text(usual_s)} the clock of the "
            f"log, more than {duration_text(allowed_s)} allowed; a simulation, a replay, a clock "
            "that was wrong or an edit may be why",
            inputs,
        )
    steps = np.diff(ahead_s)
    if len(steps) and abs(steps).max() > parameters.step_s:
        row = int(np.argmax(abs(steps)))
        others = int((abs(steps) > parameters.step_s).sum()) - 1
        more = f"; {pluralised_count(others, 'further such step')}" if others else ""
        yield _clock_difference_finding(
            flight_log,
            clock,
            (row, row + 1),
            f"inconsistent: {clock.name} steps by {float(steps[row]):+.0f} s against "
            f"the clock of the log, more than {parameters.step_s:g} s allowed{more}",
            inputs,
        )


def _differences_less_time_zone(ahead_s: Floats, clock: OtherClockReadings) -> Floats:
    """Return differences less the zone of a clock whose zone is not known."""
    return ahead_s if clock.is_utc else differences_less_nearest_time_zone_s(ahead_s)


def _clock_lead_text(seconds: float) -> str:
    days = abs(seconds) / 86_400
    length = f"{days:.1f} days" if days >= 2 else duration_text(abs(seconds))
    return f"{length} {'ahead of' if seconds > 0 else 'behind'}"


def _clock_difference_finding(
    flight_log: LogCitedAsEvidence,
    clock: OtherClockReadings,
    rows: tuple[int, ...],
    text: str,
    inputs: RuleInputs,
) -> Finding:
    """Return a finding with both readings at some rows as its evidence."""
    start = pd.Timestamp(round(float(clock.own_s[rows[0]]) * 1e9), tz="UTC")
    return inputs.finding(
        text,
        grade="measured",
        evidence=[
            flight_log.evidence(
                offset=int(clock.offsets[row]),
                record=clock.record,
                field=clock.field,
                value=f"{_clock_reading_text(clock.other_s[row])}; the clock of the log "
                f"{_clock_reading_text(clock.own_s[row])}",
            )
            for row in rows
        ],
        start=start,
        end=start,
        subject=f"{clock.name} of {flight_log.log.source.name}",
    )


def _clock_reading_text(seconds: float) -> str:
    return f"{pd.Timestamp(round(float(seconds)), unit='s'):%Y-%m-%d %H:%M:%S}"


def _availability_of_second_clock(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return whether a log holds a second clock to compare the first one with."""
    subject = "a second clock"
    names = [
        each.log.source.name
        for each in logs_that_begin_with_this_flight(flight)
        if each.log.other_clocks
    ]
    reason = "No log of the flight holds a second clock beside the one that its times are from."
    return observation_from_logs_showing_subject(flight, subject, names, reason)


def _example_log_with_clock_ahead(*ahead_s: float, **fields: Any) -> dict[str, Any]:
    """Return a log with the clock of a ground station that is ahead by some seconds."""
    own_s = 1_778_749_200 + np.array(HALF_MINUTE)
    ahead = np.resize(np.array(ahead_s), len(own_s)) if len(ahead_s) == 1 else np.array(ahead_s)
    values: dict[str, Any] = {
        "name": "the clock of the ground station", "record": "frame", "field": "time stamp",
        "offsets": np.arange(100, 100 + 10 * len(own_s), 10), "own_s": own_s,
        "other_s": own_s + ahead, "can_be_set": True,
    }  # fmt: skip
    return {"other_clocks": (OtherClockReadings(**values | fields),)}


_NEEDS = (
    DataNeed("second clock", _availability_of_second_clock, words="a second clock in the log"),
)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a ground station whose clock is a minute ahead",
        log_fields=_example_log_with_clock_ahead(60.0),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a ground station whose clock is a day behind",
        log_fields=_example_log_with_clock_ahead(-86_400.0),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a ground station whose clock is put forward by an hour midway",
        log_fields=_example_log_with_clock_ahead(*[3600.0 * (each > 15) for each in HALF_MINUTE]),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a logger that named its file by a time a week earlier",
        log_fields=_example_log_with_clock_ahead(
            -604_800.0, name="the time in the name that the logger gave its file", can_be_set=False
        ),
    ),
    ExampleFlight(Outcome.NOT_ASSESSABLE, "a log with one clock"),
)
RULE = Rule(
    id="clock_consistency",
    title="The clocks of each log agree with one another",
    parameters=ClockConsistencyParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Stamps of the ground station against the time of the vehicle; satellite times of other "
        "records; the time in the name that the logger gave its file."
    ),
    not_assessable="No log of the flight holds a second clock.",
)

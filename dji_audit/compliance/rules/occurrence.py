"""There was no event in the air that may have to be reported as an occurrence.

The rule lists what aircraft and app reported between take-off and landing: a control link lost
for long, a fail-safe, a failure of a motor or another part, a crash, and motors that stopped
while the aircraft was above the ground.  People decide whether an occurrence must be reported.
"""

import re

import numpy as np
import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._logged_events import (
    LoggedEvent,
    event_began_airborne,
    event_finding,
    events_of_kinds,
    inconclusive_events_reason,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

#: Faults that end flights; other faults have a lower severity.
_GRAVE = re.compile(
    r"motor|engine|esc\b|propell|thrust|enough force|crash|collision|flip|parachute|critical", re.I
)
#: Seconds after the landing in which a crash may still be reported.
_AFTERMATH_S = 10.0
_NO_HEIGHT = (
    "The motors stopped at an unknown height, and no log shows a landing: it is not known whether "
    "the aircraft was on the ground."
)


class OccurrenceParameters(Parameters):
    """Parameters of the rule."""

    link_lost_s: float = Field(
        10.0, ge=0, description="Seconds from which a lost control link is an occurrence."
    )
    motors_off_above_m: float = Field(
        5.0, ge=0, description="Metres above take-off from which stopped motors are an occurrence."
    )


def check(flight: Flight, parameters: OccurrenceParameters, inputs: RuleInputs) -> CheckResult:
    """List the occurrences reported in the air."""
    events = [
        event
        for event in events_of_kinds(flight, ["link.lost", "failsafe", "fault", "disarm"])
        if event_began_airborne(flight, event, _AFTERMATH_S)
    ]
    findings = [
        finding
        for event in events
        if (finding := _occurrence_finding(flight, event, parameters, inputs))
    ]
    if not findings and (reason := inconclusive_events_reason(flight)):
        return CheckResult.not_assessable(reason)
    if not findings and any(
        event.kind == "disarm" and _motor_stop_may_be_in_air(flight, event) for event in events
    ):
        return CheckResult.not_assessable(_NO_HEIGHT)
    return CheckResult.of(
        findings,
        "No occurrence was reported in the air; this is no proof.",
        f"{len(findings)} report{'s' * (len(findings) > 1)} in the air.",
    )


def _occurrence_finding(
    flight: Flight, event: LoggedEvent, parameters: OccurrenceParameters, inputs: RuleInputs
) -> Finding | None:
    """Return an event as a finding, if it is an occurrence."""
    lighter = list(Severity)[max(0, inputs.severity.rank - 1)]
    if event.kind == "link.lost":
        return _lost_link_finding(flight, event, parameters, inputs)
    if event.kind == "disarm":
        return _motor_stop_finding(flight, event, parameters, inputs)
    if event.severity in ("info", "notice"):
        return None
    if event.kind == "fault" and not _GRAVE.search(event.text):
        return event_finding(flight, event, inputs, severity=lighter)
    return event_finding(flight, event, inputs)


def _lost_link_finding(
    flight: Flight, event: LoggedEvent, parameters: OccurrenceParameters, inputs: RuleInputs
) -> Finding | None:
    start, end = event.time, event.end
    # An event inferred from a gap in the log is not a report of the aircraft.
    if event.grade == "inferred":
        return None
    if start is None or end is None:
        summary = f"{event.text}; the duration is not known"
        return event_finding(flight, event, inputs, summary=summary)
    if (end - start).total_seconds() < parameters.link_lost_s:
        return None
    return event_finding(flight, event, inputs)


def _motor_stop_finding(
    flight: Flight, event: LoggedEvent, parameters: OccurrenceParameters, inputs: RuleInputs
) -> Finding | None:
    """Return a finding if the motors stopped well above the take-off point, or may have.

    Motors that stop before a landing in the log are an occurrence at an unknown height too.
    """
    time = event.time
    height = None if time is None else _height_at(flight, time)
    if flight.landing is not None and time is not None and time >= flight.landing:
        return None
    if height is None:
        if flight.landing is None or time is None:
            return None
        summary = f"{event.text}, before the landing, at an unknown height"
        return event_finding(flight, event, inputs, summary=summary)
    if height <= parameters.motors_off_above_m:
        return None
    summary = f"{event.text}, {height:.0f} m above take-off"
    return event_finding(flight, event, inputs, summary=summary)


def _motor_stop_may_be_in_air(flight: Flight, event: LoggedEvent) -> bool:
    """Return whether motors stopped, perhaps in the air."""
    time = event.time
    return flight.landing is None and (time is None or _height_at(flight, time) is None)


def _height_at(flight: Flight, time: pd.Timestamp) -> float | None:
    """Return the height above take-off at the last fix before an instant, within 5 s."""
    known_fixes = flight.track[flight.track["height_ato_m"].notna() & flight.track["time"].notna()]
    times = known_fixes["time"].to_numpy("datetime64[ns]")
    index = int(np.searchsorted(times, np.datetime64(time.value, "ns"), "right")) - 1
    if index < 0 or (time - known_fixes["time"].iloc[index]).total_seconds() > 5:
        return None
    return float(known_fixes["height_ato_m"].iloc[index])


_FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 29})


def _example_lost_link(seconds: float) -> dict[str, object]:
    return {
        "kind": "link.lost", "time": 5, "end": 5 + seconds, "severity": "warning",
        "text": f"controller signal lost for {seconds:g} s",
    }  # fmt: skip


RULE = Rule(
    id="occurrence",
    title="There was no event in the air that may have to be reported",
    looks_at="Reports of aircraft and app about links, fail-safes, faults and motors; height.",
    not_assessable=(
        "The log is encrypted, holds no flight data or no events, or motors stopped at an "
        "unknown height and no log shows a landing."
    ),
    parameters=OccurrenceParameters,
    check=check,
    examples=(
        Example(
            Outcome.PASS,
            "a control link that is lost for 3 s",
            hover_track(*[20.0] * 30),
            events=(*_FLOWN, _example_lost_link(3)),
        ),
        Example(
            Outcome.FAIL,
            "a control link that is lost for 12 s",
            hover_track(*[20.0] * 30),
            events=(*_FLOWN, _example_lost_link(12)),
        ),
        Example(
            Outcome.FAIL,
            "motors that stop 20 m above the take-off point",
            hover_track(*[20.0] * 30),
            events=({"kind": "takeoff", "time": 0}, {"kind": "disarm", "time": 9, "text": "off"}),
        ),
        Example(
            Outcome.FAIL,
            "motors that stop before the landing, at a height that is not known",
            hover_track(*[float("nan")] * 30),
            events=(*_FLOWN, {"kind": "disarm", "time": 9, "text": "off"}),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "motors that stop at a height that is not known, and no landing",
            hover_track(*[float("nan")] * 30),
            events=({"kind": "takeoff", "time": 0}, {"kind": "disarm", "time": 29, "text": "off"}),
        ),
        Example(
            Outcome.FAIL,
            "a motor that fails",
            hover_track(*[20.0] * 30),
            events=(
                *_FLOWN,
                {"kind": "fault", "time": 9, "severity": "serious", "text": "a motor has failed"},
            ),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log that holds no events", hover_track(*[20.0] * 30)),
    ),
)

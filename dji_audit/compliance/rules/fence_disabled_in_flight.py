"""No fence was switched off between take-off and landing.

Autopilots of the MAVLink family say when their fence goes on and off, and a
command to do so stands in the log of the ground station.  A command without an
answer shows that somebody asked for it, and weighs less.  DJI's records do not
tell of a fence that a pilot can switch off.
"""

import re

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._events import Event, event_finding, events_of, in_the_air, silence
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    unknowable,
)
from dji_audit.flights import Flight

#: How a log says that the fence was on, or off, when it began.
_ON = re.compile(r"fence on\b|FENCE_ENABLE = [1-9]")
_OFF = re.compile(r"fence off\b|FENCE_ENABLE = 0")


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each report of a fence that was switched off in the air."""
    told = events_of(flight, ["geofence.disable"])
    found = [
        _finding(flight, event, inputs.severity) for event in told if in_the_air(flight, event)
    ]
    if found:
        return judged(found, "", f"{len(found)} report{'s' * (len(found) > 1)} of it.")
    if reason := silence(flight):
        return unknowable(reason)
    settings = [str(event["text"]) for event in events_of(flight, ["geofence.config"])]
    was_on = any(_ON.match(text) for text in settings)
    if was_on or len(events_of(flight, ["geofence.enable"])):
        return Verdict(Outcome.PASS, "A fence was on, and nothing says that it went off in flight.")
    if any(_OFF.match(text) for text in settings):
        return Verdict(
            Outcome.NOT_APPLICABLE,
            "The log says that the fence was off from the start.",
            by_log=True,
        )
    return unknowable("The log does not say whether a fence was on.")


def _finding(flight: Flight, event: Event, severity: Severity) -> Finding:
    if event["grade"] in ("measured", "reported"):
        return event_finding(flight, event, RULE.id, severity)
    weak = list(Severity)[min(severity.rank, Severity.LOW.rank)]
    return event_finding(
        flight, event, RULE.id, weak, f"{event['text']}; whether it was done is not shown"
    )


_AIRBORNE = ({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 9})
_OFF_EVENT = {"kind": "geofence.disable", "text": "fence off", "severity": "notice"}
_SET = {"kind": "geofence.config", "time": 0, "text": "FENCE_ENABLE = 1", "value": 1.0}

RULE = Rule(
    "fence_disabled_in_flight",
    "No fence was switched off in flight",
    "What the autopilot and the ground station say of the fence.",
    "The log is encrypted, holds no events, or does not say whether a fence was on.",
    Parameters,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "a fence that goes off after the landing",
            hover(*[10.0] * 12),
            events=(_SET, *_AIRBORNE, {**_OFF_EVENT, "time": 11}),
        ),
        Example(
            Outcome.FAIL,
            "a fence that goes off in the air",
            hover(*[10.0] * 12),
            events=(_SET, *_AIRBORNE, {**_OFF_EVENT, "time": 5}),
        ),
        Example(
            Outcome.NOT_APPLICABLE,
            "a fence that was never on",
            hover(*[10.0] * 12),
            events=({**_SET, "text": "FENCE_ENABLE = 0", "value": 0.0}, *_AIRBORNE),
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a log that says nothing of a fence",
            hover(*[10.0] * 12),
            events=_AIRBORNE,
        ),
    ),
)

"""What the aircraft or the app said of zones, boundaries and limits, each with its grade.

This is the aircraft's own report.  What our geometry says is another rule, and
where the two disagree is a third.  Silence proves little: apps built with
DJI's SDK write no zone messages at all.
"""

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._events import Event, event_finding, events_of, silence
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

#: Kinds of event that this rule lists, and how far below the policy's severity each weighs.
_STEPS_DOWN = {
    "geofence.breach": 0,
    "geofence.refused": 0,
    "geofence.action": 0,
    "geofence.disable": 1,
    "geofence.limit": 1,
    "geofence.warning": 1,
    "limit.distance": 1,
    "limit.height": 1,
}


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """List each report of a zone, a boundary or a limit."""
    told = events_of(flight, list(_STEPS_DOWN))
    found = [_finding(flight, event, inputs.severity) for event in told]
    if not found and (reason := silence(flight)):
        return unknowable(reason)
    return judged(
        found,
        "Neither aircraft nor app reported a zone, boundary or limit; their silence is no proof.",
        f"{len(found)} report{'s' * (len(found) > 1)} of a zone, boundary or limit.",
    )


def _finding(flight: Flight, event: Event, severity: Severity) -> Finding:
    rank = max(0, severity.rank - _STEPS_DOWN[event["kind"]])
    # What follows only from other values, or weighs nothing to who reported it, weighs less.
    if event["grade"] == "inferred" or event["severity"] == "info":
        rank = min(rank, Severity.LOW.rank)
    return event_finding(flight, event, RULE.id, list(Severity)[rank])


RULE = Rule(
    "geofence_event",
    "Aircraft and app reported no zone, boundary or limit",
    "Events that the aircraft or the app reported.",
    "The log is encrypted, or holds no flight data or no events.",
    Parameters,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "a flight whose log reports other things, and no zone",
            hover(0.0, 10.0, 0.0),
            events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2}),
        ),
        Example(
            Outcome.FAIL,
            "an app that warns of a zone",
            hover(0.0, 10.0, 0.0),
            events=({"kind": "geofence.warning", "time": 1, "text": "You are in a Warning Zone"},),
        ),
        Example(Outcome.NOT_ASSESSABLE, "a log that holds no events at all", hover(0.0, 10.0, 0.0)),
    ),
)

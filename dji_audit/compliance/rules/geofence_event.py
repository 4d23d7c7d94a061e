"""Reports of aircraft and app about zones, boundaries and limits, each with its grade.

This rule lists the reports themselves.  `zone_entry` compares the track with zones, and
`fence_disagreement` compares both.  The absence of a report proves little: apps built with the
DJI SDK write no zone messages at all.
"""

from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._logged_events import (
    LoggedEvent,
    event_finding,
    events_of_kinds,
    inconclusive_events_reason,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

#: Kind of event -> steps by which its severity is below that of the policy.
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


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List each report of a zone, a boundary or a limit."""
    events = events_of_kinds(flight, list(_STEPS_DOWN))
    findings = [_finding(flight, event, inputs) for event in events]
    if not findings and (reason := inconclusive_events_reason(flight)):
        return CheckResult.not_assessable(reason)
    return CheckResult.of(
        findings,
        "Neither aircraft nor app reported a zone, boundary or limit; this is no proof.",
        f"{len(findings)} report{'s' * (len(findings) > 1)} of a zone, boundary or limit.",
    )


def _finding(flight: Flight, event: LoggedEvent, inputs: RuleInputs) -> Finding:
    rank = max(0, inputs.severity.rank - _STEPS_DOWN[event.kind])
    # An inferred event, or one reported for information only, has a low severity.
    if event.grade == "inferred" or event.severity == "info":
        rank = min(rank, Severity.LOW.rank)
    return event_finding(flight, event, inputs, severity=list(Severity)[rank])


RULE = Rule(
    id="geofence_event",
    title="Aircraft and app reported no zone, boundary or limit",
    looks_at="Events that the aircraft or the app reported.",
    not_assessable="The log is encrypted, or holds no flight data or no events.",
    parameters=Parameters,
    check=check,
    examples=(
        Example(
            Outcome.PASS,
            "a log with other reports and none of a zone",
            hover_track(0.0, 10.0, 0.0),
            events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2}),
        ),
        Example(
            Outcome.FAIL,
            "an app that warns of a zone",
            hover_track(0.0, 10.0, 0.0),
            events=({"kind": "geofence.warning", "time": 1, "text": "You are in a Warning Zone"},),
        ),
        Example(
            Outcome.NOT_ASSESSABLE, "a log that holds no events at all", hover_track(0.0, 10.0, 0.0)
        ),
    ),
    authorisable=True,
)

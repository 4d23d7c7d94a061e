"""No fence was switched off between take-off and landing.

MAVLink autopilots report when their fence is enabled or disabled, and the log of the ground
station holds the commands.  A command without an answer shows only a request, so it has a lower
severity.  DJI records do not mention a fence that a pilot can switch off.
"""

import re
from collections.abc import Mapping

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

#: Texts of a log that state the fence as on, or off, at its beginning.
_ON = re.compile(r"fence on\b|FENCE_ENABLE = [1-9]")
_OFF = re.compile(r"fence off\b|FENCE_ENABLE = 0")


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List each report that a fence was switched off in the air."""
    events = events_of_kinds(flight, ["geofence.disable"])
    findings = [
        _finding(flight, event, inputs) for event in events if event_began_airborne(flight, event)
    ]
    if findings:
        return CheckResult.of(
            findings,
            "",
            f"{len(findings)} report{'s' * (len(findings) > 1)} of a fence switched off.",
        )
    if reason := inconclusive_events_reason(flight):
        return CheckResult.not_assessable(reason)
    settings = [event.text for event in events_of_kinds(flight, ["geofence.config"])]
    was_on = any(_ON.match(text) for text in settings)
    if was_on or len(events_of_kinds(flight, ["geofence.enable"])):
        return CheckResult(
            Outcome.PASS, "A fence was on, and no event shows that it was switched off in flight."
        )
    if any(_OFF.match(text) for text in settings):
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            "The log states that the fence was off from the start.",
            stated_by_log=True,
        )
    return CheckResult.not_assessable("The log does not state whether a fence was on.")


def _finding(flight: Flight, event: LoggedEvent, inputs: RuleInputs) -> Finding:
    if event.grade in ("measured", "reported"):
        return event_finding(flight, event, inputs)
    lower_severity = list(Severity)[min(inputs.severity.rank, Severity.LOW.rank)]
    return event_finding(
        flight,
        event,
        inputs,
        summary=f"{event.text}; whether it took effect is not shown",
        severity=lower_severity,
    )


_AIRBORNE = ({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 9})
_OFF_EVENT = {"kind": "geofence.disable", "text": "fence off", "severity": "notice"}
_SET = {"kind": "geofence.config", "time": 0, "text": "FENCE_ENABLE = 1", "value": 1.0}


def _fence_example(outcome: Outcome, description: str, *events: Mapping[str, object]) -> Example:
    """Return an example: a flight of 12 seconds with some events."""
    return Example(outcome, description, hover_track(*[10.0] * 12), events=events)


RULE = Rule(
    id="fence_disabled_in_flight",
    title="No fence was switched off in flight",
    looks_at="Reports of the autopilot and the ground station about the fence.",
    not_assessable=(
        "The log is encrypted, holds no events, or does not state whether a fence was on."
    ),
    parameters=Parameters,
    check=check,
    examples=(
        _fence_example(
            Outcome.PASS,
            "a fence that is switched off after the landing",
            _SET,
            *_AIRBORNE,
            {**_OFF_EVENT, "time": 11},
        ),
        _fence_example(
            Outcome.FAIL,
            "a fence that is switched off in the air",
            _SET,
            *_AIRBORNE,
            {**_OFF_EVENT, "time": 5},
        ),
        _fence_example(
            Outcome.NOT_APPLICABLE,
            "a fence that was never on",
            {**_SET, "text": "FENCE_ENABLE = 0", "value": 0.0},
            *_AIRBORNE,
        ),
        _fence_example(Outcome.NOT_ASSESSABLE, "a log that does not mention a fence", *_AIRBORNE),
    ),
    authorisable=True,
)

"""No fence was switched off between take-off and landing.

MAVLink autopilots report when their fence is enabled or disabled, and the log of the ground
station holds the commands.  A command without an answer shows only a request, so it has a lower
severity.  DJI records do not mention a fence that a pilot can switch off.
"""

from collections.abc import Mapping

from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._event_episodes import (
    EventEpisode,
    group_into_event_episodes,
    merge_findings_into_one,
    most_certain_finding_grade,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._logged_events import (
    LoggedEvent,
    event_began_in_air,
    event_finding,
    logged_events_of_kinds,
)
from dji_audit.compliance.rules._shared._logged_fence_state import (
    FenceOnOffOrNotStated,
    any_log_reports_fences,
    fence_on_off_or_not_stated_in_logs,
    fence_setting_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight

#: Seconds between the command, the report and the setting by which one fence goes off.
_BRIDGE_S = 5.0


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List each report that a fence was switched off in the air."""
    events = [
        event
        for event in logged_events_of_kinds(flight, ["geofence.disable"])
        if event_began_in_air(flight, event)
    ]
    findings = [
        _fence_disabled_finding(flight, episode, inputs)
        for episode in group_into_event_episodes(events, lambda _event: "fence", _BRIDGE_S)
    ]
    if findings:
        times = "" if len(findings) == 1 else f" {len(findings)} times"
        return CheckResult(
            Outcome.FAIL, f"The fence was switched off in flight{times}.", tuple(findings)
        )
    if fence_on_off_or_not_stated_in_logs(flight) is FenceOnOffOrNotStated.OFF:
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            "The log states that the fence was off from the start.",
            stated_by_log=True,
        )
    if not any_log_reports_fences(flight):
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            "An aircraft that writes this kind of log has no fence that a pilot can switch off.",
        )
    return CheckResult(
        Outcome.PASS, "A fence was on, and no event shows that it was switched off in flight."
    )


def _fence_disabled_finding(
    flight: Flight, episode: EventEpisode[LoggedEvent], inputs: RuleInputs
) -> Finding:
    parts = [event_finding(flight, event, inputs) for event in episode.parts]
    place = position_relative_to_takeoff_text(flight, episode.start)
    when = interval_text(episode.start, None) + (f", {place}" if place else "")
    texts = "; ".join(dict.fromkeys(event.text for event in episode.parts))
    if most_certain_finding_grade([event.grade for event in episode.parts]) in (
        "measured",
        "reported",
    ):
        return merge_findings_into_one(parts, f"The fence was switched off {when} ({texts}).")
    return merge_findings_into_one(
        parts,
        f"It was asked to switch the fence off {when} ({texts}); whether it took effect is not "
        "shown.",
        severity=min(inputs.severity, Severity.LOW, key=lambda each: each.rank),
    )


_AIRBORNE = ({"kind": "takeoff", "time": 1}, {"kind": "landing", "time": 9})
_OFF_EVENT = {"kind": "geofence.disable", "text": "fence off", "severity": "notice"}
_SET = {"kind": "geofence.config", "time": 0, "text": "FENCE_ENABLE = 1", "value": 1.0}


def _example_flight_with_fence_events(
    outcome: Outcome, description: str, *events: Mapping[str, object]
) -> ExampleFlight:
    """Return an example: a flight of 12 seconds with some events."""
    return ExampleFlight(
        outcome, description, hover_example_track_at_heights(*[10.0] * 12), events=events
    )


_NEEDS = (fence_setting_data_need(), takeoff_and_landing_data_need())
_EXAMPLES = (
    _example_flight_with_fence_events(
        Outcome.PASS,
        "a fence that is switched off after the landing",
        _SET,
        *_AIRBORNE,
        {**_OFF_EVENT, "time": 11},
    ),
    _example_flight_with_fence_events(
        Outcome.FAIL,
        "a fence that is switched off in the air",
        _SET,
        *_AIRBORNE,
        {**_OFF_EVENT, "time": 5},
    ),
    _example_flight_with_fence_events(
        Outcome.NOT_APPLICABLE,
        "a fence that was never on",
        {**_SET, "text": "FENCE_ENABLE = 0", "value": 0.0},
        *_AIRBORNE,
    ),
    _example_flight_with_fence_events(
        Outcome.NOT_ASSESSABLE, "a log that does not mention a fence", *_AIRBORNE
    ),
    _example_flight_with_fence_events(
        Outcome.NOT_ASSESSABLE, "a fence, and a log that ends in the air", _SET, _AIRBORNE[0]
    ),
)
RULE = Rule(
    id="fence_disabled_in_flight",
    title="No fence was switched off in flight",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Reports of the autopilot and the ground station about the fence.",
    not_assessable="The log does not state whether a fence was on, or lacks a part of the flight.",
)

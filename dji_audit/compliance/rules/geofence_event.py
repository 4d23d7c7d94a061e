"""Reports of aircraft and app about zones, fences and limits, each happening once.

Four kinds of report are told apart: a **warning** is advice; a **restriction** refuses a start or
limits a flight because of a zone; a **breach** says that the aircraft is where it must not be; an
**action** is what it did about it.  What belongs together in time is one finding: approached,
breached, acted on, over.  A limit that is in force and held is a remark.

A pass says which kinds of report the logs could have shown.  DJI replaced refusals by warnings
region by region (``dji_audit/data/geofencing_changes.csv``): from then on, that no refusal was
reported proves nothing, and the reason says so.  `zone_entry` compares the track with zones, and
`fence_disagreement` compares both.
"""

from dataclasses import replace

from dji_audit.compliance.dji_geofencing_policy import what_absent_geofence_refusal_proves_text
from dji_audit.compliance.findings import Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._event_episodes import EventEpisode, merge_findings_into_one
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._flight_evidence import utc_date_of_flight
from dji_audit.compliance.rules._shared._geofence_messages import (
    FENCE,
    HEIGHT_LIMIT,
    GeofenceMessage,
    GeofenceMessageMeaning,
    geofence_episodes,
    gravest_message_meaning,
)
from dji_audit.compliance.rules._shared._geofence_sentences import (
    breached_fence_bits_excursions_and_text,
    fence_breach_sentence,
    limit_in_force_or_setting_sentence,
    limit_reached_sentence,
    unlikely_height_limit_reason,
    zone_breach_or_limit_sentence,
    zone_warning_sentence,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._logged_events import event_began_in_air, event_finding
from dji_audit.compliance.rules._shared._logged_fence_state import (
    FenceOnOffOrNotStated,
    fence_on_off_or_not_stated_in_logs,
    log_format_reports_fences,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._zones._zone_message_data_need import (
    MESSAGE_KINDS,
    possible_zone_message_kinds,
    zone_messages_data_need,
)
from dji_audit.flights import Flight


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List each happening at a zone, a fence or a limit that was reported."""
    findings = [
        _geofence_episode_finding(flight, episode, inputs) for episode in geofence_episodes(flight)
    ]
    failures = [finding for finding in findings if not finding.informational]
    if failures:
        more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
        return CheckResult(
            Outcome.FAIL, f"{failures[0].summary.removesuffix('.')}{more}.", tuple(findings)
        )
    if (
        all(log_format_reports_fences(log) for log in flight.logs)
        and fence_on_off_or_not_stated_in_logs(flight) is FenceOnOffOrNotStated.OFF
    ):
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            "The log states that no fence was on, and an aircraft of this kind knows no zones.",
            tuple(findings),
            stated_by_log=True,
        )
    kinds = "; ".join(MESSAGE_KINDS[kind] for kind in possible_zone_message_kinds(flight))
    reason = f"None was reported; the logs would have shown: {kinds}."
    return CheckResult(
        Outcome.PASS,
        f"{reason}{_what_absent_geofence_refusal_proves_text(flight)}",
        tuple(findings),
    )


def _what_absent_geofence_refusal_proves_text(flight: Flight) -> str:
    """Return what the absence of a refusal proves, after a space; empty: what it says."""
    if "zone_restriction" not in possible_zone_message_kinds(flight):
        return ""
    place = flight.home or flight.takeoff_position
    position = None if place is None else (place.latitude_deg, place.longitude_deg)
    text = what_absent_geofence_refusal_proves_text(
        position, utc_date_of_flight(flight), flight.aircraft.app or ""
    )
    return f" {text}" if text else ""


def _geofence_episode_finding(
    flight: Flight, episode: EventEpisode[GeofenceMessage], inputs: RuleInputs
) -> Finding:
    """Return an episode as one finding, with the bytes of every report as evidence."""
    parts = [event_finding(flight, report.event, inputs) for report in episode.parts]
    summary, severity, peak = _episode_sentence_severity_and_depth(flight, episode, inputs)
    merged = merge_findings_into_one(parts, summary, severity=severity, peak=peak)
    if merged.grade == "inferred":
        merged = replace(merged, severity=_lower_of_two_severities(merged.severity, Severity.LOW))
    return replace(
        merged, subject=episode.subject, informational=merged.severity is Severity.REMARK
    )


def _episode_sentence_severity_and_depth(
    flight: Flight, episode: EventEpisode[GeofenceMessage], inputs: RuleInputs
) -> tuple[str, Severity, float | None]:
    """Return an episode as a sentence, its severity, and how deep it went."""
    role = gravest_message_meaning(episode)
    if role in (GeofenceMessageMeaning.BREACH, GeofenceMessageMeaning.ACTION):
        airborne = any(event_began_in_air(flight, report.event) for report in episode.parts)
        severity = (
            inputs.severity if airborne else _lower_of_two_severities(inputs.severity, Severity.LOW)
        )
        if episode.subject != FENCE:
            return zone_breach_or_limit_sentence(flight, episode), severity, None
        _, excursions, _ = breached_fence_bits_excursions_and_text(flight, episode)
        depth_m = max((excursion.depth_m for excursion in excursions), default=None)
        return fence_breach_sentence(flight, episode), severity, depth_m
    # What the pilot had to act on is looked at, and is no breach.
    one_lower = list(Severity)[max(Severity.LOW.rank, inputs.severity.rank - 1)]
    one_lower = _lower_of_two_severities(one_lower, inputs.severity)
    if role in (GeofenceMessageMeaning.LIMIT, GeofenceMessageMeaning.REFUSED):
        return zone_breach_or_limit_sentence(flight, episode), one_lower, None
    if role is GeofenceMessageMeaning.ADVICE:
        return zone_warning_sentence(flight, episode), one_lower, None
    if role is GeofenceMessageMeaning.CONTEXT:
        return limit_in_force_or_setting_sentence(flight, episode), Severity.REMARK, None
    sentence = limit_reached_sentence(flight, episode)
    if episode.subject == HEIGHT_LIMIT and (why := unlikely_height_limit_reason(flight, episode)):
        return f"{sentence.removesuffix('.')}; {why}.", Severity.REMARK, None
    return sentence, one_lower, None


def _lower_of_two_severities(severity: Severity, most: Severity) -> Severity:
    return min(severity, most, key=lambda each: each.rank)


_NEEDS = (zone_messages_data_need(), takeoff_and_landing_data_need())
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a log with other reports and none of a zone",
        hover_example_track_at_heights(0.0, 10.0, 0.0),
        events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2}),
    ),
    ExampleFlight(
        Outcome.PASS,
        "a limit in force that held",
        hover_example_track_at_heights(0.0, 10.0, 0.0),
        events=(
            {"kind": "takeoff", "time": 0},
            {"kind": "landing", "time": 2},
            {
                "kind": "geofence.limit",
                "time": 1,
                "severity": "warning",
                "text": "radius limit in force",
                "record": "VisionGroup.radius_limit",
            },
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "an app that warns of a zone",
        hover_example_track_at_heights(0.0, 10.0, 0.0),
        events=(
            {
                "kind": "geofence.warning",
                "time": 1,
                "severity": "notice",
                "text": "You are in a Warning Zone",
                "record": "AppWarn",
            },
        ),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a breach of a fence in three records",
        hover_example_track_at_heights(0.0, 10.0, 10.0, 0.0),
        events=(
            {"kind": "geofence.breach", "time": 1, "end": 2, "text": "fence breached: circle"},
            {"kind": "geofence.action", "time": 1, "text": "changed to RTL because of a fence"},
            {"kind": "geofence.warning", "time": 2, "text": "Fence breach cleared"},
        ),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a kind of log that does not report zones",
        hover_example_track_at_heights(0.0, 10.0, 0.0),
        without_facts=tuple(MESSAGE_KINDS),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log that reports limits and not zones",
        hover_example_track_at_heights(0.0, 10.0, 0.0),
        without_facts=("zone_warning",),
    ),
)
RULE = Rule(
    id="geofence_event",
    title="Aircraft and app reported no zone, boundary or limit",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Events that the aircraft or the app reported, and its track where a fence was left.",
    not_assessable=(
        "A kind of report that such a log can hold could not have been seen, or was written in a "
        "language that is not understood."
    ),
)

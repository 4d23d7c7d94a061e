"""Reports of fences and zones agree with the geometry of the track.

The fences are those in the log itself, set by parameters or as shapes.  A breach that is
certain by geometry must be reported, and a reported breach must be possible by geometry, both
within some seconds.  Where zones are supplied, the reports of aircraft and app are compared with
them too: a report far from every supplied zone, and a zone that was certainly entered without a
report, are disagreements.  Silence counts only while the log would have recorded a report.  The
aircraft may know other zones than those supplied, so a disagreement does not show which side is
right.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

import parsers
from dji_audit.common.plain_english import as_sentence, pluralised_count
from dji_audit.common.time_intervals import (
    Intervals,
    interval_intersection,
    interval_union,
    total_duration_s,
)
from dji_audit.compliance.context import AuditContext, fences_stored_in_aircraft
from dji_audit.compliance.data_needs import DataNeed, fact_in_air_data_need
from dji_audit.compliance.findings import DataNeedObservation, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import non_negative_parameter_field, positive_parameter_field
from dji_audit.compliance.rules._shared._event_episodes import EventEpisode, merge_findings_into_one
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._flight_evidence import lat_lon_of_last_fix_before
from dji_audit.compliance.rules._shared._geofence_messages import (
    FENCE,
    ZONE,
    GeofenceMessage,
    GeofenceMessageMeaning,
    distinct_message_texts,
    geofence_episodes,
    gravest_message_meaning,
    messages_with_any_of_meanings,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._logged_events import event_began_in_air, event_finding
from dji_audit.compliance.rules._shared._logged_fence_state import fence_without_geometry_text
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._zones._zone_completeness_data_need import (
    availability_of_complete_zones,
    inside_completeness_areas_mask,
)
from dji_audit.compliance.rules._shared._zones._zone_crossing_findings import (
    ZoneComparisonToleranceParameters,
    airborne_zone_track,
    crossing_finding,
    crossing_text,
    example_supplied_zones,
    track_reaches_ends_of_flight_data_need,
)
from dji_audit.compliance.rules._shared._zones._zone_message_data_need import (
    any_log_is_of_kind_that_reports_zones,
    availability_of_zone_messages,
)
from dji_audit.flights import Flight
from dji_audit.zones import (
    SuppliedZones,
    UndeterminedPeriod,
    ZoneComparisonResult,
    ZoneCrossing,
    ZoneEffect,
    ZoneIndex,
    find_zone_crossings,
)

#: Effects of a zone on a flight that an aircraft which knows the zone reports.
_REPORTED_EFFECTS = {
    ZoneEffect.PROHIBITED,
    ZoneEffect.AUTHORISATION,
    ZoneEffect.CONDITIONAL,
    ZoneEffect.ADVISORY,
}
_BREACH_FACTS = ("fence_breach",)
_ZONE_FACTS = ("zone_warning", "zone_restriction")
#: Seconds of a crossing that may lie before the first row or after the last.
_RECORDED_WITHIN_S = 1.0


class FenceDisagreementParameters(ZoneComparisonToleranceParameters):
    """Parameters of the rule."""

    within_s: float = positive_parameter_field(
        5.0, "Seconds by which report and geometry may differ."
    )
    least_s: float = non_negative_parameter_field(
        2.0, "A breach no longer than this need not be reported, seconds."
    )
    near_m: float = non_negative_parameter_field(
        500.0, "A report belongs to a zone no farther away than this, metres."
    )


def check(
    flight: Flight, parameters: FenceDisagreementParameters, inputs: RuleInputs
) -> CheckResult:
    """Compare the reports of a flight with its fences and the supplied zones."""
    fences = fences_stored_in_aircraft(flight)
    supplied = inputs.context.zones if any_log_is_of_kind_that_reports_zones(flight) else None
    if not fences and not fence_without_geometry_text(flight) and supplied is None:
        return CheckResult(Outcome.NOT_APPLICABLE, _nothing_to_compare_reason(flight, inputs))
    track = airborne_zone_track(flight, parameters.gap_s)
    episodes = geofence_episodes(flight)
    findings: list[Finding] = []
    unheard: list[ZoneCrossing] = []
    undetermined: tuple[UndeterminedPeriod, ...] = ()
    if fences:
        result = find_zone_crossings(track, ZoneIndex(fences), parameters.zone_tolerance)
        undetermined = result.undetermined
        reported = [
            episode
            for episode in episodes
            if episode.subject == FENCE
            and messages_with_any_of_meanings(episode, GeofenceMessageMeaning.BREACH)
        ]
        breaches = [
            crossing
            for crossing in result.crossings
            if crossing.certain
            and (crossing.time_out - crossing.time_in).total_seconds() > parameters.least_s
        ]
        silent, unrecorded = _unreported_crossings_recordable_and_not(
            flight, breaches, reported, facts=_BREACH_FACTS, within_s=parameters.within_s
        )
        unheard += unrecorded
        findings += _unreported_crossing_findings(flight, silent, inputs, "no breach was reported")
        findings += _impossible_breach_findings(flight, result, reported, parameters, inputs)
    if supplied is not None:
        result = find_zone_crossings(track, supplied.zone_index, parameters.zone_tolerance)
        reported = [
            episode
            for episode in episodes
            if episode.subject == ZONE
            and gravest_message_meaning(episode) is not GeofenceMessageMeaning.CONTEXT
        ]
        entries = [
            crossing
            for crossing in result.crossings
            if crossing.certain and crossing.zone.effect in _REPORTED_EFFECTS
        ]
        silent, unrecorded = _unreported_crossings_recordable_and_not(
            flight, entries, reported, facts=_ZONE_FACTS, within_s=parameters.within_s
        )
        unheard += unrecorded
        findings += _unreported_crossing_findings(flight, silent, inputs, "nothing was reported")
        findings += _zone_reports_far_from_zones_findings(
            flight, reported, zones=supplied, parameters=parameters, inputs=inputs
        )
    if not findings and undetermined:
        return CheckResult.not_assessable_because(
            f"{undetermined[0].zone.name}: {undetermined[0].reason}."
        )
    if not findings and unheard:
        text = as_sentence(crossing_text(flight, unheard[0]))[:-1]
        return CheckResult.not_assessable_because(
            f"{text}; a report could not have been seen then."
        )
    what = " and ".join(
        filter(
            None,
            (
                f"{pluralised_count(len(fences), 'fence')} of its own" if fences else "",
                _supplied_zone_count_text(supplied) if supplied is not None else "",
            ),
        )
    )
    return CheckResult.from_findings(
        findings,
        f"Reports and geometry agree for {what}.",
        f"{pluralised_count(len(findings), 'disagreement')} between reports and geometry, "
        f"for {what}.",
    )


def _supplied_zone_count_text(supplied: SuppliedZones) -> str:
    return pluralised_count(len(supplied.zones), "supplied zone")


def _nothing_to_compare_reason(flight: Flight, inputs: RuleInputs) -> str:
    if inputs.context.zones is None:
        return "The log holds no fence in force, and no zones were supplied."
    return "The log holds no fence in force, and an aircraft of this kind knows no zones."


def _fence_or_zone_reports_data_need() -> DataNeed:
    """Return the need that both sides were observed: the reports, and what they are about."""

    def observe(flight: Flight, parameters: Any, context: AuditContext) -> DataNeedObservation:
        if reason := fence_without_geometry_text(flight):
            return DataNeedObservation.for_subject_not_seen(
                "fences with their shapes", f"The track could not be compared: {reason}."
            )
        observations = []
        if fences_stored_in_aircraft(flight):
            observations.append(availability_of_zone_messages(flight, _BREACH_FACTS))
        if context.zones is not None and any_log_is_of_kind_that_reports_zones(flight):
            observations.append(availability_of_zone_messages(flight, _ZONE_FACTS))
            observations.append(availability_of_complete_zones(flight, parameters, context))
        if not observations:
            return DataNeedObservation.for_subject_seen_in_full("fences and zones")
        return min(observations, key=lambda observation: observation.share)

    return DataNeed(
        "fence_breach or zone_warning or zone_restriction",
        observe,
        words="reports of breaches of the aircraft's fences, whose shapes are known; of supplied "
        "zones, reports of zones, and that the zones are complete where the aircraft flew",
    )


def _unreported_crossings_recordable_and_not(
    flight: Flight,
    crossings: Sequence[ZoneCrossing],
    reported: Sequence[EventEpisode[GeofenceMessage]],
    *,
    facts: Sequence[str],
    within_s: float,
) -> tuple[list[ZoneCrossing], list[ZoneCrossing]]:
    """Return the crossings that no report belongs to, in two lists.

    During the first ones every kind of report would have been recorded, so that the silence says
    something; during the others it would not, though the log carries such reports.
    """
    observed = availability_of_zone_messages(flight, facts)
    if not observed.share:
        # The need of the rule says that, and why.
        return [], []
    recorded = interval_union(
        *(np.array([[start.value / 1e9, end.value / 1e9]]) for start, end in observed.intervals)
    )
    report_times = _widened_intervals(reported, within_s)
    silent: list[ZoneCrossing] = []
    unrecorded: list[ZoneCrossing] = []
    for crossing in crossings:
        if _overlaps_any_interval(report_times, crossing):
            continue
        stay = _widened_intervals([crossing], 0.0)
        lacking_s = total_duration_s(stay) - total_duration_s(interval_intersection(stay, recorded))
        (silent if lacking_s <= _RECORDED_WITHIN_S else unrecorded).append(crossing)
    return silent, unrecorded


def _unreported_crossing_findings(
    flight: Flight, crossings: Iterable[ZoneCrossing], inputs: RuleInputs, silence: str
) -> Iterator[Finding]:
    """Yield crossings during which the aircraft reported nothing."""
    for crossing in crossings:
        summary = f"{as_sentence(crossing_text(flight, crossing))[:-1]}; {silence}."
        yield crossing_finding(flight, crossing, inputs, summary=summary)


def _impossible_breach_findings(
    flight: Flight,
    result: ZoneComparisonResult,
    reported: Sequence[EventEpisode[GeofenceMessage]],
    parameters: FenceDisagreementParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield reported breaches in the air during which the track was inside of every fence."""
    possible = _widened_intervals((*result.crossings, *result.undetermined), parameters.within_s)
    for episode in reported:
        if episode.start is None or not _episode_began_airborne(episode, flight):
            continue
        if not _overlaps_any_interval(possible, episode):
            yield _contradicted_report_finding(flight, episode, inputs, "the track shows no breach")


def _zone_reports_far_from_zones_findings(
    flight: Flight,
    reported: Sequence[EventEpisode[GeofenceMessage]],
    *,
    zones: SuppliedZones,
    parameters: FenceDisagreementParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield reports of zones from places where the supplied zones are complete and show none."""
    for episode in reported:
        position = lat_lon_of_last_fix_before(flight, episode.start)
        if (
            position is None
            or not inside_completeness_areas_mask(zones, *map(np.atleast_1d, position)).all()
        ):
            continue
        if (
            _distance_from_position_to_nearest_zone_m(zones.zone_index, position, parameters.near_m)
            is None
        ):
            summary = f"no supplied zone is within {parameters.near_m:g} m"
            yield _contradicted_report_finding(flight, episode, inputs, summary)


def _contradicted_report_finding(
    flight: Flight, episode: EventEpisode[GeofenceMessage], inputs: RuleInputs, contradiction: str
) -> Finding:
    """Return a reported episode that the geometry contradicts."""
    parts = [event_finding(flight, report.event, inputs) for report in episode.parts]
    place = position_relative_to_takeoff_text(flight, episode.start)
    when = interval_text(episode.start, episode.end) + (f", {place}" if place else "")
    text = "; ".join(distinct_message_texts(episode.parts)[:2])
    return merge_findings_into_one(parts, f'Reported: "{text}" {when}; but {contradiction}.')


def _distance_from_position_to_nearest_zone_m(
    zones: ZoneIndex, position: tuple[float, float], most_m: float
) -> float | None:
    """Return the distance of the nearest zone, metres; ``None``: beyond the greatest distance."""
    latitude, longitude = np.array([position[0]]), np.array([position[1]])
    distances_m = [
        max(0.0, -float(zone.signed_depths_inside_m(latitude, longitude)[0]))
        for zone in zones.zones_near_point(position, most_m)
    ]
    return min((distance for distance in distances_m if distance <= most_m), default=None)


_Span = EventEpisode[GeofenceMessage] | ZoneCrossing | UndeterminedPeriod


def _widened_intervals(spans: Iterable[_Span], within_s: float) -> Intervals:
    """Return the times of some episodes or crossings, widened, seconds since 1970."""
    known = [ends for ends in map(_start_and_end_unix_s, spans) if ends is not None]
    return interval_union(*(np.array([[start - within_s, end + within_s]]) for start, end in known))


def _overlaps_any_interval(intervals: Intervals, span: _Span) -> bool:
    """Return whether an episode or a crossing overlaps any of some intervals."""
    ends = _start_and_end_unix_s(span)
    if ends is None:
        return False
    first = int(np.searchsorted(intervals[:, 1], ends[0], "left"))
    return first < len(intervals) and bool(intervals[first, 0] <= ends[1])


def _start_and_end_unix_s(span: _Span) -> tuple[float, float] | None:
    """Return start and end in seconds since 1970; ``None``: not known."""
    start, end = (
        (span.time_in, span.time_out) if isinstance(span, ZoneCrossing) else (span.start, span.end)
    )
    return None if start is None or end is None else (start.value / 1e9, end.value / 1e9)


def _episode_began_airborne(episode: EventEpisode[GeofenceMessage], flight: Flight) -> bool:
    """Return whether the aircraft was in the air when an episode began."""
    return any(event_began_in_air(flight, report.event) for report in episode.parts)


_FENCE = parsers.Geofence(
    "inclusion", "circle", ((51.5, -1.0),), 100.0, None, True, None, None, "PARM.Value", 200
)
_AIRBORNE = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 6})
_AWAY = [51.5, 51.5, 51.502, 51.502, 51.502, 51.502, 51.5]


def _example_track_columns_at_latitudes(latitudes: Sequence[float]) -> dict[str, Sequence[float]]:
    """Return a track at 50 m with these latitudes, one a second."""
    return hover_example_track_at_heights(*([50.0] * len(latitudes))) | {"latitude_deg": latitudes}


_NEEDS = (
    _fence_or_zone_reports_data_need(),
    fact_in_air_data_need("position"),
    track_reaches_ends_of_flight_data_need(),
    takeoff_and_landing_data_need(),
)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a breach of its own circle that the aircraft reported",
        _example_track_columns_at_latitudes(_AWAY),
        events=(
            *_AIRBORNE,
            {"kind": "geofence.breach", "time": 2, "end": 6, "text": "fence breached"},
        ),
        log_fields={"fences": (_FENCE,)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a breach of its own circle that it did not report",
        _example_track_columns_at_latitudes(_AWAY),
        events=({"kind": "takeoff", "time": 0},),
        log_fields={"fences": (_FENCE,)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a breach reported in the middle of its circle",
        _example_track_columns_at_latitudes([51.5] * 20),
        events=({"kind": "geofence.breach", "time": 10, "text": "fence breached"},),
        log_fields={"fences": (_FENCE,)},
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a warning of a zone with no supplied zone near",
        _example_track_columns_at_latitudes([51.5] * 5),
        events=(
            {
                "kind": "geofence.warning",
                "time": 1,
                "severity": "warning",
                "text": "You are in a Warning Zone",
            },
        ),
        context={"zones": example_supplied_zones(centre=(52.0, -1.0))},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a breach of its own circle, and a log that does not report breaches",
        _example_track_columns_at_latitudes(_AWAY),
        events=_AIRBORNE,
        log_fields={"fences": (_FENCE,)},
        without_facts=("fence_breach",),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a fence whose shape the log does not hold",
        _example_track_columns_at_latitudes([51.5] * 7),
        events=(
            *_AIRBORNE,
            {"kind": "geofence.config", "time": 0, "text": "FENCE_ENABLE = 1"},
            {"kind": "geofence.config", "time": 0, "text": "FENCE_TOTAL = 6"},
        ),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "zones of another country",
        _example_track_columns_at_latitudes([51.5] * 7),
        events=_AIRBORNE,
        context={"zones": example_supplied_zones(centre=(52.0, 5.0), extent=None)},
    ),
    ExampleFlight(
        Outcome.NOT_APPLICABLE, "neither fence nor zones", hover_example_track_at_heights(0.0, 50.0)
    ),
)
RULE = Rule(
    id="fence_disagreement",
    title="Reports of fences and zones agree with geometry",
    parameters=FenceDisagreementParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Events about fences and zones, the fences in the log, the supplied zones, and the track."
    ),
    not_assessable=(
        "The log would not have recorded the report of a breach or of a zone, holds no track or "
        "lacks the shape of a fence, the limits of a fence use a datum that it does not measure, "
        "or the supplied zones are not complete where the aircraft flew."
    ),
)

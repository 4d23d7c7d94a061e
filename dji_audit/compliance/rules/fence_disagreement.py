"""Reports of fences and zones agree with the geometry of the track.

The fences are those in the log itself, set by parameters or as shapes.  A breach that is
certain by geometry must be reported, and a reported breach must be possible by geometry, both
within some seconds.  Where zones are supplied, the reports of aircraft and app are compared with
them too: a report far from every supplied zone, and a zone that was certainly entered without a
report, are disagreements.  The aircraft may know other zones than those supplied, so a
disagreement does not show which side is right.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from pydantic import Field

import parsers
from dji_audit.compliance.context import aircraft_fences
from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._flight_facts import position_at
from dji_audit.compliance.rules._logged_events import (
    LoggedEvent,
    event_finding,
    events_of_kinds,
    inconclusive_events_reason,
)
from dji_audit.compliance.rules._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._zone_crossings import (
    TrackComparisonParameters,
    airborne_track,
    crossing_finding,
    crossing_text,
    example_zones,
    no_zone_track_reason,
    untracked_airborne_ends_text,
)
from dji_audit.flights import Flight
from dji_audit.zones import (
    Effect,
    UndeterminedPeriod,
    ZoneCrossing,
    ZoneIndex,
    ZoneResult,
    find_crossings,
)

#: Kinds of event with which aircraft or app report zones.
_REPORTS = ("geofence.warning", "geofence.breach", "geofence.limit", "geofence.refused",
            "geofence.action")  # fmt: skip
_MEANT = {Effect.PROHIBITED, Effect.AUTHORISATION, Effect.CONDITIONAL, Effect.ADVISORY}


class FenceDisagreementParameters(TrackComparisonParameters):
    """Parameters of the rule."""

    within_s: float = Field(
        5.0, gt=0, description="Seconds by which report and geometry may differ."
    )
    least_s: float = Field(
        2.0, ge=0, description="A breach no longer than this need not be reported, seconds."
    )
    near_m: float = Field(
        500.0, ge=0, description="A report belongs to a zone no farther away than this, metres."
    )


def check(
    flight: Flight, parameters: FenceDisagreementParameters, inputs: RuleInputs
) -> CheckResult:
    """Compare the reports of a flight with its fences and the supplied zones."""
    fences, supplied = aircraft_fences(flight), inputs.context.zones
    if not fences and supplied is None:
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            "The log holds no fence in force, and no zones were supplied.",
        )
    track = airborne_track(flight, parameters.gap_s)
    if reason := no_zone_track_reason(flight, track):
        return CheckResult.not_assessable(reason)
    if reason := inconclusive_events_reason(flight):
        return CheckResult.not_assessable(reason)
    findings: list[Finding] = []
    undetermined: tuple[UndeterminedPeriod, ...] = ()
    if fences:
        result = find_crossings(track, ZoneIndex(fences), parameters.zone_tolerance)
        undetermined = result.undetermined
        findings += _fence_disagreement_findings(flight, result, parameters, inputs)
    if supplied is not None:
        result = find_crossings(track, supplied.zone_index, parameters.zone_tolerance)
        findings += _zone_disagreement_findings(
            flight, result, zones=supplied.zone_index, parameters=parameters, inputs=inputs
        )
    if not findings and undetermined:
        return CheckResult.not_assessable(f"{undetermined[0].zone.name}: {undetermined[0].reason}.")
    if not findings and (reason := untracked_airborne_ends_text(flight, track)):
        return CheckResult.not_assessable(f"The track does not cover the whole flight: {reason}.")
    what = " and ".join(
        filter(
            None,
            (
                f"{len(fences)} fence{'s' * (len(fences) != 1)} of its own" if fences else "",
                f"{len(supplied.zones)} supplied zones" if supplied is not None else "",
            ),
        )
    )
    return CheckResult.of(
        findings,
        f"Reports and geometry agree for {what}.",
        f"{len(findings)} disagreement{'s' * (len(findings) > 1)} between reports and geometry, "
        f"for {what}.",
    )


def _fence_disagreement_findings(
    flight: Flight, result: ZoneResult, parameters: FenceDisagreementParameters, inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield disagreements between reported breaches and the fences of the log."""
    reported = events_of_kinds(flight, ["geofence.breach"])
    for crossing in result.crossings:
        duration_s = (crossing.time_out - crossing.time_in).total_seconds()
        if not crossing.certain or duration_s <= parameters.least_s:
            continue
        if not any(
            _event_overlaps_crossing(event, crossing, parameters.within_s) for event in reported
        ):
            summary = f"not reported: {crossing_text(crossing)}"
            yield crossing_finding(flight, crossing, inputs, summary=summary)
    for event in reported:
        periods: list[ZoneCrossing | UndeterminedPeriod] = [*result.crossings, *result.undetermined]
        if event.time is None or not _is_airborne(event, flight):
            continue
        if not any(
            _event_overlaps_crossing(event, period, parameters.within_s) for period in periods
        ):
            summary = f"reported, but not so by geometry: {event.text}"
            yield event_finding(flight, event, inputs, summary=summary)


def _zone_disagreement_findings(
    flight: Flight,
    result: ZoneResult,
    *,
    zones: ZoneIndex,
    parameters: FenceDisagreementParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    """Yield disagreements between the reports and the supplied zones."""
    reported = events_of_kinds(flight, _REPORTS)
    for crossing in result.crossings:
        if not crossing.certain or crossing.zone.effect not in _MEANT:
            continue
        if not any(
            _event_overlaps_crossing(event, crossing, parameters.within_s) for event in reported
        ):
            summary = f"nothing was reported: {crossing_text(crossing)}"
            yield crossing_finding(flight, crossing, inputs, summary=summary)
    for event in reported:
        position = position_at(flight, event.time)
        if position is None or event.severity == "info":
            continue
        away = _nearest_zone_m(zones, position, parameters.near_m)
        if away is None:
            summary = (
                f"reported, but no supplied zone is within {parameters.near_m:g} m: {event.text}"
            )
            yield event_finding(flight, event, inputs, summary=summary)


def _nearest_zone_m(zones: ZoneIndex, position: tuple[float, float], most_m: float) -> float | None:
    """Return the distance of the nearest zone, metres; ``None``: beyond the greatest distance."""
    latitude, longitude = np.array([position[0]]), np.array([position[1]])
    distances_m = [
        max(0.0, -float(zone.signed_distance_m(latitude, longitude)[0]))
        for zone in zones.zones_near_point(position, most_m)
    ]
    return min((distance for distance in distances_m if distance <= most_m), default=None)


def _event_overlaps_crossing(
    event: LoggedEvent, other: ZoneCrossing | UndeterminedPeriod, within_s: float
) -> bool:
    """Return whether an event and a crossing overlap, within some seconds."""
    start = event.time
    if start is None:
        return False
    end = event.end or start
    first, last = (
        (other.time_in, other.time_out)
        if isinstance(other, ZoneCrossing)
        else (other.start, other.end)
    )
    margin = pd.Timedelta(seconds=within_s)
    return bool(start <= last + margin and first <= end + margin)


def _is_airborne(event: LoggedEvent, flight: Flight) -> bool:
    """Return whether the aircraft was in the air at the time of an event."""
    time = event.time
    after = flight.takeoff is None or (time is not None and time >= flight.takeoff)
    before = flight.landing is None or (time is not None and time <= flight.landing)
    return after and before


_FENCE = parsers.Fence(
    "inclusion", "circle", ((51.5, -1.0),), 100.0, None, True, None, None, "PARM.Value", 200
)
_AWAY = [51.5, 51.5, 51.502, 51.502, 51.502, 51.502, 51.5]


def _example_track_columns(latitudes: Sequence[float]) -> dict[str, Sequence[float]]:
    """Return a track at 50 m with these latitudes, one a second."""
    return hover_track(*([50.0] * len(latitudes))) | {"latitude_deg": latitudes}


RULE = Rule(
    id="fence_disagreement",
    title="Reports of fences and zones agree with geometry",
    looks_at=(
        "Events about fences and zones, the fences in the log, the supplied zones, and the track."
    ),
    not_assessable=(
        "The log is encrypted or holds no track or no events, or the limits of a fence use a "
        "datum that the log does not measure."
    ),
    parameters=FenceDisagreementParameters,
    check=check,
    examples=(
        Example(
            Outcome.PASS,
            "a breach of its own circle that the aircraft reported",
            _example_track_columns(_AWAY),
            events=({"kind": "geofence.breach", "time": 2, "end": 6, "text": "fence breached"},),
            log_fields={"fences": (_FENCE,)},
        ),
        Example(
            Outcome.FAIL,
            "a breach of its own circle that it did not report",
            _example_track_columns(_AWAY),
            events=({"kind": "takeoff", "time": 0},),
            log_fields={"fences": (_FENCE,)},
        ),
        Example(
            Outcome.FAIL,
            "a breach reported in the middle of its circle",
            _example_track_columns([51.5] * 20),
            events=({"kind": "geofence.breach", "time": 10, "text": "fence breached"},),
            log_fields={"fences": (_FENCE,)},
        ),
        Example(
            Outcome.FAIL,
            "a warning of a zone with no supplied zone near",
            _example_track_columns([51.5] * 5),
            events=(
                {
                    "kind": "geofence.warning",
                    "time": 1,
                    "severity": "warning",
                    "text": "You are in a Warning Zone",
                },
            ),
            context={"zones": example_zones(centre=(52.0, -1.0))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a fence, and a log without any events",
            _example_track_columns(_AWAY),
            log_fields={"fences": (_FENCE,)},
        ),
        Example(Outcome.NOT_APPLICABLE, "neither fence nor zones", hover_track(0.0, 50.0)),
    ),
)

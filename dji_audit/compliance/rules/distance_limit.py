"""The aircraft stays within a distance of its pilot.

Where the pilot was, the first of these says that knows it for enough of the time in the air:

1. a track of the pilot that the unit supplied (``--track FILE=pilot``): the pilot carried the
   device, and neither the aircraft nor its app wrote it;
2. the position of the controller, or of the device of the app, in the log: it lies beside the
   pilot, but may be one that the device remembers;
3. the operator's position that the aircraft broadcast by Remote ID, which is that of the same
   controller, as somebody else heard it;
4. the home point, or else the take-off point, which stand in for the pilot.

The result says which it was.  A distance from a supplied track has the error of its positions: it
breaks the rule, and keeps to it, only beyond that error.  Where the track and the log of the
aircraft would give different results, nothing is decided.

Pilots move and home points are set anew: each fix is measured from where they were then.  A
phone may give a remembered position of another day, or lose its own during a flight: while a device
is farther from the home point than ``device_within_m``, the home point stands in for it, and the
result says so too.  A flight during which the device was lost for long is not assessable.

It does not concern a helicopter, an aeroplane or a large drone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.plain_english import (
    number_and_lesser_limit_texts,
    percent_text,
    pluralised_count,
)
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import (
    DataNeed,
    availability_of_facts_in_air,
    fact_in_air_data_need,
)
from dji_audit.compliance.declared_tracks import (
    DeclaredTrack,
    DeclaredTrackFlightComparison,
    compare_declared_tracks_with_flight,
)
from dji_audit.compliance.findings import DataNeedObservation
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    Parameters,
    positive_fraction_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared import _pilot_and_home_positions as reference_positions
from dji_audit.compliance.rules._shared._airborne_log_tracks import airborne_row_mask
from dji_audit.compliance.rules._shared._aircraft_inventory_row import (
    not_applicable_result_for_crewed_aircraft,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    example_declared_track,
)
from dji_audit.compliance.rules._shared._exceedances import exceedance_findings
from dji_audit.compliance.rules._shared._flight_evidence import why_flight_has_no_track
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree
from parsers import NamedPosition

#: What distances are measured from.
Origin = (
    reference_positions.DistanceOriginPositions
    | reference_positions.PilotPositionsFromDeclaredTrack
)


class DistanceLimitParameters(Parameters):
    """Parameters of the rule."""

    limit_m: float = positive_parameter_field(500.0, "Greatest horizontal distance, metres.")
    device_within_m: float = positive_parameter_field(
        2000.0, "Metres from the home point within which the pilot's device is used."
    )
    known_share: float = positive_fraction_parameter_field(
        0.9,
        "Share of the time in the air for which positions must be known, and that of the device "
        "believed, for a pass.",
    )


def check(flight: Flight, parameters: DistanceLimitParameters, inputs: RuleInputs) -> CheckResult:
    """Find each interval beyond the limit, with its farthest fix."""
    larger = not_applicable_result_for_crewed_aircraft(
        flight, inputs, "the limit is one of small drones"
    )
    if larger is not None:
        return larger
    origin, remarks = _origin_and_remarks_on_pilot_tracks(flight, parameters, inputs.context)
    if reason := why_flight_has_no_track(flight):
        return CheckResult.not_assessable_because(f"No distance: {reason}.")
    if origin is None:
        return CheckResult.not_assessable_because(
            "The log shows no position of the pilot, home point or take-off."
        )
    limit, name = parameters.limit_m, origin.name
    distances = origin.distances_m(flight.track, airborne_row_mask(flight, flight.track), limit)
    errors = origin.errors_m(flight.track)
    # Within its error of the limit a distance does not show that it was exceeded.
    is_beyond = np.nan_to_num(distances - errors, nan=-np.inf) > limit
    findings = exceedance_findings(
        flight,
        np.where(is_beyond, distances, np.minimum(distances, limit)),
        limit,
        inputs,
        field="distance_m",
        column="latitude_deg",
        summary_of=lambda peak: (
            f"{number_and_lesser_limit_texts(peak, limit)[0]} m from {name}, "
            f"{number_and_lesser_limit_texts(peak - limit, 0.0)[0]} m beyond {limit:g} m"
        ),
        further_evidence=lambda row: (origin.evidence_at_fix(flight, row),),
    )
    known = distances[np.isfinite(distances)]
    farthest = "not known"
    if len(known):
        error = errors[int(np.nanargmax(distances))]
        farthest = f"{known.max():.0f} m from {name}" + f" (± {error:.0f} m)" * bool(error)
    lost = _distrusted_pilot_position_text(flight, origin) + remarks
    if not findings:
        why = _why_distance_is_undecided(flight, parameters, origin, distances + errors)
        if why:
            return CheckResult.not_assessable_because(
                f"Farthest {farthest}; the limit is {limit:g} m. {why}{lost}"
            )
    return CheckResult.from_findings(
        findings,
        f"Farthest {farthest}; the limit is {limit:g} m.{lost}",
        f"{pluralised_count(len(findings), 'interval')} beyond {limit:g} m; "
        f"farthest {farthest}.{lost}",
    )


def _distrusted_position_share_and_max_distance_m(
    flight: Flight, origin: Origin
) -> tuple[float, float]:
    """Return for which share of the fixes in the air the device is not believed, and how far off.

    Returns:
        Share, 0 to 1, and the greatest distance from the home point, metres.
    """
    if (
        isinstance(origin, reference_positions.PilotPositionsFromDeclaredTrack)
        or not origin.stand_ins
    ):
        return 0.0, 0.0
    in_air = flight.track[airborne_row_mask(flight, flight.track)]
    away_m = origin.distrusted_position_to_home_distances_m(in_air)
    lost = np.isfinite(away_m)
    if not lost.any():
        return 0.0, 0.0
    return float(lost.mean()), float(away_m[lost].max())


def _distrusted_pilot_position_text(flight: Flight, origin: Origin) -> str:
    """Return that the device of the pilot was lost meanwhile, a sentence; empty: it was not."""
    share, away_m = _distrusted_position_share_and_max_distance_m(flight, origin)
    if not share:
        return ""
    return (
        f" For {percent_text(share)} of the time in the air the pilot's device says that it is up "
        f"to {away_m / 1000:.1f} km from the home point, which is not believed."
    )


def _availability_of_distance_origin(
    flight: Flight, parameters: DistanceLimitParameters, context: AuditContext
) -> DataNeedObservation:
    """Return for how much of the time in the air it was known where the pilot, or home, was."""
    track, _ = chosen_pilot_track_and_why_not_others(flight, context, parameters.known_share)
    if track is not None:
        return DataNeedObservation(
            subject="the pilot's own track",
            share=track.share,
            sources=(track.track.source.name,),
            reason=""
            if track.share >= 1
            else "The pilot's own track says where the pilot was for "
            f"{percent_text(track.share)} of the fixes in the air.",
        )
    observation = availability_of_facts_in_air(flight, ("pilot_position", "takeoff_landing"))
    pilot = reference_positions.logged_pilot_positions(flight, parameters.device_within_m)
    if pilot is None:
        return _with_share_of_fixes_that_have_home_point(flight, observation)
    if not observation.share:
        return observation
    share, _ = _distrusted_position_share_and_max_distance_m(flight, pilot)
    if not share:
        return observation
    return replace(
        observation,
        share=min(observation.share, 1 - share),
        reason=f"The position of the pilot's device can be believed for {percent_text(1 - share)} "
        f"of the time in the air.{_distrusted_pilot_position_text(flight, pilot)}",
    )


def _with_share_of_fixes_that_have_home_point(
    flight: Flight, observation: DataNeedObservation
) -> DataNeedObservation:
    """Return an observation lowered to the share of fixes at which a home point was known."""
    homes = reference_positions.logged_home_positions(flight)
    in_air = flight.track[airborne_row_mask(flight, flight.track)]
    if homes is None or not len(in_air):
        return observation
    share = float((homes.index_of_position_in_force(in_air) >= 0).mean())
    if observation.share is None or share >= observation.share:
        return observation
    return replace(
        observation,
        share=share,
        reason=f"A home point is known for {percent_text(share)} of the time in the air.",
    )


def _why_distance_is_undecided(
    flight: Flight,
    parameters: DistanceLimitParameters,
    origin: Origin,
    greatest_m: npt.NDArray[np.float64],
) -> str:
    """Return why nothing is decided though no distance is beyond the limit; empty: it is.

    Args:
        flight: The flight.
        parameters: Those of the rule.
        origin: What distances are measured from.
        greatest_m: The greatest distance that each fix may have had; NaN: not known.
    """
    if not isinstance(origin, reference_positions.PilotPositionsFromDeclaredTrack):
        return ""
    limit = parameters.limit_m
    if (np.nan_to_num(greatest_m, nan=-np.inf) > limit).any():
        return "That is within its error of the limit, so that it is not decided."
    others = _logged_distance_origin_positions(flight, parameters.device_within_m)
    if others is None or not others.is_of_pilot:
        return ""
    away_m = others.distances_m(flight.track, airborne_row_mask(flight, flight.track), limit)
    if not (np.nan_to_num(away_m, nan=-np.inf) > limit).any():
        return ""
    return (
        f"From {others.name} it is up to {np.nanmax(away_m):.0f} m: one of the two is not where "
        "the pilot was."
    )


def _origin_and_remarks_on_pilot_tracks(
    flight: Flight, parameters: DistanceLimitParameters, context: AuditContext
) -> tuple[Origin | None, str]:
    """Return the positions from which distances are measured, and what of tracks is not used."""
    chosen, remarks = chosen_pilot_track_and_why_not_others(flight, context, parameters.known_share)
    if chosen is not None:
        origin = reference_positions.PilotPositionsFromDeclaredTrack(chosen.track)
        basis = f" Track of the pilot: {chosen.track.source.name}; {chosen.track.error_basis}."
        return origin, basis + remarks
    return _logged_distance_origin_positions(flight, parameters.device_within_m), remarks


def chosen_pilot_track_and_why_not_others(
    flight: Flight, context: AuditContext, known_share: float
) -> tuple[DeclaredTrackFlightComparison | None, str]:
    """Return the track of the pilot that says most of a flight, and of the others why not.

    Args:
        flight: The flight.
        context: What the unit supplied.
        known_share: Share of the fixes in the air for which it must say where the pilot was.
    """
    tracks = [track for track in context.tracks if track.owner == "pilot"]
    airborne = airborne_row_mask(flight, flight.track)
    beside = compare_declared_tracks_with_flight(flight, tracks, airborne)
    usable = [it for it in beside if it.is_used and it.share >= known_share]
    usable.sort(key=lambda it: (-it.share, it.least_distance_m, it.track.source.name))
    remarks = [
        f" The track {it.track.source.name} is not used: "
        f"{_why_pilot_track_is_not_used(it, known_share)}"
        for it in beside
        if it not in usable
    ]
    if len(usable) > 1:
        names = " and ".join(it.track.source.name for it in usable)
        remarks.append(f" {names} are both tracks of a pilot here: the first is used.")
    return (usable[0] if usable else None), "".join(remarks)


def _why_pilot_track_is_not_used(beside: DeclaredTrackFlightComparison, known_share: float) -> str:
    if not beside.is_used:
        return beside.text.removeprefix("Not used: ")
    return (
        f"it says where the pilot was for {percent_text(beside.share)} of the fixes in the air, "
        f"of {percent_text(known_share)} that are needed."
    )


def _logged_distance_origin_positions(
    flight: Flight, within_m: float
) -> reference_positions.DistanceOriginPositions | None:
    """Return the positions that logs give to measure distances from, and their name."""
    pilot, home = (
        reference_positions.logged_pilot_positions(flight, within_m),
        reference_positions.logged_home_positions(flight),
    )
    if pilot is not None:
        return pilot
    if home is None:
        takeoff = flight.takeoff_position
        if takeoff is None:
            return None
        return reference_positions.DistanceOriginPositions(
            "the take-off, which stands in for the pilot", (takeoff,), 0
        )
    name = "the home point, which stands in for the pilot"
    if flight.pilot is not None and flight.home is not None:
        away_km = reference_positions.distance_between_m(flight.pilot, flight.home) / 1000
        name += f" (the device says it is {away_km:.0f} km away from it)"
    return replace(home, name=name)


_HOME = NamedPosition("home", None, 0.0, 0.0, None, "Home.latitude_deg", 77)


def _example_track_at_distances(*metres: float) -> dict[str, list[float]]:
    """Return a track of one fix per second along the equator, at distances from longitude 0."""
    return {
        "latitude_deg": [0.0] * len(metres),
        "longitude_deg": [
            each / float(metres_per_latitude_and_longitude_degree(0.0)[1]) for each in metres
        ],
    }


#: A device beside the home point that jumps to a place 5 km away one second into the flight.
_LOST_DEVICE = tuple(
    NamedPosition(
        "pilot", pd.Timestamp(instant), 0.0, longitude_deg, None, "AppGPS.latitude_deg", offset
    )
    for instant, longitude_deg, offset in (
        ("2026-05-14T09:00:00Z", 0.0, 80),
        ("2026-05-14T09:00:01Z", 0.045, 90),
    )
)


def _example_pilot_track_along_equator(
    name: str, *metres: float, unusable_because: str = ""
) -> DeclaredTrack:
    """Return a track of the pilot, one fix per second along the equator from longitude 0."""
    scale = float(metres_per_latitude_and_longitude_degree(0.0)[1])
    return example_declared_track(
        "pilot",
        name,
        [(0.0, each / scale) for each in metres],
        unusable_because=unusable_because,
    )


_FLOWN = ({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2})


def _data_needs(parameters: DistanceLimitParameters) -> tuple[DataNeed, ...]:
    return (
        fact_in_air_data_need("position", min_share=parameters.known_share),
        DataNeed(
            "tracks or pilot_position or takeoff_landing",
            _availability_of_distance_origin,
            parameters.known_share,
            "the pilot's own track, or the position of the pilot's device, of which a lost one is "
            "not believed, or else the home point or the take-off, for the same share",
        ),
        takeoff_and_landing_data_need(),
    )


def _example_flight_to_distances(
    outcome: Outcome,
    description: str,
    *metres: float,
    events: Sequence[Mapping[str, object]] = _FLOWN,
    device: tuple[NamedPosition, ...] = (),
    tracks: tuple[DeclaredTrack, ...] = (),
) -> ExampleFlight:
    """Return a flight to distances from the home point, beside what is known of the pilot."""
    return ExampleFlight(
        outcome,
        description,
        _example_track_at_distances(*metres),
        events=events,
        log_fields={"named_positions": (_HOME, *device)},
        context={"tracks": tracks} if tracks else {},
    )


_EXAMPLES = (
    _example_flight_to_distances(Outcome.PASS, "a flight to 400 m away", 0, 400, 0),
    _example_flight_to_distances(Outcome.FAIL, "a flight to 700 m away", 0, 700, events=()),
    _example_flight_to_distances(
        Outcome.NOT_ASSESSABLE,
        "a flight to 400 m away whose position is known half of the time",
        *(0, 400, math.nan, math.nan),
        events=(),
    ),
    _example_flight_to_distances(
        Outcome.NOT_ASSESSABLE,
        "a flight during which the pilot's device is lost",
        *(0, 400, 0),
        device=_LOST_DEVICE,
    ),
    _example_flight_to_distances(
        Outcome.NOT_ASSESSABLE,
        "a flight to 400 m away whose log ends there",
        *(0, 400),
        events=_FLOWN[:1],
    ),
    _example_flight_to_distances(
        Outcome.PASS,
        "a flight to 700 m from home, 300 m from the pilot, who walks there with a watch",
        *(0, 350, 700),
        tracks=(_example_pilot_track_along_equator("watch.gpx", 0, 200, 400),),
    ),
    _example_flight_to_distances(
        Outcome.FAIL,
        "a flight to 400 m from home, 700 m from the pilot by the pilot's own track",
        *(0, 200, 400),
        tracks=(_example_pilot_track_along_equator("watch.gpx", -300, -300, -300),),
    ),
    _example_flight_to_distances(
        Outcome.NOT_ASSESSABLE,
        "a flight to 495 m from a pilot whose track has an error of 10 m",
        *(0, 495, 0),
        tracks=(_example_pilot_track_along_equator("watch.gpx", 0, 0, 0),),
    ),
    _example_flight_to_distances(
        Outcome.NOT_ASSESSABLE,
        "a flight to 300 m from the pilot's own track and 600 m from the pilot's device in the log",
        *(0, 600, 0),
        device=_LOST_DEVICE[:1],
        tracks=(_example_pilot_track_along_equator("watch.gpx", 300, 300, 300),),
    ),
    _example_flight_to_distances(
        Outcome.PASS,
        "a flight to 400 m from home beside a track of the pilot without times, which is not used",
        *(0, 400, 0),
        tracks=(
            _example_pilot_track_along_equator(
                "walk.kml", unusable_because="its points have no times"
            ),
        ),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log that names no home point",
        _example_track_at_distances(0, 700),
    ),
)
RULE = Rule(
    id="distance_limit",
    title="The aircraft stayed within its distance limit",
    parameters=DistanceLimitParameters,
    check=check,
    needs=_data_needs,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at=(
        "Position at every fix; the pilot's own track, else the position of the pilot's device, "
        "or the home point."
    ),
    not_assessable=(
        "The log is encrypted, or shows no position of the pilot, home point or take-off, or "
        "its position is known for too little of the time in the air, or it begins or ends there; "
        "or a distance from the pilot's own track lies within its error of the limit, or the track "
        "and the pilot's device contradict one another."
    ),
)

"""What a declared track says of one flight: where its owner was while the aircraft flew."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.common.plain_english import percent_text
from dji_audit.common.time_columns_to_unix_numbers import unix_seconds_of_times
from dji_audit.compliance.declared_tracks._declared_track import DeclaredTrack, Floats
from dji_audit.flights import Flight
from dji_audit.geo.geodesy import distances_between_point_pairs_m

#: Farther from a flight than this all the time, a track has nothing to do with it, metres.
NEAR_M = 5000.0
#: Beyond both errors, what the clocks of a device on the aircraft may differ by, seconds, and the
#: error of the aircraft's own position, metres.
_CLOCKS_S, _AIRCRAFT_ERROR_M = 3.0, 15.0
#: Share of the fixes that may lie farther apart than the errors explain, of a track that agrees.
_OUTSIDE_SHARE = 0.1
#: Fixes of a track that a page draws: more are thinned out.
_MOST_SHOWN = 2000


@dataclass(frozen=True, slots=True, eq=False)
class DeclaredTrackFlightComparison:
    """A declared track beside one flight: whether it was used, and what it says."""

    track: DeclaredTrack
    #: Whether it says anything of this flight.
    is_used: bool
    #: What it says, or why it is not used: a sentence.
    text: str
    #: Of the fixes of the flight in the air, for how many it says where its owner was, 0 to 1.
    share: float = 0.0
    #: Metres over the ground between its owner and the aircraft, and the error where the greatest
    #: is; NaN: not known.
    least_distance_m: float = np.nan
    greatest_distance_m: float = np.nan
    error_m: float = np.nan
    #: Of a device on the aircraft: whether it was where the aircraft was; ``None``: not compared.
    agrees: bool | None = None
    #: Row of the track of the flight where the distance is greatest, and the fix of this track
    #: next to it; -1: not known.
    farthest_row: int = -1
    farthest_fix: int = -1
    #: Its fixes while the flight lasts: milliseconds since 1970, latitude, longitude.
    shown_ms: tuple[int, ...] = ()
    shown_positions: tuple[tuple[float, float], ...] = ()


def compare_declared_tracks_with_flight(
    flight: Flight, tracks: Sequence[DeclaredTrack], is_airborne: npt.NDArray[np.bool_]
) -> tuple[DeclaredTrackFlightComparison, ...]:
    """Return what each declared track says of a flight; those of another time or place nothing.

    Args:
        flight: The flight.
        tracks: Those that the unit declares.
        is_airborne: Of each row of its track whether the aircraft was in the air.
    """
    found = []
    for track in tracks:
        beside = _compare_declared_track_with_flight(flight, track, is_airborne)
        if beside is not None:
            found.append(beside)
    return tuple(found)


def _compare_declared_track_with_flight(
    flight: Flight, track: DeclaredTrack, is_airborne: npt.NDArray[np.bool_]
) -> DeclaredTrackFlightComparison | None:
    if track.unusable_because:
        return DeclaredTrackFlightComparison(track, False, f"Not used: {track.unusable_because}.")
    seconds = unix_seconds_of_times(flight.track["time"])
    if not np.isfinite(seconds).any():
        if not len(flight.track):
            return None
        why = "the flight has no UTC, so that its clock and that of the track cannot be related"
        return DeclaredTrackFlightComparison(track, False, f"Not used: {why}.")
    rows = np.flatnonzero(is_airborne & np.isfinite(seconds))
    if not len(rows):
        rows = np.flatnonzero(np.isfinite(seconds))
    own = flight.track.iloc[rows]
    there = track.positions_at(seconds[rows])
    away_m = distances_between_point_pairs_m(
        own["latitude_deg"].to_numpy(np.float64),
        own["longitude_deg"].to_numpy(np.float64),
        there.latitude_deg,
        there.longitude_deg,
    )
    known = np.isfinite(away_m)
    if not known.any():
        return None
    least, greatest = float(np.nanmin(away_m)), float(np.nanmax(away_m))
    if least > NEAR_M:
        return None
    farthest = int(np.nanargmax(away_m))
    share = float(known.mean())
    agrees, text = _whether_device_agrees_and_sentence(track, flight, rows, away_m, there.error_m)
    shown = _fix_times_ms_and_positions_around_flight(
        track, float(np.nanmin(seconds)), float(np.nanmax(seconds))
    )
    return DeclaredTrackFlightComparison(
        track,
        True,
        f"{text} Known for {percent_text(share)} of the fixes in the air.",
        share,
        least,
        greatest,
        float(there.error_m[farthest]),
        agrees,
        int(rows[farthest]),
        int(there.fix_index[farthest]),
        *shown,
    )


def _whether_device_agrees_and_sentence(
    track: DeclaredTrack,
    flight: Flight,
    rows: npt.NDArray[np.intp],
    away_m: Floats,
    error_m: Floats,
) -> tuple[bool | None, str]:
    """Return whether a device on the aircraft agrees with its path, and a sentence."""
    least, greatest = float(np.nanmin(away_m)), float(np.nanmax(away_m))
    farthest = int(np.nanargmax(away_m))
    if track.owner == "aircraft":
        speed = flight.track["ground_speed_mps"].to_numpy(np.float64)[rows]
        allowed_m = error_m + _AIRCRAFT_ERROR_M + _CLOCKS_S * np.nan_to_num(speed, nan=15.0)
        known = np.isfinite(away_m)
        outside = float((away_m[known] > allowed_m[known]).mean())
        agrees = outside <= _OUTSIDE_SHARE
        word = "Confirms" if agrees else "Contradicts"
        return agrees, (
            f"{word} the path: the device was {np.median(away_m[known]):.0f} m from the aircraft "
            f"in the median, and farther than both errors explain at {percent_text(outside)} of "
            "the fixes."
        )
    if track.owner == "other-aircraft":
        nearest = int(np.nanargmin(away_m))
        return None, (
            f"It came within {least:,.0f} m over the ground (± {error_m[nearest]:.0f} m) of the "
            "aircraft."
        )
    return None, (
        f"The aircraft was up to {greatest:,.0f} m away over the ground "
        f"(± {error_m[farthest]:.0f} m)."
    )


def _fix_times_ms_and_positions_around_flight(
    track: DeclaredTrack, start_s: float, end_s: float
) -> tuple[tuple[int, ...], tuple[tuple[float, float], ...]]:
    """Return the fixes of a track while a flight lasts, and one before and behind it."""
    first = max(0, int(np.searchsorted(track.seconds, start_s)) - 1)
    last = min(len(track.seconds), int(np.searchsorted(track.seconds, end_s, "right")) + 1)
    rows = np.arange(first, last)
    if len(rows) > _MOST_SHOWN:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_SHOWN).round().astype(np.intp)]
    ms = np.round(track.seconds[rows] * 1000).astype(np.int64)
    positions = zip(
        track.latitude_deg[rows].tolist(), track.longitude_deg[rows].tolist(), strict=True
    )
    return tuple(ms.tolist()), tuple(positions)

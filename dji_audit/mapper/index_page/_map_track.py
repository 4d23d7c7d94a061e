"""What the map of many flights needs of one: its simplified track, and where its camera looked."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view import ANGLE_UNITS, HALF_UNITS, HEIGHT_UNITS, CameraPoses
from dji_audit.flights import Flight
from dji_audit.geo.local_plane import east_north_m
from dji_audit.geo.track_simplification import ValuesWithTolerance, indices_of_fixes_to_keep
from dji_audit.mapper.flight_page._camera_view import camera_view_as_json_data
from dji_audit.mapper.flight_page._delta_encoding import EncodedColumn, encode_column
from dji_audit.mapper.flight_page._page_track import GAP_MS, PageTrack, build_page_track
from dji_audit.mapper.html._escape import json_text_for_script_element
from dji_audit.mapper.html._folium import Bounds
from dji_audit.mapper.html._times import unix_ms

#: How far a simplified track may be off at any fix, in metres; half a unit of rounding included.
TRACK_TOLERANCE_M = 0.5
#: The same of heights in metres, of the camera's directions in degrees, and of half its field of
#: view as a tangent. The least error of a logged yaw is three times as large.
HEIGHT_TOLERANCE_M, ANGLE_TOLERANCE_DEG, HALF_FOV_TOLERANCE = 0.5, 1.0, 0.01

#: Units per degree of a position: 0.11 m.
_POSITION_UNITS = 10**6
#: What rounding a position to these units adds to its error, in metres.
_ROUNDING_M = 0.08

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlightMapTrack:
    """The track of a flight for the map of many flights."""

    #: The object that the script of the page reads: inert JSON.
    json: str
    bounds: Bounds
    fixes: int
    kept: int


def flight_map_track(flight: Flight, poses: CameraPoses) -> FlightMapTrack | None:
    """Return the track of a flight for the map of many flights; ``None``: it has no position.

    Args:
        flight: The flight.
        poses: Where its camera looked.
    """
    track = build_page_track(flight)
    bounds = track.bounds
    placed = np.flatnonzero(track.position_mask)
    if bounds is None or not len(placed):
        return None
    ms = track.ms[placed]
    latitude, longitude = track.latitude[placed], track.longitude[placed]
    height = flight.track["height_ato_m"].to_numpy(np.float64, na_value=np.nan)
    height = height[track.row_numbers][placed]
    gaps = np.flatnonzero(np.diff(ms) > GAP_MS)
    keep = _fixes_beside_state_changes_mask(flight, track, placed)
    keep[gaps] = keep[np.minimum(gaps + 1, len(ms) - 1)] = True
    east, north = east_north_m(latitude[0], longitude[0], latitude, longitude)
    kept = indices_of_fixes_to_keep(
        ms.astype(np.float64),
        [
            ValuesWithTolerance((east, north), TRACK_TOLERANCE_M - _ROUNDING_M),
            ValuesWithTolerance((height,), HEIGHT_TOLERANCE_M),
        ],
        keep,
    )
    is_timed = track.axis == "time"
    data: dict[str, object] = {
        "timed": is_timed,
        "kept": len(kept),
        "fixes": len(ms),
        "ms": encode_column(ms[kept], 1),
        "lat": encode_column(latitude[kept], _POSITION_UNITS),
        "lon": encode_column(longitude[kept], _POSITION_UNITS),
        "height": encode_column(height[kept], 10),
        # The sensors that recorded video from each kept fix to the next: bits.
        "recording": encode_column(track.recording[placed][kept], 1),
        # After which of the kept fixes the log is silent.
        "breaks": np.searchsorted(kept, gaps).tolist(),
        "camera": _camera_poses_for_map_viewer(poses) if is_timed else None,
    }
    return FlightMapTrack(json_text_for_script_element(data), bounds, len(ms), len(kept))


def _fixes_beside_state_changes_mask(
    flight: Flight, track: PageTrack, placed: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """Return the fixes on both sides of take-off, landing and each change of recording."""
    ms = track.ms[placed]
    recording = track.recording[placed]
    keep = np.zeros(len(ms), np.bool_)
    changes = np.flatnonzero(recording[1:] != recording[:-1])
    keep[changes] = keep[changes + 1] = True
    for time in (flight.takeoff, flight.landing):
        if track.axis == "time" and (at := unix_ms(time)) is not None:
            after = int(np.searchsorted(ms, at))
            keep[max(after - 1, 0) : after + 1] = True
    return keep


def _camera_poses_for_map_viewer(poses: CameraPoses) -> dict[str, object]:
    """Return where a camera looked, simplified, with what else says what was in its view."""
    settings = camera_view_as_json_data(poses)
    # The page of the flight has the ground model; here the ground is the plane of the take-off.
    settings["ground"] = None
    if settings["why_not"]:
        return {"why_not": settings["why_not"]}
    usable = poses.view_computable_mask
    angle_deg, tangent = _map_direction_and_fov_tolerances(poses)
    per_degree = ANGLE_UNITS // 10 if angle_deg >= 3 / ANGLE_UNITS * 10 else ANGLE_UNITS
    per_tangent = HALF_UNITS // 100 if tangent >= HALF_FOV_TOLERANCE else HALF_UNITS
    columns = {
        "height": (poses.height_ato_m, HEIGHT_TOLERANCE_M, HEIGHT_UNITS // 10),
        "yaw": (_unwrap_directions_deg(poses.yaw_deg), angle_deg, per_degree),
        "pitch": (poses.pitch_deg, angle_deg, per_degree),
        "roll": (poses.roll_deg, angle_deg, per_degree),
        "half_across": (poses.half_fov[0], tangent, per_tangent),
        "half_up": (poses.half_fov[1], tangent, per_tangent),
    }
    values = {name: np.where(usable, column, np.nan) for name, (column, _, _) in columns.items()}
    kept = indices_of_fixes_to_keep(
        poses.time_ms.astype(np.float64),
        [ValuesWithTolerance((values[name],), within) for name, (_, within, _) in columns.items()],
    )
    captures: Any = settings["captures"]
    settings["captures"] = [row for row in captures if row[2] != "photo"]
    return settings | {
        "kept": len(kept),
        "ms": encode_column(poses.time_ms[kept], 1),
        **{name: encode_column(values[name][kept], per) for name, (_, _, per) in columns.items()},
        "photos": _photo_columns_by_sensor(poses),
    }


def _map_direction_and_fov_tolerances(poses: CameraPoses) -> tuple[float, float]:
    """Return how far directions may be off, degrees, and half a field of view, as a tangent.

    A quarter of the narrowest half of the picture, where that is less: cameras of helicopters look
    through a few degrees, and one degree would move all of their picture.
    """
    half = np.minimum(*poses.half_fov)
    known = half[np.isfinite(half) & (half > 0)]
    quarter = float(known.min()) / 4 if len(known) else np.inf
    angle_deg = float(np.degrees(np.arctan(quarter)))
    return min(ANGLE_TOLERANCE_DEG, max(angle_deg, 0.05)), min(HALF_FOV_TOLERANCE, quarter)


def _unwrap_directions_deg(yaw_deg: Floats) -> Floats:
    """Return directions without jumps of a whole turn; NaN stays."""
    whole = yaw_deg.copy()
    known = np.isfinite(whole)
    whole[known] = np.unwrap(whole[known], period=360)
    return whole


def _photo_columns_by_sensor(poses: CameraPoses) -> list[dict[str, object]]:
    """Return the photos of each sensor and field of view: thousands of them fit in a column."""
    groups: dict[tuple[str, object], list[tuple[int, float]]] = defaultdict(list)
    for one in poses.captures:
        if one.kind == "photo":
            below = np.nan if one.ground_ato_m is None else one.ground_ato_m
            groups[one.sensor, one.half_fov].append((one.start_ms, below))
    found: list[dict[str, object]] = []
    for (sensor, half), photos in groups.items():
        ground: EncodedColumn | None = encode_column([height for _, height in photos], 10)
        found.append(
            {
                "sensor": sensor,
                "half": half,
                "count": len(photos),
                "ms": encode_column([start for start, _ in photos], 1),
                "ground": ground,
            }
        )
    return found

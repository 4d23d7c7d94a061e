"""When a point was in view, of which sensor, and how certain that is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view._camera_footprint import Floats, camera_axis_vectors
from dji_audit.camera_view._camera_poses import CameraPoses, CaptureWithFieldOfView
from dji_audit.camera_view._camera_table import HalfFov
from dji_audit.camera_view._field_of_view import ZoomStep, half_fov_tangents_at_times
from dji_audit.camera_view._ground_point_error import ground_and_cross_sight_error_radii_m
from dji_audit.geo.local_plane import east_north_m

UInt8s = npt.NDArray[np.uint8]

#: A view holds until the next fix, but no longer than this.
MAX_HOLD_MS = 5000
#: Sightings of one capture that are less apart than this are one.
JOIN_GAP_MS = 3000
#: Beyond, the ground is below the horizon of any camera that flies this low.
MAX_RANGE_M = 20_000.0
#: Points along a line of sight at which it is compared with the ground.
LINE_OF_SIGHT_STEPS = 48

#: How a point lay in the picture, the most certain first.
CERTAINTIES = {
    "inside": "in the picture by more than the error",
    "edge": "within the error of the edge of the picture",
    "bearing": "in the direction of the picture, but the line of sight is too flat to locate it",
}
_INSIDE, _EDGE, _BEARING, _NOT_IN_VIEW = 3, 2, 1, 0
_CERTAINTY_WORDS = {_INSIDE: "inside", _EDGE: "edge", _BEARING: "bearing"}


@dataclass(frozen=True, slots=True)
class PointSighting:
    """An interval in which a point was, or may have been, in view."""

    start_ms: int
    end_ms: int
    sensor: str
    #: ``video`` or ``photo``; ``None``: nothing shows that it was recorded.
    recorded: str | None
    #: One of `CERTAINTIES`: the highest of the interval.
    certainty: str
    #: The least 95 % error on the ground, metres; ``None`` for a bearing.
    error_m: float | None
    #: Along the ground and below the horizon when the error was least.
    range_m: float
    depression_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class PointInPictureAtEachFix:
    """How a point lay in the picture of a camera at each fix, shape ``(n,)``."""

    #: As numbers: the higher, the more certain; 0: it was not in view.
    certainty: UInt8s
    error_m: Floats
    range_m: Floats
    depression_deg: Floats

    @property
    def point_located_mask(self) -> npt.NDArray[np.bool_]:
        """Where the point lay in the picture, or within the error of its edge: no mere bearing."""
        return self.certainty >= _EDGE

    @property
    def with_bearing_only_as_not_in_view(self) -> "PointInPictureAtEachFix":
        """The same, with a mere bearing as not in view."""
        return replace(
            self, certainty=np.where(self.point_located_mask, self.certainty, _NOT_IN_VIEW)
        )

    def at_fixes_in_slice(self, rows: slice) -> "PointInPictureAtEachFix":
        """Return the same of some of the fixes."""
        return PointInPictureAtEachFix(
            self.certainty[rows], self.error_m[rows], self.range_m[rows], self.depression_deg[rows]
        )


def sightings_of_point(
    poses: CameraPoses,
    latitude_deg: float,
    longitude_deg: float,
    live: PointInPictureAtEachFix | None = None,
    *,
    in_captures: Mapping[HalfFov, PointInPictureAtEachFix] = MappingProxyType({}),
    with_bearings: bool = True,
) -> tuple[PointSighting, ...]:
    """Return when a point was in view, in time order.

    Each capture counts by itself, with its own sensor and field of view.  The time
    without a video counts with the widest camera: the pilot may have seen the point,
    though nothing shows that it was recorded.

    Args:
        poses: Of the camera.
        latitude_deg: Of the point, WGS 84.
        longitude_deg: Of the point, WGS 84.
        live: How it lay in the picture of the widest camera, if that was computed already.
        in_captures: The same by the field of view of captures over the same ground without zoom.
        with_bearings: Whether sightings that give only a bearing are wanted too.
    """
    if poses.unknown_view_reason:
        return ()
    sightings: list[PointSighting] = []
    idle = np.ones(len(poses.time_ms), bool)
    if live is None:
        live = certainty_of_point_in_view_at_each_fix(
            poses, latitude_deg, longitude_deg, poses.half_fov
        )
    live = live if with_bearings else live.with_bearing_only_as_not_in_view
    # Captures of one camera share its view.
    known: dict[
        tuple[HalfFov | None, float | None, tuple[ZoomStep, ...]], PointInPictureAtEachFix
    ] = {}
    known[None, None, ()] = live
    for half_fov, shown in in_captures.items():
        known[half_fov, None, ()] = (
            shown if with_bearings else shown.with_bearing_only_as_not_in_view
        )
    for recording in poses.captures:
        how = recording.half_fov, recording.ground_ato_m, recording.zoom_steps
        if how not in known:
            half = recording.half_fov or poses.half_fov
            if recording.zoom_steps:
                half = half_fov_tangents_at_times(recording.zoom_steps, poses.time_ms)
            own = certainty_of_point_in_view_at_each_fix(
                poses, latitude_deg, longitude_deg, half, recording.ground_ato_m
            )
            known[how] = own if with_bearings else own.with_bearing_only_as_not_in_view
        seen = known[how]
        if recording.kind == "photo":
            sightings += _iterate_sightings_in_photo(poses, seen, recording)
            continue
        rows = _slice_of_poses_between_times(poses, recording.start_ms, recording.end_ms)
        idle[rows] = False
        during = np.zeros(len(poses.time_ms), bool)
        during[
            _row_of_fix_whose_view_held_at_video_start(
                poses, rows.start, recording.start_ms
            ) : rows.stop
        ] = True
        for one in _sightings_during(poses, seen, during, recording.sensor, "video"):
            start, end = max(one.start_ms, recording.start_ms), min(one.end_ms, recording.end_ms)
            sightings.append(replace(one, start_ms=start, end_ms=end))
    sightings += _sightings_during(poses, live, idle, poses.sensor, None)
    return tuple(sorted(sightings, key=lambda one: (one.start_ms, one.end_ms, one.sensor)))


def _slice_of_poses_between_times(poses: CameraPoses, start_ms: int, end_ms: int) -> slice:
    first, last = np.searchsorted(poses.time_ms, [start_ms, end_ms], "left")
    return slice(int(first), max(int(first), int(last)))


def _row_of_fix_whose_view_held_at_video_start(poses: CameraPoses, row: int, start_ms: int) -> int:
    """Return the fix whose view held when a video began: the one before, if it held until then."""
    held = row > 0 and _view_end_of_each_fix_ms(poses, np.array([row - 1]))[0] > start_ms
    return row - 1 if held else row


def certainty_of_point_in_view_at_each_fix(
    poses: CameraPoses,
    latitude_deg: float,
    longitude_deg: float,
    half: tuple[Floats, Floats] | HalfFov,
    ground_ato_m: float | None = None,
) -> PointInPictureAtEachFix:
    """Return how a point lay in the picture of a camera at each fix.

    Args:
        poses: Of the camera; without a model of the ground, those of several flights may stand one
            after another.
        latitude_deg: Of the point, WGS 84.
        longitude_deg: Of the point, WGS 84.
        half: Tangents of half the field of view, across and up; NaN: not known.
        ground_ato_m: Height above take-off of the ground there, as measured; ``None``: by the
            model of the ground, or a plane.
    """
    drop, ground_error = _ground_below_takeoff_and_error_m(
        poses, latitude_deg, longitude_deg, ground_ato_m
    )
    height = poses.height_ato_m + drop
    east, north = east_north_m(poses.latitude_deg, poses.longitude_deg, latitude_deg, longitude_deg)
    reach = np.hypot(east, north)
    forward, right, up = camera_axis_vectors(poses.yaw_deg, poses.pitch_deg, poses.roll_deg)
    line = np.stack([east, north, -height], axis=-1)
    depth = (line * forward).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        across = np.abs((line * right).sum(axis=-1) / depth)
        above = np.abs((line * up).sum(axis=-1) / depth)
        margin = depth * np.minimum(half[0] - across, half[1] - above)
        depression = np.degrees(np.arctan2(height, reach))
        on_ground, in_picture = ground_and_cross_sight_error_radii_m(
            poses.errors, ground_error, height, reach, poses.speed_mps
        )
        known = poses.view_computable_mask & (depth > 0) & (height > 0) & (reach < MAX_RANGE_M)
        steep = known & (depression >= poses.min_depression_deg)
        state = np.zeros(len(poses.time_ms), np.uint8)
        state[known & ~steep & (margin >= 0)] = _BEARING
        state[steep & (margin > -in_picture)] = _EDGE
        state[steep & (margin >= in_picture)] = _INSIDE
    if poses.ground is not None:
        state[_hidden_by_terrain_mask(poses, state, latitude_deg, longitude_deg, drop)] = (
            _NOT_IN_VIEW
        )
    return PointInPictureAtEachFix(state, on_ground, reach, depression)


def _ground_below_takeoff_and_error_m(
    poses: CameraPoses, latitude_deg: float, longitude_deg: float, ground_ato_m: float | None
) -> tuple[float, float]:
    """Return how far the ground at a point lies below the take-off, and its error."""
    if ground_ato_m is not None:
        return -ground_ato_m, poses.errors.laser_m
    if poses.ground is not None:
        there = float(poses.ground.height_m([latitude_deg], [longitude_deg])[0])
        if np.isfinite(there):
            return -there, poses.errors.model_m
    return 0.0, poses.errors.plane_m


def _hidden_by_terrain_mask(
    poses: CameraPoses, state: UInt8s, latitude_deg: float, longitude_deg: float, drop: float
) -> npt.NDArray[np.bool_]:
    """Return at which fixes the ground rises above the line of sight by more than its error."""
    out = np.zeros(len(state), bool)
    rows = np.flatnonzero(state)
    if poses.ground is None or not len(rows):
        return out
    shares = (np.arange(LINE_OF_SIGHT_STEPS) + 1) / (LINE_OF_SIGHT_STEPS + 2)
    latitude = poses.latitude_deg[rows, None] * (1 - shares) + latitude_deg * shares
    longitude = poses.longitude_deg[rows, None]
    east = (longitude_deg - longitude + 180) % 360 - 180
    longitude = longitude + east * shares
    ground = poses.ground.height_m(latitude, longitude)
    line = poses.height_ato_m[rows, None] * (1 - shares) - drop * shares
    with np.errstate(invalid="ignore"):
        out[rows] = (ground > line + 2 * poses.errors.model_m).any(axis=1)
    return out


def _iterate_sightings_in_photo(
    poses: CameraPoses, seen: PointInPictureAtEachFix, recording: CaptureWithFieldOfView
) -> Iterator[PointSighting]:
    """Yield the sighting of a photo, if the point was in it."""
    row = int(np.searchsorted(poses.time_ms, recording.start_ms, "right")) - 1
    if row < 0 or recording.start_ms - int(poses.time_ms[row]) > MAX_HOLD_MS:
        return
    if seen.certainty[row]:
        one = _build_sighting(poses, seen, np.array([row]), recording.sensor, "photo")
        yield replace(one, start_ms=recording.start_ms, end_ms=recording.start_ms)


def _sightings_during(
    poses: CameraPoses,
    seen: PointInPictureAtEachFix,
    during: npt.NDArray[np.bool_],
    sensor: str,
    recorded: str | None,
) -> Iterator[PointSighting]:
    """Yield the intervals in which a point was in view, and those that give only a bearing."""
    shown = []
    for rows in _split_at_time_gaps(poses, np.flatnonzero(during & (seen.certainty >= _EDGE))):
        one = _build_sighting(poses, seen, rows, sensor, recorded)
        shown.append(one)
        yield one
    for rows in _split_at_time_gaps(poses, np.flatnonzero(during & (seen.certainty == _BEARING))):
        one = _build_sighting(poses, seen, rows, sensor, recorded)
        if not any(a.start_ms <= one.start_ms and one.end_ms <= a.end_ms for a in shown):
            yield one


def _split_at_time_gaps(
    poses: CameraPoses, rows: npt.NDArray[np.intp]
) -> list[npt.NDArray[np.intp]]:
    """Return rows in stretches that are less than `JOIN_GAP_MS` apart."""
    if not len(rows):
        return []
    apart = poses.time_ms[rows[1:]] - _view_end_of_each_fix_ms(poses, rows[:-1]) >= JOIN_GAP_MS
    return np.split(rows, np.flatnonzero(apart) + 1)


def _view_end_of_each_fix_ms(
    poses: CameraPoses, rows: npt.NDArray[np.intp]
) -> npt.NDArray[np.int64]:
    """Return until when the view of each fix holds: to the next fix, if that is near."""
    following = np.minimum(rows + 1, len(poses.time_ms) - 1)
    until = poses.time_ms[following]
    return np.where(until - poses.time_ms[rows] <= MAX_HOLD_MS, until, poses.time_ms[rows])


def _build_sighting(
    poses: CameraPoses,
    seen: PointInPictureAtEachFix,
    rows: npt.NDArray[np.intp],
    sensor: str,
    recorded: str | None,
) -> PointSighting:
    surest = int(seen.certainty[rows].max())
    best = rows[seen.certainty[rows] == surest]
    best = best[int(np.argmin(seen.error_m[best]))]
    return PointSighting(
        int(poses.time_ms[rows[0]]),
        int(_view_end_of_each_fix_ms(poses, rows[-1:])[0]),
        sensor,
        recorded,
        _CERTAINTY_WORDS[surest],
        None if surest == _BEARING else float(seen.error_m[best]),
        float(seen.range_m[best]),
        float(seen.depression_deg[best]),
    )

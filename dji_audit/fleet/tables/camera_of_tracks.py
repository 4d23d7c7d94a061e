"""Where the cameras of simplified tracks looked, once a second: of many tracks at once.

Directions are simplified to within 1 degree, or a quarter of half a field of view that is
narrower, and the ground is the plane of the take-off, or of the stated corners.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view import CameraPoses, CaptureFieldOfView
from dji_audit.fleet.tables.packed_columns import unpack_column, unpack_columns
from dji_audit.fleet.tables.simplified_track import SimplifiedTrack
from dji_audit.geo.geodesy import metres_per_degree

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

_SECOND_MS = 1000
#: Apart by more than this, two instants tell no speed.
_MAX_SPEED_GAP_MS = 5000
#: No flight lasts longer: more is damage.
_LONGEST_MS = 10 * 86_400_000
#: Tables that an earlier version wrote do not say it; that it is known is why there is a camera.
_SOURCE_NOT_KEPT = "known, and from where these tables do not say"
_POSE_COLUMNS = ("height", "yaw", "pitch", "roll", "half_across", "half_up")


@dataclass(frozen=True, slots=True, eq=False)
class CamerasOfTracks:
    """The cameras of several tracks, whose poses stand one after another in one object."""

    cameras: tuple[Mapping[str, Any], ...]
    #: Of all tracks; without captures, and with the least of their ``min_depression_deg``.
    poses: CameraPoses
    #: Of each track, in ``poses``.
    rows: tuple[slice, ...]

    def poses_of_track(self, index: int) -> CameraPoses:
        """Return the poses of one track, with its captures."""
        camera, rows = self.cameras[index], self.rows[index]
        whole = self.poses
        across, up = whole.half_fov
        return replace(
            whole,
            time_ms=whole.time_ms[rows],
            latitude_deg=whole.latitude_deg[rows],
            longitude_deg=whole.longitude_deg[rows],
            height_ato_m=whole.height_ato_m[rows],
            yaw_deg=whole.yaw_deg[rows],
            pitch_deg=whole.pitch_deg[rows],
            logged_roll_deg=whole.logged_roll_deg[rows],
            speed_mps=whole.speed_mps[rows],
            half_fov=(across[rows], up[rows]),
            sensor=str(camera["sensor"]),
            captures=_captures_of_camera(camera),
            fov_source=str(camera.get("source", _SOURCE_NOT_KEPT)),
            is_from_stated_corners=bool(camera.get("from_corners")),
            min_depression_deg=float(camera["shallow_deg"]),
        )


def second_count(track: SimplifiedTrack) -> int:
    """Return at most how many instants the camera of a track is given at."""
    spans = (int(track.ms[it.stop - 1] - track.ms[it.start]) for it in track.parts)
    return sum(max(span, 0) // _SECOND_MS + 2 for span in spans)


def cameras_of_tracks(tracks: Sequence[SimplifiedTrack]) -> CamerasOfTracks:
    """Return the cameras of tracks, of each of which it is known where it looked.

    Raises:
        ValueError: If what is kept of one is damaged; others of ``PACKED_TRACK_DAMAGE`` too.
    """
    cameras = tuple(it.camera for it in tracks if it.camera is not None)
    if len(cameras) != len(tracks):
        raise ValueError("of a track it is not known where its camera looked")
    seconds = _each_second(tracks)
    counts = np.array([int(it["kept"]) for it in cameras], np.int64)
    if (counts < 1).any():
        raise ValueError("a camera has no direction")
    kept_ms = unpack_columns([it["ms"] for it in cameras], counts)
    kept = np.stack(
        [unpack_columns([it[name] for it in cameras], counts) for name in _POSE_COLUMNS]
    )
    values = _interpolate_between_kept(kept_ms, counts, kept, seconds)
    values[:, ~np.isfinite(seconds.latitude_deg)] = np.nan
    height, yaw, pitch, roll, across, up = values
    ends = np.cumsum(seconds.counts).tolist()
    poses = CameraPoses(
        time_ms=seconds.ms,
        latitude_deg=seconds.latitude_deg,
        longitude_deg=seconds.longitude_deg,
        height_ato_m=height,
        yaw_deg=yaw,
        pitch_deg=pitch,
        logged_roll_deg=roll,
        speed_mps=_speeds(seconds),
        half_fov=(across, up),
        sensor="",
        captures=(),
        fov_source="",
        fov_grade="",
        min_depression_deg=min((float(it["shallow_deg"]) for it in cameras), default=0.0),
    )
    rows = tuple(slice(start, end) for start, end in zip([0, *ends], ends, strict=False))
    return CamerasOfTracks(cameras, poses, rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Seconds:
    """Instants each second, with both ends of each part, and where the aircraft was then."""

    ms: Longs
    latitude_deg: Floats
    longitude_deg: Floats
    #: Number of the track of each.
    track: Longs
    #: How many each track has.
    counts: Longs


def _each_second(tracks: Sequence[SimplifiedTrack]) -> _Seconds:
    parts = [(number, part) for number, track in enumerate(tracks) for part in track.parts]
    track_of_part = np.array([number for number, _ in parts], np.int64)
    fixes = np.array([part.stop - part.start for _, part in parts], np.int64)
    ms, latitude, longitude = (
        np.concatenate([getattr(tracks[number], name)[part] for number, part in parts])
        for name in ("ms", "latitude_deg", "longitude_deg")
    )
    last_fix = np.cumsum(fixes) - 1
    first_fix = last_fix - fixes + 1
    start, last = ms[first_fix], ms[last_fix]
    if (last < start).any() or (last - start).sum() > _LONGEST_MS * len(tracks):
        raise ValueError("its times go back, or it lasts longer than any flight")
    # Each second from the start of a part, and its end.
    counts = -(-(last - start) // _SECOND_MS) + 1
    part = np.repeat(np.arange(len(parts)), counts)
    number = np.arange(len(part)) - np.repeat(np.cumsum(counts) - counts, counts)
    times = np.minimum(start[part] + number * _SECOND_MS, last[part])
    # Keys that rise from part to part, so that one search finds the fixes of all.
    key = int((last - start).max()) + 1
    fix_part = np.repeat(np.arange(len(parts)), fixes)
    before = np.searchsorted(
        fix_part * key + (ms - start[fix_part]), part * key + (times - start[part]), "right"
    )
    before = np.clip(before - 1, first_fix[part], last_fix[part])
    after = np.minimum(before + 1, last_fix[part])
    span = (ms[after] - ms[before]).astype(np.float64)
    since = (times - ms[before]).astype(np.float64)
    moves = (span > 0) & (since > 0)
    span[~moves] = 1.0

    def at_times(values: Floats) -> Floats:
        here = values[before]
        found: Floats = np.where(moves, (values[after] - here) / span * since + here, here)
        return found

    track = track_of_part[part]
    return _Seconds(
        times,
        at_times(latitude),
        at_times(longitude),
        track,
        np.bincount(track, minlength=len(tracks)),
    )


def _interpolate_between_kept(
    kept_ms: Floats, counts: Longs, kept: Floats, seconds: _Seconds
) -> Floats:
    """Return values between those that are kept; NaN before the first, and beside what is NaN.

    Args:
        kept_ms: When they are kept, of all tracks, shape ``(n,)``.
        counts: How many each track has.
        kept: The values, shape ``(columns, n)``.
        seconds: When they are wanted.
    """
    track = np.repeat(np.arange(len(counts)), counts)
    times = seconds.ms.astype(np.float64)
    if not np.isfinite(kept_ms).all():
        raise ValueError("a camera has no time")
    least = min(float(kept_ms.min()), float(times.min()))
    key = max(float(kept_ms.max()), float(times.max())) - least + 1.0
    if key * len(counts) >= 2**53:
        raise ValueError("its times are farther apart than those of flights")
    before = np.searchsorted(
        track * key + (kept_ms - least), seconds.track * key + (times - least), "right"
    )
    ends = np.cumsum(counts)
    before -= 1
    inside = before >= (ends - counts)[seconds.track]
    before = np.maximum(before, (ends - counts)[seconds.track])
    after = np.minimum(before + 1, ends[seconds.track] - 1)
    span = kept_ms[after] - kept_ms[before]
    share = np.clip(
        np.where(span > 0, (times - kept_ms[before]) / np.where(span > 0, span, 1), 0), 0, 1
    )
    here = kept[:, before]
    # A fix of which the camera is known stands for itself, also before one of which it is not.
    between = here + np.where(share > 0, (kept[:, after] - here) * share, 0.0)
    found: Floats = np.where(inside, between, np.nan)
    return found


def _speeds(seconds: _Seconds) -> Floats:
    """Return the speed over ground from each instant to the next, m/s; NaN: not known."""
    times, latitude, longitude = seconds.ms, seconds.latitude_deg, seconds.longitude_deg
    speeds = np.full(len(times), np.nan)
    north_m, east_m = metres_per_degree(latitude[:-1])
    away = np.hypot(np.diff(latitude) * north_m, np.diff(longitude) * east_m)
    gaps = np.diff(times)
    near = (gaps > 0) & (gaps < _MAX_SPEED_GAP_MS) & (np.diff(seconds.track) == 0)
    speeds[:-1][near] = away[near] / gaps[near] * 1000
    return speeds


def _captures_of_camera(camera: Mapping[str, Any]) -> tuple[CaptureFieldOfView, ...]:
    return tuple(sorted(_unsorted_captures(camera), key=lambda it: it.start_ms))


def _unsorted_captures(camera: Mapping[str, Any]) -> Iterator[CaptureFieldOfView]:
    for start, end, kind, sensor, half, ground, zoom_steps in camera["captures"]:
        yield CaptureFieldOfView(
            int(start),
            int(end),
            str(kind),
            str(sensor),
            None if half is None else (float(half[0]), float(half[1])),
            None if ground is None else float(ground),
            tuple((int(at), float(across), float(up)) for at, across, up in zoom_steps),
        )
    for photos in camera["photos"]:
        count = int(photos["count"])
        half = photos["half"]
        below = unpack_column(photos["ground"], count)
        for at, ground in zip(unpack_column(photos["ms"], count), below, strict=True):
            yield CaptureFieldOfView(
                int(at),
                int(at),
                "photo",
                str(photos["sensor"]),
                None if half is None else (float(half[0]), float(half[1])),
                None if np.isnan(ground) else float(ground),
            )

"""Where the cameras of simplified tracks looked, once a second: of many tracks at once.

Directions are simplified to within 1 degree, or a quarter of half a field of view that is
narrower, and the ground is the plane of the take-off, or of the stated corners.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view import CameraPoses, CaptureWithFieldOfView
from dji_audit.fleet.tables.packed_columns import (
    PackedTrackError,
    Records,
    packed_column_sizes_bytes,
    refuse_inexact_times,
    refuse_run_length_encoded_columns,
    slice_each_byte_string,
    unpack_columns,
)
from dji_audit.fleet.tables.packed_track_layout import (
    CAMERA_COLUMNS,
    CAMERA_HEAD,
    CAPTURE_RECORD,
    PHOTOS_RECORD,
    ZOOM_STEP_RECORD,
)
from dji_audit.fleet.tables.unpack_simplified_tracks import SimplifiedTrack
from dji_audit.geo.geodesy import metres_per_latitude_and_longitude_degree

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

_SECOND_MS = 1000
#: Apart by more than this, two instants tell no speed.
_MAX_SPEED_GAP_MS = 5000
#: No flight lasts longer: more is damage.
_LONGEST_MS = 10 * 86_400_000
#: No camera takes more photos in a flight: more is damage.
_MOST_PHOTOS = 1 << 21
#: What follows the columns of a camera: how many the head says, and of which type.
_CAPTURE_PARTS = (
    ("captures", CAPTURE_RECORD),
    ("zoom_steps", ZOOM_STEP_RECORD),
    ("photos", PHOTOS_RECORD),
)


@dataclass(frozen=True, slots=True, eq=False)
class CamerasOfTracks:
    """The cameras of several tracks, whose poses stand one after another in one object."""

    #: Their heads (``CAMERA_HEAD``), shape ``(n,)``.
    heads: Records
    #: What follows the columns of each: captures, photos and words.
    packed_captures: tuple[bytes, ...]
    #: Of all tracks; without captures, and with the least of their ``min_depression_deg``.
    poses: CameraPoses
    #: Of each track, in ``poses``.
    rows: tuple[slice, ...]

    def poses_of_track(self, index: int) -> CameraPoses:
        """Return the poses of one track, with its captures.

        Raises:
            PackedTrackError: If its captures are damaged.
        """
        head, rows = self.heads[index], self.rows[index]
        captures, sensor, source = _captures_sensor_and_source(head, self.packed_captures[index])
        return self.poses_of_rows(
            rows,
            sensor=sensor,
            captures=captures,
            fov_source=source,
            is_from_stated_corners=bool(head["from_corners"]),
            min_depression_deg=float(head["shallow_deg"]),
        )

    def poses_of_rows(self, rows: slice | Longs, **settings: Any) -> CameraPoses:
        """Return some of the poses, with other settings."""
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
            **settings,
        )


def max_camera_instant_count(track: SimplifiedTrack) -> int:
    """Return at most how many instants the camera of a track is given at."""
    spans = (int(track.ms[it.stop - 1] - track.ms[it.start]) for it in track.parts)
    return sum(max(span, 0) // _SECOND_MS + 2 for span in spans)


def cameras_of_tracks(tracks: Sequence[SimplifiedTrack]) -> CamerasOfTracks:
    """Return the cameras of tracks, of each of which it is known where it looked.

    Raises:
        PackedTrackError: If what is kept of one is damaged.
    """
    packed = [it.camera for it in tracks if it.camera is not None]
    if len(packed) != len(tracks) or any(len(it) < CAMERA_HEAD.itemsize for it in packed):
        raise PackedTrackError("of a track it is not known where its camera looked")
    heads = np.frombuffer(b"".join([it[: CAMERA_HEAD.itemsize] for it in packed]), CAMERA_HEAD)
    if not np.isfinite(heads["shallow_deg"]).all():
        raise PackedTrackError("of a camera it is not known how flat it may look")
    seconds = _positions_of_tracks_each_second(tracks)
    counts, columns = heads["directions"].astype(np.int64), heads["columns"]
    stops = CAMERA_HEAD.itemsize + np.cumsum(packed_column_sizes_bytes(columns), axis=1)
    if (stops[:, -1] > [len(it) for it in packed]).any():
        raise PackedTrackError("a camera is cut short")
    starts = np.column_stack([np.full(len(packed), CAMERA_HEAD.itemsize), stops[:, :-1]])
    refuse_run_length_encoded_columns(columns[:, 0], counts)
    kept_ms, *kept = (
        unpack_columns(
            columns[:, index],
            counts,
            slice_each_byte_string(packed, starts[:, index], stops[:, index]),
        )
        for index in range(len(CAMERA_COLUMNS))
    )
    refuse_inexact_times(kept_ms)
    values = _interpolate_stored_values_each_second(kept_ms, counts, np.stack(kept), seconds)
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
        speed_mps=_speeds_over_ground(seconds),
        half_fov=(across, up),
        sensor="",
        captures=(),
        fov_source="",
        fov_grade="",
        min_depression_deg=float(heads["shallow_deg"].min(initial=90.0)),
    )
    rows = tuple(slice(start, end) for start, end in zip([0, *ends], ends, strict=False))
    captures = tuple(it[stop:] for it, stop in zip(packed, stops[:, -1].tolist(), strict=True))
    return CamerasOfTracks(heads, captures, poses, rows)


@dataclass(frozen=True, slots=True, eq=False)
class _PositionsEachSecond:
    """Instants each second, with both ends of each part, and where the aircraft was then."""

    ms: Longs
    latitude_deg: Floats
    longitude_deg: Floats
    #: Number of the track of each.
    track: Longs
    #: How many each track has.
    counts: Longs


def _positions_of_tracks_each_second(tracks: Sequence[SimplifiedTrack]) -> _PositionsEachSecond:
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
        raise PackedTrackError("its times go back, or it lasts longer than any flight")
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
    return _PositionsEachSecond(
        times,
        at_times(latitude),
        at_times(longitude),
        track,
        np.bincount(track, minlength=len(tracks)),
    )


def _interpolate_stored_values_each_second(
    kept_ms: Floats, counts: Longs, kept: Floats, seconds: _PositionsEachSecond
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
    least = min(float(kept_ms.min()), float(times.min()))
    key = max(float(kept_ms.max()), float(times.max())) - least + 1.0
    if key * len(counts) >= 2**53:
        raise PackedTrackError("its times are farther apart than those of flights")
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


def _speeds_over_ground(seconds: _PositionsEachSecond) -> Floats:
    """Return the speed over ground from each instant to the next, m/s; NaN: not known."""
    times, latitude, longitude = seconds.ms, seconds.latitude_deg, seconds.longitude_deg
    speeds = np.full(len(times), np.nan)
    north_m, east_m = metres_per_latitude_and_longitude_degree(latitude[:-1])
    away = np.hypot(np.diff(latitude) * north_m, np.diff(longitude) * east_m)
    gaps = np.diff(times)
    near = (gaps > 0) & (gaps < _MAX_SPEED_GAP_MS) & (np.diff(seconds.track) == 0)
    speeds[:-1][near] = away[near] / gaps[near] * 1000
    return speeds


def _captures_sensor_and_source(
    head: np.void, packed: bytes
) -> tuple[tuple[CaptureWithFieldOfView, ...], str, str]:
    """Return the captures of a camera in order of time, its sensor, and what its view rests on.

    Args:
        head: Of the camera.
        packed: What follows its columns.
    """
    words_start = len(packed) - int(head["word_bytes"])
    if not words_start and not any(head[name] for name, _ in _CAPTURE_PARTS):
        words = _decode_packed_camera_texts(packed, 2)
        return (), words[0], words[1]
    records, start = [], 0
    for name, record in _CAPTURE_PARTS:
        stop = start + int(head[name]) * record.itemsize
        if stop > words_start:
            raise PackedTrackError("the captures of a camera are cut short")
        records.append(np.frombuffer(packed[start:stop], record))
        start = stop
    captures, zoom_steps, photos = records
    if words_start != start + int(packed_column_sizes_bytes(photos["columns"]).sum()):
        raise PackedTrackError("the captures of a camera are cut short, or longer than they say")
    named = [*captures["kind"].tolist(), *captures["sensor"].tolist(), *photos["sensor"].tolist()]
    words = _decode_packed_camera_texts(packed[words_start:], max([1, *named]) + 1)
    found = [
        *_non_photo_captures_with_field_of_view(captures, zoom_steps, words),
        *_photo_captures_with_field_of_view(photos, packed[start:words_start], words),
    ]
    return tuple(sorted(found, key=lambda it: it.start_ms)), words[0], words[1]


def _decode_packed_camera_texts(packed: bytes, least: int) -> list[str]:
    """Return words, of which there must be so many."""
    try:
        words = packed.decode().split("\0")
    except UnicodeDecodeError as error:
        raise PackedTrackError("the words of a camera are damaged") from error
    if len(words) < least:
        raise PackedTrackError("a word of a camera is missing")
    return words


def _non_photo_captures_with_field_of_view(
    captures: Records, zoom_steps: Records, words: Sequence[str]
) -> Iterator[CaptureWithFieldOfView]:
    """Yield all captures that are no photos, in the order in which they are kept."""
    steps = [(at, *half) for at, half in zoom_steps.tolist()]
    counts = captures["zoom_steps"].astype(np.int64)
    if int(counts.sum()) != len(steps):
        raise PackedTrackError("the zoom of a camera is damaged")
    times = (captures["start_ms"], captures["end_ms"], zoom_steps["ms"])
    refuse_inexact_times(np.concatenate(times).astype(np.float64))
    stops = np.cumsum(counts).tolist()
    for row, stop in zip(captures.tolist(), stops, strict=True):
        start_ms, end_ms, half, ground, kind, sensor, count = row
        yield CaptureWithFieldOfView(
            start_ms,
            end_ms,
            words[kind],
            words[sensor],
            _half_fov_or_none(half),
            None if np.isnan(ground) else ground,
            tuple(steps[stop - count : stop]),
        )


def _photo_captures_with_field_of_view(
    photos: Records, packed: bytes, words: Sequence[str]
) -> Iterator[CaptureWithFieldOfView]:
    if int(photos["count"].astype(np.int64).sum()) > _MOST_PHOTOS:
        raise PackedTrackError("a camera has more photos than any takes in a flight")
    stop = 0
    for record in photos:
        counts = np.array([record["count"]], np.int64)
        columns = record["columns"]
        refuse_run_length_encoded_columns(columns[:1], counts)
        values = []
        for index, length in enumerate(packed_column_sizes_bytes(columns).tolist()):
            own = packed[stop : stop + length]
            values.append(unpack_columns(columns[index : index + 1], counts, [own]))
            stop += length
        times, grounds = values
        refuse_inexact_times(times)
        sensor, half = words[int(record["sensor"])], _half_fov_or_none(record["half"].tolist())
        for at, ground in zip(times.tolist(), grounds.tolist(), strict=True):
            yield CaptureWithFieldOfView(
                int(at), int(at), "photo", sensor, half, None if np.isnan(ground) else ground
            )


def _half_fov_or_none(half: Sequence[float]) -> tuple[float, float] | None:
    across, up = half
    return None if np.isnan(across) else (across, up)

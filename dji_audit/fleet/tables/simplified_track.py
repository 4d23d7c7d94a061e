"""Simplified tracks as the tables keep them: positions and camera at any instant."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view import CameraPoses, CaptureFieldOfView
from dji_audit.geo.geodesy import metres_per_degree
from dji_audit.mapper.index_page._map_track import TRACK_TOLERANCE_M

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

#: No packed track is larger than this when it is unpacked, in bytes.
_LARGEST = 256 << 20
#: Apart by more than this, two instants tell no speed.
_MAX_SPEED_GAP_MS = 5000
_POSE_COLUMNS = ("height", "yaw", "pitch", "roll", "half_across", "half_up")


class PackedTrackError(Exception):
    """The bytes of a table are no track; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class SimplifiedTrack:
    """Fixes between which the aircraft flew in straight lines, evenly in time.

    At every fix of the log it is within ``tolerance_m`` of where the log puts it at that instant.
    """

    #: Whether ``ms`` is milliseconds since 1970; else it counts fixes.
    is_timed: bool
    ms: Longs
    latitude_deg: Floats
    #: Continuous: beyond 180 across the date line.
    longitude_deg: Floats
    #: Above take-off; NaN: not known.
    height_ato_m: Floats
    #: Stretches between which the log is silent.
    parts: tuple[slice, ...]
    tolerance_m: float
    #: What is kept of the camera; ``None``: it is not known where it looked.
    camera: Mapping[str, Any] | None

    def camera_poses(self) -> CameraPoses | None:
        """Return the camera once a second; ``None``: it is not known where it looked.

        Its directions are simplified to within 1 degree, or a quarter of half a field of view that
        is narrower, and the ground is the plane of the take-off, or of the stated corners.
        """
        camera = self.camera
        if camera is None:
            return None
        count = int(camera["kept"])
        camera_ms = _decode_column(camera["ms"], count)
        times, latitude, longitude = self._each_second()
        poses = {
            name: _interpolate_between_kept(camera_ms, _decode_column(camera[name], count), times)
            for name in _POSE_COLUMNS
        }
        is_known = np.isfinite(latitude)
        for values in poses.values():
            values[~is_known] = np.nan
        return CameraPoses(
            time_ms=times,
            latitude_deg=latitude,
            longitude_deg=longitude,
            height_ato_m=poses["height"],
            yaw_deg=poses["yaw"],
            pitch_deg=poses["pitch"],
            logged_roll_deg=poses["roll"],
            speed_mps=_speeds(times, latitude, longitude),
            half_fov=(poses["half_across"], poses["half_up"]),
            sensor=str(camera["sensor"]),
            captures=_decode_captures(camera),
            fov_source=str(camera.get("source", "")),
            fov_grade="",
            is_from_stated_corners=bool(camera.get("from_corners")),
            min_depression_deg=float(camera["shallow_deg"]),
        )

    def _each_second(self) -> tuple[Longs, Floats, Floats]:
        """Return instants each second, with both ends of each part, and where it was then."""
        times = [
            np.unique(np.append(np.arange(self.ms[it.start], self.ms[it.stop - 1], 1000), last))
            for it in self.parts
            for last in (self.ms[it.stop - 1],)
        ]
        values: list[list[Floats]] = [[], []]
        for part, instants in zip(self.parts, times, strict=True):
            own = self.ms[part].astype(np.float64)
            columns = (self.latitude_deg, self.longitude_deg)
            for found, column in zip(values, columns, strict=True):
                found.append(np.interp(instants.astype(np.float64), own, column[part]))
        latitude, longitude = (np.concatenate(it) for it in values)
        return np.concatenate(times).astype(np.int64), latitude, longitude


def unpack_track(packed: bytes) -> SimplifiedTrack:
    """Return the track in the bytes of a table.

    Raises:
        PackedTrackError: If they are none of this version.
    """
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, _LARGEST)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise PackedTrackError("a track of the tables is cut short or too large")
        whole = json.loads(text)
        count = int(whole["kept"])
        ms = _decode_column(whole["ms"], count)
        if not count or not np.isfinite(ms).all():
            raise PackedTrackError("a track of the tables has no fix")
        edges = [0, *(int(it) + 1 for it in whole["breaks"]), count]
        camera = whole["camera"]
        return SimplifiedTrack(
            is_timed=bool(whole["timed"]),
            ms=ms.astype(np.int64),
            latitude_deg=_decode_column(whole["lat"], count),
            longitude_deg=_decode_column(whole["lon"], count),
            height_ato_m=_decode_column(whole["height"], count),
            parts=tuple(slice(first, last) for first, last in pairwise(edges) if first < last),
            tolerance_m=TRACK_TOLERANCE_M,
            camera=None if not camera or camera.get("why_not") else camera,
        )
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise PackedTrackError(f"a track of the tables is damaged: {error}") from error


def _decode_column(encoded: Mapping[str, Any] | None, count: int) -> Floats:
    """Return the values of an encoded column, shape ``(count,)``; NaN is missing.

    Raises:
        ValueError: If it has another number of values.
    """
    if encoded is None:
        return np.full(count, np.nan)
    if "runs" in encoded:
        runs: Sequence[int | None] = encoded["runs"]
        counts = np.array(runs[1::2], np.int64)
        if counts.sum() != count or (counts < 0).any():
            raise ValueError("a column has another length than its track")
        values = np.repeat(_with_nan(runs[0::2]), counts)
    else:
        steps = _with_nan(encoded["delta"])
        if len(steps) != count:
            raise ValueError("a column has another length than its track")
        known = np.isfinite(steps)
        values = np.full(count, np.nan)
        values[known] = np.cumsum(steps[known])
    scaled: Floats = values / int(encoded["per"])
    return scaled


def _with_nan(values: Sequence[int | None]) -> Floats:
    return np.array([np.nan if it is None else it for it in values], np.float64)


def _interpolate_between_kept(at: Floats, values: Floats, times: Longs) -> Floats:
    """Return values between those that are kept; NaN before the first, and beside what is NaN."""
    before = np.searchsorted(at, times, "right") - 1
    inside = before >= 0
    before = np.maximum(before, 0)
    after = np.minimum(before + 1, len(at) - 1)
    span = at[after] - at[before]
    share = np.clip(np.where(span > 0, (times - at[before]) / np.where(span > 0, span, 1), 0), 0, 1)
    # A fix of which the camera is known stands for itself, also before one of which it is not.
    between = values[before] + np.where(share > 0, (values[after] - values[before]) * share, 0.0)
    found: Floats = np.where(inside, np.where(share > 0, between, values[before]), np.nan)
    return found


def _speeds(times: Longs, latitude: Floats, longitude: Floats) -> Floats:
    """Return the speed over ground from each instant to the next, m/s; NaN: not known."""
    speeds = np.full(len(times), np.nan)
    if len(times) < 2:
        return speeds
    north_m, east_m = metres_per_degree(latitude[:-1])
    away = np.hypot(np.diff(latitude) * north_m, np.diff(longitude) * east_m)
    gaps = np.diff(times)
    near = (gaps > 0) & (gaps < _MAX_SPEED_GAP_MS)
    speeds[:-1][near] = away[near] / gaps[near] * 1000
    return speeds


def _decode_captures(camera: Mapping[str, Any]) -> tuple[CaptureFieldOfView, ...]:
    found = [
        CaptureFieldOfView(
            int(start),
            int(end),
            str(kind),
            str(sensor),
            None if half is None else (float(half[0]), float(half[1])),
            None if ground is None else float(ground),
            tuple((int(at), float(across), float(up)) for at, across, up in zoom_steps),
        )
        for start, end, kind, sensor, half, ground, zoom_steps in camera["captures"]
    ]
    for photos in camera["photos"]:
        count = int(photos["count"])
        half = photos["half"]
        below = _decode_column(photos["ground"], count)
        for at, ground in zip(_decode_column(photos["ms"], count), below, strict=True):
            found.append(
                CaptureFieldOfView(
                    int(at),
                    int(at),
                    "photo",
                    str(photos["sensor"]),
                    None if half is None else (float(half[0]), float(half[1])),
                    None if np.isnan(ground) else float(ground),
                )
            )
    return tuple(sorted(found, key=lambda it: it.start_ms))

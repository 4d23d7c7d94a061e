"""The field of view of a camera: at each fix of a flight, and in each of its captures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view._camera_footprint import Floats
from dji_audit.camera_view._camera_table import (
    Camera,
    HalfFov,
    cameras_with_name,
    half_fov_tangents_from_logged_fov,
)
from dji_audit.camera_view._flight_typing_protocols import ClockAlignmentLike, FlightLike

if TYPE_CHECKING:
    import pandas as pd

    import parsers

IntArray = npt.NDArray[np.int64]
#: An instant, milliseconds since 1970, and the tangents of half the field of view from then on.
ZoomStep = tuple[int, float, float]

#: Units per one to which the tangents of half a field of view are rounded, as on a page.
HALF_UNITS = 10**6


@dataclass(frozen=True, slots=True, eq=False)
class WidestFovPerFix:
    """The field of view of the widest camera at each fix, and how it is known."""

    half_fov: tuple[Floats, Floats]
    sensor: str
    source: str
    grade: str


#: Source of a field of view that the log does not state, by grade.
_GRADE_SOURCES = {
    "table": "table of cameras",
    "declared": "declared by the unit",
    "unverified": "table of cameras, not verified",
}


@dataclass(frozen=True, slots=True)
class CaptureFov:
    """The field of view of a capture."""

    #: The widest; ``None``: that of the widest camera.
    half_fov: HalfFov | None
    #: The field of view from each instant on, where it changed.
    zoom_steps: tuple[ZoomStep, ...] = ()
    #: Whether a file of the capture itself states it.
    is_stated: bool = False


def widest_fov_per_fix(
    flight: FlightLike, ms: IntArray, cameras: Sequence[Camera]
) -> WidestFovPerFix:
    """Return the field of view of the widest camera at each fix.

    Args:
        flight: The flight.
        ms: Times of the fixes.
        cameras: Those that are used where no log states a field of view.
    """
    for source_index, log in enumerate(flight.logs):
        alignment, timed = flight.sources[source_index].alignment, _fovs_with_time(log)
        if timed and alignment.is_aligned:
            steps = [
                _zoom_step_of_logged_field_of_view(lens, lens.time, alignment)
                for lens in timed
                if lens.time is not None
            ]
            half = half_fov_tangents_at_times(steps, ms)
            return WidestFovPerFix(half, timed[0].sensor, _fov_source_text(log, timed), "stated")
    alone = flight.logs[0]
    if alone.fields_of_view:
        lens = max(alone.fields_of_view, key=half_fov_tangents_from_logged_fov)
        return WidestFovPerFix(
            _constant_half_fov_arrays(half_fov_tangents_from_logged_fov(lens), ms),
            lens.sensor,
            _fov_source_text(alone, [lens]),
            "stated",
        )
    if not cameras:
        return WidestFovPerFix(_constant_half_fov_arrays((np.nan, np.nan), ms), "unknown", "", "")
    camera = max(cameras, key=lambda camera: camera.half_fov)
    words = f"{_GRADE_SOURCES[camera.grade]}: {camera.name} ({camera.source})"
    words += "; its zoom is not logged, so the widest view is used" if camera.has_zoom else ""
    return WidestFovPerFix(
        _constant_half_fov_arrays(camera.half_fov, ms), camera.sensor, words, camera.grade
    )


def half_fov_tangents_at_times(steps: Sequence[ZoomStep], ms: IntArray) -> tuple[Floats, Floats]:
    """Return the half field of view at some times; before the first step, that of the first."""
    starts = np.array([step[0] for step in steps])
    halves = np.array([step[1:] for step in steps])
    at = np.clip(np.searchsorted(starts, ms, "right") - 1, 0, None)
    return halves[at, 0], halves[at, 1]


def capture_fov(
    flight: FlightLike,
    capture_sources: Sequence[tuple[int, int]],
    sensor: str,
    cameras: Sequence[Camera],
) -> CaptureFov:
    """Return the field of view of a capture.

    Args:
        flight: The flight.
        capture_sources: Each log that shows the capture, and the byte that does.
        sensor: The sensor that recorded it.
        cameras: Those that are used where no log states a field of view.
    """
    for source_index, offset in capture_sources:
        stated = _logged_fovs_of_capture_at_byte_offset(flight.logs[source_index], offset)
        if stated:
            steps = _fov_changes_of_capture(stated, flight.sources[source_index].alignment)
            return CaptureFov(
                _rounded_half_fov_tangents(
                    max(half_fov_tangents_from_logged_fov(lens) for lens in stated)
                ),
                steps,
                True,
            )
    if any(_fovs_with_time(log) for log in flight.logs):
        return CaptureFov(None)
    fitting = [camera for camera in cameras if camera.sensor == sensor]
    return CaptureFov(
        _rounded_half_fov_tangents(max(camera.half_fov for camera in fitting)) if fitting else None
    )


def cameras_of_flight(flight: FlightLike, declared: Sequence[Camera]) -> tuple[Camera, ...]:
    """Return the cameras that a log names, else those declared, else those of the aircraft."""
    for log in flight.logs:
        if found := cameras_with_name(log.aircraft.camera_model):
            return found
    if declared:
        return tuple(declared)
    models = (log.aircraft.model for log in flight.logs)
    return next((found for model in models if (found := cameras_with_name(model))), ())


def _logged_fovs_of_capture_at_byte_offset(
    log: "parsers.Log", offset: int
) -> "list[parsers.FieldOfView]":
    """Return the fields of view that a log states for the capture at a byte, in time order."""
    if not log.fields_of_view:
        return []
    following = log.captures["source_offset"].to_numpy(np.int64)
    following = following[following > offset]
    end = int(following.min()) if len(following) else None
    return [
        lens
        for lens in log.fields_of_view
        if lens.source_offset == offset
        or (
            lens.local_time is not None
            and lens.source_offset > offset
            and (end is None or lens.source_offset < end)
        )
    ]


def _fov_changes_of_capture(
    stated: "Sequence[parsers.FieldOfView]", alignment: ClockAlignmentLike
) -> tuple[ZoomStep, ...]:
    """Return the field of view of a capture from each instant on; empty if it never changed."""
    timed = [(lens, lens.local_time) for lens in stated if lens.local_time is not None]
    if len(timed) < 2 or not alignment.is_aligned:
        return ()
    return tuple(_zoom_step_of_logged_field_of_view(lens, time, alignment) for lens, time in timed)


def _zoom_step_of_logged_field_of_view(
    lens: "parsers.FieldOfView", time: "pd.Timestamp", alignment: ClockAlignmentLike
) -> ZoomStep:
    moved = int(alignment.aligned_ns(np.array([time.as_unit("ns").value]))[0])
    return moved // 10**6, *_rounded_half_fov_tangents(half_fov_tangents_from_logged_fov(lens))


def _fovs_with_time(log: "parsers.Log") -> "list[parsers.FieldOfView]":
    """Return the timed fields of view of a log that records its camera through a flight."""
    return (
        [lens for lens in log.fields_of_view if lens.time is not None] if len(log.track) > 1 else []
    )


def _fov_source_text(log: "parsers.Log", lenses: "Sequence[parsers.FieldOfView]") -> str:
    return f"{lenses[0].record} of {log.source.name}"


def _constant_half_fov_arrays(half: HalfFov, ms: IntArray) -> tuple[Floats, Floats]:
    across, up = _rounded_half_fov_tangents(half)
    return np.full(len(ms), across), np.full(len(ms), up)


def _rounded_half_fov_tangents(half: HalfFov) -> HalfFov:
    if math.isnan(half[0]):
        return half
    return round(half[0] * HALF_UNITS) / HALF_UNITS, round(half[1] * HALF_UNITS) / HALF_UNITS

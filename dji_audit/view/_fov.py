"""How wide a camera saw: at each fix of a flight, and in each of its recordings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.view._cameras import Camera, Half, half_of, named_cameras
from dji_audit.view._geometry import Floats
from dji_audit.view._protocols import Placed, Told

Longs = npt.NDArray[np.int64]
#: From an instant on, milliseconds since 1970: the half-field across and up.
Step = tuple[int, float, float]

#: Units to one, to which the tangents of half a field of view are rounded: what a page carries.
HALF_UNITS = 10**6


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """How wide the widest camera saw at each fix, and how that is known."""

    half: tuple[Floats, Floats]
    sensor: str
    words: str
    grade: str


#: Who says how wide a camera saw that the log does not state, by grade.
_TELLERS = {
    "table": "table of cameras",
    "declared": "declared by the unit",
    "unverified": "table of cameras, not verified",
}


@dataclass(frozen=True, slots=True)
class Width:
    """How wide a recording saw."""

    #: The widest; ``None``: as the widest camera.
    half: Half | None
    #: From when on how wide, where that changed.
    zoom: tuple[Step, ...] = ()
    #: Whether a file of the recording itself states it.
    stated: bool = False


def widest(flight: Told, ms: Longs, cameras: Sequence[Camera]) -> Field:
    """Return how wide the widest camera saw at each fix.

    Args:
        flight: The flight.
        ms: Times of the fixes.
        cameras: Those that count where no log states a field of view.
    """
    for told_by, log in enumerate(flight.logs):
        placing, timed = flight.tellings[told_by].placing, _timed(log)
        if timed and placing.placed:
            steps = [_step(lens, lens.time, placing) for lens in timed if lens.time is not None]
            half = field_at(steps, ms)
            return Field(half, timed[0].sensor, _said_by(log, timed), "stated")
    alone = flight.logs[0]
    if alone.lenses:
        lens = max(alone.lenses, key=half_of)
        return Field(_constant(half_of(lens), ms), lens.sensor, _said_by(alone, [lens]), "stated")
    if not cameras:
        return Field(_constant((np.nan, np.nan), ms), "unknown", "", "")
    camera = max(cameras, key=lambda camera: camera.half)
    words = f"{_TELLERS[camera.grade]}: {camera.name} ({camera.source})"
    words += "; its zoom is not logged: at its widest" if camera.zooms else ""
    return Field(_constant(camera.half, ms), camera.sensor, words, camera.grade)


def field_at(steps: Sequence[Step], ms: Longs) -> tuple[Floats, Floats]:
    """Return the half-field at each of some times; before the first word of it, as that says."""
    starts = np.array([step[0] for step in steps])
    halves = np.array([step[1:] for step in steps])
    at = np.clip(np.searchsorted(starts, ms, "right") - 1, 0, None)
    return halves[at, 0], halves[at, 1]


def of_recording(
    flight: Told, own: Sequence[tuple[int, int]], sensor: str, cameras: Sequence[Camera]
) -> Width:
    """Return how wide a recording saw.

    Args:
        flight: The flight.
        own: Each log that shows the recording, and the byte that does.
        sensor: What recorded it.
        cameras: Those that count where no log states a field of view.
    """
    for told_by, offset in own:
        stated = _of_capture(flight.logs[told_by], offset)
        if stated:
            steps = _steps(stated, flight.tellings[told_by].placing)
            return Width(_rounded(max(half_of(lens) for lens in stated)), steps, True)
    if any(_timed(log) for log in flight.logs):
        return Width(None)
    fitting = [camera for camera in cameras if camera.sensor == sensor]
    return Width(_rounded(max(camera.half for camera in fitting)) if fitting else None)


def cameras_for(flight: Told, declared: Sequence[Camera]) -> tuple[Camera, ...]:
    """Return the cameras that a log names, else those declared, else those of the aircraft."""
    for log in flight.logs:
        if found := named_cameras(log.aircraft.camera_model):
            return found
    if declared:
        return tuple(declared)
    models = (log.aircraft.model for log in flight.logs)
    return next((found for model in models if (found := named_cameras(model))), ())


def _of_capture(log: parsers.Log, offset: int) -> list[parsers.Lens]:
    """Return the lenses that a log states of the capture that begins at a byte, in time order."""
    if not log.lenses:
        return []
    following = log.captures["source_offset"].to_numpy(np.int64)
    following = following[following > offset]
    end = int(following.min()) if len(following) else None
    return [
        lens
        for lens in log.lenses
        if lens.source_offset == offset
        or (
            lens.own_time is not None
            and lens.source_offset > offset
            and (end is None or lens.source_offset < end)
        )
    ]


def _steps(stated: Sequence[parsers.Lens], placing: Placed) -> tuple[Step, ...]:
    """Return from when on a recording saw how wide; empty where it never changed."""
    timed = [(lens, lens.own_time) for lens in stated if lens.own_time is not None]
    if len(timed) < 2 or not placing.placed:
        return ()
    return tuple(_step(lens, time, placing) for lens, time in timed)


def _step(lens: parsers.Lens, time: pd.Timestamp, placing: Placed) -> Step:
    moved = int(placing.moved_ns(np.array([time.as_unit("ns").value]))[0])
    return moved // 10**6, *_rounded(half_of(lens))


def _timed(log: parsers.Log) -> list[parsers.Lens]:
    """Return the lenses of a log that follows its camera through a flight, with their times."""
    return [lens for lens in log.lenses if lens.time is not None] if len(log.track) > 1 else []


def _said_by(log: parsers.Log, lenses: Sequence[parsers.Lens]) -> str:
    return f"{lenses[0].record} of {log.source.name}"


def _constant(half: Half, ms: Longs) -> tuple[Floats, Floats]:
    across, up = _rounded(half)
    return np.full(len(ms), across), np.full(len(ms), up)


def _rounded(half: Half) -> Half:
    if math.isnan(half[0]):
        return half
    return round(half[0] * HALF_UNITS) / HALF_UNITS, round(half[1] * HALF_UNITS) / HALF_UNITS

"""Recordings in a subtitle file: one for each clip, separated where the wall clock jumps.

Files of several clips that were joined have a time code that runs on, or one that begins again at
each; the wall clock shows which cues belong together.  A clip that the camera cut into files of
4 GB goes on by the wall clock and is one recording.  Without a wall clock only a time code that
goes back shows a new clip.  A lone cue whose clock disagrees with both of its neighbours, which
agree with each other, is damage and not a clip.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._subtitle_telemetry import SubtitleTelemetry
from ._vectorised_parsing import Floats, Instants

_LEAST_JUMP_S = 2.0
_EXPOSURE_KEYS = ("iso", "shutter", "ev", "ss", "tv")
_BRACKETED_DIALECTS = ("bracket-altitude", "bracket-rel-abs", "bracket-gimbal", "payload")
#: 35 mm equivalents of the thermal cameras of the M3T and M30T, M4T, H30T and H20T.
_THERMAL_FOCAL_MM = (40.0, 52.0, 53.0, 58.0)


@dataclass(frozen=True, slots=True)
class SubtitleRecording:
    """One recording: cues ``first`` to ``last``, both included."""

    first: int
    last: int
    #: By the aircraft's clock, of no known zone; ``None``: the cues carry no clock.
    wall_start: np.datetime64 | None
    wall_end: np.datetime64 | None
    #: By the wall clock, else by the time code; NaN if neither says.
    duration_s: float
    sensor: str
    #: Why the sensor is held to be what it is.
    reasons: tuple[str, ...]


def find_recordings(subtitles: SubtitleTelemetry, name: str) -> tuple[SubtitleRecording, ...]:
    """Return the recordings in file order; cues without telemetry belong to no recording.

    Args:
        subtitles: The cues.
        name: The name of the file; a ``_T`` at its end means a thermal camera.
    """
    cue_rows = np.flatnonzero(subtitles.telemetry_mask)
    if not len(cue_rows):
        return ()
    begins = np.concatenate([[0], 1 + np.flatnonzero(_recording_break_mask(subtitles, cue_rows))])
    ends = np.append(begins[1:], len(cue_rows))
    return tuple(
        _build_subtitle_recording(subtitles, cue_rows[begin:end], name)
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
    )


def recording_index_of_each_cue(
    subtitles: SubtitleTelemetry, recordings: tuple[SubtitleRecording, ...]
) -> npt.NDArray[np.int64]:
    """Return the number of the recording, from 0, that each cue belongs to.

    -1 for a cue without telemetry, one that is not whole, and one that stood in the file before.
    """
    out = np.full(len(subtitles), -1, np.int64)
    for number, period in enumerate(recordings):
        out[period.first : period.last + 1] = number
    out[
        ~subtitles.telemetry_mask | subtitles.repeated_cue_mask | subtitles.incomplete_cue_mask
    ] = -1
    return out


def _recording_break_mask(
    subtitles: SubtitleTelemetry, cue_rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return after which of the cues another recording begins, shape ``(len(cue_rows) - 1,)``."""
    if len(cue_rows) < 2:
        return np.zeros(0, bool)
    start = subtitles.cues.start_s[cue_rows]
    wall = _seconds_since_2010_of_wall_clocks(subtitles.wall_clock_of_each_cue[cue_rows])
    if np.isnan(start).all():  # no time codes: the numbers of the cues run on instead
        start = subtitles.cues.numbers[cue_rows].astype(np.float64) * _median_cue_step_s(wall)
    out = _wall_clock_jump_mask(start, wall, _least_pause_between_recordings_s(subtitles, cue_rows))
    clocked = ~np.isnan(wall)
    changed = clocked[1:] != clocked[:-1]
    # One cue of another kind is damage; two in a row are another camera.
    changed &= np.append(clocked[2:] == clocked[1:-1], False)
    changed &= np.insert(clocked[1:-1] == clocked[:-2], 0, True)
    return np.asarray(out | changed)


def _wall_clock_jump_mask(start: Floats, wall: Floats, most: float) -> npt.NDArray[np.bool_]:
    """Return where clock and time code part by more than ``most`` seconds."""
    out = np.zeros(max(0, len(wall) - 1), bool)
    known = np.flatnonzero(~np.isnan(wall))
    if len(known) < 2:
        back = start[1:] < start[:-1] - most
        return np.asarray(back)
    clock, code = wall[known], start[known]
    step = np.diff(clock)
    expected = np.diff(code)
    usual = _median_cue_step_s(clock)
    expected = np.where(np.isnan(expected), usual, expected)
    apart = (abs(step - expected) > most) & (abs(step - usual) > most)
    # Damage: this one is apart from both neighbours, and these are together.
    across = clock[2:] - clock[:-2]
    together = abs(across - (expected[1:] + expected[:-1])) <= most
    together |= abs(across - 2 * usual) <= most
    lone = apart[:-1] & apart[1:] & together
    apart[:-1] &= ~lone
    apart[1:] &= ~lone
    out[known[1:][apart] - 1] = True
    return out


def _median_cue_step_s(clock: Floats) -> float:
    steps = np.diff(clock[~np.isnan(clock)])
    return float(np.median(steps)) if len(steps) else 1.0


def _least_pause_between_recordings_s(
    subtitles: SubtitleTelemetry, cue_rows: npt.NDArray[np.int64]
) -> float:
    intervals = subtitles.number_of_first_key_in_each_cue("difftime")[cue_rows] / 1000
    usual = float(np.nanmedian(intervals)) if np.isfinite(intervals).any() else 0.0
    return max(_LEAST_JUMP_S, 3 * usual)


def _seconds_since_2010_of_wall_clocks(wall: Instants) -> Floats:
    since = (wall - np.datetime64("2010-01-01", "us")) / np.timedelta64(1, "s")
    return np.asarray(since, np.float64)


def _build_subtitle_recording(
    subtitles: SubtitleTelemetry, rows: npt.NDArray[np.int64], name: str
) -> SubtitleRecording:
    cues = subtitles.cues
    wall = subtitles.wall_clock_of_each_cue[rows]
    wall = wall[~np.isnat(wall)]
    code = cues.start_s[rows]
    lasted = float(cues.end_s[rows[-1]] - cues.start_s[rows[-1]])
    lasted = 0.0 if np.isnan(lasted) or lasted < 0 else lasted
    start = end = None
    duration = float(code[-1] - code[0]) + lasted
    if len(wall):
        start, end = wall[0], wall[-1] + np.timedelta64(round(lasted * 1e6), "us")
        duration = float((end - start) / np.timedelta64(1, "s"))
    sensor, reasons = _sensor_and_reasons(subtitles, rows, name)
    if not duration >= 0:
        end, duration = start, float("nan")
    return SubtitleRecording(int(rows[0]), int(rows[-1]), start, end, duration, sensor, reasons)


def _sensor_and_reasons(
    subtitles: SubtitleTelemetry, rows: npt.NDArray[np.int64], name: str
) -> tuple[str, tuple[str, ...]]:
    """Return the sensor and the reasons, judged from the keys of most of the cues."""
    names = {
        subtitles.dialects[kind] for kind in set(subtitles.dialect_index_of_each_cue[rows].tolist())
    }
    with_exposure = float(subtitles.any_key_mask(*_EXPOSURE_KEYS)[rows].mean())
    with_position = float(subtitles.any_key_mask("latitude", "longitude")[rows].mean())
    stem = name.rpartition(".")[0].upper()
    if with_exposure > 0.5:
        disagreeing = ("but the name ends in _T, as of a thermal file",)
        if stem.endswith("_T"):
            return "unknown", ("the cues state an exposure", *disagreeing)
        reason = "the cues state an exposure (ISO, shutter), which thermal cameras do not"
        return "visible", (reason,)
    if not names & set(_BRACKETED_DIALECTS) or with_position <= 0.5:
        by_name = stem.endswith("_T")
        if by_name and names & {"gps-barometer", *_BRACKETED_DIALECTS}:
            return "thermal", ("the name ends in _T",)
        return "unknown", ()
    reasons = ["position but no ISO, shutter or exposure bias"]
    focal = subtitles.number_of_first_key_in_each_cue("focal_len")[rows]
    if np.isin(focal, _THERMAL_FOCAL_MM).mean() > 0.5:
        reasons.append(f"the focal length {focal[0]:g} mm of a thermal camera")
    if (subtitles.number_of_first_key_in_each_cue("fnum")[rows] == 1).mean() > 0.5:
        reasons.append("the stop f/1.0 of a thermal camera")
    if stem.endswith("_T"):
        reasons.append("the name ends in _T")
    return "thermal", tuple(reasons)

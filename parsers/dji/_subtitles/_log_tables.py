"""The tables of a subtitle log: recordings, captures, events and records."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._clocks._move_local_times_out_of_tables import elapsed_seconds_to_ns
from ..._model import Clock, FieldOfView
from .._field_of_view import horizontal_and_vertical_fov_deg
from ._position_axis_order import GpsPositionOfEachCueAndAxisOrderBasis
from ._subtitle_recordings import SubtitleRecording
from ._subtitle_telemetry import SubtitleTelemetry

#: Shown one by one in the notes of the clock.
_MOST_NOTES = 20
NAT = np.iinfo(np.int64).min
#: If time code and clock disagree by more, the time code is not a finer count of the clock.
_LARGEST_DISAGREEMENT_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class CueRecords:
    """Every cue with all its values, and the number of the recording it belongs to."""

    subtitles: SubtitleTelemetry
    recording_of_cue: npt.NDArray[np.int64]
    positions: GpsPositionOfEachCueAndAxisOrderBasis

    def __len__(self) -> int:
        """Return the number of cues."""
        return len(self.subtitles)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each cue; recordings count from 1, 0 means no recording."""
        frame = self.subtitles.to_dataframe()
        frame.insert(2, "recording", self.recording_of_cue + 1)
        if self.positions.axis_orders:  # the numbers of GPS(…), each under its name
            frame["latitude_deg"] = self.positions.latitude_deg
            frame["longitude_deg"] = self.positions.longitude_deg
        return frame


@dataclass(frozen=True, slots=True)
class RecordingRecords:
    """The recordings, with all that helps to align the cues with other logs."""

    subtitles: SubtitleTelemetry
    recordings: tuple[SubtitleRecording, ...]

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self.recordings)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each recording; the wall clock is of no known zone."""
        cues = self.subtitles.cues
        return pd.DataFrame(
            [
                {
                    "offset": int(cues.offsets[recording.first]),
                    "length": int(cues.ends[recording.last] - cues.offsets[recording.first]),
                    "recording": number,
                    "cues": recording.last - recording.first + 1,
                    "wall_start": recording.wall_start,
                    "wall_end": recording.wall_end,
                    "duration_s": recording.duration_s,
                    "sensor": recording.sensor,
                    "reasons": "; ".join(recording.reasons),
                }
                for number, recording in enumerate(self.recordings, 1)
            ]
        )


def fields_of_view(
    subtitles: SubtitleTelemetry,
    recordings: tuple[SubtitleRecording, ...],
    own_ns: npt.NDArray[np.int64],
) -> tuple[FieldOfView, ...]:
    """Return the fields of view of each recording that states focal lengths, as they change.

    Of a recording with cues that have no time the widest stands for all of it.
    """
    # What is not stated is 0, which is no focal length and no zoom: NaN would equal nothing.
    focal, zoom = (
        np.nan_to_num(subtitles.number_of_first_key_in_each_cue(*names), nan=0.0)
        for names in (("focal_len",), ("dzoom_ratio", "dzoom"))
    )
    changes = np.flatnonzero((np.diff(focal, prepend=-1) != 0) | (np.diff(zoom, prepend=-1) != 0))
    out: list[FieldOfView] = []
    for recording in recordings:
        shape = (5, 4) if recording.sensor == "thermal" else (4, 3)
        begin, end = np.searchsorted(changes, [recording.first, recording.last], "right").tolist()
        rows = [recording.first, *changes[begin:end].tolist()]
        stated = [
            (row, horizontal_and_vertical_fov_deg(focal[row], zoom[row], shape)) for row in rows
        ]
        known = [(row, field) for row, field in stated if field is not None]
        steps = known[:1] + [b for a, b in pairwise(known) if a[1] != b[1]]
        if len(steps) > 1 and all(own_ns[row] != NAT for row, _ in steps):
            for row, field in steps:
                time = pd.Timestamp(int(own_ns[row]))
                at = int(subtitles.cues.offsets[row])
                out.append(FieldOfView(None, recording.sensor, *field, "cue.focal_len", at, time))
        elif steps:
            at = int(subtitles.cues.offsets[recording.first])
            widest = max(field for _, field in steps)
            out.append(FieldOfView(None, recording.sensor, *widest, "cue.focal_len", at))
    return tuple(out)


def subtitle_clock(
    subtitles: SubtitleTelemetry, recordings: tuple[SubtitleRecording, ...]
) -> Clock:
    """Return the clock: the aircraft's, set to local time, and never taken for UTC."""
    clocked = [recording for recording in recordings if recording.wall_start is not None]
    if not clocked:
        note = "the cues carry no clock, only seconds since the recording began"
        return Clock(None, notes=(note,))
    notes = [
        "the zone of the clock is not known, so no row has a time;"
        ' records("cue") holds wall_clock, and offsets there are the source_offset of rows',
        f"recordings: {len(recordings)}",
    ]
    notes += [
        f"recording {number}: {recording_time_span_text(recording)}"
        for number, recording in enumerate(recordings, 1)
    ]
    return Clock("local wall clock, zone not known", notes=tuple(notes[: _MOST_NOTES + 2]))


def recording_time_span_text(recording: SubtitleRecording) -> str:
    """Return when a recording was, and how long, in words."""
    seconds = "" if np.isnan(recording.duration_s) else f"{recording.duration_s:.1f} s"
    if recording.wall_start is None:
        return f"{seconds or 'of unknown length'}, at a time that is not stated"
    first, last = (_instant_text(instant) for instant in (recording.wall_start, recording.wall_end))
    return f"{first} to {last} by the aircraft's clock, zone not known{seconds and f' ({seconds})'}"


def _instant_text(instant: np.datetime64 | None) -> str:
    return str(np.datetime_as_string(instant, "ms")).replace("T", " ") if instant else ""


def media_capture_rows(
    subtitles: SubtitleTelemetry, recordings: tuple[SubtitleRecording, ...]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each recording, with the times of ``Log.local_times``: they are no UTC."""
    walled = any(recording.wall_start is not None for recording in recordings)
    for recording in recordings:
        span = recording_time_span_text(recording)
        source = f"cues {recording.first + 1} to {recording.last + 1}: {span}"
        if recording.reasons:
            source += f"; sensor {recording.sensor} by inference: {', '.join(recording.reasons)}"
        start, end = recording.wall_start, recording.wall_end
        if not walled:
            start, end = _timecode_start_and_end_of_recording(subtitles, recording)
        yield {
            "start": start,
            "end": end,
            "sensor": recording.sensor,
            "kind": "video",
            "source": source,
            "grade": "reported",
            "source_offset": int(subtitles.cues.offsets[recording.first]),
        }


def clock_kind_and_ns_of_each_cue(
    subtitles: SubtitleTelemetry, recordings: tuple[SubtitleRecording, ...]
) -> tuple[str, npt.NDArray[np.int64]]:
    """Return the kind of clock, ``wall`` or ``elapsed``, and its nanoseconds at each cue.

    A wall clock repeats itself and skips: the time code is the finer count, and is
    aligned with the clock by the median difference of the two within a recording.
    """
    code = elapsed_seconds_to_ns(subtitles.cues.start_s)
    if all(recording.wall_start is None for recording in recordings):
        return "elapsed", code
    out = subtitles.wall_clock_of_each_cue.astype("datetime64[ns]").view(np.int64).copy()
    for recording in recordings:
        rows = slice(recording.first, recording.last + 1)
        both = (out[rows] != NAT) & (code[rows] != NAT)
        if recording.wall_start is None or not both.any():
            continue
        apart = (out[rows] - code[rows])[both]
        if np.ptp(apart) <= _LARGEST_DISAGREEMENT_NS:
            out[rows] = np.where(code[rows] != NAT, code[rows] + int(np.median(apart)), NAT)
    return "wall", out


def _timecode_start_and_end_of_recording(
    subtitles: SubtitleTelemetry, recording: SubtitleRecording
) -> tuple[np.datetime64 | None, np.datetime64 | None]:
    """Return begin and end of a recording by the time code."""
    start = float(subtitles.cues.start_s[recording.first])
    if np.isnan(start):
        return None, None
    ends = np.array([start, start + recording.duration_s])
    begin, end = elapsed_seconds_to_ns(ends).view("datetime64[ns]")
    return begin, end


def clock_jump_events(
    subtitles: SubtitleTelemetry, recordings: tuple[SubtitleRecording, ...]
) -> Iterator[dict[str, Any]]:
    """Yield an event for each jump of the wall clock, where another recording begins."""
    for before, after in pairwise(recordings):
        if before.wall_end is None or after.wall_start is None:
            continue
        jump = float((after.wall_start - before.wall_end) / np.timedelta64(1, "s"))
        yield {
            "time": after.wall_start,
            "kind": "clock",
            "severity": "info",
            "grade": "inferred",
            "text": f"the wall clock jumps by {jump:.1f} s: another recording begins",
            "value": jump,
            "record": "cue.clock",
            "source_offset": int(subtitles.cues.offsets[after.first]),
        }

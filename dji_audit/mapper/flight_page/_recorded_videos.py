"""The videos that a reviewer can open beside the map: when each began, and how it is recognised.

A video is known by its SHA-256 where the file was audited; else by its name, if a file beside it
was audited or a log names it; else only by how long it lasted.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from dji_audit.common.data_frame_rows_as_mappings import rows_as_mappings
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.flights import ALIGNMENT_METHODS, Flight, FlightSource, shared_name_of_capture_files
from dji_audit.mapper.html._times import unix_ms

#: A row of the flight's captures.
Row = dict[str, Any]

_VIDEO_FORMAT = "video"
#: A log notes the start of a recording with its next record, not with the first picture.
_LOGGED_START_ERROR_MS = 1000
#: Part of the shorter of two intervals that both share where they are the same recording.
_MIN_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class RecordedVideo:
    """A video file, or a recording whose file is not known; times by the flight's clock."""

    #: Row of the flight's captures that it is of.
    recording: int
    sensor: str
    #: When its first picture was taken, and its last one; ``None``: not known.
    start_ms: int
    end_ms: int | None
    #: By how much the start may be off; ``None``: not known.
    start_error_ms: int | None
    #: Which clock gives the start, in words.
    clock: str
    #: The name of the file, or of one beside it; ``None``: no name is known.
    name: str | None
    #: ``None``: the file itself was not audited.
    size: int | None = None
    sha256: str | None = None
    #: How long the recording lasted by the flight's logs, milliseconds; ``None``: not known, or it
    #: has several files.
    recorded_ms: int | None = None


class _TimedVideoCapture(NamedTuple):
    """A video capture that one media file states, by the flight's clock."""

    source: FlightSource
    number: int
    start_ms: int
    end_ms: int | None

    @property
    def error_ms(self) -> float:
        """By how much its times may be off; infinite: not known."""
        error = self.source.alignment.uncertainty_s
        return float("inf") if error is None else 1000 * error


def recorded_videos(flight: Flight) -> list[RecordedVideo]:
    """Return the videos of a flight in order of their start; those without a start are left out."""
    rows = [
        (index, row)
        for index, row in enumerate(rows_as_mappings(flight.captures))
        if row["kind"] == "video" and unix_ms(row["start"]) is not None
    ]
    by_recording: dict[int, list[RecordedVideo]] = defaultdict(list)
    for captures in _iterate_captures_of_each_recording(flight):
        found = _index_of_matching_capture_row(rows, captures[0])
        if found is not None:
            by_recording[found] += _video_files_of_recording(found, flight, captures)
    for index, row in rows:
        if index not in by_recording:
            by_recording[index].append(_recorded_video_known_only_from_logs(index, row, flight))
        elif (
            len({shared_name_of_capture_files(video.name or "") for video in by_recording[index]})
            == 1
        ):
            recorded_ms = _recorded_length_ms(row)
            by_recording[index] = [
                replace(video, recorded_ms=recorded_ms) for video in by_recording[index]
            ]
    videos = [video for each in by_recording.values() for video in each]
    return sorted(videos, key=lambda video: (video.start_ms, video.sensor, video.name or ""))


def _recorded_length_ms(row: Row) -> int | None:
    start, end = unix_ms(row["start"]), unix_ms(row["end"])
    return None if start is None or end is None else end - start


def recorded_videos_as_json_data(flight: Flight) -> list[dict[str, object]]:
    """Return the videos as the viewer reads them; every text made visible."""
    return [
        {
            "recording": video.recording,
            "sensor": truncated_visible_text(video.sensor),
            "start": video.start_ms,
            "end": video.end_ms,
            "error": video.start_error_ms,
            "clock": truncated_visible_text(video.clock),
            "name": None if video.name is None else truncated_visible_text(video.name),
            "size": video.size,
            "sha256": video.sha256,
            "recorded": video.recorded_ms,
        }
        for video in recorded_videos(flight)
    ]


def _iterate_captures_of_each_recording(flight: Flight) -> Iterator[list[_TimedVideoCapture]]:
    """Yield the captures of media files, those of one recording together, the best timed first."""
    groups: dict[tuple[str, int], list[_TimedVideoCapture]] = defaultdict(list)
    for source in flight.sources:
        if not source.is_media or source.copy_of is not None or not source.alignment.is_aligned:
            continue
        for capture in _timed_video_captures(source):
            groups[shared_name_of_capture_files(source.log.source.name), capture.number].append(
                capture
            )
    for captures in groups.values():
        yield sorted(captures, key=lambda each: each.error_ms)


def _timed_video_captures(source: FlightSource) -> Iterator[_TimedVideoCapture]:
    log, number = source.log, 0
    for row, capture in enumerate(rows_as_mappings(log.captures)):
        if capture["kind"] != "video":
            continue
        own = [capture["start"], capture["end"]]
        if log.local_times is not None and pd.isna(capture["start"]):
            local = (log.local_times.captures[row], log.local_times.captures_end[row])
            own = [pd.Timestamp(each, tz="UTC") for each in local]
        start, end = (
            None if pd.isna(each) else unix_ms(source.alignment.aligned_instant(each))
            for each in own
        )
        if start is not None:
            yield _TimedVideoCapture(source, number, start, end)
        number += 1


def _index_of_matching_capture_row(
    rows: list[tuple[int, Row]], capture: _TimedVideoCapture
) -> int | None:
    """Return the row of the flight's captures that a file's capture is part of."""
    best: tuple[float, int] | None = None
    for index, row in rows:
        start, end = unix_ms(row["start"]), unix_ms(row["end"])
        if start is None:
            continue
        shared = _overlap_share_of_shorter_interval(
            (start, end), (capture.start_ms, capture.end_ms)
        )
        names = str(row["file"]).split("; ") if isinstance(row["file"], str) else []
        # Two sensors record at once: the name decides between them.
        score = shared + (PurePosixPath(capture.source.log.source.name).name in names)
        if shared >= _MIN_OVERLAP and (best is None or score > best[0]):
            best = score, index
    return None if best is None else best[1]


def _overlap_share_of_shorter_interval(
    one: tuple[int, int | None], other: tuple[int, int | None]
) -> float:
    (start, end), (other_start, other_end) = one, other
    if end is None or other_end is None:
        return 1.0 if abs(start - other_start) <= 10_000 else 0.0
    shorter = max(1, min(end - start, other_end - other_start))
    return (min(end, other_end) - max(start, other_start)) / shorter


def _video_files_of_recording(
    recording: int, flight: Flight, captures: list[_TimedVideoCapture]
) -> Iterator[RecordedVideo]:
    """Yield each video file of a recording, or one by the name of a file beside it."""
    best = captures[0]
    sensor = str(flight.captures["sensor"].iloc[recording])
    clock = _video_clock_words(best.source)
    error_ms = None if best.error_ms == float("inf") else round(best.error_ms)
    files = [each for each in captures if each.source.log.source.format == _VIDEO_FORMAT]
    for each in files or [best]:
        file = each.source.log.source
        lasted = None if each.end_ms is None else each.end_ms - each.start_ms
        yield RecordedVideo(
            recording, sensor, best.start_ms, None if lasted is None else best.start_ms + lasted,
            error_ms, clock, PurePosixPath(file.name).name,
            file.size if files else None, file.sha256 if files else None,
        )  # fmt: skip


def _recorded_video_known_only_from_logs(recording: int, row: Row, flight: Flight) -> RecordedVideo:
    """Return a recording that only logs show."""
    source = flight.sources[int(str(row["source_index"]))]
    error_s = source.alignment.uncertainty_s
    error_ms = None if error_s is None else round(1000 * error_s) + _LOGGED_START_ERROR_MS
    start_ms = unix_ms(row["start"])
    file = row["file"] if isinstance(row["file"], str) and row["file"] else None
    return RecordedVideo(
        recording, str(row["sensor"]), start_ms or 0,
        unix_ms(row["end"]),
        error_ms, _video_clock_words(source), file,
    )  # fmt: skip


def _video_clock_words(source: FlightSource) -> str:
    """Return which file gives the time of the first picture, and how its clock was aligned."""
    name = PurePosixPath(source.log.source.name).name
    method = source.alignment.method
    return f"{name}: {ALIGNMENT_METHODS.get(method, method)}"

"""Media files: what each recorded, and which of them are one capture.

One shutter event makes several files: a dual camera writes a picture a
sensor (``_T``, ``_W``, ``_Z``, ``_V``, ``_S``), a video comes with a small copy,
subtitles and sometimes a sound file.  DJI gives them one name but for that
letter and the ending, so the name within its folder is what joins them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

import parsers
from dji_audit.common.table_values import time_of_table_cell_or_none
from dji_audit.flights import ClockAlignment, names_of_media_formats, shared_name_of_capture_files


@dataclass(frozen=True, slots=True)
class MediaFileRecording:
    """What one file of a capture holds; ``None``: the file does not state it."""

    file: str
    sha256: str
    format: str
    #: ``photo``, ``video`` or ``audio``.
    kind: str | None
    #: ``visible``, ``thermal``, ``multispectral`` or ``unknown``.
    sensor: str | None
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    source: str
    source_offset: int
    #: WGS 84, where the camera was at the first fix.
    latitude_deg: float | None
    longitude_deg: float | None
    height_ato_m: float | None
    #: Hosts that the file names.
    hosts: tuple[str, ...]
    #: Start and end by the file's own clock, where that is not UTC.
    local_start: pd.Timestamp | None = None
    local_end: pd.Timestamp | None = None
    #: Flights that the file belongs to.
    flight_ids: tuple[str, ...] = ()

    def with_aligned_times(
        self, placing: ClockAlignment | None, flights: tuple[str, ...]
    ) -> "MediaFileRecording":
        """Return it with its flights, and with times by the alignment of its own clock."""
        start, end = self.start, self.end
        if placing is not None and placing.is_aligned and self.start is None:
            start, end = (
                placing.aligned_instant(self.local_start),
                placing.aligned_instant(self.local_end),
            )
        return replace(self, start=start, end=end, flight_ids=flights)


@dataclass(frozen=True, slots=True)
class MediaFilesOfOneCapture:
    """The files of one capture, by their common name within a folder."""

    name: str
    streams: tuple[MediaFileRecording, ...]


def is_media_file_log(log: parsers.Log) -> bool:
    """Return whether a log is that of a recording rather than of a flight."""
    return log.source.format in names_of_media_formats()


def recordings_of_media_file_log(log: parsers.Log) -> tuple[MediaFileRecording, ...]:
    """Return what a media file recorded, one stream for each row of its captures, at least one."""
    fixes = log.track[["latitude_deg", "longitude_deg", "height_ato_m"]].to_numpy(np.float64)
    position = [_number_or_none(value) for value in fixes[0]] if len(fixes) else [None, None, None]
    hosts = tuple(
        dict.fromkeys(
            [*log.contacts["host"].dropna(), *(mention.host for mention in log.host_references)]
        )
    )

    def media_file(
        kind: str | None,
        sensor: str | None,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        source: str,
        offset: int,
    ) -> MediaFileRecording:
        at = (position[0], position[1], position[2])
        file = log.source
        return MediaFileRecording(
            file.name, file.sha256, file.format, kind, sensor, start, end, source, offset,
            *at, hosts,
        )  # fmt: skip

    rows = log.captures
    if not len(rows):
        return (media_file(None, None, None, None, format_title_of_log(log), 0),)
    found = tuple(
        media_file(
            str(kind), str(sensor), time_of_table_cell_or_none(start),
            time_of_table_cell_or_none(end), str(source), int(offset),
        )
        for kind, sensor, start, end, source, offset in zip(
            rows["kind"], rows["sensor"], rows["start"], rows["end"], rows["source"],
            rows["source_offset"], strict=True,
        )
    )  # fmt: skip
    own = log.local_times
    if own is None:
        return found
    return tuple(
        replace(
            one,
            local_start=_log_clock_time_as_if_utc(start),
            local_end=_log_clock_time_as_if_utc(end),
        )
        for one, start, end in zip(found, own.captures, own.captures_end, strict=True)
    )


def format_title_of_log(log: parsers.Log) -> str:
    """Return the name of a log's format, for a file that shows no capture."""
    known = parsers.format_by_name(log.source.format)
    return log.source.format if known is None else known.title


def group_media_files_by_capture(
    found: Iterable[MediaFileRecording],
) -> tuple[MediaFilesOfOneCapture, ...]:
    """Return captures in order of their name, each with its streams in order of theirs."""
    captures: dict[str, list[MediaFileRecording]] = {}
    for stream in sorted(found, key=lambda stream: (stream.file, stream.source_offset)):
        captures.setdefault(shared_name_of_capture_files(stream.file), []).append(stream)
    return tuple(MediaFilesOfOneCapture(name, tuple(captures[name])) for name in sorted(captures))


def _number_or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _log_clock_time_as_if_utc(value: np.datetime64) -> pd.Timestamp | None:
    """Return an instant by a log's own clock, as if it were UTC, to add an offset to."""
    return None if np.isnat(value) else pd.Timestamp(value, tz="UTC")

"""Media files: what each recorded, and which of them are one capture.

One press of a button makes several files: a dual camera writes a picture a
sensor (``_T``, ``_W``, ``_Z``, ``_V``, ``_S``), a video comes with a small copy,
subtitles and sometimes a sound file.  DJI gives them one name but for that
letter and the ending, so the name within its folder is what joins them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

import parsers

#: Letter of the sensor at the end of a name: thermal, wide, zoom, visible, both at once, …
_SENSOR_LETTER = re.compile(r"_[A-Z]$")


@dataclass(frozen=True, slots=True)
class Stream:
    """What one file of a capture holds; ``None`` is "the file does not say"."""

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


@dataclass(frozen=True, slots=True)
class Capture:
    """The files of one capture, by their common name within a folder."""

    name: str
    streams: tuple[Stream, ...]


def is_media(log: parsers.Log) -> bool:
    """Return whether a log is that of a recording rather than of a flight."""
    return any(known.media for known in parsers.formats() if known.name == log.source.format)


def tells_a_path(log: parsers.Log) -> bool:
    """Return whether a log holds at least two positions, so that there is a path to draw."""
    known = log.track["latitude_deg"].notna() & log.track["longitude_deg"].notna()
    return int(known.sum()) >= 2


def capture_name(file: str) -> str:
    """Return what the files of one capture share: folder and name, without letter and ending."""
    path = PurePosixPath(file)
    return (path.parent / _SENSOR_LETTER.sub("", path.stem)).as_posix()


def streams(log: parsers.Log) -> tuple[Stream, ...]:
    """Return what a media file recorded, one stream for each row of its captures, at least one."""
    fixes = log.track[["latitude_deg", "longitude_deg", "height_ato_m"]].to_numpy(np.float64)
    place = [_number(value) for value in fixes[0]] if len(fixes) else [None, None, None]
    hosts = tuple(
        dict.fromkeys([*log.contacts["host"].dropna(), *(mention.host for mention in log.mentions)])
    )

    def stream(
        kind: str | None,
        sensor: str | None,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        source: str,
        offset: int,
    ) -> Stream:
        where = (place[0], place[1], place[2])
        told = log.source
        return Stream(
            told.name, told.sha256, told.format, kind, sensor, start, end, source, offset,
            *where, hosts,
        )  # fmt: skip

    rows = log.captures
    if not len(rows):
        return (stream(None, None, None, None, told_by(log), 0),)
    return tuple(
        stream(str(kind), str(sensor), _instant(start), _instant(end), str(source), int(offset))
        for kind, sensor, start, end, source, offset in zip(
            rows["kind"], rows["sensor"], rows["start"], rows["end"], rows["source"],
            rows["source_offset"], strict=True,
        )
    )  # fmt: skip


def told_by(log: parsers.Log) -> str:
    """Return the name of a log's format, for a file that shows no capture."""
    return next(known.title for known in parsers.formats() if known.name == log.source.format)


def grouped(found: Iterable[Stream]) -> tuple[Capture, ...]:
    """Return captures in order of their name, each with its streams in order of theirs."""
    captures: dict[str, list[Stream]] = {}
    for stream in sorted(found, key=lambda stream: (stream.file, stream.source_offset)):
        captures.setdefault(capture_name(stream.file), []).append(stream)
    return tuple(Capture(name, tuple(captures[name])) for name in sorted(captures))


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _instant(value: object) -> pd.Timestamp | None:
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None

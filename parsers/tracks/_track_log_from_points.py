"""The points of a track as a log: positions and times of a device, and no aircraft.

The tables hold what the device states: position, time, speed, course, satellites.  ``ele`` and the
third number of a coordinate stay in the records: neither format says from which level they count,
and phones differ in it.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._clocks._move_local_times_out_of_tables import move_local_times_out_of_tables
from .._errors import CorruptLogError
from .._file_content import Content
from .._model import Aircraft, Clock, Issue, Log, Source
from .._tables import CAPTURES, EVENTS, TRACK, build_table, empty_table, sort_by_time
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from .._which_facts_logs_record import FactDeclaration
from ..dji._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues

#: Points of one file: two months of a fix a second.
MOST_POINTS = 5_000_000
#: Points that are named one by one because something is wrong with them.
_MOST_NAMED = 100
#: Longest text that a point keeps, such as its name.
LONGEST_TEXT = 1000
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_NUMBER = re.compile(r"[+-]?\d{1,19}(\.\d{0,18})?([eE][+-]?\d{1,2})?\Z|[+-]?\.\d{1,18}\Z")
_NO_TIME = int(np.iinfo(np.int64).min)
_FASTEST_MPS = 400.0

#: Column of the records -> its meaning; NaN: the point does not state it.
NUMBERS = ("latitude_deg", "longitude_deg", "elevation_m", "hdop", "accuracy_m", "speed_mps",
           "course_deg", "satellites")  # fmt: skip

FACTS = (
    FactDeclaration("clock_utc", "times of the device that recorded the track", columns=("time",)),
)


@dataclass(frozen=True, slots=True)
class PointTimeAndWhetherZoneKnown:
    """The time of a point: nanoseconds since 1970, by UTC or by a clock of unknown zone."""

    ns: int
    has_zone: bool


def parse_point_time(text: str | None) -> PointTimeAndWhetherZoneKnown | None:
    """Return a time as XML schemas write it; ``None``: it is none, or names no time of day."""
    if not text or len(text) > 40 or "T" not in text:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        return None
    has_zone = instant.tzinfo is not None
    if not has_zone:
        instant = instant.replace(tzinfo=dt.UTC)
    since = instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    seconds = since.days * 86_400 + since.seconds
    return PointTimeAndWhetherZoneKnown((seconds * 1_000_000 + since.microseconds) * 1000, has_zone)


def parse_number(text: str | None) -> float:
    """Return a finite number; NaN: it is none."""
    stripped = (text or "").strip()
    return float(stripped) if _NUMBER.match(stripped) else math.nan


@dataclass(slots=True)
class PointList:
    """Points of one kind as they are read."""

    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    times: list[PointTimeAndWhetherZoneKnown | None] = field(default_factory=list)
    #: Texts of times that are none.
    bad_times: list[tuple[int, str]] = field(default_factory=list)
    numbers: list[tuple[float, ...]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    #: Whether the device says that it had a fix; ``None``: it does not say.
    fix_states: list[bool | None] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.offsets)

    def add(
        self,
        offset: int,
        length: int,
        time_text: str | None,
        values: Mapping[str, float],
        *,
        name: str | None = None,
        has_fix: bool | None = None,
    ) -> None:
        """Add a point.

        Args:
            offset: Its first byte in the file.
            length: Its bytes.
            time_text: Its time as it stands there; ``None``: it has none.
            values: Those of ``NUMBERS`` that it states.
            name: Its name.
            has_fix: Whether the device says that it had a fix; ``None``: it does not say.
        """
        time = parse_point_time(time_text)
        if time is None and time_text:
            self.bad_times.append((offset, time_text[:40]))
        self.offsets.append(offset)
        self.lengths.append(length)
        self.times.append(time)
        self.numbers.append(tuple(values.get(each, math.nan) for each in NUMBERS))
        self.names.append(name[:LONGEST_TEXT] if name else None)
        self.fix_states.append(has_fix)

    def times_ns(self) -> npt.NDArray[np.int64]:
        """Return the time of each point, ``NaT``'s value where it has none."""
        return np.array([_NO_TIME if it is None else it.ns for it in self.times], np.int64)

    def values_of_field(self, name: str) -> npt.NDArray[np.float64]:
        """Return one number of each point; NaN: it does not state it."""
        column = NUMBERS.index(name)
        return np.array([each[column] for each in self.numbers], np.float64)


@dataclass(frozen=True, slots=True)
class PointRecords:
    """The points of one kind, as records."""

    points: PointList

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.points)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each point, in the order of the file."""
        points = self.points
        columns: dict[str, Any] = {
            "offset": np.array(points.offsets, np.int64),
            "length": np.array(points.lengths, np.int64),
            "time": pd.DatetimeIndex(points.times_ns().view("datetime64[ns]")),
            "has_zone": [each.has_zone if each is not None else None for each in points.times],
        }
        columns |= {name: points.values_of_field(name) for name in NUMBERS}
        columns["name"] = pd.array(points.names, dtype="str")
        frame = pd.DataFrame(columns)
        return frame.sort_values("offset", kind="stable").reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackDocument:
    """What a reader found in a file."""

    format_name: str
    version: str | None
    #: Program that wrote it, as it says; ``None``: it does not.
    program: str | None
    #: Name of the record of the points of the track, and the points.
    track_record: str
    track: PointList
    #: Points that are no track, such as marks, by the name of their record.
    others: Mapping[str, PointList]
    issues: Sequence[Issue]
    gaps: Sequence[Issue]
    #: Whether the format says that a time without a zone is UTC.
    is_utc_without_zone: bool


def build_track_log(content: Content, document: TrackDocument) -> Log:
    """Return the log of the points of a track.

    Raises:
        CorruptLogError: If the file holds no point at all.
    """
    points = document.track
    if not len(points):
        first = document.gaps[0].offset if document.gaps else 0
        raise CorruptLogError(first, "points of a track", "none that could be read")
    issues = [*document.gaps, *document.issues, *_missing_or_invalid_time_issues(points)]
    zones = {each.has_zone for each in points.times if each is not None}
    offsets = np.array(points.offsets, np.int64)
    times = points.times_ns()
    if False in zones and document.is_utc_without_zone:
        issues.append(_missing_time_zone_issue(points, "are read as UTC, as the format has it"))
    elif zones == {True, False}:
        # Two clocks in one file: those of a known zone count.
        issues.append(_missing_time_zone_issue(points, "are left out beside those with one"))
        known = [it is not None and it.has_zone for it in points.times]
        times = np.where(known, times, _NO_TIME)
    is_utc = True in zones or document.is_utc_without_zone
    fixes = replace_false_positions_with_nan(
        points.values_of_field("latitude_deg"), points.values_of_field("longitude_deg"), times
    )
    issues += fixes.issues("points", offsets)
    speeds, satellites = points.values_of_field("speed_mps"), points.values_of_field("satellites")
    accuracy = points.values_of_field("accuracy_m")
    columns: dict[str, Any] = {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "ground_speed_mps": np.where((speeds >= 0) & (speeds < _FASTEST_MPS), speeds, np.nan),
        "course_deg": points.values_of_field("course_deg") % 360,
        "satellites": pd.array(
            np.where((satellites >= 0) & (satellites < 256), satellites, np.nan), dtype="UInt8"
        ),
        "fix_ok": pd.array(points.fix_states, dtype="boolean"),
        "horizontal_error_m": np.where(accuracy > 0, accuracy, np.nan),
        "source_offset": offsets,
    }
    spans, unknown = spans_covering_bytes_and_gap_issues(
        len(content), _header_and_record_spans(content, document), issues
    )
    log = Log(
        Source.from_content(content, document.format_name, document.version),
        Aircraft(app=document.program),
        Clock("clock of the device that recorded the track" if zones else None),
        sort_by_time(build_table(TRACK, columns, len(points)), "time"),
        issues=(*issues, *unknown),
        coverage=spans,
        unrecorded_tables=("events", "captures", "contacts"),
        track_record=document.track_record,
        _records={
            name: PointRecords(each)
            for name, each in ((document.track_record, points), *document.others.items())
            if len(each)
        },
    )
    return log if is_utc or not zones else _log_with_unzoned_times_as_local(log)


def _header_and_record_spans(
    content: Content, document: TrackDocument
) -> list[tuple[int, int, str]]:
    begins = [
        min(each.offsets) for each in (document.track, *document.others.values()) if len(each)
    ]
    first = min(begins)
    return [(0, first, "header"), (first, len(content), "records")]


def _missing_or_invalid_time_issues(points: PointList) -> list[Issue]:
    issues = [
        Issue(offset, 0, f"{text!r} is not a time: the point has none")
        for offset, text in points.bad_times[:_MOST_NAMED]
    ]
    if len(points.bad_times) > _MOST_NAMED:
        rest = len(points.bad_times) - _MOST_NAMED
        issues.append(Issue(points.bad_times[_MOST_NAMED][0], 0, f"{rest:,} more points like this"))
    without = sum(each is None for each in points.times) - len(points.bad_times)
    if without:
        row = next(row for row, each in enumerate(points.times) if each is None)
        issues.append(
            Issue(points.offsets[row], 0, f"{without:,} points of the track have no time")
        )
    return issues


def _missing_time_zone_issue(points: PointList, what: str) -> Issue:
    rows = [row for row, it in enumerate(points.times) if it is not None and not it.has_zone]
    return Issue(points.offsets[rows[0]], 0, f"{len(rows):,} times state no zone: they {what}")


def _log_with_unzoned_times_as_local(log: Log) -> Log:
    """Return a log whose times state no zone with them as local times."""
    apart = move_local_times_out_of_tables(
        "wall", log.track, empty_table(EVENTS), empty_table(CAPTURES)
    )
    clock = replace(log.clock, unstated="zone")
    return replace(log, track=apart.track, local_times=apart.times, clock=clock)

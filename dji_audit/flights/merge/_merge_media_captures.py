"""The captures of all logs of a flight as one table: each capture once for each sensor.

A photo that a log records, and the files of that photo, are one capture.  Files name the
sensor where the log does not; a capture that no other source shows stays as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights._columns_with_values import NAT_NS
from dji_audit.flights.join._log_summary import shared_name_of_capture_files
from dji_audit.flights.merge._aligned_segments import AlignedSegment
from parsers import GRADES

#: Seconds by which two sources of one photo may lie apart, besides the errors of clocks.
_MAX_PHOTO_DIFFERENCE_S = 1.2
#: Part of the shorter of two intervals that the other must share for the two to be one.
_MIN_OVERLAP = 0.5
#: Part of an interval that files must show for the log's own bounds to stand for them.
_MIN_COVERAGE = 0.8
_MAX_SOURCES = 3
#: The most captures of other sources that are compared with one capture.
_MAX_CANDIDATES = 64
#: The most by which the times of an aligned log may be off.
_MAX_UNCERTAINTY_S = 10.0
_FILES = "files"

Location = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MediaCaptureObservation:
    """One capture as one log shows it: a row of its table."""

    source_index: int
    #: Key of its source: a log by itself, or all media files together.
    source_key: str
    #: Key of the shutter event: what its files share, or the row of a log.
    shutter_event: str
    start_ns: int
    end_ns: int
    uncertainty_s: float
    row: dict[str, object]

    @property
    def sensor(self) -> str:
        """The sensor that it names."""
        return str(self.row["sensor"])

    @property
    def log_and_byte_offset(self) -> Location:
        """Index of the log that shows it, and the byte in that."""
        return self.source_index, int(str(self.row["source_offset"]))


@dataclass(slots=True)
class MediaCaptureGroup:
    """One shutter event: all observations of it, the best first."""

    kind: str
    observations: list[MediaCaptureObservation] = field(default_factory=list)

    @property
    def best_observation(self) -> MediaCaptureObservation:
        """The observation that times it best."""
        return self.observations[0]


@dataclass(frozen=True, slots=True, eq=False)
class MergedMediaCaptures:
    """The table of captures, the sources of each row, and the groups behind it."""

    table: pd.DataFrame
    sources: tuple[tuple[Location, ...], ...]
    groups: tuple[MediaCaptureGroup, ...]


def merge_media_captures(segments: Sequence[AlignedSegment]) -> MergedMediaCaptures:
    """Return the captures of a flight."""
    observations = list(_capture_observations(segments))
    if not observations:
        nothing = segments[0].log.captures[:0].assign(source_index=np.empty(0, np.int16))
        return MergedMediaCaptures(nothing, (), ())
    groups = tuple(
        group
        for kind in dict.fromkeys(str(one.row["kind"]) for one in observations)
        for group in _group_observations_of_kind(
            [one for one in observations if str(one.row["kind"]) == kind], kind
        )
    )
    rows = [row for group in groups for row in _merged_rows_of_group(group)]
    rows = _join_files_of_divided_recordings(rows, segments)
    rows.sort(key=lambda row: (_start_sort_key(row.columns["start"]), row.locations[0]))
    table = _captures_table(rows)
    return MergedMediaCaptures(table, tuple(row.locations for row in rows), groups)


@dataclass(frozen=True, slots=True)
class _MergedCaptureRow:
    """One row of the merged table of captures, before it is a table."""

    columns: dict[str, object]
    #: The sources that show it, the one of its times first.
    locations: tuple[Location, ...]


def _join_files_of_divided_recordings(
    rows: Sequence[_MergedCaptureRow], segments: Sequence[AlignedSegment]
) -> list[_MergedCaptureRow]:
    """Return rows in which the files that a camera divided a recording into are one."""
    numbers = {
        (one.member.log_index, one.member.segment_number): index
        for index, one in enumerate(segments)
    }
    before = {
        index: numbers[one.member.next_file_of]
        for index, one in enumerate(segments)
        if one.member.next_file_of is not None
    }
    if not before:
        return list(rows)
    first_of: dict[tuple[int, object], int] = {}
    recordings: list[list[_MergedCaptureRow]] = []
    # Each file stands after the one before it.
    ranks = _earlier_file_count_by_log(before)
    order = sorted(range(len(rows)), key=lambda row: ranks.get(rows[row].locations[0][0], 0))
    for row in (rows[number] for number in order):
        index, sensor = row.locations[0][0], row.columns["sensor"]
        if row.columns["kind"] != "video":
            # A photo or sound beside a file is no part of the chain of its recording.
            recordings.append([row])
            continue
        known = first_of.get((before.get(index, -1), sensor))
        if known is None:
            first_of[index, sensor] = len(recordings)
            recordings.append([row])
        else:
            first_of[index, sensor] = known
            recordings[known].append(row)
    return [_join_file_rows_of_recording(recording) for recording in recordings]


def _join_file_rows_of_recording(rows: Sequence[_MergedCaptureRow]) -> _MergedCaptureRow:
    """Return the files of one recording, in their order, as one row."""
    if len(rows) == 1:
        return rows[0]
    names = (row.columns["file"] for row in rows)
    files = "; ".join(name for name in names if isinstance(name, str)) or None
    columns = {**rows[0].columns, "end": rows[-1].columns["end"], "file": files}
    return _MergedCaptureRow(columns, tuple(chain.from_iterable(row.locations for row in rows)))


def _earlier_file_count_by_log(before: dict[int, int]) -> dict[int, int]:
    """Return for each log how many files of the same recording come before it."""
    after = {earlier: later for later, earlier in before.items()}
    ranks: dict[int, int] = {}
    for index in sorted(set(after) - set(before)):
        rank = 0
        while index in after:
            index, rank = after[index], rank + 1
            ranks[index] = rank
    return ranks


def _captures_table(rows: Sequence[_MergedCaptureRow]) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for name in parsers.CAPTURES:
        values: list[Any] = [row.columns[name] for row in rows]
        if name in ("start", "end"):
            instants = [NAT_NS if pd.isna(value) else value.value for value in values]
            times = np.array(instants, np.int64).view("datetime64[ns]")
            columns[name] = pd.DatetimeIndex(times).tz_localize("UTC")
        elif name == "source_offset":
            columns[name] = np.array(values, np.int64)
        else:
            columns[name] = pd.array(values, dtype="str")
    columns["source_index"] = np.array([row.locations[0][0] for row in rows], np.int16)
    return pd.DataFrame(columns)


def _start_sort_key(start: object) -> int:
    """Return a start in nanoseconds; a missing start sorts last."""
    return start.value if isinstance(start, pd.Timestamp) and not pd.isna(start) else 1 << 62


def _capture_observations(segments: Sequence[AlignedSegment]) -> Iterator[MediaCaptureObservation]:
    """Yield the captures of every log but copies."""
    for index, aligned in enumerate(segments):
        if aligned.is_copy:
            continue
        rows = aligned.aligned_rows("captures")
        if not len(rows):
            continue
        starts = rows["start"].to_numpy("datetime64[ns]").view(np.int64)
        ends = rows["end"].to_numpy("datetime64[ns]").view(np.int64)
        name = shared_name_of_capture_files(aligned.log.source.name)
        # A table of shutter marks lists photos and is not the file of one.
        file = aligned.is_media and len(rows) <= 2
        columns = {name: rows[name].tolist() for name in parsers.CAPTURES}
        for number, values in enumerate(zip(*columns.values(), strict=True)):
            start, end = int(starts[number]), int(ends[number])
            yield MediaCaptureObservation(
                index,
                _FILES if file else f"log {index:06}",
                name if file else f"{number:06}",
                start,
                end if end != NAT_NS else start,
                aligned.uncertainty_s,
                dict(zip(columns, values, strict=True)),
            )


def _group_observations_of_kind(
    observations: Sequence[MediaCaptureObservation], kind: str
) -> list[MediaCaptureGroup]:
    """Return the groups of one kind; an observation without a time is a group by itself."""
    timed: dict[str, list[MediaCaptureObservation]] = defaultdict(list)
    single = []
    for observation in observations:
        if observation.start_ns == NAT_NS:
            single.append(MediaCaptureGroup(kind, [observation]))
        else:
            timed[observation.source_key].append(observation)
    groups: list[MediaCaptureGroup] = []
    # Logs in their order, then the files: one source, with several sensors.
    for source in sorted(timed, key=lambda name: (name == _FILES, name)):
        events: dict[str, list[MediaCaptureObservation]] = defaultdict(list)
        for observation in timed[source]:
            events[observation.shutter_event].append(observation)
        by_event = [events[name] for name in sorted(events)]
        known_groups = (
            _matching_group_of_each_photo(groups, by_event)
            if kind == "photo"
            else _matching_group_of_each_recording(groups, by_event)
        )
        for event, group in zip(by_event, known_groups, strict=True):
            if group is None:
                groups.append(MediaCaptureGroup(kind, event))
            else:
                group.observations += event
    return groups + single


def _matching_group_of_each_photo(
    groups: Sequence[MediaCaptureGroup], photos: Sequence[Sequence[MediaCaptureObservation]]
) -> list[MediaCaptureGroup | None]:
    """Return for each photo of a source the group that it belongs to, each group once.

    Of very many groups around a photo only the nearest are looked at: a camera takes no more.
    """
    order = sorted(range(len(groups)), key=lambda row: groups[row].best_observation.start_ns)
    starts = np.array([groups[row].best_observation.start_ns for row in order], np.int64)
    pairs = []
    photos_at: Counter[int] = Counter()
    for number, photo in enumerate(photos):
        time_ns, uncertainty_s = photo[0].start_ns, photo[0].uncertainty_s
        # No clock is placed worse than by so much: see the methods of alignment.
        reach = round((_MAX_PHOTO_DIFFERENCE_S + uncertainty_s + _MAX_UNCERTAINTY_S) * 1e9)
        first, last = np.searchsorted(starts, (time_ns - reach, time_ns + reach + 1)).tolist()
        if last - first > _MAX_CANDIDATES:
            # Photos of one instant are told apart by their order.
            middle = int(np.searchsorted(starts, time_ns)) + photos_at[time_ns]
            first = min(max(first, middle - _MAX_CANDIDATES // 2), last - _MAX_CANDIDATES)
            last = first + _MAX_CANDIDATES
        photos_at[time_ns] += 1
        for row in order[first:last]:
            other = groups[row].best_observation
            difference = abs(other.start_ns - time_ns)
            if difference <= (_MAX_PHOTO_DIFFERENCE_S + uncertainty_s + other.uncertainty_s) * 1e9:
                pairs.append((difference, number, row))
    out: list[MediaCaptureGroup | None] = [None] * len(photos)
    used: set[int] = set()
    for _, number, row in sorted(pairs):
        if out[number] is None and row not in used:
            out[number] = groups[row]
            used.add(row)
    return out


def _matching_group_of_each_recording(
    groups: Sequence[MediaCaptureGroup], intervals: Sequence[Sequence[MediaCaptureObservation]]
) -> list[MediaCaptureGroup | None]:
    """Return for each interval of a source the group that it belongs to.

    A long recording may be several files, so that one group may take several intervals.
    """
    by_length = _capture_groups_by_duration(groups)
    out: list[MediaCaptureGroup | None] = []
    for interval in intervals:
        best: tuple[float, MediaCaptureGroup] | None = None
        for row in sorted(_capture_rows_near_interval(by_length, interval[0])):
            part = _interval_overlap_share(interval[0], groups[row].best_observation)
            if part >= _MIN_OVERLAP and (best is None or part > best[0]):
                best = part, groups[row]
        out.append(None if best is None else best[1])
    return out


@dataclass(frozen=True, slots=True)
class _CaptureGroupsOfSimilarDuration:
    """Groups whose intervals, with the errors of their clocks, are about as long."""

    #: The longest of them, and the largest error of their times, nanoseconds.
    longest_ns: int
    error_ns: int
    #: When each begins, rising, and its row among all groups.
    starts: npt.NDArray[np.int64]
    rows: list[int]


def _capture_groups_by_duration(
    groups: Sequence[MediaCaptureGroup],
) -> list[_CaptureGroupsOfSimilarDuration]:
    """Return groups by the power of two of their length, so that those near are found at once."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        best = group.best_observation
        rows_of[max(0, best.end_ns - best.start_ns).bit_length()].append(row)
    out = []
    for length, rows in sorted(rows_of.items()):
        rows.sort(key=lambda row: groups[row].best_observation.start_ns)
        observations = [groups[row].best_observation for row in rows]
        error_ns = round(max(one.uncertainty_s for one in observations) * 1e9)
        starts = np.array([one.start_ns for one in observations], np.int64)
        out.append(_CaptureGroupsOfSimilarDuration(1 << length, error_ns, starts, rows))
    return out


def _capture_rows_near_interval(
    by_length: Sequence[_CaptureGroupsOfSimilarDuration], interval: MediaCaptureObservation
) -> Iterator[int]:
    """Yield the rows of the groups that an interval may share a part with.

    Of very many of one length only those are looked at that begin next to it: one camera makes no
    more at a time.
    """
    error_ns = round(interval.uncertainty_s * 1e9) + 1
    for each in by_length:
        reach = error_ns + each.error_ns
        first, last = np.searchsorted(
            each.starts,
            (interval.start_ns - each.longest_ns - reach, interval.end_ns + reach + 1),
        ).tolist()
        if last - first > _MAX_CANDIDATES:
            middle = int(np.searchsorted(each.starts, interval.start_ns))
            first = min(max(first, middle - _MAX_CANDIDATES // 2), last - _MAX_CANDIDATES)
            last = first + _MAX_CANDIDATES
        yield from each.rows[first:last]


def _interval_overlap_share(one: MediaCaptureObservation, other: MediaCaptureObservation) -> float:
    """Return the part of the shorter of two intervals that both share."""
    slack = round((one.uncertainty_s + other.uncertainty_s) * 1e9)
    shorter = min(one.end_ns - one.start_ns, other.end_ns - other.start_ns)
    shared = min(one.end_ns, other.end_ns) - max(one.start_ns, other.start_ns)
    if shorter <= 2 * slack:
        return 1.0 if shared >= -slack else 0.0
    return shared / shorter


def _merged_rows_of_group(group: MediaCaptureGroup) -> Iterator[_MergedCaptureRow]:
    """Yield a row for each sensor of a group, or one of an unknown sensor."""
    known = dict.fromkeys(it.sensor for it in group.observations if it.sensor != "unknown")
    unnamed = [it for it in group.observations if it.sensor == "unknown"]
    for sensor in sorted(known) or ["unknown"]:
        named = [it for it in group.observations if it.sensor == sensor != "unknown"]
        yield _merged_capture_row(group.best_observation, named, unnamed, sensor)


def _merged_capture_row(
    primary: MediaCaptureObservation,
    named: Sequence[MediaCaptureObservation],
    unnamed: Sequence[MediaCaptureObservation],
    sensor: str,
) -> _MergedCaptureRow:
    """Return one capture: the time of the best clock, the sensor of the source that names it."""
    shown = [*named, *unnamed]
    timed = primary if primary in shown else shown[0]
    values = dict(timed.row)
    if named and timed not in named and not _files_cover_interval(named, timed):
        timed = named[0]
        values = dict(timed.row)
    values["sensor"] = sensor
    files = [one for one in shown if one.source_key == _FILES and one.row["file"]]
    if files:
        values["file"] = files[0].row["file"]
    observations = [timed, *(one for one in shown if one is not timed)]
    sources = list(dict.fromkeys(str(one.row["source"]) for one in observations))
    rest = len(sources) - _MAX_SOURCES
    more = [f"{rest} more"] if rest > 0 else []
    values["source"] = "; also: ".join(sources[:_MAX_SOURCES] + more)
    rank = {grade: number for number, grade in enumerate(GRADES)}
    grades = [str(one.row["grade"]) for one in observations]
    values["grade"] = min(grades, key=lambda grade: rank.get(grade, len(rank)))
    return _MergedCaptureRow(values, tuple(one.log_and_byte_offset for one in observations))


def _files_cover_interval(
    named: Sequence[MediaCaptureObservation], timed: MediaCaptureObservation
) -> bool:
    """Return whether files show nearly all of an interval, so that its bounds are theirs."""
    if timed.start_ns == timed.end_ns:
        return True
    shown = sum(
        max(0, min(one.end_ns, timed.end_ns) - max(one.start_ns, timed.start_ns))
        for one in _longest_observation_of_each_shutter_event(named)
    )
    return shown >= _MIN_COVERAGE * (timed.end_ns - timed.start_ns)


def _longest_observation_of_each_shutter_event(
    named: Sequence[MediaCaptureObservation],
) -> list[MediaCaptureObservation]:
    """Return of the observations of each press the longest: its files lie over one another."""
    longest: dict[str, MediaCaptureObservation] = {}
    for one in named:
        known = longest.get(one.shutter_event)
        if known is None or one.end_ns - one.start_ns > known.end_ns - known.start_ns:
            longest[one.shutter_event] = one
    return list(longest.values())

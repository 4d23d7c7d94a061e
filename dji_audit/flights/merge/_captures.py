"""Captures of all logs of a flight as one table: each recording once for each sensor.

What a log calls a photo, and the files of that photo, are one capture.  A log that knows
no sensor is explained by files that do; a recording that nobody else shows stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

import parsers
from dji_audit.flights._split import NAT
from dji_audit.flights.join._log_summary import capture_name
from dji_audit.flights.merge._segments import Piece
from parsers import GRADES

#: Seconds by which two tellings of one photo may lie apart, besides the errors of clocks.
_PHOTO_S = 1.2
#: Part of a recording that must lie within another for the two to be one.
_SHARED = 0.5
#: Part of a recording that a file must show for the recording's own bounds to be its.
_NEARLY_ALL = 0.8
_MOST_SOURCES = 3
#: The most by which the times of a log that is placed may be off.
_MOST_UNSURE_S = 10.0
_FILES = "files"

Told = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Showing:
    """One row of the captures of one log."""

    told_by: int
    #: What it is counted with: a log by itself, and all media files together.
    source: str
    #: What the files of one press of a button share; of a log, the row by itself.
    press: str
    start: int
    end: int
    uncertainty_s: float
    row: dict[str, object]

    @property
    def sensor(self) -> str:
        """The sensor that it names."""
        return str(self.row["sensor"])

    @property
    def told(self) -> Told:
        """Which log shows it, and where."""
        return self.told_by, int(str(self.row["source_offset"]))


@dataclass(slots=True)
class Recording:
    """One press of a button: everything that shows it, the best first."""

    kind: str
    showings: list[Showing] = field(default_factory=list)

    @property
    def main(self) -> Showing:
        """What tells best when it was."""
        return self.showings[0]

    @property
    def sources(self) -> set[int]:
        """Which logs show it."""
        return {one.told_by for one in self.showings}


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """The table of captures, who shows each row, and the recordings behind it."""

    table: pd.DataFrame
    told_by: tuple[tuple[Told, ...], ...]
    recordings: tuple[Recording, ...]


def fuse(found: Sequence[Piece]) -> Fused:
    """Return the captures of a flight."""
    showings = list(_showings(found))
    if not showings:
        nothing = found[0].log.captures[:0].assign(told_by=np.empty(0, np.int16))
        return Fused(nothing, (), ())
    recordings = tuple(
        recording
        for kind in dict.fromkeys(str(one.row["kind"]) for one in showings)
        for recording in _of_kind([one for one in showings if str(one.row["kind"]) == kind], kind)
    )
    rows = [row for recording in recordings for row in _rows(recording)]
    rows.sort(key=lambda row: (_last(row.columns["start"]), row.told[0]))
    table = _table(rows)
    return Fused(table, tuple(row.told for row in rows), recordings)


@dataclass(frozen=True, slots=True)
class _Row:
    columns: dict[str, object]
    #: Who shows it, the one whose times it has first.
    told: tuple[Told, ...]


def _table(rows: Sequence[_Row]) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for name in parsers.CAPTURES:
        values: list[Any] = [row.columns[name] for row in rows]
        if name in ("start", "end"):
            instants = [NAT if pd.isna(value) else value.value for value in values]
            times = np.array(instants, np.int64).view("datetime64[ns]")
            columns[name] = pd.DatetimeIndex(times).tz_localize("UTC")
        elif name == "source_offset":
            columns[name] = np.array(values, np.int64)
        else:
            columns[name] = pd.array(values, dtype="str")
    columns["told_by"] = np.array([row.told[0][0] for row in rows], np.int16)
    return pd.DataFrame(columns)


def _last(start: object) -> int:
    return start.value if isinstance(start, pd.Timestamp) and not pd.isna(start) else 1 << 62


def _showings(found: Sequence[Piece]) -> Iterator[Showing]:
    """Yield the captures of every log; a copy shows no more than its original."""
    for place, piece in enumerate(found):
        if piece.copy:
            continue
        rows = piece.rows("captures")
        if not len(rows):
            continue
        starts = rows["start"].to_numpy("datetime64[ns]").view(np.int64)
        ends = rows["end"].to_numpy("datetime64[ns]").view(np.int64)
        name = capture_name(piece.log.source.name)
        # Shutter marks are a list of photos and no file of one.
        file = piece.media and len(rows) <= 2
        columns = {name: rows[name].tolist() for name in parsers.CAPTURES}
        for number, values in enumerate(zip(*columns.values(), strict=True)):
            start, end = int(starts[number]), int(ends[number])
            yield Showing(
                place,
                _FILES if file else f"log {place:06}",
                name if file else f"{number:06}",
                start,
                end if end != NAT else start,
                piece.uncertainty_s,
                dict(zip(columns, values, strict=True)),
            )


def _of_kind(showings: Sequence[Showing], kind: str) -> list[Recording]:
    """Return the recordings of one kind; those that no time tells of stay single."""
    timed: dict[str, list[Showing]] = defaultdict(list)
    single = []
    for one in showings:
        if one.start == NAT:
            single.append(Recording(kind, [one]))
        else:
            timed[one.source].append(one)
    recordings: list[Recording] = []
    # Logs in their order, then the files: they are one source, by several sensors.
    for source in sorted(timed, key=lambda name: (name == _FILES, name)):
        presses: dict[str, list[Showing]] = defaultdict(list)
        for one in timed[source]:
            presses[one.press].append(one)
        told = [presses[name] for name in sorted(presses)]
        taken = _same_instant(recordings, told) if kind == "photo" else _shared(recordings, told)
        for press, recording in zip(told, taken, strict=True):
            if recording is None:
                recordings.append(Recording(kind, press))
            else:
                recording.showings += press
    return recordings + single


def _same_instant(
    recordings: Sequence[Recording], presses: Sequence[Sequence[Showing]]
) -> list[Recording | None]:
    """Return for each photo of a source the recording that it is, each at most once."""
    order = sorted(range(len(recordings)), key=lambda place: recordings[place].main.start)
    starts = np.array([recordings[place].main.start for place in order], np.int64)
    pairs = []
    for number, press in enumerate(presses):
        at, unsure = press[0].start, press[0].uncertainty_s
        # No clock is placed worse than by so much: see the methods of placing.
        reach = round((_PHOTO_S + unsure + _MOST_UNSURE_S) * 1e9)
        first, last = np.searchsorted(starts, (at - reach, at + reach + 1))
        for place in order[first:last]:
            other = recordings[place].main
            apart = abs(other.start - at)
            if apart <= (_PHOTO_S + unsure + other.uncertainty_s) * 1e9:
                pairs.append((apart, number, place))
    out: list[Recording | None] = [None] * len(presses)
    used: set[int] = set()
    for _, number, place in sorted(pairs):
        if out[number] is None and place not in used:
            out[number] = recordings[place]
            used.add(place)
    return out


def _shared(
    recordings: Sequence[Recording], presses: Sequence[Sequence[Showing]]
) -> list[Recording | None]:
    """Return for each interval of a source the recording that it is a part of.

    A long recording may be several files, so that one recording may take several.
    """
    out: list[Recording | None] = []
    for press in presses:
        best: tuple[float, Recording] | None = None
        for recording in recordings:
            part = _part(press[0], recording.main)
            if part >= _SHARED and (best is None or part > best[0]):
                best = part, recording
        out.append(None if best is None else best[1])
    return out


def _part(one: Showing, other: Showing) -> float:
    """Return the part of the shorter of two intervals that the two share."""
    slack = round((one.uncertainty_s + other.uncertainty_s) * 1e9)
    shorter = min(one.end - one.start, other.end - other.start)
    shared = min(one.end, other.end) - max(one.start, other.start)
    if shorter <= 2 * slack:
        return 1.0 if shared >= -slack else 0.0
    return shared / shorter


def _rows(recording: Recording) -> Iterator[_Row]:
    """Yield a row for each sensor of a recording, or one of which no sensor is known."""
    known = dict.fromkeys(one.sensor for one in recording.showings if one.sensor != "unknown")
    unnamed = [one for one in recording.showings if one.sensor == "unknown"]
    for sensor in sorted(known) or ["unknown"]:
        named = [one for one in recording.showings if one.sensor == sensor != "unknown"]
        yield _row(recording.main, named, unnamed, sensor)


def _row(main: Showing, named: Sequence[Showing], unnamed: Sequence[Showing], sensor: str) -> _Row:
    """Return one capture: when, by the best clock; which sensor, by who names it."""
    shown = [*named, *unnamed]
    timed = main if main in shown else shown[0]
    values = dict(timed.row)
    if named and timed not in named and not _covers(named, timed):
        timed = named[0]
        values = dict(timed.row)
    values["sensor"] = sensor
    files = [one for one in shown if one.source == _FILES and one.row["file"]]
    if files:
        values["file"] = files[0].row["file"]
    told = [timed, *(one for one in shown if one is not timed)]
    sources = list(dict.fromkeys(str(one.row["source"]) for one in told))
    rest = len(sources) - _MOST_SOURCES
    more = [f"{rest} more"] if rest > 0 else []
    values["source"] = "; also: ".join(sources[:_MOST_SOURCES] + more)
    rank = {grade: place for place, grade in enumerate(GRADES)}
    grades = [str(one.row["grade"]) for one in told]
    values["grade"] = min(grades, key=lambda grade: rank.get(grade, len(rank)))
    return _Row(values, tuple(one.told for one in told))


def _covers(named: Sequence[Showing], timed: Showing) -> bool:
    """Return whether files show nearly all of a recording, so that its bounds are theirs."""
    if timed.start == timed.end:
        return True
    shown = sum(
        max(0, min(one.end, timed.end) - max(one.start, timed.start)) for one in _apart(named)
    )
    return shown >= _NEARLY_ALL * (timed.end - timed.start)


def _apart(named: Sequence[Showing]) -> list[Showing]:
    """Return of the showings of each press the longest: its files lie over one another."""
    longest: dict[str, Showing] = {}
    for one in named:
        known = longest.get(one.press)
        if known is None or one.end - one.start > known.end - known.start:
            longest[one.press] = one
    return list(longest.values())

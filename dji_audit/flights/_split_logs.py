"""A log split into segments: one for each flight, or for each recording of a media file.

A segment keeps the log's own clock; aligning it adds an offset.  A flight reaches from
half-way after the previous landing to half-way to the next take-off, so that every row of
a log belongs to exactly one segment.
"""

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights._filled_columns import NAT_NS, Ints, has_values
from dji_audit.flights.clock._clock_alignment import ClockAlignment

SECOND_NS = 1_000_000_000
#: Recordings of one file that lie farther apart are not of one flight.
_MAX_GAP_NS = 600 * SECOND_NS
#: Table -> column with the time of a row, and column with its end.
TIME_COLUMNS = {
    "track": ("time", None),
    "events": ("time", "end"),
    "captures": ("start", "end"),
    "contacts": ("time", "end"),
}


@dataclass(frozen=True, slots=True, eq=False)
class LogSegment:
    """The part of a log that is of one flight, by the log's own clock."""

    log: parsers.Log
    #: Counted from 1.
    number: int
    #: ``utc``, ``wall``, ``elapsed`` or ``none``.
    clock_kind: str
    #: By the own clock; ``None``: the log does not show it.
    takeoff_ns: int | None
    landing_ns: int | None
    #: Rows from ``after_ns`` up to ``before_ns`` belong to it; ``None``: no bound.
    after_ns: int | None
    before_ns: int | None

    @property
    def segment_id(self) -> str:
        """The same in every run: from the log's hash, its stream if it has one, and the number."""
        source, digest = self.log.source, self.log.source.sha256
        if source.stream is not None:
            # The logs of one file share its hash.
            digest = hashlib.sha256(f"{digest}#{source.stream}".encode()).hexdigest()
        return f"{digest[:8]}-{self.number}"

    def restricted_to(self, after_s: float | None, before_s: float | None) -> "LogSegment":
        """Return the part of it between two instants, seconds by the log's own clock."""
        if after_s is None and before_s is None:
            return self
        after, before = self.after_ns, self.before_ns
        if after_s is not None:
            after = max(round(after_s * 1e9), NAT_NS if after is None else after)
        if before_s is not None:
            before = min(round(before_s * 1e9), -NAT_NS if before is None else before)
        return replace(self, after_ns=after, before_ns=before)

    def row_mask(self, table: str) -> npt.NDArray[np.bool_]:
        """Return which rows of a table belong to it; rows without a time go to the first."""
        times = row_times_ns(self.log, self.clock_kind, table)
        keep = np.ones(len(times), bool)
        if self.after_ns is not None:
            keep &= (times != NAT_NS) & (times >= self.after_ns)
        if self.before_ns is not None:
            keep &= (times == NAT_NS) | (times < self.before_ns)
        return keep

    def aligned_rows(self, table: str, alignment: ClockAlignment) -> pd.DataFrame:
        """Return its rows of a table with times on the clock of the flight.

        Args:
            table: One of ``parsers.TABLES``.
            alignment: Of its clock; rows of an unaligned log keep the UTC they have.
        """
        frame: pd.DataFrame = getattr(self.log, table)
        if not len(frame):
            return frame
        keep = self.row_mask(table)
        whole = bool(keep.all())
        if alignment.is_aligned and (alignment.shifts_times or self.clock_kind != "utc"):
            begin, end = TIME_COLUMNS[table]
            moved = {
                begin: aligned_times(row_times_ns(self.log, self.clock_kind, table), alignment)
            }
            if end is not None:
                moved[end] = aligned_times(
                    row_end_times_ns(self.log, self.clock_kind, table), alignment
                )
            frame = frame.assign(**moved)
        return frame if whole else frame[keep].reset_index(drop=True)


def clock_kind(log: parsers.Log) -> str:
    """Return the clock of a log's rows: ``utc``, ``wall``, ``elapsed`` or ``none``."""
    timed = any(
        has_values(getattr(log, table), columns[0])
        for table, columns in TIME_COLUMNS.items()
        if table != "contacts"
    )
    if timed:
        return "utc"
    return log.local_times.kind if log.local_times is not None else "none"


def row_times_ns(log: parsers.Log, kind: str, table: str) -> Ints:
    """Return the time of each row by the log's own clock, nanoseconds, ``NAT`` for none."""
    return _time_column_ns(log, kind, table, 0)


def row_end_times_ns(log: parsers.Log, kind: str, table: str) -> Ints:
    """Return the end of each row by the log's own clock."""
    return _time_column_ns(log, kind, table, 1)


def aligned_times(times: Ints, alignment: ClockAlignment) -> pd.DatetimeIndex:
    """Return times of a log's own clock on that of the flight, as aware UTC."""
    unknown = times == NAT_NS
    moved = np.where(unknown, NAT_NS, alignment.aligned_ns(np.where(unknown, 0, times)))
    return pd.DatetimeIndex(moved.view("datetime64[ns]")).tz_localize("UTC")


def split_by_flight(log: parsers.Log) -> tuple[LogSegment, ...]:
    """Return the segments of a log in time order, at least one.

    An exported table without UTC is one segment: the log that it was made from is split.
    """
    kind = clock_kind(log)
    if log.source.format in export_format_names() and kind != "utc":
        return (
            LogSegment(
                log,
                1,
                kind,
                *_first_takeoff_and_last_landing(_takeoffs_and_landings(log, kind)),
                None,
                None,
            ),
        )
    if log.source.format in media_format_names():
        edges = _boundaries_between_recordings(log, kind)
        pairs: list[tuple[int | None, int | None]] = [(None, None)] * (len(edges) + 1)
    else:
        pairs = _takeoffs_and_landings(log, kind) or [(None, None)]
        edges = [
            _midpoint_between_flights(before[1], after[0]) for before, after in pairwise(pairs)
        ]
    limits = [None, *edges, None]
    return tuple(
        LogSegment(log, number, kind, takeoff, landing, limits[number - 1], limits[number])
        for number, (takeoff, landing) in enumerate(pairs, 1)
    )


def _time_column_ns(log: parsers.Log, kind: str, table: str, column_index: int) -> Ints:
    column = TIME_COLUMNS[table][column_index]
    frame: pd.DataFrame = getattr(log, table)
    if column is None:
        return np.full(len(frame), NAT_NS)
    if kind == "utc" or log.local_times is None or table == "contacts":
        return frame[column].to_numpy("datetime64[ns]").view(np.int64)
    times: npt.NDArray[np.datetime64] = getattr(
        log.local_times, table + ("_end" if column_index else "")
    )
    return times.astype("datetime64[ns]").view(np.int64)


def _takeoffs_and_landings(log: parsers.Log, kind: str) -> list[tuple[int | None, int | None]]:
    """Pair each take-off with the landing that follows it."""
    pairs: list[tuple[int | None, int | None]] = []
    takeoff: int | None = None
    if not len(log.events):
        return pairs
    kinds = log.events["kind"]
    times = row_times_ns(log, kind, "events")
    moves = np.flatnonzero(kinds.isin(["takeoff", "landing"]).to_numpy() & (times != NAT_NS))
    moves = moves[np.argsort(times[moves], kind="stable")]
    for move, time in zip(kinds.iloc[moves].tolist(), times[moves].tolist(), strict=True):
        if move == "takeoff":
            if takeoff is not None:
                pairs.append((takeoff, None))
            takeoff = time
        elif takeoff is not None or not pairs:
            pairs.append((takeoff, time))
            takeoff = None
    if takeoff is not None:
        pairs.append((takeoff, None))
    return pairs


def _first_takeoff_and_last_landing(
    pairs: list[tuple[int | None, int | None]],
) -> tuple[int | None, int | None]:
    """Return the first take-off and the last landing of pairs in time order."""
    return (pairs[0][0], pairs[-1][1]) if pairs else (None, None)


def _midpoint_between_flights(landing: int | None, takeoff: int | None) -> int | None:
    """Return the instant halfway between a landing and the next take-off."""
    if landing is None or takeoff is None:
        return takeoff
    return landing + (takeoff - landing) // 2


def _boundaries_between_recordings(log: parsers.Log, kind: str) -> list[int | None]:
    """Return the instants between one recording, or series of photos, and the next."""
    if len(log.captures) < 2:
        return []
    starts, ends = row_times_ns(log, kind, "captures"), row_end_times_ns(log, kind, "captures")
    known = np.flatnonzero(starts != NAT_NS)
    known = known[np.argsort(starts[known], kind="stable")]
    until = np.maximum.accumulate(np.maximum(starts[known], ends[known])) if len(known) else known
    video = (log.captures["kind"] != "photo").to_numpy()[known]
    cuts: list[int | None] = []
    for before, row in pairwise(range(len(known))):
        gap = int(starts[known[row]] - until[before])
        if gap > (0 if video[row] or video[before] else _MAX_GAP_NS):
            cuts.append(int(until[before]) + gap // 2)
    return cuts


@cache
def media_format_names() -> frozenset[str]:
    """Return the names of the formats whose files are recordings or lie beside one."""
    return frozenset(known.name for known in parsers.formats() if known.media)


@cache
def export_format_names() -> frozenset[str]:
    """Return the names of the formats whose files are made from other logs."""
    return frozenset(known.name for known in parsers.formats() if known.export)

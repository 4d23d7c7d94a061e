"""A log split into segments: one for each flight, or for each recording of a media file.

A segment keeps the log's own clock; aligning it adds an offset.  A flight reaches from
half-way after the previous landing to half-way to the next take-off, so that every row of
a log belongs to exactly one segment.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights._columns_with_values import NAT_NS, Ints, column_has_values
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment

SECOND_NS = 1_000_000_000
#: Recordings of one file that lie farther apart are not of one flight.
_MAX_GAP_NS = 600 * SECOND_NS
#: A pause of the track this near to a gap between recordings is that gap.
_SAME_PAUSE_NS = 60 * SECOND_NS
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
    #: When it was in the air; ``None``: the log does not show it.
    airborne: parsers.AirborneSpan | None
    #: Rows from ``after_ns`` up to ``before_ns`` belong to it; ``None``: no bound.
    after_ns: int | None
    before_ns: int | None

    @property
    def takeoff_ns(self) -> int | None:
        """Take-off by the own clock; ``None``: the log does not show it."""
        span = self.airborne
        return span.start_ns if span is not None and span.takeoff_recorded else None

    @property
    def landing_ns(self) -> int | None:
        """Landing by the own clock; ``None``: the log does not show it."""
        span = self.airborne
        return span.end_ns if span is not None and span.landing_recorded else None

    @property
    def not_flown_reason(self) -> str:
        """What its log shows instead of a flight, a clause; empty: it may have flown."""
        known = self.log.airborne
        return "" if known is None or known.spans else known.not_flown_because

    @property
    def segment_id(self) -> str:
        """The same in every run: from the log's hash, its stream if it has one, and the number."""
        source, digest = self.log.source, self.log.source.sha256
        if source.stream is not None:
            # The logs of one file share its hash.
            digest = hashlib.sha256(f"{digest}#{source.stream}".encode()).hexdigest()
        return f"{digest[:8]}-{self.number}"

    def part_between_instants(self, after_s: float | None, before_s: float | None) -> "LogSegment":
        """Return the part of it between two instants, seconds by the log's own clock."""
        if after_s is None and before_s is None:
            return self
        after, before = self.after_ns, self.before_ns
        if after_s is not None:
            after = max(round(after_s * 1e9), NAT_NS if after is None else after)
        if before_s is not None:
            before = min(round(before_s * 1e9), -NAT_NS if before is None else before)
        spans = [] if self.airborne is None else [self.airborne]
        span = _airborne_span_between_instants(spans, after, before)
        return replace(self, airborne=span, after_ns=after, before_ns=before)

    def rows_of_segment_mask(self, table: str) -> npt.NDArray[np.bool_]:
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
        keep = self.rows_of_segment_mask(table)
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


def clock_kind_of_log(log: parsers.Log) -> str:
    """Return the clock of a log's rows: ``utc``, ``wall``, ``elapsed`` or ``none``."""
    timed = any(
        column_has_values(getattr(log, table), columns[0])
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
    kind = clock_kind_of_log(log)
    spans = _airborne_spans_of_log(log, kind)
    if log.source.format in names_of_formats_made_from_other_logs() and kind != "utc":
        return (
            LogSegment(log, 1, kind, _span_from_first_to_last_airborne_span(spans), None, None),
        )
    if log.source.format in names_of_media_formats():
        limits = [None, *_instants_between_recordings_of_kind(log, kind), None]
        each = [
            _airborne_span_between_instants(spans, after, before)
            for after, before in pairwise(limits)
        ]
    else:
        each = list(spans) or [None]
        limits = [None, *_midpoints_between_landing_and_takeoff(spans), None]
    return tuple(
        LogSegment(log, number, kind, span, limits[number - 1], limits[number])
        for number, span in enumerate(each, 1)
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


def _airborne_spans_of_log(log: parsers.Log, kind: str) -> Sequence[parsers.AirborneSpan]:
    """Return when the aircraft was in the air; of a log that was not judged, by its events."""
    if log.airborne is not None:
        return log.airborne.spans
    return _spans_from_takeoff_to_landing(log, kind)


def _spans_from_takeoff_to_landing(log: parsers.Log, kind: str) -> list[parsers.AirborneSpan]:
    """Pair each take-off with the landing that follows it; one without lasts to the next."""
    if not len(log.events):
        return []
    kinds = log.events["kind"]
    times = row_times_ns(log, kind, "events")
    moves = np.flatnonzero(kinds.isin(["takeoff", "landing"]).to_numpy() & (times != NAT_NS))
    moves = moves[np.argsort(times[moves], kind="stable")]
    if not len(moves):
        return []
    fixes = row_times_ns(log, kind, "track")
    fixes = fixes[fixes != NAT_NS]
    known = np.concatenate([fixes, times[moves]])
    first, last = int(known.min()), int(known.max())
    spans: list[parsers.AirborneSpan] = []
    takeoff: int | None = None
    for move, time in zip(kinds.iloc[moves].tolist(), times[moves].tolist(), strict=True):
        if move == "takeoff":
            if takeoff is not None:
                spans.append(parsers.AirborneSpan(takeoff, time, True, False))
            takeoff = time
        elif takeoff is not None or not spans:
            start = first if takeoff is None else takeoff
            spans.append(parsers.AirborneSpan(start, time, takeoff is not None, True))
            takeoff = None
    if takeoff is not None:
        spans.append(parsers.AirborneSpan(takeoff, last, True, False))
    return spans


def _span_from_first_to_last_airborne_span(
    spans: Sequence[parsers.AirborneSpan],
) -> parsers.AirborneSpan | None:
    """Return the stretch from the first span to the last."""
    if not spans:
        return None
    first, last = spans[0], spans[-1]
    return replace(first, end_ns=last.end_ns, landing_recorded=last.landing_recorded)


def _airborne_span_between_instants(
    spans: Sequence[parsers.AirborneSpan], after: int | None, before: int | None
) -> parsers.AirborneSpan | None:
    """Return the part of the time in the air that lies between two instants."""
    within = [
        span
        for span in spans
        if (before is None or span.start_ns < before) and (after is None or span.end_ns >= after)
    ]
    whole = _span_from_first_to_last_airborne_span(within)
    if whole is not None and after is not None and whole.start_ns < after:
        whole = replace(whole, start_ns=after, takeoff_recorded=False)
    if whole is not None and before is not None and whole.end_ns >= before:
        whole = replace(whole, end_ns=before, landing_recorded=False)
    return whole


def _midpoints_between_landing_and_takeoff(spans: Sequence[parsers.AirborneSpan]) -> list[int]:
    """Return the instants halfway between a landing and the next take-off."""
    return [
        before.end_ns + (after.start_ns - before.end_ns) // 2 for before, after in pairwise(spans)
    ]


def _instants_between_recordings_of_kind(log: parsers.Log, kind: str) -> list[int]:
    """Return the instants between one recording, or series of photos, and the next."""
    pauses = _middles_of_track_pauses(log, kind)
    if len(log.captures) < 2:
        return list(pauses)
    starts, ends = row_times_ns(log, kind, "captures"), row_end_times_ns(log, kind, "captures")
    known = np.flatnonzero(starts != NAT_NS)
    known = known[np.argsort(starts[known], kind="stable")]
    until = np.maximum.accumulate(np.maximum(starts[known], ends[known])) if len(known) else known
    video = (log.captures["kind"] != "photo").to_numpy()[known]
    cuts: list[int] = []
    for before, row in pairwise(range(len(known))):
        gap = int(starts[known[row]] - until[before])
        if gap > (0 if video[row] or video[before] else _MAX_GAP_NS):
            cuts.append(int(until[before]) + gap // 2)
    between = np.array(cuts, np.int64)
    own = [at for at in pauses if not (abs(between - at) < _SAME_PAUSE_NS).any()]
    return sorted([*cuts, *own])


def _middles_of_track_pauses(log: parsers.Log, kind: str) -> list[int]:
    """Return the instants in the middle of pauses in which a recording stood still."""
    times = row_times_ns(log, kind, "track")
    times = np.sort(times[times != NAT_NS])
    rows = np.flatnonzero(np.diff(times) > parsers.MAX_CLIP_PAUSE_S * SECOND_NS)
    middles: list[int] = (times[rows] + (times[rows + 1] - times[rows]) // 2).tolist()
    return middles


@cache
def names_of_media_formats() -> frozenset[str]:
    """Return the names of the formats whose files are recordings or lie beside one."""
    return frozenset(known.name for known in parsers.formats() if known.media)


@cache
def all_receiver_format_names() -> frozenset[str]:
    """Return the names of the formats whose files hold what other devices saw of an aircraft."""
    return frozenset(known.name for known in parsers.formats() if known.is_from_receiver)


@cache
def names_of_formats_that_state_no_owner() -> frozenset[str]:
    """Return the names of the formats whose files are tracks that do not say whose they are."""
    return frozenset(known.name for known in parsers.formats() if known.states_no_owner)


def is_log_of_flight(log: parsers.Log) -> bool:
    """Return whether a log is of a flight: no network log, and no track that states no owner."""
    return (
        log.capture_window is None
        and log.source.format not in names_of_formats_that_state_no_owner()
    )


@cache
def names_of_formats_made_from_other_logs() -> frozenset[str]:
    """Return the names of the formats whose files are made from other logs."""
    return frozenset(known.name for known in parsers.formats() if known.export)

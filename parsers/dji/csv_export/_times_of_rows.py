"""The instant of each row: UTC where the table says UTC, else a wall clock of unknown zone."""

import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._clocks._move_local_times_out_of_tables import elapsed_seconds_to_ns
from ..._model import Clock, Issue, MonotonicCounter
from ._export_rows import ExportRows
from ._parse_datetimes import NAT, Ints, ParsedDatetimes, parse_datetimes
from ._read_export_lines import QUOTED_SEPARATOR

#: An hour that a spreadsheet cut off leaves minutes and tenths of seconds.
_HOUR_CUT_OFF = re.compile(r"\d{1,2}:\d{2}\.\d")
#: Later than any row; sorts those without a time last.
_LATEST_NS = 4_102_444_800 * 10**9
_SECOND_NS = 10**9
#: If whole seconds miss the common offset by more, the clock was changed during the flight.
_LARGEST_MISFIT_NS = 3 * _SECOND_NS


@dataclass(frozen=True, slots=True)
class TimesOfRows:
    """Times of the rows, nanoseconds since 1970; ``NAT`` if missing."""

    utc_ns: Ints
    #: The wall clock, where no zone is known; ``None``: the table says UTC.
    wall_ns: Ints | None
    clock: Clock
    #: What is in doubt about them.
    issues: tuple[Issue, ...] = ()

    @property
    def row_indices_in_time_order(self) -> Ints:
        """The rows in time order; those without a time come last, in file order."""
        return np.argsort(np.where(self.utc_ns == NAT, _LATEST_NS, self.utc_ns), kind="stable")

    def instant(self, row: int) -> np.datetime64 | None:
        """Return the instant of a row for a table, or missing."""
        ns = int(self.utc_ns[row])
        return None if ns == NAT else np.datetime64(ns, "ns")

    def wall_clock_text(self, row: int) -> str | None:
        """Return the wall clock at a row as text; ``None`` if the table states UTC."""
        if self.wall_ns is None or int(self.wall_ns[row]) == NAT:
            return None
        return f"{pd.Timestamp(int(self.wall_ns[row])):%Y-%m-%d %H:%M:%S}"


def times_of_rows(rows: ExportRows) -> TimesOfRows:
    """Return the times of a table."""
    if rows.exporter.states_start_in_metadata:
        return _utc_times_from_start_in_metadata(rows)
    if rows.exporter.clock_source is None:
        return _flight_reader_wall_clock_times(rows)
    role = "utc" if rows.has_column("utc") else "time"
    texts = rows.texts_of_role(role)
    nothing = np.full(len(rows), NAT)
    stamps = (
        ParsedDatetimes(nothing, False, False)
        if texts is None
        else parse_datetimes(texts, rows.file_name)
    )
    if not (stamps.ns != NAT).any():
        return TimesOfRows(stamps.ns, None, Clock(notes=(_reason_without_dates(texts),)))
    elapsed_s = rows.numbers_of_role("elapsed_s") if rows.exporter.has_fine_count else None
    resolution_s = 60.0 if stamps.lacks_seconds else 1.0
    if elapsed_s is None:
        known_s = resolution_s if stamps.lacks_seconds else None
        times = TimesOfRows(stamps.ns, None, Clock(rows.exporter.clock_source, known_s))
    else:
        times = _times_from_finer_counter(
            rows.exporter.clock_source, stamps.ns, elapsed_s, resolution_s
        )
    issues = _ambiguous_date_order_issues(rows, stamps, texts)
    # A receiver sets its clock at its first fix.
    if elapsed_s is not None and not rows.exporter.clock_is_receiver:
        issues += _steps_of_time_stamps_issues(rows, stamps.ns, elapsed_s, resolution_s)
    if not (stamps.state_zone or rows.is_utc_by_title(role)):
        clock = _wall_clock_of_unknown_zone(times.utc_ns)
        return TimesOfRows(nothing, times.utc_ns, clock, issues)
    return replace(times, issues=issues)


def _reason_without_dates(texts: pd.Series | None) -> str:
    """Return why the times of a table are not known."""
    filled = [] if texts is None else [text for text in texts.head(100).str.strip() if text]
    if not filled:
        return "the table states no date"
    shown = filled[0][:40].replace(QUOTED_SEPARATOR, ",")
    return f"its times are not in a known form ({shown!r})"


def _ambiguous_date_order_issues(
    rows: ExportRows, stamps: ParsedDatetimes, texts: pd.Series | None
) -> tuple[Issue, ...]:
    """Return an issue if the day and the month of all dates could be either way round."""
    if not stamps.is_ambiguous or texts is None:
        return ()
    row = int(np.argmax(stamps.ns != NAT))
    reason = (
        f"the day and the month of its dates could be either way round ({texts.iloc[row][:40]!r}): "
        "read month first"
    )
    return (Issue(int(rows.offsets[row]), 0, reason),)


def _utc_times_from_start_in_metadata(rows: ExportRows) -> TimesOfRows:
    """Return the times of a table that counts from a start that its metadata state in UTC."""
    nothing = np.full(len(rows), NAT)
    start, elapsed_s = rows.metadata.start, rows.numbers_of_role("elapsed_s")
    if start is None or elapsed_s is None:
        notes = ("the table counts seconds and does not state when it began",)
        return TimesOfRows(nothing, None, Clock(notes=notes))
    counted = elapsed_seconds_to_ns(elapsed_s)
    ns = np.where(counted == NAT, NAT, counted + start.value)
    return TimesOfRows(ns, None, Clock(rows.exporter.clock_source, 1.0))


def local_clock_kind_and_times_ns(rows: ExportRows, times: TimesOfRows) -> tuple[str, Ints | None]:
    """Return the kind of a table's local clock, and its nanoseconds; ``None`` if it has none.

    Where a spreadsheet cut off the hours of the wall clock, the flight time is left,
    if it runs on and never back.
    """
    if times.wall_ns is None:
        return "wall", None
    if (times.wall_ns != NAT).any():
        return "wall", times.wall_ns
    seconds = rows.numbers_of_role("elapsed_s")
    if seconds is None or (np.diff(seconds[np.isfinite(seconds)]) < 0).any():
        return "elapsed", None
    return "elapsed", elapsed_seconds_to_ns(seconds)


def _flight_reader_wall_clock_times(rows: ExportRows) -> TimesOfRows:
    """Return the wall clock of Flight Reader's tables, which is not UTC."""
    nothing = np.full(len(rows), NAT)
    dates, clocks = rows.texts_of_role("date"), rows.texts_of_role("time")
    if dates is None or clocks is None:
        return TimesOfRows(nothing, nothing, Clock())
    parsed = parse_datetimes(dates + " " + clocks, rows.file_name)
    notes = []
    if not (parsed.ns != NAT).any() and bool(clocks.str.fullmatch(_HOUR_CUT_OFF.pattern).any()):
        notes.append("its hours were cut off, as spreadsheets do")
    if parsed.is_ambiguous:
        # So PhantomHelp writes them; a spreadsheet may have turned them round.
        notes.append("the day and the month of its dates could be either way round: month first")
    return TimesOfRows(nothing, parsed.ns, _wall_clock_of_unknown_zone(parsed.ns, *notes))


def _wall_clock_of_unknown_zone(wall_ns: Ints, *notes: str) -> Clock:
    """Return the clock of a table whose times are local ones, and what a reader must know."""
    known = wall_ns[wall_ns != NAT]
    of_all = [
        "the table's times are local times of the place where it was written: "
        "see records('Row').wall_clock"
    ]
    if len(known):
        first, last = (pd.Timestamp(int(ns)) for ns in (known.min(), known.max()))
        of_all.append(f"the wall clock runs from {first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S}")
    return Clock("local wall clock, zone not known", notes=(*of_all, *notes))


def _times_from_finer_counter(
    source: str, stamps: Ints, elapsed_s: npt.NDArray[np.float64], resolution_s: float = 1.0
) -> TimesOfRows:
    """Return the finer count of a table, set to the UTC that it writes to the second or minute.

    A stamp is cut to its second, so UTC less the count is at least what each row
    says and less than a second more: the greatest of all is nearest to it.
    """
    largest_misfit_ns = _LARGEST_MISFIT_NS + round((resolution_s - 1) * _SECOND_NS)
    known = (stamps != NAT) & np.isfinite(elapsed_s)
    if not known.any():
        return TimesOfRows(stamps, None, Clock(source, resolution_s))
    count = np.round(np.nan_to_num(elapsed_s) * 1e9).astype(np.int64)
    offsets = stamps[known] - count[known]
    middle = int(np.median(offsets))
    near = offsets[abs(offsets - middle) <= largest_misfit_ns]
    follow = len(near) >= 0.9 * len(offsets) and int(np.ptp(near)) <= largest_misfit_ns
    is_set_back = bool(
        ((np.diff(stamps[known]) < -largest_misfit_ns) & (np.diff(count[known]) > 0)).any()
    )
    if not follow and not is_set_back:
        note = "its time stamps do not follow its own counter: rows have the time of the stamp"
        return TimesOfRows(stamps, None, Clock(source, resolution_s, None, (note,)))
    # Stamps that went back while the counter ran on put rows in an order that they never had.
    near = near if follow else offsets[abs(offsets - offsets[0]) <= largest_misfit_ns]
    utc = np.where(np.isfinite(elapsed_s), int(near.max()) + count, stamps)
    offset_s = round(int(near.max()) / 1e9, 3)
    if not follow:
        note = (
            "its time stamps went back while its own counter ran on: rows use the counter, aligned "
            "with its first time stamps"
        )
        return TimesOfRows(
            utc, None, Clock(source, round(int(np.ptp(offsets)) / 1e9, 3), offset_s, (note,))
        )
    left_s = max(0.0, resolution_s - int(np.ptp(near)) / 1e9)
    note = "rows use the table's finer counter, aligned with its time stamps"
    return TimesOfRows(utc, None, Clock(source, round(left_s, 3), offset_s, (note,)))


def _steps_of_time_stamps_issues(
    rows: ExportRows, stamps: Ints, elapsed_s: npt.NDArray[np.float64], resolution_s: float
) -> tuple[Issue, ...]:
    """Return an issue if time stamps step while the table's own counter runs on."""
    known = np.flatnonzero((stamps != NAT) & np.isfinite(elapsed_s))
    counted_s = np.diff(elapsed_s[known])
    steps_s = np.diff(stamps[known]) / 1e9 - counted_s
    is_step = (counted_s > 0) & (abs(steps_s) > _LARGEST_MISFIT_NS / 1e9 + resolution_s - 1)
    if not is_step.any():
        return ()
    first = int(np.argmax(is_step))
    where = f"{int(is_step.sum())} places" if is_step.sum() > 1 else "one place"
    reason = (
        f"its time stamps step in {where} while its own counter runs on: by {steps_s[first]:+.1f} s"
        " first"
    )
    return (Issue(int(rows.offsets[known[first + 1]]), 0, reason),)


def clock_and_counter_of_rows(rows: ExportRows) -> tuple[MonotonicCounter, ...]:
    """Return the time stamps of a table, and the count beside them; none if it has not both.

    Not of a satellite receiver's stamps, which is set at its first fix, nor of a count that falls,
    as in a table that was sorted.
    """
    texts, elapsed_s = rows.texts_of_role("utc"), rows.numbers_of_role("elapsed_s")
    if not rows.exporter.has_fine_count or rows.exporter.clock_is_receiver:
        return ()
    if texts is None or elapsed_s is None:
        return ()
    stamps = parse_datetimes(texts, rows.file_name).ns
    known = (stamps != NAT) & np.isfinite(elapsed_s)
    if known.sum() < 2 or (np.diff(elapsed_s[known]) < 0).any():
        return ()
    offsets = rows.offsets[known]
    return tuple(
        MonotonicCounter("Row", rows.title_of_role(role) or role, kind, offsets, seconds)
        for role, kind, seconds in (
            ("utc", "clock", stamps[known] / 1e9),
            ("elapsed_s", "count", elapsed_s[known]),
        )
    )

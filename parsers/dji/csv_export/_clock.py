"""The instant of each row: UTC where the table says UTC, else a wall clock of unknown zone."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._local_times import elapsed_ns
from ..._model import Clock
from ._columns import ExportRows
from ._lines import Ints

NAT = np.iinfo(np.int64).min
_DATE = r"(?P<a>\d{1,4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,4})"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{1,2}(?:\.\d{1,9})?)"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?:Z|\+00:00)?"
)
_STAMP = re.compile(_DATE + r"[T ]\s*" + _TIME)
#: An hour that a spreadsheet cut off leaves minutes and tenths of seconds.
_HOUR_CUT_OFF = re.compile(r"\d{1,2}:\d{2}\.\d")
#: 2010 to 2100: no such table is older, and later is damage.
_EARLIEST_NS, _LATEST_NS = 1_262_304_000 * 10**9, 4_102_444_800 * 10**9
_SECOND_NS = 10**9
#: If whole seconds miss the common offset by more, the clock was changed during the flight.
_LARGEST_MISFIT_NS = 3 * _SECOND_NS


@dataclass(frozen=True, slots=True)
class RowTimes:
    """Times of the rows, nanoseconds since 1970; ``NAT`` if missing."""

    utc_ns: Ints
    #: The wall clock, where no zone is known; ``None``: the table says UTC.
    wall_ns: Ints | None
    clock: Clock

    @property
    def order(self) -> Ints:
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


def row_times(rows: ExportRows) -> RowTimes:
    """Return the times of a table."""
    if rows.exporter.clock_source is None:
        return _wall_clock_times(rows)
    texts = rows.texts("utc") if rows.has_column("utc") else rows.texts("time")
    stamps = _parse_datetimes_ns(texts) if texts is not None else np.full(len(rows), NAT)
    if not (stamps != NAT).any():
        return RowTimes(stamps, None, Clock(notes=("the table states no date",)))
    elapsed_s = rows.numbers("elapsed_s") if rows.exporter.has_fine_count else None
    if elapsed_s is None:
        return RowTimes(stamps, None, Clock(rows.exporter.clock_source))
    return _fine_count_times(rows.exporter.clock_source, stamps, elapsed_s)


def local_clock_kind_and_ns(rows: ExportRows, times: RowTimes) -> tuple[str, Ints | None]:
    """Return the kind of a table's local clock, and its nanoseconds; ``None`` if it has none.

    Where a spreadsheet cut off the hours of the wall clock, the flight time is left,
    if it runs on and never back.
    """
    if times.wall_ns is None:
        return "wall", None
    if (times.wall_ns != NAT).any():
        return "wall", times.wall_ns
    seconds = rows.numbers("elapsed_s")
    if seconds is None or (np.diff(seconds[np.isfinite(seconds)]) < 0).any():
        return "elapsed", None
    return "elapsed", elapsed_ns(seconds)


def _wall_clock_times(rows: ExportRows) -> RowTimes:
    """Return the wall clock of Flight Reader's tables, which is not UTC."""
    nothing = np.full(len(rows), NAT)
    dates, clocks = rows.texts("date"), rows.texts("time")
    if dates is None or clocks is None:
        return RowTimes(nothing, nothing, Clock())
    wall = _parse_datetimes_ns(dates + " " + clocks)
    known = wall[wall != NAT]
    notes = [
        "the table's times are local times of the place where it was written: "
        "see records('Row').wall_clock"
    ]
    if len(known):
        first, last = (pd.Timestamp(int(ns)) for ns in (known.min(), known.max()))
        notes.append(f"the wall clock runs from {first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S}")
    elif bool(clocks.str.fullmatch(_HOUR_CUT_OFF.pattern).any()):
        notes.append("its hours were cut off, as spreadsheets do")
    return RowTimes(nothing, wall, Clock("local wall clock, zone not known", notes=tuple(notes)))


def _fine_count_times(source: str, stamps: Ints, elapsed_s: npt.NDArray[np.float64]) -> RowTimes:
    """Return the finer count of a table, set to the UTC that it writes to the second.

    A stamp is cut to its second, so UTC less the count is at least what each row
    says and less than a second more: the greatest of all is nearest to it.
    """
    known = (stamps != NAT) & np.isfinite(elapsed_s)
    if not known.any():
        return RowTimes(stamps, None, Clock(source, 1.0))
    count = np.round(np.nan_to_num(elapsed_s) * 1e9).astype(np.int64)
    offsets = stamps[known] - count[known]
    middle = int(np.median(offsets))
    near = offsets[abs(offsets - middle) <= _LARGEST_MISFIT_NS]
    if len(near) < 0.9 * len(offsets) or int(near.max() - near.min()) > _LARGEST_MISFIT_NS:
        note = (
            "its time stamps do not follow its own counter: rows have the whole second of the stamp"
        )
        return RowTimes(stamps, None, Clock(source, 1.0, None, (note,)))
    utc = np.where(np.isfinite(elapsed_s), int(near.max()) + count, stamps)
    left_s = max(0.0, 1.0 - int(near.max() - near.min()) / 1e9)
    note = "rows use the table's finer counter, aligned with its time stamps"
    return RowTimes(
        utc, None, Clock(source, round(left_s, 3), round(int(near.max()) / 1e9, 3), (note,))
    )


def _parse_datetimes_ns(texts: pd.Series) -> Ints:
    """Return dates with times as nanoseconds since 1970, whatever zone they are of.

    A year may stand first or last.  Of two numbers that could both be a month, the
    first is: so PhantomHelp writes them.  One above 12 anywhere settles it.
    """
    parts = texts.str.extract(_STAMP)
    a, b, c = (pd.to_numeric(parts[name], errors="coerce") for name in "abc")
    year_first = a > 31
    day_first = bool((a[~year_first] > 12).any())
    year = a.where(year_first, c)
    month = b.where(year_first | day_first, a)
    day = c.where(year_first, a if day_first else b)
    days = pd.to_datetime(
        pd.DataFrame({"year": year, "month": month, "day": day}), errors="coerce"
    ).to_numpy("datetime64[ns]")
    hour = pd.to_numeric(parts["hour"], errors="coerce").to_numpy(np.float64)
    minute = pd.to_numeric(parts["minute"], errors="coerce").to_numpy(np.float64)
    second = pd.to_numeric(parts["second"], errors="coerce").to_numpy(np.float64)
    half = parts["half"].str.lower()
    hour = np.where((half == "pm").to_numpy(bool, na_value=False), hour % 12 + 12, hour)
    hour = np.where((half == "am").to_numpy(bool, na_value=False), hour % 12, hour)
    with np.errstate(invalid="ignore"):
        good = (hour < 24) & (minute < 60) & (second < 61) & ~np.isnat(days)
    clock = np.nan_to_num(hour) * 3600 + np.nan_to_num(minute) * 60 + np.nan_to_num(second)
    ns = days.astype(np.int64) + np.round(clock * 1e6).astype(np.int64) * 1000
    good &= (ns > _EARLIEST_NS) & (ns < _LATEST_NS)
    return np.where(good, ns, NAT).astype(np.int64)

"""Dates with times as tables write them, and as spreadsheets rewrite them.

Years may stand first or last, months as numbers or in English; a spreadsheet writes them in the
order of its country, may leave out the seconds, and in some countries writes dots between hours and
minutes, or the half of the day before the hour.  A cell without a form shows the days since
30 December 1899 (ECMA-376 part 1, 18.17.4.1).  Dates with dots are day first wherever these are
used (CLDR 44, date formats); of two numbers between slashes or hyphens that could both be a month,
nothing in the table says which is.
"""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._shared._written_times import MONTH_NUMBERS

Ints = npt.NDArray[np.int64]

NAT = np.iinfo(np.int64).min
_MONTH = "|".join(MONTH_NUMBERS)
_DATE = (
    r"(?P<a>\d{1,4})(?P<between>[-/.] ?| )(?P<b>\d{1,2}|(?i:" + _MONTH + r")[a-z]{0,6}\.?)"
    r"(?:[-/.] ?| )(?P<c>\d{1,4})\.?"
)
#: The half of the day before the hour, as Chinese, Korean and Japanese have it.
_SECOND_HALVES = ("下午", "오후", "午後")
_HALVES = "|".join(("上午", "오전", "午前", *_SECOND_HALVES))
_TIME = (
    r"(?P<before>" + _HALVES + r")? ?(?P<hour>\d{1,2})(?:"
    r":(?P<minute>\d{2})(?::(?P<second>\d{1,2}(?:[.,]\d{1,9})?)|(?![:.,\d]))"
    r"|\.(?P<dot_minute>\d{2})(?:\.(?P<dot_second>\d{1,2}(?:,\d{1,9})?)|(?![:.,\d])))"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\b)?\s*(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?(?![:\d]))?"
)
_STAMP = re.compile(_DATE + r"(?:T|[,\x1f]? )\s*" + _TIME)
#: ``May 14, 2026``: the month stands before the day.  U+001F is a comma within quotes.
_MONTH_FIRST = re.compile(
    r"\b((?:" + _MONTH + r")[a-z]{0,6})\.? (\d{1,2})[,\x1f]? (\d{4})", re.IGNORECASE
)
#: Days from 30 December 1899 to 1 January 1970.
_SPREADSHEET_DAYS_OF_1970 = 25_569
#: 2010 to 2100: no such table is older, and later is damage.
_EARLIEST_NS, _LATEST_NS = 1_262_304_000 * 10**9, 4_102_444_800 * 10**9
#: A date in the name of a file, as Airdata and DJI write it.
_DATE_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[-_]?(?P<month>[01]\d)[-_]?(?P<day>[0-3]\d)"
    r"|(?P<word>" + _MONTH + r")[a-z]{0,6}[-_ ](?P<nth>\d{1,2})(?:st|nd|rd|th)?[-_ ](?P<of>20\d\d)",
    re.IGNORECASE,
)


class ParsedDatetimes(NamedTuple):
    """Dates with times, and how they were understood."""

    #: Nanoseconds since 1970, of UTC where a time states its zone, else of a zone that the table
    #: knows; ``NAT``: none.
    ns: Ints
    #: Whether day and month could be either way round in all of them; they are read month first.
    is_ambiguous: bool
    #: Whether no time has seconds: each is cut to its minute.
    lacks_seconds: bool
    #: Whether each states its zone: they are of UTC then.
    state_zone: bool = False


def parse_datetimes(texts: pd.Series, file_name: str = "") -> ParsedDatetimes:
    """Return dates with times.

    Args:
        texts: As they are written, all in one way.
        file_name: Where day and month could be either way round, a date in it settles which.
    """
    numbers = _datetime_ns_of_spreadsheet_days(texts)
    if numbers is not None:
        return ParsedDatetimes(numbers, False, False)
    if any(map(_MONTH_FIRST.search, texts.head(100).dropna())):
        texts = texts.str.replace(_MONTH_FIRST, r"\2-\1-\3", regex=True)
    parts = texts.str.extract(_STAMP)
    a, c = (pd.to_numeric(parts[name], errors="coerce") for name in "ac")
    names = parts["b"].str.lower().str[:3]
    month_of_name = names.map(MONTH_NUMBERS)
    b = pd.to_numeric(parts["b"], errors="coerce").fillna(month_of_name)
    year_first = a > 31
    settled = (
        month_of_name.notna()
        | parts["between"].str.startswith(".", na=False)
        | bool((a[~year_first] > 12).any())
    )
    day_first = bool(settled[a.notna() & ~year_first].any())
    both = a.notna() & ~year_first & (a <= 12) & (b <= 12) & (a != b)
    month_last = bool((b[~year_first] > 12).any())
    is_ambiguous = bool(both.any()) and not day_first and not month_last
    ns = _datetime_ns_of_parts(parts, a, b, c, year_first, day_first)
    if is_ambiguous:
        swapped = _datetime_ns_of_parts(parts, a, b, c, year_first, day_first=True)
        stated = _date_in_file_name(file_name)
        if stated is not None:
            fits = [_is_first_instant_near_stated_date(each, stated) for each in (ns, swapped)]
            is_ambiguous = fits[0] == fits[1]
            ns = swapped if fits[1] and not fits[0] else ns
    seconds = parts[["second", "dot_second"]].notna().any(axis=1)
    known = ns != NAT
    state_zone = bool(known.any() and parts["zone"].notna().to_numpy(bool)[known].all())
    return ParsedDatetimes(ns, is_ambiguous, bool(known.any() and not seconds.any()), state_zone)


def _datetime_ns_of_spreadsheet_days(texts: pd.Series) -> Ints | None:
    """Return the instants of cells that are days since 1899; ``None``: they are something else."""
    filled = texts.str.strip() != ""
    days = pd.to_numeric(texts.str.replace(",", "."), errors="coerce").to_numpy(np.float64)
    ns = np.round((days - _SPREADSHEET_DAYS_OF_1970) * 86_400e6) * 1e3
    good = (ns > _EARLIEST_NS) & (ns < _LATEST_NS) & (days % 1 != 0)
    if not good.any() or not good[filled.to_numpy(bool, na_value=False)].all():
        return None
    return np.where(good, np.nan_to_num(ns), NAT).astype(np.int64)


def _datetime_ns_of_parts(
    parts: pd.DataFrame,
    a: pd.Series,
    b: pd.Series,
    c: pd.Series,
    year_first: pd.Series,
    day_first: bool,
) -> Ints:
    """Return instants of the three numbers of dates and of their times; ``NAT`` where invalid."""
    year = a.where(year_first, c.where(c > 99, c + 2000))
    month = b.where(year_first | day_first, a)
    day = c.where(year_first, a if day_first else b)
    days = pd.to_datetime(
        pd.DataFrame({"year": year, "month": month, "day": day}), errors="coerce"
    ).to_numpy("datetime64[ns]")
    hour = pd.to_numeric(parts["hour"], errors="coerce").to_numpy(np.float64)
    minute = _numbers_of_either_column(parts, "minute", "dot_minute")
    second = np.nan_to_num(_numbers_of_either_column(parts, "second", "dot_second"))
    half = parts["half"].str.lower().str[0]
    is_second = ((half == "p") | parts["before"].isin(_SECOND_HALVES)).to_numpy(bool)
    is_first = (half.notna() | parts["before"].notna()).to_numpy(bool) & ~is_second
    hour = np.where(is_second, hour % 12 + 12, np.where(is_first, hour % 12, hour))
    with np.errstate(invalid="ignore"):
        good = (hour < 24) & (minute < 60) & (second < 61) & ~np.isnat(days)
    clock = np.nan_to_num(hour) * 3600 + np.nan_to_num(minute) * 60 + second
    clock -= _zone_offsets_s(parts["zone"])
    ns = days.astype(np.int64) + np.round(clock * 1e6).astype(np.int64) * 1000
    good &= (ns > _EARLIEST_NS) & (ns < _LATEST_NS)
    return np.where(good, ns, NAT).astype(np.int64)


def _zone_offsets_s(zones: pd.Series) -> npt.NDArray[np.float64]:
    """Return how far the zones that times state are ahead of UTC, seconds; 0: UTC, or none."""
    offset = zones.str.extract(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?")
    hours, minutes = (pd.to_numeric(offset[name]).fillna(0) for name in ("hours", "minutes"))
    seconds = (hours * 3600 + minutes * 60).to_numpy(np.float64)
    return np.where((offset["sign"] == "-").to_numpy(bool, na_value=False), -seconds, seconds)


def _numbers_of_either_column(
    parts: pd.DataFrame, name: str, otherwise: str
) -> npt.NDArray[np.float64]:
    texts = parts[name].fillna(parts[otherwise]).str.replace(",", ".")
    return pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)


def _date_in_file_name(name: str) -> np.datetime64 | None:
    """Return the date that the name of a file states; ``None``: it states none."""
    match = _DATE_IN_NAME.search(name)
    if match is None:
        return None
    if match["year"]:
        numbers = match["year"], match["month"], match["day"]
    else:
        month = MONTH_NUMBERS[match["word"].lower()]
        numbers = match["of"], f"{month:02d}", f"{int(match['nth']):02d}"
    try:
        return np.datetime64("-".join(numbers), "D")
    except ValueError:
        return None


def _is_first_instant_near_stated_date(ns: Ints, date: np.datetime64) -> bool:
    """Return whether the first instant lies on a date, or a day from it, as in another zone."""
    known = ns[ns != NAT]
    if not len(known):
        return False
    day = np.datetime64(int(known[0]), "ns").astype("datetime64[D]")
    return bool(abs(day - date) <= np.timedelta64(1, "D"))

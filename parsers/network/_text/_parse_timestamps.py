"""Instants as logs write them, as nanoseconds since 1970 UTC, exact to the last digit."""

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..._shared._written_times import MONTH_NUMBERS

Ints = npt.NDArray[np.int64]

#: What stands for an instant that is not known: ``NaT`` as a number.
NO_TIME = int(np.iinfo(np.int64).min)
_SECOND = 1_000_000_000
#: No log of a network is older than 1990 or younger than 2100: such an instant is damage.
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800
_COMMON = re.compile(
    r"(\d{2})/([A-Za-z]{3})/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))? ([+-]\d{4})\Z"
)


def epoch_seconds_text_to_ns(text: object) -> int:
    """Return the instant of seconds since 1970, written with a decimal point or without."""
    seconds_text, _, fraction = str(text).partition(".")
    if not (seconds_text.isascii() and seconds_text.isdigit() and len(seconds_text) <= 10):
        return NO_TIME
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        return NO_TIME
    seconds = int(seconds_text)
    if not _EARLIEST <= seconds < _LATEST:
        return NO_TIME
    return seconds * _SECOND + int(fraction[:9].ljust(9, "0"))


def epoch_seconds_column_to_ns(texts: Iterable[object]) -> Ints:
    """Return the instants of seconds since 1970."""
    return np.array([epoch_seconds_text_to_ns(text) for text in texts], np.int64)


def add_seconds_to_ns(times: Ints, seconds: Iterable[float | None]) -> Ints:
    """Return instants so many seconds later; where that is not known, or negative, none."""
    elapsed = np.array([np.nan if value is None else value for value in seconds], np.float64)
    with np.errstate(invalid="ignore"):
        known = (times != NO_TIME) & (elapsed >= 0) & (elapsed < _LATEST)
    later = np.full(len(times), NO_TIME)
    later[known] = times[known] + np.rint(elapsed[known] * 1e9).astype(np.int64)
    return later


@lru_cache(maxsize=1 << 12)
def iso_8601_text_to_epoch_ns(text: str | None) -> int:
    """Return the instant of an ISO 8601 text with a zone; without one it is not known."""
    if not text:
        return NO_TIME
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return NO_TIME
    if moment.tzinfo is None or not 1990 <= moment.year < 2100:
        return NO_TIME
    return _datetime_to_epoch_ns(moment)


@lru_cache(maxsize=1 << 12)
def common_log_time_text_to_epoch_ns(text: str) -> int:
    """Return the instant of the form that web servers use: ``14/May/2026:10:02:11 +0100``."""
    match = _COMMON.match(text)
    if match is None:
        return NO_TIME
    day, month, year, hour, minute, second, part, zone = match.groups()
    number = MONTH_NUMBERS.get(month.lower())
    if number is None:
        return NO_TIME
    return iso_8601_text_to_epoch_ns(
        f"{year}-{number:02d}-{day}T{hour}:{minute}:{second}.{(part or '0')[:6]:0<6}{zone}"
    )


def _datetime_to_epoch_ns(moment: dt.datetime) -> int:
    since = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000

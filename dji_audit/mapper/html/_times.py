"""Instants as a reviewer reads them: UTC, and local time with its offset.

The offsets are worked out here and carried in the page.  A browser's own zone
differs from one computer to the next, and evidence must not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Offset = Callable[[datetime], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A time zone as far as a page needs it."""

    name: str
    #: ``(from this instant in ms, seconds east of Greenwich, abbreviation)``, in order.
    offsets: tuple[tuple[int, int, str], ...]

    def local_time_text(self, ms: int) -> str:
        """Return clock time and abbreviation, such as ``13:05:00 BST``."""
        seconds, name = self._offset_and_name_at(ms)
        return f"{time_of_day_text(ms + 1000 * seconds)} {name}"

    def local_clock_ms(self, ms: int) -> int:
        """Return what the clocks of the zone show, in ms, as if it were UTC."""
        return ms + 1000 * self._offset_and_name_at(ms)[0]

    def _offset_and_name_at(self, ms: int) -> tuple[int, str]:
        seconds, name = self.offsets[0][1:]
        for since, east, abbreviation in self.offsets[1:]:
            if ms >= since:
                seconds, name = east, abbreviation
        return seconds, name


def time_zone_offsets_between(name: str, first_ms: int, last_ms: int) -> TimeZone:
    """Return the offsets of a zone in force from one instant to another.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no zone of that name.
    """
    place = ZoneInfo(name)

    def utc_offset_and_name(when: datetime) -> tuple[int, str]:
        there = when.astimezone(place)
        east = there.utcoffset() or timedelta()
        name = there.tzname() or ""
        # Most zones of the world have no letters but a number: "+11".
        return int(east.total_seconds()), f"UTC{name}" if name.startswith(("+", "-")) else name

    when, last = utc_datetime_from_ms(first_ms), utc_datetime_from_ms(last_ms)
    found = [(first_ms, *utc_offset_and_name(when))]
    while when < last:
        after = min(when + _STEP, last)
        if utc_offset_and_name(after) != utc_offset_and_name(when):
            found.append(
                _utc_offset_change_ms_new_offset_and_name(when, after, utc_offset_and_name)
            )
        when = after
    return TimeZone(name, tuple(found))


def _utc_offset_change_ms_new_offset_and_name(
    low: datetime, high: datetime, offset: Offset
) -> tuple[int, int, str]:
    """Return the second at which the offset changes, by halving."""
    before = offset(low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    ms = (high - EPOCH) // timedelta(seconds=1) * 1000
    return (ms, *offset(high))


def utc_datetime_from_ms(ms: int) -> datetime:
    """Return an instant from milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


def unix_ms(when: pd.Timestamp | None) -> int | None:
    """Return milliseconds since 1970; ``None`` where the time is missing."""
    return None if when is None or pd.isna(when) else int(when.value // 1_000_000)


def time_of_day_text(ms: int) -> str:
    """Return ``12:05:00``."""
    return f"{utc_datetime_from_ms(ms):%H:%M:%S}"


def time_of_day_text_with_other_date(ms: int, day_ms: int | None) -> str:
    """Return ``12:05:00``, with the date before it unless that is the date of another instant.

    Args:
        ms: The instant.
        day_ms: The instant whose date the reader knows; ``None``: none is known.
    """
    if day_ms is not None and date_text(ms) == date_text(day_ms):
        return time_of_day_text(ms)
    return f"{date_text(ms)} {time_of_day_text(ms)}"


def date_text(ms: int) -> str:
    """Return ``17 May 2025``; the months in English on every computer."""
    when = utc_datetime_from_ms(ms)
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"

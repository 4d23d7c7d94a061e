"""Times as zone files write them: dates that mean a whole day, and times without a time zone.

A date as an end includes that day, a month that month, and a year that year.  Where no standard
says that times are UTC, a time without a time zone may be UTC or that of the place of the zone:
the zone is then given one schedule for each reading, and is in doubt only where they differ.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dji_audit.basemap import UnknownTimeZoneNameError, time_zone_at
from dji_audit.zones import _model as model
from dji_audit.zones._completeness_area import outline_points_of_shape

_DAY = dt.timedelta(days=1)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
#: Date and time, in digits only.
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
#: Numbers are seconds or milliseconds since 1970.  No drone's zone begins or ends before this, so
#: smaller ones count something else.
_EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
#: Seconds since 1970: the year 2100; greater numbers are milliseconds, as ArcGIS writes them.
_LATEST_S = 4_102_444_800
#: Points of an outline at which the time zone is looked up.
_MAX_POINTS = 24


def parse_stated_time(text: str, *, is_end: bool = False) -> dt.datetime:
    """Return a time, with a time zone only where the text states one.

    Args:
        text: As in ISO 8601; a date, month or year alone is its beginning.
        is_end: Whether it ends something: a date, month or year alone is then its own end.

    Raises:
        ValueError: If it is no time.
    """
    text = text.strip()[:40].upper()
    date, compact = _DATE.fullmatch(text), _COMPACT.fullmatch(text)
    if compact is not None:
        year, month, day, hour, minute, second = (part or "00" for part in compact.groups())
        time = dt.datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
        return _plus_days(time, 1) if is_end and compact[4] is None else time
    if date is not None:
        begin = dt.datetime.fromisoformat(f"{date[1]}-{date[2] or '01'}-{date[3] or '01'}")
        if not is_end:
            return begin
        if date[3]:
            return _plus_days(begin, 1)
        # Some day of the next month or year, back to its first.
        following = _plus_days(begin, 31 if date[2] else 366)
        return following.replace(day=1, month=following.month if date[2] else 1)
    if "W" in text:
        raise ValueError("a week")
    time = dt.datetime.fromisoformat(text.replace("T24:00", "T00:00"))
    if "T24:00" not in text:
        return time
    try:
        return time + _DAY
    except OverflowError as error:
        raise ValueError("after the year 9999") from error


def _plus_days(time: dt.datetime, days: int) -> dt.datetime:
    try:
        return time + days * _DAY
    except OverflowError:
        # The last day of the year 9999, which stands for "without end".
        return time


def in_time_zone(time: dt.datetime | None, time_zone: dt.tzinfo) -> dt.datetime | None:
    """Return a time with a time zone: its own, in UTC, or else the given one."""
    if time is None:
        return None
    if time.tzinfo is None:
        return time.replace(tzinfo=time_zone)
    try:
        return time.astimezone(dt.UTC)
    except OverflowError:
        return time.replace(tzinfo=dt.UTC)


def parse_numeric_time(number: float) -> dt.datetime:
    """Return a time from seconds or milliseconds since 1970, UTC.

    Raises:
        ValueError: If no time of this century or the last years of the one before comes out.
    """
    time = dt.datetime.fromtimestamp(number if number < _LATEST_S else number / 1000, dt.UTC)
    if time < _EARLIEST:
        raise ValueError("too early")
    return time


def digits_of_date(number: float) -> str:
    """Return a number that is a date in digits as text: 20260531; empty: it is none."""
    text = str(int(number)) if float(number).is_integer() else ""
    if re.fullmatch(r"(?:19|20|21)\d{6}(?:\d{4}|\d{6})?", text, re.ASCII) is None:
        return ""
    try:
        parse_stated_time(text)
    except ValueError:
        return ""
    return text


@dataclass(frozen=True, slots=True)
class ScheduleReadings:
    """A schedule, and what the same words may mean instead."""

    schedule: tuple[model.ActivePeriod, ...]
    others: tuple[tuple[model.ActivePeriod, ...], ...] = ()
    #: Why there are others, a clause; empty: there are none.
    doubt: str = ""


def schedule_readings(
    build: Callable[[dt.tzinfo], tuple[model.ActivePeriod, ...]], shape: Sequence[model.Shape]
) -> ScheduleReadings:
    """Return a schedule with its times in UTC, and in the time zones of its zone.

    Args:
        build: Returns the schedule with the given time zone where its times state none.
        shape: The shape of the zone.

    Raises:
        ZoneError: As `build`.
    """
    schedule = build(dt.UTC)
    if repr(schedule) == repr(build(_ANY_ZONE)):
        return ScheduleReadings(schedule)
    zones = local_time_zones(shape)
    names = " or ".join(str(zone) for zone in zones[:3])
    others = tuple(build(zone) for zone in zones)
    doubt = f"the file does not say whether its times are UTC or local time ({names})"
    return ScheduleReadings(schedule, others, doubt)


_ANY_ZONE = dt.timezone(dt.timedelta(hours=1))


def local_time_zones(shape: Sequence[model.Shape]) -> list[dt.tzinfo]:
    """Return the time zones at the outline of a zone; at sea the nautical one.

    No time zone of land is known at sea, where a country may use its summer time: so the next
    hour is one of those at sea.
    """
    names = dict.fromkeys(filter(None, _time_zone_names(shape)))
    land = [name for name in names if not name.startswith("Etc/")]
    if land:
        return [ZoneInfo(name) for name in land]
    zones: list[dt.tzinfo] = []
    for name in names or ("Etc/GMT",):
        offset = dt.datetime(2000, 1, 1, tzinfo=ZoneInfo(name)).utcoffset() or dt.timedelta(0)
        zones += [dt.timezone(offset), dt.timezone(offset + dt.timedelta(hours=1))]
    return zones


def _time_zone_names(shape: Sequence[model.Shape]) -> Iterator[str | None]:
    points = [point for part in shape for point in outline_points_of_shape(part)]
    for latitude, longitude in points[:: max(1, len(points) // _MAX_POINTS)]:
        try:
            yield time_zone_at(latitude, longitude)
        except UnknownTimeZoneNameError:
            continue

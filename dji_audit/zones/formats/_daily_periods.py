"""Daily hours of a zone as ED-269, ED-318 and AIXM write them."""

import datetime as dt
from collections.abc import Sequence

from pydantic import Field

from dji_audit.zones._model import DailyHours, SunEvent, ZoneError
from dji_audit.zones.formats._json_validation import JsonModel

ISO_WEEKDAYS = {"MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6, "SUN": 7}
#: EMCT of ED-269 is the same event as EECT of ED-318.
SUN_EVENTS = {
    "BMCT": SunEvent.DAWN,
    "SR": SunEvent.RISE,
    "SS": SunEvent.SET,
    "EECT": SunEvent.DUSK,
    "EMCT": SunEvent.DUSK,
}


class DailyPeriodJson(JsonModel):
    """A daily period with the keys of ED-269 and ED-318."""

    day: list[str] | None = None
    start_time: str | None = Field(default=None, alias="startTime")
    start_event: str | None = Field(default=None, alias="startEvent")
    end_time: str | None = Field(default=None, alias="endTime")
    end_event: str | None = Field(default=None, alias="endEvent")


def parse_daily_hours(
    daily: Sequence[DailyPeriodJson], path: str, time_zone: dt.tzinfo = dt.UTC
) -> tuple[DailyHours, ...]:
    """Return the hours of daily periods; periods without days and times are left out.

    Args:
        daily: The periods.
        path: Their position in the file.
        time_zone: That of times of day which state none.

    Raises:
        ZoneError: If a day, time or event is invalid.
    """
    hours = (
        _parse_days_and_hours_of_period(period, f"{path}[{number}]", time_zone)
        for number, period in enumerate(daily)
    )
    return tuple(period for period in hours if period is not None)


def _parse_days_and_hours_of_period(
    daily: DailyPeriodJson, path: str, time_zone: dt.tzinfo
) -> DailyHours | None:
    named = {day.upper() for day in daily.day or ()}
    if unknown := named - {*ISO_WEEKDAYS, "ANY"}:
        raise ZoneError(f"{path}.day: expected MON to SUN or ANY, found {sorted(unknown)[0]!r}")
    start, first, starts_in_zone = _parse_time_or_sun_event_day_shift_and_whether_zone_stated(
        daily.start_time, daily.start_event, f"{path}.startTime"
    )
    end, _, ends_in_zone = _parse_time_or_sun_event_day_shift_and_whether_zone_stated(
        daily.end_time, daily.end_event, f"{path}.endTime"
    )
    if not named and start is None and end is None:
        return None
    numbers = frozenset[int]() if "ANY" in named else frozenset(ISO_WEEKDAYS[day] for day in named)
    # A local time may fall on another day in UTC; the weekdays are those of the start.
    days = frozenset((day - 1 + first) % 7 + 1 for day in numbers)
    is_zone_stated = starts_in_zone or ends_in_zone
    if isinstance(start, SunEvent) and isinstance(end, SunEvent):
        is_zone_stated = True
    return DailyHours(days, start, end, dt.UTC if is_zone_stated else time_zone)


def _parse_time_or_sun_event_day_shift_and_whether_zone_stated(
    time: str | None, event: str | None, path: str
) -> tuple[dt.time | SunEvent | None, int, bool]:
    """Return a time of day or an event of the sun, and how its time zone changed it.

    Returns:
        A time without a time zone, in UTC where the text states a time zone; by how many days the
        conversion moved it; and whether the text states a time zone.
    """
    if event is not None:
        if event.upper() not in SUN_EVENTS:
            raise ZoneError(f"{path}: expected one of {', '.join(SUN_EVENTS)}, found {event!r}")
        return SUN_EVENTS[event.upper()], 0, False
    if time is None:
        return None, 0, False
    try:
        # "24:00" is the midnight that ends the day.
        is_end_of_day = time.strip().startswith("24:00")
        parsed = dt.time.fromisoformat(time.strip().replace("24", "00", int(is_end_of_day)))
    except ValueError as error:
        raise ZoneError(f"{path}: expected a time as in 17:00:00Z, found {time!r}") from error
    if is_end_of_day and not parsed.utcoffset():
        # This is the same as an open end of the day.
        return None, 0, parsed.tzinfo is not None
    if parsed.tzinfo is None:
        return parsed, 0, False
    base = dt.date(2000, 1, 3)
    in_utc = dt.datetime.combine(base, parsed).astimezone(dt.UTC)
    return in_utc.time(), (in_utc.date() - base).days, True

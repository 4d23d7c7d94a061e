"""Hours of a zone as ED-269, ED-318 and AIXM write them, and when they hold."""

import datetime as dt
from collections.abc import Sequence

from pydantic import Field

from dji_audit.zones._model import Hours, Sun, ZoneError
from dji_audit.zones._outside import Outside

DAYS = {"MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6, "SUN": 7}
#: ED-269 has EMCT for the same as ED-318's EECT.
EVENTS = {"BMCT": Sun.DAWN, "SR": Sun.RISE, "SS": Sun.SET, "EECT": Sun.DUSK, "EMCT": Sun.DUSK}


class Daily(Outside):
    """A daily period as both standards of EUROCAE name its parts."""

    day: list[str] = Field(default_factory=list)
    start_time: str | None = Field(default=None, alias="startTime")
    start_event: str | None = Field(default=None, alias="startEvent")
    end_time: str | None = Field(default=None, alias="endTime")
    end_event: str | None = Field(default=None, alias="endEvent")


def hours_of(daily: Sequence[Daily], path: str) -> tuple[Hours, ...]:
    """Return daily periods; those that say nothing, and so limit nothing, are left out.

    Raises:
        ZoneError: If a day, time or event is none.
    """
    made = (_hours(one, f"{path}[{number}]") for number, one in enumerate(daily))
    return tuple(one for one in made if one is not None)


def _hours(daily: Daily, path: str) -> Hours | None:
    named = {day.upper() for day in daily.day}
    if unknown := named - {*DAYS, "ANY"}:
        raise ZoneError(f"{path}.day: expected MON to SUN or ANY, found {sorted(unknown)[0]!r}")
    start, first = _instant(daily.start_time, daily.start_event, f"{path}.startTime")
    end, _ = _instant(daily.end_time, daily.end_event, f"{path}.endTime")
    if not named and start is None and end is None:
        return None
    numbers = frozenset[int]() if "ANY" in named else frozenset(DAYS[day] for day in named)
    # A local time may fall on another day in UTC; the days are those of the start.
    return Hours(frozenset((day - 1 + first) % 7 + 1 for day in numbers), start, end)


def _instant(time: str | None, event: str | None, path: str) -> tuple[dt.time | Sun | None, int]:
    """Return a time of day in UTC or an event, and by how many days UTC moved it."""
    if event is not None:
        if event.upper() not in EVENTS:
            raise ZoneError(f"{path}: expected one of {', '.join(EVENTS)}, found {event!r}")
        return EVENTS[event.upper()], 0
    if time is None:
        return None, 0
    try:
        # "24:00" is the midnight that ends the day.
        ends = time.strip().startswith("24:00")
        found = dt.time.fromisoformat(time.strip().replace("24", "00", int(ends)))
    except ValueError as error:
        raise ZoneError(f"{path}: expected a time as in 17:00:00Z, found {time!r}") from error
    if ends and not found.utcoffset():
        # In UTC that is to leave the day's end open.
        return None, 0
    if found.tzinfo is None:
        return found, 0
    base = dt.date(2000, 1, 3)
    moved = dt.datetime.combine(base, found).astimezone(dt.UTC)
    return moved.time(), (moved.date() - base).days

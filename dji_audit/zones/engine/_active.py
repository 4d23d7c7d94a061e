"""When a zone is active, as intervals of a flight's time."""

import datetime as dt

import numpy as np

from dji_audit.geo.sun import CIVIL_TWILIGHT_DEG, SUNRISE_DEG, sun_events, sun_position
from dji_audit.zones._intervals import NEVER, Intervals, intersection, union, whole
from dji_audit.zones._model import Hours, Period, Point, Sun, Zone

_DAY_S = 86_400.0
_ELEVATIONS = {
    Sun.DAWN: CIVIL_TWILIGHT_DEG,
    Sun.RISE: SUNRISE_DEG,
    Sun.SET: SUNRISE_DEG,
    Sun.DUSK: CIVIL_TWILIGHT_DEG,
}


def active(zone: Zone, middle: Point, start: np.datetime64, end_s: float) -> Intervals:
    """Return when a zone is active between the first fix and the last.

    Args:
        zone: Its schedule; without one it always is.
        middle: Where its sun rises and sets.
        start: UTC of the first fix, from which seconds count.
        end_s: Seconds to the last fix.
    """
    if not zone.schedule:
        return whole(0.0, end_s)
    within = [_period(period, middle, start, end_s) for period in zone.schedule]
    return union(*within)


def _period(period: Period, middle: Point, start: np.datetime64, end_s: float) -> Intervals:
    first = 0.0 if period.start is None else max(0.0, _seconds(period.start, start))
    last = end_s if period.end is None else min(end_s, _seconds(period.end, start))
    dates = whole(first, last)
    if not period.hours or not len(dates):
        return dates
    return intersection(dates, union(*(_hours(one, middle, start, end_s) for one in period.hours)))


def _hours(hours: Hours, middle: Point, start: np.datetime64, end_s: float) -> Intervals:
    """Return every occurrence of daily hours that may touch the flight."""
    today = start.astype("datetime64[D]")
    # The day before may reach into the flight, and the sun's day is not UTC's.
    days = np.arange(-2, int(end_s // _DAY_S) + 3) + today
    found = []
    for day in days:
        weekday = day.astype(dt.date).isoweekday()
        if hours.days and weekday not in hours.days:
            continue
        begin = _moment(hours.start, day, middle, start, 0.0)
        finish = _moment(hours.end, day, middle, start, _DAY_S)
        if begin is None or finish is None:
            continue
        found.append(whole(begin, finish if finish > begin else finish + _DAY_S))
    return union(*found) if found else NEVER


def _moment(
    when: dt.time | Sun | None,
    day: np.datetime64,
    middle: Point,
    start: np.datetime64,
    default_s: float,
) -> float | None:
    """Return an instant of a day in seconds; ``None`` where the sun does not come up."""
    midnight = float((day.astype("datetime64[ns]") - start) / np.timedelta64(1_000_000_000, "ns"))
    if when is None:
        return midnight + default_s
    if isinstance(when, dt.time):
        return midnight + when.hour * 3600 + when.minute * 60 + when.second + when.microsecond / 1e6
    elevation = _ELEVATIONS[when]
    rise, fall = sun_events(np.array([day]), middle[0], middle[1], elevation)
    event = (rise if when in (Sun.DAWN, Sun.RISE) else fall)[0]
    if not np.isnat(event):
        return float((event - start) / np.timedelta64(1_000_000_000, "ns"))
    noon_s = midnight + _DAY_S / 2 - middle[1] * 240
    noon = start + np.timedelta64(int(noon_s * 1e9), "ns")
    _, height = sun_position(np.array([noon]), middle[0], middle[1])
    if height[0] < elevation:
        return None
    # The sun is up from one midnight to the next.
    return noon_s + (-_DAY_S / 2 if when in (Sun.DAWN, Sun.RISE) else _DAY_S / 2)


def _seconds(instant: dt.datetime, start: np.datetime64) -> float:
    naive = np.datetime64(instant.astimezone(dt.UTC).replace(tzinfo=None), "ns")
    return float((naive - start) / np.timedelta64(1_000_000_000, "ns"))

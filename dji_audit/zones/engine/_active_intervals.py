"""The intervals of a flight in which a zone is active, from its schedule."""

import datetime as dt

import numpy as np

from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    Intervals,
    interval_intersection,
    interval_union,
    one_time_interval,
)
from dji_audit.geo.sun import (
    CIVIL_TWILIGHT_DEG,
    SUNRISE_DEG,
    sun_azimuths_and_elevations_deg,
    sun_rise_and_set_times,
)
from dji_audit.zones._model import ActivePeriod, DailyHours, Point, SunEvent, Zone

_DAY_S = 86_400.0
_SUN_ELEVATIONS_DEG = {
    SunEvent.DAWN: CIVIL_TWILIGHT_DEG,
    SunEvent.RISE: SUNRISE_DEG,
    SunEvent.SET: SUNRISE_DEG,
    SunEvent.DUSK: CIVIL_TWILIGHT_DEG,
}


def active_intervals(zone: Zone, sun_point: Point, start: np.datetime64, end_s: float) -> Intervals:
    """Return the intervals between the first and the last fix in which a zone is active.

    Args:
        zone: The zone; without a schedule it is always active.  So it is in a period that ends
            before it begins: such a statement is wrong, and must not hide the zone.
        sun_point: The point for which sunrise and sunset are computed.
        start: UTC of the first fix; seconds count from here.
        end_s: Seconds to the last fix.
    """
    if not zone.schedule:
        return one_time_interval(0.0, end_s)
    intervals = [
        _active_intervals_of_period(period, sun_point, start, end_s) for period in zone.schedule
    ]
    return interval_union(*intervals)


def _active_intervals_of_period(
    period: ActivePeriod, point: Point, start: np.datetime64, end_s: float
) -> Intervals:
    """Return the intervals of the flight in which one period of a schedule is active."""
    begin = None if period.ends_before_start else period.start
    end = None if period.ends_before_start else period.end
    first = 0.0 if begin is None else max(0.0, _seconds_since_first_fix(begin, start))
    last = end_s if end is None else min(end_s, _seconds_since_first_fix(end, start))
    dates = one_time_interval(first, last)
    if not period.hours or not len(dates):
        return dates
    return interval_intersection(
        dates,
        interval_union(
            *(_intervals_of_daily_hours(hours, point, start, end_s) for hours in period.hours)
        ),
    )


def _intervals_of_daily_hours(
    hours: DailyHours, point: Point, start: np.datetime64, end_s: float
) -> Intervals:
    """Return every occurrence of daily hours that may overlap the flight."""
    today = start.astype("datetime64[D]")
    # Hours of the day before may reach into the flight, and the solar day is not the UTC day.
    days = np.arange(-2, int(end_s // _DAY_S) + 3) + today
    occurrences = []
    for day in days:
        weekday = day.astype(dt.date).isoweekday()
        if hours.days and weekday not in hours.days:
            continue
        begin = _seconds_from_first_fix_to_time_of_day(hours.start, day, point, start, 0.0)
        end = _seconds_from_first_fix_to_time_of_day(hours.end, day, point, start, _DAY_S)
        if begin is None or end is None:
            continue
        occurrences.append(one_time_interval(begin, end if end > begin else end + _DAY_S))
    return interval_union(*occurrences) if occurrences else NO_INTERVALS


def _seconds_from_first_fix_to_time_of_day(
    when: dt.time | SunEvent | None,
    day: np.datetime64,
    point: Point,
    start: np.datetime64,
    default_s: float,
) -> float | None:
    """Return a time of day in seconds from the first fix; ``None`` where the sun does not rise."""
    midnight = float((day.astype("datetime64[ns]") - start) / np.timedelta64(1_000_000_000, "ns"))
    if when is None:
        return midnight + default_s
    if isinstance(when, dt.time):
        return midnight + when.hour * 3600 + when.minute * 60 + when.second + when.microsecond / 1e6
    elevation = _SUN_ELEVATIONS_DEG[when]
    rise, fall = sun_rise_and_set_times(np.array([day]), point[0], point[1], elevation)
    event = (rise if when in (SunEvent.DAWN, SunEvent.RISE) else fall)[0]
    if not np.isnat(event):
        return float((event - start) / np.timedelta64(1_000_000_000, "ns"))
    noon_s = midnight + _DAY_S / 2 - point[1] * 240
    noon = start + np.timedelta64(int(noon_s * 1e9), "ns")
    _, height = sun_azimuths_and_elevations_deg(np.array([noon]), point[0], point[1])
    if height[0] < elevation:
        return None
    # The sun is up from one midnight to the next.
    return noon_s + (-_DAY_S / 2 if when in (SunEvent.DAWN, SunEvent.RISE) else _DAY_S / 2)


def _seconds_since_first_fix(instant: dt.datetime, start: np.datetime64) -> float:
    # In whole microseconds: in nanoseconds the year 9999, which stands for "without end" in many
    # files, would wrap round to 1816.
    local = np.datetime64(instant.replace(tzinfo=None), "us") - start.astype("datetime64[us]")
    offset = instant.utcoffset() or dt.timedelta(0)
    return float(local / np.timedelta64(1_000_000, "us")) - offset.total_seconds()

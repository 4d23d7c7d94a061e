"""The intervals of a flight in which a zone is active, from its schedule."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    Intervals,
    interval_complement,
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
#: In the order of a day.
_SUN_EVENTS_OF_DAY = (SunEvent.DAWN, SunEvent.RISE, SunEvent.SET, SunEvent.DUSK)
_NO_SUN_EVENT = "its hours begin or end with the sun, which did not rise that day"


@dataclass(frozen=True, slots=True, eq=False)
class ActiveIntervals:
    """When a zone is active during a flight, in seconds from its first fix."""

    certain: Intervals
    #: Where it may be active and may not.
    doubtful: Intervals
    #: That this is not known, and why, a clause; empty where nothing is doubtful.
    reason: str

    @property
    def possible(self) -> Intervals:
        """Where it is active or may be."""
        return interval_union(self.certain, self.doubtful)


def active_intervals(
    zone: Zone, sun_point: Point, start: np.datetime64, end_s: float
) -> ActiveIntervals:
    """Return the intervals between the first and the last fix in which a zone is active.

    Args:
        zone: The zone; without a schedule it is always active.  So it is in a period that ends
            before it begins: such a statement is wrong, and must not hide the zone.
        sun_point: The point for which sunrise and sunset are computed.
        start: UTC of the first fix; seconds count from here.
        end_s: Seconds to the last fix.
    """
    if not zone.schedule:
        return ActiveIntervals(one_time_interval(0.0, end_s), NO_INTERVALS, "")
    readings = [
        _certain_and_possible_intervals_of_schedule(schedule, sun_point, start, end_s)
        for schedule in (zone.schedule, *zone.other_schedules)
    ]
    certain = reduce(interval_intersection, (certain for certain, _ in readings))
    possible = interval_union(*(possible for _, possible in readings))
    doubtful = interval_intersection(possible, interval_complement(certain, 0.0, end_s))
    if end_s > 0:
        doubtful = doubtful[doubtful[:, 1] > doubtful[:, 0]]
    why = zone.schedule_doubt or _NO_SUN_EVENT
    reason = f"whether it was active is not known, because {why}" if len(doubtful) else ""
    return ActiveIntervals(certain, doubtful, reason)


def _certain_and_possible_intervals_of_schedule(
    schedule: Sequence[ActivePeriod], point: Point, start: np.datetime64, end_s: float
) -> tuple[Intervals, Intervals]:
    """Return when any period of a schedule is active, and when any may be."""
    certain, possible = zip(
        *(
            _certain_and_possible_intervals_of_period(period, point, start, end_s)
            for period in schedule
        ),
        strict=True,
    )
    return interval_union(*certain), interval_union(*possible)


def _certain_and_possible_intervals_of_period(
    period: ActivePeriod, point: Point, start: np.datetime64, end_s: float
) -> tuple[Intervals, Intervals]:
    """Return the intervals of the flight in which one period is active, and may be."""
    begin = None if period.ends_before_start else period.start
    end = None if period.ends_before_start else period.end
    first = 0.0 if begin is None else max(0.0, _seconds_since_first_fix(begin, start))
    last = end_s if end is None else min(end_s, _seconds_since_first_fix(end, start))
    dates = one_time_interval(first, last)
    if not period.hours or not len(dates):
        return dates, dates
    certain, doubtful = NO_INTERVALS, NO_INTERVALS
    for hours in period.hours:
        sure, unsure = _certain_and_doubtful_intervals_of_daily_hours(hours, point, start, end_s)
        certain, doubtful = interval_union(certain, sure), interval_union(doubtful, unsure)
    certain = interval_intersection(dates, certain)
    return certain, interval_union(certain, interval_intersection(dates, doubtful))


def _certain_and_doubtful_intervals_of_daily_hours(
    hours: DailyHours, point: Point, start: np.datetime64, end_s: float
) -> tuple[Intervals, Intervals]:
    """Return every occurrence of daily hours that may overlap the flight, and what may be one."""
    today = start.astype("datetime64[D]").astype(dt.date)
    certain, doubtful = [NO_INTERVALS], [NO_INTERVALS]
    # Hours of the day before may reach into the flight, and neither the solar day nor the day of
    # another time zone is the UTC day.
    for number in range(-2, int(end_s // _DAY_S) + 3):
        day = today + dt.timedelta(days=number)
        if hours.days and day.isoweekday() not in hours.days:
            continue
        if isinstance(hours.start, SunEvent) and isinstance(hours.end, SunEvent):
            begin, _ = _sun_event_s_and_whether_it_occurs(hours.start, day, point, start)
            ends_next_day = _SUN_EVENTS_OF_DAY.index(hours.end) <= _SUN_EVENTS_OF_DAY.index(
                hours.start
            )
            last_day = day + dt.timedelta(days=int(ends_next_day))
            end, _ = _sun_event_s_and_whether_it_occurs(hours.end, last_day, point, start)
            if end > begin:
                certain.append(one_time_interval(begin, end))
            continue
        begin, begins = _edge_s_and_whether_it_occurs(
            hours.start or dt.time(), day, hours.time_zone, point, start
        )
        last_day = day + dt.timedelta(days=int(hours.end is None))
        end, ends = _edge_s_and_whether_it_occurs(
            hours.end or dt.time(), last_day, hours.time_zone, point, start
        )
        if begins and ends:
            certain.append(one_time_interval(begin, end if end > begin else end + _DAY_S))
        elif begins:
            doubtful.append(one_time_interval(begin, begin + _DAY_S))
        else:
            doubtful.append(one_time_interval(end - _DAY_S, end))
    return interval_union(*certain), interval_union(*doubtful)


def _edge_s_and_whether_it_occurs(
    when: dt.time | SunEvent,
    day: dt.date,
    time_zone: dt.tzinfo,
    point: Point,
    start: np.datetime64,
) -> tuple[float, bool]:
    """Return a time of day or event of the sun in seconds from the first fix."""
    if isinstance(when, SunEvent):
        return _sun_event_s_and_whether_it_occurs(when, day, point, start)
    instant = dt.datetime.combine(day, when, time_zone)
    return _seconds_since_first_fix(instant, start), True


def _sun_event_s_and_whether_it_occurs(
    when: SunEvent, day: dt.date, point: Point, start: np.datetime64
) -> tuple[float, bool]:
    """Return an event of the sun in seconds from the first fix, and whether there is one that day.

    Where the sun does not come up, its day has shrunk to noon: night runs from noon to noon.
    """
    elevation = _SUN_ELEVATIONS_DEG[when]
    is_morning = when in (SunEvent.DAWN, SunEvent.RISE)
    rise, fall = sun_rise_and_set_times(
        np.array([day], "datetime64[D]"), point[0], point[1], elevation
    )
    event = (rise if is_morning else fall)[0]
    if not np.isnat(event):
        return float((event - start) / np.timedelta64(1_000_000_000, "ns")), True
    noon_s = _seconds_since_first_fix(dt.datetime.combine(day, dt.time(12), dt.UTC), start)
    noon_s -= point[1] * 240
    noon = start + np.timedelta64(int(noon_s * 1e9), "ns")
    _, height = sun_azimuths_and_elevations_deg(np.array([noon]), point[0], point[1])
    if height[0] < elevation:
        return noon_s, False
    # The sun is up from one midnight to the next.
    return noon_s + (-_DAY_S / 2 if is_morning else _DAY_S / 2), True


def _seconds_since_first_fix(instant: dt.datetime, start: np.datetime64) -> float:
    # In whole microseconds: in nanoseconds the year 9999, which stands for "without end" in many
    # files, would wrap round to 1816.
    local = np.datetime64(instant.replace(tzinfo=None), "us") - start.astype("datetime64[us]")
    offset = instant.utcoffset() or dt.timedelta(0)
    return float(local / np.timedelta64(1_000_000, "us")) - offset.total_seconds()

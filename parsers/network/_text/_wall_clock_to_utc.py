"""Local times that a log writes without their zone, or without their year too, as UTC.

Syslog (RFC 3164) writes ``May 14 10:02:11``; many tables write ``2026-05-14 10:02:11``, and BIND
``14-May-2026 10:02:11.123``.  Such a time is no instant until a person declares the clock of the
log; until then it is missing.

The year of the first time is the one next to the declared time, and that of each further time the
one next to the time before, so that a log may run over the end of a year, and a router that begins
on 1 January after each start does not count up the years.  A silence of more than half a year is
not bridged.

A declaration has one offset from UTC.  Where the lines show that summer time begins or ends
(`_summer_time_changes`), times after it have another; an issue says so.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..._clocks._apply_declared_clock import clock_with_declaration_note
from ..._declared_clock import DeclaredClock, utc_offset_text
from ..._model import Clock, Issue
from ..._shared._written_times import MONTH_NUMBERS
from ._parse_timestamps import NO_TIME, iso_8601_text_to_epoch_ns
from ._summer_time_changes import SummerTimeChanges

_WITHOUT_YEAR = re.compile(r"([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\Z")
_WITHOUT_ZONE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\Z")
_DAY_FIRST = re.compile(r"(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\Z")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY_S, _SECOND_NS = 86_400, 10**9
#: A first time farther than this from the declared one was not declared rightly, days.
_MAX_DAYS_FROM_DECLARED = 31
#: A clock that goes back by more than this was set, seconds.
_STEP_BACK_S = _DAY_S


@dataclass(eq=False)
class WallClockToUtc:
    """Gives the instants of local times in the order of the log, as a person declared its clock."""

    declared: DeclaredClock | None
    #: Times without a year, those without a zone alone, and those of a day that its year lacks.
    without_year: int = 0
    without_zone: int = 0
    impossible: int = 0
    #: How often a time without a year is more than a day before the one before.
    steps_back: int = 0
    summer_time: SummerTimeChanges = field(default_factory=SummerTimeChanges)
    #: Local time without a year that was read last, seconds since 1970; of the first how far it
    #: is from the declared one, and its year.
    _last_s: int | None = None
    _days_from_declared: int = 0
    _first_year: int | None = None
    #: Month and day that were read last, and the day since 1970 that they are.
    _last_day: tuple[tuple[int, int], int] | None = None

    def local_time_to_utc_ns(self, text: str) -> int:
        """Return the instant of a time as it stands in the log, nanoseconds since 1970.

        ``NO_TIME``: it is no time, or its clock is not declared.
        """
        if match := _WITHOUT_YEAR.match(text):
            return self._yearless_time_to_utc_ns(match)
        if match := _WITHOUT_ZONE.match(text):
            year, month, day, *time_of_day = match.groups()
            return self._date_and_time_to_utc_ns(int(year), int(month), int(day), time_of_day)
        if match := _DAY_FIRST.match(text):
            day, name, year, *time_of_day = match.groups()
            month = MONTH_NUMBERS.get(name.lower(), 0)
            return self._date_and_time_to_utc_ns(int(year), month, int(day), time_of_day)
        return iso_8601_text_to_epoch_ns(text)

    @property
    def unstated_parts_text(self) -> str:
        """What the times of the log lack and was not declared; empty: nothing."""
        if self.declared is not None:
            return ""
        return "year and zone" if self.without_year else "zone" if self.without_zone else ""

    def clock(self, source: str) -> Clock:
        """Return where the times of the log come from, and what of it was declared."""
        lacking = self.without_year or self.without_zone
        if self.declared is None or not lacking:
            notes = (_NOT_DECLARED[self.unstated_parts_text],) if self.unstated_parts_text else ()
            return Clock(source, notes=notes, unstated=self.unstated_parts_text)
        declared = self.declared
        what = f"zone {declared.zone_text}"
        if self.without_year:
            what = f"year {self._first_year} and {what}" if self._first_year else what
        if declared.shown is not None:
            what += f", and the clock {declared.text}"
        return clock_with_declaration_note(Clock(source), declared, what)

    def issues(self) -> list[Issue]:
        """Return remarks on times that are missing, or cannot be as they were declared."""
        found = [_NOT_DECLARED[self.unstated_parts_text]] if self.unstated_parts_text else []
        if self.impossible:
            what = "1 time is" if self.impossible == 1 else f"{self.impossible} times are"
            found.append(f"{what} of a day that no year next to the declared one has")
        if self._days_from_declared > _MAX_DAYS_FROM_DECLARED:
            found.append(
                f"its first time is {self._days_from_declared} days from the declared one: "
                "the declared year is doubtful"
            )
        if self.steps_back:
            times = "once" if self.steps_back == 1 else f"{self.steps_back} times"
            found.append(f"its clock goes back by more than a day {times}: the year is doubtful")
        found += self._summer_time_remarks()
        if self.summer_time.other_steps_back:
            count = self.summer_time.other_steps_back
            times = "once" if count == 1 else f"{count} times"
            found.append(
                f"its clock goes back by more than 10 minutes {times}: its times are doubtful"
            )
        return [Issue(0, 0, reason) for reason in found]

    def _summer_time_remarks(self) -> Iterator[str]:
        if self.declared is None:
            return
        offset = self.declared.utc_offset
        for last_s, change_s in self.summer_time.changes:
            last = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=last_s)  # noqa: DTZ001 - a wall clock has no zone
            offset -= dt.timedelta(seconds=change_s)
            what = (
                f"goes back by an hour after {last}, as at the end of summer time"
                if change_s > 0
                else f"leaves out an hour after {last}, as at the start of summer time"
            )
            yield f"its clock {what}: " + (
                f"later times are taken to be in {utc_offset_text(offset)}"
                if self.declared.shown is None
                else "the times on one side of it are an hour wrong"
            )

    def _yearless_time_to_utc_ns(self, match: re.Match[str]) -> int:
        self.without_year += 1
        month = MONTH_NUMBERS.get(match[1].lower())
        if self.declared is None or month is None:
            return NO_TIME
        time_s = _time_of_day_s(match[3], match[4], match[5])
        day = self._epoch_day_nearest_to_previous(month, int(match[2]))
        if time_s is None or day is None:
            self.impossible += 1
            return NO_TIME
        wall_s = day * _DAY_S + time_s
        if self._last_s is None:
            self._days_from_declared = (
                abs(
                    wall_s
                    - _local_seconds_since_1970_without_zone(
                        self.declared.moment_nearest_to_dates_without_year
                    )
                )
                // _DAY_S
            )
            self._first_year = dt.date.fromordinal(day + _EPOCH).year
        elif wall_s < self._last_s - _STEP_BACK_S:
            self.steps_back += 1
        self._last_s = wall_s
        return self._wall_seconds_to_utc_ns(wall_s, match[6])

    def _epoch_day_nearest_to_previous(self, month: int, day: int) -> int | None:
        """Return the day since 1970 that is nearest to the last one, or to the declared one."""
        if self._last_day is not None and self._last_day[0] == (month, day):
            return self._last_day[1]
        if self.declared is None:
            return None
        near_s = (
            _local_seconds_since_1970_without_zone(
                self.declared.moment_nearest_to_dates_without_year
            )
            if self._last_s is None
            else self._last_s
        )
        year = dt.date.fromordinal(near_s // _DAY_S + _EPOCH).year
        days = [
            found
            for each in (year - 1, year, year + 1)
            if (found := _day_since_1970(each, month, day)) is not None
        ]
        if not days:
            return None
        nearest = min(days, key=lambda found: abs(found * _DAY_S - near_s))
        self._last_day = ((month, day), nearest)
        return nearest

    def _date_and_time_to_utc_ns(
        self, year: int, month: int, day: int, time_of_day: Sequence[str | None]
    ) -> int:
        """Return the instant of a date and of hour, minute, second and fraction."""
        self.without_zone += 1
        since = _day_since_1970(year, month, day)
        time_s = _time_of_day_s(*time_of_day[:3])
        if self.declared is None or since is None or time_s is None:
            return NO_TIME
        return self._wall_seconds_to_utc_ns(since * _DAY_S + time_s, time_of_day[3])

    def _wall_seconds_to_utc_ns(self, wall_s: int, fraction: str | None) -> int:
        if self.declared is None:
            return NO_TIME
        self.summer_time.follow(wall_s)
        if self.declared.shown is None:
            # The declared offset is that of the first line; that of a reading is of another time.
            wall_s += self.summer_time.shift_s
        wall_ns = wall_s * _SECOND_NS + int((fraction or "0").ljust(9, "0"))
        return wall_ns + self.declared.wall_to_utc_offset_ns


_NOT_DECLARED = {
    "year and zone": "the log's times have neither year nor zone and are not declared, so that "
    "its rows have no time; wall_clock in the records shows them",
    "zone": "the log's times have no zone and it is not declared, so that those rows have no "
    "time; they stand in the records",
}


def _local_seconds_since_1970_without_zone(wall: dt.datetime) -> int:
    return (wall.toordinal() - _EPOCH) * _DAY_S + (wall.hour * 60 + wall.minute) * 60 + wall.second


def _time_of_day_s(hour: str | None, minute: str | None, second: str | None) -> int | None:
    """Return seconds since midnight; ``None``: there is no such time.  A leap second is one."""
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    return (hours * 60 + minutes) * 60 + seconds


def _day_since_1970(year: int, month: int, day: int) -> int | None:
    """Return a date as days since 1970; ``None``: there is none, or it is out of bounds."""
    if not 1990 <= year < 2100:
        return None
    try:
        return dt.date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None

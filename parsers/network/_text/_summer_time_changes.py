"""Where the local times of a log change between summer time and standard time, by its lines alone.

A log of local times is written in order, so that a clock that goes back by an hour in the night in
which summer time may end shows that it ended.  That summer time began shows where a log that was
never silent for long leaves out just the hour that does not exist.
"""

import datetime as dt
from dataclasses import dataclass, field

_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY_S, _HOUR_S = 86_400, 3600
#: Hours in which summer time begins or ends, and the Sundays on which it does in Europe, North
#: America, Australia and New Zealand: month, and number in it, from behind if below 0.
_HOURS, _SUNDAY = range(4), 6
_BEGINS, _ENDS = {(3, -1), (3, 2), (10, 1), (9, -1)}, {(10, -1), (11, 1), (4, 1)}
#: A log shows it only after so many lines that were in order and never farther apart, seconds.
_LEAST_LINES, _LONGEST_SILENCE_S = 20, 600
#: Lines of several programs may change places by so much, seconds.
_LEAST_STEP_S = -2


@dataclass(eq=False)
class SummerTimeChanges:
    """Follows the local times of a log in its order."""

    #: Seconds to add to a local time of now to give the local time of the first line.
    shift_s: int = 0
    #: Last local time before each change, seconds since 1970, and what the change adds.
    changes: list[tuple[int, int]] = field(default_factory=list)
    #: How often the clock went back farther than lines are put out of order by, for no such reason.
    other_steps_back: int = 0
    _last_s: int | None = None
    _lines_in_order: int = 0
    _longest_silence_s: int = 0

    def follow(self, wall_s: int) -> None:
        """Take the local time of the next line, seconds since 1970."""
        last_s, self._last_s = self._last_s, wall_s
        if last_s is None:
            return
        step_s = wall_s - last_s
        if self._lines_in_order >= _LEAST_LINES and self._longest_silence_s:
            change_s = self._change_s(last_s, step_s)
            if change_s:
                self.shift_s += change_s
                self.changes.append((last_s, change_s))
                return
            self.other_steps_back += -_DAY_S <= step_s < -_LONGEST_SILENCE_S
        if not _LEAST_STEP_S <= step_s <= _LONGEST_SILENCE_S:
            # A table with its newest row first, or a log that may be silent for an hour.
            self._lines_in_order, self._longest_silence_s = 0, 0
            return
        self._lines_in_order += 1
        self._longest_silence_s = max(self._longest_silence_s, step_s)

    def _change_s(self, last_s: int, step_s: int) -> int:
        """Return the seconds by which local time changed after a line; 0: it did not."""
        date = dt.date.fromordinal(last_s // _DAY_S + _EPOCH)
        hour = last_s % _DAY_S // _HOUR_S
        if date.weekday() != _SUNDAY or hour not in _HOURS:
            return 0
        is_last = (date + dt.timedelta(days=7)).month != date.month
        sundays = {(date.month, (date.day + 6) // 7), (date.month, -1 if is_last else 0)}
        if sundays & _ENDS and 0 <= step_s + _HOUR_S <= self._longest_silence_s:
            return _HOUR_S
        if not sundays & _BEGINS:
            return 0
        skipped_s = last_s - last_s % _HOUR_S + _HOUR_S
        leaves_out_hour = last_s + step_s >= skipped_s + _HOUR_S
        if leaves_out_hour and step_s - _HOUR_S <= self._longest_silence_s:
            return -_HOUR_S
        return 0

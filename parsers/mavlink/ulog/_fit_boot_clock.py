"""Fit the clock of a ULog: from microseconds since boot to UTC.

With each fix of the satellite receiver the autopilot writes both its own time
and the receiver's UTC; the median of their differences is the shift, and the
spread about it the uncertainty.  Without such a fix, the logger may state the UTC of the boot
(``boot_time_utc_us`` among the information, PX4 pull request 25534), by the clock of the board,
which a receiver, a ground station or a battery-backed clock has set; else its own text gives the
name of the file, which is the UTC at which it was opened, to the second.
A simulator may count microseconds since 1970 already.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Clock
from .._shared._record_framing import Offsets
from .._shared._timestamps import NAT
from ._non_data_records import LoggedText
from ._topic_series import RESTART_TICKS, TopicSeries

UtcTimes = npt.NDArray[np.datetime64]
Ticks = npt.NDArray[np.int64]

#: UTC in microseconds between which a receiver's time is plausible: 2005 and 2100.
EARLIEST_US, LATEST_US = 1_104_537_600_000_000, 4_102_444_800_000_000
#: Backward steps beyond this are a restart, not records out of order.
RESTART_US = 10_000_000
#: Runs of the clock in one file, beyond which a file is not a log.
MOST_RESTARTS = 500
#: A shift this far from the median is a step of the receiver's time.
RECEIVER_STEP_US = 1_000_000

_LOG_FILE_NAME = re.compile(r"/(\d{4})-(\d\d)-(\d\d)/(\d\d)_(\d\d)_(\d\d)[^/]*\.ulg")


@dataclass(frozen=True, slots=True)
class UlogClock:
    """For each run of the clock, microseconds to add for UTC; ``None``: not known."""

    shifts_us: Sequence[int | None]
    clock: Clock
    #: Whether UTC is not known and times are those since the start, as if since 1970.
    counts_from_start: bool = False

    def utc(self, ticks: Ticks) -> UtcTimes:
        """Return the instants of some times of the log; NaT where they are not known."""
        runs = np.clip(ticks // RESTART_TICKS, 0, len(self.shifts_us) - 1)
        known = np.array([shift is not None for shift in self.shifts_us])[runs]
        shifts = np.array([shift or 0 for shift in self.shifts_us], np.int64)[runs]
        at_us = ticks % RESTART_TICKS + shifts
        known &= (at_us > 0) & (at_us < LATEST_US) & (ticks >= 0)
        instants = np.full(len(ticks), "NaT", "datetime64[ns]")
        instants[known] = (at_us[known] * 1000).view("datetime64[ns]")
        return instants

    def utc_ns_of_tick(self, tick: int) -> int:
        """Return one instant in nanoseconds since 1970; that of NaT where it is not known."""
        run = min(max(tick // RESTART_TICKS, 0), len(self.shifts_us) - 1)
        shift = self.shifts_us[run]
        at_us = tick % RESTART_TICKS + (shift or 0)
        return at_us * 1000 if shift is not None and 0 < at_us < LATEST_US and tick >= 0 else NAT


def find_clock_restarts_and_step_count(
    times_us: npt.NDArray[np.uint64], offsets: Offsets
) -> tuple[Offsets, int]:
    """Return the offsets at which the clock restarted, and how often it steps back at all.

    Of these steps the first ``MOST_RESTARTS`` are looked at.

    Args:
        times_us: Times of the records of one topic, in file order.
        offsets: The offsets of these records.
    """
    good = np.flatnonzero((times_us > 0) & (times_us < RESTART_TICKS))
    steps = np.diff(times_us[good].astype(np.int64))
    back = np.flatnonzero(steps < -RESTART_US)
    # A single wrong time steps back, or forth, and is no restart: later ones must agree.
    ahead = times_us[good].astype(np.int64)
    restart_rows = [
        row for row in back[:MOST_RESTARTS].tolist() if _stays_low_after_restart(ahead, row)
    ]
    return offsets[good[np.array(restart_rows, np.int64) + 1]], len(back)


def _stays_low_after_restart(times_us: Ticks, row: int) -> bool:
    before, after = times_us[max(0, row - 4) : row + 1], times_us[row + 1 : row + 6]
    return bool(np.median(before) - np.median(after) > RESTART_US)


def boot_clock_with_offset_of_each_run(
    receivers: Sequence[TopicSeries],
    runs: int,
    lines: Iterable[LoggedText],
    name_ahead_min: int,
    boot_utc_us: object = None,
) -> UlogClock:
    """Return the shift of each run of the clock.

    Args:
        receivers: Satellite receivers, best first.
        runs: Number of runs of the clock.
        lines: The logged text, for the name of the file.
        name_ahead_min: Minutes that file names are ahead of UTC.
        boot_utc_us: The UTC of the boot as the log states it, microseconds since 1970; what is no
            such number is left out.
    """
    for receiver in receivers:
        if (made := _clock_from_gps_receiver(receiver, runs)) is not None:
            return made
    if (made := _clock_from_stated_utc_of_boot(boot_utc_us, runs)) is not None:
        return made
    if (made := _clock_from_logged_file_name(lines, runs, name_ahead_min)) is not None:
        return made
    clock = Clock(notes=("the log has no date",))
    if runs == 1:
        return UlogClock((0,), clock, counts_from_start=True)
    return UlogClock((None,) * runs, clock)


def _clock_from_gps_receiver(receiver: TopicSeries, runs: int) -> UlogClock | None:
    utc = receiver.first_present_field_as_floats("time_utc_usec")
    if utc is None:
        return None
    good = (utc > EARLIEST_US) & (utc < LATEST_US)
    fix = receiver.first_present_field_as_floats("fix_type")
    if fix is not None:
        good &= fix >= 2
    if not good.any():
        return None
    ticks = receiver.ticks[good]
    differences = utc[good].astype(np.int64) - ticks % RESTART_TICKS
    shifts: list[int | None] = []
    residuals: list[npt.NDArray[np.int64]] = []
    for run in range(runs):
        those = differences[ticks // RESTART_TICKS == run]
        shifts.append(int(np.median(those)) if len(those) else None)
        if len(those):
            residuals.append(np.abs(those - shifts[-1]))
    spread = np.concatenate(residuals)
    notes = [f"{len(spread)} fixes of {receiver.name}; largest residual {spread.max() / 1e6:.3f} s"]
    if steps := int((spread > RECEIVER_STEP_US).sum()):
        what = "1 fix differs" if steps == 1 else f"{steps} fixes differ"
        notes.append(f"{what} by more than 1 s: the receiver's time stepped")
    if runs > 1:
        notes.append(f"the clock restarted {'once' if runs == 2 else f'{runs - 1} times'}")
    power_on = pd.Timestamp(shifts[0], unit="us", tz="UTC") if runs == 1 and shifts[0] else None
    first = next(shift for shift in shifts if shift is not None)
    # 1.4826 times the median deviation is the standard deviation of normal noise.
    uncertainty = 1.4826 * float(np.median(spread)) / 1e6
    return UlogClock(
        tuple(shifts),
        Clock("satellite receiver", uncertainty, first / 1e6, tuple(notes), power_on, True),
    )


def _clock_from_stated_utc_of_boot(boot_utc_us: object, runs: int) -> UlogClock | None:
    """Return the clock by the stated UTC of the boot, which is that of the first run."""
    if not isinstance(boot_utc_us, int) or not EARLIEST_US < boot_utc_us < LATEST_US:
        return None
    note = (
        "no fix with a time; the log states the UTC of the boot, by the clock of the board, whose "
        "error is not known"
    )
    power_on = pd.Timestamp(boot_utc_us, unit="us", tz="UTC")
    return UlogClock(
        (boot_utc_us,) + (None,) * (runs - 1),
        Clock("stated time of boot", None, boot_utc_us / 1e6, (note,), power_on),
    )


def _clock_from_logged_file_name(
    lines: Iterable[LoggedText], runs: int, ahead_min: int
) -> UlogClock | None:
    for line in lines:
        opened_us = utc_us_of_log_file_name(line.text, ahead_min)
        if opened_us is None or not 0 < line.time_us < RESTART_TICKS:
            continue
        shift = opened_us - line.time_us
        note = (
            "no fix with a time; the file name that the logger gave is the time it opened the file"
        )
        return UlogClock(
            (shift,) + (None,) * (runs - 1),
            Clock("name of the log file", 1.0, shift / 1e6, (note,)),
        )
    return None


def utc_us_of_log_file_name(text: str, ahead_min: int) -> int | None:
    """Return the UTC in the name of a log that a text gives, microseconds; ``None``: no such time.

    Args:
        text: A text of the logger.
        ahead_min: Minutes that file names are ahead of UTC.
    """
    match = _LOG_FILE_NAME.search(text)
    if match is None:
        return None
    year, month, day, *clock = (int(part) for part in match.groups())
    try:
        date = np.datetime64(f"{year:04}-{month:02}-{day:02}", "s")
    except ValueError:
        return None
    seconds = date.astype(np.int64) + clock[0] * 3600 + clock[1] * 60 + clock[2]
    opened_us = int(seconds - ahead_min * 60) * 1_000_000
    return opened_us if EARLIEST_US < opened_us < LATEST_US else None

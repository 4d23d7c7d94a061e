"""Time in a DataFlash log: time since power-on from the messages, UTC from GPS.

A message carries microseconds (``TimeUS``, firmware 3.3 and later) or
milliseconds (``TimeMS``) since power-on, or no time: then it takes the time of
the timed message before it, or of the first timed message of the log.  In GPS messages of
firmware before 3.3 ``TimeMS`` is the time of the GPS week, and ``T`` the time
since power-on.

Before firmware 3.3 only GPS messages carry a time, and up to 3.0 that is the time of the week.
What was written before the first of them, or in a log without any, is timed by its ``CTUN``
messages: the scheduler of ArduCopter writes them ten times a second (``ten_hz_logging_loop``).

UTC is the time since power-on plus one offset for each power-on: the median over all
fixes of GPS time less leap seconds *of that date* less time since power-on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Clock
from .._shared._record_framing import Offsets
from .._shared._timestamps import NAT
from ._message_columns import DataflashMessages

Numbers = npt.NDArray[np.float64]

#: 1980-01-06, microseconds since 1970.
GPS_EPOCH_US = 315_964_800_000_000
WEEK_US = 604_800_000_000

#: First day of each number of seconds by which GPS time is ahead of UTC (IERS Bulletin C).
GPS_LEAP_SECONDS = (
    ("2006-01-01", 14),
    ("2009-01-01", 15),
    ("2012-07-01", 16),
    ("2015-07-01", 17),
    ("2017-01-01", 18),
)

#: Fixes outside these years are noise, or a receiver whose weeks rolled over.
EARLIEST_US = 1_136_073_600_000_000  # 2006
LATEST_US = 4_102_444_800_000_000  # 2100

#: A step back of the power-on clock by more than this is a restart.
RESTART_US = 1_000_000

#: Power-ons closer than this are one.
SAME_POWER_ON_US = 500_000

#: Power-ons are this far apart in the order of messages; no flight lasts 100 days.
POWER_ON_US = 1e13

#: A message without a time of its own that is written steadily, and microseconds between two.
BEAT_MESSAGE, BEAT_US = "CTUN", 100_000.0
#: A processor that cannot keep up writes it less often: what is measured counts, in these bounds.
BEAT_BOUNDS_US = (80_000.0, 250_000.0)
#: So many of them measure how often it is written.
BEATS_TO_MEASURE = 50

#: A message that shows the power-on clock steadily; the first that the log has.
STEADY_MESSAGES = ("ATT", "IMU", "GPS", "CTUN", "BARO", "POS", "NTUN", "RCOU", "PM")


def gps_weeks_to_utc_us(week: Numbers, milliseconds: Numbers) -> Numbers:
    """Return UTC, microseconds since 1970, of GPS weeks and milliseconds in them."""
    gps = GPS_EPOCH_US + week * WEEK_US + milliseconds * 1e3
    days = [pd.Timestamp(day).value // 1000 for day, _ in GPS_LEAP_SECONDS]
    seconds = np.array([GPS_LEAP_SECONDS[0][1], *(seconds for _, seconds in GPS_LEAP_SECONDS)])
    edges = np.array(days) + 1_000_000 * np.array([seconds for _, seconds in GPS_LEAP_SECONDS])
    ahead = seconds[np.searchsorted(edges, gps, side="right")] * 1_000_000
    utc: Numbers = gps - ahead
    return np.where((utc > EARLIEST_US) & (utc < LATEST_US), utc, np.nan)


@dataclass(frozen=True, slots=True)
class PowerOnPeriod:
    """The part of a log written from one power-on to the next."""

    #: First byte.
    offset: int
    #: UTC of power-on, microseconds since 1970; ``None``: not known.
    utc_us: float | None
    #: Largest distance of 95 of 100 fixes from it, seconds.
    residual_s: float | None


@dataclass(eq=False)
class DataflashClock:
    """The times of the messages of a log."""

    messages: Mapping[str, DataflashMessages]
    size: int
    _boot: dict[str, Numbers] = field(default_factory=dict, repr=False)

    def boot_us_of_messages(self, messages: DataflashMessages) -> Numbers:
        """Return microseconds since power-on of each message."""
        if messages.name not in self._boot:
            own = boot_us_of_messages(messages)
            self._boot[messages.name] = (
                own
                if own is not None
                else self._boot_us_of_message_before_each_offset(messages.offsets)
            )
        return self._boot[messages.name]

    def utc_ns_of_messages(self, messages: DataflashMessages) -> npt.NDArray[np.int64]:
        """Return UTC of each message, nanoseconds since 1970, NaT's value where not known."""
        return self.boot_times_to_utc_ns(messages.offsets, self.boot_us_of_messages(messages))

    def write_order_numbers(self, messages: DataflashMessages) -> Numbers:
        """Return a number for each message that grows in the order they were written.

        Mostly that is file order, but damaged storage returns blocks out of order.
        """
        boot = self.boot_us_of_messages(messages)
        if not np.isfinite(boot).any():
            # No message of the log carries its time.
            boot = messages.offsets.astype(np.float64)
        boot = np.clip(np.nan_to_num(boot), 0.0, POWER_ON_US - 1)
        return self._power_on_number_of_each_offset(messages.offsets) * POWER_ON_US + boot

    def _power_on_number_of_each_offset(self, offsets: Offsets) -> Offsets:
        """Return the number of the power-on that bytes were written in."""
        starts = np.array([power_on.offset for power_on in self.power_on_periods])
        return np.maximum(np.searchsorted(starts, offsets, side="right") - 1, 0)

    def boot_times_to_utc_ns(self, offsets: Offsets, boot_us: Numbers) -> npt.NDArray[np.int64]:
        """Return UTC of power-on times written at these bytes."""
        if self.is_time_since_power_on_only:
            return self._elapsed_ns(boot_us)
        bases = np.array(
            [
                np.nan if power_on.utc_us is None else power_on.utc_us
                for power_on in self.power_on_periods
            ]
        )
        utc = bases[self._power_on_number_of_each_offset(offsets)] + boot_us
        known = np.isfinite(utc) & (np.abs(utc) < LATEST_US)
        out = np.full(len(utc), NAT, np.int64)
        out[known] = np.rint(utc[known]).astype(np.int64) * 1000
        return out

    @cached_property
    def is_time_since_power_on_only(self) -> bool:
        """Whether UTC is not known and times are those since power-on, as if since 1970."""
        return len(self.power_on_periods) == 1 and self.power_on_periods[0].utc_us is None

    def _elapsed_ns(self, boot_us: Numbers) -> npt.NDArray[np.int64]:
        known = np.isfinite(boot_us) & (boot_us >= 0) & (boot_us < POWER_ON_US)
        out = np.full(len(boot_us), NAT, np.int64)
        out[known] = np.rint(boot_us[known] * 1e3).astype(np.int64)
        return out

    @cached_property
    def _offsets_and_boot_times_of_timed_messages(self) -> tuple[Offsets, Numbers]:
        """Every message that carries its time, in file order."""
        offsets, boots = [], []
        for messages in self.messages.values():
            own = boot_us_of_messages(messages)
            if own is not None:
                offsets.append(messages.offsets)
                boots.append(own)
        if not offsets:
            return np.empty(0, np.int64), np.empty(0)
        joined = np.concatenate(offsets)
        order = np.argsort(joined, kind="stable")
        return joined[order], np.concatenate(boots)[order]

    def _boot_us_of_message_before_each_offset(self, offsets: Offsets) -> Numbers:
        """Return the time of the message before each byte that carries one.

        Bytes before the first take its time: they were written no later.
        """
        timed = [
            messages
            for messages in self.messages.values()
            if len(messages) and _boot_time_field_and_scale(messages)
        ]
        boots = np.full(len(offsets), np.nan)
        if not timed:
            return (
                boots
                if self._ctun_byte_offsets_if_no_message_has_time is None
                else self._steady_message_counts_before(offsets) * BEAT_US
            )
        first = min(range(len(timed)), key=lambda number: int(timed[number].offsets[0]))
        latest_offset = np.full(len(offsets), -1)
        which, row = np.full(len(offsets), first), np.zeros(len(offsets), np.int64)
        for number, messages in enumerate(timed):
            before = np.searchsorted(messages.offsets, offsets, side="right") - 1
            here = np.where(before >= 0, messages.offsets[np.maximum(before, 0)], -1)
            nearer = here > latest_offset
            latest_offset[nearer], which[nearer], row[nearer] = here[nearer], number, before[nearer]
        for number in np.unique(which).tolist():
            chosen = which == number
            boots[chosen] = self._boot_us_of_rows(timed[number], row[chosen])
        return boots - self._us_from_each_byte_to_first_timed_message(offsets, timed)

    def _us_from_each_byte_to_first_timed_message(
        self, offsets: Offsets, timed: Sequence[DataflashMessages]
    ) -> Numbers:
        """Return how long before the first message with a time each byte was written."""
        if self._ctun_byte_offsets_if_no_message_has_time is None:
            return np.zeros(len(offsets))
        first = min(int(messages.offsets[0]) for messages in timed)
        missing = self._steady_message_counts_before(
            np.array([first])
        ) - self._steady_message_counts_before(offsets)
        return np.where(offsets < first, missing * self._measured_steady_interval_us(timed), 0.0)

    @cached_property
    def _ctun_byte_offsets_if_no_message_has_time(self) -> Offsets | None:
        """Offsets of messages that are written steadily; ``None``: others carry their time."""
        beats = self.messages.get(BEAT_MESSAGE)
        if beats is None or not len(beats) or self._timed_message_names:
            return None
        return beats.offsets

    def _steady_message_counts_before(self, offsets: Offsets) -> Numbers:
        """Return how many steady messages were written before each byte."""
        beats = (
            np.empty(0, np.int64)
            if self._ctun_byte_offsets_if_no_message_has_time is None
            else self._ctun_byte_offsets_if_no_message_has_time
        )
        return np.searchsorted(beats, offsets, side="left").astype(np.float64)

    def _measured_steady_interval_us(self, timed: Sequence[DataflashMessages]) -> float:
        """Return the time from one steady message to the next, as other times measure it."""
        longest = max(timed, key=len)
        count = np.ptp(self._steady_message_counts_before(longest.offsets[[0, -1]]))
        if count < BEATS_TO_MEASURE:
            return BEAT_US
        first, last = self._boot_us_of_rows(longest, np.array([0, len(longest) - 1]))
        measured = float(last - first) / float(count)
        least, most = BEAT_BOUNDS_US
        return measured if least <= measured <= most else BEAT_US

    @property
    def is_time_from_message_counts(self) -> bool:
        """Whether no message carries a time, and steady ones are counted instead."""
        return self._ctun_byte_offsets_if_no_message_has_time is not None and not any(
            len(messages) and _boot_time_field_and_scale(messages)
            for messages in self.messages.values()
        )

    def _boot_us_of_rows(self, messages: DataflashMessages, rows: Offsets) -> Numbers:
        """Return the times that some messages carry, without decoding those of the others."""
        fewer = messages.select(rows) if messages.name not in self._boot else None
        own = None if fewer is None else boot_us_of_messages(fewer)
        return self.boot_us_of_messages(messages)[rows] if own is None else own

    @cached_property
    def power_on_periods(self) -> tuple[PowerOnPeriod, ...]:
        """The parts of the log from power-on to power-on; at least one."""
        starts = [0, *self._file_offsets_of_reboots()]
        fixes = list(self._fix_offsets_and_power_on_utc())
        power_ons = []
        for start, end in zip(starts, [*starts[1:], self.size], strict=True):
            offsets = [utc[(at >= start) & (at < end)] for at, utc in fixes]
            joined = np.concatenate(offsets) if offsets else np.empty(0)
            if len(joined) == 0:
                power_ons.append(PowerOnPeriod(start, None, None))
                continue
            middle = float(np.median(joined))
            spread = float(np.quantile(np.abs(joined - middle), 0.95)) / 1e6
            power_ons.append(PowerOnPeriod(start, middle, round(spread, 6)))
        return tuple(_iterate_power_ons_without_repeats(power_ons))

    def _fix_offsets_and_power_on_utc(self) -> Iterator[tuple[Offsets, Numbers]]:
        """Yield the offsets of fixes, and the UTC of power-on that follows from each."""
        for name in ("GPS", "GPS2"):
            messages = self.messages.get(name)
            if messages is None:
                continue
            utc = utc_us_of_gps_messages(messages) - self.boot_us_of_messages(messages)
            status = messages.numbers_of_field("Status", "Fix")
            good = np.isfinite(utc) & (status >= 3)
            if good.any():
                yield messages.offsets[good], utc[good]
                return

    def _file_offsets_of_reboots(self) -> list[int]:
        steady = next(
            (self.messages[name] for name in STEADY_MESSAGES if name in self._timed_message_names),
            None,
        )
        if steady is None and self._timed_message_names:
            steady = max((self.messages[name] for name in self._timed_message_names), key=len)
        if steady is None:
            offsets, boots = (
                self._offsets_and_boot_times_of_timed_messages
                if "TIME" in self.messages
                else (np.empty(0), np.empty(0))
            )
        else:
            offsets, boots = steady.offsets, self.boot_us_of_messages(steady)
        if len(boots) < 4:
            return []
        down = np.flatnonzero(boots[1:] < boots[:-1] - RESTART_US)
        return [
            self._first_offset_after_restart(
                int(offsets[at]), int(offsets[at + 1]), float(boots[at])
            )
            for at in down.tolist()
            # One message with a damaged time is no restart: the clock must stay low,
            # and have been high before.
            if (boots[at + 1 : at + 4] < boots[at]).all()
            and (at == 0 or boots[at - 1] > boots[at + 1])
        ]

    @cached_property
    def _timed_message_names(self) -> frozenset[str]:
        return frozenset(
            name
            for name, messages in self.messages.items()
            if messages.first_present_label("TimeUS")
            or (messages.first_present_label("TimeMS") and name not in ("GPS", "GPS2"))
        )

    def _first_offset_after_restart(self, start: int, end: int, before_us: float) -> int:
        """Return the first message between two bytes whose clock is low again."""
        first = end
        for name in self._timed_message_names:
            offsets = self.messages[name].offsets
            a, b = np.searchsorted(offsets, (start, end))
            low = np.flatnonzero(
                self.boot_us_of_messages(self.messages[name])[a:b] < before_us - RESTART_US
            )
            if len(low):
                first = min(first, int(offsets[a + low[0]]))
        return first

    @cached_property
    def clock(self) -> Clock:
        """Where UTC comes from, and how well it is known."""
        known = [one for one in self.power_on_periods if one.utc_us is not None]
        notes = [
            f"power-on {number} begins at byte {one.offset}"
            + ("" if one.utc_us is not None else "; it has no GPS time")
            for number, one in enumerate(self.power_on_periods, 1)
            if len(self.power_on_periods) > 1 or one.utc_us is None
        ]
        if not known:
            if self.is_time_from_message_counts:
                notes.append(f"no record has a time: {BEAT_MESSAGE} are counted, ten a second")
            return Clock(None, notes=("no GPS fix with time: UTC is not known", *notes))
        residuals = [one.residual_s for one in known if one.residual_s is not None]
        power_on = None
        if len(self.power_on_periods) == 1:
            power_on = pd.Timestamp(round(known[0].utc_us or 0.0), unit="us", tz="UTC")
        offset_s = round((known[0].utc_us or 0.0) / 1e6, 6)
        return Clock("GPS", max(residuals), offset_s, tuple(notes), power_on, from_gnss=True)


def _iterate_power_ons_without_repeats(power_ons: list[PowerOnPeriod]) -> Iterator[PowerOnPeriod]:
    """Yield power-ons without those that began when the one before did.

    Damaged storage can return a block twice, out of order: the clock
    steps back there, and nothing was restarted.
    """
    last: PowerOnPeriod | None = None
    for power_on in power_ons:
        same = last is not None and last.utc_us is not None and power_on.utc_us is not None
        if last is not None and same:
            same = abs((power_on.utc_us or 0.0) - (last.utc_us or 0.0)) < SAME_POWER_ON_US
        if not same:
            yield power_on
            last = power_on


def _boot_time_field_and_scale(messages: DataflashMessages) -> tuple[str, float] | None:
    """Return the field that holds the time since power-on, and microseconds in its unit."""
    if messages.first_present_label("TimeUS"):
        return "TimeUS", 1.0
    if messages.name in ("GPS", "GPS2") and messages.first_present_label("T"):
        return "T", 1e3
    if messages.first_present_label("TimeMS") and not messages.first_present_label("Week"):
        return "TimeMS", 1e3
    if messages.name == "GPS" and messages.first_present_label("Time"):
        # The first firmware: milliseconds of the GPS week, without the week.
        return "Time", 1e3
    if messages.name == "TIME" and messages.first_present_label("StartTime"):
        return "StartTime", 1.0
    return None


def boot_us_of_messages(messages: DataflashMessages) -> Numbers | None:
    """Return the time since power-on that each message carries, or ``None``."""
    own = _boot_time_field_and_scale(messages)
    return None if own is None else messages.numbers_of_field(own[0]) * own[1]


def utc_us_of_gps_messages(messages: DataflashMessages) -> Numbers:
    """Return the UTC that messages state as GPS time, microseconds since 1970."""
    if messages.first_present_label("GWk", "Week", "GPSWeek"):
        week = messages.numbers_of_field("GWk", "Week", "GPSWeek")
        return gps_weeks_to_utc_us(week, messages.numbers_of_field("GMS", "GPSTime", "TimeMS"))
    if messages.name == "GPS" and messages.first_present_label("GPSTime"):
        utc = messages.numbers_of_field("GPSTime")
        return np.where((utc > EARLIEST_US) & (utc < LATEST_US), utc, np.nan)
    return np.full(len(messages), np.nan)

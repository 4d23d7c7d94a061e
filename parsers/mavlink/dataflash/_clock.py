"""Time in a DataFlash log: since power-on from the messages, UTC from GPS.

A message carries microseconds (``TimeUS``, firmware 3.3 and later) or
milliseconds (``TimeMS``) since power-on, or nothing: then it takes the time of
the timed message before it, or of the first one there is.  In GPS messages of
firmware before 3.3 ``TimeMS`` is the time of the GPS week, and ``T`` the time
since power-on.

UTC is power-on time plus one offset for each power-on: the median over all
fixes of GPS time less leap seconds *of that date* less power-on time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Clock
from .._shared._framing import Offsets
from ._messages import Messages

Numbers = npt.NDArray[np.float64]

NAT = np.iinfo(np.int64).min

#: 1980-01-06, microseconds since 1970.
GPS_EPOCH_US = 315_964_800_000_000
WEEK_US = 604_800_000_000

#: First day of each number of seconds by which GPS time is ahead of UTC (IERS Bulletin C).
LEAP_SECONDS = (
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
SAME_US = 500_000

#: Power-ons are this far apart in the order of messages; no flight lasts 100 days.
RUN_US = 1e13

#: A message that shows the power-on clock steadily; the first that the log has.
STEADY = ("ATT", "IMU", "GPS", "CTUN", "BARO", "POS", "NTUN", "RCOU", "PM")


def gps_to_utc_us(week: Numbers, milliseconds: Numbers) -> Numbers:
    """Return UTC, microseconds since 1970, of GPS weeks and milliseconds in them."""
    gps = GPS_EPOCH_US + week * WEEK_US + milliseconds * 1e3
    days = [pd.Timestamp(day).value // 1000 for day, _ in LEAP_SECONDS]
    seconds = np.array([LEAP_SECONDS[0][1], *(seconds for _, seconds in LEAP_SECONDS)])
    edges = np.array(days) + 1_000_000 * np.array([seconds for _, seconds in LEAP_SECONDS])
    ahead = seconds[np.searchsorted(edges, gps, side="right")] * 1_000_000
    utc: Numbers = gps - ahead
    return np.where((utc > EARLIEST_US) & (utc < LATEST_US), utc, np.nan)


@dataclass(frozen=True, slots=True)
class PowerOn:
    """The part of a log written from one power-on to the next."""

    #: First byte.
    offset: int
    #: UTC of power-on, microseconds since 1970; ``None``: not known.
    utc_us: float | None
    #: Largest distance of 95 of 100 fixes from it, seconds.
    residual_s: float | None


@dataclass(eq=False)
class Times:
    """The times of the messages of a log."""

    messages: Mapping[str, Messages]
    size: int
    _boot: dict[str, Numbers] = field(default_factory=dict, repr=False)

    def boot_us(self, found: Messages) -> Numbers:
        """Return microseconds since power-on of each message."""
        if found.name not in self._boot:
            own = own_boot_us(found)
            self._boot[found.name] = own if own is not None else self._inherited(found.offsets)
        return self._boot[found.name]

    def utc_ns(self, found: Messages) -> npt.NDArray[np.int64]:
        """Return UTC of each message, nanoseconds since 1970, NaT's value where not known."""
        return self.at(found.offsets, self.boot_us(found))

    def order(self, found: Messages) -> Numbers:
        """Return a number for each message that grows in the order they were written.

        Mostly that is file order, but damaged storage returns blocks out of their place.
        """
        boot = self.boot_us(found)
        if not np.isfinite(boot).any():
            # No message of the log carries its time.
            boot = found.offsets.astype(np.float64)
        boot = np.clip(np.nan_to_num(boot), 0.0, RUN_US - 1)
        return self._which(found.offsets) * RUN_US + boot

    def _which(self, offsets: Offsets) -> Offsets:
        """Return the number of the power-on that bytes were written in."""
        starts = np.array([one.offset for one in self.power_ons])
        return np.maximum(np.searchsorted(starts, offsets, side="right") - 1, 0)

    def at(self, offsets: Offsets, boot_us: Numbers) -> npt.NDArray[np.int64]:
        """Return UTC of power-on times written at these bytes."""
        bases = np.array([np.nan if one.utc_us is None else one.utc_us for one in self.power_ons])
        utc = bases[self._which(offsets)] + boot_us
        known = np.isfinite(utc) & (np.abs(utc) < LATEST_US)
        out = np.full(len(utc), NAT, np.int64)
        out[known] = np.rint(utc[known]).astype(np.int64) * 1000
        return out

    @cached_property
    def _timed(self) -> tuple[Offsets, Numbers]:
        """Every message that carries its time, in file order."""
        offsets, boots = [], []
        for found in self.messages.values():
            own = own_boot_us(found)
            if own is not None:
                offsets.append(found.offsets)
                boots.append(own)
        if not offsets:
            return np.empty(0, np.int64), np.empty(0)
        joined = np.concatenate(offsets)
        order = np.argsort(joined, kind="stable")
        return joined[order], np.concatenate(boots)[order]

    def _inherited(self, offsets: Offsets) -> Numbers:
        """Return the time of the message before each byte that carries one.

        Bytes before the first take its time: they were written no later.
        """
        timed = [found for found in self.messages.values() if len(found) and _own(found)]
        boots = np.full(len(offsets), np.nan)
        if not timed:
            return boots
        first = min(range(len(timed)), key=lambda number: int(timed[number].offsets[0]))
        place = np.full(len(offsets), -1)
        which, row = np.full(len(offsets), first), np.zeros(len(offsets), np.int64)
        for number, found in enumerate(timed):
            before = np.searchsorted(found.offsets, offsets, side="right") - 1
            here = np.where(before >= 0, found.offsets[np.maximum(before, 0)], -1)
            nearer = here > place
            place[nearer], which[nearer], row[nearer] = here[nearer], number, before[nearer]
        for number in np.unique(which).tolist():
            chosen = which == number
            boots[chosen] = self._own_boot_us(timed[number], row[chosen])
        return boots

    def _own_boot_us(self, found: Messages, rows: Offsets) -> Numbers:
        """Return the times that some messages carry, without decoding those of the others."""
        fewer = found.picked(rows) if found.name not in self._boot else None
        own = None if fewer is None else own_boot_us(fewer)
        return self.boot_us(found)[rows] if own is None else own

    @cached_property
    def power_ons(self) -> tuple[PowerOn, ...]:
        """The parts of the log from power-on to power-on; at least one."""
        starts = [0, *self._restarts()]
        fixes = list(self._fixes())
        found = []
        for start, end in zip(starts, [*starts[1:], self.size], strict=True):
            offsets = [utc[(at >= start) & (at < end)] for at, utc in fixes]
            joined = np.concatenate(offsets) if offsets else np.empty(0)
            if len(joined) == 0:
                found.append(PowerOn(start, None, None))
                continue
            middle = float(np.median(joined))
            spread = float(np.quantile(np.abs(joined - middle), 0.95)) / 1e6
            found.append(PowerOn(start, middle, round(spread, 6)))
        return tuple(_merged(found))

    def _fixes(self) -> Iterator[tuple[Offsets, Numbers]]:
        """Yield where fixes stand, and what each says UTC of power-on is."""
        for name in ("GPS", "GPS2"):
            found = self.messages.get(name)
            if found is None:
                continue
            utc = fix_utc_us(found) - self.boot_us(found)
            status = found.numbers("Status", "Fix")
            good = np.isfinite(utc) & (status >= 3)
            if good.any():
                yield found.offsets[good], utc[good]
                return

    def _restarts(self) -> list[int]:
        steady = next((self.messages[name] for name in STEADY if name in self._own), None)
        if steady is None and self._own:
            steady = max((self.messages[name] for name in self._own), key=len)
        if steady is None:
            places, boots = self._timed if "TIME" in self.messages else (np.empty(0), np.empty(0))
        else:
            places, boots = steady.offsets, self.boot_us(steady)
        if len(boots) < 4:
            return []
        down = np.flatnonzero(boots[1:] < boots[:-1] - RESTART_US)
        return [
            self._first_after(int(places[at]), int(places[at + 1]), float(boots[at]))
            for at in down.tolist()
            # One message with a damaged time is no restart: the clock must stay low,
            # and have been high before.
            if (boots[at + 1 : at + 4] < boots[at]).all()
            and (at == 0 or boots[at - 1] > boots[at + 1])
        ]

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(
            name
            for name, found in self.messages.items()
            if found.first("TimeUS") or (found.first("TimeMS") and name not in ("GPS", "GPS2"))
        )

    def _first_after(self, start: int, end: int, before_us: float) -> int:
        """Return the first message between two bytes whose clock is low again."""
        first = end
        for name in self._own:
            offsets = self.messages[name].offsets
            a, b = np.searchsorted(offsets, (start, end))
            low = np.flatnonzero(self.boot_us(self.messages[name])[a:b] < before_us - RESTART_US)
            if len(low):
                first = min(first, int(offsets[a + low[0]]))
        return first

    @cached_property
    def clock(self) -> Clock:
        """Where UTC comes from, and how well it is known."""
        known = [one for one in self.power_ons if one.utc_us is not None]
        notes = [
            f"power-on {number} begins at byte {one.offset}"
            + ("" if one.utc_us is not None else "; it has no GPS time")
            for number, one in enumerate(self.power_ons, 1)
            if len(self.power_ons) > 1 or one.utc_us is None
        ]
        if not known:
            return Clock(None, notes=("no GPS fix with time: UTC is not known", *notes))
        residuals = [one.residual_s for one in known if one.residual_s is not None]
        power_on = None
        if len(self.power_ons) == 1:
            power_on = pd.Timestamp(round(known[0].utc_us or 0.0), unit="us", tz="UTC")
        offset_s = round((known[0].utc_us or 0.0) / 1e6, 6)
        return Clock("GPS", max(residuals), offset_s, tuple(notes), power_on, by_satellite=True)


def _merged(found: list[PowerOn]) -> Iterator[PowerOn]:
    """Yield power-ons without those that began when the one before did.

    Damaged storage can return a block once more, out of its place: the clock
    steps back there, and nothing was restarted.
    """
    last: PowerOn | None = None
    for one in found:
        same = last is not None and last.utc_us is not None and one.utc_us is not None
        if last is not None and same:
            same = abs((one.utc_us or 0.0) - (last.utc_us or 0.0)) < SAME_US
        if not same:
            yield one
            last = one


def _own(found: Messages) -> tuple[str, float] | None:
    """Return the field that holds the time since power-on, and microseconds in its unit."""
    if found.first("TimeUS"):
        return "TimeUS", 1.0
    if found.name in ("GPS", "GPS2") and found.first("T"):
        return "T", 1e3
    if found.first("TimeMS") and not found.first("Week"):
        return "TimeMS", 1e3
    if found.name == "TIME" and found.first("StartTime"):
        return "StartTime", 1.0
    return None


def own_boot_us(found: Messages) -> Numbers | None:
    """Return the time since power-on that each message carries, or ``None``."""
    own = _own(found)
    return None if own is None else found.numbers(own[0]) * own[1]


def fix_utc_us(found: Messages) -> Numbers:
    """Return the UTC that messages state as GPS time, microseconds since 1970."""
    if found.first("GWk", "Week", "GPSWeek"):
        week = found.numbers("GWk", "Week", "GPSWeek")
        return gps_to_utc_us(week, found.numbers("GMS", "GPSTime", "TimeMS"))
    if found.name == "GPS" and found.first("GPSTime"):
        utc = found.numbers("GPSTime")
        return np.where((utc > EARLIEST_US) & (utc < LATEST_US), utc, np.nan)
    return np.full(len(found), np.nan)

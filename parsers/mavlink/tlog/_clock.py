"""When each frame of a MAVLink stream was sent, in UTC.

A vehicle counts milliseconds since it was started and says now and then what
UTC is (SYSTEM_TIME); the two agree to a millisecond until it is restarted.  The
clock of the ground station, whose time stands before each frame of a telemetry
log, is any computer's clock: it may be wrong by minutes, drift, or run at
another rate than a simulated vehicle.  So UTC is that of the vehicle wherever it
says so, and that of the ground station elsewhere.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._model import Clock
from .._shared._framing import Offsets
from ._records import Messages, Stream
from ._stamps import astray
from ._times import NAT, Anchors

#: Messages that carry the time since the start and are sent all the time; more of
#: them where the first are few.
ANCHORS = ("SYSTEM_TIME", "GLOBAL_POSITION_INT", "ATTITUDE")
MORE_ANCHORS = ("ATTITUDE_QUATERNION", "LOCAL_POSITION_NED", "RC_CHANNELS", "SCALED_PRESSURE")
#: Share of the frames that should be anchors.
ENOUGH = 0.02
#: Microseconds since 1970 that can be now: from 2005 to 2100.  Autopilots without
#: GPS time send 0, or count from 1970 or 1980.
PLAUSIBLE_US = (1_100_000_000_000_000, 4_100_000_000_000_000)
#: Messages out of order by less than this are not a restart.
RESTART_MS = 2_000
#: A time since the start that strays this far from its four neighbours is not believed.
STRAY_MS = 60_000
#: Differences of clocks worth a note.
NOTABLE_S = 1.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The aircraft that the log is about."""

    system: int
    component: int
    #: MAV_AUTOPILOT and MAV_TYPE; ``None``: it sent no HEARTBEAT.
    autopilot: int | None
    type: int | None
    #: Other systems that have an autopilot.
    others: tuple[int, ...] = ()

    def sent(self, found: Messages) -> Messages:
        """Return the messages that its autopilot sent."""
        return found.where((found.system == self.system) & (found.component == self.component))

    def owns(self, found: Messages) -> Messages:
        """Return the messages that any of its components sent."""
        return found.where(found.system == self.system)


@dataclass(frozen=True, slots=True)
class Timing:
    """How the times were found."""

    clock: Clock
    #: Rows of the index at which the vehicle had been restarted.
    restarts: tuple[int, ...] = ()
    #: For each start whose UTC is known: the first row with its count, and UTC at which it
    #: was zero, microseconds.
    starts: tuple[tuple[int, int], ...] = ()

    def utc_of_boot(self, row: int, boot_ms: float) -> int | None:
        """Return UTC in microseconds of a time since the start told in a frame."""
        if not self.starts:
            return None
        place = max(0, bisect_right(self.starts, row, key=lambda start: start[0]) - 1)
        return int(self.starts[place][1] + boot_ms * 1000)


def choose(stream: Stream) -> Vehicle:
    """Return the vehicle that reports most positions among those with an autopilot."""
    beats = stream["HEARTBEAT"]
    flying = (beats["autopilot"] != 8) & (beats["type"] != 6)
    senders = _counts(beats.where(flying))
    positions = _counts(stream["GLOBAL_POSITION_INT"]) or _counts(stream["GPS_RAW_INT"])
    pool = {key: positions.get(key, 0) for key in senders} or positions
    if not pool:
        pool = _counts_of(stream.index.frames.system, stream.index.frames.component)
    best = min(pool, key=lambda key: (-pool[key], -senders.get(key, 0), key), default=(1, 1))
    own = beats.where((beats.system == best[0]) & (beats.component == best[1]))
    others = sorted({system for system, _ in senders} - {best[0]})
    if not len(own):
        return Vehicle(*best, None, None, tuple(others))
    return Vehicle(*best, int(own["autopilot"][-1]), int(own["type"][-1]), tuple(others))


def find_times(stream: Stream, vehicle: Vehicle) -> Timing:
    """Tell the stream what UTC follows from, and return how that was found."""
    timed = stream.index.timed
    rows, boot = _anchors(stream, vehicle)
    session, restarts = _sessions(rows, boot)
    utc, residual, starts = _offsets(vehicle.sent(stream["SYSTEM_TIME"]), rows, boot, session)
    told = utc != NAT
    if not told.any():
        if not timed:
            note = "the stream holds only times since the start of the vehicle"
            return Timing(Clock(notes=(note,)), restarts)
        source = "ground station's clock (no time from the vehicle)"
        return Timing(Clock(source=source, notes=_restart_notes(restarts)), restarts)
    stamps = stream.times.own_us(rows)
    shift_us = (utc - stamps)[told]
    middle_us = float(np.median(shift_us))
    # An anchor without UTC (a start without GPS) has the median in a telemetry log, where
    # the ground station's clock goes on, and none in a raw stream.
    stream.times.anchors = Anchors(rows, stamps, utc, int(middle_us) if timed else NAT)
    clock = Clock(
        source=f"vehicle (SYSTEM_TIME of system {vehicle.system})",
        uncertainty_s=max(0.001, residual / 1e6),
        offset_s=middle_us / 1e6 if timed else None,
        notes=(*(_notes(shift_us) if timed else ()), *_restart_notes(restarts)),
        by_satellite=True,
    )
    return Timing(clock, restarts, starts)


def _anchors(stream: Stream, vehicle: Vehicle) -> tuple[Offsets, npt.NDArray[np.int64]]:
    """Return rows, ascending, and the milliseconds since the start told there."""
    found = [vehicle.sent(stream[name]) for name in ANCHORS if stream.has(name)]
    if sum(map(len, found)) < ENOUGH * len(stream.index):
        found += [vehicle.sent(stream[name]) for name in MORE_ANCHORS if stream.has(name)]
    rows = np.concatenate([np.empty(0, np.int64), *(part.rows for part in found)])
    boot = np.concatenate([np.empty(0, np.int64), *(part["time_boot_ms"] for part in found)])
    boot = boot.astype(np.int64)
    order = np.argsort(rows, kind="stable")
    rows, boot = rows[order], boot[order]
    wrong, _ = astray(boot, STRAY_MS)
    if len(wrong):
        rows, boot = np.delete(rows, wrong), np.delete(boot, wrong)
    return rows, boot


def _sessions(
    rows: Offsets, boot: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], tuple[int, ...]]:
    """Return the number of restarts before each anchor, and the rows of the restarts."""
    back = np.flatnonzero(np.diff(boot) < -RESTART_MS) + 1
    session = np.zeros(len(boot), np.int64)
    session[back] = 1
    return np.cumsum(session), tuple(rows[back].tolist())


def _offsets(
    times: Messages,
    rows: Offsets,
    boot: npt.NDArray[np.int64],
    session: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], float, tuple[tuple[int, int], ...]]:
    """Return UTC of each anchor in microseconds, NaT where unknown, the residual, and the starts.

    UTC minus the time since the start is constant from one start to the next;
    its median stands against the first values, from before a GPS fix.
    """
    utc = np.full(len(rows), NAT, np.int64)
    unix = times["time_unix_usec"].astype(np.int64)
    fit = (unix > PLAUSIBLE_US[0]) & (unix < PLAUSIBLE_US[1])
    place = np.searchsorted(rows, times.rows[fit])
    inside = place < len(rows)
    inside[inside] = rows[place[inside]] == times.rows[fit][inside]
    when = session[place[inside]]
    offset = unix[fit][inside] - boot[place[inside]] * 1000
    residual, starts = 0.0, []
    # Both ascend: what belongs to one start lies together.
    numbers, first = np.unique(when, return_index=True)
    begins, ends = (np.searchsorted(session, numbers, side).tolist() for side in ("left", "right"))
    parts = np.split(offset, first[1:])
    for some, begin, end in zip(parts, begins, ends, strict=False):
        middle = int(np.median(some))
        residual = max(residual, float(np.percentile(np.abs(some - middle), 95)))
        utc[begin:end] = boot[begin:end] * 1000 + middle
        starts.append((int(rows[begin]), middle))
    return utc, residual, tuple(starts)


def _notes(shift_us: npt.NDArray[np.int64]) -> Sequence[str]:
    low, middle, high = np.percentile(shift_us / 1e6, [1, 50, 99]).tolist()
    notes = []
    if abs(middle) >= DAY_S:
        notes.append(
            f"the ground station's clock differs by {-middle / DAY_S:.1f} days from the vehicle's: "
            "a simulation, a replay, or a wrong clock"
        )
    elif abs(middle) >= NOTABLE_S:
        word = "behind" if middle > 0 else "ahead of"
        notes.append(f"the ground station's clock was {abs(middle):.1f} s {word} the vehicle's")
    if high - low >= NOTABLE_S:
        notes.append(
            f"the two clocks ran apart: {low:.1f} s to {high:.1f} s between them "
            "(late delivery, a simulation at another speed, or a clock that was set)"
        )
    return notes


def _restart_notes(restarts: tuple[int, ...]) -> tuple[str, ...]:
    if not restarts:
        return ()
    return (
        "the vehicle was restarted " + ("once" if len(restarts) == 1 else f"{len(restarts)} times"),
    )


def _counts(found: Messages) -> dict[tuple[int, int], int]:
    return _counts_of(found.system, found.component)


def _counts_of(
    system: npt.NDArray[np.uint8], component: npt.NDArray[np.uint8]
) -> dict[tuple[int, int], int]:
    keys, count = np.unique(system.astype(np.uint16) << 8 | component, return_counts=True)
    return {
        (int(key) >> 8, int(key) & 0xFF): int(number)
        for key, number in zip(keys, count, strict=True)
    }

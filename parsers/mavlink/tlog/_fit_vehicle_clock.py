"""Fit the vehicle's clock: which UTC each frame of a MAVLink stream was sent at.

A vehicle counts milliseconds since it was started and now and then states
UTC (SYSTEM_TIME); the two agree to a millisecond until it is restarted.  The
clock of the ground station, whose time precedes each frame of a telemetry
log, is any computer's clock: it may be wrong by minutes, drift, or run at
another rate than a simulated vehicle.  So UTC is the vehicle's wherever it
states it, and the ground station's elsewhere.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._model import Clock
from .._shared._record_framing import Offsets
from .._shared._timestamps import NAT
from ._choose_vehicle import VehicleOfStream
from ._frame_header_columns import outlier_indices_and_running_medians
from ._frame_times import FramesWithBothClocks
from ._message_columns import MavlinkMessages, TlogMessages


@dataclass(frozen=True, slots=True)
class TlogClockFit:
    """How the vehicle's clock relates to UTC."""

    clock: Clock
    #: Rows of the index at which the vehicle had been restarted.
    restarts: tuple[int, ...] = ()
    #: For each start whose UTC is known: the first row with its count, and UTC at which it
    #: was zero, microseconds.
    boot_times: tuple[tuple[int, int], ...] = ()
    #: Whether UTC is not known and times are those since the start, as if since 1970.
    counts_from_start: bool = False

    def boot_time_to_utc_us(self, row: int, boot_ms: float) -> int | None:
        """Return UTC in microseconds of a time since start-up that a frame states."""
        if not self.boot_times:
            return None
        index = max(0, bisect_right(self.boot_times, row, key=lambda start: start[0]) - 1)
        return int(self.boot_times[index][1] + boot_ms * 1000)


#: Messages that carry the time since the start and are sent all the time; more of
#: them where the first are few.
ANCHOR_MESSAGES = ("SYSTEM_TIME", "GLOBAL_POSITION_INT", "ATTITUDE")
FURTHER_ANCHOR_MESSAGES = (
    "ATTITUDE_QUATERNION",
    "LOCAL_POSITION_NED",
    "RC_CHANNELS",
    "SCALED_PRESSURE",
)
#: Share of the frames that should be anchors.
LEAST_ANCHOR_SHARE = 0.02
#: Microseconds since 1970 that can be now: from 2005 to 2100.  Autopilots without
#: GPS time send 0, or count from 1970 or 1980.
PLAUSIBLE_UTC_US = (1_100_000_000_000_000, 4_100_000_000_000_000)
#: Messages out of order by less than this are not a restart.
RESTART_MS = 2_000
#: A time since the start that differs this much from its four neighbours is an outlier.
OUTLIER_MS = 60_000
#: Differences of clocks worth a note.
NOTABLE_DIFFERENCE_S = 1.0
DAY_S = 86_400.0


def fit_vehicle_clock(stream: TlogMessages, vehicle: VehicleOfStream) -> TlogClockFit:
    """Give the stream's times their clock anchors, and return how UTC was found."""
    timed = stream.index.has_timestamps
    rows, boot = _rows_and_their_boot_ms(stream, vehicle)
    session, restarts = _restart_counts_and_restart_rows(rows, boot)
    utc, residual, starts = _anchor_utcs_worst_residual_and_boot_starts(
        vehicle.messages_from_autopilot(stream["SYSTEM_TIME"]), rows, boot, session
    )
    is_known = utc != NAT
    if not is_known.any():
        if not timed:
            note = "the stream has only times since the vehicle was started"
            counts = len(rows) > 0 and not restarts
            if counts:
                stamps = stream.times.station_timestamps_us(rows)
                stream.times.anchors = FramesWithBothClocks(rows, stamps, boot * 1000, NAT)
            return TlogClockFit(Clock(notes=(note,)), restarts, counts_from_start=counts)
        source = "ground station's clock (no time from the vehicle)"
        return TlogClockFit(Clock(source=source, notes=_restart_count_notes(restarts)), restarts)
    stamps = stream.times.station_timestamps_us(rows)
    shift_us = (utc - stamps)[is_known]
    middle_us = float(np.median(shift_us))
    # An anchor without UTC (a start without GPS) has the median in a telemetry log, where
    # the ground station's clock goes on, and none in a raw stream.
    stream.times.anchors = FramesWithBothClocks(rows, stamps, utc, int(middle_us) if timed else NAT)
    clock = Clock(
        source=f"vehicle (SYSTEM_TIME of system {vehicle.system})",
        uncertainty_s=max(0.001, residual / 1e6),
        offset_s=middle_us / 1e6 if timed else None,
        notes=(
            *(_notes_on_ground_station_clock(shift_us) if timed else ()),
            *_restart_count_notes(restarts),
        ),
        from_gnss=True,
    )
    return TlogClockFit(clock, restarts, starts)


def _rows_and_their_boot_ms(
    stream: TlogMessages, vehicle: VehicleOfStream
) -> tuple[Offsets, npt.NDArray[np.int64]]:
    """Return rows, ascending, and the milliseconds since start-up stated there."""
    parts = [
        vehicle.messages_from_autopilot(stream[name])
        for name in ANCHOR_MESSAGES
        if stream.has_message(name)
    ]
    if sum(map(len, parts)) < LEAST_ANCHOR_SHARE * stream.frame_count_without_other_vehicles:
        parts += [
            vehicle.messages_from_autopilot(stream[name])
            for name in FURTHER_ANCHOR_MESSAGES
            if stream.has_message(name)
        ]
    rows = np.concatenate([np.empty(0, np.int64), *(part.rows for part in parts)])
    boot = np.concatenate([np.empty(0, np.int64), *(part["time_boot_ms"] for part in parts)])
    boot = boot.astype(np.int64)
    order = np.argsort(rows, kind="stable")
    rows, boot = rows[order], boot[order]
    wrong, _ = outlier_indices_and_running_medians(boot, OUTLIER_MS)
    if len(wrong):
        rows, boot = np.delete(rows, wrong), np.delete(boot, wrong)
    return rows, boot


def _restart_counts_and_restart_rows(
    rows: Offsets, boot: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], tuple[int, ...]]:
    """Return the number of restarts before each anchor, and the rows of the restarts."""
    back = np.flatnonzero(np.diff(boot) < -RESTART_MS) + 1
    session = np.zeros(len(boot), np.int64)
    session[back] = 1
    return np.cumsum(session), tuple(rows[back].tolist())


def _anchor_utcs_worst_residual_and_boot_starts(
    times: MavlinkMessages,
    rows: Offsets,
    boot: npt.NDArray[np.int64],
    session: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], float, tuple[tuple[int, int], ...]]:
    """Return UTC of each anchor in microseconds, NaT where unknown, the residual, and the starts.

    UTC minus the time since the start is constant from one start to the next;
    its median outweighs the first values, from before a GPS fix.
    """
    utc = np.full(len(rows), NAT, np.int64)
    unix = times["time_unix_usec"].astype(np.int64)
    fit = (unix > PLAUSIBLE_UTC_US[0]) & (unix < PLAUSIBLE_UTC_US[1])
    index = np.searchsorted(rows, times.rows[fit])
    inside = index < len(rows)
    inside[inside] = rows[index[inside]] == times.rows[fit][inside]
    when = session[index[inside]]
    offset = unix[fit][inside] - boot[index[inside]] * 1000
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


def _notes_on_ground_station_clock(shift_us: npt.NDArray[np.int64]) -> Sequence[str]:
    low, middle, high = np.percentile(shift_us / 1e6, [1, 50, 99]).tolist()
    notes = []
    if abs(middle) >= DAY_S:
        notes.append(
            f"the ground station's clock differs by {-middle / DAY_S:.1f} days from the vehicle's: "
            "a simulation, a replay, or a wrong clock"
        )
    elif abs(middle) >= NOTABLE_DIFFERENCE_S:
        word = "behind" if middle > 0 else "ahead of"
        notes.append(f"the ground station's clock was {abs(middle):.1f} s {word} the vehicle's")
    if high - low >= NOTABLE_DIFFERENCE_S:
        notes.append(
            f"the two clocks ran apart: {low:.1f} s to {high:.1f} s between them "
            "(late delivery, a simulation at another speed, or a clock that was set)"
        )
    return notes


def _restart_count_notes(restarts: tuple[int, ...]) -> tuple[str, ...]:
    if not restarts:
        return ()
    return (
        "the vehicle was restarted " + ("once" if len(restarts) == 1 else f"{len(restarts)} times"),
    )

"""What cameras say of their own video, against what they were ordered to record."""

from collections.abc import Iterator, Sequence

import numpy as np

from ._clock import Vehicle
from ._commands import Command
from ._event import NAT, Event, event, sender_of
from ._records import Stream

#: Nanoseconds that a camera may take to begin, and within which it must have begun: one that
#: is idle later than that may have recorded and ended by itself.
SETTLED_NS, BEGUN_NS = 2_000_000_000, 15_000_000_000
#: MAV_TYPE.
CAMERA = 30


class VideoStates:
    """The state of video of a vehicle's cameras (CAMERA_CAPTURE_STATUS), by time."""

    def __init__(self, stream: Stream, vehicle: Vehicle) -> None:
        """Collect which cameras there are, and what those tell that tell their state."""
        told = vehicle.owns(stream["CAMERA_CAPTURE_STATUS"])
        # Without a time nothing is known to be later than an order.
        self._told = told.where(told.time != NAT).in_time_order()
        self._running = self._told["video_status"] == 1
        self._tell = set(self._told.component.tolist())
        beats = vehicle.owns(stream["HEARTBEAT"])
        self._silent = {
            *beats.component[beats["type"] == CAMERA].tolist(),
            *vehicle.owns(stream["CAMERA_INFORMATION"]).component.tolist(),
        } - self._tell
        self._everybody = {0, vehicle.component}

    def idle(self, one: Command, first: int, last: int) -> int | None:
        """Return which status is the first within a time that contradicts an order to record.

        Args:
            one: The order.  Of a camera that tells nothing of itself, or where one of
                several that are meant does not, nothing contradicts it.
            first: UTC in nanoseconds.
            last: UTC in nanoseconds, not included.
        """
        target = int(one.found["target_component"][one.row])
        if target in self._tell:
            meant = self._told.component == target
        elif target in self._everybody and not self._silent:
            meant = np.ones(len(self._told), np.bool_)
        else:
            return None
        begin, settled, end = np.searchsorted(self._told.time, [one.time, first, last]).tolist()
        if (meant[begin:end] & self._running[begin:end]).any():
            return None
        found = np.flatnonzero(meant[settled:end])
        return settled + int(found[0]) if len(found) else None

    def against(
        self, orders: Sequence[tuple[Command, bool]]
    ) -> Iterator[tuple[Command, bool, Event | None]]:
        """Yield orders, with an event for each to begin that a camera did not follow.

        Args:
            orders: Orders, and whether each is to begin; else it is to end.
        """
        until = np.iinfo(np.int64).max
        told = []
        for one, begins in reversed(orders):
            refuted = None
            if begins:
                last = min(until, one.time + BEGUN_NS)
                row = self.idle(one, one.time + SETTLED_NS, last)
                refuted = None if row is None else self._refuted(one, row)
            else:
                until = one.time
            told.append((one, begins, refuted))
        yield from reversed(told)

    def _refuted(self, one: Command, row: int) -> Event:
        return event(
            self._told,
            row,
            "capture.command",
            f"{one.name} from {sender_of(one.found, one.row)} ({one.answer}) began no video: "
            f"camera {sender_of(self._told, row)} reports that it records none",
            label="video_status",
            severity="notice",
        )

    def time(self, row: int) -> int:
        """Return when a status was told, UTC in nanoseconds."""
        return int(self._told.time[row])

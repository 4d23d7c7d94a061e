"""Which sensor a camera recorded with: visible light, heat, or what the log leaves open."""

from bisect import bisect_right

import numpy as np

from .._shared._camera_commands import SET_SOURCE, sensor
from ._clock import Vehicle
from ._commands import Commands
from ._records import Stream

#: VIDEO_STREAM_STATUS_FLAGS.
RUNNING, THERMAL = 1, 2
#: CAMERA_THERMAL_RANGE is sent while a thermal image is shown: frames' time it speaks for.
SPEAKS_NS = 10_000_000_000


class Sensors:
    """What was said of the sensors, by row of the index."""

    def __init__(self, stream: Stream, vehicle: Vehicle, commands: Commands) -> None:
        """Collect what the log says of the vehicle's cameras."""
        self._times = stream.times
        self._chosen_at, self._chosen = _chosen(commands)
        self._shown_at, self._shown = _shown(stream, vehicle)
        ranges = vehicle.owns(stream["CAMERA_THERMAL_RANGE"])
        self._ranges = np.sort(ranges.time)

    def changes(self) -> list[tuple[int, str]]:
        """Return when the log speaks of sensors, and which is in use from then on."""
        rows = sorted({*self._chosen_at, *self._shown_at})
        times = self._times.utc_ns(np.array(rows, np.int64)).tolist()
        told = sorted(zip(times, rows, strict=True))
        return [(time, self.at(row, time)) for time, row in told]

    def at(self, row: int, time: int) -> str:
        """Return the sensor in use at a row of the index and its time."""
        if place := bisect_right(self._chosen_at, row):
            return self._chosen[place - 1]
        if (place := bisect_right(self._shown_at, row)) and self._shown[place - 1]:
            return "thermal"
        after = int(np.searchsorted(self._ranges, time - SPEAKS_NS))
        if after < len(self._ranges) and self._ranges[after] <= time + SPEAKS_NS:
            return "thermal"
        return "unknown"


def _chosen(commands: Commands) -> tuple[list[int], list[str]]:
    """Return rows of SET_CAMERA_SOURCE that were not refused, and the sensor each set."""
    rows, found = [], []
    for one in commands.of((SET_SOURCE,)):
        picked = sensor(one.params)
        if one.accepted is not False and picked is not None:
            rows.append(int(one.found.rows[one.row]))
            found.append(picked)
    return rows, found


def _shown(stream: Stream, vehicle: Vehicle) -> tuple[list[int], list[bool]]:
    """Return rows at which a video stream is described, and whether a running one is thermal."""
    told: list[tuple[int, tuple[int, int], int]] = []
    for name in ("VIDEO_STREAM_INFORMATION", "VIDEO_STREAM_STATUS"):
        found = vehicle.owns(stream[name])
        keys = zip(found.component.tolist(), found["stream_id"].tolist(), strict=True)
        told += zip(found.rows.tolist(), keys, found["flags"].tolist(), strict=True)
    hot: set[tuple[int, int]] = set()
    rows, thermal = [], []
    for row, key, flags in sorted(told):
        (hot.add if flags & RUNNING and flags & THERMAL else hot.discard)(key)
        rows.append(row)
        thermal.append(bool(hot))
    return rows, thermal

"""The sensor a camera recorded with (visible, thermal or unknown), and its field of view."""

from bisect import bisect_right
from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..._model import FieldOfView
from .._shared._camera_commands import SET_CAMERA_SOURCE
from .._shared._timestamps import NAT
from ._choose_vehicle import VehicleOfStream
from ._message_columns import TlogMessages
from ._vehicle_commands import TlogCommands

#: VIDEO_STREAM_STATUS_FLAGS.
RUNNING, THERMAL = 1, 2
#: CAMERA_THERMAL_RANGE is sent while a thermal image is shown: the time it is valid for.
THERMAL_RANGE_VALID_NS = 10_000_000_000


class CameraSensorHistory:
    """What the log states of the sensors, by row of the index."""

    def __init__(
        self, stream: TlogMessages, vehicle: VehicleOfStream, commands: TlogCommands
    ) -> None:
        """Collect what the log states of the vehicle's cameras."""
        self._times = stream.times
        self._chosen_at, self._chosen, self._is_answered = (
            _camera_source_rows_sensors_and_if_accepted(commands)
        )
        self._shown_at, self._shown = _video_stream_rows_and_sensors(stream, vehicle)
        ranges = vehicle.messages_from_any_component(stream["CAMERA_THERMAL_RANGE"])
        self._ranges = np.sort(ranges.time)

    def sensor_changes(self) -> list[tuple[int, str]]:
        """Return when the log names a sensor, and which is in use from then on."""
        rows = sorted({*self._chosen_at, *self._shown_at})
        times = self._times.utc_ns_of_frames(np.array(rows, np.int64)).tolist()
        timed_rows = sorted(zip(times, rows, strict=True))
        return [(time, self.sensor_at(row, time)) for time, row in timed_rows]

    def sensor_at(self, row: int, time: int) -> str:
        """Return the sensor in use at a row of the index and its time."""
        chosen, shown = bisect_right(self._chosen_at, row), bisect_right(self._shown_at, row)
        named = self._shown[shown - 1] if shown else None
        if chosen:
            # A choice that nobody answered does not settle which of two streams is recorded.
            is_settled = self._is_answered[chosen - 1] or named != "unknown"
            return self._chosen[chosen - 1] if is_settled else "unknown"
        if named is not None:
            return named
        after = int(np.searchsorted(self._ranges, time - THERMAL_RANGE_VALID_NS))
        if after < len(self._ranges) and self._ranges[after] <= time + THERMAL_RANGE_VALID_NS:
            return "thermal"
        return "unknown"


def _camera_source_rows_sensors_and_if_accepted(
    commands: TlogCommands,
) -> tuple[list[int], list[str], list[bool]]:
    """Return rows of SET_CAMERA_SOURCE not refused, the sensor of each, and if it was accepted."""
    rows, sensors, is_answered = list[int](), list[str](), list[bool]()
    for command in commands.commands_with_ids((SET_CAMERA_SOURCE,)):
        picked = command.requested_sensor
        if command.accepted is not False and picked is not None:
            rows.append(int(command.messages.rows[command.row]))
            sensors.append(picked)
            is_answered.append(bool(command.accepted))
    return rows, sensors, is_answered


def _video_stream_rows_and_sensors(
    stream: TlogMessages, vehicle: VehicleOfStream
) -> tuple[list[int], list[str | None]]:
    """Return rows at which a video stream is described, and what the running ones show.

    "thermal" where every stream that there is runs thermal or is off; "unknown" where another one
    runs too, or is not described, for then the log does not tell which of them is recorded;
    ``None``: none is thermal.
    """
    reports: list[tuple[int, tuple[int, int], int, int]] = []
    for name in ("VIDEO_STREAM_INFORMATION", "VIDEO_STREAM_STATUS"):
        messages = vehicle.messages_from_any_component(stream[name])
        keys = zip(messages.component.tolist(), messages["stream_id"].tolist(), strict=True)
        counts = messages["count"] if "INFORMATION" in name else np.zeros(len(messages), np.uint8)
        reports += zip(
            messages.rows.tolist(), keys, messages["flags"].tolist(), counts.tolist(), strict=True
        )
    running: dict[tuple[int, int], bool | None] = {}
    stated_counts: dict[int, int] = {}
    rows, sensors = list[int](), list[str | None]()
    for row, key, flags, count in sorted(reports):
        running[key] = bool(flags & THERMAL) if flags & RUNNING else None
        stated_counts[key[0]] = max(stated_counts.get(key[0], 0), count)
        rows.append(row)
        sensors.append(
            _thermal_or_unknown_shown_by_video_streams(running, sum(stated_counts.values()))
        )
    return rows, sensors


def _thermal_or_unknown_shown_by_video_streams(
    running: Mapping[tuple[int, int], bool | None], stated_count: int
) -> str | None:
    """Return what video streams show.

    Args:
        running: Component and stream -> whether it is thermal; ``None``: it does not run.
        stated_count: How many streams there are, as the cameras state it; 0: they do not.
    """
    if True not in running.values():
        return None
    only_thermal = False not in running.values() and len(running) >= stated_count
    return "thermal" if only_thermal else "unknown"


def field_of_view_changes_of_first_camera(stream: TlogMessages) -> tuple[FieldOfView, ...]:
    """Return the field of view of the first camera that states it, whenever it changed."""
    messages = stream["CAMERA_FOV_STATUS"]
    wide, high = messages["hfov"].astype(np.float64), messages["vfov"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        known = (wide > 0) & (wide < 180) & (high > 0) & (high < 180) & (messages.time != NAT)
    rows = np.flatnonzero(known)
    if not len(rows):
        return ()
    sender = messages.system.astype(np.uint16) << 8 | messages.component
    rows = rows[sender[rows] == sender[rows[0]]]
    rows = rows[np.argsort(messages.time[rows], kind="stable")]
    out: list[FieldOfView] = []
    for row in rows.tolist():
        field = float(wide[row]), float(high[row])
        if out and (out[-1].horizontal_fov_deg, out[-1].vertical_fov_deg) == field:
            continue
        time = pd.Timestamp(int(messages.time[row]), tz="UTC")
        out.append(
            FieldOfView(
                time, "unknown", *field, "CAMERA_FOV_STATUS.hfov", int(messages.offsets[row])
            )
        )
    return tuple(out)

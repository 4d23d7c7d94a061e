"""Photos and videos in a DataFlash log.

``CAM`` is a photo that the camera (or its shutter) confirmed, ``TRIG`` one that
was requested.  Video is not logged as such: its intervals come from commands,
and are graded ``commanded``.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared import _camera_commands as camera_requests
from .._shared._ardupilot_names import EVENT_DISARMED
from .._shared._event_rows import EventRow
from .._shared._record_framing import Flags
from ._boot_time_to_utc import utc_us_of_gps_messages
from ._camera_commands_of_log import (
    CameraCommand,
    camera_commands,
    mission_item_messages_and_executed_flags,
)
from ._dataflash_messages_clock_and_modes import DataflashMessagesClockAndModes
from ._message_columns import DataflashMessages

CaptureRow = dict[str, Any]
#: Positions in the order of messages, microseconds.
OrderPositions = np.ndarray[tuple[int], np.dtype[np.int64]]

#: A command and a shutter this close are one photo, microseconds.
SAME_PHOTO_US = 2_000_000

END_OF_LOG = "; the end of the log is taken as its end"
END_OF_POWER_ON = "; the end of the log before the next power-on is taken as its end"

#: `MAV_CMD` -> what it asks for (MAVLink common.xml).
CAMERA_COMMANDS = {
    200: "control video",
    202: "configure camera",
    203: "control camera",
    205: "control camera mount",
    206: "take photos by distance",
    214: "take photos by time",
    526: "format storage",
    530: "set camera mode",
    531: "zoom",
    532: "focus",
    534: "choose camera source",
    1000: "point gimbal",
    2000: "take photos",
    2001: "stop taking photos",
    2003: "control camera trigger",
    2500: "start recording video",
    2501: "stop recording video",
    2502: "start video stream",
    2503: "stop video stream",
}
STORAGE_FORMAT = 526


def _photo_times(
    log: DataflashMessagesClockAndModes, messages: DataflashMessages
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return UTC of photos; before firmware 3.3 the photo itself carries GPS time."""
    if messages.first_present_label("TimeUS") or not messages.first_present_label("GPSWeek"):
        return log.utc_ns_of_messages(messages)
    stated = utc_us_of_gps_messages(messages)
    known = np.isfinite(stated)
    return np.where(
        known, np.where(known, stated, 0).astype(np.int64) * 1000, log.utc_ns_of_messages(messages)
    )


def media_capture_rows(log: DataflashMessagesClockAndModes) -> Iterator[CaptureRow]:
    """Yield the photos and videos."""
    commands = [command for command in camera_commands(log) if not command.refused]
    sensors = _camera_sensor_changes_by_commands(log, commands)
    # By the position in the log, which is known where UTC is not.
    done = np.empty(0, np.int64)
    for name, grade in (("CAM", "reported"), ("TRIG", "commanded")):
        messages = log.messages_named(name)
        if len(messages) == 0:
            continue
        taken, positions = (
            _photo_times(log, messages),
            log.write_order_numbers(messages).astype(np.int64),
        )
        for row in np.flatnonzero(
            camera_requests.photo_without_match_mask(positions, done, SAME_PHOTO_US)
        ).tolist():
            used = sensors.sensor_at(float(positions[row]))
            yield _photo_row(name, grade, int(taken[row]), used, int(messages.offsets[row]))
        done = np.sort(np.concatenate([done, positions]))
    yield from _commanded_captures(log, commands, done, sensors)


def _near_shutter_mask(positions: OrderPositions, others: OrderPositions) -> Flags:
    if len(others) == 0:
        return np.zeros(len(positions), np.bool_)
    after = np.searchsorted(others, positions).clip(0, len(others) - 1)
    before = (after - 1).clip(0)
    gap = np.minimum(np.abs(others[after] - positions), np.abs(others[before] - positions))
    return np.asarray(gap <= SAME_PHOTO_US)


def _photo_row(source: str, grade: str, at: int, sensor: str, offset: int) -> CaptureRow:
    return {
        "start": at,
        "end": at,
        "sensor": sensor,
        "kind": "photo",
        "source": source,
        "grade": grade,
        "source_offset": offset,
    }


@dataclass(frozen=True, slots=True)
class _CameraSensorChanges:
    """Which sensor was used from when on, according to accepted commands."""

    #: Places in the order of messages, rising, and UTC of each, nanoseconds.
    positions: list[float]
    changes: list[tuple[int, str]]

    def sensor_at(self, position: float) -> str:
        """Return the sensor in use at a position in the order of messages."""
        after = bisect_right(self.positions, position)
        return self.changes[after - 1][1] if after else "unknown"


def _camera_sensor_changes_by_commands(
    log: DataflashMessagesClockAndModes, commands: list[CameraCommand]
) -> _CameraSensorChanges:
    picked = [
        (command, command.requested_sensor)
        for command in commands
        if command.number == camera_requests.SET_CAMERA_SOURCE
    ]
    on = [
        (command.position, command.time, chosen) for command, chosen in picked if chosen is not None
    ]
    # What the camera shows after power-on is not known.
    off = (
        [(position, at, "unknown") for position, at in log.order_and_utc_of_power_on_ends]
        if on
        else []
    )
    changes = sorted(on + off)
    return _CameraSensorChanges(
        [position for position, _, _ in changes], [(at, what) for _, at, what in changes]
    )


def _commanded_captures(
    log: DataflashMessagesClockAndModes,
    commands: list[CameraCommand],
    done: OrderPositions,
    sensors: _CameraSensorChanges,
) -> Iterator[CaptureRow]:
    """Yield videos, and photos that no shutter message shows."""
    requests = [command.requested_capture for command in commands]
    shown = _near_shutter_mask(
        np.array([command.position for command in commands], np.int64), done
    ).tolist()
    for command, what, known in zip(commands, requests, shown, strict=True):
        if what == camera_requests.RequestedCapture.ONE_PHOTO and not known:
            chosen = sensors.sensor_at(command.position)
            yield _photo_row(command.source, "commanded", command.time, chosen, command.offset)
    for kind, on, off in camera_requests.START_STOP:
        # Where the shutter shows each photo, the command for a series adds nothing.
        some = [
            (command, what == on)
            for command, what, known in zip(commands, requests, shown, strict=True)
            if what == off or (what == on and not (known and kind == "photo"))
        ]
        yield from _rows_of_commanded_recordings(log, kind, some, sensors)


def _rows_of_commanded_recordings(
    log: DataflashMessagesClockAndModes,
    kind: str,
    some: list[tuple[CameraCommand, bool]],
    sensors: _CameraSensorChanges,
) -> Iterator[CaptureRow]:
    """Yield what is recorded from an order to begin to one to stop, or to what ends it else."""
    if not some:
        return
    ends = _implied_recording_ends(log)
    positions = [command.position for command, _ in some]
    for first, last in camera_requests.pair_recording_starts_and_stops(
        positions, [on for _, on in some], [end[0] for end in ends]
    ):
        begun = some[first][0]
        if last is not None:
            end, closed = some[last][0].time, ""
        else:
            none = (begun.position, begun.time, END_OF_LOG)
            _, end, closed = next(
                (command for command in ends if command[0] > begun.position), none
            )
        capture = {
            "start": begun.time,
            "end": end,
            "sensor": sensors.sensor_at(begun.position),
            "kind": kind,
            "source": begun.source + closed,
            "grade": "commanded",
            "source_offset": begun.offset,
        }
        yield from camera_requests.split_recording_where_sensor_changes(capture, sensors.changes)


def _implied_recording_ends(log: DataflashMessagesClockAndModes) -> list[tuple[float, int, str]]:
    """Return what ends a recording without a command, in order: position, UTC and what it is."""
    ends = []
    for name, label, value in (("EV", "Id", EVENT_DISARMED), ("ARM", "ArmState", 0)):
        off = log.messages_named(name)
        for row in np.flatnonzero(off.numbers_of_field(label) == value).tolist():
            position, at = (
                float(log.write_order_numbers(off)[row]),
                int(log.utc_ns_of_messages(off)[row]),
            )
            ends.append((position, at, "; disarming is taken as its end"))
    ends += [
        (position, at, END_OF_POWER_ON) for position, at in log.order_and_utc_of_power_on_ends[:-1]
    ]
    ends += [(position, at, END_OF_LOG) for position, at in log.order_and_utc_of_power_on_ends[-1:]]
    return sorted(ends)


def camera_command_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield the commands to the camera: those received, and those of the mission."""
    messages = log.messages_named("MAVC")
    commands, results = messages.numbers_of_field("Cmd"), messages.numbers_of_field("Res")
    systems = messages.numbers_of_field("SS").tolist()
    for row in np.flatnonzero(np.isin(commands, list(CAMERA_COMMANDS))).tolist():
        answer = "accepted" if results[row] == 0 else f"answered with {results[row]:g}"
        sender = "" if np.isnan(systems[row]) else f" by system {systems[row]:g}"
        kind = "capture.storage" if commands[row] == STORAGE_FORMAT else "capture.command"
        yield log.event_row(
            messages,
            row,
            kind,
            f"command{sender} to {CAMERA_COMMANDS[int(commands[row])]}, {answer}",
            record="Cmd",
            severity="serious" if kind == "capture.storage" else "info",
            grade="commanded",
            value=float(commands[row]),
        )
    yield from _listed_mission_events(log)
    items, begun = mission_item_messages_and_executed_flags(log)
    yield from _camera_mission_item_events(log, items, begun, " begins")


def _listed_mission_events(log: DataflashMessagesClockAndModes) -> Iterator[EventRow]:
    """Yield the items of each mission that is listed, each once."""
    items = log.messages_named("CMD")
    first = np.zeros(len(items), np.bool_)
    seen: set[tuple[float, float]] = set()
    keys = zip(
        items.numbers_of_field("CId").tolist(), items.numbers_of_field("CNum").tolist(), strict=True
    )
    begun, chosen = mission_item_messages_and_executed_flags(log)
    plan = ~chosen if begun.name == items.name else np.ones(len(items), np.bool_)
    for row, key in enumerate(keys):
        first[row] = plan[row] and key not in seen
        seen.add(key)
    yield from _camera_mission_item_events(log, items, first, "")


def _camera_mission_item_events(
    log: DataflashMessagesClockAndModes, items: DataflashMessages, chosen: Flags, what: str
) -> Iterator[EventRow]:
    numbers, item_numbers = items.numbers_of_field("CId"), items.numbers_of_field("CNum").tolist()
    for row in np.flatnonzero(chosen & np.isin(numbers, list(CAMERA_COMMANDS))).tolist():
        yield log.event_row(
            items,
            row,
            "capture.storage" if numbers[row] == STORAGE_FORMAT else "capture.command",
            f"mission item {item_numbers[row]:g}{what}: {CAMERA_COMMANDS[int(numbers[row])]}",
            record="CId",
            grade="commanded",
            value=float(numbers[row]),
        )

"""Photos and videos in a MAVLink stream, from the most reliable message there is.

For video that is the camera's own status (CAMERA_CAPTURE_STATUS), also where it reports
that it recorded nothing; then commands that were accepted; then commands without an
answer.  For each photo it is a camera that reports the picture, then the autopilot's
shutter, then its trigger; where there is none of these, the image count of the camera; then
commands.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from .._shared._camera_commands import (
    RECORDING_COMMANDS,
    RequestedCapture,
    pair_recording_starts_and_stops,
    photo_without_match_mask,
    split_recording_where_sensor_changes,
)
from .._shared._event_rows import EventRow
from .._shared._record_framing import Flags
from .._shared._timestamps import NAT
from ._camera_sensors import CameraSensorHistory
from ._choose_vehicle import VehicleOfStream, heartbeat_states_of_vehicle
from ._event_rows import CaptureRow, event_row, rows_where_value_changes, sender_name_of_message
from ._fence._fence_events import runs_of_set_flag
from ._fit_vehicle_clock import PLAUSIBLE_UTC_US
from ._message_columns import MavlinkMessages, TlogMessages
from ._vehicle_commands import TlogCommand, TlogCommands

#: Nanoseconds that a camera may take to begin, and within which it must have begun: one that
#: is idle later than that may have recorded and ended by itself.
VIDEO_SETTLED_NS, VIDEO_BEGUN_NS = 2_000_000_000, 15_000_000_000
#: MAV_TYPE.
CAMERA_TYPE = 30


class CameraVideoStatusHistory:
    """The state of video of a vehicle's cameras (CAMERA_CAPTURE_STATUS), by time."""

    def __init__(self, stream: TlogMessages, vehicle: VehicleOfStream) -> None:
        """Collect which cameras there are, and the status of those that report it."""
        status = vehicle.messages_from_any_component(stream["CAMERA_CAPTURE_STATUS"])
        # Without a time nothing is known to be later than a command.
        self._status = status.select(status.time != NAT).in_time_order()
        self._running = self._status["video_status"] == 1
        self._reporting = set(self._status.component.tolist())
        beats = vehicle.messages_from_any_component(stream["HEARTBEAT"])
        self._silent = {
            *beats.component[beats["type"] == CAMERA_TYPE].tolist(),
            *vehicle.messages_from_any_component(stream["CAMERA_INFORMATION"]).component.tolist(),
        } - self._reporting
        self._everybody = {0, vehicle.component}

    def first_not_recording_status_row(
        self, command: TlogCommand, first: int, last: int
    ) -> int | None:
        """Return which status is the first within a time that contradicts a command to record.

        Args:
            command: The command.  Of a camera that reports no status, or where one of
                several that are meant does not, nothing contradicts it.
            first: UTC in nanoseconds.
            last: UTC in nanoseconds, not included.
        """
        target = int(command.messages["target_component"][command.row])
        if target in self._reporting:
            is_addressed = self._status.component == target
        elif target in self._everybody and not self._silent:
            is_addressed = np.ones(len(self._status), np.bool_)
        else:
            return None
        begin, settled, end = np.searchsorted(
            self._status.time, [command.time, first, last]
        ).tolist()
        if (is_addressed[begin:end] & self._running[begin:end]).any():
            return None
        rows = np.flatnonzero(is_addressed[settled:end])
        return settled + int(rows[0]) if len(rows) else None

    def video_commands_with_event_if_ignored(
        self, orders: Sequence[tuple[TlogCommand, bool]]
    ) -> Iterator[tuple[TlogCommand, bool, EventRow | None]]:
        """Yield commands, with an event for each command to start that a camera did not follow.

        Args:
            orders: Commands, and whether each is to start; otherwise it is to stop.
        """
        until = np.iinfo(np.int64).max
        checked = []
        for command, begins in reversed(orders):
            refuted = None
            if begins:
                last = min(until, command.time + VIDEO_BEGUN_NS)
                row = self.first_not_recording_status_row(
                    command, command.time + VIDEO_SETTLED_NS, last
                )
                refuted = (
                    None if row is None else self._event_of_ignored_video_command(command, row)
                )
            else:
                until = command.time
            checked.append((command, begins, refuted))
        yield from reversed(checked)

    def _event_of_ignored_video_command(self, command: TlogCommand, row: int) -> EventRow:
        return event_row(
            self._status,
            row,
            "capture.command",
            f"{command.name} from {sender_name_of_message(command.messages, command.row)} "
            f"({command.answer_text}) started no video: "
            f"camera {sender_name_of_message(self._status, row)} reports that it is not recording",
            label="video_status",
            severity="notice",
        )

    def utc_ns_of_status_row(self, row: int) -> int:
        """Return when a status was sent, UTC in nanoseconds."""
        return int(self._status.time[row])


#: CAMERA_FEEDBACK_FLAGS -> grade: whether the shutter was seen to open.
FEEDBACK_GRADES = {0: "reported", 1: "reported", 2: "reported", 3: "measured", 4: "commanded"}
#: Two reports of one photo are this close, nanoseconds.
SAME_PHOTO_NS = 2_000_000_000
#: Photos that one step of a camera's count may add: more is another card.
LARGEST_COUNT_STEP = 100


def reported_photos_and_events(
    stream: TlogMessages, vehicle: VehicleOfStream, sensors: CameraSensorHistory
) -> tuple[list[CaptureRow], list[EventRow]]:
    """Return the photos, in no order, and an event for each jump of a camera's count."""
    status = vehicle.messages_from_any_component(stream["CAMERA_CAPTURE_STATUS"])
    photos: list[CaptureRow] = []
    for weaker in (
        _photos_from_camera_image_captured(
            vehicle.messages_from_any_component(stream["CAMERA_IMAGE_CAPTURED"]), sensors
        ),
        _photos_from_camera_feedback(
            vehicle.messages_from_any_component(stream["CAMERA_FEEDBACK"]), sensors
        ),
        _photos_from_camera_trigger(
            vehicle.messages_from_any_component(stream["CAMERA_TRIGGER"]), sensors
        ),
    ):
        photos += _photos_only_in_less_reliable_messages(photos, list(weaker))
    return photos or list(_photos_from_camera_count(status, sensors)), list(
        _photo_count_jump_events(status)
    )


def _photos_only_in_less_reliable_messages(
    known: Sequence[CaptureRow], weaker: Sequence[CaptureRow]
) -> list[CaptureRow]:
    """Return the photos that no more reliable message reports; without a time there are none."""
    strong, weak = (
        np.array([photo["start"] for photo in some], np.int64) for some in (known, weaker)
    )
    if (strong == NAT).any() or (weak == NAT).any():
        return [] if known else list(weaker)
    new = photo_without_match_mask(weak, strong, SAME_PHOTO_NS).tolist()
    return [photo for photo, alone in zip(weaker, new, strict=True) if alone]


def _photos_from_camera_image_captured(
    messages: MavlinkMessages, sensors: CameraSensorHistory
) -> Iterator[CaptureRow]:
    """Yield the photos that cameras report; a report that is sent again is one."""
    begin, end = (
        messages.times.utc_ns_of_frame(row) if len(messages) else NAT
        for row in (0, len(messages.index) - 1)
    )
    keys = np.stack(
        [
            messages.component.astype(np.int64),
            messages["camera_id"].astype(np.int64),
            messages["image_index"].astype(np.int64),
            messages["time_boot_ms"].astype(np.int64),
        ],
        axis=1,
    )
    for row in _first_row_of_each_key(keys):
        if messages["capture_result"][row] != 1:
            continue
        camera_utc_us, when = int(messages["time_utc"][row]), int(messages.time[row])
        # A camera whose clock was never set gives times beyond the log.
        plausible = PLAUSIBLE_UTC_US[0] < camera_utc_us < PLAUSIBLE_UTC_US[1]
        if plausible and (when == NAT or begin <= camera_utc_us * 1000 <= end):
            when = camera_utc_us * 1000
        file = str(messages["file_url"][row]) or None
        yield _photo_row(messages, row, sensors, "reported", "CAMERA_IMAGE_CAPTURED", when, file)


def _first_row_of_each_key(keys: npt.NDArray[np.int64]) -> list[int]:
    """Return the rows whose key no row before has."""
    if not len(keys):
        return []
    return sorted(np.unique(keys, axis=0, return_index=True)[1].tolist())


def _photo_row(
    messages: MavlinkMessages,
    row: int,
    sensors: CameraSensorHistory,
    grade: str,
    source: str,
    time: int | None = None,
    file: str | None = None,
    kind: str = "photo",
) -> CaptureRow:
    when = int(messages.time[row]) if time is None else time
    return {
        "start": when,
        "end": when,
        "sensor": sensors.sensor_at(int(messages.rows[row]), int(messages.time[row])),
        "kind": kind,
        "source": source,
        "grade": grade,
        "file": file,
        "source_offset": int(messages.offsets[row]),
    }


def _photos_from_camera_feedback(
    messages: MavlinkMessages, sensors: CameraSensorHistory
) -> Iterator[CaptureRow]:
    keys = np.stack(
        [messages[name].astype(np.int64) for name in ("cam_idx", "img_idx", "time_usec")], axis=1
    )
    for row in _first_row_of_each_key(keys):
        flags = int(messages["flags"][row])
        kind = "video" if flags == 1 else "photo"
        grade = FEEDBACK_GRADES.get(flags, "reported")
        yield _photo_row(messages, row, sensors, grade, "CAMERA_FEEDBACK", kind=kind)


def _photos_from_camera_trigger(
    messages: MavlinkMessages, sensors: CameraSensorHistory
) -> Iterator[CaptureRow]:
    for row in range(len(messages)):
        yield _photo_row(messages, row, sensors, "commanded", "CAMERA_TRIGGER")


def _photos_from_camera_count(
    messages: MavlinkMessages, sensors: CameraSensorHistory
) -> Iterator[CaptureRow]:
    """Yield the photos by which a camera's count grew, at the time it was seen to."""
    for camera in messages_by_camera(messages, "camera_device_id"):
        count = camera["image_count"].astype(np.int64)
        grown = np.diff(count)
        for row in np.flatnonzero((grown > 0) & (grown <= LARGEST_COUNT_STEP)).tolist():
            for _ in range(int(grown[row])):
                source = "CAMERA_CAPTURE_STATUS.image_count"
                yield _photo_row(camera, row + 1, sensors, "reported", source)


def _photo_count_jump_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    """Yield where a camera's count fell, or grew by more than it can have taken."""
    for camera in messages_by_camera(messages, "camera_device_id"):
        count = camera["image_count"].astype(np.int64)
        grown = np.diff(count)
        for row in np.flatnonzero((grown < 0) | (grown > LARGEST_COUNT_STEP)).tolist():
            text = (
                f"the camera's count of photos changed from {count[row]} to {count[row + 1]}: "
                "another card, or photos that this log does not list"
            )
            yield event_row(
                camera, row + 1, "capture.storage", text, label="image_count",
                severity="notice", value=float(grown[row]),
            )  # fmt: skip


def messages_by_camera(messages: MavlinkMessages, label: str) -> list[MavlinkMessages]:
    """Return the messages of each camera: of a component, and of a device behind it."""
    keys = messages.component.astype(np.uint16) << 8 | messages[label]
    return [messages.select(keys == key) for key in np.unique(keys)]


#: Nanoseconds after a command within which a report of a photo answers it.
SAME_CAPTURE_NS = 5_000_000_000


def media_capture_rows_and_events(
    stream: TlogMessages, vehicle: VehicleOfStream, commands: TlogCommands
) -> tuple[list[CaptureRow], list[EventRow]]:
    """Return every recording as a row of the table of captures, in no order.

    With them, an event for each command to record that a camera did not follow, and for
    each jump of a camera's count.
    """
    sensors = CameraSensorHistory(stream, vehicle, commands)
    stops = _ImpliedRecordingEnds(stream, vehicle)
    video = list(
        _videos_from_capture_status(
            vehicle.messages_from_any_component(stream["CAMERA_CAPTURE_STATUS"]), sensors, stops
        )
    )
    ordered, refuted = _commanded_videos_and_events(
        commands, video, sensors, stops, CameraVideoStatusHistory(stream, vehicle)
    )
    video += ordered
    photos, recounts = reported_photos_and_events(stream, vehicle, sensors)
    photos += _photos_known_only_by_command(commands, photos, sensors, stops)
    changes = sensors.sensor_changes()
    parts = [
        part
        for recording in video + photos
        for part in split_recording_where_sensor_changes(recording, changes)
    ]
    return parts, [*refuted, *recounts]


class _ImpliedRecordingEnds:
    """When a recording without a stop is taken to have ended."""

    def __init__(self, stream: TlogMessages, vehicle: VehicleOfStream) -> None:
        states = heartbeat_states_of_vehicle(stream, vehicle)
        rows = np.array(rows_where_value_changes(states.armed), np.int64)
        rows = rows[~states.armed[rows]] if len(rows) else rows
        self._rows, self._times = states.rows[rows], states.time[rows]
        #: Rows of the index at which it was disarmed, rising.
        self.disarmed: list[int] = self._rows.tolist()
        self._end = (
            stream.times.utc_ns_of_frame(len(stream.index) - 1) if len(stream.index) else NAT
        )

    def end_and_reason_after(self, row: int) -> tuple[int, str]:
        """Return when and why what goes on at a row of the index is held to end."""
        index = int(np.searchsorted(self._rows, row, "right"))
        if index < len(self._rows):
            return int(self._times[index]), "no stop in the log; ended at disarming"
        return self._end, "no stop in the log; ended with the log"


def _videos_from_capture_status(
    messages: MavlinkMessages, sensors: CameraSensorHistory, stops: _ImpliedRecordingEnds
) -> Iterator[CaptureRow]:
    for camera in messages_by_camera(messages, "camera_device_id"):
        on: Flags = camera["video_status"] == 1
        for first, after in runs_of_set_flag(on):
            start = int(camera.time[first])
            already = int(camera["recording_time_ms"][first]) * 1_000_000
            if start != NAT and 0 < already < 86_400_000_000_000:
                start -= already
            note, end = "", NAT
            if after < len(camera):
                end = int(camera.time[after])
            else:
                end, note = stops.end_and_reason_after(int(camera.rows[after - 1]))
            yield {
                "start": start,
                "end": end,
                "sensor": sensors.sensor_at(int(camera.rows[first]), int(camera.time[first])),
                "kind": "video",
                "source": _source_with_note("CAMERA_CAPTURE_STATUS.video_status", note),
                "grade": "reported",
                "file": None,
                "source_offset": int(camera.offsets[first]),
            }


def _source_with_note(source: str, note: str) -> str:
    return f"{source} ({note})" if note else source


def _commanded_capture_row(
    command: TlogCommand, kind: str, sensors: CameraSensorHistory, end: int, note: str
) -> CaptureRow:
    return {
        "start": command.time,
        "end": end,
        "sensor": sensors.sensor_at(int(command.messages.rows[command.row]), command.time),
        "kind": kind,
        "source": _source_with_note(
            f"{command.messages.message.name} {command.name}, {command.answer_text}", note
        ),
        "grade": command.evidence_grade,
        "file": None,
        "source_offset": int(command.messages.offsets[command.row]),
    }


def _commanded_videos_and_events(
    commands: TlogCommands,
    known: Sequence[CaptureRow],
    sensors: CameraSensorHistory,
    stops: _ImpliedRecordingEnds,
    states: CameraVideoStatusHistory,
) -> tuple[list[CaptureRow], list[EventRow]]:
    """Return the videos that commands started, where no camera reported its status.

    The report of a camera that it is not recording prevails: a command it did not follow is
    an event, and a video is taken to have ended before that report.
    """
    requests = [
        (command, command.requested_capture)
        for command in commands.commands_with_ids(RECORDING_COMMANDS)
    ]
    checked = list(
        states.video_commands_with_event_if_ignored(
            [
                (command, what == RequestedCapture.START_VIDEO)
                for command, what in requests
                if command.accepted is not False
                and what in (RequestedCapture.START_VIDEO, RequestedCapture.STOP_VIDEO)
            ]
        )
    )
    busy = _RecordingsOfMoreReliableMessage(known)
    captures: list[CaptureRow] = []
    orders = [(command, begins) for command, begins, refuted in checked if refuted is None]
    for command, end, note in _start_commands_with_end_time_and_reason(orders, stops):
        row = states.first_not_recording_status_row(command, command.time + VIDEO_BEGUN_NS, end)
        if row is not None:
            end, note = (
                states.utc_ns_of_status_row(row),
                "ended before the camera reports that it is not recording",
            )
        captures.append(_commanded_capture_row(command, "video", sensors, end, note))
    return (
        [command for command in captures if not busy.overlaps(command)],
        [refuted for _, _, refuted in checked if refuted is not None],
    )


def _start_commands_with_end_time_and_reason(
    orders: Sequence[tuple[TlogCommand, bool]], stops: _ImpliedRecordingEnds
) -> Iterator[tuple[TlogCommand, int, str]]:
    """Yield each command to start, and when and why what it started is taken to have ended."""
    rows = [int(command.messages.rows[command.row]) for command, _ in orders]
    for first, last in pair_recording_starts_and_stops(
        rows, [on for _, on in orders], stops.disarmed
    ):
        end, note = (
            stops.end_and_reason_after(rows[first]) if last is None else (orders[last][0].time, "")
        )
        yield orders[first][0], end, note


class _RecordingsOfMoreReliableMessage:
    """Recordings that are known from a more reliable message."""

    def __init__(self, known: Sequence[CaptureRow]) -> None:
        order = sorted(known, key=lambda one: int(one["start"]))
        self._starts = np.array([one["start"] for one in order], np.int64)
        self._ends = np.array([one["end"] for one in order], np.int64)
        self._ends = np.maximum.accumulate(self._ends) if len(order) else self._ends

    def overlaps(self, capture: CaptureRow) -> bool:
        """Return whether one of them is at the time of a capture, or nearly so."""
        index = int(np.searchsorted(self._starts, capture["end"] + SAME_CAPTURE_NS, "right"))
        return index > 0 and bool(self._ends[index - 1] >= capture["start"] - SAME_CAPTURE_NS)


def _photos_known_only_by_command(
    commands: TlogCommands,
    known: Sequence[CaptureRow],
    sensors: CameraSensorHistory,
    stops: _ImpliedRecordingEnds,
) -> list[CaptureRow]:
    """Return the photos that were commanded and that nothing else reports."""
    times = np.sort(np.array([command["start"] for command in known], np.int64))
    orders = []
    captures: list[CaptureRow] = []
    for command in commands.commands_with_ids(RECORDING_COMMANDS):
        what = command.requested_capture
        index = int(np.searchsorted(times, command.time - SAME_CAPTURE_NS))
        is_reported = index < len(times) and times[index] <= command.time + SAME_CAPTURE_NS
        if command.accepted is False:
            continue
        repeats = (
            command.is_retransmission
            and captures
            and command.time - captures[-1]["start"] <= SAME_CAPTURE_NS
        )
        if what == RequestedCapture.ONE_PHOTO and not is_reported and not repeats:
            captures.append(_commanded_capture_row(command, "photo", sensors, command.time, ""))
        elif what == RequestedCapture.STOP_PHOTOS or (
            what == RequestedCapture.START_PHOTOS and not is_reported
        ):
            orders.append((command, what == RequestedCapture.START_PHOTOS))
    lasting = _start_commands_with_end_time_and_reason(orders, stops)
    return captures + [
        _commanded_capture_row(command, "photo", sensors, end, note)
        for command, end, note in lasting
    ]

"""Write the story as a ground station's telemetry log (.tlog), packed by pymavlink.

A record is the ground station's time (microseconds since 1970, big-endian) and a MAVLink 2 frame.
The ground station's clock is 40 s ahead.  The messages are those that no public log holds: the
camera's own state, a thermal stream, Remote ID, a fence that is breached and cleared, a log that
is downloaded and erased.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from sample_logs import mavlink_flight as told
from sample_logs import story as truth
from sample_logs.mavlink_flight import MavlinkFlight, degrees_e7
from sample_logs.mavlink_tlog_once import (
    AUTOPILOT,
    BEACON,
    CAMERA,
    GIMBAL,
    GROUND,
    LOG_ID,
    LOG_PART,
    LOG_PARTS,
    SECRET,
    STREAM_URI,
    once,
)
from sample_logs.story import Sample, Story

NAME = "2026-05-14 12-01-58.tlog"
AHEAD_MS = 40_000

MODES = {"manual": "LOITER", "mission": "AUTO", "hold": "GUIDED", "return": "RTL"}
_NUMBERS = {"LOITER": 5, "AUTO": 3, "GUIDED": 4, "RTL": 6}
_GEOFENCE, _SENSORS = 0x100000, 0x0130_FC2F

_STREAMS = ((1, "Visible", "rtsp://198.51.100.20:554/visible"), (2, "Thermal", STREAM_URI))


class Writer:
    """A telemetry log in the making; each sender counts its own frames."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.data = bytearray()
        self._links: dict[tuple[int, int], Any] = {}
        self._stamp_us = 0

    def at(self, utc_ms: int) -> None:
        """Set the time that the ground station's clock has wrong."""
        self._stamp_us = (utc_ms + AHEAD_MS) * 1000

    def send(self, sender: tuple[int, int], message: Any) -> None:
        """Add a frame; one takes 0.2 ms on the link."""
        if sender not in self._links:
            self._links[sender] = dialect.MAVLink(None, *sender)
        link = self._links[sender]
        frame = message.pack(link)
        link.seq = (link.seq + 1) % 256
        self.data += struct.pack(">Q", self._stamp_us) + frame
        self._stamp_us += 200


def write_mavlink_tlog(folder: Path, story: Story) -> dict[str, Any]:
    """Write the log; return what is true of it."""
    flight = MavlinkFlight(story, told.ARDUPILOT_LATER_MS)
    log = Writer()
    for sample in story.samples:
        log.at(flight.utc_ms(sample.tick))
        for sender, message in _moment(flight, sample):
            log.send(sender, message)
    data = bytes(log.data)
    (folder / NAME).write_bytes(data)
    state = told.state(flight, data, "MAVLink telemetry log", MODES)
    return {NAME: state | _more()}


def _more() -> dict[str, Any]:
    """Return what only this log tells."""
    return {
        "clock_offset_s": -AHEAD_MS / 1000,
        "secret": SECRET,
        "hosts": ["198.51.100.20", ".".join(map(str, told.PEER))],
        "remote_id": {
            "serial": told.REMOTE_SERIAL,
            "operator": told.REMOTE_OPERATOR,
            "operator_latitude_deg": _pilot()[0] / 1e7,
            "operator_longitude_deg": _pilot()[1] / 1e7,
        },
        "board": "".join(f"{word:08x}" for word in told.BOARD),
        "log_download": {"id": LOG_ID, "bytes": LOG_PARTS * LOG_PART},
    }


def _moment(flight: MavlinkFlight, sample: Sample) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield the frames of a tenth of a second."""
    tick = sample.tick
    boot = flight.boot_ms(tick)
    changes = {at for at, _ in flight.phases()} | set(flight.armed)
    if tick % 10 == 0 or tick in changes:
        yield AUTOPILOT, _heartbeat(flight, sample)
    if tick % 10 == 0 or tick in (*flight.flown, flight.first("climb"), flight.first("land")):
        yield AUTOPILOT, dialect.MAVLink_extended_sys_state_message(0, _landed(flight, tick))
    if tick % 2 == 0:
        yield AUTOPILOT, _position(boot, sample)
    if tick % 4 == 0:
        yield AUTOPILOT, _attitude(boot, sample)
    if tick % 5 == 0:
        yield GIMBAL, _pointing(boot, sample)
    if tick % 5 == 3:
        yield AUTOPILOT, _fence(flight, tick)
    if tick % 10 == 0:
        yield from _each_second(flight, sample)
    if tick % 30 == 1:
        yield from _remote_id(tick)
    yield from _camera(flight, tick)
    yield from once(flight, tick)


def _heartbeat(flight: MavlinkFlight, sample: Sample) -> Any:
    tick = sample.tick
    armed = 0x80 if flight.armed[0] <= tick < flight.armed[1] else 0
    mode = _NUMBERS[MODES[flight.phase(tick)]]
    return dialect.MAVLink_heartbeat_message(2, 3, 0x51 | armed, mode, 4 if armed else 3, 3)


def _landed(flight: MavlinkFlight, tick: int) -> int:
    """Return MAV_LANDED_STATE: on the ground, in the air, taking off or landing."""
    if not flight.flown[0] <= tick < flight.flown[1]:
        return 1
    return 3 if tick < flight.first("climb") else 4 if tick >= flight.first("land") else 2


def _position(boot: int, sample: Sample) -> Any:
    return dialect.MAVLink_global_position_int_message(
        boot,
        degrees_e7(sample.latitude_deg),
        degrees_e7(sample.longitude_deg),
        round((truth.HOME_ALTITUDE_M + sample.height_m) * 1000),
        round(sample.height_m * 1000),
        *(round(speed * 100) for speed in sample.velocity_mps),
        round(sample.yaw_deg % 360 * 100) % 36_000,
    )


def _attitude(boot: int, sample: Sample) -> Any:
    angles = (sample.roll_deg, sample.pitch_deg, sample.yaw_deg)
    radians = (round(angle * 0.017453292519943295, 6) for angle in angles)
    return dialect.MAVLink_attitude_message(boot, *radians, 0, 0, 0)


def _pointing(boot: int, sample: Sample) -> Any:
    q = told.quaternion(0, sample.gimbal_pitch_deg, sample.yaw_deg)
    # Flags: roll, pitch and yaw are held, and yaw is from north.
    return dialect.MAVLink_gimbal_device_attitude_status_message(0, 0, boot, 0x5C, q, 0, 0, 0, 0)


def _fence(flight: MavlinkFlight, tick: int) -> Any:
    start, end = flight.breach
    beyond, before = start <= tick < end, tick < start
    return dialect.MAVLink_fence_status_message(
        int(beyond), int(not before), 0 if before else 2, 0 if before else flight.boot_ms(start)
    )


def _each_second(flight: MavlinkFlight, sample: Sample) -> Iterator[tuple[tuple[int, int], Any]]:
    tick, boot, utc_ms = sample.tick, flight.boot_ms(sample.tick), flight.utc_ms(sample.tick)
    place = degrees_e7(sample.latitude_deg), degrees_e7(sample.longitude_deg)
    speed, course = told.course(sample)
    altitude = truth.HOME_ALTITUDE_M + sample.height_m
    beyond = flight.breach[0] <= tick < flight.breach[1]
    health = _SENSORS if not beyond else _SENSORS & ~_GEOFENCE
    yield GROUND, dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3)
    yield CAMERA, dialect.MAVLink_heartbeat_message(30, 8, 0, 0, 4, 3)
    yield AUTOPILOT, dialect.MAVLink_system_time_message(utc_ms * 1000, boot)
    yield (
        AUTOPILOT,
        dialect.MAVLink_sys_status_message(
            _SENSORS, _SENSORS, health, 310, 15_200, 1800, sample.battery_pct, 0, 0, 0, 0, 0, 0
        ),
    )
    yield AUTOPILOT, dialect.MAVLink_gps_raw_int_message(
        utc_ms * 1000, 3, *place, round(altitude * 1000), 80, 120, round(speed * 100),
        round(course * 100) % 36_000, sample.satellites,
    )  # fmt: skip
    yield BEACON, dialect.MAVLink_open_drone_id_location_message(
        0, 0, bytes(20), 2, round(course * 100) % 36_000, round(speed * 100),
        round(-sample.velocity_mps[2] * 100), *place, -1000, altitude, 0, sample.height_m,
        10, 4, 4, 3, round(utc_ms % told.HOUR_MS / 1000, 1), 1,
    )  # fmt: skip


def _remote_id(tick: int) -> Iterator[tuple[tuple[int, int], Any]]:
    serial = told.REMOTE_SERIAL.encode().ljust(20, b"\0")
    nobody = bytes(20)
    yield BEACON, dialect.MAVLink_open_drone_id_basic_id_message(0, 0, nobody, 1, 2, serial)
    yield (
        BEACON,
        dialect.MAVLink_open_drone_id_operator_id_message(
            0, 0, nobody, 0, told.REMOTE_OPERATOR.encode()
        ),
    )
    seconds = (truth.START_MS + told.ARDUPILOT_LATER_MS) // 1000 + tick // 10 - 1_546_300_800
    yield (
        BEACON,
        dialect.MAVLink_open_drone_id_system_message(
            0, 0, nobody, 0, 1, *_pilot(), 1, 0, -1000, -1000, 1, 4, truth.HOME_ALTITUDE_M, seconds
        ),
    )


def _pilot() -> tuple[int, int]:
    latitude = truth.HOME_LATITUDE + truth.PILOT_NORTH / truth.METRES_PER_DEGREE_NORTH
    longitude = truth.HOME_LONGITUDE + truth.PILOT_EAST / truth.METRES_PER_DEGREE_EAST
    return degrees_e7(latitude), degrees_e7(longitude)


def _camera(flight: MavlinkFlight, tick: int) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield what the camera says of itself, and what the ground station asks of it."""
    boot, (start, stop) = flight.boot_ms(tick), flight.story.video
    if tick % 10 == 5 or tick in (start, stop):
        filming = start <= tick < stop
        taken = sum(photo <= tick for photo in flight.story.photos)
        recorded = boot - flight.boot_ms(start) if filming else 0
        yield (
            CAMERA,
            dialect.MAVLink_camera_capture_status_message(
                boot, 0, int(filming), 0, recorded, 20_000, taken
            ),
        )
    if tick in flight.story.photos:
        yield CAMERA, _photo(flight, tick)
    for at, command, values in (
        (start - 3, 2500, (0, 1, 0)),
        (stop - 3, 2501, (0,)),
        (flight.thermal[1], 534, (0, 1)),
        *((photo - 2, 2000, (0, 0, 1)) for photo in flight.story.photos[-told.PHOTOS_BY_COMMAND :]),
    ):
        if tick == at:
            params = (*values, *[0] * (7 - len(values)))
            yield GROUND, dialect.MAVLink_command_long_message(*CAMERA, command, 0, *params)
            yield CAMERA, dialect.MAVLink_command_ack_message(command, 0, 0, 0, *GROUND)
    for at, running in zip((0, *flight.thermal), ((1, 0), (0, 1), (1, 0)), strict=True):
        if tick == at + 1:
            yield from _streams(running, told_before=at > 0)


def _photo(flight: MavlinkFlight, tick: int) -> Any:
    sample, number = flight.story.samples[tick], flight.story.photos.index(tick) + 1
    return dialect.MAVLink_camera_image_captured_message(
        flight.boot_ms(tick),
        flight.utc_ms(tick) * 1000,
        1,
        degrees_e7(sample.latitude_deg),
        degrees_e7(sample.longitude_deg),
        round((truth.HOME_ALTITUDE_M + sample.height_m) * 1000),
        round(sample.height_m * 1000),
        told.quaternion(0, sample.gimbal_pitch_deg, sample.yaw_deg),
        number,
        1,
        f"DCIM/100MEDIA/IMG_{number:04d}.JPG".encode(),
    )


def _streams(
    running: tuple[int, int], *, told_before: bool
) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield both video streams: described once, and then only whether they run."""
    for (number, name, uri), on in zip(_STREAMS, running, strict=True):
        flags = on | (2 if name == "Thermal" else 0)
        size = (30.0, 640, 512, 4_000_000, 0, 45)
        if told_before:
            yield CAMERA, dialect.MAVLink_video_stream_status_message(number, flags, *size)
        else:
            yield (
                CAMERA,
                dialect.MAVLink_video_stream_information_message(
                    number, len(_STREAMS), 0, flags, *size, name.encode(), uri.encode()
                ),
            )

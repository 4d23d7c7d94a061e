"""Write the story as a PX4 ULog (.ulg), from its public specification.

A record is its size (2 bytes), its type (a letter) and its body; topics are described as text (F)
and subscribed to (A) before their data (D).  Layouts are those of PX4 1.15, the fields that nobody
reads left out.  The logger was told to log ``geofence_result``, which it is not by default.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sample_logs import mavlink_flight as told
from sample_logs import story as truth
from sample_logs.mavlink_flight import MavlinkFlight, degrees_e7
from sample_logs.story import Sample, Story

NAME = "log_42_2026-5-14-14-01-58.ulg"
MODES = {"manual": "Position", "mission": "Mission", "hold": "Hold", "return": "Return"}
_NUMBERS = {"manual": 2, "mission": 3, "hold": 4, "return": 5}
_SYNC = bytes.fromhex("2f731320250cbb12")
_ARMED, _DISARMED = 2, 1
_ACCEPTED = 0


class Topic(NamedTuple):
    """A topic: its fields as PX4 writes them, and how they are packed."""

    fields: str
    packed: str


TOPICS = {
    "vehicle_status": Topic(
        "uint64_t timestamp;uint64_t armed_time;uint8_t arming_state;"
        "uint8_t latest_arming_reason;uint8_t latest_disarming_reason;"
        "uint8_t nav_state_user_intention;uint8_t nav_state;bool failsafe;"
        "bool gcs_connection_lost;uint8_t[1] _padding0;",
        "<QQBBBBB??",
    ),
    "vehicle_land_detected": Topic("uint64_t timestamp;bool landed;uint8_t[7] _padding0;", "<Q?"),
    "home_position": Topic(
        "uint64_t timestamp;double lat;double lon;float alt;bool valid_alt;bool valid_hpos;"
        "uint8_t[2] _padding0;",
        "<Qddf??",
    ),
    "vehicle_global_position": Topic(
        "uint64_t timestamp;uint64_t timestamp_sample;double lat;double lon;float alt;float eph;"
        "float epv;uint8_t[4] _padding0;",
        "<QQddfff",
    ),
    "vehicle_local_position": Topic(
        "uint64_t timestamp;float x;float y;float z;float vx;float vy;float vz;bool xy_valid;"
        "bool z_valid;bool v_xy_valid;bool v_z_valid;uint8_t[4] _padding0;",
        "<Qffffff????",
    ),
    "vehicle_attitude": Topic("uint64_t timestamp;float[4] q;", "<Q4f"),
    "vehicle_gps_position": Topic(
        "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;"
        "double altitude_msl_m;float vel_n_m_s;float vel_e_m_s;float vel_d_m_s;uint8_t fix_type;"
        "uint8_t satellites_used;uint8_t[2] _padding0;",
        "<QQdddfffBB",
    ),
    "gimbal_device_attitude_status": Topic(
        "uint64_t timestamp;float[4] q;uint16_t device_flags;uint8_t[6] _padding0;", "<Q4fH"
    ),
    "battery_status": Topic(
        "uint64_t timestamp;float remaining;bool connected;uint8_t warning;uint8_t[2] _padding0;",
        "<Qf?B",
    ),
    "geofence_result": Topic(
        "uint64_t timestamp;bool geofence_max_dist_triggered;bool geofence_max_alt_triggered;"
        "bool geofence_custom_fence_triggered;uint8_t geofence_action;uint8_t[4] _padding0;",
        "<Q???B",
    ),
    "camera_capture": Topic(
        "uint64_t timestamp;uint64_t timestamp_utc;double lat;double lon;uint32_t seq;float alt;"
        "float ground_distance;float[4] q;int8_t result;uint8_t[3] _padding0;",
        "<QQddIff4fb",
    ),
    "vehicle_command": Topic(
        "uint64_t timestamp;double param5;double param6;float param1;float param2;float param3;"
        "float param4;float param7;uint32_t command;uint8_t source_system;bool from_external;"
        "uint8_t[2] _padding0;",
        "<QddfffffIB?",
    ),
    "vehicle_command_ack": Topic(
        "uint64_t timestamp;uint32_t command;uint8_t result;uint8_t[3] _padding0;", "<QIB"
    ),
    "open_drone_id_operator_id": Topic(
        "uint64_t timestamp;char[20] operator_id;uint8_t[4] _padding0;", "<Q20s"
    ),
}

#: Name -> value and default.
_PARAMETERS: dict[str, tuple[int | float, int | float]] = {
    "COM_ARM_ODID": (1, 0),
    "GF_ACTION": (1, 2),
    "GF_MAX_HOR_DIST": (told.RADIUS_M, 0.0),
    "GF_MAX_VER_DIST": (told.LIMIT_M, 0.0),
    "MAV_2_CONFIG": (1000, 1000),
    "MAV_2_REMOTE_PRT": (told.PEER_PORT, 14_550),
    "RTL_RETURN_ALT": (60.0, 60.0),
    "SDLOG_PROFILE": (1, 1),
}


class Writer:
    """A log in the making."""

    def __init__(self, boot_us: int) -> None:
        """Write the header and all definitions."""
        self.data = bytearray(b"ULog\x01\x12\x35\x01" + struct.pack("<Q", boot_us))
        self._ids = {name: number for number, name in enumerate(TOPICS)}
        self.record("B", bytes(40))
        for name, topic in TOPICS.items():
            self.record("F", f"{name}:{topic.fields}".encode())
        for key, text in (
            ("sys_name", "PX4"),
            ("ver_hw", "SYNTHETIC_V6X"),
            ("sys_uuid", told.PX4_UUID),
        ):
            self._keyed("I", f"char[{len(text)}] {key}", text.encode())
        self._keyed("I", "uint32_t ver_sw_release", struct.pack("<I", 0x010F_04FF))
        for name, (value, default) in _PARAMETERS.items():
            kind, form = ("int32_t", "<i") if isinstance(value, int) else ("float", "<f")
            self._keyed("P", f"{kind} {name}", struct.pack(form, value))
            # Default of the system and of the airframe.
            self._keyed("Q", f"{kind} {name}", struct.pack(form, default), before=b"\x03")
        for name, number in self._ids.items():
            self.record("A", struct.pack("<BH", 0, number) + name.encode())

    def record(self, letter: str, body: bytes) -> None:
        """Add a record."""
        self.data += struct.pack("<HB", len(body), ord(letter)) + body

    def _keyed(self, letter: str, key: str, value: bytes, before: bytes = b"") -> None:
        self.record(letter, before + bytes([len(key)]) + key.encode() + value)

    def add(self, name: str, at_us: int, *values: Any) -> None:
        """Add the data of a topic."""
        body = struct.pack(TOPICS[name].packed, at_us, *values)
        self.record("D", struct.pack("<H", self._ids[name]) + body)

    def text(self, at_us: int, level: int, text: str) -> None:
        """Add a line of text; levels are those of syslog."""
        self.record("L", struct.pack("<BQ", ord("0") + level, at_us) + text.encode())


def write_mavlink_ulog(folder: Path, story: Story) -> dict[str, Any]:
    """Write the log; return what is true of it."""
    flight = MavlinkFlight(story, told.PX4_LATER_MS)
    log = Writer(flight.boot_ms(0) * 1000)
    texts = _texts(flight)
    for sample in story.samples:
        at = flight.boot_ms(sample.tick) * 1000
        for name, *values in _moment(flight, sample):
            log.add(name, at, *values)
        if sample.tick in texts:
            log.text(at, *texts[sample.tick])
        if sample.tick % 5 == 0:
            log.record("S", _SYNC)
    data = bytes(log.data)
    (folder / NAME).write_bytes(data)
    state = told.state(flight, data, "PX4 ULog", MODES)
    more = {
        "uuid": told.PX4_UUID,
        "peer": ".".join(map(str, told.PEER)),
        "peer_port": told.PEER_PORT,
        "operator": told.REMOTE_OPERATOR,
    }
    return {NAME: state | more}


def _texts(flight: MavlinkFlight) -> dict[int, tuple[int, str]]:
    return {
        1: (6, "[logger] Opened full log file: /fs/microsd/log/2026-05-14/13_01_58.ulg"),
        2: (6, f"[mavlink] partner IP: {'.'.join(map(str, told.PEER))}"),
        flight.breach[0]: (4, "[navigator] Geofence: exceeding maximum altitude above Home"),
        flight.first("go home"): (6, "[navigator] RTL: start return at 472 m (60 m above home)"),
    }


def _moment(flight: MavlinkFlight, sample: Sample) -> Iterator[tuple[Any, ...]]:
    """Yield the topics of a tenth of a second: name and values without the time."""
    tick = sample.tick
    changes = {at for at, _ in flight.phases()} | set(flight.armed)
    if tick % 5 == 0 or tick in changes:
        yield _status(flight, tick)
    if tick % 10 == 0 or tick in flight.flown:
        yield "vehicle_land_detected", not flight.flown[0] <= tick < flight.flown[1]
    if tick % 5 == 0 or tick in flight.breach:
        beyond = flight.breach[0] <= tick < flight.breach[1]
        yield "geofence_result", False, beyond, False, int(beyond)
    if tick == flight.armed[0]:
        home = truth.HOME_LATITUDE, truth.HOME_LONGITUDE, truth.HOME_ALTITUDE_M
        yield "home_position", *home, True, True
    if tick % 2 == 0:
        yield from _motion(flight, sample)
    if tick % 5 == 0:
        # Roll, pitch and yaw are held, and yaw is from north.
        q = told.quaternion(0, sample.gimbal_pitch_deg, sample.yaw_deg)
        yield "gimbal_device_attitude_status", *q, 0x5C
        yield _fix(flight, sample)
    if tick % 20 == 0:
        yield "battery_status", sample.battery_pct / 100, True, 0
    if tick % 50 == 0:
        yield "open_drone_id_operator_id", told.REMOTE_OPERATOR.encode()
    yield from _camera(flight, sample)


def _status(flight: MavlinkFlight, tick: int) -> tuple[Any, ...]:
    armed = flight.armed[0] <= tick < flight.armed[1]
    since = flight.boot_ms(flight.armed[0]) * 1000 if armed else 0
    state = _NUMBERS[flight.phase(tick)]
    why_armed = 1 if tick >= flight.armed[0] else 0
    why_disarmed = 6 if tick >= flight.armed[1] else 0
    arming = _ARMED if armed else _DISARMED
    return "vehicle_status", since, arming, why_armed, why_disarmed, state, state, False, False


def _motion(flight: MavlinkFlight, sample: Sample) -> Iterator[tuple[Any, ...]]:
    altitude = truth.HOME_ALTITUDE_M + sample.height_m
    sampled = flight.boot_ms(sample.tick) * 1000
    place = sample.latitude_deg, sample.longitude_deg
    yield "vehicle_global_position", sampled, *place, altitude, 0.4, 0.6
    here = sample.north_m, sample.east_m, -sample.height_m
    yield "vehicle_local_position", *here, *sample.velocity_mps, True, True, True, True
    angles = sample.roll_deg, sample.pitch_deg, sample.yaw_deg
    yield "vehicle_attitude", *told.quaternion(*angles)


def _fix(flight: MavlinkFlight, sample: Sample) -> tuple[Any, ...]:
    place = (degrees_e7(degrees) / 1e7 for degrees in (sample.latitude_deg, sample.longitude_deg))
    return (
        "vehicle_gps_position",
        flight.utc_ms(sample.tick) * 1000,
        *place,
        truth.HOME_ALTITUDE_M + sample.height_m,
        *sample.velocity_mps,
        3,
        sample.satellites,
    )


def _camera(flight: MavlinkFlight, sample: Sample) -> Iterator[tuple[Any, ...]]:
    """Yield photos, and the commands of the ground station with their answers."""
    tick, (start, stop) = sample.tick, flight.story.video
    if tick in flight.story.photos:
        number = flight.story.photos.index(tick) + 1
        place = sample.latitude_deg, sample.longitude_deg
        altitude = truth.HOME_ALTITUDE_M + sample.height_m
        q = told.quaternion(0, sample.gimbal_pitch_deg, sample.yaw_deg)
        utc_us = flight.utc_ms(tick) * 1000
        yield "camera_capture", utc_us, *place, number, altitude, sample.height_m, *q, 1
    for at, command, values in (
        (flight.thermal[0], 534, (0, 2, 0)),
        (start, 2500, (0, 1, 0)),
        (stop, 2501, (0, 0, 0)),
        (flight.thermal[1], 534, (0, 1, 0)),
        *((photo - 2, 2000, (0, 0, 1)) for photo in flight.story.photos[-told.PHOTOS_BY_COMMAND :]),
    ):
        if tick == at:
            yield "vehicle_command", 0, 0, *values, 0, 0, command, 255, True
            yield "vehicle_command_ack", command, _ACCEPTED

"""Write the bodies of single records of the DJI app flight record, one function per type.

Each returns the body in clear, before cipher, scramble and frame.  Angles come in degrees, lengths
in metres, speeds in metres a second; a body holds radians, decimetres and tenths as the format
wants them.  Fields that are not named here are zero or what a Mavic 2 writes.
"""

import math
import struct
from collections.abc import Iterable, Sequence

OSD = 1
HOME = 2
GIMBAL = 3
RC = 4
CUSTOM = 5
CENTER_BATTERY = 7
SMART_BATTERY = 8
APP_TIP = 9
APP_WARN = 10
RECOVER = 13
APP_GPS = 14
FIRMWARE = 15
VISION_GROUP = 17
MC_PARAM = 19
CAMERA = 25
FLY_FORBID_DB = 28
COMPONENT_SERIAL = 40
OFDM = 49
FLY_SAFE_LIMIT = 51

GPS_ATTI, AUTO_TAKEOFF, AUTO_LANDING, GO_HOME, ENGINE_START = 6, 11, 12, 15, 41
"""Flight modes."""

RC_GO_HOME_ACTION, APP_TAKEOFF_ACTION = 8, 14
"""Flight actions."""

GO_HOME_STANDBY, GO_HOME_CRUISE = 0, 4
STICK_CENTRE = 1024


def osd(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float,
    velocity_mps: Sequence[float],
    attitude_deg: Sequence[float],
    *,
    mode: int,
    action: int,
    airborne: bool,
    motors_on: bool,
    go_home: int,
    satellites: int,
    battery_pct: int,
    flight_time_s: float,
) -> bytes:
    """Return type 1, 55 bytes: velocity is north, east, down; attitude is pitch, roll, yaw."""
    vps_dm = min(round(height_m * 10), 110)
    return struct.pack(
        "<2d7h12BH11B",
        math.radians(longitude_deg),
        math.radians(latitude_deg),
        *tenths((height_m, *velocity_mps, *attitude_deg)),
        mode,
        1,  # app command
        (4 if airborne else 2 * motors_on) | 8 * motors_on | go_home << 5,
        0xD0,  # GPS valid, mode channel 2, IMU preheated
        0x94,  # GPS level 5, battery type 2
        0,  # out of limit and other alarms
        satellites,
        action,
        0,  # why the motors did not start
        0,  # why there is no GPS
        battery_pct,
        vps_dm,
        round(flight_time_s * 10),
        1,  # motor starts
        25,  # low battery
        0x80 | 10,  # serious low battery
        0x1F,
        41,  # drone type: Mavic 2
        *bytes(6),
    )


def home(
    latitude_deg: float,
    longitude_deg: float,
    altitude_m: float,
    *,
    go_home_height_m: int,
    height_limit_m: float,
    log_index: int,
    serial: str,
) -> bytes:
    """Return type 2, 74 bytes: home is set, no limit is near, height limit reason 5 (normal)."""
    out = bytearray(74)
    place = math.radians(longitude_deg), math.radians(latitude_deg)
    struct.pack_into("<2df2BH", out, 0, *place, altitude_m * 10, 0x07, 0x20, go_home_height_m)
    struct.pack_into("<HI", out, 30, log_index, 0x2000)
    struct.pack_into("<Bf", out, 36, 5, height_limit_m)
    struct.pack_into("<16s", out, 52, serial.encode())
    return bytes(out)


def gimbal(pitch_deg: float, roll_deg: float, yaw_deg: float) -> bytes:
    """Return type 3, 12 bytes, in follow mode."""
    return struct.pack("<3hBbh2B", *tenths((pitch_deg, roll_deg, yaw_deg)), 0x80, 0, 0, 0, 0)


def rc(sticks: Sequence[int], *, go_home: bool, record: bool, shutter: bool) -> bytes:
    """Return type 4, 15 bytes: sticks are aileron, elevator, throttle, rudder and gimbal wheel."""
    buttons = 0x80 * record | 0x40 * shutter
    return struct.pack("<5H5B", *sticks, 0, 0x10 | 0x08 * go_home, buttons, 0, 4)


def custom(photo: bool, video: int, speed_mps: float, distance_m: float, utc_ms: int) -> bytes:
    """Return type 5, 18 bytes: ``video`` is 1 in the record of a start and 2 in that of a stop."""
    return struct.pack("<2b2fq", photo, video, speed_mps, distance_m, utc_ms)


def center_battery(percent: int, cell_mv: int, full_mah: int, current_ma: int) -> bytes:
    """Return type 7, 40 bytes, of a battery of four cells at 21.5 degrees Celsius."""
    now_mah = full_mah * percent // 100
    head = struct.pack("<B3HBHIh", percent, 4 * cell_mv, now_mah, full_mah, 96, 14, 0, current_ma)
    made = (2025 - 1980) << 9 | 3 << 5 | 11
    cells = struct.pack("<6H2H", *[cell_mv] * 4, 0, 0, 4, made)
    return head + cells + struct.pack("<HB2HB", 2946, 1, 0, 0, 0)


def smart_battery(percent: int, millivolt: int, left_s: int, home_s: int, land_s: int) -> bytes:
    """Return type 8, 30 bytes: the seconds left, and those to go home and to land."""
    return struct.pack(
        "<5H2fI2BH4B",
        *(left_s, home_s, land_s, 16, 11),
        *(8.0 * left_s, 0.09, 0, 0, 0),
        *(millivolt, percent, 25, 10, 0),
    )


def text(line: str) -> bytes:
    """Return type 9, 10 or 24: UTF-8 and a NUL; surrogate escapes become their bytes."""
    return line.encode("utf-8", "surrogateescape") + b"\0"


def recover(
    product: int,
    platform: int,
    app_version: Sequence[int],
    name: str,
    start_s: int,
    serials: Sequence[str],
) -> bytes:
    """Return type 13, 110 bytes; serials are of aircraft, camera, RC and battery."""
    aircraft, *others = (serial.encode() for serial in serials)
    head = struct.pack(
        "<5B16s32sq", product, platform, *app_version, aircraft, name.encode(), start_s
    )
    return head + struct.pack("<16s16s16sB", *others, 0)


def app_gps(latitude_deg: float, longitude_deg: float, accuracy_m: float) -> bytes:
    """Return type 14, 20 bytes: where the phone is; latitude first, unlike every other record."""
    return struct.pack("<2df", latitude_deg, longitude_deg, accuracy_m)


def firmware(parts: Iterable[tuple[int, int, Sequence[int]]]) -> bytes:
    """Return type 15: sender, sub-sender and four-part version of each component."""
    return b"".join(struct.pack("<6B", sender, sub, *version) for sender, sub, version in parts)


def avoid_status(flags: int) -> bytes:
    """Return type 17 as from v11 on, with its sub-block 8, MCAvoidStatus, alone."""
    return struct.pack("<IBHB", 8, 2, flags, 0xFE)


def camera(
    *, capturing: bool, recording_s: int | None, video_mode: bool, photos_left: int
) -> bytes:
    """Return type 25, 26 bytes: ``recording_s`` is None when no video runs."""
    state = 0x05 | 0x08 * capturing | (0x80 if recording_s is not None else 0)
    space = struct.pack("<4I", 60_906, photos_left * 11, photos_left, photos_left // 2)
    return (
        struct.pack("<5B", state, 0x02, 0x80, 0, video_mode)
        + space
        + struct.pack("<H3B", recording_s or 0, 25, 1, 1)
    )


def component_serial(component: int, number: int, serial: str) -> bytes:
    """Return type 40: component 1 is the camera, 2 the FC, 3 the RC, 4 the battery."""
    raw = serial.encode() + b"\0"
    return struct.pack("<3B", component, number, len(raw)) + raw


def signal(percent: int, *, uplink: bool) -> bytes:
    """Return type 49, one byte: the radio link."""
    return bytes([percent | 0x80 * uplink])


def tenths(values: Iterable[float]) -> list[int]:
    """Return values as whole tenths, the way most fields hold them."""
    return [round(value * 10) for value in values]

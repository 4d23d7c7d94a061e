"""Write what receivers beside the story's flight recorded of Remote ID: Wi-Fi, Bluetooth, a table.

From ASTM F3411-22a as opendroneid-core-c lays it out, radiotap.org, IEEE 802.11 and the Bluetooth
Core specification; no reader is imported.  The aircraft of the story broadcasts by Wi-Fi.  A second
aircraft, which is nobody's in the story, flies a circle 350 m east of it and sends by Bluetooth.
"""

import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sample_logs.facts import file_facts
from sample_logs.story import (
    AIRCRAFT_SERIAL,
    HOME_LATITUDE,
    HOME_LONGITUDE,
    METRES_PER_DEGREE_EAST,
    METRES_PER_DEGREE_NORTH,
    PILOT_EAST,
    PILOT_NORTH,
    Sample,
    Story,
)

FOLDER = "remote_id"
WIFI, BLUETOOTH, TABLE = "receiver_mon0.pcap", "receiver_ble.pcap", "receiver_remoteID_log.csv"
OPERATOR, STRANGER_OPERATOR = "GBR-OP-SYNTHETIC01", "FRA87astrdge12k8"
STRANGER = "1596F350457791151031"
ADDRESS, STRANGER_ADDRESS = bytes.fromhex("0200000801aa"), bytes.fromhex("c20000080155")
NETWORK = b"TRAINING-01"
#: A receiver hears a message this long after the aircraft measured what is in it.
AGE_MS = 300
_RADIOTAP, _BLE_WITH_HEADER = 127, 256
_CIRCLE_M, _CIRCLE_EAST_M, _CIRCLE_S, _CIRCLE_HEIGHT_M = 60.0, 350.0, 75.0, 45.0
_ACCESS_ADDRESS = 0x8E89BED6


class Heard(NamedTuple):
    """What an aircraft broadcasts at an instant."""

    utc_ms: int
    latitude_deg: float
    longitude_deg: float
    height_m: float
    speed_mps: float
    climb_mps: float
    course_deg: float
    airborne: bool


def write_remote_id(folder: Path, story: Story) -> dict[str, Any]:
    """Write two captures and a table; return what is true of each."""
    room = folder / FOLDER
    room.mkdir(exist_ok=True)
    own = [_heard_of_sample(sample) for sample in story.samples[::10]]
    stranger = list(_stranger(own[0].utc_ms, own[-1].utc_ms))
    some = own[::5]
    truths = {}
    for name, data, told in (
        (WIFI, wifi_capture(own), {AIRCRAFT_SERIAL: own}),
        (BLUETOOTH, bluetooth_capture(stranger), {STRANGER: stranger[: len(stranger) // 3]}),
        (TABLE, table(some), {AIRCRAFT_SERIAL: some}),
    ):
        (room / name).write_bytes(data)
        truths[f"{FOLDER}/{name}"] = {
            **file_facts("Remote ID", None, data),
            "locations": {serial: len(rows) for serial, rows in told.items()},
        }
    return truths


def _heard_of_sample(sample: Sample) -> Heard:
    north, east, down = sample.velocity_mps
    speed = math.hypot(north, east)
    course = math.degrees(math.atan2(east, north)) % 360.0
    return Heard(
        sample.utc_ms, sample.latitude_deg, sample.longitude_deg, sample.height_m, speed, -down,
        course if speed > 0.2 else sample.yaw_deg % 360.0, sample.airborne,
    )  # fmt: skip


def _stranger(start_ms: int, end_ms: int) -> Iterator[Heard]:
    """Yield the second aircraft three times a second: three minutes on a circle at one height."""
    for number in range(0, min(end_ms - start_ms, 180_000) // 333):
        utc_ms = start_ms + 200_000 + number * 333
        angle = 2 * math.pi * number * 0.333 / _CIRCLE_S
        north, east = _CIRCLE_M * math.cos(angle), _CIRCLE_EAST_M + _CIRCLE_M * math.sin(angle)
        yield Heard(
            utc_ms,
            round(HOME_LATITUDE + north / METRES_PER_DEGREE_NORTH, 7),
            round(HOME_LONGITUDE + east / METRES_PER_DEGREE_EAST, 7),
            _CIRCLE_HEIGHT_M, 2 * math.pi * _CIRCLE_M / _CIRCLE_S, 0.0,
            (math.degrees(angle) + 90.0) % 360.0, True,
        )  # fmt: skip


# Messages


def basic_id(serial: str) -> bytes:
    """Return a Basic ID message: a serial number, of a multirotor."""
    return b"\x02\x12" + serial.encode().ljust(20, b"\0") + bytes(3)


def location(heard: Heard) -> bytes:
    """Return a Location message."""
    course = round(heard.course_deg) % 360
    west = course >= 180
    hour_tenths = heard.utc_ms % 3_600_000 // 100
    return struct.pack(
        "<BBBBbiiHHHBBHBB", 0x12, (2 if heard.airborne else 1) << 4 | west << 1,
        course - 180 * west, min(254, round(heard.speed_mps * 4)), round(heard.climb_mps * 2),
        round(heard.latitude_deg * 1e7), round(heard.longitude_deg * 1e7), 0, 0,
        round((heard.height_m + 1000) * 2), 0x3A, 0x03, hour_tenths, 5, 0,
    )  # fmt: skip


def system(latitude_deg: float, longitude_deg: float, utc_ms: int) -> bytes:
    """Return a System message with the live position of the operator."""
    return struct.pack(
        "<BBiiHBHHBHIB", 0x42, 0x05, round(latitude_deg * 1e7), round(longitude_deg * 1e7), 1, 0,
        0, 0, 0x12, 0, utc_ms // 1000 - 1_546_300_800, 0,
    )  # fmt: skip


def operator_id(text: str) -> bytes:
    """Return an Operator ID message."""
    return b"\x52\x00" + text.encode().ljust(20, b"\0") + bytes(3)


def pack(*messages: bytes) -> bytes:
    """Return a pack of messages."""
    return bytes([0xF2, 25, len(messages)]) + b"".join(messages)


# Captures


def capture(link_type: int, packets: Iterator[tuple[int, bytes]]) -> bytes:
    """Return packets, each with its time in milliseconds since 1970, as a capture."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link_type)]
    for time_ms, packet in packets:
        seconds, rest = divmod(time_ms, 1000)
        out.append(struct.pack("<IIII", seconds, rest * 1000, len(packet), len(packet)) + packet)
    return b"".join(out)


def wifi_capture(own: list[Heard]) -> bytes:
    """Return beacons as a receiver in monitor mode records them, one a second."""
    pilot = (
        HOME_LATITUDE + PILOT_NORTH / METRES_PER_DEGREE_NORTH,
        HOME_LONGITUDE + PILOT_EAST / METRES_PER_DEGREE_EAST,
    )

    def packets() -> Iterator[tuple[int, bytes]]:
        for number, heard in enumerate(own):
            messages = [basic_id(AIRCRAFT_SERIAL), location(heard)]
            messages += [system(*pilot, heard.utc_ms), operator_id(OPERATOR)]
            north = heard.latitude_deg - HOME_LATITUDE
            east = heard.longitude_deg - HOME_LONGITUDE
            signal = -40 - min(40, round(4e3 * math.sqrt(north * north + east * east)))
            yield heard.utc_ms + AGE_MS, beacon(number, pack(*messages), signal)

    return capture(_RADIOTAP, packets())


def beacon(number: int, messages: bytes, signal_dbm: int, address: bytes = ADDRESS) -> bytes:
    """Return a beacon with Remote ID behind a radiotap header."""
    radiotap = struct.pack("<BBHIBBHHb", 0, 0, 15, 0x2E, 0, 2, 2437, 0x00A0, signal_dbm)
    header = b"\x80\x00\x00\x00" + b"\xff" * 6 + address * 2 + struct.pack("<H", number % 4096 << 4)
    fields = struct.pack("<QHH", number * 1_000_000, 1000, 0x0421)
    vendor = b"\xfa\x0b\xbc\x0d" + bytes([number % 256]) + messages
    elements = b"\x00" + bytes([len(NETWORK)]) + NETWORK + b"\xdd" + bytes([len(vendor)]) + vendor
    return radiotap + header + fields + elements


def bluetooth_capture(stranger: list[Heard]) -> bytes:
    """Return advertisements of Bluetooth 4: one message each, in turn."""
    operator = (HOME_LATITUDE + 0.0021, HOME_LONGITUDE + 0.0068)

    def packets() -> Iterator[tuple[int, bytes]]:
        for number, heard in enumerate(stranger[: len(stranger) // 3 * 3]):
            message = (
                location(heard),
                basic_id(STRANGER) if number // 3 % 2 else operator_id(STRANGER_OPERATOR),
                system(*operator, heard.utc_ms),
            )[number % 3]
            yield heard.utc_ms + AGE_MS, advertisement(number, message)

    return capture(_BLE_WITH_HEADER, packets())


def advertisement(number: int, message: bytes, address: bytes = STRANGER_ADDRESS) -> bytes:
    """Return an advertisement with Remote ID behind the header of link type 256."""
    data = b"\x1e\x16\xfa\xff\x0d" + bytes([number % 256]) + message
    pdu = bytes([0x42, 6 + len(data)]) + address[::-1] + data
    header = struct.pack("<BbbBIH", 0, -67, -128, 0, _ACCESS_ADDRESS, 0x0C13)
    return header + struct.pack("<I", _ACCESS_ADDRESS) + pdu + checksum(pdu)


def checksum(pdu: bytes) -> bytes:
    """Return the checksum of an advertisement, bit by bit as the radio makes it."""
    register = 0x555555
    for byte in pdu:
        for bit in range(8):
            carry = register >> 23 ^ byte >> bit & 1
            register = register << 1 & 0xFFFFFF
            if carry:
                register ^= 0x00065B
    return int(f"{register:024b}"[::-1], 2).to_bytes(3, "little")


def table(own: list[Heard]) -> bytes:
    """Return the table of a receiver: time, identity and position of what it heard."""
    names = (
        "Detection Time", "BasicID", "IDType", "UAType", "Latitude", "Longitude", "AltitudeGeo",
        "Height", "OperatorLatitude", "OperatorLongitude", "OperatorAltitudeGeo", "OperatorID",
    )  # fmt: skip
    lines = [",".join(f'"{name}"' for name in names)]
    for heard in own:
        seconds = heard.utc_ms // 1000
        day, second = divmod(seconds, 86_400)
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        assert day == 20_587, "2026-05-14"  # noqa: S101 - the story's day
        lines.append(
            f'"2026-05-14 {clock} UTC","{AIRCRAFT_SERIAL}","Serial Number","Multirotor",'
            f"{heard.latitude_deg:.7f},{heard.longitude_deg:.7f},nan,{heard.height_m:.1f},"
            f'{HOME_LATITUDE:.7f},{HOME_LONGITUDE:.7f},nan,"{OPERATOR}"'
        )
    return ("\r\n".join(lines) + "\r\n").encode()

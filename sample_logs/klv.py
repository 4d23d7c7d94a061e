"""Write what a helicopter filmed beside the story's flight: a transport stream with KLV.

From MISB ST 0601 and ST 1402, and ISO/IEC 13818-1; no reader is imported.  The helicopter circles
the take-off point of the story and looks at it, by daylight first and by infrared after.  The video
itself is filler: units of a stream of H.264 without a picture.
"""

import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sample_logs.facts import file_facts
from sample_logs.story import (
    HOME_ALTITUDE_M,
    HOME_LATITUDE,
    HOME_LONGITUDE,
    METRES_PER_DEGREE_EAST,
    METRES_PER_DEGREE_NORTH,
)

FOLDER, NAME = "other_aircraft", "helicopter.ts"
#: The first local sets alone, as a program that takes them out of the video writes them.
BARE_NAME, BARE_COUNT = "helicopter.klv", 12
UAS_KEY = bytes.fromhex("060e2b34020b01010e01030101000000")
#: 2026-05-14 09:05:00 UTC, while the aircraft of the story films.
START_MS, STEP_MS, COUNT, INFRARED_FROM = 1_778_749_500_000, 1000, 120, 70
RADIUS_M, ALTITUDE_M, CIRCLE_S, SPEED_MPS = 1500.0, 900.0, 240.0, 39
TAIL_NUMBER, CALL_SIGN, MODEL = "SYNTHETIC0000051", "TRAINING 51", "EC135"
#: Unclassified, of the United Kingdom, by ST 0102.12.
SECURITY = bytes.fromhex("01010102010703052f2f4742520c01070d06004700420052") + b"\x16\x02\0\x0c"
ACROSS_DEG, UP_DEG = 4.0, 2.25
TABLE_PID, VIDEO_PID, KLV_PID = 0x100, 0x101, 0x102
PACKET = 188


def write_klv(folder: Path) -> dict[str, Any]:
    """Write the stream, and some of its metadata alone; return what is true of each."""
    room = folder / FOLDER
    room.mkdir(exist_ok=True)
    data = b"".join(transport_packets(local_set(items(number)) for number in range(COUNT)))
    (room / NAME).write_bytes(data)
    bare = b"".join(local_set(items(number)) for number in range(BARE_COUNT))
    (room / BARE_NAME).write_bytes(bare)
    return {
        f"{FOLDER}/{NAME}": {
            **file_facts("MPEG-TS with KLV", "ST 0601.19", data),
            "local_sets": COUNT,
            "infrared_from": INFRARED_FROM,
        },
        f"{FOLDER}/{BARE_NAME}": {
            **file_facts("KLV", "ST 0601.19", bare),
            "local_sets": BARE_COUNT,
        },
    }


def items(number: int) -> dict[int, bytes]:
    """Return the items of a local set, by tag, in the order in which they stand."""
    angle = 2 * math.pi * number * STEP_MS / 1000 / CIRCLE_S
    north, east = RADIUS_M * math.cos(angle), RADIUS_M * math.sin(angle)
    heading = (math.degrees(angle) + 90) % 360
    bearing = (math.degrees(angle) + 180) % 360
    drop = ALTITUDE_M - HOME_ALTITUDE_M
    slant = math.hypot(RADIUS_M, drop)
    elevation = -math.degrees(math.atan2(drop, RADIUS_M))
    width = 2 * slant * math.tan(math.radians(ACROSS_DEG / 2))
    depth = 2 * slant * math.tan(math.radians(UP_DEG / 2)) * slant / drop
    found = {
        2: struct.pack(">Q", (START_MS + number * STEP_MS) * 1000),
        5: unsigned(heading, 0, 360, 2),
        6: signed(0, 20, 2),
        7: signed(0, 50, 2),
        13: signed(HOME_LATITUDE + north / METRES_PER_DEGREE_NORTH, 90, 4),
        14: signed(HOME_LONGITUDE + east / METRES_PER_DEGREE_EAST, 180, 4),
        15: unsigned(ALTITUDE_M, -900, 19000, 2),
        16: unsigned(ACROSS_DEG, 0, 180, 2),
        17: unsigned(UP_DEG, 0, 180, 2),
        18: unsigned((bearing - heading) % 360, 0, 360, 4),
        19: signed(elevation, 180, 4),
        20: unsigned(0, 0, 360, 4),
        21: unsigned(slant, 0, 5_000_000, 4),
        22: unsigned(width, 0, 10_000, 2),
        23: signed(HOME_LATITUDE, 90, 4),
        24: signed(HOME_LONGITUDE, 180, 4),
        25: unsigned(HOME_ALTITUDE_M, -900, 19000, 2),
        56: bytes([SPEED_MPS]),
        65: bytes([19]),
    }
    away = math.radians(bearing)
    for corner, (side, ahead) in enumerate(((-1, 1), (1, 1), (1, -1), (-1, -1))):
        across, along = side * width / 2, ahead * depth / 2
        corner_north = along * math.cos(away) - across * math.sin(away)
        corner_east = along * math.sin(away) + across * math.cos(away)
        found[26 + 2 * corner] = signed(corner_north / METRES_PER_DEGREE_NORTH, 0.075, 2)
        found[27 + 2 * corner] = signed(corner_east / METRES_PER_DEGREE_EAST, 0.075, 2)
    if number % 10 == 0:
        sensor = "EO" if number < INFRARED_FROM else "IR"
        found |= {
            3: b"SYNTHETIC-0514",
            4: TAIL_NUMBER.encode(),
            10: MODEL.encode(),
            11: sensor.encode(),
            12: b"Geodetic WGS84",
            48: SECURITY,
            59: CALL_SIGN.encode(),
        }
    return {2: found.pop(2)} | dict(sorted(found.items()))


def unsigned(value: float, low: float, high: float, size: int) -> bytes:
    """Return a value as an unsigned integer that stands for a range."""
    most = (1 << 8 * size) - 1
    return round((value - low) / (high - low) * most).to_bytes(size, "big")


def signed(value: float, most: float, size: int) -> bytes:
    """Return a value as a signed integer that stands for a range around zero."""
    return round(value / most * ((1 << 8 * size - 1) - 1)).to_bytes(size, "big", signed=True)


def length(size: int) -> bytes:
    """Return a BER length."""
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def local_set(values: dict[int, bytes]) -> bytes:
    """Return a local set with its checksum."""
    body = b"".join(tag_octets(tag) + length(len(value)) + value for tag, value in values.items())
    start = UAS_KEY + length(len(body) + 4) + body + b"\x01\x02"
    total = sum(byte << 8 * ((place + 1) % 2) for place, byte in enumerate(start))
    return start + struct.pack(">H", total & 0xFFFF)


def tag_octets(tag: int) -> bytes:
    """Return a tag as a BER object identifier."""
    return bytes([tag]) if tag < 0x80 else bytes([0x80 | tag >> 7, tag & 0x7F])


def transport_packets(sets: Iterator[bytes], *, is_synchronous: bool = False) -> Iterator[bytes]:
    """Yield packets: tables now and then, a unit of video and one of metadata for each set."""
    counters = {0: 0, TABLE_PID: 0, VIDEO_PID: 0, KLV_PID: 0}
    for number, each in enumerate(sets):
        if number % 5 == 0:
            yield from packets_of_unit(b"\0" + association_table(), 0, counters)
            yield from packets_of_unit(b"\0" + map_table(is_synchronous), TABLE_PID, counters)
        stamp = time_stamp(90 * number * STEP_MS)
        picture = bytes.fromhex("00000109f0") + bytes(150)
        video = b"\0\0\1\xe0" + struct.pack(">H", len(picture) + 8) + b"\x80\x80\x05" + stamp
        yield from packets_of_unit(video + picture, VIDEO_PID, counters)
        if is_synchronous:
            each = struct.pack(">BBBH", 0, number & 0xFF, 0xDF, len(each)) + each
            head = b"\0\0\1\xfc" + struct.pack(">H", len(each) + 8) + b"\x84\x80\x05" + stamp
        else:
            head = b"\0\0\1\xbd" + struct.pack(">H", len(each) + 3) + b"\x84\x00\x00"
        yield from packets_of_unit(head + each, KLV_PID, counters)


def time_stamp(ticks: int) -> bytes:
    """Return a time of presentation, in ticks of 90 kHz."""
    ticks &= (1 << 33) - 1
    return bytes(
        [
            0x21 | (ticks >> 29 & 0x0E),
            ticks >> 22 & 0xFF,
            1 | (ticks >> 14 & 0xFE),
            ticks >> 7 & 0xFF,
            1 | (ticks << 1 & 0xFE),
        ]
    )


def packets_of_unit(unit: bytes, pid: int, counters: dict[int, int]) -> Iterator[bytes]:
    """Yield the packets of one unit; the last is filled by an adaptation field."""
    for at in range(0, len(unit), PACKET - 4):
        piece = unit[at : at + PACKET - 4]
        empty = PACKET - 4 - len(piece)
        adaptation = b""
        if empty:
            adaptation = bytes([empty - 1]) + (b"\0" + b"\xff" * (empty - 2) if empty > 1 else b"")
        flags = (0x30 if empty else 0x10) | counters[pid]
        counters[pid] = (counters[pid] + 1) % 16
        start = 0x40 if at == 0 else 0
        yield bytes([0x47, start | pid >> 8, pid & 0xFF, flags]) + adaptation + piece


def association_table() -> bytes:
    """Return the table that names the map of the one programme."""
    return section(0, struct.pack(">HBBBHH", 1, 0xC1, 0, 0, 1, 0xE000 | TABLE_PID))


def map_table(is_synchronous: bool) -> bytes:
    """Return the map of the programme: a video and its metadata."""
    registration = b"\x05\x04KLVA"
    kind = 0x15 if is_synchronous else 0x06
    body = struct.pack(">HBBBHH", 1, 0xC1, 0, 0, 0xE000 | VIDEO_PID, 0xF000)
    body += struct.pack(">BHH", 0x1B, 0xE000 | VIDEO_PID, 0xF000)
    body += struct.pack(">BHH", kind, 0xE000 | KLV_PID, 0xF000 | len(registration)) + registration
    return section(2, body)


def section(table: int, body: bytes) -> bytes:
    """Return a section with its checksum."""
    start = struct.pack(">BH", table, 0xB000 | len(body) + 4) + body
    register = 0xFFFFFFFF
    for byte in start:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register >> 31 else 0)) & 0xFFFFFFFF
    return start + struct.pack(">I", register)

"""Encode DJI on-board logs (``FLYnnn.DAT``), and tell the story as one.

A record is ``55``, its length in 10 bits, a CRC-8 of these three bytes, type, tick, payload and a
CRC-16 of all before it.  The payload is XORed with the low byte of the tick.  Ticks run at 4.5 MHz
from power-up and start again after 2**32.  Facts: DatCon, dji-firmware-tools.
"""

import math
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from sample_logs import story as truth
from sample_logs.facts import file_facts, first_change
from sample_logs.story import Sample, Story

NAME = "FLY042.DAT"
RATE_HZ = 4_500_000
#: The aircraft was switched on this long before the story begins, so that its ticks start again
#: while it flies.
ON_SINCE_S = 650
MAVIC_PRO = 16
V3_SIZE, V1_SIZE = 256, 128
GPS, IMU, OSD, HOME, ZONES, LINK_OFDM = 2096, 2048, 12, 13, 0x500B, 0x092E
FLY_LOG, DEFINITIONS, BATTERY = 0x8000, 0xFFFD, 1711
ZONE_LINE = "[L-LIMIT]in fly limit area, warn zone 1042"
ZONE_NUMBER, ZONE_TICKS, ZONE_NEAREST_M = 1042, 600, 35
FIX_EVERY = 500
_MS_TICKS = RATE_HZ // 1000
_DATE_AFTER_TICKS = 20
_MODES = {
    "motors on": 41, "take-off": 11, "go home": 15, "descend": 12, "land": 12, "touched down": 12,
}  # fmt: skip
_GPS_ATTI, _APP_TAKEOFF, _RC_GO_HOME = 6, 14, 8


class Record(NamedTuple):
    """One record: its type, its time since power-up in ticks, and its plain payload."""

    type: int
    tick: int
    payload: bytes


def _table(polynomial: int) -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


_CRC8, _CRC16 = _table(0x8C), _table(0x8408)


def crc8(data: bytes) -> int:
    """Return the checksum of a record's first three bytes."""
    crc = 0x77
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def crc16(data: bytes) -> int:
    """Return the checksum of a record."""
    crc = 0x3692
    for byte in data:
        crc = (crc >> 8) ^ _CRC16[(crc ^ byte) & 0xFF]
    return crc


def encode_record(record: Record) -> bytes:
    """Return a record as it stands in the file.

    Raises:
        ValueError: If 10 bits do not hold its length.
    """
    size = len(record.payload) + 12
    if size > 1023:
        raise ValueError(f"a record of {size} bytes; 10 bits hold 1023")
    head = struct.pack("<BH", 0x55, size)
    key = record.tick & 0xFF
    data = head + struct.pack("<BHI", crc8(head), record.type, record.tick & 0xFFFFFFFF)
    data += bytes(byte ^ key for byte in record.payload)
    return data + struct.pack("<H", crc16(data))


def header(
    version: int = 3, aircraft: int = MAVIC_PRO, built: str = "Mar 12 2026 10:41:07"
) -> bytes:
    """Return the header of a DAT of version 1 or 3."""
    head = bytearray(V3_SIZE if version == 3 else V1_SIZE)
    head[0] = aircraft
    head[16:42] = f"BUILD {built}".encode().ljust(26, b"\0")
    if version == 3:
        head[242:252] = b"DJI_LOG_V3"
    return bytes(head)


def encode(records: Iterable[Record], head: bytes | None = None) -> bytes:
    """Return a DAT: a header and its records."""
    return (header() if head is None else head) + b"".join(map(encode_record, records))


def export(entries: Iterable[tuple[str, bytes]], packed: bool = True) -> bytes:
    """Return the container in which DJI Assistant 2 exports DATs."""
    out = bytearray()
    for name, data in entries:
        head = bytearray(283)
        head[0] = 0xA4
        struct.pack_into("<I", head, 1, len(data))
        head[7:12] = b"wm220"
        head[12 : 12 + len(name)] = name.encode()
        out += head + data
    return zlib.compress(bytes(out)) if packed else bytes(out)


def locked(model: str, serial: str, cipher: bytes) -> bytes:
    """Return an encrypted log: model and serial in clear, and the rest not."""
    head = b"LOGH".ljust(8, b"\0") + struct.pack("<QQ", 256, len(cipher))
    head += model.encode().ljust(16, b"\0") + serial.encode().ljust(16, b"\0")
    return head.ljust(256, b"\0") + cipher


def gps(
    utc: datetime | None, latitude_deg: float, longitude_deg: float, altitude_m: float,
    velocity_mps: tuple[float, float, float] = (0.0, 0.0, 0.0), satellites: int = 17,
) -> bytes:  # fmt: skip
    """Return a GPS payload; without ``utc`` the receiver has no date yet."""
    day, clock = (int(f"{utc:%Y%m%d}"), int(f"{utc:%H%M%S}")) if utc else (0, 0)
    place = round(longitude_deg * 1e7), round(latitude_deg * 1e7), round(altitude_m * 1000)
    speeds = (100 * speed for speed in velocity_mps)
    quality = (0.7, 1.1, 900.0, 250.0)
    return struct.pack(
        "<2I3i3f4f8x2IH", day, clock, *place, *speeds, *quality, 10, satellites - 10, satellites
    )


def osd(
    latitude_deg: float, longitude_deg: float, height_m: float,
    velocity_mps: tuple[float, float, float] = (0.0, 0.0, 0.0),
    attitude_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    *, mode: int = _GPS_ATTI, state: int = 0x8002, satellites: int = 17, action: int = 0,
    refusal: int = 0, flight_time_s: float = 0.0,
) -> bytes:  # fmt: skip
    """Return an OSD payload of 50 bytes; attitude is pitch, roll and yaw."""
    tenths = [round(10 * value) for value in (height_m, *velocity_mps, *attitude_deg)]
    position = math.radians(longitude_deg), math.radians(latitude_deg)
    tail = (mode, 0, state, satellites, action, refusal, 5, 0, 0, round(10 * flight_time_s))
    return struct.pack("<2d7h2BI6BH6x", *position, *tenths, *tail)


def home(
    latitude_deg: float, longitude_deg: float, altitude_m: float, state: int, go_home_height_m: int,
    height_limit_m: float,
) -> bytes:  # fmt: skip
    """Return a home payload of 68 bytes."""
    position = math.radians(longitude_deg), math.radians(latitude_deg)
    head = struct.pack("<2dfHH8xI", *position, altitude_m, state, go_home_height_m, 0)
    return (head + struct.pack("<Bf", 5, height_limit_m)).ljust(68, b"\0")


def zones(count: int, warned: bool, nearest_m: int, inside: Sequence[int] = ()) -> bytes:
    """Return a payload of the zones near: how many, whether in a warning zone, and inside which."""
    near = struct.pack("<IBBHI", count, len(inside), warned, nearest_m, 0)
    listed = b"".join(struct.pack("<IBffH", number, 1, 0.0, 0.0, 0) for number in inside)
    return (near + listed).ljust(87, b"\0")


def text(line: str) -> bytes:
    """Return a text payload."""
    return line.encode() + b"\r\n\0"


def write_dji_dat(folder: Path, story: Story) -> dict[str, Any]:
    """Write the flight as an on-board log; return what is true of it."""
    told = list(tell_records(story))
    head = header()
    data = encode([record for _, record in told], head)
    (folder / NAME).write_bytes(data)
    return {NAME: _state(story, told, data, len(head))}


def tell_records(story: Story) -> Iterator[tuple[int, Record]]:
    """Yield every record of the flight in file order, each with the tick of the story."""
    yield 0, Record(DEFINITIONS, _tick(0) - 900_000, text(_DEFINITIONS))
    for line in _OPENING:
        yield 0, Record(FLY_LOG, _tick(0) - 450_000, text(line))
    lines = {
        story.starts["motors on"]: "[L-FMU/MOTOR]Start.",
        story.starts["take-off"] + 8: "[L-TAKEOFF]alti: 412.00",
        story.texts[2].tick: ZONE_LINE,
        story.starts["stopped"]: "[L-FMU/MOTOR] Stop.",
    }
    for now, after in pairwise((*story.samples, story.samples[-1])):
        at = _tick(now.tick)
        yield now.tick, Record(OSD, at, _osd(story, now))
        if now.tick in lines:
            yield now.tick, Record(FLY_LOG, at + 450, text(lines[now.tick]))
        if now.tick % 10 == 3:
            yield now.tick, Record(HOME, at + 900, _home(now, story))
            yield now.tick, Record(ZONES, at + 1350, _zones(story, now.tick))
        if now.tick % 10 == 6:
            yield now.tick, Record(IMU, at + 900, _imu(now))
        if now.tick % 100 == 8:
            yield now.tick, Record(LINK_OFDM, at + 900, _link(now.tick))
            yield (
                now.tick,
                Record(BATTERY, at + 1350, struct.pack("<HHhB", now.tick, 15_300, -940, 0)),
            )
        if (ms := _epoch_ms(now.tick)) is not None:
            yield now.tick, Record(GPS, at + ms * _MS_TICKS, _gps(now, after, ms))


_OPENING = (
    "[L-BOARD]Board : wm220",
    f"Mc  ID  :{truth.AIRCRAFT_SERIAL}",
    "Mc  Ver :v3.4.2.24",
    f"[L-BATTERY]Serial number   :{truth.BATTERY_SERIAL}",
)
_DEFINED = ("Op.[config]", f"name osd_general_data type {OSD}", "double longi", "double lati")
_DEFINITIONS = "\n".join((*_DEFINED, *(f"int16 part_{n}" for n in range(30))))


def _tick(tenths: int) -> int:
    return (10 * ON_SINCE_S + tenths) * (RATE_HZ // 10)


def _utc(tenths: int, ms: int = 0) -> datetime:
    since = truth.START_MS + 100 * tenths + ms
    return datetime.fromtimestamp(since // 1000, UTC).replace(microsecond=since % 1000 * 1000)


def _epoch_ms(tenths: int) -> int | None:
    """Return how long after a tick the receiver solves; it does so on whole fifths of a second."""
    wait = -(truth.START_MS + 100 * tenths) % 200
    return wait if wait < 100 else None


def _gps(now: Sample, after: Sample, ms: int) -> bytes:
    part = ms / 100
    latitude = now.latitude_deg + part * (after.latitude_deg - now.latitude_deg)
    longitude = now.longitude_deg + part * (after.longitude_deg - now.longitude_deg)
    height = now.height_m + part * (after.height_m - now.height_m)
    utc = _utc(now.tick, ms) if now.tick >= _DATE_AFTER_TICKS else None
    altitude = truth.HOME_ALTITUDE_M + height
    return gps(utc, latitude, longitude, altitude, now.velocity_mps, now.satellites)


def _osd(story: Story, now: Sample) -> bytes:
    returning = now.tick >= story.starts["go home"] and now.airborne
    airborne_for = max(0, min(now.tick, story.starts["touched down"]) - story.starts["take-off"])
    state = 0x8000 | (0x4 if now.airborne else 0x2) | (0x8 if now.motors_on else 0) | 5 << 18
    return osd(
        now.latitude_deg,
        now.longitude_deg,
        now.height_m,
        now.velocity_mps,
        (now.pitch_deg, now.roll_deg, now.yaw_deg),
        mode=_MODES.get(now.step, _GPS_ATTI),
        state=state,
        satellites=now.satellites,
        action=_APP_TAKEOFF if now.step == "take-off" else _RC_GO_HOME if returning else 0,
        flight_time_s=airborne_for / truth.RATE_HZ,
    )


def _home(now: Sample, story: Story) -> bytes:
    is_set = now.tick > story.texts[1].tick
    return home(
        truth.HOME_LATITUDE,
        truth.HOME_LONGITUDE,
        truth.HOME_ALTITUDE_M,
        state=int(is_set),
        go_home_height_m=truth.GO_HOME_HEIGHT_M,
        height_limit_m=truth.HEIGHT_LIMIT_M,
    )


def _zones(story: Story, tick: int) -> bytes:
    begin = story.texts[2].tick
    return zones(tick // 10, begin <= tick < begin + ZONE_TICKS, ZONE_NEAREST_M)


def _imu(now: Sample) -> bytes:
    half = math.radians(now.yaw_deg) / 2
    position = math.radians(now.longitude_deg), math.radians(now.latitude_deg)
    level = truth.HOME_ALTITUDE_M + now.height_m
    head = struct.pack("<2df3f3ff", *position, level, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, level)
    turn = struct.pack("<4f12x3f", round(math.cos(half), 6), 0.0, 0.0, round(math.sin(half), 6),
                       *now.velocity_mps)  # fmt: skip
    rest = struct.pack("<12x3hh8xB3x", 120, -40, 380, 4150, now.satellites)
    return head + turn + rest


def _link(tick: int) -> bytes:
    return struct.pack("<2I6H", 120 * tick, 45 * tick, tick % 65536, tick % 65536, 0, 0, 0, 0)


def _state(
    story: Story, told: Sequence[tuple[int, Record]], data: bytes, begin: int
) -> dict[str, Any]:
    """Return what a reader can know; offsets are of a record's first byte."""
    offsets = [begin]
    for _, record in told:
        offsets.append(offsets[-1] + len(record.payload) + 12)
    placed = [(tick, record, at) for (tick, record), at in zip(told, offsets, strict=False)]
    fixes = [(story.samples[tick], at) for tick, record, at in placed if record.type == OSD]
    high = [(sample, at) for sample, at in fixes if round(10 * sample.height_m) > 1200]
    top = max(fixes, key=lambda fix: round(10 * fix[0].height_m))
    zone = story.texts[2].tick
    warned = [tick for tick, record, _ in placed if record.type == ZONES and record.payload[5]]
    counts = Counter(record.type for record in (record for _, record in told))
    return {
        **file_facts("DJI on-board flight log", "V3", data),
        "clock": {"first_utc": _text(0), "last_utc": _text(story.samples[-1].tick)},
        "osd_records": len(fixes),
        "records_by_type": {str(kind): count for kind, count in sorted(counts.items())},
        "takeoff": _change(fixes, True),
        "landing": _change(fixes, False),
        "captures": [],
        "photo_times": [],
        "texts": [
            {"utc": _text(tick), "record": "fly_log", "text": ZONE_LINE, "offset": at}
            for tick, record, at in placed
            if record.payload == text(ZONE_LINE)
        ],
        "zones": [
            {"start": _text(warned[0]), "end": _text(warned[-1]), "nearest_m": ZONE_NEAREST_M,
             "said": _text(zone)}
        ],
        "max_height": {
            "utc": _text(top[0].tick), "height_m": round(10 * top[0].height_m) / 10,
            "offset": top[1],
        },
        "above_120_m": {
            "start": _text(high[0][0].tick), "end": _text(high[-1][0].tick),
            "seconds": (high[-1][0].tick - high[0][0].tick) / 10, "fixes": len(high),
        },
        "max_home_distance_m": round(max(math.hypot(s.north_m, s.east_m) for s, _ in fixes), 1),
        "fixes": [_fix(*fix) for fix in fixes[::FIX_EVERY]],
        "damage": [],
    }  # fmt: skip


def _change(fixes: Sequence[tuple[Sample, int]], airborne: bool) -> dict[str, Any] | None:
    fix = first_change(fixes, airborne=airborne)
    return _fix(*fix) if fix else None


def _fix(sample: Sample, offset: int) -> dict[str, Any]:
    return {
        "utc": _text(sample.tick),
        "latitude_deg": sample.latitude_deg,
        "longitude_deg": sample.longitude_deg,
        "height_m": round(10 * sample.height_m) / 10,
        "offset": offset,
    }


def _text(tenths: int) -> str:
    return f"{_utc(tenths):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"

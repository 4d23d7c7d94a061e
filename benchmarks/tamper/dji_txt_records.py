"""Records of DJI app flight records up to version 11, plain or scrambled, and their Details."""

import struct
from functools import cache

from benchmarks.tamper.records import (
    ClockPlace,
    EditableLog,
    FieldPlace,
    HeightPlace,
    PositionPlace,
    Record,
    SerialPlace,
    fill_seconds,
)

_RADIAN = 57.29577951308232
_MASK = (1 << 64) - 1
OSD, HOME, CUSTOM, RECOVER, APP_GPS, DETAILS = "1", "2", "5", "13", "14", "details"
_TIPS = ("9", "10", "24")


@cache
def _scramble_key(kind: int, seed: int) -> bytes:
    crc = (seed + kind) & 0xFF
    for byte in ((0x123456789ABCDEF0 * seed) & _MASK).to_bytes(8, "little"):
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return crc.to_bytes(8, "little")


def _xor(data: bytes, key: bytes) -> bytes:
    stream = (key * (len(data) // 8 + 1))[: len(data)]
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(
        len(data), "little"
    )


def read_dji_txt(data: bytes) -> EditableLog | None:
    """Return the records of a file; ``None``: it is not of a version that is not encrypted."""
    if len(data) < 100:
        return None
    details_at, details_size, version = struct.unpack_from("<QHB", data)
    if not 1 <= version <= 11 or not 100 < details_at <= len(data) - details_size:
        return None
    begin, is_scrambled = (12 if version < 6 else 100), version >= 7
    records, at, times = [], begin, []
    flight_time = None
    while at + 3 <= details_at:
        kind, size = data[at], data[at + 1]
        payload = data[at + 2 : at + 2 + size]
        if not 1 <= kind <= 63 or at + 2 + size >= details_at or data[at + 2 + size] != 0xFF:
            break
        at += 3 + size
        if is_scrambled and size >= 2:
            plain = _xor(payload[1:], _scramble_key(kind, payload[0]))
            body, seed = bytearray(plain[:-1]), payload[0]
        else:
            body, seed = bytearray(payload), None
        records.append(Record(str(kind), 0.0, body, seed))
        if kind == 1 and len(body) >= 44:
            flight_time = struct.unpack_from("<H", body, 42)[0] / 10
        if kind == 5 and len(body) >= 18:
            times.append(struct.unpack_from("<q", body, 10)[0] / 1e3)
        else:
            times.append(None)
    if not records or flight_time is None:
        return None
    for record, seconds in zip(records, fill_seconds(times), strict=True):
        record.seconds = seconds
    details = bytearray(data[details_at : details_at + details_size])
    records.append(Record(DETAILS, records[-1].seconds, details))
    aside = data[at:details_at]
    log = EditableLog(
        "dji_txt",
        records,
        lambda each: _write(each, begin, is_scrambled, aside),
        head=data[:begin],
        tail=data[details_at + details_size :],
    )
    _name_places(log, version)
    return log


def _name_places(log: EditableLog, version: int) -> None:
    osd_place = (FieldPlace(8, "<d", _RADIAN), FieldPlace(0, "<d", _RADIAN))
    log.positions = [
        PositionPlace(OSD, *osd_place, "fused"),
        PositionPlace(HOME, *osd_place, "home"),
        PositionPlace(DETAILS, FieldPlace(107, "<d"), FieldPlace(99, "<d"), "home"),
        PositionPlace(APP_GPS, FieldPlace(0, "<d"), FieldPlace(8, "<d"), "other"),
    ]
    log.heights = [
        HeightPlace(OSD, FieldPlace(16, "<h", 0.1), "takeoff"),
        HeightPlace(DETAILS, FieldPlace(123, "<f"), "takeoff"),
    ]
    log.clocks = [
        ClockPlace(CUSTOM, FieldPlace(10, "<q", 1e-3)),
        ClockPlace(DETAILS, FieldPlace(91, "<q", 1e-3)),
    ]
    log.counters = [(OSD, FieldPlace(42, "<H", 0.1))]
    details = log.records[-1].body
    at, size = (267, 10) if version < 6 else (312, 16)
    serial = bytes(details[at : at + size]).split(b"\0")[0]
    if len(serial) >= 8:
        log.serials = [
            SerialPlace(r.kind, serial)
            for r in log.records
            if r.kind in (DETAILS, RECOVER, "40", HOME) and serial in r.body
        ]
    log.event_kinds = tuple(k for k in _TIPS if any(r.kind == k for r in log.records))
    log.witnesses = frozenset(r.kind for r in log.records)


def _write(log: EditableLog, begin: int, is_scrambled: bool, aside: bytes) -> bytes:
    out = bytearray(log.head)
    details = next(r for r in reversed(log.records) if r.kind == DETAILS)
    for record in log.records:
        if record.kind == DETAILS:
            continue
        kind, seed, payload = int(record.kind), record.frame, bytes(record.body)
        if seed is not None:
            plain = payload + bytes([(seed + kind) & 0xFF])
            payload = bytes([seed]) + _xor(plain, _scramble_key(kind, seed))
        out += bytes([kind, len(payload)]) + payload + b"\xff"
    out += aside
    struct.pack_into("<Q", out, 0, len(out))
    return bytes(out + details.body + log.tail)

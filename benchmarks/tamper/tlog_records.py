"""Frames of telemetry logs with their stamps; checksums are computed anew.

The layouts and seeds of the checksums are those of pymavlink's dialect, another project.
"""

import struct
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from benchmarks.tamper.records import (
    ClockPlace,
    EditableLog,
    FieldPlace,
    FieldTable,
    HeightPlace,
    PositionPlace,
    Record,
    SerialPlace,
)

#: The stamp stands before the frame: the body of a record begins with it.
_STAMP = 8


def _crc(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        low = byte ^ (crc & 0xFF)
        low ^= (low << 4) & 0xFF
        crc = (crc >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)
    return crc & 0xFFFF


def read_tlog(data: bytes) -> EditableLog | None:
    """Return the frames of a log; ``None``: it does not begin with a stamp and a frame."""
    if len(data) < 20 or data[8] not in (0xFE, 0xFD):
        return None
    records, at = [], 0
    while at + _STAMP + 8 <= len(data):
        mark = data[at + _STAMP]
        if mark == 0xFE:
            head, size, more = 6, data[at + 9], 2
            number = data[at + _STAMP + 5]
        elif mark == 0xFD:
            head, size, more = 10, data[at + 9], 2 + (13 if data[at + 10] & 1 else 0)
            number = int.from_bytes(data[at + 15 : at + 18], "little")
        else:
            at += 1
            continue
        end = at + _STAMP + head + size + more
        layout = dialect.mavlink_map.get(number)
        if end > len(data):
            break
        frame = data[at + _STAMP : end]
        known = layout is not None and _is_whole(frame, head, size, layout)
        if not known and not (end + 9 <= len(data) and data[end + 8] == mark):
            at += 1
            continue
        stamp = struct.unpack_from(">Q", data, at)[0] / 1e6
        name = layout.msgname if known else f"frame_{number}"
        payload = frame[head : head + size]
        if known and mark == 0xFD:
            payload = payload.ljust(struct.calcsize(layout.native_format.decode()), b"\0")
        body = bytearray(data[at : at + _STAMP] + payload)
        records.append(
            Record(name, stamp, body, (frame[:head], frame[head + size :], known, payload))
        )
        at = end
    if len(records) < 50:
        return None
    log = EditableLog("tlog", records, _write)
    _name_places(log)
    return log


def _is_whole(frame: bytes, head: int, size: int, layout: Any) -> bool:
    stated = int.from_bytes(frame[head + size : head + size + 2], "little")
    return _crc(frame[1 : head + size] + bytes([layout.crc_extra])) == stated


def _field_table(name: str) -> FieldTable:
    layout = next(m for m in dialect.mavlink_map.values() if m.msgname == name)
    table, at = {}, _STAMP
    codes = layout.native_format.decode().lstrip("<")
    for column, code, length in zip(
        layout.ordered_fieldnames, codes, layout.array_lengths, strict=False
    ):
        table[column] = FieldPlace(at, "<" + code)
        at += struct.calcsize("<" + code) * max(length, 1)
    return table


def _name_places(log: EditableLog) -> None:
    seen = {r.kind for r in log.records}
    for kind, source in (
        ("GLOBAL_POSITION_INT", "fused"), ("GPS_RAW_INT", "satellite"), ("GPS2_RAW", "satellite"),
        ("AHRS2", "fused"), ("AHRS3", "fused"), ("HOME_POSITION", "home"),
        ("GPS_GLOBAL_ORIGIN", "home"), ("SIMSTATE", "other"), ("SIM_STATE", "other"),
        ("POSITION_TARGET_GLOBAL_INT", "other"),
    ):  # fmt: skip
        if kind in seen:
            table = _field_table(kind)
            latitude = table.get("lat") or table.get("latitude") or table.get("lat_int")
            longitude = (
                table.get("lon") or table.get("lng") or table.get("longitude")
                or table.get("lon_int")
            )  # fmt: skip
            if latitude and longitude and latitude.code == "<i":
                log.positions.append(
                    PositionPlace(kind, latitude.scaled(1e-7), longitude.scaled(1e-7), source)
                )
    for kind, column, scale, source in (
        ("GLOBAL_POSITION_INT", "relative_alt", 1e-3, "takeoff"),
        ("GLOBAL_POSITION_INT", "alt", 1e-3, "sea"),
        ("GPS_RAW_INT", "alt", 1e-3, "sea"), ("VFR_HUD", "alt", 1.0, "sea"),
        ("AHRS2", "altitude", 1.0, "sea"), ("LOCAL_POSITION_NED", "z", -1.0, "takeoff"),
        ("RANGEFINDER", "distance", 1.0, "range"),
    ):  # fmt: skip
        if kind in seen:
            place = _field_table(kind)[column].scaled(scale)
            log.heights.append(HeightPlace(kind, place, source))
    log.clocks = [ClockPlace("*", FieldPlace(0, ">Q", 1e-6))]
    if "SYSTEM_TIME" in seen:
        place = _field_table("SYSTEM_TIME")["time_unix_usec"].scaled(1e-6)
        log.clocks.append(ClockPlace("SYSTEM_TIME", place))
    for kind in sorted(seen):
        if not kind.startswith("frame_") and "time_boot_ms" in (table := _field_table(kind)):
            log.counters.append((kind, table["time_boot_ms"].scaled(1e-3)))
    log.event_kinds = tuple(k for k in ("STATUSTEXT", "FENCE_STATUS") if k in seen)
    log.witnesses = frozenset(seen)
    if "AUTOPILOT_VERSION" in seen:
        uid = _field_table("AUTOPILOT_VERSION")["uid"]
        for record in log.records:
            if record.kind == "AUTOPILOT_VERSION":
                raw = bytes(record.body[uid.offset : uid.offset + 8])
                if any(raw):
                    log.serials.append(SerialPlace("AUTOPILOT_VERSION", raw))


def _write(log: EditableLog) -> bytes:
    out = bytearray()
    extras = {m.msgname: m.crc_extra for m in dialect.mavlink_map.values()}
    for record in log.records:
        head, rest, known, read_payload = record.frame
        payload = bytes(record.body[_STAMP:])
        if known and payload == read_payload:
            # Nothing of it was changed: neither is its checksum.
            size = head[1]
            out += record.body[:_STAMP] + head + payload[:size] + rest
            continue
        if not known:
            out += record.body[:_STAMP] + head + payload + rest
            continue
        if head[0] == 0xFD:
            payload = payload.rstrip(b"\0") or b"\0"
        head = bytes([head[0], len(payload)]) + head[2:]
        crc = _crc(head[1:] + payload + bytes([extras[record.kind]]))
        out += record.body[:_STAMP] + head + payload + struct.pack("<H", crc) + rest[2:]
    return bytes(out)

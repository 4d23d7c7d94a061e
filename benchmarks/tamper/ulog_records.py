"""Messages of PX4 ULog files, which carry no checksum."""

import struct

from benchmarks.tamper.records import (
    ClockPlace,
    EditableLog,
    FieldPlace,
    FieldTable,
    HeightPlace,
    PositionPlace,
    Record,
    SerialPlace,
    fill_seconds,
)

_CODES = {
    "int8_t": "b", "uint8_t": "B", "int16_t": "h", "uint16_t": "H", "int32_t": "i",
    "uint32_t": "I", "int64_t": "q", "uint64_t": "Q", "float": "f", "double": "d", "bool": "?",
    "char": "c",
}  # fmt: skip


def read_ulog(data: bytes) -> EditableLog | None:
    """Return the messages of a log; ``None``: it is none, or has data appended to it."""
    if data[:7] != b"ULog\x01\x12\x35":
        return None
    formats, names, records, times, at = dict[str, str](), dict[int, str](), [], [], 16
    while at + 3 <= len(data):
        size, kind = struct.unpack_from("<HB", data, at)
        body = bytearray(data[at + 3 : at + 3 + size])
        if len(body) < size:
            break
        at += 3 + size
        name, seconds = chr(kind), None
        if name == "B" and any(struct.unpack_from("<3Q", body, 16)):
            return None
        if name == "F":
            title, _, fields = bytes(body).decode("latin-1").partition(":")
            formats[title] = fields
        elif name == "A":
            multi, number = struct.unpack_from("<BH", body)
            title = bytes(body[3:]).decode("latin-1")
            names[number] = title if not multi else f"{title}[{multi}]"
        elif name == "D":
            number = struct.unpack_from("<H", body)[0]
            name = names.get(number, "D")
            if len(body) >= 10:
                seconds = struct.unpack_from("<Q", body, 2)[0] / 1e6
        elif name == "L":
            seconds = struct.unpack_from("<Q", body, 1)[0] / 1e6
        elif name == "C":
            seconds = struct.unpack_from("<Q", body, 3)[0] / 1e6
        records.append(Record(name, 0.0, body, kind))
        times.append(seconds)
    for record, value in zip(records, fill_seconds(times), strict=True):
        record.seconds = value
    log = EditableLog("ulog", records, _write, head=data[:16], tail=data[at:])
    _name_places(log, formats)
    return log


def _field_table(formats: dict[str, str], title: str, begin: int = 2) -> FieldTable:
    table, at = {}, begin
    for entry in formats.get(title, "").split(";"):
        kind, _, column = entry.partition(" ")
        if not column:
            continue
        kind, _, count = kind.partition("[")
        repeats = int(count.rstrip("]")) if count else 1
        if kind in _CODES:
            table[column] = FieldPlace(at, "<" + _CODES[kind])
            at += struct.calcsize("<" + _CODES[kind]) * repeats
        else:
            inner = _field_table(formats, kind, 0)
            last = max((p.offset + struct.calcsize(p.code) for p in inner.values()), default=0)
            at += last * repeats
    return table


def _name_places(log: EditableLog, formats: dict[str, str]) -> None:
    seen = {r.kind for r in log.records}
    for kind in sorted(seen):
        title = kind.split("[")[0]
        table = _field_table(formats, title)
        source = {
            "vehicle_gps_position": "satellite", "sensor_gps": "satellite",
            "vehicle_global_position": "fused", "home_position": "home",
        }.get(title, "")  # fmt: skip
        if source:
            latitude = table.get("latitude_deg") or table.get("lat")
            longitude = table.get("longitude_deg") or table.get("lon")
            if latitude and longitude:
                scale = 1e-7 if latitude.code == "<i" else 1.0
                log.positions.append(
                    PositionPlace(kind, latitude.scaled(scale), longitude.scaled(scale), source)
                )
        if title == "vehicle_local_position" and "ref_lat" in table:
            scale = 1e-7 if table["ref_lat"].code == "<i" else 1.0
            log.positions.append(
                PositionPlace(
                    kind, table["ref_lat"].scaled(scale), table["ref_lon"].scaled(scale), "home"
                )
            )
        for column, of, height, scale in (
            ("alt", "vehicle_gps_position", "sea", 1e-3),
            ("altitude_msl_m", "vehicle_gps_position", "sea", 1.0),
            ("alt", "sensor_gps", "sea", 1e-3), ("altitude_msl_m", "sensor_gps", "sea", 1.0),
            ("alt", "vehicle_global_position", "sea", 1.0),
            ("z", "vehicle_local_position", "takeoff", -1.0),
            ("baro_alt_meter", "vehicle_air_data", "barometer", 1.0),
            ("baro_alt_meter", "sensor_combined", "barometer", 1.0),
            ("current_distance", "distance_sensor", "range", 1.0),
        ):  # fmt: skip
            if title == of and column in table:
                log.heights.append(HeightPlace(kind, table[column].scaled(scale), height))
        if title in ("vehicle_gps_position", "sensor_gps") and "time_utc_usec" in table:
            log.clocks.append(ClockPlace(kind, table["time_utc_usec"].scaled(1e-6)))
        if "timestamp" in table:
            log.counters.append((kind, table["timestamp"].scaled(1e-6)))
    for record in log.records:
        if record.kind == "I" and b"sys_uuid" in record.body:
            log.serials.append(SerialPlace("I", bytes(record.body).split(b"sys_uuid")[1]))
    log.event_kinds = tuple(k for k in ("L", "C", "event") if k in seen)
    log.witnesses = frozenset(seen)


def _write(log: EditableLog) -> bytes:
    out = bytearray(log.head)
    for record in log.records:
        out += struct.pack("<HB", len(record.body), record.frame) + record.body
    return bytes(out + log.tail)

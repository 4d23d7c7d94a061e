"""Records of ArduPilot DataFlash logs (binary), which carry no checksum."""

import re
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
    "b": "b", "B": "B", "h": "h", "H": "H", "i": "i", "I": "I", "q": "q", "Q": "Q", "f": "f",
    "d": "d", "n": "4s", "N": "16s", "Z": "64s", "c": "h", "C": "H", "e": "i", "E": "I",
    "L": "i", "M": "B", "a": "64s", "g": "e",
}  # fmt: skip
_SCALES = {"c": 0.01, "C": 0.01, "e": 0.01, "E": 0.01, "L": 1e-7}
_WEEK_S = 604_800


def read_dataflash(data: bytes) -> EditableLog | None:
    """Return the records of a log; ``None``: it is none, or has no times."""
    if data[:2] != b"\xa3\x95":
        return None
    lengths, names, tables = {128: 89}, {128: "FMT"}, dict[str, FieldTable]()
    records, at = [], 0
    times: list[float | None] = []
    while at + 3 <= len(data):
        if data[at : at + 2] != b"\xa3\x95" or data[at + 2] not in lengths:
            found = data.find(b"\xa3\x95", at + 1)
            if found < 0:
                break
            records.append(Record("junk", 0.0, bytearray(data[at:found])))
            times.append(None)
            at = found
            continue
        number = data[at + 2]
        body = bytearray(data[at + 3 : at + lengths[number]])
        if len(body) < lengths[number] - 3:
            break
        at += lengths[number]
        name = names[number]
        if number == 128:
            of, size = body[0], body[1]
            text = [
                bytes(body[i:j]).split(b"\0")[0].decode("latin-1")
                for i, j in ((2, 6), (6, 22), (22, 86))
            ]
            lengths[of], names[of] = size, text[0]
            tables[text[0]] = _field_table(text[1], text[2].split(","))
        records.append(Record(name, 0.0, body, number))
        table = tables.get(name, {})
        value = None
        for column, unit in (("TimeUS", 1e-6), ("TimeMS", 1e-3), ("T", 1e-3)):
            if column in table and not (column == "TimeMS" and name.startswith("GPS")):
                value = (table[column].read(body) or 0.0) * unit
                break
        times.append(value)
    if not any(times):
        return None
    for record, seconds in zip(records, fill_seconds(times), strict=True):
        record.seconds = seconds
    log = EditableLog("dataflash", records, _write, tail=data[at:])
    _name_places(log, tables)
    return log


def _field_table(formats: str, columns: list[str]) -> FieldTable:
    table, at = {}, 0
    for letter, column in zip(formats, columns, strict=False):
        code = "<" + _CODES[letter]
        if not code.endswith("s"):
            table[column] = FieldPlace(at, code, _SCALES.get(letter, 1.0))
        at += struct.calcsize(code)
    return table


def _name_places(log: EditableLog, tables: dict[str, FieldTable]) -> None:
    seen = {r.kind for r in log.records}
    for kind in sorted(seen & set(tables)):
        table = tables[kind]
        latitude, longitude = table.get("Lat"), table.get("Lng") or table.get("Lon")
        if latitude and longitude and latitude.code == "<i":
            source = "other"
            if re.fullmatch(r"GPS\d?", kind):
                source = "satellite"
            elif kind in ("POS", "AHR2", "EKF1", "NKF0"):
                source = "fused"
            elif kind in ("ORGN", "CMD"):
                source = "home"
            north, east = (FieldPlace(p.offset, p.code, 1e-7) for p in (latitude, longitude))
            log.positions.append(PositionPlace(kind, north, east, source))
        for column, source in (
            ("Alt", {"GPS": "sea", "POS": "sea", "AHR2": "sea", "BARO": "barometer",
                     "CTUN": "takeoff"}.get(kind, "")),
            ("RelHomeAlt", "takeoff"), ("RelAlt", "takeoff"), ("RelOriginAlt", "takeoff"),
            ("BAlt", "barometer" if kind == "CTUN" else ""), ("BarAlt", "barometer"),
            ("Dist", "range" if kind == "RFND" else ""),
        ):  # fmt: skip
            if column in table and source:
                log.heights.append(HeightPlace(kind, table[column], source))
        if re.fullmatch(r"GPS\d?", kind):
            week = table.get("GWk") or table.get("Week")
            ms = table.get("GMS") or table.get("TimeMS")
            if week and ms:
                log.clocks.append(ClockPlace(kind, FieldPlace(ms.offset, ms.code, 1e-3), week))
    for kind in sorted(seen & set(tables)):
        for column, unit in (("TimeUS", 1e-6), ("TimeMS", 1e-3), ("T", 1e-3)):
            if column in tables[kind] and not (column == "TimeMS" and kind.startswith("GPS")):
                place = tables[kind][column]
                log.counters.append((kind, FieldPlace(place.offset, place.code, unit)))
                break
    for record in log.records:
        if record.kind == "MSG" and (
            found := re.search(rb"[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8}", record.body)
        ):
            log.serials.append(SerialPlace("MSG", found[0]))
    log.event_kinds = tuple(k for k in ("ERR", "EV", "MODE", "MSG", "ARM") if k in seen)
    log.witnesses = frozenset(seen)


def _write(log: EditableLog) -> bytes:
    out = bytearray()
    for record in log.records:
        if record.frame is not None:
            out += b"\xa3\x95" + bytes([record.frame])
        out += record.body
    return bytes(out + log.tail)

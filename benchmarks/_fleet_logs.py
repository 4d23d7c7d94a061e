"""Many logs from few: each copy is the same flight at another time, so that none is a copy.

Every clock of a log is moved by the same hours, checksums and scramble are made anew, and the name
follows.  Nothing of the product is used here.
"""

import datetime as dt
import re
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
REAL, SYNTHETIC = ROOT.parent / "shared" / "samples", ROOT / "sample_logs"
#: Hours between the copies of one log: no two of them are in the air together.
HOURS_BETWEEN_COPIES = 3
#: Larger logs make a fleet slow to write, and say nothing more about the run.
_MAX_BYTES = 350_000
_COPIES_PER_FOLDER = 40

#: Returns the log as it would be so many milliseconds later.
LaterLog = Callable[[int], bytes]

_MS_PER_WEEK = 604_800_000
_SYSTEM_TIME, _SYSTEM_TIME_CRC_EXTRA = 2, 137
_CUSTOM_RECORD, _DJI_TIME_OFFSET = 5, 10


def write_fleet(folder: Path, count: int) -> int:
    """Write so many logs below a folder, and return their bytes.

    Raises:
        FileNotFoundError: If there is no log to copy.
    """
    sources = list(_logs_to_copy())
    if not sources:
        raise FileNotFoundError(f"no small log lies below {REAL} or {SYNTHETIC}")
    total = 0
    for number in range(count):
        copy, source = divmod(number, len(sources))
        path, later = sources[source]
        shift_ms = copy * HOURS_BETWEEN_COPIES * 3_600_000
        target = folder / f"{copy // _COPIES_PER_FOLDER:04d}" / f"{copy:05d}-{source:02d}"
        target.mkdir(parents=True, exist_ok=True)
        data = later(shift_ms)
        (target / later_text(path.name, shift_ms)).write_bytes(data)
        total += len(data)
    return total


def _logs_to_copy() -> Iterator[tuple[Path, LaterLog]]:
    """Yield small logs of every kind whose clock can be moved, each once."""
    kinds: tuple[tuple[str, Callable[[bytes], LaterLog | None]], ...] = (
        ("dji_txt/swardiantara+droner-dataset/*.txt", _dji_record),
        ("dji_txt/chrisvm+node-djiparsetxt/*.txt", _dji_record),
        ("mavlink/**/*.tlog", _telemetry_log),
        ("mavlink/**/*.bin", _dataflash_log),
        ("*.SRT", _text_log),
        ("*.BIN", _dataflash_log),
    )
    for pattern, later_log in kinds:
        for path in sorted((SYNTHETIC if "/" not in pattern else REAL).glob(pattern)):
            if path.stat().st_size <= _MAX_BYTES:
                later = later_log(path.read_bytes())
                if later is not None:
                    yield path, later


def _dji_record(data: bytes) -> LaterLog | None:
    """Move the times of a record of the DJI app that is not encrypted (version 11 at most)."""
    details, size, version = struct.unpack_from("<QHB", data)
    at = 12 if version < 6 else 100
    if not 1 <= version <= 11 or not at < details <= len(data) - size:
        return None
    places: list[tuple[int, int]] = []
    while at + 3 < details and data[at + 2 + data[at + 1] : at + 3 + data[at + 1]] == b"\xff":
        kind, length = data[at], data[at + 1]
        body, key = at + 2, bytes(8)
        if version >= 7:
            body, key = at + 3, _scramble_key(kind, data[at + 2])
        if kind == _CUSTOM_RECORD and length > _DJI_TIME_OFFSET + 9:
            place = body + _DJI_TIME_OFFSET
            stream = (key * 4)[_DJI_TIME_OFFSET : _DJI_TIME_OFFSET + 8]
            places.append((place, int.from_bytes(stream, "little")))
        at += 3 + length
    if not places:
        return None
    first = int.from_bytes(data[places[0][0] : places[0][0] + 8], "little") ^ places[0][1]
    for place in range(details, details + size - 8):
        if abs(int.from_bytes(data[place : place + 8], "little") - first) < 36 * 3_600_000:
            places.append((place, 0))
            break
    return lambda shift_ms: _with_later_times(data, places, shift_ms)


def _scramble_key(kind: int, seed: int) -> bytes:
    crc = (seed + kind) & 0xFF
    for byte in (0x123456789ABCDEF0 * seed & (1 << 64) - 1).to_bytes(8, "little"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return crc.to_bytes(8, "little")


def _with_later_times(data: bytes, places: list[tuple[int, int]], shift_ms: int) -> bytes:
    later = bytearray(data)
    for place, key in places:
        time = int.from_bytes(later[place : place + 8], "little") ^ key
        later[place : place + 8] = (time + shift_ms ^ key).to_bytes(8, "little")
    return bytes(later)


def _telemetry_log(data: bytes) -> LaterLog | None:
    """Move the stamps before the frames, and the time that the aircraft states."""
    at, stamps, stated = 0, list[int](), list[tuple[int, int, int]]()
    while at + 20 < len(data) and data[at + 8] in (0xFE, 0xFD):
        is_first = data[at + 8] == 0xFE
        head = 6 if is_first else 10
        signature = 13 if not is_first and data[at + 10] & 1 else 0
        number = data[at + 13] if is_first else int.from_bytes(data[at + 15 : at + 18], "little")
        payload, end = at + 8 + head, at + 8 + head + data[at + 9]
        stamps.append(at)
        if number == _SYSTEM_TIME and end - payload >= 8 and not signature:
            stated.append((at + 9, payload, end))
        at = end + 2 + signature
    if len(stamps) < 50:
        return None

    def later(shift_ms: int) -> bytes:
        moved = bytearray(data)
        for stamp in stamps:
            time = int.from_bytes(moved[stamp : stamp + 8], "big")
            moved[stamp : stamp + 8] = (time + shift_ms * 1000).to_bytes(8, "big")
        for begin, payload, end in stated:
            if time := int.from_bytes(moved[payload : payload + 8], "little"):
                moved[payload : payload + 8] = (time + shift_ms * 1000).to_bytes(8, "little")
                crc = _mavlink_crc(bytes(moved[begin:end]) + bytes([_SYSTEM_TIME_CRC_EXTRA]))
                moved[end : end + 2] = crc.to_bytes(2, "little")
        return bytes(moved)

    return later


def _mavlink_crc(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        low = byte ^ crc & 0xFF
        low = low ^ low << 4 & 0xFF
        crc = crc >> 8 ^ low << 8 ^ low << 3 ^ low >> 4
    return crc & 0xFFFF


def _dataflash_log(data: bytes) -> LaterLog | None:
    """Move the week and the milliseconds of it that the receiver states."""
    lengths, at = {128: 89}, 0
    gps: tuple[int, int, int] | None = None
    places: list[tuple[int, int]] = []
    sizes = {"Q": 8, "q": 8, "I": 4, "L": 4, "i": 4, "e": 4, "E": 4, "f": 4, "H": 2, "h": 2}
    sizes |= {"c": 2, "C": 2, "n": 4, "N": 16, "Z": 64, "a": 64, "d": 8}
    while at + 3 <= len(data) and data[at : at + 2] == b"\xa3\x95" and data[at + 2] in lengths:
        number, body = data[at + 2], at + 3
        if number == 128:
            kind, length = data[body], data[body + 1]
            name, codes, labels = (
                data[body + i : body + j].split(b"\0")[0].decode("latin-1")
                for i, j in ((2, 6), (6, 22), (22, 86))
            )
            lengths[kind] = length
            columns = labels.split(",")
            if name == "GPS" and {"GMS", "GWk"} <= set(columns):
                ends = [sum(sizes.get(code, 1) for code in codes[:n]) for n in range(len(codes))]
                gps = kind, ends[columns.index("GMS")], ends[columns.index("GWk")]
        elif gps is not None and number == gps[0]:
            places.append((body + gps[1], body + gps[2]))
        at += lengths[number]
    if len(places) < 10:
        return None

    def later(shift_ms: int) -> bytes:
        moved = bytearray(data)
        for milliseconds, week in places:
            weeks = struct.unpack_from("<H", moved, week)[0]
            if weeks:
                time = struct.unpack_from("<I", moved, milliseconds)[0] + shift_ms
                struct.pack_into("<I", moved, milliseconds, time % _MS_PER_WEEK)
                struct.pack_into("<H", moved, week, weeks + time // _MS_PER_WEEK)
        return bytes(moved)

    return later


def _text_log(data: bytes) -> LaterLog | None:
    text = data.decode("utf-8", "surrogateescape")
    return lambda shift_ms: later_text(text, shift_ms).encode("utf-8", "surrogateescape")


#: How logs and their names write an instant.
_TIME_FORMATS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"\d{4}-\d\d-\d\d_\[\d\d-\d\d-\d\d\]"), "%Y-%m-%d_[%H-%M-%S]"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d-\d\d-\d\d"), "%Y-%m-%d %H-%M-%S"),
    (re.compile(r"20\d{12}"), "%Y%m%d%H%M%S"),
)


def later_text(text: str, shift_ms: int) -> str:
    shift = dt.timedelta(milliseconds=shift_ms)
    for pattern, form in _TIME_FORMATS:
        text = pattern.sub(partial(_later_time, form=form, shift=shift), text)
    return text


def _later_time(found: re.Match[str], form: str, shift: dt.timedelta) -> str:
    # As the log writes it: its clock may have any zone.
    return (dt.datetime.strptime(found[0], form) + shift).strftime(form)  # noqa: DTZ007

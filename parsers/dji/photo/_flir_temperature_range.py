"""The measuring range that FLIR's data in a photo state: of Zenmuse XT and XT2.

The data lie in segments APP1 that begin with ``FLIR``, and are together a file of FLIR's own format
with a list of records.  The record on the camera states the lowest and highest temperature that the
camera was set to measure, in kelvin.  What it measured in the picture stands in no record.

DJI's own radiometric photos (APP3 to APP5) state neither: no field of their parameters is known to
be a range of temperature.

Facts: ExifTool 12.57 ``FLIR.pm`` for header, list and record.  No real photo of these cameras
could be had.
"""

import math
import struct

from ._exif import Data
from ._photo_file import Photo

_MARK = b"FLIR\0"
#: Behind the mark: a one, the number of the segment and that of the last.
_SEGMENT_HEAD = 8
_MOST_BYTES = 1 << 20
_CAMERA_RECORD, _ENTRY_SIZE, _MOST_ENTRIES = 0x20, 32, 256
#: Where in the record the highest temperature stands; the lowest follows.
_RANGE_OFFSET = 0x90
_KELVIN = 273.15
_APP1 = 0xE1


def flir_temperature_range_c(data: Data, photo: Photo) -> tuple[float, float] | None:
    """Return the lowest and highest temperature that the camera was set to measure, °C."""
    parts = [
        bytes(data[each.offset + 4 + _SEGMENT_HEAD : each.offset + each.size])
        for each in photo.segments
        if each.marker == _APP1 and each.head.startswith(_MARK)
    ]
    whole = b"".join(parts)[:_MOST_BYTES]
    for order in (">", "<"):
        record = _flir_camera_record(whole, order)
        if record is not None:
            return _temperature_range_in_record_c(record)
    return None


def _flir_camera_record(whole: bytes, order: str) -> bytes | None:
    if whole[:4] != b"FFF\0" or len(whole) < 64:
        return None
    version, at, count = struct.unpack_from(f"{order}III", whole, 0x14)
    if not 100 <= version < 200 or count > _MOST_ENTRIES:
        return None
    for number in range(count):
        entry = at + _ENTRY_SIZE * number
        if entry + 20 > len(whole):
            return None
        kind = struct.unpack_from(f"{order}H", whole, entry)[0]
        offset, size = struct.unpack_from(f"{order}II", whole, entry + 12)
        if kind == _CAMERA_RECORD and offset + size <= len(whole):
            return whole[offset : offset + size]
    return None


def _temperature_range_in_record_c(record: bytes) -> tuple[float, float] | None:
    if len(record) < _RANGE_OFFSET + 8:
        return None
    # The record has an order of its own: its first number is a 2.
    order = "<" if record[:2] == b"\2\0" else ">"
    highest, lowest = struct.unpack_from(f"{order}ff", record, _RANGE_OFFSET)
    if not (math.isfinite(highest) and math.isfinite(lowest) and 0 < lowest < highest < 5000):
        return None
    return round(lowest - _KELVIN, 2), round(highest - _KELVIN, 2)

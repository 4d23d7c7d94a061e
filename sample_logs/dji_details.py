"""Write the Details block of a DJI app flight record: the flight in summary."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAGIC = 12345


@dataclass(frozen=True, slots=True)
class Details:
    """What the app says of the flight as a whole; units are in the names.

    ``record_lines`` None is filled with the number of OSD records.  Text may hold surrogate escapes
    for bytes that are not UTF-8.  Up to v5 a serial number has room for 10 bytes, later for 16.
    """

    sub_street: str = ""
    street: str = ""
    city: str = ""
    area: str = ""
    is_favourite: int = 0
    is_new: int = 1
    needs_upload: int = 0
    record_lines: int | None = None
    start_ms: int = 0
    longitude_deg: float = 0.0
    latitude_deg: float = 0.0
    total_distance_m: float = 0.0
    total_time_ms: int = 0
    max_height_m: float = 0.0
    max_horizontal_speed_mps: float = 0.0
    max_vertical_speed_mps: float = 0.0
    capture_count: int = 0
    video_time_s: int = 0
    picture_longitudes_rad: tuple[float, ...] = ()
    picture_latitudes_rad: tuple[float, ...] = ()
    account_hash: str = "0" * 16
    takeoff_altitude_m: float = 0.0
    product: int = 0
    activation_s: int = 0
    aircraft_name: str = ""
    aircraft_serial: str = ""
    camera_serial: str = ""
    rc_serial: str = ""
    battery_serial: str = ""
    platform: int = 2
    app_version: tuple[int, int, int] = (0, 0, 0)
    uuid: str = ""


def encode_details(
    version: int,
    details: Details,
    osd_count: int = 0,
    pictures: Sequence[bytes] = (),
    thumbnails: Sequence[bytes] = (),
) -> bytes:
    """Return Details as bytes: 400 up to v11, 436 from v12 on.

    Total distance is written in metres, but in kilometres for v14; take-off altitude in decimetres.
    Raises `ValueError` for a text longer than its field and for more than four pictures.
    """
    out = bytearray(400 if version < 12 else 436)
    _put_summary(out, version, details, osd_count)
    for offset, row in (
        (147, _four("i", map(len, pictures))),
        (163, _four("i", map(len, thumbnails))),
        (179, _four("d", details.picture_longitudes_rad)),
        (211, _four("d", details.picture_latitudes_rad)),
    ):
        out[offset : offset + len(row)] = row
    if version < 6:
        _put_old_identity(out, details)
    else:
        _put_identity(out, details)
    if version >= 12:
        _put_text(out, 400, 36, details.uuid)
    return bytes(out)


def _put_summary(out: bytearray, version: int, details: Details, osd_count: int) -> None:
    places = (details.sub_street, details.street, details.city, details.area)
    for number, place in enumerate(places):
        _put_text(out, 20 * number, 20, place)
    lines = osd_count if details.record_lines is None else details.record_lines
    distance = details.total_distance_m / (1000 if version == 14 else 1)
    for offset, code, value in (
        (80, "B", details.is_favourite),
        (81, "B", details.is_new),
        (82, "B", details.needs_upload),
        (83, "i", lines),
        (87, "i", MAGIC),
        (91, "q", details.start_ms),
        (99, "d", details.longitude_deg),
        (107, "d", details.latitude_deg),
        (115, "f", distance),
        (119, "i", details.total_time_ms),
        (123, "f", details.max_height_m),
        (127, "f", details.max_horizontal_speed_mps),
        (131, "f", details.max_vertical_speed_mps),
        (135, "i", details.capture_count),
        (139, "q", details.video_time_s),
    ):
        struct.pack_into("<" + code, out, offset, value)
    _put_text(out, 251, 16, details.account_hash)


def _put_identity(out: bytearray, details: Details) -> None:
    """Fill in who flew what, as from v6 on."""
    altitude_dm = details.takeoff_altitude_m * 10
    struct.pack_into("<fBq", out, 267, altitude_dm, details.product, details.activation_s)
    _put_text(out, 280, 32, details.aircraft_name)
    serials = (
        details.aircraft_serial,
        details.camera_serial,
        details.rc_serial,
        details.battery_serial,
    )
    for number, serial in enumerate(serials):
        _put_text(out, 312 + 16 * number, 16, serial)
    struct.pack_into("<4B", out, 376, details.platform, *details.app_version)
    out[389] = details.needs_upload == 1


def _put_old_identity(out: bytearray, details: Details) -> None:
    """Fill in who flew what, as up to v5."""
    _put_text(out, 267, 10, details.aircraft_serial)
    out[277] = details.product
    _put_text(out, 278, 24, details.aircraft_name)
    _put_text(out, 318, 10, details.camera_serial)
    _put_text(out, 328, 10, details.rc_serial)
    _put_text(out, 338, 10, details.battery_serial)
    struct.pack_into("<f", out, 352, details.takeoff_altitude_m * 10)


def _put_text(out: bytearray, offset: int, room: int, text: str) -> None:
    raw = text.encode("utf-8", "surrogateescape")
    if len(raw) > room:
        raise ValueError(f"Details@{offset} has room for {room} bytes, {text!r} has {len(raw)}")
    out[offset : offset + len(raw)] = raw


def _four(code: str, values: Iterable[float]) -> bytes:
    row = list(values)
    if len(row) > 4:
        raise ValueError(f"Details has room for 4 pictures, not {len(row)}")
    return struct.pack(f"<4{code}", *row, *[0] * (4 - len(row)))

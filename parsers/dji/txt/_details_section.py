"""Details: what the app wrote of the flight as a whole, in its own words and numbers."""

from ..._record_layout import BitField, Layout, LayoutField
from .._layout_builders import iterate_adjacent_fields_of_one_type
from .._shared_fields_and_enum_names import DEGREES_PER_RADIAN
from . import _enum_names as enum_names

_SOURCE = "lvauvillier/dji-log-parser 88fcfc96 layout/details.rs; units as measured on real files"

#: Inspire 1, Inspire 1 Pro and Inspire 1 RAW.
_DIGITS_REVERSED = frozenset({1, 9, 15})

_HEAD = (
    *iterate_adjacent_fields_of_one_type(0, "S20", "sub_street street city area"),
    *iterate_adjacent_fields_of_one_type(80, "u1", "is_favourite is_new"),
    LayoutField(
        "needs_upload", 82, "u1", "", 1, "0, 1 or 8: an indicator, never proof of an upload"
    ),
    LayoutField("osd_count", 83, "<i4", "", 1, "number of OSD records that the app wrote"),
    LayoutField("marker", 87, "<i4", "", 1, "12345"),
    LayoutField("start_ms", 91, "<i8", "ms", 1, "UTC since 1970"),
    *iterate_adjacent_fields_of_one_type(
        99, "<f8", "longitude_deg latitude_deg", "deg", 1, "of the start; WGS 84"
    ),
)
_MIDDLE = (
    LayoutField("total_time_s", 119, "<i4", "s", 0.001),
    LayoutField("max_height_ato_m", 123, "<f4", "m", 1, "above take-off"),
    *iterate_adjacent_fields_of_one_type(
        127, "<f4", "max_horizontal_speed_mps max_vertical_speed_mps", "m/s"
    ),
    LayoutField("photo_count", 135, "<i4"),
    LayoutField("video_time_s", 139, "<i8", "s", 1, "not meaningful in version 14"),
    *(LayoutField(f"picture_{n + 1}_size", 147 + 4 * n, "<i4", "byte") for n in range(4)),
    *(LayoutField(f"thumbnail_{n + 1}_size", 163 + 4 * n, "<i4", "byte") for n in range(4)),
    *(
        LayoutField(f"picture_{n + 1}_longitude_deg", 179 + 8 * n, "<f8", "deg", DEGREES_PER_RADIAN)
        for n in range(4)
    ),
    *(
        LayoutField(f"picture_{n + 1}_latitude_deg", 211 + 8 * n, "<f8", "deg", DEGREES_PER_RADIAN)
        for n in range(4)
    ),
    LayoutField("analysis_offset", 243, "<i8", "byte"),
    LayoutField("account_hash", 251, "S16", "", 1, "first half of the MD5 of the account's number"),
)
_TAIL_OLD = (
    LayoutField("aircraft_serial", 267, "S10"),
    LayoutField("product", 277, "u1", enum=enum_names.PRODUCT),
    LayoutField("aircraft_name", 278, "S24"),
    LayoutField("activation", 302, "<i8"),
    *iterate_adjacent_fields_of_one_type(
        318, "S10", "camera_serial controller_serial battery_serial"
    ),
    LayoutField("platform", 348, "u1", enum=enum_names.PLATFORM),
    *iterate_adjacent_fields_of_one_type(349, "u1", "app_version_1 app_version_2 app_version_3"),
    LayoutField(
        "takeoff_altitude_baro_m", 352, "<f4", "m", 0.1, "barometric, uncorrected: no datum"
    ),
)
_TAIL = (
    LayoutField(
        "takeoff_altitude_baro_m", 267, "<f4", "m", 0.1, "barometric, uncorrected: no datum"
    ),
    LayoutField("product", 271, "u1", enum=enum_names.PRODUCT),
    LayoutField("activation", 272, "<i8", "", 1, "seconds or milliseconds since 1970"),
    LayoutField("aircraft_name", 280, "S32"),
    *iterate_adjacent_fields_of_one_type(
        312, "S16", "aircraft_serial camera_serial controller_serial battery_serial"
    ),
    LayoutField("platform", 376, "u1", enum=enum_names.PLATFORM),
    *iterate_adjacent_fields_of_one_type(377, "u1", "app_version_1 app_version_2 app_version_3"),
    LayoutField("flag_389", 389, "u1", "", 1, "1 where needs_upload is 1"),
    LayoutField("uuid", 400, "S36"),
)


def _layout_field_of_total_distance(version: int) -> LayoutField:
    """Total distance: metres up to version 11, kilometres in 14, not known between."""
    if version < 12:
        return LayoutField("total_distance_m", 115, "<f4", "m")
    if version == 14:
        return LayoutField("total_distance_m", 115, "<f4", "m", 1000.0, "kilometres on the wire")
    return LayoutField("total_distance_unit_unknown", 115, "<f4")


def details_layout(version: int) -> Layout:
    """Return the layout of Details in a file version."""
    tail = _TAIL_OLD if version < 6 else _TAIL
    fields = (*_HEAD, _layout_field_of_total_distance(version), *_MIDDLE, *tail)
    return Layout("Details", _SOURCE, fields, (BitField("upload_wanted", "needs_upload", 0x01),))


def decode_battery_serial(product: int, raw: bytes) -> str:
    """Return a battery's serial number.

    Aircraft write text.  Some of the Inspire 1 family write the digits as numbers, last first; a
    text of theirs is in order, as their labels and other readers have it.
    """
    text = raw.split(b"\0")[0]
    if product in _DIGITS_REVERSED and not (text.isalnum() and not raw[len(text) :].strip(b"\0")):
        return "".join(str(byte & 0x0F) for byte in reversed(raw)).lstrip("0")
    return text.decode("utf-8", "replace")

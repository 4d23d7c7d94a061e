"""Who and where: the aircraft, its parts, the app; home, pilot and start."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ..._model import Aircraft, LogHeaderTotals, NamedPosition
from ..._record_layout import LayoutRecords
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._distinct_positions import (
    HOME_STEP_DEG,
    PILOT_STEP_DEG,
    iterate_positions_more_than_a_step_apart,
)
from . import _enum_names as enum_names
from ._details_section import decode_battery_serial
from ._indexed_record_file import RecordFile

_FIRMWARE, _COMPONENT, _RECOVER = 15, 40, 13
_LATEST_MS = 4_102_444_800_000
#: No aircraft of DJI's is faster.
_FASTEST_MPS = 100.0


def read_aircraft(file: RecordFile) -> Aircraft:
    """Return what Details, and the records where Details are silent, say of the aircraft."""
    stated = _aircraft_identity_in_details(file)
    recovered: Mapping[str, str] = next(
        (row for _, _, row in file.frame_indices_and_list_records(_RECOVER)[1].rows()), {}
    )
    parts = {
        row["part"]: row["serial"]
        for _, _, row in file.frame_indices_and_list_records(_COMPONENT)[1].rows()
    }
    firmware = {
        f"{row['part']} ({row['sub']})": row["version"]
        for _, _, row in file.frame_indices_and_list_records(_FIRMWARE)[1].rows()
    }

    def first_stated(*values: str | None) -> str | None:
        return next((value for value in values if value and value.strip("0")), None)

    return Aircraft(
        maker="DJI",
        model=first_stated(stated.get("model"), recovered.get("product")),
        name=first_stated(stated.get("name"), recovered.get("aircraft_name")),
        serial=first_stated(stated.get("serial"), recovered.get("aircraft_serial")),
        flight_controller_serial=first_stated(
            parts.get("flight controller"), _flight_controller_serial(file)
        ),
        camera_model=_camera_names_text(file),
        camera_serial=first_stated(
            stated.get("camera"), recovered.get("camera_serial"), parts.get("camera")
        ),
        controller_serial=first_stated(
            stated.get("controller"), recovered.get("controller_serial"), parts.get("controller")
        ),
        battery_serial=first_stated(stated.get("battery"), parts.get("battery")),
        app=first_stated(stated.get("app"), _app_name_and_version_text(recovered)),
        firmware=firmware,
    )


def named_positions(file: RecordFile) -> tuple[NamedPosition, ...]:
    """Return the start, the home points, and where app and controller were."""
    return (
        *_start_position_stated_in_details(file),
        *_distinct_home_positions(file),
        *_pilot_positions(file),
    )


def totals_stated_in_details(file: RecordFile) -> LogHeaderTotals | None:
    """Return the totals that Details state; ``None`` without Details."""
    details = file.details
    if not len(details):
        return None

    def details_number(name: str) -> float | None:
        value = float(details[name][0])
        return value if np.isfinite(value) else None

    count, photos, start_ms = (
        details_number("osd_count"),
        details_number("photo_count"),
        details_number("start_ms"),
    )
    known = start_ms is not None and 0 < start_ms < _LATEST_MS
    return LogHeaderTotals(
        record="Details",
        source_offset=file.layout.details_offset,
        fix_count=None if count is None else int(count),
        start=pd.Timestamp(int(start_ms), unit="ms", tz="UTC") if known and start_ms else None,
        duration_s=details_number("total_time_s"),
        max_height_ato_m=details_number("max_height_ato_m"),
        max_ground_speed_mps=details_number("max_horizontal_speed_mps"),
        photo_count=None if photos is None else int(photos),
        distance_m=_distance_flown_stated_in_details_m(details),
    )


def _distance_flown_stated_in_details_m(details: LayoutRecords) -> float | None:
    """Return the distance flown that Details state; ``None``: none in a unit that is known.

    More than the stated duration allows at any speed is in another unit than that of the version.
    """
    if not any(row.name == "total_distance_m" for row in details.layout.fields):
        return None
    distance_m, duration_s = (
        float(details[name][0]) for name in ("total_distance_m", "total_time_s")
    )
    is_possible = 0 <= distance_m <= _FASTEST_MPS * max(duration_s, 1.0)
    return distance_m if is_possible else None


def _aircraft_identity_in_details(file: RecordFile) -> dict[str, str]:
    """Return identity from Details; what a short Details lacks is left out."""
    identity: dict[str, str] = {}
    details = file.details
    if not len(details):
        return identity
    names = {
        "aircraft_name": "name",
        "aircraft_serial": "serial",
        "camera_serial": "camera",
        "controller_serial": "controller",
    }
    for name, key in names.items():
        if value := details[name][0]:
            identity[key] = value
    if details.records_holding_field_mask("product")[0]:
        number = int(details["product"][0])
        identity["model"] = enum_names.PRODUCT.get(number, f"product {number}")
        row = next(row for row in details.layout.fields if row.name == "battery_serial")
        raw = file.layout.details[row.offset : row.offset + row.size]
        identity["battery"] = decode_battery_serial(number, raw)
    if details.records_holding_field_mask("app_version_3")[0]:
        version = ".".join(str(int(details[f"app_version_{n}"][0])) for n in (1, 2, 3))
        identity["app"] = f"{details.enum_words_of_field('platform')[0]} {version}"
    return identity


def _app_name_and_version_text(recovered: Mapping[str, str]) -> str | None:
    return f"{recovered['platform']} {recovered['app_version']}" if recovered else None


def _flight_controller_serial(file: RecordFile) -> str | None:
    serials = file.records_of_type(2).records["flight_controller_serial"]
    return next((serial for serial in serials.tolist() if serial), None)


def _camera_names_text(file: RecordFile) -> str | None:
    camera = file.records_of_type(25).records
    if not camera.records_holding_field_mask("camera_type").any():
        return None
    named = dict.fromkeys(word for word in camera.enum_words_of_field("camera_type") if word)
    return ", ".join(named)


def _start_position_stated_in_details(file: RecordFile) -> Iterator[NamedPosition]:
    details = file.details
    if not len(details) or not details.records_holding_field_mask("latitude_deg")[0]:
        return
    fixes = replace_false_positions_with_nan(details["latitude_deg"], details["longitude_deg"])
    latitude, longitude = fixes.latitude_deg, fixes.longitude_deg
    if np.isfinite(latitude[0]):
        summary = totals_stated_in_details(file)
        yield NamedPosition(
            "start",
            summary.start if summary else None,
            float(latitude[0]),
            float(longitude[0]),
            None,
            "Details.latitude_deg",
            file.layout.details_offset,
        )


def _distinct_home_positions(file: RecordFile) -> Iterator[NamedPosition]:
    typed = file.records_of_type(2)
    if not len(typed):
        return
    is_set = np.asarray(typed.records["home_set"]) == 1
    yield from iterate_positions_more_than_a_step_apart(
        typed, file.times.ns, "home", "Home.latitude_deg", is_set, HOME_STEP_DEG
    )


def _pilot_positions(file: RecordFile) -> Iterator[NamedPosition]:
    """Yield the stated positions of the app's device and of the controller."""
    app = file.records_of_type(14)
    if len(app):
        usable = np.ones(len(app), bool)
        yield from iterate_positions_more_than_a_step_apart(
            app, file.times.ns, "pilot", "AppGPS.latitude_deg", usable, PILOT_STEP_DEG
        )
    controller = file.records_of_type(11)
    if len(controller):
        usable = np.asarray(controller.records["valid"]) == 1
        accuracy = np.asarray(controller.records["accuracy_m"], np.float64)
        yield from iterate_positions_more_than_a_step_apart(
            controller,
            file.times.ns,
            "controller",
            "RCGPS.latitude_deg",
            usable,
            PILOT_STEP_DEG,
            accuracy,
        )

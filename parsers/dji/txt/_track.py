"""The track: one row for each OSD record, with the gimbal and battery records before it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table, sort_by_time
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._event_rows import NAT, as_floats
from .._implausible_gimbal_angles import masked_gimbal_columns_and_issues
from ._indexed_record_file import RecordFile

Floats = npt.NDArray[np.float64]

#: A gimbal record this long before a fix no longer says where the camera looks.
_GIMBAL_AGE_NS = 1_000_000_000
#: Battery records come once a second, and charge changes slowly.
_BATTERY_AGE_NS = 10_000_000_000
_CENTER_BATTERY, _SMART_BATTERY = 7, 8
#: Below this speed the direction of motion is noise.
_SLOWEST_MPS = 0.3


def build_track_and_issues(file: RecordFile) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return the track of a file, and what was dropped from it.

    A position that nobody measured (``replace_false_positions_with_nan``) is missing, and so are
    such gimbal angles; the row stays.  OSD carries no altitude above sea level.
    """
    osd, rows = file.records_of_type(1).records, file.records_of_type(1).rows
    if not len(osd):
        return build_table(TRACK, {}, 0), ()
    ns = file.times.ns[rows]
    fixes = replace_false_positions_with_nan(osd["latitude_deg"], osd["longitude_deg"], ns)
    north, east = as_floats(osd["speed_north_mps"]), as_floats(osd["speed_east_mps"])
    speed = np.hypot(north, east)
    course = np.degrees(np.arctan2(east, north)) % 360
    angles = _latest_fields_at_each_osd_record(
        file, 3, ("yaw_deg", "pitch_deg", "roll_deg"), _GIMBAL_AGE_NS
    )
    gimbal, gimbal_issues = masked_gimbal_columns_and_issues(
        angles["yaw_deg"], angles["pitch_deg"], angles["roll_deg"], "rows", osd.offsets
    )
    frame = build_table(
        TRACK,
        {
            "time": ns,
            "latitude_deg": fixes.latitude_deg,
            "longitude_deg": fixes.longitude_deg,
            "height_ato_m": as_floats(osd["height_ato_m"]),
            "height_agl_m": np.where(osd["ultrasonic"] == 1, osd["vps_height_m"], np.nan),
            "ground_speed_mps": speed,
            "vertical_speed_mps": -as_floats(osd["speed_down_mps"]),
            "course_deg": np.where(speed >= _SLOWEST_MPS, course, np.nan),
            "heading_deg": as_floats(osd["yaw_deg"]) % 360,
            "pitch_deg": as_floats(osd["pitch_deg"]),
            "roll_deg": as_floats(osd["roll_deg"]),
            **gimbal,
            "satellites": _nullable_column(osd["satellites"], "UInt8"),
            "fix_ok": _nullable_column(osd["gps_valid"], "boolean"),
            "battery_pct": _battery_pct_at_each_osd_record(file),
            "flight_mode": osd.enum_word_array_of_field("flight_mode"),
            "source_offset": osd.offsets,
        },
        len(osd),
    )
    issues = (*fixes.issues("OSD records", osd.offsets), *gimbal_issues)
    return sort_by_time(frame, "time"), issues


def _battery_pct_at_each_osd_record(file: RecordFile) -> Floats:
    """Return the charge at each OSD record: what SmartBattery says, else CenterBattery."""
    record_type = next(
        (kind for kind in (_SMART_BATTERY, _CENTER_BATTERY) if len(file.records_of_type(kind))),
        None,
    )
    if record_type is None:
        return np.full(len(file.records_of_type(1)), np.nan)
    charge = _latest_fields_at_each_osd_record(
        file, record_type, ("battery_pct",), _BATTERY_AGE_NS
    )["battery_pct"]
    # An aircraft that runs has charge: 0 is "not stated", and above 100 is damage.
    return np.where((charge > 0) & (charge <= 100), charge, np.nan)


def _latest_fields_at_each_osd_record(
    file: RecordFile, kind: int, names: Sequence[str], age_ns: int
) -> dict[str, Floats]:
    """Return fields of another record at each OSD record: those of the last one before it.

    Missing where that one is older than ``age_ns``.
    """
    rows, other = file.records_of_type(1).rows, file.records_of_type(kind)
    if not len(other):
        return {name: np.full(len(rows), np.nan) for name in names}
    before = np.searchsorted(other.rows, rows) - 1
    nearest = np.maximum(before, 0)
    ns = file.times.ns
    age = ns[rows] - ns[other.rows[nearest]]
    known = (before >= 0) & (age <= age_ns) & (ns[rows] != NAT)
    return {
        name: np.where(known, as_floats(other.records[name])[nearest], np.nan) for name in names
    }


def _nullable_column(values: npt.NDArray[np.generic], dtype: str) -> object:
    """Return whole numbers or truth values with those that the record lacks as NA."""
    numbers = as_floats(values)
    missing = np.isnan(numbers)
    if dtype == "boolean":
        return pd.arrays.BooleanArray(np.nan_to_num(numbers) != 0, missing)
    return pd.arrays.IntegerArray(np.nan_to_num(numbers).astype(np.uint8), missing)

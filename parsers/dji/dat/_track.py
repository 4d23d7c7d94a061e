"""The track: one row for each OSD record; in a log without OSD, one for each GPS record."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table, sort_by_time
from ..._track_values._mask_false_positions import MaskedPositions, replace_false_positions_with_nan
from .._event_rows import NAT, as_floats
from .._records_of_one_type import RecordsOfOneType
from ._indexed_dat_file import DatFile

Floats = npt.NDArray[np.float64]

#: A GPS record this long before a fix no longer says how high it is.
_GPS_AGE_NS = 1_000_000_000
#: Below this speed the direction of motion is noise.
_SLOWEST_MPS = 0.3
#: Nothing flies lower or higher; nothing moves faster.
_LOWEST_M, _HIGHEST_M, _FASTEST_MPS = -1000.0, 20_000.0, 1000.0


def build_track_and_issues(file: DatFile) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return the track, and what was dropped from it.

    A position that nobody measured (``replace_false_positions_with_nan``) is missing; the row
    stays.  Height above take-off is the OSD's, altitude above sea level the GPS's.
    """
    osd, gps = file.records_of_type("OSD"), file.records_of_type(file.main_gps_record_name)
    typed, name = (osd, "OSD") if len(osd) else (gps, file.main_gps_record_name)
    if not len(typed):
        return build_table(TRACK, {}, 0), ()
    columns, fixes = _position_speed_columns_and_masked_positions(typed, file.times.ns[typed.rows])
    columns |= (
        _osd_columns(file, typed, gps)
        if typed is osd
        else _gps_altitude_and_satellites_columns(typed)
    )
    columns |= {"time": file.times.ns[typed.rows], "source_offset": file.offsets[typed.rows]}
    issues = fixes.issues(f"{name} records", file.offsets[typed.rows])
    return sort_by_time(build_table(TRACK, columns, len(typed)), "time"), issues


def _position_speed_columns_and_masked_positions(
    typed: RecordsOfOneType, times_ns: npt.NDArray[np.int64]
) -> tuple[dict[str, Any], MaskedPositions]:
    """Return what OSD and GPS records have in common: where, and how fast."""
    records = typed.records
    fixes = replace_false_positions_with_nan(
        records["latitude_deg"], records["longitude_deg"], times_ns
    )
    north, east, down = (
        _replace_out_of_range_with_nan(records[f"speed_{axis}_mps"], -_FASTEST_MPS, _FASTEST_MPS)
        for axis in ("north", "east", "down")
    )
    speed = np.hypot(north, east)
    course = np.degrees(np.arctan2(east, north)) % 360
    columns = {
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "ground_speed_mps": speed,
        "vertical_speed_mps": 0.0 - down,
        "course_deg": np.where(speed >= _SLOWEST_MPS, course, np.nan),
    }
    return columns, fixes


def _osd_columns(file: DatFile, osd: RecordsOfOneType, gps: RecordsOfOneType) -> dict[str, Any]:
    records = osd.records
    return {
        "altitude_amsl_m": _latest_gps_altitude_at_osd_records(file, osd, gps),
        "height_ato_m": as_floats(records["height_ato_m"]),
        "height_agl_m": np.where(records["ultrasonic"] == 1, records["vps_height_m"], np.nan),
        "heading_deg": as_floats(records["yaw_deg"]) % 360,
        "pitch_deg": as_floats(records["pitch_deg"]),
        "roll_deg": as_floats(records["roll_deg"]),
        "satellites": _nullable_column(records["satellites"], "UInt8"),
        "fix_ok": _nullable_column(records["gps_used"], "boolean"),
        "flight_mode": records.enum_words_of_field("flight_mode"),
    }


def _gps_altitude_and_satellites_columns(gps: RecordsOfOneType) -> dict[str, Any]:
    return {
        "altitude_amsl_m": _altitudes_amsl_m(gps),
        "satellites": _nullable_column(gps.records["satellites"], "UInt8"),
    }


def _altitudes_amsl_m(gps: RecordsOfOneType) -> Floats:
    """Return altitudes above sea level; missing without a date or a position."""
    fixes = replace_false_positions_with_nan(
        gps.records["latitude_deg"], gps.records["longitude_deg"]
    )
    fixed = (as_floats(gps.records["date"]) > 0) & np.isfinite(fixes.latitude_deg)
    altitude = _replace_out_of_range_with_nan(gps.records["altitude_amsl_m"], _LOWEST_M, _HIGHEST_M)
    return np.where(fixed, altitude, np.nan)


def _latest_gps_altitude_at_osd_records(
    file: DatFile, osd: RecordsOfOneType, gps: RecordsOfOneType
) -> Floats:
    """Return the altitude at each OSD record: that of the last GPS record, if it is fresh."""
    if not len(gps):
        return np.full(len(osd), np.nan)
    before = np.searchsorted(gps.rows, osd.rows) - 1
    nearest = np.maximum(before, 0)
    ns = file.times.ns
    age = ns[osd.rows] - ns[gps.rows[nearest]]
    known = (before >= 0) & (abs(age) <= _GPS_AGE_NS) & (ns[osd.rows] != NAT)
    known &= ns[gps.rows[nearest]] != NAT
    return np.where(known, _altitudes_amsl_m(gps)[nearest], np.nan)


def _replace_out_of_range_with_nan(values: npt.NDArray[Any], low: float, high: float) -> Floats:
    """Return numbers with those that cannot be true as NaN."""
    numbers = as_floats(values)
    return np.where((numbers >= low) & (numbers <= high), numbers, np.nan)


def _nullable_column(values: npt.NDArray[np.generic], dtype: str) -> object:
    """Return whole numbers or truth values with those that the record lacks as NA."""
    numbers = as_floats(values)
    missing = np.isnan(numbers)
    if dtype == "boolean":
        return pd.arrays.BooleanArray(np.nan_to_num(numbers) != 0, missing)
    small = missing | (numbers > 255)
    return pd.arrays.IntegerArray(np.where(small, 0, numbers).astype(np.uint8), small)

"""The track: one row for each row of the table."""

from typing import Any

import numpy as np
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table, sort_by_time
from ..._track_values._mask_false_positions import MaskedPositions, replace_false_positions_with_nan
from ..._track_values._mask_impossible_values import values_with_nan_beyond_bound
from ..._track_values._value_runs import find_runs
from .._implausible_gimbal_angles import masked_gimbal_columns_and_issues
from ._export_rows import ExportRows
from ._parse_numbers import Floats
from ._times_of_rows import TimesOfRows

#: Below this speed the direction of motion is noise.
_SLOWEST_MPS = 0.3
#: No DJI aircraft is faster or higher: beyond is damage.
_FASTEST_MPS, _HIGHEST_M = 100.0, 20_000.0
#: The aircraft climbed or sank by more while its height above ground stood still: not measured.
_FROZEN_M = 0.5
_AS_WRITTEN = ("height_ato_m", "pitch_deg", "roll_deg")


def build_track_and_issues(
    rows: ExportRows, times: TimesOfRows
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return the track of a table, and what was dropped from it."""
    fixes = _mask_false_positions_of_rows(rows, times)
    gimbal, gimbal_issues = _gimbal_columns_and_issues(rows)
    columns: dict[str, Any] = {
        "time": times.utc_ns,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
        "source_offset": rows.offsets,
    }
    for name in _AS_WRITTEN:
        columns[name] = _replace_out_of_range_with_nan(rows.numbers_of_role(name), _HIGHEST_M)
    if rows.metadata.is_from_litchi:
        # There the columns of heights hold the ultrasonic sensor's.
        columns["height_ato_m"] = None
        reason = "heights left out: the table was made from one of Litchi, which states others"
        rows.issues.append(Issue(int(rows.offsets[0]), 0, reason))
    heading = rows.numbers_of_role("heading_deg")
    columns["heading_deg"] = None if heading is None else heading % 360
    nowhere = np.isnan(fixes.latitude_deg)
    columns |= _height_columns(rows, nowhere) | _speed_and_course_columns(rows) | gimbal
    charge = rows.numbers_of_role("battery_pct")
    if charge is not None:
        # An aircraft that runs has charge: 0 is "not stated", and above 100 is damage.
        columns["battery_pct"] = np.where((charge > 0) & (charge <= 100), charge, np.nan)
    satellites = rows.numbers_of_role("satellites")
    if satellites is not None:
        columns["satellites"] = _nullable_satellite_counts(satellites)
    fixed, is_stated = rows.flags_of_role("fix_ok"), rows.filled_rows_mask("fix_ok")
    if fixed is not None and is_stated is not None:
        columns["fix_ok"] = pd.arrays.BooleanArray(fixed, ~is_stated)
    modes = rows.texts_of_role("flight_mode")
    if modes is not None:
        columns["flight_mode"] = [
            rows.text_with_quoted_separators_restored(mode) or None for mode in modes.tolist()
        ]
    given = {name: values for name, values in columns.items() if values is not None}
    issues = (*fixes.issues("rows", rows.offsets), *gimbal_issues)
    return sort_by_time(build_table(TRACK, given, len(rows)), "time"), issues


def _mask_false_positions_of_rows(rows: ExportRows, times: TimesOfRows) -> MaskedPositions:
    nothing = np.full(len(rows), np.nan)
    latitude, longitude = (
        rows.numbers_of_role("latitude_deg"),
        rows.numbers_of_role("longitude_deg"),
    )
    if latitude is None or longitude is None:
        latitude, longitude = nothing, nothing
    return replace_false_positions_with_nan(latitude, longitude, times.utc_ns)


def _gimbal_columns_and_issues(rows: ExportRows) -> tuple[dict[str, Floats], tuple[Issue, ...]]:
    names = ("gimbal_yaw_deg", "gimbal_pitch_deg", "gimbal_roll_deg")
    written = [rows.numbers_of_role(name) for name in names]
    if all(column is None for column in written):
        return {}, ()
    nothing = np.full(len(rows), np.nan)
    yaw, pitch, roll = (nothing if column is None else column for column in written)
    return masked_gimbal_columns_and_issues(yaw, pitch, roll, "rows", rows.offsets)


def _height_columns(rows: ExportRows, nowhere: Any) -> dict[str, Floats | None]:
    """Return height above ground as measured, and altitude where there is a position."""
    ground = _measured_heights_agl_m(rows)
    above = _replace_out_of_range_with_nan(rows.numbers_of_role("altitude_amsl_m"), _HIGHEST_M)
    return {
        "height_agl_m": ground,
        # The terrain below is looked up by position: without one, it says 0.
        "altitude_amsl_m": None if above is None else np.where(nowhere, np.nan, above),
    }


def _measured_heights_agl_m(rows: ExportRows) -> Floats | None:
    """Return height above ground where a sensor measured it.

    Beyond its range the sensor sees no ground: the table then holds 0, or its last value.
    """
    ground = _replace_out_of_range_with_nan(rows.numbers_of_role("height_agl_m"), _HIGHEST_M)
    if ground is None:
        return None
    measured = ground > 0
    works = rows.flags_of_role("agl_measured")
    if works is not None:
        measured &= works
    height = rows.numbers_of_role("height_ato_m")
    if height is not None:
        for run in find_runs(ground):
            held = slice(run.first, run.last + 1)
            if run.row_count > 1 and np.ptp(np.nan_to_num(height[held])) > _FROZEN_M:
                measured[run.first + 1 : run.last + 1] = False
    return np.where(measured, ground, np.nan)


def _speed_and_course_columns(rows: ExportRows) -> dict[str, Floats | None]:
    speed = rows.numbers_of_role("ground_speed_mps")
    north, east = rows.numbers_of_role("north_mps"), rows.numbers_of_role("east_mps")
    down = rows.numbers_of_role("down_mps")
    out: dict[str, Floats | None] = {}
    if north is not None and east is not None:
        along = np.hypot(north, east)
        course = np.degrees(np.arctan2(east, north)) % 360
        out["course_deg"] = np.where(along >= _SLOWEST_MPS, course, np.nan)
        speed = along if speed is None else speed
    if speed is not None:
        good = (speed >= 0) & (speed <= _FASTEST_MPS)
        out["ground_speed_mps"] = np.where(good, speed, np.nan)
    if down is not None:
        # 0 - x, not -x: there is no negative 0.
        out["vertical_speed_mps"] = _replace_out_of_range_with_nan(0.0 - down, _FASTEST_MPS)
    return out


def _replace_out_of_range_with_nan(values: Floats | None, most: float) -> Floats | None:
    return None if values is None else values_with_nan_beyond_bound(values, most)


def _nullable_satellite_counts(values: Floats) -> pd.arrays.IntegerArray:
    missing = ~((values >= 0) & (values <= 255))
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.uint8), missing)

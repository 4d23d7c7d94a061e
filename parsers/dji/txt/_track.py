"""The track: one row for each OSD record, with the gimbal and battery records before it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table, sort_by_time
from .._event_rows import NAT
from ._record_file import RecordFile

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

    A position that is not on Earth, or at 0 N 0 E as before the first fix, is
    missing; the row stays.  OSD carries no altitude above sea level.
    """
    osd, rows = file.records_of_type(1).records, file.records_of_type(1).rows
    if not len(osd):
        return build_table(TRACK, {}, 0), ()
    latitude, longitude, bad = mask_invalid_positions(osd["latitude_deg"], osd["longitude_deg"])
    north, east = _as_floats(osd["speed_north_mps"]), _as_floats(osd["speed_east_mps"])
    speed = np.hypot(north, east)
    course = np.degrees(np.arctan2(east, north)) % 360
    gimbal = _latest_record_fields(file, 3, ("yaw_deg", "pitch_deg", "roll_deg"), _GIMBAL_AGE_NS)
    frame = build_table(
        TRACK,
        {
            "time": file.times.ns[rows],
            "latitude_deg": latitude,
            "longitude_deg": longitude,
            "height_ato_m": _as_floats(osd["height_ato_m"]),
            "height_agl_m": np.where(osd["ultrasonic"] == 1, osd["vps_height_m"], np.nan),
            "ground_speed_mps": speed,
            "vertical_speed_mps": -_as_floats(osd["speed_down_mps"]),
            "course_deg": np.where(speed >= _SLOWEST_MPS, course, np.nan),
            "heading_deg": _as_floats(osd["yaw_deg"]) % 360,
            "pitch_deg": _as_floats(osd["pitch_deg"]),
            "roll_deg": _as_floats(osd["roll_deg"]),
            "gimbal_yaw_deg": gimbal["yaw_deg"] % 360,
            "gimbal_pitch_deg": gimbal["pitch_deg"],
            "gimbal_roll_deg": gimbal["roll_deg"],
            "satellites": _nullable_column(osd["satellites"], "UInt8"),
            "fix_ok": _nullable_column(osd["gps_valid"], "boolean"),
            "battery_pct": _battery_pct(file),
            "flight_mode": osd.enum_names("flight_mode"),
            "source_offset": osd.offsets,
        },
        len(osd),
    )
    issues: tuple[Issue, ...] = ()
    if bad:
        first = int(osd.offsets[int(np.argmax(~np.isfinite(latitude)))])
        issues = (Issue(first, 0, f"{bad} OSD records hold a position that is not on Earth"),)
    return sort_by_time(frame, "time"), issues


def mask_invalid_positions(
    latitude: npt.ArrayLike, longitude: npt.ArrayLike
) -> tuple[Floats, Floats, int]:
    """Return positions with those that cannot be one as NaN, and the number of nonsense ones.

    A position of exactly 0 N 0 E means "no position yet": it is dropped, not counted.
    """
    lat, lon = np.array(latitude, np.float64), np.array(longitude, np.float64)
    with np.errstate(invalid="ignore"):
        on_earth = (abs(lat) <= 90) & (abs(lon) <= 180)
        none_yet = (abs(lat) < 1e-6) & (abs(lon) < 1e-6)
    drop = ~on_earth | none_yet
    lat[drop] = lon[drop] = np.nan
    return lat, lon, int((~on_earth).sum())


def _battery_pct(file: RecordFile) -> Floats:
    """Return the charge at each OSD record: what SmartBattery says, else CenterBattery."""
    record_type = next(
        (kind for kind in (_SMART_BATTERY, _CENTER_BATTERY) if len(file.records_of_type(kind))),
        None,
    )
    if record_type is None:
        return np.full(len(file.records_of_type(1)), np.nan)
    charge = _latest_record_fields(file, record_type, ("battery_pct",), _BATTERY_AGE_NS)[
        "battery_pct"
    ]
    # An aircraft that runs has charge: 0 is "not stated", and above 100 is damage.
    return np.where((charge > 0) & (charge <= 100), charge, np.nan)


def _latest_record_fields(
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
        name: np.where(known, _as_floats(other.records[name])[nearest], np.nan) for name in names
    }


def _as_floats(values: npt.NDArray[np.generic]) -> Floats:
    return np.asarray(values, np.float64)


def _nullable_column(values: npt.NDArray[np.generic], dtype: str) -> object:
    """Return whole numbers or truth values with those that the record lacks as NA."""
    numbers = _as_floats(values)
    missing = np.isnan(numbers)
    if dtype == "boolean":
        return pd.arrays.BooleanArray(np.nan_to_num(numbers) != 0, missing)
    return pd.arrays.IntegerArray(np.nan_to_num(numbers).astype(np.uint8), missing)

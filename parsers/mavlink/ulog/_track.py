"""The track of a ULog: the fused position, with everything else as of each fix.

Rows are those of ``vehicle_global_position``, the estimate that the autopilot flew by.
Where it is missing for a second, those of the satellite receiver replace it, and an
issue says so.  Firmware of another maker has topics of its own (`_drone_show_track`).
Both altitudes are above mean sea level.  Every other column is the last value that the
log holds at that time, and missing where that is too old.  Attitude of airframe and
gimbal come from quaternions.
"""

from typing import Any

import numpy as np
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table, sort_by_time
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from .._shared._quaternions import quaternions_to_yaw_pitch_roll_deg
from .._shared._track_with_issues import (
    TrackWithIssues,
    empty_track_result,
    fallback_position_source_issue,
)
from ._drone_show_track import VEHICLE, read_show_drone_positions
from ._fit_boot_clock import Ticks
from ._px4_enum_names import mode_name
from ._topic_series import Floats, TopicSeries, latest_rows_and_validity
from ._ulog_context import UlogContext

#: Microseconds for which an attitude holds.
ATTITUDE_VALID_US, GIMBAL_VALID_US = 1_000_000, 2_500_000
#: Flags of MAVLink's GIMBAL_DEVICE_FLAGS.
_YAW_LOCKED, _YAW_OF_VEHICLE, _YAW_OF_EARTH = 16, 32, 64


def _unit_quaternions_to_yaw_pitch_roll_deg(q: Floats) -> tuple[Floats, Floats, Floats]:
    """Return yaw (0 to 360), pitch and roll of unit quaternions (w, x, y, z), in degrees.

    Those that are not of unit length are no attitude and give NaN.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        unit = np.abs((np.asarray(q, float) ** 2).sum(axis=1) - 1) < 0.05
        return quaternions_to_yaw_pitch_roll_deg(np.where(unit[:, None], q, np.nan))


def _attitude_columns(log: UlogContext, ticks: Ticks) -> dict[str, Any]:
    """Return heading, pitch and roll of the airframe at some times."""
    series = log.series("vehicle_attitude")
    turned = None if series is None else series.vectors_of_field("q", 4)
    if series is None or turned is None:
        return {
            name: np.full(len(ticks), np.nan) for name in ("heading_deg", "pitch_deg", "roll_deg")
        }
    rows, recent = latest_rows_and_validity(ticks, series.ticks, ATTITUDE_VALID_US)
    angles = _unit_quaternions_to_yaw_pitch_roll_deg(turned[rows])
    yaw, pitch, roll = (np.where(recent, angle, np.nan) for angle in angles)
    return {"heading_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}


def _gimbal_columns(log: UlogContext, ticks: Ticks, heading: Floats) -> dict[str, Any]:
    """Return yaw from north, pitch and roll of the gimbal at some times."""
    series = log.series("gimbal_device_attitude_status")
    turned = None if series is None else series.vectors_of_field("q", 4)
    if series is not None and turned is not None:
        rows, recent = latest_rows_and_validity(ticks, series.ticks, GIMBAL_VALID_US)
        angles = _unit_quaternions_to_yaw_pitch_roll_deg(turned[rows])
        yaw, pitch, roll = (np.where(recent, angle, np.nan) for angle in angles)
        device_flags = series.integers_of_field("device_flags")
        flags = np.zeros(len(ticks), np.int64) if device_flags is None else device_flags[rows]
        earth = (np.bitwise_and(flags, _YAW_OF_EARTH) != 0) | (
            (np.bitwise_and(flags, _YAW_OF_VEHICLE) == 0)
            & (np.bitwise_and(flags, _YAW_LOCKED) != 0)
        )
        yaw = np.where(earth, yaw, (yaw + heading) % 360)
        return {"gimbal_yaw_deg": yaw, "gimbal_pitch_deg": pitch, "gimbal_roll_deg": roll}
    series = log.series("mount_orientation")
    driven = None if series is None else series.vectors_of_field("attitude_euler_angle", 3)
    if series is None or driven is None:
        return {}
    # Roll and pitch as the mount was driven; what its yaw is relative to is not stated.
    rows, recent = latest_rows_and_validity(ticks, series.ticks, GIMBAL_VALID_US)
    angles_deg = np.where(recent[:, None], np.degrees(driven[rows]), np.nan)
    return {"gimbal_pitch_deg": angles_deg[:, 1], "gimbal_roll_deg": angles_deg[:, 0]}


#: The position that the autopilot made of all its sensors.
FUSED = "vehicle_global_position"
#: Microseconds for which a value holds.
LOCAL_VALID_US, GPS_VALID_US, BATTERY_VALID_US = 1_000_000, 2_500_000, 15_000_000
#: The state of the aircraft is logged twice a second, or when it changes.
STATE_VALID_US = 60_000_000
#: The home point holds until the next one.
HOME_VALID_US = 1 << 50
#: Time without a fused position after which the receiver's replaces it.
FUSED_GAP_US = 1_000_000


def read_track(log: UlogContext) -> TrackWithIssues:
    """Return the track of a log."""
    fused = _fused_position_columns(log)
    gps = _columns_of_first_gps_receiver(log)
    if fused is not None and gps is not None:
        _, soon = latest_rows_and_validity(gps["ticks"], fused["ticks"], FUSED_GAP_US)
        gps = {name: values[~soon] for name, values in gps.items()} if not soon.all() else None
    parts = [part for part in (fused, gps) if part is not None]
    if not parts:
        show = read_show_drone_positions(log)
        return (
            empty_track_result()
            if show is None
            else TrackWithIssues(_track_table(log, show), VEHICLE)
        )
    receiver = _series_of_first_gps_receiver(log)
    names = [FUSED] if fused is not None else []
    issues: tuple[Issue, ...] = ()
    if gps is not None and receiver is not None:
        names.append(receiver.name)
        where = int(gps["source_offset"][0])
        issues = (fallback_position_source_issue(receiver.name, FUSED, len(gps["ticks"]), where),)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return TrackWithIssues(_track_table(log, columns), " or ".join(names), issues)


def _track_table(log: UlogContext, columns: dict[str, Any]) -> pd.DataFrame:
    order = np.argsort(columns["ticks"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    ticks: Ticks = columns.pop("ticks")
    columns |= _speed_and_course_columns(log, ticks, columns)
    columns = _height_columns(log, ticks, columns["altitude_amsl_m"]) | columns
    columns |= _attitude_columns(log, ticks)
    columns |= _gimbal_columns(log, ticks, columns["heading_deg"])
    columns |= _accuracy_battery_and_mode_columns(log, ticks)
    columns["time"] = log.ticks_to_utc(ticks)
    return sort_by_time(build_table(TRACK, columns, len(ticks)), "time")


def _fused_position_columns(log: UlogContext) -> dict[str, Any] | None:
    series = log.series(FUSED)
    latitude = None if series is None else series.first_present_field_as_floats("lat")
    longitude = None if series is None else series.first_present_field_as_floats("lon")
    if series is None or latitude is None or longitude is None:
        return None
    altitude = series.first_present_field_as_floats("alt")
    fixes = replace_false_positions_with_nan(latitude, longitude, series.ticks * 1000)
    log.issues += fixes.issues(f"{FUSED} records", series.offsets)
    rows = np.flatnonzero(np.isfinite(fixes.latitude_deg))
    north, east = (
        series.first_present_field_as_floats("vel_n"),
        series.first_present_field_as_floats("vel_e"),
    )
    down = series.first_present_field_as_floats("vel_d")
    missing = np.full(len(series), np.nan)
    valid = series.flags_of_field("lat_lon_valid")
    fix = _gps_3d_fix_flags_or_nan(log, series.ticks)
    columns: dict[str, Any] = {
        "ticks": series.ticks,
        "source_offset": series.offsets,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": missing if altitude is None else altitude,
        "north": missing if north is None else north,
        "east": missing if east is None else east,
        "vertical_speed_mps": missing if down is None else -down,
        "fix_ok": fix if valid is None else valid.astype(float),
    }
    return {name: values[rows] for name, values in columns.items()} if len(rows) else None


def _columns_of_first_gps_receiver(log: UlogContext) -> dict[str, Any] | None:
    series = _series_of_first_gps_receiver(log)
    if series is None:
        return None
    latitude, longitude, altitude = latitudes_longitudes_and_altitudes(series)
    fix = series.first_present_field_as_floats("fix_type")
    missing = np.full(len(series), np.nan)
    velocity = [series.first_present_field_as_floats(f"vel_{axis}_m_s") for axis in "ned"]
    north, east, down = (missing if each is None else each for each in velocity)
    if fix is not None:
        latitude, longitude = (np.where(fix >= 2, each, np.nan) for each in (latitude, longitude))
    fixes = replace_false_positions_with_nan(latitude, longitude, series.ticks * 1000)
    log.issues += fixes.issues(f"{series.name} records", series.offsets)
    rows = np.isfinite(fixes.latitude_deg)
    columns: dict[str, Any] = {
        "ticks": series.ticks,
        "source_offset": series.offsets,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": altitude,
        "north": north,
        "east": east,
        "vertical_speed_mps": -down,
        "fix_ok": missing if fix is None else (fix >= 3).astype(float),
    }
    return {name: values[rows] for name, values in columns.items()} if rows.any() else None


def latitudes_longitudes_and_altitudes(series: TopicSeries) -> tuple[Floats, Floats, Floats]:
    """Return latitude and longitude in degrees and altitude in metres above mean sea level.

    Up to v1.13 they are integers of 1e-7 degrees and millimetres.
    """
    missing = np.full(len(series), np.nan)
    for names, degrees, metres in (
        (("latitude_deg", "longitude_deg", "altitude_msl_m"), 1.0, 1.0),
        (("lat", "lon", "alt"), 1e7, 1e3),
    ):
        latitude, longitude, altitude = (
            series.first_present_field_as_floats(name) for name in names
        )
        if latitude is not None and longitude is not None:
            above = missing if altitude is None else altitude / metres
            return latitude / degrees, longitude / degrees, above
    return missing, missing, missing


def _series_of_first_gps_receiver(log: UlogContext) -> TopicSeries | None:
    for topic in ("vehicle_gps_position", "sensor_gps"):
        for instance in log.instance_numbers_of_topic(topic):
            if (series := log.series(topic, instance)) is not None:
                return series
    return None


def _recent_series_value_at_each_tick(
    ticks: Ticks, series: TopicSeries | None, values: Floats | None, within_us: int
) -> Floats:
    if series is None or values is None:
        return np.full(len(ticks), np.nan)
    rows, recent = latest_rows_and_validity(ticks, series.ticks, within_us)
    return np.where(recent, np.asarray(values, float)[rows], np.nan)


def _gps_3d_fix_flags_or_nan(log: UlogContext, ticks: Ticks) -> Floats:
    gps = _series_of_first_gps_receiver(log)
    fix = None if gps is None else gps.first_present_field_as_floats("fix_type")
    return _recent_series_value_at_each_tick(
        ticks, gps, None if fix is None else (fix >= 3).astype(float), GPS_VALID_US
    )


def _speed_and_course_columns(
    log: UlogContext, ticks: Ticks, columns: dict[str, Any]
) -> dict[str, Any]:
    north, east = columns.pop("north"), columns.pop("east")
    climb = columns["vertical_speed_mps"]
    local = log.series("vehicle_local_position")
    if local is not None:
        moving = local.flags_of_field("v_xy_valid")
        for axis, known in (("vx", north), ("vy", east)):
            values = local.first_present_field_as_floats(axis)
            if values is not None and moving is not None:
                values = np.where(moving, values, np.nan)
            np.copyto(
                known,
                _recent_series_value_at_each_tick(ticks, local, values, LOCAL_VALID_US),
                where=np.isnan(known),
            )
        down = local.first_present_field_as_floats("vz")
        climb = np.where(
            np.isnan(climb),
            _recent_series_value_at_each_tick(
                ticks, local, None if down is None else -down, LOCAL_VALID_US
            ),
            climb,
        )
    with np.errstate(invalid="ignore"):
        speed = np.hypot(north, east)
        course = np.where(speed > 0, np.degrees(np.arctan2(east, north)) % 360, np.nan)
    return {"ground_speed_mps": speed, "course_deg": course, "vertical_speed_mps": climb}


def _height_columns(log: UlogContext, ticks: Ticks, altitude: Floats) -> dict[str, Any]:
    local = log.series("vehicle_local_position")
    down = None if local is None else local.first_present_field_as_floats("z")
    up = None if down is None else -down
    if (
        local is not None
        and up is not None
        and (valid := local.flags_of_field("z_valid")) is not None
    ):
        up = np.where(valid, up, np.nan)
    risen = (
        altitude
        if up is None
        else _recent_series_value_at_each_tick(ticks, local, up, LOCAL_VALID_US)
    )
    source = log.series("vehicle_land_detected")
    landed = None if source is None else source.flags_of_field("landed")
    height = np.full(len(ticks), np.nan)
    if source is not None and landed is not None:
        lifts = source.ticks[1:][~landed[1:] & landed[:-1]]
        if len(lifts):
            # Before the first take-off its own height is the reference, too.
            which = np.maximum(np.searchsorted(lifts, ticks, "right") - 1, 0)
            rows, near = latest_rows_and_validity(lifts, ticks, BATTERY_VALID_US)
            base = np.where(near, risen[rows], np.nan)
            height = risen - base[which]
    home = log.series("home_position")
    if (
        home is not None
        and np.isnan(height).all()
        and (known := home.first_present_field_as_floats("alt")) is not None
    ):
        height = altitude - _recent_series_value_at_each_tick(ticks, home, known, HOME_VALID_US)
    ground = None if local is None else local.first_present_field_as_floats("dist_bottom")
    if local is not None and ground is not None:
        seen = local.flags_of_field("dist_bottom_valid")
        ground = np.where(seen, ground, np.nan) if seen is not None else None
    return {
        "height_ato_m": height,
        "height_agl_m": _recent_series_value_at_each_tick(ticks, local, ground, LOCAL_VALID_US),
    }


def _accuracy_battery_and_mode_columns(log: UlogContext, ticks: Ticks) -> dict[str, Any]:
    gps = _series_of_first_gps_receiver(log)
    satellites = None if gps is None else gps.first_present_field_as_floats("satellites_used")
    errors = {
        column: _recent_series_value_at_each_tick(
            ticks,
            gps,
            None if gps is None else _positive_or_nan(gps.first_present_field_as_floats(name)),
            GPS_VALID_US,
        )
        for column, name in (("horizontal_error_m", "eph"), ("vertical_error_m", "epv"))
    }
    return errors | {
        "satellites": _as_uint8_column_with_missing(
            _recent_series_value_at_each_tick(ticks, gps, satellites, GPS_VALID_US)
        ),
        "battery_pct": _lowest_battery_pct_at_each_time(log, ticks),
        "flight_mode": _flight_modes(log, ticks),
    }


def _positive_or_nan(values: Floats | None) -> Floats | None:
    """Return errors, those missing that are written as 0."""
    return None if values is None else np.where(values > 0, values, np.nan)


def _as_uint8_column_with_missing(values: Floats) -> Any:
    missing = ~((values >= 0) & (values <= 254))
    integers = np.where(missing, 0, values).astype(np.uint8)
    return pd.arrays.IntegerArray(integers, missing)


def _lowest_battery_pct_at_each_time(log: UlogContext, ticks: Ticks) -> Floats:
    """Return the charge of the battery that has the least, in per cent."""
    least = np.full(len(ticks), np.nan)
    for instance in log.instance_numbers_of_topic("battery_status"):
        series = log.series("battery_status", instance)
        remaining = None if series is None else series.first_present_field_as_floats("remaining")
        if series is None or remaining is None:
            continue
        connected = series.flags_of_field("connected")
        good = (remaining >= 0) & (remaining <= 1)
        if connected is not None:
            good &= connected
        values = np.where(good, remaining * 100, np.nan)
        least = np.fmin(
            least, _recent_series_value_at_each_tick(ticks, series, values, BATTERY_VALID_US)
        )
    return least


def _flight_modes(log: UlogContext, ticks: Ticks) -> Any:
    series = log.series("vehicle_status")
    state = None if series is None else series.first_present_field_as_floats("nav_state")
    numbers = _recent_series_value_at_each_tick(ticks, series, state, STATE_VALID_US)
    known, rows = np.unique(np.nan_to_num(numbers, nan=-1), return_inverse=True)
    names = [
        None if number < 0 else mode_name(int(number), log.firmware_version) for number in known
    ]
    return pd.array(np.array(names, object)[rows], dtype="str")

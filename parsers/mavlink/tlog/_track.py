"""The track of a MAVLink stream: the fused position, joined with attitude, GPS and the rest."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._tables import TRACK, build_table
from ..._track_values._mask_false_positions import MaskedPositions, replace_false_positions_with_nan
from .._shared._quaternions import quaternions_to_yaw_pitch_roll_deg
from .._shared._track_with_issues import (
    TrackWithIssues,
    empty_track_result,
    fallback_position_source_issue,
)
from ._choose_vehicle import VehicleOfStream, heartbeat_states_of_vehicle, mode_name
from ._message_columns import MavlinkMessages, TlogMessages

Numbers = npt.NDArray[np.float64]

#: The position that the autopilot made of all its sensors.
FUSED_POSITION = "GLOBAL_POSITION_INT"
#: Frames back within which a value is still that of now; set by time where there is one.
LATEST_VALID_NS = 5_000_000_000
#: Metres a second below which a direction of motion means nothing.
LEAST_COURSE_MPS = 0.3
#: A coordinate that is not known, degrees times 1e7.
UNKNOWN_DEG_E7 = 0x7FFFFFFF
#: Metres beyond which a height is none: about twice the ceiling of airliners, and of no
#: use to an aircraft that this format is written by; without a reference some send 31 km.
LARGEST_HEIGHT_M = 20_000.0
#: GIMBAL_DEVICE_FLAGS: the yaw is locked to north; since 2022 also its reference,
#: the nose or north, which is clearer.
YAW_LOCK, YAW_NOSE, YAW_NORTH = 16, 32, 64


def read_track(stream: TlogMessages, vehicle: VehicleOfStream) -> TrackWithIssues:
    """Return one row for each position the vehicle reported, in time order."""
    base, columns, fixes = _messages_columns_and_masked_positions(stream, vehicle)
    if not len(base) or fixes is None:
        return empty_track_result()
    columns |= _columns_of_other_messages(stream, vehicle, base, columns)
    columns |= {"time": base.time, "source_offset": base.offsets}
    frame = build_table(TRACK, columns, len(base))
    name = base.message.name
    issues = fixes.issues(f"{name} messages", base.offsets)
    if name != FUSED_POSITION:
        first = int(base.offsets.min())
        issues = (fallback_position_source_issue(name, FUSED_POSITION, len(frame), first), *issues)
    return TrackWithIssues(frame, name, issues)


def _messages_columns_and_masked_positions(
    stream: TlogMessages, vehicle: VehicleOfStream
) -> tuple[MavlinkMessages, dict[str, Any], MaskedPositions | None]:
    """Return the messages whose positions count, their columns, and which nobody measured.

    Those of the first kind that has a position; an autopilot whose
    filter never started sends positions of 0, 0, while its receiver has a fix.
    """
    candidates = []
    for name, labels, columns in (
        (FUSED_POSITION, ("lat", "lon", "alt"), _fused_height_speed_and_course_columns),
        ("GPS_RAW_INT", ("lat", "lon", "alt"), _gps_speed_and_course_columns),
        ("GPS2_RAW", ("lat", "lon", "alt"), _gps_speed_and_course_columns),
        (
            "HIGH_LATENCY2",
            ("latitude", "longitude", "altitude"),
            _high_latency_speed_heading_battery_columns,
        ),
    ):
        messages = vehicle.messages_from_autopilot(stream[name]).in_time_order()
        if len(messages):
            messages.decode_and_cache_fields(messages.message.fields)
            fixes = _positions_masked_where_unknown(messages, *labels[:2])
            position = {
                "latitude_deg": fixes.latitude_deg,
                "longitude_deg": fixes.longitude_deg,
                "altitude_amsl_m": _heights_m_or_nan_if_implausible(
                    messages[labels[2]], 1.0 if name == "HIGH_LATENCY2" else 0.001
                ),
            }
            candidates.append((messages, position | columns(messages), fixes))
            if not np.isnan(fixes.latitude_deg).all():
                return candidates[-1]
    return (
        candidates[0]
        if candidates
        else (vehicle.messages_from_autopilot(stream[FUSED_POSITION]), {}, None)
    )


def _positions_masked_where_unknown(
    messages: MavlinkMessages, latitude: str, longitude: str
) -> MaskedPositions:
    """Return the positions in degrees; the largest number is how autopilots send none."""
    north, east = (
        np.where(messages[name] == UNKNOWN_DEG_E7, np.nan, messages[name] / 1e7)
        for name in (latitude, longitude)
    )
    return replace_false_positions_with_nan(north, east, messages.time)


def _fused_height_speed_and_course_columns(messages: MavlinkMessages) -> dict[str, Any]:
    north, east, down = (
        _scale_and_mask_unknown(messages[name], 0.01) for name in ("vx", "vy", "vz")
    )
    speed = np.hypot(north, east)
    course = np.degrees(np.arctan2(east, north)) % 360.0
    return {
        "height_ato_m": _heights_m_or_nan_if_implausible(messages["relative_alt"], 0.001),
        "ground_speed_mps": speed,
        "vertical_speed_mps": -down,
        "course_deg": np.where(speed >= LEAST_COURSE_MPS, course, np.nan),
        "heading_deg": _scale_and_mask_unknown(messages["hdg"], 0.01, 0xFFFF),
    }


def _gps_speed_and_course_columns(messages: MavlinkMessages) -> dict[str, Any]:
    return {
        "ground_speed_mps": _scale_and_mask_unknown(messages["vel"], 0.01, 0xFFFF),
        "course_deg": _scale_and_mask_unknown(messages["cog"], 0.01, 0xFFFF),
    }


def _high_latency_speed_heading_battery_columns(messages: MavlinkMessages) -> dict[str, Any]:
    return {
        "ground_speed_mps": _scale_and_mask_unknown(messages["groundspeed"], 0.2),
        "heading_deg": _scale_and_mask_unknown(messages["heading"], 2.0),
        "battery_pct": _scale_and_mask_unknown(messages["battery"], 1.0, -1),
    }


def _columns_of_other_messages(
    stream: TlogMessages, vehicle: VehicleOfStream, base: MavlinkMessages, own: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the columns that other messages give, where the position itself does not."""
    columns: dict[str, Any] = {}
    gps = vehicle.messages_from_autopilot(stream["GPS_RAW_INT"])
    gps.decode_and_cache_fields(("satellites_visible", "fix_type", "h_acc", "v_acc"))
    columns["satellites"] = _latest_value_at_each_position(
        base, gps, _scale_and_mask_unknown(gps["satellites_visible"], 1.0, 255)
    )
    fix = _latest_value_at_each_position(base, gps, gps["fix_type"].astype(np.float64))
    columns["fix_ok"] = pd.arrays.BooleanArray(fix >= 3, np.isnan(fix))
    for column, name in (("horizontal_error_m", "h_acc"), ("vertical_error_m", "v_acc")):
        # Millimetres; version 1 of the protocol has none, and 0 is how none is written.
        error = _scale_and_mask_unknown(gps[name], 0.001, 0xFFFFFFFF)
        columns[column] = _latest_value_at_each_position(
            base, gps, np.where(error > 0, error, np.nan)
        )
    attitude = vehicle.messages_from_autopilot(stream["ATTITUDE"])
    attitude.decode_and_cache_fields(("pitch", "roll", "yaw"))
    for name in ("pitch", "roll", "yaw"):
        value = np.degrees(attitude[name].astype(np.float64))
        columns[f"{name}_deg"] = _latest_value_at_each_position(base, attitude, value)
    yaw = columns.pop("yaw_deg") % 360.0
    heading = own.get("heading_deg", np.full(len(base), np.nan))
    columns["heading_deg"] = np.where(np.isnan(heading), yaw, heading)
    columns |= _gimbal_columns(stream, vehicle, base, columns["heading_deg"])
    if "vertical_speed_mps" not in own:
        hud = vehicle.messages_from_autopilot(stream["VFR_HUD"])
        columns["vertical_speed_mps"] = _latest_value_at_each_position(
            base, hud, hud["climb"].astype(np.float64)
        )
    if "battery_pct" not in own:
        columns["battery_pct"] = _battery_pct_at_each_position(stream, vehicle, base)
    columns["height_agl_m"] = _rangefinder_heights_agl_m(stream, vehicle, base)
    columns["flight_mode"] = _flight_mode_name_of_each_track_row(stream, vehicle, base)
    return columns


def _gimbal_columns(
    stream: TlogMessages, vehicle: VehicleOfStream, base: MavlinkMessages, heading: Numbers
) -> dict[str, Any]:
    device = _messages_of_busiest_component(
        vehicle.messages_from_any_component(stream["GIMBAL_DEVICE_ATTITUDE_STATUS"])
    )
    if len(device):
        roll, pitch, yaw = _quaternions_to_roll_pitch_yaw_deg(device["q"].astype(np.float64))
        flags = device["flags"]
        from_north = (flags & YAW_NORTH) > 0
        from_north |= ((flags & YAW_NOSE) == 0) & ((flags & YAW_LOCK) > 0)
        north = _latest_value_at_each_position(base, device, from_north.astype(np.float64)) == 1
        angles = [
            _latest_value_at_each_position(base, device, values) for values in (roll, pitch, yaw)
        ]
        return _gimbal_angle_columns(
            angles[0], angles[1], np.where(north, angles[2], angles[2] + heading)
        )
    mount = _messages_of_busiest_component(
        vehicle.messages_from_any_component(stream["MOUNT_ORIENTATION"])
    )
    if len(mount):
        roll, pitch, yaw = (mount[name].astype(np.float64) for name in ("roll", "pitch", "yaw"))
        angles = [
            _latest_value_at_each_position(base, mount, values) for values in (roll, pitch, yaw)
        ]
        absolute = _latest_value_at_each_position(
            base, mount, mount["yaw_absolute"].astype(np.float64)
        )
        yaw = np.where(np.nan_to_num(absolute) != 0, absolute, angles[2] + heading)
        return _gimbal_angle_columns(angles[0], angles[1], yaw)
    status = _messages_of_busiest_component(
        vehicle.messages_from_any_component(stream["MOUNT_STATUS"])
    )
    if len(status):
        names = ("pointing_b", "pointing_a", "pointing_c")
        angles = [
            _latest_value_at_each_position(
                base, status, _scale_and_mask_unknown(status[name], 0.01)
            )
            for name in names
        ]
        return _gimbal_angle_columns(angles[0], angles[1], angles[2] + heading)
    return {}


def _messages_of_busiest_component(messages: MavlinkMessages) -> MavlinkMessages:
    """Return the messages of the component that sent most: another gimbal looks elsewhere."""
    parts, counts = np.unique(messages.component, return_counts=True)
    if len(parts) < 2:
        return messages
    return messages.select(messages.component == parts[int(np.argmax(counts))])


def _gimbal_angle_columns(roll: Numbers, pitch: Numbers, yaw: Numbers) -> dict[str, Any]:
    return {"gimbal_roll_deg": roll, "gimbal_pitch_deg": pitch, "gimbal_yaw_deg": yaw % 360.0}


def _quaternions_to_roll_pitch_yaw_deg(q: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return roll, pitch and yaw in degrees of quaternions (w, x, y, z), shape ``(n, 4)``."""
    none = ~np.isfinite(q).all(axis=1) | (np.abs(q).sum(axis=1) == 0)
    yaw, pitch, roll = quaternions_to_yaw_pitch_roll_deg(np.where(none[:, None], np.nan, q))
    return roll, pitch, yaw


def _battery_pct_at_each_position(
    stream: TlogMessages, vehicle: VehicleOfStream, base: MavlinkMessages
) -> Numbers:
    status = vehicle.messages_from_autopilot(stream["SYS_STATUS"])
    if not len(status):
        status = vehicle.messages_from_autopilot(stream["BATTERY_STATUS"])
    return _latest_value_at_each_position(
        base, status, _scale_and_mask_unknown(status["battery_remaining"], 1.0, -1)
    )


def _rangefinder_heights_agl_m(
    stream: TlogMessages, vehicle: VehicleOfStream, base: MavlinkMessages
) -> Numbers:
    """Return the height over ground as a downward sensor measured it."""
    sensor = vehicle.messages_from_autopilot(stream["DISTANCE_SENSOR"])
    sensor = sensor.select(sensor["orientation"] == 25)
    if len(sensor):
        distance = sensor["current_distance"].astype(np.float64)
        inside = (distance > sensor["min_distance"]) & (distance < sensor["max_distance"])
        return _latest_value_at_each_position(
            base, sensor, np.where(inside, distance * 0.01, np.nan)
        )
    finder = vehicle.messages_from_autopilot(stream["RANGEFINDER"])
    distance = finder["distance"].astype(np.float64)
    # Without a sensor ArduPilot sends zeros.
    return _latest_value_at_each_position(base, finder, np.where(distance > 0, distance, np.nan))


def _flight_mode_name_of_each_track_row(
    stream: TlogMessages, vehicle: VehicleOfStream, base: MavlinkMessages
) -> Any:
    states = heartbeat_states_of_vehicle(stream, vehicle)
    if not len(states.rows):
        return None
    place = np.searchsorted(states.rows, base.rows, "right") - 1
    codes, index = np.unique(states.mode, return_inverse=True)
    names = np.array([*(mode_name(vehicle, int(code)) for code in codes), None], object)
    return names[np.where(place >= 0, index[np.maximum(place, 0)], len(codes))]


def _latest_value_at_each_position(
    base: MavlinkMessages, other: MavlinkMessages, values: Numbers
) -> Numbers:
    """Return for each position the latest value before it, missing if that is stale."""
    if not len(other):
        return np.full(len(base), np.nan)
    index = np.searchsorted(other.rows, base.rows, "right") - 1
    early = index < 0
    # In place, for a long log has millions of positions.
    np.maximum(index, 0, out=index)
    latest = values[index].astype(np.float64, copy=False)
    age = other.time[index]
    np.abs(np.subtract(base.time, age, out=age), out=age)
    latest[early | (age > LATEST_VALID_NS)] = np.nan
    return latest


def _heights_m_or_nan_if_implausible(values: npt.NDArray[Any], scale: float) -> Numbers:
    """Return metres, NaN where they are beyond all that is plausible."""
    height_m = _scale_and_mask_unknown(values, scale)
    return np.where(np.abs(height_m) > LARGEST_HEIGHT_M, np.nan, height_m)


def row_numbers_of_implausible_heights(messages: MavlinkMessages) -> list[int]:
    """Return the rows of fused positions whose height is beyond all that is plausible."""
    most = LARGEST_HEIGHT_M * 1000
    wrong = np.abs(messages["alt"].astype(np.int64)) > most
    wrong |= np.abs(messages["relative_alt"].astype(np.int64)) > most
    return np.flatnonzero(wrong).tolist()


def _scale_and_mask_unknown(
    values: npt.NDArray[Any], scale: float, unknown: int | None = None
) -> Numbers:
    """Return values in their unit, NaN where they have the mark for unknown."""
    scaled = np.divide(values, round(1 / scale)) if scale < 1 else values * float(scale)
    numbers: Numbers = np.asarray(scaled, np.float64)
    if unknown is not None:
        numbers[values == unknown] = np.nan
    return numbers

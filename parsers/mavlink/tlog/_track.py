"""The track of a MAVLink stream: the fused position, with what was known beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._tables import TRACK, table
from .._shared._rotation import euler_deg
from .._shared._track_result import Drawn, nowhere, stands_in
from ._clock import Vehicle
from ._modes import mode_name, states
from ._records import Messages, Stream

Numbers = npt.NDArray[np.float64]

#: The position that the autopilot made of all its sensors.
FUSED = "GLOBAL_POSITION_INT"
#: Frames back within which a value is still that of now; set by time where there is one.
FRESH_NS = 5_000_000_000
#: Metres a second below which a direction of motion means nothing.
MOVING_MPS = 0.3
#: Positions this near to 0 N 0 E are none, degrees times 1e7 (about 100 m).
NOWHERE = 10_000
#: Metres beyond which a height is none: about twice the ceiling of airliners, and of no
#: use to an aircraft that this format is written by; without a reference some tell 31 km.
TOO_HIGH_M = 20_000.0
#: GIMBAL_DEVICE_FLAGS: the yaw is held from north; since 2022 also what it is told from,
#: the nose or north, which says it better.
YAW_LOCK, YAW_NOSE, YAW_NORTH = 16, 32, 64


def track(stream: Stream, vehicle: Vehicle) -> Drawn:
    """Return one row for each position the vehicle reported, in time order."""
    base, columns = _positions(stream, vehicle)
    if not len(base):
        return nowhere()
    columns |= _beside(stream, vehicle, base, columns)
    columns |= {"time": base.time, "source_offset": base.offsets}
    frame = table(TRACK, columns, len(base))
    name = base.message.name
    if name == FUSED:
        return Drawn(frame, name)
    return Drawn(frame, name, (stands_in(name, FUSED, len(frame), int(base.offsets.min())),))


def _positions(stream: Stream, vehicle: Vehicle) -> tuple[Messages, dict[str, Any]]:
    """Return the messages whose positions count, and their columns.

    Those of the first kind that tells where the vehicle was; an autopilot whose
    filter never started sends positions of 0, 0, while its receiver has a fix.
    """
    told = []
    for name, columns in (
        (FUSED, _fused),
        ("GPS_RAW_INT", _satellite),
        ("GPS2_RAW", _satellite),
        ("HIGH_LATENCY2", _satellite_link),
    ):
        found = vehicle.sent(stream[name]).in_time_order()
        if len(found):
            told.append((found, columns(found)))
            if not np.isnan(told[-1][1]["latitude_deg"]).all():
                return told[-1]
    return told[0] if told else (vehicle.sent(stream[FUSED]), {})


def _fused(found: Messages) -> dict[str, Any]:
    latitude, longitude = _place(found["lat"], found["lon"])
    north, east, down = (_scaled(found[name], 0.01) for name in ("vx", "vy", "vz"))
    speed = np.hypot(north, east)
    course = np.degrees(np.arctan2(east, north)) % 360.0
    return {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": _height(found["alt"], 0.001),
        "height_ato_m": _height(found["relative_alt"], 0.001),
        "ground_speed_mps": speed,
        "vertical_speed_mps": -down,
        "course_deg": np.where(speed >= MOVING_MPS, course, np.nan),
        "heading_deg": _scaled(found["hdg"], 0.01, 0xFFFF),
    }


def _satellite(found: Messages) -> dict[str, Any]:
    latitude, longitude = _place(found["lat"], found["lon"])
    return {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": _height(found["alt"], 0.001),
        "ground_speed_mps": _scaled(found["vel"], 0.01, 0xFFFF),
        "course_deg": _scaled(found["cog"], 0.01, 0xFFFF),
    }


def _satellite_link(found: Messages) -> dict[str, Any]:
    latitude, longitude = _place(found["latitude"], found["longitude"])
    return {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": _height(found["altitude"], 1.0),
        "ground_speed_mps": _scaled(found["groundspeed"], 0.2),
        "heading_deg": _scaled(found["heading"], 2.0),
        "battery_pct": _scaled(found["battery"], 1.0, -1),
    }


def _beside(
    stream: Stream, vehicle: Vehicle, base: Messages, own: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the columns that other messages give, where the position itself does not."""
    columns: dict[str, Any] = {}
    gps = vehicle.sent(stream["GPS_RAW_INT"])
    columns["satellites"] = _last(base, gps, _scaled(gps["satellites_visible"], 1.0, 255))
    fix = _last(base, gps, gps["fix_type"].astype(np.float64))
    columns["fix_ok"] = pd.arrays.BooleanArray(fix >= 3, np.isnan(fix))
    for column, name in (("horizontal_error_m", "h_acc"), ("vertical_error_m", "v_acc")):
        # Millimetres; version 1 of the protocol has none, and 0 is how none is written.
        error = _scaled(gps[name], 0.001, 0xFFFFFFFF)
        columns[column] = _last(base, gps, np.where(error > 0, error, np.nan))
    attitude = vehicle.sent(stream["ATTITUDE"])
    for name in ("pitch", "roll", "yaw"):
        value = np.degrees(attitude[name].astype(np.float64))
        columns[f"{name}_deg"] = _last(base, attitude, value)
    yaw = columns.pop("yaw_deg") % 360.0
    heading = own.get("heading_deg", np.full(len(base), np.nan))
    columns["heading_deg"] = np.where(np.isnan(heading), yaw, heading)
    columns |= _gimbal(stream, vehicle, base, columns["heading_deg"])
    if "vertical_speed_mps" not in own:
        hud = vehicle.sent(stream["VFR_HUD"])
        columns["vertical_speed_mps"] = _last(base, hud, hud["climb"].astype(np.float64))
    if "battery_pct" not in own:
        columns["battery_pct"] = _battery(stream, vehicle, base)
    columns["height_agl_m"] = _range(stream, vehicle, base)
    columns["flight_mode"] = _modes(stream, vehicle, base)
    return columns


def _gimbal(stream: Stream, vehicle: Vehicle, base: Messages, heading: Numbers) -> dict[str, Any]:
    device = _one(vehicle.owns(stream["GIMBAL_DEVICE_ATTITUDE_STATUS"]))
    if len(device):
        roll, pitch, yaw = _angles(device["q"].astype(np.float64))
        flags = device["flags"]
        from_north = (flags & YAW_NORTH) > 0
        from_north |= ((flags & YAW_NOSE) == 0) & ((flags & YAW_LOCK) > 0)
        north = _last(base, device, from_north.astype(np.float64)) == 1
        found = [_last(base, device, values) for values in (roll, pitch, yaw)]
        return _pointing(found[0], found[1], np.where(north, found[2], found[2] + heading))
    mount = _one(vehicle.owns(stream["MOUNT_ORIENTATION"]))
    if len(mount):
        roll, pitch, yaw = (mount[name].astype(np.float64) for name in ("roll", "pitch", "yaw"))
        found = [_last(base, mount, values) for values in (roll, pitch, yaw)]
        absolute = _last(base, mount, mount["yaw_absolute"].astype(np.float64))
        yaw = np.where(np.nan_to_num(absolute) != 0, absolute, found[2] + heading)
        return _pointing(found[0], found[1], yaw)
    status = _one(vehicle.owns(stream["MOUNT_STATUS"]))
    if len(status):
        names = ("pointing_b", "pointing_a", "pointing_c")
        found = [_last(base, status, _scaled(status[name], 0.01)) for name in names]
        return _pointing(found[0], found[1], found[2] + heading)
    return {}


def _one(found: Messages) -> Messages:
    """Return the messages of the component that sent most: another gimbal looks elsewhere."""
    parts, counts = np.unique(found.component, return_counts=True)
    if len(parts) < 2:
        return found
    return found.where(found.component == parts[int(np.argmax(counts))])


def _pointing(roll: Numbers, pitch: Numbers, yaw: Numbers) -> dict[str, Any]:
    return {"gimbal_roll_deg": roll, "gimbal_pitch_deg": pitch, "gimbal_yaw_deg": yaw % 360.0}


def _angles(q: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return roll, pitch and yaw in degrees of quaternions (w, x, y, z), shape ``(n, 4)``."""
    none = ~np.isfinite(q).all(axis=1) | (np.abs(q).sum(axis=1) == 0)
    yaw, pitch, roll = euler_deg(np.where(none[:, None], np.nan, q))
    return roll, pitch, yaw


def _battery(stream: Stream, vehicle: Vehicle, base: Messages) -> Numbers:
    status = vehicle.sent(stream["SYS_STATUS"])
    if not len(status):
        status = vehicle.sent(stream["BATTERY_STATUS"])
    return _last(base, status, _scaled(status["battery_remaining"], 1.0, -1))


def _range(stream: Stream, vehicle: Vehicle, base: Messages) -> Numbers:
    """Return the height over ground as a downward sensor measured it."""
    sensor = vehicle.sent(stream["DISTANCE_SENSOR"])
    sensor = sensor.where(sensor["orientation"] == 25)
    if len(sensor):
        distance = sensor["current_distance"].astype(np.float64)
        inside = (distance > sensor["min_distance"]) & (distance < sensor["max_distance"])
        return _last(base, sensor, np.where(inside, distance * 0.01, np.nan))
    finder = vehicle.sent(stream["RANGEFINDER"])
    distance = finder["distance"].astype(np.float64)
    # Without a sensor ArduPilot sends zeros.
    return _last(base, finder, np.where(distance > 0, distance, np.nan))


def _modes(stream: Stream, vehicle: Vehicle, base: Messages) -> Any:
    found = states(stream, vehicle)
    if not len(found.rows):
        return None
    place = np.searchsorted(found.rows, base.rows, "right") - 1
    codes, index = np.unique(found.mode, return_inverse=True)
    names = np.array([*(mode_name(vehicle, int(code)) for code in codes), None], object)
    return names[np.where(place >= 0, index[np.maximum(place, 0)], len(codes))]


def _last(base: Messages, other: Messages, values: Numbers) -> Numbers:
    """Return for each position the value last told before it, missing if that is stale."""
    if not len(other):
        return np.full(len(base), np.nan)
    place = np.searchsorted(other.rows, base.rows, "right") - 1
    early = place < 0
    # In place, for a long log has millions of positions.
    np.maximum(place, 0, out=place)
    found = values[place].astype(np.float64, copy=False)
    age = other.time[place]
    np.abs(np.subtract(base.time, age, out=age), out=age)
    found[early | (age > FRESH_NS)] = np.nan
    return found


def _height(values: npt.NDArray[Any], scale: float) -> Numbers:
    """Return metres, NaN where they are beyond all that is plausible."""
    found = _scaled(values, scale)
    return np.where(np.abs(found) > TOO_HIGH_M, np.nan, found)


def too_high(found: Messages) -> list[int]:
    """Return the rows of fused positions whose height is beyond all that is plausible."""
    most = TOO_HIGH_M * 1000
    wrong = np.abs(found["alt"].astype(np.int64)) > most
    wrong |= np.abs(found["relative_alt"].astype(np.int64)) > most
    return np.flatnonzero(wrong).tolist()


def _scaled(values: npt.NDArray[Any], scale: float, unknown: int | None = None) -> Numbers:
    """Return values in their unit, NaN where they have the mark for unknown."""
    scaled = np.divide(values, round(1 / scale)) if scale < 1 else values * float(scale)
    found: Numbers = np.asarray(scaled, np.float64)
    if unknown is not None:
        found[values == unknown] = np.nan
    return found


def _place(
    latitude: npt.NDArray[np.int32], longitude: npt.NDArray[np.int32]
) -> tuple[Numbers, Numbers]:
    """Return degrees; without a fix, autopilots send about 0, 0 or the largest number."""
    north, east = np.abs(latitude.astype(np.int64)), np.abs(longitude.astype(np.int64))
    wrong = (north <= NOWHERE) & (east <= NOWHERE)
    wrong |= (north > 900_000_000) | (east > 1_800_000_000)
    return np.where(wrong, np.nan, latitude / 1e7), np.where(wrong, np.nan, longitude / 1e7)

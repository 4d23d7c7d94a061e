"""The track of a ULog: the fused position, with everything else as of each fix.

Rows are those of ``vehicle_global_position``, the estimate the aircraft flew by;
where there is none for a second, those of the satellite receiver stand in.  Both
altitudes are above mean sea level.  Every other column is the last value that
the log holds at that time, and missing where that is too old to be true.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._tables import TRACK, ordered, table
from . import _ulog_names
from ._ulog_clock import Ticks
from ._ulog_recording import Recording
from ._ulog_topics import Floats, Series, latest

#: Microseconds for which a value holds.
SOON_US, GPS_US, SLOW_US = 1_000_000, 2_500_000, 15_000_000
#: The state of the aircraft is logged twice a second, or when it changes.
STATE_US = 60_000_000
#: Time without a fused position in which the receiver's stands in.
WITHOUT_US = 1_000_000

_YAW_LOCKED, _YAW_OF_VEHICLE, _YAW_OF_EARTH = 16, 32, 64


def draw(recording: Recording) -> pd.DataFrame:
    """Return the track of a log."""
    fused = _fused(recording)
    gps = _receiver(recording)
    if fused is None and gps is None:
        return table(TRACK, {}, 0)
    if fused is None:
        assert gps is not None  # noqa: S101 - one of the two is there
        columns = gps
    elif gps is None:
        columns = fused
    else:
        _, soon = latest(gps["ticks"], fused["ticks"], WITHOUT_US)
        columns = {name: np.concatenate([fused[name], gps[name][~soon]]) for name in fused}
    order = np.argsort(columns["ticks"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    ticks: Ticks = columns.pop("ticks")
    columns |= _motion(recording, ticks, columns)
    columns |= _height(recording, ticks, columns["altitude_amsl_m"])
    columns |= _attitude(recording, ticks)
    columns |= _gimbal(recording, ticks, columns["heading_deg"])
    columns |= _state(recording, ticks)
    columns["time"] = recording.utc(ticks)
    return ordered(table(TRACK, columns, len(ticks)), "time")


def _fused(recording: Recording) -> dict[str, Any] | None:
    found = recording.series("vehicle_global_position")
    if found is None or "lat" not in found or "lon" not in found:
        return None
    latitude, longitude = found["lat"].astype(float), found["lon"].astype(float)
    altitude = found.floats("alt")
    rows = np.flatnonzero(_on_earth(latitude, longitude))
    north, east = found.floats("vel_n"), found.floats("vel_e")
    down = found.floats("vel_d")
    missing = np.full(len(found), np.nan)
    valid = found.flags("lat_lon_valid")
    fix = _fix(recording, found.ticks)
    columns: dict[str, Any] = {
        "ticks": found.ticks,
        "source_offset": found.offsets,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": missing if altitude is None else altitude,
        "north": missing if north is None else north,
        "east": missing if east is None else east,
        "vertical_speed_mps": missing if down is None else -down,
        "fix_ok": fix if valid is None else valid.astype(float),
    }
    return {name: values[rows] for name, values in columns.items()} if len(rows) else None


def _receiver(recording: Recording) -> dict[str, Any] | None:
    found = _gps(recording)
    if found is None:
        return None
    latitude, longitude, altitude = position(found)
    fix = found.floats("fix_type")
    missing = np.full(len(found), np.nan)
    velocity = [found.floats(f"vel_{axis}_m_s") for axis in "ned"]
    north, east, down = (missing if each is None else each for each in velocity)
    rows = _on_earth(latitude, longitude)
    if fix is not None:
        rows &= fix >= 2
    columns: dict[str, Any] = {
        "ticks": found.ticks,
        "source_offset": found.offsets,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": altitude,
        "north": north,
        "east": east,
        "vertical_speed_mps": -down,
        "fix_ok": missing if fix is None else (fix >= 3).astype(float),
    }
    return {name: values[rows] for name, values in columns.items()} if rows.any() else None


def position(found: Series) -> tuple[Floats, Floats, Floats]:
    """Return latitude and longitude in degrees and altitude in metres above mean sea level.

    Up to v1.13 they are integers of 1e-7 degrees and millimetres.
    """
    missing = np.full(len(found), np.nan)
    if "latitude_deg" in found and "longitude_deg" in found:
        altitude = found.floats("altitude_msl_m")
        return (
            np.asarray(found["latitude_deg"], float),
            np.asarray(found["longitude_deg"], float),
            missing if altitude is None else altitude,
        )
    if "lat" not in found or "lon" not in found:
        return missing, missing, missing
    altitude = found.floats("alt")
    return (
        found["lat"].astype(float) / 1e7,
        found["lon"].astype(float) / 1e7,
        missing if altitude is None else altitude / 1e3,
    )


def _on_earth(latitude: Floats, longitude: Floats) -> npt.NDArray[np.bool_]:
    """Return which positions are ones: zero and zero is how none is written."""
    with np.errstate(invalid="ignore"):
        inside = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    return np.asarray(inside & ((latitude != 0) | (longitude != 0)))


def _gps(recording: Recording) -> Series | None:
    for topic in ("vehicle_gps_position", "sensor_gps"):
        for instance in recording.instances(topic):
            if (found := recording.series(topic, instance)) is not None:
                return found
    return None


def _as_of(ticks: Ticks, found: Series | None, values: Floats | None, within_us: int) -> Floats:
    if found is None or values is None:
        return np.full(len(ticks), np.nan)
    rows, recent = latest(ticks, found.ticks, within_us)
    return np.where(recent, np.asarray(values, float)[rows], np.nan)


def _fix(recording: Recording, ticks: Ticks) -> Floats:
    gps = _gps(recording)
    fix = None if gps is None else gps.floats("fix_type")
    return _as_of(ticks, gps, None if fix is None else (fix >= 3).astype(float), GPS_US)


def _motion(recording: Recording, ticks: Ticks, columns: dict[str, Any]) -> dict[str, Any]:
    north, east = columns.pop("north"), columns.pop("east")
    climb = columns["vertical_speed_mps"]
    local = recording.series("vehicle_local_position")
    if local is not None:
        moving = local.flags("v_xy_valid")
        for axis, known in (("vx", north), ("vy", east)):
            values = local.floats(axis)
            if values is not None and moving is not None:
                values = np.where(moving, values, np.nan)
            np.copyto(known, _as_of(ticks, local, values, SOON_US), where=np.isnan(known))
        down = local.floats("vz")
        climb = np.where(
            np.isnan(climb),
            _as_of(ticks, local, None if down is None else -down, SOON_US),
            climb,
        )
    with np.errstate(invalid="ignore"):
        speed = np.hypot(north, east)
        course = np.where(speed > 0, np.degrees(np.arctan2(east, north)) % 360, np.nan)
    return {"ground_speed_mps": speed, "course_deg": course, "vertical_speed_mps": climb}


def _height(recording: Recording, ticks: Ticks, altitude: Floats) -> dict[str, Any]:
    local = recording.series("vehicle_local_position")
    up = None if local is None or "z" not in local else -np.asarray(local["z"], float)
    if local is not None and up is not None and (valid := local.flags("z_valid")) is not None:
        up = np.where(valid, up, np.nan)
    risen = altitude if up is None else _as_of(ticks, local, up, SOON_US)
    source = recording.series("vehicle_land_detected")
    landed = None if source is None else source.flags("landed")
    height = np.full(len(ticks), np.nan)
    if source is not None and landed is not None:
        lifts = source.ticks[1:][~landed[1:] & landed[:-1]]
        if len(lifts):
            # Before the first take-off its own height is the reference, too.
            which = np.maximum(np.searchsorted(lifts, ticks, "right") - 1, 0)
            rows, near = latest(lifts, ticks, SLOW_US)
            base = np.where(near, risen[rows], np.nan)
            height = risen - base[which]
    home = recording.series("home_position")
    if home is not None and np.isnan(height).all() and (known := home.floats("alt")) is not None:
        height = altitude - _as_of(ticks, home, known, RUN_LONG_US)
    ground = None if local is None else local.floats("dist_bottom")
    if local is not None and ground is not None:
        seen = local.flags("dist_bottom_valid")
        ground = np.where(seen, ground, np.nan) if seen is not None else None
    return {"height_ato_m": height, "height_agl_m": _as_of(ticks, local, ground, SOON_US)}


#: The home point holds until the next one.
RUN_LONG_US = 1 << 50


def euler_deg(q: Floats) -> tuple[Floats, Floats, Floats]:
    """Return yaw (0 to 360), pitch and roll of unit quaternions (w, x, y, z), in degrees.

    Those that are not of unit length are no attitude and give NaN.
    """
    w, x, y, z = (np.asarray(q[:, axis], float) for axis in range(4))
    with np.errstate(invalid="ignore", over="ignore"):
        unit = np.abs(w * w + x * x + y * y + z * z - 1) < 0.05
        w, x, y, z = (np.where(unit, part, np.nan) for part in (w, x, y, z))
        roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
        pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1, 1))
        yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return np.degrees(yaw) % 360, np.degrees(pitch), np.degrees(roll)


def _attitude(recording: Recording, ticks: Ticks) -> dict[str, Any]:
    found = recording.series("vehicle_attitude")
    if found is None or "q" not in found or found["q"].shape[1:] != (4,):
        return {
            name: np.full(len(ticks), np.nan) for name in ("heading_deg", "pitch_deg", "roll_deg")
        }
    rows, recent = latest(ticks, found.ticks, SOON_US)
    angles = euler_deg(found["q"][rows])
    yaw, pitch, roll = (np.where(recent, angle, np.nan) for angle in angles)
    return {"heading_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}


def _gimbal(recording: Recording, ticks: Ticks, heading: Floats) -> dict[str, Any]:
    found = recording.series("gimbal_device_attitude_status")
    if found is not None and "q" in found and found["q"].shape[1:] == (4,):
        rows, recent = latest(ticks, found.ticks, GPS_US)
        angles = euler_deg(found["q"][rows])
        yaw, pitch, roll = (np.where(recent, angle, np.nan) for angle in angles)
        flags = found["device_flags"][rows].astype(np.int64) if "device_flags" in found else 0
        earth = (np.bitwise_and(flags, _YAW_OF_EARTH) != 0) | (
            (np.bitwise_and(flags, _YAW_OF_VEHICLE) == 0)
            & (np.bitwise_and(flags, _YAW_LOCKED) != 0)
        )
        yaw = np.where(earth, yaw, (yaw + heading) % 360)
        return {"gimbal_yaw_deg": yaw, "gimbal_pitch_deg": pitch, "gimbal_roll_deg": roll}
    found = recording.series("mount_orientation")
    name = "attitude_euler_angle"
    if found is None or name not in found or found[name].shape[1:] != (3,):
        return {}
    # Roll and pitch as the mount was driven; what its yaw is relative to is not said.
    rows, recent = latest(ticks, found.ticks, GPS_US)
    roll, pitch = (
        np.where(recent, np.degrees(found[name][rows, axis].astype(float)), np.nan)
        for axis in (0, 1)
    )
    return {"gimbal_pitch_deg": pitch, "gimbal_roll_deg": roll}


def _state(recording: Recording, ticks: Ticks) -> dict[str, Any]:
    gps = _gps(recording)
    satellites = None if gps is None else gps.floats("satellites_used")
    return {
        "satellites": _whole(_as_of(ticks, gps, satellites, GPS_US)),
        "battery_pct": _battery(recording, ticks),
        "flight_mode": _modes(recording, ticks),
    }


def _whole(values: Floats) -> Any:
    missing = ~((values >= 0) & (values <= 254))
    whole = np.where(missing, 0, values).astype(np.uint8)
    return pd.arrays.IntegerArray(whole, missing)


def _battery(recording: Recording, ticks: Ticks) -> Floats:
    """Return the charge of the battery that has the least, in per cent."""
    least = np.full(len(ticks), np.nan)
    for instance in recording.instances("battery_status"):
        found = recording.series("battery_status", instance)
        remaining = None if found is None else found.floats("remaining")
        if found is None or remaining is None:
            continue
        connected = found.flags("connected")
        good = (remaining >= 0) & (remaining <= 1.5)
        if connected is not None:
            good &= connected
        values = np.where(good, remaining * 100, np.nan)
        least = np.fmin(least, _as_of(ticks, found, values, SLOW_US))
    return least


def _modes(recording: Recording, ticks: Ticks) -> Any:
    found = recording.series("vehicle_status")
    state = None if found is None else found.floats("nav_state")
    numbers = _as_of(ticks, found, state, STATE_US)
    known, rows = np.unique(np.nan_to_num(numbers, nan=-1), return_inverse=True)
    names = [
        None if number < 0 else _ulog_names.mode(int(number), recording.version) for number in known
    ]
    return pd.array(np.array(names, object)[rows], dtype="str")

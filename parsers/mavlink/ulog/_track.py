"""The track of a ULog: the fused position, with everything else as of each fix.

Rows are those of ``vehicle_global_position``, the estimate the aircraft flew by;
where there is none for a second, those of the satellite receiver stand in, and an
issue says so.  Both
altitudes are above mean sea level.  Every other column is the last value that
the log holds at that time, and missing where that is too old to be true.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, ordered, table
from .._shared._track_result import Drawn, nowhere, stands_in
from . import _enums as _ulog_names
from ._attitude import attitude, gimbal
from ._clock import Ticks
from ._recording import Recording
from ._topics import Floats, Series, latest

#: The position that the autopilot made of all its sensors.
FUSED = "vehicle_global_position"
#: Microseconds for which a value holds.
SOON_US, GPS_US, SLOW_US = 1_000_000, 2_500_000, 15_000_000
#: The state of the aircraft is logged twice a second, or when it changes.
STATE_US = 60_000_000
#: The home point holds until the next one.
ALWAYS_US = 1 << 50
#: Time without a fused position in which the receiver's stands in.
WITHOUT_US = 1_000_000


def draw(recording: Recording) -> Drawn:
    """Return the track of a log."""
    fused = _fused(recording)
    gps = _receiver(recording)
    if fused is not None and gps is not None:
        _, soon = latest(gps["ticks"], fused["ticks"], WITHOUT_US)
        gps = {name: values[~soon] for name, values in gps.items()} if not soon.all() else None
    parts = [part for part in (fused, gps) if part is not None]
    if not parts:
        return nowhere()
    receiver = _gps(recording)
    names = [FUSED] if fused is not None else []
    issues: tuple[Issue, ...] = ()
    if gps is not None and receiver is not None:
        names.append(receiver.name)
        where = int(gps["source_offset"][0])
        issues = (stands_in(receiver.name, FUSED, len(gps["ticks"]), where),)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Drawn(_table(recording, columns), " or ".join(names), issues)


def _table(recording: Recording, columns: dict[str, Any]) -> pd.DataFrame:
    order = np.argsort(columns["ticks"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    ticks: Ticks = columns.pop("ticks")
    columns |= _motion(recording, ticks, columns)
    columns |= _height(recording, ticks, columns["altitude_amsl_m"])
    columns |= attitude(recording, ticks)
    columns |= gimbal(recording, ticks, columns["heading_deg"])
    columns |= _state(recording, ticks)
    columns["time"] = recording.utc(ticks)
    return ordered(table(TRACK, columns, len(ticks)), "time")


def _fused(recording: Recording) -> dict[str, Any] | None:
    found = recording.series(FUSED)
    latitude = None if found is None else found.floats("lat")
    longitude = None if found is None else found.floats("lon")
    if found is None or latitude is None or longitude is None:
        return None
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
    for names, degrees, metres in (
        (("latitude_deg", "longitude_deg", "altitude_msl_m"), 1.0, 1.0),
        (("lat", "lon", "alt"), 1e7, 1e3),
    ):
        latitude, longitude, altitude = (found.floats(name) for name in names)
        if latitude is not None and longitude is not None:
            above = missing if altitude is None else altitude / metres
            return latitude / degrees, longitude / degrees, above
    return missing, missing, missing


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
    down = None if local is None else local.floats("z")
    up = None if down is None else -down
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
        height = altitude - _as_of(ticks, home, known, ALWAYS_US)
    ground = None if local is None else local.floats("dist_bottom")
    if local is not None and ground is not None:
        seen = local.flags("dist_bottom_valid")
        ground = np.where(seen, ground, np.nan) if seen is not None else None
    return {"height_ato_m": height, "height_agl_m": _as_of(ticks, local, ground, SOON_US)}


def _state(recording: Recording, ticks: Ticks) -> dict[str, Any]:
    gps = _gps(recording)
    satellites = None if gps is None else gps.floats("satellites_used")
    errors = {
        column: _as_of(ticks, gps, None if gps is None else _above_0(gps.floats(name)), GPS_US)
        for column, name in (("horizontal_error_m", "eph"), ("vertical_error_m", "epv"))
    }
    return errors | {
        "satellites": _whole(_as_of(ticks, gps, satellites, GPS_US)),
        "battery_pct": _battery(recording, ticks),
        "flight_mode": _modes(recording, ticks),
    }


def _above_0(values: Floats | None) -> Floats | None:
    """Return errors, those missing that are written as 0."""
    return None if values is None else np.where(values > 0, values, np.nan)


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
        good = (remaining >= 0) & (remaining <= 1)
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

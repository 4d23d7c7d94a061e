"""The track of a DataFlash log: the fused position, with GPS, attitude and the rest beside it.

Rows are those of ``POS``, or of ``GPS`` where there is no ``POS`` (before
firmware 3.3), in time order.  Other messages are joined by place in the file:
the latest before each row, if it is recent.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..._tables import TRACK, ordered, table
from .._shared._framing import Flags, Offsets
from .._shared._track_result import Drawn, nowhere, stands_in
from ._clock import Numbers, Times
from ._messages import Messages
from ._modes import Modes

#: The latest value of another message counts for this long, seconds.
RECENT_S = 2.0
#: Positions this near to 0 N 0 E are none, degrees (about 100 m).
NOWHERE_DEG = 1e-3
#: Direction of a range finder that looks down, and its state when it measures.
DOWN, GOOD = 25, 4


class _Beside:
    """Messages beside the rows of the track."""

    def __init__(self, found: Messages | None, times: Times, rows: Messages, keep: Flags) -> None:
        """Find for each row the latest of some messages, those kept, before it."""
        self.messages = found
        if found is None or not keep.any():
            self.index: Offsets = np.empty(0, np.int64)
            self.recent: Flags = np.zeros(len(rows), np.bool_)
            self.messages = None
            return
        places = np.flatnonzero(keep)
        before = np.searchsorted(found.offsets[places], rows.offsets, side="right") - 1
        self.index = places[np.maximum(before, 0)]
        age = times.boot_us(rows) - times.boot_us(found)[self.index]
        self.recent = (before >= 0) & ~(age > RECENT_S * 1e6) & ~(age < -RECENT_S * 1e6)

    def numbers(self, *labels: str) -> Numbers:
        """Return a field for each row, missing where there is none or it is old."""
        if self.messages is None:
            return np.full(len(self.recent), np.nan)
        values = self.messages.numbers(*labels)[self.index]
        return np.where(self.recent, values, np.nan)


def _all(found: Messages | None) -> Flags:
    return np.ones(0 if found is None else len(found), np.bool_)


def _primary(found: Messages | None) -> Flags:
    """Return which messages are of the first sensor."""
    keep = _all(found)
    label = found.first("I", "Inst", "Instance") if found is not None else None
    if found is None or label is None or len(keep) == 0:
        return keep
    number = found.numbers(label)
    return np.asarray(number == np.nanmin(number))


def _receiver(found: Messages | None) -> Flags:
    """Return which fixes are of the receiver in use, or else of the first that has a fix."""
    keep = _all(found)
    if found is None or len(keep) == 0 or found.first("I") is None:
        return keep
    number = found.numbers("I")
    used = found.numbers("U") == 1
    if used.any():
        return np.asarray(used)
    fixed = found.numbers("Status") >= 3
    return np.asarray(number == np.nanmin(number[fixed] if fixed.any() else number))


def read_track(messages: Mapping[str, Messages], times: Times, modes: Modes) -> Drawn:
    """Return the track."""
    fused, gps = messages.get("POS"), messages.get("GPS")
    if fused is not None and (placed := _placed(fused)).any():
        return Drawn(_table(messages, times, modes, fused, placed), "POS")
    if gps is not None and (placed := _placed(gps) & _receiver(gps)).any():
        frame = _table(messages, times, modes, gps, placed)
        first = int(gps.offsets[placed][0])
        return Drawn(frame, "GPS", (stands_in("GPS", "POS", len(frame), first),))
    return nowhere()


def _placed(rows: Messages) -> Flags:
    """Return which messages tell of a position.

    Zero and zero, and what drifts from there, is written before a first fix.
    """
    latitude, longitude = rows.numbers("Lat"), rows.numbers("Lng", "Lon")
    keep = (np.abs(latitude) > NOWHERE_DEG) | (np.abs(longitude) > NOWHERE_DEG)
    keep &= (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    return np.asarray(keep)


def _table(
    messages: Mapping[str, Messages], times: Times, modes: Modes, rows: Messages, keep: Flags
) -> pd.DataFrame:
    gps = messages.get("GPS")
    beside = _Beside(gps, times, rows, _receiver(gps))
    columns: dict[str, Any] = {
        "time": times.utc_ns(rows),
        "latitude_deg": rows.numbers("Lat"),
        "longitude_deg": rows.numbers("Lng", "Lon"),
        "altitude_amsl_m": rows.numbers("Alt"),
        "height_ato_m": rows.numbers("RelHomeAlt", "RelAlt"),
        "flight_mode": modes.at(times.order(rows)),
        "source_offset": rows.offsets,
    }
    columns |= _motion(beside)
    columns |= _errors(messages, times, rows)
    columns |= _attitude(messages, times, rows)
    columns |= _others(messages, times, rows)
    chosen = {name: np.asarray(values)[keep] for name, values in columns.items()}
    chosen["flight_mode"] = chosen["flight_mode"].tolist()
    return ordered(table(TRACK, chosen, int(keep.sum())), "time")


def _motion(beside: _Beside) -> dict[str, Any]:
    speed, course = beside.numbers("Spd"), beside.numbers("GCrs")
    down = beside.numbers("VZ", "VelD")
    if beside.messages is not None and beside.messages.first("VelN"):
        speed = np.hypot(beside.numbers("VelN"), beside.numbers("VelE"))
        course = np.degrees(beside.numbers("Cog"))
    status = beside.numbers("Status", "Fix")
    satellites = beside.numbers("NSats", "nSat")
    counted = (satellites >= 0) & (satellites <= 255) & (satellites % 1 == 0)
    return {
        "ground_speed_mps": speed,
        "vertical_speed_mps": -down,
        "course_deg": course % 360.0,
        "satellites": np.where(counted, satellites, np.nan),
        "fix_ok": np.where(np.isnan(status), np.nan, status >= 3),
    }


def _errors(messages: Mapping[str, Messages], times: Times, rows: Messages) -> dict[str, Any]:
    """Return the errors that the receiver states (``GPA``); 0 is how none is written."""
    found = messages.get("GPA")
    stated = _Beside(found, times, rows, _primary(found))
    horizontal, vertical = stated.numbers("HAcc"), stated.numbers("VAcc")
    return {
        "horizontal_error_m": np.where(horizontal > 0, horizontal, np.nan),
        "vertical_error_m": np.where(vertical > 0, vertical, np.nan),
    }


def _attitude(messages: Mapping[str, Messages], times: Times, rows: Messages) -> dict[str, Any]:
    found = messages.get("ATT")
    attitude = _Beside(found, times, rows, _all(found))
    # Written by PX4 (quaternion first) in radians, by ArduPilot in degrees.
    radians = found is not None and found.first("qw") is not None
    scale = 180.0 / np.pi if radians else 1.0
    yaw = attitude.numbers("Yaw") * scale
    mount = messages.get("MNT")
    gimbal = _Beside(mount, times, rows, _primary(mount))
    earth = gimbal.numbers("YawE")
    body = gimbal.numbers("YawB")
    return {
        "heading_deg": yaw % 360.0,
        "pitch_deg": attitude.numbers("Pitch") * scale,
        "roll_deg": attitude.numbers("Roll") * scale,
        "gimbal_yaw_deg": np.where(np.isnan(earth), yaw + body, earth) % 360.0,
        "gimbal_pitch_deg": gimbal.numbers("Pitch"),
        "gimbal_roll_deg": gimbal.numbers("Roll"),
    }


def _others(messages: Mapping[str, Messages], times: Times, rows: Messages) -> dict[str, Any]:
    battery = messages.get("BAT")
    charge = _Beside(battery, times, rows, _primary(battery)).numbers("RemPct")
    state = messages.get("STAT")
    if battery is None and state is not None:
        # PX4's first logger: a fraction.
        charge = _Beside(state, times, rows, _all(state)).numbers("BatRem") * 100.0
    finder = messages.get("RFND")
    if finder is not None and finder.first("Stat"):
        looks = (finder.numbers("Orient") == DOWN) & (finder.numbers("Stat") == GOOD)
    else:
        looks = np.zeros(0 if finder is None else len(finder), np.bool_)
    return {
        "battery_pct": np.where((charge >= 0) & (charge <= 100), charge, np.nan),
        "height_agl_m": _Beside(finder, times, rows, looks).numbers("Dist"),
    }

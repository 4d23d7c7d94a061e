"""Flight modes, and when a vehicle was in which."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from .._shared import _ardupilot
from .._shared._framing import Offsets
from ._clock import Vehicle
from ._records import Stream

#: MAV_AUTOPILOT of ArduPilot and of PX4.
ARDUPILOT, PX4 = 3, 12
#: Bit of HEARTBEAT.base_mode: the motors are armed.
ARMED = 0x80
#: Bit of HEARTBEAT.base_mode: custom_mode is meaningful.
CUSTOM = 0x01

#: MAV_TYPE -> ArduPilot's vehicle.
_VEHICLES: Mapping[int, str] = MappingProxyType(
    {
        **dict.fromkeys((2, 3, 4, 13, 14, 15, 29, 35, 43), "Copter"),
        **dict.fromkeys((1, 16, 19, 20, 21, 22, 23, 24, 25, 28), "Plane"),
        **dict.fromkeys((10, 11), "Rover"),
        12: "Sub",
        7: "Blimp",
        5: "Tracker",
    }
)


def vehicle_name(vehicle: Vehicle) -> str | None:
    """Return which of ArduPilot's vehicles it is like, ``None`` for another or unknown."""
    return _VEHICLES.get(vehicle.type) if vehicle.type is not None else None


#: PX4: main mode, in bits 16 to 23 of custom_mode (PX4, px4_custom_mode.h).
_PX4_MAIN: Mapping[int, str] = MappingProxyType(
    {
        1: "MANUAL",
        2: "ALTCTL",
        3: "POSCTL",
        4: "AUTO",
        5: "ACRO",
        6: "OFFBOARD",
        7: "STABILIZED",
        8: "RATTITUDE",
        9: "SIMPLE",
        10: "TERMINATION",
        11: "ALTITUDE_CRUISE",
    }
)
#: PX4: what AUTO does, in bits 24 to 31.
_PX4_AUTO: Mapping[int, str] = MappingProxyType(
    {
        1: "READY",
        2: "TAKEOFF",
        3: "LOITER",
        4: "MISSION",
        5: "RTL",
        6: "LAND",
        8: "FOLLOW_TARGET",
        9: "PRECLAND",
        10: "VTOL_TAKEOFF",
    }
)
#: Modes in which an aircraft comes home or down by itself.
RETURNING = frozenset(
    {
        "RTL",
        "SMART_RTL",
        "AUTO_RTL",
        "QRTL",
        "LAND",
        "QLAND",
        "BRAKE",
        "AUTO.RTL",
        "AUTO.LAND",
        "AUTO.PRECLAND",
        "TERMINATION",
    }
)


@dataclass(frozen=True, slots=True)
class States:
    """What each HEARTBEAT of the vehicle says; each shape ``(n,)``."""

    rows: Offsets
    time: npt.NDArray[np.int64]
    offsets: Offsets
    mode: npt.NDArray[np.uint32]
    armed: npt.NDArray[np.bool_]
    #: MAV_STATE: 3 standby, 4 active, 5 critical, 6 emergency.
    status: npt.NDArray[np.uint8]


def states(stream: Stream, vehicle: Vehicle) -> States:
    """Return the states that the vehicle's autopilot reports."""
    beats = vehicle.sent(stream["HEARTBEAT"])
    return States(
        beats.rows,
        beats.time,
        beats.offsets,
        beats["custom_mode"],
        (beats["base_mode"] & ARMED) > 0,
        beats["system_status"],
    )


def is_returning(mode: str) -> bool:
    """Return whether an aircraft in this mode comes home or down by itself."""
    return mode in RETURNING


def mode_name(vehicle: Vehicle, mode: int) -> str:
    """Return the maker's word for a mode, or its number."""
    if vehicle.autopilot == ARDUPILOT:
        return _ardupilot.mode_name(_VEHICLES.get(vehicle.type or 0), mode)
    if vehicle.autopilot == PX4:
        main, sub = mode >> 16 & 0xFF, mode >> 24
        name = _PX4_MAIN.get(main, f"mode {main}")
        if main == 4:
            return f"{name}.{_PX4_AUTO.get(sub, sub)}"
        return "ORBIT" if (main, sub) == (3, 1) else name
    return f"mode {mode}"

"""The vehicle a stream is about, its flight modes, and the states its HEARTBEAT reports."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from .._shared._ardupilot_names import mode_name as ardupilot_mode_name
from .._shared._record_framing import Offsets
from ._message_columns import MavlinkMessages, TlogMessages

#: MAV_TYPE of a ground station.
GROUND_STATION = 6
#: MAV_AUTOPILOT of what has none.
NO_AUTOPILOT = 8
#: MAV_TYPE of equipment: antenna tracker, ground station, onboard computer, gimbal, receiver of
#: other aircraft, camera, charging station, FLARM, servo, Remote ID, battery and other parts.
EQUIPMENT_TYPES = (5, 6, 18, 26, 27, *range(30, 35), *range(36, 43), 44)


@dataclass(frozen=True, slots=True)
class VehicleOfStream:
    """The aircraft that the log is about."""

    system: int
    component: int
    #: MAV_AUTOPILOT and MAV_TYPE; ``None``: it sent no HEARTBEAT.
    autopilot: int | None
    type: int | None
    #: Other systems that have an autopilot.
    others: tuple[int, ...] = ()

    def messages_from_autopilot(self, messages: MavlinkMessages) -> MavlinkMessages:
        """Return the messages that its autopilot sent."""
        return messages.from_sender(self.system, self.component)

    def messages_from_any_component(self, messages: MavlinkMessages) -> MavlinkMessages:
        """Return the messages that any of its components sent."""
        return messages.from_sender(self.system, None)


def choose_vehicle(stream: TlogMessages) -> VehicleOfStream:
    """Return the vehicle that reports most positions among those with an autopilot."""
    beats = stream["HEARTBEAT"]
    flying = (beats["autopilot"] != NO_AUTOPILOT) & (beats["type"] != GROUND_STATION)
    senders = _message_counts_by_sender(beats.select(flying))
    positions = _message_counts_by_sender(
        stream["GLOBAL_POSITION_INT"]
    ) or _message_counts_by_sender(stream["GPS_RAW_INT"])
    pool = {key: positions.get(key, 0) for key in senders} or positions
    if not pool:
        pool = _count_by_system_and_component(
            stream.index.frames.system, stream.index.frames.component
        )
    best = min(pool, key=lambda key: (-pool[key], -senders.get(key, 0), key), default=(1, 1))
    own = beats.select((beats.system == best[0]) & (beats.component == best[1]))
    others = sorted({system for system, _ in senders} - {best[0]})
    if not len(own):
        return VehicleOfStream(*best, None, None, tuple(others))
    return VehicleOfStream(*best, int(own["autopilot"][-1]), int(own["type"][-1]), tuple(others))


def find_vehicles(stream: TlogMessages) -> list[VehicleOfStream]:
    """Return every vehicle, by system: each system whose autopilot reports its own state.

    Ground stations, antenna trackers, gimbals, cameras and other equipment are no vehicles
    of their own; several components of one system are one vehicle.  Where no autopilot sends a
    HEARTBEAT, the sender of most positions is the only vehicle.
    """
    first = choose_vehicle(stream)
    beats = stream["HEARTBEAT"]
    flying = (beats["autopilot"] != NO_AUTOPILOT) & ~np.isin(beats["type"], EQUIPMENT_TYPES)
    systems = set(np.unique(beats.system[flying]).tolist())
    if systems <= {first.system}:
        return [first]
    senders = set(np.unique(stream.index.frames.system).tolist())
    vehicles = []
    for system in sorted(systems):
        own = choose_vehicle(TlogMessages(stream.index, senders - {system}))
        vehicles.append(replace(own, others=tuple(sorted(systems - {system}))))
    return vehicles


def _message_counts_by_sender(messages: MavlinkMessages) -> dict[tuple[int, int], int]:
    return _count_by_system_and_component(messages.system, messages.component)


def _count_by_system_and_component(
    system: npt.NDArray[np.uint8], component: npt.NDArray[np.uint8]
) -> dict[tuple[int, int], int]:
    keys, count = np.unique(system.astype(np.uint16) << 8 | component, return_counts=True)
    return {
        (int(key) >> 8, int(key) & 0xFF): int(number)
        for key, number in zip(keys, count, strict=True)
    }


#: MAV_AUTOPILOT of ArduPilot and of PX4.
ARDUPILOT, PX4 = 3, 12
#: Bit of HEARTBEAT.base_mode: the motors are armed.
ARMED_FLAG = 0x80
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
RETURNING_MODES = frozenset(
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
class HeartbeatStates:
    """The state in each HEARTBEAT of the vehicle; each shape ``(n,)``."""

    rows: Offsets
    time: npt.NDArray[np.int64]
    offsets: Offsets
    mode: npt.NDArray[np.uint32]
    armed: npt.NDArray[np.bool_]
    #: MAV_STATE: 3 standby, 4 active, 5 critical, 6 emergency.
    status: npt.NDArray[np.uint8]


def heartbeat_states_of_vehicle(stream: TlogMessages, vehicle: VehicleOfStream) -> HeartbeatStates:
    """Return the states that the vehicle's autopilot reports."""
    beats = vehicle.messages_from_autopilot(stream["HEARTBEAT"])
    return HeartbeatStates(
        beats.rows,
        beats.time,
        beats.offsets,
        beats["custom_mode"],
        (beats["base_mode"] & ARMED_FLAG) > 0,
        beats["system_status"],
    )


def is_returning_or_landing_mode(mode: str) -> bool:
    """Return whether an aircraft in this mode comes home or down by itself."""
    return mode in RETURNING_MODES


def mode_name(vehicle: VehicleOfStream, mode: int) -> str:
    """Return the maker's word for a mode, or its number."""
    if vehicle.autopilot == ARDUPILOT:
        return ardupilot_mode_name(_VEHICLES.get(vehicle.type or 0), mode)
    if vehicle.autopilot == PX4:
        main, sub = mode >> 16 & 0xFF, mode >> 24
        name = _PX4_MAIN.get(main, f"mode {main}")
        if main == 4:
            return f"{name}.{_PX4_AUTO.get(sub, sub)}"
        return "ORBIT" if (main, sub) == (3, 1) else name
    return f"mode {mode}"

"""Flight events of a MAVLink stream: modes, arming, take-off, landing, home, link, restarts."""

from collections.abc import Iterator

import numpy as np

from ..._model import NamedPosition, ReceivedAdsbAircraft
from ..._track_values._find_airborne_time import WHEN_LOG_BEGINS
from .._shared._event_rows import EventRow, make_event_row
from .._shared._received_adsb_aircraft import aircraft_received_by_adsb
from .._shared._timestamps import NAT, timestamp_or_none
from ._choose_vehicle import (
    ARMED_FLAG,
    VehicleOfStream,
    heartbeat_states_of_vehicle,
    is_returning_or_landing_mode,
    mode_name,
)
from ._event_rows import enum_words_or_number, event_row, rows_where_value_changes
from ._fit_vehicle_clock import TlogClockFit
from ._message_columns import MavlinkMessages, TlogMessages

#: MAV_LANDED_STATE: on the ground, in the air, taking off, landing.
ON_GROUND, AIR, RISING = 1, 2, 3
#: MAV_STATE: ready on the ground, flying; above: critical, emergency.
STANDBY, ACTIVE = 3, 4
#: Bit of HEARTBEAT.base_mode: the sensors are simulated (MAV_MODE_FLAG_HIL_ENABLED).
HIL_FLAG = 0x20
#: Nanoseconds without a HEARTBEAT, sent every second, after which the link was lost.
LINK_LOST_NS = 10_000_000_000
#: Degrees times 1e7 by which home must move to be another: 5 m.
HOME_MOVED_DEG_E7 = 450


def flight_events(
    stream: TlogMessages, vehicle: VehicleOfStream, timing: TlogClockFit
) -> list[EventRow]:
    """Return what the vehicle did, in no order."""
    beats = vehicle.messages_from_autopilot(stream["HEARTBEAT"])
    return [
        *_mode_events(beats, vehicle, stream),
        *_arming_events(beats, stream, vehicle),
        *_airborne_report_events(stream, vehicle, beats),
        *_heartbeat_loss_events(beats, stream),
        *_home_events(vehicle.messages_from_autopilot(stream["HOME_POSITION"])),
        *_restart_events(stream, vehicle, timing),
        *_air_traffic_events(stream["ADSB_VEHICLE"]),
        *_simulator_events(stream, vehicle, beats),
    ]


#: Messages that only a simulator sends: its true state, and what it feeds an autopilot with.
_SIMULATOR_MESSAGES = ("SIMSTATE", "SIM_STATE", "HIL_SENSOR", "HIL_GPS")


def _simulator_events(
    stream: TlogMessages, vehicle: VehicleOfStream, beats: MavlinkMessages
) -> Iterator[EventRow]:
    """Yield the first sign that the vehicle was simulated; one is enough."""
    for name in _SIMULATOR_MESSAGES:
        messages = vehicle.messages_from_any_component(stream[name])
        if len(messages):
            text = f"only a simulated vehicle sends {name}"
            yield event_row(messages, 0, "simulator", text, severity="notice")
            return
    simulated = (beats["base_mode"] & HIL_FLAG) > 0
    if simulated.any():
        row = int(np.argmax(simulated))
        text = "sensors are simulated (hardware in the loop)"
        yield event_row(beats, row, "simulator", text, label="base_mode", severity="notice")


def _mode_events(
    beats: MavlinkMessages, vehicle: VehicleOfStream, stream: TlogMessages
) -> Iterator[EventRow]:
    modes = heartbeat_states_of_vehicle(stream, vehicle).mode
    for row in rows_where_value_changes(modes):
        name = mode_name(vehicle, int(modes[row]))
        first = " when the log begins" if row == 0 else ""
        yield event_row(
            beats, row, "mode", f"{name}{first}", label="custom_mode", value=float(modes[row])
        )
        if row and is_returning_or_landing_mode(name):
            yield event_row(beats, row, "action", f"began {name}", label="custom_mode")


def _arming_events(
    beats: MavlinkMessages, stream: TlogMessages, vehicle: VehicleOfStream
) -> Iterator[EventRow]:
    armed = heartbeat_states_of_vehicle(stream, vehicle).armed
    for row in rows_where_value_changes(armed):
        kind = "arm" if armed[row] else "disarm"
        text = f"{kind}ed" if row else f"{kind}ed {WHEN_LOG_BEGINS}"
        yield event_row(beats, row, kind, text, label="base_mode")


def _airborne_report_events(
    stream: TlogMessages, vehicle: VehicleOfStream, beats: MavlinkMessages
) -> Iterator[EventRow]:
    landed = vehicle.messages_from_autopilot(stream["EXTENDED_SYS_STATE"])
    landed_state = landed["landed_state"]
    if len(landed_state) and landed_state.any():
        landed, landed_state = landed.select(landed_state != 0), landed_state[landed_state != 0]
        yield from _airborne_change_events(
            landed, landed_state != ON_GROUND, "landed_state", "reported"
        )
        return
    # ArduPilot's copters are ACTIVE in the air and in STANDBY on the ground;
    # planes and rovers are ACTIVE as soon as they are armed.
    if vehicle.type in (2, 3, 4, 13, 14, 15, 29, 35):
        # While they start they are ACTIVE too, but not armed.
        beats = beats.select(beats["system_status"] >= STANDBY)
        flying = (beats["system_status"] >= ACTIVE) & ((beats["base_mode"] & ARMED_FLAG) > 0)
        yield from _airborne_change_events(beats, flying, "system_status", "inferred")


def _airborne_change_events(
    messages: MavlinkMessages,
    flying: np.ndarray[tuple[int], np.dtype[np.bool_]],
    label: str,
    grade: str,
) -> Iterator[EventRow]:
    for row in rows_where_value_changes(flying):
        where = "in the air" if flying[row] else "on the ground"
        text = f"reports to be {where}" + (f" {WHEN_LOG_BEGINS}" if row == 0 else "")
        value = float(flying[row])
        yield event_row(
            messages, row, "airborne.report", text, label=label, grade=grade, value=value
        )


def _heartbeat_loss_events(beats: MavlinkMessages, stream: TlogMessages) -> Iterator[EventRow]:
    if not len(beats) or beats.time[0] == NAT or not stream.index.has_timestamps:
        return
    for row in np.flatnonzero(np.diff(beats.time) > LINK_LOST_NS).tolist():
        silent = float(beats.time[row + 1] - beats.time[row]) / 1e9
        yield event_row(
            beats,
            row,
            "link.lost",
            f"nothing was received from the autopilot for {silent:.0f} s",
            grade="inferred",
            severity="notice",
            value=silent,
            end=int(beats.time[row + 1]),
        )


def _home_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    for row in _row_indices_where_home_moves(messages):
        latitude, longitude = messages["latitude"][row] / 1e7, messages["longitude"][row] / 1e7
        altitude = messages["altitude"][row] / 1000
        text = f"home is {latitude:.7f}, {longitude:.7f}, {altitude:.1f} m AMSL"
        yield event_row(messages, row, "home", text, label="latitude")


def _row_indices_where_home_moves(messages: MavlinkMessages) -> list[int]:
    """Return the rows at which home is another than before."""
    latitude = messages["latitude"].astype(np.int64)
    longitude = messages["longitude"].astype(np.int64)
    moved = (np.abs(np.diff(latitude)) > HOME_MOVED_DEG_E7) | (
        np.abs(np.diff(longitude)) > HOME_MOVED_DEG_E7
    )
    rows = [0, *(np.flatnonzero(moved) + 1).tolist()] if len(messages) else []
    return [row for row in rows if latitude[row] or longitude[row]]


def home_positions(stream: TlogMessages, vehicle: VehicleOfStream) -> list[NamedPosition]:
    """Return every home point."""
    messages = vehicle.messages_from_autopilot(stream["HOME_POSITION"])
    return [
        build_named_position(messages, row, "home", "latitude", "longitude")
        for row in _row_indices_where_home_moves(messages)
    ]


def build_named_position(
    messages: MavlinkMessages, row: int, kind: str, latitude: str, longitude: str
) -> NamedPosition:
    """Return a position that a message names in degrees times 1e7."""
    return NamedPosition(
        kind=kind,
        time=timestamp_or_none(int(messages.time[row])),
        latitude_deg=float(messages[latitude][row]) / 1e7,
        longitude_deg=float(messages[longitude][row]) / 1e7,
        accuracy_m=None,
        record=f"{messages.message.name}.{latitude}",
        source_offset=int(messages.offsets[row]),
    )


def _restart_events(
    stream: TlogMessages, vehicle: VehicleOfStream, timing: TlogClockFit
) -> Iterator[EventRow]:
    rows = np.array(timing.restarts, np.int64)
    starts, times = stream.index.starts[rows].tolist(), stream.times.utc_ns_of_frames(rows).tolist()
    for start, time in zip(starts, times, strict=True):
        yield make_event_row(
            "clock",
            f"system {vehicle.system} was restarted: its time since start-up went back",
            time=time,
            record="time_boot_ms",
            source_offset=start,
            details={"severity": "notice", "grade": "inferred"},
        )


def received_adsb_aircraft(stream: TlogMessages) -> tuple[ReceivedAdsbAircraft, ...]:
    """Return the aircraft that were received by ADS-B, each with its path."""
    messages = stream["ADSB_VEHICLE"]
    if not len(messages):
        return ()
    flags = messages["flags"].astype(np.int64)
    has_place, has_altitude = flags & 1 != 0, flags & 2 != 0
    positions = (
        np.where(has_place, messages["lat"].astype(np.float64) / 1e7, np.nan),
        np.where(has_place, messages["lon"].astype(np.float64) / 1e7, np.nan),
        np.where(has_altitude, messages["altitude"].astype(np.float64) / 1e3, np.nan),
    )
    return aircraft_received_by_adsb(
        messages["ICAO_address"],
        messages.time,
        positions,
        messages.offsets,
        messages.message.name,
        name_of_row=lambda row: str(messages["callsign"][row]).strip("\0 "),
        kind_of_row=lambda row: _adsb_emitter_type_text(int(messages["emitter_type"][row])),
    )


def _adsb_emitter_type_text(number: int) -> str:
    """Return what an aircraft says that it is; the dialect misspells one of the words."""
    return enum_words_or_number("ADSB_EMITTER_TYPE", number).replace("rotocraft", "rotorcraft")


def _air_traffic_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    numbers, first = np.unique(messages["ICAO_address"], return_index=True)
    for number, row in zip(numbers.tolist(), first.tolist(), strict=True):
        sign = str(messages["callsign"][row]).strip()
        what = _adsb_emitter_type_text(int(messages["emitter_type"][row]))
        yield event_row(
            messages,
            row,
            "traffic",
            f"aircraft {number:06X} {sign} ({what})".replace("  ", " "),
            label="ICAO_address",
        )

"""What a vehicle did: modes, arming, take-off, landing, home, lost links, restarts."""

from collections.abc import Iterator

import numpy as np

from ..._model import Place
from ._clock import Timing, Vehicle
from ._event import NAT, Event, changes, event, word
from ._modes import ARMED, is_returning, mode_name, states
from ._records import Messages, Stream

#: MAV_LANDED_STATE: on the ground, in the air, taking off, landing.
GROUND, AIR, RISING = 1, 2, 3
#: MAV_STATE: ready on the ground, flying; above: critical, emergency.
STANDBY, ACTIVE = 3, 4
#: Nanoseconds without a HEARTBEAT, sent every second, after which the link was lost.
SILENT_NS = 10_000_000_000
#: Degrees times 1e7 by which home must move to be another: 5 m.
HOME_MOVED = 450


def flight_events(stream: Stream, vehicle: Vehicle, timing: Timing) -> list[Event]:
    """Return what the vehicle did, in no order."""
    beats = vehicle.sent(stream["HEARTBEAT"])
    return [
        *_modes(beats, vehicle, stream),
        *_arming(beats, stream, vehicle),
        *_flying(stream, vehicle, beats),
        *_silences(beats, stream),
        *_homes(vehicle.sent(stream["HOME_POSITION"])),
        *_restarts(stream, vehicle, timing),
        *_traffic(stream["ADSB_VEHICLE"]),
    ]


def _modes(beats: Messages, vehicle: Vehicle, stream: Stream) -> Iterator[Event]:
    modes = states(stream, vehicle).mode
    for row in changes(modes):
        name = mode_name(vehicle, int(modes[row]))
        first = " when the log begins" if row == 0 else ""
        yield event(
            beats, row, "mode", f"{name}{first}", label="custom_mode", value=float(modes[row])
        )
        if row and is_returning(name):
            yield event(beats, row, "action", f"began {name}", label="custom_mode")


def _arming(beats: Messages, stream: Stream, vehicle: Vehicle) -> Iterator[Event]:
    armed = states(stream, vehicle).armed
    for row in changes(armed):
        if row == 0 and not armed[row]:
            continue
        kind = "arm" if armed[row] else "disarm"
        text = f"{kind}ed" if row else "armed when the log begins"
        yield event(beats, row, kind, text, label="base_mode")


def _flying(stream: Stream, vehicle: Vehicle, beats: Messages) -> Iterator[Event]:
    landed = vehicle.sent(stream["EXTENDED_SYS_STATE"])
    told = landed["landed_state"]
    if len(told) and told.any():
        landed, told = landed.where(told != 0), told[told != 0]
        yield from _edges(landed, told != GROUND, "landed_state", "reported")
        return
    # ArduPilot's copters are ACTIVE in the air and in STANDBY on the ground;
    # planes and rovers are ACTIVE as soon as they are armed.
    if vehicle.type in (2, 3, 4, 13, 14, 15, 29, 35):
        # While they start they are ACTIVE too, but not armed.
        beats = beats.where(beats["system_status"] >= STANDBY)
        flying = (beats["system_status"] >= ACTIVE) & ((beats["base_mode"] & ARMED) > 0)
        yield from _edges(beats, flying, "system_status", "inferred")


def _edges(
    found: Messages, flying: np.ndarray[tuple[int], np.dtype[np.bool_]], label: str, grade: str
) -> Iterator[Event]:
    for row in changes(flying):
        if row == 0 and not flying[row]:
            continue
        kind, text = ("takeoff", "took off") if flying[row] else ("landing", "landed")
        if row == 0:
            text = "in the air at the first report"
        yield event(found, row, kind, text, label=label, grade=grade)


def _silences(beats: Messages, stream: Stream) -> Iterator[Event]:
    if not len(beats) or beats.time[0] == NAT or not stream.index.timed:
        return
    for row in np.flatnonzero(np.diff(beats.time) > SILENT_NS).tolist():
        silent = float(beats.time[row + 1] - beats.time[row]) / 1e9
        yield event(
            beats,
            row,
            "link.lost",
            f"nothing was heard of the autopilot for {silent:.0f} s",
            grade="inferred",
            severity="notice",
            value=silent,
            end=int(beats.time[row + 1]),
        )


def _homes(found: Messages) -> Iterator[Event]:
    for row in _moves(found):
        latitude, longitude = found["latitude"][row] / 1e7, found["longitude"][row] / 1e7
        text = (
            f"home is {latitude:.7f}, {longitude:.7f}, {found['altitude'][row] / 1000:.1f} m AMSL"
        )
        yield event(found, row, "home", text, label="latitude")


def _moves(found: Messages) -> list[int]:
    """Return the rows at which home is another than before."""
    latitude = found["latitude"].astype(np.int64)
    longitude = found["longitude"].astype(np.int64)
    moved = (np.abs(np.diff(latitude)) > HOME_MOVED) | (np.abs(np.diff(longitude)) > HOME_MOVED)
    rows = [0, *(np.flatnonzero(moved) + 1).tolist()] if len(found) else []
    return [row for row in rows if latitude[row] or longitude[row]]


def home_places(stream: Stream, vehicle: Vehicle) -> list[Place]:
    """Return every home point."""
    found = vehicle.sent(stream["HOME_POSITION"])
    return [place(found, row, "home", "latitude", "longitude") for row in _moves(found)]


def place(found: Messages, row: int, kind: str, latitude: str, longitude: str) -> Place:
    """Return a place that a message names in degrees times 1e7."""
    import pandas as pd

    when = int(found.time[row])
    return Place(
        kind=kind,
        time=None if when == NAT else pd.Timestamp(when, unit="ns", tz="UTC"),
        latitude_deg=float(found[latitude][row]) / 1e7,
        longitude_deg=float(found[longitude][row]) / 1e7,
        accuracy_m=None,
        record=f"{found.message.name}.{latitude}",
        source_offset=int(found.offsets[row]),
    )


def _restarts(stream: Stream, vehicle: Vehicle, timing: Timing) -> Iterator[Event]:
    rows = np.array(timing.restarts, np.int64)
    starts, times = stream.index.starts[rows].tolist(), stream.times.utc_ns(rows).tolist()
    for start, time in zip(starts, times, strict=True):
        yield {
            "time": time,
            "end": NAT,
            "kind": "clock",
            "severity": "notice",
            "grade": "inferred",
            "text": f"system {vehicle.system} was restarted: its time since the start fell back",
            "value": None,
            "record": "time_boot_ms",
            "source_offset": start,
        }


def _traffic(found: Messages) -> Iterator[Event]:
    numbers, first = np.unique(found["ICAO_address"], return_index=True)
    for number, row in zip(numbers.tolist(), first.tolist(), strict=True):
        sign = str(found["callsign"][row]).strip()
        what = word("ADSB_EMITTER_TYPE", int(found["emitter_type"][row]))
        yield event(
            found,
            row,
            "traffic",
            f"aircraft {number:06X} {sign} ({what})".replace("  ", " "),
            label="ICAO_address",
        )

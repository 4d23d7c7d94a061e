"""Who is on the links: the vehicle, its parts, ground stations, and its Remote ID."""

import re
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from ..._model import Aircraft
from ._clock import Vehicle
from ._event import Event, event, sender, word
from ._records import Messages, Stream
from ._remote_id import broadcast_serial, remote_id_events, text_of
from ._text import Text

#: A text in which ArduPilot names its firmware.
_FIRMWARE = re.compile(r"^(APM: ?\w+|Ardu\w+|Rover|Copter|Plane|Sub|AntennaTracker|Blimp) +V?\d")
#: A text in which ArduPilot names the board and its number: three groups of eight.
_BOARD = re.compile(r"^(?P<board>\S.*?)\s+(?P<serial>[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8})$")


def identify(stream: Stream, vehicle: Vehicle, said: Sequence[Text]) -> Aircraft:
    """Return what the stream says of the aircraft and its parts."""
    version = vehicle.sent(stream["AUTOPILOT_VERSION"])
    camera = vehicle.owns(stream["CAMERA_INFORMATION"])
    firmware = dict(_firmware(stream, vehicle, version, said))
    part = vehicle.owns(stream["COMPONENT_INFORMATION_BASIC"])
    return Aircraft(
        model=None if vehicle.type is None else word("MAV_TYPE", vehicle.type),
        serial=broadcast_serial(stream, vehicle),
        flight_controller_serial=_serial(version, said),
        camera_model=_camera(camera) if len(camera) else None,
        camera_serial=_part_serial(part, range(100, 106)),
        firmware=firmware,
    )


def _firmware(
    stream: Stream, vehicle: Vehicle, version: Messages, said: Sequence[Text]
) -> Iterator[tuple[str, str]]:
    told = [one.text for one in said if _FIRMWARE.match(one.text)]
    if told:
        yield "autopilot", told[-1]
    elif len(version) and int(version["flight_sw_version"][-1]):
        yield "autopilot", _semantic(int(version["flight_sw_version"][-1]))
    for name, part in (("CAMERA_INFORMATION", "camera"), ("GIMBAL_DEVICE_INFORMATION", "gimbal")):
        found = vehicle.owns(stream[name])
        if len(found) and int(found["firmware_version"][-1]):
            # Unlike the autopilot's, the lowest byte is the major number.
            number = int(found["firmware_version"][-1])
            yield part, f"{number & 0xFF}.{number >> 8 & 0xFF}.{number >> 16 & 0xFF}"


def _semantic(number: int) -> str:
    kinds = {0: "dev", 64: "alpha", 128: "beta", 192: "rc", 255: ""}
    kind = kinds.get(number & 0xFF, str(number & 0xFF))
    text = f"{number >> 24}.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}"
    return f"{text}-{kind}" if kind else text


def _serial(version: Messages, said: Sequence[Text]) -> str | None:
    if len(version):
        long, short = version["uid2"][-1], int(version["uid"][-1])
        if long.any():
            return _number(long.tobytes())
        if short:
            return f"{short:016x}"
    found = [match["serial"] for one in said if (match := _BOARD.match(one.text))]
    return found[-1] if found else None


def _number(value: bytes) -> str:
    """Return a board's number as ArduPilot prints it, so that it can be compared.

    Real boards have three words of 32 bits; simulated ones a text.
    """
    used = value.rstrip(b"\0")
    if all(32 < byte < 127 for byte in used):
        return used.decode("ascii")
    if len(used) > 12:
        return used.hex()
    return " ".join(f"{word:08X}" for word in struct.unpack("<3I", value[:12]))


def _camera(found: Messages) -> str | None:
    words = [text_of(found[name][-1]) for name in ("vendor_name", "model_name")]
    return " ".join(part for part in words if part) or None


def _part_serial(found: Messages, components: range) -> str | None:
    some = found.where(np.isin(found.component, list(components)))
    return str(some["serial_number"][-1]) or None if len(some) else None


def identity_events(stream: Stream, vehicle: Vehicle) -> list[Event]:
    """Return the senders, the parts that name themselves, and what Remote ID said."""
    return [
        *_senders(stream["HEARTBEAT"], vehicle),
        *_version(stream["AUTOPILOT_VERSION"]),
        *_parts(stream),
        *_view(stream["CAMERA_FOV_STATUS"]),
        *remote_id_events(stream),
    ]


def _senders(found: Messages, vehicle: Vehicle) -> Iterator[Event]:
    parts = (found.system, found.component, found["type"], found["autopilot"])
    keys = np.ascontiguousarray(np.stack(parts, axis=1, dtype=np.uint8)).view(">u4").ravel()
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    for row, number in zip(first.tolist(), count.tolist(), strict=True):
        system, component, kind, autopilot = (int(part[row]) for part in parts)
        what = word("MAV_TYPE", kind)
        pilot = "" if autopilot == 8 else f", autopilot {word('MAV_AUTOPILOT', autopilot)}"
        other = system in vehicle.others and autopilot != 8
        note = "; another vehicle, not in the track" if other else ""
        text = f"{sender(system, component)} is a {what}{pilot}: {number} heartbeats{note}"
        yield event(
            found, row, "component", text, label="type", severity="notice" if other else "info"
        )


def _version(found: Messages) -> Iterator[Event]:
    seen: set[tuple[int, int]] = set()
    for row in range(len(found)):
        key = int(found["flight_sw_version"][row]), int(found["board_version"][row])
        if key in seen or not key[0]:
            continue
        seen.add(key)
        git = found["flight_custom_version"][row].tobytes().split(b"\0")[0]
        text = f"autopilot firmware {_semantic(key[0])}, board {key[1]:08x}"
        if git and all(32 < byte < 127 for byte in git):
            text += f", build {git.decode('ascii')}"
        yield event(found, row, "firmware", text, label="flight_sw_version")


def _parts(stream: Stream) -> Iterator[Event]:
    camera = stream["CAMERA_INFORMATION"]
    for row in _first_of_each(camera):
        words = [text_of(camera[name][row]) or "?" for name in ("vendor_name", "model_name")]
        heat = ", has a thermal range" if int(camera["flags"][row]) & 4096 else ""
        yield event(camera, row, "component", f"camera {' '.join(words)}{heat}", label="model_name")
    gimbal = stream["GIMBAL_DEVICE_INFORMATION"]
    for row in _first_of_each(gimbal):
        text = f"gimbal {gimbal['vendor_name'][row]} {gimbal['model_name'][row]}".strip()
        text += f", number {int(gimbal['uid'][row]):016x}" if int(gimbal["uid"][row]) else ""
        yield event(gimbal, row, "component", text, label="model_name")
    part = stream["COMPONENT_INFORMATION_BASIC"]
    for row in _first_of_each(part):
        names = ("vendor_name", "model_name", "software_version", "serial_number")
        text = ", ".join(str(part[name][row]) for name in names if part[name][row])
        yield event(part, row, "component", text or "a part without a name", label="model_name")


def _first_of_each(found: Messages) -> list[int]:
    keys = found.system.astype(np.uint16) << 8 | found.component
    return sorted(np.unique(keys, return_index=True)[1].tolist()) if len(found) else []


def _view(found: Messages) -> Iterator[Event]:
    for row in _first_of_each(found):
        wide, high = float(found["hfov"][row]), float(found["vfov"][row])
        if np.isfinite(wide) and wide:
            text = f"camera field of view {wide:.1f} by {high:.1f} degrees"
            yield event(found, row, "component", text, label="hfov", value=wide)

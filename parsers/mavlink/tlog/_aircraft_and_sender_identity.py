"""Who is on the links: the vehicle, its components, ground stations, and its Remote ID."""

import re
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from ..._model import Aircraft
from .._shared._event_rows import EventRow
from ._choose_vehicle import VehicleOfStream
from ._event_rows import enum_words_or_number, event_row, sender_name
from ._message_columns import MavlinkMessages, TlogMessages
from ._remote_id._own_broadcast import broadcast_serial, remote_id_events, text_of_bytes
from ._status_text import StatusText

#: A text in which ArduPilot names its firmware.
_FIRMWARE_TEXT = re.compile(
    r"^(APM: ?\w+|Ardu\w+|Rover|Copter|Plane|Sub|AntennaTracker|Blimp) +V?\d"
)
#: A text in which ArduPilot names the board and its number: three groups of eight.
BOARD_TEXT = re.compile(r"^(?P<board>\S.{0,60}?)\s{1,8}(?P<serial>[0-9A-F]{8}(?: [0-9A-F]{8}){2})$")


def read_aircraft(
    stream: TlogMessages, vehicle: VehicleOfStream, texts: Sequence[StatusText]
) -> Aircraft:
    """Return what the stream states of the aircraft and its components."""
    version = vehicle.messages_from_autopilot(stream["AUTOPILOT_VERSION"])
    camera = vehicle.messages_from_any_component(stream["CAMERA_INFORMATION"])
    firmware = dict(_firmware_versions_by_component(stream, vehicle, version, texts))
    part = vehicle.messages_from_any_component(stream["COMPONENT_INFORMATION_BASIC"])
    return Aircraft(
        model=None if vehicle.type is None else enum_words_or_number("MAV_TYPE", vehicle.type),
        serial=broadcast_serial(stream, vehicle),
        flight_controller_serial=_board_serial(version, texts),
        camera_model=_camera_name(camera) if len(camera) else None,
        camera_serial=_component_serial(part, range(100, 106)),
        firmware=firmware,
    )


def _firmware_versions_by_component(
    stream: TlogMessages,
    vehicle: VehicleOfStream,
    version: MavlinkMessages,
    texts: Sequence[StatusText],
) -> Iterator[tuple[str, str]]:
    firmware_texts = [text.text for text in texts if _FIRMWARE_TEXT.match(text.text)]
    if firmware_texts:
        yield "autopilot", firmware_texts[-1]
    elif len(version) and int(version["flight_sw_version"][-1]):
        yield "autopilot", _version_text(int(version["flight_sw_version"][-1]))
    for name, part in (("CAMERA_INFORMATION", "camera"), ("GIMBAL_DEVICE_INFORMATION", "gimbal")):
        messages = vehicle.messages_from_any_component(stream[name])
        if len(messages) and int(messages["firmware_version"][-1]):
            # Unlike the autopilot's, the lowest byte is the major number.
            number = int(messages["firmware_version"][-1])
            yield part, f"{number & 0xFF}.{number >> 8 & 0xFF}.{number >> 16 & 0xFF}"


def _version_text(number: int) -> str:
    kinds = {0: "dev", 64: "alpha", 128: "beta", 192: "rc", 255: ""}
    kind = kinds.get(number & 0xFF, str(number & 0xFF))
    text = f"{number >> 24}.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}"
    return f"{text}-{kind}" if kind else text


def _board_serial(version: MavlinkMessages, texts: Sequence[StatusText]) -> str | None:
    if len(version):
        long, short = version["uid2"][-1], int(version["uid"][-1])
        if long.any():
            return board_serial_as_ardupilot_prints(long.tobytes())
        if short:
            return f"{short:016x}"
    serials = [match["serial"] for text in texts if (match := BOARD_TEXT.match(text.text))]
    return serials[-1] if serials else None


def board_serial_as_ardupilot_prints(value: bytes) -> str:
    """Return a board's number as ArduPilot prints it, so that it can be compared.

    Real boards have three words of 32 bits; simulated ones a text.
    """
    used = value.rstrip(b"\0")
    if all(32 < byte < 127 for byte in used):
        return used.decode("ascii")
    if len(used) > 12:
        return used.hex()
    return " ".join(f"{word:08X}" for word in struct.unpack("<3I", value[:12]))


def _camera_name(messages: MavlinkMessages) -> str | None:
    words = [text_of_bytes(messages[name][-1]) for name in ("vendor_name", "model_name")]
    return " ".join(part for part in words if part) or None


def _component_serial(messages: MavlinkMessages, components: range) -> str | None:
    some = messages.select(np.isin(messages.component, list(components)))
    return str(some["serial_number"][-1]) or None if len(some) else None


def identity_events(stream: TlogMessages, vehicle: VehicleOfStream) -> list[EventRow]:
    """Return the senders, the components that name themselves, and Remote ID."""
    return [
        *_sender_events(stream["HEARTBEAT"], vehicle),
        *_firmware_events(stream["AUTOPILOT_VERSION"]),
        *_component_events(stream),
        *_field_of_view_events(stream["CAMERA_FOV_STATUS"]),
        *remote_id_events(stream),
    ]


def _sender_events(messages: MavlinkMessages, vehicle: VehicleOfStream) -> Iterator[EventRow]:
    parts = (messages.system, messages.component, messages["type"], messages["autopilot"])
    keys = np.ascontiguousarray(np.stack(parts, axis=1, dtype=np.uint8)).view(">u4").ravel()
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    for row, number in zip(first.tolist(), count.tolist(), strict=True):
        system, component, kind, autopilot = (int(part[row]) for part in parts)
        what = enum_words_or_number("MAV_TYPE", kind)
        pilot = (
            ""
            if autopilot == 8
            else f", autopilot {enum_words_or_number('MAV_AUTOPILOT', autopilot)}"
        )
        other = system in vehicle.others and autopilot != 8
        note = "; its positions are not in the track" if other else ""
        text = f"{sender_name(system, component)} is a {what}{pilot}: {number} heartbeats{note}"
        yield event_row(
            messages, row, "component", text, label="type", severity="notice" if other else "info"
        )


def _firmware_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    seen: set[tuple[int, int]] = set()
    for row in range(len(messages)):
        key = int(messages["flight_sw_version"][row]), int(messages["board_version"][row])
        if key in seen or not key[0]:
            continue
        seen.add(key)
        git = messages["flight_custom_version"][row].tobytes().split(b"\0")[0]
        text = f"autopilot firmware {_version_text(key[0])}, board {key[1]:08x}"
        if git and all(32 < byte < 127 for byte in git):
            text += f", build {git.decode('ascii')}"
        yield event_row(messages, row, "firmware", text, label="flight_sw_version")


def _component_events(stream: TlogMessages) -> Iterator[EventRow]:
    camera = stream["CAMERA_INFORMATION"]
    for row in _first_row_of_each_sender(camera):
        words = [text_of_bytes(camera[name][row]) or "?" for name in ("vendor_name", "model_name")]
        heat = ", has a thermal range" if int(camera["flags"][row]) & 4096 else ""
        yield event_row(
            camera, row, "component", f"camera {' '.join(words)}{heat}", label="model_name"
        )
    gimbal = stream["GIMBAL_DEVICE_INFORMATION"]
    for row in _first_row_of_each_sender(gimbal):
        text = f"gimbal {gimbal['vendor_name'][row]} {gimbal['model_name'][row]}".strip()
        text += f", number {int(gimbal['uid'][row]):016x}" if int(gimbal["uid"][row]) else ""
        yield event_row(gimbal, row, "component", text, label="model_name")
    part = stream["COMPONENT_INFORMATION_BASIC"]
    for row in _first_row_of_each_sender(part):
        names = ("vendor_name", "model_name", "software_version", "serial_number")
        text = ", ".join(str(part[name][row]) for name in names if part[name][row])
        yield event_row(
            part, row, "component", text or "a component without a name", label="model_name"
        )


def _first_row_of_each_sender(messages: MavlinkMessages) -> list[int]:
    keys = messages.system.astype(np.uint16) << 8 | messages.component
    return sorted(np.unique(keys, return_index=True)[1].tolist()) if len(messages) else []


def _field_of_view_events(messages: MavlinkMessages) -> Iterator[EventRow]:
    for row in _first_row_of_each_sender(messages):
        wide, high = float(messages["hfov"][row]), float(messages["vfov"][row])
        if np.isfinite(wide) and wide:
            text = f"camera field of view {wide:.1f} by {high:.1f} degrees"
            yield event_row(messages, row, "component", text, label="hfov", value=wide)

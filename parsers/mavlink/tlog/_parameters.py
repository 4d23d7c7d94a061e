"""Parameters: the values that the vehicle sent, and who changed them.

Events are made for parameters that concern fence, links, camera or Remote ID, that differ
from their default (which a packed file states), or that change; ``records("PARAM_VALUE")``
has all.

**Packed file** (``@PARAM/param.pck``).  Since ArduPilot 4.1 ground stations read this file
over MAVLink FTP instead of requesting each parameter.  Layout (ArduPilot,
``AP_Filesystem_Param``): two bytes of magic, the number of parameters in the file and in all
(two bytes each), then for each parameter: type in the low and flags in the high half of a
byte; in the next byte how many characters it shares with the name before (low half) and
how many follow, less one (high half); those characters; the value; and the
default value where flag 1 is set.  Zeros between parameters are padding.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._shared._event_rows import EventRow
from .._shared._fence_messages import breached_boundaries_text
from .._shared._fences_from_parameters import TimedFenceParameterValue, build_fence_switch_setting
from ._choose_vehicle import PX4, VehicleOfStream
from ._event_rows import event_row, rows_where_value_changes, sender_name_of_message
from ._message_columns import MavlinkMessages, TlogMessages

PACKED_FILE = b"@PARAM/param.pck"
MAGIC, MAGIC_DEFAULTS = 0x671B, 0x671C
#: Type -> how the value is packed.
_VALUE_LAYOUTS = {1: "<b", 2: "<h", 3: "<i", 4: "<f"}
#: Bytes of a file of parameters; real ones have some 15,000.
LARGEST_FILE = 1 << 20
#: MAVLink FTP: operations, and where the fields of a payload lie.
OPEN, READ, BURST_READ, ACKNOWLEDGED = 4, 5, 15, 128
OPCODE, SIZE, REQUESTED_OPCODE, FILE_OFFSET, DATA = 3, 4, 5, 8, 12


@dataclass(frozen=True, slots=True)
class PackedParameter:
    """One parameter of such a file."""

    name: str
    value: float
    #: ``None``: the file does not state it, or the value is the default.
    default: float | None
    #: Row of the message that holds the beginning of it.
    row: int


def parameters_from_packed_files(stream: TlogMessages, system: int) -> list[PackedParameter]:
    """Return the parameters in the files that a system sent; damaged files give none."""
    messages = stream["FILE_TRANSFER_PROTOCOL"]
    if not len(messages):
        return []
    payload = messages["payload"]
    opened = np.flatnonzero(payload[:, OPCODE] == OPEN)
    sent = (messages.system == system) & (payload[:, OPCODE] == ACKNOWLEDGED)
    sent &= np.isin(payload[:, REQUESTED_OPCODE], (READ, BURST_READ))
    result: list[PackedParameter] = []
    for turn, row in enumerate(opened.tolist()):
        if not payload[row, DATA:].tobytes().startswith(PACKED_FILE):
            continue
        same = [other for other in opened[turn + 1 : turn + 9].tolist()
                if messages.system[other] == messages.system[row]]  # fmt: skip
        stop = same[0] if same else len(messages)
        rows = np.flatnonzero(sent[row:stop]) + row
        rows = rows[messages["target_system"][rows] == messages.system[row]]
        result += _decode_packed_parameters(*_file_content_and_message_offsets(payload, rows))
    return result


def _file_content_and_message_offsets(
    payload: np.ndarray[tuple[int, int], np.dtype[np.uint8]],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> tuple[bytes, list[tuple[int, int]]]:
    """Return the bytes up to the first hole, and where in them each message begins."""
    file_offsets = (
        np.ascontiguousarray(payload[rows, FILE_OFFSET : FILE_OFFSET + 4]).view("<u4").ravel()
    )
    data = bytearray()
    begins = []
    for turn in np.argsort(file_offsets, kind="stable").tolist():
        file_offset, row = int(file_offsets[turn]), int(rows[turn])
        piece = payload[row, DATA : DATA + int(payload[row, SIZE])].tobytes()
        if file_offset > len(data) or len(data) > LARGEST_FILE:
            break
        if file_offset + len(piece) > len(data):
            begins.append((file_offset, row))
            data[file_offset:] = piece
    return bytes(data), begins


def _decode_packed_parameters(data: bytes, begins: list[tuple[int, int]]) -> list[PackedParameter]:
    if len(data) < 6:
        return []
    magic, number, _ = struct.unpack_from("<HHH", data)
    if magic not in (MAGIC, MAGIC_DEFAULTS):
        return []
    starts = [file_offset for file_offset, _ in begins]
    parameters = []
    for at, name, value, default in _parse_packed_parameter_entries(
        data, defaults=magic == MAGIC_DEFAULTS
    ):
        row = begins[bisect_right(starts, at) - 1][1]
        parameters.append(PackedParameter(name, value, default, row))
        if len(parameters) == number:
            break
    return parameters


def _parse_packed_parameter_entries(
    data: bytes, *, defaults: bool
) -> Iterator[tuple[int, str, float, float | None]]:
    at, name = 6, b""
    while at + 2 < len(data):
        if data[at] == 0:
            at += 1
            continue
        kind, lengths = data[at], data[at + 1]
        layout = _VALUE_LAYOUTS.get(kind & 0x0F)
        if layout is None:
            return
        begin = at + 2
        at = begin + (lengths >> 4) + 1
        has_default = defaults and bool(kind & 0x10)
        size = struct.calcsize(layout)
        if at + size * (2 if has_default else 1) > len(data):
            return
        name = name[: lengths & 0x0F] + data[begin:at]
        value = float(struct.unpack_from(layout, data, at)[0])
        default = float(struct.unpack_from(layout, data, at + size)[0]) if has_default else None
        at += size * (2 if has_default else 1)
        yield begin - 2, name.decode("ascii", "replace"), value, default


#: MAV_PARAM_TYPE of whole numbers of up to 32 bits, and how they travel.
_INTEGER_TYPES = {1: "<u4", 2: "<i4", 3: "<u4", 4: "<i4", 5: "<u4", 6: "<i4"}
#: MAV_PROTOCOL_CAPABILITY: whole numbers travel as their bytes, not as their value.
BYTEWISE, C_CAST = 1 << 4, (1 << 1) | (1 << 17)
#: Bit of SYS_STATUS's sensors: the geofence.
FENCE_SENSOR = 0x100000
#: Parameters of cameras, listed whatever their value.
_CAMERA_PARAMETERS = re.compile(r"CAM\d?_|MNT\d?_TYPE|TRIG_")
#: Names of parameters -> kind of event.
_PARAMETER_KINDS = (
    (re.compile(r"(FENCE_|GF_)"), "geofence.config"),
    (re.compile(r"(NET_|MAV_\d_|SERIAL\d+_(PROTOCOL|BAUD)|DDS_|UXRCE_|LOG_BACKEND|SDLOG_)"),
     "link.config"),
    (re.compile(r"DID_|COM_PREARM_ODID"), "remote_id"),
    (re.compile(r"SIM_(SPEEDUP|RATE_HZ|OPOS_LAT|DRIFT_SPEED)$"), "simulator"),
)  # fmt: skip


#: Names whose kind is kept, so that it is looked up once: an autopilot has some 1,500.
MOST_KNOWN_NAMES = 4096


@dataclass(frozen=True, slots=True)
class LastParameterValue:
    """The last value of one parameter."""

    value: float
    time: int
    offset: int
    record: str


def read_parameters_and_events(
    stream: TlogMessages, vehicle: VehicleOfStream, packed: Sequence[PackedParameter]
) -> tuple[dict[str, LastParameterValue], list[EventRow]]:
    """Return the last value of each parameter, and an event for each first value and change."""
    bytewise = _has_bytewise_encoding(stream, vehicle)
    messages = vehicle.messages_from_autopilot(stream["PARAM_VALUE"])
    values = _decode_param_values(messages, bytewise)
    events = _parameter_value_events(messages, values)
    last_rows = {name: row for row, name in enumerate(messages["param_id"].tolist())}
    last = {
        name: LastParameterValue(
            float(values[row]), int(messages.time[row]), int(messages.offsets[row]), "PARAM_VALUE"
        )
        for name, row in last_rows.items()
    }
    events += _events_of_parameters_only_in_packed_files(
        stream["FILE_TRANSFER_PROTOCOL"], packed, last
    )
    ordered = stream["PARAM_SET"]
    ordered = ordered.select(np.isin(ordered["target_system"], (0, vehicle.system)))
    return last, events + _parameter_set_events(
        ordered, _decode_param_values(ordered, bytewise), last
    )


def timed_fence_parameter_values(
    stream: TlogMessages, vehicle: VehicleOfStream, packed: Sequence[PackedParameter]
) -> list[TimedFenceParameterValue]:
    """Return every statement of a parameter of the fence, and each switch, in file order."""
    messages = vehicle.messages_from_autopilot(stream["PARAM_VALUE"])
    names = messages["param_id"].astype(str)
    chosen = np.char.startswith(names, "FENCE_") | np.char.startswith(names, "GF_")
    values = _decode_param_values(messages, _has_bytewise_encoding(stream, vehicle))
    settings = [
        TimedFenceParameterValue(
            str(names[row]),
            float(values[row]),
            int(messages.time[row]),
            f"PARAM_VALUE.param_value ({names[row]})",
            int(messages.offsets[row]),
        )
        for row in np.flatnonzero(chosen).tolist()
    ]
    files = stream["FILE_TRANSFER_PROTOCOL"]
    settings += [
        TimedFenceParameterValue(
            parameter.name,
            parameter.value,
            int(files.time[parameter.row]),
            f"FILE_TRANSFER_PROTOCOL ({parameter.name})",
            int(files.offsets[parameter.row]),
        )
        for parameter in packed
        if parameter.name.startswith(("FENCE_", "GF_"))
    ]
    settings += _fence_on_off_changes(vehicle.messages_from_autopilot(stream["SYS_STATUS"]))
    return sorted(settings, key=lambda parameter: parameter.source_offset)


def _fence_on_off_changes(messages: MavlinkMessages) -> Iterator[TimedFenceParameterValue]:
    """Yield each time at which the state of the fence became another.

    Its first state means little: a fence that only reports is never flagged as on.
    """
    on = (messages["onboard_control_sensors_enabled"] & FENCE_SENSOR) > 0
    for row in rows_where_value_changes(on)[1:]:
        record, offset = "SYS_STATUS.onboard_control_sensors_enabled", int(messages.offsets[row])
        yield build_fence_switch_setting(bool(on[row]), int(messages.time[row]), record, offset)


def _events_of_parameters_only_in_packed_files(
    messages: MavlinkMessages,
    packed: Sequence[PackedParameter],
    last: dict[str, LastParameterValue],
) -> list[EventRow]:
    """Return an event for each parameter that only a packed file has, and keep its value."""
    events = []
    for parameter in packed:
        known = last.get(parameter.name)
        if known is not None and np.float32(known.value) == np.float32(parameter.value):
            continue
        if known is None:
            time, offset = int(messages.time[parameter.row]), int(messages.offsets[parameter.row])
            last[parameter.name] = LastParameterValue(
                parameter.value, time, offset, "FILE_TRANSFER_PROTOCOL"
            )
        differs = parameter.default is not None and parameter.default != parameter.value
        if known is None and not differs and not _is_listed_even_if_unchanged(parameter.name):
            continue
        text = f"{_parameter_name_and_value_text(parameter.name, parameter.value)}"
        if parameter.default is not None:
            text += f" (default {parameter.default:.9g})"
        events.append(
            event_row(
                messages,
                parameter.row,
                _event_kind_of_parameter_name(parameter.name),
                text,
                label="payload",
                value=parameter.value,
            )
        )
    return events


def _has_bytewise_encoding(stream: TlogMessages, vehicle: VehicleOfStream) -> bool:
    capabilities = vehicle.messages_from_autopilot(stream["AUTOPILOT_VERSION"])["capabilities"]
    if len(capabilities) and int(capabilities[-1]) & (BYTEWISE | C_CAST):
        return bool(int(capabilities[-1]) & BYTEWISE)
    return vehicle.autopilot == PX4


def _decode_param_values(messages: MavlinkMessages, bytewise: bool) -> npt.NDArray[np.float64]:
    raw = messages["param_value"]
    values = raw.astype(np.float64)
    if bytewise:
        kinds = messages["param_type"]
        for kind, wire in _INTEGER_TYPES.items():
            chosen = kinds == kind
            values[chosen] = np.ascontiguousarray(raw[chosen]).view(wire)
    return values


@lru_cache(MOST_KNOWN_NAMES)
def _event_kind_of_parameter_name(name: str) -> str:
    return next((kind for pattern, kind in _PARAMETER_KINDS if pattern.match(name)), "param")


def _is_listed_even_if_unchanged(name: str) -> bool:
    """Return whether a parameter is listed even if it never changes."""
    return (
        _event_kind_of_parameter_name(name) != "param" or _CAMERA_PARAMETERS.match(name) is not None
    )


def _parameter_value_events(
    messages: MavlinkMessages, values: npt.NDArray[np.float64]
) -> list[EventRow]:
    """Return an event for the first value of each parameter and for each other one after."""
    if not len(messages):
        return []
    number, _ = pd.factorize(messages["param_id"], sort=True)
    order = np.lexsort((np.arange(len(values)), number))
    new = np.ones(len(order), np.bool_)
    same = number[order][1:] == number[order][:-1]
    before, after = values[order][:-1], values[order][1:]
    equal = (before == after) | (np.isnan(before) & np.isnan(after))
    new[1:] = ~(same & equal)
    changed = np.zeros(len(order), np.bool_)
    changed[1:] = same & ~equal
    was = np.concatenate([[np.nan], before])
    rows = zip(order[new].tolist(), changed[new].tolist(), was[new].tolist(), strict=True)
    names = messages["param_id"]
    return [_parameter_value_event(messages, row, float(values[row]), old if again else None)
            for row, again, old in rows
            if again or _is_listed_even_if_unchanged(names[row])]  # fmt: skip


def _parameter_value_event(
    messages: MavlinkMessages, row: int, value: float, old: float | None
) -> EventRow:
    name = messages["param_id"][row]
    kind = _event_kind_of_parameter_name(name)
    text = _parameter_name_and_value_text(name, value)
    if old is not None:
        text += f" (was {old:.9g})"
    severity = "notice" if old is not None and kind == "geofence.config" else "info"
    return event_row(messages, row, kind, text, label="param_value", value=value, severity=severity)


def _parameter_name_and_value_text(name: str, value: float) -> str:
    text = f"{name} = {value:.9g}"
    if name == "FENCE_TYPE" and 0 <= value < 1 << 16:
        text += f": {breached_boundaries_text(int(value))}"
    if _event_kind_of_parameter_name(name) == "simulator":
        text += ": only a simulated vehicle has this parameter"
    return text


def _parameter_set_events(
    messages: MavlinkMessages,
    values: npt.NDArray[np.float64],
    known: Mapping[str, LastParameterValue],
) -> list[EventRow]:
    events = []
    for row, name in enumerate(messages["param_id"].tolist()):
        done = known.get(name)
        after = done is not None and done.offset > int(messages.offsets[row])
        was_taken = after and done is not None and abs(done.value - values[row]) < 1e-6
        answer = "the vehicle has it" if was_taken else "no sign that the vehicle accepted it"
        events.append(
            event_row(
                messages,
                row,
                _event_kind_of_parameter_name(name)
                if _event_kind_of_parameter_name(name) != "simulator"
                else "param",
                f"{name} set to {values[row]:.9g} by "
                f"{sender_name_of_message(messages, row)}: {answer}",
                label="param_value",
                value=float(values[row]),
                severity="notice",
                grade="reported" if was_taken else "commanded",
            )
        )
    return events

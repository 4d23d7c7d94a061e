"""Parameters: what the vehicle told them to be, and who changed them.

Events are those that concern fence, links, camera or Remote ID, differ from
their default (a packed file tells it), or change; ``records("PARAM_VALUE")``
has all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._shared._fence import boundaries_text
from .._shared._fence_settings import Setting, switch
from ._clock import Vehicle
from ._event import Event, changes, event, sender_of
from ._modes import PX4
from ._pack import packed
from ._records import Messages, Stream

#: MAV_PARAM_TYPE of whole numbers of up to 32 bits, and how they travel.
_WHOLE = {1: "<u4", 2: "<i4", 3: "<u4", 4: "<i4", 5: "<u4", 6: "<i4"}
#: MAV_PROTOCOL_CAPABILITY: whole numbers travel as their bytes, not as their value.
BYTEWISE, C_CAST = 1 << 4, (1 << 1) | (1 << 17)
#: Bit of SYS_STATUS's sensors: the geofence.
FENCE_SENSOR = 0x100000
#: Names of parameters -> kind of event.
_KINDS = (
    (re.compile(r"(FENCE_|GF_)"), "geofence.config"),
    (re.compile(r"(NET_|MAV_\d_|SERIAL\d+_(PROTOCOL|BAUD)|DDS_|UXRCE_|LOG_BACKEND|SDLOG_)"),
     "link.config"),
    (re.compile(r"DID_|COM_PREARM_ODID"), "remote_id"),
    (re.compile(r"SIM_(SPEEDUP|RATE_HZ|OPOS_LAT)"), "simulator"),
)  # fmt: skip


#: Parameters of cameras, told whatever their value.
_CAMERA = re.compile(r"CAM\d?_|MNT\d?_TYPE|TRIG_")


@dataclass(frozen=True, slots=True)
class Param:
    """The last value of one parameter."""

    value: float
    time: int
    offset: int
    record: str


def parameters(stream: Stream, vehicle: Vehicle) -> tuple[dict[str, Param], list[Event]]:
    """Return the last value of each parameter, and an event for each first value and change."""
    bytewise = _bytewise(stream, vehicle)
    found = vehicle.sent(stream["PARAM_VALUE"])
    events = _told(found, _values(found, bytewise))
    last: dict[str, Param] = {}
    names, values = found["param_id"].tolist(), _values(found, bytewise).tolist()
    times, offsets = found.time.tolist(), found.offsets.tolist()
    for name, value, time, offset in zip(names, values, times, offsets, strict=True):
        last[name] = Param(value, time, offset, "PARAM_VALUE")
    events += _packed(stream["FILE_TRANSFER_PROTOCOL"], vehicle, last)
    ordered = stream["PARAM_SET"]
    ordered = ordered.where(np.isin(ordered["target_system"], (0, vehicle.system)))
    return last, events + _ordered(ordered, _values(ordered, bytewise), last)


def fence_settings(stream: Stream, vehicle: Vehicle) -> list[Setting]:
    """Return every statement of a parameter of the fence, and each switch, in file order."""
    found = vehicle.sent(stream["PARAM_VALUE"])
    names = found["param_id"].astype(str)
    chosen = np.char.startswith(names, "FENCE_") | np.char.startswith(names, "GF_")
    values = _values(found, _bytewise(stream, vehicle))
    told = [
        Setting(
            str(names[row]),
            float(values[row]),
            int(found.time[row]),
            f"PARAM_VALUE.param_value ({names[row]})",
            int(found.offsets[row]),
        )
        for row in np.flatnonzero(chosen).tolist()
    ]
    files = stream["FILE_TRANSFER_PROTOCOL"]
    told += [
        Setting(
            one.name,
            one.value,
            int(files.time[one.row]),
            f"FILE_TRANSFER_PROTOCOL ({one.name})",
            int(files.offsets[one.row]),
        )
        for one in packed(files, vehicle.system)
        if one.name.startswith(("FENCE_", "GF_"))
    ]
    told += _switched(vehicle.sent(stream["SYS_STATUS"]))
    return sorted(told, key=lambda one: one.source_offset)


def _switched(found: Messages) -> Iterator[Setting]:
    """Yield each time at which the state of the fence became another.

    How it is at first says little: a fence that only reports is never said to be on.
    """
    on = (found["onboard_control_sensors_enabled"] & FENCE_SENSOR) > 0
    for row in changes(on)[1:]:
        record, offset = "SYS_STATUS.onboard_control_sensors_enabled", int(found.offsets[row])
        yield switch(bool(on[row]), int(found.time[row]), record, offset)


def _packed(found: Messages, vehicle: Vehicle, last: dict[str, Param]) -> list[Event]:
    """Return an event for each parameter that only a packed file tells, and note its value."""
    events = []
    for one in packed(found, vehicle.system):
        known = last.get(one.name)
        if known is not None and np.float32(known.value) == np.float32(one.value):
            continue
        if known is None:
            time, offset = int(found.time[one.row]), int(found.offsets[one.row])
            last[one.name] = Param(one.value, time, offset, "FILE_TRANSFER_PROTOCOL")
        differs = one.default is not None and one.default != one.value
        if known is None and not differs and not _matters(one.name):
            continue
        text = f"{_described(one.name, one.value)}"
        if one.default is not None:
            text += f" (default {one.default:.9g})"
        events.append(
            event(found, one.row, _kind(one.name), text, label="payload", value=one.value)
        )
    return events


def _bytewise(stream: Stream, vehicle: Vehicle) -> bool:
    told = vehicle.sent(stream["AUTOPILOT_VERSION"])["capabilities"]
    if len(told) and int(told[-1]) & (BYTEWISE | C_CAST):
        return bool(int(told[-1]) & BYTEWISE)
    return vehicle.autopilot == PX4


def _values(found: Messages, bytewise: bool) -> npt.NDArray[np.float64]:
    raw = found["param_value"]
    values = raw.astype(np.float64)
    if bytewise:
        kinds = found["param_type"]
        for kind, wire in _WHOLE.items():
            chosen = kinds == kind
            values[chosen] = np.ascontiguousarray(raw[chosen]).view(wire)
    return values


def _kind(name: str) -> str:
    return next((kind for pattern, kind in _KINDS if pattern.match(name)), "param")


def _matters(name: str) -> bool:
    """Return whether a parameter is told even if it never changes."""
    return _kind(name) != "param" or _CAMERA.match(name) is not None


def _told(found: Messages, values: npt.NDArray[np.float64]) -> list[Event]:
    """Return an event for the first value of each parameter and for each other one after."""
    if not len(found):
        return []
    _, number = np.unique(found["param_id"].astype(str), return_inverse=True)
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
    names = found["param_id"]
    return [_value(found, row, float(values[row]), old if again else None)
            for row, again, old in rows if again or _matters(names[row])]  # fmt: skip


def _value(found: Messages, row: int, value: float, old: float | None) -> Event:
    name = found["param_id"][row]
    kind = _kind(name)
    text = _described(name, value)
    if old is not None:
        text += f" (was {old:.9g})"
    severity = "notice" if old is not None and kind == "geofence.config" else "info"
    return event(found, row, kind, text, label="param_value", value=value, severity=severity)


def _described(name: str, value: float) -> str:
    text = f"{name} = {value:.9g}"
    if name == "FENCE_TYPE" and 0 <= value < 1 << 16:
        text += f": {boundaries_text(int(value))}"
    if _kind(name) == "simulator":
        text += ": only a simulated vehicle has this parameter"
    return text


def _ordered(
    found: Messages, values: npt.NDArray[np.float64], known: Mapping[str, Param]
) -> list[Event]:
    events = []
    for row, name in enumerate(found["param_id"].tolist()):
        done = known.get(name)
        after = done is not None and done.offset > int(found.offsets[row])
        kept = after and done is not None and abs(done.value - values[row]) < 1e-6
        answer = "the vehicle has it" if kept else "no sign that the vehicle took it"
        events.append(
            event(
                found,
                row,
                _kind(name) if _kind(name) != "simulator" else "param",
                f"{name} set to {values[row]:.9g} by {sender_of(found, row)}: {answer}",
                label="param_value",
                value=float(values[row]),
                severity="notice",
                grade="reported" if kept else "commanded",
            )
        )
    return events

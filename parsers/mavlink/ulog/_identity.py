"""Who flew, by a ULog: autopilot, firmware and boards, and the parameters that were changed."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._model import Aircraft
from . import _enums as _ulog_names
from . import _messages as _ulog_messages
from ._recording import Recording, event
from ._remote_id import broadcast_serial

Row = Mapping[str, Any]

#: Keys that name a part -> what it is.
_PARTS: Mapping[str, str] = {
    "ver_hw": "autopilot board",
    "ver_hw_subtype": "variant of the autopilot board",
    "sys_uuid": "autopilot, unique number",
    "sys_mcu": "processor",
    "ver_vendor_sw_release": "version of the vendor",
    "UniqueID": "unique number",
    "FC_Ver": "flight controller",
}

#: Limits of where the aircraft may go that are no fence.
_LIMITS: Mapping[str, tuple[str, str]] = {
    "LNDMC_ALT_MAX": ("maximum altitude", " m"),
    "MIS_DIST_1WP": ("distance of the first waypoint", " m"),
    "MIS_DIST_WPS": ("distance between waypoints", " m"),
    "RTL_RETURN_ALT": ("altitude of return", " m"),
    "COM_FLT_TIME_MAX": ("maximum flight time", " s"),
}


def aircraft(recording: Recording) -> Aircraft:
    """Return what the log says of the aircraft.

    The model of an aircraft is unknown to PX4; only its autopilot is named.
    """
    text = {key: _text(each.value) for key, each in recording.info.items()}
    firmware: dict[str, str] = {}
    system = text.get("sys_name") or text.get("Application")
    if system:
        firmware[system] = _version(recording, text)
    if "sys_os_name" in text:
        release = recording.info.get("sys_os_ver_release")
        number = release.value if release is not None and isinstance(release.value, int) else None
        known = _ulog_names.release(number) if number is not None else text.get("sys_os_ver", "")
        firmware[text["sys_os_name"]] = known
    return Aircraft(
        serial=broadcast_serial(recording),
        flight_controller_serial=text.get("sys_uuid") or text.get("UniqueID"),
        app=text.get("Application"),
        firmware={name: number for name, number in firmware.items() if number},
    )


def _version(recording: Recording, text: Mapping[str, str]) -> str:
    release = recording.info.get("ver_sw_release")
    parts = []
    if release is not None and isinstance(release.value, int):
        parts.append(_ulog_names.release(release.value))
    parts += [text[key] for key in ("ver_sw_branch", "ver_sw", "Version", "Build") if key in text]
    return " ".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return _ulog_messages.clean(str(value))


def draw(recording: Recording) -> Iterator[Row]:
    """Yield firmware, parts, limits, and parameters that differ from their default or changed."""
    start = recording.first
    for name, version in aircraft(recording).firmware.items():
        key = "ver_sw_release" if "ver_sw_release" in recording.info else "ver_sw"
        each = recording.info.get(key)
        offset = 0 if each is None else each.offset
        yield event(
            recording, start, "firmware", f"{name} {version}".rstrip(), f"INFO {key}", offset
        )
    for key, words in _PARTS.items():
        if (part := recording.info.get(key)) is not None:
            named = key.endswith("release") and isinstance(part.value, int)
            value = _ulog_names.release(part.value) if named else _text(part.value)
            text = f"{words}: {value}"
            yield event(recording, start, "component", text, f"INFO {key}", part.offset)
    yield from _parameters(recording)


def _parameters(recording: Recording) -> Iterator[Row]:
    start = recording.first
    for name, parameter in recording.parameters.items():
        record = f"PARAMETER {name}"
        if name in _LIMITS and parameter.value > 0:
            words, unit = _LIMITS[name]
            yield event(
                recording,
                start,
                "limit.config",
                f"{words}: {name} = {parameter.value:g}{unit}",
                record,
                parameter.offset,
                value=parameter.value,
            )
        if parameter.default is not None and not _equal(parameter.default, parameter.value):
            yield event(
                recording,
                start,
                "param",
                f"{name} = {parameter.value:g}; its default is {parameter.default:g}",
                record,
                parameter.offset,
                value=parameter.value,
            )
        before = parameter.value
        for offset, value in parameter.changes:
            if not _equal(before, value):
                yield event(
                    recording,
                    recording.tick_before(offset),
                    "param",
                    f"{name} was changed from {before:g} to {value:g}",
                    record,
                    offset,
                    severity="notice",
                    value=value,
                )
            before = value


def _equal(one: float, other: float) -> bool:
    return bool(one == other or (np.isnan(one) and np.isnan(other)))

"""The aircraft of a ULog: autopilot, firmware and boards, and the parameters that were changed."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..._model import Aircraft
from ._broadcast_remote_id import broadcast_serial
from ._non_data_records import text_without_colours
from ._px4_enum_names import firmware_version_text
from ._ulog_context import UlogContext, event_row

TableRow = Mapping[str, Any]

#: Keys that name a part -> what it is.
_COMPONENT_KEYS: Mapping[str, str] = {
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


def read_aircraft(log: UlogContext) -> Aircraft:
    """Return what the log states of the aircraft.

    The model of an aircraft is unknown to PX4; only its autopilot is named.
    """
    text = {key: _value_text(each.value) for key, each in log.info_messages.items()}
    firmware: dict[str, str] = {}
    system = text.get("sys_name") or text.get("Application")
    if system:
        firmware[system] = _firmware_version(log, text)
    if "sys_os_name" in text:
        release = log.info_messages.get("sys_os_ver_release")
        number = release.value if release is not None and isinstance(release.value, int) else None
        known = firmware_version_text(number) if number is not None else text.get("sys_os_ver", "")
        firmware[text["sys_os_name"]] = known
    return Aircraft(
        serial=broadcast_serial(log),
        flight_controller_serial=text.get("sys_uuid") or text.get("UniqueID"),
        app=text.get("Application"),
        firmware={name: number for name, number in firmware.items() if number},
    )


def _firmware_version(log: UlogContext, text: Mapping[str, str]) -> str:
    release = log.info_messages.get("ver_sw_release")
    parts = []
    if release is not None and isinstance(release.value, int):
        parts.append(firmware_version_text(release.value))
    parts += [text[key] for key in ("ver_sw_branch", "ver_sw", "Version", "Build") if key in text]
    return " ".join(parts)


def _value_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return text_without_colours(str(value))


def identity_and_parameter_events(log: UlogContext) -> Iterator[TableRow]:
    """Yield firmware, parts, limits, and parameters that differ from their default or changed."""
    start = log.first_tick
    for name, version in read_aircraft(log).firmware.items():
        key = "ver_sw_release" if "ver_sw_release" in log.info_messages else "ver_sw"
        each = log.info_messages.get(key)
        offset = 0 if each is None else each.offset
        yield event_row(log, start, "firmware", f"{name} {version}".rstrip(), f"INFO {key}", offset)
    for key, words in _COMPONENT_KEYS.items():
        if (part := log.info_messages.get(key)) is not None:
            named = key.endswith("release") and isinstance(part.value, int)
            value = firmware_version_text(part.value) if named else _value_text(part.value)
            text = f"{words}: {value}"
            yield event_row(log, start, "component", text, f"INFO {key}", part.offset)
    yield from _limit_and_parameter_change_events(log)


def _limit_and_parameter_change_events(log: UlogContext) -> Iterator[TableRow]:
    start = log.first_tick
    for name, parameter in log.parameters.items():
        record = f"PARAMETER {name}"
        if name in _LIMITS and parameter.value > 0:
            words, unit = _LIMITS[name]
            yield event_row(
                log,
                start,
                "limit.config",
                f"{words}: {name} = {parameter.value:g}{unit}",
                record,
                parameter.offset,
                value=parameter.value,
            )
        if parameter.default is not None and not _is_equal_or_both_nan(
            parameter.default, parameter.value
        ):
            yield event_row(
                log,
                start,
                "param",
                f"{name} = {parameter.value:g}; its default is {parameter.default:g}",
                record,
                parameter.offset,
                value=parameter.value,
            )
        before = parameter.value
        for offset, value in parameter.changes:
            if not _is_equal_or_both_nan(before, value):
                yield event_row(
                    log,
                    log.last_record_time_us_before_offset(offset),
                    "param",
                    f"{name} was changed from {before:g} to {value:g}",
                    record,
                    offset,
                    severity="notice",
                    value=value,
                )
            before = value


def _is_equal_or_both_nan(value: float, other: float) -> bool:
    return bool(value == other or (np.isnan(value) and np.isnan(other)))

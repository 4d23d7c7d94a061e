"""MAVLink message definitions: payload layout, CRC_EXTRA, units and enumerations.

They come from the classes that pymavlink generates from the public MAVLink
definitions (dialect ``all``).  This module reads only the attributes of those
classes: no pymavlink object leaves it, and it neither reads nor writes pymavlink's
global state.  Messages of the common set that pymavlink 2.4.50 lacks are
declared here, in wire order, from the same public definitions (mavlink/mavlink,
``common.xml`` and ``development.xml``); their CRC_EXTRA is computed by
the rule of the MAVLink guide ("Serialization", CRC_EXTRA).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

#: Wire type -> numpy type; MAVLink is little-endian.
_NUMPY_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "char": "S1",
        "uint8_t": "u1",
        "uint8_t_mavlink_version": "u1",
        "int8_t": "i1",
        "uint16_t": "<u2",
        "int16_t": "<i2",
        "uint32_t": "<u4",
        "int32_t": "<i4",
        "uint64_t": "<u8",
        "int64_t": "<i8",
        "float": "<f4",
        "double": "<f8",
    }
)

#: Fields that hold a secret: message -> names.  Their values never leave the reader.
SECRET_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AUTH_KEY": ("key",),
        "CELLULAR_CONFIG": ("pin", "new_pin", "puk"),
        "CHANGE_OPERATOR_CONTROL": ("passkey",),
        "SETUP_SIGNING": ("secret_key",),
        "WIFI_CONFIG_AP": ("password",),
    }
)


@dataclass(frozen=True, slots=True)
class MessageDefinition:
    """One message of the dialect."""

    number: int
    name: str
    #: Mixed into the checksum, so that a frame with another layout does not pass.
    crc_extra: int
    #: The fields in wire order, without padding; texts are ``S``.
    dtype: np.dtype[Any]
    #: Field names in the order of the definition.
    fields: tuple[str, ...]
    #: Field -> unit, such as ``degE7`` or ``mm``; a field without a unit is absent.
    units: Mapping[str, str] = field(default_factory=dict)
    #: Field -> name of the enumeration that its numbers belong to.
    enums: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of the whole payload with all extension fields."""
        return int(self.dtype.itemsize)


#: number, name, fields in wire order as "type name" or "type name[length]", units.
_ADDED_MESSAGES: tuple[tuple[int, str, str, str], ...] = (
    (
        8,
        "LINK_NODE_STATUS",
        "uint64_t timestamp, uint32_t tx_rate, uint32_t rx_rate, uint32_t messages_sent, "
        "uint32_t messages_received, uint32_t messages_lost, uint16_t rx_parse_err, "
        "uint16_t tx_overflows, uint16_t rx_overflows, uint8_t tx_buf, uint8_t rx_buf",
        "timestamp ms, tx_rate bytes/s, rx_rate bytes/s, rx_parse_err bytes, "
        "tx_overflows bytes, rx_overflows bytes, tx_buf %, rx_buf %",
    ),
    (
        334,
        "CELLULAR_STATUS",
        "uint16_t mcc, uint16_t mnc, uint16_t lac, uint8_t status, uint8_t failure_reason, "
        "uint8_t type, uint8_t quality",
        "quality %",
    ),
    (
        336,
        "CELLULAR_CONFIG",
        "uint8_t enable_lte, uint8_t enable_pin, char pin[16], char new_pin[16], char apn[32], "
        "char puk[16], uint8_t roaming, uint8_t response",
        "",
    ),
    (
        380,
        "TIME_ESTIMATE_TO_TARGET",
        "int32_t safe_return, int32_t land, int32_t mission_next_item, int32_t mission_end, "
        "int32_t commanded_action",
        "safe_return s, land s, mission_next_item s, mission_end s, commanded_action s",
    ),
    (
        395,
        "COMPONENT_INFORMATION",
        "uint32_t time_boot_ms, uint32_t general_metadata_file_crc, "
        "uint32_t peripherals_metadata_file_crc, char general_metadata_uri[100], "
        "char peripherals_metadata_uri[100]",
        "time_boot_ms ms",
    ),
    (
        396,
        "COMPONENT_INFORMATION_BASIC",
        "uint64_t capabilities, uint32_t time_boot_ms, uint32_t time_manufacture_s, "
        "char vendor_name[32], char model_name[32], char software_version[24], "
        "char hardware_version[24], char serial_number[32]",
        "time_boot_ms ms, time_manufacture_s s",
    ),
    (
        397,
        "COMPONENT_METADATA",
        "uint32_t time_boot_ms, uint32_t file_crc, char uri[100]",
        "time_boot_ms ms",
    ),
    (
        410,
        "EVENT",
        "uint32_t id, uint32_t event_time_boot_ms, uint16_t sequence, "
        "uint8_t destination_component, uint8_t destination_system, uint8_t log_levels, "
        "uint8_t arguments[40]",
        "event_time_boot_ms ms",
    ),
    (411, "CURRENT_EVENT_SEQUENCE", "uint16_t sequence, uint8_t flags", ""),
    (
        412,
        "REQUEST_EVENT",
        "uint16_t first_sequence, uint16_t last_sequence, uint8_t target_system, "
        "uint8_t target_component",
        "",
    ),
    (
        413,
        "RESPONSE_EVENT_ERROR",
        "uint16_t sequence, uint16_t sequence_oldest_available, uint8_t target_system, "
        "uint8_t target_component, uint8_t reason",
        "",
    ),
)


def accumulate_x25_checksum(checksum: int, data: bytes) -> int:
    """Return CRC-16/MCRF4XX over ``data``, going on from ``checksum`` (first 0xFFFF)."""
    for byte in data:
        low = (byte ^ checksum) & 0xFF
        low = (low ^ (low << 4)) & 0xFF
        checksum = (checksum >> 8) ^ (low << 8) ^ (low << 3) ^ (low >> 4)
    return checksum


def crc_extra(name: str, fields: Sequence[tuple[str, str, int]]) -> int:
    """Return CRC_EXTRA of a message from its (type, name, array length) in wire order."""
    crc = accumulate_x25_checksum(0xFFFF, f"{name} ".encode("ascii"))
    for kind, label, length in fields:
        crc = accumulate_x25_checksum(crc, f"{kind} {label} ".encode("ascii"))
        if length:
            crc = accumulate_x25_checksum(crc, bytes([length]))
    return (crc & 0xFF) ^ (crc >> 8)


@cache
def message_definitions() -> Mapping[int, MessageDefinition]:
    """Return every known message by number."""
    from pymavlink.dialects.v20 import all as dialect  # late: it costs 50 ms

    known = {
        int(number): _definition_from_pymavlink(kind)
        for number, kind in dialect.mavlink_map.items()
    }
    for row in _ADDED_MESSAGES:
        known.setdefault(row[0], _definition_from_declaration(*row))
    return MappingProxyType(known)


@cache
def enum_names(enumeration: str) -> Mapping[int, str]:
    """Return the words of an enumeration by number, without their common prefix.

    ``words("COPTER_MODE")[6]`` is ``"RTL"``.  Empty if the dialect lacks it.
    """
    from pymavlink.dialects.v20 import all as dialect

    entries = dialect.enums.get(enumeration, {})
    prefix = f"{enumeration}_"
    return MappingProxyType(
        {
            int(number): str(entry.name).removeprefix(prefix)
            for number, entry in entries.items()
            if not str(entry.name).endswith("_ENUM_END")
        }
    )


@cache
def crc_extras() -> Any:
    """Return CRC_EXTRA by message number, shape ``(2**16 + 1,)``; -1: not known.

    Every number that does not fit 16 bits shares the last entry: none is known.
    """
    table = np.full(1 << 16 | 1, -1, np.int16)
    for number, message in message_definitions().items():
        if number < 1 << 16:
            table[number] = message.crc_extra
    return table


def _definition_from_pymavlink(kind: Any) -> MessageDefinition:
    types = dict(zip(kind.fieldnames, kind.fieldtypes, strict=True))
    wire = [
        (str(types[name]), str(name), int(length))
        for name, length in zip(kind.ordered_fieldnames, kind.array_lengths, strict=True)
    ]
    return MessageDefinition(
        number=int(kind.id),
        name=str(kind.msgname),
        crc_extra=int(kind.crc_extra),
        dtype=_payload_dtype(wire),
        fields=tuple(str(name) for name in kind.fieldnames),
        units={str(k): str(v) for k, v in kind.fieldunits_by_name.items()},
        enums={str(k): str(v) for k, v in kind.fieldenums_by_name.items()},
    )


def _definition_from_declaration(
    number: int, name: str, fields: str, units: str
) -> MessageDefinition:
    wire = [_parse_field_type_name_and_length(text) for text in fields.split(", ")]
    return MessageDefinition(
        number=number,
        name=name,
        crc_extra=crc_extra(name, wire),
        dtype=_payload_dtype(wire),
        fields=tuple(label for _, label, _ in wire),
        units=dict(pair.split(" ") for pair in units.split(", ")) if units else {},
    )


def _parse_field_type_name_and_length(text: str) -> tuple[str, str, int]:
    kind, label = text.split(" ")
    label, _, length = label.partition("[")
    return kind, label, int(length[:-1]) if length else 0


def _payload_dtype(wire: Sequence[tuple[str, str, int]]) -> np.dtype[Any]:
    columns: list[Any] = []
    for kind, name, length in wire:
        if kind == "char":
            columns.append((name, f"S{max(length, 1)}"))
        elif length:
            columns.append((name, _NUMPY_TYPES[kind], (length,)))
        else:
            columns.append((name, _NUMPY_TYPES[kind]))
    return np.dtype(columns)

"""The definitions of PX4's events that a log carries: from numbers to sentences.

An event is an id and 25 bytes of arguments.  From v1.14 on the log holds what
they mean: the key ``metadata_events`` (JSON under xz, of a megabyte at most) and
its SHA-256.  Where it does not, an event stays a number: definitions are never
fetched, and those of another firmware would be wrong.  The ids of the fence events are
hashes of names that PX4 never changed, so those few are known without.

Reference: https://docs.px4.io/main/en/concept/events_interface and
https://github.com/mavlink/libevents (the format of the JSON and of the messages).
"""

import hashlib
import json
import lzma
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: Bytes of definitions, packed and unpacked, beyond which they are not read.
MOST_PACKED, MOST_UNPACKED = 4 << 20, 32 << 20
#: Memory the xz format may ask for.
XZ_MEMORY_LIMIT = 128 << 20

_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "uint8_t": "B",
        "int8_t": "b",
        "uint16_t": "H",
        "int16_t": "h",
        "uint32_t": "I",
        "int32_t": "i",
        "uint64_t": "Q",
        "int64_t": "q",
        "float": "f",
    }
)

#: Of component 1, the autopilot: the events of the fence.
FENCE_EVENTS: Mapping[int, str] = MappingProxyType(
    {
        143019: "Geofence violation: approaching or outside geofence",
        4065583: "Geofence violation: exceeding maximum distance to Home",
        13923616: "Geofence violation: exceeding maximum altitude above Home",
        124285: "Geofence RTL requires valid home",
        13495236: "Reposition is outside geofence",
        1880909: "Altitude change is outside geofence",
        2831661: "Geofence violation for waypoint",
        10973461: "Geofence invalid, doesn't contain Home position",
        9432105: "Geofence invalid, doesn't contain current vehicle position",
        4704426: "Geofence imported",
        8865457: "Geofence: import error",
    }
)

_PART = re.compile(
    r"\\(?P<literal>.)"
    r"|\{(?P<index>\d{1,3})(?::(?:\.(?P<digits>\d{1,2}))?)?(?P<unit>m_v|m/s|m\^2|m|C)?\}"
    r"|<profile name=\"(?P<profile>[^\"]*)\">(?P<inside>(?:[^<]++|<(?!/?profile))*+)</profile>"
    r"|</?[a-z][^<>]*>",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class EventEnumeration:
    """The words for the values, or bits, of an argument."""

    type: str
    words: Mapping[int, str]
    #: Between the words of bits; ``None`` if the values are no bits.
    separator: str | None

    def text(self, value: int) -> str:
        """Return the word or words for a value."""
        if self.separator is None:
            return self.words.get(value, f"(unknown: {value})")
        bits = [1 << bit for bit in range(64) if value >> bit & 1]
        return self.separator.join(self.words.get(bit, f"(unknown: {value})") for bit in bits)


@dataclass(frozen=True, slots=True)
class EventDefinitions:
    """What each event means; empty where the log does not define it."""

    #: Component, number -> namespace, group and definition.
    events: Mapping[tuple[int, int], tuple[str, str, Mapping[str, Any]]] = field(
        default_factory=dict
    )
    #: ``namespace::name`` -> enumeration.
    enums: Mapping[str, "EventEnumeration"] = field(default_factory=dict)
    _texts: dict[tuple[int, bytes], tuple[str, str] | None] = field(default_factory=dict)

    def event_group_and_message(self, number: int, arguments: bytes) -> tuple[str, str] | None:
        """Return group and message of an event, or ``None`` if it is not defined."""
        # A preflight check repeats the same text every two seconds.
        if (number, arguments) not in self._texts:
            self._texts[number, arguments] = self._event_group_and_text(number, arguments)
        return self._texts[number, arguments]

    def _event_group_and_text(self, number: int, arguments: bytes) -> tuple[str, str] | None:
        key = number >> 24, number & 0xFFFFFF
        if key not in self.events:
            known = FENCE_EVENTS.get(key[1]) if key[0] == 1 else None
            return None if known is None else ("default", known)
        namespace, group, defined = self.events[key]
        message = defined.get("message")
        if not isinstance(message, str):
            return group, f"event {defined.get('name', number)}"
        return group, _fill_message(
            message, self._argument_values(namespace, defined, arguments)
        ).strip()

    def _argument_values(
        self, namespace: str, defined: Mapping[str, Any], arguments: bytes
    ) -> list[str | float]:
        values: list[str | float] = []
        at = 0
        declared = defined.get("arguments", ())
        for each in declared if isinstance(declared, list) else ():
            kind = each.get("type", "") if isinstance(each, dict) else ""
            enum = self.enums.get(kind if "::" in kind else f"{namespace}::{kind}")
            wire = _TYPES.get(kind if enum is None else enum.type)
            if wire is None or at + struct.calcsize(f"<{wire}") > len(arguments):
                break
            value = struct.unpack_from(f"<{wire}", arguments, at)[0]
            at += struct.calcsize(f"<{wire}")
            values.append(value if enum is None or isinstance(value, float) else enum.text(value))
        return values


def parse_event_definitions_and_error(
    packed: bytes, sha256: str | None
) -> tuple[EventDefinitions, str | None]:
    """Return the definitions of a log, and what is wrong with them, if anything is."""
    wrong = None
    if sha256 is not None and hashlib.sha256(packed).hexdigest() != sha256.strip("\0 "):
        wrong = "the definitions of the events are not those whose SHA-256 the log states"
    if len(packed) > MOST_PACKED:
        return EventDefinitions(), "the definitions of the events are too large"
    try:
        unpacker = lzma.LZMADecompressor(memlimit=XZ_MEMORY_LIMIT)
        text = unpacker.decompress(packed, MOST_UNPACKED)
        if not unpacker.eof:
            return EventDefinitions(), "the definitions of the events are cut off or too large"
        return _build_event_definitions(json.loads(text)), wrong
    except (lzma.LZMAError, ValueError, RecursionError) as error:
        return EventDefinitions(), f"the definitions of the events cannot be read: {error}"


def _build_event_definitions(document: Any) -> EventDefinitions:
    events: dict[tuple[int, int], tuple[str, str, Mapping[str, Any]]] = {}
    enums: dict[str, EventEnumeration] = {}
    for number, component in _dict_valued_items(_dict_member_or_empty(document, "components")):
        namespace = str(_dict_member_or_empty(component, "namespace"))
        for name, enum in _dict_valued_items(_dict_member_or_empty(component, "enums")):
            enums[f"{namespace}::{name}"] = _build_enumeration(enum)
        for group, inside in _dict_valued_items(_dict_member_or_empty(component, "event_groups")):
            for event, defined in _dict_valued_items(_dict_member_or_empty(inside, "events")):
                if number.isdecimal() and event.isdecimal():
                    events[int(number), int(event)] = namespace, group, defined
    return EventDefinitions(events, enums)


def _dict_member_or_empty(of: Any, name: str) -> Any:
    return of.get(name, {}) if isinstance(of, dict) else {}


def _dict_valued_items(of: Any) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(of, dict):
        return []
    return [(str(key), value) for key, value in of.items() if isinstance(value, dict)]


def _build_enumeration(enum: Mapping[str, Any]) -> EventEnumeration:
    words = {
        int(key): str(entry.get("description", entry.get("name", key)))
        for key, entry in _dict_valued_items(enum.get("entries"))
        if key.removeprefix("-").isdecimal() and len(key) < 20
    }
    separator = str(enum.get("separator", "|")) if enum.get("is_bitfield") else None
    return EventEnumeration(str(enum.get("type")), words, separator)


def _fill_message(message: str, arguments: list[str | float]) -> str:
    def filled_part(match: re.Match[str]) -> str:
        if (literal := match["literal"]) is not None:
            return literal
        if match["profile"] is not None:
            return _PART.sub(filled_part, match["inside"]) if match["profile"] == "dev" else ""
        if match["index"] is None:
            return ""
        index = int(match["index"]) - 1
        if not 0 <= index < len(arguments):
            return match[0]
        value = arguments[index]
        if match["digits"] is not None and isinstance(value, int | float):
            text = f"{value:.{int(match['digits'])}f}"
        else:
            text = str(value)
        unit = match["unit"]
        return f"{text} {'m' if unit == 'm_v' else unit}" if unit else text

    return _PART.sub(filled_part, message)

"""Messages of the Cloud API in a text: JSON lines, and what a program printed of them.

Each message is an object between braces: JSON, or a Python dictionary over several lines.  A topic
stands before it on its line, in a line above, or in the object itself.  Programs print other lines
between them.  A print may give position and attitude in a line of its own above the object.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from ..._file_content import Content
from ..._model import Issue

TOPIC = re.compile(
    rb"\b(?:thing|sys)/product/(?P<serial>[0-9A-Za-z]{4,32})/"
    rb"(?P<kind>osd|state|events|services|requests|status|property|drc)\b"
)
_NUMBER = rb"(-?\d{1,9}(?:\.\d{1,18})?|None)"
_PRINTED_POSITION = re.compile(
    rb"Lat: " + _NUMBER + rb" Lon: " + _NUMBER + rb" height: " + _NUMBER + rb" att_head "
    + _NUMBER + rb" att_pitch " + _NUMBER + rb" att_roll " + _NUMBER
)  # fmt: skip
_PRINTED_NAMES = (
    "latitude", "longitude", "height", "attitude_head", "attitude_pitch", "attitude_roll",
)  # fmt: skip
_BRACES = re.compile(rb"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{}\[\]()]")
#: A line that continues a printed object whose beginning is lost.
_REST_OF_OBJECT = re.compile(rb"\s*'[a-z0-9_-]{1,48}': ")
#: Bytes of one message, lines of one, levels within it; messages and issues of one file.
_LONGEST, _MOST_LINES, _DEEPEST = 1 << 20, 20_000, 32
_MOST_MESSAGES, _MOST_ISSUES = 2_000_000, 1000
#: Milliseconds since 1970 from 2015 to 2100.
_TIMES_MS = (1_420_070_400_000, 4_102_444_800_000)


@dataclass(frozen=True, slots=True)
class CloudMessage:
    """One message: who sent it, when, and what it says."""

    offset: int
    #: Serial number of the device; empty: not stated.
    serial: str
    #: "osd", "state", "events" …; empty: not stated.
    kind: str
    #: Nanoseconds since 1970; ``None``: not stated.
    time_ns: int | None
    gateway: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class CloudMessages:
    """What was read of a text."""

    messages: list[CloudMessage] = field(default_factory=list)
    #: Begin, end and kind of runs of bytes, in order.
    pieces: list[tuple[int, int, str]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


@dataclass(slots=True)
class _SerialAndKindBeforeMessage:
    """What the lines before an object say of it."""

    serial: str = ""
    kind: str = ""
    position: dict[str, float] = field(default_factory=dict)


def read_cloud_messages(content: Content) -> CloudMessages:
    """Read every message of a text; an object that is none is an issue."""
    found, before = CloudMessages(), _SerialAndKindBeforeMessage()
    data, at, size = content.data, 0, len(content)
    while at < size and len(found.messages) < _MOST_MESSAGES:
        end = data.find(b"\n", at) + 1 or size
        line = bytes(data[at : min(end, at + _LONGEST)])
        brace = line.find(b"{")
        if brace < 0 and not at and _REST_OF_OBJECT.match(line):
            end = _recover_cut_first_message_return_end(content, end, before, found)
            at = end
            continue
        _note_serial_and_kind_and_printed_position(line if brace < 0 else line[:brace], before)
        if brace < 0:
            found.pieces.append((at, end, "records" if _announces_message(line) else "padding"))
            at = end
            continue
        end = _end_of_object(content, at + brace, end)
        _add_message_or_issue(content, at, at + brace, end, before, found)
        at = end
    if at < size:
        found.issues.append(Issue(at, size - at, "very long: only its beginning is read"))
    return found


def _announces_message(line: bytes) -> bool:
    return bool(TOPIC.search(line) or _PRINTED_POSITION.search(line))


def _note_serial_and_kind_and_printed_position(
    text: bytes, before: _SerialAndKindBeforeMessage
) -> None:
    if topic := TOPIC.search(text):
        before.serial, before.kind = topic["serial"].decode(), topic["kind"].decode()
        before.position = {}
    if printed := _PRINTED_POSITION.search(text):
        before.position = {
            name: float(value)
            for name, value in zip(_PRINTED_NAMES, printed.groups(), strict=True)
            if value != b"None"
        }


def _end_of_object(content: Content, brace: int, line_end: int) -> int:
    """Return where the lines of an object end: of one that has no end, the line that begins it."""
    data, depth, at, end = content.data, 0, brace, line_end
    limit = min(len(content), brace + _LONGEST)
    for _ in range(_MOST_LINES):
        depth += sum(_bracket_level_steps(bytes(data[at : min(end, limit)])))
        if depth <= 0:
            return end
        at = end
        if at >= limit:
            break
        following = bytes(data[at : at + 64])
        if not following.startswith((b" ", b"\t", b"}", b"]")):
            break
        end = data.find(b"\n", at) + 1 or len(content)
    return line_end


def _add_message_or_issue(
    content: Content,
    begin: int,
    brace: int,
    end: int,
    before: _SerialAndKindBeforeMessage,
    found: CloudMessages,
) -> None:
    value = _parse_json_or_python_object(bytes(content.data[brace : min(end, brace + _LONGEST)]))
    if value is None:
        _add_issue(found, begin, end, "a message that cannot be read")
        return
    found.pieces.append((begin, end, "records"))
    found.messages.append(_build_cloud_message(begin, value, before))
    before.position = {}


def _recover_cut_first_message_return_end(
    content: Content, first_end: int, before: _SerialAndKindBeforeMessage, found: CloudMessages
) -> int:
    """Read what is left of an object with which a text begins, and return where it ends."""
    end, limit = first_end, min(len(content), _LONGEST)
    while end < limit and content.data[end - 2 : end - 1] != b"}":
        following = content.data.find(b"\n", end) + 1
        if not following or content.data[end : end + 1] != b" ":
            break
        end = following
    value = _parse_json_or_python_object(b"{" + bytes(content.data[:end]))
    if value is None:
        _add_issue(found, 0, end, "the end of a message whose beginning is lost")
    else:
        found.issues.append(Issue(0, 0, "the first message has lost its beginning"))
        found.pieces.append((0, end, "records"))
        found.messages.append(_build_cloud_message(0, value, before))
    return end


def _add_issue(found: CloudMessages, begin: int, end: int, what: str) -> None:
    found.pieces.append((begin, end, "gap"))
    last = found.issues[-1] if found.issues else None
    if last is not None and last.reason == what and last.offset + last.size == begin:
        begin = found.issues.pop().offset
    if len(found.issues) < _MOST_ISSUES:
        found.issues.append(Issue(begin, end - begin, what))


def _parse_json_or_python_object(text: bytes) -> dict[str, Any] | None:
    """Return an object of JSON, or of literals of Python; ``None``: it is neither."""
    if _nesting_depth(text) > _DEEPEST:
        return None
    plain = text.decode("utf-8", "replace").strip()
    try:
        value = json.loads(plain)
    except ValueError:
        try:
            value = ast.literal_eval(plain)
        except (ValueError, SyntaxError, TypeError, MemoryError):
            return None
    return value if isinstance(value, dict) else None


def _nesting_depth(text: bytes) -> int:
    """Return the levels of the innermost value."""
    return max(accumulate(_bracket_level_steps(text)), default=0)


def _bracket_level_steps(text: bytes) -> Iterator[int]:
    """Yield 1 for each bracket outside of quotes that opens a level, -1 for each that ends one."""
    for token in _BRACES.finditer(text):
        if len(token[0]) == 1:
            yield 1 if token[0] in b"{[(" else -1


def _build_cloud_message(
    offset: int, value: Mapping[str, Any], before: _SerialAndKindBeforeMessage
) -> CloudMessage:
    """Return a message from its object: an envelope around the values, or the values alone."""
    serial, kind = before.serial, before.kind
    topic = value.get("topic")
    if isinstance(topic, str) and (named := TOPIC.search(topic.encode())):
        serial, kind = named["serial"].decode(), named["kind"].decode()
    envelope: Mapping[str, Any] = value
    for name in ("payload", "message", "msg"):
        inner = value.get(name)
        if isinstance(inner, str) and inner.startswith("{") and len(inner) < _LONGEST:
            inner = _parse_json_or_python_object(inner.encode())
        if isinstance(inner, dict):
            envelope = inner
            break
    data = envelope.get("data")
    values = data if isinstance(data, dict) else envelope
    gateway = envelope.get("gateway")
    return CloudMessage(
        offset,
        serial,
        kind or ("osd" if "mode_code" in values else ""),
        _message_time_ns(envelope.get("timestamp"), value.get("timestamp")),
        gateway[:64] if isinstance(gateway, str) else "",
        before.position | dict(values),
    )


def _message_time_ns(*stated: object) -> int | None:
    for each in stated:
        if isinstance(each, int | float) and not isinstance(each, bool):
            milliseconds = each if each > 1e11 else each * 1000
            if _TIMES_MS[0] < milliseconds < _TIMES_MS[1]:
                return round(milliseconds * 1_000_000)
    return None


def yield_if_number(value: object) -> Iterator[float]:
    """Yield a value as a number, if it is one."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        yield float(value)

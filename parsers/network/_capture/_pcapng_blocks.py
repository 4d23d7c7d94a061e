"""The blocks of a pcapng: sections, interfaces, names, apps; packets by their place."""

import ipaddress
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..._bytes import READ_SIZE, Content
from ..._coverage import CoverageSpan
from ..._model import Issue
from ._packet_capture import (
    MAX_GAPS,
    MAX_PACKET_SIZE,
    CaptureInterface,
    read_numbers,
    search_windows,
)
from ._pcapdroid import PRIVATE_ENTERPRISE_NUMBER, user_package

_SECTION, _INTERFACE, OLD, SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS = (
    0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10,
)  # fmt: skip
_CUSTOM = (0x0BAD, 0x40000BAD)
ORDER = {bytes.fromhex("1a2b3c4d"): ">", bytes.fromhex("4d3c2b1a"): "<"}
_KNOWN = (_SECTION, _INTERFACE, OLD, SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS, *_CUSTOM)
_TITLES = {_NAMES: "names", _STATISTICS: "statistics", _SECRETS: "secrets"}
#: Bytes before the packet, by kind of block.
_BEFORE = {_ENHANCED: 28, OLD: 28, SIMPLE: 12}
#: Interfaces, names and apps that are kept; more are damage.
_MOST = 65_536


@dataclass(slots=True)
class PcapngSection:
    """One section: its byte order, and its interfaces among all of the file."""

    order: str
    interfaces: list[int] = field(default_factory=list)
    clocks: list[tuple[int, int]] = field(default_factory=list)
    #: Packets: place, kind of block, length.
    places: "array[int]" = field(default_factory=lambda: array("q"))
    kinds: "array[int]" = field(default_factory=lambda: array("B"))
    lengths: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(eq=False, slots=True)
class PcapngBlocks:
    """What the walk over the blocks finds."""

    content: Content
    sections: list[PcapngSection] = field(default_factory=list)
    interfaces: list[CaptureInterface] = field(default_factory=list)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)
    apps: dict[int, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    spans: list[CoverageSpan] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    version: str = ""

    def gap(self, begin: int, end: int, reason: str) -> None:
        """Note bytes that are not decoded, and why."""
        self.spans.append(CoverageSpan(begin, end - begin, "gap"))
        self.issues.append(Issue(begin, end - begin, reason))


def read_blocks(blocks: PcapngBlocks) -> None:
    """Go from block to block; note packets by their place, read the others."""
    content, at, size = blocks.content, 0, len(blocks.content)
    section: PcapngSection | None = None
    little = struct.Struct("<II").unpack_from
    big = struct.Struct(">II").unpack_from
    head, data, kept = little, content.data, 0
    while at < size:
        if at - kept > READ_SIZE:
            content.release_pages(kept, at - kept)
            kept = at
        if at + 12 > size:
            blocks.gap(at, size, "the file is cut short within the header of a block")
            return
        kind, length = head(data, at)
        if kind == _SECTION:
            order = ORDER.get(data[at + 8 : at + 12])
            if order is not None:
                section = PcapngSection(order)
                blocks.sections.append(section)
                head = little if order == "<" else big
                kind, length = head(data, at)
        if section is None or not _whole(data, head, at, length, size):
            again = None
            if section is not None and len(blocks.issues) < MAX_GAPS:
                again = _resume(content, section, at)
            blocks.gap(at, size if again is None else again, _why(at, length, size, again))
            if again is None:
                return
            at = again
        elif kind in _BEFORE:
            section.places.append(at)
            section.kinds.append(kind)
            section.lengths.append(length)
            at += length
        else:
            _note(blocks, section, kind, at, length)
            at += length


def _whole(data: Any, head: Any, at: int, length: int, size: int) -> bool:
    if length < 12 or length % 4 or at + length > size:
        return False
    return bool(head(data, at + length - 8)[1] == length)


def _why(at: int, length: int, size: int, again: int | None) -> str:
    if again is None and 12 <= length <= MAX_PACKET_SIZE + 4096 and at + length > size:
        return f"the file is cut short: a block of {length} bytes has {size - at}"
    return "no block: its two lengths do not agree"


def _resume(content: Content, section: PcapngSection, at: int) -> int | None:
    """Return the next place where a block of a known type has two lengths that agree."""
    wire, data, size = f"{section.order}u4", content.array, len(content)
    for window in search_windows(at + 1, size - 11):
        places = np.arange(*window)
        places = places[np.isin(read_numbers(data, places, wire), _KNOWN)]
        lengths = read_numbers(data, places + 4, wire).astype(np.int64)
        fits = (lengths >= 12) & (lengths % 4 == 0) & (places + lengths <= size)
        places, lengths = places[fits], lengths[fits]
        same = read_numbers(data, places + lengths - 4, wire) == lengths
        if same.any():
            return int(places[same][0])
    return None


def _note(blocks: PcapngBlocks, section: PcapngSection, kind: int, at: int, length: int) -> None:
    """Read a block that holds no packet."""
    body = blocks.content.data[at + 8 : at + length - 4]
    title, what = _TITLES.get(kind, "blocks"), "records"
    row: dict[str, Any] = {"offset": at, "length": length}
    if kind == _SECTION:
        blocks.spans.append(CoverageSpan(at, length, "header"))
        options = dict(read_options(body[16:], section.order))
        row |= {
            "byte_order": "little" if section.order == "<" else "big",
            **{name: _text(options.get(code)) for code, name in _SECTION_OPTIONS.items()},
        }
        blocks.rows.setdefault("sections", []).append(row)
        return
    if kind == _INTERFACE:
        what = "header" if _interface(blocks, section, at, body) else "unknown"
        blocks.spans.append(CoverageSpan(at, length, what))
        return
    if kind == _NAMES:
        _resolve(blocks, section, at, body)
        row["names"] = sum(place == at for _, place in blocks.names.values())
    elif kind == _STATISTICS:
        row |= _statistics(blocks, section, at, body)
    elif kind == _SECRETS:
        what = "opaque"
        row["secrets_type"] = body[:4].hex() if section.order == ">" else body[3::-1].hex()
        blocks.issues.append(
            Issue(at, 0, "holds secrets that decrypt its packets; they are not used or shown")
        )
    else:
        row["type"] = f"0x{kind:08x}"
        known = _custom(blocks, section, kind, body)
        what = "records" if known else "unknown"
        row["meaning"] = known
    blocks.rows.setdefault(title, []).append(row)
    blocks.spans.append(CoverageSpan(at, length, what))


_SECTION_OPTIONS = {2: "hardware", 3: "system", 4: "application"}


def read_options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and value of each option, up to the one that ends them."""
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from(f"{order}HH", data, at)
        if not code:
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def _text(data: bytes | None) -> str | None:
    return data.rstrip(b"\0").decode("utf-8", "replace") or None if data else None


def _interface(blocks: PcapngBlocks, section: PcapngSection, at: int, body: bytes) -> bool:
    if len(body) < 8 or len(blocks.interfaces) >= _MOST:
        return False
    link, _, snap = struct.unpack_from(f"{section.order}HHI", body)
    options = dict(read_options(body[8:], section.order))
    ticks = options.get(9, b"\x06")[:1]
    ticks_code = ticks[0] if ticks else 6
    offset = options.get(14, b"")
    seconds = int.from_bytes(offset, "little" if section.order == "<" else "big", signed=True)
    section.interfaces.append(len(blocks.interfaces))
    section.clocks.append((ticks_code, seconds if len(offset) == 8 else 0))
    base = f"2 to the -{ticks_code & 127}" if ticks_code & 128 else f"10 to the -{ticks_code}"
    words = {3: "milliseconds", 6: "microseconds", 9: "nanoseconds"}
    blocks.interfaces.append(
        CaptureInterface(
            link, snap or None, words.get(ticks_code, f"{base} s"), at,
            _text(options.get(2)), _text(options.get(3)),
        )
    )  # fmt: skip
    return True


def _resolve(blocks: PcapngBlocks, section: PcapngSection, at: int, body: bytes) -> None:
    """Keep the names of addresses; the first name of each counts."""
    for code, value in read_options(body, section.order):
        size = {1: 4, 2: 16}.get(code)
        if size is None or len(value) <= size or len(blocks.names) >= _MOST:
            continue
        name = value[size:].split(b"\0")[0].decode("ascii", "replace").lower().rstrip(".")
        address = str(ipaddress.ip_address(value[:size]))
        if name:
            blocks.names.setdefault(address, (name, at))


def _statistics(
    blocks: PcapngBlocks, section: PcapngSection, at: int, body: bytes
) -> dict[str, Any]:
    order: Literal["little", "big"] = "little" if section.order == "<" else "big"
    counts = {
        name: int.from_bytes(value, order)
        for code, value in read_options(body[12:], section.order)
        if (name := {4: "received", 5: "dropped", 7: "dropped_by_system"}.get(code))
    }
    lost = counts.get("dropped", 0) + counts.get("dropped_by_system", 0)
    if lost:
        blocks.issues.append(Issue(at, 0, f"{lost} packets were lost while capturing"))
    return {name: counts.get(name) for name in ("received", "dropped", "dropped_by_system")}


def _custom(blocks: PcapngBlocks, section: PcapngSection, kind: int, body: bytes) -> str | None:
    if kind not in _CUSTOM or len(body) < 4:
        return None
    if (
        struct.unpack_from(f"{section.order}I", body)[0] != PRIVATE_ENTERPRISE_NUMBER
        or len(blocks.apps) >= _MOST
    ):
        return None
    found = user_package(body[4:], section.order == "<")
    if found is None:
        return None
    blocks.apps.setdefault(*found)
    return f"user {found[0]} is {found[1]}"

"""The blocks of a pcapng: sections, interfaces, names, apps; packets by their place."""

import ipaddress
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..._byte_coverage import CoverageSpan
from ..._file_content import READ_SIZE, Content
from ..._model import Issue
from ._captured_packets import (
    MAX_GAPS,
    MAX_PACKET_SIZE,
    CaptureInterface,
    read_numbers_at_offsets,
    record_search_windows,
)
from ._pcapdroid_app_of_packet import PRIVATE_ENTERPRISE_NUMBER, android_uid_and_package

_SECTION, _INTERFACE, OLD, SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS = (
    0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10,
)  # fmt: skip
_CUSTOM = (0x0BAD, 0x40000BAD)
ORDER = {bytes.fromhex("1a2b3c4d"): ">", bytes.fromhex("4d3c2b1a"): "<"}
_KNOWN = (_SECTION, _INTERFACE, OLD, SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS, *_CUSTOM)
_TITLES = {_NAMES: "names", _STATISTICS: "statistics", _SECRETS: "secrets"}
#: Bytes before the packet, by kind of block.
_PACKET_OFFSETS = {_ENHANCED: 28, OLD: 28, SIMPLE: 12}
#: Interfaces, names and apps that are stored; more are damage.
_MAX_ENTRIES = 65_536


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
    """What the blocks of a file hold."""

    content: Content
    sections: list[PcapngSection] = field(default_factory=list)
    interfaces: list[CaptureInterface] = field(default_factory=list)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)
    apps: dict[int, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    spans: list[CoverageSpan] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    version: str = ""

    def add_gap(self, begin: int, end: int, reason: str) -> None:
        """Add bytes that are not decoded, and why."""
        self.spans.append(CoverageSpan(begin, end - begin, "gap"))
        self.issues.append(Issue(begin, end - begin, reason))


def note_packets_and_read_other_blocks(blocks: PcapngBlocks) -> None:
    """Go from block to block; note packets by their place, read the others."""
    content, offset, size = blocks.content, 0, len(blocks.content)
    section: PcapngSection | None = None
    little = struct.Struct("<II").unpack_from
    big = struct.Struct(">II").unpack_from
    head, data, released_to = little, content.data, 0
    while offset < size:
        if offset - released_to > READ_SIZE:
            content.release_pages(released_to, offset - released_to)
            released_to = offset
        if offset + 12 > size:
            blocks.add_gap(offset, size, "the file is cut short within the header of a block")
            return
        kind, length = head(data, offset)
        if kind == _SECTION:
            order = ORDER.get(data[offset + 8 : offset + 12])
            if order is not None:
                section = PcapngSection(order)
                blocks.sections.append(section)
                head = little if order == "<" else big
                kind, length = head(data, offset)
        if section is None or not _is_complete_block(data, head, offset, length, size):
            resume_at = None
            if section is not None and len(blocks.issues) < MAX_GAPS:
                resume_at = _find_next_block(content, section, offset)
            blocks.add_gap(
                offset,
                size if resume_at is None else resume_at,
                _undecodable_block_reason(offset, length, size, resume_at),
            )
            if resume_at is None:
                return
            offset = resume_at
        elif kind in _PACKET_OFFSETS:
            section.places.append(offset)
            section.kinds.append(kind)
            section.lengths.append(length)
            offset += length
        else:
            _read_block_without_packet(blocks, section, kind, offset, length)
            offset += length


def _is_complete_block(data: Any, head: Any, offset: int, length: int, size: int) -> bool:
    if length < 12 or length % 4 or offset + length > size:
        return False
    return bool(head(data, offset + length - 8)[1] == length)


def _undecodable_block_reason(offset: int, length: int, size: int, again: int | None) -> str:
    if again is None and 12 <= length <= MAX_PACKET_SIZE + 4096 and offset + length > size:
        return f"the file is cut short: a block of {length} bytes has {size - offset}"
    return "not a block: its two lengths differ"


def _find_next_block(content: Content, section: PcapngSection, offset: int) -> int | None:
    """Return the next place where a block of a known type has two lengths that agree."""
    wire, data, size = f"{section.order}u4", content.array, len(content)
    for window in record_search_windows(offset + 1, size - 11):
        offsets = np.arange(*window)
        offsets = offsets[np.isin(read_numbers_at_offsets(data, offsets, wire), _KNOWN)]
        lengths = read_numbers_at_offsets(data, offsets + 4, wire).astype(np.int64)
        fits = (lengths >= 12) & (lengths % 4 == 0) & (offsets + lengths <= size)
        offsets, lengths = offsets[fits], lengths[fits]
        same = read_numbers_at_offsets(data, offsets + lengths - 4, wire) == lengths
        if same.any():
            return int(offsets[same][0])
    return None


def _read_block_without_packet(
    blocks: PcapngBlocks, section: PcapngSection, kind: int, offset: int, length: int
) -> None:
    """Read a block that holds no packet."""
    body = blocks.content.data[offset + 8 : offset + length - 4]
    title, kind_of_bytes = _TITLES.get(kind, "blocks"), "records"
    row: dict[str, Any] = {"offset": offset, "length": length}
    if kind == _SECTION:
        blocks.spans.append(CoverageSpan(offset, length, "header"))
        options = dict(iterate_options(body[16:], section.order))
        row |= {
            "byte_order": "little" if section.order == "<" else "big",
            **{name: _decode_text(options.get(code)) for code, name in _SECTION_OPTIONS.items()},
        }
        blocks.rows.setdefault("sections", []).append(row)
        return
    if kind == _INTERFACE:
        kind_of_bytes = (
            "header" if _add_interface_if_valid(blocks, section, offset, body) else "unknown"
        )
        blocks.spans.append(CoverageSpan(offset, length, kind_of_bytes))
        return
    if kind == _NAMES:
        _add_host_names_of_addresses(blocks, section, offset, body)
        row["names"] = sum(name_offset == offset for _, name_offset in blocks.names.values())
    elif kind == _STATISTICS:
        row |= _read_statistics(blocks, section, offset, body)
    elif kind == _SECRETS:
        kind_of_bytes = "opaque"
        row["secrets_type"] = body[:4].hex() if section.order == ">" else body[3::-1].hex()
        blocks.issues.append(
            Issue(offset, 0, "holds secrets that decrypt its packets; they are not used or shown")
        )
    else:
        row["type"] = f"0x{kind:08x}"
        known = _read_custom_block_and_describe_app(blocks, section, kind, body)
        kind_of_bytes = "records" if known else "unknown"
        row["meaning"] = known
    blocks.rows.setdefault(title, []).append(row)
    blocks.spans.append(CoverageSpan(offset, length, kind_of_bytes))


_SECTION_OPTIONS = {2: "hardware", 3: "system", 4: "application"}


def iterate_options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and value of each option, up to the one that ends them."""
    offset = 0
    while offset + 4 <= len(data):
        code, size = struct.unpack_from(f"{order}HH", data, offset)
        if not code:
            return
        yield code, data[offset + 4 : offset + 4 + size]
        offset += 4 + (size + 3) // 4 * 4


def _decode_text(data: bytes | None) -> str | None:
    return data.rstrip(b"\0").decode("utf-8", "replace") or None if data else None


def _add_interface_if_valid(
    blocks: PcapngBlocks, section: PcapngSection, block_offset: int, body: bytes
) -> bool:
    if len(body) < 8 or len(blocks.interfaces) >= _MAX_ENTRIES:
        return False
    link, _, snap = struct.unpack_from(f"{section.order}HHI", body)
    options = dict(iterate_options(body[8:], section.order))
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
            link, snap or None, words.get(ticks_code, f"{base} s"), block_offset,
            _decode_text(options.get(2)), _decode_text(options.get(3)),
        )
    )  # fmt: skip
    return True


def _add_host_names_of_addresses(
    blocks: PcapngBlocks, section: PcapngSection, offset: int, body: bytes
) -> None:
    """Keep the names of addresses; the first name of each counts."""
    for code, value in iterate_options(body, section.order):
        size = {1: 4, 2: 16}.get(code)
        if size is None or len(value) <= size or len(blocks.names) >= _MAX_ENTRIES:
            continue
        name = value[size:].split(b"\0")[0].decode("ascii", "replace").lower().rstrip(".")
        address = str(ipaddress.ip_address(value[:size]))
        if name:
            blocks.names.setdefault(address, (name, offset))


def _read_statistics(
    blocks: PcapngBlocks, section: PcapngSection, offset: int, body: bytes
) -> dict[str, Any]:
    order: Literal["little", "big"] = "little" if section.order == "<" else "big"
    counts = {
        name: int.from_bytes(value, order)
        for code, value in iterate_options(body[12:], section.order)
        if (name := {4: "received", 5: "dropped", 7: "dropped_by_system"}.get(code))
    }
    lost_count = counts.get("dropped", 0) + counts.get("dropped_by_system", 0)
    if lost_count:
        blocks.issues.append(Issue(offset, 0, f"{lost_count} packets were lost while capturing"))
    return {name: counts.get(name) for name in ("received", "dropped", "dropped_by_system")}


def _read_custom_block_and_describe_app(
    blocks: PcapngBlocks, section: PcapngSection, kind: int, body: bytes
) -> str | None:
    if kind not in _CUSTOM or len(body) < 4:
        return None
    if (
        struct.unpack_from(f"{section.order}I", body)[0] != PRIVATE_ENTERPRISE_NUMBER
        or len(blocks.apps) >= _MAX_ENTRIES
    ):
        return None
    package = android_uid_and_package(body[4:], section.order == "<")
    if package is None:
        return None
    blocks.apps.setdefault(*package)
    return f"user {package[0]} is {package[1]}"

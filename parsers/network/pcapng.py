"""Packet captures of the next generation (``.pcapng``).

Who writes them: Wireshark, dumpcap, tcpdump on macOS, PCAPdroid for Android.

Facts: draft-ietf-opsawg-pcapng; PCAPdroid's source for its custom block and comments; 30
captures of other projects.  What is read of the packets, and what the rows mean, is said
with the format ``pcap``.

**Bytes.** Blocks of ``type, length, body, length``, in the byte order that the header of
their section states; a file may have several sections.  Of each section:

- interface descriptions: link type, snap length, ticks in a second (a power of ten or of
  two, microseconds if not stated) and an offset in seconds;
- packets: enhanced (6), simple (3, without a time) and the old kind (2);
- name resolution (4): its names are the last resort for a host;
- interface statistics (5): what the capture lost is a record and an issue;
- secrets (10): counted and never shown; nothing is decrypted;
- custom blocks (0x0BAD, 0x40000BAD): those of PCAPdroid name apps; others are kept.

Both lengths of a block must agree.  Behind one whose do not, reading goes on at the next
place, on a multiple of four, where a block of a known type has two that do.
"""

import ipaddress
import struct
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from .._bytes import Content
from .._errors import UnsupportedVersionError
from .._formats import Format
from .._keys import Keychains
from .._model import Issue, Log, Span
from ._capture import LONGEST, NO_TIME, Capture, Interface, Numbers, columns, numbers, usable
from ._capture_log import tell
from ._pcapdroid import NUMBER, app, in_trailer, mapping, user_in

_SECTION, _INTERFACE, _OLD, _SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS = (
    0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10,
)  # fmt: skip
_CUSTOM = (0x0BAD, 0x40000BAD)
_ORDER = {bytes.fromhex("1a2b3c4d"): ">", bytes.fromhex("4d3c2b1a"): "<"}
_KNOWN = (_SECTION, _INTERFACE, _OLD, _SIMPLE, _NAMES, _STATISTICS, _ENHANCED, _SECRETS, *_CUSTOM)
_TITLES = {_NAMES: "names", _STATISTICS: "statistics", _SECRETS: "secrets"}
#: Bytes before the packet, by kind of block.
_BEFORE = {_ENHANCED: 28, _OLD: 28, _SIMPLE: 12}
#: Interfaces, names and apps that are kept; more are damage.
_MOST = 65_536
#: Bytes searched at a time after damage.
_SEARCH = 1 << 20


@dataclass(slots=True)
class _Section:
    """One section: its byte order, and its interfaces among all of the file."""

    order: str
    interfaces: list[int] = field(default_factory=list)
    clocks: list[tuple[int, int]] = field(default_factory=list)
    #: Packets: place, kind of block, length.
    places: "array[int]" = field(default_factory=lambda: array("q"))
    kinds: "array[int]" = field(default_factory=lambda: array("B"))
    lengths: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(eq=False, slots=True)
class _Blocks:
    """What the walk over the blocks finds."""

    content: Content
    sections: list[_Section] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)
    apps: dict[int, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    version: str = ""


def claims(content: Content) -> bool:
    """Return whether the file begins with the header of a section."""
    return content.head[:4] == b"\n\r\r\n" and content.head[8:12] in _ORDER


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a capture.

    Raises:
        CorruptLogError: If the first header is not whole.
        UnsupportedVersionError: If its version is not known.
    """
    del keys
    with ThreadPoolExecutor(1) as beside:
        # Hashing lets other threads run, and takes no part in decoding.
        beside.submit(lambda: content.sha256)
        return tell(content, _capture(content), FORMAT.name)


def _capture(content: Content) -> Capture:
    blocks = _Blocks(content)
    content.take(0, 28, "the header of a section")
    major, minor = struct.unpack_from(f"{_ORDER[content.head[8:12]]}HH", content.head, 12)
    if major != 1:
        raise UnsupportedVersionError(f"version {major}.{minor} of pcapng; known is 1")
    blocks.version = f"{major}.{minor}"
    _walk(blocks)
    return _packets(blocks)


# Blocks


def _walk(blocks: _Blocks) -> None:
    """Go from block to block; note packets by their place, read the others."""
    content, at, size = blocks.content, 0, len(blocks.content)
    section: _Section | None = None
    little = struct.Struct("<II").unpack_from
    big = struct.Struct(">II").unpack_from
    head, data = little, content.data
    while at < size:
        if at + 12 > size:
            _gap(blocks, at, size, "the file is cut short within the header of a block")
            return
        kind, length = head(data, at)
        if kind == _SECTION:
            order = _ORDER.get(data[at + 8 : at + 12])
            if order is not None:
                section = _Section(order)
                blocks.sections.append(section)
                head = little if order == "<" else big
                kind, length = head(data, at)
        if section is None or not _whole(data, head, at, length, size):
            again = None if section is None else _resume(content, section, at)
            _gap(blocks, at, size if again is None else again, _why(at, length, size, again))
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
    if again is None and 12 <= length <= LONGEST + 4096 and at + length > size:
        return f"the file is cut short: a block of {length} bytes has {size - at}"
    return "no block: its two lengths do not agree"


def _gap(blocks: _Blocks, begin: int, end: int, reason: str) -> None:
    blocks.spans.append(Span(begin, end - begin, "gap"))
    blocks.issues.append(Issue(begin, end - begin, reason))


def _resume(content: Content, section: _Section, at: int) -> int | None:
    """Return the next place where a block of a known type has two lengths that agree."""
    wire, data, size = f"{section.order}u4", content.array, len(content)
    for block in range(at + 4, size - 12, _SEARCH):
        places = np.arange(block, min(block + _SEARCH, size - 12), 4)
        places = places[np.isin(numbers(data, places, wire), _KNOWN)]
        lengths = numbers(data, places + 4, wire).astype(np.int64)
        fits = (lengths >= 12) & (lengths % 4 == 0) & (places + lengths <= size)
        places, lengths = places[fits], lengths[fits]
        same = numbers(data, places + lengths - 4, wire) == lengths
        if same.any():
            return int(places[same][0])
    return None


def _note(blocks: _Blocks, section: _Section, kind: int, at: int, length: int) -> None:
    """Read a block that holds no packet."""
    body = blocks.content.data[at + 8 : at + length - 4]
    title, what = _TITLES.get(kind, "blocks"), "records"
    row: dict[str, Any] = {"offset": at, "length": length}
    if kind == _SECTION:
        blocks.spans.append(Span(at, length, "header"))
        options = dict(_options(body[16:], section.order))
        row |= {
            "byte_order": "little" if section.order == "<" else "big",
            **{name: _text(options.get(code)) for code, name in _SECTION_OPTIONS.items()},
        }
        blocks.rows.setdefault("sections", []).append(row)
        return
    if kind == _INTERFACE:
        what = "header" if _interface(blocks, section, at, body) else "unknown"
        blocks.spans.append(Span(at, length, what))
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
    blocks.spans.append(Span(at, length, what))


_SECTION_OPTIONS = {2: "hardware", 3: "system", 4: "application"}


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from(f"{order}HH", data, at)
        if not code:
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def _text(data: bytes | None) -> str | None:
    return data.rstrip(b"\0").decode("utf-8", "replace") or None if data else None


def _interface(blocks: _Blocks, section: _Section, at: int, body: bytes) -> bool:
    if len(body) < 8 or len(blocks.interfaces) >= _MOST:
        return False
    link, _, snap = struct.unpack_from(f"{section.order}HHI", body)
    options = dict(_options(body[8:], section.order))
    ticks = options.get(9, b"\x06")[:1]
    ticks_code = ticks[0] if ticks else 6
    offset = options.get(14, b"")
    seconds = int.from_bytes(offset, "little" if section.order == "<" else "big", signed=True)
    section.interfaces.append(len(blocks.interfaces))
    section.clocks.append((ticks_code, seconds if len(offset) == 8 else 0))
    base = f"2 to the -{ticks_code & 127}" if ticks_code & 128 else f"10 to the -{ticks_code}"
    words = {3: "milliseconds", 6: "microseconds", 9: "nanoseconds"}
    blocks.interfaces.append(
        Interface(
            link, snap or None, words.get(ticks_code, f"{base} s"), at,
            _text(options.get(2)), _text(options.get(3)),
        )
    )  # fmt: skip
    return True


def _resolve(blocks: _Blocks, section: _Section, at: int, body: bytes) -> None:
    """Keep the names of addresses; the first name of each counts."""
    for code, value in _options(body, section.order):
        size = {1: 4, 2: 16}.get(code)
        if size is None or len(value) <= size or len(blocks.names) >= _MOST:
            continue
        name = value[size:].split(b"\0")[0].decode("ascii", "replace").lower().rstrip(".")
        address = str(ipaddress.ip_address(value[:size]))
        if name:
            blocks.names.setdefault(address, (name, at))


def _statistics(blocks: _Blocks, section: _Section, at: int, body: bytes) -> dict[str, Any]:
    order: Literal["little", "big"] = "little" if section.order == "<" else "big"
    counts = {
        name: int.from_bytes(value, order)
        for code, value in _options(body[12:], section.order)
        if (name := {4: "received", 5: "dropped", 7: "dropped_by_system"}.get(code))
    }
    lost = counts.get("dropped", 0) + counts.get("dropped_by_system", 0)
    if lost:
        blocks.issues.append(Issue(at, 0, f"{lost} packets were lost while capturing"))
    return {name: counts.get(name) for name in ("received", "dropped", "dropped_by_system")}


def _custom(blocks: _Blocks, section: _Section, kind: int, body: bytes) -> str | None:
    if kind not in _CUSTOM or len(body) < 4:
        return None
    if struct.unpack_from(f"{section.order}I", body)[0] != NUMBER or len(blocks.apps) >= _MOST:
        return None
    found = mapping(body[4:], section.order == "<")
    if found is None:
        return None
    blocks.apps.setdefault(*found)
    return f"user {found[0]} is {found[1]}"


# Packets


@dataclass(slots=True)
class _Columns:
    """The columns of one section's packets."""

    offsets: Numbers
    ends: Numbers
    starts: Numbers
    captured: Numbers
    wire: Numbers
    times: Numbers
    sources: Numbers


def _packets(blocks: _Blocks) -> Capture:
    parts = [_section(blocks, section) for section in blocks.sections]

    def joined(name: str) -> Numbers:
        columns = [getattr(part, name) for part in parts]
        return np.concatenate(columns) if columns else np.empty(0, np.int64)

    capture = Capture(
        blocks.content,
        offsets=joined("offsets"),
        ends=joined("ends"),
        starts=joined("starts"),
        captured=joined("captured").astype(np.int32),
        wire=joined("wire"),
        times=joined("times"),
        sources=joined("sources").astype(np.int32),
        interfaces=tuple(blocks.interfaces),
        version=blocks.version,
        others=tuple(blocks.spans),
        issues=tuple(blocks.issues),
        names=blocks.names,
        rows=blocks.rows,
    )
    orders = {int(one.places[0]): one.order for one in blocks.sections if len(one.places)}
    begins = np.array(sorted(orders) or [0])

    def app_of(packet: int) -> str | None:
        at = int(capture.offsets[packet])
        first = int(begins[max(0, int(np.searchsorted(begins, at, "right")) - 1)])
        return _app(blocks, capture, packet, orders.get(first, "<"))

    capture.app_of = app_of
    return capture


def _app(blocks: _Blocks, capture: Capture, packet: int, order: str) -> str | None:
    """Return the app that a comment behind a packet, or a trailer, names."""
    start, size = int(capture.starts[packet]), int(capture.captured[packet])
    behind = start + (size + 3) // 4 * 4
    end = int(capture.ends[packet]) - 4
    for code, value in _options(capture.part(behind, max(0, end - behind)), order):
        if code == 1 and (user := user_in(value)) is not None:
            return app(user, blocks.apps)
    return in_trailer(capture.part(start + max(0, size - 32), min(32, size)))


def _section(blocks: _Blocks, section: _Section) -> _Columns:
    """Return the packets of a section; those that break a rule become gaps."""
    places = np.frombuffer(section.places, np.int64) if section.places else np.empty(0, np.int64)
    kinds = np.frombuffer(section.kinds, np.uint8) if section.kinds else np.empty(0, np.uint8)
    lengths = np.frombuffer(section.lengths, np.int64) if section.lengths else places

    words = columns(blocks.content, places, (8, 12, 16, 20, 24), f"{section.order}u4")
    simple, old = kinds == _SIMPLE, kinds == _OLD
    before = np.where(simple, 12, 28)
    source = np.where(simple, 0, words[0])
    source[old] = numbers(blocks.content.array, places[old] + 8, f"{section.order}u2")
    count = len(section.interfaces)
    room = lengths - before - 4
    snaps = [blocks.interfaces[one].snap_length or LONGEST for one in section.interfaces]
    snap = np.array(snaps or [0])[np.where(source < count, source, 0)]
    kept = np.where(simple, np.minimum(np.minimum(words[0], room), snap), words[3])
    was = np.where(simple, words[0], words[4])
    good = (source < count) & (kept <= room) & (room >= 0)
    for place, length in zip(places[~good].tolist(), lengths[~good].tolist(), strict=True):
        _gap(blocks, place, place + length, "a packet of an unknown interface, or too long")
    ticks = np.where(simple, NO_TIME, words[1] << 32 | words[2])
    places, source = places[good], source[good]
    return _Columns(
        places, places + lengths[good], places + before[good], kept[good],
        np.maximum(was, kept)[good], _times(ticks[good], source, section),
        np.array(section.interfaces or [0], np.int64)[source],
    )  # fmt: skip


def _times(ticks: Numbers, source: Numbers, section: _Section) -> Numbers:
    """Return nanoseconds since 1970 from each interface's ticks."""
    out = np.full(len(ticks), NO_TIME, np.int64)
    for interface, (code, offset) in enumerate(section.clocks):
        rows = np.flatnonzero((source == interface) & (ticks > 0))
        value, power = ticks[rows], code & 127
        if code & 128:
            power = min(power, 62)
            rest = value & ((1 << power) - 1)
            rest = (rest >> max(0, power - 30)) * 10**9 >> min(power, 30)
            whole = value >> power
        elif power <= 18:
            whole, rest = np.divmod(value, 10**power)
            rest = rest * 10 ** (9 - power) if power <= 9 else rest // 10 ** (power - 9)
        else:
            continue
        sane = (whole >= 0) & (whole < 1 << 33) & (abs(offset) < 1 << 33)
        times = np.where(sane, whole + (offset if abs(offset) < 1 << 33 else 0), 0) * 10**9
        out[rows] = usable(np.where(sane, times + rest, NO_TIME))
    return out


FORMAT = Format(
    name="pcapng",
    title="Packet capture (pcapng)",
    reference="draft-ietf-opsawg-pcapng; tcpdump.org link types",
    claims=claims,
    read=read,
)

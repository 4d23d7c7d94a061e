"""The bytes that hold the records: the file itself, or what an export container packs.

DJI Assistant 2 exports one zlib stream (or several, end to end) that holds a
chain of entries; each entry has a header of 283 bytes, which begins with
``A4`` and the length, and then the data of one file of the aircraft.  The
records of all entries are read; every offset in the log is one of the file
that was opened: of the byte of the packed stream by which the inflater had
given the record, to within 256 bytes.
"""

import re
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..._file_content import HEAD_SIZE, Content
from ..._model import Issue
from ..._record_layout import ByteArray
from .._layout_builders import decode_record
from ._find_record_frames import Ints
from ._recognise_dat_file import ENTRY_HEADER_SIZE, ENTRY_MARK, ZLIB, dat_file_kind, is_zlib
from ._record_layouts import ENTRY_HEADER

#: Bytes that are inflated at most: a container larger than this is read in part.
MOST_INFLATED = 1 << 29
_INFLATE_STEP = 256
_MOST_ENTRIES = 4096
_FLIGHT_PATH = re.compile(rb"FLY\d{1,10}[\w.-]{0,64}\.DAT", re.IGNORECASE)
_TEXT = re.compile(rb"[\x20-\x7e]+")


class DatContainerEntry(NamedTuple):
    """One file in the stream: its header, if any, from ``at``; its data from ``begin``."""

    name: str
    header_offset: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class DeflateOffsetMap:
    """Where packed bytes end up: at each step, the offsets in the file and in the stream."""

    packed: Ints
    inflated: Ints
    #: Where the last deflated byte ends, and where what zlib adds to it ends.
    stop: int
    end: int
    issues: tuple[Issue, ...]

    def file_offsets(self, offsets: Ints) -> Ints:
        """Return the offsets in the file of offsets in the stream."""
        return np.interp(offsets, self.inflated, self.packed).astype(np.int64)


@dataclass(frozen=True, slots=True)
class UnpackedDat:
    """Bytes in which records lie, the files that they are of, and how they were packed."""

    data: ByteArray
    entries: tuple[DatContainerEntry, ...]
    size: int
    deflate_map: DeflateOffsetMap | None = None
    issues: tuple[Issue, ...] = field(default=())

    @property
    def is_from_export_container(self) -> bool:
        """Whether the files lie in an export container."""
        return any(entry.name for entry in self.entries)

    def file_offsets(self, offsets: Ints) -> Ints:
        """Return the offsets in the opened file of offsets in the stream."""
        return offsets if self.deflate_map is None else self.deflate_map.file_offsets(offsets)

    def file_offset(self, offset: int) -> int:
        """Return the offset in the opened file of one offset in the stream."""
        return int(self.file_offsets(np.array([offset]))[0])

    def stream_to_distinct_file_offsets(self, offsets: Ints) -> Ints:
        """Return the offsets in the file of increasing offsets in the stream, no two the same."""
        if self.deflate_map is None or not len(offsets):
            return offsets
        steps = np.arange(len(offsets))
        grown = np.maximum.accumulate(self.file_offsets(offsets) - steps) + steps
        return np.minimum(grown, self.size - len(offsets) + steps).clip(0)

    def entry_at(self, offset: int) -> DatContainerEntry:
        """Return the entry that holds an offset of the stream."""
        return next(
            (entry for entry in reversed(self.entries) if entry.header_offset <= offset),
            self.entries[0],
        )


def unpack_dat(content: Content) -> UnpackedDat:
    """Return the bytes of a file in which records lie: unpacked, if they are packed."""
    size = len(content)
    if dat_file_kind(content.head, content.base_name) != ZLIB:
        entries, issues = _split_container_entries_and_issues(content.array)
        return UnpackedDat(content.array, entries, size, None, issues)
    data, packing = _inflate_streams_with_offset_map(content)
    entries, issues = _split_container_entries_and_issues(data)
    moved = tuple(
        Issue(int(packing.file_offsets(np.array([issue.offset]))[0]), 0, issue.reason)
        for issue in issues
    )
    return UnpackedDat(data, entries, size, packing, (*packing.issues, *moved))


def _inflate_streams_with_offset_map(content: Content) -> tuple[ByteArray, DeflateOffsetMap]:
    """Inflate the zlib streams of a file, one after another, as far as they hold."""
    packed, out, size = content.data, bytearray(), len(content)
    marks: list[tuple[int, int]] = []
    issues: list[Issue] = []
    at = stop = 0
    while is_zlib(packed[at : at + 2]) and len(out) < MOST_INFLATED:
        stream_begin = len(out)
        at, is_complete, why = _append_inflated_return_end_whole_and_fault(
            packed, at + 2, out, marks
        )
        stop = at
        if why or not is_complete:
            issues.append(Issue(at, 0, f"the zlib stream {why or 'is cut short by the end'}"))
            break
        stated = int.from_bytes(packed[at : at + 4], "big")
        if zlib.adler32(memoryview(out)[stream_begin:]) != stated:
            issues.append(Issue(at, 0, "the zlib stream does not match its stated checksum"))
        at = min(at + 4, size)
    marks.append((stop, len(out)))
    if at < size:
        reason = f"{size - at} bytes that are not a zlib stream, or could not be inflated"
        issues.append(Issue(at, size - at, reason))
    steps = np.array(marks, np.int64)
    packing = DeflateOffsetMap(steps[:, 0], steps[:, 1], stop, at, tuple(issues))
    return np.frombuffer(bytes(out) if len(out) < HEAD_SIZE else out, np.uint8), packing


def _append_inflated_return_end_whole_and_fault(
    packed: "bytes | object", at: int, out: bytearray, marks: list[tuple[int, int]]
) -> tuple[int, bool, str]:
    """Inflate one stream; return where it ends, whether it is whole, and what stopped it."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    while not engine.eof:
        chunk = packed[at : at + _INFLATE_STEP]  # type: ignore[index]
        if not chunk:
            return at, False, ""
        marks.append((at, len(out)))
        try:
            out += engine.decompress(chunk)
        except zlib.error as error:
            return at, False, f"is damaged ({error})"
        at += len(chunk) - len(engine.unused_data)
        if len(out) > MOST_INFLATED:
            del out[MOST_INFLATED:]
            return at, False, f"holds more than {MOST_INFLATED} bytes: the rest was not inflated"
    return at, True, ""


def _split_container_entries_and_issues(
    data: ByteArray,
) -> tuple[tuple[DatContainerEntry, ...], tuple[Issue, ...]]:
    """Return the files that lie in some bytes: the entries of a container, or the one file."""
    size, at = len(data), 0
    entries: list[DatContainerEntry] = []
    issues: list[Issue] = []
    while (
        size - at >= ENTRY_HEADER_SIZE and data[at] == ENTRY_MARK and len(entries) < _MOST_ENTRIES
    ):
        header = data[at : at + ENTRY_HEADER_SIZE].tobytes()
        begin, length = at + ENTRY_HEADER_SIZE, decode_record(ENTRY_HEADER, header)["length"]
        name = _entry_name(header, len(entries) + 1)
        end = _entry_end(data, at, begin, length)
        if end > size:
            issues.append(Issue(at, 0, f"{name}: {size - begin} of its {length} bytes are present"))
            end = size
        entries.append(DatContainerEntry(name, at, begin, end))
        at = end
    if at < size or not entries:
        entries.append(
            DatContainerEntry(
                f"the bytes after {entries[-1].name}" if entries else "", at, at, size
            )
        )
    return tuple(entries), tuple(issues)


def _entry_end(data: ByteArray, at: int, begin: int, length: int) -> int:
    """Return where an entry ends: its length counts its data, or its header too."""
    for end in (begin + length, at + length):
        if begin <= end and (end == len(data) or (end < len(data) and data[end] == ENTRY_MARK)):
            return end
    return begin + length


def _entry_name(header: bytes, number: int) -> str:
    """Return the name of an entry: the flight it names, else its path, else its number."""
    for part in (header[12:], header[7:]):
        if flight := _FLIGHT_PATH.search(part):
            return flight.group().decode("ascii")
    path = _TEXT.match(header[12:])
    return path.group().decode("ascii") if path else f"entry {number}"

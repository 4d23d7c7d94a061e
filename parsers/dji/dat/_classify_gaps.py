"""What lies between the records: headers, filling, damage, cipher text.

Filling is a run of ``00`` or ``FF`` (memory never written, or erased).  What
is left is a gap with an issue, and the issue says what is known about it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..._byte_coverage import CoverageSpan
from ..._model import Issue
from ..._record_layout import ByteArray
from .._layout_builders import decode_record
from . import _enum_names as enum_names
from ._export_container import DatContainerEntry, UnpackedDat
from ._find_record_frames import DatRecordFrames, record_length_at_offset
from ._recognise_dat_file import (
    BUILD_MARK,
    BUILD_MARK_OFFSET,
    CIPHER_ENTROPY_BITS,
    HEADER_SIZE,
    LOGH,
    DatHeader,
    byte_entropy_bits,
    dat_file_kind,
    parse_header,
)
from ._record_layouts import LOGH_HEADER

#: A run of one value, 00 or FF, this long is filling.
_SHORTEST_FILLING = 32
_WINDOW = 1 << 22
#: A smaller share of a body in records is chance; fewer bytes are too few to measure entropy.
_CHANCE_SHARE, _LEAST_FOR_ENTROPY = 0.05, 4096
_ENTROPY_SAMPLE = 1 << 20


@dataclass(frozen=True, slots=True)
class ClassifiedGaps:
    """What the bytes outside of records are; offsets are those of the stream."""

    spans: tuple[CoverageSpan, ...]
    issues: tuple[Issue, ...]
    headers: tuple[DatHeader, ...]
    #: Files of which nothing could be read for want of a key.
    encrypted_entries: tuple[DatContainerEntry, ...]


def classify_gaps_between_records(stream: UnpackedDat, frames: DatRecordFrames) -> ClassifiedGaps:
    """Return what the bytes between the records are."""
    spans: list[CoverageSpan] = []
    issues: list[Issue] = []
    headers: list[DatHeader] = []
    locked: list[DatContainerEntry] = []
    # Bytes inflated from damage have the entropy of cipher text, but are not.
    damaged = stream.deflate_map is not None and bool(stream.deflate_map.issues)
    for entry in stream.entries:
        spans.append(CoverageSpan(entry.header_offset, entry.begin - entry.header_offset, "header"))
        if (
            dat_file_kind(stream.data[entry.begin : min(entry.end, entry.begin + 256)].tobytes())
            == LOGH
        ):
            spans += spans_of_encrypted_logh_file(stream.data, entry)
            issues.append(Issue(entry.begin, entry.end - entry.begin, ENCRYPTED_REASON))
            locked.append(entry)
            continue
        analysis = _ContainerEntryGapClassifier(stream.data, entry)
        for begin, end in _byte_runs_between_records(frames, entry):
            analysis.classify_gaps(begin, end)
        headers += analysis.headers
        if not damaged and analysis.is_ciphertext(frames):
            locked.append(entry)
            spans += [_gap_as_encrypted_span(span) for span in analysis.spans]
            issues.append(analysis.ciphertext_issue())
        else:
            spans += analysis.spans
            issues += analysis.issues
    return ClassifiedGaps(tuple(spans), tuple(issues), tuple(headers), tuple(locked))


ENCRYPTED_REASON = (
    "encrypted (LOGH): only the maker can read it; model and serial number are in clear"
)


def spans_of_encrypted_logh_file(
    data: ByteArray, entry: DatContainerEntry
) -> Iterator[CoverageSpan]:
    """Yield what a LOGH file is: its header, and the cipher text to which the header points."""
    size = entry.end - entry.begin
    head = data[entry.begin : entry.begin + LOGH_HEADER.size].tobytes()
    stated = decode_record(LOGH_HEADER, head)["size"]
    header = stated if LOGH_HEADER.size <= stated <= size else min(LOGH_HEADER.size, size)
    yield CoverageSpan(entry.begin, header, "header")
    yield CoverageSpan(entry.begin + header, size - header, "encrypted")


class _ContainerEntryGapClassifier:
    """One file of the stream, as it is explained region by region."""

    def __init__(self, data: ByteArray, entry: DatContainerEntry) -> None:
        self.data, self.entry = data, entry
        self.spans: list[CoverageSpan] = []
        self.issues: list[Issue] = []
        self.headers: list[DatHeader] = []

    def classify_gaps(self, begin: int, end: int) -> None:
        """Say what the bytes from one record to the next are."""
        at = begin
        for header in _find_dat_headers(self.data, begin, end):
            self._classify_padding_and_gaps(at, header.offset)
            self.headers.append(header)
            at = min(end, header.offset + HEADER_SIZE[header.kind])
            self.spans.append(CoverageSpan(header.offset, at - header.offset, "header"))
        self._classify_padding_and_gaps(at, end)

    def _classify_padding_and_gaps(self, begin: int, end: int) -> None:
        if begin == end:
            return
        at = begin
        for first, last in find_padding_runs(self.data, begin, end):
            self._add_gap(at, first)
            self.spans.append(CoverageSpan(first, last - first, "padding"))
            cuts = first > begin or last < end
            if cuts and end < self.entry.end:
                value = int(self.data[first])
                reason = f"{last - first} bytes {value:02x} interrupt the records: a lost block"
                self.issues.append(Issue(first, last - first, reason))
            at = last
        self._add_gap(at, end)

    def _add_gap(self, begin: int, end: int) -> None:
        if begin < end:
            self.spans.append(CoverageSpan(begin, end - begin, "gap"))
            self.issues.append(Issue(begin, end - begin, self._gap_reason(begin, end)))

    def _gap_reason(self, begin: int, end: int) -> str:
        inside = (
            f"{self.entry.name} at byte {begin - self.entry.begin}: " if self.entry.name else ""
        )
        length = record_length_at_offset(self.data, begin)
        if not length:
            return f"{inside}{end - begin} bytes that are not a record with valid checksums"
        name = "a record"
        if begin + 6 <= len(self.data):
            kind = int(self.data[begin + 4]) | int(self.data[begin + 5]) << 8
            name = f"a record of type {kind}"
            if kind in enum_names.TEXT_RECORDS:
                name += f" ({enum_names.TEXT_RECORDS[kind]})"
        if begin + length > self.entry.end:
            return f"{inside}{name}, {length} bytes, is cut short: {end - begin} are present"
        return f"{inside}{name}, {length} bytes, has an invalid checksum"

    def is_ciphertext(self, frames: DatRecordFrames) -> bool:
        """Return whether hardly a record holds, and the bytes are as even as cipher text.

        Without a header one record is enough to show an image: it cannot arise by chance.
        """
        unread = sum(span.size for span in self.spans if span.kind == "gap")
        first, last = np.searchsorted(frames.starts, [self.entry.begin, self.entry.end])
        if unread < _LEAST_FOR_ENTROPY or (first < last and not self.headers):
            return False
        framed = int(frames.lengths[first:last].sum(dtype=np.int64))
        return (
            framed < _CHANCE_SHARE * (framed + unread)
            and self._sampled_entropy_bits() >= CIPHER_ENTROPY_BITS
        )

    def _sampled_entropy_bits(self) -> float:
        largest = max(
            (span for span in self.spans if span.kind == "gap"), key=lambda span: span.size
        )
        return byte_entropy_bits(
            self.data[largest.offset : largest.offset + min(largest.size, _ENTROPY_SAMPLE)]
        )

    def ciphertext_issue(self) -> Issue:
        """Return the one issue for a file whose payload is cipher text."""
        gaps = [span for span in self.spans if span.kind == "gap"]
        first, last = gaps[0].offset, gaps[-1].offset + gaps[-1].size
        start = self.data[first : first + 32].tobytes().hex(" ")
        inside = f"{self.entry.name}: " if self.entry.name else ""
        where = "its header is in clear, its records are not" if self.headers else "no header"
        reason = (
            f"{inside}encrypted, or of an unknown kind: {where}; "
            f"{self._sampled_entropy_bits():.2f} bits per byte; first bytes {start}"
        )
        return Issue(first, last - first, reason)


def _byte_runs_between_records(
    frames: DatRecordFrames, entry: DatContainerEntry
) -> Iterator[tuple[int, int]]:
    """Yield the runs of bytes of a file that no record covers."""
    first, last = np.searchsorted(frames.starts, [entry.begin, entry.end])
    begins = np.concatenate([[entry.begin], frames.ends[first:last]])
    ends = np.concatenate([frames.starts[first:last], [entry.end]])
    if first and frames.ends[first - 1] > entry.begin:
        begins[0] = min(entry.end, frames.ends[first - 1])
    open_ = np.flatnonzero(begins < ends)
    yield from zip(begins[open_].tolist(), ends[open_].tolist(), strict=True)


def _find_dat_headers(data: ByteArray, begin: int, end: int) -> Iterator[DatHeader]:
    """Yield the headers of DATs that begin in some bytes, each after the one before."""
    reached = begin
    for window in range(begin, end, _WINDOW):
        piece = data[window : min(end, window + _WINDOW + 256)].tobytes()
        at = piece.find(BUILD_MARK)
        while 0 <= at < _WINDOW + BUILD_MARK_OFFSET:
            header = parse_header(piece, at - BUILD_MARK_OFFSET, window)
            if header is not None and header.offset >= reached and header.has_build_year:
                yield header
                reached = header.offset + HEADER_SIZE[header.kind]
            at = piece.find(BUILD_MARK, at + 1)


def find_padding_runs(data: ByteArray, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of 00 or FF in some bytes: long ones, and any that is all of them."""
    runs: list[list[int]] = []
    for window in range(begin, end, _WINDOW):
        piece = data[window : min(end, window + _WINDOW)]
        cuts = np.flatnonzero(piece[1:] != piece[:-1]) + 1
        firsts = np.concatenate([[0], cuts])
        lasts = np.concatenate([cuts, [len(piece)]])
        value = piece[firsts]
        edge = (firsts == 0) | (lasts == len(piece))
        keep = ((value == 0) | (value == 0xFF)) & ((lasts - firsts >= _SHORTEST_FILLING) | edge)
        for row in np.flatnonzero(keep).tolist():
            first, last = window + int(firsts[row]), window + int(lasts[row])
            if runs and runs[-1][1] == first and runs[-1][2] == value[row]:
                runs[-1][1] = last
            else:
                runs.append([first, last, int(value[row])])
    for first, last, _ in runs:
        if last - first >= _SHORTEST_FILLING or (first, last) == (begin, end):
            yield first, last


def _gap_as_encrypted_span(span: CoverageSpan) -> CoverageSpan:
    return CoverageSpan(span.offset, span.size, "encrypted") if span.kind == "gap" else span

"""Tracks of a video: what each is, and where its samples lie, from the tables in ``moov``."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..._file_content import Content
from .._records_from_dicts import RecordsFromDicts
from ._mp4_boxes import Mp4Box

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_SAMPLES = 1_000_000
_MOST_TRACKS = 64
#: Seconds from 1904, which the format counts from, to 1970.
_EPOCH_S = 2_082_844_800
#: 2010 to 2100: no such file is older, and later is damage.
_EARLIEST_S, _LATEST_S = 1_262_304_000, 4_102_444_800


@dataclass(frozen=True, slots=True)
class MediaTrackSamples:
    """Samples of a track that lie in the file, in file order and apart from each other.

    ``misplaced_count`` counts those that the tables name and that lie outside or on another.
    """

    offsets: Ints
    sizes: Ints
    start_s: Floats
    duration_s: Floats
    misplaced_count: int = 0

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.offsets)


@dataclass(frozen=True, eq=False)
class MediaTrack:
    """One track: what it holds and how long it is."""

    content: Content = field(repr=False)
    box: Mp4Box
    #: Boxes inside it by type; the first of each.
    boxes: dict[str, Mp4Box] = field(repr=False)

    @cached_property
    def handler_type(self) -> str:
        """What the track holds: ``vide``, ``soun``, ``text``, ``sbtl``, ``meta`` and others."""
        return _latin_text(self._first_bytes_of_box("hdlr", 12)[8:12])

    @cached_property
    def handler_name(self) -> str:
        """Name of the handler, such as ``DJI meta``."""
        name = self._first_bytes_of_box("hdlr", 24 + 64)[24:]
        if name[:1] and name[0] == len(name.rstrip(b"\0")) - 1:  # MOV counts, MP4 ends with 0
            name = name[1:]
        return _latin_text(name.split(b"\0")[0])

    @cached_property
    def codec(self) -> str:
        """Type of its samples, such as ``avc1``, ``mp4a``, ``djmd`` or ``tx3g``."""
        return _latin_text(self._first_bytes_of_box("stsd", 16)[12:16])

    @cached_property
    def timescale(self) -> int:
        """Ticks in a second; 0 if it is not stated."""
        head = self._first_bytes_of_box("mdhd", 24)
        at = 20 if head[:1] == b"\1" else 12
        return int.from_bytes(head[at : at + 4], "big") if len(head) >= at + 4 else 0

    @cached_property
    def duration_s(self) -> float:
        """How long it lasts; NaN if it is not stated."""
        return _duration_in_header_s(self._first_bytes_of_box("mdhd", 36), self.timescale)

    @cached_property
    def frame_size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, as its description states them."""
        head = self._first_bytes_of_box("stsd", 8 + 36)
        if self.handler_type != "vide" or len(head) < 44:
            return 0, 0
        width, height = struct.unpack_from(">HH", head, 8 + 32)
        return width, height

    @cached_property
    def sample_count(self) -> int:
        """Number of samples as its table states it."""
        head = self._first_bytes_of_box("stsz", 12)
        return int.from_bytes(head[8:12], "big") if len(head) >= 12 else 0

    def samples(self) -> MediaTrackSamples:
        """Return where its samples lie; those that cannot lie there are counted only."""
        sizes = self._sample_sizes()
        chunks = self._chunk_offsets()
        per_chunk = self._samples_per_chunk(len(chunks), len(sizes))
        chunk = np.repeat(np.arange(len(chunks)), per_chunk)
        count = len(chunk)
        sizes = sizes[:count]
        before = np.cumsum(sizes) - sizes
        firsts = np.cumsum(per_chunk) - per_chunk
        since = before - before[np.minimum(firsts, max(0, count - 1))][chunk] if count else before
        offsets = chunks[chunk] + since
        lasting = self._sample_durations_s(count)
        start = np.cumsum(lasting) - lasting
        inside = (offsets >= 0) & (sizes > 0) & (offsets <= len(self.content) - sizes)
        order = np.argsort(np.where(inside, offsets, np.iinfo(np.int64).max), kind="stable")
        order = order[: int(inside.sum())]
        offsets, sizes = offsets[order], sizes[order]
        apart = np.ones(len(offsets), bool)
        apart[1:] = offsets[1:] >= np.maximum.accumulate(offsets + sizes)[:-1]
        return MediaTrackSamples(
            offsets[apart],
            sizes[apart],
            start[order][apart],
            lasting[order][apart],
            count - int(apart.sum()),
        )

    def table_contradiction(self) -> str:
        """Return how the tables of the track contradict one another; empty: they agree."""
        stated = self.sample_count
        sizes, chunks = self._sample_sizes(), self._chunk_offsets()
        runs = self._sample_table_numbers(
            "stts", 8, ">u4", 2 * self._sample_table_entry_count("stts")
        )
        timed = int(runs[::2].sum())
        placed = int(self._samples_per_chunk(len(chunks), MOST_SAMPLES).sum())
        counts = {"sizes": stated, "durations": timed, "places": placed}
        if len(set(counts.values())) == 1 and len(sizes) == min(stated, MOST_SAMPLES):
            return ""
        named = ", ".join(f"{count} {what}" for what, count in counts.items())
        return f"state {named}" + ("" if len(sizes) == stated else f", of which {len(sizes)} fit")

    def _sample_sizes(self) -> Ints:
        head = self._first_bytes_of_box("stsz", 12)
        if len(head) < 12:
            return np.zeros(0, np.int64)
        same, count = struct.unpack_from(">II", head, 4)
        if same:
            return np.full(min(count, len(self.content) // same, MOST_SAMPLES), same, np.int64)
        return self._sample_table_numbers("stsz", 12, ">u4", count)

    def _chunk_offsets(self) -> Ints:
        kind, wire = ("co64", ">u8") if "co64" in self.boxes else ("stco", ">u4")
        return self._sample_table_numbers(kind, 8, wire, self._sample_table_entry_count(kind))

    def _samples_per_chunk(self, chunks: int, samples: int) -> Ints:
        """Return the number of samples in each chunk, no more than there are in all."""
        runs = self._sample_table_numbers(
            "stsc", 8, ">u4", 3 * self._sample_table_entry_count("stsc")
        )
        runs = runs[: len(runs) // 3 * 3].reshape(-1, 3)
        if not len(runs) or not chunks:
            return np.zeros(chunks, np.int64)
        numbers = np.arange(1, chunks + 1)
        run = np.maximum(np.searchsorted(np.maximum.accumulate(runs[:, 0]), numbers, "right"), 1)
        per_chunk = np.minimum(runs[run - 1, 1], samples)
        until = np.minimum(np.cumsum(per_chunk), samples)
        return np.asarray(np.diff(until, prepend=0))

    def _sample_durations_s(self, samples: int) -> Floats:
        """Return how long each sample lasts, seconds; the last that is stated goes on."""
        runs = self._sample_table_numbers(
            "stts", 8, ">u4", 2 * self._sample_table_entry_count("stts")
        )
        runs = runs[: len(runs) // 2 * 2].reshape(-1, 2)
        if not len(runs) or not self.timescale:
            return np.zeros(samples)
        until = np.minimum(np.cumsum(runs[:, 0]), samples)
        ticks = np.repeat(runs[:, 1], np.diff(until, prepend=0))
        rest = np.full(samples - len(ticks), runs[-1, 1])
        return np.concatenate([ticks, rest]) / self.timescale

    def _sample_table_entry_count(self, kind: str) -> int:
        head = self._first_bytes_of_box(kind, 8)
        return int.from_bytes(head[4:8], "big") if len(head) >= 8 else 0

    def _sample_table_numbers(self, kind: str, skip: int, wire: str, count: int) -> Ints:
        """Return numbers of a table: as many as are stated and there."""
        box = self.boxes.get(kind)
        if box is None:
            return np.zeros(0, np.int64)
        size = np.dtype(wire).itemsize
        there = max(0, box.end - box.content_offset - skip) // size
        count = min(count, there, 3 * MOST_SAMPLES)
        raw = self.content.data[
            box.content_offset + skip : box.content_offset + skip + count * size
        ]
        values = np.frombuffer(raw, wire)
        return np.minimum(values, 2**62).astype(np.int64) if size == 8 else values.astype(np.int64)

    def _first_bytes_of_box(self, kind: str, size: int) -> bytes:
        box = self.boxes.get(kind)
        return (
            self.content.data[box.content_offset : min(box.end, box.content_offset + size)]
            if box
            else b""
        )


def find_media_tracks(content: Content, boxes: list[Mp4Box]) -> tuple[MediaTrack, ...]:
    """Return the tracks of a file in the order in which they stand."""
    out: list[MediaTrack] = []
    for box in boxes:
        if box.path == "moov/trak" and len(out) < _MOST_TRACKS:
            out.append(MediaTrack(content, box, {}))
        elif out and box.offset < out[-1].box.end and box.path.startswith("moov/trak/"):
            out[-1].boxes.setdefault(box.kind, box)
    return tuple(out)


def creation_time_s(content: Content, boxes: list[Mp4Box]) -> int | None:
    """Return the creation time that a file states, seconds since 1970 by whatever clock."""
    head = _movie_header_box_bytes(content, boxes)
    size = 8 if head[:1] == b"\1" else 4
    if len(head) < 4 + size:
        return None
    seconds = int.from_bytes(head[4 : 4 + size], "big") - _EPOCH_S
    return seconds if _EARLIEST_S <= seconds < _LATEST_S else None


def movie_duration_s(content: Content, boxes: list[Mp4Box]) -> float:
    """Return how long a file lasts; NaN if it does not say."""
    head = _movie_header_box_bytes(content, boxes)
    at = 20 if head[:1] == b"\1" else 12
    scale = int.from_bytes(head[at : at + 4], "big") if len(head) >= at + 4 else 0
    return _duration_in_header_s(head, scale)


def _movie_header_box_bytes(content: Content, boxes: list[Mp4Box]) -> bytes:
    box = next((box for box in boxes if box.path == "moov/mvhd"), None)
    return content.data[box.content_offset : min(box.end, box.content_offset + 36)] if box else b""


def _duration_in_header_s(head: bytes, scale: int) -> float:
    at, size = (24, 8) if head[:1] == b"\1" else (16, 4)
    raw = head[at : at + size]
    if len(raw) < size or not scale or raw == b"\xff" * size:
        return float("nan")
    return int.from_bytes(raw, "big") / scale


def _latin_text(raw: bytes) -> str:
    return raw.decode("latin-1").strip("\0 ")


def media_track_records(media_tracks: Sequence[MediaTrack]) -> RecordsFromDicts:
    """Return every track with what its boxes state."""
    return RecordsFromDicts(
        [
            {"offset": track.box.offset, "length": track.box.size, "handler": track.handler_type,
             "handler_name": track.handler_name, "coding": track.codec,
             "duration_s": track.duration_s, "samples": track.sample_count,
             "width": track.frame_size[0], "height": track.frame_size[1]}
            for track in media_tracks
        ]
    )  # fmt: skip

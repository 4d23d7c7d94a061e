"""One video: its boxes, tracks, subtitles and telemetry, each read where it lies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..._bytes import Content
from ..._coverage import Span
from ..._errors import CorruptLogError
from ..._model import Issue, Place
from .._spans import lay
from ..srt._axis_order import Positions, positions
from ..srt._cues import Cues
from ..srt._recordings import Period, period_rows, periods
from ..srt._subtitles import Subtitles
from ..srt._track import on_earth
from . import _djmd
from ._boxes import Box, walk
from ._clock import Clues, When, when
from ._djmd import Telemetry
from ._tracks import Samples, Track, creation_s, movie_duration_s, tracks

_TEXT_CODINGS = ("tx3g", "text", "mp4s")
_TEXT_HANDLERS = ("text", "sbtl", "subt")
_FILLING = ("free", "skip", "wide")
_ABOUT = ("ftyp", "moov", "meta", "pnot", "PICT")
_PLACE = re.compile(rb"([+-]\d{1,2}\.\d{1,10})([+-]\d{1,3}\.\d{1,10})")
_MOST_TEXT_TRACKS = 4


@dataclass(frozen=True, slots=True)
class Embedded:
    """A track of subtitles that hold telemetry."""

    samples: Samples
    subtitles: Subtitles
    placed: Positions
    periods: tuple[Period, ...]


@dataclass(eq=False)
class VideoFile:
    """A video whose parts are read when asked for."""

    content: Content
    boxes: list[Box]
    nonsense: list[tuple[int, int]]
    _astray: dict[int, Issue] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, content: Content) -> "VideoFile":
        """Walk the boxes of a file.

        Raises:
            CorruptLogError: If it has neither an index nor media data.
        """
        file = cls(content, *walk(content))
        if not {"moov", "mdat"} & {box.path for box in file.boxes}:
            raise CorruptLogError(0, "a box moov or mdat", "none in the file")
        return file

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks that the index names."""
        return tracks(self.content, self.boxes)

    @property
    def indexed(self) -> bool:
        """Whether the file has an index that names a track."""
        return bool(self.tracks)

    @cached_property
    def brand(self) -> str:
        """What the file says it is, such as ``isom`` or ``qt``; empty: it does not say."""
        box = next((box for box in self.boxes if box.path == "ftyp"), None)
        raw = self.content.data[box.begin : min(box.begin + 4, box.end)] if box else b""
        return raw.decode("latin-1").strip()

    @cached_property
    def duration_s(self) -> float:
        """How long the clip lasts; NaN if it is not stated."""
        whole = movie_duration_s(self.content, self.boxes)
        if whole > 0:
            return whole
        stated = [track.duration_s for track in self.tracks if track.duration_s > 0]
        return max(stated, default=float("nan"))

    @cached_property
    def telemetry(self) -> Telemetry | None:
        """The ``djmd`` track; of a file without an index its first sample."""
        for track in self.tracks:
            if track.coding == "djmd":
                samples = self._samples(track)
                if len(samples):
                    return _djmd.read(self.content, samples)
        return None if self.indexed else self._carved()

    def _carved(self) -> Telemetry | None:
        for box in self.boxes:
            if box.path == "mdat":
                found = _djmd.find_first(self.content, box.begin, box.end)
                if found:
                    offset, size = (np.array([value], np.int64) for value in found)
                    zero = np.zeros(1)
                    return _djmd.read(self.content, Samples(offset, size, zero, zero, 0))
        return None

    def _samples(self, track: Track) -> Samples:
        samples = track.samples()
        if samples.astray:
            reason = f"{samples.astray} samples of the {track.coding} track lie not where it says"
            self._astray[track.box.offset] = Issue(track.box.offset, 0, reason)
        return samples

    @cached_property
    def embedded(self) -> Embedded | None:
        """The first track of subtitles that holds telemetry."""
        chosen = [
            track
            for track in self.tracks
            if track.coding in _TEXT_CODINGS or track.handler in _TEXT_HANDLERS
        ]
        for track in chosen[:_MOST_TEXT_TRACKS]:
            samples = track.samples()
            subtitles = Subtitles.read(_cues(self.content, samples))
            if subtitles.told.any():
                self._samples(track)
                found = periods(subtitles, self.content.name)
                return Embedded(samples, subtitles, positions(subtitles), found)
        return None

    @cached_property
    def when(self) -> When:
        """When the clip began."""
        told, cues = self.telemetry, self.embedded
        wall = np.datetime64("NaT", "us")
        longitude = np.full(0, np.nan)
        if cues is not None:
            start = (cues.subtitles.cues.start_s * 1e6).astype("timedelta64[us]")
            begun = cues.subtitles.wall - start
            known = np.sort(begun[~np.isnat(begun)])
            wall = known[len(known) // 2] if len(known) else wall
            longitude = on_earth(cues.placed.latitude_deg, cues.placed.longitude_deg)[1]
        if told is not None:
            longitude = np.concatenate([longitude, on_earth(*_djmd.positions(told))[1]])
        longitude = longitude[np.isfinite(longitude)]
        return when(
            Clues(
                self.content.name,
                creation_s(self.content, self.boxes),
                wall,
                told.gps_times if told else [],
                told.samples.start_s if told else np.zeros(0),
                float(np.median(longitude)) if len(longitude) else float("nan"),
                told is not None,
            )
        )

    @property
    def clock_kind(self) -> str:
        """What the own clock of the clip counts: ``utc``, ``wall`` or ``elapsed``."""
        if self.when.start_ns is not None:
            return "utc"
        return "elapsed" if np.isnat(self.when.wall_start) else "wall"

    @property
    def own_start_ns(self) -> int | None:
        """Begin by the own clock, nanoseconds since 1970; ``None``: how long it is is not known."""
        if self.when.start_ns is not None:
            return self.when.start_ns
        if not np.isnat(self.when.wall_start):
            return int(self.when.wall_start.astype("datetime64[ns]").astype(np.int64))
        return None if np.isnan(self.duration_s) else 0

    @cached_property
    def start(self) -> tuple[Place, ...]:
        """The place that the file says it was recorded at."""
        for box in self.boxes:
            if box.kind == "\xa9xyz":
                found = _PLACE.search(self.content.data[box.begin : min(box.end, box.begin + 64)])
                if found:
                    point = np.array([float(found[1])]), np.array([float(found[2])])
                    latitude, longitude = (float(value[0]) for value in on_earth(*point))
                    if not np.isnan(latitude):
                        place = Place(
                            "start", None, latitude, longitude, None, "udta.©xyz", box.offset
                        )
                        return (place,)
        return ()

    def coverage(self) -> tuple[tuple[Span, ...], tuple[Issue, ...]]:
        """Return what each byte is, and an issue for each gap and each box that is cut."""
        holes: list[Issue] = []
        pieces = list(self._pieces())
        for begin, end in self.nonsense:
            if not self.content.array[begin:end].any():
                pieces.append((begin, end, "padding"))
            else:
                holes.append(Issue(begin, end - begin, "no box can begin here"))
        pieces.sort()
        spans, told = lay(len(self.content), pieces, holes)
        known = {(one.offset, one.offset + one.size) for one in holes}
        told = tuple(one for one in told if (one.offset, one.offset + one.size) not in known)
        cut = [
            Issue(box.offset, 0, f"{box.kind} is cut: {box.missing} of its bytes are not here")
            for box in self.boxes
            if box.missing and "/" not in box.path
        ]
        return spans, (*holes, *told, *cut, *self._astray.values())

    def _pieces(self) -> Iterator[tuple[int, int, str]]:
        inside = self._decoded()
        for box in self.boxes:
            if "/" in box.path:
                continue
            if box.kind == "mdat":
                yield from _around(box, inside)
            elif box.kind in _FILLING:
                yield box.offset, box.end, "padding"
            else:
                yield box.offset, box.end, "header" if box.kind in _ABOUT else "unknown"

    def _decoded(self) -> list[tuple[int, int]]:
        """Return where decoded samples lie, in order."""
        parts = [part.samples for part in (self.telemetry, self.embedded) if part is not None]
        return sorted(
            (offset, offset + size)
            for samples in parts
            for offset, size in zip(samples.offsets.tolist(), samples.sizes.tolist(), strict=True)
        )


def _around(box: Box, inside: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Yield a box of media data, with the samples in it that were decoded as records."""
    at = box.offset
    for begin, end in inside:
        if begin >= max(at, box.begin) and end <= box.end:
            if begin > at:
                yield at, begin, "media"
            yield begin, end, "records"
            at = end
    if at < box.end:
        yield at, box.end, "media"


def _cues(content: Content, samples: Samples) -> Cues:
    """Return samples of text, each a length and that many bytes, as cues; empty ones are none."""
    offsets, sizes = samples.offsets, samples.sizes
    array = content.array
    whole = sizes > 2
    at = np.where(whole, offsets, 0)
    stated = array[at].astype(np.int64) << 8 | array[np.minimum(at + 1, len(array) - 1)]
    stated = np.minimum(stated, sizes - 2)
    kept = np.flatnonzero(whole & (stated > 0))
    offsets, stated = offsets[kept], stated[kept]
    start, lasting = samples.start_s[kept], samples.lasting_s[kept]
    return Cues(
        content.data, offsets, offsets + sizes[kept], offsets + 2, offsets + 2 + stated,
        kept + 1, start, start + lasting,
    )  # fmt: skip


def rows_of(cues: Embedded) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the recording that each cue of a track belongs to."""
    return period_rows(cues.subtitles, cues.periods)

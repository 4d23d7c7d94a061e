"""One video: its boxes, tracks, subtitles and telemetry, each read where it lies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..._coverage import CoverageSpan
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._model import Issue, NamedPosition
from .._byte_coverage import cover_with_spans
from .._subtitles._axis_order import CuePositions, find_positions
from .._subtitles._cues import Cues
from .._subtitles._flight_track import mask_invalid_positions
from .._subtitles._recordings import SubtitleRecording, find_recordings, recording_index_of_cues
from .._subtitles._telemetry import Subtitles
from . import _djmd
from ._boxes import Box, boxes_and_damaged_spans
from ._clock import ClipTime, ClipTimeEvidence, clip_time
from ._djmd import DjmdTelemetry
from ._media_tracks import (
    MediaTrack,
    MediaTrackSamples,
    creation_time_s,
    find_media_tracks,
    movie_duration_s,
)

_TEXT_CODINGS = ("tx3g", "text", "mp4s")
_TEXT_HANDLERS = ("text", "sbtl", "subt")
_FILLER_BOXES = ("free", "skip", "wide")
_HEADER_BOXES = ("ftyp", "moov", "meta", "pnot", "PICT")
_MOST_TEXT_TRACKS = 4
_ISO_6709 = re.compile(rb"([+-]\d{1,2}\.\d{1,10})([+-]\d{1,3}\.\d{1,10})")


class SubtitleTrack(NamedTuple):
    """A track of subtitles that hold telemetry."""

    samples: MediaTrackSamples
    subtitles: Subtitles
    positions: CuePositions
    recordings: tuple[SubtitleRecording, ...]


@dataclass(eq=False)
class VideoFile:
    """A video; its parts are read on demand."""

    content: Content
    boxes: list[Box]
    not_boxes: list[tuple[int, int]]
    _misplaced: dict[int, Issue] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, content: Content) -> "VideoFile":
        """Walk the boxes of a file.

        Raises:
            CorruptLogError: If it has neither an index nor media data.
        """
        file = cls(content, *boxes_and_damaged_spans(content))
        if not {"moov", "mdat"} & {box.path for box in file.boxes}:
            raise CorruptLogError(0, "a box moov or mdat", "none in the file")
        return file

    @cached_property
    def media_tracks(self) -> tuple[MediaTrack, ...]:
        """The tracks that the index names."""
        return find_media_tracks(self.content, self.boxes)

    @property
    def has_index(self) -> bool:
        """Whether the file has an index that names a track."""
        return bool(self.media_tracks)

    @cached_property
    def brand(self) -> str:
        """What the file says it is, such as ``isom`` or ``qt``; empty: it does not say."""
        box = next((box for box in self.boxes if box.path == "ftyp"), None)
        raw = (
            self.content.data[box.content_offset : min(box.content_offset + 4, box.end)]
            if box
            else b""
        )
        return raw.decode("latin-1").strip()

    @cached_property
    def duration_s(self) -> float:
        """How long the clip lasts; NaN if it is not stated."""
        movie_s = movie_duration_s(self.content, self.boxes)
        if movie_s > 0:
            return movie_s
        stated = [track.duration_s for track in self.media_tracks if track.duration_s > 0]
        return max(stated, default=float("nan"))

    @cached_property
    def telemetry(self) -> DjmdTelemetry | None:
        """The ``djmd`` track; of a file without an index its first sample."""
        for track in self.media_tracks:
            if track.codec == "djmd":
                samples = self._samples_of_track(track)
                if len(samples):
                    return _djmd.read_djmd(self.content, samples)
        return None if self.has_index else self._telemetry_without_index()

    def _telemetry_without_index(self) -> DjmdTelemetry | None:
        for box in self.boxes:
            if box.path == "mdat":
                sample = _djmd.find_first_sample_span(self.content, box.content_offset, box.end)
                if sample:
                    offset, size = (np.array([value], np.int64) for value in sample)
                    zero = np.zeros(1)
                    return _djmd.read_djmd(
                        self.content, MediaTrackSamples(offset, size, zero, zero)
                    )
        return None

    def _samples_of_track(self, track: MediaTrack) -> MediaTrackSamples:
        samples = track.samples()
        if samples.misplaced_count:
            reason = (
                f"{samples.misplaced_count} samples of the {track.codec} track "
                "do not lie where its tables place them"
            )
            self._misplaced[track.box.offset] = Issue(track.box.offset, 0, reason)
        return samples

    @cached_property
    def subtitle_track(self) -> SubtitleTrack | None:
        """The first track of subtitles that holds telemetry."""
        text_tracks = [
            track
            for track in self.media_tracks
            if track.codec in _TEXT_CODINGS or track.handler in _TEXT_HANDLERS
        ]
        for track in text_tracks[:_MOST_TEXT_TRACKS]:
            samples = track.samples()
            subtitles = Subtitles.read(_cues_of_samples(self.content, samples))
            if subtitles.telemetry_mask.any():
                self._samples_of_track(track)
                recordings = find_recordings(subtitles, self.content.base_name)
                return SubtitleTrack(samples, subtitles, find_positions(subtitles), recordings)
        return None

    @cached_property
    def clip_time(self) -> ClipTime:
        """When the clip began."""
        telemetry, cues = self.telemetry, self.subtitle_track
        wall = np.datetime64("NaT", "us")
        longitude = np.full(0, np.nan)
        if cues is not None:
            start = (cues.subtitles.cues.start_s * 1e6).astype("timedelta64[us]")
            starts = cues.subtitles.wall_clock - start
            known = np.sort(starts[~np.isnat(starts)])
            wall = known[len(known) // 2] if len(known) else wall
            longitude = mask_invalid_positions(
                cues.positions.latitude_deg, cues.positions.longitude_deg
            )[1]
        if telemetry is not None:
            longitude = np.concatenate(
                [longitude, mask_invalid_positions(*_djmd.djmd_latitude_longitude(telemetry))[1]]
            )
        longitude = longitude[np.isfinite(longitude)]
        return clip_time(
            ClipTimeEvidence(
                self.content.base_name,
                creation_time_s(self.content, self.boxes),
                wall,
                telemetry.gps_times if telemetry else [],
                telemetry.samples.start_s if telemetry else np.zeros(0),
                float(np.median(longitude)) if len(longitude) else float("nan"),
                telemetry is not None,
            )
        )

    @property
    def clock_kind(self) -> str:
        """What the own clock of the clip counts: ``utc``, ``wall`` or ``elapsed``."""
        if self.clip_time.start_ns is not None:
            return "utc"
        return "elapsed" if np.isnat(self.clip_time.wall_start) else "wall"

    @property
    def clock_start_ns(self) -> int | None:
        """Begin by the own clock, nanoseconds since 1970; ``None``: how long it is is not known."""
        if self.clip_time.start_ns is not None:
            return self.clip_time.start_ns
        if not np.isnat(self.clip_time.wall_start):
            return int(self.clip_time.wall_start.astype("datetime64[ns]").astype(np.int64))
        return None if np.isnan(self.duration_s) else 0

    @cached_property
    def start_point(self) -> tuple[NamedPosition, ...]:
        """The position at which the file says it was recorded."""
        for box in self.boxes:
            if box.kind == "\xa9xyz":
                match = _ISO_6709.search(
                    self.content.data[box.content_offset : min(box.end, box.content_offset + 64)]
                )
                if match:
                    point = np.array([float(match[1])]), np.array([float(match[2])])
                    latitude, longitude = (
                        float(value[0]) for value in mask_invalid_positions(*point)
                    )
                    if not np.isnan(latitude):
                        position = NamedPosition(
                            "start", None, latitude, longitude, None, "udta.©xyz", box.offset
                        )
                        return (position,)
        return ()

    def coverage(self) -> tuple[tuple[CoverageSpan, ...], tuple[Issue, ...]]:
        """Return what each byte is, and an issue for each gap and each box that is cut."""
        holes: list[Issue] = []
        pieces = list(self._coverage_spans())
        for begin, end in self.not_boxes:
            if not self.content.array[begin:end].any():
                pieces.append((begin, end, "padding"))
            else:
                holes.append(Issue(begin, end - begin, "bytes that are not a box"))
        pieces.sort()
        spans, gap_issues = cover_with_spans(len(self.content), pieces, holes)
        known = {(issue.offset, issue.offset + issue.size) for issue in holes}
        gap_issues = tuple(
            issue for issue in gap_issues if (issue.offset, issue.offset + issue.size) not in known
        )
        cut = [
            Issue(box.offset, 0, f"{box.kind} is cut: {box.missing_bytes} of its bytes are missing")
            for box in self.boxes
            if box.missing_bytes and "/" not in box.path
        ]
        return spans, (*holes, *gap_issues, *cut, *self._misplaced.values())

    def _coverage_spans(self) -> Iterator[tuple[int, int, str]]:
        inside = self._decoded_spans()
        for box in self.boxes:
            if "/" in box.path:
                continue
            if box.kind == "mdat":
                yield from _media_data_spans(box, inside)
            elif box.kind in _FILLER_BOXES:
                yield box.offset, box.end, "padding"
            else:
                yield box.offset, box.end, "header" if box.kind in _HEADER_BOXES else "unknown"

    def _decoded_spans(self) -> list[tuple[int, int]]:
        """Return where decoded samples lie, in order."""
        parts = [part.samples for part in (self.telemetry, self.subtitle_track) if part is not None]
        return sorted(
            (offset, offset + size)
            for samples in parts
            for offset, size in zip(samples.offsets.tolist(), samples.sizes.tolist(), strict=True)
        )


def _media_data_spans(box: Box, inside: list[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Yield a box of media data, with the samples in it that were decoded as records."""
    at = box.offset
    for begin, end in inside:
        if begin >= max(at, box.content_offset) and end <= box.end:
            if begin > at:
                yield at, begin, "media"
            yield begin, end, "records"
            at = end
    if at < box.end:
        yield at, box.end, "media"


def _cues_of_samples(content: Content, samples: MediaTrackSamples) -> Cues:
    """Return samples of text, each a length and that many bytes, as cues, without empty ones."""
    offsets, sizes = samples.offsets, samples.sizes
    array = content.array
    has_text = sizes > 2
    at = np.where(has_text, offsets, 0)
    stated = array[at].astype(np.int64) << 8 | array[np.minimum(at + 1, len(array) - 1)]
    stated = np.minimum(stated, sizes - 2)
    used = np.flatnonzero(has_text & (stated > 0))
    offsets, stated = offsets[used], stated[used]
    start, lasting = samples.start_s[used], samples.duration_s[used]
    return Cues(
        offsets, offsets + sizes[used], offsets + 2, offsets + 2 + stated,
        used + 1, start, start + lasting, content.data,
    )  # fmt: skip


def recording_index_of_track_cues(
    cues: SubtitleTrack,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the recording that each cue of a track belongs to."""
    return recording_index_of_cues(cues.subtitles, cues.recordings)

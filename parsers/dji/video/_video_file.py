"""One video: its boxes, tracks, subtitles and telemetry, each read where it lies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..._byte_coverage import CoverageSpan
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._model import Issue, NamedPosition
from .._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from .._subtitles._find_cues import SubtitleCues
from .._subtitles._flight_track import replace_invalid_positions_with_nan
from .._subtitles._position_axis_order import (
    GpsPositionOfEachCueAndAxisOrderBasis,
    find_gps_position_of_each_cue,
)
from .._subtitles._subtitle_recordings import (
    SubtitleRecording,
    find_recordings,
    recording_index_of_each_cue,
)
from .._subtitles._subtitle_telemetry import SubtitleTelemetry
from . import _djmd_telemetry
from ._box_metadata import BoxTextsXmpAndPlaces, find_texts_xmp_and_places_in_boxes
from ._djmd_telemetry import DjmdTelemetry
from ._klv_tracks import holds_klv
from ._media_tracks import (
    MediaTrack,
    MediaTrackSamples,
    creation_time_s,
    find_media_tracks,
    movie_duration_s,
)
from ._mp4_boxes import Mp4Box, boxes_and_damaged_spans
from ._time_of_clip import ClipTimeEvidence, TimeOfClip, time_of_clip
from ._unread_media_issues import ClassifiedMediaTrack, unread_media_issues
from ._unreferenced_media import (
    ByteRanges,
    find_unreferenced_djmd_samples,
    media_ranges_outside_samples,
    ranges_without_padding,
)

_TEXT_CODINGS = ("tx3g", "text", "mp4s")
_TEXT_HANDLERS = ("text", "sbtl", "subt")
_FILLER_BOXES = ("free", "skip", "wide")
_HEADER_BOXES = ("ftyp", "moov", "meta", "pnot", "PICT")
_MOST_TEXT_TRACKS = 4
_MEDIA_HANDLERS = ("vide", "soun")
#: Tracks of telemetry, of debugging, and of time codes.
_KNOWN_CODINGS = ("djmd", "dbgi", "tmcd")


class TelemetrySubtitleTrack(NamedTuple):
    """A track of subtitles that hold telemetry."""

    samples: MediaTrackSamples
    subtitles: SubtitleTelemetry
    positions: GpsPositionOfEachCueAndAxisOrderBasis
    recordings: tuple[SubtitleRecording, ...]


@dataclass(eq=False)
class VideoFile:
    """A video; its parts are read on demand."""

    content: Content
    boxes: list[Mp4Box]
    not_boxes: list[tuple[int, int]]
    #: What a reader must know of what was read beyond the tables.
    remarks: list[Issue] = field(default_factory=list, repr=False)

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
    def has_track_index(self) -> bool:
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
        stated = self._telemetry_by_sample_tables()
        if not self.has_track_index:
            return self._telemetry_without_index()
        if (
            stated is not None
            and not stated.malformed_count
            and not self._has_contradictory_telemetry_tables
        ):
            return stated
        found = self._telemetry_outside_sample_tables()
        if found is None or (
            stated is not None
            and _count_messages_with_position(found) <= _count_messages_with_position(stated)
        ):
            return stated
        at = int(found.samples.offsets[0])
        reason = (
            f"{len(found)} messages of djmd telemetry lie where no table of samples places them: "
            "they are read, spread evenly over the clip"
        )
        self.remarks.append(Issue(at, 0, reason))
        return found

    def _telemetry_by_sample_tables(self) -> DjmdTelemetry | None:
        """Return the telemetry of the first track that holds such messages, whatever its code."""
        tracks = sorted(self.media_tracks, key=lambda track: track.codec != "djmd")
        for track in tracks:
            if track.codec != "djmd" and track.handler_type in _MEDIA_HANDLERS:
                continue
            samples = self.samples_by_track[track.box.offset]
            if track.codec == "djmd" and len(samples):
                return _djmd_telemetry.read_djmd_telemetry(self.content, samples)
            if self.is_track_of_unknown_handler_and_codec(
                track
            ) and _djmd_telemetry.samples_contain_position(self.content, samples):
                reason = f"a track of the unknown code {track.codec!r} holds djmd telemetry: read"
                self.remarks.append(Issue(track.box.offset, 0, reason))
                return _djmd_telemetry.read_djmd_telemetry(self.content, samples)
        return None

    @property
    def _has_contradictory_telemetry_tables(self) -> bool:
        """Whether a track of telemetry has tables that contradict one another or the file."""
        return any(
            track.codec == "djmd"
            and (
                self.samples_by_track[track.box.offset].misplaced_count > 0
                or track.table_contradiction() != ""
            )
            for track in self.media_tracks
        )

    def _telemetry_outside_sample_tables(self) -> DjmdTelemetry | None:
        """Return telemetry in media data that the tables of no other track refer to."""
        others = [
            self.samples_by_track[track.box.offset]
            for track in self.media_tracks
            if track.handler_type in _MEDIA_HANDLERS
        ]
        free = ranges_without_padding(
            self.content, media_ranges_outside_samples(self._mdat_content_ranges, others)
        )
        samples = find_unreferenced_djmd_samples(self.content, free, self.duration_s)
        if not len(samples) or not _djmd_telemetry.samples_contain_position(self.content, samples):
            return None
        return _djmd_telemetry.read_djmd_telemetry(self.content, samples)

    @cached_property
    def samples_by_track(self) -> dict[int, MediaTrackSamples]:
        """Offset of the box of each track -> where its samples lie."""
        return {track.box.offset: track.samples() for track in self.media_tracks}

    @property
    def _mdat_content_ranges(self) -> list[tuple[int, int]]:
        return [(box.content_offset, box.end) for box in self.boxes if box.path == "mdat"]

    @cached_property
    def box_texts_xmp_and_places(self) -> BoxTextsXmpAndPlaces:
        """What boxes say beside the tracks."""
        return find_texts_xmp_and_places_in_boxes(self.content, self.boxes)

    @cached_property
    def klv_tracks_and_samples(self) -> tuple[tuple[MediaTrack, MediaTrackSamples], ...]:
        """The tracks that hold KLV, and where their samples lie."""
        pairs = ((track, self.samples_by_track[track.box.offset]) for track in self.media_tracks)
        return tuple(each for each in pairs if holds_klv(self.content, *each))

    def is_track_of_unknown_handler_and_codec(self, track: MediaTrack) -> bool:
        """Return whether a track is neither picture, sound, text, time code nor telemetry."""
        if any(track is each for each, _ in self.klv_tracks_and_samples):
            return False
        return track.handler_type not in (
            *_MEDIA_HANDLERS,
            *_TEXT_HANDLERS,
        ) and track.codec not in (
            *_TEXT_CODINGS,
            *_KNOWN_CODINGS,
        )

    @cached_property
    def unread_media_track_issues(self) -> tuple[Issue, ...]:
        """The first sample of each track, and of media of no track, that is not looked into."""
        telemetry = self.telemetry
        read_at = -1 if telemetry is None else int(telemetry.samples.offsets[0])
        tracks = (
            ClassifiedMediaTrack(
                track,
                samples,
                self.is_track_of_unknown_handler_and_codec(track),
                len(samples) > 0 and int(samples.offsets[0]) == read_at,
            )
            for track in self.media_tracks
            for samples in (self.samples_by_track[track.box.offset],)
        )
        return tuple(unread_media_issues(self.content, tracks, self.unreferenced_media))

    @cached_property
    def unreferenced_media(self) -> ByteRanges:
        """Media data that belong to no track and were not read; none of a file without an index."""
        if not self.has_track_index:
            return ByteRanges(np.zeros(0, np.int64), np.zeros(0, np.int64))
        samples = list(self.samples_by_track.values())
        if self.telemetry is not None:
            samples.append(self.telemetry.samples)
        return ranges_without_padding(
            self.content, media_ranges_outside_samples(self._mdat_content_ranges, samples)
        )

    def _telemetry_without_index(self) -> DjmdTelemetry | None:
        for box in self.boxes:
            if box.path == "mdat":
                sample = _djmd_telemetry.find_first_sample_offset_and_size(
                    self.content, box.content_offset, box.end
                )
                if sample:
                    offset, size = (np.array([value], np.int64) for value in sample)
                    zero = np.zeros(1)
                    return _djmd_telemetry.read_djmd_telemetry(
                        self.content, MediaTrackSamples(offset, size, zero, zero)
                    )
        return None

    @cached_property
    def subtitle_track(self) -> TelemetrySubtitleTrack | None:
        """The first track of subtitles that holds telemetry."""
        text_tracks = [
            track
            for track in self.media_tracks
            if track.codec in _TEXT_CODINGS or track.handler_type in _TEXT_HANDLERS
        ]
        for track in text_tracks[:_MOST_TEXT_TRACKS]:
            samples = self.samples_by_track[track.box.offset]
            subtitles = SubtitleTelemetry.read(_cues_of_samples(self.content, samples))
            if subtitles.telemetry_mask.any():
                recordings = find_recordings(subtitles, self.content.base_name)
                return TelemetrySubtitleTrack(
                    samples, subtitles, find_gps_position_of_each_cue(subtitles), recordings
                )
        return None

    @cached_property
    def clip_start_time_and_clock(self) -> TimeOfClip:
        """When the clip began."""
        telemetry, cues = self.telemetry, self.subtitle_track
        wall = np.datetime64("NaT", "us")
        longitude = np.full(0, np.nan)
        if cues is not None:
            start = (cues.subtitles.cues.start_s * 1e6).astype("timedelta64[us]")
            starts = cues.subtitles.wall_clock_of_each_cue - start
            known = np.sort(starts[~np.isnat(starts)])
            wall = known[len(known) // 2] if len(known) else wall
            longitude = replace_invalid_positions_with_nan(
                cues.positions.latitude_deg, cues.positions.longitude_deg
            )[1]
        if telemetry is not None:
            longitude = np.concatenate(
                [
                    longitude,
                    replace_invalid_positions_with_nan(
                        *_djmd_telemetry.djmd_latitudes_and_longitudes(telemetry)
                    )[1],
                ]
            )
        longitude = longitude[np.isfinite(longitude)]
        return time_of_clip(
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
        if self.clip_start_time_and_clock.start_ns is not None:
            return "utc"
        return "elapsed" if np.isnat(self.clip_start_time_and_clock.wall_start) else "wall"

    @property
    def clip_start_by_own_clock_ns(self) -> int | None:
        """Begin by the own clock, nanoseconds since 1970; ``None``: how long it is is not known."""
        if self.clip_start_time_and_clock.start_ns is not None:
            return self.clip_start_time_and_clock.start_ns
        if not np.isnat(self.clip_start_time_and_clock.wall_start):
            return int(
                self.clip_start_time_and_clock.wall_start.astype("datetime64[ns]").astype(np.int64)
            )
        return None if np.isnan(self.duration_s) else 0

    @cached_property
    def recording_start_positions(self) -> tuple[NamedPosition, ...]:
        """The position at which the file says it was recorded: the first place in its boxes."""
        for latitude, longitude, path, offset in self._positions_in_boxes_and_xmp():
            north, east = replace_invalid_positions_with_nan(
                np.array([latitude]), np.array([longitude])
            )
            if not np.isnan(north[0]):
                record = path.replace("moov/", "").replace("/", ".")
                return (
                    NamedPosition(
                        "start", None, float(north[0]), float(east[0]), None, record, offset
                    ),
                )
        return ()

    def _positions_in_boxes_and_xmp(self) -> Iterator[tuple[float, float, str, int]]:
        yield from self.box_texts_xmp_and_places.places
        for packet in self.box_texts_xmp_and_places.packets:
            latitude = packet.numeric_value("GpsLatitude")
            longitude = packet.numeric_value("GpsLongitude", "GpsLongtitude")
            if latitude is not None and longitude is not None:
                yield latitude, longitude, "XMP", packet.offset

    def coverage_and_gap_issues(self) -> tuple[tuple[CoverageSpan, ...], tuple[Issue, ...]]:
        """Return what each byte is, and an issue for each gap and each box that is cut."""
        holes: list[Issue] = []
        pieces = list(self._coverage_spans())
        for begin, end in self.not_boxes:
            if not self.content.array[begin:end].any():
                pieces.append((begin, end, "padding"))
            else:
                holes.append(Issue(begin, end - begin, "bytes that are not a box"))
        pieces.sort()
        unread = list(self.unread_media_track_issues)
        spans, gap_issues = spans_covering_bytes_and_gap_issues(
            len(self.content), pieces, [*holes, *unread]
        )
        known = {(issue.offset, issue.offset + issue.size) for issue in holes}
        gap_issues = tuple(
            issue for issue in gap_issues if (issue.offset, issue.offset + issue.size) not in known
        )
        cut = [
            Issue(
                box.offset,
                0,
                f"{box.kind} is cut short: {box.missing_bytes} of its bytes are missing",
            )
            for box in self.boxes
            if box.missing_bytes and "/" not in box.path
        ]
        return spans, (*holes, *gap_issues, *cut, *unread, *self.remarks)

    def _coverage_spans(self) -> Iterator[tuple[int, int, str]]:
        inside = [(begin, end, "records") for begin, end in self._decoded_sample_ranges()]
        inside += [
            (offset, offset + size, "member")
            for _, samples in self.klv_tracks_and_samples
            for offset, size in zip(samples.offsets.tolist(), samples.sizes.tolist(), strict=True)
        ]
        for box in self.boxes:
            if "/" in box.path:
                continue
            if box.kind == "mdat":
                yield from _mdat_box_coverage_spans(box, inside, self.unreferenced_media)
            elif box.kind in _FILLER_BOXES:
                yield box.offset, box.end, "padding"
            else:
                yield box.offset, box.end, "header" if box.kind in _HEADER_BOXES else "unknown"

    def _decoded_sample_ranges(self) -> list[tuple[int, int]]:
        """Return where decoded samples lie, in order."""
        parts = [part.samples for part in (self.telemetry, self.subtitle_track) if part is not None]
        return sorted(
            (offset, offset + size)
            for samples in parts
            for offset, size in zip(samples.offsets.tolist(), samples.sizes.tolist(), strict=True)
        )


def _mdat_box_coverage_spans(
    box: Mp4Box, inside: list[tuple[int, int, str]], unreferenced: ByteRanges
) -> Iterator[tuple[int, int, str]]:
    """Yield a box of media data: samples that were read, media, and what belongs to no track."""
    free = zip(unreferenced.begins.tolist(), unreferenced.ends.tolist(), strict=True)
    known = [*inside, *((begin, end, "unknown") for begin, end in free)]
    at = box.offset
    for begin, end, kind in sorted(known):
        if begin >= max(at, box.content_offset) and end <= box.end:
            if begin > at:
                yield at, begin, "media"
            yield begin, end, kind
            at = end
    if at < box.end:
        yield at, box.end, "media"


def _count_messages_with_position(telemetry: DjmdTelemetry) -> int:
    """Return how many messages hold a position."""
    return int(np.isfinite(telemetry.columns["lat"]).sum())


def _cues_of_samples(content: Content, samples: MediaTrackSamples) -> SubtitleCues:
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
    return SubtitleCues(
        offsets, offsets + sizes[used], offsets + 2, offsets + 2 + stated,
        used + 1, start, start + lasting, content.data,
    )  # fmt: skip


def recording_index_of_track_cues(
    cues: TelemetrySubtitleTrack,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the recording that each cue of a track belongs to."""
    return recording_index_of_each_cue(cues.subtitles, cues.recordings)

"""Videos (``.MP4``, ``.MOV``, ``.LRF``, ``.OSV``) and sound (``.m4a``): when, what, and where.

Who writes them: the camera of the aircraft, goggles, action cameras and the app's cache.  Any
ISO base media file is claimed, whoever wrote it: an audit wants to know of every recording, and
whether it carries sound.  An ``.LRF`` is a small copy with the same tracks.

Facts: ISO 14496-12 and Apple's QuickTime File Format for boxes; 3GPP TS 26.245 for ``tx3g``;
ExifTool 13.58 (DJI.pm) and AdrianEddy/telemetry-parser for ``djmd``; measurement on a clip of an
Osmo Action, one re-encoded clip of an aircraft, and synthetic files.  No ``djmd`` of an aircraft
could be had.

Read: headers of boxes, the index ``moov``, samples of subtitle tracks (by the same code as ``.SRT``
files) and of the ``djmd`` track.  The media itself is hashed, as all evidence is, and not read.

* captures: one of kind ``video`` and, where the file has a track of sound, one of kind ``audio``.
  Aircraft normally record no sound.
* track: from ``djmd``, else from subtitles.  ``Source.format_version`` names the schema of
  ``djmd``; ``schema=inferred`` says that it was read by the shape of its messages.
* heights: above take-off; the altitude above sea level of ``djmd`` may be by pressure, GPS or RTK
  and stays in the records.  Of the aircraft's attitude only the yaw is used, for two sources
  disagree on the order of the others.
* sensor: thermal where the file's name says so (``_T``) and its picture has the size of a thermal
  sensor's, or where subtitles show it; visible where the product has that sensor only or the name
  says so; else unknown.
* files without ``moov``, with a recording that broke off: what they are, and of ``djmd`` the first
  sample, which stands near the start and names aircraft and position.

* places, texts and XMP in boxes beside the tracks, and of older aircraft speed and angles at the
  start (``udta``).
* tables of samples that are wrong: messages of ``djmd`` in media data that no other track refers to
  are read, and said to be; so is telemetry in a track of an unknown code.  Media data that belong
  to no track, other tracks and boxes of an unknown form are named as not looked into.

* tracks whose samples begin with the label of SMPTE ST 336 are KLV metadata, a part of their own.

Not read: fragments (``moof``), the debug track ``dbgi``, HEIF pictures (not claimed).
"""

import re
from collections.abc import Sequence

import numpy as np

from ..._clocks._move_local_times_out_of_tables import (
    local_times_from_utc,
    move_local_times_out_of_tables,
)
from ..._dji_keychains import Keychains
from ..._file_content import Content
from ..._formats import Format, LogsAndParts
from ..._model import AirborneTime, Aircraft, Issue, Log, RecordsOfType, Source
from ..._tables import event_table_from_rows, media_capture_table_from_rows
from .._records_from_dicts import RecordsFromDicts
from .._subtitles import _log_tables as log_tables
from .._subtitles._flight_track import home_points, position_issues
from ._klv_tracks import klv_tracks_as_file_parts
from ._media_capture_and_flight_track import (
    build_flight_track,
    djmd_telemetry_issues,
    media_capture_rows,
)
from ._media_tracks import media_track_records
from ._mp4_boxes import boxes_as_records
from ._video_file import VideoFile, recording_index_of_track_cues
from ._which_facts_logs_record import FACTS

NAME = "video"

#: Brands of pictures, four letters each.
_PICTURES = re.compile(rb"hei[cfx]|hevc|mif1|msf1|avi[fs]|crx |jp2 ")
#: Names of schemas and devices of cameras that are held or worn: Osmo Action, Osmo 360.
_HAND_CAMERA = re.compile(rb"(?:dvtm_|DJI )((?:AC|OQ)\d{3})\b", re.IGNORECASE)
#: Bytes of the first sample that are searched for them.
_MOST_NAME_BYTES = 4096
_FIRST = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def claims(content: Content) -> bool:
    """Return whether a file begins with a box of a video."""
    head = content.head
    size = int.from_bytes(head[:4], "big")
    # The letters of a box may stand in the first line of a text, whose size would be letters too.
    if all(byte >= 0x20 or byte in b"\t\r\n" for byte in head[:64]):
        return False
    if head[4:8] == b"ftyp":
        return size >= 8 and not _PICTURES.match(head, 8)
    return head[4:8] in _FIRST and (size >= 8 or size in (0, 1)) and len(head) >= 16


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a video.

    Raises:
        CorruptLogError: If it has neither an index nor media data.
    """
    return _log_of_video(VideoFile.open(content))


def read_video_log_and_klv_file_parts(
    content: Content, keys: Sequence[Keychains] = ()
) -> LogsAndParts:
    """Read a video; its tracks of KLV are parts.

    Raises:
        CorruptLogError: If it has neither an index nor media data.
    """
    del keys  # nothing is encrypted
    file = VideoFile.open(content)
    log = _log_of_video(file)
    parts = tuple(klv_tracks_as_file_parts(content, file.klv_tracks_and_samples))
    return LogsAndParts((log,), parts, coverage=log.coverage, issues=log.issues)


def _log_of_video(file: VideoFile) -> Log:
    content, cues = file.content, file.subtitle_track
    fixes, captured, own = (
        build_flight_track(file),
        media_capture_table_from_rows(media_capture_rows(file)),
        None,
    )
    if file.clock_kind != "utc":
        apart = move_local_times_out_of_tables(
            file.clock_kind, fixes, event_table_from_rows([]), captured
        )
        fixes, captured, own = apart.track, apart.captures, apart.times
    elif not np.isnat(file.clip_start_time_and_clock.wall_start):
        ahead = file.clip_start_time_and_clock.wall_start - np.datetime64(
            file.clip_start_by_own_clock_ns or 0, "ns"
        )
        own = local_times_from_utc(fixes, event_table_from_rows([]), captured, ahead)
    coverage, gaps = file.coverage_and_gap_issues()
    issues = [*gaps, *_whole_video_issues(file)]
    if cues is not None:
        issues += [
            *position_issues(cues.subtitles, cues.positions),
            *cues.subtitles.cue_value_issues(),
        ]
    return Log(
        Source.from_content(content, NAME, _brand_and_schema_text(file)),
        _read_aircraft(file),
        file.clip_start_time_and_clock.clock,
        fixes,
        captures=captured,
        named_positions=(
            *file.recording_start_positions,
            *(home_points(cues.subtitles, cues.positions) if cues else ()),
        ),
        issues=tuple(sorted(issues, key=lambda issue: (issue.offset, issue.size))),
        airborne=_empty_airborne_time_if_handheld_camera(file),
        local_times=own,
        coverage=coverage,
        _records=_build_records(file),
    )


def _empty_airborne_time_if_handheld_camera(file: VideoFile) -> AirborneTime | None:
    """Return that nothing flew, for a camera that no aircraft carries; ``None``: it may have."""
    telemetry = file.telemetry
    if telemetry is None or not len(telemetry.samples):
        return None
    at, size = int(telemetry.samples.offsets[0]), int(telemetry.samples.sizes[0])
    found = _HAND_CAMERA.search(file.content.data[at : at + min(size, _MOST_NAME_BYTES)])
    return AirborneTime((), f"{found[1].decode()} is a camera for the hand") if found else None


def _brand_and_schema_text(file: VideoFile) -> str | None:
    parts = [file.brand] if file.brand.isprintable() and file.brand else []
    if file.telemetry is not None:
        schema = file.telemetry.schema
        name = file.telemetry.clip.schema or "without a name"
        how = " schema=inferred" if schema and schema.inferred else "" if schema else " not read"
        parts.append(f"djmd {name}{how}")
    if file.subtitle_track is not None:
        parts.append(f"subtitles {', '.join(file.subtitle_track.subtitles.dialects)}")
    return "; ".join(parts) or None


def _read_aircraft(file: VideoFile) -> Aircraft:
    if file.telemetry is None:
        return Aircraft()
    clip = file.telemetry.clip
    firmware = {"camera or aircraft": clip.firmware} if clip.firmware else {}
    maker = "DJI" if clip.schema else None
    return Aircraft(maker, clip.product, serial=clip.serial, firmware=firmware)


def _build_records(file: VideoFile) -> dict[str, RecordsOfType]:
    records: dict[str, RecordsOfType] = {"box": boxes_as_records(file.boxes)}
    if file.media_tracks:
        records["track"] = media_track_records(file.media_tracks)
    if file.telemetry is not None:
        records["djmd"] = file.telemetry
    if file.box_texts_xmp_and_places.texts:
        records["text"] = file.box_texts_xmp_and_places.records
    packets = [
        {"offset": it.offset, **it.others, **it.dji} for it in file.box_texts_xmp_and_places.packets
    ]
    if packets:
        records["XMP"] = RecordsFromDicts(packets)
    cues = file.subtitle_track
    if cues is not None:
        records["cue"] = log_tables.CueRecords(
            cues.subtitles, recording_index_of_track_cues(cues), cues.positions
        )
    return records


def _whole_video_issues(file: VideoFile) -> list[Issue]:
    out: list[Issue] = list(file.box_texts_xmp_and_places.issues)
    media = next((box for box in file.boxes if box.path == "mdat"), None)
    if not file.has_track_index:
        at = media.offset if media else 0
        reason = "no index (moov): the recording was broken off, or the file is cut short"
        out.append(Issue(at, 0, reason))
    elif media is None:
        out.append(Issue(0, 0, "an index but no media data: the file is cut short"))
    first = next((box for box in file.boxes if box.path == "moof"), None)
    if first:
        out.append(Issue(first.offset, 0, "fragments (moof) are not read"))
    if file.telemetry is None:
        return out
    out += djmd_telemetry_issues(file.telemetry)
    at = int(file.telemetry.samples.offsets[0])
    if file.telemetry.schema is None:
        out.append(Issue(at, 0, "no position could be found in the djmd track"))
    elif file.telemetry.schema.inferred:
        out.append(Issue(at, 0, "djmd read by the shape of its messages: schema=inferred"))
    if file.telemetry.malformed_count:
        out.append(Issue(at, 0, f"{file.telemetry.malformed_count} djmd samples are not messages"))
    streams = file.telemetry.clip.audio_streams
    sound = any(track.handler_type == "soun" for track in file.media_tracks)
    if file.has_track_index and streams is not None and bool(streams) != sound:
        has = "has" if sound else "has no"
        out.append(Issue(at, 0, f"djmd states {streams} audio streams; the file {has} one"))
    return out


FORMAT = Format(
    NAME,
    "Video (.MP4, .MOV, .LRF, .OSV)",
    "ISO 14496-12; 3GPP TS 26.245; ExifTool 13.58 DJI.pm; AdrianEddy/telemetry-parser",
    claims,
    read,
    facts=FACTS,
    media=True,
    read_logs_and_parts=read_video_log_and_klv_file_parts,
)

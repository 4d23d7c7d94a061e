"""DJI subtitle telemetry (``.SRT``): where the camera was, frame by frame or second by second.

Who writes it: the aircraft, next to each video, if captions are switched on; FPV goggles.  Nothing
in it names the aircraft.

Facts: JuanIrache/DJI_SRT_Parser b6ed7901 and JuanIrache/dji-srt-viewer (MIT), ruz76/dji_srt2gpx
22770323 (MIT), CallMarcus/dji-drone-metadata-embedder 6a951834 (MIT) for samples;
PhilipQuirke/SkyCombAnalystHelp 4dd9f449 for cues of thermal cameras; and measurement on 28 files,
which wins where they disagree: what cues call GPS is longitude first in some dialects and latitude
first in another.

A file is SubRip: number, time code, text.  Line ends are LF or CR LF; a byte order mark may stand
first; a text may hold empty lines and a line of a lone 0; some files have no time codes.  The same
cues are read as WebVTT, in UTF-16, without numbers, and with tags.  Dialects
(``Source.format_version``):

* ``home-gps``: ``HOME(149.0251,-20.2532) 2017.08.05 14:11:51``, ``GPS(149.0251,-20.2533,16)
  BAROMETER:1.9`` or ``Hb:1.9 Hs:1.9``; longitude, latitude, satellites; ``GPS(N/A,N/A,3)``.
* ``gps-barometer``: ``GPS(36.6146,-6.1120,0.0M) BAROMETER:0.3M``; latitude, longitude, and an
  altitude that is always 0 and means nothing; ``GPS(39.9,116.4,69.8) BAROMETER(91.2)``.
* ``compact``: ``F/5.6, SS 400, ISO 100, EV 0, GPS (-58.851745, -34.237922, 15), …``; longitude,
  latitude, satellites; no wall clock; F.PRY of the airframe and G.PRY of the gimbal are pitch,
  roll, yaw.
* ``bracket-camera``, ``bracket-altitude``: ``[iso : 120] [shutter : 1/2500.0] [fnum : 280] …
  [latitude : 31.45] [longtitude : 74.39] [altitude: 213.98]``; whole numbers for decimals.
* ``bracket-rel-abs``: ``[rel_alt: 5.300 abs_alt: 23.057]``; on the Mavic 2 Enterprise Advanced
  with ``[Drone: Yaw:…]``, which is the airframe and not the gimbal.
* ``payload`` (several lines, ``drone_`` and ``gb_`` angles) and ``bracket-gimbal`` (one line).
* ``goggles``: ``signal:4 ch:2 flightTime:14 uavBat:16.2V …``, no position.

How it is read: one cue is tokenized and made into a template that reads all others of its shape;
what fits none is tokenized by itself.  A row of the track stands for each change of a value.  Cues
that stand in the file twice, and cues that lack values which nearly all others have, give no row:
the latter may be the beginning of one cue and the end of another, and have the position of neither.

Height above take-off is ``rel_alt``, ``BAROMETER``, ``Hb`` or ``H``.  ``abs_alt`` and ``altitude``
stay in the records: their datum is not stated, and a Mini 5 Pro at 6 m above take-off on ground
near sea level says -122.8 m.  A position of 0, 0 or N/A is missing.

The clock is the aircraft's, set to local time, zone not known: no row has a ``time``.
``records("cue")`` holds ``wall_clock``, ``start_s``, ``recording`` and every value; its ``offset``
is the ``source_offset`` of rows; ``Log.local_times`` has the clock of each row.
``records("recording")`` has one row for each capture.

Not read: Autel's ``GPS(E: …, N: …)``; how ``laser:`` counts; the tenfold altitude of the
DJI FPV, of which no sample is known (its ``altitude`` is one tenth of metres by other readers'
account).  Ordinary subtitles are not telemetry and are not claimed.
"""

import re
from collections.abc import Sequence

from .._byte_coverage import CoverageSpan
from .._clocks._move_local_times_out_of_tables import move_local_times_out_of_tables
from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import Content
from .._formats import Format
from .._model import Issue, Log, Source
from .._tables import event_table_from_rows, media_capture_table_from_rows
from ._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from ._subtitles import _log_tables as log_tables
from ._subtitles._find_cues import BOM, VTT_MARK, find_cues, has_cue_heading
from ._subtitles._flight_track import flight_track_of_subtitles, home_points, position_issues
from ._subtitles._position_axis_order import find_gps_position_of_each_cue
from ._subtitles._subtitle_recordings import find_recordings, recording_index_of_each_cue
from ._subtitles._subtitle_telemetry import SubtitleTelemetry
from ._subtitles._which_facts_logs_record import FACTS

NAME = "dji-srt"

#: Keys and forms that only DJI's cues have.
_TELEMETRY = re.compile(
    rb"\[(?:iso|shutter|fnum|latitude|longtitude|longitude|focal_len|color_md|rel_alt)\s?:"
    rb"|\b(?:FrameCnt|SrtCnt|uavBat|DiffTime)\s?:"
    rb"|\b(?:GPS|RTK|HOME) ?\((?:[-+]?\d|N/A)"
    rb"|\bF/\d[\d.]*, SS \d"
)


def claims(content: Content) -> bool:
    """Return whether a file begins with cues that hold DJI's telemetry."""
    head = content.head
    return bool(_TELEMETRY.search(head)) and has_cue_heading(head)


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a subtitle file.

    Raises:
        CorruptLogError: If no cue holds telemetry.
    """
    subtitles = SubtitleTelemetry.read(find_cues(content.data))
    if not subtitles.telemetry_mask.any():
        raise CorruptLogError(0, "a cue with telemetry", "none in the file")
    recordings = find_recordings(subtitles, content.base_name)
    rows = recording_index_of_each_cue(subtitles, recordings)
    positions = find_gps_position_of_each_cue(subtitles)
    kind, own_ns = log_tables.clock_kind_and_ns_of_each_cue(subtitles, recordings)
    apart = move_local_times_out_of_tables(
        kind,
        flight_track_of_subtitles(subtitles, positions, rows, own_ns),
        event_table_from_rows(log_tables.clock_jump_events(subtitles, recordings)),
        media_capture_table_from_rows(log_tables.media_capture_rows(subtitles, recordings)),
    )
    lost = (*subtitles.issues, *_truncated_last_value_issues(subtitles))
    coverage, gaps = _coverage_spans_and_gap_issues(content, subtitles, lost)
    issues = (*lost, *gaps, *position_issues(subtitles, positions), *subtitles.cue_value_issues())
    return Log(
        Source.from_content(content, NAME, ", ".join(subtitles.dialects)),
        clock=log_tables.subtitle_clock(subtitles, recordings),
        track=apart.track,
        events=apart.events,
        captures=apart.captures,
        named_positions=home_points(subtitles, positions),
        fields_of_view=log_tables.fields_of_view(subtitles, recordings, own_ns),
        issues=tuple(sorted(issues, key=lambda issue: (issue.offset, issue.size))),
        local_times=apart.times,
        coverage=coverage,
        _records={
            "cue": log_tables.CueRecords(subtitles, rows, positions),
            "recording": log_tables.RecordingRecords(subtitles, recordings),
        },
    )


def _coverage_spans_and_gap_issues(
    content: Content, subtitles: SubtitleTelemetry, lost: Sequence[Issue]
) -> tuple[tuple[CoverageSpan, ...], tuple[Issue, ...]]:
    """Return what each byte is: cues are records; what is not understood in them is a gap."""
    pieces = [(0, len(BOM), "header")] if content.head.startswith(BOM) else []
    cues = subtitles.cues
    if content.data[pieces[-1][1] if pieces else 0 :][: len(VTT_MARK)] == VTT_MARK:
        pieces.append((pieces[-1][1] if pieces else 0, int(cues.offsets[0]), "header"))
    pieces.append((int(cues.offsets[0]), int(cues.ends[-1]), "records"))
    return spans_covering_bytes_and_gap_issues(len(content), pieces, lost)


def _truncated_last_value_issues(subtitles: SubtitleTelemetry) -> tuple[Issue, ...]:
    """Return an issue for a value in which the file ends, and which may be cut."""
    cues = subtitles.cues
    begin, end = int(cues.text_ends[-1]), int(cues.ends[-1])
    known = any(issue.offset <= begin < issue.offset + issue.size for issue in subtitles.issues)
    if begin >= end or known:
        return ()
    reason = "the file ends within a value, which may be cut: value not used"
    return (Issue(begin, end - begin, reason),)


FORMAT = Format(
    NAME,
    "DJI subtitle telemetry (.SRT, .VTT)",
    "JuanIrache/DJI_SRT_Parser b6ed7901; PhilipQuirke/SkyCombAnalystHelp 4dd9f449; measurement",
    claims,
    read,
    facts=FACTS,
    media=True,
    skips_filled_tail=True,
)

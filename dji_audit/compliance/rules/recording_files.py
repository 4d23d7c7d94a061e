"""Every recording in a record has its media file, and every media file its recording.

A record shows when the camera recorded; the card of the camera holds the files.  A recording
without a file may have been deleted, be on another card, or not have been copied.  A file
without a recording may belong to another flight, or the record may have been cut or edited.  The
rule shows which recordings and files, with their bytes; it cannot show the reason.

It compares only what both sides can show: files that were given, and times for which a log that
shows recordings could be read.  Cameras number their files; a gap in the numbers is listed as a
remark and never as proof.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.table_values import time_of_table_cell_or_none
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, availability_of_facts_in_air
from dji_audit.compliance.findings import DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    FurtherExampleLog,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_record_in_flight_log,
    file_name_evidence,
    lat_lon_of_last_fix_before,
)
from dji_audit.compliance.rules._shared._media_recordings import names_of_evidence_files_text
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, FlightSource, shared_name_of_capture_files
from parsers import Log

#: Kinds that records show; sound is part of a file and not a recording by itself.
_KINDS = ("photo", "video")
#: More than 5 of one kind are one finding, with the bytes of the first 20.
_APART, _SHOWN = 5, 20
#: Letter of the camera in the name of a photo, and the number of photos that make a pattern.
_LETTER = re.compile(r"_([A-Z])\.[A-Za-z0-9]+$")
_ENOUGH = 4
#: Time within which a recording and a file are of one press of the shutter.
_ONE_PRESS = pd.Timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _MediaCaptureInLogOrFile:
    """One row of the captures: kind, time, and the logs that show it."""

    kind: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    source_rows: tuple[tuple[int, int], ...]


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """List recordings without a file, files without a recording, and gaps in numbers."""
    remarks = list(_file_number_gap_findings(flight, inputs))
    files = frozenset(
        (index, int(offset))
        for index, source in enumerate(flight.sources)
        if source.is_media
        for offset, name in zip(
            source.log.captures["source_offset"], source.log.captures["file"], strict=True
        )
        if not pd.isna(name)
    )
    captures = _media_captures_of_flight(flight)
    matches = [
        _split_into_complete_fileless_and_unlogged(
            flight,
            [capture for capture in captures if capture.kind == kind],
            files,
            [index for index, _ in _indexed_logs_that_would_show_media_kind(flight, kind)],
        )
        for kind in _KINDS
    ]
    complete, lacking, unrecorded = (
        [capture for match in matches for capture in match[part]] for part in range(3)
    )
    if not files:
        # Without any file of the flight, the card was not copied: no file is missing from it.
        lacking = []
    halves = list(_photos_missing_camera_file_findings(flight, inputs))
    findings = [
        *_findings_of_captures_without_file_or_record(
            flight, lacking, "no file of it is among the media files", inputs
        ),
        *_findings_of_captures_without_file_or_record(
            flight, unrecorded, "no record shows it, although one covers its time", inputs
        ),
        *halves,
    ]
    rest_count = len(captures) - len(complete) - len(lacking) - len(unrecorded)
    outside_text = f" {rest_count} more at times that no record covers." if rest_count else ""
    if not findings:
        each = "each " if len(complete) > 1 else ""
        clean = (
            f"{pluralised_count(len(complete), 'recording')}, {each}with its file and in a record."
            f"{outside_text}"
        )
        return CheckResult(Outcome.PASS, clean, tuple(remarks))
    parts = (
        (len(lacking), "recording", "without a file"),
        (len(unrecorded), "file", "without a recording"),
        (len(halves), "photo", "without the file of one camera"),
    )
    counts = (f"{pluralised_count(count, noun)} {what}" for count, noun, what in parts if count)
    reason = f"{', '.join(counts)}.{outside_text}"
    return CheckResult(Outcome.FAIL, reason, (*findings, *remarks))


def _indexed_logs_that_would_show_media_kind(
    flight: Flight, kind: str
) -> list[tuple[int, FlightSource]]:
    """Return the logs that would show a photo or a video, and are not its file, with their place.

    A log that shows one shows that it shows them, whatever else is in it.
    """
    return [
        (index, source)
        for index, source in enumerate(flight.sources)
        if not source.is_media
        and source.start is not None
        and len(source.track)
        and _log_has_media_captures_of_kind(source.log, kind)
    ]


def _log_has_media_captures_of_kind(log: Log, kind: str) -> bool:
    carried = log.facts.get(kind)
    if carried is not None and carried.not_understood:
        return False
    return carried is not None or kind in log.captures["kind"].tolist()


def _availability_of_media_captures_in_logs(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return when a record, and not only the media files, would have shown a recording."""
    records = {
        index: source
        for kind in _KINDS
        for index, source in _indexed_logs_that_would_show_media_kind(flight, kind)
    }
    subject = "photos and videos in a record"
    if not records:
        return DataNeedObservation.for_subject_not_seen(
            subject, "No record that could be read shows recordings."
        )
    alone = flight
    if len(records) < len(flight.sources):
        alone = replace(flight, sources=tuple(records[index] for index in sorted(records)))
    return replace(availability_of_facts_in_air(alone, _KINDS), subject=subject)


def _availability_of_media_files(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return whether recordings of a record can be compared with a media file of the flight."""
    subject = "media files of the flight"
    names = [source.log.source.name for source in flight.sources if source.is_media]
    if not names:
        return DataNeedObservation.for_subject_not_seen(
            subject,
            "No media file of the flight is among the files.",
            "Copy the camera's card and give it with the logs.",
        )
    if not any(_is_in_log_and_media_file(flight, rows) for rows in flight.log_offsets_of_captures):
        return DataNeedObservation.for_subject_not_seen(
            subject, "No recording can be compared with a file."
        )
    return DataNeedObservation.for_subject_seen_in_full(subject, *names)


def _is_in_log_and_media_file(flight: Flight, rows: tuple[tuple[int, int], ...]) -> bool:
    return {flight.sources[index].is_media for index, _ in rows} == {True, False}


def _split_into_complete_fileless_and_unlogged(
    flight: Flight,
    captures: Sequence[_MediaCaptureInLogOrFile],
    files: frozenset[tuple[int, int]],
    records: Sequence[int],
) -> tuple[
    list[_MediaCaptureInLogOrFile], list[_MediaCaptureInLogOrFile], list[_MediaCaptureInLogOrFile]
]:
    """Return the recordings with file and record, those without a file, those without a record.

    A recording that no record could show is in none of them.
    """
    complete, lacking, unrecorded = (
        list[_MediaCaptureInLogOrFile](),
        list[_MediaCaptureInLogOrFile](),
        list[_MediaCaptureInLogOrFile](),
    )
    for capture in captures:
        filed = not files.isdisjoint(capture.source_rows)
        recorded = any(index in records for index, _ in capture.source_rows)
        if recorded:
            (complete if filed else lacking).append(capture)
        elif filed and _log_covers_recording_time(flight, records, capture):
            unrecorded.append(capture)
    # One press of the shutter makes a file of each lens, and a record shows the press.
    shown = {
        name
        for capture in complete
        for name in _media_file_names_without_lens_letter(flight, capture)
    }
    alone = list[_MediaCaptureInLogOrFile]()
    for capture in unrecorded:
        is_shown = not shown.isdisjoint(_media_file_names_without_lens_letter(flight, capture))
        (complete if is_shown else alone).append(capture)
    pairs = _pairs_of_missing_and_other_lens_files(lacking, alone)
    paired = {id(capture) for pair in pairs for capture in pair}
    complete += [press for press, _ in pairs]
    return (
        complete,
        [capture for capture in lacking if id(capture) not in paired],
        [capture for capture in alone if id(capture) not in paired],
    )


def _pairs_of_missing_and_other_lens_files(
    lacking: Sequence[_MediaCaptureInLogOrFile], alone: Sequence[_MediaCaptureInLogOrFile]
) -> list[tuple[_MediaCaptureInLogOrFile, _MediaCaptureInLogOrFile]]:
    """Return each recording without a file and the file that another lens made at that instant."""
    pairs, place = list[tuple[_MediaCaptureInLogOrFile, _MediaCaptureInLogOrFile]](), 0
    files = sorted((one.start, number) for number, one in enumerate(alone) if one.start is not None)
    presses = sorted(
        (one.start, number) for number, one in enumerate(lacking) if one.start is not None
    )
    for start, number in presses:
        while place < len(files) and files[place][0] < start - _ONE_PRESS:
            place += 1
        if place < len(files) and files[place][0] <= start + _ONE_PRESS:
            pairs.append((lacking[number], alone[files[place][1]]))
            place += 1
    return pairs


def _media_file_names_without_lens_letter(
    flight: Flight, capture: _MediaCaptureInLogOrFile
) -> set[str]:
    """Return the names of the files of a recording, without the letter of the lens."""
    return {
        shared_name_of_capture_files(flight.sources[index].log.source.name)
        for index, _ in capture.source_rows
        if flight.sources[index].is_media
    }


def _photos_missing_camera_file_findings(flight: Flight, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield photos that lack the file of a camera although most other photos have one."""
    presses: dict[str, dict[str, int]] = defaultdict(dict)
    for index, source in enumerate(flight.sources):
        findings = _LETTER.search(source.log.source.name) if source.is_media else None
        if findings and (source.log.captures["kind"] == "photo").any():
            presses[shared_name_of_capture_files(source.log.source.name)][findings[1]] = index
    for letter in sorted({letter for letters in presses.values() for letter in letters}):
        without = [letters for letters in presses.values() if letter not in letters]
        if not without or len(presses) < _ENOUGH or len(without) > len(presses) // _ENOUGH:
            continue
        for letters in without:
            index = min(letters.values())
            name = flight.logs[index].source.name
            others = len(presses) - len(without)
            evidence = file_name_evidence(flight, index)
            start = flight.sources[index].start
            text = (
                f"{name} has no _{letter} file beside it, but {others} other photos of the flight "
                "have one; known from the names of the files."
            )
            yield inputs.finding(
                text,
                grade="inferred",
                evidence=(evidence,),
                start=start,
                end=start,
            )


def _media_captures_of_flight(flight: Flight) -> list[_MediaCaptureInLogOrFile]:
    rows = flight.captures
    return [
        _MediaCaptureInLogOrFile(
            str(kind),
            time_of_table_cell_or_none(start),
            time_of_table_cell_or_none(end),
            source_index,
        )
        for kind, start, end, source_index in zip(
            rows["kind"], rows["start"], rows["end"], flight.log_offsets_of_captures, strict=True
        )
        if kind in _KINDS
    ]


def _log_covers_recording_time(
    flight: Flight, records: Sequence[int], capture: _MediaCaptureInLogOrFile
) -> bool:
    """Return whether a record covers the time of a file."""
    if capture.start is None:
        return False
    for index in records:
        start, end = flight.sources[index].start, flight.sources[index].end
        if start is not None and end is not None and start <= capture.start <= end:
            return True
    return False


def _findings_of_captures_without_file_or_record(
    flight: Flight, captures: Sequence[_MediaCaptureInLogOrFile], reason: str, inputs: RuleInputs
) -> Iterator[Finding]:
    for kind in _KINDS:
        of_kind = [capture for capture in captures if capture.kind == kind]
        if len(of_kind) <= _APART:
            for capture in of_kind:
                when = interval_text(capture.start, capture.end)
                yield _finding_of_captures_without_file_or_record(
                    flight, [capture], f"A {kind} was taken {when}", reason, inputs
                )
            continue
        when = interval_text(of_kind[0].start, of_kind[-1].end)
        what = f"{len(of_kind)} {kind}s were taken {when}"
        yield _finding_of_captures_without_file_or_record(flight, of_kind, what, reason, inputs)


def _finding_of_captures_without_file_or_record(
    flight: Flight,
    captures: Sequence[_MediaCaptureInLogOrFile],
    what: str,
    reason: str,
    inputs: RuleInputs,
) -> Finding:
    evidence: list[Evidence] = []
    for capture in captures[:_SHOWN]:
        index, offset = capture.source_rows[0]
        value = "" if capture.start is None else str(capture.start)
        evidence.append(
            evidence_of_record_in_flight_log(
                flight,
                offset=offset,
                record="capture",
                field="start",
                value=value,
                source_index=index,
            )
        )
    first, last = captures[0], captures[-1]
    where = position_relative_to_takeoff_text(flight, first.start)
    return inputs.finding(
        f"{what}{f', {where}' if where else ''}: {reason}; "
        f"known from {names_of_evidence_files_text(evidence)}.",
        grade="reported",
        evidence=tuple(evidence),
        start=first.start,
        end=last.end,
        position=lat_lon_of_last_fix_before(flight, first.start),
    )


def _file_number_gap_findings(flight: Flight, inputs: RuleInputs) -> Iterator[Finding]:
    """Yield gaps in the numbers of media files."""
    for remark in flight.sequence_gaps:
        if remark.kind == "media_number":
            evidence = file_name_evidence(flight, remark.source_index)
            yield inputs.finding(
                remark.text,
                severity=Severity.REMARK,
                grade="inferred",
                evidence=(evidence,),
                informational=True,
            )


_TAKEN = {"kind": "photo", "start": 30, "end": 30}
_FILE = FurtherExampleLog(
    "DJI_0001.JPG",
    "dji-photo",
    track=northbound_example_track(1, 30),
    captures=({**_TAKEN, "file": "DJI_0001.JPG", "sensor": "visible"},),
)
_WIDE, _THERMAL = (
    FurtherExampleLog(
        f"DJI_0001_{letter}.JPG",
        "dji-photo",
        track=northbound_example_track(1, 30),
        captures=({**_TAKEN, "file": f"DJI_0001_{letter}.JPG", "sensor": sensor},),
    )
    for letter, sensor in (("W", "visible"), ("T", "thermal"))
)
_LATER = FurtherExampleLog(
    "DJI_0002.JPG",
    "dji-photo",
    track=northbound_example_track(1, 75),
    captures=({"kind": "photo", "start": 75, "end": 75, "file": "DJI_0002.JPG"},),
)

_NEEDS = (
    DataNeed(
        "photo or video",
        _availability_of_media_captures_in_logs,
        words="photos and videos in a record, for 95 % of the time in the air",
    ),
    DataNeed(
        "other log",
        _availability_of_media_files,
        words="a media file of a recording that a record shows",
    ),
)
_EXAMPLES = (
    ExampleFlight(
        Outcome.PASS,
        "a photo and its file",
        northbound_example_track(60),
        captures=(_TAKEN,),
        other_logs=(_FILE,),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "two photos and the file of one",
        northbound_example_track(60),
        captures=(_TAKEN, {"kind": "photo", "start": 50, "end": 50}),
        other_logs=(_FILE,),
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a photo file that the record does not show",
        northbound_example_track(60),
        captures=({"kind": "photo", "start": 50, "end": 50},),
        other_logs=(_FILE,),
    ),
    ExampleFlight(
        Outcome.PASS,
        "a photo and its files of two lenses",
        northbound_example_track(60),
        captures=(_TAKEN,),
        other_logs=(_WIDE, _THERMAL),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a photo file taken after the end of the record",
        northbound_example_track(60),
        other_logs=(_LATER,),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE, "no media files", northbound_example_track(60), captures=(_TAKEN,)
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a photo file beside a log that shows no camera",
        northbound_example_track(60),
        other_logs=(_FILE,),
        without_facts=("photo", "video"),
    ),
)
RULE = Rule(
    id="recording_files",
    title="Every recording has its file, and every file its recording",
    parameters=Parameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at="Captures in records and in media files; the numbers of media files.",
    not_assessable=(
        "No media file of the flight was given, or no record shows recordings at its time."
    ),
)

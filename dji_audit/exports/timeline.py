"""One time line of everything that logs say, over all flights and all their logs, in UTC.

Two forms hold the same rows. Timesketch takes JSON lines, one object a row, with ``message``,
``datetime`` (ISO 8601 with offset), ``timestamp`` (microseconds since 1970) and
``timestamp_desc``; an array is refused. psort of plaso writes CSV with the columns ``datetime,
timestamp_desc, source, source_long, message, parser, display_name, tag`` and further ones behind
them, ``-`` for what is missing; Timesketch takes it as well. Unlike psort, commas stay and stand
in quotes.

* A row is one instant: what lasts has a row for its start and one for its end.
* Each row names the file, the byte and the record that it rests on.
* Times are cut to the microsecond. Rows without UTC are in no time line, since neither form has a
  place for them; the command counts them.

Facts: ``timesketch/lib/utils.py`` of google/timesketch (mandatory fields),
``plaso/output/dynamic.py`` of log2timeline/plaso (columns, ``-``).
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.exports._export_format import ExportFormat, ExportProvenance, FlightParts
from dji_audit.exports._exported_flight import (
    ExportedFlight,
    ExportedHostContact,
    SourceFileAndByteOffset,
)
from dji_audit.report.event_rows import FixIndexByTime

#: The columns of psort, then ours.
CSV_COLUMNS = (
    "datetime", "timestamp_desc", "source", "source_long", "message", "parser", "display_name",
    "tag", "timestamp", "data_type", "flight", "kind", "severity", "grade", "aircraft",
    "aircraft_serial", "latitude", "longitude", "height_ato_m", "altitude_amsl_m", "source_file",
    "source_sha256", "source_offset", "source_record",
)  # fmt: skip
#: Thing -> what psort calls a source, and its long form.
_SOURCES = {
    "event": ("LOG", "Drone flight log"),
    "capture": ("LOG", "Drone photo or recording"),
    "contact": ("WEBHIST", "Contact of a device with a host"),
    "finding": ("LOG", "Finding of dji-audit"),
}
#: The nanoseconds of a row, and its fields.
_TimedFields = tuple[int, Mapping[str, object]]
_TABLE_VALUES = ("height_ato_m", "altitude_amsl_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineOccurrence:
    """What a time line holds, at its start and, if it lasts, at its end; ``None``: not known."""

    #: ``event``, ``capture``, ``contact`` or ``finding``.
    thing: str
    start: pd.Timestamp | None
    end: pd.Timestamp | None
    #: What its only instant is, its start, and its end.
    descriptions: tuple[str, str, str]
    message: str
    kind: str
    source: SourceFileAndByteOffset
    severity: str | None = None
    grade: str | None = None
    #: Format of the log that shows it; ``None``: that of the flight's source.
    log_format: str | None = None

    def entries(self) -> Iterator["TimelineEntry"]:
        """Yield its instants; none where its start is not known."""
        alone, first, last = self.descriptions
        if self.start is None:
            return
        lasts = self.end is not None and self.end > self.start
        yield TimelineEntry(self.start, first if lasts else alone, self)
        if self.end is not None and lasts:
            yield TimelineEntry(self.end, last, self)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One instant of a thing: when it happened, began or ended."""

    time: pd.Timestamp
    description: str
    of: TimelineOccurrence


def timeline_entries(flight: ExportedFlight) -> list[TimelineEntry]:
    """Return the rows of a flight in order of time; what has no UTC is left out."""
    things = [
        *_event_occurrences(flight),
        *_media_capture_occurrences(flight),
        *_host_contact_occurrences(flight.contacts),
        *_finding_occurrences(flight),
    ]
    return _entries_in_time_order(things)


def _entries_in_time_order(things: Iterable[TimelineOccurrence]) -> list[TimelineEntry]:
    entries = [entry for thing in things for entry in thing.entries()]
    return sorted(entries, key=_time_sort_key)


def _time_sort_key(row: TimelineEntry) -> tuple[int, str, int, str, str]:
    source = row.of.source
    return row.time.value, source.file, source.offset or 0, row.description, row.of.message


def _event_occurrences(flight: ExportedFlight) -> Iterator[TimelineOccurrence]:
    for event in flight.events:
        source = SourceFileAndByteOffset(event.file, event.sha256, event.offset, event.record)
        yield TimelineOccurrence(
            thing="event", start=event.time, end=event.end, source=source,
            descriptions=("Event Time", "Start Time", "End Time"),
            message=event.text or event.kind, kind=event.kind,
            severity=event.severity, grade=event.grade,
        )  # fmt: skip


def _media_capture_occurrences(flight: ExportedFlight) -> Iterator[TimelineOccurrence]:
    for capture in flight.captures:
        yield TimelineOccurrence(
            thing="capture", start=capture.start, end=capture.end, source=capture.source,
            descriptions=("Creation Time", "Recording Start", "Recording End"),
            message=capture.title, kind=f"capture.{capture.kind}.{capture.sensor}",
            grade=capture.grade,
        )  # fmt: skip


def _host_contact_occurrences(
    contacts: Iterable[ExportedHostContact],
) -> Iterator[TimelineOccurrence]:
    for contact in contacts:
        device = f" by {contact.device}" if contact.device else ""
        yield TimelineOccurrence(
            thing="contact", start=contact.time, end=contact.end, source=contact.source,
            descriptions=("Connection Time", "Connection Start", "Connection End"),
            message=f"{contact.claim.replace('_', ' ').capitalize()}: {contact.host}{device}",
            kind=f"contact.{contact.claim}", log_format=contact.log_format,
        )  # fmt: skip


def _finding_occurrences(flight: ExportedFlight) -> Iterator[TimelineOccurrence]:
    for finding in flight.findings:
        if finding.source is not None:
            yield TimelineOccurrence(
                thing="finding", start=finding.start, end=finding.end, source=finding.source,
                descriptions=("Finding Time", "Finding Start", "Finding End"),
                message=finding.summary, kind=f"finding.{finding.rule}",
                severity=finding.severity, grade=finding.outcome,
            )  # fmt: skip


def _timeline_fields_of_flight(flight: ExportedFlight) -> Iterator[_TimedFields]:
    """Yield the nanoseconds and the fields of each row of a flight; missing ones are left out."""
    rows = timeline_entries(flight)
    track = flight.track
    times = pd.Series(pd.to_datetime([row.time for row in rows], utc=True))
    fixes = FixIndexByTime(track.fixes).row_numbers_nearest_to(times)
    formats = {source.sha256: source.format for source in flight.sources}
    of_flight: dict[str, object | None] = {
        "flight": flight.id,
        "aircraft": flight.aircraft_name or flight.aircraft,
        "aircraft_serial": flight.serial,
    }
    for row, fix in zip(rows, fixes.tolist(), strict=True):
        fields = _timeline_row_fields(row) | of_flight
        fields.setdefault("parser", formats.get(row.of.source.sha256))
        if fix >= 0:
            fields["latitude"] = round(float(track.latitude[fix]), 7)
            fields["longitude"] = round(float(track.longitude[fix]), 7)
            for column in _TABLE_VALUES:
                value = float(track.fixes[column].iloc[fix])
                fields[column] = None if value != value else round(value, 2)
        yield row.time.value, {key: value for key, value in fields.items() if value is not None}


def _timeline_row_fields(row: TimelineEntry) -> dict[str, object | None]:
    thing, source = row.of, row.of.source
    short, long = _SOURCES[thing.thing]
    fields: dict[str, object | None] = {
        "message": thing.message,
        "datetime": _plaso_datetime(row.time),
        "timestamp": row.time.value // 1000,
        "timestamp_desc": row.description,
        "data_type": f"dji-audit:{thing.thing}",
        "source": short,
        "source_long": long,
        "display_name": source.file,
        "kind": thing.kind,
        "severity": thing.severity,
        "grade": thing.grade,
        "source_file": source.file,
        "source_sha256": source.sha256,
        "source_offset": source.offset,
        "source_record": source.record,
    }
    return fields if thing.log_format is None else fields | {"parser": thing.log_format}


def timeline_parts_of_contacts_without_flight(
    contacts: Iterable[ExportedHostContact], name: str
) -> tuple[bytes, ...]:
    """Return the parts of contacts that belong to no flight, for the time line of a run.

    Args:
        contacts: The contacts.
        name: ``jsonl`` or ``csv``.
    """
    rows = _entries_in_time_order(_host_contact_occurrences(contacts))
    write_line = _json_line if name == JSONL.name else _csv_line
    lines = []
    for row in rows:
        fields = {
            key: value for key, value in _timeline_row_fields(row).items() if value is not None
        }
        lines.append((row.time.value, write_line(fields)))
    return _timeline_lines_then_times_and_lengths(lines)


def _plaso_datetime(time: pd.Timestamp) -> str:
    return time.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def _json_line(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def _csv_line(fields: Mapping[str, object]) -> str:
    stream = io.StringIO(newline="")
    cells = [spreadsheet_safe_cell(fields[name]) if name in fields else "-" for name in CSV_COLUMNS]
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()


def _timeline_json_parts(flight: ExportedFlight) -> tuple[bytes, ...]:
    return _timeline_lines_then_times_and_lengths(
        [(ns, _json_line(fields)) for ns, fields in _timeline_fields_of_flight(flight)]
    )


def _timeline_csv_lines_and_merge_index(flight: ExportedFlight) -> tuple[bytes, ...]:
    return _timeline_lines_then_times_and_lengths(
        [(ns, _csv_line(fields)) for ns, fields in _timeline_fields_of_flight(flight)]
    )


def _timeline_lines_then_times_and_lengths(rows: Sequence[tuple[int, str]]) -> tuple[bytes, ...]:
    """Return the lines of a flight, then the time and the length of each, to merge them by."""
    lines = [line.encode("utf-8") for _, line in rows]
    index = np.array([(ns, len(line)) for (ns, _), line in zip(rows, lines, strict=True)], np.int64)
    return b"".join(lines), index.reshape(-1, 2).tobytes()


def _merge_lines_by_time(flights: Sequence[FlightParts]) -> Iterator[bytes]:
    """Yield the lines of all flights in order of time; rows of one instant in order of flights.

    The lines wait in a file without a name: only their times and lengths are in memory.
    """
    indexes = []
    with tempfile.TemporaryFile() as stream:
        for parts in flights:
            stream.write(parts(0))
            indexes.append(np.frombuffer(parts(1), np.int64).reshape(-1, 2))
        index = np.concatenate(indexes) if indexes else np.empty((0, 2), np.int64)
        ends = np.cumsum(index[:, 1])
        starts = ends - index[:, 1]
        for row in np.argsort(index[:, 0], kind="stable").tolist():
            stream.seek(int(starts[row]))
            yield stream.read(int(index[row, 1]))


def _json_document(flights: Sequence[FlightParts], basis: ExportProvenance) -> Iterator[bytes]:
    yield from _merge_lines_by_time(flights)


def _csv_document(flights: Sequence[FlightParts], basis: ExportProvenance) -> Iterator[bytes]:
    yield (",".join(CSV_COLUMNS) + "\n").encode("ascii")
    yield from _merge_lines_by_time(flights)


JSONL = ExportFormat(
    name="jsonl",
    title="JSON lines for Timesketch",
    suffix=".jsonl",
    flight_parts=_timeline_json_parts,
    document=_json_document,
)
CSV = ExportFormat(
    name="csv",
    title="CSV with the columns of plaso's psort",
    suffix=".csv",
    flight_parts=_timeline_csv_lines_and_merge_index,
    document=_csv_document,
)

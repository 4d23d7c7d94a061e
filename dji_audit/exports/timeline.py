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
from dji_audit.exports._export_format import ExportBasis, ExportFormat, FlightParts
from dji_audit.exports._exported_flight import ExportedContact, ExportedFlight, SourceRecord
from dji_audit.report.event_rows import FixesByTime

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
class TimelineEntry:
    """One instant; ``None``: it is not known."""

    time: pd.Timestamp
    #: What the instant is of the thing: when it happened, began or ended.
    description: str
    #: ``event``, ``capture``, ``contact`` or ``finding``.
    thing: str
    message: str
    kind: str
    severity: str | None
    grade: str | None
    source: SourceRecord
    #: Format of the log that shows it; ``None``: that of the flight's source.
    log_format: str | None = None


def timeline_entries(flight: ExportedFlight) -> list[TimelineEntry]:
    """Return the rows of a flight in order of time; what has no UTC is left out."""
    rows = [*_event_rows(flight), *_capture_rows(flight), *_contact_rows(flight.contacts)]
    rows += _finding_rows(flight)
    return sorted(rows, key=_time_sort_key)


def _time_sort_key(row: TimelineEntry) -> tuple[int, str, int, str, str]:
    source = row.source
    return row.time.value, source.file, source.offset or 0, row.description, row.message


def _instants_with_descriptions(
    start: pd.Timestamp | None, end: pd.Timestamp | None, descriptions: tuple[str, str, str]
) -> Iterator[tuple[pd.Timestamp, str]]:
    """Yield the instants of a thing, each with its description: of one, of a start, of an end."""
    alone, first, last = descriptions
    if start is None:
        return
    lasts = end is not None and end > start
    yield start, first if lasts else alone
    if end is not None and lasts:
        yield end, last


def _event_rows(flight: ExportedFlight) -> Iterator[TimelineEntry]:
    for event in flight.events:
        for time, description in _instants_with_descriptions(
            event.time, event.end, ("Event Time", "Start Time", "End Time")
        ):
            yield TimelineEntry(
                time=time,
                description=description,
                thing="event",
                message=event.text or event.kind,
                kind=event.kind,
                severity=event.severity,
                grade=event.grade,
                source=SourceRecord(event.file, event.sha256, event.offset, event.record),
            )


def _capture_rows(flight: ExportedFlight) -> Iterator[TimelineEntry]:
    for capture in flight.captures:
        for time, description in _instants_with_descriptions(
            capture.start, capture.end, ("Creation Time", "Recording Start", "Recording End")
        ):
            yield TimelineEntry(
                time=time,
                description=description,
                thing="capture",
                message=capture.title,
                kind=f"capture.{capture.kind}.{capture.sensor}",
                severity=None,
                grade=capture.grade,
                source=capture.source,
            )


def _contact_rows(contacts: Iterable[ExportedContact]) -> Iterator[TimelineEntry]:
    for contact in contacts:
        device = f" by {contact.device}" if contact.device else ""
        for time, description in _instants_with_descriptions(
            contact.time, contact.end, ("Connection Time", "Connection Start", "Connection End")
        ):
            yield TimelineEntry(
                time=time,
                description=description,
                thing="contact",
                message=f"{contact.claim.replace('_', ' ').capitalize()}: {contact.host}{device}",
                kind=f"contact.{contact.claim}",
                severity=None,
                grade=None,
                source=contact.source,
                log_format=contact.log_format,
            )


def _finding_rows(flight: ExportedFlight) -> Iterator[TimelineEntry]:
    for finding in flight.findings:
        for time, description in _instants_with_descriptions(
            finding.start, finding.end, ("Finding Time", "Finding Start", "Finding End")
        ):
            if finding.source is not None:
                yield TimelineEntry(
                    time=time,
                    description=description,
                    thing="finding",
                    message=finding.summary,
                    kind=f"finding.{finding.rule}",
                    severity=finding.severity,
                    grade=finding.outcome,
                    source=finding.source,
                )


def _fields_of_flight(flight: ExportedFlight) -> Iterator[_TimedFields]:
    """Yield the nanoseconds and the fields of each row of a flight; missing ones are left out."""
    rows = timeline_entries(flight)
    track = flight.track
    times = pd.Series(pd.to_datetime([row.time for row in rows], utc=True))
    fixes = FixesByTime(track.fixes).nearest_rows(times)
    formats = {source.sha256: source.format for source in flight.sources}
    of_flight: dict[str, object | None] = {
        "flight": flight.id,
        "aircraft": flight.aircraft_name or flight.aircraft,
        "aircraft_serial": flight.serial,
    }
    for row, fix in zip(rows, fixes.tolist(), strict=True):
        fields = _row_fields(row) | of_flight
        fields.setdefault("parser", formats.get(row.source.sha256))
        if fix >= 0:
            fields["latitude"] = round(float(track.latitude[fix]), 7)
            fields["longitude"] = round(float(track.longitude[fix]), 7)
            for column in _TABLE_VALUES:
                value = float(track.fixes[column].iloc[fix])
                fields[column] = None if value != value else round(value, 2)
        yield row.time.value, {key: value for key, value in fields.items() if value is not None}


def _row_fields(row: TimelineEntry) -> dict[str, object | None]:
    short, long = _SOURCES[row.thing]
    fields: dict[str, object | None] = {
        "message": row.message,
        "datetime": _plaso_datetime(row.time),
        "timestamp": row.time.value // 1000,
        "timestamp_desc": row.description,
        "data_type": f"dji-audit:{row.thing}",
        "source": short,
        "source_long": long,
        "display_name": row.source.file,
        "kind": row.kind,
        "severity": row.severity,
        "grade": row.grade,
        "source_file": row.source.file,
        "source_sha256": row.source.sha256,
        "source_offset": row.source.offset,
        "source_record": row.source.record,
    }
    return fields if row.log_format is None else fields | {"parser": row.log_format}


def contact_timeline_parts(contacts: Iterable[ExportedContact], name: str) -> tuple[bytes, ...]:
    """Return the parts of contacts that belong to no flight, for the time line of a run.

    Args:
        contacts: The contacts.
        name: ``jsonl`` or ``csv``.
    """
    rows = sorted(_contact_rows(contacts), key=_time_sort_key)
    write_line = _json_line if name == JSONL.name else _csv_line
    lines = []
    for row in rows:
        fields = {key: value for key, value in _row_fields(row).items() if value is not None}
        lines.append((row.time.value, write_line(fields)))
    return _line_parts(lines)


def _plaso_datetime(time: pd.Timestamp) -> str:
    return time.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def _json_line(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def _csv_line(fields: Mapping[str, object]) -> str:
    stream = io.StringIO(newline="")
    cells = [spreadsheet_safe_cell(fields[name]) if name in fields else "-" for name in CSV_COLUMNS]
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()


def _json_parts(flight: ExportedFlight) -> tuple[bytes, ...]:
    return _line_parts([(ns, _json_line(fields)) for ns, fields in _fields_of_flight(flight)])


def _csv_parts(flight: ExportedFlight) -> tuple[bytes, ...]:
    return _line_parts([(ns, _csv_line(fields)) for ns, fields in _fields_of_flight(flight)])


def _line_parts(rows: Sequence[tuple[int, str]]) -> tuple[bytes, ...]:
    """Return the lines of a flight, then the time and the length of each, to merge them by."""
    lines = [line.encode("utf-8") for _, line in rows]
    index = np.array([(ns, len(line)) for (ns, _), line in zip(rows, lines, strict=True)], np.int64)
    return b"".join(lines), index.reshape(-1, 2).tobytes()


def _merged_lines(flights: Sequence[FlightParts]) -> Iterator[bytes]:
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


def _json_document(flights: Sequence[FlightParts], basis: ExportBasis) -> Iterator[bytes]:
    yield from _merged_lines(flights)


def _csv_document(flights: Sequence[FlightParts], basis: ExportBasis) -> Iterator[bytes]:
    yield (",".join(CSV_COLUMNS) + "\n").encode("ascii")
    yield from _merged_lines(flights)


JSONL = ExportFormat(
    name="jsonl",
    title="JSON lines for Timesketch",
    suffix=".jsonl",
    flight_parts=_json_parts,
    document=_json_document,
)
CSV = ExportFormat(
    name="csv",
    title="CSV with the columns of plaso's psort",
    suffix=".csv",
    flight_parts=_csv_parts,
    document=_csv_document,
)

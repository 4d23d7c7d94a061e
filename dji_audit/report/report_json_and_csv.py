"""The files of a run: ``report.json`` with a versioned schema, its lines, and ``flights.csv``."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files as resources
from typing import BinaryIO

from pydantic import JsonValue

from dji_audit.basemap import ATTRIBUTION, PLACES_GOOD_FOR, TIME_ZONES_GOOD_FOR
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.endpoints import CLAIMS
from dji_audit.geo.national_grid import best_national_grid_transformation
from dji_audit.report.json_text import indented_json_text, indented_json_text_to_one_line
from dji_audit.report.json_values import as_json_value
from dji_audit.report.quarantine import quarantined_files
from dji_audit.report.rows import FileRow, FlightRow, RunContents
from dji_audit.report.run_verdict import RunVerdict, verdict_as_json
from dji_audit.report.schema_version import SCHEMA

#: List of a report that holds rows of the run -> what ``report.jsonl`` calls such a row.
ROW_KIND_OF_LIST = {
    "app_folders": "app_folder",
    "captures": "capture",
    "contacts": "contact",
    "declared_clocks": "declared_clock",
    "events": "event",
    "findings": "finding",
    "flights": "flight",
    "inputs": "file",
    "network": "network_coverage",
    "results": "result",
    "rules": "rule",
}


@dataclass(frozen=True, slots=True)
class RowsAsIndentedJsonAndLines:
    """Rows that follow each other in a list of the report, as report and lines have them."""

    #: In ASCII.
    indented: str
    lines: bytes


#: Returns the rows of a list of the report by its key, some to a text.
RowTextsOfList = Callable[[str], Iterable[RowsAsIndentedJsonAndLines]]


def report_json_pieces(
    basis: AuditInputProvenance,
    generated: dt.datetime | None,
    contents: RunContents,
    verdict: RunVerdict,
    case: CaseDetails = NO_CASE_DETAILS,
    lines: BinaryIO | None = None,
    row_texts_of_list: RowTextsOfList | None = None,
) -> Iterator[str]:
    """Yield the report of a run as JSON, row by row: the same run gives the same text.

    ``run.generated`` is null unless the user gave a time: a clock would make
    two runs over the same evidence differ.

    Args:
        basis: What the flights were audited with.
        generated: Time of the run, if the user gave one.
        contents: The rows of the run, of which one is in memory at a time.
        verdict: The verdict on the run.
        case: What a person states of the case.
        lines: Where the same goes as JSON Lines: first an object of ``kind`` ``run`` with all but
            the rows, then one for each row with ``kind`` and ``row``, in the order of the report.
        row_texts_of_list: Gives the rows of each list as text; by default they are made here.
            The next is asked for when the text before it is written.
    """
    if row_texts_of_list is None:
        row_texts_of_list = partial(_row_texts_of_list, contents)
    head = _report_without_rows(basis, generated, contents, verdict, case)
    if lines is not None:
        lines.write(_json_line("run", indented_json_text(head)))
    yield "{"
    keys = sorted({*head, *ROW_KIND_OF_LIST})
    for number, key in enumerate(keys):
        yield f'{"," * bool(number)}\n "{key}": '
        if key in head:
            yield indented_json_text(head[key], 1)
            continue
        is_empty = True
        for texts in row_texts_of_list(key):
            yield "[\n  " if is_empty else ",\n  "
            yield texts.indented
            is_empty = False
            if lines is not None:
                lines.write(texts.lines)
        yield "[]" if is_empty else "\n ]"
    yield "\n}\n"


def report_json_text(
    basis: AuditInputProvenance,
    generated: dt.datetime | None,
    contents: RunContents,
    verdict: RunVerdict,
    case: CaseDetails = NO_CASE_DETAILS,
) -> str:
    """Return the report of a run as one text: of a large run it may not fit into memory."""
    return "".join(report_json_pieces(basis, generated, contents, verdict, case))


def _report_without_rows(
    basis: AuditInputProvenance,
    generated: dt.datetime | None,
    contents: RunContents,
    verdict: RunVerdict,
    case: CaseDetails,
) -> dict[str, JsonValue]:
    """Return everything in a report but the rows of the run."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "dji-audit", "version": basis.tool_version},
        "run": {
            "generated": generated.isoformat() if generated else None,
            "case": as_json_value(case.to_json_object()),
            "policy": {
                "name": basis.policy_name,
                "version": basis.policy_version,
                "sha256": basis.policy_sha256,
                "packs": as_json_value(basis.packs),
            },
            "as_of": basis.as_of.isoformat() if basis.as_of else None,
            "context_files": as_json_value(basis.context_files),
            "geography": {
                "places": PLACES_GOOD_FOR,
                "attribution": ATTRIBUTION,
                "time_zones": TIME_ZONES_GOOD_FOR,
                "national_grid": best_national_grid_transformation().method,
            },
            "catalogue": {
                "edition": basis.catalogue_edition,
                "sha256": basis.catalogue_sha256,
                "overlays": as_json_value(basis.endpoint_overlays),
            },
        },
        "claims": dict(CLAIMS),
        "coverage": _input_bytes_by_kind(contents.files),
        "quarantine": as_json_value(quarantined_files(contents.files)),
        "verdict": verdict_as_json(verdict),
    }


def rows_of_report_list(contents: RunContents, key: str) -> Sequence[object]:
    """Return the rows of a list of the report by its key."""
    rows: Mapping[str, Sequence[object]] = {
        "app_folders": contents.app_folders,
        "captures": contents.captures,
        "contacts": contents.contacts,
        "declared_clocks": contents.clocks,
        "events": contents.events,
        "findings": contents.findings,
        "flights": contents.flights,
        "inputs": contents.files,
        "network": contents.network,
        "results": contents.results,
        "rules": contents.rules,
    }
    return rows[key]


def report_rows_as_json_and_json_lines(
    key: str, rows: Iterable[object]
) -> RowsAsIndentedJsonAndLines:
    """Return rows that follow each other in a list of the report as text.

    Args:
        key: The key of the list.
        rows: The rows, at least one.
    """
    plain = (row.to_json_row() if isinstance(row, FlightRow) else row for row in rows)
    texts = [indented_json_text(row, depth=2) for row in plain]
    kind = ROW_KIND_OF_LIST[key]
    return RowsAsIndentedJsonAndLines(
        ",\n  ".join(texts), b"".join(_json_line(kind, text) for text in texts)
    )


def _row_texts_of_list(contents: RunContents, key: str) -> Iterator[RowsAsIndentedJsonAndLines]:
    return (
        report_rows_as_json_and_json_lines(key, (row,))
        for row in rows_of_report_list(contents, key)
    )


def _json_line(kind: str, row: str) -> bytes:
    """Return a line of a row, which is given as indented JSON."""
    return f'{{"kind": "{kind}", "row": {indented_json_text_to_one_line(row)}}}\n'.encode("ascii")


def report_json_schema() -> str:
    """Return the JSON Schema that every report keeps to."""
    return (resources("dji_audit") / "data" / "schema" / "report-0.2.json").read_text("utf-8")


#: Columns of a flight that hold more than one value.
NESTED_KEYS = frozenset(
    {
        "captures",
        "column_sources",
        "firmware",
        "nearby_aircraft",
        "declared_tracks",
        "sources",
        "stated_by_header",
        "view",
    }
)


def flights_csv(flights: Iterable[FlightRow]) -> str:
    """Return the table of flights as one text (``flights_csv_lines``)."""
    return "".join(flights_csv_lines(flights))


def flights_csv_lines(flights: Iterable[FlightRow]) -> Iterator[str]:
    """Yield the head and one row for each flight; text that a spreadsheet would run is quoted.

    Columns of more than one value stand in the report only, except the file names.
    """
    for number, flight in enumerate(flights):
        if not number:
            yield flights_csv_head(flight)
        yield flight_csv_line(flight)


def flights_csv_head(flight: FlightRow) -> str:
    """Return the names of the columns of the table of flights; every flight has the same."""
    return _csv_line(flight_csv_values_by_column(flight))


def flight_csv_line(flight: FlightRow) -> str:
    """Return the row of a flight in the table of flights."""
    return _csv_line(
        spreadsheet_safe_cell(value) for value in flight_csv_values_by_column(flight).values()
    )


def _csv_line(cells: Iterable[object]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerow(cells)
    return stream.getvalue()


def flight_csv_values_by_column(flight: FlightRow) -> dict[str, JsonValue]:
    """Return the columns of a flight that hold one value, and the names of its files in one."""
    row = {name: value for name, value in flight.to_json_row().items() if name not in NESTED_KEYS}
    return row | {
        "stated_by_header_names": "; ".join(flight.stated_by_header),
        "file_names": "; ".join(source.file for source in flight.sources),
    }


def _input_bytes_by_kind(inputs: Sequence[FileRow]) -> dict[str, JsonValue]:
    """Return the bytes of all inputs by what they are."""
    total: dict[str, int] = {}
    for row in inputs:
        for kind, size in (row.coverage or {}).items():
            total[kind] = total.get(kind, 0) + size
    return {
        "bytes": sum(row.size or 0 for row in inputs if row.coverage is not None),
        "bytes_by_kind": as_json_value(dict(sorted(total.items()))),
    }

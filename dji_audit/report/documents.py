"""The files of a run: ``report.json`` with a versioned schema, and ``flights.csv``."""

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from importlib.resources import files as resources

from pydantic import JsonValue

from dji_audit.basemap import ATTRIBUTION, PLACES_GOOD_FOR, TIME_ZONES_GOOD_FOR
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.compliance.audit import AuditBasis
from dji_audit.endpoints import CLAIMS
from dji_audit.geo.national_grid import national_grid_transformation
from dji_audit.report.json_values import as_json
from dji_audit.report.quarantine import quarantined_files
from dji_audit.report.rows import FileRow, FlightRow, RunContents
from dji_audit.report.verdict import RunVerdict, verdict_json

SCHEMA_NAME = "dji-audit/report"
SCHEMA = f"{SCHEMA_NAME}/0.2"


def report_json(
    basis: AuditBasis,
    generated: dt.datetime | None,
    contents: RunContents,
    verdict: RunVerdict,
    case: CaseDetails = NO_CASE_DETAILS,
) -> str:
    """Return the report of a run as JSON: the same run gives the same text.

    ``run.generated`` is null unless the user gave a time: a clock would make
    two runs over the same evidence differ.
    """
    document: dict[str, JsonValue] = {
        "schema": SCHEMA,
        "tool": {"name": "dji-audit", "version": basis.tool_version},
        "run": {
            "generated": generated.isoformat() if generated else None,
            "case": as_json(case.to_json_object()),
            "policy": {
                "name": basis.policy_name,
                "version": basis.policy_version,
                "sha256": basis.policy_sha256,
                "packs": as_json(basis.packs),
            },
            "as_of": basis.as_of.isoformat() if basis.as_of else None,
            "context_files": as_json(basis.context_files),
            "geography": {
                "places": PLACES_GOOD_FOR,
                "attribution": ATTRIBUTION,
                "time_zones": TIME_ZONES_GOOD_FOR,
                "national_grid": national_grid_transformation().method,
            },
            "catalogue": {
                "edition": basis.catalogue_edition,
                "sha256": basis.catalogue_sha256,
                "overlays": as_json(basis.endpoint_overlays),
            },
        },
        "inputs": as_json(contents.files),
        "quarantine": as_json(quarantined_files(contents.files)),
        "flights": [flight.to_json_row() for flight in contents.flights],
        "captures": as_json(contents.captures),
        "rules": as_json(contents.rules),
        "results": as_json(contents.results),
        "findings": as_json(contents.findings),
        "events": as_json(contents.events),
        "contacts": as_json(contents.contacts),
        "network": as_json(contents.network),
        "declared_clocks": as_json(contents.clocks),
        "app_folders": as_json(contents.app_folders),
        "claims": dict(CLAIMS),
        "coverage": _byte_coverage_of_inputs(contents.files),
        "verdict": verdict_json(verdict),
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def report_schema() -> str:
    """Return the JSON Schema that every report keeps to."""
    return (resources("dji_audit") / "data" / "schema" / "report-0.2.json").read_text("utf-8")


#: Columns of a flight that hold more than one value.
NESTED_KEYS = frozenset(
    {"captures", "column_sources", "firmware", "sources", "stated_by_header", "view"}
)


def flights_csv(flights: Sequence[FlightRow]) -> str:
    """Return one row for each flight; text that a spreadsheet would run is quoted.

    Columns of more than one value stand in the report only, except the file names.
    """
    stream = io.StringIO(newline="")
    rows = [flight_table_row(flight) for flight in flights]
    if rows:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(
            {name: spreadsheet_safe_cell(value) for name, value in row.items()} for row in rows
        )
    return stream.getvalue()


def flight_table_row(flight: FlightRow) -> dict[str, JsonValue]:
    """Return the columns of a flight that hold one value, and the names of its files in one."""
    row = {name: value for name, value in flight.to_json_row().items() if name not in NESTED_KEYS}
    return row | {
        "stated_by_header_names": "; ".join(flight.stated_by_header),
        "file_names": "; ".join(source.file for source in flight.sources),
    }


def _byte_coverage_of_inputs(inputs: Sequence[FileRow]) -> dict[str, JsonValue]:
    """Return the bytes of all inputs by what they are."""
    total: dict[str, int] = {}
    for row in inputs:
        for kind, size in (row.coverage or {}).items():
            total[kind] = total.get(kind, 0) + size
    return {
        "bytes": sum(row.size or 0 for row in inputs if row.coverage is not None),
        "bytes_by_kind": as_json(dict(sorted(total.items()))),
    }

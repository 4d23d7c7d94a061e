"""The files of a run: ``report.json`` with a versioned schema, and ``flights.csv``."""

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files as resources

from dji_audit.compliance.audit import AuditBasis
from dji_audit.endpoints import CLAIMS
from dji_audit.report.rows import FileRow, Plain, RunContents
from dji_audit.report.verdict import RunVerdict

SCHEMA = "dji-audit/report/1"

#: A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_json(
    yardstick: AuditBasis,
    generated: dt.datetime | None,
    contents: RunContents,
    verdict: RunVerdict,
) -> str:
    """Return the report of a run as JSON: the same run gives the same text.

    ``run.generated`` is null unless the user gave a time: a clock would make
    two runs over the same evidence differ.
    """
    document = {
        "schema": SCHEMA,
        "tool": {"name": "dji-audit", "version": yardstick.tool_version},
        "run": {
            "generated": generated.isoformat() if generated else None,
            "policy": {
                "name": yardstick.policy_name,
                "version": yardstick.policy_version,
                "sha256": yardstick.policy_sha256,
                "packs": [asdict(pack) for pack in yardstick.packs],
            },
            "as_of": yardstick.as_of.isoformat() if yardstick.as_of else None,
            "brought": [asdict(document) for document in yardstick.context_files],
            "catalogue": {
                "edition": yardstick.catalogue_edition,
                "sha256": yardstick.catalogue_sha256,
                "overlays": [asdict(overlay) for overlay in yardstick.endpoint_overlays],
            },
        },
        "inputs": [row.plain() for row in contents.files],
        "flights": list(contents.flights),
        "captures": list(contents.captures),
        "results": list(contents.results),
        "findings": list(contents.findings),
        "contacts": list(contents.contacts),
        "network": list(contents.network),
        "claims": dict(CLAIMS),
        "coverage": _byte_coverage(contents.files),
        "verdict": verdict.plain(),
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"


def report_schema() -> str:
    """Return the JSON Schema that every report keeps to."""
    return (resources("dji_audit") / "data" / "schema" / "report-1.json").read_text("utf-8")


#: What of a flight is no single value; by name, for one that is not known is none either.
NESTED_KEYS = frozenset({"captures", "columns_from", "logs", "view"})


def flights_csv(flights: Sequence[Plain]) -> str:
    """Return one row for each flight; text that a spreadsheet would run is quoted.

    What is no single value is left to the report, but for the names of the files.
    """
    stream = io.StringIO(newline="")
    rows = [_flat_row(flight) for flight in flights]
    if rows:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(
            {name: spreadsheet_cell(value) for name, value in row.items()} for row in rows
        )
    return stream.getvalue()


def _flat_row(flight: Plain) -> Plain:
    row = {name: value for name, value in flight.items() if name not in NESTED_KEYS}
    return row | {"file_names": "; ".join(log["file"] for log in flight["logs"])}


def spreadsheet_cell(value: object) -> object:
    """Return a value that is safe in a spreadsheet: numbers as they are, text never a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _byte_coverage(inputs: Sequence[FileRow]) -> Plain:
    """Return the bytes of all inputs by what they are."""
    total: dict[str, int] = {}
    for row in inputs:
        for kind, size in (row.coverage or {}).items():
            total[kind] = total.get(kind, 0) + size
    return {
        "bytes": sum(row.size or 0 for row in inputs if row.coverage is not None),
        "bytes_by_kind": dict(sorted(total.items())),
    }

"""The rows of a run as flat tables, one value a cell: for workbooks and Markdown.

A list of texts is one text; what holds rows of its own stands in ``report.json``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from dji_audit.report.json_values import as_json_value, rows_as_json_objects
from dji_audit.report.report_json_and_csv import flight_csv_values_by_column
from dji_audit.report.rows import FindingRow, RunContents

#: A value of a cell.
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class FlatReportTable:
    """A table with a title; every row has a value for each column."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def flat_tables_of_run(contents: RunContents) -> tuple[FlatReportTable, ...]:
    """Return flights, findings, results, events, media files, contacts and files of a run."""
    titles = {rule.rule: rule.title for rule in contents.rules}
    results = [
        {"title": titles.get(row.rule, ""), **_top_level_json_values_as_cells(as_json_value(row))}
        for row in contents.results
    ]
    media = [
        {"capture": capture.name, **_top_level_json_values_as_cells(as_json_value(stream))}
        for capture in contents.captures
        for stream in capture.streams
    ]
    return (
        _table_with_all_columns(
            "Flights",
            (
                _top_level_json_values_as_cells(flight_csv_values_by_column(row))
                for row in contents.flights
            ),
        ),
        _table_with_all_columns("Findings", map(_flat_finding_row, contents.findings)),
        _table_with_all_columns("Rules", results),
        _table_with_all_columns(
            "Events", map(_top_level_json_values_as_cells, rows_as_json_objects(contents.events))
        ),
        _table_with_all_columns("Media files", media),
        _table_with_all_columns(
            "Contacts",
            map(_top_level_json_values_as_cells, rows_as_json_objects(contents.contacts)),
        ),
        _table_with_all_columns(
            "Files", map(_top_level_json_values_as_cells, rows_as_json_objects(contents.files))
        ),
    )


def _flat_finding_row(finding: FindingRow) -> dict[str, Cell]:
    """Return a finding with the text of what settles it, and the first bytes that show it."""
    row = _top_level_json_values_as_cells(as_json_value(finding))
    authorisation, acknowledgement = finding.authorisation, finding.acknowledgement
    row["authorisation"] = authorisation.text if authorisation is not None else None
    row["acknowledgement"] = acknowledgement.text if acknowledgement is not None else None
    shown_by = finding.evidence[0] if finding.evidence else None
    row["source_file"] = shown_by.file if shown_by else None
    row["source_sha256"] = shown_by.sha256 if shown_by else None
    row["source_offset"] = shown_by.offset if shown_by else None
    row["source_record"] = f"{shown_by.record}.{shown_by.field}" if shown_by else None
    return row


def _top_level_json_values_as_cells(row: JsonValue) -> dict[str, Cell]:
    """Return the values of a JSON object that fit a cell; a list of texts is one text."""
    flat: dict[str, Cell] = {}
    for name, value in (row if isinstance(row, dict) else {}).items():
        if isinstance(value, list):
            if not any(isinstance(item, list | dict) for item in value):
                flat[name] = "; ".join(map(str, value))
        elif not isinstance(value, dict):
            flat[name] = value
    return flat


def _table_with_all_columns(title: str, rows: Iterable[dict[str, Cell]]) -> FlatReportTable:
    """Return rows as a table; a column that only some rows have is empty in the others."""
    kept = list(rows)
    columns = tuple(dict.fromkeys(name for row in kept for name in row))
    return FlatReportTable(title, columns, [[row.get(name) for name in columns] for row in kept])

"""The documents about a whole run, each written by a worker from the rows on disk.

What it takes to draw an index of many flights is in the memory of the worker and goes with it: the
process that leads the run needs none of it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from dji_audit import mapper
from dji_audit.basemap.supplied_map import SuppliedMap
from dji_audit.common.atomic_files import open_atomically, write_atomically
from dji_audit.common.case_details import CaseDetails
from dji_audit.common.hashed_file import file_sha256
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.fleet.output_folder import (
    FLIGHTS_FILE,
    INDEX_FILE,
    REPORT_FILE,
    REPORT_LINES_FILE,
    REPORT_PDF_FILE,
)
from dji_audit.fleet.rows_on_disk import RowsOnDisk, load_rows_of_run
from dji_audit.fleet.stages.fleet_tables_of_run import (
    InputsForFleetTables,
    write_fleet_tables_or_return_reason,
)
from dji_audit.fleet.stages.join_logs import load_page_order
from dji_audit.fleet.stages.page_order import PageOrder, rewrite_links_past_missing_pages
from dji_audit.fleet.stages.report_texts_of_last_run import (
    ReportTextsOfLastRun,
    block_numbers_and_digests,
)
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions
from dji_audit.report.report_json_and_csv import (
    RowsAsIndentedJsonAndLines,
    flight_csv_line,
    flights_csv_head,
    flights_csv_lines,
    report_json_pieces,
    report_rows_as_json_and_json_lines,
    rows_of_report_list,
)
from dji_audit.report.rows import FlightRow, RunContents
from dji_audit.report.rule_outcomes_of_flights import rule_outcomes_of_flights
from dji_audit.report.run_verdict import RunVerdict
from dji_audit.report.triage import RunTriage

#: Files of the state: where what they say of each block of rows lies in the documents of a run.
_TABLE_TEXTS_FILE, _REPORT_TEXTS_FILE = "table-texts-of-last-run", "report-texts-of-last-run"


class RunDocumentKind(StrEnum):
    """What is written together; the value is the file that a message names."""

    INDEX_PAGE = INDEX_FILE
    #: The report as a document and as lines, the table of flights, and the sheets of the run.
    REPORT = REPORT_FILE
    #: The tables of the state, which are made from the same rows.
    FLEET_TABLES = "the tables of the fleet"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAndReportInputs:
    """What the documents of a run are made from."""

    #: Its rows, as ``save_rows_of_run`` leaves them.
    rows_file: Path
    #: Where the documents lie, and the pages of the flights.
    out: Path
    #: The index, and how the pages link to it.
    index_file: Path
    index_link: str
    pages_folder: Path
    #: Folder of temporary files, if each page of a flight leads to the next; else ``None``.
    spool_of_links: Path | None
    basis: AuditInputProvenance
    verdict: RunVerdict
    triage: RunTriage
    generated: dt.datetime | None
    case: CaseDetails
    #: The IANA time zone shown beside UTC; ``None``: that of the place flown.
    timezone: str | None
    #: Id of a flight -> its track on the map of all flights, of many the most urgent.
    map_tracks: Mapping[str, mapper.FlightMapTrack]
    basemaps: Sequence[SuppliedMap]
    #: Latitude and longitude that are looked for when the index opens; ``None``: none.
    place: tuple[float, float] | None
    #: Whether a redaction moved the flights.
    positions_moved: bool
    flights_without_page: int
    #: Whether an earlier run drew some of the pages.
    has_earlier_pages: bool
    #: Whether the sheets of the run are set as PDF.
    pdf: bool
    #: What of the documents of the last run is kept there; ``None``: nothing.
    state: Path | None = None
    #: What goes into the tables there; ``None``: they are not written.
    fleet_tables: InputsForFleetTables | None = None

    def document_kinds_to_write(self) -> list[RunDocumentKind]:
        """Return what is written, what takes longest first."""
        tables = [RunDocumentKind.FLEET_TABLES] * (self.fleet_tables is not None)
        return [*tables, RunDocumentKind.INDEX_PAGE, RunDocumentKind.REPORT]


def write_run_documents_and_return_failure(
    document: RunDocumentKind, run: IndexAndReportInputs
) -> str:
    """Write documents of a run; return why they could not be, a sentence; empty: they are there."""
    if document is RunDocumentKind.FLEET_TABLES:
        if run.state is None or run.fleet_tables is None:
            raise ValueError("there is no state for tables")
        return write_fleet_tables_or_return_reason(run.state, run.fleet_tables)
    contents = load_rows_of_run(run.rows_file)
    try:
        if document is RunDocumentKind.INDEX_PAGE:
            if run.spool_of_links is not None:
                _make_pages_link_past_missing_ones(
                    contents, run, load_page_order(run.spool_of_links)
                )
            _write_index_page(contents, run)
            return ""
        _write_report_files(contents, run)
        return _write_report_pdf_and_return_failure_text(contents, run)
    except OSError as error:
        return f"{run.out}: cannot write: {os_error_reason(error)}"


def why_index_or_report_is_missing_text(document: RunDocumentKind, failure: ItemFailure) -> str:
    """Return why documents are not there whose worker failed."""
    return f"cannot write {document}: {failure.reason}"


WRITE_RUN_DOCUMENT = WorkAndFailureFunctions(
    write_run_documents_and_return_failure, why_index_or_report_is_missing_text, has_deadline=False
)


def _make_pages_link_past_missing_ones(
    contents: RunContents, run: IndexAndReportInputs, order: PageOrder
) -> None:
    """Let the pages of flights link past those that are not there."""
    # Only the name of a page counts: each lies in the folder.
    pages = {
        it.id: PurePosixPath(it.page).name
        for it in rule_outcomes_of_flights(contents)
        if it.page is not None
    }
    rewrite_links_past_missing_pages(
        order, pages, run.pages_folder, run.index_link, has_earlier_pages=run.has_earlier_pages
    )


def _write_index_page(contents: RunContents, run: IndexAndReportInputs) -> None:
    pieces = mapper.index_page_html_pieces(
        contents,
        run.triage,
        mapper.IndexPageOptions(
            basis=run.basis,
            generated=run.generated,
            verdict_line=run.verdict.line,
            local_zone=run.timezone,
            case=run.case,
            tracks=run.map_tracks,
            target=run.place,
            basemaps=run.basemaps,
            positions_moved=run.positions_moved,
            flights_without_page=run.flights_without_page,
        ),
    )
    write_atomically(run.index_file, (piece.encode() for piece in pieces))


def _write_report_files(contents: RunContents, run: IndexAndReportInputs) -> None:
    """Write the table of flights, and the report as one document and as lines."""
    table, report, report_lines = (
        run.out / name for name in (FLIGHTS_FILE, REPORT_FILE, REPORT_LINES_FILE)
    )
    state = run.state
    table_index = None if state is None else state / _TABLE_TEXTS_FILE
    report_index = None if state is None else state / _REPORT_TEXTS_FILE
    with ReportTextsOfLastRun(table_index, (table,)) as known:
        with open_atomically(table) as stream:
            stream.writelines(_flights_csv_pieces(contents.flights, known, stream))
        known.save()
    with ReportTextsOfLastRun(report_index, (report, report_lines)) as known:
        # In one go through the rows.
        with open_atomically(report_lines) as lines, open_atomically(report) as document:
            pieces = report_json_pieces(
                run.basis,
                run.generated,
                contents,
                run.verdict,
                run.case,
                lines,
                lambda key: _row_texts_of_list(contents, key, known, document, lines),
            )
            document.writelines(piece.encode("ascii") for piece in pieces)
        known.save()


def _row_texts_of_list(
    contents: RunContents,
    key: str,
    known: ReportTextsOfLastRun,
    document: BinaryIO,
    lines: BinaryIO,
) -> Iterator[RowsAsIndentedJsonAndLines]:
    """Yield the rows of a list of the report, block by block, as the last report has them."""
    rows = rows_of_report_list(contents, key)
    if not isinstance(rows, RowsOnDisk):
        yield from (report_rows_as_json_and_json_lines(key, (row,)) for row in rows)
        return
    for number, digest in block_numbers_and_digests(key, rows):
        texts = known.text_of_row_block_in_each_document(digest)
        made = (
            report_rows_as_json_and_json_lines(key, rows.rows_of_block(number))
            if texts is None
            else RowsAsIndentedJsonAndLines(texts[0].decode("ascii"), texts[1])
        )
        yield made
        # Both are written by now.
        sizes = len(made.indented), len(made.lines)
        ends = document.tell(), lines.tell()
        known.note_places_of_block_in_documents(
            digest, [(end - size, size) for end, size in zip(ends, sizes, strict=True)]
        )


def _flights_csv_pieces(
    flights: Sequence[FlightRow], known: ReportTextsOfLastRun, stream: BinaryIO
) -> Iterator[bytes]:
    """Yield the table of flights, block by block, as the last table has them."""
    if not isinstance(flights, RowsOnDisk) or not len(flights):
        yield from (line.encode() for line in flights_csv_lines(flights))
        return
    yield flights_csv_head(flights[0]).encode()
    for number, digest in block_numbers_and_digests(FLIGHTS_FILE, flights):
        texts = known.text_of_row_block_in_each_document(digest)
        made = (
            "".join(map(flight_csv_line, flights.rows_of_block(number))).encode()
            if texts is None
            else texts[0]
        )
        yield made
        known.note_places_of_block_in_documents(digest, [(stream.tell() - len(made), len(made))])


def _write_report_pdf_and_return_failure_text(
    contents: RunContents, run: IndexAndReportInputs
) -> str:
    """Write the sheets of a run, or remove those of an earlier one where none are asked for.

    Returns:
        Why they could not be set; empty: they were, or are not asked for.
    """
    path = run.out / REPORT_PDF_FILE
    if not run.pdf:
        path.unlink(missing_ok=True)
        return ""
    from dji_audit.mapper.pdf_sheets import SheetsError, typeset_run_sheets

    report_sha256 = file_sha256(run.out / REPORT_FILE)
    try:
        sheets = typeset_run_sheets(
            contents,
            basis=run.basis,
            generated=run.generated,
            verdict_line=run.verdict.line,
            report_sha256=report_sha256,
            case=run.case,
            positions_moved=run.positions_moved,
        )
    except SheetsError as error:
        return f"{path}: {error}"
    write_atomically(path, (sheets,))
    return ""

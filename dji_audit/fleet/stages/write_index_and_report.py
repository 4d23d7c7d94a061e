"""The documents about a whole run, each written by a worker from the rows on disk.

What it takes to draw an index of many flights is in the memory of the worker and goes with it: the
process that leads the run needs none of it.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from dji_audit import mapper
from dji_audit.basemap.supplied_map import SuppliedMap
from dji_audit.common.atomic_files import open_atomically, write_atomically
from dji_audit.common.case_details import CaseDetails
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.fleet.output_folder import (
    FLIGHTS_FILE,
    INDEX_FILE,
    REPORT_FILE,
    REPORT_LINES_FILE,
    REPORT_PDF_FILE,
)
from dji_audit.fleet.stages.join_logs import load_page_order
from dji_audit.fleet.stages.page_order import PageOrder, rewrite_links_past_missing_pages
from dji_audit.fleet.stored_rows import load_rows_of_run
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions
from dji_audit.report.report_json_and_csv import flights_csv_lines, report_json_pieces
from dji_audit.report.rows import RunContents
from dji_audit.report.run_verdict import RunVerdict
from dji_audit.report.triage import RunTriage


class IndexOrReport(StrEnum):
    """What is written together; the value is the file that a message names."""

    INDEX_PAGE = INDEX_FILE
    #: The report as a document and as lines, the table of flights, and the sheets of the run.
    REPORT = REPORT_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAndReportInputs:
    """What the documents of a run are made from."""

    #: Its rows, as ``save_rows`` leaves them.
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


def write_index_or_report(document: IndexOrReport, run: IndexAndReportInputs) -> str:
    """Write documents of a run; return why they could not be, a sentence; empty: they are there."""
    contents = load_rows_of_run(run.rows_file)
    try:
        if document is IndexOrReport.INDEX_PAGE:
            if run.spool_of_links is not None:
                _link_past_missing_pages(contents, run, load_page_order(run.spool_of_links))
            _write_index_page(contents, run)
            return ""
        _write_report_files(contents, run)
        return _write_report_pdf(contents, run)
    except OSError as error:
        return f"{run.out}: cannot write: {os_error_reason(error)}"


def index_or_report_failure_text(document: IndexOrReport, failure: ItemFailure) -> str:
    """Return why documents are not there whose worker failed."""
    return f"cannot write {document}: {failure.reason}"


WRITE_RUN_DOCUMENT = WorkAndFailureFunctions(
    write_index_or_report, index_or_report_failure_text, has_deadline=False
)


def _link_past_missing_pages(
    contents: RunContents, run: IndexAndReportInputs, order: PageOrder
) -> None:
    """Let the pages of flights link past those that are not there."""
    # Only the name of a page counts: each lies in the folder.
    pages = {it.id: PurePosixPath(it.page).name for it in contents.flights if it.page is not None}
    rewrite_links_past_missing_pages(
        order, pages, run.pages_folder, run.index_link, has_earlier_pages=run.has_earlier_pages
    )


def _write_index_page(contents: RunContents, run: IndexAndReportInputs) -> None:
    pieces = mapper.index_page_html_pieces(
        contents,
        run.triage,
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
    )
    write_atomically(run.index_file, (piece.encode() for piece in pieces))


def _write_report_files(contents: RunContents, run: IndexAndReportInputs) -> None:
    """Write the table of flights, and the report as one document and as lines."""
    lines_of_flights = flights_csv_lines(contents.flights)
    write_atomically(run.out / FLIGHTS_FILE, (line.encode() for line in lines_of_flights))
    with (
        open_atomically(run.out / REPORT_LINES_FILE) as lines,
        open_atomically(run.out / REPORT_FILE) as document,
    ):
        # In one go through the rows.
        pieces = report_json_pieces(
            run.basis, run.generated, contents, run.verdict, run.case, lines
        )
        document.writelines(piece.encode() for piece in pieces)


def _write_report_pdf(contents: RunContents, run: IndexAndReportInputs) -> str:
    """Write the sheets of a run, or remove those of an earlier one where none are asked for.

    Returns:
        Why they could not be set; empty: they were, or are not asked for.
    """
    path = run.out / REPORT_PDF_FILE
    if not run.pdf:
        path.unlink(missing_ok=True)
        return ""
    from dji_audit.mapper.pdf_sheets import SheetsError, typeset_run_sheets

    with (run.out / REPORT_FILE).open("rb") as report:
        report_sha256 = hashlib.file_digest(report, "sha256").hexdigest()
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

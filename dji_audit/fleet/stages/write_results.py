"""The last stage: the files of a run, each of which a reader sees whole or not at all."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from dji_audit import mapper
from dji_audit.basemap.unit_map import UnitMap
from dji_audit.common.atomic_files import open_atomically, write_atomically
from dji_audit.exports import ExportBasis, ExportError, StoredFlight, stored_flight_parts
from dji_audit.fleet.output_folder import (
    FLIGHTS_FILE,
    INDEX_FILE,
    PDF_SUFFIX,
    REPORT_FILE,
    REPORT_LINES_FILE,
    REPORT_PDF_FILE,
    OutputError,
    redacted_fixes_file,
    remove_unfinished_mark,
)
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.contacts_without_flight import NO_FLIGHT
from dji_audit.fleet.stages.finished_run import FinishedRun
from dji_audit.fleet.stages.page_order import skip_missing_pages
from dji_audit.fleet.stages.run_options import RunOptions
from dji_audit.fleet.worker import INDEX_LINK
from dji_audit.report.documents import flights_csv_lines


def write_exports(
    finished: FinishedRun,
    audited: FlightsAudited,
    options: RunOptions,
    spool: Path,
    *,
    has_contacts: bool,
) -> tuple[Path, ...]:
    """Write the exports of a run, and return their files.

    Args:
        finished: The run.
        audited: What came of its flights.
        options: What the user chose.
        spool: Where the parts of the exports lie.
        has_contacts: Whether there are contacts of no flight among them.

    Raises:
        OutputError: If they cannot be written, or what they hold of a flight could not be saved.
    """
    target = options.exports
    if target is None:
        return ()
    if audited.export_failure:
        raise OutputError(audited.export_failure)
    flights = [
        StoredFlight(it.id, it.stem, partial(stored_flight_parts, spool, it.id))
        for it in audited.shorts_in_order()
    ]
    beside = [
        StoredFlight(NO_FLIGHT, NO_FLIGHT, partial(stored_flight_parts, spool, NO_FLIGHT))
    ] * (has_contacts and target.flight is None)
    basis = ExportBasis(
        tool_version=finished.basis.tool_version,
        policy_name=finished.basis.policy_name,
        policy_version=finished.basis.policy_version,
        generated=options.generated,
        case=options.case,
    )
    try:
        return target.write(flights, basis, *beside)
    except ExportError as error:
        raise OutputError(str(error)) from error


def write_results(
    finished: FinishedRun,
    audited: FlightsAudited,
    options: RunOptions,
    pages_folder: Path,
    earlier_pages: frozenset[str],
    basemaps: Sequence[UnitMap],
) -> None:
    """Write the index, the table of flights and the report beside the pages.

    Raises:
        OSError: If one cannot be written.
        OutputError: If the sheets of the run cannot be set.
    """
    contents, out = finished.contents, pages_folder.parent
    pages = audited.pages
    if audited.page_order is not None:
        skip_missing_pages(audited.page_order, pages, pages_folder, INDEX_LINK)
    index_page = mapper.index_page_pieces(
        contents,
        basis=finished.basis,
        generated=options.generated,
        verdict_line=finished.verdict.line,
        local_zone=options.timezone,
        case=options.case,
        tracks=audited.map_tracks,
        basemaps=basemaps,
        positions_moved=options.redaction is not None,
        flights_without_page=finished.flights_without_page,
    )
    write_atomically(out / INDEX_FILE, (piece.encode() for piece in index_page))
    write_atomically(
        out / FLIGHTS_FILE, (line.encode() for line in flights_csv_lines(contents.flights))
    )
    _write_report(finished, out)
    for track in finished.redaction.tracks if finished.redaction is not None else ():
        if track.fixes_csv:
            path = redacted_fixes_file(out, track.flight)
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, track.fixes_csv)
    drawn = set(pages.values())
    for name in earlier_pages - drawn:
        (pages_folder / name).unlink(missing_ok=True)
    for name in earlier_pages if not options.pdf else earlier_pages - drawn:
        (pages_folder / name).with_suffix(PDF_SUFFIX).unlink(missing_ok=True)
    _write_report_pdf(finished, options, out / REPORT_PDF_FILE)
    remove_unfinished_mark(out)


def _write_report(finished: FinishedRun, out: Path) -> None:
    """Write the report as one document and as lines, in one go through the rows."""
    with (
        open_atomically(out / REPORT_LINES_FILE) as lines,
        open_atomically(out / REPORT_FILE) as document,
    ):
        document.writelines(piece.encode() for piece in finished.report_pieces(lines))


def _write_report_pdf(finished: FinishedRun, options: RunOptions, path: Path) -> None:
    """Write the sheets of a run, or remove those of an earlier one where none are asked for."""
    if not options.pdf:
        path.unlink(missing_ok=True)
        return
    from dji_audit.mapper.pdf_sheets import SheetsError, draw_run_sheets

    try:
        sheets = draw_run_sheets(
            finished.contents,
            basis=finished.basis,
            generated=options.generated,
            verdict_line=finished.verdict.line,
            report=finished.report,
            case=options.case,
            positions_moved=options.redaction is not None,
        )
    except SheetsError as error:
        raise OutputError(f"{path}: {error}") from error
    write_atomically(path, (sheets,))

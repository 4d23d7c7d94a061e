"""The last stage: the files of a run, each of which a reader sees whole or not at all."""

from functools import partial
from pathlib import Path

from dji_audit.common.atomic_files import write_atomically
from dji_audit.exports import (
    ExportError,
    ExportProvenance,
    FlightWithStoredExportParts,
    stored_document_parts_of_flight,
)
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.output_folder import (
    PDF_SUFFIX,
    OutputError,
    raise_first_failure,
    redacted_fixes_csv_path,
    remove_unfinished_marker_file,
)
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.finished_run import FinishedRun
from dji_audit.fleet.stages.fleet_tables_of_run import remove_parquet_tables
from dji_audit.fleet.stages.network_contacts_outside_flights import NO_FLIGHT
from dji_audit.fleet.stages.run_options import RunOptions
from dji_audit.fleet.stages.write_index_and_report import (
    WRITE_RUN_DOCUMENT,
    IndexAndReportInputs,
)
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.redaction import HowRunWasRedacted


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
        FlightWithStoredExportParts(
            it.id, it.stem, partial(stored_document_parts_of_flight, spool, it.id)
        )
        for it in audited.flight_summaries_in_order()
    ]
    beside = [
        FlightWithStoredExportParts(
            NO_FLIGHT, NO_FLIGHT, partial(stored_document_parts_of_flight, spool, NO_FLIGHT)
        )
    ] * (has_contacts and target.flight is None)
    basis = ExportProvenance(
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


def write_documents_of_run(
    run: IndexAndReportInputs,
    audited: FlightsAudited,
    redaction: HowRunWasRedacted | None,
    pages_folder: Path,
    earlier_pages: frozenset[str],
    pool: WorkerPool | DaskPool,
    *,
    has_parquet: bool,
) -> None:
    """Write the index, the table of flights and the report beside the pages, and fleet tables.

    Args:
        run: What they are made from.
        audited: What came of the flights.
        redaction: How the run was redacted; ``None``: it was not.
        pages_folder: Where the pages lie that were drawn.
        earlier_pages: The names of the pages of an earlier run, which go where no page of this
            one has the same.
        pool: The workers.
        has_parquet: Whether the tables of this run lie there as Parquet; those of an earlier run
            go where they do not.

    Raises:
        OSError: If one cannot be written.
        OutputError: If a worker cannot write one; the message says which and why.
    """
    out = run.out
    raise_first_failure(
        pool.results_of_each(WRITE_RUN_DOCUMENT, run.document_kinds_to_write(), run)
    )
    for track in redaction.tracks if redaction is not None else ():
        if track.fixes_csv:
            path = redacted_fixes_csv_path(out, track.flight)
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, track.fixes_csv)
    if not has_parquet:
        remove_parquet_tables(out)
    drawn = frozenset(audited.page_file_names() if earlier_pages else ())
    for name in earlier_pages - drawn:
        (pages_folder / name).unlink(missing_ok=True)
    for name in earlier_pages if not run.pdf else earlier_pages - drawn:
        (pages_folder / name).with_suffix(PDF_SUFFIX).unlink(missing_ok=True)
    remove_unfinished_marker_file(out)

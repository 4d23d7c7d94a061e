"""One run: from paths to a folder with pages, index, table and report."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pydantic import JsonValue

from dji_audit.basemap.supplied_map import SuppliedMap
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import check_policy, provenance_of_policy_catalogue_and_context
from dji_audit.compliance.context import AuditContext, load_audit_context
from dji_audit.exports import ExportError, ExportTarget, MissingExtraError
from dji_audit.fleet.audit_flight_in_worker import (
    WorkerSettings,
    clear_evidence_caches,
    settings_for_auditing,
)
from dji_audit.fleet.containers.container_process import ContainerUnpackingProcess
from dji_audit.fleet.containers.member_copies import MemberCopies
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.decoder_code_digests import ONE_RUN, cached_or_new_decoder_code_digests
from dji_audit.fleet.keys_and_clocks_digests import keys_and_clocks_digests
from dji_audit.fleet.output_folder import (
    INDEX_FILE,
    OutputError,
    prepare_pages_folder_and_list_earlier_pages,
)
from dji_audit.fleet.pages_to_draw_setting import PagesToDraw
from dji_audit.fleet.rows_on_disk import (
    ROWS_FILE,
    RowFile,
    RowsOnDisk,
    load_rows_of_run,
    save_rows_in_state,
)
from dji_audit.fleet.stages.audit_flights import (
    FlightsAudited,
    audit_flights,
    pages_to_draw_or_default,
)
from dji_audit.fleet.stages.file_results_of_last_run import (
    FileResultsOfLastRun,
    save_file_results,
)
from dji_audit.fleet.stages.finished_run import FinishedRun, ReusedAndNewCounts
from dji_audit.fleet.stages.fleet_tables_of_run import (
    InputsForFleetTables,
    write_fleet_tables_in_worker,
    write_parquet_tables_in_worker,
)
from dji_audit.fleet.stages.flight_results_of_last_run import (
    FlightResultsOfLastRun,
    save_flight_results,
)
from dji_audit.fleet.stages.join_logs import join_logs_in_worker
from dji_audit.fleet.stages.judge_run_in_worker import (
    JudgedRun,
    RunToJudge,
    assemble_rows_and_judge_run_in_worker,
)
from dji_audit.fleet.stages.pages_of_map_command import (
    pages_folder_beside_index,
    refuse_unsuitable_output_map_file,
    worker_settings_for_map,
    write_map_page_or_index,
)
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.stages.read_files import FilesRead, read_files
from dji_audit.fleet.stages.rows_of_unaudited_files import unaudited_file_rows
from dji_audit.fleet.stages.run_options import RunOptions
from dji_audit.fleet.stages.times_place_was_in_view import times_place_was_in_view
from dji_audit.fleet.stages.unchanged_run import (
    FinishedRunToRecord,
    are_files_written_by_last_run_untouched,
    delete_last_run_record,
    last_run_if_nothing_changed,
    record_last_run_in_worker,
    sha256_of_run_inputs_besides_evidence,
)
from dji_audit.fleet.stages.write_index_and_report import IndexAndReportInputs
from dji_audit.fleet.stages.write_output_files import write_documents_of_run, write_exports
from dji_audit.fleet.state.remove_unused_results import remove_and_count_unused_results
from dji_audit.fleet.state.run_ledger import RunLedger
from dji_audit.fleet.state.state_folder import (
    StoreAndLedger,
    file_hashes_of_earlier_runs,
    open_named_or_temporary_state,
)
from dji_audit.fleet.tables.parquet_files import PARQUET_NEEDS_PYARROW, can_write_parquet
from dji_audit.fleet.temporary_files_for_workers import (
    open_temporary_run_folder,
    save_audit_context,
    save_keychains_and_return_paths,
)
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.ingest import InputFilesAndKeychains, find_input_files_and_keychains
from dji_audit.ingest.dry_run_scan import EvidenceDryRun
from dji_audit.ingest.input_files import DiscoveredFiles, InputFile
from dji_audit.mapper.is_typst_installed import TYPST_IS_MISSING, is_typst_installed
from dji_audit.redaction import (
    HowRunWasRedacted,
    PositionRedactionMethod,
    RedactionMethodAndKey,
    redaction_keyed_by_evidence_file,
)
from dji_audit.report.json_values import as_json_value
from dji_audit.report.quarantine import LASTING_CAUSES
from dji_audit.report.rows import FileRow

#: From so many on, what each of the last stages takes is worth workers of its own.
_MANY_FLIGHTS = 200

__all__ = [
    "FinishedRun",
    "PagesToDraw",
    "Progress",
    "ReusedAndNewCounts",
    "RunOptions",
    "audit_paths",
]


def audit_paths(
    paths: Sequence[Path],
    options: RunOptions,
    progress: Progress | None = None,
    on_scan: Callable[[EvidenceDryRun], None] | None = None,
) -> FinishedRun:
    """Audit everything below some paths, and write the results if a folder is given.

    Args:
        paths: Files and folders.
        options: What the user chose.
        progress: Called with files done, files in all, and the file's name.
        on_scan: Called once, before anything is read, with what there is.

    Raises:
        PolicyError: If the policy names an unknown rule or parameter.
        SuppliedFileError: If a file that the unit supplies cannot be used.
        OutputError: If the results cannot be written where the user wants them.
    """
    context = load_audit_context(options.context_files, options.run_date)
    flights_rest_on = _dependencies_of_flight_results(options, context)
    settings = sha256_of_run_inputs_besides_evidence(paths, options, flights_rest_on)
    if (unchanged := last_run_if_nothing_changed(paths, options, settings, progress)) is not None:
        return unchanged
    _refuse_unsuitable_options(options, paths)
    supplied = {path.resolve(): kind for path, kind in options.context_files.files_and_kinds()}
    # A cluster does the work elsewhere, and containers are unpacked here.
    jobs = max(options.jobs, int(options.scheduler is not None))
    containers = ContainerUnpackingProcess(jobs, options.timeout_s)
    files = find_input_files_and_keychains(
        paths,
        options.ingest,
        supplied.keys(),
        file_hashes_of_earlier_runs(options.state, options.trust_mtime),
        containers.reading,
    )
    if on_scan is not None:
        scan = containers.evidence_dry_run_of_inputs(files, options.ingest)
        if scan is not None:
            on_scan(scan)
    # Before anything is written.
    are_results_untouched = options.state is not None and are_files_written_by_last_run_untouched(
        options.state, options.out
    )
    pages_folder, earlier_pages = (
        prepare_pages_folder_and_list_earlier_pages(options.out, paths)
        if options.out
        else (None, frozenset[str]())
    )
    if options.map_file is not None:
        pages_folder = pages_folder_beside_index(options.map_file)
    context_inputs = _context_file_kinds_by_name(files.discovered.inputs, supplied)
    left_out = files.originals_by_duplicate_name.keys() | context_inputs.keys()
    to_read = [item for item in files.discovered.inputs if item.name not in left_out]
    redaction = _redaction_of_run(options.redaction, to_read)
    with (
        _clear_caches_on_exit(),
        open_temporary_run_folder(paths, parent_of_temporary_folder(options)) as spool,
        open_named_or_temporary_state(options.state, paths, spool) as state,
        _create_worker_pool_of_run(options, paths, spool) as pool,
        containers,
    ):
        save_audit_context(spool, context)
        if options.state is not None:
            delete_last_run_record(options.state)
            pool.finish_running_items_when_interrupted()
        run = _RunInProgress(
            paths=paths,
            options=options,
            progress=progress,
            context=context,
            flights_rest_on=flights_rest_on,
            files=files,
            context_inputs=context_inputs,
            to_read=to_read,
            are_results_untouched=are_results_untouched,
            spool=spool,
            state=state,
            pool=pool,
        )
        worker_settings = _worker_settings(
            options, files, state, spool, pages_folder, redaction, flights_rest_on
        )
        read = _read_all_files(run, worker_settings, containers)
        audited, worker_settings = _join_and_audit_flights_and_extend_settings(
            run, worker_settings, read
        )
        if len(audited.ids) >= _MANY_FLIGHTS:
            pool.replace_workers()
        finished = _judge_run_and_write_exports(run, worker_settings, read, audited)
        if state.ledger is not None:
            finished = _enter_in_ledger_and_return_finished_run(
                finished, state, state.ledger, paths, read, audited, to_read
            )
        if options.state is not None:
            save_rows_in_state(options.state, finished.contents)
        if len(audited.ids) >= _MANY_FLIGHTS:
            pool.replace_workers()
        _write_documents_and_tables(run, worker_settings, finished, audited, earlier_pages)
        if (
            options.state is not None
            and settings is not None
            and _has_only_permanent_failures(finished, audited)
        ):
            run_to_keep = FinishedRunToRecord(
                paths=paths,
                ingest=options.ingest,
                out=options.out,
                settings_sha256=settings,
                verdict=finished.verdict,
                triage=finished.triage,
                basis=finished.basis,
                flights_without_page=finished.flights_without_page,
                files=len(to_read),
                flights=len(audited.ids),
            )
            record_last_run_in_worker(options.state, run_to_keep, pool)
    return finished


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunInProgress:
    """What the stages of a run have in common."""

    paths: Sequence[Path]
    options: RunOptions
    progress: Progress | None
    context: AuditContext
    #: On what the results of a flight depend besides its logs.
    flights_rest_on: Mapping[str, JsonValue]
    files: InputFilesAndKeychains
    #: Name of an input that is a context file and not evidence -> its kind.
    context_inputs: Mapping[str, str]
    #: The inputs that are read, in the order of their indices.
    to_read: Sequence[InputFile]
    #: Whether every file that the last run of the state wrote is as it left it.
    are_results_untouched: bool
    #: Folder of temporary files.
    spool: Path
    state: StoreAndLedger
    pool: WorkerPool | DaskPool


def _read_all_files(
    run: _RunInProgress, settings: WorkerSettings, containers: ContainerUnpackingProcess
) -> FilesRead:
    """Read every file of a run, and keep in its state what came of each.

    Raises:
        OutputError: If something cannot be written.
    """
    options = run.options
    read_settings = settings.settings_for_reading_files()
    read = read_files(
        run.to_read,
        read_settings,
        MemberCopies(run.spool, run.to_read, containers, run.files.file_hashes_by_name),
        options.ingest.passwords,
        run.pool,
        run.progress,
        # A cluster hashes files where it reads them.
        FileResultsOfLastRun.load(options.state, read_settings)
        if options.state is not None and options.scheduler is None
        else None,
    )
    if options.state is not None:
        save_file_results(options.state, read.results_to_keep(), read_settings)
    return read


def _join_and_audit_flights_and_extend_settings(
    run: _RunInProgress, settings: WorkerSettings, read: FilesRead
) -> tuple[FlightsAudited, WorkerSettings]:
    """Join logs to flights, audit each, and keep in the state what came of it.

    Returns:
        The flights, and the settings with what auditing added to them.

    Raises:
        OutputError: If something cannot be written.
        WorkerPoolError: If the logs cannot be joined.
    """
    options = run.options
    joined = join_logs_in_worker(
        read.summaries,
        run.spool,
        options.state,
        run.pool,
        options.camera_timezone,
        has_network_logs=bool(read.network_logs),
    )
    count = len(joined.assemblies)
    if options.map_file is not None:
        settings = worker_settings_for_map(settings, options.map_file, count)
    network = tuple(read.log_with_result_key(log.index) for log in read.network_logs)
    pages = pages_to_draw_or_default(options.pages, count)
    settings = settings_for_auditing(settings, run.flights_rest_on, network, pages)
    audited = audit_flights(
        read,
        joined,
        settings,
        run.pool,
        run.progress,
        FlightResultsOfLastRun.load(options.state)
        if options.state is not None and run.are_results_untouched and options.exports is None
        else None,
    )
    if options.state is not None and options.redaction is None and options.place is None:
        save_flight_results(options.state, audited.results_to_keep())
    return audited, settings


def _judge_run_and_write_exports(
    run: _RunInProgress, settings: WorkerSettings, read: FilesRead, audited: FlightsAudited
) -> FinishedRun:
    """Judge a run, write its exports, and find when a place was in view if one is asked for.

    Raises:
        OutputError: If something cannot be written.
        WorkerPoolError: If a worker cannot do it.
    """
    options, rows_file = run.options, run.spool / ROWS_FILE
    copies = run.files.originals_by_duplicate_name
    judged = assemble_rows_and_judge_run_in_worker(
        RunToJudge(
            read=read,
            audited=audited,
            names_of_files_read=[item.name for item in run.to_read],
            other_rows=_write_file_rows_to_spool(
                run.spool,
                unaudited_file_rows(
                    run.files,
                    options.ingest,
                    run.context_inputs,
                    read.file_row_lookup_by_name(run.to_read, copies),
                ),
            ),
            declared_clocks=options.ingest.clocks,
            app_folders=run.files.discovered.app_folder_remarks,
            fail_on=options.fail_on,
            allow_partial=options.allow_partial,
            rows_file=rows_file,
        ),
        settings,
        run.pool,
    )
    finished = _build_finished_run(judged, audited, run.files.discovered, options, rows_file)
    has_contacts = judged.has_contacts_without_flight
    exported = write_exports(finished, audited, options, run.spool, has_contacts=has_contacts)
    finished = replace(finished, exports=exported)
    if options.place is not None:
        in_view = tuple(times_place_was_in_view(read, audited, settings, run.pool))
        finished = replace(finished, in_view=in_view)
    return finished


def _write_documents_and_tables(
    run: _RunInProgress,
    settings: WorkerSettings,
    finished: FinishedRun,
    audited: FlightsAudited,
    earlier_pages: frozenset[str],
) -> None:
    """Write index, report and tables of a run, whichever the user wants.

    Raises:
        OutputError: If one cannot be written.
    """
    options, spool, pool = run.options, run.spool, run.pool
    # What was moved is no database of a fleet: the tables of the run before stay.
    tables = (
        _inputs_of_fleet_tables_to_write(finished, audited, options, run.paths, spool)
        if settings.keeps_tables
        else None
    )
    pages_folder = settings.pages_folder
    # Of no flight there is no map.
    if pages_folder is not None and (audited.ids or options.map_file is None):
        documents = _inputs_of_index_and_report(
            finished, audited, options, run.context.basemaps, spool, pages_folder, tables
        )
        _write_pages_and_report(documents, finished, audited, options, earlier_pages, pool)
    elif tables is not None and options.state is not None:
        write_fleet_tables_in_worker(options.state, tables, pool)
    if tables is not None and options.parquet and options.out is not None:
        write_parquet_tables_in_worker(options.out, options.state, tables, pool)


def _refuse_unsuitable_options(options: RunOptions, paths: Sequence[Path]) -> None:
    """Refuse what cannot be done before anything is read.

    Raises:
        PolicyError: If the policy names an unknown rule or parameter.
        OutputError: If something cannot be written.
    """
    check_policy(options.policy)
    if options.pdf and not is_typst_installed():
        raise OutputError(TYPST_IS_MISSING)
    if options.parquet and not can_write_parquet():
        raise OutputError(PARQUET_NEEDS_PYARROW)
    _refuse_unwritable_exports(options.exports, paths)
    if options.map_file is not None:
        refuse_unsuitable_output_map_file(options.map_file, paths)


def _worker_settings(
    options: RunOptions,
    files: InputFilesAndKeychains,
    state: StoreAndLedger,
    spool: Path,
    pages_folder: Path | None,
    redaction: RedactionMethodAndKey | None,
    flights_rest_on: Mapping[str, JsonValue],
) -> WorkerSettings:
    """Return what a worker needs to know of a run; keychains in containers go to the spool."""
    return WorkerSettings(
        options.policy,
        replace(
            options.ingest,
            keychains=save_keychains_and_return_paths(spool, files.keychains),
            clocks=files.clocks,
            passwords=(),
        ),
        pages_folder,
        options.generated,
        options.timezone,
        spool,
        state.store,
        read_basis=keys_and_clocks_digests(options.ingest, files.keychains, files.clocks),
        code=cached_or_new_decoder_code_digests(options.state)
        if options.state is not None
        else ONE_RUN,
        case=options.case,
        pdf=options.pdf,
        plots=options.plots,
        exports=options.exports,
        redaction=redaction,
        keeps_tables=redaction is None and (options.state is not None or options.parquet),
        place=options.place,
    )


def _has_only_permanent_failures(finished: FinishedRun, audited: FlightsAudited) -> bool:
    """Return whether the same run again would give the same: what went wrong is tried again."""
    return not (
        audited.failures
        or audited.page_failures
        or any(file.cause not in LASTING_CAUSES for file in finished.triage.quarantined)
    )


def _enter_in_ledger_and_return_finished_run(
    finished: FinishedRun,
    state: StoreAndLedger,
    ledger: RunLedger,
    paths: Sequence[Path],
    read: FilesRead,
    audited: FlightsAudited,
    to_read: Sequence[InputFile],
) -> FinishedRun:
    """Enter a run in the ledger and sweep its store; return it with what was known before."""
    removed = ledger.removed_files(paths, frozenset(row.name for row in finished.contents.files))
    ledger.add_run(paths, finished.contents.files, quarantined=finished.triage.quarantined)
    ledger.add_hashed_files(read.resolved_paths_and_hashes(to_read))
    used = chain(
        read.iterate_stage_and_key_of_used_results(),
        audited.iterate_stage_and_key_of_used_results(),
    )
    kept = ReusedAndNewCounts(
        read.known_count,
        len(to_read) - read.known_count,
        audited.known_count,
        len(audited.ids) - audited.known_count,
        removed,
        len(read.trusted),
        remove_and_count_unused_results(state.store, ledger, used),
    )
    return replace(finished, kept=kept)


def _inputs_of_fleet_tables_to_write(
    finished: FinishedRun,
    audited: FlightsAudited,
    options: RunOptions,
    paths: Sequence[Path],
    spool: Path,
) -> InputsForFleetTables:
    """Return what the tables of a run are made from."""
    return InputsForFleetTables(
        rows_file=spool / ROWS_FILE,
        rows_of_flights=audited.table_rows,
        basis=finished.basis,
        spool=spool,
        generated=options.generated,
        paths=paths,
        results_folder=options.out,
    )


def _write_pages_and_report(
    run: IndexAndReportInputs,
    finished: FinishedRun,
    audited: FlightsAudited,
    options: RunOptions,
    earlier_pages: frozenset[str],
    pool: WorkerPool | DaskPool,
) -> None:
    """Write the map of a run, or its index, tables and report.

    Raises:
        OutputError: If they cannot be written.
    """
    try:
        if options.map_file is not None:
            write_map_page_or_index(run, audited, run.pages_folder, pool)
            return
        write_documents_of_run(
            run,
            audited,
            finished.redaction,
            run.pages_folder,
            earlier_pages,
            pool,
            has_parquet=options.parquet,
        )
    except OSError as error:
        why, out = os_error_reason(error), options.map_file or options.out
        raise OutputError(f"{out}: cannot write: {why}") from error


def _inputs_of_index_and_report(
    finished: FinishedRun,
    audited: FlightsAudited,
    options: RunOptions,
    basemaps: Sequence[SuppliedMap],
    spool: Path,
    pages_folder: Path,
    tables: InputsForFleetTables | None,
) -> IndexAndReportInputs:
    """Return what the documents of a run are made from."""
    out = pages_folder.parent
    index_file = options.map_file or out / INDEX_FILE
    return IndexAndReportInputs(
        rows_file=spool / ROWS_FILE,
        out=out,
        index_file=index_file,
        index_link=f"../{index_file.name}",
        pages_folder=pages_folder,
        spool_of_links=spool if audited.are_pages_linked else None,
        basis=finished.basis,
        verdict=finished.verdict,
        triage=finished.triage,
        generated=options.generated,
        case=options.case,
        timezone=options.timezone,
        map_tracks=audited.map_tracks,
        basemaps=basemaps,
        place=options.place,
        positions_moved=options.redaction is not None,
        flights_without_page=finished.flights_without_page,
        has_earlier_pages=audited.known_count > 0,
        pdf=options.pdf,
        state=options.state,
        fleet_tables=None if options.state is None or options.map_file is not None else tables,
    )


def parent_of_temporary_folder(options: RunOptions) -> Path | None:
    """Return where temporary files lie: beside the state, where a cluster must see them too.

    Raises:
        OutputError: If a cluster has no state.
    """
    if options.scheduler is None:
        return None
    if options.state is None:
        raise OutputError("a cluster needs --state FOLDER, in a folder that all computers see")
    parent = options.state.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    return parent


def _create_worker_pool_of_run(
    options: RunOptions, paths: Sequence[Path], spool: Path
) -> WorkerPool | DaskPool:
    if options.scheduler is None:
        return WorkerPool(options.jobs, options.timeout_s, results_folder=spool)
    folders = [*paths, *[it for it in (options.out, options.state) if it is not None]]
    return DaskPool(options.scheduler, options.timeout_s, folders)


def _build_finished_run(
    judged: JudgedRun,
    audited: FlightsAudited,
    discovered: DiscoveredFiles,
    options: RunOptions,
    rows_file: Path,
) -> FinishedRun:
    """Return a run that was judged, with its rows as they lie in a file.

    Raises:
        OutputError: If the file cannot be opened.
    """
    run_redaction = None
    if options.redaction is not None and judged.redacted_texts is not None:
        stated = frozenset(value for _, value in options.case.labelled_values())
        run_redaction = HowRunWasRedacted(
            options.redaction, judged.redacted_texts, audited.redacted, stated
        )
    without_page = 0
    if options.out is not None or options.map_file is not None:
        drawable = len(audited.ids) - len(audited.failures) - len(audited.page_failures)
        without_page = max(drawable - audited.page_count, 0)
    return FinishedRun(
        load_rows_of_run(rows_file),
        judged.verdict,
        judged.triage,
        judged.basis,
        discovered,
        options.generated,
        options.case,
        redaction=run_redaction,
        flights_without_page=without_page,
    )


def _write_file_rows_to_spool(spool: Path, rows: Iterable[FileRow]) -> RowsOnDisk[FileRow]:
    """Return rows in a file of the spool.

    Raises:
        OutputError: If they cannot be written.
    """
    try:
        stored: RowsOnDisk[FileRow] = RowsOnDisk(RowFile(spool))
        stored.add_rows(rows)
    except OSError as error:
        raise OutputError(f"cannot write temporary files: {os_error_reason(error)}") from error
    return stored


def _dependencies_of_flight_results(
    options: RunOptions, context: AuditContext
) -> dict[str, JsonValue]:
    """Return on what the results of a flight depend besides its logs."""
    return {
        "basis": as_json_value(provenance_of_policy_catalogue_and_context(options.policy, context)),
        "devices": list(context.devices),
        "cameras": [repr(camera) for camera in context.cameras],
        "today": str(context.today),
        "generated": str(options.generated),
        "timezone": options.timezone,
        "camera_timezone": options.camera_timezone,
        "case": as_json_value(options.case),
        "is_drawn": options.out is not None or options.map_file is not None,
        "pdf": options.pdf,
        # Pages list them in this order.
        "plots": [*options.plots],
    }


@contextmanager
def _clear_caches_on_exit() -> Iterator[None]:
    """Leave no evidence in the caches of this process, however a run ends."""
    try:
        yield
    finally:
        clear_evidence_caches()


def _context_file_kinds_by_name(
    inputs: Sequence[InputFile], supplied: Mapping[Path, str]
) -> dict[str, str]:
    """Return the names of inputs that are context files and not evidence, each with its kind."""
    return {
        item.name: supplied[path]
        for item in inputs
        if item.member is None and (path := item.path.resolve()) in supplied
    }


def _redaction_of_run(
    method: PositionRedactionMethod | None, inputs: Sequence[InputFile]
) -> RedactionMethodAndKey | None:
    """Return how a run is redacted, with a key that only the evidence gives; ``None``: not.

    Raises:
        OutputError: If no file of the evidence can be read.
    """
    if method is None:
        return None
    for item in sorted(inputs, key=lambda item: item.name):
        try:
            return redaction_keyed_by_evidence_file(method, item.path)
        except OSError:
            continue
    raise OutputError("nothing can be redacted: no file of the evidence can be read")


def _refuse_unwritable_exports(target: ExportTarget | None, paths: Sequence[Path]) -> None:
    """Refuse exports that cannot be written, before anything is read.

    Raises:
        OutputError: If they cannot.
    """
    if target is None:
        return
    try:
        target.refuse_unwritable_target(paths)
    except (ExportError, MissingExtraError) as error:
        raise OutputError(str(error)) from error

"""One run: from paths to a folder with pages, index, table and report."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import pandas as pd
from pydantic import JsonValue

from dji_audit import mapper
from dji_audit.basemap.unit_map import UnitMap
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import (
    AuditBasis,
    audit_basis,
    check_policy,
    contact_match_settings,
)
from dji_audit.compliance.context import (
    NO_CONTEXT,
    AuditContext,
    ContextFiles,
    load_audit_context,
)
from dji_audit.compliance.findings import Severity
from dji_audit.compliance.network import ContactMatchSettings, collect_contacts_without_flight
from dji_audit.compliance.policy import Policy
from dji_audit.exports import (
    ExportBasis,
    ExportError,
    ExportTarget,
    MissingExtraError,
    StoredFlight,
    exported_contacts,
    save_contact_parts,
    stored_flight_parts,
)
from dji_audit.fleet.container_rows import container_rows, keychains_file_row, with_container
from dji_audit.fleet.file_rows import copy_file_row, left_out_file_rows, supplied_file_row
from dji_audit.fleet.member_copies import IndexedInput, MemberCopies
from dji_audit.fleet.output_folder import (
    FLIGHTS_FILE,
    INDEX_FILE,
    PDF_SUFFIX,
    REPORT_FILE,
    REPORT_PDF_FILE,
    OutputError,
    prepare_output,
    redacted_fixes_file,
    remove_unfinished_mark,
)
from dji_audit.fleet.page_order import neighbours_of_flights, skip_missing_pages
from dji_audit.fleet.read_file import (
    READ_FILE,
    FileResult,
    IndexedNetworkLog,
    file_index_of_log,
)
from dji_audit.fleet.reading_code import ONE_RUN, reading_code
from dji_audit.fleet.spool import open_spool, save_audit_context, save_keychains
from dji_audit.fleet.state_folder import open_state
from dji_audit.fleet.stored_rows import RowFile, StoredRows, save_rows_in_state
from dji_audit.fleet.tables import write_tables_of_run
from dji_audit.fleet.worker import (
    AUDIT_FLIGHT,
    INDEX_LINK,
    FlightResult,
    FlightToAudit,
    WorkerSettings,
    clear_evidence_caches,
    context_with_network_logs,
)
from dji_audit.fleet.worker_pool import WorkerPool
from dji_audit.flights import ClockAlignment, JoinResult, join_logs
from dji_audit.ingest import DEFAULT_SETTINGS, IngestSettings, InputFiles, find_input_files
from dji_audit.ingest.input_files import LINK_NOT_FOLLOWED, DiscoveredFiles, InputFile
from dji_audit.ingest.scan import EvidenceScan, scan_input_files
from dji_audit.mapper.typst_installed import TYPST_IS_MISSING, is_typst_installed
from dji_audit.media import MediaFile, group_by_capture
from dji_audit.redaction import (
    Redaction,
    RedactionMethod,
    RunRedaction,
    redact_run,
    redact_value,
    redaction_for_evidence,
    texts_of_run,
)
from dji_audit.report.declared_clocks import declared_clock_rows
from dji_audit.report.documents import flights_csv, report_json
from dji_audit.report.json_values import as_json, iso_utc
from dji_audit.report.network_contacts import ContactRow, contact_rows_of_logs_without_flight
from dji_audit.report.rows import (
    PAGE_NOT_WRITTEN,
    FileRow,
    FileStatus,
    FlightVerdict,
    RuleRow,
    RunContents,
    media_capture_row,
)
from dji_audit.report.verdict import DID_NOT_FLY, RunVerdict, judge_run

#: Key of the contacts of network logs that record no time of a flight, among the exports.
_NO_FLIGHT = "no-flight"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a user may choose for a run."""

    policy: Policy
    #: How files are found and opened.
    ingest: IngestSettings = DEFAULT_SETTINGS
    out: Path | None = None
    #: Worker processes; 0: everything is done in this one.
    jobs: int = 0
    timeout_s: float = 600.0
    fail_on: Severity = Severity.MEDIUM
    allow_partial: bool = False
    generated: dt.datetime | None = None
    #: IANA time zone shown beside UTC; ``None``: that of the place flown.
    timezone: str | None = None
    #: Files that the unit supplies besides the logs.
    context_files: ContextFiles = NO_CONTEXT
    #: IANA time zone that the user declares for local clocks of unknown zone.
    camera_timezone: str | None = None
    #: What a person states of the case.
    case: CaseDetails = NO_CASE_DETAILS
    #: Whether flights and run are drawn as PDF too.
    pdf: bool = False
    #: Records, or ``RECORD.FIELD``, whose numbers can be plotted on pages.
    plots: tuple[str, ...] = ()
    #: What is exported besides, and where to; ``None``: nothing.
    exports: ExportTarget | None = None
    #: What becomes of positions, names and serial numbers before anything is written; ``None``:
    #: they stay.
    redaction: RedactionMethod | None = None
    #: Folder where what a run finds out is kept for the next; ``None``: it goes with the run.
    state: Path | None = None

    @property
    def run_date(self) -> dt.date | None:
        """The date of the run, if the user gave a time."""
        return self.generated.date() if self.generated is not None else None


@dataclass(frozen=True, slots=True)
class KeptResults:
    """How much of a run was known from earlier runs, and what these found that is gone."""

    known_files: int
    read_files: int
    known_flights: int
    audited_flights: int
    #: Files that the last run over the same paths found.
    removed_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The result of a run."""

    contents: RunContents
    verdict: RunVerdict
    basis: AuditBasis
    report: str
    #: The files that were found below the paths.
    evidence: DiscoveredFiles
    #: The exports that were written.
    exports: tuple[Path, ...] = ()
    #: How it was redacted; ``None``: it was not.
    redaction: RunRedaction | None = None
    #: What of it was known from earlier runs; ``None``: nothing is kept from run to run.
    kept: KeptResults | None = None


Progress = Callable[[int, int, str], None]


class _HasFlight(Protocol):
    """A row that states its flight."""

    @property
    def flight(self) -> str | None: ...


_R = TypeVar("_R", bound=_HasFlight)


def audit_paths(
    paths: Sequence[Path],
    options: RunOptions,
    progress: Progress | None = None,
    on_scan: Callable[[EvidenceScan], None] | None = None,
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
    check_policy(options.policy)
    if options.pdf and not is_typst_installed():
        raise OutputError(TYPST_IS_MISSING)
    _check_exports(options.exports, paths)
    context = load_audit_context(options.context_files, options.run_date)
    supplied = {path.resolve(): kind for path, kind in options.context_files.files()}
    files = find_input_files(paths, options.ingest, supplied.keys())
    if on_scan is not None:
        on_scan(scan_input_files(files, options.ingest))
    discovered, copies = files.discovered, files.copies
    pages_folder, earlier_pages = (
        prepare_output(options.out, paths) if options.out else (None, frozenset[str]())
    )
    context_inputs = _context_files_among(discovered.inputs, supplied)
    to_read = [
        item
        for item in discovered.inputs
        if item.name not in copies and item.name not in context_inputs
    ]
    redaction = _redaction_of_run(options.redaction, to_read)
    with (
        _clear_caches_on_exit(),
        open_spool(paths) as spool,
        open_state(options.state, paths, spool) as state,
        WorkerPool(options.jobs, options.timeout_s) as pool,
    ):
        worker_settings = WorkerSettings(
            options.policy,
            replace(
                options.ingest,
                keychains=save_keychains(spool, files.keychains),
                clocks=files.clocks,
                passwords=(),
            ),
            pages_folder,
            options.generated,
            options.timezone,
            spool,
            state.store,
            read_basis=_read_basis(options, files),
            code=reading_code(options.state) if options.state is not None else ONE_RUN,
            audit_basis=_audit_basis(options, context),
            case=options.case,
            pdf=options.pdf,
            plots=options.plots,
            exports=options.exports,
            redaction=redaction,
            keeps_tables=options.state is not None and redaction is None,
        )
        save_audit_context(spool, context)
        if options.state is not None:
            pool.finish_running_items_when_interrupted()
        results = _read_and_audit(
            to_read,
            worker_settings,
            options.ingest.passwords,
            pool,
            options.camera_timezone,
            progress,
        )
        finished = _compile_run(
            results,
            _unaudited_file_rows(files, options.ingest, context_inputs, results.file_results),
            discovered,
            options,
            context,
            redaction,
        )
        exported = _write_exports(finished, results, options, spool)
        finished = replace(finished, exports=exported)
        if state.ledger is not None:
            names = frozenset(row.name for row in finished.contents.files)
            removed = state.ledger.removed_files(paths, names)
            finished = replace(finished, kept=_kept_results(results, removed))
            state.ledger.add_run(paths, finished.contents.files)
        if options.state is not None:
            save_rows_in_state(options.state, finished.contents)
            # What was moved is no database of a fleet: the tables of the run before stay.
            if options.redaction is None:
                write_tables_of_run(
                    options.state,
                    finished.contents,
                    results.table_rows,
                    finished.basis,
                    context,
                    generated=options.generated,
                    paths=paths,
                    results_folder=options.out,
                )
    if options.out and pages_folder:
        try:
            _write_results(
                finished, results, options, pages_folder, earlier_pages, context.basemaps
            )
        except OSError as error:
            raise OutputError(f"{options.out}: cannot write: {os_error_reason(error)}") from error
    return finished


def _read_basis(options: RunOptions, found: InputFiles) -> dict[str, JsonValue]:
    """Return on what the results of reading a file depend besides the file."""
    ingest = options.ingest
    keychains = [
        hashlib.sha256(it.read_bytes() if isinstance(it, Path) else it.data).hexdigest()
        for it in found.keychains
    ]
    kept_keys = sorted(ingest.key_store.rglob("*")) if ingest.key_store is not None else []
    keychains += [_key_file_text(path) for path in kept_keys if path.is_file()]
    return {
        "keychains": [*sorted(keychains)],
        "passwords": [*sorted(hashlib.sha256(it).hexdigest() for it in ingest.passwords)],
        "clocks": [repr(clock) for clock in found.clocks],
    }


def _key_file_text(path: Path) -> str:
    """Return a file of a key store by its name, which says for what it is, and its content."""
    try:
        return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except OSError as error:
        # A log that needs it states that it cannot be read.
        return f"{path.name} {os_error_reason(error)}"


def _audit_basis(options: RunOptions, context: AuditContext) -> dict[str, JsonValue]:
    """Return on what the results of a flight depend besides its logs."""
    return {
        "basis": as_json(audit_basis(options.policy, context)),
        "devices": list(context.devices),
        "cameras": [repr(camera) for camera in context.cameras],
        "today": str(context.today),
        "generated": str(options.generated),
        "timezone": options.timezone,
        "camera_timezone": options.camera_timezone,
        "case": as_json(options.case),
        "is_drawn": options.out is not None,
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


@dataclass(frozen=True, slots=True)
class _RunResults:
    """The results of every file, and of every flight that the files record."""

    file_results: tuple[FileResult, ...]
    joining: JoinResult
    flight_results: tuple[FlightResult, ...]
    #: Hosts in the network logs that record no time of a flight.
    contacts: tuple[ContactRow, ...] = ()
    #: Id of a flight -> its track on the map of all flights: of many the most urgent.
    map_tracks: Mapping[str, mapper.FlightMapTrack] = field(default_factory=dict)
    #: Id of each flight -> the pages before and after its own.
    neighbours: Mapping[str, mapper.Neighbours] = field(default_factory=dict)
    #: What the tables of a fleet hold besides the rows of the run.
    table_rows: Sequence[object] = ()


def _kept_results(results: _RunResults, removed: tuple[str, ...]) -> KeptResults:
    known_files = sum(it.was_known for it in results.file_results)
    known_flights = sum(it.was_known for it in results.flight_results)
    return KeptResults(
        known_files,
        len(results.file_results) - known_files,
        known_flights,
        len(results.flight_results) - known_flights,
        removed,
    )


def _read_and_audit(
    to_read: Sequence[InputFile],
    settings: WorkerSettings,
    passwords: Sequence[bytes],
    pool: WorkerPool,
    camera_timezone: str | None,
    progress: Progress | None,
) -> _RunResults:
    """Read every file once, join the logs to flights, and audit each flight."""
    file_results = _read_files(to_read, settings, passwords, pool, progress)
    network_logs = [log for file_result in file_results for log in file_result.network_logs]
    keys = {log.index: log for file_result in file_results for log in file_result.logs}
    network = tuple(keys[log.index] for log in network_logs)
    summaries = [summary for file_result in file_results for summary in file_result.summaries]
    joining = join_logs(summaries, camera_timezone)
    flight_results: list[FlightResult] = []
    assemblies = joining.assemblies
    neighbours = (
        neighbours_of_flights(assemblies, summaries)
        if settings.pages_folder and settings.redaction is None
        else {}
    )
    map_tracks: _TracksByFlight = {}
    table_rows: StoredRows[object] = StoredRows(RowFile())
    items = [
        FlightToAudit(
            it,
            neighbours.get(it.id, mapper.Neighbours()),
            tuple(keys[index] for index in it.log_indices),
        )
        for it in assemblies
    ]
    for flight_result in pool.results_of_each(
        AUDIT_FLIGHT, items, replace(settings, network_logs=network)
    ):
        _keep_map_track(map_tracks, flight_result)
        table_rows.add_rows(flight_result.table_rows)
        flight_results.append(replace(flight_result, map_track=None, table_rows=()))
        if progress:
            progress(
                len(flight_results),
                len(assemblies),
                f"flight {assemblies[len(flight_results) - 1].id}",
            )
    contacts: tuple[ContactRow, ...] = ()
    match_settings = contact_match_settings(settings.policy)
    alone = _network_logs_without_flight(network_logs, flight_results, match_settings)
    if alone:
        collected = collect_contacts_without_flight(
            context_with_network_logs(
                replace(settings, network_logs=tuple(keys[index] for index in alone))
            ),
            match_settings,
        )
        contacts = contact_rows_of_logs_without_flight(collected)
        if settings.exports is not None:
            try:
                save_contact_parts(
                    settings.spool,
                    _NO_FLIGHT,
                    exported_contacts(collected),
                    settings.exports.formats,
                )
            except OSError as error:
                why = os_error_reason(error)
                raise OutputError(f"cannot write temporary files: {why}") from error
    return _RunResults(
        tuple(file_results),
        joining,
        tuple(flight_results),
        contacts,
        {flight: track for flight, (_, track) in _most_urgent(map_tracks).items()},
        neighbours,
        table_rows,
    )


_TracksByFlight = dict[str, tuple[FlightVerdict, mapper.FlightMapTrack]]


def _keep_map_track(tracks: _TracksByFlight, result: FlightResult) -> None:
    """Add the track of a flight to those of a run; beyond twice those that a map draws, half go."""
    if result.flight is None or result.map_track is None:
        return
    tracks[result.flight.id] = result.flight.verdict, result.map_track
    if len(tracks) >= 2 * mapper.MAX_MAP_TRACKS:
        kept = _most_urgent(tracks)
        tracks.clear()
        tracks |= kept


def _most_urgent(tracks: _TracksByFlight) -> _TracksByFlight:
    kept = mapper.most_urgent_tracks([(verdict, it) for it, (verdict, _) in tracks.items()])
    return {flight: track for flight, track in tracks.items() if flight in kept}


def _network_logs_without_flight(
    logs: Sequence[IndexedNetworkLog],
    flight_results: Sequence[FlightResult],
    match_settings: ContactMatchSettings,
) -> tuple[int, ...]:
    """Return the network logs whose contacts are those of no flight: they record another time.

    Where there is any flight, contacts without a time are listed with it.
    """
    logs = [log for log in logs if not log.is_of_auditor]
    if not flight_results:
        return tuple(log.index for log in logs)
    windows = [
        (row.window_start, row.window_end)
        for result in flight_results
        if (row := result.network) is not None
    ]
    offset = pd.Timedelta(seconds=match_settings.clock_offset_s)
    return tuple(
        log.index
        for log in logs
        if log.start is not None
        and log.end is not None
        and not any(
            start is not None
            and end is not None
            and start <= log.end + offset
            and log.start + offset <= end
            for start, end in windows
        )
    )


def _read_files(
    to_read: Sequence[InputFile],
    settings: WorkerSettings,
    passwords: Sequence[bytes],
    pool: WorkerPool,
    progress: Progress | None,
) -> list[FileResult]:
    """Read every file, and every member as its container is unpacked; results are in order."""
    copies = MemberCopies(settings.spool, to_read)
    order: list[int] = []

    def indexed_inputs() -> Iterator[IndexedInput]:
        for indexed in copies.indexed_inputs(to_read, passwords):
            order.append(indexed.index)
            yield indexed

    results: list[FileResult] = []
    # One input needs no other process.
    items = list(indexed_inputs()) if len(to_read) < 2 else indexed_inputs()
    for result in pool.results_of_each(READ_FILE, items, settings.for_reading(), copies):
        results.append(result)
        if progress:
            progress(len(results), len(to_read), result.row.name)
    in_order = sorted(zip(order, results, strict=True), key=lambda pair: pair[0])
    return [
        replace(result, row=with_container(result.row, to_read[index]))
        for index, result in in_order
    ]


def _context_files_among(
    inputs: Sequence[InputFile], supplied: Mapping[Path, str]
) -> dict[str, str]:
    """Return the names of inputs that are context files and not evidence, each with its kind."""
    return {
        item.name: supplied[path]
        for item in inputs
        if item.member is None and (path := item.path.resolve()) in supplied
    }


def _unaudited_file_rows(
    files: InputFiles,
    settings: IngestSettings,
    context_inputs: dict[str, str],
    file_results: Iterable[FileResult],
) -> list[FileRow]:
    """Return rows for what is not audited: copies, context files, what could not be opened."""
    discovered, copies = files.discovered, files.copies
    read = {result.row.name: result.row for result in file_results}
    rows = [
        with_container(
            copy_file_row(item, copies[item.name].name, read.get(copies[item.name].name)), item
        )
        for item in discovered.inputs
        if item.name in copies and item.name not in context_inputs
    ]
    rows += [
        supplied_file_row(item.path, item.name, context_inputs[item.name])
        for item in discovered.inputs
        if item.name in context_inputs
    ]
    rows += container_rows(discovered.containers)
    rows += left_out_file_rows(discovered.left_out, settings)
    for path in discovered.unreadable:
        is_link = path.reason == LINK_NOT_FOLLOWED
        status = FileStatus.OTHER if is_link else FileStatus.UNOPENED
        rows.append(FileRow(path.name, status, path.reason, quarantine=path.cause))
    beside = [path for path in files.keychains if path not in settings.keychains]
    rows += [keychains_file_row(item) for item in beside]
    rows += [
        FileRow(path.name, FileStatus.UNREAD, path.reason, path.size, path.sha256, kind="keychains")
        for path in files.rejected_keychains
    ]
    return rows


def _compile_run(
    results: _RunResults,
    other_rows: Sequence[FileRow],
    discovered: DiscoveredFiles,
    options: RunOptions,
    context: AuditContext,
    redaction: Redaction | None,
) -> FinishedRun:
    files = sorted((*_file_rows(results), *other_rows), key=lambda row: row.name)
    flights = sorted(
        (result.flight for result in results.flight_results if result.flight is not None),
        key=lambda flight: (iso_utc(flight.start) or "9", flight.file, flight.id),
    )
    order: dict[str | None, int] = {flight.id: index for index, flight in enumerate(flights)}

    clocks = [clock for result in results.file_results for clock in result.clocks]

    def in_order_of_flights(rows: Iterable[_R]) -> tuple[_R, ...]:
        return tuple(sorted(rows, key=lambda row: order[row.flight]))

    contents = RunContents(
        tuple(files),
        tuple(flights),
        in_order_of_flights(row for result in results.flight_results for row in result.results),
        in_order_of_flights(row for result in results.flight_results for row in result.findings),
        tuple(
            media_capture_row(capture)
            for capture in group_by_capture(_aligned_media_files(results))
        ),
        (
            *in_order_of_flights(
                row for result in results.flight_results for row in result.contacts
            ),
            *results.contacts,
        ),
        in_order_of_flights(
            result.network for result in results.flight_results if result.network is not None
        ),
        _applied_rules(results.flight_results),
        declared_clock_rows(options.ingest.clocks, clocks),
        tuple(clock for clock in clocks if clock.unstated),
        _unmatched_acknowledgements_text(results, context),
        discovered.app_folder_remarks,
        in_order_of_flights(row for result in results.flight_results for row in result.events),
    )
    basis, run_redaction = audit_basis(options.policy, context), None
    if redaction is not None:
        texts = texts_of_run(redaction, contents, context)
        contents, basis = redact_run(contents, texts), redact_value(basis, texts)
        tracks = [it.redacted for it in results.flight_results if it.redacted is not None]
        stated = frozenset(value for _, value in options.case.labelled_values())
        run_redaction = RunRedaction(redaction.method, texts, tuple(tracks), stated)
    verdict = judge_run(contents, options.fail_on, options.allow_partial)
    report = report_json(basis, options.generated, contents, verdict, options.case)
    return FinishedRun(contents, verdict, basis, report, discovered, redaction=run_redaction)


def _redaction_of_run(
    method: RedactionMethod | None, inputs: Sequence[InputFile]
) -> Redaction | None:
    """Return how a run is redacted, with a key that only the evidence gives; ``None``: not.

    Raises:
        OutputError: If no file of the evidence can be read.
    """
    if method is None:
        return None
    for item in sorted(inputs, key=lambda item: item.name):
        try:
            return redaction_for_evidence(method, item.path)
        except OSError:
            continue
    raise OutputError("nothing can be redacted: no file of the evidence can be read")


def _unmatched_acknowledgements_text(results: _RunResults, context: AuditContext) -> str:
    """Return which supplied acknowledgements match no finding of a run; empty: each does."""
    if context.acknowledgements is None:
        return ""
    findings = [row for result in results.flight_results for row in result.findings]
    return context.acknowledgements.unmatched_text(
        {row.acknowledgement.number for row in findings if row.acknowledgement is not None}
    )


def _applied_rules(results: Iterable[FlightResult]) -> tuple[RuleRow, ...]:
    """Return each policy entry once, in the order of the policy."""
    rules = {rule.rule: rule for result in results for rule in result.rules}
    return tuple(rules.values())


def _file_rows(results: _RunResults) -> Iterator[FileRow]:
    """Yield a row for each file that was read: its flights, or why it has none."""
    flights: dict[int, list[str]] = defaultdict(list)
    failures: dict[int, str] = {}
    page_failures: dict[int, str] = {}
    for assembly, result in zip(results.joining.assemblies, results.flight_results, strict=True):
        for index in sorted({file_index_of_log(log_index) for log_index in assembly.log_indices}):
            flights[index].append(assembly.id)
            if result.failure:
                failures[index] = result.failure
            if result.page_failure:
                page_failures[index] = result.page_failure
    unjoined = {
        file_index_of_log(member.log_index): member.alignment.reason
        for member in results.joining.unjoined
    }
    not_aligned = {
        file_index_of_log(member.log_index): member.alignment.reason
        for assembly in results.joining.assemblies
        for member in assembly.members
        if not member.alignment.is_aligned
        and (member.alternative_flights or len(assembly.members) > 1)
    }
    for index, file_result in enumerate(results.file_results):
        row = replace(file_result.row, flights=tuple(flights[index]))
        if index in failures:
            row = replace(
                row, status="unread", reason=f"its flight was not audited: {failures[index]}"
            )
        elif index in page_failures:
            row = replace(
                row,
                status="partial" if row.status == "read" else row.status,
                reason="; ".join(
                    [
                        *[row.reason] * bool(row.reason),
                        f"{PAGE_NOT_WRITTEN}: {page_failures[index]}",
                    ]
                ),
            )
        elif not flights[index] and index in unjoined and not row.reason:
            why = unjoined[index]
            if not why.startswith(DID_NOT_FLY):
                why = f"belongs to no flight: {why}"
            row = replace(row, reason=why)
        elif index in not_aligned and not row.reason:
            row = replace(row, reason=f"clock not aligned: {not_aligned[index]}")
        yield row


def _aligned_media_files(results: _RunResults) -> Iterator[MediaFile]:
    """Yield what media files recorded, with the times and flights found by joining."""
    by_file: dict[int, tuple[ClockAlignment | None, tuple[str, ...]]] = {}
    for assembly, result in zip(results.joining.assemblies, results.flight_results, strict=True):
        alignments = result.clock_alignments or tuple(
            member.alignment for member in assembly.members
        )
        for member, alignment in zip(assembly.members, alignments, strict=True):
            index = file_index_of_log(member.log_index)
            _, ids = by_file.get(index, (None, ()))
            by_file[index] = alignment, tuple(dict.fromkeys((*ids, assembly.id)))
    for index, file_result in enumerate(results.file_results):
        last_alignment, ids = by_file.get(index, (None, ()))
        for stream in file_result.streams:
            yield stream.with_aligned_times(last_alignment, ids)


def _check_exports(target: ExportTarget | None, paths: Sequence[Path]) -> None:
    """Refuse exports that cannot be written, before anything is read.

    Raises:
        OutputError: If they cannot.
    """
    if target is None:
        return
    try:
        target.check(paths)
    except (ExportError, MissingExtraError) as error:
        raise OutputError(str(error)) from error


def _write_exports(
    finished: FinishedRun, results: _RunResults, options: RunOptions, spool: Path
) -> tuple[Path, ...]:
    """Write the exports of a run, and return their files.

    Raises:
        OutputError: If they cannot be written, or what they hold of a flight could not be saved.
    """
    target = options.exports
    if target is None:
        return ()
    stems = {}
    for result in results.flight_results:
        if result.flight is not None:
            stems[result.flight.id] = result.export_stem
            if result.export_failure:
                why = f"{result.flight.id}: cannot export: {result.export_failure}"
                raise OutputError(f"flight {why}")
    flights = [
        StoredFlight(flight.id, stems[flight.id], partial(stored_flight_parts, spool, flight.id))
        for flight in finished.contents.flights
    ]
    beside = [
        StoredFlight(_NO_FLIGHT, _NO_FLIGHT, partial(stored_flight_parts, spool, _NO_FLIGHT))
    ] * bool(results.contacts and target.flight is None)
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


def _write_results(
    finished: FinishedRun,
    results: _RunResults,
    options: RunOptions,
    pages_folder: Path,
    earlier_pages: frozenset[str],
    basemaps: Sequence[UnitMap],
) -> None:
    contents, out = finished.contents, pages_folder.parent
    pages = {it.id: pages_folder / Path(it.page).name for it in contents.flights if it.page}
    skip_missing_pages(results.neighbours, pages, INDEX_LINK)
    index_page = mapper.draw_index_page(
        contents,
        basis=finished.basis,
        generated=options.generated,
        verdict_line=finished.verdict.line,
        local_zone=options.timezone,
        case=options.case,
        tracks=results.map_tracks,
        basemaps=basemaps,
        positions_moved=options.redaction is not None,
    )
    write_atomically(out / INDEX_FILE, index_page)
    write_atomically(out / FLIGHTS_FILE, flights_csv(contents.flights))
    write_atomically(out / REPORT_FILE, finished.report)
    for track in finished.redaction.tracks if finished.redaction is not None else ():
        if track.fixes_csv:
            path = redacted_fixes_file(out, track.flight)
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, track.fixes_csv)
    drawn = {page.name for page in pages.values()}
    for name in earlier_pages - drawn:
        (pages_folder / name).unlink(missing_ok=True)
    for name in earlier_pages if not options.pdf else earlier_pages - drawn:
        (pages_folder / name).with_suffix(PDF_SUFFIX).unlink(missing_ok=True)
    _write_report_pdf(finished, options, out / REPORT_PDF_FILE)
    remove_unfinished_mark(out)

"""The second job of a worker process: merge, audit and draw one flight; rows come back."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

import pandas as pd
from pydantic import JsonValue

from dji_audit import mapper
from dji_audit.camera_view import CameraPoses
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.compliance.network import clear_contact_caches
from dji_audit.compliance.policy import Policy
from dji_audit.exports import ExportTarget, flight_for_export, save_document_parts_of_flight
from dji_audit.fleet.decoder_code_digests import ONE_RUN, DecoderCodeDigests
from dji_audit.fleet.output_folder import PDF_SUFFIX
from dji_audit.fleet.pages_to_draw_setting import PagesToDraw
from dji_audit.fleet.read_file_in_worker import ReadSettings, clear_keyring_cache
from dji_audit.fleet.result_keys import (
    LogWithResultKey,
    flight_result_key,
    program_and_package_versions,
)
from dji_audit.fleet.rows_on_disk import NO_ROWS, EncodedRows, RowKind, encode_rows
from dji_audit.fleet.store import ResultStore, result_key
from dji_audit.fleet.tables.flight_hardware_and_track_rows import (
    flight_component_rows,
    flight_track_row,
)
from dji_audit.fleet.tables.table_rows import RowsOfOneTable, rows_of_each_table
from dji_audit.fleet.temporary_files_for_workers import (
    load_saved_audit_context,
    load_saved_log,
    load_saved_logs_by_index,
)
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions
from dji_audit.flights import (
    AssembledFlight,
    ClockAlignment,
    PointSightingsInFlight,
    find_point_sightings_in_flight,
    merge_flight,
)
from dji_audit.ingest import IngestSettings
from dji_audit.redaction import (
    RedactionMethodAndKey,
    TrackHashFixesAndSensitiveValues,
    values_to_check_redacted_track,
)
from dji_audit.report import flight_rows
from dji_audit.report.event_rows import event_rows_of_flight
from dji_audit.report.flight_location import locate_flight
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.json_values import iso_utc_text
from dji_audit.report.network_contact_rows import (
    NetworkCoverageOfFlightRow,
    contact_rows_of_flight,
    network_coverage_row,
)
from dji_audit.report.rows import FindingRow, FlightRow
from dji_audit.report.rule_outcomes_of_flights import rule_outcomes_of_flight

#: Stage of the store: what came of auditing each flight.
AUDIT_STAGE = "flights"
#: The index, as the pages of the flights link to it.
INDEX_LINK = "../index.html"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a worker needs to know of a run besides the file or the flight."""

    policy: Policy
    ingest: IngestSettings
    #: Folder for the pages; ``None``: no pages are drawn.
    pages_folder: Path | None
    generated: dt.datetime | None
    #: The IANA time zone shown beside UTC; ``None``: that of the place flown.
    timezone: str | None
    #: Folder of temporary files.
    spool: Path
    #: What the stages of the run find out.
    store: ResultStore
    #: On what the results of reading a file depend besides these, and a digest of all that those
    #: of auditing a flight rest on besides its logs.
    read_basis: Mapping[str, JsonValue] = field(default_factory=dict)
    audit_basis_sha256: str = ""
    #: The network logs.
    network_logs: tuple[LogWithResultKey, ...] = ()
    #: What a person states of the case.
    case: CaseDetails = NO_CASE_DETAILS
    #: Whether each flight is drawn as a PDF too, beside its page.
    pdf: bool = False
    #: Records, or ``RECORD.FIELD``, whose numbers can be plotted on pages.
    plots: tuple[str, ...] = ()
    #: What is exported; ``None``: nothing.
    exports: ExportTarget | None = None
    #: How the results are redacted; ``None``: they are not.
    redaction: RedactionMethodAndKey | None = None
    #: Whether the tables of a fleet are kept.
    keeps_tables: bool = False
    #: The code that results of reading rest on.
    code: DecoderCodeDigests = ONE_RUN
    #: Of which flights pages are drawn, if there is a folder for them.
    pages: PagesToDraw = PagesToDraw.ALL
    #: The index, as the pages link to it; ``None``: there is none.
    index_link: str | None = INDEX_LINK
    #: Latitude and longitude whose times in view are found; ``None``: none are.
    place: tuple[float, float] | None = None

    def settings_for_reading_files(self) -> ReadSettings:
        """Return what of it reading a file depends on."""
        # With a state, a later run may draw pages, and must not read for them again.
        is_drawn = self.pages_folder is not None or self.code is not ONE_RUN
        return ReadSettings(
            self.ingest,
            self.spool,
            self.store,
            self.read_basis,
            self.code,
            mapper.names_of_records_to_plot(self.plots) if is_drawn else frozenset(),
        )


#: The kinds of rows of which each flight has its own.
ROW_KINDS_OF_FLIGHT = (
    RowKind.FLIGHT,
    RowKind.RESULT,
    RowKind.FINDING,
    RowKind.EVENT,
    RowKind.CONTACT,
    RowKind.NETWORK_COVERAGE,
)


@dataclass(frozen=True, slots=True)
class FlightSummaryRow:
    """What a run keeps of a flight in memory."""

    id: str
    #: The file that gives its track.
    file: str
    #: ISO 8601 UTC; ``None``: not known.
    start: str | None
    verdict: FlightVerdict
    #: Name of its page and of its own file among the exports, without the suffix.
    stem: str
    has_page: bool
    #: From when to when network logs may record it; ``None``: not known.
    window_start: pd.Timestamp | None
    window_end: pd.Timestamp | None
    #: Numbers of the acknowledgements that match its findings.
    acknowledgements: tuple[int, ...]

    @property
    def page_file(self) -> str:
        """File name of its page; empty: it has none."""
        return f"{self.stem}.html" if self.has_page else ""

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """By what flights are in order: those without a time come last."""
        return self.start or "9", self.file, self.id


@dataclass(frozen=True, slots=True)
class FlightResult:
    """The result of auditing one flight."""

    #: ``None``: it could not be audited.
    short: FlightSummaryRow | None
    #: Its rows of each of ``ROW_KINDS_OF_FLIGHT``.
    rows: Mapping[RowKind, EncodedRows] = field(default_factory=dict)
    #: The policy entries that were applied; the same for every flight.
    rules: EncodedRows = NO_ROWS
    #: The final clock alignment of each of its sources.
    clock_alignments: tuple[ClockAlignment, ...] = ()
    #: Why it could not be audited; empty if it was.
    failure: str = ""
    #: Why its page could not be written; empty if it was, or none was asked for.
    page_failure: str = ""
    #: Why what is exported of it could not be saved; empty if it was, or it is not exported.
    export_failure: str = ""
    #: Its track on the map of all flights; ``None``: it has no position, or no pages are drawn.
    map_track: mapper.FlightMapTrack | None = None
    #: What came of the rules on it, in short.
    rule_outcomes: EncodedRows = NO_ROWS
    #: What the tables of a fleet hold of it; none where no state is kept.
    table_rows: EncodedRows = NO_ROWS
    #: When the place was in view that was asked for; ``None``: none was.
    in_view: PointSightingsInFlight | None = None
    #: By what its redaction is checked; ``None``: it is not redacted.
    redacted: TrackHashFixesAndSensitiveValues | None = None
    #: Whether it was known from an earlier run, so that nothing was audited.
    was_known: bool = False
    #: The key under which it is kept; empty: it is not.
    key: str = ""


@dataclass(frozen=True, slots=True)
class FlightResultAndPageHashes:
    """The result of auditing one flight as it is kept, with the hashes of the files it wrote."""

    result: FlightResult
    #: Name in the folder for pages -> SHA-256; of a page without its links to others, which the
    #: end of a run sets.
    files: Mapping[str, str]

    def are_pages_unchanged(self, pages_folder: Path | None) -> bool:
        """Return whether the page, and the PDF if there is one, are those that were written."""
        if pages_folder is None:
            return not self.files
        try:
            return all(
                _drawn_file_sha256_without_page_links(pages_folder / name) == sha256
                for name, sha256 in self.files.items()
            )
        except OSError:
            return False


def flight_result_with_page_hashes(
    result: FlightResult, pages_folder: Path | None
) -> FlightResultAndPageHashes:
    """Return a result as it is kept.

    Raises:
        OSError: If what was written cannot be read again.
    """
    files = {}
    if pages_folder is not None and result.short is not None and result.short.page_file:
        page = pages_folder / result.short.page_file
        for path in (page, page.with_suffix(PDF_SUFFIX)):
            if path.is_file():
                files[path.name] = _drawn_file_sha256_without_page_links(path)
    return FlightResultAndPageHashes(result, files)


def _drawn_file_sha256_without_page_links(path: Path) -> str:
    """Return the SHA-256 of a file that was drawn, of a page without its links to others.

    Raises:
        OSError: If it cannot be read.
    """
    data = path.read_bytes()
    if path.suffix != PDF_SUFFIX:
        try:
            data = mapper.page_without_links(data.decode("utf-8")).encode("utf-8")
        except ValueError as error:
            raise OSError(f"{path.name} is no longer a page") from error
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class FlightToAudit:
    """A flight before its logs are merged, and the pages before and after its own."""

    assembly: AssembledFlight
    neighbours: mapper.NeighbourPages
    #: The logs of the flight.
    logs: tuple[LogWithResultKey, ...]


def settings_for_auditing(
    settings: WorkerSettings,
    flights_rest_on: Mapping[str, JsonValue],
    network_logs: tuple[LogWithResultKey, ...],
    pages: PagesToDraw,
) -> WorkerSettings:
    """Return what a worker needs to know to audit flights.

    Args:
        settings: What it needs to know of the run.
        flights_rest_on: On what the results of a flight depend besides its logs and these.
        network_logs: The network logs.
        pages: Of which flights pages are drawn.
    """
    redaction = settings.redaction
    basis: dict[str, JsonValue] = {
        **flights_rest_on,
        "program": program_and_package_versions(),
        "pages": pages.value if settings.pages_folder is not None else "",
        # The words that stand for names follow from it.
        "redaction": None
        if redaction is None
        else redaction.replacement_of_name("key", str(redaction.method)),
        "network_logs": [log.key for log in network_logs],
        "has_table_rows": settings.keeps_tables,
        "place": None if settings.place is None else [*settings.place],
    }
    return replace(
        settings,
        network_logs=network_logs,
        pages=pages,
        audit_basis_sha256=result_key(basis),
    )


def result_key_of_flight(item: FlightToAudit, settings: WorkerSettings) -> str:
    """Return the key of the result of a flight."""
    neighbours = [
        None if it is None else (it.href, it.words)
        for it in (item.neighbours.previous, item.neighbours.next)
    ]
    return flight_result_key(
        item.assembly, item.logs, settings.audit_basis_sha256, repr(neighbours)
    )


def cached_or_new_flight_result(item: FlightToAudit, settings: WorkerSettings) -> FlightResult:
    """Return what is known of a flight whose page is still there, or audit it."""
    key = result_key_of_flight(item, settings)
    # Parts of exports are temporary files: they are made anew.
    known = settings.store.get(AUDIT_STAGE, key) if settings.exports is None else None
    if isinstance(known, FlightResultAndPageHashes) and known.are_pages_unchanged(
        settings.pages_folder
    ):
        return replace(known.result, was_known=True, key=key)
    result = merge_and_audit_flight(item, settings)
    if not result.failure and not result.page_failure:
        settings.store.put(
            AUDIT_STAGE, key, flight_result_with_page_hashes(result, settings.pages_folder)
        )
        return replace(result, key=key)
    return result


def merge_and_audit_flight(item: FlightToAudit, settings: WorkerSettings) -> FlightResult:
    """Merge the logs of one flight, audit it and draw its page."""
    assembly = item.assembly
    flight = merge_flight(assembly, load_saved_logs_by_index(settings.store, item.logs))
    context = load_audit_context_with_network_logs(settings)
    page_options = _page_options(settings, item.neighbours)
    rendered = mapper.audit_flight_and_draw_page(
        flight, settings.policy, context, page_options, settings.redaction
    )
    audit, camera = rendered.audit, rendered.camera_poses
    # Redacted, if the run is; what is shown from here on is made of it.
    flight = audit.flight
    page, page_failure = None, rendered.pdf_failure
    if settings.pages_folder is not None and rendered.html is not None:
        try:
            page = _write_page_and_return_relative_path(
                settings.pages_folder,
                flight_rows.page_file_name(audit),
                rendered.html,
                rendered.pdf,
            )
        except OSError as error:
            page_failure = os_error_reason(error)
    export_failure = _save_export_parts_and_return_failure_text(audit, camera, context, settings)
    location = locate_flight(flight, settings.timezone)
    map_track = (
        mapper.flight_map_track(flight, camera)
        if settings.pages_folder is not None or settings.keeps_tables
        else None
    )
    network = network_coverage_row(audit)
    findings = flight_rows.finding_rows_of_flight(audit, location.timezone)
    flight_row = flight_rows.row_of_audited_flight(audit, page, camera, location)
    results = tuple(flight_rows.rule_result_rows_of_flight(audit))
    rows_by_kind: dict[RowKind, Sequence[object]] = {
        RowKind.FLIGHT: (flight_row,),
        RowKind.RESULT: results,
        RowKind.FINDING: findings,
        RowKind.EVENT: tuple(event_rows_of_flight(flight)),
        RowKind.CONTACT: contact_rows_of_flight(audit),
        RowKind.NETWORK_COVERAGE: () if network is None else (network,),
    }
    table_rows: tuple[RowsOfOneTable, ...] = ()
    if settings.keeps_tables:
        track_row = flight_track_row(flight, camera, map_track)
        of_flight = (*flight_component_rows(flight), *([] if track_row is None else [track_row]))
        table_rows = rows_of_each_table(chain(*rows_by_kind.values(), of_flight))
    return FlightResult(
        short=_flight_summary_row(
            flight_row, flight_rows.page_file_name(audit).removesuffix(".html"), network, findings
        ),
        rows={kind: encode_rows(own) for kind, own in rows_by_kind.items()},
        rule_outcomes=encode_rows((rule_outcomes_of_flight(flight_row, results),)),
        rules=encode_rows(flight_rows.rule_rows_of_policy(audit)),
        clock_alignments=tuple(source.alignment for source in flight.sources),
        page_failure=page_failure,
        export_failure=export_failure,
        map_track=map_track if settings.pages_folder is not None else None,
        in_view=find_point_sightings_in_flight(flight.id, flight, camera, settings.place)
        if settings.place is not None
        else None,
        table_rows=encode_rows(table_rows),
        redacted=values_to_check_redacted_track(rendered.redacted)
        if rendered.redacted is not None
        else None,
    )


def _flight_summary_row(
    row: FlightRow,
    stem: str,
    network: NetworkCoverageOfFlightRow | None,
    findings: Iterable[FindingRow],
) -> FlightSummaryRow:
    return FlightSummaryRow(
        id=row.id,
        file=row.file,
        start=iso_utc_text(row.start),
        verdict=row.verdict,
        stem=stem,
        has_page=row.page is not None,
        window_start=None if network is None else network.window_start,
        window_end=None if network is None else network.window_end,
        acknowledgements=tuple(
            sorted({it.acknowledgement.number for it in findings if it.acknowledgement is not None})
        ),
    )


def _save_export_parts_and_return_failure_text(
    audit: FlightAudit, camera: CameraPoses, context: AuditContext, settings: WorkerSettings
) -> str:
    """Save what exports hold of a flight, if it is exported; return why it could not be."""
    flight, target = audit.flight, settings.exports
    if target is None or not target.may_include_flight(flight.id):
        return ""
    is_redacted = settings.redaction is not None
    zones = () if is_redacted else supplied_zones_then_fences_of_flight(flight, context)
    elevation = None if is_redacted else context.elevation
    exported = flight_for_export(audit, camera, zones, elevation)
    try:
        save_document_parts_of_flight(settings.spool, flight.id, exported, target.formats)
    except OSError as error:
        return os_error_reason(error)
    return ""


def failed_flight_result(item: FlightToAudit, failure: ItemFailure) -> FlightResult:
    """Return the result of a flight whose audit went wrong."""
    return FlightResult(None, failure=failure.reason)


AUDIT_FLIGHT = WorkAndFailureFunctions(cached_or_new_flight_result, failed_flight_result)


def load_audit_context_with_network_logs(settings: WorkerSettings) -> AuditContext:
    """Return what flights are checked against, with the network logs."""
    return _load_audit_context(settings.spool, settings.store, settings.network_logs)


@lru_cache(maxsize=1)
def _load_audit_context(
    spool: Path, store: ResultStore, network: tuple[LogWithResultKey, ...]
) -> AuditContext:
    logs = sorted(
        load_saved_logs_by_index(store, network).values(), key=lambda log: log.source.name
    )
    return replace(load_saved_audit_context(spool), network=tuple(logs))


def _page_options(
    settings: WorkerSettings, neighbours: mapper.NeighbourPages
) -> mapper.FlightPageOptions | None:
    if settings.pages_folder is None or settings.pages is PagesToDraw.NONE:
        return None
    return mapper.FlightPageOptions(
        generated=settings.generated,
        timezone=settings.timezone,
        index_link=settings.index_link,
        target=settings.place,
        case=settings.case,
        pdf=settings.pdf,
        neighbours=neighbours,
        plots=settings.plots,
        only_if_needs_look=settings.pages is PagesToDraw.FINDINGS,
    )


def _write_page_and_return_relative_path(
    folder: Path, name: str, html: str, pdf: bytes | None
) -> str:
    """Write a page, and its PDF beside it; return the path of the page relative to the index."""
    write_atomically(folder / name, html)
    if pdf is not None:
        write_atomically((folder / name).with_suffix(PDF_SUFFIX), (pdf,))
    return f"{folder.name}/{name}"


def clear_evidence_caches() -> None:
    """Empty the caches of this process: no log and no key stays in memory after a run."""
    load_saved_log.cache_clear()
    _load_audit_context.cache_clear()
    clear_keyring_cache()
    clear_contact_caches()
    mapper.clear_page_caches()

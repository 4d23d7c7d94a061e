"""The fourth stage: a worker puts the rows of a run together and judges the run.

What became of every file, in which order the flights come and which findings they share takes
memory that grows with the run.  It is that of the worker and goes with it; back come the verdict
and a file of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dji_audit.compliance.audit import (
    AuditInputProvenance,
    provenance_of_policy_catalogue_and_context,
)
from dji_audit.compliance.outcomes import Severity
from dji_audit.fleet.audit_flight_in_worker import WorkerSettings
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.read_file_in_worker import file_index_of_log
from dji_audit.fleet.rows_on_disk import RowsOnDisk, save_rows_of_run, write_rows_to_disk
from dji_audit.fleet.stages.audit_flights import FlightsAudited
from dji_audit.fleet.stages.network_contacts_outside_flights import (
    save_and_return_contact_rows_without_flight,
)
from dji_audit.fleet.stages.read_files import FilesRead
from dji_audit.fleet.stages.report_rows_of_run import assemble_report_rows_of_run
from dji_audit.fleet.temporary_files_for_workers import load_saved_audit_context
from dji_audit.fleet.worker_pool import (
    ItemFailure,
    WorkAndFailureFunctions,
    WorkerPool,
    WorkerPoolError,
)
from dji_audit.redaction import SensitiveTexts, redact_run, redact_value, sensitive_texts_of_run
from dji_audit.report.rows import FileRow, MissingInAppLogFolderRow
from dji_audit.report.run_verdict import RunVerdict, verdict_of_run
from dji_audit.report.triage import RunTriage, triage_of_run
from parsers import DeclaredClock


@dataclass(frozen=True, slots=True, kw_only=True)
class RunToJudge:
    """What the stages before found out, and by what a run is judged."""

    read: FilesRead
    audited: FlightsAudited
    #: The names of the files that were read, in the order of their indices.
    names_of_files_read: Sequence[str]
    #: Of files that were not read: copies, context files, containers.
    other_rows: RowsOnDisk[FileRow]
    #: Clocks that a person declared.
    declared_clocks: Sequence[DeclaredClock]
    #: What folders of apps say by what is missing there.
    app_folders: tuple[MissingInAppLogFolderRow, ...]
    #: The least severity that makes the exit code 1, and whether an incomplete run may exit so.
    fail_on: Severity
    allow_partial: bool
    #: Where the rows go.
    rows_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRun:
    """A run whose rows are in a file."""

    verdict: RunVerdict
    triage: RunTriage
    basis: AuditInputProvenance
    #: What of it is replaced by what; ``None``: it is not redacted.
    redacted_texts: SensitiveTexts | None
    #: Whether there are contacts of no flight.
    has_contacts_without_flight: bool


@dataclass(frozen=True, slots=True)
class _WhyRunNotJudged:
    """Why there is no result."""

    reason: str
    #: Whether the rows could not be written.
    is_about_output: bool = False


def assemble_rows_and_judge_run_in_worker(
    run: RunToJudge, settings: WorkerSettings, pool: WorkerPool | DaskPool
) -> JudgedRun:
    """Let a worker put the rows of a run together and judge it.

    Raises:
        OutputError: If the rows, or temporary files, cannot be written.
        WorkerPoolError: If the worker cannot do it.
    """
    # What the worker has no use for need not travel.
    network_files = {file_index_of_log(log.index) for log in run.read.network_logs}
    network_keys = {index: run.read.result_keys[index] for index in network_files}
    run = replace(
        run,
        read=replace(run.read, result_keys=network_keys, input_digests={}, trusted=set()),
        audited=replace(run.audited, map_tracks={}, result_keys={}),
    )
    (judged,) = pool.results_of_each(_JUDGE_RUN, [run], settings)
    if isinstance(judged, JudgedRun):
        return judged
    if judged.is_about_output:
        raise OutputError(judged.reason)
    raise WorkerPoolError(f"the run could not be judged: {judged.reason}")


def save_rows_and_judge_run_or_return_reason(
    run: RunToJudge, settings: WorkerSettings
) -> JudgedRun | _WhyRunNotJudged:
    """Put the rows of a run together, redacted if the user wants it, and judge it."""
    context = load_saved_audit_context(settings.spool)
    basis, texts = provenance_of_policy_catalogue_and_context(settings.policy, context), None
    try:
        contacts = save_and_return_contact_rows_without_flight(run.read, run.audited, settings)
        contents = assemble_report_rows_of_run(
            run.read,
            run.audited,
            names_of_files_read=run.names_of_files_read,
            other_rows=run.other_rows,
            contacts=contacts,
            declared_clocks=run.declared_clocks,
            app_folders=run.app_folders,
            context=context,
        )
        if settings.redaction is not None:
            texts = sensitive_texts_of_run(settings.redaction, contents, context)
            contents = redact_run(contents, texts, write_rows_to_disk)
            basis = redact_value(basis, texts)
        save_rows_of_run(run.rows_file, contents)
    except OutputError as error:
        return _WhyRunNotJudged(str(error), is_about_output=True)
    return JudgedRun(
        verdict=verdict_of_run(contents, run.fail_on, run.allow_partial),
        triage=triage_of_run(contents),
        basis=basis,
        redacted_texts=texts,
        has_contacts_without_flight=bool(contacts),
    )


def _run_not_judged_from_failure(_: RunToJudge, failure: ItemFailure) -> _WhyRunNotJudged:
    return _WhyRunNotJudged(failure.reason)


_JUDGE_RUN = WorkAndFailureFunctions[RunToJudge, WorkerSettings, JudgedRun | _WhyRunNotJudged](
    save_rows_and_judge_run_or_return_reason, _run_not_judged_from_failure, has_deadline=False
)

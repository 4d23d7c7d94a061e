"""Whether anything has changed since the last run of a state; where nothing has, its result stands.

A run rests on its settings, with the content of every file that the unit supplies, and on the
evidence: what lies below the paths, and the bytes of each file.  The last run leaves a record of
both, and of the files that it wrote.  The same command later lists the folders and hashes every
file; where all of that is as it was, nothing is read, judged or written again.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.fleet.dask_pool import DaskPool
from dji_audit.fleet.keys_and_clocks_digests import keys_and_clocks_digests
from dji_audit.fleet.output_folder import OutputError, raise_first_failure
from dji_audit.fleet.result_keys import program_and_package_versions
from dji_audit.fleet.rows_on_disk import (
    ROWS_FILE,
    load_named_rows_and_text_from_file,
    load_rows_of_run,
    save_named_rows_in_file,
)
from dji_audit.fleet.stages.finished_run import FinishedRun, ReusedAndNewCounts
from dji_audit.fleet.stages.progress_callback import Progress
from dji_audit.fleet.stages.run_options import RunOptions
from dji_audit.fleet.state.run_ledger import LEDGER_FILE, RunLedger
from dji_audit.fleet.state.state_folder import UNFINISHED_FILE, open_state_folder_for_reading
from dji_audit.fleet.store import StoredValueError
from dji_audit.fleet.tables.open_database import TABLES_FOLDER
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions, WorkerPool
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.input_files import (
    FileOnDisk,
    LeaveOutPatterns,
    UnreadablePath,
    find_files,
    hash_files_in_parallel,
)
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.run_verdict import RunVerdict
from dji_audit.report.triage import RunTriage

#: Lies in the state from the end of one run to the beginning of the next that changes anything.
LAST_RUN_FILE = "last-run"
_LAST_RUN = "last run"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRunRecord:
    """On what the last run of a state rests, what it wrote, and what it found in short."""

    #: Digests of its settings, of what lay below the paths, and of what the disk stated of the
    #: files that it wrote.
    settings_sha256: str
    listing_sha256: str
    written_sha256: str
    #: The files, by their resolved paths, that nobody was allowed to read.
    forbidden: tuple[str, ...]
    verdict: RunVerdict
    triage: RunTriage
    basis: AuditInputProvenance
    flights_without_page: int
    #: Files that were read or known, and flights.
    files: int
    flights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRunToRecord:
    """A run that finished, as a worker needs it to record on what it rests."""

    paths: Sequence[Path]
    ingest: IngestSettings
    out: Path | None
    settings_sha256: str
    verdict: RunVerdict
    triage: RunTriage
    basis: AuditInputProvenance
    flights_without_page: int
    files: int
    flights: int


def sha256_of_run_inputs_besides_evidence(
    paths: Sequence[Path], options: RunOptions, audit_basis: Mapping[str, JsonValue]
) -> str | None:
    """Return a digest of all that a run rests on besides the evidence.

    Args:
        paths: What the user named.
        options: What the user chose.
        audit_basis: On what the results of a flight depend besides its logs.

    Returns:
        ``None``: the run is of a kind of which none is recorded.  Beside a file that was named
        others matter that are not listed; exports, maps and redactions are made anew.
    """
    is_recorded = (
        options.state is not None
        and options.redaction is None
        and options.exports is None
        and options.map_file is None
        and options.place is None
        and options.scheduler is None
        and all(path.is_dir() for path in paths)
    )
    if not is_recorded:
        return None
    ingest, out = options.ingest, options.out
    settings = {
        "program": program_and_package_versions(),
        "audit": dict(audit_basis),
        "reading": keys_and_clocks_digests(ingest, ingest.keychains, ingest.clocks),
        "paths": [[str(path), str(path.resolve())] for path in paths],
        "excluded_folders": [str(path) for path in ingest.excluded_folders],
        "leave_out": [*ingest.leave_out],
        "supplied": [[str(path), kind] for path, kind in options.context_files.files_and_kinds()],
        "out": None if out is None else str(out.resolve()),
        "parquet": options.parquet,
        "pages": None if options.pages is None else options.pages.value,
        "fail_on": options.fail_on.value,
        "allow_partial": options.allow_partial,
        # A file that took too long may be read in full with more.
        "timeout_s": options.timeout_s,
        # The report names the files that were not hashed again.
        "trust_mtime": options.trust_mtime,
    }
    return _sha256_of_json(settings)


def delete_last_run_record(state: Path) -> None:
    """Remove the record of the last run: what it wrote is about to change.

    Raises:
        OutputError: If it cannot be removed.
    """
    try:
        (state / LAST_RUN_FILE).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{state / LAST_RUN_FILE}: {error.strerror}") from error


def are_files_written_by_last_run_untouched(state: Path, out: Path | None) -> bool:
    """Return whether every file that the last run of a state wrote is as it left it."""
    if not (state / LAST_RUN_FILE).is_file():
        return False
    last = _load_last_run(state)
    return last is not None and last.written_sha256 == _digest_of_written_files_stat(out, state)


def last_run_if_nothing_changed(
    paths: Sequence[Path], options: RunOptions, settings: str | None, progress: Progress | None
) -> FinishedRun | None:
    """Return the last run of a state again if nothing has changed since; else ``None``.

    Args:
        paths: What the user named.
        options: What the user chose.
        settings: The digest of the settings; ``None``: none is recorded of such a run.
        progress: Told of each file that is hashed.

    Raises:
        OutputError: If the state is used by another run, or cannot be read.
    """
    state = options.state
    if state is None or settings is None or not (state / LAST_RUN_FILE).is_file():
        return None
    with open_state_folder_for_reading(state) as kept:
        last = _load_last_run(state)
        if last is None or (state / UNFINISHED_FILE).exists():
            return None
        if last.settings_sha256 != settings:
            return None
        if last.written_sha256 != _digest_of_written_files_stat(options.out, state):
            return None
        listing = _EvidenceListing.make_by_walking_paths(paths, options.ingest)
        if last.listing_sha256 != listing.sha256:
            return None
        trusted = _trusted_file_count_if_bytes_unchanged(
            listing,
            kept.ledger.file_hashes_by_resolved_path(),
            last,
            progress,
            is_disk_trusted=options.trust_mtime,
        )
        if trusted is None:
            return None
        return FinishedRun(
            load_rows_of_run(state / ROWS_FILE),
            last.verdict,
            last.triage,
            last.basis,
            None,
            options.generated,
            options.case,
            kept=ReusedAndNewCounts(
                last.files, 0, last.flights, 0, (), trusted_files=trusted, stands_unchanged=True
            ),
            flights_without_page=last.flights_without_page,
        )


def record_last_run_in_worker(
    state: Path, run: FinishedRunToRecord, pool: WorkerPool | DaskPool
) -> None:
    """Let a worker record on what a run rests that has just written all its results.

    Raises:
        OutputError: If the record cannot be written.
    """
    raise_first_failure(pool.results_of_each(_RECORD_LAST_RUN, [state], run))


def record_last_run_or_return_reason(state: Path, run: FinishedRunToRecord) -> str:
    """Record on what a run rests; nothing is recorded where a file has changed since it was read.

    Returns:
        Why the record could not be written; empty: it is there, or need not be.
    """
    try:
        ledger = RunLedger(state / LEDGER_FILE)
        known = ledger.file_hashes_by_resolved_path()
        listing = _EvidenceListing.make_by_walking_paths(run.paths, run.ingest)
        not_hashed: list[str] = []
        for path, file in listing.files.items():
            it = known.get(path)
            try:
                status = file.path.stat()
            except OSError:
                return ""
            if it is None:
                not_hashed.append(path)
            elif not it.is_unchanged(status):
                return ""
        # Containers, keychains and copies are hashed by other ways, or by none.
        hashed: list[tuple[str, FileHashAndStat]] = []
        forbidden: list[str] = []
        hashes = hash_files_in_parallel(Path(path) for path in not_hashed)
        for path, now in zip(not_hashed, hashes, strict=True):
            if now is not None:
                hashed.append((path, now))
            elif _is_unreadable_by_permission(path):
                forbidden.append(path)
            else:
                return ""
        ledger.add_hashed_files(hashed)
        lasting = listing.unreadable | {listing.files[path].name for path in forbidden}
        if any(
            it.cause is QuarantineCause.UNREADABLE and it.name not in lasting
            for it in run.triage.quarantined
        ):
            # A disk that failed then reads now.
            return ""
        last = LastRunRecord(
            settings_sha256=run.settings_sha256,
            listing_sha256=listing.sha256,
            written_sha256=_digest_of_written_files_stat(run.out, state),
            forbidden=tuple(forbidden),
            verdict=run.verdict,
            triage=run.triage,
            basis=run.basis,
            flights_without_page=run.flights_without_page,
            files=run.files,
            flights=run.flights,
        )
        save_named_rows_in_file(state / LAST_RUN_FILE, {_LAST_RUN: (last,)})
    except OutputError as error:
        return str(error)
    return ""


def _last_run_recording_failure_text(state: Path, failure: ItemFailure) -> str:
    return f"{state}: on what the run rests could not be recorded: {failure.reason}"


_RECORD_LAST_RUN = WorkAndFailureFunctions(
    record_last_run_or_return_reason, _last_run_recording_failure_text, has_deadline=False
)


def _load_last_run(state: Path) -> LastRunRecord | None:
    """Return the record of the last run; ``None``: it is damaged, or of another version."""
    with suppress(OutputError, StoredValueError):
        rows, _ = load_named_rows_and_text_from_file(state / LAST_RUN_FILE, (_LAST_RUN,))
        (last,) = rows[_LAST_RUN]
        if isinstance(last, LastRunRecord):
            return last
    return None


@dataclass(frozen=True, slots=True)
class _EvidenceListing:
    """What lies below some paths; the bytes of the files are another matter."""

    #: The files that the unit does not leave out, by their resolved paths.
    files: dict[str, FileOnDisk]
    #: The names of what is no file, and of folders that cannot be opened.
    unreadable: frozenset[str]
    #: Of the names of all files and folders, of what is no file that can be read, and of what the
    #: disk states of files that are left out.
    sha256: str

    @classmethod
    def make_by_walking_paths(
        cls, paths: Sequence[Path], ingest: IngestSettings
    ) -> "_EvidenceListing":
        excluded = tuple(folder.resolve() for folder in ingest.excluded_folders)
        unreadable: list[UnreadablePath] = []
        folders: list[str] = []
        files = find_files(paths, excluded, unreadable, folders)
        patterns = LeaveOutPatterns(ingest.leave_out)
        left_out = {it.name for it in files if patterns.matching_pattern(it.name) is not None}
        digest = hashlib.sha256()
        for line in (
            *([it.name, _stat_fields(it.path) if it.name in left_out else 0] for it in files),
            *([it.name, it.reason, it.cause] for it in unreadable),
            folders,
        ):
            digest.update(json.dumps(line).encode() + b"\n")
        roots = [(f"{path}{os.sep}", f"{path.resolve()}{os.sep}") for path in paths]
        kept = {
            _path_with_resolved_root(it.path, roots): it for it in files if it.name not in left_out
        }
        return cls(kept, frozenset(it.name for it in unreadable), digest.hexdigest())


def _path_with_resolved_root(path: Path, roots: Sequence[tuple[str, str]]) -> str:
    """Return the resolved path of a file: no link is followed below the roots."""
    text = str(path)
    for root, resolved in roots:
        if text.startswith(root):
            return resolved + text.removeprefix(root)
    return str(path.resolve())


def _trusted_file_count_if_bytes_unchanged(
    listing: _EvidenceListing,
    hashed_earlier: Mapping[str, FileHashAndStat],
    last: LastRunRecord,
    progress: Progress | None,
    *,
    is_disk_trusted: bool,
) -> int | None:
    """Compare the bytes of every file with what the last run read.

    Returns:
        How many files were trusted to be what the disk states; ``None``: one is not the same.
    """
    trusted: set[str] = set()
    if is_disk_trusted:
        trusted |= {
            path for path in listing.files if _is_unchanged_on_disk(path, hashed_earlier.get(path))
        }
    hashed = hash_files_in_parallel(Path(path) for path in listing.files if path not in trusted)
    for number, (path, file) in enumerate(listing.files.items()):
        if path not in trusted:
            now, earlier = next(hashed), hashed_earlier.get(path)
            if now is None:
                if path not in last.forbidden or not _is_unreadable_by_permission(path):
                    return None
            elif earlier is None or (now.size, now.sha256) != (earlier.size, earlier.sha256):
                return None
        if progress:
            progress(number + 1, len(listing.files), file.name)
    return len(trusted)


def _is_unchanged_on_disk(path: str, earlier: FileHashAndStat | None) -> bool:
    try:
        return earlier is not None and earlier.is_unchanged(Path(path).stat())
    except OSError:
        return False


def _is_unreadable_by_permission(path: str) -> bool:
    """Return whether the rights of a file, and nothing that passes, keep it from being read."""
    return not os.access(path, os.R_OK)


def _digest_of_written_files_stat(out: Path | None, state: Path) -> str:
    """Return a digest of what the disk states of the files that a run wrote.

    Whoever writes to one, or puts another in its place, changes that: the time at which the disk
    last changed what it holds cannot be set.
    """
    roots = [state / TABLES_FOLDER, *([] if out is None else [out])]
    lines = [
        [str(path), _stat_fields(path)]
        for root in roots
        for path in sorted(_iterate_file_paths_below(root))
    ]
    return _sha256_of_json([_stat_fields(state / ROWS_FILE), lines])


def _iterate_file_paths_below(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in names)


def _stat_fields(path: Path) -> list[JsonValue]:
    try:
        it = path.lstat()
    except OSError as error:
        return [error.errno]
    return [it.st_size, it.st_mtime_ns, it.st_ctime_ns, it.st_ino, it.st_mode]


def _sha256_of_json(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()

"""The logs that a command is given: how they are opened, and which could not be read."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import parsers
from dji_audit.cli._options import LogReadingOptions
from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
)
from dji_audit.cli._user_data import open_key_store
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.compliance.declared_clocks import declared_clocks_from_options_and_table
from dji_audit.flights import Flight
from dji_audit.ingest import (
    IngestSettings,
    PasswordFileError,
    UnreadAndLeftOutInputs,
    find_input_files_and_keychains,
    keychain_files_named_by_user,
    load_passwords,
    read_log,
)
from dji_audit.ingest.dry_run_scan import scan_left_out_files
from dji_audit.ingest.evidence_joined_into_flights import (
    EvidenceChangedError,
    EvidenceJoinedIntoFlights,
    UnmergedFlightSummary,
    read_and_join_evidence,
)
from dji_audit.ingest.input_files import (
    LINK_NOT_FOLLOWED,
    LeaveOutPatternError,
    LeaveOutPatterns,
    LeftOutFile,
)
from dji_audit.report.declared_clock_rows import (
    DeclaredClockRow,
    declared_clock_rows,
    log_clock_for_report,
)
from dji_audit.report.file_status import FileStatus
from dji_audit.report.rows import FileRow


def ingest_settings_from_options(options: LogReadingOptions) -> IngestSettings:
    """Return how logs are opened with the keychains and the key store that a user named.

    Raises:
        typer.Exit: If a file or the store cannot be opened.
        parsers.InvalidKeysError: If a file does not hold keychains.
        SuppliedFileError: If a declared clock cannot be used.
    """
    store = open_key_store(options.key_store)
    try:
        keychains = keychain_files_named_by_user(options.keys or ())
        passwords = load_passwords(options.password_file) if options.password_file else ()
    except OSError as error:
        raise print_os_error_and_return_exit(error.filename, error) from error
    except PasswordFileError as error:
        raise print_error_and_return_exit(f"--password-file: {error}") from error
    return IngestSettings(
        keychains=keychains,
        key_store=store.folder if store else None,
        clocks=declared_clocks_from_options_and_table(options.clock or (), options.clocks),
        leave_out=_checked_leave_out_patterns(options),
        passwords=passwords,
    )


def _checked_leave_out_patterns(options: LogReadingOptions) -> tuple[str, ...]:
    patterns = tuple(options.leave_out or ())
    try:
        LeaveOutPatterns(patterns)
    except LeaveOutPatternError as error:
        raise print_error_and_return_exit(f"--leave-out: {error}") from error
    return patterns


def read_one_log(path: Path, settings: IngestSettings) -> parsers.Log:
    """Return the log of a file.

    Raises:
        typer.Exit: If it or the keychains beside it cannot be opened (2), or it is not a log or
            holds several (3).
    """
    for keychains in find_input_files_and_keychains([path], settings).rejected_keychains:
        raise print_error_and_return_exit(f"{path.with_name(keychains.name)}: {keychains.reason}")
    try:
        log = read_log(path, settings)
    except parsers.LogError as error:
        raise print_error_and_return_exit(f"{path}: {error}", ExitCode.NOTHING) from error
    except OSError as error:
        if path.is_dir():
            why = "is a folder; name one log, or a flight in it with --flight"
            raise print_error_and_return_exit(f"{path} {why}") from error
        raise print_os_error_and_return_exit(path, error) from error
    warn_of_unused_clocks(declared_clock_rows(settings.clocks, [log_clock_for_report(log)]))
    return log


def read_joined_evidence_and_unread_files(
    paths: Sequence[Path], settings: IngestSettings, camera_timezone: str | None
) -> tuple[EvidenceJoinedIntoFlights, list[FileRow]]:
    """Return the flights below some paths, and the files that were not read and may hold evidence.

    Raises:
        typer.Exit: If a path cannot be opened (2), or there is no log (3).
    """
    evidence = read_and_join_evidence(paths, settings, camera_timezone)
    unread = _unread_evidence_rows_or_exit(evidence.unread, settings)
    for row in unread:
        print_to_stderr(
            f"{row.status:8} {terminal_safe_text(row.name)}: {terminal_safe_text(row.reason)}"
        )
    for path in evidence.unread.unreadable:
        if path.reason != LINK_NOT_FOLLOWED:
            raise print_error_and_return_exit(f"{path.name}: {path.reason}")
        print_to_stderr(f"unread   {terminal_safe_text(path.name)}: {path.reason}")
    if not evidence.clocks:
        raise print_error_and_return_exit("no log was found", ExitCode.NOTHING)
    warn_of_unused_clocks(declared_clock_rows(settings.clocks, evidence.clocks))
    return evidence, unread


def reread_and_merge_flights_or_exit(
    evidence: EvidenceJoinedIntoFlights, flights: Iterable[UnmergedFlightSummary]
) -> tuple[Flight, ...]:
    """Return some flights with all that their logs hold.

    Raises:
        typer.Exit: If a file is not what it was (2).
    """
    try:
        return evidence.merged_flights(flights)
    except EvidenceChangedError as error:
        raise print_error_and_return_exit(str(error)) from error


def _unread_evidence_rows_or_exit(
    unread: UnreadAndLeftOutInputs, settings: IngestSettings
) -> list[FileRow]:
    """Return the files that were not read and may hold evidence.

    Raises:
        typer.Exit: If one was named by the user: nothing else was meant.
    """
    rows: list[FileRow] = []
    for failed in unread.failed:
        error = failed.error
        why = os_error_reason(error) if isinstance(error, OSError) else str(error)
        if failed.input.named_by_user:
            code = ExitCode.USAGE_OR_IO if isinstance(error, OSError) else ExitCode.NOTHING
            raise print_error_and_return_exit(f"{failed.input.path}: {why}", code) from error
        if failed.may_hold_evidence:
            rows.append(FileRow(failed.input.name, FileStatus.UNREAD, why))
    for keychains in unread.rejected_keychains:
        rows.append(FileRow(keychains.name, FileStatus.UNREAD, keychains.reason))
    for container in unread.containers:
        for left in container.skipped_nonempty_members:
            rows.append(FileRow(left.name, FileStatus.UNREAD, left.reason))
    return [*rows, *_rows_of_left_out_possible_evidence_files(unread.left_out, settings)]


def _rows_of_left_out_possible_evidence_files(
    left_out: Sequence[LeftOutFile], settings: IngestSettings
) -> Iterator[FileRow]:
    """Yield the files that the unit leaves out and that may hold evidence; of others the number."""
    others = 0
    for scanned in scan_left_out_files(left_out, settings):
        if scanned.advice:
            yield FileRow(scanned.name, FileStatus.LEFT_OUT, f"{scanned.kind}; {scanned.reason}")
        else:
            others += 1
    if others:
        print_to_stderr(f"{FileStatus.LEFT_OUT:8} {pluralised_count(others, 'file')} without a log")


def warn_of_unused_clocks(clocks: Iterable[DeclaredClockRow]) -> None:
    """Say which declared clocks no log uses, and why."""
    for clock in clocks:
        if clock.unused_because:
            print_to_stderr(
                f"warning  clock {terminal_safe_text(clock.files)}: {clock.unused_because}"
            )

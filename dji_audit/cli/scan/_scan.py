"""``dji-audit scan``: what is here, what needs keys, and roughly how long it will take."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

import parsers
from dji_audit.cli._options import LogReadingOptions
from dji_audit.cli._progress import show_progress_of_run
from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli._text_table import (
    TextTableColumn,
    fitted_table_text_and_omitted_heads,
    output_width,
    wrap_text,
)
from dji_audit.cli.evidence._read_logs import ingest_settings_from_options
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.ingest.dry_run_scan import EvidenceDryRun, ScannedFile, scan_evidence_paths
from dji_audit.report.file_status import FileStatus
from dji_audit.report.rows import UNDECLARED_TRACK
from dji_audit.report.run_verdict import (
    INCOMPLETE_STATUSES,
    most_frequent_file_kinds_text,
)

#: Class of a file -> its words, in the order of the table.
STATUS_WORDS = {
    FileStatus.READ: "will be read",
    FileStatus.PARTIAL: "will be read in part",
    FileStatus.ENCRYPTED: "needs a key or a password",
    FileStatus.UNREAD: "may hold a flight or a contact, not read",
    FileStatus.UNOPENED: "cannot be opened",
    FileStatus.CONTAINER: "container, opened",
    FileStatus.NO_EVIDENCE: "no evidence",
    FileStatus.UNKNOWN: "kind not known",
    FileStatus.OTHER: "link, not followed",
    FileStatus.LEFT_OUT: "left out by the unit",
}
#: Statuses of files that are named without ``--all``, and how many of each.
_NAMED, _MOST_NAMED = (FileStatus.UNREAD, FileStatus.UNOPENED, FileStatus.UNKNOWN), 20
_MOST_KINDS = 5
_MOST_LINES = 4


def scan_command(
    paths: Sequence[Path], options: LogReadingOptions, jobs: int, format_: str, show_all: bool
) -> int:
    """Print what lies below some paths; return the exit code."""
    try:
        settings = ingest_settings_from_options(options)
        given = paths_with_those_listed_on_stdin(paths)
        with show_progress_of_run() as meter:
            scan = scan_evidence_paths(
                given, settings, meter.note_items_done if meter is not None else None
            )
    except parsers.InvalidKeysError as error:
        raise print_error_and_return_exit(str(error)) from error
    except KeyboardInterrupt:
        print_to_stderr("dji-audit: interrupted; run the command again for a result")
        return ExitCode.INTERRUPTED
    workers = jobs or os.cpu_count() or 1
    if format_ == "json":
        print_to_stdout(scan.to_json(workers))
    else:
        _print_scan(scan, workers, show_all)
    return _exit_code_of_scan(scan)


def _exit_code_of_scan(scan: EvidenceDryRun) -> int:
    """Return the code that an audit would have for what it could not read, without findings."""
    counts = scan.file_counts_by_status
    # A track of which nobody says whose it is holds no flight.
    tracks = sum(file.reason == UNDECLARED_TRACK for file in scan.files)
    if not counts[FileStatus.READ] + counts[FileStatus.PARTIAL] - tracks:
        is_unopened = bool(counts[FileStatus.UNOPENED])
        return ExitCode.USAGE_OR_IO if is_unopened else ExitCode.NOTHING
    is_partial = any(counts[status] for status in INCOMPLETE_STATUSES)
    return ExitCode.INCOMPLETE if is_partial else ExitCode.DONE


def _print_scan(scan: EvidenceDryRun, workers: int, show_all: bool) -> None:
    width = output_width()
    typer.echo(f"{pluralised_count(len(scan.files), 'file')}, {scan.total_bytes:,} bytes")
    typer.echo(f"\n{_file_class_table(scan, width)}\n")
    for status in STATUS_WORDS if show_all else _NAMED:
        files = scan.files_of_status(status)
        for file in files if show_all else files[:_MOST_NAMED]:
            for line in wrap_text(f"{status:11} {_scanned_file_text(file)}", width, _MOST_LINES):
                typer.echo(line)
        if not show_all and len(files) > _MOST_NAMED:
            typer.echo(f"{status:11} … and {len(files) - _MOST_NAMED:,} more: --all names each")
    for line in scan_summary_lines(scan, workers):
        typer.echo("\n".join(wrap_text(line, width, _MOST_LINES)))


def _file_class_table(scan: EvidenceDryRun, width: int) -> str:
    """Return one line for each class that there is: files, bytes, and the kinds."""
    counts, sizes = scan.file_counts_by_status, scan.byte_counts_by_status
    head = (
        TextTableColumn("CLASS"),
        TextTableColumn("FILES", right_aligned=True),
        TextTableColumn("BYTES", right_aligned=True),
        TextTableColumn("WHAT", min_width=20),
    )
    rows = [
        (
            words,
            f"{counts[status]:,}",
            f"{sizes[status]:,}",
            terminal_safe_text(
                most_frequent_file_kinds_text(
                    (file.kind for file in scan.files_of_status(status)), _MOST_KINDS
                )
            ),
        )
        for status, words in STATUS_WORDS.items()
        if counts[status]
    ]
    return fitted_table_text_and_omitted_heads(head, rows, width)[0]


def _scanned_file_text(file: ScannedFile) -> str:
    """Return what is known of one file: kind, size, what shows it and what to do."""
    parts = [file.kind or "", file.reason, file.advice]
    size = "" if file.size is None else f" ({file.size:,} bytes)"
    return terminal_safe_text(f"{file.name}{size}: {'; '.join(filter(None, parts))}")


def scan_summary_sentence(scan: EvidenceDryRun, workers: int) -> str:
    """Return in a sentence what is here and how long it will take, for the start of an audit."""
    counts = scan.file_counts_by_status
    classes = ", ".join(
        f"{counts[status]:,} {words}" for status, words in STATUS_WORDS.items() if counts[status]
    )
    files = pluralised_count(len(scan.files), "file")
    return (
        f"{files}, {scan.total_bytes:,} bytes: {classes or 'nothing'}; "
        f"about {_rough_duration_text(scan.estimated_audit_seconds(workers))}"
    )


def scan_summary_lines(scan: EvidenceDryRun, workers: int) -> list[str]:
    """Return which keys are wanted, how long an audit takes and what was looked at, a line each."""
    locked = Counter(file.format is not None for file in scan.files_of_status(FileStatus.ENCRYPTED))
    lines = []
    if locked[True]:
        verb = "needs" if locked[True] == 1 else "need"
        found = f"{pluralised_count(scan.keychains, 'keychains file')} found"
        store = ", and the key store may hold more" if scan.has_key_store else ""
        lines.append(
            f"KEYS     {pluralised_count(locked[True], 'record')} {verb} a keychain each; "
            f"{found}{store}. For the others: dji-audit keys request PATH -o request.json"
        )
    if locked[False]:
        verb = "needs" if locked[False] == 1 else "need"
        lines.append(f"LOCKED   {pluralised_count(locked[False], 'file')} {verb} a password")
    if tracks := sum(file.reason == UNDECLARED_TRACK for file in scan.files):
        told = "whose it is" if tracks == 1 else "whose they are"
        lines.append(
            f"TRACKS   {pluralised_count(tracks, 'track')} of a device: an audit uses none before "
            f"you say {told}, with --track FILE=pilot"
        )
    seconds = scan.estimated_audit_seconds(workers)
    lines.append(
        f"TIME     an audit will take about {_rough_duration_text(seconds)} with "
        f"{pluralised_count(workers, 'worker')}"
    )
    lines.append(
        f"LOOKED   at {scan.examined_bytes:,} of {scan.total_bytes:,} bytes: damage, and a log "
        "behind other bytes, show in an audit only"
    )
    return lines


def _rough_duration_text(seconds: float) -> str:
    """Return a time that is roughly known: in whole minutes from two minutes on."""
    return duration_text(60 * round(seconds / 60) if seconds >= 120 else max(10, round(seconds)))

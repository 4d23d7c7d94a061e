"""The row of every file of a run: its class, its hash, what it looks like and what can be done."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import parsers
from dji_audit.common.os_errors import os_error_reason
from dji_audit.file_kinds import FileKind, FileKindRelevance, FileSample, recognise_file_kind
from dji_audit.flights import names_of_formats_that_state_no_owner
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.dry_run_scan import STATUS_OF_RELEVANCE, scan_left_out_files
from dji_audit.ingest.input_files import InputFile, LeftOutFile, hash_evidence_file
from dji_audit.report.file_status import FileStatus
from dji_audit.report.quarantine import QuarantineCause, cause_of_os_error
from dji_audit.report.rows import UNDECLARED_TRACK, ZONE_FILE, FileRow
from dji_audit.zones import detect_zone_format_name

#: What zones may be taken for by their fields, and archives that hold a file of zones (KMZ).
_MAY_BE_ZONES = (
    FileKindRelevance.ZONES,
    FileKindRelevance.NO_EVIDENCE,
    FileKindRelevance.CONTAINER,
)


def row_of_read_file(reading: parsers.FileReading, logs_used: int) -> FileRow:
    """Return the row of a file that was read; of several logs the worst decides its status."""
    account, logs = reading.account, reading.logs
    undecoded = sum(issue.size for issue in account.issues)
    if any(log.encrypted for log in logs):
        status, reason = FileStatus.ENCRYPTED, "needs a key; only the unencrypted part was read"
        reason += f"; {undecoded} further bytes not decoded" if undecoded else ""
    elif undecoded or any(issue.is_truncated for issue in account.issues):
        # The first issue says more than a number.
        first_issue = next(issue for issue in account.issues if issue.size or issue.is_truncated)
        status = FileStatus.PARTIAL
        reason = f"{undecoded} bytes not decoded: {first_issue.reason}"
    elif logs_used < len(logs):
        status = FileStatus.PARTIAL
        reason = f"it holds {len(logs)} logs; the first {logs_used} were audited"
    else:
        status, reason = FileStatus.READ, ""
    if logs and all(map(_is_of_format_that_states_no_owner, logs)):
        reason = "; ".join(filter(None, (_explain_track_without_declared_owner(logs[0]), reason)))
    return FileRow(
        account.name,
        status,
        reason,
        account.size,
        account.sha256,
        account.format,
        _value_shared_by_all(log.source.format_version for log in logs),
        dict(sorted(account.coverage_sizes.items())),
        tuple(account.issues),
        _value_shared_by_all(log.key_request.sha256 for log in logs if log.key_request is not None),
        _value_shared_by_all(log.keychain_sha256 for log in logs),
        kind=_format_title(account.format),
    )


def _is_of_format_that_states_no_owner(log: parsers.Log) -> bool:
    """Return whether a log is a track that does not say whose it is."""
    return log.source.format in names_of_formats_that_state_no_owner()


def _explain_track_without_declared_owner(log: parsers.Log) -> str:
    """Return what a track is, and what to do so that it counts."""
    if (log.aircraft.app or "").startswith("dji-audit "):
        return f"the path of a flight, as {log.aircraft.app} exported it: no log of an aircraft"
    fixes = f"{len(log.track):,} positions"
    if not log.track["time"].notna().any():
        fixes += " without UTC"
    return f"{UNDECLARED_TRACK}, {fixes}: say whose it is with --track FILE=pilot"


def _value_shared_by_all(values: Iterable[str | None]) -> str | None:
    """Return what all logs of a file state; ``None``: nothing, or they differ."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _format_title(format_name: str | None) -> str | None:
    """Return the words for a log format; ``None``: there is no such format."""
    known = parsers.format_by_name(format_name)
    return None if known is None else known.title


def unread_file_row(
    file: InputFile, content: parsers.Content, account: parsers.FileAccount
) -> FileRow:
    """Return the row of a file of which no log could be read: its class by its content.

    Args:
        file: The file.
        content: Its bytes.
        account: What its reading found; it has an error.
    """
    sample = FileSample(content)
    kind = recognise_file_kind(sample)
    reason = str(account.error)
    row = FileRow(file.name, FileStatus.UNREAD, reason, account.size, account.sha256)
    if account.format is not None:
        # A known format, damaged or of a version that is not known: its reader knows best why.
        row = replace(row, format=account.format, kind=_format_title(account.format))
        if sample.encoding is not None and _is_unguessed_kind_that_may_hold_evidence(kind):
            # A text that is surely of another kind, such as another maker's table.
            return _unread_file_row_with_kind(row, kind.name, advice=kind.advice)
        return row
    zones = _reason_if_zone_file(kind, content)
    if zones:
        return _unread_file_row_with_kind(row, kind.name, FileStatus.NO_EVIDENCE, zones)
    status = STATUS_OF_RELEVANCE[kind.relevance]
    if status in (FileStatus.NO_EVIDENCE, FileStatus.UNKNOWN) and file.named_by_user:
        # A person who names a file means that it should be read.
        return _unread_file_row_with_kind(row, kind.name)
    if status is FileStatus.UNKNOWN or not (kind.advice or status is FileStatus.NO_EVIDENCE):
        # Only its name says what it is, and the reader what is wrong with its content.
        return _unread_file_row_with_kind(row, kind.name, status)
    reason = kind.sign or "a format that dji-audit does not read"
    return _unread_file_row_with_kind(row, kind.name, status, reason, kind.advice)


def _unread_file_row_with_kind(
    row: FileRow,
    kind: str | None,
    status: FileStatus = FileStatus.UNREAD,
    reason: str = "",
    advice: str = "",
) -> FileRow:
    """Return the row of a file that was not read with its kind; no reason: the one it has."""
    return replace(row, status=status, reason=reason or row.reason, kind=kind, advice=advice)


def _is_unguessed_kind_that_may_hold_evidence(kind: FileKind) -> bool:
    """Return whether a kind is that of one program's files, and not guessed by its fields."""
    return kind.relevance is FileKindRelevance.MAY_HOLD_EVIDENCE and not kind.is_guess


def _reason_if_zone_file(kind: FileKind, content: parsers.Content) -> str:
    """Return why a file of zones is no evidence; empty: it is none."""
    if kind.relevance not in _MAY_BE_ZONES and not kind.is_guess:
        return ""
    zone_format = detect_zone_format_name(content)
    if zone_format is None and kind.relevance is not FileKindRelevance.ZONES:
        return ""
    named = zone_format or kind.name
    return f"{ZONE_FILE} ({named}): name it with --zones to check flights against it"


def unopened_file_row(file: InputFile, error: OSError) -> FileRow:
    """Return the row of a file that the system does not let be opened."""
    try:
        size: int | None = file.size()
    except OSError:
        size = None
    return FileRow(
        file.name,
        FileStatus.UNOPENED,
        os_error_reason(error),
        size,
        quarantine=cause_of_os_error(error),
    )


def failed_file_row(file: InputFile, reason: str, cause: QuarantineCause) -> FileRow:
    """Return the row of a file whose reading went wrong or took too long; it is hashed too."""
    row = FileRow(
        file.name,
        FileStatus.UNREAD,
        reason,
        file.member_size,
        file.member_sha256,
        quarantine=cause,
    )
    if file.member is not None or cause is QuarantineCause.TRUNCATED:
        return row
    try:
        return replace(row, size=file.size(), sha256=hash_evidence_file(file.path)[0].sha256)
    except OSError:
        return row


def changed_file_row(file: InputFile, cause: QuarantineCause, reason: str) -> FileRow:
    """Return the row of a file that did not stay as it was while it was read: it has no hash."""
    return FileRow(
        file.name,
        FileStatus.UNREAD,
        reason,
        advice="copy it when nothing writes to it any more, and audit the copy",
        quarantine=cause,
    )


def row_of_file_supplied_by_unit(path: Path, name: str, kind: str) -> FileRow:
    """Return the row of a file that the unit supplies, such as keychains: it is no evidence."""
    try:
        size, sha256 = path.stat().st_size, hash_evidence_file(path)[0].sha256
    except OSError as error:
        return FileRow(name, FileStatus.UNOPENED, os_error_reason(error))
    return FileRow(name, FileStatus.NO_EVIDENCE, kind, size, sha256, kind=kind)


def left_out_file_rows(
    left_out: Sequence[LeftOutFile], settings: IngestSettings
) -> Iterator[FileRow]:
    """Yield the rows of files that the unit leaves out; those on the disk are not hashed."""
    inputs = {left.input.name: left.input for left in left_out}
    for scanned in scan_left_out_files(left_out, settings):
        item = inputs[scanned.name]
        row = FileRow(scanned.name, scanned.status, scanned.reason, scanned.size)
        row = replace(row, sha256=item.member_sha256, kind=scanned.kind, advice=scanned.advice)
        yield replace(
            row, container_sha256=item.container_sha256, stored_as=item.stored_as, app=item.app
        )


def duplicate_file_row(file: InputFile, original_name: str, original: FileRow | None) -> FileRow:
    """Return the row of a file that holds the same bytes as another.

    Args:
        file: The file.
        original_name: The name of the other.
        original: The row of the other; ``None``: it is no input that was read.
    """
    row = FileRow(file.name, FileStatus.COPY, f"the same bytes as {original_name}")
    if original is None:
        return row
    return replace(
        row,
        size=original.size,
        sha256=original.sha256,
        kind=original.kind,
        is_hash_trusted=original.is_hash_trusted,
    )

"""The first job of a worker process: read one file, keep its logs, and return what came of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd
from pydantic import JsonValue

import parsers
from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.compliance.network import is_log_of_auditors_key_requests
from dji_audit.fleet.containers.member_copies import IndexedInput
from dji_audit.fleet.decoder_code_digests import ONE_RUN, DecoderCodeDigests
from dji_audit.fleet.report_rows_of_files import (
    changed_file_row,
    failed_file_row,
    row_of_read_file,
    unopened_file_row,
    unread_file_row,
)
from dji_audit.fleet.result_keys import file_result_key, log_result_key
from dji_audit.fleet.store import ResultStore
from dji_audit.fleet.temporary_files_for_workers import LOG_STAGE, save_log_under_result_key
from dji_audit.fleet.worker_pool import ItemFailure, WorkAndFailureFunctions
from dji_audit.flights import LogSummary, is_log_of_flight, summarise_each_part_of_log
from dji_audit.ingest import IngestSettings, OpenedFile, open_keyring, read_opened_input
from dji_audit.media_files import (
    MediaFileRecording,
    is_media_file_log,
    recordings_of_media_file_log,
)
from dji_audit.report.declared_clock_rows import LogClockTextsForReport, log_clock_for_report
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.rows import FileRow

#: Stage of the store: what came of reading each file.
READ_STAGE = "files"
#: Logs of one file that are audited; more are counted.
MAX_LOGS_PER_FILE = 1000


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """What a worker needs to know to read a file, besides the file."""

    ingest: IngestSettings
    #: Folder of temporary files.
    spool: Path
    #: What the stages of the run find out.
    store: ResultStore
    #: On what results depend besides the file and these settings.
    basis: Mapping[str, JsonValue] = field(default_factory=dict)
    #: The code that results rest on.
    code: DecoderCodeDigests = ONE_RUN
    #: Names of records that are kept with their log, to be plotted.
    kept_records: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NetworkLogIndexAndSpan:
    """A network log by its index, and from when to when it recorded; ``None``: not stated."""

    index: int
    is_of_auditor: bool
    start: pd.Timestamp | None
    end: pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class FileResult:
    """The result of reading one file; logs are numbered from 0 within the file."""

    row: FileRow
    #: What joining needs to know of the log; none for a network log.
    summaries: tuple[LogSummary, ...] = ()
    #: What a media file recorded.
    streams: tuple[MediaFileRecording, ...] = ()
    #: Its network logs.
    network_logs: tuple[NetworkLogIndexAndSpan, ...] = ()
    #: What is known of the clocks of its logs.
    clocks: tuple[LogClockTextsForReport, ...] = ()
    #: The number of its logs, each of which is kept under a key that follows from the file's.
    log_count: int = 0
    #: Whether it was known from an earlier run, so that nothing was read.
    was_known: bool = False
    #: The key under which it and its logs are kept; empty: it is not.
    key: str = ""
    #: The file as it was when it was hashed; ``None``: a member, or it was not.
    hashed: FileHashAndStat | None = None
    #: Whether it was not hashed again, because the disk states that it is what it was.
    was_trusted: bool = False


def read_file(indexed: IndexedInput, settings: ReadSettings) -> FileResult:
    """Read one file and keep its logs; a file that cannot be read is a result like any other.

    What came of the same bytes in an earlier run is not found out again.
    """
    file, copy = indexed.input, indexed.copy
    if copy is not None and copy.cause is not None:
        return FileResult(failed_file_row(file, copy.failure, copy.cause))
    try:
        before = file.path.stat() if indexed.copy is None else None
        opened = _open_file_or_member_copy(indexed, settings.ingest)
    except OSError as error:
        return FileResult(unopened_file_row(file, error))
    known_hash = indexed.hashed
    if before is None or known_hash is None or not known_hash.is_unchanged(before):
        known_hash = None
    result = _cached_or_new_file_result(indexed, opened, settings, known_hash)
    if result.was_trusted:
        result = replace(result, row=replace(result.row, is_hash_trusted=True))
    if before is not None:
        change = _quarantine_cause_and_text_of_change(file.path, before, len(opened.content))
        if change is not None:
            return FileResult(changed_file_row(file, *change))
        sha256 = result.row.sha256
        if sha256 is not None:
            now = FileHashAndStat(before.st_size, before.st_mtime_ns, before.st_ino, sha256)
            result = replace(result, hashed=now)
    if not result.was_known and result.key:
        settings.store.put(READ_STAGE, result.key, replace(result, key="", hashed=None))
    return result


def _cached_or_new_file_result(
    indexed: IndexedInput,
    opened: OpenedFile,
    settings: ReadSettings,
    known_hash: FileHashAndStat | None,
) -> FileResult:
    """Return what is known of a file by its bytes; else read it."""
    content, file = opened.content, indexed.input
    if known_hash is not None:
        content.sha256 = known_hash.sha256
        known = _cached_file_result(_cache_keys_of_file(opened, settings), settings.store)
        if known is not None:
            return replace(known, was_trusted=known_hash.is_of_earlier_run)
        # What is read anew is hashed anew.
        del content.sha256
    keys = _cache_keys_of_file(opened, settings)
    known = _cached_file_result(keys, settings.store)
    if known is not None:
        return known
    reading = read_opened_input(opened, _keyring_of_run(settings.spool, settings.ingest))
    if reading.account.error is not None:
        return FileResult(unread_file_row(file, content, reading.account), key=keys[-1])
    # Its parts may be of any format, whatever the format of the whole is.
    return _store_logs_and_build_file_result(
        reading, keys[-1] if reading.account.parts else keys[0], settings
    )


def _cache_keys_of_file(opened: OpenedFile, settings: ReadSettings) -> tuple[str, ...]:
    """Return the keys under which the result of a file may be kept.

    The first is that of a file with logs which some formats alone can read.  The last depends on
    all formats; it is that of files which no format claims or can read, and of those with parts.
    """
    content = opened.content
    is_container = parsers.identify_container(content) is not None
    claiming = () if is_container else parsers.claiming_formats(content)
    code = settings.code
    readers = [code.digests_of_all_formats]
    if claiming:
        readers.insert(0, code.digests_of_shared_code_and_formats(known.name for known in claiming))
    return tuple(
        file_result_key(
            opened.input.name,
            content.sha256,
            opened.input.container_sha256,
            {
                **settings.basis,
                "formats": [known.name for known in claiming],
                "code": [*digests],
                "kept_records": [*sorted(settings.kept_records)],
                # One that a person named and that is no log was not read: its status says so.
                "is_named": opened.input.named_by_user,
                "remarks": [it.reason for it in opened.remarks],
            },
        )
        for digests in readers
    )


def _cached_file_result(keys: tuple[str, ...], store: ResultStore) -> FileResult | None:
    """Return what is known of a file, if its logs are still kept; ``None``: read it."""
    for key in keys:
        known = store.get(READ_STAGE, key)
        if isinstance(known, FileResult) and are_logs_kept(store, key, known.log_count):
            return replace(known, was_known=True, key=key)
    return None


def are_logs_kept(store: ResultStore, key_of_file: str, count: int) -> bool:
    """Return whether each log of a file is still kept."""
    return all(store.has(LOG_STAGE, log_result_key(key_of_file, number)) for number in range(count))


def _quarantine_cause_and_text_of_change(
    path: Path, before: os.stat_result, size_read: int
) -> tuple[QuarantineCause, str] | None:
    """Return what became of a file while it was read; ``None``: nothing."""
    try:
        after = path.stat()
    except FileNotFoundError:
        return QuarantineCause.VANISHED, "it vanished while it was read"
    except OSError:
        return QuarantineCause.UNREADABLE, "it could not be reached any more while it was read"
    sizes = f"{before.st_size:,} bytes before, {after.st_size:,} after"
    if after.st_size > before.st_size or size_read > before.st_size:
        return QuarantineCause.GREW, f"it grew while it was read: {sizes}"
    if after.st_size < before.st_size:
        return QuarantineCause.TRUNCATED, f"it was cut short while it was read: {sizes}"
    if (after.st_mtime_ns, after.st_ino) != (before.st_mtime_ns, before.st_ino):
        return QuarantineCause.CHANGED, "it changed while it was read"
    return None


def _store_logs_and_build_file_result(
    reading: parsers.FileReading, key: str, settings: ReadSettings
) -> FileResult:
    """Keep the logs of a file, and return the result of the file."""
    logs = reading.logs[:MAX_LOGS_PER_FILE]
    summaries: list[LogSummary] = []
    streams: list[MediaFileRecording] = []
    network: list[NetworkLogIndexAndSpan] = []
    for index, log in enumerate(logs):
        save_log_under_result_key(
            settings.store, log_result_key(key, index), log, settings.kept_records
        )
        if log.capture_window is not None:
            window = log.capture_window
            network.append(
                NetworkLogIndexAndSpan(
                    index, is_log_of_auditors_key_requests(log), window.start, window.end
                )
            )
        elif is_log_of_flight(log):
            summaries += summarise_each_part_of_log(log, index)
            streams += recordings_of_media_file_log(log) if is_media_file_log(log) else ()
    return FileResult(
        row_of_read_file(reading, len(logs)),
        tuple(summaries),
        tuple(streams),
        tuple(network),
        tuple(log_clock_for_report(log) for log in logs),
        len(logs),
        key=key,
    )


def _open_file_or_member_copy(indexed: IndexedInput, settings: IngestSettings) -> OpenedFile:
    """Return a file, or the copy of a member.

    Raises:
        OSError: If it cannot be opened, or the member could not be unpacked.
    """
    item, copy = indexed.input, indexed.copy
    if copy is None:
        content = parsers.open_content(item.path, item.name, settings.clocks)
        return OpenedFile(item, content)
    return OpenedFile(item, copy.open_content(item, settings.clocks), copy.remarks)


def run_wide_log_index(file_index: int, number: int) -> int:
    """Return the index of a log in the run by its number in its file."""
    return file_index * MAX_LOGS_PER_FILE + number


def number_of_log_in_file(log_index: int) -> int:
    """Return the number of a log in its file."""
    return log_index % MAX_LOGS_PER_FILE


def file_index_of_log(log_index: int) -> int:
    """Return the index of the file that holds a log."""
    return log_index // MAX_LOGS_PER_FILE


def failed_file_result(indexed: IndexedInput, failure: ItemFailure) -> FileResult:
    """Return the result of a file whose reading went wrong."""
    return FileResult(failed_file_row(indexed.input, failure.reason, failure.cause))


READ_FILE = WorkAndFailureFunctions(read_file, failed_file_result)


def clear_keyring_cache() -> None:
    """Leave no key in the memory of this process."""
    _keyring_of_run.cache_clear()


@lru_cache(maxsize=1)
def _keyring_of_run(spool: Path, settings: IngestSettings) -> parsers.Keyring:
    """Return the keychains of this run: its spool tells it from the next."""
    return open_keyring(settings.keychains, settings.key_store)

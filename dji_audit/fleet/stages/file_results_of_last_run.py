"""What the last run of a state read of each file, so that a known file costs no worker and no look.

Whether a result is known is otherwise asked of the store, file by file: which formats claim it, on
which decoders its result rests, what lies under that key.  Here the rows of all files lie in one
file as they are encoded, each under a digest of what it rests on: an unchanged one is copied.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dji_audit.fleet.read_file_in_worker import NetworkLogIndexAndSpan, ReadSettings
from dji_audit.fleet.result_keys import program_and_package_versions
from dji_audit.fleet.rows_on_disk import (
    EncodedBlocks,
    EncodedRows,
    RowsOnDisk,
    encode_rows_in_blocks,
    load_checked_rows_by_name,
    save_named_rows_in_file,
)
from dji_audit.ingest.input_files import InputFile

#: Lies in the state from the end of one run to that of the next.
FILES_OF_LAST_RUN = "files-of-last-run"
_KEYS, _FILE_ROWS, _SUMMARIES = "keys", "file rows", "log summaries"
_MEDIA, _CLOCKS, _NETWORK_LOGS = "media", "clocks", "network logs"
_NAMES = (_KEYS, _FILE_ROWS, _SUMMARIES, _MEDIA, _CLOCKS, _NETWORK_LOGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFileRows:
    """What a run read of one file, its rows as they are encoded."""

    #: Of all that the rows rest on besides the settings of the run.
    input_digest: bytes
    #: The key under which the result is kept, as bytes, and the number of its logs.
    result_key: bytes
    log_count: int
    #: Whether that run trusted the disk for the hash, as its row says.
    is_hash_trusted: bool
    file_row: EncodedRows
    summaries: EncodedRows
    media: EncodedRows
    clocks: EncodedRows
    #: Logs are numbered within the file.
    network_logs: tuple[NetworkLogIndexAndSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDigestAndResultKey:
    """What tells a file of the last run from any other, in hexadecimal, and what is known of it."""

    input_digest: str
    result_key: str
    log_count: int
    is_hash_trusted: bool


def digest_of_input_attributes_and_sha256(item: InputFile, sha256: str) -> bytes:
    """Return a digest of all that the rows of a file on the disk rest on besides the settings.

    Args:
        item: The file.
        sha256: Of its bytes.
    """
    own = [item.name, item.named_by_user, item.app, item.stored_as, item.remarks, sha256]
    return hashlib.sha256(json.dumps(own).encode()).digest()


class FileResultsOfLastRun:
    """The rows that the last run read, by the digest of each file."""

    def __init__(self, rows: Mapping[str, RowsOnDisk[Any]]) -> None:
        """Take the keys of files, and the rows of each kind: a block for each file."""
        self._keys: RowsOnDisk[FileDigestAndResultKey] = rows[_KEYS]
        self._rows = rows
        self._numbers = {bytes.fromhex(it.input_digest): at for at, it in enumerate(self._keys)}

    @classmethod
    def load(cls, state: Path, settings: ReadSettings) -> "FileResultsOfLastRun | None":
        """Return what the last run left; ``None``: nothing, or it rests on other settings."""
        rows = load_checked_rows_by_name(
            state / FILES_OF_LAST_RUN, _NAMES, _sha256_of_code_and_settings(settings)
        )
        return None if rows is None else cls(rows)

    def look_up_kept_rows_by_input_digest(self, digest: bytes) -> KeptFileRows | None:
        """Return what is known of a file by the digest of its input; ``None``: nothing."""
        number = self._numbers.get(digest)
        if number is None:
            return None
        keys = self._keys[number]
        return KeptFileRows(
            input_digest=digest,
            result_key=bytes.fromhex(keys.result_key),
            log_count=keys.log_count,
            is_hash_trusted=keys.is_hash_trusted,
            file_row=self._rows[_FILE_ROWS].encoded_block(number),
            summaries=self._rows[_SUMMARIES].encoded_block(number),
            media=self._rows[_MEDIA].encoded_block(number),
            clocks=self._rows[_CLOCKS].encoded_block(number),
            network_logs=self._rows[_NETWORK_LOGS].rows_of_block(number),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResultsToSave:
    """What a run read of some files: of each kind a block for each file, in the same order."""

    keys: Iterable[FileDigestAndResultKey]
    file_rows: Iterable[EncodedRows]
    summaries: Iterable[EncodedRows]
    media: Iterable[EncodedRows]
    clocks: Iterable[EncodedRows]
    network_logs: Iterable[EncodedRows]


def save_file_results(state: Path, results: FileResultsToSave, settings: ReadSettings) -> None:
    """Keep what a run read in a state; what the run before read is replaced.

    Raises:
        OutputError: If it cannot be written.
    """
    blocks = {
        _KEYS: encode_rows_in_blocks(results.keys),
        _FILE_ROWS: results.file_rows,
        _SUMMARIES: results.summaries,
        _MEDIA: results.media,
        _CLOCKS: results.clocks,
        _NETWORK_LOGS: results.network_logs,
    }
    rows = {name: EncodedBlocks(own) for name, own in blocks.items()}
    save_named_rows_in_file(state / FILES_OF_LAST_RUN, rows, _sha256_of_code_and_settings(settings))


def _sha256_of_code_and_settings(settings: ReadSettings) -> str:
    """Return a digest of all that the rows of every file rest on."""
    basis = [
        program_and_package_versions(),
        dict(settings.basis),
        settings.code.digests_of_all_formats,
        sorted(settings.kept_records),
    ]
    return hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest()

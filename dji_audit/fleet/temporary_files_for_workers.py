"""Temporary files of a run, and the logs on their way to the workers that need them.

A log is saved without its records, but those that pages plot: they are decoded on demand and can
be read again; joining and rules need only tables and header.  The folder is private to the user,
lies among temporary files and never in evidence, and is removed at the end of the run.
The next run removes the folder of a run that was killed.
"""

import pickle
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

import parsers
from dji_audit.common.os_errors import os_error_reason
from dji_audit.compliance.context import AuditContext
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.result_keys import LogWithResultKey
from dji_audit.fleet.store import ResultStore
from dji_audit.fleet.temp_folders_of_killed_runs import hold_folder_lock, remove_abandoned_folders
from dji_audit.ingest.input_files import KeychainsFile

#: Logs that a worker keeps in memory: those of one flight are often needed again.
_CACHED_LOGS = 8
_CONTEXT_FILE = "context"
#: Stage of the store under which logs are kept.
LOG_STAGE = "logs"
_FOLDER_PREFIX = "dji-audit-"


@contextmanager
def open_temporary_run_folder(
    evidence: Iterable[Path], parent: Path | None = None
) -> Iterator[Path]:
    """Yield a private folder for the length of a run.

    Args:
        evidence: What the user named, in which nothing is ever written.
        parent: Where the folder lies, for workers on other computers; ``None``: where temporary
            files do.

    Raises:
        OutputError: If temporary files would lie in the evidence, or cannot be created.
    """
    try:
        # Private to the user: nobody else may read it, or write what is unpickled from it.
        folder = Path(mkdtemp(prefix=_FOLDER_PREFIX, dir=parent)).resolve()
    except OSError as error:
        why = os_error_reason(error)
        raise OutputError(f"cannot create temporary files: {why}") from error
    try:
        for path in evidence:
            if path.is_dir() and folder.is_relative_to(path.resolve()):
                raise OutputError(
                    f"temporary files would lie inside {path}: nothing is written into evidence; "
                    "set TMPDIR to another folder"
                )
        remove_abandoned_folders(folder.parent, _FOLDER_PREFIX)
        with hold_folder_lock(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class SavedLogRecords:
    """Decoded records of one name that are saved with their log."""

    rows: pd.DataFrame

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.rows)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""
        return self.rows


def save_log_under_result_key(
    store: ResultStore, key: str, log: parsers.Log, kept_records: frozenset[str] = frozenset()
) -> None:
    """Keep a log for other workers, without its records but those of the names to keep.

    Raises:
        OSError: If it cannot be written.
    """
    counts = log.record_counts
    kept = {
        name: SavedLogRecords(log.records(name)) for name in sorted(kept_records & counts.keys())
    }
    store.put(LOG_STAGE, key, replace(log, _records=kept))


def save_audit_context(folder: Path, context: AuditContext) -> None:
    """Save the audit context once for all workers: it may be large.

    Raises:
        OutputError: If it cannot be written.
    """
    if context.elevation is not None:
        context = replace(context, elevation=context.elevation.save_for_other_processes(folder))
    try:
        with (folder / _CONTEXT_FILE).open("wb") as stream:
            pickle.dump(context, stream, protocol=pickle.HIGHEST_PROTOCOL)
    except OSError as error:
        raise OutputError(f"cannot write temporary files: {os_error_reason(error)}") from error


def save_keychains_and_return_paths(
    folder: Path, keychains: Iterable[KeychainsFile]
) -> tuple[Path, ...]:
    """Save the keychains that lie in containers, for workers; return where each lies.

    Raises:
        OutputError: If they cannot be written.
    """
    paths: list[Path] = []
    for number, item in enumerate(keychains):
        if isinstance(item, Path):
            paths.append(item)
            continue
        path = folder / f"keychains-{number:08}.json"
        try:
            path.write_bytes(item.data)
        except OSError as error:
            raise OutputError(f"cannot write temporary files: {os_error_reason(error)}") from error
        paths.append(path)
    return tuple(paths)


def load_saved_audit_context(folder: Path) -> AuditContext:
    """Return the audit context of this run."""
    context = _load_pickle(folder / _CONTEXT_FILE)
    if not isinstance(context, AuditContext):
        raise TypeError("no audit context was saved")
    return context


@lru_cache(maxsize=_CACHED_LOGS)
def load_saved_log(store: ResultStore, key: str) -> parsers.Log:
    """Return a log that was kept.

    Raises:
        LookupError: If it is not there any more.
    """
    log: parsers.Log | None = store.get(LOG_STAGE, key)
    if log is None:
        raise LookupError("a log that was read is not in the store any more")
    return log


def load_saved_logs_by_index(
    store: ResultStore, logs: Iterable[LogWithResultKey]
) -> Mapping[int, parsers.Log]:
    """Return some logs by their index among all that were read."""
    return {log.index: load_saved_log(store, log.key) for log in logs}


def _load_pickle(path: Path) -> object:
    with path.open("rb") as stream:
        # Only what this run wrote, in a folder that nobody else may write to.
        value: object = pickle.load(stream)  # noqa: S301
    return value

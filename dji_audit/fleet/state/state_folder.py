"""The state of a fleet: a folder in which what runs find out is kept, one run at a time."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.state.run_ledger import LEDGER_FILE, RunLedger
from dji_audit.fleet.store import ResultStore

try:
    import fcntl
except ImportError:
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

#: Lies in every folder of states, and says that it is one.
MARK_FILE = "dji-audit-state.json"
_MARK = b'{"schema": "dji-audit/state/1"}\n'
_RESULTS = "results"
#: Lies there from the first result of a run until all are on the disk.
UNFINISHED_FILE = "unfinished"


@dataclass(frozen=True, slots=True)
class StoreAndLedger:
    """What a run finds out, and what is known of the runs before it."""

    store: ResultStore
    #: ``None``: nothing is kept.
    ledger: RunLedger | None


@dataclass(frozen=True, slots=True)
class OpenResultStoreAndRunLedger:
    """A folder of states that this process holds."""

    store: ResultStore
    ledger: RunLedger


@contextmanager
def open_named_or_temporary_state(
    state: Path | None, evidence: Sequence[Path], spool: Path
) -> Iterator[StoreAndLedger]:
    """Yield the state that the user named, else a temporary one.

    Args:
        state: A folder that is made, or that an earlier run made; ``None``: nothing is kept.
        evidence: What the user named, in which nothing is ever written.
        spool: Folder of temporary files, which goes with the run.

    Raises:
        OutputError: If the folder lies in evidence, is no state, or is used by another run.
    """
    if state is None:
        yield StoreAndLedger(ResultStore(spool / _RESULTS), None)
        return
    refuse_state_in_evidence(state, evidence)
    with open_state_folder(state) as kept:
        yield StoreAndLedger(kept.store, kept.ledger)


def refuse_state_in_evidence(state: Path, evidence: Sequence[Path]) -> None:
    """Make sure that nothing is written where evidence lies.

    Raises:
        OutputError: If the state lies there.
    """
    target = state.resolve()
    for path in evidence:
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise OutputError(f"{state} lies inside {path}: nothing is written into evidence")


@contextmanager
def open_state_folder(state: Path) -> Iterator[OpenResultStoreAndRunLedger]:
    """Yield a folder of states for writing, which is made if it is not there; nobody else has it.

    Where the last who wrote there did not end in peace, or the power went, each result is checked
    whole before it counts as known.

    Raises:
        OutputError: If it is no state, cannot be written, or is used by another run.
    """
    _create_or_check_state_folder(state)
    with (state / MARK_FILE).open("rb") as mark:
        _lock_state_or_raise_if_in_use(mark, state, is_shared=False)
        unfinished = state / UNFINISHED_FILE
        was_unfinished = unfinished.exists()
        try:
            _write_file_with_fsync(unfinished, b"")
        except OSError as error:
            raise OutputError(f"{state}: {os_error_reason(error)}") from error
        try:
            yield _store_and_ledger_in_folder(state, checks_whole=was_unfinished)
        except KeyboardInterrupt:
            _sync_disk_and_remove_unfinished_marker(unfinished)
            raise
        # Not after any other error: the disk may be full, or fail.
        _sync_disk_and_remove_unfinished_marker(unfinished)


@contextmanager
def open_state_folder_for_reading(state: Path) -> Iterator[OpenResultStoreAndRunLedger]:
    """Yield a folder of states that is there; meanwhile nobody writes to it.

    Raises:
        OutputError: If it is no state, or is used by a run.
    """
    mark = state / MARK_FILE
    try:
        if mark.read_bytes() != _MARK:
            raise OutputError(f"{state} is not a state of this version of dji-audit")
    except FileNotFoundError as error:
        raise OutputError(f"{state} is not a state of dji-audit") from error
    except OSError as error:
        raise OutputError(f"{state}: {os_error_reason(error)}") from error
    with mark.open("rb") as held:
        _lock_state_or_raise_if_in_use(held, state, is_shared=True)
        yield _store_and_ledger_in_folder(state)


def file_hashes_of_earlier_runs(
    state: Path | None, is_trusted: bool
) -> Mapping[str, FileHashAndStat]:
    """Return files by their resolved paths as earlier runs hashed them; none if nobody trusts it.

    Raises:
        OutputError: If the ledger of the state cannot be read.
    """
    if state is None or not is_trusted:
        return {}
    return RunLedger(state / LEDGER_FILE).file_hashes_by_path_or_empty()


def sync_all_writes_to_disk() -> None:
    """Wait until all that was written is on the disk, where the system offers that."""
    if hasattr(os, "sync"):
        os.sync()


def _sync_disk_and_remove_unfinished_marker(unfinished: Path) -> None:
    sync_all_writes_to_disk()
    with suppress(OSError):
        unfinished.unlink()


def _store_and_ledger_in_folder(
    state: Path, *, checks_whole: bool = False
) -> OpenResultStoreAndRunLedger:
    store = ResultStore(state / _RESULTS, checks_whole=checks_whole)
    return OpenResultStoreAndRunLedger(store, RunLedger(state / LEDGER_FILE))


def _lock_state_or_raise_if_in_use(mark: BinaryIO, state: Path, *, is_shared: bool) -> None:
    """Lock a state; the system releases it however the run ends."""
    if not _HAS_LOCKS:
        return
    try:
        fcntl.flock(mark, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        raise OutputError(f"{state} is used by another run") from error


def _create_or_check_state_folder(state: Path) -> None:
    mark = state / MARK_FILE
    try:
        if state.exists() and not state.is_dir():
            raise OutputError(f"{state} is a file, not a folder")
        found = list(state.iterdir()) if state.is_dir() else []
        if found and not _is_marker_file_truncated(found, mark):
            if not mark.is_file() or mark.read_bytes() != _MARK:
                raise OutputError(f"{state} is not empty and no state of this version of dji-audit")
            return
        state.mkdir(parents=True, exist_ok=True)
        # Only its owner may read what was found out.
        state.chmod(0o700)
        _write_file_with_fsync(mark, _MARK)
    except OSError as error:
        raise OutputError(f"{state}: {os_error_reason(error)}") from error


def _write_file_with_fsync(path: Path, data: bytes) -> None:
    """Write a file that is there after a power cut, whatever was written later."""
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _is_marker_file_truncated(found: Sequence[Path], mark: Path) -> bool:
    """Return whether a folder holds the beginning of a mark alone: a run was killed there."""
    if list(found) != [mark] or not mark.is_file():
        return False
    data = mark.read_bytes()
    return len(data) < len(_MARK) and _MARK.startswith(data)

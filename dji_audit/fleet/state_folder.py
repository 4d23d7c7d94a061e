"""The state of a fleet: a folder in which what runs find out is kept, one run at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dji_audit.common.os_errors import os_error_reason
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run_ledger import LEDGER_FILE, RunLedger
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


@dataclass(frozen=True, slots=True)
class RunState:
    """What a run finds out, and what is known of the runs before it."""

    store: ResultStore
    #: ``None``: nothing is kept.
    ledger: RunLedger | None


@contextmanager
def open_state(state: Path | None, evidence: Sequence[Path], spool: Path) -> Iterator[RunState]:
    """Yield the state that the user named, else a temporary one.

    Args:
        state: A folder that is made, or that an earlier run made; ``None``: nothing is kept.
        evidence: What the user named, in which nothing is ever written.
        spool: Folder of temporary files, which goes with the run.

    Raises:
        OutputError: If the folder lies in evidence, is no state, or is used by another run.
    """
    if state is None:
        yield RunState(ResultStore(spool / _RESULTS), None)
        return
    _prepare(state, evidence)
    with (state / MARK_FILE).open("rb") as mark:
        # The system releases it however the run ends.
        if _HAS_LOCKS:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise OutputError(f"{state} is used by another run") from error
        yield RunState(ResultStore(state / _RESULTS), RunLedger(state / LEDGER_FILE))


def _prepare(state: Path, evidence: Sequence[Path]) -> None:
    target = state.resolve()
    for path in evidence:
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise OutputError(f"{state} lies inside {path}: nothing is written into evidence")
    mark = state / MARK_FILE
    try:
        if state.exists() and not state.is_dir():
            raise OutputError(f"{state} is a file, not a folder")
        found = list(state.iterdir()) if state.is_dir() else []
        if found and not _is_mark_cut_short(found, mark):
            if not mark.is_file() or mark.read_bytes() != _MARK:
                raise OutputError(f"{state} is not empty and no state of this version of dji-audit")
            return
        state.mkdir(parents=True, exist_ok=True)
        # Only its owner may read what was found out.
        state.chmod(0o700)
        mark.write_bytes(_MARK)
    except OSError as error:
        raise OutputError(f"{state}: {os_error_reason(error)}") from error


def _is_mark_cut_short(found: Sequence[Path], mark: Path) -> bool:
    """Return whether a folder holds the beginning of a mark alone: a run was killed there."""
    if list(found) != [mark] or not mark.is_file():
        return False
    data = mark.read_bytes()
    return len(data) < len(_MARK) and _MARK.startswith(data)

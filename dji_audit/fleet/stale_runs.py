"""Temporary folders of runs that were killed: evidence does not stay among temporary files.

A run locks a file in its folder while it is running; the system releases the lock however the
run ends.  A folder whose lock is free therefore belongs to no running process.  Where the
system has no such locks, nothing is removed.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

_LOCK = "lock"


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Mark a folder as in use."""
    if not _HAS_LOCKS:
        yield
        return
    # Locked before it gets its name, so that no other run ever sees it unlocked.
    new_lock = folder / f"{_LOCK}.new"
    with new_lock.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        new_lock.rename(folder / _LOCK)
        yield


def remove_stale_folders(parent: Path, prefix: str) -> None:
    """Remove the folders with a prefix that are the user's own and that no run holds."""
    if not _HAS_LOCKS:
        return
    for folder in sorted(parent.glob(f"{prefix}*")):
        if _is_ours(folder) and _is_unlocked(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_unlocked(lock: Path) -> bool:
    """Return whether there is a lock file that no process has locked."""
    try:
        with lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

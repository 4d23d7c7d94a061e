"""Temporary folders of runs that were killed: evidence does not stay among temporary files.

A run locks a file in its folder while it is running; the system releases the lock however the
run ends.  A folder whose lock is free therefore belongs to no running process.  Where the
system has no such locks, nothing is removed.  A folder without our lock file is somebody
else's, whatever its name, and stays.
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

_LOCK = "dji-audit-run.lock"
#: Content of the lock file: only a folder with it is one that a run created.
_LOCK_TEXT = b"dji-audit: temporary folder of a run, removed when no run holds this lock\n"


@contextmanager
def hold_folder_lock(folder: Path) -> Iterator[None]:
    """Mark a folder as in use."""
    if not _HAS_LOCKS:
        yield
        return
    # Locked before it gets its name, so that no other run ever sees it unlocked.
    new_lock = folder / f"{_LOCK}.new"
    with new_lock.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write(_LOCK_TEXT)
        stream.flush()
        new_lock.rename(folder / _LOCK)
        yield


def remove_abandoned_folders(parent: Path, prefix: str) -> None:
    """Remove the folders with a prefix that are the user's own and that no run holds."""
    if not _HAS_LOCKS:
        return
    for folder in sorted(parent.glob(f"{prefix}*")):
        if _is_folder_of_this_user(folder) and _is_abandoned_lock(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_folder_of_this_user(folder: Path) -> bool:
    try:
        return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_abandoned_lock(lock: Path) -> bool:
    """Return whether there is a lock file of ours that no process has locked."""
    try:
        with lock.open("rb") as stream:
            if stream.read(len(_LOCK_TEXT) + 1) != _LOCK_TEXT:
                return False
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

"""Folders of runs that were killed: what was told of flights does not stay among temporary files.

A run holds a lock in its folder for as long as it lives; the system lets go of it however
the run ends.  So a folder whose lock can be had belongs to nobody.  Where the system has no
such locks nothing is looked for.
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
def held(folder: Path) -> Iterator[None]:
    """Hold a folder as one in use."""
    if not _HAS_LOCKS:
        yield
        return
    # Locked before it has its name: who finds it finds it locked.
    unnamed = folder / f"{_LOCK}.new"
    with unnamed.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        unnamed.rename(folder / _LOCK)
        yield


def remove_left(among: Path, prefix: str) -> None:
    """Remove the folders of a prefix that are the user's own and that no run holds."""
    if not _HAS_LOCKS:
        return
    for folder in sorted(among.glob(f"{prefix}*")):
        if _is_ours(folder) and _is_free(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def _is_free(lock: Path) -> bool:
    """Return whether there is a lock that nobody holds."""
    try:
        with lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

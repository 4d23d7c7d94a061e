"""Files that a reader sees whole or not at all."""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_PREFIX, _SUFFIX = ".", ".part"
#: Names that ``tempfile`` gives between the two.
_PART_NAME = re.compile(r"\.[a-z0-9_]{8}\.part\Z")


def write_atomically(path: Path, content: str | Iterable[bytes]) -> None:
    """Write a file so that a reader sees all of it or none; what was there before is replaced.

    Args:
        path: The file; its folder exists.
        content: Text, which is written as UTF-8, or the bytes, piece by piece.

    Raises:
        OSError: If it cannot be written.
    """
    pieces = (content.encode("utf-8"),) if isinstance(content, str) else content
    with open_atomically(path) as stream:
        stream.writelines(pieces)


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose bytes become the file when all of them are there, else never.

    Args:
        path: The file; its folder exists.  What was there before is replaced.

    Raises:
        OSError: If it cannot be written.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=_SUFFIX)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        # mkstemp makes private files; a report is as public as its folder.
        Path(name).chmod(new_file_permissions())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_unfinished_files(folder: Path) -> None:
    """Remove what writers left in a folder that were killed before their files were whole.

    Args:
        folder: Its own files alone; nobody writes to it now.

    Raises:
        OSError: If it cannot be listed, or one cannot be removed.
    """
    for entry in os.scandir(folder):
        if _PART_NAME.match(entry.name) and entry.is_file(follow_symlinks=False):
            Path(entry.path).unlink(missing_ok=True)


def new_file_permissions() -> int:
    """Return the mode that a file gets that is not private."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

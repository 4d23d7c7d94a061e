"""Files that hold secrets: readable by their owner only, written completely or not at all."""

import os
import tempfile
from pathlib import Path


def write_private_file(path: Path, content: str | bytes) -> None:
    """Write a file atomically with mode 0600 and flush it to the disk."""
    # mkstemp creates the file with mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def append_line_to_private_file(path: Path, line: str) -> None:
    """Append a line to a file with mode 0600 and flush it to the disk before returning."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8", newline="") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())

"""Files that hold secrets: readable by their owner only, written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file, mode 0600, so that a reader sees all of it or none, and it outlasts a crash."""
    # mkstemp makes the file for its owner only.
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


def append_private(path: Path, line: str) -> None:
    """Append a line to a file, mode 0600, and see it to the disk before returning."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8", newline="") as stream:
        stream.write(line + "\n")
        stream.flush()
        os.fsync(stream.fileno())

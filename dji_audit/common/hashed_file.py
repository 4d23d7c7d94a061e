"""The hash of a file, and a file as it was when it was hashed."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, such as one that the unit supplies.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class FileHashAndStat:
    """The SHA-256 of a file, and what the disk stated of the file then."""

    size: int
    mtime_ns: int
    inode: int
    sha256: str
    #: Whether an earlier run hashed it, and this one trusts the disk that it did not change.
    is_of_earlier_run: bool = False

    def is_unchanged(self, stat: os.stat_result) -> bool:
        """Return whether size, time of change and inode are still what they were."""
        return (self.size, self.mtime_ns, self.inode) == (
            stat.st_size,
            stat.st_mtime_ns,
            stat.st_ino,
        )

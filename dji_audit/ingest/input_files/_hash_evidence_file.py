"""The hash of a file of evidence: its access time stays, and the reading always ends."""

import errno
import hashlib
import os
import stat
from pathlib import Path

import parsers
from dji_audit.common.hashed_file import FileHashAndStat

_CHUNK_BYTES = 1 << 20


def hash_evidence_file(path: Path) -> tuple[FileHashAndStat, bool]:
    """Return the hash of a file as long as it is when opened, and whether it did not change since.

    Raises:
        OSError: If it cannot be read, or is not a regular file.
    """
    sha256 = hashlib.sha256()
    descriptor = parsers.open_keeping_access_time(path, getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb", buffering=0) as stream:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        # One that grows all the time would never end.
        left = before.st_size
        while left > 0 and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            sha256.update(chunk)
            left -= len(chunk)
        hashed = FileHashAndStat(
            before.st_size, before.st_mtime_ns, before.st_ino, sha256.hexdigest()
        )
        return hashed, hashed.is_unchanged(os.fstat(descriptor))

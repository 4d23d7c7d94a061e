"""How long the hashing of files takes, with which the time of whole runs is compared."""

import hashlib
import time
from pathlib import Path


def seconds_to_hash_files(folder: Path) -> float:
    """Return the seconds of the processor that hashing every file below a folder once takes."""
    begin = time.process_time()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                hashlib.file_digest(stream, "sha256")
    return time.process_time() - begin

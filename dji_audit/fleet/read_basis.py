"""On what the results of reading a file depend besides the file and the code."""

import hashlib
from pathlib import Path

from pydantic import JsonValue

from dji_audit.common.os_errors import os_error_reason
from dji_audit.ingest import IngestSettings, InputFilesAndKeychains


def read_basis(ingest: IngestSettings, found: InputFilesAndKeychains) -> dict[str, JsonValue]:
    """Return the keys, passwords and clocks that files are opened with, by their content."""
    keychains = [
        hashlib.sha256(it.read_bytes() if isinstance(it, Path) else it.data).hexdigest()
        for it in found.keychains
    ]
    kept_keys = sorted(ingest.key_store.rglob("*")) if ingest.key_store is not None else []
    keychains += [_key_file_text(path) for path in kept_keys if path.is_file()]
    return {
        "keychains": [*sorted(keychains)],
        "passwords": [*sorted(hashlib.sha256(it).hexdigest() for it in ingest.passwords)],
        "clocks": [repr(clock) for clock in found.clocks],
    }


def _key_file_text(path: Path) -> str:
    """Return a file of a key store by its name, which says for what it is, and its content."""
    try:
        return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except OSError as error:
        # A log that needs it states that it cannot be read.
        return f"{path.name} {os_error_reason(error)}"

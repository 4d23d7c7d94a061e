"""On what the results of reading a file depend besides the file and the code."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pydantic import JsonValue

from dji_audit.common.os_errors import os_error_reason
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.input_files import KeychainsFile
from parsers import DeclaredClock


def keys_and_clocks_digests(
    ingest: IngestSettings, keychains: Iterable[KeychainsFile], clocks: Iterable[DeclaredClock]
) -> dict[str, JsonValue]:
    """Return the keys, passwords and clocks that files are opened with, by their content.

    Args:
        ingest: Names the store of keys, and holds the passwords.
        keychains: Those to try.
        clocks: Those that a person declared.
    """
    keys = [hashlib.sha256(it.read_bytes()).hexdigest() for it in keychains]
    kept_keys = sorted(ingest.key_store.rglob("*")) if ingest.key_store is not None else []
    keys += [_key_file_name_and_digest_text(path) for path in kept_keys if path.is_file()]
    return {
        "keychains": [*sorted(keys)],
        "passwords": [*sorted(hashlib.sha256(it).hexdigest() for it in ingest.passwords)],
        "clocks": [repr(clock) for clock in clocks],
    }


def _key_file_name_and_digest_text(path: Path) -> str:
    """Return a file of a key store by its name, which says for what it is, and its content."""
    try:
        return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    except OSError as error:
        # A log that needs it states that it cannot be read.
        return f"{path.name} {os_error_reason(error)}"

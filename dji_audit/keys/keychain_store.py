"""The key store: keychains kept permanently, one file per request, named by its hash.

A store is a folder: ``keychains`` in a case folder, or in the user's data folder.  Each file
has the form of the documented answer, so it also works separately, with ``--keys`` and
beside a log.  Nothing in a store expires, and an answer that differs from the stored one is
refused.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import parsers
from dji_audit.common.os_errors import os_error_reason
from dji_audit.keys.broker_files import (
    KeyBrokerFileError,
    merge_two_keychains,
    request_hash_checked_as_sha256,
)
from dji_audit.keys.private_files import write_private_file

FOLDER_NAME = "keychains"
FILE_ENDING = ".keychains.json"
SCHEMA = "dji-audit/keychain/1"


@dataclass(frozen=True, slots=True)
class KeychainFolder:
    """A folder of keychains; it need not exist to be searched."""

    folder: Path

    @classmethod
    def of_case_folder(cls, case: Path) -> "KeychainFolder":
        """Return the store in a case folder."""
        return cls(case / FOLDER_NAME)

    def keychain_file_path(self, request: str) -> Path:
        """Return the path of the answer to a request."""
        return self.folder / f"{request_hash_checked_as_sha256(request)}{FILE_ENDING}"

    def find_keychains(self, request: str) -> parsers.Keychains | None:
        """Return the answer to a request; ``None`` if none is stored.

        Raises:
            parsers.InvalidKeysError: If the stored file cannot be read or is invalid.
        """
        path = self.keychain_file_path(request)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = os_error_reason(error)
            raise parsers.InvalidKeysError(f"key store: {path.name}: {reason}") from error
        try:
            return parsers.load_keychains(text)
        except parsers.InvalidKeysError as error:
            raise parsers.InvalidKeysError(f"key store: {path.name}: {error}") from error

    def store_keychains_and_tell_if_any_new(self, request: str, chains: parsers.Keychains) -> bool:
        """Store the answer to a request; return whether anything was new.

        An answer that lacked keys is completed by one that has them.

        Raises:
            KeyBrokerFileError: If a different answer to the same request is stored.
            parsers.InvalidKeysError: If the stored file is damaged.
            OSError: If it cannot be written.
        """
        stored = self.find_keychains(request)
        try:
            merged = merge_two_keychains(stored, chains) if stored is not None else chains
        except KeyBrokerFileError as error:
            raise KeyBrokerFileError(
                f"request {request[:12]}: {error}; the stored answer is kept"
            ) from error
        if stored is not None and list(merged) == list(stored):
            return False
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private_file(self.keychain_file_path(request), _keychain_file_text(request, merged))
        return True

    def stored_request_hashes(self) -> Iterator[str]:
        """Yield the hashes of the requests with a stored answer, in order."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.iterdir()):
            name = path.name.removesuffix(FILE_ENDING)
            if path.name != name and len(name) == 64 and set(name) <= set("0123456789abcdef"):
                yield name


def _keychain_file_text(request: str, chains: parsers.Keychains) -> str:
    document = {"schema": SCHEMA, "request": request, "data": parsers.dump_keychains(chains)}
    return json.dumps(document, indent=1) + "\n"

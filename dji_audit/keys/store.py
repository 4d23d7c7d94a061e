"""Keychains kept for ever: one file for each request, named by the request's hash.

A store is a folder: ``keychains`` in the folder of a case, or in the user's data
folder.  Each file has the form of the documented answer, so that it also works
alone, as ``--keys`` and beside a log.  Nothing in a store expires, and an answer
that differs from one that is kept is refused.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import parsers
from dji_audit.keys.documents import KeysError, checked, joined
from dji_audit.keys.files import write_private

FOLDER = "keychains"
ENDING = ".keychains.json"
SCHEMA = "dji-audit/keychain/1"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of keychains; it need not exist to be looked into."""

    folder: Path

    @classmethod
    def of_case(cls, case: Path) -> "Store":
        """Return the store in the folder of a case."""
        return cls(case / FOLDER)

    def path(self, request: str) -> Path:
        """Return where the answer to a request is kept."""
        return self.folder / f"{checked(request)}{ENDING}"

    def find(self, request: str) -> parsers.Keychains | None:
        """Return the answer to a request; ``None`` if none is kept.

        Raises:
            parsers.EncryptedLogError: If the file that should be it is not.
        """
        path = self.path(request)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise parsers.EncryptedLogError(f"key store: {path.name}: {reason}") from error
        try:
            return parsers.load_keychains(text)
        except parsers.EncryptedLogError as error:
            raise parsers.EncryptedLogError(f"key store: {path.name}: {error}") from error

    def add(self, request: str, chains: parsers.Keychains) -> bool:
        """Keep the answer to a request; return whether that was new.

        An answer that lacked keys is completed by one that has them.

        Raises:
            KeysError: If another answer to the same request is kept.
            parsers.EncryptedLogError: If the file that is kept is damaged.
            OSError: If it cannot be written.
        """
        kept = self.find(request)
        try:
            whole = joined(kept, chains) if kept is not None else chains
        except KeysError as error:
            raise KeysError(f"request {request[:12]}: {error}; the one kept stays") from error
        if kept is not None and list(whole) == list(kept):
            return False
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self.path(request), _text(request, whole))
        return True

    def requests(self) -> Iterator[str]:
        """Yield the hashes of the requests whose answers are kept, in order."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.iterdir()):
            name = path.name.removesuffix(ENDING)
            if path.name != name and len(name) == 64 and set(name) <= set("0123456789abcdef"):
                yield name


def _text(request: str, chains: parsers.Keychains) -> str:
    document = {"schema": SCHEMA, "request": request, "data": parsers.dump_keychains(chains)}
    return json.dumps(document, indent=1) + "\n"

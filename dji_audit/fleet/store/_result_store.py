"""Results by key in a folder: each in a file of its own, whole or not there at all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, cast

from pydantic import JsonValue

from dji_audit.fleet.store._value_file import StoredValueError, read_value, write_value

_SUFFIX = ".value"


def result_key(basis: Mapping[str, JsonValue]) -> str:
    """Return the key of a result: the SHA-256 of everything that it depends on."""
    text = json.dumps(basis, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ResultStore:
    """Results in a folder.  Several processes may read and write it at the same time."""

    folder: Path

    def path(self, stage: str, key: str) -> Path:
        """Return the file of a result; it may not exist."""
        return self.folder / stage / key[:2] / f"{key}{_SUFFIX}"

    def has(self, stage: str, key: str) -> bool:
        """Return whether there is a result; whether it can be read shows when it is."""
        return self.path(stage, key).is_file()

    def get(self, stage: str, key: str) -> Any:
        """Return a result; ``None``: there is none, or its file is damaged or of another version.

        A damaged file is what a power cut leaves behind: its result is found out again.
        """
        try:
            return read_value(self.path(stage, key).read_bytes())
        except (FileNotFoundError, StoredValueError):
            return None

    def put(self, stage: str, key: str, value: object) -> None:
        """Keep a result; one of the same key is replaced.

        Raises:
            OSError: If it cannot be written.
        """
        path = self.path(stage, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without the name of a result until it is whole.
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as stream:
            try:
                write_value(value, cast(BinaryIO, stream))
                stream.flush()
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
        Path(stream.name).replace(path)

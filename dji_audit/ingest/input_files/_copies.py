"""Which inputs hold the same bytes as an earlier one."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import parsers
from dji_audit.ingest.input_files._model import InputFile

_CHUNK_BYTES = 1 << 20


def find_copies(inputs: Iterable[InputFile]) -> dict[str, InputFile]:
    """Return, for the name of each input that equals an earlier one in every byte, the earlier one.

    Only inputs of equal size are compared, by their SHA-256.
    """
    by_size: dict[int, list[InputFile]] = defaultdict(list)
    for item in inputs:
        try:
            by_size[item.size()].append(item)
        except OSError:
            continue
    originals: dict[str, InputFile] = {}
    for size, same_size in by_size.items():
        if len(same_size) < 2 or not size:
            continue
        first: dict[str, InputFile] = {}
        for item in same_size:
            sha256 = item.member_sha256 or _sha256(item.path)
            if sha256 is not None and first.setdefault(sha256, item) is not item:
                originals[item.name] = first[sha256]
    return originals


def _sha256(path: Path) -> str | None:
    sha256 = hashlib.sha256()
    try:
        with os.fdopen(parsers.open_keeping_access_time(path), "rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                sha256.update(chunk)
    except OSError:
        return None
    return sha256.hexdigest()

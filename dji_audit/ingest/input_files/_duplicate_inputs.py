"""Which inputs hold the same bytes as an earlier one."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.ingest.input_files._hash_evidence_file import hash_evidence_file
from dji_audit.ingest.input_files._model import InputFile

#: Files that wait for the threads: each costs memory until its hash is there.
_MAX_WAITING = 1000
#: Files that a thread takes together: small ones cost less than to be handed over.
_GROUP_SIZE = 8


@dataclass(frozen=True, slots=True)
class DuplicatesAndHashes:
    """Which inputs are copies, and what is known of the bytes of files on the disk."""

    #: Name of each input that equals an earlier one in every byte -> the earlier one.
    originals: Mapping[str, InputFile]
    #: Name of an input that is a file -> its hash: those that were hashed for it, or before.
    file_hashes_by_name: Mapping[str, FileHashAndStat]


def find_duplicates_and_hashes(
    inputs: Iterable[InputFile],
    hashed_earlier: Mapping[str, FileHashAndStat] = MappingProxyType({}),
) -> DuplicatesAndHashes:
    """Return which inputs equal an earlier one in every byte.

    Only inputs of equal size are compared, by their SHA-256.

    Args:
        inputs: Files and members of containers.
        hashed_earlier: Files by their resolved paths, as an earlier run hashed them: one that the
            disk states not to have changed is not hashed again.
    """
    by_size: dict[int, list[InputFile]] = defaultdict(list)
    hashes: dict[str, FileHashAndStat] = {}
    for item in inputs:
        try:
            size = item.size()
            earlier = hashed_earlier.get(str(item.path.resolve())) if hashed_earlier else None
            if item.member is None and earlier and earlier.is_unchanged(item.path.stat()):
                hashes[item.name] = replace(earlier, is_of_earlier_run=True)
        except OSError:
            continue
        by_size[size].append(item)
    alike = [same for size, same in by_size.items() if size and len(same) > 1]
    to_hash = [
        item for same in alike for item in same if item.member is None and item.name not in hashes
    ]
    for item, hashed in zip(
        to_hash, hash_files_in_parallel(it.path for it in to_hash), strict=True
    ):
        if hashed is not None:
            hashes[item.name] = hashed
    originals: dict[str, InputFile] = {}
    for same_size in alike:
        first: dict[str, InputFile] = {}
        for item in same_size:
            known = hashes.get(item.name)
            sha256 = item.member_sha256 or (known.sha256 if known is not None else None)
            if sha256 is not None and first.setdefault(sha256, item) is not item:
                originals[item.name] = first[sha256]
    return DuplicatesAndHashes(originals, hashes)


def hash_files_in_parallel(paths: Iterable[Path]) -> Iterator[FileHashAndStat | None]:
    """Yield the hash of each file in their order, on all cores; ``None``: it cannot be read."""
    each = iter(paths)
    # The interpreter is free while bytes are hashed and read.
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        while some := list(islice(each, _MAX_WAITING)):
            groups = [some[at : at + _GROUP_SIZE] for at in range(0, len(some), _GROUP_SIZE)]
            for hashed in threads.map(_hash_files_or_none_if_changed, groups):
                yield from hashed


def _hash_files_or_none_if_changed(paths: Iterable[Path]) -> list[FileHashAndStat | None]:
    return [_hash_file_or_none_if_changed(path) for path in paths]


def _hash_file_or_none_if_changed(path: Path) -> FileHashAndStat | None:
    """Return the hash of a file; ``None``: it cannot be read, or changed meanwhile."""
    try:
        hashed, is_unchanged = hash_evidence_file(path)
    except OSError:
        return None
    return hashed if is_unchanged else None

"""What the truths of several formats state alike."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from sample_logs.story import Sample

At = TypeVar("At")


def file_facts(format_name: str, version: str | int | None, data: bytes) -> dict[str, Any]:
    """Return what is true of a file as a whole."""
    return {
        "format": format_name,
        "version": version,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def write_files_of_track(
    folder: Path, files: Iterable[tuple[str, str, str | None, bytes]], fix_count: int
) -> dict[str, Any]:
    """Write files that each hold the same number of fixes; return what is true of them.

    Args:
        folder: A new folder for them.
        files: Name, format, version and bytes of each.
        fix_count: How many fixes each holds.
    """
    folder.mkdir(exist_ok=True)
    truths = {}
    for name, format_name, version, data in files:
        (folder / name).write_bytes(data)
        facts = file_facts(format_name, version, data)
        truths[f"{folder.name}/{name}"] = {**facts, "fixes": fix_count}
    return truths


def first_change(fixes: Sequence[tuple[Sample, At]], *, airborne: bool) -> tuple[Sample, At] | None:
    """Return the first fix that is in the air, or the first back on the ground; None if none is."""
    for (before, _), fix in pairwise(fixes):
        if before.airborne != airborne and fix[0].airborne == airborne:
            return fix
    return None

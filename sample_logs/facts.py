"""What the truths of several formats state alike."""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
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


def first_change(fixes: Sequence[tuple[Sample, At]], *, airborne: bool) -> tuple[Sample, At] | None:
    """Return the first fix that is in the air, or the first back on the ground; None if none is."""
    for (before, _), fix in pairwise(fixes):
        if before.airborne != airborne and fix[0].airborne == airborne:
            return fix
    return None

"""A log of this family, put together from what its lines told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._bytes import Content
from .._coverage import CoverageSpan
from .._model import CaptureWindow, Log, Records, Source
from ._text._lines import FLIGHT_TABLES


def build_binary_log(
    content: Content,
    name: str,
    records: Mapping[str, Records],
    seen: CaptureWindow | None,
    **more: Any,
) -> Log:
    """Return the log of a file that is no text of lines."""
    return Log(
        Source(content.name, len(content), content.sha256, name, more.pop("version", None)),
        capture_window=seen,
        unrecorded_tables=FLIGHT_TABLES,
        _records={kind: found for kind, found in sorted(records.items()) if len(found)},
        **more,
    )


def merge_adjacent_spans(pieces: Iterable[CoverageSpan]) -> Iterator[CoverageSpan]:
    """Yield pieces that lie end to end, those of one kind that touch as one; empty ones are not."""
    held: CoverageSpan | None = None
    for piece in pieces:
        if held is not None and (held.kind == piece.kind or not piece.size):
            held = CoverageSpan(held.offset, held.size + piece.size, held.kind)
            continue
        if held is not None and held.size:
            yield held
        held = piece
    if held is not None and held.size:
        yield held

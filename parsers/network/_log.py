"""A log of this family, put together from what its lines told."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .._bytes import Content
from .._coverage import CoverageSpan
from .._model import Clock, Issue, Log, HostReference, Records, Source, CaptureWindow
from ._contacts import ContactRows, capture_window
from ._text._lines import FLIGHT_TABLES, LineCoverage, LineRecords


def build_line_log(
    content: Content,
    name: str,
    ledger: LineCoverage,
    contacts: ContactRows,
    records: Mapping[str, Sequence[int]],
    fields: Callable[[int, str], dict[str, Any]],
    *,
    version: str | None = None,
    clock: Clock,
    flows: int | None = None,
    unnamed: int | None = None,
    blind_spots: Mapping[str, int] | None = None,
    excluded_traffic: str = "",
    host_references: Sequence[HostReference] = (),
    issues: Sequence[Issue] = (),
) -> Log:
    """Return the log of a text whose lines are records.

    Args:
        content: The file.
        name: Name of its format.
        ledger: What its lines are.
        contacts: What they told.
        records: Name of a kind of record to the numbers of its lines.
        fields: Returns the fields of a line, by its number and text.
        version: Which form of the format it is.
        clock: Where times come from, if there are any.
        flows: Conversations seen; ``None``: such a log does not see them.
        unnamed: Those of them without a name.
        blind_spots: What hid names, and how often.
        misses: Conversations that such a log leaves out.
        mentions: Hosts that are named and no contacts.
        issues: Further remarks.
    """
    table = contacts.table()
    told = [*issues, *contacts.issues()]
    spans = ledger.spans()
    seen = capture_window(table, flows, unnamed, blind_spots, excluded_traffic)
    return Log(
        Source(content.name, len(content), content.sha256, name, version),
        clock=clock if table["time"].notna().any() else Clock(notes=clock.notes),
        contacts=table,
        host_references=tuple(host_references),
        capture_window=seen,
        issues=tuple(sorted([*ledger.issues, *told], key=lambda issue: issue.offset)),
        coverage=spans,
        unrecorded_tables=FLIGHT_TABLES,
        _records={
            kind: LineRecords(ledger.text, np.array(numbers, np.int64), fields)
            for kind, numbers in sorted(records.items())
            if numbers
        },
    )


def build_binary_log(
    content: Content, name: str, records: Mapping[str, Records], seen: CaptureWindow | None, **more: Any
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

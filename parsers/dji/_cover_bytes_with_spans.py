"""Coverage from pieces, laid end to end; bytes that no piece covers are a gap."""

from collections.abc import Iterable

from .._byte_coverage import CoverageSpan
from .._model import Issue


def spans_covering_bytes_and_gap_issues(
    size: int, pieces: Iterable[tuple[int, int, str]], gaps: Iterable[Issue] = ()
) -> tuple[tuple[CoverageSpan, ...], tuple[Issue, ...]]:
    """Return spans that lie end to end from 0 to ``size``, and an issue for each new gap.

    Args:
        size: Bytes of the file.
        pieces: Begin, end and kind of runs that lie in order; what overlaps one before is cut.
        gaps: Issues whose bytes are gaps wherever they lie.
    """
    pieces_in_order: list[tuple[int, int, str]] = []
    issues: list[Issue] = []
    at = 0
    for begin, end, kind in pieces:
        begin, end = max(begin, at), min(end, size)
        if end <= begin:
            continue
        if begin > at:
            pieces_in_order.append((at, begin, "gap"))
            issues.append(Issue(at, begin - at, "bytes of unknown kind"))
        pieces_in_order.append((begin, end, kind))
        at = end
    if at < size:
        pieces_in_order.append((at, size, "gap"))
        issues.append(Issue(at, size - at, "bytes of unknown kind"))
    holes = sorted((issue.offset, issue.offset + issue.size) for issue in gaps if issue.size)
    return tuple(
        _merge_touching_spans_of_one_kind(_spans_with_holes_marked_as_gaps(pieces_in_order, holes))
    ), tuple(issues)


def _spans_with_holes_marked_as_gaps(
    pieces: list[tuple[int, int, str]], holes: list[tuple[int, int]]
) -> Iterable[tuple[int, int, str]]:
    """Yield the pieces with the holes as gaps."""
    number = 0
    for begin, end, kind in pieces:
        at = begin
        while number < len(holes) and holes[number][1] <= at:
            number += 1
        index = number
        while index < len(holes) and holes[index][0] < end:
            first, last = max(holes[index][0], at), min(holes[index][1], end)
            if last > first:
                if first > at:
                    yield at, first, kind
                yield first, last, "gap"
                at = last
            index += 1
        if at < end:
            yield at, end, kind


def _merge_touching_spans_of_one_kind(
    pieces: Iterable[tuple[int, int, str]],
) -> Iterable[CoverageSpan]:
    """Yield spans, those of one kind that touch put together."""
    current: tuple[int, int, str] | None = None
    for begin, end, kind in pieces:
        if current and current[2] == kind and current[1] == begin:
            current = current[0], end, kind
            continue
        if current:
            yield CoverageSpan(current[0], current[1] - current[0], current[2])
        current = begin, end, kind
    if current:
        yield CoverageSpan(current[0], current[1] - current[0], current[2])

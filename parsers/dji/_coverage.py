"""Coverage from pieces: laid end to end, what nothing claims a gap."""

from collections.abc import Iterable

from .._coverage import CoverageSpan
from .._model import Issue


def cover_with_spans(
    size: int, pieces: Iterable[tuple[int, int, str]], gaps: Iterable[Issue] = ()
) -> tuple[tuple[CoverageSpan, ...], tuple[Issue, ...]]:
    """Return spans that lie end to end from 0 to ``size``, and an issue for each new gap.

    Args:
        size: Bytes of the file.
        pieces: Begin, end and kind of runs that lie in order; what overlaps one before is cut.
        gaps: Issues whose bytes are gaps wherever they lie.
    """
    laid: list[tuple[int, int, str]] = []
    told: list[Issue] = []
    at = 0
    for begin, end, kind in pieces:
        begin, end = max(begin, at), min(end, size)
        if end <= begin:
            continue
        if begin > at:
            laid.append((at, begin, "gap"))
            told.append(Issue(at, begin - at, "bytes of no known kind"))
        laid.append((begin, end, kind))
        at = end
    if at < size:
        laid.append((at, size, "gap"))
        told.append(Issue(at, size - at, "bytes of no known kind"))
    holes = sorted((one.offset, one.offset + one.size) for one in gaps if one.size)
    return tuple(_merge_touching(_cut_out_gaps(laid, holes))), tuple(told)


def _cut_out_gaps(
    laid: list[tuple[int, int, str]], holes: list[tuple[int, int]]
) -> Iterable[tuple[int, int, str]]:
    """Yield the pieces with the holes as gaps."""
    number = 0
    for begin, end, kind in laid:
        at = begin
        while number < len(holes) and holes[number][1] <= at:
            number += 1
        each = number
        while each < len(holes) and holes[each][0] < end:
            first, last = max(holes[each][0], at), min(holes[each][1], end)
            if last > first:
                if first > at:
                    yield at, first, kind
                yield first, last, "gap"
                at = last
            each += 1
        if at < end:
            yield at, end, kind


def _merge_touching(pieces: Iterable[tuple[int, int, str]]) -> Iterable[CoverageSpan]:
    """Yield spans, those of one kind that touch put together."""
    held: tuple[int, int, str] | None = None
    for begin, end, kind in pieces:
        if held and held[2] == kind and held[1] == begin:
            held = held[0], end, kind
            continue
        if held:
            yield CoverageSpan(held[0], held[1] - held[0], held[2])
        held = begin, end, kind
    if held:
        yield CoverageSpan(held[0], held[1] - held[0], held[2])

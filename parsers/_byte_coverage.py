"""What every byte of a file is: spans of bytes, in a sequence that takes little memory.

A telemetry log of some gigabytes has millions of spans, because frames of unknown messages
stand between the known ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

#: What the bytes of a file can be, for ``Log.coverage``.
COVERAGE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "header": "decoded: header, index or trailer of the file",
        "records": "decoded: records whose layout is known",
        "unknown": "framed records whose layout is not known; kept as bytes",
        "encrypted": "framed records that need a key",
        "media": "pictures inside the log; kept as bytes",
        "opaque": "a region of known purpose that is kept as bytes",
        "other_log": "records of another log in the same file, such as another vehicle's",
        "member": "a part with an account of its own",
        "padding": "filling",
        "gap": "not decoded; an issue says why",
    }
)
_KINDS = tuple(COVERAGE_KINDS)
#: Spans that are made at a time when all are iterated.
_BLOCK = 1 << 14


class CoverageSpan(NamedTuple):
    """A run of bytes and its kind: one of ``COVERAGE_KINDS``."""

    offset: int
    size: int
    kind: str


class ByteCoverage(Sequence[CoverageSpan]):
    """Spans that lie end to end, held as columns; each is made on demand."""

    __slots__ = ("_edges", "_kinds")

    def __init__(self, edges: npt.NDArray[np.integer], kinds: npt.NDArray[np.uint8]) -> None:
        """Take columns over.

        Args:
            edges: First byte of each, and the byte after the last, shape ``(n + 1,)``.
            kinds: Of each its index in ``COVERAGE_KINDS``, shape ``(n,)``.
        """
        self._edges, self._kinds = edges, kinds

    def __len__(self) -> int:
        """Return the number of spans."""
        return len(self._kinds)

    @overload
    def __getitem__(self, index: int) -> CoverageSpan: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[CoverageSpan, ...]: ...
    def __getitem__(self, index: int | slice) -> CoverageSpan | tuple[CoverageSpan, ...]:
        """Return one span, or several as a tuple."""
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(len(self))))
        index = range(len(self))[index]
        start, end = self._edges[index : index + 2].tolist()
        return CoverageSpan(start, end - start, _KINDS[self._kinds[index]])

    def __iter__(self) -> Iterator[CoverageSpan]:
        """Yield all spans, in order of their offset."""
        for first in range(0, len(self), _BLOCK):
            edges = self._edges[first : first + _BLOCK + 1]
            starts, sizes = edges[:-1].tolist(), np.diff(edges).tolist()
            kinds = self._kinds[first : first + _BLOCK].tolist()
            for start, size, kind in zip(starts, sizes, kinds, strict=True):
                yield CoverageSpan(start, size, _KINDS[kind])

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same spans."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # like the lists that it stands for

    def __repr__(self) -> str:
        """Return them as a tuple would."""
        return repr(tuple(self))

    def spans_of_kind(self, kind: str) -> Iterator[CoverageSpan]:
        """Yield the spans of one kind."""
        for index in self.indexes_of_kind(kind).tolist():
            yield self[index]

    def with_changed_kinds(self, changed: Mapping[str, npt.NDArray[np.int64]]) -> "ByteCoverage":
        """Return the same spans, some of another kind; those that follow of one kind are joined.

        Args:
            changed: Kind -> indexes of the spans that are of it.
        """
        kinds = self._kinds.copy()
        for kind, indexes in changed.items():
            kinds[indexes] = coverage_kind_code(kind)
        heads = np.flatnonzero(np.append(True, kinds[1:] != kinds[:-1])[: len(kinds)])
        return ByteCoverage(np.append(self._edges[:-1][heads], self._edges[-1]), kinds[heads])

    def indexes_of_kind(self, kind: str) -> npt.NDArray[np.int64]:
        """Return the indexes of the spans of one kind."""
        return np.flatnonzero(self._kinds == coverage_kind_code(kind))

    def size_of_each_kind(self) -> dict[str, int]:
        """Return the number of bytes of each kind that occurs."""
        total = np.zeros(len(_KINDS), np.int64)
        np.add.at(total, self._kinds, np.diff(self._edges))
        return {kind: size for kind, size in zip(_KINDS, total.tolist(), strict=True) if size}


def coverage_sizes(spans: Sequence[CoverageSpan]) -> dict[str, int]:
    """Return the bytes of each kind that there is, in the order of ``COVERAGE_KINDS``."""
    if isinstance(spans, ByteCoverage):
        return spans.size_of_each_kind()
    counted = dict.fromkeys(COVERAGE_KINDS, 0)
    for span in spans:
        counted[span.kind] += span.size
    return {kind: size for kind, size in counted.items() if size}


def coverage_kind_code(kind: str) -> np.uint8:
    """Return the number by which `ByteCoverage` stores a kind."""
    return np.uint8(_KINDS.index(kind))

"""What the bytes of a file are, in columns: a log may change between kinds a million times."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import COVERAGE_KINDS, CoverageSpan
from ._find_record_frames import Ints

_KINDS = tuple(COVERAGE_KINDS)
RECORDS, UNKNOWN = _KINDS.index("records"), _KINDS.index("unknown")


@dataclass(frozen=True, slots=True)
class CoverageSpanArrays:
    """Runs of bytes: where each begins and ends, and the number of its kind in ``COVERAGE``."""

    begins: Ints
    ends: Ints
    kinds: npt.NDArray[np.int64]

    @classmethod
    def from_spans(cls, spans: Iterable[CoverageSpan]) -> "CoverageSpanArrays":
        """Return spans as columns."""
        rows = [(span.offset, span.offset + span.size, _KINDS.index(span.kind)) for span in spans]
        table = np.array(rows, np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])

    def __add__(self, other: "CoverageSpanArrays") -> "CoverageSpanArrays":
        """Return the spans of both."""
        return CoverageSpanArrays(
            np.concatenate([self.begins, other.begins]),
            np.concatenate([self.ends, other.ends]),
            np.concatenate([self.kinds, other.kinds]),
        )

    def merged_spans_in_order(self) -> tuple[CoverageSpan, ...]:
        """Return spans in order, without empty ones, neighbours of one kind joined, no byte twice.

        Damage may put an entry's header over a record: what begins first keeps the bytes.
        """
        order = np.lexsort((self.ends, self.begins))
        begins, ends, kinds = self.begins[order], self.ends[order], self.kinds[order]
        if len(begins):
            reached = np.concatenate([[0], np.maximum.accumulate(ends)[:-1]])
            begins = np.maximum(begins, reached)
        some = begins < ends
        begins, ends, kinds = begins[some], ends[some], kinds[some]
        if not len(begins):
            return ()
        apart = (begins[1:] != ends[:-1]) | (kinds[1:] != kinds[:-1])
        begins = begins[np.concatenate([[True], apart])]
        ends = ends[np.concatenate([apart, [True]])]
        kinds = kinds[np.concatenate([[True], apart])]
        named = (_KINDS[kind] for kind in kinds.tolist())
        return tuple(map(CoverageSpan, begins.tolist(), (ends - begins).tolist(), named))

"""Offsets of a part, such as a stream of a packet capture, as offsets in the bytes that carry it.

A person who checks a finding opens the capture, not a stream that this program cut from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .._byte_coverage import ByteCoverage, CoverageSpan, coverage_kind_code
from .._file_content import Content, PartToCarrierByteRanges
from .._model import Issue, Log
from .._track_values._value_runs import sorted_distinct_integers
from ._shift_log_offsets import log_with_replaced_offsets

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PartToCarrierOffsets:
    """How offsets in a part become offsets in the bytes that carry it."""

    carrier: Content
    runs: PartToCarrierByteRanges
    #: Bytes of the part.
    size: int

    def mapped_offset(self, offset: int) -> int:
        """Return an offset in the carrier."""
        return int(self.mapped_offsets(np.array([offset], np.int64))[0])

    def mapped_offsets(self, offsets: _Ints) -> _Ints:
        """Return offsets in the carrier, shape as given; what it does not hold is what follows."""
        if not len(self.runs.starts):
            return np.zeros_like(offsets)
        row = np.clip(np.searchsorted(self.runs.starts, offsets, "right") - 1, 0, None)
        within = offsets - self.runs.starts[row]
        moved = self.runs.offsets[row] + np.minimum(within, np.maximum(self.runs.sizes[row] - 1, 0))
        return np.asarray(np.clip(moved, 0, max(0, len(self.carrier) - 1)), np.int64)

    def mapped_issue(self, issue: Issue) -> Issue:
        """Return an issue at its offset in the carrier, with the bytes of its first run there."""
        begin = self.mapped_offset(issue.offset)
        if not issue.size:
            return replace(issue, offset=begin)
        last = self.mapped_offset(min(issue.offset + issue.size, self.size) - 1)
        held = last + 1 - begin
        return replace(issue, offset=begin, size=min(issue.size, held) if held > 0 else 0)

    def mapped_spans(self, spans: Sequence[CoverageSpan]) -> Sequence[CoverageSpan]:
        """Return what every byte of the carrier is: of this log, or of another."""
        starts, begins, sizes = self.runs.starts, self.runs.offsets, self.runs.sizes
        edges = np.array([span.offset for span in spans], np.int64)
        kinds = np.array([coverage_kind_code(span.kind) for span in spans], np.uint8)
        cuts = sorted_distinct_integers(np.concatenate([starts, starts + sizes, edges]))
        cuts = cuts[cuts < self.size]
        row = np.searchsorted(starts, cuts, "right") - 1
        is_held = cuts < starts[row] + sizes[row]
        cuts, row = cuts[is_held], row[is_held]
        ends = np.minimum(np.append(cuts[1:], self.size), starts[row] + sizes[row])
        first, size = begins[row] + cuts - starts[row], ends - cuts
        order = np.argsort(first, kind="stable")
        first, last = first[order], (first + size)[order]
        of_log = kinds[np.searchsorted(edges, cuts[order], "right") - 1]
        # What lies between the runs is of another log of the same carrier.
        bounds = np.empty(2 * len(first) + 2, np.int64)
        bounds[0], bounds[-1] = 0, len(self.carrier)
        bounds[1:-1:2], bounds[2:-1:2] = first, last
        bounds = np.maximum.accumulate(bounds)
        codes = np.full(2 * len(first) + 1, coverage_kind_code("other_log"), np.uint8)
        codes[1::2] = of_log
        is_filled = np.diff(bounds) > 0
        return ByteCoverage(
            np.append(bounds[:-1][is_filled], bounds[-1]), codes[is_filled]
        ).with_changed_kinds({})


def log_with_carrier_offsets(log: Log, part: Content) -> Log:
    """Return a log of a part with every offset in the bytes that carry it; else as it is."""
    if part.carrier is None or part.carried_runs is None:
        return log
    offsets = PartToCarrierOffsets(part.carrier, part.carried_runs, len(part))
    return log_with_replaced_offsets(log, offsets, part.carrier, offsets.mapped_spans(log.coverage))

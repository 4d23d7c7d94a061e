"""What every byte of a file is, kept as columns: it reads as the tuple of spans would."""

import copy

import numpy as np
import pytest

from parsers._byte_coverage import COVERAGE_KINDS, ByteCoverage, CoverageSpan, coverage_kind_code

SPANS = (
    CoverageSpan(0, 12, "header"),
    CoverageSpan(12, 88, "records"),
    CoverageSpan(100, 3, "gap"),
    CoverageSpan(103, 897, "records"),
    CoverageSpan(1000, 5_000_000_000, "unknown"),
)


@pytest.fixture
def coverage() -> ByteCoverage:
    edges = np.array([*(span.offset for span in SPANS), SPANS[-1].offset + SPANS[-1].size])
    return ByteCoverage(edges, np.array([coverage_kind_code(span.kind) for span in SPANS]))


def test_it_reads_as_the_tuple_of_its_spans(coverage: ByteCoverage) -> None:
    assert tuple(coverage) == SPANS
    assert coverage == SPANS
    assert coverage == SPANS
    assert coverage != SPANS[:-1]
    assert coverage != 5
    assert len(coverage) == len(SPANS)
    assert repr(coverage) == repr(SPANS)


def test_one_or_some_are_picked_as_from_a_tuple(coverage: ByteCoverage) -> None:
    assert coverage[0] == SPANS[0]
    assert coverage[-1] == SPANS[-1]
    assert coverage[1:3] == SPANS[1:3]
    assert SPANS[2] in coverage
    with pytest.raises(IndexError):
        coverage[5]
    assert all(type(value) is int for value in coverage[4][:2])


def test_it_says_the_bytes_of_each_kind_and_where_those_of_one_lie(coverage: ByteCoverage) -> None:
    assert coverage.size_of_each_kind() == {
        "header": 12,
        "records": 985,
        "unknown": 5_000_000_000,
        "gap": 3,
    }
    assert list(coverage.size_of_each_kind()) == [
        kind for kind in COVERAGE_KINDS if kind in coverage.size_of_each_kind()
    ]
    assert list(coverage.spans_of_kind("records")) == [SPANS[1], SPANS[3]]
    assert list(coverage.spans_of_kind("media")) == []


def test_it_can_be_handed_to_another_process(coverage: ByteCoverage) -> None:
    # As pickling does it.
    assert copy.deepcopy(coverage) == SPANS


def test_an_empty_one_has_nothing() -> None:
    none = ByteCoverage(np.zeros(1, np.int64), np.empty(0, np.uint8))
    assert tuple(none) == ()
    assert not none.size_of_each_kind()


def test_spans_of_another_kind_are_joined_with_those_beside_them(coverage: ByteCoverage) -> None:
    changed = coverage.with_changed_kinds({"records": coverage.indexes_of_kind("gap")})
    assert tuple(changed) == (
        SPANS[0],
        CoverageSpan(12, 988, "records"),
        SPANS[4],
    )
    assert tuple(coverage) == SPANS
    assert tuple(coverage.with_changed_kinds({})) == SPANS

"""Runs of equal values, against a plain loop."""

from itertools import groupby, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers._track_values._value_runs import (
    RowRun,
    find_runs,
    find_true_runs,
    merge_close_runs,
    sorted_distinct_integers,
)

COLUMN = st.lists(st.sampled_from([0.0, 1.0, 2.0, float("nan")]), max_size=30)


@given(COLUMN)
def test_runs_are_those_of_a_plain_loop(values: list[float]) -> None:
    expected, at = [], 0
    for _, group in groupby(values, key=lambda value: "nan" if value != value else value):
        size = len(list(group))
        expected.append((at, at + size - 1))
        at += size
    found = list(find_runs(np.array(values)))
    assert [(run.first, run.last) for run in found] == expected
    assert sum(run.row_count for run in found) == len(values)
    for run in found:
        np.testing.assert_equal(run.value, values[run.first])


@given(COLUMN)
def test_true_runs_cover_exactly_the_rows_that_hold(values: list[float]) -> None:
    rows = [
        row for run in find_true_runs(np.array(values)) for row in range(run.first, run.last + 1)
    ]
    assert rows == [row for row, value in enumerate(values) if value in (1.0, 2.0)]


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 5))
def test_joining_bridges_gaps_up_to_a_length_and_no_longer(flags: list[bool], most: int) -> None:
    whole = find_true_runs(np.array(flags))
    found = merge_close_runs(whole, most)
    for before, after in pairwise(found):
        assert after.first - before.last - 1 > most
    covered = {row for run in found for row in range(run.first, run.last + 1)}
    assert {row for row, flag in enumerate(flags) if flag} <= covered
    assert all(flags[run.first] and flags[run.last] for run in found)


def test_no_rows_have_no_runs() -> None:
    assert list(find_runs(np.array([]))) == []
    assert find_true_runs(np.array([])) == []
    assert merge_close_runs([], 3) == []
    assert RowRun(1.0, 2, 2).row_count == 1


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3), max_size=30))
def test_distinct_integers_are_those_of_a_set_in_order(values: list[int]) -> None:
    found = sorted_distinct_integers(np.array(values, np.int64))
    assert found.tolist() == sorted(set(values))

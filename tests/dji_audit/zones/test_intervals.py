"""Sets of instants behave as sets do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.common.time_intervals import (
    NO_INTERVALS,
    Intervals,
    interval_complement,
    interval_intersection,
    interval_union,
    join_touching_intervals,
    times_in_intervals_mask,
    total_duration_s,
)

LAST = 40
INSTANTS = np.arange(0, LAST, 0.25)


@st.composite
def sets(draw: st.DrawFn) -> Intervals:
    edges = draw(st.lists(st.integers(0, LAST - 1), unique=True, max_size=12).map(sorted))
    pairs = np.array(edges[: len(edges) // 2 * 2], np.float64).reshape(-1, 2)
    return pairs if len(pairs) else NO_INTERVALS


@given(sets(), sets())
def test_union_and_intersection_hold_what_they_should(one: Intervals, other: Intervals) -> None:
    first, second = times_in_intervals_mask(one, INSTANTS), times_in_intervals_mask(other, INSTANTS)
    assert (times_in_intervals_mask(interval_union(one, other), INSTANTS) == (first | second)).all()
    assert (
        times_in_intervals_mask(interval_intersection(one, other), INSTANTS) == (first & second)
    ).all()


@given(sets())
def test_a_set_and_its_complement_are_the_whole_span(of: Intervals) -> None:
    rest = interval_complement(of, 0.0, float(LAST))
    assert total_duration_s(of) + total_duration_s(rest) == LAST
    open_ = INSTANTS[~np.isin(INSTANTS, of)]
    assert (times_in_intervals_mask(rest, open_) == ~times_in_intervals_mask(of, open_)).all()


def test_an_instant_counts_where_the_span_is_one() -> None:
    """The one fix of a photo is in a set, or it is not."""
    for of, is_outside in (
        (NO_INTERVALS, True),
        (np.array([[5.0, 5.0]]), False),
        (np.array([[0.0, 9.0]]), False),
        (np.array([[0.0, 4.0], [6.0, 9.0]]), True),
    ):
        wanted = [[5.0, 5.0]] if is_outside else []
        assert interval_complement(of, 5.0, 5.0).tolist() == wanted
    assert interval_complement(np.array([[0.0, 9.0]]), 0.0, 9.0).tolist() == []


@given(st.lists(st.booleans(), max_size=20))
def test_pieces_that_touch_are_one(flags: list[bool]) -> None:
    edges = np.arange(len(flags) + 1.0)
    found = join_touching_intervals(edges[:-1], edges[1:], np.array(flags, np.bool_))
    assert total_duration_s(found) == sum(flags)
    assert (found[1:, 0] > found[:-1, 1]).all()

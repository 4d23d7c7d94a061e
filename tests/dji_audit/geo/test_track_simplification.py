"""Which fixes of a track suffice."""

import time

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.geo.track_simplification import ValuesWithTolerance, indices_of_fixes_to_keep

Floats = npt.NDArray[np.float64]


def errors_at_the_same_instant(
    times: Floats, kept: npt.NDArray[np.intp], *columns: Floats
) -> Floats:
    """Return how far each fix is from the simplified track at its own instant."""
    squares = [(column - np.interp(times, times[kept], column[kept])) ** 2 for column in columns]
    errors: Floats = np.sqrt(np.sum(squares, axis=0))
    return errors


def test_a_hover_is_kept_where_it_was_in_time() -> None:
    # Out for 50 s, still for 100 s, on for 50 s: one straight line in space.
    times = np.arange(200.0)
    east = np.concatenate([np.arange(50), np.full(100, 50), np.arange(50, 100)]).astype(float)
    kept = indices_of_fixes_to_keep(times, [ValuesWithTolerance((east, np.zeros(200)), 0.5)])
    assert set(kept) <= {0, 49, 50, 51, 148, 149, 150, 199}
    assert len(kept) == 4
    assert errors_at_the_same_instant(times, kept, east).max() <= 0.5


def test_a_straight_flight_is_two_fixes_and_a_forced_one_stays() -> None:
    times = np.arange(100.0)
    line = ValuesWithTolerance((times * 3, times * 4), 0.5)
    assert indices_of_fixes_to_keep(times, [line]).tolist() == [0, 99]
    assert indices_of_fixes_to_keep(times, [line], times == 40).tolist() == [0, 40, 99]


def test_the_axes_of_one_quantity_count_as_a_distance() -> None:
    times, bump = np.arange(3.0), np.array([0, 0.4, 0])
    together = [ValuesWithTolerance((bump, bump), 0.5)]
    apart = [ValuesWithTolerance((bump,), 0.5), ValuesWithTolerance((bump,), 0.5)]
    assert indices_of_fixes_to_keep(times, together).tolist() == [0, 1, 2]
    assert indices_of_fixes_to_keep(times, apart).tolist() == [0, 2]


def test_both_fixes_stay_where_a_value_ceases_and_begins_to_be_known() -> None:
    height = np.array([1.0, 1, 1, np.nan, np.nan, np.nan, 1, 1, 1])
    kept = indices_of_fixes_to_keep(np.arange(9.0), [ValuesWithTolerance((height,), 0.5)])
    assert kept.tolist() == [0, 2, 3, 5, 6, 8]


def test_nothing_is_kept_of_nothing_and_one_fix_of_one() -> None:
    nothing = np.array([])
    assert indices_of_fixes_to_keep(nothing, [ValuesWithTolerance((nothing,), 1)]).tolist() == []
    assert indices_of_fixes_to_keep(
        [5.0], [ValuesWithTolerance((np.array([1.0]),), 1)]
    ).tolist() == [0]


@given(
    st.lists(
        st.tuples(st.floats(0, 10), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
        min_size=1,
        max_size=60,
    )
)
def test_no_fix_is_farther_off_at_its_instant_than_the_tolerance(
    rows: list[tuple[float, float, float]],
) -> None:
    # Steps of at least a tenth of a second: two positions at one instant are both kept.
    steps, east, north = (np.array(column) for column in zip(*rows, strict=True))
    times = np.cumsum(steps + 0.1)
    kept = indices_of_fixes_to_keep(times, [ValuesWithTolerance((east, north), 0.5)])
    assert errors_at_the_same_instant(times, kept, east, north).max() <= 0.5 + 1e-6


def test_two_positions_at_one_instant_are_both_kept() -> None:
    times, east = np.array([0.0, 1, 1, 1, 2]), np.array([0.0, 0, 50, 100, 100])
    kept = indices_of_fixes_to_keep(times, [ValuesWithTolerance((east,), 0.5)])
    assert {1, 3} <= set(kept)


@pytest.mark.parametrize(
    ("times", "column", "tolerance", "reason"),
    [
        ([0, 2, 1], [0, 0, 0], 0.5, "ascend"),
        ([0, np.nan, 1], [0, 0, 0], 0.5, "known"),
        ([0, 1, 2], [0, 0, 0], 0, "not positive"),
        ([0, 1, 2], [0, 0], 0.5, "another length"),
    ],
)
def test_what_is_no_track_is_refused(
    times: list[float], column: list[float], tolerance: float, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        indices_of_fixes_to_keep(
            times, [ValuesWithTolerance((np.array(column, np.float64),), tolerance)]
        )


def test_a_track_made_to_split_badly_costs_no_more_than_n_log_n() -> None:
    def seconds(fixes: int) -> float:
        # Each fix is worse than the one before: a part always splits at its end.
        times = np.arange(float(fixes))
        wild = ValuesWithTolerance((1.0005**times * (-1) ** np.arange(fixes),), 1e-9)
        begin = time.perf_counter()
        assert len(indices_of_fixes_to_keep(times, [wild])) > fixes / 2
        return time.perf_counter() - begin

    seconds(500)
    assert min(seconds(32_000) for _ in range(3)) < 40 * min(seconds(2000) for _ in range(3))

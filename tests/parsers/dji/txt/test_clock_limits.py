"""The numbers of the clock of flight records: outliers, gaps, bounds, and how well it fits."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from parsers._record_layout import LayoutRecords
from parsers.dji._event_rows import NAT
from parsers.dji._records_of_one_type import RecordsOfOneType
from parsers.dji.txt import _times_of_record_frames

BEGIN = 1_700_000_000_000
EARLIEST, LATEST = 1_262_304_000_000, 4_102_444_800_000


def used(*ms: int) -> list[bool]:
    return [
        bool(each)
        for each in _times_of_record_frames._plausible_time_mask(np.array(ms, np.float64))
    ]


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        ((BEGIN, BEGIN + 60_000, BEGIN), [True, True, False]),
        ((BEGIN, BEGIN + 60_001, BEGIN), [True, False, True]),
        ((BEGIN, BEGIN + 200_000, BEGIN + 60_000), [True, False, True]),
        ((BEGIN, BEGIN + 200_000, BEGIN + 60_001), [True, True, False]),
        # A minute from one of them is not more than a minute from both.
        ((BEGIN, BEGIN + 60_000, BEGIN - 1), [True, True, False]),
        ((BEGIN - 1, BEGIN + 60_000, BEGIN), [True, True, False]),
        ((BEGIN + 60_000, BEGIN), [True, False]),
        ((BEGIN + 60_001, BEGIN), [False, True]),
        ((BEGIN, BEGIN), [True, True]),
    ],
)
def test_a_time_a_minute_from_both_neighbours_is_damage(
    ms: tuple[int, ...], expected: list[bool]
) -> None:
    assert used(*ms) == expected


def test_times_from_2010_to_2100_are_plausible() -> None:
    assert used(EARLIEST - 1) == [False]
    assert used(EARLIEST, LATEST) == [True, True]
    assert used(LATEST + 1) == [False]


def test_more_than_ten_seconds_without_a_time_are_noted() -> None:
    steps = np.cumsum([0, 10_000, 10_001, 11_000]) + BEGIN
    notes = _times_of_record_frames._time_gap_notes(steps.astype(np.float64))
    assert [note.split(" from ")[0] for note in notes] == [
        "no time for 10.0 s",
        "no time for 11.0 s",
    ]


def test_twenty_gaps_are_noted() -> None:
    assert (
        len(_times_of_record_frames._time_gap_notes(np.linspace(BEGIN, BEGIN + 600_000, 31))) == 20
    )


def test_between_two_times_frames_are_spread_evenly_and_beyond_them_they_stand() -> None:
    at = np.arange(7)
    ns = _times_of_record_frames._interpolate_ns(
        at, np.array([1, 5]), np.array([BEGIN, BEGIN + 2.0])
    )
    assert (ns - BEGIN * 10**6).tolist() == [0, 0, 500_000, 1_000_000, 1_500_000, *[2_000_000] * 2]


def osd(flight_time_s: list[float]) -> RecordsOfOneType:
    records = {"flight_time_s": np.array(flight_time_s)}
    rows = np.arange(len(flight_time_s))
    return cast("RecordsOfOneType", SimpleNamespace(rows=rows, records=records))


def residual_s(errors_s: list[float]) -> float | None:
    seconds = np.arange(len(errors_s), dtype=np.float64)
    ns = np.round((seconds + errors_s) * 1e9).astype(np.int64) + BEGIN * 10**6
    return _times_of_record_frames._clock_fit_residual_s(ns, osd(seconds.tolist()))


def test_how_well_times_fit_takes_ten_records_and_95_of_100() -> None:
    assert residual_s([0.0] * 9) is None
    assert residual_s([0.0] * 10) == 0.0
    assert residual_s([0.0] * 18 + [1.0, 2.0]) == pytest.approx(1.05)
    assert residual_s([0.0] * 18 + [0.12345] * 2) == 0.123
    # A first record that is off moves nothing.
    assert residual_s([5.0] + [0.0] * 29) == 0.0


class Details:
    """Details of a length, with the start that they state."""

    def __init__(self, start_ms: int, length: int) -> None:
        self.start_ms, self.lengths = start_ms, np.array([length])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([self.start_ms])


@pytest.mark.parametrize(
    ("start_ms", "length", "is_dated"),
    [
        (BEGIN, 99, True),
        (BEGIN, 98, False),
        (EARLIEST, 400, True),
        (EARLIEST - 1, 400, False),
        (LATEST, 400, True),
        (LATEST + 1, 400, False),
    ],
)
def test_the_stated_start_counts_where_it_is_complete_and_plausible(
    start_ms: int, length: int, is_dated: bool
) -> None:
    ns = np.full(2, NAT, np.int64)
    details = cast("LayoutRecords", Details(start_ms, length))
    times = _times_of_record_frames._times_from_flight_time(
        ns, osd([2.0, 2.5]), details, np.ones(2, bool)
    )
    expected = [start_ms * 10**6, start_ms * 10**6 + 500_000_000] if is_dated else [NAT] * 2
    assert times.ns.tolist() == expected
    assert times.clock.uncertainty_s == (1.0 if is_dated else None)

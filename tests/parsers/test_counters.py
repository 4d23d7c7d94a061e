"""Counters of a log stand in the order of its bytes, one for each sender."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers._clocks._read_monotonic_counters import CounterField, read_counters
from tests.parsers.records_of_frame import RecordsOfFrame

STEM = "DJIFlightRecord_2026-05-14_[10-01-58]"
#: Sample -> records with a counter of the aircraft, and with a clock.
SAMPLES = {
    f"{STEM}.txt": ({"OSD"}, {"Custom"}),
    "FLY042.DAT": ({"OSD"}, set()),
    "00000042.BIN": ({"POS", "GPS"}, {"GPS"}),
    "2026-05-14 12-01-58.tlog": ({"GLOBAL_POSITION_INT", "SYSTEM_TIME"}, {"SYSTEM_TIME"}),
    "log_42_2026-5-14-14-01-58.ulg": (
        {"vehicle_local_position", "vehicle_gps_position"},
        {"vehicle_gps_position"},
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_counters_of_a_whole_log_rise_at_bytes_that_rise(name: str, sample_logs: Path) -> None:
    log = parsers.read(sample_logs / name)
    for kind, records in zip(("count", "clock"), SAMPLES[name], strict=True):
        assert {each.record for each in log.monotonic_counters if each.kind == kind} == records
    for each in log.monotonic_counters:
        assert len(each.offsets) == len(each.seconds) > 10
        assert (np.diff(each.offsets) > 0).all()
        assert 0 <= each.offsets[0] <= each.offsets[-1] < log.source.size
        assert (np.diff(each.seconds) >= 0).all()
        at = log.records(each.record).set_index("offset")[each.field]
        assert each.offsets[5] in at.index


def test_each_sender_has_a_counter_of_its_own() -> None:
    found = read_counters(
        {"A": RecordsOfFrame(ms=[1, 100, 2, 200], system=[1, 2, 1, 2])},
        [CounterField("A", "ms", "count", 1e-3)],
    )
    assert [(each.sender, each.seconds.tolist()) for each in found] == [
        ("1", [0.001, 0.002]),
        ("2", [0.1, 0.2]),
    ]
    assert [each.offsets.tolist() for each in found] == [[0, 20], [10, 30]]


def test_a_clock_counts_from_when_it_is_set() -> None:
    rising = [CounterField("A", "utc", "clock", valid=("fix", 3))]
    (found,) = read_counters({"A": RecordsOfFrame(utc=[0, 5, 6, 7], fix=[3, 1, 3, 4])}, rising)
    assert found.seconds.tolist() == [6.0, 7.0]


def test_a_record_or_column_that_a_log_lacks_has_no_counter() -> None:
    rising = [CounterField("A", "ms", "count"), CounterField("B", "ms", "count")]
    assert read_counters({"A": RecordsOfFrame(other=[1, 2])}, rising) == ()


def seconds_of(field: CounterField, **columns: Any) -> list[list[float]]:
    return [
        each.seconds.tolist() for each in read_counters({"A": RecordsOfFrame(**columns)}, [field])
    ]


def test_a_count_may_begin_with_nought_and_a_clock_is_not_set_then() -> None:
    assert seconds_of(CounterField("A", "n", "count"), n=[0, 1, 2]) == [[0.0, 1.0, 2.0]]
    assert seconds_of(CounterField("A", "n", "clock"), n=[0, -1, 1, 2]) == [[1.0, 2.0]]
    assert seconds_of(CounterField("A", "n", "clock"), n=[0, 0]) == []
    assert seconds_of(CounterField("A", "n", "count", 1e-3), n=[1500, 1600]) == [[1.5, 1.6]]
    assert seconds_of(CounterField("A", "n", "count"), n=[math.nan, 5.0]) == [[5.0]]
    # One value is a counter too.
    assert seconds_of(CounterField("A", "n", "count"), n=[5]) == [[5.0]]


def test_records_that_do_not_say_their_sender_have_a_counter_of_their_own() -> None:
    records = RecordsOfFrame(n=[1, 5, 2, 6], system=[1.0, math.nan, 1.0, math.nan])
    found = read_counters({"A": records}, [CounterField("A", "n", "count")])
    assert [each.seconds.tolist() for each in found] == [[1.0, 2.0], [5.0, 6.0]]


def test_a_condition_on_a_column_that_is_not_there_is_none() -> None:
    field = CounterField("A", "n", "count", valid=("fix", 3))
    assert seconds_of(field, n=[5, 6]) == [[5.0, 6.0]]
    assert seconds_of(field, n=[5, 6, 7], fix=[2, 3, 4]) == [[6.0, 7.0]]
    assert seconds_of(field, n=[5, 6], fix=[0, 2]) == []


def test_instants_are_in_seconds_whatever_the_unit_and_a_missing_number_is_none() -> None:
    at = pd.DatetimeIndex([1_500_000_000, pd.NaT, 2_500_000_000], tz="UTC")
    assert seconds_of(CounterField("A", "at", "clock", 1e-6), at=at) == [[1.5, 2.5]]
    numbers = pd.array([1, None, 3], dtype="Int64")
    assert seconds_of(CounterField("A", "n", "count"), n=numbers) == [[1.0, 3.0]]


def test_a_counter_says_what_it_is_of() -> None:
    field = CounterField("A", "n", "count", period_s=60.0, begins_new_log=True)
    (found,) = read_counters({"A": RecordsOfFrame(n=[1, 2], system=[7, 7])}, [field])
    # A column that says the same of all records tells no sender.
    assert (found.record, found.field, found.kind, found.sender) == ("A", "n", "count", "")
    assert (found.period_s, found.begins_new_log) == (60.0, True)
    (plain,) = read_counters({"A": RecordsOfFrame(n=[1])}, [CounterField("A", "n", "count")])
    assert (plain.period_s, plain.begins_new_log) == (None, False)


def test_two_counters_of_one_record_and_two_columns_of_senders() -> None:
    fields = [CounterField("A", "n", "count"), CounterField("A", "m", "count")]
    records = RecordsOfFrame(n=[1, 2, 3], m=[4, 5, 6], system=[1, 1, 2], I=[0, 1, 0])
    found = read_counters({"A": records}, fields)
    assert [(each.sender, each.field, each.seconds.tolist()) for each in found] == [
        ("1.0", "n", [1.0]), ("1.0", "m", [4.0]), ("1.1", "n", [2.0]), ("1.1", "m", [5.0]),
        ("2.0", "n", [3.0]), ("2.0", "m", [6.0]),
    ]  # fmt: skip

"""Counters of a log stand in the order of its bytes, one for each sender."""

from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers._clocks._record_counters import CounterField, read_counters
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

"""Times come from Custom records: exact at them, never backwards, missing where there are none."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample_logs.dji_txt import Details
from tests.parsers.dji.txt.made import START_MS, custom, flight, osd, read


def start(after_ms: float = 0) -> pd.Timestamp:
    return pd.Timestamp(START_MS, unit="ms", tz="UTC") + pd.Timedelta(milliseconds=after_ms)


def test_a_photo_is_dated_to_the_millisecond_of_its_record() -> None:
    for after in (1, 7, 333, 999):
        log = read(11, [(5, custom(0)), (1, osd()), (5, custom(after, photo=1)), (5, custom(1500))])
        assert log.captures.start.tolist() == [start(after)]


def test_a_fix_lies_between_the_custom_records_that_it_stands_between() -> None:
    log = read(11, [(5, custom(0)), (1, osd()), (1, osd()), (1, osd()), (5, custom(400))])
    assert log.track.time.tolist() == [start(100), start(200), start(300)]


@pytest.mark.parametrize("wrong", [-5_000_000, 10**15, -START_MS, 50_000_000])
def test_one_implausible_time_is_told_and_not_used(wrong: int) -> None:
    records = flight(20)
    records[30] = (5, custom(wrong))
    log, good = read(11, records), read(11, flight(20))
    assert [issue.reason for issue in log.issues] == ["Custom record with an implausible time"]
    off = (log.track.time - good.track.time).abs().max()
    assert off <= pd.Timedelta(milliseconds=150)
    assert log.track.time.is_monotonic_increasing


def test_a_first_time_that_is_far_ahead_is_not_used() -> None:
    records = flight(20)
    records[0] = (5, custom(5_000_000))
    log = read(11, records)
    assert log.track.time.max() < start(2_100)
    assert len(log.issues) == 1


@given(st.lists(st.integers(-(10**14), 10**14) | st.integers(0, 2000), min_size=1, max_size=12))
@settings(deadline=None)
def test_whatever_the_app_wrote_times_never_run_backwards(after: list[int]) -> None:
    records = [record for ms in after for record in ((5, custom(ms)), (1, osd()))]
    log = read(11, records)
    assert len(log.track) == len(after)
    known = log.track.time.dropna()
    assert known.is_monotonic_increasing
    assert log.track.source_offset.is_monotonic_increasing
    plausible = [ms for ms in after if 1_262_304_000_000 <= START_MS + ms <= 4_102_444_800_000]
    if plausible:
        assert known.between(start(min(plausible)), start(max(plausible))).all()
    else:
        assert not len(known)


def test_a_gap_in_the_clock_is_noted() -> None:
    log = read(
        11, [(5, custom(0)), (1, osd()), (5, custom(30_000)), (1, osd()), (5, custom(30_100))]
    )
    assert len(log.clock.notes) == 1
    assert log.clock.notes[0].startswith("no time for 30.0 s from ")


def test_without_custom_records_the_stated_start_and_the_flight_time_give_the_time() -> None:
    fixes = [(1, osd(second)) for second in (2.0, 2.5, 4.0)]
    log = read(11, fixes, Details(start_ms=START_MS))
    assert log.track.time.tolist() == [start(0), start(500), start(2000)]
    assert log.clock.source is not None
    assert log.clock.source.startswith("start stated by the app")
    assert log.clock.uncertainty_s == 1.0


def test_without_any_clock_there_is_no_time_and_the_fixes_stay() -> None:
    log = read(11, [(1, osd(second)) for second in (2.0, 2.5)])
    assert log.clock.source is None
    assert log.track.time.isna().all()
    assert log.track.latitude_deg.notna().all()


def test_a_start_alone_is_said_to_be_all_the_time_there_is() -> None:
    log = read(11, [(9, b"hello")], Details(start_ms=START_MS, needs_upload=1))
    assert log.clock.source == "start stated by the app"
    assert log.header_summary is not None
    assert log.header_summary.start == start(0)


def test_how_well_the_clock_fits_the_flight_time_is_measured() -> None:
    steady = read(11, flight(50)).clock.uncertainty_s
    assert steady is not None
    assert steady < 0.06
    jumpy = flight(50)
    for number in range(25, 50):
        jumpy[3 * number] = (5, custom(100 * number + 3000))
    rough = read(11, jumpy).clock.uncertainty_s
    assert rough is not None
    assert rough > 1
    assert np.isfinite(rough)

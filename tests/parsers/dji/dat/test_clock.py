"""Ticks become UTC by the GPS; what the GPS does not date has no time."""

from datetime import timedelta

import numpy as np
import pytest

from parsers import Log
from sample_logs import dji_dat
from sample_logs.dji_dat import Record

from .made import START, flight, gps, osd, read, read_bytes, tick


def drift_s(log: Log) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how far each row lies from a steady run of tenths after the first."""
    since = np.asarray((log.track["time"] - log.track["time"].iloc[0]).dt.total_seconds())
    return np.asarray(abs(since - np.arange(len(since)) / 10), np.float64)


def test_the_first_record_of_a_second_is_that_second() -> None:
    log = read(flight(5))
    assert log.track["time"].iloc[0] == START
    assert log.clock.source is not None
    assert log.clock.uncertainty_s == pytest.approx(0.2)
    assert log.clock.offset_s == pytest.approx(START.timestamp() - 30, abs=1e-3)


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_a_counter_that_starts_again_is_followed(turns: int) -> None:
    period = 2**32 / 4.5e6
    log = read(flight(30, on_since_s=turns * period + period - 11))
    assert drift_s(log).max() < 1e-4
    assert "run 1: 450 records" in log.clock.notes[0]
    assert len(log.clock.notes) == 1


def test_records_out_of_order_keep_their_own_times() -> None:
    records = list(flight(10))
    records[60], records[75] = records[75], records[60]
    log = read(records)
    assert len(log.clock.notes) == 1
    assert log.track["time"].is_monotonic_increasing
    assert drift_s(log).max() < 1e-4


def test_a_second_power_up_is_dated_on_its_own() -> None:
    later = START + timedelta(hours=3)
    log = read([*flight(5), *flight(5, on_since_s=2, start=later)])
    assert log.track["time"].iloc[50] == later
    (event,) = (row for _, row in log.events.iterrows() if row["kind"] == "clock")
    assert event["time"] == later


def test_a_run_without_a_gps_date_has_no_times_and_says_so() -> None:
    log = read(flight(5, dated=False))
    assert log.clock.source is None
    assert log.track["time"].isna().all()
    assert log.track["latitude_deg"].notna().all()
    assert any("times are relative only" in issue.reason for issue in log.issues)


def test_only_the_dated_of_two_runs_has_times() -> None:
    log = read([*flight(5), *flight(5, on_since_s=2, dated=False)])
    assert log.track["time"].notna().sum() == 50
    assert log.track["time"].iloc[50:].isna().all()
    assert "no GPS date in it" in log.clock.notes[1]


def test_a_wild_date_does_not_move_the_clock() -> None:
    records = list(flight(20))
    records[100] = gps(36.6, START - timedelta(days=900))
    records[130] = gps(38.6, START + timedelta(days=4000))
    log = read(records)
    assert log.track["time"].iloc[0] == START


def test_dates_that_are_none_are_not_used() -> None:
    bad = bytearray(gps(31, START).payload)
    bad[:4] = (20261399).to_bytes(4, "little")
    log = read([osd(31), Record(2096, tick(31), bytes(bad))])
    assert log.clock.source is None


def test_a_date_without_a_position_is_not_used() -> None:
    guessed = START - timedelta(days=4000)
    lost = [
        Record(2096, tick(30 + n), dji_dat.gps(guessed + timedelta(seconds=n), 0.0, 0.0, 0.0))
        for n in range(60)
    ]
    log = read([*lost, *flight(5, on_since_s=91)])
    assert log.track["time"].iloc[0] == START
    assert "25 GPS dates" in log.clock.notes[0]


def test_the_drift_of_the_aircrafts_clock_is_measured() -> None:
    fast = 4_500_000 * (1 + 80e-6)
    log = read(flight(200, rate_hz=fast))
    assert "drift -80.0 ppm" in log.clock.notes[0]
    assert drift_s(log).max() < 1e-3


@pytest.mark.parametrize(
    ("aircraft", "rate_hz", "model"),
    [(5, 85e6, "Matrice 100"), (6, 600.0, "Phantom 3 or Inspire 1"), (18, 4.5e6, "Phantom 4 Pro")],
)
def test_ticks_run_as_fast_as_the_header_says(aircraft: int, rate_hz: float, model: str) -> None:
    log = read(flight(90, rate_hz=rate_hz), dji_dat.header(aircraft=aircraft))
    assert log.aircraft.model == model
    assert drift_s(log).max() < 0.002


def test_without_a_header_the_gps_shows_how_fast_ticks_run() -> None:
    body = dji_dat.encode(flight(30, rate_hz=600.0), b"")
    assert drift_s(read_bytes(body)).max() < 0.002


def test_a_flight_that_an_image_holds_twice_is_told_once() -> None:
    data = dji_dat.encode(flight(10))
    log = read_bytes(data + bytes(5000) + data)
    assert log.record_counts["OSD"] == 200
    assert len(log.track) == 100
    assert any("cover the same time" in issue.reason for issue in log.issues)


def test_a_hole_of_half_a_minute_is_no_power_up() -> None:
    log = read([*flight(5), *flight(5, on_since_s=65, start=START + timedelta(seconds=35))])
    assert len(log.clock.notes) == 1
    assert np.isclose(log.track["time"].diff().max().total_seconds(), 30.1)


def test_a_stray_tick_is_no_power_up() -> None:
    records = list(flight(10))
    for place in (20, 21, 50):
        records[place] = Record(records[place].type, 17, records[place].payload)
    log = read(records)
    assert "3 records with a stray tick" in log.clock.notes[-1]
    assert len(log.clock.notes) == 2
    assert len(log.track) == 100
    assert drift_s(log).max() < 0.31


def test_ticks_that_are_no_clock_give_no_times() -> None:
    ticks = np.random.default_rng(2).integers(0, 2**32, 13_000)
    log = read([gps(1, START), *(Record(777, int(one), b"") for one in ticks)])
    assert "not usable as a clock" in log.clock.notes[0]
    assert log.record_counts["type 777"] == 13_000

"""A clock that runs fast or slow is found by its path, to the error stated, and set right."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parsers
from dji_audit.cli.inspect._inspect_flight import describe_flight
from dji_audit.compliance.context import fences_stored_in_aircraft
from dji_audit.flights import ClockAlignment, ClockDrift, Flight, assemble_flights
from dji_audit.flights._split_logs import row_times_ns
from dji_audit.flights.clock._clock_drift import estimate_drift
from dji_audit.flights.clock._track_alignment import TimedTrack as Course
from dji_audit.flights.clock._track_alignment import timed_track
from dji_audit.report.flight_rows import flight_log_row
from parsers._clocks._move_local_times_out_of_tables import local_times_from_utc
from tests.dji_audit.conftest import MakeLog

HALF_HOUR, RATE_HZ = 1800, 2
TAKEOFF_AT, LANDING_AT = 10.0, 1790.0


def places(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the aircraft is at some seconds: loops about a base, never twice alike."""
    north = 300 * np.sin(seconds / 41) + 60 * np.sin(seconds / 9)
    east = 350 * np.cos(seconds / 53) + 40 * np.cos(seconds / 11)
    return 50 + north / 111_195, -4 + east / 71_400


def track(seconds: np.ndarray, clock: np.ndarray) -> dict[str, Any]:
    latitude, longitude = places(seconds)
    return {
        "time": clock.tolist(), "latitude_deg": latitude.tolist(),
        "longitude_deg": longitude.tolist(), "height_ato_m": [60.0] * len(seconds),
        "ground_speed_mps": [12.0] * len(seconds),
    }  # fmt: skip


def flown(
    make_log: MakeLog, lasts_s: float, ahead_s: float, gains_s_per_h: float, **more: Any
) -> tuple[parsers.Log, parsers.Log]:
    """Return a record, and a second log whose clock is ahead in the middle and gains."""
    seconds = np.arange(0, lasts_s, 1 / RATE_HZ)
    moves = [
        {"time": 10, "kind": "takeoff", "text": "up"},
        {"time": lasts_s - 10, "kind": "landing", "text": "down"},
    ]
    gps = parsers.Clock("GPS", 0.1, from_gnss=True)
    record = make_log(track(seconds, seconds), name="a", sha256="a" * 64, clock=gps, events=moves)
    seconds = seconds[3:-3] + 0.13
    clock = shown(seconds, lasts_s, ahead_s, gains_s_per_h)
    rows = {
        name: [row | {"time": _one(row["time"], lasts_s, ahead_s, gains_s_per_h)} for row in rows]
        for name, rows in more.items()
    }
    computer = parsers.Clock("a computer's")
    other = make_log(track(seconds, clock), name="b", sha256="b" * 64, clock=computer, **rows)
    return record, other


def shown(seconds: np.ndarray, lasts_s: float, ahead_s: float, gains: float) -> np.ndarray:
    return seconds + ahead_s + (seconds - lasts_s / 2) * gains / 3600


def _one(second: float, lasts_s: float, ahead_s: float, gains: float) -> float:
    return float(shown(np.array([float(second)]), lasts_s, ahead_s, gains)[0])


def second(flight: Flight) -> ClockAlignment:
    return next(one.alignment for one in flight.sources if one.log.source.name == "b")


@pytest.mark.parametrize("gains", [0.18, -0.18, 1.0, -5.0], ids="{} s/h".format)
def test_a_drift_is_found_to_the_error_that_is_stated(make_log: MakeLog, gains: float) -> None:
    # 0.18 s an hour are 50 parts in a million: 0.09 s in this flight.
    (flight,) = assemble_flights(*flown(make_log, HALF_HOUR, 40.0, gains))
    placing = second(flight)
    assert placing.drift is not None
    assert placing.drift.s_per_h == pytest.approx(gains, abs=placing.drift.uncertainty_s_per_h)
    assert placing.drift.uncertainty_s_per_h < 0.1
    assert placing.offset_s == pytest.approx(-40, abs=0.02)
    assert "s an hour" in placing.reason
    assert "this drift is corrected" in placing.reason


def test_every_table_is_set_right_by_the_drift(make_log: MakeLog) -> None:
    late = HALF_HOUR - 20.0
    contact = {"time": late, "host": "example.org", "source_offset": 7}
    record, other = flown(
        make_log, HALF_HOUR, 40.0, 9.0,
        events=[{"time": late, "kind": "warning", "text": "only here"}], contacts=[contact],
    )  # fmt: skip
    shot = _one(late, HALF_HOUR, 40.0, 9.0)
    photo = make_log(captures=[{"start": shot, "end": shot, "kind": "photo", "sensor": "visible"}])
    (flight,) = assemble_flights(record, replace(other, captures=photo.captures))
    begin = record.track["time"].iloc[0]
    told = next(one for one in flight.sources if one.log.source.name == "b").track["time"]
    fixes = (told - begin).dt.total_seconds().to_numpy()
    assert np.allclose(fixes, np.arange(0, HALF_HOUR, 0.5)[3:-3] + 0.13, atol=0.03)
    at = begin + pd.Timedelta(seconds=late)
    for table, column in (("events", "time"), ("captures", "start"), ("contacts", "time")):
        rows = getattr(flight, table)
        (time,) = rows.loc[rows["source_index"] == 1, column]
        assert abs((time - at).total_seconds()) < 0.03, table
    # A clock that says UTC, and gains seconds on the flight's, is a disagreement.
    (found,) = flight.disagreements
    assert found.kind == "time"
    assert found.difference == pytest.approx(40 + 9 / 4, abs=0.2)


def test_fences_and_places_are_on_the_clock_of_the_flight_too(make_log: MakeLog) -> None:
    record, other = flown(make_log, HALF_HOUR, 40.0, 9.0)
    begin = record.track["time"].iloc[0]
    own = begin + pd.Timedelta(seconds=_one(1700, HALF_HOUR, 40.0, 9.0))
    fence = parsers.Geofence(
        "inclusion", "circle", ((50.0, -4.0),), 900.0, None, True, own, None, "FENCE", 5
    )
    home = parsers.NamedPosition("home", own, 50.0, -4.0, None, "HOME", 6)
    (flight,) = assemble_flights(record, replace(other, fences=(fence,), named_positions=(home,)))
    (zone,) = fences_stored_in_aircraft(flight)
    (period,) = zone.schedule
    assert flight.home is not None
    for told in (period.start, flight.home.time):
        assert told is not None
        assert abs((told - begin).total_seconds() - 1700) < 0.05


def test_a_clock_without_drift_gets_none_and_says_within_what(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(*flown(make_log, HALF_HOUR, 40.0, 0.0))
    drift = second(flight).drift
    assert drift is not None
    assert drift.s_per_h == 0
    assert 0 < drift.uncertainty_s_per_h < 0.1
    assert "hour" not in second(flight).reason


def test_a_short_log_tells_no_drift(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(*flown(make_log, 180, 40.0, 1.0))
    placing = second(flight)
    assert placing.offset_s == pytest.approx(-40, abs=0.1)
    assert placing.drift is None


def test_the_clock_of_the_flight_has_no_drift_of_its_own(make_log: MakeLog) -> None:
    (flight,) = assemble_flights(*flown(make_log, HALF_HOUR, 40.0, 1.0))
    assert [one.alignment.drift is None for one in flight.sources] == [True, False]


def test_a_clock_that_was_set_in_flight_is_no_drift_and_says_so(make_log: MakeLog) -> None:
    record, other = flown(make_log, HALF_HOUR, 40.0, 0.0)
    step = pd.to_timedelta(np.where(np.arange(len(other.track)) < 1700, 0.0, 0.8), unit="s")
    moved = other.track.assign(time=other.track["time"] + step)
    (flight,) = assemble_flights(record, replace(other, track=moved))
    placing = second(flight)
    assert placing.drift is None
    assert "unevenly" in placing.reason


def test_each_row_of_a_drifting_log_that_spans_two_flights_is_told_once(
    make_log: MakeLog,
) -> None:
    record, _ = flown(make_log, 900, 0.0, 0.0)
    later = record.track["time"] + pd.Timedelta(seconds=1200)
    again = replace(
        record,
        source=replace(record.source, name="c", sha256="c" * 64),
        track=record.track.assign(
            time=later, latitude_deg=2 * record.track["latitude_deg"].iloc[0]
            - record.track["latitude_deg"],
        ),
        events=record.events.assign(time=record.events["time"] + pd.Timedelta(seconds=1200)),
    )  # fmt: skip
    both = pd.concat([record.track, again.track], ignore_index=True)
    since = (both["time"] - both["time"].iloc[0]).dt.total_seconds()
    both["time"] += pd.to_timedelta(20 + since * 5 / 3600, unit="s").dt.as_unit("ns")
    long = replace(
        record,
        source=replace(record.source, name="b", sha256="b" * 64),
        clock=parsers.Clock("a computer's"),
        track=both.assign(source_offset=np.arange(len(both))),
        events=record.events.iloc[:0],
    )
    flights = assemble_flights(record, again, long)
    assert [[log.source.name for log in flight.logs] for flight in flights] == [
        ["a", "b"], ["c", "b"],
    ]  # fmt: skip
    told = [row for flight in flights for row in flight.sources[1].track["source_offset"]]
    assert sorted(told) == list(range(len(both)))
    for flight in flights:
        drift = flight.sources[1].alignment.drift
        assert drift is not None
        assert drift.s_per_h == pytest.approx(5, abs=drift.uncertainty_s_per_h)


def test_drift_is_shown_where_clocks_are(make_log: MakeLog) -> None:
    (drifting,) = assemble_flights(*flown(make_log, HALF_HOUR, 40.0, 1.0))
    (steady,) = assemble_flights(*flown(make_log, HALF_HOUR, 40.0, 0.0))
    assert "+1.00 ±0.0" in describe_flight(drifting)
    assert "gains 1.00 s an hour, within 0.0" in describe_flight(drifting)
    assert "0 ±0.0" in describe_flight(steady)
    placing = drifting.sources[1].alignment
    assert placing.drift is not None
    row = flight_log_row(drifting.sources[1]).clock.drift
    assert row is not None
    assert row.s_per_h == placing.drift.s_per_h
    assert flight_log_row(drifting.sources[0]).clock.drift is None


@settings(max_examples=25)
@given(
    gains=st.floats(-20, 20),
    offset_s=st.floats(-1, 1),
    aside_m=st.floats(-5, 5),
    noise_m=st.floats(0, 0.5),
    hertz=st.sampled_from([1, 5]),
)
def test_a_line_through_windows_holds_the_truth(
    gains: float, offset_s: float, aside_m: float, noise_m: float, hertz: int
) -> None:
    rng = np.random.default_rng(7)
    seconds = np.arange(0, 1200, 1 / hertz)
    latitude, longitude = places(seconds)
    flat = np.full(len(seconds), np.nan)
    since = 1.7e9
    reference = Course(since + seconds, latitude, longitude, flat)
    latitude, longitude = (
        values + rng.normal(aside_m, noise_m, len(seconds)) / 111_195
        for values in (latitude, longitude)
    )
    own = since + seconds + offset_s + (seconds - 600) * gains / 3600
    line = estimate_drift(Course(own, latitude, longitude, flat), reference)
    assert line is not None
    assert line.slope * 3600 == pytest.approx(
        -gains, abs=line.slope_uncertainty * 3600 + 0.01 * abs(gains)
    )
    # Two receivers some metres apart tell no other time.
    assert line.offset_s == pytest.approx(-offset_s, abs=0.05)


def test_a_straight_way_tells_no_drift() -> None:
    seconds = np.arange(0, 1200, 0.5)
    flat = np.full(len(seconds), np.nan)
    one = Course(1.7e9 + seconds, 50 + 1e-4 * seconds, np.full(len(seconds), -4.0), flat)
    assert estimate_drift(one, one.shifted(0.5)) is None


@settings(max_examples=60)
@given(
    lasts_s=st.sampled_from([1.0, 300.0, 1e4, 1e9]),
    aside_deg=st.sampled_from([0.0, 0.01, 40.0, 300.0]),
    late_s=st.sampled_from([0.0, 50.0, 2e4]),
    count=st.integers(2, 400),
    seed=st.integers(0, 9),
)
def test_paths_that_have_nothing_in_common_tell_no_drift_and_break_nothing(
    lasts_s: float, aside_deg: float, late_s: float, count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)

    def course() -> Course:
        seconds = np.unique(rng.uniform(0, lasts_s, count)) + 1.7e9
        wild = rng.normal(0, 1, (2, len(seconds)))
        return Course(seconds, 50 + wild[0], aside_deg + wild[1], np.full(len(seconds), np.nan))

    line = estimate_drift(course().shifted(late_s), course())
    assert line is None or not line.is_significant or not line.is_steady


def test_times_without_drift_are_moved_to_the_nanosecond() -> None:
    own = np.array([1_700_000_000_123_456_789])
    assert ClockAlignment(None, "track", 1.5, 0.1).aligned_ns(own)[0] - own[0] == 1_500_000_000
    fast = ClockAlignment(None, "track", 0.0, 0.1, drift=ClockDrift(3.6, 0.1, 1_699_999_000.123))
    assert fast.aligned_ns(own)[0] - own[0] == pytest.approx(-1_000_000_457, abs=200)


@pytest.mark.parametrize("gains", [0.0, 3.0])
def test_on_real_ways_a_drift_is_found_and_none_where_there_is_none(
    samples: Path, gains: float
) -> None:
    log = parsers.read(samples / "dji_txt/chrisvm+node-djiparsetxt/mavic2_16.txt")
    whole = timed_track(log.track, row_times_ns(log, "utc", "track"))
    middle = (whole.start + whole.end) / 2
    # The ten rows a second stand for two logs: half of them, and a fifth in coarse steps.
    half, fifth = slice(0, None, 2), slice(1, None, 10)
    reference = Course(
        whole.seconds[half], whole.latitude_deg[half], whole.longitude_deg[half],
        whole.height_m[half],
    )  # fmt: skip
    fast = whole.seconds + (whole.seconds - middle) * gains / 3600
    table = Course(
        fast[fifth], np.round(whole.latitude_deg[fifth], 6),
        np.round(whole.longitude_deg[fifth], 6), whole.height_m[fifth],
    )  # fmt: skip
    line = estimate_drift(table, reference)
    assert line is not None
    assert line.slope * 3600 == pytest.approx(-gains, abs=line.slope_uncertainty * 3600)
    assert line.is_significant == bool(gains)
    assert line.slope_uncertainty * 3600 < 0.5


def photo(
    make_log: MakeLog, number: int, at: float, ahead_s: float, *, says_utc: bool
) -> parsers.Log:
    """Return a photo whose camera wrote a wall clock to the second, and UTC beside it or not."""
    latitude, longitude = (float(it[0]) for it in places(np.array([at])))
    name = f"DJI_{number:04}.JPG"
    log = make_log(
        {"time": [at], "latitude_deg": [latitude], "longitude_deg": [longitude]},
        captures=[{"start": at, "end": at, "kind": "photo", "sensor": "visible", "file": name}],
        name=name, sha256=f"{number:064x}", aircraft=parsers.Aircraft(camera_serial="C1"),
        clock=parsers.Clock("UTCAtExposure"),
    )  # fmt: skip
    log = replace(log, source=replace(log.source, format="dji-photo"))
    wall = np.floor(at + ahead_s) - at
    own = local_times_from_utc(
        log.track, log.events, log.captures, np.timedelta64(round(wall * 1e9), "ns")
    )
    if says_utc:
        return replace(log, local_times=own)
    never = pd.DatetimeIndex([pd.NaT], tz="UTC").as_unit("ns")
    return replace(
        log,
        local_times=own,
        clock=parsers.Clock("local wall clock, zone not known"),
        track=log.track.assign(time=never),
        captures=log.captures.assign(start=never, end=never),
    )


@pytest.mark.parametrize("gains", [20.0, 0.0])
def test_the_drift_of_a_camera_is_shown_by_the_photos_that_state_utc(
    make_log: MakeLog, gains: float
) -> None:
    record, _ = flown(make_log, HALF_HOUR, 0.0, 0.0)

    def ahead_s(at: float) -> float:
        return 3602 + at * gains / 3600

    # Of the last minutes no photo says UTC.
    shots = [
        photo(make_log, number, 20.37 * number + 30, ahead_s(20.37 * number + 30), says_utc=True)
        for number in range(1, 55)
    ]
    last = photo(make_log, 99, 1760.0, ahead_s(1760.0), says_utc=False)
    (flight,) = assemble_flights(record, *shots, last)
    placing = next(it.alignment for it in flight.sources if it.log is last)
    assert placing.method == "same_camera"
    assert placing.timezone_s == 3600
    assert placing.has_drift == bool(gains)
    assert placing.offset_s is not None
    assert placing.uncertainty_s is not None
    assert placing.offset_s == pytest.approx(-ahead_s(1760.0), abs=placing.uncertainty_s)
    if placing.drift is not None:
        assert placing.drift.s_per_h == pytest.approx(gains, abs=placing.drift.uncertainty_s_per_h)
        assert "54 files show that the camera's clock is UTC+01:00 and " in placing.reason

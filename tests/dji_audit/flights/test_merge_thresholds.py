"""The numbers of a merge: what is one capture, one event, one value, and what is a disagreement."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import Disagreement, Flight, assemble_flights
from dji_audit.flights._split_logs import split_by_flight
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_join import media, on_its_own_clock, path, serial, sha

A1: dict[str, Any] = {"aircraft": serial("A1")}
GPS = parsers.Clock("GPS", 0.0, from_gnss=True)
BEST, *_, WORST = parsers.GRADES


def pair(
    make_log: MakeLog, seconds: int = 100, clock: parsers.Clock = GPS, **odd: Any
) -> tuple[Disagreement, ...]:
    """Return what two logs of one path disagree on if the second has something that is odd."""
    one = make_log(path(seconds), name="a", sha256=sha(1), clock=clock, **A1)
    two = make_log(path(seconds, **odd), name="b", sha256=sha(2), clock=clock, **A1)
    (flight,) = assemble_flights(one, two)
    assert [source.alignment.offset_s for source in flight.sources] == [0.0, 0.0]
    return flight.disagreements


def higher(metres: float, rows: range, seconds: int = 100) -> list[float]:
    return [it + metres * (n in rows) for n, it in enumerate(path(seconds)["height_ato_m"])]


@pytest.mark.parametrize(("metres", "count"), [(6.0, 0), (6.1, 1)])
def test_heights_may_differ_by_three_metres_each(
    make_log: MakeLog, metres: float, count: int
) -> None:
    found = pair(make_log, height_ato_m=higher(metres, range(40, 43)))
    assert len(found) == count
    if found:
        assert (found[0].kind, found[0].count, found[0].unit) == ("height", 3, "m")
        assert found[0].tolerance == pytest.approx(6.0)
        assert found[0].difference == pytest.approx(metres, abs=1e-3)
        assert found[0].text == "a and b are 6.1 m apart in height above take-off, in 3 rows"


@pytest.mark.parametrize(("metres", "count"), [(20.0, 0), (20.1, 1)])
def test_altitudes_may_differ_by_ten_metres_each(
    make_log: MakeLog, metres: float, count: int
) -> None:
    level = [100.0] * 100
    one = make_log(path(100, altitude_amsl_m=level), name="a", sha256=sha(1), clock=GPS)
    other = [100.0 + metres * (n == 50) for n in range(100)]
    two = make_log(path(100, altitude_amsl_m=other), name="b", sha256=sha(2), clock=GPS)
    (flight,) = assemble_flights(one, two)
    assert len(flight.disagreements) == count
    for found in flight.disagreements:
        assert found.text == "a and b are 20.1 m apart in altitude above the sea, in 1 row"


def test_the_tolerance_of_a_position_grows_with_steps_speed_and_clocks(make_log: MakeLog) -> None:
    exact = parsers.Clock("GPS", 0.0, from_gnss=True)
    aside = [it + 0.003 * (n == 50) for n, it in enumerate(path(100)["longitude_deg"])]
    (found,) = pair(make_log, clock=exact, longitude_deg=aside)
    latitude = np.array(path(100)["latitude_deg"])
    steps = np.sort(np.diff(np.unique(latitude)))
    step_m = steps[len(steps) // 10] * 111_229.0
    assert found.kind == "position"
    assert found.tolerance == pytest.approx(10 + 2 * step_m, abs=0.1)
    assert found.difference == pytest.approx(215.1, abs=0.5)
    unsure = parsers.Clock("GPS", 0.5, from_gnss=True)
    (later,) = pair(make_log, clock=unsure, longitude_deg=aside)
    # 9 m/s over half a second for each of the two.
    assert later.tolerance == pytest.approx((found.tolerance or 0.0) + 9.0, abs=0.1)


def test_a_log_without_speeds_is_allowed_the_speeds_that_few_exceed(make_log: MakeLog) -> None:
    unsure = parsers.Clock("GPS", 0.5, from_gnss=True)
    none = {"ground_speed_mps": [np.nan] * 100, "vertical_speed_mps": [np.nan] * 100}
    logs = []
    for number, (name, rows) in enumerate((("a", range(0)), ("b", range(50, 51))), 1):
        track = path(100, height_ato_m=higher(60, rows)) | none
        logs.append(make_log(track, name=name, sha256=sha(number), clock=unsure, **A1))
    (flight,) = assemble_flights(*logs)
    (found,) = flight.disagreements
    assert found.tolerance == pytest.approx(6 + 3 * 1.0)
    one = make_log(path(100) | none, name="a", sha256=sha(1), clock=unsure, **A1)
    aside = [it + 0.003 * (n == 50) for n, it in enumerate(path(100)["longitude_deg"])]
    moved = path(100, longitude_deg=aside) | none
    (flight,) = assemble_flights(one, make_log(moved, name="b", sha256=sha(2), clock=unsure, **A1))
    (position,) = flight.disagreements
    (known,) = pair(make_log, clock=unsure, longitude_deg=aside)
    expected = (known.tolerance or 0.0) + (15 - 9) * 1.0
    assert position.tolerance == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("gap", "count"), [(5, 1), (6, 2)])
def test_conflicts_five_seconds_apart_are_one_interval(
    make_log: MakeLog, gap: int, count: int
) -> None:
    odd = [it + 50 * (n in (30, 30 + gap)) for n, it in enumerate(path(100)["height_ato_m"])]
    found = pair(make_log, height_ato_m=odd)
    assert len(found) == count
    assert sum(one.count for one in found) == 2


def test_twenty_intervals_are_listed_and_the_rest_counted(make_log: MakeLog) -> None:
    odd = [it + 50 * (n % 8 == 5) for n, it in enumerate(path(200)["height_ato_m"])]
    found = pair(make_log, 200, height_ato_m=odd)
    assert len(found) == 20
    assert [("further" in one.text) for one in found] == [False] * 19 + [True]
    assert found[-1].text.endswith("; 5 further intervals")


@pytest.mark.parametrize(("gap", "count"), [(3, 1), (4, 0)])
def test_nothing_is_compared_across_a_gap_of_more_than_three_seconds(
    make_log: MakeLog, gap: int, count: int
) -> None:
    one = make_log(path(100, height_ato_m=higher(50, range(49, 50))), name="a", sha256=sha(1),
                   clock=GPS, **A1)  # fmt: skip
    whole = path(100)
    rows = [n for n in range(100) if not 47 < n < 47 + gap]
    sparse = {name: [values[n] for n in rows] for name, values in whole.items()}
    two = make_log(sparse, name="b", sha256=sha(2), clock=GPS, **A1)
    (flight,) = assemble_flights(one, two)
    assert len(flight.disagreements) == count


@pytest.mark.parametrize(("late_s", "count"), [(0.0, 1), (0.5, 1), (0.7, 0)])
def test_a_photo_is_compared_with_fixes_within_six_tenths_of_a_second(
    make_log: MakeLog, late_s: float, count: int
) -> None:
    every_other = {name: values[::2] for name, values in path(100).items()}
    record = make_log(every_other, name="a", sha256=sha(1), clock=GPS, **A1)
    where = {name: [values[50]] for name, values in path(100).items()}
    where["time"] = [50.0 + late_s]
    where["height_ato_m"] = [where["height_ato_m"][0] + 60]
    photo = media(make_log(where, name="x.JPG", sha256=sha(2), clock=GPS, **A1), "dji-photo")
    (flight,) = assemble_flights(record, photo)
    assert len(flight.disagreements) == count


def filmed(
    make_log: MakeLog,
    start: float,
    end: float,
    log: tuple[float, float] = (30.0, 60.0),
    kind: str = "video",
    **more: Any,
) -> Flight:
    """Return a flight whose log shows one capture, and a file of it with other bounds."""
    shot = {"kind": kind, "sensor": "unknown", "source": "log"}
    record = make_log(
        path(100), name="a", sha256=sha(1), clock=GPS,
        captures=[{**shot, "start": log[0], "end": log[1]}], **A1,
    )  # fmt: skip
    own = {**shot, "sensor": "thermal", "start": start, "end": end, "source": "file", "file": "x"}
    file = make_log(captures=[own | more], name="DJI_0001_T.MP4", sha256=sha(2), clock=GPS, **A1)
    (flight,) = assemble_flights(record, media(file, "video"))
    return flight


@pytest.mark.parametrize(
    ("begin", "end", "count"),
    [(35.0, 60.0, 0), (35.1, 60.0, 1), (30.0, 54.9, 1), (30.0, 55.0, 0), (24.9, 65.1, 2)],
)
def test_the_bounds_of_a_capture_may_differ_by_five_seconds(
    make_log: MakeLog, begin: float, end: float, count: int
) -> None:
    found = filmed(make_log, begin, end).disagreements
    assert [one.kind for one in found] == ["capture"] * count
    if count == 1:
        edge = "begins" if begin > 30 else "ends"
        assert found[0].text == f"one video {edge} 5.1 s apart in a and in DJI_0001_T.MP4"
        assert (found[0].tolerance, found[0].unit) == (5.0, "s")


@pytest.mark.parametrize(("first", "count"), [(1.9, 0), (2.0, 0), (2.1, 1), (2.5, 1)])
def test_a_capture_that_is_cut_by_its_log_contradicts_nothing(
    make_log: MakeLog, first: float, count: int
) -> None:
    flight = filmed(make_log, first + 7, 60.0, (first, 60.0))
    assert len(flight.disagreements) == count


@pytest.mark.parametrize(("begin", "rows"), [(45.0, 1), (45.2, 2)])
def test_intervals_that_share_half_of_the_shorter_are_one_capture(
    make_log: MakeLog, begin: float, rows: int
) -> None:
    flight = filmed(make_log, begin, begin + 30)
    assert len(flight.captures) == rows


@pytest.mark.parametrize(("end", "from_log"), [(54.1, True), (53.9, False)])
def test_files_that_show_four_fifths_take_the_bounds_of_the_log(
    make_log: MakeLog, end: float, from_log: bool
) -> None:
    (row,) = filmed(make_log, 30.0, end).captures.to_dict("records")
    assert row["sensor"] == "thermal"
    assert row["source_index"] == (0 if from_log else 1)


@pytest.mark.parametrize(("late_s", "rows"), [(1.2, 1), (1.3, 2)])
def test_photos_within_a_second_and_a_fifth_are_one(
    make_log: MakeLog, late_s: float, rows: int
) -> None:
    flight = filmed(make_log, 40 + late_s, 40 + late_s, (40.0, 40.0), "photo")
    assert len(flight.captures) == rows
    if rows == 1:
        assert [set(sources) for sources in flight.log_offsets_of_captures] == [{(0, 0), (1, 0)}]


def test_the_best_grade_and_three_sources_of_a_capture_are_named(make_log: MakeLog) -> None:
    captures = []
    for number in range(5):
        shot = {"start": 30.0, "end": 60.0, "kind": "video", "sensor": "visible"}
        grade = BEST if number == 3 else WORST
        captures.append({**shot, "source": f"s{number}", "grade": grade})
    logs = [
        make_log(path(100), name=name, sha256=sha(n), clock=GPS, captures=[captures[n]], **A1)
        for n, name in enumerate("abcde")
    ]
    (flight,) = assemble_flights(*logs)
    (row,) = flight.captures.to_dict("records")
    assert row["source"] == "s0; also: s1; also: s2; also: 2 more"
    assert row["grade"] == BEST
    assert len(flight.log_offsets_of_captures[0]) == 5


@pytest.mark.parametrize(("late_s", "rows"), [(2.0, 1), (2.1, 2)])
def test_events_of_two_logs_within_two_seconds_are_one(
    make_log: MakeLog, late_s: float, rows: int
) -> None:
    warning = {"kind": "warning", "text": "low"}
    logs = [
        make_log(path(100), name=name, sha256=sha(n), clock=GPS, events=[{"time": at, **warning}])
        for n, (name, at) in enumerate((("a", 50.0), ("b", 50.0 + late_s)), 1)
    ]
    (flight,) = assemble_flights(*logs)
    assert len(flight.events) == rows


def test_events_of_one_log_and_take_offs_of_all_are_kept(make_log: MakeLog) -> None:
    events = [
        {"time": 5.0, "kind": "takeoff", "text": "up"},
        {"time": 50.0, "kind": "warning", "text": "low"},
        {"time": 50.5, "kind": "warning", "text": "low"},
    ]
    logs = [
        make_log(path(100), name=name, sha256=sha(n), clock=GPS, events=events)
        for n, name in enumerate("ab", 1)
    ]
    (flight,) = assemble_flights(*logs)
    kinds = list(zip(flight.events["kind"], flight.events["source_index"], strict=True))
    assert kinds == [("takeoff", 0), ("takeoff", 1), ("warning", 0), ("warning", 0)]


@pytest.mark.parametrize(
    ("step_s", "away_s", "is_used"),
    [
        (0.1, 0.6, True), (0.1, 0.7, False), (2.0, 1.45, True), (2.0, 1.55, False),
        (8.0, 1.95, True), (8.0, 2.05, False),
    ],
)  # fmt: skip
def test_a_value_of_another_log_is_used_while_it_is_fresh(
    make_log: MakeLog, step_s: float, away_s: float, is_used: bool
) -> None:
    one = make_log(path(100), name="a", sha256=sha(1), clock=GPS, **A1)
    times = np.arange(0, 40.05, step_s)
    # Its rows end so long before the fix at 50 s.
    times = times - times[-1] + 50 - away_s
    latitude = 50 + 8e-5 * times + 4e-4 * np.sin(times / 9)
    longitude = -4 + 3e-4 * np.cos(times / 7)
    track = {
        "time": times.tolist(), "latitude_deg": latitude.tolist(),
        "longitude_deg": longitude.tolist(), "battery_pct": [77.0] * len(times),
    }  # fmt: skip
    two = make_log(track, name="b", sha256=sha(2), clock=GPS, **A1)
    (flight,) = assemble_flights(one, two)
    assert flight.column_sources["battery_pct"] == 1
    assert bool(pd.notna(flight.track["battery_pct"].iloc[50])) is is_used
    assert flight.track_value_in_log(50, "battery_pct").offset is None or is_used


def test_a_take_off_is_the_first_that_any_log_shows(make_log: MakeLog) -> None:
    events = [{"time": 5.0, "kind": "takeoff", "text": "up"}]
    end = [{"time": 90.0, "kind": "landing", "text": "down"}]
    one = make_log(path(100), name="a", sha256=sha(1), clock=GPS, events=events)
    two = make_log(path(100), name="b", sha256=sha(2), clock=GPS, events=end)
    (flight,) = assemble_flights(one, two)
    assert flight.duration_s == 85.0
    assert flight.takeoff_position is not None
    assert flight.takeoff_position.latitude_deg == path(100)["latitude_deg"][5]
    assert flight.max_height_ato_m == max(path(100)["height_ato_m"][5:90])


@pytest.mark.parametrize(("gap_s", "flights"), [(600, 1), (601, 2)])
def test_photos_ten_minutes_apart_are_of_two_series(
    make_log: MakeLog, gap_s: int, flights: int
) -> None:
    shots = [
        {"start": at, "end": at, "kind": "photo", "sensor": "visible"} for at in (0.0, 10.0 + gap_s)
    ]
    shots.insert(1, {**shots[0], "start": 10.0, "end": 10.0})
    log = make_log(path(3), captures=shots, name="x.MRK", sha256=sha(1))
    log = media(log, "dji-mrk")
    assert len(split_by_flight(log)) == flights


@pytest.mark.parametrize(("away_s", "is_used"), [(0.6, True), (0.65, False)])
def test_the_only_value_of_a_log_is_used_within_six_tenths_of_a_second(
    make_log: MakeLog, away_s: float, is_used: bool
) -> None:
    one = make_log(path(100), name="a", sha256=sha(1), clock=GPS, **A1)
    where = {name: [values[50]] for name, values in path(100).items()}
    where |= {"time": [50.0 - away_s], "battery_pct": [77.0]}
    two = make_log(where, name="b", sha256=sha(2), clock=GPS, **A1)
    (flight,) = assemble_flights(one, two)
    assert bool(flight.track["battery_pct"].iloc[50] == 77.0) is is_used


def test_two_alignments_of_one_clock_are_a_disagreement_with_both_reasons(
    make_log: MakeLog,
) -> None:
    record = make_log(path(100), name="a", sha256=sha(1), clock=GPS)
    shot = {"start": 50.4, "end": 50.4, "kind": "photo", "sensor": "visible", "file": "x"}
    wide = make_log(captures=[shot], name="DJI_0001_W.JPG", sha256=sha(2))
    local = on_its_own_clock(wide, "wall", 3600)
    wide = parsers.Log(
        media(wide, "dji-photo").source, captures=wide.captures, local_times=local.local_times
    )
    thermal = make_log(captures=[shot], name="DJI_0001_T.JPG", sha256=sha(3))
    thermal = media(on_its_own_clock(thermal, "wall", 3600), "dji-photo")
    (flight,) = assemble_flights(record, wide, thermal, timezone="Europe/Paris")
    (found,) = flight.disagreements
    assert found.text == (
        "the clock of DJI_0001_T.JPG is aligned in two ways that differ by 3600 s: "
        "DJI_0001_W.JPG shows that the camera's clock is UTC+01:00; "
        "but the user declared Europe/Paris: UTC+02:00"
    )
    assert (found.kind, found.difference, found.unit) == ("time", 3600.0, "s")
    # One second for each clock, and two.
    assert found.tolerance == 3.0


@pytest.mark.parametrize(
    ("first", "second", "serial_number", "model"),
    [
        # Another aircraft gives nothing, also where the first log states no serial of its own.
        (parsers.Aircraft(flight_controller_serial="FC0001"), "SYNHUB0001", None, None),
        (parsers.Aircraft(serial="1581F5BKD232500001ZY"), "SYNHUB0001", "1581F5BKD232500001ZY",
         None),
        # The same, stated in full by the second, and a log without any.
        (parsers.Aircraft(serial="5BKD232500001ZY"), "1581F5BKD232500001ZY", "5BKD232500001ZY",
         "M"),
        (parsers.Aircraft(), "SYNHUB0001", "SYNHUB0001", "M"),
        (parsers.Aircraft(flight_controller_serial="FC0001"), None, None, "M"),
    ],
)  # fmt: skip
def test_an_aircraft_is_not_made_of_logs_whose_serial_numbers_differ(
    first: parsers.Aircraft, second: str | None, serial_number: str | None, model: str | None,
    make_log: MakeLog,
) -> None:  # fmt: skip
    other = make_log(name="b.csv", aircraft=parsers.Aircraft(serial=second, model="M"))
    (alone,) = assemble_flights(make_log(name="a.txt", aircraft=first))
    flight = replace(alone, sources=(*alone.sources, replace(alone.sources[0], log=other)))
    assert (flight.aircraft.serial, flight.aircraft.model) == (serial_number, model)

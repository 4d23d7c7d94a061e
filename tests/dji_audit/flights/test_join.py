"""Logs of one flight are joined, those of others are not, and none is lost."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.cli.inspect._inspect_flight import describe_flight
from dji_audit.flights import Flight, assemble_flights, join_logs, summarise_each_part_of_log
from parsers import _tables
from parsers._clocks._move_local_times_out_of_tables import move_local_times_out_of_tables
from tests.dji_audit.conftest import MakeLog


def path(seconds: int, start: float = 0.0, east: float = 0.0, **more: Any) -> dict[str, Any]:
    """A track of one fix a second on a crooked way; where it is hangs on the second alone."""
    times = np.arange(start, start + seconds)
    return {
        "time": times.tolist(),
        "latitude_deg": (50 + 8e-5 * times + 4e-4 * np.sin(times / 9)).tolist(),
        "longitude_deg": (-4 + east + 3e-4 * np.cos(times / 7)).tolist(),
        "height_ato_m": (30 + 10 * np.sin(times / 11)).tolist(),
        "ground_speed_mps": [9.0] * seconds,
        "vertical_speed_mps": [1.0] * seconds,
    } | more


def sha(number: int) -> str:
    return f"{number:064x}"


def on_its_own_clock(log: parsers.Log, kind: str, ahead_s: float) -> parsers.Log:
    """Return a log whose rows have a clock that is so much ahead, and no UTC."""
    frames = []
    for frame, columns in (
        (log.track, ("time",)),
        (log.events, ("time", "end")),
        (log.captures, ("start", "end")),
    ):
        moved = {name: frame[name] + pd.Timedelta(seconds=ahead_s) for name in columns}
        frames.append(frame.assign(**moved))
    apart = move_local_times_out_of_tables(kind, *frames)
    return parsers.Log(
        log.source, log.aircraft, parsers.Clock("local wall clock, zone not known"),
        apart.track, apart.events, apart.captures, local_times=apart.times,
    )  # fmt: skip


def serial(number: str) -> parsers.Aircraft:
    return parsers.Aircraft(serial=number)


def ids(flights: Sequence[Flight]) -> list[list[str]]:
    return [[log.source.name for log in flight.logs] for flight in flights]


def test_two_logs_of_one_path_are_one_flight(make_log: MakeLog) -> None:
    one = make_log(path(100), name="a", sha256=sha(1))
    two = make_log(path(100), name="b", sha256=sha(2))
    (flight,) = assemble_flights(one, two)
    match = flight.sources[1].match
    assert match is not None
    assert match.distance_m == pytest.approx(0, abs=0.1)
    assert match.serials_agree is None
    assert match.overlap == 1.0
    assert flight.disagreements == ()


def test_two_aircraft_that_fly_at_once_are_two_flights(make_log: MakeLog) -> None:
    one = make_log(path(100), name="a", sha256=sha(1))
    two = make_log(path(100, east=0.002), name="b", sha256=sha(2))
    assert len(assemble_flights(one, two)) == 2


def test_two_aircraft_side_by_side_are_two_flights_by_their_serial_numbers(
    make_log: MakeLog,
) -> None:
    near: dict[str, Any] = {"longitude_deg": [it + 7e-5 for it in path(100)["longitude_deg"]]}
    one = make_log(path(100), name="a", sha256=sha(1), aircraft=serial("A1"))
    two = make_log(path(100, **near), name="b", sha256=sha(2), aircraft=serial("B2"))
    assert len(assemble_flights(one, two)) == 2


def test_one_path_under_two_serial_numbers_is_one_flight_and_a_contradiction(
    make_log: MakeLog,
) -> None:
    one = make_log(path(100), name="a", sha256=sha(1), aircraft=serial("A1"))
    two = make_log(path(100), name="b", sha256=sha(2), aircraft=serial("B2"))
    (flight,) = assemble_flights(one, two)
    (found,) = flight.disagreements
    assert found.kind == "identity"
    assert {side.value for side in found.sides} == {"A1", "B2"}


def test_a_log_that_spans_two_flights_tells_of_both(make_log: MakeLog) -> None:
    def takeoff(start: int) -> list[dict[str, Any]]:
        return [
            {"time": start + 5, "kind": "takeoff", "text": "up"},
            {"time": start + 95, "kind": "landing", "text": "down"},
        ]

    first = make_log(path(100), name="a", sha256=sha(1), events=takeoff(0))
    second = make_log(path(100, 300), name="b", sha256=sha(2), events=takeoff(300))
    long = make_log(path(500), name="c", sha256=sha(3))
    flights = assemble_flights(first, second, long)
    assert ids(flights) == [["a", "c"], ["b", "c"]]
    told = [offset for flight in flights for offset in flight.sources[1].track["source_offset"]]
    assert sorted(told) == sorted(long.track["source_offset"])
    assert [flight.log_indices_whose_first_flight_it_is for flight in flights] == [(0, 1), (0,)]


def test_a_video_that_says_only_when_stays_alone_if_two_aircraft_flew(make_log: MakeLog) -> None:
    one = make_log(path(100), name="a", sha256=sha(1))
    two = make_log(path(100, east=0.01), name="b", sha256=sha(2))
    clip = {"start": 20, "end": 60, "kind": "video", "sensor": "visible", "file": "v.MP4"}
    video = media(make_log(captures=[clip], name="v.MP4", sha256=sha(3)), "video")
    joining = join_logs(
        [
            digest
            for n, log in enumerate((one, two, video))
            for digest in summarise_each_part_of_log(log, n)
        ]
    )
    (left,) = joining.unjoined
    assert left.log_index == 2
    assert {rival.flight_id for rival in left.alternative_flights} == {
        plan.id for plan in joining.assemblies
    }
    assert "more than one flight" in left.alignment.reason
    # With one aircraft there is no doubt.
    (flight,) = assemble_flights(one, video)
    assert len(flight.logs) == 2


def media(log: parsers.Log, format_: str) -> parsers.Log:
    source = parsers.Source(log.source.name, log.source.size, log.source.sha256, format_)
    return parsers.Log(
        source, log.aircraft, log.clock, log.track, log.events, log.captures,
        local_times=log.local_times,
    )  # fmt: skip


def test_a_file_of_the_same_press_lends_its_clock(make_log: MakeLog) -> None:
    record = make_log(path(100), name="a", sha256=sha(1))
    shot = {"start": 50.4, "end": 50.4, "kind": "photo", "sensor": "visible", "file": "x"}
    wide = make_log(captures=[shot], name="DJI_0001_W.JPG", sha256=sha(2))
    local = on_its_own_clock(wide, "wall", 3600)
    wide = media(wide, "dji-photo")
    wide = parsers.Log(
        wide.source, captures=wide.captures, local_times=local.local_times, clock=wide.clock
    )
    thermal = make_log(captures=[shot], name="DJI_0001_T.JPG", sha256=sha(3))
    thermal = media(on_its_own_clock(thermal, "wall", 3600), "dji-photo")
    (flight,) = assemble_flights(record, wide, thermal)
    placed = {one.log.source.name: one.alignment for one in flight.sources}
    assert placed["DJI_0001_T.JPG"].method == "same_capture"
    assert placed["DJI_0001_T.JPG"].offset_s == pytest.approx(-3600)
    assert placed["DJI_0001_T.JPG"].timezone_s == 3600


def test_a_zone_that_the_user_declares_places_what_nothing_else_does(make_log: MakeLog) -> None:
    record = make_log(path(100), name="a", sha256=sha(1))
    shot = {"start": 50, "end": 50, "kind": "photo", "sensor": "visible", "file": "x"}
    photo = make_log(captures=[shot], name="DJI_0001.JPG", sha256=sha(2))
    photo = media(on_its_own_clock(photo, "wall", 3600), "dji-photo")
    assert [len(flight.logs) for flight in assemble_flights(record, photo)] == [1]
    # 14 May is summer in London.
    (flight,) = assemble_flights(record, photo, timezone="Europe/London")
    assert flight.sources[1].alignment.method == "declared"
    assert flight.sources[1].alignment.timezone_s == 3600


@pytest.mark.parametrize(
    ("timezone", "begins"),
    [
        (None, None),
        ("Europe/London", "2026-05-14T09:00:00Z"),
        ("Asia/Tokyo", "2026-05-14T01:00:00Z"),
    ],
)
def test_a_zone_that_the_user_declares_gives_a_table_with_a_local_clock_its_time(
    make_log: MakeLog, timezone: str | None, begins: str | None
) -> None:
    table = on_its_own_clock(make_log(path(100), name="a", sha256=sha(1)), "wall", 3600)
    (flight,) = assemble_flights(table, timezone=timezone)
    assert flight.start == (None if begins is None else pd.Timestamp(begins))
    assert flight.sources[0].alignment.method == ("unaligned" if begins is None else "declared")


def test_a_declared_zone_moves_no_utc_and_no_time_that_occurs_twice(make_log: MakeLog) -> None:
    known = make_log(path(100), name="a", sha256=sha(1))
    (flight,) = assemble_flights(known, timezone="Asia/Tokyo")
    assert flight.start == pd.Timestamp("2026-05-14T09:00Z")
    flown = path(100) | {"time": [CLOCKS_PUT_BACK_S + 1800 + second for second in range(100)]}
    table = on_its_own_clock(make_log(flown, name="b", sha256=sha(2)), "wall", 0.0)
    (flight,) = assemble_flights(table, timezone="Europe/London")
    assert (flight.start, flight.sources[0].alignment.method) == (None, "unaligned")


#: 25 October 2026, 01:00 UTC, after the start of every log made by hand: London's clocks are put
#: back from 02:00 to 01:00, so that 01:30 comes twice.
CLOCKS_PUT_BACK = pd.Timestamp("2026-10-25T01:00Z")
CLOCKS_PUT_BACK_S = (CLOCKS_PUT_BACK - pd.Timestamp("2026-05-14T09:00Z")).total_seconds()


def photo_at(make_log: MakeLog, second: float, ahead_s: float, name: str) -> parsers.Log:
    """Return a photo whose file has only a local time."""
    shot = {"start": second, "end": second, "kind": "photo", "sensor": "visible", "file": "x"}
    log = make_log(captures=[shot], name=name, sha256=sha(9))
    return media(on_its_own_clock(log, "wall", ahead_s), "dji-photo")


@pytest.mark.parametrize(("before_s", "zone_s"), [(1800.0, 3600.0), (-1800.0, 0.0)])
def test_a_photo_of_the_repeated_hour_joins_the_flight_of_its_time(
    make_log: MakeLog, before_s: float, zone_s: float
) -> None:
    start = CLOCKS_PUT_BACK_S - before_s
    flown = path(100) | {"time": [start + second for second in range(100)]}
    record = make_log(flown, name="a", sha256=sha(1))
    photo = photo_at(make_log, start + 50, zone_s, "DJI_0001.JPG")
    (flight,) = assemble_flights(record, photo, timezone="Europe/London")
    assert ids([flight]) == [["a", "DJI_0001.JPG"]]
    assert flight.sources[1].alignment.method == "declared"
    assert flight.sources[1].alignment.timezone_s == zone_s
    # That the time occurs twice is no disagreement.
    assert flight.disagreements == ()


def test_a_photo_of_the_repeated_hour_that_fits_both_flights_joins_neither(
    make_log: MakeLog,
) -> None:
    starts = (CLOCKS_PUT_BACK_S - 1800, CLOCKS_PUT_BACK_S + 1800)
    records = [
        make_log(path(100) | {"time": [start + n for n in range(100)]}, name=name, sha256=sha(n))
        for n, (name, start) in enumerate(zip("ab", starts, strict=True), 1)
    ]
    photo = photo_at(make_log, starts[0] + 50, 3600.0, "DJI_0001.JPG")
    logs = [*records, photo]
    result = join_logs(
        [
            summary
            for index, log in enumerate(logs)
            for summary in summarise_each_part_of_log(log, index)
        ],
        "Europe/London",
    )
    assert [len(flight.members) for flight in result.assemblies] == [1, 1]
    (left,) = result.unjoined
    assert {it.flight_id for it in left.alternative_flights} == {it.id for it in result.assemblies}
    assert "its time occurs twice" in left.alignment.reason


@pytest.mark.parametrize("ahead_s", [-12.6 * 3600 + 1, 5.75 * 3600 + 33.5, 0.0])
def test_a_wall_clock_is_placed_by_its_path(make_log: MakeLog, ahead_s: float) -> None:
    # A clock that is of no zone at all is believed of the same aircraft only.
    same = {"aircraft": serial("A1")} if ahead_s < -12 * 3600 else {}
    record = make_log(path(200), name="a", sha256=sha(1), **same)
    table = make_log(path(150, 20), name="b", sha256=sha(2), **same)
    (flight,) = assemble_flights(record, on_its_own_clock(table, "wall", ahead_s))
    placing = flight.sources[1].alignment
    assert placing.offset_s == pytest.approx(-ahead_s, abs=0.2)
    zone = None if ahead_s < -12 * 3600 else round(ahead_s / 900) * 900
    assert placing.timezone_s == zone


def test_a_count_without_a_date_is_placed_by_its_path(make_log: MakeLog) -> None:
    record = make_log(path(200), name="a", sha256=sha(1))
    table = make_log(path(100, 50), name="b", sha256=sha(2))
    since_1970 = (table.track["time"].iloc[0] - pd.Timestamp(0, tz="UTC")).total_seconds()
    (flight,) = assemble_flights(record, on_its_own_clock(table, "elapsed", -since_1970))
    assert flight.sources[1].alignment.offset_s == pytest.approx(since_1970, abs=0.2)
    assert flight.sources[1].start == table.track["time"].iloc[0].round("s")
    # An offset since 1970 would tell a reader nothing.
    counts_from = flight.sources[1].start_of_elapsed_clock
    assert counts_from is not None
    assert abs(counts_from - table.track["time"].iloc[0]) < pd.Timedelta(seconds=0.2)
    assert f"from {counts_from:%H:%M:%S}  " in describe_flight(flight)
    assert flight.sources[0].start_of_elapsed_clock is None


@pytest.mark.parametrize("pause_s", [0, 20])
def test_one_route_flown_twice_in_two_logs_of_one_kind_is_two_flights(
    make_log: MakeLog, pause_s: int
) -> None:
    again = path(100) | {"time": [second + 100 + pause_s for second in path(100)["time"]]}
    gnss = parsers.Clock("GPS", 0.1, from_gnss=True)
    first = make_log(path(100), name="a", sha256=sha(1), clock=gnss)
    second = make_log(again, name="b", sha256=sha(2), clock=gnss)
    assert ids(assemble_flights(first, second)) == [["a"], ["b"]]
    # The clock of another kind may be as far off.
    station = make_log(
        again, name="b", sha256=sha(2), clock=parsers.Clock("clock of the ground station", 1.0)
    )
    (flight,) = assemble_flights(first, station)
    assert [found.kind for found in flight.disagreements] == ["time"]


def test_a_flight_across_180_degrees_is_as_one_elsewhere(make_log: MakeLog) -> None:
    def logs(west_deg: float) -> tuple[parsers.Log, parsers.Log]:
        track = path(100)
        track["longitude_deg"] = [
            (4 + it + west_deg + 180) % 360 - 180 for it in track["longitude_deg"]
        ]
        del track["ground_speed_mps"], track["vertical_speed_mps"]
        dense = make_log(track, name="a", sha256=sha(1))
        # Its fixes lie between those of the other.
        between = {name: values[::3] for name, values in track.items()}
        between["time"] = [second + 0.4 for second in between["time"]]
        return dense, make_log(between, name="b", sha256=sha(2))

    (here,), (there,) = assemble_flights(*logs(10.0)), assemble_flights(*logs(180.0))
    crossed = np.abs(np.diff(there.track["longitude_deg"])) > 180
    assert crossed.sum() > 2
    assert len(there.logs) == len(here.logs) == 2
    assert not here.disagreements
    assert not there.disagreements


def test_hovering_tells_no_time(make_log: MakeLog) -> None:
    still = {
        "latitude_deg": [50.0] * 100, "longitude_deg": [-4.0] * 100, "height_ato_m": [30.0] * 100,
    }  # fmt: skip
    record = make_log(still, name="a", sha256=sha(1))
    table = on_its_own_clock(make_log(still, name="b", sha256=sha(2)), "wall", 3600)
    assert len(assemble_flights(record, table)) == 2


def test_a_table_that_fits_two_flights_alike_is_joined_to_neither_and_names_both(
    make_log: MakeLog,
) -> None:
    same = {"aircraft": serial("A1")}
    again = path(100) | {"time": [second + 3600 for second in path(100)["time"]]}
    one = make_log(path(100), name="a", sha256=sha(1), **same)
    two = make_log(again, name="b", sha256=sha(2), **same)
    table = make_log(path(100), name="c", sha256=sha(3), **same)
    flights = assemble_flights(one, two, on_its_own_clock(table, "wall", 7200))
    assert ids(flights) == [["a"], ["b"], ["c"]]
    (telling,) = flights[2].sources
    assert {rival.flight_id for rival in telling.alternative_flights} == {
        flight.id for flight in flights[:2]
    }
    assert telling.alignment.reason == "it matches more than one flight equally well"


def test_the_clock_of_a_flight_is_the_one_that_satellites_gave(make_log: MakeLog) -> None:
    slow = parsers.Clock("clock of the app's device", 0.05)
    exact = parsers.Clock("GPS", 0.1, from_gnss=True)
    app = make_log(path(100), name="a", sha256=sha(1), clock=slow, events=[
        {"time": 5, "kind": "takeoff", "text": "up"}, {"time": 95, "kind": "landing", "text": "x"},
    ])  # fmt: skip
    shifted = path(100)
    shifted["time"] = [second + 7.5 for second in shifted["time"]]
    own = make_log(shifted, name="b", sha256=sha(2), clock=exact)
    (flight,) = assemble_flights(app, own)
    assert [telling.alignment.method for telling in flight.sources] == ["track", "reference"]
    assert flight.sources[0].alignment.offset_s == pytest.approx(7.5, abs=0.2)
    assert flight.takeoff is not None
    assert abs((flight.takeoff - app.events["time"].iloc[0]).total_seconds() - 7.5) < 0.2
    (found,) = flight.disagreements
    assert found.kind == "time"


def test_a_column_that_the_first_log_lacks_comes_from_another_and_says_so(
    make_log: MakeLog,
) -> None:
    one = make_log(path(100), name="a", sha256=sha(1))
    more = path(50, 25, altitude_amsl_m=[400.0 + n for n in range(50)])
    two = make_log(more, name="b", sha256=sha(2))
    (flight,) = assemble_flights(one, two)
    assert flight.column_sources == {"altitude_amsl_m": 1}
    values = flight.track["altitude_amsl_m"]
    assert values.notna().sum() == 50
    said = flight.track_value_in_log(30, "altitude_amsl_m")
    assert (said.source_index, said.value) == (1, "405.0")
    assert said.offset == two.track["source_offset"].iloc[5]
    assert flight.track_value_in_log(30, "height_ato_m").source_index == 0
    assert flight.track_value_in_log(0, "altitude_amsl_m").offset is None
    assert list(flight.track.columns) == list(_tables.TRACK)


def test_what_two_logs_tell_alike_stands_once(make_log: MakeLog) -> None:
    warning = {"kind": "geofence.warning", "text": "GEO: you are in a zone"}
    one = make_log(path(100), name="a", sha256=sha(1), events=[{"time": 50, **warning}])
    two = make_log(
        path(100), name="b", sha256=sha(2),
        events=[{"time": 50.5, **warning}, {"time": 80, **warning}],
    )  # fmt: skip
    (flight,) = assemble_flights(one, two)
    assert flight.events["source_index"].tolist() == [0, 1]


def five(make_log: MakeLog, **odd: Any) -> list[parsers.Log]:
    """Return five logs of one path, of which the first has something that is odd."""
    first = make_log(path(100, **odd), name="a", sha256=sha(1), events=[
        {"time": 5, "kind": "takeoff", "text": "up"}, {"time": 95, "kind": "landing", "text": "x"},
    ])  # fmt: skip
    rest = [make_log(path(100), name=name, sha256=sha(n)) for n, name in enumerate("bcde", 2)]
    return [first, *rest]


def test_one_contradiction_with_four_logs_is_told_once_and_names_all(make_log: MakeLog) -> None:
    aside = [it + 0.003 * (40 <= row < 43) for row, it in enumerate(path(100)["longitude_deg"])]
    higher = [it + 50 * (row == 70) for row, it in enumerate(path(100)["height_ato_m"])]
    logs = five(make_log, longitude_deg=aside, height_ato_m=higher)
    (flight,) = assemble_flights(*logs)
    position, height = flight.disagreements
    assert [position.kind, height.kind] == ["position", "height"]
    for one in (position, height):
        assert [side.source_index for side in one.sides] == [0, 1, 2, 3, 4]
        assert " from b, c, d and e" in one.text
    # Every byte that shows it is still there.
    assert position.sides[0].offset in logs[0].track["source_offset"].iloc[40:43].to_list()
    for side, log in zip(height.sides, logs, strict=True):
        assert side.offset == log.track["source_offset"].iloc[70]


def test_a_log_that_differs_at_another_time_is_another_contradiction(make_log: MakeLog) -> None:
    def aside(rows: range) -> list[float]:
        return [it + 0.003 * (n in rows) for n, it in enumerate(path(100)["longitude_deg"])]

    one = make_log(path(100), name="a", sha256=sha(1))
    two = make_log(path(100, longitude_deg=aside(range(20, 23))), name="b", sha256=sha(2))
    three = make_log(path(100, longitude_deg=aside(range(60, 63))), name="c", sha256=sha(3))
    (flight,) = assemble_flights(one, two, three)
    assert [[side.source_index for side in it.sides] for it in flight.disagreements] == [
        [0, 1],
        [0, 2],
    ]


def test_clocks_that_are_off_alike_are_one_contradiction_and_others_are_not(
    make_log: MakeLog,
) -> None:
    gps = parsers.Clock("GPS", 0.1, from_gnss=True)
    logs = [make_log(path(200), name="a", sha256=sha(1), clock=gps)]
    for number, (name, ahead) in enumerate((("b", 30.0), ("c", 30.4), ("d", 70.0)), 2):
        moved = path(200) | {"time": [second + ahead for second in path(200)["time"]]}
        logs.append(make_log(moved, name=name, sha256=sha(number)))
    (flight,) = assemble_flights(*logs)
    alike, alone = flight.disagreements
    assert (
        alike.text
        == "the clocks of b and c are 30 s ahead of that of the flight, as the tracks show"
    )
    assert alone.text == "the clock of d is 70 s ahead of that of the flight, as the tracks show"
    assert [len(alike.sides), len(alone.sides)] == [3, 2]


def test_a_serial_number_that_logs_differ_on_is_told_once_with_every_log(
    make_log: MakeLog,
) -> None:
    logs = [
        make_log(path(100), name=name, sha256=sha(n), aircraft=serial(number))
        for n, (name, number) in enumerate((("a", "A1"), ("b", "B2"), ("c", "A1"), ("d", "B2")), 1)
    ]
    (flight,) = assemble_flights(*logs)
    (found,) = flight.disagreements
    assert found.text == "the aircraft's serial number is given as A1 by a and c, as B2 by b and d"
    assert [(side.source_index, side.value) for side in found.sides] == [
        (0, "A1"), (2, "A1"), (1, "B2"), (3, "B2"),
    ]  # fmt: skip


def test_photos_that_lie_higher_are_one_contradiction_and_all_are_named(make_log: MakeLog) -> None:
    record = make_log(path(100), name="a", sha256=sha(1), aircraft=serial("A1"))
    photos = []
    for number in range(6):
        row = 10 + 12 * number
        where = {name: [values[row]] for name, values in path(100).items()}
        where["height_ato_m"] = [where["height_ato_m"][0] + 60]
        log = make_log(where, name=f"DJI_{number:04}.JPG", sha256=sha(10 + number),
                       aircraft=serial("A1"))  # fmt: skip
        photos.append(media(log, "dji-photo"))
    (flight,) = assemble_flights(record, *photos)
    (found,) = flight.disagreements
    assert "DJI_0000.JPG, DJI_0001.JPG, DJI_0002.JPG and 3 more" in found.text
    assert {side.source_index for side in found.sides} == set(range(7))
    assert found.count == 6


def test_the_order_of_logs_changes_nothing(sample_logs: Path) -> None:
    endings = {".txt", ".DAT", ".SRT", ".JPG", ".csv"}
    logs = [parsers.read(file) for file in sorted(sample_logs.iterdir()) if file.suffix in endings]
    one, two = assemble_flights(*logs), assemble_flights(*reversed(logs))
    assert sorted(map(told, one)) == sorted(map(told, two))


def told(flight: Flight) -> tuple[Any, ...]:
    return (
        flight.id,
        tuple((one.log.source.name, one.alignment) for one in flight.sources),
        flight.takeoff,
        flight.captures.to_csv(),
        tuple(one.text for one in flight.disagreements),
    )


def test_logs_of_the_network_are_no_flights(make_log: MakeLog) -> None:
    capture = make_log(name="a.pcap", capture_window=parsers.NetworkCaptureWindow(None, None))
    assert assemble_flights(capture) == ()


@pytest.fixture(scope="module")
def real(samples: Path) -> tuple[Flight, ...]:
    """Return the flights of all real records and tables together."""
    logs = []
    for folder in ("dji_txt", "dji_csv"):
        for file in sorted((samples / folder).rglob("*.*")):
            if file.suffix in (".txt", ".csv"):
                try:
                    logs.append(parsers.read(file, name=file.relative_to(samples).as_posix()))
                except parsers.LogError:
                    continue
    assert len(logs) > 55
    return assemble_flights(*logs)


def test_every_table_joins_its_own_record_and_no_other(real: tuple[Flight, ...]) -> None:
    alone = []
    tables = 0
    for flight in real:
        names = [log.source.name for log in flight.logs]
        csvs = [name for name in names if name.endswith(".csv")]
        tables += len(csvs)
        records = {Path(name).stem for name in names if name.endswith(".txt")}
        if csvs and not records:
            alone += csvs
        elif csvs:
            # Tables keep the name of the record they were made from.
            assert {Path(name).stem for name in csvs} == records
    # In four more, and in their records, nothing flew.
    assert tables == 15
    # Its record is not among the samples.
    assert [Path(name).name for name in alone] == [
        "DJIFlightRecord_2020-01-22_[13-25-55]-TxtLogToCsv.csv"
    ]


def test_tables_and_their_records_agree_on_where_when_and_how_high(
    real: tuple[Flight, ...],
) -> None:
    pairs = [flight for flight in real if len({log.source.format for log in flight.logs}) > 1]
    assert len(pairs) == 13
    for flight in pairs:
        told_apart = {one.kind for one in flight.disagreements}
        assert told_apart <= {"identity"}, flight.logs[0].source.name
        for one in flight.disagreements:
            # The table reads the number of an Inspire 1's battery another way.
            assert "battery" in one.text


def test_records_under_two_names_are_one_flight_with_two_sources(
    real: tuple[Flight, ...],
) -> None:
    folder = "dji_txt/chrisvm+node-djiparsetxt"
    for one, other in (
        ("phantom3_0", "mavic2_1"), ("phantom3_1", "mavic2_2"), ("phantom3_4", "mavic2_9"),
    ):  # fmt: skip
        names = {f"{folder}/{name}.txt" for name in (one, other)}
        (flight,) = (flight for flight in real if names & {log.source.name for log in flight.logs})
        assert {log.source.name for log in flight.logs} == names
        first, copy = flight.sources
        assert (first.copy_of, copy.copy_of) == (None, 0)
        assert copy.alignment.method == "copy"
        assert "copy of 0" in describe_flight(flight)
        # What both hold stands once.
        assert set(flight.events["source_index"]) == {0}

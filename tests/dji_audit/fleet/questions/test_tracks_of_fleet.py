"""When a place was near or in view, and which flights were in the air at once."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dji_audit.camera_view import CameraPoses, camera_poses, sightings_of_point
from dji_audit.fleet.questions import in_the_air_together as together
from dji_audit.fleet.questions import place_in_view_of_tracks as sightings_on_tracks_module
from dji_audit.fleet.questions import place_near_or_in_view
from dji_audit.fleet.questions.answer import Answer, QuestionError
from dji_audit.fleet.questions.in_the_air_together import (
    closest_approach,
    count_overlapping_span_pairs,
    flights_together_answer,
)
from dji_audit.fleet.questions.passages_near_place import passages_near_place
from dji_audit.fleet.questions.place_in_view_of_tracks import sightings_of_place_from_each_track
from dji_audit.fleet.questions.place_near_or_in_view import answer_when_place_near_or_in_view
from dji_audit.fleet.questions.row_filter_by_time_serial_and_flight import (
    PeriodSerialAndFlightFilter,
)
from dji_audit.fleet.questions.time_span import start_and_end_texts_of_time_span
from dji_audit.fleet.tables.camera_of_tracks import cameras_of_tracks
from dji_audit.fleet.tables.flight_hardware_and_track_rows import (
    FlightTrackRow,
    flight_component_rows,
    flight_track_row,
)
from dji_audit.fleet.tables.open_database import open_fleet_database_read_only
from dji_audit.fleet.tables.pack_track import pack_track
from dji_audit.fleet.tables.packed_columns import PackedTrackError
from dji_audit.fleet.tables.packed_track_layout import CAMERA_HEAD
from dji_audit.fleet.tables.unpack_simplified_tracks import (
    SimplifiedTrack,
    unpack_track,
    unpack_tracks,
)
from dji_audit.fleet.tables.write_tables import write_fleet_tables_and_return_run_number
from dji_audit.flights import Flight, assemble_flights
from dji_audit.geo.geodesy import distances_between_point_pairs_m
from dji_audit.mapper import flight_map_track
from tests.dji_audit.fleet.made_fleet import (
    EAST_M,
    NORTH_M,
    PLACE,
    flight_row,
    instant,
    packed_track,
    track_row,
)
from tests.dji_audit.mapper.conftest import made_log

SECONDS = [0.0, 300.0, 600.0]


@pytest.fixture
def base(made_state: Path) -> Iterator[sqlite3.Connection]:
    with open_fleet_database_read_only(made_state) as connection:
        yield connection


def as_mappings(answer: Answer) -> list[dict[str, Any]]:
    return [dict(zip(answer.column_names, row, strict=True)) for row in answer.rows]


def position(east_m: float, north_m: float) -> tuple[float, float]:
    return PLACE[0] + north_m / NORTH_M, PLACE[1] + east_m / EAST_M


def test_a_place_beside_a_way_is_near_from_one_time_to_another(base: sqlite3.Connection) -> None:
    # 60 m north of the point 500 m along: within 100 m from 420 m to 580 m, out and back again.
    found = [
        row
        for row in as_mappings(answer_when_place_near_or_in_view(base, *position(500, 60), 100))
        if row["flight"] == "aa-1"
    ]
    assert [row["how"] for row in found] == ["near", "near"]
    assert [row["from"][:18] for row in found] == ["2026-05-01T10:02:0", "2026-05-01T10:07:0"]
    assert all(abs(row["nearest_m"] - 60) < 1 for row in found)
    # Half a metre of simplification, and 2 m of a fix.
    assert {row["error_m"] for row in found} == {2.5}
    assert {row["height_ato_m"] for row in found} == {80.0}


def test_only_what_lies_in_the_time_and_of_the_aircraft_is_answered(
    base: sqlite3.Connection,
) -> None:
    span = start_and_end_texts_of_time_span("2026-05-01T10:05Z..2026-05-01T10:20Z")
    place = position(500, 60)
    found = as_mappings(
        answer_when_place_near_or_in_view(
            base, *place, 100, PeriodSerialAndFlightFilter(between=span)
        )
    )
    assert [row["from"][:16] for row in found if row["flight"] == "aa-1"] == ["2026-05-01T10:07"]
    assert (
        answer_when_place_near_or_in_view(
            base, *place, 100, PeriodSerialAndFlightFilter(serial="NONE")
        ).rows
        == []
    )


def test_a_place_near_nothing_and_one_across_the_world_have_no_row(
    base: sqlite3.Connection,
) -> None:
    assert answer_when_place_near_or_in_view(base, *position(500, 5000), 100).rows == []
    assert answer_when_place_near_or_in_view(base, -51.4, -179.2, 100).rows == []


def test_a_track_without_utc_is_near_at_no_known_time(base: sqlite3.Connection) -> None:
    found = [
        row
        for row in as_mappings(answer_when_place_near_or_in_view(base, *position(25, 0), 30))
        if row["flight"] == "dd-1"
    ]
    assert [(row["from"], row["to"]) for row in found] == [(None, None)]
    assert found[0]["nearest_m"] < 0.2


@pytest.mark.parametrize("place", [(91, 0), (0, 181), (float("nan"), 0)])
def test_what_is_no_place_is_refused(base: sqlite3.Connection, place: tuple[float, float]) -> None:
    with pytest.raises(QuestionError, match="latitude,longitude"):
        answer_when_place_near_or_in_view(base, *place)


@pytest.mark.parametrize("metres", [0, -5, 60_000, float("nan")])
def test_what_is_no_distance_is_refused(base: sqlite3.Connection, metres: float) -> None:
    with pytest.raises(QuestionError, match="--within"):
        answer_when_place_near_or_in_view(base, *PLACE, metres)
    if metres != 60_000:
        with pytest.raises(QuestionError, match="--within"):
            flights_together_answer(base, metres)


def test_a_place_across_the_date_line_is_found(tmp_path: Path) -> None:
    track = packed_track(
        instant("05-01T10:00"), SECONDS, [0, 1000, 2000], [0, 0, 0], origin=(10.0, 179.995)
    )
    rows = [flight_row("aa-1", instant("05-01T10:00")), track_row("aa-1", track)]
    write_fleet_tables_and_return_run_number(tmp_path, rows, {})
    with open_fleet_database_read_only(tmp_path) as base:
        assert len(answer_when_place_near_or_in_view(base, 10.0, -179.99, 100).rows) == 1
        assert len(answer_when_place_near_or_in_view(base, 10.0, 179.998, 100).rows) == 1
        assert answer_when_place_near_or_in_view(base, 10.0, -179.9, 100).rows == []


@given(
    st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=8),
    st.floats(5, 800),
)
def test_passages_are_those_of_a_track_walked_step_by_step(
    points: list[tuple[float, float]], near_m: float
) -> None:
    seconds = [10.0 * index for index in range(len(points))]
    track = unpack_track(
        pack_track(
            packed_track(
                instant("05-01T10:00"), seconds, [it[0] for it in points], [it[1] for it in points]
            )
        )
    )
    passages = passages_near_place([track], *PLACE, near_m)[0]
    ms = np.arange(track.ms[0], track.ms[-1] + 1, 50)
    latitude = np.interp(ms, track.ms, track.latitude_deg)
    longitude = np.interp(ms, track.ms, track.longitude_deg)
    away = distances_between_point_pairs_m(latitude, longitude, *PLACE)
    inside = np.zeros(len(ms), bool)
    for one in passages:
        inside |= (ms >= one.start_ms) & (ms <= one.end_ms)
        assert one.nearest_m <= near_m
    # A step is up to 13 m long; away from the edge both must agree.
    clear = np.abs(away - near_m) > 15
    assert ((away < near_m) == inside)[clear].all()
    if passages:
        assert abs(min(one.nearest_m for one in passages) - away.min()) < 15


def test_what_the_camera_saw_is_what_the_flight_itself_says(tmp_path: Path) -> None:
    flight, poses, row = flight_with_camera(1200, *PLACE)
    assert row.view_range_m is not None
    about = flight_row(flight.id, flight.start)
    write_fleet_tables_and_return_run_number(
        tmp_path, [about, row, *flight_component_rows(flight)], {}
    )
    fixes = flight.track
    middle = fixes.iloc[len(fixes) // 2]
    place = float(middle["latitude_deg"]), float(middle["longitude_deg"])
    own = [it for it in sightings_of_point(poses, *place) if it.certainty != "bearing"]
    with open_fleet_database_read_only(tmp_path) as base:
        found = [
            it
            for it in as_mappings(answer_when_place_near_or_in_view(base, *place, 50))
            if it["how"] == "in view"
        ]
    assert own
    assert {it["sensor"] for it in found} == {it.sensor for it in own}
    assert {it["recorded"] for it in found} == {it.recorded for it in own}
    first = min(it.start_ms for it in own)
    stated = min(np.datetime64(it["from"][:-1], "ms").astype(np.int64) for it in found)
    assert abs(int(stated) - first) <= 2000


def flight_with_camera(
    seconds: int, latitude_deg: float, longitude_deg: float
) -> tuple[Flight, CameraPoses, FlightTrackRow]:
    (flight,) = assemble_flights(made_log(seconds, 10.0, latitude_deg, longitude_deg))
    poses = camera_poses(flight)
    row = flight_track_row(flight, poses, flight_map_track(flight, poses))
    assert row is not None
    return flight, poses, row


def test_many_tracks_at_once_say_what_each_says_by_itself() -> None:
    # One of them across the date line from the place, one too far to show it.
    rows = [
        flight_with_camera(seconds, *place)[2]
        for seconds, place in (
            (900, PLACE), (300, (PLACE[0], PLACE[1] + 0.002)), (60, (PLACE[0] + 0.4, PLACE[1])),
        )
    ]  # fmt: skip
    tracks = [unpack_track(row.track) for row in rows]
    turned = replace(tracks[1], longitude_deg=tracks[1].longitude_deg + 360.0)
    middle = len(tracks[0].ms) // 2
    place = float(tracks[0].latitude_deg[middle]), float(tracks[0].longitude_deg[middle])
    lone_fix = packed_track(instant("05-01T10:00"), [0], [40], [0], origin=place)
    tracks += [turned, unpack_track(pack_track(lone_fix)), tracks[0]]
    together_found = passages_near_place(tracks, *place, 300)
    assert together_found == [passages_near_place([track], *place, 300)[0] for track in tracks]
    # Whole turns are the same but for rounding.
    for one, other in zip(together_found[1], together_found[3], strict=True):
        assert (one.start_ms, one.end_ms) == (other.start_ms, other.end_ms)
        assert one.nearest_m == pytest.approx(other.nearest_m, abs=1e-6)
    assert [bool(it) for it in together_found] == [True, True, False, True, True, True]
    seeing = [track for track in tracks if track.camera is not None]
    views = sightings_of_place_from_each_track(seeing, *place)
    assert views == [sightings_of_place_from_each_track([track], *place)[0] for track in seeing]
    assert [bool(it.sightings) for it in views] == [True, True, False, True, True]
    for track, view in zip(seeing, views, strict=True):
        turn = 360.0 if track is turned else 0.0
        whole = cameras_of_tracks([track]).poses_of_track(0)
        own = sightings_of_point(whole, place[0], place[1] + turn)
        located = [it for it in own if it.certainty != "bearing"]
        if track is turned:
            assert [astuple(it) for it in view.sightings] == [
                tuple(pytest.approx(value) for value in astuple(it)) for it in located
            ]
        else:
            assert view.sightings == tuple(located)


@pytest.mark.parametrize("most", [0, 4])
def test_captures_with_their_own_fields_of_view_are_looked_at_together(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    (flight,) = assemble_flights(made_log(300, 10.0, *PLACE))
    poses = camera_poses(flight)
    plain = flight_map_track(flight, poses)
    assert plain is not None
    first, last = int(poses.time_ms[0]), int(poses.time_ms[-1])
    middle = (first + last) // 2
    halves = ([0.02, 0.02], [0.3, 0.2], None, [0.9, 0.9], [2.0, 1.5])
    captures = [
        [first + 1000 * number, middle, "video", f"sensor {number}", half, None, []]
        for number, half in enumerate(halves)
    ]
    zoomed = [middle, last, "video", "thermal", [0.5, 0.5], None, [[middle, 0.5, 0.4]]]
    measured = [middle, last, "video", "visible", [0.4, 0.4], 5.0, []]
    tracks = []
    for own, shallow_deg in ((captures[:2], 10), (captures, 10), ([zoomed, measured], 3), ([], 3)):
        data = json.loads(plain.json)
        data["camera"] |= {"captures": own, "shallow_deg": shallow_deg, "photos": []}
        tracks.append(unpack_track(pack_track(replace(plain, json=json.dumps(data)))))
    monkeypatch.setattr(sightings_on_tracks_module, "_MOST_FIELDS_OF_VIEW", most)
    fix = flight.track.iloc[len(flight.track) // 2]
    place = float(fix["latitude_deg"]) + 0.0002, float(fix["longitude_deg"])
    views = sightings_of_place_from_each_track(tracks, *place)
    for track, view in zip(tracks, views, strict=True):
        whole = cameras_of_tracks([track]).poses_of_track(0)
        own_sightings = sightings_of_point(whole, *place, with_bearings=False)
        assert view.sightings == own_sightings != ()
    assert {it.sensor for it in views[1].sightings} > {"sensor 3", "sensor 4"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("directions", 0), ("shallow_deg", np.nan), ("captures", 2**31), ("zoom_steps", 1),
     ("photos", 2**32 - 1), ("word_bytes", 2)],
)  # fmt: skip
def test_a_damaged_camera_is_said_and_hides_no_other(name: str, value: float) -> None:
    _, _, row = flight_with_camera(300, *PLACE)
    track = unpack_track(row.track)
    assert track.camera is not None
    head = np.frombuffer(track.camera[: CAMERA_HEAD.itemsize], CAMERA_HEAD).copy()
    head[name] = value
    broken = replace(track, camera=head.tobytes() + track.camera[CAMERA_HEAD.itemsize :])
    views = sightings_of_place_from_each_track([track, broken, track], *PLACE)
    assert [it.is_damaged for it in views] == [False, True, False]
    assert views[0] == views[2]
    assert views[0].sightings


def test_tracks_of_many_fixes_are_unpacked_some_at_a_time(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = answer_when_place_near_or_in_view(base, *PLACE, 2000)
    together_unpacked: list[int] = []

    def counted(packed: Sequence[bytes]) -> list[SimplifiedTrack | None]:
        together_unpacked.append(len(packed))
        return unpack_tracks(packed)

    monkeypatch.setattr(place_near_or_in_view, "unpack_tracks", counted)
    monkeypatch.setattr(place_near_or_in_view, "_BYTES_AT_A_TIME", 1)
    assert answer_when_place_near_or_in_view(base, *PLACE, 2000) == whole
    assert together_unpacked == [1, 1, 1]
    (largest,) = base.execute("SELECT max(length(track)) FROM tracks").fetchone()
    monkeypatch.setattr(place_near_or_in_view, "_BYTES_AT_A_TIME", 2 * largest)
    assert answer_when_place_near_or_in_view(base, *PLACE, 2000) == whole
    assert together_unpacked[3:] == [2, 1]


def test_flights_of_a_simulator_were_near_nothing(tmp_path: Path) -> None:
    track = packed_track(instant("05-01T10:00"), SECONDS, [0, 1000, 0], [0, 0, 0])
    rows = [
        flight_row("aa-1", instant("05-01T10:00"), simulated=True), track_row("aa-1", track),
        flight_row("bb-1", instant("05-02T10:00")), track_row("bb-1", track),
        flight_row("cc-1", instant("05-03T10:00")),
    ]  # fmt: skip
    write_fleet_tables_and_return_run_number(tmp_path, rows, {})
    with open_fleet_database_read_only(tmp_path) as base:
        answer = answer_when_place_near_or_in_view(base, *PLACE, 50)
    assert {row[0] for row in answer.rows} == {"bb-1"}
    assert "Left out 1 flight of a simulator, where nobody flew." in answer.notes
    assert "1 flight without a position: not known." in answer.notes


def test_two_ways_that_cross_come_nearest_where_one_is_abeam(base: sqlite3.Connection) -> None:
    # From 10:05 to 10:10 the first flies back from 1,000 m east; the second comes from 600 m north
    # to 100 m north of the way, 400 m east: nearest at 10:08, 200 s later.
    (row,) = as_mappings(flights_together_answer(base))
    assert (row["flight"], row["other_flight"]) == ("aa-1", "bb-1")
    assert (row["from"], row["to"]) == ("2026-05-01T10:05:00.000Z", "2026-05-01T10:10:00.000Z")
    t = np.linspace(0, 300, 300_001)
    away = np.hypot(1000 - t / 300 * 1000 - 400, 600 - t / 300 * 500)
    best = int(np.argmin(away))
    assert abs(row["nearest_m"] - away[best]) < 0.5
    stated = pd.Timestamp(row["nearest_at"]) - instant("05-01T10:05")
    assert abs(stated.total_seconds() - t[best]) < 0.5
    # 0.5 m twice, 2 m twice, and 1 s at the speed of 3.33 m/s and 1.67 m/s at right angles.
    assert abs(row["error_m"] - (5 + np.hypot(1000 / 300, 500 / 300))) < 0.1
    assert row["remark"] == ""


def test_flights_that_stay_apart_or_follow_one_another_are_not_together(
    base: sqlite3.Connection,
) -> None:
    assert flights_together_answer(base, 50).rows == []
    later = PeriodSerialAndFlightFilter(between=start_and_end_texts_of_time_span("2026-06"))
    assert flights_together_answer(base, 5000, later).rows == []
    assert (
        flights_together_answer(base, 5000, PeriodSerialAndFlightFilter(serial="SERIAL2")).rows
        != []
    )
    assert (
        flights_together_answer(base, 5000, PeriodSerialAndFlightFilter(serial="OTHER")).rows == []
    )


def test_a_gap_of_a_track_is_no_way() -> None:
    whole = unpack_track(
        pack_track(packed_track(instant("05-01T10:00"), SECONDS, [0, 1000, 2000], [0, 0, 0]))
    )
    torn = unpack_track(
        pack_track(
            packed_track(
                instant("05-01T10:00"), [0, 100, 500, 600], [0, 0, 2000, 2000], [0, 0, 0, 0],
                breaks=(1,),
            )
        )
    )  # fmt: skip
    assert [(it.start, it.stop) for it in torn.parts] == [(0, 2), (2, 4)]
    found = closest_approach(whole, torn)
    assert found is not None
    # Not at 300 s, when a straight line over the gap would meet the other.
    assert found.ms in (int(whole.ms[0]), int(whole.ms[-1]))
    assert passages_near_place([torn], *position(1000, 0), 500) == [[]]


spans = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=12)


@given(spans)
def test_pairs_that_overlap_are_counted_right(given_spans: list[tuple[int, int]]) -> None:
    whole = [(start, start + length) for start, length in given_spans]
    pairs = sum(
        one[0] <= other[1] and other[0] <= one[1]
        for index, one in enumerate(whole)
        for other in whole[:index]
    )
    assert count_overlapping_span_pairs(whole) == pairs


@given(
    st.lists(
        st.tuples(
            st.integers(0, 40), st.integers(1, 30), st.floats(-60, 60), st.floats(-179, 179),
            st.floats(0, 1.0),
        ),
        max_size=14,
    )
)  # fmt: skip
def test_no_pair_whose_boxes_are_near_is_passed_over(
    boxes: list[tuple[int, int, float, float, float]],
) -> None:
    made = sorted(
        (
            together._TrackTimeSpanAndBoundingBox(
                number, str(number), start, start + length,
                (south, west, south + size, west + size), None, None, None, None, 0.5,
            )
            for number, (start, length, south, west, size) in enumerate(boxes)
        ),
        key=lambda it: it.start_ms,
    )  # fmt: skip
    found = {
        tuple(sorted((one.number, other.number)))
        for one, other in together._pairs_overlapping_in_time_and_space(made, 5000.0)
    }
    for index, one in enumerate(made):
        for other in made[:index]:
            overlap = other.start_ms <= one.end_ms and one.start_ms <= other.end_ms
            apart_north = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
            apart_east = max(one.box[1], other.box[1]) - min(one.box[3], other.box[3])
            if overlap and apart_north <= 0 and apart_east <= 0:
                assert tuple(sorted((one.number, other.number))) in found


def test_more_pairs_than_are_compared_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[object] = []
    for number in range(12):
        track = packed_track(instant("05-01T10:00"), SECONDS, [0, 1000, 0], [number] * 3)
        rows += [flight_row(f"{number}-1", instant("05-01T10:00"), serial=f"S{number % 2}")]
        rows += [track_row(f"{number}-1", track)]
    write_fleet_tables_and_return_run_number(tmp_path, rows, {})
    monkeypatch.setattr(together, "MAX_PAIRS", 10)
    with open_fleet_database_read_only(tmp_path) as base:
        answer = flights_together_answer(base)
    assert len(answer.rows) == 10
    assert answer.notes[0].startswith("66 pairs of flights were recorded at one time; 10 of them")
    assert "Only the first 10" in answer.notes[-1]
    assert any("copies of a log" in str(row[-1]) for row in answer.rows)


@pytest.mark.parametrize(
    "damaged", [b"", b"x", pack_track(packed_track(instant("05-01T10:00"), [0], [0], [0]))[:-4]]
)
def test_a_damaged_track_is_said_and_stops_nothing(tmp_path: Path, damaged: bytes) -> None:
    with pytest.raises(PackedTrackError):
        unpack_track(damaged)
    track = packed_track(instant("05-01T10:00"), SECONDS, [0, 1000, 0], [0, 0, 0])
    broken = replace(track_row("aa-1", track), track=damaged)
    rows = [
        flight_row("aa-1", instant("05-01T10:00")), broken,
        flight_row("bb-1", instant("05-01T10:00")), track_row("bb-1", track),
    ]  # fmt: skip
    write_fleet_tables_and_return_run_number(tmp_path, rows, {})
    with open_fleet_database_read_only(tmp_path) as base:
        answer = answer_when_place_near_or_in_view(base, *PLACE, 100)
        assert {row[0] for row in answer.rows} == {"bb-1"}
        assert "1 track of the tables could not be read." in answer.notes
        assert flights_together_answer(base).rows == []

"""All flights of a run on one map of the index: what it draws, and what it filters by."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.camera_view import camera_poses
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.compliance.outcomes import Outcome
from dji_audit.geo.local_plane import east_north_m
from dji_audit.mapper import (
    FlightMapTrack,
    IndexPageOptions,
    flight_map_track,
    ids_of_most_urgent_flights,
    render_index_page_html,
)
from dji_audit.mapper.html._assets import index_page_script
from dji_audit.mapper.html._folium import Bounds
from dji_audit.mapper.index_page._filter_data import (
    FilterWordsOfFlights,
    RuleOutcomesAcrossFlights,
    aircraft_label,
    flight_filters_as_json_data,
    place_name_from_text,
    recording_filter_values,
)
from dji_audit.mapper.index_page._flights_map_data import build_flights_map
from dji_audit.report.flight_verdict import FlightVerdict
from dji_audit.report.media_capture_rows import FlightCaptureRow, ListedCaptureRowsAndLeftOutCount
from dji_audit.report.rows import RunContents
from dji_audit.report.rule_outcomes_of_flights import rule_outcomes_of_flight
from tests.dji_audit.mapper.conftest import Make
from tests.dji_audit.mapper.test_index import RULES, result, row


def decoded(column: dict[str, Any] | None, count: int) -> Any:
    """Return a column of the page; NaN where a value is missing."""
    if column is None:
        return np.full(count, np.nan)
    if "runs" in column:
        values, counts = column["runs"][::2], column["runs"][1::2]
        known = [np.nan if value is None else value for value in values]
        return np.repeat(np.array(known, float), counts) / column["per"]
    steps = np.array([np.nan if step is None else step for step in column["delta"]], float)
    return np.where(np.isnan(steps), np.nan, np.nancumsum(steps)) / column["per"]


@pytest.fixture(scope="module")
def track_and_data(made: Make) -> tuple[Any, FlightMapTrack, dict[str, Any]]:
    """Return the survey flight, its track on the map, and what the page reads of it."""
    flight = made(fixes=6000).flight
    track = flight_map_track(flight, camera_poses(flight))
    assert track is not None
    return flight, track, json.loads(track.json)


def test_a_simplified_track_is_within_half_a_metre_at_every_fix(
    track_and_data: tuple[Any, FlightMapTrack, dict[str, Any]],
) -> None:
    flight, track, data = track_and_data
    table = flight.track
    ms = table["time"].to_numpy("datetime64[ms]").astype(np.int64)
    kept_ms = decoded(data["ms"], data["kept"])
    drawn = [np.interp(ms, kept_ms, decoded(data[name], data["kept"])) for name in ("lat", "lon")]
    off = np.hypot(*east_north_m(table["latitude_deg"], table["longitude_deg"], *drawn))
    assert off.max() <= 0.5
    height = np.interp(ms, kept_ms, decoded(data["height"], data["kept"]))
    assert np.abs(height - table["height_ato_m"]).max() <= 0.5 + 0.05
    assert track.kept < track.fixes / 10 == len(table) / 10
    assert len(track.json) < 40_000


def test_take_off_landing_and_each_change_of_recording_stay(
    track_and_data: tuple[Any, FlightMapTrack, dict[str, Any]],
) -> None:
    flight, _, data = track_and_data
    kept = set(decoded(data["ms"], data["kept"]).astype(np.int64).tolist())
    ms = flight.track["time"].to_numpy("datetime64[ms]").astype(np.int64)
    videos = flight.captures[flight.captures["kind"] == "video"]
    assert len(videos)
    for begin in [*videos["start"], flight.takeoff, flight.landing]:
        at = int(np.searchsorted(ms, begin.value // 1_000_000))
        assert {int(ms[at - 1]), int(ms[at])} <= kept


def test_the_camera_is_within_a_degree_of_its_logged_direction_at_every_fix(
    track_and_data: tuple[Any, FlightMapTrack, dict[str, Any]],
) -> None:
    flight, _, data = track_and_data
    camera, poses = data["camera"], camera_poses(flight)
    kept_ms = decoded(camera["ms"], camera["kept"])
    usable = poses.view_computable_mask
    for name, truth in (("yaw", poses.yaw_deg), ("pitch", poses.pitch_deg)):
        shown = np.interp(poses.time_ms[usable], kept_ms, decoded(camera[name], camera["kept"]))
        off = (shown - truth[usable] + 180) % 360 - 180
        assert np.abs(off).max() <= 1.05
    bits = decoded(data["recording"], data["kept"])
    assert set(bits.astype(int)) == {0, 1, 2, 4}
    photos = sum(group["count"] for group in camera["photos"])
    assert photos == sum(one.kind == "photo" for one in poses.captures) > 0
    assert all(capture[2] != "photo" for capture in camera["captures"])


def test_a_gap_of_the_log_stays_a_gap(made: Make) -> None:
    whole = made(fixes=3000).flight.track
    cut = whole.drop(index=range(1000, 1400)).reset_index(drop=True)
    flight = made(fixes=3000, track=cut).flight
    track = flight_map_track(flight, camera_poses(flight))
    assert track is not None
    data = json.loads(track.json)
    kept_ms = decoded(data["ms"], data["kept"])
    (gap,) = data["breaks"]
    assert kept_ms[gap + 1] - kept_ms[gap] > 39_000
    assert np.delete(np.diff(kept_ms), gap).max() < 39_000 or len(kept_ms) < 10


def test_a_flight_without_positions_has_no_track(made: Make) -> None:
    track = made(fixes=3000).flight.track.assign(latitude_deg=np.nan)
    flight = made(fixes=3000, track=track).flight
    assert flight_map_track(flight, camera_poses(flight)) is None


def small_track(latitude: float) -> FlightMapTrack:
    """Return a track of two fixes."""
    return FlightMapTrack("{}", Bounds(latitude, -2.0, latitude + 0.01, -1.9), 100, 2)


def test_the_map_says_how_true_it_is_and_what_it_leaves_out() -> None:
    nowhere = {"home_latitude_deg": None, "home_longitude_deg": None}
    flights = [row(1), row(2), row(3, **nowhere)]
    shown = build_flights_map(flights, {flights[0].id: small_track(54.0)})
    assert "1 track drawn" in shown.note
    assert "within 0.5 m at every instant" in shown.note
    assert "2 of 100 fixes" in shown.note
    assert "Of 1 more flight only the start is shown." in shown.note
    assert "1 flight without a position: in the table only." in shown.note
    assert shown.bounds == pytest.approx((54.0, -2.2, 54.62, -1.9))
    assert json.loads(shown.tracks_json) == [[0, {}, 0]]
    assert build_flights_map([row(3, **nowhere)], {}).bounds is None


@pytest.mark.parametrize(
    ("longitudes", "shown"),
    [
        ((179.9, -179.9), (179.9, 180.1)),
        ((-179.9, 179.9, 178.0), (180.1, 179.9, 178.0)),
        ((-2.0, 1.0), (-2.0, 1.0)),
        ((-100.0, 140.0, 0.0), (-100.0, 140.0, 0.0)),
        ((359.0, 1.0), (-1.0, 1.0)),
        ((5.0,), (5.0,)),
    ],
)
def test_flights_on_both_sides_of_the_date_line_lie_side_by_side(
    longitudes: tuple[float, ...], shown: tuple[float, ...]
) -> None:
    rows = [
        row(number, home_latitude_deg=-17.0, home_longitude_deg=longitude)
        for number, longitude in enumerate(longitudes)
    ]
    starts = build_flights_map(rows, {}).starts
    assert [start[1] for start in starts if start] == pytest.approx(list(shown))
    # A track is moved like a start.
    east = FlightMapTrack("{}", Bounds(-17.0, -179.9, -16.9, -179.8), 100, 2)
    there = row(9, home_latitude_deg=None, home_longitude_deg=None)
    fiji = build_flights_map([row(1, home_longitude_deg=179.9), there], {there.id: east})
    assert json.loads(fiji.tracks_json) == [[1, {}, 1]]
    assert fiji.bounds is not None
    assert fiji.bounds.east == pytest.approx(180.2)


def test_nothing_lies_behind_flights_that_a_redaction_moved(
    audit_basis: AuditInputProvenance,
) -> None:
    contents = RunContents(files=(), flights=(row(1),))
    pages = [
        render_index_page_html(
            contents,
            IndexPageOptions(
                basis=audit_basis,
                generated=None,
                verdict_line="1 flight",
                tracks={row(1).id: small_track(54.0)},
                positions_moved=moved,
            ),
        )
        for moved in (False, True)
    ]
    assert ["Natural Earth" in page.replace(index_page_script(), "") for page in pages] == [
        True,
        False,
    ]
    assert '"basemap":null' in pages[1]
    assert 'class="map_land"' in pages[0]
    assert 'class="map_land"' not in pages[1]
    assert "not where they were" in pages[1]


def test_of_too_many_tracks_the_most_urgent_are_drawn() -> None:
    verdicts = [FlightVerdict.CLEAN, FlightVerdict.NEEDS_LOOK, FlightVerdict.NOTE]
    urgency = [(verdict, f"{verdict}-{n}") for n in range(2) for verdict in verdicts]
    assert ids_of_most_urgent_flights(urgency, 3) == {"needs_look-0", "needs_look-1", "note-0"}
    assert len(ids_of_most_urgent_flights(urgency)) == 6


def capture(kind: str, sensor: str | None) -> FlightCaptureRow:
    """Return a capture of a flight."""
    rest = dict.fromkeys(("start", "end", "grade", "source", "media_file"))
    return FlightCaptureRow(kind=kind, sensor=sensor, file="a", sha256="", offset=0, **rest)


def all_listed(*rows: FlightCaptureRow) -> ListedCaptureRowsAndLeftOutCount:
    return ListedCaptureRowsAndLeftOutCount(rows=rows, left_out=0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"captures": all_listed(capture("video", "thermal")), "photos": 0}, ["video", "thermal"]),
        ({"captures": all_listed(capture("photo", None), capture("audio", None)), "videos": 0},
         ["audio", "photo", "sensor not stated"]),
        ({"videos": 0, "photos": 0}, ["nothing shown"]),
        ({"videos": None, "photos": None}, ["not known"]),
        ({"videos": 0, "photos": 0, "cut_short": True}, ["not known"]),
    ],
)  # fmt: skip
def test_what_a_flight_recorded_is_told_by_kind_and_sensor(
    change: dict[str, Any], words: list[str]
) -> None:
    assert list(recording_filter_values(row(1, **change))) == words


def test_a_place_is_filtered_by_its_name_without_distance() -> None:
    assert place_name_from_text("2.1 km NE of Sheerness, Kent") == "Sheerness, Kent"
    assert place_name_from_text("at Sheerness, Kent") == "Sheerness, Kent"
    assert place_name_from_text("3 km S of Port of Ness, Highland") == "Port of Ness, Highland"
    assert place_name_from_text(None) == "not known"


def test_filters_hold_every_word_once_and_each_flight_its_own() -> None:
    flights = [
        row(1, place="1 km S of Hexham, Northumberland", maker="DJI", firmware={"a": "1"}),
        row(2, place="1 km S of Hexham, Northumberland", verdict=FlightVerdict.NEEDS_LOOK),
    ]
    results = [result("height", Outcome.PASS), result("zones", Outcome.FAIL)]
    outcomes = RuleOutcomesAcrossFlights(
        RULES,
        [rule_outcomes_of_flight(flights[0], results), rule_outcomes_of_flight(flights[1], [])],
    )
    starts = [(54.97, -2.1), (54.97, -2.1)]
    data: Any = flight_filters_as_json_data(
        flights, FilterWordsOfFlights(flights).by_filter, outcomes, starts
    )
    assert data["filters"]["maker"] == {"words": ["DJI", "not stated"], "of": [[0], [1]]}
    assert data["filters"]["firmware"]["words"] == ["a 1", "not stated"]
    assert data["filters"]["verdict"] == {"words": ["Needs a look", "Clean"], "of": [[1], [0]]}
    # One result of the first flight for each of two rules; none of the third.
    assert data["outcomes"] == ["p-", "f-", "--"]
    # 12:00 UTC is the same day in Britain.
    assert data["days"] == [[20250518], [20250519]]
    (place,) = data["points"].items()
    assert place[0] == "Hexham, Northumberland"
    assert abs(place[1][0] - 54.97) < 0.02


def test_a_flight_late_in_the_evening_is_found_by_both_its_days() -> None:
    late = row(1)
    assert late.takeoff is not None
    late = replace(late, takeoff=late.takeoff + pd.Timedelta(minutes=690))
    data: Any = flight_filters_as_json_data(
        [late], FilterWordsOfFlights([late]).by_filter, RuleOutcomesAcrossFlights([], []), [None]
    )
    # 23:30 UTC, and 00:30 British Summer Time.
    assert data["days"] == [[20250518, 20250519]]
    own = row(1, takeoff=None, start=None, local_takeoff="2025-06-14T10:00:00")
    assert flight_filters_as_json_data(
        [own], FilterWordsOfFlights([own]).by_filter, RuleOutcomesAcrossFlights([], []), [None]
    )["days"] == [[20250614]]


def test_aircraft_of_one_model_are_told_apart() -> None:
    assert aircraft_label(row(1)) == "DJI Matrice 30T, 1581F5BKD221E00A"
    assert aircraft_label(row(1, aircraft=None, serial=None)) == "not named"


def test_an_index_without_positions_has_no_map(audit_basis: AuditInputProvenance) -> None:
    flight = row(1, home_latitude_deg=None, home_longitude_deg=None)
    page = render_index_page_html(
        RunContents(files=(), flights=(flight,)),
        IndexPageOptions(
            basis=audit_basis,
            generated=None,
            verdict_line="1 flight",
        ),
    )
    assert "showFlights(null);" in page
    assert 'id="flights_map" class="live" hidden' in page

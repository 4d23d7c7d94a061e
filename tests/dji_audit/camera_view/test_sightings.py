"""When a place was in view: flights made by hand, whose pictures are easy to work out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import parsers
from dji_audit.camera_view import (
    CameraPoses,
    CameraSensorErrors,
    PointSighting,
    camera_axis_vectors,
    camera_poses,
    footprint_corners_m,
    read_elevation_model,
    sightings_of_point,
)
from dji_audit.flights import (
    Flight,
    assemble_flights,
    find_point_sightings_in_flights,
    logs_of_unjoined_media,
)
from dji_audit.flights._times_in_view import UnjoinedMediaAsFlight
from dji_audit.geo.local_plane import east_north_m, position_from_east_north
from tests.dji_audit.conftest import MakeLog

Fly = Callable[..., Flight]

#: Where the flights begin; metres to a degree are worked out by `at`.
HERE = (54.6412, -2.2275)
ALMOST_EXACT = CameraSensorErrors(*[1e-9] * 7)


def at(east: float, north: float) -> tuple[float, float]:
    """Return the place some metres from the start."""
    latitude, longitude = position_from_east_north(*HERE, np.array([east]), np.array([north]))
    return float(latitude[0]), float(longitude[0])


@pytest.fixture
def fly(make_log: MakeLog) -> Fly:
    """Return a maker of flights of 60 s with one fix a second, hovering unless told otherwise."""

    def make(captures: Any = (), seconds: int = 60, **columns: Any) -> Flight:
        one = dict.fromkeys(range(seconds), 0)
        track = {
            "latitude_deg": HERE[0],
            "longitude_deg": HERE[1],
            "height_ato_m": 60.0,
            "ground_speed_mps": 0.0,
            "gimbal_yaw_deg": 0.0,
            "gimbal_pitch_deg": -90.0,
            "gimbal_roll_deg": 0.0,
        } | columns
        spread = {
            name: list(values) if isinstance(values, list | np.ndarray) else [values] * len(one)
            for name, values in track.items()
        }
        rest = {"aircraft": parsers.Aircraft(model="Phantom 4 Pro")}
        return assemble_flights(make_log(spread, captures=captures, **rest))[0]

    return make


def video(start: float, end: float, sensor: str = "visible") -> dict[str, Any]:
    return {"start": start, "end": end, "kind": "video", "sensor": sensor, "source": "made"}


def times(
    found: tuple[PointSighting, ...], flight: Flight
) -> list[tuple[float, float, str | None]]:
    start = flight.start
    assert start is not None
    first = start.value // 10**6
    return [((s.start_ms - first) / 1000, (s.end_ms - first) / 1000, s.recorded) for s in found]


def test_a_place_below_the_camera_is_in_view_with_and_without_a_recording(fly: Fly) -> None:
    flight = fly([video(10, 20)])
    found = flight.in_view(*at(0, 0))
    assert times(found, flight) == [(0, 10, None), (10, 20, "video"), (20, 59, None)]
    assert {one.certainty for one in found} == {"inside"}
    assert {one.sensor for one in found} == {"visible"}
    assert found[1].depression_deg == pytest.approx(90)
    # The page of facts gives 6 m at 5 m/s; here the camera hangs still.
    assert found[1].error_m == pytest.approx(2.45 * np.hypot(1.5, 60 * np.radians(1)), rel=0.01)


@pytest.mark.parametrize(("begin", "until"), [(10.2, 10.8), (10.4, 12.5)])
def test_a_video_that_begins_between_two_fixes_shows_what_was_in_view_there(
    fly: Fly, begin: float, until: float
) -> None:
    flight = fly([video(begin, until)])
    found = times(flight.in_view(*at(0, 0)), flight)
    assert [one for one in found if one[2]] == [(begin, until, "video")]


def test_a_place_beyond_the_picture_was_not_in_view(fly: Fly) -> None:
    assert fly().in_view(*at(80, 0)) == ()


def test_a_place_near_the_edge_of_the_picture_is_said_to_be_there(fly: Fly) -> None:
    # Half the width of the picture at 60 m: 84 degrees across the corners of 3 to 2.
    half = 60 * np.tan(np.radians(42)) * 3 / np.sqrt(13)
    for off, certainty in ((-1, "edge"), (1, "edge"), (-14, "inside")):
        (one,) = fly().in_view(*at(half + off, 0))
        assert one.certainty == certainty, off
    assert fly().in_view(*at(half + 14, 0)) == ()


def test_the_picture_turns_with_the_camera(fly: Fly) -> None:
    # Tall pictures do not exist: a quarter turn swaps what lies beyond the short side.
    place = at(0, 40)
    assert fly(gimbal_yaw_deg=0.0).in_view(*place) == ()
    assert fly(gimbal_yaw_deg=90.0).in_view(*place)


def test_a_flat_look_gives_a_bearing_and_no_error(fly: Fly) -> None:
    (one,) = fly(gimbal_pitch_deg=-8.0).in_view(*at(0, 400))
    assert (one.certainty, one.error_m) == ("bearing", None)
    assert one.depression_deg == pytest.approx(np.degrees(np.arctan2(60, 400)), abs=0.01)


def test_errors_grow_as_the_look_flattens(fly: Fly) -> None:
    """The table of facts: 13 m at 45 degrees, 24 m at 30, 37 m at 20, of 60 m height at 5 m/s."""
    for pitch, stated in ((-45, 13), (-30, 24), (-20.5, 37)):
        reach = 60 / np.tan(np.radians(-pitch))
        flight = fly(gimbal_pitch_deg=float(pitch), ground_speed_mps=5.0)
        (one,) = flight.in_view(*at(0, reach))
        assert one.error_m == pytest.approx(stated, rel=0.15)


def test_without_angles_of_the_camera_nothing_is_said(fly: Fly) -> None:
    flight = fly(gimbal_pitch_deg=np.nan)
    assert flight.in_view(*at(0, 0)) == ()
    assert (
        camera_poses(flight).unknown_view_reason
        == "The log does not record where the camera pointed."
    )


def test_without_a_field_of_view_nothing_is_said(fly: Fly) -> None:
    flight = fly()
    log = replace(flight.log, aircraft=parsers.Aircraft(model="a model of no table"))
    (other,) = assemble_flights(log)
    assert other.in_view(*at(0, 0)) == ()
    assert "gives the field of view" in camera_poses(other).unknown_view_reason


def test_on_the_ground_nothing_is_in_view(fly: Fly) -> None:
    height = np.r_[np.zeros(20), np.full(40, 60.0)]
    flight = fly(height_ato_m=height)
    assert times(flight.in_view(*at(0, 0)), flight) == [(20, 59, None)]


def test_a_recording_of_another_sensor_has_its_own_field_of_view(
    make_log: MakeLog, fly: Fly
) -> None:
    flight = fly([video(0, 30, "visible"), video(30, 59, "thermal")])
    log = replace(flight.log, aircraft=parsers.Aircraft(model="Matrice 30T"))
    (flight,) = assemble_flights(log)
    found = flight.in_view(*at(38, 0))
    assert times(found, flight)[0] == (0, 30, "video")
    assert [one.sensor for one in found if one.recorded] == ["visible"]
    assert [one.sensor for one in flight.in_view(*at(20, 0)) if one.recorded] == [
        "visible",
        "thermal",
    ]


def test_a_photo_is_an_instant(fly: Fly) -> None:
    photo = {"start": 7.5, "end": 7.5, "kind": "photo", "sensor": "visible", "source": "made"}
    flight = fly([photo])
    found = [one for one in flight.in_view(*at(0, 0)) if one.recorded == "photo"]
    assert times(tuple(found), flight) == [(7.5, 7.5, "photo")]


def test_short_breaks_are_joined_and_long_ones_are_not(fly: Fly) -> None:
    pitch = np.full(60, -90.0)
    pitch[10:12], pitch[30:40] = 0.0, 0.0
    flight = fly(gimbal_pitch_deg=pitch)
    shown = [one for one in flight.in_view(*at(0, 0)) if one.certainty != "bearing"]
    assert times(tuple(shown), flight) == [(0, 30, None), (40, 59, None)]


def test_a_field_of_view_that_the_log_states_is_followed(fly: Fly, start: pd.Timestamp) -> None:
    """The camera zooms in after 30 s, and the place at its side is out of the picture."""

    def lens(second: int, across: float) -> parsers.FieldOfView:
        time = start + pd.Timedelta(seconds=second)
        return parsers.FieldOfView(time, "unknown", across, across, "CAMERA_FOV_STATUS.hfov", 1)

    flight = fly()
    (flight,) = assemble_flights(
        replace(flight.log, fields_of_view=(lens(0, 80.0), lens(30, 20.0)))
    )
    assert times(flight.in_view(*at(35, 0)), flight) == [(0, 30, None)]
    assert camera_poses(flight).fov_source == "CAMERA_FOV_STATUS.hfov of flight.txt"


def moved(found: CameraPoses) -> CameraPoses:
    return replace(found, errors=ALMOST_EXACT)


def test_it_agrees_with_the_polygon_of_the_picture_wherever_that_is(fly: Fly) -> None:
    """Without errors, what is in view is what Shapely finds within the four corners."""
    rng = np.random.default_rng(11)
    count = 200
    east, north = rng.uniform(-60, 60, (2, count))
    latitude, longitude = position_from_east_north(*HERE, east, north)
    flight = fly(
        seconds=count,
        latitude_deg=np.round(latitude, 7),
        longitude_deg=np.round(longitude, 7),
        height_ato_m=np.round(rng.uniform(20, 120, count), 2),
        gimbal_yaw_deg=np.round(rng.uniform(0, 360, count), 2),
        gimbal_pitch_deg=np.round(rng.uniform(-90, -55, count), 2),
        gimbal_roll_deg=np.round(rng.uniform(-10, 10, count), 2),
    )
    found = moved(camera_poses(flight))
    half = float(found.half_fov[0][0]), float(found.half_fov[1][0])
    checked = 0
    for place in (at(0, 0), at(40, -25), at(-70, 60)):
        sightings = [one for one in sightings_of_point(found, *place) if one.certainty != "bearing"]
        seen = np.zeros(count, bool)
        for one in sightings:
            seen |= (found.time_ms >= one.start_ms) & (found.time_ms < one.end_ms)
        offsets = np.stack(east_north_m(found.latitude_deg, found.longitude_deg, *place), axis=1)
        within = np.zeros(count, bool)
        for row in range(count):
            corners = footprint_corners_m(
                float(found.height_ato_m[row]),
                float(found.yaw_deg[row]),
                float(found.pitch_deg[row]),
                float(found.roll_deg[row]),
                half,
            )
            within[row] = shapely.Polygon(corners).contains(shapely.Point(*offsets[row]))
        # Breaks of less than three seconds are joined: what is within is seen, and what is
        # seen is within or beside such a break.
        assert seen[:-1][within[:-1]].all()
        near = np.convolve(within, np.ones(7), "same") > 0
        assert near[:-1][seen[:-1]].all()
        checked += int(within.sum())
    assert checked > 60


@pytest.fixture
def tile(tmp_path: Path) -> Path:
    """Return a tile of SRTM, flat at 200 m but for a hill of 300 m north of the start."""
    heights = np.full((1201, 1201), 200, ">i2")
    row = round((55 - HERE[0] - 0.0027) * 1200)
    heights[row - 1 : row + 1] = 300
    path = tmp_path / "N54W003.hgt"
    heights.tofile(path)
    return path


def test_heights_of_the_ground_count_where_they_are_given(fly: Fly, tile: Path) -> None:
    """A place 50 m below the take-off lies further below the horizon of the camera."""
    heights = np.fromfile(tile, ">i2").reshape(1201, 1201)
    heights[:, round((HERE[1] + 3 + 0.0014) * 1200) :] = 150
    heights.tofile(tile)
    elevation = read_elevation_model(tile)
    flight = fly(height_ato_m=120.0, gimbal_yaw_deg=90.0, gimbal_pitch_deg=-50.0)
    flight = replace(
        flight, takeoff_position=parsers.NamedPosition("start", None, *HERE, None, "x", 0)
    )
    assert (
        camera_poses(flight, elevation).ground_height_source_text == "elevation model N54W003.hgt"
    )
    assert camera_poses(flight).ground_height_source_text == "take-off plane"
    valley = at(120, 0)
    (level,) = flight.in_view(*valley)
    (lower,) = flight.in_view(*valley, elevation=elevation)
    assert level.depression_deg == pytest.approx(45, abs=0.01)
    assert lower.depression_deg == pytest.approx(np.degrees(np.arctan2(170, 120)), abs=0.01)


def test_heights_over_ground_are_not_held_against_a_model(fly: Fly, tile: Path) -> None:
    flight = fly(height_ato_m=np.nan, height_agl_m=60.0)
    flight = replace(
        flight, takeoff_position=parsers.NamedPosition("start", None, *HERE, None, "x", 0)
    )
    found = camera_poses(flight, read_elevation_model(tile))
    assert found.ground is None
    assert found.ground_height_source_text.startswith("plane below the aircraft; elevation model")
    assert sightings_of_point(found, *at(0, 0))


def test_what_lies_behind_a_hill_is_not_in_view(fly: Fly, tile: Path) -> None:
    flight = fly(height_ato_m=60.0, gimbal_pitch_deg=-10.0)
    flight = replace(
        flight, takeoff_position=parsers.NamedPosition("start", None, *HERE, None, "x", 0)
    )
    behind = at(0, 500)
    assert flight.in_view(*behind)
    assert not flight.in_view(*behind, elevation=read_elevation_model(tile))


@pytest.fixture
def ranged(samples: Path) -> list[tuple[parsers.Log, CameraPoses]]:
    """Return the photos whose target a laser measured, and where their camera looked."""
    paths = sorted((samples / "dji_media").glob("h20t_leipzig_*"))
    assert len(paths) == 6
    logs = [parsers.read(path) for path in paths]
    assert assemble_flights(*logs) == ()
    return [(log, camera_poses(UnjoinedMediaAsFlight(log))) for log in logs]


def test_the_ray_meets_the_ground_where_the_laser_did(
    ranged: list[tuple[parsers.Log, CameraPoses]],
) -> None:
    for log, found in ranged:
        (laser,), (photo,) = log.rangefinder_points, found.captures
        assert photo.ground_ato_m == laser.height_ato_m
        forward, _, _ = camera_axis_vectors(found.yaw_deg, found.pitch_deg, found.roll_deg)
        along = (found.height_ato_m[0] - laser.height_ato_m) / -forward[0, 2]
        assert along == pytest.approx(laser.distance_m, abs=0.1)
        # What the laser touched is in the photo, and by more than the error of that.
        (one,) = [
            one
            for one in sightings_of_point(found, laser.latitude_deg, laser.longitude_deg)
            if one.recorded == "photo"
        ]
        assert (one.sensor, one.certainty) == ("thermal", "inside")


#: A camera that tells its range and place five times a second is this much behind at most.
LAG_S = 0.2


def test_the_ray_ends_at_the_place_that_the_laser_gave(
    ranged: list[tuple[parsers.Log, CameraPoses]],
) -> None:
    """To 0.1 m, but for how far the aircraft flew since: all of the rest lies behind it."""
    behind = []
    for log, found in ranged:
        (laser,) = log.rangefinder_points
        told = log.records("XMP").iloc[0]
        speed = np.array([float(told["FlightYSpeed"]), float(told["FlightXSpeed"]), 0.0])
        forward, _, _ = camera_axis_vectors(found.yaw_deg, found.pitch_deg, found.roll_deg)
        east, north = east_north_m(
            found.latitude_deg, found.longitude_deg, laser.latitude_deg, laser.longitude_deg
        )
        up = laser.height_ato_m - found.height_ato_m[0]
        apart = np.array([east[0], north[0], up]) - laser.distance_m * forward[0]
        lag = float(-(apart @ speed) / (speed @ speed))
        behind.append(lag)
        assert np.linalg.norm(apart + lag * speed) < 0.1
    assert min(behind) > 0
    assert max(behind) < LAG_S


def test_the_field_of_view_of_a_photo_follows_from_its_focal_length(
    ranged: list[tuple[parsers.Log, CameraPoses]],
) -> None:
    """58 mm in 35 mm terms, 640 by 512 pixels; the table of facts gives 13.5 mm and 7.68 mm."""
    for log, found in ranged:
        (lens,) = log.fields_of_view
        assert lens.sensor == "thermal"
        assert lens.horizontal_fov_deg == pytest.approx(
            2 * np.degrees(np.arctan2(7.68 / 2, 13.5)), abs=0.8
        )
        assert found.fov_source == f"EXIF.FocalLengthIn35mmFilm of {log.source.name}"


def test_a_photo_of_no_flight_is_looked_at_too(
    ranged: list[tuple[parsers.Log, CameraPoses]],
) -> None:
    logs = [log for log, _ in ranged]
    lone = logs_of_unjoined_media(logs, ())
    (first, *_) = logs
    (laser,) = first.rangefinder_points
    told = list(
        find_point_sightings_in_flights(
            (), laser.latitude_deg, laser.longitude_deg, recordings=lone
        )
    )
    assert [one.file for one in told] == [log.source.name for log in logs]
    assert {one.flight_id for one in told} == {None}
    assert [one.recorded for one in told[0].sightings if one.recorded] == ["photo"]


def test_a_place_leaves_the_picture_when_the_camera_zooms_in(sample_logs: Path) -> None:
    """The subtitle of a video says when; what it says of one moment counts from there on."""
    record = parsers.read(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt")
    subtitle = parsers.read(sample_logs / "DJI_20260514100443_0001_D.SRT")
    (wide,) = subtitle.fields_of_view
    times = subtitle.records("cue").wall_clock
    first, later = times.iloc[0], times.iloc[len(times) // 2]
    near = replace(wide, local_time=pd.Timestamp(first))
    far = replace(near, horizontal_fov_deg=4.0, vertical_fov_deg=3.0)
    far = replace(far, local_time=pd.Timestamp(later), source_offset=wide.source_offset + 9)
    (flight,) = assemble_flights(record, replace(subtitle, fields_of_view=(near, far)))
    found = camera_poses(flight)
    (video,) = [one for one in found.captures if one.zoom_steps]
    assert video.half_fov == video.zoom_steps[0][1:]
    assert video.zoom_steps[1][1] == pytest.approx(np.tan(np.radians(2.0)), abs=1e-6)
    since = (pd.Timestamp(later) - pd.Timestamp(first)) / pd.Timedelta(milliseconds=1)
    assert video.zoom_steps[1][0] - video.zoom_steps[0][0] == since
    turned = video.zoom_steps[1][0]
    # A place that the wide picture holds near its edge all the time that it lasts.
    rows = (found.time_ms >= video.start_ms) & (found.time_ms < video.end_ms)
    middle = int(np.flatnonzero(rows)[0])
    aimed = replace(
        found,
        latitude_deg=np.full_like(found.latitude_deg, found.latitude_deg[middle]),
        longitude_deg=np.full_like(found.longitude_deg, found.longitude_deg[middle]),
        height_ato_m=np.full_like(found.height_ato_m, 60.0),
        pitch_deg=np.full_like(found.pitch_deg, -90.0),
        yaw_deg=np.zeros_like(found.yaw_deg),
        speed_mps=np.zeros_like(found.speed_mps),
        captures=(video,),
    )
    east, north = position_from_east_north(
        aimed.latitude_deg[0], aimed.longitude_deg[0], np.array([30.0]), np.array([0.0])
    )
    seen = [one for one in sightings_of_point(aimed, east[0], north[0]) if one.recorded == "video"]
    assert [(one.certainty, one.start_ms) for one in seen] == [("inside", video.start_ms)]
    assert turned - 1000 <= seen[0].end_ms <= turned + 1000

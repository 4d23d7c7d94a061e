"""What a picture showed of the ground, by hand-made numbers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dji_audit.camera_view import (
    CameraPoses,
    CaptureWithFieldOfView,
    GroundHeightGrid,
    footprint_of_capture,
)
from dji_audit.geo.local_plane import east_north_m

PLACE = (50.0, -4.0)
PHOTO = CaptureWithFieldOfView(10_000, 10_000, "photo", "visible", (0.5, 0.25))


def poses(pitch: float = -90.0, height: float = 100.0, **more: Any) -> CameraPoses:
    """Return one fix at 10 s, looking north."""
    one: dict[str, Any] = {
        "latitude_deg": PLACE[0], "longitude_deg": PLACE[1], "height_ato_m": height,
        "yaw_deg": 0.0, "pitch_deg": pitch, "logged_roll_deg": 0.0, "speed_mps": 0.0,
    }  # fmt: skip
    columns: dict[str, Any] = {name: np.array([value]) for name, value in one.items()}
    return CameraPoses(
        time_ms=np.array([10_000]),
        **columns,
        half_fov=(np.array([0.5]), np.array([0.25])),
        sensor="visible",
        captures=(PHOTO,),
        fov_source="made",
        fov_grade="stated",
        **more,
    )


def corners_m(camera: CameraPoses, capture: CaptureWithFieldOfView = PHOTO) -> np.ndarray[Any, Any]:
    footprint = footprint_of_capture(camera, capture, 10_000)
    assert footprint is not None
    latitude, longitude = np.array(footprint.outline).T
    east, north = east_north_m(*PLACE, latitude, longitude)
    return np.column_stack([east, north])


def test_straight_down_it_is_the_field_of_view_times_the_height() -> None:
    expected = [(-50, 25), (50, 25), (50, -25), (-50, -25)]
    assert np.allclose(corners_m(poses()), expected, atol=0.01)


def test_the_ground_that_the_laser_measured_counts() -> None:
    lower = replace(PHOTO, ground_ato_m=-100.0)
    assert np.allclose(corners_m(poses(), lower), 2 * corners_m(poses()), atol=0.02)


def test_the_ground_of_a_model_counts_where_the_axis_meets_it() -> None:
    grid = GroundHeightGrid("made", 49.9, -4.1, 0.1, 0.1, np.full((3, 3), 40.0))
    assert np.allclose(corners_m(poses(ground=grid)), 0.6 * corners_m(poses()), atol=0.02)


def test_a_zoom_counts_from_its_instant_on() -> None:
    zoomed = replace(PHOTO, zoom_steps=((0, 0.5, 0.25), (9_000, 0.05, 0.025)))
    assert np.allclose(corners_m(poses(), zoomed), 0.1 * corners_m(poses()), atol=0.01)


def test_what_lies_too_flat_is_cut_and_said_to_be() -> None:
    flat = footprint_of_capture(poses(-30.0), PHOTO, 10_000)
    assert flat is not None
    assert flat.is_clipped
    assert len(flat.outline) > 4
    steep = footprint_of_capture(poses(-80.0), PHOTO, 10_000)
    assert steep is not None
    assert not steep.is_clipped
    assert flat.error_m > steep.error_m > 0


@pytest.mark.parametrize(
    ("camera", "at_ms"),
    [
        (poses(-10.0), 10_000),
        (poses(np.nan), 10_000),
        (poses(height=np.nan), 10_000),
        (poses(), 9_999),
        (poses(), 15_001),
    ],
)
def test_what_is_not_known_has_no_outline(camera: CameraPoses, at_ms: int) -> None:
    assert footprint_of_capture(camera, PHOTO, at_ms) is None


def test_without_a_field_of_view_there_is_none() -> None:
    unknown = replace(PHOTO, half_fov=None)
    nothing = (np.array([np.nan]), np.array([np.nan]))
    assert footprint_of_capture(replace(poses(), half_fov=nothing), unknown, 10_000) is None

"""The table of cameras: every row has a source, and its numbers agree with one another."""

import math

import pytest

import parsers
from dji_audit.view import cameras_of
from dji_audit.view._cameras import camera_rows, half_of

ROWS = list(camera_rows())
FRAME = math.hypot(36, 24)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['camera']}, {row['sensor']}")
def test_a_row_has_a_source_and_its_two_ways_to_say_the_field_agree(row: dict[str, str]) -> None:
    assert row["source"]
    assert row["sensor"] in {"visible", "thermal", "multispectral"}
    assert row["zooms"] in {"yes", "no"}
    if row["focal_35mm_mm"]:
        equivalent = 2 * math.degrees(math.atan(FRAME / 2 / float(row["focal_35mm_mm"])))
        # Makers round the one, measure the other, and count distortion: M30T 61 for 56.8.
        assert float(row["diagonal_fov_deg"]) == pytest.approx(equivalent, abs=4.5)


def test_no_name_stands_for_two_cameras_of_one_sensor() -> None:
    pairs = [(name, row["sensor"]) for row in ROWS for name in row["names"].lower().split("|")]
    assert len(pairs) == len(set(pairs))


def test_the_camera_goes_before_the_aircraft() -> None:
    (camera,) = cameras_of(parsers.Aircraft(model="Matrice 210", camera_model="FC6510"))
    assert camera.name == "Zenmuse X4S"
    assert cameras_of(parsers.Aircraft(model="Matrice 210")) == ()
    assert {one.sensor for one in cameras_of(parsers.Aircraft(model="M30T"))} == {
        "visible",
        "thermal",
    }


def test_a_stated_field_becomes_tangents_of_its_halves() -> None:
    lens = parsers.Lens(None, "unknown", 90.0, 60.0, "x", 0)
    assert half_of(lens) == pytest.approx((1.0, math.tan(math.radians(30))))

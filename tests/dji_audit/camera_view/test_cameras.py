"""The table of cameras: every row has a source, and its numbers agree with one another."""

import math
from pathlib import Path

import pytest

import parsers
from dji_audit.camera_view import cameras_of_aircraft, cameras_with_name
from dji_audit.camera_view._camera_table import camera_table_rows, half_fov_tangents_from_logged_fov

ROWS = list(camera_table_rows())
FRAME = math.hypot(36, 24)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['camera']}, {row['sensor']}")
def test_a_row_has_a_source_and_its_two_ways_to_say_the_field_agree(row: dict[str, str]) -> None:
    assert row["source"]
    assert row["sensor"] in {"visible", "thermal", "multispectral"}
    assert row["zooms"] in {"yes", "no"}
    # A row says that it was verified, or that what it rests on was not seen.
    assert (row["verified"] == "no") == row["source"].startswith(
        "no page was seen that states this"
    )
    if row["focal_35mm_mm"]:
        equivalent = 2 * math.degrees(math.atan(FRAME / 2 / float(row["focal_35mm_mm"])))
        # Makers round the one, measure the other, and count distortion.
        # A source that gives the length alone gives the angle of a plane picture.
        plane = row["verified"] == "yes" and "FOV" not in row["source"]
        within = 0.1 if plane else 4.5
        assert float(row["diagonal_fov_deg"]) == pytest.approx(equivalent, abs=within)


def test_no_name_stands_for_two_cameras_of_one_sensor() -> None:
    pairs = [(name, row["sensor"]) for row in ROWS for name in row["names"].lower().split("|")]
    assert len(pairs) == len(set(pairs))


def test_the_camera_goes_before_the_aircraft() -> None:
    (camera,) = cameras_of_aircraft(parsers.Aircraft(model="Matrice 210", camera_model="FC6510"))
    assert camera.name == "Zenmuse X4S"
    assert cameras_of_aircraft(parsers.Aircraft(model="Matrice 210")) == ()
    assert {one.sensor for one in cameras_of_aircraft(parsers.Aircraft(model="M30T"))} == {
        "visible",
        "thermal",
    }


def test_a_stated_field_becomes_tangents_of_its_halves() -> None:
    lens = parsers.FieldOfView(None, "unknown", 90.0, 60.0, "x", 0)
    assert half_fov_tangents_from_logged_fov(lens) == pytest.approx(
        (1.0, math.tan(math.radians(30)))
    )


def test_an_aircraft_with_a_thermal_camera_has_its_wide_one_too() -> None:
    # Else what was filmed in visible light would be held against the thermal field.
    for row in ROWS:
        for name in row["names"].split("|") if row["sensor"] == "thermal" else ():
            assert "visible" in {camera.sensor for camera in cameras_with_name(name)}, name


def test_the_table_agrees_with_the_photos_of_its_cameras(samples: Path) -> None:
    seen = set()
    for path in sorted((samples / "dji_media").glob("*.[jJ][pP][gG]")):
        log = parsers.read(path)
        exif = log.records("EXIF").iloc[0]
        known = {one.sensor: one for one in cameras_with_name(log.aircraft.camera_model)}
        for lens in log.fields_of_view:
            camera = known[lens.sensor]
            rows = [r for r in ROWS if (r["camera"], r["sensor"]) == (camera.name, lens.sensor)]
            assert float(rows[0]["focal_35mm_mm"]) == exif["FocalLengthIn35mmFilm"], path.name
            assert rows[0]["verified"] == "yes"
            assert camera.half_fov == pytest.approx(
                half_fov_tangents_from_logged_fov(lens), rel=0.01
            ), path.name
            seen.add(camera.name)
    assert seen == {
        "Matrice 30T",
        "Matrice 4T",
        "Mavic 3 Thermal",
        "Zenmuse H20N",
        "Zenmuse H20T",
        "Zenmuse H30T",
    }

"""Where a set of zones is complete, and what of a file was left out."""

import json
from pathlib import Path

import numpy as np
import pytest

from dji_audit.zones import (
    CompletenessStatedBy,
    LatLonBox,
    SuppliedZones,
    ZoneCompletenessArea,
    ZoneError,
    completeness_area_of_zone_file,
    completeness_box_file_content,
    completeness_text,
    load_zones,
    parse_lat_lon_box,
    read_zones_of_file,
    skipped_possible_zones_near,
)
from dji_audit.zones._completeness_area import bounding_box_of_points
from dji_audit.zones._user_declared_completeness_boxes import UNIT_EXTENTS_FILE


def square(longitude: float, latitude: float, side: float = 0.1) -> dict[str, object]:
    east, north = longitude + side, latitude + side
    ring = [[longitude, latitude], [east, latitude], [east, north], [longitude, north],
            [longitude, latitude]]  # fmt: skip
    return {"type": "Polygon", "coordinates": [ring]}


def feature(geometry: object, name: str = "A") -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name}}


def write(folder: Path, *geometries: object, **members: object) -> Path:
    path = folder / "zones.geojson"
    features = [feature(each, f"feature {n}") for n, each in enumerate(geometries)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members))
    return path


def extent_of(path: Path) -> ZoneCompletenessArea:
    return completeness_area_of_zone_file(read_zones_of_file(path))


def holds(extent: ZoneCompletenessArea, latitude: float, longitude: float) -> bool:
    return bool(extent.positions_inside_mask(np.array([latitude]), np.array([longitude]))[0])


def test_without_a_statement_the_extent_is_the_hull_and_says_so(tmp_path: Path) -> None:
    extent = extent_of(write(tmp_path, square(0, 50), square(2, 52)))
    assert extent.basis is CompletenessStatedBy.HULL
    assert holds(extent, 51.0, 1.0)  # between the zones
    assert holds(extent, 50.0, 0.0)  # a corner
    assert not holds(extent, 50.0, 2.0)  # within the box of both, outside their hull
    assert not holds(extent, 53.8, -1.8)
    assert extent.bounds_text == "50.00 N 0.00 E to 52.10 N 2.10 E"
    assert extent.how_far_away_text(53.0, 2.05) == "some 100 km away"


def test_a_file_may_state_where_it_is_complete_and_its_bbox_is_no_such_statement(
    tmp_path: Path,
) -> None:
    stated = extent_of(write(tmp_path, square(0, 50), extent=[-6, 49, 2, 56]))
    assert stated.basis is CompletenessStatedBy.FILE
    assert holds(stated, 55.0, -3.0)
    assert not holds(stated, 57.0, -3.0)
    boxed = extent_of(write(tmp_path, square(0, 50), bbox=[-6, 49, 2, 56]))
    assert boxed.basis is CompletenessStatedBy.HULL
    assert not holds(boxed, 55.0, -3.0)


@pytest.mark.parametrize("extent", [[-6, 56, 2, 49], [-6, 49, 2], ["a", 49, 2, 56], [5, 49, 5, 56]])
def test_an_extent_that_is_none_refuses_the_file(tmp_path: Path, extent: list[object]) -> None:
    with pytest.raises(ZoneError, match="extent"):
        read_zones_of_file(write(tmp_path, square(0, 50), extent=extent))


def test_the_extent_of_the_unit_comes_before_that_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, square(0, 50), extent=[-6, 49, 2, 56])
    sha256 = read_zones_of_file(path).source.sha256
    (tmp_path / UNIT_EXTENTS_FILE).write_bytes(
        completeness_box_file_content({sha256: LatLonBox(50, 0, 51, 1)})
    )
    for given in (path, tmp_path):
        zones = load_zones([given])
        assert [each.basis for each in zones.completeness_areas] == [CompletenessStatedBy.UNIT]
        assert not holds(zones.completeness_areas[0], 55.0, -3.0)


def test_a_damaged_table_of_extents_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, square(0, 50))
    (tmp_path / UNIT_EXTENTS_FILE).write_text('{"x": [1, 2]}')
    with pytest.raises(ZoneError, match="south, west, north, east"):
        load_zones([path])


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ((-17.0, 179.9), (-17.0, 0.0)),
        ((-17.0, -179.9), (-17.0, 170.0)),
        ((-17.0, 180.0), (-20, 180)),
    ],
)
def test_zones_on_both_sides_of_the_antimeridian_do_not_span_the_earth(
    tmp_path: Path, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    extent = extent_of(write(tmp_path, square(178, -17.5, 1), square(-179, -17.5, 1)))
    assert holds(extent, *inside)
    assert not holds(extent, *outside)
    assert extent.bounds_text == "17.50 S 178.00 E to 16.50 S 178.00 W"


def test_a_circle_reaches_as_far_as_its_radius(tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    point = feature({"type": "Point", "coordinates": [0, 50]})
    point["properties"] = {"radius_m": 11_132}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [point]}))
    extent = extent_of(path)
    assert holds(extent, 50.0999, 0)
    assert not holds(extent, 50.101, 0)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("50,-6.5,56,2", LatLonBox(50, -6.5, 56, 2)),
        ("-20,177,-16,-179", LatLonBox(-20, 177, -16, -179)),
    ],
)
def test_an_extent_in_words(text: str, box: LatLonBox) -> None:
    assert parse_lat_lon_box(text) == box


@pytest.mark.parametrize("text", ["50,0,49,1", "50,0,51", "50,0,51,x", "50,0,51,0", "0,0,1,nan"])
def test_what_is_no_extent_in_words(text: str) -> None:
    with pytest.raises(ZoneError, match="extent"):
        parse_lat_lon_box(text)


def test_the_box_of_no_points_is_none() -> None:
    assert bounding_box_of_points([]) is None
    assert bounding_box_of_points([(1.0, 179.0), (2.0, -179.0)]) == LatLonBox(
        1.0, 179.0, 2.0, -179.0
    )


def test_what_is_left_out_is_told_with_its_name_and_place(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[1, 51], [1.5, 51.5]]}
    file = read_zones_of_file(write(tmp_path, square(0, 50), line, None))
    assert [(item.name, item.bounds) for item in file.skipped_items_that_may_be_zones] == [
        ("feature 1", LatLonBox(51, 1, 51.5, 1.5)),
        ("feature 2", None),
    ]
    assert completeness_text(file) == (
        "no edition stated; complete for 50.00 N 0.00 E to 50.10 N 0.10 E (the hull of its zones; "
        "nothing states where it is complete); 2 features left out, which may stand for zones "
        "(feature 1, features[1]: LineString is not an area; feature 2, features[2]: null is "
        "not an area)"
    )


def test_kml_points_lines_and_links_are_left_out_with_their_names(tmp_path: Path) -> None:
    path = tmp_path / "zones.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        "<Placemark><name>Heliport</name><Point><coordinates>4.5,52.1,0</coordinates></Point>"
        "</Placemark>"
        "<Placemark><name>Torn</name><Point><coordinates>x</coordinates></Point></Placemark>"
        "<Placemark><name>Only a view</name></Placemark>"
        "<NetworkLink><name>More</name><Link><href>https://example.org</href></Link></NetworkLink>"
        "<Placemark><name>Zone</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        "4,52 4.1,52 4.1,52.1 4,52</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        "</Placemark></Document></kml>"
    )
    file = read_zones_of_file(path)
    assert len(file.zones) == 1
    assert [(item.name, item.bounds) for item in file.skipped_items_that_may_be_zones] == [
        ("Heliport", LatLonBox(52.1, 4.5, 52.1, 4.5)),
        ("Torn", None),
        ("More", None),
    ]


def test_the_dutch_file_says_what_it_left_out(samples: Path) -> None:
    file = read_zones_of_file(samples / "zones" / "mp_Drone_No_Fly_Zones.kmz")
    assert (len(file.zones), len(file.skipped_items_that_may_be_zones)) == (161, 98)
    assert all(item.bounds is not None for item in file.skipped_items_that_may_be_zones)
    extent = completeness_area_of_zone_file(file)
    assert holds(extent, 52.1, 5.1)  # Utrecht
    for bradford_or_other in ((53.8, -1.75), (39.7, -105.0), (18.4, -66.1)):
        assert not holds(extent, *bradford_or_other)


def test_the_extents_of_supplied_zones_are_those_of_their_files(tmp_path: Path) -> None:
    file = read_zones_of_file(write(tmp_path, square(0, 50)))
    assert len(SuppliedZones((file, file)).completeness_areas) == 2


def test_a_file_beside_others_of_which_all_is_left_out_still_counts(tmp_path: Path) -> None:
    write(tmp_path, square(0, 50))
    circle = "V X=51:00:00N 001:00:00E\nDC wide\n"
    (tmp_path / "areas.txt").write_text(f"AC R\nAN LOST\n{circle}")
    zones = load_zones([tmp_path])
    assert [len(file.zones) for file in zones.files] == [0, 1]
    empty = zones.completeness_areas[0]
    assert not holds(empty, 51.0, 1.0)
    assert empty.bounds_text == "no place, because no zone of it could be read"
    assert empty.how_far_away_text(51.0, 1.0) == ""
    # Nobody knows how far the circle reaches, nor for which place the file is.
    ((file, items),) = skipped_possible_zones_near(zones, np.array([50.05]), np.array([0.05]))
    assert (file.source.name, [item.name for item in items]) == ("areas.txt", ["LOST"])
    assert "1 feature left out" in completeness_text(file)

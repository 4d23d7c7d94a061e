"""What the files say is what the zones are, format by format."""

import datetime as dt
import io
import json
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
from pyproj import Geod
from referencing.jsonschema import DRAFT7

import parsers
from dji_audit.zones import _model as model
from dji_audit.zones import read_zone_content, read_zones_of_file
from dji_audit.zones.formats._aviation_text import parse_limit

GEOD = Geod(ellps="WGS84")


def read(data: str | bytes | dict[str, Any], name: str = "made") -> model.ZoneFile:
    if isinstance(data, dict):
        data = json.dumps(data)
    return read_zone_content(
        parsers.Content(name, data.encode() if isinstance(data, str) else data)
    )


def left_out(data: str | bytes | dict[str, Any]) -> str:
    """Return position and reason of the only item that may be a zone, of a file without zones."""
    file = read(data)
    assert not file.zones
    (item,) = file.skipped_items_that_may_be_zones
    return f"{item.path}: {item.reason}"


@pytest.fixture(scope="session")
def real(samples: Path) -> Path:
    return samples / "zones"


@pytest.fixture(scope="session")
def made(sample_logs: Path) -> Path:
    return sample_logs / "zones"


# Limits as texts


@pytest.mark.parametrize(
    "text, limit",
    [
        ("2000 FT SFC", model.Limit(model.VerticalDatum.AGL, 2000, "ft")),
        ("2000ft AMSL", model.Limit(model.VerticalDatum.AMSL, 2000, "ft")),
        ("22000 FT MSL", model.Limit(model.VerticalDatum.AMSL, 22000, "ft")),
        ("120 m AGL", model.Limit(model.VerticalDatum.AGL, 120, "m")),
        ("450M AMSL", model.Limit(model.VerticalDatum.AMSL, 450, "m")),
        ("FL 195", model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 195, "FL")),
        ("FL065", model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 65, "FL")),
        ("6500 ft STD", model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 65, "FL")),
        ("2000 ft", model.Limit(model.VerticalDatum.NOT_STATED, 2000, "ft")),
        ("SFC", model.SURFACE),
        ("GND", model.SURFACE),
        ("unl", model.UNLIMITED),
    ],
)
def test_a_limit_is_read_with_unit_and_datum(text: str, limit: model.Limit) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["", "2000", "see NOTAM", "FL", "-20 m AGL", "100m AGL/423m AMSL"])
def test_what_is_no_limit_is_none(text: str) -> None:
    assert parse_limit(text) is None


def test_a_limit_is_counted_in_metres_of_its_own_datum() -> None:
    assert model.Limit(model.VerticalDatum.AMSL, 1000, "ft").metres == pytest.approx(304.8)
    assert model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 65, "FL").metres == pytest.approx(1981.2)
    assert model.NOT_STATED.metres is model.SURFACE.metres is None


# The export of NATS


@pytest.fixture(scope="module")
def nats(real: Path) -> model.ZoneFile:
    return read_zones_of_file(real / "uk_nats_eaip3d_20221229.kmz")


def test_the_export_of_nats_has_its_924_zones_with_the_limits_of_its_text(
    nats: model.ZoneFile,
) -> None:
    assert len(nats.zones) == 924
    assert not nats.skipped
    assert Counter(zone.upper.datum for zone in nats.zones) == {
        model.VerticalDatum.AGL: 693,
        model.VerticalDatum.AMSL: 156,
        model.VerticalDatum.FLIGHT_LEVEL: 41,
        model.VerticalDatum.UNLIMITED: 34,
    }
    assert nats.source.effective_from == dt.datetime(2022, 12, 29, tzinfo=dt.UTC)


def test_its_geometry_says_above_ground_where_its_text_says_above_the_sea(
    nats: model.ZoneFile,
) -> None:
    trevose = next(zone for zone in nats.zones if zone.id == "EG D001 TREVOSE HEAD")
    assert trevose.upper == model.Limit(model.VerticalDatum.AMSL, 1000, "ft")
    assert trevose.lower == model.SURFACE
    assert trevose.effect is model.ZoneEffect.ADVISORY


def test_its_circles_and_arcs_are_those_of_the_text_and_one_zone_is_one_area(
    nats: model.ZoneFile,
) -> None:
    assert all(len(zone.shape) == 1 for zone in nats.zones)
    kirkwall = next(
        zone for zone in nats.zones if "KIRKWALL" in zone.name and "RWY" not in zone.name
    )
    (circle,) = kirkwall.shape
    assert isinstance(circle, model.Circle)
    assert circle.centre == pytest.approx((58.9580556, -2.9005556), abs=1e-6)
    assert circle.radius_m == 3704
    assert kirkwall.schedule_stated  # "FRZ Active H24"
    shapes = [zone.shape[0] for zone in nats.zones]
    assert sum(isinstance(shape, model.Circle) for shape in shapes) == 202
    arcs = [arc for shape in shapes if isinstance(shape, model.Polygon) for arc in shape.outer.arcs]
    assert len(arcs) > 500


# Other KML


def kml_zone(
    description: str = "", folder: str = "", span: str = "", around: str = ""
) -> model.Zone:
    """Return the zone of a placemark with a description, in a folder with a name."""
    (zone,) = read(
        f"<kml><Document><Folder><name>{folder}</name>{around}<Placemark><name>A</name>{span}"
        f"<description>{description}</description><Polygon><outerBoundaryIs><LinearRing>"
        "<coordinates>-1,51 -0.9,51 -0.9,51.1 -1,51</coordinates></LinearRing></outerBoundaryIs>"
        "</Polygon></Placemark></Folder></Document></kml>"
    ).zones
    return zone


@pytest.mark.parametrize(
    ("description", "folder", "effect"),
    [
        ("No drones in this prison perimeter. Danger of prosecution.", "", "not stated"),
        ("Danger of prosecution", "Prisons", "not stated"),
        ("Nesting site of endangered species, no flying.", "", "not stated"),
        ("Unrestricted flying here.", "", "not stated"),
        ("Fishing prohibited", "", "not stated"),
        ("", "Endangered species", "not stated"),
        ("", "Unrestricted views", "not stated"),
        ("", "Danger of prosecution", "not stated"),
        ("D", "", "not stated"),
        ("", "Danger", "advisory"),
        ("", "UK danger areas", "advisory"),
        ("", "Prohibited areas", "prohibited"),
        ("", "Restricted Areas (EG R)", "authorisation"),
        ("FAD71 : HARTEBEESPOORT DANGER AREA\nGND - 7600FT AMSL", "", "advisory"),
        ("This is no DANGER AREA", "", "not stated"),
        ("Restriction:&lt;br/&gt;REQ_AUTHORISATION", "", "authorisation"),
        ("Restriction: NO_RESTRICTION", "Airports", "none"),
        ("Restriction: NO_RESTRICTION\nConditions: prohibited, area 1", "Airports", "not stated"),
        ("Restriction: PROHIBITED", "Danger", "prohibited"),
        ("Type: PROHIBITED", "Danger", "prohibited"),
        ("Lower: unrestricted", "Prohibited areas", "prohibited"),
        ("Activity above 400 ft: no restriction", "Restricted areas", "authorisation"),
    ],
)
def test_what_an_area_of_kml_means_is_a_line_of_its_text_or_its_folder_and_never_prose(
    description: str, folder: str, effect: str
) -> None:
    assert kml_zone(description, folder).effect.value == effect


SPAN = "<TimeSpan><begin>{}</begin><end>{}</end></TimeSpan>"


def test_an_area_of_kml_is_active_in_the_time_span_of_its_placemark_else_of_its_folder() -> None:
    of_2020, of_2021 = SPAN.format("2020-01-01Z", "x"), SPAN.format("2021-02", "2021-03")
    stated = SPAN.format("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z")
    (period,) = kml_zone(span=stated, around=of_2021).schedule
    assert (period.start, period.end) == (
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2020, 2, 1, tzinfo=dt.UTC),
    )
    inherited = kml_zone(around=of_2021)
    (period,) = inherited.schedule
    assert period.end == dt.datetime(2021, 4, 1, tzinfo=dt.UTC)
    assert inherited.schedule_stated
    assert "Europe/London" in inherited.schedule_doubt
    (period,) = kml_zone(span="<TimeSpan><end>2020</end></TimeSpan>").schedule
    assert (period.start, period.end) == (None, dt.datetime(2021, 1, 1, tzinfo=dt.UTC))
    for unread in (of_2020, "<TimeSpan/>", ""):
        always = kml_zone(span=unread)
        assert (always.schedule, always.schedule_stated) == ((), False)


def test_a_time_span_of_kml_that_cannot_be_read_is_remarked() -> None:
    polygon = drawn("-1,51 -0.9,51 -0.9,51.1 -1,51")
    span = "<name>A</name><TimeSpan><begin>{}</begin></TimeSpan><Polygon>"
    unread = read(polygon.replace("<Polygon>", span.format("soon")))
    assert unread.remarks == (
        model.ReadingRemark(
            "placemark 1",
            "times that cannot be read (expected a date and time, found 'soon'): "
            "treated as always active",
            "A",
        ),
    )
    assert len(unread.zones) == 1
    assert not read(polygon.replace("<Polygon>", span.format("2021"))).remarks


def test_walls_alone_are_chained_to_the_ring_they_stand_on() -> None:
    corners = [(-4.0, 50.0), (-3.9, 50.0), (-3.9, 50.1), (-4.0, 50.1)]
    order = [2, 0, 3, 1]  # walls may come in any order
    walls = ""
    for number in order:
        (a, b), (c, d) = corners[number], corners[(number + 1) % 4]
        ring = f"{a},{b},0 {c},{d},0 {c},{d},90 {a},{b},90 {a},{b},0"
        walls += (
            "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
            f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        )
    text = f"<kml><Placemark><MultiGeometry>{walls}</MultiGeometry></Placemark></kml>"
    (zone,) = read(text).zones
    (shape,) = zone.shape
    assert isinstance(shape, model.Polygon)
    assert {(lon, lat) for lat, lon in shape.outer.points} == set(corners)
    assert len(shape.outer.points) == 4


def drawn(coordinates: str) -> str:
    return (
        "<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{coordinates}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
    )


@pytest.mark.parametrize(
    "coordinates",
    [
        "-4, 50, 0 -3, 50, 0 -3, 51, 0 -4, 50, 0",
        "-4, 50 -3, 50 -3, 51 -4, 50",
        "-4 ,50 ,0\n-3 ,50 ,0\n-3 ,51 ,0\n-4 ,50 ,0",
        "-4,\n 50,0  -3,50 , 0\t-3, 51,0 -4,50,0",
        "-4,50, -3,50, -3,51, -4,50,",
    ],
)
def test_spaces_beside_commas_part_no_position(coordinates: str) -> None:
    (zone,) = read(drawn(coordinates)).zones
    assert zone.shape == read(drawn("-4,50,0 -3,50,0 -3,51,0 -4,50,0")).zones[0].shape


@pytest.mark.parametrize(
    ("coordinates", "word"),
    [
        # Could be two positions with a comma behind each, or one too long.
        ("-4, 50, -3, 50, -3, 51, -4, 50,", "-4,50,-3,50,-3,51,-4,50,"),
        ("-4, 50, 0 -3, north, 0", "-3,north,0"),
        ("-4, 50, 0 -3", "-3"),
        ("-4 50 0 -3 50 0", "-4"),
    ],
)
def test_positions_that_commas_do_not_part_are_left_out_by_their_place(
    coordinates: str, word: str
) -> None:
    told = left_out(drawn(coordinates))
    assert re.search(rf"polygon 1, position \d: .* found '{re.escape(word)}'", told)


def test_blanks_without_end_beside_no_comma_are_read_in_one_pass() -> None:
    (zone,) = read(drawn("-4, 50" + " " * 3_000_000 + "-3, 50 -3, 51 -4, 50")).zones
    assert isinstance(zone.shape[0], model.Polygon)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("", "the file is empty"),
        (
            "airspace:\n- name: A\n",
            "airspace in YAML (YAIXM) is not supported; supply the same airspace as OpenAir",
        ),
        (
            "minutes of a meeting",
            "unknown format (begins b'minutes of a meeting'); supply it as GeoJSON, KML or OpenAir",
        ),
    ],
)
def test_what_is_no_zone_file_is_refused_in_one_sentence_with_what_to_give_instead(
    content: str, refusal: str
) -> None:
    with pytest.raises(model.ZoneError, match=rf"^\S+: {re.escape(refusal)}$"):
        read(content)


def test_an_extruded_area_keeps_its_top_without_a_datum(real: Path) -> None:
    portugal = read_zones_of_file(real / "mp_UASZoneVersion_30072024.kmz")
    assert len(portugal.zones) == 314
    assert portugal.zones[0].upper == model.Limit(model.VerticalDatum.NOT_STATED, 7500, "m")


def test_holes_and_parts_are_kept(real: Path) -> None:
    shapes = [
        shape
        for zone in read_zones_of_file(real / "mp_Drone_No_Fly_Zones.kmz").zones
        for shape in zone.shape
    ]
    assert len(shapes) > 161
    assert sum(len(shape.holes) for shape in shapes if isinstance(shape, model.Polygon)) == 24


def test_points_alone_are_no_zones(real: Path) -> None:
    found = read_zones_of_file(real / "dji_flysafe_areas_djigo.kml")
    assert (len(found.zones), len(found.skipped)) == (0, 240)


def archive(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return held.getvalue()


def test_an_archive_that_unpacks_to_a_flood_is_refused() -> None:
    bomb = archive({"doc.kml": b"<kml>" + b" " * 50_000_000 + b"</kml>"})
    with pytest.raises(model.ZoneError, match="unpacks to more than"):
        read(bomb)


def test_an_archive_without_a_document_is_refused() -> None:
    with pytest.raises(model.ZoneError, match=r"holds no \.kml document"):
        read(archive({"picture.png": b"x"}))


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE kml SYSTEM "http://example.org/kml.dtd">',
    ],
)
def test_xml_that_declares_entities_is_refused(declared: str) -> None:
    with pytest.raises(model.ZoneError, match="declares types or entities"):
        read(f'<?xml version="1.0"?>{declared}<kml>&b;</kml>')


def test_broken_xml_is_refused_with_line_and_column() -> None:
    with pytest.raises(model.ZoneError, match="line 2, column 6: not valid XML: mismatched tag"):
        read("<kml><Document>\n<a></b></Document></kml>")


# ED-269


def test_ed_269_under_both_keys_reads(real: Path) -> None:
    assert len(read_zones_of_file(real / "ed269_interuss_cis_sample.json").zones) == 1
    for name in ("ed269_interuss_che-1.json", "ed269_uas_standards_test.json"):
        assert len(read_zones_of_file(real / name).zones) == 10


def test_a_limit_as_text_is_a_number_and_a_null_one_is_not_stated(real: Path) -> None:
    (zone,) = read_zones_of_file(real / "ed269_interuss_cis_sample.json").zones
    assert zone.lower == model.Limit(model.VerticalDatum.AGL, 0, "m")
    assert zone.upper is model.NOT_STATED or zone.upper == model.NOT_STATED
    assert zone.schedule == (model.ActivePeriod(),)


def test_ed_269_keeps_feet_datum_circle_and_hours(real: Path) -> None:
    zones = read_zones_of_file(real / "ed269_interuss_che-1.json").zones
    concert, park = zones[0], zones[-1]
    assert concert.shape == (model.Circle((46.430758, 6.913146), 3000),)
    assert concert.upper == model.Limit(model.VerticalDatum.AMSL, 6259, "m")
    (period,) = concert.schedule
    assert period.hours == (model.DailyHours(frozenset({6, 7}), dt.time(17), dt.time(23, 59, 59)),)
    assert park.upper == model.Limit(model.VerticalDatum.AGL, 250, "ft")
    assert park.effect is model.ZoneEffect.AUTHORISATION


@pytest.mark.parametrize("end", ["2026-05-14", "2026-05-15T00:00", "2026-05-14T24:00Z"])
def test_a_date_as_an_end_includes_that_day_and_the_standard_says_utc(end: str) -> None:
    (zone,) = read(ed269(applicability=[{"endDateTime": end}])).zones
    (period,) = zone.schedule
    assert period.end == dt.datetime(2026, 5, 15, tzinfo=dt.UTC)
    assert zone.other_schedules == ()


def ed269(**changes: Any) -> dict[str, Any]:
    volume = {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "upperLimit": 120,
        "upperVerticalReference": "AGL",
        "horizontalProjection": {"type": "Circle", "center": [6.0, 46.0], "radius": 100},
    }
    zone = {
        "identifier": "A",
        "restriction": "PROHIBITED",
        "applicability": [],
        "geometry": [volume],
    } | changes
    return {"UASZoneList": [zone]}


def test_a_local_hour_is_turned_to_utc_with_its_day() -> None:
    daily = {"day": ["MON"], "startTime": "00:30:00+02:00", "endTime": "03:00:00+02:00"}
    found = read(ed269(applicability=[{"permanent": "YES", "schedule": [daily]}]))
    (period,) = found.zones[0].schedule
    assert period.hours == (model.DailyHours(frozenset({7}), dt.time(22, 30), dt.time(1)),)


@pytest.mark.parametrize("end", ["24:00:00+01:00", "00:00:00+01:00", "24:00+01:00"])
def test_a_local_day_that_ends_at_24_hours_is_whole(end: str) -> None:
    daily = {"day": ["MON"], "startTime": "00:00:00+01:00", "endTime": end}
    found = read(ed269(applicability=[{"permanent": "YES", "schedule": [daily]}]))
    # From 23 h on Sunday to 23 h on Monday, UTC: an end that is no later is on the next day.
    assert found.zones[0].schedule[0].hours == (
        model.DailyHours(frozenset({7}), dt.time(23), dt.time(23)),
    )


@pytest.mark.parametrize("end", ["24:00:00Z", "24:00"])
def test_a_day_of_utc_that_ends_at_24_hours_ends_with_the_day(end: str) -> None:
    daily = {"day": ["MON"], "startTime": "08:00:00Z", "endTime": end}
    found = read(ed269(applicability=[{"permanent": "YES", "schedule": [daily]}]))
    assert found.zones[0].schedule[0].hours == (model.DailyHours(frozenset({1}), dt.time(8), None),)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"geometry": []}, "UASZoneList[0]: geometry: list should have at least 1 item"),
        ({"geometry": None}, "UASZoneList[0]: geometry: input should be a valid list"),
        (
            {"applicability": [{"schedule": [{"day": ["FUNDAY"]}]}]},
            "UASZoneList[0]: applicability[0].schedule[0].day: expected MON",
        ),
        (
            {"applicability": [{"startDateTime": "soon"}]},
            "UASZoneList[0]: applicability[0].startDateTime: expected a date",
        ),
    ],
)
def test_a_zone_of_ed_269_that_cannot_be_read_is_left_out_with_its_path(
    changes: dict[str, Any], told: str
) -> None:
    assert left_out(ed269(**changes)).startswith(told)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"upperLimit": "high"}, "geometry[0]: upperLimit: expected a limit"),
        ({"uomDimensions": "furlong"}, "geometry[0]: lowerLimit: expected a unit"),
        ({"horizontalProjection": {"type": "Circle"}}, "horizontalProjection: expected center"),
        ({"horizontalProjection": {"type": "Star"}}, "horizontalProjection.type: expected Polygon"),
    ],
)
def test_a_volume_of_ed_269_that_cannot_be_read_costs_no_other(
    changes: dict[str, Any], told: str
) -> None:
    data = ed269()
    (volume,) = data["UASZoneList"][0]["geometry"]
    data["UASZoneList"][0]["geometry"] = [volume | changes, volume]
    file = read(data)
    assert [zone.path for zone in file.zones] == ["UASZoneList[0].geometry[1]"]
    (item,) = file.skipped_items_that_may_be_zones
    assert told in f"{item.path.removeprefix('UASZoneList[0].')}: {item.reason}"


@pytest.mark.parametrize(
    "changes",
    [
        {"restriction": "MAYBE"},
        {"identifier": None},
        {"identifier": 17, "name": [{"text": "Naam", "lang": "nl"}]},
        {"zoneAuthority": {"name": "One"}, "country": None, "message": ["a", None]},
        {"applicability": None, "zoneAuthority": None, "reason": 5},
    ],
)
def test_what_neither_place_nor_height_nor_time_needs_costs_no_zone(
    changes: dict[str, Any],
) -> None:
    file = read(ed269(**changes))
    assert not file.skipped
    assert file.zones[0].limits_text == "0 m AGL to 120 m AGL"


# ED-318


ED318 = (
    "ed318_Example_Collection.json",
    "ed318_Example_2_Layers.json",
    "ed318_Example_Circle.json",
    "ed318_Example_extension.json",
    "ed318_interuss_cis_sample.json",
)


@pytest.mark.parametrize("name", ED318)
def test_every_valid_sample_of_ed_318_reads(real: Path, name: str) -> None:
    layers = json.loads((real / name).read_text("utf-8"))["features"]
    assert len(read_zones_of_file(real / name).zones) >= len(layers)


def test_layers_circles_and_sun_are_read(real: Path, made: Path) -> None:
    two = read_zones_of_file(real / "ed318_Example_2_Layers.json").zones
    assert [zone.limits_text for zone in two] == ["50 m AGL to 150 m AGL", "0 m AGL to 50 m AGL"]
    (circle,) = read_zones_of_file(real / "ed318_Example_Circle.json").zones
    assert circle.shape == (model.Circle((50.122901, 2.636866), 3500),)
    (period,) = read_zones_of_file(made / "ed318.json").zones[0].schedule
    assert period.hours == (model.DailyHours(frozenset(), model.SunEvent.RISE, model.SunEvent.SET),)


def changed_circle(real: Path, path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Return the example of a circle with one value changed."""
    data: dict[str, Any] = json.loads((real / "ed318_Example_Circle.json").read_text("utf-8"))
    held: Any = data
    for part in path[:-1]:
        held = held[part]
    held[path[-1]] = value
    return data


@pytest.mark.parametrize(
    "path, value",
    [
        (("features", 0, "properties", "type"), "REQ_AUTHORISATION"),
        (("features", 0, "properties", "identifier"), "TOOLONGNAME"),
        (("features", 0, "properties", "country"), "FR"),
        (("features", 0, "properties", "zoneAuthority"), []),
        (("features", 0, "properties", "invented"), 1),
        (("features", 0, "properties", "name"), [{"text": "no language"}]),
        (("features", 0, "properties", "name"), "as text"),
        (("features", 0, "properties", "message"), None),
        (("features", 0, "properties", "reason"), "NOISE"),
    ],
)
def test_a_departure_from_the_schemas_that_moves_no_zone_is_a_remark(
    real: Path, path: tuple[str | int, ...], value: Any
) -> None:
    file = read(changed_circle(real, path, value))
    assert len(file.zones) == 1
    assert file.zones[0].shape == (model.Circle((50.122901, 2.636866), 3500),)
    (remark,) = file.remarks
    assert remark.path == "features[0]"
    assert str(path[3]) in remark.text


@pytest.mark.parametrize(
    "path, value",
    [
        (("features", 0, "geometry", "extent", "subType"), "Square"),
        (("features", 0, "geometry", "extent", "radius"), None),
        (("features", 0, "geometry", "layer", "uom"), "furlong"),
        (("features", 0, "geometry", "layer", "upper"), "high"),
        (("features", 0, "geometry", "coordinates"), "here"),
        (("features", 0, "properties", "limitedApplicability"), [{"startDateTime": "soon"}]),
    ],
)
def test_a_feature_of_ed_318_that_cannot_be_read_is_left_out_with_its_path(
    real: Path, path: tuple[str | int, ...], value: Any
) -> None:
    told = left_out(changed_circle(real, path, value))
    assert told.startswith("features[0]")
    name = "startDateTime" if "Applicability" in str(path[-1]) else str(path[-1])
    assert name in told.replace("layer.lower", "uom")


def test_the_invalid_example_is_read_and_its_date_and_schema_are_remarked_on(real: Path) -> None:
    file = read_zones_of_file(real / "ed318_INVALID_2_Layers.json")
    assert len(file.zones) == 2
    assert file.source.effective_from is None
    assert [remark.path for remark in file.remarks] == ["metadata.validFrom", "features[0]"]


def test_the_samples_and_our_synthetic_file_satisfy_the_published_schemas(
    real: Path, made: Path
) -> None:
    def retrieve(uri: str) -> referencing.Resource[Any]:
        name = f"ed318_{uri.rpartition('/')[2]}"
        return DRAFT7.create_resource(json.loads((real / name).read_text("utf-8")))

    root = json.loads((real / "ed318_Schema_GeoZones.json").read_text("utf-8"))
    registry: referencing.Registry[Any] = referencing.Registry(retrieve=retrieve)  # type: ignore[call-arg]
    validator = jsonschema.Draft7Validator(root, registry=registry)
    for path in (*(real / name for name in ED318), made / "ed318.json"):
        validator.validate(json.loads(path.read_text("utf-8")))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads((real / "ed318_INVALID_2_Layers.json").read_text("utf-8")))


# GeoJSON


def test_the_finnish_samples_read_with_their_times(real: Path) -> None:
    assert len(read_zones_of_file(real / "fi_controlled.geojson").zones) == 28
    first = read_zones_of_file(real / "fi_sup_temp.geojson").zones[0]
    assert (first.id, first.effect) == ("EFR442", model.ZoneEffect.AUTHORISATION)
    assert first.schedule[0].start == dt.datetime(2019, 6, 17, 5, tzinfo=dt.UTC)
    assert first.lower is model.NOT_STATED or first.lower == model.NOT_STATED


def test_a_ring_that_is_not_closed_is_left_out_with_its_path() -> None:
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    feature = {"type": "Feature", "properties": None, "geometry": polygon}
    told = left_out({"type": "FeatureCollection", "features": [feature]})
    assert told.startswith("features[0]: geometry.coordinates[0]: expected a ring")


def test_a_limit_that_is_not_understood_costs_its_zone_and_one_by_notam_does_not() -> None:
    point = {"type": "Point", "coordinates": [0, 50]}
    properties = {"upper": "high", "radius_m": 5}
    feature = {"type": "Feature", "properties": properties, "geometry": point}
    told = left_out({"type": "FeatureCollection", "features": [feature]})
    assert "upper limit: expected a limit" in told
    properties["upper"] = "see NOTAM"
    (zone,) = read({"type": "FeatureCollection", "features": [feature]}).zones
    assert zone.upper == model.NOT_STATED


def test_a_name_with_two_values_costs_only_what_needs_it() -> None:
    with pytest.raises(model.ZoneError, match="'type' is given twice"):
        read('{"type": "FeatureCollection", "type": "Feature", "features": []}')
    square = '{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}'
    features = ", ".join(
        f'{{"type": "Feature", "geometry": {square}, "properties": {{{words}}}}}'
        for words in ('"name": "A", "name": "B"', '"upper": "SFC", "upper": "UNL"', '"id": 1')
    )
    text = f'{{"type": "FeatureCollection", "features": [{features}]}}'
    file = read(text)
    assert [zone.path for zone in file.zones] == ["features[0]", "features[2]"]
    assert [item.path for item in file.skipped_items_that_may_be_zones] == ["features[1]"]


def test_a_number_that_is_none_costs_only_what_needs_it() -> None:
    assert left_out('{"type": "FeatureCollection", "features": [NaN]}').endswith("not a feature")
    ring = "[[0,0],[1,0],[1,1],[0,0]]"
    text = (
        '{"type": "FeatureCollection", "features": ['
        '{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [%s]}, '
        '"properties": {"area": NaN, "n": %s}}, '
        '{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0,NaN]]]}, '
        '"properties": {}}]}'
    )
    file = read(text % (ring, "9" * 5000))
    assert [zone.path for zone in file.zones] == ["features[0]"]
    assert "finite number" in file.skipped_items_that_may_be_zones[0].reason


def test_what_is_no_json_is_refused_with_its_place() -> None:
    with pytest.raises(model.ZoneError, match="line 1, column 3: not valid JSON"):
        read("{ nothing}")
    with pytest.raises(model.ZoneError, match="JSON that cannot be read"):
        read("[" * 100_000)


# Fences of ground stations


def test_the_fence_samples_read(real: Path) -> None:
    for name in ("pymavlink_fence.txt", "mavproxy_legacy_cmac_fence.txt"):
        found = read_zones_of_file(real / name)
        (zone,) = found.zones
        (shape,) = zone.shape
        assert zone.inclusion
        assert isinstance(shape, model.Polygon)
        assert (-35.363720, 149.163651) not in shape.outer.points  # the return point
        assert len(shape.outer.points) == 4
        assert len(found.skipped) == 1
    polygon, first, second = read_zones_of_file(real / "pymavlink_fence-110.txt").zones
    assert polygon.inclusion
    assert not first.inclusion
    assert second.shape == (model.Circle((40.071625, -105.227982), 20),)
    (zone,) = read_zones_of_file(real / "mavproxy_WPL110_fence_5000_5001.txt").zones
    assert len(zone.shape[0].outer.points) == 4  # type: ignore[union-attr]


def test_plans_of_both_versions_read_and_their_empty_fences_are_no_zones(real: Path) -> None:
    for name in ("qgc_SectionTest.plan", "mavsdk_qgc_sample.plan", "mavsdk_qgc_survey.plan"):
        assert read_zones_of_file(real / name).zones == ()
    plan = {"fileType": "Plan", "version": 1, "mission": {"items": []}}
    square = [[50.0, -4.0], [50.0, -3.9], [50.1, -3.9], [50.1, -4.0]]
    (old,) = read({**plan, "geoFence": {"version": 1, "polygon": square}}).zones
    assert old.inclusion
    assert old.shape[0].outer.points[0] == (50.0, -4.0)  # type: ignore[union-attr]


def test_px4_may_be_within_any_of_its_fences_and_ardupilot_must_be_within_each() -> None:
    circle = {"circle": {"center": [50, -4], "radius": 100}, "inclusion": True}
    other = {"circle": {"center": [51, -4], "radius": 100}, "inclusion": True}
    fence = {"version": 2, "polygons": [], "circles": [circle, other]}
    plan = {"fileType": "Plan", "version": 1, "geoFence": fence}
    assert len(read({**plan, "mission": {"firmwareType": 12}}).zones) == 1
    assert len(read({**plan, "mission": {"firmwareType": 3}}).zones) == 2


QGC, EDGE = "QGC WPL 110\n", "50.0 4.0\n50.1 4.0\n"


@pytest.mark.parametrize(
    "text, told",
    [
        (QGC + "0\t0\t0\t5001\tx\n", "line 2: expected 12 numbers"),
        (QGC + "0 0 0 5001 4 0 0 0 50.0 -4.0 0 0\n" * 3, "line 2: expected 4 corners"),
        (QGC + "0 0 0 5003 0 0 0 0 50.0 -4.0 0 0\n", "line 2: expected a radius of more"),
        (QGC + "0 0 0 5003 5 0 0 0 95.0 -4.0 0 0\n", "line 2: expected a latitude"),
    ],
)
def test_a_fence_item_that_cannot_be_read_is_left_out_with_its_line(text: str, told: str) -> None:
    assert left_out(text).startswith(told)
    good = "0 0 0 5003 50 0 0 0 51.0 -4.0 0 0\n"
    assert len(read(text + good).zones) == 1


def test_a_shape_of_a_plan_that_cannot_be_read_costs_no_other() -> None:
    circle = {"circle": {"center": [50, -4], "radius": 100}, "inclusion": False}
    broken = {"circle": {"center": [50, -4], "radius": -1}, "inclusion": False}
    fence = {"version": 2, "polygons": [{}], "circles": [broken, circle]}
    file = read({"fileType": "Plan", "version": 1, "geoFence": fence})
    assert [zone.path for zone in file.zones] == ["geoFence.circles[1]"]
    assert [item.path for item in file.skipped_items_that_may_be_zones] == [
        "geoFence.polygons[0]",
        "geoFence.circles[0]",
    ]


@pytest.mark.parametrize(
    "text, told",
    [
        ("QGC WPL 120\n", "line 1: expected 'QGC WPL 110'"),
        (EDGE + "home\n", 'line 3: expected "latitude longitude"'),
        (EDGE + "50.2 4.1\n", "expected a ring whose last point is its first"),
    ],
)
def test_what_is_wrong_in_a_fence_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(model.ZoneError, match=told):
        read(text)


# DJI


def test_the_database_of_dji_reads_whole_as_table(real: Path) -> None:
    found = read_zones_of_file(real / "dji_nfzdb_2017.csv")
    assert len(found.zones) == 7823
    assert found.zones[0].shape == (model.Circle((0.041705, 32.444457), 2291),)
    assert found.zones[0].effect is model.ZoneEffect.PROHIBITED
    assert found.source.issued is not None
    assert found.source.issued.year == 2017
    assert sum(zone.schedule_stated for zone in found.zones) == 32


def test_the_database_of_dji_reads_whole_as_sqlite_with_the_parts_of_its_airports(
    real: Path,
) -> None:
    found = read_zones_of_file(real / "dji_flysafe_areas_djigo.sqlite")
    assert found.source.edition == "00.00.01.04"
    assert len({zone.id for zone in found.zones}) == 240
    enshi = [zone for zone in found.zones if zone.id == "141"]
    assert [zone.lower.value for zone in enshi] == [125, 65, 65, 35, None]
    assert enshi[0].shape == (model.Circle((30.321624, 109.485467), 10_000),)
    assert enshi[-1].lower == model.SURFACE
    # The smaller the height, the closer to the middle of the runway.
    assert [round(reach(zone)) for zone in enshi] == sorted(
        (round(reach(zone)) for zone in enshi), reverse=True
    )


def reach(zone: model.Zone) -> float:
    """Return how far a part of Enshi airport reaches from the airport's own point."""
    (shape,) = zone.shape
    if isinstance(shape, model.Circle):
        return 17_000
    assert isinstance(shape, model.Polygon)
    corners = shape.outer.points
    return float(max(GEOD.inv(109.485467, 30.321624, lon, lat)[2] for lat, lon in corners))


# AIXM


EPSG_4326 = "urn:ogc:def:crs:EPSG::4326"


def aixm(segments: str, srs: str = EPSG_4326, limit: str = "") -> model.Zone:
    (zone,) = read(aixm_text(segments, srs, limit)).zones
    return zone


def aixm_text(segments: str, srs: str = EPSG_4326, limit: str = "") -> str:
    limit = limit or '<a:upperLimit uom="FT">2000</a:upperLimit>'
    return (
        '<m:AIXMBasicMessage xmlns:m="http://www.aixm.aero/schema/5.1.1/message" '
        'xmlns:a="http://www.aixm.aero/schema/5.1.1" xmlns:g="http://www.opengis.net/gml/3.2">'
        "<m:hasMember><a:Airspace><a:timeSlice><a:AirspaceTimeSlice><a:type>P</a:type>"
        "<a:geometryComponent><a:AirspaceGeometryComponent><a:theAirspaceVolume>"
        f"<a:AirspaceVolume>{limit}<a:upperLimitReference>SFC</a:upperLimitReference>"
        f'<a:horizontalProjection><a:Surface srsName="{srs}"><g:patches><g:PolygonPatch>'
        f"<g:exterior><g:Ring><g:curveMember><g:Curve><g:segments>{segments}</g:segments>"
        "</g:Curve></g:curveMember></g:Ring></g:exterior></g:PolygonPatch></g:patches>"
        "</a:Surface></a:horizontalProjection></a:AirspaceVolume></a:theAirspaceVolume>"
        "</a:AirspaceGeometryComponent></a:geometryComponent></a:AirspaceTimeSlice></a:timeSlice>"
        "</a:Airspace></m:hasMember></m:AIXMBasicMessage>"
    )


def arc(centre: str, start: float, end: float) -> str:
    return (
        f'<g:ArcByCenterPoint><g:pos>{centre}</g:pos><g:radius uom="NM">5</g:radius>'
        f"<g:startAngle>{start}</g:startAngle><g:endAngle>{end}</g:endAngle></g:ArcByCenterPoint>"
    )


def test_an_arc_counts_from_north_clockwise_where_latitude_comes_first() -> None:
    shape = aixm(arc("52.0 13.0", 0, 180)).shape[0]
    assert isinstance(shape, model.Polygon)
    (bend,) = shape.outer.arcs
    assert bend.clockwise
    north, south = shape.outer.points
    assert north[0] > 52.08
    assert south[0] < 51.92
    back = aixm(arc("52.0 13.0", 180, 0)).shape[0]
    assert not back.outer.arcs[0].clockwise  # type: ignore[union-attr]


def test_an_arc_counts_from_east_the_other_way_where_longitude_comes_first() -> None:
    shape = aixm(arc("13.0 52.0", 0, 90), "urn:ogc:def:crs:OGC:1.3:CRS84").shape[0]
    assert isinstance(shape, model.Polygon)
    east, north = shape.outer.points
    assert east[1] > 13.1
    assert north[0] > 52.08
    assert not shape.outer.arcs[0].clockwise


def test_limits_of_aixm_keep_unit_and_datum() -> None:
    circle = (
        '<g:CircleByCenterPoint><g:pos>52 13</g:pos><g:radius uom="KM">3</g:radius>'
        "</g:CircleByCenterPoint>"
    )
    zone = aixm(circle)
    assert zone.shape == (model.Circle((52, 13), 3000),)
    assert zone.upper == model.Limit(model.VerticalDatum.AGL, 2000, "ft")
    assert zone.lower == model.NOT_STATED
    assert aixm(circle, limit="<a:upperLimit>UNL</a:upperLimit>").upper == model.UNLIMITED
    told = left_out(aixm_text(circle, limit='<a:upperLimit uom="SM">5</a:upperLimit>'))
    assert told.endswith("upperLimit: expected uom FT, M or FL, found 'SM'")


def test_airspace_that_refers_to_another_is_left_out_and_named() -> None:
    text = (
        '<m:AIXMBasicMessage xmlns:m="http://www.aixm.aero/schema/5.1/message"><m:hasMember>'
        "<Airspace><timeSlice><AirspaceTimeSlice><geometryComponent><AirspaceGeometryComponent>"
        "<theAirspaceVolume><AirspaceVolume/></theAirspaceVolume></AirspaceGeometryComponent>"
        "</geometryComponent></AirspaceTimeSlice></timeSlice></Airspace></m:hasMember>"
        "</m:AIXMBasicMessage>"
    )
    found = read(text)
    assert not found.zones
    assert "refers to another airspace" in found.skipped[0].reason


@pytest.mark.parametrize(
    "text, kind",
    [
        # Understood, and where the drawing is: the circle of the text.
        ("A circle, 1 NM radius, centred at 500000N 0040000W", model.Circle),
        # Of another radius, and of another place, than what is drawn: the drawing.
        ("A circle, 3 NM radius, centred at 500000N 0040000W", model.Polygon),
        ("A circle, 1 NM radius, centred at 510000N 0040000W", model.Polygon),
        # Not all of it understood: the drawing.
        ("A circle, 1 NM radius, centred at 500000N 0040000W excluding the harbour", model.Polygon),
    ],
)
def test_a_boundary_in_words_is_believed_only_where_it_is_drawn(text: str, kind: type) -> None:
    turns = [360 * n / 90 for n in range(90)]
    corners = [GEOD.fwd(-4.0, 50.0, turn, 1852.0)[:2] for turn in turns]
    ring = " ".join(f"{lon:.8f},{lat:.8f},0" for lon, lat in (*corners, corners[0]))
    kml = (
        f"<kml><Placemark><name>A</name><description>{text} &lt;br/&gt;Upper limit: FL65&lt;br/&gt;"
        "Lower limit: SFC</description><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
    )
    (zone,) = read(kml).zones
    assert isinstance(zone.shape[0], kind)
    assert zone.upper == model.Limit(model.VerticalDatum.FLIGHT_LEVEL, 65, "FL")

"""Zone files made to cost much: time grows no faster than n log n, memory and depth are bounded."""

import json
import math
import sqlite3
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import parsers
from dji_audit.zones import (
    ZoneError,
    ZoneFile,
    lint_zone_file,
    non_hidden_files_below,
    read_zone_content,
)
from dji_audit.zones.formats._aviation_text import (
    InvalidPointTextError,
    parse_limit_field,
    parse_points,
)
from dji_audit.zones.formats._feature_properties import FeatureProperties
from dji_audit.zones.formats.kml import strip_html_markup
from tests.parsers.containers.made import zipped

Maker = Callable[[int], bytes]


def repeated(unit: str, before: str = "", after: str = "") -> Maker:
    """Return a maker of text of about a size: a unit again and again."""
    return lambda size: (before + unit * (size // len(unit)) + after).encode()


def counted(unit: str, before: str = "", after: str = "") -> Maker:
    """Return the same with a number in each unit, so that no two are alike."""
    width = len(unit) + 5
    return lambda size: (
        before + "".join(unit.replace("#", str(n)) for n in range(size // width)) + after
    ).encode()


AREA = "AC R\nAN A\nAL GND\nAH UNL\n"
ARC = "V X=51:00:00N 001:00:00W\nDA 5,10,20\n"
POINT = "DP 51:00:00N 001:00:00W\n"
POLYGON = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}'
FEATURE = '{"type":"Feature","properties":%s,"geometry":%s},'
COLLECTION = '{"type":"FeatureCollection","features":['
CLOSE = '{"type":"Feature","properties":null,"geometry":null}]}'
KML_POLYGON = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>%s</coordinates></LinearRing>"
    "</outerBoundaryIs></Polygon>"
)
KML = "<kml><Document>%s</Document></kml>"
AIXM = (
    '<m:AIXMBasicMessage xmlns:m="http://www.aixm.aero/schema/5.1/message" '
    'xmlns:x="http://www.w3.org/1999/xlink" xmlns:g="http://www.opengis.net/gml/3.2">%s'
    "</m:AIXMBasicMessage>"
)
AIXM_AREA = (
    "<hasMember><Airspace><timeSlice><AirspaceTimeSlice><geometryComponent>"
    "<AirspaceGeometryComponent><theAirspaceVolume><AirspaceVolume><horizontalProjection>"
    '<Surface srsName="EPSG:4326"><patches><PolygonPatch><exterior><Ring>%s</Ring></exterior>'
    "</PolygonPatch></patches></Surface></horizontalProjection></AirspaceVolume>"
    "</theAirspaceVolume></AirspaceGeometryComponent></geometryComponent></AirspaceTimeSlice>"
    "</timeSlice></Airspace></hasMember>"
)
CURVE = (
    "<curveMember><Curve><segments><GeodesicString><posList>%s</posList></GeodesicString>"
    "</segments></Curve></curveMember>"
)
BORDER = (
    '<hasMember><GeoBorder g:id="B"><border><Curve srsName="EPSG:4326"><segments><GeodesicString>'
    "<posList>%s</posList></GeodesicString></segments></Curve></border></GeoBorder></hasMember>"
)


def along_one_border(size: int) -> bytes:
    """Return half of a file as one border, and half as areas that all follow it."""
    count = size // 40
    border = " ".join(f"52.{number:06d} 0.5" for number in range(count))
    ring = CURVE % "52 0.5 51 0.5 51 0.6" + '<curveMember x:href="#B"/>'
    area = AIXM_AREA % (ring + CURVE % "52.0001 0.5 52 0.7")
    return (AIXM % (BORDER % border + area * (size // 2 // len(area)))).encode()


def described_ring(size: int) -> bytes:
    """Return a placemark whose description states as many corners as its drawing has."""
    count = size // 60
    words = [f"{50 + n % 30:02d}{n % 60:02d}{n % 59:02d}N 0010000W" for n in range(count)]
    corners = " ".join(f"-1,{50 + n % 30 + n % 60 / 60 + n % 59 / 3600}" for n in range(count))
    text = "&lt;br/&gt;".join(words)
    polygon = KML_POLYGON % corners
    placemark = f"<Placemark><description>{text}&lt;br/&gt;Upper limit: UNL</description>{polygon}"
    return (KML % f"{placemark}</Placemark>").encode()


def rings_around(size: int) -> bytes:
    """Return one feature of ArcGIS: half of its rings enclose all the others."""
    count = size // 120
    outer = [[[-5, -5], [-5, n / 1e3 + 1], [5, 5], [5, -5], [-5, -5]] for n in range(count)]
    holes = [[[0, 0], [1e-3, 0], [1e-3, 1e-3], [0, 0]]] * count
    data = {"geometryType": "esriGeometryPolygon", "features": [
        {"attributes": {}, "geometry": {"rings": outer + holes}}]}  # fmt: skip
    return json.dumps(data, separators=(",", ":")).encode()


FILES: dict[str, Maker] = {
    "openair comments": repeated("* ; * ; # // \n", AREA, POINT),
    "openair points": counted("DP 51:00:00N 001:#:00W\n", AREA),
    "openair bad points": repeated("DP 51:75:00N 001:00:00W\n", AREA),
    "openair arcs": repeated(ARC, AREA),
    "openair arcs with a fault": repeated(ARC, AREA + "DC x\n"),
    "openair circles": repeated("DC 2\n", AREA + "V X=51:00:00N 001:00:00W\n"),
    "openair areas": repeated(AREA + POINT),
    "openair one line": repeated("5", AREA + "AH "),
    "openair sides": repeated("N", AREA + "DP "),
    "openair blanks": repeated(" ", AREA + "DP 51:00:00", "N 001:00:00W"),
    "openair times": repeated("AA NONE/2024-12-17T12:00Z\n", AREA),
    "openair before the first": repeated("AN A\n", "SP 0\n"),
    "openair no record": repeated("follows the coast\n", AREA),
    "ardupilot fence": repeated("50.1 4.1\n"),
    "waypoints": repeated("0 0 0 5001 4 0 0 0 50.0 -4.0 0 0\n", "QGC WPL 110\n"),
    "waypoints bad": repeated("0 0 0 5001 9e9 0 0 0 50.0 -4.0 0\n", "QGC WPL 110\n"),
    "table": repeated("1,50,4,100,1,0,A\n", "area_id,lat,lng,radius,level,shape,name\n"),
    "table bad": repeated("1,95,4,\n", "area_id,lat,lng,radius,level,shape,name\n"),
    "geojson": repeated(FEATURE % ("{}", POLYGON), COLLECTION, CLOSE),
    "geojson bad": repeated(FEATURE % ('{"upper":"high"}', POLYGON), COLLECTION, CLOSE),
    "geojson nulls": repeated("null,", COLLECTION, CLOSE),
    "geojson names": counted('"n#":1,', COLLECTION + '{"properties":{', '"a":1}},' + CLOSE),
    "geojson names twice": counted(
        '"n#":1,', COLLECTION + '{"properties":{', '"a":1,"a":2}},' + CLOSE
    ),
    "geojson one name": repeated('"name":[1],', COLLECTION + '{"properties":{', '"a":1}},' + CLOSE),
    "geojson number": repeated("9", COLLECTION, "]}"),
    "geojson position": repeated("[0,0],", COLLECTION + '{"geometry":{"coordinates":[', "[]]}}]}"),
    "ed-269": repeated('{"geometry":[{}]},', '{"UASZoneList":[', "{}]}"),
    "ed-318": repeated(
        '{"properties":{"variant":1,"name":[{"text":"a","lang":"b"}]}},', COLLECTION, CLOSE
    ),
    "ed-318 texts": repeated(
        '{"text":"","lang":"de"},', COLLECTION + '{"properties":{"variant":1,"name":[', "1]}}]}"
    ),
    "plan": repeated(
        '{"circle":{"center":[50,-4],"radius":9},"inclusion":true},',
        '{"fileType":"Plan","version":1,"mission":{"firmwareType":12},"geoFence":{"version":2,'
        '"polygons":[],"circles":[',
        "5]}}",
    ),
    "arcgis rings": rings_around,
    "kml placemarks": repeated("<Placemark/>", "<kml>", "</kml>"),
    "kml folders": repeated("<Folder><name>a name</name></Folder>", "<kml>", "</kml>"),
    "kml positions": repeated("1,2 ", f"<kml><Placemark>{KML_POLYGON.split('%s')[0]}",
                              f"{KML_POLYGON.split('%s')[1]}</Placemark></kml>"),
    "kml blanks": repeated(" ", f"<kml><Placemark>{KML_POLYGON.split('%s')[0]}1,2",
                           f"x{KML_POLYGON.split('%s')[1]}</Placemark></kml>"),
    "kml walls": counted(KML_POLYGON % "#,1,0 #,2,0 #,2,9 #,1,0", "<kml><Placemark>",
                         "</Placemark></kml>"),
    "kml described": described_ring,
    "kml brackets": repeated("&lt;", "<kml><Placemark><description>",
                             f"</description>{KML_POLYGON % '0,0 1,0 1,1'}</Placemark></kml>"),
    "kml limits": repeated("Upper limit:  ", "<kml><Placemark><description>",
                           f"</description>{KML_POLYGON % '0,0 1,0 1,1'}</Placemark></kml>"),
    "aixm positions": repeated(
        "1 2 ", (AIXM % (AIXM_AREA % CURVE)).split("%s")[0],
        (AIXM % (AIXM_AREA % CURVE)).split("%s")[1]),
    "aixm members": repeated("<hasMember><Airspace/></hasMember>",
                             AIXM.split("%s")[0], AIXM.split("%s")[1]),
    "aixm border": along_one_border,
    "xml attributes": counted(' a#="1"', "<kml", "/>"),
    "xml text": repeated("&amp;", "<kml>", "</kml>"),
    "bytes": lambda size: bytes(range(1, 256)) * (size // 255),
}  # fmt: skip


def read_or_refuse(data: bytes) -> ZoneFile | None:
    try:
        return read_zone_content(parsers.Content("hostile", data))
    except ZoneError:
        return None


def cost_s(data: bytes, times: int = 2) -> float:
    """Return the least time of the processor that reading takes, seconds."""
    least = math.inf
    for _ in range(times):
        begun = time.process_time()
        read_or_refuse(data)
        least = min(least, time.process_time() - begun)
    return least


def hold_growth(make: Maker, small: int, large: int) -> None:
    """Hold that the cost grows no faster than n log n, with room for a busy machine."""
    ratio = large / small
    expected = ratio * math.log(large) / math.log(small)
    # Below a few milliseconds the fixed costs decide.
    before = max(cost_s(make(small)), 0.004)
    after = cost_s(make(large), times=1)
    if after > 3 * expected * before:
        after = cost_s(make(large), times=2)
    assert after < 3 * expected * before


@pytest.mark.parametrize("name", FILES)
def test_the_cost_of_a_zone_file_grows_no_faster_than_n_log_n(name: str) -> None:
    hold_growth(FILES[name], 10_000, 200_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_the_cost_grows_no_faster_up_to_10_megabytes(name: str) -> None:
    hold_growth(FILES[name], 200_000, 10_000_000)


# Texts by themselves, far longer than any line of a file


@pytest.mark.parametrize(
    "text",
    ["1" * 2_000_000, "1 " * 1_000_000, "1,500" * 400_000, "(" * 2_000_000, "BY " * 700_000,
     "FL" * 1_000_000, "1." * 1_000_000, " " * 2_000_000 + "x"],
    ids=lambda text: str(text[:5]),
)  # fmt: skip
def test_a_long_text_is_no_limit_at_once(text: str) -> None:
    begun = time.process_time()
    assert parse_limit_field(text) is None
    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize("text", ["N" * 2_000_000, "5:" * 1_000_000, "5 " * 400, "NE" * 240])
def test_a_long_text_is_no_point_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(InvalidPointTextError):
        parse_points(text)
    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize(
    "markup",
    ["<" * 1_000_000, "<br" * 300_000, "<br" + " " * 1_000_000, "&#" * 500_000,
     "&#" + "9" * 1_000_000 + ";", "&#x" + "f" * 1_000_000, "&" * 1_000_000, "<a" * 500_000],
    ids=lambda text: str(text[:5]),
)  # fmt: skip
def test_markup_is_taken_away_in_one_pass(markup: str) -> None:
    begun = time.process_time()
    strip_html_markup(markup)
    assert time.process_time() - begun < 3


def test_a_name_of_a_property_is_read_as_far_as_names_go() -> None:
    begun = time.process_time()
    assert FeatureProperties({"_" * 1_000_000: 1, "name": "A"}, "f").name == "A"
    assert time.process_time() - begun < 0.1


# Depth


@pytest.mark.parametrize("depth", [300, 50_000])
def test_deep_nesting_is_refused_and_stops_nothing(depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"features":', "}")):
        with pytest.raises(ZoneError):
            read_zone_content(parsers.Content("deep", (opening * depth + closing * depth).encode()))
    for name in ("Folder", "Polygon", "a"):
        xml = f"<kml>{f'<{name}>' * depth}{f'</{name}>' * depth}</kml>"
        with pytest.raises(ZoneError, match="nested more than 200 deep"):
            read_zone_content(parsers.Content("deep", xml.encode()))


@pytest.mark.parametrize(
    "inside",
    [
        '"properties":{"lower":%s}',
        '"properties":{"name":%s}',
        '"geometry":{"type":"Polygon","coordinates":%s}',
        '"geometry":%s',
        '"properties":{"applicability":%s}',
    ],
)
@pytest.mark.parametrize("depth", [50, 400, 900])
@pytest.mark.parametrize("crs", ["", '"crs":{"properties":{"name":"EPSG:3857"}},'])
def test_deep_nesting_within_a_feature_costs_no_other(inside: str, depth: int, crs: str) -> None:
    for opening, closing in (("[", "]"), ('{"value":', "}")):
        value = opening * depth + "1" + closing * depth
        feature = '{"type":"Feature",' + inside.replace("%s", value) + "},"
        good = (FEATURE % ('{"name":"Good"}', POLYGON)).rstrip(",")
        text = COLLECTION.replace("{", "{" + crs, 1) + feature + good + "]}"
        file = read_or_refuse(text.encode())
        # Where the parser itself gives up, the whole file is refused; it is never half read.
        if file is not None:
            assert [zone.name for zone in file.zones if zone.name == "Good"] == ["Good"]
            assert len(file.zones) + len(file.skipped_items_that_may_be_zones) == 2


def test_folders_1_200_deep_are_searched(tmp_path: Path) -> None:
    deep = tmp_path
    made = 0
    try:
        for _ in range(1200):
            deep = deep / "d"
            deep.mkdir()
            made += 1
    except OSError:
        # The system allows no longer path: what there is must still be searched.
        deep = deep.parent
    assert made > 500
    (deep / "z").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    assert non_hidden_files_below(tmp_path) == [deep / "z"]
    # What clears temporary folders away goes down folder by folder, and not so deep.
    (deep / "z").unlink()
    while deep != tmp_path:
        deep.rmdir()
        deep = deep.parent


# Bombs


def test_entities_are_refused_before_they_grow() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY l0 "lol">{lol}]><kml>&l9;</kml>'
    with pytest.raises(ZoneError, match="declares types or entities"):
        read_zone_content(parsers.Content("laughs", xml.encode()))


def test_a_bomb_in_an_archive_costs_little_and_is_named() -> None:
    bomb = zipped({"doc.kml": b"<kml>" + b" " * 100_000_000 + b"</kml>"})
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(ZoneError, match=r"doc\.kml: unpacks to more than [\d,]+ bytes"):
        read_zone_content(parsers.Content("bomb.kmz", bomb))
    assert time.process_time() - begun < 2
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str)
def test_an_archive_packed_by_a_method_that_cannot_be_bounded_is_not_unpacked(method: int) -> None:
    bomb = zipped({"doc.kml": b"<kml>" + b" " * 10_000_000 + b"</kml>"}, method)
    tracemalloc.start()
    with pytest.raises(ZoneError, match="packed by a method that KMZ does not have"):
        read_zone_content(parsers.Content("bomb.kmz", bomb))
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_damaged_or_locked_archive_is_refused_by_name() -> None:
    damaged = bytearray(zipped({"doc.kml": b"<kml/>" * 5000}))
    damaged[45:60] = bytes(15)
    with pytest.raises(ZoneError, match="archive that cannot be read"):
        read_zone_content(parsers.Content("a.kmz", bytes(damaged)))
    locked = bytearray(zipped({"doc.kml": b"<kml/>" * 5000}))
    at = locked.index(b"PK\x01\x02")
    locked[6] |= 1
    locked[at + 8] |= 1
    with pytest.raises(ZoneError, match=r"unsupported kind of archive: .* is encrypted"):
        read_zone_content(parsers.Content("a.kmz", bytes(locked)))


def test_further_documents_of_an_archive_are_named() -> None:
    placemark = f"<Placemark>{KML_POLYGON % '0,0 1,0 1,1'}</Placemark>"
    document = (KML % placemark).encode()
    data = zipped({"doc.kml": document, "files/other.kml": document, "picture.png": b"x"})
    file = read_zone_content(parsers.Content("two.kmz", data))
    assert len(file.zones) == 1
    (item,) = file.skipped_items_that_may_be_zones
    assert item.path == "files/other.kml"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"[" + b"[]," * 8_000_000 + b"1]", "JSON of more than 8,000,000 objects"),
        (b"<kml>" + b"<a/>" * 8_000_001 + b"</kml>", "XML of more than 8,000,000 tags"),
    ],
    ids=["json", "xml"],
)
def test_many_small_objects_are_refused_before_they_take_memory(data: bytes, told: str) -> None:
    begun = time.process_time()
    with pytest.raises(ZoneError, match=told):
        read_zone_content(parsers.Content("many", data))
    assert time.process_time() - begun < 2


def test_a_boundary_that_winds_round_the_earth_is_left_out() -> None:
    winding = "".join(f"DP {n % 2 * 40}:00:00N {n % 3 * 59}:00:00E\n" for n in range(200))
    corridor = "V W=1\n" + "".join(f"DY 0:{n % 2}:00N {n % 3 * 59}:00:00E\n" for n in range(200))
    arcs = "V X=10:00:00N 010:00:00E\n" + "DA 5400,0,180\nDA 5400,180,360\n" * 30
    for drawn in (winding, corridor, arcs):
        file = read_zone_content(parsers.Content("wound", (AREA + drawn).encode()))
        assert not file.zones
        assert len(file.skipped_items_that_may_be_zones) == 1
        assert list(lint_zone_file(file))


def test_a_column_that_computes_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "zones.db"
    base = sqlite3.connect(path)
    base.execute(
        "CREATE TABLE airmap_geofence_infos (area_id INTEGER, lat REAL, lng REAL, radius REAL, "
        "level INTEGER, shape INTEGER, name TEXT, "
        "x TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000 + area_id))) VIRTUAL)"
    )
    base.execute("INSERT INTO airmap_geofence_infos VALUES (1, 50, 4, 100, 1, 0, 'A')")
    base.commit()
    base.close()
    begun = time.process_time()
    with pytest.raises(ZoneError, match="database that cannot be read: string or blob too big"):
        read_zone_content(parsers.Content("zones.db", path.read_bytes()))
    assert time.process_time() - begun < 2

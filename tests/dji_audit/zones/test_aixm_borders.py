"""Boundaries that follow a border which is described elsewhere in the AIXM file."""

import pytest
from pyproj import Geod

import parsers
from dji_audit.zones import _model as model
from dji_audit.zones import read_zone_content

GEOD = Geod(ellps="WGS84")
#: A border that runs north with a bend, latitude and longitude.
BORDER = [(50.0, 10.0), (50.5, 10.1), (51.0, 10.0), (51.5, 10.2), (52.0, 10.0)]
FEATURE = "00000000-0000-4000-8000-000000000001"


def positions(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{latitude} {longitude}" for latitude, longitude in points)


def curve(points: list[tuple[float, float]], id_: str = "") -> str:
    named = f' g:id="{id_}"' if id_ else ""
    return (
        f'<g:Curve srsName="urn:ogc:def:crs:EPSG::4326"{named}><g:segments><g:GeodesicString>'
        f"<g:posList>{positions(points)}</g:posList></g:GeodesicString></g:segments></g:Curve>"
    )


def own(*points: tuple[float, float]) -> str:
    return f"<g:curveMember>{curve(list(points))}</g:curveMember>"


def along(reference: str = "#CURVE1") -> str:
    return f'<g:curveMember x:href="{reference}"/>'


def message(ring: str, border: list[tuple[float, float]] = BORDER, *, before: bool = False) -> str:
    described = (
        f'<m:hasMember><a:GeoBorder g:id="BORDER1"><g:identifier>{FEATURE}</g:identifier>'
        "<a:timeSlice><a:GeoBorderTimeSlice><a:border>"
        f"{curve(border, 'CURVE1')}"
        "</a:border></a:GeoBorderTimeSlice></a:timeSlice></a:GeoBorder></m:hasMember>"
    )
    airspace = (
        "<m:hasMember><a:Airspace><a:timeSlice><a:AirspaceTimeSlice><a:type>R</a:type>"
        "<a:designator>R1</a:designator><a:geometryComponent><a:AirspaceGeometryComponent>"
        "<a:theAirspaceVolume><a:AirspaceVolume><a:horizontalProjection>"
        '<a:Surface srsName="urn:ogc:def:crs:EPSG::4326"><g:patches><g:PolygonPatch><g:exterior>'
        f"<g:Ring>{ring}</g:Ring></g:exterior></g:PolygonPatch></g:patches></a:Surface>"
        "</a:horizontalProjection></a:AirspaceVolume></a:theAirspaceVolume>"
        "</a:AirspaceGeometryComponent></a:geometryComponent></a:AirspaceTimeSlice></a:timeSlice>"
        "</a:Airspace></m:hasMember>"
    )
    members = described + airspace if before else airspace + described
    return (
        '<m:AIXMBasicMessage xmlns:m="http://www.aixm.aero/schema/5.1.1/message" '
        'xmlns:a="http://www.aixm.aero/schema/5.1.1" xmlns:g="http://www.opengis.net/gml/3.2" '
        f'xmlns:x="http://www.w3.org/1999/xlink">{members}</m:AIXMBasicMessage>'
    )


def read(text: str) -> model.ZoneFile:
    return read_zone_content(parsers.Content("airspace.xml", text.encode()))


def corners(text: str) -> list[model.Point]:
    file = read(text)
    assert not file.skipped
    (shape,) = file.zones[0].shape
    assert isinstance(shape, model.Polygon)
    return list(shape.outer.points)


def left_out(text: str) -> str:
    file = read(text)
    assert not file.zones
    (item,) = file.skipped_items_that_may_be_zones
    assert item.name == "R1"
    return item.reason


def has(points: list[model.Point], wanted: tuple[float, float]) -> bool:
    return any(GEOD.inv(*wanted[::-1], *point[::-1])[2] < 1.0 for point in points)


#: From beside the border at 50.25 N, west of it, to beside it at 51.75 N, and back in the west.
WEST = own((51.75, 10.09), (51.75, 9.0), (50.25, 9.0), (50.25, 10.05))


@pytest.mark.parametrize(
    "reference", ["#CURVE1", "#BORDER1", f"urn:uuid:{FEATURE}", f"#{FEATURE}", "CURVE1"]
)
@pytest.mark.parametrize("before", [True, False])
def test_the_stretch_of_the_border_belongs_to_the_boundary(reference: str, before: bool) -> None:
    points = corners(message(WEST + along(reference), before=before))
    for wanted in BORDER[1:4]:
        assert has(points, wanted)
    assert not has(points, BORDER[0])
    assert not has(points, BORDER[4])
    # In the direction of the ring: northwards, the first corner after that at 50.25 N 10.05 E.
    order = [next(n for n, p in enumerate(points) if has([p], w)) for w in BORDER[1:4]]
    assert order == sorted(order)
    # Where the ring meets the border there is a corner on it, not only beside it.
    assert has(points, (50.25, 10.05))


def test_a_ring_may_begin_with_the_border_and_go_against_its_direction() -> None:
    back = own((50.25, 10.05), (50.25, 9.0), (51.75, 9.0), (51.75, 10.09))
    points = corners(message(along() + back))
    order = [next(n for n, p in enumerate(points) if has([p], w)) for w in BORDER[1:4]]
    assert order == sorted(order, reverse=True)


def test_of_a_closed_border_the_shorter_stretch_is_taken() -> None:
    lake = [(50.0, 10.0), (50.0, 10.1), (50.1, 10.1), (50.1, 10.0), (50.0, 10.0)]
    over_the_close = own((50.05, 10.0), (50.05, 9.9), (49.9, 9.9), (49.9, 10.05), (50.0, 10.05))
    points = corners(message(over_the_close + along(), lake))
    assert has(points, (50.0, 10.0))
    assert not has(points, (50.1, 10.1))
    plain = own((50.0, 10.05), (49.9, 10.2), (50.05, 10.2), (50.05, 10.1))
    points = corners(message(plain + along(), lake))
    assert has(points, (50.0, 10.1))
    assert not has(points, (50.1, 10.0))


def test_a_border_may_be_the_whole_boundary() -> None:
    island = [(50.0, 10.0), (50.0, 10.1), (50.1, 10.1), (50.0, 10.0)]
    assert corners(message(along(), island)) == island[:3]


def test_a_border_across_the_antimeridian_is_followed() -> None:
    border = [(-17.0, 179.9), (-16.9, -179.95), (-16.8, 179.95)]
    ring = own((-16.8, 179.95), (-16.8, 179.0), (-17.0, 179.0), (-17.0, 179.9)) + along()
    points = corners(message(ring, border))
    assert has(points, (-16.9, -179.95))


def test_a_border_before_an_arc_ends_where_the_arc_begins() -> None:
    arc = (
        '<g:curveMember><g:Curve srsName="urn:ogc:def:crs:EPSG::4326"><g:segments>'
        '<g:ArcByCenterPoint><g:pos>51.0 10.0</g:pos><g:radius uom="KM">55.6</g:radius>'
        "<g:startAngle>0</g:startAngle><g:endAngle>-180</g:endAngle></g:ArcByCenterPoint>"
        "</g:segments></g:Curve></g:curveMember>"
    )
    straight = [(50.0, 10.0), (52.0, 10.0)]
    file = read(message(arc + along(), [*straight[:1], (51.0, 10.0), *straight[1:]]))
    (shape,) = file.zones[0].shape
    assert isinstance(shape, model.Polygon)
    assert len(shape.outer.arcs) == 1
    assert has(list(shape.outer.points), (51.0, 10.0))


@pytest.mark.parametrize(
    ("ring", "told"),
    [
        (WEST + along("#OTHER"), "a border that is described elsewhere, and not in the file"),
        (WEST + along(""), "a border that is described elsewhere, and not in the file: without"),
        (along() + along(), "expected a point between two borders"),
        (WEST + along() + along(), "expected a point between two borders"),
        (
            own((51.75, 12.0), (51.75, 13.0), (50.25, 13.0), (50.25, 12.0)) + along(),
            "expected a border that passes its neighbours, found one",
        ),
    ],
)
def test_a_border_that_cannot_be_followed_costs_its_airspace_by_name(ring: str, told: str) -> None:
    assert told in left_out(message(ring))


def test_a_border_of_one_point_is_none() -> None:
    assert "a border of 2 points" in left_out(message(WEST + along(), BORDER[:1]))


def test_where_a_left_out_airspace_lies_is_known_with_room_for_what_is_not_read() -> None:
    (item,) = read(message(WEST + along("#OTHER"))).skipped_items_that_may_be_zones
    assert item.bounds is not None
    assert item.bounds.north_deg > 51.75 + 1
    assert item.bounds.east_deg > 10.09 + 1

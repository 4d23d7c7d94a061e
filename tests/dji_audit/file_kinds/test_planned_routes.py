"""Routes that were planned are named with what they say, and never read as flights."""

import pytest

import parsers
from dji_audit.file_kinds import kind_of_unclaimed_content
from tests.dji_audit.file_kinds.look_alikes import planned_route

LINE = "<LineString><coordinates>-0.1,51.5,10 -0.2,51.6,10</coordinates></LineString>"
AREA = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>-0.1,51.5 -0.2,51.6 -0.2,51.5 -0.1,51.5"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)


@pytest.mark.parametrize("shape", [LINE, AREA, "<TimeStamp><when>2026-05-09</when></TimeStamp>"])
def test_no_format_reads_a_planned_route_as_a_track(shape: str) -> None:
    content = parsers.Content("template.kml", planned_route(shape))
    assert not [known.name for known in parsers.formats() if known.claims(content)]
    kind = kind_of_unclaimed_content(content)
    assert kind.name == "planned route of DJI (WPML)"
    assert kind.sign == (
        "it plans a route of at least 2 waypoints, for Matrice 30 series, by PC 51, "
        "made 2026-05-15 10:00 UTC; it does not show that anybody flew it"
    )


def test_a_route_that_says_nothing_else_is_still_named() -> None:
    data = b'<kml xmlns:wpml="http://www.uav.com/wpmz/1.0.6"><Document/></kml>'
    kind = kind_of_unclaimed_content(parsers.Content("waylines.wpml", data))
    assert kind.sign == "it plans a route; it does not show that anybody flew it"

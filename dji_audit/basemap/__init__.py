"""Geography without a network: where a position is, and what lies behind the path on a map.

`nearest_place` names the place of a position, `time_zone_at` its local time, and
`coast_and_borders_around_box` gives coast, county lines and places near it.  Their data are in the
package (``dji_audit/data/basemap``, with sources and licences), except the time zones, which are
in the package tzfpy.  `supplied_map` reads a map that the unit supplies.
"""

from dji_audit.basemap.coast_and_borders import (
    CoastAndBorders,
    coast_and_borders_around_box,
    is_box_in_british_isles,
)
from dji_audit.basemap.nearest_place import NamedPlace, PlaceNearby, nearest_place, places_in_box
from dji_audit.basemap.time_zone_of_position import UnknownTimeZoneNameError, time_zone_at

__all__ = [
    "ATTRIBUTION",
    "OUTLINES_GOOD_FOR",
    "PLACES_GOOD_FOR",
    "TIME_ZONES_GOOD_FOR",
    "CoastAndBorders",
    "NamedPlace",
    "PlaceNearby",
    "UnknownTimeZoneNameError",
    "coast_and_borders_around_box",
    "is_box_in_british_isles",
    "nearest_place",
    "places_in_box",
    "time_zone_at",
]

#: What stands on every page and in every report that shows the data.
ATTRIBUTION = "Coast and lines: Natural Earth. Places: GeoNames, CC BY 4.0."
PLACES_GOOD_FOR = (
    "The place named is the nearest one of GeoNames: of 500 people and more in Britain, of 15,000 "
    "and more or the largest of its half degree elsewhere. Distance and direction are from the one "
    "point that stands for it. It says near what the flight was, and is not an address."
)
TIME_ZONES_GOOD_FOR = (
    "The time zone is the one in which the position of the flight lies, by simplified boundaries: "
    "within some hundred metres of a boundary it may be that of the other side."
)
OUTLINES_GOOD_FOR = (
    "Coast and county lines are true to about 1 km in the British Isles and to about 5 km "
    "elsewhere: they are not for distances, nor for which side of a line the aircraft was on."
)

"""Where a flight was: the name of its place, in the country and in its surroundings."""

from dji_audit.basemap.supplied_map import SuppliedMapClip
from dji_audit.mapper.basemap import (
    basemap_attribution,
    locator_maps_svg,
    supplied_map_name_sentence,
)
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._folium import Bounds
from dji_audit.report.flight_location import FlightLocation


def place_of_flight_section_html(location: FlightLocation, basemap: SuppliedMapClip | None) -> str:
    """Return the place of a flight with two small maps, as HTML; empty: no position is known.

    Args:
        location: Where the flight was.
        basemap: What the page draws of the unit's own map; ``None``: it supplies none.
    """
    if location.position is None or location.place is None:
        return ""
    latitude, longitude = location.position
    here = Bounds(latitude, longitude, latitude, longitude)
    credit = basemap_attribution(here)
    if basemap is not None:
        credit += f" {supplied_map_name_sentence(basemap)}"
    place = escape_html(location.place.distance_direction_and_name)
    return (
        f'<details class="where" id="where" open><summary>{place}</summary>'
        f"{locator_maps_svg(latitude, longitude)}"
        f'<p class="note">{escape_html(credit)}</p></details>'
    )

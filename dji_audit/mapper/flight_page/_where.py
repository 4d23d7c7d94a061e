"""Where a flight was: the name of its place, in the country and in its surroundings."""

from dji_audit.mapper.basemap import attribution_text, locator_figure
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._folium import Bounds
from dji_audit.report.flight_location import FlightLocation


def where_details(location: FlightLocation) -> str:
    """Return the place of a flight with two small maps, as HTML; empty: no position is known."""
    if location.position is None or location.place is None:
        return ""
    latitude, longitude = location.position
    here = Bounds(latitude, longitude, latitude, longitude)
    return (
        f'<details class="where" id="where" open><summary>{escape_html(location.place.text)}'
        f"</summary>{locator_figure(latitude, longitude)}"
        f'<p class="note">{escape_html(attribution_text(here))}</p></details>'
    )

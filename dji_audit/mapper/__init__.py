"""Audits to sealed HTML: one page for each flight, and an index of a run.

A page is one file that loads nothing: its scripts, its styles and its data are
inside it, and a content security policy made of their hashes forbids the rest.
The same audit gives the same bytes.

Text from a log never passes through folium or branca, which would execute it.
They draw the container of the map from numbers; text is put into the finished
document, in one inert JSON block or as numeric character references.

The functions are loaded when they are first used, so that importing the
package costs nothing.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dji_audit.mapper.audit_and_draw_flight import FlightPageOptions, audit_flight_and_draw_page
    from dji_audit.mapper.flight_page import render_flight_page_html
    from dji_audit.mapper.flight_page._page_links import (
        NeighbourPages,
        PageLink,
        page_without_links,
        replace_neighbour_links,
    )
    from dji_audit.mapper.flight_page._plot_series import names_of_records_to_plot
    from dji_audit.mapper.index_page import (
        IndexPageOptions,
        index_page_html_pieces,
        render_index_page_html,
    )
    from dji_audit.mapper.index_page._flights_map_data import (
        MAX_MAP_TRACKS,
        ids_of_most_urgent_flights,
    )
    from dji_audit.mapper.index_page._map_track import FlightMapTrack, flight_map_track

__all__ = [
    "MAX_MAP_TRACKS",
    "FlightMapTrack",
    "FlightPageOptions",
    "IndexPageOptions",
    "NeighbourPages",
    "PageLink",
    "audit_flight_and_draw_page",
    "clear_page_caches",
    "flight_map_track",
    "ids_of_most_urgent_flights",
    "index_page_html_pieces",
    "names_of_records_to_plot",
    "page_without_links",
    "render_flight_page_html",
    "render_index_page_html",
    "replace_neighbour_links",
]

_HOMES = {
    "render_flight_page_html": "flight_page",
    "IndexPageOptions": "index_page",
    "render_index_page_html": "index_page",
    "index_page_html_pieces": "index_page",
    "audit_flight_and_draw_page": "audit_and_draw_flight",
    "FlightPageOptions": "audit_and_draw_flight",
    "NeighbourPages": "flight_page._page_links",
    "PageLink": "flight_page._page_links",
    "page_without_links": "flight_page._page_links",
    "replace_neighbour_links": "flight_page._page_links",
    "names_of_records_to_plot": "flight_page._plot_series",
    "FlightMapTrack": "index_page._map_track",
    "flight_map_track": "index_page._map_track",
    "MAX_MAP_TRACKS": "index_page._flights_map_data",
    "ids_of_most_urgent_flights": "index_page._flights_map_data",
}


def clear_page_caches() -> None:
    """Empty the caches of the pages, so that no evidence stays in memory after a run."""
    network = sys.modules.get(f"{__name__}.flight_page._network_contacts")
    if network is not None:
        network.contact_moments.cache_clear()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""folium, as the container of the map and nothing more.

folium and branca compile what they have rendered as a template a second time,
so whatever text reaches them can run as code.  Only numbers reach them here.
"""

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from dji_audit.mapper.html._assets import leaflet_javascript_text

#: A function of a page's script that takes the map.
Viewer = Literal["showFlight", "showFlights"]


class Bounds(NamedTuple):
    """A box in WGS 84 degrees."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class MapElementAndScript:
    """The element that holds the map, and the script that makes it one."""

    element: str
    script: str


def empty_map_element_and_script(
    bounds: Bounds, start: Viewer = "showFlight"
) -> MapElementAndScript:
    """Return an empty map that shows a box and starts the viewer.

    Args:
        bounds: What it shows first.
        start: The function of the page's script that is called with the map.
    """
    empty = _build_empty_folium_map(start)
    south, west, north, east = (float(edge) for edge in bounds)
    middle = [round((south + north) / 2, 7), round((west + east) / 2, 7)]
    corners = [[round(south, 7), round(west, 7)], [round(north, 7), round(east, 7)]]
    script = empty.script.replace(
        _json_text_as_folium_writes(_MIDDLE), _json_text_as_folium_writes(middle)
    )
    return MapElementAndScript(
        empty.element,
        script.replace(_json_text_as_folium_writes(_CORNERS), _json_text_as_folium_writes(corners)),
    )


#: Numbers that stand for the middle and the corners of a map in the script of an empty one.
_MIDDLE = [11.2345671, 11.2345672]
_CORNERS = [[11.2345673, 11.2345674], [11.2345675, 11.2345676]]


def page_scripts_html(
    drawing: MapElementAndScript | None, viewer_script: str, start: Viewer
) -> str:
    """Return the scripts of a page: with a map Leaflet and the map, without it the viewer alone.

    Args:
        drawing: The map of the page; ``None``: it has none.
        viewer_script: The script of the page.
        start: The function of it that shows the page.
    """
    parts = (
        [leaflet_javascript_text(), viewer_script, drawing.script]
        if drawing
        else [viewer_script, f"{start}(null);"]
    )
    return "".join(f"<script>{part}</script>\n" for part in parts)


def _json_text_as_folium_writes(numbers: Sequence[float] | Sequence[Sequence[float]]) -> str:
    """Return numbers as folium writes them into a script."""
    return json.dumps(numbers)


@cache
def _build_empty_folium_map(start: Viewer) -> MapElementAndScript:
    """Return a map of a place that is to be replaced; folium takes longer than drawing a page.

    folium is imported here for the same reason.
    """
    folium, element, template = _import_folium_without_opening_socket()
    drawing = folium.Map(
        location=_MIDDLE,
        tiles=None,
        zoom_start=16,
        min_zoom=2,
        max_zoom=22,
        attributionControl=False,
        zoomAnimation=False,
        zoomSnap=0.25,
        zoomDelta=0.5,
        worldCopyJump=False,
    )
    # folium keeps its lists of addresses on the class: give this map its own.
    drawing.default_js = []
    drawing.default_css = []
    drawing.fit_bounds(_CORNERS, padding=(36, 36), max_zoom=20)
    caller = element()
    caller._template = template(
        "{% macro script(this, kwargs) %}"
        f"{start}({{{{ this._parent.get_name() }}}});"
        "{% endmacro %}"
    )
    drawing.add_child(caller)
    root: Any = drawing.get_root()
    _renumber_element_ids_in_place(root)
    for child in list(root._children.values()):
        child.render()
    # The header holds folium's styles and its viewport, which forbids zooming.
    return MapElementAndScript(root.html.render().strip(), root.script.render().strip() + "\n")


def _import_folium_without_opening_socket() -> tuple[Any, Any, Any]:
    """Import folium without the socket that it would open.

    It imports requests, whose urllib3 binds a local socket to see whether there
    is IPv6.  Nothing would be sent; but no socket is opened here, not even that.
    """
    had_ipv6, socket.has_ipv6 = socket.has_ipv6, False
    try:
        import folium
        from branca.element import MacroElement
        from folium.template import Template
    finally:
        socket.has_ipv6 = had_ipv6
    return folium, MacroElement, Template


def _renumber_element_ids_in_place(root: Any) -> None:
    """Number the elements, whose names are otherwise random, so that bytes repeat."""
    waiting = [root, root.header, root.html, root.script]
    number = 0
    while waiting:
        element = waiting.pop(0)
        element._id = f"{number:04d}"
        number += 1
        waiting += element._children.values()

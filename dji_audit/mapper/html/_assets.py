"""The parts of a page that are the same for every flight, read from the package."""

import re
from functools import cache
from importlib.resources import files

LEAFLET = "leaflet-1.9.4"

#: The viewer's files in the order in which they are joined.
VIEWER_FILES = (
    "dom",
    "columns",
    "coordinates",
    "camera_view",
    "canvas_layer",
    "grid_layer",
    "track_layer",
    "zone_layer",
    "footprint",
    "signs",
    "symbols",
    "aircraft",
    "timeline_lanes",
    "event_table",
    "side_panel",
    "view_query",
    "playback",
    "main",
)


@cache
def read_asset(name: str) -> str:
    """Return the text of a file of ours, with the same line ends on every computer."""
    text = (files("dji_audit.mapper") / "assets" / name).read_text("utf-8")
    return text.replace("\r\n", "\n")


@cache
def viewer_script() -> str:
    """Return the viewer as one script that leaves one name behind, ``showFlight``."""
    parts = "\n".join(read_asset(f"js/{name}.js") for name in VIEWER_FILES)
    return f"const showFlight = (() => {{\n'use strict';\n{parts}\nreturn showFlight;\n}})();\n"


@cache
def leaflet_script() -> str:
    """Return Leaflet as it was published, without the pointer to its source map."""
    text = _read_vendored("leaflet.js")
    return re.sub(r"//# sourceMappingURL=.*", "", text)


@cache
def leaflet_style() -> str:
    """Return Leaflet's styles without the pictures they name, which we do not use."""
    return re.sub(r"url\((?!#)[^)]*\)", "none", _read_vendored("leaflet.css"))


def _read_vendored(name: str) -> str:
    text = (files("dji_audit.mapper") / "vendor" / LEAFLET / name).read_text("utf-8")
    return text.replace("\r\n", "\n")


def fill_template(template: str, slots: dict[str, str]) -> str:
    """Return a template with each ``<!--slot:name-->`` replaced, in one pass.

    What is put in is not looked at again, so that it cannot name a slot.

    Raises:
        KeyError: If the template names a slot that is not given.
    """
    return re.sub(r"<!--slot:([a-z_]+)-->", lambda found: slots[found[1]], template)

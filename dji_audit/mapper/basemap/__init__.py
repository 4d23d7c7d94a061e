"""What lies behind the path on every map: coast, county lines, places, and the unit's own map.

For another page that shows a map:

- in a still picture, `background_svg` gives the parts to draw first, for any projection;
- on a Leaflet map, put `basemap_for_viewer` into the page's data, and in the script make the first
  layer of the map: ``new CanvasLayer(map, basemapPainter(data.basemap))``, from
  ``assets/js/map/basemap_layer.js``, which needs no other data of a flight page;
- `locator_figure` draws where in the country a position is;
- `attribution_text` must stand on every page that shows any of this;
- the unit's own map is `unit_map_for_viewer`, as ``unit`` of the block of data, and `unit_map_svg`,
  drawn after `background_svg`; `unit_map_note` names its file, hash and attribution.
"""

from dji_audit.mapper.basemap._background_svg import background_svg
from dji_audit.mapper.basemap._locator_maps import locator_figure
from dji_audit.mapper.basemap._unit_map import (
    short_credit,
    still_zoom,
    unit_map_for_viewer,
    unit_map_note,
    unit_map_svg,
    unit_map_words,
)
from dji_audit.mapper.basemap._viewer_data import attribution_text, basemap_for_viewer

__all__ = [
    "attribution_text",
    "background_svg",
    "basemap_for_viewer",
    "locator_figure",
    "short_credit",
    "still_zoom",
    "unit_map_for_viewer",
    "unit_map_note",
    "unit_map_svg",
    "unit_map_words",
]

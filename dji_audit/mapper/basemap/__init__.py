"""What lies behind the path on every map: coast, county lines, places, and the unit's own map.

For another page that shows a map:

- in a still picture, `coast_and_places_svg` gives the parts to draw first, for any projection;
- on a Leaflet map, put `basemap_as_json_data` into the page's data, and in the script make the
  first layer of the map: ``new CanvasLayer(map, basemapPainter(data.basemap))``, from
  ``assets/js/map/basemap_layer.js``, which needs no other data of a flight page;
- `locator_maps_svg` draws where in the country a position is;
- `basemap_attribution` must stand on every page that shows any of this;
- the unit's own map is `supplied_map_as_json_data`, as ``unit`` of the block of data, and
  `supplied_map_svg`, drawn after `coast_and_places_svg`; `supplied_map_content_sentences` names its
  file, hash and attribution.
"""

from dji_audit.mapper.basemap._background_svg import coast_and_places_svg
from dji_audit.mapper.basemap._basemap_json_data import basemap_as_json_data, basemap_attribution
from dji_audit.mapper.basemap._country_and_surroundings_maps import locator_maps_svg
from dji_audit.mapper.basemap._degree_label import degree_label
from dji_audit.mapper.basemap._supplied_map_drawing import (
    short_map_attribution,
    supplied_map_as_json_data,
    supplied_map_content_sentences,
    supplied_map_name_sentence,
    supplied_map_svg,
    zoom_for_static_map,
)

__all__ = [
    "basemap_as_json_data",
    "basemap_attribution",
    "coast_and_places_svg",
    "degree_label",
    "locator_maps_svg",
    "short_map_attribution",
    "supplied_map_as_json_data",
    "supplied_map_content_sentences",
    "supplied_map_name_sentence",
    "supplied_map_svg",
    "zoom_for_static_map",
]

"""Where a position is: a small picture of the country, and one of the 30 km around it.

Plain numbers and names of the package; no text of a log is in it.
"""

from functools import lru_cache

import numpy as np

from dji_audit.basemap import NamedPlace, is_box_in_british_isles, nearest_place
from dji_audit.geo.geodesy import (
    Floats,
    longitude_degrees_per_latitude_degree,
    metres_per_latitude_and_longitude_degree,
)
from dji_audit.mapper.basemap._background_svg import Projection, coast_and_places_svg
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._folium import Bounds

#: Great Britain and Northern Ireland.
_COUNTRY = Bounds(49.8, -8.4, 60.9, 2.0)
#: Abroad, degrees of latitude above and below.
_ABROAD_DEG = 9.0
#: Degrees of latitude above and below in the picture of the surroundings: some 15 km.
_AROUND_DEG = 0.14
#: Far from everything the surroundings reach so many times as far as the nearest place.
_ROOM = 1.4
_HEIGHT = 150
_WIDTHS = (96, 190)
_MARK = "#b00020"
_MOST_PLACES, _FONT_PX = 8, 10.5


def locator_maps_svg(latitude_deg: float, longitude_deg: float) -> str:
    """Return an SVG of where a position is, in the country and in its surroundings.

    Args:
        latitude_deg: WGS 84.
        longitude_deg: The same, continuous.
    """
    here = Bounds(latitude_deg, longitude_deg, latitude_deg, longitude_deg)
    is_british = is_box_in_british_isles(*here)
    country = _COUNTRY if is_british else _map_bounds_around_point(here, _ABROAD_DEG, _WIDTHS[0])
    nearest = nearest_place(latitude_deg, longitude_deg)
    reach_deg = (
        0.0
        if nearest is None
        else _ROOM * nearest.distance_m / _metres_per_degree_of_latitude(latitude_deg)
    )
    degrees = min(max(_AROUND_DEG, reach_deg), _ABROAD_DEG)
    around = _map_bounds_around_point(here, degrees, _WIDTHS[1])
    whole = sum(_WIDTHS) + 4
    left = _map_with_position_mark_svg(
        country, _WIDTHS[0], 0, here, _country_map_svg(country, is_british)
    )
    place = None if nearest is None else nearest.place
    right = _map_with_position_mark_svg(
        around, _WIDTHS[1], _WIDTHS[0] + 4, here, _surroundings_map_svg(around, here, place)
    )
    words = "Where the flight was: on the left in the country, on the right in its surroundings."
    return (
        f'<svg class="locator" viewBox="0 0 {whole} {_HEIGHT}" width="{whole}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape_html(words)}">{left}{right}</svg>'
    )


def _metres_per_degree_of_latitude(latitude_deg: float) -> float:
    return float(metres_per_latitude_and_longitude_degree(latitude_deg)[0])


def _map_bounds_around_point(here: Bounds, degrees: float, width: int) -> Bounds:
    """Return a box around a point that fills a picture of some width."""
    stretch = longitude_degrees_per_latitude_degree(here.south)
    across = degrees * stretch * width / _HEIGHT
    south = max(here.south - degrees, -85.0)
    return Bounds(south, here.west - across, min(here.north + degrees, 85.0), here.east + across)


@lru_cache(maxsize=4)
def _country_map_svg(box: Bounds, is_british: bool) -> str:
    """Return the map of a country, without names; county lines would fill it."""
    project = _projection_that_fits(box, _WIDTHS[0])
    return "".join(
        coast_and_places_svg(
            box, project, _WIDTHS[0], _HEIGHT, most_places=0, with_lines=not is_british
        )
    )


def _surroundings_map_svg(box: Bounds, here: Bounds, place: NamedPlace | None) -> str:
    """Return the map of the surroundings, on which one place is named before all others."""
    project = _projection_that_fits(box, _WIDTHS[1])
    x, y = _south_west_corner_in_pixels(project, here)
    parts = coast_and_places_svg(
        box,
        project,
        _WIDTHS[1],
        _HEIGHT,
        most_places=_MOST_PLACES,
        font_px=_FONT_PX,
        first=place,
        taken=[(x - 7, y - 7, x + 7, y + 7)],
    )
    return "".join(parts)


def _south_west_corner_in_pixels(project: Projection, here: Bounds) -> tuple[float, float]:
    x, y = project(np.array([here.south]), np.array([here.west]))
    return float(x[0]), float(y[0])


def _map_with_position_mark_svg(
    box: Bounds, width: int, left: int, here: Bounds, background: str
) -> str:
    """Return one map of the two, with the mark of the position."""
    x, y = _south_west_corner_in_pixels(_projection_that_fits(box, width), here)
    mark = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="#fff" stroke-width="4"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{_MARK}" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.6" fill="{_MARK}"/>'
    )
    return (
        f'<svg x="{left}" width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}">'
        f"{background}{mark}"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{_HEIGHT - 1}" fill="none" '
        'stroke="#59636e"/></svg>'
    )


def _projection_that_fits(box: Bounds, width: int) -> Projection:
    """Return Web Mercator scaled so that a box fills a picture."""

    def bent(latitude: Floats) -> Floats:
        turned = np.radians(np.clip(latitude, -85, 85)) / 2
        return np.asarray(np.degrees(np.log(np.tan(np.pi / 4 + turned))), np.float64)

    top, low = bent(np.array([box.north]))[0], bent(np.array([box.south]))[0]
    scale = min(width / (box.east - box.west), _HEIGHT / (top - low))
    middle = (box.west + box.east) / 2, (top + low) / 2

    def project(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        return (
            (longitude - middle[0]) * scale + width / 2,
            _HEIGHT / 2 - (bent(latitude) - middle[1]) * scale,
        )

    return project

"""Coast, county lines and places near a box, as the block of data of a page holds them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dji_audit.basemap import (
    ATTRIBUTION,
    CoastAndBorders,
    NamedPlace,
    coast_and_borders_around_box,
    is_box_in_british_isles,
    places_in_box,
)
from dji_audit.basemap.coast_and_borders import Line
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.geo.geodesy import (
    longitude_degrees_per_latitude_degree,
    longitude_unwrapped_near_another,
)
from dji_audit.mapper.html._folium import Bounds

#: Places within so many degrees of latitude, and how many at most: near ones, and large ones.
_PLACE_REACHES = ((0.3, 120), (3.0, 40))
#: Counties are named within so many degrees.
_COUNTY_REACH_DEG = 1.5
_PLACES_PER_DEGREE = 10_000
#: Degrees of a cell of a map of many flights, how many cells, and how many places of each.
_CELL_DEG, _MOST_CELLS, _PLACES_OF_CELL = 0.1, 60, 14


def basemap_as_json_data(
    bounds: Bounds, around: Sequence[tuple[float, float]] = ()
) -> dict[str, Any]:
    """Return what ``basemapPainter`` draws behind the paths of a map: at most 40 kB of JSON.

    Args:
        bounds: The box round every path of the map; longitude is continuous.
        around: Latitudes and longitudes around which small places are named too, where flights
            lie so far apart that the places of the box are its large ones.
    """
    outlines = coast_and_borders_around_box(*bounds)
    places = sorted(
        {*_places_near_box(bounds), *_places_around_positions(around)},
        key=_sort_key_largest_place_first,
    )
    return {
        "per_degree": outlines.per_degree,
        "land": _encode_lines_as_differences(outlines.land, outlines.per_degree),
        "lines": _encode_lines_as_differences(outlines.lines, outlines.per_degree),
        "counties": county_name_lat_lon_rows_near_box(outlines, bounds),
        "places": [
            [
                truncated_visible_text(place.name),
                round(place.latitude_deg * _PLACES_PER_DEGREE) / _PLACES_PER_DEGREE,
                round(
                    longitude_unwrapped_near_another(place.longitude_deg, bounds.west)
                    * _PLACES_PER_DEGREE
                )
                / _PLACES_PER_DEGREE,
                place.population_digits,
            ]
            for place in places
        ],
        "accuracy_m": outlines.accuracy_m,
        "attribution": basemap_attribution(bounds),
    }


def _places_around_positions(positions: Sequence[tuple[float, float]]) -> Iterator[NamedPlace]:
    """Yield the places around some positions; those that lie close together are asked for once."""
    cells = Counter((round(lat / _CELL_DEG), round(lon / _CELL_DEG)) for lat, lon in positions)
    for (up, across), _ in cells.most_common(_MOST_CELLS):
        lat, lon = up * _CELL_DEG, across * _CELL_DEG
        box = bounds_widened_by_degrees(Bounds(lat, lon, lat, lon), _CELL_DEG)
        yield from places_in_box(*box, _PLACES_OF_CELL)


def basemap_attribution(bounds: Bounds) -> str:
    """Return whose data are drawn behind the path, and how true the lines are."""
    true_to = "1 km" if is_box_in_british_isles(*bounds) else "5 km"
    return f"{ATTRIBUTION} Lines true to about {true_to}: not for distances."


def county_name_lat_lon_rows_near_box(outlines: CoastAndBorders, bounds: Bounds) -> list[list[Any]]:
    """Return name, latitude and longitude of the counties near a box."""
    south, west, north, east = bounds_widened_by_degrees(bounds, _COUNTY_REACH_DEG)
    return [
        [truncated_visible_text(name), latitude, longitude]
        for name, latitude, longitude in outlines.names
        if south <= latitude <= north and west <= longitude <= east
    ]


def bounds_widened_by_degrees(bounds: Bounds, degrees: float) -> Bounds:
    """Return a box with so many degrees of latitude more on each side, and about as far east."""
    south, west, north, east = bounds
    stretch = longitude_degrees_per_latitude_degree((south + north) / 2)
    across = min(degrees * stretch, 180 - (east - west) / 2)
    return Bounds(
        max(south - degrees, -90.0), west - across, min(north + degrees, 90.0), east + across
    )


def _places_near_box(bounds: Bounds) -> Iterator[NamedPlace]:
    for degrees, most in _PLACE_REACHES:
        yield from places_in_box(*bounds_widened_by_degrees(bounds, degrees), most)


def _sort_key_largest_place_first(place: NamedPlace) -> tuple[int, str, float, float]:
    """Return what puts the largest places first, whose names are drawn first."""
    return -place.population_digits, place.name, place.latitude_deg, place.longitude_deg


def _encode_lines_as_differences(lines: tuple[Line, ...], per_degree: int) -> list[list[list[int]]]:
    """Return longitudes and latitudes of each line, whole numbers, each a difference."""
    if not lines:
        return []
    starts = np.cumsum([0, *(len(longitude) for longitude, _ in lines)])
    axes = []
    for axis in range(2):
        whole = np.round(np.concatenate([line[axis] for line in lines]) * per_degree)
        whole = whole.astype(np.int64)
        differences = np.diff(whole, prepend=0)
        differences[starts[:-1]] = whole[starts[:-1]]
        axes.append(differences.tolist())
    edges = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    return [[axis[first:last] for axis in axes] for first, last in edges]

"""The place nearest to a position, with distance and direction: "2.1 km NE of Sheerness, Kent".

Which places there are, and from where: ``dji_audit/data/basemap/README.md``.
"""

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from dji_audit.basemap._bundled_json import decode_delta_degrees, read_bundled_json
from dji_audit.geo.geodesy import Floats, bearings_from_point_deg, distances_between_point_pairs_m
from dji_audit.geo.unit_vectors import (
    chord_lengths_between_unit_vectors,
    lat_lon_to_vectors,
    max_ground_distances_of_chords_m,
    min_ground_metres_from_chord_lengths,
)

COMPASS_LETTERS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
#: Nearer than this, a direction from the point of a place means nothing.
_AT_PLACE_M = 50.0


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A town, village or part of a town."""

    name: str
    #: Its county in Britain; elsewhere its country, with the state where that helps.
    region: str
    #: WGS 84 degrees of the one point that stands for it.
    latitude_deg: float
    longitude_deg: float
    #: How many digits the number of its people has; 1: not known.
    population_digits: int


@dataclass(frozen=True, slots=True)
class PlaceNearby:
    """A place, and how a position lies from it."""

    place: NamedPlace
    #: Geodesic, from the point of the place.
    distance_m: float
    #: Azimuth from the place to the position, from north; it means little within 50 m.
    bearing_deg: float

    @property
    def distance_direction_and_name(self) -> str:
        """Such as ``2.1 km NE of Sheerness, Kent``."""
        name = f"{self.place.name}, {self.place.region}"
        if self.distance_m < _AT_PLACE_M:
            return f"at {name}"
        direction = eight_point_compass_letters(self.bearing_deg)
        return f"{kilometres_text(self.distance_m)} {direction} of {name}"


def kilometres_text(metres: float) -> str:
    """Return kilometres, with a decimal below 10 km."""
    kilometres = round(metres / 1000, 1)
    return f"{kilometres:.1f} km" if kilometres < 10 else f"{metres / 1000:,.0f} km"


def eight_point_compass_letters(bearing_deg: float) -> str:
    """Return the nearest of the eight points of the compass."""
    return COMPASS_LETTERS[math.floor(bearing_deg / 45 + 0.5) % 8]


@lru_cache(maxsize=256)
def nearest_place(latitude_deg: float, longitude_deg: float) -> PlaceNearby | None:
    """Return the place nearest to a position by the geodesic on the ellipsoid.

    Args:
        latitude_deg: WGS 84.
        longitude_deg: WGS 84, of any turn.

    Returns:
        ``None`` if the position is not on the earth.
    """
    if not (math.isfinite(longitude_deg) and abs(latitude_deg) <= 90):
        return None
    table = _load_place_table()
    here = lat_lon_to_vectors(np.array([latitude_deg]), np.array([longitude_deg]))[0]
    chords = chord_lengths_between_unit_vectors(table.vectors, here)
    # The chord orders places by about half a percent: measure all that may be the nearest.
    reach = max_ground_distances_of_chords_m(chords.min())
    near = np.flatnonzero(min_ground_metres_from_chord_lengths(chords) <= reach)
    metres = distances_between_point_pairs_m(
        table.latitude_deg[near], table.longitude_deg[near], latitude_deg, longitude_deg
    )
    best = int(near[np.argmin(metres)])
    place = table.place_at_row(best)
    bearing = bearings_from_point_deg(
        (place.latitude_deg, place.longitude_deg),
        np.array([latitude_deg]),
        np.array([longitude_deg]),
    )[0]
    return PlaceNearby(place, float(metres.min()), float(bearing) % 360)


def places_in_box(
    south: float, west: float, north: float, east: float, most: int
) -> tuple[NamedPlace, ...]:
    """Return the places in a box, the largest first and then by name, and no more than some.

    Args:
        south: WGS 84 degrees.
        west: The same, of any turn; less than ``east``.
        north: The same.
        east: The same.
        most: How many at most.
    """
    table = _load_place_table()
    found = np.flatnonzero((table.latitude_deg >= south) & (table.latitude_deg <= north))
    past_west = (table.longitude_deg[found] - west) % 360
    found = found[past_west <= east - west]
    largest_first = found[np.argsort(table.size_rank[found])]
    return tuple(table.place_at_row(index) for index in largest_first[:most].tolist())


@dataclass(frozen=True, slots=True, eq=False)
class _NamedPlaceTable:
    """Every place, in columns of one length."""

    names: list[str]
    regions: list[str]
    region_of: npt.NDArray[np.int64]
    latitude_deg: Floats
    longitude_deg: Floats
    population_digits: str
    vectors: Floats
    #: Rank of each: the largest first, those of one size by name, from south to north.
    size_rank: npt.NDArray[np.int64]

    def place_at_row(self, index: int) -> NamedPlace:
        """Return one place."""
        return NamedPlace(
            self.names[index],
            self.regions[int(self.region_of[index])],
            float(self.latitude_deg[index]),
            float(self.longitude_deg[index]),
            int(self.population_digits[index]),
        )


@cache
def _load_place_table() -> _NamedPlaceTable:
    document = read_bundled_json("places")
    latitude, longitude = (
        decode_delta_degrees(document[name], document["per_degree"])
        for name in ("latitude", "longitude")
    )
    regions, counts = zip(*document["regions"], strict=True)
    names, size = document["names"], document["size"]
    order = sorted(range(len(names)), key=lambda row: (-int(size[row]), names[row], latitude[row]))
    size_rank = np.empty(len(names), np.int64)
    size_rank[order] = np.arange(len(names))
    return _NamedPlaceTable(
        names,
        list(regions),
        np.repeat(np.arange(len(regions)), counts),
        latitude,
        longitude,
        size,
        lat_lon_to_vectors(latitude, longitude),
        size_rank,
    )

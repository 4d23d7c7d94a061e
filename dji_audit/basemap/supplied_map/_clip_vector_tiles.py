"""Roads, water, buildings, woods and names around a box, from vector tiles."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from dji_audit.basemap.supplied_map._classify_map_features import (
    AREA_CLASSES,
    feature_class,
    feature_name_and_rank,
)
from dji_audit.basemap.supplied_map._supplied_map_types import (
    Box,
    FlatLine,
    SuppliedMap,
    SuppliedMapClip,
    SuppliedMapError,
    VectorMapClip,
)
from dji_audit.basemap.supplied_map._tile_archive import TileArchive, damaged_tiles_text
from dji_audit.basemap.supplied_map._tile_coordinates import (
    TileRange,
    tiles_of_box,
    unit_mercator_x,
    unit_mercator_y,
)
from dji_audit.basemap.supplied_map._vector_tile import VectorLayer, decode_vector_tile

#: Tiles are divided into so many steps: at zoom 14 in Britain about 0.7 m.
_STEPS_PER_TILE = 2048
#: Numbers of lines in a page at most: 4 to 5 MB of JSON.
MAX_NUMBERS = 1_200_000
_MAX_TILES = 64
_MAX_NAMES = 400
_MAX_NAME_LENGTH = 60

Longs = npt.NDArray[np.int64]


def clip_vector_tiles(
    source: SuppliedMap, archive: TileArchive, box: Box, max_zoom: int
) -> SuppliedMapClip:
    """Return what the vector tiles of a map hold around a box.

    Args:
        source: The map.
        archive: The same, open.
        box: The box, degrees.
        max_zoom: The greatest zoom that is asked for.
    """
    least, greatest = archive.zoom_range
    remarks: list[str] = []
    for zoom in range(min(greatest, max_zoom), least - 1, -1):
        tiles = tiles_of_box(box, zoom)
        if tiles.count > _MAX_TILES:
            continue
        clip, damaged, numbers = _tile_features_damage_and_coordinate_count(archive, tiles, box)
        if numbers > MAX_NUMBERS:
            remarks = [f"zoom {zoom} has too much here for one page, so a coarser one is drawn"]
            continue
        remarks.append(f"drawn from {tiles.count:,} tiles of zoom {zoom}")
        if damaged:
            remarks.append(damaged_tiles_text(damaged))
        return SuppliedMapClip(source=source, vectors=clip, remarks=tuple(remarks))
    return SuppliedMapClip(source=source, remarks=("it has no zoom that shows so large a box",))


def _tile_features_damage_and_coordinate_count(
    archive: TileArchive, tiles: TileRange, box: Box
) -> tuple[VectorMapClip, Counter[str], int]:
    """Return the features of some tiles, the damage, and how many numbers the lines have."""
    world = 2**tiles.zoom * _STEPS_PER_TILE
    south, west, north, east = box
    left, top = round(unit_mercator_x(west) * world), round(unit_mercator_y(north) * world)
    frame = np.array(
        [
            0,
            0,
            round(unit_mercator_x(east) * world) - left,
            round(unit_mercator_y(south) * world) - top,
        ]
    )
    clip = VectorMapClip(1 / world, left, top)
    names: dict[str, tuple[int, int, int]] = {}
    damaged: Counter[str] = Counter()
    numbers = 0
    for column, row in tiles.tiles():
        origin = np.array([column * _STEPS_PER_TILE - left, row * _STEPS_PER_TILE - top])
        try:
            tile = archive.read_tile(tiles.zoom, column % 2**tiles.zoom, row)
            layers = () if tile is None else decode_vector_tile(tile)
        except SuppliedMapError as error:
            damaged[str(error)] += 1
            continue
        numbers += _add_layers_and_count_coordinates(clip, names, layers, origin, frame)
        if numbers > MAX_NUMBERS:
            break
    chosen = sorted(names.items(), key=lambda item: (item[1][2], item[0]))[:_MAX_NAMES]
    clip.names.extend((name, *where) for name, where in chosen)
    return clip, damaged, numbers


def _add_layers_and_count_coordinates(
    clip: VectorMapClip,
    names: dict[str, tuple[int, int, int]],
    layers: Iterable[VectorLayer],
    origin: Longs,
    frame: Longs,
) -> int:
    """Add what lies in a frame, and return how many numbers its lines have."""
    numbers = 0
    for layer in layers:
        for feature in layer.features:
            kind = feature_class(layer.name, feature.kind, feature.attributes)
            named = feature_name_and_rank(layer.name, feature.kind, feature.attributes)
            if kind is None and named is None:
                continue
            for part in feature.parts:
                points = np.round(part * (_STEPS_PER_TILE / layer.extent)).astype(np.int64) + origin
                if not _is_box_of_points_touching_frame(points, frame):
                    continue
                if kind is not None:
                    flat = _encode_line_as_differences(points, is_area=kind in AREA_CLASSES)
                    if flat:
                        clip.lines.setdefault(kind, []).append(flat)
                        numbers += len(flat)
                if named is not None:
                    middle = points[len(points) // 2]
                    text = named[0][:_MAX_NAME_LENGTH]
                    if text not in names or named[1] < names[text][2]:
                        names[text] = int(middle[0]), int(middle[1]), named[1]
    return numbers


def _is_box_of_points_touching_frame(points: Longs, frame: Longs) -> bool:
    """Return whether the box of some points touches a frame: left, top, right, bottom."""
    low, high = points.min(axis=0), points.max(axis=0)
    return bool((high >= frame[:2]).all() and (low <= frame[2:]).all())


def _encode_line_as_differences(points: Longs, *, is_area: bool) -> FlatLine:
    """Return a line as differences, right and down in turn; empty if nothing of it shows."""
    keep = np.ones(len(points), bool)
    keep[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    kept = points[keep]
    if len(kept) < (3 if is_area else 2):
        return []
    steps = np.diff(kept, axis=0, prepend=np.zeros((1, 2), np.int64))
    flat: FlatLine = steps.ravel().tolist()
    return flat

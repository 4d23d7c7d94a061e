"""The unit's own map in a page: its pictures and lines, for the script and for the still picture.

A picture is in the page once: those that the still picture shows stand there, and the script
takes them from it.
"""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dji_audit.basemap.supplied_map import (
    AREA_CLASSES,
    FEATURE_CLASSES,
    PlacedMapImage,
    SuppliedMapClip,
    VectorMapClip,
)
from dji_audit.geo.geodesy import Floats
from dji_audit.mapper.basemap._colours import FEATURE_COLOURS, FEATURE_WIDTHS, LAND, PLACE
from dji_audit.mapper.html._escape import escape_html, truncated_visible_text

#: Right and down in a Mercator world of one by one -> pixels.
WorldProjection = Callable[[Floats, Floats], tuple[Floats, Floats]]

_TILE_PIXELS = 256
#: Pictures of the still map at most.
_MOST_STILL_TILES = 120
_MOST_STILL_NAMES = 40
_FONT_PX = 13


def supplied_map_as_json_data(clip: SuppliedMapClip, still_zoom: int | None) -> dict[str, Any]:
    """Return the unit's map as the block of data of a page holds it.

    Args:
        clip: What is shown of it.
        still_zoom: The zoom whose tiles stand in the still picture: `zoom_for_static_map`.
    """
    return {
        "name": truncated_visible_text(clip.source.name),
        "credit": truncated_visible_text(supplied_map_attribution(clip)),
        "pictures": [
            [
                picture.zoom,
                picture.left,
                picture.top,
                picture.right,
                picture.bottom,
                None if picture.zoom == still_zoom else _data_url_of_picture(picture),
            ]
            for picture in clip.pictures
        ],
        "vectors": None if clip.vectors is None else _vector_map_as_json_data(clip.vectors),
    }


def supplied_map_attribution(clip: SuppliedMapClip) -> str:
    """Return whose map it is, else the name of its file."""
    return clip.source.attribution or f"Map: {clip.source.name}"


def short_map_attribution(clip: SuppliedMapClip | None) -> str:
    """Return whose data lie behind a path, in few words; the clip is that of the unit's map."""
    theirs = [] if clip is None or clip.is_empty else [supplied_map_attribution(clip)]
    return ", ".join([*theirs, "Natural Earth", "GeoNames (CC BY 4.0)"])


def supplied_map_name_sentence(clip: SuppliedMapClip) -> str:
    """Return one sentence that names the unit's map and whose it is."""
    if clip.is_empty:
        return f"The base map {clip.source.name} has nothing here."
    whose = f", {clip.source.attribution}" if clip.source.attribution else ""
    return f"Map behind the path: {clip.source.name}{whose}."


def supplied_map_content_sentences(clip: SuppliedMapClip) -> str:
    """Return what is drawn of the unit's map, in sentences."""
    source = clip.source
    said = f"The map behind the path is {source.name} ({source.kind}), SHA-256 {source.sha256}."
    said += (
        f" Attribution: {source.attribution}."
        if source.attribution
        else " The file states no attribution."
    )
    if clip.is_empty:
        said = f"The base map {source.name} has nothing near the path."
    if clip.remarks:
        said += f" Of it: {'; '.join(clip.remarks)}."
    return said


def zoom_for_static_map(clip: SuppliedMapClip, world_width: float, pixels: float) -> int | None:
    """Return the zoom that suits a picture of some width; ``None`` for a picture without tiles.

    Args:
        clip: What is shown of a map.
        world_width: The width of what the picture shows, in a world of one by one.
        pixels: The width of the picture.
    """
    zooms = sorted({picture.zoom for picture in clip.pictures if picture.zoom is not None})
    counts = {zoom: sum(picture.zoom == zoom for picture in clip.pictures) for zoom in zooms}
    fitting = [zoom for zoom in zooms if counts[zoom] <= _MOST_STILL_TILES] or zooms[:1]
    sharp = [zoom for zoom in fitting if 2**zoom * _TILE_PIXELS * world_width >= pixels]
    return next(iter(sharp), fitting[-1] if fitting else None)


def supplied_map_svg(
    clip: SuppliedMapClip, project: WorldProjection, zoom: int | None, width: float, height: float
) -> Iterator[str]:
    """Yield the unit's map as SVG for a still picture, at the zoom of `zoom_for_static_map`."""
    for number, picture in enumerate(clip.pictures):
        if picture.zoom != zoom:
            continue
        x, y = project(
            np.array([picture.left, picture.right]), np.array([picture.top, picture.bottom])
        )
        yield (
            f'<image id="map_tile_{number}" x="{x[0]:.2f}" y="{y[0]:.2f}" '
            # A little larger, so that no seam shows.
            f'width="{x[1] - x[0] + 0.3:.2f}" height="{y[1] - y[0] + 0.3:.2f}" '
            f'preserveAspectRatio="none" href="{_data_url_of_picture(picture)}"/>'
        )
    if clip.vectors is not None and clip.vectors.lines:
        yield from _vector_map_svg(clip.vectors, project, width, height)


def _data_url_of_picture(picture: PlacedMapImage) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"


def _vector_map_as_json_data(vectors: VectorMapClip) -> dict[str, Any]:
    return {
        "step": vectors.step,
        "left": vectors.left,
        "top": vectors.top,
        "lines": [
            [name, name in AREA_CLASSES, vectors.lines[name]]
            for name in FEATURE_CLASSES
            if name in vectors.lines
        ],
        "names": [
            [truncated_visible_text(name), x, y, weight] for name, x, y, weight in vectors.names
        ],
    }


def _vector_map_svg(
    vectors: VectorMapClip, project: WorldProjection, width: float, height: float
) -> Iterator[str]:
    yield f'<rect class="map_land" width="{width:g}" height="{height:g}" fill="{LAND}"/>'
    for name in FEATURE_CLASSES:
        parts = []
        for flat in vectors.lines.get(name, ()):
            steps = np.cumsum(np.array(flat, np.int64).reshape(-1, 2), axis=0)
            world = (np.array([vectors.left, vectors.top]) + steps) * vectors.step
            x, y = project(*np.asarray(world.T, np.float64))
            if x.max() < 0 or y.max() < 0 or x.min() > width or y.min() > height:
                continue
            parts.append(_svg_path_in_whole_pixels(x, y) + ("z" if name in AREA_CLASSES else ""))
        if not parts:
            continue
        colour = FEATURE_COLOURS[name]
        look = (
            f'fill="{colour}" fill-rule="evenodd"'
            if name in AREA_CLASSES
            else f'fill="none" stroke="{colour}" stroke-width="{FEATURE_WIDTHS[name]}"'
        )
        yield f'<path class="map_{name}" d="{"".join(parts)}" {look}/>'
    yield from _map_names_svg(vectors, project, width, height)


def _svg_path_in_whole_pixels(x: Floats, y: Floats) -> str:
    """Return a line in whole pixels without the points that fall on the pixel before."""
    near = np.stack([np.round(x), np.round(y)], axis=1)
    keep = np.ones(len(near), bool)
    keep[1:] = (near[1:] != near[:-1]).any(axis=1)
    return "M" + "L".join(f"{a:g} {b:g}" for a, b in near[keep].tolist())


def _map_names_svg(
    vectors: VectorMapClip, project: WorldProjection, width: float, height: float
) -> Iterator[str]:
    boxes: list[tuple[float, float, float, float]] = []
    for name, right, down, _ in vectors.names:
        x, y = (
            float(part[0])
            for part in project(
                np.array([(vectors.left + right) * vectors.step]),
                np.array([(vectors.top + down) * vectors.step]),
            )
        )
        half = len(name) * _FONT_PX * 0.3
        box = (x - half, y - _FONT_PX, x + half, y + 4)
        inside = box[0] > 0 and box[1] > 0 and box[2] < width and box[3] < height
        if not inside or any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for other in boxes
        ):
            continue
        boxes.append(box)
        yield (
            f'<text class="map_place" x="{x:.1f}" y="{y:.1f}" text-anchor="middle" '
            f'font-family="sans-serif" font-size="{_FONT_PX}" fill="{PLACE}" stroke="#fff" '
            f'stroke-width="2.5" paint-order="stroke">{escape_html(name)}</text>'
        )
        if len(boxes) >= _MOST_STILL_NAMES:
            return

"""Coast, county lines and places as SVG, for a still picture in any projection.

Plain numbers and names of the package; no text of a log is in it.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from dji_audit.basemap import NamedPlace, coast_and_borders_around_box, places_in_box
from dji_audit.basemap.coast_and_borders import Line
from dji_audit.geo.geodesy import (
    Floats,
    longitude_unwrapped_near_another,
    metres_per_latitude_and_longitude_degree,
)
from dji_audit.mapper.basemap._colours import BOUNDARY, COAST, COUNTY, LAND, PLACE, SEA, UNSURE
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._folium import Bounds

#: Latitudes and longitudes -> pixels right and down.
Projection = Callable[[Floats, Floats], tuple[Floats, Floats]]
#: Left, top, right and bottom of a name.
_Box = tuple[float, float, float, float]

#: Lines reach this far beyond the picture, so that the cut does not show.
_OVERLAP_PX = 12.0
_LETTER_PX = 0.56
#: Pixels from which on the error of a line shows, and to which it is drawn.
_SHOWN_ERROR_PX, _MOST_ERROR_PX = 12.0, 5000.0
_SMALL_DEG = 0.001
_MOST_POINTS = 20_000


def coast_and_places_svg(
    shown: Bounds,
    project: Projection,
    width: float,
    height: float,
    *,
    most_places: int = 14,
    font_px: float = 13,
    with_lines: bool = True,
    first: NamedPlace | None = None,
    taken: Sequence[_Box] = (),
) -> Iterator[str]:
    """Yield SVG that fills a picture with sea and land, and names places and counties.

    Args:
        shown: The box of the earth that the picture shows, degrees; longitude is continuous.
        project: How a position comes to lie in the picture.
        width: Of the picture, pixels.
        height: The same.
        most_places: How many places are named at most, the largest first.
        font_px: Size of their names.
        with_lines: Whether county lines and borders are drawn, and counties named.
        first: The place that is named before all others.
        taken: Boxes of the picture that no name may cover.
    """
    outlines = coast_and_borders_around_box(*shown)
    error_px = outlines.accuracy_m * _pixels_per_metre(shown, project)
    is_error_shown = error_px > _SHOWN_ERROR_PX
    reach = _OVERLAP_PX + (min(error_px, _MOST_ERROR_PX) if is_error_shown else 0)
    yield f'<rect class="map_sea" width="{width:g}" height="{height:g}" fill="{SEA}"/>'
    frame = (-reach, -reach, width + reach, height + reach)
    seen = _enlarged_visible_box(shown, reach / max(width, height))
    rings = (
        _clip_ring_to_frame(*_project_line(line, project), frame)
        for line in _lines_that_may_show(outlines.land, outlines.land_boxes, seen)
    )
    if land := "".join(_svg_path_data(*ring) + "z" for ring in rings if len(ring[0]) > 2):
        yield (
            f'<path class="map_land" d="{land}" fill="{LAND}" fill-rule="evenodd" stroke="{COAST}" '
            'stroke-width="1.2"/>'
        )
        if is_error_shown:
            # Between land and sea lies where it is not known which it is.
            yield (
                f'<path class="map_unsure" d="{land}" fill="none" stroke="{UNSURE}" '
                f'stroke-width="{2 * min(error_px, _MOST_ERROR_PX):.0f}"/>'
                f'<path class="map_coast" d="{land}" fill="none" stroke="{COAST}" '
                'stroke-width="1.2" stroke-dasharray="2 6"/>'
            )
    pieces = (
        piece
        for line in _lines_that_may_show(outlines.lines, outlines.line_boxes, seen)
        if with_lines
        for piece in _line_pieces_in_frame(*_project_line(line, project), frame)
    )
    if lines := "".join(_svg_path_data(*piece) for piece in pieces):
        yield (
            f'<path class="map_boundary" d="{lines}" fill="none" stroke="{BOUNDARY}" '
            'stroke-width="1" stroke-dasharray="5 3"/>'
        )
    boxes = list(taken)
    inside = places_in_box(*shown, 480) if most_places else ()
    places = [*([first] if first in inside else []), *(each for each in inside if each != first)]
    yield from _place_dots_and_names_svg(
        shown, project, (width, height), places, most_places, font_px, boxes
    )
    if with_lines:
        yield from _county_names_svg(outlines.names, project, (width, height), font_px, boxes)


def _enlarged_visible_box(shown: Bounds, share: float) -> Bounds:
    """Return a box enlarged by twice a share of its longer side: lines outside cannot show."""
    room = 2 * share * max(shown.north - shown.south, shown.east - shown.west) + _SMALL_DEG
    return Bounds(shown.south - room, shown.west - room, shown.north + room, shown.east + room)


def _lines_that_may_show(lines: Sequence[Line], boxes: Floats, seen: Bounds) -> list[Line]:
    """Return the lines whose box (west, south, east, north) touches another."""
    west, south, east, north = boxes.T
    touches = (north >= seen.south) & (south <= seen.north)
    touches &= (east >= seen.west) & (west <= seen.east)
    return [lines[index] for index in np.flatnonzero(touches).tolist()]


def _pixels_per_metre(shown: Bounds, project: Projection) -> float:
    """Return how many pixels a metre to the north is in the middle of a picture."""
    middle, east = (shown.south + shown.north) / 2, (shown.west + shown.east) / 2
    _, y = project(np.array([middle, middle + _SMALL_DEG]), np.array([east, east]))
    return float(
        abs(y[0] - y[1]) / (_SMALL_DEG * metres_per_latitude_and_longitude_degree(middle)[0])
    )


def _place_dots_and_names_svg(
    shown: Bounds,
    project: Projection,
    size: tuple[float, float],
    places: Sequence[NamedPlace],
    most: int,
    font_px: float,
    boxes: list[_Box],
) -> Iterator[str]:
    """Yield a dot and the name of each place that has room; its box is added."""
    middle = (shown.west + shown.east) / 2
    pixels = _project_points(
        project,
        [place.latitude_deg for place in places],
        [longitude_unwrapped_near_another(place.longitude_deg, middle) for place in places],
    )
    for place, (x, y) in zip(places, pixels, strict=True):
        if most <= 0:
            return
        wide = len(place.name) * font_px * _LETTER_PX
        up, down = y - font_px * 0.7, y + font_px * 0.5
        low = font_px * 0.9
        # Right of its dot, left of it, above it, below it: where there is room first.
        choices = (
            ((x + 2, up, x + 6 + wide, down), "start", x + 5, y),
            ((x - 6 - wide, up, x - 2, down), "end", x - 5, y),
            ((x - wide / 2, up - low, x + wide / 2, down - low), "middle", x, y - low),
            ((x - wide / 2, up + low, x + wide / 2, down + low), "middle", x, y + low),
        )
        free = [choice for choice in choices if _name_box_has_room(choice[0], size, boxes)]
        if not free:
            continue
        box, anchor, at, level = free[0]
        boxes += [box, (x - 3, y - 3, x + 3, y + 3)]
        most -= 1
        yield (
            f'<circle class="map_place" cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{PLACE}"/>'
            f'<text class="map_place" x="{at:.1f}" y="{level + font_px * 0.35:.1f}" '
            f'text-anchor="{anchor}" font-family="sans-serif" font-size="{font_px:g}" '
            f'fill="{PLACE}" stroke="#fff" stroke-width="2.5" '
            f'paint-order="stroke">{escape_html(place.name)}</text>'
        )


def _county_names_svg(
    names: Sequence[tuple[str, float, float]],
    project: Projection,
    size: tuple[float, float],
    font_px: float,
    boxes: list[_Box],
) -> Iterator[str]:
    pixels = _project_points(project, [each[1] for each in names], [each[2] for each in names])
    for (name, _, _), (x, y) in zip(names, pixels, strict=True):
        half = len(name) * font_px * (_LETTER_PX + 0.1) / 2
        box = (x - half, y - font_px, x + half, y + font_px * 0.3)
        if not _name_box_has_room(box, size, boxes):
            continue
        boxes.append(box)
        yield (
            f'<text class="map_county" x="{x:.1f}" y="{y:.1f}" text-anchor="middle" '
            f'font-family="sans-serif" font-style="italic" letter-spacing="1" '
            f'font-size="{font_px:g}" fill="{COUNTY}" stroke="#fff" stroke-width="2.5" '
            f'paint-order="stroke">{escape_html(name)}</text>'
        )


def _project_points(
    project: Projection, latitudes: Sequence[float], longitudes: Sequence[float]
) -> list[tuple[float, float]]:
    """Return the pixel of each position."""
    right, down = project(np.array(latitudes, np.float64), np.array(longitudes, np.float64))
    return list(zip(right.tolist(), down.tolist(), strict=True))


def _name_box_has_room(box: _Box, size: tuple[float, float], boxes: Sequence[_Box]) -> bool:
    """Return whether a name lies in the picture and covers no other."""
    left, top, right, low = box
    if left < 2 or top < 2 or right > size[0] - 2 or low > size[1] - 2:
        return False
    return not any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < low
        for other in boxes
    )


def _project_line(line: Line, project: Projection) -> tuple[Floats, Floats]:
    return project(line[1], line[0])


def _svg_path_data(x: Floats, y: Floats) -> str:
    """Return a line as SVG without the points that fall on the pixel before."""
    near = np.stack([np.round(x, 1), np.round(y, 1)], axis=1)
    keep = np.ones(len(near), bool)
    keep[1:-1] = (np.round(near[1:-1]) != np.round(near[:-2])).any(axis=1)
    return "M" + "L".join(f"{a:g} {b:g}" for a, b in near[keep][:_MOST_POINTS].tolist())


def _line_pieces_in_frame(
    x: Floats, y: Floats, frame: tuple[float, float, float, float]
) -> Iterator[tuple[Floats, Floats]]:
    """Yield the runs of edges of a line that may touch a frame."""
    left, top, right, low = frame
    touches = (
        (np.maximum(x[1:], x[:-1]) >= left)
        & (np.minimum(x[1:], x[:-1]) <= right)
        & (np.maximum(y[1:], y[:-1]) >= top)
        & (np.minimum(y[1:], y[:-1]) <= low)
    )
    cuts = np.flatnonzero(np.diff(np.concatenate([[0], touches.astype(np.int8), [0]])))
    for start, end in zip(cuts[::2].tolist(), cuts[1::2].tolist(), strict=True):
        yield np.clip(x[start : end + 1], -1e5, 1e5), np.clip(y[start : end + 1], -1e5, 1e5)


def _clip_ring_to_frame(
    x: Floats, y: Floats, frame: tuple[float, float, float, float]
) -> tuple[Floats, Floats]:
    """Return a closed ring cut to a frame (Sutherland and Hodgman 1974), edge by edge."""
    left, top, right, low = frame
    if x.max() < left or x.min() > right or y.max() < top or y.min() > low:
        return x[:0], y[:0]
    points = np.column_stack([x, y])
    for axis, limit, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, low, -1)):
        if len(points) == 0:
            break
        depth = sign * (points[:, axis] - limit)
        if depth.min() >= 0:
            continue
        after = np.concatenate([points[1:], points[:1]])
        depth_after = np.concatenate([depth[1:], depth[:1]])
        crosses = (depth >= 0) != (depth_after >= 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(crosses, depth / (depth - depth_after), 0)[:, None]
        crossing = points + (after - points) * share
        # Of each edge its start, if inside, and then where it crosses.
        both = np.stack([points, crossing], axis=1).reshape(-1, 2)
        kept = np.stack([depth >= 0, crosses], axis=1).reshape(-1)
        points = both[kept]
    return points[:, 0], points[:, 1]

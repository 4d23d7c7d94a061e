"""Where the flights of a run were: numbered dots on coast, lines and places."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from dji_audit.geo.geodesy import Floats, metres_per_latitude_and_longitude_degree
from dji_audit.mapper.basemap import coast_and_places_svg, degree_label
from dji_audit.mapper.html._folium import Bounds

WIDTH, HEIGHT, MARGIN = 560, 300, 30
#: Pixels of one letter of the name of a line.
_NAME_WIDE = 6

#: Latitude, longitude, number in the table.
NumberedPoint = tuple[float, float, int]
#: Left, top, right and bottom, in pixels.
Box = tuple[float, float, float, float]
Numeric = TypeVar("Numeric", float, Floats)
Project = Callable[[float, float], tuple[float, float]]


def overview_map_svg(spots: Sequence[NumberedPoint], *, with_background: bool = True) -> str:
    """Return an SVG of where flights began, or nothing if that is not known of any.

    Flights that would be drawn over one another share a dot, which grows with
    their number.

    Args:
        spots: Where each flight began, and its number.
        with_background: Whether coast, lines and places are drawn behind them.
    """
    usable = [
        (lat, lon, number)
        for lat, lon, number in spots
        if math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 85 and abs(lon) <= 360
    ]
    if not usable:
        return ""
    south, north = _padded_range([lat for lat, _, _ in usable])
    west, east = _padded_range([lon for _, lon, _ in usable])
    degree_north_m, degree_east_m = metres_per_latitude_and_longitude_degree((south + north) / 2)
    squeeze = max(float(degree_east_m / degree_north_m), 0.1)
    scale = min(
        (WIDTH - 2 * MARGIN) / ((east - west) * squeeze), (HEIGHT - 2 * MARGIN) / (north - south)
    )
    middle = (west + east) / 2, (south + north) / 2

    def to_picture_xy(lat: Numeric, lon: Numeric) -> tuple[Numeric, Numeric]:
        across = (lon - middle[0]) * squeeze * scale
        return WIDTH / 2 + across, HEIGHT / 2 - (lat - middle[1]) * scale

    clusters: dict[tuple[int, int], list[NumberedPoint]] = {}
    for spot in usable:
        x, y = to_picture_xy(spot[0], spot[1])
        clusters.setdefault((round(x / 14), round(y / 14)), []).append(spot)
    step = _round_grid_step(max((east - west) / 5, (north - south) / 4))
    dots = [
        (
            *to_picture_xy(together[0][0], together[0][1]),
            5 + 2.2 * math.log2(len(together)),
            together,
        )
        for together in clusters.values()
    ]
    taken = [(x - radius, y - radius, x + radius, y + radius) for x, y, radius, _ in dots]
    signs = [sign for dot in dots for sign in _dot_with_label_svg(*dot, taken)]
    half_up, half_across = HEIGHT / 2 / scale, WIDTH / 2 / scale / squeeze
    shown = Bounds(
        max(middle[1] - half_up, -85.0),
        middle[0] - half_across,
        min(middle[1] + half_up, 85.0),
        middle[0] + half_across,
    )
    ground: Iterable[str] = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#eef1f4"/>']
    if with_background:
        ground = coast_and_places_svg(shown, to_picture_xy, WIDTH, HEIGHT, font_px=11, taken=taken)
    return "".join(
        [
            f'<svg class="world" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="Where {len(usable)} flights began.">',
            *ground,
            *_graticule_svg(step, middle, to_picture_xy),
            *signs,
            "</svg>",
        ]
    )


def _dot_with_label_svg(
    x: float, y: float, radius: float, together: Sequence[NumberedPoint], taken: list[Box]
) -> Iterator[str]:
    """Yield the dot of some flights, and its label where there is room; that room is taken then."""
    label = f"{len(together)} flights" if len(together) > 1 else f"no. {together[0][2]}"
    yield (
        f'<circle class="starts" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#0b4a8f" '
        f'fill-opacity=".8" stroke="#fff" stroke-width="1.5"><title>{label}</title></circle>'
    )
    if (place := _label_box_without_overlap(x, y, radius, 6.5 * len(label), taken)) is not None:
        taken.append(place)
        yield (
            f'<text class="starts" x="{place[0]:.1f}" y="{place[3] - 3:.1f}" '
            f'font-family="sans-serif" font-size="12" fill="#14181d">{label}</text>'
        )


def _label_box_without_overlap(
    x: float, y: float, radius: float, wide: float, taken: Sequence[Box]
) -> Box | None:
    """Return a box for the label of a dot that covers no other and no dot, or none.

    A label that finds no room is left to the title of its dot: two over each other say nothing.
    """
    gap = radius + 3
    corners = (
        (x + gap, y - 7),
        (x - gap - wide, y - 7),
        (x - wide / 2, y - gap - 14),
        (x - wide / 2, y + gap),
    )
    for left, top in corners:
        box = (left, top, left + wide, top + 14)
        inside = left >= 0 and top >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT - 14
        if inside and not any(
            left < right and west < box[2] and top < low and high < box[3]
            for west, high, right, low in taken
        ):
            return box
    return None


def _padded_range(values: list[float]) -> tuple[float, float]:
    """Return the range of some degrees, widened so that it is never nothing."""
    low, high = min(values), max(values)
    room = max((high - low) * 0.08, 0.01)
    return low - room, high + room


def _round_grid_step(least: float) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that is large enough."""
    power: float = 10 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def _graticule_svg(step: float, middle: tuple[float, float], xy: Project) -> Iterator[str]:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    look = 'class="graticule" stroke="#c3ccd5"'
    words = 'class="graticule" font-family="sans-serif" font-size="11" fill="#4a5561"'
    # Of lines that stand close, only some are named, so that no name covers another.
    apart = abs(xy(0, step)[0] - xy(0, 0)[0])
    every = max(1, math.ceil(_NAME_WIDE * (digits + 5) / max(apart, 1)))
    for line in range(-12, 13):
        lon = (round(middle[0] / step) + line) * step
        lat = (round(middle[1] / step) + line) * step
        x, y = xy(lat, lon)
        east = (lon + 180) % 360 - 180
        if 20 < x < WIDTH - 10:
            yield f'<path d="M{x:.1f} 0V{HEIGHT}" {look}/>'
            if line % every == 0:
                name = degree_label(east, digits)
                yield f'<text x="{x + 3:.1f}" y="{HEIGHT - 4}" {words}>{name}</text>'
        if 14 < y < HEIGHT - 20:
            yield f'<path d="M0 {y:.1f}H{WIDTH}" {look}/>'
            yield f'<text x="3" y="{y - 3:.1f}" {words}>{degree_label(lat, digits)}</text>'

"""The map as a still picture: for print, and for a browser that runs no scripts.

Plain SVG of numbers and fixed words; names of zones, and what a map of the unit states, are
escaped.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dji_audit.basemap.supplied_map import SuppliedMapClip
from dji_audit.compliance.declared_tracks import DeclaredTrackFlightComparison
from dji_audit.geo.geodesy import (
    longitude_unwrapped_near_another,
    metres_per_latitude_and_longitude_degree,
)
from dji_audit.mapper.basemap import (
    coast_and_places_svg,
    degree_label,
    short_map_attribution,
    supplied_map_svg,
    zoom_for_static_map,
)
from dji_audit.mapper.flight_page._nearby_zones import (
    DrawnZone,
    zone_names_svg,
    zone_outlines_svg,
)
from dji_audit.mapper.flight_page._page_track import GAP_MS, PageTrack
from dji_audit.mapper.flight_page._people_and_aircraft_nearby import (
    declared_track_lines_and_letters_svg,
)
from dji_audit.mapper.flight_page._recording_styles_of_svg_map import (
    SOUND_COLOUR,
    PhotoMark,
    parallel_line_points_on_both_sides,
    photo_mark_svg,
    video_stroke_attributes,
)
from dji_audit.mapper.flight_page._timeline_rows import TimelineRow
from dji_audit.mapper.html._escape import escape_html
from dji_audit.mapper.html._folium import Bounds

WIDTH, HEIGHT, MARGIN = 1000, 640, 46

Floats = npt.NDArray[np.float64]


def _length_of_parallel_m(latitude_deg: float) -> float:
    """Return the length of a parallel: the width of the world in the picture."""
    return float(360 * metres_per_latitude_and_longitude_degree(latitude_deg)[1])


class _Projection:
    """Web Mercator scaled to fit the picture: right angles stay right."""

    def __init__(self, bounds: Bounds) -> None:
        west, north = self.to_unit_mercator(bounds.east, bounds.north)
        west, south = self.to_unit_mercator(bounds.west, bounds.south)
        east, _ = self.to_unit_mercator(bounds.east, bounds.north)
        self.middle = (west + east) / 2, (south + north) / 2
        # Not closer than about 60 m across, so that a hover is not a scribble.
        least = 60 / max(_length_of_parallel_m(bounds.south), 1000.0)
        across, up = max(east - west, least), max(south - north, least)
        self.scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / up)
        self.metres = _length_of_parallel_m((bounds.south + bounds.north) / 2)

    @staticmethod
    def to_unit_mercator(longitude: float, latitude: float) -> tuple[float, float]:
        """Return the place in a world of one by one, from the north-west corner."""
        bent = math.log(math.tan(math.pi / 4 + math.radians(max(-85, min(85, latitude))) / 2))
        return 0.5 + longitude / 360, 0.5 - bent / (2 * math.pi)

    def shown_bounds(self) -> Bounds:
        """Return the box of the earth that the picture shows."""
        half_x, half_y = WIDTH / 2 / self.scale, HEIGHT / 2 / self.scale
        return Bounds(
            _latitude_from_unit_mercator(self.middle[1] + half_y),
            360 * (self.middle[0] - half_x - 0.5),
            _latitude_from_unit_mercator(self.middle[1] - half_y),
            360 * (self.middle[0] + half_x - 0.5),
        )

    def world_to_pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return pixels of places in a world of one by one."""
        return (
            (x - self.middle[0]) * self.scale + WIDTH / 2,
            (y - self.middle[1]) * self.scale + HEIGHT / 2,
        )

    def to_pixels(self, latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        """Return pixels."""
        bent = np.log(np.tan(np.pi / 4 + np.radians(np.clip(latitude, -85, 85)) / 2))
        x = (0.5 + longitude / 360 - self.middle[0]) * self.scale + WIDTH / 2
        y = (0.5 - bent / (2 * np.pi) - self.middle[1]) * self.scale + HEIGHT / 2
        return x, y

    def to_pixel(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return the pixel of one place."""
        x, y = self.to_pixels(np.array([latitude]), np.array([longitude]))
        return float(x[0]), float(y[0])


def _latitude_from_unit_mercator(y: float) -> float:
    """Return the latitude of a place in a world of one by one."""
    return math.degrees(2 * math.atan(math.exp(2 * math.pi * (0.5 - y))) - math.pi / 2)


def static_flight_map_svg(
    track: PageTrack,
    rows: list[TimelineRow],
    photos: list[PhotoMark],
    home: tuple[float, float],
    zones: Sequence[DrawnZone] = (),
    basemap: SuppliedMapClip | None = None,
    *,
    with_background: bool = True,
    supplied_tracks: Sequence[DeclaredTrackFlightComparison] = (),
) -> str:
    """Return the still map as an SVG element, or nothing for a flight without positions.

    Args:
        track: The path.
        rows: What happened; geofence, limits, warnings and findings are marked.
        photos: Photos, in any order.
        home: Latitude and longitude; NaN if not known.
        zones: Those whose outlines are drawn; those that a finding is about are named.
        basemap: What is drawn of the unit's own map; ``None``: it supplies none.
        with_background: Whether coast and places are drawn: not behind positions that were moved.
        supplied_tracks: Tracks of people and of other aircraft that the unit supplied.
    """
    bounds = track.bounds
    if bounds is None:
        return ""
    frame = _Projection(bounds)
    parts = [
        f'<svg class="picture" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Map of the track. The tables that follow hold the same in words.">',
        *(_background_svg(frame, basemap) if with_background else [_BLANK_GROUND]),
        *_graticule_svg(frame, bounds),
        *zone_outlines_svg(frame.to_pixels, zones),
        *_track_lines_svg(frame, track),
        *declared_track_lines_and_letters_svg(frame.to_pixels, bounds.west, supplied_tracks),
        *_photo_and_event_symbols_svg(frame, track, rows, photos),
        *zone_names_svg(frame.to_pixels, zones, WIDTH, HEIGHT),
    ]
    if math.isfinite(home[0]):
        x, y = frame.to_pixel(home[0], longitude_unwrapped_near_another(home[1], bounds.west))
        parts.append(
            f'<path d="M{x - 8:.1f} {y:.1f}l8-8 8 8v8h-16z" fill="#fff" stroke="#14181d" '
            'stroke-width="2"/>'
        )
    if with_background:
        parts.append(_attribution_mark_svg(basemap))
    parts += [*_scale_bar_and_north_arrow_svg(frame), "</svg>"]
    return "".join(parts)


def supplied_tile_zoom_in_static_map(bounds: Bounds, basemap: SuppliedMapClip) -> int | None:
    """Return the zoom of the unit's tiles that stand in the still picture of some bounds."""
    return zoom_for_static_map(basemap, WIDTH / _Projection(bounds).scale, WIDTH)


_BLANK_GROUND = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#eef1f4"/>'


def _attribution_mark_svg(basemap: SuppliedMapClip | None) -> str:
    """Return whose data lie behind the path: wherever the picture goes, it goes with it."""
    words = short_map_attribution(basemap)
    return (
        f'<text class="map_place" x="{WIDTH - 8}" y="{HEIGHT - 8}" text-anchor="end" '
        'font-family="sans-serif" font-size="11" fill="#4a5561" stroke="#fff" stroke-width="2.5" '
        f'paint-order="stroke">{escape_html(words)}</text>'
    )


def _background_svg(frame: _Projection, basemap: SuppliedMapClip | None) -> Iterator[str]:
    # Where the unit's map lies, its own names are read.
    is_plain = basemap is None or basemap.is_empty
    yield from coast_and_places_svg(
        frame.shown_bounds(),
        frame.to_pixels,
        WIDTH,
        HEIGHT,
        most_places=14 if is_plain else 0,
        with_lines=is_plain,
    )
    if basemap is not None:
        zoom = zoom_for_static_map(basemap, WIDTH / frame.scale, WIDTH)
        yield from supplied_map_svg(basemap, frame.world_to_pixels, zoom, WIDTH, HEIGHT)


def _track_lines_svg(frame: _Projection, track: PageTrack) -> Iterator[str]:
    """Yield the path, by what was recorded: what is on its own below what is at once."""
    positioned = np.flatnonzero(track.position_mask)
    x, y = frame.to_pixels(track.latitude[positioned], track.longitude[positioned])
    ms, recording = track.ms[positioned], track.recording[positioned]
    joined = np.diff(ms) <= GAP_MS
    for gap in np.flatnonzero(~joined)[:2000]:
        ends = x[gap : gap + 2], y[gap : gap + 2]
        yield _polyline_svg(*ends, 'stroke="#5f6b76" stroke-width="1" stroke-dasharray="3 5"')
    for first, last in _runs_of_chosen_fixes(track.sound[positioned], joined):
        for rail in parallel_line_points_on_both_sides(x[first:last], y[first:last]):
            yield _polyline_svg(*rail, f'stroke="{SOUND_COLOUR}" stroke-width="2.2"')
    for bits in np.unique(recording).tolist():
        looks = (
            list(video_stroke_attributes(bits)) if bits else ['stroke="#5f6b76" stroke-width="2.2"']
        )
        for first, last in _runs_of_chosen_fixes(recording == bits, joined):
            for look in looks:
                yield _polyline_svg(x[first:last], y[first:last], look)
    dots = np.unique(np.round(np.stack(frame.to_pixels(*track.untimed), axis=1)), axis=0)
    if len(dots):
        squares = "".join(f"M{a:g} {b:g}h2v2h-2z" for a, b in dots.tolist())
        yield f'<path d="{squares}" fill="#5f6b76"/>'


def _runs_of_chosen_fixes(
    chosen: npt.NDArray[np.bool_], joined: npt.NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Return the runs of chosen fixes, each reaching to the fix after it if joined."""
    if not chosen.any():
        return []
    change = np.diff(chosen.astype(np.int8)) != 0
    cuts = np.flatnonzero(change | ~joined) + 1
    starts = np.concatenate([[0], cuts])
    ends = np.append(cuts, len(chosen))
    reach = np.append(joined[cuts - 1], False)
    return [
        (int(start), int(end) + int(more))
        for start, end, more in zip(starts, ends, reach, strict=True)
        if chosen[start]
    ]


def _polyline_svg(x: Floats, y: Floats, look: str) -> str:
    """Return a line without the fixes that would fall on the pixel before."""
    near = np.stack([np.round(x, 1), np.round(y, 1)], axis=1)
    keep = np.ones(len(near), bool)
    whole = np.round(near)
    keep[1:-1] = (whole[1:-1] != whole[:-2]).any(axis=1)
    places = " ".join(f"{a:g},{b:g}" for a, b in near[keep].tolist())
    return f'<polyline points="{places}" fill="none" stroke-linejoin="round" {look}/>'


_TRIANGLES = {"geofence": "#b00020", "limit": "#8a4b00", "warning": "#5a5200"}


def _photo_and_event_symbols_svg(
    frame: _Projection, track: PageTrack, rows: list[TimelineRow], photos: list[PhotoMark]
) -> Iterator[str]:
    # Photos of one moment, by two sensors, stand side by side.
    counts: Counter[int] = Counter()
    for photo in photos:
        if place := _position_nearest_in_time(track, photo.ms):
            x, y = frame.to_pixel(*place)
            yield photo_mark_svg(x + 13 * min(counts[photo.ms], 3), y, photo.sensor)
            counts[photo.ms] += 1
    for row in rows:
        place = _lat_lon_of_timeline_row(track, row)
        if place is None or row.group not in (*_TRIANGLES, "finding"):
            continue
        x, y = frame.to_pixel(*place)
        if row.group == "finding":
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="none" stroke="#b00020" '
                'stroke-width="2.5"/>'
            )
        else:
            yield (
                f'<path d="M{x:.1f} {y - 9:.1f}l9 16h-18z" fill="{_TRIANGLES[row.group]}" '
                'stroke="#fff" stroke-width="1.5"/>'
            )


def _lat_lon_of_timeline_row(track: PageTrack, row: TimelineRow) -> tuple[float, float] | None:
    if row.latitude is not None and row.longitude is not None and track.bounds:
        if math.isfinite(row.latitude) and math.isfinite(row.longitude):
            return row.latitude, longitude_unwrapped_near_another(row.longitude, track.bounds.west)
        return None
    return None if row.start is None else _position_nearest_in_time(track, row.start)


def _position_nearest_in_time(track: PageTrack, ms: int) -> tuple[float, float] | None:
    """Return the position of the fix nearest in time, if one is near."""
    if track.axis != "time" or not len(track.ms):
        return None
    after = int(np.searchsorted(track.ms, ms))
    near = [i for i in (after - 1, after) if 0 <= i < len(track.ms) and track.position_mask[i]]
    near = [i for i in near if abs(int(track.ms[i]) - ms) <= GAP_MS]
    if not near:
        return None
    best = min(near, key=lambda i: abs(int(track.ms[i]) - ms))
    return float(track.latitude[best]), float(track.longitude[best])


def _graticule_svg(frame: _Projection, bounds: Bounds) -> Iterator[str]:
    """Yield lines of latitude and longitude at a round step, with their degrees."""
    span = max(bounds.north - bounds.south, (bounds.east - bounds.west) / 2, 0.0004)
    step = 10 ** math.floor(math.log10(span / 2))
    step *= next(f for f in (5, 2, 1) if f == 1 or span / (step * f) >= 2.5)
    digits = max(0, -math.floor(math.log10(step)))
    look = 'stroke="#aeb8c2" stroke-width="1"'
    words = 'font-family="sans-serif" font-size="13" fill="#4a5561"'
    steps = np.arange(-400, 401)
    latitudes = (round(bounds.south / step) + steps) * step
    longitudes = (round(bounds.west / step) + steps) * step
    _, down = frame.to_pixels(latitudes, np.full(len(steps), bounds.west))
    right, _ = frame.to_pixels(np.zeros(len(steps)), longitudes)
    has_parallel = (np.abs(latitudes) <= 84) & (down > 4) & (down < HEIGHT - 4)
    has_meridian = (right > 30) & (right < WIDTH - 4)
    for line in np.flatnonzero(has_parallel | has_meridian).tolist():
        if has_parallel[line]:
            y = down[line]
            yield f'<path d="M0 {y:.1f}H{WIDTH}" {look}/>'
            label = degree_label(latitudes[line], digits)
            yield f'<text x="4" y="{y - 3:.1f}" {words}>{label}</text>'
        if has_meridian[line]:
            x, east = right[line], (longitudes[line] + 180) % 360 - 180
            yield f'<path d="M{x:.1f} 0V{HEIGHT}" {look}/>'
            yield f'<text x="{x + 3:.1f}" y="14" {words}>{degree_label(east, digits)}</text>'


def _scale_bar_and_north_arrow_svg(frame: _Projection) -> Iterator[str]:
    """Yield a scale bar of a round length, and an arrow to the north."""
    metres = 200 / frame.scale * frame.metres
    length = 10 ** math.floor(math.log10(metres))
    length *= next(f for f in (5, 2, 1) if length * f <= metres)
    pixels = length / frame.metres * frame.scale
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    y = HEIGHT - 18
    yield f'<path d="M20 {y - 8}v8h{pixels:.1f}v-8" fill="none" stroke="#14181d" stroke-width="2"/>'
    yield (
        f'<text x="26" y="{y - 6}" font-family="sans-serif" font-size="14" fill="#14181d">'
        f"{label}</text>"
    )
    x = WIDTH - 28
    yield f'<path d="M{x} 24l8 26-8-6-8 6z" fill="#14181d"/>'
    yield (
        f'<text x="{x}" y="66" font-family="sans-serif" font-size="14" text-anchor="middle" '
        'fill="#14181d">N</text>'
    )

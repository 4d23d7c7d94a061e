"""Zones near a flight: their outlines as numbers for the map, their words for the table."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.geo.geodesy import longitude_unwrapped_near_another
from dji_audit.mapper.flight_page._delta_encoding import EncodedColumn, encode_column
from dji_audit.mapper.flight_page._timeline_rows import TimelineRow
from dji_audit.mapper.html._escape import escape_html, small_print_html, table_html
from dji_audit.mapper.html._folium import Bounds
from dji_audit.zones import (
    Corridor,
    Point,
    Zone,
    ZoneEffect,
    active_times_text,
    approximate_track_to_zone_distance_m,
    densified_line,
    shape_outlines,
)

#: Number of points, then their latitudes and longitudes in units of 1e-6 degrees.
EncodedPoints = tuple[int, EncodedColumn | None, EncodedColumn | None]
#: The same for the line of a corridor, then half its width, metres.
EncodedCorridor = tuple[int, EncodedColumn | None, EncodedColumn | None, float]

#: Zones that come no nearer to the track than this are not drawn.
NEAR_M = 5000.0
#: The nearest are drawn and listed, the rest counted.
MAX_ZONES = 300

#: Effect -> colour on the still map, as on the other.
ZONE_COLOUR = {
    ZoneEffect.PROHIBITED: "#b00020",
    ZoneEffect.AUTHORISATION: "#b00020",
    ZoneEffect.CONDITIONAL: "#8a4b00",
    ZoneEffect.ADVISORY: "#8a4b00",
    ZoneEffect.FENCE: "#14181d",
}
_OTHER_COLOUR = "#5f6b76"
#: Names on the still map: how many, how long, and how wide a letter is at most, in pixels.
_MAX_NAMES, _MAX_NAME, _LETTER_PX, _NAME_PX = 20, 40, 8.0, 18.0

Floats = npt.NDArray[np.float64]
#: Returns pixels of latitudes and longitudes.
ToPixels = Callable[[Floats, Floats], tuple[Floats, Floats]]

_EFFECTS = {
    ZoneEffect.PROHIBITED: "flying is prohibited",
    ZoneEffect.AUTHORISATION: "needs an authorisation",
    ZoneEffect.CONDITIONAL: "allowed on conditions",
    ZoneEffect.ADVISORY: "advice",
    ZoneEffect.NONE: "no restriction",
    ZoneEffect.FENCE: "fence of the operator",
    ZoneEffect.NOT_STATED: "meaning not stated",
}
#: Outcome of a finding about a zone -> what its chip says; the gravest first.
_CHIPS = {"fail": "finding", "fail_authorised": "authorised", "not_assessable": "inconclusive"}


@dataclass(frozen=True, slots=True, eq=False)
class DrawnZone:
    """A zone as it is drawn and listed."""

    zone: Zone
    #: Closed outlines, latitude and longitude in degrees.
    rings: tuple[tuple[Point, ...], ...]
    #: Lines of corridors and half their width, metres.
    lines: tuple[tuple[tuple[Point, ...], float], ...]
    #: From the box round the track to that round the zone, metres; 0: they overlap.
    distance_m: float
    #: The gravest outcome among the findings about it; empty: there is none.
    outcome: str

    @property
    def is_in_finding(self) -> bool:
        """Whether a finding is about it."""
        return bool(self.outcome)


@dataclass(frozen=True, slots=True, eq=False)
class NearbyZones:
    """The zones that a page shows."""

    zones: tuple[DrawnZone, ...]
    #: How many were looked through, and how many near ones are left out.
    total: int
    left_out: int


class ZoneAsJsonData(TypedDict):
    """One zone as the viewer draws it and says it; every text made visible, none of it markup."""

    id: str
    name: str
    kind: str
    effect: str
    effect_text: str
    limits: str
    inclusion: bool
    in_finding: bool
    active: str
    source: str
    rings: list[EncodedPoints]
    lines: list[EncodedCorridor]


def find_nearby_zones(
    zones: Sequence[Zone], bounds: Bounds | None, happened: Sequence[TimelineRow]
) -> NearbyZones:
    """Return the zones near a flight, those that a finding is about first, then the nearest.

    Args:
        zones: All zones that were supplied.
        bounds: The box round the track; ``None``: there is no path, and nothing is near.
        happened: The rows of the flight; a finding names its zone as its subject.
    """
    outcomes: dict[str, str] = {}
    for row in happened:
        if row.subject is not None:
            outcomes[row.subject] = min(
                row.outcome, outcomes.get(row.subject, ""), key=_finding_outcome_rank
            )
    nearby = []
    for zone in zones:
        away = 0.0 if not zone.shape else _rough_distance_between_boxes_m(zone, bounds)
        if zone.id in outcomes or away <= NEAR_M:
            west = bounds.west if bounds else 0.0
            nearby.append(_build_drawn_zone(zone, west, away, outcomes.get(zone.id, "")))
    nearby.sort(key=lambda one: (not one.is_in_finding, one.distance_m, one.zone.id, one.zone.path))
    return NearbyZones(tuple(nearby[:MAX_ZONES]), len(zones), max(len(nearby) - MAX_ZONES, 0))


def _finding_outcome_rank(outcome: str) -> int:
    return list(_CHIPS).index(outcome) if outcome in _CHIPS else len(_CHIPS)


def nearby_zones_as_json_data(zones: NearbyZones) -> list[ZoneAsJsonData]:
    """Return what the viewer draws and says; every text made visible, none of it markup."""
    return [
        {
            "id": truncated_visible_text(one.zone.id),
            "name": truncated_visible_text(one.zone.name),
            "kind": truncated_visible_text(one.zone.kind),
            "effect": one.zone.effect.value,
            "effect_text": _EFFECTS[one.zone.effect],
            "limits": truncated_visible_text(one.zone.limits_text),
            "inclusion": one.zone.inclusion,
            "in_finding": one.is_in_finding,
            "active": truncated_visible_text(active_times_text(one.zone)),
            "source": truncated_visible_text(one.zone.source.name),
            "rings": [_encode_lat_lon_points(ring) for ring in one.rings],
            "lines": [(*_encode_lat_lon_points(line), half_m) for line, half_m in one.lines],
        }
        for one in zones.zones
    ]


def _encode_lat_lon_points(points: Sequence[Point]) -> EncodedPoints:
    array = np.array(points, np.float64).reshape(-1, 2)
    return len(array), encode_column(array[:, 0], 10**6), encode_column(array[:, 1], 10**6)


def nearby_zones_table_html(zones: NearbyZones) -> str:
    """Return the table of the zones, for the tab and for where scripts do not run."""
    if not zones.total:
        return (
            "<p><b>No zones were supplied.</b> The events hold only the geofence events of the "
            "aircraft itself; the track was not compared with other zones.</p>"
        )
    lead = f"{pluralised_count(zones.total, 'zone')} supplied, {len(zones.zones):,} of them "
    lead += f"within {NEAR_M / 1000:g} km of the track or in a finding."
    if zones.left_out:
        lead += f" {zones.left_out:,} further zones nearby are not listed."
    if not zones.zones:
        return f"<p><b>{lead}</b></p>"
    rows = "".join(_zone_row_html(number, one) for number, one in enumerate(zones.zones))
    table = table_html(
        {"Zone": "", "Limits": "s", "Source": "s"},
        rows,
        'id="zone_table" aria-label="Zones near the track"',
    )
    return (
        f"<p>{lead}</p>{table}"
        '<p class="note">Limits stand with what they are counted from. Heights from different '
        "datums are never compared.</p>"
    )


def _zone_row_html(number: int, one: DrawnZone) -> str:
    zone = one.zone
    word = _CHIPS.get(one.outcome, "")
    chip = f'<span class="chip {one.outcome}">{word}</span>' if word else ""
    where = f"{one.distance_m / 1000:.1f} km away" if one.distance_m > 0 else ""
    kind = " · ".join(filter(None, [zone.kind, _EFFECTS[zone.effect], where]))
    stay = "inclusion zone" if zone.inclusion else ""
    everywhere = "" if zone.shape else "everywhere: not drawn"
    address = zone.path if zone.offset is None else f"{zone.path}, byte {zone.offset:,}"
    edition = f"edition {zone.source.edition}" if zone.source.edition else ""
    return (
        f'<tr data-zone="{number}" class="{"in_finding" if one.is_in_finding else ""}">'
        f"<td><b>{escape_html(zone.name or zone.id)}</b> {chip}"
        f"{small_print_html(zone.id)}{small_print_html(kind)}"
        f"{small_print_html(stay)}{small_print_html(everywhere)}{small_print_html(zone.remarks)}</td>"
        f"<td>{escape_html(zone.limits_text)}{small_print_html(active_times_text(zone))}</td>"
        f'<td class="source">{escape_html(zone.source.name)}{small_print_html(address)}'
        f"{small_print_html(edition)}</td></tr>"
    )


def _build_drawn_zone(zone: Zone, west: float, away_m: float, outcome: str) -> DrawnZone:
    rings: list[tuple[Point, ...]] = []
    lines: list[tuple[tuple[Point, ...], float]] = []
    for shape in zone.shape:
        if isinstance(shape, Corridor):
            lines.append((densified_line(shape.points), shape.half_width_m))
        else:
            rings += shape_outlines(shape)
    return DrawnZone(
        zone,
        tuple(_unwrap_point_longitudes(ring, west) for ring in rings),
        tuple((_unwrap_point_longitudes(line, west), half) for line, half in lines),
        away_m,
        outcome,
    )


def _unwrap_point_longitudes(points: Sequence[Point], west: float) -> tuple[Point, ...]:
    """Return points whose longitudes are continuous with those of the track."""
    out: list[Point] = []
    near = west
    for latitude, longitude in points:
        near = longitude_unwrapped_near_another(longitude, near)
        out.append((latitude, near))
    return tuple(out)


def _rough_distance_between_boxes_m(zone: Zone, bounds: Bounds | None) -> float:
    """Return how far the box round a zone is from that round the track, roughly."""
    return math.inf if bounds is None else approximate_track_to_zone_distance_m(zone, bounds)


def zone_outlines_svg(to_pixels: ToPixels, zones: Iterable[DrawnZone]) -> Iterator[str]:
    """Yield the outline of each zone: thick if in a finding, dashed if an inclusion zone."""
    for one in zones:
        ink = ZONE_COLOUR.get(one.zone.effect, _OTHER_COLOUR)
        look = f'stroke="{ink}" stroke-width="{3 if one.is_in_finding else 1.3}" fill="none"'
        look += ' stroke-dasharray="10 5"' if one.zone.inclusion else ""
        for points in (*one.rings, *(line for line, _ in one.lines)):
            x, y = _line_pixels_clamped_to_drawable_range(to_pixels, points)
            corners = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
            end = "" if points not in one.rings else "z"
            yield f'<path d="M{corners}{end}" {look}/>'


def zone_names_svg(
    to_pixels: ToPixels, zones: Sequence[DrawnZone], width: int, height: int
) -> Iterator[str]:
    """Yield the name of each zone that a finding is about, at its top or foot, none over another.

    Args:
        to_pixels: Returns pixels of latitudes and longitudes.
        zones: The zones; one that is not in sight, or has no room for its name, has none.
        width: Pixels of the picture.
        height: The same.
    """
    taken: list[tuple[float, float, float]] = []
    for one in [zone for zone in zones if zone.is_in_finding][:_MAX_NAMES]:
        name = truncated_visible_text(one.zone.name or one.zone.id)
        name = name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"
        wide = _LETTER_PX * len(name)
        at = [
            _line_pixels_clamped_to_drawable_range(to_pixels, points)
            for points in (*one.rings, *(line for line, _ in one.lines))
        ]
        corners = [
            (x, y)
            for xs, ys in at
            for x, y in zip(xs.tolist(), ys.tolist(), strict=True)
            if 0 <= x <= width and 0 <= y <= height
        ]
        if not corners:
            continue
        top, foot = min(corners, key=lambda p: p[1]), max(corners, key=lambda p: p[1])
        places = ((top[0], top[1] - 7), (foot[0], foot[1] + 17), (top[0], top[1] + 17))
        for x, y in places:
            left = min(max(x - wide / 2, 6), width - wide - 6)
            is_free = all(
                left + wide < other or other + other_wide < left or abs(y - level) > _NAME_PX
                for other, level, other_wide in taken
            )
            if is_free and 16 <= y <= height - 30:
                taken.append((left, y, wide))
                ink = ZONE_COLOUR.get(one.zone.effect, _OTHER_COLOUR)
                yield (
                    f'<text x="{left + wide / 2:.1f}" y="{y:.1f}" text-anchor="middle" '
                    'font-family="sans-serif" font-size="14" font-weight="bold" '
                    f'fill="{ink}" stroke="#fff" stroke-width="3.5" paint-order="stroke">'
                    f"{escape_html(name)}</text>"
                )
                break


def _line_pixels_clamped_to_drawable_range(
    to_pixels: ToPixels, points: Sequence[Point]
) -> tuple[Floats, Floats]:
    """Return pixels of a line, none so far away that a viewer cannot draw it."""
    latitude, longitude = np.array(points, np.float64).T
    x, y = (np.clip(part, -1e5, 1e5) for part in to_pixels(latitude, longitude))
    return x, y

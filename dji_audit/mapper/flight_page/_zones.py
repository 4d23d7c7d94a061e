"""Zones near a flight: their outlines as numbers for the map, their words for the table."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from pyproj import Geod

from dji_audit.mapper.flight_page._delta_encoding import encode
from dji_audit.mapper.flight_page._timeline import Row
from dji_audit.mapper.flight_page._track import continuous
from dji_audit.mapper.html._escape import escaped, shown
from dji_audit.mapper.html._folium import Bounds
from dji_audit.zones import (
    Arc,
    Circle,
    Corridor,
    Effect,
    Hours,
    Period,
    Point,
    Ring,
    Shape,
    Sun,
    Zone,
)

_WGS84 = Geod(ellps="WGS84")
#: Zones that come no nearer to the path than this are not drawn.
NEAR_M = 5000.0
#: The nearest are drawn and listed, the rest counted.
MOST_ZONES = 300
#: Corners of a whole circle, and the longest step along a geodesic.
_CIRCLE_STEPS = 96
_STEP_M = 2000.0
#: A longer edge is drawn straight: it passes nowhere near the flight.
_MOST_STEPS = 200
_METRES_A_DEGREE = 111_320.0

_EFFECTS = {
    Effect.PROHIBITED: "flying is prohibited",
    Effect.AUTHORISATION: "needs an authorisation",
    Effect.CONDITIONAL: "allowed on conditions",
    Effect.ADVISORY: "advice",
    Effect.NONE: "no restriction",
    Effect.FENCE: "fence of the operator",
    Effect.NOT_STATED: "meaning not stated",
}
#: Outcome of a finding about a zone -> what its chip says; the gravest first.
_CHIPS = {"fail": "finding", "fail_authorised": "authorised", "not_assessable": "cannot be told"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A zone as it is drawn and listed."""

    zone: Zone
    #: Closed outlines, latitude and longitude in degrees.
    rings: tuple[tuple[Point, ...], ...]
    #: Lines of corridors and half their width, metres.
    lines: tuple[tuple[tuple[Point, ...], float], ...]
    #: From the box round the path to that round the zone, metres; 0: they overlap.
    away_m: float
    #: The gravest outcome of what was found about it; empty: nothing was.
    outcome: str

    @property
    def crossed(self) -> bool:
        """Whether a finding is about it."""
        return bool(self.outcome)


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """The zones that a page shows."""

    drawn: tuple[Drawn, ...]
    #: How many were looked through, and how many near ones are left out.
    count: int
    left_out: int


def zones_near(zones: Sequence[Zone], bounds: Bounds | None, happened: Sequence[Row]) -> Zones:
    """Return the zones near a flight, those that a finding is about first, then the nearest.

    Args:
        zones: All that were brought.
        bounds: The box round the path; ``None``: there is no path, and nothing is near.
        happened: The rows of the flight; a finding names its zone as its subject.
    """
    outcomes: dict[str, str] = {}
    for row in happened:
        if row.subject is not None:
            outcomes[row.subject] = min(row.outcome, outcomes.get(row.subject, ""), key=_gravest)
    found = []
    for zone in zones:
        away = 0.0 if not zone.shape else _away_m(zone, bounds)
        if zone.id in outcomes or away <= NEAR_M:
            west = bounds.west if bounds else 0.0
            found.append(_drawn(zone, west, away, outcomes.get(zone.id, "")))
    found.sort(key=lambda one: (not one.crossed, one.away_m, one.zone.id, one.zone.path))
    return Zones(tuple(found[:MOST_ZONES]), len(zones), max(len(found) - MOST_ZONES, 0))


def _gravest(outcome: str) -> int:
    return list(_CHIPS).index(outcome) if outcome in _CHIPS else len(_CHIPS)


def zone_data(zones: Zones) -> list[dict[str, Any]]:
    """Return what the viewer draws and says; every text made visible, none of it markup."""
    return [
        {
            "id": shown(one.zone.id),
            "name": shown(one.zone.name),
            "kind": shown(one.zone.kind),
            "effect": one.zone.effect.value,
            "means": _EFFECTS[one.zone.effect],
            "limits": shown(one.zone.limits_text),
            "inclusion": one.zone.inclusion,
            "crossed": one.crossed,
            "active": shown(active_words(one.zone)),
            "from": shown(one.zone.source.name),
            "rings": [_encoded(ring) for ring in one.rings],
            "lines": [[*_encoded(line), half_m] for line, half_m in one.lines],
        }
        for one in zones.drawn
    ]


def _encoded(points: Sequence[Point]) -> list[Any]:
    array = np.array(points, np.float64).reshape(-1, 2)
    return [len(array), encode(array[:, 0], 10**6), encode(array[:, 1], 10**6)]


def zone_section(zones: Zones) -> str:
    """Return the table of the zones, for the tab and for where scripts do not run."""
    if not zones.count:
        return (
            "<p><b>No zones were given.</b> Only what the aircraft itself says of boundaries is "
            "among the events; nothing was compared with anybody else's zones.</p>"
        )
    lead = f"{zones.count:,} zone{'s' * (zones.count != 1)} given, {len(zones.drawn):,} of them "
    lead += f"within {NEAR_M / 1000:g} km of the path or in a finding."
    if zones.left_out:
        lead += f" {zones.left_out:,} more that are near are not listed."
    if not zones.drawn:
        return f"<p><b>{lead}</b></p>"
    rows = "".join(_row(number, one) for number, one in enumerate(zones.drawn))
    return (
        f"<p>{lead}</p>"
        '<table id="zone_table" aria-label="Zones near the path"><thead><tr>'
        '<th scope="col">Zone</th><th scope="col" class="s">Limits</th>'
        f'<th scope="col" class="s">Source</th></tr></thead><tbody>{rows}</tbody></table>'
        '<p class="note">Limits stand with what they are counted from. Heights from different '
        "datums are never compared.</p>"
    )


def _row(number: int, one: Drawn) -> str:
    zone = one.zone
    word = _CHIPS.get(one.outcome, "")
    chip = f'<span class="chip {one.outcome}">{word}</span>' if word else ""
    where = f"{one.away_m / 1000:.1f} km away" if one.away_m > 0 else ""
    kind = " · ".join(filter(None, [zone.kind, _EFFECTS[zone.effect], where]))
    stay = "to stay within" if zone.inclusion else ""
    everywhere = "" if zone.shape else "everywhere: not drawn"
    place = zone.path if zone.offset is None else f"{zone.path}, byte {zone.offset:,}"
    return (
        f'<tr data-zone="{number}" class="{"crossed" if one.crossed else ""}">'
        f"<td><b>{escaped(zone.name or zone.id)}</b> {chip}{_sub(zone.id)}{_sub(kind)}"
        f"{_sub(stay)}{_sub(everywhere)}{_sub(zone.remarks)}</td>"
        f"<td>{escaped(zone.limits_text)}{_sub(active_words(zone))}</td>"
        f'<td class="source">{escaped(zone.source.name)}{_sub(place)}'
        f"{_sub(f'edition {zone.source.edition}' if zone.source.edition else '')}</td></tr>"
    )


def _sub(text: str) -> str:
    return f'<span class="sub">{escaped(text)}</span>' if text else ""


def active_words(zone: Zone) -> str:
    """Return when a zone is active, in words."""
    if not zone.schedule:
        return "always active" if zone.schedule_stated else "times not stated: taken as always"
    return "active " + " or ".join(_period(period) for period in zone.schedule[:4])


def _period(period: Period) -> str:
    parts = []
    if period.start is not None:
        parts.append(f"from {period.start:%Y-%m-%d %H:%M} UTC")
    if period.end is not None:
        parts.append(f"until {period.end:%Y-%m-%d %H:%M} UTC")
    parts += [_hours(hours) for hours in period.hours[:4]]
    return " ".join(parts) or "always"


def _hours(hours: Hours) -> str:
    days = ", ".join(_DAYS[day - 1] for day in sorted(hours.days)) or "daily"
    edges = [
        "" if edge is None else edge.value if isinstance(edge, Sun) else f"{edge:%H:%M} UTC"
        for edge in (hours.start, hours.end)
    ]
    return f"{days} {edges[0] or '00:00 UTC'} to {edges[1] or '24:00 UTC'}"


def _drawn(zone: Zone, west: float, away_m: float, outcome: str) -> Drawn:
    rings: list[tuple[Point, ...]] = []
    lines: list[tuple[tuple[Point, ...], float]] = []
    for shape in zone.shape:
        if isinstance(shape, Circle):
            rings.append(_circle(shape.centre, shape.radius_m))
        elif isinstance(shape, Corridor):
            lines.append((_line(shape.points), shape.half_width_m))
        else:
            rings += [_ring(ring) for ring in (shape.outer, *shape.holes)]
    return Drawn(
        zone,
        tuple(_nearby(ring, west) for ring in rings),
        tuple((_nearby(line, west), half) for line, half in lines),
        away_m,
        outcome,
    )


def _nearby(points: Sequence[Point], west: float) -> tuple[Point, ...]:
    """Return points whose longitudes are continuous with those of the path."""
    out: list[Point] = []
    near = west
    for latitude, longitude in points:
        near = continuous(longitude, near)
        out.append((latitude, near))
    return tuple(out)


def _circle(centre: Point, radius_m: float) -> tuple[Point, ...]:
    turns = np.linspace(0, 360, _CIRCLE_STEPS, endpoint=False)
    return _around(centre, radius_m, turns)


def _around(centre: Point, radius_m: float, bearings: Any) -> tuple[Point, ...]:
    count = len(bearings)
    longitude, latitude, _ = _WGS84.fwd(
        np.full(count, centre[1]), np.full(count, centre[0]), bearings, np.full(count, radius_m)
    )
    return tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))


def _ring(ring: Ring) -> tuple[Point, ...]:
    """Return a ring with its arcs, and geodesics in short steps."""
    arcs = {arc.edge: arc for arc in ring.arcs}
    out: list[Point] = []
    for number, start in enumerate(ring.points):
        end = ring.points[(number + 1) % len(ring.points)]
        out.append(start)
        arc = arcs.get(number)
        out += _on_arc(arc, start, end) if arc else _on_geodesic(start, end)
    return tuple(out)


def _line(points: Sequence[Point]) -> tuple[Point, ...]:
    out = [points[0]]
    for start, end in pairwise(points):
        out += [*_on_geodesic(start, end), end]
    return tuple(out)


def _on_geodesic(start: Point, end: Point) -> list[Point]:
    """Return the points between two corners, so that a long edge bends as it does on earth."""
    _, _, length = _WGS84.inv(start[1], start[0], end[1], end[0])
    steps = int(length // _STEP_M)
    if not 0 < steps <= _MOST_STEPS:
        return []
    return [(lat, lon) for lon, lat in _WGS84.npts(start[1], start[0], end[1], end[0], steps)]


def _on_arc(arc: Arc, start: Point, end: Point) -> list[Point]:
    bearings = [
        _WGS84.inv(arc.centre[1], arc.centre[0], point[1], point[0])[0] for point in (start, end)
    ]
    swept = (bearings[1] - bearings[0]) % 360
    if not arc.clockwise:
        swept -= 360
    steps = max(int(abs(swept) / 360 * _CIRCLE_STEPS), 1)
    turns = bearings[0] + swept * np.arange(1, steps) / steps
    return list(_around(arc.centre, arc.radius_m, turns)) if steps > 1 else []


def _away_m(zone: Zone, bounds: Bounds | None) -> float:
    """Return how far the box round a zone is from that round the path, roughly."""
    if bounds is None:
        return math.inf
    shrink = max(math.cos(math.radians((bounds.south + bounds.north) / 2)), 0.01)
    return min(_shape_away(shape, bounds, shrink) for shape in zone.shape)


def _shape_away(shape: Shape, bounds: Bounds, shrink: float) -> float:
    points, reach = list(_corners(shape)), _reach(shape)
    latitudes = [point[0] for point in points]
    longitudes = [continuous(point[1], bounds.west) for point in points]
    north = max(bounds.south - max(latitudes), min(latitudes) - bounds.north, 0.0)
    east = max(bounds.west - max(longitudes), min(longitudes) - bounds.east, 0.0)
    return max(math.hypot(north, east * shrink) * _METRES_A_DEGREE - reach, 0.0)


def _corners(shape: Shape) -> Iterator[Point]:
    if isinstance(shape, Circle):
        yield shape.centre
    elif isinstance(shape, Corridor):
        yield from shape.points
    else:
        yield from shape.outer.points
        for arc in shape.outer.arcs:
            # An arc may bulge beyond its corners.
            yield from _around(arc.centre, arc.radius_m, np.arange(0.0, 360.0, 45.0))


def _reach(shape: Shape) -> float:
    if isinstance(shape, Circle):
        return shape.radius_m
    return shape.half_width_m if isinstance(shape, Corridor) else 0.0

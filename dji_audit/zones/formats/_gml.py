"""Surfaces and curves of GML 3.2, as AIXM uses them."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from dji_audit.zones._model import (
    FEET_M,
    NAUTICAL_MILE_M,
    Circle,
    Point,
    Polygon,
    Ring,
    Shape,
    ZoneError,
)
from dji_audit.zones._shapes import (
    checked_circle,
    checked_corridor,
    checked_point,
    polygon,
)
from dji_audit.zones.formats._arcs import Edges
from dji_audit.zones.formats._xml import child, children, local, number_in, text_in, text_of

_METRES = {
    "M": 1.0,
    "KM": 1000.0,
    "NM": NAUTICAL_MILE_M,
    "[NMI_I]": NAUTICAL_MILE_M,
    "FT": FEET_M,
    "[FT_I]": FEET_M,
}


class NotDrawnError(Exception):
    """The shape is not in the file by itself; the message says where it would come from."""


@dataclass(frozen=True, slots=True)
class _Axes:
    """Which number of a pair comes first, and from where angles count."""

    latitude_first: bool

    def point(self, first: float, second: float, path: str) -> Point:
        pair = (first, second) if self.latitude_first else (second, first)
        return checked_point(*pair, path)

    def bearing_deg(self, angle_deg: float) -> float:
        return angle_deg if self.latitude_first else 90 - angle_deg


def within(element: Element, *names: str) -> Element | None:
    """Return the first descendant along some names; ``None`` where there is none."""
    found: Element | None = element
    for name in names:
        found = child(found, name) if found is not None else None
    return found


def surface_of(volume: Element, path: str) -> tuple[Shape, ...]:
    """Return the shape of an airspace volume.

    Raises:
        NotDrawnError: If it has none of its own.
        ZoneError: If what is drawn is wrong.
    """
    surface = within(volume, "horizontalProjection", "Surface")
    if surface is None:
        line = within(volume, "centreline", "Curve")
        if line is None:
            raise NotDrawnError("a shape that refers to another airspace")
        return (_corridor(volume, line, path),)
    axes = _axes(surface, path)
    patches = [one for held in children(surface, "patches") for one in held]
    if not patches:
        raise ZoneError(f"{path}: expected a patch of a surface, found none")
    return tuple(
        _patch(patch, axes, f"{path}/patch[{number}]") for number, patch in enumerate(patches, 1)
    )


def _axes(element: Element, path: str) -> _Axes:
    """Return the axes of the first reference system that an element or one in it names."""
    names = (one.get("srsName") for one in element.iter())
    name = next((one for one in names if one), "")
    if name.endswith("4326"):
        return _Axes(latitude_first=True)
    if name.endswith("CRS84"):
        return _Axes(latitude_first=False)
    raise ZoneError(f"{path}: expected srsName EPSG:4326 or CRS84, found {name[:60]!r}")


def _patch(patch: Element, axes: _Axes, path: str) -> Circle | Polygon:
    outer = child(patch, "exterior")
    if outer is None:
        raise ZoneError(f"{path}: expected an exterior, found none")
    circle = next((one for one in outer.iter() if local(one) == "CircleByCenterPoint"), None)
    holes = list(children(patch, "interior"))
    if circle is not None and not holes:
        where = f"{path}/CircleByCenterPoint"
        return checked_circle(_centre(circle, axes, where), _length(circle, "radius", where), where)
    rings = [_ring(one, axes, path) for one in (outer, *holes)]
    return polygon(rings, path)


def _ring(boundary: Element, axes: _Axes, path: str) -> Ring:
    edges = Edges()
    for segment in _segments(boundary, path):
        name = local(segment)
        if name in ("GeodesicString", "LineStringSegment", "LinearRing"):
            for point in _points(segment, axes, path):
                edges.line(point)
        elif name in ("ArcByCenterPoint", "CircleByCenterPoint"):
            _arc(segment, axes, edges, path)
        else:
            raise ZoneError(f"{path}: expected a line or an arc, found {name[:40]!r}")
    return edges.polygon(path).outer


def _segments(boundary: Element, path: str) -> Iterator[Element]:
    """Yield what a ring is drawn of, in order."""
    for ring in boundary:
        if local(ring) == "LinearRing":
            yield ring
            continue
        for member in children(ring, "curveMember"):
            if not len(member):
                raise NotDrawnError("a border that is described elsewhere")
            for curve in member:
                for held in children(curve, "segments"):
                    yield from held
    if not len(boundary):
        raise ZoneError(f"{path}: expected a ring, found none")


def _points(segment: Element, axes: _Axes, path: str) -> Iterator[Point]:
    """Yield the positions of a line, however they are held."""
    for one in segment.iter():
        if local(one) not in ("pos", "posList"):
            continue
        numbers = [number_in(word, path) for word in text_of(one).split()]
        if len(numbers) % 2 or not numbers:
            raise ZoneError(f"{path}: expected pairs of numbers, found {len(numbers)} numbers")
        for first, second in zip(numbers[::2], numbers[1::2], strict=True):
            yield axes.point(first, second, path)


def _arc(segment: Element, axes: _Axes, edges: Edges, path: str) -> None:
    where = f"{path}/{local(segment)}"
    centre, radius = _centre(segment, axes, where), _length(segment, "radius", where)
    start = number_in(text_in(segment, "startAngle") or "0", f"{where}/startAngle")
    end = number_in(text_in(segment, "endAngle") or "360", f"{where}/endAngle")
    edges.arc_of(
        centre,
        checked_circle(centre, radius, where).radius_m,
        axes.bearing_deg(start),
        axes.bearing_deg(end),
        clockwise=(end > start) == axes.latitude_first,
    )


def _centre(segment: Element, axes: _Axes, path: str) -> Point:
    found = next(_points(segment, axes, path), None)
    if found is None:
        raise ZoneError(f"{path}: expected a centre, found none")
    return found


def _length(element: Element, name: str, path: str) -> float:
    held = child(element, name)
    unit = held.get("uom", "") if held is not None else ""
    if held is None or unit.upper() not in _METRES:
        raise ZoneError(f"{path}/{name}: expected a length in M, KM, NM or FT, found {unit[:20]!r}")
    return number_in(text_of(held), f"{path}/{name}") * _METRES[unit.upper()]


def _corridor(volume: Element, line: Element, path: str) -> Shape:
    axes = _axes(line, path)
    points = [
        point
        for held in children(line, "segments")
        for segment in held
        for point in _points(segment, axes, path)
    ]
    return checked_corridor(points, _length(volume, "width", path), path)

"""Surfaces and curves of GML 3.2, as AIXM uses them."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from dji_audit.zones import _model as model
from dji_audit.zones._validated_shapes import (
    valid_circle,
    valid_corridor,
    valid_point,
    valid_polygon,
)
from dji_audit.zones.formats._ring_builder import RingBuilder
from dji_audit.zones.formats._xml import (
    child_text,
    children,
    element_text,
    first_child,
    local_name,
    parse_number,
)

_METRES = {
    "M": 1.0,
    "KM": 1000.0,
    "NM": model.NAUTICAL_MILE_M,
    "[NMI_I]": model.NAUTICAL_MILE_M,
    "FT": model.FEET_M,
    "[FT_I]": model.FEET_M,
}


class NoOwnShapeError(Exception):
    """The file does not contain the shape itself; the message says where it comes from."""


@dataclass(frozen=True, slots=True)
class _AxisOrder:
    """Which number of a pair comes first, and where angles start."""

    latitude_first: bool

    def to_lat_lon(self, first: float, second: float, path: str) -> model.Point:
        pair = (first, second) if self.latitude_first else (second, first)
        return valid_point(*pair, path)

    def bearing_deg(self, angle_deg: float) -> float:
        return angle_deg if self.latitude_first else 90 - angle_deg


def descendant_by_path(element: Element, *names: str) -> Element | None:
    """Return the first descendant along a path of names; ``None`` where there is none."""
    current: Element | None = element
    for name in names:
        current = first_child(current, name) if current is not None else None
    return current


def read_volume_shape(volume: Element, path: str) -> tuple[model.Shape, ...]:
    """Return the shape of an airspace volume.

    Raises:
        NoOwnShapeError: If it has no shape of its own.
        ZoneError: If the shape is invalid.
    """
    surface = descendant_by_path(volume, "horizontalProjection", "Surface")
    if surface is None:
        line = descendant_by_path(volume, "centreline", "Curve")
        if line is None:
            raise NoOwnShapeError("a shape that refers to another airspace")
        return (_read_corridor(volume, line, path),)
    axes = _axis_order(surface, path)
    patches = [child for property_ in children(surface, "patches") for child in property_]
    if not patches:
        raise model.ZoneError(f"{path}: expected a patch of a surface, found none")
    return tuple(
        _read_polygon_patch(patch, axes, f"{path}/patch[{number}]")
        for number, patch in enumerate(patches, 1)
    )


def _axis_order(element: Element, path: str) -> _AxisOrder:
    """Return the axis order of the first reference system named in an element."""
    names = (child.get("srsName") for child in element.iter())
    name = next((child for child in names if child), "")
    if name.endswith("4326"):
        return _AxisOrder(latitude_first=True)
    if name.endswith("CRS84"):
        return _AxisOrder(latitude_first=False)
    raise model.ZoneError(f"{path}: expected srsName EPSG:4326 or CRS84, found {name[:60]!r}")


def _read_polygon_patch(
    patch: Element, axes: _AxisOrder, path: str
) -> model.Circle | model.Polygon:
    outer = first_child(patch, "exterior")
    if outer is None:
        raise model.ZoneError(f"{path}: expected an exterior, found none")
    circle = next(
        (boundary for boundary in outer.iter() if local_name(boundary) == "CircleByCenterPoint"),
        None,
    )
    holes = list(children(patch, "interior"))
    if circle is not None and not holes:
        where = f"{path}/CircleByCenterPoint"
        return valid_circle(
            _read_centre_point(circle, axes, where), _read_length_m(circle, "radius", where), where
        )
    rings = [_read_ring(boundary, axes, path) for boundary in (outer, *holes)]
    return valid_polygon(rings, path)


def _read_ring(boundary: Element, axes: _AxisOrder, path: str) -> model.Ring:
    edges = RingBuilder()
    for segment in _ring_segments(boundary, path):
        name = local_name(segment)
        if name in ("GeodesicString", "LineStringSegment", "LinearRing"):
            for point in _read_points(segment, axes, path):
                edges.add_line(point)
        elif name in ("ArcByCenterPoint", "CircleByCenterPoint"):
            _add_arc_by_centre(segment, axes, edges, path)
        else:
            raise model.ZoneError(f"{path}: expected a line or an arc, found {name[:40]!r}")
    return edges.to_polygon(path).outer


def _ring_segments(boundary: Element, path: str) -> Iterator[Element]:
    """Yield the segments of a ring in order."""
    for ring in boundary:
        if local_name(ring) == "LinearRing":
            yield ring
            continue
        for member in children(ring, "curveMember"):
            if not len(member):
                raise NoOwnShapeError("a border that is described elsewhere")
            for curve in member:
                for property_ in children(curve, "segments"):
                    yield from property_
    if not len(boundary):
        raise model.ZoneError(f"{path}: expected a ring, found none")


def _read_points(segment: Element, axes: _AxisOrder, path: str) -> Iterator[model.Point]:
    """Yield the positions of a line, from ``pos`` or ``posList``."""
    for element in segment.iter():
        if local_name(element) not in ("pos", "posList"):
            continue
        numbers = [parse_number(word, path) for word in element_text(element).split()]
        if len(numbers) % 2 or not numbers:
            raise model.ZoneError(
                f"{path}: expected pairs of numbers, found {len(numbers)} numbers"
            )
        for first, second in zip(numbers[::2], numbers[1::2], strict=True):
            yield axes.to_lat_lon(first, second, path)


def _add_arc_by_centre(segment: Element, axes: _AxisOrder, edges: RingBuilder, path: str) -> None:
    where = f"{path}/{local_name(segment)}"
    centre, radius = (
        _read_centre_point(segment, axes, where),
        _read_length_m(segment, "radius", where),
    )
    start = parse_number(child_text(segment, "startAngle") or "0", f"{where}/startAngle")
    end = parse_number(child_text(segment, "endAngle") or "360", f"{where}/endAngle")
    edges.add_arc_by_bearings(
        centre,
        valid_circle(centre, radius, where).radius_m,
        axes.bearing_deg(start),
        axes.bearing_deg(end),
        clockwise=(end > start) == axes.latitude_first,
    )


def _read_centre_point(segment: Element, axes: _AxisOrder, path: str) -> model.Point:
    point = next(_read_points(segment, axes, path), None)
    if point is None:
        raise model.ZoneError(f"{path}: expected a centre, found none")
    return point


def _read_length_m(element: Element, name: str, path: str) -> float:
    property_ = first_child(element, name)
    unit = property_.get("uom", "") if property_ is not None else ""
    if property_ is None or unit.upper() not in _METRES:
        raise model.ZoneError(
            f"{path}/{name}: expected a length in M, KM, NM or FT, found {unit[:20]!r}"
        )
    return parse_number(element_text(property_), f"{path}/{name}") * _METRES[unit.upper()]


def _read_corridor(volume: Element, line: Element, path: str) -> model.Shape:
    axes = _axis_order(line, path)
    points = [
        point
        for property_ in children(line, "segments")
        for segment in property_
        for point in _read_points(segment, axes, path)
    ]
    return valid_corridor(points, _read_length_m(volume, "width", path), path)

"""Surfaces and curves of GML 3.2, as AIXM uses them."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from dji_audit.zones import _model as model
from dji_audit.zones._completeness_area import bounds_despite_unread_points
from dji_audit.zones._validated_shapes import (
    build_valid_circle,
    build_valid_corridor,
    build_valid_point,
    build_valid_polygon,
    build_valid_ring,
)
from dji_audit.zones.formats._border_stretch import Floats, border_stretch_between
from dji_audit.zones.formats._ring_builder import RingBuilder
from dji_audit.zones.formats._xml_elements import (
    child_text,
    children_named,
    first_child_named,
    local_name,
    parse_number,
    stripped_text_of_element,
)

_METRES = {
    "M": 1.0,
    "KM": 1000.0,
    "NM": model.NAUTICAL_MILE_M,
    "[NMI_I]": model.NAUTICAL_MILE_M,
    "FT": model.FEET_M,
    "[FT_I]": model.FEET_M,
}


class ShapeNotInFileError(Exception):
    """The file does not contain the shape itself; the message says where it comes from."""


@dataclass(frozen=True, slots=True)
class _AxisOrder:
    """Which number of a pair comes first, and where angles start."""

    latitude_first: bool

    def to_lat_lon(self, first: float, second: float, path: str) -> model.Point:
        pair = (first, second) if self.latitude_first else (second, first)
        return build_valid_point(*pair, path)

    def bearing_from_angle_deg(self, angle_deg: float) -> float:
        return angle_deg if self.latitude_first else 90 - angle_deg


def descendant_by_path(element: Element, *names: str) -> Element | None:
    """Return the first descendant along a path of names; ``None`` where there is none."""
    current: Element | None = element
    for name in names:
        current = first_child_named(current, name) if current is not None else None
    return current


#: The attributes of GML and XLink that name an element and refer to one.
_ID = "{http://www.opengis.net/gml/3.2}id"
_REFERENCE = "{http://www.w3.org/1999/xlink}href"
#: A border belongs to a boundary if it passes this close to the points before and after it.
_BORDER_REACH_M = 2000.0
_MOST_COMPARED = 20_000_000


class ReferencedCurves:
    """The curves of a file that others refer to: those of its borders, by id."""

    def __init__(self, root: Element) -> None:
        self._by_id: dict[str, Element] = {}
        self._positions: dict[Element, Floats] = {}
        #: Points of borders that were compared, which bounds the cost of many boundaries along
        #: one long border.
        self._compared = 0
        for member in children_named(root, "hasMember"):
            for feature in member:
                curve = self._single_curve_of_border(feature)
                if curve is None:
                    continue
                identifier = child_text(feature, "identifier")
                for id_ in (feature.get(_ID), curve.get(_ID), identifier):
                    if id_:
                        self._by_id.setdefault(id_, curve)

    @staticmethod
    def _single_curve_of_border(feature: Element) -> Element | None:
        """Return the curve of a border; ``None``: the feature is none, or has several."""
        if local_name(feature) != "GeoBorder":
            return None
        curves = [node for node in feature.iter() if local_name(node) == "Curve"]
        return curves[0] if len(curves) == 1 else None

    def curve_named_by(self, reference: str) -> Element | None:
        """Return the curve that ``#id``, ``urn:uuid:...`` or a bare id names; ``None``: none."""
        return self._by_id.get(reference.rpartition("#")[2].removeprefix("urn:uuid:"))

    def positions_of_curve(self, curve: Element, path: str) -> Floats:
        """Return the positions of a curve, shape ``(n, 2)`` with n of 2 or more.

        Raises:
            ZoneError: If it has fewer, or cannot be read.
            ShapeNotInFileError: If the boundaries of the file follow too long a way of borders.
        """
        if curve not in self._positions:
            points = list(_read_points(curve, _axis_order(curve, path), path))
            if len(points) < 2:
                raise model.ZoneError(f"{path}: expected a border of 2 points or more")
            self._positions[curve] = np.array(points, np.float64)
        self._compared += len(self._positions[curve])
        if self._compared > _MOST_COMPARED:
            raise ShapeNotInFileError(
                f"borders of more than {_MOST_COMPARED:,} points are not followed"
            )
        return self._positions[curve]


def bounds_of_gml_positions(element: Element) -> model.LatLonBox | None:
    """Return the box around the positions in an element; ``None``: none can be read.

    For shapes that are not read, so a fault in them refuses nothing.  Circles and references may
    reach further, so the box is widened by its own size where there is one.
    """
    try:
        axes = _axis_order(element, "")
    except model.ZoneError:
        return None
    points: list[model.Point] = []
    unknown = 0
    for node in element.iter():
        unknown += node.get(_REFERENCE) is not None or local_name(node) == "radius"
        try:
            if local_name(node) in ("pos", "posList"):
                points += _read_points(node, axes, "")
        except model.ZoneError:
            unknown += 1
    return bounds_despite_unread_points(points, unknown)


def read_shapes_of_volume(
    volume: Element, path: str, curves: ReferencedCurves
) -> tuple[model.Shape, ...]:
    """Return the shape of an airspace volume.

    Args:
        volume: The element.
        path: Its position.
        curves: The curves of the file that its boundary may refer to.

    Raises:
        ShapeNotInFileError: If it has no shape of its own.
        ZoneError: If the shape is invalid.
    """
    surface = descendant_by_path(volume, "horizontalProjection", "Surface")
    if surface is None:
        line = descendant_by_path(volume, "centreline", "Curve")
        if line is None:
            raise ShapeNotInFileError("a shape that refers to another airspace")
        return (_read_corridor(volume, line, path),)
    axes = _axis_order(surface, path)
    patches = [child for property_ in children_named(surface, "patches") for child in property_]
    if not patches:
        raise model.ZoneError(f"{path}: expected a patch of a surface, found none")
    return tuple(
        _read_polygon_patch(patch, axes, f"{path}/patch[{number}]", curves)
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
    patch: Element, axes: _AxisOrder, path: str, curves: ReferencedCurves
) -> model.Circle | model.Polygon:
    outer = first_child_named(patch, "exterior")
    if outer is None:
        raise model.ZoneError(f"{path}: expected an exterior, found none")
    circle = next(
        (boundary for boundary in outer.iter() if local_name(boundary) == "CircleByCenterPoint"),
        None,
    )
    holes = list(children_named(patch, "interior"))
    if circle is not None and not holes:
        where = f"{path}/CircleByCenterPoint"
        return build_valid_circle(
            _read_centre_point(circle, axes, where), _read_length_m(circle, "radius", where), where
        )
    rings = [_read_ring(boundary, axes, path, curves) for boundary in (outer, *holes)]
    return build_valid_polygon(rings, path)


@dataclass(frozen=True, slots=True)
class _BoundaryPart:
    """A part of a ring: a segment of its own, or the curve of a border."""

    element: Element
    is_border: bool


def _read_ring(
    boundary: Element, axes: _AxisOrder, path: str, curves: ReferencedCurves
) -> model.Ring:
    parts = list(_boundary_parts(boundary, path, curves))
    if all(part.is_border for part in parts):
        if len(parts) != 1:
            raise model.ZoneError(f"{path}: expected a point between two borders")
        border = curves.positions_of_curve(parts[0].element, path)
        return build_valid_ring([(float(lat), float(lon)) for lat, lon in border], path)
    # A border needs the point before it, so the ring begins behind one of its own segments.
    begin = next(number for number, part in enumerate(parts) if not part.is_border)
    parts = parts[begin:] + parts[:begin]
    edges = RingBuilder()
    for number, part in enumerate(parts):
        if part.is_border:
            end = _first_point_of_segment(parts[(number + 1) % len(parts)], axes, path)
            border = curves.positions_of_curve(part.element, path)
            for point in border_stretch_between(
                border, edges.points[-1], end, _BORDER_REACH_M, path
            ):
                edges.add_line(point)
        else:
            _add_gml_segment_to_ring(part.element, axes, edges, path)
    return edges.to_polygon(path).outer


def _add_gml_segment_to_ring(
    segment: Element, axes: _AxisOrder, edges: RingBuilder, path: str
) -> None:
    name = local_name(segment)
    if name in ("GeodesicString", "LineStringSegment", "LinearRing"):
        for point in _read_points(segment, axes, path):
            edges.add_line(point)
    elif name in ("ArcByCenterPoint", "CircleByCenterPoint"):
        _add_arc_by_centre(segment, axes, edges, path)
    else:
        raise model.ZoneError(f"{path}: expected a line or an arc, found {name[:40]!r}")


def _boundary_parts(
    boundary: Element, path: str, curves: ReferencedCurves
) -> Iterator[_BoundaryPart]:
    """Yield the parts of a ring in order.

    Raises:
        ShapeNotInFileError: If it follows a border that is not in the file.
    """
    for ring in boundary:
        if local_name(ring) == "LinearRing":
            yield _BoundaryPart(ring, is_border=False)
            continue
        for member in children_named(ring, "curveMember"):
            reference = member.get(_REFERENCE, "")
            if not len(member):
                curve = curves.curve_named_by(reference)
                if curve is None:
                    raise ShapeNotInFileError(
                        f"a border that is described elsewhere, and not in the file: "
                        f"{reference[:60] or 'without a name'}"
                    )
                yield _BoundaryPart(curve, is_border=True)
            for curve in member:
                for property_ in children_named(curve, "segments"):
                    yield from (_BoundaryPart(segment, is_border=False) for segment in property_)
    if not len(boundary):
        raise model.ZoneError(f"{path}: expected a ring, found none")


def _first_point_of_segment(part: _BoundaryPart, axes: _AxisOrder, path: str) -> model.Point:
    """Return the point where a part of a ring begins.

    Raises:
        ZoneError: If it is a border, of which the beginning is not known.
    """
    if part.is_border:
        raise model.ZoneError(f"{path}: expected a point between two borders")
    edges = RingBuilder()
    _add_gml_segment_to_ring(part.element, axes, edges, path)
    return edges.points[0]


def _read_points(segment: Element, axes: _AxisOrder, path: str) -> Iterator[model.Point]:
    """Yield the positions of a line, from ``pos`` or ``posList``."""
    for element in segment.iter():
        if local_name(element) not in ("pos", "posList"):
            continue
        numbers = [parse_number(word, path) for word in stripped_text_of_element(element).split()]
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
        build_valid_circle(centre, radius, where).radius_m,
        axes.bearing_from_angle_deg(start),
        axes.bearing_from_angle_deg(end),
        clockwise=(end > start) == axes.latitude_first,
    )


def _read_centre_point(segment: Element, axes: _AxisOrder, path: str) -> model.Point:
    point = next(_read_points(segment, axes, path), None)
    if point is None:
        raise model.ZoneError(f"{path}: expected a centre, found none")
    return point


def _read_length_m(element: Element, name: str, path: str) -> float:
    property_ = first_child_named(element, name)
    unit = property_.get("uom", "") if property_ is not None else ""
    if property_ is None or unit.upper() not in _METRES:
        raise model.ZoneError(
            f"{path}/{name}: expected a length in M, KM, NM or FT, found {unit[:20]!r}"
        )
    return (
        parse_number(stripped_text_of_element(property_), f"{path}/{name}") * _METRES[unit.upper()]
    )


def _read_corridor(volume: Element, line: Element, path: str) -> model.Shape:
    axes = _axis_order(line, path)
    points = [
        point
        for property_ in children_named(line, "segments")
        for segment in property_
        for point in _read_points(segment, axes, path)
    ]
    return build_valid_corridor(points, _read_length_m(volume, "width", path), path)

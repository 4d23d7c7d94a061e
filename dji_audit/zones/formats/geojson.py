"""Areas in plain GeoJSON (RFC 7946), such as an AIS or a map editor exports.

GeoJSON says nothing of limits and times, so files use properties of their own.  Read
here, in upper or lower case: ``id`` or ``identifier``; ``name`` or ``title``; ``type``,
``class`` or ``kind``; ``lower``, ``floor`` or ``lowerLimit`` and ``upper``, ``ceiling``
or ``upperLimit`` as a text with its datum ("SFC", "120 m AGL", "FL65", "2000 ft AMSL");
``timeBegin`` or ``validFrom`` and ``timeEnd`` or ``validTo``; ``active``, of which
only ``H24`` is known; ``authority``; ``radius_m``, which makes a point a circle;
``description``.  The collection itself may have ``name``,
``edition``, ``issued`` and ``effective``.  A limit that is not there is not stated.
Edges are read as geodesics, though RFC 7946 calls them straight on a map of degrees:
the two differ by 0.1 m over 2 km at 55 degrees, and by 100 m over 60 km.  Points and
lines are no areas and are left out, with their path.
"""

from typing import Any, Literal

from pydantic import Field

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    NOT_STATED,
    Effect,
    LeftOut,
    Limit,
    Period,
    Shape,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones._outside import (
    Instant,
    Number,
    Outside,
    Position,
    areas_of,
    is_layered,
    point,
    validated,
)
from dji_audit.zones._shapes import checked_circle
from dji_audit.zones.formats._text import parse_limit

#: Word of the file, upper case -> effect.
_EFFECTS = {
    "P": Effect.PROHIBITED,
    "PROHIBITED": Effect.PROHIBITED,
    "R": Effect.AUTHORISATION,
    "RESTRICTED": Effect.AUTHORISATION,
    "REQ_AUTHORISATION": Effect.AUTHORISATION,
    "REQ_AUTHORIZATION": Effect.AUTHORISATION,
    "D": Effect.ADVISORY,
    "DANGER": Effect.ADVISORY,
    "CONDITIONAL": Effect.CONDITIONAL,
    "NO_RESTRICTION": Effect.NONE,
}


class _Point(Outside):
    coordinates: Position


class _Feature(Outside):
    type: Literal["Feature"]
    id: str | int | None = None
    geometry: dict[str, Any] | None
    properties: dict[str, Any] | None = None


class _Collection(Outside):
    name: str = ""
    edition: str = ""
    issued: Instant | None = None
    effective: Instant | None = None


class _Properties(Outside):
    """The properties that are read, by the first of their names."""

    id: str | int | None = None
    name: str | None = None
    type: str | None = None
    lower: str | None = None
    upper: str | None = None
    begin: Instant | None = Field(default=None, alias="timebegin")
    end: Instant | None = Field(default=None, alias="timeend")
    active: Literal["H24"] | None = None
    authority: str | None = None
    radius_m: Number | None = None
    description: str | None = None


_NAMES = {
    "identifier": "id",
    "title": "name",
    "class": "type",
    "kind": "type",
    "floor": "lower",
    "lowerlimit": "lower",
    "ceiling": "upper",
    "upperlimit": "upper",
    "validfrom": "timebegin",
    "validto": "timeend",
}


def claims(document: Document) -> bool:
    """Return whether a document is a collection of features that no other format claims."""
    data = document.json
    return (
        isinstance(data, dict)
        and data.get("type") == "FeatureCollection"
        and isinstance(data.get("features"), list)
        and not is_layered(data)
    )


def read(document: Document) -> ZoneFile:
    """Read every area.

    Raises:
        ZoneError: With the path of what is wrong.
    """
    head = validated(_Collection, {**document.json, "features": None})
    source = document.source(
        FORMAT.name,
        edition=head.edition or head.name,
        issued=head.issued,
        effective_from=head.effective,
    )
    made: list[Zone | LeftOut] = []
    for number, data in enumerate(document.json["features"]):
        path = f"features[{number}]"
        feature = validated(_Feature, data, path)
        found = _properties(feature, path)
        shape = _shape(feature.geometry, found, f"{path}.geometry")
        if shape:
            made.append(_zone(feature, found, shape, path, source))
        else:
            kind = (feature.geometry or {}).get("type", "null")
            made.append(LeftOut(path, f"{kind} is no area"))
    return zone_file(source, made)


def _properties(feature: _Feature, path: str) -> _Properties:
    given = {}
    for name, value in (feature.properties or {}).items():
        lower = name.lower()
        wanted = _NAMES.get(lower, lower)
        # A name of its own wins over one that stands in for it.
        if wanted not in given or wanted == lower:
            given[wanted] = value
    return validated(_Properties, given, f"{path}.properties")


def _shape(geometry: dict[str, Any] | None, found: _Properties, path: str) -> tuple[Shape, ...]:
    if areas := areas_of(geometry, path):
        return areas
    if (geometry or {}).get("type") == "Point" and found.radius_m is not None:
        one = validated(_Point, geometry, path)
        centre = point(one.coordinates, f"{path}.coordinates")
        return (checked_circle(centre, found.radius_m, f"{path}: radius_m"),)
    return ()


def _zone(
    feature: _Feature,
    found: _Properties,
    shape: tuple[Shape, ...],
    path: str,
    source: ZoneSource,
) -> Zone:
    id_ = found.id if found.id is not None else feature.id
    named = str(id_) if id_ is not None else found.name or path
    timed = found.begin is not None or found.end is not None
    return Zone(
        id=named,
        name=found.name or named,
        kind=found.type or "",
        effect=_EFFECTS.get((found.type or "").upper(), Effect.NOT_STATED),
        shape=shape,
        lower=_limit(found.lower, f"{path}.properties: lower limit"),
        upper=_limit(found.upper, f"{path}.properties: upper limit"),
        source=source,
        path=path,
        authority=found.authority or "",
        schedule=(Period(found.begin, found.end),) if timed else (),
        schedule_stated=timed or found.active is not None,
        remarks=found.description or "",
    )


def _limit(text: str | None, path: str) -> Limit:
    if text is None:
        return NOT_STATED
    limit = parse_limit(text)
    if limit is None:
        raise ZoneError(f'{path}: expected a limit as in "120 m AGL", found {text[:40]!r}')
    return limit


FORMAT = ZoneFormat(
    name="geojson",
    title="areas in plain GeoJSON",
    reference="RFC 7946",
    claims=claims,
    read=read,
)

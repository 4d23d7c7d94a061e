"""Areas in KML, or in KMZ, which is KML in an archive.

KML describes how things look, and says in no field of its own what a zone is.

- **Limits come from the text**, never from heights of the geometry: the export of NATS
  (UK AIP, 3-D) draws every zone ``relativeToGround``, while the text of 156 of its 924
  zones counts from mean sea level and of 41 in flight levels.  Read are "Upper limit:
  ... Lower limit: ..." in a description, a line of two limits such as "GND - 4000FT AGL",
  and data fields named ``upper`` and ``lower``.
  An extruded area without such a text keeps the height of its top, datum not stated.
- **One zone may be many faces.**  A solid is drawn as its top, its bottom and a wall for
  each edge: walls are no areas, and top and bottom are one.  Of walls alone, their feet
  are chained to a ring.
- **Where the text describes the boundary and all of it is understood**, its circles and
  arcs are used in place of the corners drawn from them (``_boundary``), if both lie in
  the same place.

The document's time span, or the "data effective" of its text, is its effective date.
Times of activity are stated only as "H24".  Blanks beside the commas of a position, which
KML does not allow and many files have, are read where they leave no doubt.  Points and
lines are no areas and are left out.  Links, styles and pictures are passed over; nothing
is fetched.  XML goes through defusedxml, archives are unpacked within bounds
(``_document``).
"""

import datetime as dt
import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    NOT_STATED,
    SURFACE,
    Datum,
    Effect,
    LeftOut,
    Limit,
    Shape,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones.formats._boundary import boundary_of
from dji_audit.zones.formats._extrusion import Face, footprint
from dji_audit.zones.formats._text import parse_limit
from dji_audit.zones.formats._xml import local, text_in, text_of

_UPPER = re.compile(r"Upper limit:\s*([^\n]*)", re.I)
_LOWER = re.compile(r"Lower limit:\s*([^\n]*)", re.I)
_EFFECTIVE = re.compile(r"data effective (\d{4}-\d\d-\d\d)")
_ALWAYS = re.compile(r"\bH24\b")
#: Name of a folder or first word of a description -> effect.
_EFFECTS = (
    (re.compile(r"prohibited", re.I), Effect.PROHIBITED),
    (re.compile(r"restricted|REQ_AUTHORI[SZ]ATION", re.I), Effect.AUTHORISATION),
    (re.compile(r"danger", re.I), Effect.ADVISORY),
    (re.compile(r"CONDITIONAL"), Effect.CONDITIONAL),
    (re.compile(r"NO_RESTRICTION"), Effect.NONE),
)
_MOST_TEXT = 4000


def claims(document: Document) -> bool:
    """Return whether the root is that of KML."""
    return document.xml is not None and local(document.xml) == "kml"


def read(document: Document) -> ZoneFile:
    """Read every area.

    Raises:
        ZoneError: With the number of the placemark that is wrong.
    """
    root = document.xml
    if root is None:
        raise ZoneError("no KML")
    effective = _effective(root)
    title = next((text_of(one) for one in root.iter() if local(one) == "name"), "")
    source = document.source(FORMAT.name, edition=title, effective_from=effective)
    found: list[Zone | LeftOut] = []
    for number, (placemark, folder) in enumerate(_placemarks(root, ""), 1):
        path = f"placemark {number}"
        faces = list(_faces(placemark, path))
        if faces:
            found.append(_zone(placemark, faces, folder, path, source))
        else:
            found.append(LeftOut(path, "no polygon"))
    return zone_file(source, found)


def _placemarks(element: Element, folder: str) -> Iterator[tuple[Element, str]]:
    """Yield each placemark and the names of the folders it is in."""
    stack = [(element, folder)]
    while stack:
        current, within = stack.pop()
        if local(current) == "Placemark":
            yield current, within
            continue
        if local(current) == "Folder":
            within = f"{within} / {text_in(current, 'name')}".strip(" /")
        stack += [(child, within) for child in reversed(current)]


def _zone(
    placemark: Element, faces: list[Face], folder: str, path: str, source: ZoneSource
) -> Zone:
    name = text_in(placemark, "name") or path
    text = plain_text(text_in(placemark, "description"))
    drawn, tops = footprint(faces, path)
    lower, upper = _limits(placemark, text, tops, path)
    described = boundary_of(text, drawn)
    shape: tuple[Shape, ...] = drawn if described is None else (described,)
    kind = folder.rpartition(" / ")[2]
    return Zone(
        id=name,
        name=name,
        kind=kind,
        effect=_effect(text, kind),
        shape=shape,
        lower=lower,
        upper=upper,
        source=source,
        path=path,
        schedule_stated=_ALWAYS.search(text) is not None,
        remarks=text[:_MOST_TEXT],
    )


def _limits(placemark: Element, text: str, tops: set[float], path: str) -> tuple[Limit, Limit]:
    """Return both limits as the text states them; else the height of an extruded top."""
    given = {name.lower(): value for name, value in _data(placemark)}
    lower = _limit(given.get("lower") or _found(_LOWER, text), f"{path}: lower limit")
    upper = _limit(given.get("upper") or _found(_UPPER, text), f"{path}: upper limit")
    if upper is NOT_STATED and lower is NOT_STATED:
        lower, upper = next(_pairs(text), (lower, upper))
    if upper is NOT_STATED and lower is NOT_STATED and _is_extruded(placemark) and len(tops) == 1:
        return SURFACE, Limit(Datum.NOT_STATED, next(iter(tops)), "m")
    return lower, upper


def _pairs(text: str) -> Iterator[tuple[Limit, Limit]]:
    """Yield the limits of each line that is nothing but two of them."""
    for line in text.split("\n"):
        below, dash, above = line.partition(" - ")
        lower, upper = parse_limit(below), parse_limit(above)
        if dash and lower is not None and upper is not None:
            yield lower, upper


def _limit(text: str, path: str) -> Limit:
    if not text:
        return NOT_STATED
    limit = parse_limit(text)
    if limit is None:
        raise ZoneError(f"{path}: expected a limit as in 2000 FT SFC, found {text[:40]!r}")
    return limit


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1].strip() if found else ""


def _effect(text: str, kind: str) -> Effect:
    for words in (kind, text):
        for pattern, effect in _EFFECTS:
            if pattern.search(words):
                return effect
    return Effect.NOT_STATED


def _is_extruded(placemark: Element) -> bool:
    return any(local(one) == "extrude" and text_of(one) == "1" for one in placemark.iter())


def _data(placemark: Element) -> Iterator[tuple[str, str]]:
    for one in placemark.iter():
        if local(one) == "Data":
            yield one.get("name", ""), text_in(one, "value")
        elif local(one) == "SimpleData":
            yield one.get("name", ""), text_of(one)


def _faces(placemark: Element, path: str) -> Iterator[Face]:
    """Yield each polygon as its rings."""
    found = (one for one in placemark.iter() if local(one) == "Polygon")
    for number, polygon in enumerate(found, 1):
        where = f"{path}, polygon {number}"
        outer = [r for b in polygon if local(b) == "outerBoundaryIs" for r in _rings(b, where)]
        inner = [r for b in polygon if local(b) == "innerBoundaryIs" for r in _rings(b, where)]
        if len(outer) != 1:
            raise ZoneError(f"{where}: expected one outer ring, found {len(outer)}")
        yield Face(outer[0], tuple(inner))


def _rings(boundary: Element, path: str) -> Iterator[tuple[tuple[float, float, float], ...]]:
    for one in boundary.iter():
        if local(one) == "coordinates":
            yield tuple(_positions(text_of(one), path))


def _positions(text: str, path: str) -> Iterator[tuple[float, float, float]]:
    """Yield longitude, latitude and height; a height that is not given is 0, as in KML.

    KML wants no space within a position, and much of what writes it puts one after each comma.
    Such a text is read where its commas alone part it into positions of two or three numbers.
    """
    words = text.split()
    if not all(map(_position, words)):
        words = ",".join(part.strip() for part in text.split(",")).split()
    for number, word in enumerate(words, 1):
        position = _position(word)
        if position is None:
            raise ZoneError(
                f"{path}, position {number}: expected longitude,latitude, found {word[:40]!r}"
            )
        yield position


def _position(word: str) -> tuple[float, float, float] | None:
    try:
        # A height that is left out may leave its comma behind.
        numbers = [float(part) for part in word.removesuffix(",").split(",")]
    except ValueError:
        return None
    if len(numbers) not in (2, 3):
        return None
    return numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else 0.0


def _effective(root: Element) -> dt.datetime | None:
    """Return the date from which the data hold, by the text or the document's time span."""
    for document in root:
        stated = _EFFECTIVE.search(text_in(document, "description"))
        spans = (one for child in document if local(child) == "TimeSpan" for one in child)
        begins = [text_of(one) for one in spans if local(one) == "begin"]
        text = stated[1] if stated else next(iter(begins), "")
        try:
            found = dt.datetime.fromisoformat(text)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return None


def plain_text(markup: str) -> str:
    """Return a description without its markup, a line for each line of it."""
    lines = re.sub(r"<br\s*/?>|</(?:td|tr|p|div)>", "\n", markup, flags=re.I)
    bare = html.unescape(re.sub(r"<[^<>]*>", " ", lines))
    return "\n".join(filter(None, (" ".join(line.split()) for line in bare.split("\n"))))


FORMAT = ZoneFormat(
    name="kml",
    title="areas in KML or KMZ",
    reference="OGC KML 2.2; UK eAIP 3-D export of NATS (2022-12-29)",
    claims=claims,
    read=read,
)

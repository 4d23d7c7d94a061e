"""OpenAir airspace files (text), versions 1 and 2.

Facts: the format's own text by WinPilot (version 0.92, 1998) and Naviter's
specification of version 2 (2025).  A line is a record of two letters; ``*`` begins a
comment.  ``AC`` begins an area and gives its class, ``AY`` its type, ``AN`` its name,
``AI`` its id, ``AL`` and ``AH`` its limits, ``AA`` when it is active.  ``DP`` is a corner,
``DC`` a circle, ``DA`` and ``DB`` are arcs around ``V X=`` in the direction ``V D=``,
``DY`` a point of an airway as wide as ``V W=``.  Distances are nautical miles.  A height
without AMSL, MSL, AGL or FL keeps its datum open.  Without ``AA`` the file does not say
when an area is active.  ``AF``, ``AG``, ``AT``, ``AX``, ``TP``, ``SP``, ``SB`` and terrain
(``TO``, ``TC``) concern no area and are passed over.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    NAUTICAL_MILE_M,
    NOT_STATED,
    Effect,
    LeftOut,
    Limit,
    Period,
    Point,
    Shape,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
)
from dji_audit.zones._shapes import checked_circle, checked_corridor
from dji_audit.zones.formats._arcs import Edges
from dji_audit.zones.formats._text import parse_colons, parse_limit

_EFFECTS = {
    "P": Effect.PROHIBITED,
    "GP": Effect.PROHIBITED,
    "PROHIBITED": Effect.PROHIBITED,
    "R": Effect.AUTHORISATION,
    "RESTRICTED": Effect.AUTHORISATION,
    "CTR": Effect.AUTHORISATION,
    "Q": Effect.ADVISORY,
    "DANGER": Effect.ADVISORY,
    "WARNING": Effect.ADVISORY,
    "ALERT": Effect.ADVISORY,
}
_PASSED_OVER = {"AF", "AG", "AT", "AX", "TP", "SP", "SB", "TO", "TC"}
_FIRST = re.compile(r"AC\s+[A-Z]{1,12}", re.I)
_RECORD = re.compile(r"\s*([A-Z]{1,2})(?:\s+(.*?))?\s*")


@dataclass(slots=True)
class _Area:
    """What is known of an area while its lines are read."""

    line: int
    kind: str
    type: str = ""
    name: str = ""
    id: str = ""
    lower: Limit = NOT_STATED
    upper: Limit = NOT_STATED
    periods: list[Period] = field(default_factory=list)
    timed: bool = False
    #: Whether the file says that times come from elsewhere, such as a NOTAM.
    untimed: bool = False
    edges: Edges = field(default_factory=Edges)
    circles: list[Shape] = field(default_factory=list)
    airway: list[Point] = field(default_factory=list)
    width_m: float = 0.0
    centre: Point | None = None
    clockwise: bool = True


def claims(document: Document) -> bool:
    """Return whether the first line that is no comment gives the class of an area."""
    bare = (line.split("*", 1)[0].strip() for line in document.lines)
    return _FIRST.fullmatch(next(filter(None, bare), "")) is not None


def read(document: Document) -> ZoneFile:
    """Read every area.

    Raises:
        ZoneError: With the line that is wrong.
    """
    source = document.source(FORMAT.name)
    zones: list[Zone] = []
    left: list[LeftOut] = []
    area: _Area | None = None
    for number, code, rest in _records(document.lines):
        if code == "AC":
            _close(area, zones, left, source)
            area = _Area(number, rest)
        elif code in _PASSED_OVER:
            continue
        elif area is None:
            raise ZoneError(f"line {number}: expected AC before {code}")
        else:
            _take(area, code, rest, f"line {number}")
    _close(area, zones, left, source)
    return ZoneFile(source, tuple(zones), tuple(left))


def _records(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield line number, code and the rest of each record, comments taken off."""
    for number, line in enumerate(lines, 1):
        bare = line.split("*", 1)[0]
        if not bare.strip():
            continue
        found = _RECORD.fullmatch(bare)
        if found is None:
            raise ZoneError(f"line {number}: expected a record of two letters, found {line[:40]!r}")
        yield number, found[1], found[2] or ""


def _take(area: _Area, code: str, rest: str, path: str) -> None:
    """Note what one record says."""
    if code == "AN":
        area.name = rest
    elif code == "AY":
        area.type = rest
    elif code == "AI":
        area.id = rest
    elif code in ("AL", "AH"):
        limit = parse_limit(rest)
        if limit is None:
            raise ZoneError(f"{path}: expected a limit as in 2000ft AMSL, found {rest[:40]!r}")
        if code == "AL":
            area.lower = limit
        else:
            area.upper = limit
    elif code == "AA":
        _time(area, rest, path)
    elif code == "V":
        _assign(area, rest, path)
    elif code in ("DP", "DA", "DB", "DC", "DY"):
        _draw(area, code, rest, path)
    else:
        raise ZoneError(f"{path}: expected a record of OpenAir, found {code}")


def _assign(area: _Area, rest: str, path: str) -> None:
    name, _, value = (part.strip() for part in rest.partition("="))
    if name.upper() == "X":
        area.centre = _point(value, path)
    elif name.upper() == "D" and value in ("+", "-"):
        area.clockwise = value == "+"
    elif name.upper() == "W":
        area.width_m = _number(value, path) * NAUTICAL_MILE_M
    elif name.upper() != "Z":  # the zoom at which a label is shown
        raise ZoneError(f"{path}: expected X=, D=+, D=- or W=, found {rest[:40]!r}")


def _draw(area: _Area, code: str, rest: str, path: str) -> None:
    if code == "DP":
        area.edges.line(_point(rest, path))
        return
    if code == "DY":
        area.airway.append(_point(rest, path))
        return
    if area.centre is None:
        raise ZoneError(f"{path}: expected V X= before {code}")
    if code == "DC":
        radius = _number(rest, path) * NAUTICAL_MILE_M
        area.circles.append(checked_circle(area.centre, radius, path))
    elif code == "DB":
        ends = [part for part in re.split(r"(?<=[EWew])[\s,]+(?=\d)", rest) if part]
        if len(ends) != 2:
            raise ZoneError(f"{path}: expected two points, found {rest[:60]!r}")
        area.edges.arc_between(
            _point(ends[0], path), _point(ends[1], path), area.centre, area.clockwise
        )
    else:
        numbers = [_number(part, path) for part in re.split(r"[\s,]+", rest) if part]
        if len(numbers) != 3:
            raise ZoneError(f"{path}: expected radius and two angles, found {rest[:40]!r}")
        radius, start, end = numbers
        area.edges.arc_of(area.centre, radius * NAUTICAL_MILE_M, start, end, area.clockwise)


def _time(area: _Area, rest: str, path: str) -> None:
    if rest.upper() == "NONE":
        area.untimed = True
        return
    first, _, last = rest.partition("/")
    area.periods.append(Period(_instant(first, path), _instant(last, path)))
    area.timed = True


def _instant(text: str, path: str) -> dt.datetime | None:
    """Return a time of version 2, which is UTC; 24:00 is the start of the next day."""
    if text.upper() == "NONE":
        return None
    late = "T24:00" in text
    try:
        found = dt.datetime.fromisoformat(text.replace("T24:00", "T00:00"))
    except ValueError as error:
        raise ZoneError(
            f"{path}: expected a time as in 2023-12-16T12:00Z, found {text[:40]!r}"
        ) from error
    found = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return found + dt.timedelta(days=1) if late else found


def _close(area: _Area | None, zones: list[Zone], left: list[LeftOut], source: ZoneSource) -> None:
    """Make the zone of an area whose lines have ended."""
    if area is None:
        return
    path = f"line {area.line}"
    shape = list(area.circles)
    if area.edges:
        shape.append(area.edges.polygon(path))
    if area.airway:
        shape.append(checked_corridor(area.airway, area.width_m, path))
    if not shape:
        left.append(LeftOut(path, "an area without a shape"))
        return
    kind = area.type or area.kind
    zones.append(
        Zone(
            id=area.id or area.name or path,
            name=area.name or path,
            kind=kind,
            effect=_EFFECTS.get(kind.upper(), Effect.NOT_STATED),
            shape=tuple(shape),
            lower=area.lower,
            upper=area.upper,
            source=source,
            path=path,
            schedule=() if area.untimed else tuple(area.periods),
            schedule_stated=area.timed and not area.untimed,
            remarks="active at times that are told elsewhere" if area.untimed else "",
        )
    )


def _point(text: str, path: str) -> Point:
    found = parse_colons(text)
    if found is None:
        raise ZoneError(f"{path}: expected a point as in 53:47:06N 008:21:41E, found {text[:60]!r}")
    return found


def _number(text: str, path: str) -> float:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,9})?", text):
        raise ZoneError(f"{path}: expected a number, found {text[:40]!r}")
    return float(text)


FORMAT = ZoneFormat(
    name="openair",
    title="OpenAir airspace file",
    reference="WinPilot OpenAir 0.92 (1998); Naviter OpenAir specification 2.1.0 (2025)",
    claims=claims,
    read=read,
)

"""OpenAir airspace files (text), versions 1 and 2.

Facts: the format's own text by WinPilot (version 0.92, 1998) and Naviter's
specification of version 2 (2025).  Each line is a record with a code of two letters; ``*`` begins a
comment.  ``AC`` begins an area and gives its class, ``AY`` its type, ``AN`` its name,
``AI`` its id, ``AL`` and ``AH`` its limits, ``AA`` when it is active.  ``DP`` is a corner,
``DC`` a circle, ``DA`` and ``DB`` are arcs around ``V X=`` in the direction ``V D=``,
``DY`` a point of an airway as wide as ``V W=``.  Distances are nautical miles.  The datum of
a height without AMSL, MSL, AGL or FL is not stated.  Without ``AA`` the file does not state
when an area is active.  ``AF``, ``AG``, ``AT``, ``AX``, ``TP``, ``SP``, ``SB`` and terrain
(``TO``, ``TC``) do not concern areas and are ignored.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dji_audit.zones import _model as model
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._validated_shapes import valid_circle, valid_corridor
from dji_audit.zones._zone_file_content import ZoneFileContent
from dji_audit.zones.formats._aviation_text import parse_colon_point, parse_limit
from dji_audit.zones.formats._ring_builder import RingBuilder

_EFFECTS = {
    "P": model.Effect.PROHIBITED,
    "GP": model.Effect.PROHIBITED,
    "PROHIBITED": model.Effect.PROHIBITED,
    "R": model.Effect.AUTHORISATION,
    "RESTRICTED": model.Effect.AUTHORISATION,
    "CTR": model.Effect.AUTHORISATION,
    "Q": model.Effect.ADVISORY,
    "DANGER": model.Effect.ADVISORY,
    "WARNING": model.Effect.ADVISORY,
    "ALERT": model.Effect.ADVISORY,
}
_IGNORED_CODES = {"AF", "AG", "AT", "AX", "TP", "SP", "SB", "TO", "TC"}
_CLASS_LINE = re.compile(r"AC\s+[A-Z]{1,12}", re.I)
_RECORD = re.compile(r"\s*([A-Z]{1,2})(?:\s+(.*?))?\s*")


@dataclass(slots=True)
class _OpenAirArea:
    """An area while its lines are read."""

    line: int
    kind: str
    type: str = ""
    name: str = ""
    id: str = ""
    lower: model.Limit = model.NOT_STATED
    upper: model.Limit = model.NOT_STATED
    periods: list[model.ActivePeriod] = field(default_factory=list)
    timed: bool = False
    #: Whether the file says that the times are published elsewhere, for example in a NOTAM.
    untimed: bool = False
    edges: RingBuilder = field(default_factory=RingBuilder)
    circles: list[model.Shape] = field(default_factory=list)
    airway: list[model.Point] = field(default_factory=list)
    width_m: float = 0.0
    centre: model.Point | None = None
    clockwise: bool = True


def claims(file: ZoneFileContent) -> bool:
    """Return whether the first line that is not a comment gives the class of an area."""
    bare = (line.split("*", 1)[0].strip() for line in file.lines)
    return _CLASS_LINE.fullmatch(next(filter(None, bare), "")) is not None


def read(file: ZoneFileContent) -> model.ZoneFile:
    """Read every area.

    Raises:
        ZoneError: With the line that is invalid.
    """
    source = file.source(FORMAT.name)
    zones: list[model.Zone] = []
    skipped: list[model.SkippedItem] = []
    area: _OpenAirArea | None = None
    for number, code, rest in _parse_records(file.lines):
        if code == "AC":
            _finish_area(area, zones, skipped, source)
            area = _OpenAirArea(number, rest)
        elif code in _IGNORED_CODES:
            continue
        elif area is None:
            raise model.ZoneError(f"line {number}: expected AC before {code}")
        else:
            _apply_openair_record(area, code, rest, f"line {number}")
    _finish_area(area, zones, skipped, source)
    return model.ZoneFile(source, tuple(zones), tuple(skipped))


def _parse_records(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield line number, code and the rest of each record, without comments."""
    for number, line in enumerate(lines, 1):
        bare = line.split("*", 1)[0]
        if not bare.strip():
            continue
        match = _RECORD.fullmatch(bare)
        if match is None:
            raise model.ZoneError(
                f"line {number}: expected a record of two letters, found {line[:40]!r}"
            )
        yield number, match[1], match[2] or ""


def _apply_openair_record(area: _OpenAirArea, code: str, rest: str, path: str) -> None:
    """Apply one record to the area."""
    if code == "AN":
        area.name = rest
    elif code == "AY":
        area.type = rest
    elif code == "AI":
        area.id = rest
    elif code in ("AL", "AH"):
        limit = parse_limit(rest)
        if limit is None:
            raise model.ZoneError(
                f"{path}: expected a limit as in 2000ft AMSL, found {rest[:40]!r}"
            )
        if code == "AL":
            area.lower = limit
        else:
            area.upper = limit
    elif code == "AA":
        _add_active_period(area, rest, path)
    elif code == "V":
        _set_variable(area, rest, path)
    elif code in ("DP", "DA", "DB", "DC", "DY"):
        _add_shape_record(area, code, rest, path)
    else:
        raise model.ZoneError(f"{path}: expected an OpenAir record, found {code}")


def _set_variable(area: _OpenAirArea, rest: str, path: str) -> None:
    name, _, value = (part.strip() for part in rest.partition("="))
    if name.upper() == "X":
        area.centre = _parse_point(value, path)
    elif name.upper() == "D" and value in ("+", "-"):
        area.clockwise = value == "+"
    elif name.upper() == "W":
        area.width_m = _parse_number(value, path) * model.NAUTICAL_MILE_M
    elif name.upper() != "Z":  # Z: the zoom at which a label is shown
        raise model.ZoneError(f"{path}: expected X=, D=+, D=- or W=, found {rest[:40]!r}")


def _add_shape_record(area: _OpenAirArea, code: str, rest: str, path: str) -> None:
    if code == "DP":
        area.edges.add_line(_parse_point(rest, path))
        return
    if code == "DY":
        area.airway.append(_parse_point(rest, path))
        return
    if area.centre is None:
        raise model.ZoneError(f"{path}: expected V X= before {code}")
    if code == "DC":
        radius = _parse_number(rest, path) * model.NAUTICAL_MILE_M
        area.circles.append(valid_circle(area.centre, radius, path))
    elif code == "DB":
        ends = [part for part in re.split(r"(?<=[EWew])[\s,]+(?=\d)", rest) if part]
        if len(ends) != 2:
            raise model.ZoneError(f"{path}: expected two points, found {rest[:60]!r}")
        area.edges.add_arc_between(
            _parse_point(ends[0], path), _parse_point(ends[1], path), area.centre, area.clockwise
        )
    else:
        numbers = [_parse_number(part, path) for part in re.split(r"[\s,]+", rest) if part]
        if len(numbers) != 3:
            raise model.ZoneError(f"{path}: expected radius and two angles, found {rest[:40]!r}")
        radius, start, end = numbers
        area.edges.add_arc_by_bearings(
            area.centre, radius * model.NAUTICAL_MILE_M, start, end, area.clockwise
        )


def _add_active_period(area: _OpenAirArea, rest: str, path: str) -> None:
    if rest.upper() == "NONE":
        area.untimed = True
        return
    first, _, last = rest.partition("/")
    area.periods.append(model.ActivePeriod(_parse_time(first, path), _parse_time(last, path)))
    area.timed = True


def _parse_time(text: str, path: str) -> dt.datetime | None:
    """Return a time of version 2 in UTC; 24:00 is the start of the next day."""
    if text.upper() == "NONE":
        return None
    is_end_of_day = "T24:00" in text
    try:
        time = dt.datetime.fromisoformat(text.replace("T24:00", "T00:00"))
    except ValueError as error:
        raise model.ZoneError(
            f"{path}: expected a time as in 2023-12-16T12:00Z, found {text[:40]!r}"
        ) from error
    time = time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return time + dt.timedelta(days=1) if is_end_of_day else time


def _finish_area(
    area: _OpenAirArea | None,
    zones: list[model.Zone],
    skipped: list[model.SkippedItem],
    source: model.ZoneSource,
) -> None:
    """Append the zone of an area whose lines have ended."""
    if area is None:
        return
    path = f"line {area.line}"
    shape = list(area.circles)
    if area.edges:
        shape.append(area.edges.to_polygon(path))
    if area.airway:
        shape.append(valid_corridor(area.airway, area.width_m, path))
    if not shape:
        skipped.append(model.SkippedItem(path, "an area without a shape", name=area.name or ""))
        return
    kind = area.type or area.kind
    zones.append(
        model.Zone(
            id=area.id or area.name or path,
            name=area.name or path,
            kind=kind,
            effect=_EFFECTS.get(kind.upper(), model.Effect.NOT_STATED),
            shape=tuple(shape),
            lower=area.lower,
            upper=area.upper,
            source=source,
            path=path,
            schedule=() if area.untimed else tuple(area.periods),
            schedule_stated=area.timed and not area.untimed,
            remarks="active at times that are published elsewhere" if area.untimed else "",
        )
    )


def _parse_point(text: str, path: str) -> model.Point:
    point = parse_colon_point(text)
    if point is None:
        raise model.ZoneError(
            f"{path}: expected a point as in 53:47:06N 008:21:41E, found {text[:60]!r}"
        )
    return point


def _parse_number(text: str, path: str) -> float:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,9})?", text):
        raise model.ZoneError(f"{path}: expected a number, found {text[:40]!r}")
    return float(text)


FORMAT = ZoneFormat(
    name="openair",
    title="OpenAir airspace file",
    reference="WinPilot OpenAir 0.92 (1998); Naviter OpenAir specification 2.1.0 (2025)",
    claims=claims,
    read=read,
)

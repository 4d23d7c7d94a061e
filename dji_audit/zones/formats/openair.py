"""OpenAir airspace files (text), versions 1 and 2.

Facts: the format's own text by WinPilot (version 0.92, 1998) and Naviter's
specification of version 2 (2025).  Each line is a record with a code of two letters; ``*`` begins a
comment, and in many files so does ``;``.  ``AC`` begins an area and gives its class, ``AY`` its
type, ``AN`` its name, ``AI`` its id, ``AL`` and ``AH`` its limits, ``AA`` when it is active.
``DP`` is a corner, ``DC`` a circle, ``DA`` and ``DB`` are arcs around ``V X=`` in the direction
``V D=``, ``DY`` a point of an airway as wide as ``V W=``.  Distances are nautical miles.  A height
without unit is in feet, as in WinPilot; the datum of a height without AMSL, MSL, QNH, AGL or FL is
not stated, and a height of 0 without one is the surface.  A limit that is published elsewhere
("BY NOTAM") is not stated.  Without ``AA``, and with ``NONE`` for its start and its end, the file
does not state when an area is active.  ``AF``, ``AG``, ``AP``, ``AR``, ``AT``, ``AX``, ``TP``,
``SP``, ``SB`` and terrain (``TO``, ``TC``) do not concern areas and are ignored.

An area of which a record for its place, height or time cannot be read is left out, with the line
of that record; the others are kept.  Files that are not UTF-8 are read as Windows-1252.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dji_audit.zones import _model as model
from dji_audit.zones._completeness_area import bounds_despite_unread_points, outline_points_of_shape
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_circle, build_valid_corridor
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._aviation_text import (
    InvalidPointTextError,
    parse_limit_field,
    parse_point,
    parse_points,
)
from dji_audit.zones.formats._ring_builder import RingBuilder
from dji_audit.zones.formats._stated_times import in_time_zone, parse_stated_time

_EFFECTS = {
    "P": model.ZoneEffect.PROHIBITED,
    "GP": model.ZoneEffect.PROHIBITED,
    "PROHIBITED": model.ZoneEffect.PROHIBITED,
    "R": model.ZoneEffect.AUTHORISATION,
    "RESTRICTED": model.ZoneEffect.AUTHORISATION,
    "CTR": model.ZoneEffect.AUTHORISATION,
    "Q": model.ZoneEffect.ADVISORY,
    "DANGER": model.ZoneEffect.ADVISORY,
    "WARNING": model.ZoneEffect.ADVISORY,
    "ALERT": model.ZoneEffect.ADVISORY,
}
_IGNORED_CODES = {"AF", "AG", "AP", "AR", "AT", "AX", "TP", "SP", "SB", "TO", "TC"}
_TEXT_CODES = {"AC", "AN", "AY", "AI"}
_AREA_CODES = {*_TEXT_CODES, "AL", "AH", "AA", "V", "DP", "DA", "DB", "DC", "DY"}
_CLASS_LINE = re.compile(r"AC\s+[A-Z]{1,12}", re.I)
_RECORD = re.compile(r"(V(?=\s|[XDWZ]\s*=)|[A-Z]{2})(?=[\s\d]|[XDWZ]\s*=|$)(.*)", re.I | re.S)
_MAX_LINE = 2000
_DISTANCE = re.compile(r"(\d{1,5}(?:\.\d{0,30})?|\.\d{1,30})\s*(NM|NMI|KM)?", re.I | re.ASCII)
_ANGLE = re.compile(r"[+-]?(\d{1,3}(?:\.\d{0,30})?|\.\d{1,30})", re.ASCII)
#: Of ``AA``: that the times are published elsewhere.
_TIMES_ELSEWHERE = re.compile(r"|NONE|(?:(?:BY|SEE|AS|PER) )*(?:NOTAM|NOTIFIED|PUBLISHED)", re.I)


@dataclass(frozen=True, slots=True)
class _OpenAirRecord:
    """One line of the file."""

    line: int
    #: Upper case; empty: the line is no record.
    code: str
    rest: str

    @property
    def line_label(self) -> str:
        return f"line {self.line}"


@dataclass(slots=True)
class _OpenAirArea:
    """An area while its lines are read."""

    path: str
    kind: str = ""
    type: str = ""
    name: str = ""
    id: str = ""
    lower: model.Limit | None = None
    upper: model.Limit | None = None
    periods: list[model.ActivePeriod] = field(default_factory=list)
    is_always_active: bool = False
    #: Whether the file says that the times are published elsewhere, for example in a NOTAM.
    has_times_elsewhere: bool = False
    edges: RingBuilder = field(default_factory=RingBuilder)
    circles: list[model.Shape] = field(default_factory=list)
    airway: list[model.Point] = field(default_factory=list)
    width_m: float = 0.0
    centre: model.Point | None = None
    clockwise: bool = True
    notes: list[str] = field(default_factory=list)

    def shapes(self) -> Iterator[model.Shape]:
        """Yield what its records draw.

        Raises:
            ZoneError: If it is no area.
        """
        yield from self.circles
        if self.edges:
            yield self.edges.to_polygon(self.path)
        if self.airway:
            yield build_valid_corridor(self.airway, self.width_m, self.path)


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether the first record is one of OpenAir and the first area comes soon."""
    for line in file.first_lines:
        bare = _without_comment(line)
        if not bare:
            continue
        if _CLASS_LINE.fullmatch(bare):
            return True
        record = _RECORD.fullmatch(bare)
        if record is None or record[1].upper() not in _IGNORED_CODES | _AREA_CODES:
            return False
    return False


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every area; one that cannot be read is among the skipped items, with its line."""
    source = file.build_zone_source(FORMAT.name)
    items: list[model.Zone | model.SkippedItem] = []
    remarks: list[model.ReadingRemark] = []
    for records in _records_by_area(_iterate_line_number_code_and_value(file.text_lines)):
        items += _zone_or_skipped_item_of_area(records, source, remarks)
    return model.build_zone_file(source, items, remarks)


def _without_comment(line: str) -> str:
    """Return a line without its comment; a semicolon within a name belongs to the name."""
    line = line.split("*", 1)[0].strip()
    if line.startswith(("#", "//")):
        return ""
    return line if line[:2].upper() in _TEXT_CODES else line.split(";", 1)[0].rstrip()


def _iterate_line_number_code_and_value(lines: Sequence[str]) -> Iterator[_OpenAirRecord]:
    for number, line in enumerate(lines, 1):
        bare = _without_comment(line[:_MAX_LINE])
        if not bare:
            continue
        match = _RECORD.fullmatch(bare)
        if match is None:
            yield _OpenAirRecord(number, "", bare)
        else:
            yield _OpenAirRecord(number, match[1].upper(), match[2].strip())


def _records_by_area(records: Iterator[_OpenAirRecord]) -> Iterator[list[_OpenAirRecord]]:
    """Yield the records of each area; what stands before the first area comes first."""
    area: list[_OpenAirRecord] = []
    for record in records:
        if record.code == "AC" and area:
            yield area
            area = []
        area.append(record)
    if area:
        yield area


def _zone_or_skipped_item_of_area(
    records: Sequence[_OpenAirRecord], source: model.ZoneSource, remarks: list[model.ReadingRemark]
) -> Iterator[model.Zone | model.SkippedItem]:
    """Yield the zone of an area, or why it is left out; append remarks."""
    area = _OpenAirArea(records[0].line_label)
    #: Line and reason of each record that could not be read, and how many points are lacking.
    faults: list[tuple[str, str]] = []
    unknown = 0
    if records[0].code != "AC":
        records = [record for record in records if record.code in _AREA_CODES or not record.code]
        begun = next((record for record in records if record.code), None)
        if begun is None:
            remarks += [_unread_line_remark(record) for record in records]
            return
        faults.append((begun.line_label, f"expected AC before {begun.code}"))
    for record in records:
        try:
            _apply_record_to_area(area, record, remarks)
        except InvalidPointTextError as error:
            unknown += error.near is None
            if error.near is not None:
                area.edges.points.append(error.near)
            faults.append((record.line_label, str(error)))
        except model.ZoneError as error:
            # The size of a circle or arc may be what is not known.
            unknown += record.code in ("DA", "DC", "DY", "V")
            faults.append((record.line_label, error.message_without_path(record.line_label)))
    try:
        shape = tuple(area.shapes())
    except model.ZoneError as error:
        shape = ()
        if not faults:
            faults.append((area.path, error.message_without_path(area.path)))
    if shape and not faults:
        yield _build_zone(area, shape, source)
        return
    path, reason = faults[0] if faults else (area.path, "an area without a shape")
    if len(faults) > 1:
        reason += f"; {len(faults) - 1} more of its records too, the next in {faults[1][0]}"
    yield model.SkippedItem(path, reason, area.name or area.id, _lat_lon_box_of_area(area, unknown))


def _lat_lon_box_of_area(area: _OpenAirArea, unknown: int) -> model.LatLonBox | None:
    points = [*area.edges.points, *area.airway]
    for shape in area.circles:
        points += outline_points_of_shape(shape)
    for arc in area.edges.arcs:
        points += outline_points_of_shape(model.Circle(arc.centre, max(arc.radius_m, 1.0)))
    if area.centre is not None and unknown:
        points.append(area.centre)
    return bounds_despite_unread_points(points, unknown)


def _apply_record_to_area(
    area: _OpenAirArea, record: _OpenAirRecord, remarks: list[model.ReadingRemark]
) -> None:
    """Apply one record to the area.

    Raises:
        ZoneError: If place, height or time of the area cannot be read from it.
        InvalidPointTextError: The same for a point.
    """
    code, rest = record.code, record.rest
    if code == "AC":
        area.kind = rest
    elif code == "AN":
        if area.name and rest != area.name and (area.edges or area.circles or area.airway):
            raise model.ZoneError(f"a second name, {rest[:40]!r}, without AC before it")
        area.name = rest
    elif code == "AY":
        area.type = rest
    elif code == "AI":
        area.id = rest
    elif code in ("AL", "AH"):
        _set_area_limit(area, record)
    elif code == "AA":
        _add_active_period(area, rest)
    elif code == "V":
        _set_centre_or_direction(area, rest)
    elif code in ("DP", "DA", "DB", "DC", "DY"):
        _add_shape_record(area, record)
    elif code not in _IGNORED_CODES:
        remarks.append(_unread_line_remark(record))


def _unread_line_remark(record: _OpenAirRecord) -> model.ReadingRemark:
    """Return the remark that a line was not used.

    Raises:
        ZoneError: If the line may hold the place, height or time of an area: a record of an
            unknown kind of shape, or a damaged one of any kind.
    """
    shown = f"{record.code} {record.rest}".strip()[:40]
    is_attribute = record.code[:1] in ("A", "S", "T") and len(record.code) == 2
    is_like_shape = record.code[:1] in ("D", "V") or _text_holds_point(record.rest)
    has_number = re.search(r"\d", shown) is not None
    if is_like_shape or (has_number and not is_attribute):
        raise model.ZoneError(f"expected an OpenAir record, found {shown!r}")
    what = f"the record {record.code} is not known" if is_attribute else "not a record"
    return model.ReadingRemark(record.line_label, f"{what}, and not used: {shown!r}")


def _text_holds_point(text: str) -> bool:
    try:
        return bool(parse_points(text))
    except InvalidPointTextError as fault:
        return fault.near is not None


def _set_area_limit(area: _OpenAirArea, record: _OpenAirRecord) -> None:
    limit = parse_limit_field(record.rest, bare_unit="ft")
    if limit is None:
        raise model.ZoneError(f"expected a limit as in 2000ft AMSL, found {record.rest[:40]!r}")
    side = "lower" if record.code == "AL" else "upper"
    before = area.lower if record.code == "AL" else area.upper
    if before not in (None, limit):
        raise model.ZoneError(f"a second {side} limit, {limit}, after {before}")
    if limit is model.NOT_STATED and record.rest:
        area.notes.append(f"{side} limit: {record.rest[:80]}")
    if record.code == "AL":
        area.lower = limit
    else:
        area.upper = limit


def _set_centre_or_direction(area: _OpenAirArea, rest: str) -> None:
    name, _, value = (part.strip() for part in rest.partition("="))
    if name.upper() == "X":
        area.centre = None
        area.centre = parse_point(value)
    elif name.upper() == "D" and value in ("+", "-"):
        area.clockwise = value == "+"
    elif name.upper() == "W":
        area.width_m = _parse_distance_m(value)
    elif name.upper() != "Z":  # Z: the zoom at which a label is shown
        raise model.ZoneError(f"expected X=, D=+, D=- or W=, found {rest[:40]!r}")


def _add_shape_record(area: _OpenAirArea, record: _OpenAirRecord) -> None:
    code, rest = record.code, record.rest
    if code == "DP":
        area.edges.add_line(parse_point(rest))
        return
    if code == "DY":
        area.airway.append(parse_point(rest))
        return
    if area.centre is None:
        raise model.ZoneError(f"expected V X= before {code}")
    if code == "DC":
        area.circles.append(
            build_valid_circle(area.centre, _parse_distance_m(rest), record.line_label)
        )
    elif code == "DB":
        ends = parse_points(rest)
        if len(ends) != 2:
            raise model.ZoneError(f"expected two points, found {rest[:60]!r}")
        area.edges.add_arc_between(*ends, area.centre, area.clockwise)
    else:
        parts = [part for part in re.split(r"[\s,]+", rest) if part]
        if len(parts) != 3:
            raise model.ZoneError(f"expected radius and two angles, found {rest[:40]!r}")
        circle = build_valid_circle(area.centre, _parse_distance_m(parts[0]), record.line_label)
        start, end = _parse_angle(parts[1]), _parse_angle(parts[2])
        area.edges.add_arc_by_bearings(area.centre, circle.radius_m, start, end, area.clockwise)


def _add_active_period(area: _OpenAirArea, rest: str) -> None:
    if _TIMES_ELSEWHERE.fullmatch(rest):
        area.has_times_elsewhere = True
        return
    if rest.upper() == "H24":
        area.is_always_active = True
        return
    first, slash, last = (part.strip() for part in rest.partition("/"))
    if not slash:
        raise model.ZoneError(
            f"expected two times as in 2023-12-16T12:00Z/2023-12-16T13:00Z, found {rest[:60]!r}"
        )
    period = model.ActivePeriod(_parse_time(first), _parse_time(last, is_end=True))
    if period.start is None and period.end is None:
        area.notes.append("AA NONE/NONE states no time")
    else:
        area.periods.append(period)


def _parse_time(text: str, *, is_end: bool = False) -> dt.datetime | None:
    """Return a time of version 2 in UTC; 24:00, or a date as an end, is the end of that day."""
    if text.upper() == "NONE":
        return None
    try:
        return in_time_zone(parse_stated_time(text, is_end=is_end), dt.UTC)
    except ValueError as error:
        raise model.ZoneError(
            f"expected a time as in 2023-12-16T12:00Z, found {text[:40]!r}"
        ) from error


def _build_zone(
    area: _OpenAirArea, shape: tuple[model.Shape, ...], source: model.ZoneSource
) -> model.Zone:
    kind = area.type or area.kind
    is_timed = bool(area.periods) or area.is_always_active
    schedule = () if area.has_times_elsewhere or area.is_always_active else tuple(area.periods)
    elsewhere = ["active at times that are published elsewhere"] * area.has_times_elsewhere
    return model.Zone(
        id=area.id or area.name or area.path,
        name=area.name or area.path,
        kind=kind,
        effect=_EFFECTS.get(kind.upper(), model.ZoneEffect.NOT_STATED),
        shape=shape,
        lower=area.lower or model.NOT_STATED,
        upper=area.upper or model.NOT_STATED,
        source=source,
        path=area.path,
        schedule=schedule,
        schedule_stated=is_timed and not area.has_times_elsewhere,
        remarks="; ".join([*elsewhere, *area.notes]),
    )


def _parse_distance_m(text: str) -> float:
    """Return a distance in metres; without a unit it is in nautical miles."""
    match = _DISTANCE.fullmatch(text.strip())
    if match is None:
        raise model.ZoneError(f"expected a number, found {text[:40]!r}")
    is_kilometres = (match[2] or "").upper() == "KM"
    return float(match[1]) * (1000.0 if is_kilometres else model.NAUTICAL_MILE_M)


def _parse_angle(text: str) -> float:
    if not _ANGLE.fullmatch(text) or abs(float(text)) > 360:
        raise model.ZoneError(f"expected an angle of 0 to 360 degrees, found {text[:40]!r}")
    return float(text)


FORMAT = ZoneFormat(
    name="openair",
    title="OpenAir airspace file",
    reference="WinPilot OpenAir 0.92 (1998); Naviter OpenAir specification 2.1.0 (2025)",
    claims=claims,
    read=read,
)

"""Airspace in AIXM 5.1 (Aeronautical Information Exchange Model, XML).

Facts: AIXM 5.1 and the OGC's "Use of GML for aviation data" (12-028).  Each ``Airspace``
has time slices, each with components of geometry: every base or united component becomes
a zone.  Positions are latitude first under EPSG:4326, longitude first under CRS84; the
angles of an arc count from north clockwise under the former, from east the other way
under the latter, and an arc runs from its start to its end angle.  A limit is a number
with ``uom`` (FT, M, FL), or GND or UNL; its reference is SFC, MSL, W84 or STD.

A boundary may follow a border that is described elsewhere in the file (``GeoBorder``), named by
``xlink:href``: the stretch of the border between the points before and after it belongs to the
boundary, if the border passes within 2 km of both.

Skipped, with their path: airspace without a shape of its own (it refers to another
airspace), made by subtraction or intersection, or bounded by a border that the file does not
hold; and airspace whose place, limits or time cannot be read.  Activation times are read where
they are days and hours in UTC or events of the sun; with other times the schedule counts as not
stated.
"""

import datetime as dt
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dji_audit.zones import _model as model
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml
from dji_audit.zones.formats._daily_periods import DailyPeriodJson, parse_daily_hours
from dji_audit.zones.formats._gml import (
    ReferencedCurves,
    ShapeNotInFileError,
    bounds_of_gml_positions,
    descendant_by_path,
    read_shapes_of_volume,
)
from dji_audit.zones.formats._stated_times import in_time_zone, parse_stated_time
from dji_audit.zones.formats._xml_elements import (
    child_text,
    children_named,
    first_child_named,
    local_name,
    parse_number,
)

_EFFECTS = {
    "P": model.ZoneEffect.PROHIBITED,
    "R": model.ZoneEffect.AUTHORISATION,
    "CTR": model.ZoneEffect.AUTHORISATION,
    "D": model.ZoneEffect.ADVISORY,
    "W": model.ZoneEffect.ADVISORY,
    "A": model.ZoneEffect.ADVISORY,
}
_DATUMS = {
    "SFC": model.VerticalDatum.AGL,
    "MSL": model.VerticalDatum.AMSL,
    "W84": model.VerticalDatum.ELLIPSOID,
}
_LIMIT_WORDS = {"GND": model.SURFACE, "SFC": model.SURFACE, "UNL": model.UNLIMITED}
#: Of AIXM's values for heights: the floor or ceiling of the airspace itself, and none.
_LIMITS_NOT_STATED = {"FLOOR", "CEILING", "NIL", "UNKNOWN", "OTHER"}


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether the root is a message of AIXM 5."""
    root = file.xml
    return (
        root is not None and local_name(root) == "AIXMBasicMessage" and "/schema/5" in str(root.tag)
    )


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read every time slice of every airspace; one that cannot be read is skipped."""
    root = file.xml
    if root is None:
        raise model.ZoneError("not AIXM")
    source = file.build_zone_source(FORMAT.name)
    items: list[model.Zone | model.SkippedItem] = []
    curves = ReferencedCurves(root)
    airspaces = (feature for member in children_named(root, "hasMember") for feature in member)
    for number, airspace in enumerate(airspaces, 1):
        if local_name(airspace) != "Airspace":
            continue
        slices = [
            time_slice
            for property_ in children_named(airspace, "timeSlice")
            for time_slice in property_
        ]
        for slice_number, time_slice in enumerate(slices, 1):
            path = f"hasMember[{number}]/Airspace/timeSlice[{slice_number}]"
            items += _zones_of_time_slice(time_slice, path, source, curves)
    return model.build_zone_file(source, items)


def _zones_of_time_slice(
    time_slice: Element, path: str, source: model.ZoneSource, curves: ReferencedCurves
) -> Iterator[model.Zone | model.SkippedItem]:
    components = [
        child
        for property_ in children_named(time_slice, "geometryComponent")
        for child in property_
    ]
    name = child_text(time_slice, "name") or child_text(time_slice, "designator")
    if any(child_text(child, "operation") in ("SUBTR", "INTERS") for child in components):
        reason = "made by subtraction or intersection of other airspace"
        yield model.SkippedItem(path, reason, name, bounds_of_gml_positions(time_slice))
        return
    if not components:
        yield model.SkippedItem(path, "airspace without geometry", name)
    for number, component in enumerate(components, 1):
        where = f"{path}/geometryComponent[{number}]"
        try:
            yield _build_zone(time_slice, component, where, source, curves)
        except (ShapeNotInFileError, model.ZoneError) as error:
            reason = (
                error.message_without_path(where)
                if isinstance(error, model.ZoneError)
                else str(error)
            )
            yield model.SkippedItem(where, reason, name, bounds_of_gml_positions(component))


def _build_zone(
    time_slice: Element,
    component: Element,
    path: str,
    source: model.ZoneSource,
    curves: ReferencedCurves,
) -> model.Zone:
    """Return the zone of one component of an airspace.

    Raises:
        ShapeNotInFileError: If the file does not hold its shape.
        ZoneError: If its shape, limits or times cannot be read.
    """
    volume = descendant_by_path(component, "theAirspaceVolume", "AirspaceVolume")
    if volume is None:
        raise ShapeNotInFileError("a component without a volume")
    schedule, is_stated = _active_periods_and_whether_all_read(time_slice, path)
    designator, name = child_text(time_slice, "designator"), child_text(time_slice, "name")
    kind = child_text(time_slice, "type")
    return model.Zone(
        id=designator or name or path,
        name=name or designator or path,
        kind=kind,
        effect=_EFFECTS.get(kind, model.ZoneEffect.NOT_STATED),
        shape=read_shapes_of_volume(volume, path, curves),
        lower=_parse_upper_or_lower_limit(volume, "lowerLimit", path),
        upper=_parse_upper_or_lower_limit(volume, "upperLimit", path),
        source=source,
        path=path,
        schedule=schedule,
        schedule_stated=is_stated,
    )


def _parse_upper_or_lower_limit(volume: Element, name: str, path: str) -> model.Limit:
    property_ = first_child_named(volume, name)
    text = (property_.text or "").strip() if property_ is not None else ""
    if property_ is None or not text:
        return model.NOT_STATED
    if text in _LIMIT_WORDS:
        return _LIMIT_WORDS[text]
    if text.upper() in _LIMITS_NOT_STATED:
        return model.NOT_STATED
    value = parse_number(text, f"{path}/{name}")
    unit, reference = property_.get("uom", ""), child_text(volume, f"{name}Reference")
    if unit == "FL":
        return model.Limit(model.VerticalDatum.FLIGHT_LEVEL, value, "FL")
    if unit not in ("FT", "M"):
        raise model.ZoneError(f"{path}/{name}: expected uom FT, M or FL, found {unit[:20]!r}")
    if reference == "STD" and unit == "FT":
        return model.Limit(model.VerticalDatum.FLIGHT_LEVEL, value / 100, "FL")
    return model.Limit(_DATUMS.get(reference, model.VerticalDatum.NOT_STATED), value, unit.lower())


def _active_periods_and_whether_all_read(
    time_slice: Element, path: str
) -> tuple[tuple[model.ActivePeriod, ...], bool]:
    """Return when a time slice is valid and active, and whether all its times were read."""
    period = descendant_by_path(time_slice, "validTime", "TimePeriod")
    start = end = None
    if period is not None:
        start = _parse_instant(period, "beginPosition", f"{path}/validTime")
        end = _parse_instant(period, "endPosition", f"{path}/validTime", is_end=True)
    activations = [
        entry for property_ in children_named(time_slice, "activation") for entry in property_
    ]
    sheets = [
        sheet
        for activation in activations
        for property_ in children_named(activation, "timeInterval")
        for sheet in property_
    ]
    daily = [_parse_daily_period(sheet) for sheet in sheets]
    read = bool(sheets) and all(entry is not None for entry in daily)
    hours = parse_daily_hours([entry for entry in daily if entry is not None], f"{path}/activation")
    if not read:
        hours = ()
    validity = (model.ActivePeriod(start, end, hours),) if start or end or hours else ()
    return validity, read


def _parse_daily_period(sheet: Element) -> DailyPeriodJson | None:
    """Return a timesheet as a daily period; ``None`` if it holds more than day and UTC time."""
    if child_text(sheet, "timeReference") not in ("UTC", "") or child_text(sheet, "startDate"):
        return None
    day = child_text(sheet, "day") or "ANY"
    shifted = child_text(sheet, "startTimeRelativeEvent") or child_text(
        sheet, "endTimeRelativeEvent"
    )
    if shifted or day not in ("ANY", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"):
        return None
    return DailyPeriodJson(
        day=[day],
        startTime=child_text(sheet, "startTime") or None,
        startEvent=child_text(sheet, "startEvent") or None,
        endTime=child_text(sheet, "endTime") or None,
        endEvent=child_text(sheet, "endEvent") or None,
    )


def _parse_instant(
    period: Element, name: str, path: str, *, is_end: bool = False
) -> dt.datetime | None:
    text = child_text(period, name)
    if not text:
        return None  # Such an element has the attribute "indeterminatePosition".
    try:
        return in_time_zone(parse_stated_time(text, is_end=is_end), dt.UTC)
    except ValueError as error:
        raise model.ZoneError(
            f"{path}/{name}: expected a date and time, found {text[:40]!r}"
        ) from error


FORMAT = ZoneFormat(
    name="aixm",
    title="airspace in AIXM 5.1",
    reference="AIXM 5.1; OGC 12-028r1, Use of GML for aviation data",
    claims=claims,
    read=read,
)

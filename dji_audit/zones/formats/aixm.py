"""Airspace in AIXM 5.1 (the exchange model of aeronautical data, XML).

Facts: AIXM 5.1 and the OGC's "Use of GML for aviation data" (12-028).  Each ``Airspace``
has time slices, each with components of geometry: every base or united component becomes
a zone.  Positions are latitude first under EPSG:4326, longitude first under CRS84; the
angles of an arc count from north clockwise under the former, from east the other way
under the latter, and an arc runs from its start to its end angle.  A limit is a number
with ``uom`` (FT, M, FL), or GND or UNL; its reference is SFC, MSL, W84 or STD.

Left out, with their path: airspace without a shape of its own (it refers to another's),
made by subtraction or intersection, or bounded by a reference to a border: what is left
of it is not in one place of the file.  Activation times are read where they are days and
hours in UTC or events of the sun; others leave it open when the zone is active.
"""

import datetime as dt
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    NOT_STATED,
    SURFACE,
    UNLIMITED,
    Datum,
    Effect,
    LeftOut,
    Limit,
    Period,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
    zone_file,
)
from dji_audit.zones._schedule import Daily, hours_of
from dji_audit.zones.formats._gml import NotDrawnError, surface_of, within
from dji_audit.zones.formats._xml import child, children, local, number_in, text_in

_EFFECTS = {
    "P": Effect.PROHIBITED,
    "R": Effect.AUTHORISATION,
    "CTR": Effect.AUTHORISATION,
    "D": Effect.ADVISORY,
    "W": Effect.ADVISORY,
    "A": Effect.ADVISORY,
}
_DATUMS = {"SFC": Datum.AGL, "MSL": Datum.AMSL, "W84": Datum.ELLIPSOID}
_WORDS = {"GND": SURFACE, "SFC": SURFACE, "UNL": UNLIMITED}


def claims(document: Document) -> bool:
    """Return whether the root is a message of AIXM 5."""
    root = document.xml
    return root is not None and local(root) == "AIXMBasicMessage" and "/schema/5" in str(root.tag)


def read(document: Document) -> ZoneFile:
    """Read every time slice of every airspace.

    Raises:
        ZoneError: With the path of what is wrong.
    """
    root = document.xml
    if root is None:
        raise ZoneError("no AIXM")
    source = document.source(FORMAT.name)
    made: list[Zone | LeftOut] = []
    airspaces = (one for member in children(root, "hasMember") for one in member)
    for number, airspace in enumerate(airspaces, 1):
        if local(airspace) != "Airspace":
            continue
        slices = [one for held in children(airspace, "timeSlice") for one in held]
        for place, one in enumerate(slices, 1):
            path = f"hasMember[{number}]/Airspace/timeSlice[{place}]"
            made += _zones(one, path, source)
    return zone_file(source, made)


def _zones(time_slice: Element, path: str, source: ZoneSource) -> Iterator[Zone | LeftOut]:
    components = [one for held in children(time_slice, "geometryComponent") for one in held]
    if any(text_in(one, "operation") in ("SUBTR", "INTERS") for one in components):
        yield LeftOut(path, "made by subtraction or intersection of others")
        return
    if not components:
        yield LeftOut(path, "airspace without geometry")
    schedule, stated = _schedule(time_slice, path)
    for number, component in enumerate(components, 1):
        where = f"{path}/geometryComponent[{number}]"
        volume = within(component, "theAirspaceVolume", "AirspaceVolume")
        if volume is None:
            yield LeftOut(where, "a component without a volume")
            continue
        try:
            shape = surface_of(volume, where)
        except NotDrawnError as error:
            yield LeftOut(where, str(error))
            continue
        name = text_in(time_slice, "name") or text_in(time_slice, "designator")
        kind = text_in(time_slice, "type")
        yield Zone(
            id=text_in(time_slice, "designator") or name or where,
            name=name or where,
            kind=kind,
            effect=_EFFECTS.get(kind, Effect.NOT_STATED),
            shape=shape,
            lower=_limit(volume, "lowerLimit", where),
            upper=_limit(volume, "upperLimit", where),
            source=source,
            path=where,
            schedule=schedule,
            schedule_stated=stated,
        )


def _limit(volume: Element, name: str, path: str) -> Limit:
    held = child(volume, name)
    text = (held.text or "").strip() if held is not None else ""
    if held is None or not text:
        return NOT_STATED
    if text in _WORDS:
        return _WORDS[text]
    value = number_in(text, f"{path}/{name}")
    unit, reference = held.get("uom", ""), text_in(volume, f"{name}Reference")
    if unit == "FL":
        return Limit(Datum.FLIGHT_LEVEL, value, "FL")
    if unit not in ("FT", "M"):
        raise ZoneError(f"{path}/{name}: expected uom FT, M or FL, found {unit[:20]!r}")
    if reference == "STD" and unit == "FT":
        return Limit(Datum.FLIGHT_LEVEL, value / 100, "FL")
    return Limit(_DATUMS.get(reference, Datum.NOT_STATED), value, unit.lower())


def _schedule(time_slice: Element, path: str) -> tuple[tuple[Period, ...], bool]:
    """Return when a slice is valid and active, and whether all that is said of it is read."""
    period = within(time_slice, "validTime", "TimePeriod")
    start = end = None
    if period is not None:
        start = _instant(period, "beginPosition", f"{path}/validTime")
        end = _instant(period, "endPosition", f"{path}/validTime")
    activations = [one for held in children(time_slice, "activation") for one in held]
    sheets = [
        sheet
        for activation in activations
        for held in children(activation, "timeInterval")
        for sheet in held
    ]
    daily = [_daily(sheet) for sheet in sheets]
    read = bool(sheets) and all(one is not None for one in daily)
    hours = hours_of([one for one in daily if one is not None], f"{path}/activation")
    if not read:
        hours = ()
    validity = (Period(start, end, hours),) if start or end or hours else ()
    return validity, read


def _daily(sheet: Element) -> Daily | None:
    """Return a sheet as a daily period; ``None``: it holds more than day and time in UTC."""
    if text_in(sheet, "timeReference") not in ("UTC", "") or text_in(sheet, "startDate"):
        return None
    day = text_in(sheet, "day") or "ANY"
    shifted = text_in(sheet, "startTimeRelativeEvent") or text_in(sheet, "endTimeRelativeEvent")
    if shifted or day not in ("ANY", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"):
        return None
    return Daily(
        day=[day],
        startTime=text_in(sheet, "startTime") or None,
        startEvent=text_in(sheet, "startEvent") or None,
        endTime=text_in(sheet, "endTime") or None,
        endEvent=text_in(sheet, "endEvent") or None,
    )


def _instant(period: Element, name: str, path: str) -> dt.datetime | None:
    text = text_in(period, name)
    if not text:
        return None  # "indeterminatePosition" stands there as an attribute
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ZoneError(f"{path}/{name}: expected a date and time, found {text[:40]!r}") from error
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


FORMAT = ZoneFormat(
    name="aixm",
    title="airspace in AIXM 5.1",
    reference="AIXM 5.1; OGC 12-028r1, Use of GML for aviation data",
    claims=claims,
    read=read,
)

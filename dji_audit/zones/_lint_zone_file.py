"""Remarks about zone files: information that is missing or doubtful, although the file is valid."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from dji_audit.zones._model import VerticalDatum, Zone, ZoneFile, ZoneSource
from dji_audit.zones.engine._projected_shapes import project_shape

#: A file that is valid for less is remarked on: the wrong end may have been written.
_SHORT_VALIDITY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ZoneRemark:
    """One remark about a zone file."""

    file: str
    #: The position in the file: a JSON or XML path, or a line.
    path: str
    #: Its id, or the name of what was left out; empty: the file as a whole.
    zone: str
    text: str


def lint_zone_file(file: ZoneFile) -> Iterator[ZoneRemark]:
    """Yield what an audit cannot establish with a zone file, or might establish wrongly."""
    name = file.source.name
    for text in _date_remarks(file.source):
        yield ZoneRemark(name, "", "", text)
    for remark in file.remarks:
        yield ZoneRemark(name, remark.path, remark.zone, remark.text)
    seen: dict[str, int] = {}
    for zone in file.zones:
        seen[zone.id] = seen.get(zone.id, 0) + 1
        for text in _zone_remarks(zone):
            yield ZoneRemark(name, zone.path, zone.id, text)
    for id_, count in seen.items():
        if count > 1:
            yield ZoneRemark(name, "", id_, f"{count} zones or parts have this id")
    for item in file.skipped:
        what = "left out" if item.may_be_zone else "skipped"
        yield ZoneRemark(name, item.path, item.name, f"{what}: {item.reason}")


def _date_remarks(source: ZoneSource) -> Iterator[str]:
    begin, end = source.effective_from, source.effective_to
    if begin is None and source.issued is None:
        yield "states neither an effective date nor a date of issue"
    if begin is None or end is None:
        return
    span = f"from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    if end <= begin:
        yield f"its validity ends before it begins ({span}): it is current for no flight"
    elif end - begin < _SHORT_VALIDITY:
        hours = (end - begin) / dt.timedelta(hours=1)
        yield (
            f"is valid for {hours:g} h only ({span}): its zones are compared with every flight, "
            "but it is current only for flights in that time"
        )


def _zone_remarks(zone: Zone) -> Iterator[str]:
    for side, limit in (("lower", zone.lower), ("upper", zone.upper)):
        if limit.datum is VerticalDatum.NOT_STATED:
            yield f"{side} limit: {limit}: a flight in this zone cannot be assessed"
        elif limit.datum in (VerticalDatum.FLIGHT_LEVEL, VerticalDatum.ELLIPSOID):
            yield f"{side} limit: {limit}: logs are not compared with it"
    if zone.limits_fault:
        yield f"{zone.limits_fault}: a flight in this zone cannot be assessed"
    for period in zone.schedule:
        if period.ends_before_start:
            yield (
                f"its activity ends before it begins ({period.start:%Y-%m-%d %H:%M} to "
                f"{period.end:%Y-%m-%d %H:%M}): treated as always active"
            )
    if not zone.schedule_stated and not zone.inclusion:
        yield "the file does not state when it is active: treated as always active"
    if zone.schedule_doubt:
        yield f"{zone.schedule_doubt}: where it matters, a flight in this zone cannot be assessed"
    for fault in filter(None, (project_shape(shape).boundary_fault for shape in zone.shape)):
        yield f"its boundary crosses itself ({fault.partition('[')[0].lower()})"

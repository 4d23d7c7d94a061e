"""Remarks about zone files: information that is missing or doubtful, although the file is valid."""

from collections.abc import Iterator
from dataclasses import dataclass

from dji_audit.zones._model import Datum, Zone, ZoneFile
from dji_audit.zones.engine._projection import project_shape


@dataclass(frozen=True, slots=True)
class ZoneRemark:
    """One remark about a zone file."""

    file: str
    #: The position in the file: a JSON or XML path, or a line.
    path: str
    zone: str
    text: str


def lint_zone_file(file: ZoneFile) -> Iterator[ZoneRemark]:
    """Yield what an audit cannot establish with a zone file, or might establish wrongly."""
    name = file.source.name
    if file.source.effective_from is None and file.source.issued is None:
        yield ZoneRemark(name, "", "", "states neither an effective date nor a date of issue")
    seen: dict[str, int] = {}
    for zone in file.zones:
        seen[zone.id] = seen.get(zone.id, 0) + 1
        for text in _zone_remarks(zone):
            yield ZoneRemark(name, zone.path, zone.id, text)
    for id_, count in seen.items():
        if count > 1:
            yield ZoneRemark(name, "", id_, f"{count} zones or parts have this id")
    for item in file.skipped:
        yield ZoneRemark(name, item.path, "", f"skipped: {item.reason}")


def _zone_remarks(zone: Zone) -> Iterator[str]:
    for side, limit in (("lower", zone.lower), ("upper", zone.upper)):
        if limit.datum is Datum.NOT_STATED:
            yield f"{side} limit: {limit}: a flight in this zone cannot be assessed"
        elif limit.datum in (Datum.FLIGHT_LEVEL, Datum.ELLIPSOID):
            yield f"{side} limit: {limit}: logs are not compared with it"
    low, high = zone.lower, zone.upper
    same = low.datum == high.datum and low.metres is not None and high.metres is not None
    if same and (low.metres or 0) >= (high.metres or 0):
        yield f"lower limit {low} is not below the upper limit {high}"
    if not zone.schedule_stated and not zone.inclusion:
        yield "the file does not state when it is active: treated as always active"
    for fault in filter(None, (project_shape(shape).boundary_fault for shape in zone.shape)):
        yield f"its boundary crosses itself ({fault.partition('[')[0].lower()})"

"""What is missing or doubtful in zones that were read without a fault."""

from collections.abc import Iterator
from dataclasses import dataclass

from dji_audit.zones._model import Datum, Zone, ZoneFile
from dji_audit.zones.engine._projection import area_of


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know of a zone file."""

    file: str
    #: Where in the file.
    path: str
    zone: str
    text: str


def remarks(found: ZoneFile) -> Iterator[Remark]:
    """Yield what an audit will not be able to tell with a file, or might tell wrongly."""
    name = found.source.name
    if found.source.effective_from is None and found.source.issued is None:
        yield Remark(name, "", "", "states no date of effect or issue")
    seen: dict[str, int] = {}
    for zone in found.zones:
        seen[zone.id] = seen.get(zone.id, 0) + 1
        for text in _of_zone(zone):
            yield Remark(name, zone.path, zone.id, text)
    for id_, count in seen.items():
        if count > 1:
            yield Remark(name, "", id_, f"{count} zones or parts have this id")
    for left in found.left_out:
        yield Remark(name, left.path, "", f"left out: {left.reason}")


def _of_zone(zone: Zone) -> Iterator[str]:
    for what, limit in (("lower", zone.lower), ("upper", zone.upper)):
        if limit.datum is Datum.NOT_STATED:
            yield f"{what} limit: {limit}: a flight in it cannot be assessed"
        elif limit.datum in (Datum.FLIGHT_LEVEL, Datum.ELLIPSOID):
            yield f"{what} limit: {limit}: no log is compared with it"
    low, high = zone.lower, zone.upper
    same = low.datum == high.datum and low.metres is not None and high.metres is not None
    if same and (low.metres or 0) >= (high.metres or 0):
        yield f"lower limit {low} is not below the upper limit {high}"
    if not zone.schedule_stated and not zone.inclusion:
        yield "when it is active is not stated: taken as always"
    for fault in filter(None, (area_of(shape).fault for shape in zone.shape)):
        yield f"its boundary crosses itself ({fault.partition('[')[0].lower()})"

"""Everything that one page shows, worked out once: what its parts are made from."""

from collections.abc import Sequence
from dataclasses import dataclass

from dji_audit import zones as areas
from dji_audit.compliance.audit import FlightAudit
from dji_audit.compliance.findings import CLAIMS
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._camera import Place
from dji_audit.mapper.flight_page._coverage import Reading, readings
from dji_audit.mapper.flight_page._timeline import Row, logs_of, rows
from dji_audit.mapper.flight_page._track import Path, path
from dji_audit.mapper.flight_page._zones import Zones, zones_near
from dji_audit.mapper.html._times import Zone, milliseconds, zone
from dji_audit.view import Look, look

# What happened this long before the first fix or after the last still stands
# on the axis; a row that is further away would press the flight into a corner.
_REACH_MS = 600_000


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """A flight as its page shows it."""

    audit: FlightAudit
    course: Path
    #: What happened, in time order.
    happened: list[Row]
    #: First and last instant of the page's axis; ``None``: there is no time at all.
    axis: tuple[int, int] | None
    #: The time zone shown beside UTC.
    local: Zone
    #: How each of the flight's logs was read.
    reads: tuple[Reading, ...]
    look: Look
    #: The place to say of when it was in view; ``None``: the reader chooses one.
    place: Place | None
    zones: Zones

    @property
    def flight(self) -> Flight:
        """The flight."""
        return self.audit.flight

    @property
    def unread(self) -> bool:
        """Whether a part of a log was not read, so that nothing can be said to be absent."""
        return any(read.warnings for read in self.reads)

    @property
    def files(self) -> list[str]:
        """Names of the logs that rows come from."""
        return [log.source.name for log in logs_of(self.audit)]


def review(
    audit: FlightAudit,
    *,
    local_zone: str,
    found: Look | None,
    place: Place | None,
    zones: Sequence[areas.Zone],
) -> Review:
    """Return what a page shows of a flight; the arguments are those of `draw`."""
    flight = audit.flight
    course, happened = path(flight), rows(audit)
    return Review(
        audit=audit,
        course=course,
        happened=happened,
        axis=_axis(course, happened),
        local=zone(local_zone, *_instants(flight, happened)),
        reads=readings(flight.logs),
        look=found if found is not None else look(flight),
        place=place,
        zones=zones_near(zones, course.bounds, happened),
    )


def _axis(course: Path, happened: list[Row]) -> tuple[int, int] | None:
    """Return first and last instant of the page's axis; ``None`` without any time."""
    inside = [row.start for row in happened if row.start is not None]
    inside += [row.end for row in happened if row.end is not None]
    if len(course.ms) >= 2:
        # Contacts before and after the flight are told beside the lane.
        here = [row for row in happened if row.group != "network" and row.grade not in CLAIMS]
        inside = [ms for row in here for ms in (row.start, row.end) if ms is not None]
        first, last = int(course.ms[0]), int(course.ms[-1])
        if course.axis == "fix":
            return first, last
        inside = [ms for ms in inside if first - _REACH_MS <= ms <= last + _REACH_MS]
        return min([first, *inside]), max([last, *inside])
    inside += course.ms.tolist()
    return (min(inside), max(inside)) if inside else None


def _instants(flight: Flight, happened: list[Row]) -> tuple[int, int]:
    """Return the first and last instant that the page shows in local time."""
    found = [row.start for row in happened if row.start is not None]
    found += [row.end for row in happened if row.end is not None]
    found += (
        [int(time.value // 10**6) for time in flight.track["time"].dropna().iloc[[0, -1]]]
        if (flight.track["time"].notna().any())
        else []
    )
    stated = flight.stated.start if flight.stated else None
    marks = (flight.start, flight.end, flight.takeoff, flight.landing, stated)
    found += [ms for ms in map(milliseconds, marks) if ms is not None]
    return (min(found), max(found)) if found else (0, 0)

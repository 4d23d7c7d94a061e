"""What one flight page shows, computed once; every section is drawn from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dji_audit import zones as areas
from dji_audit.basemap.supplied_map import SuppliedMap, SuppliedMapClip, clip_best_supplied_map
from dji_audit.camera_view import CameraPoses
from dji_audit.camera_view import camera_poses as find_camera_poses
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import FlightAudit
from dji_audit.endpoints import CLAIMS
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._byte_coverage import (
    ByteCoverageSummary,
    byte_coverage_of_each_log,
)
from dji_audit.mapper.flight_page._camera_view import LatLon
from dji_audit.mapper.flight_page._nearby_zones import NearbyZones, find_nearby_zones
from dji_audit.mapper.flight_page._page_links import NO_NEIGHBOURS, NeighbourPages
from dji_audit.mapper.flight_page._page_track import PageTrack, build_page_track
from dji_audit.mapper.flight_page._plot_series import (
    RequestedRecordSeriesAndMissingNotes,
    requested_record_field_series,
)
from dji_audit.mapper.flight_page._timeline_rows import (
    TimelineRow,
    source_logs_of_timeline,
    timeline_rows,
)
from dji_audit.mapper.html._times import TimeZone, time_zone_offsets_between, unix_ms
from dji_audit.report.flight_location import FlightLocation, locate_flight

# The axis includes rows this long before the first fix or after the last.  Rows further
# away would squeeze the flight into a corner.
_AXIS_MARGIN_MS = 600_000


@dataclass(frozen=True, slots=True, eq=False)
class PageModel:
    """A flight as its page shows it."""

    audit: FlightAudit
    track: PageTrack
    #: What happened, in time order.
    timeline: list[TimelineRow]
    #: First and last instant of the page's axis; ``None``: there is no time at all.
    time_span: tuple[int, int] | None
    #: What is drawn of the unit's own map; ``None``: the unit supplies none.
    basemap: SuppliedMapClip | None
    #: Where the flight was, and whose local time is shown.
    location: FlightLocation
    #: The time zone shown beside UTC.
    local: TimeZone
    #: How each of the flight's logs was read.
    coverages: tuple[ByteCoverageSummary, ...]
    camera_poses: CameraPoses
    #: The position whose sightings the page lists first; ``None``: the reader chooses one.
    target: LatLon | None
    nearby_zones: NearbyZones
    #: Fields of records that can be plotted.
    record_series: RequestedRecordSeriesAndMissingNotes
    #: What a person states of the case.
    case: CaseDetails = NO_CASE_DETAILS
    #: The pages of the flights before and after it.
    neighbours: NeighbourPages = NO_NEIGHBOURS

    @property
    def flight(self) -> Flight:
        """The flight."""
        return self.audit.flight

    @property
    def is_partly_read(self) -> bool:
        """Whether a part of a log was not read, so that nothing can be said to be absent."""
        return any(read.warnings for read in self.coverages)

    @property
    def file_names(self) -> list[str]:
        """Names of the logs that rows come from."""
        return [log.source.name for log in source_logs_of_timeline(self.audit)]


def build_page_model(
    audit: FlightAudit,
    *,
    local_zone: str | None,
    basemaps: Sequence[SuppliedMap] = (),
    camera_poses: CameraPoses | None,
    target: LatLon | None,
    zones: Sequence[areas.Zone],
    case: CaseDetails = NO_CASE_DETAILS,
    plots: Sequence[str] = (),
    neighbours: NeighbourPages = NO_NEIGHBOURS,
) -> PageModel:
    """Return what a page shows of a flight; arguments are those of `render_flight_page_html`."""
    flight = audit.flight
    track, timeline = build_page_track(flight), timeline_rows(audit)
    location = locate_flight(flight, local_zone)
    return PageModel(
        audit=audit,
        track=track,
        timeline=timeline,
        time_span=_time_axis_span(track, timeline),
        basemap=clip_best_supplied_map(basemaps, track.bounds)
        if track.bounds and not flight.positions_moved
        else None,
        location=location,
        local=time_zone_offsets_between(
            location.timezone, *_first_and_last_shown_ms(flight, timeline)
        ),
        coverages=byte_coverage_of_each_log(flight.logs),
        camera_poses=camera_poses if camera_poses is not None else find_camera_poses(flight),
        target=target,
        nearby_zones=find_nearby_zones(zones, track.bounds, timeline),
        record_series=requested_record_field_series(flight, track, plots),
        case=case,
        neighbours=neighbours,
    )


def _time_axis_span(track: PageTrack, timeline: list[TimelineRow]) -> tuple[int, int] | None:
    """Return first and last instant of the page's axis; ``None`` without any time."""
    inside = [row.start for row in timeline if row.start is not None]
    inside += [row.end for row in timeline if row.end is not None]
    if len(track.ms) >= 2:
        # Contacts before and after the flight are counted beside the lane.
        here = [row for row in timeline if row.group != "network" and row.grade not in CLAIMS]
        inside = [ms for row in here for ms in (row.start, row.end) if ms is not None]
        first, last = int(track.ms[0]), int(track.ms[-1])
        if track.axis == "fix":
            return first, last
        inside = [ms for ms in inside if first - _AXIS_MARGIN_MS <= ms <= last + _AXIS_MARGIN_MS]
        return min([first, *inside]), max([last, *inside])
    inside += track.ms.tolist()
    return (min(inside), max(inside)) if inside else None


def _first_and_last_shown_ms(flight: Flight, timeline: list[TimelineRow]) -> tuple[int, int]:
    """Return the first and last instant that the page shows in local time."""
    instants = [row.start for row in timeline if row.start is not None]
    instants += [row.end for row in timeline if row.end is not None]
    instants += (
        [int(time.value // 10**6) for time in flight.track["time"].dropna().iloc[[0, -1]]]
        if (flight.track["time"].notna().any())
        else []
    )
    stated = flight.header_summary.start if flight.header_summary else None
    marks = (flight.start, flight.end, flight.takeoff, flight.landing, stated)
    instants += [ms for ms in map(unix_ms, marks) if ms is not None]
    return (min(instants), max(instants)) if instants else (0, 0)

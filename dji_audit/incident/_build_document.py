"""Build the document of an incident from flights and one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.compliance.context import AuditContext, supplied_zones_then_fences_of_flight
from dji_audit.flights import Flight
from dji_audit.incident._aircraft_state import position_of_fix, row_index_of_last_fix_at_or_before
from dji_audit.incident._document_sections import (
    aircraft_section,
    audit_basis_section,
    cameras_and_microphones_section,
    evidence_integrity_section,
    incident_moment_section,
    nearby_aircraft_section,
    operator_and_pilot_section,
    records_behind_charts_section,
    sections_on_what_is_unknown,
    sequence_of_events_sections,
    stick_input_section,
    whole_flight_rule_results_section,
    zones_at_moment_section,
)
from dji_audit.incident._incident_document_model import (
    IncidentChart,
    IncidentChartLine,
    IncidentDocument,
)
from dji_audit.incident._stick_link_and_battery_series import (
    QUANTITIES,
    QuantitySeries,
    iterate_series_of_each_quantity,
)
from dji_audit.mapper.flight_page._nearby_zones import find_nearby_zones
from dji_audit.mapper.flight_page._page_track import build_page_track
from dji_audit.mapper.flight_page._recording_styles_of_svg_map import (
    photos_of_flight_with_known_time,
)
from dji_audit.mapper.flight_page._svg_map import static_flight_map_svg
from dji_audit.mapper.flight_page._timeline_rows import TimelineRow, timeline_rows
from dji_audit.mapper.html._times import unix_ms
from dji_audit.report.flight_location import known_time_zone_at

#: Columns of the track that have a chart: title, unit, and the least that its scale spans.
_CHARTED_COLUMNS = (
    ("height_ato_m", "Height above take-off", "m", 4.0),
    ("ground_speed_mps", "Ground speed", "m/s", 2.0),
    ("vertical_speed_mps", "Climb", "m/s", 2.0),
    ("battery_pct", "Battery", "%", 10.0),
    ("satellites", "Satellites", "", 6.0),
)
#: The least that the scale of a quantity spans.
_LEAST_SPANS = {"sticks": 40.0, "obstacle": 2.0, "link": 20.0, "voltage": 1.0, "current": 4.0}


#: First and last instant of a flight, UTC; ``None``: not known.
FlightSpan = tuple[pd.Timestamp | None, pd.Timestamp | None]


class NoFlightAtThatTimeError(Exception):
    """No flight has a record in the time of the incident; the message names the flights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWindow:
    """The moment that is asked about, and how much before and after it is shown."""

    moment: pd.Timestamp
    before_s: float = 120.0
    after_s: float = 60.0

    @property
    def start(self) -> pd.Timestamp:
        """First instant."""
        return self.moment - pd.Timedelta(self.before_s, "s")

    @property
    def end(self) -> pd.Timestamp:
        """Last instant."""
        return self.moment + pd.Timedelta(self.after_s, "s")


def flights_in_window(
    flights: Sequence[Flight], window: IncidentWindow, spans_apart: Sequence[FlightSpan] = ()
) -> list[Flight]:
    """Return the flights of which some log has a fix in the time of an incident.

    Args:
        flights: Flights that may have one.
        window: The time.
        spans_apart: From when to when the other flights of the case were, to be named where
            there is none.

    Raises:
        NoFlightAtThatTimeError: If there is none.
    """
    chosen = [flight for flight in flights if _has_fix_between(flight, window)]
    if not chosen:
        all_spans = [*((flight.start, flight.end) for flight in flights), *spans_apart]
        spans = [
            f"{start:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S} UTC"
            for start, end in sorted(
                (start, end) for start, end in all_spans if start is not None and end is not None
            )
        ]
        untimed = len(all_spans) - len(spans)
        known = f"flights were from {'; from '.join(spans[:10])}" if spans else "no flight has UTC"
        more = f"; {len(spans) - 10} more" if len(spans) > 10 else ""
        lacking = f"; {untimed} without UTC (see --clock)" if spans and untimed else ""
        raise NoFlightAtThatTimeError(
            f"no log has a fix from {window.start:%Y-%m-%d %H:%M:%S} to {window.end:%H:%M:%S} UTC; "
            f"{known}{more}{lacking}"
        )
    return chosen


def _has_fix_between(flight: Flight, window: IncidentWindow) -> bool:
    return any(
        bool(source.track["time"].between(window.start, window.end).any())
        for source in flight.sources
    )


def build_incident_document(
    audit: FlightAudit,
    flights: Sequence[Flight],
    window: IncidentWindow,
    *,
    basis: AuditInputProvenance,
    context: AuditContext,
    unplaced_count: int = 0,
    local_zone: str | None = None,
    case: CaseDetails = NO_CASE_DETAILS,
) -> IncidentDocument:
    """Return what can be said of one flight around one moment.

    Args:
        audit: The flight and what came of every rule.
        flights: The flights of the case that may have been in the air in that time, to see who
            was near.
        window: The moment, and the time around it.
        basis: What the flight was audited with.
        context: What the unit supplied.
        unplaced_count: Of how many other flights of the case no position at a known time is known.
        local_zone: The IANA time zone shown beside UTC; ``None``: that of the place.
        case: What a person states of the case.
    """
    flight, moment = audit.flight, window.moment
    start, end = window.start, window.end
    series = tuple(iterate_series_of_each_quantity(flight.sources, start, end))
    zone = local_zone or _time_zone_at_moment(flight, moment)
    local = f", {moment.tz_convert(zone):%H:%M:%S %Z}" if zone else ""
    head = (
        *case.labelled_values(),
        ("Moment", f"{moment:%Y-%m-%d %H:%M:%S} UTC{local}"),
        ("Shown", f"{window.before_s:g} s before to {window.after_s:g} s after"),
        ("Flight", flight.id),
        ("Log", flight.log.source.name),
        ("Made with", f"dji-audit {basis.tool_version}"),
    )
    sections = (
        evidence_integrity_section(flight),
        incident_moment_section(flight, moment),
        aircraft_section(flight),
        operator_and_pilot_section(flight, moment, context),
        *sequence_of_events_sections(audit, start, end, moment),
        stick_input_section(series, moment),
        cameras_and_microphones_section(flight, start, end),
        zones_at_moment_section(audit, moment, context),
        nearby_aircraft_section(flight, flights, start, end, unplaced_count),
        *sections_on_what_is_unknown(flight, start, end, series),
        records_behind_charts_section(series),
        whole_flight_rule_results_section(audit),
        audit_basis_section(basis),
    )
    return IncidentDocument(
        flight=flight,
        title="Incident: what the logs show",
        head=head,
        moment=moment,
        start=start,
        end=end,
        sections=sections,
        series=series,
        charts=tuple(_charts_of_incident_window(flight, series, window)),
        map_svg=_svg_map_of_window(audit, window, context),
    )


def _time_zone_at_moment(flight: Flight, moment: pd.Timestamp) -> str | None:
    """Return the time zone in which the aircraft was; ``None``: not known."""
    row = row_index_of_last_fix_at_or_before(flight, moment)
    position = position_of_fix(flight, row) if row is not None else None
    return known_time_zone_at(*position) if position is not None else None


def _charts_of_incident_window(
    flight: Flight, series: Sequence[QuantitySeries], window: IncidentWindow
) -> "list[IncidentChart]":
    charts = []
    for column, title, unit, least_span in _CHARTED_COLUMNS:
        lines = [
            line
            for index, source in enumerate(flight.sources)
            if source.copy_of is None
            and not source.is_media
            and (line := _chart_line_of_track_column(source.track, column, index, flight, window))
            is not None
        ]
        if lines:
            charts.append(IncidentChart(title, unit, tuple(lines), least_span))
    for quantity, (title, unit) in QUANTITIES.items():
        stated = [one for one in series if one.field.quantity == quantity]
        is_one_log = len({one.source_index for one in stated}) == 1
        lines = [
            IncidentChartLine(
                one.field.label if is_one_log else f"{one.field.label}, log {one.source_index + 1}",
                _seconds_of_each_time_after_moment(one.times, window.moment),
                one.numbers,
            )
            for one in stated
        ]
        if lines:
            charts.append(IncidentChart(title, unit, tuple(lines), _LEAST_SPANS[quantity]))
    return charts


def _chart_line_of_track_column(
    track: pd.DataFrame, column: str, index: int, flight: Flight, window: IncidentWindow
) -> IncidentChartLine | None:
    inside = track["time"].between(window.start, window.end)
    values = track.loc[inside, column].to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(values)
    if not known.any():
        return None
    times = pd.DatetimeIndex(track.loc[inside, "time"])[known]
    label = f"{flight.sources[index].log.source.format}, log {index + 1}"
    return IncidentChartLine(
        label, _seconds_of_each_time_after_moment(times, window.moment), values[known]
    )


def _seconds_of_each_time_after_moment(
    times: pd.DatetimeIndex, moment: pd.Timestamp
) -> npt.NDArray[np.float64]:
    return np.asarray((times - moment).total_seconds(), np.float64)


def _svg_map_of_window(audit: FlightAudit, window: IncidentWindow, context: AuditContext) -> str:
    """Return the path in the time of the incident as an SVG picture; empty: no position.

    A ring is around the aircraft at the moment; triangles are warnings and limits.
    """
    flight = audit.flight
    inside = flight.track["time"].between(window.start, window.end)
    track = build_page_track(replace(flight, track=flight.track[inside].reset_index(drop=True)))
    first_ms, last_ms = unix_ms(window.start) or 0, unix_ms(window.end) or 0
    rows = [
        row
        for row in timeline_rows(audit)
        if row.start is not None and first_ms <= row.start <= last_ms and row.group != "finding"
    ]
    zones = find_nearby_zones(
        supplied_zones_then_fences_of_flight(flight, context), track.bounds, rows
    )
    photos = photos_of_flight_with_known_time(flight)
    home = flight.home
    return static_flight_map_svg(
        track,
        [*rows, _incident_moment_timeline_row(window.moment)],
        [photo for photo in photos if first_ms <= photo.ms <= last_ms],
        (home.latitude_deg, home.longitude_deg) if home else (np.nan, np.nan),
        zones.zones,
    )


def _incident_moment_timeline_row(moment: pd.Timestamp) -> TimelineRow:
    """Return a row that the map draws as a ring around the aircraft."""
    return TimelineRow(
        start=unix_ms(moment),
        end=None,
        group="finding",
        kind="moment",
        severity="",
        text="The moment",
        grade="",
        record="",
        offset=None,
    )

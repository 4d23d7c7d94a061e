"""The facts at the top of a flight page: what flew, when, how far, and what the page rests on."""

from collections.abc import Callable
from datetime import datetime

import parsers
from dji_audit.common.plain_english import aircraft_type_text, duration_text
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._method_notes import generation_time_words
from dji_audit.mapper.flight_page._static_html import labelled_values_html, utc_and_local_text
from dji_audit.mapper.html._times import TimeZone, unix_ms
from dji_audit.report.flight_location import locate_flight
from dji_audit.report.flight_rows import FlightValuesFromHeader, flight_values_from_header


def facts_at_top_html(
    flight: Flight, local: TimeZone, basis: AuditInputProvenance, generated: datetime | None
) -> str:
    """Return the facts at the top of the page, as HTML."""
    return labelled_values_html(facts_at_top(flight, local, basis, generated))


def facts_at_top(
    flight: Flight, local: TimeZone, basis: AuditInputProvenance, generated: datetime | None
) -> list[tuple[str, str]]:
    """Return the facts at the top of the page, each with its label; empty: it is left out."""
    aircraft = flight.aircraft
    names = aircraft_type_text(aircraft.maker, aircraft.model)
    if aircraft.name and aircraft.name not in (names, aircraft.model):
        names += f" “{aircraft.name}”"
    takeoff = utc_and_local_text(unix_ms(flight.takeoff), local, date=True)
    if flight.takeoff is None:
        start = unix_ms(
            flight.start or (flight.header_summary.start if flight.header_summary else None)
        )
        takeoff = "not shown by the log"
        takeoff += (
            "" if start is None else f"; log begins {utc_and_local_text(start, local, date=True)}"
        )
        if start is None and flight.local_start is not None:
            own = flight.local_takeoff or flight.local_start
            lead = "" if flight.local_takeoff else "not shown by the log; it begins "
            takeoff = f"{lead}{own:%Y-%m-%d %H:%M:%S} by the clock of the log"
    stated = flight_values_from_header(flight)
    height = flight.max_height_ato_m
    far, flown = flight.max_home_distance_m, flight.distance_m
    location = locate_flight(flight)
    return [
        ("Aircraft", names.strip() or "not named"),
        ("Serial", _serial_text(aircraft)),
        ("Take-off", takeoff),
        (
            "Duration",
            _header_value_text(stated.duration_s, duration_text)
            or duration_text(flight.duration_s),
        ),
        (
            "Maximum height",
            _header_value_text(
                stated.max_height_ato_m, lambda value: f"{value:.1f} m above take-off"
            )
            or ("not known" if height is None else f"{height:.1f} m above take-off"),
        ),
        (
            "Distance flown",
            _header_value_text(stated.distance_m, _distance_text)
            or ("not known" if flown is None else _distance_text(flown)),
        ),
        ("Place", location.nearest_place_text or "not known"),
        ("Grid reference", location.grid_reference or ""),
        ("Start", _start_position_stated_by_header_text(stated)),
        ("Maximum distance", "not known" if far is None else f"{far:,.1f} m from home"),
        ("Sources", _source_and_disagreement_counts_text(flight)),
        ("Log SHA-256", flight.log.source.sha256),
        ("Tool", f"dji-audit {basis.tool_version}"),
        ("Policy", f"{basis.policy_name} {basis.policy_version}"),
        ("Made", "" if generated is None else generation_time_words(generated)),
    ]


def _serial_text(aircraft: parsers.Aircraft) -> str:
    """Return the serial of an aircraft, else that of its flight controller, which rules go by."""
    if aircraft.serial or not aircraft.flight_controller_serial:
        return aircraft.serial or "not given"
    return f"not given; flight controller {aircraft.flight_controller_serial}"


def _distance_text(metres: float) -> str:
    """Return a distance as the report states it, to a tenth of a metre."""
    return f"{metres:,.1f} m"


def _header_value_text(value: float | None, to_text: Callable[[float], str]) -> str:
    """Return a value that a header states and no record shows; empty: it states none."""
    return "" if value is None else f"{to_text(value)}, stated by the header"


def _start_position_stated_by_header_text(stated: FlightValuesFromHeader) -> str:
    position = stated.position
    if position is None:
        return ""
    place = f"{position.latitude_deg:.6f}, {position.longitude_deg:.6f}"
    return f"{place}, stated by the header"


def _source_and_disagreement_counts_text(flight: Flight) -> str:
    """Return the number of source files and disagreements; empty for one file."""
    count, disagreements = len(flight.sources), len(flight.disagreements)
    if count == 1:
        return ""
    if not disagreements:
        return f"{count} files, no disagreement between them"
    noun = "disagreement" if disagreements == 1 else "disagreements"
    return f"{count} files; {disagreements} {noun} between them"

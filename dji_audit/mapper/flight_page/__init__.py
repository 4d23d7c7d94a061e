"""Draw one flight as one sealed HTML page."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

import numpy as np

from dji_audit import zones as areas
from dji_audit.camera_view import CameraPoses
from dji_audit.compliance.audit import AuditBasis, FlightAudit
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._camera import LatLon, camera_view_sections_by_slot
from dji_audit.mapper.flight_page._method_notes import (
    audit_basis_labelled_values,
    generation_time_words,
    method_notes,
)
from dji_audit.mapper.flight_page._network import network_section
from dji_audit.mapper.flight_page._page_data import page_data
from dji_audit.mapper.flight_page._page_model import PageModel, build_page_model
from dji_audit.mapper.flight_page._sources import (
    aircraft_labelled_values,
    disagreement_section,
    source_details,
    source_table,
)
from dji_audit.mapper.flight_page._static_html import (
    capture_rows,
    event_rows,
    finding_cards,
    labelled_value_list,
    outcome_counts,
    rule_rows,
    utc_and_local_text,
    warning_banner,
)
from dji_audit.mapper.flight_page._svg_map import svg_map
from dji_audit.mapper.flight_page._track import PageTrack
from dji_audit.mapper.flight_page._zones import zone_section
from dji_audit.mapper.html._assets import (
    fill_template,
    leaflet_script,
    leaflet_style,
    read_asset,
    viewer_script,
)
from dji_audit.mapper.html._csp import sealed_document
from dji_audit.mapper.html._escape import escape_html, json_block
from dji_audit.mapper.html._folium import Bounds, MapElementAndScript, map_container
from dji_audit.mapper.html._times import TimeZone, unix_ms
from dji_audit.plain_english import duration_text
from dji_audit.report.rows import FlightValuesFromHeader, values_stated_by_header


def draw_flight_page(
    audit: FlightAudit,
    *,
    basis: AuditBasis,
    generated: datetime | None,
    local_zone: str = "Europe/London",
    index_link: str | None = None,
    camera_poses: CameraPoses | None = None,
    target: LatLon | None = None,
    zones: Sequence[areas.Zone] = (),
) -> str:
    """Return one flight as a self-contained HTML page.

    The page loads nothing and makes no request.  The same arguments give the
    same text in every process.  Where the log gives no position the page says
    so and shows everything else.

    Args:
        audit: The flight and what came of every rule.
        basis: Tool, policy and catalogue that the flight was audited with.
        generated: When the page is made, aware; ``None``: not stated.
        local_zone: The IANA time zone shown beside UTC.
        index_link: The relative address of the index page, to link back to.
        camera_poses: Where its camera looked; ``None``: computed from the flight alone.
        target: Latitude and longitude whose sightings are listed when the page opens.
        zones: Zones that the flight was compared with; those near the track are drawn.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.SealError: If the page would load something.
    """
    page = build_page_model(
        audit, local_zone=local_zone, camera_poses=camera_poses, target=target, zones=zones
    )
    bounds = page.track.bounds
    drawing = map_container(_initial_map_bounds(bounds)) if bounds else None
    data = page_data(page)
    slots = {
        "back": _back_link(index_link),
        "facts": _page_headline(page.flight, page.local, basis, generated),
        "map": drawing.element if drawing else _no_map_notice(page.flight, page.track),
        "still_key": read_asset("still_key.html") if bounds else "",
        "method": method_notes(page.track, page.local.name, grid=data["grid"] is not None),
        "basis": audit_basis_labelled_values(basis, generated),
        **_table_sections_by_slot(page),
        **_source_sections_by_slot(page),
        **camera_view_sections_by_slot(page.camera_poses, target, page.local),
    }
    # Everything below is put together after folium has rendered.
    block = f'<script type="application/json" id="flight">{json_block(data)}</script>\n'
    body = fill_template(read_asset("page.html"), slots) + block + _page_scripts(drawing)
    head = f"<title>{escape_html(page.flight.log.source.name)} - flight review</title>\n"
    styles = [leaflet_style()] if drawing else []
    styles += [read_asset("page.css"), read_asset("map.css"), read_asset("print.css")]
    head += "".join(f"<style>{style}</style>\n" for style in styles)
    return sealed_document(head, body + "</body>\n")


def _table_sections_by_slot(page: PageModel) -> dict[str, str]:
    """Return the sections of events, findings, recordings, zones and network."""
    audit, local, files = page.audit, page.local, page.file_names
    network, hosts = network_section(audit.network, page.flight, local)
    return {
        "verdict": outcome_counts(audit),
        "picture": _static_map(page),
        "events": event_rows(page.timeline, local, files),
        "zone": escape_html(local.name),
        "findings": finding_cards(audit, local),
        "finding_count": str(len(audit.findings)),
        "rules": rule_rows(audit),
        "captures": capture_rows(page.timeline, local, files),
        "capture_count": str(len(page.flight.captures)),
        "capture_note": _recordings_note(page.flight, unread=page.is_partly_read),
        "zones": zone_section(page.nearby_zones),
        "zone_count": str(len(page.nearby_zones.zones)),
        "network": network,
        "host_count": str(hosts),
    }


def _source_sections_by_slot(page: PageModel) -> dict[str, str]:
    """Return the sections about the sources and how they were read."""
    flight, coverages, local = page.flight, page.coverages, page.local
    return {
        "name": escape_html(flight.log.source.name),
        "banner": warning_banner(_page_warnings(page)),
        "sources": source_table(flight, coverages, local),
        "source_details": source_details(flight, coverages, local),
        "source_count": str(len(flight.sources)),
        "disagreements": disagreement_section(flight, local),
        "aircraft": aircraft_labelled_values(flight.logs),
    }


def _page_scripts(drawing: MapElementAndScript | None) -> str:
    parts = (
        [leaflet_script(), viewer_script(), drawing.script]
        if drawing
        else [viewer_script(), "showFlight(null);"]
    )
    return "".join(f"<script>{part}</script>\n" for part in parts)


def _page_headline(
    flight: Flight, local: TimeZone, basis: AuditBasis, generated: datetime | None
) -> str:
    aircraft = flight.aircraft
    names = " ".join(filter(None, [aircraft.maker, aircraft.model]))
    if aircraft.name:
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
    stated = values_stated_by_header(flight)
    height = flight.max_height_ato_m
    far = flight.max_home_distance_m
    return labelled_value_list(
        [
            ("Aircraft", names.strip() or "not named"),
            ("Serial", aircraft.serial or "not given"),
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
                _header_value_text(stated.distance_m, lambda value: f"{value:,.0f} m"),
            ),
            ("Start", _header_start_text(stated)),
            ("Maximum distance", "not known" if far is None else f"{far:,.1f} m from home"),
            ("Sources", _source_summary(flight)),
            ("Log SHA-256", flight.log.source.sha256),
            ("Tool", f"dji-audit {basis.tool_version}"),
            ("Policy", f"{basis.policy_name} {basis.policy_version}"),
            ("Made", "" if generated is None else generation_time_words(generated)),
        ]
    )


def _header_value_text(value: float | None, to_text: Callable[[float], str]) -> str:
    """Return a value that a header states and no record shows; empty: it states none."""
    return "" if value is None else f"{to_text(value)}, stated by the header"


def _header_start_text(stated: FlightValuesFromHeader) -> str:
    position = stated.position
    if position is None:
        return ""
    place = f"{position.latitude_deg:.6f}, {position.longitude_deg:.6f}"
    return f"{place}, stated by the header"


def _source_summary(flight: Flight) -> str:
    """Return the number of source files and disagreements; empty for one file."""
    count, disagreements = len(flight.sources), len(flight.disagreements)
    if count == 1:
        return ""
    if not disagreements:
        return f"{count} files, no disagreement between them"
    noun = "disagreement" if disagreements == 1 else "disagreements"
    return f"{count} files; {disagreements} {noun} between them"


def _page_warnings(page: PageModel) -> Iterable[str]:
    for coverage in page.coverages:
        yield from coverage.warnings
    if locked := [log.source.name for log in page.flight.logs if log.encrypted]:
        yield f"Next step: dji-audit keys request {locked[0]} -o request.json"
    if page.flight.is_simulated:
        yield "The log states that the aircraft was simulated: see the events of kind “simulator”."
    if page.flight.begins_in_air:
        yield "The log begins in the air: its take-off is not recorded."
    if page.flight.ends_in_air:
        yield "The log ends in the air: its landing is not recorded."
    if page.track.axis == "fix":
        yield "The fixes in this log have no times."


def _no_map_notice(flight: Flight, track: PageTrack) -> str:
    """Return why there is no map."""
    if flight.log.encrypted:
        why = "The log is encrypted and no key was given, so its positions cannot be read."
    elif len(track.ms) or len(flight.track):
        why = f"None of the {len(flight.track):,} rows of the track has a usable position."
    else:
        why = "The log holds no track."
    return (
        f'<div id="no_map"><p><b>There is no track to draw.</b></p><p>{escape_html(why)}</p>'
        "<p>Everything else in the log is shown beside and below.</p></div>"
    )


def _initial_map_bounds(bounds: Bounds) -> Bounds:
    """Return the box to show first: a single fix is given some ground round it."""
    least = 0.0003
    high = max(0.0, least - (bounds.north - bounds.south)) / 2
    wide = max(0.0, least - (bounds.east - bounds.west)) / 2
    return Bounds(
        max(bounds.south - high, -85),
        bounds.west - wide,
        min(bounds.north + high, 85),
        bounds.east + wide,
    )


def _static_map(page: PageModel) -> str:
    rows, home = page.flight.captures, page.flight.home
    photos = map(unix_ms, rows[rows["kind"] == "photo"]["start"])
    instants = [ms for ms in photos if ms is not None]
    place = (home.latitude_deg, home.longitude_deg) if home else (np.nan, np.nan)
    return svg_map(page.track, page.timeline, instants, place, page.nearby_zones.zones)


def _recordings_note(flight: Flight, *, unread: bool) -> str:
    if not flight.shows_recordings and not unread:
        return "<p><b>These logs do not state whether anything was recorded.</b></p>"
    if not len(flight.captures) and unread:
        return (
            "<p><b>Whether anything was recorded is not known:</b> a part of the log was not "
            "read, and what was read shows no recording.</p>"
        )
    if not len(flight.captures):
        return "<p>The log shows no recording. This does not show that the camera was off.</p>"
    video = flight.captures[flight.captures["kind"] == "video"]
    if len(video) and (video["sensor"] == "unknown").any():
        return (
            "<p>Where the sensor is not stated, the log does not distinguish visible light "
            "from thermal.</p>"
        )
    return ""


def _back_link(index: str | None) -> str:
    if index is None:
        return ""
    return f'<a class="back" href="{quote(index)}">All flights</a>'

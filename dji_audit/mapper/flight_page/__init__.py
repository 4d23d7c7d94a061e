"""Draw one flight as one sealed HTML page."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from dji_audit import zones as areas
from dji_audit.basemap.supplied_map import SuppliedMap
from dji_audit.camera_view import CameraPoses
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.compliance.audit import AuditInputProvenance, FlightAudit
from dji_audit.flights import Flight
from dji_audit.mapper.flight_page._camera_view import LatLon, camera_view_sections_by_slot
from dji_audit.mapper.flight_page._facts_at_top import facts_at_top_html
from dji_audit.mapper.flight_page._input_file_hashes import (
    input_file_count_text,
    input_files_as_json_data,
)
from dji_audit.mapper.flight_page._method_notes import (
    audit_basis_labelled_values_html,
    method_notes_html,
)
from dji_audit.mapper.flight_page._nearby_zones import nearby_zones_table_html
from dji_audit.mapper.flight_page._network_contacts import network_section_html_and_host_count
from dji_audit.mapper.flight_page._page_data import flight_page_data
from dji_audit.mapper.flight_page._page_links import NO_NEIGHBOURS, NeighbourPages, page_links_html
from dji_audit.mapper.flight_page._page_model import PageModel, build_page_model
from dji_audit.mapper.flight_page._page_track import PageTrack
from dji_audit.mapper.flight_page._panel_tabs import PanelTab, tab_template_slots
from dji_audit.mapper.flight_page._people_and_aircraft_nearby import (
    declared_tracks_section_html,
    nearby_aircraft_section_html,
    user_supplied_track_legend_item_html,
)
from dji_audit.mapper.flight_page._photo_thumbnails import (
    choose_shown_photos,
    photo_section_html,
    photos_of_flight,
)
from dji_audit.mapper.flight_page._place_of_flight_section import place_of_flight_section_html
from dji_audit.mapper.flight_page._plot_series import MAX_RECORD_FIELD_CHARACTERS
from dji_audit.mapper.flight_page._print_header_footer import flight_print_margin_css
from dji_audit.mapper.flight_page._recording_styles_of_svg_map import (
    photos_of_flight_with_known_time,
    recording_legend_html,
)
from dji_audit.mapper.flight_page._source_sections import (
    aircraft_labelled_values_html,
    disagreement_section_html,
    source_details_html,
    table_of_sources_and_clocks_html,
)
from dji_audit.mapper.flight_page._static_html import (
    event_table_rows_html,
    finding_cards_html,
    labelled_values_html,
    outcome_counts_html,
    recording_table_rows_html,
    rule_table_rows_html,
    warning_banner_html,
)
from dji_audit.mapper.flight_page._svg_map import static_flight_map_svg
from dji_audit.mapper.html._assets import (
    fill_template_slots,
    flight_page_script,
    leaflet_style,
    read_asset,
)
from dji_audit.mapper.html._csp import seal_document_with_csp
from dji_audit.mapper.html._escape import escape_html, json_text_for_script_element
from dji_audit.mapper.html._folium import Bounds, empty_map_element_and_script, page_scripts_html
from dji_audit.mapper.html._times import unix_ms

_STYLES = ("page", "map", "basemap", "verify", "footage", "copied_link", "print")


def render_flight_page_html(
    audit: FlightAudit,
    *,
    basis: AuditInputProvenance,
    generated: datetime | None,
    local_zone: str | None = None,
    basemaps: Sequence[SuppliedMap] = (),
    index_link: str | None = None,
    camera_poses: CameraPoses | None = None,
    target: LatLon | None = None,
    zones: Sequence[areas.Zone] = (),
    case: CaseDetails = NO_CASE_DETAILS,
    plots: Sequence[str] = (),
    neighbours: NeighbourPages = NO_NEIGHBOURS,
) -> str:
    """Return one flight as a self-contained HTML page.

    The page loads nothing and makes no request.  The same arguments give the
    same text in every process.  Where the log gives no position the page says
    so and shows everything else.

    Args:
        audit: The flight and what came of every rule.
        basis: Tool, policy and catalogue that the flight was audited with.
        generated: When the page is made, aware; ``None``: not stated.
        local_zone: The IANA time zone shown beside UTC; ``None``: that of the place flown.
        basemaps: The unit's own maps, the best of which is drawn behind the path.
        index_link: The relative address of the index page, to link back to.
        camera_poses: Where its camera looked; ``None``: computed from the flight alone.
        target: Latitude and longitude whose sightings are listed when the page opens.
        zones: Zones that the flight was compared with; those near the track are drawn.
        case: What a person states of the case.
        plots: Names of records, or ``RECORD.FIELD``, whose numeric fields are embedded to be
            plotted; the logs must still hold them.
        neighbours: The pages of the flights before and after it.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.CspSealError: If the page would load something.
    """
    page = build_page_model(
        audit,
        local_zone=local_zone,
        basemaps=basemaps,
        camera_poses=camera_poses,
        target=target,
        zones=zones,
        case=case,
        plots=plots,
        neighbours=neighbours,
    )
    return page_model_html(page, basis=basis, generated=generated, index_link=index_link)


def page_model_html(
    page: PageModel,
    *,
    basis: AuditInputProvenance,
    generated: datetime | None,
    index_link: str | None = None,
) -> str:
    """Return a flight as a self-contained HTML page, from what it shows.

    Raises:
        dji_audit.mapper.html._csp.CspSealError: If the page would load something.
    """
    bounds = page.track.bounds
    is_moved = page.flight.positions_moved
    drawing = (
        empty_map_element_and_script(_initial_map_bounds(bounds, positions_moved=is_moved))
        if bounds
        else None
    )
    inputs = input_files_as_json_data(page.audit, basis)
    data = flight_page_data(page) | {"inputs": inputs}
    tabs = _panel_tabs(
        page, basis, generated, grid_method=_grid_reference_method_note(data["grid"])
    )
    slots = {
        "name": escape_html(page.flight.log.source.name),
        "verdict": outcome_counts_html(page.audit),
        "banner": warning_banner_html(page_warnings(page)),
        "back": page_links_html(index_link, page.neighbours),
        "facts": labelled_values_html(page.case.labelled_values())
        + facts_at_top_html(page.flight, page.local, basis, generated),
        "map": drawing.element if drawing else _no_map_notice(page.flight, page.track),
        "picture": static_map_svg(page),
        "where": place_of_flight_section_html(page.location, page.basemap),
        "still_key": static_map_legend_html(page) if bounds else "",
        "copied_link": read_asset("copied_link.html"),
        **tab_template_slots(tabs),
    }
    # Everything below is put together after folium has rendered.
    json = json_text_for_script_element(data)
    block = f'<script type="application/json" id="flight">{json}</script>\n'
    body = (
        fill_template_slots(read_asset("page.html"), slots)
        + block
        + page_scripts_html(drawing, flight_page_script(), "showFlight")
    )
    head = f"<title>{escape_html(page.flight.log.source.name)} - flight review</title>\n"
    styles = [leaflet_style()] if drawing else []
    styles += [read_asset(f"{name}.css") for name in _STYLES]
    styles.append(flight_print_margin_css(page.flight.log.source, page.case, basis, generated))
    head += "".join(f"<style>{style}</style>\n" for style in styles)
    return seal_document_with_csp(head, body + "</body>\n")


def _panel_tabs(
    page: PageModel, basis: AuditInputProvenance, generated: datetime | None, *, grid_method: str
) -> list[PanelTab]:
    """Return the tabs beside the map, in their order."""
    audit, flight, local, files = page.audit, page.flight, page.local, page.file_names
    network, hosts = network_section_html_and_host_count(audit.network, flight, local)
    began = unix_ms(flight.start)
    return [
        PanelTab(
            name="events",
            label="Events",
            title="Events",
            count=len(page.timeline),
            slots={
                "events": event_table_rows_html(page.timeline, local, files, began),
                "zone": escape_html(local.name),
            },
        ),
        PanelTab(
            name="rules",
            label="Findings",
            title="Findings and rules",
            count=len(audit.findings),
            slots={
                "findings": finding_cards_html(audit, local),
                "rules": rule_table_rows_html(audit),
            },
        ),
        PanelTab(
            name="captures",
            label="Recorded",
            title="Recordings",
            count=len(flight.captures),
            slots={
                "photos": photo_section_html(choose_shown_photos(photos_of_flight(flight)), local),
                "capture_note": _note_html(unlisted_recordings_note(page)),
                "captures": recording_table_rows_html(page.timeline, local, files, began),
            },
        ),
        PanelTab(
            name="view",
            label="In view",
            title="When a position was in view",
            count=None,
            slots=camera_view_sections_by_slot(page.camera_poses, page.target, local),
        ),
        PanelTab(
            name="plots",
            label="Plots",
            title="Plots of any quantity",
            count=None,
            slots={"plot_notes": _notes_on_records_to_plot(page)},
            is_scripted=True,
        ),
        PanelTab(
            name="zones",
            label="Zones",
            title="Zones",
            count=len(page.nearby_zones.zones),
            slots={"zones": nearby_zones_table_html(page.nearby_zones)},
        ),
        PanelTab(
            name="network",
            label="Network",
            title="Network",
            count=hosts,
            slots={"network": network},
        ),
        PanelTab(
            name="file",
            label="Sources",
            title="Sources and method",
            count=len(flight.sources),
            slots={
                "sources": table_of_sources_and_clocks_html(flight, page.coverages, local),
                "nearby": declared_tracks_section_html(audit.declared_tracks)
                + nearby_aircraft_section_html(flight, local),
                "input_count": input_file_count_text(input_files_as_json_data(audit, basis)),
                "disagreements": disagreement_section_html(flight, local),
                "aircraft": aircraft_labelled_values_html(flight.logs),
                "source_details": source_details_html(flight, page.coverages, local),
                "method": method_notes_html(
                    page.track, page.location, page.basemap, grid_method=grid_method
                ),
                "basis": audit_basis_labelled_values_html(basis, generated),
            },
        ),
    ]


def _grid_reference_method_note(grid: object) -> str:
    """Return how the grid references of a page were made; empty: it has none."""
    return str(grid["method"]) if isinstance(grid, dict) else ""


def page_warnings(page: PageModel) -> Iterable[str]:
    """Yield what must be read before anything else."""
    if page.flight.positions_moved:
        yield (
            "Redacted: positions are not those of the flight, and names and serial numbers are "
            "replaced. Times, heights above take-off and distances are true."
        )
    if page.flight.is_known_only_from_receivers:
        yield (
            "No log of the aircraft is at hand: the track is what it broadcast, as a receiver "
            "recorded it. Anybody can send such messages."
        )
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
        yield _why_times_are_not_utc(page.flight)


def _why_times_are_not_utc(flight: Flight) -> str:
    """Return which times the fixes have instead of UTC, and what to do where a zone is missing."""
    if flight.local_start is not None:
        return (
            "The times in this log are local and it states no time zone, so what needs UTC is not "
            "shown or checked. Next step: audit it again with --camera-timezone and the zone of "
            "its clock, such as Europe/London."
        )
    own = flight.log.local_times
    if own is not None and own.kind == "elapsed":
        return "The times in this log count from its beginning: it states no date and no UTC."
    return "The fixes in this log have no times in UTC."


def _notes_on_records_to_plot(page: PageModel) -> str:
    """Return what is missing of the records to plot, and how to have records here."""
    notes = [
        *page.record_series.notes,
        "Fields of records are here if the page was made with --plot and the name of the record, "
        f"up to {MAX_RECORD_FIELD_CHARACTERS / 1e6:g} MB of them.",
    ]
    return "".join(f'<p class="note">{escape_html(note)}</p>' for note in notes)


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


def _initial_map_bounds(bounds: Bounds, *, positions_moved: bool) -> Bounds:
    """Return the box to show first: a single fix is given some ground round it.

    A square that stands for all positions is shown with those around it.
    """
    is_square = positions_moved and bounds.south == bounds.north and bounds.west == bounds.east
    least = 0.02 if is_square else 0.0003
    high = max(0.0, least - (bounds.north - bounds.south)) / 2
    wide = max(0.0, least - (bounds.east - bounds.west)) / 2
    return Bounds(
        max(bounds.south - high, -85),
        bounds.west - wide,
        min(bounds.north + high, 85),
        bounds.east + wide,
    )


def static_map_legend_html(page: PageModel) -> str:
    """Return the key of the still map, as HTML."""
    recorded = recording_legend_html(page.track, photos_of_flight_with_known_time(page.flight))
    tracks = "".join(map(user_supplied_track_legend_item_html, page.audit.declared_tracks))
    return fill_template_slots(
        read_asset("still_key.html"), {"recorded": recorded, "supplied_tracks": tracks}
    )


def static_map_svg(page: PageModel) -> str:
    """Return the still map as SVG; empty for a flight without positions."""
    home = page.flight.home
    place = (home.latitude_deg, home.longitude_deg) if home else (np.nan, np.nan)
    return static_flight_map_svg(
        page.track,
        page.timeline,
        photos_of_flight_with_known_time(page.flight),
        place,
        page.nearby_zones.zones,
        page.basemap,
        with_background=not page.flight.positions_moved,
        supplied_tracks=page.audit.declared_tracks,
    )


def _note_html(text: str) -> str:
    return f"<p><b>{escape_html(text)}</b></p>" if text else ""


def unlisted_recordings_note(page: PageModel) -> str:
    """Return what the list of recordings does not show; empty: nothing is to be said."""
    flight, unread = page.flight, page.is_partly_read
    if not flight.would_show_recordings and not unread:
        return "These logs do not state whether anything was recorded."
    if not len(flight.captures) and unread:
        return (
            "Whether anything was recorded is not known: a part of the log was not "
            "read, and what was read shows no recording."
        )
    if not len(flight.captures):
        return "The log shows no recording. This does not show that the camera was off."
    video = flight.captures[flight.captures["kind"] == "video"]
    if len(video) and (video["sensor"] == "unknown").any():
        return (
            "Where the sensor is not stated, the log does not distinguish visible light "
            "from thermal."
        )
    return ""

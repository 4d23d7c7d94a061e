"""The index of a run: every flight in one table, and the files that could not be read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dji_audit.basemap.supplied_map import SuppliedMap
from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.plain_english import pluralised_count, sentence_case
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.mapper.flight_page._method_notes import audit_basis_labelled_values_html
from dji_audit.mapper.flight_page._print_header_footer import print_margin_css
from dji_audit.mapper.flight_page._static_html import labelled_values_html, warning_banner_html
from dji_audit.mapper.html._assets import (
    fill_template_slots,
    index_page_script,
    leaflet_style,
    read_asset,
)
from dji_audit.mapper.html._csp import page_part_without_csp_violations, seal_document_with_csp
from dji_audit.mapper.html._escape import (
    escape_html,
    json_text_for_script_element,
    table_row_of_html_cells,
)
from dji_audit.mapper.html._folium import empty_map_element_and_script, page_scripts_html
from dji_audit.mapper.index_page._file_hash_check_box import file_hash_check_box_html
from dji_audit.mapper.index_page._filter_data import (
    RuleOutcomesAcrossFlights,
    flight_filters_as_json_data,
)
from dji_audit.mapper.index_page._filter_form import counts_by_verdict_html, filter_form_html
from dji_audit.mapper.index_page._findings_table import findings_section_html
from dji_audit.mapper.index_page._flight_table import (
    flight_table_heads_html,
    is_partly_read,
)
from dji_audit.mapper.index_page._flights_map_data import (
    FlightsMap,
    LatLon,
    build_flights_map,
    place_in_view_method_words,
)
from dji_audit.mapper.index_page._map_track import FlightMapTrack
from dji_audit.mapper.index_page._one_pass_over_flights import collect_index_page_data_of_flights
from dji_audit.mapper.index_page._overview_map import overview_map_svg
from dji_audit.mapper.index_page._rule_and_file_sections import (
    files_section_html,
    media_captures_section_html,
    rules_section_html,
    sha256_line_html,
    user_declared_clocks_section_html,
)
from dji_audit.mapper.index_page._triage_section import (
    hosts_without_flight_section_html,
    logs_without_flight_section_html,
    triage_section_html,
)
from dji_audit.report.flight_location import local_time_zone_names_text
from dji_audit.report.rows import FileRow, FlightRow, RunContents
from dji_audit.report.rule_outcomes_of_flights import rule_outcomes_of_flights
from dji_audit.report.run_verdict import NOT_READ
from dji_audit.report.triage import RunTriage, triage_of_run

#: Id of a part of the page -> the slot that holds it, and what the link to it says.
_PARTS = {
    "triage": ("triage", "What needs a look"),
    "flight_section": ("flights", "Flights and map"),
    "finding_section": ("findings", "Findings"),
    "rule_section": ("rules", "Rules"),
    "file_section": ("files", "Files"),
}
#: Slots that grow with the run: they are written by themselves, and are in no copy of the page.
_PARTS_APART = ("rows", "findings", "captures", "verify", "files", "unread", "not_flown")
_SLOT = re.compile(r"<!--slot:([a-z_]+)-->")
#: Longest verdict in the foot of a printed page, in characters.
_MAX_FOOT = 150
_STYLES = (
    "page.css", "basemap.css", "copied_link.css", "index.css", "index_map.css", "verify.css",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPageOptions:
    """What the index page of a run shows besides its rows, and how."""

    #: Tool, policy and catalogue that the flights were audited with.
    basis: AuditInputProvenance
    #: When the page is made, aware; ``None``: not stated.
    generated: datetime | None
    #: The line that sums up the run, shown before anything else.
    verdict_line: str
    #: The IANA time zone shown beside UTC; ``None``: that of each flight's place.
    local_zone: str | None = None
    #: What a person states of the case, shown in the head.
    case: CaseDetails = NO_CASE_DETAILS
    #: Id of a flight -> its track on the map of all flights; of flights without one the map shows
    #: where they began.
    tracks: Mapping[str, FlightMapTrack] = field(default_factory=dict)
    #: Latitude and longitude that are looked for when the page opens; ``None``: none.
    target: LatLon | None = None
    #: The unit's own maps, the best of which is drawn behind the tracks.
    basemaps: Sequence[SuppliedMap] = ()
    #: Whether a redaction moved the flights: then nothing lies behind them.
    positions_moved: bool = False
    #: Flights whose page was left out as the user wished.
    flights_without_page: int = 0


def render_index_page_html(contents: RunContents, options: IndexPageOptions) -> str:
    """Return the index page of a run: self-contained, and the same for the same arguments.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.CspSealError: If the page would load something.
    """
    return "".join(index_page_html_pieces(contents, triage_of_run(contents), options))


def index_page_html_pieces(
    contents: RunContents, triage: RunTriage, options: IndexPageOptions
) -> Iterator[str]:
    """Yield the index page of a run piece by piece: self-contained, and always the same.

    The whole page of a large run is in memory at no time.

    Args:
        contents: The rows of the run; flights are first shown in their order.
        triage: What of them a person reads first.
        options: What else is shown, and how.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: If there is no such time zone.
        dji_audit.mapper.html._csp.CspSealError: If the page would load something.
    """
    # The rows of a run lie on disk: what all of them are asked for often is in memory.
    gone_through = collect_index_page_data_of_flights(contents.flights)
    flights = gone_through.flights
    outcomes = RuleOutcomesAcrossFlights(contents.rules, rule_outcomes_of_flights(contents))
    unread_files = [file for file in contents.files if file.status in NOT_READ]
    whole_map = build_flights_map(
        flights, options.tracks, options.basemaps, positions_moved=options.positions_moved
    )
    data = {
        **flight_filters_as_json_data(
            flights, gone_through.words.by_filter, outcomes, whole_map.starts
        ),
        "starts": [
            None if start is None else [round(degrees, 6) for degrees in start]
            for start in whole_map.starts
        ],
        "basemap": whole_map.basemap(),
        "recordings": gone_through.videos.listed,
        "target": options.target,
    }
    drawing = (
        empty_map_element_and_script(whole_map.bounds, "showFlights") if whole_map.bounds else None
    )
    slots = {
        "case": _case_details_html(options.case),
        "verdict": escape_html(options.verdict_line),
        "counts": counts_by_verdict_html(flights),
        "banner": warning_banner_html(_unread_files_warnings(flights, unread_files)),
        "triage": triage_section_html(triage),
        "flights": pluralised_count(len(flights), "flight"),
        "filters": filter_form_html(data, contents.rules),
        "no_flights": "" if flights else " hidden",
        "map": drawing.element if drawing else "",
        "map_hidden": "" if drawing else " hidden",
        "map_note": whole_map.note,
        "view_method": escape_html(place_in_view_method_words()),
        "overview": overview_map_svg(
            _start_positions_and_flight_numbers(whole_map),
            with_background=not options.positions_moved,
        ),
        "attribution": escape_html(whole_map.attribution),
        "no_page": _note_on_flights_without_page(options.flights_without_page),
        "heads": flight_table_heads_html(),
        "rows": "",
        "findings": findings_section_html(contents.findings, flights, contents.rules),
        "rules": rules_section_html(outcomes),
        "captures": media_captures_section_html(
            contents.captures,
            options.local_zone,
            {flight.id: flight.timezone for flight in flights},
        ),
        "verify": file_hash_check_box_html(contents.files, [flight.id for flight in flights]),
        "copied_link": read_asset("copied_link.html"),
        "files": files_section_html(contents.files, {flight.id: flight.page for flight in flights})
        + user_declared_clocks_section_html(contents.clocks),
        "unread": _unread_files_section_html(unread_files),
        "not_flown": logs_without_flight_section_html(contents.files),
        "hosts": hosts_without_flight_section_html(contents.contacts),
        "zone": escape_html(local_time_zone_names_text(flight.timezone for flight in flights)),
        "basis": audit_basis_labelled_values_html(options.basis, options.generated),
    }
    slots["links"] = _section_links_html(slots)
    # Everything below is put together after folium has rendered.
    blocks = "".join(
        f'<script type="application/json" id="{name}">{block}</script>\n'
        for name, block in (
            ("index", json_text_for_script_element(data)),
            ("tracks", whole_map.tracks_json),
        )
    )
    parts = {name: slots[name] for name in _PARTS_APART} | {"data": blocks}
    slots |= {name: f"<!--slot:{name}-->" for name in parts}
    head = "<title>Flights audited</title>\n"
    styles = [*([leaflet_style()] if drawing else []), *map(read_asset, _STYLES)]
    subject = f"Index of {pluralised_count(len(flights), 'flight')}"
    styles.append(
        print_margin_css(
            subject,
            options.verdict_line[:_MAX_FOOT],
            options.case,
            options.basis,
            options.generated,
        )
    )
    head += "".join(f"<style>{style}</style>\n" for style in styles)
    head += f"<script>{read_asset('js/show_unpaged_tables.js')}</script>\n"
    body = (
        fill_template_slots(read_asset("index.html"), slots)
        + slots["data"]
        + page_scripts_html(drawing, index_page_script(), "showFlights")
    )
    document = seal_document_with_csp(head, f"{body}</body>\n")
    for number, piece in enumerate(_SLOT.split(document)):
        if number % 2 == 0:
            yield piece
        elif piece == "rows":
            yield from gone_through.table_rows_html_pieces()
        else:
            yield page_part_without_csp_violations(parts.pop(piece))


def _section_links_html(slots: Mapping[str, str]) -> str:
    """Return links to those parts of the page that it has, as HTML."""
    return " ".join(
        f'<a href="#{name}">{words}</a>' for name, (slot, words) in _PARTS.items() if slots[slot]
    )


def _case_details_html(case: CaseDetails) -> str:
    """Return what a person states of the case; nothing if that is nothing."""
    return f'<dl class="facts">{labelled_values_html(case.labelled_values())}</dl>' if case else ""


def _note_on_flights_without_page(count: int) -> str:
    """Return how many flights have no page and how to get one, as HTML; empty: each has one."""
    if not count:
        return ""
    have = "has" if count == 1 else "have"
    return (
        f'<p class="note" id="no_page">{pluralised_count(count, "flight")} {have} no page, and '
        "no link in the table. <code>dji-audit map LOG -o PAGE</code> draws the page of a log, and "
        "<code>dji-audit audit --pages all</code> those of all flights.</p>"
    )


def _unread_files_warnings(rows: Sequence[FlightRow], unread: Sequence[FileRow]) -> Iterator[str]:
    """Yield what must be read before anything else: what was not read."""
    if unread:
        yield f"{pluralised_count(len(unread), 'file')} could not be read: listed below the table."
    if partial := sum(1 for row in rows if is_partly_read(row)):
        yield f"{pluralised_count(partial, 'flight')} could be read only in part: see “Read”."


def _start_positions_and_flight_numbers(whole_map: FlightsMap) -> list[tuple[float, float, int]]:
    """Return latitude, longitude and number of each flight whose start is known."""
    return [(*start, number) for number, start in enumerate(whole_map.starts, 1) if start]


def _advice_for_unread_file_html(file: FileRow) -> str:
    """Return what can be done with a file that was not read; empty: its reason says it."""
    if file.advice in ("", file.reason):
        return ""
    return f"<p>{escape_html(sentence_case(file.advice))}.</p>"


def _unread_files_section_html(unread: Sequence[FileRow]) -> str:
    if not unread:
        return ""
    rows = "".join(
        table_row_of_html_cells(
            escape_html(file.name) + sha256_line_html(file),
            escape_html(file.reason),
            escape_html(file.kind or "not known") + _advice_for_unread_file_html(file),
        )
        for file in unread
    )
    return (
        '<section aria-label="Files that could not be read"><h2>Not read, so not audited '
        f"({len(unread):,})</h2>"
        '<div class="scroll"><table id="unread"><thead><tr><th scope="col">File</th>'
        '<th scope="col">Reason</th>'
        '<th scope="col">What it looks like, and what can be done</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )

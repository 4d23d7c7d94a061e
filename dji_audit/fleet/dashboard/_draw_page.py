"""The dashboard of a fleet as one sealed page."""

import sqlite3
from pathlib import Path

from dji_audit.common.plain_english import pluralised_count
from dji_audit.fleet.dashboard._dashboard_sections import (
    SECTIONS,
    key_figures_html,
    verdict_count_chips_html,
)
from dji_audit.fleet.dashboard._page_data import fleet_page_data, flight_page_address_function
from dji_audit.fleet.tables.open_database import open_fleet_database_read_only
from dji_audit.mapper.html._assets import fill_template_slots, join_script_modules, read_asset
from dji_audit.mapper.html._csp import seal_document_with_csp
from dji_audit.mapper.html._escape import escape_html, json_text_for_script_element

_STYLES = ("page.css", "basemap.css", "index.css", "fleet.css")
_ABOUT_WORDS = {
    "tool_version": "dji-audit",
    "policy": "Policy",
    "catalogue": "Catalogue of hosts",
    "generated": "Time of the run",
    "paths": "Audited",
    "schema": "Tables",
}


def draw_fleet_page(state: Path, page_folder: Path | None = None) -> str:
    """Return the dashboard of the last run of a state: self-contained, the same for the same run.

    Args:
        state: The folder of the state.
        page_folder: Where the page will lie, from which it leads to the pages of flights;
            ``None``: it leads to none.

    Raises:
        OutputError: If the state has no tables, or they are damaged or of another version.
    """
    with open_fleet_database_read_only(state) as connection:
        return _dashboard_page_html(connection, page_folder)


def _dashboard_page_html(connection: sqlite3.Connection, page_folder: Path | None) -> str:
    about = dict(connection.execute("SELECT name, value FROM about"))
    folder = None if page_folder is None else about.get("results_folder")
    addresses = flight_page_address_function(folder, page_folder or Path())
    data = fleet_page_data(connection, addresses)
    sections = "".join(
        f'<section id="{identifier}" aria-label="{escape_html(head)}"><h2>{escape_html(head)}</h2>'
        f"{draw(connection)}</section>"
        for head, identifier, draw in SECTIONS
    )
    links = " ".join(
        f'<a href="#{identifier}">{escape_html(head)}</a>' for head, identifier, _ in SECTIONS
    )
    first, last, flights = connection.execute(
        "SELECT min(start), max(start), count(*) FROM logged_flights"
    ).fetchone()
    span = f", {first[:10]} to {last[:10]}" if first and last else ""
    slots = {
        "line": escape_html(f"{pluralised_count(flights, 'flight')}{span}"),
        "chips": verdict_count_chips_html(connection),
        "links": links,
        "figures": key_figures_html(connection),
        "sections": sections,
        "about": "".join(
            f"<div><dt>{words}</dt><dd>{escape_html(about[name])}</dd></div>"
            for name, words in _ABOUT_WORDS.items()
            if name in about
        ),
    }
    styles = "".join(f"<style>{read_asset(name)}</style>\n" for name in _STYLES)
    head = f"<title>Fleet</title>\n{styles}"
    head += f"<script>{read_asset('js/show_unpaged_tables.js')}</script>\n"
    script = f"{join_script_modules('fleet_page')};"
    body = (
        fill_template_slots(read_asset("fleet.html"), slots)
        + '<script type="application/json" id="fleet">'
        + f"{json_text_for_script_element(data)}</script>\n"
        + f"<script>{script}</script>\n"
    )
    return seal_document_with_csp(head, f"{body}</body>\n")

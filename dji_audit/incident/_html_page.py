"""The page of an incident: everything that the sheets say, whole, and each source at full rate.

It needs no script: one sealed file that opens anywhere and prints as it stands.
"""

from collections.abc import Iterator
from importlib.resources import files

import pandas as pd

from dji_audit.incident._chart_svg import chart_svg
from dji_audit.incident._incident_document_model import (
    IncidentDocument,
    IncidentSection,
    IncidentTable,
)
from dji_audit.mapper.html._csp import seal_document_with_csp
from dji_audit.mapper.html._escape import escape_html

#: Most fixes of one source that the page lists; the CSV files hold all.
MAX_FIXES_ON_PAGE = 6000
#: Tables of so many rows are shown whole.
_ROWS_WHOLE = 16
#: Longest value that stands in a column of its own; a longer one has the whole line.
_SHORT = 44
_WIDE = '<div class="long">'
_HASH = 64
_POSITION_COLUMNS = frozenset({"latitude_deg", "longitude_deg"})


def incident_page_html(document: IncidentDocument) -> str:
    """Return the page of an incident as one sealed HTML document."""
    style = (files("dji_audit.incident") / "incident.css").read_text("utf-8")
    title = f"{document.title} at {document.moment:%Y-%m-%d %H:%M:%S} UTC"
    head = f"<title>{escape_html(title)}</title>\n<style>{style}</style>\n"
    body = "".join(
        [
            '<body><a class="skip" href="#first">To the account</a>',
            f"<header><h1>{escape_html(document.title)}</h1>{_facts_html(document.head)}</header>",
            '<main id="first">',
            *map(_section_html, document.sections_of_sheet(1)),
            '<div id="figures">',
            *_map_and_charts_html(document),
            '</div><div id="second">',
            *map(_section_html, document.sections_of_sheet(2)),
            '</div><div id="further">',
            *map(_section_html, document.sections_of_sheet(0)),
            *_full_rate_tables_html(document),
            "</div></main></body>\n",
        ]
    )
    return seal_document_with_csp(head, body)


def _map_and_charts_html(document: IncidentDocument) -> Iterator[str]:
    yield "<h2>Path and measurements</h2>"
    if document.map_svg:
        yield document.map_svg
        yield (
            '<p class="note">The ring is the aircraft at the moment. Triangles are warnings and '
            "limits, squares photos; a coloured band is video.</p>"
        )
    else:
        yield "<p>No position is known in this time.</p>"
    before_s = (document.moment - document.start).total_seconds()
    after_s = (document.end - document.moment).total_seconds()
    charts = "".join(chart_svg(chart, before_s, after_s) for chart in document.charts)
    yield f'<div class="charts">{charts}</div>' if charts else "<p>No quantity was measured.</p>"


def _section_html(section: IncidentSection) -> str:
    parts = [f"<section><h2>{escape_html(section.heading)}</h2>"]
    parts += [f"<p>{escape_html(text)}</p>" for text in section.paragraphs]
    parts.append(_facts_html(section.facts))
    if section.items:
        items = "".join(f"<li>{escape_html(item)}</li>" for item in section.items)
        parts.append(f"<ul>{items}</ul>")
    if section.table is not None:
        parts.append(_table_html(section.table))
    return "".join([*parts, "</section>"])


def _facts_html(facts: tuple[tuple[str, str], ...]) -> str:
    pairs = "".join(
        f"{'<div>' if len(value) <= _SHORT else _WIDE}"
        f"<dt>{escape_html(name)}</dt><dd>{escape_html(value)}</dd></div>"
        for name, value in facts
        if value
    )
    return f"<dl>{pairs}</dl>" if pairs else ""


def _table_html(table: IncidentTable) -> str:
    """Return a table; what the sheets leave out is closed until it is asked for."""
    head = "".join(f'<th scope="col">{escape_html(name)}</th>' for name in table.columns)
    rows = [
        ('<tr class="moment">' if row[0] == "0" else "<tr>")
        + "".join(map(_cell_html, row))
        + "</tr>"
        for row in table.rows
    ]
    if len(rows) <= max(table.most_on_sheet, _ROWS_WHOLE):
        return _table_with_rows_html(head, rows)
    shown = rows[table.first_on_sheet :][: table.most_on_sheet]
    return (
        f"{_table_with_rows_html(head, shown)}<details><summary>All {len(rows):,} rows</summary>"
        f"{_table_with_rows_html(head, rows)}</details>"
    )


def _table_with_rows_html(head: str, rows: list[str]) -> str:
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell_html(text: str) -> str:
    look = ' class="hash"' if len(text) == _HASH and text.isalnum() else ""
    return f"<td{look}>{escape_html(text)}</td>"


def _full_rate_tables_html(document: IncidentDocument) -> Iterator[str]:
    """Yield every fix of each source in the time of the incident, closed until it is asked for."""
    for source in document.flight.sources:
        track = source.track
        inside = track[track["time"].between(document.start, document.end)]
        if not len(inside):
            continue
        known = inside.dropna(axis="columns", how="all")
        shown = known.head(MAX_FIXES_ON_PAGE)
        columns = tuple(map(str, known.columns))
        rows = tuple(
            tuple(map(_format_track_value, columns, row))
            for row in shown.itertuples(index=False, name=None)
        )
        cut = (
            f"<p>The first {MAX_FIXES_ON_PAGE:,} of {len(known):,} fixes; the CSV file has all.</p>"
            if len(known) > MAX_FIXES_ON_PAGE
            else ""
        )
        name = escape_html(source.log.source.name)
        yield (
            f"<details><summary>Every fix of {name}, {len(known):,}</summary>{cut}"
            f"{_table_html(IncidentTable(columns, rows, len(rows)))}</details>"
        )


def _format_track_value(column: str, value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%H:%M:%S.%f}"[:-3]
    if not isinstance(value, float):
        return str(value)
    # To a centimetre, as the track has it.
    return f"{value:.7f}" if column in _POSITION_COLUMNS else f"{value:.7g}"

"""The two sheets of an incident as a tagged PDF, set from the same sections as the page."""

from collections.abc import Mapping
from datetime import datetime

from dji_audit.common.case_details import CaseDetails
from dji_audit.common.plain_english import pluralised_count
from dji_audit.incident._chart_svg import chart_svg
from dji_audit.incident._incident_document_model import (
    IncidentDocument,
    IncidentSection,
    IncidentTable,
)
from dji_audit.mapper.pdf_sheets import SheetHeaderAndFooter, typeset_sheets

#: What two sheets hold at most; the page shows all of it, whole.
MAX_ITEMS, MAX_CHARTS, MAX_FACT, MAX_CELL = 7, 7, 160, 150
#: Width and height of charts in the unit of their letters: small, so that letters are large.
_CHART_SIZE = (300, 100)
#: Columns that take what room is left; the others are as wide as their texts.
_WIDE_COLUMNS = frozenset({"File", "What", "Evidence", "Aircraft", "Mode"})


def incident_sheets_pdf(
    document: IncidentDocument,
    *,
    tool_version: str,
    case: CaseDetails,
    generated: datetime | None,
) -> bytes:
    """Return the two sheets of an incident; the same arguments give the same bytes.

    Raises:
        SheetsError: If they cannot be set, or typst is not installed.
    """
    source = document.flight.log.source
    before_s = (document.moment - document.start).total_seconds()
    after_s = (document.end - document.moment).total_seconds()
    charts = document.charts[:MAX_CHARTS]
    pictures = {"map": document.map_svg} | {
        f"chart_{number}": chart_svg(chart, before_s, after_s, *_CHART_SIZE)
        for number, chart in enumerate(charts)
    }
    alternatives = {"map": "Map of the path in the time of the incident."} | {
        f"chart_{number}": f"Chart of {chart.title.lower()} against seconds from the moment."
        for number, chart in enumerate(charts)
    }
    head = SheetHeaderAndFooter(
        title=document.title,
        case=case,
        tool_version=tool_version,
        subject=source.name,
        subject_sha256=source.sha256,
        generated=generated,
    )
    charts_left = len(document.charts) - len(charts)
    content = {
        "facts": [list(pair) for pair in document.head],
        "first": [_section_for_template(section) for section in document.sections_of_sheet(1)],
        "second": [_section_for_template(section) for section in document.sections_of_sheet(2)],
        "map_key": "Ring: the aircraft at the moment. Triangles: warnings and limits. Squares: "
        "photos. Coloured band: video. Thin line in each chart: the moment."
        + f" The page has {pluralised_count(charts_left, 'more chart')}."
        * bool(charts_left),
        "alternatives": alternatives,
    }
    return typeset_sheets("incident", head, content, pictures)


def _section_for_template(section: IncidentSection) -> Mapping[str, object]:
    return {
        "heading": section.heading,
        "paragraphs": section.paragraphs,
        "facts": [
            (name, _cut_to_length(value, MAX_FACT)) for name, value in section.facts if value
        ],
        "items": [_cut_to_length(item, MAX_FACT) for item in section.items[:MAX_ITEMS]],
        "items_left": max(0, len(section.items) - MAX_ITEMS),
        "table": _table_for_template(section.table) if section.table is not None else None,
    }


def _table_for_template(table: IncidentTable) -> Mapping[str, object]:
    rows = table.rows_on_sheet
    return {
        "columns": table.columns,
        "widths": ["wide" if name in _WIDE_COLUMNS else "auto" for name in table.columns],
        "rows": [[_cut_to_length(cell, MAX_CELL) for cell in row] for row in rows],
        "left": len(table.rows) - len(rows),
    }


def _cut_to_length(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} …"

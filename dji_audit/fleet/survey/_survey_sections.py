"""A return or a national table as sections: headings, sentences and tables for every document."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dji_audit.common.safe_text import markdown_text, spreadsheet_safe_cell
from dji_audit.common.version import tool_version
from dji_audit.mapper.pdf_sheets import SheetHead, typeset_sheets

#: Letters of a cell, and rows of a table, on a sheet.
_MOST_LETTERS, _MOST_ROWS = 700, 1000


@dataclass(frozen=True, slots=True)
class SectionTable:
    """A table of a section."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    #: Columns that take what room is left on a sheet.
    wide: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SurveySection:
    """One section of a document."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: SectionTable | None = None


def sections_markdown(title: str, sections: Sequence[SurveySection]) -> str:
    """Return sections as Markdown; no text in them is taken for markup."""
    lines = [f"# {markdown_text(title)}"]
    for section in sections:
        lines += ["", f"## {markdown_text(section.heading)}"]
        for paragraph in section.paragraphs:
            lines += ["", markdown_text(paragraph)]
        if section.table is not None:
            lines += ["", *_markdown_table(section.table)]
    return "\n".join(lines) + "\n"


def _markdown_table(table: SectionTable) -> Iterator[str]:
    yield f"| {' | '.join(table.columns)} |"
    yield f"|{'---|' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(markdown_text(cell_text(cell)) for cell in row)} |"


def cell_text(value: object) -> str:
    """Return a value as people read it in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def rows_csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as CSV; text that a spreadsheet would run is quoted, missing values are empty."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([spreadsheet_safe_cell(_csv_value(cell)) for cell in row] for row in rows)
    return stream.getvalue()


def _csv_value(value: object) -> object:
    return (
        value
        if isinstance(value, int | float) and not isinstance(value, bool)
        else cell_text(value)
    )


def sections_pdf(
    title: str,
    sections: Sequence[SurveySection],
    *,
    subject: str,
    subject_sha256: str,
    generated: dt.datetime | None,
    whole_in: str,
) -> bytes:
    """Return sections as a tagged PDF; the same arguments give the same bytes.

    Args:
        title: The title of the document.
        sections: What stands in it.
        subject: What it is about, for the foot of every sheet.
        subject_sha256: The hash of that; empty: it is no one file.
        generated: Time to print; ``None``: none.
        whole_in: The document that holds what a sheet has no room for.

    Raises:
        SheetsError: If typst is not installed, or cannot set it.
    """
    head = SheetHead(
        title=title,
        tool_version=tool_version(),
        subject=subject,
        subject_sha256=subject_sha256,
        generated=generated,
    )
    content = {"sections": [_sheet_section(section, whole_in) for section in sections]}
    return typeset_sheets("survey", head, content)


def _sheet_section(section: SurveySection, whole_in: str) -> dict[str, object]:
    table = section.table
    return {
        "heading": section.heading,
        "paragraphs": list(section.paragraphs),
        "table": None
        if table is None
        else {
            "columns": list(table.columns),
            "widths": ["wide" if name in table.wide else "auto" for name in table.columns],
            "rows": [
                [_shortened_for_sheet(cell_text(cell), whole_in) for cell in row]
                for row in table.rows[:_MOST_ROWS]
            ],
            "left": f"{len(table.rows) - _MOST_ROWS:,} more rows in {whole_in}"
            if len(table.rows) > _MOST_ROWS
            else "",
        },
    }


def _shortened_for_sheet(text: str, whole_in: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]} … whole in {whole_in}"

"""A document for people made of headings, sentences and tables: as Markdown, and as a tagged PDF.

A return to a survey, the national table and the month of a fleet are such documents.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dji_audit.common.safe_text import markdown_text
from dji_audit.common.tool_and_package_versions import tool_version
from dji_audit.mapper.pdf_sheets import SheetHeaderAndFooter, typeset_sheets

#: Letters of a cell, and rows of a table, on a sheet.
_MOST_LETTERS, _MOST_ROWS = 700, 1000


@dataclass(frozen=True, slots=True)
class SectionTable:
    """A table of a section."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    #: Columns that take what room is left on a sheet.
    wide: frozenset[str] = frozenset()
    #: Columns of numbers, which stand at the right.
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DocumentSection:
    """One section of a document."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    table: SectionTable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionedDocument:
    """What a document says, whatever it is written as."""

    title: str
    sections: tuple[DocumentSection, ...]
    #: What it is about, for the foot of every sheet.
    subject: str
    #: The hash of that; empty: it is no one file.
    subject_sha256: str = ""
    #: The document that holds what a sheet has no room for.
    whole_in: str
    #: Whether its sheets lie on their side, for tables of many columns.
    on_wide_sheets: bool = True


def document_markdown(document: SectionedDocument) -> str:
    """Return a document as Markdown; no text in it is taken for markup."""
    lines = [f"# {markdown_text(document.title)}"]
    for section in document.sections:
        lines += ["", f"## {markdown_text(section.heading)}"]
        for paragraph in section.paragraphs:
            lines += ["", markdown_text(paragraph)]
        if section.table is not None:
            lines += ["", *_markdown_table(section.table)]
    return "\n".join(lines) + "\n"


def _markdown_table(table: SectionTable) -> Iterator[str]:
    yield f"| {' | '.join(table.columns)} |"
    yield "|" + "".join("---:|" if name in table.numbers else "---|" for name in table.columns)
    for row in table.rows:
        yield f"| {' | '.join(markdown_text(cell_text(cell)) for cell in row)} |"


def cell_text(value: object) -> str:
    """Return a value as people read it in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def document_pdf(document: SectionedDocument, generated: dt.datetime | None) -> bytes:
    """Return a document as a tagged PDF; the same arguments give the same bytes.

    Args:
        document: What it says.
        generated: Time to print, aware; ``None``: none, and the PDF has no date.

    Raises:
        SheetsError: If typst is not installed, or cannot set it.
    """
    head = SheetHeaderAndFooter(
        title=document.title,
        tool_version=tool_version(),
        subject=document.subject,
        subject_sha256=document.subject_sha256,
        generated=generated,
    )
    sections = [_section_for_typst(section, document.whole_in) for section in document.sections]
    content = {"on_wide_sheets": document.on_wide_sheets, "sections": sections}
    return typeset_sheets("sections", head, content)


def _section_for_typst(section: DocumentSection, whole_in: str) -> dict[str, object]:
    table = section.table
    return {
        "heading": section.heading,
        "paragraphs": list(section.paragraphs),
        "table": None
        if table is None
        else {
            "columns": list(table.columns),
            "widths": ["wide" if name in table.wide else "auto" for name in table.columns],
            "alignments": ["right" if name in table.numbers else "left" for name in table.columns],
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

"""A run as a workbook (XLSX): what it was made with, then one sheet for each kind of row.

* Text is written as text and never as a formula, a number or a link; where a spreadsheet that
  takes it over might read one, it begins with ``'``, as in ``flights.csv``. Serial numbers keep
  their zeros.
* Numbers are numbers in the unit that their column names; times are ISO 8601 texts in UTC.
* The same run gives the same bytes.

XlsxWriter (extra ``excel``) writes the file.
"""

import datetime as dt
import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dji_audit.common.case_details import CaseDetails
from dji_audit.common.safe_text import spreadsheet_safe_cell
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.report.about_run import labelled_texts_about_run
from dji_audit.report.flat_tables import Cell, FlatReportTable, flat_tables_of_run
from dji_audit.report.rows import RunContents

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: Rows that a sheet can hold, less its head; letters that a cell can hold.
_MOST_ROWS, _MOST_LETTERS = 1_048_575, 32_767
#: Time of making that the file states where the run states none.
_NO_TIME = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no time zone
#: Widths of columns, in letters.
_LEAST_WIDTH, _MOST_WIDTH = 8, 60


class WorkbookError(Exception):
    """A workbook cannot be written; the message says why."""


def require_xlsxwriter_installed() -> None:
    """Refuse a workbook where XlsxWriter is not installed.

    Raises:
        WorkbookError: If it is not.
    """
    if find_spec("xlsxwriter") is None:
        raise WorkbookError('a workbook needs XlsxWriter: pip install "dji-audit[excel]"')


def run_workbook(
    contents: RunContents,
    *,
    basis: AuditInputProvenance,
    generated: dt.datetime | None,
    verdict_line: str,
    case: CaseDetails,
) -> bytes:
    """Return a run as a workbook.

    Args:
        contents: What the run holds.
        basis: What it was made with.
        generated: Time of the run, if the user gave one.
        verdict_line: The verdict in a line.
        case: What the user states of the case.

    Raises:
        WorkbookError: If XlsxWriter is not installed.
    """
    tables = flat_tables_of_run(contents)
    about = [("Verdict", verdict_line), *labelled_texts_about_run(basis, generated, case)]
    about += [
        (f"Sheet {table.title}", f"{len(table.rows) - _MOST_ROWS} more rows are in report.json")
        for table in tables
        if len(table.rows) > _MOST_ROWS
    ]
    return workbook_of_tables(
        (FlatReportTable("About", ("what", "value"), about), *tables),
        title="Audit of flights",
        generated=generated,
    )


def workbook_of_tables(
    tables: Sequence[FlatReportTable], *, title: str, generated: dt.datetime | None = None
) -> bytes:
    """Return tables as a workbook, a sheet each; the same tables give the same bytes.

    Args:
        tables: Of each, what a sheet can hold is written.
        title: Title that the file states.
        generated: Time of making that the file states; ``None``: a fixed one.

    Raises:
        WorkbookError: If XlsxWriter is not installed.
    """
    require_xlsxwriter_installed()
    import xlsxwriter

    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        made = generated.replace(tzinfo=None) if generated is not None else _NO_TIME
        book.set_properties({"title": title, "created": made})
        bold = book.add_format({"bold": True})
        for table in tables:
            _write_table_to_sheet(book.add_worksheet(table.title), table, bold)
    return stream.getvalue()


def _write_table_to_sheet(sheet: "Worksheet", table: FlatReportTable, bold: "Format") -> None:
    rows = table.rows[:_MOST_ROWS]
    for column, name in enumerate(table.columns):
        _write_cell(sheet, 0, column, name, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value, None)
    if not table.columns:
        _write_cell(sheet, 0, 0, "none", bold)
        return
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(table.columns) - 1)
    for column, name in enumerate(table.columns):
        longest = max([len(name), *(len(str(row[column] or "")) for row in rows[:200])])
        sheet.set_column(column, column, min(max(longest + 1, _LEAST_WIDTH), _MOST_WIDTH))


def _write_cell(
    sheet: "Worksheet", row: int, column: int, value: Cell, style: "Format | None"
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    else:
        text = str(spreadsheet_safe_cell(value))
        if len(text) > _MOST_LETTERS:
            text = f"{text[: _MOST_LETTERS - 40]} … [{len(text) - _MOST_LETTERS + 40} more]"
        sheet.write_string(row, column, text, style)

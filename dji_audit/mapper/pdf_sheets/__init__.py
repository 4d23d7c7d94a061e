"""Sheets to print: a flight, or a run, as a tagged PDF set by typst from the rows of the pages.

`typeset_sheets` is the door for further documents: a template of ``assets/sheets``, what stands
on every sheet (`SheetHeaderAndFooter`), and content as JSON.  The PDF has no date but the one
given, and the same arguments give the same bytes.
"""

from dji_audit.mapper.pdf_sheets._flight_content import typeset_pdf_of_one_flight
from dji_audit.mapper.pdf_sheets._run_content import typeset_run_sheets
from dji_audit.mapper.pdf_sheets._typeset_with_typst import (
    SheetHeaderAndFooter,
    SheetsError,
    typeset_sheets,
)

__all__ = [
    "SheetHeaderAndFooter",
    "SheetsError",
    "typeset_pdf_of_one_flight",
    "typeset_run_sheets",
    "typeset_sheets",
]

"""The one place that calls typst: content and a template to a tagged PDF.

A text of a log reaches typst only as a string in JSON, which its templates print and never
evaluate.  The templates read no file, load no package and use the fonts that are part of typst,
so that the same content gives the same bytes on every computer.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files as resources

from dji_audit.common.case_details import NO_CASE_DETAILS, CaseDetails
from dji_audit.common.os_errors import os_error_reason
from dji_audit.mapper.is_typst_installed import TYPST_IS_MISSING, is_typst_installed
from dji_audit.mapper.pdf_sheets._printable_text import make_json_texts_printable, printable_svg

#: Templates build on this one: page, head, foot, tables.
_COMMON_TEMPLATE = "common"
#: The module that calls typst, and seconds after which it is stopped.
_PROCESS, _TIMEOUT_S = "dji_audit.mapper.typst_process", 300


class SheetsError(Exception):
    """No sheets could be set; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetHeaderAndFooter:
    """What stands on every sheet."""

    #: The title of the document.
    title: str
    case: CaseDetails = NO_CASE_DETAILS
    tool_version: str
    #: What the sheets are about, such as the name of a log, and its SHA-256.
    subject: str
    subject_sha256: str
    #: When they are made, aware; ``None``: not stated, and the PDF then has no date.
    generated: datetime | None


def typeset_sheets(
    template: str,
    head: SheetHeaderAndFooter,
    content: Mapping[str, object],
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """Return sheets as a tagged PDF: PDF/UA-1, and PDF/A-2a too where a time is stated.

    PDF/A asks for a date, and none is made up.

    Args:
        template: Name of a template in ``assets/sheets``, without its suffix.
        head: What stands on every sheet.
        content: What the template shows, as JSON; any text in it is printed as it is.
        pictures: SVG pictures by name; one that is empty is left out.

    Raises:
        SheetsError: If typst is not installed, or cannot set the sheets.
    """
    if not is_typst_installed():
        raise SheetsError(TYPST_IS_MISSING)
    pictures = {name: printable_svg(svg) for name, svg in (pictures or {}).items() if svg}
    document = make_json_texts_printable(
        {"head": _header_and_footer_for_template(head), "pictures": [*pictures], **content}
    )
    inputs = {f"picture_{name}": svg for name, svg in pictures.items()}
    inputs["content"] = json.dumps(document, ensure_ascii=True, allow_nan=False, sort_keys=True)
    standards = ["ua-1"] if head.generated is None else ["a-2a", "ua-1"]
    request = {"template": _read_typst_template(template), "inputs": inputs, "standards": standards}
    return _pdf_from_typst_process(json.dumps(request).encode())


def _pdf_from_typst_process(request: bytes) -> bytes:
    """Return the PDF that typst sets in a process of its own.

    Raises:
        SheetsError: If it cannot set it, or takes too long.
    """
    # -P: a file of the evidence that is called typst.py, in the folder one stands in, is not run.
    command = [sys.executable, "-P", "-m", _PROCESS]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=request, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SheetsError(f"typst did not finish within {_TIMEOUT_S} s") from error
    except OSError as error:
        raise SheetsError(f"typst cannot be started: {os_error_reason(error)}") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise SheetsError(f"typst cannot set the sheets: {lines[-1]}")
    return done.stdout


@cache
def _read_typst_template(template: str) -> str:
    folder = resources("dji_audit.mapper") / "assets" / "sheets"
    return "".join(
        (folder / f"{name}.typ").read_text("utf-8") for name in (_COMMON_TEMPLATE, template)
    )


def _header_and_footer_for_template(head: SheetHeaderAndFooter) -> dict[str, object]:
    when = head.generated.astimezone(UTC) if head.generated is not None else None
    case = [f"{label} {value}" for label, value in head.case.labelled_values()]
    return {
        "title": head.title,
        "case": " · ".join(case) or "No case reference stated",
        "author": head.case.made_by,
        "tool": f"dji-audit {head.tool_version}",
        "subject": head.subject,
        "sha256": head.subject_sha256,
        "made": "" if when is None else f"{when:%Y-%m-%d %H:%M:%S} UTC",
        "date": None
        if when is None
        else [when.year, when.month, when.day, when.hour, when.minute, when.second],
    }

"""The running head and foot of a page on paper: case, log, hash, and page x of y.

They are boxes in the margin of ``@page``, which only a style sheet can fill, so the texts stand in
one as strings.
"""

import re
from datetime import datetime

from dji_audit.common.case_details import CaseDetails
from dji_audit.common.safe_text import truncated_visible_text
from dji_audit.compliance.audit import AuditInputProvenance
from dji_audit.mapper.flight_page._method_notes import generation_time_words
from parsers import Source

#: Longest name of a log in the head, in characters: its end is kept.
_MAX_NAME = 70
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 .,:_-]")


def quote_as_css_string(text: str) -> str:
    """Return text as a string of a style sheet, every character that is not plain as its code."""
    return (
        '"'
        + _NOT_PLAIN.sub(lambda found: f"\\{ord(found[0]):06x}", truncated_visible_text(text))
        + '"'
    )


def flight_print_margin_css(
    source: Source, case: CaseDetails, basis: AuditInputProvenance, generated: datetime | None
) -> str:
    """Return the style sheet of the margins of a flight page on paper.

    Args:
        source: The log that gives the track.
        case: What a person states of the case.
        basis: What the flight was audited with.
        generated: When the page is made; ``None``: not stated.
    """
    name = truncated_visible_text(source.name)
    name = name if len(name) <= _MAX_NAME else f"…{name[1 - _MAX_NAME :]}"
    return print_margin_css(name, f"SHA-256 {source.sha256}", case, basis, generated)


def print_margin_css(
    subject: str,
    foot: str,
    case: CaseDetails,
    basis: AuditInputProvenance,
    generated: datetime | None,
) -> str:
    """Return the style sheet of the margins of a page on paper.

    Args:
        subject: What the page is about, at the top right.
        foot: What stands at the bottom left.
        case: What a person states of the case.
        basis: Tool and policy of the audit.
        generated: When the page is made; ``None``: not stated.
    """
    stated = "; ".join(f"{label}: {value}" for label, value in case.labelled_values())
    made = f"dji-audit {basis.tool_version}"
    if generated is not None:
        made += f", made {generation_time_words(generated)}"
    boxes = {
        "top-left": quote_as_css_string(stated or "Case: not stated"),
        "top-right": quote_as_css_string(subject),
        "bottom-left": quote_as_css_string(foot),
        "top-center": quote_as_css_string(made),
        "bottom-right": '"page " counter(page) " of " counter(pages)',
    }
    rules = "".join(f"  @{box} {{ content: {content}; }}\n" for box, content in boxes.items())
    return f"@page {{\n{rules}}}\n"

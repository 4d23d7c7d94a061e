"""Text from a log on its way into a page: visible, bounded and inert."""

import json
import re
from collections.abc import Mapping
from typing import Any

from dji_audit.common.safe_text import escape_html as escape_html
from dji_audit.common.safe_text import truncated_visible_text as truncated_visible_text

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_INERT = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&{}"})


def small_print_html(text: str) -> str:
    """Return a text in small print, as HTML; empty for none."""
    return f'<span class="sub">{escape_html(text)}</span>' if text else ""


def table_row_of_html_cells(*cells: str) -> str:
    """Return a row of a table of cells that are HTML already."""
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def table_html(columns: Mapping[str, str], rows: str, attributes: str) -> str:
    """Return a table, as HTML.

    Args:
        columns: Head of each column -> its class in the style sheet; empty: none.
        rows: Its rows, as HTML.
        attributes: Those of the element.
    """
    heads = "".join(
        f'<th scope="col" class="{look}">{head}</th>' if look else f'<th scope="col">{head}</th>'
        for head, look in columns.items()
    )
    return f"<table {attributes}><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def omitted_rows_note_html(count: int, most: int) -> str:
    """Return how many rows of a table are in the report only, as HTML; empty: none."""
    rest = count - most
    return f'<p class="note">{rest:,} more are in report.json.</p>' if rest > 0 else ""


def json_text_for_script_element(data: Any) -> str:
    r"""Return JSON that is inert inside a script element.

    ASCII, keys sorted; inside strings ``<``, ``>``, ``&``, ``{`` and ``}`` are
    written as ``\u00xx``.

    Raises:
        ValueError: If a number is not finite, for which JSON has no word.
    """
    text = json.dumps(
        data, separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False
    )
    return _STRING.sub(lambda found: found[0].translate(_INERT), text)

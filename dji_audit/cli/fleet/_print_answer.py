"""How an answer about a fleet is printed or written."""

import re
import sys
from pathlib import Path

from dji_audit.cli._terminal import exit_with_error, print_to_stderr, print_to_stdout
from dji_audit.cli._text_table import TextColumn, fit_table_to_width, output_width
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text, visible_line
from dji_audit.fleet.questions import (
    DOCUMENT_FORMATS,
    Answer,
    Cell,
    QuestionError,
    answer_document,
)

#: Rows of a printed table where the user names no number.
ROWS_SHOWN = 50
#: A column of a printed table keeps so many characters.
_WIDTH_KEPT = 18
#: Times and ids that are shortened say nothing.
_NEVER_SHORTENED = frozenset(
    {"start", "end", "first", "last", "from", "to", "first_flight", "last_flight", "first_seen",
     "last_seen", "nearest_at", "flight", "other_flight", "serial", "host"}
)  # fmt: skip
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})\.\d{3}Z")
_BINARY = ("xlsx", "parquet")


def write_answer(
    answer: Answer, format_name: str | None, out: Path | None, rows: int = ROWS_SHOWN
) -> None:
    """Print an answer, or write it into a file.

    Args:
        answer: The answer.
        format_name: ``table`` or one of ``DOCUMENT_FORMATS``; ``None``: by the name of the file.
        out: The file; ``None``: standard output.
        rows: Rows of a printed table.

    Raises:
        typer.Exit: If it cannot be written.
    """
    chosen = format_name or _format_of_name(out)
    if chosen == "table":
        document = _printed_table(answer, rows).encode("utf-8")
    else:
        try:
            document = answer_document(answer, chosen)
        except QuestionError as error:
            raise exit_with_error(str(error)) from error
    if out is not None:
        try:
            write_atomically(out, (document,))
        except OSError as error:
            raise exit_with_error(f"{out}: {os_error_reason(error)}") from error
        count = pluralised_count(len(answer.rows), "row")
        print_to_stderr(f"{count} in {terminal_safe_text(out)}")
    elif chosen in _BINARY:
        if sys.stdout.isatty():
            raise exit_with_error(f"{chosen} is no text: name a file with --out")
        sys.stdout.buffer.write(document)
    else:
        print_to_stdout(document.decode("utf-8"))
    if chosen not in ("table", "json"):
        for note in answer.notes:
            print_to_stderr(f"note     {terminal_safe_text(note)}")


def _format_of_name(out: Path | None) -> str:
    suffix = "" if out is None else out.suffix.lower().removeprefix(".")
    return suffix if suffix in DOCUMENT_FORMATS else "table"


def _printed_table(answer: Answer, most: int) -> str:
    """Return an answer as text: the first columns are kept where there is no room for all."""
    shown = answer.rows[:most]
    numbers = [
        all(isinstance(row[index], int | float | None) for row in shown)
        for index in range(len(answer.columns))
    ]
    head = [
        TextColumn(
            name.replace("_", " ").upper(),
            right_aligned=is_number and bool(shown),
            min_width=0 if is_number or name in _NEVER_SHORTENED else _WIDTH_KEPT,
            drop_order=max(0, index - 2),
        )
        for index, (name, is_number) in enumerate(zip(answer.column_names, numbers, strict=True))
    ]
    rows = [[_cell_text(cell) for cell in row] for row in shown]
    lines = [visible_line(answer.question)]
    omitted: tuple[str, ...] = ()
    if rows:
        table, omitted = fit_table_to_width(head, rows, output_width())
        lines.append(table)
    else:
        lines.append("None.")
    if len(answer.rows) > len(shown):
        more = pluralised_count(len(answer.rows) - len(shown), "more row")
        lines.append(f"{more}: name a larger --rows, or write all with --out FILE.csv")
    if omitted:
        named = ", ".join(name.lower() for name in omitted)
        lines.append(f"Not shown for want of room: {named}. --out FILE.csv has all.")
    return "\n".join([*lines, *answer.notes]) + "\n"


def _cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:,.7g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    # Documents have the milliseconds.
    return _INSTANT.sub(r"\1 \2Z", terminal_safe_text(visible_line(cell)))

"""How an answer about a fleet is printed or written."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from dji_audit.cli._terminal import (
    print_error_and_return_exit,
    print_os_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli._text_table import (
    TextTableColumn,
    fitted_table_text_and_omitted_heads,
    output_width,
    text_width,
    wrap_text,
)
from dji_audit.common.atomic_files import write_atomically
from dji_audit.common.plain_english import pluralised_count, sentence_case
from dji_audit.common.safe_text import terminal_safe_text, whole_visible_text
from dji_audit.fleet.questions.answer import DOCUMENT_FORMATS, Answer, Cell, QuestionError

#: Rows of a printed table where the user names no number.
ROWS_SHOWN = 50
#: A column of a printed table keeps so many characters.
_WIDTH_KEPT = 18
#: The same of what a figure means: of a sentence less says nothing.
_MEANING_WIDTH = 44
#: Times, ids and names of figures that are shortened say nothing.
_NEVER_SHORTENED = frozenset(
    {"start", "end", "first", "last", "from", "to", "first_flight", "last_flight", "first_seen",
     "last_seen", "nearest_at", "flight", "other_flight", "serial", "host", "figure",
     "value", "claim", "verdict"}
)  # fmt: skip
#: Columns of whole sentences, and how many lines one may take where they stand below their row.
_SENTENCES = frozenset(
    {"summary", "acknowledgement", "authorisation", "title", "lacking", "remedy", "first_reason",
     "cause", "advice"}
)  # fmt: skip
_INDENT, _MOST_LINES = "    ", 6
#: No note is longer: none is cut short.
_MOST_NOTE_LINES = 40
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})\.\d{3}Z")
_BINARY = ("xlsx", "parquet")


def print_or_write_answer(
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
    chosen = format_name or _output_format_from_file_name(out)
    if chosen == "table":
        document = _answer_as_text_table(answer, rows).encode("utf-8")
    else:
        from dji_audit.fleet.questions.answer_documents import encode_answer_in_file_format

        try:
            document = encode_answer_in_file_format(answer, chosen)
        except QuestionError as error:
            raise print_error_and_return_exit(str(error)) from error
    if out is not None:
        try:
            write_atomically(out, (document,))
        except OSError as error:
            raise print_os_error_and_return_exit(out, error) from error
        count = pluralised_count(len(answer.rows), "row")
        print_to_stderr(f"{count} in {terminal_safe_text(out)}")
    elif chosen in _BINARY:
        if sys.stdout.isatty():
            raise print_error_and_return_exit(f"{chosen} is not text: name a file with --out")
        sys.stdout.buffer.write(document)
    else:
        print_to_stdout(document.decode("utf-8"))
    if chosen not in ("table", "json"):
        for note in answer.notes:
            print_to_stderr(f"note     {terminal_safe_text(note)}")


def _output_format_from_file_name(out: Path | None) -> str:
    suffix = "" if out is None else out.suffix.lower().removeprefix(".")
    return suffix if suffix in DOCUMENT_FORMATS else "table"


def _answer_as_text_table(answer: Answer, most: int) -> str:
    """Return an answer as text: the first columns are kept where there is no room for all.

    Columns that hold nothing are left out.  Where there is no room for whole sentences, each stands
    below its row.
    """
    width = output_width()
    rows = [[_cell_text(cell) for cell in row] for row in answer.rows[:most]]
    filled = [
        index for index in range(len(answer.columns)) if not rows or any(row[index] for row in rows)
    ]
    lines = [whole_visible_text(answer.question)]
    omitted: tuple[str, ...] = ()
    if rows:
        below = _sentence_columns_below_rows(answer, rows, filled, width)
        beside = [index for index in filled if index not in below]
        head = _column_heads_and_overflow_of_answer(answer, rows, beside)
        table, omitted = fitted_table_text_and_omitted_heads(
            head, [[row[index] for index in beside] for row in rows], width
        )
        first, *others = table.split("\n")
        lines.append(first)
        for row, line in zip(rows, others, strict=True):
            lines.append(line)
            lines += _wrapped_sentence_lines_of_row(answer, row, below, width)
    else:
        lines.append("None.")
    if len(answer.rows) > len(rows):
        more = pluralised_count(len(answer.rows) - len(rows), "more row")
        lines.append(f"{more}: name a larger --rows, or write all with --out FILE.csv")
    if omitted:
        named = ", ".join(name.lower() for name in omitted)
        words = f"Not shown for want of room: {named}. --out FILE.csv has all."
        lines += wrap_text(words, width, _MOST_NOTE_LINES)
    notes = [line for it in answer.notes for line in wrap_text(it, width, _MOST_NOTE_LINES)]
    return "\n".join([*lines, *notes]) + "\n"


def _column_heads_and_overflow_of_answer(
    answer: Answer, rows: Sequence[Sequence[str]], columns: Sequence[int]
) -> list[TextTableColumn]:
    """Return the heads of some columns, and what happens to each where there is no room."""
    head = []
    for place, index in enumerate(columns):
        name = answer.column_names[index]
        is_number = all(
            isinstance(row[index], int | float | None) for row in answer.rows[: len(rows)]
        )
        head.append(
            TextTableColumn(
                name.replace("_", " ").upper(),
                right_aligned=is_number,
                min_width=_least_width(name, is_number=is_number),
                drop_order=max(0, place - 2),
            )
        )
    return head


def _least_width(name: str, *, is_number: bool) -> int:
    """Return how far a column may be shortened before it is left out; 0: not at all."""
    if is_number or name in _NEVER_SHORTENED:
        return 0
    return _MEANING_WIDTH if name == "meaning" else _WIDTH_KEPT


def _sentence_columns_below_rows(
    answer: Answer, rows: Sequence[Sequence[str]], filled: Sequence[int], width: int
) -> list[int]:
    """Return the columns whose sentences stand below their rows: all, if one of them must."""
    sentences = [index for index in filled if answer.column_names[index] in _SENTENCES]
    if not sentences:
        return []
    needed = sum(
        max(text_width(answer.column_names[index]), *(text_width(row[index]) for row in rows)) + 2
        for index in range(filled[0], sentences[-1] + 1)
        if index in filled
    )
    return sentences if needed - 2 > width else []


def _wrapped_sentence_lines_of_row(
    answer: Answer, row: Sequence[str], columns: Sequence[int], width: int
) -> Iterator[str]:
    """Yield the sentences of a row in lines; but for the first, each says what it is."""
    for place, index in enumerate(columns):
        if row[index]:
            label = f"{answer.column_names[index].replace('_', ' ')}: " if place else ""
            text = f"{label}{row[index]}" if place else sentence_case(row[index])
            for line in wrap_text(text, width - len(_INDENT), _MOST_LINES):
                yield f"{_INDENT}{line}"


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
    return _INSTANT.sub(r"\1 \2Z", terminal_safe_text(whole_visible_text(cell)))

"""Text tables that fit their width: columns are shortened, then omitted, never wrapped."""

import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

#: The width where output is not a terminal: the same on every computer.
FIXED_WIDTH = 160
#: The least width of a column that is shortened.
_MIN_WIDTH = 12
_GAP = 2


@dataclass(frozen=True, slots=True)
class TextTableColumn:
    """A column: its head, its alignment, and what happens to it when there is no room.

    ``min_width`` is the width that it may be shortened to; ``0``: never shortened. Columns of the
    highest ``drop_order`` are omitted first; ``0``: never omitted.
    """

    head: str
    right_aligned: bool = False
    min_width: int = 0
    drop_order: int = 0


def output_width() -> int:
    """Return how many character cells a line has: those of the terminal, else a fixed number."""
    return terminal_width_or_none() or FIXED_WIDTH


def terminal_width_or_none() -> int | None:
    """Return how many character cells the terminal has; ``None`` where output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def text_width(text: str) -> int:
    """Return how many cells of a terminal a text takes: none for accents, two for wide signs."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def shorten_middle(text: str, room: int) -> str:
    """Return a text without its middle, so that it fits: beginnings and ends identify it best."""
    if text_width(text) <= room:
        return text
    tail_room = (room - 1) * 2 // 3
    tail = _prefix_that_fits(text[::-1], tail_room)[::-1]
    return f"{_prefix_that_fits(text, room - 1 - text_width(tail))}…{tail}"


def _prefix_that_fits(text: str, room: int) -> str:
    """Return as much of a text's beginning as fits."""
    width = 0
    for index, character in enumerate(text):
        width += text_width(character)
        if width > room:
            return text[:index]
    return text


def wrap_text(text: str, width: int, most: int) -> list[str]:
    """Return a text in lines of at most ``width`` cells; what goes beyond is cut with an ellipsis.

    Args:
        text: The text; runs of white space count as one space.
        width: Cells of a line, at least 2.
        most: Lines, at least 1.
    """
    lines, words = [""], text.split()
    for number, word in enumerate(words):
        joined = f"{lines[-1]} {word}".strip()
        if text_width(joined) <= width:
            lines[-1] = joined
        elif len(lines) == most:
            rest = " ".join([lines[-1], *words[number:]]).strip()
            lines[-1] = f"{_prefix_that_fits(rest, width - 1).rstrip()}…"
            break
        else:
            lines.append(shorten_middle(word, width))
    return [line for line in lines if line] or [""]


def fitted_table_text_and_omitted_heads(
    head: Sequence[TextTableColumn], rows: Sequence[Sequence[str]], width: int
) -> tuple[str, tuple[str, ...]]:
    """Return rows as a table no wider than a width, and the heads of the omitted columns.

    A column is omitted only where shortening the others is not enough; a column that may be
    neither omitted nor shortened is printed in full, however narrow the terminal is.
    """
    cells = [[column.head for column in head], *rows]
    full_widths = [
        max(text_width(row[column_index]) for row in cells) for column_index in range(len(head))
    ]
    min_widths = [
        min(need, column.min_width or need) for need, column in zip(full_widths, head, strict=True)
    ]
    shown = list(range(len(head)))
    while _table_width(min_widths, shown) > width:
        column_index = max(shown, key=lambda it: head[it].drop_order)
        if not head[column_index].drop_order:
            break
        shown.remove(column_index)
    widths = {column_index: min_widths[column_index] for column_index in shown}
    # Spare room goes to the columns from the left: the last column is the longest.
    room = width - _table_width(min_widths, shown)
    for column_index in shown:
        extra = max(0, min(room, full_widths[column_index] - widths[column_index]))
        widths[column_index] += extra
        room -= extra
    lines = [
        _format_line(
            [
                (shorten_middle(row[it], widths[it]), widths[it], head[it].right_aligned)
                for it in shown
            ]
        )
        for row in cells
    ]
    omitted = tuple(
        column.head for column_index, column in enumerate(head) if column_index not in widths
    )
    return "\n".join(lines), omitted


def _table_width(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[place] for place in shown) + _GAP * (len(shown) - 1)


def format_table(
    rows: Sequence[Sequence[str]],
    right_aligned: frozenset[int] = frozenset(),
    width: int | None = None,
    shortenable: frozenset[int] = frozenset(),
) -> str:
    """Return rows as a table of aligned columns; the first row is the head.

    Where a width is given, texts of the last column, and of the shortenable columns, lose their
    middle if they do not fit, down to 12 cells.
    """
    if not rows:
        return ""
    head = [
        TextTableColumn(
            text,
            index in right_aligned,
            min_width=_MIN_WIDTH if index in (*shortenable, len(rows[0]) - 1) else 0,
        )
        for index, text in enumerate(rows[0])
    ]
    return fitted_table_text_and_omitted_heads(
        head, rows[1:], width if width is not None else sys.maxsize
    )[0]


def _format_line(cells: Sequence[tuple[str, int, bool]]) -> str:
    """Return cells as one line; each is a text, its width, and whether it is aligned right."""
    return (" " * _GAP).join(_pad_cell_to_width(*cell) for cell in cells).rstrip()


def _pad_cell_to_width(text: str, wide: int, right: bool) -> str:
    space = " " * (wide - text_width(text))
    return space + text if right else text + space

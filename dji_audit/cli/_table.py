"""Tables that fit where they are printed: columns made narrower, then left out, never wrapped."""

import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

#: The width of what is no terminal: the same on every computer.
FIXED_WIDTH = 160
#: The least width of a column of a list that is made narrower.
_LEAST = 12
_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, which side it is aligned to, and what becomes of it for want of room.

    ``least`` is the width that it may be cut down to; ``0``: it is never cut. Columns of the
    highest ``spare`` are left out first; ``0``: it always stays.
    """

    head: str
    right: bool = False
    least: int = 0
    spare: int = 0


def width_of_output() -> int:
    """Return how many columns may be printed: those of the terminal, else a fixed number."""
    return width_of_terminal() or FIXED_WIDTH


def width_of_terminal() -> int | None:
    """Return how many columns the terminal has; none where what is printed goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def width_of(text: str) -> int:
    """Return how many cells of a terminal a text takes: none for accents, two for wide signs."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def shorten(text: str, room: int) -> str:
    """Return a text without its middle, so that it fits: beginnings and ends tell most."""
    if width_of(text) <= room:
        return text
    end = (room - 1) * 2 // 3
    tail = _start(text[::-1], end)[::-1]
    return f"{_start(text, room - 1 - width_of(tail))}…{tail}"


def _start(text: str, room: int) -> str:
    """Return as much of a text's beginning as fits."""
    taken = 0
    for place, character in enumerate(text):
        taken += width_of(character)
        if taken > room:
            return text[:place]
    return text


def fit(
    head: Sequence[Column], rows: Sequence[Sequence[str]], width: int
) -> tuple[str, tuple[str, ...]]:
    """Return rows as a table no wider than a width, and the heads of what was left out for it.

    A column is left out only where cutting the others is not enough; what is not to spare
    and cannot be cut is printed whole, however narrow the terminal is.
    """
    cells = [[column.head for column in head], *rows]
    needs = [max(width_of(row[place]) for row in cells) for place in range(len(head))]
    least = [min(need, column.least or need) for need, column in zip(needs, head, strict=True)]
    shown = list(range(len(head)))
    while _whole(least, shown) > width:
        place = max(shown, key=lambda it: head[it].spare)
        if not head[place].spare:
            break
        shown.remove(place)
    widths = {place: least[place] for place in shown}
    # What room there is goes to the columns from the left: the last one is the longest.
    room = width - _whole(least, shown)
    for place in shown:
        more = max(0, min(room, needs[place] - widths[place]))
        widths[place] += more
        room -= more
    lines = [
        _line([(shorten(row[it], widths[it]), widths[it], head[it].right) for it in shown])
        for row in cells
    ]
    left_out = tuple(column.head for place, column in enumerate(head) if place not in widths)
    return "\n".join(lines), left_out


def _whole(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[place] for place in shown) + _GAP * (len(shown) - 1)


def columns(
    rows: Sequence[Sequence[str]],
    right: frozenset[int] = frozenset(),
    width: int | None = None,
    cut: frozenset[int] = frozenset(),
) -> str:
    """Return rows as a table of aligned columns; the first row is the head.

    Where a width is given, texts of the last column, and of those that may be cut, lose their
    middle if they do not fit, down to 12 cells.
    """
    if not rows:
        return ""
    head = [
        Column(text, place in right, least=_LEAST if place in (*cut, len(rows[0]) - 1) else 0)
        for place, text in enumerate(rows[0])
    ]
    return fit(head, rows[1:], width if width is not None else sys.maxsize)[0]


def _line(cells: Sequence[tuple[str, int, bool]]) -> str:
    return (" " * _GAP).join(_filled(*cell) for cell in cells).rstrip()


def _filled(text: str, wide: int, right: bool) -> str:
    space = " " * (wide - width_of(text))
    return space + text if right else text + space

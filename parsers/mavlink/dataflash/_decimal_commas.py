"""Text logs that a ground station wrote in a language of decimal commas.

Mission Planner puts ``, `` between fields and writes numbers in the language of the computer, so
that ``GPS, 3, 51,5000000, -0,1000000`` has four fields and six commas.  Where a space follows every
comma between fields, those within numbers are told from them, and the log is read.  Where no
spaces are written, nobody can tell them apart: the lines are not read, and the cause is named.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..._model import Issue
from .._shared._record_framing import Flags, Offsets
from ._message_columns import FmtDefinition
from ._text_line_offsets import COMMA, TextLines

SPACE, POINT = 32, 46
#: The letter of texts that may hold anything: their lines are left as they are.
_FREE_TEXT = "Z"
#: Share of the lines with numbers that have too many commas where decimals are written with them.
LEAST_SHARE = 0.2


def with_decimal_points_and_issues(
    lines: TextLines, defined: Mapping[int, FmtDefinition]
) -> tuple[TextLines, list[Issue]]:
    """Return the lines with points for decimal commas, and what is to be said of it.

    The bytes stay where they are: a comma becomes a point.
    """
    fields = np.full(len(lines.starts), -1, np.int64)
    for word, made in defined.items():
        if made.name != "FMT" and made.chars and _FREE_TEXT not in made.chars:
            fields[lines.words == word] = len(made.chars)
    numeric = np.flatnonzero(fields >= 0)
    if not len(numeric) or not (lines.commas[numeric] > fields[numeric]).any():
        return lines, []
    commas = np.flatnonzero(lines.array == COMMA)
    after = lines.array[np.minimum(commas + 1, len(lines.array) - 1)]
    decimals = commas[(after != SPACE) & _comma_between_digits_mask(lines, commas)]
    many = lines.commas[numeric] - fields[numeric]
    inside = _count_offsets_in_ranges(decimals, lines.starts[numeric], lines.ends[numeric])
    is_excess = many > 0
    is_told_apart = is_excess & (inside == many)
    # A line whose fields have no spaces and whose number is right shows another way of writing.
    is_other_way = (many == 0) & (inside > 0)
    first = int(lines.starts[numeric[is_excess.argmax()]])
    if is_told_apart.sum() < LEAST_SHARE * len(numeric) or is_other_way.any():
        if is_excess.sum() < LEAST_SHARE * len(numeric):
            return lines, []
        reason = (
            "the numbers of this log are written with decimal commas, and its fields are separated "
            "by commas too: which is which is not clear, so such lines are not read; write the "
            "log again with decimal points"
        )
        return lines, [Issue(first, 0, reason)]
    rows = numeric[is_told_apart]
    array = lines.array.copy()
    changed = decimals[_in_any_range_mask(decimals, lines.starts[rows], lines.ends[rows])]
    array[changed] = POINT
    fewer = lines.commas.copy()
    fewer[rows] = fields[rows]
    reason = (
        f"numbers are written with decimal commas in {len(rows):,} lines; a space follows each "
        "comma between fields, so both are told apart, and the commas in numbers are read as points"
    )
    return replace(lines, array=array, commas=fewer), [Issue(first, 0, reason)]


def _comma_between_digits_mask(lines: TextLines, commas: Offsets) -> Flags:
    before = lines.array[np.maximum(commas - 1, 0)]
    after = lines.array[np.minimum(commas + 1, len(lines.array) - 1)]
    return np.asarray((before - 48 < 10) & (after - 48 < 10))


def _count_offsets_in_ranges(offsets: Offsets, starts: Offsets, ends: Offsets) -> Offsets:
    """Return how many of some ascending offsets lie in each stretch."""
    return np.searchsorted(offsets, ends) - np.searchsorted(offsets, starts)


def _in_any_range_mask(offsets: Offsets, starts: Offsets, ends: Offsets) -> Flags:
    """Return which offsets lie in one of some stretches, which are ascending and apart."""
    stretch = np.searchsorted(starts, offsets, "right") - 1
    return np.asarray((stretch >= 0) & (offsets < ends[np.maximum(stretch, 0)]))

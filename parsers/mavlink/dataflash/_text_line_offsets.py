"""The lines of a text DataFlash log: where each begins and ends, its commas and its first word."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray
from .._shared._record_framing import Offsets

NEWLINE, COMMA, RETURN = 10, 44, 13


@dataclass(frozen=True, slots=True)
class TextLines:
    """Where each line begins and ends, how many commas it has, and its first word."""

    array: ByteArray
    starts: Offsets
    #: After the last letter, before the line break.
    ends: Offsets
    commas: Offsets
    #: The letters before the first comma as a number, 0 where there are more than four.
    words: npt.NDArray[np.uint32]


def find_lines(array: ByteArray) -> TextLines:
    """Return the lines of a text log."""
    breaks = np.flatnonzero(array == NEWLINE)
    starts = np.concatenate([[0], breaks + 1]).astype(np.int64)
    ends = np.append(breaks, len(array)).astype(np.int64)
    if starts[-1] == len(array):
        starts, ends = starts[:-1], ends[:-1]
    returns = (ends > starts) & (array[np.maximum(ends - 1, 0)] == RETURN)
    ends = ends - returns
    comma_offsets = np.flatnonzero(array == COMMA)
    first = np.searchsorted(comma_offsets, starts)
    commas = np.searchsorted(comma_offsets, ends) - first
    stop = np.minimum(np.append(comma_offsets, len(array))[first], ends)
    words = np.zeros(len(starts), np.uint32)
    for letter in range(4):
        inside = starts + letter < stop
        words |= np.where(inside, array[np.minimum(starts + letter, len(array) - 1)], 0).astype(
            np.uint32
        ) << np.uint32(8 * letter)
    words[stop - starts > 4] = 0
    return TextLines(array, starts, ends, commas, words)


def message_name_as_integer(name: str) -> int:
    """Return the name of a message as `TextLines.words` has it."""
    return int.from_bytes(name.encode("ascii", "replace")[:4], "little")

"""Filling: zeros, the ``ff`` of an erased flash, or any block that repeats.

It is measured in one pass of constant memory, wherever it ends.
"""

import numpy as np

from .._file_content import HEAD_SIZE, release_array_pages
from .._record_layout import ByteArray

#: Filling repeats a block of at most so many bytes at least so often, and has as many bytes.
_LONGEST_BLOCK, _LEAST_REPETITIONS, _LEAST_FILLING = 1 << 16, 4, 16
#: Bytes that are compared at a time.
_COMPARED = 1 << 20
#: A tail of filling with at least so many bytes is left out before a file is read, all but the
#: first of it, so that a record that ends in such bytes stays whole.
LEAST_TAIL, KEPT_OF_TAIL = 1 << 20, 1 << 14


def leading_filler_size_and_period(array: ByteArray) -> tuple[int, int]:
    """Return the size of the filling with which some bytes begin, and that of its repeated block.

    Both are 0 where they begin with none.
    """
    return _filler_size_and_period(array, array[: _LONGEST_BLOCK + _LEAST_FILLING], is_tail=False)


def trailing_filler_size_and_period(array: ByteArray) -> tuple[int, int]:
    """Return the size of the filling with which some bytes end, and that of its repeated block.

    Both are 0 where they end with none.
    """
    last = array[max(0, len(array) - _LONGEST_BLOCK - _LEAST_FILLING) :]
    return _filler_size_and_period(array, last[::-1], is_tail=True)


def _filler_size_and_period(array: ByteArray, edge: ByteArray, *, is_tail: bool) -> tuple[int, int]:
    """Return size and period of the filling at one end, whose bytes from there on are given."""
    if len(edge) < _LEAST_FILLING:
        return 0, 0
    if (edge[:_LEAST_FILLING] == edge[0]).all():
        return _size_repeating_with_period(array, 1, is_tail=is_tail), 1
    data = edge.tobytes()
    period = data.find(data[:_LEAST_FILLING], 1)
    if period < 0:
        return 0, 0
    size = _size_repeating_with_period(array, period, is_tail=is_tail)
    return (size, period) if size >= _LEAST_REPETITIONS * period else (0, 0)


def _size_repeating_with_period(array: ByteArray, period: int, *, is_tail: bool) -> int:
    """Return how many bytes from one end on are those that stand a period nearer to it."""
    size = len(array)
    done, step = period, HEAD_SIZE
    while done < size:
        upto = min(done + step, size)
        first, last = (size - upto, size - done) if is_tail else (done - period, upto - period)
        differs = array[first:last] != array[first + period : last + period]
        if differs.any():
            same = int(np.argmax(differs[::-1] if is_tail else differs))
            return done + same
        release_array_pages(array, first, last)
        done, step = upto, _COMPARED
    return size


def describe_filler_bytes(size: int, period: int, value: int) -> str:
    """Return in words what bytes are filled with.

    Args:
        size: How many there are.
        period: Bytes of the block that is repeated.
        value: The first of them.
    """
    if period == 1:
        return f"{size:,} bytes of 0x{value:02x}"
    return f"{size:,} bytes of a block of {period:,} bytes that repeats"

"""The ground station's times, as they stand before the frames of a telemetry log."""

import sys
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..._layout import Bytes
from .._shared._framing import Offsets, gather
from ._frames import BLOCK, STAMP

Times = npt.NDArray[np.int64]

#: A time this far from those around it is not believed: no checksum covers it.
STRAY_US = 3_600_000_000


class Column(Protocol):
    """Numbers that are read where they are asked for: an array, or `Stamps`."""

    def __len__(self) -> int:
        """Return how many there are."""

    def __getitem__(self, rows: Any, /) -> Times:
        """Return some."""


class Stamps:
    """Times at some places of a file, microseconds since 1970; none of them is kept."""

    def __init__(self, array: Bytes, starts: Offsets) -> None:
        """Look at the 8 bytes that begin at each place."""
        self._array, self._starts = array, starts

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self._starts)

    def __getitem__(self, rows: slice | Offsets) -> Times:
        """Return the times at some of the places."""
        starts = self._starts[rows]
        told = gather(self._array, starts.ravel(), STAMP).view(np.int64)
        if sys.byteorder == "little":
            told.byteswap(inplace=True)
        return told.reshape(starts.shape)


def astray(values: Column, limit: int) -> tuple[Offsets, Times]:
    """Return where values stray by a limit from the five around them, and what stands there.

    At either end the five are the first or the last: a value that counted twice
    would outweigh its neighbours.
    """
    found = [
        np.flatnonzero(np.abs(np.diff(values[first : first + BLOCK + 1])) >= limit) + first
        for first in range(0, len(values), BLOCK)
    ]
    jumps = np.concatenate([np.empty(0, np.int64), *found])
    if len(values) < 5 or not len(jumps):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    near = np.unique(np.concatenate([jumps, jumps + 1]))
    around = np.clip(near - 2, 0, len(values) - 5)[:, None] + np.arange(5)
    middle = np.median(values[around], axis=1).astype(np.int64)
    stray = np.abs(values[near] - middle) >= limit
    return near[stray], middle[stray]

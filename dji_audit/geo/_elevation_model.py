"""What a model of ground heights offers, and how heights are interpolated in its grid."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class ElevationError(ValueError):
    """A file of heights that cannot be used, and why."""


class ElevationModel(Protocol):
    """Heights of the ground."""

    @property
    def name(self) -> str:
        """What a report calls it."""

    @property
    def datum(self) -> str:
        """What its heights count from, in words."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files it was read from."""

    def save_for_other_processes(self, folder: Path) -> "ElevationModel":
        """Return the same heights in a form that is small to hand to another process.

        What is large is written into the folder, which must outlive it.
        """

    def height_m(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        """Return heights in one and the same datum; NaN where there is none."""


def interpolate_grid(
    grid: npt.NDArray[Any], row: Floats, column: Floats, void: float | None
) -> Floats:
    """Return the values of a grid between its points, from the four around.

    Args:
        grid: Shape ``(rows, columns)``, at least two of each.
        row: Where, counted from the first row, shape ``(n,)``; within the grid.
        column: Likewise.
        void: What stands for "not known"; ``None``: nothing does.

    Returns:
        Shape ``(n,)``; NaN where one of the four is not known.
    """
    i = np.clip(np.floor(row), 0, grid.shape[0] - 2).astype(np.intp)
    j = np.clip(np.floor(column), 0, grid.shape[1] - 2).astype(np.intp)
    down, right = row - i, column - j

    def heights_at_corner(down: int, right: int) -> Floats:
        values = np.asarray(grid[i + down, j + right], np.float64)
        return values if void is None else np.where(values == void, np.nan, values)

    above = (1 - right) * heights_at_corner(0, 0) + right * heights_at_corner(0, 1)
    below = (1 - right) * heights_at_corner(1, 0) + right * heights_at_corner(1, 1)
    found: Floats = (1 - down) * above + down * below
    return found

"""Cells of a grid over the earth, each known by one whole number."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from dji_audit.flights.clock._track_alignment import TimedTrack

#: More cells than there are round the earth.  The number of a cell is that of its row times those
#: of a row, plus that of its column.
_CELLS_ROUND = 1 << 21
_CELLS_OF_ROW = 2 * _CELLS_ROUND
#: From the number of a cell to its own, and to those of the cells that touch it.
STEPS_TO_NEIGHBOURING_CELLS = tuple(
    row * _CELLS_OF_ROW + column for row in (-1, 0, 1) for column in (-1, 0, 1)
)


def grid_cells_of_track(track: TimedTrack, cell_deg: float) -> set[int]:
    """Return the numbers of the cells that a track lies in."""
    return set(grid_cell_of_each_fix(track, cell_deg).tolist())


def grid_cell_of_each_fix(track: TimedTrack, cell_deg: float) -> npt.NDArray[np.int64]:
    """Return the number of the cell that each fix of a track lies in."""
    # A position that is none may have any cell.
    row, column = (
        np.fmax(np.fmin(np.floor(degrees / cell_deg), _CELLS_ROUND), -_CELLS_ROUND).astype(np.int64)
        for degrees in (track.latitude_deg, track.longitude_deg)
    )
    numbers: npt.NDArray[np.int64] = row * _CELLS_OF_ROW + column
    return numbers


def add_neighbouring_grid_cells(cells: Iterable[int]) -> list[int]:
    """Return cells and those that touch them, in order."""
    return sorted({cell + step for cell in cells for step in STEPS_TO_NEIGHBOURING_CELLS})

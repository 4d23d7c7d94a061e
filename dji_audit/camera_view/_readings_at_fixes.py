"""The readings of one quantity beside the fixes that stand in the same record of a log."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view._flight_typing_protocols import FlightLike

if TYPE_CHECKING:
    import parsers


def iterate_reading_series_fix_mask_and_indexes(
    flight: FlightLike, quantity: str, rows: npt.NDArray[np.int64] | None = None
) -> Iterator[tuple["parsers.SensorReadings", npt.NDArray[np.bool_], npt.NDArray[np.int64]]]:
    """Yield each series of readings of a quantity, the fixes it reads, and its reading at each.

    Args:
        flight: The flight.
        quantity: What was measured.
        rows: Rows of the track; ``None``: all.
    """
    track = flight.track if rows is None else flight.track.iloc[rows]
    offsets = track["source_offset"].to_numpy(np.int64)
    indexes = np.zeros(len(track), np.int64)  # a recording of no flight has one log
    if "source_index" in track:
        indexes = track["source_index"].to_numpy(np.int64)
    for source_index, log in enumerate(flight.logs):
        for readings in log.sensor_readings:
            if readings.quantity != quantity or not len(readings.offsets):
                continue
            at = np.clip(np.searchsorted(readings.offsets, offsets), 0, len(readings.offsets) - 1)
            is_own = (indexes == source_index) & (readings.offsets[at] == offsets)
            yield readings, is_own, at[is_own]

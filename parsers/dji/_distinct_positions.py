"""The positions of a home point, a pilot or a controller: one for each place they moved to."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._model import NamedPosition
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from .._track_values._value_runs import find_runs
from ._event_rows import NAT
from ._records_of_one_type import RecordsOfOneType

#: Steps in which a home point is followed, and a pilot, since a phone's fix wanders by less.
HOME_STEP_DEG, PILOT_STEP_DEG = 1e-5, 2e-4
_MOST_POINTS = 200


def iterate_positions_more_than_a_step_apart(
    typed: RecordsOfOneType,
    times_ns: npt.NDArray[np.int64],
    kind: str,
    record: str,
    usable: npt.NDArray[np.bool_],
    step_deg: float,
    accuracy_m: npt.NDArray[np.float64] | None = None,
) -> Iterator[NamedPosition]:
    """Yield a point each time it moved by more than a step; at most some hundred.

    Args:
        typed: The records with ``latitude_deg`` and ``longitude_deg``.
        times_ns: When each record of the file is from, nanoseconds since 1970.
        kind: Whose positions these are.
        record: The record and field that states them.
        usable: Which of the records state a position.
        step_deg: Degrees.
        accuracy_m: As each record states it; ``None``: none does.
    """
    fixes = replace_false_positions_with_nan(
        typed.records["latitude_deg"], typed.records["longitude_deg"]
    )
    latitude, longitude = fixes.latitude_deg, fixes.longitude_deg
    cell = np.round(latitude / step_deg) * 1e7 + np.round(longitude / step_deg)
    fix_runs = [run for run in find_runs(np.where(usable, cell, np.nan)) if np.isfinite(run.value)]
    for run in fix_runs[:_MOST_POINTS]:
        ns = int(times_ns[typed.rows[run.first]])
        accuracy = None if accuracy_m is None else float(accuracy_m[run.first])
        yield NamedPosition(
            kind,
            None if ns == NAT else pd.Timestamp(ns, unit="ns", tz="UTC"),
            float(latitude[run.first]),
            float(longitude[run.first]),
            accuracy if accuracy is not None and 0 < accuracy < 1e5 else None,
            record,
            int(typed.records.offsets[run.first]),
        )

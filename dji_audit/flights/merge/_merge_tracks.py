"""The merged track: the rows of the first log, with the columns that it lacks from others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights._columns_with_values import NAT_NS, Ints, column_has_values
from dji_audit.flights.merge._aligned_segments import AlignedSegment

#: Columns that are never taken from another log, since they belong to the row itself.
_NOT_FILLED = {"time", "latitude_deg", "longitude_deg", "source_offset", "fix_ok"}
#: Errors are those of the row's own position.
_NOT_FILLED |= {"horizontal_error_m", "vertical_error_m"}
_FILLED = tuple(name for name in parsers.TRACK if name not in _NOT_FILLED)
#: A value of another log is used for a row within this time, or within the usual
#: interval of that log's rows if that is longer.
_MAX_AGE_S, _MAX_SPARSE_AGE_S = 0.6, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class MergedTrack:
    """A track, and the source of each column and of each of its values."""

    track: pd.DataFrame
    #: Column -> index of its source, if not the first.
    column_sources: dict[str, int]
    #: Source index -> byte in that log for each row, -1 for none.
    source_offsets: dict[int, npt.NDArray[np.int64]]


def merge_track_columns_into_first_track(segments: Sequence[AlignedSegment]) -> MergedTrack:
    """Return the track of the first log with the columns that it lacks filled from others.

    A value is that of the other log's nearest row; nothing is interpolated.  A column in
    which the first log has any value stays as it is: two logs never mix in one column.  What
    another device received fills nothing in a track of the aircraft's own.
    """
    track = segments[0].track
    lacking = [name for name in _FILLED if not column_has_values(track, name)]
    column_sources: dict[str, int] = {}
    source_offsets: dict[int, npt.NDArray[np.int64]] = {}
    times = track["time"].to_numpy("datetime64[ns]").view(np.int64)
    filled: dict[str, pd.api.extensions.ExtensionArray] = {}
    for index, aligned in enumerate(segments[1:], 1):
        if not lacking or aligned.is_copy or not len(times) or aligned.alignment.offset_s is None:
            continue
        if aligned.is_from_receiver and not segments[0].is_from_receiver:
            continue
        lender = aligned.track
        columns = [name for name in lacking if column_has_values(lender, name)]
        if not columns:
            continue
        rows = _rows_nearest_in_time(
            times, lender["time"].to_numpy("datetime64[ns]").view(np.int64)
        )
        for name in columns:
            column = lender[name].array.take(rows, allow_fill=True)
            if pd.isna(column).all():
                continue
            filled[name] = column
            column_sources[name] = index
            lacking.remove(name)
            lender_offsets = lender["source_offset"].to_numpy(np.int64)
            source_offsets[index] = np.where(rows >= 0, lender_offsets[np.maximum(rows, 0)], -1)
    return MergedTrack(track.assign(**filled) if filled else track, column_sources, source_offsets)


def _rows_nearest_in_time(times: Ints, others: Ints) -> npt.NDArray[np.intp]:
    """Return the row of the others that is nearest to each time; -1 where none is near."""
    known = np.flatnonzero(others != NAT_NS)
    if not len(known):
        return np.full(len(times), -1, np.intp)
    known = known[np.argsort(others[known], kind="stable")]
    at = others[known]
    usual = float(np.median(np.diff(at))) / 1e9 if len(at) > 1 else 0.0
    within = round(min(max(_MAX_AGE_S, 0.75 * usual), _MAX_SPARSE_AGE_S) * 1e9)
    after = np.clip(np.searchsorted(at, times), 1, max(1, len(at) - 1))
    before = after - 1
    after = np.minimum(after, len(at) - 1)
    nearer = np.where(abs(times - at[before]) <= abs(at[after] - times), before, after)
    near = (times != NAT_NS) & (abs(at[nearer] - times) <= within)
    return np.where(near, known[nearer], -1).astype(np.intp)

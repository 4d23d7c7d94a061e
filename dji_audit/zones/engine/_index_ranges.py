"""Ranges of indices: of the fixes of a track, or of its blocks."""

import numpy as np
import numpy.typing as npt


def concatenate_index_ranges(
    first: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the integers of several ranges, one range after the other."""
    each = [np.arange(a, b) for a, b in zip(first.tolist(), end.tolist(), strict=True)]
    return np.concatenate(each) if each else np.empty(0, np.int64)

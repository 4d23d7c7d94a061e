"""Whether two vehicles wrote into one log: simulators that share a folder do."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..._model import Issue
from ._message_columns import DataflashMessages

#: Metres between two fixes of one receiver and instant beyond which they are of two vehicles, and
#: instants at which that is so: a receiver that repeats an instant repeats its position.
_APART_M, _MIN_INSTANTS = 0.5, 3
#: State of a receiver that has a fix, and metres per degree of latitude.
_HAS_FIX, _M_PER_DEG = 3, 111_200.0


def second_writer_issues(messages: Mapping[str, DataflashMessages]) -> Iterator[Issue]:
    """Yield an issue if one satellite time stands several times at two places.

    Args:
        messages: Name -> messages that damage did not reach.
    """
    fixes = messages.get("GPS")
    needed = ("Status", "GMS", "Lat", "Lng")
    if fixes is None or any(fixes.first_present_label(name) is None for name in needed):
        return
    status, instant, latitude, longitude = (fixes.numbers_of_field(name) for name in needed)
    others = [label for name in ("I", "GWk") if (label := fixes.first_present_label(name))]
    keys = np.column_stack([*(fixes.numbers_of_field(label) for label in others), instant])
    rows = np.flatnonzero(
        (status >= _HAS_FIX) & np.isfinite(keys).all(axis=1) & np.isfinite(latitude + longitude)
    )
    # Fixes of one receiver and instant become neighbours, in the order of their bytes.
    rows = rows[np.lexsort(keys[rows].T[::-1])]
    same = np.flatnonzero((keys[rows[1:]] == keys[rows[:-1]]).all(axis=1))
    one, other = rows[same], rows[same + 1]
    apart_m = _M_PER_DEG * np.hypot(
        latitude[one] - latitude[other],
        (longitude[one] - longitude[other]) * np.cos(np.radians(latitude[one])),
    )
    far = apart_m > _APART_M
    if int(far.sum()) >= _MIN_INSTANTS:
        yield Issue(
            int(fixes.offsets[other[far]].min()),
            0,
            f"{int(far.sum())} satellite times stand twice, at places up to "
            f"{apart_m[far].max():.1f} m apart: two vehicles wrote into this log",
        )

"""A track, the record that gives its positions, and what is to be said of that."""

from dataclasses import dataclass

import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, table


@dataclass(frozen=True, slots=True)
class Drawn:
    """The track of a log, and where its positions are from."""

    frame: pd.DataFrame
    #: Records at the offsets of the track, with " or " between them; none: there is no track.
    record: str = "track"
    issues: tuple[Issue, ...] = ()


def nowhere() -> Drawn:
    """Return the track of a log without a position."""
    return Drawn(table(TRACK, {}, 0))


def stands_in(record: str, usual: str, rows: int, offset: int) -> Issue:
    """Return the remark that rows are those of a receiver, for want of a position that was fused.

    Whether the aircraft never wrote the better position or damage took it away, who
    reads the track must know that it is another one: other noise, other rate, no filter.
    """
    what = "none that can be read is there"
    return Issue(offset, 0, f"{record} stands in for {usual} in {rows} rows of the track: {what}")

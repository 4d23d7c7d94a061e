"""A track, the record that its positions come from, and the issues of that choice."""

from dataclasses import dataclass

import pandas as pd

from ..._model import Issue
from ..._tables import TRACK, build_table


@dataclass(frozen=True, slots=True)
class TrackWithIssues:
    """The track of a log, and where its positions are from."""

    frame: pd.DataFrame
    #: Records at the offsets of the track, with " or " between them; none: there is no track.
    record: str = "track"
    issues: tuple[Issue, ...] = ()


def empty_track_result() -> TrackWithIssues:
    """Return the track of a log without a position."""
    return TrackWithIssues(build_table(TRACK, {}, 0))


def fallback_position_source_issue(record: str, usual: str, rows: int, offset: int) -> Issue:
    """Return the remark that rows are those of a receiver, for want of a position that was fused.

    Whether the aircraft never wrote the better position or damage took it away, who
    reads the track must know that it is another one: other noise, other rate, no filter.
    """
    what = "the log has no readable record of it"
    return Issue(offset, 0, f"{record} stands in for {usual} in {rows} rows of the track: {what}")

"""One log to its flights: cut half-way between a landing and the next take-off."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

import parsers

Instant = pd.Timestamp | None
Airborne = tuple[Instant, Instant]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one log tells of one of its flights."""

    log: parsers.Log
    #: Counted from 1.
    number: int
    takeoff: Instant
    landing: Instant
    #: Rows from ``after`` up to ``before`` belong to it; ``None``: there is no other flight.
    after: Instant
    before: Instant

    @property
    def id(self) -> str:
        """The same in every run: from the log's hash and the number."""
        return f"{self.log.source.sha256[:8]}-{self.number}"

    def rows(self, table: str) -> pd.DataFrame:
        """Return the rows of a table of the log that belong to the flight."""
        column = "start" if table == "captures" else "time"
        frame: pd.DataFrame = getattr(self.log, table)
        return between(frame, column, self.after, self.before)


def cut(log: parsers.Log) -> tuple[Part, ...]:
    """Return the flights of a log in time order, at least one.

    A flight reaches from half-way after the previous landing to half-way to
    the next take-off, so that every row of the log belongs to exactly one.
    """
    cuts = _airborne(log.events)
    if not cuts:
        return (Part(log, 1, None, None, None, None),)
    edges = [None, *(_middle(a[1], b[0]) for a, b in pairwise(cuts)), None]
    return tuple(
        Part(log, number, takeoff, landing, edges[number - 1], edges[number])
        for number, (takeoff, landing) in enumerate(cuts, 1)
    )


def between(frame: pd.DataFrame, column: str, after: Instant, before: Instant) -> pd.DataFrame:
    """Return the rows from ``after`` up to ``before``; rows without a time go first."""
    keep = np.ones(len(frame), bool)
    if after is not None:
        keep &= (frame[column] >= after).to_numpy()
    if before is not None:
        keep &= ~(frame[column] >= before).to_numpy()
    return frame if keep.all() else frame[keep].reset_index(drop=True)


def _airborne(events: pd.DataFrame) -> list[Airborne]:
    """Pair each take-off with the landing that follows it."""
    pairs: list[Airborne] = []
    takeoff: Instant = None
    moves = events[events["kind"].isin(["takeoff", "landing"]) & events["time"].notna()]
    for kind, time in zip(moves["kind"], moves["time"], strict=True):
        if kind == "takeoff":
            if takeoff is not None:
                pairs.append((takeoff, None))
            takeoff = time
        elif takeoff is not None or not pairs:
            pairs.append((takeoff, time))
            takeoff = None
    if takeoff is not None:
        pairs.append((takeoff, None))
    return pairs


def _middle(landing: Instant, takeoff: Instant) -> Instant:
    if landing is None or takeoff is None:
        return takeoff
    return landing + (takeoff - landing) / 2

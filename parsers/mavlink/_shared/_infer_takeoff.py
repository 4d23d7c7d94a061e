"""Take-off and landing inferred from arming, height and speed, for logs that state neither.

An armed aircraft is airborne from the first fix at ``AIRBORNE_M`` above take-off
on; where the log has no height, from the first fix at ``AIRBORNE_MPS`` over ground.
It has landed when it is disarmed, or when it has been below ``LANDED_M`` and
slower than ``LANDED_MPS`` for ``REST_NS``.  Less than ``REST_NS`` in the air is
noise.  5 m is beyond the height error of an aircraft that stands still, and
12 m/s is faster than people carry or wind moves one; small aeroplanes cruise faster.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ._event_rows import EventRow, make_event_row
from ._utc import NAT

AIRBORNE_M, LANDED_M = 5.0, 2.0
AIRBORNE_MPS, LANDED_MPS = 12.0, 3.0
REST_NS = 5_000_000_000

Flags = npt.NDArray[np.bool_]
Nanoseconds = npt.NDArray[np.int64]


def infer_takeoff_landing(
    track: pd.DataFrame, events: Iterable[Mapping[str, Any]]
) -> list[EventRow]:
    """Return take-offs and landings, none if the log states one or never reports arming.

    Args:
        track: The table of fixes, in time order.
        events: The rows of all other events; times are nanoseconds.
    """
    armings: list[tuple[int, bool]] = []
    for row in events:
        if row["kind"] in ("takeoff", "landing"):
            return []
        if row["kind"] in ("arm", "disarm") and (at := int(row["time"])) != NAT:
            armings.append((at, row["kind"] == "arm"))
    times = track["time"].to_numpy("datetime64[ns]").view(np.int64)
    track = track[times != NAT]
    if not armings or not len(track):
        return []
    times = times[times != NAT]
    rows = []
    for start, end in _armed_intervals(times, sorted(armings)):
        for first, last in _airborne_intervals(track.iloc[start:end], times[start:end]):
            rows.append((start + first, start + last, first == 0))
    return list(_takeoff_landing_rows(track, times, rows))


def _armed_intervals(
    times: Nanoseconds, armings: list[tuple[int, bool]]
) -> Iterator[tuple[int, int]]:
    """Yield first fix and fix after the last of each time in which the aircraft was armed."""
    # A log whose first word is that it was disarmed began armed.
    since = None if armings[0][1] else times[0]
    for at, armed in armings:
        if armed and since is None:
            since = at
        elif not armed and since is not None:
            yield int(np.searchsorted(times, since)), int(np.searchsorted(times, at))
            since = None
    if since is not None:
        yield int(np.searchsorted(times, since)), len(times)


def _airborne_intervals(track: pd.DataFrame, times: Nanoseconds) -> Iterator[tuple[int, int]]:
    """Yield first fix in the air and first on the ground again."""
    height = track["height_ato_m"].to_numpy(np.float64)
    speed = track["ground_speed_mps"].to_numpy(np.float64)
    unknown = np.isnan(height)
    up = np.where(unknown, speed >= AIRBORNE_MPS, height >= AIRBORNE_M)
    down = (unknown | (height < LANDED_M)) & (speed < LANDED_MPS)
    at = 0
    while at < len(up) and up[at:].any():
        first = at + int(np.argmax(up[at:]))
        last = _first_fix_at_rest(down, times, first)
        if times[min(last, len(times) - 1)] - times[first] >= REST_NS:
            yield first, last
        at = last


def _first_fix_at_rest(down: Flags, times: Nanoseconds, first: int) -> int:
    """Return the first fix after one in the air from which on the aircraft rests."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], down[first:], [False]]))) + first
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end == len(down) or times[end - 1] - times[begin] >= REST_NS:
            return int(begin)
    return len(down)


def _takeoff_landing_rows(
    track: pd.DataFrame, times: Nanoseconds, rows: list[tuple[int, int, bool]]
) -> Iterator[EventRow]:
    offsets = track["source_offset"].to_numpy(np.int64)
    for first, last, already in rows:
        began = "in the air at the first position" if already else "took off"
        moves = [("takeoff", began, first)]
        if last < len(times):
            moves.append(("landing", "landed", last))
        for kind, text, row in moves:
            yield make_event_row(
                kind,
                f"{text}, by arming, height and speed",
                time=int(times[row]),
                record="track.height_ato_m",
                source_offset=int(offsets[row]),
                details={"grade": "inferred"},
            )

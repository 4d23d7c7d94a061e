"""Take-off and landing of logs that state neither, inferred from arming, height and speed.

An armed aircraft is in the air from the first fix at ``OFF_M`` above take-off
on; where the log holds no height, from the first at ``FAST_MPS`` over ground.
It has landed when it is disarmed, or when it has been below ``DOWN_M`` and
slower than ``SLOW_MPS`` for ``REST_NS``.  Less than ``REST_NS`` in the air is
noise.  5 m is beyond the error of the height of an aircraft that stands, and
12 m/s beyond what people and wind do to one; small aeroplanes cruise faster.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

OFF_M, DOWN_M = 5.0, 2.0
FAST_MPS, SLOW_MPS = 12.0, 3.0
REST_NS = 5_000_000_000
_NAT = int(np.iinfo(np.int64).min)

Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]


def inferred(track: pd.DataFrame, told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return take-offs and landings, none if the log states one or never tells of arming.

    Args:
        track: The table of fixes, in time order.
        told: The rows of all other events; times are nanoseconds.
    """
    armings: list[tuple[int, bool]] = []
    for row in told:
        if row["kind"] in ("takeoff", "landing"):
            return []
        if row["kind"] in ("arm", "disarm") and (at := int(row["time"])) != _NAT:
            armings.append((at, row["kind"] == "arm"))
    times = track["time"].to_numpy("datetime64[ns]").view(np.int64)
    track = track[times != _NAT]
    if not armings or not len(track):
        return []
    times = times[times != _NAT]
    rows = []
    for start, end in _armed(times, sorted(armings)):
        for first, last in _aloft(track.iloc[start:end], times[start:end]):
            rows.append((start + first, start + last, first == 0))
    return list(_events(track, times, rows))


def _armed(times: Times, armings: list[tuple[int, bool]]) -> Iterator[tuple[int, int]]:
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


def _aloft(track: pd.DataFrame, times: Times) -> Iterator[tuple[int, int]]:
    """Yield first fix in the air and first on the ground again."""
    height = track["height_ato_m"].to_numpy(np.float64)
    speed = track["ground_speed_mps"].to_numpy(np.float64)
    unknown = np.isnan(height)
    up = np.where(unknown, speed >= FAST_MPS, height >= OFF_M)
    down = (unknown | (height < DOWN_M)) & (speed < SLOW_MPS)
    at = 0
    while at < len(up) and up[at:].any():
        first = at + int(np.argmax(up[at:]))
        last = _rests(down, times, first)
        if times[min(last, len(times) - 1)] - times[first] >= REST_NS:
            yield first, last
        at = last


def _rests(down: Flags, times: Times, first: int) -> int:
    """Return the first fix after one in the air from which on the aircraft rests."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], down[first:], [False]]))) + first
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end == len(down) or times[end - 1] - times[begin] >= REST_NS:
            return int(begin)
    return len(down)


def _events(
    track: pd.DataFrame, times: Times, rows: list[tuple[int, int, bool]]
) -> Iterator[dict[str, Any]]:
    offsets = track["source_offset"].to_numpy(np.int64)
    for first, last, already in rows:
        began = "in the air at the first position" if already else "took off"
        moves = [("takeoff", began, first)]
        if last < len(times):
            moves.append(("landing", "landed", last))
        for kind, text, row in moves:
            yield {
                "time": int(times[row]),
                "end": _NAT,
                "kind": kind,
                "severity": "info",
                "grade": "inferred",
                "text": f"{text}, by arming, height and speed",
                "value": np.nan,
                "record": "track.height_ato_m",
                "source_offset": int(offsets[row]),
            }

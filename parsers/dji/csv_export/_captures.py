"""Captures: where the table's columns say that a video ran or a photo was taken."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..._runs import true_runs
from ..._tables import captures
from ._clock import Times
from ._rows import Rows


def capture_rows(rows: Rows, times: Times) -> pd.DataFrame:
    """Return the captures of a table; it does not say which sensor took them."""
    return captures([*_videos(rows, times), *_photos(rows, times)])


def _videos(rows: Rows, times: Times) -> Iterator[dict[str, Any]]:
    running = rows.flags("video")
    if running is None:
        return
    last, order = len(rows) - 1, times.order.tolist()
    for run in true_runs(running[order]):
        # The state held until the next row said otherwise.
        first, end = order[run.first], order[min(run.last + 1, last)]
        source = _title(rows, "video")
        if run.first == 0:
            source += "; recording already where the table begins"
        if run.last == last:
            source += "; still recording where the table ends"
        begun, ended = times.said(first), times.said(end)
        if begun and ended:
            source += f"; wall clock {begun} to {ended}, zone not known"
        yield _row(rows, times, "video", first, end, source)


def _photos(rows: Rows, times: Times) -> Iterator[dict[str, Any]]:
    taken = rows.flags("photo")
    if taken is None:
        return
    order = times.order.tolist()
    for run in true_runs(taken[order]):
        first = order[run.first]
        source = _title(rows, "photo")
        if said := times.said(first):
            source += f"; wall clock {said}, zone not known"
        yield _row(rows, times, "photo", first, first, source)


def _title(rows: Rows, role: str) -> str:
    return f"column {rows.kind.roles[role][0]}"


def _row(rows: Rows, times: Times, kind: str, first: int, last: int, source: str) -> dict[str, Any]:
    start, end = times.at(first), times.at(last)
    names = rows.texts("file")
    name = rows.plain(str(names.iloc[first])) if names is not None else ""
    return {
        "start": start,
        "end": end if start is not None and end is not None and end >= start else start,
        "sensor": "unknown",
        "kind": kind,
        "source": source,
        "grade": "reported",
        "file": name or None,
        "source_offset": int(rows.offsets[first]),
    }

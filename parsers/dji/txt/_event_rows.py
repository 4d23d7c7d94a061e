"""How an event is made from a run of records."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._runs import Run, joined, true_runs
from ._clock import NAT
from ._record_file import RecordFile, Typed

Row = dict[str, Any]


def instant(ns: int) -> np.datetime64 | None:
    """Return an instant for a table, or missing."""
    return None if ns == NAT else np.datetime64(ns, "ns")


def at(
    file: RecordFile, typed: Typed, place: int, kind: str, text: str, record: str, **more: Any
) -> Row:
    """Return the event of one record: the ``place``-th of its type."""
    return {
        "time": instant(int(file.times.ns[typed.rows[place]])),
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": record,
        "source_offset": int(typed.records.offsets[place]),
    } | more


def over(
    file: RecordFile, typed: Typed, run: Run, kind: str, text: str, record: str, **more: Any
) -> Row:
    """Return the event of a run of records, from its first to its last."""
    end = instant(int(file.times.ns[typed.rows[run.last]]))
    return at(file, typed, run.first, kind, text, record, end=end) | more


def flagged(
    file: RecordFile,
    typed: Typed,
    name: str,
    kind: str,
    text: str,
    record: str,
    bridge: int = 0,
    **more: Any,
) -> Iterator[Row]:
    """Yield an event for each run in which a flag is set, bridging short drops of it."""
    for run in joined(true_runs(np.asarray(typed.records[name])), bridge):
        yield over(file, typed, run, kind, text, f"{record}.{name}", **more)


def duration_s(file: RecordFile, typed: Typed, run: Run) -> float:
    """Return the seconds from a run's first record to its last."""
    first, last = file.times.ns[typed.rows[run.first]], file.times.ns[typed.rows[run.last]]
    return 0.0 if NAT in (first, last) else (int(last) - int(first)) / 1e9


def floats(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return a column as ``float64``."""
    return np.asarray(values, np.float64)

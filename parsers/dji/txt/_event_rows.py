"""How an event is made from a run of records."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..._track_values._value_runs import RowRun, find_true_runs, merge_close_runs
from .._event_rows import EventRow, instant_or_none, make_event_row, seconds_between
from .._records_of_one_type import RecordsOfOneType
from ._indexed_record_file import RecordFile


def event_row_at(
    file: RecordFile,
    typed: RecordsOfOneType,
    index: int,
    kind: str,
    text: str,
    record: str,
    **more: Any,
) -> EventRow:
    """Return the event of one record: number ``index`` of its type."""
    ns, offset = int(file.times.ns[typed.rows[index]]), int(typed.records.offsets[index])
    return make_event_row(ns, kind, text, record, offset, **more)


def event_row_of_record_run(
    file: RecordFile,
    typed: RecordsOfOneType,
    run: RowRun,
    kind: str,
    text: str,
    record: str,
    **more: Any,
) -> EventRow:
    """Return the event of a run of records, from its first to its last."""
    end = instant_or_none(int(file.times.ns[typed.rows[run.last]]))
    return event_row_at(file, typed, run.first, kind, text, record, end=end) | more


def event_of_each_run_of_set_flag(
    file: RecordFile,
    typed: RecordsOfOneType,
    name: str,
    kind: str,
    text: str,
    record: str,
    bridge: int = 0,
    **more: Any,
) -> Iterator[EventRow]:
    """Yield an event for each run in which a flag is set, bridging short drops of it."""
    for run in merge_close_runs(find_true_runs(np.asarray(typed.records[name])), bridge):
        yield event_row_of_record_run(file, typed, run, kind, text, f"{record}.{name}", **more)


def duration_from_first_to_last_record_s(
    file: RecordFile, typed: RecordsOfOneType, run: RowRun
) -> float:
    """Return the seconds from a run's first record to its last; 0 without times."""
    first, last = file.times.ns[typed.rows[[run.first, run.last]]].tolist()
    return seconds_between(first, last) or 0.0

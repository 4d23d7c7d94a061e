"""How an event is made from a run of records; no run reaches from one segment into the next."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._track_values._value_runs import RowRun, find_runs, merge_close_runs
from .._event_rows import (
    NAT,
    EventRow,
    as_floats,
    instant_or_none,
    make_event_row,
    seconds_between,
)
from .._records_of_one_type import RecordsOfOneType
from ._indexed_dat_file import DatFile

#: A flag may drop for this long and still be one event.
_BRIDGE_S = 1.0


def record_bounds_of_each_segment(
    file: DatFile, typed: RecordsOfOneType
) -> Iterator[tuple[int, int]]:
    """Yield first and end of the records of each segment."""
    for segment in file.times.segments:
        first, end = np.searchsorted(typed.rows, [segment.first, segment.end]).tolist()
        if first < end:
            yield first, end


def equal_value_runs_by_segment(
    file: DatFile, typed: RecordsOfOneType, values: npt.NDArray[Any]
) -> Iterator[RowRun]:
    """Yield the runs of equal values of a column, segment by segment."""
    column = as_floats(values)
    for first, end in record_bounds_of_each_segment(file, typed):
        for run in find_runs(column[first:end]):
            yield RowRun(run.value, first + run.first, first + run.last)


def nonzero_enum_runs_and_meanings(
    file: DatFile, name: str, field: str
) -> Iterator[tuple[RowRun, str | None]]:
    """Yield each run in which an enumerated field of some records is not 0, with its meaning."""
    typed = file.records_of_type(name)
    if not len(typed):
        return
    meanings = typed.records.enum_words_of_field(field)
    for run in equal_value_runs_by_segment(
        file, typed, np.nan_to_num(as_floats(typed.records[field]))
    ):
        if run.value:
            yield run, meanings[run.first]


def flag_runs(file: DatFile, typed: RecordsOfOneType, values: npt.NDArray[Any]) -> Iterator[RowRun]:
    """Yield the runs in which a flag is set, bridging short drops of it."""
    column = np.nan_to_num(as_floats(values)) != 0
    for first, end in record_bounds_of_each_segment(file, typed):
        set_runs = [
            RowRun(1.0, first + run.first, first + run.last)
            for run in find_runs(column[first:end])
            if run.value
        ]
        yield from merge_close_runs(
            set_runs, _record_count_in_bridged_time(file, typed, first, end)
        )


def _record_count_in_bridged_time(
    file: DatFile, typed: RecordsOfOneType, first: int, end: int
) -> int:
    """Return how many records of a segment come in the time that is bridged."""
    ns = file.times.ns[typed.rows[first:end]]
    if end - first < 2 or ns[0] == NAT:
        return 0
    span_s = max(float(ns.max() - ns.min()) / 1e9, 1e-3)
    return int(_BRIDGE_S * (end - first - 1) / span_s)


def event_row_at(
    file: DatFile,
    typed: RecordsOfOneType,
    index: int,
    kind: str,
    text: str,
    record: str,
    **more: Any,
) -> EventRow:
    """Return the event of one record: number ``index`` of its name."""
    row = int(typed.rows[index])
    ns, offset = int(file.times.ns[row]), int(file.offsets[row])
    return make_event_row(
        ns, kind, text, _entry_and_offset_before_record_name(file, row) + record, offset, **more
    )


def event_row_of_record_run(
    file: DatFile,
    typed: RecordsOfOneType,
    run: RowRun,
    kind: str,
    text: str,
    record: str,
    **more: Any,
) -> EventRow:
    """Return the event of a run of records, from its earliest to its latest."""
    ns = file.times.ns[typed.rows[run.first : run.last + 1]]
    end = instant_or_none(int(ns.max()) if ns[0] != NAT else NAT)
    return event_row_at(file, typed, run.first, kind, text, record, end=end) | more


def duration_from_first_to_last_record_s(
    file: DatFile, typed: RecordsOfOneType, run: RowRun
) -> float | None:
    """Return the seconds from a run's first record to its last; ``None`` without times."""
    first, last = file.times.ns[typed.rows[[run.first, run.last]]].tolist()
    return seconds_between(first, last)


def record_run_duration_text(file: DatFile, typed: RecordsOfOneType, run: RowRun) -> str:
    """Return how long a run lasts, in words."""
    seconds = duration_from_first_to_last_record_s(file, typed, run)
    return f"in {run.row_count} records" if seconds is None else f"for {seconds:.1f} s"


def _entry_and_offset_before_record_name(file: DatFile, row: int) -> str:
    """Return the name of a container's entry, before a record's name."""
    if not file.stream.is_from_export_container:
        return ""
    offset = int(file.frames.starts[row])
    entry = file.stream.entry_at(offset)
    return f"{entry.name}@{offset - entry.begin}!"

"""Counters and clocks of a log, in the order of its bytes.

The tables of a log are in time order.  A record that is out of order in the file, or repeated,
cannot be seen there; it can be seen in a counter.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._model import MonotonicCounter, RecordsOfType
from .._record_layout import Array

#: Columns that identify a sender, or a file of a container.
SENDER_COLUMNS = ("entry", "system", "component", "multi_id", "I")


#: Columns of some records by name, each shape ``(n,)``; ``offset`` is among them.
NumericRecordColumns = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class CounterField:
    """A column of some records that is a counter."""

    record: str
    field: str
    #: ``count`` or ``clock``.
    kind: str
    #: Seconds in a unit; instants are given in seconds whatever their unit.
    unit_s: float = 1.0
    #: Column, and the least value of it with which a clock is set.
    valid: tuple[str, float] | None = None
    period_s: float | None = None
    begins_new_log: bool = False


@runtime_checkable
class SupportsNumericColumns(Protocol):
    """Records that can return some columns without decoding the others."""

    def numeric_columns(self, names: Collection[str]) -> NumericRecordColumns:
        """Return offset, and those of some columns that ``frame`` has and that are numbers."""


def read_counters(
    records: Mapping[str, RecordsOfType], rising: Sequence[CounterField]
) -> tuple[MonotonicCounter, ...]:
    """Return the counters of a log; records or columns that it lacks are left out."""
    return tuple(
        counter
        for name in dict.fromkeys(each.record for each in rising)
        if name in records
        for counter in _counters_of_record(
            records[name], [it for it in rising if it.record == name]
        )
    )


def _counters_of_record(
    records: RecordsOfType, rising: Sequence[CounterField]
) -> Iterator[MonotonicCounter]:
    columns = numeric_columns_of_records(records, _counter_column_names(rising))
    for sender, part in split_records_by_sender(columns):
        for each in rising:
            if each.field not in part:
                continue
            seconds = _column_as_seconds(part[each.field], each.unit_s)
            known = np.isfinite(seconds)
            if each.kind == "clock":
                # Zero is how a clock that was not set yet is written.
                known &= seconds > 0
            if each.valid is not None and each.valid[0] in part:
                known &= part[each.valid[0]].astype(np.float64) >= each.valid[1]
            if known.any():
                offsets = part["offset"].astype(np.int64)[known]
                yield MonotonicCounter(
                    each.record, each.field, each.kind, offsets, seconds[known], sender,
                    each.period_s, each.begins_new_log,
                )  # fmt: skip


def _counter_column_names(rising: Sequence[CounterField]) -> frozenset[str]:
    valid = (each.valid[0] for each in rising if each.valid is not None)
    return frozenset((*SENDER_COLUMNS, *(each.field for each in rising), *valid))


def numeric_columns_of_records(
    records: RecordsOfType, names: Collection[str]
) -> NumericRecordColumns:
    """Return offset, and those of some columns that records have.

    Instants come as ``datetime64[ns]``, of UTC; a missing number is NaN.
    """
    if isinstance(records, SupportsNumericColumns):
        return records.numeric_columns(names)
    frame = records.to_dataframe()
    return {
        str(name): _column_to_numpy_array(column)
        for name, column in frame.items()
        if name == "offset" or name in names
    }


def _column_to_numpy_array(column: "pd.Series[Any]") -> Array:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return column.to_numpy("datetime64[ns]")
    if isinstance(column.dtype, pd.api.extensions.ExtensionDtype) and column.dtype.kind in "iufb":
        return column.to_numpy(np.float64, na_value=np.nan)
    return column.to_numpy()


def split_records_by_sender(
    columns: NumericRecordColumns,
) -> Iterator[tuple[str, NumericRecordColumns]]:
    """Yield the records of each sender; most logs have one."""
    keys = {
        name: columns[name]
        for name in SENDER_COLUMNS
        if name in columns and _has_several_values(columns[name])
    }
    if not keys:
        yield "", columns
        return
    for key, part in pd.DataFrame(keys).groupby(list(keys), sort=True, dropna=False):
        rows = part.index.to_numpy()
        yield ".".join(map(str, key)), {name: values[rows] for name, values in columns.items()}


def _has_several_values(values: Array) -> bool:
    return bool((values != values[:1]).any())


def _column_as_seconds(values: Array, unit_s: float) -> npt.NDArray[np.float64]:
    if values.dtype.kind == "M":
        ns = values.astype("datetime64[ns]")
        return np.asarray(np.where(np.isnat(ns), np.nan, ns.astype(np.int64) / 1e9))
    return np.asarray(values.astype(np.float64) * unit_s)

"""The topics of a ULog: subscriptions, their raw records, and their fields as time series."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._record_layout import Array, ByteArray
from .._shared._record_framing import Offsets, structures_at_offsets
from ._message_formats import RecordStructure, StructureField


@dataclass(frozen=True, slots=True)
class TopicSubscription:
    """From here on, data records of this id are of this topic."""

    offset: int
    id: int
    multi_id: int
    topic: str
    structure: RecordStructure | None


@dataclass(frozen=True, slots=True)
class RecordsOfSubscription:
    """The data records of one subscription, in file order."""

    subscription: TopicSubscription
    structure: RecordStructure
    offsets: Offsets


def streams_by_topic(
    streams: Iterable[RecordsOfSubscription],
) -> dict[str, list[RecordsOfSubscription]]:
    """Return the data records of each topic, by its name."""
    by_topic: dict[str, list[RecordsOfSubscription]] = {}
    for stream in streams:
        by_topic.setdefault(stream.subscription.topic, []).append(stream)
    return by_topic


def split_by_subscription(
    those: list[TopicSubscription], offsets: Offsets, lengths: Offsets
) -> Iterator[tuple[RecordsOfSubscription, Offsets]]:
    """Yield the records of each subscription of one message id, and which these are."""
    bounds = np.searchsorted(offsets, [each.offset for each in those] + [np.iinfo(np.int64).max])
    for each, first, last in zip(those, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        made = each.structure
        if made is None or first == last:
            continue
        part = lengths[first:last]
        fits = part == made.size
        if fits.all():
            yield RecordsOfSubscription(each, made, offsets[first:last]), np.arange(first, last)
            continue
        rows = np.flatnonzero(fits | (part == made.padded)) + first
        if len(rows):
            yield RecordsOfSubscription(each, made, offsets[rows]), rows


#: Elements of the longest array that gets a column for each; longer ones are hexadecimal.
LONGEST_ARRAY = 512
#: Microseconds between the times of two runs of the clock, in `Series.ticks`.
RESTART_TICKS = 1 << 52

Floats = npt.NDArray[np.float64]


@dataclass(eq=False, slots=True)
class TopicRecords:
    """All records of one topic, of all its instances, in file order."""

    array: ByteArray
    streams: Sequence[RecordsOfSubscription]

    def __len__(self) -> int:
        """Return the number of records."""
        return sum(len(stream.offsets) for stream in self.streams)

    def to_dataframe(self) -> pd.DataFrame:
        """Return offset, length, instance and every field of each record.

        Elements of an array are columns named ``field[0]``, fields of a nested
        format ``outer.inner``; text is cut at its first NUL.
        """
        parts = [pd.DataFrame(self._columns(stream)) for stream in self.streams]
        if len(parts) == 1:
            return parts[0]
        records = pd.concat(parts, ignore_index=True)
        return records.sort_values("offset", kind="stable", ignore_index=True)

    def _columns(self, stream: RecordsOfSubscription) -> dict[str, Any]:
        rows = structures_at_offsets(self.array, stream.offsets + 5, stream.structure.dtype)
        sizes = structures_at_offsets(self.array, stream.offsets, np.dtype((np.void, 2))).view(
            "<u2"
        )
        columns: dict[str, Any] = {
            "offset": stream.offsets,
            "length": sizes.astype(np.int64) + 3,
            "multi_id": np.full(len(rows), stream.subscription.multi_id, np.int64),
        }
        for column in stream.structure.fields:
            columns.update(_field_columns(column, rows[column.name]))
        return columns


def _field_columns(column: StructureField, values: Array) -> dict[str, Any]:
    if column.type == "char":
        return {column.name: [_text_of_bytes(value) for value in values.tolist()]}
    if column.type == "bool" and not (values > 1).any():
        # Memory that was never set is logged, too: then the bytes stay as they are.
        values = values != 0
    if column.count is None:
        return {column.name: np.ascontiguousarray(values)}
    if column.count > LONGEST_ARRAY:
        return {column.name: [value.tobytes().hex() for value in values]}
    return {
        f"{column.name}[{index}]": np.ascontiguousarray(values[:, index])
        for index in range(column.count)
    }


def _field_names(rows: Array) -> tuple[str, ...]:
    return rows.dtype.names or ()


def _text_of_bytes(value: bytes) -> str:
    return value.split(b"\0")[0].decode("utf-8", "replace")


@dataclass(eq=False, slots=True)
class TopicSeries:
    """The records of one instance of a topic that have a time, in order of it."""

    name: str
    #: Microseconds of the log's own clock, plus ``RESTART_TICKS`` for each time it restarted.
    ticks: npt.NDArray[np.int64]
    offsets: Offsets
    #: For each structure the topic had: its records, and their rows in the series.
    parts: Sequence[tuple[RecordStructure, Array, npt.NDArray[np.int64]]]

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.ticks)

    def __contains__(self, name: str) -> bool:
        """Return whether the records have a field."""
        return any(name in _field_names(rows) for _, rows, _ in self.parts)

    def __getitem__(self, name: str) -> Array:
        """Return a field of each record; NaN where a structure lacks it.

        Raises:
            KeyError: If no structure has it.
        """
        parts = [(rows[name], at) for _, rows, at in self.parts if name in _field_names(rows)]
        if not parts:
            raise KeyError(name)
        if len(parts) == len(self.parts) == 1:
            values, at = parts[0]
            return np.ascontiguousarray(values[at])
        shape = (len(self), *parts[0][0].shape[1:])
        column: Array = np.full(shape, np.nan)
        row = 0
        for _, rows, at in self.parts:
            if name in _field_names(rows) and rows[name].shape[1:] == shape[1:]:
                column[row : row + len(at)] = rows[name][at]
            row += len(at)
        return column

    def first_present_field_as_floats(self, *names: str) -> Floats | None:
        """Return the first of some fields that the records have as plain numbers.

        What is not finite is missing.
        """
        for name in names:
            if name not in self or (values := self[name]).ndim != 1:
                continue
            if (numbers := _floats_with_nan_for_non_finite(values)) is not None:
                return numbers
        return None

    def vectors_of_field(self, name: str, size: int) -> Floats | None:
        """Return a field that is an array of a size, shape ``(len(self), size)``."""
        if name not in self or (values := self[name]).shape[1:] != (size,):
            return None
        return _floats_with_nan_for_non_finite(values)

    def integers_of_field(self, *names: str) -> npt.NDArray[np.int64] | None:
        """Return the first of some fields as whole numbers; -1 where it is none."""
        numbers_ = self.first_present_field_as_floats(*names)
        if numbers_ is None:
            return None
        is_integer = np.isfinite(numbers_) & (np.abs(numbers_) < 1 << 53)
        return np.where(is_integer, numbers_, -1).astype(np.int64)

    def flags_of_field(self, *names: str) -> npt.NDArray[np.bool_] | None:
        """Return the first of some fields that the records have, as truth values."""
        numbers = self.first_present_field_as_floats(*names)
        return None if numbers is None else (numbers != 0) & ~np.isnan(numbers)


def _floats_with_nan_for_non_finite(values: Array) -> Floats | None:
    if values.dtype.kind not in "iufb":
        return None
    with np.errstate(invalid="ignore"):  # a signalling NaN is no more than a NaN
        numbers = np.asarray(values, np.float64)
        return np.where(np.isfinite(numbers), numbers, np.nan)


def build_topic_series(
    array: ByteArray, name: str, streams: Sequence[RecordsOfSubscription], restarts: Offsets
) -> TopicSeries | None:
    """Return the records of one instance of a topic, or ``None`` if none has a time."""
    parts, ticks, offsets = [], [], []
    for stream in streams:
        if not any(
            column.name == "timestamp" and column.count is None and "int" in column.type
            for column in stream.structure.fields
        ):
            continue
        rows = structures_at_offsets(array, stream.offsets + 5, stream.structure.dtype)
        times = rows["timestamp"].astype(np.uint64, copy=False)
        at = np.flatnonzero((times > 0) & (times < RESTART_TICKS))
        runs = np.searchsorted(restarts, stream.offsets[at], "right")
        moved = times[at].astype(np.int64) + runs * RESTART_TICKS
        if (moved[1:] < moved[:-1]).any():
            order = np.argsort(moved, kind="stable")
            at, moved = at[order], moved[order]
        parts.append((stream.structure, rows, at))
        ticks.append(moved)
        offsets.append(stream.offsets[at])
    if not ticks or not sum(len(part) for part in ticks):
        return None
    return TopicSeries(name, np.concatenate(ticks), np.concatenate(offsets), tuple(parts))


def latest_rows_and_validity(
    ticks: npt.NDArray[np.int64], known: npt.NDArray[np.int64], within_us: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return for each time the row of the last known one, and whether it is recent enough.

    Args:
        ticks: Times to look up.
        known: Times of records, ascending.
        within_us: Age beyond which a record is too old for a time.
    """
    rows = np.searchsorted(known, ticks, "right") - 1
    safe = np.maximum(rows, 0)
    return safe, (rows >= 0) & (ticks - known[safe] <= within_us)

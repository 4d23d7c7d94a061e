"""The messages of a stream in columns; each field is decoded when it is asked for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._file_content import stays_in_memory
from ..._record_layout import Array
from ..._secrets._redact_secrets import REDACTED, is_secret_setting
from ..._tables import row_order_by_time
from .._shared._mavlink_message_definitions import (
    SECRET_FIELDS,
    MessageDefinition,
    message_definitions,
)
from .._shared._record_framing import Flags, Offsets, bytes_at_offsets, rows_of_each_key
from ._frame_header_columns import DAMAGED
from ._frame_times import TimesOfTlogFrames
from ._index_frames import TlogIndex


@dataclass(eq=False)
class MavlinkMessages:
    """All intact messages of one kind, in file order.

    Payloads are extended with zeros to their full size, as MAVLink 2 requires:
    a sender leaves trailing zeros out.
    """

    index: TlogIndex
    message: MessageDefinition
    #: Rows of the index, shape ``(n,)``.
    rows: Offsets
    times: TimesOfTlogFrames
    _columns: dict[str, Array] = field(default_factory=dict, repr=False)
    #: Those of one sender, by system and component, so that they are decoded once for all.
    _by_sender: dict[tuple[int, int | None], "MavlinkMessages"] = field(
        default_factory=dict, repr=False
    )
    #: Texts that replace what was sent, by field and row of the index.
    _replacements: dict[str, dict[int, str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of messages."""
        return len(self.rows)

    @cached_property
    def offsets(self) -> Offsets:
        """The first byte of each in the file, 64 bits."""
        return self.index.starts[self.rows].astype(np.int64, copy=False)

    @cached_property
    def _payload_offsets(self) -> Offsets:
        """The first byte of each payload, kept for all fields: as narrow as the file allows."""
        begins = self.offsets + self.index.frames.bytes_before_payload(self.rows)
        return begins.astype(self.index.starts.dtype, copy=False)

    @cached_property
    def _payload_sizes(self) -> npt.NDArray[np.uint8]:
        """Bytes of each payload as sent."""
        return self.index.frames.payload[self.rows]

    @cached_property
    def time(self) -> npt.NDArray[np.int64]:
        """UTC of each, nanoseconds since 1970, NaT where unknown."""
        return self.times.utc_ns_of_frames(self.rows)

    @cached_property
    def system(self) -> npt.NDArray[np.uint8]:
        """The system that sent each."""
        return self.index.frames.system[self.rows]

    @cached_property
    def component(self) -> npt.NDArray[np.uint8]:
        """The component that sent each."""
        return self.index.frames.component[self.rows]

    @cached_property
    def _payloads(self) -> Array:
        """The payloads, copied once for all fields; of a file that is not too large for that.

        Messages of one kind lie about a kilobyte apart: each copy from the file waits for memory.
        """
        return self._copy_payloads()

    def _copy_payloads(self) -> Array:
        return self._bytes_of_each_payload(0, self.message.size).view(self.message.dtype)[:, 0]

    def from_sender(self, system: int, component: int | None) -> "MavlinkMessages":
        """Return those that a component, or any component, of a system sent."""
        known = self._by_sender.get((system, component))
        if known is None:
            chosen = self.system == system
            if component is not None:
                chosen &= self.component == component
            known = self._by_sender[system, component] = self.select(chosen)
        return known

    def select(self, chosen: Flags | Offsets) -> "MavlinkMessages":
        """Return some of them; where flags choose all, themselves, with what is decoded."""
        if chosen.dtype == np.bool_ and chosen.all():
            return self
        some = MavlinkMessages(self.index, self.message, self.rows[chosen], self.times)
        some._replacements = self._replacements
        if "_payloads" in self.__dict__:
            # What was read from the file already is not read again.
            some._payloads = self._payloads[chosen]
        return some

    def in_time_order(self) -> "MavlinkMessages":
        """Return them by time; those without one come last, in the order of the file."""
        order = row_order_by_time(self.time, self.offsets)
        if order is None:
            return self
        ordered = self.select(order)
        ordered.time = self.time[order]
        return ordered

    def __getitem__(self, name: str) -> Array:
        """Return a field of every message as sent, in the unit of its definition.

        Texts come as ``object``; fields that hold nothing but a secret are redacted.
        """
        if name not in self._columns:
            self._columns[name] = self._decode_field(name)
        return self._columns[name]

    def field_values(self, name: str) -> Array:
        """Return a field of every message, as ``messages[name]`` does."""
        return self[name]

    def replace_secret_text(self, name: str, row: int, text: str) -> None:
        """Replace a text in a message that holds part of a secret."""
        self._replacements.setdefault(name, {})[int(self.rows[row])] = text
        self._columns.pop(name, None)
        self._by_sender.clear()

    def decode_and_cache_fields(self, names: Iterable[str]) -> None:
        """Decode some fields together, for which each payload is copied once."""
        missing = [name for name in names if name not in self._columns]
        if len(missing) > 1:
            is_kept = stays_in_memory(self.index.array)
            payloads = self._payloads if is_kept else self._copy_payloads()
            for name in missing:
                self._columns[name] = self._decode_values(name, payloads[name].copy())

    def _decode_field(self, name: str) -> Array:
        if stays_in_memory(self.index.array):
            return self._decode_values(name, self._payloads[name].copy())
        fields: Mapping[str, Any] = self.message.dtype.fields or {}
        dtype, at = fields[name][:2]
        values = self._bytes_of_each_payload(at, dtype.itemsize).view(dtype.base)
        values = values.reshape(len(self), *dtype.shape) if dtype.shape else values.ravel()
        return self._decode_values(name, values)

    def _decode_values(self, name: str, values: Array) -> Array:
        """Return what the values of a field mean, that of a text or secret as ``object``."""
        if name in SECRET_FIELDS.get(self.message.name, ()):
            sent = values.reshape(len(self), -1)
            present = (sent != (b"" if sent.dtype.kind == "S" else 0)).any(axis=1)
            return np.where(present, REDACTED, "").astype(object)
        if values.dtype.kind == "S":
            decoded = decode_zero_terminated_texts(values)
            if name == "param_value":
                secret = [is_secret_setting(label) for label in self["param_id"]]
                decoded[np.array(secret, np.bool_) & (decoded != "")] = REDACTED
            if instead := self._replacements.get(name):
                for row in np.flatnonzero(np.isin(self.rows, list(instead))).tolist():
                    decoded[row] = instead[int(self.rows[row])]
            return decoded
        return np.asarray(values)

    def _bytes_of_each_payload(self, at: int, size: int) -> npt.NDArray[np.uint8]:
        """Return some bytes of each payload, zero where they were not sent."""
        begin = self._payload_offsets + at
        # How many of them were sent; a payload has 255 bytes at most.
        sent = np.maximum(self._payload_sizes, at) - np.uint8(at)
        array = self.index.array
        if len(begin) and int(begin.max()) + size > len(array):
            tail = begin + size > len(array)
            out = np.zeros((len(begin), size), np.uint8)
            out[~tail] = bytes_at_offsets(array, begin[~tail], size)
            for row in np.flatnonzero(tail).tolist():
                piece = array[int(begin[row]) :]
                out[row, : len(piece)] = piece
        else:
            out = bytes_at_offsets(array, begin, size)
        if (sent < size).any():
            masks = _masks_keeping_first_n_bytes_by_n(size)[np.minimum(sent, size)]
            out &= masks.view(np.uint8).reshape(-1, size)
        return out

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each message: where, when, from whom, and every field.

        Values are as sent; ``attrs["units"]`` of the table holds their units.
        Arrays are lists.  A field that has the name of a column before it is
        called ``<name>_field``.  ``raw`` holds, in hexadecimal, bytes beyond the known
        fields: a newer definition has more of them.
        """
        frames = self.index.frames
        columns: dict[str, Any] = {
            "offset": self.offsets,
            "length": frames.sizes_of_rows(self.rows),
            "time": pd.DatetimeIndex(self.time.astype("datetime64[ns]")).tz_localize("UTC"),
            "system": self.system,
            "component": self.component,
            "sequence": frames.sequence[self.rows],
        }
        self.decode_and_cache_fields(self.message.fields)
        for name in self.message.fields:
            values = self[name]
            label = f"{name}_field" if name in columns else name
            columns[label] = list(values.tolist()) if values.ndim > 1 else values
        if (frames.payload[self.rows] > self.message.size).any():
            columns["raw"] = self._undefined_bytes_hex()
        table = pd.DataFrame(columns)
        table.attrs["units"] = dict(self.message.units)
        return table

    def numeric_columns(self, names: Collection[str]) -> dict[str, Array]:
        """Return offset, sender, and some fields, all numbers, where there are such."""
        columns: dict[str, Array] = {
            "offset": self.offsets,
            "system": self.system,
            "component": self.component,
        }
        wanted = [name for name in self.message.fields if name in names and name not in columns]
        self.decode_and_cache_fields(wanted)
        columns |= {name: self[name] for name in wanted}
        return columns

    def _undefined_bytes_hex(self) -> list[str]:
        begins = self.index.frames.payload_offsets(self.rows)
        ends = begins + self.index.frames.payload[self.rows]
        pairs = zip((begins + self.message.size).tolist(), ends.tolist(), strict=True)
        return [self.index.array[a:b].tobytes().hex() for a, b in pairs]


@dataclass(eq=False)
class UndecodedFrameRecords:
    """Frames that are not decoded, kept as bytes."""

    index: TlogIndex
    rows: Offsets
    times: TimesOfTlogFrames

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.rows)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each frame: where, when, from whom, and its payload."""
        frames, rows = self.index.frames, self.rows
        begins = frames.payload_offsets(rows)
        ends = begins + frames.payload[rows]
        numbers = self.index.message_ids_of_rows(rows)
        secret = np.isin(numbers, _secret_message_ids())
        pairs = zip(begins.tolist(), ends.tolist(), secret.tolist(), strict=True)
        return pd.DataFrame(
            {
                "offset": frames.starts[rows].astype(np.int64),
                "length": frames.sizes_of_rows(rows),
                "time": pd.DatetimeIndex(
                    self.times.utc_ns_of_frames(rows).astype("datetime64[ns]")
                ).tz_localize("UTC"),
                "system": frames.system[rows],
                "component": frames.component[rows],
                "sequence": frames.sequence[rows],
                "number": numbers,
                "raw": [
                    REDACTED if hide else self.index.array[a:b].tobytes().hex()
                    for a, b, hide in pairs
                ],
            }
        )


def _secret_message_ids() -> list[int]:
    """Return the numbers of messages that hold a secret, whatever their layout."""
    return [
        number for number, message in message_definitions().items() if message.name in SECRET_FIELDS
    ]


class TlogMessages:
    """The messages of an index by name, and the time of every frame.

    Where a log holds several vehicles, the stream of one of them is without the frames that
    the others sent, and without the messages that were sent to them.
    """

    def __init__(self, index: TlogIndex, without: Collection[int] = ()) -> None:
        """Begin with the ground station's times: UTC follows from the messages.

        Args:
            index: The frames of the file.
            without: Systems of the other vehicles.
        """
        self.index = index
        self.without = frozenset(without)
        self.times = TimesOfTlogFrames(index)
        self._found: dict[str, MavlinkMessages] = {}

    @cached_property
    def _defined_message_ids_by_name(self) -> Mapping[str, int]:
        return {message.name: number for number, message in message_definitions().items()}

    def __getitem__(self, name: str) -> MavlinkMessages:
        """Return the messages of a name, perhaps none."""
        if name not in self._found:
            number = self._defined_message_ids_by_name[name]
            rows = self.rows_without_other_vehicles(
                self.index.intact_rows_by_message_id.get(number, np.empty(0, np.uint32))
            )
            messages = MavlinkMessages(self.index, message_definitions()[number], rows, self.times)
            if self.without and "target_system" in messages.message.fields:
                targets = messages["target_system"]
                messages = messages.select(~np.isin(targets, list(self.without)))
            self._found[name] = messages
        return self._found[name]

    def rows_without_other_vehicles(self, rows: Offsets) -> Offsets:
        """Return those of some frames that none of the other vehicles sent."""
        if not self.without:
            return rows
        return rows[~np.isin(self.index.frames.system[rows], list(self.without))]

    @cached_property
    def frame_count_without_other_vehicles(self) -> int:
        """The number of frames that none of the other vehicles sent."""
        others = np.isin(self.index.frames.system, list(self.without)) if self.without else None
        return len(self.index) - (0 if others is None else int(np.count_nonzero(others)))

    def has_message(self, name: str) -> bool:
        """Return whether there is a message of that name."""
        known = self._defined_message_ids_by_name[name] in self.index.intact_rows_by_message_id
        return known and (not self.without or len(self[name]) > 0)

    def records_by_name(self) -> dict[str, MavlinkMessages | UndecodedFrameRecords]:
        """Return every message by name; what is not decoded under its number or as damaged."""
        known = message_definitions()
        records: dict[str, MavlinkMessages | UndecodedFrameRecords] = {
            known[number].name: self[known[number].name]
            for number in self.index.intact_rows_by_message_id
            if self.has_message(known[number].name)
        }
        imperfect = self.index.rows_of_frames_not_good
        broken = self.index.status[imperfect] == DAMAGED
        damaged, rest = imperfect[broken], self.rows_without_other_vehicles(imperfect[~broken])
        if len(damaged):
            records["BAD_CHECKSUM"] = UndecodedFrameRecords(self.index, damaged, self.times)
        for value, rows in rows_of_each_key(self.index.message_ids_of_rows(rest)).items():
            records[f"UNKNOWN_{value}"] = UndecodedFrameRecords(self.index, rest[rows], self.times)
        return records


@cache
def _masks_keeping_first_n_bytes_by_n(size: int) -> Array:
    """Return what keeps the first bytes of some, as one structure, by the number of these."""
    is_kept = np.arange(size) < np.arange(size + 1)[:, None]
    return np.where(is_kept, np.uint8(0xFF), np.uint8(0)).view((np.void, size))[:, 0]


def decode_zero_terminated_texts(values: npt.NDArray[np.bytes_]) -> Array:
    """Return texts up to their first zero byte."""
    listed = values.tolist()
    texts = {value: value.split(b"\0")[0].decode("utf-8", "replace") for value in set(listed)}
    decoded = np.empty(values.shape, object)
    decoded[:] = [texts[value] for value in listed]
    return decoded

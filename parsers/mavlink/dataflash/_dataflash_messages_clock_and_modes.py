"""Messages, clock, modes and parameters of one DataFlash log, from which its tables are made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Unpack

import numpy as np
import numpy.typing as npt

from .._shared._event_rows import EventRow, OptionalEventValues, make_event_row
from .._shared._record_framing import Offsets
from .._shared._timestamps import NAT
from ._boot_time_to_utc import POWER_ON_US, DataflashClock, Numbers
from ._flight_mode_changes import FlightModeChanges
from ._message_columns import DataflashMessages, NoMessagesOfName


@dataclass(frozen=True, slots=True)
class ParameterStatement:
    """One statement of a parameter."""

    row: int
    name: str
    value: float
    #: NaN where the log does not state it (before firmware 4.3).
    default: float
    #: What it was before, ``None`` for the first statement.
    before: float | None


@dataclass(eq=False)
class DataflashMessagesClockAndModes:
    """A log's messages, times and modes."""

    messages: Mapping[str, DataflashMessages]
    clock: DataflashClock
    modes: FlightModeChanges
    vehicle: str | None
    _utc: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict, repr=False)
    _order: dict[str, Numbers] = field(default_factory=dict, repr=False)

    def messages_named(self, name: str) -> DataflashMessages:
        """Return the messages of a name, none if there are none."""
        return self.messages.get(name) or NoMessagesOfName(name)

    def utc_ns_of_messages(self, messages: DataflashMessages) -> npt.NDArray[np.int64]:
        """Return UTC of each message, nanoseconds since 1970."""
        if messages.name not in self._utc:
            self._utc[messages.name] = self.clock.utc_ns_of_messages(messages)
        return self._utc[messages.name]

    def write_order_numbers(self, messages: DataflashMessages) -> Numbers:
        """Return a number for each message that grows in the order they were written."""
        if messages.name not in self._order:
            order = self.clock.write_order_numbers(messages) if len(messages) else np.empty(0)
            self._order[messages.name] = order
        return self._order[messages.name]

    def rows_by_power_on(
        self, messages: DataflashMessages, chosen: npt.NDArray[np.bool_]
    ) -> Iterator[list[int]]:
        """Yield for each power-on the rows of some messages, in the order they were written."""
        rows = np.flatnonzero(chosen)
        order = self.write_order_numbers(messages)[rows]
        rows = rows[np.argsort(order, kind="stable")]
        edges = np.flatnonzero(np.diff(np.sort(order) // POWER_ON_US)) + 1
        for part in np.split(rows, edges):
            if len(part):
                yield part.tolist()

    def event_row(
        self,
        messages: DataflashMessages,
        row: int,
        kind: str,
        text: str,
        *,
        record: str,
        end: int | None = None,
        **details: Unpack[OptionalEventValues],
    ) -> EventRow:
        """Return the row of an event that a message states; ``end`` is the row that ends it."""
        utc = self.utc_ns_of_messages(messages)
        return make_event_row(
            kind,
            text,
            time=int(utc[row]),
            end=NAT if end is None else int(utc[end]),
            record=f"{messages.name}.{record}",
            source_offset=int(messages.offsets[row]),
            details=details,
        )

    @cached_property
    def parameter_statements_without_repetitions(self) -> tuple[ParameterStatement, ...]:
        """The first statement of each parameter, and each change; repetitions are left out."""
        messages = self.messages_named("PARM")
        values = messages.numbers_of_field("Value").tolist()
        defaults = messages.numbers_of_field("Default").tolist()
        last: dict[str, float] = {}
        statements = []
        for row, name in enumerate(messages.first_present_field_as_texts("Name")):
            before, value = last.get(name), values[row]
            if before is None or (value != before and value == value):
                statements.append(ParameterStatement(row, name, value, defaults[row], before))
                last[name] = value
        return tuple(statements)

    @cached_property
    def last_parameter_statements(self) -> Mapping[str, ParameterStatement]:
        """The last statement of each parameter."""
        return {
            statement.name: statement for statement in self.parameter_statements_without_repetitions
        }

    @cached_property
    def pilot_message_rows_and_texts(self) -> tuple[tuple[int, str], ...]:
        """Row and text of each message to the pilot; parts of a long one are joined."""
        messages = self.messages_named("MSG")
        words = messages.first_present_field_as_texts("Message")
        return tuple(
            (rows[0], "".join(words[row] for row in rows))
            for rows in row_groups_joining_text_message_parts(messages)
        )

    @cached_property
    def order_and_utc_of_power_on_ends(self) -> tuple[tuple[float, int], ...]:
        """Place in the order and UTC (nanoseconds) of the last message of each power-on."""
        last: dict[int, tuple[float, int]] = {}
        for name in ("ATT", "IMU", "POS", "GPS", "CTUN", "MODE"):
            messages = self.messages_named(name)
            for rows in self.rows_by_power_on(messages, np.ones(len(messages), np.bool_)):
                position = float(self.write_order_numbers(messages)[rows[-1]])
                end = position, int(self.utc_ns_of_messages(messages)[rows[-1]])
                run = int(position // POWER_ON_US)
                last[run] = max(last.get(run, end), end)
        return tuple(last[run] for run in sorted(last))

    def is_message_near_any_utc_ns(
        self, messages: DataflashMessages, row: int, others: Offsets, seconds: float
    ) -> bool:
        """Return whether a message is this close to one of some instants, nanoseconds, sorted."""
        at = int(self.utc_ns_of_messages(messages)[row])
        if at == NAT or len(others) == 0:
            return False
        index = int(np.searchsorted(others, at))
        close = others[max(0, index - 1) : index + 1]
        return bool((np.abs(close - at) <= seconds * 1e9).any())


def row_groups_joining_text_message_parts(
    messages: DataflashMessages | NoMessagesOfName,
) -> list[list[int]]:
    """Return for each message to the pilot (MSG) its rows: a long one is logged in parts."""
    ids, parts = messages.numbers_of_field("ID").tolist(), messages.numbers_of_field("Seq").tolist()
    groups: list[list[int]] = []
    for row in range(len(messages)):
        if groups and parts[row] > 0 and ids[row] == ids[row - 1]:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups

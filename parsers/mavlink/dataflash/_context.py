"""What the tables of a DataFlash log are made from, and how a row of them is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._secrets import REDACTED
from .._shared._framing import Offsets
from ._clock import NAT, RUN_US, Numbers, Times
from ._messages import Messages, NoMessages
from ._modes import Modes

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One statement of a parameter."""

    row: int
    name: str
    value: float
    #: NaN where the log does not say (before firmware 4.3).
    default: float
    #: What it was before, ``None`` for the first statement.
    before: float | None


@dataclass(eq=False)
class Context:
    """A log's messages, times and modes."""

    messages: Mapping[str, Messages]
    times: Times
    modes: Modes
    vehicle: str | None
    _utc: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict, repr=False)
    _order: dict[str, Numbers] = field(default_factory=dict, repr=False)

    def named(self, name: str) -> Messages:
        """Return the messages of a name, none if there are none."""
        return self.messages.get(name) or NoMessages(name)

    def utc_ns(self, found: Messages) -> npt.NDArray[np.int64]:
        """Return UTC of each message, nanoseconds since 1970."""
        if found.name not in self._utc:
            self._utc[found.name] = self.times.utc_ns(found)
        return self._utc[found.name]

    def order(self, found: Messages) -> Numbers:
        """Return a number for each message that grows in the order they were written."""
        if found.name not in self._order:
            order = self.times.order(found) if len(found) else np.empty(0)
            self._order[found.name] = order
        return self._order[found.name]

    def runs(self, found: Messages, chosen: npt.NDArray[np.bool_]) -> Iterator[list[int]]:
        """Yield for each power-on the rows of some messages, in the order they were written."""
        rows = np.flatnonzero(chosen)
        order = self.order(found)[rows]
        rows = rows[np.argsort(order, kind="stable")]
        edges = np.flatnonzero(np.diff(np.sort(order) // RUN_US)) + 1
        for part in np.split(rows, edges):
            if len(part):
                yield part.tolist()

    def event(
        self,
        found: Messages,
        row: int,
        kind: str,
        text: str,
        *,
        record: str,
        severity: str = "info",
        grade: str = "reported",
        value: float = np.nan,
        end: int | None = None,
    ) -> Row:
        """Return the row of an event that a message states; ``end`` is the row that ends it."""
        utc = self.utc_ns(found)
        return {
            "time": int(utc[row]),
            "end": NAT if end is None else int(utc[end]),
            "kind": kind,
            "severity": severity,
            "grade": grade,
            "text": text,
            "value": value,
            "record": f"{found.name}.{record}",
            "source_offset": int(found.offsets[row]),
        }

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The first statement of each parameter, and each change; repetitions are left out."""
        found = self.named("PARM")
        values = found.numbers("Value").tolist()
        defaults = found.numbers("Default").tolist()
        last: dict[str, float] = {}
        told = []
        for row, name in enumerate(found.texts("Name")):
            before, value = last.get(name), values[row]
            if before is None or (value != before and value == value):
                told.append(Parameter(row, name, value, defaults[row], before))
                last[name] = value
        return tuple(told)

    @cached_property
    def settings(self) -> Mapping[str, Parameter]:
        """The last statement of each parameter."""
        return {told.name: told for told in self.parameters}

    @cached_property
    def texts(self) -> tuple[tuple[int, str], ...]:
        """Row and text of each message to the pilot; parts of a long one are joined."""
        found = self.named("MSG")
        words = found.texts("Message")
        twice = REDACTED + REDACTED
        return tuple(
            (rows[0], "".join(words[row] for row in rows).replace(twice, REDACTED))
            for rows in whole_texts(found)
        )

    @cached_property
    def ends(self) -> tuple[tuple[float, int], ...]:
        """Place in the order and UTC (nanoseconds) of the last message of each power-on."""
        last: dict[int, tuple[float, int]] = {}
        for name in ("ATT", "IMU", "POS", "GPS", "CTUN", "MODE"):
            found = self.named(name)
            for rows in self.runs(found, np.ones(len(found), np.bool_)):
                place = float(self.order(found)[rows[-1]])
                end = place, int(self.utc_ns(found)[rows[-1]])
                run = int(place // RUN_US)
                last[run] = max(last.get(run, end), end)
        return tuple(last[run] for run in sorted(last))

    def near(self, found: Messages, row: int, others: Offsets, seconds: float) -> bool:
        """Return whether a message is this close to one of some instants, nanoseconds, sorted."""
        at = int(self.utc_ns(found)[row])
        if at == NAT or len(others) == 0:
            return False
        place = int(np.searchsorted(others, at))
        close = others[max(0, place - 1) : place + 1]
        return bool((np.abs(close - at) <= seconds * 1e9).any())


def whole_texts(found: Messages | NoMessages) -> list[list[int]]:
    """Return for each message to the pilot (MSG) its rows: a long one is logged in parts."""
    ids, parts = found.numbers("ID").tolist(), found.numbers("Seq").tolist()
    told: list[list[int]] = []
    for row in range(len(found)):
        if told and parts[row] > 0 and ids[row] == ids[row - 1]:
            told[-1].append(row)
        else:
            told.append([row])
    return told

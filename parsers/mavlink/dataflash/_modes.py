"""Flight modes of a DataFlash log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .._shared._ardupilot import mode_name
from ._clock import Numbers, Times
from ._messages import Messages, whole

#: Main states of PX4's old logger.
PX4_STATES = ("MANUAL", "ALTCTL", "POSCTL", "MISSION", "LOITER", "RTL", "ACRO", "OFFBOARD")


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes a log states, in the order they were in force."""

    #: Where each began, as `Times.order` counts.
    starts: Numbers
    names: tuple[str, ...]
    #: Number of each mode, NaN where the log gives a name only.
    numbers: tuple[float, ...]
    #: Rows of the messages that state them.
    rows: tuple[int, ...]
    messages: Messages | None

    def at(self, order: Numbers) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """Return the mode in force at some places of the order, ``None`` before the first."""
        names = np.array([None, *self.names], object)
        return names[np.searchsorted(self.starts, order, side="right")]


def read_modes(messages: Mapping[str, Messages], times: Times, vehicle: str | None) -> Modes:
    """Return every change of mode."""
    found = messages.get("MODE")
    label = found.first("ModeNum", "Mode") if found is not None else None
    if found is not None and label is not None:
        numbers = found.numbers(label).tolist()
        texts = found.texts(label)
        names = [
            mode_name(vehicle, whole(number)) if number == number else text.upper()
            for number, text in zip(numbers, texts, strict=True)
        ]
        return _changes(found, times.order(found), names, numbers)
    state = messages.get("STAT")
    if state is not None and state.first("MainState"):
        numbers = state.numbers("MainState").tolist()
        change = np.flatnonzero(np.diff(np.array([-1.0, *numbers])) != 0).tolist()
        names = [
            PX4_STATES[whole(one)] if 0 <= one < len(PX4_STATES) else f"mode {whole(one)}"
            for one in (numbers[row] for row in change)
        ]
        return Modes(
            np.maximum.accumulate(times.order(state)[change]),
            tuple(names),
            tuple(numbers[row] for row in change),
            tuple(change),
            state,
        )
    return Modes(np.empty(0), (), (), (), None)


def _changes(found: Messages, order: Numbers, names: list[str], numbers: list[float]) -> Modes:
    reasons = found.numbers("Rsn").tolist()
    rows: list[int] = []
    last = -1
    for row in np.argsort(order, kind="stable").tolist():
        # The same mode again for another reason is worth knowing.
        again = last >= 0 and names[row] == names[last]
        if not again or (reasons[row] == reasons[row] and reasons[row] != reasons[last]):
            rows.append(row)
        last = row
    return Modes(
        order[rows],
        tuple(names[row] for row in rows),
        tuple(numbers[row] for row in rows),
        tuple(rows),
        found,
    )

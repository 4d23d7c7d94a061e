"""Flight modes of a DataFlash log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .._shared._ardupilot_names import mode_name
from ._boot_time_to_utc import DataflashClock, Numbers
from ._message_columns import DataflashMessages, integer_or_minus_one

#: Main states of PX4's old logger.
PX4_STATES = ("MANUAL", "ALTCTL", "POSCTL", "MISSION", "LOITER", "RTL", "ACRO", "OFFBOARD")


@dataclass(frozen=True, slots=True)
class FlightModeChanges:
    """The modes a log states, in the order they were in force."""

    #: Where each began, as `Times.order` counts.
    starts: Numbers
    names: tuple[str, ...]
    #: Number of each mode, NaN where the log gives a name only.
    numbers: tuple[float, ...]
    #: Rows of the messages that state them.
    rows: tuple[int, ...]
    messages: DataflashMessages | None

    def modes_in_force_at(self, order: Numbers) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """Return the mode in force at some positions, ``None`` before the first."""
        names = np.array([None, *self.names], object)
        return names[np.searchsorted(self.starts, order, side="right")]


def read_flight_modes(
    messages: Mapping[str, DataflashMessages], times: DataflashClock, vehicle: str | None
) -> FlightModeChanges:
    """Return every change of mode."""
    mode_messages = messages.get("MODE")
    label = (
        mode_messages.first_present_label("ModeNum", "Mode") if mode_messages is not None else None
    )
    if mode_messages is not None and label is not None:
        numbers = mode_messages.numbers_of_field(label).tolist()
        texts = mode_messages.first_present_field_as_texts(label)
        names = [
            mode_name(vehicle, integer_or_minus_one(number)) if number == number else text.upper()
            for number, text in zip(numbers, texts, strict=True)
        ]
        return _build_mode_changes(
            mode_messages, times.write_order_numbers(mode_messages), names, numbers
        )
    state = messages.get("STAT")
    if state is not None and state.first_present_label("MainState"):
        numbers = state.numbers_of_field("MainState").tolist()
        change = np.flatnonzero(np.diff(np.array([-1.0, *numbers])) != 0).tolist()
        names = [
            PX4_STATES[integer_or_minus_one(one)]
            if 0 <= one < len(PX4_STATES)
            else f"mode {integer_or_minus_one(one)}"
            for one in (numbers[row] for row in change)
        ]
        return FlightModeChanges(
            np.maximum.accumulate(times.write_order_numbers(state)[change]),
            tuple(names),
            tuple(numbers[row] for row in change),
            tuple(change),
            state,
        )
    return FlightModeChanges(np.empty(0), (), (), (), None)


def _build_mode_changes(
    messages: DataflashMessages, order: Numbers, names: list[str], numbers: list[float]
) -> FlightModeChanges:
    reasons = messages.numbers_of_field("Rsn").tolist()
    rows: list[int] = []
    last = -1
    for row in np.argsort(order, kind="stable").tolist():
        # The same mode again for another reason is worth knowing.
        again = last >= 0 and names[row] == names[last]
        if not again or (reasons[row] == reasons[row] and reasons[row] != reasons[last]):
            rows.append(row)
        last = row
    return FlightModeChanges(
        order[rows],
        tuple(names[row] for row in rows),
        tuple(numbers[row] for row in rows),
        tuple(rows),
        messages,
    )

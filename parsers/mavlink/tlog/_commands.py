"""Commands that were sent to a vehicle and its parts, and what they were answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._shared._dialect import words
from .._shared._framing import Offsets, groups
from ._clock import Vehicle
from ._event import word
from ._records import Messages, Stream

#: Nanoseconds within which an answer to a command is one to that command.
ANSWER_NS = 5_000_000_000
#: MAV_RESULT: accepted, in progress.
ACCEPTED, IN_PROGRESS = 0, 5


@dataclass(frozen=True, slots=True)
class Command:
    """One command, with its answer if there was one."""

    found: Messages
    row: int
    number: int
    #: param1 to param7, as sent.
    params: tuple[float, ...]
    #: MAV_RESULT; ``None``: there was no answer.
    result: int | None

    @property
    def time(self) -> int:
        """UTC in nanoseconds."""
        return int(self.found.time[self.row])

    @property
    def name(self) -> str:
        """The name of the command without its prefix."""
        return words("MAV_CMD").get(self.number, f"command {self.number}")

    @property
    def again(self) -> bool:
        """Whether it was sent once more for want of an answer."""
        long = self.found.message.name == "COMMAND_LONG"
        return long and int(self.found["confirmation"][self.row]) > 0

    @property
    def accepted(self) -> bool | None:
        """Whether it was accepted; ``None``: there was no answer."""
        return None if self.result is None else self.result in (ACCEPTED, IN_PROGRESS)

    @property
    def grade(self) -> str:
        """What it proves: an accepted command is reported, another one only commanded."""
        return "reported" if self.accepted else "commanded"

    @property
    def answer(self) -> str:
        """What it was answered, in words."""
        return "no answer" if self.result is None else word("MAV_RESULT", self.result)


class Commands:
    """The commands of a stream, or those of them that are meant for one vehicle."""

    def __init__(self, stream: Stream, vehicle: Vehicle | None = None) -> None:
        """Look at nothing yet."""
        self._stream, self._vehicle = stream, vehicle

    def of(self, numbers: Sequence[int]) -> list[Command]:
        """Return the commands of some numbers, in file order."""
        found = [
            command
            for name in ("COMMAND_LONG", "COMMAND_INT")
            for command in self._of(self._stream[name], numbers)
        ]
        return sorted(found, key=lambda command: int(command.found.rows[command.row]))

    @cached_property
    def _answers(self) -> Messages:
        return self._stream["COMMAND_ACK"]

    @cached_property
    def _answers_to(self) -> Mapping[int, Offsets]:
        """Places of the answers by the command, and by who answered and the command."""
        number = self._answers["command"].astype(np.uint32)
        system = self._answers.system.astype(np.uint32)
        return {**groups(system << np.uint32(16) | number), **groups(number)}

    def _of(self, found: Messages, numbers: Sequence[int]) -> list[Command]:
        wanted = np.isin(found["command"], numbers)
        if self._vehicle is not None:
            # A command to system 0 is for all.
            wanted &= np.isin(found["target_system"], (0, self._vehicle.system))
        chosen = np.flatnonzero(wanted)
        if not len(chosen):
            return []
        found = found.where(chosen)
        integer = found.message.name == "COMMAND_INT"
        names = ("x", "y", "z") if integer else ("param5", "param6", "param7")
        columns = [found[name] for name in ("param1", "param2", "param3", "param4", *names)]
        table = np.stack([column.astype(np.float64) for column in columns], axis=1)
        return [
            Command(found, row, int(number), tuple(table[row].tolist()), self._result(found, row))
            for row, number in enumerate(found["command"].tolist())
        ]

    def _result(self, found: Messages, row: int) -> int | None:
        """Return the answer: the next one to such a command from where it went."""
        answers = self._answers
        number, target = int(found["command"][row]), int(found["target_system"][row])
        # A command to system 0 is for all, and any may answer it.
        places = self._answers_to.get(target << 16 | number, np.empty(0, np.int64))
        at = int(np.searchsorted(places, np.searchsorted(answers.rows, found.rows[row])))
        if at == len(places) or answers.time[places[at]] - found.time[row] > ANSWER_NS:
            return None
        return int(answers["result"][places[at]])

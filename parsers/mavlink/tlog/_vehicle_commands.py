"""Commands to a vehicle and its components, their answers, and the events they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from .._shared._camera_commands import TAKES_EFFECT, CameraCommandWithParameters
from .._shared._event_rows import EventRow
from .._shared._mavlink_message_definitions import enum_names
from .._shared._record_framing import Offsets, rows_of_each_key
from ._choose_vehicle import VehicleOfStream
from ._event_rows import enum_words_or_number, event_row, sender_name_of_message
from ._message_columns import MavlinkMessages, TlogMessages


@dataclass(frozen=True, slots=True)
class TlogCommand(CameraCommandWithParameters):
    """One command, with its answer if there was one."""

    messages: MavlinkMessages
    row: int
    #: MAV_RESULT; ``None``: there was no answer.
    result: int | None

    @property
    def time(self) -> int:
        """UTC in nanoseconds."""
        return int(self.messages.time[self.row])

    @property
    def name(self) -> str:
        """The name of the command without its prefix."""
        return enum_names("MAV_CMD").get(self.number, f"command {self.number}")

    @property
    def is_retransmission(self) -> bool:
        """Whether it was sent once more for want of an answer."""
        long = self.messages.message.name == "COMMAND_LONG"
        return long and int(self.messages["confirmation"][self.row]) > 0

    @property
    def accepted(self) -> bool | None:
        """Whether it was accepted; ``None``: there was no answer."""
        return None if self.result is None else self.result in TAKES_EFFECT

    @property
    def evidence_grade(self) -> str:
        """What it proves: an accepted command is reported, another one only commanded."""
        return "reported" if self.accepted else "commanded"

    @property
    def answer_text(self) -> str:
        """What it was answered, in words."""
        return (
            "no answer" if self.result is None else enum_words_or_number("MAV_RESULT", self.result)
        )


#: An answer that comes within this time belongs to the command, nanoseconds.
ANSWER_NS = 5_000_000_000


class TlogCommands:
    """The commands of a stream, or those of them that are meant for one vehicle."""

    def __init__(self, stream: TlogMessages, vehicle: VehicleOfStream | None = None) -> None:
        """Look at nothing yet."""
        self._stream, self._vehicle = stream, vehicle

    def commands_with_ids(self, numbers: Sequence[int]) -> list[TlogCommand]:
        """Return the commands of some numbers, in file order."""
        commands = [
            command
            for name in ("COMMAND_LONG", "COMMAND_INT")
            for command in self._commands_in_messages(self._stream[name], numbers)
        ]
        return sorted(commands, key=lambda command: int(command.messages.rows[command.row]))

    @cached_property
    def _command_ack_messages(self) -> MavlinkMessages:
        return self._stream["COMMAND_ACK"]

    @cached_property
    def _answer_rows_by_command_and_responder(self) -> Mapping[int, Offsets]:
        """Places of the answers by the command, and by who answered and the command."""
        number = self._command_ack_messages["command"].astype(np.uint32)
        system = self._command_ack_messages.system.astype(np.uint32)
        return {**rows_of_each_key(system << np.uint32(16) | number), **rows_of_each_key(number)}

    def _commands_in_messages(
        self, messages: MavlinkMessages, numbers: Sequence[int]
    ) -> list[TlogCommand]:
        is_chosen = np.isin(messages["command"], numbers)
        if self._vehicle is not None:
            # A command to system 0 is for all.
            is_chosen &= np.isin(messages["target_system"], (0, self._vehicle.system))
        chosen = np.flatnonzero(is_chosen)
        if not len(chosen):
            return []
        messages = messages.select(chosen)
        integer = messages.message.name == "COMMAND_INT"
        names = ("x", "y", "z") if integer else ("param5", "param6", "param7")
        columns = [messages[name] for name in ("param1", "param2", "param3", "param4", *names)]
        table = np.stack([column.astype(np.float64) for column in columns], axis=1)
        return [
            TlogCommand(
                int(number),
                tuple(table[row].tolist()),
                messages,
                row,
                self._command_result(messages, row),
            )
            for row, number in enumerate(messages["command"].tolist())
        ]

    def _command_result(self, messages: MavlinkMessages, row: int) -> int | None:
        """Return the answer: the next one to such a command from where it went."""
        answers = self._command_ack_messages
        number, target = int(messages["command"][row]), int(messages["target_system"][row])
        # A command to system 0 is for all, and any may answer it.
        answer_rows = self._answer_rows_by_command_and_responder.get(
            target << 16 | number, np.empty(0, np.int64)
        )
        at = int(np.searchsorted(answer_rows, np.searchsorted(answers.rows, messages.rows[row])))
        if at == len(answer_rows) or answers.time[answer_rows[at]] - messages.time[row] > ANSWER_NS:
            return None
        return int(answers["result"][answer_rows[at]])


#: MAV_CMD -> kind of event, severity.
COMMAND_KINDS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            (200, 202, 203, 206, 214, 530, 531, 532, 534, 2000, 2001, 2003, 2500, 2501),
            ("capture.command", "info"),
        ),
        **dict.fromkeys((2004, 2005, 2010, 2020, 2021), ("capture.command", "notice")),
        **dict.fromkeys((2502, 2503), ("link.config", "notice")),
        **dict.fromkeys((2510, 2511), ("log.transfer", "notice")),
        526: ("capture.storage", "serious"),
    }
)


def command_events(commands: TlogCommands) -> list[EventRow]:
    """Return an event for each such command, with who sent it and the answer."""
    return [_command_event(command) for command in commands.commands_with_ids(tuple(COMMAND_KINDS))]


def _command_event(command: TlogCommand) -> EventRow:
    kind, severity = COMMAND_KINDS[command.number]
    messages, row = command.messages, command.row
    target = f"{messages['target_system'][row]}/{messages['target_component'][row]}"
    params = ", ".join(f"{value:g}" for value in command.params)
    return event_row(
        command.messages,
        command.row,
        kind,
        f"{command.name} ({params}) from {sender_name_of_message(messages, row)} "
        f"to {target}: {command.answer_text}",
        label="command",
        severity=severity,
        grade=command.evidence_grade,
        value=float(command.number),
    )

"""Commands in a ULog that concern cameras, fence and log, and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared._camera_commands import IN_PROGRESS, TAKES_EFFECT, CameraCommandWithParameters
from .._shared._fence_messages import DO_FENCE_ENABLE, fence_switch_event_kind
from ._px4_enum_names import COMMAND_NAMES, COMMAND_RESULTS
from ._ulog_context import UlogContext, event_row

TableRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UlogCommand(CameraCommandWithParameters):
    """A command that concerns the tables, and its answer."""

    tick: int
    offset: int
    sender: str
    #: ``None``: no answer is in the log.
    result: int | None

    @property
    def refused(self) -> bool:
        """Whether the answer was neither "accepted" nor "in progress"."""
        return self.result not in (None, *TAKES_EFFECT)

    @property
    def evidence_grade(self) -> str:
        """How certain it is that the command was carried out."""
        return "reported" if self.result in TAKES_EFFECT else "commanded"

    @property
    def name(self) -> str:
        """The command's name in MAVLink."""
        return COMMAND_NAMES.get(self.number, str(self.number))


#: Time in which a command is answered.
_ANSWER_US = 5_000_000
_FORMAT_STORAGE, _LOGGING = 526, (2510, 2511)


def read_commands_with_answers(log: UlogContext) -> list[UlogCommand]:
    """Return the commands that concern cameras, fence and log, with their answers."""
    commands = []
    answers = _answers_by_command(log)
    for instance in log.instance_numbers_of_topic("vehicle_command"):
        sent = log.series("vehicle_command", instance)
        numbers = None if sent is None else sent.integers_of_field("command")
        if sent is None or numbers is None:
            continue
        rows = np.flatnonzero(np.isin(numbers, list(COMMAND_NAMES)))
        names = [f"param{index}" for index in range(1, 8)]
        params = [sent.first_present_field_as_floats(name) for name in names]
        outside = sent.first_present_field_as_floats("from_external")
        system = sent.integers_of_field("source_system")
        for row in log.keep_limited_number_of_rows(sent, rows, "commands"):
            number, at = int(numbers[row]), int(sent.ticks[row])
            who = f"system {int(system[row])}" if system is not None else "unknown"
            inside = outside is not None and not outside[row]
            commands.append(
                UlogCommand(
                    number,
                    tuple(np.nan if each is None else float(each[row]) for each in params),
                    at,
                    int(sent.offsets[row]),
                    "the autopilot itself" if inside else who,
                    _answer_code(answers.get(number, []), at),
                )
            )
    return sorted(commands, key=lambda each: each.tick)


def _answers_by_command(log: UlogContext) -> dict[int, list[tuple[int, int]]]:
    answers: dict[int, list[tuple[int, int]]] = {}
    for instance in log.instance_numbers_of_topic("vehicle_command_ack"):
        acks = log.series("vehicle_command_ack", instance)
        numbers = None if acks is None else acks.integers_of_field("command")
        results = None if acks is None else acks.integers_of_field("result")
        if acks is None or numbers is None or results is None:
            continue
        rows = np.flatnonzero(np.isin(numbers, list(COMMAND_NAMES)))
        for row in log.keep_limited_number_of_rows(acks, rows, "answers"):
            answer = int(acks.ticks[row]), int(results[row])
            answers.setdefault(int(numbers[row]), []).append(answer)
    return answers


def _answer_code(answers: list[tuple[int, int]], at: int) -> int | None:
    within = [result for when, result in answers if at <= when <= at + _ANSWER_US]
    # What was in progress at first may have ended in something else.
    return next(
        (result for result in within if result != IN_PROGRESS), within[0] if within else None
    )


def command_event(log: UlogContext, each: UlogCommand) -> TableRow:
    """Return a command as an event."""
    kind, severity = "capture.command", "info"
    if each.number == DO_FENCE_ENABLE:
        kind = fence_switch_event_kind(each.params[0], refused=each.refused)
        severity = "warning" if kind == "geofence.disable" else "notice"
    elif each.number == _FORMAT_STORAGE:
        kind, severity = "capture.storage", "serious"
    elif each.number in _LOGGING:
        kind, severity = "log.transfer", "notice"
    if each.result is None:
        answer = "no answer is logged"
    else:
        answer = COMMAND_RESULTS.get(each.result, f"result {each.result}")
    numbers = " ".join(
        f"p{index}={value:g}"
        for index, value in enumerate(each.params, 1)
        if value == value and value != 0
    )
    text = f"Command {each.name} of {each.sender}: {answer}" + (f" ({numbers})" if numbers else "")
    return event_row(
        log,
        each.tick,
        kind,
        text,
        "vehicle_command.command",
        each.offset,
        severity=severity,
        grade=each.evidence_grade,
        value=each.number,
    )

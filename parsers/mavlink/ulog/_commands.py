"""The commands in a ULog that concern cameras, fence and log, and how they were answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared._fence import switch_kind
from . import _enums as _ulog_names
from ._recording import Recording, event

Row = Mapping[str, Any]

#: Time in which a command is answered.
_ANSWER_US = 5_000_000
_ACCEPTED, _IN_PROGRESS = 0, 5
_FENCE, _FORMAT_STORAGE, _LOGGING = 207, 526, (2510, 2511)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the tables speak of, and how it was answered."""

    tick: int
    offset: int
    number: int
    params: tuple[float, ...]
    sender: str
    #: ``None``: no answer is in the log.
    result: int | None

    @property
    def refused(self) -> bool:
        """Whether the answer was neither yes nor wait."""
        return self.result not in (None, _ACCEPTED, _IN_PROGRESS)

    @property
    def grade(self) -> str:
        """How sure it is that what was asked for was done."""
        return "reported" if self.result in (_ACCEPTED, _IN_PROGRESS) else "commanded"

    @property
    def name(self) -> str:
        """The command's name in MAVLink."""
        return _ulog_names.COMMANDS.get(self.number, str(self.number))


def commands(recording: Recording) -> list[Command]:
    """Return the commands that concern cameras, fence and log, with their answers."""
    found = []
    answers = _answers(recording)
    for instance in recording.instances("vehicle_command"):
        sent = recording.series("vehicle_command", instance)
        numbers = None if sent is None else sent.numbers("command")
        if sent is None or numbers is None:
            continue
        wanted = np.flatnonzero(np.isin(numbers, list(_ulog_names.COMMANDS)))
        names = [f"param{place}" for place in range(1, 8)]
        params = [sent.floats(name) for name in names]
        outside = sent.floats("from_external")
        system = sent.numbers("source_system")
        for row in recording.shown(sent, wanted, "commands"):
            number, at = int(numbers[row]), int(sent.ticks[row])
            who = f"system {int(system[row])}" if system is not None else "unknown"
            inside = outside is not None and not outside[row]
            found.append(
                Command(
                    at,
                    int(sent.offsets[row]),
                    number,
                    tuple(np.nan if each is None else float(each[row]) for each in params),
                    "the autopilot itself" if inside else who,
                    _answer(answers.get(number, []), at),
                )
            )
    return sorted(found, key=lambda each: each.tick)


def _answers(recording: Recording) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for instance in recording.instances("vehicle_command_ack"):
        acks = recording.series("vehicle_command_ack", instance)
        numbers = None if acks is None else acks.numbers("command")
        results = None if acks is None else acks.numbers("result")
        if acks is None or numbers is None or results is None:
            continue
        rows = np.flatnonzero(np.isin(numbers, list(_ulog_names.COMMANDS)))
        for row in recording.shown(acks, rows, "answers"):
            told = int(acks.ticks[row]), int(results[row])
            found.setdefault(int(numbers[row]), []).append(told)
    return found


def _answer(answers: list[tuple[int, int]], at: int) -> int | None:
    within = [result for when, result in answers if at <= when <= at + _ANSWER_US]
    # What was in progress at first may have ended in something else.
    return next(
        (result for result in within if result != _IN_PROGRESS), within[0] if within else None
    )


def speak(recording: Recording, each: Command) -> Row:
    """Return a command as an event."""
    kind, severity = "capture.command", "info"
    if each.number == _FENCE:
        kind = switch_kind(each.params[0], refused=each.refused)
        severity = "warning" if kind == "geofence.disable" else "notice"
    elif each.number == _FORMAT_STORAGE:
        kind, severity = "capture.storage", "serious"
    elif each.number in _LOGGING:
        kind, severity = "log.transfer", "notice"
    if each.result is None:
        answer = "no answer is logged"
    else:
        answer = _ulog_names.RESULTS.get(each.result, f"result {each.result}")
    numbers = " ".join(
        f"p{place}={value:g}"
        for place, value in enumerate(each.params, 1)
        if value == value and value != 0
    )
    text = f"Command {each.name} of {each.sender}: {answer}" + (f" ({numbers})" if numbers else "")
    return event(
        recording,
        each.tick,
        kind,
        text,
        "vehicle_command.command",
        each.offset,
        severity=severity,
        grade=each.grade,
        value=each.number,
    )

"""Commands that bear on evidence: to cameras, storage cards and logs."""

from collections.abc import Mapping
from types import MappingProxyType

from ._commands import Command, Commands
from ._event import Event, event, sender_of

#: MAV_CMD -> kind of event, severity.
KINDS: Mapping[int, tuple[str, str]] = MappingProxyType(
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


def order_events(commands: Commands) -> list[Event]:
    """Return an event for each such command, with who sent it and the answer."""
    return [_order(one) for one in commands.of(tuple(KINDS))]


def _order(one: Command) -> Event:
    kind, severity = KINDS[one.number]
    target = f"{one.found['target_system'][one.row]}/{one.found['target_component'][one.row]}"
    params = ", ".join(f"{value:g}" for value in one.params)
    return event(
        one.found,
        one.row,
        kind,
        f"{one.name} ({params}) from {sender_of(one.found, one.row)} to {target}: {one.answer}",
        label="command",
        severity=severity,
        grade=one.grade,
        value=float(one.number),
    )

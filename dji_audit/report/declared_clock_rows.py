"""Clocks that were declared for the files of a run, and which logs use them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import parsers


@dataclass(frozen=True, slots=True)
class LogClockTextsForReport:
    """What is known of the clock of one log that was read."""

    name: str
    #: What a person declared of it that was used, a clause; empty: nothing.
    declared: str
    #: What its times lack to be UTC; empty: nothing.
    unstated: str


def log_clock_for_report(log: parsers.Log) -> LogClockTextsForReport:
    """Return what is known of the clock of a log."""
    return LogClockTextsForReport(log.source.name, log.clock.declared, log.clock.unstated)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredClockRow:
    """One clock that was declared, and which logs use it."""

    files: str
    time: dt.datetime
    #: What the clock showed then; ``None``: that is not declared.
    shown: dt.datetime | None
    note: str
    #: Logs whose name it means, and the first of those that use it.
    log_count: int
    used_by: tuple[str, ...]
    #: Why it is of no use, a clause; empty: it is used.
    unused_because: str


#: Logs that use a clock and are named.
_MAX_NAMED = 20


def declared_clock_rows(
    clocks: Iterable[parsers.DeclaredClock], logs: Sequence[LogClockTextsForReport]
) -> tuple[DeclaredClockRow, ...]:
    """Return a row for each declared clock; of several that mean a log the first is used."""
    rows = []
    taken: set[int] = set()
    for clock in clocks:
        own = [index for index, log in enumerate(logs) if clock.applies_to_file_name(log.name)]
        used = [logs[index].name for index in own if index not in taken and logs[index].declared]
        because = ""
        if not own:
            because = "no log has such a name"
        elif not used and all(index in taken for index in own):
            because = "another declaration before it means the same logs"
        elif not used:
            because = "the logs that it means state their times themselves, or have none"
        taken.update(own)
        rows.append(
            DeclaredClockRow(
                files=clock.pattern,
                time=clock.time,
                shown=clock.shown,
                note=clock.note,
                log_count=len(own),
                used_by=tuple(used[:_MAX_NAMED]),
                unused_because=because,
            )
        )
    return tuple(rows)

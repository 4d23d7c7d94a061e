"""Small flights, told in seconds, that show what a rule passes, fails and cannot assess.

A rule declares them beside its check; the tests and ``dji-audit rules test``
run the same ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

import parsers
from dji_audit.compliance.context import Case
from dji_audit.compliance.findings import Outcome
from dji_audit.compliance.inventory import Aircraft, inventory
from dji_audit.compliance.operations import Operation, Operations
from dji_audit.flights import Flight, assemble
from dji_audit.supplied_tables import Brought, Line, Row

Rows = Sequence[Mapping[str, Any]]

#: Size of the file that an example pretends to be, and the hash of it.
_SIZE, _SHA256 = 100_000, "0" * 64


@dataclass(frozen=True, slots=True)
class Beside:
    """Another log of the flight of an example."""

    name: str
    #: Name of a format: whether it is a recording or an export hangs on that.
    format: str = "example"
    track: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    captures: Rows = ()
    log: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A flight and what must come of it."""

    outcome: Outcome
    #: What the flight is, as the end of a sentence: "a climb to 130 m".
    about: str
    #: Columns of the track by name; ``time`` in seconds, one fix a second if not given.
    track: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    #: Rows of the tables; their times in seconds.
    events: Rows = ()
    captures: Rows = ()
    contacts: Rows = ()
    #: Name and format of the file that the example pretends to be.
    name: str = "example.txt"
    format: str = "example"
    #: What else the log says: ``aircraft``, ``places``, ``encrypted``, …
    log: Mapping[str, Any] = field(default_factory=dict)
    #: Further logs of the flight.
    beside: tuple[Beside, ...] = ()
    #: Rows of the inventory and the operations log, as a file would hold them; ``None``: no file.
    inventory: Rows | None = None
    operations: Rows | None = None
    #: What else the unit brought: fields of ``Case``.
    case: Mapping[str, Any] = field(default_factory=dict)
    #: Parameters that differ from the rule's defaults.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: Second 0 of all times.
    start: str = "2026-05-14T09:00:00Z"


def tell(example: Example) -> tuple[Flight, Case]:
    """Return the flight of an example and what the unit brought to it."""
    start = pd.Timestamp(example.start)
    log = parsers.Log(
        parsers.Source(example.name, _SIZE, _SHA256, example.format),
        track=rows_of(parsers.TRACK, _fixes(example.track), start),
        events=rows_of(parsers.EVENTS, example.events, start),
        captures=rows_of(parsers.CAPTURES, example.captures, start),
        contacts=rows_of(parsers.CONTACTS, example.contacts, start),
        **example.log,
    )
    case = Case(
        inventory=None
        if example.inventory is None
        else inventory(_brought("aircraft", Aircraft, example.inventory)),
        operations=None
        if example.operations is None
        else Operations(_brought("operation", Operation, _timed(example.operations, start))),
        **example.case,
    )
    others = (_another(each, number, start) for number, each in enumerate(example.beside, 1))
    return assemble(log, *others)[0], case


def _another(beside: Beside, number: int, start: pd.Timestamp) -> parsers.Log:
    return parsers.Log(
        parsers.Source(beside.name, _SIZE, f"{number:064}", beside.format),
        track=rows_of(parsers.TRACK, _fixes(beside.track), start),
        captures=rows_of(parsers.CAPTURES, beside.captures, start),
        **beside.log,
    )


def _fixes(track: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return a track of columns as rows, one a second where it has no times."""
    count = len(next(iter(track.values()), ()))
    columns = {"time": list(range(count))} | dict(track)
    return [{name: values[row] for name, values in columns.items()} for row in range(count)]


#: What a row has where an example does not say.
_USUAL = {"grade": "reported", "severity": "info", "record": "Example.text", "source": "Example",
          "evidence": "Example.host", "sensor": "unknown"}  # fmt: skip


def rows_of(schema: Mapping[str, parsers.Column], rows: Rows, start: pd.Timestamp) -> pd.DataFrame:
    whole = [
        {"source_offset": 100 + 10 * number} | _USUAL | dict(row)
        for number, row in enumerate(_timed(rows, start))
    ]
    return pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in whole], dtype=column.dtype)
            for name, column in schema.items()
        }
    )


def _timed(rows: Rows, start: pd.Timestamp) -> list[dict[str, Any]]:
    """Return rows whose times, told in seconds, are instants."""
    return [
        {
            name: start + pd.Timedelta(seconds=value)
            if name in ("time", "start", "end") and isinstance(value, int | float)
            else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _brought(kind: str, model: type[Line], rows: Rows) -> Any:
    found = tuple(
        Row(model.model_validate(row), 40 * number, number) for number, row in enumerate(rows, 1)
    )
    return Brought(kind, f"{kind}.csv", _SHA256, found)


def hover(*heights: float, **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return a track of one fix a second at these heights above take-off, over one place."""
    count = len(heights)
    return {
        "height_ato_m": heights,
        "latitude_deg": [51.5] * count,
        "longitude_deg": [-1.0] * count,
    } | more


def fly(seconds: int, start: int = 0, **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return a track of one fix a second that goes 10 m a second north at 20 m.

    Args:
        seconds: How many fixes.
        start: The second of the first; where the aircraft is hangs on the second alone.
        more: Columns in place of these.
    """
    times = range(start, start + seconds)
    columns: dict[str, Sequence[Any]] = {
        "time": list(times),
        "height_ato_m": [20.0] * seconds,
        "latitude_deg": [51.5 + 9e-5 * second for second in times],
        "longitude_deg": [-1.0] * seconds,
        "ground_speed_mps": [10.0] * seconds,
        "vertical_speed_mps": [0.0] * seconds,
    }
    return columns | more

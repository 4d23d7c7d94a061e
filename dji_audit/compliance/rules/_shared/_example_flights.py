"""Examples of rules: small flights, with times in seconds, each with its expected outcome.

A rule declares its examples beside its check.  The tests and ``dji-audit rules test`` check
the same examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.common.supplied_tables import RowModel, SuppliedRow, SuppliedTable
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.declared_tracks import DeclaredTrack
from dji_audit.compliance.inventory import InventoryAircraft, build_inventory
from dji_audit.compliance.operations_log import Operation, OperationsLog
from dji_audit.compliance.outcomes import Outcome
from dji_audit.flights import Flight, assemble_flights

Rows = Sequence[Mapping[str, Any]]

#: Size and hash of the made-up file of an example.
_SIZE, _SHA256 = 100_000, "0" * 64


#: The aircraft of examples, as its log names it.
EXAMPLE_AIRCRAFT = parsers.Aircraft(serial="S1")


@dataclass(frozen=True, slots=True)
class FurtherExampleLog:
    """A further log of the flight of an example."""

    name: str
    #: Name of a format, which decides whether the log is a record, a media file or an export.
    format: str = "example"
    track: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    captures: Rows = ()
    log_fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExampleFlight:
    """A flight and its expected outcome."""

    outcome: Outcome
    #: The flight in words, such as "a climb to 130 m".
    description: str
    #: Columns of the track by name; ``time`` in seconds, by default one fix per second.
    track: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    #: Rows of the tables; their times in seconds.
    events: Rows = ()
    captures: Rows = ()
    contacts: Rows = ()
    #: Name and format of the made-up file.
    file_name: str = "example.txt"
    format: str = "example"
    #: Further fields of the log: ``aircraft``, ``places``, ``encrypted``, …
    log_fields: Mapping[str, Any] = field(default_factory=dict)
    #: Facts that the log does not carry; it carries all others, positions and heights only where
    #: its track has them.
    without_facts: tuple[str, ...] = ()
    #: Further logs of the flight.
    other_logs: tuple[FurtherExampleLog, ...] = ()
    #: Rows of the inventory and of the operations log, as in a file; ``None``: no file.
    inventory: Rows | None = None
    operations: Rows | None = None
    #: What else the unit supplied: fields of ``AuditContext``.
    context: Mapping[str, Any] = field(default_factory=dict)
    #: Parameters that differ from the defaults of the rule.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: Second 0 of all times.
    start: str = "2026-05-14T09:00:00Z"


def build_example_flight_and_audit_context(example: ExampleFlight) -> tuple[Flight, AuditContext]:
    """Return the flight of an example and its audit context."""
    start = pd.Timestamp(example.start)
    log = parsers.Log(
        parsers.Source(example.file_name, _SIZE, _SHA256, example.format),
        track=example_table_from_rows(parsers.TRACK, _example_track_rows(example.track), start),
        events=example_table_from_rows(parsers.EVENTS, example.events, start),
        captures=example_table_from_rows(parsers.CAPTURES, example.captures, start),
        contacts=example_table_from_rows(parsers.CONTACTS, example.contacts, start),
        **{"facts": _example_recordable_facts(example.track, example.without_facts)}
        | dict(example.log_fields),
    )
    context = AuditContext(
        inventory=None
        if example.inventory is None
        else build_inventory(
            _example_supplied_table("aircraft", InventoryAircraft, example.inventory)
        ),
        operations=None
        if example.operations is None
        else OperationsLog(
            _example_supplied_table(
                "operation", Operation, _rows_with_seconds_as_timestamps(example.operations, start)
            )
        ),
        **example.context,
    )
    others = (
        _build_further_log(other_log, number, start)
        for number, other_log in enumerate(example.other_logs, 1)
    )
    return assemble_flights(log, *others)[0], context


def _build_further_log(
    other_log: FurtherExampleLog, number: int, start: pd.Timestamp
) -> parsers.Log:
    return parsers.Log(
        parsers.Source(other_log.name, _SIZE, f"{number:064}", other_log.format),
        track=example_table_from_rows(parsers.TRACK, _example_track_rows(other_log.track), start),
        captures=example_table_from_rows(parsers.CAPTURES, other_log.captures, start),
        **{"facts": _example_recordable_facts(other_log.track, ())} | dict(other_log.log_fields),
    )


#: Fact -> columns of the track that carry it.
FACT_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "position": ("latitude_deg", "longitude_deg"),
        "height_above_takeoff": ("height_ato_m",),
        "height_above_ground": ("height_agl_m",),
        "altitude_amsl": ("altitude_amsl_m",),
        "velocity": ("ground_speed_mps",),
    }
)


def _example_recordable_facts(
    track: Mapping[str, Sequence[Any]], without: Sequence[str]
) -> dict[str, parsers.CarriedFact]:
    """Return the facts that the log of an example carries."""
    return {
        fact: parsers.CarriedFact("example", FACT_COLUMNS.get(fact, ()))
        for fact in parsers.FACTS
        if fact not in without and all(name in track for name in FACT_COLUMNS.get(fact, ()))
    }


def _example_track_rows(track: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a track in columns, one fix per second where it has no times."""
    count = len(next(iter(track.values()), ()))
    columns = {"time": list(range(count))} | dict(track)
    return [{name: values[row] for name, values in columns.items()} for row in range(count)]


#: Values of the columns that an example does not give.
_DEFAULTS = {"grade": "reported", "severity": "info", "record": "Example.text", "source": "Example",
          "evidence": "Example.host", "sensor": "unknown"}  # fmt: skip


def example_table_from_rows(
    schema: Mapping[str, parsers.TableColumn], rows: Rows, start: pd.Timestamp
) -> pd.DataFrame:
    complete_rows = [
        {"source_offset": 100 + 10 * number} | _DEFAULTS | dict(row)
        for number, row in enumerate(_rows_with_seconds_as_timestamps(rows, start))
    ]
    return pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in complete_rows], dtype=column.dtype)
            for name, column in schema.items()
        }
    )


def _rows_with_seconds_as_timestamps(rows: Rows, start: pd.Timestamp) -> list[dict[str, Any]]:
    """Return rows with times instead of seconds since the start."""
    return [
        {
            name: start + pd.Timedelta(seconds=value)
            if name in ("time", "start", "end") and isinstance(value, int | float)
            else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _example_supplied_table(kind: str, model: type[RowModel], rows: Rows) -> Any:
    supplied_rows = tuple(
        SuppliedRow(model.model_validate(row), 40 * number, number)
        for number, row in enumerate(rows, 1)
    )
    return SuppliedTable(kind, f"{kind}.csv", _SHA256, supplied_rows)


def hover_example_track_at_heights(
    *heights: float, **columns: Sequence[Any]
) -> dict[str, Sequence[Any]]:
    """Return a track of one fix per second at these heights above take-off, at one position."""
    count = len(heights)
    return {
        "height_ato_m": heights,
        "latitude_deg": [51.5] * count,
        "longitude_deg": [-1.0] * count,
    } | columns


def example_flight_with_inventory(
    outcome: Outcome,
    description: str,
    row: Mapping[str, Any],  # fields of the inventory
    *,
    aircraft: parsers.Aircraft = EXAMPLE_AIRCRAFT,
    **fields: Any,  # fields of ExampleFlight
) -> ExampleFlight:
    """Return an example: a flight of five seconds by an aircraft of the inventory."""
    track = hover_example_track_at_heights(*[10.0] * 5)
    logged = {"aircraft": aircraft}
    return ExampleFlight(outcome, description, track, log_fields=logged, inventory=(row,), **fields)


def northbound_example_track(
    seconds: int, start: int = 0, **columns: Sequence[Any]
) -> dict[str, Sequence[Any]]:
    """Return a track of one fix per second that goes north at 10 m/s, 20 m above take-off.

    Args:
        seconds: Number of fixes.
        start: Second of the first fix; the position depends on the second alone.
        columns: Columns that replace these.
    """
    times = range(start, start + seconds)
    northbound: dict[str, Sequence[Any]] = {
        "time": list(times),
        "height_ato_m": [20.0] * seconds,
        "latitude_deg": [51.5 + 9e-5 * second for second in times],
        "longitude_deg": [-1.0] * seconds,
        "ground_speed_mps": [10.0] * seconds,
        "vertical_speed_mps": [0.0] * seconds,
    }
    return northbound | columns


@dataclass(frozen=True, slots=True)
class LevelGroundElevation:
    """A model of the ground for examples: level, at one height; NaN: it covers another place."""

    level_m: float
    name: str = "terrain.tif"
    datum: str = "above mean sea level"
    files: tuple[Path, ...] = ()

    def save_for_other_processes(self, folder: Path) -> "LevelGroundElevation":
        """Return itself: it is small."""
        del folder
        return self

    def height_m(
        self, latitude_deg: npt.NDArray[np.float64], longitude_deg: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return the same height everywhere."""
        del longitude_deg
        return np.full(len(latitude_deg), self.level_m)


def example_declared_track(
    owner: str,
    name: str,
    positions: Sequence[tuple[float, float]],
    *,
    error_m: float = 10.0,
    unusable_because: str = "",
) -> DeclaredTrack:
    """Return a track that the unit supplied, one fix per second from the start of examples.

    Args:
        owner: Whose it is.
        name: Name of its file.
        positions: Latitude and longitude of each fix.
        error_m: Error of each.
        unusable_because: Why it has no times, a clause; empty: it has.
    """
    count = len(positions)
    seconds = _START.value / 1e9 + np.arange(count, dtype=np.float64)
    latitudes, longitudes = np.array(positions, np.float64).reshape(-1, 2).T
    return DeclaredTrack(
        owner=owner,
        source=parsers.Source(name, 5_000, "2" * 64, "gpx"),
        clock="clock of the device that recorded the track",
        record="Track point",
        seconds=np.array([]) if unusable_because else seconds,
        latitude_deg=latitudes,
        longitude_deg=longitudes,
        error_m=np.full(count, error_m),
        offsets=100 + 80 * np.arange(count),
        error_basis="HDOP x 10 m",
        unusable_because=unusable_because,
    )


#: Thirty seconds, one by one: times of fixes, or values of a clock.
HALF_MINUTE = [float(second) for second in range(30)]
_START = pd.Timestamp("2026-05-14T09:00:00Z")

#: A flight of five seconds, with take-off and landing.
FLIGHT_FIELDS: Mapping[str, Any] = {
    "track": hover_example_track_at_heights(0, 10, 20, 10, 0),
    "events": (
        {"time": 0, "kind": "takeoff", "text": "took off"},
        {"time": 4, "kind": "landing", "text": "landed"},
    ),
}
DEVICE = "192.0.2.20"


def example_tls_contact(host: str | None, **more: Any) -> dict[str, Any]:
    """Return a TLS contact two minutes after the start, with few bytes."""
    return {
        "time": 120, "end": 130, "device": DEVICE, "host": host, "address": "203.0.113.7",
        "port": 443, "protocol": "tls", "bytes_up": 900, "bytes_down": 5000,
        "evidence": "tls.server_name", "grade": "measured",
    } | more  # fmt: skip


UPLOAD = example_tls_contact("mydjiflight.dji.com", time=1200, end=1260, bytes_up=3_000_000)
MAPS = example_tls_contact("a.tiles.mapbox.com")
BLOCKED = example_tls_contact(
    "mydjiflight.dji.com", grade="attempted", bytes_up=None, bytes_down=None
)


def example_network_log_as_context_fields(
    *contacts: Mapping[str, Any], hours: float = 25, **window: Any
) -> dict[str, Any]:
    """Return the field ``network`` of a context: one capture that begins 15 minutes earlier."""
    begin = _START - pd.Timedelta(minutes=15)
    end = begin + pd.Timedelta(hours=hours)
    recorded = parsers.NetworkRecordingTimes(
        (parsers.NetworkRecordingInterval(begin, end, 1_000),), 60.0, 1_000
    )
    fields: dict[str, Any] = {
        "flow_count": len(contacts), "unnamed_flow_count": 0, "recorded": recorded,
        "by_device": {DEVICE: recorded},
    } | window  # fmt: skip
    log = parsers.Log(
        parsers.Source("capture.pcap", 100_000, "1" * 64, "example"),
        contacts=example_table_from_rows(
            parsers.CONTACTS, _contacts_in_time_order(contacts), _START
        ),
        capture_window=parsers.NetworkCaptureWindow(begin, end, **fields),
    )
    return {"network": (log,)}


def example_flight_with_contacts(
    outcome: Outcome,
    description: str,
    *contacts: Mapping[str, Any],
    hours: float = 25,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> ExampleFlight:
    """Return an example: a flight of five seconds and one capture with some contacts."""
    context = example_network_log_as_context_fields(*contacts, hours=hours)
    return ExampleFlight(
        outcome, description, **FLIGHT_FIELDS, context=context, parameters=parameters
    )


def _contacts_in_time_order(contacts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(contacts, key=lambda row: float(row["time"]))


#: Example of every network rule: the capture ends long before the window does.
CAPTURE_TOO_SHORT = example_flight_with_contacts(
    Outcome.NOT_ASSESSABLE, "a capture of half an hour", MAPS, hours=0.5
)

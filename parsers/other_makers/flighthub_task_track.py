"""Trajectories of flight tasks as DJI FlightHub 2 gives them over its OpenAPI (JSON).

Who writes it: whoever stores the answer to ``GET /openapi/v0.1/flight-task/{task_uuid}/track``
("Obtain Flight task trajectory information"), of a flight that a dock flew.

Facts: the reference of DJI FlightHub 2 OpenAPI V1.0, task management (apifox.com), for which
requests there are; the fields as three independent programs read them (PyPI flighthub2-cli 0.1.2
among them).  No real answer could be had.  ``data`` (or the whole document) holds ``name``,
``status``, ``wayline_uuid`` and ``track``: ``track_id``, ``drone_sn``, ``flight_distance``,
``flight_duration`` and ``points`` of ``timestamp``, ``latitude``, ``longitude``, ``height``.

The unit of ``timestamp`` is not documented: by its size it is seconds, milliseconds or microseconds
since 1970.  Nor is the level of ``height``, so that it stays in ``records("Point")``.  What the
server was told is *reported*; it is no log of the aircraft.

Not decoded: the state of the task, which events of the log of messages tell.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._dji_keychains import Keychains
from .._file_content import Content
from .._formats import Format
from .._model import Aircraft, Issue, Log, Source
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from ..dji._event_rows import NAT, make_event_row
from ..dji._shared_fact_declarations import IDENTITY_FACTS, fact_declarations_of_track_columns
from ._json_tables_of_names_and_rows import (
    Floats,
    Ints,
    JsonTable,
    begins_as_json_object_with_words,
    log_of_json_rows,
    read_json_objects_as_table,
    text_at_document_path,
)

_FIELDS = ("timestamp", "latitude", "longitude", "height")
#: Instants from 1990 to 2099 in seconds; larger numbers are in the next smaller unit.
_EARLIEST_S, _LATEST_S = 631_152_000.0, 4_102_444_800.0


def claims(content: Content) -> bool:
    """Return whether the first bytes are JSON of a track with its points and its aircraft."""
    names_its_aircraft = b'"drone_sn"' in content.head or b'"track_id"' in content.head
    return names_its_aircraft and begins_as_json_object_with_words(
        content, b'"track"', b'"points"', b'"timestamp"'
    )


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the points of a trajectory.

    Raises:
        CorruptLogError: If no point can be read.
    """
    del keys  # nothing is encrypted
    table = read_json_objects_as_table(content, "points", _FIELDS)
    times = unix_times_of_any_unit_to_ns(table.numbers_of_column("timestamp"))
    fixes = replace_false_positions_with_nan(
        table.numbers_of_column("latitude"), table.numbers_of_column("longitude"), times
    )
    issues = list(fixes.issues("points", np.array(table.offsets, np.int64)))
    if np.isfinite(table.numbers_of_column("height")).any():
        issues.append(
            Issue(0, 0, "it is not documented from which level heights count: they stay in records")
        )
    if (times == NAT).all():
        issues.append(Issue(0, 0, "no point has a time that can be read"))
    track: dict[str, Any] = {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
    }
    return log_of_json_rows(
        Source.from_content(content, FORMAT.name),
        table,
        "Point",
        aircraft=Aircraft(maker="DJI", serial=_text_in_json_track_object(table, "drone_sn")),
        clock_source="clock of the server or of the aircraft",
        track=track,
        events=_task_events(table),
        issues=issues,
    )


def unix_times_of_any_unit_to_ns(numbers: Floats) -> Ints:
    """Return instants in seconds, milliseconds or microseconds since 1970, nanoseconds.

    The size of each shows its unit; ``NaT``'s value: it is an instant in no unit.
    """
    instants = np.full(len(numbers), NAT, np.int64)
    for per_second in (1.0, 1e3, 1e6):
        seconds = numbers / per_second
        is_one = (seconds > _EARLIEST_S) & (seconds < _LATEST_S)
        whole = numbers[is_one].astype(np.int64) * int(1e9 / per_second)
        part = np.round((numbers[is_one] % 1) * (1e9 / per_second)).astype(np.int64)
        instants[is_one] = whole + part
    return instants


def _text_in_json_track_object(table: JsonTable, name: str) -> str | None:
    return text_at_document_path(table.document, "data", "track", name) or text_at_document_path(
        table.document, "track", name
    )


def _task_events(table: JsonTable) -> list[dict[str, Any]]:
    """Return what the server states of the task: its name and state, and its totals."""
    data = table.document.get("data")
    task = data if isinstance(data, dict) else table.document
    stated = [
        ("flight task", text_at_document_path(task, "name")),
        ("state of the task", text_at_document_path(task, "status")),
        ("flight route", text_at_document_path(task, "wayline_uuid")),
        (
            "distance flown, as the server states it, m",
            _text_in_json_track_object(table, "flight_distance"),
        ),
        (
            "duration, as the server states it, s",
            _text_in_json_track_object(table, "flight_duration"),
        ),
    ]
    return [
        make_event_row(NAT, "param", f"{what}: {text}", "Task", 0, grade="reported")
        for what, text in stated
        if text
    ]


FORMAT = Format(
    name="flighthub-task-track",
    title="trajectory of a flight task of DJI FlightHub 2",
    reference="DJI FlightHub 2 OpenAPI V1.0 (apifox.com); PyPI flighthub2-cli 0.1.2",
    claims=claims,
    read=read,
    export=True,
    facts=(
        *fact_declarations_of_track_columns("points", "time", "latitude_deg", "longitude_deg"),
        *IDENTITY_FACTS,
    ),
)

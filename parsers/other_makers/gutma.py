"""Flight logs in GUTMA's exchange protocol (JSON): one format for several makers.

Who writes it: senseFly eMotion, Parrot, ANRA, AirMap, FlytBase and other programs.  Facts: the
Flight Logging Protocol of the Global UTM Association (github.com/gutma-org/flight-logging-protocol)
and its example.  ``exchange.message`` holds ``flight_data`` (aircraft, ground station, payloads),
``flight_logging`` and ``file``.  ``flight_logging_keys`` names the columns of
``flight_logging_items``: ``timestamp`` (seconds since ``logging_start_dtg``), ``gps_lon``,
``gps_lat``, ``gps_altitude`` (metres; ``altitude_system``: MSL, WGS84 or AGL), ``speed`` (m/s).

Only an altitude above mean sea level is a column of the track: one above the ellipsoid, or above a
ground that no sensor is named for, stays in ``records("Item")``.  Without a start, or with one that
has no zone, times count from the beginning.

Not decoded: what makers add to the keys; it stays in ``records("Item")``.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .._dji_keychains import Keychains
from .._file_content import Content
from .._formats import Format
from .._model import Aircraft, Issue, Log, Source
from .._track_values._mask_false_positions import replace_false_positions_with_nan
from .._which_facts_logs_record import FactDeclaration
from ..dji._event_rows import NAT, make_event_row
from ..dji._shared_fact_declarations import IDENTITY_FACTS, fact_declarations_of_track_columns
from ._json_tables_of_names_and_rows import (
    JsonTable,
    begins_as_json_object_with_words,
    log_of_json_rows,
    read_json_table,
    row_times_ns,
    text_at_document_path,
)

_LOGGING = ("exchange", "message", "flight_logging")
_DATA = ("exchange", "message", "flight_data")
#: ``event_info`` -> kind of event.
_EVENT_KINDS = {
    "TAKE_OFF": "takeoff",
    "TAKEOFF": "takeoff",
    "LAND": "landing",
    "LANDING": "landing",
}
_FASTEST_MPS, _MOST_EVENTS = 300.0, 10_000


def claims(content: Content) -> bool:
    """Return whether the first bytes are JSON of a flight logging exchange."""
    return begins_as_json_object_with_words(content, b'"exchange"', b'"flight_logging')


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the items of a flight.

    Raises:
        CorruptLogError: If no item can be read.
    """
    del keys  # nothing is encrypted
    table = read_json_table(content, "flight_logging_keys", "flight_logging_items")
    start_ns = _parse_zoned_time_ns(
        text_at_document_path(table.document, *_LOGGING, "logging_start_dtg")
    )
    times = row_times_ns(table.numbers_of_column("timestamp"), start_ns)
    fixes = replace_false_positions_with_nan(
        table.numbers_of_column("gps_lat"), table.numbers_of_column("gps_lon"), times
    )
    track: dict[str, Any] = {
        "time": times,
        "latitude_deg": fixes.latitude_deg,
        "longitude_deg": fixes.longitude_deg,
    }
    issues = list(fixes.issues("items", np.array(table.offsets, np.int64)))
    system = text_at_document_path(table.document, *_LOGGING, "altitude_system") or "not stated"
    units = text_at_document_path(table.document, *_LOGGING, "uom_system") or "Metric"
    is_metric = units.lower() == "metric"
    if is_metric:
        speed = table.numbers_of_column("speed")
        track["ground_speed_mps"] = np.where((speed >= 0) & (speed < _FASTEST_MPS), speed, np.nan)
    else:
        issues.append(Issue(0, 0, "units are not metric: speeds and altitudes stay in the records"))
    if is_metric and system.upper() in ("MSL", "AMSL"):
        track["altitude_amsl_m"] = table.numbers_of_column("gps_altitude")
    elif is_metric and np.isfinite(table.numbers_of_column("gps_altitude")).any():
        issues.append(
            Issue(0, 0, f"altitudes are by the system {system!r}, and stay in the records")
        )
    version = text_at_document_path(table.document, "exchange", "message", "file", "version")
    return log_of_json_rows(
        Source.from_content(content, FORMAT.name, version),
        table,
        "Item",
        aircraft=_aircraft_identity(table),
        clock_source="clock of the ground station" if start_ns is not None else None,
        track=track,
        events=_event_rows(table, start_ns or 0),
        issues=issues,
    )


def _parse_zoned_time_ns(text: str | None) -> int | None:
    """Return a time with a zone, nanoseconds since 1970; ``None``: it has none."""
    try:
        instant = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if instant.tzinfo is None or not 1990 <= instant.year <= 2099:
        return None
    return round(instant.timestamp() * 1000) * 1_000_000


def _aircraft_identity(table: JsonTable) -> Aircraft:
    stated = table.document
    firmware = text_at_document_path(stated, *_DATA, "aircraft", "firmware_version")
    station = [text_at_document_path(stated, *_DATA, "gcs", name) for name in ("model", "version")]
    cameras = _objects_at_path(stated, *_DATA, "payload")
    camera = next(iter(cameras), {})
    return Aircraft(
        maker=text_at_document_path(stated, *_DATA, "aircraft", "manufacturer"),
        model=text_at_document_path(stated, *_DATA, "aircraft", "model"),
        name=text_at_document_path(stated, *_DATA, "aircraft", "name"),
        serial=text_at_document_path(stated, *_DATA, "aircraft", "serial_number"),
        camera_model=text_at_document_path(camera, "model"),
        camera_serial=text_at_document_path(camera, "serial_number"),
        app=" ".join(each for each in station if each) or None,
        firmware={"aircraft": firmware} if firmware else {},
    )


def _objects_at_path(document: Any, *path: str) -> list[dict[str, Any]]:
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return (
        [each for each in document if isinstance(each, dict)] if isinstance(document, list) else []
    )


def _event_rows(table: JsonTable, start_ns: int) -> Iterator[dict[str, Any]]:
    for event in _objects_at_path(table.document, *_LOGGING, "event")[:_MOST_EVENTS]:
        stated = text_at_document_path(event, "event_timestamp")
        info = text_at_document_path(event, "event_info")
        kind = _EVENT_KINDS.get((info or "").upper(), "tip")
        time = _parse_zoned_time_ns(stated)
        if time is None:
            seconds = _parse_seconds(stated)
            time = NAT if seconds is None else start_ns + round(seconds * 1e9)
        text = ": ".join(
            each for each in (text_at_document_path(event, "event_type"), info) if each
        )
        yield make_event_row(time, kind, text or "an event without a name", "event.event_info", 0)


def _parse_seconds(text: str | None) -> float | None:
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e7 else None


FORMAT = Format(
    name="gutma",
    title="flight log in GUTMA's exchange protocol",
    reference="github.com/gutma-org/flight-logging-protocol",
    claims=claims,
    read=read,
    export=True,
    facts=(
        *fact_declarations_of_track_columns(
            "items", "time", "latitude_deg", "longitude_deg", "altitude_amsl_m", "ground_speed_mps"
        ),
        FactDeclaration(
            "takeoff_landing",
            "events",
            when=lambda log: bool(log.events["kind"].isin(["takeoff", "landing"]).any()),
        ),
        *IDENTITY_FACTS,
    ),
)

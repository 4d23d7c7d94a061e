"""Messages of DJI's Cloud API: what aircraft, controllers and docks send to a unit's own server.

Who writes it: whoever logs the MQTT topics of a server that speaks the Cloud API, or of FlightHub 2
on premises: one JSON object a line, with the topic before it or in it, or a print of a program.

Facts: DJI's documentation of the Cloud API (github.com/dji-sdk/Cloud-API-Doc), the topics
``thing/product/{serial}/osd|state|events|services|requests`` and ``sys/product/{serial}/status``;
its enumerations in dji-sdk/DJI-Cloud-API-Demo; one real print.  Envelope: ``timestamp`` (ms since
1970), ``bid``, ``tid``, ``gateway``, ``data``.  An aircraft is who states a ``mode_code`` with
heights or speeds in its OSD; every aircraft is a log of its own.  The device of the gateway, with a
position and no mode, is the controller.

``elevation`` is the height above take-off; ``height`` is above the ellipsoid or the sea by model
and version, so it stays in ``records("Osd")``.  ``vertical_speed`` is upward positive: in the real
print heights fall where it is negative.  A print without times is timed by ``total_flight_time``,
which counts while the aircraft flies and stands still on the ground.

Not decoded: services, requests and events, which are counted; docks' own state.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from ..._clocks._move_local_times_out_of_tables import log_with_elapsed_times_as_local
from ..._dji_keychains import Keychains
from ..._errors import CorruptLogError
from ..._file_content import Content
from ..._formats import Format, LogsAndParts
from ..._model import Aircraft, Clock, Issue, LifetimeTotal, Log, NamedPosition, Source
from .._cover_bytes_with_spans import spans_covering_bytes_and_gap_issues
from .._event_rows import NAT
from .._records_from_dicts import RecordsFromDicts
from ._aircraft_tables import (
    CAMERAS,
    AircraftMessages,
    aircraft_event_table,
    aircraft_media_capture_table,
    build_track_and_issues,
    elapsed_ns_by_flight_time_counter,
)
from ._read_cloud_messages import (
    TOPIC,
    CloudMessage,
    CloudMessages,
    read_cloud_messages,
    yield_if_number,
)
from ._which_facts_logs_record import FACTS

_ENVELOPE_NAMES = (b'"gateway"', b'"data"', b'"timestamp"')
#: Names of which an aircraft's OSD has one beside its mode.
_OF_AIRCRAFT = ("elevation", "horizontal_speed", "attitude_head", "total_flight_sorties")
_MOST_AIRCRAFT, _MOST_CONTROLLER_POSITIONS, _MOST_COLUMNS = 200, 10_000, 512


def claims(content: Content) -> bool:
    """Return whether the first lines name a topic of the Cloud API, or hold its envelope."""
    head = content.head
    if b"{" not in head or b"\0" in head:
        return False  # a capture of such messages is no text
    if TOPIC.search(head):
        return True
    return (
        head.lstrip().startswith(b"{")
        and all(name in head for name in _ENVELOPE_NAMES)
        and (b'"mode_code"' in head or b'"bid"' in head)
    )


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read the log of the aircraft with the most messages.

    Raises:
        CorruptLogError: If no message can be read.
    """
    return read_log_of_each_aircraft(content, keys).logs[0]


def read_log_of_each_aircraft(content: Content, keys: Sequence[Keychains] = ()) -> LogsAndParts:
    """Read a log for each aircraft; a file without an aircraft is one log without a track.

    Raises:
        CorruptLogError: If no message can be read.
    """
    del keys  # nothing is encrypted
    found = read_cloud_messages(content)
    if not found.messages:
        raise CorruptLogError(0, "a message of the Cloud API", repr(content.head[:20]))
    found.messages = _messages_with_serial_of_only_aircraft(found.messages)
    serials = _aircraft_serials(found.messages)
    spans, gaps = spans_covering_bytes_and_gap_issues(len(content), found.pieces, found.issues)
    issues = tuple(sorted((*found.issues, *gaps), key=lambda issue: issue.offset))
    logs = [
        replace(
            _log_of_aircraft(content, found, serial, len(serials) > 1),
            issues=(*issues, *_unread_message_kind_issues(found)) if not number else (),
            coverage=spans,
        )
        for number, serial in enumerate(serials or [""])
    ]
    return LogsAndParts(tuple(logs), coverage=logs[0].coverage, issues=logs[0].issues)


def _aircraft_serials(messages: Sequence[CloudMessage]) -> list[str]:
    """Return who sends the OSD of an aircraft, those with most messages first."""
    counts = Counter(each.serial for each in messages if _is_osd_of_aircraft(each))
    return [serial for serial, _ in counts.most_common(_MOST_AIRCRAFT)]


def _messages_with_serial_of_only_aircraft(messages: list[CloudMessage]) -> list[CloudMessage]:
    """Return the messages; where one aircraft is named, those without a name are of it."""
    serials = {each.serial for each in messages if each.serial and _is_osd_of_aircraft(each)}
    if len(serials) != 1:
        return messages
    serial = serials.pop()
    return [
        replace(each, serial=serial) if not each.serial and _is_osd_of_aircraft(each) else each
        for each in messages
    ]


def _is_osd_of_aircraft(message: CloudMessage) -> bool:
    values = message.fields
    return "mode_code" in values and any(name in values for name in _OF_AIRCRAFT)


def _unread_message_kind_issues(found: CloudMessages) -> Iterator[Issue]:
    counts = Counter(
        each.kind or "unnamed"
        for each in found.messages
        if not _is_osd_of_aircraft(each) and not _is_position_of_controller(each)
    )
    for kind, count in sorted(counts.items()):
        yield Issue(0, 0, f"{count} messages of kind {kind}: counted, not read")


def _log_of_aircraft(
    content: Content, found: CloudMessages, serial: str, is_one_of_several: bool
) -> Log:
    own = [each for each in found.messages if each.serial == serial and _is_osd_of_aircraft(each)]
    stated = np.array([NAT if each.time_ns is None else each.time_ns for each in own], np.int64)
    has_times = bool((stated != NAT).any())
    aircraft = AircraftMessages(
        own, stated if has_times else elapsed_ns_by_flight_time_counter(own)
    )
    track, issues = build_track_and_issues(aircraft)
    source = Source.from_content(content, FORMAT.name)
    if is_one_of_several:
        source = replace(source, stream=serial)
    log = Log(
        source,
        _aircraft_identity(own, serial, found.messages),
        Clock("clock of the device" if has_times else None),
        track,
        aircraft_event_table(aircraft),
        aircraft_media_capture_table(aircraft),
        named_positions=tuple(_controller_positions(found.messages, serial)),
        lifetime_totals=tuple(_first_stated_lifetime_totals(own)),
        issues=issues,
        coverage=(),
        track_record="Osd",
        _records={"Osd": RecordsFromDicts([_flatten_message(each) for each in own], None)},
    )
    if has_times or not (aircraft.times_ns != NAT).any():
        return log
    return log_with_elapsed_times_as_local(log)


def _aircraft_identity(
    own: Sequence[CloudMessage], serial: str, messages: Sequence[CloudMessage]
) -> Aircraft:
    firmware = next(
        (text for each in own if isinstance(text := each.fields.get("firmware_version"), str)), ""
    )
    controllers = dict.fromkeys(
        each.serial for each in messages if _is_position_of_controller(each) and each.serial
    )
    gateways = dict.fromkeys(each.gateway for each in own if each.gateway)
    others = [each for each in (*gateways, *controllers) if each != serial]
    cameras = dict.fromkeys(
        CAMERAS[int(number)]
        for each in own
        for name in each.fields
        if (number := name.partition("-")[0]).isdecimal() and int(number) in CAMERAS
        and name.count("-") == 2
    )  # fmt: skip
    return Aircraft(
        maker="DJI",
        serial=serial or None,
        camera_model=", ".join(cameras) or None,
        controller_serial=others[0] if others else None,
        firmware={"aircraft": firmware[:64]} if firmware else {},
    )


def _is_position_of_controller(message: CloudMessage) -> bool:
    values = message.fields
    return "mode_code" not in values and {"latitude", "longitude"} <= set(values)


def _controller_positions(messages: Sequence[CloudMessage], serial: str) -> Iterator[NamedPosition]:
    """Yield where the controller was, each position once in a row."""
    last: tuple[float, float] | None = None
    count = 0
    for each in messages:
        if not _is_position_of_controller(each) or each.serial == serial:
            continue
        latitude = next(yield_if_number(each.fields["latitude"]), np.nan)
        longitude = next(yield_if_number(each.fields["longitude"]), np.nan)
        place = (latitude, longitude)
        is_place = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude)
        if not is_place or place == last or count >= _MOST_CONTROLLER_POSITIONS:
            continue
        last, count = place, count + 1
        time = None if each.time_ns is None else pd.Timestamp(each.time_ns, unit="ns", tz="UTC")
        yield NamedPosition(
            "controller", time, latitude, longitude, None, "osd", each.offset
        )  # fmt: skip


def _first_stated_lifetime_totals(own: Sequence[CloudMessage]) -> Iterator[LifetimeTotal]:
    for name, kind in (("total_flight_sorties", "flights"), ("total_flight_time", "flight time")):
        stated = ((each, value) for each in own for value in yield_if_number(each.fields.get(name)))
        for message, value in islice(stated, 1):
            yield LifetimeTotal(kind, value, f"osd.{name}", message.offset)


def _flatten_message(message: CloudMessage) -> dict[str, Any]:
    row: dict[str, Any] = {
        "offset": message.offset, "serial": message.serial, "timestamp_ns": message.time_ns,
    }  # fmt: skip
    pending: list[tuple[str, Any]] = list(message.fields.items())
    while pending and len(row) < _MOST_COLUMNS:
        name, value = pending.pop(0)
        if isinstance(value, Mapping):
            pending[:0] = [(f"{name}.{inner}", each) for inner, each in value.items()]
        elif isinstance(value, list | tuple):
            pending[:0] = [(f"{name}.{number}", each) for number, each in enumerate(value)]
        else:
            row[str(name)[:200]] = value
    return row


FORMAT = Format(
    "dji-cloud-api",
    "DJI Cloud API messages",
    "DJI's documentation of the Cloud API; one real print",
    claims,
    read,
    facts=FACTS,
    read_logs_and_parts=read_log_of_each_aircraft,
    skips_filled_tail=True,
)

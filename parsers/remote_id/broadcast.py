"""Remote ID over the air (ASTM F3411-22a, EN 4709-002), DJI DroneID and the French beacon.

Who writes it: the aircraft, or a module on it; a Wi-Fi or Bluetooth receiver records it in a
packet capture.  The formats ``pcap`` and ``pcapng`` find the frames and hand them on as a stream;
every offset told here is that of the capture.

Facts: opendroneid-core-c and its Wireshark dissector for the messages and for how they travel;
the decree and the descriptions named below for the other two; captures of a Parrot Anafi in
flight, of Intel's reference transmitter (beacon and NAN) and of a Bluetooth 5 module.

**How they travel.** Wi-Fi beacon and probe response: element 221, ``FA 0B BC 0D``, a counter,
messages.  Wi-Fi NAN: service discovery frame, service ``88 69 19 9D 92 09``.  Bluetooth 4 and 5:
service data of UUID ``FFFA``, application code ``0D``; on the long range a pack, else one message.

**Aircraft.** Each is a log of its own, named by the identity that it sends (serial number before
registration before session), else by the address of its transmitter.  Messages without an
identity belong to the one that their transmitter sent before.  Transmitters with one identity
are one aircraft, unless they were heard at one time from places that no aircraft can both be at:
then there are two logs of one identity.

**What is refused.** A position off the Earth, and everything in a frame whose checksum the
receiver found wrong, is an issue with offset and bytes, and is in no table; nothing is clipped.
Both positions 0, -1000 m, 63 m/s, 361 degrees and the like mean "unknown" and are missing.  So is
a speed of 0 from a transmitter that sends 0 in every message and rates its speed "unknown".
Altitudes are those above the ellipsoid and by pressure: neither is above mean sea level, and both
stand in the records alone.

**What it is worth.** Times are the receiver's.  All is *reported*: it is what a transmitter said,
and anybody can send it.  Authentication messages are listed; nothing is verified.

Not decoded: signatures; Remote ID over the network; DroneID over OcuSync.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._byte_coverage import CoverageSpan
from .._dji_keychains import Keychains
from .._errors import CorruptLogError, FileContainsNoLogError
from .._file_content import Content
from .._formats import Format, LogsAndParts
from .._model import Issue, Log
from .._record_layout import EqualLengthRecords, LayoutRecords
from .._shared._remote_id_frame_stream import (
    CHECKSUM_WRONG,
    DJI_DRONE_ID,
    FRAME,
    FRENCH_BEACON,
    MAGIC,
    NO_SIGNAL,
    TRANSPORTS,
    WATCH,
    RemoteIdFrame,
    iterate_remote_id_frames,
)
from ._astm_messages import (
    AUTHENTICATION,
    AUTHENTICATION_LAYOUT,
    BASIC_ID,
    BASIC_ID_LAYOUT,
    LAYOUTS,
    LOCATION,
    LOCATION_LAYOUT,
    MESSAGE_SIZE,
    OPERATOR_ID,
    OPERATOR_ID_LAYOUT,
    SELF_ID,
    SELF_ID_LAYOUT,
    SYSTEM,
    SYSTEM_LAYOUT,
    latitudes_longitudes_or_nan,
    locate_messages_and_damage_in_pack,
    location_message_columns,
    message_records,
    metres_from_half_metres,
    on_earth_or_unknown_mask,
    zero_padded_text_or_none,
)
from ._build_log_per_aircraft import (
    NO_TIME,
    TABLES,
    ReceivedRemoteId,
    aircraft_logs,
    fill_table_with_missing_columns,
)
from ._dji_drone_id import (
    VERSION_1,
    VERSION_2,
    serial_and_texts_of_purpose_element,
    telemetry_layout,
)
from ._french_beacon import beacon_fields_and_damage_reason
from ._which_facts_logs_record import FACTS

#: The layouts of all that is read, as the page of the format shows them.
DOCUMENTED_LAYOUTS = (
    FRAME, BASIC_ID_LAYOUT, LOCATION_LAYOUT, AUTHENTICATION_LAYOUT, SELF_ID_LAYOUT, SYSTEM_LAYOUT,
    OPERATOR_ID_LAYOUT, VERSION_1, VERSION_2,
)  # fmt: skip
_NO_ADDRESS = bytes(6)
#: Seconds from 1970 to 2019, from which System messages count.
_EPOCH_2019_S = 1_546_300_800


@dataclass(eq=False, slots=True)
class _MessagesOfType:
    """Messages of one type while the stream is read: bytes, and the frame each came in."""

    raw: bytearray = field(default_factory=bytearray)
    offsets: list[int] = field(default_factory=list)
    frames: list[RemoteIdFrame] = field(default_factory=list)
    transmitters: list[str] = field(default_factory=list)

    def add_message(self, frame: RemoteIdFrame, transmitter: str, start: int) -> None:
        self.raw += frame.body[start : start + MESSAGE_SIZE]
        self.offsets.append(frame.offset + start)
        self.frames.append(frame)
        self.transmitters.append(transmitter)


@dataclass(eq=False, slots=True)
class _BroadcastsReadSoFar:
    """What was read of a stream so far."""

    messages: dict[int, _MessagesOfType] = field(default_factory=dict)
    #: Rows of other broadcasts, by table.
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    watched_ns: list[tuple[int, int]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    watch_offset: int = 0
    #: Transmitter of the last frame that named one.
    last: str = "unknown"

    def add_row(self, table: str, frame: RemoteIdFrame, transmitter: str, **columns: Any) -> None:
        signal = np.nan if frame.signal_dbm == NO_SIGNAL else float(frame.signal_dbm)
        row = {
            "offset": frame.offset, "length": len(frame.body), "time": frame.time_ns,
            "transmitter": transmitter, "transport": TRANSPORTS.get(frame.transport),
            "signal_dbm": signal,
        }  # fmt: skip
        wanted = TABLES[table]
        all_columns = {**row, **columns}
        self.rows.setdefault(table, []).append(
            {name: value for name, value in all_columns.items() if name in wanted}
        )


def claims(content: Content) -> bool:
    """Return whether the bytes are a stream of Remote ID frames."""
    return content.head.startswith(MAGIC)


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a stream of frames: the log of the aircraft that was heard most often.

    Raises:
        CorruptLogError: If no record is whole.
        FileContainsNoLogError: If no message could be read.
    """
    return read_log_per_aircraft(content, keys).logs[0]


def read_log_per_aircraft(content: Content, keys: Sequence[Keychains] = ()) -> LogsAndParts:
    """Read a stream of frames: a log for each aircraft.

    Raises:
        CorruptLogError: If no record is whole.
        FileContainsNoLogError: If no message could be read.
    """
    del keys  # nothing is encrypted
    stream, end = _BroadcastsReadSoFar(), len(MAGIC)
    data = bytes(content.data)
    for frame in iterate_remote_id_frames(data):
        end = frame.offset + len(frame.body)
        _add_frame_to_broadcasts(stream, frame)
    if end == len(MAGIC):
        raise CorruptLogError(len(MAGIC), "a frame", f"{len(content) - len(MAGIC)} bytes")
    spans = [
        CoverageSpan(0, len(MAGIC), "header"),
        CoverageSpan(len(MAGIC), end - len(MAGIC), "records"),
    ]
    if end < len(content):
        spans.append(CoverageSpan(end, len(content) - end, "gap"))
        stream.issues.append(Issue(end, len(content) - end, "cut short within a frame"))
    received = ReceivedRemoteId(
        _build_remote_id_tables(stream),
        tuple(stream.watched_ns),
        stream.watch_offset,
        stream.names,
        issues=tuple(stream.issues),
    )
    logs = tuple(aircraft_logs(content, FORMAT.name, received, spans))
    if not logs:
        raise FileContainsNoLogError(f"{content.name} holds frames and no message of Remote ID")
    return LogsAndParts(logs, (), spans, tuple(stream.issues))


def _add_frame_to_broadcasts(stream: _BroadcastsReadSoFar, frame: RemoteIdFrame) -> None:
    """Add what a frame states to what was read."""
    if frame.kind == WATCH:
        try:
            stream.watched_ns.append(frame.receiver_recording_span_ns)
            stream.watch_offset = frame.offset
        except ValueError:
            stream.issues.append(Issue(frame.offset, len(frame.body), "no times of a receiver"))
        return
    if frame.address != _NO_ADDRESS:
        stream.last = frame.address.hex(":")
    transmitter = stream.last
    if frame.name and frame.checksum != CHECKSUM_WRONG:
        name = frame.name.rstrip(b"\0").decode("utf-8", "replace").strip()
        if name:
            stream.names.setdefault(transmitter, name)
    if frame.kind == DJI_DRONE_ID:
        _add_rows_of_dji_element(stream, frame, transmitter)
    elif frame.kind == FRENCH_BEACON:
        _add_french_beacon_to_broadcasts(stream, frame, transmitter)
    else:
        _add_open_drone_id_to_broadcasts(stream, frame, transmitter)


def _add_open_drone_id_to_broadcasts(
    stream: _BroadcastsReadSoFar, frame: RemoteIdFrame, transmitter: str
) -> None:
    """Add the messages behind the counter of a frame."""
    packed = locate_messages_and_damage_in_pack(frame.body[1:])
    if packed.damage:
        stream.issues.append(Issue(frame.offset, len(frame.body), f"refused: {packed.damage}"))
    for start in packed.starts:
        kind = frame.body[1 + start] >> 4
        if kind in LAYOUTS:
            messages = stream.messages.setdefault(kind, _MessagesOfType())
            messages.add_message(frame, transmitter, 1 + start)
        else:
            what = f"a message of type {kind}, which is not known"
            stream.issues.append(Issue(frame.offset + 1 + start, MESSAGE_SIZE, what))


def _build_remote_id_tables(stream: _BroadcastsReadSoFar) -> dict[str, pd.DataFrame]:
    """Return what was received, by table, in the order of the file."""
    decoders = {
        "Location": (LOCATION, _location_columns),
        "System": (SYSTEM, _system_columns),
        "Basic ID": (BASIC_ID, _basic_id_columns),
        "Operator ID": (OPERATOR_ID, _operator_id_columns),
        "Self ID": (SELF_ID, _self_id_columns),
        "Authentication": (AUTHENTICATION, _authentication_method_columns),
    }
    tables = {}
    for name, (kind, decode) in decoders.items():
        frames = []
        messages = stream.messages.get(kind)
        if messages is not None:
            count = len(messages.offsets)
            raw = np.frombuffer(bytes(messages.raw), np.uint8).reshape(count, MESSAGE_SIZE)
            offsets = np.array(messages.offsets, np.int64)
            records = message_records(kind, raw, offsets)
            damaged = np.array([each.checksum == CHECKSUM_WRONG for each in messages.frames])
            columns = _reception_columns(messages, offsets) | decode(records, damaged)
            frames.append(fill_table_with_missing_columns(name, columns, count))
        rows = stream.rows.get(name, [])
        if rows:
            names = list(dict.fromkeys(column for row in rows for column in row))
            columns = {
                column: [row.get(column, _missing_value_of_column(name, column)) for row in rows]
                for column in names
            }
            frames.append(fill_table_with_missing_columns(name, columns, len(rows)))
        table = (
            pd.concat(frames)
            if len(frames) > 1
            else (frames or [fill_table_with_missing_columns(name, {}, 0)])[0]
        )
        tables[name] = table.sort_values("offset", kind="stable").reset_index(drop=True)
    return tables


def _missing_value_of_column(table: str, column: str) -> Any:
    return {"float64": np.nan, "object": None, "int64": NO_TIME}[TABLES[table][column]]


def _reception_columns(messages: _MessagesOfType, offsets: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Return the columns that say when, how and from whom messages came."""
    signals = np.array([each.signal_dbm for each in messages.frames], np.float64)
    return {
        "offset": offsets,
        "length": np.full(len(offsets), MESSAGE_SIZE),
        "time": [each.time_ns for each in messages.frames],
        "transmitter": messages.transmitters,
        "transport": [TRANSPORTS.get(each.transport) for each in messages.frames],
        "signal_dbm": np.where(signals == NO_SIGNAL, np.nan, signals),
    }


_Flags = npt.NDArray[np.bool_]
_DAMAGED = "the checksum of its frame does not fit"


def _reasons_positions_are_refused(
    latitude: npt.NDArray[np.float64], longitude: npt.NDArray[np.float64], damaged: _Flags
) -> list[str | None]:
    """Return why each position is refused; ``None``: it is not, or there is none."""
    off_earth = ~on_earth_or_unknown_mask(latitude, longitude)
    stated = ~(np.isnan(latitude) & np.isnan(longitude))
    reasons: list[str | None] = [None] * len(latitude)
    for row in np.flatnonzero(off_earth | (damaged & stated)).tolist():
        where = f"the position {latitude[row]:.7f}, {longitude[row]:.7f}"
        why = ["it is not on the Earth"] * bool(off_earth[row]) + [_DAMAGED] * bool(damaged[row])
        reasons[row] = f"refused: {where}, for {' and '.join(why)}"
    return reasons


def _location_columns(records: LayoutRecords, damaged: _Flags) -> dict[str, Any]:
    values = location_message_columns(records)
    statuses = np.array(records.enum_words_of_field("status"), object)
    reference = np.where(values.is_height_above_ground, "ground", "take-off").astype(object)
    refused = _reasons_positions_are_refused(values.latitude_deg, values.longitude_deg, damaged)
    idle = _all_true_mask_if_no_speed_stated(values.ground_speed_mps, values.is_speed_rated)
    climbs = np.where(idle & (values.vertical_speed_mps == 0), np.nan, values.vertical_speed_mps)
    return {
        "latitude_deg": values.latitude_deg,
        "longitude_deg": values.longitude_deg,
        "pressure_altitude_m": values.pressure_altitude_m,
        "geodetic_altitude_m": values.geodetic_altitude_m,
        "height_m": values.height_m,
        "height_reference": _none_where_unknown(~np.isnan(values.height_m), reference),
        "ground_speed_mps": np.where(idle, np.nan, values.ground_speed_mps),
        "vertical_speed_mps": climbs,
        "course_deg": values.course_deg,
        "horizontal_error_m": values.horizontal_error_m,
        "vertical_error_m": values.vertical_error_m,
        "seconds_in_hour": values.seconds_in_hour,
        "status": _none_where_unknown(~damaged & (values.status != 0), statuses),
        "refused": refused,
    }


def _none_where_unknown(known: _Flags, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return values where they are known, and ``None`` elsewhere."""
    chosen = np.full(len(values), None, object)
    chosen[known] = values[known]
    return chosen


def _all_true_mask_if_no_speed_stated(speeds: npt.NDArray[np.float64], is_rated: _Flags) -> _Flags:
    """Return for all rows whether no message states a speed: all 0, and none rated."""
    unfilled = not is_rated.any() and not np.nan_to_num(speeds).any()
    return np.full(len(speeds), unfilled)


def _system_columns(records: LayoutRecords, damaged: _Flags) -> dict[str, Any]:
    latitude, longitude = latitudes_longitudes_or_nan(records)
    seconds = records["seconds"].astype(np.int64)
    category = [name if name in ("open", "specific", "certified") else None
                for name in records.enum_words_of_field("category")]  # fmt: skip
    european = records["classification"] == 1
    aircraft_class = records["aircraft_class"].astype(np.float64)
    return {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "geodetic_altitude_m": metres_from_half_metres(records["altitude"]),
        "location_type": records.enum_words_of_field("location_type"),
        "category": _none_where_unknown(european, np.array(category, object)),
        "aircraft_class": np.where(european & (aircraft_class > 0), aircraft_class - 1, np.nan),
        "area_count": records["area_count"].astype(np.float64),
        "area_radius_m": records["area_radius"].astype(np.float64),
        "area_ceiling_m": metres_from_half_metres(records["area_ceiling"]),
        "area_floor_m": metres_from_half_metres(records["area_floor"]),
        "system_time": np.where(seconds == 0, NO_TIME, (seconds + _EPOCH_2019_S) * 10**9),
        "refused": _reasons_positions_are_refused(latitude, longitude, damaged),
    }


def _type_and_text_columns(
    kinds: Sequence[str | None], texts: Sequence[str | None], damaged: _Flags
) -> dict[str, Any]:
    """Return types and texts; of a damaged frame a text is refused, and not what an aircraft is."""
    refused = [
        f"refused: {kind or 'the text'} {text!r}, for {_DAMAGED}" if bad and text else None
        for kind, text, bad in zip(kinds, texts, damaged.tolist(), strict=True)
    ]
    return {"type": kinds, "text": texts, "refused": refused}


def _basic_id_columns(records: LayoutRecords, damaged: _Flags) -> dict[str, Any]:
    kinds = records.enum_words_of_field("id_type")
    texts = [zero_padded_text_or_none(text) for text in records["id"]]
    return _type_and_text_columns(kinds, texts, damaged)


def _operator_id_columns(records: LayoutRecords, damaged: _Flags) -> dict[str, Any]:
    texts = [zero_padded_text_or_none(text) for text in records["id"]]
    return _type_and_text_columns(["operator id"] * len(texts), texts, damaged)


def _self_id_columns(records: LayoutRecords, damaged: _Flags) -> dict[str, Any]:
    texts = [zero_padded_text_or_none(text) for text in records["text"]]
    return _type_and_text_columns(["description"] * len(texts), texts, damaged)


def _authentication_method_columns(records: LayoutRecords, damaged: _Flags) -> dict[str, Any]:
    texts = records.enum_words_of_field("method")
    return _type_and_text_columns(["authentication"] * len(texts), texts, damaged)


def _add_rows_of_dji_element(
    stream: _BroadcastsReadSoFar, frame: RemoteIdFrame, transmitter: str
) -> None:
    """Add an element of DJI: telemetry, or the purpose of the flight."""
    purpose = serial_and_texts_of_purpose_element(frame.body)
    damaged = frame.checksum == CHECKSUM_WRONG
    if purpose is not None:
        serial, text = purpose
        refused = f"refused: {text!r}, for {_DAMAGED}" if damaged else None
        stream.add_row("Self ID", frame, transmitter, type="description", text=text or None,
                       refused=refused)  # fmt: skip
        _add_serial_number_row(stream, frame, transmitter, serial)
        return
    layout = telemetry_layout(frame.body)
    if layout is None:
        what = "an element of DJI whose version is not known, or that is encrypted"
        stream.issues.append(Issue(frame.offset, len(frame.body), what))
        return
    raw = np.frombuffer(frame.body[: layout.size], np.uint8).reshape(1, -1)
    records = LayoutRecords(layout, np.array([frame.offset]), [_wrap_message_as_one_record(raw)])
    one = {each.name: records[each.name][0] for each in layout.fields_and_bits}
    latitude, longitude = _position_or_nan(one["latitude"], one["longitude"])
    speed, course = _speed_and_course_of_dji_element(one)
    columns: dict[str, Any] = {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "ground_speed_mps": speed,
        "course_deg": course,
        "vertical_speed_mps": float(one["up"]) if one["climb_valid"] else np.nan,
        "status": "airborne" if one["in_air"] else "ground",
    }
    _add_or_refuse_position(stream, "Location", frame, transmitter, columns)
    if one["serial_valid"]:
        _add_serial_number_row(stream, frame, transmitter, zero_padded_text_or_none(one["serial"]))
    for name, kind in (("pilot", "live"), ("home", "take-off")):
        if f"{name}_latitude" in one:
            position = _position_or_nan(one[f"{name}_latitude"], one[f"{name}_longitude"])
            columns = {"latitude_deg": position[0], "longitude_deg": position[1]}
            if not np.isnan(position[0]) and (name == "pilot" or one["home_set"]):
                columns["location_type"] = kind
                _add_or_refuse_position(stream, "System", frame, transmitter, columns)


def _add_french_beacon_to_broadcasts(
    stream: _BroadcastsReadSoFar, frame: RemoteIdFrame, transmitter: str
) -> None:
    """Add a beacon of the French kind."""
    fields, damage = beacon_fields_and_damage_reason(frame.body)
    if damage:
        stream.issues.append(Issue(frame.offset, len(frame.body), f"French beacon: {damage}"))
    latitude, longitude = _french_beacon_position(fields, "")
    columns = {
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_amsl_m": _number_or_nan(fields, "altitude"),
        "height_m": _number_or_nan(fields, "height"),
        "height_reference": "take-off" if "height" in fields else None,
        "ground_speed_mps": _number_or_nan(fields, "speed"),
        "course_deg": _number_or_nan(fields, "heading"),
    }
    _add_or_refuse_position(stream, "Location", frame, transmitter, columns)
    home = _french_beacon_position(fields, "home_")
    if not np.isnan(home[0]):
        columns = {"latitude_deg": home[0], "longitude_deg": home[1], "location_type": "take-off"}
        _add_or_refuse_position(stream, "System", frame, transmitter, columns)
    if frame.checksum != CHECKSUM_WRONG:
        if serial := fields.get("serial"):
            _add_serial_number_row(stream, frame, transmitter, str(serial))
        if french := fields.get("french_id"):
            stream.add_row("Basic ID", frame, transmitter, type="registration", text=str(french))


def _wrap_message_as_one_record(raw: npt.NDArray[np.uint8]) -> EqualLengthRecords:
    return EqualLengthRecords(np.array([0]), raw)


def _add_serial_number_row(
    stream: _BroadcastsReadSoFar, frame: RemoteIdFrame, transmitter: str, serial: str | None
) -> None:
    if serial and frame.checksum != CHECKSUM_WRONG:
        stream.add_row("Basic ID", frame, transmitter, type="serial number", text=serial)


def _add_or_refuse_position(
    stream: _BroadcastsReadSoFar,
    table: str,
    frame: RemoteIdFrame,
    transmitter: str,
    columns: dict[str, Any],
) -> None:
    """Add a position, or refuse it."""
    latitude, longitude = (
        np.array([columns[name]], np.float64) for name in ("latitude_deg", "longitude_deg")
    )
    damaged = np.array([frame.checksum == CHECKSUM_WRONG])
    refused = _reasons_positions_are_refused(latitude, longitude, damaged)[0]
    stream.add_row(table, frame, transmitter, **columns, refused=refused)


def _position_or_nan(latitude: Any, longitude: Any) -> tuple[float, float]:
    """Return a position; NaN where both are 0, which means unknown."""
    if latitude == 0 and longitude == 0:
        return np.nan, np.nan
    return float(latitude), float(longitude)


def _speed_and_course_of_dji_element(one: dict[str, Any]) -> tuple[float, float]:
    """Return speed over the ground and its direction from the velocities of DJI's element."""
    if not one["velocity_valid"]:
        return np.nan, np.nan
    north, east = float(one["north"]), float(one["east"])
    speed = float(np.hypot(north, east))
    return speed, float(np.degrees(np.arctan2(east, north)) % 360.0) if speed > 0.1 else np.nan


def _french_beacon_position(fields: dict[str, int | str], prefix: str) -> tuple[float, float]:
    latitude, longitude = (fields.get(f"{prefix}{name}") for name in ("latitude", "longitude"))
    if not isinstance(latitude, int) or not isinstance(longitude, int):
        return np.nan, np.nan
    return _position_or_nan(latitude * 1e-5, longitude * 1e-5)


def _number_or_nan(fields: dict[str, int | str], name: str) -> float:
    value = fields.get(name)
    return float(value) if isinstance(value, int) else np.nan


FORMAT = Format(
    name="remote-id-broadcast",
    title="Remote ID received over the air",
    reference="ASTM F3411-22a; EN 4709-002; opendroneid-core-c; French decree of 27 December 2019",
    claims=claims,
    read=read,
    is_from_receiver=True,
    facts=FACTS,
    read_logs_and_parts=read_log_per_aircraft,
)

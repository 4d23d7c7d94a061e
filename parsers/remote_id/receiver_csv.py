"""Tables (CSV) of apps and receivers that recorded Remote ID.

Who writes them: OpenDroneID Receiver for Android, Drone Scanner (Dronetag), the subscribers of
DroneScout receivers (BlueMark), and whoever uses the same names.  Facts: the sources of these
programs (opendroneid/receiver-android, dronetag/drone-scanner,
BluemarkInnovations/RemoteID-MQTT-subscriber).  No real file was at hand.

One line of names, then a line for each time an aircraft was heard.  Columns are found by their
names, whatever their case, spaces and order: an identity (``uasId``, ``BasicID``, ``BasicID_0``),
latitude and longitude (``droneLat``, ``Latitude``), a time, and at least one more name that only
Remote ID has.  A file with ``EWDirection`` and ``speedMult`` holds the numbers of the messages and
not their values: degrees x 1e7, half metres above -1000 m.

**Times.** Milliseconds or nanoseconds since 1970, and times with a zone, are UTC.  A time without
a zone is local and needs a declared clock.  ``timestamp (nanos)`` of the Android app counts from
when the phone was switched on.

**Aircraft.** As in the format ``remote-id-broadcast``: a log each, *reported*, by the clock of the
receiver; positions off the Earth are refused.

Not decoded: authentication; the column ``payload``.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from .._byte_coverage import CoverageSpan
from .._clocks._move_local_times_out_of_tables import log_with_times_as_local
from .._dji_keychains import Keychains
from .._errors import CorruptLogError, FileContainsNoLogError
from .._file_content import Content
from .._formats import Format, LogsAndParts
from .._model import Clock, Issue, Log
from .._shared._remote_id_column_names import IDENTITY_COLUMNS, has_remote_id_column_names
from .._shared._written_times import iso_8601_from_written_time
from ..network._text._csv_fields import (
    detect_csv_separator,
    issue_of_rows_without_time,
    normalise_column_names,
    split_csv_fields,
)
from ._astm_messages import ID_TYPES, OPERATOR_LOCATION_TYPES, STATUSES
from ._build_log_per_aircraft import (
    NO_ROW,
    NO_TIME,
    TABLES,
    ReceivedRemoteId,
    aircraft_logs,
    fill_table_with_missing_columns,
)
from ._which_facts_logs_record import FACTS

#: What a column holds -> its names, as small letters and digits.
_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "time": (
            "timestampnanos", "detectiontime", "timestamp", "time", "receivedtimestamp", "datetime",
        ),
        "transmitter": ("macaddress", "mac"),
        "transport": ("type", "messagesource", "source"),
        "signal": ("rssi",),
        "id": IDENTITY_COLUMNS,
        "id_type": ("idtype", "idtype0"),
        "second_id": ("basicid1",),
        "second_id_type": ("idtype1",),
        "status": ("status",),
        "latitude": ("dronelat", "latitude", "dronelatitude", "lat"),
        "longitude": ("dronelon", "longitude", "dronelongitude", "lon"),
        "pressure_altitude": ("altitudepressure", "altitudebaro"),
        "geodetic_altitude": ("altitudegeodetic", "altitudegeo"),
        "height": ("height",),
        "height_type": ("heighttype",),
        "direction": ("direction",),
        "west": ("ewdirection",),
        "speed": ("speedhori", "speedhorizontal"),
        "fast": ("speedmult",),
        "climb": ("speedvert", "speedvertical"),
        "description": ("operationdescription", "desc"),
        "operator_type": ("operatorlocationtype",),
        "operator_latitude": ("operatorlatitude",),
        "operator_longitude": ("operatorlongitude",),
        "operator_altitude": ("operatoraltitudegeo",),
        "operator_id": ("operatorid",),
    }
)  # fmt: skip
_NEEDED = ("time", "id", "latitude", "longitude")
_NOTHING = {"", "nan", "none", "null", "invalid", "n/a"}
_NUMBER = re.compile(r"[+-]?\d{1,19}(\.\d{1,18})?([eE][+-]?\d{1,2})?\Z")
_LONGEST_LINE, _MOST_LINES, _MOST_ISSUES = 1 << 16, 2_000_000, 1000
#: No log of Remote ID is older than 2015 or younger than 2100, seconds since 1970.
_EARLIEST_S, _LATEST_S = 1_420_070_400, 4_102_444_800
_REASON = f"{NO_ROW}: wrong number of fields"


@dataclass(eq=False, slots=True)
class _ReceiverTableReadSoFar:
    """What was read of a table so far."""

    names: list[str]
    separator: str
    columns: dict[str, int]
    is_raw: bool
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    #: ``utc``, ``wall`` or ``elapsed``: of the times of the rows; empty: there is none yet.
    clock_kind: str = ""
    #: Rows without a time that could be read.
    untimed: int = 0
    issues: list[Issue] = field(default_factory=list)


def claims(content: Content) -> bool:
    """Return whether the first line names columns of Remote ID."""
    header = _header_line_text(content)
    return bool(header) and _start_table_from_header(header) is not None


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a table: the log of the aircraft that was heard most often.

    Raises:
        CorruptLogError: If it has no row.
        FileContainsNoLogError: If no row names an aircraft or a transmitter.
    """
    return read_log_per_aircraft(content, keys).logs[0]


def read_log_per_aircraft(content: Content, keys: Sequence[Keychains] = ()) -> LogsAndParts:
    """Read a table: a log for each aircraft.

    Raises:
        CorruptLogError: If it has no row.
        FileContainsNoLogError: If no row names an aircraft or a transmitter.
    """
    del keys  # nothing is encrypted
    table = _start_table_from_header(_header_line_text(content))
    if table is None:
        raise CorruptLogError(0, "names of columns of Remote ID", repr(content.head[:20]))
    spans = _add_rows_and_return_byte_coverage(content, table)
    table.issues += issue_of_rows_without_time(table.untimed)
    kind = table.clock_kind or "utc"
    clock = Clock("clock of the receiver", unstated="zone" if kind == "wall" else "")
    received = ReceivedRemoteId(
        {name: _build_table_from_rows(name, table.rows.get(name, [])) for name in TABLES},
        clock=clock,
        issues=tuple(table.issues),
    )
    logs = [
        log if kind == "utc" else log_with_times_as_local(log, kind)
        for log in aircraft_logs(content, FORMAT.name, received, spans)
    ]
    if not logs:
        raise FileContainsNoLogError(f"{content.name} names no aircraft")
    return LogsAndParts(tuple(logs), (), spans, tuple(table.issues))


def _header_line_text(content: Content) -> str:
    head = content.head.removeprefix(b"\xef\xbb\xbf")
    return head.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")


def _start_table_from_header(line: str) -> _ReceiverTableReadSoFar | None:
    """Return the table that a line of names begins; ``None``: it begins none of Remote ID."""
    separator = detect_csv_separator(line)
    names = normalise_column_names(line, separator)
    columns = {
        what: names.index(next(each for each in candidates if each in names))
        for what, candidates in _NAMES.items()
        if any(each in names for each in candidates)
    }
    if not all(what in columns for what in _NEEDED) or not has_remote_id_column_names(names):
        return None
    return _ReceiverTableReadSoFar(
        names, separator, columns, {"ewdirection", "speedmult"} <= set(names)
    )


def _add_rows_and_return_byte_coverage(
    content: Content, table: _ReceiverTableReadSoFar
) -> list[CoverageSpan]:
    """Read every line; return what the bytes are."""
    data = content.data
    at = data.find(b"\n") + 1 or len(data)
    spans = [CoverageSpan(0, at, "header")]
    count = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        count += 1
        if count > _MOST_LINES:
            what = "the table is too long: only its beginning is read"
            table.issues.append(Issue(at, len(data) - at, what))
            _append_or_extend_last_byte_span(spans, at, len(data), "gap")
            break
        line = data[at : min(end, at + _LONGEST_LINE)]
        kind = (
            _add_row_and_return_byte_kind(table, line, at) if end - at <= _LONGEST_LINE else "gap"
        )
        if kind == "gap":
            _add_gap_issue(table, at, end, "" if line.endswith(b"\n") else "; it is cut short")
        _append_or_extend_last_byte_span(spans, at, end, kind)
        at = end
    if not any(table.rows.values()):
        raise CorruptLogError(min(spans[0].size, len(data)), "a row of the table", "none")
    return spans


def _append_or_extend_last_byte_span(
    spans: list[CoverageSpan], begin: int, end: int, kind: str
) -> None:
    last = spans[-1]
    if last.kind == kind:
        spans[-1] = CoverageSpan(last.offset, end - last.offset, kind)
    else:
        spans.append(CoverageSpan(begin, end - begin, kind))


def _add_gap_issue(table: _ReceiverTableReadSoFar, begin: int, end: int, why: str) -> None:
    last = table.issues[-1] if table.issues else None
    if last is not None and last.reason == _REASON and (
        last.offset + last.size == begin or len(table.issues) >= _MOST_ISSUES
    ):  # fmt: skip
        table.issues[-1] = Issue(last.offset, end - last.offset, _REASON)
    else:
        table.issues.append(Issue(begin, end - begin, _REASON + why))


def _add_row_and_return_byte_kind(table: _ReceiverTableReadSoFar, line: bytes, offset: int) -> str:
    """Add what a line states; return the kind of its bytes."""
    # The Android app writes the zeros that fill an identity.
    text = line.replace(b"\0", b"").decode("utf-8", "replace").strip("\r\n")
    if not text.strip():
        return "padding"
    fields = split_csv_fields(text, table.separator)
    if abs(len(fields) - len(table.names)) > 1:
        return "gap"
    row = _ReceiverRow(table, fields, line, offset)
    time_ns, kind = _row_time_ns_and_clock_kind(table, row.text_of_field("time"))
    table.clock_kind = table.clock_kind or kind
    if kind and kind != table.clock_kind:
        time_ns = NO_TIME
    table.untimed += time_ns == NO_TIME
    row.add_basic_operator_and_self_id_rows(time_ns)
    row.add_location(time_ns)
    row.add_operator_position(time_ns)
    return "records"


@dataclass(frozen=True, slots=True)
class _ReceiverRow:
    """One line of a table."""

    table: _ReceiverTableReadSoFar
    fields: Sequence[str]
    line: bytes
    offset: int

    def text_of_field(self, what: str) -> str | None:
        """Return a field; ``None``: it is not there or says that it holds nothing."""
        index = self.table.columns.get(what)
        if index is None or index >= len(self.fields):
            return None
        value = self.fields[index].strip().strip('"')
        return None if value.lower() in _NOTHING else value

    def number_of_field(self, what: str) -> float:
        """Return a number; NaN: it is not there, or no number."""
        value = self.text_of_field(what)
        if value is not None and self.table.separator != ",":
            value = value.replace(",", ".")  # as spreadsheets of many countries write numbers
        return float(value) if value is not None and _NUMBER.match(value) else math.nan

    def add_table_row(
        self, table: str, time_ns: int, columns: Mapping[str, Any], offset: int | None = None
    ) -> None:
        """Add a row of one of ``TABLES``."""
        row = {
            "offset": self.offset if offset is None else offset,
            "length": len(self.line),
            "time": time_ns,
            "transmitter": (self.text_of_field("transmitter") or "").lower()
            or self.text_of_field("id")
            or "unknown",
            "aircraft": self._stated_identity(),
        }
        self.table.rows.setdefault(table, []).append({**row, **columns})

    def _stated_identity(self) -> str | None:
        """Return the identity that the row itself states, a serial number first."""
        first, second = self.text_of_field("id"), self.text_of_field("second_id")
        if second and _id_type(self.text_of_field("second_id_type")) == "serial number":
            return second
        return first

    def add_basic_operator_and_self_id_rows(self, time_ns: int) -> None:
        """Add the identities, the operator's and the description."""
        first = self.text_of_field("id")
        if first:
            kind = _id_type(self.text_of_field("id_type"))
            self.add_table_row("Basic ID", time_ns, {"type": kind, "text": first})
        second = self.text_of_field("second_id")
        if second and second != first:
            at = self.offset + max(1, self.line.rfind(second.encode()))
            kind = _id_type(self.text_of_field("second_id_type"))
            self.add_table_row("Basic ID", time_ns, {"type": kind, "text": second}, at)
        for table, what, kind in (
            ("Operator ID", "operator_id", "operator id"),
            ("Self ID", "description", "description"),
        ):
            if text := self.text_of_field(what):
                self.add_table_row(table, time_ns, {"type": kind, "text": text})

    def add_location(self, time_ns: int) -> None:
        """Add the position of the aircraft, with what is not known missing."""
        values = (
            self._location_from_raw_numbers()
            if self.table.is_raw
            else self._location_in_plain_units()
        )
        latitude, longitude, refused = self._position_and_refusal("latitude", "longitude")
        status = self.text_of_field("status")
        code = int(status) if status and status.isdigit() and len(status) < 3 else None
        word = STATUSES.get(code) if code is not None else status
        if math.isnan(latitude) and refused is None and (not word or code == 0):
            return
        height_type = (self.text_of_field("height_type") or "").lower()
        is_above_ground = height_type in ("1", "ground", "agl", "aboveground")
        stated: dict[str, Any] = {
            "latitude_deg": latitude,
            "longitude_deg": longitude,
            "transport": self.text_of_field("transport"),
            "signal_dbm": self.number_of_field("signal"),
            "status": None if code == 0 else (word or None),
            "height_reference": "ground" if is_above_ground else "take-off",
            "refused": refused,
        }
        self.add_table_row("Location", time_ns, {**stated, **values})

    def add_operator_position(self, time_ns: int) -> None:
        """Add the position of the operator."""
        latitude, longitude, refused = self._position_and_refusal(
            "operator_latitude", "operator_longitude"
        )
        if math.isnan(latitude) and refused is None:
            return
        text = (self.text_of_field("operator_type") or "").lower()
        code = int(text) if text.isdigit() and len(text) < 3 else -1
        kind = OPERATOR_LOCATION_TYPES.get(code, "take-off" if "take" in text else "live")
        altitude = self.number_of_field("operator_altitude")
        if self.table.is_raw:
            altitude = _decode_half_metres(altitude)
        columns = {
            "latitude_deg": latitude,
            "longitude_deg": longitude,
            "location_type": kind,
            "geodetic_altitude_m": altitude,
            "refused": refused,
        }
        self.add_table_row("System", time_ns, columns)

    def _position_and_refusal(
        self, latitude: str, longitude: str
    ) -> tuple[float, float, str | None]:
        """Return a position in degrees, NaN: not known, and why it is refused."""
        scale = 1e-7 if self.table.is_raw else 1.0
        texts = self.text_of_field(latitude), self.text_of_field(longitude)
        north, east = (
            self.number_of_field(latitude) * scale,
            self.number_of_field(longitude) * scale,
        )
        if None in texts or (north == 0 and east == 0):
            return math.nan, math.nan, None
        if math.isnan(north) or math.isnan(east):
            return math.nan, math.nan, f"refused: {texts[0]!r}, {texts[1]!r} is not a position"
        if abs(north) > 90 or abs(east) > 180:
            what = f"the position {north:.7f}, {east:.7f}, for it is not on the Earth"
            return north, east, f"refused: {what}"
        return north, east, None

    def _location_from_raw_numbers(self) -> dict[str, float]:
        """Return values from the numbers of the message."""
        speed, direction = self.number_of_field("speed"), self.number_of_field("direction")
        climb = self.number_of_field("climb") * 0.5
        is_fast, is_west = self.number_of_field("fast") == 1, self.number_of_field("west") == 1
        course = direction + (180.0 if is_west else 0.0)
        metres = 63.75 + 0.75 * speed if is_fast else 0.25 * speed
        return {
            "ground_speed_mps": math.nan if is_fast and speed == 255 else _nan_if_negative(metres),
            "course_deg": course if 0 <= course < 360 else math.nan,
            "vertical_speed_mps": climb if abs(climb) <= 62 else math.nan,
            "pressure_altitude_m": _decode_half_metres(self.number_of_field("pressure_altitude")),
            "geodetic_altitude_m": _decode_half_metres(self.number_of_field("geodetic_altitude")),
            "height_m": _decode_half_metres(self.number_of_field("height")),
        }

    def _location_in_plain_units(self) -> dict[str, float]:
        """Return values that stand in their units."""
        course, climb = self.number_of_field("direction"), self.number_of_field("climb")
        speed = self.number_of_field("speed")
        return {
            "ground_speed_mps": _nan_if_negative(speed) if speed < 255 else math.nan,
            "course_deg": course if 0 <= course <= 360 else math.nan,
            "vertical_speed_mps": climb if abs(climb) <= 62 else math.nan,
            "pressure_altitude_m": _metres_or_nan_for_minus_1000(
                self.number_of_field("pressure_altitude")
            ),
            "geodetic_altitude_m": _metres_or_nan_for_minus_1000(
                self.number_of_field("geodetic_altitude")
            ),
            "height_m": _metres_or_nan_for_minus_1000(self.number_of_field("height")),
        }


def _nan_if_negative(value: float) -> float:
    return value if value >= 0 else math.nan


def _metres_or_nan_for_minus_1000(value: float) -> float:
    """Return metres; -1000 m means unknown."""
    return value if -1000.0 < value <= 31_767.5 else math.nan


def _decode_half_metres(value: float) -> float:
    return value * 0.5 - 1000.0 if 0 < value <= 65_535 else math.nan


def _id_type(text: str | None) -> str:
    """Return what an identity is, by number or by word; a serial number if nothing is said."""
    if text is None:
        return "serial number"
    if text.isdigit() and len(text) < 3:
        return ID_TYPES.get(int(text), "none")
    words = text.lower()
    known = [("serial", 1), ("registration", 2), ("caa", 2), ("utm", 3), ("session", 4)]
    return ID_TYPES[next((number for word, number in known if word in words), 0)]


def _row_time_ns_and_clock_kind(
    table: _ReceiverTableReadSoFar, text: str | None
) -> tuple[int, str]:
    """Return the time of a row, nanoseconds since 1970, and the kind of its clock."""
    if text is None:
        return NO_TIME, ""
    if _NUMBER.match(text):
        return _parse_numeric_time_and_clock_kind(text, table.names[table.columns["time"]])
    return _parse_text_time_and_clock_kind(text)


def _parse_numeric_time_and_clock_kind(text: str, name: str) -> tuple[int, str]:
    whole, _, fraction = text.partition(".")
    if not whole.isdigit() or not (fraction.isdigit() or not fraction):
        return NO_TIME, ""
    number = int(whole)
    for scale in (1, 10**3, 10**6, 10**9):
        if _EARLIEST_S * scale <= number < _LATEST_S * scale:
            part = int(fraction[:9].ljust(9, "0")) // scale if fraction else 0
            return number * (10**9 // scale) + part, "utc"
    return (number, "elapsed") if "nanos" in name and number < 10**17 else (NO_TIME, "")


def _parse_text_time_and_clock_kind(text: str) -> tuple[int, str]:
    stated = re.sub(r"\s{0,4}(UTC|GMT)\Z", "+00:00", iso_8601_from_written_time(text[:64]))
    try:
        moment = dt.datetime.fromisoformat(stated)
    except ValueError:
        return NO_TIME, ""
    kind = "wall" if moment.tzinfo is None else "utc"
    since = moment.replace(tzinfo=moment.tzinfo or dt.UTC) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    seconds = since.days * 86_400 + since.seconds
    if not _EARLIEST_S <= seconds < _LATEST_S:
        return NO_TIME, ""
    return seconds * 10**9 + since.microseconds * 1000, kind


def _build_table_from_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as one of ``TABLES``."""
    empty = {"float64": np.nan, "object": None, "int64": NO_TIME}
    columns = {
        column: [row.get(column, empty[dtype]) for row in rows]
        for column, dtype in TABLES[name].items()
    }
    return fill_table_with_missing_columns(name, columns, len(rows))


FORMAT = Format(
    name="remote-id-receiver-csv",
    title="Remote ID in the table of a receiver",
    reference="opendroneid/receiver-android; dronetag/drone-scanner; DroneScout's subscribers",
    claims=claims,
    read=read,
    is_from_receiver=True,
    facts=FACTS,
    read_logs_and_parts=read_log_per_aircraft,
)

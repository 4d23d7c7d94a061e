"""The four tables of a log: their columns, and how a table is built.

Every table of every log has exactly the columns declared here, in this order
and with these dtypes.  A value that the log does not carry is missing (NaN,
NaT, NA), never zero.  Units and datum are part of the name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

# Where pyarrow is installed, pandas would keep texts in it, and it refuses halves of surrogate
# pairs, which stand for bytes of file names that are no UTF-8.  The same texts and the same
# results, whatever else is installed.
pd.set_option("mode.string_storage", "python")

TIME = "datetime64[ns, UTC]"
_NO_TIME = np.datetime64("NaT", "ns")
TEXT = "str"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its pandas dtype, its unit, and what it means."""

    dtype: str
    unit: str
    meaning: str


TableSchema = Mapping[str, TableColumn]

#: One row for each fix.
TRACK: TableSchema = MappingProxyType(
    {
        "time": TableColumn(TIME, "UTC", "instant of the fix; `Log.clock` says how it is known"),
        "latitude_deg": TableColumn("float64", "deg", "WGS 84, north positive"),
        "longitude_deg": TableColumn("float64", "deg", "WGS 84, east positive"),
        "altitude_amsl_m": TableColumn("float64", "m", "above mean sea level"),
        "height_ato_m": TableColumn("float64", "m", "above the take-off point"),
        "height_agl_m": TableColumn("float64", "m", "above the ground below, as measured"),
        "ground_speed_mps": TableColumn("float64", "m/s", "horizontal speed"),
        "vertical_speed_mps": TableColumn("float64", "m/s", "upward positive"),
        "course_deg": TableColumn(
            "float64", "deg", "direction of motion from true north, 0 to 360"
        ),
        "heading_deg": TableColumn("float64", "deg", "direction of the nose from north, 0 to 360"),
        "pitch_deg": TableColumn("float64", "deg", "of the airframe, nose up positive"),
        "roll_deg": TableColumn("float64", "deg", "of the airframe, right wing down positive"),
        "gimbal_yaw_deg": TableColumn("float64", "deg", "of the camera from north, 0 to 360"),
        "gimbal_pitch_deg": TableColumn(
            "float64", "deg", "of the camera, 0 level, -90 straight down"
        ),
        "gimbal_roll_deg": TableColumn("float64", "deg", "of the camera"),
        "satellites": TableColumn("UInt8", "", "satellites in use"),
        "fix_ok": TableColumn("boolean", "", "whether the aircraft held its position to be valid"),
        "horizontal_error_m": TableColumn(
            "float64", "m", "of the position, as the receiver states it"
        ),
        "vertical_error_m": TableColumn(
            "float64", "m", "of the altitude, as the receiver states it"
        ),
        "battery_pct": TableColumn("float64", "%", "charge that remains"),
        "flight_mode": TableColumn(TEXT, "", "in the maker's word, or its number if unknown"),
        "source_offset": TableColumn("int64", "byte", "where in the file the row was read"),
    }
)

#: One row for each event in the log; ``end`` is missing for an instant.
EVENTS: TableSchema = MappingProxyType(
    {
        "time": TableColumn(TIME, "UTC", "when it happened or began"),
        "end": TableColumn(
            TIME, "UTC", "when it ended; missing for an instant, and where it is not known"
        ),
        "kind": TableColumn(TEXT, "", "one of `EVENT_KINDS`"),
        "severity": TableColumn(TEXT, "", "one of `SEVERITIES`"),
        "grade": TableColumn(TEXT, "", "one of `GRADES`: how the log knows it"),
        "text": TableColumn(TEXT, "", "what happened; text from the log is data, never markup"),
        "value": TableColumn(
            "float64", "", "the number that goes with it, in the unit the text names"
        ),
        "record": TableColumn(TEXT, "", "the record and field that states it"),
        "source_offset": TableColumn("int64", "byte", "where in the file it was read"),
    }
)

#: One row for each interval (or instant, ``end`` equal to ``start``) of recording.
CAPTURES: TableSchema = MappingProxyType(
    {
        "start": TableColumn(TIME, "UTC", "when recording began"),
        "end": TableColumn(TIME, "UTC", "when it ended; equal to `start` for a photo"),
        "sensor": TableColumn(TEXT, "", "visible, thermal, multispectral or unknown"),
        "kind": TableColumn(TEXT, "", "photo, video or audio"),
        "source": TableColumn(TEXT, "", "the records that show it"),
        "grade": TableColumn(TEXT, "", "one of `GRADES`"),
        "file": TableColumn(TEXT, "", "the media file, if it is known"),
        "source_offset": TableColumn("int64", "byte", "where in the file it was read"),
    }
)

#: One row for each contact with a computer that the log shows, or for which it was set up.
CONTACTS: TableSchema = MappingProxyType(
    {
        "time": TableColumn(TIME, "UTC", "when it began"),
        "end": TableColumn(
            TIME, "UTC", "when it ended; missing for an instant, and where it is not known"
        ),
        "device": TableColumn(
            TEXT, "", "the device in question: its address, name or serial number"
        ),
        "app": TableColumn(TEXT, "", "the app on it, if known"),
        "host": TableColumn(TEXT, "", "name of the host"),
        "address": TableColumn(TEXT, "", "IP address"),
        "port": TableColumn("UInt16", "", "port"),
        "protocol": TableColumn(TEXT, "", "protocol, lower case"),
        "path": TableColumn(TEXT, "", "path on the host"),
        "bytes_up": TableColumn("Int64", "byte", "sent to the host"),
        "bytes_down": TableColumn("Int64", "byte", "received from it"),
        "evidence": TableColumn(TEXT, "", "the record and field that names it"),
        "grade": TableColumn(TEXT, "", "one of `GRADES`"),
        "source_offset": TableColumn("int64", "byte", "where in the file it was read"),
    }
)

SEVERITIES = ("info", "notice", "warning", "serious")

#: How a log knows a thing, strongest first.
GRADES: Mapping[str, str] = MappingProxyType(
    {
        "measured": "a sensor or counter of the aircraft shows it",
        "reported": "the aircraft, controller or app states it",
        "commanded": "somebody asked for it; whether it was done is not shown",
        "attempted": "it was tried, and blocked or left without an answer",
        "inferred": "it follows from other values",
    }
)

#: Every kind of event there is.
EVENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "mode": "the flight mode changed",
        "action": "the aircraft began to do something by itself, such as returning home",
        "arm": "the motors started or the aircraft was armed",
        "disarm": "the motors stopped or the aircraft was disarmed",
        "takeoff": "the aircraft left the ground",
        "landing": "the aircraft came to the ground",
        "airborne.report": "the aircraft's own report that it is in the air (1) or not (0)",
        "home": "the home point was set or moved",
        "geofence.warning": "a message about a zone or boundary",
        "geofence.breach": "the aircraft says that it is, or was, beyond a boundary",
        "geofence.limit": "a zone or boundary limits what the aircraft may do",
        "geofence.refused": "a start or a target was refused because of a zone or boundary",
        "geofence.action": "the aircraft acted because of a zone or boundary",
        "geofence.config": "the fence, zone database or licence in force",
        "geofence.enable": "a fence was switched on",
        "geofence.disable": "a fence was switched off",
        "limit.height": "the aircraft says that it is at its height limit",
        "limit.distance": "the aircraft says that it is at its distance limit",
        "limit.config": "a height or distance limit in force",
        "lights": "the lights that the aircraft shows by night were on (1) or off (0)",
        "tip": "a message of the lowest rank",
        "warning": "a message that warns",
        "capture.photo": "a photo was taken",
        "capture.video": "a video was recorded",
        "capture.command": "a button or command asked the camera to record",
        "capture.storage": "the storage card was inserted, removed, full, formatted or faulty",
        "link.lost": "the control link was lost",
        "link.signal": "the quality of a link",
        "link.config": "how a link is set up",
        "log.transfer": "somebody downloaded or erased logs or files",
        "log.pause": "the logger wrote nothing, as its settings tell it to",
        "failsafe": "a fail-safe became active",
        "battery": "the battery reached a threshold",
        "fault": "a sensor, motor or other part failed",
        "traffic": "another aircraft was received",
        "remote_id": "what the aircraft broadcast of itself",
        "firmware": "the firmware of a part",
        "component": "a part and its serial number",
        "param": "a parameter and its value",
        "account": "the maker's account in use",
        "sync": "a sign that data was, or was to be, copied to a server",
        "simulator": "the aircraft was simulated",
        "clock": "the clock jumped or restarted",
    }
)


def empty_table(schema: TableSchema) -> pd.DataFrame:
    """Return a table without rows."""
    return _cached_empty_table(tuple(schema.items())).copy()


@cache
def _cached_empty_table(columns: tuple[tuple[str, TableColumn], ...]) -> pd.DataFrame:
    return build_table(dict(columns), {}, 0)


def build_table(schema: TableSchema, columns: Mapping[str, Any], rows: int) -> pd.DataFrame:
    """Return a table with exactly the columns of a schema.

    Args:
        schema: The columns and their dtypes.
        columns: Column name to values, shape ``(rows,)``.  Times are
            nanoseconds since 1970 as ``int64`` (``NaT``'s value for missing) or
            ``datetime64``.  A number without end, as damage makes it, is missing.
        rows: The number of rows; columns that are not given are all missing.

    Raises:
        ValueError: If a column is given that the schema does not have.
    """
    if unknown := set(columns) - set(schema):
        raise ValueError(f"no such column: {', '.join(sorted(unknown))}")
    return pd.DataFrame(
        {
            name: _typed_column(column.dtype, columns.get(name), rows)
            for name, column in schema.items()
        },
        copy=False,
    )


def event_table_from_rows(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of events, in time order, from one mapping an event."""
    return sort_by_time(_table_from_rows(EVENTS, list(rows), "time"), "time")


def media_capture_table_from_rows(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of captures, in time order, from one mapping a capture."""
    return sort_by_time(_table_from_rows(CAPTURES, list(rows), "start"), "start")


def contact_table_from_rows(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the table of contacts, in time order, from one mapping a contact."""
    return sort_by_time(_table_from_rows(CONTACTS, list(rows), "time"), "time")


def sort_by_time(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the rows in time order; rows without a time come last, in file order."""
    instants = frame[by].to_numpy("datetime64[ns]").view(np.int64)
    order = row_order_by_time(instants, frame["source_offset"].to_numpy())
    return frame if order is None else frame.take(order).reset_index(drop=True)


def row_order_by_time(
    times_ns: npt.NDArray[np.int64], offsets: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.intp] | None:
    """Return rows in time order, those without a time last; ``None``: so they are already.

    Args:
        times_ns: Of each row, nanoseconds since 1970, ``NaT``'s value for none.
        offsets: Where each was read: the order of rows of one instant, or of none.
    """
    # Missing is the smallest number there is; less one it is the largest.
    latest = (times_ns.view(np.uint64) ^ np.uint64(1 << 63)) - np.uint64(1)
    if (latest[1:] > latest[:-1]).all():
        return None
    order = np.lexsort((offsets, latest))
    return None if (order[1:] > order[:-1]).all() else order


def _table_from_rows(
    schema: TableSchema, rows: Sequence[Mapping[str, Any]], begin: str
) -> pd.DataFrame:
    if not rows:
        return empty_table(schema)
    if unknown := {name for row in rows for name in row} - set(schema):
        raise ValueError(f"no such column: {', '.join(sorted(unknown))}")
    frame = build_table(
        schema, {name: [row.get(name) for row in rows] for name in schema}, len(rows)
    )
    # The clock was set back, or the time is damaged: the end is not known.
    begins, ends = (frame[name].to_numpy("datetime64[ns]") for name in (begin, "end"))
    backwards = ends < begins
    if backwards.any():
        frame["end"] = frame["end"].mask(backwards)
    return frame


@cache
def _dtype_from_dtype_name(name: str) -> Any:
    """Return a dtype by its name, which pandas would look up for each column."""
    return pd.api.types.pandas_dtype(name)


def _typed_column(dtype: str, values: Any, rows: int) -> Any:
    if values is None:
        values = np.full(rows, np.nan, object if dtype == TEXT else np.float64)
        if dtype == "int64":
            values = np.zeros(rows, np.int64) if rows == 0 else values
    if dtype == TIME:
        return _utc_times(values)
    if isinstance(values, np.ndarray) and values.dtype == dtype == "float64":
        # Finite or missing; a copy where somebody else owns the array too.
        infinite = np.isinf(values)
        if infinite.any():
            return np.where(infinite, np.nan, values)
        return values if values.flags.owndata and values.flags.c_contiguous else values.copy()
    # An array that nobody else owns is not copied: a long log is large.
    own = isinstance(values, np.ndarray) and values.flags.owndata and values.flags.c_contiguous
    column: Any = pd.array(values, dtype=_dtype_from_dtype_name(dtype), copy=not own)
    if dtype == "float64" and np.isinf(column).any():
        return np.where(np.isinf(column), np.nan, column)
    return column


def _utc_times(values: Any) -> pd.DatetimeIndex:
    array = np.asarray(values)
    if array.dtype == object and all(v is None or type(v) is np.datetime64 for v in array):
        array = np.array([_NO_TIME if v is None else v for v in array], "datetime64[ns]")
    elif array.dtype == object:
        return pd.DatetimeIndex(pd.to_datetime(list(values), utc=True)).as_unit("ns")
    if array.dtype.kind == "f":
        array = np.where(np.isnan(array), np.datetime64("NaT"), array.astype("datetime64[ns]"))
    instants: npt.NDArray[np.datetime64] = array.astype("datetime64[ns]")
    return pd.DatetimeIndex(instants).tz_localize("UTC")

"""The quantities over time that a page plots: columns of the track, fields of chosen records."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dji_audit.camera_view import HEIGHT_UNITS
from dji_audit.common.safe_text import truncated_visible_text as visible
from dji_audit.flights import Flight, FlightSource, times_of_records_at_offsets
from dji_audit.mapper.flight_page._delta_encoding import EncodedColumn, encode_column
from dji_audit.mapper.flight_page._page_track import PageTrack, unix_ms_of_times

Floats = npt.NDArray[np.float64]

#: Most characters of record fields in one page; a field is embedded whole or not at all.
MAX_RECORD_FIELD_CHARACTERS = 1_000_000
#: Digits that a value of a record keeps of the range of its field.
_DIGITS_OF_RANGE = 4
#: Names of fields that are places in the file and not quantities.
_NO_QUANTITIES = ("offset", "length", "raw")
_NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class PlottedTrackColumnDefinition:
    """A quantity of every fix: its column, how finely it is kept, and its words and unit."""

    column: str
    #: Units to one.
    per: int
    words: str
    unit: str
    #: Decimal places that are shown.
    digits: int
    #: Whether it is an angle that goes from 360 to 0.
    wraps: bool = False


#: Name in the page -> what it is.
TRACK_SERIES = {
    "height": PlottedTrackColumnDefinition(
        "height_ato_m", HEIGHT_UNITS, "Height above take-off", "m", 1
    ),
    "agl": PlottedTrackColumnDefinition(
        "height_agl_m", HEIGHT_UNITS, "Height above ground, measured", "m", 1
    ),
    "amsl": PlottedTrackColumnDefinition("altitude_amsl_m", 10, "Altitude above sea level", "m", 1),
    "speed": PlottedTrackColumnDefinition("ground_speed_mps", 10, "Ground speed", "m/s", 1),
    "climb": PlottedTrackColumnDefinition(
        "vertical_speed_mps", 10, "Vertical speed, up positive", "m/s", 1
    ),
    "course": PlottedTrackColumnDefinition("course_deg", 1, "Course", "°", 0, wraps=True),
    "heading": PlottedTrackColumnDefinition("heading_deg", 1, "Heading", "°", 0, wraps=True),
    "pitch": PlottedTrackColumnDefinition(
        "pitch_deg", 1, "Pitch of the airframe, nose up positive", "°", 0
    ),
    "roll": PlottedTrackColumnDefinition(
        "roll_deg", 1, "Roll of the airframe, right positive", "°", 0
    ),
    "satellites": PlottedTrackColumnDefinition("satellites", 1, "Satellites", "", 0),
    "battery": PlottedTrackColumnDefinition("battery_pct", 1, "Battery", "%", 0),
    "fix_ok": PlottedTrackColumnDefinition("fix_ok", 1, "Position valid (1) or not (0)", "", 0),
    "error": PlottedTrackColumnDefinition(
        "horizontal_error_m", 10, "Error of the position, as stated", "m", 1
    ),
    "altitude_error": PlottedTrackColumnDefinition(
        "vertical_error_m", 10, "Error of the altitude, as stated", "m", 1
    ),
}
#: Columns that are made elsewhere, in the same form: name, words, unit, digits, whether it wraps.
_OTHER_SERIES = (
    ("home_m", "Distance from home", "m", 0, False),
    ("gimbal_yaw", "Yaw of the camera", "°", 0, True),
    ("gimbal_pitch", "Pitch of the camera, 0 level", "°", 0, False),
    ("gimbal_roll", "Roll of the camera", "°", 0, False),
)

#: Record -> its field that states the quality of the control link, and its full value.
LINK_QUALITY_FIELDS = {
    "OFDM": ("signal_pct", 100),
    "RADIO_STATUS": ("rssi", 254),
    "RADIO": ("rssi", 254),
    "RSSI": ("RXRSSI", 1),
    "input_rc": ("rssi", 100),
    "radio_status": ("rssi", 254),
}

#: End of the name of a field -> unit; the longest that fits is taken.
_UNIT_OF_SUFFIX = {
    "_m": "m", "_km": "km", "_mm": "mm", "_cm": "cm", "_mps": "m/s", "_kmh": "km/h", "_deg": "°",
    "_rad": "rad", "_rad_s": "rad/s", "_deg_s": "°/s", "_mps2": "m/s²", "_g": "g", "_pct": "%",
    "_v": "V", "_mv": "mV", "_a": "A", "_ma": "mA", "_mah": "mAh", "_w": "W", "_s": "s",
    "_ms": "ms", "_us": "µs", "_k": "K", "_c": "°C", "_hz": "Hz", "_mb": "MB", "_rpm": "rpm",
    "_dbm": "dBm", "_db": "dB", "_bytes": "bytes", "_hpa": "hPa", "_pa": "Pa", "_lux": "lx",
}  # fmt: skip


def track_series_columns(
    table: pd.DataFrame, rows: npt.NDArray[np.intp]
) -> dict[str, EncodedColumn | None]:
    """Return every quantity of the track for the viewer, in the order of the page's fixes."""
    columns = {}
    for name, series in TRACK_SERIES.items():
        values = table[series.column].to_numpy(np.float64, na_value=np.nan)
        columns[name] = encode_column(values[rows], series.per)
    return columns


def plottable_track_column_descriptions() -> list[list[object]]:
    """Return ``name, words, unit, digits, wraps`` of each column that can be plotted."""
    own = [
        [name, each.words, each.unit, each.digits, each.wraps]
        for name, each in TRACK_SERIES.items()
    ]
    return own + [list(each) for each in _OTHER_SERIES]


@dataclass(frozen=True, slots=True)
class RequestedRecordSeriesAndMissingNotes:
    """Fields of records for the viewer, and what a reader must know of those that are missing."""

    blocks: list[dict[str, Any]]
    notes: tuple[str, ...]


def requested_record_field_series(
    flight: Flight, track: PageTrack, names: Sequence[str]
) -> RequestedRecordSeriesAndMissingNotes:
    """Return the numeric fields of the records that were asked for.

    A field is embedded at its full rate or not at all: those that go beyond
    ``MAX_RECORD_FIELD_CHARACTERS`` for the page are named in the notes.

    Args:
        flight: The flight; its logs must still hold their records.
        track: The path, for its axis.
        names: Of records, such as ``OSD``, or of one field, such as ``OSD.height_ato_m``.
    """
    notes: list[str] = []
    blocks: list[dict[str, Any]] = []
    room = MAX_RECORD_FIELD_CHARACTERS
    if names and track.axis != "time":
        return RequestedRecordSeriesAndMissingNotes(
            [], ("Records are not plotted: the fixes in this log have no times in UTC.",)
        )
    for name in dict.fromkeys(names):
        record, _, wanted = name.partition(".")
        sources = [it for it in flight.sources if record in it.log.record_counts]
        if not sources:
            notes.append(f"No log of this flight holds {record} records.")
        for source in sources:
            block, left_out, room = _viewer_record_with_notes_and_room_left(
                flight, source, record, wanted, room
            )
            if block is not None:
                blocks.append(block)
            notes += left_out
    return RequestedRecordSeriesAndMissingNotes(blocks, tuple(visible(note) for note in notes))


def link_quality_records_and_metadata(
    flight: Flight, track: PageTrack
) -> tuple[list[dict[str, Any]], dict[str, object]]:
    """Return the quality of the control link as a field of records, and what is known of it."""
    stated = any("link_loss" in log.facts for log in flight.logs)
    link: dict[str, object] = {"is_stated": stated, "series": None, "full": None}
    if track.axis != "time":
        return [], link
    for source in flight.sources:
        for record, (field, full) in LINK_QUALITY_FIELDS.items():
            if record not in source.log.record_counts:
                continue
            block, _, _ = _viewer_record_with_notes_and_room_left(
                flight, source, record, field, MAX_RECORD_FIELD_CHARACTERS
            )
            if block is not None:
                return [block], link | {"series": f"{block['record']}.{field}", "full": full}
    return [], link


def names_of_records_to_plot(names: Sequence[str]) -> frozenset[str]:
    """Return the names of all records whose fields a page may plot."""
    return frozenset({name.partition(".")[0] for name in names} | set(LINK_QUALITY_FIELDS))


def _viewer_record_with_notes_and_room_left(
    flight: Flight, source: FlightSource, record: str, wanted: str, room: int
) -> tuple[dict[str, Any] | None, list[str], int]:
    """Return records for the viewer, notes on what is missing, and the room that is left."""
    frame = source.log.records(record)
    times = unix_ms_of_times(
        pd.Series(times_of_records_at_offsets(source, frame["offset"].to_numpy(np.int64)))
    )
    placed = np.flatnonzero(times != _NO_TIME)
    placed = placed[np.argsort(times[placed], kind="stable")]
    many = len(flight.sources) > 1
    where = f"{record} records of {source.log.source.name}" if many else f"{record} records"
    if not len(placed):
        return None, [f"No instant is known of the {where}."], room
    fields, left_out = [], []
    ms = encode_column(times[placed], 1)
    for name, values in _numeric_field_names_and_values(frame, wanted):
        per, digits = _units_per_one_and_decimals(values[placed])
        column = encode_column(values[placed], per)
        if column is None:
            continue
        size = len(str(column))
        if size > room:
            left_out.append(name)
            continue
        room -= size
        fields.append(
            {"name": visible(name), "unit": unit_of_field(name), "digits": digits, "column": column}
        )
    notes = []
    if wanted and not fields and not left_out:
        notes.append(f"The {where} have no numeric field {wanted}.")
    if left_out:
        notes.append(
            f"Left out of the {where}, because a page holds at most "
            f"{MAX_RECORD_FIELD_CHARACTERS / 1e6:g} MB of records: {', '.join(left_out)}. "
            f"Name a field, such as --plot {record}.{left_out[0]}."
        )
    if missing := len(frame) - len(placed):
        has = "record has" if missing == 1 else "records have"
        notes.append(
            f"Of the {where} {missing:,} {has} no known instant and cannot be plotted; "
            f"there are {len(frame):,} in all."
        )
    if not fields:
        return None, notes, room
    block = {
        "record": visible(record),
        "file": visible(source.log.source.name) if many else "",
        "ms": ms,
        "count": len(placed),
        "fields": fields,
    }
    return block, notes, room


def _numeric_field_names_and_values(
    frame: pd.DataFrame, wanted: str
) -> Iterator[tuple[str, Floats]]:
    """Yield each numeric field of some records that is not a place in the file."""
    for name in map(str, frame.columns):
        if name in _NO_QUANTITIES or (wanted and name != wanted):
            continue
        column = frame[name]
        if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
            yield name, column.to_numpy(np.float64, na_value=np.nan)


def _units_per_one_and_decimals(values: Floats) -> tuple[int, int]:
    """Return how finely values are kept, and to how many decimal places: 1 and 0 for integers."""
    known = values[np.isfinite(values)]
    if not len(known) or (known == np.round(known)).all():
        return 1, 0
    span = float(np.ptp(known)) or float(np.abs(known).max()) or 1.0
    digits = min(max(_DIGITS_OF_RANGE - math.floor(math.log10(span)) - 1, 0), 12)
    return 10**digits, digits


def unit_of_field(name: str) -> str:
    """Return the unit that the name of a field states; empty: none."""
    lower = name.lower()
    ends = [suffix for suffix in _UNIT_OF_SUFFIX if lower.endswith(suffix)]
    return _UNIT_OF_SUFFIX[max(ends, key=len)] if ends else ""

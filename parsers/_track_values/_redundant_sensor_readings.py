"""Readings of one quantity by several sensors of one log, so that they can be compared.

The track of a log holds one position and one height.  Most logs hold more: the satellite receiver
and the filter that fuses it, the barometer, a range finder.  Here each stands by itself, in the
order of the bytes, with the time by the aircraft's own counter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._clocks._read_monotonic_counters import (
    SENDER_COLUMNS,
    NumericRecordColumns,
    numeric_columns_of_records,
    split_records_by_sender,
)
from .._model import RecordsOfType, SensorReadings
from .._record_layout import Array

Floats = npt.NDArray[np.float64]
#: Columns of a record, as they are -> the values of the quantity, shape ``(n, width)``.
Conversion = Callable[[Floats], Floats]

#: Seconds.  Readings closer than this to the last one kept are left out: a comparison over seconds
#: gains nothing from them.
LEAST_STEP_S = 0.19
#: Senders of one kind of record whose readings are kept.
MOST_SENDERS = 4
#: Fewer readings than this show nothing.
LEAST_READINGS = 3


@dataclass(frozen=True, slots=True)
class SensorReadingFields:
    """Which fields of which records are readings of a quantity."""

    quantity: str
    #: Who measured it, for people: "satellite receiver".
    source: str
    record: str
    fields: tuple[str, ...]
    #: Column of the counter of the aircraft, and its unit in seconds; ``None``: there is none.
    time: tuple[str, float] | None = None
    #: From the numbers as the record gives them to the unit of the quantity.
    convert: Conversion | None = None
    #: Column, and the least value of it with which a reading counts.
    valid: tuple[str, float] | None = None


def column_scaling_conversion(*factors: float) -> Conversion:
    """Return the conversion that multiplies each column by a factor."""
    return lambda values: np.asarray(values * np.array(factors), np.float64)


def speed_and_course_to_north_east_up(values: Floats) -> Floats:
    """Return metres a second north, east and up from speed, course in degrees and speed down."""
    speed, course = values[:, 0], np.radians(values[:, 1])
    return np.column_stack([speed * np.cos(course), speed * np.sin(course), -values[:, 2]])


def hectopascal_to_metres(values: Floats) -> Floats:
    """Return the height in the standard atmosphere of a pressure; as good as its changes are."""
    return np.asarray(44_330.77 * (1.0 - (values / 1013.25) ** 0.190263))


def quaternion_to_roll_pitch_yaw(values: Floats) -> Floats:
    """Return roll, pitch and yaw in degrees from the turn of the body against north, east, down."""
    w, x, y, z = values.T
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1, 1))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return np.asarray(np.degrees(np.column_stack([roll, pitch, yaw])))


def declination_as_sensor_reading(
    degrees: float, record: str, offset: int
) -> tuple[SensorReadings, ...]:
    """Return the declination that a log states once; zero and NaN are how none is stated."""
    if not np.isfinite(degrees) or degrees == 0:
        return ()
    return (
        SensorReadings(
            "magnetic declination", "declination that the autopilot uses", record, "value",
            np.array([offset]), np.array([np.nan]), np.array([[degrees]]),
        ),
    )  # fmt: skip


def read_sensor_readings(
    records: Mapping[str, RecordsOfType], fields: Sequence[SensorReadingFields]
) -> tuple[SensorReadings, ...]:
    """Return the readings of a log; of several fields for one thing, the first that it has.

    Args:
        records: The records of the log by name.
        fields: Where readings stand; those with the same quantity, source and record are
            alternatives.
    """
    made = list[SensorReadings]()
    done = set[tuple[str, str, str]]()
    for name in dict.fromkeys(each.record for each in fields):
        if name not in records or not len(records[name]):
            continue
        wanted = [each for each in fields if each.record == name]
        columns = numeric_columns_of_records(records[name], _sensor_column_names(wanted))
        for each in wanted:
            key = (each.quantity, each.source, each.record)
            if key in done or not columns.keys() >= set(each.fields):
                continue
            done.add(key)
            made += _iterate_readings_of_each_sender(columns, each)
    return tuple(made)


def _sensor_column_names(wanted: Sequence[SensorReadingFields]) -> set[str]:
    names = {name for each in wanted for name in each.fields}
    names |= {each.time[0] for each in wanted if each.time is not None}
    names |= {each.valid[0] for each in wanted if each.valid is not None}
    return names | set(SENDER_COLUMNS)


def _iterate_readings_of_each_sender(
    columns: NumericRecordColumns, each: SensorReadingFields
) -> Iterator[SensorReadings]:
    found = 0
    for sender, part in split_records_by_sender(columns):
        # Damage gives any number of senders, of which the true ones come first as a rule.
        if found == MOST_SENDERS:
            return
        # A column after the other in memory, as each is computed with.
        values = np.array([_column_as_numbers(part[name]) for name in each.fields]).T
        with np.errstate(all="ignore"):
            values = values if each.convert is None else each.convert(values)
        seconds = None
        if each.time is not None and each.time[0] in part:
            seconds = _column_as_numbers(part[each.time[0]]) * each.time[1]
        keep = np.asarray(np.isfinite(values).any(axis=1), bool)
        if each.valid is not None and each.valid[0] in part:
            keep &= _column_as_numbers(part[each.valid[0]]) >= each.valid[1]
        if each.quantity == "position":
            keep &= _valid_position_mask(values)
        rows = np.flatnonzero(keep)
        # What is so dense in time that leaving it out loses nothing is left out.
        rows = rows[:: 1 if seconds is None else _readings_per_kept_reading(seconds, rows)]
        if len(rows) >= LEAST_READINGS:
            found += 1
            yield SensorReadings(
                quantity=each.quantity,
                source=f"{each.source} {sender}".rstrip(),
                record=each.record,
                field=", ".join(each.fields),
                offsets=part["offset"][rows].astype(np.int64, copy=False),
                seconds=np.full(len(rows), np.nan) if seconds is None else seconds[rows],
                numbers=values[rows],
            )


def _column_as_numbers(column: Array) -> Floats:
    """Return a column as numbers; NaN throughout where a damaged definition makes it a text."""
    if column.dtype.kind not in "iufb":
        return np.full(len(column), np.nan)
    with np.errstate(all="ignore"):
        return np.asarray(column.astype(np.float64, copy=False))


def _valid_position_mask(values: Floats) -> npt.NDArray[np.bool_]:
    """Return which pairs are positions: on the globe, and no zeros of a receiver without a fix."""
    latitude, longitude = values[:, 0], values[:, 1]
    on_globe = (abs(latitude) <= 90) & (abs(longitude) <= 180)
    return np.asarray(on_globe & ((abs(latitude) > 1e-3) | (abs(longitude) > 1e-3)))


def _readings_per_kept_reading(seconds: Floats, rows: npt.NDArray[np.int64]) -> int:
    """Return of how many readings one is kept, by the usual time between those of some rows."""
    known = seconds[rows]
    known = known[np.isfinite(known)]
    with np.errstate(all="ignore"):
        steps = np.diff(known)
        rising = steps[(steps > 0) & np.isfinite(steps)]
        usual_s = float(np.median(rising)) if len(rising) else LEAST_STEP_S
    return max(1, int(min(LEAST_STEP_S / usual_s, len(seconds))))

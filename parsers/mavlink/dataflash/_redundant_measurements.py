"""What a DataFlash log states more than once: sensors, counts, serial numbers, clocks, totals.

Source: ArduPilot's log messages (libraries/AP_Logger/LogStructure.h of firmware 3.1 to 4.8), units
as measured on real logs.  ``DSF.Bytes`` is what the logger wrote since its last ``DSF``, to the
byte: on all real logs without damage it is the distance between the two in the file, or less by
what the logger wrote when it began anew.
"""

from collections.abc import Iterator

import numpy as np

from ..._model import (
    LifetimeTotal,
    LoggerStatedAndFoundCounts,
    OtherClockReadings,
    SensorReadings,
    StatedSerial,
)
from ..._track_values._redundant_sensor_readings import (
    SensorReadingFields,
    column_scaling_conversion,
    declination_as_sensor_reading,
    speed_and_course_to_north_east_up,
)
from .._shared._ardupilot_names import BOARD_MESSAGE, LIFETIME_PARAMETERS
from .._shared._timestamps import NAT
from ._boot_time_to_utc import utc_us_of_gps_messages
from ._dataflash_messages_clock_and_modes import DataflashMessagesClockAndModes

_US, _BOOT_MS = ("TimeUS", 1e-6), ("T", 1e-3)
_SATELLITE, _FUSED, _BAROMETER = "satellite receiver", "fused position", "barometer"
_FIXED = ("Status", 3.0)
#: North, east and down to north, east and up.
_UP = column_scaling_conversion(1, 1, -1)

READING_FIELDS = (
    *(
        each
        for record, source in (("GPS", _SATELLITE), ("GPS2", f"second {_SATELLITE}"))
        for each in (
            SensorReadingFields("position", source, record, ("Lat", "Lng"), _US, None, _FIXED),
            SensorReadingFields("height", source, record, ("Alt",), _US, None, _FIXED),
            SensorReadingFields(
                "velocity", source, record, ("Spd", "GCrs", "VZ"), _US,
                speed_and_course_to_north_east_up, _FIXED,
            ),
        )
    ),
    SensorReadingFields("height", "fused height", "GPS", ("RelAlt",), _BOOT_MS),
    SensorReadingFields("position", _FUSED, "POS", ("Lat", "Lng"), _US),
    SensorReadingFields("height", _FUSED, "POS", ("Alt",), _US),
    SensorReadingFields("height", "height above take-off", "POS", ("RelHomeAlt",), _US),
    SensorReadingFields("position", "second filter", "AHR2", ("Lat", "Lng"), _US),
    SensorReadingFields("height", "second filter", "AHR2", ("Alt",), _US),
    SensorReadingFields("position", "simulator", "SIM", ("Lat", "Lng"), _US),
    SensorReadingFields("position", "terrain model", "TERR", ("Lat", "Lng"), _US),
    SensorReadingFields("position", "camera trigger", "CAM", ("Lat", "Lng"), _US),
    SensorReadingFields("height", _BAROMETER, "BARO", ("Alt",), _US),
    SensorReadingFields("height", _BAROMETER, "CTUN", ("BAlt",), _US),
    SensorReadingFields("height", _BAROMETER, "CTUN", ("BarAlt",), _US),
    SensorReadingFields("height", "height controller", "CTUN", ("Alt",), _US),
    *(
        each
        for record in ("XKF1", "NKF1", "EKF1")
        for each in (
            SensorReadingFields("local position", "filter", record, ("PN", "PE", "PD"), _US, _UP),
            SensorReadingFields("velocity", "filter", record, ("VN", "VE", "VD"), _US, _UP),
        )
    ),
    SensorReadingFields("range", "range finder", "RFND", ("Dist",), _US, None, ("Stat", 4.0)),
    SensorReadingFields("charge used", "battery monitor", "BAT", ("CurrTot",), _US),
    SensorReadingFields("charge used", "battery monitor", "CURR", ("CurrTot",), _US),
    SensorReadingFields("attitude", "filter", "ATT", ("Roll", "Pitch", "Yaw"), _US),
    *(
        SensorReadingFields("magnetic field", "magnetometer", record, ("MagX", "MagY", "MagZ"), _US)
        for record in ("MAG", "MAG2", "MAG3")
    ),
    *(
        SensorReadingFields("earth's magnetic field", "filter", record, ("MN", "ME", "MD"), _US)
        for record in ("XKF2", "NKF2", "EKF2")
    ),
)  # fmt: skip


def declination_readings(log: DataflashMessagesClockAndModes) -> tuple[SensorReadings, ...]:
    """Return the last declination that the log states, where the autopilot sets it by position."""
    last = log.last_parameter_statements
    if "COMPASS_DEC" not in last or "COMPASS_AUTODEC" not in last:
        return ()
    if last["COMPASS_AUTODEC"].value != 1:
        return ()
    stated = last["COMPASS_DEC"]
    offset = int(log.messages_named("PARM").offsets[stated.row])
    return declination_as_sensor_reading(np.degrees(stated.value), "PARM COMPASS_DEC", offset)


def byte_counts_stated_by_logger(
    log: DataflashMessagesClockAndModes,
) -> tuple[LoggerStatedAndFoundCounts, ...]:
    """Return the bytes that the logger says it wrote between its own records of that."""
    messages = log.messages_named("DSF")
    if len(messages) < 2 or messages.first_present_label("Bytes") is None:
        return ()
    frame = messages.to_dataframe()
    offsets = frame["offset"].to_numpy(np.int64)
    begins = np.concatenate(([0], offsets[:-1] + frame["length"].to_numpy(np.int64)[:-1]))
    stated = messages.numbers_of_field("Bytes")
    known = np.isfinite(stated)
    if not known.any():
        return ()
    found = (offsets - begins).astype(np.float64)
    return (
        LoggerStatedAndFoundCounts(
            "DSF", "Bytes", "bytes", begins[known], offsets[known], stated[known], found[known],
            int(offsets[-1]),
        ),
    )  # fmt: skip


def board_serials_stated_in_log(log: DataflashMessagesClockAndModes) -> tuple[StatedSerial, ...]:
    """Return the number of the board from every text that names it; each text counts once."""
    offsets = log.messages_named("MSG").offsets
    first = dict[str, StatedSerial]()
    for row, text in log.pilot_message_rows_and_texts:
        if match := BOARD_MESSAGE.search(text):
            serial = match["serial"].strip()
            stated = StatedSerial("flight controller", serial, "MSG", int(offsets[row]))
            first.setdefault(serial, stated)
    return tuple(first.values())


def other_clocks_to_compare(log: DataflashMessagesClockAndModes) -> Iterator[OtherClockReadings]:
    """Yield the satellite times of a second receiver and of photos."""
    for name, whose in (
        ("GPS2", "the time of the second satellite receiver"),
        ("CAM", "the satellite time in the record of the photos"),
    ):
        messages = log.messages_named(name)
        if not len(messages):
            continue
        utc_us, own_ns = utc_us_of_gps_messages(messages), log.utc_ns_of_messages(messages)
        is_known = np.isfinite(utc_us) & (own_ns != NAT)
        if is_known.any():
            yield OtherClockReadings(
                whose, name, "satellite time", messages.offsets[is_known], own_ns[is_known] / 1e9,
                utc_us[is_known] / 1e6,
            )  # fmt: skip


def lifetime_totals(log: DataflashMessagesClockAndModes) -> Iterator[LifetimeTotal]:
    """Yield the totals that the first statement of each parameter gives."""
    stated = set[str]()
    offsets = log.messages_named("PARM").offsets
    for statement in log.parameter_statements_without_repetitions:
        kind = LIFETIME_PARAMETERS.get(statement.name)
        if kind is not None and kind not in stated and np.isfinite(statement.value):
            stated.add(kind)
            yield LifetimeTotal(kind, statement.value, statement.name, int(offsets[statement.row]))

"""What an app flight record states more than once: sensors, serial numbers, clocks.

Position and velocity come from one filter of the aircraft; the app computes the distance from home
by itself, and the battery counts its charge.
"""

import numpy as np
import pandas as pd

from ..._model import OtherClockReadings, StatedSerial
from ..._track_values._redundant_sensor_readings import (
    SensorReadingFields,
    column_scaling_conversion,
)
from .._event_rows import NAT
from ._indexed_record_file import RecordFile

_HOME, _RC_GPS, _RECOVER, _COMPONENT = 2, 11, 13, 40
#: Different serial numbers of a file that are kept: damage may give any number of them.
_MOST_SERIALS = 100
_FLIGHT_TIME = ("flight_time_s", 1.0)

READING_FIELDS = (
    SensorReadingFields(
        "position", "position of the aircraft", "OSD", ("latitude_deg", "longitude_deg"),
        _FLIGHT_TIME, None, ("gps_valid", 1.0),
    ),
    SensorReadingFields("height", "height above take-off", "OSD", ("height_ato_m",), _FLIGHT_TIME),
    SensorReadingFields(
        "velocity", "velocity of the aircraft", "OSD",
        ("speed_north_mps", "speed_east_mps", "speed_down_mps"), _FLIGHT_TIME,
        column_scaling_conversion(1, 1, -1),
    ),
    SensorReadingFields("home distance", "the app", "Custom", ("distance_m",)),
    SensorReadingFields("charge left", "battery", "CenterBattery", ("capacity_mah",)),
)  # fmt: skip


def stated_serials(file: RecordFile) -> tuple[StatedSerial, ...]:
    """Return the serial numbers of Details and of every record that repeats them.

    The number that the aircraft's own records give for the flight controller is that of the
    aircraft: it was in all real files.  Of records that come again each different text counts once.
    """
    stated = list[StatedSerial]()
    if len(file.details):
        for part in ("aircraft", "camera", "controller", "battery"):
            serial = str(file.details[f"{part}_serial"][0] or "")
            stated.append(StatedSerial(part, serial, "Details", file.layout.details_offset))
    for _, offset, row in file.frame_indices_and_list_records(_RECOVER)[1].rows():
        for part in ("aircraft", "camera", "controller", "battery"):
            stated.append(StatedSerial(part, row[f"{part}_serial"], "Recover", offset))
    for _, offset, row in file.frame_indices_and_list_records(_COMPONENT)[1].rows():
        part = "aircraft" if row["part"] == "flight controller" else row["part"]
        stated.append(StatedSerial(part, row["serial"], "ComponentSerial", offset))
    home = file.records_of_type(_HOME)
    if len(home):
        texts = home.records["flight_controller_serial"].tolist()
        first_offsets = dict[str | None, int]()
        for text, offset in zip(texts, home.records.offsets.tolist(), strict=True):
            first_offsets.setdefault(text, offset)
        for text, offset in first_offsets.items():
            stated.append(StatedSerial("aircraft", text or "", "Home", offset))
    first = dict[tuple[str, str, str], StatedSerial]()
    for each in stated:
        if each.serial.strip("0") and len(first) < _MOST_SERIALS:
            first.setdefault((each.part, each.serial, each.record), each)
    return tuple(first.values())


def remote_controller_gnss_clock_readings(file: RecordFile) -> tuple[OtherClockReadings, ...]:
    """Return the time of the satellite receiver of the controller, where records hold it."""
    controller = file.records_of_type(_RC_GPS)
    if not len(controller):
        return ()
    fields = controller.records
    names = ("year", "month", "day", "hour", "minute", "second")
    times = pd.to_datetime(pd.DataFrame({name: fields[name] for name in names}), errors="coerce")
    own_ns = file.times.ns[controller.rows]
    is_known = times.notna().to_numpy() & (own_ns != NAT) & (np.asarray(fields["valid"]) == 1)
    if not is_known.any():
        return ()
    other_s = times.to_numpy("datetime64[ns]").astype(np.int64)[is_known] / 1e9
    return (
        OtherClockReadings(
            "the time of the controller's satellite receiver", "RCGPS", "year to second",
            fields.offsets[is_known], own_ns[is_known] / 1e9, other_s,
        ),
    )  # fmt: skip

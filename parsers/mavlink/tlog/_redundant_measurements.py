"""What a telemetry log states more than once: sensors, counts, serial numbers, clocks, totals.

Source: the message definitions of github.com/mavlink/mavlink, common.xml and ardupilotmega.xml.
Every frame carries the number of its sender's frames, which begins anew after 256.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..._model import (
    LifetimeTotal,
    LoggerStatedAndFoundCounts,
    OtherClockReadings,
    SensorReadings,
    StatedSerial,
)
from ..._track_values._redundant_sensor_readings import (
    Floats,
    SensorReadingFields,
    column_scaling_conversion,
    declination_as_sensor_reading,
    hectopascal_to_metres,
)
from .._shared._ardupilot_names import LIFETIME_PARAMETERS
from .._shared._timestamps import NAT
from ._aircraft_and_sender_identity import BOARD_TEXT, board_serial_as_ardupilot_prints
from ._choose_vehicle import VehicleOfStream
from ._event_rows import sender_name
from ._frame_header_columns import DAMAGED
from ._message_columns import TlogMessages
from ._parameters import LastParameterValue
from ._status_text import StatusText

_BOOT = ("time_boot_ms", 1e-3)
_DEGREES = column_scaling_conversion(1e-7, 1e-7)
_SATELLITE, _FUSED = "satellite receiver", "fused position"
_FIXED = ("fix_type", 3.0)


def _gps_velocity_north_east_up_m_per_s(values: Floats) -> Floats:
    """Return north, east and up from cm/s and hundredths of a degree; what is not known is NaN."""
    unknown = (values == 65_535).any(axis=1)
    speed, course = values[:, 0] * 0.01, np.radians(values[:, 1] * 0.01)
    north_east = np.column_stack([speed * np.cos(course), speed * np.sin(course)])
    return np.column_stack(
        [np.where(unknown[:, None], np.nan, north_east), np.full(len(values), np.nan)]
    )


def _north_east_cm_per_s_to_m_per_s_with_nan_up(values: Floats) -> Floats:
    """Return north and east from cm/s; up is not known."""
    return np.column_stack([values * 0.01, np.full(len(values), np.nan)])


READING_FIELDS = (
    *(
        each
        for record, source in (
            ("GPS_RAW_INT", _SATELLITE),
            ("GPS2_RAW", f"second {_SATELLITE}"),
        )
        for each in (
            SensorReadingFields("position", source, record, ("lat", "lon"), None, _DEGREES, _FIXED),
            SensorReadingFields(
                "height", source, record, ("alt",), None, column_scaling_conversion(1e-3), _FIXED,
            ),
            SensorReadingFields(
                "velocity", source, record, ("vel", "cog"), None,
                _gps_velocity_north_east_up_m_per_s, _FIXED,
            ),
        )
    ),
    SensorReadingFields("position", _FUSED, "GLOBAL_POSITION_INT", ("lat", "lon"), _BOOT, _DEGREES),
    SensorReadingFields(
        "height", _FUSED, "GLOBAL_POSITION_INT", ("alt",), _BOOT, column_scaling_conversion(1e-3),
    ),
    SensorReadingFields(
        "height", "height above take-off", "GLOBAL_POSITION_INT", ("relative_alt",), _BOOT,
        column_scaling_conversion(1e-3),
    ),
    # Not its vz: firmware up to 3.6 and the simulators of that time send it upside down.
    SensorReadingFields(
        "velocity", "filter", "GLOBAL_POSITION_INT", ("vx", "vy"), _BOOT,
        _north_east_cm_per_s_to_m_per_s_with_nan_up,
    ),
    SensorReadingFields("position", "second filter", "AHRS2", ("lat", "lng"), None, _DEGREES),
    SensorReadingFields("height", "second filter", "AHRS2", ("altitude",)),
    SensorReadingFields("position", "simulator", "SIMSTATE", ("lat", "lng"), None, _DEGREES),
    SensorReadingFields(
        "position", "camera trigger", "CAMERA_FEEDBACK", ("lat", "lng"), None, _DEGREES,
    ),
    SensorReadingFields(
        "position", "terrain model", "TERRAIN_REPORT", ("lat", "lon"), None, _DEGREES,
    ),
    SensorReadingFields(
        "local position", "filter", "LOCAL_POSITION_NED", ("x", "y", "z"), _BOOT,
        column_scaling_conversion(1, 1, -1),
    ),
    SensorReadingFields(
        "velocity", "filter", "LOCAL_POSITION_NED", ("vx", "vy", "vz"), _BOOT,
        column_scaling_conversion(1, 1, -1),
    ),
    SensorReadingFields("height", "head-up display", "VFR_HUD", ("alt",)),
    SensorReadingFields(
        "height", "barometer", "SCALED_PRESSURE", ("press_abs",), _BOOT, hectopascal_to_metres
    ),
    SensorReadingFields("range", "range finder", "RANGEFINDER", ("distance",)),
    SensorReadingFields(
        "charge used", "battery monitor", "BATTERY_STATUS", ("current_consumed",), None, None,
        ("current_consumed", 0.0),
    ),
    SensorReadingFields(
        "attitude", "filter", "ATTITUDE", ("roll", "pitch", "yaw"), _BOOT,
        column_scaling_conversion(*[float(np.degrees(1.0))] * 3),
    ),
    *(
        SensorReadingFields(
            "magnetic field", "magnetometer", record, ("xmag", "ymag", "zmag"), time,
        )
        for record, time in (
            ("RAW_IMU", ("time_usec", 1e-6)),
            ("SCALED_IMU", _BOOT),
            ("SCALED_IMU2", _BOOT),
            ("SCALED_IMU3", _BOOT),
        )
    ),
)  # fmt: skip


#: Numbers of frames before the count begins anew, and steps from which on it is a frame twice.
_PERIOD, _TWICE = 256, 128
#: Readings of a clock that are kept, spread over the log.
_MOST_READINGS = 4000


def last_stated_declination_reading(
    params: Mapping[str, LastParameterValue],
) -> tuple[SensorReadings, ...]:
    """Return the last declination that the log states, where the autopilot sets it by position."""
    if "COMPASS_DEC" not in params or "COMPASS_AUTODEC" not in params:
        return ()
    if params["COMPASS_AUTODEC"].value != 1:
        return ()
    stated = params["COMPASS_DEC"]
    return declination_as_sensor_reading(
        float(np.degrees(stated.value)), f"{stated.record} COMPASS_DEC", stated.offset
    )


def missing_frame_counts_by_sequence(
    stream: TlogMessages, vehicle: VehicleOfStream
) -> tuple[LoggerStatedAndFoundCounts, ...]:
    """Return where frames of the vehicle are missing by the number that each carries."""
    index = stream.index
    frames = index.frames
    rows = np.flatnonzero(
        (frames.system == vehicle.system)
        & (frames.component == vehicle.component)
        & (frames.status != DAMAGED)
    )
    if len(rows) < 2:
        return ()
    step = np.diff(frames.sequence[rows])
    ahead = np.flatnonzero((step > 1) & (step < _TWICE))
    begins, ends = (index.starts[rows[at]].astype(np.int64) for at in (ahead, ahead + 1))
    return (
        LoggerStatedAndFoundCounts(
            "frame", "sequence", "frames", begins, ends,
            step[ahead].astype(np.float64) - 1, np.zeros(len(ahead)), len(rows), _PERIOD,
            sender_name(vehicle.system, vehicle.component), is_of_link=True,
        ),
    )  # fmt: skip


def stated_serials(
    stream: TlogMessages, vehicle: VehicleOfStream, texts: Sequence[StatusText]
) -> tuple[StatedSerial, ...]:
    """Return the number of the board from every message and text that states it."""
    version = vehicle.messages_from_autopilot(stream["AUTOPILOT_VERSION"])
    stated = list[StatedSerial]()
    for row in range(len(version)):
        offset, long = int(version.offsets[row]), version["uid2"][row]
        if long.any():
            number = board_serial_as_ardupilot_prints(long.tobytes())
            stated.append(StatedSerial("flight controller", number, "AUTOPILOT_VERSION", offset))
    for text in texts:
        if match := BOARD_TEXT.match(text.text):
            offset = int(stream["STATUSTEXT"].offsets[text.row])
            number = match["serial"]
            stated.append(StatedSerial("flight controller", number, "STATUSTEXT", offset))
    first = dict[tuple[str, str], StatedSerial]()
    for each in stated:
        first.setdefault((each.serial, each.record), each)
    return tuple(first.values())


def ground_station_clock_to_compare(stream: TlogMessages) -> Iterator[OtherClockReadings]:
    """Yield the clock of the ground station, where the vehicle states UTC."""
    anchors = stream.times.anchors
    if anchors is None or not stream.index.has_timestamps:
        return
    known = np.flatnonzero(np.asarray(anchors.vehicle_us) != NAT)
    if not len(known):
        return
    known = known[:: max(1, len(known) // _MOST_READINGS)]
    yield OtherClockReadings(
        "the clock of the ground station", "frame", "time stamp",
        stream.index.starts[anchors.rows[known]].astype(np.int64),
        np.asarray(anchors.vehicle_us)[known] / 1e6, np.asarray(anchors.station_us)[known] / 1e6,
        can_be_set=True,
    )  # fmt: skip


def lifetime_totals(params: Mapping[str, LastParameterValue]) -> Iterator[LifetimeTotal]:
    """Yield the totals that the last statement of each parameter gives."""
    for name, kind in LIFETIME_PARAMETERS.items():
        if name in params and np.isfinite(params[name].value):
            last = params[name]
            yield LifetimeTotal(kind, last.value, f"{last.record} {name}", last.offset)

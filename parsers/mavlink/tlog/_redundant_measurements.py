"""What a telemetry log states more than once: sensors, counts, serial numbers, clocks, totals.

Source: the message definitions of github.com/mavlink/mavlink, common.xml and ardupilotmega.xml.
Every frame carries the number of its sender's frames, which begins anew after 256.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..._model import LifetimeTotal, LoggerCount, OtherClock, SensorReadings, StatedSerial
from ..._track_values._redundant_sensor_readings import (
    Floats,
    SensorFields,
    declination_as_sensor_reading,
    hectopascal_to_metres,
    scale_by,
)
from .._shared._ardupilot_names import LIFETIME_PARAMETERS
from .._shared._timestamps import NAT
from ._aircraft_and_sender_identity import BOARD_TEXT, board_number
from ._choose_vehicle import VehicleOfStream
from ._event_rows import sender_name
from ._frame_header_columns import DAMAGED
from ._message_columns import TlogMessages
from ._parameters import LastParameterValue
from ._status_text import StatusText

_BOOT = ("time_boot_ms", 1e-3)
_DEGREES = scale_by(1e-7, 1e-7)
_SATELLITE, _FUSED = "satellite receiver", "fused position"
_FIXED = ("fix_type", 3.0)


def _receiver_velocity(values: Floats) -> Floats:
    """Return north, east and up from cm/s and hundredths of a degree; what is not known is NaN."""
    unknown = (values == 65_535).any(axis=1)
    speed, course = values[:, 0] * 0.01, np.radians(values[:, 1] * 0.01)
    north_east = np.column_stack([speed * np.cos(course), speed * np.sin(course)])
    return np.column_stack(
        [np.where(unknown[:, None], np.nan, north_east), np.full(len(values), np.nan)]
    )


def _north_east_cm_per_s(values: Floats) -> Floats:
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
            SensorFields("position", source, record, ("lat", "lon"), None, _DEGREES, _FIXED),
            SensorFields("height", source, record, ("alt",), None, scale_by(1e-3), _FIXED),
            SensorFields(
                "velocity", source, record, ("vel", "cog"), None, _receiver_velocity, _FIXED
            ),
        )
    ),
    SensorFields("position", _FUSED, "GLOBAL_POSITION_INT", ("lat", "lon"), _BOOT, _DEGREES),
    SensorFields("height", _FUSED, "GLOBAL_POSITION_INT", ("alt",), _BOOT, scale_by(1e-3)),
    SensorFields(
        "height", "height above take-off", "GLOBAL_POSITION_INT", ("relative_alt",), _BOOT,
        scale_by(1e-3),
    ),
    # Not its vz: firmware up to 3.6 and the simulators of that time send it upside down.
    SensorFields(
        "velocity", "filter", "GLOBAL_POSITION_INT", ("vx", "vy"), _BOOT, _north_east_cm_per_s
    ),
    SensorFields("position", "second filter", "AHRS2", ("lat", "lng"), None, _DEGREES),
    SensorFields("height", "second filter", "AHRS2", ("altitude",)),
    SensorFields("position", "simulator", "SIMSTATE", ("lat", "lng"), None, _DEGREES),
    SensorFields("position", "camera trigger", "CAMERA_FEEDBACK", ("lat", "lng"), None, _DEGREES),
    SensorFields("position", "terrain model", "TERRAIN_REPORT", ("lat", "lon"), None, _DEGREES),
    SensorFields(
        "local position", "filter", "LOCAL_POSITION_NED", ("x", "y", "z"), _BOOT, scale_by(1, 1, -1)
    ),
    SensorFields(
        "velocity", "filter", "LOCAL_POSITION_NED", ("vx", "vy", "vz"), _BOOT, scale_by(1, 1, -1)
    ),
    SensorFields("height", "head-up display", "VFR_HUD", ("alt",)),
    SensorFields(
        "height", "barometer", "SCALED_PRESSURE", ("press_abs",), _BOOT, hectopascal_to_metres
    ),
    SensorFields("range", "range finder", "RANGEFINDER", ("distance",)),
    SensorFields(
        "charge used", "battery monitor", "BATTERY_STATUS", ("current_consumed",), None, None,
        ("current_consumed", 0.0),
    ),
    SensorFields(
        "attitude", "filter", "ATTITUDE", ("roll", "pitch", "yaw"), _BOOT,
        scale_by(*[float(np.degrees(1.0))] * 3),
    ),
    *(
        SensorFields("magnetic field", "magnetometer", record, ("xmag", "ymag", "zmag"), time)
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


def declination(params: Mapping[str, LastParameterValue]) -> tuple[SensorReadings, ...]:
    """Return the last declination that the log states, where the autopilot sets it by position."""
    if "COMPASS_DEC" not in params or "COMPASS_AUTODEC" not in params:
        return ()
    if params["COMPASS_AUTODEC"].value != 1:
        return ()
    stated = params["COMPASS_DEC"]
    return declination_as_sensor_reading(
        float(np.degrees(stated.value)), f"{stated.record} COMPASS_DEC", stated.offset
    )


def logger_counts(stream: TlogMessages, vehicle: VehicleOfStream) -> tuple[LoggerCount, ...]:
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
        LoggerCount(
            "frame", "sequence", "frames", begins, ends,
            step[ahead].astype(np.float64) - 1, np.zeros(len(ahead)), len(rows), _PERIOD,
            sender_name(vehicle.system, vehicle.component), is_of_link=True,
        ),
    )  # fmt: skip


def stated_serials(
    stream: TlogMessages, vehicle: VehicleOfStream, texts: Sequence[StatusText]
) -> tuple[StatedSerial, ...]:
    """Return the number of the board from every message and text that states it."""
    version = vehicle.from_autopilot(stream["AUTOPILOT_VERSION"])
    stated = list[StatedSerial]()
    for row in range(len(version)):
        offset, long = int(version.offsets[row]), version["uid2"][row]
        if long.any():
            number = board_number(long.tobytes())
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


def other_clocks(stream: TlogMessages) -> Iterator[OtherClock]:
    """Yield the clock of the ground station, where the vehicle states UTC."""
    anchors = stream.times.anchors
    if anchors is None or not stream.index.has_timestamps:
        return
    known = np.flatnonzero(np.asarray(anchors.vehicle_us) != NAT)
    if not len(known):
        return
    known = known[:: max(1, len(known) // _MOST_READINGS)]
    yield OtherClock(
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

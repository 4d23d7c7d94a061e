"""What a ULog states more than once: sensors, counts, clocks, totals.

Source: PX4-Autopilot ``msg/*.msg`` of v1.7 to v1.16, units as measured on real logs; the number of
an event rises by one with each (``event.event_sequence``); the logger names the file by UTC and
says so in a text (``src/modules/logger``).
"""

from collections.abc import Iterator, Mapping

import numpy as np

from ..._model import LifetimeTotal, LoggerStatedAndFoundCounts, OtherClockReadings, RecordsOfType
from ..._track_values._redundant_sensor_readings import (
    SensorReadingFields,
    column_scaling_conversion,
    quaternion_to_roll_pitch_yaw,
)
from ._fit_boot_clock import utc_us_of_log_file_name
from ._ulog_context import UlogContext

_US = ("timestamp", 1e-6)
_SATELLITE, _FUSED = "satellite receiver", "fused position"
_FIXED = ("fix_type", 3.0)
_UP = column_scaling_conversion(1, 1, -1)
_MILLIGAUSS = column_scaling_conversion(1000, 1000, 1000)

READING_FIELDS = (
    *(
        each
        for record, source in (
            ("vehicle_gps_position", _SATELLITE),
            ("sensor_gps", f"{_SATELLITE} by itself"),
        )
        for each in (
            SensorReadingFields(
                "position", source, record, ("latitude_deg", "longitude_deg"), _US, None, _FIXED
            ),
            SensorReadingFields(
                "position", source, record, ("lat", "lon"), _US,
                column_scaling_conversion(1e-7, 1e-7), _FIXED,
            ),
            SensorReadingFields("height", source, record, ("altitude_msl_m",), _US, None, _FIXED),
            SensorReadingFields(
                "height", source, record, ("alt",), _US, column_scaling_conversion(1e-3), _FIXED,
            ),
            SensorReadingFields(
                "velocity", source, record, ("vel_n_m_s", "vel_e_m_s", "vel_d_m_s"), _US, _UP,
                _FIXED,
            ),
        )
    ),
    SensorReadingFields("position", _FUSED, "vehicle_global_position", ("lat", "lon"), _US),
    SensorReadingFields("height", _FUSED, "vehicle_global_position", ("alt",), _US),
    SensorReadingFields(
        "local position", "filter", "vehicle_local_position", ("x", "y", "z"), _US, _UP,
    ),
    SensorReadingFields(
        "velocity", "filter", "vehicle_local_position", ("vx", "vy", "vz"), _US, _UP,
    ),
    SensorReadingFields(
        "height", "filter", "vehicle_local_position", ("z",), _US, column_scaling_conversion(-1),
    ),
    SensorReadingFields("height", "barometer", "vehicle_air_data", ("baro_alt_meter",), _US),
    SensorReadingFields("height", "barometer", "sensor_combined", ("baro_alt_meter",), _US),
    SensorReadingFields("range", "range finder", "distance_sensor", ("current_distance",), _US),
    SensorReadingFields(
        "charge used", "battery monitor", "battery_status", ("discharged_mah",), _US,
    ),
    SensorReadingFields(
        "attitude", "filter", "vehicle_attitude", tuple(f"q[{axis}]" for axis in range(4)), _US,
        quaternion_to_roll_pitch_yaw,
    ),
    *(
        SensorReadingFields(
            "magnetic field", "magnetometer", record,
            tuple(f"magnetometer_ga[{axis}]" for axis in range(3)), _US, _MILLIGAUSS,
        )
        for record in ("vehicle_magnetometer", "sensor_combined")
    ),
    *(
        SensorReadingFields(
            "earth's magnetic field", "filter", record,
            tuple(f"states[{axis}]" for axis in (16, 17, 18)), _US, _MILLIGAUSS,
        )
        for record in ("estimator_states", "estimator_status")
    ),
    SensorReadingFields(
        "expected magnetic field", "model of the autopilot", "estimator_status",
        ("mag_inclination_ref_deg", "mag_strength_ref_gs"), _US, column_scaling_conversion(1, 1000),
    ),
)  # fmt: skip

#: Numbers of events before the count begins anew.
_EVENT_PERIOD = 65_536
#: Steps of that number from which on it is an event twice.
_EVENT_TWICE = 32_768


def missing_event_counts_by_sequence(
    records: Mapping[str, RecordsOfType],
) -> tuple[LoggerStatedAndFoundCounts, ...]:
    """Return where events are missing by the number that each carries."""
    if "event" not in records:
        return ()
    frame = records["event"].to_dataframe()
    if "event_sequence" not in frame or len(frame) < 2:
        return ()
    if frame["event_sequence"].dtype.kind not in "iu":
        # A damaged definition.
        return ()
    offsets = frame["offset"].to_numpy(np.int64)
    step = np.diff(frame["event_sequence"].to_numpy(np.int64)) % _EVENT_PERIOD
    ahead = np.flatnonzero((step > 1) & (step < _EVENT_TWICE))
    return (
        LoggerStatedAndFoundCounts(
            "event", "event_sequence", "events", offsets[ahead], offsets[ahead + 1],
            step[ahead].astype(np.float64) - 1, np.zeros(len(ahead)), len(frame), _EVENT_PERIOD,
        ),
    )  # fmt: skip


def log_file_name_clock_to_compare(log: UlogContext) -> Iterator[OtherClockReadings]:
    """Yield the time in the name that the logger gave its file, where another clock gives UTC."""
    if not log.clock.clock.from_gnss:
        return
    ahead_min = int(log.parameter_value_at_log_start("SDLOG_UTC_OFFSET") or 0)
    for line in log.logged_lines:
        utc_us = utc_us_of_log_file_name(line.text, ahead_min)
        own_ns = log.clock.utc_ns_of_tick(
            log.unwrap_boot_time_across_restarts_us(line.time_us, line.offset)
        )
        if utc_us is not None and own_ns > 0:
            yield OtherClockReadings(
                "the time in the name that the logger gave its file", "TEXT", "text",
                np.array([line.offset]), np.array([own_ns / 1e9]), np.array([utc_us / 1e6]),
            )  # fmt: skip
            return


def lifetime_totals(log: UlogContext) -> Iterator[LifetimeTotal]:
    """Yield the flight time that PX4 keeps in two parameters, microseconds in 64 bits."""
    low, high = (log.parameters.get(f"LND_FLIGHT_T_{part}") for part in ("LO", "HI"))
    if low is not None and high is not None and np.isfinite([low.value, high.value]).all():
        whole_us = ((int(high.value) & 0xFFFFFFFF) << 32) | (int(low.value) & 0xFFFFFFFF)
        yield LifetimeTotal("flight time", whole_us / 1e6, "LND_FLIGHT_T_LO", low.offset)

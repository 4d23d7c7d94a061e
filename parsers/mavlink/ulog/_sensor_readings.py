"""Where a ULog holds readings of one quantity by several sensors.

Source: PX4-Autopilot ``msg/*.msg`` of v1.7 to v1.16, units as measured on real logs.
"""

from ..._redundant_values._sensor_readings import ReadingFields, scaled

_US = ("timestamp", 1e-6)
_SATELLITE, _FUSED = "satellite receiver", "fused position"
_FIXED = ("fix_type", 3.0)
_UP = scaled(1, 1, -1)

READING_FIELDS = (
    *(
        each
        for record, source in (
            ("vehicle_gps_position", _SATELLITE),
            ("sensor_gps", f"{_SATELLITE} by itself"),
        )
        for each in (
            ReadingFields(
                "position", source, record, ("latitude_deg", "longitude_deg"), _US, None, _FIXED
            ),
            ReadingFields(
                "position", source, record, ("lat", "lon"), _US, scaled(1e-7, 1e-7), _FIXED
            ),
            ReadingFields("height", source, record, ("altitude_msl_m",), _US, None, _FIXED),
            ReadingFields("height", source, record, ("alt",), _US, scaled(1e-3), _FIXED),
            ReadingFields(
                "velocity", source, record, ("vel_n_m_s", "vel_e_m_s", "vel_d_m_s"), _US, _UP, _FIXED
            ),
        )
    ),
    ReadingFields("position", _FUSED, "vehicle_global_position", ("lat", "lon"), _US),
    ReadingFields("height", _FUSED, "vehicle_global_position", ("alt",), _US),
    ReadingFields("local position", "filter", "vehicle_local_position", ("x", "y", "z"), _US, _UP),
    ReadingFields("velocity", "filter", "vehicle_local_position", ("vx", "vy", "vz"), _US, _UP),
    ReadingFields("height", "filter", "vehicle_local_position", ("z",), _US, scaled(-1)),
    ReadingFields("height", "barometer", "vehicle_air_data", ("baro_alt_meter",), _US),
    ReadingFields("height", "barometer", "sensor_combined", ("baro_alt_meter",), _US),
    ReadingFields("range", "range finder", "distance_sensor", ("current_distance",), _US),
    ReadingFields("charge used", "battery monitor", "battery_status", ("discharged_mah",), _US),
)  # fmt: skip

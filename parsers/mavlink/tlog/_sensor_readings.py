"""Where a telemetry log holds readings of one quantity by several sensors.

Source: the message definitions of github.com/mavlink/mavlink, common.xml and ardupilotmega.xml.
"""

import numpy as np

from ..._redundant_values._sensor_readings import (
    Floats,
    ReadingFields,
    hectopascal_to_metres,
    scaled,
)

_BOOT = ("time_boot_ms", 1e-3)
_DEGREES = scaled(1e-7, 1e-7)
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
            ReadingFields("position", source, record, ("lat", "lon"), None, _DEGREES, _FIXED),
            ReadingFields("height", source, record, ("alt",), None, scaled(1e-3), _FIXED),
            ReadingFields("velocity", source, record, ("vel", "cog"), None, _receiver_velocity, _FIXED),
        )
    ),
    ReadingFields("position", _FUSED, "GLOBAL_POSITION_INT", ("lat", "lon"), _BOOT, _DEGREES),
    ReadingFields("height", _FUSED, "GLOBAL_POSITION_INT", ("alt",), _BOOT, scaled(1e-3)),
    ReadingFields(
        "height", "height above take-off", "GLOBAL_POSITION_INT", ("relative_alt",), _BOOT,
        scaled(1e-3),
    ),
    # Not its vz: firmware up to 3.6 and the simulators of that time send it upside down.
    ReadingFields(
        "velocity", "filter", "GLOBAL_POSITION_INT", ("vx", "vy"), _BOOT, _north_east_cm_per_s
    ),
    ReadingFields("position", "second filter", "AHRS2", ("lat", "lng"), None, _DEGREES),
    ReadingFields("height", "second filter", "AHRS2", ("altitude",)),
    ReadingFields(
        "local position", "filter", "LOCAL_POSITION_NED", ("x", "y", "z"), _BOOT, scaled(1, 1, -1)
    ),
    ReadingFields(
        "velocity", "filter", "LOCAL_POSITION_NED", ("vx", "vy", "vz"), _BOOT, scaled(1, 1, -1)
    ),
    ReadingFields("height", "head-up display", "VFR_HUD", ("alt",)),
    ReadingFields(
        "height", "barometer", "SCALED_PRESSURE", ("press_abs",), _BOOT, hectopascal_to_metres
    ),
    ReadingFields("range", "range finder", "RANGEFINDER", ("distance",)),
    ReadingFields(
        "charge used", "battery monitor", "BATTERY_STATUS", ("current_consumed",), None, None,
        ("current_consumed", 0.0),
    ),
)  # fmt: skip

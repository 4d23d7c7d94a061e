"""Where a DataFlash log holds readings of one quantity by several sensors.

Source: ArduPilot's log messages (libraries/AP_Logger/LogStructure.h of firmware 3.1 to 4.8), units
as measured on real logs.
"""

from ..._redundant_values._sensor_readings import (
    ReadingFields,
    scaled,
    speed_and_course_to_north_east_up,
)

_US, _MS, _BOOT_MS = ("TimeUS", 1e-6), ("TimeMS", 1e-3), ("T", 1e-3)
_SATELLITE, _FUSED, _BAROMETER = "satellite receiver", "fused position", "barometer"
_FIXED = ("Status", 3.0)

READING_FIELDS = (
    *(
        each
        for record, source in (("GPS", _SATELLITE), ("GPS2", f"second {_SATELLITE}"))
        for each in (
            ReadingFields("position", source, record, ("Lat", "Lng"), _US, None, _FIXED),
            ReadingFields("height", source, record, ("Alt",), _US, None, _FIXED),
            ReadingFields(
                "velocity", source, record, ("Spd", "GCrs", "VZ"), _US,
                speed_and_course_to_north_east_up, _FIXED,
            ),
        )
    ),
    ReadingFields("height", "fused height", "GPS", ("RelAlt",), _BOOT_MS),
    ReadingFields("position", _FUSED, "POS", ("Lat", "Lng"), _US),
    ReadingFields("height", _FUSED, "POS", ("Alt",), _US),
    ReadingFields("height", "height above take-off", "POS", ("RelHomeAlt",), _US),
    ReadingFields("position", "second filter", "AHR2", ("Lat", "Lng"), _US),
    ReadingFields("height", "second filter", "AHR2", ("Alt",), _US),
    ReadingFields("height", _BAROMETER, "BARO", ("Alt",), _US),
    ReadingFields("height", _BAROMETER, "CTUN", ("BAlt",), _US),
    ReadingFields("height", _BAROMETER, "CTUN", ("BarAlt",), _US),
    ReadingFields("height", "height controller", "CTUN", ("Alt",), _US),
    *(
        each
        for record in ("XKF1", "NKF1", "EKF1")
        for each in (
            ReadingFields("local position", "filter", record, ("PN", "PE", "PD"), _US, scaled(1, 1, -1)),
            ReadingFields("velocity", "filter", record, ("VN", "VE", "VD"), _US, scaled(1, 1, -1)),
        )
    ),
    ReadingFields("range", "range finder", "RFND", ("Dist",), _US, None, ("Stat", 4.0)),
    ReadingFields("charge used", "battery monitor", "BAT", ("CurrTot",), _US),
    ReadingFields("charge used", "battery monitor", "CURR", ("CurrTot",), _US),
)  # fmt: skip

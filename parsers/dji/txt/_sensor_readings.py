"""Where an app flight record holds readings of one quantity by several sensors.

Position and velocity come from one filter of the aircraft; the app computes the distance from home
by itself, and the battery counts its charge.
"""

from ..._redundant_values._sensor_readings import ReadingFields, scaled

_FLIGHT_TIME = ("flight_time_s", 1.0)

READING_FIELDS = (
    ReadingFields(
        "position", "position of the aircraft", "OSD", ("latitude_deg", "longitude_deg"),
        _FLIGHT_TIME, None, ("gps_valid", 1.0),
    ),
    ReadingFields("height", "height above take-off", "OSD", ("height_ato_m",), _FLIGHT_TIME),
    ReadingFields(
        "velocity", "velocity of the aircraft", "OSD",
        ("speed_north_mps", "speed_east_mps", "speed_down_mps"), _FLIGHT_TIME,
        scaled(1, 1, -1),
    ),
    ReadingFields("home distance", "the app", "Custom", ("distance_m",)),
    ReadingFields("charge left", "battery", "CenterBattery", ("capacity_mah",)),
)  # fmt: skip

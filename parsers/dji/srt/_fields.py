"""What the keys of DJI's subtitles mean: one row a key, with its unit and its scale.

The older cameras write whole numbers where the newer write decimals: an aperture of 280 for 2.8, a
focal length of 240 for 24, a zoom of 10000 for 1.  A scale is applied only to such whole numbers,
so that each value has one unit whatever wrote it.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

#: A number with at most a unit after it, or the F of a stop before it.
_NUMBER = re.compile(
    rb"F?([-+]?\d{1,15}(?:\.\d{1,15})?)(?:/(\d{1,9}(?:\.\d{1,9})?))?"
    rb"(?:ms|m/s|m|M|V|%|Mbps|\xc2\xb0)?"
)


def number(text: bytes) -> float:
    """Return a value as a number, without its unit; a fraction is divided; NaN if it is none."""
    if len(text) <= 16 and text.lstrip(b"+-").replace(b".", b"", 1).isdigit():
        with suppress(ValueError):  # "+-1"
            return float(text)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return float("nan")
    below = float(found[2]) if found[2] else 1.0
    return float(found[1]) / below if below else float("nan")


def _inverse(text: bytes) -> float:
    """Return the reciprocal: a shutter of 60 is 1/60 s; a fraction is one already."""
    value = number(text)
    if b"/" in text:
        return value
    return 1 / value if value else float("nan")


def _above(least: int, divisor: float) -> Callable[[bytes], float]:
    """Return a reader that divides the whole numbers from ``least`` up."""

    def scaled(text: bytes) -> float:
        value = number(text)
        return value / divisor if b"." not in text and value >= least else value

    return scaled


@dataclass(frozen=True, slots=True)
class Meaning:
    """One key: the column it becomes, what it means, and how its text becomes a number.

    ``read`` is ``None`` for a text.
    """

    column: str
    meaning: str
    read: Callable[[bytes], float] | None = number


MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "framecnt": Meaning("frame", "number of the frame"),
        "srtcnt": Meaning("frame_count", "number of the cue, on some models"),
        "frameid": Meaning("frame_id", "number of the frame since power-on"),
        "difftime": Meaning("frame_interval_ms", "since the frame before"),
        "latitude": Meaning("latitude_deg", "WGS 84"),
        "longitude": Meaning("longitude_deg", "WGS 84; some models spell it longtitude"),
        "gps_1": Meaning("gps_1", "longitude or latitude"),
        "gps_2": Meaning("gps_2", "latitude or longitude"),
        "gps_3": Meaning("gps_3", "satellites, or an altitude that is always 0"),
        "rtk_1": Meaning("rtk_1", "longitude or latitude"),
        "rtk_2": Meaning("rtk_2", "latitude or longitude"),
        "rtk_3": Meaning("rtk_3", "satellites"),
        "home_1": Meaning("home_1", "longitude or latitude of the home point"),
        "home_2": Meaning("home_2", "latitude or longitude of the home point"),
        "home_3": Meaning("home_3", "metres, datum not stated"),
        "rel_alt": Meaning("rel_alt_m", "above take-off"),
        "abs_alt": Meaning("abs_alt_m", "datum not stated: barometric, or ellipsoidal with RTK"),
        "altitude": Meaning("altitude_m", "datum not stated"),
        "barometer": Meaning("barometer_m", "above take-off"),
        "hb": Meaning("barometer_m", "above take-off"),
        "hs": Meaning("ultrasonic_m", "above what lies below, by ultrasound"),
        "h": Meaning("height_m", "above take-off"),
        "d": Meaning("home_distance_m", "from the home point"),
        "h_s": Meaning("ground_speed_mps", "horizontal speed"),
        "v_s": Meaning("vertical_speed_mps", "sign not known"),
        "drone_speedx": Meaning("drone_speed_x_mps", "north, by inference"),
        "drone_speedy": Meaning("drone_speed_y_mps", "east, by inference"),
        "drone_speedz": Meaning("drone_speed_z_mps", "down, by inference"),
        "drone_yaw": Meaning("drone_yaw_deg", "of the airframe"),
        "drone_pitch": Meaning("drone_pitch_deg", "of the airframe"),
        "drone_roll": Meaning("drone_roll_deg", "of the airframe"),
        "f_pry_1": Meaning("drone_pitch_deg", "of the airframe"),
        "f_pry_2": Meaning("drone_roll_deg", "of the airframe"),
        "f_pry_3": Meaning("drone_yaw_deg", "of the airframe"),
        "gb_yaw": Meaning("gimbal_yaw_deg", "from true north"),
        "gb_pitch": Meaning("gimbal_pitch_deg", "0 level, -90 straight down"),
        "gb_roll": Meaning("gimbal_roll_deg", ""),
        "g_pry_1": Meaning("gimbal_pitch_deg", "0 level, -90 straight down"),
        "g_pry_2": Meaning("gimbal_roll_deg", ""),
        "g_pry_3": Meaning("gimbal_yaw_deg", "from true north"),
        "iso": Meaning("iso", "ISO"),
        "shutter": Meaning("shutter_s", "exposure time", _inverse),
        "ss": Meaning("shutter_s", "exposure time", _inverse),
        "tv": Meaning("shutter_s", "exposure time", _inverse),
        "fnum": Meaning("f_number", "whole numbers from 100 up are hundredths", _above(100, 100)),
        "f": Meaning("f_number", ""),
        "ir": Meaning("f_number", "some models write the stop behind IR"),
        "ev": Meaning("exposure_bias_ev", "stops"),
        "focal_len": Meaning(
            "focal_length_35mm_mm",
            "35 mm equivalent; whole numbers from 200 up are tenths",
            _above(200, 10),
        ),
        "dzoom_ratio": Meaning(
            "digital_zoom", "whole numbers from 1000 up are ten-thousandths", _above(1000, 10000)
        ),
        "dzoom": Meaning("dzoom", "digital zoom, where it stands beside dzoom_ratio"),
        "ct": Meaning("colour_temperature_k", "kelvin"),
        "color_md": Meaning("colour_mode", "", None),
        "laser": Meaning("laser", "perhaps millimetres: not validated", None),
        "af_cnn": Meaning("af_cnn", "not known", None),
        "eis": Meaning("eis", "image stabilisation", None),
        "signal": Meaning("signal", "strength of the link, 0 to 4"),
        "ch": Meaning("channel", "radio channel"),
        "flighttime": Meaning("flight_time_s", "since take-off"),
        "uavbat": Meaning("aircraft_battery_v", ""),
        "glsbat": Meaning("goggles_battery_pct", ""),
        "uavbatcells": Meaning("aircraft_battery_cells", ""),
        "glsbatcells": Meaning("goggles_battery_cells", ""),
        "delay": Meaning("video_delay_ms", ""),
        "bitrate": Meaning("bitrate_mbps", ""),
        "rcsignal": Meaning("rc_signal", "strength of the control link"),
    }
)

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


def parse_number_or_nan(text: bytes) -> float:
    """Return a value as a number, without its unit; a fraction is divided; NaN if it is none."""
    if len(text) <= 16 and text.lstrip(b"+-").replace(b".", b"", 1).isdigit():
        with suppress(ValueError):  # "+-1"
            return float(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return float("nan")
    below = float(match[2]) if match[2] else 1.0
    return float(match[1]) / below if below else float("nan")


def _parse_exposure_s(text: bytes) -> float:
    """Return the reciprocal: a shutter of 60 is 1/60 s; a fraction is one already."""
    value = parse_number_or_nan(text)
    if b"/" in text:
        return value
    return 1 / value if value else float("nan")


def _make_reader_dividing_whole_numbers(least: int, divisor: float) -> Callable[[bytes], float]:
    """Return a reader that divides the whole numbers from ``least`` up."""

    def scaled_number(text: bytes) -> float:
        value = parse_number_or_nan(text)
        return value / divisor if b"." not in text and value >= least else value

    return scaled_number


@dataclass(frozen=True, slots=True)
class CueFieldDefinition:
    """One key: the column it becomes, what it means, and how its text becomes a number.

    ``read`` is ``None`` for a text.
    """

    column: str
    meaning: str
    parse: Callable[[bytes], float] | None = parse_number_or_nan


CUE_FIELDS: Mapping[str, CueFieldDefinition] = MappingProxyType(
    {
        "framecnt": CueFieldDefinition("frame", "number of the frame"),
        "srtcnt": CueFieldDefinition("frame_count", "number of the cue, on some models"),
        "frameid": CueFieldDefinition("frame_id", "number of the frame since power-on"),
        "difftime": CueFieldDefinition("frame_interval_ms", "since the frame before"),
        "latitude": CueFieldDefinition("latitude_deg", "WGS 84"),
        "longitude": CueFieldDefinition("longitude_deg", "WGS 84; some models spell it longtitude"),
        "gps_1": CueFieldDefinition("gps_1", "longitude or latitude"),
        "gps_2": CueFieldDefinition("gps_2", "latitude or longitude"),
        "gps_3": CueFieldDefinition("gps_3", "satellites, or an altitude that is always 0"),
        "rtk_1": CueFieldDefinition("rtk_1", "longitude or latitude"),
        "rtk_2": CueFieldDefinition("rtk_2", "latitude or longitude"),
        "rtk_3": CueFieldDefinition("rtk_3", "satellites"),
        "home_1": CueFieldDefinition("home_1", "longitude or latitude of the home point"),
        "home_2": CueFieldDefinition("home_2", "latitude or longitude of the home point"),
        "home_3": CueFieldDefinition("home_3", "metres, datum not stated"),
        "rel_alt": CueFieldDefinition("rel_alt_m", "above take-off"),
        "abs_alt": CueFieldDefinition(
            "abs_alt_m", "datum not stated: barometric, or ellipsoidal with RTK"
        ),
        "altitude": CueFieldDefinition("altitude_m", "datum not stated"),
        "barometer": CueFieldDefinition("barometer_m", "above take-off"),
        "hb": CueFieldDefinition("barometer_m", "above take-off"),
        "hs": CueFieldDefinition("ultrasonic_m", "above what lies below, by ultrasound"),
        "h": CueFieldDefinition("height_m", "above take-off"),
        "d": CueFieldDefinition("home_distance_m", "from the home point"),
        "h_s": CueFieldDefinition("ground_speed_mps", "horizontal speed"),
        "v_s": CueFieldDefinition("vertical_speed_mps", "sign not known"),
        "drone_speedx": CueFieldDefinition("drone_speed_x_mps", "north, by inference"),
        "drone_speedy": CueFieldDefinition("drone_speed_y_mps", "east, by inference"),
        "drone_speedz": CueFieldDefinition("drone_speed_z_mps", "down, by inference"),
        "drone_yaw": CueFieldDefinition("drone_yaw_deg", "of the airframe"),
        "drone_pitch": CueFieldDefinition("drone_pitch_deg", "of the airframe"),
        "drone_roll": CueFieldDefinition("drone_roll_deg", "of the airframe"),
        "f_pry_1": CueFieldDefinition("drone_pitch_deg", "of the airframe"),
        "f_pry_2": CueFieldDefinition("drone_roll_deg", "of the airframe"),
        "f_pry_3": CueFieldDefinition("drone_yaw_deg", "of the airframe"),
        "gb_yaw": CueFieldDefinition("gimbal_yaw_deg", "from true north"),
        "gb_pitch": CueFieldDefinition("gimbal_pitch_deg", "0 level, -90 straight down"),
        "gb_roll": CueFieldDefinition("gimbal_roll_deg", ""),
        "gimbal_yaw": CueFieldDefinition("gimbal_yaw_deg", "from north, by its name only"),
        "gimbal_pitch": CueFieldDefinition("gimbal_pitch_deg", "by its name only"),
        "gimbal_roll": CueFieldDefinition("gimbal_roll_deg", "by its name only"),
        "g_pry_1": CueFieldDefinition("gimbal_pitch_deg", "0 level, -90 straight down"),
        "g_pry_2": CueFieldDefinition("gimbal_roll_deg", ""),
        "g_pry_3": CueFieldDefinition("gimbal_yaw_deg", "from true north"),
        "iso": CueFieldDefinition("iso", "ISO"),
        "shutter": CueFieldDefinition("shutter_s", "exposure time", _parse_exposure_s),
        "ss": CueFieldDefinition("shutter_s", "exposure time", _parse_exposure_s),
        "tv": CueFieldDefinition("shutter_s", "exposure time", _parse_exposure_s),
        "fnum": CueFieldDefinition(
            "f_number",
            "whole numbers from 100 up are hundredths",
            _make_reader_dividing_whole_numbers(100, 100),
        ),
        "f": CueFieldDefinition("f_number", ""),
        "ir": CueFieldDefinition("f_number", "some models write the stop behind IR"),
        "ev": CueFieldDefinition("exposure_bias_ev", "stops"),
        "focal_len": CueFieldDefinition(
            "focal_length_35mm_mm",
            "35 mm equivalent; whole numbers from 200 up are tenths",
            _make_reader_dividing_whole_numbers(200, 10),
        ),
        "dzoom_ratio": CueFieldDefinition(
            "digital_zoom",
            "whole numbers from 1000 up are ten-thousandths",
            _make_reader_dividing_whole_numbers(1000, 10000),
        ),
        "dzoom": CueFieldDefinition("dzoom", "digital zoom, where dzoom_ratio is also stated"),
        "ct": CueFieldDefinition("colour_temperature_k", "kelvin"),
        "color_md": CueFieldDefinition("colour_mode", "", None),
        "laser": CueFieldDefinition("laser", "perhaps millimetres: not validated", None),
        "af_cnn": CueFieldDefinition("af_cnn", "not known", None),
        "eis": CueFieldDefinition("eis", "image stabilisation", None),
        "signal": CueFieldDefinition("signal", "strength of the link, 0 to 4"),
        "ch": CueFieldDefinition("channel", "radio channel"),
        "flighttime": CueFieldDefinition("flight_time_s", "since take-off"),
        "uavbat": CueFieldDefinition("aircraft_battery_v", ""),
        "glsbat": CueFieldDefinition("goggles_battery_pct", ""),
        "uavbatcells": CueFieldDefinition("aircraft_battery_cells", ""),
        "glsbatcells": CueFieldDefinition("goggles_battery_cells", ""),
        "delay": CueFieldDefinition("video_delay_ms", ""),
        "bitrate": CueFieldDefinition("bitrate_mbps", ""),
        "rcsignal": CueFieldDefinition("rc_signal", "strength of the control link"),
    }
)

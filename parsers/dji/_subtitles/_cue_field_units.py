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


def parse_number(text: bytes) -> float:
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
    value = parse_number(text)
    if b"/" in text:
        return value
    return 1 / value if value else float("nan")


def _make_reader_dividing_whole_numbers(least: int, divisor: float) -> Callable[[bytes], float]:
    """Return a reader that divides the whole numbers from ``least`` up."""

    def scaled_number(text: bytes) -> float:
        value = parse_number(text)
        return value / divisor if b"." not in text and value >= least else value

    return scaled_number


@dataclass(frozen=True, slots=True)
class CueField:
    """One key: the column it becomes, what it means, and how its text becomes a number.

    ``read`` is ``None`` for a text.
    """

    column: str
    meaning: str
    parse: Callable[[bytes], float] | None = parse_number


CUE_FIELDS: Mapping[str, CueField] = MappingProxyType(
    {
        "framecnt": CueField("frame", "number of the frame"),
        "srtcnt": CueField("frame_count", "number of the cue, on some models"),
        "frameid": CueField("frame_id", "number of the frame since power-on"),
        "difftime": CueField("frame_interval_ms", "since the frame before"),
        "latitude": CueField("latitude_deg", "WGS 84"),
        "longitude": CueField("longitude_deg", "WGS 84; some models spell it longtitude"),
        "gps_1": CueField("gps_1", "longitude or latitude"),
        "gps_2": CueField("gps_2", "latitude or longitude"),
        "gps_3": CueField("gps_3", "satellites, or an altitude that is always 0"),
        "rtk_1": CueField("rtk_1", "longitude or latitude"),
        "rtk_2": CueField("rtk_2", "latitude or longitude"),
        "rtk_3": CueField("rtk_3", "satellites"),
        "home_1": CueField("home_1", "longitude or latitude of the home point"),
        "home_2": CueField("home_2", "latitude or longitude of the home point"),
        "home_3": CueField("home_3", "metres, datum not stated"),
        "rel_alt": CueField("rel_alt_m", "above take-off"),
        "abs_alt": CueField("abs_alt_m", "datum not stated: barometric, or ellipsoidal with RTK"),
        "altitude": CueField("altitude_m", "datum not stated"),
        "barometer": CueField("barometer_m", "above take-off"),
        "hb": CueField("barometer_m", "above take-off"),
        "hs": CueField("ultrasonic_m", "above what lies below, by ultrasound"),
        "h": CueField("height_m", "above take-off"),
        "d": CueField("home_distance_m", "from the home point"),
        "h_s": CueField("ground_speed_mps", "horizontal speed"),
        "v_s": CueField("vertical_speed_mps", "sign not known"),
        "drone_speedx": CueField("drone_speed_x_mps", "north, by inference"),
        "drone_speedy": CueField("drone_speed_y_mps", "east, by inference"),
        "drone_speedz": CueField("drone_speed_z_mps", "down, by inference"),
        "drone_yaw": CueField("drone_yaw_deg", "of the airframe"),
        "drone_pitch": CueField("drone_pitch_deg", "of the airframe"),
        "drone_roll": CueField("drone_roll_deg", "of the airframe"),
        "f_pry_1": CueField("drone_pitch_deg", "of the airframe"),
        "f_pry_2": CueField("drone_roll_deg", "of the airframe"),
        "f_pry_3": CueField("drone_yaw_deg", "of the airframe"),
        "gb_yaw": CueField("gimbal_yaw_deg", "from true north"),
        "gb_pitch": CueField("gimbal_pitch_deg", "0 level, -90 straight down"),
        "gb_roll": CueField("gimbal_roll_deg", ""),
        "gimbal_yaw": CueField("gimbal_yaw_deg", "from north, by its name only"),
        "gimbal_pitch": CueField("gimbal_pitch_deg", "by its name only"),
        "gimbal_roll": CueField("gimbal_roll_deg", "by its name only"),
        "g_pry_1": CueField("gimbal_pitch_deg", "0 level, -90 straight down"),
        "g_pry_2": CueField("gimbal_roll_deg", ""),
        "g_pry_3": CueField("gimbal_yaw_deg", "from true north"),
        "iso": CueField("iso", "ISO"),
        "shutter": CueField("shutter_s", "exposure time", _parse_exposure_s),
        "ss": CueField("shutter_s", "exposure time", _parse_exposure_s),
        "tv": CueField("shutter_s", "exposure time", _parse_exposure_s),
        "fnum": CueField(
            "f_number",
            "whole numbers from 100 up are hundredths",
            _make_reader_dividing_whole_numbers(100, 100),
        ),
        "f": CueField("f_number", ""),
        "ir": CueField("f_number", "some models write the stop behind IR"),
        "ev": CueField("exposure_bias_ev", "stops"),
        "focal_len": CueField(
            "focal_length_35mm_mm",
            "35 mm equivalent; whole numbers from 200 up are tenths",
            _make_reader_dividing_whole_numbers(200, 10),
        ),
        "dzoom_ratio": CueField(
            "digital_zoom",
            "whole numbers from 1000 up are ten-thousandths",
            _make_reader_dividing_whole_numbers(1000, 10000),
        ),
        "dzoom": CueField("dzoom", "digital zoom, where dzoom_ratio is also stated"),
        "ct": CueField("colour_temperature_k", "kelvin"),
        "color_md": CueField("colour_mode", "", None),
        "laser": CueField("laser", "perhaps millimetres: not validated", None),
        "af_cnn": CueField("af_cnn", "not known", None),
        "eis": CueField("eis", "image stabilisation", None),
        "signal": CueField("signal", "strength of the link, 0 to 4"),
        "ch": CueField("channel", "radio channel"),
        "flighttime": CueField("flight_time_s", "since take-off"),
        "uavbat": CueField("aircraft_battery_v", ""),
        "glsbat": CueField("goggles_battery_pct", ""),
        "uavbatcells": CueField("aircraft_battery_cells", ""),
        "glsbatcells": CueField("goggles_battery_cells", ""),
        "delay": CueField("video_delay_ms", ""),
        "bitrate": CueField("bitrate_mbps", ""),
        "rcsignal": CueField("rc_signal", "strength of the control link"),
    }
)

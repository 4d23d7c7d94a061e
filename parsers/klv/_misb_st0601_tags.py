"""The items of a UAS datalink local set (MISB ST 0601): names, wire forms and ranges.

Facts: MISB ST 0601 and ST 1201 as published.  ``mapped``: an integer of the stated bytes, of which
the whole range stands for the range of the quantity; the smallest signed one means that the value
is out of range or off the earth.  ``imap``: ST 1201's mapping, of any length up to that stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LocalSetTag:
    """One item: its number, its name with the unit, and how it is written."""

    number: int
    name: str
    #: ``uint``, ``sint``, ``mapped``, ``signed mapped``, ``imap``, ``text``, ``time`` or ``bytes``.
    form: str
    #: Bytes on the wire; of ``imap`` and of an integer of any length the most.
    size: int = 0
    low: float = 0.0
    high: float = 0.0
    #: Whether fewer bytes than ``size`` may stand.
    is_shorter_allowed: bool = False


def _signed_mapped_tag(number: int, name: str, size: int, most: float) -> LocalSetTag:
    return LocalSetTag(number, name, "signed mapped", size, -most, most)


def _angle_tag(number: int, name: str, size: int, most: float) -> LocalSetTag:
    return _signed_mapped_tag(number, f"{name}_deg", size, most)


def _height_tag(number: int, name: str) -> LocalSetTag:
    return LocalSetTag(number, f"{name}_m", "mapped", 2, -900.0, 19_000.0)


def _unsigned_mapped_tag(number: int, name: str, size: int, high: float) -> LocalSetTag:
    return LocalSetTag(number, name, "mapped", size, 0.0, high)


def _imap_tag(number: int, name: str, low: float, high: float, size: int = 8) -> LocalSetTag:
    return LocalSetTag(number, name, "imap", size, low, high, is_shorter_allowed=True)


def _unsigned_integer_tag(
    number: int, name: str, size: int, high: int | None = None, low: int = 0
) -> LocalSetTag:
    return LocalSetTag(
        number, name, "uint", size, low, (1 << 8 * size) - 1 if high is None else high
    )


def _text_tag(number: int, name: str) -> LocalSetTag:
    return LocalSetTag(number, name, "text", 127)


def _bytes_tag(number: int, name: str) -> LocalSetTag:
    return LocalSetTag(number, name, "bytes")


_LISTED = (
    _unsigned_integer_tag(1, "checksum", 2),
    LocalSetTag(2, "time", "time", 8),
    _text_tag(3, "mission_id"),
    _text_tag(4, "platform_tail_number"),
    _unsigned_mapped_tag(5, "platform_heading_deg", 2, 360.0),
    _angle_tag(6, "platform_pitch", 2, 20.0),
    _angle_tag(7, "platform_roll", 2, 50.0),
    _unsigned_integer_tag(8, "platform_true_airspeed_mps", 1),
    _unsigned_integer_tag(9, "platform_indicated_airspeed_mps", 1),
    _text_tag(10, "platform_designation"),
    _text_tag(11, "image_source_sensor"),
    _text_tag(12, "image_coordinate_system"),
    _angle_tag(13, "sensor_latitude", 4, 90.0),
    _angle_tag(14, "sensor_longitude", 4, 180.0),
    _height_tag(15, "sensor_altitude_msl"),
    _unsigned_mapped_tag(16, "sensor_horizontal_fov_deg", 2, 180.0),
    _unsigned_mapped_tag(17, "sensor_vertical_fov_deg", 2, 180.0),
    _unsigned_mapped_tag(18, "sensor_relative_azimuth_deg", 4, 360.0),
    _angle_tag(19, "sensor_relative_elevation", 4, 180.0),
    _unsigned_mapped_tag(20, "sensor_relative_roll_deg", 4, 360.0),
    _unsigned_mapped_tag(21, "slant_range_m", 4, 5_000_000.0),
    _unsigned_mapped_tag(22, "target_width_m", 2, 10_000.0),
    _angle_tag(23, "frame_center_latitude", 4, 90.0),
    _angle_tag(24, "frame_center_longitude", 4, 180.0),
    _height_tag(25, "frame_center_elevation_msl"),
    *(
        _angle_tag(26 + 2 * corner + axis, f"offset_corner_{name}_{corner + 1}", 2, 0.075)
        for corner in range(4)
        for axis, name in enumerate(("latitude", "longitude"))
    ),
    _unsigned_integer_tag(34, "icing_detected", 1, 2),
    _unsigned_mapped_tag(35, "wind_direction_deg", 2, 360.0),
    _unsigned_mapped_tag(36, "wind_speed_mps", 1, 100.0),
    _unsigned_mapped_tag(37, "static_pressure_mbar", 2, 5000.0),
    _height_tag(38, "density_altitude"),
    LocalSetTag(39, "outside_air_temperature_c", "sint", 1, -128, 127),
    _angle_tag(40, "target_latitude", 4, 90.0),
    _angle_tag(41, "target_longitude", 4, 180.0),
    _height_tag(42, "target_elevation"),
    _unsigned_mapped_tag(43, "target_gate_width_px", 1, 510.0),
    _unsigned_mapped_tag(44, "target_gate_height_px", 1, 510.0),
    _unsigned_mapped_tag(45, "target_ce90_m", 2, 4095.0),
    _unsigned_mapped_tag(46, "target_le90_m", 2, 4095.0),
    _unsigned_integer_tag(47, "generic_flags", 1, 63),
    _bytes_tag(48, "security_local_set"),
    _unsigned_mapped_tag(49, "differential_pressure_mbar", 2, 5000.0),
    _angle_tag(50, "platform_angle_of_attack", 2, 20.0),
    _signed_mapped_tag(51, "platform_vertical_speed_mps", 2, 180.0),
    _angle_tag(52, "platform_sideslip", 2, 20.0),
    _unsigned_mapped_tag(53, "airfield_pressure_mbar", 2, 5000.0),
    _height_tag(54, "airfield_elevation"),
    _unsigned_mapped_tag(55, "relative_humidity_pct", 1, 100.0),
    _unsigned_integer_tag(56, "platform_ground_speed_mps", 1),
    _unsigned_mapped_tag(57, "ground_range_m", 4, 5_000_000.0),
    _unsigned_mapped_tag(58, "fuel_remaining_kg", 2, 10_000.0),
    _text_tag(59, "platform_call_sign"),
    _unsigned_integer_tag(60, "weapon_load", 2),
    _unsigned_integer_tag(61, "weapon_fired", 1),
    _unsigned_integer_tag(62, "laser_prf_code", 2),
    _unsigned_integer_tag(63, "sensor_fov_name", 1, 8),
    _unsigned_mapped_tag(64, "platform_magnetic_heading_deg", 2, 360.0),
    _unsigned_integer_tag(65, "version", 1),
    _angle_tag(67, "alternate_platform_latitude", 4, 90.0),
    _angle_tag(68, "alternate_platform_longitude", 4, 180.0),
    _height_tag(69, "alternate_platform_altitude"),
    _text_tag(70, "alternate_platform_name"),
    _unsigned_mapped_tag(71, "alternate_platform_heading_deg", 2, 360.0),
    LocalSetTag(72, "event_start_time", "time", 8),
    _bytes_tag(73, "rvt_local_set"),
    _bytes_tag(74, "vmti_local_set"),
    _height_tag(75, "sensor_ellipsoid_height"),
    _height_tag(76, "alternate_platform_ellipsoid_height"),
    _unsigned_integer_tag(77, "operational_mode", 1, 5),
    _height_tag(78, "frame_center_ellipsoid_height"),
    _signed_mapped_tag(79, "sensor_north_velocity_mps", 2, 327.0),
    _signed_mapped_tag(80, "sensor_east_velocity_mps", 2, 327.0),
    _bytes_tag(81, "image_horizon"),
    *(
        _angle_tag(82 + 2 * corner + axis, f"corner_{name}_{corner + 1}", 4, most)
        for corner in range(4)
        for axis, (name, most) in enumerate((("latitude", 90.0), ("longitude", 180.0)))
    ),
    _angle_tag(90, "platform_pitch_full", 4, 90.0),
    _angle_tag(91, "platform_roll_full", 4, 90.0),
    _angle_tag(92, "platform_angle_of_attack_full", 4, 90.0),
    _angle_tag(93, "platform_sideslip_full", 4, 180.0),
    _bytes_tag(94, "miis_core_identifier"),
    _bytes_tag(95, "sar_local_set"),
    _imap_tag(96, "target_width_extended_m", 0, 1_500_000),
    _bytes_tag(97, "range_image_local_set"),
    _bytes_tag(98, "geo_registration_local_set"),
    _bytes_tag(99, "composite_imaging_local_set"),
    _bytes_tag(100, "segment_local_set"),
    _bytes_tag(101, "amend_local_set"),
    _bytes_tag(102, "sdcc_flp"),
    _imap_tag(103, "density_altitude_extended_m", -900, 40_000),
    _imap_tag(104, "sensor_ellipsoid_height_extended_m", -900, 40_000),
    _imap_tag(105, "alternate_platform_ellipsoid_height_extended_m", -900, 40_000),
    _text_tag(106, "stream_designator"),
    _text_tag(107, "operational_base"),
    _text_tag(108, "broadcast_source"),
    _imap_tag(109, "range_to_recovery_km", 0, 21_000, 4),
    LocalSetTag(110, "time_airborne_s", "uint", 4, 0, 2**32 - 1, is_shorter_allowed=True),
    LocalSetTag(111, "propulsion_speed_rpm", "uint", 4, 0, 2**32 - 1, is_shorter_allowed=True),
    _imap_tag(112, "platform_course_deg", 0, 360),
    _imap_tag(113, "altitude_agl_m", -900, 40_000, 4),
    _imap_tag(114, "radar_altimeter_m", -900, 40_000, 4),
    _bytes_tag(115, "control_command"),
    _bytes_tag(116, "control_command_verification"),
    _imap_tag(117, "sensor_azimuth_rate_dps", -1000, 1000, 4),
    _imap_tag(118, "sensor_elevation_rate_dps", -1000, 1000, 4),
    _imap_tag(119, "sensor_roll_rate_dps", -1000, 1000, 4),
    _imap_tag(120, "storage_full_pct", 0, 100, 3),
    _bytes_tag(121, "active_wavelengths"),
    _bytes_tag(122, "country_codes"),
    _unsigned_integer_tag(123, "satellites_in_view", 1),
    _unsigned_integer_tag(124, "positioning_method", 1, 255, 1),
    _unsigned_integer_tag(125, "platform_status", 1, 12),
    _unsigned_integer_tag(126, "sensor_control_mode", 1, 6),
    _bytes_tag(127, "sensor_frame_rate"),
    _bytes_tag(128, "wavelengths"),
    _text_tag(129, "target_id"),
    _bytes_tag(130, "airbase_locations"),
    LocalSetTag(131, "takeoff_time", "time", 8, is_shorter_allowed=True),
    _imap_tag(132, "transmission_frequency_mhz", 1, 99_999, 4),
    LocalSetTag(133, "storage_capacity_gb", "uint", 4, 0, 2**32 - 1, is_shorter_allowed=True),
    _imap_tag(134, "zoom_pct", 0, 100, 4),
    _text_tag(135, "communications_method"),
    LocalSetTag(136, "leap_seconds", "sint", 4, -(2**31), 2**31 - 1, is_shorter_allowed=True),
    LocalSetTag(
        137, "correction_offset_us", "sint", 8, -(2**63), 2**63 - 1, is_shorter_allowed=True
    ),
    _bytes_tag(138, "payload_list"),
    _bytes_tag(139, "active_payloads"),
    _bytes_tag(140, "weapons_stores"),
    _bytes_tag(141, "waypoint_list"),
    _bytes_tag(142, "view_domain"),
)
#: Number of an item -> what it is.
TAGS: Mapping[int, LocalSetTag] = MappingProxyType({tag.number: tag for tag in _LISTED})

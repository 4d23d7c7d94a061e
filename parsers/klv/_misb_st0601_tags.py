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


def _signed(number: int, name: str, size: int, most: float) -> LocalSetTag:
    return LocalSetTag(number, name, "signed mapped", size, -most, most)


def _angles(number: int, name: str, size: int, most: float) -> LocalSetTag:
    return _signed(number, f"{name}_deg", size, most)


def _height(number: int, name: str) -> LocalSetTag:
    return LocalSetTag(number, f"{name}_m", "mapped", 2, -900.0, 19_000.0)


def _share(number: int, name: str, size: int, high: float) -> LocalSetTag:
    return LocalSetTag(number, name, "mapped", size, 0.0, high)


def _imap(number: int, name: str, low: float, high: float, size: int = 8) -> LocalSetTag:
    return LocalSetTag(number, name, "imap", size, low, high, is_shorter_allowed=True)


def _integer(
    number: int, name: str, size: int, high: int | None = None, low: int = 0
) -> LocalSetTag:
    return LocalSetTag(
        number, name, "uint", size, low, (1 << 8 * size) - 1 if high is None else high
    )


def _text(number: int, name: str) -> LocalSetTag:
    return LocalSetTag(number, name, "text", 127)


def _bytes(number: int, name: str) -> LocalSetTag:
    return LocalSetTag(number, name, "bytes")


_LISTED = (
    _integer(1, "checksum", 2),
    LocalSetTag(2, "time", "time", 8),
    _text(3, "mission_id"),
    _text(4, "platform_tail_number"),
    _share(5, "platform_heading_deg", 2, 360.0),
    _angles(6, "platform_pitch", 2, 20.0),
    _angles(7, "platform_roll", 2, 50.0),
    _integer(8, "platform_true_airspeed_mps", 1),
    _integer(9, "platform_indicated_airspeed_mps", 1),
    _text(10, "platform_designation"),
    _text(11, "image_source_sensor"),
    _text(12, "image_coordinate_system"),
    _angles(13, "sensor_latitude", 4, 90.0),
    _angles(14, "sensor_longitude", 4, 180.0),
    _height(15, "sensor_altitude_msl"),
    _share(16, "sensor_horizontal_fov_deg", 2, 180.0),
    _share(17, "sensor_vertical_fov_deg", 2, 180.0),
    _share(18, "sensor_relative_azimuth_deg", 4, 360.0),
    _angles(19, "sensor_relative_elevation", 4, 180.0),
    _share(20, "sensor_relative_roll_deg", 4, 360.0),
    _share(21, "slant_range_m", 4, 5_000_000.0),
    _share(22, "target_width_m", 2, 10_000.0),
    _angles(23, "frame_center_latitude", 4, 90.0),
    _angles(24, "frame_center_longitude", 4, 180.0),
    _height(25, "frame_center_elevation_msl"),
    *(
        _angles(26 + 2 * corner + axis, f"offset_corner_{name}_{corner + 1}", 2, 0.075)
        for corner in range(4)
        for axis, name in enumerate(("latitude", "longitude"))
    ),
    _integer(34, "icing_detected", 1, 2),
    _share(35, "wind_direction_deg", 2, 360.0),
    _share(36, "wind_speed_mps", 1, 100.0),
    _share(37, "static_pressure_mbar", 2, 5000.0),
    _height(38, "density_altitude"),
    LocalSetTag(39, "outside_air_temperature_c", "sint", 1, -128, 127),
    _angles(40, "target_latitude", 4, 90.0),
    _angles(41, "target_longitude", 4, 180.0),
    _height(42, "target_elevation"),
    _share(43, "target_gate_width_px", 1, 510.0),
    _share(44, "target_gate_height_px", 1, 510.0),
    _share(45, "target_ce90_m", 2, 4095.0),
    _share(46, "target_le90_m", 2, 4095.0),
    _integer(47, "generic_flags", 1, 63),
    _bytes(48, "security_local_set"),
    _share(49, "differential_pressure_mbar", 2, 5000.0),
    _angles(50, "platform_angle_of_attack", 2, 20.0),
    _signed(51, "platform_vertical_speed_mps", 2, 180.0),
    _angles(52, "platform_sideslip", 2, 20.0),
    _share(53, "airfield_pressure_mbar", 2, 5000.0),
    _height(54, "airfield_elevation"),
    _share(55, "relative_humidity_pct", 1, 100.0),
    _integer(56, "platform_ground_speed_mps", 1),
    _share(57, "ground_range_m", 4, 5_000_000.0),
    _share(58, "fuel_remaining_kg", 2, 10_000.0),
    _text(59, "platform_call_sign"),
    _integer(60, "weapon_load", 2),
    _integer(61, "weapon_fired", 1),
    _integer(62, "laser_prf_code", 2),
    _integer(63, "sensor_fov_name", 1, 8),
    _share(64, "platform_magnetic_heading_deg", 2, 360.0),
    _integer(65, "version", 1),
    _angles(67, "alternate_platform_latitude", 4, 90.0),
    _angles(68, "alternate_platform_longitude", 4, 180.0),
    _height(69, "alternate_platform_altitude"),
    _text(70, "alternate_platform_name"),
    _share(71, "alternate_platform_heading_deg", 2, 360.0),
    LocalSetTag(72, "event_start_time", "time", 8),
    _bytes(73, "rvt_local_set"),
    _bytes(74, "vmti_local_set"),
    _height(75, "sensor_ellipsoid_height"),
    _height(76, "alternate_platform_ellipsoid_height"),
    _integer(77, "operational_mode", 1, 5),
    _height(78, "frame_center_ellipsoid_height"),
    _signed(79, "sensor_north_velocity_mps", 2, 327.0),
    _signed(80, "sensor_east_velocity_mps", 2, 327.0),
    _bytes(81, "image_horizon"),
    *(
        _angles(82 + 2 * corner + axis, f"corner_{name}_{corner + 1}", 4, most)
        for corner in range(4)
        for axis, (name, most) in enumerate((("latitude", 90.0), ("longitude", 180.0)))
    ),
    _angles(90, "platform_pitch_full", 4, 90.0),
    _angles(91, "platform_roll_full", 4, 90.0),
    _angles(92, "platform_angle_of_attack_full", 4, 90.0),
    _angles(93, "platform_sideslip_full", 4, 180.0),
    _bytes(94, "miis_core_identifier"),
    _bytes(95, "sar_local_set"),
    _imap(96, "target_width_extended_m", 0, 1_500_000),
    _bytes(97, "range_image_local_set"),
    _bytes(98, "geo_registration_local_set"),
    _bytes(99, "composite_imaging_local_set"),
    _bytes(100, "segment_local_set"),
    _bytes(101, "amend_local_set"),
    _bytes(102, "sdcc_flp"),
    _imap(103, "density_altitude_extended_m", -900, 40_000),
    _imap(104, "sensor_ellipsoid_height_extended_m", -900, 40_000),
    _imap(105, "alternate_platform_ellipsoid_height_extended_m", -900, 40_000),
    _text(106, "stream_designator"),
    _text(107, "operational_base"),
    _text(108, "broadcast_source"),
    _imap(109, "range_to_recovery_km", 0, 21_000, 4),
    LocalSetTag(110, "time_airborne_s", "uint", 4, 0, 2**32 - 1, is_shorter_allowed=True),
    LocalSetTag(111, "propulsion_speed_rpm", "uint", 4, 0, 2**32 - 1, is_shorter_allowed=True),
    _imap(112, "platform_course_deg", 0, 360),
    _imap(113, "altitude_agl_m", -900, 40_000, 4),
    _imap(114, "radar_altimeter_m", -900, 40_000, 4),
    _bytes(115, "control_command"),
    _bytes(116, "control_command_verification"),
    _imap(117, "sensor_azimuth_rate_dps", -1000, 1000, 4),
    _imap(118, "sensor_elevation_rate_dps", -1000, 1000, 4),
    _imap(119, "sensor_roll_rate_dps", -1000, 1000, 4),
    _imap(120, "storage_full_pct", 0, 100, 3),
    _bytes(121, "active_wavelengths"),
    _bytes(122, "country_codes"),
    _integer(123, "satellites_in_view", 1),
    _integer(124, "positioning_method", 1, 255, 1),
    _integer(125, "platform_status", 1, 12),
    _integer(126, "sensor_control_mode", 1, 6),
    _bytes(127, "sensor_frame_rate"),
    _bytes(128, "wavelengths"),
    _text(129, "target_id"),
    _bytes(130, "airbase_locations"),
    LocalSetTag(131, "takeoff_time", "time", 8, is_shorter_allowed=True),
    _imap(132, "transmission_frequency_mhz", 1, 99_999, 4),
    LocalSetTag(133, "storage_capacity_gb", "uint", 4, 0, 2**32 - 1, is_shorter_allowed=True),
    _imap(134, "zoom_pct", 0, 100, 4),
    _text(135, "communications_method"),
    LocalSetTag(136, "leap_seconds", "sint", 4, -(2**31), 2**31 - 1, is_shorter_allowed=True),
    LocalSetTag(
        137, "correction_offset_us", "sint", 8, -(2**63), 2**63 - 1, is_shorter_allowed=True
    ),
    _bytes(138, "payload_list"),
    _bytes(139, "active_payloads"),
    _bytes(140, "weapons_stores"),
    _bytes(141, "waypoint_list"),
    _bytes(142, "view_domain"),
)
#: Number of an item -> what it is.
TAGS: Mapping[int, LocalSetTag] = MappingProxyType({tag.number: tag for tag in _LISTED})

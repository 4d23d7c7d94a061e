"""What the picture of a photo or video showed of the ground at an instant, as an outline."""

from dataclasses import dataclass

import numpy as np

from dji_audit.camera_view._camera_footprint import footprint_outline_m_and_whether_clipped
from dji_audit.camera_view._camera_poses import CameraPoses, CaptureWithFieldOfView
from dji_audit.camera_view._field_of_view import half_fov_tangents_at_times
from dji_audit.camera_view._ground_point_error import ground_and_cross_sight_error_radii_m
from dji_audit.camera_view._point_sightings import MAX_HOLD_MS
from dji_audit.geo.local_plane import position_from_east_north

#: Rounds in which the axis of the camera is brought to the ground of an elevation model.
_GROUND_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class CaptureFootprint:
    """The outline of a picture on the ground at an instant."""

    time_ms: int
    #: Latitude and longitude of its corners, degrees, WGS 84, in order; not closed.
    outline: tuple[tuple[float, float], ...]
    #: Whether the picture reaches further: where the line of sight is too flat to be located.
    is_clipped: bool
    #: Of the middle of the picture on the ground, 95 %, metres.
    error_m: float


def footprint_of_capture(
    poses: CameraPoses, capture: CaptureWithFieldOfView, time_ms: int
) -> CaptureFootprint | None:
    """Return the outline of a capture's picture at an instant; ``None``: it is not known.

    Args:
        poses: The camera of the flight.
        capture: The photo or video.
        time_ms: Milliseconds since 1970; the pose is that of the latest fix, if it still held.
    """
    row = int(np.searchsorted(poses.time_ms, time_ms, "right")) - 1
    if row < 0 or time_ms - int(poses.time_ms[row]) > MAX_HOLD_MS:
        return None
    # Of this row alone: a flight has many captures, and each may have many outlines.
    below = float(poses.latitude_deg[row]), float(poses.longitude_deg[row])
    yaw, pitch = float(poses.yaw_deg[row]), float(poses.pitch_deg[row])
    half = _half_fov_tangents_of_capture_at(poses, capture, row, time_ms)
    is_usable = np.isfinite(sum(below) + yaw + pitch + float(poses.height_ato_m[row]))
    if half is None or not is_usable or -pitch < poses.min_depression_deg:
        return None
    logged_roll = float(poses.logged_roll_deg[row])
    roll = 0.0 if np.isnan(logged_roll) else logged_roll
    above, ground_deviation_m = _height_above_ground_and_error_m(poses, capture, row)
    if not above > 0:
        return None
    outline, is_clipped = footprint_outline_m_and_whether_clipped(
        above, yaw, pitch, roll, half, poses.min_depression_deg
    )
    latitude, longitude = position_from_east_north(
        float(poses.latitude_deg[row]),
        float(poses.longitude_deg[row]),
        outline[:, 0],
        outline[:, 1],
    )
    if not np.isfinite(latitude + longitude).all():
        return None
    corners = tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))
    error, _ = ground_and_cross_sight_error_radii_m(
        poses.errors,
        ground_deviation_m,
        np.array([above]),
        np.array([_ground_distance_of_view_axis_m(above, pitch)]),
        poses.speed_mps[row : row + 1],
    )
    return CaptureFootprint(time_ms, corners, is_clipped, float(error[0]))


def _half_fov_tangents_of_capture_at(
    poses: CameraPoses, capture: CaptureWithFieldOfView, row: int, time_ms: int
) -> tuple[float, float] | None:
    """Return the tangents of half the field of view at an instant; ``None``: not known."""
    if capture.zoom_steps:
        across, up = half_fov_tangents_at_times(capture.zoom_steps, np.array([time_ms]))
        half = float(across[0]), float(up[0])
    elif capture.half_fov is not None:
        half = capture.half_fov
    else:
        half = float(poses.half_fov[0][row]), float(poses.half_fov[1][row])
    return half if half[0] > 0 and half[1] > 0 else None


def _height_above_ground_and_error_m(
    poses: CameraPoses, capture: CaptureWithFieldOfView, row: int
) -> tuple[float, float]:
    """Return the height of the camera above the ground in the middle of its picture.

    The ground is what the laser measured with the capture, else that of the elevation model,
    else the plane of the poses; second its standard deviation.
    """
    height = float(poses.height_ato_m[row])
    if capture.ground_ato_m is not None:
        return height - capture.ground_ato_m, poses.errors.laser_m
    if poses.ground is None:
        return height, poses.errors.plane_m
    above, deviation_m = height, poses.errors.plane_m
    yaw, pitch = float(np.radians(poses.yaw_deg[row])), float(poses.pitch_deg[row])
    for _ in range(_GROUND_ROUNDS):
        reach = _ground_distance_of_view_axis_m(above, pitch)
        latitude, longitude = position_from_east_north(
            float(poses.latitude_deg[row]),
            float(poses.longitude_deg[row]),
            np.array([reach * np.sin(yaw)]),
            np.array([reach * np.cos(yaw)]),
        )
        ground = float(poses.ground.height_m(latitude, longitude)[0])
        if not np.isfinite(ground):
            break
        above, deviation_m = height - ground, poses.errors.model_m
    return above, deviation_m


def _ground_distance_of_view_axis_m(above_m: float, pitch_deg: float) -> float:
    """Return how far away the axis of a camera meets the ground, along the ground."""
    return above_m / float(np.tan(np.radians(min(-pitch_deg, 90.0))))

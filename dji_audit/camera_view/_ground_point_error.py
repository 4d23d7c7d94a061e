"""The error of a point on the ground in the picture, propagated from the sensor errors.

Errors are taken to be independent and of normal distribution; the model is first
order, so that it holds where the line of sight is not grazing.
"""

from dataclasses import dataclass

import numpy as np

from dji_audit.camera_view._camera_footprint import Floats


@dataclass(frozen=True, slots=True)
class CameraSensorErrors:
    """One standard deviation of each quantity that a view is computed from.

    No log states them.  Angles: as makers specify a stabilised gimbal and a
    compass in flight.  Height: a barometer over one flight.
    Position: satellite positioning without corrections.  Time: how far apart
    gimbal and position may have been logged.
    """

    yaw_deg: float = 3.0
    pitch_deg: float = 1.0
    roll_deg: float = 1.0
    height_m: float = 3.0
    position_m: float = 1.5
    time_s: float = 0.5
    #: Height of the ground, if it is the plane of the take-off, of an elevation
    #: model, or measured by laser.
    plane_m: float = 5.0
    model_m: float = 3.0
    laser_m: float = 0.5


# Radius that holds 95 % of a normal distribution with two standard deviations,
# as a multiple of the larger, by their ratio: a cubic fitted to the integral,
# within 0.3 % of it.
_RADIUS = (1.9606, 0.0113, 0.0887, 0.3930)


def ground_and_cross_sight_error_radii_m(
    errors: CameraSensorErrors,
    ground_m: float,
    height_m: Floats,
    range_m: Floats,
    speed_mps: Floats,
) -> tuple[Floats, Floats]:
    """Return the 95 % error of a point on the ground that the camera sees.

    Args:
        errors: Of the sensors.
        ground_m: Standard deviation of the height of the ground.
        height_m: Of the camera above the point.
        range_m: From the position below the camera to the point.
        speed_mps: Of the camera over ground; NaN counts as 5 m/s.

    Returns:
        Radius on the ground, and radius across the line of sight; metres.
    """
    slant_2 = height_m**2 + range_m**2
    moved = np.where(np.isnan(speed_mps), 5.0, speed_mps) * errors.time_s
    shared = errors.position_m**2 + moved**2
    level = (range_m / height_m) ** 2 * (errors.height_m**2 + ground_m**2)
    along = np.sqrt(level + (slant_2 / height_m * np.radians(errors.pitch_deg)) ** 2 + shared)
    turned = (range_m * np.radians(errors.yaw_deg)) ** 2
    across = np.sqrt(turned + slant_2 * np.radians(errors.roll_deg) ** 2 + shared)
    steepness = height_m / np.sqrt(slant_2)
    return radius_of_95_percent_m(along, across), radius_of_95_percent_m(along * steepness, across)


def radius_of_95_percent_m(one: Floats, other: Floats) -> Floats:
    """Return the radius that holds 95 % of a normal distribution in the plane."""
    larger, smaller = np.maximum(one, other), np.minimum(one, other)
    ratio = smaller / larger
    a, b, c, d = _RADIUS
    found: Floats = larger * (a + ratio * (b + ratio * (c + ratio * d)))
    return found

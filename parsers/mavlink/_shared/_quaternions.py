"""Quaternions to yaw, pitch and roll."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

#: Sine of the pitch from which on yaw and roll turn about one axis: within 0.26 degrees
#: of straight down or up, where the precision of a quaternion leaves noise.
GIMBAL_LOCK_SINE = 0.99999


def quaternions_to_yaw_pitch_roll_deg(
    q: npt.NDArray[np.floating],
) -> tuple[Numbers, Numbers, Numbers]:
    """Return yaw (0 to 360), pitch and roll of quaternions (w, x, y, z), in degrees.

    Straight down and straight up only the sum of yaw and roll is defined: there
    it is the yaw, and the roll is 0.

    Args:
        q: Unit quaternions, shape ``(n, 4)``; those that are not finite give NaN.
    """
    w, x, y, z = (np.asarray(q[:, axis], np.float64) for axis in range(4))
    sine = np.clip(2 * (w * y - z * x), -1, 1)
    pole = np.abs(sine) > GIMBAL_LOCK_SINE
    roll = np.where(pole, 0.0, np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    yaw = np.where(pole, 2 * np.arctan2(z, w), yaw)
    return np.degrees(yaw) % 360, np.degrees(np.arcsin(sine)), np.degrees(roll)

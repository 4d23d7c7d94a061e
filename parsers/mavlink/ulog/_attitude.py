"""Attitude of airframe and gimbal in a ULog: quaternions to angles, as of each fix."""

from typing import Any

import numpy as np

from .._shared import _rotation
from ._clock import Ticks
from ._recording import Recording
from ._topics import Floats, latest

#: Microseconds for which an attitude holds.
_SOON_US, _GIMBAL_US = 1_000_000, 2_500_000
#: Flags of MAVLink's GIMBAL_DEVICE_FLAGS.
_YAW_LOCKED, _YAW_OF_VEHICLE, _YAW_OF_EARTH = 16, 32, 64


def euler_deg(q: Floats) -> tuple[Floats, Floats, Floats]:
    """Return yaw (0 to 360), pitch and roll of unit quaternions (w, x, y, z), in degrees.

    Those that are not of unit length are no attitude and give NaN.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        unit = np.abs((np.asarray(q, float) ** 2).sum(axis=1) - 1) < 0.05
        return _rotation.euler_deg(np.where(unit[:, None], q, np.nan))


def attitude(recording: Recording, ticks: Ticks) -> dict[str, Any]:
    """Return heading, pitch and roll of the airframe at some times."""
    found = recording.series("vehicle_attitude")
    turned = None if found is None else found.vectors("q", 4)
    if found is None or turned is None:
        return {
            name: np.full(len(ticks), np.nan) for name in ("heading_deg", "pitch_deg", "roll_deg")
        }
    rows, recent = latest(ticks, found.ticks, _SOON_US)
    angles = euler_deg(turned[rows])
    yaw, pitch, roll = (np.where(recent, angle, np.nan) for angle in angles)
    return {"heading_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}


def gimbal(recording: Recording, ticks: Ticks, heading: Floats) -> dict[str, Any]:
    """Return yaw from north, pitch and roll of the gimbal at some times."""
    found = recording.series("gimbal_device_attitude_status")
    turned = None if found is None else found.vectors("q", 4)
    if found is not None and turned is not None:
        rows, recent = latest(ticks, found.ticks, _GIMBAL_US)
        angles = euler_deg(turned[rows])
        yaw, pitch, roll = (np.where(recent, angle, np.nan) for angle in angles)
        told = found.numbers("device_flags")
        flags = np.zeros(len(ticks), np.int64) if told is None else told[rows]
        earth = (np.bitwise_and(flags, _YAW_OF_EARTH) != 0) | (
            (np.bitwise_and(flags, _YAW_OF_VEHICLE) == 0)
            & (np.bitwise_and(flags, _YAW_LOCKED) != 0)
        )
        yaw = np.where(earth, yaw, (yaw + heading) % 360)
        return {"gimbal_yaw_deg": yaw, "gimbal_pitch_deg": pitch, "gimbal_roll_deg": roll}
    found = recording.series("mount_orientation")
    driven = None if found is None else found.vectors("attitude_euler_angle", 3)
    if found is None or driven is None:
        return {}
    # Roll and pitch as the mount was driven; what its yaw is relative to is not said.
    rows, recent = latest(ticks, found.ticks, _GIMBAL_US)
    angles_deg = np.where(recent[:, None], np.degrees(driven[rows]), np.nan)
    return {"gimbal_pitch_deg": angles_deg[:, 1], "gimbal_roll_deg": angles_deg[:, 0]}

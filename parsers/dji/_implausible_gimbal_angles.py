"""Gimbal angles that no gimbal measured: always 0, or beyond what any gimbal can turn."""

import numpy as np
import numpy.typing as npt

from .._model import Issue

Floats = npt.NDArray[np.float64]

#: Degrees either way that no gimbal of DJI's passes: the widest tilt from -140 to 145, and a camera
#: that hangs upside down reads a roll of 180.  A yaw may be written one turn too far: -531 stands
#: in a real record between -158 and 176.
_LARGEST_PITCH_DEG, _LARGEST_ROLL_DEG, _LARGEST_YAW_DEG = 150.0, 181.0, 540.0


def masked_gimbal_columns_and_issues(
    yaw: Floats, pitch: Floats, roll: Floats, rows: str, offsets: npt.NDArray[np.integer]
) -> tuple[dict[str, Floats], tuple[Issue, ...]]:
    """Return the gimbal columns of the track, those not measured as NaN, and remarks on them.

    Args:
        yaw: From north, degrees, as written: beyond 0 to 360 too; shape ``(n,)``.
        pitch: Degrees.
        roll: Degrees; NaN throughout where it is not stated.
        rows: What the angles stand in, such as "Gimbal records".
        offsets: Byte of each row in the file.
    """
    angles = np.stack([yaw, pitch, roll])
    with np.errstate(invalid="ignore"):
        most = np.array([[_LARGEST_YAW_DEG], [_LARGEST_PITCH_DEG], [_LARGEST_ROLL_DEG]])
        beyond = (abs(angles) > most).any(axis=0)
    known = np.isfinite(angles)
    issues: list[Issue] = []
    if beyond.any():
        first = int(offsets[int(np.argmax(beyond))])
        what = f"gimbal angles that no gimbal can reach in {int(beyond.sum())} {rows}: left out"
        issues.append(Issue(first, 0, what))
    drop = beyond
    if known[:2].any(axis=1).all() and not (angles[known] != 0).any():
        first = int(offsets[int(np.argmax(known.any(axis=0)))])
        what = f"gimbal angles of exactly 0 in all {rows}, as where none is measured: left out"
        issues.append(Issue(first, 0, what))
        drop = np.ones(len(yaw), bool)
    masked = np.where(drop, np.nan, angles)
    columns = {
        "gimbal_yaw_deg": masked[0] % 360,
        "gimbal_pitch_deg": masked[1],
        "gimbal_roll_deg": masked[2],
    }
    return columns, tuple(issues)

"""The direction of a camera and its footprint on the ground.

The camera's attitude is yaw from true north, pitch up from the horizon and roll
right-side down, applied in that order (north, east, down; rotation order Z-Y-X,
as in the file tables of DJI's manuals of Mavic 3E/3T, page 83, and Matrice 4,
page 90).  Vectors are east, north, up in metres, in the plane that touches the
ellipsoid below the camera.  The ground is flat and level: a plane ``height``
metres below the camera.

A roll of 180 degrees, as some cameras write it beyond straight down, needs no
repair here: the rotation is applied whole.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: A line of sight less steep than this gives the direction of a camera, not what it saw.
MIN_DEPRESSION_DEG = 20.0
#: From this angle below the horizon a footprint is drawn solid.
SOLID_DEPRESSION_DEG = 45.0


def camera_axis_vectors(
    yaw_deg: Floats, pitch_deg: Floats, roll_deg: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the directions forward, right and up of a camera.

    Args:
        yaw_deg: From true north, shape ``(n,)``.
        pitch_deg: 0 level, -90 straight down, shape ``(n,)``.
        roll_deg: Right side down is positive, shape ``(n,)``.

    Returns:
        Unit vectors east, north, up, each of shape ``(n, 3)``.
    """
    yaw, pitch, roll = (np.radians(angle) for angle in (yaw_deg, pitch_deg, roll_deg))
    sin_yaw, cos_yaw = np.sin(yaw), np.cos(yaw)
    sin_pitch, cos_pitch = np.sin(pitch), np.cos(pitch)
    sin_roll, cos_roll = np.sin(roll), np.cos(roll)
    level = np.zeros_like(yaw)
    forward = np.stack([cos_pitch * sin_yaw, cos_pitch * cos_yaw, sin_pitch], axis=-1)
    right = np.stack([cos_yaw, -sin_yaw, level], axis=-1)
    up = np.stack([-sin_pitch * sin_yaw, -sin_pitch * cos_yaw, cos_pitch], axis=-1)
    cos_roll, sin_roll = cos_roll[..., None], sin_roll[..., None]
    return forward, cos_roll * right - sin_roll * up, cos_roll * up + sin_roll * right


def footprint_corners_m(
    height_m: float,
    yaw_deg: float,
    pitch_deg: float,
    roll_deg: float,
    half_fov: tuple[float, float],
) -> Floats:
    """Return where the four corners of the picture lie on flat ground.

    Args:
        height_m: Of the camera above the ground.
        yaw_deg: Of the camera.
        pitch_deg: Of the camera.
        roll_deg: Of the camera.
        half: Tangents of half the field of view, across and up.

    Returns:
        Metres east and north of the point below the camera: top left, top
        right, bottom right, bottom left; shape ``(4, 2)``.  NaN for a corner
        that does not meet the ground.
    """
    rays = _picture_rays(yaw_deg, pitch_deg, roll_deg, half_fov, np.array(_CORNERS, np.float64))
    below = rays[:, 2] < 0
    reach = np.where(below, height_m / np.where(below, -rays[:, 2], 1.0), np.nan)
    return rays[:, :2] * reach[:, None]


def footprint_outline_m_and_whether_clipped(
    height_m: float,
    yaw_deg: float,
    pitch_deg: float,
    roll_deg: float,
    half_fov: tuple[float, float],
    flattest_deg: float = MIN_DEPRESSION_DEG,
) -> tuple[Floats, bool]:
    """Return the outline of what the picture shows of the ground, and whether it is clipped.

    It ends where the line of sight gets flatter than ``flattest_deg``: what lies
    beyond is in the picture, but cannot be located.

    Returns:
        Metres east and north, shape ``(n, 2)``: the four corners, or points
        along the edges if it is clipped.
    """
    reach = height_m / np.tan(np.radians(flattest_deg))
    corners = footprint_corners_m(height_m, yaw_deg, pitch_deg, roll_deg, half_fov)
    far = np.hypot(corners[:, 0], corners[:, 1])
    if (far <= reach).all():
        return corners, False
    rays = _picture_rays(
        yaw_deg, pitch_deg, roll_deg, half_fov, np.array(_picture_edge_points(), np.float64)
    )
    level = np.hypot(rays[:, 0], rays[:, 1])
    steep = rays[:, 2] < -level * np.tan(np.radians(flattest_deg))
    along = np.where(
        steep,
        height_m / np.where(steep, -rays[:, 2], 1.0),
        reach / np.where(level > 0, level, 1.0),
    )
    return rays[:, :2] * along[:, None], True


_CORNERS = ((-1.0, 1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, -1.0))
#: Points along each edge of a clipped outline.
_STEPS = 12


def _picture_edge_points() -> list[tuple[float, float]]:
    """Return points along the edge of the picture, clockwise from the top left."""
    points = []
    for (x0, y0), (x1, y1) in zip(_CORNERS, (*_CORNERS[1:], _CORNERS[0]), strict=True):
        for step in range(_STEPS):
            share = step / _STEPS
            points.append((x0 + (x1 - x0) * share, y0 + (y1 - y0) * share))
    return points


def _picture_rays(
    yaw: float, pitch: float, roll: float, half: tuple[float, float], points: Floats
) -> Floats:
    """Return the direction of each point of the picture, -1 to 1 across and up."""
    forward, right, up = camera_axis_vectors(np.array([yaw]), np.array([pitch]), np.array([roll]))
    x, y = points[:, :1] * half[0], points[:, 1:] * half[1]
    rays: Floats = forward + x * right + y * up
    return rays

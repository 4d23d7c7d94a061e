"""The camera that saw the ground within the corners that a log states.

A stream of a helicopter or a large drone may state where the corners of its picture lie on the
ground (MISB ST 0601, items 26 to 33 or 82 to 89), as its maker computed them from all that its
camera knows.  A camera of four straight edges through the sensor and these corners is looked for;
where it meets them, its direction and field of view serve in place of logged angles, so that what
was in view follows from the stated corners.

Geometry: the axis of such a camera lies in both planes through the sensor and two opposite corners;
its horizontal lies in the planes of the upper and of the lower edge.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view._camera_footprint import Floats, camera_axis_vectors
from dji_audit.camera_view._flight_typing_protocols import FlightLike
from dji_audit.camera_view._readings_at_fixes import iterate_reading_series_fix_mask_and_indexes
from dji_audit.geo.local_plane import east_north_m

#: Quantity of the readings by which a log states the corners.
_CORNERS = "picture corners"
#: A camera serves if it meets each corner within so many steps of the numbers, or such a share of
#: the diagonal of the picture: else the corners are no picture of flat ground.
_MOST_STEPS, _MOST_OF_DIAGONAL = 4.0, 0.05
#: Below this share of the horizontal the axis has no direction of its own.
_LEAST_LEVEL = 1e-3
_FARTHEST_M = 50_000.0


@dataclass(frozen=True, slots=True, eq=False)
class CamerasFittedToCorners:
    """For each fix the camera that fits the stated corners, shape ``(n,)``; NaN: none does."""

    yaw_deg: Floats
    pitch_deg: Floats
    roll_deg: Floats
    #: Tangents of half the field of view.
    half_across: Floats
    half_up: Floats
    #: Of the farthest corner from that of the camera, metres.
    misfit_m: Floats
    #: From one number of the log to the next, metres.
    step_m: Floats
    #: How many fixes state corners, used or not.
    stated_count: int
    #: Items of the log.
    fields: str

    @property
    def fitted_mask(self) -> npt.NDArray[np.bool_]:
        """The fixes with a camera that fits."""
        found: npt.NDArray[np.bool_] = np.isfinite(self.yaw_deg)
        return found

    def source_text(self, is_alone: bool) -> str:
        """Return what the view rests on, in words.

        Args:
            is_alone: Whether fixes that have no such camera have no view at all.
        """
        used = self.fitted_mask
        step, misfit = float(self.step_m[used].max()), float(self.misfit_m[used].max())
        text = (
            f"corners of the picture that the log states (items {self.fields}), at "
            f"{int(used.sum()):,} of {len(used):,} fixes; a camera meets "
            f"them within {max(misfit, step):.1f} m, their numbers have steps of {step:g} m, and "
            "the log states no error of theirs"
        )
        if self.stated_count > used.sum():
            text += f"; those of {self.stated_count - int(used.sum()):,} fixes fit no camera"
        if not used.all():
            text += "; at other fixes "
            text += "it is not known" if is_alone else "logged angles and field of view"
        return text


def fit_cameras_to_stated_corners(
    flight: FlightLike,
    rows: npt.NDArray[np.int64],
    latitude_deg: Floats,
    longitude_deg: Floats,
    height_m: Floats,
) -> CamerasFittedToCorners | None:
    """Return the cameras that fit the corners that a flight's logs state; ``None``: none do.

    Args:
        flight: The flight.
        rows: Rows of its track, shape ``(n,)``.
        latitude_deg: Of the sensor at each of them.
        longitude_deg: The same.
        height_m: Of the sensor above the ground in the picture.
    """
    corners_deg, step_m, fields = _corner_offsets_resolutions_and_field_names(flight, rows)
    is_stated = np.isfinite(corners_deg[:, 0, 0])
    if not is_stated.any():
        return None
    is_usable = is_stated & np.isfinite(latitude_deg + longitude_deg) & (height_m > 0)
    at = np.flatnonzero(is_usable)
    east, north = east_north_m(
        latitude_deg[at, None],
        longitude_deg[at, None],
        latitude_deg[at, None] + corners_deg[at, :, 0],
        longitude_deg[at, None] + corners_deg[at, :, 1],
    )
    below = np.broadcast_to(-height_m[at, None], east.shape)
    angles, half, misfit = _fit_camera_angles_fov_and_misfit(
        np.stack([east, north, below], axis=-1)
    )
    diagonal = np.hypot(east[:, 2] - east[:, 0], north[:, 2] - north[:, 0])
    most = np.maximum(_MOST_STEPS * step_m[at], _MOST_OF_DIAGONAL * diagonal)
    is_good = (misfit <= most) & (np.hypot(east, north).max(axis=1, initial=0.0) < _FARTHEST_M)
    if not is_good.any():
        return None
    columns = np.full((6, len(rows)), np.nan)
    columns[:, at[is_good]] = np.vstack([angles, half, misfit[None]])[:, is_good]
    yaw, pitch, roll, half_across, half_up, misfit = columns
    return CamerasFittedToCorners(
        yaw, pitch, roll, half_across, half_up, misfit, step_m, int(is_stated.sum()), fields
    )


def _corner_offsets_resolutions_and_field_names(
    flight: FlightLike, rows: npt.NDArray[np.int64]
) -> tuple[Floats, Floats, str]:
    """Return the corners less the position of each row, shape ``(n, 4, 2)``, steps, and items."""
    corners, steps = np.full((len(rows), 4, 2), np.nan), np.full(len(rows), np.nan)
    fields: list[str] = []
    for readings, is_own, at in iterate_reading_series_fix_mask_and_indexes(flight, _CORNERS, rows):
        numbers = readings.numbers[at].astype(np.float64)
        corners[is_own], steps[is_own] = numbers[:, :8].reshape(-1, 4, 2), numbers[:, 8]
        if len(at) and readings.field not in fields:
            fields.append(readings.field)
    return corners, steps, "; ".join(fields)


def _fit_camera_angles_fov_and_misfit(corners_m: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the cameras whose pictures have some corners.

    Args:
        corners_m: East, north and up from the sensor, in their order around the picture, shape
            ``(n, 4, 3)``.

    Returns:
        Yaw, pitch and roll, degrees, shape ``(3, n)``; tangents of half the field of view, shape
        ``(2, n)``; how far the farthest corner lies from that of the camera, metres, ``(n,)``.
        NaN where corners coincide.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rays = corners_m / np.linalg.norm(corners_m, axis=-1, keepdims=True)
        forward = _normalise_vectors(
            np.cross(
                np.cross(rays[:, 0], rays[:, 2]),
                np.cross(rays[:, 1], rays[:, 3]),
            )
        )
        forward = np.where(forward[:, 2:] > 0, -forward, forward)
        right = _normalise_vectors(
            np.cross(
                np.cross(rays[:, 0], rays[:, 1]),
                np.cross(rays[:, 3], rays[:, 2]),
            )
        )
        towards = ((rays[:, 1] - rays[:, 0]) * right).sum(axis=-1, keepdims=True)
        right = np.where(towards < 0, -right, right)
        right = _normalise_vectors(right - (right * forward).sum(axis=-1, keepdims=True) * forward)
        up = np.cross(right, forward)
        depth = (rays * forward[:, None]).sum(axis=-1)
        across = (rays * right[:, None]).sum(axis=-1) / depth
        above = (rays * up[:, None]).sum(axis=-1) / depth
        half_across, half_up = np.abs(across).mean(axis=1), np.abs(above).mean(axis=1)
        yaw = np.arctan2(forward[:, 0], forward[:, 1])
        is_down = np.hypot(forward[:, 0], forward[:, 1]) < _LEAST_LEVEL
        yaw = np.degrees(np.where(is_down, np.arctan2(up[:, 0], up[:, 1]), yaw)) % 360
        pitch = np.degrees(np.arcsin(np.clip(forward[:, 2], -1, 1)))
        _, level_right, level_up = camera_axis_vectors(yaw, pitch, np.zeros_like(yaw))
        roll = np.degrees(
            np.arctan2(-(right * level_up).sum(axis=-1), (right * level_right).sum(axis=-1))
        )
        # The corners of that camera, in the plane of those that are stated.
        drawn = (
            forward[:, None]
            + (np.sign(across) * half_across[:, None])[..., None] * right[:, None]
            + (np.sign(above) * half_up[:, None])[..., None] * up[:, None]
        )
        on_ground = drawn * (corners_m[..., 2] / drawn[..., 2])[..., None]
        is_ahead = (depth > 0).all(axis=1) & (drawn[..., 2] < 0).all(axis=1)
        misfit = np.hypot(*np.moveaxis(on_ground - corners_m, -1, 0)[:2]).max(axis=1)
        misfit = np.where(is_ahead & np.isfinite(misfit), misfit, np.inf)
    return np.stack([yaw, pitch, roll]), np.stack([half_across, half_up]), misfit


def _normalise_vectors(vectors: Floats) -> Floats:
    found: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return found

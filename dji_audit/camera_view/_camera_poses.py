"""The camera of a flight at each fix: its position, its angles, its field of view."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dji_audit.camera_view._camera_footprint import MIN_DEPRESSION_DEG, Floats
from dji_audit.camera_view._camera_table import Camera, HalfFov
from dji_audit.camera_view._field_of_view import (
    HALF_UNITS,
    IntArray,
    WidestFovPerFix,
    ZoomStep,
    cameras_of_flight,
    capture_fov,
    widest_fov_per_fix,
)
from dji_audit.camera_view._fit_camera_to_corners import fit_cameras_to_stated_corners
from dji_audit.camera_view._flight_typing_protocols import FlightLike
from dji_audit.camera_view._ground_height_grid import (
    GroundHeightGrid,
    ground_height_grid_around_track,
)
from dji_audit.camera_view._ground_point_error import CameraSensorErrors
from dji_audit.camera_view._readings_at_fixes import iterate_reading_series_fix_mask_and_indexes
from dji_audit.common.plain_english import percent_text
from dji_audit.geo.elevation_files import ElevationModel

if TYPE_CHECKING:
    import parsers

_NO_TIME = np.iinfo(np.int64).min
#: A camera lower than this stands on the ground.
MIN_HEIGHT_M = 2.0
#: Share of fixes with stated corners from which these alone say what was in view.
_LEAST_FITTED = 0.95
_FLATTEST_TO_CORNERS_DEG = 1.0
#: Quantity of the readings by which a log states the height above the middle of its picture.
_OVER_PICTURE = "height over picture"
#: Units per degree and per metre to which angles and heights are rounded, and likewise
#: positions and speeds: as a page carries them, so that it computes the same.
ANGLE_UNITS, HEIGHT_UNITS, POSITION_UNITS, SPEED_UNITS = 100, 100, 10**7, 10


@dataclass(frozen=True, slots=True)
class CaptureWithFieldOfView:
    """One video or photo, with the field of view and the ground known for it."""

    start_ms: int
    end_ms: int
    #: ``video`` or ``photo``.
    kind: str
    sensor: str
    #: Tangents of half its field of view, the widest; ``None``: as `CameraPoses.half_fov`.
    half_fov: HalfFov | None
    #: Height above take-off of the ground it looked at, by laser; ``None``: not measured.
    ground_ato_m: float | None = None
    #: The field of view from each instant on, where it changed; empty: always `half_fov`.
    zoom_steps: tuple[ZoomStep, ...] = ()
    #: Whether a file of the capture itself states the field of view.
    is_fov_stated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CameraPoses:
    """The camera of a flight at each of its fixes with a time, in time order.

    Every array has the shape ``(n,)``; NaN: the log does not record it.
    """

    time_ms: IntArray
    latitude_deg: Floats
    longitude_deg: Floats
    #: Above take-off, else above ground as measured, else above the ground in the middle of the
    #: picture as the log states it; NaN on the ground.
    height_ato_m: Floats
    yaw_deg: Floats
    pitch_deg: Floats
    logged_roll_deg: Floats
    speed_mps: Floats
    #: Tangents of half the field of view, across and up, of the widest camera.
    half_fov: tuple[Floats, Floats]
    #: The sensor of that camera.
    sensor: str
    captures: tuple[CaptureWithFieldOfView, ...]
    #: Source of the field of view in words, and how it is known: one of `FOV_GRADES`;
    #: both empty: it is not known.
    fov_source: str
    fov_grade: str
    errors: CameraSensorErrors = field(default_factory=CameraSensorErrors)
    #: Heights of the ground; ``None``: a plane.
    ground: GroundHeightGrid | None = None
    #: Whether that plane is the ground below the aircraft, as measured; else that of the take-off.
    is_height_agl: bool = False
    #: Whether it is the ground in the middle of the picture, as the log states it.
    is_height_over_picture: bool = False
    #: Name of the elevation model that was given, used or not; empty: none.
    elevation_model: str = ""
    #: Whether directions and fields of view follow from corners of the picture that a log states.
    is_from_stated_corners: bool = False
    #: A line of sight flatter than this gives a direction alone.
    min_depression_deg: float = MIN_DEPRESSION_DEG

    @property
    def view_computable_mask(self) -> npt.NDArray[np.bool_]:
        """The fixes at which a view can be computed, given a field of view."""
        whole = self.latitude_deg + self.longitude_deg + self.height_ato_m
        whole = whole + self.yaw_deg + self.pitch_deg
        found: npt.NDArray[np.bool_] = np.isfinite(whole)
        return found

    @property
    def roll_deg(self) -> Floats:
        """Roll of the camera; 0 where the log records none, since a gimbal holds it level."""
        return np.where(np.isnan(self.logged_roll_deg), 0.0, self.logged_roll_deg)

    @property
    def fov_and_angles_source_text(self) -> str:
        """What the view rests on, in words: stated corners, or angles and a field of view."""
        if self.is_from_stated_corners:
            return self.fov_source
        each = "of each recording, by its own file"
        return f"logged angles; field of view: {self.fov_source or each}"

    @property
    def ground_height_source_text(self) -> str:
        """The source of the height of the ground, in words."""
        share = self.elevation_model_coverage_fraction
        if share is not None and share < 1:
            known = f"{percent_text(share)} of the fixes"
            return (
                f"elevation model {self.elevation_model} below {known}, "
                "otherwise the take-off plane"
            )
        if share is not None:
            return f"elevation model {self.elevation_model}"
        plane = "plane below the aircraft" if self.is_height_agl else "take-off plane"
        if self.is_height_over_picture:
            plane = "plane through the middle of the picture, whose elevation the log states"
        if not self.elevation_model:
            return plane
        why = "heights are above ground" if self.is_height_agl else "it does not cover the take-off"
        return f"{plane}; elevation model {self.elevation_model} is not used: {why}"

    @property
    def elevation_model_coverage_fraction(self) -> float | None:
        """Fraction of the fixes that the elevation model covers; ``None``: no model is used."""
        flown = np.isfinite(self.latitude_deg + self.longitude_deg)
        if self.ground is None or not flown.any():
            return None
        below = self.ground.height_m(self.latitude_deg[flown], self.longitude_deg[flown])
        return float(np.isfinite(below).mean())

    @property
    def unknown_view_reason(self) -> str:
        """Why it is not known what was in view; empty if it is known."""
        if not len(self.time_ms):
            return "The log has no fix with a time in UTC."
        if np.isnan(self.yaw_deg + self.pitch_deg).all():
            return "The log does not record where the camera pointed."
        if not self.view_computable_mask.any():
            return "The log has no fix with position, height and camera angles together."
        if not self.fov_source and all(one.half_fov is None for one in self.captures):
            return "Neither the log nor the table of cameras gives the field of view."
        return ""


def camera_poses(
    flight: FlightLike,
    elevation: ElevationModel | None = None,
    declared_cameras: Sequence[Camera] = (),
) -> CameraPoses:
    """Return the poses of the camera of a flight.

    The ground is the plane through the take-off, unless an elevation model is
    given that knows the take-off.  The field of view is what the log states,
    else that of the widest camera: of those that the log names, else of those
    declared, else of those that the aircraft comes with.

    Args:
        flight: The flight.
        elevation: Heights of the ground.
        declared_cameras: Cameras that a user declares the aircraft to have carried.
    """
    track = flight.track
    nanoseconds = track["time"].to_numpy("datetime64[ns]").astype(np.int64)
    rows = np.flatnonzero(nanoseconds != _NO_TIME)
    ms = nanoseconds[rows] // 1_000_000
    order = np.argsort(ms, kind="stable")
    rows, ms = rows[order], ms[order]

    def rounded_column(name: str, units: int) -> Floats:
        values = track[name].to_numpy(np.float64, na_value=np.nan)[rows]
        rounded: Floats = np.round(values * units) / units
        return rounded

    height = rounded_column("height_ato_m", HEIGHT_UNITS)
    over_ground = bool(np.isnan(height).all())
    if over_ground:
        height = rounded_column("height_agl_m", HEIGHT_UNITS)
    over_picture = bool(np.isnan(height).all()) and _has_flight_height_above_picture_centre(flight)
    if over_picture:
        height = (
            np.round(_camera_heights_above_picture_centre_m(flight)[rows] * HEIGHT_UNITS)
            / HEIGHT_UNITS
        )
    cameras = cameras_of_flight(flight, declared_cameras)
    field = widest_fov_per_fix(flight, ms, cameras)
    latitude = rounded_column("latitude_deg", POSITION_UNITS)
    longitude = rounded_column("longitude_deg", POSITION_UNITS)
    takeoff = flight.takeoff_position or flight.home
    ground = None
    # A model gives the ground relative to the take-off, which heights above ground do not use.
    if elevation is not None and takeoff is not None and not over_ground:
        place = takeoff.latitude_deg, takeoff.longitude_deg
        ground = ground_height_grid_around_track(
            elevation, place, latitude, longitude, float(np.nanmax(height))
        )
    recordings = tuple(_captures_with_field_of_view(flight, cameras))
    poses = CameraPoses(
        time_ms=ms,
        latitude_deg=latitude,
        longitude_deg=longitude,
        height_ato_m=np.where(height >= MIN_HEIGHT_M, height, np.nan),
        yaw_deg=rounded_column("gimbal_yaw_deg", ANGLE_UNITS),
        pitch_deg=rounded_column("gimbal_pitch_deg", ANGLE_UNITS),
        logged_roll_deg=rounded_column("gimbal_roll_deg", ANGLE_UNITS),
        speed_mps=rounded_column("ground_speed_mps", SPEED_UNITS),
        half_fov=field.half_fov,
        sensor=field.sensor,
        captures=recordings,
        fov_source=field.source + _count_of_recordings_stating_fov_text(field, recordings),
        fov_grade=field.grade,
        ground=ground,
        is_height_agl=over_ground,
        is_height_over_picture=over_picture,
        elevation_model="" if elevation is None else elevation.name,
    )
    # Heights above take-off are of aircraft whose logs state no corners.
    return _poses_fitted_to_stated_corners(poses, flight, rows) if over_ground else poses


def _poses_fitted_to_stated_corners(
    poses: CameraPoses, flight: FlightLike, rows: IntArray
) -> CameraPoses:
    """Return poses that follow from the corners that a log states, where it states them."""
    height = poses.height_ato_m
    if not poses.is_height_over_picture and _has_flight_height_above_picture_centre(flight):
        over_picture = _camera_heights_above_picture_centre_m(flight)[rows]
        over_picture = np.round(over_picture * HEIGHT_UNITS) / HEIGHT_UNITS
        height = np.where(over_picture >= MIN_HEIGHT_M, over_picture, height)
    found = fit_cameras_to_stated_corners(
        flight, rows, poses.latitude_deg, poses.longitude_deg, height
    )
    if found is None:
        return poses
    is_fitted = found.fitted_mask
    is_from_corners_alone = bool(is_fitted.mean() >= _LEAST_FITTED)

    def in_place_of(angle_deg: Floats, fitted_deg: Floats) -> Floats:
        rounded: Floats = np.round(fitted_deg * ANGLE_UNITS) / ANGLE_UNITS
        otherwise = np.full(len(angle_deg), np.nan) if is_from_corners_alone else angle_deg
        return np.where(is_fitted, rounded, otherwise)

    across, up = poses.half_fov
    captures, flattest = poses.captures, poses.min_depression_deg
    if is_from_corners_alone:
        # What each recording states of its field of view is in the corners, and a corner that the
        # maker placed on the ground is a place however flat the line to it.
        captures = tuple(replace(each, half_fov=None, zoom_steps=()) for each in captures)
        flattest = _FLATTEST_TO_CORNERS_DEG
    return replace(
        poses,
        height_ato_m=np.where(is_fitted, height, poses.height_ato_m),
        yaw_deg=in_place_of(poses.yaw_deg, found.yaw_deg),
        pitch_deg=in_place_of(poses.pitch_deg, found.pitch_deg),
        logged_roll_deg=in_place_of(poses.logged_roll_deg, found.roll_deg),
        half_fov=(
            np.where(is_fitted, np.round(found.half_across * HALF_UNITS) / HALF_UNITS, across),
            np.where(is_fitted, np.round(found.half_up * HALF_UNITS) / HALF_UNITS, up),
        ),
        captures=captures,
        min_depression_deg=flattest,
        is_from_stated_corners=True,
        fov_source=found.source_text(is_from_corners_alone),
        fov_grade="stated",
        is_height_over_picture=poses.is_height_over_picture or height is not poses.height_ato_m,
    )


def _has_flight_height_above_picture_centre(flight: FlightLike) -> bool:
    return any(
        each.quantity == _OVER_PICTURE for log in flight.logs for each in log.sensor_readings
    )


def _camera_heights_above_picture_centre_m(flight: FlightLike) -> Floats:
    """Return the height of each fix above the middle of the picture; NaN: its log has none."""
    heights = np.full(len(flight.track), np.nan)
    for readings, is_own, at in iterate_reading_series_fix_mask_and_indexes(flight, _OVER_PICTURE):
        heights[is_own] = readings.numbers[at, 0]
    return heights


def _count_of_recordings_stating_fov_text(
    field: WidestFovPerFix, recordings: Sequence[CaptureWithFieldOfView]
) -> str:
    """Return for how many captures the files state a field of view, where others do not."""
    own = sum(one.is_fov_stated for one in recordings)
    if not own or not field.source or field.grade == "stated":
        return ""
    return f"; of {own} of {len(recordings)} recordings what their own files state"


def _captures_with_field_of_view(
    flight: FlightLike, cameras: Sequence[Camera]
) -> Iterable[CaptureWithFieldOfView]:
    """Yield the videos and photos that have a time, in order of it."""
    import pandas as pd

    rows = flight.captures
    for row, (start, end, kind, sensor, source_index, offset) in enumerate(
        zip(
            rows["start"], rows["end"], rows["kind"], rows["sensor"], rows["source_index"],
            rows["source_offset"], strict=True,
        )
    ):  # fmt: skip
        still = kind == "photo"
        if pd.isna(start) or kind not in ("photo", "video") or (pd.isna(end) and not still):
            continue
        shown_by = flight.log_offsets_of_captures[row] if flight.log_offsets_of_captures else ()
        own = shown_by or ((int(source_index), int(offset)),)
        first = start.value // 10**6
        last = first if still else end.value // 10**6
        width = capture_fov(flight, own, sensor, cameras)
        ground = _rangefinder_ground_height_of_capture_ato_m(flight.logs, own)
        yield CaptureWithFieldOfView(
            first, last, kind, sensor, width.half_fov, ground, width.zoom_steps, width.is_stated
        )


def _rangefinder_ground_height_of_capture_ato_m(
    logs: "Sequence[parsers.Log]", own: Sequence[tuple[int, int]]
) -> float | None:
    """Return the height above take-off of the ground that the laser measured with a capture."""
    for source_index, offset in own:
        measured = [
            one for one in logs[source_index].rangefinder_points if one.source_offset == offset
        ]
        if measured:
            return measured[0].height_ato_m
    return None

"""Where the camera looked, and when a point on the ground was in its view.

A point is in view if the line from the camera to it lies within the picture.
That follows from the position, the height and the gimbal angles in the log, and
from the field of view.  It does not show what stood in between, or whether a thing
could be made out: only the pictures show that.

A question to a fleet asks this within two seconds: nothing here loads pandas or ``parsers``.
"""

from dji_audit.camera_view._camera_footprint import (
    MIN_DEPRESSION_DEG,
    SOLID_DEPRESSION_DEG,
    camera_axis_vectors,
    footprint_corners_m,
    footprint_outline_m_and_whether_clipped,
)
from dji_audit.camera_view._camera_poses import (
    ANGLE_UNITS,
    HEIGHT_UNITS,
    MIN_HEIGHT_M,
    CameraPoses,
    CaptureWithFieldOfView,
    camera_poses,
)
from dji_audit.camera_view._camera_table import (
    FOV_GRADES,
    Camera,
    CameraError,
    cameras_of_aircraft,
    cameras_with_name,
    half_fov_tangents_from_diagonal,
    parse_declared_cameras,
)
from dji_audit.camera_view._capture_footprints import CaptureFootprint, footprint_of_capture
from dji_audit.camera_view._field_of_view import HALF_UNITS
from dji_audit.camera_view._flight_typing_protocols import FlightLike
from dji_audit.camera_view._ground_height_grid import GroundHeightGrid
from dji_audit.camera_view._ground_point_error import (
    CameraSensorErrors,
    ground_and_cross_sight_error_radii_m,
)
from dji_audit.camera_view._point_sightings import (
    CERTAINTIES,
    JOIN_GAP_MS,
    LINE_OF_SIGHT_STEPS,
    MAX_HOLD_MS,
    MAX_RANGE_M,
    PointInPictureAtEachFix,
    PointSighting,
    certainty_of_point_in_view_at_each_fix,
    sightings_of_point,
)
from dji_audit.geo.elevation_files import (
    ElevationError,
    ElevationModel,
    read_elevation_model,
)

__all__ = [
    "ANGLE_UNITS",
    "CERTAINTIES",
    "FOV_GRADES",
    "HALF_UNITS",
    "HEIGHT_UNITS",
    "JOIN_GAP_MS",
    "LINE_OF_SIGHT_STEPS",
    "MAX_HOLD_MS",
    "MAX_RANGE_M",
    "MIN_DEPRESSION_DEG",
    "MIN_HEIGHT_M",
    "SOLID_DEPRESSION_DEG",
    "Camera",
    "CameraError",
    "CameraPoses",
    "CameraSensorErrors",
    "CaptureFootprint",
    "CaptureWithFieldOfView",
    "ElevationError",
    "ElevationModel",
    "FlightLike",
    "GroundHeightGrid",
    "PointInPictureAtEachFix",
    "PointSighting",
    "camera_axis_vectors",
    "camera_poses",
    "cameras_of_aircraft",
    "cameras_with_name",
    "certainty_of_point_in_view_at_each_fix",
    "footprint_corners_m",
    "footprint_of_capture",
    "footprint_outline_m_and_whether_clipped",
    "ground_and_cross_sight_error_radii_m",
    "half_fov_tangents_from_diagonal",
    "parse_declared_cameras",
    "read_elevation_model",
    "sightings_of_point",
]

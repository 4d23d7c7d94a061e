"""Where the camera looked, and when a place was in its view.

A place is in view if the line from the camera to it lies within the picture.
That follows from the position, the height and the gimbal, which the log gives, and
from the field of view.  What stands between, and whether a thing could be made
out, does not follow from it: only the pictures show that.
"""

from dji_audit.geo.elevation import Elevation, ElevationError, read_elevation, sha256_of, tiles_in
from dji_audit.view._camera_poses import (
    ANGLE_UNITS,
    HEIGHT_UNITS,
    LOWEST_M,
    Look,
    Recording,
    look,
)
from dji_audit.view._cameras import (
    LENS_GRADES,
    Camera,
    CameraError,
    cameras_declared,
    cameras_of,
    half_frame,
    named_cameras,
)
from dji_audit.view._errors import SensorErrors, error_m
from dji_audit.view._fov import HALF_UNITS
from dji_audit.view._geometry import (
    SHALLOW_DEG,
    STEEP_DEG,
    axes,
    corners_m,
    offset_m,
    outline_m,
    place_at,
)
from dji_audit.view._ground import Ground
from dji_audit.view._protocols import Told
from dji_audit.view._sightings import (
    CERTAINTIES,
    FARTHEST_M,
    JOIN_MS,
    LONGEST_HOLD_MS,
    SIGHT_STEPS,
    Sighting,
    in_view,
)

__all__ = [
    "ANGLE_UNITS",
    "CERTAINTIES",
    "FARTHEST_M",
    "HALF_UNITS",
    "HEIGHT_UNITS",
    "JOIN_MS",
    "LENS_GRADES",
    "LONGEST_HOLD_MS",
    "LOWEST_M",
    "SHALLOW_DEG",
    "SIGHT_STEPS",
    "STEEP_DEG",
    "Camera",
    "CameraError",
    "Elevation",
    "ElevationError",
    "Ground",
    "Look",
    "Recording",
    "SensorErrors",
    "Sighting",
    "Told",
    "axes",
    "cameras_declared",
    "cameras_of",
    "corners_m",
    "error_m",
    "half_frame",
    "in_view",
    "look",
    "named_cameras",
    "offset_m",
    "outline_m",
    "place_at",
    "read_elevation",
    "sha256_of",
    "tiles_in",
]

"""Field of view from the focal length that a file of a camera states.

The 35 mm equivalent compares diagonals: 43.27 mm is the diagonal of 36 by 24 mm
(CIPA DCG-001).  The field across and up follows from the shape of the picture.
"""

import math

#: The diagonal of a picture of 36 by 24 mm.
_DIAGONAL_MM = math.hypot(36, 24)
#: Beyond, it is the focal length of a zoom lens, in which a digital zoom may be counted already.
_LONGEST_FIXED_MM = 60.0


def horizontal_and_vertical_fov_deg(
    focal_35mm_mm: float | None, digital_zoom: float | None, shape: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the field of view across and up in degrees; ``None`` if it is not known.

    The digital zoom of a zoom lens is left out, so that the field is rather too
    wide than too narrow.

    Args:
        focal_35mm_mm: The 35 mm equivalent; ``None``: not stated.
        digital_zoom: ``None`` or less than 1: no digital zoom.
        shape: Width and height of the picture, in any unit.
    """
    if focal_35mm_mm is None or not 5 <= focal_35mm_mm <= 5000 or min(shape) <= 0:
        return None
    zoom = 1.0
    if digital_zoom is not None and digital_zoom > 1 and focal_35mm_mm <= _LONGEST_FIXED_MM:
        zoom = digital_zoom
    half = _DIAGONAL_MM / 2 / focal_35mm_mm / zoom / math.hypot(*shape)
    across, up = (math.degrees(2 * math.atan(half * side)) for side in shape)
    return across, up

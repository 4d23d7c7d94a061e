"""What is left of the difference of two clocks where one of them may be of any time zone."""

import numpy as np
import numpy.typing as npt

#: Seconds.  UTC offsets are multiples of a quarter of an hour, and not larger than this.
_QUARTER_S, _FARTHEST_ZONE_S = 900.0, 14 * 3600.0


def differences_less_nearest_time_zone_s(difference_s: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return differences less the nearest time zone; one that is of none stays whole.

    Args:
        difference_s: Seconds by which a clock is ahead of UTC, of any shape.
    """
    whole_s = np.asarray(difference_s, np.float64)
    zone_s = np.round(whole_s / _QUARTER_S) * _QUARTER_S
    return np.where(abs(zone_s) <= _FARTHEST_ZONE_S, whole_s - zone_s, whole_s)

"""How wide the camera saw, as it says itself."""

import numpy as np
import pandas as pd

from ..._model import Lens
from ._event import NAT
from ._records import Stream


def lenses(stream: Stream) -> tuple[Lens, ...]:
    """Return the field of view of the first camera that states it, whenever it changed."""
    found = stream["CAMERA_FOV_STATUS"]
    wide, high = found["hfov"].astype(np.float64), found["vfov"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        known = (wide > 0) & (wide < 180) & (high > 0) & (high < 180) & (found.time != NAT)
    rows = np.flatnonzero(known)
    if not len(rows):
        return ()
    sender = found.system.astype(np.uint16) << 8 | found.component
    rows = rows[sender[rows] == sender[rows[0]]]
    rows = rows[np.argsort(found.time[rows], kind="stable")]
    out: list[Lens] = []
    for row in rows.tolist():
        field = float(wide[row]), float(high[row])
        if out and (out[-1].horizontal_fov_deg, out[-1].vertical_fov_deg) == field:
            continue
        time = pd.Timestamp(int(found.time[row]), tz="UTC")
        out.append(Lens(time, "unknown", *field, "CAMERA_FOV_STATUS.hfov", int(found.offsets[row])))
    return tuple(out)

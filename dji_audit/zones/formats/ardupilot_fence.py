"""ArduPilot fence lists of before version 4.0: one "latitude longitude" a line.

Facts: MAVProxy's fence module and ``tests/fence.txt`` of pymavlink.  The first point is
where the vehicle returns to after a breach, and no corner; the others are the polygon to
stay within, the first of them repeated at the end.  It has no limits of height: those are
parameters of the vehicle (``FENCE_ALT_MAX``), which the file does not hold.
"""

import re

from dji_audit.zones._document import Document
from dji_audit.zones._formats import ZoneFormat
from dji_audit.zones._model import (
    SURFACE,
    UNLIMITED,
    Effect,
    LeftOut,
    Polygon,
    Zone,
    ZoneError,
    ZoneFile,
)
from dji_audit.zones._shapes import checked_point, closed_ring

_LINE = re.compile(r"\s*(-?\d{1,3}\.\d+)[\s,]+(-?\d{1,3}\.\d+)\s*")


def claims(document: Document) -> bool:
    """Return whether the first two lines are two decimal numbers each, and nothing else."""
    first = document.lines[:2]
    return len(first) == 2 and all(_LINE.fullmatch(line) for line in first)


def read(document: Document) -> ZoneFile:
    """Read the polygon.

    Raises:
        ZoneError: With the line that is no point.
    """
    points = []
    for number, line in enumerate(document.lines, 1):
        found = _LINE.fullmatch(line)
        if found is None and line.strip():
            raise ZoneError(f'line {number}: expected "latitude longitude", found {line[:40]!r}')
        if found is not None:
            points.append(checked_point(float(found[1]), float(found[2]), f"line {number}"))
    source = document.source(FORMAT.name)
    zone = Zone(
        id="fence",
        name="fence to stay within",
        kind="inclusion polygon",
        effect=Effect.FENCE,
        shape=(Polygon(closed_ring(points[1:], f"lines 2 to {len(document.lines)}")),),
        lower=SURFACE,
        upper=UNLIMITED,
        source=source,
        path="line 2",
        inclusion=True,
    )
    return ZoneFile(source, (zone,), (LeftOut("line 1", "the return point is no area"),))


FORMAT = ZoneFormat(
    name="ardupilot-fence",
    title="ArduPilot fence list (latitude and longitude)",
    reference="ArduPilot/MAVProxy fence module; ArduPilot/pymavlink tests/fence.txt",
    claims=claims,
    read=read,
)

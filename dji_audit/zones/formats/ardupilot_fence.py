"""ArduPilot fence lists from before version 4.0: one "latitude longitude" per line.

Facts: MAVProxy's fence module and ``tests/fence.txt`` of pymavlink.  The first point is the
return point after a breach and not a corner; the others form an inclusion polygon, whose
first corner is repeated at the end.  The file has no height limits: those are parameters of
the vehicle (``FENCE_ALT_MAX``).
"""

import re

from dji_audit.zones import _model as model
from dji_audit.zones._read_zone_file import ZoneFormat
from dji_audit.zones._validated_shapes import build_valid_point, ring_from_closed
from dji_audit.zones._zone_file_content import ZoneFileAsTextJsonAndXml

_LINE = re.compile(r"\s*(-?\d{1,3}\.\d+)[\s,]+(-?\d{1,3}\.\d+)\s*")


def claims(file: ZoneFileAsTextJsonAndXml) -> bool:
    """Return whether each of the first two lines is exactly two decimal numbers."""
    first = file.first_lines[:2]
    return len(first) == 2 and all(_LINE.fullmatch(line) for line in first)


def read(file: ZoneFileAsTextJsonAndXml) -> model.ZoneFile:
    """Read the polygon.

    Raises:
        ZoneError: With the line that is not a point.
    """
    points = []
    for number, line in enumerate(file.text_lines, 1):
        match = _LINE.fullmatch(line)
        if match is None and line.strip():
            raise model.ZoneError(
                f'line {number}: expected "latitude longitude", found {line[:40]!r}'
            )
        if match is not None:
            points.append(build_valid_point(float(match[1]), float(match[2]), f"line {number}"))
    source = file.build_zone_source(FORMAT.name)
    zone = model.Zone(
        id="fence",
        name="inclusion fence",
        kind="inclusion polygon",
        effect=model.ZoneEffect.FENCE,
        shape=(model.Polygon(ring_from_closed(points[1:], f"lines 2 to {len(file.text_lines)}")),),
        lower=model.SURFACE,
        upper=model.UNLIMITED,
        source=source,
        path="line 2",
        inclusion=True,
    )
    return model.ZoneFile(
        source,
        (zone,),
        (model.SkippedItem("line 1", "the return point is not an area", may_be_zone=False),),
    )


FORMAT = ZoneFormat(
    name="ardupilot-fence",
    title="ArduPilot fence list (latitude and longitude)",
    reference="ArduPilot/MAVProxy fence module; ArduPilot/pymavlink tests/fence.txt",
    claims=claims,
    read=read,
)

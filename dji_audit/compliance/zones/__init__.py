"""Zones: areas with limits and times, read from files of many formats.

Every public module of this package is one format of zone files.  To add one, add
a module that defines ``FORMAT``; nothing else changes.
"""

from dji_audit.compliance.zones._formats import (
    ZoneFormat,
    read_content,
    read_zones,
    zone_formats,
)
from dji_audit.compliance.zones._model import (
    NOT_STATED,
    SURFACE,
    UNLIMITED,
    Arc,
    Circle,
    Corridor,
    Datum,
    Effect,
    Hours,
    LeftOut,
    Limit,
    Period,
    Point,
    Polygon,
    Ring,
    Shape,
    Sun,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
)

__all__ = [
    "NOT_STATED",
    "SURFACE",
    "UNLIMITED",
    "Arc",
    "Circle",
    "Corridor",
    "Datum",
    "Effect",
    "Hours",
    "LeftOut",
    "Limit",
    "Period",
    "Point",
    "Polygon",
    "Ring",
    "Shape",
    "Sun",
    "Zone",
    "ZoneError",
    "ZoneFile",
    "ZoneFormat",
    "ZoneSource",
    "read_content",
    "read_zones",
    "zone_formats",
]

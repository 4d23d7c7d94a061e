"""Zones: areas with limits and times, read from files of many formats.

Every public module of this package is one format of zone files.  To add one, add
a module that defines ``FORMAT``; nothing else changes.
"""

from dji_audit.zones._fences import fences_of
from dji_audit.zones._formats import (
    ZoneFormat,
    read_content,
    read_zones,
    zone_format_of,
    zone_formats,
)
from dji_audit.zones._lint import Remark, remarks
from dji_audit.zones._load import BroughtZones, load_zones
from dji_audit.zones._model import (
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
from dji_audit.zones.engine._check import Answer, zones_at
from dji_audit.zones.engine._crossings import find_crossings
from dji_audit.zones.engine._result import Crossing, Found, Tolerance, Unknown
from dji_audit.zones.engine._rtree import PlacedZone, ZoneIndex
from dji_audit.zones.engine._track import Path, path_of
from dji_audit.zones.formats._text import parse_limit

__all__ = [
    "NOT_STATED",
    "SURFACE",
    "UNLIMITED",
    "Answer",
    "Arc",
    "BroughtZones",
    "Circle",
    "Corridor",
    "Crossing",
    "Datum",
    "Effect",
    "Found",
    "Hours",
    "LeftOut",
    "Limit",
    "Path",
    "Period",
    "PlacedZone",
    "Point",
    "Polygon",
    "Remark",
    "Ring",
    "Shape",
    "Sun",
    "Tolerance",
    "Unknown",
    "Zone",
    "ZoneError",
    "ZoneFile",
    "ZoneFormat",
    "ZoneIndex",
    "ZoneSource",
    "fences_of",
    "find_crossings",
    "load_zones",
    "parse_limit",
    "path_of",
    "read_content",
    "read_zones",
    "remarks",
    "zone_format_of",
    "zone_formats",
    "zones_at",
]

"""Zones: areas with vertical limits and times, read from files of many formats.

Every public module of ``zones.formats`` reads one format of zone files.  To add a format,
add a module that defines ``FORMAT``; nothing else changes.  ``zones.engine`` compares zones
with tracks in space and time.
"""

from dji_audit.zones._formats import (
    ZoneFormat,
    identify_zone_format,
    read_zone_content,
    read_zones,
    zone_formats,
)
from dji_audit.zones._lint import ZoneRemark, lint_zone_file
from dji_audit.zones._load import SuppliedZones, load_zones
from dji_audit.zones._log_fences import read_log_fences
from dji_audit.zones._model import (
    NOT_STATED,
    SURFACE,
    UNLIMITED,
    ActivePeriod,
    Arc,
    Circle,
    Corridor,
    DailyHours,
    Datum,
    Effect,
    Limit,
    Point,
    Polygon,
    Ring,
    Shape,
    SkippedItem,
    SunEvent,
    Zone,
    ZoneError,
    ZoneFile,
    ZoneSource,
)
from dji_audit.zones.engine._crossings import find_crossings
from dji_audit.zones.engine._point_query import ZoneAtPoint, zones_at
from dji_audit.zones.engine._result import (
    UndeterminedPeriod,
    ZoneCrossing,
    ZoneResult,
    ZoneTolerance,
)
from dji_audit.zones.engine._track import ZoneTrack, build_zone_track
from dji_audit.zones.engine._zone_index import ProjectedZone, ZoneIndex
from dji_audit.zones.formats._aviation_text import parse_limit

__all__ = [
    "NOT_STATED",
    "SURFACE",
    "UNLIMITED",
    "ActivePeriod",
    "Arc",
    "Circle",
    "Corridor",
    "DailyHours",
    "Datum",
    "Effect",
    "Limit",
    "Point",
    "Polygon",
    "ProjectedZone",
    "Ring",
    "Shape",
    "SkippedItem",
    "SunEvent",
    "SuppliedZones",
    "UndeterminedPeriod",
    "Zone",
    "ZoneAtPoint",
    "ZoneCrossing",
    "ZoneError",
    "ZoneFile",
    "ZoneFormat",
    "ZoneIndex",
    "ZoneRemark",
    "ZoneResult",
    "ZoneSource",
    "ZoneTolerance",
    "ZoneTrack",
    "build_zone_track",
    "find_crossings",
    "identify_zone_format",
    "lint_zone_file",
    "load_zones",
    "parse_limit",
    "read_log_fences",
    "read_zone_content",
    "read_zones",
    "zone_formats",
    "zones_at",
]

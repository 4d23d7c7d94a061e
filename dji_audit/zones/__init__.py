"""Zones: areas with vertical limits and times, read from files of many formats.

Every public module of ``zones.formats`` reads one format of zone files.  To add a format,
add a module that defines ``FORMAT``; nothing else changes.  ``zones.engine`` compares zones
with tracks in space and time.
"""

from dji_audit.zones._active_times_text import active_times_text
from dji_audit.zones._completeness_area import (
    CompletenessBasis,
    ZoneCompletenessArea,
    bounding_box_of_points,
    extent_of_zone_file,
    parse_lat_lon_box,
    valid_lat_lon_box,
)
from dji_audit.zones._completeness_texts import (
    LEFT_OUT_WORDS,
    completeness_text,
    left_out_items_text,
    skipped_item_position_text,
)
from dji_audit.zones._left_out_items_nearby import left_out_items_near
from dji_audit.zones._lint_zone_file import ZoneRemark, lint_zone_file
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
    LatLonBox,
    Limit,
    Point,
    Polygon,
    ReadingRemark,
    Ring,
    Shape,
    SkippedItem,
    SunEvent,
    VerticalDatum,
    Zone,
    ZoneEffect,
    ZoneError,
    ZoneFile,
    ZoneSource,
)
from dji_audit.zones._read_zone_file import (
    ZoneFormat,
    read_zone_content,
    read_zones,
    zone_format_name,
    zone_formats,
)
from dji_audit.zones._stated_extents import (
    UNIT_EXTENTS_FILE,
    read_stated_extents,
    stated_extents_file_content,
)
from dji_audit.zones._supplied_zones import (
    SuppliedZones,
    files_below,
    load_zones,
    no_zone_reason,
)
from dji_audit.zones._zone_outlines import (
    densified_line,
    distance_from_track_to_zone_m,
    shape_outlines,
)
from dji_audit.zones.engine._comparison_result import (
    UndeterminedPeriod,
    ZoneComparisonResult,
    ZoneCrossing,
    ZoneTolerance,
)
from dji_audit.zones.engine._stays_outside_areas import find_stays_outside_union
from dji_audit.zones.engine._zone_crossings import find_crossings
from dji_audit.zones.engine._zone_index import ProjectedZone, ZoneIndex
from dji_audit.zones.engine._zone_track import ZoneTrack, build_zone_track
from dji_audit.zones.engine._zones_at_point import ZoneAtPoint, zones_at_position
from dji_audit.zones.formats._aviation_text import parse_limit

__all__ = [
    "LEFT_OUT_WORDS",
    "NOT_STATED",
    "SURFACE",
    "UNIT_EXTENTS_FILE",
    "UNLIMITED",
    "ActivePeriod",
    "Arc",
    "Circle",
    "CompletenessBasis",
    "Corridor",
    "DailyHours",
    "LatLonBox",
    "Limit",
    "Point",
    "Polygon",
    "ProjectedZone",
    "ReadingRemark",
    "Ring",
    "Shape",
    "SkippedItem",
    "SunEvent",
    "SuppliedZones",
    "UndeterminedPeriod",
    "VerticalDatum",
    "Zone",
    "ZoneAtPoint",
    "ZoneComparisonResult",
    "ZoneCompletenessArea",
    "ZoneCrossing",
    "ZoneEffect",
    "ZoneError",
    "ZoneFile",
    "ZoneFormat",
    "ZoneIndex",
    "ZoneRemark",
    "ZoneSource",
    "ZoneTolerance",
    "ZoneTrack",
    "active_times_text",
    "bounding_box_of_points",
    "build_zone_track",
    "completeness_text",
    "densified_line",
    "distance_from_track_to_zone_m",
    "extent_of_zone_file",
    "files_below",
    "find_crossings",
    "find_stays_outside_union",
    "left_out_items_near",
    "left_out_items_text",
    "lint_zone_file",
    "load_zones",
    "no_zone_reason",
    "parse_lat_lon_box",
    "parse_limit",
    "read_log_fences",
    "read_stated_extents",
    "read_zone_content",
    "read_zones",
    "shape_outlines",
    "skipped_item_position_text",
    "stated_extents_file_content",
    "valid_lat_lon_box",
    "zone_format_name",
    "zone_formats",
    "zones_at_position",
]

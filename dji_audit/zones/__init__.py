"""Zones: areas with vertical limits and times, read from files of many formats.

Every public module of ``zones.formats`` reads one format of zone files.  To add a format,
add a module that defines ``FORMAT``; nothing else changes.  ``zones.engine`` compares zones
with tracks in space and time.
"""

from dji_audit.zones._active_times_text import active_times_text
from dji_audit.zones._completeness_area import (
    CompletenessStatedBy,
    ZoneCompletenessArea,
    bounding_box_of_points,
    completeness_area_of_zone_file,
    parse_lat_lon_box,
)
from dji_audit.zones._completeness_texts import (
    LEFT_OUT_WORDS,
    completeness_text,
    skipped_item_position_text,
)
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
    detect_zone_format_name,
    read_zone_content,
    read_zones_of_file,
    zone_formats,
)
from dji_audit.zones._skipped_possible_zones_nearby import skipped_possible_zones_near
from dji_audit.zones._supplied_zones import (
    SuppliedZones,
    load_zones,
    no_zone_in_files_text,
    non_hidden_files_below,
)
from dji_audit.zones._user_declared_completeness_boxes import (
    UNIT_EXTENTS_FILE,
    completeness_box_file_content,
    read_completeness_boxes_by_zone_file_hash,
)
from dji_audit.zones._zone_outlines import (
    approximate_track_to_zone_distance_m,
    densified_line,
    shape_outlines,
)
from dji_audit.zones.engine._comparison_result import (
    UndeterminedPeriod,
    ZoneComparisonResult,
    ZoneCrossing,
    ZoneTolerance,
)
from dji_audit.zones.engine._excursions_outside_areas import find_excursions_outside_all_areas
from dji_audit.zones.engine._zone_crossings import find_zone_crossings
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
    "CompletenessStatedBy",
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
    "approximate_track_to_zone_distance_m",
    "bounding_box_of_points",
    "build_zone_track",
    "completeness_area_of_zone_file",
    "completeness_box_file_content",
    "completeness_text",
    "densified_line",
    "detect_zone_format_name",
    "find_excursions_outside_all_areas",
    "find_zone_crossings",
    "lint_zone_file",
    "load_zones",
    "no_zone_in_files_text",
    "non_hidden_files_below",
    "parse_lat_lon_box",
    "parse_limit",
    "read_completeness_boxes_by_zone_file_hash",
    "read_log_fences",
    "read_zone_content",
    "read_zones_of_file",
    "shape_outlines",
    "skipped_item_position_text",
    "skipped_possible_zones_near",
    "zone_formats",
    "zones_at_position",
]

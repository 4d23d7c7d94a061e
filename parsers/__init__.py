"""Readers of drone flight logs.

In each family (``dji``, ``mavlink``, ``network``) every public module is one
format.  To add a format, add a module that defines ``FORMAT``; nothing else
changes.  This is the only import surface: the modules with an underscore are
the machinery that the formats share.
"""

from ._airborne import MAX_CLIP_PAUSE_S
from ._coverage import COVERAGE_KINDS, CoverageSpan
from ._declared_clock import DeclaredClock, parse_declared_clock, parse_declared_time
from ._errors import (
    CorruptLogError,
    FileContainsNoLogError,
    FileContainsSeveralLogsError,
    InvalidKeysError,
    LogError,
    UnknownFormatError,
    UnsupportedVersionError,
)
from ._file_content import Content, open_content
from ._find_hosts import find_hosts
from ._formats import MAX_DEPTH, FileParts, Format, formats, identify, read, read_content, read_file
from ._keys import (
    Keychains,
    KeyRequest,
    Keyring,
    dump_keychains,
    feature_point_name,
    keychains_sha256,
    load_keychains,
)
from ._layout import BitField, Layout, LayoutField
from ._model import (
    FILE_CLASSES,
    TABLES,
    AirborneSpan,
    AirborneTime,
    Aircraft,
    CaptureWindow,
    CarriedFact,
    Clock,
    Fence,
    FieldOfView,
    FileAccount,
    FileReading,
    HeaderSummary,
    HostReference,
    Issue,
    LocalTimes,
    Log,
    MonotonicCounter,
    NamedPosition,
    RangefinderPoint,
    RecordedInterval,
    RecordedTimes,
    RecordsOfType,
    Source,
)
from ._recordable_facts import FACTS, FactDeclaration, find_carried_facts
from ._tables import CAPTURES, CONTACTS, EVENT_KINDS, EVENTS, GRADES, SEVERITIES, TRACK, TableColumn
from .containers import KINDS_WITHOUT_BYTES, LEFT_KINDS, MEMBER_SEPARATOR, LeftMember

__all__ = [
    "CAPTURES",
    "CONTACTS",
    "COVERAGE_KINDS",
    "EVENTS",
    "EVENT_KINDS",
    "FACTS",
    "FILE_CLASSES",
    "GRADES",
    "KINDS_WITHOUT_BYTES",
    "LEFT_KINDS",
    "MAX_CLIP_PAUSE_S",
    "MAX_DEPTH",
    "MEMBER_SEPARATOR",
    "SEVERITIES",
    "TABLES",
    "TRACK",
    "AirborneSpan",
    "AirborneTime",
    "Aircraft",
    "BitField",
    "CaptureWindow",
    "CarriedFact",
    "Clock",
    "Content",
    "CorruptLogError",
    "CoverageSpan",
    "DeclaredClock",
    "FactDeclaration",
    "Fence",
    "FieldOfView",
    "FileAccount",
    "FileContainsNoLogError",
    "FileContainsSeveralLogsError",
    "FileParts",
    "FileReading",
    "Format",
    "HeaderSummary",
    "HostReference",
    "InvalidKeysError",
    "Issue",
    "KeyRequest",
    "Keychains",
    "Keyring",
    "Layout",
    "LayoutField",
    "LeftMember",
    "LocalTimes",
    "Log",
    "LogError",
    "MonotonicCounter",
    "NamedPosition",
    "RangefinderPoint",
    "RecordedInterval",
    "RecordedTimes",
    "RecordsOfType",
    "Source",
    "TableColumn",
    "UnknownFormatError",
    "UnsupportedVersionError",
    "dump_keychains",
    "feature_point_name",
    "find_carried_facts",
    "find_hosts",
    "formats",
    "identify",
    "keychains_sha256",
    "load_keychains",
    "open_content",
    "parse_declared_clock",
    "parse_declared_time",
    "read",
    "read_content",
    "read_file",
]

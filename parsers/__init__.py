"""Readers of drone flight logs.

In each family (``dji``, ``mavlink``, ``network``) every public module is one
format.  To add a format, add a module that defines ``FORMAT``; nothing else
changes.  This is the only import surface: the modules with an underscore are
the machinery that the formats share.
"""

from ._coverage import COVERAGE_KINDS, CoverageSpan
from ._errors import (
    AmbiguousFormatError,
    CorruptLogError,
    EncryptedLogError,
    LogError,
    NoLogError,
    SeveralLogsError,
    UnknownFormatError,
    UnsupportedVersionError,
)
from ._facts import FACTS, FactDeclaration, find_carried_facts
from ._file_content import Content, open_content
from ._formats import MAX_DEPTH, FileParts, Format, formats, identify, read, read_content, read_file
from ._hosts import find_hosts
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
    Aircraft,
    CaptureWindow,
    CarriedFact,
    Clock,
    Fence,
    FieldOfView,
    FileAccount,
    HeaderSummary,
    HostReference,
    Issue,
    LocalTimes,
    Log,
    MonotonicCounter,
    NamedPosition,
    RangefinderPoint,
    Reading,
    RecordsOfType,
    Source,
)
from ._tables import CAPTURES, CONTACTS, EVENT_KINDS, EVENTS, GRADES, SEVERITIES, TRACK, TableColumn

__all__ = [
    "CAPTURES",
    "CONTACTS",
    "COVERAGE_KINDS",
    "EVENTS",
    "EVENT_KINDS",
    "FACTS",
    "FILE_CLASSES",
    "GRADES",
    "MAX_DEPTH",
    "SEVERITIES",
    "TABLES",
    "TRACK",
    "Aircraft",
    "AmbiguousFormatError",
    "BitField",
    "CaptureWindow",
    "CarriedFact",
    "Clock",
    "Content",
    "CorruptLogError",
    "CoverageSpan",
    "EncryptedLogError",
    "FactDeclaration",
    "Fence",
    "FieldOfView",
    "FileAccount",
    "FileParts",
    "Format",
    "HeaderSummary",
    "HostReference",
    "Issue",
    "KeyRequest",
    "Keychains",
    "Keyring",
    "Layout",
    "LayoutField",
    "LocalTimes",
    "Log",
    "LogError",
    "MonotonicCounter",
    "NamedPosition",
    "NoLogError",
    "RangefinderPoint",
    "Reading",
    "RecordsOfType",
    "SeveralLogsError",
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
    "read",
    "read_content",
    "read_file",
]

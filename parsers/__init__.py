"""Readers of drone flight logs.

In each family (``dji``, ``mavlink``, ``network``) every public module is one
format.  To add a format, add a module that defines ``FORMAT``; nothing else
changes.  This is the only import surface: the modules with an underscore are
the machinery that the formats share.
"""

from ._bytes import Content, open_content
from ._coverage import COVERAGE, Span
from ._errors import (
    AmbiguousFormatError,
    CorruptLogError,
    EncryptedLogError,
    LogError,
    UnknownFormatError,
    UnsupportedVersionError,
)
from ._formats import Format, formats, identify, read
from ._hosts import find_hosts
from ._keys import (
    Keychains,
    KeyRequest,
    Keyring,
    dump_keychains,
    feature_point,
    keychains_sha256,
    load_keychains,
)
from ._layout import Bits, Field, Layout
from ._model import (
    TABLES,
    Aircraft,
    Clock,
    Counter,
    Fence,
    Issue,
    Lens,
    Log,
    Mention,
    OwnTimes,
    Place,
    Ranging,
    Records,
    Source,
    Stated,
    Watch,
)
from ._tables import CAPTURES, CONTACTS, EVENTS, GRADES, KINDS, SEVERITIES, TRACK, Column

__all__ = [
    "CAPTURES",
    "CONTACTS",
    "COVERAGE",
    "EVENTS",
    "GRADES",
    "KINDS",
    "SEVERITIES",
    "TABLES",
    "TRACK",
    "Aircraft",
    "AmbiguousFormatError",
    "Bits",
    "Clock",
    "Column",
    "Content",
    "CorruptLogError",
    "Counter",
    "EncryptedLogError",
    "Fence",
    "Field",
    "Format",
    "Issue",
    "KeyRequest",
    "Keychains",
    "Keyring",
    "Layout",
    "Lens",
    "Log",
    "LogError",
    "Mention",
    "OwnTimes",
    "Place",
    "Ranging",
    "Records",
    "Source",
    "Span",
    "Stated",
    "UnknownFormatError",
    "UnsupportedVersionError",
    "Watch",
    "dump_keychains",
    "feature_point",
    "find_hosts",
    "formats",
    "identify",
    "keychains_sha256",
    "load_keychains",
    "open_content",
    "read",
]

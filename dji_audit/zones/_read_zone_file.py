"""Find the format of a zone file and read it."""

import codecs
import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import parsers
from dji_audit.zones._model import ReadingRemark, ZoneError, ZoneFile
from dji_audit.zones._zone_file_content import MAX_FILE_BYTES, ZoneFileAsTextJsonAndXml


@dataclass(frozen=True, slots=True)
class ZoneFormat:
    """One format of zone files.

    ``claims`` looks at the contents of the file, never at its name.  The claims of two
    formats must not overlap, so the order of formats never matters.
    """

    name: str
    title: str
    #: Where the facts come from.
    reference: str
    claims: Callable[[ZoneFileAsTextJsonAndXml], bool]
    read: Callable[[ZoneFileAsTextJsonAndXml], ZoneFile]


@cache
def zone_formats() -> tuple[ZoneFormat, ...]:
    """Return every format: the ``FORMAT`` of each public module of ``zones.formats``."""
    package = importlib.import_module("dji_audit.zones.formats")
    names = [
        module.name for module in pkgutil.iter_modules(package.__path__) if module.name[0] != "_"
    ]
    formats = [importlib.import_module(f"{package.__name__}.{name}").FORMAT for name in names]
    return tuple(sorted(formats, key=lambda format_: format_.name))


def read_zones_of_file(path: Path | str, *, name: str | None = None) -> ZoneFile:
    """Read a zone file.  It may hold no zone, and names each area that could not be read.

    Args:
        path: The file; taken as it is, never as a pattern.
        name: The name to use in every output; by default the last part of the path.

    Raises:
        ZoneError: If the format is unknown or the file violates its format; the message
            begins with the name of the file and says where, and what was expected.
        OSError: If it cannot be opened.
    """
    return read_zone_content(parsers.open_content(Path(path), name))


def detect_zone_format_name(content: parsers.Content) -> str | None:
    """Return the name of the zone format that claims some bytes; ``None`` if none does."""
    if len(content) > MAX_FILE_BYTES or not _may_hold_zones(content):
        return None
    try:
        return detect_zone_format(ZoneFileAsTextJsonAndXml(content)).name
    except ZoneError:
        return None


#: One of them stands in every zone file in JSON, and near the head of every one in XML.
_JSON_WORDS = (b"geometry", b"UASZoneList", b"geoFence")
_XML_ROOTS = (b"kml", b"AIXMBasicMessage")
_XML_BYTES = 1 << 16


def _may_hold_zones(content: parsers.Content) -> bool:
    """Return quickly whether JSON or XML is worth parsing; ``True`` for other contents."""
    head = content.head
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if first in (b"{", b"["):
        return any(content.data.find(word) >= 0 for word in _JSON_WORDS)
    if first == b"<":
        beginning = bytes(content.data[:_XML_BYTES])
        return any(root in beginning for root in _XML_ROOTS)
    return True


def read_zone_content(content: parsers.Content) -> ZoneFile:
    """Read a zone file, as ``read_zones_of_file`` does; secrets in its texts are redacted."""
    try:
        file = _parse_zone_content(content)
    except ZoneError as error:
        raise ZoneError(parsers.redact_secrets(f"{content.name}: {error}")) from error
    return replace(
        file,
        source=parsers.redact_secrets(file.source),
        zones=parsers.redact_dataclass_text_fields(file.zones),
        skipped=parsers.redact_dataclass_text_fields(file.skipped),
        remarks=parsers.redact_dataclass_text_fields(file.remarks),
    )


def _parse_zone_content(content: parsers.Content) -> ZoneFile:
    if len(content) > MAX_FILE_BYTES:
        raise ZoneError(f"larger than {MAX_FILE_BYTES >> 20} MB, the limit for zone files")
    file = ZoneFileAsTextJsonAndXml(content)
    zone_file = detect_zone_format(file).read(file)
    if file.encoding == "Windows-1252" and file.xml is None:
        remark = ReadingRemark("", "is not UTF-8: read as Windows-1252 (Latin-1)")
        return replace(zone_file, remarks=(remark, *zone_file.remarks))
    return zone_file


def detect_zone_format(file: ZoneFileAsTextJsonAndXml) -> ZoneFormat:
    """Return the one format that claims a file.

    Raises:
        ZoneError: If no format claims it, or more than one.
    """
    claiming = [format_ for format_ in zone_formats() if format_.claims(file)]
    if not claiming:
        raise ZoneError(file.why_not_parsed or _unknown_zone_format_reason(file))
    if len(claiming) > 1:
        names = " and ".join(format_.name for format_ in claiming)
        raise ZoneError(f"claimed by {names}; this is an error in dji-audit")
    return claiming[0]


def _unknown_zone_format_reason(file: ZoneFileAsTextJsonAndXml) -> str:
    """Return why a file that no format claims is refused, and what to supply instead."""
    head = bytes(file.content.head)
    if not head:
        return "the file is empty"
    if re.search(rb"^(airspace|rat|loa):", head, re.M) and re.search(rb"^- name:", head, re.M):
        return "airspace in YAML (YAIXM) is not supported; supply the same airspace as OpenAir"
    return f"unknown format (begins {head[:30]!r}); supply it as GeoJSON, KML or OpenAir"

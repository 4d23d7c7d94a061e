"""Find the format of a zone file and read it."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import parsers
from dji_audit.zones._document import MOST_BYTES, Document
from dji_audit.zones._model import ZoneError, ZoneFile


@dataclass(frozen=True, slots=True)
class ZoneFormat:
    """One format of zone files.

    ``claims`` looks at what the file holds, never at its name; what two formats
    claim must not overlap, so their order never matters.
    """

    name: str
    title: str
    #: Where the facts come from.
    reference: str
    claims: Callable[[Document], bool]
    read: Callable[[Document], ZoneFile]


@cache
def zone_formats() -> tuple[ZoneFormat, ...]:
    """Return every format: the ``FORMAT`` of each public module of ``zones.formats``."""
    package = importlib.import_module("dji_audit.zones.formats")
    names = [one.name for one in pkgutil.iter_modules(package.__path__) if one.name[0] != "_"]
    found = [importlib.import_module(f"{package.__name__}.{name}").FORMAT for name in names]
    return tuple(sorted(found, key=lambda known: known.name))


def read_zones(path: Path | str, *, name: str | None = None) -> ZoneFile:
    """Read a zone file: all of it, or nothing.  It may hold no zone.

    Args:
        path: The file; taken as it is, never as a pattern.
        name: What to call it in every output; its last part by default.

    Raises:
        ZoneError: If it is of no known format or breaks its format; the message
            begins with the file's name and says where and what was expected.
        OSError: If it cannot be opened.
    """
    return read_content(parsers.open_content(Path(path), name))


def zone_format_of(path: Path) -> str | None:
    """Return the name of the zone format that claims a file; ``None``: none does."""
    try:
        content = parsers.open_content(path)
        return identify(Document(content)).name if len(content) <= MOST_BYTES else None
    except (ZoneError, OSError):
        return None


def read_content(content: parsers.Content) -> ZoneFile:
    """Read the bytes of a zone file, as ``read_zones`` does."""
    try:
        return _read(content)
    except ZoneError as error:
        raise ZoneError(f"{content.name}: {error}") from error


def _read(content: parsers.Content) -> ZoneFile:
    if len(content) > MOST_BYTES:
        raise ZoneError(f"larger than the {MOST_BYTES >> 20} MB that a zone file may have")
    document = Document(content)
    return identify(document).read(document)


def identify(document: Document) -> ZoneFormat:
    """Return the one format that claims a document.

    Raises:
        ZoneError: If none does, or more than one.
    """
    claiming = [known for known in zone_formats() if known.claims(document)]
    if not claiming:
        raise ZoneError(document.fault or _refusal(document))
    if len(claiming) > 1:
        names = " and ".join(known.name for known in claiming)
        raise ZoneError(f"claimed by {names}; this is a fault of dji-audit")
    return claiming[0]


def _refusal(document: Document) -> str:
    """Return why a file that nobody claims is refused, and what to give instead."""
    head = bytes(document.content.head)
    if not head:
        return "the file is empty"
    if re.search(rb"^(airspace|rat|loa):", head, re.M) and re.search(rb"^- name:", head, re.M):
        return "airspace in YAML (YAIXM) is not read; give the same airspace as OpenAir"
    return f"begins {head[:30]!r}, as no zone file that is read; give it as GeoJSON, KML or OpenAir"

"""One zone file: its bytes, and what they are as text, JSON or XML, each read once."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dji_audit.zones._model import ZoneError, ZoneSource
from parsers import Content

#: No zone file seen is a tenth of this; what is larger is refused before it is read.
MOST_BYTES = 128 << 20
#: Times its packed size that a member of an archive may have unpacked.
MOST_RATIO = 200


@dataclass(eq=False)
class Document:
    """The bytes of a zone file, and what they say when read as one thing or another.

    ``text``, ``json`` and ``xml`` are ``None`` where the bytes are no such thing;
    ``fault`` then says where they cease to be.
    """

    content: Content

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.content.name

    def source(self, format_: str, **stated: Any) -> ZoneSource:
        """Return the file as the source of its zones, with what it states of its age."""
        return ZoneSource(self.name, self.content.sha256, format_, **stated)

    @cached_property
    def text(self) -> str | None:
        """The file as UTF-8, without a byte order mark."""
        try:
            return bytes(self.content.data).decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends; none where it is no text."""
        return (self.text or "").splitlines()

    @cached_property
    def json(self) -> Any:
        """What the file is as JSON."""
        return self._json[0]

    @cached_property
    def xml(self) -> Element | None:
        """The root of the file as XML; of an archive, of the KML document in it."""
        return self._xml[0]

    @property
    def fault(self) -> str:
        """Why a file that begins like JSON, XML or an archive is none; else empty."""
        return self._json[1] or self._xml[1]

    @cached_property
    def _json(self) -> tuple[Any, str]:
        text = self.text
        if text is None or text.lstrip()[:1] not in ("{", "["):
            return None, ""
        try:
            return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once), ""
        except json.JSONDecodeError as error:
            return None, f"line {error.lineno}, column {error.colno}: no JSON: {error.msg}"
        except (ValueError, RecursionError) as error:
            return None, f"no JSON that can be read: {error}"

    @cached_property
    def _xml(self) -> tuple[Element | None, str]:
        try:
            data = self._unpacked if self.content.head[:2] == b"PK" else bytes(self.content.data)
        except ZoneError as error:
            return None, str(error)
        if not re.match(rb"\s*<", data.removeprefix(b"\xef\xbb\xbf")[:100]):
            return None, ""
        try:
            # Defused: a declared entity, which is how a small file becomes a huge one, is refused.
            return fromstring(data, forbid_dtd=True), ""
        except ParseError as error:
            line, column = error.position
            return None, f"line {line}, column {column + 1}: no XML: {str(error).split(':')[0]}"
        except DefusedXmlException as error:
            return None, f"XML that declares types or entities is not read: {type(error).__name__}"
        except (ValueError, LookupError, RecursionError) as error:
            return None, f"no XML that can be read: {error}"

    @cached_property
    def _unpacked(self) -> bytes:
        """The KML document of an archive (KMZ)."""
        try:
            with zipfile.ZipFile(io.BytesIO(bytes(self.content.data))) as archive:
                return _document_in(archive)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise ZoneError(f"no archive that can be read: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ZoneError(f"an archive of a kind that is not read: {error}") from error


def _document_in(archive: zipfile.ZipFile) -> bytes:
    """Return the first KML document of an archive; KMZ 2.2 says the first is the one."""
    members = [one for one in archive.infolist() if one.filename.lower().endswith(".kml")]
    if not members:
        raise ZoneError("an archive without a .kml document in it")
    chosen = members[0]
    most = min(MOST_BYTES, MOST_RATIO * max(chosen.compress_size, 1000))
    with archive.open(chosen) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise ZoneError(f"{chosen.filename}: unpacks to more than {most:,} bytes")
    return data


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Refuse an object that gives a name twice: which is meant is anyone's guess."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice in one object")
    return made

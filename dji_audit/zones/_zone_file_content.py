"""One zone file: its bytes, and the same bytes parsed as text, JSON or XML, each once."""

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

#: No known zone file has a tenth of this size; larger files are refused before they are read.
MAX_FILE_BYTES = 128 << 20
#: The largest permitted ratio of unpacked to packed size of an archive member.
MAX_UNPACK_RATIO = 200


@dataclass(eq=False)
class ZoneFileContent:
    """The bytes of a zone file, with their contents as text, JSON and XML.

    ``text``, ``json`` and ``xml`` are ``None`` where the bytes are not in that form;
    ``fault`` then says where parsing failed.
    """

    content: Content

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.content.name

    def source(self, format_: str, **dates: Any) -> ZoneSource:
        """Return the file as the source of its zones, with the edition and dates it states."""
        return ZoneSource(self.name, self.content.sha256, format_, **dates)

    @cached_property
    def text(self) -> str | None:
        """The file as UTF-8, without a byte order mark."""
        try:
            return bytes(self.content.data).decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without line ends; empty where the file is not text."""
        return (self.text or "").splitlines()

    @cached_property
    def json(self) -> Any:
        """The file parsed as JSON."""
        return self._json[0]

    @cached_property
    def xml(self) -> Element | None:
        """The root element of the XML file, or of the KML document in an archive."""
        return self._xml[0]

    @property
    def parse_error(self) -> str:
        """Why a file that begins like JSON, XML or an archive could not be parsed; else empty."""
        return self._json[1] or self._xml[1]

    @cached_property
    def _json(self) -> tuple[Any, str]:
        text = self.text
        if text is None or text.lstrip()[:1] not in ("{", "["):
            return None, ""
        try:
            return json.loads(
                text,
                parse_constant=_refuse_nan_or_infinity,
                object_pairs_hook=_refuse_duplicate_names,
            ), ""
        except json.JSONDecodeError as error:
            return None, f"line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}"
        except (ValueError, RecursionError) as error:
            return None, f"JSON that cannot be read: {error}"

    @cached_property
    def _xml(self) -> tuple[Element | None, str]:
        try:
            data = (
                self._unzipped_kml if self.content.head[:2] == b"PK" else bytes(self.content.data)
            )
        except ZoneError as error:
            return None, str(error)
        if not re.match(rb"\s*<", data.removeprefix(b"\xef\xbb\xbf")[:100]):
            return None, ""
        try:
            # Defused: a declared entity, which is how a small file becomes a huge one, is refused.
            return fromstring(data, forbid_dtd=True), ""
        except ParseError as error:
            line, column = error.position
            return (
                None,
                f"line {line}, column {column + 1}: not valid XML: {str(error).split(':')[0]}",
            )
        except DefusedXmlException as error:
            return None, f"XML that declares types or entities is refused: {type(error).__name__}"
        except (ValueError, LookupError, RecursionError) as error:
            return None, f"XML that cannot be read: {error}"

    @cached_property
    def _unzipped_kml(self) -> bytes:
        """The KML document of an archive (KMZ)."""
        try:
            with zipfile.ZipFile(io.BytesIO(bytes(self.content.data))) as archive:
                return _kml_member(archive)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise ZoneError(f"archive that cannot be read: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ZoneError(f"unsupported kind of archive: {error}") from error


def _kml_member(archive: zipfile.ZipFile) -> bytes:
    """Return the first KML document of an archive, as KML 2.2 prescribes for KMZ."""
    members = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".kml")]
    if not members:
        raise ZoneError("the archive holds no .kml document")
    member = members[0]
    max_bytes = min(MAX_FILE_BYTES, MAX_UNPACK_RATIO * max(member.compress_size, 1000))
    with archive.open(member) as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ZoneError(f"{member.filename}: unpacks to more than {max_bytes:,} bytes")
    return data


def _refuse_nan_or_infinity(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")


def _refuse_duplicate_names(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Refuse an object that gives a name twice, because the intended value is unknown."""
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        names = [name for name, _ in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{duplicate!r} is given twice in one object")
    return mapping

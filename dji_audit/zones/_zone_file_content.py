"""One zone file: its bytes, and the same bytes parsed as text, JSON or XML, each once."""

import codecs
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
#: The largest permitted ratio of the unpacked size of a document to the size of its archive.
MAX_UNPACK_RATIO = 200
#: Objects and arrays of a JSON file, and tags of an XML file, beyond which it is refused: each
#: takes memory however few bytes it has.  The largest known files have a tenth of this.
MAX_JSON_OBJECTS = 8_000_000
MAX_XML_TAGS = 8_000_000
#: Elements within elements: zone files have fewer than 30.
MAX_XML_DEPTH = 200
#: Digits of a whole number in JSON; a longer one is read as a decimal number, perhaps infinite.
_MAX_INTEGER_DIGITS = 300
#: A zero byte among the first ones shows that a file is not text.
_HEAD_BYTES = 512
#: Bytes from which a format is told: some files begin with pages of comments.
_FIRST_BYTES = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = re.compile(r"\r\n|\r|\n")


class ConflictingDuplicateJsonValue:
    """Stands for the value of a name that one JSON object gives twice with different values."""

    def __str__(self) -> str:
        """Return what a message says that was found."""
        return "two values for one name"


@dataclass(eq=False)
class ZoneFileAsTextJsonAndXml:
    """The bytes of a zone file, with their contents as text, JSON and XML.

    ``text``, ``json`` and ``xml`` are ``None`` where the bytes are not in that form;
    ``why_not_parsed`` then says where parsing failed.
    """

    content: Content

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.content.name

    def build_zone_source(self, format_: str, **dates: Any) -> ZoneSource:
        """Return the file as the source of its zones, with the edition and dates it states."""
        return ZoneSource(self.name, self.content.sha256, format_, **dates)

    @property
    def text(self) -> str | None:
        """The file as text without a byte order mark; ``None``: it holds bytes that no text has.

        It is UTF-8, or UTF-16 with its mark, or else Windows-1252, which holds all of Latin-1 that
        is printed.  What matters in zone files is ASCII, so the last is no guess that could move
        a zone.  Zero bytes behind the head, as a bad sector leaves them, stay visible as damage.
        """
        return self._text_and_encoding[0]

    @property
    def encoding(self) -> str:
        """How the text is encoded: ``UTF-8``, ``UTF-16``, ``Windows-1252``; empty: no text."""
        return self._text_and_encoding[1]

    @cached_property
    def _text_and_encoding(self) -> tuple[str | None, str]:
        data = bytes(self.content.data)
        if data[:2] in _UTF16_MARKS:
            try:
                return data.decode("utf-16"), "UTF-16"
            except UnicodeDecodeError:
                return None, ""
        if b"\0" in data[:_HEAD_BYTES]:
            return None, ""
        data = data.replace(b"\0", "\ufffd".encode())
        try:
            return data.decode("utf-8-sig"), "UTF-8"
        except UnicodeDecodeError:
            # Five bytes have no character in Windows-1252; they stay visible.
            return data.decode("cp1252", "replace"), "Windows-1252"

    @cached_property
    def text_lines(self) -> list[str]:
        """The lines of the text as editors count them, without line ends; empty: no text."""
        text = self.text or ""
        lines = _LINE_END.split(text)
        return lines[:-1] if not lines[-1] else lines

    @property
    def first_lines(self) -> list[str]:
        """The lines at the beginning, as far as a format is told from them; empty: no text."""
        head = bytes(self.content.data[:_FIRST_BYTES])
        if head[:2] in _UTF16_MARKS:
            return self.text_lines
        if b"\0" in head[:_HEAD_BYTES]:
            return []
        # Only ASCII matters here, and a character may be cut at the end.
        return _LINE_END.split(head.removeprefix(codecs.BOM_UTF8).decode("ascii", "replace"))

    @cached_property
    def json(self) -> Any:
        """The file parsed as JSON."""
        return self._json_value_and_error[0]

    @cached_property
    def xml(self) -> Element | None:
        """The root element of the XML file, or of the KML document in an archive."""
        return self._xml_root_and_error[0]

    @property
    def why_not_parsed(self) -> str:
        """Why a file that begins like JSON, XML or an archive could not be parsed; else empty."""
        return self._json_value_and_error[1] or self._xml_root_and_error[1]

    @cached_property
    def _json_value_and_error(self) -> tuple[Any, str]:
        text = self.text
        if text is None or text.lstrip()[:1] not in ("{", "["):
            return None, ""
        if text.count("{") + text.count("[") > MAX_JSON_OBJECTS:
            return None, f"JSON of more than {MAX_JSON_OBJECTS:,} objects and arrays is not read"
        try:
            data = json.loads(
                text,
                # A number that is none costs only what needs it, and is refused there.
                parse_constant=float,
                parse_int=_parse_integer_or_float_if_very_long,
                object_pairs_hook=_mark_duplicate_json_keys,
            )
        except json.JSONDecodeError as error:
            return None, f"line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}"
        except (ValueError, RecursionError) as error:
            return None, f"JSON that cannot be read: {error}"
        twice = (
            [
                name
                for name, value in data.items()
                if isinstance(value, ConflictingDuplicateJsonValue)
            ]
            if (isinstance(data, dict))
            else []
        )
        return (None, f"{twice[0]!r} is given twice in one object") if twice else (data, "")

    @cached_property
    def _xml_root_and_error(self) -> tuple[Element | None, str]:
        try:
            data = (
                self._unzipped_kml_and_names_of_others[0]
                if self._is_archive
                else bytes(self.content.data)
            )
        except ZoneError as error:
            return None, str(error)
        if not re.match(rb"\s*<", data.removeprefix(b"\xef\xbb\xbf")[:100]):
            return None, ""
        if data.count(b"<") > MAX_XML_TAGS:
            return None, f"XML of more than {MAX_XML_TAGS:,} tags is not read"
        try:
            # Defused: a declared entity, which is how a small file becomes a huge one, is refused.
            root = fromstring(data, forbid_dtd=True)
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
        if _is_xml_nested_deeper_than(root, MAX_XML_DEPTH):
            return None, f"XML of elements nested more than {MAX_XML_DEPTH} deep is not read"
        return root, ""

    @cached_property
    def unread_kml_document_names(self) -> tuple[str, ...]:
        """The names of the KML documents of an archive beside the one that is read."""
        return (
            self._unzipped_kml_and_names_of_others[1]
            if self.xml is not None and self._is_archive
            else ()
        )

    @property
    def _is_archive(self) -> bool:
        return self.content.head[:2] == b"PK"

    @cached_property
    def _unzipped_kml_and_names_of_others(self) -> tuple[bytes, tuple[str, ...]]:
        """The KML document of an archive (KMZ), and the names of others beside it."""
        data = bytes(self.content.data)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return _first_kml_document_and_other_names(
                    archive, min(MAX_FILE_BYTES, MAX_UNPACK_RATIO * len(data))
                )
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            raise ZoneError(f"archive that cannot be read: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ZoneError(f"unsupported kind of archive: {error}") from error


def _first_kml_document_and_other_names(
    archive: zipfile.ZipFile, max_bytes: int
) -> tuple[bytes, tuple[str, ...]]:
    """Return the first KML document of an archive, as KML 2.2 prescribes for KMZ."""
    members = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".kml")]
    if not members:
        raise ZoneError("the archive holds no .kml document")
    member = members[0]
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Of other methods Python unpacks a whole block at once, however large it becomes.
        raise ZoneError(f"{member.filename}: packed by a method that KMZ does not have")
    with archive.open(member) as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ZoneError(f"{member.filename}: unpacks to more than {max_bytes:,} bytes")
    return data, tuple(entry.filename for entry in members[1:])


def _is_xml_nested_deeper_than(root: Element, most: int) -> bool:
    """Return whether an element has descendants of more than so many generations."""
    generation = [root]
    for _ in range(most):
        generation = [child for element in generation for child in element]
        if not generation:
            return False
    return True


def _parse_integer_or_float_if_very_long(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_INTEGER_DIGITS else float(digits)


def _mark_duplicate_json_keys(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return an object; a name with two different values has none that could be used."""
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        first: dict[str, Any] = {}
        for name, value in pairs:
            if first.setdefault(name, value) != value:
                mapping[name] = ConflictingDuplicateJsonValue()
    return mapping

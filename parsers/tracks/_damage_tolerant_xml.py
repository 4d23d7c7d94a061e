"""The elements of an XML document with their bytes: bounded, and damage costs only what it hit.

Facts: XML 1.0 (W3C); expat, the parser of Python, states the byte of each element.  A document
type is refused: it may define entities that grow without end, or name other files.  Nothing else
in XML reaches beyond the document.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from .._errors import CorruptLogError
from .._file_content import Content
from .._model import Issue

#: No track of a device has a tenth of this: two days of a fix a second take 30 MB.
MAX_BYTES = 512 << 20
#: Elements within elements; tracks have fewer than 12.
MAX_DEPTH = 100
#: Stretches of damage after which reading begins anew; behind more of them nothing is read.
_MOST_RESTARTS = 1000
_CHUNK_SIZE = 1 << 14
#: Bytes of one tag or comment.
_LONGEST_TAG = 1 << 17
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: What may stand before the root element.
_PROLOG = re.compile(
    r"\s+|<\?.{0,400}?\?>|<!--.{0,4000}?-->|<!DOCTYPE[^>\[]{0,400}(?:\[[^\]]{0,2000}\])?\s{0,9}>",
    re.DOTALL,
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,40}:)?([A-Za-z_][\w.-]{0,60})[\s/>]")


@dataclass(slots=True)
class Element:
    """One element, from its beginning to its end."""

    #: Without its prefix.
    name: str
    #: Byte in the file of its first character.
    offset: int
    attributes: Mapping[str, str]
    #: The element around it; ``None``: it is the root, or the file lost what was around it.
    parent: "Element | None"
    _texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without that of elements in it, and without the spaces around it."""
        return "".join(self._texts).strip()

    def add_text(self, text: str) -> None:
        """Add to its text."""
        self._texts.append(text)

    def clear_text(self) -> None:
        """Forget its text so far."""
        self._texts.clear()

    @property
    def root_element(self) -> "Element":
        """The outermost element around it, or itself."""
        element = self
        while element.parent is not None:
            element = element.parent
        return element


class _DocumentTypeError(Exception):
    """The document has a document type."""


class _TooDeepError(Exception):
    """Elements lie too deep in one another."""


def root_element_name(head: bytes) -> str | None:
    """Return the name of the root element without its prefix; ``None``: the bytes show none.

    Args:
        head: The first bytes of a file.
    """
    encoding = "utf-16" if head.startswith(_UTF16_MARKS) else "utf-8"
    text = head[: len(head) // 2 * 2].decode(encoding, "replace").removeprefix("\ufeff")
    at = 0
    while (skipped := _PROLOG.match(text, at)) is not None:
        at = skipped.end()
    root = _ROOT.match(text, at)
    return root[1] if root else None


class XmlDocument:
    """The elements of a file as they end, and what of its bytes could not be read."""

    def __init__(
        self, content: Content, restart_at: bytes, around: str, *, is_lost_with_damage: bool
    ) -> None:
        """Prepare to read a file.

        Args:
            content: The file.
            restart_at: First bytes of an element from which reading goes on behind damage.
            around: Start tags of the elements around such an element, as text.
            is_lost_with_damage: Whether such an element that damage hits is lost as a whole.
        """
        self._content, self._restart_at, self._around = content, restart_at, around
        self._is_lost_with_damage = is_lost_with_damage
        self._encoding: str | None = None
        self._stack: list[Element] = []
        self._ended: list[Element] = []
        self._base = 0
        self._parser: expat.XMLParserType
        #: Bytes that were not read, in their order.
        self.gaps: list[Issue] = []

    def elements(self) -> Iterator[Element]:
        """Yield each element when it ends; one that damage cuts off is not among them.

        Raises:
            CorruptLogError: If the file is too large, or has a document type.
        """
        size = len(self._content)
        if size > MAX_BYTES:
            raise CorruptLogError(0, f"a track of at most {MAX_BYTES:,} bytes", f"{size:,}")
        begin: int | None = 0
        while begin is not None:
            fault: tuple[int, str] | None = None
            for fault in self._parse_elements_from_offset(begin):
                if fault is not None:
                    break
                yield from self._ended
                self._ended.clear()
            yield from self._ended
            self._ended.clear()
            begin = None if fault is None else self._restart_offset_behind_damage(*fault)

    def _parse_elements_from_offset(self, begin: int) -> Iterator[tuple[int, str] | None]:
        """Parse from a byte on; yield ``None`` after each piece, and where and why it ended."""
        self._begin_parser(begin)
        data, size = self._content.data, len(self._content)
        at = begin
        try:
            while at < size:
                self._parser.Parse(bytes(data[at : min(size, at + _CHUNK_SIZE)]), False)
                at += _CHUNK_SIZE
                reached = self._base + self._parser.CurrentByteIndex
                if at - reached > _LONGEST_TAG:
                    # The parser would look at all of it again with each piece.
                    yield max(reached, begin), f"a tag of more than {_LONGEST_TAG:,} bytes"
                    return
                yield None
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            where = min(max(self._base + self._parser.ErrorByteIndex, begin), size)
            yield where, expat.ErrorString(error.code)
        except _TooDeepError:
            where = self._base + self._parser.CurrentByteIndex
            yield where, f"elements within more than {MAX_DEPTH} elements"
        except _DocumentTypeError as error:
            where = self._base + self._parser.CurrentByteIndex
            where = max(0, data.rfind(b"<!", 0, where + 1))
            raise CorruptLogError(
                where, "a document without a document type", "one, whose entities are not followed"
            ) from error

    def _begin_parser(self, begin: int) -> None:
        try:
            self._parser = expat.ParserCreate(self._encoding if begin else None)
        except (ValueError, LookupError):
            self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._stack.clear()
        self._base = 0
        if begin:
            prefix = self._around.encode(self._encoding or "utf-8")
            self._base = begin - len(prefix)
        self._parser.XmlDeclHandler = self._note_declared_encoding
        self._parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser.StartElementHandler = self._begin_element
        self._parser.EndElementHandler = self._end_element
        self._parser.CharacterDataHandler = self._add_text
        if begin:
            self._parser.Parse(prefix, False)

    def _note_declared_encoding(
        self, _version: str, encoding: str | None, _standalone: int
    ) -> None:
        self._encoding = encoding

    def _begin_element(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _TooDeepError
        parent = self._stack[-1] if self._stack else None
        if parent is not None:
            # Only what stands in no other element is text: the rest is spaces between elements.
            parent.clear_text()
        offset = max(0, self._base + self._parser.CurrentByteIndex)
        self._stack.append(Element(name.rpartition(":")[2], offset, attributes, parent))

    def _end_element(self, _name: str) -> None:
        self._ended.append(self._stack.pop())

    def _add_text(self, text: str) -> None:
        if self._stack:
            self._stack[-1].add_text(text)

    def _restart_offset_behind_damage(self, where: int, reason: str) -> int | None:
        """Note damage; return from which byte on reading goes on, ``None``: nowhere."""
        data, size, hit = self._content.data, len(self._content), where
        # A tag, and an element that was open when it was hit, are lost from their beginning on.
        tag = data.rfind(b"<", max(0, where - 4096), where)
        if tag >= 0 and data.find(b">", tag, where) < 0:
            where = tag
        lost = next(
            (
                each.offset
                for each in self._stack
                if self._is_lost_with_damage
                and data[each.offset : each.offset + len(self._restart_at)] == self._restart_at
            ),
            where,
        )
        begin = -1
        is_utf16 = data[:2] in _UTF16_MARKS
        if not is_utf16 and len(self.gaps) < _MOST_RESTARTS:
            begin = data.find(self._restart_at, hit + 1)
        end = begin if begin > 0 else size
        what = f"it is not XML from here on ({reason})"
        if begin < 0:
            what = f"{what}: the document is damaged or cut short"
        self.gaps.append(Issue(lost, end - lost, what))
        return begin if begin > 0 else None


def _refuse_document_type(*_declared: object) -> None:
    raise _DocumentTypeError

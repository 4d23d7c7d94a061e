"""Find the format of a file and read it."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ._bytes import Content, open_content
from ._errors import AmbiguousFormatError, UnknownFormatError
from ._keys import Keychains
from ._model import Log

FAMILIES = ("dji", "mavlink", "network")


@dataclass(frozen=True, slots=True)
class Format:
    """One log format.

    ``claims`` looks at the first bytes, the name and the size, and at nothing
    else; what two formats claim must not overlap, so their order never matters.
    """

    name: str
    title: str
    #: Where the facts come from.
    reference: str
    claims: Callable[[Content], bool]
    read: Callable[[Content, Sequence[Keychains]], Log]
    #: Whether such a file is a recording, or stands beside one, and is no record of a flight.
    media: bool = False
    #: Whether such a file was made from another log, by an app or a service.
    export: bool = False


def _format_modules() -> Iterator[str]:
    package = __package__ or ""
    for family in FAMILIES:
        try:
            found = importlib.import_module(f".{family}", package)
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{family}":
                raise
            continue
        for module in pkgutil.iter_modules(found.__path__):
            if not module.name.startswith("_"):
                yield f".{family}.{module.name}"


@cache
def formats() -> tuple[Format, ...]:
    """Return every format: the ``FORMAT`` of each public module of a family."""
    found = [importlib.import_module(name, __package__).FORMAT for name in _format_modules()]
    return tuple(sorted(found, key=lambda known: known.name))


def identify(content: Content) -> Format:
    """Return the one format that claims a file.

    Raises:
        UnknownFormatError: If no format claims it.
        AmbiguousFormatError: If more than one does.
    """
    claiming = [known for known in formats() if known.claims(content)]
    if not claiming:
        seen, count = _describe_unknown(content), len(formats())
        raise UnknownFormatError(f"{seen}; not a flight log of any of the {count} known formats")
    if len(claiming) > 1:
        names = " and ".join(known.name for known in claiming)
        raise AmbiguousFormatError(f"claimed by {names}; this is a fault of dji-audit")
    return claiming[0]


def read(path: Path | str, *, keys: Sequence[Keychains] = (), name: str | None = None) -> Log:
    """Read a flight log.

    Args:
        path: The file; taken as it is, never as a pattern.
        keys: Keychains that may decrypt DJI records of version 13 and later,
            from ``load_keychains``; those of other logs are harmless.  A
            ``Keyring`` also looks up the answer to the log's own request.
        name: What to call the file in every output; its last part by default.

    Raises:
        LogError: If nothing of the log can be decoded.  Damage to a part of it
            is no error: see ``Log.issues``.
        OSError: If the file cannot be opened.
    """
    content = open_content(Path(path), name)
    return identify(content).read(content, keys)


#: First bytes -> what such a file is, for the message about one that is no log.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)

#: What stands over each cue of subtitles.
_TIMECODES = re.compile(rb"\d:\d\d:\d\d[,.]\d{1,4}[ \t]{0,4}-->[ \t]{0,4}\d{1,3}:\d\d:\d\d")


def _describe_unknown(content: Content) -> str:
    head = content.head
    if not head:
        return "the file is empty"
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return f"it is {what}"
    if head[4:8] == b"ftyp":
        return "it is an MP4 or MOV video"
    if not any(head):
        return "it begins with zeros only"
    text = head[:512].removeprefix(b"\xef\xbb\xbf")
    if all(byte >= 0x20 or byte in b"\t\r\n" for byte in text):
        if _TIMECODES.search(text):
            return "it is subtitles without telemetry"
        first = text.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
        return f"it is {_describe_text(first)} that begins {first[:60]!r}"
    return f"it begins with {head[:8].hex(' ')}"


def _describe_text(first: str) -> str:
    """Return what kind of text begins with a line."""
    if first.startswith("<"):
        return "an XML or HTML document"
    # A sentence has its commas before spaces.
    return "a table (CSV)" if first.count(",") - first.count(", ") > 2 else "a text"

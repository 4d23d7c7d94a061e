"""What kind of file a file is that no format of ours reads, and what that means for an audit."""

from dataclasses import dataclass, replace
from enum import StrEnum


class FileKindRelevance(StrEnum):
    """What a file of some kind may mean for an audit that did not read it."""

    #: Its content shows that it may hold a flight, a position or a contact.
    MAY_HOLD_EVIDENCE = "may_hold_evidence"
    #: It packs other files: what it holds is not known until it is opened.
    CONTAINER = "container"
    #: It opens with a key or a password only.
    LOCKED = "locked"
    #: Zones, fences or a plan: for an option of the audit, and no log.
    ZONES = "zones"
    #: Its kind is known, and nothing that was looked at is a flight, a position or a contact.
    NO_EVIDENCE = "no_evidence"
    #: Nothing tells what it is.
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file."""

    #: A noun without its article, such as ``GPX track``.
    name: str
    relevance: FileKindRelevance
    #: What in the content shows it, in words; empty: its name says enough.
    sign: str = ""
    #: What a unit can do with it, beginning with a verb; empty: nothing is needed.
    advice: str = ""
    #: Whether only fields and words tell it, which other programs' files may have too.
    is_guess: bool = False

    def with_evidence_text(self, sign: str) -> "FileKind":
        """Return the kind with what shows it."""
        return replace(self, sign=sign)


#: What can be done with a file that another program reads.
OPEN_WITH = "open it with {program}"
AS_ZONES = "name it with --zones to check flights against it"
UNPACK = "unpack it and audit the folder"


def make_evidence_file_kind(
    name: str, program: str = "another program", sign: str = ""
) -> FileKind:
    """Return a kind that may hold a flight, a position or a contact, and what can open it."""
    return FileKind(
        name, FileKindRelevance.MAY_HOLD_EVIDENCE, sign, OPEN_WITH.format(program=program)
    )


def make_guessed_evidence_file_kind(name: str, program: str, sign: str) -> FileKind:
    """Return a kind whose fields or words show that it may hold evidence, whoever wrote it."""
    return replace(make_evidence_file_kind(name, program, sign), is_guess=True)


def make_zone_file_kind(name: str) -> FileKind:
    """Return a kind of file of zones, which an option of the audit reads."""
    return FileKind(name, FileKindRelevance.ZONES, advice=AS_ZONES)


def make_harmless_file_kind(name: str, sign: str = "") -> FileKind:
    """Return a kind that is known and shows no flight, position or contact."""
    return FileKind(name, FileKindRelevance.NO_EVIDENCE, sign)

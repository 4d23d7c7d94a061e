"""Files that went wrong while they were read, each with its cause."""

import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol


class QuarantineCause(StrEnum):
    """What went wrong with a file."""

    #: The process that read it was ended by the system.
    CRASH = "crash"
    #: It took longer than the user allows.
    TIME_LIMIT = "time_limit"
    #: It took more memory than a file may.
    MEMORY = "memory"
    #: It, or a container, holds more than is ever unpacked.
    UNPACKING_LIMIT = "unpacking_limit"
    #: An error that nobody foresaw.
    FAULT = "fault"
    #: The disk, or its rights, do not let it be read.
    UNREADABLE = "unreadable"
    #: A pipe, a socket, a device: nothing that can be read twice.
    NOT_A_FILE = "not_a_file"
    #: Links lead round in a circle.
    LINK_LOOP = "link_loop"
    #: It was found, and was gone when it was read.
    VANISHED = "vanished"
    #: It became longer, shorter or other while it was read.
    GREW = "grew"
    TRUNCATED = "truncated"
    CHANGED = "changed"


#: What lies in the file itself, or in its place on the disk: trying again gives the same.
LASTING_CAUSES = frozenset(
    {
        QuarantineCause.UNPACKING_LIMIT,
        QuarantineCause.UNREADABLE,
        QuarantineCause.NOT_A_FILE,
        QuarantineCause.LINK_LOOP,
    }
)
#: Each cause in a few words.
CAUSE_WORDS: Mapping[QuarantineCause, str] = MappingProxyType(
    {
        QuarantineCause.CRASH: "ended the process that read it",
        QuarantineCause.TIME_LIMIT: "took longer than the time limit",
        QuarantineCause.MEMORY: "ran out of memory",
        QuarantineCause.UNPACKING_LIMIT: "would unpack to more than is allowed",
        QuarantineCause.FAULT: "met a fault of dji-audit",
        QuarantineCause.UNREADABLE: "cannot be read from the disk",
        QuarantineCause.NOT_A_FILE: "is a pipe, a socket or a device",
        QuarantineCause.LINK_LOOP: "is a link that leads back to itself",
        QuarantineCause.VANISHED: "vanished before it was read",
        QuarantineCause.GREW: "grew while it was read",
        QuarantineCause.TRUNCATED: "was cut short while it was read",
        QuarantineCause.CHANGED: "changed while it was read",
    }
)


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """One file that went wrong."""

    name: str
    cause: QuarantineCause
    #: What happened, as the row of the file states it.
    reason: str
    #: Bytes, and their SHA-256; ``None``: it could not be hashed, or changed meanwhile.
    size: int | None = None
    sha256: str | None = None


class RowWithFileStatus(Protocol):
    """A row that says what became of a file."""

    @property
    def name(self) -> str:
        """Its name in every output."""

    @property
    def reason(self) -> str:
        """What is to be said of it."""

    @property
    def size(self) -> int | None:
        """Its bytes."""

    @property
    def sha256(self) -> str | None:
        """Their SHA-256."""

    @property
    def quarantine(self) -> QuarantineCause | None:
        """What went wrong with it."""


def quarantined_files(rows: Iterable[RowWithFileStatus]) -> tuple[QuarantinedFile, ...]:
    """Return the files that went wrong, in the order of their rows."""
    return tuple(
        QuarantinedFile(row.name, row.quarantine, row.reason, row.size, row.sha256)
        for row in rows
        if row.quarantine is not None
    )


def quarantine_counts(files: Iterable[QuarantinedFile]) -> dict[QuarantineCause, int]:
    """Return how many files had each cause, in the order of the causes; no zeros."""
    causes = [file.cause for file in files]
    return {cause: causes.count(cause) for cause in QuarantineCause if cause in causes}


def cause_of_os_error(error: OSError) -> QuarantineCause:
    """Return why the system does not let a file be opened or read."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR | errno.ESTALE:
            return QuarantineCause.VANISHED
        case errno.ELOOP:
            return QuarantineCause.LINK_LOOP
        case errno.EINVAL | errno.ENXIO | errno.EISDIR:
            return QuarantineCause.NOT_A_FILE
        case _:
            return QuarantineCause.UNREADABLE

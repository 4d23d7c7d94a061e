"""What lies below the paths that the user named: files, members of containers, and what is left."""

from dataclasses import dataclass, field
from pathlib import Path

import parsers
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.rows import MissingInAppLogFolderRow

KEYCHAINS_SUFFIX = ".keychains.json"
#: Why a link is not audited: it may point outside the evidence.
LINK_NOT_FOLLOWED = "a link; not followed"


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A regular file, and its name in every output."""

    path: Path
    name: str
    named_by_user: bool


@dataclass(frozen=True, slots=True)
class ContainerFile:
    """A file that holds files: an archive, a compressed file, a backup; itself no evidence.

    Its members are inputs like files.  A container within a container is one of its own.
    """

    #: The file on the disk: of a container within another, the outermost.
    path: Path
    #: Its name in every output, as ``case.zip`` or ``case.zip!/inner.tar``.
    name: str
    named_by_user: bool
    #: Kind of container, such as ``zip``, ``tar.gz`` or ``android-backup``.
    kind: str
    #: Words for the kind, such as "a ZIP archive".
    title: str
    size: int
    sha256: str
    #: SHA-256 of the file on the disk: of a container within another, of the outermost.
    file_sha256: str
    #: Files in it that were listed, those that were left included.
    member_count: int = 0
    #: What of it was left, each with its reason; the container itself, if it was not opened.
    left: tuple[parsers.SkippedMember, ...] = ()
    #: Damage to the container itself; offsets are in it.
    issues: tuple[parsers.Issue, ...] = ()

    @property
    def skipped_nonempty_members(self) -> tuple[parsers.SkippedMember, ...]:
        """What was left and holds bytes, so that something may be lost with it."""
        return tuple(item for item in self.left if item.kind not in parsers.KINDS_WITHOUT_BYTES)

    @property
    def was_opened(self) -> bool:
        """Whether its members are known; ``left`` says why not."""
        return bool(self.member_count) or not self.left


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to be audited: a file on the disk, or a member of a container."""

    #: The file on the disk: of a member, its outermost container.
    path: Path
    #: Its name in every output: the path below what the user named; of a member with its
    #: containers, as ``case.zip!/inner/path``.
    name: str
    #: Whether the user named the file itself, not a folder or container that holds it.
    named_by_user: bool
    #: Path of a member in its outermost container, ``!/`` between containers; ``None``: a file.
    member: str | None = None
    #: SHA-256 of the file on the disk that a member lies in; ``None``: it is no member.
    container_sha256: str | None = None
    #: Size in bytes, of a member; ``None``: a file, ask the disk.
    member_size: int | None = None
    #: SHA-256 of a member, by the listing of its container; ``None``: a file.
    member_sha256: str | None = None
    #: What is odd about it and harmless, such as its name.
    remarks: tuple[str, ...] = ()
    #: Name of the file that holds its bytes, where a backup keeps it under another name.
    stored_as: str | None = None
    #: App in whose folder of logs it lies, such as "DJI Fly on Android"; ``None``: in none.
    app: str | None = None

    def size(self) -> int:
        """Return its size in bytes.

        Raises:
            OSError: If the disk does not tell.
        """
        return self.path.stat().st_size if self.member_size is None else self.member_size


@dataclass(frozen=True, slots=True)
class UnreadablePath:
    """A path that the user named, or that a folder holds, which is not a readable file."""

    name: str
    reason: str
    #: Size and SHA-256 of a file that was read and is not what its name says; ``None``: not read.
    size: int | None = None
    sha256: str | None = None
    #: What went wrong with it; ``None``: it is of a kind that is not read.
    cause: QuarantineCause | None = None


class ContainerListingError(Exception):
    """The members of a container could not be listed, since whoever lists them was ended."""

    def __init__(self, reason: str, cause: QuarantineCause) -> None:
        """Say what happened, and what kind of thing went wrong."""
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


@dataclass(frozen=True, slots=True)
class KeychainsMember:
    """A keychains file in a container."""

    name: str
    data: bytes = field(repr=False)
    #: SHA-256 of the file on the disk that it lies in.
    container_sha256: str

    def read_bytes(self) -> bytes:
        """Return its bytes, as a path does."""
        return self.data


#: A keychains file on the disk or in a container.
KeychainsFile = Path | KeychainsMember


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """A file that the unit leaves out, and the pattern that its name matches."""

    input: InputFile
    pattern: str


@dataclass(frozen=True, slots=True)
class DiscoveredFiles:
    """Everything below the paths that the user named."""

    inputs: tuple[InputFile, ...]
    #: Keychains files, to try on encrypted logs.
    keychains: tuple[KeychainsFile, ...]
    unreadable: tuple[UnreadablePath, ...]
    #: Containers below the paths, opened or not; no input is one of them.
    containers: tuple[ContainerFile, ...] = ()
    #: Folders of apps that hold no log, or whose logs' numbers have gaps.
    app_folder_remarks: tuple[MissingInAppLogFolderRow, ...] = ()
    #: Files that the unit leaves out by patterns of names; no input is one of them.
    left_out: tuple[LeftOutFile, ...] = ()

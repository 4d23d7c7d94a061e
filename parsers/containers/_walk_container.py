"""Walk through a container: its members, those of containers in it, and what was left.

Each byte is unpacked once in a walk, however deep it lies, and nothing is written under the name
of a member.  A TAR, and what is compressed as one stream, is read from its first byte to its
last, in memory of constant size.  A ZIP archive within another container needs its end first, so
it is copied, in memory or to a temporary file without a name.
"""

import mmap
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .._declared_clock import DeclaredClock
from .._file_content import MEMBER_SEPARATOR, Content
from .._model import Issue
from ._android_backup import is_android_backup, open_android_backup
from ._compressed_streams import (
    identify_codec,
    iterate_decompressed_chunks,
    name_without_compression_suffix,
)
from ._container_types import (
    ContainerKind,
    ListedContainerMember,
    SkippedMember,
    UnpackingError,
)
from ._forward_only_stream import ForwardOnlyStream, ForwardOnlyStreamOverFileBytes
from ._recognise_unsupported_archives import identify_unsupported_archive
from ._tar import BLOCK, TarMembers, is_tar_header
from ._unpacking_budget import MAX_CONTAINER_DEPTH, UnpackingBudget
from ._zip import ZipMembers
from ._zip_directory import begins_as_zip, ends_as_zip

#: Bytes of a copy that stay in memory; a larger one is a temporary file.
MAX_COPY_IN_MEMORY = 1 << 23
#: First bytes of a member that decide whether it is a container.
_HEAD_SIZE = 4096

_ZIP = ContainerKind("zip", "a ZIP archive")
_TAR = ContainerKind("tar", "a TAR archive")
_ANDROID_BACKUP = ContainerKind("android-backup", "an Android backup")
_COMPRESSED = {
    "gz": ContainerKind("gz", "a gzip file"),
    "xz": ContainerKind("xz", "an xz file"),
    "bz2": ContainerKind("bz2", "a bzip2 file"),
    "zst": ContainerKind("zst", "a zstd file"),
}
_UFDR = ContainerKind("ufdr", "a Cellebrite report (UFDR, a ZIP archive)")


@dataclass(frozen=True, slots=True)
class OpenedMember:
    """A member whose bytes can be read, before the walk goes on, and only then."""

    #: Path in the outermost container, ``!/`` between containers.
    path: str
    member: ListedContainerMember
    data: ForwardOnlyStream


@dataclass(frozen=True, slots=True)
class WalkedContainer:
    """A container that was walked through, or left as a whole."""

    #: Path in the outermost container; ``None``: it is the outermost.
    path: str | None
    kind: ContainerKind
    size: int
    #: SHA-256; ``None``: it was not wanted.
    sha256: str | None
    member_count: int
    #: Members that were not opened, and what could not be reached.
    left: tuple[SkippedMember, ...]
    #: Damage to the container itself.
    issues: tuple[Issue, ...]
    #: Offset and size of the bytes of each member, in order; empty: all are one stream.
    member_spans: Sequence[tuple[int, int]] = ()
    #: Whether it holds too many members, or a flood of tiny ones: what was listed before that was
    #: known is given up.
    is_flood: bool = False
    #: Paths of folders that it lists by themselves, so that empty ones are known.
    folders: Sequence[str] = ()


_WalkItem = OpenedMember | WalkedContainer


@dataclass(slots=True)
class _ContainerWalkProgress:
    """What was found of one container so far."""

    path: str | None
    kind: ContainerKind
    depth: int
    count: int = 0
    left: list[SkippedMember] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    is_flood: bool = False
    folders: list[str] = field(default_factory=list)

    def finished_container(self, size: int, sha256: str | None) -> WalkedContainer:
        """Return the container after all its members."""
        return WalkedContainer(
            self.path, self.kind, size, sha256, self.count, tuple(self.left), tuple(self.issues),
            self.spans, self.is_flood, self.folders,
        )  # fmt: skip


def identify_container(content: Content) -> ContainerKind | None:
    """Return the kind of container that a file is by its beginning; ``None``: it is none.

    Kinds that are known and not opened have an ``advice``.
    """
    if begins_as_zip(content):
        return _UFDR if content.base_name.lower().endswith(".ufdr") else _ZIP
    head = content.head
    if is_tar_header(head[:BLOCK]):
        return _TAR
    if is_android_backup(head):
        return _ANDROID_BACKUP
    codec = identify_codec(head)
    return _COMPRESSED[codec] if codec is not None else identify_unsupported_archive(content)


def identify_appended_container(content: Content) -> ContainerKind | None:
    """Return the kind of container that stands behind something else, at the end of a file.

    A format of logs that claims the file by its beginning comes first.
    """
    return _ZIP if ends_as_zip(content) else None


class ContainerWalk:
    """One walk through one file that is a container."""

    def __init__(
        self,
        content: Content,
        kind: ContainerKind,
        *,
        passwords: Sequence[bytes] = (),
        is_wanted: Callable[[str], bool] = lambda path: True,
        is_hashed: bool = True,
    ) -> None:
        """Prepare a walk.

        Args:
            content: The file.
            kind: What it is, as ``identify_container`` says.
            passwords: Tried on encrypted members.
            is_wanted: Told the path of a member in the outermost container, whether it, or a
                member of it, is wanted; every one by default.
            is_hashed: Whether containers within it get a SHA-256.
        """
        self._content, self._kind = content, kind
        self._passwords, self._is_wanted, self._is_hashed = passwords, is_wanted, is_hashed
        self._budget = UnpackingBudget(len(content))

    def __iter__(self) -> Iterator[OpenedMember | WalkedContainer]:
        """Yield each member that can be opened, and each container once its members are done."""
        content, progress = self._content, _ContainerWalkProgress(None, self._kind, 1)
        if self._kind.advice:
            progress.left.append(
                self._build_skipped_member(
                    progress.path, self._kind.word_locked_or_unsupported, self._kind.advice
                )
            )
        elif self._kind in (_ZIP, _UFDR):
            yield from self._walk_zip(content, progress)
        else:
            yield from self._walk_stream(
                ForwardOnlyStreamOverFileBytes(content), content.base_name, progress
            )
        yield progress.finished_container(len(content), content.sha256 if self._is_hashed else None)

    def _walk_zip(self, content: Content, progress: _ContainerWalkProgress) -> Iterator[_WalkItem]:
        members = ZipMembers(content, self._passwords, self._budget)
        progress.spans, progress.folders = members.spans, members.folders
        progress.issues += members.issues
        yield from self._walk_members(members, progress)

    def _walk_stream(
        self, data: ForwardOnlyStream, name: str, progress: _ContainerWalkProgress
    ) -> Iterator[_WalkItem]:
        """Walk through a container that is read once, from its first byte to its last."""
        kind = progress.kind
        try:
            archive = data if kind == _TAR else self._unpacked_stream(data, kind)
        except UnpackingError as error:
            progress.left.append(
                self._build_skipped_member(progress.path, error.kind, error.reason)
            )
            return
        head = archive.peek(BLOCK)
        if archive.error is not None and not head:
            progress.left.append(
                self._build_skipped_member(progress.path, archive.error.kind, archive.error.reason)
            )
            return
        if kind in _COMPRESSED.values() and not is_tar_header(head):
            own_name = name_without_compression_suffix(name.rpartition("/")[2], kind.name)
            progress.count = 1
            yield from self._walk_member(
                ListedContainerMember(own_name, None, 0), archive, progress
            )
        else:
            if kind in _COMPRESSED.values():
                progress.kind = ContainerKind(f"tar.{kind.name}", f"a TAR archive in {kind.title}")
            members = TarMembers(archive, self._budget)
            yield from self._walk_members(members, progress)
            progress.issues += members.issues
            progress.folders = members.folders
            progress.spans = members.spans if archive is data else []
        if archive.error is not None:
            left_kind = archive.error.kind
            progress.left.append(
                self._build_skipped_member(
                    progress.path,
                    "not_reached" if left_kind == "damaged" else left_kind,
                    f"what follows byte {archive.position:,} of what it unpacks to was not "
                    f"reached: {archive.error.reason}",
                )
            )

    def _unpacked_stream(self, data: ForwardOnlyStream, kind: ContainerKind) -> ForwardOnlyStream:
        if kind == _ANDROID_BACKUP:
            return open_android_backup(data, self._budget)
        return ForwardOnlyStream(iterate_decompressed_chunks(data, kind.name, self._budget))

    def _walk_members(
        self, members: ZipMembers | TarMembers, progress: _ContainerWalkProgress
    ) -> Iterator[_WalkItem]:
        try:
            for member, data in members:
                progress.count += 1
                yield from self._walk_member(member, data, progress)
        except UnpackingError as error:
            progress.is_flood = True
            reason = f"{error.reason}; if you trust it, unpack it yourself and name the folder"
            progress.left.append(self._build_skipped_member(progress.path, error.kind, reason))

    def _walk_member(
        self,
        member: ListedContainerMember,
        data: ForwardOnlyStream,
        progress: _ContainerWalkProgress,
    ) -> Iterator[_WalkItem]:
        path = member.path
        if progress.path is not None:
            path = f"{progress.path}{MEMBER_SEPARATOR}{path}"
        if not self._is_wanted(path):
            return
        if member.left_kind is not None:
            progress.left.append(
                self._build_skipped_member(path, member.left_kind, member.left_reason, member.size)
            )
            return
        head = data.peek(_HEAD_SIZE)
        kind = identify_container(Content(member.path, head))
        if data.error is not None and not (head and error_leaves_readable_part(data.error)):
            # Locked, too much, or damaged from its first byte on: it is not empty, but not known.
            progress.left.append(
                self._build_skipped_member(path, data.error.kind, data.error.reason, member.size)
            )
            return
        if kind is None:
            yield OpenedMember(path, member, data)
        elif progress.depth >= MAX_CONTAINER_DEPTH:
            reason = f"{kind.title} within {MAX_CONTAINER_DEPTH} others: unpack the outer ones"
            progress.left.append(self._build_skipped_member(path, "too_deep", reason, member.size))
        else:
            yield from self._walk_nested(
                data, _ContainerWalkProgress(path, kind, progress.depth + 1)
            )
        if data.error is not None and not error_leaves_readable_part(data.error):
            progress.left.append(
                self._build_skipped_member(path, data.error.kind, data.error.reason, member.size)
            )

    def _walk_nested(
        self, data: ForwardOnlyStream, progress: _ContainerWalkProgress
    ) -> Iterator[_WalkItem]:
        kind, path = progress.kind, progress.path or ""
        if kind in (_ZIP, _UFDR):
            copy = copy_stream_to_content(data, path)
            if data.error is not None and not error_leaves_readable_part(data.error):
                return
            yield from self._walk_zip(copy, progress)
            size, sha256 = len(copy), copy.sha256 if self._is_hashed else None
        else:
            whole = ForwardOnlyStream(
                _yield_chunks_then_raise_stream_error(data), hashed=self._is_hashed
            )
            if kind.advice:
                progress.left.append(
                    self._build_skipped_member(path, kind.word_locked_or_unsupported, kind.advice)
                )
            else:
                yield from self._walk_stream(whole, path, progress)
            whole.skip()
            size, sha256 = whole.position, whole.sha256
        if data.error is not None:
            progress.issues.append(Issue(size, 0, data.error.reason))
        yield progress.finished_container(size, sha256)

    def _build_skipped_member(
        self, path: str | None, kind: str, reason: str, size: int | None = None
    ) -> SkippedMember:
        name = self._content.name
        return SkippedMember(
            name if path is None else f"{name}{MEMBER_SEPARATOR}{path}", kind, reason, size
        )


def error_leaves_readable_part(error: UnpackingError) -> bool:
    """Return whether the bytes before an error are those of the member, as far as they go."""
    return error.kind in ("damaged", "not_reached")


def _yield_chunks_then_raise_stream_error(data: ForwardOnlyStream) -> Iterator[bytes]:
    yield from data.chunks()
    if data.error is not None:
        raise data.error


def copy_stream_to_content(
    data: ForwardOnlyStream,
    name: str,
    *,
    member: str | None = None,
    container_sha256: str | None = None,
    declared_clocks: tuple[DeclaredClock, ...] = (),
) -> Content:
    """Return a private copy of bytes that are read once; ``data.error`` says how they ended.

    A large copy is a temporary file without a name, which the system removes with the copy.

    Args:
        data: The bytes.
        name: Name of the copy.
        member: Path of the member in its outermost container.
        container_sha256: SHA-256 of the outermost container.
        declared_clocks: Clocks that a person declared.

    Raises:
        OSError: If the temporary file cannot be written.
    """

    def content_of_copy(content: mmap.mmap | bytes) -> Content:
        return Content(
            name,
            content,
            member,
            declared_clocks=declared_clocks,
            container_sha256=container_sha256,
        )

    pieces: list[bytes] = []
    size = 0
    chunks = data.chunks()
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > MAX_COPY_IN_MEMORY:
            break
    else:
        return content_of_copy(b"".join(pieces))
    with tempfile.TemporaryFile() as file:
        for piece in pieces:
            file.write(piece)
        pieces.clear()
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return content_of_copy(mapped)

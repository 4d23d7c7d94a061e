"""Members of containers as inputs: listed and hashed once, and read once, in the same order."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import parsers
from dji_audit.ingest.input_files._itunes_backups import (
    ManifestOfBackup,
    backup_manifests_by_folder_name,
    may_be_backup_manifest,
)
from dji_audit.ingest.input_files._model import (
    KEYCHAINS_SUFFIX,
    ContainerFile,
    FileOnDisk,
    InputFile,
    KeychainsMember,
)

#: Bytes of a keychains file in a container; a true one has a few thousand.
_MAX_KEYCHAINS_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class ContainerContents:
    """What one file on the disk holds, if it is a container."""

    containers: tuple[ContainerFile, ...]
    inputs: tuple[InputFile, ...]
    keychains: tuple[KeychainsMember, ...]
    #: Name of the folder of a backup in it -> what its manifests say.
    manifests: Mapping[str, ManifestOfBackup]
    #: Names of folders that containers list.
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberInput:
    """The bytes of a member, read once, before the next one is asked for."""

    input: InputFile
    data: parsers.ForwardOnlyStream

    def remarks(self) -> tuple[parsers.Issue, ...]:
        """Return what is to be said of the bytes, after they were read.

        Raises:
            OSError: If they could not be had, or not all of them.
        """
        remarks = [parsers.Issue(0, 0, remark) for remark in self.input.remarks]
        error = self.data.error
        if error is not None:
            if not parsers.error_leaves_readable_part(error):
                raise OSError(error.reason)
            remarks.append(parsers.Issue(self.data.position, 0, error.reason))
        return tuple(remarks)


class _OpenFileAsByteSequence:
    """The bytes of an open file, read where they are asked for and never mapped.

    A file that is cut short meanwhile ends early; one that is mapped would end this process.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor, self._size = descriptor, size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._size)
        os.lseek(self._descriptor, start, os.SEEK_SET)
        return os.read(self._descriptor, max(0, stop - start))


def may_be_container_file(file: FileOnDisk) -> bool:
    """Return whether a file is a container unless a format of logs claims it, as few bytes tell.

    Raises:
        OSError: If it cannot be opened or read.
    """
    descriptor = parsers.open_keeping_access_time(file.path, getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return False
        # What tells a container slices bytes and asks for their number, and nothing else.
        data = cast("bytes", _OpenFileAsByteSequence(descriptor, status.st_size))
        content = parsers.Content(file.name, data)
        return bool(
            parsers.identify_container(content) or parsers.identify_appended_container(content)
        )
    finally:
        os.close(descriptor)


def container_contents_or_none(
    file: FileOnDisk, passwords: Sequence[bytes]
) -> ContainerContents | None:
    """Return what a container holds; ``None``: it is none, or cannot be opened.

    Args:
        file: The file.
        passwords: Tried on encrypted members.
    """
    try:
        content = parsers.open_content(file.path, file.name)
        kind = container_kind(content)
        return None if kind is None else list_and_hash_members(file, content, kind, passwords)
    except OSError:
        # Whoever reads the file says so.
        return None


def container_kind(content: parsers.Content) -> parsers.ContainerKind | None:
    """Return the kind of container that a file is; ``None``: it is an input itself."""
    kind = parsers.identify_container(content)
    if kind is not None:
        return kind
    appended = parsers.identify_appended_container(content)
    return appended if appended is not None and not parsers.claiming_formats(content) else None


def list_and_hash_members(
    file: FileOnDisk,
    content: parsers.Content,
    kind: parsers.ContainerKind,
    passwords: Sequence[bytes],
) -> ContainerContents:
    """Return the members of a container, each hashed, and those of containers in it.

    Args:
        file: The file.
        content: Its bytes.
        kind: What it is.
        passwords: Tried on encrypted members.
    """
    containers: list[ContainerFile] = []
    inputs: list[InputFile] = []
    keychains: list[KeychainsMember] = []
    manifests: dict[str, parsers.Content] = {}
    floods: set[str | None] = set()
    folders: list[str] = []
    for item in parsers.ContainerWalk(content, kind, passwords=passwords):
        if isinstance(item, parsers.WalkedContainer):
            containers.append(_describe_container_file(file, content, item))
            prefix = f"{containers[-1].name}{parsers.MEMBER_SEPARATOR}"
            folders += (prefix + folder for folder in item.folders)
            if item.is_flood:
                floods.add(item.path)
            continue
        name = f"{file.name}{parsers.MEMBER_SEPARATOR}{item.path}"
        if name.endswith(KEYCHAINS_SUFFIX):
            keychains.append(
                KeychainsMember(name, item.data.read(_MAX_KEYCHAINS_SIZE), content.sha256)
            )
            continue
        if may_be_backup_manifest(name):
            manifests[name] = parsers.copy_stream_to_content(item.data, name)
            sha256 = manifests[name].sha256
        else:
            digest = hashlib.sha256()
            for chunk in item.data.chunks():
                digest.update(chunk)
            sha256 = digest.hexdigest()
        if item.data.error is None or parsers.error_leaves_readable_part(item.data.error):
            inputs.append(
                InputFile(
                    file.path,
                    name,
                    False,
                    item.path,
                    content.sha256,
                    item.data.position,
                    sha256,
                    item.member.remarks,
                )
            )
    if floods:
        inputs = [
            item
            for item in inputs
            if not parsers.is_member_of_any_container(item.member or "", floods)
        ]
    return ContainerContents(
        tuple(containers),
        tuple(inputs),
        tuple(keychains),
        backup_manifests_by_folder_name(manifests),
        tuple(folders),
    )


def _describe_container_file(
    file: FileOnDisk, content: parsers.Content, walked: parsers.WalkedContainer
) -> ContainerFile:
    name = file.name
    if walked.path is not None:
        name = f"{name}{parsers.MEMBER_SEPARATOR}{walked.path}"
    return ContainerFile(
        file.path,
        name,
        file.named_by_user and walked.path is None,
        walked.kind.name,
        walked.kind.title,
        walked.size,
        walked.sha256 or "",
        content.sha256,
        0 if walked.is_flood else walked.member_count,
        walked.left,
        walked.issues,
    )


def open_members(
    path: Path, inputs: Collection[InputFile], passwords: Sequence[bytes]
) -> Iterator[MemberInput]:
    """Yield some members of one file on the disk, in the order in which they lie there.

    Each byte before the last of them is unpacked once at most.

    Args:
        path: The file.
        inputs: Members of it.
        passwords: Tried on encrypted members.

    Raises:
        OSError: If the file cannot be opened.
    """
    wanted = {item.member: item for item in inputs if item.member is not None}
    above = set[str]()
    for member in wanted:
        while parsers.MEMBER_SEPARATOR in member:
            member = member.rpartition(parsers.MEMBER_SEPARATOR)[0]
            above.add(member)
    # Names in reports are those of the listing; here the file needs none.
    content = parsers.open_content(path)
    kind = container_kind(content)
    if kind is None:
        return
    walk = parsers.ContainerWalk(
        content,
        kind,
        passwords=passwords,
        is_wanted=lambda member: member in wanted or member in above,
        is_hashed=False,
    )
    left = len(wanted)
    for item in walk:
        if isinstance(item, parsers.OpenedMember) and item.path in wanted:
            yield MemberInput(wanted[item.path], item.data)
            left -= 1
            if not left:
                return

"""The rows of containers: what each is, and every member of it that was left, with the reason."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import parsers
from dji_audit.fleet.file_rows import supplied_file_row
from dji_audit.input_files import ContainerFile, InputFile, KeychainsFile
from dji_audit.report.rows import FileRow, FileStatus, IssueRow

_STATUS_OF_LEFT = {
    "locked": FileStatus.ENCRYPTED,
    "link": FileStatus.OTHER,
    "device": FileStatus.OTHER,
}


def container_rows(containers: Iterable[ContainerFile]) -> Iterator[FileRow]:
    """Yield a row for each container, and one for each member that was left."""
    for container in containers:
        yield _container_row(container)
        for left in container.left:
            if left.name != container.name:
                yield _left_row(container, left)


def with_container(row: FileRow, item: InputFile) -> FileRow:
    """Return the row of an input with the hash of the file that it is a member of."""
    return replace(row, container_sha256=item.container_sha256, stored_as=item.stored_as)


def keychains_file_row(keychains: KeychainsFile) -> FileRow:
    """Return the row of a keychains file, on the disk or in a container: it is no evidence."""
    if isinstance(keychains, Path):
        return supplied_file_row(keychains, keychains.name, "keychains")
    sha256 = hashlib.sha256(keychains.data).hexdigest()
    return FileRow(
        keychains.name,
        FileStatus.NO_EVIDENCE,
        "keychains",
        len(keychains.data),
        sha256,
        kind="keychains",
    )


def _container_row(container: ContainerFile) -> FileRow:
    is_member = container.sha256 != container.file_sha256
    row = FileRow(
        container.name,
        FileStatus.CONTAINER,
        _member_count(container),
        container.size,
        container.sha256,
        container.kind,
        issues=tuple(
            IssueRow(offset=issue.offset, size=issue.size, reason=issue.reason)
            for issue in container.issues
        ),
        kind=container.title,
        container_sha256=container.file_sha256 if is_member else None,
    )
    own = next((left for left in container.left if left.name == container.name), None)
    if not container.was_opened and own is not None:
        return replace(row, status=_left_status(own), reason=own.reason, advice=own.reason)
    if own is not None or container.issues:
        reason = own.reason if own is not None else container.issues[0].reason
        return replace(row, status=FileStatus.PARTIAL, reason=f"{row.reason}; {reason}")
    return row


def _member_count(container: ContainerFile) -> str:
    """Return how many members a container has, and how many of them were left, by the reason."""
    count = container.member_count
    words = f"{count:,} member{'' if count == 1 else 's'}"
    left = Counter(left.kind for left in container.left if left.name != container.name)
    if left:
        words += ", of which were left: " + ", ".join(
            f"{number:,} {kind.replace('_', ' ')}" for kind, number in sorted(left.items())
        )
    return words


def _left_row(container: ContainerFile, left: parsers.LeftMember) -> FileRow:
    return FileRow(
        left.name,
        _left_status(left),
        left.reason,
        left.size,
        advice=left.reason,
        container_sha256=container.file_sha256,
    )


def _left_status(left: parsers.LeftMember) -> FileStatus:
    return _STATUS_OF_LEFT.get(left.kind, FileStatus.UNREAD)

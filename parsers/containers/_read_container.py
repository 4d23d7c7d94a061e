"""Read every log in a container, and account for the container and each of its members."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from .._byte_coverage import CoverageSpan
from .._errors import LogError, UnsupportedVersionError
from .._file_content import MEMBER_SEPARATOR, Content
from .._model import FileAccount, FileReading, Issue, Log
from ._container_types import KINDS_WITHOUT_BYTES, ContainerKind
from ._walk_container import (
    ContainerWalk,
    OpenedMember,
    WalkedContainer,
    copy_stream_to_content,
    error_leaves_readable_part,
)

#: Members that were left and are named one by one; more are counted.
_MOST_NAMED = 1000


def read_logs_of_container(
    content: Content,
    kind: ContainerKind,
    read_member: Callable[[Content], FileReading],
    passwords: Sequence[bytes] = (),
) -> FileReading:
    """Return the logs in a container, one member at a time, and its account.

    Args:
        content: The container.
        kind: What it is.
        read_member: Reads a member, which is no container.
        passwords: Tried on encrypted members.
    """
    floods = {
        item.path
        for item in ContainerWalk(content, kind, passwords=passwords, is_hashed=False)
        if isinstance(item, WalkedContainer) and item.is_flood
    }
    parts: list[FileAccount] = []
    logs: list[Log] = []
    own: FileAccount | None = None
    for item in ContainerWalk(content, kind, passwords=passwords):
        if isinstance(item, WalkedContainer):
            account = _file_account_of_container(content, item)
            if item.path is None:
                own = account
            else:
                parts.append(account)
        elif not is_member_of_any_container(item.path, floods):
            reading = _read_member(content, item, read_member)
            if reading is not None:
                parts.append(reading.account)
                logs += reading.logs
    if own is None:
        raise AssertionError("a walk ends with its container")
    return FileReading(replace(own, parts=tuple(parts)), tuple(logs))


def is_member_of_any_container(path: str, containers: Collection[str | None]) -> bool:
    """Return whether a member lies in one of some containers; ``None`` is the outermost."""
    if not containers:
        return False
    return None in containers or any(
        path.startswith(f"{container}{MEMBER_SEPARATOR}") for container in containers
    )


def _read_member(
    content: Content, item: OpenedMember, read_member: Callable[[Content], FileReading]
) -> FileReading | None:
    """Return the reading of a member; ``None``: its bytes cannot be had."""
    name = f"{content.name}{MEMBER_SEPARATOR}{item.path}"
    outer = () if content.member is None else (content.member,)
    copy = copy_stream_to_content(
        item.data,
        name,
        member=MEMBER_SEPARATOR.join((*outer, item.path)),
        container_sha256=content.file_sha256,
        declared_clocks=(content.file or content).declared_clocks,
    )
    error = item.data.error
    if error is not None and not error_leaves_readable_part(error):
        return None
    remarks = [Issue(0, 0, remark) for remark in item.member.remarks]
    if error is not None:
        remarks.append(Issue(len(copy), 0, error.reason))
    return reading_with_remarks(read_member(copy), remarks)


def reading_with_remarks(reading: FileReading, remarks: Sequence[Issue]) -> FileReading:
    """Return a reading with issues of the bytes themselves, such as damage to their container."""
    if not remarks:
        return reading
    account = replace(reading.account, issues=(*reading.account.issues, *remarks))
    logs = tuple(replace(log, issues=(*log.issues, *remarks)) for log in reading.logs)
    return FileReading(account, logs)


def _file_account_of_container(content: Content, walked: WalkedContainer) -> FileAccount:
    name = content.name
    if walked.path is not None:
        name = f"{name}{MEMBER_SEPARATOR}{walked.path}"
    is_unread = walked.is_flood or (bool(walked.left) and not walked.member_count)
    issues = list(walked.issues)
    error: LogError | None = None
    if is_unread:
        reason = f"it is {walked.kind.title}; {walked.left[-1].reason}"
        error = UnsupportedVersionError(reason)
        issues.append(Issue(0, walked.size, reason))
    else:
        issues += [
            Issue(0, 0, f"{left.name} was not read: {left.reason}")
            for left in walked.left[:_MOST_NAMED]
            if left.kind not in KINDS_WITHOUT_BYTES
        ]
        if len(walked.left) > _MOST_NAMED:
            more = len(walked.left) - _MOST_NAMED
            issues.append(Issue(0, 0, f"{more:,} further members were not read"))
    return FileAccount(
        name,
        walked.size,
        walked.sha256 or "",
        "unsupported" if is_unread else "carrier",
        walked.kind.name,
        tuple(_container_coverage(walked, "gap" if is_unread else "member")),
        tuple(issues),
        error=error,
    )


def _container_coverage(walked: WalkedContainer, without_spans: str) -> list[CoverageSpan]:
    """Return what each byte of a container is; between members it is the container's own."""
    if not walked.member_spans:
        kind = without_spans if walked.member_count or without_spans == "gap" else "header"
        return [CoverageSpan(0, walked.size, kind)] if walked.size else []
    spans: list[CoverageSpan] = []
    at = 0
    for offset, size in walked.member_spans:
        begin, end = max(at, offset), min(offset + size, walked.size)
        if end <= begin:
            continue
        if begin > at:
            spans.append(CoverageSpan(at, begin - at, "header"))
        spans.append(CoverageSpan(begin, end - begin, "member"))
        at = end
    if at < walked.size:
        spans.append(CoverageSpan(at, walked.size - at, "header"))
    return spans

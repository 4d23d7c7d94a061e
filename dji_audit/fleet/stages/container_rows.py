"""The rows of containers: what each is, and every member of it that was left, with the reason."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import parsers
from dji_audit.fleet.report_rows_of_files import row_of_file_supplied_by_unit
from dji_audit.ingest.dry_run_scan import (
    LEFT_MEMBER,
    container_kind_noun,
    container_status_and_reason,
    status_of_skipped_member,
)
from dji_audit.ingest.input_files import ContainerFile, InputFile, KeychainsFile
from dji_audit.report.file_status import FileStatus
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.rows import FileRow


def rows_of_containers_and_skipped_members(
    containers: Iterable[ContainerFile],
) -> Iterator[FileRow]:
    """Yield a row for each container, and one for each member that was left."""
    for container in containers:
        yield _container_row(container)
        for left in container.left:
            if left.name != container.name:
                yield _skipped_member_row(container, left)


def row_with_container(row: FileRow, item: InputFile) -> FileRow:
    """Return the row of an input with where it lies: its container, and the folder of an app."""
    return replace(
        row, container_sha256=item.container_sha256, stored_as=item.stored_as, app=item.app
    )


def keychains_file_row(keychains: KeychainsFile) -> FileRow:
    """Return the row of a keychains file, on the disk or in a container: it is no evidence."""
    if isinstance(keychains, Path):
        return row_of_file_supplied_by_unit(keychains, keychains.name, "keychains")
    sha256 = hashlib.sha256(keychains.data).hexdigest()
    return FileRow(
        keychains.name,
        FileStatus.NO_EVIDENCE,
        "keychains",
        len(keychains.data),
        sha256,
        kind="keychains",
        container_sha256=keychains.container_sha256,
    )


def _container_row(container: ContainerFile) -> FileRow:
    is_member = container.sha256 != container.file_sha256
    status, reason = container_status_and_reason(container)
    return FileRow(
        container.name,
        status,
        reason,
        container.size,
        container.sha256,
        container.kind,
        issues=tuple(container.issues),
        kind=container_kind_noun(container),
        advice="" if container.was_opened else reason,
        container_sha256=container.file_sha256 if is_member else None,
        quarantine=next(
            (
                _unpacking_limit_cause_of_skipped_member(left)
                for left in container.left
                if left.name == container.name
            ),
            None,
        ),
    )


def _skipped_member_row(container: ContainerFile, left: parsers.SkippedMember) -> FileRow:
    return FileRow(
        left.name,
        status_of_skipped_member(left),
        left.reason,
        left.size,
        kind=LEFT_MEMBER,
        advice=left.reason,
        container_sha256=container.file_sha256,
        quarantine=_unpacking_limit_cause_of_skipped_member(left),
    )


def _unpacking_limit_cause_of_skipped_member(left: parsers.SkippedMember) -> QuarantineCause | None:
    """Return what went wrong with a member; ``None``: it was left for another reason."""
    return QuarantineCause.UNPACKING_LIMIT if left.kind == "bomb" else None

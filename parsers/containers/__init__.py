"""Containers: archives, compressed files and backups; claimed, listed and read within bounds.

``identify_container`` claims a file before any format of logs does.  ``ContainerWalk`` hands out
its members, and those of containers within it, one at a time.
"""

from ._container_types import (
    KINDS_WITHOUT_BYTES,
    LEFT_KINDS,
    ContainerKind,
    ListedContainerMember,
    SkippedMember,
    UnpackingError,
)
from ._forward_only_stream import ForwardOnlyStream
from ._itunes_backup import (
    MANIFEST_DATABASE,
    MANIFEST_PLIST,
    OLD_MANIFEST,
    BackupManifest,
    backup_file_hash,
    read_backup_manifest,
)
from ._read_container import (
    is_member_of_any_container,
    read_logs_of_container,
    reading_with_remarks,
)
from ._unpacking_budget import MAX_CONTAINER_DEPTH
from ._walk_container import (
    ContainerWalk,
    OpenedMember,
    WalkedContainer,
    copy_stream_to_content,
    error_leaves_readable_part,
    identify_appended_container,
    identify_container,
)
from ._zip_directory import appended_zip_offset

__all__ = [
    "KINDS_WITHOUT_BYTES",
    "LEFT_KINDS",
    "MANIFEST_DATABASE",
    "MANIFEST_PLIST",
    "MAX_CONTAINER_DEPTH",
    "OLD_MANIFEST",
    "BackupManifest",
    "ContainerKind",
    "ContainerWalk",
    "ForwardOnlyStream",
    "ListedContainerMember",
    "OpenedMember",
    "SkippedMember",
    "UnpackingError",
    "WalkedContainer",
    "appended_zip_offset",
    "backup_file_hash",
    "copy_stream_to_content",
    "error_leaves_readable_part",
    "identify_appended_container",
    "identify_container",
    "is_member_of_any_container",
    "read_backup_manifest",
    "read_logs_of_container",
    "reading_with_remarks",
]

"""Containers: archives, compressed files and backups; claimed, listed and read within bounds.

``identify_container`` claims a file before any format of logs does.  ``ContainerWalk`` hands out
its members, and those of containers within it, one at a time.
"""

from ._forward_bytes import ForwardBytes
from ._itunes_backup import (
    MANIFEST_DATABASE,
    MANIFEST_PLIST,
    OLD_MANIFEST,
    BackupManifest,
    backup_file_hash,
    read_backup_manifest,
)
from ._limits import MAX_CONTAINER_DEPTH
from ._model import (
    KINDS_WITHOUT_BYTES,
    LEFT_KINDS,
    ContainerKind,
    ContainerMember,
    LeftMember,
    UnpackingError,
)
from ._read_container import lies_in_any, read_container, with_remarks
from ._walk import (
    ContainerWalk,
    OpenedMember,
    WalkedContainer,
    copy_to_content,
    identify_appended_container,
    identify_container,
    is_readable_in_part,
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
    "ContainerMember",
    "ContainerWalk",
    "ForwardBytes",
    "LeftMember",
    "OpenedMember",
    "UnpackingError",
    "WalkedContainer",
    "appended_zip_offset",
    "backup_file_hash",
    "copy_to_content",
    "identify_appended_container",
    "identify_container",
    "is_readable_in_part",
    "lies_in_any",
    "read_backup_manifest",
    "read_container",
    "with_remarks",
]

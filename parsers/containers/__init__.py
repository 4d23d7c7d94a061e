"""Containers: archives, compressed files and backups; claimed, listed and read within bounds.

``identify_container`` claims a file before any format of logs does.  ``ContainerWalk`` hands out
its members, and those of containers within it, one at a time.
"""

from ._limits import MAX_CONTAINER_DEPTH
from ._model import (
    KINDS_WITHOUT_BYTES,
    LEFT_KINDS,
    ContainerKind,
    ContainerMember,
    LeftMember,
    UnpackingError,
)
from ._walk import (
    ContainerWalk,
    OpenedMember,
    WalkedContainer,
    copy_to_content,
    identify_appended_container,
    identify_container,
    is_readable_in_part,
)

__all__ = [
    "KINDS_WITHOUT_BYTES",
    "LEFT_KINDS",
    "MAX_CONTAINER_DEPTH",
    "ContainerKind",
    "ContainerMember",
    "ContainerWalk",
    "LeftMember",
    "OpenedMember",
    "UnpackingError",
    "WalkedContainer",
    "copy_to_content",
    "identify_appended_container",
    "identify_container",
    "is_readable_in_part",
]

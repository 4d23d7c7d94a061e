"""Containers: archives, compressed files and backups; claimed, listed and read within bounds."""

from ._model import (
    KINDS_WITHOUT_BYTES,
    LEFT_KINDS,
    MEMBER_SEPARATOR,
    ContainerKind,
    ContainerMember,
    LeftMember,
)

__all__ = [
    "KINDS_WITHOUT_BYTES",
    "LEFT_KINDS",
    "MEMBER_SEPARATOR",
    "ContainerKind",
    "ContainerMember",
    "LeftMember",
]

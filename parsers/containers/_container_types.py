"""What a container is: a file that holds files, listed and read within bounds.

A container is claimed by its structure, before any format of logs.  This room knows nothing
of flights: it lists members, hands out their bytes one at a time and says what it left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Why a member, or a whole container, was left: word -> what it means.
LEFT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "locked": "it needs a password that was not given",
        "bomb": "it would unpack to far more than it is",
        "too_deep": "it lies within too many other containers",
        "unsupported": "its kind of archive, or its compression, is not read",
        "damaged": "its bytes are damaged or cut off",
        "not_reached": "it lies behind what could not be read",
        "link": "a link to another file; it has no bytes of its own and is not followed",
        "device": "a device, pipe or socket; it has no bytes of its own and is not opened",
    }
)
#: Kinds that hold no bytes: nothing is lost where they are left.
KINDS_WITHOUT_BYTES = frozenset(("link", "device"))


class UnpackingError(Exception):
    """Bytes of a container could not be had; ``kind`` is one of ``LEFT_KINDS``."""

    def __init__(self, kind: str, reason: str) -> None:
        """Say why, and what to do about it."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ListedContainerMember:
    """One file in a container, as the container lists it."""

    #: Its path in the container, made printable and unique there; never a path to write to.
    path: str
    #: Size when unpacked; ``None``: the container does not state it.
    size: int | None
    #: Offset of its header in the container; of a compressed archive in the unpacked stream.
    offset: int
    #: One of ``LEFT_KINDS``, where it cannot be opened; ``None``: it can.
    left_kind: str | None = None
    #: Why it cannot be opened, and what to do about it.
    left_reason: str = ""
    #: What is odd about it and harmless: a hostile name, a second member of that name.
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedMember:
    """A member, or several, whose bytes were not looked at, and why."""

    #: Name with its containers, as ``case.zip!/inner/path``.
    name: str
    #: One of ``LEFT_KINDS``.
    kind: str
    reason: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ContainerKind:
    """One kind of container."""

    #: Word for it in reports, such as ``zip`` or ``tar``.
    name: str
    #: Words for it in messages, such as "a ZIP archive".
    title: str
    #: Why it is not opened, and what to do about it; empty: its members are read.
    advice: str = ""
    #: Whether it opens with a password or a key only.
    is_locked: bool = False

    @property
    def word_locked_or_unsupported(self) -> str:
        """The word of ``LEFT_KINDS`` for such a container where it is not opened."""
        return "locked" if self.is_locked else "unsupported"

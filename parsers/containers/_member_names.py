"""Names of members: printable, unique in their container, and told where they are hostile.

A name is only ever shown and compared, never opened: nothing is written under it.
"""

import re
import unicodedata

from .._file_content import MEMBER_SEPARATOR
from ._unpacking_budget import MAX_PATH_SIZE

_DRIVE = re.compile(r"[A-Za-z]:")
#: Characters that move the cursor, hide or turn round what follows on a screen.
_INVISIBLE = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
_NO_NAME = "(no name)"


class UniqueMemberNames:
    """The names of one container, in the order in which it lists them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._taken: set[str] = set()
        self._folded: dict[str, str] = {}
        self._next_number: dict[str, int] = {}

    def unique_path_and_remarks(self, raw: str) -> tuple[str, tuple[str, ...]]:
        """Return the path to show for a member, and what is odd about its name.

        Args:
            raw: The path as the container states it, ``/`` between folders.
        """
        remarks = list(_hostile_name_remarks(raw))
        if len(raw) > MAX_PATH_SIZE:
            remarks.append(f"its name has {len(raw):,} characters; the first {MAX_PATH_SIZE} shown")
            raw = raw[:MAX_PATH_SIZE]
        path = printable_path(raw)
        if path in self._taken:
            remarks.append("another member has the same name")
            path = self._numbered_path(path)
        else:
            folded = unicodedata.normalize("NFC", path).casefold()
            if (other := self._folded.setdefault(folded, path)) != path:
                remarks.append(f"its name differs from that of {other!r} only in case or accents")
        self._taken.add(path)
        return path, tuple(remarks)

    def _numbered_path(self, path: str) -> str:
        """Return a path with the lowest free number behind it."""
        number = self._next_number.get(path, 2)
        while (name := f"{path} ({number})") in self._taken:
            number += 1
        self._next_number[path] = number + 1
        return name


def _hostile_name_remarks(raw: str) -> list[str]:
    remarks = []
    if raw.startswith("/") or _DRIVE.match(raw):
        remarks.append("its name is an absolute path")
    if ".." in raw.split("/"):
        remarks.append('its name leads out of the folder ("..")')
    if not raw.isprintable() and any(
        unicodedata.category(character) in _INVISIBLE for character in raw
    ):
        remarks.append("its name holds control or invisible characters")
    if MEMBER_SEPARATOR in raw:
        remarks.append(f'its name holds "{MEMBER_SEPARATOR}" itself')
    return remarks


def printable_path(raw: str) -> str:
    """Return a path with every character that does not print escaped, as in ``a\\x1b.txt``."""
    while raw.startswith("./"):
        raw = raw[2:]
    shown = (
        raw
        if raw.isprintable()
        else "".join(
            character
            if unicodedata.category(character) not in _INVISIBLE
            else character.encode("unicode_escape", "surrogatepass").decode("ascii")
            for character in raw
        )
    )
    return shown.lstrip("/") or _NO_NAME

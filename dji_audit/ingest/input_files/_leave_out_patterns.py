"""Files that a unit leaves out by patterns of names: they are not read, and never dropped."""

import re
from collections.abc import Iterable
from fnmatch import translate

#: A unit leaves out kinds of files and folders, not files one by one.
MAX_PATTERNS, MAX_PATTERN_LENGTH = 200, 500


class LeaveOutPatternError(Exception):
    """A pattern cannot be used; the message says which and why."""


class LeaveOutPatterns:
    """Patterns of names: ``*`` any characters, ``?`` one, ``[ab]`` one of them.

    A pattern without ``/`` is compared with a file's own name, one that ends in ``/`` with the
    name of each folder that the file lies in, any other with its whole name as outputs print it.
    Capitals count, on every system.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile the patterns.

        Raises:
            LeaveOutPatternError: If there are too many, or one is empty or too long.
        """
        distinct = tuple(dict.fromkeys(patterns))
        if len(distinct) > MAX_PATTERNS:
            raise LeaveOutPatternError(f"{len(distinct):,} patterns are more than {MAX_PATTERNS}")
        for pattern in distinct:
            if not pattern.strip("/ ") or len(pattern) > MAX_PATTERN_LENGTH:
                raise LeaveOutPatternError(
                    f"{pattern[:40]!r} is not a pattern of names; write 1 to {MAX_PATTERN_LENGTH} "
                    "characters, such as *.MP4 or backup/"
                )
        self._names = _compile_patterns(it for it in distinct if "/" not in it)
        self._folders = _compile_patterns(it for it in distinct if it.find("/") == len(it) - 1)
        self._paths = _compile_patterns(it for it in distinct if "/" in it[:-1])

    def matching_pattern(self, name: str) -> str | None:
        """Return the first pattern that a file's name matches; ``None``: it matches none."""
        *folders, own = name.split("/")
        for pattern, expression in self._names:
            if expression.match(own):
                return pattern
        for pattern, expression in self._folders:
            if any(expression.match(f"{folder}/") for folder in folders):
                return pattern
        for pattern, expression in self._paths:
            if expression.match(name):
                return pattern
        return None


def _compile_patterns(patterns: Iterable[str]) -> list[tuple[str, re.Pattern[str]]]:
    # A pattern of a whole name that ends in / means everything below that folder.
    return [
        (it, re.compile(translate(f"{it}*" if it.endswith("/") and "/" in it[:-1] else it)))
        for it in patterns
    ]

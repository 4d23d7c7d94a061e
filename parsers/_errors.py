"""Errors of the log readers.

* LogError                        the file as a whole could not be read
  - UnknownFormatError            no format claims it
  - UnsupportedVersionError       a known format in a version that is not known
  - InvalidKeysError              what was given as keys are no keys, or malformed ones
  - CorruptLogError               the bytes at an offset are not what the format requires
  - FileContainsNoLogError        the file was read and holds no log
  - FileContainsSeveralLogsError  the file holds several logs, and one was asked for

Damage to a part of a log is never an error: it is an ``Issue`` of the ``Log``.
"""

from collections.abc import Sequence

from ._secrets._redact_secrets import text_without_secrets


class LogError(Exception):
    """A log could not be read; ``offset`` is the byte where, if there is one.

    What the message quotes of the file is free of secrets.
    """

    offset: int | None = None

    def __init__(self, message: str = "") -> None:
        """Say what is wrong."""
        super().__init__(text_without_secrets(message))


class UnknownFormatError(LogError):
    """No format claims the file."""


class UnsupportedVersionError(LogError):
    """The format is known and this version of it is not."""


class InvalidKeysError(LogError):
    """What was given as keys is not keychains; keys of another log are no error."""


class CorruptLogError(LogError):
    """The bytes at an offset are not what the format requires."""

    def __init__(self, offset: int, expected: str, actual: str) -> None:
        """Say where, what was expected and what was found."""
        expected, actual = text_without_secrets(expected), text_without_secrets(actual)
        super().__init__(f"at byte {offset} (0x{offset:x}): expected {expected}, found {actual}")
        self.offset = offset
        self.expected = expected
        self.found = actual

    def __reduce__(self) -> tuple[type["CorruptLogError"], tuple[int, str, str]]:
        """Let the error cross a process boundary with its parts."""
        return CorruptLogError, (self.offset or 0, self.expected, self.found)


class FileContainsNoLogError(LogError):
    """The file was read and holds no log; ``read_file`` gives its account."""


class FileContainsSeveralLogsError(LogError):
    """The file holds several logs; ``read_file`` gives them all."""

    def __init__(self, file: str, names: Sequence[str]) -> None:
        """Name the file and its logs."""
        shown = ", ".join(names[:8]) + (", \u2026" if len(names) > 8 else "")
        super().__init__(f"{file} holds {len(names)} logs ({shown}); read_file gives them all")
        self.file = file
        self.names = tuple(names)

    def __reduce__(
        self,
    ) -> tuple[type["FileContainsSeveralLogsError"], tuple[str, tuple[str, ...]]]:
        """Let the error cross a process boundary with its parts."""
        return FileContainsSeveralLogsError, (self.file, self.names)

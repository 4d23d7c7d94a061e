"""The record of what was done, one step a line, each line holding the hash of the line before.

A line that is changed, removed, added or moved breaks the chain from there on; the manifest
holds the hash of the last line.  Steps have no time of their own: a clock would make two dossiers
of the same evidence differ.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

RECORD_FILE = "record.jsonl"
#: What the first line names as the hash of the line before it.
NO_LINE_BEFORE = "0" * 64
#: Longest line that is read: no step needs more.
MAX_LINE_BYTES = 1 << 20


class ActionRecordError(Exception):
    """The record is not a chain; the message names the line."""


class RecordOfActionsTaken:
    """Steps as they are taken."""

    def __init__(self, shown: Callable[[str], str] | None = None) -> None:
        """Begin without a step.

        Args:
            shown: Returns what is shown of a text; ``None``: all of it.
        """
        self._shown = shown
        self._lines: list[bytes] = []
        self.last_sha256 = NO_LINE_BEFORE

    def add_step(self, step: str, **values: JsonValue) -> None:
        """Add a step.

        Args:
            step: What was done, in words.
            values: What it was done with.
        """
        chained: dict[str, JsonValue] = {
            "number": len(self._lines) + 1,
            "previous": self.last_sha256,
            "step": step,
        }
        if self._shown is not None:
            values = {
                name: self._shown(value) if isinstance(value, str) else value
                for name, value in values.items()
            }
        line = _encode_step_as_json_line({**values, **chained})
        self._lines.append(line)
        self.last_sha256 = hashlib.sha256(line).hexdigest()

    @property
    def step_count(self) -> int:
        """How many steps there are."""
        return len(self._lines)

    def to_bytes(self) -> bytes:
        """Return the record as JSON Lines."""
        return b"".join(self._lines)


@dataclass(frozen=True, slots=True)
class CheckedActionRecord:
    """What a record that is a chain holds."""

    step_count: int
    last_sha256: str


def check_action_record(lines: Iterable[bytes]) -> CheckedActionRecord:
    """Follow the chain from the first line to the last.

    Args:
        lines: The lines, each with its line feed.

    Raises:
        ActionRecordError: If a line does not name the hash of the one before it.
    """
    previous, count = NO_LINE_BEFORE, 0
    for count, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_BYTES:
            raise ActionRecordError(f"line {count} is longer than {MAX_LINE_BYTES:,} bytes")
        try:
            step = json.loads(line)
            is_canonical = isinstance(step, dict) and _encode_step_as_json_line(step) == line
        except (ValueError, RecursionError) as error:
            raise ActionRecordError(f"line {count} is not JSON") from error
        if not is_canonical:
            raise ActionRecordError(f"line {count} is not as dji-audit writes it")
        if step.get("number") != count or step.get("previous") != previous:
            raise ActionRecordError(f"line {count} does not follow the line before it")
        previous = hashlib.sha256(line).hexdigest()
    return CheckedActionRecord(count, previous)


def iterate_lines_cut_to_bounded_length(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file that comes in pieces; of one too long only its beginning."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(rest) > MAX_LINE_BYTES:
            yield rest
            return
    if rest:
        yield rest


def _encode_step_as_json_line(step: dict[str, JsonValue]) -> bytes:
    return (json.dumps(step, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n").encode()

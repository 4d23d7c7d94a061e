"""What a person, or a program, sees of a command while it works.

On a terminal one line by `rich`, with the stage, rate, bytes and time left.  For a scheduler a line
of JSON at most four times a second on standard error (``dji-audit schema progress``).
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dji_audit.common.safe_text import terminal_safe_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from dji_audit.ingest.dry_run_scan import EvidenceDryRun

SCHEMA = "dji-audit/progress/1"
#: Seconds between two lines for a program.
LINE_INTERVAL_S = 0.25
#: Seconds of a stage before the time left is more than a guess.
_MIN_SECONDS = 1.0
#: Columns of a terminal from which a bar is drawn.
_MIN_WIDTH_OF_BAR = 90

Stage = Literal["find", "read", "audit", "end"]
ProgressChoice = Literal["auto", "jsonl", "none"]
#: What is done in each stage, for a person.
_STAGE_WORDS = {"find": "looking for files", "read": "reading files", "audit": "auditing flights"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressState:
    """How far a command is."""

    stage: Stage
    #: Files read, or flights audited.
    done: int
    #: How many there are in this stage; ``None``: not known yet.
    total: int | None
    #: Bytes of the files that were read.
    bytes: int
    #: Bytes of all files; copies of others are counted too and are not read; ``None``: not known.
    bytes_total: int | None
    #: Seconds since the command began, and since this stage did.
    seconds: float
    stage_seconds: float
    #: Name of the file, or id of the flight, that was done last; empty: none.
    name: str

    @property
    def items_per_second(self) -> float | None:
        """Files or flights a second in this stage; ``None``: too early to say."""
        if self.stage_seconds < _MIN_SECONDS or not self.done:
            return None
        return self.done / self.stage_seconds

    @property
    def seconds_left(self) -> float | None:
        """Roughly how long this stage will still take; ``None``: too early to say."""
        if self.stage == "end" or self.stage_seconds < _MIN_SECONDS or not self.total:
            return None
        share = self.done / self.total
        if self.stage == "read" and self.bytes_total:
            # Files differ in size; neither count alone says how much is left.
            share = (share + min(self.bytes / self.bytes_total, 1.0)) / 2
        return self.stage_seconds * (1 - share) / share if share else None

    def progress_as_json_line(self) -> str:
        """Return it as one line of JSON."""
        rate, left = self.items_per_second, self.seconds_left
        document = {
            "schema": SCHEMA,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "bytes": self.bytes,
            "bytes_total": self.bytes_total,
            "seconds": round(self.seconds, 2),
            "per_second": None if rate is None else round(rate, 2),
            "seconds_left": None if left is None else round(left, 1),
            "name": self.name,
        }
        return json.dumps(document, ensure_ascii=True)


def progress_schema() -> str:
    """Return the JSON Schema of a line of progress."""
    count = {"type": "integer", "minimum": 0}
    number = {"type": ["number", "null"], "minimum": 0}
    properties = {
        "schema": {"const": SCHEMA},
        "stage": {
            "enum": ["find", "read", "audit", "end"],
            "description": "find: files are looked for; read: files; audit: flights; end: over.",
        },
        "done": count | {"description": "Files read, or flights audited, in this stage."},
        "total": {"type": ["integer", "null"], "minimum": 0},
        "bytes": count | {"description": "Bytes of the files that were read."},
        "bytes_total": {"type": ["integer", "null"], "minimum": 0},
        "seconds": {"type": "number", "minimum": 0, "description": "Since the command began."},
        "per_second": number | {"description": "Files or flights; null: too early to say."},
        "seconds_left": number | {"description": "Of this stage; null: too early to say."},
        "name": {"type": "string", "description": "What was done last."},
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of dji-audit --progress jsonl, on standard error",
        "description": "At most four a second. Lines that do not begin with { are messages.",
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
    return json.dumps(schema, indent=1) + "\n"


class ProgressMeter:
    """Counts what a run has done, and shows it.

    A run works through its files, and then through its flights: a count that starts over is the
    next stage.
    """

    def __init__(self, show: Callable[[ProgressState], None]) -> None:
        """Begin with the stage in which files are looked for.

        Args:
            show: Called with how far it is, whenever that changes.
        """
        self._show = show
        self._sizes: dict[str, int] = {}
        self._began = self._stage_began = time.monotonic()
        self._stage: Stage = "find"
        self._done = 0
        self._total: int | None = None
        self._bytes = 0
        self._bytes_total: int | None = None
        self._show_progress_state("")

    def note_scanned_sizes(self, scan: "EvidenceDryRun") -> None:
        """Take the sizes of the files, before they are read."""
        self._sizes = {file.name: file.size or 0 for file in scan.files}
        not_read = ("container", "left_out", "other")
        self._bytes_total = sum(
            file.size or 0 for file in scan.files if file.status not in not_read
        )

    def note_items_done(self, done: int, total: int, name: str) -> None:
        """Take what the run says: how many files, or flights, of how many; and the last one."""
        if self._stage == "find" or done <= self._done:
            self._stage = "read" if self._stage == "find" else "audit"
            self._stage_began = time.monotonic()
        self._done, self._total = done, total
        if self._stage == "read":
            self._bytes += self._sizes.get(name, 0)
        self._show_progress_state(name)

    def note_end_of_run(self) -> None:
        """Say that nothing more comes."""
        self._stage = "end"
        self._show_progress_state("")

    def _show_progress_state(self, name: str) -> None:
        now = time.monotonic()
        self._show(
            ProgressState(
                stage=self._stage,
                done=self._done,
                total=self._total,
                bytes=self._bytes,
                bytes_total=self._bytes_total,
                seconds=now - self._began,
                stage_seconds=now - self._stage_began,
                name=name,
            )
        )


class ProgressAsJsonLines:
    """Writes a line of JSON on standard error: at most four a second, and the end of each stage."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._written_at = float("-inf")
        self._stage = ""

    def show(self, state: ProgressState) -> None:
        """Write a line, if it is time for one."""
        now = time.monotonic()
        is_stage_done = state.total is not None and state.done == state.total
        is_due = now - self._written_at >= LINE_INTERVAL_S
        if is_due or is_stage_done or state.stage != self._stage:
            sys.stderr.write(state.progress_as_json_line() + "\n")
            sys.stderr.flush()
            self._written_at, self._stage = now, state.stage


class ProgressAsTerminalLine:
    """Shows one line on the terminal, drawn by `rich` and taken away at the end of each stage."""

    def __init__(self) -> None:
        """Prepare the line; nothing is shown until a file is done."""
        self._line: tuple[Progress, TaskID] | None = None
        self._stage = ""

    def show(self, state: ProgressState) -> None:
        """Draw the line; at the end it is gone."""
        if state.stage in ("find", "end") or state.done == state.total:
            self.close()
            return
        if state.stage != self._stage:
            self.close()
        if self._line is None:
            self._line, self._stage = _start_progress_bar_and_task(state), state.stage
        progress, task = self._line
        progress.update(
            task, completed=state.done, total=state.total, detail=_progress_detail_text(state)
        )

    def close(self) -> None:
        """Take the line away."""
        if self._line is not None:
            self._line[0].stop()
            self._line = None


def _start_progress_bar_and_task(state: ProgressState) -> "tuple[Progress, TaskID]":
    """Return a line that is drawn four times a second, and what it counts."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.table import Column

    console = Console(stderr=True, highlight=False)
    # A narrow terminal has room for the time left, or for a bar.
    bar = [BarColumn(bar_width=20)] if console.width >= _MIN_WIDTH_OF_BAR else []
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        *bar,
        MofNCompleteColumn(),
        TextColumn(
            "{task.fields[detail]}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
        ),
        console=console,
        transient=True,
        refresh_per_second=4,
        expand=True,
    )
    task = progress.add_task(_STAGE_WORDS[state.stage], total=state.total, detail="")
    progress.start()
    return progress, task


def _progress_detail_text(state: ProgressState) -> str:
    """Return bytes, rate, time left and the last name, as far as they are known."""
    from dji_audit.common.plain_english import duration_text

    parts = []
    if state.stage == "read" and state.bytes_total:
        parts.append(f"{_megabytes_text(state.bytes)} of {_megabytes_text(state.bytes_total)} MB")
    if state.items_per_second is not None:
        parts.append(f"{state.items_per_second:.2g}/s")
    if state.seconds_left is not None:
        parts.append(f"{duration_text(max(1, round(state.seconds_left)))} left")
    parts.append(terminal_safe_text(state.name.rpartition("/")[2]))
    return ", ".join(parts)


def _megabytes_text(count: int) -> str:
    return f"{count / 1e6:,.1f}" if count < 1e8 else f"{count / 1e6:,.0f}"


@contextmanager
def show_progress_of_run(
    choice: ProgressChoice = "auto", *, is_quiet: bool = False
) -> Iterator[ProgressMeter | None]:
    """Yield what a run tells its progress; ``None``: nobody wants to see it.

    Args:
        choice: auto: a line where standard error is a terminal; jsonl: lines of JSON.
        is_quiet: Whether a person wants to see nothing.
    """
    if choice == "jsonl":
        meter = ProgressMeter(ProgressAsJsonLines().show)
        try:
            yield meter
        finally:
            meter.note_end_of_run()
        return
    if choice == "none" or is_quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    line = ProgressAsTerminalLine()
    try:
        yield ProgressMeter(line.show)
    finally:
        line.close()

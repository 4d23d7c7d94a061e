"""What of a large run a person asks for and is told: parts, clusters, interruption, quarantine."""

import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from dji_audit.cli._options import AuditOptions
from dji_audit.cli._terminal import print_to_stderr
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text
from dji_audit.fleet.state.run_ledger import ShardNumberAndCount
from dji_audit.report.quarantine import CAUSE_WORDS, QuarantinedFile, quarantine_counts

#: Most files of each cause that are named.
_MAX_NAMED = 5
#: More parts than anybody has computers.
_MAX_SHARDS = 10_000
#: What a cause says of one file, and of several.
_SEVERAL = (
    ("is a pipe, a socket or a device", "are pipes, sockets or devices"),
    ("is a link that leads back to itself", "are links that lead back to themselves"),
    ("the process that read it", "the processes that read them"),
    ("was cut", "were cut"),
    ("while it was", "while they were"),
    ("before it was", "before they were"),
)
_SHARD = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")


def parse_shard_option(options: AuditOptions) -> ShardNumberAndCount | None:
    """Return the part that is to be read; ``None``: everything.

    Raises:
        typer.BadParameter: If options do not go together.
    """
    if options.trust_mtime and options.state is None:
        raise typer.BadParameter("needs --state FOLDER", param_hint="--trust-mtime")
    if (options.engine == "dask") != (options.scheduler is not None):
        raise typer.BadParameter(
            "--engine dask and --scheduler ADDRESS need one another", param_hint="--engine"
        )
    if options.shard is None:
        return None
    found = _SHARD.fullmatch(options.shard)
    number, count = (int(found[1]), int(found[2])) if found is not None else (0, 0)
    if not 1 <= number <= count <= _MAX_SHARDS:
        raise typer.BadParameter(
            f"{options.shard!r} is not a part; write K/N, as in 1/4", param_hint="--shard"
        )
    if options.state is None:
        raise typer.BadParameter("needs --state FOLDER", param_hint="--shard")
    if options.engine == "dask":
        raise typer.BadParameter("a part is read by one computer", param_hint="--shard, --engine")
    if options.out is not None or options.pdf or options.all or options.format != "table":
        raise typer.BadParameter(
            "a part has no results: leave out --out, --pdf, --all and --format",
            param_hint="--shard",
        )
    return ShardNumberAndCount(number, count)


def quarantine_lines(files: Sequence[QuarantinedFile]) -> Iterator[str]:
    """Yield which files went wrong, by their causes; of many of one cause the first."""
    for cause, count in quarantine_counts(files).items():
        names = [terminal_safe_text(file.name) for file in files if file.cause is cause]
        more = f" and {count - _MAX_NAMED:,} more" if count > _MAX_NAMED else ""
        yield (
            f"quarantine  {pluralised_count(count, 'file')} "
            f"{_quarantine_cause_words(cause, count)}: "
            f"{', '.join(names[:_MAX_NAMED])}{more}"
        )


def _quarantine_cause_words(cause: str, count: int) -> str:
    """Return a cause for one file or for several."""
    words = next(text for each, text in CAUSE_WORDS.items() if each == cause)
    if count == 1:
        return words
    for one, several in _SEVERAL:
        words = words.replace(one, several)
    return words


@contextmanager
def print_notice_on_ctrl_c(state: Path | None) -> Iterator[None]:
    """Say what Ctrl-C does while a run goes on: with a state, running files are finished first."""
    before = signal.getsignal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print_to_stderr("dji-audit: finishing what is being read; Ctrl-C again stops at once")
        raise KeyboardInterrupt

    if state is None or before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

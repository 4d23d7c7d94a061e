"""Talking to a person: text from logs made harmless, errors in one line, time from outside."""

import datetime as dt
import os
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import typer

USAGE_OR_IO = 2
INTERRUPTED = 130


def plain(text: object) -> str:
    """Return text without anything a terminal would obey: controls, escapes, reversals."""
    return "".join(
        character if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else "�"
        for character in str(text)
    )


def tell(data: str) -> None:
    """Print data as it is into a file or pipe, and made harmless on a terminal."""
    if sys.stdout.isatty():
        data = "\n".join(plain(line.rstrip("\r")) for line in data.split("\n"))
    # Not `typer.echo`, which takes escapes out of what goes into a pipe.
    sys.stdout.write(data)


def say(text: str) -> None:
    """Print a line of talk."""
    typer.echo(text, err=True)


def links_line(links: int) -> str:
    """Return the line of talk about links, which no command follows."""
    return f"other    {links} link{'s' * (links > 1)}, not followed"


def fail(text: str, code: int = USAGE_OR_IO) -> typer.Exit:
    """Print an error in one line and return the exit to raise."""
    say(f"dji-audit: {plain(text)}")
    return typer.Exit(code)


def time_of_run(now: str | None) -> dt.datetime | None:
    """Return the time to print in results: ``--now``, else ``SOURCE_DATE_EPOCH``, else none.

    Raises:
        typer.Exit: If it is no time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        if now is not None:
            time = dt.datetime.fromisoformat(now)
        elif epoch:
            time = dt.datetime.fromtimestamp(int(epoch), dt.UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError) as error:
        raise fail(f"no time: {now or epoch!r} ({error})") from error
    if time.tzinfo is None:
        raise fail(f"--now {now} has no zone; write Z or +01:00")
    return time.astimezone(dt.UTC)


def check_zone(name: str) -> str:
    """Return a time zone's name.

    Raises:
        typer.Exit: If there is no such zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise fail(f"no time zone {name!r}") from error
    return name


def paths_from(paths: Sequence[Path]) -> list[Path]:
    """Return the paths given, with ``-`` replaced by those on standard input, one a line."""
    out: list[Path] = []
    for path in paths:
        if str(path) == "-":
            out += [Path(line.rstrip("\r\n")) for line in sys.stdin if line.strip()]
        else:
            out.append(path)
    return out

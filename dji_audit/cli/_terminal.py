"""The terminal: safe text, data and messages, errors in one line, arguments checked."""

import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from dji_audit.common.exit_code import ExitCode
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.safe_text import terminal_safe_text


def print_to_stdout(data: str) -> None:
    """Print data unchanged into a file or pipe, and made safe on a terminal."""
    if sys.stdout.isatty():
        data = "\n".join(terminal_safe_text(line.rstrip("\r")) for line in data.split("\n"))
    # Not `typer.echo`, which removes escapes from what goes into a pipe.
    sys.stdout.write(data)


def print_to_stderr(text: str) -> None:
    """Print a message for the user on standard error."""
    typer.echo(text, err=True)


def skipped_symlinks_message(links: int) -> str:
    """Return the message about links, which no command follows."""
    return f"other    {pluralised_count(links, 'link')}, not followed"


def print_error_and_return_exit(text: str, code: ExitCode = ExitCode.USAGE_OR_IO) -> typer.Exit:
    """Print an error in one line and return the exit to raise."""
    print_to_stderr(f"dji-audit: {terminal_safe_text(text)}")
    return typer.Exit(code)


def print_os_error_and_return_exit(path: object, error: OSError) -> typer.Exit:
    """Print why a file or folder could not be used, and return the exit to raise."""
    return print_error_and_return_exit(f"{path}: {os_error_reason(error)}")


def write_new_file_and_print_path(path: Path, text: str) -> None:
    """Write a text into a new file, and print the path of the file.

    Raises:
        typer.Exit: If something of that name is there, or the file cannot be written.
    """
    try:
        # Never over one that is there, nor through a link.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise print_error_and_return_exit(f"{path} exists already; nothing was written") from error
    except OSError as error:
        raise print_os_error_and_return_exit(path, error) from error
    typer.echo(terminal_safe_text(path))


def generation_time_of_option_or_env_or_none(now: str | None) -> dt.datetime | None:
    """Return the time to print in results: ``--now``, else ``SOURCE_DATE_EPOCH``, else none.

    Raises:
        typer.Exit: If it is not a time.
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
        raise print_error_and_return_exit(f"not a time: {now or epoch!r} ({error})") from error
    if time.tzinfo is None:
        raise print_error_and_return_exit(
            f"--now {now} has no time zone; add Z or an offset such as +01:00"
        )
    return time.astimezone(dt.UTC)


def checked_timezone_name(name: str) -> str:
    """Return a time zone's name.

    Raises:
        typer.Exit: If there is no such zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise print_error_and_return_exit(f"no time zone {name!r}") from error
    return name


def paths_with_those_listed_on_stdin(paths: Sequence[Path]) -> list[Path]:
    """Return the paths given, with ``-`` replaced by those on standard input, one per line."""
    expanded: list[Path] = []
    for path in paths:
        if str(path) == "-":
            expanded += [Path(line.rstrip("\r\n")) for line in sys.stdin if line.strip()]
        else:
            expanded.append(path)
    return expanded

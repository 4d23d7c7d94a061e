"""``dji-audit endpoints scan``: the hosts that files name."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from dji_audit.cli._terminal import (
    paths_with_those_listed_on_stdin,
    print_error_and_return_exit,
    print_to_stderr,
    print_to_stdout,
)
from dji_audit.cli._text_table import format_table, terminal_width_or_none
from dji_audit.cli._user_data import load_catalogue_with_endpoint_lists
from dji_audit.common.exit_code import ExitCode
from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.safe_text import spreadsheet_safe_cell, terminal_safe_text
from dji_audit.endpoints import Catalogue, HostOccurrence, scan_file

_COLUMNS = ("file", "member", "offset", "encoding", "host", "text", "operators", "categories")


@dataclass
class _HostOccurrenceAndCount:
    """The first occurrence of a host, and how many there are."""

    path: Path
    occurrence: HostOccurrence
    count: int = 0


def scan_files_for_hosts_command(
    paths: Sequence[Path], overlays: Sequence[str] | None, known_only: bool, format_: str
) -> int:
    """Print the hosts that files name; return the exit code."""
    catalogue = load_catalogue_with_endpoint_lists(overlays)
    unread: list[str] = []
    hosts: dict[str, _HostOccurrenceAndCount] = {}
    count = 0
    if format_ == "csv":
        print_to_stdout(_format_csv_row({name: name for name in _COLUMNS}))
    for path in _files_below(paths_with_those_listed_on_stdin(paths), unread):
        for named in _host_occurrences_in_file(path, unread):
            if known_only and not catalogue.entries_of_host(named.host, low_confidence=True):
                continue
            hosts.setdefault(named.host, _HostOccurrenceAndCount(path, named)).count += 1
            # Rows are printed at once: files may name more hosts than memory holds.
            if format_ == "csv":
                print_to_stdout(_format_csv_row(_occurrence_row(path, named, catalogue)))
            elif format_ == "json":
                print_to_stdout(
                    (",\n" if count else "[\n")
                    + json.dumps(_occurrence_row(path, named, catalogue))
                )
            count += 1
    if format_ == "json":
        print_to_stdout("\n]\n" if count else "[]\n")
    elif format_ == "table":
        typer.echo(_format_host_table(hosts, catalogue))
    for line in unread:
        print_to_stderr(f"unread   {terminal_safe_text(line)}")
    in_catalogue = sum(bool(catalogue.entries_of_host(host, low_confidence=True)) for host in hosts)
    print_to_stderr(
        f"{len(hosts)} hosts, {count} occurrences; {in_catalogue} hosts are in the catalogue "
        f"({terminal_safe_text(catalogue.edition)}). A name in a file is not a contact."
    )
    return ExitCode.INCOMPLETE if unread else ExitCode.DONE


def _files_below(paths: Sequence[Path], unread: list[str]) -> Iterator[Path]:
    """Yield the regular files among and below some paths; links are not followed."""
    for path in paths:
        if path.is_dir():
            yield from (
                each for each in sorted(path.rglob("*")) if each.is_file() and not each.is_symlink()
            )
        elif path.is_file():
            yield path
        elif path.exists():
            unread.append(f"{path}: not a regular file")
        else:
            raise print_error_and_return_exit(f"{path}: no such file or directory")


def _host_occurrences_in_file(path: Path, unread: list[str]) -> Iterator[HostOccurrence]:
    try:
        yield from scan_file(path, lambda reason: unread.append(f"{path}: {reason}"))
    except OSError as error:
        unread.append(f"{path}: {os_error_reason(error)}")


def _occurrence_row(
    path: Path, occurrence: HostOccurrence, catalogue: Catalogue
) -> dict[str, object]:
    rows = catalogue.entries_of_host(occurrence.host, low_confidence=True)
    return {
        "file": str(path),
        "member": occurrence.member,
        "offset": occurrence.offset,
        "encoding": occurrence.encoding,
        "host": occurrence.host,
        "text": occurrence.text,
        "operators": sorted({row.operator for row in rows}),
        "categories": sorted({row.category for row in rows}),
    }


def _format_csv_row(row: Mapping[str, object]) -> str:
    stream = io.StringIO(newline="")
    flat = (" ".join(value) if isinstance(value, list) else value for value in row.values())
    csv.writer(stream, lineterminator="\n").writerow(spreadsheet_safe_cell(value) for value in flat)
    return stream.getvalue()


def _format_host_table(hosts: Mapping[str, _HostOccurrenceAndCount], catalogue: Catalogue) -> str:
    """Return a line for each host, known hosts first, with the first occurrence."""
    lines = []
    for host, occurrences in hosts.items():
        matched, named = (
            catalogue.entries_of_host(host, low_confidence=True),
            occurrences.occurrence,
        )
        operators = ", ".join(sorted({row.operator for row in matched}))
        roles = ", ".join(sorted({row.category for row in matched}))
        where = str(occurrences.path) + (f", {named.member}" if named.member else "")
        first_offset = f"0x{named.offset:x}" + (" (16-bit)" if named.encoding != "utf-8" else "")
        cells = (
            host,
            operators or "-",
            roles or "unknown",
            str(occurrences.count),
            first_offset,
            where,
        )
        lines.append(tuple(terminal_safe_text(text) for text in cells))
    lines.sort(key=lambda line: (line[1] == "-", line[0]))
    head = ("HOST", "OPERATOR", "CATEGORIES", "COUNT", "FIRST AT", "FILE")
    return format_table(
        [head, *lines],
        right_aligned=frozenset({3}),
        width=terminal_width_or_none(),
        shortenable=frozenset({1, 2}),
    )

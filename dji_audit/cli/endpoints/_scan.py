"""``dji-audit endpoints scan``: the hosts that files name."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from dji_audit.cli._table import columns, width_of_terminal
from dji_audit.cli._terminal import fail, paths_from, plain, say, tell
from dji_audit.cli.endpoints._lists import catalogue_with
from dji_audit.endpoints import Catalogue, Named, scan
from dji_audit.report.documents import cell

PARTIAL = 4
_COLUMNS = ("file", "member", "offset", "encoding", "host", "text", "operators", "categories")


@dataclass
class _Told:
    """The first place at which a host is named, and how many there are."""

    path: Path
    named: Named
    places: int = 0


def scan_command(
    paths: Sequence[Path], overlays: Sequence[str] | None, only_known: bool, format_: str
) -> int:
    """Print the hosts that files name; return the exit code."""
    known = catalogue_with(overlays)
    unread: list[str] = []
    hosts: dict[str, _Told] = {}
    places = 0
    if format_ == "csv":
        tell(_csv_row({name: name for name in _COLUMNS}))
    for path in _files(paths_from(paths), unread):
        for named in _scanned(path, unread):
            if only_known and not known.match(named.host, low_confidence=True):
                continue
            hosts.setdefault(named.host, _Told(path, named)).places += 1
            # Places go out as they are found: files may name more than memory holds.
            if format_ == "csv":
                tell(_csv_row(_plain(path, named, known)))
            elif format_ == "json":
                tell((",\n" if places else "[\n") + json.dumps(_plain(path, named, known)))
            places += 1
    if format_ == "json":
        tell("\n]\n" if places else "[]\n")
    elif format_ == "table":
        typer.echo(_table(hosts, known))
    for line in unread:
        say(f"unread   {plain(line)}")
    met = sum(bool(known.match(host, low_confidence=True)) for host in hosts)
    say(
        f"{len(hosts)} hosts at {places} places, {met} of them in the catalogue "
        f"({plain(known.edition)}). A name in a file is no contact."
    )
    return PARTIAL if unread else 0


def _files(paths: Sequence[Path], unread: list[str]) -> Iterator[Path]:
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
            raise fail(f"{path}: no such file or directory")


def _scanned(path: Path, unread: list[str]) -> Iterator[Named]:
    try:
        yield from scan(path, lambda reason: unread.append(f"{path}: {reason}"))
    except OSError as error:
        unread.append(f"{path}: {(error.strerror or str(error)).lower()}")


def _plain(path: Path, named: Named, known: Catalogue) -> dict[str, object]:
    rows = known.match(named.host, low_confidence=True)
    return {
        "file": str(path),
        "member": named.member,
        "offset": named.offset,
        "encoding": named.encoding,
        "host": named.host,
        "text": named.text,
        "operators": sorted({row.operator for row in rows}),
        "categories": sorted({row.category for row in rows}),
    }


def _csv_row(place: Mapping[str, object]) -> str:
    stream = io.StringIO(newline="")
    flat = (" ".join(value) if isinstance(value, list) else value for value in place.values())
    csv.writer(stream, lineterminator="\n").writerow(cell(value) for value in flat)
    return stream.getvalue()


def _table(hosts: Mapping[str, _Told], known: Catalogue) -> str:
    """Return a line for each host: known ones first, with the first place it stands at."""
    lines = []
    for host, told in hosts.items():
        matched, named = known.match(host, low_confidence=True), told.named
        whose = ", ".join(sorted({row.operator for row in matched}))
        roles = ", ".join(sorted({row.category for row in matched}))
        where = str(told.path) + (f", {named.member}" if named.member else "")
        at = f"0x{named.offset:x}" + (" (16-bit)" if named.encoding != "utf-8" else "")
        cells = (host, whose or "-", roles or "unknown", str(told.places), at, where)
        lines.append(tuple(plain(text) for text in cells))
    lines.sort(key=lambda line: (line[1] == "-", line[0]))
    head = ("HOST", "OPERATOR", "CATEGORIES", "PLACES", "FIRST AT", "FILE")
    return columns(
        [head, *lines], right=frozenset({3}), width=width_of_terminal(), cut=frozenset({1, 2})
    )

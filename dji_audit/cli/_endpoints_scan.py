"""``dji-audit endpoints scan``: the hosts that files name."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from dji_audit.cli._overlays import catalogue_with
from dji_audit.cli._terminal import columns, fail, paths_from, plain, say, tell
from dji_audit.compliance.endpoints import Catalogue, Named, scan
from dji_audit.report.documents import cell

PARTIAL = 4
_COLUMNS = ("file", "member", "offset", "encoding", "host", "text", "operators", "categories")


def scan_command(
    paths: Sequence[Path], overlays: Sequence[str] | None, only_known: bool, format_: str
) -> int:
    """Print the hosts that files name; return the exit code."""
    known = catalogue_with(overlays)
    unread: list[str] = []
    rows = [
        (path, named)
        for path in _files(paths_from(paths), unread)
        for named in _scanned(path, unread)
        if not only_known or known.match(named.host, low_confidence=True)
    ]
    if format_ == "table":
        typer.echo(_table(rows, known))
    else:
        places = [_plain(path, named, known) for path, named in rows]
        tell(json.dumps(places, indent=1) + "\n" if format_ == "json" else _csv(places))
    for line in unread:
        say(f"unread   {plain(line)}")
    hosts = {named.host for _, named in rows}
    met = sum(bool(known.match(host, low_confidence=True)) for host in hosts)
    say(
        f"{len(hosts)} hosts at {len(rows)} places, {met} of them in the catalogue "
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


def _csv(places: Sequence[dict[str, object]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for place in places:
        flat = {
            name: " ".join(value) if isinstance(value, list) else value
            for name, value in place.items()
        }
        writer.writerow({name: cell(value) for name, value in flat.items()})
    return stream.getvalue()


def _table(rows: Sequence[tuple[Path, Named]], known: Catalogue) -> str:
    """Return a line for each host: known ones first, with the first place it stands at."""
    first: dict[str, tuple[Path, Named]] = {}
    count: dict[str, int] = {}
    for path, named in rows:
        first.setdefault(named.host, (path, named))
        count[named.host] = count.get(named.host, 0) + 1
    head = ("HOST", "OPERATOR", "CATEGORIES", "PLACES", "FIRST AT", "FILE")
    lines = []
    for host, (path, named) in first.items():
        matched = known.match(host, low_confidence=True)
        whose = ", ".join(sorted({row.operator for row in matched}))
        roles = ", ".join(sorted({row.category for row in matched}))
        where = str(path) + (f", {named.member}" if named.member else "")
        at = f"0x{named.offset:x}" + (" (16-bit)" if named.encoding != "utf-8" else "")
        lines.append(
            (
                plain(host),
                plain(whose or "-"),
                roles or "unknown",
                str(count[host]),
                at,
                plain(where),
            )
        )
    lines.sort(key=lambda line: (line[1] == "-", line[0]))
    return columns([head, *lines], right=frozenset({3}))

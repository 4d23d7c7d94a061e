"""Files of endpoints that a user brings: CSV, TOML or STIX 2.1.

CSV has the columns of the catalogue; ``indicator``, ``operator`` and ``source``
must be filled, what else is left out takes its default.  TOML has the same keys
in ``[[endpoint]]`` tables, and may state its ``edition`` in ``[catalogue]``.  Of a
STIX bundle the indicators are read whose pattern compares domain names,
addresses or URLs for equality; what else it holds is counted and left out.
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dji_audit.endpoints._names import normalise
from dji_audit.endpoints._row import COLUMNS, CatalogueError, Endpoint, Row, checked
from dji_audit.endpoints._stix import read_stix

#: What a file of endpoints may have: a hundred times what ships.
_LARGEST = 32 << 20


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says: rows, and names that must never match."""

    name: str
    #: As the file states it; empty: it does not.
    edition: str
    sha256: str
    rows: tuple[Endpoint, ...]
    negative: frozenset[str]
    #: Parts of the file that are no endpoints, such as STIX objects of another kind.
    left_out: int = 0


def read_layer(path: Path) -> Layer:
    """Return what a file of endpoints says.

    Raises:
        CatalogueError: If it cannot be read or says something not known.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise CatalogueError(f"{path}: more than {_LARGEST >> 20} MB, so no list of endpoints")
        data = path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return parse_layer(data, path.name)


def parse_layer(data: bytes, name: str) -> Layer:
    """Return what the bytes of a file of endpoints say.

    Raises:
        CatalogueError: If they cannot be read or say something not known.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{name}: not UTF-8 text, at byte {error.start}") from error
    edition, rows, left_out = "", list[Row](), 0
    if text.lstrip().startswith("{"):
        edition, found, left_out = read_stix(text, name)
        rows = [checked(values, where) for where, values in found]
    elif name.lower().endswith(".toml"):
        edition, rows = _toml(text, name)
    else:
        rows = [checked(values, where) for where, values in _csv(text, name)]
    if not rows:
        raise CatalogueError(f"{name}: holds no endpoint")
    silenced = (normalise(row.indicator) for row in rows if row.match == "never")
    return Layer(
        name,
        edition,
        hashlib.sha256(data).hexdigest(),
        tuple(row.endpoint() for row in rows if row.match != "never"),
        frozenset(host for host in silenced if host is not None),
        left_out,
    )


def _csv(text: str, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = {"indicator", "source"} - set(reader.fieldnames or ())
        if missing:
            raise CatalogueError(f"{name}: no column {' and '.join(sorted(missing))}")
        for row in reader:
            where = f"{name}, line {reader.line_num}"
            if None in row or None in row.values():
                raise CatalogueError(f"{where}: not as many cells as columns")
            # An empty cell is a column that is left out.
            yield where, {column: cell for column, cell in row.items() if cell.strip()}
    except csv.Error as error:
        raise CatalogueError(f"{name}, line {reader.line_num}: {error}") from error


def _toml(text: str, name: str) -> tuple[str, list[Row]]:
    try:
        document: Mapping[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: not TOML: {error}") from error
    head, rows = document.get("catalogue", {}), document.get("endpoint", [])
    if unknown := set(document) - {"catalogue", "endpoint"}:
        raise CatalogueError(f"{name}: no such table: {', '.join(sorted(unknown))}")
    if not isinstance(head, dict) or set(head) - {"edition"}:
        raise CatalogueError(f"{name}: [catalogue] holds an edition and nothing else")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogueError(f"{name}: endpoints stand in [[endpoint]] tables")
    lists = ("paths", "upload_paths")
    texts = (
        {key: " ".join(map(str, value)) if key in lists and isinstance(value, list) else value
         for key, value in row.items()}
        for row in rows
    )  # fmt: skip
    return str(head.get("edition", "")), [
        checked(row, f"{name}, endpoint {number}") for number, row in enumerate(texts, 1)
    ]


def dump_csv(rows: Sequence[Endpoint], negative: frozenset[str] = frozenset()) -> str:
    """Return rows as CSV that ``parse_layer`` reads back."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.plain() for row in rows)
    for name in sorted(negative):
        writer.writerow({"indicator": name, "match": "never", "source": "imported"})
    return stream.getvalue()

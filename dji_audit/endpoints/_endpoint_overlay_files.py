"""Endpoint files that a user supplies as overlays: CSV, TOML or STIX 2.1.

CSV has the columns of the catalogue; ``indicator``, ``operator`` and ``source``
are required, other columns have defaults.  TOML has the same keys
in ``[[endpoint]]`` tables, and may state its ``edition`` in ``[catalogue]``.  From a
STIX bundle, the indicators are read whose pattern compares domain names,
addresses or URLs for equality; other objects are counted and skipped.
"""

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dji_audit.common.plain_english import pluralised_count
from dji_audit.common.supplied_tables import read_supplied_bytes
from dji_audit.endpoints import _catalogue_entry as endpoint_rows
from dji_audit.endpoints._catalogue_entry import CatalogueError
from dji_audit.endpoints._dump_and_load_stix import parse_stix_bundle_edition_rows_and_skip_count
from dji_audit.endpoints._normalise_host_names import normalise_host

#: The largest endpoint file: a hundred times the size of the shipped catalogue.
_MAX_OVERLAY_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class EndpointOverlay:
    """The contents of one file: rows, and names that must never match."""

    name: str
    #: As the file states it; empty where it states none.
    edition: str
    sha256: str
    rows: tuple[endpoint_rows.CatalogueEntry, ...]
    never_match: frozenset[str]
    #: The number of items that are not endpoints, such as STIX objects of another kind.
    skipped: int = 0
    #: Position and fault of each row of a bundle that was left out, because others publish bundles
    #: for many programs.  A table of the unit's own is refused instead.
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name and edition, and how many of its rows were left out."""
        count = len(self.left_out)
        lacking = f"({pluralised_count(count, 'row')} left out)" if count else ""
        return " ".join(filter(None, (self.name, self.edition, lacking)))


def read_overlay(path: Path) -> EndpointOverlay:
    """Return the contents of an endpoint file.

    Raises:
        CatalogueError: If it cannot be read or holds an unknown value.
    """
    data = read_supplied_bytes(path, "an endpoint file", _MAX_OVERLAY_BYTES, CatalogueError)
    return parse_overlay(data, path.name)


def parse_overlay(data: bytes, name: str) -> EndpointOverlay:
    """Return the contents of an endpoint file from its bytes.

    Raises:
        CatalogueError: If the bytes cannot be read or hold an unknown value.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{name}: not UTF-8 text at byte {error.start}") from error
    edition, rows, skipped = "", list[endpoint_rows.CatalogueCsvRow](), 0
    left_out: list[str] = []
    if text.lstrip().startswith("{"):
        edition, stix_rows, skipped = parse_stix_bundle_edition_rows_and_skip_count(text, name)
        for position, values in stix_rows:
            try:
                rows.append(endpoint_rows.parse_endpoint_row(values, position))
            except CatalogueError as error:
                left_out.append(str(error))
    elif name.lower().endswith(".toml"):
        edition, rows = _toml_edition_and_rows(text, name)
    else:
        rows = [
            endpoint_rows.parse_endpoint_row(values, position)
            for position, values in _csv_row_positions_and_values(text, name)
        ]
    if not rows:
        raise CatalogueError(left_out[0] if left_out else f"{name}: holds no endpoint")
    never_match = (normalise_host(row.indicator) for row in rows if row.match == "never")
    return EndpointOverlay(
        name,
        edition,
        hashlib.sha256(data).hexdigest(),
        tuple(row.to_endpoint() for row in rows if row.match != "never"),
        frozenset(host for host in never_match if host is not None),
        skipped,
        tuple(left_out),
    )


def _csv_row_positions_and_values(text: str, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        missing = {"indicator", "source"} - set(reader.fieldnames or ())
        if missing:
            raise CatalogueError(f"{name}: no column {' and '.join(sorted(missing))}")
        for row in reader:
            position = f"{name}, line {reader.line_num}"
            if None in row or None in row.values():
                raise CatalogueError(
                    f"{position}: the number of cells differs from the number of columns"
                )
            # An empty cell is the same as a missing column.
            yield position, {column: cell for column, cell in row.items() if cell.strip()}
    except csv.Error as error:
        raise CatalogueError(f"{name}, line {reader.line_num}: {error}") from error


def _toml_edition_and_rows(text: str, name: str) -> tuple[str, list[endpoint_rows.CatalogueCsvRow]]:
    try:
        document: Mapping[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: not TOML: {error}") from error
    head, rows = document.get("catalogue", {}), document.get("endpoint", [])
    if unknown := set(document) - {"catalogue", "endpoint"}:
        raise CatalogueError(f"{name}: no such table: {', '.join(sorted(unknown))}")
    if not isinstance(head, dict) or set(head) - {"edition"}:
        raise CatalogueError(f"{name}: [catalogue] may hold only an edition")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogueError(f"{name}: endpoints must be [[endpoint]] tables")
    lists = ("paths", "upload_paths")
    texts = (
        {key: " ".join(map(str, value)) if key in lists and isinstance(value, list) else value
         for key, value in row.items()}
        for row in rows
    )  # fmt: skip
    return str(head.get("edition", "")), [
        endpoint_rows.parse_endpoint_row(row, f"{name}, endpoint {number}")
        for number, row in enumerate(texts, 1)
    ]


def dump_endpoints_csv(
    rows: Sequence[endpoint_rows.CatalogueEntry], never_match: frozenset[str] = frozenset()
) -> str:
    """Return rows as CSV that ``parse_overlay`` reads back."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, endpoint_rows.ENDPOINT_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.to_row() for row in rows)
    for name in sorted(never_match):
        writer.writerow({"indicator": name, "match": "never", "source": "imported"})
    return stream.getvalue()

"""The catalogue itself: rows by name, from the file that ships and from overlays."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

from dji_audit.endpoints._names import normalise
from dji_audit.endpoints._read import Layer, read_layer
from dji_audit.endpoints._row import COLUMNS, Endpoint

#: Date of the catalogue that ships; every report names it, with its hash.
EDITION = "2026-11-26"
_FILES = ("endpoints.csv", "endpoints_negative.csv")


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Endpoints by name, with the edition and hash that a report must state."""

    #: The edition that ships, and how many overlays lie over it.
    edition: str
    #: Of everything used, overlays included.
    sha256: str
    rows: tuple[Endpoint, ...]
    negative: frozenset[str]
    #: The overlays used, first to last.
    overlays: tuple[Layer, ...] = ()
    _exact: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict, repr=False)
    _suffix: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict, repr=False)
    _ports: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict, repr=False)
    #: The last two labels of every name that can match: most names end with none of them.
    _ends: frozenset[str] = frozenset()

    def match(self, host: str, *, low_confidence: bool = False) -> tuple[Endpoint, ...]:
        """Return every row for a host, the most specific name first.

        Args:
            host: A host name in any spelling, or an IP address.
            low_confidence: Whether rows that rest on a guess count too.
        """
        name = normalise(host)
        if name is None or _end(name) not in self._ends or name in self.negative:
            return ()
        found = list(self._exact.get(name, ()))
        place = 0
        while True:
            found += self._suffix.get(name[place:], ())
            place = name.find(".", place) + 1
            if not place:
                break
        return tuple(row for row in found if low_confidence or row.confidence != "low")

    def match_port(self, port: int, transport: str = "tcp") -> tuple[Endpoint, ...]:
        """Return what a port usually means, whatever the host; it supports, and never makes."""
        return self._ports.get(f"*:{port}/{transport}", ())


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that ships with dji-audit."""
    texts = _shipped()
    rows = tuple(Endpoint(**{name: row[name] for name in COLUMNS}) for row in _table(texts[0]))
    negative = frozenset(
        name for row in _table(texts[1]) if (name := normalise(row["indicator"])) is not None
    )
    return build(EDITION, hashlib.sha256(b"\0".join(texts)).hexdigest(), rows, negative)


def load_catalogue(overlays: Iterable[Path] = ()) -> Catalogue:
    """Return the catalogue that ships with files of a user's own laid over it.

    A row of a later file takes the place of every earlier one with the same
    indicator, way of matching and category; a row that says ``never`` silences
    a name, and any other row for that very name lets it speak again.

    Raises:
        CatalogueError: If an overlay cannot be read or says something not known.
    """
    layers = tuple(read_layer(path) for path in overlays)
    shipped = catalogue()
    if not layers:
        return shipped
    rows = {_key(row): row for row in shipped.rows}
    negative = set(shipped.negative)
    for layer in layers:
        rows |= {_key(row): row for row in layer.rows}
        negative -= {row.indicator for row in layer.rows}
        negative |= layer.negative
    hashes = "".join((shipped.sha256, *(layer.sha256 for layer in layers)))
    return build(
        f"{EDITION}, with {', '.join(f'{layer.name} {layer.edition}'.strip() for layer in layers)}",
        hashlib.sha256(hashes.encode("ascii")).hexdigest(),
        tuple(rows.values()),
        frozenset(negative),
        layers,
    )


def build(
    edition: str,
    sha256: str,
    rows: Sequence[Endpoint],
    negative: frozenset[str],
    overlays: tuple[Layer, ...] = (),
) -> Catalogue:
    """Return a catalogue of some rows, indexed by name."""
    tables: dict[str, dict[str, tuple[Endpoint, ...]]] = {"exact": {}, "suffix": {}, "port": {}}
    for row in rows:
        name = row.indicator if row.match == "port" else normalise(row.indicator)
        if name is None:
            continue
        table = tables["exact" if row.match == "ip" else row.match]
        table[name] = (*table.get(name, ()), row)
    exact, suffix, ports = tables.values()
    ends = frozenset(map(_end, (*exact, *suffix)))
    return Catalogue(edition, sha256, tuple(rows), negative, overlays, exact, suffix, ports, ends)


def _key(row: Endpoint) -> tuple[str, str, str]:
    return row.indicator, row.match, row.category


def _end(name: str) -> str:
    """Return the last two labels of a name."""
    return name[name.rfind(".", 0, max(0, name.rfind("."))) + 1 :]


def _shipped() -> list[bytes]:
    return [(files("dji_audit") / "data" / name).read_bytes() for name in _FILES]


def _table(text: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(StringIO(text.decode("utf-8"), newline=""))

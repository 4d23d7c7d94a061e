"""The catalogue: endpoints by host name, from the shipped file and from overlays."""

import csv
import hashlib
import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

from dji_audit.endpoints._catalogue_entry import ENDPOINT_COLUMNS, CatalogueEntry
from dji_audit.endpoints._endpoint_overlay_files import EndpointOverlay, read_overlay
from dji_audit.endpoints._hosting_ranges import HOSTING_RANGES_FILE
from dji_audit.endpoints._normalise_host_names import is_ip_address, normalise_host, parse_ip_range

#: Date of the shipped catalogue; every report states it, with its hash.
EDITION = "2026-11-30"
_FILES = ("endpoints.csv", "endpoints_negative.csv", HOSTING_RANGES_FILE)


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Endpoints by host name, with the edition and hash that a report must state."""

    #: The shipped edition, and the overlays on top of it.
    edition: str
    #: SHA-256 of all data used, including overlays.
    sha256: str
    rows: tuple[CatalogueEntry, ...]
    never_match: frozenset[str]
    #: The overlays in use, first to last.
    overlays: tuple[EndpointOverlay, ...] = ()
    _exact: dict[str, tuple[CatalogueEntry, ...]] = field(default_factory=dict, repr=False)
    _suffix: dict[str, tuple[CatalogueEntry, ...]] = field(default_factory=dict, repr=False)
    _ports: dict[str, tuple[CatalogueEntry, ...]] = field(default_factory=dict, repr=False)
    #: Address ranges by version of IP and length of their prefix, then by their first address.
    _ranges: dict[tuple[int, int], dict[int, tuple[CatalogueEntry, ...]]] = field(
        default_factory=dict, repr=False
    )
    #: The last two labels of every name that can match, to reject most names quickly.
    _ends: frozenset[str] = frozenset()

    def entries_of_host(
        self, host: str, *, low_confidence: bool = False
    ) -> tuple[CatalogueEntry, ...]:
        """Return every endpoint of a host, the most specific name first.

        Args:
            host: A host name in any spelling, or an IP address.
            low_confidence: Whether to include endpoints of low confidence.
        """
        name = normalise_host(host)
        if name is None or name in self.never_match:
            return ()
        is_named = _last_two_host_labels(name) in self._ends
        if not is_named and not self._ranges:
            return ()
        endpoints = [*self._exact.get(name, ()), *self._entries_of_address_ranges(name)]
        start = 0
        while is_named:
            endpoints += self._suffix.get(name[start:], ())
            start = name.find(".", start) + 1
            if not start:
                break
        return tuple(row for row in endpoints if low_confidence or row.confidence != "low")

    def _entries_of_address_ranges(self, name: str) -> Iterator[CatalogueEntry]:
        """Yield the endpoints whose address range holds an address, the narrowest first."""
        if not self._ranges or not is_ip_address(name):
            return
        address = ipaddress.ip_address(name)
        number, bits = int(address), address.max_prefixlen
        for (version, prefix), ranges in self._ranges.items():
            if version == address.version:
                yield from ranges.get(number >> (bits - prefix) << (bits - prefix), ())

    def match_port(self, port: int, transport: str = "tcp") -> tuple[CatalogueEntry, ...]:
        """Return the usual meaning of a port on any host; a port alone never makes a finding."""
        return self._ports.get(f"*:{port}/{transport}", ())


@cache
def shipped_catalogue() -> Catalogue:
    """Return the catalogue that is part of dji-audit."""
    texts = _shipped_catalogue_file_contents()
    rows = tuple(
        CatalogueEntry(**{name: row[name] for name in ENDPOINT_COLUMNS})
        for row in _csv_rows(texts[0])
    )
    negative = frozenset(
        name
        for row in _csv_rows(texts[1])
        if (name := normalise_host(row["indicator"])) is not None
    )
    return build_catalogue(EDITION, hashlib.sha256(b"\0".join(texts)).hexdigest(), rows, negative)


def load_catalogue(overlays: Iterable[Path] = ()) -> Catalogue:
    """Return the shipped catalogue with the user's own files applied over it.

    A row of a later file replaces every earlier row with the same indicator, kind of
    match and category.  A row with the match ``never`` excludes a name, and a later row for
    the same name includes it again.

    Raises:
        CatalogueError: If an overlay cannot be read or holds an unknown value.
    """
    layers = tuple(read_overlay(path) for path in overlays)
    shipped = shipped_catalogue()
    if not layers:
        return shipped
    rows = {_catalogue_entry_key(row): row for row in shipped.rows}
    negative = set(shipped.never_match)
    for layer in layers:
        rows |= {_catalogue_entry_key(row): row for row in layer.rows}
        negative -= {row.indicator for row in layer.rows}
        negative |= layer.never_match
    hashes = "".join((shipped.sha256, *(layer.sha256 for layer in layers)))
    return build_catalogue(
        f"{EDITION}, with {', '.join(layer.title for layer in layers)}",
        hashlib.sha256(hashes.encode("ascii")).hexdigest(),
        tuple(rows.values()),
        frozenset(negative),
        layers,
    )


def build_catalogue(
    edition: str,
    sha256: str,
    rows: Sequence[CatalogueEntry],
    never_match: frozenset[str],
    overlays: tuple[EndpointOverlay, ...] = (),
) -> Catalogue:
    """Return a catalogue of the given rows, indexed by name."""
    tables: dict[str, dict[str, list[CatalogueEntry]]] = {"exact": {}, "suffix": {}, "port": {}}
    ranges: dict[tuple[int, int], dict[int, list[CatalogueEntry]]] = {}
    for row in rows:
        ip_range = parse_ip_range(row.indicator) if row.match == "ip" else None
        if ip_range is not None:
            of_length = ranges.setdefault((ip_range.version, ip_range.prefixlen), {})
            of_length.setdefault(int(ip_range.network_address), []).append(row)
            continue
        name = row.indicator if row.match == "port" else normalise_host(row.indicator)
        if name is None:
            continue
        table = tables["exact" if row.match == "ip" else row.match]
        table.setdefault(name, []).append(row)
    exact, suffix, ports = (
        {name: tuple(named) for name, named in table.items()} for table in tables.values()
    )
    ends = frozenset(map(_last_two_host_labels, (*exact, *suffix)))
    by_prefix = {
        key: {first: tuple(named) for first, named in ranges[key].items()}
        for key in sorted(ranges, key=lambda key: -key[1])
    }
    return Catalogue(
        edition, sha256, tuple(rows), never_match, overlays, exact, suffix, ports, by_prefix, ends
    )


def _catalogue_entry_key(row: CatalogueEntry) -> tuple[str, str, str]:
    return row.indicator, row.match, row.category


def _last_two_host_labels(name: str) -> str:
    """Return the last two labels of a name."""
    return name[name.rfind(".", 0, max(0, name.rfind("."))) + 1 :]


def _shipped_catalogue_file_contents() -> list[bytes]:
    return [(files("dji_audit") / "data" / name).read_bytes() for name in _FILES]


def _csv_rows(text: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(StringIO(text.decode("utf-8"), newline=""))

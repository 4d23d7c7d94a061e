"""The catalogue of endpoints: which host is whose, what it is for, and how that is known.

A name is compared label by label from the right, never as a substring:
``notdji.com`` and ``dji.com.evil.org`` are not ``dji.com``.  A look-alike in
other letters is turned into its ASCII form first and so never matches either.
Names on the negative list never match, whatever else the catalogue says.
"""

import csv
import hashlib
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

import idna

#: Date of the catalogue that ships; every report names it, with its hash.
EDITION = "2026-11-23"
#: The full stop, and the three that UTS 46 holds to be one.
_DOTS = ".\u3002\uff0e\uff61"
_FILES = ("endpoints.csv", "endpoints_negative.csv")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One sourced row: a host, or what ends in it, in one role."""

    indicator: str
    #: ``exact``, ``suffix``, ``ip`` or ``port``.
    match: str
    #: ``vendor``, ``shared_sdk``, ``generic`` or ``vendor_ip_ageing``.
    specificity: str
    category: str
    #: Module of DJI's Local Data Mode that may be exempt from it.
    ldm_exempt_module: str
    operator: str
    operator_country: str
    hosting_hint: str
    used_by: str
    carries: str
    path_hint: str
    port: str
    environment: str
    evidence: str
    confidence: str
    source: str
    notes: str


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Endpoints by name, with the edition and hash that a report must state."""

    edition: str
    sha256: str
    rows: tuple[Endpoint, ...]
    negative: frozenset[str]
    _exact: dict[str, tuple[Endpoint, ...]]
    _suffix: dict[str, tuple[Endpoint, ...]]

    def match(self, host: str, *, low_confidence: bool = False) -> tuple[Endpoint, ...]:
        """Return every row for a host, the most specific name first.

        Args:
            host: A host name in any spelling, or an IP address.
            low_confidence: Whether rows that rest on a guess count too.
        """
        name = normalise(host)
        if name is None or name in self.negative:
            return ()
        found = list(self._exact.get(name, ()))
        if not _is_address(name):
            labels = name.split(".")
            for place in range(len(labels) - 1):
                found += self._suffix.get(".".join(labels[place:]), ())
        return tuple(row for row in found if low_confidence or row.confidence != "low")


def normalise(host: str) -> str | None:
    """Return a host in lower-case ASCII without a trailing dot; ``None`` if it is none.

    Names in other scripts are mapped by UTS 46 and encoded (IDNA 2008).
    """
    name = host.strip().rstrip(_DOTS)
    if not name or len(name) > 1000:
        return None
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    name = name.lower()
    return name if len(name) <= 253 else None


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that ships with dji-audit."""
    texts = [(files("dji_audit") / "data" / name).read_bytes() for name in _FILES]
    digest = hashlib.sha256(b"\0".join(texts)).hexdigest()
    rows = tuple(Endpoint(**row) for row in _table(texts[0]))
    negative = frozenset(
        name for row in _table(texts[1]) if (name := normalise(row["indicator"])) is not None
    )
    return build(EDITION, digest, rows, negative)


def build(
    edition: str, sha256: str, rows: Sequence[Endpoint], negative: frozenset[str]
) -> Catalogue:
    """Return a catalogue of some rows, indexed by name."""
    exact: dict[str, tuple[Endpoint, ...]] = {}
    suffix: dict[str, tuple[Endpoint, ...]] = {}
    for row in rows:
        name = normalise(row.indicator)
        if name is None or row.match == "port":
            continue
        table = suffix if row.match == "suffix" else exact
        table[name] = (*table.get(name, ()), row)
    return Catalogue(edition, sha256, tuple(rows), negative, exact, suffix)


def _table(text: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(StringIO(text.decode("utf-8"), newline=""))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True

"""The catalogue in the host list formats of other tools.

None of these formats can hold everything in the catalogue.  The docstring of each function
states what its format omits, and the command prints it.
"""

import base64
import re
from collections.abc import Iterable

from dji_audit.endpoints._catalogue_entry import CatalogueEntry


def distinct_hosts_and_ranges(rows: Iterable[CatalogueEntry], *matches: str) -> list[str]:
    """Return the distinct indicators with the given kinds of match, sorted."""
    return sorted({row.indicator for row in rows if row.match in matches})


def dump_zeek(rows: Iterable[CatalogueEntry]) -> str:
    """Return an intelligence file for Zeek: exact names, addresses and address ranges only.

    ``Intel::DOMAIN`` compares whole names, so a suffix matches only itself.

    Source: Zeek documentation, Intelligence Framework.
    """
    endpoints = list(rows)
    lines = ["#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc"]
    by_name: dict[str, list[CatalogueEntry]] = {}
    for row in endpoints:
        if row.match != "port":
            by_name.setdefault(row.indicator, []).append(row)
    for name in sorted(by_name):
        roles = ", ".join(sorted({row.category for row in by_name[name]}))
        kind = "Intel::DOMAIN"
        if by_name[name][0].match == "ip":
            kind = "Intel::SUBNET" if "/" in name else "Intel::ADDR"
        # A tab would end the cell, and a hash would begin a comment.
        description = re.sub(r"[\t\r\n#]", " ", f"{by_name[name][0].operator}: {roles}")
        lines.append(f"{name}\t{kind}\tdji-audit\t{description}")
    return "\n".join(lines) + "\n"


def dump_suricata_string_dataset(rows: Iterable[CatalogueEntry]) -> str:
    """Return a dataset of strings for Suricata in Base64: whole names only.

    A rule uses it as ``tls.sni; to_lowercase; dataset:isset,dji,type string,load FILE;``.

    Source: Suricata user guide, Datasets.
    """
    names = distinct_hosts_and_ranges(rows, "exact", "suffix")
    return "".join(base64.b64encode(name.encode("ascii")).decode() + "\n" for name in names)


def dump_pihole_regular_expressions(rows: Iterable[CatalogueEntry]) -> str:
    """Return regular expressions for Pi-hole: exact names, and suffixes with their subdomains.

    Source: Pi-hole documentation, Regular Expressions: POSIX extended, one a line.
    """
    endpoints = list(rows)
    exact = [f"^{re.escape(name)}$" for name in distinct_hosts_and_ranges(endpoints, "exact")]
    below = [
        rf"(\.|^){re.escape(name)}$" for name in distinct_hosts_and_ranges(endpoints, "suffix")
    ]
    # A POSIX bracket needs no escape before a hyphen outside of one.
    return "".join(line.replace(r"\-", "-") + "\n" for line in (*below, *exact))

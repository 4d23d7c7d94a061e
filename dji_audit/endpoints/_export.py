"""The catalogue in the forms in which other tools take lists of hosts.

None of them can say what the catalogue says: what a form leaves out is in its
function's text, and the command repeats it.
"""

import base64
import re
from collections.abc import Iterable

from dji_audit.endpoints._row import Endpoint


def names_of(rows: Iterable[Endpoint], *matches: str) -> list[str]:
    """Return the distinct indicators that match in some ways, sorted."""
    return sorted({row.indicator for row in rows if row.match in matches})


def dump_zeek(rows: Iterable[Endpoint]) -> str:
    """Return an intelligence file of Zeek: exact names and addresses only.

    ``Intel::DOMAIN`` compares whole names, so that a suffix stands for itself alone.

    Source: Zeek documentation, Intelligence Framework.
    """
    kept = list(rows)
    lines = ["#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc"]
    by_name: dict[str, list[Endpoint]] = {}
    for row in kept:
        if row.match != "port":
            by_name.setdefault(row.indicator, []).append(row)
    for name in sorted(by_name):
        roles = ", ".join(sorted({row.category for row in by_name[name]}))
        kind = "Intel::ADDR" if by_name[name][0].match == "ip" else "Intel::DOMAIN"
        # A tab or a hash would end the cell or begin a comment.
        told = re.sub(r"[\t\r\n#]", " ", f"{by_name[name][0].operator}: {roles}")
        lines.append(f"{name}\t{kind}\tdji-audit\t{told}")
    return "\n".join(lines) + "\n"


def dump_suricata(rows: Iterable[Endpoint]) -> str:
    """Return a dataset of strings for Suricata, Base64 as it wants them: whole names only.

    A rule uses it as ``tls.sni; to_lowercase; dataset:isset,dji,type string,load FILE;``.

    Source: Suricata user guide, Datasets.
    """
    names = names_of(rows, "exact", "suffix")
    return "".join(base64.b64encode(name.encode("ascii")).decode() + "\n" for name in names)


def dump_pihole(rows: Iterable[Endpoint]) -> str:
    """Return regular expressions for Pi-hole: exact names, and suffixes with all below them.

    Source: Pi-hole documentation, Regular Expressions: POSIX extended, one a line.
    """
    kept = list(rows)
    exact = [f"^{re.escape(name)}$" for name in names_of(kept, "exact")]
    below = [rf"(\.|^){re.escape(name)}$" for name in names_of(kept, "suffix")]
    # A POSIX bracket needs no escape before a hyphen outside of one.
    return "".join(line.replace(r"\-", "-") + "\n" for line in (*below, *exact))

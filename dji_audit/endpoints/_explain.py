"""What the catalogue knows of one host, and what seeing it does and does not prove."""

from collections.abc import Mapping
from typing import Any

from dji_audit.compliance.findings import CLAIMS
from dji_audit.endpoints._catalogue import Catalogue
from dji_audit.endpoints._names import normalise
from dji_audit.endpoints._row import Endpoint
from dji_audit.endpoints._wording import (
    CATEGORIES,
    LDM_MODULES,
    MATCHES,
    SPECIFICITIES,
    UPLOADS,
)

Plain = dict[str, Any]


def explain(host: str, known: Catalogue) -> Plain:
    """Return what is known of a host: each role with its source, and what a sighting proves.

    Rows that rest on a guess are given and marked: they are off in an audit
    unless a policy switches them on.
    """
    name = normalise(host)
    # What takes data up is what is asked about first; the domain as a whole comes last.
    rows = tuple(
        sorted(
            known.match(host, low_confidence=True),
            key=lambda row: (row.category not in UPLOADS, row.match != "exact", row.category),
        )
    )
    return {
        "host": host,
        "name": name,
        "never": name in known.negative,
        "known": bool(rows),
        "operators": sorted({row.operator for row in rows}),
        "roles": [_role(row) for row in rows],
        "proves": _proves(rows),
        "does_not_prove": _does_not_prove(rows),
        "claims": dict(CLAIMS),
        "catalogue": {"edition": known.edition, "sha256": known.sha256},
    }


def _role(row: Endpoint) -> Plain:
    told: Mapping[str, Mapping[str, str]] = {
        "match": MATCHES,
        "specificity": SPECIFICITIES,
        "category": CATEGORIES,
        "ldm_exempt_module": LDM_MODULES,
    }
    meanings = {
        f"{column}_means": words[value]
        for column, words in told.items()
        if (value := getattr(row, column))
    }
    return {
        **row.plain(),
        **meanings,
        "paths": row.paths.split(),
        "upload_paths": row.upload_paths.split(),
        "on_by_default": row.confidence != "low",
    }


def _proves(rows: tuple[Endpoint, ...]) -> list[str]:
    if not rows:
        return ["That the name was looked up or connected to: who is behind it is not known here."]
    owned = [row for row in rows if row.specificity != "generic"]
    if not owned:
        return ["That a host which many share was looked up or connected to, and no more."]
    lines = [
        "A name in DNS: a device asked for the address of the host.",
        "A name in TLS or QUIC: a device opened a connection to the host.",
    ]
    if any(row.has_paths for row in owned):
        lines.append("A path, where the traffic was decrypted: which of the roles was used.")
    return lines


def _does_not_prove(rows: tuple[Endpoint, ...]) -> list[str]:
    lines = ["That a text in a file which names the host was ever followed by a contact."]
    roles = {row.category for row in rows} - {"vendor_apex"}
    if len(roles) > 1:
        lines.append(
            f"Which of the {len(roles)} roles was used: DNS, TLS and QUIC show the name alone. "
            "It takes the path, from a decrypted capture (HAR, proxy)."
        )
    if roles & UPLOADS:
        lines.append(
            "That data of a flight was sent: a name is a contact. Bytes sent after the flight "
            "make it a probable upload, an upload path or a proof on disk a confirmed one."
        )
    if any(row.specificity == "shared_sdk" for row in rows):
        lines.append("Which app was talking: the service is built into many, not only flight apps.")
    if any(row.match == "ip" for row in rows):
        lines.append("Whose the address is today: addresses change hands.")
    if rows and not any(row.jurisdiction for row in rows):
        lines.append("Where the data went: no source states where the host stands.")
    if not rows:
        lines.append("That the host is harmless: the catalogue holds what a source named.")
    return lines

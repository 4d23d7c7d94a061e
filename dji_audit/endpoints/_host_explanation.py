"""What the catalogue knows about one host, and what a contact with it does and does not prove."""

from collections.abc import Mapping
from typing import Any

from dji_audit.endpoints._catalogue import Catalogue
from dji_audit.endpoints._catalogue_entry import CatalogueEntry
from dji_audit.endpoints._catalogue_vocabulary import (
    CATEGORIES,
    CLAIMS,
    LDM_MODULES,
    MATCH_KINDS,
    SPECIFICITIES,
    UPLOAD_CATEGORIES,
)
from dji_audit.endpoints._hosting_ranges import hosting_range_of_ip_address
from dji_audit.endpoints._normalise_host_names import normalise_host

JsonObject = dict[str, Any]


def explain_host(host: str, catalogue: Catalogue) -> JsonObject:
    """Return what is known about a host: each role with its source, and what a contact proves.

    Rows of low confidence are included and marked; an audit does not use them unless a
    policy enables them.
    """
    name = normalise_host(host)
    hosting = hosting_range_of_ip_address(name) if name is not None else None
    # Upload roles first, whole domains last.
    rows = tuple(
        sorted(
            catalogue.entries_of_host(host, low_confidence=True),
            key=lambda row: (
                row.category not in UPLOAD_CATEGORIES,
                row.match != "exact",
                row.category,
            ),
        )
    )
    return {
        "host": host,
        "name": name,
        "never": name in catalogue.never_match,
        "known": bool(rows),
        "operators": sorted({row.operator for row in rows}),
        "hosting": hosting.address_owner_text if hosting is not None else "",
        "roles": [_catalogue_row_as_json_with_meanings(row) for row in rows],
        "proves": _what_contact_proves(rows),
        "does_not_prove": _what_contact_does_not_prove(rows),
        "claims": dict(CLAIMS),
        "catalogue": {"edition": catalogue.edition, "sha256": catalogue.sha256},
    }


def _catalogue_row_as_json_with_meanings(row: CatalogueEntry) -> JsonObject:
    vocabularies: Mapping[str, Mapping[str, str]] = {
        "match": MATCH_KINDS,
        "specificity": SPECIFICITIES,
        "category": CATEGORIES,
        "ldm_exempt_module": LDM_MODULES,
    }
    meanings = {
        f"{column}_means": words[value]
        for column, words in vocabularies.items()
        if (value := getattr(row, column))
    }
    return {
        **row.to_row(),
        **meanings,
        "paths": row.paths.split(),
        "upload_paths": row.upload_paths.split(),
        "on_by_default": row.confidence != "low",
    }


def _what_contact_proves(rows: tuple[CatalogueEntry, ...]) -> list[str]:
    if not rows:
        return [
            "That the name was looked up or connected to. The catalogue does not know its operator."
        ]
    owned = [row for row in rows if row.specificity != "generic"]
    if not owned:
        return ["That a host with many users was looked up or connected to, and no more."]
    lines = [
        "A name in DNS: a device asked for the address of the host.",
        "A name in TLS or QUIC: a device opened a connection to the host.",
    ]
    if any(row.has_paths for row in owned):
        lines.append("A path, where the traffic was decrypted: which of the roles was used.")
    return lines


def _what_contact_does_not_prove(rows: tuple[CatalogueEntry, ...]) -> list[str]:
    lines = ["That a host name in a file was ever followed by a contact."]
    roles = {row.category for row in rows} - {"vendor_apex"}
    if len(roles) > 1:
        lines.append(
            f"Which of the {len(roles)} roles was used: DNS, TLS and QUIC show only the name. "
            "The path is needed, from a decrypted capture (HAR, proxy)."
        )
    if roles & UPLOAD_CATEGORIES:
        lines.append(
            "That data of a flight was sent: a name shows a contact only. Bytes sent after the "
            "flight make it a probable upload; an upload path or a proof on disk a confirmed one."
        )
    if any(row.specificity == "shared_sdk" for row in rows):
        lines.append(
            "Which app made the contact: the service is built into many apps, not only flight apps."
        )
    if any(row.match == "ip" for row in rows):
        lines.append("Who holds the address today: addresses change hands.")
    if rows and not any(row.jurisdiction for row in rows):
        lines.append("Where the data went: no source states the location of the host.")
    if not rows:
        lines.append(
            "That the host is harmless: the catalogue lists only hosts that a source names."
        )
    return lines

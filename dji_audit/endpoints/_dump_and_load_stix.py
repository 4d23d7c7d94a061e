"""STIX 2.1: the catalogue as indicators, and indicators as rows.

The pattern of an exact name is ``[domain-name:value = 'x']``; a suffix adds
``LIKE '%.x'``.  All other columns are in a property extension, so that an exported row
is read back completely.  An indicator is not an accusation: its type is ``attribution``,
or ``unknown`` for hosts with many users.

Source: STIX Version 2.1, OASIS Standard, sections 4.7, 7.3 and 9.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from dji_audit.endpoints._catalogue_entry import CatalogueEntry, CatalogueError

#: Ids are derived from their contents, so the same catalogue gives the same bundle.
_SPACE = uuid.UUID("5b0c3f0e-6d0f-5d0a-9f0a-6a1b0c0e9d11")
_AUTHOR = f"identity--{uuid.uuid5(_SPACE, 'dji-audit')}"
_EXTENSION = f"extension-definition--{uuid.uuid5(_SPACE, 'endpoint')}"
_COMPARED = re.compile(
    r"(?P<object>domain-name|ipv4-addr|ipv6-addr|url):value\s*(?P<how>=|LIKE)\s*"
    r"'(?P<value>(?:[^'\\]|\\.)*)'"
)
_MATCH = {"domain-name": "exact", "url": "exact", "ipv4-addr": "ip", "ipv6-addr": "ip"}


def dump_stix(rows: Iterable[CatalogueEntry], edition: dt.date) -> str:
    """Return a bundle of rows; rows that match a port have no pattern and are left out."""
    when = f"{edition.isoformat()}T00:00:00.000Z"
    common = {"spec_version": "2.1", "created": when, "modified": when}
    author = {
        "type": "identity", "id": _AUTHOR, **common, "name": "dji-audit",
        "identity_class": "system",
    }  # fmt: skip
    extension = {
        "type": "extension-definition", "id": _EXTENSION, **common, "created_by_ref": _AUTHOR,
        "name": "Row of a catalogue of endpoints",
        "description": "What a host is for, how that is known, and from where.",
        "schema": "The columns of the catalogue of dji-audit; every value is a text.",
        "version": "1.0.0", "extension_types": ["property-extension"],
    }  # fmt: skip
    indicators = [
        {
            "type": "indicator",
            "id": f"indicator--{uuid.uuid5(_SPACE, ' '.join((r.indicator, r.match, r.category)))}",
            **common,
            "created_by_ref": _AUTHOR,
            "name": f"{r.operator}: {r.category} ({r.indicator})",
            "description": f"{r.notes or r.carries or r.category}. Source: {r.source}",
            "indicator_types": ["unknown" if r.specificity == "generic" else "attribution"],
            "pattern": _stix_pattern(r),
            "pattern_type": "stix",
            "valid_from": when,
            "extensions": {
                _EXTENSION: {
                    "extension_type": "property-extension",
                    **r.to_row(),
                }
            },
        }
        for r in rows
        if r.match != "port"
    ]
    objects = [author, extension, *indicators]
    digest = uuid.uuid5(_SPACE, json.dumps(objects, sort_keys=True))
    bundle = {"type": "bundle", "id": f"bundle--{digest}", "objects": objects}
    return json.dumps(bundle, indent=1, sort_keys=True) + "\n"


def parse_stix_bundle_edition_rows_and_skip_count(
    text: str, name: str
) -> tuple[str, list[tuple[str, dict[str, str]]], int]:
    """Return the edition of a bundle, its rows with their positions, and the number skipped.

    Raises:
        CatalogueError: If it is not a STIX 2 bundle.
    """
    try:
        bundle: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{name}: not JSON, so not a STIX bundle") from error
    objects = bundle.get("objects") if bundle.get("type") == "bundle" else None
    if not isinstance(objects, list):
        raise CatalogueError(f"{name}: JSON, but not a STIX bundle")
    objects = [each for each in objects if isinstance(each, dict)]
    names = {each.get("id"): str(each.get("name", "")) for each in objects}
    rows, skipped, latest = list[tuple[str, dict[str, str]]](), 0, ""
    for each in objects:
        if each.get("type") != "indicator":
            skipped += each.get("type") not in ("identity", "extension-definition")
            continue
        indicator_rows = list(
            _rows_of_indicator(each, names.get(each.get("created_by_ref"), ""), name)
        )
        skipped += not indicator_rows
        position = f"{name}, {str(each.get('id'))[:60]}"
        rows += [(position, row) for row in indicator_rows]
        latest = max(latest, str(each.get("modified", "")))
    return latest[:10], rows, skipped


def _rows_of_indicator(
    indicator: dict[str, Any], author: str, file: str
) -> Iterator[dict[str, str]]:
    """Yield the rows of one indicator."""
    extensions = indicator.get("extensions")
    own = extensions.get(_EXTENSION) if isinstance(extensions, dict) else None
    if isinstance(own, dict):
        yield {key: str(value) for key, value in own.items() if key != "extension_type" and value}
        return
    pattern = str(indicator.get("pattern", ""))
    # Alternatives can be read one by one; a conjunction cannot.
    if indicator.get("pattern_type", "stix") != "stix" or re.search(
        r"\b(?:AND|NOT|FOLLOWEDBY|WITHIN)\b", pattern
    ):
        return
    rest = {
        "operator": (author or str(indicator.get("name", "")) or "not stated")[:200],
        "source": f"{file}, {indicator.get('id', 'no id')}",
        "notes": str(indicator.get("description") or indicator.get("name") or "")[:500],
    }
    names = list(_COMPARED.finditer(pattern))
    below = {part["value"].removeprefix("%.") for part in names if part["how"] == "LIKE"}
    for part in names:
        value = re.sub(r"\\(.)", r"\1", part["value"])
        match = _MATCH[part["object"]]
        if part["how"] == "LIKE":
            if not value.startswith("%.") or match != "exact":
                continue
            value, match = value[2:], "suffix"
        elif value in below:
            continue
        path = ""
        if part["object"] == "url":
            _, _, value = value.rpartition("://")
            value, slash, path = value.partition("/")
            value, path = value.partition(":")[0], (slash + path).partition("?")[0].rstrip("/")
        row = {"indicator": value, "match": match, **({"paths": path} if path else {}), **rest}
        # Addresses change hands.
        yield {**row, "specificity": "vendor_ip_ageing"} if match == "ip" else row


def _stix_pattern(row: CatalogueEntry) -> str:
    if row.match == "ip":
        kind = "ipv6-addr" if ":" in row.indicator else "ipv4-addr"
        return f"[{kind}:value = '{row.indicator}']"
    name = f"domain-name:value = '{row.indicator}'"
    if row.match == "suffix":
        name += f" OR domain-name:value LIKE '%.{row.indicator}'"
    return f"[{name}]"

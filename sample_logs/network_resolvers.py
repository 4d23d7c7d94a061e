"""Write the story as the logs of Pi-hole, AdGuard Home and BIND, and as pfSense's filter log.

From the descriptions of the formats; no reader is imported.  What is true is ``network_story``.
"""

import base64
import ipaddress
import json
import struct
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sample_logs.network_story import CONVERSATIONS, DEVICE, LOOKUPS, Conversation, Lookup
from sample_logs.sqlite_pages import database, leaf_page
from sample_logs.story import Story

PIHOLE, ADGUARD, FILTER = "pihole-FTL.db", "querylog.json.1", "filter.log"
BIND = "query.log"
_SUMMER = timezone(timedelta(hours=1))
_QUERY_SQL = (
    "CREATE TABLE query_storage (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp INTEGER NOT NULL, "
    "type INTEGER NOT NULL, status INTEGER NOT NULL, domain INTEGER NOT NULL, "
    "client INTEGER NOT NULL, forward INTEGER, additional_info INTEGER, reply_type INTEGER, "
    "reply_time REAL, dnssec INTEGER, list_id INTEGER, ede INTEGER)"
)
_DOMAIN_SQL = "CREATE TABLE domain_by_id (id INTEGER PRIMARY KEY, domain TEXT NOT NULL)"
_CLIENT_SQL = "CREATE TABLE client_by_id (id INTEGER PRIMARY KEY, ip TEXT NOT NULL, name TEXT)"


def write_network_resolvers(folder: Path, story: Story) -> dict[str, Any]:
    """Write the database, the query log and the filter log."""
    (folder / PIHOLE).write_bytes(pihole_database())
    text = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in map(query, LOOKUPS))
    (folder / ADGUARD).write_text(text, newline="\n")
    (folder / BIND).write_text("".join(map(bind_query, LOOKUPS)), newline="\n")
    (folder / FILTER).write_text("".join(map(filtered, CONVERSATIONS)), newline="\n")
    return {}


def pihole_database() -> bytes:
    """Return a database of every look-up: forwarded and answered in 30 ms, or blocked by a list."""
    schema = [
        ("table", "query_storage", "query_storage", 2, _QUERY_SQL),
        ("table", "domain_by_id", "domain_by_id", 3, _DOMAIN_SQL),
        ("table", "client_by_id", "client_by_id", 4, _CLIENT_SQL),
    ]
    queries = [
        (None, lookup.begin_ms // 1000, 1, 1, number, 1, None, None, 0, None, 0, 1, None)
        if lookup.address is None
        else (None, lookup.begin_ms // 1000, 1, 2, number, 1, 1, None, 4, 0.03, 0, None, None)
        for number, lookup in enumerate(LOOKUPS, 1)
    ]
    domains = [(None, lookup.host) for lookup in LOOKUPS]
    return database(
        [
            leaf_page(schema, 100),
            leaf_page(queries),
            leaf_page(domains),
            leaf_page([(None, DEVICE, "rc-pro.lan")]),
        ]
    )


def query(lookup: Lookup) -> dict[str, Any]:
    """Return a look-up as AdGuard Home writes it."""
    moment = datetime.fromtimestamp(lookup.begin_ms / 1000, UTC).astimezone(_SUMMER)
    entry: dict[str, Any] = {
        "T": moment.isoformat(timespec="microseconds"), "QH": lookup.host, "QT": "A", "QC": "IN",
        "CP": "",
    }  # fmt: skip
    if lookup.address is None:
        rule = {"Text": "||djiservice.org^", "FilterListID": 1}
        entry |= {"IP": DEVICE, "Result": {"IsFiltered": True, "Reason": 3, "Rules": [rule]}}
        return entry | {"Elapsed": 51_000}
    answer = base64.b64encode(dns_answer(lookup.host, lookup.address)).decode()
    entry |= {"Upstream": "198.51.100.53:53", "Answer": answer, "IP": DEVICE, "Result": {}}
    return entry | {"Elapsed": 30_000_000}


def bind_query(lookup: Lookup) -> str:
    """Return a look-up as BIND writes the question: local time without a zone, and no answer."""
    moment = datetime.fromtimestamp(lookup.begin_ms / 1000, UTC).astimezone(_SUMMER)
    when = f"{moment:%d-%b-%Y %H:%M:%S}.{lookup.begin_ms % 1000:03}"
    client = f"client @0x7f91b800 {DEVICE}#51234 ({lookup.host})"
    return f"{when} queries: info: {client}: query: {lookup.host} IN A + (192.0.2.1)\n"


def dns_answer(host: str, address: str) -> bytes:
    """Return the answer to a question for an address (RFC 1035)."""
    labels = (label.encode() for label in host.split("."))
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    head = struct.pack(">6H", 1, 0x8180, 1, 1, 0, 0)
    record = struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + ipaddress.ip_address(address).packed
    return head + name + struct.pack(">HH", 1, 1) + record


def filtered(talk: Conversation) -> str:
    """Return the first packet of a conversation as pfSense logs it: local time without year."""
    moment = datetime.fromtimestamp(talk.begin_ms / 1000, UTC).astimezone(_SUMMER)
    action = "pass" if talk.answered else "block"
    number = {"tcp": 6, "udp": 17}[talk.transport]
    values = [
        "71",
        "",
        "",
        "1000000103",
        "em1",
        "match",
        action,
        "in",
        "4",
        "0x0",
        "",
        "64",
        "5120",
    ]
    values += ["0", "DF", str(number), talk.transport, "60", DEVICE, talk.address, "40112"]
    values += [str(talk.port), "0"]
    if talk.transport == "tcp":
        values += ["S", "1770422191", "", "64240", "", "mss;nop;wscale"]
    return f"{moment:%b %d %H:%M:%S} gate filterlog[417]: {','.join(values)}\n"

"""Write what a Zeek sensor would have logged of the story: tables, JSON, and a packed one.

From Zeek's documentation of its logs; no reader is imported.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sample_logs.network_story import CONVERSATIONS, DEVICE, LOOKUPS, RESOLVER, Conversation, Lookup
from sample_logs.story import Story

CONN, DNS, SSL = "conn.log", "dns.log", "ssl.09_00_00-10_00_00.log.gz"
_ENDPOINT = (
    ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"),
    ("id.resp_h", "addr"), ("id.resp_p", "port"),
)  # fmt: skip
_CONN = (
    *_ENDPOINT, ("proto", "enum"), ("service", "string"), ("duration", "interval"),
    ("orig_bytes", "count"), ("resp_bytes", "count"), ("conn_state", "string"),
    ("history", "string"),
)  # fmt: skip
_SSL = (
    *_ENDPOINT, ("version", "string"), ("cipher", "string"), ("server_name", "string"),
    ("established", "bool"),
)  # fmt: skip


def write_network_zeek(folder: Path, story: Story) -> dict[str, Any]:
    """Write conn.log as a table, dns.log as JSON and ssl.log packed; ``network_story`` is true."""
    rows = [_conn(number, talk) for number, talk in enumerate(CONVERSATIONS)]
    (folder / CONN).write_text(table("conn", _CONN, rows), newline="\n")
    lines = [_dns(number, lookup) for number, lookup in enumerate(LOOKUPS)]
    (folder / DNS).write_text("".join(lines), newline="\n")
    shown = [
        _ssl(number, talk) for number, talk in enumerate(CONVERSATIONS) if talk.protocol == "tls"
    ]
    # Stored, not squeezed: how well it is squeezed differs from one zlib to the next, and the
    # tenth byte names the system that packed it.
    packed = gzip.compress(table("ssl", _SSL, shown).encode(), 0, mtime=0)
    (folder / SSL).write_bytes(packed[:9] + b"\xff" + packed[10:])
    return {}


def table(path: str, fields: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> str:
    """Return a log in the form of tables."""
    lines = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{path}",
        "#open\t2026-05-14-09-00-00",
        "\t".join(["#fields", *(name for name, _ in fields)]),
        "\t".join(["#types", *(kind for _, kind in fields)]),
        *("\t".join(row) for row in rows),
        "#close\t2026-05-14-10-00-00",
    ]
    return "\n".join(lines) + "\n"


def seconds(ms: int) -> str:
    """Return an instant as Zeek writes it."""
    return f"{ms // 1000}.{ms % 1000:03d}000"


def _endpoint(number: int, talk: Conversation) -> list[str]:
    return [
        seconds(talk.begin_ms), f"CSynth{number:04d}", DEVICE, str(50_000 + number), talk.address,
        str(talk.port),
    ]  # fmt: skip


def _conn(number: int, talk: Conversation) -> list[str]:
    service = {"tls": "ssl", "http": "http", "quic": "quic"}.get(talk.protocol, "-")
    state = ["SF", "ShADadFf"] if talk.answered else ["REJ", "Sr"]
    duration = f"{talk.seconds:.6f}"
    return [
        *_endpoint(number, talk), talk.transport, service, duration, str(talk.up), str(talk.down),
        *state,
    ]  # fmt: skip


def _ssl(number: int, talk: Conversation) -> list[str]:
    return [
        *_endpoint(number, talk), "TLSv13", "TLS_AES_128_GCM_SHA256", talk.host or "-", "T",
    ]  # fmt: skip


def _dns(number: int, lookup: Lookup) -> str:
    row: dict[str, Any] = {
        "ts": lookup.begin_ms / 1000,
        "uid": f"CSynthD{number:03d}",
        "id.orig_h": DEVICE,
        "id.orig_p": 40_000 + number,
        "id.resp_h": RESOLVER,
        "id.resp_p": 53,
        "proto": "udp",
        "query": lookup.host,
        "qtype_name": "A",
        "rcode_name": "NOERROR" if lookup.address else "NXDOMAIN",
        "rejected": False,
    }
    if lookup.address:
        row |= {"rtt": 0.018, "answers": [lookup.address], "TTLs": [60.0]}
    return json.dumps(row, separators=(",", ":")) + "\n"

"""What each kind of Zeek log tells of contacts."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ..._model import HostReference
from .._blind_spots import count_blind_spots
from .._contacts import ContactRows, is_sinkhole, parse_host, parse_ip, split_host_port
from .._text._record_columns import RecordColumns
from .._times import add_seconds, parse_epochs

#: States of a connection that the other side never took up (Zeek's documentation of conn.log).
_UNANSWERED = frozenset({"S0", "REJ", "SH", "RSTOS0"})
_REFUSED = frozenset({"NXDOMAIN", "REFUSED", "SERVFAIL", "FORMERR", "NOTIMP"})
_MOST_MENTIONS = 100_000


@dataclass(eq=False)
class ZeekContacts:
    """What the records told so far."""

    contacts: ContactRows
    blind_spots: Counter[str]
    flows: int = 0
    unnamed: int = 0
    #: Host -> where it is first named in a certificate.
    host_references: dict[str, HostReference] = field(default_factory=dict)

    def add_records(self, path: str, rows: RecordColumns) -> None:
        """Take down what records of one kind tell."""
        taker = CONTACT_READERS.get(path)
        if taker is not None:
            taker(self, rows)
        elif "id.resp_h" in rows.columns:
            _session(self, rows, path)


def _common(rows: RecordColumns, path: str) -> dict[str, Any]:
    """Return what every record of a conversation says."""
    return {
        "time": parse_epochs(rows.values("ts")),
        "device": [parse_ip(text) for text in rows.texts("id.orig_h")],
        "address": [parse_ip(text) for text in rows.texts("id.resp_h")],
        "port": rows.counts("id.resp_p"),
        "evidence": f"{path} id.resp_h",
        "grade": "measured",
    }


def _session(seen: ZeekContacts, rows: RecordColumns, path: str) -> None:
    seen.contacts.add(rows.offsets, **_common(rows, path) | {"protocol": path})
    if path == "tunnel":
        seen.blind_spots["tunnel"] += len(rows)


def _conn(seen: ZeekContacts, rows: RecordColumns) -> None:
    told = _common(rows, "conn")
    transports, ports = rows.texts("proto"), told["port"]
    services = rows.texts("service")
    seen.contacts.add(
        rows.offsets,
        **told
        | {
            "end": add_seconds(told["time"], rows.numbers("duration")),
            # The "ports" of ICMP are its type and code.
            "port": [
                None if transport == "icmp" else port
                for transport, port in zip(transports, ports, strict=True)
            ],
            "protocol": [
                service or transport
                for service, transport in zip(services, transports, strict=True)
            ],
            "bytes_up": rows.counts("orig_bytes"),
            "bytes_down": rows.counts("resp_bytes"),
            "grade": [
                "attempted" if state in _UNANSWERED else "measured"
                for state in rows.texts("conn_state")
            ],
        },
    )
    # A connection has no name here; other logs of the same sensor may name it.
    seen.flows += len(rows)
    seen.unnamed += len(rows)
    count_blind_spots(seen.blind_spots, [None] * len(rows), ports, transports)


def _dns(seen: ZeekContacts, rows: RecordColumns) -> None:
    """Take down look-ups: a row for each address in the answer, or one if there is none."""
    answers, codes = rows.lists("answers"), rows.texts("rcode_name")
    rejected, queries = rows.values("rejected"), rows.texts("query")
    keep: list[int] = []
    addresses: list[str | None] = []
    grades: list[str] = []
    for row, query in enumerate(queries):
        if query is None:
            continue
        found: list[str | None] = [one for text in answers[row] if (one := parse_ip(text))]
        sunk = is_sinkhole(answers[row])
        lost = codes[row] is None or codes[row] in _REFUSED or _true(rejected[row]) or sunk
        for address in found or [None]:
            keep.append(row)
            addresses.append(address)
            grades.append("attempted" if lost else "measured")
    some = rows.select(keep)
    told = _common(some, "dns")
    seen.contacts.add(
        some.offsets,
        time=told["time"],
        end=add_seconds(told["time"], some.numbers("rtt")),
        device=told["device"],
        host=[parse_host(text)[0] for text in some.texts("query")],
        address=addresses,
        protocol="dns",
        evidence="dns query",
        grade=grades,
    )


def _true(value: Any) -> bool:
    """Return whether a flag is set: T in a table, true in an object."""
    return value is True or value == "T"


def _tls(seen: ZeekContacts, rows: RecordColumns, path: str = "ssl") -> None:
    told = _common(rows, path)
    hosts = [parse_host(text)[0] for text in rows.texts("server_name")]
    spoken = zip(rows.values("established"), rows.texts("version"), strict=True)
    seen.contacts.add(
        rows.offsets,
        **told
        | {
            "host": hosts,
            "protocol": "tls",
            "evidence": f"{path} server_name",
            "grade": [
                "measured" if _true(done) or version else "attempted" for done, version in spoken
            ],
        },
    )
    seen.flows += len(rows)
    seen.unnamed += hosts.count(None)
    count_blind_spots(seen.blind_spots, hosts, told["port"], ["tcp"] * len(rows))


def _quic(seen: ZeekContacts, rows: RecordColumns) -> None:
    told = _common(rows, "quic")
    hosts = [parse_host(text)[0] for text in rows.texts("server_name")]
    # In the history, packets of the server are small letters.
    grades = [
        "measured" if any(letter.islower() for letter in history or "") else "attempted"
        for history in rows.texts("history")
    ]
    more = {"host": hosts, "protocol": "quic", "evidence": "quic server_name", "grade": grades}
    seen.contacts.add(rows.offsets, **told | more)
    seen.flows += len(rows)
    seen.unnamed += hosts.count(None)
    count_blind_spots(seen.blind_spots, hosts, told["port"], ["udp"] * len(rows))


def _http(seen: ZeekContacts, rows: RecordColumns) -> None:
    told = _common(rows, "http")
    named = [split_host_port(text) for text in rows.texts("host")]
    paths = rows.texts("uri")
    for row, uri in enumerate(paths):
        if uri and "://" in uri[:12]:
            named[row], paths[row] = _absolute(uri, named[row])
    pairs = [parse_host(host) for host, _ in named]
    # What a proxy was asked for is not at the proxy's address.
    away = [bool(proxied) or method == "CONNECT" for proxied, method in zip(
        rows.lists("proxied"), rows.texts("method"), strict=True
    )]  # fmt: skip
    seen.contacts.add(
        rows.offsets,
        **told
        | {
            "host": [host for host, _ in pairs],
            "address": [
                other or (None if gone and host else address)
                for (host, other), address, gone in zip(pairs, told["address"], away, strict=True)
            ],
            "port": [
                port or seen_port for (_, port), seen_port in zip(named, told["port"], strict=True)
            ],
            "protocol": "http",
            "path": paths,
            "bytes_up": rows.counts("request_body_len"),
            "bytes_down": rows.counts("response_body_len"),
            "evidence": "http host",
            "grade": [
                "attempted" if code is None else "measured" for code in rows.counts("status_code")
            ],
        },
    )
    seen.flows += len(rows)
    seen.unnamed += sum(host is None for host, _ in pairs)


def _absolute(
    uri: str, named: tuple[str | None, int | None]
) -> tuple[tuple[str | None, int | None], str | None]:
    """Return host, port and path of a URI that a proxy was given whole."""
    try:
        parts = urlsplit(uri)
        found = (parts.hostname or named[0], parts.port or named[1])
    except ValueError:
        return named, uri
    return found, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _x509(seen: ZeekContacts, rows: RecordColumns) -> None:
    """Note the names that certificates were made out to."""
    for row, names in enumerate(rows.lists("san.dns")):
        for text in names:
            host = parse_host(text.removeprefix("*."))[0]
            if (
                host
                and host not in seen.host_references
                and len(seen.host_references) < _MOST_MENTIONS
            ):
                offset = int(rows.offsets[row])
                seen.host_references[host] = HostReference(host, text, "x509 san.dns", offset)


#: Kind of log -> what takes down its records; other kinds tell of a conversation, or of nothing.
CONTACT_READERS: Mapping[str, Callable[[ZeekContacts, RecordColumns], None]] = MappingProxyType(
    {
        "conn": _conn,
        "dns": _dns,
        "ssl": _tls,
        "tls": _tls,
        "quic": _quic,
        "http": _http,
        "x509": _x509,
    }
)

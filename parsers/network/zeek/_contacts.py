"""Contacts from each kind of Zeek log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ..._model import HostReference
from .._protocols._encrypted_dns_and_tunnels import add_encrypted_dns_and_tunnel_flow_counts
from .._shared._contact_rows import (
    ContactRowsAndFlowCounts,
    are_all_answers_sinkhole_addresses,
    normalised_ip_or_none,
    parse_host_or_else_ip,
    split_host_port,
)
from .._text._columnar_records import ColumnarRecords
from .._text._parse_timestamps import add_seconds_to_ns, epoch_seconds_column_to_ns

#: States of a connection that the other side never took up (Zeek's documentation of conn.log).
_UNANSWERED = frozenset({"S0", "REJ", "SH", "RSTOS0"})
_REFUSED = frozenset({"NXDOMAIN", "REFUSED", "SERVFAIL", "FORMERR", "NOTIMP"})
_MAX_HOST_REFERENCES = 100_000


@dataclass(eq=False)
class ZeekContacts(ContactRowsAndFlowCounts):
    """Contacts gathered from the records read so far."""

    #: Host -> where it is first named in a certificate.
    host_references: dict[str, HostReference] = field(default_factory=dict)

    def add_records(self, path: str, rows: ColumnarRecords) -> None:
        """Add the contacts of records of one kind."""
        taker = CONTACT_READERS.get(path)
        if taker is not None:
            taker(self, rows)
        elif "id.resp_h" in rows.columns:
            _add_contacts_of_other_logs(self, rows, path)


def _conversation_columns(rows: ColumnarRecords, path: str) -> dict[str, Any]:
    """Return the columns that every record of a conversation has."""
    return {
        "time": epoch_seconds_column_to_ns(rows.column_values("ts")),
        "device": [normalised_ip_or_none(text) for text in rows.column_as_texts("id.orig_h")],
        "address": [normalised_ip_or_none(text) for text in rows.column_as_texts("id.resp_h")],
        "port": rows.column_as_counts("id.resp_p"),
        "evidence": f"{path} id.resp_h",
        "grade": "measured",
    }


def _add_contacts_of_other_logs(gathered: ZeekContacts, rows: ColumnarRecords, path: str) -> None:
    gathered.contacts.add_rows(
        rows.offsets, **_conversation_columns(rows, path) | {"protocol": path}
    )
    if path == "tunnel":
        gathered.blind_spots["tunnel"] += len(rows)


def _add_connection_contacts(gathered: ZeekContacts, rows: ColumnarRecords) -> None:
    common = _conversation_columns(rows, "conn")
    transports, ports = rows.column_as_texts("proto"), common["port"]
    services = rows.column_as_texts("service")
    gathered.contacts.add_rows(
        rows.offsets,
        **common
        | {
            "end": add_seconds_to_ns(common["time"], rows.column_as_numbers("duration")),
            # The "ports" of ICMP are its type and code.
            "port": [
                None if transport == "icmp" else port
                for transport, port in zip(transports, ports, strict=True)
            ],
            "protocol": [
                service or transport
                for service, transport in zip(services, transports, strict=True)
            ],
            "bytes_up": rows.column_as_counts("orig_bytes"),
            "bytes_down": rows.column_as_counts("resp_bytes"),
            "grade": [
                "attempted" if state in _UNANSWERED else "measured"
                for state in rows.column_as_texts("conn_state")
            ],
        },
    )
    # A connection has no name here; other logs of the same sensor may name it.
    gathered.flows += len(rows)
    gathered.unnamed += len(rows)
    add_encrypted_dns_and_tunnel_flow_counts(
        gathered.blind_spots, [None] * len(rows), ports, transports
    )


def _add_dns_lookup_contacts(gathered: ZeekContacts, rows: ColumnarRecords) -> None:
    """Add look-ups: a row for each address in the answer, or one if there is none."""
    answers, codes = rows.column_as_text_lists("answers"), rows.column_as_texts("rcode_name")
    rejected, queries = rows.column_values("rejected"), rows.column_as_texts("query")
    keep: list[int] = []
    addresses: list[str | None] = []
    grades: list[str] = []
    for row, query in enumerate(queries):
        if query is None:
            continue
        in_answer: list[str | None] = [
            one for text in answers[row] if (one := normalised_ip_or_none(text))
        ]
        sunk = are_all_answers_sinkhole_addresses(answers[row])
        failed = (
            codes[row] is None or codes[row] in _REFUSED or _is_zeek_true(rejected[row]) or sunk
        )
        for address in in_answer or [None]:
            keep.append(row)
            addresses.append(address)
            grades.append("attempted" if failed else "measured")
    lookups = rows.subset_at_indices(keep)
    common = _conversation_columns(lookups, "dns")
    gathered.contacts.add_rows(
        lookups.offsets,
        time=common["time"],
        end=add_seconds_to_ns(common["time"], lookups.column_as_numbers("rtt")),
        device=common["device"],
        host=[parse_host_or_else_ip(text)[0] for text in lookups.column_as_texts("query")],
        address=addresses,
        protocol="dns",
        evidence="dns query",
        grade=grades,
    )


def _is_zeek_true(value: Any) -> bool:
    """Return whether a flag is set: T in a table, true in an object."""
    return value is True or value == "T"


def _add_tls_contacts(gathered: ZeekContacts, rows: ColumnarRecords, path: str = "ssl") -> None:
    common = _conversation_columns(rows, path)
    hosts = [parse_host_or_else_ip(text)[0] for text in rows.column_as_texts("server_name")]
    spoken = zip(rows.column_values("established"), rows.column_as_texts("version"), strict=True)
    gathered.contacts.add_rows(
        rows.offsets,
        **common
        | {
            "host": hosts,
            "protocol": "tls",
            "evidence": f"{path} server_name",
            "grade": [
                "measured" if _is_zeek_true(done) or version else "attempted"
                for done, version in spoken
            ],
        },
    )
    gathered.flows += len(rows)
    gathered.unnamed += hosts.count(None)
    add_encrypted_dns_and_tunnel_flow_counts(
        gathered.blind_spots, hosts, common["port"], ["tcp"] * len(rows)
    )


def _add_quic_contacts(gathered: ZeekContacts, rows: ColumnarRecords) -> None:
    common = _conversation_columns(rows, "quic")
    hosts = [parse_host_or_else_ip(text)[0] for text in rows.column_as_texts("server_name")]
    # In the history, packets of the server are small letters.
    grades = [
        "measured" if any(letter.islower() for letter in history or "") else "attempted"
        for history in rows.column_as_texts("history")
    ]
    columns = {"host": hosts, "protocol": "quic", "evidence": "quic server_name", "grade": grades}
    gathered.contacts.add_rows(rows.offsets, **common | columns)
    gathered.flows += len(rows)
    gathered.unnamed += hosts.count(None)
    add_encrypted_dns_and_tunnel_flow_counts(
        gathered.blind_spots, hosts, common["port"], ["udp"] * len(rows)
    )


def _add_http_request_contacts(gathered: ZeekContacts, rows: ColumnarRecords) -> None:
    common = _conversation_columns(rows, "http")
    hosts_and_ports = [split_host_port(text) for text in rows.column_as_texts("host")]
    paths = rows.column_as_texts("uri")
    for row, uri in enumerate(paths):
        if uri and "://" in uri[:12]:
            hosts_and_ports[row], paths[row] = _host_port_and_path(uri, hosts_and_ports[row])
    pairs = [parse_host_or_else_ip(host) for host, _ in hosts_and_ports]
    # The host asked for through a proxy is not at the proxy's address.
    proxied_flags = [bool(proxied) or method == "CONNECT" for proxied, method in zip(
        rows.column_as_text_lists("proxied"), rows.column_as_texts("method"), strict=True
    )]  # fmt: skip
    gathered.contacts.add_rows(
        rows.offsets,
        **common
        | {
            "host": [host for host, _ in pairs],
            "address": [
                other or (None if is_proxied and host else address)
                for (host, other), address, is_proxied in zip(
                    pairs, common["address"], proxied_flags, strict=True
                )
            ],
            "port": [
                port or seen_port
                for (_, port), seen_port in zip(hosts_and_ports, common["port"], strict=True)
            ],
            "protocol": "http",
            "path": paths,
            "bytes_up": rows.column_as_counts("request_body_len"),
            "bytes_down": rows.column_as_counts("response_body_len"),
            "evidence": "http host",
            "grade": [
                "attempted" if code is None else "measured"
                for code in rows.column_as_counts("status_code")
            ],
        },
    )
    gathered.flows += len(rows)
    gathered.unnamed += sum(host is None for host, _ in pairs)


def _host_port_and_path(
    uri: str, host_and_port: tuple[str | None, int | None]
) -> tuple[tuple[str | None, int | None], str | None]:
    """Return host, port and path of a URI that a proxy was given whole."""
    try:
        parts = urlsplit(uri)
        absolute = (parts.hostname or host_and_port[0], parts.port or host_and_port[1])
    except ValueError:
        return host_and_port, uri
    return absolute, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _add_certificate_host_references(gathered: ZeekContacts, rows: ColumnarRecords) -> None:
    """Note the host names in certificates."""
    for row, names in enumerate(rows.column_as_text_lists("san.dns")):
        for text in names:
            host = parse_host_or_else_ip(text.removeprefix("*."))[0]
            if (
                host
                and host not in gathered.host_references
                and len(gathered.host_references) < _MAX_HOST_REFERENCES
            ):
                offset = int(rows.offsets[row])
                gathered.host_references[host] = HostReference(host, text, "x509 san.dns", offset)


#: Kind of log -> what adds its contacts; other kinds show a conversation, or nothing.
CONTACT_READERS: Mapping[str, Callable[[ZeekContacts, ColumnarRecords], None]] = MappingProxyType(
    {
        "conn": _add_connection_contacts,
        "dns": _add_dns_lookup_contacts,
        "ssl": _add_tls_contacts,
        "tls": _add_tls_contacts,
        "quic": _add_quic_contacts,
        "http": _add_http_request_contacts,
        "x509": _add_certificate_host_references,
    }
)

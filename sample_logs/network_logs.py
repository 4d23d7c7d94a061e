"""Write what other observers would have logged of the story: a sensor, a resolver, a proxy, …

From the descriptions of the formats; no reader is imported.  What is true is ``network_story``.
"""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sample_logs.network_story import (
    APP,
    CONVERSATIONS,
    DEVICE,
    LOOKUPS,
    RESOLVER,
    UID,
    Conversation,
    Lookup,
)
from sample_logs.story import Story

EVE, DNSMASQ, SQUID, COMBINED = "eve.log", "pihole.log", "access.log", "access-combined.log"
PCAPDROID, FIREWALL = "PCAPdroid_14_May_10_00_00.csv", "firewall.csv"
_SUMMER = timezone(timedelta(hours=1))


def write_network_logs(folder: Path, story: Story) -> dict[str, Any]:
    """Write a log of each observer of lines."""
    for name, text in (
        (EVE, eve()),
        (DNSMASQ, dnsmasq()),
        (SQUID, "".join(map(squid, _web()))),
        (COMBINED, "".join(map(combined, _web()))),
        (PCAPDROID, pcapdroid()),
        (FIREWALL, firewall()),
    ):
        (folder / name).write_text(text, newline="\n")
    return {}


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


# Suricata


def eve() -> str:
    """Return the events of a Suricata sensor: look-ups, handshakes, a request, and every flow."""
    events: list[tuple[int, dict[str, Any]]] = []
    for number, lookup in enumerate(LOOKUPS):
        events += [(lookup.begin_ms + ms, event) for ms, event in _eve_lookup(number, lookup)]
    for number, talk in enumerate(CONVERSATIONS):
        if talk.protocol in ("tls", "quic", "http"):
            events.append((talk.begin_ms + 20, _eve_named(number, talk)))
        events.append((talk.end_ms + 500, _eve_flow(number, talk)))
    events.append(
        (CONVERSATIONS[-1].end_ms + 900, {"event_type": "stats", "stats": {"uptime": 3600}})
    )
    return "".join(
        json.dumps({"timestamp": _eve_time(ms)} | event, separators=(",", ":")) + "\n"
        for ms, event in sorted(events, key=lambda one: one[0])
    )


def _eve_time(ms: int) -> str:
    return _moment(ms).astimezone(_SUMMER).strftime("%Y-%m-%dT%H:%M:%S.%f%z")


def _eve_ends(number: int, talk: Conversation, kind: str) -> dict[str, Any]:
    return {
        "flow_id": 1_000_000 + number,
        "event_type": kind,
        "src_ip": DEVICE,
        "src_port": 50_000 + number,
        "dest_ip": talk.address,
        "dest_port": talk.port,
        "proto": talk.transport.upper(),
    }


def _eve_lookup(number: int, lookup: Lookup) -> list[tuple[int, dict[str, Any]]]:
    ends = {
        "flow_id": 2_000_000 + number,
        "event_type": "dns",
        "src_ip": DEVICE,
        "src_port": 40_000 + number,
        "dest_ip": RESOLVER,
        "dest_port": 53,
        "proto": "UDP",
    }
    asked = {"id": 100 + number, "rrname": lookup.host, "rrtype": "A"}
    answer: dict[str, Any] = {"version": 2, "type": "answer", **asked, "rcode": "NXDOMAIN"}
    if lookup.address:
        record = {"rrname": lookup.host, "rrtype": "A", "ttl": 60, "rdata": lookup.address}
        answer |= {"rcode": "NOERROR", "answers": [record], "grouped": {"A": [lookup.address]}}
    return [
        (0, ends | {"dns": {"version": 2, "type": "query", **asked}}),
        (18, ends | {"dns": answer}),
    ]


def _eve_named(number: int, talk: Conversation) -> dict[str, Any]:
    event = _eve_ends(number, talk, talk.protocol)
    if talk.protocol != "http":
        return event | {talk.protocol: {"sni": talk.host, "version": "TLS 1.3"}}
    http = {
        "hostname": talk.host,
        "url": talk.path,
        "http_method": talk.method,
        "protocol": "HTTP/1.1",
        "status": 200,
        "length": talk.down,
    }
    return event | {"http": http}


def _eve_flow(number: int, talk: Conversation) -> dict[str, Any]:
    apps = {"tls": "tls", "quic": "quic", "http": "http"}
    flow = {
        "pkts_toserver": 4,
        "pkts_toclient": 4 if talk.answered else 1,
        "bytes_toserver": talk.up,
        "bytes_toclient": talk.down,
        "start": _eve_time(talk.begin_ms),
        "end": _eve_time(talk.end_ms),
        "state": "closed",
    }
    event = _eve_ends(number, talk, "flow") | {
        "app_proto": apps.get(talk.protocol, "failed"),
        "flow": flow,
    }
    if talk.transport == "tcp":
        event["tcp"] = {"tcp_flags": "1b", "tcp_flags_tc": "1b" if talk.answered else "14"}
    return event


# dnsmasq, as Pi-hole runs it


def dnsmasq() -> str:
    """Return the resolver's log: local time, neither year nor zone."""
    lines = [(LOOKUPS[0].begin_ms - 60_000, "started, version pi-hole-v2.90 cachesize 10000")]
    for lookup in LOOKUPS:
        at, host = lookup.begin_ms, lookup.host
        lines.append((at, f"query[A] {host} from {DEVICE}"))
        if lookup.address is None:
            lines.append((at, f"gravity blocked {host} is 0.0.0.0"))
            continue
        lines.append((at, f"forwarded {host} to 198.51.100.53"))
        lines.append((at, f"reply {host} is {lookup.address}"))
    return "".join(
        f"{_moment(ms).astimezone(_SUMMER):%b %d %H:%M:%S} dnsmasq[812]: {said}\n"
        for ms, said in lines
    )


# Squid


def _web() -> list[Conversation]:
    return [talk for talk in CONVERSATIONS if talk.protocol in ("tls", "http")]


def _url(talk: Conversation) -> tuple[str, str]:
    """Return the method and URL that a proxy sees: of what is encrypted, the host alone."""
    if talk.protocol == "tls":
        return "CONNECT", f"{talk.host}:{talk.port}"
    return talk.method, f"http://{talk.host}{talk.path}"


def squid(talk: Conversation) -> str:
    """Return a line of Squid's native form."""
    method, url = _url(talk)
    code = "TCP_TUNNEL" if method == "CONNECT" else "TCP_MISS"
    end = f"{talk.end_ms // 1000}.{talk.end_ms % 1000:03d}"
    took = talk.end_ms - talk.begin_ms
    return (
        f"{end} {took:6d} {DEVICE} {code}/200 {talk.down} {method} {url} pilot7 "
        f"HIER_DIRECT/{talk.address} -\n"
    )


def combined(talk: Conversation) -> str:
    """Return a line of the combined form."""
    method, url = _url(talk)
    when = _moment(talk.begin_ms).astimezone(_SUMMER).strftime("%d/%b/%Y:%H:%M:%S %z")
    way = "TCP_TUNNEL" if method == "CONNECT" else "TCP_MISS"
    return (
        f'{DEVICE} - pilot7 [{when}] "{method} {url} HTTP/1.1" 200 {talk.down} "-" '
        f'"okhttp/3.12" {way}:HIER_DIRECT\n'
    )


# PCAPdroid


def pcapdroid() -> str:
    """Return the connections as PCAPdroid exports them; names of apps stand without quotes."""
    names = (
        "IPProto,SrcIP,SrcPort,DstIP,DstPort,UID,App,Proto,Status,Info,BytesSent,BytesRcvd,"
        "PktsSent,PktsRcvd,FirstSeen,LastSeen"
    )
    labels = {"tls": "TLS", "http": "HTTP", "quic": "QUIC", "tcp": ""}
    lines = [
        f"17,{DEVICE},{40_000 + number},{RESOLVER},53,0,Root,DNS,Closed,{lookup.host},40,56,1,1,"
        f"{lookup.begin_ms},{lookup.begin_ms + 18}"
        for number, lookup in enumerate(LOOKUPS)
    ]
    for number, talk in enumerate(CONVERSATIONS):
        status = "Closed" if talk.answered else "Unreachable"
        back = 4 if talk.answered else 0
        lines.append(
            f"{6 if talk.transport == 'tcp' else 17},{DEVICE},{50_000 + number},{talk.address},"
            f"{talk.port},{UID},{APP},{labels[talk.protocol]},{status},{talk.host or ''},{talk.up},"
            f"{talk.down},4,{back},{talk.begin_ms},{talk.end_ms}"
        )
    return "\n".join([names, *lines]) + "\n"


# A firewall


def firewall() -> str:
    """Return the flows as a firewall's table: it knows addresses, and blocks live video."""
    names = "Date/Time;Source IP;Destination IP;Destination Port;Protocol;Action;Bytes Sent;Rule"
    lines = [
        ";".join(
            [
                _moment(talk.begin_ms).astimezone(_SUMMER).isoformat(timespec="milliseconds"),
                DEVICE, talk.address, str(talk.port), talk.transport.upper(),
                "allow" if talk.answered else "deny", str(talk.up), '"LAN; default"',
            ]
        )
        for talk in CONVERSATIONS
    ]  # fmt: skip
    return "\n".join([names, *lines]) + "\n"

"""What each kind of Suricata event tells of contacts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from .._contacts import Contacts, host_and_address, host_and_port, ip
from .._encrypted_dns import blind_spot
from .._text._table import as_count, as_text
from .._times import iso
from ._events import Event, Placed, offsets, part
from ._lookups import Asked, tell_lookups, tell_unanswered

#: Names of conversations that are held at once.
_MOST_HELD = 1_000_000
_SYN = 0x02
#: Kinds that tell of no conversation, or of one that other events tell better.
SILENT = frozenset({"alert", "anomaly", "drop", "stats", "netflow", "fileinfo"})


@dataclass(eq=False)
class Seen:
    """What the events told so far."""

    contacts: Contacts = field(default_factory=Contacts)
    flows: int = 0
    unnamed: int = 0
    handshakes: int = 0
    unnamed_handshakes: int = 0
    blind_spots: Counter[str] = field(default_factory=Counter)
    #: Number of a conversation -> the name that it goes by, and what says so.
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    #: Conversation, number and name of a look-up -> the question.
    asked: Asked = field(default_factory=dict)

    def take(self, kind: str, events: Sequence[Placed]) -> None:
        """Take down events of one kind, in order."""
        taker = TAKERS.get(kind)
        if taker is not None:
            taker(self, events)
        elif kind not in SILENT:
            _other(self, events, kind)

    def close(self) -> None:
        """Take down the look-ups that were left without an answer."""
        tell_unanswered(self.contacts, self.asked)

    def name(self, event: Event, host: str | None, by: str) -> None:
        """Remember the name of a conversation."""
        number = as_count(event.get("flow_id"))
        if host and number is not None and len(self.names) < _MOST_HELD:
            self.names.setdefault(number, (host, by))

    def name_of(self, event: Event) -> tuple[str | None, str]:
        """Return the name of a conversation, if one is known, and what says so."""
        number = as_count(event.get("flow_id"))
        return (None, "") if number is None else self.names.get(number, (None, ""))


def _common(events: Sequence[Placed]) -> dict[str, Any]:
    """Return what every event of a conversation says: the source is who began it."""
    return {
        "time": [iso(as_text(event.get("timestamp"))) for _, event in events],
        "device": [ip(as_text(event.get("src_ip"))) for _, event in events],
        "address": [ip(as_text(event.get("dest_ip"))) for _, event in events],
        "port": [as_count(event.get("dest_port")) for _, event in events],
    }


def _other(seen: Seen, events: Sequence[Placed], kind: str) -> None:
    told = _common(events)
    evidence = f"{kind} dest_ip"
    seen.contacts.add(
        offsets(events), **told, protocol=kind.lower(), evidence=evidence, grade="measured"
    )
    if kind in ("ike", "doh2"):
        seen.blind_spots["vpn" if kind == "ike" else "doh"] += len(events)


def _flow(seen: Seen, events: Sequence[Placed]) -> None:
    told = _common(events)
    flows = [part(event, "flow") for _, event in events]
    known = [seen.name_of(event) for _, event in events]
    transports = [(as_text(event.get("proto")) or "").lower() for _, event in events]
    protocols = [as_text(event.get("app_proto")) for _, event in events]
    begins = [iso(as_text(flow.get("start"))) for flow in flows]
    seen.contacts.add(
        offsets(events),
        **told | {"time": begins} | {"end": [iso(as_text(flow.get("end"))) for flow in flows]},
        host=[host for host, _ in known],
        protocol=[
            app.lower() if app and app != "failed" else transport
            for app, transport in zip(protocols, transports, strict=True)
        ],
        bytes_up=[as_count(flow.get("bytes_toserver")) for flow in flows],
        bytes_down=[as_count(flow.get("bytes_toclient")) for flow in flows],
        evidence=[f"flow, named by {by}" if by else "flow dest_ip" for _, by in known],
        grade=["measured" if _answered(event) else "attempted" for _, event in events],
    )
    seen.flows += len(events)
    seen.unnamed += sum(host is None for host, _ in known)
    for (host, _), port, transport in zip(known, told["port"], transports, strict=True):
        if spot := blind_spot(host, port, transport):
            seen.blind_spots[spot] += 1


def _answered(event: Event) -> bool:
    """Return whether the other side took a conversation up."""
    if as_count(part(event, "flow").get("pkts_toclient")) == 0:
        return False
    flags = part(event, "tcp").get("tcp_flags_tc")
    if not isinstance(flags, str):
        return True
    try:
        # A refusal is one packet back that opens nothing.
        return bool(int(flags, 16) & _SYN)
    except ValueError:
        return True


def _handshake(seen: Seen, events: Sequence[Placed], kind: str) -> None:
    told = _common(events)
    named = [as_text(part(event, kind).get("sni")) for _, event in events]
    hosts = [host_and_address(text)[0] for text in named]
    seen.contacts.add(
        offsets(events), **told, host=hosts, protocol=kind, evidence=f"{kind} sni",
        grade="measured",
    )  # fmt: skip
    seen.handshakes += len(events)
    seen.unnamed_handshakes += hosts.count(None)
    transport = "udp" if kind == "quic" else "tcp"
    for (_, event), host, port in zip(events, hosts, told["port"], strict=True):
        seen.name(event, host, f"{kind} sni")
        if spot := blind_spot(host, port, transport):
            seen.blind_spots[spot] += 1


def _tls(seen: Seen, events: Sequence[Placed]) -> None:
    _handshake(seen, events, "tls")


def _quic(seen: Seen, events: Sequence[Placed]) -> None:
    _handshake(seen, events, "quic")


def _http(seen: Seen, events: Sequence[Placed]) -> None:
    told = _common(events)
    requests = [part(event, "http") for _, event in events]
    named = [host_and_port(as_text(one.get("hostname"))) for one in requests]
    hosts = [host_and_address(host)[0] for host, _ in named]
    seen.contacts.add(
        offsets(events),
        **told,
        host=hosts,
        protocol="http",
        path=[as_text(one.get("url")) for one in requests],
        bytes_down=[as_count(one.get("length")) for one in requests],
        evidence="http hostname",
        grade=["attempted" if one.get("status") is None else "measured" for one in requests],
    )
    seen.handshakes += len(events)
    seen.unnamed_handshakes += hosts.count(None)
    for (_, event), host in zip(events, hosts, strict=True):
        seen.name(event, host, "http hostname")


def _file(seen: Seen, events: Sequence[Placed]) -> None:
    """Take down files that went over HTTP: the source of such an event is who sent the file."""
    some = [(at, event) for at, event in events if part(event, "http").get("hostname")]
    if not some:
        return
    up = [_is_upload(event) for _, event in some]
    sizes = [as_count(part(event, "fileinfo").get("size")) for _, event in some]
    ends = [("dest", "src") if sent else ("src", "dest") for sent in up]
    seen.contacts.add(
        offsets(some),
        time=[iso(as_text(event.get("timestamp"))) for _, event in some],
        device=[
            ip(as_text(event.get(f"{own}_ip")))
            for (_, event), (_, own) in zip(some, ends, strict=True)
        ],
        address=[
            ip(as_text(event.get(f"{far}_ip")))
            for (_, event), (far, _) in zip(some, ends, strict=True)
        ],
        port=[
            as_count(event.get(f"{far}_port"))
            for (_, event), (far, _) in zip(some, ends, strict=True)
        ],
        host=[
            host_and_address(host_and_port(as_text(part(event, "http").get("hostname")))[0])[0]
            for _, event in some
        ],
        protocol="http",
        path=[as_text(part(event, "http").get("url")) for _, event in some],
        bytes_up=[size if sent else None for size, sent in zip(sizes, up, strict=True)],
        bytes_down=[None if sent else size for size, sent in zip(sizes, up, strict=True)],
        evidence="fileinfo size",
        grade="measured",
    )


def _is_upload(event: Event) -> bool:
    """Return whether a file went to the server: the side whose port is the lower one."""
    source, target = as_count(event.get("src_port")), as_count(event.get("dest_port"))
    return (target or 0) < (source or 0)


def _blocked(seen: Seen, events: Sequence[Placed]) -> None:
    """Take down what a rule stopped."""
    some = [
        (at, event)
        for at, event in events
        if event.get("event_type") == "drop" or part(event, "alert").get("action") == "blocked"
    ]
    names = [
        as_text(part(event, "tls").get("sni")) or as_text(part(event, "http").get("hostname"))
        for _, event in some
    ]
    seen.contacts.add(
        offsets(some),
        **_common(some),
        host=[host_and_address(host_and_port(name)[0])[0] for name in names],
        protocol=[(as_text(event.get("proto")) or "").lower() for _, event in some],
        path=[as_text(part(event, "http").get("url")) for _, event in some],
        evidence="blocked by a rule",
        grade="attempted",
    )


#: Kind of event -> what takes it down.
TAKERS: Mapping[str, Callable[[Seen, Sequence[Placed]], None]] = MappingProxyType(
    {
        "alert": _blocked,
        "dns": lambda seen, events: tell_lookups(seen.contacts, seen.asked, events),
        "drop": _blocked,
        "fileinfo": _file,
        "flow": _flow,
        "http": _http,
        "quic": _quic,
        "tls": _tls,
    }
)

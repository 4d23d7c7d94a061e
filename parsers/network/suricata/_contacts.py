"""What each kind of Suricata event tells of contacts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from .._blind_spots import count_blind_spots
from .._contacts import ContactRows, is_sinkhole, parse_host, parse_ip, split_host_port
from .._text._record_columns import Ints, as_count, as_text
from .._times import parse_iso

EveEvent = dict[str, Any]
#: An event and where it lies in the file.
EventAtOffset = tuple[int, EveEvent]
#: Conversation, number and name of a look-up -> the question.
OpenQuestions = dict[tuple[str | None, str | None, str], EventAtOffset]
#: Questions that are held at once; a network has a few thousand.
_MAX_QUESTIONS = 1_000_000
_REFUSED = frozenset({"NXDOMAIN", "REFUSED", "SERVFAIL", "FORMERR", "NOTIMP"})
#: Question, answer, addresses in it, and whether it was lost.
_Answer = tuple[EventAtOffset, EventAtOffset, list[str | None], bool]


def add_lookups(
    contacts: ContactRows, asked: OpenQuestions, events: Sequence[EventAtOffset]
) -> None:
    """Join questions and answers; each look-up is told once for each address in its answer."""
    told: list[_Answer] = []
    for placed in events:
        event = placed[1]
        dns = sub_object(event, "dns")
        name = _asked_name(dns)
        if name is None:
            continue
        number = as_text(dns.get("id")) or as_text(dns.get("tx_id"))
        key = (as_text(event.get("flow_id")), number, name)
        if dns.get("type") in ("query", "request"):
            if len(asked) < _MAX_QUESTIONS:
                asked[key] = placed
            else:
                told.append((placed, placed, [None], True))
            continue
        question = asked.pop(key, placed)
        texts = list(_answers(dns))
        found: list[str | None] = [one for text in texts if (one := parse_ip(text))]
        told.append(
            (
                question,
                placed,
                found or [None],
                is_sinkhole(texts) or as_text(dns.get("rcode")) in _REFUSED,
            )
        )
    _tell(contacts, told)


def _asked_name(dns: EveEvent) -> str | None:
    """Return the name that was asked for; version 3 has a list of questions."""
    queries = dns.get("queries")
    first = queries[0] if isinstance(queries, list) and queries else dns
    return as_text(first.get("rrname")) if isinstance(first, dict) else None


def _answers(dns: EveEvent) -> list[str]:
    """Return the data of an answer's records: of one, of a list, or grouped by their type."""
    found = [as_text(dns.get("rdata"))]
    answers = dns.get("answers")
    if isinstance(answers, list):
        found += [as_text(one.get("rdata")) for one in answers if isinstance(one, dict)]
    for kind in ("A", "AAAA"):
        grouped = sub_object(dns, "grouped").get(kind)
        if isinstance(grouped, list) and not isinstance(answers, list):
            found += [as_text(one) for one in grouped]
    return [text for text in found if text is not None]


def _tell(contacts: ContactRows, told: Sequence[_Answer]) -> None:
    rows = [
        (question, answer, address, lost)
        for question, answer, addresses, lost in told
        for address in addresses
    ]
    questions = [question for question, _, _, _ in rows]
    names = [_asked_name(sub_object(event, "dns")) for _, event in questions]
    contacts.add(
        offsets(questions),
        time=[parse_iso(as_text(event.get("timestamp"))) for _, event in questions],
        end=[parse_iso(as_text(answer[1].get("timestamp"))) for _, answer, _, _ in rows],
        device=[_asker(event) for _, event in questions],
        host=[parse_host(name)[0] for name in names],
        address=[address for _, _, address, _ in rows],
        protocol="dns",
        evidence="dns rrname",
        grade=["attempted" if lost else "measured" for _, _, _, lost in rows],
    )


def _asker(event: EveEvent) -> str | None:
    """Return who asked; some versions turn source and destination of an answer around."""
    answer = event.get("src_port") == 53 and event.get("dest_port") != 53
    return parse_ip(as_text(event.get("dest_ip" if answer else "src_ip")))


def add_unanswered(contacts: ContactRows, asked: OpenQuestions) -> None:
    """Take down the questions that were left without an answer."""
    _tell(contacts, [(placed, placed, [None], True) for placed in asked.values()])
    asked.clear()


def sub_object(event: EveEvent, name: str) -> EveEvent:
    """Return an object in an event; an empty one if it holds none of that name."""
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def offsets(events: Sequence[EventAtOffset]) -> Ints:
    """Return where events lie."""
    return np.array([offset for offset, _ in events], np.int64)


#: Names of conversations that are held at once.
_MAX_NAMES = 1_000_000
_SYN = 0x02
#: Kinds that tell of no conversation, or of one that other events tell better.
NO_CONTACT_EVENTS = frozenset({"alert", "anomaly", "drop", "stats", "netflow", "fileinfo"})


@dataclass(eq=False)
class SuricataContacts:
    """What the events told so far."""

    contacts: ContactRows
    blind_spots: Counter[str]
    flows: int = 0
    unnamed: int = 0
    handshakes: int = 0
    unnamed_handshakes: int = 0
    #: Number of a conversation -> the name that it goes by, and what says so.
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    #: Conversation, number and name of a look-up -> the question.
    asked: OpenQuestions = field(default_factory=dict)

    def add_events(self, kind: str, events: Sequence[EventAtOffset]) -> None:
        """Take down events of one kind, in order."""
        taker = CONTACT_READERS.get(kind)
        if taker is not None:
            taker(self, events)
        elif kind not in NO_CONTACT_EVENTS:
            _other(self, events, kind)

    def close(self) -> None:
        """Take down the look-ups that were left without an answer."""
        add_unanswered(self.contacts, self.asked)

    def name(self, event: EveEvent, host: str | None, by: str) -> None:
        """Remember the name of a conversation."""
        number = as_count(event.get("flow_id"))
        if host and number is not None and len(self.names) < _MAX_NAMES:
            self.names.setdefault(number, (host, by))

    def name_of(self, event: EveEvent) -> tuple[str | None, str]:
        """Return the name of a conversation, if one is known, and what says so."""
        number = as_count(event.get("flow_id"))
        return (None, "") if number is None else self.names.get(number, (None, ""))


def _common(events: Sequence[EventAtOffset]) -> dict[str, Any]:
    """Return what every event of a conversation says: the source is who began it."""
    return {
        "time": [parse_iso(as_text(event.get("timestamp"))) for _, event in events],
        "device": [parse_ip(as_text(event.get("src_ip"))) for _, event in events],
        "address": [parse_ip(as_text(event.get("dest_ip"))) for _, event in events],
        "port": [as_count(event.get("dest_port")) for _, event in events],
    }


def _other(seen: SuricataContacts, events: Sequence[EventAtOffset], kind: str) -> None:
    told = _common(events)
    evidence = f"{kind} dest_ip"
    seen.contacts.add(
        offsets(events), **told, protocol=kind.lower(), evidence=evidence, grade="measured"
    )
    if kind in ("ike", "doh2"):
        seen.blind_spots["vpn" if kind == "ike" else "doh"] += len(events)


def _flow(seen: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    told = _common(events)
    flows = [sub_object(event, "flow") for _, event in events]
    known = [seen.name_of(event) for _, event in events]
    transports = [(as_text(event.get("proto")) or "").lower() for _, event in events]
    protocols = [as_text(event.get("app_proto")) for _, event in events]
    begins = [parse_iso(as_text(flow.get("start"))) for flow in flows]
    seen.contacts.add(
        offsets(events),
        **told
        | {"time": begins}
        | {"end": [parse_iso(as_text(flow.get("end"))) for flow in flows]},
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
    count_blind_spots(seen.blind_spots, (host for host, _ in known), told["port"], transports)


def _answered(event: EveEvent) -> bool:
    """Return whether the other side took a conversation up."""
    if as_count(sub_object(event, "flow").get("pkts_toclient")) == 0:
        return False
    flags = sub_object(event, "tcp").get("tcp_flags_tc")
    if not isinstance(flags, str):
        return True
    try:
        # A refusal is one packet back that opens nothing.
        return bool(int(flags, 16) & _SYN)
    except ValueError:
        return True


def _handshake(seen: SuricataContacts, events: Sequence[EventAtOffset], kind: str) -> None:
    told = _common(events)
    named = [as_text(sub_object(event, kind).get("sni")) for _, event in events]
    hosts = [parse_host(text)[0] for text in named]
    seen.contacts.add(
        offsets(events), **told, host=hosts, protocol=kind, evidence=f"{kind} sni",
        grade="measured",
    )  # fmt: skip
    seen.handshakes += len(events)
    seen.unnamed_handshakes += hosts.count(None)
    transport = "udp" if kind == "quic" else "tcp"
    for (_, event), host in zip(events, hosts, strict=True):
        seen.name(event, host, f"{kind} sni")
    count_blind_spots(seen.blind_spots, hosts, told["port"], [transport] * len(hosts))


def _tls(seen: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    _handshake(seen, events, "tls")


def _quic(seen: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    _handshake(seen, events, "quic")


def _http(seen: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    told = _common(events)
    requests = [sub_object(event, "http") for _, event in events]
    named = [split_host_port(as_text(one.get("hostname"))) for one in requests]
    hosts = [parse_host(host)[0] for host, _ in named]
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


def _file(seen: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    """Take down files that went over HTTP: the source of such an event is who sent the file."""
    some = [(at, event) for at, event in events if sub_object(event, "http").get("hostname")]
    if not some:
        return
    up = [_is_upload(event) for _, event in some]
    sizes = [as_count(sub_object(event, "fileinfo").get("size")) for _, event in some]
    ends = [("dest", "src") if sent else ("src", "dest") for sent in up]
    seen.contacts.add(
        offsets(some),
        time=[parse_iso(as_text(event.get("timestamp"))) for _, event in some],
        device=[
            parse_ip(as_text(event.get(f"{own}_ip")))
            for (_, event), (_, own) in zip(some, ends, strict=True)
        ],
        address=[
            parse_ip(as_text(event.get(f"{far}_ip")))
            for (_, event), (far, _) in zip(some, ends, strict=True)
        ],
        port=[
            as_count(event.get(f"{far}_port"))
            for (_, event), (far, _) in zip(some, ends, strict=True)
        ],
        host=[
            parse_host(split_host_port(as_text(sub_object(event, "http").get("hostname")))[0])[0]
            for _, event in some
        ],
        protocol="http",
        path=[as_text(sub_object(event, "http").get("url")) for _, event in some],
        bytes_up=[size if sent else None for size, sent in zip(sizes, up, strict=True)],
        bytes_down=[None if sent else size for size, sent in zip(sizes, up, strict=True)],
        evidence="fileinfo size",
        grade="measured",
    )


def _is_upload(event: EveEvent) -> bool:
    """Return whether a file went to the server: the side whose port is the lower one."""
    source, target = as_count(event.get("src_port")), as_count(event.get("dest_port"))
    return (target or 0) < (source or 0)


def _blocked(seen: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    """Take down what a rule stopped."""
    some = [
        (at, event)
        for at, event in events
        if event.get("event_type") == "drop"
        or sub_object(event, "alert").get("action") == "blocked"
    ]
    names = [
        as_text(sub_object(event, "tls").get("sni"))
        or as_text(sub_object(event, "http").get("hostname"))
        for _, event in some
    ]
    seen.contacts.add(
        offsets(some),
        **_common(some),
        host=[parse_host(split_host_port(name)[0])[0] for name in names],
        protocol=[(as_text(event.get("proto")) or "").lower() for _, event in some],
        path=[as_text(sub_object(event, "http").get("url")) for _, event in some],
        evidence="blocked by a rule",
        grade="attempted",
    )


#: Kind of event -> what takes it down.
CONTACT_READERS: Mapping[str, Callable[[SuricataContacts, Sequence[EventAtOffset]], None]] = (
    MappingProxyType(
        {
            "alert": _blocked,
            "dns": lambda seen, events: add_lookups(seen.contacts, seen.asked, events),
            "drop": _blocked,
            "fileinfo": _file,
            "flow": _flow,
            "http": _http,
            "quic": _quic,
            "tls": _tls,
        }
    )
)

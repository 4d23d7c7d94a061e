"""Contacts from each kind of Suricata event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from .._protocols._encrypted_dns_and_tunnels import add_encrypted_dns_and_tunnel_flow_counts
from .._shared._contact_rows import (
    ContactRows,
    ContactRowsAndFlowCounts,
    are_all_answers_sinkhole_addresses,
    normalised_ip_or_none,
    parse_host_or_else_ip,
    split_host_port,
)
from .._text._columnar_records import Ints, as_count, non_empty_text_or_none
from .._text._json_lines import nested_json_object_or_empty
from .._text._parse_timestamps import iso_8601_text_to_epoch_ns

EveEvent = dict[str, Any]
#: An event and where it lies in the file.
EventAtOffset = tuple[int, EveEvent]
#: Questions that are held at once; a network has a few thousand.
_MAX_QUESTIONS = 100_000
_REFUSED = frozenset({"NXDOMAIN", "REFUSED", "SERVFAIL", "FORMERR", "NOTIMP"})


class DnsQuestion(NamedTuple):
    """A question for a name: what of its event a contact needs."""

    offset: int
    time: int
    device: str | None
    name: str


#: Conversation, number and name of a look-up -> the question.
OpenQuestions = dict[tuple[str | None, str | None, str], DnsQuestion]
#: The question, its end, addresses in the answer, and whether it was lost.
_Answer = tuple[DnsQuestion, int, list[str | None], bool]


def add_dns_lookup_contacts(
    contacts: ContactRows, open_questions: OpenQuestions, events: Sequence[EventAtOffset]
) -> None:
    """Join questions to answers; add a row for each address in an answer."""
    answered: list[_Answer] = []
    for placed in events:
        event = placed[1]
        dns = nested_json_object_or_empty(event, "dns")
        name = _dns_question_name(dns)
        if name is None:
            continue
        number = non_empty_text_or_none(dns.get("id")) or non_empty_text_or_none(dns.get("tx_id"))
        key = (non_empty_text_or_none(event.get("flow_id")), number, name)
        time = iso_8601_text_to_epoch_ns(non_empty_text_or_none(event.get("timestamp")))
        asked = DnsQuestion(placed[0], time, _device_asking_dns(event), name)
        if dns.get("type") in ("query", "request"):
            if len(open_questions) < _MAX_QUESTIONS:
                open_questions[key] = asked
            else:
                answered.append((asked, time, [None], True))
            continue
        question = open_questions.pop(key, asked)
        texts = list(_answer_data(dns))
        addresses: list[str | None] = [
            address for text in texts if (address := normalised_ip_or_none(text))
        ]
        answered.append(
            (
                question,
                time,
                addresses or [None],
                are_all_answers_sinkhole_addresses(texts)
                or non_empty_text_or_none(dns.get("rcode")) in _REFUSED,
            )
        )
    _add_dns_answer_contacts(contacts, answered)


def _dns_question_name(dns: EveEvent) -> str | None:
    """Return the name that was asked for; version 3 has a list of questions."""
    queries = dns.get("queries")
    first = queries[0] if isinstance(queries, list) and queries else dns
    return non_empty_text_or_none(first.get("rrname")) if isinstance(first, dict) else None


def _answer_data(dns: EveEvent) -> list[str]:
    """Return the data of an answer's records: of one, of a list, or grouped by their type."""
    texts = [non_empty_text_or_none(dns.get("rdata"))]
    answers = dns.get("answers")
    if isinstance(answers, list):
        texts += [
            non_empty_text_or_none(record.get("rdata"))
            for record in answers
            if isinstance(record, dict)
        ]
    for kind in ("A", "AAAA"):
        grouped = nested_json_object_or_empty(dns, "grouped").get(kind)
        if isinstance(grouped, list) and not isinstance(answers, list):
            texts += [non_empty_text_or_none(record) for record in grouped]
    return [text for text in texts if text is not None]


def _add_dns_answer_contacts(contacts: ContactRows, lookups: Sequence[_Answer]) -> None:
    rows = [
        (question, end, address, failed)
        for question, end, addresses, failed in lookups
        for address in addresses
    ]
    contacts.add_rows(
        np.array([question.offset for question, _, _, _ in rows], np.int64),
        time=[question.time for question, _, _, _ in rows],
        end=[end for _, end, _, _ in rows],
        device=[question.device for question, _, _, _ in rows],
        host=[parse_host_or_else_ip(question.name)[0] for question, _, _, _ in rows],
        address=[address for _, _, address, _ in rows],
        protocol="dns",
        evidence="dns rrname",
        grade=["attempted" if failed else "measured" for _, _, _, failed in rows],
    )


def _device_asking_dns(event: EveEvent) -> str | None:
    """Return the device that asked; some versions swap source and destination of an answer."""
    answer = event.get("src_port") == 53 and event.get("dest_port") != 53
    return normalised_ip_or_none(
        non_empty_text_or_none(event.get("dest_ip" if answer else "src_ip"))
    )


def add_unanswered_dns_question_contacts(
    contacts: ContactRows, open_questions: OpenQuestions
) -> None:
    """Add the questions that have no answer."""
    questions = open_questions.values()
    _add_dns_answer_contacts(
        contacts, [(question, question.time, [None], True) for question in questions]
    )
    open_questions.clear()


def offsets_of_events(events: Sequence[EventAtOffset]) -> Ints:
    """Return where events lie."""
    return np.array([offset for offset, _ in events], np.int64)


#: Names of conversations that are held at once.
_MAX_NAMES = 200_000
_SYN = 0x02
#: Kinds that show no conversation, or one that another kind of event shows better.
NO_CONTACT_EVENTS = frozenset({"alert", "anomaly", "drop", "stats", "netflow", "fileinfo"})


@dataclass(eq=False)
class SuricataContacts(ContactRowsAndFlowCounts):
    """Contacts gathered from the events read so far."""

    handshakes: int = 0
    unnamed_handshakes: int = 0
    #: Number of a conversation -> its host name, and the field that gives it.
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    #: Conversation, number and name of a look-up -> the question.
    asked: OpenQuestions = field(default_factory=dict)

    def add_events(self, kind: str, events: Sequence[EventAtOffset]) -> None:
        """Add the events of one kind, in order."""
        taker = CONTACT_READERS.get(kind)
        if taker is not None:
            taker(self, events)
        elif kind not in NO_CONTACT_EVENTS:
            _add_other_protocol_contacts(self, events, kind)

    def add_unanswered_dns_lookups(self) -> None:
        """Add the look-ups that have no answer."""
        add_unanswered_dns_question_contacts(self.contacts, self.asked)

    def remember_flow_host_name(self, event: EveEvent, host: str | None, by: str) -> None:
        """Remember the host name of a conversation."""
        number = as_count(event.get("flow_id"))
        if host and number is not None and len(self.names) < _MAX_NAMES:
            self.names.setdefault(number, (host, by))

    def host_name_and_field(self, event: EveEvent) -> tuple[str | None, str]:
        """Return the host name of a conversation, if known, and the field that gives it."""
        number = as_count(event.get("flow_id"))
        return (None, "") if number is None else self.names.get(number, (None, ""))


def _conversation_columns(events: Sequence[EventAtOffset]) -> dict[str, Any]:
    """Return the columns that every event of a conversation has: the source began it."""
    return {
        "time": [
            iso_8601_text_to_epoch_ns(non_empty_text_or_none(event.get("timestamp")))
            for _, event in events
        ],
        "device": [
            normalised_ip_or_none(non_empty_text_or_none(event.get("src_ip")))
            for _, event in events
        ],
        "address": [
            normalised_ip_or_none(non_empty_text_or_none(event.get("dest_ip")))
            for _, event in events
        ],
        "port": [as_count(event.get("dest_port")) for _, event in events],
    }


def _add_other_protocol_contacts(
    gathered: SuricataContacts, events: Sequence[EventAtOffset], kind: str
) -> None:
    common = _conversation_columns(events)
    evidence = f"{kind} dest_ip"
    gathered.contacts.add_rows(
        offsets_of_events(events),
        **common,
        protocol=kind.lower(),
        evidence=evidence,
        grade="measured",
    )
    if kind in ("ike", "doh2"):
        gathered.blind_spots["vpn" if kind == "ike" else "doh"] += len(events)


def _add_flow_contacts(gathered: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    common = _conversation_columns(events)
    flows = [nested_json_object_or_empty(event, "flow") for _, event in events]
    known = [gathered.host_name_and_field(event) for _, event in events]
    transports = [(non_empty_text_or_none(event.get("proto")) or "").lower() for _, event in events]
    protocols = [non_empty_text_or_none(event.get("app_proto")) for _, event in events]
    begins = [
        iso_8601_text_to_epoch_ns(non_empty_text_or_none(flow.get("start"))) for flow in flows
    ]
    gathered.contacts.add_rows(
        offsets_of_events(events),
        **common
        | {"time": begins}
        | {
            "end": [
                iso_8601_text_to_epoch_ns(non_empty_text_or_none(flow.get("end"))) for flow in flows
            ]
        },
        host=[host for host, _ in known],
        protocol=[
            app.lower() if app and app != "failed" else transport
            for app, transport in zip(protocols, transports, strict=True)
        ],
        bytes_up=[as_count(flow.get("bytes_toserver")) for flow in flows],
        bytes_down=[as_count(flow.get("bytes_toclient")) for flow in flows],
        evidence=[f"flow, named by {by}" if by else "flow dest_ip" for _, by in known],
        grade=["measured" if _is_answered_flow(event) else "attempted" for _, event in events],
    )
    gathered.flows += len(events)
    gathered.unnamed += sum(host is None for host, _ in known)
    add_encrypted_dns_and_tunnel_flow_counts(
        gathered.blind_spots, (host for host, _ in known), common["port"], transports
    )


def _is_answered_flow(event: EveEvent) -> bool:
    """Return whether the other side took a conversation up."""
    if as_count(nested_json_object_or_empty(event, "flow").get("pkts_toclient")) == 0:
        return False
    flags = nested_json_object_or_empty(event, "tcp").get("tcp_flags_tc")
    if not isinstance(flags, str):
        return True
    try:
        # A refusal is one packet back without SYN.
        return bool(int(flags, 16) & _SYN)
    except ValueError:
        return True


def _add_tls_or_quic_handshake_contacts(
    gathered: SuricataContacts, events: Sequence[EventAtOffset], kind: str
) -> None:
    common = _conversation_columns(events)
    server_names = [
        non_empty_text_or_none(nested_json_object_or_empty(event, kind).get("sni"))
        for _, event in events
    ]
    hosts = [parse_host_or_else_ip(text)[0] for text in server_names]
    gathered.contacts.add_rows(
        offsets_of_events(events), **common, host=hosts, protocol=kind, evidence=f"{kind} sni",
        grade="measured",
    )  # fmt: skip
    gathered.handshakes += len(events)
    gathered.unnamed_handshakes += hosts.count(None)
    transport = "udp" if kind == "quic" else "tcp"
    for (_, event), host in zip(events, hosts, strict=True):
        gathered.remember_flow_host_name(event, host, f"{kind} sni")
    add_encrypted_dns_and_tunnel_flow_counts(
        gathered.blind_spots, hosts, common["port"], [transport] * len(hosts)
    )


def _add_tls_contacts(gathered: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    _add_tls_or_quic_handshake_contacts(gathered, events, "tls")


def _add_quic_contacts(gathered: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    _add_tls_or_quic_handshake_contacts(gathered, events, "quic")


def _add_http_request_contacts(gathered: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    common = _conversation_columns(events)
    requests = [nested_json_object_or_empty(event, "http") for _, event in events]
    hosts_and_ports = [
        split_host_port(non_empty_text_or_none(request.get("hostname"))) for request in requests
    ]
    hosts = [parse_host_or_else_ip(host)[0] for host, _ in hosts_and_ports]
    gathered.contacts.add_rows(
        offsets_of_events(events),
        **common,
        host=hosts,
        protocol="http",
        path=[non_empty_text_or_none(request.get("url")) for request in requests],
        bytes_down=[as_count(request.get("length")) for request in requests],
        evidence="http hostname",
        grade=[
            "attempted" if request.get("status") is None else "measured" for request in requests
        ],
    )
    gathered.handshakes += len(events)
    gathered.unnamed_handshakes += hosts.count(None)
    for (_, event), host in zip(events, hosts, strict=True):
        gathered.remember_flow_host_name(event, host, "http hostname")


def _add_http_file_contacts(gathered: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    """Add files sent over HTTP: the source of such an event sent the file."""
    chosen = [
        (offset, event)
        for offset, event in events
        if nested_json_object_or_empty(event, "http").get("hostname")
    ]
    if not chosen:
        return
    up = [_is_upload(event) for _, event in chosen]
    sizes = [
        as_count(nested_json_object_or_empty(event, "fileinfo").get("size")) for _, event in chosen
    ]
    ends = [("dest", "src") if sent else ("src", "dest") for sent in up]
    gathered.contacts.add_rows(
        offsets_of_events(chosen),
        time=[
            iso_8601_text_to_epoch_ns(non_empty_text_or_none(event.get("timestamp")))
            for _, event in chosen
        ],
        device=[
            normalised_ip_or_none(non_empty_text_or_none(event.get(f"{own}_ip")))
            for (_, event), (_, own) in zip(chosen, ends, strict=True)
        ],
        address=[
            normalised_ip_or_none(non_empty_text_or_none(event.get(f"{far}_ip")))
            for (_, event), (far, _) in zip(chosen, ends, strict=True)
        ],
        port=[
            as_count(event.get(f"{far}_port"))
            for (_, event), (far, _) in zip(chosen, ends, strict=True)
        ],
        host=[
            parse_host_or_else_ip(
                split_host_port(
                    non_empty_text_or_none(
                        nested_json_object_or_empty(event, "http").get("hostname")
                    )
                )[0]
            )[0]
            for _, event in chosen
        ],
        protocol="http",
        path=[
            non_empty_text_or_none(nested_json_object_or_empty(event, "http").get("url"))
            for _, event in chosen
        ],
        bytes_up=[size if sent else None for size, sent in zip(sizes, up, strict=True)],
        bytes_down=[None if sent else size for size, sent in zip(sizes, up, strict=True)],
        evidence="fileinfo size",
        grade="measured",
    )


def _is_upload(event: EveEvent) -> bool:
    """Return whether a file went to the server: the side whose port is the lower one."""
    source, target = as_count(event.get("src_port")), as_count(event.get("dest_port"))
    return (target or 0) < (source or 0)


def _add_rule_blocked_contacts(gathered: SuricataContacts, events: Sequence[EventAtOffset]) -> None:
    """Add what a rule blocked."""
    chosen = [
        (offset, event)
        for offset, event in events
        if event.get("event_type") == "drop"
        or nested_json_object_or_empty(event, "alert").get("action") == "blocked"
    ]
    names = [
        non_empty_text_or_none(nested_json_object_or_empty(event, "tls").get("sni"))
        or non_empty_text_or_none(nested_json_object_or_empty(event, "http").get("hostname"))
        for _, event in chosen
    ]
    gathered.contacts.add_rows(
        offsets_of_events(chosen),
        **_conversation_columns(chosen),
        host=[parse_host_or_else_ip(split_host_port(name)[0])[0] for name in names],
        protocol=[
            (non_empty_text_or_none(event.get("proto")) or "").lower() for _, event in chosen
        ],
        path=[
            non_empty_text_or_none(nested_json_object_or_empty(event, "http").get("url"))
            for _, event in chosen
        ],
        evidence="blocked by a rule",
        grade="attempted",
    )


#: Kind of event -> what adds its contacts.
CONTACT_READERS: Mapping[str, Callable[[SuricataContacts, Sequence[EventAtOffset]], None]] = (
    MappingProxyType(
        {
            "alert": _add_rule_blocked_contacts,
            "dns": lambda seen, events: add_dns_lookup_contacts(seen.contacts, seen.asked, events),
            "drop": _add_rule_blocked_contacts,
            "fileinfo": _add_http_file_contacts,
            "flow": _add_flow_contacts,
            "http": _add_http_request_contacts,
            "quic": _add_quic_contacts,
            "tls": _add_tls_contacts,
        }
    )
)

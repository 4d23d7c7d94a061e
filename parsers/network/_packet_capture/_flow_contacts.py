"""The table of contacts: one row a conversation, with the best name that the capture gives it.

A name stands in the conversation itself (TLS, QUIC, HTTP), or in the answer to a DNS
lookup of the same device before it, or in a name resolution block of the file.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from .._shared._contact_rows import normalised_ip_or_none
from ._captured_packets import NO_TIME
from ._conversations import FlowTable, multicast_or_broadcast_address_mask
from ._dns_lookups import DnsLookupsOfCapture
from ._ip_headers import ICMP, ICMP_6, TCP, UDP, format_addresses
from ._payload_inspection import DNS, LLMNR, MDNS, FlowClientHello, HttpExchange, InspectedPayloads

Contact = dict[str, Any]

_DOT, _NTP = 853, 123
#: ICMP types that ask somebody for an answer; others report on other packets.
_ECHO = {ICMP: 8, ICMP_6: 128}
_PROTOCOLS = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMP_6: "icmp", 47: "gre", 50: "esp", 51: "ah",
              132: "sctp"}  # fmt: skip
#: How long a lookup stands for the conversations behind it, nanoseconds.
_REMEMBERED_NS = 3600 * 10**9
#: Later than any time.
_FOREVER = 1 << 63


class FlowHostName(NamedTuple):
    """A host name of a conversation's other end, and the record that gives it."""

    host: str
    evidence: str
    packet: int


@dataclass(eq=False)
class DetailsOfAllFlows:
    """All that is known of the conversations."""

    flows: FlowTable
    payloads: InspectedPayloads
    lookups: DnsLookupsOfCapture

    @cached_property
    def device_addresses(self) -> list[str]:
        """The device's address in each conversation."""
        return format_addresses(self.flows.device_ip_address_of_each_flow)

    @cached_property
    def remote_addresses(self) -> list[str]:
        """The other end's address in each conversation."""
        return format_addresses(self.flows.remote_ip_address_of_each_flow)

    @cached_property
    def contact_flow_flags(self) -> list[bool]:
        """Which conversations are contacts: with one computer, no look-up, no ICMP report."""
        flows = self.flows
        is_contact = ~(
            multicast_or_broadcast_address_mask(flows.remote_ip_address_of_each_flow)
            | multicast_or_broadcast_address_mask(flows.device_ip_address_of_each_flow)
        )
        for protocol, echo in _ECHO.items():
            asks = flows.packets_table.flags[flows.first_packet_of_each_flow] == echo
            is_contact &= (flows.ip_protocol_numbers != protocol) | asks
        for port in (MDNS, LLMNR):
            either = (flows.device_and_remote_ports[0] == port) | (
                flows.device_and_remote_ports[1] == port
            )
            is_contact &= ~((flows.ip_protocol_numbers == UDP) & either)
        is_contact[list(self.lookups.flows)] = False
        chosen: list[bool] = is_contact.tolist()
        return chosen

    @cached_property
    def first_client_hello_by_flow(self) -> dict[int, FlowClientHello]:
        """The first ClientHello of each conversation."""
        return {
            client_hello.flow: client_hello
            for client_hello in reversed(self.payloads.client_hellos)
        }

    @cached_property
    def http_exchanges(self) -> dict[int, list[HttpExchange]]:
        """The requests of each conversation."""
        by_flow: dict[int, list[HttpExchange]] = defaultdict(list)
        for exchange in self.payloads.http_exchanges:
            by_flow[exchange.flow].append(exchange)
        return by_flow

    @cached_property
    def host_names(self) -> list[FlowHostName | None]:
        """The name of each conversation's other end."""
        return [self._host_name_of_flow(flow) for flow in range(len(self.flows))]

    def protocol_of_flow(self, flow: int) -> str:
        """Return the protocol of a conversation, as its first bytes show it, or its port."""
        if flow in self.payloads.protocols:
            return self.payloads.protocols[flow]
        protocol, port = (
            int(self.flows.ip_protocol_numbers[flow]),
            int(self.flows.device_and_remote_ports[1][flow]),
        )
        if (protocol, port) == (UDP, _NTP):
            return "ntp"
        if port == DNS and protocol in (TCP, UDP) and flow in self.lookups.flows:
            return "dns"
        return _PROTOCOLS.get(protocol, f"ip-{protocol}")

    def _host_name_of_flow(self, flow: int) -> FlowHostName | None:
        order = self.flows.order
        greeting = self.first_client_hello_by_flow.get(flow)
        if greeting is not None and greeting.hello.name is not None:
            kind = "tls" if greeting.quic_version is None else "quic"
            return FlowHostName(
                greeting.hello.name, f"{kind}.server_name", int(order[greeting.position])
            )
        for exchange in self.http_exchanges.get(flow, ()):
            if (host_name := _host_name_of_request(self.flows, exchange)) is not None:
                return host_name
        first = int(self.flows.first_packet_of_each_flow[flow])
        lookup = self.lookups.name_and_packet_last_answered_for_address(
            self.device_addresses[flow], self.remote_addresses[flow], first
        )
        if lookup is not None:
            offset = int(self.flows.capture.offsets[lookup[1]])
            return FlowHostName(lookup[0], f"dns.name at byte {offset}", first)
        name = self.flows.capture.host_names.get(self.remote_addresses[flow])
        return FlowHostName(name[0], f"names.name at byte {name[1]}", first) if name else None


def _host_name_of_request(flows: FlowTable, exchange: HttpExchange) -> FlowHostName | None:
    request = exchange.request
    if request.host is None or normalised_ip_or_none(request.host):  # an address is no name
        return None
    field = "host" if request.named_in == "Host" else "target"
    return FlowHostName(request.host, f"http.{field}", int(flows.order[exchange.position]))


def contact_rows(details: DetailsOfAllFlows) -> Iterator[Contact]:
    """Yield a row for each conversation, each further request, each lookup without either."""
    flows = details.flows
    answered, (total_up, total_down) = (
        flows.answered_flow_mask,
        flows.sent_and_received_payload_bytes,
    )
    first, last = flows.first_and_last_times_of_each_flow
    for flow in np.flatnonzero(details.contact_flow_flags).tolist():
        host_name, exchanges = details.host_names[flow], details.http_exchanges.get(flow, [])
        row = {
            "time": _datetime64_or_none(first[flow]),
            "end": _datetime64_or_none(last[flow]),
            "device": details.device_addresses[flow],
            "app": _app_of_flow(flows, flow),
            "host": host_name.host if host_name else None,
            "address": details.remote_addresses[flow],
            "port": _remote_port(flows, flow),
            "protocol": details.protocol_of_flow(flow),
            "bytes_up": int(total_up[flow]),
            "bytes_down": int(total_down[flow]),
            "evidence": host_name.evidence if host_name else "flows.address",
            "grade": "measured" if answered[flow] else "attempted",
            "source_offset": int(
                flows.capture.offsets[
                    host_name.packet if host_name else flows.first_packet_of_each_flow[flow]
                ]
            ),
        }
        if exchanges and flow not in details.first_client_hello_by_flow:
            yield from _http_request_contact_rows(flows, flow, row, exchanges)
        else:
            yield row
    yield from _dns_resolver_contact_rows(details)
    yield from _dns_lookup_contact_rows(details)


def _http_request_contact_rows(
    flows: FlowTable, flow: int, row: Contact, exchanges: Sequence[HttpExchange]
) -> Iterator[Contact]:
    """Yield a row for each request of a conversation, with the bytes up to the next."""
    begin = int(flows.bounds[flow])
    sent = flows.payload_size_without_repeats_of_each_packet
    cuts = [begin, *(exchange.position for exchange in exchanges[1:]), int(flows.bounds[flow + 1])]
    for number, exchange in enumerate(exchanges):
        part = slice(cuts[number], cuts[number + 1])
        host_name = _host_name_of_request(flows, exchange)
        refused = exchange.request.method == "CONNECT" and (exchange.status or 0) >= 300
        yield row | {
            "time": row["time"]
            if not number
            else _datetime64_or_none(flows.packet_times_ns[part.start]),
            "end": _datetime64_or_none(flows.packet_times_ns[part].max()),
            "host": host_name.host if host_name else row["host"],
            "path": exchange.request.path,
            "protocol": exchange.request.protocol,
            "bytes_up": int(sent[part][flows.sent_by_device_mask[part]].sum()),
            "bytes_down": int(sent[part][~flows.sent_by_device_mask[part]].sum()),
            "evidence": host_name.evidence if host_name else row["evidence"],
            "grade": "attempted" if refused else row["grade"],
            "source_offset": int(flows.capture.offsets[flows.order[exchange.position]]),
        }


def _dns_resolver_contact_rows(details: DetailsOfAllFlows) -> Iterator[Contact]:
    """Yield one row for each device and resolver: the lookups themselves are many conversations."""
    flows = details.flows
    pairs: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    plain = {query.flow for query in details.payloads.dns_packets if query.kind == "dns"}
    for flow in sorted(plain):
        key = (
            details.device_addresses[flow],
            details.remote_addresses[flow],
            int(flows.device_and_remote_ports[1][flow]),
        )
        pairs[key].append(flow)
    first, last = flows.first_and_last_times_of_each_flow
    answered, (total_up, total_down) = (
        flows.answered_flow_mask,
        flows.sent_and_received_payload_bytes,
    )
    is_group = multicast_or_broadcast_address_mask(flows.remote_ip_address_of_each_flow)
    for (device, address, port), members in pairs.items():
        if is_group[members[0]]:
            continue
        begun = [int(first[flow]) for flow in members if first[flow] != NO_TIME]
        name = flows.capture.host_names.get(address)
        yield {
            "time": np.datetime64(min(begun), "ns") if begun else None,
            "end": _datetime64_or_none(max(int(last[flow]) for flow in members)),
            "device": device,
            "host": name[0] if name else None,
            "address": address,
            "port": port,
            "protocol": "dns",
            "bytes_up": int(total_up[members].sum()),
            "bytes_down": int(total_down[members].sum()),
            "evidence": f"names.name at byte {name[1]}" if name else "flows.address",
            "grade": "measured" if answered[members].any() else "attempted",
            "source_offset": int(
                flows.capture.offsets[flows.first_packet_of_each_flow[members[0]]]
            ),
        }


def _dns_lookup_contact_rows(details: DetailsOfAllFlows) -> Iterator[Contact]:
    """Yield a row for each lookup that was refused, or that no conversation with its host follows.

    A conversation follows that goes on during the lookup, or begins within the hour after it.
    """
    flows, spoken = details.flows, _flow_starts_and_latest_ends_by_host(details)
    for lookup in details.lookups.rows:
        first, latest = spoken.get((lookup.device, lookup.name), ([], []))
        until = _FOREVER if lookup.last == NO_TIME else lookup.last + _REMEMBERED_NS
        before = bisect_right(first, until)
        if before and latest[before - 1] >= lookup.first and not lookup.is_failed_or_blocked:
            continue
        yield {
            "time": _datetime64_or_none(lookup.first),
            "end": _datetime64_or_none(lookup.last),
            "device": lookup.device,
            "app": flows.capture.app_of(lookup.packet),
            "host": lookup.name,
            "address": next(iter(lookup.addresses), None),
            "protocol": "dns",
            "evidence": f"dns.name, {lookup.outcome}",
            "grade": "measured" if lookup.is_answered else "attempted",
            "source_offset": int(flows.capture.offsets[lookup.packet]),
        }


def _flow_starts_and_latest_ends_by_host(
    details: DetailsOfAllFlows,
) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
    """Return, for device and host, when conversations begin, and the last end of all up to each."""
    spans: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    first, last = details.flows.first_and_last_times_of_each_flow
    for flow in np.flatnonzero(details.contact_flow_flags).tolist():
        hosts = {host_name.host for host_name in [details.host_names[flow]] if host_name}
        hosts |= {
            exchange.request.host
            for exchange in details.http_exchanges.get(flow, ())
            if exchange.request.host
        }
        end = _FOREVER if last[flow] == NO_TIME else int(last[flow])
        for host in hosts:
            spans[details.device_addresses[flow], host].append((int(first[flow]), end))
    return {
        key: (
            [begin for begin, _ in intervals],
            list(accumulate((end for _, end in intervals), max)),
        )
        for key, rows in spans.items()
        for intervals in [sorted(rows)]
    }


def _app_of_flow(flows: FlowTable, flow: int) -> str | None:
    """Return the app of a conversation: that of its first packet that names one."""
    for packet in flows.packet_indexes_of_flow(flow)[:4].tolist():
        if (app := flows.capture.app_of(packet)) is not None:
            return app
    return None


def _remote_port(flows: FlowTable, flow: int) -> int | None:
    if flows.ip_protocol_numbers[flow] not in (TCP, UDP):
        return None
    return int(flows.device_and_remote_ports[1][flow])


def _datetime64_or_none(time: int | np.int64) -> np.datetime64 | None:
    return None if time == NO_TIME else np.datetime64(int(time), "ns")

"""DNS look-ups: the names that a device asked for, the answers, and the names of addresses."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from .._protocols import _dns
from ._captured_packets import NO_TIME
from ._conversations import FlowTable
from ._ip_headers import ip_address_text
from ._payload_inspection import DnsPacket

#: Lookups of one name that follow within this are one.
_SAME_LOOKUP_NS = 30 * 10**9
#: What a filter answers instead of an address.
_SINKS = ("0.", "127.")
_SINKS_6 = ("::", "::1")


@dataclass(slots=True)
class DnsLookup:
    """A device asked for a name, for one or several types at about the same time."""

    device: str
    name: str
    first: int
    last: int
    #: The packet that shows it: the answer, else the question.
    packet: int
    flow: int
    #: Addresses in the answers, each once, in their order.
    addresses: dict[str, None] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)
    #: Whether an answer held something else than an address.
    other_answer: bool = False
    blocked: bool = False

    @property
    def is_answered(self) -> bool:
        """Whether the answer held something usable."""
        return bool(self.addresses) or self.other_answer

    @property
    def is_failed_or_blocked(self) -> bool:
        """Whether the answer was an error, or an address of no computer."""
        return not self.is_answered and (self.blocked or any(self.codes))

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        if self.addresses or self.other_answer:
            return "DNS answer"
        if self.blocked:
            return "DNS answer with an unusable address"
        if codes := sorted(code for code in self.codes if code != _dns.NO_ERROR):
            return f"DNS answer {_dns.response_code_name(codes[0])}"
        return "DNS answer without an address" if self.codes else "DNS query without an answer"


@dataclass(eq=False, slots=True)
class DnsLookupsOfCapture:
    """All lookups, and the names of addresses."""

    rows: list[DnsLookup]
    #: Device and address -> packets of the answers, ascending, and the name asked for in each.
    names: dict[tuple[str, str], tuple[list[int], list[str]]]
    #: Conversations that are lookups and nothing else.
    flows: set[int]

    def name_and_packet_last_answered_for_address(
        self, device: str, address: str, packet: int
    ) -> tuple[str, int] | None:
        """Return the name for which a device last got an address in an answer, and the packet."""
        packets, names = self.names.get((device, address), ([], []))
        index = bisect_right(packets, packet) - 1
        return (names[index], packets[index]) if index >= 0 else None


def collect_dns_lookups(flows: FlowTable, queries: Sequence[DnsPacket]) -> DnsLookupsOfCapture:
    """Return the lookups of devices; those of mDNS and LLMNR are no contact with the outside."""
    lookups = DnsLookupsOfCapture([], {}, {query.flow for query in queries})
    latest: dict[tuple[str, str], DnsLookup] = {}
    for query in queries:
        if query.kind != "dns" or not query.message.questions:
            continue
        # Who asks is the device, also of a resolver that the capture was made at.
        asks = query.from_device != query.message.response
        address = (
            flows.device_ip_address_of_each_flow if asks else flows.remote_ip_address_of_each_flow
        )
        device = ip_address_text(address[query.flow])
        for name, kind in query.message.questions:
            if not name or name.endswith(".arpa"):
                continue
            lookup = _find_or_add_lookup(flows, latest, lookups.rows, device, name, query)
            if query.message.response:
                _add_answer_to_lookup(lookup, query, kind)
        _add_address_names(lookups, device, query)
    return lookups


def _find_or_add_lookup(
    flows: FlowTable,
    latest: dict[tuple[str, str], DnsLookup],
    rows: list[DnsLookup],
    device: str,
    name: str,
    query: DnsPacket,
) -> DnsLookup:
    time = int(flows.capture.times[query.packet])
    lookup = latest.get((device, name))
    timed = time != NO_TIME and lookup is not None and lookup.last != NO_TIME
    if lookup is None or (timed and abs(time - lookup.last) > _SAME_LOOKUP_NS):
        lookup = DnsLookup(device, name, time, time, query.packet, query.flow)
        latest[device, name] = lookup
        rows.append(lookup)
    if time != NO_TIME:
        lookup.last = max(lookup.last, time)
    return lookup


def _add_answer_to_lookup(lookup: DnsLookup, query: DnsPacket, kind: int) -> None:
    message = query.message
    useful = [address for address in message.addresses if not _is_sinkhole(address)]
    if useful and not lookup.addresses:
        lookup.packet = query.packet
    lookup.addresses |= dict.fromkeys(useful)
    lookup.codes.add(message.code)
    lookup.blocked |= bool(message.addresses) and not useful
    if kind not in (_dns.A, _dns.AAAA):
        lookup.other_answer |= any(row.type == kind for row in message.answers)


def _is_sinkhole(address: str) -> bool:
    return address.startswith(_SINKS) or address in _SINKS_6


def _add_address_names(lookups: DnsLookupsOfCapture, device: str, query: DnsPacket) -> None:
    if not query.message.response or not query.message.questions:
        return
    name = query.message.questions[0][0]
    for address in query.message.addresses:
        if name and not _is_sinkhole(address):
            packets, names = lookups.names.setdefault((device, address), ([], []))
            packets.append(query.packet)
            names.append(name)

"""When a capture shows that it was recording: from its packets, of each interface and device.

Only IP packets outside tunnels show anything.  What a link type that is not read, or a tunnel,
carried could not be seen, so its packets are counted and show nothing.  Frames by which
switches and stations keep a link up (LLDP, EAPOL, spanning tree) carry no conversation.  Packets
to everybody (broadcast, multicast) reach every computer of a network: of a device that shows
nothing else, the recording computer need not see what it sends to one computer.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pandas as pd

from ..._model import NetworkRecordingTimes
from .._protocols._encrypted_dns_and_tunnels import encrypted_dns_or_tunnel_kind
from .._shared._times_log_was_recording import (
    BURST_NS,
    RecordTimeBursts,
    burst_code_sets_between_long_silences,
    one_burst_for_each_record,
    recording_times_by_device,
    recording_times_from_record_bursts,
)
from ._captured_packets import (
    NO_TIME,
    BoolArray,
    CapturedPackets,
    IntArray,
    each_value_and_its_row_indexes,
)
from ._conversations import multicast_or_broadcast_address_mask
from ._flow_contacts import DetailsOfAllFlows
from ._ip_headers import TCP, UDP
from ._link_layer import USER_LINK_TYPES
from ._packet_table import ADDRESSING, FOREIGN, INTERNET, OTHER, PacketTable
from ._signs_of_several_networks_in_turn import successive_network_signs

#: IP protocols that carry other packets inside: IP in IP, GRE, IPsec.
TUNNEL_PROTOCOLS = (4, 41, 47, 50, 51)
#: EtherTypes of frames that keep a link up; below 0x0600 the number is a length (IEEE 802.3).
_LINK_CONTROL = (0x8809, 0x888E, 0x88CC, 0x88E1, 0x8899, 0x893A, 0x9000)
_FIRST_ETHERTYPE = 0x0600
#: Link types that are met and not read, as tcpdump.org/linktypes.html names them.
_LINK_TITLES = MappingProxyType(
    {
        9: "PPP", 50: "PPP", 51: "PPPoE", 105: "Wi-Fi", 119: "Wi-Fi", 127: "Wi-Fi", 163: "Wi-Fi",
        187: "Bluetooth", 189: "USB", 192: "PPI", 201: "Bluetooth", 204: "PPP", 220: "USB",
        239: "NFLOG", 249: "USB", 251: "Bluetooth", 256: "Bluetooth", 272: "Bluetooth",
    }
)  # fmt: skip
#: A step back of the clock, and a silence, by which captures of several origins show.
_STEP_BACK_NS, _APART_NS = 3600 * 10**9, 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class CaptureRecordingTimes:
    """What the packets of a capture show of when it recorded."""

    whole: NetworkRecordingTimes
    by_interface: dict[str, NetworkRecordingTimes]
    by_device: dict[str, NetworkRecordingTimes]
    #: What the packets are that were not understood, and how many.
    unread: dict[str, int]
    #: Why the capture seems to be merged from several, sentences.
    merge_signs: tuple[str, ...]
    #: Why it seems to hold several networks one after another, sentences.
    network_changes: tuple[str, ...]


def capture_recording_times(
    capture: CapturedPackets,
    packets: PacketTable,
    details: DetailsOfAllFlows | None,
    carried: BoolArray,
) -> CaptureRecordingTimes:
    """Return when a capture shows that it recorded, and what it could not show.

    Packets that another format reads (``carried``) show no network, and are not unread.
    """
    tunnelled = _tunnel_packet_mask(packets, details)
    read = (packets.kind == INTERNET) & ~tunnelled
    unread = ~read & (packets.kind != ADDRESSING) & ~_link_control_packet_mask(packets) & ~carried
    by_device, device_signs = _device_times_and_signs_of_no_shared_device(details, tunnelled)
    names = _interface_names(capture)
    by_interface = {}
    if len(names) > 1:
        for index, rows in each_value_and_its_row_indexes(capture.interface_indexes):
            by_interface[names[index]] = _intervals_in_which_packets_recorded(
                capture.times[rows], read[rows], unread[rows]
            )
    return CaptureRecordingTimes(
        _intervals_in_which_packets_recorded(capture.times, read, unread),
        by_interface,
        by_device,
        _count_unread_packets_by_kind(capture, packets, unread, tunnelled),
        (
            *_texts_on_clock_stepping_back(capture),
            *_texts_on_several_capture_writers(capture),
            *device_signs,
        ),
        successive_network_signs(capture, packets, details),
    )


def _intervals_in_which_packets_recorded(
    times: IntArray, read: BoolArray, unread: BoolArray
) -> NetworkRecordingTimes:
    timed = times != NO_TIME
    return recording_times_from_record_bursts(
        one_burst_for_each_record(times[read]),
        one_burst_for_each_record(times[unread]),
        int(np.count_nonzero(read & ~timed)),
        int(np.count_nonzero(unread & ~timed)),
    )


def _link_control_packet_mask(packets: PacketTable) -> BoolArray:
    kinds = packets.ethertype
    known = np.isin(kinds, _LINK_CONTROL) | ((kinds < _FIRST_ETHERTYPE) & (kinds > 0))
    return np.asarray((packets.kind == OTHER) & known)


def _tunnel_packet_mask(packets: PacketTable, details: DetailsOfAllFlows | None) -> BoolArray:
    """Return which packets are those of a tunnel, by IP protocol or port."""
    tunnelled: BoolArray = np.isin(packets.protocol, TUNNEL_PROTOCOLS) & (packets.kind == INTERNET)
    if details is not None:
        flows = details.flows
        tunnelled[flows.order[_tunnel_flow_mask(details)[flows.flow_index_of_each_packet]]] = True
    return tunnelled


def _tunnel_flow_mask(details: DetailsOfAllFlows) -> BoolArray:
    flows = details.flows
    is_tunnel = np.isin(flows.ip_protocol_numbers, TUNNEL_PROTOCOLS)
    for number, transport in ((TCP, "tcp"), (UDP, "udp")):
        ports = [
            port
            for port in np.unique(flows.device_and_remote_ports[1]).tolist()
            if encrypted_dns_or_tunnel_kind(None, port, transport) == "vpn"
        ]
        is_tunnel |= (flows.ip_protocol_numbers == number) & np.isin(
            flows.device_and_remote_ports[1], ports
        )
    return np.asarray(is_tunnel)


def _count_unread_packets_by_kind(
    capture: CapturedPackets, packets: PacketTable, unread: BoolArray, tunnelled: BoolArray
) -> dict[str, int]:
    """Return what the packets are that were not understood, and how many."""
    counts: Counter[str] = Counter()
    counts["packets inside a tunnel"] = int(np.count_nonzero(unread & tunnelled))
    foreign = unread & (packets.kind == FOREIGN)
    interfaces = np.bincount(capture.interface_indexes[foreign], minlength=1)
    for index in np.flatnonzero(interfaces).tolist():
        counts[link_type_title(capture.interfaces[index].link_type)] += int(interfaces[index])
    other = unread & (packets.kind == OTHER)
    numbers, totals = np.unique(packets.ethertype[other], return_counts=True)
    for number, total in zip(numbers.tolist(), totals.tolist(), strict=True):
        counts[f"EtherType 0x{number:04x}"] += total
    explained = unread & tunnelled | foreign | other
    counts["IP packets without a whole header"] = int(np.count_nonzero(unread & ~explained))
    return {what: count for what, count in counts.most_common() if count}


def link_type_title(link_type: int) -> str:
    """Return a link type in words: "link type 105 (Wi-Fi)"."""
    title = "user-defined" if link_type in USER_LINK_TYPES else _LINK_TITLES.get(link_type)
    return f"link type {link_type}" + (f" ({title})" if title else "")


def _interface_names(capture: CapturedPackets) -> list[str]:
    """Return a name of each interface; those of one name are told apart by their number."""
    names = [interface.name or "" for interface in capture.interfaces]
    repeated = Counter(names)
    return [
        name if name and repeated[name] == 1 else f"{name or 'interface'} {index}"
        for index, name in enumerate(names)
    ]


def _device_times_and_signs_of_no_shared_device(
    details: DetailsOfAllFlows | None, tunnelled: BoolArray
) -> tuple[dict[str, NetworkRecordingTimes], Iterator[str]]:
    """Return when each device was recorded, and the signs that stretches share no device."""
    if details is None:
        return {}, iter(())
    flow_of_burst, bursts = _flow_index_per_burst_and_packet_bursts(details)
    flows = details.flows
    is_group = multicast_or_broadcast_address_mask(flows.device_ip_address_of_each_flow)
    codes, names = pd.factorize(np.array(details.device_addresses, object))
    # Of a device that only speaks to everybody, a computer elsewhere in the network hears as much.
    is_heard_only = ~np.isin(
        codes, codes[~multicast_or_broadcast_address_mask(flows.remote_ip_address_of_each_flow)]
    )
    codes = np.where(is_group | is_heard_only, len(names), codes).astype(np.int64)
    of_burst = codes[flow_of_burst]
    is_read = ~tunnelled[flows.first_packet_of_each_flow][flow_of_burst]
    by_device = recording_times_by_device([*names.tolist(), None], of_burst, bursts, is_read)
    known = of_burst < len(names)
    groups = list(
        burst_code_sets_between_long_silences(bursts.subset(known), of_burst[known], _APART_NS)
    )
    return by_device, _sentence_if_stretches_share_no_device(groups)


def _flow_index_per_burst_and_packet_bursts(
    details: DetailsOfAllFlows,
) -> tuple[IntArray, RecordTimeBursts]:
    """Return the conversation of each burst of its packets, and the bursts."""
    flows = details.flows
    timed = np.flatnonzero(flows.packet_times_ns != NO_TIME)
    times, numbers = flows.packet_times_ns[timed], flows.flow_index_of_each_packet[timed]
    if not len(timed):
        none = np.empty(0, np.int64)
        return none, RecordTimeBursts(none, none, none)
    steps = times[1:] - times[:-1]
    cut = (numbers[1:] != numbers[:-1]) | (steps > BURST_NS) | (steps < 0)
    first = np.flatnonzero(np.concatenate([[True], cut]))
    counts = np.diff(np.append(first, len(times)))
    bursts = RecordTimeBursts(times[first], times[np.append(first[1:], len(times)) - 1], counts)
    return numbers[first].astype(np.int64), bursts


def _sentence_if_stretches_share_no_device(groups: list[set[int]]) -> Iterator[str]:
    """Yield that stretches more than a day apart have no device in common."""
    strange = sum(not (before & after) for before, after in pairwise(groups))
    if strange:
        yield (
            "It holds stretches more than a day apart that have no device in common "
            f"({strange} of {len(groups) - 1} breaks)."
        )


def _texts_on_clock_stepping_back(capture: CapturedPackets) -> Iterator[str]:
    """Yield that the clock of an interface steps back by more than clocks are put right by."""
    steps = 0
    for _, rows in each_value_and_its_row_indexes(capture.interface_indexes):
        times = capture.times[rows]
        times = times[times != NO_TIME]
        steps += int(np.count_nonzero(times[:-1] - times[1:] > _STEP_BACK_NS))
    if steps:
        count = "once" if steps == 1 else f"{steps} times"
        yield f"The times of its packets step back by more than an hour {count}."


def _texts_on_several_capture_writers(capture: CapturedPackets) -> Iterator[str]:
    """Yield that its sections were written on different computers or by different programs."""
    rows = capture.other_records.get("sections", [])
    writers = {
        tuple(row.get(name) for name in ("hardware", "system", "application")) for row in rows
    }
    if len(writers) > 1:
        yield f"Its {len(rows)} sections were written by {len(writers)} computers or programs."

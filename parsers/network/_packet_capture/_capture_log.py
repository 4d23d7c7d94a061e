"""From the packets of a capture to its ``Log``."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..._byte_coverage import CoverageSpan
from ..._file_content import Content
from ..._model import Clock, Issue, Log, NetworkCaptureWindow, Source
from ..._tables import contact_table_from_rows
from .._protocols._encrypted_dns_and_tunnels import encrypted_dns_or_tunnel_kind
from ._capture_records import build_capture_records
from ._captured_packets import NO_TIME, BoolArray, CapturedPackets, each_value_and_its_row_indexes
from ._conversations import FlowTable
from ._dns_lookups import collect_dns_lookups
from ._flow_contacts import DetailsOfAllFlows, contact_rows
from ._ip_headers import TCP, UDP
from ._packet_table import FOREIGN, OTHER, PacketTable
from ._payload_inspection import inspect_payloads
from ._when_capture_recorded import (
    TUNNEL_PROTOCOLS,
    capture_recording_times,
    link_type_title,
)


def packet_capture_period_and_visibility(
    capture: CapturedPackets,
    traffic: PacketTable,
    details: DetailsOfAllFlows | None,
    carried: BoolArray,
) -> NetworkCaptureWindow:
    """Return period and visibility of a capture; ``carried``: packets that other formats read."""
    times = capture.times[capture.times != NO_TIME]
    cut = int(np.count_nonzero(capture.captured_sizes < capture.wire_sizes))
    blind: Counter[str] = Counter()
    blind["cut_short"] = cut
    blind["not_ip"] = int(np.count_nonzero(traffic.kind == FOREIGN))
    blind["fragments"] = traffic.incomplete_count
    count = unnamed = 0
    if details is not None:
        blind.update(_count_flows_by_hidden_name_cause(details))
        chosen = np.flatnonzero(details.contact_flow_flags).tolist()
        count = len(chosen)
        unnamed = sum(details.host_names[flow] is None for flow in chosen)
    lengths = [interface.snap_length for interface in capture.interfaces if interface.snap_length]
    recorded = capture_recording_times(capture, traffic, details, carried)
    largest_captured = int(capture.captured_sizes.max()) if cut else None
    return NetworkCaptureWindow(
        start=_utc_timestamp(times.min()) if len(times) else None,
        end=_utc_timestamp(times.max()) if len(times) else None,
        snap_length=min([*lengths, largest_captured]) if largest_captured is not None else None,
        flow_count=count,
        unnamed_flow_count=unnamed,
        blind_spots={name: number for name, number in sorted(blind.items()) if number},
        recorded=recorded.whole,
        by_interface=recorded.by_interface,
        by_device=recorded.by_device,
        unread=recorded.unread,
        merge_signs=recorded.merge_signs,
        network_changes=recorded.network_changes,
    )


def _count_flows_by_hidden_name_cause(details: DetailsOfAllFlows) -> Counter[str]:
    """Return the causes of hidden host names, and the number of conversations of each."""
    flows, counts = details.flows, Counter[str]()
    for greeting in details.first_client_hello_by_flow.values():
        counts["ech"] += greeting.hello.ech
        counts["esni"] += greeting.hello.esni
    requests = details.payloads.http_exchanges
    over_https = {exchange.flow for exchange in requests if exchange.request.dns}
    other = flows.device_and_remote_ports[1]
    for flow in np.flatnonzero(details.contact_flow_flags).tolist():
        protocol, port = int(flows.ip_protocol_numbers[flow]), int(other[flow])
        host_name = details.host_names[flow]
        transport = {TCP: "tcp", UDP: "udp"}.get(protocol)
        spot = encrypted_dns_or_tunnel_kind(host_name.host if host_name else None, port, transport)
        if flow in over_https:
            spot = "doh"
        elif protocol in TUNNEL_PROTOCOLS:
            spot = "vpn"
        if spot is not None:
            counts[spot] += 1
    counts["quic_unread"] = len(details.payloads.undecrypted)
    counts["tls_unread"] = len(details.payloads.incomplete)
    return counts


def _utc_timestamp(time: np.int64) -> pd.Timestamp:
    return pd.Timestamp(int(time), unit="ns", tz="UTC")


#: A clock that steps back by more than packets are put out of order by.
_STEP_NS = 10**9


def build_capture_log(
    content: Content,
    capture: CapturedPackets,
    packets: PacketTable,
    conversations: FlowTable | None,
    format_name: str,
    carried: BoolArray,
) -> Log:
    """Return the log of a capture; ``carried``: packets of streams that other formats read."""
    flows = None
    if conversations is not None:
        payloads = inspect_payloads(conversations)
        flows = DetailsOfAllFlows(
            conversations, payloads, collect_dns_lookups(conversations, payloads.dns_packets)
        )
    return Log(
        Source.from_content(content, format_name, capture.version),
        clock=_build_clock(capture),
        contacts=contact_table_from_rows(contact_rows(flows) if flows is not None else ()),
        capture_window=packet_capture_period_and_visibility(capture, packets, flows, carried),
        issues=tuple(
            sorted(
                (*capture.issues, *_whole_capture_issues(capture, packets, carried)),
                key=_issue_sort_key,
            )
        ),
        coverage=tuple(_byte_coverage_spans(capture, packets, carried)),
        unrecorded_tables=("track", "events", "captures"),
        _records=build_capture_records(capture, packets, flows),
    )


def _issue_sort_key(issue: Issue) -> tuple[int, int, str]:
    return issue.offset, issue.size, issue.reason


def _build_clock(capture: CapturedPackets) -> Clock:
    known = np.flatnonzero(capture.times != NO_TIME)
    if not len(known):
        return Clock(notes=capture.notes)
    resolutions = sorted({interface.resolution for interface in capture.interfaces})
    notes = [f"each packet has its time, in {' and '.join(resolutions)}", *capture.notes]
    times = capture.times[known]
    steps = np.flatnonzero(times[1:] - times[:-1] < -_STEP_NS)
    for step in steps[:8].tolist():
        seconds = (times[step] - times[step + 1]) / 1e9
        offset = int(capture.offsets[known[step + 1]])
        notes.append(f"the clock steps back by {seconds:.3f} s at byte {offset}")
    if len(steps) > 8:
        notes.append(f"it steps back {len(steps) - 8} times more")
    return Clock("clock of the capturing computer", notes=tuple(notes))


def _whole_capture_issues(
    capture: CapturedPackets, packets: PacketTable, carried: BoolArray
) -> Iterator[Issue]:
    """Yield what a reader must know of packets that are in the file."""
    cut = np.flatnonzero(capture.captured_sizes < capture.wire_sizes)
    if len(cut):
        offset = int(capture.offsets[cut[0]])
        reason = f"{len(cut)} of {len(capture)} packets were captured in part; the first is here"
        yield Issue(offset, 0, reason)
    foreign = np.flatnonzero((packets.kind == FOREIGN) & ~carried)
    for source, chosen in each_value_and_its_row_indexes(capture.interface_indexes[foreign]):
        rows = foreign[chosen]
        link = capture.interfaces[source].link_type
        count = f"{len(rows):,} packet{'s' * (len(rows) != 1)}"
        size = 0
        reason = f"{count} of {link_type_title(link)}: not read as IP; the first is here"
        if len(rows) == np.count_nonzero(capture.interface_indexes == source):
            # Not a few among others: nothing is known of what passed this interface.
            size = int((capture.record_ends[rows] - capture.offsets[rows]).sum())
            reason = (
                f"none of its packets of {link_type_title(link)} was read ({len(rows):,}); the "
                "first is here"
            )
        yield Issue(int(capture.offsets[rows[0]]), size, reason)
    if packets.incomplete_count:
        yield Issue(0, 0, f"{packets.incomplete_count} packets lack fragments")


def _byte_coverage_spans(
    capture: CapturedPackets, packets: PacketTable, carried: BoolArray
) -> Iterator[CoverageSpan]:
    """Yield what the bytes are: packets of one kind that follow one another are one span."""
    unknown = (packets.kind == FOREIGN) | (packets.kind == OTHER)
    # 0 read here, 1 not known, 2 read by the format of the stream.
    code = np.where(carried, 2, unknown).astype(np.int8)
    begins, ends = capture.offsets, capture.record_ends
    spans = list(capture.other_spans)
    if len(begins):
        cut = np.ones(len(begins), np.bool_)
        cut[1:] = (begins[1:] != ends[:-1]) | (code[1:] != code[:-1])
        first = np.flatnonzero(cut)
        last = np.append(first[1:], len(begins)) - 1
        for a, b in zip(first.tolist(), last.tolist(), strict=True):
            kind = ("records", "unknown", "member")[code[a]]
            spans.append(CoverageSpan(int(begins[a]), int(ends[b] - begins[a]), kind))
    yield from sorted(spans, key=lambda span: span.offset)

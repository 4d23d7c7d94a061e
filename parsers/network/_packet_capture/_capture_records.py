"""The records of a capture; each kind is built on demand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..._model import RecordsOfType
from .._protocols import _dns
from ._captured_packets import CapturedPackets
from ._conversations import multicast_or_broadcast_address_mask, private_address_mask
from ._flow_contacts import DetailsOfAllFlows
from ._ip_headers import format_addresses, mac_text
from ._link_layer import ETHERNET
from ._packet_table import PacketTable, endpoint_ports_of_each_conversation
from ._payload_inspection import FlowClientHello, HttpExchange

_KINDS = np.array(["foreign", "other", "arp", "ip", "short"], object)


@dataclass(frozen=True, slots=True)
class LazilyBuiltCaptureRecords:
    """Records of one name, built by a function."""

    count: int
    build: Callable[[], pd.DataFrame]

    def __len__(self) -> int:
        """Return the number of records."""
        return self.count

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each record, in file order."""
        return self.build()


def build_capture_records(
    capture: CapturedPackets, traffic: PacketTable, details: DetailsOfAllFlows | None
) -> Mapping[str, RecordsOfType]:
    """Return all records of a capture, by name."""
    records: dict[str, LazilyBuiltCaptureRecords] = {
        "interfaces": LazilyBuiltCaptureRecords(
            len(capture.interfaces), lambda: _interface_data_frame(capture)
        ),
        "packets": LazilyBuiltCaptureRecords(
            len(capture), lambda: _packet_rows_as_dataframe(capture, traffic)
        ),
    }
    for name, rows in capture.other_records.items():
        records[name] = LazilyBuiltCaptureRecords(
            len(rows), partial(_data_frame_in_file_order, rows)
        )
    if details is not None:
        records["flows"] = LazilyBuiltCaptureRecords(
            len(details.flows), lambda: _flow_data_frame(details)
        )
        payloads = details.payloads
        quic = sum(client_hello.quic_version is not None for client_hello in payloads.client_hellos)
        records["dns"] = LazilyBuiltCaptureRecords(
            len({query.packet for query in payloads.dns_packets}),
            lambda: _data_frame_in_file_order(_dns_rows(details)),
        )
        records["tls"] = LazilyBuiltCaptureRecords(
            len(payloads.client_hellos) - quic,
            lambda: _data_frame_in_file_order(_client_hello_rows(details, quic=False)),
        )
        records["quic"] = LazilyBuiltCaptureRecords(
            quic, lambda: _data_frame_in_file_order(_client_hello_rows(details, quic=True))
        )
        records["http"] = LazilyBuiltCaptureRecords(
            len(payloads.http_exchanges), lambda: _data_frame_in_file_order(_http_rows(details))
        )
    return {name: rows for name, rows in records.items() if len(rows)}


def _data_frame_in_file_order(rows: list[dict[str, Any]]) -> pd.DataFrame:
    ordered: list[dict[str, Any]] = sorted(rows, key=_offset_of_row)
    return pd.DataFrame(ordered)


def _offset_of_row(row: dict[str, Any]) -> int:
    return int(row["offset"])


def _interface_data_frame(capture: CapturedPackets) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "offset": [interface.offset for interface in capture.interfaces],
            "link_type": [interface.link_type for interface in capture.interfaces],
            "snap_length": pd.array(
                [interface.snap_length for interface in capture.interfaces], "Int64"
            ),
            "resolution": [interface.resolution for interface in capture.interfaces],
            "name": [interface.name for interface in capture.interfaces],
            "description": [interface.description for interface in capture.interfaces],
        }
    )


def _utc_times(times: Any) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.asarray(times, np.int64).view("datetime64[ns]")).tz_localize("UTC")


def _packet_rows_as_dataframe(capture: CapturedPackets, traffic: PacketTable) -> pd.DataFrame:
    known = traffic.conversation >= 0
    row = np.where(known, traffic.conversation, 0)
    ends = traffic.endpoints if len(traffic.endpoints) else np.zeros((1, 5), np.uint64)
    first, second = format_addresses(ends[:, 0:2]), format_addresses(ends[:, 2:4])
    lesser, greater = endpoint_ports_of_each_conversation(ends)
    first_address, second_address = np.array(first, object)[row], np.array(second, object)[row]
    forward = traffic.forward
    return pd.DataFrame(
        {
            "offset": capture.offsets,
            "length": capture.captured_sizes,
            "wire_length": capture.wire_sizes,
            "time": _utc_times(capture.times),
            "interface": capture.interface_indexes,
            "kind": _KINDS[traffic.kind],
            "source": _texts_where_known(np.where(forward, first_address, second_address), known),
            "target": _texts_where_known(np.where(forward, second_address, first_address), known),
            "protocol": _nullable_int64_array(traffic.protocol, known),
            "source_port": _nullable_int64_array(
                np.where(forward, lesser[row], greater[row]), known
            ),
            "target_port": _nullable_int64_array(
                np.where(forward, greater[row], lesser[row]), known
            ),
            "flags": _nullable_int64_array(traffic.flags, known),
            "sequence": _nullable_int64_array(traffic.sequence, known),
            "payload_length": _nullable_int64_array(traffic.payload_size, known),
        }
    )


def _texts_where_known(values: Any, known: Any) -> Any:
    texts = np.full(len(known), None, object)
    texts[known] = values[known]
    return texts


def _nullable_int64_array(values: Any, known: Any) -> Any:
    return pd.array(np.where(known, values, np.nan), "Int64")


def _flow_data_frame(details: DetailsOfAllFlows) -> pd.DataFrame:
    flows = details.flows
    first, last = flows.first_and_last_times_of_each_flow
    scope = np.select(
        [
            multicast_or_broadcast_address_mask(flows.remote_ip_address_of_each_flow)
            | multicast_or_broadcast_address_mask(flows.device_ip_address_of_each_flow),
            private_address_mask(flows.remote_ip_address_of_each_flow),
        ],
        ["many", "local"],
        "outside",
    )
    return pd.DataFrame(
        {
            "offset": flows.capture.offsets[flows.first_packet_of_each_flow],
            "time": _utc_times(first),
            "end": _utc_times(last),
            "device": details.device_addresses,
            "device_mac": _device_mac_addresses(details),
            "device_port": flows.device_and_remote_ports[0],
            "address": details.remote_addresses,
            "port": flows.device_and_remote_ports[1],
            "scope": scope,
            "began": np.where(flows.device_initiated, "device", "other"),
            "protocol": [details.protocol_of_flow(flow) for flow in range(len(flows))],
            "host": [host_name.host if host_name else None for host_name in details.host_names],
            "packets": np.diff(flows.bounds),
            "bytes_up": flows.sent_and_received_payload_bytes[0],
            "bytes_down": flows.sent_and_received_payload_bytes[1],
        }
    )


def _device_mac_addresses(details: DetailsOfAllFlows) -> list[str | None]:
    """Return the hardware address that sent each device's first packet, where Ethernet shows it."""
    flows, capture = details.flows, details.flows.capture
    links = [interface.link_type for interface in capture.interfaces]
    out: list[str | None] = []
    for flow, packet in enumerate(flows.first_packet_of_each_flow.tolist()):
        sent = bool(flows.sent_by_device_mask[flows.bounds[flow]])
        if links[int(capture.interface_indexes[packet])] != ETHERNET:
            out.append(None)
            continue
        out.append(
            mac_text(
                capture.read_bytes(int(capture.packet_offsets[packet]) + (6 if sent else 0), 6)
            )
        )
    return out


def _dns_rows(details: DetailsOfAllFlows) -> list[dict[str, Any]]:
    rows = []
    for query in details.payloads.dns_packets:
        message = query.message
        questions = message.questions or (("", 0),)
        answers = [
            f"{_dns.record_type_name(answer.type)} {answer.value}".strip()
            for answer in message.answers
        ]
        names = sorted({answer.name for answer in message.answers if answer.name})
        for name, kind in questions:
            rows.append(
                {
                    "offset": int(details.flows.capture.offsets[query.packet]),
                    "kind": query.kind,
                    "number": message.number,
                    "response": message.response,
                    "code": _dns.response_code_name(message.code) if message.response else None,
                    "name": name or None,
                    "type": _dns.record_type_name(kind) if kind else None,
                    "answers": "; ".join(answers) or None,
                    "answer_names": "; ".join(names) or None,
                    "ech_offered": any(answer.ech for answer in message.answers),
                    "damaged": message.damaged,
                }
            )
    return rows


def _endpoint_fields(
    details: DetailsOfAllFlows, seen: FlowClientHello | HttpExchange
) -> dict[str, Any]:
    """Return offset and endpoints of a client hello or a request."""
    flows = details.flows
    return {
        "offset": int(flows.capture.offsets[flows.order[seen.position]]),
        "device": details.device_addresses[seen.flow],
        "address": details.remote_addresses[seen.flow],
        "port": int(flows.device_and_remote_ports[1][seen.flow]),
    }


def _client_hello_rows(details: DetailsOfAllFlows, *, quic: bool) -> list[dict[str, Any]]:
    return [
        {
            **_endpoint_fields(details, client_hello),
            "server_name": client_hello.hello.name,
            "alpn": " ".join(client_hello.hello.alpn) or None,
            "ech": client_hello.hello.ech,
            "esni": client_hello.hello.esni,
            "complete": client_hello.hello.complete,
            "quic_version": None
            if client_hello.quic_version is None
            else f"0x{client_hello.quic_version:08x}",
        }
        for client_hello in details.payloads.client_hellos
        if (client_hello.quic_version is not None) == quic
    ]


def _http_rows(details: DetailsOfAllFlows) -> list[dict[str, Any]]:
    return [
        {
            **_endpoint_fields(details, exchange),
            "protocol": exchange.request.protocol,
            "method": exchange.request.method,
            "host": exchange.request.host,
            "target": exchange.request.path,
            "user_agent": exchange.request.agent,
            "status": exchange.status,
            "complete": exchange.request.complete,
        }
        for exchange in details.payloads.http_exchanges
    ]

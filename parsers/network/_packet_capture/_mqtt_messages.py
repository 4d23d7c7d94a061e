"""Messages of DJI's Cloud API that a capture holds in the clear, as a log of their topics.

Facts: MQTT 3.1.1 and 5.0 (OASIS), section 3.3: a PUBLISH packet is ``3x``, the length of the rest
in one to four bytes of seven bits, the topic behind its length, an identifier where the quality of
service is above 0, properties in version 5, and the message.  The topics of DJI's Cloud API begin
``thing/product/`` and ``sys/product/``.

Packets are found by their topics and not one behind the other, so that a connection that began
before the capture, or lost packets of it, gives its other messages.  A message that a broker
passes on is in the capture twice: it is taken once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ._bytes_sent_in_order_by_each_side import (
    StreamSentByOneSide,
    streams_sent_by_side_of_conversation,
)
from ._captured_packets import BoolArray
from ._conversations import FlowTable
from ._embedded_stream import EmbeddedStream, EmbeddedStreamBuilder
from ._ip_headers import TCP

_PORT = 1883
_TOPIC = re.compile(rb"(?:thing|sys)/product/[0-9A-Za-z]{4,32}/[a-z_/]{2,32}")
#: Kind of packet, bits of its quality of service, and the quality that there is not.
_PUBLISH, _QUALITY, _NO_QUALITY = 0x30, 0x06, 0x06
#: First eight bytes of a connection: CONNECT, its length in one or two bytes, the name.
_CONNECT = re.compile(rb"\x10(?:.|[\x80-\xff].)\x00[\x04\x06]MQ", re.DOTALL)
#: Bytes of a packet before its topic at least.
_LEAST_HEAD = 4
#: Bytes of properties before a message at most.
_LONGEST_PROPERTIES = 1024


@dataclass(frozen=True, slots=True)
class _PublishedMessage:
    """A message in what a side sent: its topic and its text, first byte and byte after each."""

    stream: StreamSentByOneSide
    topic: tuple[int, int]
    text: tuple[int, int]


def extract_cloud_api_message_stream(flows: FlowTable) -> EmbeddedStream | None:
    """Return the messages of DJI's Cloud API, each behind its topic; ``None``: none."""
    messages = [
        message
        for flow in np.flatnonzero(_possible_mqtt_flow_mask(flows)).tolist()
        for from_device in (True, False)
        for stream in streams_sent_by_side_of_conversation(flows, flow, from_device=from_device)
        for message in _published_messages_of_stream(stream)
    ]
    if not messages:
        return None
    messages.sort(key=lambda each: each.stream.packet_completing_byte(each.text[0]))
    written, seen, packets = EmbeddedStreamBuilder(), set[bytes](), set[int]()
    for message in messages:
        packets.update(message.stream.packets_between(message.topic[0], message.text[1]))
        data = message.stream.data
        line = data[slice(*message.topic)] + b" " + data[slice(*message.text)]
        if line in seen:
            continue
        seen.add(line)
        for part, behind in ((message.topic, b" "), (message.text, b"\n")):
            offset = 0
            for offset, begin, end in message.stream.capture_spans_of_bytes(*part):
                written.add_captured_bytes(data[begin:end], offset)
            written.add_generated_bytes(behind, offset)
    carried = np.array(sorted(packets), np.int64)
    return EmbeddedStream(written.build_stream_content(flows.capture.content, "cloud-api"), carried)


def _possible_mqtt_flow_mask(flows: FlowTable) -> BoolArray:
    """Return which conversations are at the port of MQTT, or begin as its connections do."""
    at_port = (flows.device_and_remote_ports[0] == _PORT) | (
        flows.device_and_remote_ports[1] == _PORT
    )
    prefix = flows.packets_table.payload_prefix[flows.order]
    first = prefix >> np.uint64(56) == 0x10
    begins = np.zeros(len(flows), np.bool_)
    for row in np.flatnonzero(first).tolist():
        if _CONNECT.match(int(prefix[row]).to_bytes(8)):
            begins[flows.flow_index_of_each_packet[row]] = True
    return np.asarray((flows.ip_protocol_numbers == TCP) & (at_port | begins))


def _published_messages_of_stream(stream: StreamSentByOneSide) -> Iterator[_PublishedMessage]:
    """Yield the messages whose topics stand in PUBLISH packets.

    One whose length is damaged ends where the next begins, so that no byte is taken twice.
    """
    data, before = stream.data, None
    for found in _TOPIC.finditer(data):
        begin = found.start()
        size = int.from_bytes(data[max(0, begin - 2) : begin])
        head = _parse_publish_qos_and_packet_end(data, begin)
        if head is None or not 0 < size <= found.end() - begin:
            continue
        quality, end = head
        text = data.find(b"{", begin + size, begin + size + _LONGEST_PROPERTIES)
        if not begin + size + 2 * bool(quality) <= text < end:
            continue
        if before is not None:
            yield _message_cut_off_at_offset(before, begin - _LEAST_HEAD)
        before = _PublishedMessage(stream, (begin, begin + size), (text, min(end, len(data))))
    if before is not None:
        yield before


def _message_cut_off_at_offset(message: _PublishedMessage, most: int) -> _PublishedMessage:
    begin, end = message.text
    return replace(message, text=(begin, max(begin, min(end, most))))


def _parse_publish_qos_and_packet_end(data: bytes, topic: int) -> tuple[int, int] | None:
    """Return quality of service and end of the packet whose topic stands at a byte; or ``None``."""
    at = topic - 2
    for count in range(1, 5):
        first = at - count - 1
        if first < 0:
            return None
        length = data[first + 1 : at]
        is_whole = length[-1] < 0x80 and all(each >= 0x80 for each in length[:-1])
        quality = data[first] & _QUALITY
        if is_whole and data[first] & 0xF0 == _PUBLISH and quality != _NO_QUALITY:
            size = sum((each & 0x7F) << 7 * place for place, each in enumerate(length))
            return quality, at + size
    return None

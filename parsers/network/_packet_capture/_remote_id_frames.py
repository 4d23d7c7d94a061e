"""Remote identification in the frames of Wi-Fi and Bluetooth receivers.

Facts: IEEE 802.11 (management frames, elements); radiotap.org; the Wi-Fi Alliance's Neighbor
Awareness Networking specification (service discovery frame, service descriptor); Bluetooth Core
specification, volume 6 part B (advertising PDUs); tcpdump.org's link types 105, 119, 127, 192,
251, 256 and 272; ASTM F3411-22a and EN 4709-002 (element, service and UUID of Remote ID); the
French decree of 27 December 2019 (element 6A:5C:35); Kismet's description of DJI's element.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..._shared._remote_id_frame_stream import (
    BLUETOOTH,
    BLUETOOTH_LONG_RANGE,
    CHECKSUM_FITS,
    CHECKSUM_UNKNOWN,
    CHECKSUM_WRONG,
    DJI_DRONE_ID,
    FRENCH_BEACON,
    MAGIC,
    NO_SIGNAL,
    OPEN_DRONE_ID,
    WIFI_BEACON,
    WIFI_NAN,
    pack_frame_header,
    pack_recording_span,
)
from ._captured_packets import NO_TIME, PACKETS_PER_BLOCK, CapturedPackets, IntArray
from ._embedded_stream import EmbeddedStream, EmbeddedStreamBuilder

WIFI, PRISM, RADIOTAP, PPI = 105, 119, 127, 192
BLE, BLE_WITH_HEADER, NORDIC_BLE = 251, 256, 272
WIRELESS_LINK_TYPES = (WIFI, PRISM, RADIOTAP, PPI, BLE, BLE_WITH_HEADER, NORDIC_BLE)
#: First bytes of a vendor's element -> what follows is.
_ELEMENTS = {
    b"\xfa\x0b\xbc\x0d": OPEN_DRONE_ID,
    b"\x26\x37\x12": DJI_DRONE_ID,
    b"\x6a\x5c\x35\x01": FRENCH_BEACON,
}
_NAN_SERVICE = b"\x88\x69\x19\x9d\x92\x09"
#: Public action, vendor specific, Wi-Fi Alliance, NAN service discovery.
_NAN_FRAME = b"\x04\x09\x50\x6f\x9a\x13"
#: Service data of the UUID FFFA, application code of Remote ID.
_BLE_SERVICE = b"\x16\xfa\xff\x0d"
_WIFI_MARKS, _BLE_MARKS = (*_ELEMENTS, _NAN_SERVICE), (_BLE_SERVICE,)
#: Frame control of the frames that can hold one: beacon, probe response, action, action no ack.
_BEACON, _PROBE_RESPONSE, _ACTION, _ACTION_NO_ACK = 0x80, 0x50, 0xD0, 0xE0
_VENDOR_ELEMENT, _NAME_ELEMENT = 221, 0
_NAN_SERVICE_DESCRIPTOR = 3
#: Header of a management frame; with a control of high throughput four more.
_MANAGEMENT_HEADER = 24
#: Time, interval and capabilities before the elements of a beacon.
_BEACON_FIELDS = 12
#: Bytes of each field of radiotap before the signal strength, and how they are aligned.
_RADIOTAP_FIELDS = ((8, 8), (1, 1), (1, 1), (4, 2), (2, 2), (1, 1))
_RADIOTAP_FLAGS, _RADIOTAP_SIGNAL, _RADIOTAP_BAD_CHECKSUM = 1, 5, 0x40
#: Packet advertises with data behind the address; with an extended header.
_ADVERTISING_WITH_ADDRESS, _ADVERTISING_EXTENDED = (0, 2, 4, 6), 7
#: Bytes of each part of an extended header, in order of their flags.
_EXTENDED_PARTS = (6, 6, 1, 2, 3, 18, 1)
#: The receiver is held to be recording across silences of this length.
_WATCH_GAP_NS = 60 * 10**9
_MOST_WATCHES = 1000


@dataclass(frozen=True, slots=True)
class _RemoteIdBytes:
    """The bytes of one identification in a packet."""

    address: bytes
    transport: int
    signal_dbm: int
    kind: int
    #: One of the ``CHECKSUM_`` numbers.
    checksum: int
    name: bytes
    #: First byte in the packet, and bytes.
    start: int
    size: int


def extract_remote_id_stream(capture: CapturedPackets) -> EmbeddedStream | None:
    """Return the stream of Remote ID frames in a capture; ``None``: it holds none."""
    links = np.array([interface.link_type for interface in capture.interfaces] or [0], np.int64)
    if not np.isin(links, WIRELESS_LINK_TYPES).any():
        return None
    of_packet = links[capture.interface_indexes]
    wireless = np.flatnonzero(np.isin(of_packet, WIRELESS_LINK_TYPES))
    stream = EmbeddedStreamBuilder(MAGIC)
    packets: list[int] = []
    for first in range(0, len(wireless), PACKETS_PER_BLOCK):
        for packet in wireless[first : first + PACKETS_PER_BLOCK].tolist():
            found = _remote_ids_in_packet(capture, packet, int(of_packet[packet]))
            for each in found:
                _add_remote_id_frame(stream, capture, packet, each)
            if found:
                packets.append(packet)
        capture.content.release_pages()
    if not packets:
        return None
    for start_ns, end_ns in _receiver_recording_spans(capture.times[wireless]):
        stream.add_generated_bytes_about_whole_stream(pack_recording_span(start_ns, end_ns))
    return EmbeddedStream(
        stream.build_stream_content(capture.content, "remote-id"), np.array(packets, np.int64)
    )


def _add_remote_id_frame(
    stream: EmbeddedStreamBuilder, capture: CapturedPackets, packet: int, found: _RemoteIdBytes
) -> None:
    """Add the identification that a packet holds."""
    begin = int(capture.packet_offsets[packet]) + found.start
    header = pack_frame_header(
        int(capture.times[packet]),
        found.address,
        found.transport,
        found.signal_dbm,
        found.kind,
        found.checksum,
        found.name,
        found.size,
    )
    stream.add_generated_bytes(header, begin)
    stream.add_captured_bytes(capture.read_bytes(begin, found.size), begin)


def _receiver_recording_spans(times: IntArray) -> Iterator[tuple[int, int]]:
    """Yield from when until when frames of any kind follow one another."""
    known = np.sort(times[times != NO_TIME])
    if not len(known):
        return
    cuts = np.flatnonzero(np.diff(known) > _WATCH_GAP_NS)
    starts = known[np.append(0, cuts + 1)]
    ends = known[np.append(cuts, len(known) - 1)]
    longest = np.sort(np.argsort(starts - ends, kind="stable")[:_MOST_WATCHES])
    yield from zip(starts[longest].tolist(), ends[longest].tolist(), strict=True)


def _remote_ids_in_packet(capture: CapturedPackets, packet: int, link: int) -> list[_RemoteIdBytes]:
    """Return the identifications in a packet, in order."""
    begin, size = int(capture.packet_offsets[packet]), int(capture.captured_sizes[packet])
    data, is_wifi = capture.content.data, link in (WIFI, PRISM, RADIOTAP, PPI)
    # To look for the marks is a hundred times as fast as to take a frame apart.
    marks = _WIFI_MARKS if is_wifi else _BLE_MARKS
    if all(data.find(mark, begin, begin + size) < 0 for mark in marks):
        return []
    frame = capture.read_bytes(begin, size)
    if is_wifi:
        return list(_remote_ids_in_wifi_frame(frame, link))
    return list(_remote_ids_in_ble_packet(frame, link))


def _remote_ids_in_wifi_frame(frame: bytes, link: int) -> Iterator[_RemoteIdBytes]:
    """Yield the identifications in a Wi-Fi frame behind the header of its link type."""
    start, signal, checksum = _wifi_frame_offset_signal_and_checksum_fit(frame, link)
    if start is None or start + _MANAGEMENT_HEADER > len(frame):
        return
    control, flags = frame[start], frame[start + 1]
    address = frame[start + 10 : start + 16]
    body = start + _MANAGEMENT_HEADER + (4 if flags & 0x80 else 0)
    if control in (_BEACON, _PROBE_RESPONSE):
        name = b""
        for kind, at, size in _information_element_ids_and_spans(frame, body + _BEACON_FIELDS):
            if kind == _NAME_ELEMENT:
                name = frame[at : at + size]
            mark = (
                _remote_id_vendor_prefix_or_none(frame, at, size)
                if kind == _VENDOR_ELEMENT
                else None
            )
            if mark is not None:
                begin, rest = at + len(mark), size - len(mark)
                kind_of_id = _ELEMENTS[mark]
                yield _RemoteIdBytes(
                    address, WIFI_BEACON, signal, kind_of_id, checksum, name, begin, rest
                )
    elif control in (_ACTION, _ACTION_NO_ACK) and frame[body : body + 6] == _NAN_FRAME:
        for at, size in _nan_service_info_spans(frame, body + len(_NAN_FRAME)):
            yield _RemoteIdBytes(address, WIFI_NAN, signal, OPEN_DRONE_ID, checksum, b"", at, size)


def _remote_id_vendor_prefix_or_none(frame: bytes, at: int, size: int) -> bytes | None:
    return next(
        (mark for mark in _ELEMENTS if size > len(mark) and frame.startswith(mark, at)), None
    )


def _wifi_frame_offset_signal_and_checksum_fit(
    frame: bytes, link: int
) -> tuple[int | None, int, int]:
    """Return where a Wi-Fi frame begins, its signal strength, and whether its checksum fits.

    Returns:
        ``None`` for the first where the header of the link type is cut.
    """
    if link == WIFI:
        return 0, NO_SIGNAL, CHECKSUM_UNKNOWN
    if len(frame) < 8:
        return None, NO_SIGNAL, CHECKSUM_UNKNOWN
    if link == PRISM:
        return int.from_bytes(frame[4:8], "little"), NO_SIGNAL, CHECKSUM_UNKNOWN
    start = int.from_bytes(frame[2:4], "little")
    if link == PPI:
        return start, NO_SIGNAL, CHECKSUM_UNKNOWN
    fields = _first_byte_value_by_radiotap_field_bit(frame, start)
    signal, flags = fields.get(_RADIOTAP_SIGNAL), fields.get(_RADIOTAP_FLAGS, 0)
    damaged = flags & _RADIOTAP_BAD_CHECKSUM
    signal = NO_SIGNAL if signal is None else (signal ^ 0x80) - 0x80
    return start, signal, CHECKSUM_WRONG if damaged else CHECKSUM_UNKNOWN


def _first_byte_value_by_radiotap_field_bit(frame: bytes, end: int) -> dict[int, int]:
    """Return the first byte of each field of a radiotap header up to the signal strength."""
    present = int.from_bytes(frame[4:8], "little")
    at, word, end = 8, present, min(end, len(frame))
    while word >> 31 and at + 4 <= end:
        word = int.from_bytes(frame[at : at + 4], "little")
        at += 4
    fields = {}
    for bit, (size, alignment) in enumerate(_RADIOTAP_FIELDS):
        if present >> bit & 1:
            at = -(-at // alignment) * alignment
            if at + size > end:
                break
            fields[bit] = frame[at]
            at += size
    return fields


def _information_element_ids_and_spans(frame: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, first byte and size of each element of a management frame that is whole."""
    while at + 2 <= len(frame):
        kind, size = frame[at], frame[at + 1]
        if at + 2 + size > len(frame):
            return
        yield kind, at + 2, size
        at += 2 + size


def _nan_service_info_spans(frame: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield first byte and size of each service information of Remote ID."""
    while at + 3 <= len(frame):
        kind, size = frame[at], int.from_bytes(frame[at + 1 : at + 3], "little")
        end = at + 3 + size
        if end > len(frame):
            return
        if kind == _NAN_SERVICE_DESCRIPTOR and frame.startswith(_NAN_SERVICE, at + 3):
            info = _nan_service_info_span(frame, at + 3 + len(_NAN_SERVICE), end)
            if info is not None:
                yield info
        at = end


def _nan_service_info_span(frame: bytes, at: int, end: int) -> tuple[int, int] | None:
    """Return the service information behind the two instances of a service descriptor."""
    if at + 3 > end:
        return None
    control = frame[at + 2]
    at += 3 + (2 if control & 0x40 else 0)
    for flag in (0x04, 0x08):  # filters of matches and of responses
        if control & flag and at < end:
            at += 1 + frame[at]
    if not control & 0x10 or at >= end or at + 1 + frame[at] > end:
        return None
    return at + 1, frame[at]


def _remote_ids_in_ble_packet(frame: bytes, link: int) -> Iterator[_RemoteIdBytes]:
    """Yield the identifications in a Bluetooth packet behind the header of its link type."""
    start, signal, is_long_range = _ble_packet_offset_signal_and_coding(frame, link)
    # Access address, coding indicator of the long range, header of the PDU.
    pdu = start + 4 + (1 if is_long_range else 0)
    if pdu + 2 > len(frame):
        return
    kind, end = frame[pdu] & 0x0F, pdu + 2 + frame[pdu + 1]
    checksum = _ble_checksum_status(frame, pdu, end)
    transport = BLUETOOTH_LONG_RANGE if is_long_range else BLUETOOTH
    address, at = _advertiser_address_and_data_offset(frame, kind, pdu + 2, min(end, len(frame)))
    found = list(_remote_id_service_data_spans(frame, at, min(end, len(frame))))
    if not found and checksum == CHECKSUM_WRONG:
        # Its lengths are damaged too; what it says is refused, and not passed over.
        at = frame.find(_BLE_SERVICE, pdu)
        found = [(at + len(_BLE_SERVICE), max(0, end - at - len(_BLE_SERVICE)))] if at > 0 else []
        address = bytes(6)
    for begin, size in found:
        size = min(size, len(frame) - begin)
        yield _RemoteIdBytes(address, transport, signal, OPEN_DRONE_ID, checksum, b"", begin, size)


def _remote_id_service_data_spans(frame: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield first byte and size of each service data of Remote ID in what is advertised."""
    while at + 1 < end:
        size = frame[at]
        if not size or at + 1 + size > end:
            return
        if size > len(_BLE_SERVICE) and frame.startswith(_BLE_SERVICE, at + 1):
            yield at + 1 + len(_BLE_SERVICE), size - len(_BLE_SERVICE)
        at += 1 + size


def _ble_checksum_status(frame: bytes, pdu: int, end: int) -> int:
    """Return whether the checksum behind a PDU fits; it may not have been captured."""
    if end + 3 > len(frame):
        return CHECKSUM_UNKNOWN
    remainder = _CRC_START
    for byte in frame[pdu:end]:
        remainder = remainder >> 8 ^ _CRC_TABLE[(remainder ^ byte) & 0xFF]
    stated = int.from_bytes(frame[end : end + 3], "little")
    return CHECKSUM_FITS if remainder == stated else CHECKSUM_WRONG


def _ble_crc_table() -> tuple[int, ...]:
    """Return the remainder of each byte: x^24 + x^10 + x^9 + x^6 + x^4 + x^3 + x + 1."""
    table = []
    for remainder in range(256):
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xDA6000 if remainder & 1 else 0)
        table.append(remainder)
    return tuple(table)


_CRC_TABLE = _ble_crc_table()
#: On the advertising channels, 0x555555 with its bits in order of transmission.
_CRC_START = 0xAAAAAA


def _ble_packet_offset_signal_and_coding(frame: bytes, link: int) -> tuple[int, int, bool]:
    """Return where a Bluetooth packet begins, its signal strength, and whether it is coded."""
    if link == BLE:
        return 0, NO_SIGNAL, False
    if link == BLE_WITH_HEADER and len(frame) >= 10:
        flags = int.from_bytes(frame[8:10], "little")
        signal = int.from_bytes(frame[1:2], "little", signed=True) if flags & 2 else NO_SIGNAL
        return 10, signal, flags >> 14 == 2
    if len(frame) < 12 or frame[3] not in (1, 2, 3):
        return len(frame), NO_SIGNAL, False
    # Board, lengths, version, counter, kind; then size, flags, channel, signal of the packet.
    return 7 + frame[7], max(-128, -frame[10]), frame[8] >> 4 & 7 == 2


def _advertiser_address_and_data_offset(
    frame: bytes, kind: int, at: int, end: int
) -> tuple[bytes, int]:
    """Return the transmitter's address, and where the data that it advertises begin."""
    if kind in _ADVERTISING_WITH_ADDRESS:
        return frame[at : at + 6][::-1].ljust(6, b"\0"), at + 6
    if kind != _ADVERTISING_EXTENDED or at >= end:
        return bytes(6), end
    size = frame[at] & 0x3F
    address, part = bytes(6), at + 2
    flags = frame[at + 1] if size else 0
    for bit, length in enumerate(_EXTENDED_PARTS):
        if flags >> bit & 1:
            if bit == 0:
                address = frame[part : part + 6][::-1].ljust(6, b"\0")
            part += length
    return address, at + 1 + size

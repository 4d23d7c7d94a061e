"""IP, TCP and UDP headers as columns (RFC 791, 8200, 9293, 768)."""

import ipaddress
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray
from ._captured_packets import BoolArray, IntArray, read_numbers_at_offsets
from ._link_layer import IP_4, IP_6, NetworkLayerTypesAndOffsets

ICMP, TCP, UDP, ICMP_6 = 1, 6, 17, 58
FIN, SYN, RST, ACK = 1, 2, 4, 16

#: Headers of IPv6 that may stand before the transport, with their length as 8-byte units.
_EXTENSIONS = (0, 43, 60, 139, 140, 253, 254)
_FRAGMENT, _AUTHENTICATION = 44, 51
#: More headers in a row are damage, and a packet is left where it is.
_MAX_EXTENSIONS = 12
#: Marks of IPv4 addresses among 128-bit ones (RFC 4291, mapped).
IPV4_MAPPED = 0xFFFF << 32


@dataclass(frozen=True, slots=True)
class _IpHeaderColumns:
    """What the IP headers of a block of packets state, of both versions, one row each."""

    #: Which packets of the block these are.
    rows: IntArray
    protocol: ByteArray
    #: Addresses as two halves; IPv4 in the lower half of mapped ones.
    source: npt.NDArray[np.uint64]
    target: npt.NDArray[np.uint64]
    #: Byte at which this part of a fragmented packet stands, and whether more follow.
    fragment_offset: IntArray
    more_fragments: BoolArray
    identity: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        """Return the number of packets."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class _IpHeaderColumnsWithPacketBounds(_IpHeaderColumns):
    """IP headers, and where in the file the next header begins and the packet ends."""

    at: IntArray
    end: IntArray


@dataclass(frozen=True, slots=True)
class IpHeaderTable(_IpHeaderColumns):
    """The headers of the IP packets of a block, one row each."""

    source_port: npt.NDArray[np.uint16]
    target_port: npt.NDArray[np.uint16]
    #: Of TCP; of ICMP the type.
    flags: ByteArray
    sequence: npt.NDArray[np.uint32]
    #: First byte of the payload, and its size on the wire.
    payload_offset: IntArray
    payload_size: IntArray


_NAMES = tuple(column.name for column in fields(_IpHeaderColumnsWithPacketBounds))


def read_ip_headers(
    array: ByteArray, network: NetworkLayerTypesAndOffsets, ends: IntArray, wire_ends: IntArray
) -> IpHeaderTable:
    """Return the headers of the packets that have whole ones.

    Args:
        array: The file.
        found: What each packet carries.
        ends: Byte after the last that was captured of each.
        wire_ends: Where it would end if all of it had been captured.
    """
    four = _read_ipv4_headers(array, network, ends, wire_ends)
    six = _read_ipv6_headers(array, network, ends, wire_ends)
    both = _merge_ipv4_and_ipv6_headers(four, six)
    return _read_transport_headers(array, both, ends[both.rows])


def _read_ipv4_headers(
    array: ByteArray, network: NetworkLayerTypesAndOffsets, ends: IntArray, wire_ends: IntArray
) -> _IpHeaderColumnsWithPacketBounds:
    rows = np.flatnonzero((network.ethertype == IP_4) & (network.offset + 20 <= ends))
    offset = network.offset[rows]
    first = read_numbers_at_offsets(array, offset, "u1")
    size = (first & 15).astype(np.int64) * 4
    total = read_numbers_at_offsets(array, offset + 2, ">u2").astype(np.int64)
    # A network card that cuts packets itself hands them over without a length.
    total = np.where(total == 0, wire_ends[rows] - offset, total)
    valid = (first >> 4 == 4) & (size >= 20) & (total >= size)
    rows, offset, size, total = rows[valid], offset[valid], size[valid], total[valid]
    word = read_numbers_at_offsets(array, offset + 6, ">u2").astype(np.int64)
    return _IpHeaderColumnsWithPacketBounds(
        rows,
        read_numbers_at_offsets(array, offset + 9, "u1"),
        _to_ipv4_mapped_addresses(read_numbers_at_offsets(array, offset + 12, ">u4")),
        _to_ipv4_mapped_addresses(read_numbers_at_offsets(array, offset + 16, ">u4")),
        (word & 0x1FFF) * 8,
        word & 0x2000 != 0,
        read_numbers_at_offsets(array, offset + 4, ">u2").astype(np.uint32),
        offset + size,
        offset + total,
    )


def _read_ipv6_headers(
    array: ByteArray, network: NetworkLayerTypesAndOffsets, ends: IntArray, wire_ends: IntArray
) -> _IpHeaderColumnsWithPacketBounds:
    rows = np.flatnonzero((network.ethertype == IP_6) & (network.offset + 40 <= ends))
    rows = rows[read_numbers_at_offsets(array, network.offset[rows], "u1") >> 4 == 6]
    base = network.offset[rows]
    length = read_numbers_at_offsets(array, base + 4, ">u2").astype(np.int64)
    headers = _IpHeaderColumnsWithPacketBounds(
        rows,
        read_numbers_at_offsets(array, base + 6, "u1").copy(),
        np.stack(
            [read_numbers_at_offsets(array, base + position, ">u8") for position in (8, 16)], 1
        ).astype(np.uint64),
        np.stack(
            [read_numbers_at_offsets(array, base + position, ">u8") for position in (24, 32)], 1
        ).astype(np.uint64),
        np.zeros(len(rows), np.int64),
        np.zeros(len(rows), np.bool_),
        np.zeros(len(rows), np.uint32),
        base + 40,
        np.where(length == 0, wire_ends[rows], base + 40 + length),
    )
    for _ in range(_MAX_EXTENSIONS):
        if not _skip_one_ipv6_extension_and_tell_if_any(array, headers, ends[rows]):
            break
    return headers


def _skip_one_ipv6_extension_and_tell_if_any(
    array: ByteArray, headers: _IpHeaderColumnsWithPacketBounds, ends: IntArray
) -> bool:
    """Step over one extension header of each packet that has one; return whether any had."""
    known = np.isin(headers.protocol, (*_EXTENSIONS, _FRAGMENT, _AUTHENTICATION))
    rows = np.flatnonzero(known & (headers.fragment_offset == 0) & (headers.at + 8 <= ends))
    if not len(rows):
        return False
    header_offset, header = headers.at[rows], headers.protocol[rows]
    units = read_numbers_at_offsets(array, header_offset + 1, "u1").astype(np.int64)
    parts = rows[header == _FRAGMENT]
    word = read_numbers_at_offsets(array, headers.at[parts] + 2, ">u2").astype(np.int64)
    headers.fragment_offset[parts] = word & 0xFFF8
    headers.more_fragments[parts] = word & 1 != 0
    headers.identity[parts] = read_numbers_at_offsets(array, headers.at[parts] + 4, ">u4")
    sizes = np.select(
        [header == _FRAGMENT, header == _AUTHENTICATION], [8, units * 4 + 8], units * 8 + 8
    )
    headers.protocol[rows] = read_numbers_at_offsets(array, header_offset, "u1")
    headers.at[rows] += sizes
    return True


def _to_ipv4_mapped_addresses(addresses: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    both = np.zeros((len(addresses), 2), np.uint64)
    both[:, 1] = addresses.astype(np.uint64) | np.uint64(IPV4_MAPPED)
    return both


def _merge_ipv4_and_ipv6_headers(
    four: _IpHeaderColumnsWithPacketBounds, six: _IpHeaderColumnsWithPacketBounds
) -> _IpHeaderColumnsWithPacketBounds:
    if not len(six.rows):
        return four
    rows = np.concatenate([four.rows, six.rows])
    order = np.argsort(rows)
    return _IpHeaderColumnsWithPacketBounds(
        *(np.concatenate([getattr(four, name), getattr(six, name)])[order] for name in _NAMES)
    )


def _read_transport_headers(
    array: ByteArray, ip: _IpHeaderColumnsWithPacketBounds, ends: IntArray
) -> IpHeaderTable:
    first = ip.fragment_offset == 0
    tcp = (ip.protocol == TCP) & first & (ip.at + 14 <= ends)
    udp = (ip.protocol == UDP) & first & (ip.at + 8 <= ends)
    icmp = ((ip.protocol == ICMP) | (ip.protocol == ICMP_6)) & first & (ip.at + 1 <= ends)
    count = len(ip.rows)
    ports, flags = np.zeros(count, np.uint32), np.zeros(count, np.uint8)
    sequence, sizes = np.zeros(count, np.uint32), np.zeros(count, np.int64)
    ports[tcp | udp] = read_numbers_at_offsets(array, ip.at[tcp | udp], ">u4")
    sequence[tcp] = read_numbers_at_offsets(array, ip.at[tcp] + 4, ">u4")
    flags[icmp] = read_numbers_at_offsets(array, ip.at[icmp], "u1")
    word = read_numbers_at_offsets(array, ip.at[tcp] + 12, ">u2")
    flags[tcp] = word & 0xFF
    sizes[tcp] = np.maximum((word >> 12).astype(np.int64) * 4, 20)
    sizes[udp] = 8
    payload = ip.at + sizes
    size = np.maximum(ip.end - payload, 0)
    # A datagram may say that it ends before the packet does, if it came whole.
    stated_size = read_numbers_at_offsets(array, ip.at[udp] + 4, ">u2").astype(np.int64) - 8
    fits = (stated_size >= 0) & (stated_size < size[udp]) & ~ip.more_fragments[udp]
    size[udp] = np.where(fits, stated_size, size[udp])
    return IpHeaderTable(
        ip.rows, ip.protocol, ip.source, ip.target,
        ip.fragment_offset, ip.more_fragments, ip.identity,
        (ports >> 16).astype(np.uint16), (ports & 0xFFFF).astype(np.uint16),
        flags, sequence, payload, size,
    )  # fmt: skip


def ip_address_text(address: npt.NDArray[np.uint64]) -> str:
    """Return an address, given as two halves, as text."""
    return _cached_address_text(int(address[0]), int(address[1]))


@lru_cache(1 << 16)
def _cached_address_text(high: int, low: int) -> str:
    if not high and low >> 32 == IPV4_MAPPED >> 32:
        return str(ipaddress.IPv4Address(low & 0xFFFFFFFF))
    return ipaddress.IPv6Address(high << 64 | low).compressed


def format_addresses(addresses: npt.NDArray[np.uint64]) -> list[str]:
    """Return addresses, shape ``(n, 2)``, as text."""
    return [_cached_address_text(high, low) for high, low in addresses.tolist()]


def mac_text(data: bytes) -> str | None:
    """Return a hardware address as text; ``None``: it is all zeros, which is nobody's."""
    return data.hex(":") if len(data) == 6 and any(data) else None

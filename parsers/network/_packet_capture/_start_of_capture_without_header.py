"""Where the packets of a capture begin whose header is lost, and what that header must have said.

Records of a pcap have a time, and the size that was captured and that of the packet; blocks of a
pcapng have their length at both ends.  Many that follow one another prove themselves.  Byte order
and unit of time follow from them; the link type is read off the first bytes of the packets, and
where these show none, the packets are not read.
"""

import mmap
import struct
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..._file_content import Content
from ..._log_in_file._log_start_offset import (
    SEARCH_WINDOW,
    LogStartOffset,
    windows_to_search_with_offsets,
)
from ..._record_layout import ByteArray

#: Records or blocks that must follow one another, and those that are looked at in all.
LEAST_PACKETS, _MOST_JUDGED = 4, 64
_LARGEST_PACKET = 1 << 18
Offsets = npt.NDArray[np.int64]
#: Seconds since 1970 between which a time of a packet is believed: 2000 and 2100.
_EARLIEST_S, _LATEST_S = 946_684_800, 4_102_444_800
ETHERNET, RAW_IP, LINUX_COOKED = 1, 101, 113
_NETWORK_PROTOCOLS = (0x0800, 0x86DD, 0x0806, 0x8100, 0x88CC)
_PCAP_MAGIC_US, _PCAP_MAGIC_NS = 0xA1B2C3D4, 0xA1B23C4D
_UNKNOWN_VERSION = "not known (its header is lost)"
_PACKET_BLOCK, _SHORTEST_PACKET_BLOCK, _MOST_INTERFACES = 6, 32, 64
_BLOCK_TYPES = frozenset({1, 2, 3, 4, 5, 6, 10, 0x0A0D0D0A, 0x0BAD, 0x40000BAD})


def find_pcap_start(content: Content) -> LogStartOffset | None:
    """Return where records of a pcap follow one another, and the header that they need."""
    for begin, window in windows_to_search_with_offsets(
        content.array, LEAST_PACKETS * _LARGEST_PACKET
    ):
        for order in ("<", ">"):
            for at in _likely_record_offsets(window, order):
                packets = list(
                    _iterate_pcap_record_fraction_and_first_bytes(content.data, begin + at, order)
                )
                link = _guess_link_type([data for _, data in packets])
                if len(packets) < LEAST_PACKETS or link is None:
                    continue
                is_ns = any(fraction >= 1_000_000 for fraction, _ in packets)
                magic = _PCAP_MAGIC_NS if is_ns else _PCAP_MAGIC_US
                head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, _LARGEST_PACKET, link)
                return LogStartOffset(begin + at, 0.9, head, _UNKNOWN_VERSION)
    return None


def _likely_record_offsets(window: ByteArray, order: str) -> list[int]:
    """Return the first offsets that may begin a record which another follows."""
    # The highest bytes of both sizes are 0, which spares nearly all offsets.
    starts = _offsets_with_zeros_at_places(window, (11, 15) if order == "<" else (8, 12), 16)
    seconds, fraction, stored, size = (
        _read_u32_at_offsets(window, starts + place, order) for place in (0, 4, 8, 12)
    )
    fits = (seconds >= _EARLIEST_S) & (seconds < _LATEST_S) & (fraction < 1_000_000_000)
    fits &= (stored > 0) & (stored <= size) & (size <= _LARGEST_PACKET)
    starts, stored = starts[fits], stored[fits]
    follows = np.isin(starts + 16 + stored, starts)
    return [int(at) for at in starts[follows][:_MOST_JUDGED]]


def _offsets_with_zeros_at_places(
    window: ByteArray, places: tuple[int, ...], width: int
) -> Offsets:
    """Return the offsets of a window behind which some bytes are 0.

    Args:
        window: The bytes.
        places: How far behind each offset those bytes stand.
        width: Bytes that each offset must leave in the window.
    """
    count = max(0, min(SEARCH_WINDOW, len(window) - width))
    is_zero = np.ones(count, np.bool_)
    for place in places:
        is_zero &= window[place : place + count] == 0
    return np.flatnonzero(is_zero)


def _read_u32_at_offsets(window: ByteArray, at: Offsets, order: str) -> Offsets:
    """Return the 32-bit numbers at some offsets."""
    parts = [window[at + index].astype(np.int64) for index in range(4)]
    first, second, third, fourth = parts if order == "<" else parts[::-1]
    return np.asarray(first | second << 8 | third << 16 | fourth << 24)


def _iterate_pcap_record_fraction_and_first_bytes(
    data: mmap.mmap | bytes, at: int, order: str
) -> Iterator[tuple[int, bytes]]:
    """Yield fraction of the second and first bytes of records that follow one another."""
    first = None
    for _ in range(_MOST_JUDGED):
        if at + 16 > len(data):
            return
        seconds, fraction, stored, size = struct.unpack_from(f"{order}IIII", data, at)
        first = seconds if first is None else first
        is_record = 0 < stored <= size <= _LARGEST_PACKET and fraction < 1_000_000_000
        if not is_record or abs(seconds - first) > 7 * 86_400 or at + 16 + stored > len(data):
            return
        yield fraction, bytes(data[at + 16 : at + 16 + min(stored, 64)])
        at += 16 + stored


def _guess_link_type(packets: Sequence[bytes]) -> int | None:
    """Return the link type that most packets show by their first bytes; ``None``: none."""
    seen: Counter[int] = Counter()
    for packet in packets:
        if len(packet) >= 14 and int.from_bytes(packet[12:14], "big") in _NETWORK_PROTOCOLS:
            seen[ETHERNET] += 1
        elif len(packet) >= 16 and int.from_bytes(packet[14:16], "big") in _NETWORK_PROTOCOLS:
            seen[LINUX_COOKED] += 1
        elif len(packet) >= 20 and packet[0] in (0x45, 0x46, 0x60):
            seen[RAW_IP] += 1
    if not seen:
        return None
    link, count = seen.most_common(1)[0]
    return link if 2 * count >= len(packets) else None


def find_pcapng_start(content: Content) -> LogStartOffset | None:
    """Return where blocks of a pcapng follow one another, and the blocks that must come before."""
    for begin, window in windows_to_search_with_offsets(
        content.array, LEAST_PACKETS * _LARGEST_PACKET
    ):
        for order in ("<", ">"):
            for at in _likely_block_offsets(window, order):
                blocks = list(_iterate_consecutive_pcapng_blocks(content.data, begin + at, order))
                packets = [block for kind, block in blocks if kind == _PACKET_BLOCK]
                link = _guess_link_type([block[28:92] for block in packets])
                if len(blocks) >= LEAST_PACKETS and link is not None:
                    head = _assumed_section_and_interface_blocks(packets, order, link)
                    return LogStartOffset(begin + at, 0.9, head, _UNKNOWN_VERSION)
    return None


def _likely_block_offsets(window: ByteArray, order: str) -> list[int]:
    """Return the first offsets that may begin a block of a packet which another block follows."""
    # The higher bytes of the type are 0, and the highest of the size.
    starts = _offsets_with_zeros_at_places(
        window, (1, 2, 3, 7) if order == "<" else (0, 1, 2, 4), 32
    )
    kinds, sizes = (_read_u32_at_offsets(window, starts + place, order) for place in (0, 4))
    fits = (kinds == _PACKET_BLOCK) & (sizes % 4 == 0)
    fits &= (sizes >= _SHORTEST_PACKET_BLOCK) & (sizes <= _LARGEST_PACKET)
    return [int(at) for at in starts[fits][:_MOST_JUDGED]]


def _iterate_consecutive_pcapng_blocks(
    data: mmap.mmap | bytes, at: int, order: str
) -> Iterator[tuple[int, bytes]]:
    """Yield type and first bytes of blocks that follow one another."""
    for _ in range(_MOST_JUDGED):
        if at + 12 > len(data):
            return
        kind, size = struct.unpack_from(f"{order}II", data, at)
        if kind not in _BLOCK_TYPES or size < 12 or size % 4 or at + size > len(data):
            return
        if kind == _PACKET_BLOCK and size < _SHORTEST_PACKET_BLOCK:
            return
        if struct.unpack_from(f"{order}I", data, at + size - 4)[0] != size:
            return
        yield kind, bytes(data[at : at + min(size, 92)])
        at += size


def _assumed_section_and_interface_blocks(packets: Sequence[bytes], order: str, link: int) -> bytes:
    """Return a section's header and the interfaces that its packets name."""
    section: bytes = struct.pack(f"{order}IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    numbers: list[int] = []
    times: list[int] = []
    for block in packets:
        number, high, low = struct.unpack_from(f"{order}III", block, 8)
        numbers.append(number)
        times.append(high << 32 | low)
    is_ns = all(_EARLIEST_S <= time // 1_000_000_000 < _LATEST_S for time in times)
    # The option for the unit of time, and the end of the options.
    options = struct.pack(f"{order}HHBxxxHH", 9, 1, 9 if is_ns else 6, 0, 0)
    size = 20 + len(options)
    interface: bytes = struct.pack(f"{order}IIHHI", 1, size, link, 0, _LARGEST_PACKET) + options
    interface += struct.pack(f"{order}I", size)
    count: int = min(max(numbers), _MOST_INTERFACES) + 1
    return section + interface * count

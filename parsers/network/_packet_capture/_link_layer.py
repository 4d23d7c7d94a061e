"""From a packet's first byte to its IP header: link layers, VLAN tags, MPLS labels, PPPoE.

Numbers of link types: tcpdump.org/linktypes.html; of EtherTypes: IEEE 802 numbers at IANA.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._record_layout import ByteArray
from ._captured_packets import IntArray, read_numbers_at_offsets

NULL, ETHERNET, RAW_12, RAW_14, RAW = 0, 1, 12, 14, 101
LOOP, LINUX_SLL, IPV4, IPV6, LINUX_SLL2 = 108, 113, 228, 229, 276
#: Link type -> bytes before the EtherType, and bytes of the whole header.
_HEADERS = {ETHERNET: (12, 14), LINUX_SLL: (14, 16), LINUX_SLL2: (0, 20)}
#: Link type -> bytes before an IP header, whose first byte holds the version.
_IP_OFFSETS = {NULL: 4, LOOP: 4, RAW_12: 0, RAW_14: 0, RAW: 0, IPV4: 0, IPV6: 0}
#: Reserved for anybody's use; DJI's DUML is recorded as 150.
USER_LINK_TYPES = range(147, 163)

IP_4, IP_6, ARP = 0x0800, 0x86DD, 0x0806
_VLAN = (0x8100, 0x88A8, 0x9100, 0x9200)
_MPLS = (0x8847, 0x8848)
_PPPOE = 0x8864
#: Labels and tags before an IP header; more are damage.
_MAX_TAGS = 8
_BY_VERSION = np.zeros(256, np.uint16)
_BY_VERSION[0x40:0x50], _BY_VERSION[0x60:0x70] = IP_4, IP_6


@dataclass(frozen=True, slots=True)
class NetworkLayerTypesAndOffsets:
    """What each packet of a block carries, and where it begins."""

    #: EtherType; 0: none that is known.
    ethertype: npt.NDArray[np.uint16]
    offset: IntArray


def find_network_layer_of_each_packet(
    array: ByteArray, starts: IntArray, ends: IntArray, links: IntArray
) -> NetworkLayerTypesAndOffsets:
    """Return where what packets carry begins.

    Args:
        array: The file.
        starts: First byte of each packet.
        ends: Byte after the last that was captured.
        links: Its link type.
    """
    kind, offset = np.zeros(len(starts), np.uint16), starts.copy()
    for link in np.unique(links).tolist():
        rows = links == link
        if link in _HEADERS:
            before, size = _HEADERS[link]
            kind[rows] = read_numbers_at_offsets(array, starts[rows] + before, ">u2")
            offset[rows] += size
        elif link in _IP_OFFSETS:
            offset[rows] += _IP_OFFSETS[link]
            kind[rows] = _BY_VERSION[read_numbers_at_offsets(array, offset[rows], "u1")]
    for _ in range(_MAX_TAGS):
        if not _skip_tag_of_each_packet_and_tell_if_any(array, kind, offset):
            break
    kind[offset >= ends] = 0
    return NetworkLayerTypesAndOffsets(kind, offset)


def _skip_tag_of_each_packet_and_tell_if_any(
    array: ByteArray, kind: npt.NDArray[np.uint16], offset: IntArray
) -> bool:
    """Step over one tag or label of each packet that has one; return whether any had."""
    tagged = np.flatnonzero(np.isin(kind, _VLAN))
    labelled = np.flatnonzero(np.isin(kind, _MPLS))
    sessions = np.flatnonzero(kind == _PPPOE)
    if len(tagged):
        kind[tagged] = read_numbers_at_offsets(array, offset[tagged] + 2, ">u2")
        offset[tagged] += 4
    if len(labelled):
        last = read_numbers_at_offsets(array, offset[labelled] + 2, "u1") & 1 == 1
        offset[labelled] += 4
        bottom = labelled[last]
        kind[bottom] = _BY_VERSION[read_numbers_at_offsets(array, offset[bottom], "u1")]
    if len(sessions):
        protocol = read_numbers_at_offsets(array, offset[sessions] + 6, ">u2")
        kind[sessions] = np.select([protocol == 0x21, protocol == 0x57], [IP_4, IP_6], 0)
        offset[sessions] += 8
    return bool(len(tagged) + len(labelled) + len(sessions))

"""Packet captures (``.pcap``): what a computer, a router or a phone saw on the network.

Who writes them: tcpdump, Wireshark, libpcap and all that use it, PCAPdroid for Android.

Facts: draft-ietf-opsawg-pcap; tcpdump.org's list of link types; RFC 791, 8200, 9293, 768
(IP, TCP, UDP), 1035, 3596, 9460 (DNS), 8446, 6066 (TLS), 9000, 9001, 9369 (QUIC), 9112
(HTTP/1); PCAPdroid's source for its trailer; 70 captures of other projects.

**Bytes.** A header of 24 bytes (magic, version, snap length, link type), then records:
seconds, fraction, bytes kept, bytes there were, and the packet.  The magic tells the byte
order and the fraction: ``a1b2c3d4`` microseconds, ``a1b23c4d`` nanoseconds, ``a1b2cd34``
("modified") microseconds and 8 more bytes a record.  Nothing marks where a record begins:
behind a length that cannot be, reading goes on at the next place where several records
with plausible times follow one another.

**What is read.** Ethernet with VLAN tags, MPLS and PPPoE, loopback, raw IP and Linux
cooked captures; IPv4 and IPv6 with extension headers and pieces; TCP as far as a
ClientHello or the head of a request; DNS over UDP and TCP; names in TLS and QUIC
(versions 1, 2 and drafts); HTTP/1, RTSP and NTRIP requests.  Link types 147 to 162 are
anybody's own (150 is DJI's internal protocol): counted, and not taken for IP.

**Rows of contacts.** One a conversation, and one for each further HTTP request in it.
``device`` is the end with a private address, or the one that began.  ``evidence`` names
the record that gives the name: ``tls.server_name``, ``quic.server_name``, ``http.host``,
``http.target``, or ``dns.name`` of an earlier answer to the same device, which is weaker:
several names share an address.  Bytes are those of the payload, by length and sequence
number, so that a packet cut by the snap length counts in full and one sent twice counts
once.  All lookups at one resolver are one row; a lookup that no conversation follows is
a row of its own without port.  ``attempted`` is what was refused, reset, not answered, not
found, or answered with an address of nobody (``0.0.0.0``).  Multicast and broadcast, mDNS
and LLMNR are records and no contacts.

**Blind spots**, counted: ``ech`` (a ClientHello that may hide another name; browsers also
send noise that looks like one), ``esni``, ``doh`` (known resolvers, or DNS messages in
HTTP), ``dot``, ``doq``, ``vpn``, ``tls_unread``, ``quic_unread`` (begun, but not read:
cut, or a version not known), ``cut_short`` (packets not kept whole), ``not_ip``,
``fragments``.

Not decoded: what is encrypted; Wi-Fi frames (link types 105, 127); what tunnels carry;
HTTP/2 in the clear; certificates.
"""

import struct
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .._bytes import READ_SIZE, Content
from .._coverage import CoverageSpan
from .._errors import CorruptLogError
from .._formats import Format
from .._keys import Keychains
from .._layout import ByteArray
from .._model import Issue, Log
from ._capture._capture_log import capture_log
from ._capture._link_layer import ETHERNET
from ._capture._packet_capture import (
    MAX_GAPS,
    MAX_PACKET_SIZE,
    BoolArray,
    CaptureInterface,
    IntArray,
    PacketCapture,
    drop_implausible_times,
    read_columns,
    read_numbers,
    search_windows,
)
from ._capture._pcapdroid import app_in_trailer

_HEADER = 24
#: Magic, in either byte order -> nanoseconds in a tick, bytes of a record's header.
_KINDS = {0xA1B2C3D4: (1000, 16), 0xA1B23C4D: (1, 16), 0xA1B2CD34: (1000, 24)}
_MAGICS = {
    number.to_bytes(4, order): (order, number)
    for number in _KINDS
    for order in ("little", "big")
}  # fmt: skip
#: After damage: records that must follow one another, and how far apart two records in a row
#: may lie in time, seconds.
_LINKS, _APART = 4, 7 * 86_400


@dataclass(frozen=True, slots=True)
class _PcapHeader:
    """The header of the file, and what follows from it."""

    order: str
    tick_ns: int
    record: int
    snap_length: int
    link: int
    zone_s: int
    version: str

    @property
    def longest(self) -> int:
        """Bytes that a packet has at most."""
        return max(MAX_PACKET_SIZE, self.snap_length if self.snap_length < 1 << 26 else 0)


def claims(content: Content) -> bool:
    """Return whether the file begins with the magic of a capture."""
    return content.head[:4] in _MAGICS


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a capture.

    Raises:
        CorruptLogError: If its header is not whole, or not that of a known version.
    """
    del keys
    with ThreadPoolExecutor(1) as beside:
        # Hashing lets other threads run, and takes no part in decoding.
        beside.submit(lambda: content.sha256)
        return capture_log(content, _capture(content, _header(content)), FORMAT.name)


def _header(content: Content) -> _PcapHeader:
    data = content.read_bytes(0, _HEADER, "the header of a capture")
    order, number = _MAGICS[data[:4]]
    sign = "<" if order == "little" else ">"
    major, minor, zone, _, snap, link = struct.unpack(f"{sign}HHiIII", data[4:])
    if major != 2:
        raise CorruptLogError(4, "version 2 of a capture", f"{major}.{minor}")
    tick, record = _KINDS[number]
    kind = {0xA1B23C4D: ", nanoseconds", 0xA1B2CD34: ", modified"}.get(number, "")
    # The upper bits say how long a checksum stands behind each frame.
    return _PcapHeader(sign, tick, record, snap, link & 0xFFFF, zone, f"{major}.{minor}{kind}")


def _capture(content: Content, header: _PcapHeader) -> PacketCapture:
    places, gaps = _index(content, header)
    seconds, fraction, kept, was = read_columns(content, places, (0, 4, 8, 12), f"{header.order}u4")
    starts = places + header.record
    notes = () if not header.zone_s else (f"its header sets times off by {header.zone_s} s",)
    resolution = "nanoseconds" if header.tick_ns == 1 else "microseconds"
    capture = PacketCapture(
        content,
        offsets=places,
        record_ends=starts + kept,
        packet_offsets=starts,
        captured_sizes=kept.astype(np.int32),
        wire_sizes=np.maximum(was, kept),
        times=drop_implausible_times((seconds - header.zone_s) * 10**9 + fraction * header.tick_ns),
        interface_indexes=np.zeros(len(places), np.int32),
        interfaces=(CaptureInterface(header.link, header.snap_length or None, resolution, 0),),
        version=header.version,
        other_spans=(
            CoverageSpan(0, _HEADER, "header"),
            *(CoverageSpan(a, b - a, "gap") for a, b, _ in gaps),
        ),
        issues=tuple(Issue(a, b - a, reason) for a, b, reason in gaps),
        notes=notes,
    )
    if header.link == ETHERNET:
        capture.app_of = lambda packet: app_in_trailer(_end(capture, packet))
    return capture


def _end(capture: PacketCapture, packet: int) -> bytes:
    size = min(32, int(capture.captured_sizes[packet]))
    return capture.read_bytes(int(capture.record_ends[packet]) - size, size)


def _index(content: Content, header: _PcapHeader) -> tuple[IntArray, list[tuple[int, int, str]]]:
    """Return where each record begins, and the gaps between them with their reason."""
    lengths = struct.Struct(f"{header.order}II").unpack_from
    data, size, record, longest = content.data, len(content), header.record, header.longest
    found, odd = array("q"), False
    gaps: list[tuple[int, int, str]] = []
    keep, at, last = found.append, _HEADER, size - header.record
    while at < size:
        stop = min(last, at + READ_SIZE)
        while at <= stop:
            kept, was = lengths(data, at + 8)
            if kept > longest or at + record + kept > size or (kept > was and not odd):
                break
            keep(at)
            at += record + kept
        content.release_pages(0, at)
        if at >= size or stop < at <= last:
            continue
        if _is_odd(content, header, at, found):
            odd = True
            continue
        again = None
        if len(gaps) < MAX_GAPS:
            again = _resume(content.array, header, at, _seconds(content, header, found))
        if again is None:
            gaps.append((at, size, _why(at, size, header, content)))
            break
        gaps.append((at, again, "no packet record; its length cannot be"))
        at = again
    return np.frombuffer(found, np.int64) if found else np.empty(0, np.int64), gaps


def _seconds(content: Content, header: _PcapHeader, found: "array[int]") -> int | None:
    """Return the time of the last record."""
    if not found:
        return None
    return int(read_numbers(content.array, np.array(found[-1:]), f"{header.order}u4")[0])


def _is_odd(content: Content, header: _PcapHeader, at: int, found: "array[int]") -> bool:
    """Return whether a writer counts more bytes kept than there were, and the next record fits."""
    if at + header.record > len(content):
        return False
    kept, was = content.unpack(f"{header.order}II", at + 8, "the lengths of a record")
    after = at + header.record + kept
    if kept <= was or kept > header.longest or after > len(content):
        return False
    seconds = _seconds(content, header, found)
    near = _plausible(content.array, header, np.array([after]), seconds, odd=True)
    return after == len(content) or bool(near[0])


def _why(at: int, size: int, header: _PcapHeader, content: Content) -> str:
    if at + header.record > size:
        return "the file is cut short within the header of a record"
    kept = int(read_numbers(content.array, np.array([at + 8]), f"{header.order}u4")[0])
    if kept > header.longest:
        return "no packet record; its length cannot be"
    return f"the file is cut short: a packet of {kept} bytes has {size - at - header.record}"


def _resume(data: ByteArray, header: _PcapHeader, at: int, seconds: int | None) -> int | None:
    """Return the next place where records follow one another again, near a time if one is known."""
    for window in search_windows(at + 1, len(data) - header.record + 1):
        places = np.arange(*window)
        places = places[_plausible(data, header, places, seconds)]
        ahead, good = places, np.ones(len(places), np.bool_)
        for _ in range(_LINKS if len(places) else 0):
            kept = read_numbers(data, ahead + 8, f"{header.order}u4").astype(np.int64)
            ahead = np.where(good, ahead + header.record + kept, ahead)
            ended = ahead == len(data)
            good &= ended | _plausible(data, header, ahead, seconds)
            ahead = np.where(ended, places, ahead)
        places = places[good]
        if len(places):
            return int(places[0])
    return None


def _plausible(
    data: ByteArray,
    header: _PcapHeader,
    places: IntArray,
    seconds: int | None,
    *,
    odd: bool = False,
) -> BoolArray:
    """Return where a record could begin: lengths that agree, and a time near the last."""
    wire = f"{header.order}u4"
    time, fraction, kept, was = (
        read_numbers(data, places + at, wire).astype(np.int64) for at in (0, 4, 8, 12)
    )
    near = np.abs(time - seconds) < _APART if seconds is not None else time > 0
    fits = places + header.record + kept <= len(data)
    agree = (kept > 0) & (kept <= header.longest) & ((kept <= was) | odd)
    return np.asarray(near & fits & agree & (fraction < 10**9 // header.tick_ns))


FORMAT = Format(
    name="pcap",
    title="Packet capture (pcap)",
    reference="draft-ietf-opsawg-pcap; tcpdump.org link types; RFC 1035, 8446, 9001, 9112",
    claims=claims,
    read=read,
)

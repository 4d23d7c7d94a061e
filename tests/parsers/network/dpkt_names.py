"""The names that dpkt finds in a capture: somebody else's decoder, to compare with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dpkt

NG = b"\n\r\r\n"
LOOKUP_PORTS = {53, 5353, 5355}
METHODS = (b"GET ", b"POST", b"PUT ", b"HEAD")
BROKEN = (dpkt.UnpackError, IndexError, AttributeError, UnicodeDecodeError, ValueError, KeyError)


def names_of(path: Path) -> set[tuple[str, str]]:
    """Return kind (dns, tls, http) and name, for each that stands whole in one packet."""
    found: set[tuple[str, str]] = set()
    for segment in segments(path):
        try:
            found |= set(_of(segment))
        except BROKEN:  # dpkt gives up on hostile packets with any of these
            continue
    return {(kind, name) for kind, name in found if name}


def segments(path: Path) -> Iterator[Any]:
    """Yield every TCP and UDP part that dpkt can take out of its packet."""
    with path.open("rb") as file:
        ng = file.read(4) == NG
        file.seek(0)
        reader = dpkt.pcapng.Reader(file) if ng else dpkt.pcap.Reader(file)
        link = reader.datalink()
        while True:
            try:
                data = next(reader, (0, None))[1]
            except dpkt.UnpackError:
                return
            if data is None:
                return
            part = _part(link, data)
            if isinstance(part, (dpkt.tcp.TCP, dpkt.udp.UDP)):
                yield part


def _part(link: int, data: bytes) -> Any:
    try:
        if link == dpkt.pcap.DLT_EN10MB:
            return dpkt.ethernet.Ethernet(data).data.data
        if link in (101, 228, 229):
            return (dpkt.ip.IP(data) if data[0] >> 4 == 4 else dpkt.ip6.IP6(data)).data
    except BROKEN:
        return None
    return None


def _of(part: Any) -> Iterator[tuple[str, str]]:
    data = part.data
    if isinstance(part, dpkt.udp.UDP):
        if {part.sport, part.dport} & LOOKUP_PORTS:
            for question in dpkt.dns.DNS(data).qd:
                yield "dns", question.name.lower().rstrip(".")
    elif data[:2] == b"\x16\x03" and data[5:6] == b"\x01":
        hello = dpkt.ssl.TLSHandshake(dpkt.ssl.TLSRecord(data).data).data
        for kind, body in hello.extensions:
            if kind == 0:
                yield "tls", body[5:].decode().lower()
    elif data[:4] in METHODS:
        head = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        lines = dict(line.split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
        host = {name.lower(): value for name, value in lines.items()}.get(b"host", b"")
        yield "http", host.decode().strip().lower().partition(":")[0]

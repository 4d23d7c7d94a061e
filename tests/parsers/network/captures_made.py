"""Small captures for tests, byte by byte, and the log that is read from them."""

import ipaddress
import struct
from collections.abc import Sequence
from typing import Any

import pandas as pd

from parsers import Log
from sample_logs import network_wire as wire
from tests.parsers.read_as_file import read_as_file

#: 2026-05-14 09:00 UTC.
SECONDS = 1_778_749_200
DEVICE, SERVER, RESOLVER = "192.168.8.20", "203.0.113.9", "192.168.8.1"
MAC_A, MAC_B = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


def read(data: bytes, name: str = "made.pcap") -> Log:
    """Read bytes as a file."""
    return read_as_file(data, name)


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, with a field for each column."""
    return list(frame.itertuples())


def header(link: int = 1, order: str = "<", magic: int = 0xA1B2C3D4, snap: int = 262_144) -> bytes:
    """Return the header of a pcap."""
    return struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snap, link)


def record(
    frame: bytes, at: float = 0.0, order: str = "<", tick: int = 1_000_000, wire_size: int = 0
) -> bytes:
    """Return the record of one packet, ``at`` seconds after the first."""
    seconds, rest = divmod(round((SECONDS + at) * tick), tick)
    size = wire_size or len(frame)
    return struct.pack(f"{order}IIII", seconds, rest, len(frame), size) + frame


def ethernet(packet: bytes, tags: bytes = b"") -> bytes:
    """Return a frame that carries an IP packet, behind tags if there are any."""
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return MAC_B + MAC_A + tags + kind + packet


def pcap(packets: Sequence[bytes], step: float = 0.1) -> bytes:
    """Return a capture of IP packets over Ethernet, ``step`` seconds apart."""
    frames = [record(ethernet(one), number * step) for number, one in enumerate(packets)]
    return header() + b"".join(frames)


def ipv6(source: str, target: str, kind: int, body: bytes) -> bytes:
    """Return a packet of IP version 6; ``body`` may begin with extension headers."""
    a, b = (ipaddress.IPv6Address(one).packed for one in (source, target))
    return struct.pack(">IHBB", 6 << 28, len(body), kind, 64) + a + b + body


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return a block of a pcapng."""
    padded = body + bytes(-len(body) % 4)
    size = struct.pack(f"{order}I", 12 + len(padded))
    return struct.pack(f"{order}I", kind) + size + padded + size


def option(code: int, data: bytes, order: str = "<") -> bytes:
    """Return an option of a block."""
    return struct.pack(f"{order}HH", code, len(data)) + data + bytes(-len(data) % 4)


def section(order: str = "<", options: bytes = b"") -> bytes:
    """Return the header of a section."""
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1) + options, order)


def interface(link: int = 101, order: str = "<", options: bytes = b"", snap: int = 0) -> bytes:
    """Return the description of an interface."""
    return block(1, struct.pack(f"{order}HHI", link, 0, snap) + options, order)


def enhanced_packet(
    packet: bytes, ticks: int, order: str = "<", source: int = 0, options: bytes = b""
) -> bytes:
    """Return an enhanced packet block."""
    head = struct.pack(
        f"{order}IIIII", source, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet)
    )
    return block(6, head + packet + bytes(-len(packet) % 4) + options, order)


class Connection:
    """A TCP connection between the device and a server, with numbers that fit."""

    def __init__(
        self, port: int = 443, source: int = 40_000, server: str = SERVER, device: str = DEVICE
    ) -> None:
        """Begin with nothing sent."""
        self.device, self.server = (device, source), (server, port)
        self.mine, self.theirs = 0xFFFFFF00, 5000  # the device's numbers pass through zero

    def up(self, data: bytes, flags: int = wire.ACK) -> bytes:
        """Return a segment of the device, and count what it sends."""
        packet = wire.tcp(self.device, self.server, flags, self.mine, self.theirs, data)
        self.mine += len(data) + bool(flags & (wire.SYN | wire.FIN))
        return packet

    def down(self, data: bytes, flags: int = wire.ACK) -> bytes:
        """Return a segment of the server, and count what it sends."""
        packet = wire.tcp(self.server, self.device, flags, self.theirs, self.mine, data)
        self.theirs += len(data) + bool(flags & (wire.SYN | wire.FIN))
        return packet

    def opened(self) -> list[bytes]:
        """Return the three packets that open it."""
        return [self.up(b"", wire.SYN), self.down(b"", wire.SYN | wire.ACK), self.up(b"")]


def dns_question(name: str, number: int = 7, kind: int = 1, port: int = 50_000) -> bytes:
    """Return a lookup of the device."""
    return wire.udp((DEVICE, port), (RESOLVER, 53), wire.dns_question(number, name, kind))


def dns_answer(
    name: str, addresses: Sequence[str], number: int = 7, code: int = 0, port: int = 50_000
) -> bytes:
    """Return the answer to it."""
    return wire.udp((RESOLVER, 53), (DEVICE, port), wire.dns_answer(number, name, addresses, code))


def client_hello(name: str | None, more: bytes = b"") -> bytes:
    """Return the record of a ClientHello."""
    return wire.tls_record(22, wire.client_hello(name, ("h2",), more))

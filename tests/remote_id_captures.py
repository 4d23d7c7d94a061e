"""Packet captures of Remote ID taken apart and edited byte by byte, apart from the readers.

Used to count what a capture holds, and to make spoofed captures from real ones.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ODID_ELEMENT, ODID_SERVICE = b"\xfa\x0b\xbc\x0d", b"\x16\xfa\xff\x0d"
NAN_SERVICE = b"\x88\x69\x19\x9d\x92\x09"
LOCATION, SYSTEM, BASIC_ID = 1, 4, 0
SIZE = 25


@dataclass(frozen=True)
class Packet:
    """A packet of a capture: where its bytes begin in the file, and what they are."""

    time_ns: int
    start: int
    link: int
    data: bytes


@dataclass(frozen=True)
class Message:
    """A message of 25 bytes, and where it begins in its packet."""

    packet: Packet
    at: int
    raw: bytes

    @property
    def kind(self) -> int:
        return self.raw[0] >> 4

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude; ``None``: unknown."""
        place = {LOCATION: 5, SYSTEM: 2}[self.kind]
        latitude, longitude = struct.unpack_from("<ii", self.raw, place)
        return (latitude / 1e7, longitude / 1e7) if latitude or longitude else None

    @property
    def offset(self) -> int:
        """First byte in the file."""
        return self.packet.start + self.at


def packets(data: bytes) -> Iterator[Packet]:
    """Yield the packets of a little-endian pcap or pcapng."""
    if data[:4] == b"\n\r\r\n":
        at, links = 0, []
        while at + 12 <= len(data):
            kind, size = struct.unpack_from("<II", data, at)
            if kind == 1:
                nano = b"\x09\x00\x01\x00\x09" in data[at : at + size]
                links.append((struct.unpack_from("<H", data, at + 8)[0], 1 if nano else 1000))
            if kind == 6:
                source, high, low, held = struct.unpack_from("<IIII", data, at + 8)
                link, tick = links[source]
                yield Packet(
                    (high << 32 | low) * tick, at + 28, link, data[at + 28 : at + 28 + held]
                )
            at += size
        return
    link, at = struct.unpack_from("<I", data, 20)[0], 24
    while at + 16 <= len(data):
        seconds, micro, held, _ = struct.unpack_from("<IIII", data, at)
        yield Packet(seconds * 10**9 + micro * 1000, at + 16, link, data[at + 16 : at + 16 + held])
        at += 16 + held


def messages(packet: Packet) -> list[Message]:
    """Return the messages of a packet, found by the marks of Remote ID alone."""
    data = packet.data
    for mark in (ODID_ELEMENT, ODID_SERVICE, NAN_SERVICE):
        found = data.find(mark)
        if found < 0:
            continue
        begin = found + len(mark) + (4 if mark == NAN_SERVICE else 0) + 1
        if begin + SIZE > len(data):  # a beacon that only announces the service
            continue
        if data[begin] >> 4 != 15:
            return [Message(packet, begin, data[begin : begin + SIZE])]
        places = [begin + 3 + SIZE * number for number in range(min(data[begin + 2], 9))]
        raws = [(at, data[at : at + SIZE]) for at in places if at + SIZE <= len(data)]
        cut = next(
            (n for n, (_, raw) in enumerate(raws) if data[begin + 2] > 9 and not any(raw)), None
        )
        return [Message(packet, at, raw) for at, raw in raws[:cut]]
    return []


def all_messages(path: Path) -> list[Message]:
    """Return every message of a capture."""
    return [each for packet in packets(path.read_bytes()) for each in messages(packet)]


def write_pcap(found: list[Packet]) -> bytes:
    """Return packets of one link type as a capture with nanoseconds."""
    out = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65_535, found[0].link)]
    for packet in found:
        seconds, fraction = divmod(packet.time_ns, 10**9)
        size = len(packet.data)
        out.append(struct.pack("<IIII", seconds, fraction, size, size) + packet.data)
    return b"".join(out)


def edited(packet: Packet, edit: Callable[[Message], bytes]) -> Packet:
    """Return a packet with each of its messages replaced."""
    data = bytearray(packet.data)
    for message in messages(packet):
        raw = edit(message)
        assert len(raw) == SIZE
        data[message.at : message.at + SIZE] = raw
    return replace(packet, data=bytes(data))


def with_position(raw: bytes, north_e7: int, east_e7: int) -> bytes:
    """Return a Location message moved by so many 1e-7 degrees."""
    latitude, longitude = struct.unpack_from("<ii", raw, 5)
    return raw[:5] + struct.pack("<ii", latitude + north_e7, longitude + east_e7) + raw[13:]


def with_height(raw: bytes, more_m: float) -> bytes:
    """Return a Location message with a height that is so much greater."""
    height = struct.unpack_from("<H", raw, 17)[0]
    return raw[:17] + struct.pack("<H", round(height + 2 * more_m)) + raw[19:]


def with_serial(raw: bytes, serial: bytes) -> bytes:
    """Return a Basic ID message with another serial number."""
    return raw[:2] + serial.ljust(20, b"\0") + raw[22:]


def with_address(packet: Packet, address: bytes) -> Packet:
    """Return a Wi-Fi beacon of another transmitter, behind a radiotap header."""
    at = struct.unpack_from("<H", packet.data, 2)[0] + 10
    return replace(packet, data=packet.data[:at] + address * 2 + packet.data[at + 12 :])

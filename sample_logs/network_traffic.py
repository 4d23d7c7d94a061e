"""What the controller sent on the network, packet by packet: ``network_story`` on the wire.

Two hours, with what a capture holds besides: the time of day asked for, a question to the
local network, another device.  Content is zeros where it would be encrypted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sample_logs import network_wire as wire
from sample_logs.network_story import (
    CONVERSATIONS,
    DEVICE,
    LOOKUPS,
    PACKAGE,
    RESOLVER,
    Conversation,
    Lookup,
    utc_ms,
)

PHONE, SYSTEM, SERVICES = "192.0.2.30", "android", "com.google.android.gms"
#: Payload of one packet of an upload, which the network card cuts up after the capture.
_LARGE = 65_480
_CLOCKS = ("08:40:11.250", "10:39:30.000")
_TIME = ("time.android.com", "198.51.100.123")
_NEWS = Conversation(
    "09:03:41.500", "www.bbc.co.uk", "198.51.100.60", 443, "tcp", "tls", 812, 1531, 1.5
)
_NOBODY = "0.0.0.0"  # noqa: S104 - what a filter answers, no socket
_REFUSED_AFTER_US = 800


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: when, by which app of which device, and all of it from its IP header on."""

    time_us: int
    device: str
    app: str
    data: bytes


@dataclass(slots=True)
class Traffic:
    """The packets in order of time, and the contacts they show."""

    packets: list[Packet] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)

    def send(self, time_us: int, device: str, app: str, data: bytes) -> None:
        """Add a packet."""
        self.packets.append(Packet(time_us, device, app, data))


#: One packet of a connection: sent by the device, flags, payload.
_Step = tuple[bool, int, bytes]


def build_traffic() -> Traffic:
    """Return the packets of two hours around the flight, and the contacts they show."""
    out = Traffic()
    for lookup in LOOKUPS:
        _add_lookup(out, lookup, DEVICE, PACKAGE)
        if lookup.address is None:
            _add_blocked_truth(out, lookup)
    for number, talk in enumerate(CONVERSATIONS):
        _add_conversation(out, talk, DEVICE, PACKAGE, 42_000 + number)
    _add_lookup(out, Lookup("09:03:41.250", _NEWS.host or "", _NEWS.address), PHONE, "")
    _add_conversation(out, _NEWS, PHONE, "", 51_000)
    for number, clock in enumerate(_CLOCKS):
        _add_time_request(out, clock, 40_000 + number)
    question = wire.dns_question(0, "_googlecast._tcp.local", 12, flags=0)
    packet = wire.udp((DEVICE, 5353), ("224.0.0.251", 5353), question)
    out.send(utc_ms("08:43:11.000") * 1000, DEVICE, SERVICES, packet)
    out.packets.sort(key=lambda packet: packet.time_us)
    out.contacts.sort(key=lambda row: row["time"])
    return out


def _add_lookup(out: Traffic, lookup: Lookup, device: str, app: str) -> None:
    """Ask the resolver for a name; a filter answers with the address of nobody."""
    number, at = 1 + len(out.packets), lookup.begin_ms * 1000
    source, resolver = (device, 50_000 + number), (RESOLVER, 53)
    out.send(at, device, app, wire.udp(source, resolver, wire.dns_question(number, lookup.host)))
    answer = wire.dns_answer(number, lookup.host, [lookup.address or _NOBODY])
    out.send(at + 14_000, device, app, wire.udp(resolver, source, answer))


def _add_conversation(out: Traffic, talk: Conversation, device: str, app: str, port: int) -> None:
    """Send the packets of one conversation, evenly from its begin to its end."""
    source, server = (device, port), (talk.address, talk.port)
    begin, end = talk.begin_ms * 1000, talk.end_ms * 1000
    if not talk.answered:
        end = begin + _REFUSED_AFTER_US
        packets = _segments(source, server, [(True, wire.SYN, b""), (False, wire.RST, b"")])
    elif talk.transport == "udp":
        packets = _datagrams(source, server, talk)
    else:
        packets = _segments(source, server, _steps(talk))
    for number, data in enumerate(packets):
        time = begin + (end - begin) * number // (len(packets) - 1)
        out.send(time, device, app, data)
    _add_truth(out, talk, device, app, begin, end)


def _steps(talk: Conversation) -> list[_Step]:
    """Return a connection from its first packet to its last."""
    first_up, first_down = _first_payloads(talk)
    up, down = _split(talk.up - len(first_up)), _split(talk.down - len(first_down))
    cut = 100 if talk.protocol == "tls" else len(first_up)  # a ClientHello in two segments
    push = wire.PSH | wire.ACK
    steps = [
        (True, wire.SYN, b""), (False, wire.SYN | wire.ACK, b""), (True, wire.ACK, b""),
        (True, push, first_up[:cut]), (True, push, first_up[cut:]), (False, push, first_down),
    ]  # fmt: skip
    for part in up:
        steps += [(True, push, bytes(part)), (False, wire.ACK, b"")]
    for part in down:
        steps += [(False, push, bytes(part)), (True, wire.ACK, b"")]
    ends = wire.FIN | wire.ACK
    steps += [(True, ends, b""), (False, ends, b""), (True, wire.ACK, b"")]
    return [step for step in steps if step[2] or step[1] != push]


def _first_payloads(talk: Conversation) -> tuple[bytes, bytes]:
    """Return what both sides say first."""
    if talk.protocol == "tls":
        hello = wire.client_hello(talk.host, ("h2", "http/1.1"))
        return wire.tls_record(22, hello), wire.tls_record(22, b"\x02" + bytes(120))
    if talk.protocol == "http":
        head = f"{talk.method} {talk.path} HTTP/1.1\r\nHost: {talk.host}\r\nX-Filling: "
        filling = "0" * (talk.up - len(head) - 4)
        return f"{head}{filling}\r\n\r\n".encode(), b"HTTP/1.1 200 OK\r\n\r\n"
    return b"", b""


def _split(size: int) -> list[int]:
    return [min(_LARGE, size - at) for at in range(0, size, _LARGE)]


def _segments(
    device: tuple[str, int], server: tuple[str, int], steps: Sequence[_Step]
) -> list[bytes]:
    """Return the packets of a connection, with the numbers that TCP counts by."""
    mine, theirs = 1000, 900_000
    out = []
    for up, flags, data in steps:
        known = 0 if flags == wire.SYN else theirs
        if up:
            out.append(wire.tcp(device, server, flags, mine, known, data))
        else:
            out.append(wire.tcp(server, device, flags, theirs, mine, data))
        size = len(data) + bool(flags & (wire.SYN | wire.FIN))
        mine, theirs = (mine + size, theirs) if up else (mine, theirs + size)
    return out


def _datagrams(device: tuple[str, int], server: tuple[str, int], talk: Conversation) -> list[bytes]:
    """Return a QUIC connection whose ClientHello fills two Initial packets."""
    more = wire.extension(0x0A0A, bytes(1100))  # stands before the name
    hello = wire.client_hello(talk.host, ("h3",), more)
    target, own = bytes.fromhex("8394c8f03e515708"), bytes.fromhex("c0ffee01")
    up = [
        wire.quic_initial(target, own, hello[place : place + 1000], place, number)
        for number, place in enumerate((0, 1000))
    ]
    up.append(b"\x40" + bytes(talk.up - sum(map(len, up)) - 1))
    out = [wire.udp(device, server, data) for data in up]
    # Put together by the network card before the capture.
    return [*out, wire.udp(server, device, b"\x40" + bytes(talk.down - 1))]


def _add_time_request(out: Traffic, clock: str, port: int) -> None:
    name, address = _TIME
    _add_lookup(out, Lookup(clock, name, address), DEVICE, SYSTEM)
    at = utc_ms(clock) * 1000 + 20_000
    source, server = (DEVICE, port), (address, 123)
    out.send(at, DEVICE, SYSTEM, wire.udp(source, server, b"\x23".ljust(48, b"\0")))
    out.send(at + 30_000, DEVICE, SYSTEM, wire.udp(server, source, b"\x24".ljust(48, b"\0")))
    talk = Conversation(clock, name, address, 123, "udp", "ntp", 48, 48, 0.0)
    _add_truth(out, talk, DEVICE, SYSTEM, at, at + 30_000)


# What is true


def _add_truth(
    out: Traffic, talk: Conversation, device: str, app: str, begin: int, end: int
) -> None:
    out.contacts.append(
        {
            "time": utc(begin),
            "end": utc(end),
            "device": device,
            "app": app or None,
            "host": talk.host,
            "address": talk.address,
            "port": talk.port,
            "protocol": talk.protocol,
            "path": talk.path if talk.protocol == "http" else None,
            "bytes_up": talk.up,
            "bytes_down": talk.down,
            "grade": "measured" if talk.answered else "attempted",
        }
    )


def _add_blocked_truth(out: Traffic, lookup: Lookup) -> None:
    at = lookup.begin_ms * 1000
    nothing = dict.fromkeys(("address", "port", "path", "bytes_up", "bytes_down"))
    out.contacts.append(
        {
            "time": utc(at),
            "end": utc(at + 14_000),
            "device": DEVICE,
            "app": PACKAGE,
            "host": lookup.host,
            "protocol": "dns",
            "grade": "attempted",
            **nothing,
        }
    )


def utc(time_us: int) -> str:
    """Return a time as ISO 8601 in UTC."""
    at = datetime.fromtimestamp(time_us // 10**6, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{time_us % 10**6:06d}Z"

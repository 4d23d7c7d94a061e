"""Bytes on the wire: IPv4, UDP, TCP, DNS, TLS, QUIC and HTTP, as their RFCs describe them."""

import hashlib
import hmac
import ipaddress
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
QUIC_1 = 1
_QUIC_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")


def ipv4(source: str, target: str, protocol: int, body: bytes, number: int = 0) -> bytes:
    """Return a packet of IP version 4."""
    a, b = (ipaddress.IPv4Address(one).packed for one in (source, target))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), number, 0x4000, 64, protocol, 0)
    total = checksum(head + a + b)
    return head[:10] + struct.pack(">H", total) + a + b + body


def checksum(data: bytes) -> int:
    """Return the internet checksum (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _sum(source: str, target: str, protocol: int, body: bytes) -> int:
    a, b = (ipaddress.IPv4Address(one).packed for one in (source, target))
    return checksum(a + b + struct.pack(">BBH", 0, protocol, len(body)) + body)


def udp(source: tuple[str, int], target: tuple[str, int], data: bytes) -> bytes:
    """Return a datagram in its packet; ends are address and port."""
    body = struct.pack(">HHHH", source[1], target[1], 8 + len(data), 0) + data
    total = _sum(source[0], target[0], UDP, body)
    return ipv4(source[0], target[0], UDP, body[:6] + struct.pack(">H", total) + data)


def tcp(
    source: tuple[str, int],
    target: tuple[str, int],
    flags: int,
    sequence: int,
    acknowledged: int,
    data: bytes = b"",
) -> bytes:
    """Return a segment in its packet; ends are address and port."""
    head = struct.pack(
        ">HHIIBBHHH", source[1], target[1], sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF,
        0x50, flags, 64_240, 0, 0,
    )  # fmt: skip
    total = _sum(source[0], target[0], TCP, head + data)
    return ipv4(source[0], target[0], TCP, head[:16] + struct.pack(">H", total) + head[18:] + data)


# DNS


def dns_name(name: str) -> bytes:
    """Return a name without compression."""
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def dns_question(number: int, name: str, kind: int = 1, flags: int = 0x0100) -> bytes:
    """Return a message that asks for one name."""
    head = struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0)
    return head + dns_name(name) + struct.pack(">HH", kind, 1)


def dns_answer(number: int, name: str, addresses: Sequence[str], code: int = 0) -> bytes:
    """Return the message that answers it; the answers point back to the question's name."""
    head = struct.pack(">HHHHHH", number, 0x8180 | code, 1, len(addresses), 0, 0)
    rows = [
        struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + ipaddress.IPv4Address(one).packed
        for one in addresses
    ]
    return head + dns_name(name) + struct.pack(">HH", 1, 1) + b"".join(rows)


# TLS


def _prefixed(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _extension(kind: int, data: bytes) -> bytes:
    return struct.pack(">H", kind) + _prefixed(2, data)


def client_hello(name: str | None, alpn: Sequence[str] = (), more: bytes = b"") -> bytes:
    """Return the handshake message of a client; ``more`` is further extensions as they are."""
    random = hashlib.sha256(f"random {name}".encode()).digest()
    extensions = more
    if name is not None:
        entry = b"\0" + _prefixed(2, name.encode())
        extensions += _extension(0, _prefixed(2, entry))
    extensions += _extension(43, _prefixed(1, b"\x03\x04\x03\x03"))
    extensions += _extension(51, _prefixed(2, b"\x00\x1d" + _prefixed(2, random)))
    if alpn:
        extensions += _extension(16, _prefixed(2, b"".join(_prefixed(1, p.encode()) for p in alpn)))
    body = b"\x03\x03" + random + _prefixed(1, random) + _prefixed(2, b"\x13\x01\x13\x02\xc0\x2f")
    return b"\x01" + _prefixed(3, body + _prefixed(1, b"\0") + _prefixed(2, extensions))


def extension(kind: int, data: bytes) -> bytes:
    """Return an extension, for ``more`` of a ClientHello."""
    return _extension(kind, data)


def tls_record(kind: int, data: bytes) -> bytes:
    """Return a record: 22 handshake, 23 application data."""
    return bytes([kind]) + b"\x03\x03" + _prefixed(2, data)


# QUIC


def _expand(secret: bytes, label: str, size: int) -> bytes:
    full = b"tls13 " + label.encode()
    info = struct.pack(">HB", size, len(full)) + full + b"\0\x01"
    return hmac.new(secret, info, hashlib.sha256).digest()[:size]


def quic_initial(
    target: bytes,
    source: bytes,
    crypto: bytes,
    place: int,
    number: int,
    *,
    version: int = QUIC_1,
    salt: bytes = _QUIC_SALT,
    prefix: str = "quic",
    size: int = 1200,
    keys_of: bytes | None = None,
) -> bytes:
    """Return a client's Initial packet of ``size`` bytes with one CRYPTO frame."""
    secret = hmac.new(salt, target if keys_of is None else keys_of, hashlib.sha256).digest()
    client = _expand(secret, "client in", 32)
    key, iv, mask_key = (
        _expand(client, f"{prefix} {label}", length)
        for label, length in (("key", 16), ("iv", 12), ("hp", 16))
    )
    kind = 0xD1 if prefix == "quicv2" else 0xC1
    frame = b"\x06" + _varint(place) + _varint(len(crypto)) + crypto
    head = bytes([kind]) + version.to_bytes(4, "big")
    head += _prefixed(1, target) + _prefixed(1, source) + b"\0"
    room = size - len(head) - 2
    plain = frame.ljust(room - 2 - 16, b"\0")
    head += struct.pack(">H", 0x4000 | (2 + len(plain) + 16)) + struct.pack(">H", number)
    nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
    sealed = AESGCM(key).encrypt(nonce, plain, head)
    # The number has two bytes, so the sample begins two bytes into the sealed part.
    encryptor = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor()  # noqa: S305 - RFC 9001
    mask = encryptor.update(sealed[2:18])
    veiled = bytes(a ^ b for a, b in zip(head[-2:], mask[1:3], strict=True))
    return bytes([head[0] ^ (mask[0] & 0x0F)]) + head[1:-2] + veiled + sealed


def _varint(number: int) -> bytes:
    return struct.pack(">H", 0x4000 | number)

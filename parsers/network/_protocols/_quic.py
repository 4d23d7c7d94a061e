"""The ClientHello of a QUIC connection, from its Initial packets (RFC 9000, 9001, 9369).

Initial packets are encrypted with keys that anybody can derive from the connection ID
their client chose; they hide nothing from an observer.  Decrypted are versions 1 and 2
and the drafts 23 to 34.  Google's own versions before them (Q0xx, T0xx) are counted.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from ._tls import MAX_HELLO_SIZE, ClientHello, parse_client_hello

VERSION_1, VERSION_2 = 1, 0x6B3343CF
_SALT_1 = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_SALT_2 = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
_SALT_29 = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_SALT_23 = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
#: A client sends few of them; more are not looked at.
MAX_PACKETS = 64
#: A client sends its ClientHello in some ten frames; of more only these are joined up.
_MAX_FRAMES = 512


def initial_salt_of_version(version: int) -> bytes | None:
    """Return the salt of a version; ``None``: it is not known."""
    if version in (VERSION_1, 0xFF000021, 0xFF000022):
        return _SALT_1
    if version == VERSION_2:
        return _SALT_2
    if 0xFF00001D <= version <= 0xFF000020:
        return _SALT_29
    if 0xFF000017 <= version <= 0xFF00001C:
        return _SALT_23
    return None


def is_google_version(version: int) -> bool:
    """Return whether a version is one of Google's own: ``Q`` or ``T`` and three digits."""
    text = version.to_bytes(4)
    return text[:1] in b"QT" and text[1:].isdigit()


class _PacketKeys(NamedTuple):
    key: bytes
    iv: bytes
    mask: bytes


@dataclass(eq=False, slots=True)
class QuicInitialPackets:
    """The Initial packets of one client, as they come in."""

    #: Connection IDs that keys may come from: that of its first packet serves for all.
    connection_ids: list[bytes] = field(default_factory=list)
    crypto_frames: dict[int, bytes] = field(default_factory=dict)
    packets: int = 0
    failed: int = 0
    version: int = 0

    def add_datagram(self, datagram: bytes) -> None:
        """Take the Initial packets of a datagram; others may stand behind them."""
        offset = 0
        while offset < len(datagram) and datagram[offset] & 0xC0 == 0xC0:
            size = self._add_packet_and_return_size(datagram[offset:])
            if not size:
                break
            offset += size

    @property
    def client_hello(self) -> ClientHello | None:
        """The ClientHello, as far as its pieces join up from the start."""
        stream = bytearray()
        for position in sorted(self.crypto_frames):
            if position > len(stream):
                break
            stream[position : position + len(self.crypto_frames[position])] = self.crypto_frames[
                position
            ]
        return parse_client_hello(bytes(stream))

    def _add_packet_and_return_size(self, data: bytes) -> int:
        """Take one packet with a long header; return its size, 0 if it is not known."""
        try:
            version, target, offset = _parse_long_header_version_dcid_and_end(data)
            kind = (data[0] >> 4) & 3
            initial = kind == (1 if version == VERSION_2 else 0)
            if kind == (0 if version == VERSION_2 else 3):  # Retry has no length
                return 0
            if initial:
                token, offset = _read_varint_and_end(data, offset)
                offset += token
            size, offset = _read_varint_and_end(data, offset)
        except IndexError:
            return 0
        if initial_salt_of_version(version) is None or offset + size > len(data) or size < 20:
            return 0
        if initial and self.packets < MAX_PACKETS:
            self.packets += 1
            self.version = version
            self._decrypt_and_add(data[: offset + size], offset, version, target)
        return offset + size

    def _decrypt_and_add(self, packet: bytes, offset: int, version: int, target: bytes) -> None:
        if target not in self.connection_ids and len(self.connection_ids) < 4:
            self.connection_ids.append(target)
        for name in self.connection_ids:
            plain = _decrypt_packet(packet, offset, client_initial_keys(version, name))
            if plain is not None:
                self._add_crypto_frames(plain)
                return
        self.failed += 1

    def _add_crypto_frames(self, plain: bytes) -> None:
        """Keep what CRYPTO frames hold."""
        offset = 0
        try:
            while offset < len(plain):
                kind = plain[offset]
                offset += 1
                if kind in (0, 1):  # PADDING, PING
                    continue
                if kind in (2, 3):
                    offset = _skip_ack_frame(plain, offset, kind == 3)
                elif kind == 6:
                    position, offset = _read_varint_and_end(plain, offset)
                    size, offset = _read_varint_and_end(plain, offset)
                    if position + size <= MAX_HELLO_SIZE:
                        data = plain[offset : offset + size]
                        known = self.crypto_frames.get(position)
                        if known is None and len(self.crypto_frames) >= _MAX_FRAMES:
                            return
                        if len(data) > len(known or b""):
                            self.crypto_frames[position] = data
                    offset += size
                else:
                    return
        except IndexError:
            return


def _parse_long_header_version_dcid_and_end(data: bytes) -> tuple[int, bytes, int]:
    """Return version, target's connection ID, and where the two IDs end."""
    version = int.from_bytes(data[1:5])
    size = data[5]
    target = data[6 : 6 + size]
    offset = 6 + size
    offset += 1 + data[offset]
    if size > 20 or offset > len(data):
        raise IndexError("a connection ID that is too long")
    return version, target, offset


def _read_varint_and_end(data: bytes, offset: int) -> tuple[int, int]:
    size = 1 << (data[offset] >> 6)
    if offset + size > len(data):
        raise IndexError("a number that is cut")
    return int.from_bytes(data[offset : offset + size]) & ((1 << (8 * size - 2)) - 1), offset + size


def _skip_ack_frame(data: bytes, offset: int, counted: bool) -> int:
    """Step over an ACK frame."""
    _, offset = _read_varint_and_end(data, offset)
    _, offset = _read_varint_and_end(data, offset)
    ranges, offset = _read_varint_and_end(data, offset)
    _, offset = _read_varint_and_end(data, offset)
    for _ in range(2 * min(ranges, len(data)) + (3 if counted else 0)):
        _, offset = _read_varint_and_end(data, offset)
    return offset


def client_initial_keys(version: int, name: bytes) -> _PacketKeys:
    """Return the keys of a client's Initial packets."""
    extract = HMAC(initial_salt_of_version(version) or _SALT_1, SHA256())
    extract.update(name)
    secret = extract.finalize()
    client = _hkdf_expand_label(secret, b"client in", 32)
    prefix = b"quicv2 " if version == VERSION_2 else b"quic "
    return _PacketKeys(
        _hkdf_expand_label(client, prefix + b"key", 16),
        _hkdf_expand_label(client, prefix + b"iv", 12),
        _hkdf_expand_label(client, prefix + b"hp", 16),
    )


def _hkdf_expand_label(secret: bytes, label: bytes, size: int) -> bytes:
    """Return HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1)."""
    label = b"tls13 " + label
    info = size.to_bytes(2) + bytes([len(label)]) + label + b"\x00"
    return HKDFExpand(SHA256(), size, info).derive(secret)


def _decrypt_packet(packet: bytes, offset: int, keys: _PacketKeys) -> bytes | None:
    """Return the content of a packet; ``None``: it is not of these keys."""
    sample = packet[offset + 4 : offset + 20]
    cipher = Cipher(algorithms.AES(keys.mask), modes.ECB()).encryptor()  # noqa: S305 - RFC 9001
    mask = cipher.update(sample)
    first = packet[0] ^ (mask[0] & 0x0F)
    width = (first & 3) + 1
    number = bytes(a ^ b for a, b in zip(packet[offset : offset + width], mask[1:], strict=False))
    head = bytes([first]) + packet[1:offset] + number
    nonce = bytes(a ^ b for a, b in zip(keys.iv, number.rjust(12, b"\x00"), strict=True))
    try:
        return AESGCM(keys.key).decrypt(nonce, packet[offset + width :], head)
    except InvalidTag:
        return None

"""The name in a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3).

A ClientHello that is not whole is read as far as it goes: the name often stands before
the cut.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_HANDSHAKE, _CLIENT_HELLO = 0x16, 1
_SERVER_NAME, _ALPN, _ECH, _ESNI = 0, 16, 0xFE0D, 0xFFCE
#: A ClientHello with post-quantum keys has some 2 000 bytes; a longer one is damage.
MAX_HELLO_SIZE = 65_536


@dataclass(frozen=True, slots=True)
class ClientHello:
    """The first message of a TLS client."""

    #: As it stands there, lower case; ``None``: it names nobody.
    name: str | None
    #: Protocols it offers, such as ``h2``.
    alpn: tuple[str, ...]
    #: Whether it carries an encrypted inner ClientHello (or noise that looks like one).
    ech: bool
    #: The draft before that, which encrypted the name alone.
    esni: bool
    complete: bool


def begins_with_client_hello(data: bytes) -> bool:
    """Return whether bytes begin a record with a ClientHello, as far as there are any."""
    return (
        data[:1] == bytes([_HANDSHAKE])
        and (len(data) < 2 or data[1] == 3)
        and (len(data) < 6 or data[5] == _CLIENT_HELLO)
    )


def is_client_hello_complete(stream: bytes) -> bool:
    """Return whether a stream that begins with a ClientHello holds all of it."""
    client_hello = client_hello_in_stream(stream)
    return client_hello is not None and client_hello.complete


def client_hello_in_stream(stream: bytes) -> ClientHello | None:
    """Return the ClientHello at the start of a TLS stream; it may span records."""
    if not begins_with_client_hello(stream) or len(stream) < 6:
        return None
    handshake = bytearray()
    offset = 0
    while offset + 5 <= len(stream) and stream[offset] == _HANDSHAKE and stream[offset + 1] == 3:
        size = int.from_bytes(stream[offset + 3 : offset + 5])
        handshake += stream[offset + 5 : offset + 5 + size]
        offset += 5 + size
        if not size or _is_whole_handshake(handshake):
            break
    return parse_client_hello(bytes(handshake))


def _is_whole_handshake(handshake: bytes | bytearray) -> bool:
    return len(handshake) >= 4 and len(handshake) >= 4 + int.from_bytes(handshake[1:4])


def parse_client_hello(message: bytes) -> ClientHello | None:
    """Return a ClientHello from a handshake message; ``None``: it is none."""
    if len(message) < 4 or message[0] != _CLIENT_HELLO:
        return None
    body = message[4 : 4 + int.from_bytes(message[1:4])]
    if len(body) >= 2 and body[0] != 3:
        return None
    name: str | None = None
    alpn: tuple[str, ...] = ()
    ech = esni = False
    for kind, data in _iterate_extensions(body):
        if kind == _SERVER_NAME and name is None:
            name = _parse_server_name(data)
        elif kind == _ALPN:
            alpn = _parse_alpn_protocols(data)
        ech |= kind == _ECH
        esni |= kind == _ESNI
    return ClientHello(name, alpn, ech, esni, _is_whole_handshake(message))


def _iterate_extensions(body: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 2 + 32
    offset += 1 + _read_big_endian_number(body, offset, 1)  # session
    offset += 2 + _read_big_endian_number(body, offset, 2)  # ciphers
    offset += 1 + _read_big_endian_number(body, offset, 1)  # compression
    offset += 2
    while offset + 4 <= len(body):
        kind, size = (
            _read_big_endian_number(body, offset, 2),
            _read_big_endian_number(body, offset + 2, 2),
        )
        yield kind, body[offset + 4 : offset + 4 + size]
        offset += 4 + size


def _read_big_endian_number(data: bytes, offset: int, size: int) -> int:
    return int.from_bytes(data[offset : offset + size])


def _parse_server_name(data: bytes) -> str | None:
    size = _read_big_endian_number(data, 3, 2)
    if len(data) < 5 or data[2] != 0 or not 0 < size <= 255 or len(data) < 5 + size:
        return None
    return printable_lower_case_text(data[5 : 5 + size])


def _parse_alpn_protocols(data: bytes) -> tuple[str, ...]:
    protocols: list[str] = []
    offset = 2
    while offset < len(data) and len(protocols) < 16:
        protocols.append(printable_lower_case_text(data[offset + 1 : offset + 1 + data[offset]]))
        offset += 1 + data[offset]
    return tuple(protocols)


def printable_lower_case_text(data: bytes) -> str:
    """Return bytes as lower-case text; what is not printable ASCII as ``\\xNN``."""
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}"
        for byte in data.lower()
    )

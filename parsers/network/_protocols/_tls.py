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
    """What a client says when it begins to speak TLS."""

    #: As it stands there, lower case; ``None``: it names nobody.
    name: str | None
    #: Protocols it offers, such as ``h2``.
    alpn: tuple[str, ...]
    #: Whether it carries an encrypted inner ClientHello (or noise that looks like one).
    ech: bool
    #: The draft before that, which encrypted the name alone.
    esni: bool
    complete: bool


def begins_client_hello(data: bytes) -> bool:
    """Return whether bytes begin a record with a ClientHello, as far as there are any."""
    return (
        data[:1] == bytes([_HANDSHAKE])
        and (len(data) < 2 or data[1] == 3)
        and (len(data) < 6 or data[5] == _CLIENT_HELLO)
    )


def is_hello_complete(stream: bytes) -> bool:
    """Return whether a stream that begins with a ClientHello holds all of it."""
    found = client_hello_in_stream(stream)
    return found is not None and found.complete


def client_hello_in_stream(stream: bytes) -> ClientHello | None:
    """Return the ClientHello at the start of a TLS stream; it may span records."""
    if not begins_client_hello(stream) or len(stream) < 6:
        return None
    said = bytearray()
    at = 0
    while at + 5 <= len(stream) and stream[at] == _HANDSHAKE and stream[at + 1] == 3:
        size = int.from_bytes(stream[at + 3 : at + 5])
        said += stream[at + 5 : at + 5 + size]
        at += 5 + size
        if not size or _whole(said):
            break
    return parse_client_hello(bytes(said))


def _whole(said: bytes | bytearray) -> bool:
    return len(said) >= 4 and len(said) >= 4 + int.from_bytes(said[1:4])


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
    for kind, data in _extensions(body):
        if kind == _SERVER_NAME and name is None:
            name = _server_name(data)
        elif kind == _ALPN:
            alpn = _protocols(data)
        ech |= kind == _ECH
        esni |= kind == _ESNI
    return ClientHello(name, alpn, ech, esni, _whole(message))


def _extensions(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2 + 32
    at += 1 + _number(body, at, 1)  # session
    at += 2 + _number(body, at, 2)  # ciphers
    at += 1 + _number(body, at, 1)  # compression
    at += 2
    while at + 4 <= len(body):
        kind, size = _number(body, at, 2), _number(body, at + 2, 2)
        yield kind, body[at + 4 : at + 4 + size]
        at += 4 + size


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size])


def _server_name(data: bytes) -> str | None:
    size = _number(data, 3, 2)
    if len(data) < 5 or data[2] != 0 or not 0 < size <= 255 or len(data) < 5 + size:
        return None
    return printable_lower(data[5 : 5 + size])


def _protocols(data: bytes) -> tuple[str, ...]:
    found: list[str] = []
    at = 2
    while at < len(data) and len(found) < 16:
        found.append(printable_lower(data[at + 1 : at + 1 + data[at]]))
        at += 1 + data[at]
    return tuple(found)


def printable_lower(data: bytes) -> str:
    """Return bytes as lower-case text; what is not printable ASCII as ``\\xNN``."""
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}"
        for byte in data.lower()
    )

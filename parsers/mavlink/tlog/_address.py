"""Addresses in texts: hosts, ports and paths, without user names and passwords."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ._records import redacted

#: An address with a scheme.
_URI = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>]+", re.IGNORECASE)
#: What ends a sentence and is no part of the address before it.
_AFTER = ".,;:!?)]}"
#: Four numbers that may be an IPv4 address.
_DOTTED = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(?![\w.])")
#: Words before four numbers that make them a version, not an address.
_VERSION = re.compile(r"(planner|version|firmware|\bv|ver\.?|release|build)\s*$", re.IGNORECASE)
#: Schemes of files on the vehicle itself: no other computer is named.
LOCAL = frozenset({"mftp", "mavlinkftp", "file"})


@dataclass(frozen=True, slots=True)
class Address:
    """A computer that a text names."""

    host: str | None = None
    address: str | None = None
    port: int | None = None
    protocol: str | None = None
    path: str | None = None


def of_uri(text: str, protocol: str | None = None) -> Address | None:
    """Return the computer of an address with a scheme; ``None`` if it names none."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme.lower() in LOCAL:
        return None
    path = redacted(parts.path + (f"?{parts.query}" if parts.query else "")) or None
    return _named(host, port, parts.scheme.lower() or protocol, path)


def of_stream(text: str, protocol: str) -> Address | None:
    """Return the computer of a video stream's address, which may lack its scheme."""
    if "://" in text:
        return of_uri(text)
    host, _, port = text.strip().rpartition(":")
    if text.strip().isdigit() and int(text) < 1 << 16:
        return Address(port=int(text), protocol=protocol)
    if host and port.isdigit() and int(port) < 1 << 16:
        return _named(host.strip("[]"), int(port), protocol, None)
    return _named(text.strip(), None, protocol, None) if ip(text.strip()) else None


def in_text(text: str) -> list[Address]:
    """Return every computer that a free text names by an address, each once.

    Four numbers that repeat the host of an address with a scheme say nothing new.
    """
    named = (of_uri(match[0].rstrip(_AFTER)) for match in _URI.finditer(text))
    found = [one for one in named if one is not None]
    known = {one.address for one in found}
    rest = _URI.sub(" ", text)
    for match in _DOTTED.finditer(rest):
        version = _VERSION.search(rest[: match.start()])
        if ip(match[1]) and match[1] not in known and not version:
            port = int(match[2]) if match[2] and int(match[2]) < 1 << 16 else None
            found.append(Address(address=match[1], port=port))
    return found


def ip(text: str) -> bool:
    """Return whether a text is an IP address of a computer."""
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


def _named(host: str, port: int | None, protocol: str | None, path: str | None) -> Address:
    if ip(host):
        return Address(None, host, port, protocol, path)
    return Address(host, None, port, protocol, path)

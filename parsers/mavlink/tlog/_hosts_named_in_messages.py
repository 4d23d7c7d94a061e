"""Contacts: hosts named in video streams, files, definitions, texts and parameters.

Addresses are taken without user names and passwords.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._shared._mavlink_message_definitions import enum_names
from .._shared._network_params import network_peers
from ._message_columns import MavlinkMessages, TlogMessages
from ._parameters import LastParameterValue
from ._status_text import StatusText

#: An address with a scheme.
_URI = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>]+", re.IGNORECASE)
#: What ends a sentence and is no part of the address before it.
_TRAILING_PUNCTUATION = ".,;:!?)]}"
#: Four numbers that may be an IPv4 address.
_IPV4 = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(?![\w.])")
#: Words before four numbers that make them a version, not an address.
_LONGEST_VERSION_WORD = 24
_VERSION_WORD = re.compile(
    r"(planner|version|firmware|\bv|ver\.?|release|build)\s*$", re.IGNORECASE
)
#: Schemes of files on the vehicle itself: no other computer is named.
LOCAL_SCHEMES = frozenset({"mftp", "mavlinkftp", "file"})


class HostAddress(NamedTuple):
    """A computer that a text names."""

    host: str | None = None
    address: str | None = None
    port: int | None = None
    protocol: str | None = None
    path: str | None = None


def host_address_in_uri(text: str) -> HostAddress | None:
    """Return the computer of an address with a scheme; ``None`` if it names none."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme.lower() in LOCAL_SCHEMES:
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "") or None
    return _build_host_address(host, port, parts.scheme.lower() or None, path)


def host_address_of_video_stream(text: str, protocol: str) -> HostAddress | None:
    """Return the computer of a video stream's address, which may lack its scheme."""
    if "://" in text:
        return host_address_in_uri(text)
    host, _, port = text.strip().rpartition(":")
    if text.strip().isdigit() and int(text) < 1 << 16:
        return HostAddress(port=int(text), protocol=protocol)
    if host and port.isdigit() and int(port) < 1 << 16:
        return _build_host_address(host.strip("[]"), int(port), protocol, None)
    return (
        _build_host_address(text.strip(), None, protocol, None)
        if is_ip_address(text.strip())
        else None
    )


def host_addresses_in_text(text: str) -> list[HostAddress]:
    """Return every computer that a free text names by an address, each once.

    An IPv4 address that repeats the host of a URI is left out.
    """
    named = (
        host_address_in_uri(match[0].rstrip(_TRAILING_PUNCTUATION)) for match in _URI.finditer(text)
    )
    addresses = [address for address in named if address is not None]
    known = {address.address for address in addresses}
    rest = _URI.sub(" ", text)
    for match in _IPV4.finditer(rest):
        before = rest[max(0, match.start() - _LONGEST_VERSION_WORD) : match.start()]
        version = _VERSION_WORD.search(before)
        if is_ip_address(match[1]) and match[1] not in known and not version:
            port = int(match[2]) if match[2] and int(match[2]) < 1 << 16 else None
            addresses.append(HostAddress(address=match[1], port=port))
    return addresses


def is_ip_address(text: str) -> bool:
    """Return whether a text is an IP address of a computer."""
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


def _build_host_address(
    host: str, port: int | None, protocol: str | None, path: str | None
) -> HostAddress:
    if is_ip_address(host):
        return HostAddress(None, host, port, protocol, path)
    return HostAddress(host, None, port, protocol, path)


ContactRow = dict[str, Any]

#: Message -> fields that hold an address.
URI_FIELDS: Mapping[str, tuple[str, ...]] = {
    "CAMERA_IMAGE_CAPTURED": ("file_url",),
    "CAMERA_INFORMATION": ("cam_definition_uri",),
    "COMPONENT_INFORMATION": ("general_metadata_uri", "peripherals_metadata_uri"),
    "COMPONENT_METADATA": ("uri",),
}


def contact_rows(
    stream: TlogMessages, texts: Sequence[StatusText], params: Mapping[str, LastParameterValue]
) -> list[ContactRow]:
    """Return every computer that is named, once for each message that names it."""
    return [
        *_video_stream_contacts(stream),
        *_uri_field_contacts(stream),
        *_text_contacts(stream, texts),
        *_parameter_contacts(params),
    ]


def contact_row(
    address: HostAddress, time: int, offset: int, evidence: str, grade: str = "reported"
) -> ContactRow:
    """Return a row of the table of contacts."""
    return {
        "time": time,
        "host": address.host,
        "address": address.address,
        "port": address.port,
        "protocol": address.protocol,
        "path": address.path,
        "evidence": evidence,
        "grade": grade,
        "source_offset": offset,
    }


def _message_contact(
    messages: MavlinkMessages, row: int, address: HostAddress, label: str
) -> ContactRow:
    evidence = f"{messages.message.name}.{label}"
    return contact_row(address, int(messages.time[row]), int(messages.offsets[row]), evidence)


def iterate_first_row_and_distinct_text(
    messages: MavlinkMessages, label: str
) -> Iterator[tuple[int, str]]:
    """Yield the first row of each text that a field holds, and the text."""
    seen: set[str] = set()
    for row, text in enumerate(messages[label].tolist()):
        if text and text not in seen:
            seen.add(text)
            yield row, text


def _video_stream_contacts(stream: TlogMessages) -> Iterator[ContactRow]:
    messages = stream["VIDEO_STREAM_INFORMATION"]
    for row, text in iterate_first_row_and_distinct_text(messages, "uri"):
        kind = enum_names("VIDEO_STREAM_TYPE").get(int(messages["type"][row]), "")
        address = host_address_of_video_stream(text, kind.lower().replace("_", "-"))
        if address is not None:
            yield _message_contact(messages, row, address, "uri")


def _uri_field_contacts(stream: TlogMessages) -> Iterator[ContactRow]:
    for name, labels in URI_FIELDS.items():
        for label in labels:
            messages = stream[name]
            for row, text in iterate_first_row_and_distinct_text(messages, label):
                address = host_address_in_uri(text)
                if address is not None:
                    yield _message_contact(messages, row, address, label)


def _text_contacts(stream: TlogMessages, texts: Sequence[StatusText]) -> Iterator[ContactRow]:
    messages = stream["STATUSTEXT"]
    seen: set[HostAddress] = set()
    for text in texts:
        if "." not in text.text and "://" not in text.text:
            continue
        for address in host_addresses_in_text(text.text):
            if address not in seen:
                seen.add(address)
                yield _message_contact(messages, text.row, address, "text")


def _parameter_contacts(params: Mapping[str, LastParameterValue]) -> Iterator[ContactRow]:
    """Yield the computers that parameters set."""
    for peer in network_peers({name: param.value for name, param in params.items()}):
        first = params[peer.parameters[0]]
        evidence = f"{first.record} {peer.parameters[0]}"
        if len(peer.parameters) > 1:
            evidence += f" to {peer.parameters[-1]}"
        address = HostAddress(address=peer.address, port=peer.port, protocol=peer.protocol)
        yield contact_row(address, first.time, first.offset, evidence, "commanded")

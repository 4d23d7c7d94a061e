"""Requests that a log shows decrypted: their records, and their rows of contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from .._text._parse_timestamps import NO_TIME
from ._contact_rows import ContactRows, parse_host_or_else_ip

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}


@dataclass(frozen=True, slots=True)
class UrlTarget:
    """What a URL names."""

    host: str | None
    address: str | None
    port: int | None
    scheme: str | None
    path: str | None


def parse_url(url: str) -> UrlTarget:
    """Return what a URL names; all is missing of one that names no host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return UrlTarget(None, None, None, None, None)
    name, address = parse_host_or_else_ip(host)
    if not (name or address):
        return UrlTarget(None, None, None, None, None)
    scheme = parts.scheme.lower()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return UrlTarget(name, address, port or _PORTS.get(scheme), scheme, path)


@dataclass(frozen=True, slots=True)
class DecryptedRequest:
    """One request and its outcome; ``fields`` is its record."""

    offset: int
    length: int
    time: int
    end: int
    device: str | None
    app: str | None
    target: UrlTarget
    #: Address that the request was sent to, if stated.
    address: str | None
    bytes_up: int | None
    bytes_down: int | None
    evidence: str
    grade: str
    fields: Mapping[str, Any]


def decrypted_request_contacts(requests: Sequence[DecryptedRequest]) -> ContactRows:
    """Return requests as contacts; those without host and address are left out."""
    named = [
        request
        for request in requests
        if request.target.host or request.target.address or request.address
    ]
    rows = ContactRows()
    rows.add_rows(
        np.array([request.offset for request in named], np.int64),
        time=[request.time for request in named],
        end=[request.end for request in named],
        device=[request.device for request in named],
        app=[request.app for request in named],
        host=[request.target.host for request in named],
        address=[request.address or request.target.address for request in named],
        port=[request.target.port for request in named],
        protocol=[request.target.scheme for request in named],
        path=[request.target.path for request in named],
        bytes_up=[request.bytes_up for request in named],
        bytes_down=[request.bytes_down for request in named],
        evidence=[request.evidence for request in named],
        grade=[request.grade for request in named],
    )
    return rows


def decrypted_request_record(request: DecryptedRequest) -> dict[str, Any]:
    """Return a request as a record of a log."""
    return {
        "offset": request.offset,
        "length": request.length,
        "time": None if request.time == NO_TIME else np.datetime64(request.time, "ns"),
        **request.fields,
    }

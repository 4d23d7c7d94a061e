"""Requests that evidence shows decrypted: what is kept of each, and as contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from .._secrets import redact_fields
from ._contacts import ContactRows, parse_host
from ._times import NO_TIME

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
    name, address = parse_host(host)
    if not (name or address):
        return UrlTarget(None, None, None, None, None)
    scheme = parts.scheme.lower()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return UrlTarget(name, address, port or _PORTS.get(scheme), scheme, path)


@dataclass(frozen=True, slots=True)
class DecryptedRequest:
    """One request and what came of it; ``fields`` is its record."""

    offset: int
    length: int
    time: int
    end: int
    device: str | None
    app: str | None
    target: UrlTarget
    #: Where the request was really sent, if that is told.
    address: str | None
    bytes_up: int | None
    bytes_down: int | None
    evidence: str
    grade: str
    fields: Mapping[str, Any]


def request_contacts(requests: Sequence[DecryptedRequest]) -> ContactRows:
    """Return requests as contacts; those that name no computer are left out."""
    some = [one for one in requests if one.target.host or one.target.address or one.address]
    found = ContactRows()
    found.add(
        np.array([one.offset for one in some], np.int64),
        time=[one.time for one in some],
        end=[one.end for one in some],
        device=[one.device for one in some],
        app=[one.app for one in some],
        host=[one.target.host for one in some],
        address=[one.address or one.target.address for one in some],
        port=[one.target.port for one in some],
        protocol=[one.target.scheme for one in some],
        path=[one.target.path for one in some],
        bytes_up=[one.bytes_up for one in some],
        bytes_down=[one.bytes_down for one in some],
        evidence=[one.evidence for one in some],
        grade=[one.grade for one in some],
    )
    return found


@dataclass(frozen=True, slots=True)
class RequestRecords:
    """Requests as the records of a log."""

    requests: Sequence[DecryptedRequest]

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.requests)

    def frame(self) -> pd.DataFrame:
        """Return one row for each request, without the secrets in it."""
        rows = [
            {
                "offset": one.offset,
                "length": one.length,
                "time": None if one.time == NO_TIME else np.datetime64(one.time, "ns"),
                **redact_fields(one.fields),
            }
            for one in self.requests
        ]
        return pd.DataFrame(rows)

"""Connections as the app PCAPdroid exports them (CSV): which app talked to whom.

Who writes it: PCAPdroid on an Android device, a line a connection, without quotes:

    IPProto,SrcIP,SrcPort,DstIP,DstPort,UID,App,Proto,Status,Info,BytesSent,BytesRcvd,PktsSent,
    PktsRcvd,FirstSeen,LastSeen

(one line of names; with malware detection on, ``Malicious`` comes last).  ``Info`` is the name in
the ClientHello, the Host of a request, or the name that was looked up.  Fields are found by their
names, whatever their case.

Facts: emanuele-f/PCAPdroid 05ca7a4 (what is written into each field); a reader of real exports
(FirstSeen and LastSeen are milliseconds since 1970).  No real file was at hand.

Contacts: app, host, address, port, and the bytes both ways.  A look-up (``DNS``) names the host
that was asked for and no address, for the address is the resolver's.  *Attempted*: nothing came
back, or the status says unreachable or error.

The export has at most the last 8192 connections, and only those of the app that PCAPdroid was set
to watch, if it was set to watch one; it says neither.

The name of an app may hold a comma, and nothing marks it: such a line has more fields than names,
and those beyond belong to the app.

Not decoded: nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._bytes import Content
from .._errors import CorruptLogError
from .._formats import Format
from .._keys import Keychains
from .._model import Clock, Log
from ._contacts import ContactRows, parse_host, split_host_port, parse_ip
from ._encrypted_dns import blind_spot
from ._log import build_line_log
from ._text._csv import normalise_names
from ._text._lines import GAP, HEADER, PADDING, RECORD, LineBlock, LineKinds, TextFile, head_lines, read_lines
from ._text._table import RecordColumns
from ._times import NO_TIME, parse_epoch

_NEEDED = {"ipproto", "dstip", "dstport", "uid", "app", "proto", "bytessent", "firstseen"}
_TRANSPORTS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp"}
_LOST = ("unreach", "error", "block")


def _instant(text: str | None) -> int:
    """Return the instant of milliseconds since 1970."""
    if text is None or not text.isdigit() or len(text) < 4:
        return NO_TIME
    return parse_epoch(f"{text[:-3]}.{text[-3:]}")


@dataclass(eq=False)
class _ConnectionReader:
    names: list[str] = field(default_factory=list)
    contacts: ContactRows = field(default_factory=ContactRows)
    numbers: list[int] = field(default_factory=list)
    flows: int = 0
    unnamed: int = 0
    blind_spots: dict[str, int] = field(default_factory=dict)

    def values(self, line: str) -> list[str] | None:
        """Return the fields of a connection; ``None``: the line is none."""
        values = line.split(",")
        over = len(values) - len(self.names)
        if over > 0:
            at = self.names.index("app")
            values[at : at + over + 1] = [",".join(values[at : at + over + 1])]
        if over < 0 or not values[self.names.index("bytessent")].isdigit():
            return None
        return values

    def read_block(self, block: LineBlock) -> LineKinds:
        kinds = np.full(len(block), GAP, np.uint8)
        rows: list[int] = []
        found: list[list[str]] = []
        for row, line in enumerate(block.lines):
            if _is_header(line):
                self.names = self.names or normalise_names(line, ",")
                kinds[row] = HEADER
            elif not line.strip():
                kinds[row] = PADDING
            elif self.names and (values := self.values(line)) is not None:
                kinds[row] = RECORD
                rows.append(row)
                found.append(values)
        if rows:
            self.numbers += [block.first + row for row in rows]
            columns = dict(zip(self.names, zip(*found, strict=True), strict=True))
            self._tell(RecordColumns(block.offsets[rows], columns))
        return kinds

    def _tell(self, rows: RecordColumns) -> None:
        transports = [_TRANSPORTS.get(text or "", text or "") for text in rows.texts("ipproto")]
        protocols = [(text or "").lower() for text in rows.texts("proto")]
        lookups = [name.startswith("dns") for name in protocols]
        named = [parse_host(split_host_port(text)[0]) for text in rows.texts("info")]
        hosts = [host for host, _ in named]
        ports = rows.counts("dstport")
        received = zip(rows.counts("pktsrcvd"), rows.texts("status"), strict=True)
        self.contacts.add(
            rows.offsets,
            time=[_instant(text) for text in rows.texts("firstseen")],
            end=[_instant(text) for text in rows.texts("lastseen")],
            device=[parse_ip(text) for text in rows.texts("srcip")],
            app=[
                app or (f"uid {uid}" if uid else None)
                for app, uid in zip(rows.texts("app"), rows.texts("uid"), strict=True)
            ],
            host=hosts,
            address=[
                None if lookup and host else parse_ip(text)
                for text, host, lookup in zip(rows.texts("dstip"), hosts, lookups, strict=True)
            ],
            port=[
                None if lookup and host else port
                for port, host, lookup in zip(ports, hosts, lookups, strict=True)
            ],
            protocol=[
                name or transport for name, transport in zip(protocols, transports, strict=True)
            ],
            bytes_up=rows.counts("bytessent"),
            bytes_down=rows.counts("bytesrcvd"),
            evidence=["Info" if host else "DstIP" for host in hosts],
            grade=["attempted" if _lost(*one) else "measured" for one in received],
        )
        for host, port, transport, lookup in zip(hosts, ports, transports, lookups, strict=True):
            self.flows += not lookup
            self.unnamed += not lookup and host is None
            if spot := blind_spot(host, port, transport):
                self.blind_spots[spot] = self.blind_spots.get(spot, 0) + 1

    def fields(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a connection."""
        return dict(zip(self.names, self.values(line) or [], strict=False))


def _lost(received: int | None, status: str | None) -> bool:
    return received == 0 or any(word in (status or "").lower() for word in _LOST)


def _is_header(line: str) -> bool:
    return len(line) < 1000 and set(normalise_names(line, ",")) >= _NEEDED


def claims(content: Content) -> bool:
    """Return whether the first line holds the names of PCAPdroid's fields."""
    return _is_header(head_lines(content, 1)[0])


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read connections; a line that is none is an issue.

    Raises:
        CorruptLogError: If the line of names is damaged.
    """
    reader = _ConnectionReader()
    ledger = read_lines(TextFile(content), reader.read_block, "no connection: another number of fields")
    if not reader.names:
        raise CorruptLogError(0, "names of fields", repr(content.head[:20]))
    return build_line_log(
        content,
        FORMAT.name,
        ledger,
        reader.contacts,
        {"Connection": reader.numbers},
        reader.fields,
        clock=Clock("clock of the device"),
        flows=reader.flows,
        unnamed=reader.unnamed,
        blind_spots=reader.blind_spots,
    )


FORMAT = Format(
    "pcapdroid-csv",
    "PCAPdroid connections",
    "emanuele-f/PCAPdroid; real exports as others read them",
    claims,
    read,
)

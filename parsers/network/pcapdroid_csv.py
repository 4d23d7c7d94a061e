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
to monitor, if it was set to monitor one; the file states neither.

The name of an app may hold a comma, and nothing marks it: such a line has more fields than names,
and those beyond belong to the app.  A spreadsheet that saved the table may have parted the fields
by semicolons or tabs, and cut the times to a few digits, which is said.

Not decoded: nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from .._file_content import Content
from .._model import Clock
from ._protocols._encrypted_dns_and_tunnels import add_encrypted_dns_and_tunnel_flow_counts
from ._shared._contact_rows import normalised_ip_or_none, parse_host_or_else_ip, split_host_port
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from ._text._columnar_records import ColumnarRecords
from ._text._csv_fields import (
    detect_csv_separator,
    issue_of_rows_without_time,
    normalise_column_names,
    split_csv_fields,
)
from ._text._parse_timestamps import NO_TIME, epoch_seconds_text_to_ns
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text

_NEEDED = {"ipproto", "dstip", "dstport", "uid", "app", "proto", "bytessent", "firstseen"}
_TRANSPORTS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp"}
_LOST = ("unreach", "error", "block")


def _epoch_ms_text_to_ns(text: str | None) -> int:
    """Return the instant of milliseconds since 1970."""
    if text is None or not text.isdigit() or len(text) < 4:
        return NO_TIME
    return epoch_seconds_text_to_ns(f"{text[:-3]}.{text[-3:]}")


@dataclass(eq=False)
class _ConnectionReader(LineLogReader):
    expected = "names of fields"
    not_a_record = "not a connection: wrong number of fields"

    names: list[str] = field(default_factory=list)
    separator: str = ","
    untimed: int = 0
    flows: int = 0
    unnamed: int = 0

    def split_row(self, line: str) -> list[str] | None:
        """Return the fields of a connection; ``None``: the line is none."""
        values = split_csv_fields(line, self.separator)
        extra_fields = len(values) - len(self.names)
        if extra_fields > 0:
            app_index = self.names.index("app")
            values[app_index : app_index + extra_fields + 1] = [
                self.separator.join(values[app_index : app_index + extra_fields + 1])
            ]
        if extra_fields < 0 or not values[self.names.index("bytessent")].isdigit():
            return None
        return values

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        rows: list[int] = []
        values_of_rows: list[list[str]] = []
        for row, line in enumerate(batch.lines):
            if _is_header(line):
                if not self.names:
                    self.separator = detect_csv_separator(line)
                    self.names = normalise_column_names(line, self.separator)
                kinds[row] = LineCoverageKind.HEADER
            elif not line.strip():
                kinds[row] = LineCoverageKind.PADDING
            elif self.names and (values := self.split_row(line)) is not None:
                kinds[row] = LineCoverageKind.RECORD
                rows.append(row)
                values_of_rows.append(values)
        if rows:
            self.add_record_lines("Connection", (batch.first + row for row in rows))
            columns = dict(zip(self.names, zip(*values_of_rows, strict=True), strict=True))
            self._add_connections(ColumnarRecords(batch.offsets[rows], columns))
        return kinds

    def _add_connections(self, rows: ColumnarRecords) -> None:
        transports = [
            _TRANSPORTS.get(text or "", text or "") for text in rows.column_as_texts("ipproto")
        ]
        protocols = [(text or "").lower() for text in rows.column_as_texts("proto")]
        lookups = [name.startswith("dns") for name in protocols]
        names = [
            parse_host_or_else_ip(split_host_port(text)[0]) for text in rows.column_as_texts("info")
        ]
        hosts = [host for host, _ in names]
        times = [_epoch_ms_text_to_ns(text) for text in rows.column_as_texts("firstseen")]
        self.untimed += times.count(NO_TIME)
        ports = rows.column_as_counts("dstport")
        received = zip(
            rows.column_as_counts("pktsrcvd"), rows.column_as_texts("status"), strict=True
        )
        self.contacts.add_rows(
            rows.offsets,
            time=times,
            end=[_epoch_ms_text_to_ns(text) for text in rows.column_as_texts("lastseen")],
            device=[normalised_ip_or_none(text) for text in rows.column_as_texts("srcip")],
            app=[
                app or (f"uid {uid}" if uid else None)
                for app, uid in zip(
                    rows.column_as_texts("app"), rows.column_as_texts("uid"), strict=True
                )
            ],
            host=hosts,
            address=[
                None if lookup and host else normalised_ip_or_none(text)
                for text, host, lookup in zip(
                    rows.column_as_texts("dstip"), hosts, lookups, strict=True
                )
            ],
            port=[
                None if lookup and host else port
                for port, host, lookup in zip(ports, hosts, lookups, strict=True)
            ],
            protocol=[
                name or transport for name, transport in zip(protocols, transports, strict=True)
            ],
            bytes_up=rows.column_as_counts("bytessent"),
            bytes_down=rows.column_as_counts("bytesrcvd"),
            evidence=["Info" if host else "DstIP" for host in hosts],
            grade=[
                "attempted" if _is_failed_connection(*packets_and_status) else "measured"
                for packets_and_status in received
            ],
        )
        for host, lookup in zip(hosts, lookups, strict=True):
            self.flows += not lookup
            self.unnamed += not lookup and host is None
        add_encrypted_dns_and_tunnel_flow_counts(self.blind_spots, hosts, ports, transports)

    def has_no_records(self) -> bool:
        return not self.names

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        return ClockVersionAndIssuesOfLineLog(
            clock=Clock("clock of the device"),
            flow_count=self.flows,
            unnamed_flow_count=self.unnamed,
            issues=issue_of_rows_without_time(self.untimed),
        )

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a connection."""
        return dict(zip(self.names, self.split_row(line) or [], strict=False))


def _is_failed_connection(received: int | None, status: str | None) -> bool:
    return received == 0 or any(word in (status or "").lower() for word in _LOST)


def _is_header(line: str) -> bool:
    names = normalise_column_names(line, detect_csv_separator(line)) if len(line) < 1000 else []
    return set(names) >= _NEEDED


def claims(content: Content) -> bool:
    """Return whether the first line holds the names of PCAPdroid's fields."""
    return _is_header(first_lines_of_text(content, 1)[0])


FORMAT = build_line_log_format(
    "pcapdroid-csv",
    "PCAPdroid connections",
    "emanuele-f/PCAPdroid; real exports as others read them",
    claims,
    lambda content: _ConnectionReader(),
)

"""A firewall's log as a table (CSV), whoever wrote it: columns are found by their names.

Who writes it: firewalls and log managers, each with names of its own.  A table is claimed if its
first line names a destination (address or host) and besides that an action or a source, and
an issue lists the column taken for each role.  Fields are separated by commas, semicolons, tabs or
bars; a row is one line.

Facts: the names of columns that FortiGate, Palo Alto, Sophos, pfSense, Check Point, Windows and
Splunk use in exports that are quoted in public.  No real file was at hand.

Contacts: of each row the device, app, host, address, port, protocol, path and bytes.  A row
whose action blocks, denies, drops, rejects or resets is *attempted*; one with bytes received is
*measured*; any other that was allowed is *reported*: the firewall states that it let it pass, and
the outcome is not shown.

Times: ISO 8601 with a zone, or a count since 1970 in seconds, milli- or microseconds; a zone may
stand in a column of its own (``tz``).  A time without a zone is **none** until a person declares
the clock of the table; it is in the records.
Secrets in paths are masked.

Not decoded: nothing; columns that are not known are in the records by their names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._file_content import Content
from .._model import Issue
from .._shared._written_times import iso_8601_from_written_time
from ._protocols._encrypted_dns_and_tunnels import add_encrypted_dns_and_tunnel_flow_counts
from ._shared._contact_rows import normalised_ip_or_none, parse_host_or_else_ip, split_host_port
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    WallClockLogReader,
    build_line_log_format,
)
from ._text._columnar_records import ColumnarRecords
from ._text._csv_fields import (
    detect_csv_separator,
    index_of_first_candidate,
    issue_of_rows_without_time,
    normalise_column_names,
    split_csv_fields,
)
from ._text._parse_timestamps import NO_TIME, epoch_seconds_text_to_ns, iso_8601_text_to_epoch_ns
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text

#: Role of a column -> its names, small letters and digits only, the best first.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "time": (
        "eventtime", "timestamp", "starttime", "datetime", "time", "date", "generatedtime",
        "receivetime", "logtime", "utctime", "ts",
    ),
    "clock": ("time",),
    "zone": ("tz", "timezone", "utcoffset"),
    "device": (
        "srcip", "sourceip", "sourceaddress", "srcaddress", "srcaddr", "src", "clientip",
        "source", "localaddress", "localip", "srchost", "sourcehost",
    ),
    "app": ("process", "processname", "program", "image", "appname"),
    "host": (
        "hostname", "dsthost", "destinationhost", "destinationhostname", "dsthostname", "sni",
        "destinationdomain", "dstname", "domain", "fqdn", "destinationfqdn", "remotehost",
    ),
    "address": (
        "dstip", "destinationip", "destip", "destinationaddress", "dstaddress", "dstaddr", "dst",
        "destination", "remoteaddress", "remoteip", "dest",
    ),
    "port": ("dstport", "destinationport", "destport", "dport", "dpt", "remoteport"),
    "protocol": ("proto", "protocol", "ipprotocol", "transport", "service"),
    "action": ("action", "verdict", "disposition", "ruleaction", "policyaction", "decision"),
    "path": ("url", "uri", "request", "path"),
    "up": ("sentbyte", "bytessent", "sentbytes", "bytesout", "bytestoserver", "outbytes"),
    "down": ("rcvdbyte", "bytesreceived", "receivedbytes", "bytesin", "bytestoclient", "inbytes"),
}  # fmt: skip
_BLOCKED = ("block", "den", "drop", "reject", "reset", "refus", "discard", "prohibit", "quarantin")
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp"}
#: Tables with such a column are those of another format.
_PCAPDROID_COLUMNS = {"bytessent", "firstseen", "ipproto", "uid"}
_LONGEST_HEADER = 4000


@dataclass(frozen=True, slots=True)
class _ColumnRoles:
    separator: str
    names: tuple[str, ...]
    #: Role of a column -> its index.
    places: Mapping[str, int]

    def split_row(self, line: str) -> list[str] | None:
        """Return the fields of a row; ``None``: the line is none."""
        values = split_csv_fields(line, self.separator)
        return values if len(values) == len(self.names) else None


def _read_header(line: str) -> _ColumnRoles | None:
    """Return what the columns of a table are; ``None``: it is none of a firewall."""
    if len(line) > _LONGEST_HEADER:
        return None
    separator = detect_csv_separator(line)
    names = normalise_column_names(line.lstrip("#"), separator)
    if len(names) < 4 or set(names) >= _PCAPDROID_COLUMNS:
        return None
    candidates = {
        role: index_of_first_candidate(names, names_of_role)
        for role, names_of_role in _ROLES.items()
    }
    indexes = {role: index for role, index in candidates.items() if index is not None}
    # A column of the date and one of the clock make one instant.
    if "date" in names and "time" in names:
        indexes["time"] = names.index("date")
    elif "clock" in indexes:
        del indexes["clock"]
    target = "address" in indexes or "host" in indexes
    if not (target and "time" in indexes and ("action" in indexes or "device" in indexes)):
        return None
    if not ("action" in indexes or "port" in indexes):
        return None
    titles = tuple(name.strip() for name in split_csv_fields(line.lstrip("#"), separator))
    return _ColumnRoles(separator, titles, indexes)


@dataclass(eq=False)
class _FirewallReader(WallClockLogReader):
    expected = "names of columns"
    not_a_record = "not a row: wrong number of fields"

    header: _ColumnRoles | None = None
    unnamed: int = 0
    untimed: int = 0

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        rows: list[int] = []
        values_of_rows: list[list[str]] = []
        for row, line in enumerate(batch.lines):
            if not line.strip():
                kinds[row] = LineCoverageKind.PADDING
            elif self.header is None:
                self.header = _read_header(line)
                kinds[row] = (
                    LineCoverageKind.HEADER if self.header is not None else LineCoverageKind.GAP
                )
            elif (values := self.header.split_row(line)) is not None:
                kinds[row] = LineCoverageKind.RECORD
                rows.append(row)
                values_of_rows.append(values)
        if rows and self.header is not None:
            self.add_record_lines("Row", (batch.first + row for row in rows))
            texts = list(zip(*values_of_rows, strict=True))
            columns = {role: texts[index] for role, index in self.header.places.items()}
            self._add_rows(ColumnarRecords(batch.offsets[rows], columns))
        return kinds

    def _add_rows(self, rows: ColumnarRecords) -> None:
        times = [
            self._parse_row_time_ns(*parts)
            for parts in zip(
                *(rows.column_as_texts(role) for role in ("time", "clock", "zone")), strict=True
            )
        ]
        self.untimed += times.count(NO_TIME)
        ends = [split_host_port(text) for text in rows.column_as_texts("address")]
        given = [parse_host_or_else_ip(text) for text, _ in ends]
        hosts_of_column = [
            parse_host_or_else_ip(split_host_port(text)[0])[0]
            for text in rows.column_as_texts("host")
        ]
        hosts = [host or other for host, (other, _) in zip(hosts_of_column, given, strict=True)]
        ports = [
            port if port is not None else port_of_address
            for port, (_, port_of_address) in zip(rows.column_as_counts("port"), ends, strict=True)
        ]
        protocols = [
            _NUMBERS.get(text or "", text or "").lower()
            for text in rows.column_as_texts("protocol")
        ]
        down = rows.column_as_counts("down")
        self.contacts.add_rows(
            rows.offsets,
            time=times,
            device=[normalised_ip_or_none(text) or text for text in rows.column_as_texts("device")],
            app=rows.column_as_texts("app"),
            host=hosts,
            address=[address for _, address in given],
            port=ports,
            protocol=protocols,
            path=rows.column_as_texts("path"),
            bytes_up=rows.column_as_counts("up"),
            bytes_down=down,
            evidence=[
                f"row, action {text[:64]}" if text else "row"
                for text in rows.column_as_texts("action")
            ],
            grade=[
                _contact_evidence_grade(action, received)
                for action, received in zip(rows.column_as_texts("action"), down, strict=True)
            ],
        )
        self.unnamed += hosts.count(None)
        add_encrypted_dns_and_tunnel_flow_counts(self.blind_spots, hosts, ports, protocols)

    def has_no_records(self) -> bool:
        return self.header is None

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        issues = []
        if self.header is not None:
            names, indexes = self.header.names, sorted(self.header.places.items())
            taken = ", ".join(f"{names[index]!r} as {role}" for role, index in indexes)
            issues.append(Issue(0, 0, f"columns taken: {taken}"))
        issues += issue_of_rows_without_time(self.untimed)
        issues += self.wall_clock.issues()
        return ClockVersionAndIssuesOfLineLog(
            clock=self.wall_clock.clock("clock of the firewall"),
            flow_count=len(self.lines.get("Row", ())),
            unnamed_flow_count=self.unnamed,
            excluded_traffic="traffic that no logging rule of the firewall matched",
            issues=issues,
        )

    def _parse_row_time_ns(self, text: str | None, clock: str | None, zone: str | None) -> int:
        """Return an instant from a column, or from one each of date, clock and zone."""
        if text is None:
            return NO_TIME
        text = text.strip()
        digits = text.partition(".")[0]
        if digits.isascii() and digits.isdigit() and len(digits) >= 9:
            # Ten digits are seconds; three more are thousandths, and so on.
            return epoch_seconds_text_to_ns(
                text if len(digits) <= 10 else f"{digits[:10]}.{digits[10:]}"
            )
        if clock is not None and ":" not in text:
            text = f"{text} {clock.strip()}"
        text = iso_8601_from_written_time(text).replace("/", "-")
        if zone and (instant := iso_8601_text_to_epoch_ns(f"{text}{zone.strip()}")) != NO_TIME:
            return instant
        return self.wall_clock.local_time_to_utc_ns(text)

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a row."""
        if self.header is None:
            return {}
        values = self.header.split_row(line) or []
        pairs = zip(self.header.names, values, strict=False)
        return {name or f"column {index + 1}": value or None for index, (name, value) in
                enumerate(pairs)}  # fmt: skip


def _contact_evidence_grade(action: str | None, received: int | None) -> str:
    if any(word in (action or "").lower() for word in _BLOCKED):
        return "attempted"
    return "measured" if received else "reported"


def claims(content: Content) -> bool:
    """Return whether the first line names the columns of a firewall's table."""
    return _read_header(first_lines_of_text(content, 1)[0]) is not None


FORMAT = build_line_log_format(
    "firewall-csv",
    "Firewall log as a table",
    "names of columns in exports that are quoted in public",
    claims,
    _FirewallReader.for_content_with_declared_clock,
)

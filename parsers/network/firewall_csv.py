"""A firewall's log as a table (CSV), whoever wrote it: columns are found by their names.

Who writes it: firewalls and log managers, each with names of its own.  A table is claimed if its
first line names a destination (address or host) and besides that an action or a source, and
reading it says which column was taken for what.  Fields are parted by commas, semicolons, tabs or
bars; a row is one line.

Facts: the names of columns that FortiGate, Palo Alto, Sophos, pfSense, Check Point, Windows and
Splunk use in exports that are quoted in public.  No real file was at hand.

Contacts: what each row says of device, app, host, address, port, protocol, path and bytes.  A row
whose action blocks, denies, drops, rejects or resets is *attempted*; one with bytes received is
*measured*; any other that was let through is *reported*: the firewall says it let it pass, and
what became of it is not shown.

Times: ISO 8601 with a zone, or a count since 1970 in seconds, milli- or microseconds; a zone may
stand in a column of its own (``tz``).  A time without a zone is **none**; it is in the records.
Secrets in paths are masked.

Not decoded: nothing; columns that are not known are in the records by their names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._bytes import Content
from .._model import Clock, Issue
from ._blind_spots import count_blind_spots
from ._contacts import parse_host, parse_ip, split_host_port
from ._line_log import LineLogReader, LineLogSummary, line_format
from ._text._csv import detect_separator, first_index, normalise_names, split_fields
from ._text._lines import LineBlock, LineKind, LineKinds, head_lines
from ._text._record_columns import RecordColumns
from ._times import NO_TIME, parse_epoch, parse_iso

#: What a column is taken for -> its names, small letters and digits only, the best first.
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
_OTHERS = {"bytessent", "firstseen", "ipproto", "uid"}
_NO_ZONE = "times without a zone are not taken for UTC; they stand in the records"
_LONGEST_HEADER = 4000


@dataclass(frozen=True, slots=True)
class _ColumnRoles:
    separator: str
    names: tuple[str, ...]
    #: What a column is taken for -> its place.
    places: Mapping[str, int]

    def values(self, line: str) -> list[str] | None:
        """Return the fields of a row; ``None``: the line is none."""
        values = split_fields(line, self.separator)
        return values if len(values) == len(self.names) else None


def _read_header(line: str) -> _ColumnRoles | None:
    """Return what the columns of a table are; ``None``: it is none of a firewall."""
    if len(line) > _LONGEST_HEADER:
        return None
    separator = detect_separator(line)
    names = normalise_names(line.lstrip("#"), separator)
    if len(names) < 4 or set(names) >= _OTHERS:
        return None
    found = {role: first_index(names, wanted) for role, wanted in _ROLES.items()}
    places = {role: place for role, place in found.items() if place is not None}
    # A column of the date and one of the clock make one instant.
    if "date" in names and "time" in names:
        places["time"] = names.index("date")
    elif "clock" in places:
        del places["clock"]
    target = "address" in places or "host" in places
    if not (target and "time" in places and ("action" in places or "device" in places)):
        return None
    if not ("action" in places or "port" in places):
        return None
    titles = tuple(name.strip() for name in split_fields(line.lstrip("#"), separator))
    return _ColumnRoles(separator, titles, places)


@dataclass(eq=False)
class _FirewallReader(LineLogReader):
    expected = "names of columns"
    not_a_record = "no row: another number of fields"

    header: _ColumnRoles | None = None
    unnamed: int = 0
    zoneless: int = 0

    def read_block(self, block: LineBlock) -> LineKinds:
        kinds = block.kinds()
        rows: list[int] = []
        found: list[list[str]] = []
        for row, line in enumerate(block.lines):
            if not line.strip():
                kinds[row] = LineKind.PADDING
            elif self.header is None:
                self.header = _read_header(line)
                kinds[row] = LineKind.HEADER if self.header is not None else LineKind.GAP
            elif (values := self.header.values(line)) is not None:
                kinds[row] = LineKind.RECORD
                rows.append(row)
                found.append(values)
        if rows and self.header is not None:
            self.lines.setdefault("Row", []).extend(block.first + row for row in rows)
            texts = list(zip(*found, strict=True))
            columns = {role: texts[place] for role, place in self.header.places.items()}
            self._tell(RecordColumns(block.offsets[rows], columns))
        return kinds

    def _tell(self, rows: RecordColumns) -> None:
        times = [
            _instant(*parts)
            for parts in zip(*(rows.texts(role) for role in ("time", "clock", "zone")), strict=True)
        ]
        self.zoneless += times.count(NO_TIME)
        ends = [split_host_port(text) for text in rows.texts("address")]
        given = [parse_host(text) for text, _ in ends]
        named = [parse_host(split_host_port(text)[0])[0] for text in rows.texts("host")]
        hosts = [host or other for host, (other, _) in zip(named, given, strict=True)]
        ports = [
            port if port is not None else beside
            for port, (_, beside) in zip(rows.counts("port"), ends, strict=True)
        ]
        protocols = [
            _NUMBERS.get(text or "", text or "").lower() for text in rows.texts("protocol")
        ]
        down = rows.counts("down")
        self.contacts.add(
            rows.offsets,
            time=times,
            device=[parse_ip(text) or text for text in rows.texts("device")],
            app=rows.texts("app"),
            host=hosts,
            address=[address for _, address in given],
            port=ports,
            protocol=protocols,
            path=rows.texts("path"),
            bytes_up=rows.counts("up"),
            bytes_down=down,
            evidence=[
                f"row, action {text[:64]}" if text else "row" for text in rows.texts("action")
            ],
            grade=[
                _grade(action, received)
                for action, received in zip(rows.texts("action"), down, strict=True)
            ],
        )
        self.unnamed += hosts.count(None)
        count_blind_spots(self.blind_spots, hosts, ports, protocols)

    def is_empty(self) -> bool:
        return self.header is None

    def summary(self) -> LineLogSummary:
        issues = []
        if self.header is not None:
            names, places = self.header.names, sorted(self.header.places.items())
            taken = ", ".join(f"{names[place]!r} as {role}" for role, place in places)
            issues.append(Issue(0, 0, f"columns taken: {taken}"))
        if self.zoneless:
            issues.append(Issue(0, 0, f"{self.zoneless} rows have no time: {_NO_ZONE}"))
        return LineLogSummary(
            clock=Clock("clock of the firewall"),
            flow_count=len(self.lines.get("Row", ())),
            unnamed_flow_count=self.unnamed,
            excluded_traffic="what no rule of the firewall was set to log",
            issues=issues,
        )

    def fields(self, number: int, line: str) -> dict[str, Any]:
        """Return the fields of a line that was a row."""
        if self.header is None:
            return {}
        values = self.header.values(line) or []
        told = zip(self.header.names, values, strict=False)
        return {name or f"column {place + 1}": value or None for place, (name, value) in
                enumerate(told)}  # fmt: skip


def _grade(action: str | None, received: int | None) -> str:
    if any(word in (action or "").lower() for word in _BLOCKED):
        return "attempted"
    return "measured" if received else "reported"


def _instant(text: str | None, clock: str | None, zone: str | None) -> int:
    """Return an instant from a column, or from one of the date, of the clock and of the zone."""
    if text is None:
        return NO_TIME
    text = text.strip()
    digits = text.partition(".")[0]
    if digits.isascii() and digits.isdigit() and len(digits) >= 9:
        # Ten digits are seconds; three more are thousandths, and so on.
        return parse_epoch(text if len(digits) <= 10 else f"{digits[:10]}.{digits[10:]}")
    if clock is not None and ":" not in text:
        text = f"{text}T{clock.strip()}"
    text = text.replace("/", "-")
    told = parse_iso(text)
    return told if told != NO_TIME or not zone else parse_iso(f"{text}{zone.strip()}")


def claims(content: Content) -> bool:
    """Return whether the first line names the columns of a firewall's table."""
    return _read_header(head_lines(content, 1)[0]) is not None


FORMAT = line_format(
    "firewall-csv",
    "Firewall log as a table",
    "names of columns in exports that are quoted in public",
    claims,
    lambda content: _FirewallReader(),
)

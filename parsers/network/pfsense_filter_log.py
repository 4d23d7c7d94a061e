"""Packets as the firewall of pfSense logs them (``filter.log``).

Who writes it: pfSense, and OPNsense, which is built on the same; a line of syslog for each packet
that a logging rule matched:

    May 14 10:02:11 gate filterlog[417]: 71,,,1000000103,em1,match,pass,in,4,0x0,,64,5120,0,DF,6,
    tcp,60,192.0.2.20,203.0.113.10,40112,443,0,S,1770422191,,64240,,mss
    <134>1 2026-05-14T10:02:11.000123+01:00 gate.lan filterlog 417 - - 71,,,…

(each on one line).  Values are parted by commas: rule, sub-rule, anchor, tracker, interface,
reason, action, direction, version of IP; then of IPv4 type of service, congestion bits, life,
number, offset, flags, protocol's number and name, of IPv6 class, flow label, life, protocol's name
and number; then length, source, destination, and of TCP and UDP the two ports.

Facts: Netgate's documentation ("Raw Filter Log Format") and lines quoted in public.  No real file
was at hand.

Contacts: of each line the two ends.  ``device`` is the one whose address is of a local network,
else the source, which began; the other end is the contact.  No name is in the log.  A packet that
was blocked or rejected is *attempted*; any other *reported*: the firewall let it pass, and the
outcome is not shown.  The size of one packet says nothing of the conversation, so that there are
no bytes.

Times.  The older form writes neither year nor zone, so that such a row has **no time** until a
person declares the clock of the log; the newer form (RFC 5424) has one.

Not decoded: values after the ports, which are in the records as they stand.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .._file_content import Content
from ._protocols._encrypted_dns_and_tunnels import add_encrypted_dns_and_tunnel_flow_counts
from ._shared._contact_rows import normalised_ip_or_none
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    WallClockLogReader,
    build_line_log_format,
)
from ._text._columnar_records import as_count
from ._text._text_lines import LineBatch, LineKinds, first_lines_of_text, parse_lines

_LINE = re.compile(
    r"(?:<\d{1,3}>(?:\d )?)?"
    r"(?P<when>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    r"|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-][\d:]{4,5}))"
    r" (?:(?P<computer>\S{1,255}) )?filterlog"
    r"(?:\[(?P<process>\d{1,10})\]: ?|: ?| (?:\d{1,10}|-) - - )(?P<values>.{1,4096})\Z"
)
_COMMON = (
    "rule", "sub_rule", "anchor", "tracker", "interface", "reason", "action", "direction",
    "ip_version",
)  # fmt: skip
#: Version of IP -> names of the values after those that all lines have.
_OF_VERSION = {
    "4": (
        "tos", "ecn", "ttl", "id", "offset", "flags", "protocol_number", "protocol", "length",
        "source", "destination",
    ),
    "6": (
        "class", "flow_label", "hop_limit", "protocol", "protocol_number", "length", "source",
        "destination",
    ),
}  # fmt: skip
_PORTS = ("source_port", "destination_port")
_WITH_PORTS = ("tcp", "udp")
_BLOCKED = ("block", "reject")
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
         "fc00::/7", "fe80::/10"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _FilteredPacket:
    """One packet that a rule matched."""

    when: str
    values: dict[str, str]

    @property
    def protocol(self) -> str:
        """Name of the protocol, small letters."""
        return self.values["protocol"].lower()

    def device_and_other_end_addresses_and_ports(
        self,
    ) -> tuple[tuple[str | None, int | None], tuple[str | None, int | None]]:
        """Return address and port of the device, and of the other end."""
        source, destination = (
            (normalised_ip_or_none(self.values[end]), as_count(self.values.get(f"{end}_port")))
            for end in ("source", "destination")
        )
        inward = _is_local(destination[0]) and not _is_local(source[0])
        return (destination, source) if inward else (source, destination)


def _parse_filtered_packet_of_line(text: str) -> _FilteredPacket | None:
    """Return the packet of a line; ``None``: the line is none of the firewall."""
    match = _LINE.match(text)
    if match is None:
        return None
    values = match["values"].split(",")
    of_version = _OF_VERSION.get(values[8] if len(values) > 8 else "")
    if of_version is None:
        return None
    names = [*_COMMON, *of_version]
    if len(values) < len(names):
        return None
    named = dict(zip(names, values, strict=False))
    if (
        normalised_ip_or_none(named["source"]) is None
        and normalised_ip_or_none(named["destination"]) is None
    ):
        return None
    rest = values[len(names) :]
    if named["protocol"].lower() in _WITH_PORTS:
        named |= dict(zip(_PORTS, rest, strict=False))
        rest = rest[len(_PORTS) :]
    return _FilteredPacket(match["when"], named | {"more": ",".join(rest)})


@lru_cache(maxsize=1 << 16)
def _is_local(address: str | None) -> bool:
    if address is None:
        return False
    number = ipaddress.ip_address(address)
    return any(number in block for block in _LOCAL if block.version == number.version)


@dataclass(eq=False)
class _FilterLogReader(WallClockLogReader):
    expected = "a line of filterlog"
    not_a_record = "not a line of filterlog"

    def read_lines(self, batch: LineBatch) -> LineKinds:
        parsed = parse_lines(batch, _parse_filtered_packet_of_line)
        if parsed.records:
            self.add_record_lines("Packet", (batch.first + row for row in parsed.rows))
            self._add_packets(batch, parsed.rows, parsed.records)
        return parsed.kinds

    def _add_packets(
        self, batch: LineBatch, rows: list[int], packets: Sequence[_FilteredPacket]
    ) -> None:
        ends = [packet.device_and_other_end_addresses_and_ports() for packet in packets]
        ports = [port for _, (_, port) in ends]
        protocols = [packet.protocol for packet in packets]
        self.contacts.add_rows(
            batch.offsets[rows],
            time=[self.wall_clock.local_time_to_utc_ns(packet.when) for packet in packets],
            device=[device for (device, _), _ in ends],
            address=[address for _, (address, _) in ends],
            port=ports,
            protocol=protocols,
            evidence=[_evidence_text(packet.values) for packet in packets],
            grade=[
                "attempted" if packet.values["action"].lower() in _BLOCKED else "reported"
                for packet in packets
            ],
        )
        add_encrypted_dns_and_tunnel_flow_counts(
            self.blind_spots, [None] * len(packets), ports, protocols
        )

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        packet = _parse_filtered_packet_of_line(line)
        if packet is None:
            return {}
        values: dict[str, Any] = {name: text or None for name, text in packet.values.items()}
        return {"wall_clock": packet.when} | values

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        count = len(self.lines.get("Packet", ()))
        return ClockVersionAndIssuesOfLineLog(
            clock=self.wall_clock.clock("clock of the firewall"),
            flow_count=count,
            unnamed_flow_count=count,
            excluded_traffic="traffic that no logging rule of the firewall matched",
            issues=self.wall_clock.issues(),
        )


def _evidence_text(values: dict[str, str]) -> str:
    action, direction, interface = (values[name][:32] for name in
                                    ("action", "direction", "interface"))  # fmt: skip
    return f"filterlog, {action} {direction} on {interface}"


def claims(content: Content) -> bool:
    """Return whether one of the first lines is a packet of the firewall."""
    return any(
        _parse_filtered_packet_of_line(line) is not None for line in first_lines_of_text(content)
    )


FORMAT = build_line_log_format(
    "pfsense-filterlog",
    "pfSense and OPNsense filter log",
    "Netgate's documentation: Raw Filter Log Format; lines quoted in public",
    claims,
    _FilterLogReader.for_content_with_declared_clock,
)

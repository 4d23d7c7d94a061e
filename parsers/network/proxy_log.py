"""Requests as a web proxy logs them (Squid's ``access.log``).

Who writes it: Squid in its native form, and Squid or another proxy in the forms that web servers
use ("common" and "combined"):

    1778749231.250    850 192.0.2.20 TCP_TUNNEL/200 5210 CONNECT flysafe-api.dji.com:443 -
    HIER_DIRECT/203.0.113.10 -
    192.0.2.20 - - [14/May/2026:10:00:31 +0100] "CONNECT flysafe-api.dji.com:443 HTTP/1.1" 200 5210
    "-" "-" TCP_TUNNEL:HIER_DIRECT

(each on one line).  A log of a web server, whose requests name no host, is none of a proxy and is
not claimed.

Facts: Squid's documentation (logformat squid, common, combined; result codes; hierarchy codes);
lines quoted in public.  No real file was at hand.

Contacts: host and port, the path where the request was not a tunnel, the bytes that the client
got, and the address that the proxy turned to.  The native form is written at the end, so that the
beginning is that less the milliseconds it took; the others say one instant only.  A denied
request, one without an answer, and one that the proxy could not forward are *attempted*; one
answered from the proxy's own store is *reported*, for the host was not asked.  ``device`` is the
client's address.  Names of users and what stands in a path by way of a password, a key or the
like are masked.

Not decoded: nothing; other forms (``logformat`` can be anything) are not known.
"""

import re
from dataclasses import dataclass
from typing import Any

from .._file_content import Content
from .._model import Clock
from ._shared._contact_rows import normalised_ip_or_none, parse_host_or_else_ip, split_host_port
from ._shared._decrypted_requests import UrlTarget, parse_url
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from ._text._columnar_records import as_count
from ._text._parse_timestamps import (
    NO_TIME,
    common_log_time_text_to_epoch_ns,
    epoch_seconds_text_to_ns,
)
from ._text._text_lines import LineBatch, LineKinds, first_lines_of_text, parse_lines

_NATIVE = re.compile(
    r"(?P<when>\d{9,10}\.\d{1,9}) {1,9}(?P<elapsed>-?\d{1,12}) (?P<client>\S{1,255}) "
    r"(?P<result>[A-Z_]{1,64})/(?P<status>\d{3}|-) (?P<bytes>\d{1,18}|-) "
    r"(?P<method>[A-Za-z_:%.-]{1,64}) (?P<url>\S{1,65536}) (?P<user>\S{1,255}) "
    r"(?P<way>[A-Z_]{1,64})/(?P<peer>\S{1,255})(?: (?P<type>\S{0,255}))?(?: .{0,4096})?\Z"
)
_COMMON = re.compile(
    r"(?P<client>\S{1,255}) \S{1,255} (?P<user>\S{1,255}) \[(?P<when>[^\]]{20,40})\] "
    r'"(?P<method>[A-Z_]{1,64}) (?P<url>\S{1,65536})(?: HTTP/[\d.]{1,5})?" '
    r"(?P<status>\d{3}|-) (?P<bytes>\d{1,18}|-)"
    r'(?: "(?P<referrer>[^"]{0,8192})" "(?P<agent>[^"]{0,8192})")?'
    r"(?: (?P<result>[A-Z_]{1,64}):(?P<way>[A-Z_]{1,64}))?(?: .{0,4096})?\Z"
)
#: The proxy answered by itself; a refresh asks the host whether what is kept still holds.
_STORED = re.compile(r"^(?!.*REFRESH).*_HIT")


def _request_target(method: str, url: str) -> UrlTarget | None:
    """Return what a request names; ``None``: it names no host."""
    if method != "CONNECT" and "://" in url:
        target = parse_url(url)
        return target if target.host or target.address else None
    host, port = split_host_port(url)
    name, address = parse_host_or_else_ip(host)
    if port is None or not (name or address):
        return None
    return UrlTarget(name, address, port, "https" if port == 443 else "connect", None)


def _contact_evidence_grade(result: str, status: int | None) -> str:
    if "DENIED" in result or not status or status in (407, 502, 503, 504) or "ABORTED" in result:
        return "attempted"
    return "reported" if _STORED.match(result) else "measured"


@dataclass(frozen=True, slots=True)
class _ProxyLine:
    begin: int
    end: int
    found: re.Match[str]
    target: UrlTarget

    @property
    def result(self) -> str:
        return self.found["result"] or ""


def _read_line(text: str) -> _ProxyLine | None:
    match = _NATIVE.match(text)
    if match is not None:
        end = epoch_seconds_text_to_ns(match["when"])
        begin = end - max(0, int(match["elapsed"])) * 1_000_000 if end != NO_TIME else NO_TIME
    else:
        match = _COMMON.match(text)
        if match is None:
            return None
        begin, end = common_log_time_text_to_epoch_ns(match["when"]), NO_TIME
    target = _request_target(match["method"], match["url"])
    return _ProxyLine(begin, end, match, target) if target is not None else None


@dataclass(eq=False)
class _ProxyReader(LineLogReader):
    expected = "a request to a proxy"
    not_a_record = "not a request that names its host"

    native: bool = False
    unnamed: int = 0

    def read_lines(self, batch: LineBatch) -> LineKinds:
        parsed = parse_lines(batch, _read_line)
        if parsed.records:
            self.native = self.native or parsed.records[0].found.re is _NATIVE
            self.add_record_lines("Request", (batch.first + row for row in parsed.rows))
            self._add_requests(batch, parsed.rows, parsed.records)
        return parsed.kinds

    def _add_requests(self, batch: LineBatch, rows: list[int], lines: list[_ProxyLine]) -> None:
        targets = [line.target for line in lines]
        self.unnamed += sum(target.host is None for target in targets)
        grades = [
            _contact_evidence_grade(line.result, as_count(line.found["status"])) for line in lines
        ]
        self.contacts.add_rows(
            batch.offsets[rows],
            time=[line.begin for line in lines],
            end=[line.end for line in lines],
            device=[
                normalised_ip_or_none(line.found["client"]) or line.found["client"].lower()
                for line in lines
            ],
            host=[target.host for target in targets],
            address=[line.target.address or _peer_address(line) for line in lines],
            port=[target.port for target in targets],
            protocol=[target.scheme for target in targets],
            path=[target.path for target in targets],
            bytes_down=[as_count(line.found["bytes"]) for line in lines],
            evidence=[
                "request, answered by the proxy" if grade == "reported" else "request"
                for grade in grades
            ],
            grade=grades,
        )

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        return _line_fields(line)

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        return ClockVersionAndIssuesOfLineLog(
            clock=Clock("clock of the proxy"),
            version="native" if self.native else "common",
            flow_count=len(self.lines.get("Request", ())),
            unnamed_flow_count=self.unnamed,
            excluded_traffic="traffic that did not go through the proxy",
        )


def _peer_address(line: _ProxyLine) -> str | None:
    """Return the address that the proxy turned to; a parent proxy's is not the host's."""
    hierarchy = line.found["way"] or ""
    if line.found.re is not _NATIVE or "PARENT" in hierarchy or "SIBLING" in hierarchy:
        return None
    return normalised_ip_or_none(line.found["peer"])


def _line_fields(text: str) -> dict[str, Any]:
    line = _read_line(text)
    if line is None:
        return {}
    values = line.found.groupdict()
    return {name: None if value == "-" else value for name, value in values.items()}


def claims(content: Content) -> bool:
    """Return whether one of the first lines is a request that names its host."""
    return any(_read_line(line) is not None for line in first_lines_of_text(content))


FORMAT = build_line_log_format(
    "proxy-log",
    "Web proxy log",
    "Squid's documentation of its log formats and codes; lines quoted in public",
    claims,
    lambda content: _ProxyReader(),
)

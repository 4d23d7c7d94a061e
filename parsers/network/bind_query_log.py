"""Questions as BIND logs them (category ``queries``: ``query.log``, or syslog of ``named``).

Who writes it: BIND 9, the resolver of many networks; a line for each question:

    14-May-2026 10:02:11.123 queries: info: client @0x7f91b800 192.0.2.20#51234
    (flysafe-api.dji.com): query: flysafe-api.dji.com IN A +E(0)K (192.0.2.1)

(each on one line).  The pointer behind ``client`` is that of version 9.11 and later; a name of a
view may stand before ``query``; category and severity are optional.

Facts: BIND's Administrator Reference Manual (category ``queries``, ``print-time``), lines quoted in
public.  No real file was at hand.

Contacts: the name that was asked for, *reported*: BIND states that it was asked, and what it
answered is not in this log.  ``device`` is who asked.

Times.  BIND writes its local time without a zone, syslog without a year too; such a row has **no
time** until a person declares the clock of the log.  With ``print-time iso8601-utc`` it has one.

Not decoded: flags and the address that was asked, which are in the records.
"""

import re
from dataclasses import dataclass
from typing import Any

from .._file_content import Content
from ._shared._contact_rows import normalised_ip_or_none, parse_host_or_else_ip
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    WallClockLogReader,
    build_line_log_format,
)
from ._text._text_lines import LineBatch, LineKinds, first_lines_of_text, parse_lines

_LINE = re.compile(
    r"(?P<when>\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
    r"(?: \S{1,255} named\[\d{1,10}\]:)?(?: queries:)?(?: [a-z]{4,8}:)?"
    r" client (?:@0x[0-9a-f]{1,16} )?(?P<device>[0-9A-Fa-f.:%\w]{2,64})#(?P<port>\d{1,5})"
    r"(?: \(\S{1,1024}\))?:(?: view \S{1,255}:)? query: (?P<name>\S{1,1024}) "
    r"(?P<class>\S{1,16}) (?P<type>\S{1,32}) (?P<flags>\S{1,64})"
    r"(?: \((?P<asked>[^()\s]{2,64})\))?(?: .{0,1024})?\Z"
)


@dataclass(eq=False)
class _BindReader(WallClockLogReader):
    expected = "a question to BIND"
    not_a_record = "not a question to BIND"

    def read_lines(self, batch: LineBatch) -> LineKinds:
        parsed = parse_lines(batch, _LINE.match)
        questions = parsed.records
        if questions:
            self.add_record_lines("Query", (batch.first + row for row in parsed.rows))
            self.contacts.add_rows(
                batch.offsets[parsed.rows],
                time=[
                    self.wall_clock.local_time_to_utc_ns(question["when"]) for question in questions
                ],
                device=[normalised_ip_or_none(question["device"]) for question in questions],
                host=[parse_host_or_else_ip(question["name"])[0] for question in questions],
                protocol="dns",
                evidence="query",
                grade="reported",
            )
        return parsed.kinds

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        question = _LINE.match(line)
        if question is None:
            return {}
        values = question.groupdict()
        return {"wall_clock": values.pop("when")} | values

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        return ClockVersionAndIssuesOfLineLog(
            clock=self.wall_clock.clock("clock of the resolver"), issues=self.wall_clock.issues()
        )


def claims(content: Content) -> bool:
    """Return whether one of the first lines is a question to BIND."""
    return any(_LINE.match(line) is not None for line in first_lines_of_text(content))


FORMAT = build_line_log_format(
    "bind-querylog",
    "BIND query log",
    "BIND's Administrator Reference Manual; lines quoted in public",
    claims,
    _BindReader.for_content_with_declared_clock,
)

"""Look-ups as dnsmasq logs them (``dnsmasq.log``, ``pihole.log``).

Who writes it: dnsmasq, the resolver of many routers, and Pi-hole, which is built on it and blocks
names by lists; lines of syslog:

    May 14 10:02:11 dnsmasq[812]: query[A] flysafe-api.dji.com from 192.0.2.20
    May 14 10:02:11 dnsmasq[812]: forwarded flysafe-api.dji.com to 198.51.100.53
    May 14 10:02:11 dnsmasq[812]: reply flysafe-api.dji.com is 203.0.113.10
    May 14 10:04:30 dnsmasq[812]: gravity blocked statistical-report.djiservice.org is 0.0.0.0

With ``log-queries=extra`` each also carries a serial number and who asked.  Other lines of dnsmasq
become records ``Message``.

Facts: dnsmasq's manual (log-queries), Pi-hole FTL's tests and lines quoted in public.  No real
file was at hand.

Contacts: the name that was asked for, once for each address in the answer, at the line of the
question; answers are joined to questions by serial number, else by name, and through aliases
(CNAME) that stand just before.  *Attempted*: what a list or a rule blocked, an answer of no
computer, a refusal or an error, and a question without an answer in the file.  ``device`` is who
asked.

Times.  Syslog writes neither year nor zone, so that such a row has **no time** until a person
declares the clock of the log; what stands there is in the records (``wall_clock``).  Lines with a
full ISO 8601 time, as rsyslog can write them, have one.  Pi-hole's database (``pihole-FTL.db``)
knows when each question was asked; this text does not.

Not decoded: nothing.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._file_content import Content
from ._shared._contact_rows import (
    are_all_answers_sinkhole_addresses,
    normalised_ip_or_none,
    parse_host_or_else_ip,
)
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    WallClockLogReader,
    build_line_log_format,
)
from ._text._parse_timestamps import NO_TIME, iso_8601_text_to_epoch_ns
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text

_LINE = re.compile(
    r"(?P<when>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    r"|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-][\d:]{4,5}))"
    r" (?:(?P<computer>\S{1,255}) )?dnsmasq\[(?P<process>\d{1,10})\]: "
    r"(?:(?P<serial>\d{1,20}) (?P<client>[0-9A-Fa-f.:%\w]{2,64})/\d{1,5} )?(?P<said>.*)\Z"
)
_QUERY = re.compile(
    r"query\[(?P<type>[^\]\s]{1,32})\] (?P<name>\S{1,1024}) from (?P<who>\S{1,64})\Z"
)
_FORWARDED = re.compile(
    r"(?:dnssec-)?(?:forwarded|retry|query\[[^\]]{1,32}\]) (?P<name>\S{1,1024}) to "
)
_ANSWER = re.compile(r"(?P<by>\S[^<>]{0,254}?) (?P<name>\S{1,1024}) is (?P<value>\S.{0,1024})\Z")
#: What answers a name with a list or a rule; the two forms of paths are those of older Pi-holes.
_BLOCKED = re.compile(r"blocked|denied|blacklist|gravity|black\.list|special domain", re.IGNORECASE)
#: What gives an answer.
_ANSWERS = re.compile(
    r"reply|cached|config|/|DHCP|hosts|pi-?hole|regex|exactly|domain", re.IGNORECASE
)
_REFUSALS = ("NXDOMAIN", "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "error", "EDE", "<unknown>")
#: Questions without an answer that are held; a resolver has a few hundred.
_MAX_OPEN_QUESTIONS = 200_000


@dataclass(frozen=True, slots=True)
class _DnsmasqLine:
    """One line: ``kind`` is Query, Forwarded, Answer, Blocked or Message."""

    kind: str
    when: str
    said: str
    serial: str | None
    client: str | None
    name: str | None = None
    value: str | None = None
    type: str | None = None
    by: str | None = None


def is_dnsmasq_line(text: str) -> bool:
    """Return whether a line is dnsmasq's."""
    return _LINE.match(text) is not None


def read_dnsmasq_line(text: str) -> _DnsmasqLine | None:
    """Return the parts of a line; ``None``: it is not dnsmasq's."""
    match = _LINE.match(text)
    if match is None:
        return None
    when, message = match["when"], match["said"]
    common = (when, message, match["serial"], match["client"])
    if query := _QUERY.match(message):
        return _DnsmasqLine("Query", when, message, match["serial"], query["who"], query["name"],
                    type=query["type"])  # fmt: skip
    if sent := _FORWARDED.match(message):
        return _DnsmasqLine("Forwarded", *common, sent["name"])
    answer = _ANSWER.match(message)
    # An error without a serial number does not say of which name.
    if answer is not None and (answer["name"] != "error" or match["serial"]):
        blocked, is_answer = _BLOCKED.search(answer["by"]), _ANSWERS.match(answer["by"])
        kind = "Blocked" if blocked else "Answer" if is_answer else "Message"
        return _DnsmasqLine(kind, *common, answer["name"], answer["value"], by=answer["by"])
    return _DnsmasqLine("Message", *common)


def line_fields(text: str) -> dict[str, Any]:
    """Return the fields of a line that was dnsmasq's."""
    line = read_dnsmasq_line(text)
    if line is None:
        return {}
    time = iso_8601_text_to_epoch_ns(line.when)
    return {
        "time": None if time == NO_TIME else np.datetime64(time, "ns"),
        "wall_clock": line.when if time == NO_TIME else None,
        "serial": line.serial,
        "device": line.client,
        "type": line.type,
        "name": line.name,
        "by": line.by,
        "value": line.value,
        "said": line.said,
    }


@dataclass(slots=True)
class _UnansweredDnsQuestion:
    offset: int
    time: int
    device: str | None
    name: str
    type: str
    is_answered: bool = False


@dataclass(slots=True)
class _DnsQuestionsOfOneName:
    """The questions of one name, or serial number, that an answer may belong to.

    Each is looked at a few times however many there are: answered ones are left behind.
    """

    waiting: deque[_UnansweredDnsQuestion] = field(default_factory=deque)
    waiting_by_type: dict[str, deque[_UnansweredDnsQuestion]] = field(default_factory=dict)
    #: The first of each type that was answered since the last question was asked.
    answered_by_type: dict[str, _UnansweredDnsQuestion] = field(default_factory=dict)

    def add_question(self, question: _UnansweredDnsQuestion) -> None:
        """Add a question; what was answered before it is not asked again."""
        self.answered_by_type.clear()
        self.waiting.append(question)
        self.waiting_by_type.setdefault(question.type, deque()).append(question)

    def find_question(self, record_type: str) -> _UnansweredDnsQuestion | None:
        """Return the question that an answer of a type belongs to: the first that waits.

        One of the same type comes before one of another.
        """
        same_type = self.waiting_by_type.get(record_type, deque())
        for questions in (same_type, self.waiting):
            while questions and questions[0].is_answered:
                questions.popleft()
            if questions:
                return questions[0]
        answered = self.answered_by_type
        return answered.get(record_type) or next(iter(answered.values()), None)

    def mark_answered(self, question: _UnansweredDnsQuestion) -> None:
        """Note that a question has an answer."""
        question.is_answered = True
        self.answered_by_type.setdefault(question.type, question)


@dataclass(eq=False)
class _DnsmasqReader(WallClockLogReader):
    """Reads batch after batch, and joins answers to questions."""

    expected = "a line of dnsmasq"
    not_a_record = "not a line of dnsmasq"

    #: Name, or serial number -> the questions that may still be answered; how many there are.
    _open_questions: dict[str, _DnsQuestionsOfOneName] = field(default_factory=dict)
    _open_count: int = 0
    #: The name that was asked for, after an alias of it was given.
    _alias: str | None = None
    #: The question that was answered last, of which further addresses may follow.
    _last: tuple[str, str, str | None, _UnansweredDnsQuestion] | None = None
    _rows: list[tuple[int, int, int, str | None, str, str | None, str, str]] = field(
        default_factory=list
    )

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        for row, text in enumerate(batch.lines):
            line = read_dnsmasq_line(text)
            if line is None:
                kinds[row] = (
                    LineCoverageKind.GAP
                    if text.strip() or batch.not_text[row]
                    else LineCoverageKind.PADDING
                )
                continue
            kinds[row] = LineCoverageKind.RECORD
            self.add_record_line(line.kind, batch.first + row)
            self._add_line(
                line, self.wall_clock.local_time_to_utc_ns(line.when), int(batch.offsets[row])
            )
        self._add_contacts()
        return kinds

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        return line_fields(line)

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        self._add_unanswered_questions()
        return ClockVersionAndIssuesOfLineLog(
            clock=self.wall_clock.clock("clock of the resolver"),
            issues=self.wall_clock.issues(),
        )

    def _add_unanswered_questions(self) -> None:
        """Take down the questions that were left without an answer."""
        for question in self._unanswered_questions():
            self._add_lookup_row(question, NO_TIME, None, "query", "attempted")
        self._open_questions.clear()
        self._open_count = 0
        self._add_contacts()

    def _add_line(self, line: _DnsmasqLine, time: int, offset: int) -> None:
        if line.name is None or line.kind not in ("Query", "Answer", "Blocked"):
            return
        name = line.name.lower()
        if line.kind == "Query":
            self._alias = self._last = None
            self._add_question(line, name, time, offset)
            return
        value = (line.value or "").strip()
        # An alias is followed by what it stands for.
        question_name = self._alias if self._alias and name not in self._open_questions else name
        if value == "<CNAME>":
            self._alias = question_name
        else:
            self._add_answer(line, question_name, value, time, offset)

    def _add_question(self, line: _DnsmasqLine, name: str, time: int, offset: int) -> None:
        question = _UnansweredDnsQuestion(offset, time, line.client, name, line.type or "")
        self._open_questions.setdefault(line.serial or name, _DnsQuestionsOfOneName()).add_question(
            question
        )
        self._open_count += 1
        if self._open_count > _MAX_OPEN_QUESTIONS:
            self._add_unanswered_questions()

    def _add_answer(
        self, line: _DnsmasqLine, name: str, value: str, time: int, offset: int
    ) -> None:
        address = normalised_ip_or_none(value)
        failed = (
            line.kind == "Blocked"
            or are_all_answers_sinkhole_addresses([value])
            or value.startswith(_REFUSALS)
        )
        record_type = "AAAA" if ":" in value or value.endswith("IPv6") else "A"
        question = self._find_question(line.serial or name, record_type, line.by)
        if question is None:
            question = _UnansweredDnsQuestion(offset, time, line.client, name, record_type)
        elif (questions := self._open_questions.get(line.serial or name)) is not None:
            questions.mark_answered(question)
        grade = "attempted" if failed else "measured"
        self._add_lookup_row(question, time, address, line.by or "reply", grade)

    def _find_question(
        self, key: str, record_type: str, by: str | None
    ) -> _UnansweredDnsQuestion | None:
        """Return the question that an answer belongs to: the last one's, or the first that waits.

        A question of the same kind of address comes before one of another.
        """
        if self._last is not None and self._last[:3] == (key, record_type, by):
            return self._last[3]
        questions = self._open_questions.get(key)
        question = questions.find_question(record_type) if questions is not None else None
        if question is not None:
            self._last = (key, record_type, by, question)
        return question

    def _unanswered_questions(self) -> Iterator[_UnansweredDnsQuestion]:
        for questions in self._open_questions.values():
            yield from (question for question in questions.waiting if not question.is_answered)

    def _add_lookup_row(
        self, question: _UnansweredDnsQuestion, end: int, address: str | None, by: str, grade: str
    ) -> None:
        host = parse_host_or_else_ip(question.name)[0]
        if host is not None:
            device = normalised_ip_or_none(question.device) or question.device
            row = (question.offset, question.time, end, device, host, address, by, grade)
            self._rows.append(row)

    def _add_contacts(self) -> None:
        if not self._rows:
            return
        offsets, times, ends, devices, hosts, addresses, bys, grades = map(
            list, zip(*self._rows, strict=True)
        )
        self._rows = []
        self.contacts.add_rows(
            np.array(offsets, np.int64), time=times, end=ends, device=devices, host=hosts,
            address=addresses, protocol="dns", evidence=[f"query; {by}" for by in bys],
            grade=grades,
        )  # fmt: skip


def claims(content: Content) -> bool:
    """Return whether one of the first lines is dnsmasq's."""
    return any(map(is_dnsmasq_line, first_lines_of_text(content)))


FORMAT = build_line_log_format(
    "dns-log",
    "dnsmasq and Pi-hole log",
    "dnsmasq's manual; Pi-hole FTL's tests; lines quoted in public",
    claims,
    _DnsmasqReader.for_content_with_declared_clock,
)

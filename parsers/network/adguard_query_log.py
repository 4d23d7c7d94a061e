"""Look-ups as AdGuard Home logs them (``querylog.json``, ``querylog.json.1``).

Who writes it: AdGuard Home, a resolver that blocks names by lists; a text of JSON objects, one a
line:

    {"T":"2026-05-14T10:02:11.123456789+01:00","QH":"flysafe-api.dji.com","QT":"A","QC":"IN",
     "CP":"","Upstream":"https://dns.example:443/dns-query","Answer":"…","IP":"192.0.2.20",
     "Result":{},"Elapsed":837429}

(each on one line).  ``T`` is when it was asked, ``IP`` who asked (``CID`` a name that the device
gives itself), ``CP`` how (empty: plain DNS), ``Answer`` the whole answer (RFC 1035) in base64,
``Result`` what the lists made of it, ``Elapsed`` nanoseconds.

Facts: AdguardTeam/AdGuardHome (``internal/querylog``: names of fields and the objects of its
tests; ``internal/filtering``: numbers of reasons).  No real file was at hand.

Contacts: the name that was asked for, once for each address in the answer.  *Attempted*: what a
list or a rule blocked, an answer of no computer, a refusal or an error, and a question without an
answer.  ``device`` is who asked; a server that hides clients writes their addresses cut short.

Times state their zone.  Not decoded: nothing; fields that are not known are in the records.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._file_content import Content
from .._model import Clock, Issue
from ._protocols._dns import NO_ERROR, DnsMessage, parse_dns_message
from ._shared._contact_rows import (
    are_all_answers_sinkhole_addresses,
    normalised_ip_or_none,
    parse_host_or_else_ip,
)
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from ._text._columnar_records import as_count, non_empty_text_or_none
from ._text._json_lines import flatten_json_object, json_object_of_line
from ._text._parse_timestamps import NO_TIME, iso_8601_text_to_epoch_ns
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text

_FIELDS = ('"T":', '"QH":', '"QT":')
#: Number of a reason -> what was done with the question.
_REASONS = {
    1: "allowed by a list", 3: "blocked by a list", 4: "blocked as dangerous",
    5: "blocked as unfit for children", 6: "blocked as invalid", 7: "sent to a safe search",
    8: "blocked as a service", 9: "rewritten", 10: "rewritten from the hosts file",
    11: "rewritten by a rule",
}  # fmt: skip
#: No answer is longer (RFC 1035 over TCP), in letters of base64.
_LONGEST_ANSWER = (1 << 16) * 4 // 3 + 4


@dataclass(frozen=True, slots=True)
class _DnsQuestionAndAnswers:
    """One question and its outcome."""

    time: int
    end: int
    device: str | None
    host: str
    addresses: tuple[str | None, ...]
    evidence: str
    grade: str


@dataclass(eq=False)
class _AdguardReader(LineLogReader):
    expected = "a question to AdGuard Home"
    not_a_record = "not a question: not a JSON object with a name and a time"

    #: Answers that are no DNS message, and where the first stands.
    unread_answers: int = 0
    first_unread_answer: int = 0
    _rows: list[tuple[int, _DnsQuestionAndAnswers, str | None]] = field(default_factory=list)

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        for row, line in enumerate(batch.lines):
            entry = json_object_of_line(line)
            name = None if entry is None else non_empty_text_or_none(entry.get("QH"))
            if entry is None or name is None or non_empty_text_or_none(entry.get("T")) is None:
                kinds[row] = LineCoverageKind.GAP if line.strip() else LineCoverageKind.PADDING
                continue
            kinds[row] = LineCoverageKind.RECORD
            self.add_record_line("Query", batch.first + row)
            self._add_question(entry, name, int(batch.offsets[row]))
        self._add_contacts()
        return kinds

    def _add_question(self, entry: dict[str, Any], name: str, offset: int) -> None:
        host = parse_host_or_else_ip(name)[0]
        if host is None:
            return
        time = iso_8601_text_to_epoch_ns(non_empty_text_or_none(entry.get("T")))
        elapsed = as_count(entry.get("Elapsed"))
        known = time != NO_TIME and elapsed is not None and elapsed < 3600 * 10**9
        answer = self._decode_dns_message_or_count_unread(entry.get("Answer"), offset)
        addresses = (
            tuple(filter(None, map(normalised_ip_or_none, answer.addresses))) if answer else ()
        )
        device = non_empty_text_or_none(entry.get("IP"))
        question = _DnsQuestionAndAnswers(
            time,
            time + (elapsed or 0) if known else NO_TIME,
            normalised_ip_or_none(device) or device or non_empty_text_or_none(entry.get("CID")),
            host,
            addresses or (None,),
            _evidence_text(entry),
            _lookup_evidence_grade(entry, answer),
        )
        self._rows += [(offset, question, address) for address in question.addresses]

    def _decode_dns_message_or_count_unread(self, packed: object, offset: int) -> DnsMessage | None:
        """Return the answer in an entry; ``None``: it holds none, or none that can be read."""
        if not isinstance(packed, str) or not packed:
            return None
        message = None
        if len(packed) <= _LONGEST_ANSWER:
            try:
                message = parse_dns_message(base64.b64decode(packed, validate=True))
            except binascii.Error:
                message = None
        if message is None:
            self.first_unread_answer = self.first_unread_answer or offset
            self.unread_answers += 1
        return message

    def _add_contacts(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        self.contacts.add_rows(
            np.array([offset for offset, _, _ in rows], np.int64),
            time=[question.time for _, question, _ in rows],
            end=[question.end for _, question, _ in rows],
            device=[question.device for _, question, _ in rows],
            host=[question.host for _, question, _ in rows],
            address=[address for _, _, address in rows],
            protocol="dns",
            evidence=[question.evidence for _, question, _ in rows],
            grade=[question.grade for _, question, _ in rows],
        )

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        return flatten_json_object(json_object_of_line(line) or {})

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        issues = []
        if self.unread_answers:
            what = (
                f"{self.unread_answers} answers are not DNS messages; their addresses are missing"
            )
            issues.append(Issue(self.first_unread_answer, 0, what))
        return ClockVersionAndIssuesOfLineLog(clock=Clock("clock of the resolver"), issues=issues)


def _filter_result_object(entry: dict[str, Any]) -> dict[str, Any]:
    result = entry.get("Result")
    return result if isinstance(result, dict) else {}


def _evidence_text(entry: dict[str, Any]) -> str:
    """Return what was done with a question, and how it was asked."""
    reason = _REASONS.get(as_count(_filter_result_object(entry).get("Reason")) or 0, "")
    if not reason and _filter_result_object(entry).get("IsFiltered") is True:
        reason = "blocked"
    way = non_empty_text_or_none(entry.get("CP"))
    words = [f"over {way[:16]}" if way else "", reason]
    return "; ".join(["query", *filter(None, words)])


def _lookup_evidence_grade(entry: dict[str, Any], answer: DnsMessage | None) -> str:
    packed = entry.get("Answer")
    if (
        _filter_result_object(entry).get("IsFiltered") is True
        or not isinstance(packed, str)
        or not packed
    ):
        return "attempted"
    if answer is None:
        return "measured"
    refused = answer.code != NO_ERROR or are_all_answers_sinkhole_addresses(answer.addresses)
    return "attempted" if refused else "measured"


def claims(content: Content) -> bool:
    """Return whether the first line is a question to AdGuard Home."""
    first = first_lines_of_text(content, 1)[0]
    return first.startswith("{") and all(name in first for name in _FIELDS)


FORMAT = build_line_log_format(
    "adguard-querylog",
    "AdGuard Home query log",
    "AdguardTeam/AdGuardHome: internal/querylog and its tests, internal/filtering",
    claims,
    lambda content: _AdguardReader(),
)

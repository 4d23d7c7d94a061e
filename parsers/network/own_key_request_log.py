"""What ``dji-audit keys fetch`` disclosed: the auditor's own contacts with DJI's server.

Who writes it: ``dji-audit``, beside the keychains, as ``….disclosed.jsonl``; a JSON object a
line.  A line ``sending`` before each request is written to the disk before anything goes out, and
a line ``answer`` or ``failed`` after it.  Every line holds ``time``, ``tool``, ``to`` (the URL) and
``event``; ``sending`` also the SHA-256 of the request, its bytes and what it discloses.

Facts: the writer itself, ``dji_audit/keys/request_keychains.py``.

Contacts.  Each line ``sending`` is one, by the device ``auditor``: *reported* if an answer stands
behind it, whatever it was, else *attempted*, for whether it arrived is not known.  It is evidence
against the auditor, not of whom a controller talked to.

Not decoded: nothing; what no column has a place for is in the records.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._file_content import Content
from .._model import Clock
from ._shared._decrypted_requests import parse_url
from ._shared._line_log_reader import (
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from ._text._columnar_records import as_count, non_empty_text_or_none
from ._text._json_lines import flatten_json_object, json_object_of_line
from ._text._parse_timestamps import NO_TIME, iso_8601_text_to_epoch_ns
from ._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text

_EVENTS = ("sending", "answer", "failed")
_DEVICE = "auditor"


@dataclass(eq=False)
class _KeyRequestOutcome:
    """One request, and what came of it."""

    offset: int
    line: dict[str, Any]
    end: int = NO_TIME
    down: int | None = None
    answered: bool = False


#: Requests that are held; a broker sends one for each record.
_MAX_REQUESTS = 100_000


@dataclass(eq=False)
class _KeyRequestLogReader(LineLogReader):
    expected = "a record of what was disclosed"
    not_a_record = "not a record: not a JSON object with an event"

    sent: list[_KeyRequestOutcome] = field(default_factory=list)
    #: SHA-256 of a request -> the last time that it was sent.
    _open: dict[str, _KeyRequestOutcome] = field(default_factory=dict)

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        for row, text in enumerate(batch.lines):
            line = json_object_of_line(text)
            if line is not None and line.get("event") in _EVENTS and isinstance(line["event"], str):
                kinds[row] = LineCoverageKind.RECORD
                self.add_record_line(line["event"], batch.first + row)
                self._add_line(line, int(batch.offsets[row]))
            elif not text.strip():
                kinds[row] = LineCoverageKind.PADDING
        return kinds

    def _add_line(self, line: dict[str, Any], offset: int) -> None:
        request = non_empty_text_or_none(line.get("request")) or ""
        if line["event"] == "sending":
            self._open[request] = _KeyRequestOutcome(offset, line)
            self.sent.append(self._open[request])
        elif (sent := self._open.get(request)) is not None and line["event"] == "answer":
            sent.answered, sent.end = (
                True,
                iso_8601_text_to_epoch_ns(non_empty_text_or_none(line.get("time"))),
            )
            sent.down = as_count(line.get("bytes"))

    @property
    def is_full(self) -> bool:
        return len(self.sent) >= _MAX_REQUESTS

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        return flatten_json_object(json_object_of_line(line) or {})

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        self._add_contacts()
        return ClockVersionAndIssuesOfLineLog(
            clock=Clock("clock of the auditor's computer"),
            excluded_traffic="everything except the auditor's own requests for keys",
        )

    def _add_contacts(self) -> None:
        lines = [sent.line for sent in self.sent]
        targets = [parse_url(non_empty_text_or_none(line.get("to")) or "") for line in lines]
        self.contacts.add_rows(
            np.array([sent.offset for sent in self.sent], np.int64),
            time=[
                iso_8601_text_to_epoch_ns(non_empty_text_or_none(line.get("time")))
                for line in lines
            ],
            end=[sent.end for sent in self.sent],
            device=_DEVICE,
            app=[non_empty_text_or_none(line.get("tool")) for line in lines],
            host=[target.host for target in targets],
            address=[target.address for target in targets],
            port=[target.port for target in targets],
            protocol=[target.scheme for target in targets],
            path=[target.path for target in targets],
            bytes_up=[as_count(line.get("bytes")) for line in lines],
            bytes_down=[sent.down for sent in self.sent],
            evidence=[
                f"sending, request {non_empty_text_or_none(line.get('request'))}" for line in lines
            ],
            grade=["reported" if sent.answered else "attempted" for sent in self.sent],
        )


def claims(content: Content) -> bool:
    """Return whether the first line is one of a request for keys."""
    first = first_lines_of_text(content, 1)[0]
    has_names = all(f'"{name}":' in first for name in ("time", "tool", "to", "event"))
    return first.startswith("{") and has_names and '"tool": "dji-audit' in first


FORMAT = build_line_log_format(
    "key-disclosure",
    "Disclosures of the key broker",
    "dji_audit/keys/request_keychains.py, the writer",
    claims,
    lambda content: _KeyRequestLogReader(),
)

"""Suricata's events (``eve.json``): connections, look-ups, handshakes, requests and files.

Who writes it: Suricata, a sensor that watches a network, and firewalls that are built on it; a
JSON object a line, with its kind in ``event_type``.

Facts: Suricata's documentation of EVE (versions 4 to 8: answers one by one, in a list, grouped,
and questions in a list); events that public repositories quote.  No real file was at hand.

Contacts.  ``dns``: the name that was asked for, once for each address in the answer; a question
without an answer in the file, a refusal, and an answer of no computer are *attempted*.  ``tls``
and ``quic``: the name in the ClientHello.  ``http``: host and path.  ``fileinfo``: a file that
went over HTTP, with its size; it is an upload if it went to the side with the lower port.
``flow``: the bytes of the packets both ways (with all their headers), and the name that a ``tls``,
``quic`` or ``http`` event of the same ``flow_id`` before it gives; *attempted* if nothing came
back, or only a refusal.  ``alert`` and ``drop``: what a rule blocked, as *attempted*; other alerts
show no further contact.  Every other event of a conversation gives its address.

Times carry their zone.  Payloads, bodies and cookies that events may hold are masked in the
records, and so is what stands in a path by way of a password, a key or the like.

Not decoded: nothing; fields that no column has a place for are in the records.
"""

from dataclasses import dataclass
from typing import Any

from ..._file_content import Content
from ..._model import Clock
from ..._secrets._redact_secrets import REDACTED
from .._shared._line_log_reader import (
    OTHER_KIND,
    ClockVersionAndIssuesOfLineLog,
    LineLogReader,
    build_line_log_format,
)
from .._text._json_lines import flatten_json_object, json_object_of_line
from .._text._text_lines import LineBatch, LineCoverageKind, LineKinds, first_lines_of_text
from ._contacts import CONTACT_READERS, EventAtOffset, SuricataContacts

#: Fields that hold content of the conversation.
_PAYLOADS = frozenset(
    {"payload", "payload_printable", "packet", "http_request_body", "http_response_body",
     "http_request_body_printable", "http_response_body_printable"}
)  # fmt: skip

#: Kinds of event that are told apart; Suricata has some forty.
_MAX_KINDS = 500


@dataclass(eq=False)
class _EveReader(LineLogReader):
    expected = "an event of Suricata"
    not_a_record = "not an event: not a JSON object with a type"

    def __post_init__(self) -> None:
        self.events = SuricataContacts(self.contacts, self.blind_spots)

    def read_lines(self, batch: LineBatch) -> LineKinds:
        kinds = batch.kinds_all_set_to()
        events: dict[str, list[EventAtOffset]] = {}
        for row, line in enumerate(batch.lines):
            event = json_object_of_line(line)
            kind = event.get("event_type") if event is not None else None
            if isinstance(kind, str) and kind and event is not None:
                kinds[row] = LineCoverageKind.RECORD
                kind = self._event_kind_or_other(kind[:64])
                events.setdefault(kind, []).append((int(batch.offsets[row]), event))
                self.add_record_line(kind, batch.first + row)
            elif not line.strip():
                kinds[row] = LineCoverageKind.PADDING
        # Names first: the end of a conversation may be in the same batch as its handshake.
        for kind in sorted(events, key=lambda name: (name == "flow", name)):
            self.events.add_events(kind, events[kind])
        return kinds

    def _event_kind_or_other(self, kind: str) -> str:
        """Return a kind of event; one that comes after very many others is ``other``."""
        is_known = kind in self.lines or kind in CONTACT_READERS or len(self.lines) < _MAX_KINDS
        return kind if is_known else OTHER_KIND

    def fields_of_line(self, number: int, line: str) -> dict[str, Any]:
        values = flatten_json_object(json_object_of_line(line) or {})
        return {
            name: _value_redacted_if_payload_field(name, value) for name, value in values.items()
        }

    def summary(self) -> ClockVersionAndIssuesOfLineLog:
        events = self.events
        events.add_unanswered_dns_lookups()
        counts = (
            (events.flows, events.unnamed)
            if events.flows
            else (events.handshakes, events.unnamed_handshakes)
        )
        missing = "" if events.flows else "conversations without an event of a recorded kind"
        return ClockVersionAndIssuesOfLineLog(
            clock=Clock("clock of the sensor"),
            flow_count=counts[0] or None,
            unnamed_flow_count=counts[1] if counts[0] else None,
            excluded_traffic=missing,
        )


def _value_redacted_if_payload_field(name: str, value: Any) -> Any:
    if name.rpartition(".")[2] in _PAYLOADS and value:
        return REDACTED
    if isinstance(value, list) and name.endswith("_headers"):
        # Names of headers stay; their values may give access.
        return [header.get("name") for header in value if isinstance(header, dict)]
    return value


def claims(content: Content) -> bool:
    """Return whether the first line is an event."""
    first = first_lines_of_text(content, 1)[0]
    return first.startswith("{") and '"timestamp"' in first and '"event_type"' in first


FORMAT = build_line_log_format(
    "suricata-eve",
    "Suricata events",
    "Suricata's documentation of EVE; events quoted in public",
    claims,
    lambda content: _EveReader(),
)

"""Texts that a vehicle and its components send (STATUSTEXT): chunks joined, kinds of event."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from .._shared._event_rows import EventRow
from .._shared._fence_messages import harmless_fence_text_event_kind_and_severity
from .._shared._redact_chunked_text import changed_chunks_after_redaction
from ._event_rows import event_row, sender_name_of_message
from ._message_columns import MavlinkMessages

#: MAV_SEVERITY -> severity.
SEVERITIES = ("serious", "serious", "serious", "warning", "warning", "notice", "info", "info")

#: What a text must match -> kind of event, least severity; the first match counts.
#: The texts are those of ArduPilot 3.1 to 4.8 and PX4 1.9 to 1.16.
TEXT_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"takeoff.{0,200}\b(geo)?fence", "geofence.refused"),
        (r"outside (of )?(the )?(geo)?fence|geofence invalid"
         r"|doesn't contain (home|current)|violation for waypoint", "geofence.refused"),
        (r"fences? (breach )?cleared|(geo)?fence (ok|re-?entered)", "geofence.warning"),
        (r"breach|geofence (triggered|violation)|fence triggered|exceeding maximum (dist|alt)",
         "geofence.breach"),
        (r"\b(geo)?fences? (floor )?(is )?(auto )?disabled|disabl\w{1,30} (geo)?fence",
         "geofence.disable"),
        (r"\b(geo)?fences? (floor )?(is )?(auto )?enabled|enabl\w{1,30} (geo)?fence",
         "geofence.enable"),
        (r"geofence (loaded|imported)|new fence", "geofence.config"),
        (r"\b(geo)?fence", "geofence.warning"),
        (r"(lost|loss).{0,200}(link|radio|rc\b|gcs|datalink)|(link|radio|gcs|rc|manual control)"
         r" (signal |control )?(lost|loss)|no rc\b", "link.lost"),
        # What a precision landing does when it loses its target is no fail-safe of the vehicle
        # (ArduPilot, AC_PrecLand_StateMachine).
        (
            r"^(?!PrecLand\b).{0,200}?fail-?safe"
            r"(?!.{0,200}\b(off|ok|cleared|disabled|recovered)\b)",
            "failsafe",
        ),
        (r"batt(ery)?\b.{0,200}(low|critical|emergency|failed)|low batt", "battery"),
        (r"^(APM:|Ardu|PX4|Rover|Copter|Plane|Sub |AntennaTracker|Blimp|ChibiOS|NuttX|Solo)"
         r".{0,200}\d", "firmware"),
        (r"partner ip|ntrip|rtsp|https?://|\b(wi-?fi|lte|4g|udp|tcp)\b", "link.config"),
        (r"\beras\w{0,30}\b.{0,200}\blogs?\b|\blogs?\b.{0,200}\beras", "log.transfer"),
        (r"crash|potential thrust loss|yaw imbalance|(unhealthy|failure|failed|error)\b", "fault"),
        (r"remote ?id|open ?drone ?id|\bODID\b", "remote_id"),
    )
)  # fmt: skip
#: Texts whose kind is kept: a vehicle says the same again and again, and two readers ask.
MOST_KNOWN_TEXTS = 4096
#: Said when a fence is no longer breached.
BREACH_CLEARED_TEXT = TEXT_RULES[2][0]


@dataclass(frozen=True, slots=True)
class StatusText:
    """One whole text."""

    #: Row of its first part among the STATUSTEXT messages.
    row: int
    #: MAV_SEVERITY.
    level: int
    text: str


def status_texts(messages: MavlinkMessages) -> list[StatusText]:
    """Return every text; those sent in parts are joined.

    A secret that only the whole text shows is redacted in the records of its parts.
    """
    if not len(messages):
        return []
    levels = messages["severity"].tolist()
    part = messages["chunk_seq"] > 0
    # PX4 numbers its first text 0 although that means "not in parts".
    part[:-1] |= part[1:]
    chunked = np.flatnonzero(part | (messages["id"] != 0)).tolist()
    joined = {}
    words = messages["text"].tolist()
    for chunked_text in _iterate_texts_joined_from_chunks(messages, chunked):
        joined[chunked_text.first_row] = "".join(chunked_text.chunks)
        for number, shown in changed_chunks_after_redaction(chunked_text.chunks):
            row = chunked_text.rows[number]
            if row is not None:
                messages.replace_secret_text("text", row, shown)
    inside = set(chunked)
    return [
        StatusText(row, int(level), joined.get(row, text).strip())
        for row, (level, text) in enumerate(zip(levels, words, strict=True))
        if row in joined or row not in inside
    ]


@dataclass(slots=True)
class _ChunkedText:
    """A text that was sent in parts."""

    first_row: int
    #: Its parts, and the row of each; ``None``: a mark that replaces parts that were lost.
    chunks: list[str] = field(default_factory=list)
    rows: list[int | None] = field(default_factory=list)
    #: The number of the last part.
    last: int = -1

    def add_chunk(self, row: int, number: int, part: str) -> None:
        """Take in the part that follows; a mark replaces those lost before it."""
        if number != self.last + 1:
            self.chunks.append("[...]")
            self.rows.append(None)
        self.chunks.append(part)
        self.rows.append(row)
        self.last = number


def _iterate_texts_joined_from_chunks(
    messages: MavlinkMessages, rows: list[int]
) -> Iterator[_ChunkedText]:
    """Yield the texts that were sent in parts, with the secrets in them.

    Parts carry the same ``id`` and count up from 0; one that is lost leaves a
    mark, and a part that does not count up begins a new text.
    """
    system, component, number = messages.system, messages.component, messages["id"]
    order, parts = messages["chunk_seq"], messages["text"].tolist()
    open_: dict[tuple[int, int, int], _ChunkedText] = {}
    for row in rows:
        key = int(system[row]), int(component[row]), int(number[row])
        at = int(order[row])
        if key not in open_ or at <= open_[key].last:
            if key in open_:
                yield open_[key]
            open_[key] = _ChunkedText(row)
        open_[key].add_chunk(row, at, parts[row])
    yield from open_.values()


@lru_cache(MOST_KNOWN_TEXTS)
def status_text_event_kind(text: str, level: int) -> str:
    """Return the kind of event that a text reports."""
    if (plain := harmless_fence_text_event_kind_and_severity(text)) is not None:
        return plain[0]
    for pattern, kind in TEXT_RULES:
        if pattern.search(text):
            return kind
    return "warning" if level <= 4 else "tip"


def status_texts_from_system(
    messages: MavlinkMessages, texts: Sequence[StatusText], system: int
) -> list[StatusText]:
    """Return the texts that one system sent."""
    systems = messages.system
    return [text for text in texts if systems[text.row] == system]


def status_text_events(
    messages: MavlinkMessages, texts: Sequence[StatusText], apart: Sequence[StatusText]
) -> list[EventRow]:
    """Return an event for each text.

    Args:
        messages: The STATUSTEXT messages.
        texts: Their texts.
        apart: Texts whose breaches are events of their own, with their end; the
            others warn, since other messages report the breach, or because it
            is another vehicle's.
    """
    alone = {text.row for text in apart}
    rows = []
    for text in texts:
        if not text.text.strip():
            continue
        kind = status_text_event_kind(text.text, text.level)
        plain = harmless_fence_text_event_kind_and_severity(text.text)
        if kind == "geofence.breach":
            if text.row in alone:
                continue
            kind = "geofence.warning"
        rows.append(
            event_row(
                messages,
                text.row,
                kind,
                f"{text.text} (from {sender_name_of_message(messages, text.row)})",
                label="text",
                severity=plain[1] if plain else SEVERITIES[min(text.level, 7)],
            )
        )
    return rows

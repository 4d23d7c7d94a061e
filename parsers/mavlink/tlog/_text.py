"""Texts that a vehicle and its parts send (STATUSTEXT), joined and sorted by what they say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .._shared._fence import remark
from .._shared._redact_chunks import masked
from ._event import Event, event, sender_of
from ._records import Messages, redacted

#: MAV_SEVERITY -> severity.
SEVERITY = ("serious", "serious", "serious", "warning", "warning", "notice", "info", "info")

#: What a text must match -> kind of event, least severity; the first match counts.
#: The texts are those of ArduPilot 3.1 to 4.8 and PX4 1.9 to 1.16.
RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"takeoff.*\b(geo)?fence", "geofence.refused"),
        (r"outside (of )?(the )?(geo)?fence|geofence invalid"
         r"|doesn't contain (home|current)|violation for waypoint", "geofence.refused"),
        (r"fences? (breach )?cleared|(geo)?fence (ok|re-?entered)", "geofence.warning"),
        (r"breach|geofence (triggered|violation)|fence triggered|exceeding maximum (dist|alt)",
         "geofence.breach"),
        (r"\b(geo)?fences? (floor )?(is )?(auto )?disabled|disabl\w+ (geo)?fence",
         "geofence.disable"),
        (r"\b(geo)?fences? (floor )?(is )?(auto )?enabled|enabl\w+ (geo)?fence",
         "geofence.enable"),
        (r"geofence (loaded|imported)|new fence", "geofence.config"),
        (r"\b(geo)?fence", "geofence.warning"),
        (r"(lost|loss).*(link|radio|rc\b|gcs|datalink)|(link|radio|gcs|rc|manual control)"
         r" (signal |control )?(lost|loss)|no rc\b", "link.lost"),
        (r"fail-?safe(?!.*\b(off|ok|cleared|disabled|recovered)\b)", "failsafe"),
        (r"batt(ery)?\b.*(low|critical|emergency|failed)|low batt", "battery"),
        (r"^(APM:|Ardu|PX4|Rover|Copter|Plane|Sub |AntennaTracker|Blimp|ChibiOS|NuttX|Solo)"
         r".*\d", "firmware"),
        (r"partner ip|ntrip|rtsp|https?://|\b(wi-?fi|lte|4g|udp|tcp)\b", "link.config"),
        (r"\beras\w*\b.*\blogs?\b|\blogs?\b.*\beras", "log.transfer"),
        (r"crash|(unhealthy|failure|failed|error)\b", "fault"),
        (r"remote ?id|open ?drone ?id|\bODID\b", "remote_id"),
    )
)  # fmt: skip
#: Said when a fence is no longer breached.
CLEARED = RULES[2][0]


@dataclass(frozen=True, slots=True)
class Text:
    """One whole text."""

    #: Row of its first part among the STATUSTEXT messages.
    row: int
    #: MAV_SEVERITY.
    level: int
    text: str


def texts(found: Messages) -> list[Text]:
    """Return every text; those sent in parts are joined.

    A secret that only the whole text shows is masked in its parts, too.
    """
    if not len(found):
        return []
    levels = found["severity"].tolist()
    part = found["chunk_seq"] > 0
    # PX4 numbers its first text 0 although that means "not in parts".
    part[:-1] |= part[1:]
    chunked = np.flatnonzero(part | (found["id"] != 0)).tolist()
    joined = {}
    for one in _joined(found, chunked):
        joined[one.rows[0]] = clean = redacted(one.text)
        if clean != one.text:
            for number, shown in masked(one.text, clean, one.places):
                found.mask("text", one.rows[number], shown)
    words = found["text"].tolist()
    inside = set(chunked)
    return [
        Text(row, int(level), joined.get(row, text).strip())
        for row, (level, text) in enumerate(zip(levels, words, strict=True))
        if row in joined or row not in inside
    ]


@dataclass(slots=True)
class _Parts:
    """A text that was sent in parts."""

    #: The rows of its parts, and where each begins and ends in the whole text.
    rows: list[int]
    places: list[tuple[int, int]]
    #: The number of the last part.
    last: int
    text: str

    def add(self, row: int, number: int, part: str) -> None:
        """Take in the part that follows; a mark stands for those lost before it."""
        self.text += "" if number == self.last + 1 else "[...]"
        self.rows.append(row)
        self.places.append((len(self.text), len(self.text) + len(part)))
        self.text += part
        self.last = number


def _joined(found: Messages, rows: list[int]) -> Iterator[_Parts]:
    """Yield the texts that were sent in parts, with the secrets in them.

    Parts carry the same ``id`` and count up from 0; one that is lost leaves a
    mark, and a sender begins anew with a part that does not count up.
    """
    system, component, number = found.system, found.component, found["id"]
    order, parts = found["chunk_seq"], found.unmasked("text")
    open_: dict[tuple[int, int, int], _Parts] = {}
    for row in rows:
        key = int(system[row]), int(component[row]), int(number[row])
        at = int(order[row])
        if key not in open_ or at <= open_[key].last:
            if key in open_:
                yield open_[key]
            open_[key] = _Parts([], [], -1, "")
        open_[key].add(row, at, parts[row])
    yield from open_.values()


def kind_of(text: str, level: int) -> str:
    """Return the kind of event that a text tells."""
    if (plain := remark(text)) is not None:
        return plain[0]
    for pattern, kind in RULES:
        if pattern.search(text):
            return kind
    return "warning" if level <= 4 else "tip"


def said_by(found: Messages, said: Sequence[Text], system: int) -> list[Text]:
    """Return the texts that one system sent."""
    systems = found.system
    return [one for one in said if systems[one.row] == system]


def text_events(found: Messages, said: Sequence[Text], apart: Sequence[Text]) -> list[Event]:
    """Return an event for each text.

    Args:
        found: The STATUSTEXT messages.
        said: Their texts.
        apart: Texts whose breaches are events of their own, with their end; the
            others warn, since other messages tell of the breach, or because it
            is another vehicle's.
    """
    alone = {one.row for one in apart}
    rows = []
    for one in said:
        if not one.text.strip():
            continue
        kind = kind_of(one.text, one.level)
        plain = remark(one.text)
        if kind == "geofence.breach":
            if one.row in alone:
                continue
            kind = "geofence.warning"
        rows.append(
            event(
                found,
                one.row,
                kind,
                f"{one.text} (from {sender_of(found, one.row)})",
                label="text",
                severity=plain[1] if plain else SEVERITY[min(one.level, 7)],
            )
        )
    return rows

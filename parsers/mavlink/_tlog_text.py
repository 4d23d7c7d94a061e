"""Texts that a vehicle and its parts send (STATUSTEXT), joined and sorted by what they say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ._fence import remark
from ._tlog_event import Event, event, sender_of
from ._tlog_records import Messages, redacted

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
    """Return every text; those sent in parts are joined."""
    if not len(found):
        return []
    words, levels = found["text"].tolist(), found["severity"].tolist()
    part = found["chunk_seq"] > 0
    # PX4 numbers its first text 0 although that means "not in parts".
    part[:-1] |= part[1:]
    chunked = np.flatnonzero(part | (found["id"] != 0)).tolist()
    joined = dict(_joined(found, chunked))
    inside = set(chunked)
    return [
        Text(row, int(level), (redacted(joined[row]) if row in joined else text).strip())
        for row, (level, text) in enumerate(zip(levels, words, strict=True))
        if row in joined or row not in inside
    ]


def _joined(found: Messages, rows: list[int]) -> Iterator[tuple[int, str]]:
    """Yield the row of the first part and the whole text of those sent in parts.

    Parts carry the same ``id`` and count up from 0; one that is lost leaves a
    mark, and a sender begins anew with a part that does not count up.
    """
    system, component, number = found.system, found.component, found["id"]
    order, parts = found["chunk_seq"], found.unmasked("text")
    open_: dict[tuple[int, int, int], tuple[int, int, str]] = {}
    for row in rows:
        key = int(system[row]), int(component[row]), int(number[row])
        at, part = int(order[row]), parts[row]
        if key in open_ and at > open_[key][1]:
            first, last, text = open_[key]
            lost = "" if at == last + 1 else "[...]"
            open_[key] = first, at, text + lost + part
            continue
        if key in open_:
            yield open_[key][0], open_[key][2]
        open_[key] = row, at, part if at == 0 else "[...]" + part
    for first, _, text in open_.values():
        yield first, text


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

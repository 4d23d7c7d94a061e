"""Events of a ULog from what the autopilot said: logged text and the event topic.

Most sentences of the event topic are logged as text, too; such a pair is one
event.  What a sentence is about is told by its words (`_TOPICS`).
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..._model import Issue
from ..._secrets import REDACTED
from .._shared import _fence
from . import _enums as _ulog_names
from . import _fence as _ulog_fence
from . import _messages as _ulog_messages
from . import _metadata as _ulog_metadata
from ._recording import Recording, event

Row = Mapping[str, Any]

#: Sentences this close to a breach that the flags tell are about that breach.
_SAME_US = 2_000_000
#: Time within which the same sentence in text and event topic is one event.
_PAIR_US = 1_000_000

_MODULE = re.compile(r"^\[[\w ]+\]\s*")

#: The first expression that is found names the kind; ``None``: by its level alone.
_TOPICS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (
            r"(preflight|arming|reposition|change|waypoint|mission|invalid|requires).*fence"
            r"|fence.*(waypoint|invalid|requires|mission)",
            "geofence.refused",
        ),
        (
            r"fence.*(violat|exceed|breach|outside)|(outside|exceed\w*|crossed).*fence",
            "geofence.breach",
        ),
        (r"maximum (altitude|distance).*(home|exceed)", "geofence.breach"),
        (r"fence.*(import|upload|loaded|cleared|updated)", "geofence.config"),
        (r"fence.*(rtl|return|hold|land|terminat)", "geofence.action"),
        (r"\bfence|geofence", "geofence.warning"),
        (r"fail-?safe.*(off|deactivat|clear|disabled)", "tip"),
        (r"fail-?safe", "failsafe"),
        (r"remote ?id|open ?drone ?id", "remote_id"),
        (r"\blogs?\b.*(eras|delet|download|transfer)", "log.transfer"),
        (r"(sd|storage|memory) ?card", "capture.storage"),
        (
            r"(connection|link|signal|manual control).*(lost|regained|restored|timeout)",
            "link.signal",
        ),
        (
            r"\bbattery\b.*(low|critical|danger|warn|fail)|(low|critical|danger\w*) battery",
            "battery",
        ),
    )
)


def draw(recording: Recording) -> Iterator[Row]:
    """Yield one event for each sentence."""
    breaches = _ulog_fence.breached(recording)
    said: dict[str, list[int]] = {}
    secrets = list(_secret_information(recording))
    for line in recording.lines:
        at = recording.tick(line.time_us, line.offset)
        said.setdefault(_MODULE.sub("", line.text), []).append(at)
        if REDACTED in line.text:
            secrets.append(line.offset)
        if line.text:
            record = "TEXT" if line.tag is None else f"TEXT tag {line.tag}"
            yield _told(recording, at, line.level, line.text, record, line.offset, breaches)
    if secrets:
        what = f"{len(secrets)} texts name a password or a key, which is not shown"
        recording.issues.append(Issue(min(secrets), 0, what))
    yield from _events(recording, said, breaches)


def _secret_information(recording: Recording) -> Iterator[int]:
    """Yield where what is said of the aircraft, or the console's text, names a secret."""
    for each in recording.info.values():
        if isinstance(each.value, str) and REDACTED in _ulog_messages.clean(each.value):
            yield each.offset
    for offset, raw in recording.joined.get("boot_console_output", []):
        text = _ulog_messages.clean(raw.decode("utf-8", "replace"))
        yield from [offset] * text.count(REDACTED)


def _told(
    recording: Recording,
    at: int,
    level: int,
    text: str,
    record: str,
    offset: int,
    breaches: list[tuple[int, int]],
) -> Row:
    kind = _kind(text)
    if kind == "geofence.breach" and any(
        first - _SAME_US <= at <= last + _SAME_US for first, last in breaches
    ):
        kind = "geofence.warning"
    plain = _fence.remark(text)
    severity = plain[1] if plain else _ulog_names.SEVERITIES[min(level, 7)]
    if kind is None:
        kind = "warning" if level <= 4 else "tip"
    return event(recording, at, kind, text, record, offset, severity=severity)


@lru_cache(maxsize=4096)
def _kind(text: str) -> str | None:
    if (plain := _fence.remark(text)) is not None:
        return plain[0]
    return next((kind for words, kind in _TOPICS if words.search(text)), None)


def _events(
    recording: Recording, said: Mapping[str, list[int]], breaches: list[tuple[int, int]]
) -> Iterator[Row]:
    found = recording.series("event")
    numbers = None if found is None else found.numbers("id")
    if found is None or numbers is None or "arguments" not in found:
        return
    definitions = _definitions(recording)
    arguments = np.ascontiguousarray(found["arguments"])
    told_levels = found.numbers("log_levels")
    levels = np.full(len(found), 0x66) if told_levels is None else told_levels & 0xFF
    rows = recording.shown(found, np.arange(len(found)), "records")
    unknown: dict[int, int] = {}
    for row in rows:
        level = int(levels[row]) >> 4
        sentence = definitions.say(int(numbers[row]), arguments[row].tobytes())
        at, offset = int(found.ticks[row]), int(found.offsets[row])
        if sentence is None:
            unknown.setdefault(int(numbers[row]), offset)
            continue
        group, words = sentence
        text = _ulog_messages.clean(words)
        if level >= 8 or group not in ("default", "arming_check", "health") or not text:
            continue  # for programs, such as the progress of a calibration
        if any(abs(at - told) <= _PAIR_US for told in said.get(text, ())):
            continue
        if group != "default":
            text = f"Check: {text}"
            if any(abs(at - told) <= _PAIR_US for told in _checks(said, words)):
                continue
        yield _told(recording, at, level, text, "event", offset, breaches)
    if unknown:
        what = f"{len(unknown)} kinds of events that the log does not define"
        recording.issues.append(Issue(min(unknown.values()), 0, what))


def _checks(said: Mapping[str, list[int]], words: str) -> Iterator[int]:
    """Yield when a check before the start was told as text, which has words before it."""
    for prefix in ("Preflight Fail: ", "Preflight: ", "Arming denied: "):
        yield from said.get(prefix + words, ())


def _definitions(recording: Recording) -> _ulog_metadata.Definitions:
    packed = recording.joined.get("metadata_events")
    if not packed:
        return _ulog_metadata.Definitions()
    stated = recording.info.get("metadata_events_sha256")
    sha256 = str(stated.value) if stated is not None else None
    offset, raw = packed[0]
    definitions, wrong = _ulog_metadata.parse(raw, sha256)
    if wrong is not None:
        recording.issues.append(Issue(offset, 0, wrong))
    return definitions

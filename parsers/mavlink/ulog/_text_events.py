"""Text events of a ULog: logged text and the event topic.

Most sentences of the event topic are logged as text, too; such a pair is one
event.  The words of a sentence decide its kind (`_TEXT_KINDS`).
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..._model import Issue
from .._shared._fence_messages import harmless_fence_text_event_kind_and_severity
from ._event_definitions import EventDefinitions, parse_event_definitions_and_error
from ._fences_and_fence_events import breach_intervals
from ._non_data_records import text_without_colours
from ._px4_enum_names import SEVERITIES
from ._ulog_context import UlogContext, event_row

TableRow = Mapping[str, Any]

#: Sentences this close to a breach that the flags report are about that breach.
_SAME_BREACH_US = 2_000_000
#: Time within which the same sentence in text and event topic is one event.
_SAME_SENTENCE_US = 1_000_000

_MODULE = re.compile(r"^\[[\w ]+\]\s*")

#: The first expression that is found names the kind; ``None``: by its level alone.
_TEXT_KINDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (
            r"(preflight|arming|reposition|change|waypoint|mission|invalid|requires).{0,200}fence"
            r"|fence.{0,200}(waypoint|invalid|requires|mission)",
            "geofence.refused",
        ),
        (
            r"fence.{0,200}(violat|exceed|breach|outside)|(outside|exceed\w{0,30}|crossed).{0,200}fence",
            "geofence.breach",
        ),
        (r"maximum (altitude|distance).{0,200}(home|exceed)", "geofence.breach"),
        (r"fence.{0,200}(import|upload|loaded|cleared|updated)", "geofence.config"),
        (r"fence.{0,200}(rtl|return|hold|land|terminat)", "geofence.action"),
        (r"\bfence|geofence", "geofence.warning"),
        (r"fail-?safe.{0,200}(off|deactivat|clear|disabled)", "tip"),
        (r"fail-?safe", "failsafe"),
        (r"remote ?id|open ?drone ?id", "remote_id"),
        (r"\blogs?\b.{0,200}(eras|delet|download|transfer)", "log.transfer"),
        (r"(sd|storage|memory) ?card", "capture.storage"),
        (
            r"(connection|link|signal|manual control).{0,200}(lost|regained|restored|timeout)",
            "link.signal",
        ),
        (
            r"\bbattery\b.{0,200}(low|critical|danger|warn|fail)"
            r"|(low|critical|danger\w{0,30}) battery",
            "battery",
        ),
    )
)


def text_events(log: UlogContext) -> Iterator[TableRow]:
    """Yield one event for each sentence."""
    breaches = breach_intervals(log)
    ticks_by_text: dict[str, list[int]] = {}
    for line in log.logged_lines:
        at = log.unwrap_boot_time_across_restarts_us(line.time_us, line.offset)
        ticks_by_text.setdefault(_MODULE.sub("", line.text), []).append(at)
        if line.text:
            record = "TEXT" if line.tag is None else f"TEXT tag {line.tag}"
            yield _text_event(log, at, line.level, line.text, record, line.offset, breaches)
    yield from _event_topic_events(log, ticks_by_text, breaches)


def _text_event(
    log: UlogContext,
    at: int,
    level: int,
    text: str,
    record: str,
    offset: int,
    breaches: list[tuple[int, int]],
) -> TableRow:
    kind = _text_event_kind(text)
    if kind == "geofence.breach" and any(
        first - _SAME_BREACH_US <= at <= last + _SAME_BREACH_US for first, last in breaches
    ):
        kind = "geofence.warning"
    plain = harmless_fence_text_event_kind_and_severity(text)
    severity = plain[1] if plain else SEVERITIES[min(level, 7)]
    if kind is None:
        kind = "warning" if level <= 4 else "tip"
    return event_row(log, at, kind, text, record, offset, severity=severity)


@lru_cache(maxsize=4096)
def _text_event_kind(text: str) -> str | None:
    if (plain := harmless_fence_text_event_kind_and_severity(text)) is not None:
        return plain[0]
    return next((kind for words, kind in _TEXT_KINDS if words.search(text)), None)


def _event_topic_events(
    log: UlogContext, ticks_by_text: Mapping[str, list[int]], breaches: list[tuple[int, int]]
) -> Iterator[TableRow]:
    series = log.series("event")
    numbers = None if series is None else series.integers_of_field("id")
    if series is None or numbers is None or "arguments" not in series:
        return
    definitions = _event_definitions(log)
    arguments = np.ascontiguousarray(series["arguments"])
    told_levels = series.integers_of_field("log_levels")
    levels = np.full(len(series), 0x66) if told_levels is None else told_levels & 0xFF
    rows = log.keep_limited_number_of_rows(series, np.arange(len(series)), "records")
    unknown: dict[int, int] = {}
    for row in rows:
        level = int(levels[row]) >> 4
        sentence = definitions.event_group_and_message(int(numbers[row]), arguments[row].tobytes())
        at, offset = int(series.ticks[row]), int(series.offsets[row])
        if sentence is None:
            unknown.setdefault(int(numbers[row]), offset)
            continue
        group, words = sentence
        text = text_without_colours(words)
        if level >= 8 or group not in ("default", "arming_check", "health") or not text:
            continue  # for programs, such as the progress of a calibration
        if any(abs(at - tick) <= _SAME_SENTENCE_US for tick in ticks_by_text.get(text, ())):
            continue
        if group != "default":
            text = f"Check: {text}"
            if any(
                abs(at - tick) <= _SAME_SENTENCE_US
                for tick in _preflight_check_ticks(ticks_by_text, words)
            ):
                continue
        yield _text_event(log, at, level, text, "event", offset, breaches)
    if unknown:
        what = f"{len(unknown)} kinds of events that the log does not define"
        log.issues.append(Issue(min(unknown.values()), 0, what))


def _preflight_check_ticks(ticks_by_text: Mapping[str, list[int]], words: str) -> Iterator[int]:
    """Yield when a preflight check was logged as text, which has a prefix."""
    for prefix in ("Preflight Fail: ", "Preflight: ", "Arming denied: "):
        yield from ticks_by_text.get(prefix + words, ())


def _event_definitions(log: UlogContext) -> EventDefinitions:
    packed = log.multi_part_info.get("metadata_events")
    if not packed:
        return EventDefinitions()
    stated = log.info_messages.get("metadata_events_sha256")
    sha256 = str(stated.value) if stated is not None else None
    offset, raw = packed[0]
    definitions, wrong = parse_event_definitions_and_error(raw, sha256)
    if wrong is not None:
        log.issues.append(Issue(offset, 0, wrong))
    return definitions

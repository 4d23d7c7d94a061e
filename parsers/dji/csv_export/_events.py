"""Events: messages, limits reached, and when the aircraft left the ground and came back."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..._hosts import find_hosts
from ..._model import Mention
from ..._runs import true_runs
from ..._tables import events
from ._clock import Times
from ._rows import Flags, Rows

#: A text that speaks of a zone or a boundary.  ``GEO:`` opens DJI's own messages.
_ZONE = re.compile(
    r"\bGEO\b|no.?fly|restricted|authori[sz]ation zone|warning zone|altitude zone|geo.?fence"
    r"|\bNFZ\b|flight zone|airport|custom unlock",
    re.IGNORECASE,
)
_SET = re.compile(r"\bset\b.*\b(altitude|height|distance|radius)\b", re.IGNORECASE)
_HIGH = re.compile(r"max\w* (flight )?(altitude|height) reached", re.IGNORECASE)
_FAR = re.compile(r"max\w* (flight )?(distance|radius) reached", re.IGNORECASE)
#: A name of a host is no longer, and no table names more.
_MOST_MENTIONS = 1000
#: Above take-off, an aircraft is in the air: for tables that do not say so themselves.
_AIRBORNE_M = 0.5


def event_rows(rows: Rows, times: Times) -> pd.DataFrame:
    """Return the events of a table."""
    return events([*_messages(rows, times), *_flags(rows, times), *_flights(rows, times)])


def mentions(rows: Rows) -> tuple[Mention, ...]:
    """Return each host or URL that a message names, at its first place."""
    found: dict[tuple[str, str], Mention] = {}
    for name, row, text in _told(rows):
        for _, host, said in find_hosts(text.encode("utf-8", "replace")):
            mention = Mention(host, said, name, int(rows.offsets[row]))
            found.setdefault((name, said), mention)
            if len(found) >= _MOST_MENTIONS:
                break
    return tuple(sorted(found.values(), key=lambda mention: mention.source_offset))


def _told(rows: Rows) -> Iterator[tuple[str, int, str]]:
    """Yield column, row and text of each message."""
    for name in rows.kind.messages:
        index = rows.column(name)
        if index is None:
            continue
        texts = rows.texts_of(index)
        for row in np.flatnonzero((texts != "").to_numpy(bool)).tolist():
            yield name, row, rows.plain(str(texts.iloc[row]))


def _messages(rows: Rows, times: Times) -> Iterator[dict[str, Any]]:
    for name, row, text in _told(rows):
        kind, severity = rows.kind.messages[name]
        for part in text.split("; "):
            if part.strip():
                yield _event(rows, times, row, _kind_of(part, kind), part.strip(), name) | {
                    "severity": severity
                }


def _kind_of(text: str, otherwise: str) -> str:
    patterns = (
        ("geofence.warning", _ZONE),
        ("limit.config", _SET),
        ("limit.height", _HIGH),
        ("limit.distance", _FAR),
    )
    return next((kind for kind, pattern in patterns if pattern.search(text)), otherwise)


def _flags(rows: Rows, times: Times) -> Iterator[dict[str, Any]]:
    for name, (kind, text) in rows.kind.flags.items():
        index = rows.column(name)
        flags = None if index is None else rows.flags_of(index)
        if flags is None:
            continue
        order = times.order.tolist()
        for run in true_runs(flags[order]):
            end = times.at(order[run.last])
            yield _event(rows, times, order[run.first], kind, text, name) | {
                "end": end,
                "severity": "notice",
            }


def _flights(rows: Rows, times: Times) -> Iterator[dict[str, Any]]:
    """Yield take-offs and landings that the table saw; not where it began in the air."""
    in_air, record, grade = _in_air(rows)
    if in_air is None:
        return
    last, order = len(rows) - 1, times.order.tolist()
    for run in true_runs(in_air[order]):
        if run.first > 0:
            text = "the aircraft left the ground"
            yield _event(rows, times, order[run.first], "takeoff", text, record) | {"grade": grade}
        if run.last < last:
            text = "the aircraft came to the ground"
            yield _event(rows, times, order[run.last + 1], "landing", text, record) | {
                "grade": grade
            }


def _in_air(rows: Rows) -> tuple[Flags | None, str, str]:
    """Return where the aircraft is in the air, which column says so, and how."""
    ground = rows.flags("on_ground")
    if ground is not None:
        return ~ground, rows.kind.roles["on_ground"][0], "reported"
    flying = rows.flags("flying")
    if flying is not None:
        return flying, rows.kind.roles["flying"][0], "reported"
    heights = rows.numbers("height_ato_m")
    if heights is None or not np.isfinite(heights).any():
        return None, "", ""
    high = np.flatnonzero(heights > _AIRBORNE_M)
    in_air = np.zeros(len(rows), bool)
    if len(high):  # a flight may dip below its take-off point: one flight, first to last
        in_air[high[0] : high[-1] + 1] = True
    return in_air, rows.kind.roles["height_ato_m"][0], "inferred"


def _event(rows: Rows, times: Times, row: int, kind: str, text: str, name: str) -> dict[str, Any]:
    return {
        "time": times.at(row),
        "kind": kind,
        "severity": "info",
        "grade": "reported",
        "text": text,
        "record": name,
        "source_offset": int(rows.offsets[row]),
    }

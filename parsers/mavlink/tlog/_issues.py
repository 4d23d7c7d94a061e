"""What of a MAVLink stream was not decoded, and why."""

from collections.abc import Iterator, Mapping

import numpy as np

from ..._coverage import Coverage, Span
from ..._model import Issue
from .._shared import _dialect
from ._clock import Vehicle
from ._frames import DAMAGED, FOREIGN, UNKNOWN
from ._index import Index
from ._records import Stream
from ._track import TOO_HIGH_M, too_high

#: Bytes of a gap that are looked at to say what it is.
LOOK = 64
#: Share of them that must be printable for a text.
TEXT_SHARE = 0.9


def find_issues(
    stream: Stream, vehicle: Vehicle, spans: Coverage, secrets: Mapping[str, int]
) -> tuple[Issue, ...]:
    """Return an issue for each gap, and remarks (of size 0) on what was decoded."""
    return (
        *_gaps(stream.index, spans),
        *_undefined(stream.index),
        *_others(stream, vehicle),
        *_heights(stream, vehicle),
        *_masked(stream, secrets),
    )


def _gaps(index: Index, spans: Coverage) -> Iterator[Issue]:
    gaps = list(spans.of("gap"))
    damaged = index.of_status(DAMAGED)
    starts = index.starts[damaged]
    first = np.searchsorted(starts, [gap.offset for gap in gaps])
    last = np.searchsorted(starts, [gap.offset + gap.size for gap in gaps])
    for gap, a, b in zip(gaps, first.tolist(), last.tolist(), strict=True):
        reason = _damage(index, damaged[a:b].tolist()) if b > a else _stray(index, gap)
        yield Issue(gap.offset, gap.size, reason)


def _damage(index: Index, rows: list[int]) -> str:
    if len(rows) > 1:
        return f"{len(rows)} frames whose checksum is wrong"
    number = int(index.numbers(np.array(rows[:1]))[0])
    known = _dialect.messages().get(number)
    name = known.name if known else f"message {number}"
    return f"a frame ({name}) whose checksum is wrong"


def _stray(index: Index, gap: Span) -> str:
    some = index.array[gap.offset : gap.offset + min(gap.size, LOOK)]
    printable = ((some >= 32) & (some < 127)) | (some == 10) | (some == 13) | (some == 9)
    if float(printable.mean()) >= TEXT_SHARE:
        where = "before the first frame" if gap.offset == 0 else "between frames"
        return f"text {where}"
    if gap.offset + gap.size == len(index.array):
        return "no whole frame: the file ends inside one, or is damaged"
    return "no intact frame: damaged, or not MAVLink"


def _undefined(index: Index) -> Iterator[Issue]:
    """Yield a remark for each message number whose frames are kept as bytes."""
    for status, why in (
        (UNKNOWN, "has no definition here; its checksum could not be checked"),
        (FOREIGN, "has another definition than ours; the frames are whole"),
    ):
        rows = index.of_status(status)
        numbers, first, count = np.unique(
            index.numbers(rows), return_index=True, return_counts=True
        )
        for number, row, times in zip(numbers, rows[first], count, strict=True):
            text = f"message {number} {why}: {times} frames are kept as bytes"
            yield Issue(int(index.starts[row]), 0, text)


def _others(stream: Stream, vehicle: Vehicle) -> Iterator[Issue]:
    found = stream["GLOBAL_POSITION_INT"]
    foreign = (found.system != vehicle.system) | (found.component != vehicle.component)
    for system in np.unique(found.system[foreign]).tolist():
        rows = np.flatnonzero(foreign & (found.system == system))
        text = (
            f"{len(rows)} positions sent by system {system} are not in the track, which is that "
            f"of {vehicle.system}/{vehicle.component}"
        )
        yield Issue(int(found.offsets[rows[0]]), 0, text)


def _heights(stream: Stream, vehicle: Vehicle) -> Iterator[Issue]:
    found = vehicle.sent(stream["GLOBAL_POSITION_INT"])
    rows = too_high(found)
    if rows:
        text = f"{len(rows)} positions tell a height beyond {TOO_HIGH_M / 1000:g} km: left out"
        yield Issue(int(found.offsets[rows[0]]), 0, text)


def _masked(stream: Stream, secrets: Mapping[str, int]) -> Iterator[Issue]:
    for name, count in secrets.items():
        offset = int(stream[name.split(".")[0]].offsets[0])
        yield Issue(offset, 0, f"{name} is a secret: masked in {count} messages")

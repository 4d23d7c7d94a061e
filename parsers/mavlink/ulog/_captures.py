"""What a ULog shows of cameras: photos, video, and the commands that asked for them.

Strongest first: ``camera_capture`` (the camera confirmed the shot, or did not),
``camera_trigger`` with feedback (its shutter was seen), ``camera_trigger``
without, ``vehicle_command``.  A weaker record within two seconds of a stronger
one tells of the same shot.  PX4 logs nothing of the camera's own state, so video
runs from the command to start to the command to stop; without the latter it is
closed where the aircraft is disarmed or the log ends, and marked so.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared._camera_commands import (
    NO_PHOTOS,
    NO_VIDEO,
    PHOTO,
    PHOTOS,
    SET_SOURCE,
    VIDEO,
    cut,
    sensor,
    spans,
    unmatched,
    wish,
)
from ._commands import Command, commands, speak
from ._recording import Recording, event
from ._state import armed
from ._topics import Series

Row = Mapping[str, Any]

_SAME_US = 2_000_000


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo: when, how it is known, and where it stands."""

    tick: int
    offset: int
    source: str
    grade: str


def draw(recording: Recording) -> tuple[list[Row], list[Row]]:
    """Return the rows of captures, and of events that go with them."""
    asked = commands(recording)
    switches = [each for each in asked if each.number == SET_SOURCE and not each.refused]
    shots = _shots(recording, asked)
    rows: list[Row] = [
        _row(
            recording, shot.tick, shot.tick, "photo", shot.source, shot.grade, shot.offset, switches
        )
        for shot in shots
    ]
    rows.extend(_lasting(recording, asked, shots, switches))
    told = [speak(recording, each) for each in asked]
    told.extend(_failures(recording))
    told.extend(_cameras(recording))
    return rows, told


def _row(
    recording: Recording,
    start: int,
    end: int,
    kind: str,
    source: str,
    grade: str,
    offset: int,
    switches: list[Command],
) -> Row:
    before = [sensor(each.params) for each in switches if each.tick <= start]
    chosen = [each for each in before if each is not None]
    return {
        "start": recording.instant(start),
        "end": recording.instant(end),
        "sensor": chosen[-1] if chosen else "unknown",
        "kind": kind,
        "source": source,
        "grade": grade,
        "file": None,
        "source_offset": offset,
    }


def _shots(recording: Recording, asked: list[Command]) -> list[Shot]:
    shots: list[Shot] = []
    for weaker in (
        _confirmed(recording),
        _triggered(recording, True),
        _triggered(recording, False),
    ):
        shots = _joined(shots, weaker)
    by_command = [
        Shot(each.tick, each.offset, f"vehicle_command {each.name}", each.grade)
        for each in asked
        if not each.refused and wish(each.number, each.params) == PHOTO
    ]
    # An order may be given again until it is heard.
    taken = _ticks(shots)
    by_command = [shot for shot in by_command if not _told(shot.tick, taken)]
    return sorted([*shots, *by_command], key=lambda shot: shot.tick)


def _joined(strong: list[Shot], weak: list[Shot]) -> list[Shot]:
    """Return the strong shots and those of the weak ones that tell of others."""
    new = unmatched(_ticks(weak), _ticks(strong), _SAME_US).tolist()
    others = [shot for shot, alone in zip(weak, new, strict=True) if alone]
    return sorted([*strong, *others], key=lambda shot: shot.tick)


def _ticks(shots: list[Shot]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([shot.tick for shot in shots], np.int64)


def _confirmed(recording: Recording) -> list[Shot]:
    shots = []
    for found in _cameras_of(recording, "camera_capture"):
        result = found.numbers("result")
        result = np.full(len(found), -1) if result is None else result
        for row in recording.shown(found, np.flatnonzero(result != 0), "photos"):
            grade = "reported" if result[row] > 0 else "commanded"
            at, offset = int(found.ticks[row]), int(found.offsets[row])
            shots.append(Shot(at, offset, "camera_capture", grade))
    return shots


def _triggered(recording: Recording, seen: bool) -> list[Shot]:
    source = "camera_trigger, feedback of the shutter" if seen else "camera_trigger"
    grade = "measured" if seen else "commanded"
    shots = []
    for found in _cameras_of(recording, "camera_trigger"):
        flag = found.flags("feedback")
        flag = np.zeros(len(found), bool) if flag is None else flag
        for row in recording.shown(found, np.flatnonzero(flag == seen), "photos"):
            shots.append(Shot(int(found.ticks[row]), int(found.offsets[row]), source, grade))
    return shots


def _cameras_of(recording: Recording, topic: str) -> Iterator[Series]:
    """Yield the records of each camera."""
    for instance in recording.instances(topic):
        if (found := recording.series(topic, instance)) is not None:
            yield found


def _lasting(
    recording: Recording, asked: list[Command], shots: list[Shot], switches: list[Command]
) -> Iterator[Row]:
    """Yield what is recorded from a command to begin to one to stop, or to disarming."""
    wishes = [(each, wish(each.number, each.params)) for each in asked if not each.refused]
    taken = _ticks(shots)
    offs = _disarmed(recording)
    picked = [(recording.instant(each.tick), sensor(each.params)) for each in switches]
    changes = [(at, chosen) for at, chosen in picked if chosen is not None]
    for kind, on, off in (("video", VIDEO, NO_VIDEO), ("photo", PHOTOS, NO_PHOTOS)):
        some = [
            (each, what == on)
            for each, what in wishes
            # Where each photo is told of, that some were asked for adds nothing.
            if what == off or (what == on and not (kind == "photo" and _told(each.tick, taken)))
        ]
        ticks = [each.tick for each, _ in some]
        for first, last in spans(ticks, [begins for _, begins in some], offs):
            begun = some[first][0]
            if last is None:
                end, why = _closing(recording, offs, begun.tick)
                source = f"vehicle_command {begun.name}; no command to stop, closed at {why}"
            else:
                end = some[last][0].tick
                source = f"vehicle_command {begun.name} to {some[last][0].name}"
            whole = _row(
                recording, begun.tick, end, kind, source, begun.grade, begun.offset, switches
            )
            yield from cut(whole, changes)


def _told(tick: int, taken: np.ndarray[Any, np.dtype[np.int64]]) -> bool:
    at = int(np.searchsorted(taken, tick - _SAME_US))
    return at < len(taken) and bool(taken[at] <= tick + _SAME_US)


def _disarmed(recording: Recording) -> list[int]:
    """Return when the aircraft was disarmed."""
    status = recording.series("vehicle_status")
    on = None if status is None else armed(status)
    if status is None or on is None:
        return []
    ticks: list[int] = status.ticks[1:][~on[1:] & on[:-1]].tolist()
    return ticks


def _closing(recording: Recording, offs: list[int], begun: int) -> tuple[int, str]:
    after = bisect_right(offs, begun)
    if after < len(offs):
        return offs[after], "disarming"
    return max(recording.last or begun, begun), "the end of the log"


def _failures(recording: Recording) -> Iterator[Row]:
    found = recording.series("camera_capture")
    result = None if found is None else found.numbers("result")
    if found is None or result is None:
        return
    for row in recording.shown(found, np.flatnonzero(result == 0), "failures"):
        yield event(
            recording,
            int(found.ticks[row]),
            "fault",
            "The camera did not take the photo that was asked for",
            "camera_capture.result",
            int(found.offsets[row]),
            severity="notice",
        )


def _cameras(recording: Recording) -> Iterator[Row]:
    found = recording.series("camera_status")
    part = None if found is None else found.numbers("active_comp_id")
    if found is None or part is None:
        return
    for row in recording.changes(found, part):
        yield event(
            recording,
            int(found.ticks[row]),
            "component",
            f"The active camera is component {int(part[row])}",
            "camera_status.active_comp_id",
            int(found.offsets[row]),
            value=part[row],
        )

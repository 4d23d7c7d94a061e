"""Photos and videos in a DataFlash log.

``CAM`` is a photo that the camera (or its shutter) confirmed, ``TRIG`` one that
was asked for.  Video is not logged as such: its intervals come from commands,
and so are graded ``commanded``.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .._shared._ardupilot import DISARMED
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
from .._shared._framing import Flags
from ._clock import fix_utc_us
from ._command_events import Order, flown, orders
from ._context import Context, Row
from ._messages import Messages

#: Places in the order of messages, microseconds.
Places = np.ndarray[tuple[int], np.dtype[np.int64]]

#: A command and a shutter this close are one photo, microseconds.
SAME_US = 2_000_000

END = "; end of the log taken as its end"
OFF = "; end of the log before the next power-on taken as its end"

#: `MAV_CMD` -> what it asks for (MAVLink common.xml).
COMMANDS = {
    200: "control video",
    202: "configure camera",
    203: "control camera",
    205: "control camera mount",
    206: "take photos by distance",
    214: "take photos by time",
    526: "format storage",
    530: "set camera mode",
    531: "zoom",
    532: "focus",
    534: "choose camera source",
    1000: "point gimbal",
    2000: "take photos",
    2001: "stop taking photos",
    2003: "control camera trigger",
    2500: "start recording video",
    2501: "stop recording video",
    2502: "start video stream",
    2503: "stop video stream",
}
FORMAT = 526


def _photo_times(log: Context, found: Messages) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return UTC of photos; before firmware 3.3 the photo itself carries GPS time."""
    if found.first("TimeUS") or not found.first("GPSWeek"):
        return log.utc_ns(found)
    stated = fix_utc_us(found)
    known = np.isfinite(stated)
    return np.where(known, np.where(known, stated, 0).astype(np.int64) * 1000, log.utc_ns(found))


def capture_rows(log: Context) -> Iterator[Row]:
    """Yield the photos and videos."""
    asked = [one for one in orders(log) if not one.refused]
    sensors = _sensors(log, asked)
    # By the place in the log, which is known where UTC is not.
    done = np.empty(0, np.int64)
    for name, grade in (("CAM", "reported"), ("TRIG", "commanded")):
        found = log.named(name)
        if len(found) == 0:
            continue
        taken, places = _photo_times(log, found), log.order(found).astype(np.int64)
        for row in np.flatnonzero(unmatched(places, done, SAME_US)).tolist():
            used = sensors.at(float(places[row]))
            yield _photo(name, grade, int(taken[row]), used, int(found.offsets[row]))
        done = np.sort(np.concatenate([done, places]))
    yield from _ordered(log, asked, done, sensors)


def _near(places: Places, others: Places) -> Flags:
    if len(others) == 0:
        return np.zeros(len(places), np.bool_)
    after = np.searchsorted(others, places).clip(0, len(others) - 1)
    before = (after - 1).clip(0)
    gap = np.minimum(np.abs(others[after] - places), np.abs(others[before] - places))
    return np.asarray(gap <= SAME_US)


def _photo(source: str, grade: str, at: int, sensor: str, offset: int) -> Row:
    return {
        "start": at,
        "end": at,
        "sensor": sensor,
        "kind": "photo",
        "source": source,
        "grade": grade,
        "source_offset": offset,
    }


@dataclass(frozen=True, slots=True)
class _Sensors:
    """Which sensor was used from when on, as accepted orders say."""

    #: Places in the order of messages, rising, and UTC of each, nanoseconds.
    places: list[float]
    changes: list[tuple[int, str]]

    def at(self, place: float) -> str:
        """Return the sensor in use at a place in the order of messages."""
        after = bisect_right(self.places, place)
        return self.changes[after - 1][1] if after else "unknown"


def _sensors(log: Context, asked: list[Order]) -> _Sensors:
    picked = [(one, sensor(one.params)) for one in asked if one.number == SET_SOURCE]
    on = [(one.place, one.time, chosen) for one, chosen in picked if chosen is not None]
    # What the camera shows after power-on is not known.
    off = [(place, at, "unknown") for place, at in log.ends] if on else []
    changes = sorted(on + off)
    return _Sensors([place for place, _, _ in changes], [(at, what) for _, at, what in changes])


def _ordered(log: Context, asked: list[Order], done: Places, sensors: _Sensors) -> Iterator[Row]:
    """Yield videos, and photos that no shutter message shows."""
    wishes = [wish(one.number, one.params) for one in asked]
    shown = _near(np.array([one.place for one in asked], np.int64), done).tolist()
    for one, what, known in zip(asked, wishes, shown, strict=True):
        if what == PHOTO and not known:
            chosen = sensors.at(one.place)
            yield _photo(one.source, "commanded", one.time, chosen, one.offset)
    for kind, on, off in (("video", VIDEO, NO_VIDEO), ("photo", PHOTOS, NO_PHOTOS)):
        # Where the shutter shows each photo, that some were asked for adds nothing.
        some = [
            (one, what == on)
            for one, what, known in zip(asked, wishes, shown, strict=True)
            if what == off or (what == on and not (known and kind == "photo"))
        ]
        yield from _lasting(log, kind, some, sensors)


def _lasting(
    log: Context, kind: str, some: list[tuple[Order, bool]], sensors: _Sensors
) -> Iterator[Row]:
    """Yield what is recorded from an order to begin to one to stop, or to what ends it else."""
    if not some:
        return
    ends = _ends(log)
    places = [one.place for one, _ in some]
    for first, last in spans(places, [on for _, on in some], [end[0] for end in ends]):
        begun = some[first][0]
        if last is not None:
            end, closed = some[last][0].time, ""
        else:
            none = (begun.place, begun.time, END)
            _, end, closed = next((one for one in ends if one[0] > begun.place), none)
        whole = {
            "start": begun.time,
            "end": end,
            "sensor": sensors.at(begun.place),
            "kind": kind,
            "source": begun.source + closed,
            "grade": "commanded",
            "source_offset": begun.offset,
        }
        yield from cut(whole, sensors.changes)


def _ends(log: Context) -> list[tuple[float, int, str]]:
    """Return what ends a recording unasked, in order: place, UTC and what it is."""
    found = []
    for name, label, value in (("EV", "Id", DISARMED), ("ARM", "ArmState", 0)):
        off = log.named(name)
        for row in np.flatnonzero(off.numbers(label) == value).tolist():
            place, at = float(log.order(off)[row]), int(log.utc_ns(off)[row])
            found.append((place, at, "; disarming taken as its end"))
    found += [(place, at, OFF) for place, at in log.ends[:-1]]
    found += [(place, at, END) for place, at in log.ends[-1:]]
    return sorted(found)


def capture_events(log: Context) -> Iterator[Row]:
    """Yield the commands to the camera: those received, and those of the mission."""
    found = log.named("MAVC")
    commands, results = found.numbers("Cmd"), found.numbers("Res")
    systems = found.numbers("SS").tolist()
    for row in np.flatnonzero(np.isin(commands, list(COMMANDS))).tolist():
        answer = "accepted" if results[row] == 0 else f"answered with {results[row]:g}"
        sender = "" if np.isnan(systems[row]) else f" by system {systems[row]:g}"
        kind = "capture.storage" if commands[row] == FORMAT else "capture.command"
        yield log.event(
            found,
            row,
            kind,
            f"command{sender} to {COMMANDS[int(commands[row])]}, {answer}",
            record="Cmd",
            severity="serious" if kind == "capture.storage" else "info",
            grade="commanded",
            value=float(commands[row]),
        )
    yield from _planned(log)
    items, begun = flown(log)
    yield from _items(log, items, begun, " begins")


def _planned(log: Context) -> Iterator[Row]:
    """Yield the items of each mission that is listed, each once."""
    items = log.named("CMD")
    first = np.zeros(len(items), np.bool_)
    seen: set[tuple[float, float]] = set()
    keys = zip(items.numbers("CId").tolist(), items.numbers("CNum").tolist(), strict=True)
    begun, chosen = flown(log)
    plan = ~chosen if begun.name == items.name else np.ones(len(items), np.bool_)
    for row, key in enumerate(keys):
        first[row] = plan[row] and key not in seen
        seen.add(key)
    yield from _items(log, items, first, "")


def _items(log: Context, items: Messages, chosen: Flags, what: str) -> Iterator[Row]:
    numbers, places = items.numbers("CId"), items.numbers("CNum").tolist()
    for row in np.flatnonzero(chosen & np.isin(numbers, list(COMMANDS))).tolist():
        yield log.event(
            items,
            row,
            "capture.storage" if numbers[row] == FORMAT else "capture.command",
            f"mission item {places[row]:g}{what}: {COMMANDS[int(numbers[row])]}",
            record="CId",
            grade="commanded",
            value=float(numbers[row]),
        )

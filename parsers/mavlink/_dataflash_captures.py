"""Photos and videos in a DataFlash log.

``CAM`` is a photo that the camera (or its shutter) confirmed, ``TRIG`` one that
was asked for.  Video is not logged as such: its intervals come from commands,
and so are graded ``commanded``.
"""

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from ._ardupilot import DISARMED
from ._dataflash_clock import NAT, fix_utc_us
from ._dataflash_context import Context, Row
from ._dataflash_messages import Messages, whole

#: A command and a shutter this close are one photo, seconds.
SAME_S = 2.0

IMAGE_START, IMAGE_STOP = 2000, 2001
VIDEO_START, VIDEO_STOP, VIDEO_OLD = 2500, 2501, 200
DIGICAM, SOURCE = 203, 534

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
#: Second parameter of "choose camera source" -> sensor.
SENSORS = {1: "visible", 2: "thermal", 3: "multispectral"}


def _photo_times(log: Context, found: Messages) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return UTC of photos; before firmware 3.3 the photo itself carries GPS time."""
    if found.first("TimeUS") or not found.first("GPSWeek"):
        return log.utc_ns(found)
    stated = fix_utc_us(found)
    known = np.isfinite(stated)
    return np.where(known, np.where(known, stated, 0).astype(np.int64) * 1000, log.utc_ns(found))


def capture_rows(log: Context) -> Iterator[Row]:
    """Yield the photos and videos."""
    sensors = _sensors(log)
    done = np.empty(0, np.int64)
    for name, grade in (("CAM", "reported"), ("TRIG", "commanded")):
        found = log.named(name)
        if len(found) == 0:
            continue
        taken = _photo_times(log, found)
        for row in np.flatnonzero(~_near(taken, done)).tolist():
            sensor = _sensor_at(sensors, log.order(found)[row])
            yield _photo(name, grade, int(taken[row]), sensor, int(found.offsets[row]))
        done = np.sort(np.concatenate([done, taken]))
    yield from _commanded(log, done, sensors)


def _near(
    times: np.ndarray[tuple[int], np.dtype[np.int64]],
    others: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if len(others) == 0:
        return np.zeros(len(times), np.bool_)
    after = np.searchsorted(others, times).clip(0, len(others) - 1)
    before = (after - 1).clip(0)
    gap = np.minimum(np.abs(others[after] - times), np.abs(others[before] - times))
    return np.asarray((gap <= SAME_S * 1e9) & (times != NAT))


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


def _sensors(log: Context) -> list[tuple[float, str]]:
    """Return from which place in the order on which sensor is used, as accepted commands say."""
    found = log.named("MAVC")
    chosen = (found.numbers("Cmd") == SOURCE) & ~(found.numbers("Res") > 0)
    if not chosen.any():
        return []
    sources = found.numbers("P2").tolist()
    # What the camera shows after power-on is not known.
    off = [(place, "unknown") for place, _ in log.ends]
    on = [
        (float(log.order(found)[row]), SENSORS.get(whole(sources[row]), "unknown"))
        for row in np.flatnonzero(chosen).tolist()
    ]
    return sorted(on + off)


def _sensor_at(sensors: list[tuple[float, str]], place: float) -> str:
    after = bisect_right(sensors, place, key=lambda chosen: chosen[0])
    return sensors[after - 1][1] if after else "unknown"


def _commanded(
    log: Context,
    done: np.ndarray[tuple[int], np.dtype[np.int64]],
    sensors: list[tuple[float, str]],
) -> Iterator[Row]:
    """Yield videos, and photos that no shutter message shows."""
    found = log.named("MAVC")
    commands = found.numbers("Cmd")
    refused = found.numbers("Res") > 0
    utc = log.utc_ns(found) if len(found) else np.empty(0, np.int64)
    order = log.order(found)
    shoot = (commands == IMAGE_START) | ((commands == DIGICAM) & (found.numbers("P5", "X") == 1))
    for row in np.flatnonzero(shoot & ~refused & ~_near(utc, done)).tolist():
        sensor = _sensor_at(sensors, order[row])
        source = f"MAVC.Cmd {commands[row]:g}"
        yield _photo(source, "commanded", int(utc[row]), sensor, int(found.offsets[row]))
    begins = (commands == VIDEO_START) | ((commands == VIDEO_OLD) & (found.numbers("P4") > 0))
    begins &= ~refused
    stops = _stops(log, found, utc) if begins.any() else []
    running = -1.0
    for rows in log.runs(found, begins):
        for row in rows:
            place = float(order[row])
            if place < running:
                continue  # asked once more while it runs
            last = place, int(utc[row]), END
            running, end, closed = next((stop for stop in stops if stop[0] >= place), last)
            yield {
                "start": int(utc[row]),
                "end": end,
                "sensor": _sensor_at(sensors, place),
                "kind": "video",
                "source": f"MAVC.Cmd {commands[row]:g}{closed}",
                "grade": "commanded",
                "source_offset": int(found.offsets[row]),
            }


def _stops(
    log: Context, asked: Messages, utc: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> list[tuple[float, int, str]]:
    """Return what ends a video, in order: place, UTC and what it is if it is no command."""
    commands, old = asked.numbers("Cmd"), asked.numbers("P4")
    ends = (commands == VIDEO_STOP) | ((commands == VIDEO_OLD) & (old == 0))
    ends &= ~(asked.numbers("Res") > 0)
    stops = [
        (float(log.order(asked)[row]), int(utc[row]), "") for row in np.flatnonzero(ends).tolist()
    ]
    for name, label, value in (("EV", "Id", DISARMED), ("ARM", "ArmState", 0)):
        found = log.named(name)
        for row in np.flatnonzero(found.numbers(label) == value).tolist():
            place, at = float(log.order(found)[row]), int(log.utc_ns(found)[row])
            stops.append((place, at, "; disarming taken as its end"))
    stops += [(place, at, OFF) for place, at in log.ends[:-1]]
    stops += [(place, at, END) for place, at in log.ends[-1:]]
    return sorted(stops)


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
            severity="warning" if kind == "capture.storage" else "info",
            grade="commanded",
            value=float(commands[row]),
        )
    items = log.named("CMD")
    numbers, places = items.numbers("CId"), items.numbers("CNum").tolist()
    seen: set[tuple[float, float]] = set()
    for row in np.flatnonzero(np.isin(numbers, list(COMMANDS))).tolist():
        if (numbers[row], places[row]) in seen:
            continue
        seen.add((numbers[row], places[row]))
        yield log.event(
            items,
            row,
            "capture.command",
            f"mission item {places[row]:g}: {COMMANDS[int(numbers[row])]}",
            record="CId",
            grade="commanded",
            value=float(numbers[row]),
        )

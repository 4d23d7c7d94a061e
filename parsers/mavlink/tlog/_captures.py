"""What a vehicle's cameras recorded: from the best witness the stream has.

For video that is the camera's own state (CAMERA_CAPTURE_STATUS), also where it says
that nothing was recorded, then commands that were accepted, then commands without an
answer; for photos what is told of each (`_tlog_photos`), then commands.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from .._shared._camera_commands import (
    NO_PHOTOS,
    NO_VIDEO,
    NUMBERS,
    PHOTO,
    PHOTOS,
    VIDEO,
    cut,
    spans,
    wish,
)
from .._shared._framing import Flags
from ._clock import Vehicle
from ._commands import Command, Commands
from ._event import NAT, Capture, Event, changes
from ._fence import runs
from ._modes import states
from ._photos import cameras, told_photos
from ._records import Messages, Stream
from ._sensor import Sensors
from ._video import BEGUN_NS, VideoStates

#: Nanoseconds after a command within which a report of a photo answers it.
ANSWERED_NS = 5_000_000_000


def capture_rows(
    stream: Stream, vehicle: Vehicle, commands: Commands
) -> tuple[list[Capture], list[Event]]:
    """Return every recording as a row of the table of captures, in no order.

    With them, an event for each order to record of which a camera says that it did not, and for
    each leap of a camera's count.
    """
    seen = Sensors(stream, vehicle, commands)
    stops = _Stops(stream, vehicle)
    video = list(_recording(vehicle.owns(stream["CAMERA_CAPTURE_STATUS"]), seen, stops))
    ordered, refuted = _ordered_video(commands, video, seen, stops, VideoStates(stream, vehicle))
    video += ordered
    photos, recounts = told_photos(stream, vehicle, seen)
    photos += _ordered_photos(commands, photos, seen, stops)
    changes = seen.changes()
    parts = [part for one in video + photos for part in cut(one, changes)]
    return parts, [*refuted, *recounts]


class _Stops:
    """When something that was not seen to end is held to have ended."""

    def __init__(self, stream: Stream, vehicle: Vehicle) -> None:
        told = states(stream, vehicle)
        rows = np.array(changes(told.armed), np.int64)
        rows = rows[~told.armed[rows]] if len(rows) else rows
        self._rows, self._times = told.rows[rows], told.time[rows]
        #: Rows of the index at which it was disarmed, rising.
        self.disarmed: list[int] = self._rows.tolist()
        self._end = stream.times.at(len(stream.index) - 1) if len(stream.index) else NAT

    def after(self, row: int) -> tuple[int, str]:
        """Return when and why what goes on at a row of the index is held to end."""
        place = int(np.searchsorted(self._rows, row, "right"))
        if place < len(self._rows):
            return int(self._times[place]), "no stop was seen, ended at disarm"
        return self._end, "no stop was seen, ended with the log"


def _recording(found: Messages, seen: Sensors, stops: _Stops) -> Iterator[Capture]:
    for camera in cameras(found, "camera_device_id"):
        on: Flags = camera["video_status"] == 1
        for first, after in runs(on):
            start = int(camera.time[first])
            already = int(camera["recording_time_ms"][first]) * 1_000_000
            if start != NAT and 0 < already < 86_400_000_000_000:
                start -= already
            note, end = "", NAT
            if after < len(camera):
                end = int(camera.time[after])
            else:
                end, note = stops.after(int(camera.rows[after - 1]))
            yield {
                "start": start,
                "end": end,
                "sensor": seen.at(int(camera.rows[first]), int(camera.time[first])),
                "kind": "video",
                "source": _noted("CAMERA_CAPTURE_STATUS.video_status", note),
                "grade": "reported",
                "file": None,
                "source_offset": int(camera.offsets[first]),
            }


def _noted(source: str, note: str) -> str:
    return f"{source} ({note})" if note else source


def _command(one: Command, kind: str, seen: Sensors, end: int, note: str) -> Capture:
    return {
        "start": one.time,
        "end": end,
        "sensor": seen.at(int(one.found.rows[one.row]), one.time),
        "kind": kind,
        "source": _noted(f"{one.found.message.name} {one.name}, {one.answer}", note),
        "grade": one.grade,
        "file": None,
        "source_offset": int(one.found.offsets[one.row]),
    }


def _ordered_video(
    commands: Commands,
    known: Sequence[Capture],
    seen: Sensors,
    stops: _Stops,
    states: VideoStates,
) -> tuple[list[Capture], list[Event]]:
    """Return the videos that commands began, where no camera told its state.

    A camera that tells that it records none prevails: an order that it did not follow is
    an event, and a video is held to have ended before it says so.
    """
    wishes = [(one, wish(one.number, one.params)) for one in commands.of(NUMBERS)]
    told = list(
        states.against(
            [
                (one, what == VIDEO)
                for one, what in wishes
                if one.accepted is not False and what in (VIDEO, NO_VIDEO)
            ]
        )
    )
    busy = _Intervals(known)
    found: list[Capture] = []
    orders = [(one, begins) for one, begins, refuted in told if refuted is None]
    for one, end, note in _between(orders, stops):
        row = states.idle(one, one.time + BEGUN_NS, end)
        if row is not None:
            end, note = states.time(row), "ended before the camera reports that it records none"
        found.append(_command(one, "video", seen, end, note))
    return (
        [one for one in found if not busy.meet(one)],
        [refuted for _, _, refuted in told if refuted is not None],
    )


def _between(
    orders: Sequence[tuple[Command, bool]], stops: _Stops
) -> Iterator[tuple[Command, int, str]]:
    """Yield each order to begin, and when and why what it began is held to have ended."""
    places = [int(one.found.rows[one.row]) for one, _ in orders]
    for first, last in spans(places, [on for _, on in orders], stops.disarmed):
        end, note = stops.after(places[first]) if last is None else (orders[last][0].time, "")
        yield orders[first][0], end, note


class _Intervals:
    """Recordings that are known from a better witness."""

    def __init__(self, known: Sequence[Capture]) -> None:
        order = sorted(known, key=lambda one: int(one["start"]))
        self._starts = np.array([one["start"] for one in order], np.int64)
        self._ends = np.array([one["end"] for one in order], np.int64)
        self._ends = np.maximum.accumulate(self._ends) if len(order) else self._ends

    def meet(self, one: Capture) -> bool:
        """Return whether one of them is at the time of a capture, or nearly so."""
        place = int(np.searchsorted(self._starts, one["end"] + ANSWERED_NS, "right"))
        return place > 0 and bool(self._ends[place - 1] >= one["start"] - ANSWERED_NS)


def _ordered_photos(
    commands: Commands, known: Sequence[Capture], seen: Sensors, stops: _Stops
) -> list[Capture]:
    """Return the photos that were ordered and that nothing else reports."""
    times = np.sort(np.array([one["start"] for one in known], np.int64))
    orders = []
    found: list[Capture] = []
    for one in commands.of(NUMBERS):
        what = wish(one.number, one.params)
        place = int(np.searchsorted(times, one.time - ANSWERED_NS))
        told = place < len(times) and times[place] <= one.time + ANSWERED_NS
        if one.accepted is False:
            continue
        repeats = one.again and found and one.time - found[-1]["start"] <= ANSWERED_NS
        if what == PHOTO and not told and not repeats:
            found.append(_command(one, "photo", seen, one.time, ""))
        elif what == NO_PHOTOS or (what == PHOTOS and not told):
            orders.append((one, what == PHOTOS))
    lasting = _between(orders, stops)
    return found + [_command(one, "photo", seen, end, note) for one, end, note in lasting]

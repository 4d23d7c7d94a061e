"""What a ``MAV_CMD`` requests of a camera; the same in all three formats.

Numbers and parameters are those of ``MAV_CMD`` (MAVLink ``common.xml``).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

#: `MAV_CMD`.
CONTROL_VIDEO = 200
DIGICAM_CONTROL = 203
SET_CAMERA_SOURCE = 534
IMAGE_START_CAPTURE = 2000
IMAGE_STOP_CAPTURE = 2001
VIDEO_START_CAPTURE = 2500
VIDEO_STOP_CAPTURE = 2501
#: Every command that `requested_capture` knows.
RECORDING_COMMANDS = (
    CONTROL_VIDEO,
    DIGICAM_CONTROL,
    IMAGE_START_CAPTURE,
    IMAGE_STOP_CAPTURE,
    VIDEO_START_CAPTURE,
    VIDEO_STOP_CAPTURE,
)
#: `MAV_RESULT` of a command that takes effect: accepted, in progress.
ACCEPTED, IN_PROGRESS = 0, 5
TAKES_EFFECT = (ACCEPTED, IN_PROGRESS)
#: CAMERA_SOURCE -> sensor.
CAMERA_SOURCES = {1: "visible", 2: "thermal", 3: "multispectral"}


class RequestedCapture(StrEnum):
    """What a command requests of a camera."""

    ONE_PHOTO = "photo"
    START_PHOTOS = "photos"
    STOP_PHOTOS = "no photos"
    START_VIDEO = "video"
    STOP_VIDEO = "no video"


#: For video and for series of photos: what starts the recording, and what stops it.
START_STOP = (
    ("video", RequestedCapture.START_VIDEO, RequestedCapture.STOP_VIDEO),
    ("photo", RequestedCapture.START_PHOTOS, RequestedCapture.STOP_PHOTOS),
)


def requested_capture(number: int, params: Sequence[float]) -> RequestedCapture | None:
    """Return what a command requests, ``None`` if that is no recording.

    Args:
        number: `MAV_CMD`.
        params: param1 to param7, as sent.
    """
    if number == CONTROL_VIDEO:
        return RequestedCapture.START_VIDEO if params[3] > 0 else RequestedCapture.STOP_VIDEO
    if number == DIGICAM_CONTROL:
        return RequestedCapture.ONE_PHOTO if params[4] == 1 else None
    if number == IMAGE_START_CAPTURE:
        # Any other number of photos is taken at intervals until a command to stop.
        return RequestedCapture.ONE_PHOTO if params[2] == 1 else RequestedCapture.START_PHOTOS
    return {
        IMAGE_STOP_CAPTURE: RequestedCapture.STOP_PHOTOS,
        VIDEO_START_CAPTURE: RequestedCapture.START_VIDEO,
        VIDEO_STOP_CAPTURE: RequestedCapture.STOP_VIDEO,
    }.get(number)


def requested_sensor(params: Sequence[float]) -> str | None:
    """Return the sensor that SET_CAMERA_SOURCE chooses, ``None`` if it leaves it as it is.

    Two sources show a picture in the picture: heat is in it if it is in either.
    """
    picked = [CAMERA_SOURCES[int(value)] for value in params[1:3] if value in CAMERA_SOURCES]
    return "thermal" if "thermal" in picked else next(iter(picked), None)


@dataclass(frozen=True, slots=True)
class CameraCommandWithParameters:
    """A command, or an item of a mission, with its parameters."""

    #: `MAV_CMD`.
    number: int
    #: param1 to param7, as sent.
    params: tuple[float, ...]

    @property
    def requested_capture(self) -> RequestedCapture | None:
        """What it requests of a camera, ``None`` if that is no recording."""
        return requested_capture(self.number, self.params)

    @property
    def requested_sensor(self) -> str | None:
        """The sensor that SET_CAMERA_SOURCE selects, ``None`` if it leaves it as it is."""
        return requested_sensor(self.params)


def pair_recording_starts_and_stops(
    positions: Sequence[float], starts: Sequence[bool], disarmings: Sequence[float]
) -> Iterator[tuple[int, int | None]]:
    """Yield which command starts a recording, and which stops it.

    A command to start what is running already changes nothing.  ``None``: the aircraft was
    disarmed before any command to stop, or there was none.

    Args:
        positions: The position of each command in the log, ascending.
        starts: Whether it starts a recording; otherwise it stops one.
        disarmings: The positions at which the aircraft was disarmed, ascending.
    """
    open_: int | None = None
    for number, (position, on) in enumerate(zip(positions, starts, strict=True)):
        if open_ is not None:
            off = bisect_right(disarmings, positions[open_])
            if off < len(disarmings) and disarmings[off] < position:
                yield open_, None
                open_ = None
            elif not on:
                yield open_, number
                open_ = None
        elif not on:
            continue
        if on and open_ is None:
            open_ = number
    if open_ is not None:
        yield open_, None


def split_recording_where_sensor_changes(
    capture: Mapping[str, Any], changes: Sequence[tuple[int, str]]
) -> Iterator[dict[str, Any]]:
    """Yield a recording in as many parts as sensors made it.

    Args:
        capture: A row of the table of captures, its times in nanoseconds.
        changes: When another sensor was chosen, rising, and which.
    """
    part = dict(capture)
    for time, chosen in changes:
        if capture["start"] < time < capture["end"] and chosen != part["sensor"]:
            yield part | {"end": time}
            part |= {"start": time, "sensor": chosen}
    yield part


def photo_without_match_mask(
    weaker: npt.NDArray[np.int64], stronger: npt.NDArray[np.int64], within: int
) -> npt.NDArray[np.bool_]:
    """Return which of some photos have no match among those of a more reliable record.

    Each photo of the more reliable record matches one: where the shutter failed once in
    a row of shots, the one that was only requested stays.

    Args:
        weaker: Times of the photos, in any order.
        stronger: Times of those of the more reliable record, in any order.
        within: How far the two times of one photo may lie apart.
    """
    alone = np.ones(len(weaker), np.bool_)
    order, known = np.argsort(weaker, kind="stable").tolist(), np.sort(stronger).tolist()
    at = 0
    for row in order:
        time = int(weaker[row])
        while at < len(known) and known[at] < time - within:
            at += 1
        if at < len(known) and known[at] <= time + within:
            alone[row] = False
            at += 1
    return alone

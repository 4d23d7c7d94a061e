"""What a command asks of a camera, which is the same in all three formats.

Numbers and parameters are those of ``MAV_CMD`` (MAVLink ``common.xml``).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

CONTROL_VIDEO, DIGICAM, SET_SOURCE = 200, 203, 534
IMAGE_START, IMAGE_STOP, VIDEO_START, VIDEO_STOP = 2000, 2001, 2500, 2501
#: Every command of which `wish` knows something.
NUMBERS = (CONTROL_VIDEO, DIGICAM, IMAGE_START, IMAGE_STOP, VIDEO_START, VIDEO_STOP)
#: What commands can ask for.
PHOTO, PHOTOS, NO_PHOTOS, VIDEO, NO_VIDEO = "photo", "photos", "no photos", "video", "no video"
#: CAMERA_SOURCE -> sensor.
SENSORS = {1: "visible", 2: "thermal", 3: "multispectral"}


def wish(number: int, params: Sequence[float]) -> str | None:
    """Return what is asked for, ``None`` if that is no recording.

    Args:
        number: `MAV_CMD`.
        params: param1 to param7, as sent.
    """
    if number == CONTROL_VIDEO:
        return VIDEO if params[3] > 0 else NO_VIDEO
    if number == DIGICAM:
        return PHOTO if params[4] == 1 else None
    if number == IMAGE_START:
        # Any other number of photos is taken by time until told to stop.
        return PHOTO if params[2] == 1 else PHOTOS
    return {IMAGE_STOP: NO_PHOTOS, VIDEO_START: VIDEO, VIDEO_STOP: NO_VIDEO}.get(number)


def sensor(params: Sequence[float]) -> str | None:
    """Return the sensor that SET_CAMERA_SOURCE chooses, ``None`` if it leaves it as it is.

    Two sources show a picture in the picture: heat is in it if it is in either.
    """
    picked = [SENSORS[int(value)] for value in params[1:3] if value in SENSORS]
    return "thermal" if "thermal" in picked else next(iter(picked), None)


def spans(
    places: Sequence[float], begins: Sequence[bool], offs: Sequence[float]
) -> Iterator[tuple[int, int | None]]:
    """Yield which order begins a recording, and which ends it.

    An order to begin what goes on already changes nothing.  ``None``: the aircraft was
    disarmed before any order to stop, or none came.

    Args:
        places: Where each order stands, rising.
        begins: Whether it begins a recording; else it ends one.
        offs: Where the aircraft was disarmed, rising.
    """
    open_: int | None = None
    for number, (place, on) in enumerate(zip(places, begins, strict=True)):
        if open_ is not None:
            off = bisect_right(offs, places[open_])
            if off < len(offs) and offs[off] < place:
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


def cut(capture: Mapping[str, Any], changes: Sequence[tuple[int, str]]) -> Iterator[dict[str, Any]]:
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


def unmatched(
    weak: npt.NDArray[np.int64], strong: npt.NDArray[np.int64], within: int
) -> npt.NDArray[np.bool_]:
    """Return which of some photos are told of by no better witness.

    Each photo of the better witness answers for one: where the shutter failed once in
    a row of shots, the one that was only asked for stays.

    Args:
        weak: Times of the photos, in any order.
        strong: Times of those that the better witness tells of, in any order.
        within: How far the two times of one photo may lie apart.
    """
    alone = np.ones(len(weak), np.bool_)
    order, known = np.argsort(weak, kind="stable").tolist(), np.sort(strong).tolist()
    at = 0
    for row in order:
        time = int(weak[row])
        while at < len(known) and known[at] < time - within:
            at += 1
        if at < len(known) and known[at] <= time + within:
            alone[row] = False
            at += 1
    return alone

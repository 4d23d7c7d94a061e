"""The photos that cameras and autopilots tell of in a MAVLink stream.

The strongest witness of each photo counts: a camera that reports the picture, then the
autopilot's shutter, then its trigger; where none does, the count that a camera keeps.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from .._shared._camera_commands import unmatched
from ._clock import PLAUSIBLE_US, Vehicle
from ._event import NAT, Capture, Event, event
from ._records import Messages, Stream
from ._sensor import Sensors

#: CAMERA_FEEDBACK_FLAGS -> grade: whether the shutter was seen to open.
FEEDBACK = {0: "reported", 1: "reported", 2: "reported", 3: "measured", 4: "commanded"}
#: Two reports of one photo are this close, nanoseconds.
SAME_NS = 2_000_000_000
#: Photos that one step of a camera's count may add: more is another card.
STEP = 100


def told_photos(
    stream: Stream, vehicle: Vehicle, seen: Sensors
) -> tuple[list[Capture], list[Event]]:
    """Return the photos, in no order, and an event for each leap of a camera's count."""
    status = vehicle.owns(stream["CAMERA_CAPTURE_STATUS"])
    photos: list[Capture] = []
    for weaker in (
        _images(vehicle.owns(stream["CAMERA_IMAGE_CAPTURED"]), seen),
        _feedback(vehicle.owns(stream["CAMERA_FEEDBACK"]), seen),
        _triggers(vehicle.owns(stream["CAMERA_TRIGGER"]), seen),
    ):
        photos += _others(photos, list(weaker))
    return photos or list(_counted(status, seen)), list(_leaps(status))


def _others(known: Sequence[Capture], weaker: Sequence[Capture]) -> list[Capture]:
    """Return the photos of which no better witness tells; without a time, none can be told."""
    strong, weak = (np.array([one["start"] for one in some], np.int64) for some in (known, weaker))
    if (strong == NAT).any() or (weak == NAT).any():
        return [] if known else list(weaker)
    new = unmatched(weak, strong, SAME_NS).tolist()
    return [one for one, alone in zip(weaker, new, strict=True) if alone]


def _images(found: Messages, seen: Sensors) -> Iterator[Capture]:
    """Yield the photos that cameras report; a report that is sent again is one."""
    begin, end = (found.times.at(row) if len(found) else NAT for row in (0, len(found.index) - 1))
    keys = np.stack(
        [
            found.component.astype(np.int64),
            found["camera_id"].astype(np.int64),
            found["image_index"].astype(np.int64),
            found["time_boot_ms"].astype(np.int64),
        ],
        axis=1,
    )
    for row in _firsts(keys):
        if found["capture_result"][row] != 1:
            continue
        told, when = int(found["time_utc"][row]), int(found.time[row])
        # A camera whose clock was never set tells times beyond the log.
        plausible = PLAUSIBLE_US[0] < told < PLAUSIBLE_US[1]
        if plausible and (when == NAT or begin <= told * 1000 <= end):
            when = told * 1000
        file = str(found["file_url"][row]) or None
        yield _photo(found, row, seen, "reported", "CAMERA_IMAGE_CAPTURED", when, file)


def _firsts(keys: npt.NDArray[np.int64]) -> list[int]:
    """Return the rows whose key no row before has."""
    if not len(keys):
        return []
    return sorted(np.unique(keys, axis=0, return_index=True)[1].tolist())


def _photo(
    found: Messages,
    row: int,
    seen: Sensors,
    grade: str,
    source: str,
    time: int | None = None,
    file: str | None = None,
    kind: str = "photo",
) -> Capture:
    when = int(found.time[row]) if time is None else time
    return {
        "start": when,
        "end": when,
        "sensor": seen.at(int(found.rows[row]), int(found.time[row])),
        "kind": kind,
        "source": source,
        "grade": grade,
        "file": file,
        "source_offset": int(found.offsets[row]),
    }


def _feedback(found: Messages, seen: Sensors) -> Iterator[Capture]:
    keys = np.stack(
        [found[name].astype(np.int64) for name in ("cam_idx", "img_idx", "time_usec")], axis=1
    )
    for row in _firsts(keys):
        flags = int(found["flags"][row])
        kind = "video" if flags == 1 else "photo"
        grade = FEEDBACK.get(flags, "reported")
        yield _photo(found, row, seen, grade, "CAMERA_FEEDBACK", kind=kind)


def _triggers(found: Messages, seen: Sensors) -> Iterator[Capture]:
    for row in range(len(found)):
        yield _photo(found, row, seen, "commanded", "CAMERA_TRIGGER")


def _counted(found: Messages, seen: Sensors) -> Iterator[Capture]:
    """Yield the photos by which a camera's count grew, at the time it was seen to."""
    for camera in cameras(found, "camera_device_id"):
        count = camera["image_count"].astype(np.int64)
        grown = np.diff(count)
        for row in np.flatnonzero((grown > 0) & (grown <= STEP)).tolist():
            for _ in range(int(grown[row])):
                source = "CAMERA_CAPTURE_STATUS.image_count"
                yield _photo(camera, row + 1, seen, "reported", source)


def _leaps(found: Messages) -> Iterator[Event]:
    """Yield where a camera's count fell, or grew by more than it can have taken."""
    for camera in cameras(found, "camera_device_id"):
        count = camera["image_count"].astype(np.int64)
        grown = np.diff(count)
        for row in np.flatnonzero((grown < 0) | (grown > STEP)).tolist():
            text = (
                f"the camera's count of photos went from {count[row]} to {count[row + 1]}: "
                "another card, or photos that are not told here"
            )
            yield event(
                camera, row + 1, "capture.storage", text, label="image_count",
                severity="notice", value=float(grown[row]),
            )  # fmt: skip


def cameras(found: Messages, label: str) -> list[Messages]:
    """Return the messages of each camera: of a component, and of a device behind it."""
    keys = found.component.astype(np.uint16) << 8 | found[label]
    return [found.where(keys == key) for key in np.unique(keys)]

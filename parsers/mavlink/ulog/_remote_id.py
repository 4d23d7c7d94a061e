"""Remote ID in a ULog: what the aircraft broadcast of itself and of its operator."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._model import Place
from ._recording import Recording, event
from ._topics import Series

Row = Mapping[str, Any]

#: Topic, field, and the words before its text.
_IDS = (
    ("open_drone_id_basic_id", "uas_id", "Remote ID: serial or session id"),
    ("open_drone_id_operator_id", "operator_id", "Remote ID: operator"),
    ("open_drone_id_self_id", "description", "Remote ID: description"),
    ("open_drone_id_arm_status", "error", "Remote ID: the transmitter objects"),
)


#: MAV_ODID_ID_TYPE: the aircraft's serial number.
_SERIAL = 1


def broadcast_serial(recording: Recording) -> str | None:
    """Return the serial number that the aircraft last broadcast of itself."""
    found = recording.series("open_drone_id_basic_id")
    kinds = None if found is None else found.numbers("id_type")
    if found is None or kinds is None or "uas_id" not in found:
        return None
    own = (kinds == _SERIAL) & ~_received(found)
    told = [_text(found["uas_id"][row]) for row in np.flatnonzero(own)[-1:].tolist()]
    return next(iter(told), "") or None


def _received(found: Series) -> npt.NDArray[np.bool_]:
    """Return which records were received from another aircraft."""
    if "id_or_mac" not in found:
        return np.zeros(len(found), np.bool_)
    bytes_ = np.ascontiguousarray(found["id_or_mac"]).view(np.uint8)
    return np.asarray(bytes_.reshape(len(found), -1).any(axis=1))


def _text(value: Any) -> str:
    return np.asarray(value).tobytes().split(b"\0")[0].decode("utf-8", "replace").strip()


def draw(recording: Recording) -> tuple[list[Row], list[Place]]:
    """Return what the aircraft broadcast of itself, and where it said its pilot was."""
    events: list[Row] = []
    for topic, field, words in _IDS:
        found = recording.series(topic)
        if found is None or field not in found:
            continue
        before = None
        own = np.flatnonzero(~_received(found))
        values = found[field]
        # The same is said over and over: what counts is where it is another.
        new = _differ(values[own])
        for row in recording.shown(found, own[new], f"values of {field}"):
            text = _text(values[row])
            if text and text != before:
                before = text
                at, offset = int(found.ticks[row]), int(found.offsets[row])
                told = f"{words} {text}"
                events.append(event(recording, at, "remote_id", told, f"{topic}.{field}", offset))
    status = recording.series("vehicle_status")
    present = None if status is None else status.flags("open_drone_id_system_present")
    if status is not None and present is not None and present.any():
        row = int(np.argmax(present))
        told = "A Remote ID transmitter is present"
        record = "vehicle_status.open_drone_id_system_present"
        at, offset = int(status.ticks[row]), int(status.offsets[row])
        events.append(event(recording, at, "remote_id", told, record, offset))
    return events, list(_operators(recording))


def _differ(values: np.ndarray[Any, Any]) -> npt.NDArray[np.bool_]:
    """Return which of some values, of one part or more, are others than the one before."""
    new = np.ones(len(values), np.bool_)
    other = values[1:] != values[:-1]
    new[1:] = other.any(axis=tuple(range(1, other.ndim)))
    return new


def _operators(recording: Recording) -> Iterator[Place]:
    found = recording.series("open_drone_id_system")
    latitude = None if found is None else found.floats("operator_latitude")
    longitude = None if found is None else found.floats("operator_longitude")
    if found is None or latitude is None or longitude is None:
        return
    latitude, longitude = latitude / 1e7, longitude / 1e7
    good = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    good &= (latitude != 0) | (longitude != 0)
    before = None
    rows = np.flatnonzero(good)
    rows = rows[_differ(np.stack([latitude[rows], longitude[rows]], axis=1))]
    for row in recording.shown(found, rows, "positions of the pilot"):
        here = float(latitude[row]), float(longitude[row])
        if here != before:
            before = here
            when = recording.moment(int(found.ticks[row]))
            yield Place("pilot", when, *here, None, found.name, int(found.offsets[row]))

"""Remote ID in a ULog: what the aircraft was to broadcast of itself and of its operator.

The autopilot has these topics from the ground station and passes them on to the transmitter; the
transmitter's own are ``open_drone_id_arm_status`` and its presence.  None shows a broadcast.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._model import NamedPosition
from ._topic_series import TopicSeries
from ._ulog_context import UlogContext, event_row

TableRow = Mapping[str, Any]

#: Topic, field, and the words before its text.
_ID_FIELDS = (
    ("open_drone_id_basic_id", "uas_id", "Remote ID: serial or session id"),
    ("open_drone_id_operator_id", "operator_id", "Remote ID: operator"),
    ("open_drone_id_self_id", "description", "Remote ID: description"),
    ("open_drone_id_arm_status", "error", "Remote ID: the transmitter objects"),
)


#: MAV_ODID_ID_TYPE: the aircraft's serial number.
_ID_TYPE_SERIAL = 1


def broadcast_serial(log: UlogContext) -> str | None:
    """Return the serial number that the aircraft was last told to broadcast."""
    series = log.series("open_drone_id_basic_id")
    kinds = None if series is None else series.integers_of_field("id_type")
    if series is None or kinds is None or "uas_id" not in series:
        return None
    own = (kinds == _ID_TYPE_SERIAL) & ~_received_from_other_aircraft_mask(series)
    serials = [
        _decode_zero_terminated_text(series["uas_id"][row])
        for row in np.flatnonzero(own)[-1:].tolist()
    ]
    return next(iter(serials), "") or None


def _received_from_other_aircraft_mask(series: TopicSeries) -> npt.NDArray[np.bool_]:
    """Return which records were received from another aircraft."""
    if "id_or_mac" not in series:
        return np.zeros(len(series), np.bool_)
    bytes_ = np.ascontiguousarray(series["id_or_mac"]).view(np.uint8)
    return np.asarray(bytes_.reshape(len(series), -1).any(axis=1))


def _decode_zero_terminated_text(value: Any) -> str:
    return np.asarray(value).tobytes().split(b"\0")[0].decode("utf-8", "replace").strip()


def remote_id_events_and_pilot_positions(
    log: UlogContext,
) -> tuple[list[TableRow], list[NamedPosition]]:
    """Return what the aircraft broadcast of itself, and the positions of its pilot."""
    events: list[TableRow] = []
    for topic, field, words in _ID_FIELDS:
        series = log.series(topic)
        if series is None or field not in series:
            continue
        before = None
        own = np.flatnonzero(~_received_from_other_aircraft_mask(series))
        values = series[field]
        # The same value is repeated over and over: only changes count.
        new = _differs_from_previous_mask(values[own])
        for row in log.keep_limited_number_of_rows(series, own[new], f"values of {field}"):
            text = _decode_zero_terminated_text(values[row])
            if text and text != before:
                before = text
                at, offset = int(series.ticks[row]), int(series.offsets[row])
                event_text = f"{words} {text}"
                events.append(
                    event_row(log, at, "remote_id", event_text, f"{topic}.{field}", offset)
                )
    status = log.series("vehicle_status")
    present = None if status is None else status.flags_of_field("open_drone_id_system_present")
    if status is not None and present is not None and present.any():
        row = int(np.argmax(present))
        event_text = "A Remote ID transmitter is present"
        record = "vehicle_status.open_drone_id_system_present"
        at, offset = int(status.ticks[row]), int(status.offsets[row])
        events.append(event_row(log, at, "remote_id", event_text, record, offset))
    return events, list(_operator_positions(log))


def _differs_from_previous_mask(values: np.ndarray[Any, Any]) -> npt.NDArray[np.bool_]:
    """Return which of some values, of one part or more, are others than the one before."""
    new = np.ones(len(values), np.bool_)
    other = values[1:] != values[:-1]
    new[1:] = other.any(axis=tuple(range(1, other.ndim)))
    return new


def _operator_positions(log: UlogContext) -> Iterator[NamedPosition]:
    series = log.series("open_drone_id_system")
    latitude = None if series is None else series.first_present_field_as_floats("operator_latitude")
    longitude = (
        None if series is None else series.first_present_field_as_floats("operator_longitude")
    )
    if series is None or latitude is None or longitude is None:
        return
    latitude, longitude = latitude / 1e7, longitude / 1e7
    good = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    good &= (latitude != 0) | (longitude != 0)
    before = None
    rows = np.flatnonzero(good)
    rows = rows[_differs_from_previous_mask(np.stack([latitude[rows], longitude[rows]], axis=1))]
    for row in log.keep_limited_number_of_rows(series, rows, "positions of the pilot"):
        here = float(latitude[row]), float(longitude[row])
        if here != before:
            before = here
            when = log.timestamp(int(series.ticks[row]))
            yield NamedPosition("pilot", when, *here, None, series.name, int(series.offsets[row]))

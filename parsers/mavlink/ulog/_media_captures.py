"""Photos and videos in a ULog, and the camera events that go with them.

Most reliable first: ``camera_capture`` (the camera confirmed the shot, or did not),
``camera_trigger`` with feedback (from the shutter), ``camera_trigger``
without, ``vehicle_command``.  A less reliable record within two seconds of a more reliable
one is the same shot.  PX4 logs nothing of the camera's own status, so video
runs from the command to start to the command to stop; without the latter it ends
where the aircraft is disarmed or the log ends, and its source says so.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared import _camera_commands as camera_requests
from ._camera_fence_and_log_commands import UlogCommand, command_event, read_commands_with_answers
from ._flight_events import armed_record_mask
from ._topic_series import TopicSeries
from ._ulog_context import UlogContext, field_change_events, series_event

TableRow = Mapping[str, Any]

_SAME_PHOTO_US = 2_000_000


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo: when it was taken, the record that states it, and its offset."""

    tick: int
    offset: int
    source: str
    grade: str


def media_capture_rows_and_events(log: UlogContext) -> tuple[list[TableRow], list[TableRow]]:
    """Return the rows of captures, and of events that go with them."""
    commands = read_commands_with_answers(log)
    switches = [
        each
        for each in commands
        if each.number == camera_requests.SET_CAMERA_SOURCE and not each.refused
    ]
    shots = _photo_records(log, commands)
    rows: list[TableRow] = [
        _capture_row(
            log, shot.tick, shot.tick, "photo", shot.source, shot.grade, shot.offset, switches
        )
        for shot in shots
    ]
    rows.extend(_rows_of_commanded_recordings(log, commands, shots, switches))
    event_rows = [command_event(log, each) for each in commands]
    event_rows.extend(_capture_failure_events(log))
    event_rows.extend(_active_camera_events(log))
    return rows, event_rows


def _capture_row(
    log: UlogContext,
    start: int,
    end: int,
    kind: str,
    source: str,
    grade: str,
    offset: int,
    switches: list[UlogCommand],
) -> TableRow:
    before = [each.requested_sensor for each in switches if each.tick <= start]
    chosen = [each for each in before if each is not None]
    return {
        "start": log.tick_to_utc_ns(start),
        "end": log.tick_to_utc_ns(end),
        "sensor": chosen[-1] if chosen else "unknown",
        "kind": kind,
        "source": source,
        "grade": grade,
        "file": None,
        "source_offset": offset,
    }


def _photo_records(log: UlogContext, commands: list[UlogCommand]) -> list[PhotoRecord]:
    shots: list[PhotoRecord] = []
    for weaker in (
        _photos_from_camera_capture(log),
        _photos_from_camera_trigger(log, True),
        _photos_from_camera_trigger(log, False),
    ):
        shots = _merge_photos_without_duplicates(shots, weaker)
    by_command = [
        PhotoRecord(each.tick, each.offset, f"vehicle_command {each.name}", each.evidence_grade)
        for each in commands
        if not each.refused and each.requested_capture == camera_requests.RequestedCapture.ONE_PHOTO
    ]
    # A command may be repeated until it is received.
    taken = _photo_ticks(shots)
    by_command = [shot for shot in by_command if not _is_near_photo(shot.tick, taken)]
    return sorted([*shots, *by_command], key=lambda shot: shot.tick)


def _merge_photos_without_duplicates(
    strong: list[PhotoRecord], weak: list[PhotoRecord]
) -> list[PhotoRecord]:
    """Return the more reliable photos, and those less reliable ones that are other photos."""
    new = camera_requests.photo_without_match_mask(
        _photo_ticks(weak), _photo_ticks(strong), _SAME_PHOTO_US
    ).tolist()
    others = [shot for shot, alone in zip(weak, new, strict=True) if alone]
    return sorted([*strong, *others], key=lambda shot: shot.tick)


def _photo_ticks(shots: list[PhotoRecord]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([shot.tick for shot in shots], np.int64)


def _photos_from_camera_capture(log: UlogContext) -> list[PhotoRecord]:
    shots = []
    for series in _topic_series_of_each_camera(log, "camera_capture"):
        result = series.integers_of_field("result")
        result = np.full(len(series), -1) if result is None else result
        for row in log.keep_limited_number_of_rows(series, np.flatnonzero(result != 0), "photos"):
            grade = "reported" if result[row] > 0 else "commanded"
            at, offset = int(series.ticks[row]), int(series.offsets[row])
            shots.append(PhotoRecord(at, offset, "camera_capture", grade))
    return shots


def _photos_from_camera_trigger(log: UlogContext, seen: bool) -> list[PhotoRecord]:
    source = "camera_trigger, feedback of the shutter" if seen else "camera_trigger"
    grade = "measured" if seen else "commanded"
    shots = []
    for series in _topic_series_of_each_camera(log, "camera_trigger"):
        flag = series.flags_of_field("feedback")
        flag = np.zeros(len(series), bool) if flag is None else flag
        for row in log.keep_limited_number_of_rows(series, np.flatnonzero(flag == seen), "photos"):
            shots.append(
                PhotoRecord(int(series.ticks[row]), int(series.offsets[row]), source, grade)
            )
    return shots


def _topic_series_of_each_camera(log: UlogContext, topic: str) -> Iterator[TopicSeries]:
    """Yield the records of each camera."""
    for instance in log.instance_numbers_of_topic(topic):
        if (series := log.series(topic, instance)) is not None:
            yield series


def _rows_of_commanded_recordings(
    log: UlogContext,
    commands: list[UlogCommand],
    shots: list[PhotoRecord],
    switches: list[UlogCommand],
) -> Iterator[TableRow]:
    """Yield what is recorded from a command to begin to one to stop, or to disarming."""
    requests = [(each, each.requested_capture) for each in commands if not each.refused]
    taken = _photo_ticks(shots)
    offs = _disarming_ticks(log)
    picked = [(log.tick_to_utc_ns(each.tick), each.requested_sensor) for each in switches]
    changes = [(at, chosen) for at, chosen in picked if chosen is not None]
    for kind, on, off in camera_requests.START_STOP:
        some = [
            (each, what == on)
            for each, what in requests
            # Where each photo is recorded, the command for a series adds nothing.
            if what == off
            or (what == on and not (kind == "photo" and _is_near_photo(each.tick, taken)))
        ]
        ticks = [each.tick for each, _ in some]
        for first, last in camera_requests.pair_recording_starts_and_stops(
            ticks, [begins for _, begins in some], offs
        ):
            begun = some[first][0]
            if last is None:
                end, why = _implied_end_and_reason(log, offs, begun.tick)
                source = f"vehicle_command {begun.name}; no command to stop, closed at {why}"
            else:
                end = some[last][0].tick
                source = f"vehicle_command {begun.name} to {some[last][0].name}"
            capture = _capture_row(
                log, begun.tick, end, kind, source, begun.evidence_grade, begun.offset, switches
            )
            yield from camera_requests.split_recording_where_sensor_changes(capture, changes)


def _is_near_photo(tick: int, taken: np.ndarray[Any, np.dtype[np.int64]]) -> bool:
    at = int(np.searchsorted(taken, tick - _SAME_PHOTO_US))
    return at < len(taken) and bool(taken[at] <= tick + _SAME_PHOTO_US)


def _disarming_ticks(log: UlogContext) -> list[int]:
    """Return when the aircraft was disarmed."""
    status = log.series("vehicle_status")
    on = None if status is None else armed_record_mask(status)
    if status is None or on is None:
        return []
    ticks: list[int] = status.ticks[1:][~on[1:] & on[:-1]].tolist()
    return ticks


def _implied_end_and_reason(log: UlogContext, offs: list[int], begun: int) -> tuple[int, str]:
    after = bisect_right(offs, begun)
    if after < len(offs):
        return offs[after], "disarming"
    return max(log.last_tick or begun, begun), "the end of the log"


def _capture_failure_events(log: UlogContext) -> Iterator[TableRow]:
    series = log.series("camera_capture")
    result = None if series is None else series.integers_of_field("result")
    if series is None or result is None:
        return
    for row in log.keep_limited_number_of_rows(series, np.flatnonzero(result == 0), "failures"):
        yield series_event(
            log,
            series,
            row,
            "fault",
            "The camera did not take the requested photo",
            "result",
            severity="notice",
        )


def _active_camera_events(log: UlogContext) -> Iterator[TableRow]:
    text = "The active camera is component {}"
    yield from field_change_events(log, "camera_status", "active_comp_id", "component", text)

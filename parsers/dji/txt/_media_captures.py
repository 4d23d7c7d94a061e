"""Captures: when video and photos were recorded, from the app's and the camera's records.

The app's Custom records mark the moment of start, stop and shutter; the
camera's own state comes once a second and is what the camera says it did.
Where both exist they are joined; where only one does, it stands alone, with
its grade.  The sensor is known where product and camera have one only: nothing in these files
says which sensor of a dual camera recorded.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..._tables import media_capture_table_from_rows
from ..._track_values._value_runs import find_true_runs, merge_close_runs
from .._camera_sensors import visible_or_thermal_sensor_of_camera
from .._event_rows import NAT
from ._indexed_record_file import RecordFile

_START, _STOP = 1, 2
#: How far the camera's state, written once a second, lags the app's mark.
_CAMERA_LAG_NS = 6_000_000_000
_PHOTO_LAG_NS = 3_000_000_000


class _VideoInterval(NamedTuple):
    start_ns: int
    end_ns: int
    offset: int
    #: Whether start and end were seen, or are merely where the log begins and ends.
    start_seen: bool = True
    end_seen: bool = True


def build_capture_table(file: RecordFile) -> pd.DataFrame:
    """Return the captures of a file."""
    return media_capture_table_from_rows([*_video_rows(file), *_photo_rows(file)])


def _video_rows(file: RecordFile) -> Iterator[dict[str, Any]]:
    by_camera = _camera_video_intervals(file)
    by_app = _app_video_intervals(file)
    has_camera = len(file.records_of_type(25)) > 0
    for app in by_app:
        same = [seen for seen in by_camera if _is_same_recording(app, seen)]
        by_camera = [seen for seen in by_camera if seen not in same]
        end = app.end_ns
        closed = app.end_seen
        if not app.end_seen and same:
            end, closed = max(seen.end_ns for seen in same), same[-1].end_seen
        source = "Custom.video_shoot" + (" and Camera.record_state" if same else "")
        if not has_camera:
            source += "; the log holds no Camera records"
        elif not same:
            source += "; Camera.record_state does not confirm it"
        if not closed:
            source += "; still recording where the log ends"
        grade = "reported" if same or not has_camera else "commanded"
        yield _capture_row(file, "video", app.start_ns, end, source, grade, app.offset)
    for seen in by_camera:
        source = "Camera.record_state"
        if not seen.start_seen:
            source += "; recording already where the log begins"
        if not seen.end_seen:
            source += "; still recording where the log ends"
        yield _capture_row(
            file, "video", seen.start_ns, seen.end_ns, source, "reported", seen.offset
        )


def _is_same_recording(app: _VideoInterval, seen: _VideoInterval) -> bool:
    """Return whether the camera's interval belongs to the app's."""
    if app.end_seen:
        return (
            seen.start_ns <= app.end_ns + _CAMERA_LAG_NS
            and seen.end_ns >= app.start_ns - _CAMERA_LAG_NS
        )
    return abs(seen.start_ns - app.start_ns) <= _CAMERA_LAG_NS


def _app_video_intervals(file: RecordFile) -> list[_VideoInterval]:
    """Pair the app's start marks with the stop, or the next start, that follows."""
    custom, rows = file.records_of_type(5).records, file.records_of_type(5).rows
    command = np.nan_to_num(np.asarray(custom["video_shoot"], np.float64))
    ns = file.times.ns[rows]
    out: list[_VideoInterval] = []
    open_mark: tuple[int, int] | None = None
    for at in np.flatnonzero(np.isin(command, (_START, _STOP)) & (ns != NAT)).tolist():
        if open_mark is not None and (command[at] == _STOP or at > open_mark[1] + 1):
            out.append(
                _VideoInterval(
                    int(ns[open_mark[0]]), int(ns[at]), int(custom.offsets[open_mark[0]])
                )
            )
            open_mark = None
        if command[at] == _START:
            open_mark = (at, at) if open_mark is None else (open_mark[0], at)
    if open_mark is not None:
        first = open_mark[0]
        out.append(
            _VideoInterval(
                int(ns[first]), int(ns.max()), int(custom.offsets[first]), end_seen=False
            )
        )
    return out


def _camera_video_intervals(file: RecordFile) -> list[_VideoInterval]:
    camera, rows = file.records_of_type(25).records, file.records_of_type(25).rows
    if not len(camera):
        return []
    state = np.nan_to_num(np.asarray(camera["record_state"], np.float64))
    ns = file.times.ns[rows]
    last = len(rows) - 1
    return [
        _VideoInterval(
            int(ns[run.first]),
            # The state held until the next record changed it.
            int(ns[min(run.last + 1, last)]),
            int(camera.offsets[run.first]),
            start_seen=run.first > 0,
            end_seen=run.last < last,
        )
        for run in find_true_runs(state)
        if ns[run.first] != NAT
    ]


def _photo_rows(file: RecordFile) -> Iterator[dict[str, Any]]:
    custom, rows = file.records_of_type(5).records, file.records_of_type(5).rows
    shots = find_true_runs(np.asarray(custom["camera_shoot"], np.float64) == 1)
    ns = file.times.ns[rows]
    taken = np.array([ns[run.first] for run in shots if ns[run.first] != NAT], np.int64)
    for run in shots:
        if ns[run.first] == NAT:
            continue
        at, offset = int(ns[run.first]), int(custom.offsets[run.first])
        yield _capture_row(file, "photo", at, at, "Custom.camera_shoot", "reported", offset)
    camera = file.records_of_type(25)
    state = np.nan_to_num(np.asarray(camera.records["capture_state"], np.float64))
    camera_ns = file.times.ns[camera.rows]
    for run in merge_close_runs(find_true_runs(state), 0):
        at = int(camera_ns[run.first])
        if at == NAT or _has_photo_near(taken, at, int(camera_ns[run.last])):
            continue
        offset = int(camera.records.offsets[run.first])
        source = "Camera.capture_state; Custom.camera_shoot does not show it"
        yield _capture_row(file, "photo", at, at, source, "reported", offset)


def _has_photo_near(taken: npt.NDArray[np.int64], first: int, last: int) -> bool:
    near = (taken >= first - _PHOTO_LAG_NS) & (taken <= last + _PHOTO_LAG_NS)
    return bool(near.any())


def _capture_row(
    file: RecordFile, kind: str, start: int, end: int, source: str, grade: str, offset: int
) -> dict[str, Any]:
    return {
        "start": np.datetime64(start, "ns"),
        "end": np.datetime64(max(start, end), "ns"),
        "sensor": _sensor_in_use_near_offset(file, offset),
        "kind": kind,
        "source": source,
        "grade": grade,
        "source_offset": offset,
    }


def _sensor_in_use_near_offset(file: RecordFile, offset: int) -> str:
    """Return the sensor of the product and of the camera in use, if they have one only."""
    product, kind = file.product_number, None
    camera = file.records_of_type(25).records
    if len(camera):
        behind = int(np.searchsorted(camera.offsets, offset))
        neighbours = (max(behind - 1, 0), min(behind, len(camera) - 1))
        nearest = min(neighbours, key=lambda row: abs(int(camera.offsets[row]) - offset))
        number = float(camera["camera_type"][nearest])
        kind = int(number) if np.isfinite(number) else None
    return visible_or_thermal_sensor_of_camera(product, kind)

"""Captures: where the table's columns say that a video ran or a photo was taken."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..._tables import media_capture_table_from_rows
from ..._track_values._value_runs import find_true_runs
from .._camera_sensors import first_sensor_of_camera_or_aircraft_names
from ._aircraft_and_named_positions import read_aircraft
from ._export_rows import ExportRows
from ._times_of_rows import TimesOfRows


def build_capture_table(rows: ExportRows, times: TimesOfRows) -> pd.DataFrame:
    """Return the captures of a table; the sensor is that of a camera or aircraft with one only."""
    aircraft = read_aircraft(rows)
    sensor = first_sensor_of_camera_or_aircraft_names(aircraft.camera_model, aircraft.model)
    captures = [*_video_rows(rows, times), *_photo_rows(rows, times)]
    return media_capture_table_from_rows(capture | {"sensor": sensor} for capture in captures)


def _video_rows(rows: ExportRows, times: TimesOfRows) -> Iterator[dict[str, Any]]:
    running = rows.flags_of_role("video")
    if running is None:
        return
    last, order = len(rows) - 1, times.row_indices_in_time_order.tolist()
    for run in find_true_runs(running[order]):
        # The state held until the next row changed it.
        first, end = order[run.first], order[min(run.last + 1, last)]
        source = _source_column_text(rows, "video")
        if run.first == 0:
            source += "; recording already where the table begins"
        if run.last == last:
            source += "; still recording where the table ends"
        start_text, end_text = times.wall_clock_text(first), times.wall_clock_text(end)
        if start_text and end_text:
            source += f"; wall clock {start_text} to {end_text}, zone not known"
        yield _capture_row(rows, times, "video", first, end, source)


def _photo_rows(rows: ExportRows, times: TimesOfRows) -> Iterator[dict[str, Any]]:
    taken = rows.flags_of_role("photo")
    if taken is None:
        return
    order = times.row_indices_in_time_order.tolist()
    for run in find_true_runs(taken[order]):
        first = order[run.first]
        source = _source_column_text(rows, "photo")
        if wall_clock := times.wall_clock_text(first):
            source += f"; wall clock {wall_clock}, zone not known"
        yield _capture_row(rows, times, "photo", first, first, source)


def _source_column_text(rows: ExportRows, role: str) -> str:
    return f"column {rows.exporter.role_columns[role][0]}"


def _capture_row(
    rows: ExportRows, times: TimesOfRows, kind: str, first: int, last: int, source: str
) -> dict[str, Any]:
    start, end = times.instant(first), times.instant(last)
    names = rows.texts_of_role("file")
    name = (
        rows.text_with_quoted_separators_restored(str(names.iloc[first]))
        if names is not None
        else ""
    )
    return {
        "start": start,
        "end": end if start is not None and end is not None and end >= start else start,
        "kind": kind,
        "source": source,
        "grade": "reported",
        "file": name or None,
        "source_offset": int(rows.offsets[first]),
    }

"""The aircraft, and the positions of home point, pilot and controller."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..._model import Aircraft, NamedPosition
from ..._track_values._mask_false_positions import replace_false_positions_with_nan
from ._export_rows import ExportRows
from ._times_of_rows import TimesOfRows

#: A move by less is noise; this many degrees are a metre.
_STEP_DEG = 1e-5
_MOST_PLACES = 200
_EMPTY_VALUES = {"", "0", "none", "n/a", "unknown"}


def read_aircraft(rows: ExportRows) -> Aircraft:
    """Return what the table says of the aircraft and its parts."""
    values = {
        part: _first_value_of_columns(rows, names)
        for part, names in rows.exporter.identity_columns.items()
    }
    values |= rows.metadata.aircraft or {}
    model = values.get("model")
    values["model"] = rows.exporter.model_names.get(model or "", model)
    app = [
        _first_value_of_columns(rows, (name,))
        for name in rows.exporter.identity_columns.get("app", ())
    ]
    return Aircraft(
        maker="DJI" if values.get("model") else None,
        model=values.get("model"),
        name=values.get("name"),
        serial=values.get("serial"),
        flight_controller_serial=values.get("flight_controller_serial"),
        camera_model=values.get("camera_model"),
        camera_serial=values.get("camera_serial"),
        controller_serial=values.get("controller_serial"),
        battery_serial=values.get("battery_serial"),
        app=" ".join(part for part in app if part) or values.get("app"),
    )


def named_positions(rows: ExportRows, times: TimesOfRows) -> tuple[NamedPosition, ...]:
    """Return each named position each time it moved."""
    positions = [
        position
        for kind, names in rows.exporter.position_columns.items()
        for position in _positions_each_time_moved(rows, times, kind, *names)
    ]
    if rows.metadata.home is not None:
        fixes = replace_false_positions_with_nan(*(np.array([each]) for each in rows.metadata.home))
        if np.isfinite(fixes.latitude_deg[0]):
            at = int(rows.offsets[0])
            positions.append(NamedPosition("home", None, *rows.metadata.home, None, "metadata", at))
    return tuple(sorted(positions, key=lambda position: position.source_offset))


def _first_value_of_columns(rows: ExportRows, names: tuple[str, ...]) -> str | None:
    """Return the first value that the first of some columns says."""
    for name in names:
        index = rows.column_index(name)
        if index is None:
            continue
        texts = rows.column_as_texts(index)
        stated = texts[~texts.str.lower().isin(_EMPTY_VALUES)]
        if len(stated):
            return rows.text_with_quoted_separators_restored(str(stated.iloc[0]))
    return None


def _positions_each_time_moved(
    rows: ExportRows, times: TimesOfRows, kind: str, latitude_name: str, longitude_name: str
) -> Iterator[NamedPosition]:
    north, east = rows.column_index(latitude_name), rows.column_index(longitude_name)
    if north is None or east is None:
        return
    latitude, longitude = rows.column_as_numbers(north), rows.column_as_numbers(east)
    fixes = replace_false_positions_with_nan(latitude, longitude)
    good = np.isfinite(fixes.latitude_deg)
    before: tuple[float, float] | None = None
    count = 0
    for row in np.flatnonzero(good).tolist():
        here = float(latitude[row]), float(longitude[row])
        if before and max(abs(a - b) for a, b in zip(here, before, strict=True)) <= _STEP_DEG:
            continue
        before, count = here, count + 1
        if count > _MOST_PLACES:
            return
        time = times.instant(row)
        stamp = None if time is None else pd.Timestamp(time).tz_localize("UTC")
        offset = int(rows.offsets[row])
        yield NamedPosition(kind, stamp, *here, None, latitude_name, offset)

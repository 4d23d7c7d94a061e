"""Who flew, and which places the table names: home point, pilot, controller."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..._model import Aircraft, Place
from ._clock import Times
from ._rows import Rows

#: A move by less is noise; this many degrees are a metre.
_STEP_DEG = 1e-5
_MOST_PLACES = 200
_UNSAID = {"", "0", "none", "n/a", "unknown"}


def aircraft(rows: Rows) -> Aircraft:
    """Return what the table says of the aircraft and its parts."""
    said = {part: _first(rows, names) for part, names in rows.kind.identity.items()}
    app = [_first(rows, (name,)) for name in rows.kind.identity.get("app", ())]
    return Aircraft(
        maker="DJI" if said.get("model") else None,
        model=said.get("model"),
        name=said.get("name"),
        serial=said.get("serial"),
        flight_controller_serial=said.get("flight_controller_serial"),
        camera_model=said.get("camera_model"),
        camera_serial=said.get("camera_serial"),
        controller_serial=said.get("controller_serial"),
        battery_serial=said.get("battery_serial"),
        app=" ".join(part for part in app if part) or None,
    )


def places(rows: Rows, times: Times) -> tuple[Place, ...]:
    """Return each place each time it moved."""
    found = [
        place
        for kind, names in rows.kind.places.items()
        for place in _moves(rows, times, kind, *names)
    ]
    return tuple(sorted(found, key=lambda place: place.source_offset))


def _first(rows: Rows, names: tuple[str, ...]) -> str | None:
    """Return the first value that the first of some columns says."""
    for name in names:
        index = rows.column(name)
        if index is None:
            continue
        texts = rows.texts_of(index)
        said = texts[~texts.str.lower().isin(_UNSAID)]
        if len(said):
            return rows.plain(str(said.iloc[0]))
    return None


def _moves(
    rows: Rows, times: Times, kind: str, latitude_name: str, longitude_name: str
) -> Iterator[Place]:
    north, east = rows.column(latitude_name), rows.column(longitude_name)
    if north is None or east is None:
        return
    latitude, longitude = rows.numbers_of(north), rows.numbers_of(east)
    with np.errstate(invalid="ignore"):
        good = (abs(latitude) <= 90) & (abs(longitude) <= 180)
        good &= (abs(latitude) > 1e-6) | (abs(longitude) > 1e-6)
    before: tuple[float, float] | None = None
    count = 0
    for row in np.flatnonzero(good).tolist():
        here = float(latitude[row]), float(longitude[row])
        if before and max(abs(a - b) for a, b in zip(here, before, strict=True)) <= _STEP_DEG:
            continue
        before, count = here, count + 1
        if count > _MOST_PLACES:
            return
        time = times.at(row)
        stamp = None if time is None else pd.Timestamp(time).tz_localize("UTC")
        offset = int(rows.offsets[row])
        yield Place(kind, stamp, *here, None, latitude_name, offset)

"""The one block of data of a page: a flight and its rows, for the viewer."""

from collections.abc import Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import parsers
from dji_audit.flights import Flight
from dji_audit.geo.national_grid import national_grid
from dji_audit.mapper.flight_page._camera import look_columns, look_data
from dji_audit.mapper.flight_page._delta_encoding import encode
from dji_audit.mapper.flight_page._model import Review
from dji_audit.mapper.flight_page._network import network_data
from dji_audit.mapper.flight_page._timeline import GROUPS, QUIET, Row
from dji_audit.mapper.flight_page._track import GAP_MS, Path, continuous
from dji_audit.mapper.flight_page._zones import zone_data
from dji_audit.mapper.html._escape import shown as visible
from dji_audit.mapper.html._times import milliseconds
from dji_audit.view import HEIGHT_UNITS, Look

#: Name in the page -> column of the track, and units to one.
_NUMBERS = {
    "height": ("height_ato_m", HEIGHT_UNITS),
    "agl": ("height_agl_m", HEIGHT_UNITS),
    "amsl": ("altitude_amsl_m", 10),
    "speed": ("ground_speed_mps", 10),
    "climb": ("vertical_speed_mps", 10),
    "heading": ("heading_deg", 1),
    "satellites": ("satellites", 1),
    "battery": ("battery_pct", 1),
    "fix_ok": ("fix_ok", 1),
}
#: Flight modes that have a colour of their own; the others share one.
_MODES = 7


def page_data(shown: Review) -> dict[str, Any]:
    """Return what the viewer shows; every text of it made visible, and none of it markup."""
    flight, course, place = shown.flight, shown.course, shown.place
    bounds = course.bounds
    near = {one.zone.id for one in shown.zones.drawn}
    modes, mode_of = _modes(flight.track)
    return {
        "schema": "dji-audit page 1",
        "axis": {"kind": course.axis, "span": shown.axis},
        "unread": shown.unread,
        "mute": all("captures" in log.cannot_tell for log in flight.logs),
        "files": [visible(name) for name in shown.files],
        "network": network_data(shown.audit.network),
        "zones": zone_data(shown.zones),
        "gap_ms": GAP_MS,
        "zone": {"name": shown.local.name, "offsets": shown.local.offsets},
        "fixes": len(course.ms),
        "columns": _columns(flight.track, course, mode_of) | _looked(shown.look, course),
        "look": look_data(shown.look),
        "place": None if place is None else [round(place[0], 7), round(place[1], 7)],
        "modes": [[visible(mode), n < _MODES] for n, mode in enumerate(modes)],
        "untimed": [encode(course.untimed[0], 10**7), encode(course.untimed[1], 10**7)],
        "grid": national_grid(bounds) if bounds else None,
        "home": _place(flight.home, course),
        "pilot": _place(flight.pilot, course),
        "captures": _captures(flight),
        "groups": [[name, words, name not in QUIET] for name, words in GROUPS.items()],
        "rows": [_row(row, near) for row in shown.happened],
    }


def _columns(track: pd.DataFrame, course: Path, mode_of: npt.NDArray[np.float64]) -> dict[str, Any]:
    columns = {
        "ms": encode(course.ms, 1),
        "lat": encode(course.latitude, 10**7),
        "lon": encode(course.longitude, 10**7),
        "offset": encode(track["source_offset"].to_numpy()[course.rows], 1),
        "mode": encode(mode_of[course.rows], 1),
    }
    for name, (column, per) in _NUMBERS.items():
        values = track[column].to_numpy(np.float64, na_value=np.nan)
        columns[name] = encode(values[course.rows], per)
    return columns


def _looked(look: Look, course: Path) -> dict[str, Any]:
    """Return the columns of the camera; missing if the fixes of the page have no times."""
    columns = look_columns(look)
    return columns if len(look.ms) == len(course.ms) else dict.fromkeys(columns)


def _modes(track: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return the flight modes, most frequent first, and the number of each fix's."""
    codes, found = pd.factorize(track["flight_mode"])
    names = [str(name) for name in found]
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(range(len(names)), key=lambda code: (-int(counts[code]), names[code]))
    rank = np.full(len(names) + 1, np.nan)
    rank[order] = np.arange(len(names))
    return [names[code] for code in order], rank[codes]


def _place(place: parsers.Place | None, course: Path) -> dict[str, Any] | None:
    if place is None or not (abs(place.latitude_deg) <= 90 and abs(place.longitude_deg) <= 360):
        return None
    longitude = place.longitude_deg
    if course.bounds:
        longitude = continuous(longitude, course.bounds.west)
    return {
        "lat": round(place.latitude_deg, 7),
        "lon": round(longitude, 7),
        "accuracy": _finite(place.accuracy_m, 1),
        "record": visible(place.record),
        "offset": place.source_offset,
    }


def _captures(flight: Flight) -> list[list[Any]]:
    """Return ``start, end, kind, sensor`` of each capture that has a start."""
    found = []
    for capture in flight.captures.to_dict("records"):
        start, end = milliseconds(capture["start"]), milliseconds(capture["end"])
        if start is not None:
            found.append([start, end, visible(capture["kind"]), visible(capture["sensor"])])
    return found


def _row(row: Row, near: Set[str]) -> list[Any]:
    """Return a row in the order in which the viewer reads it."""
    place = [_finite(row.latitude, 7), _finite(row.longitude, 7)]
    return [
        row.start,
        row.end,
        row.group,
        visible(row.kind),
        visible(row.severity),
        visible(row.what),
        visible(row.grade),
        visible(row.record),
        row.offset,
        place if None not in place else None,
        row.outcome,
        row.told_by,
        # Whether it is about one of the zones.
        row.subject is not None and row.subject in near,
    ]


def _finite(value: float | None, digits: int) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)

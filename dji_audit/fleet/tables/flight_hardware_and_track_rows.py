"""What the tables of a fleet hold of one flight besides the rows of its report.

A worker makes it while it has the flight in memory: the parts that took part, and the simplified
track with the directions of the camera, as the map of all flights has it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

import parsers
from dji_audit.camera_view import MAX_RANGE_M, CameraPoses
from dji_audit.fleet.tables.instant_texts import instant_text_of_ms
from dji_audit.fleet.tables.pack_track import pack_track
from dji_audit.fleet.tables.unpack_simplified_tracks import SimplifiedTrack, unpack_track
from dji_audit.flights import Flight
from dji_audit.mapper import FlightMapTrack
from dji_audit.mapper.index_page._map_track import TRACK_TOLERANCE_M
from dji_audit.report.json_values import rounded_or_none

#: Heights above this are none that a camera looks down from: damage.
_HIGHEST_M = 20_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightHardwareRow:
    """A battery, camera or controller that took part in a flight."""

    flight: str
    #: ``battery``, ``payload``, ``controller`` or ``flight_controller``.
    part: str
    serial: str | None
    model: str | None
    #: The log that states it.
    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightTrackRow:
    """The simplified track of a flight; its fields are the columns of the table ``tracks``."""

    flight: str
    timed: bool
    start_ms: int | None
    end_ms: int | None
    south_deg: float
    west_deg: float
    north_deg: float
    east_deg: float
    fixes: int
    kept: int
    tolerance_m: float
    fix_error_m: float | None
    clock_uncertainty_s: float | None
    view_range_m: float | None
    view_unknown_reason: str
    least_battery_pct: float | None
    geometry: bytes | None
    track: bytes


def flight_component_rows(flight: Flight) -> tuple[FlightHardwareRow, ...]:
    """Return the parts that the logs of a flight name, each once."""
    rows: dict[tuple[str, str | None, str | None], FlightHardwareRow] = {}
    for log in flight.logs:
        for part, serial, model in _component_serials_and_models(log.aircraft):
            cleaned = (serial or "").strip() or None
            if cleaned is None and model is None:
                continue
            rows.setdefault(
                (part, cleaned, model),
                FlightHardwareRow(
                    flight=flight.id,
                    part=part,
                    serial=cleaned,
                    model=model,
                    file=log.source.name,
                    sha256=log.source.sha256,
                ),
            )
    known = {part for part, serial, _ in rows if serial is not None}
    # A model alone says nothing where a log gives the serial number of that part.
    return tuple(row for key, row in rows.items() if key[1] is not None or key[0] not in known)


def _component_serials_and_models(
    aircraft: parsers.Aircraft,
) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield name, serial number and model of each part of an aircraft."""
    yield "battery", aircraft.battery_serial, None
    yield "payload", aircraft.camera_serial, aircraft.camera_model
    yield "controller", aircraft.controller_serial, None
    yield "flight_controller", aircraft.flight_controller_serial, None


def flight_track_row(
    flight: Flight, poses: CameraPoses, map_track: FlightMapTrack | None
) -> FlightTrackRow | None:
    """Return the simplified track of a flight; ``None``: it has no position.

    Args:
        flight: The flight.
        poses: Where its camera looked.
        map_track: Its track on the map of all flights.
    """
    if map_track is None:
        return None
    packed = pack_track(map_track)
    track = unpack_track(packed)
    south, west, north, east = map_track.bounds
    battery = flight.track["battery_pct"].to_numpy(np.float64, na_value=np.nan)
    error = flight.track["horizontal_error_m"].to_numpy(np.float64, na_value=np.nan)
    reason = poses.unknown_view_reason
    if not track.is_timed:
        reason = reason or "Its fixes have no times in UTC."
    clock = flight.log.clock.uncertainty_s
    return FlightTrackRow(
        flight=flight.id,
        timed=track.is_timed,
        start_ms=int(track.ms[0]) if track.is_timed else None,
        end_ms=int(track.ms[-1]) if track.is_timed else None,
        south_deg=float(south),
        west_deg=float(west),
        north_deg=float(north),
        east_deg=float(east),
        fixes=map_track.fixes,
        kept=map_track.kept,
        tolerance_m=TRACK_TOLERANCE_M,
        fix_error_m=rounded_or_none(_median_or_none(error), 2),
        clock_uncertainty_s=rounded_or_none(clock, 3),
        view_range_m=None if reason else _farthest_locatable_ground_distance_m(poses),
        view_unknown_reason=reason,
        least_battery_pct=rounded_or_none(_minimum_above_zero_or_none(battery), 1),
        geometry=_track_lines_wkb(track),
        track=packed,
    )


def _median_or_none(values: npt.NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _minimum_above_zero_or_none(values: npt.NDArray[np.float64]) -> float | None:
    # A log that has no reading yet writes 0.
    known = values[np.isfinite(values) & (values > 0)]
    return float(known.min()) if len(known) else None


def _farthest_locatable_ground_distance_m(poses: CameraPoses) -> float:
    """Return how far off the camera can show the ground well enough to locate it."""
    heights = poses.height_ato_m[np.isfinite(poses.height_ato_m)]
    heights = heights[heights < _HIGHEST_M]
    highest = float(heights.max()) if len(heights) else 0.0
    return round(min(MAX_RANGE_M, highest / math.tan(math.radians(poses.min_depression_deg))), 1)


def _track_lines_wkb(track: SimplifiedTrack) -> bytes | None:
    """Return the parts of a track between gaps as WKB, longitude first; ``None``: no line."""
    parts = [
        np.column_stack([track.longitude_deg[part], track.latitude_deg[part]])
        for part in track.parts
        if part.stop - part.start > 1
    ]
    if not parts:
        return None
    wkb: bytes = shapely.to_wkb(shapely.multilinestrings([shapely.linestrings(it) for it in parts]))
    return wkb


def track_row_values(row: FlightTrackRow) -> dict[str, object]:
    """Return a track row as the values of the table, with its times as texts."""
    values = {name: getattr(row, name) for name in row.__slots__}
    for name, ms in (("start", values.pop("start_ms")), ("end", values.pop("end_ms"))):
        values[name] = None if ms is None else instant_text_of_ms(ms)
    return values

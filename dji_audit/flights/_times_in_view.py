"""When a point was in view, over many flights, with those for which it is not known."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import parsers
from dji_audit.camera_view import (
    Camera,
    CameraPoses,
    ElevationModel,
    FlightLike,
    PointSighting,
    camera_poses,
    sightings_of_point,
)
from dji_audit.flights._model import Flight, FlightSource
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment


@dataclass(frozen=True, slots=True, eq=False)
class PointSightingsInFlight:
    """When a point was in view in one flight, or in one recording of no flight."""

    #: Of the flight; ``None``: a recording that belongs to none.
    flight_id: str | None
    file: str
    sightings: tuple[PointSighting, ...]
    #: Why it is not known; empty: it is known, and no sighting means there was none.
    unknown_reason: str
    #: Where the field of view and the height of the ground come from, in words.
    fov_source: str
    fov_grade: str
    ground_source: str


@dataclass(frozen=True, slots=True, eq=False)
class UnjoinedMediaAsFlight:
    """A recording of no flight, such as a photo, in the form of a flight."""

    log: parsers.Log

    @property
    def sources(self) -> tuple[FlightSource, ...]:
        clock = ClockAlignment(
            self.log.clock.source, "reference", 0.0, self.log.clock.uncertainty_s
        )
        return (FlightSource(self.log, clock, self.log.track, is_media=True),)

    @property
    def logs(self) -> tuple[parsers.Log, ...]:
        return (self.log,)

    @property
    def track(self) -> pd.DataFrame:
        return self.log.track

    @property
    def captures(self) -> pd.DataFrame:
        return self.log.captures.assign(source_index=np.int16(0))

    @property
    def log_offsets_of_captures(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        return ()

    @property
    def takeoff_position(self) -> None:
        return None

    @property
    def home(self) -> None:
        return None


def _empty_declared_cameras(flight: FlightLike) -> tuple[Camera, ...]:
    return ()


def find_point_sightings_in_flights(
    flights: Iterable[Flight],
    latitude_deg: float,
    longitude_deg: float,
    elevation: ElevationModel | None = None,
    *,
    recordings: Iterable[parsers.Log] = (),
    declared_cameras: Callable[[FlightLike], tuple[Camera, ...]] = _empty_declared_cameras,
) -> Iterator[PointSightingsInFlight]:
    """Yield when a point was in view in each flight, in their order.

    Args:
        flights: The flights.
        latitude_deg: Of the point, WGS 84.
        longitude_deg: Of the point, WGS 84.
        elevation: Heights of the ground; without, it is the plane of each take-off.
        recordings: Photos and videos that belong to none of the flights.
        declared_cameras: Gives the cameras that a user declares for an aircraft.
    """
    named: list[tuple[str | None, FlightLike]] = [(flight.id, flight) for flight in flights]
    named += [(None, UnjoinedMediaAsFlight(log)) for log in recordings]
    for name, flight in named:
        poses = camera_poses(flight, elevation, declared_cameras(flight))
        yield find_point_sightings_in_flight(name, flight, poses, (latitude_deg, longitude_deg))


def find_point_sightings_in_flight(
    flight_id: str | None, flight: FlightLike, poses: CameraPoses, point: tuple[float, float]
) -> PointSightingsInFlight:
    """Return when a point was in view in one flight, or in one recording of no flight.

    Args:
        flight_id: Of the flight; ``None``: a recording that belongs to none.
        flight: The flight.
        poses: Where its camera looked.
        point: Latitude and longitude, WGS 84 degrees.
    """
    return PointSightingsInFlight(
        flight_id,
        flight.logs[0].source.name,
        sightings_of_point(poses, *point),
        poses.unknown_view_reason,
        poses.fov_source,
        poses.fov_grade,
        poses.ground_height_source_text,
    )


def logs_of_unjoined_media(
    logs: Iterable[parsers.Log], flights: Iterable[Flight]
) -> list[parsers.Log]:
    """Return the logs that recorded something and are in none of some flights."""
    used = {id(log) for flight in flights for log in flight.logs}
    return [log for log in logs if id(log) not in used and len(log.captures)]


#: Columns of `point_sighting_rows`, in order.
SIGHTING_COLUMNS = (
    "flight", "file", "start", "end", "sensor", "recorded", "certainty", "error_m", "range_m",
    "depression_deg", "fov_source", "fov_grade", "ground_source", "unknown_reason",
)  # fmt: skip


def point_sighting_rows(
    flight_sightings: Iterable[PointSightingsInFlight],
) -> Iterator[dict[str, Any]]:
    """Yield one row for each sighting, and one for each flight where none can be known.

    Times are aware UTC; ``recorded`` is ``None`` where nothing shows that the
    point was recorded, ``error_m`` where there is but a bearing.
    """
    for one in flight_sightings:
        name = {"flight": one.flight_id, "file": one.file}
        how = {
            "fov_source": one.fov_source,
            "fov_grade": one.fov_grade or None,
            "ground_source": one.ground_source,
            "unknown_reason": one.unknown_reason or None,
        }
        if one.unknown_reason:
            yield {column: {**name, **how}.get(column) for column in SIGHTING_COLUMNS}
        for sighting in one.sightings:
            row = {
                "start": pd.Timestamp(sighting.start_ms, unit="ms", tz="UTC"),
                "end": pd.Timestamp(sighting.end_ms, unit="ms", tz="UTC"),
                "sensor": sighting.sensor,
                "recorded": sighting.recorded,
                "certainty": sighting.certainty,
                "error_m": sighting.error_m,
                "range_m": sighting.range_m,
                "depression_deg": sighting.depression_deg,
            }
            yield {column: {**name, **how, **row}[column] for column in SIGHTING_COLUMNS}

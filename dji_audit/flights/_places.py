"""When a place was in view, over many flights, those that cannot tell included."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dji_audit.flights._model import Flight
from dji_audit.view import Elevation, Sighting, in_view, look


@dataclass(frozen=True, slots=True, eq=False)
class FlightSightings:
    """What one flight says of a place."""

    flight: Flight
    sightings: tuple[Sighting, ...]
    #: Why it cannot say; empty: it can, and no sighting means that there was none.
    why_not: str
    #: Where the field of view and the height of the ground come from, in words.
    lens: str
    ground: str


def find_sightings(
    flights: Iterable[Flight],
    latitude_deg: float,
    longitude_deg: float,
    elevation: Elevation | None = None,
) -> Iterator[FlightSightings]:
    """Yield what each flight says of when a place was in view, in their order.

    Args:
        flights: The flights.
        latitude_deg: Of the place, WGS 84.
        longitude_deg: Of the place, WGS 84.
        elevation: Heights of the ground; without, it is the plane of each take-off.
    """
    for flight in flights:
        found = look(flight, elevation)
        sightings = in_view(found, latitude_deg, longitude_deg)
        yield FlightSightings(flight, sightings, found.why_not, found.lens, found.ground_words)


#: Columns of `sighting_rows`, in order.
SIGHTING_COLUMNS = (
    "flight", "file", "start", "end", "sensor", "recorded", "certainty", "error_m", "range_m",
    "depression_deg", "lens", "ground", "why_not",
)  # fmt: skip


def sighting_rows(told: Iterable[FlightSightings]) -> Iterator[dict[str, Any]]:
    """Yield one row for each sighting, and one for each flight that cannot tell.

    Times are aware UTC; ``recorded`` is ``None`` where nothing shows that the
    place was recorded, ``error_m`` where there is but a bearing.
    """
    for one in told:
        name = {"flight": one.flight.id, "file": one.flight.log.source.name}
        how = {"lens": one.lens, "ground": one.ground, "why_not": one.why_not or None}
        if one.why_not:
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

"""Where a flight was: its place by name, and whose local time is shown beside UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dji_audit.basemap import PlaceNearby, UnknownTimeZoneNameError, nearest_place, time_zone_at
from dji_audit.flights import Flight
from dji_audit.geo.national_grid import grid_reference
from dji_audit.geo.utm_grid import mgrs_reference

#: Shown where neither the user nor a position says which.
DEFAULT_TIME_ZONE = "Europe/London"
_MOST_NAMED_ZONES = 6


class TimeZoneBasis(StrEnum):
    """Why a flight is shown in the local time it is shown in."""

    #: The user named the zone.
    OPTION = "option"
    #: The flight's position lies in it.
    POSITION = "position"
    #: No position is known, or no zone for it.
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class FlightLocation:
    """Where a flight was, by one position of it."""

    #: Latitude and longitude, WGS 84 degrees: where it took off, else its first fix, else what a
    #: header states, else home; ``None``: its logs state no position.
    position: tuple[float, float] | None
    #: The place nearest to the position; ``None``: no position is known.
    place: PlaceNearby | None
    #: IANA name of the zone whose local time is shown.
    timezone: str
    timezone_basis: TimeZoneBasis

    @property
    def nearest_place_text(self) -> str | None:
        """Such as ``2.1 km NE of Sheerness, Kent``."""
        return None if self.place is None else self.place.distance_direction_and_name

    @property
    def grid_reference(self) -> str | None:
        """Of a true position: National Grid to 10 m in Great Britain, elsewhere MGRS to 1 m."""
        if self.position is None or self.place is None:
            return None
        return grid_reference(*self.position) or mgrs_reference(*self.position)

    @property
    def timezone_text(self) -> str:
        """Which local time is shown, and why: the end of a sentence."""
        match self.timezone_basis:
            case TimeZoneBasis.OPTION:
                return f"that of {self.timezone}, which the user chose"
            case TimeZoneBasis.POSITION:
                return f"that of {self.timezone}, in which the flight's position lies"
            case TimeZoneBasis.DEFAULT:
                return (
                    f"that of {self.timezone}, because no time zone is known from the flight's "
                    "position: it may be another there"
                )


def locate_flight(flight: Flight, timezone: str | None = None) -> FlightLocation:
    """Return where a flight was, without a network.

    Args:
        flight: The flight.
        timezone: The IANA time zone that the user chose; ``None``: that of the place flown.
    """
    position, place = position_of_flight(flight), nearest_place_of_flight(flight)
    if flight.positions_moved:
        return FlightLocation(position, None, "UTC", TimeZoneBasis.OPTION)
    if timezone is not None:
        return FlightLocation(position, place, timezone, TimeZoneBasis.OPTION)
    zone = None if position is None else known_time_zone_at(*position)
    if zone is None:
        return FlightLocation(position, place, DEFAULT_TIME_ZONE, TimeZoneBasis.DEFAULT)
    return FlightLocation(position, place, zone, TimeZoneBasis.POSITION)


def local_time_zone_names_text(timezones: Iterable[str]) -> str:
    """Return whose local time is shown beside some flights: "Local time is that of …"."""
    zones = sorted(set(timezones)) or [DEFAULT_TIME_ZONE]
    if len(zones) == 1:
        return zones[0]
    named = ", ".join(zones[:_MOST_NAMED_ZONES]) + " …" * (len(zones) > _MOST_NAMED_ZONES)
    return f"the place of each flight ({named})"


def nearest_place_of_flight(flight: Flight) -> PlaceNearby | None:
    """Return the place nearest to a flight; ``None``: no position, or none that is true."""
    position = position_of_flight(flight)
    return None if position is None or flight.positions_moved else nearest_place(*position)


def known_time_zone_at(latitude_deg: float, longitude_deg: float) -> str | None:
    """Return the time zone of a position; ``None`` if there is none that this computer knows."""
    try:
        return time_zone_at(latitude_deg, longitude_deg)
    except UnknownTimeZoneNameError:
        return None


def position_of_flight(flight: Flight) -> tuple[float, float] | None:
    """Return the position that stands for a flight: see `FlightLocation.position`."""
    start = flight.takeoff_position
    if start is not None and _is_on_earth(start.latitude_deg, start.longitude_deg):
        return start.latitude_deg, start.longitude_deg
    latitude = flight.track["latitude_deg"].to_numpy(np.float64)
    longitude = flight.track["longitude_deg"].to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        usable = np.flatnonzero((np.abs(latitude) <= 90) & (np.abs(longitude) <= 360))
    if len(usable):
        return float(latitude[usable[0]]), float(longitude[usable[0]])
    stated = [each for log in flight.logs for each in log.named_positions if each.kind == "start"]
    for named in (*stated, *([flight.home] if flight.home else [])):
        if _is_on_earth(named.latitude_deg, named.longitude_deg):
            return named.latitude_deg, named.longitude_deg
    return None


def _is_on_earth(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 360

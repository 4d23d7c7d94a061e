"""What comes of holding a path against zones, and what is taken of fixes and boundaries."""

from dataclasses import dataclass

import pandas as pd

from dji_audit.zones._model import Point, Zone


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is taken of fixes and boundaries, in metres, seconds and metres a second."""

    #: An excursion from a zone that leads no further out does not end a crossing.
    hysteresis_m: float = 3.0
    #: How fast the aircraft may have flown where there are no fixes.
    reach_mps: float = 30.0
    #: Errors of fixes whose receiver states none.
    horizontal_error_m: float = 5.0
    vertical_error_m: float = 10.0
    #: A crossing is certain if it is deeper than this many times the error.
    factor: float = 2.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """One time in a zone, or outside of one to stay within."""

    zone: Zone
    time_in: pd.Timestamp
    time_out: pd.Timestamp
    #: Whether the path is seen to pass the boundary then; else fixes begin or end there.
    seen_in: bool
    seen_out: bool
    place_in: Point
    place_out: Point
    place_deepest: Point
    #: Furthest from the boundary sideways; ``None``: the zone has none.
    depth_m: float | None
    #: Furthest from the nearer limit; ``None``: it has none that could be passed.
    depth_up_m: float | None
    time_inside_s: float
    #: Whether it is deeper than the error of the fixes.
    certain: bool
    horizontal_error_m: float
    #: Whether the receiver states the error; else it is assumed.
    error_stated: bool
    #: Row of the track of the fix at or before the start.
    row: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A time in which it cannot be told whether the flight was in a zone."""

    zone: Zone
    start: pd.Timestamp
    end: pd.Timestamp
    reason: str
    place: Point
    #: Row of the track of the fix at or before the start.
    row: int


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a path and some zones, each in order of zone and time."""

    crossings: tuple[Crossing, ...]
    unknown: tuple[Unknown, ...]
    #: Zones whose active shape the path came into sideways, at whatever height.
    entered_sideways: tuple[Zone, ...]

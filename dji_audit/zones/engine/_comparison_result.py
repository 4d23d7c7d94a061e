"""The result of comparing a track with zones, and the tolerances of the comparison."""

from dataclasses import dataclass

import pandas as pd

from dji_audit.zones._model import Point, Zone


@dataclass(frozen=True, slots=True)
class ZoneTolerance:
    """Assumed errors of fixes and tolerances of boundaries."""

    #: An excursion out of a zone by no more than this does not end a crossing.
    hysteresis_m: float = 3.0
    #: The assumed maximum speed of the aircraft where there are no fixes.
    max_speed_mps: float = 30.0
    #: Assumed errors of fixes where the receiver states none.
    horizontal_error_m: float = 5.0
    vertical_error_m: float = 10.0
    #: A crossing is certain if it is deeper than the error times this factor.
    error_factor: float = 2.0


@dataclass(frozen=True, slots=True)
class ZoneCrossing:
    """One stay in a zone, or outside an inclusion zone."""

    zone: Zone
    time_in: pd.Timestamp
    time_out: pd.Timestamp
    #: Whether the track crosses the boundary then; if not, the fixes begin or end there.
    entry_observed: bool
    exit_observed: bool
    position_in: Point
    position_out: Point
    deepest_position: Point
    #: Largest horizontal distance from the boundary; ``None`` where the zone has no boundary.
    depth_m: float | None
    #: Largest distance from the nearer limit; ``None`` where there is no limit to pass.
    vertical_depth_m: float | None
    time_inside_s: float
    #: Whether the crossing is deeper than the error of the fixes.
    certain: bool
    horizontal_error_m: float
    #: Whether the receiver states the error; if not, it is assumed.
    horizontal_error_stated: bool
    #: Row of the track of the fix at or before the start.
    track_row: int


@dataclass(frozen=True, slots=True)
class UndeterminedPeriod:
    """A period in which it cannot be determined whether the aircraft was in a zone."""

    zone: Zone
    start: pd.Timestamp
    end: pd.Timestamp
    reason: str
    position: Point
    #: Row of the track of the fix at or before the start.
    track_row: int


@dataclass(frozen=True, slots=True)
class ZoneComparisonResult:
    """The crossings and undetermined periods of a track, each in order of zone and time."""

    crossings: tuple[ZoneCrossing, ...]
    undetermined: tuple[UndeterminedPeriod, ...]
    #: Active zones that the track entered horizontally, at any height.
    entered_horizontally: tuple[Zone, ...]

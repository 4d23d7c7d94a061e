"""What every zone file becomes: areas with limits, times and the place they were read."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

FEET_M = 0.3048
NAUTICAL_MILE_M = 1852.0

#: Latitude and longitude, degrees, WGS 84, north and east positive.
Point = tuple[float, float]


class ZoneError(Exception):
    """A zone file could not be read; the message names the line or path and what was expected."""


class Datum(StrEnum):
    """What a limit is counted from.  Heights are compared only where theirs is the same."""

    AMSL = "AMSL"
    AGL = "AGL"
    FLIGHT_LEVEL = "FL"
    ELLIPSOID = "WGS84"
    #: Above the home point, as the fences of autopilots count.
    HOME = "home"
    #: The ground or water itself: nothing flies below it.
    SURFACE = "surface"
    UNLIMITED = "unlimited"
    NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Limit:
    """A lower or upper limit.  No value is no number, never 0."""

    datum: Datum
    value: float | None = None
    #: ``m``, ``ft`` or ``FL``; ``None`` where there is no value.
    unit: str | None = None

    @property
    def metres(self) -> float | None:
        """Return the value in metres above its datum; ``None`` where it has none.

        Of a flight level: metres of pressure altitude.
        """
        if self.value is None:
            return None
        return self.value * {"m": 1.0, "ft": FEET_M, "FL": 100 * FEET_M}[self.unit or "m"]

    def __str__(self) -> str:
        """Return the limit as people write it."""
        if self.value is None:
            return {Datum.SURFACE: "SFC", Datum.UNLIMITED: "UNL"}.get(self.datum, self.datum.value)
        if self.datum is Datum.FLIGHT_LEVEL:
            return f"FL{self.value:03.0f}"
        if self.datum is Datum.NOT_STATED:
            return f"{self.value:g} {self.unit} (datum not stated)"
        above = "above home" if self.datum is Datum.HOME else self.datum.value
        return f"{self.value:g} {self.unit} {above}"


SURFACE = Limit(Datum.SURFACE)
UNLIMITED = Limit(Datum.UNLIMITED)
NOT_STATED = Limit(Datum.NOT_STATED)


@dataclass(frozen=True, slots=True)
class Circle:
    """Every point no further from the centre than the radius, on the ellipsoid."""

    centre: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge of a ring that is part of a circle, from one of its points to the next."""

    #: Number of the point it begins at.
    edge: int
    centre: Point
    radius_m: float
    clockwise: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line; its edges are geodesics, but for its arcs.

    The last point is not the first again: the edge between the two is implied.
    """

    points: tuple[Point, ...]
    arcs: tuple[Arc, ...] = ()


@dataclass(frozen=True, slots=True)
class Polygon:
    """What lies within a ring and within none of its holes."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Corridor:
    """Every point no further from a line of geodesics than half its width."""

    points: tuple[Point, ...]
    half_width_m: float


Shape = Circle | Polygon | Corridor


class Effect(StrEnum):
    """What a zone means for who would fly in it, in one word for all formats."""

    PROHIBITED = "prohibited"
    AUTHORISATION = "authorisation"
    CONDITIONAL = "conditional"
    ADVISORY = "advisory"
    #: Named, and without any restriction.
    NONE = "none"
    #: A fence of the aircraft's own operator.
    FENCE = "fence"
    NOT_STATED = "not stated"


class Sun(StrEnum):
    """An event of the sun that a schedule counts from."""

    DAWN = "beginning of morning civil twilight"
    RISE = "sunrise"
    SET = "sunset"
    DUSK = "end of evening civil twilight"


@dataclass(frozen=True, slots=True)
class Hours:
    """Part of some days of the week.  An end before its start is on the next day."""

    #: ISO numbers, 1 Monday to 7 Sunday; empty: every day.
    days: frozenset[int] = frozenset()
    #: UTC, or an event of the sun at the zone; ``None``: the day's own start or end.
    start: dt.time | Sun | None = None
    end: dt.time | Sun | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """When a zone is active: within its dates, during any of its hours."""

    #: Aware; ``None``: open.
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    #: Empty: all the time.
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneSource:
    """The file a zone was read from, and what that file says of its age."""

    name: str
    sha256: str
    format: str
    #: As the file writes it; empty: it does not say.
    edition: str = ""
    issued: dt.datetime | None = None
    effective_from: dt.datetime | None = None
    effective_to: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """One area with one pair of limits."""

    id: str
    name: str
    #: In the file's own word.
    kind: str
    effect: Effect
    #: All its parts; they may touch or overlap.  None: it is everywhere.
    shape: tuple[Shape, ...]
    lower: Limit
    upper: Limit
    source: ZoneSource
    #: Where in the file: a path in JSON or XML, a line, or a record of a log.
    path: str
    #: The byte, where the format gives one.
    offset: int | None = None
    #: Whether to be outside is the breach, as with a fence to stay within.
    inclusion: bool = False
    authority: str = ""
    #: Active in any of them; empty: always.
    schedule: tuple[Period, ...] = ()
    #: Whether the file says when it is active; else it is taken as always active.
    schedule_stated: bool = False
    #: What the file adds in words; data, never markup.
    remarks: str = ""

    @property
    def limits_text(self) -> str:
        """Return both limits in words."""
        return f"{self.lower} to {self.upper}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in a zone file that is no area, and why it is not among the zones."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ZoneFile:
    """All zones of one file."""

    source: ZoneSource
    zones: tuple[Zone, ...]
    left_out: tuple[LeftOut, ...] = field(default=())


def zone_file(source: ZoneSource, found: Sequence[Zone | LeftOut]) -> ZoneFile:
    """Return a file from what was found in it, in order: zones, and what is none."""
    return ZoneFile(
        source,
        tuple(one for one in found if isinstance(one, Zone)),
        tuple(one for one in found if isinstance(one, LeftOut)),
    )

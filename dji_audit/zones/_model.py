"""The zone model: areas with vertical limits, times and their position in the source file."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

FEET_M = 0.3048
NAUTICAL_MILE_M = 1852.0

#: Latitude and longitude, degrees, WGS 84, north and east positive.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LatLonBox:
    """An area between two latitudes and two longitudes, WGS 84 degrees."""

    south_deg: float
    #: Greater than the east where the box crosses the antimeridian.
    west_deg: float
    north_deg: float
    east_deg: float


class VerticalDatum(StrEnum):
    """The vertical datum of a limit.  Only heights of the same datum are compared."""

    AMSL = "AMSL"
    AGL = "AGL"
    FLIGHT_LEVEL = "FL"
    ELLIPSOID = "WGS84"
    #: Above the home point, as in the fences of autopilots.
    HOME = "home"
    #: The ground or water itself; nothing flies below it.
    SURFACE = "surface"
    UNLIMITED = "unlimited"
    NOT_STATED = "not stated"


class ZoneEffect(StrEnum):
    """What a zone means for a pilot, in the same words for all formats."""

    PROHIBITED = "prohibited"
    AUTHORISATION = "authorisation"
    CONDITIONAL = "conditional"
    ADVISORY = "advisory"
    #: A named zone without any restriction.
    NONE = "none"
    #: A fence set by the operator of the aircraft.
    FENCE = "fence"
    NOT_STATED = "not stated"


class SunEvent(StrEnum):
    """An event of the sun that begins or ends the hours of a schedule."""

    DAWN = "beginning of morning civil twilight"
    RISE = "sunrise"
    SET = "sunset"
    DUSK = "end of evening civil twilight"


class ZoneError(Exception):
    """A zone file cannot be read; the message names the line or path and what was expected."""

    def message_without_path(self, path: str) -> str:
        """Return the message for an item whose path is told beside it."""
        text = str(self)
        for divider in (": ", ".", ", "):
            text = text.removeprefix(f"{path}{divider}")
        return text


@dataclass(frozen=True, slots=True)
class Limit:
    """A lower or upper limit.  A missing value is ``None``, never 0."""

    datum: VerticalDatum
    value: float | None = None
    #: ``m``, ``ft`` or ``FL``; ``None`` where there is no value.
    unit: str | None = None

    @property
    def metres(self) -> float | None:
        """Return the value in metres above its datum; ``None`` where there is no value.

        For a flight level: metres of pressure altitude.
        """
        if self.value is None:
            return None
        return self.value * {"m": 1.0, "ft": FEET_M, "FL": 100 * FEET_M}[self.unit or "m"]

    def __str__(self) -> str:
        """Return the limit in the usual notation."""
        if self.value is None:
            return {VerticalDatum.SURFACE: "SFC", VerticalDatum.UNLIMITED: "UNL"}.get(
                self.datum, self.datum.value
            )
        if self.datum is VerticalDatum.FLIGHT_LEVEL:
            return f"FL{self.value:03.0f}"
        if self.datum is VerticalDatum.NOT_STATED:
            return f"{self.value:g} {self.unit} (datum not stated)"
        above = "above home" if self.datum is VerticalDatum.HOME else self.datum.value
        return f"{self.value:g} {self.unit} {above}"


SURFACE = Limit(VerticalDatum.SURFACE)
UNLIMITED = Limit(VerticalDatum.UNLIMITED)
NOT_STATED = Limit(VerticalDatum.NOT_STATED)


@dataclass(frozen=True, slots=True)
class Circle:
    """Every point no further from the centre than the radius, on the ellipsoid."""

    centre: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge of a ring that is part of a circle, from one of its points to the next."""

    #: Index of the point where it begins.
    edge: int
    centre: Point
    radius_m: float
    clockwise: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line; its edges are geodesics, except for its arcs.

    The first point is not repeated at the end: the closing edge is implied.
    """

    points: tuple[Point, ...]
    arcs: tuple[Arc, ...] = ()


@dataclass(frozen=True, slots=True)
class Polygon:
    """The area within a ring and outside its holes."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Corridor:
    """Every point no further from a line of geodesics than half its width."""

    points: tuple[Point, ...]
    half_width_m: float


Shape = Circle | Polygon | Corridor


@dataclass(frozen=True, slots=True)
class DailyHours:
    """Hours on some days of the week.  An end before the start falls on the next day."""

    #: ISO weekday numbers, 1 (Monday) to 7 (Sunday); empty means every day.
    days: frozenset[int] = frozenset()
    #: Without a time zone of its own, or an event of the sun at the zone; ``None`` means the
    #: start or end of the day.
    start: dt.time | SunEvent | None = None
    end: dt.time | SunEvent | None = None
    #: The time zone of days and times.
    time_zone: dt.tzinfo = dt.UTC


@dataclass(frozen=True, slots=True)
class ActivePeriod:
    """A period in which a zone is active: within its dates, during any of its hours."""

    #: With a time zone; ``None`` means open.
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    #: Empty means all the time.
    hours: tuple[DailyHours, ...] = ()

    @property
    def ends_before_start(self) -> bool:
        """Whether its end is no later than its start, so that it says nothing."""
        return self.start is not None and self.end is not None and self.end <= self.start


@dataclass(frozen=True, slots=True)
class ZoneSource:
    """The file that a zone was read from, with the edition and dates that the file states."""

    name: str
    sha256: str
    format: str
    #: As the file writes it; empty where the file does not state it.
    edition: str = ""
    issued: dt.datetime | None = None
    effective_from: dt.datetime | None = None
    effective_to: dt.datetime | None = None
    #: Where the file says that it is complete; ``None``: it does not say.
    extent: LatLonBox | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """One area with one pair of limits."""

    id: str
    name: str
    #: In the wording of the file.
    kind: str
    effect: ZoneEffect
    #: All parts of the zone; they may touch or overlap.  Empty: the zone is everywhere.
    shape: tuple[Shape, ...]
    lower: Limit
    upper: Limit
    source: ZoneSource
    #: The position in the file: a JSON or XML path, a line, or a record of a log.
    path: str
    #: The byte offset, where the format has one.
    offset: int | None = None
    #: Whether leaving the zone is the breach, as with an inclusion fence.
    inclusion: bool = False
    authority: str = ""
    #: The zone is active in any of these periods; empty means always.
    schedule: tuple[ActivePeriod, ...] = ()
    #: Whether the file states when the zone is active; if not, it is treated as always active.
    schedule_stated: bool = False
    #: What the same words may mean instead of `schedule`.  Where these differ, it is not known
    #: whether the zone is active.
    other_schedules: tuple[tuple[ActivePeriod, ...], ...] = ()
    #: Why there are several, a clause; empty: there is one.
    schedule_doubt: str = ""
    #: Further text of the file; data, never markup.
    remarks: str = ""

    @property
    def limits_text(self) -> str:
        """Return both limits as text."""
        return f"{self.lower} to {self.upper}"

    @property
    def limits_fault(self) -> str:
        """Why no height can lie between the limits as they are stated; empty: one can."""
        low, high = self.lower.metres, self.upper.metres
        if self.upper.datum is VerticalDatum.SURFACE or self.lower.datum is VerticalDatum.UNLIMITED:
            return f"its limits leave no height between them ({self.limits_text})"
        comparable = self.lower.datum is self.upper.datum and low is not None and high is not None
        if comparable and (low or 0.0) >= (high or 0.0):
            return f"its lower limit {self.lower} is not below its upper limit {self.upper}"
        return ""

    @property
    def always_active_reason(self) -> str:
        """Why it is treated as always active although no file says so; empty: it is not."""
        if any(period.ends_before_start for period in self.schedule):
            return "its stated time of activity ends before it begins"
        if not self.schedule_stated and not self.inclusion:
            return "when it is active is not stated"
        return ""


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """An item of a zone file that is not an area, and why it is not among the zones."""

    path: str
    reason: str
    #: As the file calls it; empty where it has no name.
    name: str = ""
    #: The box around it; ``None``: the file does not say where it lies.
    bounds: LatLonBox | None = None
    #: Whether it may stand for an area in which a flight is restricted.
    may_be_zone: bool = True


@dataclass(frozen=True, slots=True)
class ReadingRemark:
    """Something of a zone file that cost no zone but that a careful reader would ask about."""

    #: The position in the file; empty: the file as a whole.
    path: str
    text: str
    #: The id of the zone that it concerns; empty: none, or several.
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ZoneFile:
    """All zones of one file, the items that were skipped, and remarks on its form."""

    source: ZoneSource
    zones: tuple[Zone, ...]
    skipped: tuple[SkippedItem, ...] = field(default=())
    remarks: tuple[ReadingRemark, ...] = field(default=())
    #: Where the unit says that the file is complete; ``None``: it does not say.
    unit_extent: LatLonBox | None = None

    @property
    def skipped_items_that_may_be_zones(self) -> tuple[SkippedItem, ...]:
        """The skipped items that may stand for an area in which a flight is restricted."""
        return tuple(item for item in self.skipped if item.may_be_zone)


def build_zone_file(
    source: ZoneSource,
    items: Iterable[Zone | SkippedItem],
    remarks: Iterable[ReadingRemark] = (),
) -> ZoneFile:
    """Return a zone file from its items in order: zones and skipped items."""
    items = tuple(items)
    return ZoneFile(
        source,
        tuple(item for item in items if isinstance(item, Zone)),
        tuple(item for item in items if isinstance(item, SkippedItem)),
        tuple(remarks),
    )

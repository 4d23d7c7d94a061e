"""What the rules about zones share: the path in the air, and crossings as findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd
from pydantic import Field

from dji_audit.compliance.findings import Evidence, Finding, Severity
from dji_audit.compliance.rules._rule import Parameters, evidence
from dji_audit.flights import Flight
from dji_audit.zones import (
    SURFACE,
    UNLIMITED,
    BroughtZones,
    Circle,
    Crossing,
    Effect,
    Limit,
    Path,
    Period,
    Point,
    Tolerance,
    Unknown,
    Zone,
    ZoneFile,
    ZoneSource,
    path_of,
)


class Precision(Parameters):
    """What is taken of fixes and boundaries, wherever a path is held against an area."""

    gap_s: float = Field(
        10.0, gt=0, description="Seconds without a fix after which nothing is said of the path."
    )
    reach_mps: float = Field(
        30.0, gt=0, description="How fast the aircraft may have flown where there are no fixes."
    )
    hysteresis_m: float = Field(
        3.0, ge=0, description="An excursion that leads no further out does not end a crossing."
    )
    horizontal_error_m: float = Field(
        5.0, gt=0, description="Error of a position whose receiver states none."
    )
    vertical_error_m: float = Field(
        10.0, gt=0, description="Error of a height whose receiver states none."
    )
    error_factor: float = Field(
        2.0, gt=0, description="A crossing is certain if it is deeper than this many errors."
    )

    @property
    def tolerance(self) -> Tolerance:
        """The same as the engine takes it."""
        return Tolerance(
            hysteresis_m=self.hysteresis_m,
            reach_mps=self.reach_mps,
            horizontal_error_m=self.horizontal_error_m,
            vertical_error_m=self.vertical_error_m,
            factor=self.error_factor,
        )


def path_in_air(flight: Flight, gap_s: float) -> Path:
    """Return the path of a flight between take-off and landing, as far as they are known."""
    return path_of(flight.track, gap_s, flight.takeoff, flight.landing)


def unseen_ends(flight: Flight, path: Path) -> str:
    """Return which end of a flight in the air its path lacks, in a clause; empty: neither.

    A gap between fixes is told zone by zone; of what lies before the first fix or behind the
    last nothing bounds where it was.
    """
    ends = (
        (None if flight.takeoff is None else -path.seconds(flight.takeoff), "after take-off"),
        (
            None if flight.landing is None else path.seconds(flight.landing) - path.end_s,
            "before landing",
        ),
    )
    told = [f"{lacks:.0f} s {end}" for lacks, end in ends if lacks and lacks > path.gap_s]
    return f"no position is known for {' and '.join(told)}" if told else ""


def on_ground(flight: Flight) -> tuple[pd.Timestamp, ...]:
    """Return the instants at which a flight left and reached the ground."""
    return tuple(one for one in (flight.takeoff, flight.landing) if one is not None)


def crossing_finding(
    flight: Flight, crossing: Crossing, rule: str, severity: Severity, told: str | None = None
) -> Finding:
    """Return a crossing as a finding, with the fix that shows it and the zone's own place.

    One that the fixes may be wrong about is no finding that weighs.
    """
    zone = crossing.zone
    return Finding(
        rule,
        severity if crossing.certain else Severity.INFO,
        told or crossing_words(crossing),
        "measured" if crossing.certain else "inferred",
        (_fix(flight, crossing.row), zone_evidence(zone)),
        crossing.time_in,
        crossing.time_out,
        crossing.place_in[0],
        crossing.place_in[1],
        subject=zone.id,
        untold=not crossing.certain,
    )


def unknown_findings(flight: Flight, unknown: Iterable[Unknown], rule: str) -> Iterator[Finding]:
    """Yield a finding for each zone and reason for which it cannot be told; it weighs nothing."""
    groups: dict[tuple[str, str, str], list[Unknown]] = defaultdict(list)
    for one in unknown:
        groups[one.zone.source.sha256, one.zone.path, one.reason].append(one)
    for parts in groups.values():
        first = parts[0]
        lasted = sum((one.end - one.start).total_seconds() for one in parts)
        often = f" in {len(parts)} intervals" if len(parts) > 1 else ""
        yield Finding(
            rule,
            Severity.INFO,
            f"{zone_words(first.zone)}: {first.reason}; {lasted:.1f} s{often}",
            "inferred",
            (_fix(flight, first.row), zone_evidence(first.zone)),
            first.start,
            parts[-1].end,
            first.place[0],
            first.place[1],
            subject=first.zone.id,
            untold=True,
        )


def crossing_words(crossing: Crossing) -> str:
    """Return what a crossing was, in one line."""
    zone, lasted = crossing.zone, crossing.time_inside_s
    where = "outside of" if zone.inclusion else "in"
    may = "" if crossing.certain else "perhaps "
    if crossing.time_in == crossing.time_out:
        return f"{may}{where} {zone_words(zone)}: at take-off or landing"
    told = f"{may}{where} {zone_words(zone)} for {lasted:.1f} s"
    depths = []
    if crossing.depth_m is not None:
        depths.append(f"{crossing.depth_m:.1f} m from its edge")
    if crossing.depth_up_m is not None:
        depths.append(f"{crossing.depth_up_m:.1f} m from its nearer limit")
    told += f", at most {' and '.join(depths)}" if depths else ""
    if not crossing.certain:
        stated = "stated" if crossing.error_stated else "assumed"
        told += f"; no deeper than the error of the fixes ({stated}: "
        told += f"{crossing.horizontal_error_m:g} m)"
    if not crossing.seen_in or not crossing.seen_out:
        unseen = [
            word
            for word, seen in (("entry", crossing.seen_in), ("exit", crossing.seen_out))
            if not seen
        ]
        told += f"; {' and '.join(unseen)} not seen"
    if not zone.schedule_stated and not zone.inclusion:
        told += "; when it is active is not stated"
    return told


def zone_words(zone: Zone) -> str:
    """Return a zone by name, kind and limits."""
    name = zone.name if zone.id in zone.name else f"{zone.id} {zone.name}"
    kind = f"{zone.kind}, " if zone.kind and zone.kind not in name else ""
    limits = zone.limits_text
    return f"{name} ({kind}{limits})"


def zone_evidence(zone: Zone) -> Evidence:
    """Return where a zone stands in its file."""
    source = zone.source
    value = f"{zone.name}, {zone.limits_text}"
    return Evidence(source.name, source.sha256, zone.offset, zone.path, "zone", value)


def _fix(flight: Flight, row: int) -> Evidence:
    said = flight.said_at(row, "latitude_deg")
    latitude, longitude = (
        float(flight.track[name].iloc[row]) for name in ("latitude_deg", "longitude_deg")
    )
    value = f"{latitude:.7f}, {longitude:.7f}"
    return evidence(flight, said.offset, said.record, "position", value, said.told_by)


def example_zones(
    *,
    centre: Point = (51.5, -1.0),
    radius_m: float = 100.0,
    effect: Effect = Effect.PROHIBITED,
    upper: Limit = UNLIMITED,
    schedule: tuple[Period, ...] = (),
    **dates: Any,
) -> BroughtZones:
    """Return one made-up zone, as a unit would bring it, for examples of rules."""
    source = ZoneSource("zones.json", "1" * 64, "example", **dates)
    zone = Zone(
        "EX1",
        "Example zone",
        "P",
        effect,
        (Circle(centre, radius_m),),
        SURFACE,
        upper,
        source,
        "features[0]",
        offset=0,
        schedule=schedule,
        schedule_stated=True,
    )
    return BroughtZones((ZoneFile(source, (zone,)),))

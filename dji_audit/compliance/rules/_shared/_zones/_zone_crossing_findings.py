"""Shared by the rules about zones: the track in the air, and crossings as findings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from dji_audit.common.plain_english import as_sentence, duration_text, sentence_case
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed, availability_of_facts_in_air
from dji_audit.compliance.findings import DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import (
    Parameters,
    non_negative_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared._finding_sentences import (
    interval_text,
    position_relative_to_takeoff_text,
)
from dji_audit.compliance.rules._shared._flight_evidence import (
    evidence_of_track_value,
    why_flight_has_no_track,
)
from dji_audit.compliance.rules._shared._rule import RuleInputs
from dji_audit.flights import Flight, cache_for_last_flight
from dji_audit.zones import (
    SURFACE,
    UNLIMITED,
    ActivePeriod,
    Circle,
    LatLonBox,
    Limit,
    Point,
    SkippedItem,
    SuppliedZones,
    UndeterminedPeriod,
    Zone,
    ZoneCrossing,
    ZoneEffect,
    ZoneFile,
    ZoneSource,
    ZoneTolerance,
    ZoneTrack,
    build_zone_track,
)


class ZoneComparisonToleranceParameters(Parameters):
    """How exact fixes and boundaries are taken when a track is compared with an area."""

    gap_s: float = positive_parameter_field(
        10.0, "Seconds without a fix after which the track is not known."
    )
    reach_mps: float = positive_parameter_field(
        30.0, "Greatest speed of the aircraft between fixes."
    )
    hysteresis_m: float = non_negative_parameter_field(
        3.0, "An excursion outside that goes no further does not end a crossing."
    )
    horizontal_error_m: float = positive_parameter_field(
        5.0, "Error of a position where the receiver states none."
    )
    vertical_error_m: float = positive_parameter_field(
        10.0, "Error of a height where the receiver states none."
    )
    error_factor: float = positive_parameter_field(
        2.0, "A crossing is certain if it is deeper than this multiple of the error."
    )

    @property
    def zone_tolerance(self) -> ZoneTolerance:
        """The same values for the zone engine."""
        return ZoneTolerance(
            hysteresis_m=self.hysteresis_m,
            max_speed_mps=self.reach_mps,
            horizontal_error_m=self.horizontal_error_m,
            vertical_error_m=self.vertical_error_m,
            error_factor=self.error_factor,
        )


@cache_for_last_flight
def airborne_zone_track(flight: Flight, gap_s: float) -> ZoneTrack:
    """Return the track of a flight between take-off and landing, as far as these are known."""
    return build_zone_track(flight.track, gap_s, flight.takeoff, flight.landing)


def no_zone_track_reason(flight: Flight, track: ZoneTrack) -> str:
    """Return why there is no track to compare with zones; empty: there is one."""
    if reason := why_flight_has_no_track(flight):
        return f"There is no track: {reason}."
    if not len(track):
        return "No position of the log has a time, so the track is not known."
    return ""


def untracked_airborne_ends_text(flight: Flight, track: ZoneTrack) -> str:
    """Return which end of the time in the air the track lacks, in a clause; empty: neither.

    A gap between fixes is reported for each zone.  Before the first fix and after the last
    nothing limits the position.
    """
    ends = (
        (
            None if flight.takeoff is None else -track.seconds_since_first_fix(flight.takeoff),
            "after take-off",
        ),
        (
            None
            if flight.landing is None
            else track.seconds_since_first_fix(flight.landing) - track.end_s,
            "before landing",
        ),
    )
    missing = [f"{lack_s:.0f} s {end}" for lack_s, end in ends if lack_s and lack_s > track.gap_s]
    return f"no position is known for {' and '.join(missing)}" if missing else ""


def track_reaches_ends_of_flight_data_need() -> DataNeed:
    """Return the need that the track reaches from take-off to landing, on the flight's clock."""

    def observe(
        flight: Flight, parameters: ZoneComparisonToleranceParameters, _context: AuditContext
    ) -> DataNeedObservation:
        subject = "positions from take-off to landing"
        track = airborne_zone_track(flight, parameters.gap_s)
        if reason := no_zone_track_reason(flight, track):
            without = availability_of_facts_in_air(flight, ("position",))
            return DataNeedObservation.for_subject_not_seen(
                subject, without.reason or reason, without.remedy
            )
        if reason := untracked_airborne_ends_text(flight, track):
            return DataNeedObservation.for_subject_not_seen(subject, f"{sentence_case(reason)}.")
        return DataNeedObservation.for_subject_seen_in_full(subject)

    return DataNeed("position", observe, words="positions from take-off to landing")


def known_takeoff_and_landing_times(flight: Flight) -> tuple[pd.Timestamp, ...]:
    """Return the times of take-off and landing, as far as they are known."""
    return tuple(time for time in (flight.takeoff, flight.landing) if time is not None)


def crossing_finding(
    flight: Flight,
    crossing: ZoneCrossing,
    inputs: RuleInputs,
    summary: str | None = None,
) -> Finding:
    """Return a crossing as a finding, with its fix and the zone in its file as evidence.

    A crossing within the error of the fixes is inconclusive.
    """
    zone = crossing.zone
    return inputs.finding(
        summary or as_sentence(crossing_text(flight, crossing)),
        severity=None if crossing.certain else Severity.REMARK,
        grade="measured" if crossing.certain else "inferred",
        evidence=(
            _track_fix_evidence(flight, crossing.track_row),
            evidence_of_zone_in_its_file(zone),
        ),
        start=crossing.time_in,
        end=crossing.time_out,
        position=crossing.position_in,
        subject=zone.id,
        inconclusive=not crossing.certain,
    )


def undetermined_crossing_findings(
    flight: Flight, undetermined: Iterable[UndeterminedPeriod], inputs: RuleInputs
) -> Iterator[Finding]:
    """Yield an inconclusive finding for each zone and reason of an undetermined crossing."""
    groups: dict[tuple[str, str, str], list[UndeterminedPeriod]] = defaultdict(list)
    for period in undetermined:
        groups[period.zone.source.sha256, period.zone.path, period.reason].append(period)
    for periods in groups.values():
        first = periods[0]
        duration_s = sum((period.end - period.start).total_seconds() for period in periods)
        repeats = f" in {len(periods)} intervals" if len(periods) > 1 else ""
        yield inputs.finding(
            f"{zone_text(first.zone)}: {first.reason}, for {duration_text(duration_s)}{repeats} "
            f"from {first.start:%H:%M:%S} UTC.",
            severity=Severity.REMARK,
            grade="inferred",
            evidence=(
                _track_fix_evidence(flight, first.track_row),
                evidence_of_zone_in_its_file(first.zone),
            ),
            start=first.start,
            end=periods[-1].end,
            position=first.position,
            subject=first.zone.id,
            inconclusive=True,
        )


def crossing_text(flight: Flight, crossing: ZoneCrossing) -> str:
    """Return a crossing in words, a clause that begins with "in" or "outside of"."""
    zone = crossing.zone
    where = "outside of" if zone.inclusion else "in"
    perhaps = "" if crossing.certain else "perhaps "
    place = position_relative_to_takeoff_text(flight, crossing.time_in)
    placed = f", {place}" if place else ""
    lead = f"{perhaps}{where} {zone_text(zone)}"
    if crossing.time_in == crossing.time_out:
        return f"{lead} at take-off or landing, {interval_text(crossing.time_in, None)}{placed}"
    if not crossing.time_inside_s:
        # Its height above the ground is not known in between.
        return (
            f"{lead} at take-off, {interval_text(crossing.time_in, None)}{placed}, and at landing, "
            f"{interval_text(crossing.time_out, None)}"
        )
    text = f"{lead} {interval_text(crossing.time_in, crossing.time_out)}{placed}"
    depths = []
    if crossing.depth_m is not None:
        depths.append(f"{crossing.depth_m:.1f} m from its edge")
    if crossing.vertical_depth_m is not None:
        depths.append(f"{crossing.vertical_depth_m:.1f} m from its nearer limit")
    text += f", at most {' and '.join(depths)}" if depths else ""
    if not crossing.certain:
        stated = "stated" if crossing.horizontal_error_stated else "assumed"
        text += f"; no deeper than the error of the fixes ({stated}: "
        text += f"{crossing.horizontal_error_m:g} m)"
    if not crossing.entry_observed or not crossing.exit_observed:
        not_seen = [
            word
            for word, is_seen in (
                ("entry", crossing.entry_observed),
                ("exit", crossing.exit_observed),
            )
            if not is_seen
        ]
        text += f"; {' and '.join(not_seen)} not seen"
    if zone.always_active_reason:
        text += f"; {zone.always_active_reason}"
    return text


def zone_text(zone: Zone) -> str:
    """Return name, kind and limits of a zone."""
    name = zone.name if zone.id in zone.name else f"{zone.id} {zone.name}"
    kind = f"{zone.kind}, " if zone.kind and zone.kind not in name else ""
    limits = zone.limits_text
    return f"{name} ({kind}{limits})"


def evidence_of_zone_in_its_file(zone: Zone) -> Evidence:
    """Return the position of a zone in its file as evidence."""
    source = zone.source
    value = f"{zone.name}, {zone.limits_text}"
    return Evidence(
        file=source.name,
        sha256=source.sha256,
        offset=zone.offset,
        record=zone.path,
        field="zone",
        value=value,
    )


def _track_fix_evidence(flight: Flight, row: int) -> Evidence:
    latitude, longitude = (
        float(flight.track[name].iloc[row]) for name in ("latitude_deg", "longitude_deg")
    )
    value = f"{latitude:.7f}, {longitude:.7f}"
    return evidence_of_track_value(flight, row, "latitude_deg", field="position", value=value)


#: Where the made-up zones of examples are complete: Great Britain.
EXAMPLE_EXTENT = LatLonBox(49.0, -8.0, 61.0, 2.0)


def example_supplied_zones(
    *,
    centre: Point = (51.5, -1.0),
    radius_m: float = 100.0,
    effect: ZoneEffect = ZoneEffect.PROHIBITED,
    upper: Limit = UNLIMITED,
    schedule: tuple[ActivePeriod, ...] = (),
    extent: LatLonBox | None = EXAMPLE_EXTENT,
    skipped: tuple[SkippedItem, ...] = (),
    **dates: Any,
) -> SuppliedZones:
    """Return one made-up zone, as a unit supplies it, for examples of rules."""
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
    return SuppliedZones((ZoneFile(source, (zone,), skipped, unit_extent=extent),))

"""The aircraft entered none of the supplied zones, by the geometry of its track.

Zones come from files (`--zones`, or stored with `dji-audit zones import`).  The track between
fixes is compared with each zone in four dimensions: horizontally on the ellipsoid, in height only
where log and zone use the same datum, and while the zone is active.  Above or below a zone with
another height datum, the rule reports neither an entry nor a clear flight.  The same holds where
a file may mean UTC or local time, and the zone was active by one of them only.

A file is complete within its extent: as the unit states it (`dji-audit zones import --extent`),
as the file states it, or else within the hull of its zones.  A flight outside the extents, or
within 5 km of a feature that was not read as an area, is not assessable.  The reports of the
aircraft are in `geofence_event`; `fence_disagreement` compares both.

On the ground the height above ground is 0, so a take-off or landing in a zone that begins at the
ground is in that zone, even where the log does not measure its height above ground.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from dji_audit.common.plain_english import pluralised_count
from dji_audit.compliance.data_needs import fact_in_air_data_need
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import parameter_field
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    hover_example_track_at_heights,
)
from dji_audit.compliance.rules._shared._log_completeness_data_needs import (
    takeoff_and_landing_data_need,
)
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.compliance.rules._shared._zones import _zone_crossing_findings as zone_crossings
from dji_audit.compliance.rules._shared._zones._zone_completeness_data_need import ZONES_NEED
from dji_audit.flights import Flight
from dji_audit.zones import (
    ActivePeriod,
    CompletenessStatedBy,
    LatLonBox,
    Limit,
    SkippedItem,
    SuppliedZones,
    VerticalDatum,
    ZoneComparisonResult,
    ZoneEffect,
    find_zone_crossings,
)

EffectName = Literal[
    "prohibited", "authorisation", "conditional", "advisory", "none", "fence", "not stated"
]


class ZoneEntryParameters(zone_crossings.ZoneComparisonToleranceParameters):
    """Parameters of the rule."""

    effects: tuple[EffectName, ...] = parameter_field(
        (
            "prohibited",
            "authorisation",
            "conditional",
            "fence",
            "not stated",
        ),
        "Zones that count, by their effect on a flight.",
        min_length=1,
        strict=False,
    )


def check(flight: Flight, parameters: ZoneEntryParameters, inputs: RuleInputs) -> CheckResult:
    """Find each crossing of a zone that counts."""
    supplied = inputs.context.zones
    if supplied is None:
        # No zone was entered; what that rests on is for the need of zones to say.
        return CheckResult(Outcome.PASS, "No zone was supplied.")
    counted_effects = {ZoneEffect(word) for word in parameters.effects}
    zones = [zone for zone in supplied.zones if zone.effect in counted_effects]
    if not zones:
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            f"None of the {len(supplied.zones)} supplied zones counts for the policy.",
        )
    track = zone_crossings.airborne_zone_track(flight, parameters.gap_s)
    zone_result = find_zone_crossings(
        track,
        supplied.zone_index,
        parameters.zone_tolerance,
        zone_crossings.known_takeoff_and_landing_times(flight),
    )
    ends = zone_crossings.untracked_airborne_ends_text(flight, track)
    return _check_result(
        flight,
        zone_result,
        counted_effects=counted_effects,
        count=len(zones),
        ends=ends,
        inputs=inputs,
    )


def _check_result(
    flight: Flight,
    zone_result: ZoneComparisonResult,
    *,
    counted_effects: set[ZoneEffect],
    count: int,
    ends: str,
    inputs: RuleInputs,
) -> CheckResult:
    crossings = [
        crossing for crossing in zone_result.crossings if crossing.zone.effect in counted_effects
    ]
    certain = [
        zone_crossings.crossing_finding(flight, crossing, inputs)
        for crossing in crossings
        if crossing.certain
    ]
    possible = [
        zone_crossings.crossing_finding(flight, crossing, inputs)
        for crossing in crossings
        if not crossing.certain
    ]
    periods = [
        period for period in zone_result.undetermined if period.zone.effect in counted_effects
    ]
    undecided = [*possible, *zone_crossings.undetermined_crossing_findings(flight, periods, inputs)]
    entered = {finding.subject for finding in certain}
    undecided_count = len({finding.subject for finding in undecided} - entered)
    all_findings = [*certain, *undecided]
    if not certain and undecided:
        why = undecided[0].summary.removesuffix(".")
        return CheckResult.not_assessable_because(
            f"An entry into {pluralised_count(undecided_count, 'zone')} could not be decided: "
            f"{why}.",
            all_findings,
        )
    addition = (
        f"; {pluralised_count(undecided_count, 'zone')} could not be decided"
        if undecided_count
        else ""
    )
    addition += f"; {ends}" if ends else ""
    return CheckResult.from_findings(
        certain if not undecided else all_findings,
        f"None of {pluralised_count(count, 'zone')} was entered."
        f"{_zone_completeness_area_unknown_text(inputs.context.zones)}",
        f"{pluralised_count(len(entered), 'zone')} entered, "
        f"{pluralised_count(len(certain), 'time')}{addition}.",
    )


def _zone_completeness_area_unknown_text(zones: SuppliedZones | None) -> str:
    """Return, after a space, that nothing states where the zones are complete; empty: it does."""
    extents = () if zones is None else zones.completeness_areas
    if any(extent.basis is not CompletenessStatedBy.HULL for extent in extents):
        return ""
    return " Nothing states where the files are complete; the flight lies among their zones."


_LAST_YEAR = ActivePeriod(None, dt.datetime(2025, 12, 31, tzinfo=dt.UTC))


def _example_flight_with_zone(
    outcome: Outcome,
    description: str,
    *,
    latitudes: Sequence[float] = (51.5, 51.5, 51.5),
    **zone: Any,  # Any: the fields of a zone have many types.
) -> ExampleFlight:
    """Return an example: a flight up to 50 m, and one supplied zone."""
    return ExampleFlight(
        outcome,
        description,
        hover_example_track_at_heights(0.0, 50.0, 0.0, latitude_deg=latitudes),
        events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 2}),
        context={"zones": zone_crossings.example_supplied_zones(**zone)},
    )


_NEEDS = (
    ZONES_NEED,
    fact_in_air_data_need("position"),
    zone_crossings.track_reaches_ends_of_flight_data_need(),
    takeoff_and_landing_data_need(),
)
_EXAMPLES = (
    _example_flight_with_zone(
        Outcome.PASS, "a flight far from the only supplied zone", centre=(52.0, -1.0)
    ),
    _example_flight_with_zone(
        Outcome.PASS,
        "a flight in a zone that was active until last year",
        schedule=(_LAST_YEAR,),
    ),
    _example_flight_with_zone(
        Outcome.FAIL,
        "a flight in a prohibited zone",
    ),
    ExampleFlight(
        Outcome.FAIL,
        "a flight up to 50 m in a zone to 30 m above the sea, altitude known",
        hover_example_track_at_heights(0.0, 50.0, 0.0, altitude_amsl_m=[0.0, 50.0, 0.0]),
        context={
            "zones": zone_crossings.example_supplied_zones(upper=Limit(VerticalDatum.AMSL, 30, "m"))
        },
    ),
    _example_flight_with_zone(
        Outcome.FAIL,
        "a take-off in a zone to 400 ft above ground, and heights above take-off only",
        upper=Limit(VerticalDatum.AGL, 400, "ft"),
    ),
    _example_flight_with_zone(
        Outcome.NOT_ASSESSABLE,
        "a flight over a zone to 400 ft above ground, and heights above take-off only",
        latitudes=(51.502, 51.5, 51.498),
        upper=Limit(VerticalDatum.AGL, 400, "ft"),
    ),
    _example_flight_with_zone(
        Outcome.NOT_ASSESSABLE,
        "a flight no deeper in a zone than the error of its fixes",
        radius_m=4.0,
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a flight whose first position comes a minute after take-off",
        hover_example_track_at_heights(50.0, 50.0, 0.0, time=[60.0, 61.0, 62.0]),
        events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 62}),
        context={"zones": zone_crossings.example_supplied_zones(centre=(52.0, -1.0))},
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a flight without supplied zones",
        hover_example_track_at_heights(0.0, 50.0),
    ),
    _example_flight_with_zone(
        Outcome.NOT_ASSESSABLE,
        "zones of another country",
        centre=(52.0, 5.0),
        extent=None,
    ),
    _example_flight_with_zone(
        Outcome.NOT_ASSESSABLE,
        "a heliport nearby that the file holds as a point only",
        centre=(52.0, -1.0),
        skipped=(
            SkippedItem(
                "placemark 2", "a point is not an area", "H", LatLonBox(51.51, -1, 51.51, -1)
            ),
        ),
    ),
    ExampleFlight(
        Outcome.NOT_APPLICABLE,
        "a zone that names no restriction",
        hover_example_track_at_heights(0.0, 50.0),
        context={"zones": zone_crossings.example_supplied_zones(effect=ZoneEffect.NONE)},
    ),
)
RULE = Rule(
    id="zone_entry",
    title="The aircraft entered no supplied zone",
    parameters=ZoneEntryParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=True,
    looks_at="Position, height and time of every fix in the air; the supplied zones.",
    not_assessable=(
        "No zones were supplied, or not for the place of the flight; features near it were not "
        "read as areas; the log holds no track or not all of the flight; the limits of a zone use "
        "a datum that the log does not measure; fixes are missing near a zone; or it is not clear "
        "when a zone was active."
    ),
)

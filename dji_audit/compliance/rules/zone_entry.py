"""The aircraft entered none of the supplied zones, by the geometry of its track.

Zones come from files (`--zones`, or stored with `dji-audit zones import`).  The track between
fixes is compared with each zone in four dimensions: horizontally on the ellipsoid, in height only
where log and zone use the same datum, and while the zone is active.  Above or below a zone with
another height datum, the rule reports neither an entry nor a clear flight.  The reports of the
aircraft are in `geofence_event`; `fence_disagreement` compares both.
"""

import datetime as dt
from typing import Literal

from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover_track
from dji_audit.compliance.rules._rule import (
    CheckResult,
    Parameters,
    Rule,
    RuleInputs,
    no_track_reason,
    not_assessable,
    pass_or_fail,
)
from dji_audit.compliance.rules._zones import (
    TrackPrecision,
    airborne_track,
    crossing_finding,
    example_zones,
    ground_times,
    missing_ends_text,
    undetermined_findings,
)
from dji_audit.flights import Flight
from dji_audit.zones import (
    ActivePeriod,
    Datum,
    Effect,
    Limit,
    ZoneResult,
    find_crossings,
)

EffectName = Literal[
    "prohibited", "authorisation", "conditional", "advisory", "none", "fence", "not stated"
]


class ZoneEntry(TrackPrecision):
    """Parameters of the rule."""

    effects: tuple[EffectName, ...] = Field(
        ("prohibited", "authorisation", "conditional", "fence", "not stated"),
        min_length=1,
        strict=False,
        description="Zones that count, by their effect on a flight.",
    )


def check(flight: Flight, parameters: Parameters, inputs: RuleInputs) -> CheckResult:
    """Find each crossing of a zone that counts."""
    if not isinstance(parameters, ZoneEntry):
        raise TypeError("zone_entry takes ZoneEntry")
    supplied = inputs.context.zones
    if supplied is None:
        return not_assessable("No zones were supplied: name files with --zones or import them.")
    counted = {Effect(word) for word in parameters.effects}
    zones = [zone for zone in supplied.zones if zone.effect in counted]
    if not zones:
        return CheckResult(
            Outcome.NOT_APPLICABLE,
            f"None of the {len(supplied.zones)} supplied zones counts for the policy.",
        )
    if reason := no_track_reason(flight):
        return not_assessable(f"There is no track: {reason}.")
    path = airborne_track(flight, parameters.gap_s)
    if not len(path):
        return not_assessable("No position of the log has a time, so the track is not known.")
    found = find_crossings(path, supplied.index, parameters.tolerance, ground_times(flight))
    ends = missing_ends_text(flight, path)
    return _verdict(flight, found, counted, len(zones), ends, inputs)


def _verdict(
    flight: Flight,
    found: ZoneResult,
    counted: set[Effect],
    count: int,
    ends: str,
    inputs: RuleInputs,
) -> CheckResult:
    severity = inputs.severity
    crossings = [one for one in found.crossings if one.zone.effect in counted]
    certain = [crossing_finding(flight, one, RULE.id, severity) for one in crossings if one.certain]
    possible = [
        crossing_finding(flight, one, RULE.id, severity) for one in crossings if not one.certain
    ]
    unknown = [one for one in found.undetermined if one.zone.effect in counted]
    open_ = [*possible, *undetermined_findings(flight, unknown, RULE.id)]
    untold = len({finding.subject for finding in open_})
    whole = [*certain, *open_]
    if not certain and open_:
        why = _first(open_)
        return not_assessable(f"An entry into {_zones(untold)} could not be decided: {why}.", whole)
    if not certain and ends:
        return not_assessable(f"It is not known whether a zone was entered: {ends}.")
    also = f"; {_zones(untold)} could not be decided" if open_ else ""
    also += f"; {ends}" if ends else ""
    entered = len({finding.subject for finding in certain})
    return pass_or_fail(
        certain if not open_ else whole,
        f"None of {_zones(count)} was entered.",
        f"{_zones(entered)} entered, {len(certain)} time{'s' * (len(certain) > 1)}{also}.",
    )


def _zones(count: int) -> str:
    return f"{count} zone{'s' * (count != 1)}"


def _first(findings: list[Finding]) -> str:
    return findings[0].summary


_LAST_YEAR = ActivePeriod(None, dt.datetime(2025, 12, 31, tzinfo=dt.UTC))

RULE = Rule(
    "zone_entry",
    "The aircraft entered no supplied zone",
    "Position, height and time of every fix in the air; the supplied zones.",
    "No zones were supplied, the log is encrypted or holds no track, the limits of a zone use a "
    "datum that the log does not measure, or fixes are missing near a zone or at an end.",
    ZoneEntry,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "a flight far from the only supplied zone",
            hover_track(0.0, 50.0, 0.0),
            context={"zones": example_zones(centre=(52.0, -1.0))},
        ),
        Example(
            Outcome.PASS,
            "a flight in a zone that was active until last year",
            hover_track(0.0, 50.0, 0.0),
            context={"zones": example_zones(schedule=(_LAST_YEAR,))},
        ),
        Example(
            Outcome.FAIL,
            "a flight in a prohibited zone",
            hover_track(0.0, 50.0, 0.0),
            context={"zones": example_zones()},
        ),
        Example(
            Outcome.FAIL,
            "a flight up to 50 m in a zone to 30 m above the sea, altitude known",
            hover_track(0.0, 50.0, 0.0, altitude_amsl_m=[0.0, 50.0, 0.0]),
            context={"zones": example_zones(upper=Limit(Datum.AMSL, 30, "m"))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a zone to 400 ft above ground and a log with heights above take-off only",
            hover_track(0.0, 50.0, 0.0),
            context={"zones": example_zones(upper=Limit(Datum.AGL, 400, "ft"))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a flight no deeper in a zone than the error of its fixes",
            hover_track(0.0, 50.0, 0.0),
            context={"zones": example_zones(radius_m=4.0)},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a flight whose first position comes a minute after take-off",
            hover_track(50.0, 50.0, 0.0, time=[60.0, 61.0, 62.0]),
            events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 62}),
            context={"zones": example_zones(centre=(52.0, -1.0))},
        ),
        Example(Outcome.NOT_ASSESSABLE, "a flight without supplied zones", hover_track(0.0, 50.0)),
        Example(
            Outcome.NOT_APPLICABLE,
            "a zone that names no restriction",
            hover_track(0.0, 50.0),
            context={"zones": example_zones(effect=Effect.NONE)},
        ),
    ),
)

"""The aircraft entered no zone that the unit brought, by our geometry.

Zones come from files (`--zones`, or kept with `dji-audit zones import`).  The path
between fixes is held against each in four dimensions: sideways on the ellipsoid, in
height only where log and zone count from the same, and while the zone is active.
A zone that the aircraft was above or below at a height which cannot be compared is
not told to be entered, and not told to be clear.  This is what geometry says; what
the aircraft said is `geofence_event`, and where the two differ `fence_disagreement`.
"""

import datetime as dt
from typing import Literal

from pydantic import Field

from dji_audit.compliance.findings import Finding, Outcome
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    unknowable,
    unread,
)
from dji_audit.compliance.rules._zones import (
    Precision,
    crossing_finding,
    example_zones,
    on_ground,
    path_in_air,
    unknown_findings,
    unseen_ends,
)
from dji_audit.flights import Flight
from dji_audit.zones import (
    Datum,
    Effect,
    Found,
    Limit,
    Period,
    find_crossings,
)

Word = Literal[
    "prohibited", "authorisation", "conditional", "advisory", "none", "fence", "not stated"
]


class ZoneEntry(Precision):
    """Parameters of the rule."""

    effects: tuple[Word, ...] = Field(
        ("prohibited", "authorisation", "conditional", "fence", "not stated"),
        min_length=1,
        strict=False,
        description="Which zones count, by what they mean for a flight.",
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Find each crossing of a zone that counts."""
    if not isinstance(parameters, ZoneEntry):
        raise TypeError("zone_entry takes ZoneEntry")
    brought = inputs.case.zones
    if brought is None:
        return unknowable("No zones were given: name files with --zones or import them.")
    counted = {Effect(word) for word in parameters.effects}
    zones = [zone for zone in brought.zones if zone.effect in counted]
    if not zones:
        return Verdict(
            Outcome.NOT_APPLICABLE,
            f"None of the {len(brought.zones)} zones given is one that the policy counts.",
        )
    if reason := unread(flight):
        return unknowable(f"No path: {reason}.")
    path = path_in_air(flight, parameters.gap_s)
    if not len(path):
        return unknowable("No position of the log has a time, so that its path is not known.")
    found = find_crossings(path, brought.index, parameters.tolerance, on_ground(flight))
    ends = unseen_ends(flight, path)
    return _verdict(flight, found, counted, len(zones), ends, inputs)


def _verdict(
    flight: Flight, found: Found, counted: set[Effect], count: int, ends: str, inputs: Inputs
) -> Verdict:
    severity = inputs.severity
    crossings = [one for one in found.crossings if one.zone.effect in counted]
    certain = [crossing_finding(flight, one, RULE.id, severity) for one in crossings if one.certain]
    possible = [
        crossing_finding(flight, one, RULE.id, severity) for one in crossings if not one.certain
    ]
    unknown = [one for one in found.unknown if one.zone.effect in counted]
    open_ = [*possible, *unknown_findings(flight, unknown, RULE.id)]
    untold = len({finding.subject for finding in open_})
    whole = [*certain, *open_]
    if not certain and open_:
        why = _first(open_)
        return unknowable(f"Of {_zones(untold)} it cannot be told: {why}.", whole)
    if not certain and ends:
        return unknowable(f"Whether a zone was entered cannot be told: {ends}.")
    also = f"; of {_zones(untold)} it cannot be told" if open_ else ""
    also += f"; {ends}" if ends else ""
    entered = len({finding.subject for finding in certain})
    return judged(
        certain if not open_ else whole,
        f"None of {_zones(count)} was entered.",
        f"{_zones(entered)} entered, {len(certain)} time{'s' * (len(certain) > 1)}{also}.",
    )


def _zones(count: int) -> str:
    return f"{count} zone{'s' * (count != 1)}"


def _first(findings: list[Finding]) -> str:
    return findings[0].summary


_LAST_YEAR = Period(None, dt.datetime(2025, 12, 31, tzinfo=dt.UTC))

RULE = Rule(
    "zone_entry",
    "The aircraft entered no zone that was given",
    "Position, height and time of every fix in the air, against the zones given.",
    "No zones were given, the log is encrypted or holds no path, or a zone's limits count from "
    "what the log does not measure, or fixes are missing near a zone or at an end of the flight.",
    ZoneEntry,
    check,
    authorisable=True,
    examples=(
        Example(
            Outcome.PASS,
            "a flight far from the one zone given",
            hover(0.0, 50.0, 0.0),
            case={"zones": example_zones(centre=(52.0, -1.0))},
        ),
        Example(
            Outcome.PASS,
            "a flight in a zone that was active until last year",
            hover(0.0, 50.0, 0.0),
            case={"zones": example_zones(schedule=(_LAST_YEAR,))},
        ),
        Example(
            Outcome.FAIL,
            "a flight in a prohibited zone",
            hover(0.0, 50.0, 0.0),
            case={"zones": example_zones()},
        ),
        Example(
            Outcome.FAIL,
            "a flight up to 50 m in a zone to 30 m above the sea, altitude known",
            hover(0.0, 50.0, 0.0, altitude_amsl_m=[0.0, 50.0, 0.0]),
            case={"zones": example_zones(upper=Limit(Datum.AMSL, 30, "m"))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a zone to 400 ft above ground and a log that knows the take-off only",
            hover(0.0, 50.0, 0.0),
            case={"zones": example_zones(upper=Limit(Datum.AGL, 400, "ft"))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a flight no deeper in a zone than its fixes may be off",
            hover(0.0, 50.0, 0.0),
            case={"zones": example_zones(radius_m=4.0)},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a flight whose first position comes a minute after take-off",
            hover(50.0, 50.0, 0.0, time=[60.0, 61.0, 62.0]),
            events=({"kind": "takeoff", "time": 0}, {"kind": "landing", "time": 62}),
            case={"zones": example_zones(centre=(52.0, -1.0))},
        ),
        Example(Outcome.NOT_ASSESSABLE, "a flight without any zone given", hover(0.0, 50.0)),
        Example(
            Outcome.NOT_APPLICABLE,
            "a zone that names no restriction",
            hover(0.0, 50.0),
            case={"zones": example_zones(effect=Effect.NONE)},
        ),
    ),
)

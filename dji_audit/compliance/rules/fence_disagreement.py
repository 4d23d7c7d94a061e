"""What the aircraft said of its own fences is what our geometry says of them.

The fences are those that the log itself tells of, as parameters or shapes set them.
A breach that geometry shows for certain must have been reported, and a breach that was
reported must be one that geometry allows, both within some seconds.  Where zones were
given, what aircraft or app said of zones is held against them, too: a report far from
every zone given, and a zone entered for certain without any report.  The aircraft may
know other zones than those given, so that this shows a difference and not who is right.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from pydantic import Field

import parsers
from dji_audit.compliance.context import own_fences
from dji_audit.compliance.findings import Finding, Outcome, Severity
from dji_audit.compliance.rules._events import Event, event_finding, events_of, instant, silence
from dji_audit.compliance.rules._example import Example, hover
from dji_audit.compliance.rules._rule import (
    Inputs,
    Parameters,
    Rule,
    Verdict,
    judged,
    position_at,
    unknowable,
    unread,
)
from dji_audit.compliance.rules._zones import (
    Precision,
    crossing_finding,
    crossing_words,
    example_zones,
    path_in_air,
    unseen_ends,
)
from dji_audit.flights import Flight
from dji_audit.zones import (
    Crossing,
    Effect,
    Found,
    Unknown,
    ZoneIndex,
    find_crossings,
)

#: What aircraft or app say of zones that somebody else drew.
_REPORTS = ("geofence.warning", "geofence.breach", "geofence.limit", "geofence.refused",
            "geofence.action")  # fmt: skip
_MEANT = {Effect.PROHIBITED, Effect.AUTHORISATION, Effect.CONDITIONAL, Effect.ADVISORY}


class FenceDisagreement(Precision):
    """Parameters of the rule."""

    within_s: float = Field(
        5.0, gt=0, description="Seconds by which report and geometry may differ."
    )
    least_s: float = Field(
        2.0, ge=0, description="A breach that lasted no longer need not be reported."
    )
    near_m: float = Field(
        500.0, ge=0, description="A report belongs to a zone that is no further away than this."
    )


def check(flight: Flight, parameters: Parameters, inputs: Inputs) -> Verdict:
    """Compare the reports of a flight with its fences and the zones given."""
    if not isinstance(parameters, FenceDisagreement):
        raise TypeError("fence_disagreement takes FenceDisagreement")
    fences, brought = own_fences(flight), inputs.case.zones
    if not fences and brought is None:
        return Verdict(
            Outcome.NOT_APPLICABLE,
            "The log tells of no fence in force, and no zones were given.",
        )
    if reason := unread(flight):
        return unknowable(f"No path: {reason}.")
    path = path_in_air(flight, parameters.gap_s)
    if not len(path):
        return unknowable("No position of the log has a time, so that its path is not known.")
    if reason := silence(flight):
        return unknowable(reason)
    findings: list[Finding] = []
    open_: tuple[Unknown, ...] = ()
    if fences:
        found = find_crossings(path, ZoneIndex(fences), parameters.tolerance)
        open_ = found.unknown
        findings += _of_fences(flight, found, parameters, inputs.severity)
    if brought is not None:
        found = find_crossings(path, brought.index, parameters.tolerance)
        findings += _of_zones(flight, found, brought.index, parameters, inputs.severity)
    if not findings and open_:
        return unknowable(f"{open_[0].zone.name}: {open_[0].reason}.")
    if not findings and (reason := unseen_ends(flight, path)):
        return unknowable(f"What geometry says of the whole flight is not known: {reason}.")
    what = " and ".join(
        filter(
            None,
            (
                f"{len(fences)} fence{'s' * (len(fences) != 1)} of its own" if fences else "",
                f"{len(brought.zones)} zones given" if brought is not None else "",
            ),
        )
    )
    return judged(
        findings,
        f"What was reported and what geometry says agree, of {what}.",
        f"{len(findings)} disagreement{'s' * (len(findings) > 1)} between reports and geometry, "
        f"of {what}.",
    )


def _of_fences(
    flight: Flight, found: Found, parameters: FenceDisagreement, severity: Severity
) -> Iterator[Finding]:
    """Yield what differs between the breaches reported and those of the log's own fences."""
    reported = events_of(flight, ["geofence.breach"])
    for crossing in found.crossings:
        lasted = (crossing.time_out - crossing.time_in).total_seconds()
        if not crossing.certain or lasted <= parameters.least_s:
            continue
        if not any(_meets(event, crossing, parameters.within_s) for event in reported):
            told = f"not reported: {crossing_words(crossing)}"
            yield crossing_finding(flight, crossing, RULE.id, severity, told)
    for event in reported:
        shown: list[Crossing | Unknown] = [*found.crossings, *found.unknown]
        if instant(event["time"]) is None or not _in_path(event, flight):
            continue
        if not any(_meets(event, one, parameters.within_s) for one in shown):
            told = f"reported, and not so by geometry: {event['text']}"
            yield event_finding(flight, event, RULE.id, severity, told)


def _of_zones(
    flight: Flight,
    found: Found,
    zones: ZoneIndex,
    parameters: FenceDisagreement,
    severity: Severity,
) -> Iterator[Finding]:
    """Yield what differs between the reports and the zones given."""
    reported = events_of(flight, _REPORTS)
    for crossing in found.crossings:
        if not crossing.certain or crossing.zone.effect not in _MEANT:
            continue
        if not any(_meets(event, crossing, parameters.within_s) for event in reported):
            told = f"nothing was reported: {crossing_words(crossing)}"
            yield crossing_finding(flight, crossing, RULE.id, severity, told)
    for event in reported:
        place = position_at(flight, instant(event["time"]))
        if place is None or event["severity"] == "info":
            continue
        away = _nearest_m(zones, place, parameters.near_m)
        if away is None:
            told = f"reported, and no zone given is within {parameters.near_m:g} m: {event['text']}"
            yield event_finding(flight, event, RULE.id, severity, told)


def _nearest_m(zones: ZoneIndex, place: tuple[float, float], most_m: float) -> float | None:
    """Return how far the nearest zone is; ``None``: further than asked."""
    latitude, longitude = np.array([place[0]]), np.array([place[1]])
    away = [
        max(0.0, -float(placed.signed_m(latitude, longitude)[0]))
        for placed in zones.about(place, most_m)
    ]
    return min((one for one in away if one <= most_m), default=None)


def _meets(event: Event, other: Crossing | Unknown, within_s: float) -> bool:
    """Return whether an event and a crossing overlap, but for some seconds."""
    start = instant(event["time"])
    if start is None:
        return False
    end = instant(event["end"]) or start
    first, last = (
        (other.time_in, other.time_out) if isinstance(other, Crossing) else (other.start, other.end)
    )
    margin = pd.Timedelta(seconds=within_s)
    return bool(start <= last + margin and first <= end + margin)


def _in_path(event: Event, flight: Flight) -> bool:
    """Return whether the aircraft was in the air where and when it reported."""
    time = instant(event["time"])
    after = flight.takeoff is None or (time is not None and time >= flight.takeoff)
    before = flight.landing is None or (time is not None and time <= flight.landing)
    return after and before


_FENCE = parsers.Fence(
    "inclusion", "circle", ((51.5, -1.0),), 100.0, None, True, None, None, "PARM.Value", 200
)
_AWAY = [51.5, 51.5, 51.502, 51.502, 51.502, 51.502, 51.5]


def _flown(latitudes: Sequence[float]) -> dict[str, Sequence[float]]:
    return hover(*([50.0] * len(latitudes))) | {"latitude_deg": latitudes}


RULE = Rule(
    "fence_disagreement",
    "What was reported of fences and zones is what geometry says",
    "Events about fences and zones, the fences that the log tells of, the zones given, and the "
    "path.",
    "The log is encrypted or holds no path or no events, or a fence's limits count from what the "
    "log does not measure.",
    FenceDisagreement,
    check,
    examples=(
        Example(
            Outcome.PASS,
            "a breach of its own circle that the aircraft reported",
            _flown(_AWAY),
            events=({"kind": "geofence.breach", "time": 2, "end": 6, "text": "fence breached"},),
            log={"fences": (_FENCE,)},
        ),
        Example(
            Outcome.FAIL,
            "a breach of its own circle that it did not report",
            _flown(_AWAY),
            events=({"kind": "takeoff", "time": 0},),
            log={"fences": (_FENCE,)},
        ),
        Example(
            Outcome.FAIL,
            "a breach reported in the middle of its circle",
            _flown([51.5] * 20),
            events=({"kind": "geofence.breach", "time": 10, "text": "fence breached"},),
            log={"fences": (_FENCE,)},
        ),
        Example(
            Outcome.FAIL,
            "a warning of a zone where none of those given is near",
            _flown([51.5] * 5),
            events=(
                {
                    "kind": "geofence.warning",
                    "time": 1,
                    "severity": "warning",
                    "text": "You are in a Warning Zone",
                },
            ),
            case={"zones": example_zones(centre=(52.0, -1.0))},
        ),
        Example(
            Outcome.NOT_ASSESSABLE,
            "a fence, and a log without any events",
            _flown(_AWAY),
            log={"fences": (_FENCE,)},
        ),
        Example(Outcome.NOT_APPLICABLE, "neither fence nor zones", hover(0.0, 50.0)),
    ),
)

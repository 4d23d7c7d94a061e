"""The totals of a vehicle's life grow from log to log by what the log between them shows.

Autopilots count their boots, the time switched on and the time flown, and each log states these
totals as it begins.  The next log of the same vehicle among the files says what the log before it
must have added: a total never falls, and where no boot lies between, the time flown in the log is
what the total grew by.  Totals are reset with the parameters, and simulators begin anew; other
flights may lie between two logs.  So a finding says that a log and a total do not fit, and not why.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from dji_audit.common.plain_english import duration_text, pluralised_count
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.data_needs import DataNeed
from dji_audit.compliance.findings import DataNeedObservation, Evidence, Finding
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    Parameters,
    non_negative_parameter_field,
    positive_parameter_field,
)
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    FurtherExampleLog,
    northbound_example_track,
)
from dji_audit.compliance.rules._shared._flight_evidence import evidence_of_record_in_flight_log
from dji_audit.compliance.rules._shared._rule import CheckResult, Rule, RuleInputs
from dji_audit.flights import Flight, LifetimeTotalsOfNextLog
from parsers import AirborneSpan, AirborneTime, Aircraft, LifetimeTotal, Log

#: Totals that people know under another name.
_NAMES = {"boots": "number of boots", "flights": "number of flights", "flight time": "time flown"}


class LifetimeTotalsParameters(Parameters):
    """Parameters of the rule."""

    tolerance_s: float = positive_parameter_field(
        60.0, "Seconds by which the time flown may differ: autopilots save it every half minute."
    )
    tolerance_share: float = non_negative_parameter_field(
        0.1, "Share of the time flown that counts besides."
    )


def check(flight: Flight, parameters: LifetimeTotalsParameters, inputs: RuleInputs) -> CheckResult:
    """Compare the totals of each log with those of the next log of the vehicle."""
    findings, compared = list[Finding](), list[str]()
    for following in flight.following_log_totals:
        findings += _lifetime_total_findings(flight, following, parameters, inputs)
        names = [_NAMES.get(kind, kind) for kind in _kinds_of_total_in_both_logs(flight, following)]
        compared.append(f"{', '.join(names)} with those of {following.name}")
    what = "; ".join(compared) or "nothing"
    return CheckResult.from_findings(
        findings,
        f"Compared, and as they must have grown: {what}.",
        f"{pluralised_count(len(findings), 'total')} of the vehicle's life did not grow as "
        f"the log shows; compared: {what}.",
    )


def _totals_by_kind(totals: tuple[LifetimeTotal, ...]) -> Mapping[str, LifetimeTotal]:
    return {each.kind: each for each in totals}


def _kinds_of_total_in_both_logs(flight: Flight, following: LifetimeTotalsOfNextLog) -> list[str]:
    own = _totals_by_kind(flight.logs[following.source_index].lifetime_totals)
    return [each.kind for each in following.totals if each.kind in own]


def _lifetime_total_findings(
    flight: Flight,
    following: LifetimeTotalsOfNextLog,
    parameters: LifetimeTotalsParameters,
    inputs: RuleInputs,
) -> Iterator[Finding]:
    log = flight.logs[following.source_index]
    own, later = _totals_by_kind(log.lifetime_totals), _totals_by_kind(following.totals)
    for kind in _kinds_of_total_in_both_logs(flight, following):
        if later[kind].value < own[kind].value:
            text = (
                f"the {_NAMES.get(kind, kind)} falls from {_lifetime_total_text(own[kind])} to "
                f"{_lifetime_total_text(later[kind])} in the next log, {following.name}"
            )
            yield _lifetime_total_finding(flight, following, own[kind], later[kind], inputs, text)
    flown_s = _time_flown_in_log_s(log)
    boots, flown = "boots", "flight time"
    if flown_s is None or not {boots, flown} <= own.keys() & later.keys():
        return
    added_s = later[flown].value - own[flown].value
    allowed_s = parameters.tolerance_s + parameters.tolerance_share * flown_s
    is_next_boot = later[boots].value == own[boots].value + 1
    if is_next_boot and added_s >= 0 and abs(added_s - flown_s) > allowed_s:
        text = (
            f"the time flown grew by {duration_text(added_s)} until the next boot, in "
            f"{following.name}, and {log.source.name} shows {duration_text(flown_s)} in the air; "
            f"{duration_text(allowed_s)} allowed"
        )
        yield _lifetime_total_finding(flight, following, own[flown], later[flown], inputs, text)


def _lifetime_total_finding(
    flight: Flight,
    following: LifetimeTotalsOfNextLog,
    own: LifetimeTotal,
    later: LifetimeTotal,
    inputs: RuleInputs,
    text: str,
) -> Finding:
    return inputs.finding(
        f"inconsistent total of the vehicle's life: {text}",
        grade="reported",
        evidence=_lifetime_total_evidence(flight, following, own, later),
        start=flight.start,
        subject=own.kind,
    )


def _time_flown_in_log_s(log: Log) -> float | None:
    """Return the time in the air that a log shows; ``None``: it does not show it."""
    if log.airborne is None:
        return None
    return sum((each.end_ns - each.start_ns) / 1e9 for each in log.airborne.spans)


def _lifetime_total_text(total: LifetimeTotal) -> str:
    return f"{total.value:.0f}" if total.kind in ("boots", "flights") else f"{total.value:.0f} s"


def _lifetime_total_evidence(
    flight: Flight, following: LifetimeTotalsOfNextLog, own: LifetimeTotal, later: LifetimeTotal
) -> list[Evidence]:
    """Return the bytes of both logs."""
    return [
        evidence_of_record_in_flight_log(
            flight,
            offset=own.source_offset,
            record=own.record,
            field=own.kind,
            value=_lifetime_total_text(own),
            source_index=following.source_index,
        ),
        Evidence(
            file=following.name,
            sha256=following.sha256,
            offset=later.source_offset,
            record=later.record,
            field=later.kind,
            value=_lifetime_total_text(later),
        ),
    ]


def _availability_of_later_lifetime_totals(
    flight: Flight, _parameters: Any, _context: AuditContext
) -> DataNeedObservation:
    """Return whether a later log of the vehicle states totals that can be compared."""
    subject = "a later log of the same vehicle with totals of its life"
    names = [
        each.name
        for each in flight.following_log_totals
        if _kinds_of_total_in_both_logs(flight, each)
    ]
    if names:
        return DataNeedObservation.for_subject_seen_in_full(subject, *names)
    if not any(log.lifetime_totals for log in flight.logs):
        reason = "No log of the flight states totals of the vehicle's life."
    else:
        reason = "No later log of the same vehicle is among the files."
    return DataNeedObservation.for_subject_not_seen(subject, reason)


def _example_log_with_lifetime_totals(boots: float, flown_s: float) -> dict[str, Any]:
    """Return a log that states its totals and shows a minute in the air."""
    start_ns = pd.Timestamp("2026-05-14T09:00:00Z").value
    span = AirborneSpan(start_ns, start_ns + 60_000_000_000, True, True)
    return {
        "aircraft": Aircraft(serial="A1"),
        "airborne": AirborneTime((span,)),
        "lifetime_totals": (
            LifetimeTotal("boots", boots, "STAT_BOOTCNT", 200),
            LifetimeTotal("flight time", flown_s, "STAT_FLTTIME", 220),
        ),
    }


def _example_flight_with_two_logs(
    outcome: Outcome, description: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> ExampleFlight:
    """Return an example: a log, and another of the same vehicle an hour later."""
    later = FurtherExampleLog("b.bin", track=northbound_example_track(60, 3600), log_fields=second)
    return ExampleFlight(
        outcome, description, northbound_example_track(60), log_fields=first, other_logs=(later,)
    )


_NEEDS = (
    DataNeed(
        "following log",
        _availability_of_later_lifetime_totals,
        words="a later log of the same vehicle that states totals of its life",
    ),
)
_EXAMPLES = (
    _example_flight_with_two_logs(
        Outcome.PASS,
        "a flight of a minute, by which the time flown grew until the next boot",
        _example_log_with_lifetime_totals(41, 5_000.0),
        _example_log_with_lifetime_totals(42, 5_060.0),
    ),
    _example_flight_with_two_logs(
        Outcome.FAIL,
        "a flight of a minute, while the time flown grew by ten minutes until the next boot",
        _example_log_with_lifetime_totals(41, 5_000.0),
        _example_log_with_lifetime_totals(42, 5_600.0),
    ),
    _example_flight_with_two_logs(
        Outcome.FAIL,
        "a number of boots that falls until the next log",
        _example_log_with_lifetime_totals(41, 5_000.0),
        _example_log_with_lifetime_totals(40, 5_060.0),
    ),
    _example_flight_with_two_logs(
        Outcome.PASS,
        "a later log after many other boots",
        _example_log_with_lifetime_totals(41, 5_000.0),
        _example_log_with_lifetime_totals(90, 9_000.0),
    ),
    ExampleFlight(
        Outcome.NOT_ASSESSABLE,
        "a log without a later one of its vehicle",
        northbound_example_track(60),
        log_fields=_example_log_with_lifetime_totals(41, 5_000.0),
    ),
)
RULE = Rule(
    id="lifetime_totals",
    title="The totals of the vehicle's life grow by what its logs show",
    parameters=LifetimeTotalsParameters,
    check=check,
    needs=_NEEDS,
    examples=_EXAMPLES,
    authorisable=False,
    looks_at=(
        "Boots, flights and time flown that the log and the next log of the same vehicle state; "
        "the time in the air."
    ),
    not_assessable=(
        "The log states no totals, or no later log of the same vehicle is among the files."
    ),
)

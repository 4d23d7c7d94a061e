"""A pass needs its ground: without what a rule looks at, its pass is ``not_assessable``.

A property over all rules, from their own examples: whatever a rule says that it needs is taken
away, one need at a time and all at once, and the flight that passed must no longer pass.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    AnyRule,
    ExampleFlight,
    RuleInputs,
    apply_rule_to_flight,
    build_example_flight_and_audit_context,
    rules_by_id,
)
from dji_audit.compliance.rules._shared._flight_evidence import utc_date_of_flight
from dji_audit.flights import Flight, FlightSource

#: Facts that a log states of itself as a whole, whatever the time in the air is.
OF_WHOLE_LOGS = {"record_framing", "record_sequence", "flight_totals"}
#: Fields of the context that the unit supplies.
SUPPLIED = ("inventory", "operations", "zones", "operating_areas", "tracks", "elevation", "today")


def passing_examples() -> list[tuple[AnyRule, ExampleFlight]]:
    return [
        (rule, example)
        for rule in rules_by_id().values()
        for example in rule.examples
        if example.outcome is Outcome.PASS
    ]


def outcome_of(
    rule: AnyRule,
    example: ExampleFlight,
    change_flight: Callable[[Flight], Flight] = lambda flight: flight,
    change_context: Callable[[AuditContext], AuditContext] = lambda context: context,
) -> Outcome:
    flight, context = build_example_flight_and_audit_context(example)
    parameters = rule.parameters.model_validate(dict(example.parameters))
    inputs = RuleInputs(
        rule=rule.id,
        context=change_context(context),
        severity=Severity.MEDIUM,
        day=utc_date_of_flight(flight),
    )
    return apply_rule_to_flight(rule, change_flight(flight), parameters, inputs).outcome


def with_sources(flight: Flight, change: Callable[[FlightSource], FlightSource]) -> Flight:
    return replace(flight, sources=tuple(change(source) for source in flight.sources))


def without_facts(*facts: str) -> Callable[[Flight], Flight]:
    """Return a change after which no log carries some facts, as another kind of log."""

    def change(source: FlightSource) -> FlightSource:
        left = {fact: it for fact, it in source.log.facts.items() if fact not in facts}
        return replace(source, log=replace(source.log, facts=left))

    return lambda flight: with_sources(flight, change)


def not_understood(*facts: str) -> Callable[[Flight], Flight]:
    """Return a change after which what carries some facts is in a language nobody reads."""

    def change(source: FlightSource) -> FlightSource:
        changed = {
            fact: replace(it, not_understood="its texts are in another language.")
            if fact in facts
            else it
            for fact, it in source.log.facts.items()
        }
        return replace(source, log=replace(source.log, facts=changed))

    return lambda flight: with_sources(flight, change)


def with_times(move: Callable[["pd.Series[Any]"], "pd.Series[Any]"]) -> Callable[[Flight], Flight]:
    """Return a change of the times of every log, while the flight keeps its own."""

    def change(source: FlightSource) -> FlightSource:
        track = source.track.assign(time=move(source.track["time"]))
        return replace(
            source,
            track=track,
            start=None,
            end=None,
            log=replace(source.log, events=source.log.events.iloc[:0]),
        )

    return lambda flight: with_sources(flight, change)


def without_bytes(flight: Flight) -> Flight:
    """Return a flight of whose logs nobody knows which bytes were decoded."""
    return with_sources(
        flight, lambda source: replace(source, log=replace(source.log, coverage=()))
    )


def alone(flight: Flight) -> Flight:
    """Return a flight of which only the first log is left."""
    return replace(flight, sources=flight.sources[:1])


def without_log_fields(**empty: Any) -> Callable[[Flight], Flight]:
    """Return a change after which the logs lack some of their fields."""
    return lambda flight: with_sources(
        flight, lambda source: replace(source, log=replace(source.log, **empty))
    )


#: Needs that are neither facts nor supplied -> how to take them away.
OTHER_CHANGES: dict[str, Callable[[Flight], Flight]] = {
    "bytes": without_bytes,
    "other log": alone,
    "received broadcast": alone,
    "compared broadcast": lambda flight: replace(flight, track=flight.track.iloc[:0]),
    "following log": lambda flight: replace(flight, following_log_totals=()),
    "own counts": without_log_fields(logger_counts=()),
    "second clock": without_log_fields(other_clocks=()),
    "second sensor": without_log_fields(sensor_readings=()),
    "the earth": without_log_fields(sensor_readings=()),
    "second serial": without_log_fields(stated_serials=()),
}


def lasting_longer(flight: Flight) -> Flight:
    """Return a flight that lasts an hour longer than its logs."""
    end = flight.landing if flight.landing is not None else flight.end
    assert end is not None
    later = end + pd.Timedelta(hours=1)
    return replace(flight, end=later, landing=later if flight.landing is not None else None)


def thinned(flight: Flight) -> Flight:
    """Return a flight of which one row a minute is left."""
    start = flight.takeoff if flight.takeoff is not None else flight.start
    end = flight.landing if flight.landing is not None else flight.end
    assert start is not None and end is not None
    slow = with_times(lambda times: start + 60 * (times - start))(flight)
    return replace(slow, end=start + 60 * (end - start), landing=None, start=start)


#: What can be done to the logs of a flight so that they no longer show the time in the air.
CHANGES: dict[str, Callable[[Flight], Flight]] = {
    "cut": lasting_longer,
    "shifted": with_times(lambda times: times + pd.Timedelta(days=1)),
    "thinned": thinned,
}


def without(*names: str) -> Callable[[AuditContext], AuditContext]:
    """Return a change after which the unit did not supply some things."""
    changed: dict[str, Any] = {
        name: () if name in ("network", "tracks") else None for name in names
    }
    return lambda context: replace(context, **changed)


def ungrounded_passes(rule: AnyRule, example: ExampleFlight) -> Iterator[str]:
    """Yield what can be taken from a passing example without the pass ending."""
    assert outcome_of(rule, example) is Outcome.PASS
    parameters = rule.parameters.model_validate(dict(example.parameters))
    for need in rule.data_needs_for_parameters(parameters):
        alternatives = [name for name in need.name.split(" or ") if name in parsers.FACTS]
        unsupplied = without(need.name) if need.name in SUPPLIED else None
        if unsupplied and outcome_of(rule, example, change_context=unsupplied) is Outcome.PASS:
            yield f"{need.name} was not supplied"
        # What a log does not state the unit may have supplied.
        names = need.name.split(" or ")
        bare_context = without(*(name for name in names if name in SUPPLIED))
        change = next((OTHER_CHANGES[name] for name in names if name in OTHER_CHANGES), None)
        if change and outcome_of(rule, example, change, bare_context) is Outcome.PASS:
            yield f"{need.name} was taken away"
        if alternatives:
            # What a log does not state the unit may have supplied.
            bare_context = without(*(it for it in need.name.split(" or ") if it in SUPPLIED))
            in_time = {} if OF_WHOLE_LOGS.issuperset(alternatives) else CHANGES
            for words, change_flight in {
                "not carried": without_facts(*alternatives),
                "not understood": not_understood(*alternatives),
                **in_time,
            }.items():
                if outcome_of(rule, example, change_flight, bare_context) is Outcome.PASS:
                    yield f"{need.name}: {words}"

    def bare(flight: Flight) -> Flight:
        # All but the track itself, without which rules stop before they look at anything.
        flight = without_facts(*parsers.FACTS)(flight)
        for name, change in OTHER_CHANGES.items():
            flight = flight if name == "compared broadcast" else change(flight)
        return flight

    if outcome_of(rule, example, bare, without(*SUPPLIED, "network")) is Outcome.PASS:
        yield "nothing was looked at"


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        pytest.param(rule, example, id=f"{rule.id}-{number}")
        for number, (rule, example) in enumerate(passing_examples())
    ],
)
def test_a_pass_needs_its_ground(rule: AnyRule, example: ExampleFlight) -> None:
    assert list(ungrounded_passes(rule, example)) == []


def test_every_rule_has_an_example_that_passes_or_never_passes() -> None:
    passing = {rule.id for rule, _ in passing_examples()}
    assert set(rules_by_id()) - passing == set()


@pytest.mark.parametrize("name", ["geofence_event", "occurrence", "distance_limit"])
def test_the_property_notices_a_rule_without_ground(name: str) -> None:
    rule = replace(rules_by_id()[name], needs=lambda _parameters: ())
    example = next(each for each in rule.examples if each.outcome is Outcome.PASS)
    assert "nothing was looked at" in list(ungrounded_passes(rule, example))


def test_every_need_has_a_name_that_the_property_knows() -> None:
    known = {*parsers.FACTS, *SUPPLIED, "network", *OTHER_CHANGES}
    for rule in rules_by_id().values():
        for need in rule.data_needs_for_parameters(rule.parameters()):
            assert set(need.name.split(" or ")) <= known, rule.id

"""What came of the rules on each flight of a run, kept beside its rows or made from them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from dji_audit.compliance.findings import DATE_NOT_KNOWN
from dji_audit.compliance.outcomes import Outcome
from dji_audit.report.rows import (
    FlightRow,
    FlightRuleOutcomes,
    RuleResultRow,
    RunContents,
    UnmetNeedRow,
)

#: What a unit can do where a log states local times without their zone.
_NAME_ZONE = "Name the zone of the clock with --camera-timezone, such as Europe/London."
_ZONE_NOT_STATED = "The date of a flight is not known, because its log states no time zone."


def rule_outcomes_of_flight(
    flight: FlightRow, results: Iterable[RuleResultRow]
) -> FlightRuleOutcomes:
    """Return what came of the rules on a flight.

    Args:
        flight: Its row.
        results: The results of all rules on it, in the order of the policy.
    """
    rules: dict[Outcome, list[str]] = defaultdict(list)
    reasons: dict[str, str] = {}
    unmet: list[UnmetNeedRow] = []
    lacks_zone = flight.start is None and flight.local_start is not None
    for result in results:
        rules[result.outcome].append(result.rule)
        if result.outcome is Outcome.NOT_ASSESSABLE:
            reasons[result.rule] = result.reason
            unmet += (
                UnmetNeedRow(rule=result.rule, remedy=it.remedy, reason=it.reason)
                for it in result.observations
                if not it.is_met and it.remedy
            )
            if result.reason == DATE_NOT_KNOWN and lacks_zone:
                unmet.append(
                    UnmetNeedRow(rule=result.rule, remedy=_NAME_ZONE, reason=_ZONE_NOT_STATED)
                )
    return FlightRuleOutcomes(
        id=flight.id,
        verdict=flight.verdict,
        simulated=flight.simulated,
        page=flight.page,
        files=tuple(source.file for source in flight.sources),
        outcomes=dict(flight.outcomes),
        rules_by_outcome={outcome: tuple(own) for outcome, own in rules.items()},
        not_assessable_reasons=reasons,
        unmet_needs=tuple(unmet),
    )


def rule_outcomes_of_flights(contents: RunContents) -> Sequence[FlightRuleOutcomes]:
    """Return what came of the rules on each flight of a run, in their order.

    Where they are not kept they are made from the rows, all of which are then in memory.
    """
    if len(contents.rule_outcomes) == len(contents.flights):
        return contents.rule_outcomes
    results: dict[str, list[RuleResultRow]] = defaultdict(list)
    for result in contents.results:
        results[result.flight].append(result)
    return [rule_outcomes_of_flight(flight, results[flight.id]) for flight in contents.flights]

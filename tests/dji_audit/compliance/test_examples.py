"""Every rule shows by its own examples what passes, what fails and what cannot be assessed."""

import datetime as dt

import pytest

from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import PolicyEntry, PolicyParameterValueAndSource
from dji_audit.compliance.rules import (
    AnyRule,
    ExampleFlight,
    build_example_flight_and_audit_context,
    rules_by_id,
)

RULES = rules_by_id()
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.description}")
    for rule in RULES.values()
    for example in rule.examples
]


def entry(rule: AnyRule, example: ExampleFlight, **more: object) -> PolicyEntry:
    parameters = {
        name: PolicyParameterValueAndSource(value=value, source="x")
        for name, value in example.parameters.items()
    }
    return PolicyEntry.model_validate(
        {
            "id": rule.id, "rule": rule.id, "status": "engineering", "citation": "x",
            "parameters": parameters, **more,
        }
    )  # fmt: skip


def result_of(rule: AnyRule, example: ExampleFlight, **more: object) -> RuleResult:
    flight, case = build_example_flight_and_audit_context(example)
    return apply_policy_entry_to_flight(flight, entry(rule, example, **more), case)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_each_example_comes_to_what_it_says(rule: AnyRule, example: ExampleFlight) -> None:
    result = result_of(rule, example)
    assert result.outcome is example.outcome, result.reason
    assert result.reason
    if result.outcome is Outcome.FAIL:
        assert result.findings
    for finding in result.findings:
        assert finding.evidence
        assert finding.summary


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_each_rule_has_an_example_that_passes_one_that_fails_and_one_not_assessable(
    rule: AnyRule,
) -> None:
    shown = {example.outcome for example in rule.examples}
    assert {Outcome.PASS, Outcome.FAIL, Outcome.NOT_ASSESSABLE} <= shown


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_flight_before_a_rule_was_in_force_is_not_held_to_it(rule: AnyRule) -> None:
    for example in rule.examples:
        result = result_of(rule, example, valid_from=dt.date(2090, 1, 1))
        wanted = Outcome.NOT_APPLICABLE if example.track else Outcome.NOT_ASSESSABLE
        assert result.outcome is wanted
        assert result.findings == ()

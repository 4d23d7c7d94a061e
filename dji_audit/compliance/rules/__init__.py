"""Compliance rules.

Every public module of this package is one rule.  To add a rule, add a module
that defines ``RULE`` and list the rule in a policy pack; nothing else changes.
"""

import importlib
import pkgutil
from functools import cache

from dji_audit.compliance.policy import Parameters
from dji_audit.compliance.rules._shared._example_flights import (
    ExampleFlight,
    build_example_flight_and_audit_context,
)
from dji_audit.compliance.rules._shared._flight_evidence import utc_date_of_flight
from dji_audit.compliance.rules._shared._rule import (
    AnyRule,
    CheckResult,
    Rule,
    RuleInputs,
    apply_rule_to_example,
    apply_rule_to_flight,
)

__all__ = [
    "AnyRule",
    "CheckResult",
    "ExampleFlight",
    "Parameters",
    "Rule",
    "RuleInputs",
    "apply_rule_to_example",
    "apply_rule_to_flight",
    "build_example_flight_and_audit_context",
    "rule_description",
    "rules_by_id",
    "utc_date_of_flight",
]


@cache
def rules_by_id() -> dict[str, AnyRule]:
    """Return every rule by its id: the ``RULE`` of each public module of this package."""
    names = sorted(
        module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"
    )
    all_rules = [importlib.import_module(f"{__name__}.{name}").RULE for name in names]
    return {rule.id: rule for rule in all_rules}


def rule_description(rule: AnyRule) -> str:
    """Return what the module of a rule says of it: its limits, and what it does not show."""
    return (importlib.import_module(f"{__name__}.{rule.id}").__doc__ or "").strip()

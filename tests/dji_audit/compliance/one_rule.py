"""One rule of the packs that ship by itself, with some keys of its entry changed; small tracks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import parsers
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome
from dji_audit.compliance.policy import (
    PolicyEntry,
    PolicyParameterValueAndSource,
    load_policy,
    shipped_pack_names,
)
from dji_audit.compliance.rules import (
    CheckResult,
    ExampleFlight,
    apply_rule_to_example,
    rules_by_id,
)
from dji_audit.flights import assemble_flights

#: One degree of longitude on the equator.
DEGREE_M = 111_319.4908


def policy_entry_of(rule: str) -> PolicyEntry:
    """Return the entry of a rule in the default pack, or else in the first pack that has one."""
    default = load_policy().rules
    if rule in default:
        return default[rule]
    return next(
        entry
        for name in shipped_pack_names()
        for entry in load_policy(name).rules.values()
        if entry.rule == rule
    )


def apply_rule(
    log: parsers.Log, rule: str, context: AuditContext | None = None, **changes: Any
) -> RuleResult:
    """Return the result of a rule, whose entry is changed, on the first flight of a log."""
    policy = load_policy()
    if "parameters" in changes:
        given = changes["parameters"].items()
        changes["parameters"] = {
            name: PolicyParameterValueAndSource(value=value, source="x") for name, value in given
        }
    entry = policy_entry_of(rule).model_copy(update={"id": rule, **changes})
    only = replace(policy, rules={rule: entry})
    (result,) = audit_flight(assemble_flights(log)[0], only, context or AuditContext()).results
    assert result.reason
    return result


def result_on_track(rule: str, track: Mapping[str, Sequence[Any]], **fields: Any) -> CheckResult:
    """Return what a rule says of a made-up flight; ``fields`` are those of ``ExampleFlight``."""
    return apply_rule_to_example(
        rules_by_id()[rule], ExampleFlight(Outcome.PASS, "", track, **fields)
    )


def hover(heights: Sequence[float], **more: Any) -> dict[str, Any]:
    """Return a track of one fix a second at these heights, over one place."""
    rows = len(heights)
    return {
        "height_ato_m": heights,
        "latitude_deg": [0.0] * rows,
        "longitude_deg": [0.0] * rows,
    } | more


def east(*metres: float | None) -> dict[str, list[Any]]:
    """Return a track along the equator at distances from longitude 0, one fix per second."""
    return {
        "latitude_deg": [None if each is None else 0.0 for each in metres],
        "longitude_deg": [None if each is None else each / DEGREE_M for each in metres],
    }


def flown(last: float) -> list[dict[str, Any]]:
    """Return a take-off at once and a landing at the last second."""
    return [
        {"time": 0, "kind": "takeoff", "text": "took off"},
        {"time": last, "kind": "landing", "text": "landed"},
    ]

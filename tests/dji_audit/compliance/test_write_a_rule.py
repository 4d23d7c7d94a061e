"""docs/write-a-rule.md is followed to the letter: its rule is found, and its examples hold."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dji_audit.compliance import rules as package
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import parse_policy
from dji_audit.compliance.rules import (
    AnyRule,
    apply_rule_to_example,
    build_example_flight_and_audit_context,
    rules_by_id,
)
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "write-a-rule.md").read_text("utf-8")
HEAD = '[pack]\nname = "unit"\nversion = "1"\ntitle = "A unit"\n\n'


def block(language: str) -> str:
    """Return the only block of code in a language."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return str(code)


@pytest.fixture
def rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AnyRule]:
    """Put the module of the page beside the rules that ship, and find it by its name."""
    code = block("python")
    name = code.splitlines()[0].removeprefix("# dji_audit/compliance/rules/")
    (tmp_path / name).write_text(code)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    rules_by_id.cache_clear()
    importlib.invalidate_caches()
    yield rules_by_id()[name.removesuffix(".py")]
    rules_by_id.cache_clear()
    sys.modules.pop(f"{package.__name__}.{name.removesuffix('.py')}")


def test_the_examples_of_the_page_hold(rule: AnyRule) -> None:
    outcomes = []
    for example in rule.examples:
        result = apply_rule_to_example(rule, example)
        assert result.outcome is example.outcome, result.reason
        assert all(part.offset for finding in result.findings for part in finding.evidence)
        outcomes.append(example.outcome)
    assert set(outcomes) == {Outcome.PASS, Outcome.FAIL, Outcome.NOT_ASSESSABLE}


def test_the_entry_of_the_page_applies_the_rule(rule: AnyRule) -> None:
    policy = parse_policy((HEAD + block("toml")).encode(), "unit.toml")
    flight, _ = build_example_flight_and_audit_context(rule.examples[0])
    result = apply_policy_entry_to_flight(flight, policy.rules[rule.id], AuditContext())
    assert result.outcome is Outcome.FAIL
    assert result.reason == "The speed was above the limit of 15 m/s."
    (finding,) = result.findings
    assert (finding.rule, finding.severity) == ("speed_limit", Severity.LOW)
    assert (finding.evidence[0].record, finding.evidence[0].value) == ("track", "20")
    assert result.status == "local_policy (unverified)"

"""The page on severity and the packs say the same."""

import re

import pytest

from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy, shipped_pack_names
from tests.conftest import ROOT

#: Id of an entry, its severity, what other packs state.
ROW = re.compile(r"\| `(\w+)` \| (\w+) \|.*\|(.*)\|$", re.MULTILINE)
OTHER = re.compile(r"`([\w-]+)`: (\w+)")


def stated() -> dict[str, tuple[str, dict[str, str]]]:
    """Return the table of the page: entry -> severity, and pack -> its own severity."""
    text = (ROOT / "docs" / "severity.md").read_text("utf-8")
    return {entry: (level, dict(OTHER.findall(other))) for entry, level, other in ROW.findall(text)}


@pytest.mark.parametrize("name", shipped_pack_names())
def test_every_rule_of_a_pack_has_the_severity_that_the_page_defines(name: str) -> None:
    policy, table = load_policy(name), stated()
    for entry in policy.rules.values():
        level, others = table[entry.id]
        for pack in policy.chain:
            level = others.get(pack.name, level)
        assert entry.severity.value == level, entry.id


def test_the_page_names_no_rule_that_no_pack_has() -> None:
    entries = {entry for name in shipped_pack_names() for entry in load_policy(name).rules}
    assert set(stated()) == entries


def test_the_page_defines_every_severity_and_no_other() -> None:
    text = (ROOT / "docs" / "severity.md").read_text("utf-8")
    defined = re.findall(r"^\| (\w+) \| \*\*", text, re.MULTILINE)
    assert defined == [level.value for level in reversed(Severity)]

"""Two audits of the same flights: what came out differently, and what explains it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dji_audit.report.compare_reports import UnreadableReportError, compare_reports, read_report
from tests.dji_audit.cli.conftest import Invoke

POLICY = """
[pack]
name = "unit"
version = "{version}"
title = "A unit"

[[rule]]
id = "height_limit"
status = "local_policy"
citation = "Order 4."
parameters = {{ limit_m = {limit} }}

[[rule]]
id = "{other}"
status = "local_policy"
citation = "Order 5."
"""

Audit = Callable[..., Path]


@pytest.fixture
def audit(invoke: Invoke, whole: Path, tmp_path: Path) -> Audit:
    """Return a maker of reports of one flight under a policy."""
    made: list[Path] = []

    def of(limit: float = 120.0, other: str = "geofence_event", *more: object) -> Path:
        number = len(made)
        policy = tmp_path / f"{number}.toml"
        policy.write_text(POLICY.format(version=limit, limit=limit, other=other))
        done = invoke("audit", whole, "--policy", policy, "--format", "json", "--jobs", 1, *more)
        path = tmp_path / f"{number}.json"
        path.write_text(done.stdout)
        made.append(path)
        return path

    return of


def changed(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    document = json.loads(path.read_text())
    change(document)
    other = path.with_suffix(".changed.json")
    other.write_text(json.dumps(document))
    return other


def test_a_report_does_not_differ_from_itself(invoke: Invoke, audit: Audit) -> None:
    path = audit()
    done = invoke("diff", path, path)
    assert done.exit_code == 0
    assert done.stderr.strip() == "The same results for the 1 flights that are in both."


def test_another_number_explains_another_outcome(invoke: Invoke, audit: Audit) -> None:
    before, after = audit(120.0), audit(140.0)
    done = invoke("diff", before, after)
    assert done.exit_code == 1
    assert "policy unit 120.0 (" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "height_limit  fail" in line]
    assert line.split()[2:4] == ["fail", "pass"]
    assert line.endswith("limit_m 120.0 → 140.0")
    assert "height_limit: 131.2 m above take-off, 11.2 m over 120 m" in done.stdout
    (change,) = json.loads(invoke("diff", before, after, "--format", "json").stdout)["changes"]
    assert (change["before"], change["after"], change["new"]) == ("fail", "pass", [])


def test_a_rule_that_one_policy_leaves_out_is_named(audit: Audit) -> None:
    found = compare_reports(read_report(audit()), read_report(audit(120.0, "log_integrity")))
    told = {change.rule: (change.before, change.after, change.why) for change in found.changes}
    assert told["geofence_event"][1] is None
    assert told["log_integrity"] == (None, "pass", ("only the second policy applies it",))


def test_an_authorisation_explains_an_authorised_failure(audit: Audit, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed.csv"
    allowed.write_text(
        "reference,by,reason,rules,start,end\n"
        "A-1,Insp A,training,height_limit,2026-05-14T09:00:00Z,2026-05-14T10:00:00Z\n"
    )
    before = read_report(audit())
    after = read_report(audit(120.0, "geofence_event", "--authorisations", allowed))
    (change,) = compare_reports(before, after).changes
    assert (change.before, change.after) == ("fail", "fail_authorised")
    assert len(change.why) == 1
    assert change.why[0].startswith("authorisation list none → allowed.csv (")


def test_rules_as_of_another_day_explain_a_change(audit: Audit) -> None:
    before = read_report(audit())
    after = read_report(audit(120.0, "geofence_event", "--as-of", "2019-01-01"))
    found = compare_reports(before, after)
    assert found.runs == ("rules as of each flight's day → 2019-01-01",)
    assert found.is_empty


def test_another_version_of_the_tool_explains_what_nothing_else_does(audit: Audit) -> None:
    path = audit()

    def newer(document: dict[str, Any]) -> None:
        document["tool"]["version"] = "9.9"
        document["results"][0]["outcome"] = "pass"
        document["findings"] = []

    found = compare_reports(read_report(path), read_report(changed(path, newer)))
    first = found.changes[0]
    assert first.why[0].startswith("dji-audit 0.")
    assert first.why[0].endswith("→ 9.9")
    assert first.gone


def test_a_change_that_nothing_explains_says_so(audit: Audit) -> None:
    path = audit()

    def forged(document: dict[str, Any]) -> None:
        document["results"][0]["outcome"] = "pass"

    (change,) = compare_reports(read_report(path), read_report(changed(path, forged))).changes
    assert change.why == ("nothing that the reports state",)


def test_a_flight_that_is_in_one_report_only_is_listed(audit: Audit) -> None:
    path = audit()

    def emptied(document: dict[str, Any]) -> None:
        document["flights"] = document["results"] = document["findings"] = []

    found = compare_reports(read_report(path), read_report(changed(path, emptied)))
    assert len(found.only_before) == 1
    assert found.only_after == ()
    assert not found.is_empty


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no json", "no report of dji-audit: Invalid JSON"),
        ("{}", "no report of dji-audit: schema: must be given"),
    ],
)
def test_what_is_no_report_is_refused(invoke: Invoke, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    done = invoke("diff", path, path)
    assert done.exit_code == 2
    assert told in done.stderr
    with pytest.raises(UnreadableReportError, match=r"gone\.json: no such file"):
        read_report(tmp_path / "gone.json")


def test_a_report_of_another_form_is_refused(audit: Audit) -> None:
    path = changed(audit(), lambda document: document.update(schema="dji-audit/report/2"))
    with pytest.raises(UnreadableReportError, match="its form is 'dji-audit/report/2'"):
        read_report(path)

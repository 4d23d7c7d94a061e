"""The rule book on the terminal, and an audit with what a unit brings along."""

import json
from pathlib import Path

import pytest

from dji_audit.compliance.policy import shipped_pack_names
from tests.dji_audit.cli.conftest import Invoke

UNIT = """
[pack]
name = "unit"
version = "3"
title = "A unit"
extends = "uk-police-npcc"

[[rule]]
id = "height_unit"
rule = "height_limit"
status = "local_policy"
citation = "Order 4."
parameters = { limit_m = 60.0 }
"""
INVENTORY = "serial,retention_days\nSYNTHETIC0000001,31\n"
AUTHORISATIONS = (
    "reference,by,reason,rules,start,end\n"
    "A-1,Insp A,training,height_limit,2026-05-14T09:00:00Z,2026-05-14T10:00:00Z\n"
)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    path = tmp_path / "unit.toml"
    path.write_text(UNIT)
    return path


def test_rules_list_names_each_entry_with_its_status(invoke: Invoke, unit: Path) -> None:
    listed = invoke("rules", "list", "--policy", unit)
    assert listed.exit_code == 0
    lines = {line.split()[0]: line for line in listed.stdout.splitlines()}
    assert lines["height_unit"].split()[1:5] == ["height_limit", "local", "policy", "(unverified)"]
    assert "local policy" in lines["height_limit"]
    assert "common" in listed.stderr
    document = json.loads(invoke("rules", "list", "--policy", unit, "--format", "json").stdout)
    assert [pack["name"] for pack in document["packs"]][-1] == "unit"
    assert {entry["id"] for entry in document["rules"]} >= {"height_limit", "height_unit"}


def test_rules_explain_prints_parameters_with_their_source(invoke: Invoke, unit: Path) -> None:
    told = invoke("rules", "explain", "height_unit", "--policy", unit).stdout
    for text in (
        "limit_m = 60.0",
        "Source: Order 4.",
        "Source: default of dji-audit",
        "Not assessable when:",
        "Citation: Order 4.",
        "local policy (unverified)",
        "a climb to 131 m: fail",
    ):
        assert text in told


def test_rules_explain_knows_a_rule_that_the_policy_leaves_out(invoke: Invoke) -> None:
    told = invoke("rules", "explain", "remote_id", "--policy", "common")
    assert told.exit_code == 0
    assert "The policy common does not apply it." in told.stdout
    unknown = invoke("rules", "explain", "remote", "--policy", "common")
    assert unknown.exit_code == 2
    assert "no rule 'remote'; the rules are " in unknown.stderr


@pytest.mark.parametrize("pack", shipped_pack_names())
def test_every_pack_that_ships_is_sound(invoke: Invoke, pack: str) -> None:
    done = invoke("rules", "test", pack)
    assert done.exit_code == 0, done.stdout
    assert "all as stated" in done.stderr


def test_a_pack_that_is_not_sound_is_named_with_its_fault(invoke: Invoke, unit: Path) -> None:
    unit.write_text(UNIT.replace("limit_m", "limit"))
    done = invoke("rules", "test", unit)
    assert done.exit_code == 2
    assert "did you mean limit_m?" in done.stderr


def test_the_schema_of_packs_is_printed(invoke: Invoke) -> None:
    assert json.loads(invoke("schema", "pack").stdout)["$id"] == "dji-audit/pack/1"


def test_an_authorised_exceedance_is_listed_and_does_not_fail_the_run(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    allowed = tmp_path / "allowed.csv"
    allowed.write_text(AUTHORISATIONS)
    policy = tmp_path / "height.toml"
    policy.write_text(
        '[pack]\nname = "h"\nversion = "1"\ntitle = "h"\n[[rule]]\nid = "height_limit"\n'
        'status = "sector_guidance"\ncitation = "x"\n'
    )
    options = ("audit", whole, "--policy", policy, "--jobs", 1)
    assert invoke(*options).exit_code == 1
    done = invoke(*options, "--authorisations", allowed, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "Findings that no longer count: 1 authorised." in " ".join(done.stdout.split())
    done = invoke(*options, "--authorisations", allowed, "--all")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("height_limit")]
    cells = ["height_limit", "sector", "guidance", "(unverified)", "-", "1", "-", "-"]
    assert line.split() == cells
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    (finding,) = report["findings"]
    assert finding["authorisation"]["references"] == ["A-1"]
    assert [result["outcome"] for result in report["results"]] == ["fail_authorised"]
    assert report["run"]["context_files"][0]["name"] == "allowed.csv"
    (page,) = (tmp_path / "out" / "flights").iterdir()
    assert 'class="card fail_authorised medium"' in page.read_text("utf-8")


def test_what_a_unit_brings_is_no_evidence_though_it_lies_beside_it(
    invoke: Invoke, whole: Path, tmp_path: Path
) -> None:
    inventory = tmp_path / "inventory.csv"
    inventory.write_text(INVENTORY)
    (tmp_path / "log.txt").write_bytes(whole.read_bytes())
    done = invoke(
        "audit", tmp_path, "--inventory", inventory, "--now", "2026-07-01T00:00Z",
        "--format", "json", "--jobs", 1,
    )  # fmt: skip
    report = json.loads(done.stdout)
    rows = {row["name"]: (row["status"], row["reason"]) for row in report["inputs"]}
    assert rows["inventory.csv"] == ("no_evidence", "inventory")
    overdue = [row for row in report["results"] if row["rule"] == "retention_overdue"]
    assert [row["outcome"] for row in overdue] == ["fail"]


def test_rules_as_of_a_day_are_held_to_that_day_and_said_so(invoke: Invoke, whole: Path) -> None:
    def outcomes(*more: str) -> dict[str, str]:
        report = json.loads(invoke("audit", whole, "--format", "json", *more).stdout)
        assert report["run"]["as_of"] == (more[1] if more else None)
        return {row["rule"]: row["outcome"] for row in report["results"]}

    usual = outcomes()
    assert usual["height_limit"] == "fail"
    # What the rules of single logs look at comes through a run, in which records do not.
    for rule in ("record_chain", "clock_jump", "header_mismatch", "track_gap", "spoofing_signs"):
        assert usual[rule] == "pass", rule
    assert outcomes("--as-of", "2019-01-01")["height_limit"] == "not_applicable"
    said = invoke("audit", whole, "--as-of", "2019-01-01").stdout
    assert "RULES    as of 2019-01-01, not of each flight's own date" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--as-of", "yesterday"), "--as-of yesterday is not a date; use YYYY-MM-DD"),
        (("--inventory", "gone.csv"), "gone.csv: no such file"),
    ],
)
def test_what_cannot_be_used_is_an_error_of_use(
    invoke: Invoke, whole: Path, options: tuple[str, str], told: str
) -> None:
    for command in (("audit", whole), ("map", whole, "--out", "x.html")):
        done = invoke(*command, *options)
        assert done.exit_code == 2
        assert told in done.stderr


SOURCED = """
[pack]
name = "unit"
version = "3"
title = "A unit"

[[rule]]
id = "height_limit"
status = "statute"
verified = true
citation = "A law."
sources = [
  { instrument = "A law", kind = "instrument", paragraph = "art. 4", read = 2026-11-30 },
]

[[rule]]
id = "track_gap"
status = "engineering"
citation = "A gap shows nothing."
"""


def test_check_sources_says_what_to_read_and_when(invoke: Invoke, tmp_path: Path) -> None:
    pack = tmp_path / "unit.toml"
    pack.write_text(SOURCED)
    fresh = invoke("rules", "check-sources", pack, "--as-of", "2026-12-01")
    assert fresh.exit_code == 0
    assert "sources to be read: 0 of 1" in fresh.stdout
    assert "rules of law or guidance: 1, of which verified: 1" in fresh.stdout
    assert "need no text (engineering, or a decision of the unit): 1" in fresh.stdout
    aged = invoke("rules", "check-sources", pack, "--as-of", "2027-11-30", "--format", "json")
    assert aged.exit_code == 1
    (row,) = json.loads(aged.stdout)["sources"]
    assert row["rule"] == "height_limit"
    assert row["paragraph"] == "art. 4"
    assert row["age_days"] == 365
    assert row["to_do"] == "read it again: it was read 365 days before"


def test_check_sources_names_a_law_without_any_text(invoke: Invoke, tmp_path: Path) -> None:
    pack = tmp_path / "unit.toml"
    text = SOURCED.replace("verified = true\n", "")
    pack.write_text(text[: text.index("sources")] + text[text.index('[[rule]]\nid = "track') :])
    result = invoke("rules", "check-sources", pack, "--format", "json")
    assert result.exit_code == 1
    (row,) = json.loads(result.stdout)["sources"]
    assert row["to_do"] == "name the text that it rests on, and read it"
    assert "READ" in invoke("rules", "check-sources").stdout


def test_check_sources_prints_rule_citation_kind_day_age_and_what_to_do(
    invoke: Invoke, tmp_path: Path
) -> None:
    pack = tmp_path / "unit.toml"
    pack.write_text(SOURCED)
    lines = invoke("rules", "check-sources", pack, "--as-of", "2026-12-01").stdout.splitlines()
    begin = lines.index("height_limit: statute, verified")
    assert lines[begin + 1].strip()
    assert lines[begin + 2].split() == ["instrument", "2026-11-30", "1", "-"]
    assert "art. 4" in lines[begin + 3]


@pytest.mark.parametrize(("pack", "columns"), [("us-federal", 80), ("uk-open", 120)])
def test_check_sources_fits_the_terminal(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, pack: str, columns: int
) -> None:
    monkeypatch.setattr("dji_audit.cli.rules._commands.terminal_width_or_none", lambda: columns)
    printed = invoke("rules", "check-sources", pack, "--as-of", "2026-12-01").stdout
    wide = [line for line in printed.splitlines() if len(line) > columns]
    assert wide == []
    assert "…" not in printed

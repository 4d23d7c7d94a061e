"""Every command of the guide of the unit lead and of the page on the survey is run as it stands."""

import csv
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dji_audit.cli._app import app
from tests.dji_audit.fleet.survey.synthetic_returns import survey_of_2022

DOCS = Path(__file__).parent.parent / "docs"
LOG = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
_EXIT_CODE = re.compile(r"#\s*exits with (\d+)\s*$")


def commands_of(page: str) -> Iterator[tuple[str, int]]:
    """Yield each command of a page with the exit code that the page states, or 0."""
    text = (DOCS / page).read_text("utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            stated = _EXIT_CODE.search(line)
            yield line.partition(" #")[0].strip(), int(stated[1]) if stated else 0


def acknowledge_findings(findings: Path, acknowledged: Path) -> int:
    """Write the row of a person for each finding; return how many there are."""
    rows = list(csv.DictReader(findings.read_text("utf-8").splitlines()))
    with acknowledged.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("fingerprint", "severity", "peak", "by", "day", "reason"))
        for row in rows:
            fingerprint = row["fingerprint"].removeprefix("'")
            by = ("Insp 12", "2026-05-20", "pilot briefed")
            writer.writerow((fingerprint, row["severity"], row["peak"], *by))
    return len(rows)


def test_the_month_of_a_unit_lead(
    sample_logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (tmp_path / "cards").mkdir()
    shutil.copy(sample_logs / LOG, tmp_path / "cards")
    (tmp_path / "returns").mkdir()
    for name, text in survey_of_2022():
        (tmp_path / "returns" / name).write_text(text)
    ran = []
    for command, exit_code in commands_of("unit-lead.md"):
        if "--acknowledged" in command:
            assert acknowledge_findings(tmp_path / "findings.csv", tmp_path / "acknowledged.csv")
        words = shlex.split(command)
        assert words[0] == "dji-audit"
        result = CliRunner().invoke(app, words[1:], catch_exceptions=False)
        assert (command, result.exit_code) == (command, exit_code), result.output
        ran.append(command)
    subjects = (
        "scan", "audit", "findings", "page", "--acknowledged", "monthly", "survey build",
        "survey combine",
    )  # fmt: skip
    assert [it for it in subjects if not any(it in command for command in ran)] == []
    for name in ("fleet.html", "results/index.html", "month.pdf", "return/return.pdf"):
        assert (tmp_path / name).stat().st_size
    observed = json.loads((tmp_path / "return" / "return.json").read_text("utf-8"))["observed"]
    assert [it["serial"] for it in observed["aircraft"]] == ["SYNTHETIC0000001"]
    national = json.loads((tmp_path / "national" / "national.json").read_text("utf-8"))
    assert len(national["not_replied"]) == 8
    # The page on the survey begins where this one ends: the state is there.
    (tmp_path / "survey.toml").unlink()
    for command, exit_code in commands_of("survey.md"):
        result = CliRunner().invoke(app, shlex.split(command)[1:], catch_exceptions=False)
        assert (command, result.exit_code) == (command, exit_code), result.output


def test_the_guide_states_commands_and_codes() -> None:
    commands = list(commands_of("unit-lead.md"))
    assert len(commands) >= 12
    assert all(command.startswith("dji-audit ") for command, _ in commands)
    assert {code for _, code in commands} == {0, 1, 4}

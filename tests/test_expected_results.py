"""What the synthetic logs give stays as it is, unless somebody means to change it.

The reports of the demo and of the flight that eight formats recorded lie in
``tests/expected``.  A change of results shows there, line by line, and belongs into the
CHANGELOG.  To accept it: ``make expected``.
"""

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dji_audit.cli._app import app
from tests.conftest import ROOT

EXPECTED = ROOT / "tests" / "expected"
RUNS = {
    "demo": ["demo", "{out}"],
    "joined": ["audit", str(ROOT / "sample_logs" / "case"), "--out", "{out}", "--jobs", "1"],
}
#: Keys that differ between computers or versions, and are no result.
NO_RESULT = {"tool", "generated"}
#: Files that make the logs, and texts about them: their bytes are no result.
NO_LOG = (".py", ".pyc", ".md")


def results(name: str, out: Path) -> Any:
    """Return the report of a run, without what is no result."""
    command = [part.format(out=out) for part in RUNS[name]]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code in (0, 1, 4), ended.output
    report = json.loads((out / "report.json").read_text("utf-8"))
    inputs = [row for row in report["inputs"] if not row["name"].endswith(NO_LOG)]
    # Python may have compiled those that make the logs.
    report["verdict"]["files_by_status"]["no_evidence"] -= len(report["inputs"]) - len(inputs)
    report["inputs"] = inputs
    return {key: value for key, value in report.items() if key not in NO_RESULT}


def differences(expected: Any, given: Any, path: str = "") -> Iterator[str]:
    """Yield where two documents differ; floats may do so in their last digits."""
    if isinstance(expected, dict) and isinstance(given, dict):
        for key in sorted(expected.keys() | given.keys()):
            if key not in expected or key not in given:
                yield f"{path}/{key}: only in {'what came' if key in given else 'the expected'}"
            else:
                yield from differences(expected[key], given[key], f"{path}/{key}")
    elif isinstance(expected, list) and isinstance(given, list):
        if len(expected) != len(given):
            yield f"{path}: {len(expected)} rows expected, {len(given)} came"
        for number, (one, other) in enumerate(zip(expected, given, strict=False)):
            yield from differences(one, other, f"{path}/{number}")
    elif isinstance(expected, float) and isinstance(given, int | float):
        if not math.isclose(expected, given, rel_tol=1e-7, abs_tol=1e-7):
            yield f"{path}: {expected} expected, {given} came"
    elif expected != given:
        yield f"{path}: {expected!r} expected, {given!r} came"


@pytest.mark.parametrize("name", RUNS)
def test_the_results_of_the_synthetic_logs_are_the_expected_ones(name: str, tmp_path: Path) -> None:
    given = results(name, tmp_path / "out")
    stored = EXPECTED / f"{name}.json"
    if os.environ.get("ACCEPT_RESULTS") == "1":
        text = json.dumps(given, indent=1, sort_keys=True, ensure_ascii=False)
        stored.write_text(text + "\n", "utf-8")
    found = list(differences(json.loads(stored.read_text("utf-8")), given))
    assert not found, "\n".join([f"{len(found)} values differ", *found[:25]])


def test_a_changed_value_a_missing_row_and_a_new_key_are_noticed() -> None:
    before = {"flights": [{"height_m": 120.0, "id": "a"}, {"height_m": 1.0, "id": "b"}]}
    after = {"flights": [{"height_m": 120.1, "id": "a", "new": 1}]}
    assert list(differences(before, before)) == []
    assert len(list(differences(before, after))) == 3

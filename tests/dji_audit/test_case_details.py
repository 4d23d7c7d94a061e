"""What a person states of the case stands on every page and in the report."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dji_audit.cli._app import app
from dji_audit.common.case_details import MAX_DETAIL_LENGTH, CaseDetailsError, checked_case_details
from tests.conftest import ROOT

STATED = ["--case-ref", "OP/12 <b>", "--exhibit", "AB/1", "--by", "Insp {{7*7}}"]
LOG = ROOT / "sample_logs" / "case"


def test_stands_on_pages_and_in_the_report(tmp_path: Path) -> None:
    out = tmp_path / "out"
    CliRunner().invoke(app, ["audit", str(LOG), "-o", str(out), "-j", "1", *STATED])
    report = json.loads((out / "report.json").read_text())
    assert report["run"]["case"] == {
        "reference": "OP/12 <b>",
        "exhibit": "AB/1",
        "made_by": "Insp {{7*7}}",
    }
    index = (out / "index.html").read_text()
    assert "<dt>Exhibit</dt><dd>AB&#47;1</dd>" in index
    assert "OP/12 <b>" not in index
    (page,) = (out / "flights").iterdir()
    assert (
        '"case":{"exhibit":"AB/1","made_by":"Insp \\u007b\\u007b7*7\\u007d\\u007d",'
        '"reference":"OP/12 \\u003cb\\u003e"}' in page.read_text()
    )


def test_nothing_stated_is_null_and_no_empty_list() -> None:
    assert checked_case_details(None, "  ", None).to_json_object() is None
    assert not checked_case_details(None, None, None)
    assert list(checked_case_details("A", None, "B").labelled_values()) == [
        ("Case", "A"),
        ("Made by", "B"),
    ]


@pytest.mark.parametrize("text", ["x" * (MAX_DETAIL_LENGTH + 1), "a\nb", "a\u202eb", "a\x1b[31m"])
def test_what_cannot_be_printed_is_refused(text: str) -> None:
    with pytest.raises(CaseDetailsError, match="the exhibit "):
        checked_case_details(None, text, None)
    ended = CliRunner().invoke(app, ["audit", str(LOG), "--exhibit", text])
    assert ended.exit_code == 2

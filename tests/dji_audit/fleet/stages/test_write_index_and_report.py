"""The documents of a run are written by workers: the process that leads it draws nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.stages.write_index_and_report import (
    RunDocumentKind,
    why_index_or_report_is_missing_text,
)
from dji_audit.fleet.worker_pool import ItemFailure
from dji_audit.report.quarantine import QuarantineCause
from tests.conftest import ROOT

LOG = ROOT / "sample_logs" / "DJI_20260514100443_0001_D.SRT"
#: Prints what is loaded of it after a run with one worker.
_RUN = """
import sys
from pathlib import Path
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
if __name__ == "__main__":
    audit_paths([Path(sys.argv[1])], RunOptions(load_policy(), out=Path(sys.argv[2]), jobs=1))
    print(*sorted(sys.modules))
"""
#: What only joining, drawing and typesetting need.
_HEAVY = ("folium", "branca", "jinja2", "scipy", "typst")


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """Return a folder with one small log."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    shutil.copy(LOG, folder)
    return folder


def documents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def test_a_worker_writes_what_this_process_would_and_loads_what_drawing_needs(
    evidence: Path, tmp_path: Path
) -> None:
    script = tmp_path / "lead_run.py"
    script.write_text(_RUN)
    command = [sys.executable, str(script), str(evidence), str(tmp_path / "by-worker")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = done.stdout.split()
    assert "dji_audit.fleet.run" in loaded
    assert not {name for name in _HEAVY if name in loaded}
    audit_paths([evidence], RunOptions(load_policy(), out=tmp_path / "here"))
    here = documents(tmp_path / "here")
    assert {"index.html", "report.json", "report.jsonl", "flights.csv"} <= here.keys()
    assert documents(tmp_path / "by-worker") == here


@pytest.mark.parametrize("name", ["index.html", "report.json", "flights.csv"])
def test_a_document_that_cannot_be_written_ends_the_run_and_leaves_its_mark(
    evidence: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"

    def put_a_folder_in_its_place(done: int, total: int, _: str) -> None:
        (out / name).mkdir(exist_ok=True)

    options = RunOptions(load_policy(), out=out)
    with pytest.raises(OutputError, match=r"out: cannot write: is a directory"):
        audit_paths([evidence], options, put_a_folder_in_its_place)
    assert (out / "UNFINISHED.txt").is_file()


def test_a_worker_that_dies_names_the_document() -> None:
    failure = ItemFailure(QuarantineCause.MEMORY, "ran out of memory")
    reason = why_index_or_report_is_missing_text(RunDocumentKind.INDEX_PAGE, failure)
    assert reason == "cannot write index.html: ran out of memory"

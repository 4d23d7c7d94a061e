"""Files that a unit leaves out: they are named, and no run without their evidence is whole."""

import shutil
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dji_audit.common.exit_code import ExitCode
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.ingest import IngestSettings, find_input_files_and_keychains
from dji_audit.ingest.dry_run_scan import scan_evidence_paths
from dji_audit.ingest.input_files import LeaveOutPatternError, LeaveOutPatterns
from dji_audit.report.file_status import FileStatus
from dji_audit.report.triage import remedies_for_unchecked

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"


@pytest.fixture
def evidence(tmp_path: Path, sample_logs: Path) -> Path:
    folder = tmp_path / "evidence"
    (folder / "backup").mkdir(parents=True)
    shutil.copy(sample_logs / RECORD, folder / "flight.txt")
    shutil.copy(sample_logs / "FLY042.DAT", folder / "backup" / "FLY042.DAT")
    (folder / "Thumbs.db").write_bytes(bytes(64))
    return folder


def audited(evidence: Path, *patterns: str, allow_partial: bool = False) -> FinishedRun:
    settings = IngestSettings(leave_out=patterns)
    options = RunOptions(policy=load_policy(), ingest=settings, allow_partial=allow_partial)
    return audit_paths([evidence], options)


@pytest.mark.parametrize(
    ("pattern", "name", "is_match"),
    [
        ("*.MP4", "DCIM/100/DJI_0001.MP4", True),
        ("*.MP4", "DCIM/100/DJI_0001.mp4", False),
        ("backup", "backup/FLY042.DAT", False),
        ("backup/", "backup/FLY042.DAT", True),
        ("back*/", "card/backup2/deep/FLY042.DAT", True),
        ("backup/", "backup", False),
        ("card/*.DAT", "card/backup/FLY042.DAT", True),
        ("card/*.DAT", "other/card/FLY042.DAT", False),
        ("card/backup/", "card/backup/deep/FLY042.DAT", True),
        ("case.zip!/*", "case.zip!/inner/FLY042.DAT", True),
        ("FLY0[[]1].DAT", "FLY0[1].DAT", True),
        ("FLY0[1].DAT", "FLY0[1].DAT", False),
    ],
)
def test_a_pattern_is_compared_with_a_name_a_folder_or_a_path(
    pattern: str, name: str, is_match: bool
) -> None:
    expected = pattern if is_match else None
    assert LeaveOutPatterns([pattern]).matching_pattern(name) == expected


@pytest.mark.parametrize("patterns", [[""], ["/"], ["x" * 501], [f"*.{n}" for n in range(201)]])
def test_a_pattern_that_is_none_is_refused(patterns: list[str]) -> None:
    with pytest.raises(LeaveOutPatternError):
        LeaveOutPatterns(patterns)


def test_a_pattern_of_many_stars_costs_no_time() -> None:
    patterns = LeaveOutPatterns(["*a" * 240 + "b"])
    began = time.perf_counter()
    assert patterns.matching_pattern("a" * 4000) is None
    assert time.perf_counter() - began < 2


def test_a_log_that_is_left_out_is_named_and_the_run_is_not_whole(evidence: Path) -> None:
    finished = audited(evidence, "backup/", "Thumbs.db")
    rows = {row.name: row for row in finished.contents.files}
    left_out = rows["backup/FLY042.DAT"]
    assert left_out.status == FileStatus.LEFT_OUT
    assert left_out.kind == "DJI on-board flight log (DAT)"
    assert left_out.reason == "the unit leaves out backup/"
    assert left_out.size == (evidence / "backup" / "FLY042.DAT").stat().st_size
    assert rows["flight.txt"].status == FileStatus.READ
    line = finished.verdict.line
    assert "1 file that may hold a flight or a contact was left out by the unit: DJI" in line
    assert "1 other file was left out by the unit" in line
    assert finished.verdict.files["left_out"] == 2
    assert finished.verdict.exit_code == ExitCode.INCOMPLETE
    assert any(
        "left out by the unit" in it.reason for it in remedies_for_unchecked(finished.contents)
    )


def test_what_holds_no_evidence_may_be_left_out(evidence: Path) -> None:
    shutil.rmtree(evidence / "backup")
    finished, whole = audited(evidence, "Thumbs.db"), audited(evidence)
    assert finished.verdict.exit_code == whole.verdict.exit_code != ExitCode.INCOMPLETE
    assert "1 file was left out by the unit" in finished.verdict.line


def test_a_unit_that_allows_partial_runs_still_reads_what_was_left_out(evidence: Path) -> None:
    finished = audited(evidence, "backup/", allow_partial=True)
    assert finished.verdict.exit_code != ExitCode.INCOMPLETE
    assert "was left out by the unit" in finished.verdict.line


def test_a_run_without_anything_else_says_what_was_left_out(evidence: Path) -> None:
    finished = audited(evidence, "*")
    assert finished.verdict.line.startswith(
        "Nothing was audited: 2 files that may hold flights or contacts were left out by the unit"
    )


def test_a_member_is_left_out_and_a_container_is_not_opened(evidence: Path) -> None:
    with zipfile.ZipFile(evidence / "card.zip", "w") as archive:
        archive.write(evidence / "backup" / "FLY042.DAT", "log/FLY042.DAT")
        archive.writestr("notes.txt", "nothing")
    settings = IngestSettings(leave_out=("FLY*.DAT",))
    discovered = find_input_files_and_keychains([evidence], settings).discovered
    assert [it.input.name for it in discovered.left_out] == [
        "backup/FLY042.DAT",
        "card.zip!/log/FLY042.DAT",
    ]
    assert "card.zip!/notes.txt" in [it.name for it in discovered.inputs]
    member = next(
        file
        for file in scan_evidence_paths([evidence], settings).files
        if file.name.startswith("card.zip!/l")
    )
    assert (member.status, member.kind) == (FileStatus.LEFT_OUT, "DJI on-board flight log (DAT)")
    closed = find_input_files_and_keychains(
        [evidence], replace(settings, leave_out=("*.zip",))
    ).discovered
    assert not closed.containers
    assert [it.input.name for it in closed.left_out] == ["card.zip"]


def test_a_file_that_a_person_names_is_read(evidence: Path) -> None:
    discovered = find_input_files_and_keychains(
        [evidence / "flight.txt"], IngestSettings(leave_out=("*",))
    ).discovered
    assert [it.name for it in discovered.inputs] == ["flight.txt"]
    assert not discovered.left_out

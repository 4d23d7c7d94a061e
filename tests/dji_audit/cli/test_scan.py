"""The dry run, and how a run tells of files that were not read."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dji_audit.cli.scan._scan import scan_summary_sentence
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.dry_run_scan import EvidenceDryRun, ScannedFile, scan_evidence_paths
from dji_audit.report.file_status import FileStatus
from dji_audit.report.rows import FileRow, RunContents
from dji_audit.report.run_verdict import most_frequent_file_kinds_text, verdict_of_run
from dji_audit.report.triage import remedies_for_unchecked
from tests.dji_audit.cli.conftest import Invoke

TCX = (
    b'<?xml version="1.0"?><TrainingCenterDatabase xmlns="x"><Activities/></TrainingCenterDatabase>'
)
NOISE = bytes((number * 7919 + number // 3) % 251 + 1 for number in range(3000))


@pytest.fixture
def folder(tmp_path: Path, sample_logs: Path) -> Path:
    """Return a folder with a log, an encrypted one, a track, a picture and a link."""
    shutil.copy(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58].txt", tmp_path / "good.txt")
    shutil.copy(sample_logs / "DJIFlightRecord_2026-05-14_[10-01-58]_v14.txt", tmp_path / "v14.txt")
    (tmp_path / "walk.tcx").write_bytes(TCX)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    (tmp_path / "link").symlink_to(tmp_path / "good.txt")
    return tmp_path


def test_a_scan_counts_files_and_bytes_of_each_class(invoke: Invoke, folder: Path) -> None:
    done = invoke("scan", folder, "--format", "json", "--jobs", 2)
    assert done.exit_code == 4
    scan = json.loads(done.stdout)
    assert scan["schema"] == "dji-audit/scan/0.1"
    sizes = {path.name: path.stat().st_size for path in folder.iterdir() if not path.is_symlink()}
    classes = {name: row for name, row in scan["classes"].items() if row["files"]}
    assert {name: (row["files"], row["bytes"]) for name, row in classes.items()} == {
        "read": (1, sizes["good.txt"]),
        "encrypted": (1, sizes["v14.txt"]),
        "unread": (1, sizes["walk.tcx"]),
        "no_evidence": (1, sizes["logo.png"]),
        "other": (1, 0),
    }
    assert classes["unread"]["kinds"] == {"TCX activity of a watch": 1}
    assert scan["bytes"] == sum(sizes.values())
    assert 0 < scan["bytes_looked_at"] < 20_000
    assert scan["bytes_looked_at"] == sum(file["looked_at"] for file in scan["files"])
    assert scan["workers"] == 2
    assert scan["seconds"] > 0


def test_a_scan_says_what_needs_keys_what_is_not_read_and_how_long_it_takes(
    invoke: Invoke, folder: Path
) -> None:
    done = invoke("scan", folder, "--jobs", 1)
    told = " ".join(done.stdout.split())
    assert told.startswith("5 files, ")
    assert "KEYS 1 record needs a keychain each; 0 keychains files found" in told
    assert "dji-audit keys request PATH" in told
    assert f"unread walk.tcx ({len(TCX)} bytes): TCX activity of a watch; open it with" in told
    assert "TIME an audit will take about 10 s with 1 worker" in told
    assert "bytes: damage, and a log behind other bytes, show in an audit only" in told
    assert "logo.png" not in told
    everything = invoke("scan", folder, "--all").stdout
    assert "no_evidence logo.png (68 bytes): PNG picture" in everything


@pytest.mark.parametrize(
    ("kept", "code"),
    [
        (("good.txt", "logo.png"), 0),
        (("good.txt", "walk.tcx"), 4),
        (("good.txt", "v14.txt"), 4),
        (("walk.tcx",), 3),
        (("logo.png",), 3),
        ((), 3),
    ],
)
def test_the_exit_code_of_a_scan_is_that_of_an_audit_without_findings(
    invoke: Invoke, folder: Path, kept: tuple[str, ...], code: int
) -> None:
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink()
    assert invoke("scan", folder).exit_code == code


def test_a_path_that_is_not_there_is_an_error_of_use(invoke: Invoke, tmp_path: Path) -> None:
    done = invoke("scan", tmp_path / "gone")
    assert done.exit_code == 2
    assert "no such file or directory" in done.stdout


def test_members_of_a_container_are_classed_like_files(
    invoke: Invoke, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (folder / "link").unlink()
    packed = tmp_path_factory.mktemp("packed")
    shutil.make_archive(str(packed / "case"), "zip", folder)
    plain = {file.name: file for file in scan_evidence_paths([folder], IngestSettings()).files}
    inside = {file.name: file for file in scan_evidence_paths([packed], IngestSettings()).files}
    assert inside.pop("case.zip").status is FileStatus.CONTAINER
    assert inside.keys() == {f"case.zip!/{name}" for name in plain}
    for name, file in plain.items():
        member = inside[f"case.zip!/{name}"]
        assert (member.status, member.kind, member.size) == (file.status, file.kind, file.size)


def test_an_audit_begins_with_what_there_is(folder: Path) -> None:
    told: list[str] = []
    audit_paths(
        [folder / "good.txt", folder / "walk.tcx"],
        RunOptions(load_policy()),
        on_scan=lambda scan: told.append(scan_summary_sentence(scan, 1)),
    )
    (sentence,) = told
    assert sentence.startswith("2 files, ")
    assert "1 will be read, 1 may hold a flight or a contact, not read; about 10 s" in sentence


def test_a_large_file_takes_longer_and_workers_share(tmp_path: Path) -> None:
    def scan_of(*sizes: int) -> EvidenceDryRun:
        files = tuple(
            ScannedFile(name="a", status=FileStatus.READ, kind="x", size=size, format="dji-txt")
            for size in sizes
        )
        return EvidenceDryRun(files=files, keychains=0, has_key_store=False)

    assert scan_of(60_000_000).estimated_audit_seconds(1) == pytest.approx(10.6)
    assert scan_of(60_000_000, 60_000_000).estimated_audit_seconds(2) == pytest.approx(10.6)
    # No audit is faster than its slowest file.
    assert scan_of(60_000_000, 6_000_000).estimated_audit_seconds(8) == pytest.approx(10.6)


def contents_of(*rows: FileRow) -> RunContents:
    return RunContents((FileRow("good.txt", "read"), *rows))


def test_files_that_may_hold_flights_come_before_other_files_in_what_to_do() -> None:
    zone = FileRow("a.kml", "no_evidence", "a zone file (kml): name it with --zones")
    track = FileRow("b.gpx", "unread", "x", kind="GPX track", advice="open it with y")
    locked = FileRow("c.age", "encrypted", "x", kind="age file", advice="unlock it")
    first, second, third = remedies_for_unchecked(contents_of(zone, track, locked))
    assert first.uncut_reason_with_file_names == (
        "1 file may hold a flight or a contact and was not read: b.gpx (GPX track)"
    )
    assert first.action == "open it with y"
    assert (
        second.uncut_reason_with_file_names == "1 file needs a password or a key: c.age (age file)"
    )
    assert third.reason.startswith("1 zone file")
    both = replace(track, name="d.gpx", advice="open it with z")
    (remedy,) = remedies_for_unchecked(contents_of(track, both))
    assert remedy.reason == "2 files may hold flights or contacts and were not read"
    assert remedy.action == "the index page and report.json say for each what to do with it"


@pytest.mark.parametrize(
    ("status", "advice", "code", "told"),
    [
        ("unread", "open it", 4, "1 file may hold a flight or a contact and was not read: a kind"),
        ("unread", "", 4, "Not read in full: 1 not at all (of 2 files)"),
        ("unknown", "", 3, "1 file is of a kind that is not known"),
        ("no_evidence", "", 3, "1 file read in full"),
        ("container", "", 3, "1 file read in full"),
    ],
)
def test_only_what_may_hold_evidence_changes_the_exit_code(
    status: str, advice: str, code: int, told: str
) -> None:
    row = FileRow("a", status, kind="a kind", advice=advice)
    read = FileRow("good.txt", "read", "did not fly: too short")
    verdict = verdict_of_run(RunContents((read, row)), Severity.MEDIUM, False)
    assert verdict.exit_code == (code if code == 4 else 0)
    assert told in verdict.line
    # With --allow-partial it is said all the same.
    allowed = verdict_of_run(RunContents((read, row)), Severity.MEDIUM, True)
    assert (allowed.exit_code, allowed.line) == (0, verdict.line)


def test_the_most_frequent_kinds_are_named() -> None:
    assert most_frequent_file_kinds_text(["b", "a", "b", None]) == "b (2), a"
    assert most_frequent_file_kinds_text([]) == ""
    assert most_frequent_file_kinds_text("abcdef", 2) == "a, b and 4 more kinds"


def test_a_file_that_a_person_names_is_unread_though_its_content_is_no_log(tmp_path: Path) -> None:
    for name, data in (("a.png", b"\x89PNG\r\n\x1a\n" + bytes(60)), ("a.xyz", NOISE)):
        path = tmp_path / name
        path.write_bytes(data)
        for paths, status in (([path], "unread"), ([tmp_path], None)):
            (row,) = (
                row
                for row in audit_paths(paths, RunOptions(load_policy())).contents.files
                if row.name == name
            )
            assert (row.status == "unread") == (status == "unread"), (name, row)
            (scanned,) = (
                file
                for file in scan_evidence_paths(paths, IngestSettings()).files
                if file.name == name
            )
            assert scanned.status == row.status

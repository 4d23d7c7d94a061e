"""A file that goes wrong while it is read is named with its cause, and costs nothing but itself."""

import json
import os
import shutil
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import parsers
from dji_audit.cli.audit._shards_and_quarantine import quarantine_lines
from dji_audit.common.hashed_file import FileHashAndStat
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import read_file_in_worker as module
from dji_audit.fleet.containers.member_copies import IndexedInput
from dji_audit.fleet.read_file_in_worker import FileResult, ReadSettings, read_file
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.fleet.state.run_ledger import LEDGER_FILE, RunLedger
from dji_audit.fleet.store import ResultStore
from dji_audit.ingest import IngestSettings, OpenedFile
from dji_audit.ingest.input_files import InputFile
from dji_audit.report.quarantine import CAUSE_WORDS, QuarantineCause, QuarantinedFile
from dji_audit.report.report_json_and_csv import report_json_schema
from tests.conftest import ROOT

SAMPLE = next((ROOT / "sample_logs").glob("*.MRK"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLE, tmp_path / SAMPLE.name))


def read(path: Path, hashed: FileHashAndStat | None = None, store: str = "results") -> FileResult:
    settings = ReadSettings(
        IngestSettings(), path.parent / "spool", ResultStore(path.parent / store)
    )
    return read_file(IndexedInput(0, InputFile(path, path.name, False), hashed=hashed), settings)


def while_reading(monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]) -> None:
    """Let somebody change a file when it is open and not read yet."""
    whole = module.read_opened_input  # type: ignore[attr-defined]

    def read_changed(opened: OpenedFile, keyring: list[parsers.Keychains]) -> parsers.FileReading:
        change(opened.input.path)
        reading: parsers.FileReading = whole(opened, keyring)
        return reading

    monkeypatch.setattr(module, "read_opened_input", read_changed)


def append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more\n")


def touch_later(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def cut(path: Path) -> None:
    # What is in the page of memory that is mapped stays readable.
    os.truncate(path, path.stat().st_size - 10)


@pytest.mark.parametrize(
    ("change", "cause", "words"),
    [
        (Path.unlink, QuarantineCause.VANISHED, "it vanished while it was read"),
        (append, QuarantineCause.GREW, "it grew while it was read: "),
        (cut, QuarantineCause.TRUNCATED, "it was cut short while it was read: "),
        (touch_later, QuarantineCause.CHANGED, "it changed while it was read"),
    ],
)
def test_a_file_that_changes_while_it_is_read_gives_no_log(
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], object],
    cause: QuarantineCause,
    words: str,
) -> None:
    assert read(log, store="other").row.status == "read"
    while_reading(monkeypatch, change)
    result = read(log)
    assert (result.row.quarantine, result.row.status) == (cause, "unread")
    assert result.row.reason.startswith(words)
    assert (result.log_count, result.summaries, result.row.sha256) == (0, (), None)
    assert not list((log.parent / "results" / "files").rglob("*.value"))


def test_a_file_that_is_gone_or_locked_before_it_is_opened_has_its_cause(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> parsers.Content:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(parsers, "open_content", refuse)
    assert read(log).row.quarantine is QuarantineCause.UNREADABLE
    log.unlink()
    assert read(log).row.quarantine is QuarantineCause.VANISHED


def test_a_trusted_hash_holds_only_while_the_disk_states_no_change(log: Path) -> None:
    first = read(log)
    assert first.hashed is not None
    known = FileHashAndStat(
        first.hashed.size, first.hashed.mtime_ns, first.hashed.inode, first.hashed.sha256, True
    )
    again = read(log, known)
    assert (again.was_known, again.was_trusted, again.row.is_hash_trusted) == (True, True, True)
    # The same bytes, written again: whoever trusts the time cannot know.
    log.write_bytes(log.read_bytes())
    third = read(log, known)
    assert (third.was_known, third.was_trusted, third.row.is_hash_trusted) == (True, False, False)
    assert third.row.sha256 == first.row.sha256


def run(evidence: Path, state: Path | None = None) -> FinishedRun:
    return audit_paths([evidence], RunOptions(policy=load_policy("default"), state=state))


def test_everything_that_is_no_file_or_unpacks_too_far_is_named_in_every_place(
    tmp_path: Path,
) -> None:
    evidence, state = tmp_path / "evidence", tmp_path / "state"
    evidence.mkdir()
    shutil.copy(SAMPLE, evidence)
    os.mkfifo(evidence / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server, pytest.MonkeyPatch.context() as patch:
        # The path of a socket may not be long.
        patch.chdir(evidence)
        server.bind("socket.txt")
    (evidence / "loop.txt").symlink_to("loop.txt")
    (evidence / "one").symlink_to("other")
    (evidence / "other").symlink_to("one")
    (evidence / "folder").symlink_to(evidence)
    (evidence / "empty.txt").touch()
    with zipfile.ZipFile(evidence / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(100_000_000))
    finished = run(evidence, state)
    causes = {
        "pipe.txt": "not_a_file",
        "socket.txt": "not_a_file",
        "loop.txt": "link_loop",
        "one": "link_loop",
        "other": "link_loop",
        "bomb.zip!/a.txt": "unpacking_limit",
    }
    report = json.loads(finished.report_json_text)
    assert {it["name"]: it["cause"] for it in report["quarantine"]} == causes
    rows = {row["name"]: row for row in report["inputs"]}
    assert {name for name, row in rows.items() if row["quarantine"]} == set(causes)
    # Every other file has its row, and nothing went wrong with it.
    assert {"empty.txt", "folder", SAMPLE.name, "bomb.zip"} <= rows.keys()
    with RunLedger(state / LEDGER_FILE)._connection() as ledger:
        assert dict(ledger.execute("SELECT name, cause FROM quarantine")) == causes


def test_the_schema_and_the_words_know_every_cause() -> None:
    schema = json.loads(report_json_schema())
    stated = schema["properties"]["quarantine"]["items"]["properties"]["cause"]["enum"]
    assert stated == [*QuarantineCause]
    assert list(CAUSE_WORDS) == [*QuarantineCause]


def test_a_person_is_told_which_files_went_wrong_and_how() -> None:
    files = [
        QuarantinedFile("a.txt", QuarantineCause.MEMORY, ""),
        *(QuarantinedFile(f"{n}.txt", QuarantineCause.VANISHED, "") for n in range(7)),
        QuarantinedFile("p\x1b[1m", QuarantineCause.NOT_A_FILE, ""),
        QuarantinedFile("q", QuarantineCause.NOT_A_FILE, ""),
    ]
    assert list(quarantine_lines(files)) == [
        "quarantine  1 file ran out of memory: a.txt",
        "quarantine  2 files are pipes, sockets or devices: p�[1m, q",
        "quarantine  7 files vanished before they were read: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and "
        "2 more",
    ]


def test_a_flight_that_goes_wrong_costs_itself_and_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    for log in (ROOT / "sample_logs").glob("*_D.SRT"):
        shutil.copy(log, evidence)

    def fail(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("dji_audit.fleet.audit_flight_in_worker.merge_and_audit_flight", fail)
    finished = run(evidence, tmp_path / "state")
    (row,) = finished.contents.files
    assert "its flight was not audited: ZeroDivisionError" in row.reason
    assert finished.verdict.exit_code == 3

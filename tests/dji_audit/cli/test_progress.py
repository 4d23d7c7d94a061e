"""Progress: lines of JSON for a scheduler, one line on a terminal, nothing when quiet."""

import json
import os
import pty
import subprocess
from pathlib import Path

import jsonschema
import pytest

from dji_audit.cli import _progress
from dji_audit.cli._progress import (
    ProgressAsJsonLines,
    ProgressMeter,
    ProgressState,
    show_progress_of_run,
)
from dji_audit.ingest.dry_run_scan import EvidenceDryRun, ScannedFile
from dji_audit.report.file_status import FileStatus
from tests.dji_audit.cli.conftest import DJI_AUDIT, Invoke, read_terminal


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    own = Clock()
    monkeypatch.setattr(_progress, "time", own)
    return own


def scan_of(*sizes: int) -> EvidenceDryRun:
    files = tuple(
        ScannedFile(name=f"{number}.txt", status=FileStatus.READ, kind="log", size=size)
        for number, size in enumerate(sizes)
    )
    left = ScannedFile(name="left", status=FileStatus.LEFT_OUT, kind="log", size=5000)
    return EvidenceDryRun(files=(*files, left), keychains=0, has_key_store=False)


def test_stages_bytes_rate_and_time_left(clock: Clock) -> None:
    shown: list[ProgressState] = []
    meter = ProgressMeter(shown.append)
    meter.note_scanned_sizes(scan_of(100, 300))
    clock.now += 2
    meter.note_items_done(1, 2, "0.txt")
    clock.now += 2
    meter.note_items_done(2, 2, "1.txt")
    meter.note_items_done(1, 4, "flight a-1")
    clock.now += 3
    meter.note_items_done(2, 4, "flight b-1")
    meter.note_end_of_run()
    assert [(it.stage, it.done, it.total, it.bytes) for it in shown] == [
        ("find", 0, None, 0),
        ("read", 1, 2, 100),
        ("read", 2, 2, 400),
        ("audit", 1, 4, 400),
        ("audit", 2, 4, 400),
        ("end", 2, 4, 400),
    ]
    assert {it.bytes_total for it in shown[1:]} == {400}
    assert shown[1].items_per_second is None
    assert shown[1].seconds_left is None
    assert shown[2].seconds_left == 0
    assert shown[4].items_per_second == pytest.approx(2 / 3)
    assert shown[4].seconds_left == pytest.approx(3)
    assert shown[-1].seconds == pytest.approx(7)


def test_time_left_goes_by_files_and_bytes(clock: Clock) -> None:
    state = ProgressState(
        stage="read",
        done=1,
        total=2,
        bytes=100,
        bytes_total=400,
        seconds=9,
        stage_seconds=3,
        name="",
    )
    # A half of the files, a quarter of the bytes: three eighths in three seconds.
    assert state.seconds_left == pytest.approx(5)


def test_lines_are_at_most_four_a_second_and_each_stage_begins_and_ends_with_one(
    clock: Clock, capsys: pytest.CaptureFixture[str], invoke: Invoke
) -> None:
    meter = ProgressMeter(ProgressAsJsonLines().show)
    for done in range(1, 101):
        clock.now += 0.01
        meter.note_items_done(done, 100, f'na"me\n{done}')
    meter.note_items_done(1, 1, "flight a-1")
    meter.note_end_of_run()
    lines = capsys.readouterr().err.splitlines()
    documents = [json.loads(line) for line in lines]
    assert [it["stage"] for it in documents] == ["find", *["read"] * 5, "audit", "end"]
    assert (documents[1]["done"], documents[5]["done"]) == (1, 100)
    schema = json.loads(invoke("schema", "progress").stdout)
    for document in documents:
        jsonschema.validate(document, schema)


def test_the_end_is_told_also_of_a_run_that_is_interrupted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(KeyboardInterrupt), show_progress_of_run("jsonl"):
        raise KeyboardInterrupt
    assert [json.loads(it)["stage"] for it in capsys.readouterr().err.splitlines()] == [
        "find",
        "end",
    ]


@pytest.mark.parametrize(("choice", "is_quiet"), [("auto", False), ("auto", True), ("none", False)])
def test_without_a_terminal_or_when_quiet_nothing_is_shown(choice: str, is_quiet: bool) -> None:
    with show_progress_of_run(choice, is_quiet=is_quiet) as meter:  # type: ignore[arg-type]
        assert meter is None


def test_a_terminal_shows_one_line_and_no_escape_of_a_name(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"[red]evil\x1b[31m{number}.txt").write_bytes(bytes(100))
    main, side = pty.openpty()
    with subprocess.Popen(
        [str(DJI_AUDIT), "scan", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=side,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        assert process.wait(timeout=60) == 3
    os.close(side)
    shown = read_terminal(main)
    os.close(main)
    assert b"reading files" in shown
    assert b"[red]evil" in shown
    assert b"\x1b[31m" not in shown.replace(b"evil\\x1b[31m", b"")

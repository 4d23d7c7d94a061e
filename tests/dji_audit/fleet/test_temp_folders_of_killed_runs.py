"""What a run that was stopped leaves behind: nothing of flights, and no folder that is stuck."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.output_folder import UNFINISHED_FILE, OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.temp_folders_of_killed_runs import hold_folder_lock, remove_abandoned_folders
from dji_audit.fleet.temporary_files_for_workers import open_temporary_run_folder

pytest.importorskip("fcntl", reason="this system has no such locks")

_KILLED = """
import os, signal, tempfile
tempfile.tempdir = {place!r}
from dji_audit.fleet.temporary_files_for_workers import open_temporary_run_folder
with open_temporary_run_folder([]) as folder:
    (folder / "00000000").write_bytes(b"a flight")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_folder_of_a_run_that_was_killed_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(
        [sys.executable, "-c", _KILLED.format(place=str(tmp_path))], check=False, timeout=60
    )
    (left,) = tmp_path.iterdir()
    assert (left / "00000000").read_bytes() == b"a flight"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_temporary_run_folder([]) as folder:
        assert not left.exists()
        assert folder.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_a_run_holds_and_one_of_somebody_else_stay(tmp_path: Path) -> None:
    in_use, other, file, link = (tmp_path / f"dji-audit-{name}" for name in "abcd")
    in_use.mkdir()
    other.mkdir()
    file.write_bytes(b"")
    link.symlink_to(other)
    with hold_folder_lock(in_use):
        remove_abandoned_folders(tmp_path, "dji-audit-")
        assert all(path.exists() for path in (in_use, other, file, link))
    remove_abandoned_folders(tmp_path, "dji-audit-")
    assert not in_use.exists()
    assert other.exists()


@pytest.mark.parametrize("content", [b"", b"somebody else's"])
def test_a_folder_with_a_lock_file_that_is_not_ours_stays(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "dji-audit-notes"
    folder.mkdir()
    for name in ("lock", "dji-audit-run.lock"):
        (folder / name).write_bytes(content)
    remove_abandoned_folders(tmp_path, "dji-audit-")
    assert (folder / "lock").read_bytes() == content


def test_a_run_that_was_stopped_says_so_in_its_folder_and_can_be_run_again(
    whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = RunOptions(load_policy(), out=out)

    def stop(done: int, total: int, name: str) -> None:
        if name.startswith("flight"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit_paths([whole], options, stop)
    assert "not a result" in (out / UNFINISHED_FILE).read_text()
    (page,) = (out / "flights").iterdir()
    stale = page.with_name("other.txt-0a1b2c3d-1-77aa.html")
    stale.write_bytes(b"of a flight that is not there any more")
    note = page.with_name("note.html")
    note.write_bytes(b"somebody's own")
    audit_paths([whole], options)
    assert not (out / UNFINISHED_FILE).exists()
    assert {path.name for path in (out / "flights").iterdir()} == {page.name, note.name}


def test_a_folder_with_a_mark_that_is_not_ours_is_refused(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / UNFINISHED_FILE).write_text("my novel")
    with pytest.raises(OutputError, match="not empty"):
        audit_paths([whole], RunOptions(load_policy(), out=tmp_path / "out"))
    assert (tmp_path / "out" / UNFINISHED_FILE).read_text() == "my novel"

"""Evidence keeps the time at which it was last opened."""

import os
import shutil
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths

LONG_AGO_NS = 1_000_000_000_000_000_000


@pytest.fixture
def evidence(tmp_path: Path, sample_logs: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    for path in (*sample_logs.glob("*.SRT"), *sample_logs.glob("*Airdata.csv")):
        shutil.copy(path, folder)
        shutil.copy(path, folder / f"copy of {path.name}")
    for path in folder.iterdir():
        # Older than the last change, so that even a system that seldom notes access would.
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS + 10**18))
    return folder


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="only Linux can keep it")
def test_an_audit_changes_no_access_time(evidence: Path) -> None:
    audit_paths([evidence], RunOptions(policy=load_policy("default")))
    for path in evidence.iterdir():
        assert path.stat().st_atime_ns == LONG_AGO_NS, path.name


def test_where_it_cannot_be_kept_a_file_is_opened_all_the_same(
    evidence: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the owner of a file may ask."""
    opened = os.open

    def refuse(path: Path, flags: int) -> int:
        if flags & getattr(os, "O_NOATIME", 1 << 30):
            raise PermissionError(1, "Operation not permitted", str(path))
        return opened(path, flags)

    monkeypatch.setattr(os, "O_NOATIME", getattr(os, "O_NOATIME", 1 << 30), raising=False)
    monkeypatch.setattr(os, "open", refuse)
    path = next(evidence.glob("*.SRT"))
    assert len(parsers.open_content(path)) == path.stat().st_size

"""Runs whose evidence, state and results are in one folder: what the next run reuses of them."""

import shutil
from dataclasses import replace
from pathlib import Path

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_logs"


def copy_sample_logs(home: Path, *patterns: str) -> None:
    """Copy two synthetic logs of each pattern into the evidence of a folder that has none yet."""
    (home / "evidence").mkdir()
    for pattern in patterns:
        for path in sorted(SAMPLES.glob(pattern))[:2]:
            shutil.copy(path, home / "evidence")


def options_in_folder(home: Path, **more: object) -> RunOptions:
    """Return the options of a run into the state and the results of a folder."""
    options = RunOptions(policy=load_policy("default"), state=home / "state", out=home / "out")
    return replace(options, **more)  # type: ignore[arg-type]


def run_in_folder(home: Path, **more: object) -> FinishedRun:
    """Audit the evidence of a folder into its state and its results."""
    return audit_paths([home / "evidence"], options_in_folder(home, **more))


def copy_run(finished: Path, home: Path) -> None:
    """Copy evidence, state and results of a run into another folder."""
    for name in ("evidence", "state", "out"):
        shutil.copytree(finished / name, home / name)


def bytes_of_files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def cut_short(path: Path) -> None:
    """Cut the last bytes off a file."""
    path.write_bytes(path.read_bytes()[:-9])


def change_one_bit(path: Path, offset: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)

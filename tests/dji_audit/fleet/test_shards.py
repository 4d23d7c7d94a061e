"""Parts that several machines read give, merged, what one machine gives; so does a cluster."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.read_shard_into_state import read_shard_into_state
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.fleet.state.merge_states import merge_states
from dji_audit.fleet.state.run_ledger import ShardNumberAndCount
from tests.conftest import ROOT
from tests.dji_audit.cli.conftest import DJI_AUDIT
from tests.dji_audit.fleet.local_cluster import kill_later, local_cluster
from tests.dji_audit.fleet.test_state import bytes_of

SAMPLES = ROOT / "sample_logs"
ENVIRONMENT = os.environ | {"DJI_AUDIT_ZONE_STORE": "none", "DJI_AUDIT_KEY_STORE": "none"}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "evidence"
    folder.mkdir()
    for pattern in ("*_D.SRT", "*_T.JPG", "*.MRK"):
        for path in SAMPLES.glob(pattern):
            shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def whole(evidence: Path) -> Iterator[dict[str, bytes]]:
    out = evidence.parent / "whole"
    audit_paths([evidence], RunOptions(policy=load_policy("default"), out=out))
    yield bytes_of(out)


def test_merged_parts_give_what_one_machine_gives(
    evidence: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    states = [tmp_path / str(number) for number in range(3)]
    read = 0
    for number, state in enumerate(states, 1):
        options = RunOptions(policy=load_policy("default"), state=state)
        done = read_shard_into_state([evidence], options, ShardNumberAndCount(number, len(states)))
        read += done.read_files
        assert done.all_files == len(list(evidence.iterdir()))
        again = read_shard_into_state([evidence], options, ShardNumberAndCount(number, len(states)))
        assert (again.read_files, again.known_files) == (0, done.read_files)
    assert read == len(list(evidence.iterdir()))
    merged, out = tmp_path / "merged", tmp_path / "out"
    merge_states(states, merged)
    options = RunOptions(policy=load_policy("default"), state=merged, out=out)
    kept = audit_paths([evidence], options).kept
    assert kept is not None
    assert (kept.read_files, kept.known_files) == (0, read)
    assert bytes_of(out) == whole


@pytest.mark.slow
def test_a_cluster_of_which_a_worker_is_killed_gives_what_one_machine_gives(
    evidence: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    with local_cluster(tmp_path / "cluster") as cluster:
        killer = kill_later(cluster.workers[0], 4)
        options = RunOptions(
            policy=load_policy("default"),
            state=tmp_path / "state",
            out=tmp_path / "out",
            scheduler=cluster.address,
        )
        audit_paths([evidence], options)
        killer.join()
    assert bytes_of(tmp_path / "out") == whole
    assert not list(tmp_path.glob("dji-audit-*"))


@pytest.mark.slow
def test_an_interrupted_run_keeps_what_it_finished_and_goes_on(
    evidence: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    state, out = tmp_path / "state", tmp_path / "out"
    command = [str(DJI_AUDIT), "audit", str(evidence), "--state", str(state), "-o", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    until = time.monotonic() + 120
    while not list(state.glob("results/files/*/*.value")) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "finishing what is being read" in told
    assert "keeps what was found out" in told
    # It ended in peace: nothing has to be checked again.
    assert not (state / "unfinished").exists()
    finished = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)
    assert finished.returncode in (0, 1, 4)
    assert bytes_of(out) == whole

"""A container that is cut short, hangs, crashes or takes all memory costs itself and no run."""

import json
import os
import signal
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.containers import container_process, member_copies
from dji_audit.fleet.containers.container_process import ContainerUnpackingProcess
from dji_audit.fleet.containers.generator_in_subprocess import (
    GeneratorFailedError,
    GeneratorProcess,
)
from dji_audit.fleet.containers.member_copies import MemberCopies
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.ingest import (
    DEFAULT_SETTINGS,
    InputFilesAndKeychains,
    find_input_files_and_keychains,
)
from dji_audit.ingest.dry_run_scan import scan_input_files
from dji_audit.report.quarantine import QuarantineCause
from tests.conftest import ROOT

SAMPLE = next((ROOT / "sample_logs").glob("*.MRK"))
FAULT = "this is a fault of dji-audit"
#: How a container goes wrong -> its cause, and what is said of it.
CAUSES = {
    "cut": (
        QuarantineCause.TRUNCATED,
        "it was cut short while it was read, or its disk failed",
    ),
    "fault": (QuarantineCause.FAULT, f"IndexError: list index out of range; {FAULT}"),
    "hang": (QuarantineCause.TIME_LIMIT, "stopped after 3 s, the time limit"),
    "kill": (QuarantineCause.CRASH, f"the worker crashed (exit code -9); {FAULT}"),
    "memory": (QuarantineCause.MEMORY, "ran out of memory"),
}


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the generators that go wrong, where the other process finds them too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.delitem(sys.modules, "crashing_generators", raising=False)
    import crashing_generators  # type: ignore[import-not-found]

    found: ModuleType = crashing_generators
    return found


def write_containers(folder: Path, stems: Sequence[str]) -> Path:
    """Write containers of three small logs each."""
    folder.mkdir()
    for index, stem in enumerate(stems):
        with zipfile.ZipFile(folder / f"{stem}.zip", "w") as archive:
            for number in range(3):
                # No two are alike: copies are not read.
                text = SAMPLE.read_text("utf-8") + "\n" * (3 * index + number)
                archive.writestr(f"{number}_{SAMPLE.name}", text)
    return folder


def found_below(folder: Path, containers: ContainerUnpackingProcess) -> InputFilesAndKeychains:
    return find_input_files_and_keychains([folder], DEFAULT_SETTINGS, reading=containers.reading)


def test_a_container_that_goes_wrong_while_it_is_listed_costs_itself(
    tmp_path: Path, wrong: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_process, "list_container_contents", wrong.list_container_contents)
    folder = write_containers(tmp_path / "evidence", ("a", *CAUSES, "z"))
    with ContainerUnpackingProcess(1, 3.0) as containers:
        found = found_below(folder, containers).discovered
    # One whose process somebody ends is listed again, but not for ever.
    assert [it.name for it in found.containers] == ["a.zip", "z.zip"]
    assert len(found.inputs) == 6
    assert {it.name: (it.cause, it.reason) for it in found.unreadable} == {
        f"{stem}.zip": (cause, f"a container whose members could not be listed: {reason}")
        for stem, (cause, reason) in CAUSES.items()
    }


def test_a_container_that_goes_wrong_while_it_is_unpacked_costs_what_is_left_of_it(
    tmp_path: Path, wrong: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_containers(tmp_path / "evidence", ("cut", "fault", "once", "z"))
    spool = tmp_path / "spool"
    spool.mkdir()
    with ContainerUnpackingProcess(1, 60.0) as containers:
        inputs = found_below(folder, containers).discovered.inputs
        monkeypatch.setattr(
            member_copies,
            "copy_members_and_iterate_indexed_copies",
            wrong.copy_members_and_iterate_indexed_copies,
        )
        copies = MemberCopies(spool, inputs, containers)
        given = list(copies.inputs_with_index_and_copy(inputs, ()))
    assert sorted(it.index for it in given) == list(range(len(inputs)))
    lost = [it for it in given if it.copy is not None and it.copy.failure]
    # One whose process somebody ended is unpacked from where it was on.
    assert [it.input.path.stem for it in lost] == ["cut", "cut", "fault", "fault"]
    for it in lost:
        cause, reason = CAUSES[it.input.path.stem]
        assert it.copy is not None
        assert it.copy.cause is cause
        assert it.copy.failure == f"its container could not be unpacked: {reason}"


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_full_disk_while_a_container_is_unpacked_blames_no_file(
    tmp_path: Path, wrong: ModuleType, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    folder = write_containers(tmp_path / "evidence", ("full",))
    with ContainerUnpackingProcess(jobs, 60.0) as containers:
        inputs = found_below(folder, containers).discovered.inputs
        monkeypatch.setattr(
            member_copies,
            "copy_members_and_iterate_indexed_copies",
            wrong.copy_members_and_iterate_indexed_copies,
        )
        copies = MemberCopies(tmp_path, inputs, containers)
        with pytest.raises(OutputError, match="no space left on device; make room and run"):
            list(copies.inputs_with_index_and_copy(inputs, ()))


def test_a_run_goes_on_beside_a_container_that_crashes(
    tmp_path: Path, wrong: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = write_containers(tmp_path / "evidence", ("a", "crash"))
    monkeypatch.setattr(container_process, "list_container_contents", wrong.list_container_contents)
    finished = audit_paths([evidence], RunOptions(policy=load_policy("default"), jobs=1))
    report = json.loads(finished.report_json_text)
    assert {it["name"]: it["cause"] for it in report["quarantine"]} == {
        "crash.zip": "crash",
    }
    read = [row["name"] for row in report["inputs"] if row["status"] == "read"]
    assert read == [f"a.zip!/{number}_{SAMPLE.name}" for number in range(3)]
    assert finished.verdict.exit_code != 0


def test_a_file_that_is_cut_while_the_time_of_a_run_is_estimated_costs_the_estimate(
    tmp_path: Path, wrong: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cut.txt").write_bytes(bytes(10_000))
    (tmp_path / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    with ContainerUnpackingProcess(1, 60.0) as containers:
        files = found_below(tmp_path, containers)
        scan = containers.evidence_dry_run_of_inputs(files, DEFAULT_SETTINGS)
        assert scan == scan_input_files(files, DEFAULT_SETTINGS)
        monkeypatch.setattr(
            container_process, "scan_evidence_in_container_process", wrong.cut_scans
        )
        assert containers.evidence_dry_run_of_inputs(files, DEFAULT_SETTINGS) is None


def test_the_process_ends_when_it_is_no_longer_needed_and_is_replaced_when_killed(
    wrong: ModuleType,
) -> None:
    process = GeneratorProcess()
    (first,) = process.results(wrong.own_process_number, (), 60.0)
    (again,) = process.results(wrong.own_process_number, (), 60.0)
    assert first == again != os.getpid()
    os.kill(first, signal.SIGKILL)
    with pytest.raises(GeneratorFailedError) as told:
        list(process.results(wrong.own_process_number, (), 60.0))
    assert told.value.was_ended_from_outside
    (second,) = process.results(wrong.own_process_number, (), 60.0)
    assert second != first
    process.end()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)

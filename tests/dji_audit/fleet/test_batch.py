"""A file that crashes, hangs or breaks its worker loses itself and no other."""

import sys
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.batch import Work, audit_files
from dji_audit.fleet.inputs import Input
from dji_audit.fleet.worker import FileResult, Task

TASK = Task(load_policy(), (), None, None, "Europe/London")
FAULT = "this is a fault of dji-audit"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Return the work that goes wrong, where worker processes find it too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.delitem(sys.modules, "crashing", raising=False)
    import crashing  # type: ignore[import-not-found]

    found: Work = crashing.work
    return found


def inputs(*stems: str) -> list[Input]:
    return [Input(Path(f"{stem}.txt"), f"{stem}.txt", True) for stem in stems]


def told(results: list[FileResult]) -> list[tuple[str, str, str]]:
    return [(result.file.name, result.file.status, result.file.reason) for result in results]


def test_each_file_that_breaks_its_worker_loses_itself_and_no_other(work: Work) -> None:
    stems = ("ok-1", "exit", "ok-2", "kill", "error", "odd", "hang", "memory", "ok-3")
    results = told(list(audit_files(inputs(*stems), TASK, 2, 3.0, work)))
    assert [name for name, _, _ in results] == [f"{stem}.txt" for stem in stems]
    rows = {name: (status, reason) for name, status, reason in results}
    for name in ("ok-1", "ok-2", "ok-3"):
        assert rows[f"{name}.txt"] == ("read", "")
    for name, reason in {
        "exit": f"the reader crashed (exit code 9); {FAULT}",
        "kill": f"the reader crashed (exit code -9); {FAULT}",
        "error": f"IndexError: list index out of range; {FAULT}",
        "hang": "given up after 3 s",
        "memory": "ran out of memory",
        "odd": f"OddError: this and that; {FAULT}",
    }.items():
        assert rows[f"{name}.txt"] == ("unread", reason)


def test_results_come_in_the_order_of_the_files_whatever_took_how_long(work: Work) -> None:
    stems = ("slow-1", "ok-1", "ok-2", "slow-2", "ok-3")
    results = told(list(audit_files(inputs(*stems), TASK, 2, 60.0, work)))
    assert [name for name, _, _ in results] == [f"{stem}.txt" for stem in stems]


def test_without_workers_an_error_nobody_foresaw_loses_its_own_file_too(work: Work) -> None:
    results = told(
        list(audit_files(inputs("ok-1", "error", "memory", "ok-2"), TASK, 1, 60.0, work))
    )
    assert [(name, status) for name, status, _ in results] == [
        ("ok-1.txt", "read"),
        ("error.txt", "unread"),
        ("memory.txt", "unread"),
        ("ok-2.txt", "read"),
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_disk_that_is_full_stops_the_run(work: Work, jobs: int) -> None:
    with pytest.raises(OSError, match="No space left"):
        list(audit_files(inputs("ok-1", "disk", "ok-2"), TASK, jobs, 60.0, work))


def test_no_files_are_no_work(work: Work) -> None:
    assert list(audit_files([], TASK, 4, 60.0, work)) == []

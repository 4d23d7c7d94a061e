"""A cluster does what one computer does, also when a worker of it dies."""

from pathlib import Path

import pytest

from dji_audit.fleet.dask_pool import DaskPool, reason_worker_is_unfit
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.result_keys import package_code_digest
from tests.dji_audit.fleet.local_cluster import kill_later, local_cluster
from tests.dji_audit.fleet.workers.test_worker_pool import SETTINGS, Work, inputs, job, told

__all__ = ["job"]
CODE = [package_code_digest("dji_audit"), package_code_digest("parsers")]


def test_a_worker_that_cannot_do_its_part_says_why(tmp_path: Path) -> None:
    assert reason_worker_is_unfit([str(tmp_path)], CODE) == ""
    assert "does not see /no/such" in reason_worker_is_unfit(["/no/such"], CODE)
    assert "another version" in reason_worker_is_unfit([], ["0", "1"])


def test_no_scheduler_is_an_error_and_no_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from dji_audit.fleet import dask_pool

    monkeypatch.setattr(dask_pool, "_ANSWER_S", 1.0)
    with (
        pytest.raises(OutputError, match="no scheduler answers"),
        DaskPool("tcp://127.0.0.1:1", 10.0, []),
    ):
        pass


@pytest.mark.slow
def test_a_cluster_of_which_a_worker_is_killed_gives_each_result_once(
    job: Work, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    stems = [f"slow-{number}" for number in range(60)]
    stems[10], stems[30] = "exit", "hang"
    with (
        local_cluster(tmp_path / "cluster") as cluster,
        DaskPool(cluster.address, 5.0, [tmp_path]) as pool,
    ):
        killer = kill_later(cluster.workers[0], 3)
        results = told(list(pool.results_of_each(job, inputs(*stems), SETTINGS)))
        killer.join()
    assert [name for name, _, _ in results] == [f"{stem}.txt" for stem in stems]
    lost = {name: reason for name, status, reason in results if status != "read"}
    assert set(lost) == {"exit.txt", "hang.txt"}
    assert "the worker crashed" in lost["exit.txt"]
    assert "stopped after 5 s" in lost["hang.txt"]

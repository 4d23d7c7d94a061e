"""The worker that joins logs gives what joining gives, in whatever order the logs were read."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from dji_audit.fleet.read_file_in_worker import file_index_of_log, run_wide_log_index
from dji_audit.fleet.rows_on_disk import (
    RowFile,
    RowsOnDisk,
    load_named_rows_and_text_from_file,
    save_named_rows_in_file,
)
from dji_audit.fleet.stages.join_logs import (
    JoinedFlightsOnDisk,
    join_logs_in_worker,
    load_page_order,
)
from dji_audit.fleet.stages.page_order import page_order
from dji_audit.fleet.stages.read_files import RowBlocksByFile
from dji_audit.fleet.stages.track_comparisons_of_last_run import COMPARISONS_OF_LAST_RUN
from dji_audit.fleet.worker_pool import WorkerPool, WorkerPoolError
from dji_audit.flights import LogSummary, join_logs, summarise_each_part_of_log
from dji_audit.flights.clock import _track_alignment
from tests.conftest import ROOT

NAMES = ("2026-05-14 12-01-58.tlog", "00000042.BIN", "DJI_20260514100443_0001_D.SRT")


@pytest.fixture(scope="module")
def summaries() -> list[LogSummary]:
    """Return the parts of three logs, two of which are of one flight."""
    logs = [parsers.read(ROOT / "sample_logs" / name) for name in NAMES]
    return [
        it
        for file, log in enumerate(logs)
        for it in summarise_each_part_of_log(log, run_wide_log_index(file, 0))
    ]


def summaries_by_file(folder: Path, summaries: Iterable[LogSummary]) -> RowBlocksByFile:
    """Return summaries as reading leaves them: logs are numbered within their file."""
    blocks = RowBlocksByFile(RowsOnDisk(RowFile(folder)))
    for it in summaries:
        blocks.add_rows_of_file(file_index_of_log(it.log_index), (replace(it, log_index=0),))
    return blocks


@pytest.mark.parametrize("reverse", [False, True])
def test_logs_are_joined_as_if_their_summaries_were_in_memory(
    summaries: list[LogSummary], tmp_path: Path, reverse: bool
) -> None:
    wanted = join_logs(summaries)
    order = page_order(wanted.assemblies, summaries)
    read = summaries_by_file(tmp_path, summaries[::-1] if reverse else summaries)
    joined = join_logs_in_worker(
        read, tmp_path, None, WorkerPool(0, 10.0), None, has_network_logs=True
    )
    assert joined.assemblies == wanted.assemblies
    assert joined.unjoined == wanted.unjoined
    assert joined.neighbours == [order.neighbours(it.id) for it in wanted.assemblies]
    loaded = load_page_order(tmp_path)
    assert [*loaded] == [*order]
    assert [loaded.link(it) for it in loaded] == [order.link(it) for it in order]


@pytest.mark.parametrize("has_network_logs", [False, True])
def test_flights_list_those_near_them_only_where_a_network_log_needs_it(
    tmp_path: Path, has_network_logs: bool
) -> None:
    logs = [
        parsers.read(ROOT / "sample_logs" / name)
        for name in ("00000042.BIN", "log_42_2026-5-14-14-01-58.ulg")
    ]
    read = summaries_by_file(
        tmp_path,
        [
            it
            for file, log in enumerate(logs)
            for it in summarise_each_part_of_log(log, run_wide_log_index(file, 0))
        ],
    )
    pool = WorkerPool(0, 10.0)
    joined = join_logs_in_worker(
        read, tmp_path, None, pool, None, has_network_logs=has_network_logs
    )
    listed = [len(it.flights_near_in_time) for it in joined.assemblies]
    assert listed == ([1, 1] if has_network_logs else [0, 0])


def test_without_logs_there_are_no_flights(tmp_path: Path) -> None:
    joined = join_logs_in_worker(
        summaries_by_file(tmp_path, []),
        tmp_path,
        None,
        WorkerPool(0, 10.0),
        None,
        has_network_logs=True,
    )
    assert (len(joined.assemblies), len(joined.unjoined), len(joined.neighbours)) == (0, 0, 0)


@pytest.fixture
def no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no two tracks be compared."""

    def compare(*_: object) -> None:
        raise AssertionError("two tracks were compared")

    monkeypatch.setattr(_track_alignment, "_distance_and_overlap_at_each_offset", compare)


def test_what_the_last_run_compared_is_not_compared_again(
    summaries: list[LogSummary],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    def joined_anew() -> JoinedFlightsOnDisk:
        read = summaries_by_file(tmp_path, summaries)
        return join_logs_in_worker(
            read, tmp_path, tmp_path, WorkerPool(0, 10.0), None, has_network_logs=True
        )

    first = joined_anew()
    kept = (tmp_path / COMPARISONS_OF_LAST_RUN).read_bytes()
    request.getfixturevalue("no_comparison")
    again = joined_anew()
    assert again.assemblies == first.assemblies
    assert again.unjoined == first.unjoined
    assert (tmp_path / COMPARISONS_OF_LAST_RUN).read_bytes() == kept


@pytest.mark.parametrize("damage", [b"", b"no comparisons", None])
def test_damaged_comparisons_are_made_again(
    summaries: list[LogSummary], tmp_path: Path, damage: bytes | None
) -> None:
    read = summaries_by_file(tmp_path, summaries)
    join_logs_in_worker(read, tmp_path, tmp_path, WorkerPool(0, 10.0), None, has_network_logs=True)
    path = tmp_path / COMPARISONS_OF_LAST_RUN
    kept = path.read_bytes()
    if damage is None:
        _, note = load_named_rows_and_text_from_file(path, ())
        save_named_rows_in_file(path, {"results": (summaries[0],)}, note)
    else:
        path.write_bytes(damage)
    joined = join_logs_in_worker(
        read, tmp_path, tmp_path, WorkerPool(0, 10.0), None, has_network_logs=True
    )
    assert joined.assemblies == join_logs(summaries).assemblies
    assert path.read_bytes() == kept


def test_logs_that_cannot_be_joined_end_the_run_with_the_reason(
    summaries: list[LogSummary], tmp_path: Path
) -> None:
    with pytest.raises(WorkerPoolError, match=r"could not be joined to flights: .*Atlantis"):
        blocks = summaries_by_file(tmp_path, summaries)
        join_logs_in_worker(
            blocks, tmp_path, None, WorkerPool(0, 10.0), "Atlantis", has_network_logs=True
        )

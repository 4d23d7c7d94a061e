"""The worker that joins logs gives what joining gives, in whatever order the logs were read."""

from pathlib import Path

import pytest

import parsers
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.stages.join_logs import join_logs_in_worker, join_saved_logs, load_page_order
from dji_audit.fleet.stages.page_order import page_order
from dji_audit.fleet.stored_rows import RowFile, StoredRows, encode_rows
from dji_audit.fleet.worker_pool import WorkerPool, WorkerPoolError
from dji_audit.flights import LogSummary, join_logs, summarise_log
from tests.conftest import ROOT

NAMES = ("2026-05-14 12-01-58.tlog", "00000042.BIN", "DJI_20260514100443_0001_D.SRT")


@pytest.fixture(scope="module")
def summaries() -> list[LogSummary]:
    """Return the parts of three logs, two of which are of one flight."""
    logs = [parsers.read(ROOT / "sample_logs" / name) for name in NAMES]
    return [it for index, log in enumerate(logs) for it in summarise_log(log, index)]


def stored(summaries: list[LogSummary]) -> StoredRows[LogSummary]:
    rows: StoredRows[LogSummary] = StoredRows(RowFile())
    for summary in summaries:
        rows.add_block(encode_rows((summary,)))
    return rows


@pytest.mark.parametrize("reverse", [False, True])
def test_logs_are_joined_as_if_their_summaries_were_in_memory(
    summaries: list[LogSummary], tmp_path: Path, reverse: bool
) -> None:
    wanted = join_logs(summaries)
    order = page_order(wanted.assemblies, summaries)
    read = stored(summaries[::-1] if reverse else summaries)
    joined = join_logs_in_worker(read, tmp_path, WorkerPool(0, 10.0), None)
    assert joined.assemblies == wanted.assemblies
    assert joined.unjoined == wanted.unjoined
    assert joined.neighbours == [order.neighbours(it.id) for it in wanted.assemblies]
    loaded = load_page_order(tmp_path)
    assert [*loaded] == [*order]
    assert [loaded.link(it) for it in loaded] == [order.link(it) for it in order]


def test_without_logs_there_are_no_flights(tmp_path: Path) -> None:
    joined = join_logs_in_worker(stored([]), tmp_path, WorkerPool(0, 10.0), None)
    assert (len(joined.assemblies), len(joined.unjoined), len(joined.neighbours)) == (0, 0, 0)


def test_logs_that_cannot_be_joined_end_the_run_with_the_reason(
    summaries: list[LogSummary], tmp_path: Path
) -> None:
    with pytest.raises(WorkerPoolError, match=r"could not be joined to flights: .*Atlantis"):
        join_logs_in_worker(stored(summaries), tmp_path, WorkerPool(0, 10.0), "Atlantis")


def test_summaries_that_are_not_there_or_damaged_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file"):
        join_saved_logs(tmp_path, None)
    (tmp_path / "log-summaries").write_bytes(b"something else")
    with pytest.raises(OutputError, match="is damaged or was written by another version"):
        join_saved_logs(tmp_path, None)

"""States of several machines become one, however often they are merged."""

from pathlib import Path

import pytest

from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.state.merge_states import merge_states
from dji_audit.fleet.state.run_ledger import RunLedger, ShardNumberAndCount
from dji_audit.fleet.state.state_folder import open_state_folder
from dji_audit.report.rows import FileRow


def make_state(folder: Path, shard: ShardNumberAndCount, *keys: str) -> Path:
    with open_state_folder(folder) as state:
        for key in keys:
            state.store.put("files", key, (key, 1.5))
        rows = [FileRow(f"{key}.txt", "read", size=1, sha256="0") for key in keys]
        state.ledger.add_run([folder.parent], rows, shard)
    return folder


def results_of(state: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (state / "results").rglob("*.value")}


@pytest.fixture
def states(tmp_path: Path) -> list[Path]:
    return [
        make_state(tmp_path / "a", ShardNumberAndCount(1, 2), "aa1", "aa2"),
        make_state(tmp_path / "b", ShardNumberAndCount(2, 2), "aa2", "bb3"),
    ]


def test_a_merged_state_has_every_result_and_run_once(states: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "all"
    merged = merge_states(states, target)
    assert (merged.added_results, merged.known_results, merged.added_runs) == (3, 1, 2)
    assert results_of(target) == results_of(states[0]) | results_of(states[1])
    names = RunLedger(target / "ledger.sqlite").removed_files([tmp_path], frozenset())
    assert names == ("aa1.txt", "aa2.txt", "bb3.txt")


def test_merging_again_in_any_order_changes_nothing(states: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "all"
    merge_states(states, target)
    before = results_of(target)
    again = merge_states(states[::-1], target)
    assert (again.added_results, again.known_results, again.added_runs) == (0, 4, 0)
    assert results_of(target) == before


def test_a_damaged_result_is_left_out_and_one_in_the_target_is_mended(
    states: list[Path], tmp_path: Path
) -> None:
    target = tmp_path / "all"
    merge_states(states, target)
    whole = results_of(target)
    (target / "results" / "files" / "aa" / "aa1.value").write_bytes(b"\0" * 40)
    damaged = states[1] / "results" / "files" / "aa" / "aa2.value"
    data = damaged.read_bytes()
    damaged.write_bytes(data[:20] + b"?" + data[21:])
    (target / "results" / "files" / "aa" / "aa2.value").unlink()
    merged = merge_states([states[1]], target)
    assert (merged.damaged_results, merged.added_results) == (1, 0)
    merged = merge_states(states, target)
    assert (merged.damaged_results, merged.added_results) == (0, 2)
    assert results_of(target) == whole


def test_no_state_and_one_in_use_are_refused(states: list[Path], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="is not a state"):
        merge_states([tmp_path / "folder"], tmp_path / "all")
    with open_state_folder(states[0]), pytest.raises(OutputError, match="used by another run"):
        merge_states(states, tmp_path / "all")
    with pytest.raises(OutputError, match="into itself"):
        merge_states([states[0]], states[0])


def test_a_shard_is_chosen_by_the_name_alone_and_every_name_is_in_one() -> None:
    names = [f"card {number}/DJI_{number:04}.SRT" for number in range(1000)]
    shards = [
        [name for name in names if ShardNumberAndCount(k, 4).is_file_in_shard(name)]
        for k in (1, 2, 3, 4)
    ]
    assert sorted(name for shard in shards for name in shard) == sorted(names)
    assert all(180 < len(shard) < 320 for shard in shards)

"""A state keeps what its last runs used, and no more."""

from pathlib import Path

import pytest

from dji_audit.fleet.state import run_ledger
from dji_audit.fleet.state.remove_unused_results import remove_and_count_unused_results
from dji_audit.fleet.state.run_ledger import RunLedger, ShardNumberAndCount
from dji_audit.fleet.state.state_folder import OpenResultStoreAndRunLedger, open_state_folder

CARD, OTHER = Path("/card"), Path("/other")


def put(state: OpenResultStoreAndRunLedger, *keys: str) -> None:
    for key in keys:
        state.store.put("files", key, key)


def end_run(state: OpenResultStoreAndRunLedger, root: Path, *used: str) -> int:
    state.ledger.add_run([root], [])
    return remove_and_count_unused_results(
        state.store, state.ledger, [("files", key) for key in used]
    )


def keys_in(state: OpenResultStoreAndRunLedger) -> set[str]:
    return {key for _, key in state.store.stages_and_keys()}


def test_a_result_goes_when_three_runs_over_the_same_paths_did_not_use_it(tmp_path: Path) -> None:
    with open_state_folder(tmp_path / "state") as state:
        put(state, "aa1", "aa2", "bb3", "cc4")
        assert end_run(state, CARD, "aa1", "aa2") == 0
        assert end_run(state, OTHER, "bb3") == 0
        # One that no run stated yet, as a merged or a killed one leaves it, counts as used now.
        assert keys_in(state) == {"aa1", "aa2", "bb3", "cc4"}
        assert [end_run(state, CARD, "aa1") for _ in range(3)] == [0, 0, 2]
        # Those of other paths stay, however often one goes over these.
        assert keys_in(state) == {"aa1", "bb3"}
        assert [end_run(state, CARD, "aa1") for _ in range(6)] == [0] * 6
        assert keys_in(state) == {"aa1", "bb3"}


def test_runs_over_one_part_make_nothing_old(tmp_path: Path) -> None:
    with open_state_folder(tmp_path / "state") as state:
        put(state, "aa1", "bb2")
        end_run(state, CARD, "aa1", "bb2")
        for number in range(1, 7):
            state.ledger.add_run([CARD], [], ShardNumberAndCount(number, 6))
        assert end_run(state, CARD, "aa1") == 0
        assert keys_in(state) == {"aa1", "bb2"}


def test_no_more_than_a_bound_go_at_once_and_the_rest_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_ledger, "_MAX_REMOVED", 3)
    with open_state_folder(tmp_path / "state") as state:
        put(state, *(f"{number:02}a" for number in range(5)))
        end_run(state, CARD, *(f"{number:02}a" for number in range(5)))
        assert [end_run(state, CARD) for _ in range(5)] == [0, 0, 3, 2, 0]
        assert keys_in(state) == set()


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    with open_state_folder(tmp_path / "state") as state:
        put(state, "aa1")
        left = state.store.folder / "files" / "aa" / ".tmpabc"
        left.write_bytes(b"half")
        end_run(state, CARD, "aa1")
        assert (left.exists(), keys_in(state)) == (False, {"aa1"})


def test_a_state_that_was_not_left_in_peace_is_checked_whole(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with pytest.raises(ZeroDivisionError), open_state_folder(folder) as state:
        put(state, "aa1")
        raise ZeroDivisionError
    path = folder / "results" / "files" / "aa" / "aa1.value"
    data = path.read_bytes()
    path.write_bytes(data[:20] + b"?" + data[21:])
    with open_state_folder(folder) as state:
        assert not state.store.has("files", "aa1")
    # This one ended in peace, so that the end of a file is enough.
    with open_state_folder(folder) as state:
        assert state.store.has("files", "aa1")
        assert state.store.get("files", "aa1") is None
    with pytest.raises(KeyboardInterrupt), open_state_folder(folder):
        raise KeyboardInterrupt
    assert not (folder / "unfinished").exists()


def test_the_ledger_counts_parts_with_the_whole_run_before_them(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "ledger.sqlite")
    assert ledger.file_hashes_by_path_or_empty() == {}
    assert ledger.removed_files([CARD], frozenset()) == ()

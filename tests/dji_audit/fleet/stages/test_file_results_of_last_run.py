"""A file that has not changed since the last run is taken over as it was encoded, and no other."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import read_file_in_worker
from dji_audit.fleet.run import audit_paths
from dji_audit.fleet.stages.file_results_of_last_run import FILES_OF_LAST_RUN
from dji_audit.fleet.store import ResultStore
from dji_audit.fleet.temporary_files_for_workers import LOG_STAGE
from tests.dji_audit.fleet.stages.run_in_folder import (
    SAMPLES,
    bytes_of_files,
    change_one_bit,
    copy_sample_logs,
    cut_short,
    options_in_folder,
    run_in_folder,
)

PATTERNS = ("*.tlog", "*_T.JPG", "*.BIN", "*.pcap", "*.zip", "*.ulg")


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with files of many kinds, and the state of a run over them."""
    home = tmp_path_factory.mktemp("files")
    copy_sample_logs(home, *PATTERNS)
    (home / "evidence" / "notes.txt").write_text("nothing")
    run_in_folder(home)
    return home


@pytest.fixture
def home(first_run: Path, tmp_path: Path) -> Path:
    shutil.copytree(first_run / "evidence", tmp_path / "evidence")
    shutil.copytree(first_run / "state", tmp_path / "state")
    return tmp_path


@pytest.fixture
def files_given_to_workers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of files that went to a worker, members of containers left out."""
    names: list[str] = []
    key_files = read_file_in_worker._cache_keys_of_file

    def note(opened: object, settings: object) -> tuple[str, ...]:
        item = opened.input  # type: ignore[attr-defined]
        if item.member is None:
            names.append(item.name)
        return key_files(opened, settings)  # type: ignore[arg-type]

    monkeypatch.setattr(read_file_in_worker, "_cache_keys_of_file", note)
    return names


def results_of_new_run(home: Path) -> dict[str, bytes]:
    """Return what a run writes that knows nothing."""
    run_in_folder(home, state=None, out=home / "new")
    return bytes_of_files(home / "new")


def test_only_a_new_file_goes_to_a_worker(home: Path, files_given_to_workers: list[str]) -> None:
    count = sum(1 for _ in (home / "evidence").iterdir())
    shutil.copy(SAMPLES / "00000042.BIN", home / "evidence" / "another.BIN")
    with (home / "evidence" / "another.BIN").open("ab") as stream:
        stream.write(bytes(7))
    finished = run_in_folder(home)
    assert set(files_given_to_workers) == {"another.BIN"}
    assert finished.kept is not None
    assert finished.kept.read_files == 1
    assert finished.kept.known_files >= count - 1
    assert bytes_of_files(home / "out") == results_of_new_run(home)


def cut_rows_short(home: Path) -> None:
    cut_short(home / "state" / FILES_OF_LAST_RUN)


def change_one_bit_of_rows(home: Path) -> None:
    change_one_bit(home / "state" / FILES_OF_LAST_RUN, 200)


def remove(home: Path) -> None:
    (home / "state" / FILES_OF_LAST_RUN).unlink()


@pytest.mark.parametrize("damage", [cut_rows_short, change_one_bit_of_rows, remove])
def test_damaged_rows_are_not_taken_over(
    home: Path, files_given_to_workers: list[str], damage: Callable[[Path], None]
) -> None:
    damage(home)
    (home / "evidence" / "notes.txt").write_text("something else")
    finished = run_in_folder(home)
    assert "00000042.BIN" in files_given_to_workers
    assert finished.kept is not None
    # The store knows them all the same.
    assert finished.kept.read_files == 1
    assert bytes_of_files(home / "out") == results_of_new_run(home)


def test_a_file_whose_log_is_gone_from_the_store_is_read_again(
    home: Path, files_given_to_workers: list[str]
) -> None:
    store = ResultStore(home / "state" / "results")
    for stage, key in list(store.stages_and_keys()):
        if stage == LOG_STAGE:
            store.remove(stage, key)
    (home / "evidence" / "notes.txt").write_text("something else")
    run_in_folder(home)
    assert "notes.txt" in files_given_to_workers
    assert "00000042.BIN" in files_given_to_workers
    assert bytes_of_files(home / "out") == results_of_new_run(home)


def test_rows_of_other_settings_are_not_taken_over(
    home: Path, files_given_to_workers: list[str]
) -> None:
    run_in_folder(home, plots=("ATT.Roll",))
    assert "00000042.BIN" in files_given_to_workers


def test_the_row_of_a_file_says_whether_its_hash_was_trusted(
    home: Path, files_given_to_workers: list[str]
) -> None:
    # Copies have other inodes, so that nothing can be trusted the first time.
    run_in_folder(home, policy=load_policy("uk-open"))
    for trust, policy in ((True, "default"), (False, "uk-open"), (True, "default")):
        files_given_to_workers.clear()
        finished = run_in_folder(home, trust_mtime=trust, policy=load_policy(policy))
        assert files_given_to_workers == []
        trusted = {it.name for it in finished.contents.files if it.is_hash_trusted}
        assert ("00000042.BIN" in trusted) is trust
        assert finished.kept is not None
        assert (finished.kept.trusted_files > 0) is trust


def test_a_file_that_the_user_named_is_not_the_one_that_was_found(
    home: Path, files_given_to_workers: list[str]
) -> None:
    path = home / "evidence" / "notes.txt"
    finished = audit_paths([path, home / "evidence"], options_in_folder(home, out=None))
    assert set(files_given_to_workers) == {"notes.txt"}
    assert any(it.name == "notes.txt" for it in finished.contents.files)

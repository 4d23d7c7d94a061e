"""The same command over the same evidence ends when every file is hashed; any change is noticed."""

import errno
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dji_audit.cli.audit._audit import reused_results_lines
from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.outcomes import Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import audit_flight_in_worker, read_file_in_worker
from dji_audit.fleet import run as run_module
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.rows_on_disk import ROWS_FILE
from dji_audit.fleet.run import audit_paths
from dji_audit.fleet.stages.unchanged_run import LAST_RUN_FILE
from dji_audit.fleet.state.run_ledger import LEDGER_FILE
from dji_audit.fleet.state.state_folder import UNFINISHED_FILE, open_state_folder
from dji_audit.ingest import IngestSettings
from tests.dji_audit.fleet.stages.run_in_folder import (
    SAMPLES,
    copy_run,
    options_in_folder,
    run_in_folder,
)

WITHOUT_FILMS = IngestSettings(leave_out=("*.mp4",))
options_of_run = partial(options_in_folder, ingest=WITHOUT_FILMS)
run = partial(run_in_folder, ingest=WITHOUT_FILMS)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with evidence, the results of a run and its state."""
    home = tmp_path_factory.mktemp("unchanged")
    evidence = home / "evidence"
    evidence.mkdir()
    for path in (*SAMPLES.glob("*.tlog"), *SAMPLES.glob("*_T.JPG")):
        shutil.copy(path, evidence)
    (evidence / "notes.txt").write_text("nothing")
    (evidence / "film.mp4").write_bytes(bytes(100))
    (evidence / "later").mkdir()
    run(home)
    return home


@pytest.fixture
def home(first_run: Path, tmp_path: Path) -> Path:
    """Return a copy of the first run, as if it had been made there."""
    copy_run(first_run, tmp_path)
    # Copies have other inodes, so that what is copied is no unchanged result.
    run(tmp_path)
    return tmp_path


def is_found_unchanged(home: Path, **more: object) -> bool:
    """Return whether a run ends before it finds its files."""
    return run(home, **more).evidence is None


def all_files_with_times(home: Path) -> dict[Path, tuple[int, bytes]]:
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for folder in ("out", "state")
        for path in (home / folder).rglob("*")
        if path.is_file() and not path.name.startswith(LEDGER_FILE)
    }


def test_nothing_is_opened_but_to_be_hashed_and_nothing_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "find_input_files_and_keychains", None)
    before = all_files_with_times(home)
    seen: list[tuple[int, int, str]] = []
    again = audit_paths(
        [home / "evidence"],
        options_of_run(home),
        lambda done, of, name: seen.append((done, of, name)),
    )
    assert all_files_with_times(home) == before
    files = sorted(it.name for it in (home / "evidence").iterdir() if it.is_file())
    hashed = [name for name in files if not name.endswith(".mp4")]
    assert seen == [(number, len(hashed), name) for number, name in enumerate(hashed, 1)]
    assert again.kept is not None
    assert (again.kept.read_files, again.kept.known_files) == (0, len(hashed))
    assert (again.kept.audited_flights, again.kept.known_flights) == (
        0,
        len(again.contents.flights),
    )
    assert list(reused_results_lines(again.kept)) == [
        f"state    nothing has changed since the last run: {len(hashed)} files, "
        "1 flight; its results stand"
    ]
    assert list(reused_results_lines(again.kept, is_quiet=True)) == []


def test_the_result_of_an_unchanged_run_is_that_of_the_run_before(home: Path) -> None:
    first, again = run(home, generated=None, allow_partial=True), run(home, allow_partial=True)
    assert again.evidence is None
    assert again.report_json_text == first.report_json_text
    assert (again.triage, again.verdict, again.basis) == (first.triage, first.verdict, first.basis)
    assert (home / "out" / "report.json").read_text() == again.report_json_text


def _rewrite_unseen(path: Path) -> None:
    """Change a byte of a file, and leave size and time as they were."""
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _add_file(home: Path) -> None:
    shutil.copy(next(SAMPLES.glob("*.ulg")), home / "evidence" / "later")


def _page(home: Path) -> Path:
    return next((home / "out" / "flights").iterdir())


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte of a log": lambda home: _rewrite_unseen(next((home / "evidence").glob("*.tlog"))),
    "a new file": _add_file,
    "a new folder": lambda home: (home / "evidence" / "more").mkdir(),
    "a file that is gone": lambda home: (home / "evidence" / "notes.txt").unlink(),
    "another name": lambda home: (home / "evidence" / "notes.txt").rename(
        home / "evidence" / "other.txt"
    ),
    "a link": lambda home: (home / "evidence" / "link").symlink_to("notes.txt"),
    "a file that is left out": lambda home: (home / "evidence" / "film.mp4").write_bytes(b"1"),
    "a page": lambda home: _page(home).write_text("x"),
    "a byte of a page": lambda home: _rewrite_unseen(_page(home)),
    "a page that is gone": lambda home: _page(home).unlink(),
    "a file among the results": lambda home: (home / "out" / "mine.txt").write_text("x"),
    "the table of flights": lambda home: _rewrite_unseen(home / "out" / "flights.csv"),
    "a table": lambda home: _rewrite_unseen(home / "state" / "tables" / "flights.parquet"),
    "the rows": lambda home: _rewrite_unseen(home / "state" / ROWS_FILE),
    "the record": lambda home: _rewrite_unseen(home / "state" / LAST_RUN_FILE),
    "an empty record": lambda home: (home / "state" / LAST_RUN_FILE).write_bytes(b""),
    "a run that was killed": lambda home: (home / "state" / UNFINISHED_FILE).touch(),
    "a ledger that is gone": lambda home: (home / "state" / LEDGER_FILE).unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_is_noticed(home: Path, what: str) -> None:
    CHANGES[what](home)
    if what == "a file among the results":
        # As in any run, a folder of results may hold more.
        (home / "out" / "mine.txt").unlink()
        os.utime(home / "out" / "index.html")
    assert not is_found_unchanged(home)
    # The run that followed left a record of its own.
    assert is_found_unchanged(home)


@pytest.mark.parametrize(
    "more",
    [
        {"policy": load_policy("local")},
        {"context_files": ContextFiles(inventory=SAMPLES / "unit" / "inventory.toml")},
        {"out": None},
        {"fail_on": Severity.HIGH},
        {"timezone": "Europe/London"},
        {"ingest": IngestSettings()},
        {"timeout_s": 5.0},
    ],
)
def test_any_other_setting_is_noticed(home: Path, more: dict[str, object]) -> None:
    assert not is_found_unchanged(home, **more)


def test_a_file_that_grew_between_reading_and_the_end_is_read_again(home: Path) -> None:
    """What was read is not what lies there now: no record says that nothing changed."""
    notes = home / "evidence" / "notes.txt"
    notes.write_text("else")

    def grow(done: int, of: int, name: str) -> None:
        if name == notes.name:
            notes.write_text("else and more")

    audit_paths([home / "evidence"], options_of_run(home), grow)
    assert not is_found_unchanged(home)


def test_what_went_wrong_and_may_pass_is_tried_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is killed thrice with one item costs the item, and only in that run."""
    expected = run(home).report_json_text

    for module, name, error in (
        (read_file_in_worker, "read_opened_input", MemoryError()),
        (read_file_in_worker, "_open_file_or_member_copy", OSError(errno.EIO, "a disk that fails")),
        (audit_flight_in_worker, "merge_and_audit_flight", MemoryError()),
    ):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        shutil.rmtree(home / "state")
        with monkeypatch.context() as patch:
            patch.setattr(module, name, fail)
            assert run(home).report_json_text != expected
        assert run(home).report_json_text == expected
        assert is_found_unchanged(home)


def test_what_lies_in_the_file_itself_is_not_tried_again(home: Path) -> None:
    os.mkfifo(home / "evidence" / "pipe")
    assert run(home).triage.quarantined
    assert is_found_unchanged(home)


def test_hashes_of_the_disk_are_trusted_only_where_the_user_says_so(home: Path) -> None:
    run(home, trust_mtime=True)
    again = run(home, trust_mtime=True)
    assert again.evidence is None
    assert again.kept is not None
    assert again.kept.trusted_files == again.kept.known_files
    _rewrite_unseen(home / "evidence" / "notes.txt")
    assert not is_found_unchanged(home)


def test_a_file_that_was_named_is_looked_at_each_time(home: Path) -> None:
    """Beside it may lie its keys, which no listing of it names."""
    (log,) = (home / "evidence").glob("*.tlog")
    options = options_of_run(home, state=home / "own", out=None)
    for _ in range(2):
        assert audit_paths([log], options).evidence is not None


def test_a_state_in_use_is_refused(home: Path) -> None:
    with open_state_folder(home / "state"), pytest.raises(OutputError, match="another run"):
        run(home)

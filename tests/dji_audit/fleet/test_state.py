"""What a run found out is kept: the next reads and audits only what is new or changed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import parsers
from dji_audit.compliance.context import ContextFiles
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet import audit_flight_in_worker, decoder_code_digests, read_file_in_worker
from dji_audit.fleet import run as run_module
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.run import FinishedRun, ReusedAndNewCounts, RunOptions, audit_paths
from dji_audit.fleet.stages.unchanged_run import delete_last_run_record
from dji_audit.fleet.state.run_ledger import LEDGER_FILE
from dji_audit.fleet.state.state_folder import MARK_FILE
from dji_audit.ingest import IngestSettings, OpenedFile
from dji_audit.redaction import PositionRedactionMethod
from tests.conftest import ROOT
from tests.dji_audit.cli.conftest import DJI_AUDIT

SAMPLES = ROOT / "sample_logs"
LOGS = ("*.tlog", "*_T.JPG")


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    for pattern in LOGS:
        for path in SAMPLES.glob(pattern):
            shutil.copy(path, folder)
    (folder / "notes.txt").write_text("nothing")
    return folder


def run(evidence: Path, state: Path | None, out: Path | None = None, **more: object) -> FinishedRun:
    options = RunOptions(policy=load_policy("default"), state=state, out=out)
    return audit_paths([evidence], replace(options, **more))  # type: ignore[arg-type]


def kept(finished: FinishedRun) -> ReusedAndNewCounts:
    assert finished.kept is not None
    return finished.kept


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_second_run_reads_and_audits_nothing_and_gives_the_same_bytes(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, out = tmp_path / "state", tmp_path / "out"
    first = run(evidence, state, out)
    assert kept(first).known_files == kept(first).known_flights == 0
    before = bytes_of(out)
    assert bytes_of(out) == before

    def refuse(*_: object) -> None:
        raise AssertionError("nothing is read or audited again")

    monkeypatch.setattr(read_file_in_worker, "read_opened_input", refuse)
    monkeypatch.setattr(audit_flight_in_worker, "merge_and_audit_flight", refuse)
    # Not even where the record of the whole run is gone.
    delete_last_run_record(state)
    again = run(evidence, state, out)
    assert (kept(again).read_files, kept(again).audited_flights) == (0, 0)
    assert kept(again).known_files == kept(first).read_files
    assert bytes_of(out) == before


def test_results_are_those_of_a_run_that_keeps_nothing(evidence: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run(evidence, state)
    run(evidence, state, tmp_path / "kept")
    run(evidence, None, tmp_path / "new")
    assert bytes_of(tmp_path / "kept") == bytes_of(tmp_path / "new")


def test_a_new_file_is_read_alone(evidence: Path, tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "out"
    first = run(evidence, state, out)
    shutil.copy(next(SAMPLES.glob("*.ulg")), evidence)
    second = run(evidence, state, out)
    assert (kept(second).read_files, kept(second).known_files) == (1, kept(first).read_files)
    run(evidence, None, tmp_path / "new")
    assert bytes_of(out) == bytes_of(tmp_path / "new")


def test_a_changed_file_and_a_renamed_one_are_read_again(evidence: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run(evidence, state)
    (evidence / "notes.txt").write_text("something else")
    path = next(evidence.glob("*.tlog"))
    path.rename(path.with_name("another.tlog"))
    second = run(evidence, state)
    assert kept(second).read_files == 2
    assert kept(second).removed_files == (path.name,)


def test_a_changed_policy_or_supplied_file_audits_anew_and_reads_nothing(
    evidence: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    first = run(evidence, state)
    flights = kept(first).audited_flights
    for more in (
        {"policy": load_policy("local")},
        {"context_files": ContextFiles(inventory=SAMPLES / "unit" / "inventory.toml")},
    ):
        changed = run(evidence, state, **more)
        assert (kept(changed).read_files, kept(changed).audited_flights) == (0, flights)
        new = run(evidence, None, **more)
        assert changed.report_json_text == new.report_json_text


def test_a_page_that_is_gone_or_changed_is_drawn_again(evidence: Path, tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "out"
    run(evidence, state, out)
    before = bytes_of(out)
    pages = sorted((out / "flights").iterdir())
    pages[0].unlink()
    for page in pages[1:2]:
        page.write_text("changed")
    again = run(evidence, state, out)
    assert kept(again).audited_flights == len(pages[:2])
    assert bytes_of(out) == before


@pytest.mark.parametrize("damage", [b"", b"dji-audit value 1\n", b"\xff" * 3000])
def test_damaged_results_are_found_out_again(evidence: Path, tmp_path: Path, damage: bytes) -> None:
    """A power cut may leave any file of the state empty or cut."""
    state, out = tmp_path / "state", tmp_path / "out"
    run(evidence, state, out)
    before = bytes_of(out)
    results = sorted((state / "results").rglob("*.value"))
    for path in results[::2]:
        path.write_bytes(damage)
    delete_last_run_record(state)
    run(evidence, state, out)
    assert bytes_of(out) == before


def test_a_damaged_log_is_read_again_where_its_flight_is_not_known(
    evidence: Path, tmp_path: Path
) -> None:
    """What is known of a file is whole, and the log that was kept of it is not."""
    state = tmp_path / "state"
    first = run(evidence, state)
    results = state / "results"
    for path in (*(results / "logs").rglob("*.value"), *(results / "flights").rglob("*.value")):
        path.write_bytes(path.read_bytes()[:-70])
    delete_last_run_record(state)
    assert run(evidence, state).report_json_text == first.report_json_text


def test_a_member_states_the_container_that_it_lies_in_now(tmp_path: Path) -> None:
    folder, state = tmp_path / "evidence", tmp_path / "state"
    folder.mkdir()
    with zipfile.ZipFile(folder / "case.zip", "w") as archive:
        archive.write(next(SAMPLES.glob("*.tlog")), "a.tlog")
    run(folder, state)
    with zipfile.ZipFile(folder / "case.zip", "a") as archive:
        archive.writestr("b.txt", "nothing")
    assert run(folder, state).report_json_text == run(folder, None).report_json_text


def test_a_file_that_is_named_is_not_the_one_that_was_found(evidence: Path, tmp_path: Path) -> None:
    """It has the same name and bytes; that nothing of it was read counts only where it is named."""
    state, picture = tmp_path / "state", evidence / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    run(evidence, state)
    assert run(picture, state).report_json_text == run(picture, None).report_json_text


def test_words_for_names_follow_the_evidence_of_this_run(evidence: Path, tmp_path: Path) -> None:
    """The first file makes the key: another first file, and every name has another word."""
    state = tmp_path / "state"
    run(evidence, state, redaction=PositionRedactionMethod.OFFSET)
    (evidence / "0.txt").write_text("the first of all files")
    again = run(evidence, state, redaction=PositionRedactionMethod.OFFSET)
    assert (
        again.report_json_text
        == run(evidence, None, redaction=PositionRedactionMethod.OFFSET).report_json_text
    )


def test_key_files_of_a_store_count_by_name_and_content(evidence: Path, tmp_path: Path) -> None:
    state, keys = tmp_path / "state", tmp_path / "keychains"
    keys.mkdir()
    stored = keys / f"{'0' * 64}.keychains.json"
    stored.write_text("{}")
    ingest = IngestSettings(key_store=keys)
    first = run(evidence, state, ingest=ingest)
    assert kept(run(evidence, state, ingest=ingest)).read_files == 0
    stored.rename(stored.with_name(f"{'1' * 64}.keychains.json"))
    assert kept(run(evidence, state, ingest=ingest)).read_files == kept(first).read_files


@pytest.mark.parametrize("size", [0, 1, 20])
def test_a_mark_that_was_cut_short_is_written_again(
    evidence: Path, tmp_path: Path, size: int
) -> None:
    state = tmp_path / "state"
    run(evidence, state)
    mark = (state / MARK_FILE).read_bytes()
    shutil.rmtree(state)
    state.mkdir()
    (state / MARK_FILE).write_bytes(mark[:size])
    assert kept(run(evidence, state)).known_files == 0
    assert (state / MARK_FILE).read_bytes() == mark


def test_a_new_decoder_reads_the_files_of_its_format_again_and_no_others(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    first = run(evidence, state)
    code = decoder_code_digests.cached_or_new_decoder_code_digests(state)

    def use(changed: decoder_code_digests.DecoderCodeDigests) -> list[str]:
        monkeypatch.setattr(run_module, "cached_or_new_decoder_code_digests", lambda _: changed)
        read = []
        whole = read_file_in_worker.read_opened_input  # type: ignore[attr-defined]

        def note(opened: OpenedFile, keyring: Sequence[parsers.Keychains]) -> parsers.FileReading:
            read.append(opened.input.path.suffix)
            return whole(opened, keyring)

        delete_last_run_record(state)
        with monkeypatch.context() as patch:
            patch.setattr(read_file_in_worker, "read_opened_input", note)
            assert run(evidence, state).report_json_text == first.report_json_text
        return sorted(read)

    every = [".JPG", ".tlog", ".txt"]
    assert use(code) == []
    # What no format claims may be claimed by any, once that has changed.
    photo = code.formats["dji-photo"]
    assert use(replace(code, formats={**code.formats, "dji-photo": f"{photo}?"})) == [
        ".JPG",
        ".txt",
    ]
    assert use(replace(code, formats={**code.formats, "mavlink-tlog": "?"})) == [".tlog", ".txt"]
    assert use(replace(code, file_kinds="?")) == [".txt"]
    assert use(replace(code, shared="?")) == every


def test_removed_files_are_said_once_and_only_for_the_same_paths(
    evidence: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    run(evidence, state)
    gone = next(evidence.glob("*.JPG"))
    gone.unlink()
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(next(SAMPLES.glob("*.ulg")), other)
    assert kept(run(other, state)).removed_files == ()
    assert kept(run(evidence, state)).removed_files == (gone.name,)
    assert kept(run(evidence, state)).removed_files == ()


@pytest.mark.parametrize("found", ["other files", "another version", "a file"])
def test_a_folder_that_is_no_state_is_refused(evidence: Path, tmp_path: Path, found: str) -> None:
    state = tmp_path / "state"
    if found == "a file":
        state.write_text("mine")
    else:
        state.mkdir()
        name = "mine.txt" if found == "other files" else "dji-audit-state.json"
        (state / name).write_text('{"schema": "dji-audit/state/99"}')
    before = bytes_of(tmp_path)
    with pytest.raises(OutputError):
        run(evidence, state)
    assert bytes_of(tmp_path) == before


def test_a_state_in_the_evidence_is_refused(evidence: Path) -> None:
    with pytest.raises(OutputError, match="nothing is written into evidence"):
        run(evidence, evidence / "state")


def test_two_runs_do_not_share_a_state(evidence: Path, tmp_path: Path) -> None:
    from dji_audit.fleet.state.state_folder import open_named_or_temporary_state

    state = tmp_path / "state"
    with (
        open_named_or_temporary_state(state, [evidence], tmp_path),
        pytest.raises(OutputError, match="used by another run"),
    ):
        run(evidence, state)
    assert kept(run(evidence, state)).read_files > 0


def test_the_ledger_can_be_read_by_others(evidence: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    finished = run(evidence, state)
    with sqlite3.connect(state / LEDGER_FILE) as connection:
        rows = dict(connection.execute("SELECT name, status FROM files"))
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert rows == {row.name: str(row.status) for row in finished.contents.files}


def test_a_run_that_is_killed_goes_on_where_it_was(evidence: Path, tmp_path: Path) -> None:
    """At several instants; what comes of it in the end is what one run in peace gives."""
    state, out = tmp_path / "state", tmp_path / "out"
    command = [str(DJI_AUDIT), "audit", str(evidence), "--state", str(state), "-o", str(out)]
    environment = os.environ | {"DJI_AUDIT_ZONE_STORE": "none", "DJI_AUDIT_KEY_STORE": "none"}
    for seconds in (1.0, 2.0, 3.0):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, timeout=180
    )
    assert done.returncode in (0, 1, 4), done.stderr
    run(evidence, None, tmp_path / "peace")
    assert bytes_of(out) == bytes_of(tmp_path / "peace")

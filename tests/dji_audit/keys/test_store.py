"""Keychains are kept for ever, private and whole, and open logs by themselves."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import parsers
from dji_audit.keys.broker_files import KeyBrokerFileError
from dji_audit.keys.keychain_store import KeychainFolder
from dji_audit.report.report_json_and_csv import report_json_schema
from tests.dji_audit.keys.key_server import KEYS, answer_to

Run = Callable[..., Result]
HASH = "ab" * 32


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Return the command, with a data folder of its own."""
    from dji_audit.cli._app import app

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("DJI_AUDIT_KEY_STORE", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object, **more: Any) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False, **more)

    return call


@pytest.fixture
def log(tmp_path: Path, sealed: Path) -> Path:
    """Return an encrypted log without its keychains beside it."""
    path = tmp_path / "logs" / "flight.txt"
    path.parent.mkdir()
    shutil.copyfile(sealed, path)
    return path


@pytest.fixture
def keychains(sealed: Path) -> Path:
    """Return the bare answer that opens it."""
    return sealed.with_name(sealed.name + ".keychains.json")


def chains(*points: int) -> parsers.Keychains:
    names = [[{"featurePoint": parsers.feature_point_name(point)} for point in points]]
    return parsers.load_keychains(json.dumps(answer_to({"keychainsArray": names})).encode())


def report(run: Run, log: Path, *options: object) -> dict[str, Any]:
    result = run("audit", log, "--format", "json", *options)
    document: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(document, json.loads(report_json_schema()))
    return document


def test_an_audit_opens_a_log_with_what_was_imported_and_names_the_keychain(
    run: Run, log: Path, keychains: Path
) -> None:
    before = report(run, log)["inputs"][0]
    request = parsers.read(log).key_request
    assert request is not None
    assert (before["status"], before["keychain"]) == ("encrypted", None)
    assert before["key_request"] == request.sha256
    assert run("keys", "import", keychains, "--log", log).exit_code == 0
    after = report(run, log)["inputs"][0]
    told = parsers.keychains_sha256(parsers.load_keychains(keychains.read_bytes()))
    assert (after["status"], after["keychain"]) == ("read", told)
    result = run("audit", log, "--all")
    assert "1 encrypted log each opened with a keychain" in result.stderr
    assert report(run, log, "--key-store", "none")["inputs"] == [before]


def test_the_keychain_is_named_the_same_wherever_it_lay(
    run: Run, log: Path, keychains: Path, tmp_path: Path
) -> None:
    by_option = report(run, log, "--keys", keychains)
    run("keys", "import", keychains, "--log", log, "--case", tmp_path)
    assert report(run, log, "--key-store", tmp_path) == by_option
    assert report(run, log, "--key-store", tmp_path / "keychains") == by_option
    shutil.copyfile(keychains, log.with_name("flight.txt.keychains.json"))
    beside = report(run, log.parent)
    assert [row["keychain"] for row in beside["inputs"] if row["keychain"]] == [
        by_option["inputs"][0]["keychain"]
    ]


def test_the_environment_names_or_turns_off_the_store(
    run: Run, log: Path, keychains: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("keys", "import", keychains, "--log", log, "--case", tmp_path)
    assert report(run, log)["inputs"][0]["status"] == "encrypted"
    monkeypatch.setenv("DJI_AUDIT_KEY_STORE", str(tmp_path))
    assert report(run, log)["inputs"][0]["status"] == "read"
    monkeypatch.setenv("DJI_AUDIT_KEY_STORE", "none")
    assert report(run, log)["inputs"][0]["status"] == "encrypted"
    monkeypatch.setenv("DJI_AUDIT_KEY_STORE", str(tmp_path / "gone"))
    assert run("audit", log).exit_code == 2


def test_inspect_and_map_use_the_store_too(
    run: Run, log: Path, keychains: Path, tmp_path: Path
) -> None:
    pages = []
    assert "yes, and no key fits" in run("inspect", log).stdout
    for name, exit_code in (("before.html", 4), ("after.html", 0)):
        assert run("map", log, "--out", tmp_path / name).exit_code == exit_code
        pages.append((tmp_path / name).read_bytes())
        run("keys", "import", keychains, "--log", log)
    shown = run("inspect", log).stdout
    told = parsers.keychains_sha256(parsers.load_keychains(keychains.read_bytes()))
    assert f"opened by the keychain {told}" in shown
    assert json.loads(run("inspect", log, "--format", "json").stdout)["keychain"] == told
    assert b"encrypted" in pages[0]
    assert len(pages[1]) > len(pages[0]) + 10_000


def test_a_case_that_is_audited_whole_brings_its_keychains(
    run: Run, log: Path, keychains: Path, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    case.mkdir()
    shutil.copyfile(log, case / "flight.txt")
    assert run("keys", "import", keychains, "--log", log, "--case", case).exit_code == 0
    rows = {row["name"]: row for row in report(run, case, "--key-store", "none")["inputs"]}
    assert rows["flight.txt"]["status"] == "read"


def test_the_same_flight_sealed_and_in_clear_gives_the_same_track(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    folder = samples / "dji_txt_synth"
    clear = run("audit", folder / "synth_v11.txt", "--format", "json").stdout
    (wanted,) = json.loads(clear)["flights"]
    track = parsers.read(folder / "synth_v11.txt").track
    for version in ("13", "14"):
        log = tmp_path / f"synth_v{version}.txt"
        shutil.copyfile(folder / log.name, log)
        assert run("audit", log).exit_code == 3
        imported = run("keys", "import", folder / f"{log.name}.keychains.json")
        assert imported.exit_code == 0, imported.stderr
        document = report(run, log)
        (flight,) = document["flights"]
        assert document["inputs"][0]["status"] == "read"
        same = ("duration_s", "distance_m", "max_height_ato_m", "max_home_distance_m", "fixes")
        assert [flight[name] for name in same] == [wanted[name] for name in same]
        request = parsers.read(log).key_request
        assert request is not None
        found = KeychainFolder(tmp_path / "data" / "dji-audit" / "keychains").find_keychains
        opened = parsers.read(log, keys=parsers.Keyring((), found))
        columns = [name for name in track if name != "source_offset"]
        pd.testing.assert_frame_equal(opened.track[columns], track[columns])


def test_a_bare_answer_needs_the_log_it_opens(
    run: Run, log: Path, keychains: Path, tmp_path: Path, whole: Path
) -> None:
    bare = tmp_path / "bare.json"
    shutil.copyfile(keychains, bare)
    refused = run("keys", "import", bare)
    assert (refused.exit_code, "--log" in refused.stderr) == (2, True)
    assert run("keys", "import", bare, "--log", whole).exit_code == 2
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(parsers.dump_keychains(chains(1, 7))))
    result = run("keys", "import", wrong, "--log", log)
    assert (result.exit_code, "does not open" in result.stderr) == (2, True)
    assert run("keys", "import", keychains).exit_code == 0


def test_what_is_kept_is_listed_by_hash_and_without_a_secret(
    run: Run, log: Path, keychains: Path
) -> None:
    empty = run("keys", "list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    run("keys", "import", keychains, "--log", log)
    request = parsers.read(log).key_request
    assert request is not None
    (row,) = json.loads(run("keys", "list", "--format", "json").stdout)
    held = parsers.load_keychains(keychains.read_bytes())
    assert row == {
        "request": request.sha256,
        "keychain": parsers.keychains_sha256(held),
        "groups": 1,
        "keys": len(held[0]),
    }
    shown = run("keys", "list").stdout
    assert request.sha256[:16] in shown
    secrets = {entry["aesKey"] for entry in parsers.dump_keychains(held)[0]}
    assert not any(secret in shown for secret in secrets)


def test_a_kept_file_is_itself_keychains_and_can_be_imported(
    run: Run, log: Path, keychains: Path, tmp_path: Path
) -> None:
    run("keys", "import", keychains, "--log", log, "--case", tmp_path)
    (kept,) = (tmp_path / "keychains").iterdir()
    assert report(run, log, "--keys", kept)["inputs"][0]["status"] == "read"
    assert "1 keychains imported" in run("keys", "import", kept).stderr
    assert "0 keychains imported, 1 stored already" in run("keys", "import", kept).stderr


def test_a_store_does_not_forget_and_does_not_overwrite(tmp_path: Path) -> None:
    store = KeychainFolder(tmp_path / "store")
    assert store.find_keychains(HASH) is None
    assert store.store_keychains_and_tell_if_any_new(HASH, chains(1))
    kept = store.keychain_file_path(HASH).read_bytes()
    assert not store.store_keychains_and_tell_if_any_new(HASH, chains(1))
    other = ({1: KEYS[7]},)
    with pytest.raises(KeyBrokerFileError, match="differ"):
        store.store_keychains_and_tell_if_any_new(HASH, other)  # type: ignore[arg-type]
    assert store.keychain_file_path(HASH).read_bytes() == kept
    assert store.store_keychains_and_tell_if_any_new(HASH, chains(1, 7))
    assert store.find_keychains(HASH) == chains(1, 7)
    assert not store.store_keychains_and_tell_if_any_new(HASH, chains(7))
    assert list(store.stored_request_hashes()) == [HASH]
    assert [path.name for path in store.folder.iterdir()] == [f"{HASH}.keychains.json"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 32, "a" * 63, "a" * 65])
def test_what_is_no_hash_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyBrokerFileError):
        KeychainFolder(tmp_path).keychain_file_path(name)


def test_a_damaged_file_in_the_store_is_told_and_not_passed_over(
    run: Run, log: Path, keychains: Path, tmp_path: Path
) -> None:
    run("keys", "import", keychains, "--log", log)
    (kept,) = (tmp_path / "data" / "dji-audit" / "keychains").iterdir()
    kept.write_text("{")
    row = report(run, log)["inputs"][0]
    assert row["status"] == "unread"
    assert "key store" in row["reason"]


@pytest.mark.parametrize(
    "text", ["{", "[1]", '{"schema": "dji-audit/keychains/1"}', "null", '{"schema": 1}', "[" * 9999]
)
def test_what_is_no_keychains_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "k.json"
    path.write_text(text)
    assert run("keys", "import", path).exit_code == 2
    assert not (tmp_path / "data").exists()


def test_a_case_that_does_not_exist_is_not_made(run: Run, keychains: Path, tmp_path: Path) -> None:
    assert run("keys", "import", keychains, "--case", tmp_path / "typo").exit_code == 2
    assert not (tmp_path / "typo").exists()

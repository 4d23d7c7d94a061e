"""What is not a log is named with the reason and the right exit code, and stops nothing else."""

import html
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

import parsers
from dji_audit.ingest.input_files import DuplicatesAndHashes

Invoke = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]

NAME = "DJIFlightRecord_2020-01-01_[10-00-00].txt"
CSV = b"CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime,OSD.latitude\n1,2,3,4\n"
JPEG = b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00" + bytes(500)

#: What a file holds, and a word of the reason that its line must give.
BAD = {
    "empty": (b"", "empty"),
    "a picture": (JPEG, "JPEG"),
    "a table": (CSV, "table"),
    "zeros": (bytes(4096), "zeros"),
    "a text": (b"Dear all,\nthe log is attached.\n", "text"),
    "an archive": (b"PK\x03\x04" + bytes(100), "ZIP"),
}


#: Those of which the reader says what is wrong; of others their kind does.
FOR_THE_READER = ("empty", "zeros", "a text")
#: Those that may hold a flight or a contact.
MAY_HOLD_EVIDENCE = ("a table", "an archive")


def unread_sentence(word: str) -> str:
    """Return how the summary begins for a file that is not a log, by the word of its reason."""
    if word in {BAD[kind][1] for kind in MAY_HOLD_EVIDENCE}:
        return "1 file may hold a flight or a contact and was not read"
    return "1 file could not be read"


def lines_naming(output: str, name: str) -> list[str]:
    return [line for line in output.splitlines() if name in line]


def unwrapped(output: str) -> str:
    """Return a summary as one line, as it reads wherever its lines end."""
    return " ".join(output.split())


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """Return a file that is not a log, and a word of the reason."""
    data, word = BAD[request.param]
    (tmp_path / NAME).write_bytes(data)
    return tmp_path / NAME, word


def test_a_file_that_is_no_log_is_named_and_nothing_was_audited(
    invoke: Invoke, bad: tuple[Path, str]
) -> None:
    path, word = bad
    result = invoke("audit", path)
    assert result.exit_code == 3
    assert result.stderr == ""
    told, _, verdict = unwrapped(result.stdout).partition(" VERDICT ")
    head, _, rest = told.partition(f"{NAME} (")
    why, _, action = rest.partition("): ")
    assert head == f"CHECK {unread_sentence(word)}: "
    assert word in why
    assert action
    assert verdict.startswith(f"Nothing was audited: {unread_sentence(word)}")
    assert "Exit 3." in verdict
    (line,) = lines_naming(invoke("audit", path, "--all").stderr, NAME)
    assert line.startswith("unread   ")
    assert word in line


def test_beside_data_for_a_program_the_summary_is_a_message(
    invoke: Invoke, bad: tuple[Path, str]
) -> None:
    path, word = bad
    for form in ("json", "csv"):
        result = invoke("audit", path, "--format", form)
        assert result.exit_code == 3
        told = unwrapped(result.stderr)
        assert f"{unread_sentence(word)}: {NAME} (" in told
        assert word in told
        assert "CHECK" not in result.stdout


def test_inspect_and_map_say_in_one_line_why_a_file_is_no_log(
    invoke: Invoke, tmp_path: Path, bad: tuple[Path, str]
) -> None:
    path, word = bad
    for command in (["inspect"], ["map", "--out", tmp_path / "page.html"]):
        result = invoke(*command, path)
        assert result.exit_code == 3
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert NAME in line
        assert word in line
    assert not (tmp_path / "page.html").exists()


def test_the_rest_of_a_folder_is_audited_whatever_lies_beside_it(
    spawn: Spawn, tmp_path: Path, whole: Path, damaged: Path
) -> None:
    shutil.copyfile(whole, tmp_path / "good [1].txt")
    shutil.copyfile(damaged, tmp_path / "damaged [1].txt")
    for kind, (data, _) in BAD.items():
        (tmp_path / f"{kind} [1].txt").write_bytes(data)
    (tmp_path / "a folder.txt").mkdir()
    os.mkfifo(tmp_path / "a pipe.txt")
    out = tmp_path.parent / f"{tmp_path.name} out"
    result = spawn("audit", tmp_path, tmp_path / "gone.txt", "--jobs", "2", "--all", "--out", out)
    assert result.returncode == 4, result.stderr
    for kind, (_, word) in BAD.items():
        lines = lines_naming(result.stderr, f"{kind} [1].txt")
        if kind == "a picture":
            # Its content is not evidence, whatever its name says.
            assert not lines
            assert "no log   1 file is not evidence by its content: JPEG picture" in result.stderr
            continue
        (line,) = lines
        assert line.startswith("unread   ")
        assert word.lower() in line.lower() or kind == "a table"
        assert "SHA-256 " in line
    (line,) = lines_naming(result.stderr, "damaged [1].txt")
    assert line.startswith("partial  ")
    assert "4,273 bytes not decoded" in line
    (line,) = lines_naming(result.stderr, "a pipe.txt")
    assert "not a regular file" in line
    (line,) = lines_naming(result.stderr, "gone.txt")
    assert "no such file or directory" in line
    # Both tell of one flight.
    assert len(lines_naming(result.stdout, "good [1].txt  +1")) == 1
    assert "Traceback" not in result.stderr
    told = unwrapped(result.stdout)
    assert "2 files may hold flights or contacts and were not read: " in told
    assert "a table [1].txt (table" in told
    assert "an archive [1].txt (damaged ZIP archive" in told
    assert "3 files could not be read: a text [1].txt (" in told
    assert "2 files could not be opened: " in told
    assert "a pipe.txt (not a regular file)" in told
    assert "gone.txt (no such file or directory)" in told
    assert "3 not at all, 2 could not be opened (of 9 files). Exit 4." in told
    reasons = {
        file["name"].rsplit("/", 1)[-1]: file["reason"]
        for file in json.loads((out / "report.json").read_text())["inputs"]
    }
    page = html.unescape((out / "index.html").read_text())
    for name, word in {
        **{f"{kind} [1].txt": word for kind, (_, word) in BAD.items() if kind in FOR_THE_READER},
        "damaged [1].txt": "4,273 bytes not decoded",
        "a pipe.txt": "not a regular file",
        "gone.txt": "no such file or directory",
    }.items():
        assert word in reasons[name]
        assert name in page


def test_a_truncated_record_is_read_as_far_as_it_goes(
    invoke: Invoke, tmp_path: Path, whole: Path
) -> None:
    data = whole.read_bytes()
    for size in (5, 99, 300, len(data) // 2, len(data) - 1):
        path = tmp_path / f"cut {size} [1].txt"
        path.write_bytes(data[:size])
        result = invoke("audit", path)
        assert result.exit_code in (3, 4), size
        told = unwrapped(result.stdout)
        try:
            log = parsers.read(path)
        except parsers.LogError:
            assert result.exit_code == 3, size
            assert f"CHECK 1 file could not be read: {path.name} (" in told, size
        else:
            # What is left of the least piece is no flight.
            flies = size > 300
            seen = "audited: 1 file was read only in part, and no flight was seen in it"
            verdict = "1 in part (of 1 file)" if flies else seen
            assert (result.exit_code, verdict in told) == (4 if flies else 3, True), size
            # Each says in one line what is missing.
            (line,) = lines_naming(invoke("audit", path, "--all").stderr, path.name)
            assert line.startswith("partial  "), size
            assert "cut short" in line, (size, log.issues)


def test_a_missing_path_is_named_and_nothing_was_audited(spawn: Spawn, tmp_path: Path) -> None:
    result = spawn("audit", tmp_path / "gone [1].txt")
    assert result.returncode == 2
    assert unwrapped(result.stdout).startswith("CHECK 1 file could not be opened: ")
    assert "gone [1].txt (no such file or directory): check the path" in unwrapped(result.stdout)


@pytest.mark.parametrize("command", ["inspect", "map"])
def test_a_missing_log_or_a_directory_is_an_error_of_use(
    invoke: Invoke, tmp_path: Path, command: str
) -> None:
    more = ["--out", tmp_path / "page.html"] if command == "map" else []
    result = invoke(command, tmp_path / "gone", *more)
    assert result.exit_code == 2
    assert result.stderr == f"dji-audit: {tmp_path / 'gone'}: no such file or directory\n"
    folder = tmp_path / "empty"
    folder.mkdir()
    result = invoke(command, folder, *more)
    if command == "map":  # which takes folders, and finds no log in an empty one
        assert (result.exit_code, result.stderr) == (3, "dji-audit: no log was found\n")
    else:
        assert result.exit_code == 2
        why = "is a folder; name one log, or a flight in it with --flight"
        assert result.stderr == f"dji-audit: {folder} {why}\n"


def test_a_file_that_may_not_be_opened_is_named_and_the_rest_is_audited(
    invoke: Invoke, tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(whole, tmp_path / "good.txt")
    (tmp_path / "locked.txt").write_bytes(whole.read_bytes())
    opened = parsers.open_content

    def open_content(path: Path, *more: Any) -> parsers.Content:
        if path.name == "locked.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more)

    monkeypatch.setattr(parsers, "open_content", open_content)
    monkeypatch.setattr(
        "dji_audit.ingest.find_duplicates_and_hashes", lambda *_: DuplicatesAndHashes({}, {})
    )
    result = invoke("audit", tmp_path, "--jobs", "1")
    assert result.exit_code == 4
    told = unwrapped(result.stdout)
    assert "1 file could not be opened: locked.txt (permission denied): check the path" in told
    assert "of 1 flight" in told
    complete = invoke("audit", tmp_path, "--jobs", "1", "--all")
    (line,) = lines_naming(complete.stderr, "locked.txt")
    assert line == "unopened locked.txt: permission denied"
    assert lines_naming(complete.stdout, "good.txt")
    alone = invoke("audit", tmp_path / "locked.txt")
    assert alone.exit_code == 2


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything"
)
def test_a_file_without_permissions_is_named_for_real(
    spawn: Spawn, tmp_path: Path, whole: Path
) -> None:
    shutil.copyfile(whole, tmp_path / "good.txt")
    (tmp_path / "locked.txt").write_bytes(whole.read_bytes())
    (tmp_path / "locked.txt").chmod(0)
    (tmp_path / "folder").mkdir(mode=0)
    result = spawn("audit", tmp_path)
    assert result.returncode == 4
    told = unwrapped(result.stdout)
    assert "locked.txt (permission denied)" in told
    assert "folder/ (permission denied)" in told


@pytest.mark.parametrize("command", ["audit", "inspect"])
def test_what_cannot_be_opened_is_told_by_us_and_stops_nothing_else(
    invoke: Invoke, whole: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library of the command line would refuse all paths for one, with its usage.
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    result = invoke(command, whole)
    assert result.exit_code in (0, 1)


def test_a_folder_that_cannot_be_opened_is_named_as_it_was_given(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scan(folder: object) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", scan)
    result = invoke("audit", tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path.name}/ (permission denied): check" in unwrapped(result.stdout)
    complete = invoke("audit", tmp_path, "--all")
    assert f"unopened {tmp_path}/: permission denied" in complete.stderr


def test_a_file_that_root_too_cannot_open_is_named(spawn: Spawn, tmp_path: Path) -> None:
    memory = Path("/proc/self/mem")
    if not memory.exists():
        assert sys.platform != "linux"
        return
    result = spawn("audit", memory)
    assert result.returncode == 3
    assert unwrapped(result.stdout).startswith("CHECK 1 file could not be read: mem (")
    assert result.stderr == ""


def test_a_broken_keychains_file_spoils_nothing_but_itself(
    invoke: Invoke, tmp_path: Path, whole: Path
) -> None:
    shutil.copyfile(whole, tmp_path / "good.txt")
    (tmp_path / "good.txt.keychains.json").write_bytes(b"{")
    result = invoke("audit", tmp_path, "--jobs", "1", "--all")
    assert result.exit_code == 4
    (line,) = lines_naming(result.stderr, "keychains.json")
    assert line.startswith("unread")
    assert "1 file could not be read: good.txt.keychains.json (" in unwrapped(result.stdout)
    assert lines_naming(result.stdout, "good.txt")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["audit"], "name what to read"),
        (["audit", "x", "--fail-on", "grave"], "'grave' is not one of"),
        (["audit", "x", "--jobs", "-1"], "--jobs"),
        (["audit", "x", "--zzz"], "No such option"),
        (["audit", "x", "--policy", "zzz"], "no policy pack 'zzz'; there are common"),
        (["audit", "x", "--policy", "gone.toml"], "gone.toml: no such file or directory"),
        (["audit", "x", "--keys", "gone.json"], "gone.json: no such file or directory"),
        (["audit", "x", "--timezone", "Mars/Base"], "no time zone 'Mars/Base'"),
        (["audit", "x", "--timezone", "../../etc/passwd"], "no time zone"),
        (["audit", "x", "--now", "yesterday"], "not a time: 'yesterday'"),
        (["audit", "x", "--now", "2026-05-14T10:00:00"], "has no time zone"),
        (["zzz"], "No such command 'zzz'"),
    ],
)
def test_what_was_mistyped_is_an_error_of_use_in_plain_words(
    invoke: Invoke, arguments: list[str], told: str
) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_an_error_nobody_foresaw_is_an_internal_error_and_never_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], whole: Path
) -> None:
    from dji_audit import cli

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("dji_audit.cli.audit._audit.audit_paths", broken)
    monkeypatch.setattr(sys, "argv", ["dji-audit", "audit", str(whole)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 70
    err = capsys.readouterr().err
    assert "internal error: ZeroDivisionError: division by zero" in err
    assert "Traceback" not in err
    monkeypatch.setattr(sys, "argv", ["dji-audit", "--debug", "audit", str(whole)])
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_an_interrupted_audit_exits_with_130(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dji_audit.cli.audit._audit.audit_paths", interrupted)
    result = invoke("audit", whole)
    assert result.exit_code == 130
    assert result.stderr == "dji-audit: interrupted; run the command again for a result\n"


@pytest.fixture
def audit_with_full_disk(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, whole: Path, tmp_path: Path
) -> Callable[[str], Result]:
    """Return an audit during which a module of ``fleet`` cannot write to the disk."""

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def audit(module: str) -> Result:
        # Imported later, it would take the function that fails from the other module.
        importlib.import_module("dji_audit.fleet.run")
        importlib.import_module(f"dji_audit.fleet.{module}")
        monkeypatch.setattr(f"dji_audit.fleet.{module}.write_atomically", full_disk)
        return invoke("audit", whole, "--out", tmp_path / "out", "--jobs", "1")

    return audit


def test_results_that_cannot_be_written_are_an_error_of_io(
    audit_with_full_disk: Callable[[str], Result],
) -> None:
    result = audit_with_full_disk("stages.write_index_and_report")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.endswith("out: cannot write: no space left on device")


def test_a_page_that_cannot_be_written_is_named_and_its_flight_is_audited(
    audit_with_full_disk: Callable[[str], Result], whole: Path, tmp_path: Path
) -> None:
    result = audit_with_full_disk("audit_flight_in_worker")
    assert result.exit_code == 4
    assert "131.2 m above take-off" in result.stdout
    told = unwrapped(result.stdout)
    assert f"only in part: {whole.name} (page not written: no space left on device)" in told
    assert "see whether the folder of --out can be written" in told
    assert (tmp_path / "out" / "report.json").is_file()


def test_an_empty_argument_is_not_taken_for_the_folder_one_stands_in(
    spawn: Spawn, whole: Path, tmp_path: Path
) -> None:
    (tmp_path / "log.txt").write_bytes(whole.read_bytes())
    result = spawn("audit", "", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "dji-audit: an argument is empty; is a variable not set?\n"

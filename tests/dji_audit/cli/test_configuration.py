"""A unit's configuration: found, checked, beaten by the command line, stated; and a new one."""

import hashlib
import json
import os
import shutil
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from dji_audit.cli._options import AuditOptions
from dji_audit.cli.configuration._configuration_keys import (
    ConfigurationFileValues,
    section_and_example_of_key,
)
from dji_audit.cli.configuration._init_command import new_configuration_text
from dji_audit.cli.configuration._read_configuration import (
    MAX_SIZE,
    ConfigurationError,
    read_configuration,
)
from tests.dji_audit.cli.conftest import Invoke, error_of_use

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
#: Command -> the function that it calls, and what else must be given.
COMMANDS = {
    "audit": ("audit._audit.audit_command", []),
    "dossier": ("dossier._dossier.dossier_command", ["-o", "case.zip"]),
    "incident": ("incident._incident.incident_command", ["--time", "2026-05-14T10:00:00Z"]),
    "map": ("map._map.map_command", []),
    "export": ("export._export.export_command", ["-o", "out.gpx"]),
    "timeline": ("export._export.timeline_command", ["-o", "out.jsonl"]),
    "report": ("export._report.report_command", []),
}


class Called:
    """What the function of a command was called with."""

    def __init__(self) -> None:
        self.arguments: tuple[Any, ...] = ()

    def __call__(self, *arguments: Any) -> int:
        self.arguments = arguments
        return 0

    @property
    def options(self) -> Any:
        return self.arguments[-1]

    @property
    def paths(self) -> list[Path]:
        return list(self.arguments[-2])


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder: empty, with a folder of evidence."""
    for name in ("DJI_AUDIT_BASEMAP", "DJI_AUDIT_ZONE_STORE", "DJI_AUDIT_KEY_STORE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "unit"
    (folder / "evidence").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def called(monkeypatch: pytest.MonkeyPatch, command: str = "audit") -> Called:
    """Return what a command will be called with, instead of working."""
    own = Called()
    monkeypatch.setattr(f"dji_audit.cli.{COMMANDS[command][0]}", own)
    return own


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def fault_of(path: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(written(path, text))
    return str(caught.value).removeprefix(str(path))


def test_every_key_is_an_option_of_audit() -> None:
    options = {option.name for option in fields(AuditOptions)}
    assert set(ConfigurationFileValues.model_fields) - options == {"paths"}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_takes_its_options_and_paths_from_the_configuration(
    command: str, unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = called(monkeypatch, command)
    written(
        unit / "dji-audit.toml",
        'paths = ["evidence"]\nzones = ["zones/a.geojson"]\n'
        'case_ref = "26/1"\npolicy = "uk-open"\n',
    )
    words = ["gpx"] if command == "export" else []
    done = invoke(command, *words, *COMMANDS[command][1])
    assert done.exit_code == 0, done.stderr
    assert own.paths == [Path("evidence")]
    options = own.options
    assert options.zones == [Path("zones/a.geojson")]
    assert (options.case_ref, options.policy) == ("26/1", "uk-open")
    assert "dji-audit.toml gives paths, policy, zones, case_ref (SHA-256 " in done.stderr


def test_what_the_command_line_or_the_environment_says_wins(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = called(monkeypatch)
    written(
        unit / "dji-audit.toml",
        'paths = ["other"]\nzones = ["a"]\nfail_on = "low"\nbasemap = "map"\njobs = 7\ntimeout = 9',
    )
    monkeypatch.setenv("DJI_AUDIT_BASEMAP", "of-environment")
    # The same as its default is given all the same.
    done = invoke("audit", "evidence", "--zones", "b", "--fail-on", "medium")
    assert own.paths == [Path("evidence")]
    options = own.options
    assert options.zones == [Path("b")]
    assert options.fail_on == "medium"
    assert options.basemap == Path("of-environment")
    assert (options.jobs, options.timeout) == (7, 9.0)
    assert "the command line replaces its paths, zones, basemap, fail_on" in done.stderr


def test_paths_are_relative_to_the_file_and_names_stay_names(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = called(monkeypatch)
    folder = unit.parent / "office"
    written(folder / "own.csv", "host\n")
    written(
        folder / "unit.toml",
        'endpoints = ["own.csv", "stored"]\npolicy = "packs/own.toml"\nzone_store = "none"\n'
        f'key_store = "keys"\ninventory = "{unit}/inventory.csv"\nstate = "../state"\n',
    )
    invoke("audit", "evidence", "--config", folder / "unit.toml")
    options = own.options
    assert options.endpoints == [str(folder / "own.csv"), "stored"]
    assert options.policy == str(folder / "packs" / "own.toml")
    assert (options.zone_store, options.key_store) == ("none", str(folder / "keys"))
    assert options.inventory == unit / "inventory.csv"
    assert options.state == unit.parent / "state"


def test_the_working_folder_comes_before_the_evidence(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = called(monkeypatch)
    written(unit / "dji-audit.toml", "jobs = 3")
    written(unit / "evidence" / "dji-audit.toml", 'leave_out = ["*"]')
    done = invoke("audit", "evidence")
    assert (own.options.jobs, own.options.leave_out) == (3, None)
    assert "evidence/dji-audit.toml is not used" in done.stderr
    assert "warning" not in done.stderr


def test_a_configuration_among_the_evidence_is_used_with_a_warning_also_when_quiet(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = called(monkeypatch)
    written(unit / "evidence" / "dji-audit.toml", 'leave_out = ["*"]')
    done = invoke("audit", "evidence", "--quiet")
    assert own.options.leave_out == ["*"]
    assert "lies among the evidence: whoever made that may have written it" in done.stderr
    assert "gives leave_out" in done.stderr
    invoke("audit", "evidence", "--config", "none")
    assert (own.options.leave_out, own.options.config) == (None, None)


def test_quiet_says_nothing_of_a_units_own_configuration(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    called(monkeypatch)
    written(unit / "dji-audit.toml", "jobs = 3")
    assert invoke("audit", "evidence", "-q").stderr == ""


def test_a_link_among_the_evidence_is_not_followed(
    unit: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = called(monkeypatch)
    outside = written(unit / "outside.toml", "jobs = 3")
    (unit / "evidence" / "dji-audit.toml").symlink_to(outside)
    invoke("audit", "evidence")
    assert (own.options.jobs, own.options.config) == (0, None)


def test_two_configurations_among_the_evidence_are_refused(unit: Path, invoke: Invoke) -> None:
    for name in ("a", "b"):
        written(unit / name / "dji-audit.toml", "jobs = 1")
    assert "two configurations; name one with --config FILE" in error_of_use(
        invoke("audit", "a", "b")
    )


def test_without_paths_anywhere_the_command_says_what_is_missing(
    unit: Path, invoke: Invoke
) -> None:
    assert "name what to read: a file or a folder, or give paths in dji-audit.toml" in error_of_use(
        invoke("audit")
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("jobs = 1\nzonez = []\n", ", line 2: there is no key 'zonez'; did you mean zones?"),
        ("zone-store = 'x'", ", line 1: there is no key 'zone-store'; did you mean zone_store?"),
        ("[zones]\na = 1", ', line 1: zones must be a list, such as ["a", "b"]'),
        ("\n[unit]\nname = 'x'", ", line 2: there is no key 'unit'"),
        ("zones = ['a', 3]", ", line 1: zones, entry 2 must be a text in quotes"),
        ("jobs = '2'", ", line 1: jobs must be a whole number"),
        ("jobs = true", ", line 1: jobs must be a whole number"),
        ("jobs = -1", ", line 1: jobs is not valid: input should be greater than or equal to 0"),
        ("allow_partial = 1", ", line 1: allow_partial must be true or false"),
        ("timeout = nan", ", line 1: timeout "),
        ("fail_on = 'none'", ", line 1: fail_on is not valid: input should be 'remark', 'low'"),
        ("by = ''", ", line 1: by is empty; leave the key out instead"),
        ('by = "a\\u001b[31m"', ", line 1: by holds a control character"),
        ('policy = "a\\u0000b"', ", line 1: policy holds a control character"),
        ("jobs = 1\njobs = 2", ": not TOML: Cannot overwrite a value"),
        ("jobs = ", ": not TOML: "),
        ("x = " + "[" * 4000 + "]" * 4000, ": lists within lists are too deep"),
        ("x = " + "9" * 8000, ": holds a number of too many digits"),
        (".".join("a" * 4000) + " = 1", ", line 1: too long, or too many dots in a key"),
        ("# " + "x" * 9000, ", line 1: too long"),
        ("#" * 8000 + "\n" + ("# x\n" * (MAX_SIZE // 4)), ": more than 65,536 bytes are no"),
    ],
)
def test_a_fault_is_told_with_its_line_its_key_and_the_nearest_key(
    tmp_path: Path, text: str, fault: str
) -> None:
    assert fault_of(tmp_path / "unit.toml", text).startswith(fault)


def test_a_configuration_that_is_built_to_cost_time_does_not(tmp_path: Path) -> None:
    costly = "\n".join(f"x{n} = {{{'.'.join('a' * 4000)} = 1}}" for n in range(8))
    began = time.process_time()
    assert "no key 'x0'" in fault_of(tmp_path / "unit.toml", costly)
    assert time.process_time() - began < 5


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "unit.toml"
    path.write_bytes(b"by = '\xff'")
    with pytest.raises(ConfigurationError, match=r"unit\.toml: byte 6 is not UTF-8"):
        read_configuration(path)


def test_a_pipe_or_a_device_is_no_configuration(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(ConfigurationError, match="not a regular file"):
            read_configuration(path)
    with pytest.raises(ConfigurationError, match="no such file"):
        read_configuration(tmp_path / "gone")


def test_the_report_states_the_configuration_and_its_file_is_no_evidence(
    unit: Path, invoke: Invoke, sample_logs: Path
) -> None:
    shutil.copy(sample_logs / RECORD, unit / "evidence" / "a.txt")
    (unit / "evidence" / "b.txt").write_text("left out")
    file = written(
        unit / "evidence" / "dji-audit.toml", 'leave_out = ["b.txt"]\nfail_on = "high"\n'
    )
    done = invoke("audit", "evidence", "--format", "json", "--config", file)
    report = json.loads(done.stdout)
    assert report["run"]["context_files"] == [
        {
            "kind": "configuration",
            "name": "dji-audit.toml",
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "count": 1,
            "datum": None,
            "note": "",
        }
    ]
    status = {row["name"]: row["status"] for row in report["inputs"]}
    assert status == {"a.txt": "read", "b.txt": "left_out", "dji-audit.toml": "no_evidence"}


@pytest.mark.slow
def test_a_dossier_with_a_configuration_can_be_repeated(
    unit: Path, invoke: Invoke, sample_logs: Path
) -> None:
    shutil.copy(sample_logs / RECORD, unit / "evidence" / "a.txt")
    shutil.copy(sample_logs / "FLY042.DAT", unit / "evidence")
    written(unit / "dji-audit.toml", 'leave_out = ["*.DAT"]\ncase_ref = "26/1"\n')
    assert invoke("dossier", "evidence", "-o", "case.zip", "--with-originals").exit_code == 0
    done = invoke("verify", "case.zip")
    assert done.exit_code == 0, done.stdout


def test_a_new_configuration_gives_nothing_and_names_every_key(unit: Path, invoke: Invoke) -> None:
    done = invoke("init")
    assert (done.exit_code, done.stdout) == (0, "dji-audit.toml\n")
    assert read_configuration(Path("dji-audit.toml")).keys_and_values_given_in_file() == {}
    text = new_configuration_text()
    assert Path("dji-audit.toml").read_text("utf-8") == text
    assert max(map(len, text.splitlines())) <= 100
    for name in ConfigurationFileValues.model_fields:
        assert f"\n#{name} = " in text


def test_every_example_in_a_new_configuration_is_valid(tmp_path: Path) -> None:
    names = ConfigurationFileValues.model_fields
    text = "\n".join(f"{name} = {section_and_example_of_key(name)[1]}" for name in names)
    given = read_configuration(written(tmp_path / "all.toml", text)).keys_and_values_given_in_file()
    assert set(given) == set(names)


def test_init_writes_over_nothing_and_through_no_link(unit: Path, invoke: Invoke) -> None:
    written(unit / "dji-audit.toml", "jobs = 3")
    assert "exists already; nothing was written" in error_of_use(invoke("init"))
    assert (unit / "dji-audit.toml").read_text() == "jobs = 3"
    (unit / "evidence" / "dji-audit.toml").symlink_to(unit / "target")
    assert "exists already" in error_of_use(invoke("init", "evidence"))
    assert not (unit / "target").exists()
    assert "no such file or directory" in error_of_use(invoke("init", "gone"))

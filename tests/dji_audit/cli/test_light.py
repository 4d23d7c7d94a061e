"""Help is quick, importing is light, and an audit opens no socket."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: Typer loads pydantic for the help of a command by itself; our models are in these packages.
HEAVY = {
    "numpy", "pandas", "folium", "branca", "pymavlink", "pyproj", "shapely",
    "cryptography", "idna", "pebble", "multiprocessing", "parsers", "defusedxml",
    "dji_audit.api", "dji_audit.compliance", "dji_audit.fleet", "dji_audit.flights",
    "dji_audit.mapper", "dji_audit.report",
}  # fmt: skip


def modules_after(code: str, tmp_path: Path) -> set[str]:
    """Return what a new interpreter has loaded after some code, whatever it exits with."""
    path = tmp_path / "modules.json"
    script = (
        "import atexit, json, sys\n"
        f"atexit.register(lambda: open({str(path)!r}, 'w').write(json.dumps(list(sys.modules))))\n"
    )
    subprocess.run(
        [sys.executable, "-c", script + code], check=True, capture_output=True, timeout=60
    )
    return set(json.loads(path.read_text()))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        ["--version"],
        ["audit", "--help"],
        ["inspect", "-h"],
        ["map", "--help"],
        ["demo", "--help"],
        ["schema", "--help"],
        ["rules", "--help"],
        ["rules", "explain", "-h"],
        ["endpoints", "--help"],
        ["endpoints", "explain", "-h"],
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    argv = ["dji-audit", *arguments]
    code = f"import sys; sys.argv = {argv!r}\nfrom dji_audit.cli import main\nmain()"
    loaded = modules_after(code, tmp_path)
    assert "dji_audit.cli._app" in loaded
    assert loaded & HEAVY == set()


def test_importing_the_package_is_light_until_something_is_used(tmp_path: Path) -> None:
    loaded = modules_after("import dji_audit; dir(dji_audit)", tmp_path)
    assert "dji_audit" in loaded
    assert loaded & HEAVY == set()
    assert "pandas" in modules_after("import dji_audit; dji_audit.audit", tmp_path)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import dji_audit

    with pytest.raises(AttributeError, match="has no attribute 'adit'"):
        _ = dji_audit.adit


#: Notes every event of a socket, and every write below a folder, in this process and its workers.
WATCH = """
import json, os, sys
def note(*what):
    with open(RESULT, "a") as stream:
        stream.write(json.dumps([str(part) for part in what]) + "\\n")
def watch(event, arguments):
    if event == "socket.bind":
        note(event, arguments[1])
    elif event.startswith("socket.") and event != "socket.__new__" or event == "urllib.Request":
        note(event, *arguments)
    elif event == "open" and str(arguments[0]).startswith(EVIDENCE):
        if arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            note("written", arguments[0])
    elif event in ("os.mkdir", "os.remove", "os.rename", "os.chmod", "os.utime", "os.truncate"):
        if any(str(part).startswith(EVIDENCE) for part in arguments):
            note(event, *arguments)
sys.addaudithook(watch)
if __name__ == "__main__":
    from dji_audit.cli import main
    sys.argv = ["dji-audit", *ARGUMENTS]
    main()
"""


def events_of(arguments: list[str], evidence: Path, tmp_path: Path) -> list[list[str]]:
    """Return what a run of the command did that the watch notes, each once."""
    result = tmp_path / "events.jsonl"
    result.write_text("")
    head = f"EVIDENCE, ARGUMENTS, RESULT = {str(evidence)!r}, {arguments!r}, {str(result)!r}\n"
    # Spawned workers run the script too, all but its last part: they are watched as well.
    script = tmp_path / "watched.py"
    script.write_text(head + WATCH)
    done = subprocess.run([sys.executable, script], check=False, capture_output=True, timeout=120)
    assert done.returncode in (0, 4), done.stderr
    events = {line: json.loads(line) for line in result.read_text().splitlines()}
    # Worker processes are talked to through pipes, which are no sockets.
    return list(events.values())


@pytest.fixture
def evidence(tmp_path: Path, whole: Path, damaged: Path) -> Path:
    folder = tmp_path / "evidence"
    folder.mkdir()
    shutil.copyfile(whole, folder / "whole.txt")
    shutil.copyfile(damaged, folder / "damaged.txt")
    return folder


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_audit_opens_no_socket_and_writes_nothing_into_the_evidence(
    evidence: Path, tmp_path: Path, jobs: str
) -> None:
    arguments = ["audit", str(evidence), "--out", str(tmp_path / "out"), "--jobs", jobs]
    assert events_of(arguments, evidence, tmp_path) == []
    assert (tmp_path / "out" / "report.json").exists()


def test_inspect_and_map_open_no_socket_and_write_nothing_into_the_evidence(
    evidence: Path, tmp_path: Path
) -> None:
    log = str(evidence / "whole.txt")
    assert events_of(["inspect", log], evidence, tmp_path) == []
    assert events_of(["map", log, "--out", str(tmp_path / "a.html")], evidence, tmp_path) == []


def test_the_watch_sees_a_socket_and_a_write(evidence: Path, tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    result = tmp_path / "probe.jsonl"
    head = f"EVIDENCE, ARGUMENTS, RESULT = {str(evidence)!r}, ['--help'], {str(result)!r}\n"
    act = (
        "import socket, pathlib\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError:\n    pass\n"
        "pathlib.Path(EVIDENCE, 'x').write_text('x')\n"
        "os.mkdir(EVIDENCE + '/y')\n"
    )
    probe.write_text(head + WATCH.replace('if __name__ == "__main__":', act + "if True:"))
    subprocess.run([sys.executable, probe], check=True, capture_output=True, timeout=60)
    seen = [json.loads(line)[0] for line in result.read_text().splitlines()]
    assert {"socket.connect", "written", "os.mkdir"} <= set(seen)

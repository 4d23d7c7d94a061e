"""No command but ``keys fetch`` opens a socket, and that one only after a yes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dji_audit.keys.key_server import sealed_log

#: Notes every event of a socket, in this process and in its workers.
WATCH = """
import json, sys
def watch(event, arguments):
    if event.startswith("socket.") or event == "urllib.Request" or event.startswith("http.client"):
        with open(RESULT, "a") as stream:
            stream.write(json.dumps([event, *map(str, arguments)]) + "\\n")
sys.addaudithook(watch)
if __name__ == "__main__":
    from dji_audit.cli import main
    sys.argv = ["dji-audit", *ARGUMENTS]
    main()
"""


class Box:
    """Logs, keychains and an environment of their own."""

    def __init__(self, folder: Path, clear: Path, sealed: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.logs.mkdir()
        shutil.copyfile(clear, self.logs / "clear.txt")
        shutil.copyfile(sealed, self.logs / "sealed.txt")
        (self.logs / "asks.txt").write_bytes(sealed_log((1, 2, 7)))
        self.keychains = sealed.with_name(sealed.name + ".keychains.json")
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DJI_API_KEY", "DJI_AUDIT_KEY_STORE", "SOURCE_DATE_EPOCH")
        } | {"XDG_DATA_HOME": str(folder / "data")}

    def run(
        self, *arguments: object, alone: bool = False, api_key: str = ""
    ) -> tuple["subprocess.CompletedProcess[str]", list[list[str]]]:
        """Run the command under the watch; return what came, and the events of sockets."""
        result = self.folder / "events.jsonl"
        result.write_text("")
        script = self.folder / "watched.py"
        words = [str(argument) for argument in arguments]
        script.write_text(f"ARGUMENTS, RESULT = {words!r}, {str(result)!r}\n{WATCH}")
        done = subprocess.run(
            [*(["unshare", "-rn"] if alone else []), sys.executable, str(script)],
            env=self.environment | ({"DJI_API_KEY": api_key} if api_key else {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done, [json.loads(line) for line in result.read_text().splitlines()]


@pytest.fixture
def box(tmp_path: Path, whole: Path, sealed: Path) -> Box:
    return Box(tmp_path, whole, sealed)


def can_be_alone() -> bool:
    """Return whether this kernel lets a user cut a process off from every network."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    return not subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode


def test_the_whole_way_but_fetching_opens_no_socket(box: Box) -> None:
    alone = can_be_alone()
    sealed = box.logs / "sealed.txt"
    steps: list[tuple[int, tuple[object, ...]]] = [
        (0, ("keys", "request", box.logs, "-o", box.folder / "request.json")),
        (0, ("keys", "import", box.keychains, "--log", sealed)),
        (0, ("keys", "list")),
        (4, ("audit", box.logs, "--out", box.folder / "out", "--jobs", "1")),
        (4, ("audit", box.logs, "--out", box.folder / "out2", "--jobs", "2")),
        (0, ("inspect", sealed)),
        (0, ("map", sealed, "--out", box.folder / "map.html")),
    ]
    for code, arguments in steps:
        done, events = box.run(*arguments, alone=alone)
        assert (done.returncode, events) == (code, []), (arguments, done.stderr)
    assert "no part is unread for lack of a key; opened by" in box.run("inspect", sealed)[0].stdout


def test_fetching_opens_no_socket_before_a_yes_or_without_an_api_key(box: Box) -> None:
    requests, out = box.folder / "request.json", box.folder / "keychains.json"
    box.run("keys", "request", box.logs, "-o", requests)
    elsewhere = ("--yes", "--endpoint", "http://192.0.2.1/")
    for more, api_key in (((), "k"), (("--yes",), ""), (elsewhere, "k")):
        done, events = box.run("keys", "fetch", requests, "-o", out, *more, api_key=api_key)
        assert (done.returncode, events) == (2, []), done.stderr
        assert not out.exists()


def test_the_watch_sees_the_one_command_that_opens_a_socket(box: Box) -> None:
    """Port 9 of this computer: nobody listens there."""
    requests, out = box.folder / "request.json", box.folder / "keychains.json"
    box.run("keys", "request", box.logs / "asks.txt", "-o", requests)
    where = ("--endpoint", "http://127.0.0.1:9/x", "--pause", "0", "--timeout", "1")
    done, events = box.run(
        "keys", "fetch", requests, "-o", out, "--yes", *where, api_key="canary-k"
    )
    assert done.returncode == 4
    connected = [event for event in events if event[0] == "socket.connect"]
    assert len(connected) == 4
    assert all("('127.0.0.1', 9)" in event[2] for event in connected)
    assert not any("canary-k" in part for event in events for part in event if "send" not in part)
    assert "canary-k" not in done.stdout + done.stderr


def test_only_fetching_loads_what_opens_connections(box: Box) -> None:
    code = (
        "import importlib, pkgutil, sys; from dji_audit import cli;"
        "modules = [each.name for each in pkgutil.walk_packages(cli.__path__, 'dji_audit.cli.')];"
        "[importlib.import_module(name) for name in modules if not name.endswith('keys._fetch')];"
        "loaded = {'dji_audit.keys._server_connection', 'dji_audit.keys.request_keychains'}"
        " & set(sys.modules);"
        "sys.exit(bool(loaded) or len(modules) < 10)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0

"""The command that serves: what it prints, where it listens, how it ends."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.dji_audit.cli.conftest import Invoke

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

COMMAND = "from dji_audit.cli import main; main()"


def test_it_listens_on_the_loopback_address_audits_in_workers_and_ends_in_peace(
    tmp_path: Path,
) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "note.txt").write_text("no log")
    arguments = (str(tmp_path / "state"), "--evidence", str(tmp_path / "cards"), "--jobs", "1")
    own = ("--config", "none", "--zone-store", "none", "--key-store", "none")
    command = [sys.executable, "-c", COMMAND, "serve", *arguments, *own]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            address = re.fullmatch(r"OPEN +(http://127\.0\.0\.1:\d+/enter/[\w-]{43})\n", line)
            assert address is not None, line
            assert audited_by_requests(address[1])["message"].startswith("Nothing was audited")
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert not (tmp_path / "state" / "unfinished").exists()


def audited_by_requests(address: str) -> dict[str, str]:
    """Enter, audit the folder of this computer, and return how that ended."""
    parts = urlsplit(address)
    server = http.client.HTTPConnection(parts.netloc, timeout=60)
    server.request("GET", parts.path)
    entered = server.getresponse()
    entered.read()
    room = str(entered.headers["Location"])
    cookie = str(entered.headers["Set-Cookie"]).partition(";")[0]
    headers = {"Cookie": cookie, "Origin": f"http://{parts.netloc}"}
    assert "server" not in {name.lower() for name in entered.headers}
    server.request("POST", f"{room}audit", json.dumps({"folders": ["1"]}), headers)
    assert server.getresponse().read() == b"{}"
    while True:
        server.request("GET", f"{room}work", headers={"Cookie": cookie})
        job = dict(json.loads(server.getresponse().read())["job"])
        if job["state"] != "running":
            server.close()
            return job
        time.sleep(0.2)


def test_what_cannot_be_served_is_said_and_exits_with_2(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "note.txt").write_text("x")
    own = ("--config", "none", "--zone-store", "none")
    state = str(tmp_path / "state")
    for evidence, words in (("missing", "is not a folder"), ("note.txt", "is not a folder"),
                            (".", "lies inside")):  # fmt: skip
        done = invoke("serve", state, "--evidence", str(tmp_path / evidence), *own)
        assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = invoke("serve", state, "--port", str(taken.getsockname()[1]), *own)
    assert done.exit_code == 2
    assert "is not free" in done.stderr


def test_without_its_extra_it_says_what_to_install(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dji_audit.cli.fleet._serve.find_spec", lambda _: None)
    done = invoke("serve", str(tmp_path / "state"), "--config", "none")
    assert done.exit_code == 2
    assert 'pip install "dji-audit[serve]"' in done.stderr
    assert not (tmp_path / "state").exists()

"""The command, in this process or in one of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

DJI_AUDIT = Path(sys.executable).with_name("dji-audit")

Invoke = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]


def read_terminal(terminal: int) -> bytes:
    """Return all that was written to the other side of a pseudo-terminal, which is closed."""
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return shown
        if not part:
            return shown
        shown += part


def error_of_use(result: Result) -> str:
    """Return the message of a command that was called wrongly."""
    assert result.exit_code == 2
    return result.stderr


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return the command, run in this process; an error nobody foresaw is raised.

    Its workers are this process too, so that what a test replaces is replaced for them.
    """
    from dji_audit.cli._app import app
    from dji_audit.fleet import run
    from dji_audit.fleet.worker_pool import WorkerPool

    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr(run, "WorkerPool", lambda _, timeout_s, **_more: WorkerPool(0, timeout_s))

    def call(*arguments: object, **more: Any) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, words, catch_exceptions=False, **more)

    return call


@pytest.fixture
def spawn() -> Spawn:
    """Return the command that is installed, run as a user runs it."""

    def call(
        *arguments: object, env: dict[str, str] | None = None, **more: Any
    ) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        environment.pop("SOURCE_DATE_EPOCH", None)
        return subprocess.run(
            [str(DJI_AUDIT), *map(str, arguments)],
            env=environment | (env or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **more,
        )

    return call

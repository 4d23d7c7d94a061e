"""The command ``keys``, away from the user's own keychains."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

Keys = Callable[..., Result]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keys:
    """Return the command ``keys``, with a data folder of its own."""
    from dji_audit.cli._app import app

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("DJI_AUDIT_KEY_STORE", raising=False)

    def call(*arguments: object, **more: Any) -> Result:
        words = ["keys", *map(str, arguments)]
        return CliRunner().invoke(app, words, catch_exceptions=False, **more)

    return call

"""A server of which nobody asked anything yet."""

from pathlib import Path

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

from tests.dji_audit.fleet.serve.asked_server import AskedServer, server_of


@pytest.fixture
def server(tmp_path: Path) -> AskedServer:
    return server_of(tmp_path / "state")

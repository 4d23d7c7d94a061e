"""A small fleet in the tables of a state, made once."""

from pathlib import Path

import pytest

from tests.dji_audit.fleet.made_fleet import write_made_fleet


@pytest.fixture(scope="session")
def made_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state whose tables hold the made fleet; tests do not change it."""
    state = tmp_path_factory.mktemp("fleet") / "state"
    write_made_fleet(state)
    return state

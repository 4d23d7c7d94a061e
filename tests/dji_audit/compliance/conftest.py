"""The flight of the synthetic record, for the tests that audit it beside network logs."""

from pathlib import Path

import pytest

import parsers
from dji_audit.flights import Flight, assemble_flights


@pytest.fixture(scope="module")
def flight(whole: Path) -> Flight:
    """Return the flight of the synthetic record without damage."""
    return assemble_flights(parsers.read(whole))[0]

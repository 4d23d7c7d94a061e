"""Nothing of the evidence stays in memory when a run is over."""

import ast
import gc
import weakref
from collections.abc import Callable

import pytest

import parsers
from dji_audit.camera_view import camera_poses
from dji_audit.flights import assemble_flights
from tests.conftest import ROOT

CACHES = {"cache", "lru_cache"}


#: What is kept for the number of a zone, of which there are 120 on the earth.
CACHED_WITHOUT_EVIDENCE = {
    "utm_grid.py: _utm_transformer",
    "magnetic_field.py: _read_coefficients_and_yearly_changes",
}


def test_no_log_outlives_its_flights(make_log: Callable[..., parsers.Log]) -> None:
    track = {"latitude_deg": [50.0, 50.001], "longitude_deg": [-4.0, -4.0]}
    logs = [make_log(track, name=name, sha256=name * 64) for name in "ab"]
    tables = [weakref.ref(log.track) for log in logs]
    flights = assemble_flights(*logs)
    poses = [camera_poses(flight) for flight in flights]
    assert len(poses) == len(flights)
    del logs, flights, poses
    gc.collect()
    assert [table() for table in tables] == [None, None]


@pytest.mark.parametrize("room", ["flights", "camera_view", "geo"])
def test_only_what_hangs_on_nothing_is_cached(room: str) -> None:
    for path in (ROOT / "dji_audit" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.args.args:
                names = {
                    part.id
                    for decorator in node.decorator_list
                    for part in ast.walk(decorator)
                    if isinstance(part, ast.Name)
                }
                cached = f"{path.name}: {node.name}"
                assert not names & CACHES or cached in CACHED_WITHOUT_EVIDENCE, cached

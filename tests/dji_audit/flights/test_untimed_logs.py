"""A log without any time is a flight by itself, and an audit says why."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd

import parsers
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, audit_paths
from dji_audit.flights import assemble_flights


def test_a_log_without_times_is_a_flight_by_itself(make_log: Callable[..., parsers.Log]) -> None:
    track = {"latitude_deg": [50.0, 50.001], "longitude_deg": [-4.0, -4.0]}
    same = {"aircraft": parsers.Aircraft(serial="A1")}
    timed = make_log(track, name="a", sha256="a" * 64, **same)
    never = pd.DatetimeIndex([pd.NaT] * 2, tz="UTC").as_unit("ns")
    untimed = make_log(track, name="b", sha256="b" * 64, **same)
    untimed = replace(untimed, track=untimed.track.assign(time=never))
    flights = assemble_flights(timed, untimed)
    assert [[log.source.name for log in flight.logs] for flight in flights] == [["a"], ["b"]]
    (source,) = flights[1].sources
    assert source.alignment.method == "unaligned"
    assert source.alignment.reason == "it has no clock"


def test_an_audit_says_that_a_table_has_no_clock(sample_logs: Path, tmp_path: Path) -> None:
    (original,) = sample_logs.glob("DJIFlightRecord_2026-05-14_[[]10-01-58[]].txt")
    log = parsers.read(original)
    (tmp_path / original.name).write_bytes(original.read_bytes())
    fixes = log.track.dropna(subset=["latitude_deg", "longitude_deg"]).iloc[::5]
    rows = zip(fixes["latitude_deg"], fixes["longitude_deg"], strict=True)
    lines = [
        "CUSTOM.updateTime,CUSTOM.isPhoto,CUSTOM.isVideo,OSD.latitude,OSD.longitude",
        *(f",,,{latitude:.7f},{longitude:.7f}" for latitude, longitude in rows),
    ]
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    contents = audit_paths([tmp_path], RunOptions(load_policy())).contents
    (flight,) = (flight for flight in contents.flights if flight.file == "table.csv")
    (source,) = flight.sources
    assert source.clock.reason == "it has no clock"

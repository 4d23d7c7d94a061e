"""A log whose rows have no time is held against the ways of flights; that alone joins nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.cli.inspect._flight import describe_flight
from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.run import RunOptions, run
from dji_audit.flights import Flight, assemble, join_logs, summarise_log

MakeLog = Callable[..., parsers.Log]
WHY = "it has no clock; its way lies, in order, on that of "


def track(seconds: np.ndarray, east_m: float = 0.0) -> dict[str, Any]:
    """A round of 400 m with a wave in it, and home again on another way."""
    north = 200 * np.sin(seconds / 60) + 25 * np.sin(seconds / 11)
    east = 200 * np.cos(seconds / 60) + east_m
    return {
        "time": seconds.tolist(), "latitude_deg": (50 + north / 111_195).tolist(),
        "longitude_deg": (-4 + east / 71_400).tolist(), "height_ato_m": [60.0] * len(seconds),
    }  # fmt: skip


def record(make_log: MakeLog, name: str, start: float = 0.0, **more: Any) -> parsers.Log:
    seconds = np.arange(0, 330.0)
    rows = track(seconds) | {"time": (seconds + start).tolist()} | more.pop("rows", {})
    return make_log(rows, name=name, sha256=name.encode().hex().ljust(64, "0"), **more)


def untimed(make_log: MakeLog, seconds: np.ndarray, **more: Any) -> parsers.Log:
    """Return a log of a part of the way, whose rows have no time."""
    log = make_log(track(seconds, more.pop("east_m", 0.0)), name="w", sha256="f" * 64, **more)
    return replace(
        log,
        track=log.track.assign(
            time=pd.DatetimeIndex([pd.NaT] * len(log.track), tz="UTC").as_unit("ns")
        ),
    )


def names(flights: tuple[Flight, ...]) -> list[list[str]]:
    return [[log.source.name for log in flight.logs] for flight in flights]


PART = np.arange(40, 290, 2.5)
SAME: dict[str, Any] = {"aircraft": parsers.Aircraft(serial="A1")}


def test_a_way_of_the_same_aircraft_tells_of_its_flight_without_a_time(make_log: MakeLog) -> None:
    (flight,) = assemble(record(make_log, "a", **SAME), untimed(make_log, PART, **SAME))
    first, way = flight.sources
    assert first.log.source.name == "a"
    assert way.alignment.method == "unaligned"
    assert not way.alignment.is_aligned
    assert way.alignment.reason.startswith(WHY + "this flight and of no other here")
    assert way.match is not None
    assert way.match.serials_agree is True
    assert way.match.distance_m is not None
    assert way.match.distance_m < 3
    # Nothing of it is given a time, and nothing is compared.
    assert way.track["time"].isna().all()
    assert flight.track["time"].notna().all()
    assert flight.disagreements == ()


def test_a_way_alone_joins_nothing_and_names_the_flight(make_log: MakeLog) -> None:
    flights = assemble(record(make_log, "a", **SAME), untimed(make_log, PART))
    assert names(flights) == [["a"], ["w"]]
    (telling,) = flights[1].sources
    (rival,) = telling.alternative_flights
    assert rival.flight_id == flights[0].id
    assert telling.alignment.reason == f"{WHY}flight {rival.flight_id}: a way can be flown twice"
    assert rival.flight_id in describe_flight(flights[1])


def test_a_way_that_was_flown_twice_is_joined_to_neither(make_log: MakeLog) -> None:
    twice = [record(make_log, "a", **SAME), record(make_log, "b", 3600.0, **SAME)]
    flights = assemble(*twice, untimed(make_log, PART, **SAME))
    assert names(flights) == [["a"], ["b"], ["w"]]
    (telling,) = flights[2].sources
    assert [rival.flight_id for rival in telling.alternative_flights] == sorted(
        it.id for it in flights[:2]
    )
    assert "flights " in telling.alignment.reason


@pytest.mark.parametrize(
    ("seconds", "east_m"),
    [(PART[::-1], 0.0), (PART, 60.0), (np.full(100, 40.0), 0.0), (np.arange(40, 60, 0.2), 0.0)],
    ids=["backwards", "aside", "parked", "a short straight piece"],
)
def test_other_ways_name_no_flight(make_log: MakeLog, seconds: np.ndarray, east_m: float) -> None:
    way = untimed(make_log, seconds, east_m=east_m, **SAME)
    flights = assemble(record(make_log, "a", **SAME), way)
    assert names(flights) == [["a"], ["w"]]
    assert flights[1].sources[0].alternative_flights == ()
    assert flights[1].sources[0].alignment.reason == "it has no clock"


def test_subtitles_without_any_time_follow_the_same(make_log: MakeLog) -> None:
    way = untimed(make_log, PART)
    source = replace(way.source, format="dji-srt")
    logs = [record(make_log, "a"), replace(way, source=source)]
    joining = join_logs(
        [digest for place, log in enumerate(logs) for digest in summarise_log(log, place)]
    )
    (left,) = joining.unjoined
    assert [rival.flight_id for rival in left.alternative_flights] == [joining.assemblies[0].id]
    assert left.alignment.reason.startswith(WHY)


def test_what_an_audit_says_of_a_table_without_times(sample_logs: Path, tmp_path: Path) -> None:
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
    whole = run([tmp_path], RunOptions(load_policy()))
    row = next(file for file in whole.contents.files if file.name == "table.csv")
    assert row.reason.startswith(f"clock not aligned: {WHY}")
    assert next(iter(row.flights)) in {flight.id for flight in whole.contents.flights}

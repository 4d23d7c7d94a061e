"""Trajectories of FlightHub 2: points at their bytes, times of any unit, and damage."""

import json
from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers.other_makers.flighthub_task_track import FORMAT, unix_times_of_any_unit_to_ns
from sample_logs import other_makers
from tests.parsers.other_makers.test_other_makers import assert_positions_and_times_of_story

NOON_S = 1_778_846_400


def read(data: bytes) -> parsers.Log:
    content = parsers.Content("track.json", data)
    assert parsers.identify(content).name == FORMAT.name
    return FORMAT.read(content, ())


def test_every_point_of_the_story_is_read(sample_logs: Path) -> None:
    path = sample_logs / other_makers.FOLDER / other_makers.FLIGHTHUB
    log, data = parsers.read(path), path.read_bytes()
    assert_positions_and_times_of_story(log)
    assert log.track["altitude_amsl_m"].isna().all(), "the level of heights is not documented"
    assert log.records("Point")["height"].notna().all()
    assert (log.aircraft.maker, log.aircraft.serial) == ("DJI", "SYNFLIGHTHUB01")
    assert {data[offset : offset + 12] for offset in log.track["source_offset"]} == {
        b'{"timestamp"'
    }
    texts = log.events["text"].tolist()
    assert "flight task: Training patrol" in texts
    assert "state of the task: success" in texts
    assert "duration, as the server states it, s: 60" in texts
    assert set(log.events["grade"]) == {"reported"}


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000])
def test_the_unit_of_a_time_is_told_by_its_size(unit: int) -> None:
    numbers = np.array([NOON_S * unit, np.nan, 12.0, 1e18])
    found = unix_times_of_any_unit_to_ns(numbers)
    assert found[0] == NOON_S * 10**9
    assert (found[1:] == np.iinfo(np.int64).min).all()


def test_the_data_alone_without_its_envelope_is_read() -> None:
    points = [
        {"timestamp": NOON_S + second, "latitude": 51.0, "longitude": 0.1 + second / 1e4}
        for second in range(3)
    ]
    document = {"name": "patrol", "track": {"drone_sn": "S1", "points": points}}
    log = read(json.dumps(document).encode())
    assert len(log.track) == 3
    assert log.aircraft.serial == "S1"


def test_damage_costs_its_own_point_only(sample_logs: Path) -> None:
    data = (sample_logs / other_makers.FOLDER / other_makers.FLIGHTHUB).read_bytes()
    whole = len(read(data).track)
    at = data.index(b'"latitude"', 4000)
    torn = read(data[:at] + b"{" + data[at + 1 :])
    assert whole - 2 <= len(torn.track) < whole
    assert torn.issues[0].reason == "a row that cannot be read"
    cut = read(data[: len(data) // 2])
    assert 40 < len(cut.track) < whole
    assert cut.is_truncated


def test_a_track_of_another_program_is_not_claimed() -> None:
    document = {"track": {"points": [{"timestamp": 1, "latitude": 1.0, "longitude": 1.0}]}}
    assert not FORMAT.claims(parsers.Content("track.json", json.dumps(document).encode()))

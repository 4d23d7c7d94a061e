"""A telemetry log of several aircraft gives a log for each."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import parsers
from parsers import Content, FileContainsSeveralLogsError, Log
from parsers.mavlink.tlog import FORMAT
from tests.parsers.mavlink.tlog.test_log import START_US, Station, events

SECOND, THIRD = 2, 3


def fly(station: Station, system: int, latitude: int, *, seconds: int = 5) -> None:
    """Let a vehicle report its state, time and position, and be armed after the first second."""
    for second in range(seconds):
        armed = 0x81 if second else 1
        station.hear(
            "heartbeat", system, 1, type=2, autopilot=3, base_mode=armed, mavlink_version=3,
            system_status=3, custom_mode=5 if system == 1 else 6,
        )  # fmt: skip
        unix = START_US + station.boot_ms * 1000
        station.hear("system_time", system, 1, time_unix_usec=unix)
        station.hear(
            "global_position_int", system, 1, lat=latitude + second * 1000, lon=-1_000_000,
            alt=80_000 + second * 1000, relative_alt=second * 1000, hdg=9000,
        )  # fmt: skip
        station.wait(0.9)


@pytest.fixture
def two() -> Station:
    """A station that hears two aircraft, one after the other, and commands both."""
    station = Station()
    station.hear("heartbeat", 255, 190, type=6, autopilot=8, mavlink_version=3)
    fly(station, 1, 515_000_000)
    fly(station, SECOND, 525_000_000, seconds=7)
    fly(station, 1, 516_000_000)
    for system, number in ((1, 2500), (SECOND, 526)):
        station.hear("command_long", 255, 190, target_system=system, command=number)
        station.hear("command_ack", system, 1, command=number, result=0)
    station.hear("statustext", SECOND, 1, severity=4, text="the second speaks")
    station.hear("param_value", SECOND, 1, param_id="FENCE_RADIUS", param_value=100, param_type=9)
    return station


def read_parts(station: Station) -> dict[str, Log]:
    assert FORMAT.read_logs_and_parts is not None
    held = FORMAT.read_logs_and_parts(Content("two.tlog", bytes(station.data)), ())
    assert not held.parts
    return {log.source.stream or "": log for log in held.logs}


def test_each_aircraft_has_its_own_track(two: Station) -> None:
    logs = read_parts(two)
    assert list(logs) == ["1", "2"]
    first, second = logs["1"], logs["2"]
    assert len(first.track) == 10
    assert len(second.track) == 7
    assert set(np.floor(first.track["latitude_deg"])) == {51.0}
    assert set(np.floor(second.track["latitude_deg"])) == {52.0}
    assert events(first, "mode")["text"][0] == "LOITER when the log begins"
    assert events(second, "mode")["text"][0] == "RTL when the log begins"
    assert len(events(second, "arm")) == 1


def test_what_was_sent_to_one_aircraft_is_not_in_the_log_of_the_other(two: Station) -> None:
    logs = read_parts(two)
    first, second = (Counter(logs[stream].events["kind"]) for stream in ("1", "2"))
    assert first["capture.command"] == 1
    assert first["capture.storage"] == 0
    assert second["capture.command"] == 0
    assert second["capture.storage"] == 1
    assert not any("the second speaks" in text for text in logs["1"].events["text"])
    assert any("the second speaks" in text for text in logs["2"].events["text"])
    assert not any(fence.radius_m for fence in logs["1"].fences)
    assert [len(log.captures) for log in logs.values()] == [1, 0]


def test_the_ground_station_is_in_both_logs(two: Station) -> None:
    for log in read_parts(two).values():
        assert any("255/190 is a gcs" in text for text in log.events["text"])
        assert 255 in set(log.records("HEARTBEAT")["system"])


def test_the_records_of_a_log_are_those_of_its_aircraft(two: Station) -> None:
    logs = read_parts(two)
    assert set(logs["1"].records("GLOBAL_POSITION_INT")["system"]) == {1}
    assert set(logs["2"].records("GLOBAL_POSITION_INT")["system"]) == {SECOND}
    assert "STATUSTEXT" not in logs["1"].record_counts
    assert logs["2"].record_counts["STATUSTEXT"] == 1
    senders = {text.split(":")[0] for text in logs["1"].events["text"] if "missing by" in text}
    assert senders == {"1/1", "255/190"}


def test_the_bytes_of_the_other_aircraft_are_accounted_for_as_such(two: Station) -> None:
    logs = read_parts(two)
    size = len(two.data)
    other = {stream: log.coverage_sizes["other_log"] for stream, log in logs.items()}
    for log in logs.values():
        assert sum(log.coverage_sizes.values()) == size
        assert set(log.coverage_sizes) == {"records", "other_log"}
    # Frames of the two aircraft, and what is in both.
    shared = size - sum(other.values())
    assert 0 < shared < size - max(other.values())
    reasons = [issue.reason for issue in logs["1"].issues]
    assert reasons == ["24 frames sent by system 2 are another vehicle's: log #2"]
    assert logs["1"].issues[0].offset == two.offsets[16]


def test_each_clock_is_that_of_its_aircraft() -> None:
    station = Station()
    fly(station, 1, 515_000_000)
    station.boot_ms += 3_600_000
    fly(station, SECOND, 525_000_000)
    for system, log in zip((1, SECOND), read_parts(station).values(), strict=True):
        assert log.clock.source == f"vehicle (SYSTEM_TIME of system {system})"
        assert not any("restarted" in note for note in log.clock.notes)


@pytest.mark.parametrize(
    ("kind", "autopilot"),
    [(5, 3), (6, 8), (18, 8), (18, 0), (26, 8), (26, 0), (27, 8), (30, 8), (30, 0), (34, 0)],
)
def test_equipment_with_a_system_of_its_own_is_no_aircraft(kind: int, autopilot: int) -> None:
    station = Station()
    fly(station, 1, 515_000_000)
    for _ in range(3):
        station.hear("heartbeat", THIRD, 1, type=kind, autopilot=autopilot, mavlink_version=3)
        station.hear("global_position_int", THIRD, 1, lat=500_000_000, lon=-1_000_000)
    log = read_parts(station)[""]
    assert len(log.track) == 5
    assert set(np.floor(log.track["latitude_deg"])) == {51.0}
    assert "other_log" not in log.coverage_sizes


def test_a_second_autopilot_of_the_same_system_is_the_same_aircraft() -> None:
    station = Station()
    fly(station, 1, 515_000_000)
    station.hear("heartbeat", 1, 2, type=2, autopilot=3, mavlink_version=3)
    assert list(read_parts(station)) == [""]


def test_reading_such_a_file_says_that_it_holds_two_logs(two: Station, tmp_path: Path) -> None:
    path = tmp_path / "two.tlog"
    path.write_bytes(two.data)
    with pytest.raises(FileContainsSeveralLogsError) as caught:
        parsers.read(path)
    assert caught.value.names == ("two.tlog#1", "two.tlog#2")
    reading = parsers.read_file(path)
    assert [log.source.name for log in reading.logs] == ["two.tlog#1", "two.tlog#2"]
    assert reading.account.file_class == "carrier"
    assert sum(span.size for span in reading.account.coverage) == len(two.data)
    assert {span.kind for span in reading.account.coverage} == {"records"}


def test_a_file_of_one_aircraft_is_a_log(tmp_path: Path) -> None:
    station = Station()
    fly(station, 1, 515_000_000)
    path = tmp_path / "one.tlog"
    path.write_bytes(station.data)
    reading = parsers.read_file(path)
    assert reading.account.file_class == "log"
    assert [log.source.name for log in reading.logs] == ["one.tlog"]
    assert parsers.read(path).source.stream is None


def test_damage_to_the_file_is_counted_with_one_vehicle(two: Station) -> None:
    at = two.offsets[8]
    two.data[at + 8 + 12] ^= 0xFF
    logs = read_parts(two)
    first, second = logs["1"], logs["2"]
    assert first.coverage_sizes["gap"] == sum(issue.size for issue in first.issues) > 0
    assert "gap" not in second.coverage_sizes
    assert not any(issue.size for issue in second.issues)
    (remark,) = (each for each in second.issues if "counted with log" in each.reason)
    assert remark.reason.endswith("counted with log #1")
    assert remark.offset == at
    assert sum(second.coverage_sizes.values()) == len(two.data)


def test_damage_to_a_real_file_is_counted_once(samples: Path) -> None:
    path = samples / "mavlink" / "MACS-Research-Lab+uav-cyber-sim" / "mav.tlog"
    reading = parsers.read_file(path)
    lost = [sum(issue.size for issue in log.issues) for log in reading.logs]
    assert lost == [2631, 0]
    assert sum(issue.size for issue in reading.account.issues) == 2631

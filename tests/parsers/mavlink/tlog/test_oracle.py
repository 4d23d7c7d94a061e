"""Real telemetry logs, held against pymavlink's own parser, field by field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pymavlink.dialects.v20 import all as dialect

import parsers
from parsers import Log, open_content
from parsers.mavlink.tlog import FORMAT

#: Logs without damage.
CLEAN = (
    "1202martin+pymavlink_tutorial/mav.tlog",
    "ArduPilot+UAVLogViewer/src/assets/vtol.tlog",
    "CanberraUAV+cuav/tests/testdata/flight.tlog",
    "Devmangrani+MAV-PROXY-GCS_V2/MyCopter/logs/2024-07-31/flight18/flight.tlog",
    "Haris-Alsaman+ardupilot_gazebo/ros/mav.tlog",
    "KNR-PW+Dron_symulacja/mav.tlog",
    "KocurMaros+lrs_fei/mav.tlog",
    "katexu66+intro_to_ros/bwsibot/logs/2024-07-19/flight1/flight.tlog",
    "skapila+Control_Tunning_Project/FlightController/mav.tlog",
    "y-fysiks+anti-umbrella-dynamic-loiter/mav.tlog",
    "sitl/sitl_copter357_fence_cam.tlog",
)
#: Log -> intact frames of known layout that it must yield at least.
DAMAGED = {
    "Avalanche-MQP+Avalanche-MQP-ros/mav.tlog": 16_064,
    "Avalanche-MQP+Avalanche-MQP-ros/mav.tlog.raw": 15_087,
    "Abdullah-BS+AUTOMATED-VEHICLE-SYSTEM-POWERED-BY-SOLAR-ENERGY/mav.tlog.raw": 6_650,
    "Devmangrani+MAV-PROXY-GCS_V2/MyCopter/logs/2024-07-31/flight1/flight.tlog.raw": 3_676,
    "LiDRON7+Competition-2025/mav.tlog": 2_229,
    "LucaGemma+MasterThesis/mav.tlog": 9_441,
    "MACS-Research-Lab+uav-cyber-sim/mav.tlog": 38_814,
    "dronekit+dronekit-python/examples/flight_replay/flight.tlog": 75_477,
}


@pytest.fixture(scope="module")
def folder(samples: Path) -> Path:
    return samples / "mavlink"


def read(path: Path) -> Log:
    content = open_content(path)
    assert FORMAT.claims(content)
    return parsers.read_content(content).logs[0]


def in_order(data: bytes, *, stamped: bool) -> Iterator[Any]:
    """Yield the messages that pymavlink's parser finds, as its readers feed it."""
    parser = dialect.MAVLink(None)
    parser.robust_parsing = True
    if not stamped:
        yield from parser.parse_buffer(bytearray(data)) or ()
        return
    at = 0
    while at + 16 < len(data):
        two = data[at + 8] == 0xFD
        size = data[at + 9] + (12 + 13 * (data[at + 10] & 1) if two else 8)
        yield from parser.parse_buffer(bytearray(data[at + 8 : at + 8 + size])) or ()
        at += 8 + size


def differences(log: Log, found: dict[str, list[Any]]) -> list[str]:
    wrong = []
    for name, wanted in found.items():
        table = log.records(name)
        if len(table) != len(wanted):
            wrong.append(f"{name}: {len(table)} records, not {len(wanted)}")
            continue
        senders = [(message.get_srcSystem(), message.get_srcComponent()) for message in wanted]
        if list(zip(table["system"], table["component"], strict=True)) != senders:
            wrong.append(f"{name}: other senders")
        for field in wanted[0].fieldnames:
            ours = table[field].tolist()
            theirs = [getattr(message, field) for message in wanted]
            if not all(same(a, b) for a, b in zip(ours, theirs, strict=True)):
                wrong.append(f"{name}.{field}")
    return wrong


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, str):
        # pymavlink gives an array of text as text, and a single character as bytes.
        text = theirs.decode() if isinstance(theirs, bytes) else theirs
        return bool(ours == text)
    return bool(np.array_equal(ours, theirs, equal_nan=True))


@pytest.mark.parametrize("name", CLEAN)
def test_on_clean_logs_every_field_equals_pymavlinks(folder: Path, name: str) -> None:
    path = folder / name
    found: dict[str, list[Any]] = {}
    for message in in_order(path.read_bytes(), stamped=True):
        assert message.get_type() != "BAD_DATA"
        if not message.get_type().startswith("UNKNOWN"):
            found.setdefault(message.get_type(), []).append(message)
    log = read(path)
    assert differences(log, found) == []
    assert {span.kind for span in log.coverage} <= {"records", "unknown"}
    assert all(issue.size == 0 for issue in log.issues)


@pytest.mark.parametrize("name", DAMAGED)
def test_on_damaged_logs_no_intact_frame_is_lost(folder: Path, name: str) -> None:
    path = folder / name
    logs = parsers.read_file(path).logs
    kept = {
        offset
        for log in logs
        for kind in log.record_counts
        if kind != "BAD_CHECKSUM" and not kind.startswith("UNKNOWN")
        for offset in log.records(kind)["offset"]
    }
    assert len(kept) >= DAMAGED[name]
    log = logs[0]
    gaps = [span for span in log.coverage if span.kind == "gap"]
    told = [(issue.offset, issue.size) for issue in log.issues if issue.size]
    assert told == [(gap.offset, gap.size) for gap in gaps]


def test_a_raw_stream_holds_what_pymavlink_finds_in_it(folder: Path) -> None:
    path = folder / "sitl/sitl_copter357_fence_cam.raw"
    found: dict[str, list[Any]] = {}
    for message in in_order(path.read_bytes(), stamped=False):
        if message.get_type() != "BAD_DATA":
            found.setdefault(message.get_type(), []).append(message)
    assert differences(read(path), found) == []


@pytest.mark.parametrize("ending", ["tlog", "raw"])
def test_a_flight_over_its_fence_shows_breach_return_and_photos(folder: Path, ending: str) -> None:
    log = read(folder / f"sitl/sitl_copter357_fence_cam.{ending}")
    breach = log.events[log.events["kind"] == "geofence.breach"]
    # What the autopilot's own log of the same flight says, by ERR 9:2 and 9:0.
    start = pd.Timestamp("2026-11-23T03:48:30.930361Z")
    end = pd.Timestamp("2026-11-23T03:48:44.230039Z")
    assert len(breach) == 1
    assert abs((breach["time"].iloc[0] - start).total_seconds()) < 0.5
    assert abs((breach["end"].iloc[0] - end).total_seconds()) < 0.5
    assert len(log.captures) == 19
    assert (log.captures["kind"] == "photo").all()
    action = log.events[log.events["kind"] == "geofence.action"]
    assert action["text"].str.contains("RTL").tolist() == [True]
    assert len(log.events[log.events["kind"] == "takeoff"]) == 1


def test_broadcast_remote_id_is_found_in_a_damaged_log(folder: Path) -> None:
    log = read(folder / "Avalanche-MQP+Avalanche-MQP-ros/mav.tlog")
    texts = log.events.loc[log.events["kind"] == "remote_id", "text"].tolist()
    assert "Remote ID position: 214 messages" in texts
    assert log.record_counts["EVENT"] == 518


def test_a_log_of_two_vehicles_gives_two(folder: Path) -> None:
    logs = parsers.read_file(folder / "MACS-Research-Lab+uav-cyber-sim/mav.tlog").logs
    assert [log.source.stream for log in logs] == ["1", "2"]
    assert [len(log.track) for log in logs] == [958, 99]
    assert [set(log.records("GLOBAL_POSITION_INT")["system"]) for log in logs] == [{1}, {2}]
    assert any("system 2 are another vehicle's" in issue.reason for issue in logs[0].issues)
    for log in logs:
        assert sum(log.coverage_sizes.values()) == log.source.size

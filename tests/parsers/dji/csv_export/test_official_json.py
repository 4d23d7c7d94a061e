"""JSON of DJI's own reader of flight records, read as a table."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

import parsers
from parsers import Content, Log
from tests.conftest import required

SUMMARY: dict[str, Any] = {
    "platform": "Android", "appVersion": [1, 19, 4], "aircraftName": "Unit é 7",
    "startTime": 1749897000.0, "samplingRate": 5, "productType": 103,
    "flightControllerInformation": {"index": 0, "serialNumber": "FC1"},
    "camerasInformation": {"0": {"serialNumber": "CAM1"}},
    "remoteControllerInformation": {"serialNumber": ""},
}  # fmt: skip


def frame(number: int, **more: Any) -> dict[str, Any]:
    state = {
        "aircraftLocation": {"latitude": 51.5 + number * 1e-5, "longitude": -0.12},
        "altitude": 10.0 + number,
        "velocity": {"velocityX": 3.0, "velocityY": -4.0, "velocityZ": 1.5},
        "attitude": {"pitch": 1.0, "roll": 2.0, "yaw": -90.0}, "flightMode": "GPSAtti",
        "satelliteCount": 17, "isFlying": number > 0, "areMotorsOn": False, "GPSSignalLevel": 0,
        "hasReachedMaxFlightHeight": number == 3,
        "homeLocationCoordinate": {"latitude": 51.5, "longitude": -0.12},
    } | more  # fmt: skip
    return {
        "flightControllerState": state,
        "gimbalsState": {"0": {"atitude": {"pitch": -45.0, "roll": 0.0, "yaw": 100.0 + number}}},
        "camerasState": {"0": {"isRecording": number in (1, 2)}},
    }


def text(count: int = 5, summary: Any = SUMMARY, **more: Any) -> str:
    frames = {"frameTimeStates": [frame(number, **more) for number in range(count)]}
    return json.dumps({"summary": summary, "info": frames}, ensure_ascii=False)


def read(data: str | bytes) -> Log:
    raw = data.encode() if isinstance(data, str) else data
    content = Content("FlightRecord.json", raw)
    log = parsers.identify(content).read(content, ())
    assert sum(span.size for span in log.coverage) == len(raw)
    return log


def test_frames_are_rows_at_the_rate_that_the_summary_states() -> None:
    data = text()
    log = read(data)
    assert (log.source.format, log.source.format_version) == ("dji-csv", "dji-json")
    assert log.track.latitude_deg.tolist() == pytest.approx([51.5 + n * 1e-5 for n in range(5)])
    assert log.track.height_ato_m.tolist() == [10, 11, 12, 13, 14]
    last = log.track.iloc[-1]
    assert str(last.time) == "2025-06-14 10:30:00.800000+00:00"
    assert (last.ground_speed_mps, last.vertical_speed_mps, last.heading_deg) == (5.0, -1.5, 270.0)
    assert (last.gimbal_yaw_deg, last.gimbal_pitch_deg) == (104.0, -45.0)
    assert (last.satellites, last.flight_mode) == (17, "GPSAtti")
    assert (log.captures.kind.tolist(), log.issues) == (["video"], ())
    assert (log.events.kind == "limit.height").sum() == 1
    aircraft = log.aircraft
    assert (aircraft.model, aircraft.name, aircraft.app) == (
        "Mini 3 Pro", "Unit é 7", "Android 1.19.4",
    )  # fmt: skip
    assert (aircraft.flight_controller_serial, aircraft.camera_serial) == ("FC1", "CAM1")
    assert aircraft.controller_serial is None
    assert {place.kind for place in log.named_positions} == {"home"}
    raw = data.encode()
    for offset in log.track.source_offset.tolist():
        assert raw[offset:].startswith(b'{"flightControllerState"')


def test_what_is_the_same_as_never_recorded_throughout_is_not_stated() -> None:
    log = read(text(isFlying=False, altitude=0.0, satelliteCount=0))
    assert log.track.height_ato_m.isna().all()
    assert log.track.satellites.isna().all()
    assert not {"airborne.report", "arm", "disarm"} & set(log.events.kind)
    assert "flightControllerState.GPSSignalLevel" not in log.records("Row")


@pytest.mark.parametrize("summary", [{}, {"startTime": 5}, {"startTime": True}])
def test_without_a_start_no_frame_has_a_time(summary: Any) -> None:
    log = read(text(summary=summary))
    assert log.track.time.isna().all()
    assert len(log.track) == 5


def test_a_start_in_milliseconds_is_understood() -> None:
    log = read(text(summary=SUMMARY | {"startTime": 1749897000000}))
    assert str(log.track.time.iloc[0]) == "2025-06-14 10:30:00+00:00"


def test_a_frame_that_is_damaged_is_a_gap_and_the_others_are_read() -> None:
    data = text()
    broken = data.replace('"altitude": 12.0', '"altitude": 1?.0')
    log = read(broken)
    assert log.track.height_ato_m.tolist() == [10, 11, 13, 14]
    (issue,) = log.issues
    assert issue.reason == "a frame that is not JSON"
    assert broken.encode()[issue.offset :].startswith(b'{"flightControllerState"')
    assert log.coverage_sizes["gap"] == issue.size


def test_a_file_that_is_cut_says_so_and_keeps_its_frames() -> None:
    data = text()
    log = read(data[: data.index('"altitude": 13.0')])
    assert log.track.height_ato_m.tolist() == [10, 11, 12]
    assert log.is_truncated


def test_other_json_is_not_claimed() -> None:
    for other in ('{"info": {"version": 1}}', '{"type": "FeatureCollection", "features": []}'):
        with pytest.raises(parsers.UnknownFormatError):
            read(other)


def test_a_file_without_a_frame_is_refused() -> None:
    with pytest.raises(parsers.CorruptLogError, match="a frame"):
        read('{"summary": {"samplingRate": 10}, "info": {"frameTimeStates": []}}')


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_hostile_json_costs_little(size: int) -> None:
    begun = time.perf_counter()
    head = '{"summary": {"samplingRate": 10}, "info": {"frameTimeStates": ['
    deep = '{"cameraState":[' + "0," * 200
    for tail in ("[" * size, '{"a":' * (size // 5), "{}," * (size // 3), deep * (size // 416)):
        try:
            read(head + tail)
        except parsers.CorruptLogError:
            continue
    assert time.perf_counter() - begun < 1.0 + 8.0 * size / 1_000_000


def test_the_shared_json_of_dji_is_read(samples: Path) -> None:
    path = samples.parent / "cases" / "dji_json_dji_official" / "FlightRecord.json"
    required("the case dji_json_dji_official", path.is_file())
    log = parsers.read(path)
    assert len(log.track) == 200
    assert log.track.height_ato_m.max() == 99.5
    assert log.aircraft.model == "Mini 3 Pro"

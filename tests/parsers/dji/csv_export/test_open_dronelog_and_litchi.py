"""Tables of Open DroneLog, with JSON in their first row, and Litchi's numbers of aircraft."""

import json
from typing import Any

import pandas as pd
import pytest

from parsers import Log
from tests.parsers.read_as_file import read_as_file

METADATA = {
    "format": "Open DroneLog CSV Export",
    "drone_model": "Mini 3 Pro",
    "drone_serial": "1581F45TB21AB1000001",
    "aircraft_name": "Unit, 7",
    "battery_serial": "4ERPL6",
    "start_time": "2026-02-01T14:35:52+00:00",
    "home_lat": 51.5,
    "home_lon": -0.12,
}
MESSAGES = [
    {"timestamp_ms": 500, "type": "tip", "message": "Max flight altitude reached, 120 m"},
    {"timestamp_ms": 1000, "type": "warn", "message": "Strong wind"},
]


def quoted(value: Any) -> str:
    return '"' + json.dumps(value).replace('"', '""') + '"'


def dronelog(
    metadata: dict[str, Any] = METADATA, length: str = "m", speed: str = "kmh", height: float = 10.0
) -> bytes:
    header = (
        f"time_s,lat,lng,alt_{length},height_{length},vps_height_{length},speed_{speed},"
        f"velocity_x_{speed},velocity_y_{speed},velocity_z_{speed},battery_percent,satellites,"
        "pitch_deg,roll_deg,yaw_deg,gimbal_pitch_deg,gimbal_roll_deg,gimbal_yaw_deg,is_photo,"
        "is_video,flight_mode,messages,metadata"
    )
    values = f"{height},{height},,36,36,0,0,80,17,1,2,-90,-45,0,270"
    first = f"0,51.5,-0.12,{values},0,1,GPS,{quoted(MESSAGES)},{quoted(metadata)}"
    return "\n".join([header, first, f"0.5,51.50001,-0.12,{values},0,1,GPS,,"]).encode()


def read(data: bytes) -> Log:
    return read_as_file(data, "flight.csv")


def test_a_table_of_open_dronelog_is_read_with_start_aircraft_home_and_messages() -> None:
    log = read(dronelog())
    assert (log.source.format_version, log.issues) == ("open-dronelog", ())
    assert [str(time) for time in log.track.time] == [
        "2026-02-01 14:35:52+00:00",
        "2026-02-01 14:35:52.500000+00:00",
    ]
    first = log.track.iloc[0]
    assert (first.height_ato_m, first.ground_speed_mps) == (10.0, 10.0)
    assert (first.course_deg, first.heading_deg, first.gimbal_yaw_deg) == (0.0, 270.0, 270.0)
    assert (log.aircraft.model, log.aircraft.name) == ("Mini 3 Pro", "Unit, 7")
    assert log.aircraft.serial == "1581F45TB21AB1000001"
    (home,) = log.named_positions
    assert (home.kind, home.latitude_deg, home.longitude_deg) == ("home", 51.5, -0.12)
    told = log.events[log.events.record == "messages"]
    assert told.kind.tolist() == ["limit.height", "warning"]
    assert str(told.time.iloc[0]) == "2026-02-01 14:35:52.500000+00:00"
    assert (log.captures.kind == "video").sum() == 1


def test_its_units_are_those_that_end_the_names_of_its_columns() -> None:
    log = read(dronelog(length="ft", speed="fts", height=100.0))
    assert log.track.height_ato_m.tolist() == pytest.approx([30.48, 30.48])
    assert log.track.ground_speed_mps.tolist() == pytest.approx([36 * 0.3048] * 2)


@pytest.mark.parametrize("start", ["2026-02-01 14:35:52", "never", None, 5])
def test_without_a_start_in_utc_no_row_has_a_time(start: object) -> None:
    log = read(dronelog(METADATA | {"start_time": start}))
    assert log.track.time.isna().all()
    assert len(log.track) == 2


def test_heights_of_a_flight_that_came_from_litchi_are_left_out_and_it_is_said() -> None:
    log = read(dronelog(METADATA | {"tags": [{"tag": "Litchi", "tag_type": "auto"}]}))
    assert log.track.height_ato_m.isna().all()
    assert [issue.reason for issue in log.issues if "heights left out" in issue.reason]


def test_json_that_is_none_is_said_and_the_rows_are_read() -> None:
    data = dronelog().replace(b'{""format', b'{{""format')
    log = read(data)
    assert len(log.track) == 2
    assert [issue.reason for issue in log.issues] == ["its metadata are not JSON"]


@pytest.mark.parametrize(
    ("number", "model"), [("6", "Mavic Pro"), ("58", "Mini SE"), ("21", "Spark"), ("99", "99")]
)
def test_litchis_numbers_of_aircraft_are_named(number: str, model: str) -> None:
    text = (
        "latitude,longitude,altitude(feet),speed(mph),max_altitude(feet),datetime(utc),satellites,"
        "gimbalPitchRaw,Dronetype\n"
        f"51.5,-0.12,100,10,100,2025-06-14 10:30:00.000,17,-900,{number}\n"
    )
    log = read(text.encode())
    assert log.aircraft.model == model
    assert log.track.gimbal_pitch_deg.iloc[0] == pytest.approx(-90)
    assert log.track.time.iloc[0] == pd.Timestamp("2025-06-14 10:30", tz="UTC")

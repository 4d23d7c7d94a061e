"""Tables of apps and receivers: their columns, units, clocks and damage."""

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Content, FileReading

SERIAL = "1581F5FKD22A00000001"
ANDROID = (
    "session,timestamp (nanos),mac address,callbackType,rssi,payload,idType,uaType,uasId,status,"
    "heightType,EWDirection,speedMult,direction,speedHori,speedVert,droneLat,droneLon,"
    "altitudePressure,altitudeGeodetic,height,horizontalAccuracy,verticalAccuracy,baroAccuracy,"
    "speedAccuracy,timestamp,timeAccuracy,distance,descriptionType,operationDescription,"
    "operatorLocationType,classificationType,operatorLatitude,operatorLongitude,areaCount,"
    "areaRadius,areaCeiling,areaFloor,category,classValue,operatorAltitudeGeo,operatorIdType,"
    "operatorId,"
)
DRONESCOUT = (
    "sensor ID,RSSI,channel,timestamp,time (of timestamp),MAC address,type,BasicID_0,UAType_0,"
    "IDType_0,BasicID_1,UAType_1,IDType_1,Status,Direction,SpeedHorizontal,SpeedVertical,Latitude,"
    "Longitude,AltitudeBaro,AltitudeGeo,HeightType,Height,OperatorLocationType,OperatorLatitude,"
    "OperatorLongitude,OperatorAltitudeGeo,OperatorId"
)
SIMPLE = (
    "Detection Time,BasicID,UAType,Latitude,Longitude,Height,OperatorLatitude,OperatorLongitude"
)


def android_row(second: int, latitude_e7: int = 515_000_000) -> str:
    return (
        f"0,{(1000 + second) * 10**9},AA:BB:CC:00:00:01,1,-60,16 FA ,1,2,{SERIAL}\0\0,2,0,1,0,20,"
        f"21,-3,{latitude_e7 + second},-1250000,0,2474,2085,10,3,0,0,42,1,10.0,0,training\0,1,1,"
        "515010000,-1260000,1,0,0,0,1,2,2200,0,GBR-OP-1\0,"
    )


def read(header: str, *rows: str) -> FileReading:
    content = Content("log.csv", "\n".join([header, *rows, ""]).encode())
    assert [known.name for known in parsers.claiming_formats(content)] == ["remote-id-receiver-csv"]
    return parsers.read_content(content)


def test_the_android_app_writes_the_numbers_of_the_messages() -> None:
    (log,) = read(ANDROID, *(android_row(second) for second in range(5))).logs
    assert log.aircraft.serial == SERIAL
    fix = log.track.iloc[0]
    assert (fix["latitude_deg"], fix["longitude_deg"]) == pytest.approx((51.5, -0.125))
    assert (fix["height_ato_m"], fix["course_deg"]) == (42.5, 200.0)
    assert (fix["ground_speed_mps"], fix["vertical_speed_mps"]) == (5.25, -1.5)
    # Counted from when the phone was switched on: no UTC.
    assert log.track["time"].isna().all()
    assert log.local_times is not None
    assert log.local_times.kind == "elapsed"
    assert (np.diff(log.local_times.track) == np.timedelta64(1, "s")).all()
    (text,) = {text for text in log.events["text"] if "operator id" in text}
    assert text == "operator id: GBR-OP-1"
    assert {place.latitude_deg for place in log.named_positions} == {51.501}


def test_a_receiver_writes_values_with_their_units_and_utc() -> None:
    rows = [
        f"S1,-55,6,{1_778_749_400_000 + 1000 * second},x,02:00:00:00:00:01,WLAN Beacon,CAA-123,2,2,"
        f"{SERIAL},2,1,2,201.5,7.5,-0.5,51.5,-0.125,nan,180.0,0,42.0,0,51.501,-0.126,nan,GBR-OP-1"
        for second in range(3)
    ]
    (log,) = read(DRONESCOUT, *rows).logs
    # Two identities: the serial number names the aircraft.
    assert log.aircraft.serial == SERIAL
    assert log.track["time"][1] == pd.Timestamp(1_778_749_401, unit="s", tz="UTC")
    fix = log.track.iloc[0]
    assert (fix["height_ato_m"], fix["ground_speed_mps"], fix["course_deg"]) == (42.0, 7.5, 201.5)
    assert {place.kind for place in log.named_positions} == {"start"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-05-14 09:02:11 UTC", None),
        ("2026-05-14T09:02:11Z", None),
        ("2026-05-14T10:02:11+01:00", None),
        ("2026-05-14 10:02:11.250", "wall"),
    ],
)
def test_a_time_without_a_zone_is_local_and_no_utc(text: str, kind: str | None) -> None:
    (log,) = read(SIMPLE, f"{text},{SERIAL},2,51.5,-0.125,40,51.4,-0.1").logs
    if kind is None:
        assert log.track["time"][0] == pd.Timestamp("2026-05-14 09:02:11Z")
        return
    assert log.track["time"].isna().all()
    assert log.local_times is not None
    assert log.local_times.kind == kind
    assert log.clock.unstated == "zone"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_that_a_spreadsheet_saved_is_the_same(separator: str) -> None:
    row = f"2026-05-14 09:01:58 UTC,{SERIAL},Multirotor,50.615,-3.965,12.5,50.6150,-3.9650"
    saved = row.replace(",", separator).replace(".", ",").replace("2026-05-14", "14.05.2026")
    (expected,), (log,) = (
        read(SIMPLE, row).logs,
        read(SIMPLE.replace(",", separator), saved).logs,
    )
    pd.testing.assert_frame_equal(log.track, expected.track)
    assert (log.named_positions, log.issues) == (expected.named_positions, ())


def test_rows_whose_time_is_of_no_known_form_are_counted() -> None:
    rows = [f"{time},{SERIAL},Multirotor,50.615,-3.965,12.5,," for time in ("02:01.0", "04/05/26")]
    (log,) = read(SIMPLE, *rows).logs
    assert log.track.time.isna().all()
    assert [it.reason for it in log.issues] == ["2 rows have no time that could be used"]


def test_damaged_rows_are_told_and_cost_no_other_row() -> None:
    rows = [android_row(second) for second in range(4)]
    rows[1] = "0,12"
    rows[2] = android_row(2, 999_000_000)
    (log,) = read(ANDROID, *rows).logs
    assert len(log.track) == 2
    reasons = {issue.reason.split(":")[0] for issue in log.issues}
    assert reasons == {"not a row of the table", "refused"}
    assert log.coverage_sizes["gap"] == len(rows[1]) + 1


def test_a_position_that_is_no_number_is_refused_and_not_zero() -> None:
    (log,) = read(
        SIMPLE,
        f"2026-05-14T09:02:11Z,{SERIAL},2,51.5,-0.125,40,51.4,-0.1",
        f"2026-05-14T09:02:12Z,{SERIAL},2,5l.5,-0.125,40,,",
    ).logs
    assert len(log.track) == 1
    assert any("is not a position" in issue.reason for issue in log.issues)
    assert len(log.named_positions) == 1


def test_a_table_of_something_else_is_not_claimed() -> None:
    content = Content("a.csv", b"time,latitude,longitude,height\n1,2,3,4\n")
    names = [known.name for known in parsers.claiming_formats(content)]
    assert "remote-id-receiver-csv" not in names

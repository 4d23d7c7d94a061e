"""Tables made for one point each."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log
from sample_logs.dji_csv import NAME
from tests.parsers.read_as_file import read_as_file

READER = (
    "CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime [s],OSD.latitude,OSD.longitude,"
    "OSD.height [{m}],OSD.altitude [ft],OSD.hSpeed [{s}],OSD.isGPSUsed,CAMERA.isVideo,APP.tip"
)
ROW = "6/21/2018,10:39:48.50 PM,0.0,50.5,-3.5,10,1000,10,True,False,{tip}"
AIRDATA = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff({m}),"
    "altitude_above_seaLevel(feet),speed({s}), compass_heading(degrees),isPhoto,isVideo,message"
)


def read(text: str | bytes, name: str = "flight.csv") -> Log:
    return read_as_file(text, name)


def reader(*rows: str, m: str = "ft", s: str = "MPH", end: str = "\n") -> str:
    return end.join([READER.format(m=m, s=s), *rows, ""])


def row(tip: str = "") -> str:
    return ROW.format(tip=tip)


def airdata(*rows: str, m: str = "feet", s: str = "mph") -> str:
    return "\r\n".join([AIRDATA.format(m=m, s=s), *rows, ""])


def test_the_sample_table_says_what_truth_says(sample_logs: Path, truths: dict[str, Any]) -> None:
    told = truths[NAME]
    log = parsers.read(sample_logs / NAME)
    by_offset = log.track.set_index("source_offset")
    assert (len(log.track), log.source.format_version) == (told["rows"], told["version"])
    known_s = log.clock.uncertainty_s
    assert known_s is not None
    for fix in (*told["fixes"], told["max_height"]):
        mine = by_offset.loc[fix["offset"]]
        assert mine.latitude_deg == fix["latitude_deg"]
        assert mine.longitude_deg == fix["longitude_deg"]
        assert mine.height_ato_m == pytest.approx(fix["height_m"], abs=2e-4)
        # The table has whole seconds: an offset, the same for all rows, within what is said.
        late = (pd.Timestamp(fix["utc"]) - mine.time).total_seconds()
        assert 0 <= late <= known_s
    photos = log.captures[log.captures.kind == "photo"]
    assert len(photos) == len(told["photo_times"])
    video = log.captures[log.captures.kind == "video"].iloc[0]
    assert video.source_offset == told["video_rows"]["offset"]
    messages = log.events[log.events.record == "message"]
    assert messages.text.tolist() == told["texts"]
    assert messages.kind.tolist() == ["limit.config", "tip", "geofence.warning", "tip"]
    assert set(log.events[log.events.kind.isin(["takeoff", "landing"])].grade) == {"inferred"}
    assert not log.issues


@pytest.mark.parametrize(
    ("unit", "metres"), [("ft", 3.048), ("m", 10.0), ("feet", 3.048), ("meters", 10.0)]
)
def test_lengths_are_in_the_unit_of_the_header(unit: str, metres: float) -> None:
    assert read(reader(row(), m=unit)).track.height_ato_m[0] == pytest.approx(metres)
    line = "0,2026-05-14 09:00:00,50.5,-3.5,10,100,10,90,0,0,"
    assert read(airdata(line, m=unit)).track.height_ato_m[0] == pytest.approx(metres)


@pytest.mark.parametrize(
    ("unit", "speed"), [("MPH", 4.4704), ("m/s", 10.0), ("km/h", 2.7778), ("knots", 5.1444)]
)
def test_speeds_are_in_the_unit_of_the_header(unit: str, speed: float) -> None:
    assert read(reader(row(), s=unit)).track.ground_speed_mps[0] == pytest.approx(speed, abs=1e-4)


def test_a_unit_that_is_not_known_leaves_the_column_out_and_is_told() -> None:
    log = read(reader(row(), m="chains"))
    assert log.track.height_ato_m.isna().all()
    assert [issue.reason for issue in log.issues] == [
        "column 'OSD.height [chains]' is left out: its unit is not known"
    ]


def test_airdata_rows_have_the_finer_count_set_to_the_whole_seconds() -> None:
    # The flight begins at 08:59:59.700; seconds are cut, not rounded.
    starts = [0, 250, 350, 1200, 1350, 2250]
    true = [pd.Timestamp("2026-05-14T08:59:59.700Z") + pd.Timedelta(ms, "ms") for ms in starts]
    rows = [
        f"{ms},{utc:%Y-%m-%d %H:%M:%S},50.5,-3.5,10,100,10,90,0,0,"
        for ms, utc in zip(starts, true, strict=True)
    ]
    log = read(airdata(*rows))
    late = [(utc - ours).total_seconds() for utc, ours in zip(true, log.track.time, strict=True)]
    assert len(set(late)) == 1
    assert log.clock.uncertainty_s is not None
    assert 0 <= late[0] <= log.clock.uncertainty_s < 0.2


def test_a_count_that_leaves_the_seconds_is_not_used() -> None:
    rows = [f"{1000 * n},2026-05-14 09:0{n}:00,50.5,-3.5,10,100,10,90,0,0," for n in range(6)]
    log = read(airdata(*rows))
    assert log.track.time[5] == pd.Timestamp("2026-05-14T09:05:00Z")
    assert "do not follow its own count" in log.clock.notes[0]


def test_litchi_is_read() -> None:
    head = (
        "latitude,longitude,altitude(m),ultrasonicHeight(m),speed(mps),distance(m),max_altitude(m),"
        "time(millisecond),datetime(utc),datetime(local),satellites,yaw(deg),isflying,"
        "istakingphoto,isTakingVideo,remainPowerPercent,Planename,App_Warning"
    )
    rest = (
        "1.5,5.0,0,20,{ms},2026-05-14 09:00:0{s},2026-05-14 10:00:0{s},17,-90,{up},{up},0,80,P,{w}"
    )
    rows = [
        "50.5,-3.5,20.5," + rest.format(ms=0, s="0.100", up=0, w=""),
        "50.5,-3.5,20.5,"
        + rest.format(ms=100, s="0.200", up=1, w="Look at http://a.example.org/b"),
    ]
    log = read("\n".join([head, *rows, ""]))
    assert log.source.format_version == "litchi"
    (first, _) = log.track.to_dict("records")
    assert first["time"] == pd.Timestamp("2026-05-14T09:00:00.100Z")
    assert (first["height_ato_m"], first["heading_deg"], first["satellites"]) == (20.5, 270.0, 17)
    assert (log.aircraft.name, log.captures.kind.tolist()) == ("P", ["photo"])
    assert sorted(log.events.kind) == ["airborne.report", "airborne.report", "warning"]
    assert [mention.host for mention in log.host_references] == ["a.example.org"]


@pytest.mark.parametrize("head", ["Tick#,offsetTime", "Clock:Tick#,Clock:offsetTime"])
def test_datcon_is_read(head: str) -> None:
    columns = (
        ",IMU_ATTI(0):Longitude[degrees [-180;180]],IMU_ATTI(0):Latitude[degrees [-180;180]],"
        "General:relativeHeight[meters],IMU_ATTI(0):velN[meters/Sec],IMU_ATTI(0):velE[meters/Sec],"
        "IMU_ATTI(0):velD[meters/Sec],GPS:dateTimeStamp,flyCState"
    )
    rows = [
        f"{4500 * n},{n / 2},-3.5,50.5,12.5,3,4,-1,2018-06-20T15:04:{19 + n // 2}Z,GPS_Atti"
        for n in range(8)
    ]
    log = read("\n".join([head + columns, *rows, ""]))
    assert log.source.format_version == "datcon"
    (mine, *_) = log.track.to_dict("records")
    assert (mine["latitude_deg"], mine["longitude_deg"]) == (50.5, -3.5)
    assert (mine["height_ato_m"], mine["ground_speed_mps"]) == (12.5, 5.0)
    assert mine["vertical_speed_mps"] == 1.0
    assert mine["course_deg"] == pytest.approx(np.degrees(np.arctan2(4, 3)))
    assert log.track.time[7] - log.track.time[0] == pd.Timedelta("3.5s")
    assert mine["time"] == pd.Timestamp("2018-06-20T15:04:19Z")


def test_a_table_of_a_flight_with_another_header_is_refused_by_its_columns() -> None:
    text = "when,GPS Lat,GPS Lon,Altitude (m),speed\n1,50.5,-3.5,10,1\n"
    with pytest.raises(parsers.UnsupportedVersionError, match=r"when, GPS Lat, GPS Lon, Altitude"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "name,street,latitude,longitude\na,b,1,2\n",
        "a,b,c,d\n1,2,3,4\n",
        "lat,lon\n1,2\n",
        "",
        "x",
        '{"lat": 1, "longitude": 2, "altitude": 3, "maker": "Parrot"}\n',
        '[{"lat", "longitude", "altitude", "speed"}]\n',
    ],
)
def test_a_table_of_something_else_is_not_claimed(text: str) -> None:
    with pytest.raises(parsers.UnknownFormatError):
        read(text)


def test_a_header_longer_than_the_first_bytes_is_claimed_and_read() -> None:
    more = "".join(f",OSD.extra{number}" for number in range(600))
    text = READER.format(m="ft", s="MPH") + more + "\n" + row() + "," * 600 + "\n"
    assert len(text.split("\n", 1)[0]) > 4096
    assert read(text).track.latitude_deg[0] == 50.5


@pytest.mark.parametrize(
    "top",
    ["", "\n \r\n\n", "\ufeff\n\nsep=,\n", "sep=,\n", "\ufeff", "\ufeffsep=,\r\n", "#,", "No,"],
)
def test_what_may_stand_before_the_header(top: str) -> None:
    first = "1," if top.endswith(",") and "sep" not in top else ""
    log = read(top + READER.format(m="ft", s="MPH") + "\n" + first + row() + "\n")
    assert log.track.latitude_deg[0] == 50.5
    assert log.track.source_offset[0] == next(
        span.offset for span in log.coverage if span.kind == "records"
    )


def test_a_table_with_semicolons_and_decimal_commas_is_read() -> None:
    head = "sep=;\n" + READER.format(m="m", s="m/s").replace(",", ";")
    line = row().replace(",", ";").replace("50.5", "50,5").replace("-3.5", "-3,5")
    log = read(f"{head}\n{line}\n")
    assert (log.track.latitude_deg[0], log.track.longitude_deg[0]) == (50.5, -3.5)


def test_blanks_after_the_commas_do_not_matter() -> None:
    spaced = reader(row("Taking off.")).replace(",", ", ")
    assert (
        read(spaced)
        .track.drop(columns="source_offset")
        .equals(read(reader(row("Taking off."))).track.drop(columns="source_offset"))
    )


def test_a_field_in_quotes_keeps_its_commas() -> None:
    log = read(reader(row('"Look, then fly; GEO: zone, ""near"""'), row()))
    assert log.events.text.tolist() == ["Look, then fly", 'GEO: zone, "near"']
    assert log.events.kind.tolist() == ["tip", "geofence.warning"]
    assert log.records("Row")["APP.tip"].tolist()[0].startswith("Look, then fly;")
    assert not log.issues


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_text_beyond_ascii_is_read_in_either_encoding(encoding: str) -> None:
    log = read(reader(row("Höhe erreicht")).encode(encoding))
    assert log.events.text[0] == "Höhe erreicht"


@pytest.mark.parametrize(
    "bad",
    [
        "6/21/2018,10:39",
        row() + ",1",
        row("a\x00b"),
        row().replace("True", '"True'),
        row("\x01"),
        "x" * 2_000_000,
    ],
)
def test_a_line_that_is_no_row_is_a_gap_and_the_others_are_read(bad: str) -> None:
    whole = reader(row(), bad, row())
    log = read(whole)
    assert len(log.track) == 2
    at = len(reader(row()))
    assert [(issue.offset, issue.size) for issue in log.issues] == [(at, len(bad) + 1)]
    assert [span.kind for span in log.coverage] == ["header", "records", "gap", "records"]


def test_a_header_that_stands_again_is_no_row() -> None:
    head = READER.format(m="ft", s="MPH")
    log = read(reader(row(), head, row()))
    assert len(log.track) == 2
    assert [span.kind for span in log.coverage] == ["header", "records", "header", "records"]


def test_a_position_that_is_none_or_nonsense_is_missing() -> None:
    rows = [row().replace("50.5,-3.5", place) for place in ("0,0", "91,3", ",", "inf,3", "50,-3")]
    log = read(reader(*rows))
    assert log.track.latitude_deg.isna().tolist() == [True, True, True, True, False]
    assert log.track.altitude_amsl_m.isna().tolist() == [True, True, True, True, False]
    assert [issue.size for issue in log.issues] == [0, 0]
    assert any("not numbers, such as 'inf'" in issue.reason for issue in log.issues)


def test_empty_fields_are_missing_and_never_zero() -> None:
    log = read(reader("6/21/2018,10:39:48 PM,,50.5,-3.5,,,,,,"))
    (mine,) = log.track.to_dict("records")
    assert pd.isna(mine["height_ato_m"])
    assert pd.isna(mine["ground_speed_mps"])
    assert pd.isna(mine["fix_ok"])
    assert log.captures.empty


@pytest.mark.parametrize(
    ("written", "wall"),
    [
        ("6/21/2018,12:05:00 AM", "2018-06-21 00:05:00"),
        ("6/21/2018,12:05:00 PM", "2018-06-21 12:05:00"),
        ("21/6/2018,13:05:00.25", "2018-06-21 13:05:00.25"),
        ("2018-06-21,9:05:00", "2018-06-21 09:05:00"),
        ("6/31/2018,9:05:00", None),
        ("6/21/2018,25:05:00", None),
        ("6/21/2018,05:00.1", None),
    ],
)
def test_wall_clocks_are_read_as_they_are_written(written: str, wall: str | None) -> None:
    line = row().replace("6/21/2018,10:39:48.50 PM", written)
    found = read(reader(line)).records("Row").wall_clock[0]
    assert pd.isna(found) if wall is None else found == pd.Timestamp(wall)


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(parsers.CorruptLogError, match="a row of the table"):
        read(READER.format(m="ft", s="MPH") + "\n")


def test_a_table_with_more_lines_than_a_flight_has_is_read_as_far_and_says_so() -> None:
    data = (reader(row()) + "\n" * 3_000_000 + row() + "\n").encode()
    log = read(data)
    assert len(log.track) == 1
    assert log.coverage[-1].kind == "gap"
    assert log.issues[-1].reason == "the table is too long: only its beginning is read"
    assert sum(span.size for span in log.coverage) == len(data)

"""Real tables against the records of the same flights, and against their own text."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

FEET, MPH = 0.3048, 0.44704
#: Column of the table -> column of ours, and its unit in ours.
EXACT = {
    "OSD.latitude": ("latitude_deg", 1.0),
    "OSD.longitude": ("longitude_deg", 1.0),
    "OSD.height [ft]": ("height_ato_m", FEET),
    "OSD.height [m]": ("height_ato_m", 1.0),
    "OSD.hSpeed [MPH]": ("ground_speed_mps", MPH),
    "OSD.pitch": ("pitch_deg", 1.0),
    "GIMBAL.pitch": ("gimbal_pitch_deg", 1.0),
    "OSD.gpsNum": ("satellites", 1.0),
}


def tables(samples: Path) -> list[Path]:
    found = sorted((samples / "dji_csv").rglob("*.csv"))
    return [path for path in found if not path.name.startswith("extracted")]


def own_text(path: Path) -> list[dict[str, str]]:
    lines = path.read_text("utf-8-sig").splitlines()
    start = 1 if lines[0].startswith("sep=") else 0
    return list(csv.DictReader(lines[start:], skipinitialspace=True))


def test_every_table_is_read_whole_and_its_rows_are_those_of_a_csv_reader(samples: Path) -> None:
    for path in tables(samples):
        log, rows = parsers.read(path), own_text(path)
        assert len(log.track) == len(log.records("Row")) == len(rows), path.name
        assert not [issue for issue in log.issues if issue.size], path.name
        assert {span.kind for span in log.coverage} <= {"header", "records"}, path.name
        for name, (column, factor) in EXACT.items():
            if name not in rows[0]:
                continue
            said = np.array([float(row[name] or "nan") for row in rows]) * factor
            if name in ("OSD.latitude", "OSD.longitude"):
                said[said == 0] = np.nan
            gimbal = [each for each in rows[0] if each in ("GIMBAL.yaw", "GIMBAL.pitch")]
            if name in gimbal and not any(float(row[each] or 0) for each in gimbal for row in rows):
                said[:] = np.nan  # no gimbal was measured: a table of 0 throughout
            ours = log.track.sort_values("source_offset")[column].astype("float64").to_numpy()
            np.testing.assert_allclose(ours, said, rtol=1e-12, err_msg=f"{path.name} {name}")


def test_the_offset_of_a_row_is_the_byte_where_its_line_begins(samples: Path) -> None:
    for path in tables(samples):
        data, log = path.read_bytes(), parsers.read(path)
        row = log.records("Row")
        for number in (0, len(row) // 2, len(row) - 1):
            line = data[row.offset[number] :].split(b"\n", 1)[0].decode("utf-8").rstrip("\r")
            fields = next(csv.reader([line], skipinitialspace=True))
            assert [field.strip() for field in fields] == row.iloc[number, -len(fields) :].tolist()
            assert row.offset[number] == 0 or data[row.offset[number] - 1] == ord("\n")


def test_a_table_of_messages_without_positions_is_called_a_table(samples: Path) -> None:
    (path,) = (samples / "dji_csv").rglob("extracted*.csv")
    with pytest.raises(parsers.UnknownFormatError, match=r"a table \(CSV\)"):
        parsers.read(path)


@dataclass(frozen=True)
class Pair:
    table: Log
    record: Log

    @property
    def times(self) -> tuple[Floats, Floats]:
        row = self.table.records("Row")
        theirs = np.array([float(text) for text in row["OSD.flyTime [s]"]])
        return theirs, self.record.records("OSD").flight_time_s.to_numpy(np.float64)


def pairs(samples: Path) -> list[Pair]:
    logs = {path.stem: path for path in (samples / "dji_txt").rglob("*.txt")}
    found = [
        Pair(parsers.read(path), parsers.read(logs[path.stem]))
        for path in tables(samples)
        if path.stem in logs
    ]
    return [pair for pair in found if not pair.record.encrypted]


def compared(pair: Pair, column: str, rounding: float) -> tuple[int, int]:
    """Return how many rows were compared, and how many no record of their time agrees with."""
    theirs, ours = pair.times
    ours = np.round(ours * 10)
    mine = pair.record.track.sort_values("source_offset")[column].to_numpy(np.float64)
    told = pair.table.track.sort_values("source_offset")[column].to_numpy(np.float64)
    seen = wrong = 0
    for time, value in zip(np.round(theirs * 10), told, strict=True):
        candidates = mine[ours == time]
        if np.isnan(value) or not len(candidates):
            continue
        seen += 1
        wrong += not (abs(candidates - value) <= rounding).any()
    return seen, wrong


def test_positions_and_heights_are_those_of_the_record_to_the_tables_rounding(
    samples: Path,
) -> None:
    seen = 0
    found = pairs(samples)
    for pair in found:
        # Spreadsheets cut one table from eight decimals to seven.
        for column, rounding in (
            ("latitude_deg", 0.56e-7),
            ("longitude_deg", 0.56e-7),
            ("height_ato_m", 0.0501 * FEET),
        ):
            count, wrong = compared(pair, column, rounding)
            assert not wrong, (pair.table.source.name, column, wrong, count)
            seen += count if column == "latitude_deg" else 0
    assert len(found) >= 10
    assert seen > 9000


def test_vertical_speed_has_the_records_sign(samples: Path) -> None:
    climbs = 0
    for pair in pairs(samples):
        seen, wrong = compared(pair, "vertical_speed_mps", 0.06 * MPH + 0.05)
        assert wrong <= 0.02 * seen, pair.table.source.name
        climbs += int((pair.table.track.vertical_speed_mps > 1).sum())
    assert climbs > 100


def test_a_wall_clock_is_never_given_as_utc(samples: Path) -> None:
    for path in tables(samples):
        log = parsers.read(path)
        if log.source.format_version != "flight-reader":
            continue
        assert log.track.time.isna().all()
        assert log.events.time.isna().all()
        assert log.captures.start.isna().all()
        assert log.clock.source == "local wall clock, zone not known"


def test_a_wall_clock_that_a_spreadsheet_cut_is_missing_and_said_so(samples: Path) -> None:
    (path,) = (samples / "dji_csv").rglob("DJIFlightRecord_2018-06-19*.csv")
    log = parsers.read(path)
    assert log.records("Row").wall_clock.isna().all()
    assert "its hours were cut off, as spreadsheets do" in log.clock.notes


def test_the_afternoon_of_a_wall_clock_is_read(samples: Path) -> None:
    (path,) = (samples / "dji_csv").rglob("2443-*.csv")
    assert parsers.read(path).records("Row").wall_clock[0] == pd.Timestamp("2018-06-21 22:39:48.5")


def test_txtlogtocsv_is_utc_and_its_video_is_told_in_time_order(samples: Path) -> None:
    (path,) = (samples / "dji_csv" / "Megt-user+UavLogTool").glob("*.csv")
    log = parsers.read(path)
    assert log.source.format_version == "txtlogtocsv"
    assert log.track.time[0] == pd.Timestamp("2020-01-22T12:28:09.720Z")
    first, second = log.captures.to_dict("records")
    assert first["end"] == pd.Timestamp("2020-01-22T12:32:16.495Z")
    assert second["start"] == pd.Timestamp("2020-01-22T12:34:33.126Z")
    assert (log.aircraft.serial, log.aircraft.camera_model) == ("03Z0887958", "FC300X")
    reports = log.events[(log.events.kind == "airborne.report") & (log.events.value == 0)]
    assert pd.Timestamp("2020-01-22T12:41:12.514Z") in set(reports.time)


def test_limits_and_messages_of_a_flight_are_told(samples: Path) -> None:
    (path,) = (samples / "dji_csv").rglob("DJIFlightRecord_2018-06-19*.csv")
    events = parsers.read(path).events
    reached = events[events.record == "HOME.isReachedLimitDistance"]
    assert set(reached.kind) == {"limit.distance"}
    told = events[events.text.str.startswith("Maximum flight distance reached")]
    assert set(told.kind) == {"limit.distance"}
    assert set(told.record) <= {"APP.tip", "APP.message", "APP.warning"}

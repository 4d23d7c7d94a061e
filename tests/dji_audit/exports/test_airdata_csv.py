"""A table as Airdata's is read back by our own parser equal to the track."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.exports import ExportedFlight
from dji_audit.exports.airdata_csv import COLUMNS
from tests.dji_audit.exports.conftest import (
    ExportOf,
    exported_bytes,
    flown_track,
)

SECONDS = np.arange(0, 60, 0.2)
#: What such a table can hold, and to what it is rounded.
ROUNDED = {
    "latitude_deg": 1e-9,
    "longitude_deg": 1e-9,
    "height_ato_m": 1e-3,
    "altitude_amsl_m": 1e-3,
    "ground_speed_mps": 1e-3,
    "heading_deg": 1e-2,
    "pitch_deg": 1e-2,
    "roll_deg": 1e-2,
    "gimbal_yaw_deg": 1e-2,
    "gimbal_pitch_deg": 1e-2,
    "satellites": 0,
    "battery_pct": 0.1,
}


def rows_of(flight: ExportedFlight) -> list[dict[str, str]]:
    text = exported_bytes("csv-airdata", flight).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_back(flight: ExportedFlight, folder: Path) -> parsers.Log:
    path = folder / "flight-airdata.csv"
    path.write_bytes(exported_bytes("csv-airdata", flight))
    log = parsers.read(path)
    assert log.source.format_version == "airdata"
    return log


def assert_equal_tracks(log: parsers.Log, track: pd.DataFrame) -> None:
    assert len(log.track) == len(track)
    # Without a position the altitude of such a table is not read: Airdata writes 0 there.
    track = track.assign(
        altitude_amsl_m=track["altitude_amsl_m"].where(track["latitude_deg"].notna())
    )
    for name, step in ROUNDED.items():
        read = log.track[name].to_numpy(np.float64, na_value=np.nan)
        told = track[name].to_numpy(np.float64, na_value=np.nan)
        assert np.array_equal(np.isnan(read), np.isnan(told)), name
        assert np.allclose(read, told, rtol=0, atol=step / 2 + 1e-12, equal_nan=True), name
    late = (track["time"] - log.track["time"]).dt.total_seconds().dropna()
    uncertainty = log.clock.uncertainty_s
    assert uncertainty is not None
    assert late.between(-0.001, uncertainty + 0.001).all()
    modes = log.track["flight_mode"].fillna("").tolist()
    assert modes == track["flight_mode"].fillna("").tolist()


def test_the_columns_and_units_are_those_of_airdata(shared_table: Path | None) -> None:
    if shared_table is None:
        pytest.skip("the table of Airdata is not here")
    head = shared_table.read_text("utf-8").splitlines()[0]
    assert head.split(";") == list(COLUMNS)


@pytest.fixture
def shared_table() -> Path | None:
    """Return a table with the header of a real one; ``None``: it is not here."""
    from tests.conftest import SAMPLES

    folder = SAMPLES.parent / "cases" / "dji_csv_airdata_excel_semicolon"
    return next(iter(sorted(folder.glob("*.csv"))), None)


def test_the_table_is_read_back_equal_to_the_track(export_of: ExportOf, tmp_path: Path) -> None:
    flight = export_of()
    log = read_back(flight, tmp_path)
    assert not log.issues
    assert_equal_tracks(log, flight.track.table)


def test_rows_without_a_position_stay_rows(export_of: ExportOf, tmp_path: Path) -> None:
    lost = (SECONDS > 10) & (SECONDS < 12)
    track = flown_track(SECONDS)
    for name in ("latitude_deg", "longitude_deg"):
        track[name] = np.where(lost, np.nan, track[name])
    flight = export_of(track)
    log = read_back(flight, tmp_path)
    assert_equal_tracks(log, flight.track.table)
    assert int(log.track["latitude_deg"].isna().sum()) == int(lost.sum())


def test_what_no_log_states_is_empty_and_never_zero(export_of: ExportOf) -> None:
    filled = {name for row in rows_of(export_of()) for name, cell in row.items() if cell}
    assert "voltage(v)" not in filled
    assert "height_above_ground_at_drone_location(meters)" not in filled
    assert "height_sonar(meters)" not in filled
    assert {"distance(meters)", "mileage(meters)", "message", "isVideo"} <= filled


def test_recordings_and_messages_are_read_back(export_of: ExportOf, tmp_path: Path) -> None:
    log = read_back(export_of(), tmp_path)
    video, photo = log.captures.iloc[0], log.captures.iloc[1]
    assert (video["kind"], photo["kind"]) == ("video", "photo")
    began = pd.Timestamp("2026-05-14T09:00:20Z")
    assert abs((video["start"] - began).total_seconds()) <= 0.2
    assert abs((video["end"] - video["start"]).total_seconds() - 30) <= 0.2
    assert {"Strong wind", "Took off", "Landed"} <= set(log.events["text"])
    assert not log.events["text"].str.contains("flying_limit").any()


def test_distances_are_those_from_home_and_along_the_track(export_of: ExportOf) -> None:
    flight = export_of()
    last = rows_of(flight)[-1]
    along = float(last["mileage(meters)"])
    assert along == pytest.approx(60 * 9.2, rel=0.02)
    assert 0 < float(last["distance(meters)"]) <= along


def test_a_log_without_utc_has_no_utc_in_the_table(export_of: ExportOf, tmp_path: Path) -> None:
    track = {**flown_track(SECONDS), "time": [None] * len(SECONDS)}
    nothing = np.array([], "datetime64[ns]")
    local = np.datetime64("1970-01-01", "ns") + (SECONDS * 1e9).astype("timedelta64[ns]")
    own = parsers.LocalTimes("elapsed", local, *[nothing] * 4)
    rows = rows_of(export_of(track, events=(), captures=(), local_times=own))
    assert {row["datetime(utc)"] for row in rows} == {""}
    assert [int(row["time(millisecond)"]) for row in rows[:3]] == [0, 200, 400]
    assert {row["isVideo"] for row in rows} == {""}


def test_a_hostile_text_is_no_formula_and_no_row(
    hostile_flight: ExportedFlight, tmp_path: Path
) -> None:
    rows = rows_of(hostile_flight)
    assert len(rows) == len(SECONDS)
    for row in rows:
        for cell in (row["flycState"], row["message"]):
            assert cell.isprintable()
            assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert len(read_back(hostile_flight, tmp_path).track) == len(SECONDS)

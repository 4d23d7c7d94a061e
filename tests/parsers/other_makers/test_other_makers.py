"""Logs of GUTMA, Parrot FreeFlight and DroneDeploy: every row, in its unit, at its byte."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import parsers
from sample_logs import other_makers
from tests.conftest import SAMPLES, required
from tests.parsers.read_as_file import read_as_file

CASES = SAMPLES.parent / "cases"
NAMES = (other_makers.GUTMA, other_makers.PARROT, other_makers.DRONEDEPLOY)


@pytest.fixture(params=NAMES)
def sample(request: pytest.FixtureRequest, sample_logs: Path) -> Path:
    path: Path = sample_logs / other_makers.FOLDER / request.param
    return path


def _case(name: str) -> Path:
    required("the folder of cases", CASES.is_dir())
    return next(path for path in (CASES / name).iterdir() if path.is_file())


def _read(data: bytes, name: str = "flight.log") -> parsers.Log:
    return read_as_file(data, name)


def assert_positions_and_times_of_story(log: parsers.Log) -> None:
    fixes = list(other_makers.fixes())
    np.testing.assert_allclose(
        log.track["latitude_deg"], [fix.latitude for fix in fixes], atol=1e-7
    )
    seconds = (log.track["time"] - log.track["time"].iloc[0]).dt.total_seconds()
    np.testing.assert_allclose(seconds, [fix.seconds for fix in fixes], atol=1e-3)


def test_each_fix_of_the_story_is_read(sample: Path) -> None:
    log, data = parsers.read(sample), sample.read_bytes()
    fixes = list(other_makers.fixes())
    assert len(log.track) == len(fixes)
    assert_positions_and_times_of_story(log)
    speeds = [np.hypot(fix.north_mps, fix.east_mps) for fix in fixes]
    np.testing.assert_allclose(log.track["ground_speed_mps"], speeds, atol=0.01)
    heights = log.track["height_ato_m"].fillna(
        log.track["altitude_amsl_m"] - other_makers.GROUND_AMSL_M
    )
    np.testing.assert_allclose(heights, [fix.height_m for fix in fixes], atol=0.01)
    assert not log.issues
    for offset in log.track["source_offset"].tolist():
        assert data[offset : offset + 1] in (b"[", b"0")


def test_the_real_flight_of_dronedeploy_is_read_by_its_own_columns() -> None:
    path = _case("dji_dronedeploy_log")
    lines = path.read_text("utf-8").splitlines()
    first = next(row for row, line in enumerate(lines) if line.startswith("Date/Time (GMT)"))
    last = lines.index("#Flight Recorder Session End")
    rows = list(csv.DictReader(lines[first:last], delimiter="\t", quoting=csv.QUOTE_NONE))
    log = parsers.read(path)
    assert len(log.track) == len(rows) == 1386
    assert log.track["latitude_deg"].tolist() == [
        float(row["Aircraft Latitude (Degrees)"]) for row in rows
    ]
    feet = [float(row["Aircraft Barometric Altitude (ft)"]) for row in rows]
    np.testing.assert_allclose(log.track["height_ato_m"], np.array(feet) * 0.3048)
    # Positions and heights bear the speeds out.
    seconds = (log.track["time"] - log.track["time"].iloc[0]).dt.total_seconds().to_numpy()
    climb = np.gradient(log.track["height_ato_m"].to_numpy(), seconds)
    assert np.corrcoef(climb, log.track["vertical_speed_mps"])[0, 1] > 0.9
    north = np.gradient(log.track["latitude_deg"].to_numpy(), seconds) * 111_195
    stated = log.track["ground_speed_mps"] * np.cos(np.radians(log.track["course_deg"]))
    assert np.corrcoef(north, stated.fillna(0))[0, 1] > 0.9
    assert log.aircraft.model == "Inspire 2"
    assert not log.issues


def test_the_example_of_gutma_is_read(samples: Path) -> None:
    path = samples / "other_makers" / "GUTMA_flight_log_example_v1.json"
    message = json.loads(path.read_text("utf-8"))["exchange"]["message"]
    log = parsers.read(path)
    items = message["flight_logging"]["flight_logging_items"]
    assert log.track["longitude_deg"].tolist() == [item[1] for item in items]
    assert log.track["time"].iloc[0].isoformat() == "2017-05-16T13:19:25.750000+00:00"
    assert log.aircraft.serial == message["flight_data"]["aircraft"]["serial_number"]
    assert log.events["kind"].tolist() == ["takeoff"]
    assert log.track["altitude_amsl_m"].isna().all()  # above the ellipsoid


def test_parrots_positions_of_500_degrees_are_no_positions() -> None:
    log = parsers.read(_case("mav_json_not_table_pud"))
    assert log.track["latitude_deg"].tolist() == [48.8788, 48.8789]
    assert not log.named_positions
    # Two rows without a climb do not show the unit of the altitude.
    assert log.track["height_ato_m"].isna().all()


@pytest.mark.parametrize("factor", [1, 10, 1000])
def test_the_unit_of_parrots_altitude_is_that_of_its_climb(sample_logs: Path, factor: int) -> None:
    document = json.loads((sample_logs / other_makers.FOLDER / other_makers.PARROT).read_bytes())
    for row in document["details_data"]:
        row[-2] /= factor
    log = _read(json.dumps(document).encode())
    assert log.track["height_ato_m"].max() == pytest.approx(other_makers.HIGHEST_M)


def test_a_damaged_row_costs_itself_only(sample: Path) -> None:
    data = bytearray(sample.read_bytes())
    offset = int(parsers.read(sample).track["source_offset"].iloc[50])
    mark = b"\t" if data[offset : offset + 1] != b"[" else b","
    data[data.index(mark, offset)] = ord("x")
    log = _read(bytes(data))
    assert len(log.track) == other_makers.COUNT - 1
    assert [issue.offset for issue in log.issues if issue.size] == [offset]


def test_a_file_that_ends_early_says_so(sample: Path) -> None:
    whole = parsers.read(sample)
    data = sample.read_bytes()[: int(whole.track["source_offset"].iloc[60]) + 10]
    if sample.name == other_makers.GUTMA:
        # The names of its columns stand behind the rows: without them no row can be read.
        with pytest.raises(parsers.CorruptLogError):
            _read(data)
        return
    log = _read(data)
    assert len(log.track) == 60
    assert any(issue.is_truncated for issue in log.issues)


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'["' * 100_000, b"[[1,2],[" * 50_000, b'[1,"\\' * 50_000]
)
def test_hostile_rows_are_refused_in_time(body: bytes) -> None:
    data = b'{"exchange":{"flight_logging_keys":["timestamp"],"flight_logging_items":[' + body
    with pytest.raises(parsers.LogError):
        _read(data)


def test_a_flight_without_a_start_counts_from_its_beginning(sample_logs: Path) -> None:
    text = (sample_logs / other_makers.FOLDER / other_makers.GUTMA).read_text("utf-8")
    log = _read(text.replace("2026-05-15T09:00:00.000Z", "2026-05-15T09:00:00").encode())
    assert log.track["time"].isna().all()
    assert log.local_times is not None
    assert log.local_times.kind == "elapsed"

"""The synthetic files of another writer, which DatCon and ALEAPP read too."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log

WHOLE = "SYNTH_V3_FLY001.DAT"
DAMAGED = "SYNTH_V3_FLY002_corrupt_truncated.DAT"
EXPORT = "SYNTH_DJI_ASSISTANT_EXPORT.DAT"
LOCKED = "SYNTH_LOGH_encrypted_lookalike.DAT"


@pytest.fixture(scope="module")
def folder(samples: Path) -> Path:
    return samples / "dji_dat" / "synthetic"


@pytest.fixture(scope="module")
def whole(folder: Path) -> Log:
    return parsers.read(folder / WHOLE)


@pytest.fixture(scope="module")
def damaged(folder: Path) -> Log:
    return parsers.read(folder / DAMAGED)


def covered(log: Log) -> Counter[str]:
    found: Counter[str] = Counter()
    for span in log.coverage:
        found[span.kind] += span.size
    return found


def test_the_whole_file_reads_to_its_last_byte(whole: Log) -> None:
    assert covered(whole) == {"header": 256, "records": 5_406_820 - 256}
    assert whole.issues == ()
    assert whole.record_counts == {
        "ADVANCED_LIMIT_DATA": 180, "GPS": 900, "HOME": 180, "IMU": 36_000, "OSD": 9000,
        "cfg_log": 1, "fly_log": 5,
    }  # fmt: skip
    assert whole.aircraft.model == "Mavic Pro"
    assert whole.aircraft.flight_controller_serial == "SYNTHETIC0001"


def test_positions_and_times_are_those_that_were_written(whole: Log) -> None:
    gps = whole.records("GPS")
    seconds = 1 + 0.2 * np.arange(900)
    assert gps["time"].iloc[0] == pd.Timestamp("2023-04-01 12:00:01", tz="UTC")
    stated = gps["date"].astype(str) + gps["time_of_day"].astype(str).str.zfill(6)
    told = pd.to_datetime(stated, format="%Y%m%d%H%M%S", utc=True)
    assert (gps["time"] - told).dt.total_seconds().between(-1e-6, 1).all()
    angle, radius = 2 * np.pi * seconds / 120, 150 * np.minimum(seconds, 30) / 30
    north = 51.4778 + np.degrees(radius * np.sin(angle) / 6_371_000)
    assert np.allclose(gps["latitude_deg"], north, atol=1.1e-7)


def test_the_boundaries_are_told_as_intervals(whole: Log) -> None:
    events = whole.events.set_index("record")
    for record, kind, seconds in (
        ("OSD.out_of_limit", "geofence.breach", 30),
        ("ADVANCED_LIMIT_DATA.in_warning_zone", "geofence.warning", 28),
        ("ADVANCED_LIMIT_DATA.inside_1", "geofence.breach", 18),
        ("OSD.flight_action", "geofence.action", 5),
        ("HOME.at_height_limit", "limit.height", 8),
    ):
        event = events.loc[record]
        assert event["kind"] == kind
        assert (event["end"] - event["time"]).total_seconds() == pytest.approx(seconds, abs=0.1)
    assert events.loc["ADVANCED_LIMIT_DATA.inside_1", "value"] == 1001


def test_the_damaged_copy_gives_894_gps_records(damaged: Log) -> None:
    assert damaged.record_counts["GPS"] == 894


def test_every_record_that_the_damage_took_is_told_by_an_issue(whole: Log, damaged: Log) -> None:
    told = np.zeros(damaged.source.size, bool)
    for issue in damaged.issues:
        told[issue.offset : issue.offset + issue.size] = True
    lost = beyond = 0
    for name in whole.record_counts:
        there = whole.records(name)
        if name in damaged.record_counts:
            there = there[~there["offset"].isin(damaged.records(name)["offset"])]
        for offset, length in zip(there["offset"], there["length"], strict=True):
            if offset < damaged.source.size:
                assert told[offset : offset + length + 12].all(), (name, offset)
                lost += 1
            else:
                beyond += 1
    assert lost == 444
    records = sum(whole.record_counts.values()), sum(damaged.record_counts.values())
    assert records[0] - records[1] == lost + beyond
    assert covered(damaged)["padding"] >= 5000


def test_what_the_damaged_copy_tells_is_what_the_whole_tells(whole: Log, damaged: Log) -> None:
    columns = ["time", "latitude_deg", "height_ato_m", "source_offset"]
    mine = damaged.track[columns].set_index("source_offset")
    pd.testing.assert_frame_equal(
        mine, whole.track[columns].set_index("source_offset").loc[mine.index]
    )


def test_an_export_tells_its_flights_and_names_them(folder: Path) -> None:
    log = parsers.read(folder / EXPORT)
    assert log.source.format_version == "V3, exported"
    gps = log.records("GPS")
    assert gps["entry"].value_counts().to_dict() == {"FLY003.DAT": 100, "FLY004.DAT": 34}
    assert gps["offset"].is_unique
    reasons = [issue.reason for issue in log.issues]
    assert any("covers FLY003.DAT, FLY004.DAT" in reason for reason in reasons)
    assert any("FLY004.DAT at byte 199901" in reason for reason in reasons)


def test_a_flight_that_an_export_holds_twice_is_in_the_track_once(folder: Path) -> None:
    log = parsers.read(folder / EXPORT)
    assert len(log.track) == 1000
    assert log.record_counts["OSD"] == 1332
    assert any("FLY004.DAT: 1712 records cover the same time" in one.reason for one in log.issues)


def test_an_encrypted_log_says_whose_it_is(folder: Path) -> None:
    log = parsers.read(folder / LOCKED)
    assert log.encrypted
    assert (log.aircraft.model, log.aircraft.serial) == (
        "Avata or O3 Air Unit (e3t_wm169)",
        "SYNTHSN",
    )
    assert covered(log) == {"header": 256, "encrypted": 4096}
    assert not len(log.track)

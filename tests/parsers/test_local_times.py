"""A clock that is not UTC fills no column, and is kept beside the rows it belongs to."""

from pathlib import Path

import numpy as np
import pytest

import parsers

SRT = "DJI_20260514100443_0001_D.SRT"
RECORD = "DJIFlightRecord_2026-05-14_[10-01-58]"


def test_subtitles_keep_their_wall_clock_beside_rows_without_a_time(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / SRT)
    own = log.local_times
    assert own is not None
    assert own.kind == "wall"
    assert log.track["time"].isna().all()
    assert log.captures["start"].isna().all()
    cues = log.records("cue").set_index("offset")["wall_clock"]
    clock = cues.loc[log.track["source_offset"]].to_numpy("datetime64[ns]")
    assert np.abs(own.track - clock).max() <= np.timedelta64(1, "ms")
    assert str(own.captures[0])[:19] == "2026-05-14T10:04:43"
    assert own.captures_end[0] - own.captures[0] == np.timedelta64(235_004, "ms")


@pytest.mark.parametrize(("letter", "known"), [("W", True), ("T", False)])
def test_a_photo_keeps_its_wall_clock_whether_or_not_it_says_utc(
    sample_logs: Path, letter: str, known: bool
) -> None:
    log = parsers.read(sample_logs / f"DJI_20260514100915_0002_{letter}.JPG")
    assert log.local_times is not None
    assert str(log.local_times.captures[0])[:19] == "2026-05-14T10:09:15"
    assert log.captures["start"].notna().all() == known


def test_a_video_keeps_the_local_time_of_its_name_beside_utc(sample_logs: Path) -> None:
    log = parsers.read(sample_logs / "DJI_20260514100443_0001_D.MP4")
    assert log.local_times is not None
    ahead = log.local_times.captures - log.captures["start"].to_numpy("datetime64[ns]")
    assert set(ahead.tolist()) == {3_600_000_000_000}


def test_a_table_of_local_times_keeps_them_beside_its_rows(samples: Path) -> None:
    name = "DJIFlightRecord_2018-06-20_[09-04-19].csv"
    folder = samples / "dji_csv" / "swardiantara+droner-dataset"
    cut = parsers.read(folder / name).local_times
    assert cut is not None
    # A spreadsheet cut off its hours.
    assert cut.kind == "elapsed"
    log = parsers.read(folder / "DJIFlightRecord_2018-06-20_[09-16-53].csv")
    assert log.local_times is not None
    assert log.local_times.kind == "wall"
    for table, times in (("track", log.local_times.track), ("events", log.local_times.events)):
        assert len(getattr(log, table)) == len(times)
    assert log.track["time"].isna().all()
    rows = log.records("Row").set_index("offset")["wall_clock"]
    assert (
        log.local_times.track == rows.loc[log.track["source_offset"]].to_numpy("datetime64[ns]")
    ).all()


def test_logs_that_say_utc_have_no_clock_of_their_own(sample_logs: Path) -> None:
    assert parsers.read(sample_logs / f"{RECORD}.txt").local_times is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("phantom3_0", "mavic2_1"), ("phantom3_1", "mavic2_2"), ("phantom3_4", "mavic2_9")],
)
def test_what_an_app_appends_to_a_record_changes_not_the_hash_of_its_records(
    samples: Path, one: str, other: str
) -> None:
    folder = samples / "dji_txt" / "chrisvm+node-djiparsetxt"
    first, second = (parsers.read(folder / f"{name}.txt") for name in (one, other))
    assert first.source.sha256 != second.source.sha256
    assert first.records_sha256 == second.records_sha256


def test_a_record_says_which_number_the_aircraft_gave_its_own_log(sample_logs: Path) -> None:
    assert parsers.read(sample_logs / f"{RECORD}.txt").aircraft_log_number == 57

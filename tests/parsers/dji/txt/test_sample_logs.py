"""The synthetic flight is read as its truth tells it, whole, encrypted and damaged."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from parsers import Log
from parsers.dji.txt._record_layouts import NAMES
from tests.parsers.dji.txt.made import each

STEM = "DJIFlightRecord_2026-05-14_[10-01-58]"
WHOLE, LOCKED, DAMAGED = f"{STEM}.txt", f"{STEM}_v14.txt", f"{STEM}_damaged.txt"
#: A fix carries no time of its own: it lies between two Custom records, a tenth of a second apart.
BETWEEN = pd.Timedelta(milliseconds=110)


@pytest.fixture(scope="module", params=[WHOLE, LOCKED, DAMAGED])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def truth(truths: dict[str, Any], name: str) -> dict[str, Any]:
    told: dict[str, Any] = truths[name]
    return told


def read(sample_logs: Path, name: str) -> Log:
    beside = sample_logs / f"{name}.keychains.json"
    keys = [parsers.load_keychains(beside.read_bytes())] if beside.exists() else []
    return parsers.read(sample_logs / name, keys=keys)


@pytest.fixture(scope="module")
def log(sample_logs: Path, name: str) -> Log:
    return read(sample_logs, name)


def of_kind(log: Log, kind: str) -> pd.DataFrame:
    return log.events[log.events.kind == kind].reset_index(drop=True)


def test_source_and_clock_are_those_of_the_file(log: Log, truth: dict[str, Any]) -> None:
    assert (log.source.size, log.source.sha256) == (truth["size"], truth["sha256"])
    assert log.source.format_version == str(truth["version"])
    assert abs(log.track.time.iloc[0] - pd.Timestamp(truth["clock"]["first_utc"])) <= BETWEEN
    assert abs(log.track.time.iloc[-1] - pd.Timestamp(truth["clock"]["last_utc"])) <= BETWEEN


def test_records_of_every_type_are_as_many_as_were_written(log: Log, truth: dict[str, Any]) -> None:
    written = {NAMES[int(kind)]: count for kind, count in truth["records_by_type"].items()}
    found = {
        name: n for name, n in log.record_counts.items() if name not in {"Details", "KeyStorage"}
    }
    assert found == written
    assert len(log.track) == truth["osd_records"]


def test_every_fix_of_the_truth_is_a_row_at_its_offset(log: Log, truth: dict[str, Any]) -> None:
    rows = log.track.set_index("source_offset")
    for fix in (*truth["fixes"], truth["max_height"], truth["takeoff"]):
        row = rows.loc[fix["offset"]]
        assert abs(row.time - pd.Timestamp(fix["utc"])) <= BETWEEN
        assert row.height_ato_m == pytest.approx(fix["height_m"], abs=0.051)
        if "latitude_deg" in fix:
            assert row.latitude_deg == pytest.approx(fix["latitude_deg"], abs=2e-9)
            assert row.longitude_deg == pytest.approx(fix["longitude_deg"], abs=2e-9)
    assert log.track.height_ato_m.max() == pytest.approx(truth["max_height"]["height_m"])


def test_take_off_and_landing_are_where_they_were(log: Log, truth: dict[str, Any]) -> None:
    for kind, told in (("takeoff", truth["takeoff"]), ("landing", truth["landing"])):
        found = of_kind(log, kind)
        assert len(found) == (told is not None), kind
        if told is not None:
            # The aircraft's own report changes where it was written; motion shows it as soon.
            reports = of_kind(log, "airborne.report")
            (report,) = reports[reports.source_offset == told["offset"]].itertuples()
            assert report.value == (kind == "takeoff")
            assert abs(report.time - pd.Timestamp(told["utc"])) <= BETWEEN
            assert abs(found.time[0] - report.time) <= pd.Timedelta(seconds=1)


def test_captures_are_those_that_were_made_to_the_millisecond(
    log: Log, truth: dict[str, Any]
) -> None:
    found = [(row.kind, row.start, row.end, row.source_offset) for row in each(log.captures)]
    assert found == [
        (one["kind"], pd.Timestamp(one["start"]), pd.Timestamp(one["end"]), one["offset"])
        for one in truth["captures"]
    ]
    assert set(log.captures.sensor) == {"visible"}
    assert set(log.captures.grade) == {"reported"}


def test_texts_and_the_zone_warning_come_when_they_were_shown(
    log: Log, truth: dict[str, Any]
) -> None:
    told = log.events[log.events.record.isin(["AppTip", "AppWarn"])]
    assert [(row.text, row.record, row.source_offset) for row in each(told)] == [
        (one["text"], one["record"], one["offset"]) for one in truth["texts"]
    ]
    for found, one in zip(told.time, truth["texts"], strict=True):
        assert abs(found - pd.Timestamp(one["utc"])) <= BETWEEN
    warnings = of_kind(log, "geofence.warning")
    assert warnings.text.tolist() == [
        one["text"] for one in truth["texts"] if one["text"].startswith("GEO:")
    ]


def test_the_time_above_120_m_is_as_long_as_it_was(log: Log, truth: dict[str, Any]) -> None:
    above = log.track[log.track.height_ato_m > 120]
    told = truth["above_120_m"]
    assert len(above) == told["fixes"]
    lasted = (above.time.iloc[-1] - above.time.iloc[0]).total_seconds()
    assert lasted == pytest.approx(told["seconds"], abs=0.1)
    assert (np.diff(above.index) == 1).all()


def test_damage_is_told_where_it_is_and_nowhere_else(log: Log, truth: dict[str, Any]) -> None:
    gaps = [(span.offset, span.offset + span.size) for span in log.coverage if span.kind == "gap"]
    assert len(gaps) == len(truth["damage"])
    size = log.source.size
    for (begin, end), hurt in zip(gaps, truth["damage"], strict=True):
        if hurt["kind"] == "cut":
            assert end == hurt["offset"] == size
        else:
            assert begin <= hurt["offset"]
            assert hurt["offset"] + hurt["size"] <= end
        assert end - begin < (0 if hurt["kind"] == "cut" else hurt["size"]) + 120
    assert bool(truth["damage"]) == bool(log.issues)


def test_the_damaged_file_says_nothing_that_the_whole_one_does_not(sample_logs: Path) -> None:
    whole, hurt = read(sample_logs, WHOLE), read(sample_logs, DAMAGED)
    for record in hurt.record_counts:
        mine = hurt.records(record)
        same = whole.records(record)
        same = same[same.offset.isin(mine.offset)].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, same)
    assert hurt.header_summary is None
    assert whole.header_summary is not None
    same_names = ("serial", "name", "model", "controller_serial", "camera_serial", "app")
    for field in same_names:
        assert getattr(hurt.aircraft, field) == getattr(whole.aircraft, field), field


def test_with_its_keys_version_14_reads_row_for_row_as_version_11(sample_logs: Path) -> None:
    old, new = read(sample_logs, WHOLE), read(sample_logs, LOCKED)
    for table in ("track", "events", "captures"):
        # Of events at one instant the one that stands first in the file comes first, and
        # Details stand at the end of version 11 and at the start of version 14.
        order = ["time", "record", "text"] if table == "events" else None
        first, second = (
            frame.sort_values(order, ignore_index=True) if order else frame
            for frame in (getattr(log, table).drop(columns="source_offset") for log in (old, new))
        )
        pd.testing.assert_frame_equal(first, second)
    assert old.header_summary is not None
    assert new.header_summary is not None
    assert (old.header_summary.start, old.aircraft.serial) == (
        new.header_summary.start,
        new.aircraft.serial,
    )


def test_what_details_state_agrees_with_the_records(sample_logs: Path) -> None:
    log = read(sample_logs, WHOLE)
    assert log.header_summary is not None
    assert log.header_summary.fix_count == len(log.track)
    assert log.header_summary.photo_count == (log.captures.kind == "photo").sum() == 12
    assert log.header_summary.max_height_ato_m == pytest.approx(
        log.track.height_ato_m.max(), abs=1e-4
    )

"""``FLY042.DAT`` is the flight that ``truth.json`` tells."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from parsers import Log
from sample_logs import dji_dat, story

NAME = dji_dat.NAME


@pytest.fixture(scope="module")
def log(sample_logs: Path) -> Log:
    return parsers.read(sample_logs / NAME)


@pytest.fixture(scope="module")
def truth(truths: dict[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = truths[NAME]
    return rows


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_the_committed_file_is_the_one_that_the_writer_writes(
    sample_logs: Path, tmp_path: Path
) -> None:
    dji_dat.write_dji_dat(tmp_path, story.tell())
    data = (tmp_path / NAME).read_bytes()
    assert data == (sample_logs / NAME).read_bytes()
    assert len(data) < 1_000_000


def test_it_is_whole_and_has_every_record(log: Log, truth: dict[str, Any]) -> None:
    assert log.issues == ()
    assert sum(span.size for span in log.coverage if span.kind == "gap") == 0
    assert sum(log.record_counts.values()) == sum(truth["records_by_type"].values())
    assert log.source.sha256 == truth["sha256"]


def test_fixes_are_where_and_when_they_were(log: Log, truth: dict[str, Any]) -> None:
    track = log.track.set_index("source_offset")
    assert len(track) == truth["osd_records"]
    for fix in truth["fixes"]:
        row = track.loc[fix["offset"]]
        assert row["time"] == utc(fix["utc"])
        assert row["latitude_deg"] == pytest.approx(fix["latitude_deg"], abs=1e-9)
        assert row["longitude_deg"] == pytest.approx(fix["longitude_deg"], abs=1e-9)
        assert row["height_ato_m"] == pytest.approx(fix["height_m"])
    assert track["height_ato_m"].max() == pytest.approx(truth["max_height"]["height_m"])
    assert (track["height_ato_m"] > 120.0001).sum() == truth["above_120_m"]["fixes"]


def test_the_altitude_is_that_of_the_gps_and_missing_before_its_date(log: Log) -> None:
    known = log.track["altitude_amsl_m"].notna()
    assert not known[:20].any()
    assert known[25:].all()
    above = log.track["altitude_amsl_m"] - log.track["height_ato_m"]
    assert above[known].sub(412.0).abs().max() < 1.0


def test_take_off_and_landing_are_told_at_their_records(log: Log, truth: dict[str, Any]) -> None:
    events = log.events
    for kind, in_air in (("takeoff", 1.0), ("landing", 0.0)):
        # The aircraft's own report changes where it was written; motion shows it as soon.
        at = (events.kind == "airborne.report") & (events.source_offset == truth[kind]["offset"])
        (report,) = events[at].itertuples()
        assert (report.value, report.time) == (in_air, utc(truth[kind]["utc"]))
        (move,) = events[events.kind == kind].itertuples()
        assert abs(move.time - report.time) <= pd.Timedelta(seconds=1)


def test_the_zone_is_told_in_words_and_as_an_interval(log: Log, truth: dict[str, Any]) -> None:
    words, interval = (
        row for _, row in log.events[log.events.kind == "geofence.warning"].iterrows()
    )
    assert words["text"] == truth["texts"][0]["text"]
    assert words["source_offset"] == truth["texts"][0]["offset"]
    (zone,) = truth["zones"]
    assert abs(interval["time"] - utc(zone["start"])).total_seconds() < 0.001
    assert abs(interval["end"] - utc(zone["end"])).total_seconds() < 0.001
    assert interval["value"] == zone["nearest_m"]


def test_the_counter_of_ticks_starts_again_in_flight_and_time_runs_on(log: Log) -> None:
    ticks = log.records("OSD")["tick"].astype("int64")
    assert (ticks.diff() < 0).sum() == 1
    assert log.track["time"].diff().dropna().eq(pd.Timedelta("100ms")).all()


def test_it_never_tells_of_the_camera(log: Log) -> None:
    assert not len(log.captures)
    assert not log.events.kind.str.startswith("capture").any()


def test_a_link_is_counted_and_names_no_host(log: Log) -> None:
    (link,) = log.events[log.events.kind == "link.signal"].text
    assert "684960 sent and 256860 received" in link
    assert not len(log.contacts)
    assert log.host_references == ()

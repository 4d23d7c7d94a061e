"""Flights are joined from short summaries; logs are read again for the flights that are wanted."""

import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.ingest import DEFAULT_SETTINGS, ingest_evidence_paths
from dji_audit.ingest.evidence_joined_into_flights import (
    EvidenceChangedError,
    read_and_join_evidence,
)

RECORD = "DJIFlightRecord_2026-05-14_[10-01-58].txt"
#: Logs of one flight with clocks of three kinds, and the log of another.
SRT, WIDE = "DJI_20260514100443_0001_D.SRT", "DJI_20260514100915_0002_W.JPG"
FILES = (RECORD, "FLY042.DAT", SRT, WIDE, "00000042.BIN")


@pytest.fixture
def folder(sample_logs: Path, tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(sample_logs / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def tables_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """Yield the name of each file that is read, with a weak reference to its track."""
    found: list[tuple[str, Any]] = []
    read_content = parsers.read_content

    def read(content: Any, keys: Any) -> parsers.FileReading:
        reading = read_content(content, keys)
        found.extend((content.name, weakref.ref(log.track)) for log in reading.logs)
        return reading

    monkeypatch.setattr(parsers, "read_content", read)
    yield found


def test_flights_are_those_of_logs_that_are_all_in_memory(folder: Path) -> None:
    whole = assemble_flights(*ingest_evidence_paths([folder], DEFAULT_SETTINGS).logs)
    joined = read_and_join_evidence([folder], DEFAULT_SETTINGS)
    merged = joined.merged_flights(joined.flights)
    assert [it.id for it in joined.flights] == [it.id for it in merged] == [it.id for it in whole]
    assert len(whole) > 1
    for one, other, short in zip(merged, whole, joined.flights, strict=True):
        pd.testing.assert_frame_equal(one.track, other.track)
        pd.testing.assert_frame_equal(one.captures, other.captures)
        assert [it.alignment for it in one.sources] == [it.alignment for it in other.sources]
        assert one.start is not None
        assert one.end is not None
        assert short.may_overlap(one.start, one.start)
        assert short.may_overlap(one.end, one.end)
        assert not short.may_overlap(one.end + pd.Timedelta("1h"), one.end + pd.Timedelta("2h"))


def test_logs_leave_memory_and_only_those_of_the_flight_are_read_again(
    folder: Path, tables_read: list[tuple[str, Any]]
) -> None:
    joined = read_and_join_evidence([folder], DEFAULT_SETTINGS)
    assert sorted(name for name, _ in tables_read) == sorted(FILES)
    assert [name for name, track in tables_read if track() is not None] == []
    tables_read.clear()
    (wanted,) = [it for it in joined.flights if it.id == "998e9f4e-1"]
    (flight,) = joined.merged_flights([wanted])
    assert sorted(name for name, _ in tables_read) == sorted(FILES[:4])
    assert len(flight.sources) == 4


def test_a_file_that_changed_meanwhile_is_named(folder: Path, sample_logs: Path) -> None:
    joined = read_and_join_evidence([folder], DEFAULT_SETTINGS)
    other = next(it for it in sorted(sample_logs.glob("DJIFlightRecord*")) if it.name != RECORD)
    shutil.copy(other, folder / RECORD)
    with pytest.raises(EvidenceChangedError, match=r"10-01-58\]\.txt changed while"):
        joined.merged_flights(joined.flights)
    (folder / RECORD).unlink()
    with pytest.raises(EvidenceChangedError, match=r"10-01-58\]\.txt changed while"):
        joined.merged_flights(joined.flights)

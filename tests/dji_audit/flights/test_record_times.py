"""Records are placed in time between the fixes before and after them in the file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import FlightSource, assemble_flights, times_of_records_at_offsets
from tests.conftest import ROOT

FIRST = pd.Timestamp("2026-06-01T10:00:00Z")
TLOG = next(iter(sorted((ROOT / "sample_logs").glob("*.tlog"))))


def source_of(path: Path) -> FlightSource:
    (flight,) = assemble_flights(parsers.read(path))
    return flight.sources[0]


def source_with_fixes(*fixes: tuple[float | None, int]) -> FlightSource:
    """Return a source of fixes: seconds after the first instant, and byte."""
    source = source_of(TLOG)
    track = source.track.iloc[: len(fixes)].reset_index(drop=True)
    track["time"] = pd.DatetimeIndex(
        [pd.NaT if after is None else FIRST + pd.Timedelta(after, "s") for after, _ in fixes]
    ).as_unit("ns")
    track["source_offset"] = np.array([offset for _, offset in fixes], np.int64)
    return replace(source, track=track)


def seconds_after_first(times: pd.DatetimeIndex) -> list[float | None]:
    return [None if pd.isna(time) else (time - FIRST).total_seconds() for time in times]


def test_a_record_lies_on_the_line_between_the_fixes_around_it() -> None:
    source = source_with_fixes((0, 100), (None, 150), (2, 300), (3, 400))
    found = times_of_records_at_offsets(source, [100, 200, 300, 350, 400, 150])
    assert seconds_after_first(found) == [0, 1, 2, 2.5, 3, 0.5]


@pytest.mark.parametrize(
    "fixes",
    [
        ((0, 100), (1, 200)),  # before and after all fixes
        ((0, 40), (6, 60)),  # a gap longer than 5 s
        ((3, 40), (0, 60)),  # later bytes, earlier times
        ((0, 40),),
        ((None, 40), (None, 60)),
        (),
    ],
)
def test_a_record_that_no_fixes_enclose_has_no_time(fixes: tuple[tuple[float, int], ...]) -> None:
    source = source_with_fixes(*fixes)
    assert seconds_after_first(times_of_records_at_offsets(source, [50])) == [None]


def test_times_equal_those_that_the_records_of_a_telemetry_log_state() -> None:
    """Frames of a telemetry log have a time of their own, which nothing here uses."""
    source = source_of(TLOG)
    frames = source.log.records("ATTITUDE")
    placed = times_of_records_at_offsets(source, frames["offset"])
    is_placed = np.asarray(placed.notna())
    assert is_placed.sum() > 100
    stated = pd.DatetimeIndex(frames["time"])[is_placed]
    away_s = np.abs((placed[is_placed] - stated).total_seconds())
    assert away_s.max() < 1.0
    assert np.median(away_s) < 0.2


@pytest.mark.parametrize(
    ("fixes", "after_s"),
    [
        (((0, 40), (5, 60)), 2.5), (((0, 40), (5.001, 60)), None),
        # At the byte of the first fix or the last, and beside them.
        (((0, 50), (1, 60)), 0.0), (((0, 40), (1, 50)), 1.0), (((0, 51), (1, 60)), None),
        (((0, 40), (1, 49)), None),
        # Fixes of one instant, and of one byte.
        (((2, 40), (2, 60)), 2.0), (((0, 40), (1, 50), (2, 50), (3, 60)), 2.0),
        # In any order of the table.
        (((4, 60), (0, 40)), 2.0),
    ],
)  # fmt: skip
def test_a_record_has_a_time_between_fixes_up_to_five_seconds_apart(
    fixes: tuple[tuple[float, int], ...], after_s: float | None
) -> None:
    assert seconds_after_first(times_of_records_at_offsets(source_with_fixes(*fixes), [50])) == [
        after_s
    ]


def test_one_byte_may_be_asked_for_by_itself() -> None:
    source = source_with_fixes((0, 100), (2, 300))
    assert seconds_after_first(times_of_records_at_offsets(source, 150)) == [0.5]
    assert seconds_after_first(times_of_records_at_offsets(source, [])) == []

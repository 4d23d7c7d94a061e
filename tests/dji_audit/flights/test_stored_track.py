"""Tracks on disk: joining gives what it gives with all of them in memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import parsers
from dji_audit.flights import (
    TemporaryFileOfTracks,
    TrackComparisons,
    join_logs,
    summarise_each_part_of_log,
)
from dji_audit.flights.clock._track_alignment import (
    TimedTrack,
    TrackTimeShift,
    align_tracks,
    median_distance_m,
)
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_logs"


def track(first: float) -> TimedTrack:
    seconds = first + np.arange(40.0)
    return TimedTrack(seconds, 50 + seconds / 1e4, 4 + seconds / 1e4, np.full(40, np.nan))


def test_a_stored_track_is_the_track() -> None:
    file = TemporaryFileOfTracks()
    stored = [file.store(track(first)) for first in range(300)]
    for first in (0, 299, 0, 150):
        mine, whole = stored[first], track(first)
        assert (len(mine), mine.start, mine.end) == (len(whole), whole.start, whole.end)
        for name in ("seconds", "latitude_deg", "longitude_deg", "height_m"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(whole, name))
        assert mine.position_resolution_m == whole.position_resolution_m
        np.testing.assert_array_equal(mine.thinned_to(7).seconds, whole.thinned_to(7).seconds)
        np.testing.assert_array_equal(mine.shifted(2.0).seconds, whole.seconds + 2.0)


def test_a_track_without_fixes_stays_as_it_is() -> None:
    empty = TimedTrack(*(np.empty(0),) * 4)
    assert TemporaryFileOfTracks().store(empty) is empty


@pytest.mark.parametrize("reverse", [False, True])
def test_joining_gives_the_same_flights_with_tracks_on_disk(reverse: bool) -> None:
    names = ("2026-05-14 12-01-58.tlog", "00000042.BIN", "DJI_20260514100443_0001_D.SRT")
    paths: list[Path] = sorted((SAMPLES / name for name in names), reverse=reverse)
    logs = [parsers.read(path) for path in paths]
    summaries = [
        it for index, log in enumerate(logs) for it in summarise_each_part_of_log(log, index)
    ]
    file = TemporaryFileOfTracks()
    stored = [replace(it, track=file.store(it.track)) for it in summaries]
    assert join_logs(stored) == join_logs(summaries)


@pytest.mark.parametrize(
    "result",
    [
        None,
        0.0,
        -2.5,
        float("inf"),
        TrackTimeShift(1.25, 0.1, 0.5, True),
        TrackTimeShift(-3.0, 2.0, 40.0, False),
    ],
)
def test_a_comparison_is_made_once_and_its_result_kept(
    result: TrackTimeShift | float | None,
) -> None:
    made: list[object] = []

    def compare() -> TrackTimeShift | float | None:
        made.append(result)
        return result

    first = TrackComparisons()
    assert [first.known_or_new_result((b"these two", b"so"), compare) for _ in "ab"] == [result] * 2
    kept = TrackComparisons(first.used_results_as_bytes())
    assert kept.known_or_new_result((b"these two", b"so"), compare) == result
    assert made == [result]
    assert first.known_or_new_result((b"these two", b"otherwise"), lambda: 7.0) == 7.0


def test_results_that_nobody_asks_for_are_not_kept() -> None:
    last = TrackComparisons()
    for name in (b"gone", b"there"):
        last.known_or_new_result((name,), lambda: 1.0)
    now = TrackComparisons(last.used_results_as_bytes())
    now.known_or_new_result((b"there",), lambda: 2.0)
    assert len(now.used_results_as_bytes()) == len(last.used_results_as_bytes()) // 2
    with pytest.raises(ValueError, match="no results"):
        TrackComparisons(now.used_results_as_bytes()[1:])


def test_tracks_in_a_file_give_what_others_give_however_they_are_asked() -> None:
    """What tells one question from another: both tracks, their order, the offsets and the error."""
    file = TemporaryFileOfTracks()
    whole = [track(0.0), track(3.0), track(12.0)]
    stored = [*map(file.store, whole)]
    offsets = [np.arange(-8.0, 9.0), np.arange(-4.0, 5.0)]
    for _ in range(2):
        for one in range(3):
            for other in range(3):
                pairs = (stored[one], stored[other]), (whole[one], whole[other])
                for offsets_s in offsets:
                    for fixes in (20, 40):
                        found = [align_tracks(*pair, offsets_s, fixes) for pair in pairs]
                        assert found[0] == found[1]
                for offset_s, error_s in ((0.0, 0.0), (2.0, 0.0), (0.0, 2.0)):
                    found_m = [median_distance_m(*pair, offset_s, error_s) for pair in pairs]
                    np.testing.assert_equal(found_m[0], found_m[1])

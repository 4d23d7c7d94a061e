"""Tracks on disk: joining gives what it gives with all of them in memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import parsers
from dji_audit.flights import TemporaryFileOfTracks, join_logs, summarise_log
from dji_audit.flights.clock._track_alignment import TimedTrack
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
    summaries = [it for index, log in enumerate(logs) for it in summarise_log(log, index)]
    file = TemporaryFileOfTracks()
    stored = [replace(it, track=file.store(it.track)) for it in summaries]
    assert join_logs(stored) == join_logs(summaries)

"""The numbers of the clock of videos: zones, the sun, and whole seconds of GPS time."""

import numpy as np
import pytest

from parsers.dji.video import _clock

CREATED_S = 1_778_749_483
HOUR_S = 3600.0


def evidence(
    ahead_s: float, longitude_deg: float = float("nan"), has_djmd: bool = False
) -> _clock.ClipTimeEvidence:
    wall = np.datetime64(round((CREATED_S + ahead_s) * 10**6), "us")
    return _clock.ClipTimeEvidence(
        "clip.MP4", CREATED_S, wall, [], np.zeros(0), longitude_deg, has_djmd
    )


@pytest.mark.parametrize(
    ("ahead_s", "is_utc"),
    [
        (900, True),
        (HOUR_S + 20, True),
        (HOUR_S - 20, True),
        (HOUR_S + 20.001, False),
        (HOUR_S - 20.001, False),
        (14 * HOUR_S, True),
        (14 * HOUR_S + 900, False),
        (-12 * HOUR_S, True),
        (-12 * HOUR_S - 900, False),
    ],
)
def test_a_local_clock_a_zone_away_shows_utc(ahead_s: float, is_utc: bool) -> None:
    assert _clock._creation_is_utc_and_reason(evidence(ahead_s))[0] == is_utc


@pytest.mark.parametrize(
    ("zone_h", "longitude_deg", "is_utc"),
    [(3.0, 0.0, True), (3.25, 0.0, False), (-3.0, 0.0, True), (-3.25, 0.0, False), (4, 15, True)],
)
def test_a_zone_lies_within_three_hours_of_the_sun(
    zone_h: float, longitude_deg: float, is_utc: bool
) -> None:
    assert _clock._creation_is_utc_and_reason(evidence(zone_h * HOUR_S, longitude_deg))[0] == is_utc


def test_a_clock_that_agrees_where_the_sun_forbids_it_is_local() -> None:
    utc, reason, _ = _clock._creation_is_utc_and_reason(evidence(0, 60.0))
    assert not utc
    assert reason.startswith("local time")
    # At 45 degrees east the sun allows it, and nothing is shown.
    assert _clock._creation_is_utc_and_reason(evidence(0, 45.0))[1].startswith(
        "UTC by the standard"
    )


def test_the_uncertainty_is_what_the_local_clock_misses_and_a_second() -> None:
    assert _clock._creation_is_utc_and_reason(evidence(HOUR_S + 4.5))[2] == 5.5
    assert _clock._creation_is_utc_and_reason(evidence(0, has_djmd=True))[2] is None


def gps_start(start_s: list[float], seconds: list[int]) -> str:
    clip = _clock.ClipTimeEvidence(
        "clip.MP4", None, np.datetime64("NaT", "us"),
        [f"2026-05-14 09:00:{second:02d}" for second in seconds], np.array(start_s),
        float("nan"), True,
    )  # fmt: skip
    ns = _clock._start_by_gps_time(clip)
    assert ns is not None
    return str(np.datetime64(ns, "ns").astype("datetime64[ms]"))


def test_gps_time_counts_from_the_change_of_its_second() -> None:
    assert gps_start([0.0, 0.9, 1.9], [10, 10, 11]) == "2026-05-14T09:00:10.000"


def test_a_gps_time_more_than_a_second_and_a_half_off_is_damage() -> None:
    assert gps_start([0.0, 1.5, 1.5], [10, 10, 10]) == "2026-05-14T09:00:10.000"
    assert gps_start([0.0, 1.6, 1.6], [10, 10, 10]) == "2026-05-14T09:00:08.400"

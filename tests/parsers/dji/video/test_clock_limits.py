"""The numbers of the clock of videos: zones, the sun, and whole seconds of GPS time."""

import numpy as np
import pytest

from parsers.dji.video import _time_of_clip

CREATED_S = 1_778_749_483
HOUR_S = 3600.0


def evidence(
    ahead_s: float, longitude_deg: float = float("nan"), has_djmd: bool = False
) -> _time_of_clip.ClipTimeEvidence:
    wall = np.datetime64(round((CREATED_S + ahead_s) * 10**6), "us")
    return _time_of_clip.ClipTimeEvidence(
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
    assert _time_of_clip._creation_is_utc_reason_and_error_s(evidence(ahead_s))[0] == is_utc


@pytest.mark.parametrize(
    ("zone_h", "longitude_deg", "is_utc"),
    [(3.0, 0.0, True), (3.25, 0.0, False), (-3.0, 0.0, True), (-3.25, 0.0, False), (4, 15, True)],
)
def test_a_zone_lies_within_three_hours_of_the_sun(
    zone_h: float, longitude_deg: float, is_utc: bool
) -> None:
    assert (
        _time_of_clip._creation_is_utc_reason_and_error_s(evidence(zone_h * HOUR_S, longitude_deg))[
            0
        ]
        == is_utc
    )


def test_a_clock_that_agrees_where_the_sun_forbids_it_is_local() -> None:
    utc, reason, _ = _time_of_clip._creation_is_utc_reason_and_error_s(evidence(0, 60.0))
    assert not utc
    assert reason.startswith("local time")
    # At 45 degrees east the sun allows it, and nothing is shown.
    assert _time_of_clip._creation_is_utc_reason_and_error_s(evidence(0, 45.0))[1].startswith(
        "UTC by the standard"
    )


def test_the_uncertainty_is_what_the_local_clock_misses_and_a_second() -> None:
    assert _time_of_clip._creation_is_utc_reason_and_error_s(evidence(HOUR_S + 4.5))[2] == 5.5
    assert _time_of_clip._creation_is_utc_reason_and_error_s(evidence(0, has_djmd=True))[2] is None


def gps_start(start_s: list[float], seconds: list[int]) -> str:
    clip = _time_of_clip.ClipTimeEvidence(
        "clip.MP4", None, np.datetime64("NaT", "us"),
        [f"2026-05-14 09:00:{second:02d}" for second in seconds], np.array(start_s),
        float("nan"), True,
    )  # fmt: skip
    ns = _time_of_clip._clip_start_from_gps_time_ns(clip)
    assert ns is not None
    return str(np.datetime64(ns, "ns").astype("datetime64[ms]"))


def test_gps_time_counts_from_the_change_of_its_second() -> None:
    assert gps_start([0.0, 0.9, 1.9], [10, 10, 11]) == "2026-05-14T09:00:10.000"


def test_a_gps_time_more_than_a_second_and_a_half_off_is_damage() -> None:
    assert gps_start([0.0, 1.5, 1.5], [10, 10, 10]) == "2026-05-14T09:00:10.000"
    assert gps_start([0.0, 1.6, 1.6], [10, 10, 10]) == "2026-05-14T09:00:08.400"


def clip(name: str = "clip.MP4", **more: object) -> _time_of_clip.ClipTimeEvidence:
    values = {
        "name": name, "created_s": CREATED_S, "wall_start": np.datetime64("NaT", "us"),
        "gps_times": [], "start_s": np.zeros(0), "longitude_deg": float("nan"), "has_djmd": False,
    } | more  # fmt: skip
    return _time_of_clip.ClipTimeEvidence(**values)  # type: ignore[arg-type]


def test_the_local_time_in_a_name_shows_utc_as_that_of_subtitles_does() -> None:
    """Created at 09:04:43 UTC; the name is two hours ahead and three seconds early."""
    found = _time_of_clip.time_of_clip(clip("DJI_20260514110440_0001_W.MP4"))
    assert found.start_ns == CREATED_S * 10**9
    assert found.clock.uncertainty_s == 4.0
    assert found.clock.notes[1] == "UTC, since the local clock of the name differs from it by +2 h"
    assert found.wall_start == np.datetime64("2026-05-14T11:04:40", "us")
    assert not found.clock.from_gnss


def test_gps_time_is_known_to_a_second_and_by_satellite() -> None:
    found = _time_of_clip.time_of_clip(
        clip(gps_times=["2026-05-14 09:00:10", None], start_s=np.array([0.5, 1.0]))
    )
    assert found.start_ns == int(np.datetime64("2026-05-14T09:00:09.5", "ns").astype(np.int64))
    assert (found.clock.source, found.clock.uncertainty_s) == ("GPS time in djmd", 1.0)
    assert found.clock.from_gnss


def test_a_creation_time_of_unknown_zone_is_the_local_start() -> None:
    found = _time_of_clip.time_of_clip(clip())
    assert found.start_ns is None
    assert found.wall_start == np.datetime64(CREATED_S, "s")
    unknown = _time_of_clip.time_of_clip(clip(created_s=None))
    assert (unknown.start_ns, unknown.clock.notes) == (None, ("the file states no time",))
    assert np.isnat(unknown.wall_start)

"""What is found on noisy tracks, pinned: the truth lies within the error that is stated."""

from dataclasses import replace

import numpy as np
import pytest

from dji_audit.flights.clock._clock_alignment_result import ClockAlignment
from dji_audit.flights.clock._clock_drift import estimate_drift
from dji_audit.flights.clock._refine_alignment import refine_alignment
from dji_audit.flights.clock._track_alignment import TimedTrack, align_tracks
from dji_audit.flights.join._align_local_clocks import _summary_of_flights_of_one_log
from dji_audit.flights.join._flight_assembly import FlightCandidate
from tests.dji_audit.flights.test_thresholds import straight, summary, wave

REFERENCE = wave(np.arange(0.0, 900.0))
OFFSETS = np.arange(-100.0, 101.0, 2.0)


def noisy(track: TimedTrack, sigma_m: float, seed: int) -> TimedTrack:
    rng = np.random.default_rng(seed)
    count = len(track)
    latitude = track.latitude_deg + rng.normal(0, sigma_m, count) / 111_229.0
    longitude = track.longitude_deg + rng.normal(0, sigma_m, count) / 71_696.0
    height = track.height_m + rng.normal(0, 1, count)
    return replace(track, latitude_deg=latitude, longitude_deg=longitude, height_m=height)


@pytest.mark.parametrize(
    ("sigma_m", "fixes", "offset_s", "uncertainty_s", "distance_m"),
    [
        (0.0, 96, 33.3, 0.1, 0.0), (0.0, 33, 33.3, 0.12, 0.0), (2.0, 96, 33.44, 0.64, 2.5811),
        (2.0, 33, 33.36, 0.56, 2.3451), (6.0, 96, 33.78, 1.78, 7.6996),
        (6.0, 33, 33.52, 0.72, 6.7517),
    ],
)  # fmt: skip
def test_the_time_shift_of_a_noisy_track(
    sigma_m: float, fixes: int, offset_s: float, uncertainty_s: float, distance_m: float
) -> None:
    track = noisy(wave(np.arange(150.0, 650.0)).shifted(-33.3), sigma_m, 3)
    fit = align_tracks(track, REFERENCE, OFFSETS, fixes)
    assert fit is not None
    assert (fit.offset_s, fit.uncertainty_s) == pytest.approx((offset_s, uncertainty_s), abs=1e-3)
    assert fit.distance_m == pytest.approx(distance_m, abs=1e-3)
    assert abs(fit.offset_s - 33.3) <= fit.uncertainty_s
    assert fit.is_informative


def drifting(sigma_m: float) -> TimedTrack:
    seconds = REFERENCE.seconds * (1 + 1e-3) - 0.4
    return noisy(replace(REFERENCE, seconds=seconds), sigma_m, 5)


@pytest.mark.parametrize(
    ("sigma_m", "offset_s", "offset_known", "slope", "slope_known"),
    [
        (0.0, -0.0495, 0.008577, -9.990e-4, 3.3092e-5),
        (2.0, -0.011592, 0.15685, -1.262935e-3, 6.21575e-4),
    ],
)
def test_the_drift_of_a_noisy_track(
    sigma_m: float, offset_s: float, offset_known: float, slope: float, slope_known: float
) -> None:
    line = estimate_drift(drifting(sigma_m), REFERENCE)
    assert line is not None
    assert line.reference_s == pytest.approx(449.5495)
    assert line.offset_s == pytest.approx(offset_s, abs=1e-5)
    assert line.offset_uncertainty_s == pytest.approx(offset_known, rel=1e-3)
    assert line.slope == pytest.approx(slope, abs=1e-8)
    assert line.slope_uncertainty == pytest.approx(slope_known, rel=1e-3)
    assert abs(line.slope + 1e-3) <= line.slope_uncertainty
    assert line.is_steady


@pytest.mark.parametrize("known_s", [None, 0.05, 2.0])
@pytest.mark.parametrize("method", ["track", "utc", "same_camera"])
def test_an_alignment_is_refined_with_its_drift(method: str, known_s: float | None) -> None:
    first = ClockAlignment("x", method, 1.0, known_s, reason="r")
    found = refine_alignment(first, drifting(2.0), REFERENCE)
    assert found is not None
    assert found.method == ("track" if method == "utc" else method)
    assert (found.offset_s, found.uncertainty_s) == (0.988, 0.157)
    assert found.drift is not None
    assert (found.drift.s_per_h, found.drift.uncertainty_s_per_h) == (4.5466, 2.2377)
    assert found.drift.reference_s == 448.549
    agrees = method == "same_camera" and known_s != 0.05
    assert ("its track agrees within 0.0 s" in found.reason) is agrees
    assert found.reason.endswith("gains 4.55 s an hour, within 2.24 s; this drift is corrected")


@pytest.mark.parametrize(
    ("method", "known_s", "off_s", "offset_s"),
    [
        ("utc", 0.1, 0.5, 0.0), ("utc", 0.1, 1.5, -1.5), ("track", 0.1, 0.5, -0.5),
        ("same_camera", 0.1, 1.5, 0.0), ("same_camera", 1.0, 1.5, -1.5), ("track", None, 1.5, -1.5),
    ],
)  # fmt: skip
def test_a_track_corrects_a_clock_within_its_error(
    method: str, known_s: float | None, off_s: float, offset_s: float
) -> None:
    # Too short for a drift to be found.
    track = wave(np.arange(300.0, 500.0)).shifted(off_s)
    first = ClockAlignment("x", method, 0.0, known_s)
    found = refine_alignment(first, track, REFERENCE)
    assert found is not None
    assert found.offset_s == pytest.approx(offset_s, abs=0.05)
    assert found.drift is None


def test_tracks_that_do_not_move_refine_nothing() -> None:
    still = replace(REFERENCE, latitude_deg=np.full(900, 50.0), longitude_deg=np.full(900, -4.0))
    assert refine_alignment(ClockAlignment("x", "track", 0.0, 1.0), still, still) is None


def test_the_flights_of_one_log_are_one_on_their_own_clocks() -> None:
    one = FlightCandidate(summary(0.0, 10.0, track=straight(range(11))), 5.0)
    two = FlightCandidate(summary(20.0, 30.0, track=straight(range(20, 31))), 7.0)
    both = _summary_of_flights_of_one_log((one, two))
    assert (both.start, both.end) == (5.0, 37.0)
    assert (both.track.start, both.track.end, len(both.track)) == (5.0, 37.0, 22)
    assert _summary_of_flights_of_one_log((FlightCandidate(one.summary, 0.0),)) is one.summary
    moved = _summary_of_flights_of_one_log((one,))
    assert (moved.start, moved.end) == (5.0, 15.0)

"""Where the alignment of a clock changes: windows of a drift, refinement, and drift of times."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dji_audit.flights.clock import _refine_alignment
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment, ClockDrift
from dji_audit.flights.clock._clock_drift import (
    DriftLine,
    _mask_of_instants_between_near_fixes,
    _window_middles_and_clock_offsets,
    estimate_drift,
    fit_drift_line,
)
from dji_audit.flights.clock._refine_alignment import refine_alignment
from dji_audit.flights.clock._track_alignment import (
    TimedTrack,
    TrackTimeShift,
    _centre_of_best_time_offsets,
    align_tracks,
    concatenate_tracks,
    median_distance_m,
)
from tests.dji_audit.flights.test_thresholds import wave

DEGREE_M = 111_229.0


def swing(seconds: np.ndarray, east_m: float = 0.0, turns: bool = True) -> TimedTrack:
    """Return a way north of one metre a second at most, there and back or all one way."""
    north = 40 * np.sin(seconds / 4) if turns else seconds
    return TimedTrack(
        seconds, 50 + north / DEGREE_M, np.full(len(seconds), -4 + east_m / 71_696.0),
        np.full(len(seconds), np.nan),
    )  # fmt: skip


def metres(seconds: np.ndarray, speed: float = 10.0, period_s: float = 25.0) -> np.ndarray:
    """Return metres east and north of a way that swings at a speed."""
    along = speed * period_s / (2 * np.pi) * np.sin(2 * np.pi * seconds / period_s)
    return np.stack([np.zeros(len(seconds)), along])


# Windows


@pytest.mark.parametrize(
    ("at", "usable"),
    [(0.9, False), (1.0, True), (5.0, True), (9.0, True), (9.1, False)],
)
def test_a_speed_needs_a_second_of_the_track_before_and_after(at: float, usable: bool) -> None:
    reference = np.arange(0.0, 11.0)
    assert _mask_of_instants_between_near_fixes(np.array([at]), reference).tolist() == [usable]


@pytest.mark.parametrize(("gap_s", "usable"), [(3.0, True), (3.1, False)])
def test_no_instant_in_a_gap_of_more_than_three_seconds_is_used(gap_s: float, usable: bool) -> None:
    reference = np.concatenate([np.arange(100.0, 111.0), 110 + gap_s + np.arange(10.0)])
    assert _mask_of_instants_between_near_fixes(np.array([111.0]), reference).tolist() == [usable]
    # Before and after it, fixes are near.
    assert _mask_of_instants_between_near_fixes(np.array([109.5, 112 + gap_s]), reference).all()


def windows(lasts_s: float, step_s: float = 0.5, late_s: float = 0.25, **way: float) -> np.ndarray:
    """Return the offsets of windows of a track that is late, and in step with a longer one."""
    seconds = np.arange(1000.0, 1000 + lasts_s + step_s / 2, step_s)
    reference = np.arange(990.0, 1010 + lasts_s, 0.25)
    _, offsets = _window_middles_and_clock_offsets(
        seconds, metres(seconds - late_s, **way), reference, metres(reference, **way)
    )
    return offsets


@pytest.mark.parametrize(
    ("lasts_s", "count"), [(239.5, 0), (240.0, 8), (269.5, 8), (270.0, 9), (1300.0, 40)]
)
def test_windows_last_thirty_seconds_and_are_from_eight_to_forty(
    lasts_s: float, count: int
) -> None:
    assert len(windows(lasts_s)) == count


@pytest.mark.parametrize("late_s", [-0.25, 0.0, 0.5])
def test_a_window_shows_by_how_much_its_track_is_late(late_s: float) -> None:
    """The position of the one is that of the other so much earlier."""
    found = windows(300.0, late_s=late_s)
    assert found == pytest.approx(np.full(len(found), -late_s), abs=0.02)


@pytest.mark.parametrize(("speed", "is_informative"), [(1.55, True), (1.3, False)])
def test_a_window_needs_a_change_of_speed_of_a_metre_a_second(
    speed: float, is_informative: bool
) -> None:
    """The root mean square of a swing is 0.71 of its speed, over two seconds a little less."""
    assert (len(windows(300.0, speed=speed)) > 0) == is_informative


@pytest.mark.parametrize(("fixes", "show"), [(8, True), (7, False)])
def test_a_window_needs_eight_fixes(fixes: int, show: bool) -> None:
    """Eight windows; one more fix lies in some of them."""
    assert (len(windows(241.0, step_s=241.0 / 8 / fixes)) == 8) == show


@pytest.mark.parametrize(("away_m", "count"), [(59.0, 10), (61.0, 0)])
def test_fixes_sixty_metres_apart_are_not_compared(away_m: float, count: int) -> None:
    seconds, reference = np.arange(1000.0, 1300.5, 0.5), np.arange(990.0, 1310.0, 0.25)
    here = metres(seconds) + np.array([[away_m], [0.0]])
    assert (
        len(_window_middles_and_clock_offsets(seconds, here, reference, metres(reference))[1])
        == count
    )


def test_the_middle_of_a_window_is_the_mean_of_its_times() -> None:
    seconds, reference = np.arange(1000.0, 1240.5, 0.5), np.arange(990.0, 1250.0, 0.25)
    middles, _ = _window_middles_and_clock_offsets(
        seconds, metres(seconds), reference, metres(reference)
    )
    assert middles == pytest.approx(1000 + 30 * (np.arange(8) + 0.5), abs=0.5)


def drifting(slope: float, offset_s: float = 0.0, lasts_s: float = 600.0) -> DriftLine | None:
    """Return the drift of a track whose own time runs slow by a slope, around its middle."""
    true = np.arange(0.0, lasts_s, 0.5)
    reference = swing(np.arange(-10.0, lasts_s + 10, 0.25))
    own = true - offset_s - slope * (true - lasts_s / 2)
    return estimate_drift(replace(swing(true), seconds=own), reference)


@pytest.mark.parametrize("slope", [-0.008, -0.002, 0.0005, 0.008])
@pytest.mark.parametrize("offset_s", [0.0, 0.4, -0.4])
def test_offset_and_slope_are_those_of_the_clock(slope: float, offset_s: float) -> None:
    line = drifting(slope, offset_s)
    assert line is not None
    # Of its own time: what is added for each second that it counts.
    assert line.slope == pytest.approx(slope / (1 - slope), abs=2e-5)
    assert line.offset_s == pytest.approx(offset_s, abs=0.01)
    assert line.reference_s == pytest.approx(300.0 - offset_s, abs=0.5)
    assert line.is_steady


@pytest.mark.parametrize("slope", [-0.0105, 0.0105])
def test_a_drift_of_more_than_a_hundredth_is_none(slope: float) -> None:
    assert drifting(slope) is None


def test_a_drift_takes_64_fixes_and_a_track_to_compare_with() -> None:
    reference = swing(np.arange(-10.0, 400.0, 0.25))
    enough, fewer = (swing(np.linspace(0.0, 250.0, count)) for count in (64, 63))
    assert estimate_drift(enough, reference) is not None
    assert estimate_drift(fewer, reference) is None
    assert estimate_drift(enough, swing(np.array([1.0]))) is None


def test_residuals_that_hardly_change_count_for_a_nineteenth() -> None:
    """Their correlation from one to the next is above 0.9, and counts as 0.9."""
    at = np.arange(60.0)
    offsets = 0.2 * np.sin(at / 20)
    rest = offsets - np.polyval(np.polyfit(at, offsets, 1), at)
    assert (rest[1:] * rest[:-1]).sum() / (rest**2).sum() > 0.92
    line = fit_drift_line(at, offsets, 0.001)
    assert line is not None
    sigma = np.sqrt((rest**2).sum() / 58) * np.sqrt(1.9 / 0.1)
    bound = 4 * (1 + 3.5 / 58) * sigma
    assert line.offset_uncertainty_s == pytest.approx(bound / np.sqrt(60))


# Refinement


def aligned(**more: Any) -> ClockAlignment:
    return replace(ClockAlignment("a clock", "track", 100.0, 0.5), **more)


def refined(
    monkeypatch: pytest.MonkeyPatch,
    alignment: ClockAlignment,
    offset_s: float = 0.25,
    uncertainty_s: float = 0.1,
    line: DriftLine | None = None,
) -> ClockAlignment | None:
    """Return an alignment refined by a fit and a drift that are given."""
    fit = TrackTimeShift(offset_s, uncertainty_s, 1.0, is_informative=True)
    monkeypatch.setattr(_refine_alignment, "align_tracks", lambda *_: fit)
    monkeypatch.setattr(_refine_alignment, "estimate_drift", lambda *_: line)
    return refine_alignment(alignment, swing(np.arange(9.0)), swing(np.arange(9.0)))


@pytest.mark.parametrize("offset_s", [1.1, -1.1])
def test_a_fit_agrees_within_both_errors_and_half_a_second(
    monkeypatch: pytest.MonkeyPatch, offset_s: float
) -> None:
    """0.5 s of the alignment, 0.1 s of the fit, and 0.5 s."""
    found = refined(monkeypatch, aligned(), offset_s)
    assert found is not None
    assert (found.offset_s, found.uncertainty_s) == (100.0 + offset_s, 0.1)
    far = 1.01 * offset_s
    assert refined(monkeypatch, aligned(), far) == aligned()
    # An alignment of unknown error may be a second off.
    unknown = refined(monkeypatch, aligned(uncertainty_s=None), far)
    assert unknown is not None
    assert unknown.offset_s == pytest.approx(100.0 + far, abs=1e-3)


def test_a_clock_that_states_utc_is_moved_only_where_its_track_disagrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    utc = aligned(method="utc", offset_s=0.0)
    assert refined(monkeypatch, utc, 1.1) == utc
    moved = refined(monkeypatch, utc, 1.2)
    assert moved is not None
    assert (moved.method, moved.offset_s, moved.uncertainty_s) == ("track", 1.2, 0.1)
    assert moved.reason == "its track matches that of the flight if its clock is -1.2 s off"


@pytest.mark.parametrize(("uncertainty_s", "offset_s"), [(0.5, 100.25), (0.51, 100.0)])
def test_a_fit_replaces_an_offset_that_is_known_no_better(
    monkeypatch: pytest.MonkeyPatch, uncertainty_s: float, offset_s: float
) -> None:
    found = refined(monkeypatch, aligned(), uncertainty_s=uncertainty_s)
    assert found is not None
    assert found.offset_s == offset_s


def test_another_method_keeps_its_reason_and_says_that_the_track_agrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = refined(monkeypatch, aligned(method="declared", reason="so declared"), -0.25)
    assert found is not None
    assert found.reason == "so declared; its track agrees within 0.2 s"
    by_track = refined(monkeypatch, aligned(reason="by its track"))
    assert by_track is not None
    assert by_track.reason == "by its track"


LINE = DriftLine(5000.0, 0.5, 0.03, -0.001, 0.0002, is_steady=True)


def test_a_drift_is_stated_by_the_clock_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gains 3.6 s an hour; the offset holds at the middle, by the log's own clock."""
    found = refined(monkeypatch, aligned(), line=LINE)
    assert found is not None
    assert found.drift == ClockDrift(3.6, 0.72, 5000.0 - 0.25 - 100.0)
    assert found.offset_s == 100.75
    # No offset is known to less than a tenth of a second.
    assert found.uncertainty_s == 0.1
    assert found.reason.endswith(
        "its track shows that it gains 3.60 s an hour, within 0.72 s; this drift is corrected"
    )
    assert (found.has_drift, found.shifts_times) == (True, True)
    # Of a clock that states UTC, whose offset is 0, as well.
    utc = refined(monkeypatch, aligned(method="utc", offset_s=0.0), 0.0, line=LINE)
    assert utc is not None
    assert utc.drift == ClockDrift(3.6, 0.72, 5000.0)
    assert (utc.method, utc.offset_s, utc.uncertainty_s) == ("track", 0.5, 0.1)


def test_a_drift_below_its_error_is_none_within_both(monkeypatch: pytest.MonkeyPatch) -> None:
    line = replace(LINE, slope=-0.0002)
    assert not line.is_significant
    assert replace(LINE, slope=-0.000201).is_significant
    found = refined(monkeypatch, aligned(), line=line)
    assert found is not None
    assert found.drift == ClockDrift(0.0, 1.44, 4899.75)
    assert not found.has_drift


def test_an_offset_that_changes_unevenly_is_no_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    found = refined(monkeypatch, aligned(), line=replace(LINE, is_steady=False))
    assert found is not None
    assert (found.drift, found.offset_s) == (None, 100.25)
    assert found.reason == "its offset changes unevenly during the flight; no drift is corrected"


def test_a_drift_that_is_corrected_already_is_not_sought_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = aligned(drift=ClockDrift(1.0, 0.1, 0.0))
    found = refined(monkeypatch, known, line=LINE)
    assert found is not None
    assert found.drift == known.drift


@pytest.mark.parametrize(
    ("offset_s", "drift", "shifts"),
    [
        (0.0, None, False), (None, None, False), (1.0, None, True),
        (0.0, ClockDrift(0.0, 0.1, 0.0), False), (0.0, ClockDrift(0.5, 0.1, 0.0), True),
    ],
)  # fmt: skip
def test_an_offset_or_a_drift_shifts_times(
    offset_s: float | None, drift: ClockDrift | None, shifts: bool
) -> None:
    assert aligned(offset_s=offset_s, drift=drift).shifts_times == shifts


# Tracks


def test_of_a_run_of_offsets_as_good_as_the_best_the_centre_is_taken() -> None:
    offsets = np.arange(7.0)
    cost = np.array([0.0, 9.0, 0.55, 0.5, 0.6, 0.61, 0.5])
    # The best is alone.
    assert _centre_of_best_time_offsets(offsets, cost, 0.1) == 0.0
    cost[0] = 9.0
    # From 2 to 4; what is as good beyond a worse one is another run.
    assert _centre_of_best_time_offsets(offsets, cost, 0.1) == 3.0
    # A run may begin with the first offset.
    assert _centre_of_best_time_offsets(offsets[:3], np.array([0.55, 0.5, 9.0]), 0.1) == 0.5
    cost[5:] = (0.6, 0.4)
    assert _centre_of_best_time_offsets(offsets, cost, 0.1) == 6.0
    assert _centre_of_best_time_offsets(offsets, cost, 0.2) == 4.0


@pytest.mark.parametrize("offset_s", [-37.3, 12.0])
def test_only_the_offsets_given_are_tried_whichever_track_is_longer(offset_s: float) -> None:
    long = wave(np.arange(0.0, 400.0))
    short = wave(np.arange(100.0, 300.0)).shifted(-offset_s)
    for offsets in (offset_s + np.array([0.0, 0.1]), offset_s + np.arange(-30.0, 5.0, 2.5)):
        one = align_tracks(short, long, offsets, 96)
        other = align_tracks(long, short, -offsets[::-1], 96)
        assert one is not None
        assert other is not None
        assert one.offset_s == pytest.approx(offset_s, abs=0.05)
        assert other.offset_s == pytest.approx(-offset_s, abs=0.05)


@pytest.mark.parametrize(("reach_m", "is_informative"), [(3.7, True), (3.0, False)])
def test_a_way_shows_a_time_where_it_is_three_steps_of_the_coarser_track(
    reach_m: float, is_informative: bool
) -> None:
    """The one has steps of a hundred-thousandth of a degree, 1.1 m; the other of millimetres."""
    seconds = np.arange(0.0, 100.0, 0.05)
    latitude = 50 + reach_m / 2 * np.sin(seconds / 10) / DEGREE_M
    nothing = np.full(len(seconds), np.nan)
    fine = TimedTrack(seconds, latitude, np.full(len(seconds), -4.0), nothing)
    coarse = replace(fine, latitude_deg=np.round(latitude, 5))
    for one, other in ((fine, coarse), (coarse, fine)):
        fit = align_tracks(one, other, np.array([0.0]), 2000)
        assert fit is not None
        assert fit.is_informative == is_informative


@pytest.mark.parametrize(("fixes", "is_fitted"), [(1, False), (2, True)])
def test_two_fixes_are_a_track(fixes: int, is_fitted: bool) -> None:
    long, short = swing(np.arange(100.0)), swing(np.arange(10.0, 10.0 + fixes))
    offsets = np.arange(-2.0, 2.5, 0.5)
    assert (align_tracks(short, long, offsets, 96) is not None) == is_fitted
    assert (align_tracks(long, short, offsets, 96) is not None) == is_fitted
    assert align_tracks(long, long, np.empty(0), 96) is None


def test_of_a_height_half_of_the_difference_counts() -> None:
    """Two tracks 6 m apart in height and 4 m over the ground."""
    seconds = np.arange(100.0)
    one = replace(swing(seconds), height_m=np.full(100, 30.0))
    other = replace(swing(seconds, 4.0), height_m=np.full(100, 36.0))
    fit = align_tracks(one, other, np.array([0.0]), 96)
    assert fit is not None
    # What is stated is over the ground.
    assert fit.distance_m == pytest.approx(4.0, abs=0.05)
    assert median_distance_m(one, other, 0.0) == pytest.approx(4.0, abs=0.05)
    # 5 m with half the height, so that 20 m of way are needed.
    assert fit.is_informative


@pytest.mark.parametrize(("reach_m", "is_informative"), [(20.5, True), (19.5, False)])
def test_a_way_shows_a_time_where_it_is_four_times_as_long_as_the_tracks_are_apart(
    reach_m: float, is_informative: bool
) -> None:
    """Half of 6 m in height and 4 m over the ground are 5 m."""
    seconds = np.arange(0.0, 100.0, 0.01)
    north = reach_m / 2 * np.sin(seconds / 10)
    east = np.full(len(seconds), -4.0)
    one = TimedTrack(seconds, 50 + north / DEGREE_M, east, np.full(len(seconds), 30.0))
    other = TimedTrack(
        seconds, 50 + north / DEGREE_M, east + 4 / 71_696.0, np.full(len(seconds), 36.0)
    )
    fit = align_tracks(one, other, np.array([0.0]), 96)
    assert fit is not None
    assert fit.is_informative == is_informative


@pytest.mark.parametrize(
    ("speed_mps", "away_m", "uncertainty_s"),
    [
        # Tracks that lie on one another are as near within 0.1 m ...
        (0.182, 0.0, 0.5), (0.165, 0.0, 0.6),
        # ... or within a twentieth of a way that is shorter than two metres.
        (0.0101, 0.0, 5.0), (0.0099, 0.0, 5.0),
        # 5 m apart they are as near within 1.15 times that, and a metre: 4.53 m along the way.
        (0.95, 5.0, 4.0), (0.90, 5.0, 5.0),
        # Apart by half a metre, half a metre more: 0.95 m along the way.
        (0.31, 0.5, 3.0), (0.33, 0.5, 2.0),
        # A time shift is known to a tenth of a second at best.
        (10.0, 0.0, 0.1),
    ],
)  # fmt: skip
def test_a_time_shift_is_known_to_the_offsets_that_match_as_well(
    speed_mps: float, away_m: float, uncertainty_s: float
) -> None:
    """A way north at an even speed, of 100 s; offsets of whole seconds, and tenths near it."""

    def north(first: float, last: float, east_m: float) -> TimedTrack:
        seconds = np.arange(first, last + 1)
        nothing = np.full(len(seconds), np.nan)
        east = np.full(len(seconds), -4 + east_m / 71_696.0)
        return TimedTrack(seconds, 50 + speed_mps * seconds / DEGREE_M, east, nothing)

    fit = align_tracks(
        north(0.0, 100.0, away_m), north(-50.0, 150.0, 0.0), np.arange(-10.0, 11.0), 2000
    )
    assert fit is not None
    assert fit.offset_s == pytest.approx(0.0, abs=0.02)
    assert fit.uncertainty_s == pytest.approx(uncertainty_s, abs=0.021)


def test_tracks_that_follow_one_another_are_one() -> None:
    one, two = swing(np.arange(3.0)), swing(np.arange(5.0, 7.0))
    both = concatenate_tracks([one, two])
    assert both.seconds.tolist() == [0, 1, 2, 5, 6]
    assert (both.start, both.end, len(both)) == (0, 6, 5)
    assert both.latitude_deg.tolist() == [*one.latitude_deg, *two.latitude_deg]


def test_the_step_of_positions_is_the_lowest_tenth_of_their_steps() -> None:
    """Of twenty steps, two are of rounding and do not count; equal positions are no step."""
    steps = np.array([0.1, 0.2, *[1.0] * 18]) * 1e-5
    latitude = 50 + np.concatenate([[0.0, 0.0], np.cumsum(steps)])
    count = len(latitude)
    track = TimedTrack(np.arange(float(count)), latitude, np.full(count, -4.0), np.full(count, 0.0))
    assert track.position_resolution_m == pytest.approx(1.112, abs=0.002)
    still = TimedTrack(np.arange(2.0), np.full(2, 50.0), np.full(2, -4.0), np.zeros(2))
    assert still.position_resolution_m == 0.0

"""The numbers that decide which logs are one flight: each holds at its limit and not beyond."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from dji_audit.flights._model import LogToFlightMatch
from dji_audit.flights._serial_numbers import is_same_serial_number, normalised_serial
from dji_audit.flights.clock._clock_alignment_result import ClockAlignment, ClockDrift
from dji_audit.flights.clock._clock_drift import fit_drift_line
from dji_audit.flights.clock._track_alignment import TimedTrack, align_tracks, median_distance_m
from dji_audit.flights.join._align_local_clocks import (
    _offset_grid_of_each_time_zone_with_overlap,
    _time_span_overlap_share,
    format_utc_offset,
    nearest_utc_offset_s,
)
from dji_audit.flights.join._camera_clock_offsets import (
    CameraClockComparisonsWithUtc,
    CameraClockLeadOverUtc,
    camera_clock_by_key,
    utc_alignments_by_files_of_same_camera,
)
from dji_audit.flights.join._file_number_gaps import find_file_number_gaps_by_flight_id
from dji_audit.flights.join._flight_assembly import (
    AlternativeAlignment,
    FlightCandidate,
    flight_candidate_from_log,
    time_windows_of_flights_in_one_log,
)
from dji_audit.flights.join._flight_index import FlightIndex
from dji_audit.flights.join._join_media import (
    _alignments_agree,
    _CandidateAlignmentOfMediaFile,
    _is_during_flight,
)
from dji_audit.flights.join._log_summary import LogSummary
from dji_audit.flights.join._match_score import (
    _moving_fixes_of_track,
    is_same_flight,
    logs_have_same_serial_number,
    score_match,
    time_overlap_share,
    track_distance_limit_m,
)
from dji_audit.flights.join._source_priority import (
    clock_quality_sort_key,
    joining_sort_key,
    log_indices_by_source_priority,
)
from dji_audit.flights.merge._conflict_sentences import UTC_CLOCK_OFF, describe_conflict, join_names
from dji_audit.flights.merge._identity_disagreements import is_same_model_name
from dji_audit.geo.geodesy import approximate_ground_distances_m

HOUR = 3600.0


def straight(
    seconds: Sequence[float], *, east_m: float = 0.0, step_deg: float = 1e-7, north_m: float = 0.0
) -> TimedTrack:
    """Return a way north at 10 m/s along a meridian, written in steps of some size."""
    times = np.asarray(seconds, np.float64)
    latitude = 50 + (10 * (times - times[0]) + north_m) / 111_229.0 if len(times) else times
    latitude = np.round(latitude / step_deg) * step_deg
    return TimedTrack(
        times, latitude, np.full(len(times), -4 + east_m / 71_696.0), np.full(len(times), np.nan)
    )


def summary(start: float | None = 0.0, end: float | None = 100.0, **more: Any) -> LogSummary:
    """Return the summary of a log in UTC, without a track unless one is given."""
    values: dict[str, Any] = {
        "log_index": 0, "segment_number": 1, "id": "a-1", "name": "a", "format": "made-by-hand",
        "is_media": False, "is_export": False, "clock_kind": "utc", "start": start, "end": end,
        "track": straight([]), "serials": frozenset(), "camera_serial": None,
        "wall_clock_lead_s": None, "uncertainty_s": None, "clock_source": None,
        "by_satellite": False, "power_on": None, "records_sha256": None, "log_number": None,
        "column_count": 1, "fix_count": 0, "shows_takeoff": False,
    }  # fmt: skip
    return LogSummary(**(values | more))


def flight(**more: Any) -> FlightCandidate:
    return flight_candidate_from_log(summary(**more))


A1, B2 = frozenset({"A1"}), frozenset({"B2"})


@pytest.mark.parametrize(
    ("serials", "times", "distance_m", "power_on", "score"),
    [
        ((A1, A1), False, None, None, 0.667),
        ((A1, B2), False, None, None, 0.0),
        ((A1, frozenset()), True, None, None, 0.667),
        ((A1, A1), True, None, None, 0.833),
        ((A1, A1), True, 0.0, None, 1.0),
        ((A1, B2), True, 0.0, None, 0.75),
        ((A1, A1), True, 5.0, None, 1.0),
        ((A1, A1), True, 7.5, None, 0.75),
        ((A1, A1), True, 10.0, None, 0.5),
        ((A1, A1), True, 80.0, None, 0.5),
        ((A1, A1), True, None, 3.0, 1.0),
        ((A1, A1), True, None, 3.01, 0.667),
    ],
)
def test_a_score_weighs_what_is_known(
    serials: tuple[frozenset[str], frozenset[str]],
    times: bool,
    distance_m: float | None,
    power_on: float | None,
    score: float,
) -> None:
    bounds = (0.0, 100.0) if times else (None, None)
    powered = (None, None) if power_on is None else (1000.0, 1000.0 + power_on)
    one = summary(*bounds, serials=serials[0], power_on=powered[0])
    other = summary(*bounds, serials=serials[1], power_on=powered[1])
    match = score_match(one, other, 0.0, distance_m)
    assert match.score == pytest.approx(score, abs=5e-4)
    assert match.power_on_difference_s == power_on


@pytest.mark.parametrize(
    ("match", "is_same"),
    [
        (LogToFlightMatch(True, 1.0, 1.0, None, 0.6), True),
        (LogToFlightMatch(True, 1.0, 1.0, None, 0.599), False),
        (LogToFlightMatch(True, 0.3, 1.0, None, 0.9), True),
        (LogToFlightMatch(True, 0.299, 1.0, None, 0.9), False),
        (LogToFlightMatch(True, 1.0, 40.0, None, 0.9), True),
        (LogToFlightMatch(True, 1.0, 40.01, None, 0.9), False),
        (LogToFlightMatch(True, None, None, None, 0.9), True),
        (LogToFlightMatch(None, 1.0, None, None, 0.9), False),
        (LogToFlightMatch(None, 1.0, 10.0, None, 0.9), True),
        (LogToFlightMatch(None, 1.0, 10.01, None, 0.9), False),
        (LogToFlightMatch(False, 1.0, 1.0, None, 0.9, 3.0), True),
        (LogToFlightMatch(False, 1.0, 1.0, None, 0.9, 3.01), False),
        (LogToFlightMatch(False, 1.0, 1.0, None, 0.9, None), False),
        (LogToFlightMatch(False, 1.0, None, None, 0.9), False),
    ],
)
def test_a_match_makes_one_flight_up_to_its_limits(match: LogToFlightMatch, is_same: bool) -> None:
    one = summary(track=straight(np.arange(0, 0.5, 0.05).tolist()))
    assert is_same_flight(match, one, one) is is_same


def test_serials_that_contradict_are_overruled_by_ten_fixes_and_not_by_nine() -> None:
    """The last fix of a track shows no motion of its own."""
    eleven, ten = (summary(serials=A1, track=straight(range(count))) for count in (11, 10))
    other = summary(serials=B2, track=straight(range(11)))
    assert score_match(eleven, other, 0.0).moving_distance_m == 0.0
    assert score_match(ten, other, 0.0).moving_distance_m is None


def test_aircraft_parked_side_by_side_are_two() -> None:
    def parked(north_m: float, serials: frozenset[str]) -> LogSummary:
        track = straight(range(60), north_m=north_m)
        first = np.full(60, track.latitude_deg[0])
        still = TimedTrack(track.seconds, first, track.longitude_deg, track.height_m)
        return summary(0.0, 60.0, serials=serials, track=still)

    one, other = parked(0.0, A1), parked(2.0, B2)
    match = score_match(one, other, 0.0)
    assert match.distance_m == pytest.approx(2.0, abs=0.1)
    assert not is_same_flight(match, one, other)
    # One that flies away is no more of the same flight.
    flown = summary(0.0, 60.0, serials=B2, track=straight(range(60)))
    assert not is_same_flight(score_match(one, flown, 0.0), one, flown)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("1581F5FKD229K00A0001ABCD", "1581F5FKD229K00A0001", True),
        ("03z0887958\0garbage", "03Z0887958", True),
        ("03Z0887958", "03Z0887959", False), ("A1", "A12", False),
        ("ABC", "ABCDEF", False), ("1ZNBJ8K00C", "1ZNBJ8K00C00QX", True),
        ("1ZNBJ8K00", "1ZNBJ8K00C00QX", False), ("1ZNBJ8K00", "1ZNBJ8K00", True),
        ("1ZNBJ8K00D", "1ZNBJ8K00C00QX", False), ("1581F5BKD228J00B", "1581F5BKD228J00C", False),
    ],
)  # fmt: skip
def test_a_serial_number_cut_short_or_padded_is_the_same(
    one: str, other: str, is_same: bool
) -> None:
    assert normalised_serial(f" {one.lower()}\0rest") == normalised_serial(one)
    a, b = (frozenset({normalised_serial(it)}) for it in (one, other))
    (of_one,), (of_other,) = a, b
    assert is_same_serial_number(of_one, of_other) == is_same
    assert is_same_serial_number(of_other, of_one) == is_same
    assert logs_have_same_serial_number(summary(serials=a), summary(serials=b)) is is_same
    assert (
        bool(summary(serials=a).serial_prefix_keys & summary(serials=b).serial_prefix_keys)
        or not is_same
    )


@pytest.mark.parametrize(("step_deg", "limit_m"), [(1e-6, 5.0), (0.8e-5, 5.0), (1.2e-5, 15.0)])
def test_tracks_in_steps_of_more_than_a_metre_may_lie_farther_apart(
    step_deg: float, limit_m: float
) -> None:
    fine = summary(track=straight(np.arange(0, 100, 0.05).tolist()))
    coarse = summary(track=straight(np.arange(0, 100, 0.05).tolist(), step_deg=step_deg))
    assert track_distance_limit_m(fine, coarse) == track_distance_limit_m(coarse, fine) == limit_m


@pytest.mark.parametrize(
    ("bounds", "offset_s", "overlap"),
    [
        ((0.0, 100.0), 0.0, 1.0),
        ((50.0, 150.0), 0.0, 0.5),
        ((50.0, 150.0), -25.0, 0.75),
        ((90.0, 110.0), 0.0, 0.5),
        ((20.0, 30.0), 0.0, 1.0),
        ((200.0, 300.0), 0.0, 0.0),
        ((100.0, 100.0), 0.0, 1.0),
        ((100.1, 100.1), 0.0, 0.0),
        ((None, 100.0), 0.0, None),
    ],
)
def test_the_overlap_is_the_part_of_the_shorter(
    bounds: tuple[float | None, float], offset_s: float, overlap: float | None
) -> None:
    assert time_overlap_share(summary(*bounds), summary(0.0, 100.0), offset_s) == overlap


def test_a_video_agrees_and_does_not_contradict_by_its_serial_number() -> None:
    video = summary(serials=A1, format="video")
    assert logs_have_same_serial_number(video, summary(serials=A1)) is True
    assert logs_have_same_serial_number(video, summary(serials=B2)) is None
    assert logs_have_same_serial_number(summary(serials=B2), summary(serials=A1)) is False
    assert logs_have_same_serial_number(summary(), summary(serials=A1)) is None


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [(160.0, 170.0, True), (160.1, 170.0, False), (-80.0, -60.0, True), (-80.0, -60.1, False)],
)
def test_a_capture_may_lie_a_minute_outside_its_flight(
    start: float, end: float, inside: bool
) -> None:
    assert _is_during_flight(summary(start, end), flight(), 0.0) is inside
    assert _is_during_flight(summary(start - 7, end - 7), flight(), 7.0) is inside
    assert not _is_during_flight(summary(None, None), flight(), 0.0)


@pytest.mark.parametrize(("offset_s", "agree"), [(5.0, True), (5.01, False), (-5.0, True)])
def test_alignments_agree_within_their_errors_and_two_seconds(offset_s: float, agree: bool) -> None:
    one = AlternativeAlignment("utc", 0.0, 1.0, "", None)
    assert _alignments_agree(one, AlternativeAlignment("track", offset_s, 2.0, "", None)) is agree


@pytest.mark.parametrize(
    ("lead_s", "timezone_s"),
    [
        (0.0, 0.0), (120.0, 0.0), (120.5, None), (-120.0, 0.0), (-121.0, None),
        (5.75 * HOUR + 90, 5.75 * HOUR), (14 * HOUR, 14 * HOUR), (14.25 * HOUR, None),
        (-12 * HOUR, -12 * HOUR), (-12.25 * HOUR, None), (780.0, 900.0), (779.0, None),
    ],
)  # fmt: skip
def test_a_time_zone_is_a_quarter_of_an_hour_within_two_minutes(
    lead_s: float, timezone_s: float | None
) -> None:
    assert nearest_utc_offset_s(lead_s) == timezone_s


def test_time_zones_in_words() -> None:
    assert format_utc_offset(0.0) == "UTC+00:00"
    assert format_utc_offset(5.75 * HOUR) == "UTC+05:45"
    assert format_utc_offset(-9.5 * HOUR) == "UTC-09:30"


def test_the_similarity_of_spans_is_what_they_share_of_what_they_cover() -> None:
    reference = summary(0.0, 100.0)
    assert _time_span_overlap_share(summary(HOUR, HOUR + 100), reference, HOUR) == 1.0
    assert _time_span_overlap_share(summary(25.0, 125.0), reference, 0.0) == pytest.approx(0.6)
    assert _time_span_overlap_share(summary(-10.0, 90.0), reference, 0.0) == pytest.approx(90 / 110)
    assert _time_span_overlap_share(summary(200.0, 300.0), reference, 0.0) == 0.0
    assert _time_span_overlap_share(summary(None, 1.0), reference, 0.0) == 0.0
    assert _time_span_overlap_share(summary(5.0, 5.0), summary(5.0, 5.0), 0.0) == 0.0


@pytest.mark.parametrize(("gap", "is_named"), [(1, False), (2, True), (50, True), (51, False)])
def test_a_gap_of_up_to_fifty_numbers_is_named(gap: int, is_named: bool) -> None:
    flights = [
        flight(id="a-1", log_number=10, serials=A1),
        flight(start=200.0, end=300.0, id="b-1", log_number=10 + gap, serials=A1, log_index=1),
        flight(start=400.0, end=500.0, id="c-1", log_number=10 + gap + 1, serials=A1),
    ]
    gaps = find_file_number_gaps_by_flight_id(flights)
    if not is_named:
        assert gaps == {}
        return
    ((found,),) = gaps.values()
    missing = "11" if gap == 2 else f"11 to {10 + gap - 1}"
    assert list(gaps) == ["b-1"]
    assert (found.kind, found.log_index) == ("log_number", 1)
    assert found.text.endswith(f"number 10; none of these logs has number {missing}")


@pytest.mark.parametrize(("gap", "is_named"), [(1, False), (2, True), (50, True), (51, False)])
def test_a_gap_in_the_files_of_a_folder_is_named(gap: int, is_named: bool) -> None:
    one = flight(id="a-1")
    for number, folder in ((7, "x"), (7 + gap, "x"), (500, "y")):
        file = summary(name=f"{folder}/DJI_{number:04}.JPG", is_media=True, log_index=number)
        one.add_log_segment(file, flight_candidate_from_log(file).members[0])
    gaps = find_file_number_gaps_by_flight_id([one])
    assert bool(gaps) is is_named
    if is_named:
        ((found,),) = gaps.values()
        assert (found.kind, found.log_index) == ("media_number", 7 + gap)
        assert found.text.startswith(f"x/DJI_{7 + gap:04}.JPG follows x/DJI_0007.JPG")


def test_the_first_source_covers_four_fifths_of_the_longest() -> None:
    longest = summary(name="a", track=straight(range(0, 101)), column_count=1)
    enough = summary(name="b", track=straight(range(0, 81)), column_count=9)
    less = summary(name="c", track=straight(range(0, 80)), column_count=9)
    assert log_indices_by_source_priority([longest, enough], frozenset()) == [0, 1]
    close = summary(name="d", track=straight(range(0, 98)), column_count=9)
    # Durations that round to the same ten seconds are alike.
    assert log_indices_by_source_priority([longest, close], frozenset()) == [1, 0]
    media = summary(name="e", track=straight(range(0, 101)), is_media=True, column_count=20)
    assert log_indices_by_source_priority([media, enough], frozenset()) == [1, 0]
    assert log_indices_by_source_priority([media, less], frozenset()) == [0, 1]
    export = summary(name="f", track=straight(range(0, 101)), is_export=True, column_count=20)
    assert log_indices_by_source_priority([export, longest], frozenset()) == [1, 0]
    # One that spans several flights bounds none.
    assert log_indices_by_source_priority([longest, less], frozenset({0})) == [1, 0]
    point = summary(name="g", track=straight([0]), column_count=30)
    assert log_indices_by_source_priority([point, less], frozenset()) == [1, 0]


def test_the_order_of_joining_and_the_quality_of_clocks() -> None:
    plain = summary(track=straight(range(2)))
    assert joining_sort_key(plain) < joining_sort_key(
        summary(track=straight(range(2)), is_export=True)
    )
    assert joining_sort_key(plain) < joining_sort_key(summary(track=straight([0])))
    assert joining_sort_key(
        summary(track=straight(range(2)), shows_takeoff=True)
    ) < joining_sort_key(plain)
    assert joining_sort_key(plain) < joining_sort_key(summary(clock_kind="wall"))
    assert joining_sort_key(plain) < joining_sort_key(summary(is_media=True))
    fewer = summary(track=straight(range(2)), column_count=0)
    assert joining_sort_key(plain) < joining_sort_key(fewer)
    satellite = summary(by_satellite=True)
    known = summary(uncertainty_s=0.1, track=straight(range(2)))
    assert (
        clock_quality_sort_key(satellite)
        < clock_quality_sort_key(known)
        < clock_quality_sort_key(plain)
    )
    assert clock_quality_sort_key(plain) < clock_quality_sort_key(summary(track=straight([0])))


def test_flights_that_overlap_in_time_share_no_log() -> None:
    one, two = flight(start=0.0, end=100.0), flight(start=200.0, end=300.0)
    assert time_windows_of_flights_in_one_log([two, one], [0.0, 10.0]) == [
        (145.0, None),
        (None, 145.0),
    ]
    assert (
        time_windows_of_flights_in_one_log([one, flight(start=100.0, end=300.0)], [0.0, 0.0])
        is not None
    )
    assert (
        time_windows_of_flights_in_one_log([one, flight(start=99.0, end=300.0)], [0.0, 0.0]) is None
    )


@pytest.mark.parametrize(
    ("start", "end", "is_found"),
    [
        (0.0, 1.0, True),
        (1048.0, 1060.0, True),
        (1051.0, 1060.0, False),
        (-170.0, -149.0, True),
        (-170.0, -151.0, False),
    ],
)
def test_flights_of_a_serial_number_are_found_by_time(
    start: float, end: float, is_found: bool
) -> None:
    # The index has cells of 900 s, and clocks may be off by 150 s.
    index, base = FlightIndex(), 900.0 * 1_000_000
    known = flight(start=base, end=base + 899.0, serials=A1)
    index.add_flight(known)
    asked = summary(base + start, base + end, serials=A1, log_index=1)
    assert (index.candidates_near_in_time_and_place(asked, 0.0) == [known]) is is_found
    late = summary(base + start - 60, base + end - 60, serials=A1, log_index=1)
    assert (index.candidates_near_in_time_and_place(late, 60.0) == [known]) is is_found
    # A flight is none of its own log's other flights.
    same_log = summary(base, base + 1.0, serials=A1, log_index=0)
    assert index.candidates_near_in_time_and_place(same_log, 0.0) == []


def test_flights_are_found_by_half_of_their_track_within_two_days() -> None:
    day = 86_400.0
    base = 20_000 * day + 1000
    index = FlightIndex()
    known = flight_candidate_from_log(
        summary(base, base + 100, track=straight(np.arange(base, base + 101).tolist()))
    )
    index.add_flight(known)

    def asked(days: float, kind: str, north_m: float = 0.0) -> LogSummary:
        start = base + days * day
        track = straight(np.arange(start, start + 101).tolist(), north_m=north_m)
        return summary(start, start + 100, clock_kind=kind, track=track, log_index=1)

    assert index.candidates_near_track(asked(2.0, "wall")) == [known]
    assert index.candidates_near_track(asked(3.0, "wall")) == []
    assert index.candidates_near_track(asked(300.0, "elapsed")) == [known]
    assert index.candidates_near_track(asked(0.0, "wall", north_m=400.0)) == [known]
    assert index.candidates_near_track(asked(0.0, "wall", north_m=600.0)) == []


def compared(wall_s: float, lead_s: float = 3600.0, **more: Any) -> CameraClockLeadOverUtc:
    return CameraClockLeadOverUtc(summary(name=f"{wall_s:012.1f}", **more), wall_s, lead_s)


def test_a_comparison_of_clocks_counts_for_a_day() -> None:
    clock = CameraClockComparisonsWithUtc([compared(0.0), compared(400_000.0)])
    assert clock.nearest_offset(86_400.0) is not None
    assert clock.nearest_offset(86_401.0) is None
    near = clock.nearest_offset(400_100.0)
    assert near is not None
    assert near.wall_s == 400_000.0
    assert compared(0.0).uncertainty_s == 1.0
    assert compared(0.0, uncertainty_s=2.5).uncertainty_s == 2.5


@pytest.mark.parametrize(("pause_s", "is_one_run"), [(21_600.0, True), (21_601.0, False)])
def test_a_pause_of_six_hours_ends_a_run_of_comparisons(pause_s: float, is_one_run: bool) -> None:
    first = [60.0 * n for n in range(6)]
    walls = [*first, *(first[-1] + pause_s + 60.0 * n for n in range(6))]
    clock = CameraClockComparisonsWithUtc([compared(wall, 3600.0 + wall / 1000) for wall in walls])
    found = clock.drift_line_and_file_count(walls[2])
    assert (found is not None) is is_one_run
    if found is not None:
        assert found[1] == 12
        assert found[0].slope == pytest.approx(-1e-3)


def test_a_drift_line_needs_eight_offsets_of_which_three_quarters_agree() -> None:
    at = np.arange(12.0) * 60
    offsets = 2.0 - 1e-3 * at
    line = fit_drift_line(at, offsets, 0.01)
    assert line is not None
    assert (line.reference_s, line.offset_s) == pytest.approx((330.0, 1.67))
    assert line.slope == pytest.approx(-1e-3)
    # 4 standard errors of 0.01 s, widened for ten degrees of freedom.
    wide = 4 * (1 + 3.5 / 10) * 0.01
    assert line.offset_uncertainty_s == pytest.approx(wide / 12**0.5)
    assert line.slope_uncertainty == pytest.approx(wide / np.sqrt(((at - 330) ** 2).sum()))
    assert line.is_significant
    assert line.is_steady
    assert fit_drift_line(at[:8], offsets[:8], 0.01) is not None
    assert fit_drift_line(at[:7], offsets[:7], 0.01) is None
    assert fit_drift_line(np.zeros(9), np.zeros(9), 0.01) is None
    for outliers, is_line in ((3, True), (4, False)):
        odd = offsets.copy()
        odd[1 : 2 * outliers : 2] += 5.0
        assert (fit_drift_line(at, odd, 0.01) is not None) is is_line


def test_a_clock_that_was_set_is_not_steady() -> None:
    at = np.arange(40.0) * 60
    line = fit_drift_line(at, np.where(at < 1200, 0.0, 0.4), 0.01)
    assert line is not None
    assert not line.is_steady


def test_correlated_residuals_count_for_fewer() -> None:
    at = np.arange(40.0)
    slow = fit_drift_line(at, 0.1 * np.sin(at / 5), 0.001)
    fast = fit_drift_line(at, 0.1 * np.sin(at * 2.5), 0.001)
    assert slow is not None
    assert fast is not None
    assert slow.offset_uncertainty_s > 2 * fast.offset_uncertainty_s


def wave(seconds: np.ndarray, east_m: float = 0.0) -> TimedTrack:
    """Return a crooked way whose every second has its own position."""
    east = 200 * np.sin(seconds / 40) + 25 * np.sin(seconds / 9) + east_m
    north = 200 * np.cos(seconds / 40) + 3 * seconds
    return TimedTrack(
        seconds, 50 + north / 111_229.0, -4 + east / 71_696.0, np.full(len(seconds), 30.0)
    )


@pytest.mark.parametrize("offset_s", [-37.3, 0.0, 12.0])
@pytest.mark.parametrize("is_longer", [False, True])
def test_the_time_shift_of_two_tracks_is_found(offset_s: float, is_longer: bool) -> None:
    reference = wave(np.arange(0.0, 400.0))
    part = wave(np.arange(100.0, 300.0)).shifted(-offset_s)
    offsets = np.arange(-60.0, 61.0, 2.0)
    fit = align_tracks(part, reference, offsets, 96)
    if is_longer:
        swapped = align_tracks(reference, part, offsets, 96)
        assert swapped is not None
        assert swapped.offset_s == pytest.approx(-offset_s, abs=0.05)
    assert fit is not None
    assert fit.offset_s == pytest.approx(offset_s, abs=0.05)
    assert fit.uncertainty_s <= 0.3
    assert fit.distance_m < 0.3
    assert fit.is_informative
    assert median_distance_m(part, reference, fit.offset_s) < 0.5


@pytest.mark.parametrize(("first", "is_covered"), [(378.0, True), (381.0, False)])
def test_three_fifths_of_a_track_must_lie_within_the_other(first: float, is_covered: bool) -> None:
    reference = wave(np.arange(0.0, 501.0))
    part = wave(np.arange(first, first + 200.0))
    fit = align_tracks(part, reference, np.array([0.0]), 96)
    assert (fit is not None) is is_covered


@pytest.mark.parametrize(("east_m", "is_near"), [(55.0, True), (65.0, False)])
def test_tracks_sixty_metres_apart_are_of_two_flights(east_m: float, is_near: bool) -> None:
    reference = wave(np.arange(0.0, 500.0))
    aside = wave(np.arange(100.0, 300.0), east_m)
    fit = align_tracks(aside, reference, np.array([0.0]), 96)
    assert (fit is not None) is is_near


@pytest.mark.parametrize(("extent_m", "is_informative"), [(0.45, False), (0.6, True)])
def test_a_track_that_hardly_moves_shows_no_time(extent_m: float, is_informative: bool) -> None:
    seconds = np.arange(0.0, 100.0)
    latitude = 50 + extent_m / 2 * np.sin(seconds / 10) / 111_229.0
    track = TimedTrack(seconds, latitude, np.full(100, -4.0), np.full(100, np.nan))
    fit = align_tracks(track, track, np.arange(-10.0, 11.0), 96)
    assert fit is not None
    assert fit.is_informative is is_informative


def test_the_median_distance_is_the_least_within_the_uncertainty() -> None:
    reference = straight(range(200))
    track = straight(range(50, 100)).shifted(0.0)
    late = TimedTrack(track.seconds + 3, track.latitude_deg, track.longitude_deg, track.height_m)
    shifted = 10.0 * 50
    assert median_distance_m(track, reference, 0.0) == pytest.approx(shifted, rel=1e-3)
    assert median_distance_m(late, reference, -53.0) == pytest.approx(0.0, abs=0.05)
    assert median_distance_m(late, reference, -52.0, 0.5) == pytest.approx(5.0, abs=0.1)
    assert median_distance_m(late, reference, -52.0, 1.0) == pytest.approx(0.0, abs=0.1)
    assert np.isnan(median_distance_m(track, reference, 1000.0))
    assert np.isnan(median_distance_m(straight([]), reference, 0.0))


def test_a_track_is_thinned_evenly_with_its_ends() -> None:
    track = straight(range(101)).thinned_to(11)
    assert track.seconds.tolist() == list(range(0, 101, 10))
    assert straight(range(5)).thinned_to(5).seconds.tolist() == [0, 1, 2, 3, 4]


def test_a_drift_moves_times_in_proportion() -> None:
    drift = ClockDrift(3.6, 0.1, 1000.0)
    alignment = ClockAlignment(None, "track", 2.0, 0.1, drift=drift)
    own = np.array([1000, 2000, 0]) * 1_000_000_000
    assert ((alignment.aligned_ns(own) - own) / 1e9).tolist() == pytest.approx([2.0, 1.0, 3.0])
    assert drift.description == "gains 3.60 s an hour, within 0.10 s"
    assert ClockDrift(-0.5, 0.1, 0.0).description == "loses 0.50 s an hour, within 0.10 s"
    assert ClockDrift(0.0, 0.25, 0.0).description == "none, within 0.25 s an hour"


def test_a_sentence_names_four_logs_or_three_and_how_many_more() -> None:
    assert join_names(["a"]) == "a"
    assert join_names(["a", "b"]) == "a and b"
    assert join_names(list("abcd")) == "a, b, c and d"
    assert join_names(list("abcde")) == "a, b, c and 2 more"


@pytest.mark.parametrize(("difference", "words"), [(9.94, "9.9 s"), (10.0, "10 s"), (31.4, "31 s")])
def test_a_clock_that_is_off_by_ten_seconds_is_given_in_whole_ones(
    difference: float, words: str
) -> None:
    text = describe_conflict(UTC_CLOCK_OFF, {"side": "behind"}, "a", ["b"], difference, 1, 2)
    assert text == (
        f"the clock of b is {words} behind that of the flight, as the tracks show; "
        "2 further intervals"
    )


def test_models_are_the_same_apart_from_maker_and_short_forms() -> None:
    for one, other in (
        ("DJI Mavic 3", "mavic3"), ("Mavic 3", "Mavic 3T"), ("P4 ADV", "Phantom 4 Advanced"),
        ("P4P", "Phantom 4 Pro"), ("M600", "Matrice 600 Pro"), ("M30T", "Matrice 30T"),
        ("Matrice 30", "Matrice 30T"), ("Mini 3", "Mini 3 Pro"),
    ):  # fmt: skip
        assert is_same_model_name(one, other) is is_same_model_name(other, one) is True, (
            one,
            other,
        )
    for one, other in (
        ("Mavic 3", "Mini 3"), ("Matrice 30", "Matrice 300 RTK"), ("M30", "M300 RTK"),
        ("Matrice 30", "Matrice 300"), ("Matrice 3", "Matrice 300"),
    ):  # fmt: skip
        assert is_same_model_name(one, other) is is_same_model_name(other, one) is False, (
            one,
            other,
        )


def test_a_serial_number_has_no_filling() -> None:
    assert normalised_serial("1581f5bkd\0\0rest") == "1581F5BKD"
    assert normalised_serial(" 0ABC \0") == "0ABC"
    assert normalised_serial(" 1zn b\t2 ") == "1ZNB2"


def test_a_flight_lies_on_the_clock_that_its_offset_gives() -> None:
    moved = FlightCandidate(summary(10.0, 100.0), 5.0)
    assert (moved.start, moved.end) == (15.0, 105.0)
    assert (FlightCandidate(summary(), None).start, FlightCandidate(summary(), None).end) == (
        None,
        None,
    )


def test_only_the_time_zones_in_which_a_log_meets_a_flight_are_tried() -> None:
    reference = summary(0.0, 100.0)
    local = summary(5 * HOUR, 5 * HOUR + 50, clock_kind="wall")
    (offsets,) = _offset_grid_of_each_time_zone_with_overlap(local, reference)
    assert (offsets[0], offsets[-1], len(offsets)) == (-5 * HOUR - 120, -5 * HOUR + 120, 121)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        # A flight of 100 s and two minutes on either side lie within one zone or two.
        (5 * HOUR - 400, 5 * HOUR + 400, 1), (5 * HOUR - 400, 5 * HOUR + 800, 2),
        (5 * HOUR - 800, 5 * HOUR + 400, 2), (-5 * HOUR, -5 * HOUR + 50, 1),
        (86_400.0, 86_450.0, 0), (None, None, 0),
    ],
)  # fmt: skip
def test_few_time_zones_are_tried_for_a_log(
    start: float | None, end: float | None, count: int
) -> None:
    reference = summary(0.0, 100.0)
    assert len(_offset_grid_of_each_time_zone_with_overlap(summary(start, end), reference)) == count


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (220.0, 250.0, 1), (220.1, 250.0, 0), (-150.0, -120.0, 1), (-150.0, -120.1, 0),
        (0.0, 50.0, 1),
    ],
)  # fmt: skip
def test_a_zone_is_tried_in_which_a_log_lies_two_minutes_from_the_flight(
    start: float, end: float, count: int
) -> None:
    """The flight lasts from 0 to 100 s."""
    local = summary(5 * HOUR + start, 5 * HOUR + end, clock_kind="wall")
    assert len(_offset_grid_of_each_time_zone_with_overlap(local, summary(0.0, 100.0))) == count
    for unknown in (summary(None, 100.0), summary(0.0, None)):
        assert _offset_grid_of_each_time_zone_with_overlap(local, unknown) == []
        assert _offset_grid_of_each_time_zone_with_overlap(unknown, local) == []


@pytest.mark.parametrize(
    ("moving_m", "is_received", "is_same"),
    [(10.0, True, True), (10.01, True, False), (3.0, False, True), (3.01, False, False)],
)
def test_a_track_that_another_device_received_may_lie_ten_metres_away(
    moving_m: float, is_received: bool, is_same: bool
) -> None:
    own, other = summary(), summary(is_from_receiver=True) if is_received else summary()
    match = LogToFlightMatch(False, 1.0, 1.0, None, 0.9, moving_m)
    assert is_same_flight(match, own, other) is is_same
    assert is_same_flight(match, other, own) is is_same


def test_what_was_received_of_a_serial_number_is_of_its_flight_if_the_times_meet() -> None:
    received = summary(is_from_receiver=True)
    far = LogToFlightMatch(True, 0.001, 900.0, None, 0.1)
    assert is_same_flight(far, summary(), received)
    assert is_same_flight(far, received, summary())
    # Two logs of the aircraft itself must match better.
    one, other = summary(0.0, 100.0, serials=A1), summary(99.0, 200.0, serials=A1)
    match = score_match(one, other, 0.0)
    assert (match.serials_agree, match.overlap) == (True, 0.01)
    assert not is_same_flight(match, one, other)
    assert is_same_flight(match, one, summary(99.0, 200.0, serials=A1, is_from_receiver=True))
    apart = LogToFlightMatch(True, 0.0, 900.0, None, 0.1)
    assert not is_same_flight(apart, summary(), received)
    unknown = LogToFlightMatch(True, None, 900.0, None, 0.1)
    assert not is_same_flight(unknown, summary(), received)


@pytest.mark.parametrize(("slower_s", "count"), [(0.0, 1), (0.001, 0), (-0.001, 1)])
def test_a_fix_moves_from_one_metre_a_second_on(slower_s: float, count: int) -> None:
    """As many seconds pass as metres lie between the two fixes, or a few more or less."""
    way = straight([0.0, 1.0])
    latitude, longitude = way.latitude_deg, way.longitude_deg
    (step_m,) = approximate_ground_distances_m(
        latitude[:1], longitude[:1], latitude[1:], longitude[1:]
    )
    track = TimedTrack(np.array([0.0, step_m + slower_s]), latitude, longitude, way.height_m)
    moving = _moving_fixes_of_track(track)
    # The last fix shows no motion of its own.
    assert moving.latitude_deg.tolist() == latitude[:count].tolist()
    one = straight([0.0])
    assert _moving_fixes_of_track(one) is one


def test_a_log_that_lacks_an_end_of_its_time_is_near_no_flight() -> None:
    index = FlightIndex()
    known = flight(log_index=1, serials=A1)
    index.add_flight(known)
    for start, end, found in ((0.0, 100.0, [known]), (None, 100.0, []), (0.0, None, [])):
        asked = summary(start, end, serials=A1)
        assert index.candidates_near_in_time_and_place(asked, 0.0) == found
    index.close()


def test_a_file_without_a_time_takes_the_comparison_at_nought() -> None:
    """By the clock of the camera that comparison was a day before."""
    media = [
        summary(-90_000.0, -86_400.0, wall_clock_lead_s=3600.0, camera_serial="C1",
                name="DJI_0001.JPG", is_media=True, log_index=7),
    ]  # fmt: skip
    clocks = camera_clock_by_key(media)
    untimed = summary(None, None, camera_serial="C1", name="DJI_0009.JPG", is_media=True)
    ((alignment, shown_by),) = utc_alignments_by_files_of_same_camera(untimed, clocks)
    assert (alignment.offset_s, alignment.method, shown_by) == (-3600.0, "same_camera", 7)
    later = summary(0.0, 0.0, camera_serial="C1", name="DJI_0009.JPG", is_media=True)
    assert len(utc_alignments_by_files_of_same_camera(later, clocks)) == 1
    latest = summary(1.0, 1.0, camera_serial="C1", name="DJI_0009.JPG", is_media=True)
    assert not utc_alignments_by_files_of_same_camera(latest, clocks)


def test_an_alignment_that_was_not_used_states_nought_for_what_is_not_known() -> None:
    def shown(offset_s: float | None, uncertainty_s: float | None) -> AlternativeAlignment:
        alignment = ClockAlignment("EXIF", "same_camera", offset_s, uncertainty_s, None, "why")
        return _CandidateAlignmentOfMediaFile(alignment, 3, None, None).as_alternative_alignment

    assert shown(None, None) == AlternativeAlignment("same_camera", 0.0, 0.0, "why", 3)
    assert shown(-9.0, 0.5) == AlternativeAlignment("same_camera", -9.0, 0.5, "why", 3)

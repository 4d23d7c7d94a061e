"""Where two logs, clocks or contradictions stop to be one: each number from both sides."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import parsers
from dji_audit.flights import assemble_flights
from dji_audit.flights._model import LogToFlightMatch, ValueInLog
from dji_audit.flights._split_logs import all_receiver_format_names
from dji_audit.flights.clock._clock_drift import DriftLine
from dji_audit.flights.clock._track_alignment import (
    TimedTrack,
    TrackTimeShift,
    _distance_and_overlap_at_each_offset,
)
from dji_audit.flights.join._align_local_clocks import (
    _alignment_by_track,
    _candidate_overlaps_time,
    _summary_of_flights_of_one_log,
    _time_shift_of_local_tracks,
    _timezone_match_alignment_by_start_and_end,
    match_flight_by_local_clock,
    utc_offsets_of_timezone_at_local_time_s,
)
from dji_audit.flights.join._camera_clock_offsets import (
    CameraClockComparisonsWithUtc,
    CameraClockLeadOverUtc,
    _align_by_camera_clock_drift,
    _timezone_and_clock_error_text,
)
from dji_audit.flights.join._file_number_gaps import find_file_number_gaps_by_flight_id
from dji_audit.flights.join._flight_assembly import (
    FlightCandidate,
    time_windows_of_flights_in_one_log,
)
from dji_audit.flights.join._flight_index import FlightIndex
from dji_audit.flights.join._grid_cells import add_neighbouring_grid_cells, grid_cell_of_each_fix
from dji_audit.flights.join._join_logs import _alignment_of_log_whose_clock_is_utc, join_logs
from dji_audit.flights.join._lifetime_totals_of_next_logs import (
    find_next_log_lifetime_totals_by_flight_index,
)
from dji_audit.flights.join._log_summary import summarise_each_part_of_log
from dji_audit.flights.join._match_score import (
    are_two_vehicles_of_one_file,
    is_same_flight,
    time_overlap_share,
)
from dji_audit.flights.join._source_priority import log_indices_by_source_priority
from dji_audit.flights.merge._conflict_groups import ConflictOfTwoLogs, group_conflicts
from dji_audit.flights.merge._conflict_sentences import TRACK_DISTANCE
from dji_audit.flights.merge._disagreements import POSITION_ERROR_M
from tests.dji_audit.conftest import MakeLog
from tests.dji_audit.flights.test_thresholds import flight, straight, summary, wave

HOUR = 3600.0
A1 = frozenset({"A1"})

# Distances of tracks


@pytest.mark.parametrize(
    ("offset_s", "median_m", "covered"),
    [
        (0.0, 15.0, 1.0), (1.0, 20.0, 0.75), (2.0, 25.0, 0.5), (3.0, 30.0, 0.25),
        (-1.0, 10.0, 0.75), (-3.0, 0.0, 0.25), (3.1, np.inf, 0.0), (-3.1, np.inf, 0.0),
    ],
)  # fmt: skip
def test_the_distance_at_an_offset_is_the_median_of_the_fixes_within(
    offset_s: float, median_m: float, covered: float
) -> None:
    """One stands, the other is 0, 10, 20 and 30 m away; first and last instant lie within."""
    seconds = np.arange(4.0)
    here, there = np.zeros((2, 4)), np.stack([10 * seconds, np.zeros(4)])
    cost, share = _distance_and_overlap_at_each_offset(
        seconds, here, seconds, there, np.array([offset_s])
    )
    assert (cost[0], share[0]) == (median_m, covered)


# Matches


@pytest.mark.parametrize(
    ("one", "other", "are_different"),
    [
        (("f", "1"), ("f", "2"), True), (("f", "1"), ("f", "1"), False),
        (("f", "1"), ("g", "2"), False), (None, ("f", "2"), False), (("f", "1"), None, False),
    ],
)  # fmt: skip
def test_two_vehicles_of_one_file_are_no_flight_however_well_they_match(
    one: tuple[str, str] | None, other: tuple[str, str] | None, are_different: bool
) -> None:
    first, second = summary(file_vehicle=one), summary(file_vehicle=other)
    assert are_two_vehicles_of_one_file(first, second) == are_different
    assert (
        is_same_flight(LogToFlightMatch(True, 1.0, 0.0, None, 1.0), first, second) != are_different
    )


@pytest.mark.parametrize(
    ("start", "end", "offset_s", "share"),
    [
        (0.0, 100.0, 0.0, 1.0), (0.0, 100.0, 50.0, 0.5), (0.0, 100.0, -25.0, 0.75),
        (10.0, 20.0, 0.0, 1.0), (-50.0, 200.0, 0.0, 1.0), (0.0, 100.0, 100.0, 0.0),
        (0.0, 100.0, 150.0, 0.0), (100.0, 100.0, 0.0, 1.0), (100.0, 100.0, 0.1, 0.0),
    ],
)  # fmt: skip
def test_the_overlap_is_a_share_of_the_shorter(
    start: float, end: float, offset_s: float, share: float
) -> None:
    assert time_overlap_share(summary(start, end), summary(0.0, 100.0), offset_s) == share
    assert time_overlap_share(summary(None, None), summary(0.0, 100.0), offset_s) is None


# Clocks


@pytest.mark.parametrize(
    ("offset_s", "method"), [(1.6, "utc"), (-1.6, "utc"), (1.61, "track"), (-1.61, "track")]
)
def test_utc_is_used_as_stated_within_both_errors_and_a_second(
    offset_s: float, method: str
) -> None:
    fit = TrackTimeShift(offset_s, 0.1, 1.0, is_informative=True)
    found = _alignment_of_log_whose_clock_is_utc(summary(uncertainty_s=0.5), fit)
    assert (found.method, found.offset_s) == (method, 0.0 if method == "utc" else offset_s)
    unknown = _alignment_of_log_whose_clock_is_utc(summary(), fit)
    assert unknown.method == "track"


@pytest.mark.parametrize(
    ("ahead_s", "timezone_s", "words"),
    [
        (HOUR, HOUR, "UTC+01:00"), (HOUR + 0.94, HOUR, "UTC+01:00"),
        (HOUR + 1.0, HOUR, "UTC+01:00 and 1.0 s fast"),
        (HOUR - 1.0, HOUR, "UTC+01:00 and 1.0 s slow"),
        (HOUR + 120, HOUR, "UTC+01:00 and 120.0 s fast"),
        (HOUR + 121, None, "3721 s ahead of UTC"),
    ],
)  # fmt: skip
def test_an_error_of_a_cameras_clock_is_stated_from_a_second_on(
    ahead_s: float, timezone_s: float | None, words: str
) -> None:
    assert _timezone_and_clock_error_text(ahead_s) == (timezone_s, words)


@pytest.mark.parametrize(
    ("lead_s", "ending"),
    [
        (HOUR, "its clock is UTC+01:00 and right"),
        (HOUR + 0.9, "its clock is UTC+01:00 and right"),
        (HOUR + 1, "its clock is UTC+01:00 and 1.0 s fast"),
        (HOUR - 1, "its clock is UTC+01:00 and 1.0 s slow"),
        (HOUR + 200, "its track matches 3800 s from UTC, which is not a time zone"),
    ],
)  # fmt: skip
def test_a_local_clock_is_right_within_a_second_of_its_zone(lead_s: float, ending: str) -> None:
    fit = TrackTimeShift(-lead_s, 0.1, 1.0, is_informative=True)
    found = _alignment_by_track(summary(clock_kind="wall"), fit)
    assert found.reason.endswith(ending)
    assert (found.offset_s, found.uncertainty_s) == (-lead_s, 0.1)
    assert _alignment_by_track(summary(clock_kind="elapsed"), fit).timezone_s is None


def test_a_local_time_that_occurs_twice_or_never_has_two_zones() -> None:
    def at(text: str) -> float:
        return pd.Timestamp(text, tz="UTC").timestamp()

    london = "Europe/London"
    assert utc_offsets_of_timezone_at_local_time_s(at("2026-05-14 10:00"), london) == (HOUR,)
    assert utc_offsets_of_timezone_at_local_time_s(at("2026-01-14 10:00"), london) == (0.0,)
    assert utc_offsets_of_timezone_at_local_time_s(at("2026-10-25 01:30"), london) == (HOUR, 0.0)
    assert utc_offsets_of_timezone_at_local_time_s(at("2026-03-29 01:30"), london) == (0.0, HOUR)


@pytest.mark.parametrize(("end", "count"), [(75.0, 1), (74.0, 0)])
def test_spans_match_that_share_three_quarters_of_their_time(end: float, count: int) -> None:
    reference = summary(0.0, 100.0, serials=A1)
    local = summary(HOUR, HOUR + end, clock_kind="wall", serials=A1)
    found = list(_timezone_match_alignment_by_start_and_end(local, reference, None))
    assert len(found) == count
    declared = list(
        _timezone_match_alignment_by_start_and_end(
            replace(local, serials=frozenset()), reference, "Etc/GMT-1"
        )
    )
    assert len(declared) == count
    assert not list(
        _timezone_match_alignment_by_start_and_end(
            replace(local, serials=frozenset()), reference, None
        )
    )
    for offset_s, match, alignment in found:
        assert (offset_s, alignment.timezone_s, alignment.uncertainty_s) == (-HOUR, HOUR, 5.0)
        # Serial number and time agree by two thirds of the evidence, for three quarters of it.
        assert match.overlap == 0.75
        assert match.score == pytest.approx(0.833 * 0.75, abs=1e-3)


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [(0, 10, False), (0, 11, True), (20, 30, False), (19, 30, True), (12, 15, True)],
)
def test_a_log_that_ends_as_a_flight_begins_is_none_of_it(
    start: float, end: float, overlaps: bool
) -> None:
    assert _candidate_overlaps_time(flight(start=10.0, end=20.0), start, end) == overlaps
    assert not _candidate_overlaps_time(flight(start=None, end=None), start, end)


def test_the_flights_of_one_log_are_compared_as_one_on_their_own_clock() -> None:
    parts = [summary(0.0, 9.0, track=straight(range(10))),
             summary(20.0, 29.0, track=straight(range(20, 30)))]  # fmt: skip
    assert _summary_of_flights_of_one_log((FlightCandidate(parts[0], 0.0),)) is parts[0]
    moved = _summary_of_flights_of_one_log((FlightCandidate(parts[0], 5.0),))
    assert (moved.start, moved.end, moved.track.start, moved.track.end) == (5.0, 14.0, 5.0, 14.0)
    both = _summary_of_flights_of_one_log(tuple(FlightCandidate(part, 5.0) for part in parts))
    assert (both.start, both.end, both.track.start, both.track.end) == (5.0, 34.0, 5.0, 34.0)
    assert len(both.track) == 20


def counting(track: TimedTrack, kind: str = "elapsed", **more: Any) -> Any:
    return summary(track.start, track.end, track=track, clock_kind=kind, log_index=1, **more)


def test_a_track_of_one_fix_shows_no_time() -> None:
    known = summary(0.0, 400.0, track=wave(np.arange(0.0, 400.0)))
    assert _time_shift_of_local_tracks(counting(wave(np.array([100.0]))), known) is None
    one_fix = replace(known, track=wave(np.array([0.0])))
    assert _time_shift_of_local_tracks(counting(wave(np.arange(0.0, 100.0))), one_fix) is None


@pytest.mark.parametrize("offset_s", [-1_000_000.0, 3.7, 9_000.0])
def test_a_clock_without_a_date_is_found_anywhere(offset_s: float) -> None:
    known = summary(0.0, 400.0, track=wave(np.arange(0.0, 400.0)), serials=A1)
    part = wave(np.arange(100.0, 300.0)).shifted(-offset_s)
    found = match_flight_by_local_clock(
        counting(part, serials=A1), [FlightCandidate(known, 0.0)], None
    )
    assert found is not None
    assert found.members[0].alignment.offset_s == pytest.approx(offset_s, abs=0.05)


def test_a_local_clock_of_no_time_zone_is_less_likely() -> None:
    """A track of one serial number at the right zone, and 400 s beside it; another power-on."""
    known = summary(0.0, 400.0, track=wave(np.arange(0.0, 400.0)), serials=A1, power_on=0.0)
    scores = []
    for lead_s in (HOUR, HOUR + 400):
        way = wave(np.arange(100.0, 300.0)).shifted(lead_s)
        local = counting(way, "wall", serials=A1, power_on=99.0)
        found = match_flight_by_local_clock(local, [FlightCandidate(known, 0.0)], None)
        assert found is not None
        assert found.members[0].match is not None
        scores.append(found.members[0].match.score)
    assert scores == [0.8, 0.6]


def test_a_drift_of_a_camera_moves_its_offset_with_time() -> None:
    """It loses 3.6 s an hour: an hour later than the line's middle it is 3.6 s more behind."""
    line = DriftLine(1000.0, 5.0, 0.4, 0.001, 0.0001, is_steady=True)
    found = _align_by_camera_clock_drift(summary(4600.0, 4600.0), line, 12)
    assert found.offset_s == 8.6
    # 0.4 s in the middle, and 0.36 s for the hour, are less than one comparison is known to.
    assert found.uncertainty_s == 1.0
    assert found.drift is not None
    assert (found.drift.s_per_h, found.drift.uncertainty_s_per_h) == (-3.6, 0.36)
    assert found.drift.reference_s == 4600.0
    later = _align_by_camera_clock_drift(summary(10_000.0, 10_000.0), line, 12)
    assert later.uncertainty_s == 1.3


def test_a_run_of_many_comparisons_is_known_by_all_of_its_length() -> None:
    """Of 600 files, a second apart, no more than 256 are fitted: from first to nearly last."""
    comparisons = [
        CameraClockLeadOverUtc(summary(name=f"{n:04}"), 60.0 * n, HOUR + 0.06 * n)
        for n in range(600)
    ]
    found = CameraClockComparisonsWithUtc(comparisons).drift_line_and_file_count(60.0)
    assert found is not None
    line, count = found
    assert count == 600
    assert line.slope == pytest.approx(-0.001)
    assert line.reference_s == pytest.approx(60 * 299.5, abs=100)


# Order, numbers and places


@pytest.mark.parametrize(
    ("member", "stream", "vehicle"),
    [
        (None, "#1", ("f!#", "1")), ("a/b.tlog", "#1", ("f!a/b.tlog#", "1")),
        ("a/b.tlog", "udp 14550#255", ("f!a/b.tlog#udp 14550", "255")),
        (None, "udp#14550#3", ("f!#udp#14550", "3")), (None, "7", ("f!#", "7")),
        (None, "mon0", None), (None, "#one", None), (None, None, None), (None, "1#", None),
    ],
)  # fmt: skip
def test_a_stream_of_a_vehicle_is_known_by_file_member_and_system(
    member: str | None, stream: str | None, vehicle: tuple[str, str] | None, make_log: MakeLog
) -> None:
    log = make_log({"time": [0, 1], "latitude_deg": [50.0] * 2, "longitude_deg": [-4.0] * 2})
    source = replace(log.source, member=member, stream=stream, file_sha256="f")
    (found,) = summarise_each_part_of_log(replace(log, source=source), 0)
    assert found.file_vehicle == vehicle


def test_the_operator_stood_where_a_broadcast_said_last_else_where_the_aircraft_took_off(
    make_log: MakeLog,
) -> None:
    def stated(*kinds: str) -> tuple[tuple[float, float] | None, str | None]:
        positions = tuple(
            parsers.NamedPosition(kind, None, 50.0 + n, -4.0 - n, None, "r", 0)
            for n, kind in enumerate(kinds)
        )
        log = make_log({"time": [0], "latitude_deg": [50.0], "longitude_deg": [-4.0]})
        source = replace(log.source, format=min(all_receiver_format_names()), stream="wifi#60:60")
        (one,) = summarise_each_part_of_log(
            replace(log, source=source, named_positions=positions), 0
        )
        assert one.is_from_receiver
        return one.operator_position, one.identity

    assert stated("start", "pilot", "start", "pilot", "home") == ((53.0, -7.0), "60:60")
    assert stated("start", "home") == ((50.0, -4.0), "60:60")
    assert stated("start", "start") == ((51.0, -5.0), "60:60")
    assert stated("home") == (None, "60:60")


@pytest.mark.parametrize(
    ("name", "shared", "number"),
    [
        ("x/DJI_0007.JPG", "x/DJI_0007", 7), ("x/DJI_0007_T.JPG", "x/DJI_0007", 7),
        ("DJI_007.MP4", "DJI_007", 7), ("DJI_07.MP4", "DJI_07", None),
        ("DJI_00007.MP4", "DJI_00007", None), ("DJI_9999_W.JPG", "DJI_9999", 9999),
        ("DJI_20260514100443_0007_W.JPG", "DJI_20260514100443_0007", 7),
        ("DJI_2026051410044_0007.JPG", "DJI_2026051410044_0007", None),
        ("x/y/clip_T.SRT", "x/y/clip", None), ("clip_TT.SRT", "clip_TT", None),
    ],
)  # fmt: skip
def test_the_name_of_a_file_tells_its_capture_and_number(
    name: str, shared: str, number: int | None
) -> None:
    file = summary(name=name)
    assert (file.shared_capture_file_name, file.camera_file_number) == (shared, number)


def test_a_camera_is_known_by_its_serial_number_first_then_by_the_aircraft_and_the_folder() -> None:
    file = summary(name="x/y/a.JPG", camera_serial="C1", serials=frozenset({"B2", "A1"}))
    assert file.camera_identity_keys == ("serial C1", "serial A1", "serial B2", "folder x/y")
    assert summary(name="a.JPG").camera_identity_keys == ("folder .",)


@pytest.mark.parametrize(
    ("start", "end", "duration_s"), [(5.0, 65.0, 60.0), (None, 65.0, 0.0), (5.0, None, 0.0)]
)
def test_a_log_lasts_from_its_first_row_to_its_last(
    start: float | None, end: float | None, duration_s: float
) -> None:
    assert summary(start, end).duration_s == duration_s


def test_a_log_that_spans_flights_from_1970_on_is_divided_in_their_order() -> None:
    """A clock may count from nought."""
    spans = [(0.5, 0.9), (0.0, 0.4), (-1.0, 0.0)]
    flights = [flight(start=start, end=end) for start, end in spans]
    assert time_windows_of_flights_in_one_log(flights, [0.0] * 3) == [
        (pytest.approx(0.45), None), (0.0, pytest.approx(0.45)), (None, 0.0),
    ]  # fmt: skip
    assert time_windows_of_flights_in_one_log(flights[:1], [0.0]) == [(None, None)]


def test_of_logs_of_equal_length_the_one_of_more_columns_gives_the_track() -> None:
    """Durations are compared in steps of ten seconds: 104 is as 100, and 106 is longer."""
    columns = summary(name="a", track=straight(range(101)), column_count=9)
    alike = summary(name="b", track=straight(range(105)), column_count=1)
    longer = summary(name="c", track=straight(range(107)), column_count=1)
    assert log_indices_by_source_priority([columns, alike], frozenset()) == [0, 1]
    assert log_indices_by_source_priority([columns, longer], frozenset()) == [1, 0]
    fixes = [replace(columns, fix_count=count) for count in (100, 101)]
    assert log_indices_by_source_priority(fixes, frozenset()) == [1, 0]


def test_two_fixes_give_a_track_before_media_with_more() -> None:
    record = summary(name="a", track=straight([0, 10]))
    file = summary(name="b", track=straight([0, 5, 10]), is_media=True, column_count=9)
    assert log_indices_by_source_priority([file, record], frozenset()) == [1, 0]


@pytest.mark.parametrize(("numbers", "missing"), [((0, 2), "1"), ((0, 4), "1 to 3"), ((7, 9), "8")])
def test_the_numbers_between_two_files_are_missing(numbers: tuple[int, int], missing: str) -> None:
    files = [
        summary(name=f"DJI_{number:04}.JPG", is_media=True, log_index=number) for number in numbers
    ]
    one = flight(id="a-1")
    for file in files:
        one.add_log_segment(file, flight().members[0])
    ((found,),) = find_file_number_gaps_by_flight_id([one]).values()
    assert found.text.endswith(f"no media file of the flight has number {missing}")
    logs = [
        flight(start=1000.0 * number, log_number=number, serials=A1, id=f"{number}")
        for number in numbers
    ]
    ((found,),) = find_file_number_gaps_by_flight_id(logs).values()
    assert found.text.endswith(f"none of these logs has number {missing}")


def test_a_cell_has_eight_neighbours() -> None:
    middles = [(north, east) for north in (0.045, 0.055, 0.065) for east in (0.065, 0.075, 0.085)]
    cells = [
        grid_cell_of_each_fix(
            TimedTrack(*(np.array([it]) for it in (0.0, north, east, 0.0))), cell_deg=0.01
        ).tolist()
        for north, east in middles
    ]
    assert len({cell for (cell,) in cells}) == 9
    assert add_neighbouring_grid_cells(cells[4]) == [cell for (cell,) in cells]
    assert add_neighbouring_grid_cells([]) == []


@pytest.mark.parametrize(("shared", "is_found"), [(16, True), (15, False)])
def test_half_of_the_fixes_must_lie_where_a_flight_passed(shared: int, is_found: bool) -> None:
    """Of 32 fixes, 100 m apart; the others lie farther north than the flight ever was."""
    index = FlightIndex()
    known = flight(track=straight(np.arange(0, 311, 1).tolist()))
    index.add_flight(known)
    seconds = [10.0 * n for n in range(shared)] + [1000.0 + 10 * n for n in range(32 - shared)]
    asked = summary(clock_kind="elapsed", log_index=1, track=straight(seconds))
    assert index.candidates_near_track(asked) == ([known] if is_found else [])


@pytest.mark.parametrize(("fixes", "is_found"), [(1, True), (2, False)])
def test_a_flight_without_a_track_is_found_by_its_serial_number(fixes: int, is_found: bool) -> None:
    index = FlightIndex()
    known = flight(track=straight(range(fixes)), serials=A1)
    index.add_flight(known)
    far = straight(range(50), north_m=90_000.0)
    asked = summary(clock_kind="elapsed", log_index=1, track=far, serials=A1)
    assert index.candidates_near_track(asked) == ([known] if is_found else [])


# The life of a vehicle


def stating(start: float | None, sha256: str, **more: Any) -> FlightCandidate:
    """Return a flight of a log that states how often its vehicle was started."""
    totals = (parsers.LifetimeTotal("boots", 7.0, "PARM", 3),)
    values: dict[str, Any] = {
        "start": start, "sha256": sha256, "name": sha256, "id": f"{sha256}-1", "serials": A1,
        "lifetime_totals": totals, "log_index": ord(sha256),
    }  # fmt: skip
    return flight(**(values | more))


def followed(*flights: FlightCandidate) -> dict[int, list[tuple[int, str, float]]]:
    """Return for each flight its log, and the log that follows it with its start."""
    found = find_next_log_lifetime_totals_by_flight_index(flights)
    assert all(each.totals for logs in found.values() for each in logs)
    return {
        flight_: [(each.log_index, each.sha256, each.start) for each in logs]
        for flight_, logs in found.items()
    }


def test_the_next_log_of_a_vehicle_states_what_the_one_before_it_added() -> None:
    late, first, middle = stating(300.0, "c"), stating(0.0, "a"), stating(200.0, "b")
    assert followed(late, first, middle) == {
        1: [(ord("a"), "b", 200.0)], 2: [(ord("b"), "c", 300.0)],
    }  # fmt: skip
    # Two that begin at once stand in the order of their names.
    assert followed(stating(0.0, "b"), stating(0.0, "a")) == {1: [(ord("a"), "b", 0.0)]}
    assert followed(first) == {}


def test_the_flights_of_one_log_are_followed_by_the_next_log_from_the_first_on() -> None:
    parts = [stating(50.0, "a"), stating(0.0, "a"), stating(20.0, "a"), stating(90.0, "b")]
    assert followed(*parts) == {1: [(ord("a"), "b", 90.0)]}
    assert followed(parts[3], *parts[:3]) == {2: [(ord("a"), "b", 90.0)]}


@pytest.mark.parametrize(
    "odd",
    [{"serials": frozenset({"B2"})}, {"serials": frozenset()}, {"format": "other"},
     {"lifetime_totals": ()}, {"clock_kind": "wall"}],
)  # fmt: skip
def test_a_log_of_another_vehicle_or_without_totals_follows_none(odd: dict[str, Any]) -> None:
    assert followed(stating(0.0, "a"), stating(9.0, "b", **odd)) == {}
    assert followed(stating(0.0, "a", **odd), stating(9.0, "b")) == {}
    # It is passed over where a further log follows.
    assert followed(stating(0.0, "a"), stating(9.0, "b", **odd), stating(20.0, "c")) == {
        0: [(ord("a"), "c", 20.0)]
    }


def test_a_log_in_utc_over_two_flights_is_divided_half_way_between_them() -> None:
    """It states the time as they do, so that no offset moves the instant."""
    parts = [
        summary(start, end, segment_number=number, id=f"a-{number}", shows_takeoff=True,
                track=wave(np.arange(start, end + 1)))
        for number, (start, end) in enumerate(((0.0, 400.0), (500.0, 900.0)), 1)
    ]  # fmt: skip
    long = summary(0.0, 900.0, id="b-1", log_index=1, track=wave(np.arange(0.0, 901.0)))
    first, second = join_logs([long, *parts]).assemblies
    for one, part, window in ((first, "a-1", (None, 450.0)), (second, "a-2", (450.0, None))):
        assert [it.segment_id for it in one.members] == [part, "b-1"]
        assert one.members[1].alignment.offset_s == 0.0
        assert one.members[1].window == window


# Contradictions


def conflict(other: int = 1, difference: float = 20.0, **more: Any) -> ConflictOfTwoLogs:
    values: dict[str, Any] = {
        "kind": "position", "key": "latitude_deg", "text": TRACK_DISTANCE,
        "reference": ValueInLog(0, 0, "r", "f", "v"),
        "other": ValueInLog(other, 0, "r", "f", f"{other}"), "difference": difference,
        "tolerance": 10.0, "words": {"quantity": ""},
    } | more  # fmt: skip
    return ConflictOfTwoLogs(**values)


def during(start: float, end: float) -> dict[str, Any]:
    begin = pd.Timestamp("2026-05-14T09:00:00Z")
    return {
        "start": begin + pd.Timedelta(seconds=start), "end": begin + pd.Timedelta(seconds=end)
    }  # fmt: skip


def grouped(*conflicts: ConflictOfTwoLogs) -> int:
    return len(list(group_conflicts(conflicts, list("abcdefgh"))))


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (5.0, 11.0, 1), (0.0, 15.0, 1), (5.0, 15.0, 1),
        # More than five seconds away, the two share half of what they cover together or not.
        (5.1, 15.2, 2), (0.0, 20.0, 1), (0.0, 20.5, 2), (4.0, 15.5, 2), (50.0, 60.0, 2),
    ],
)  # fmt: skip
def test_intervals_of_two_logs_are_one_contradiction_where_they_nearly_agree(
    start: float, end: float, count: int
) -> None:
    """The first lasts from 0 to 10 s."""
    assert grouped(conflict(1, **during(0, 10)), conflict(2, **during(start, end))) == count


@pytest.mark.parametrize(("difference", "count"), [(30.0, 1), (30.1, 2), (10.0, 1), (9.9, 2)])
def test_without_a_time_differences_within_the_tolerance_are_one(
    difference: float, count: int
) -> None:
    assert grouped(conflict(1), conflict(2, difference)) == count
    wider = conflict(2, difference, tolerance=11.0)
    assert grouped(conflict(1), wider) == 1


def test_two_intervals_of_one_log_are_two_contradictions_unless_time_does_not_matter() -> None:
    assert grouped(conflict(1, **during(0, 10)), conflict(1, **during(0, 10))) == 2
    photos = [conflict(1, is_timed=False, **during(n, n)) for n in (0, 500)]
    assert grouped(*photos) == 1


def test_a_contradiction_states_its_worst_side_and_counts_all() -> None:
    (found,) = group_conflicts(
        [
            conflict(1, 20.0, tolerance=10.0, rows=3, unlisted=1, **during(0, 10)),
            conflict(2, 25.0, tolerance=16.0, rows=4, unlisted=2, **during(1, 12)),
        ],
        ["a", "b", "c"],
    )
    assert (found.difference, found.tolerance, found.count) == (20.0, 10.0, 7)
    assert (found.start, found.end) == (during(0, 0)["start"], during(0, 12)["end"])
    assert found.text.endswith("; 3 further intervals")
    assert [value.source_index for value in found.sides] == [0, 1, 2]
    assert POSITION_ERROR_M == 5.0


@pytest.mark.parametrize(("between", "count"), [(31, 32), (32, 34)])
def test_the_last_32_contradictions_are_compared(between: int, count: int) -> None:
    """Those in between are at other times, each of another log."""
    others = [conflict(3 + n, **during(100 * (n + 1), 100 * (n + 1) + 9)) for n in range(between)]
    conflicts = [conflict(1, **during(0, 9)), *others, conflict(2, **during(0, 9))]
    assert len(list(group_conflicts(conflicts, [f"{n}" for n in range(99)]))) == count


def test_the_first_source_gives_the_log_and_a_value_may_stand_at_the_first_byte(
    make_log: MakeLog,
) -> None:
    seconds = np.arange(60.0)
    way = {
        "time": seconds.tolist(),
        "latitude_deg": wave(seconds).latitude_deg.tolist(),
        "longitude_deg": wave(seconds).longitude_deg.tolist(),
        "source_offset": [10 * row for row in range(60)],
    }
    full = make_log(way | {"height_ato_m": [60.0] * 60}, name="a")
    other = make_log(way | {"battery_pct": [77.0] * 60}, name="b", sha256="cd" * 32)
    (found,) = assemble_flights(full, other)
    assert found.log is found.sources[0].log
    assert [log.source.name for log in found.logs] == [it.log.source.name for it in found.sources]
    lent = "battery_pct" if found.log.source.name == "a" else "height_ato_m"
    for column, index in (("latitude_deg", 0), (lent, 1)):
        for row in (0, 1):
            value = found.track_value_in_log(row, column)
            assert (value.source_index, value.offset) == (index, 10 * row)

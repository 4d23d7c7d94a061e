"""Where the header of a log, and its moves from fix to fix, stop to fit the rest of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.rules import (
    CheckResult,
)
from dji_audit.compliance.rules._shared._example_flights import (
    FurtherExampleLog,
    hover_example_track_at_heights,
)
from parsers import Aircraft, Issue, LogHeaderTotals, NamedPosition
from tests.dji_audit.compliance.one_rule import DEGREE_M, apply_rule, east, result_on_track
from tests.dji_audit.conftest import BEGIN, MakeLog

# headers


def header_result(
    track: Mapping[str, Sequence[Any]],
    *,
    places: tuple[NamedPosition, ...] = (),
    name: str = "example.txt",
    **totals: Any,
) -> CheckResult:
    """Return the result for a header with these totals, if any, and named positions."""
    fields: dict[str, Any] = {"named_positions": places}
    if totals:
        fields["header_summary"] = LogHeaderTotals("Details", 900, **totals)
    return result_on_track("header_mismatch", track, file_name=name, log_fields=fields)


NO_VALUES = "The log has no header values to compare with its records."
CLIMB = hover_example_track_at_heights(1.0, 30.0)


@pytest.mark.parametrize(
    ("totals", "reason"),
    [
        (
            {"fix_count": 2},
            "1 value in the header agrees with the records of the log: number of fixes.",
        ),
        (
            {"fix_count": 2, "max_height_ato_m": 30.0},
            "2 values in the header agree with the records of the log: number of fixes, greatest "
            "height above take-off.",
        ),
        ({"fix_count": 90}, "1 of 1 value in the header do not agree with the records."),
        (
            {"fix_count": 90, "max_height_ato_m": 30.0, "duration_s": 1.0},
            "1 of 3 values in the header do not agree with the records.",
        ),
        (
            {"fix_count": 90, "max_height_ato_m": 31.0},
            "2 of 2 values in the header do not agree with the records.",
        ),
    ],
)
def test_values_of_a_header_are_counted(totals: Mapping[str, Any], reason: str) -> None:
    assert header_result(CLIMB, **totals).reason == reason


def lost_bytes_result(
    make_log: MakeLog, lost: int, reason: str = "bytes that are not a record", **totals: Any
) -> RuleResult:
    """Return the result for a header above 100 fixes in ten seconds, some bytes of 10,000 lost."""
    track = hover_example_track_at_heights(*[30.0] * 100, time=[it / 10 for it in range(100)])
    log = make_log(
        track,
        issues=(Issue(5000, lost, reason),),
        header_summary=LogHeaderTotals("Details", 900, **totals),
    )
    return apply_rule(log, "header_mismatch")


@pytest.mark.parametrize(
    ("lost", "totals", "outcome"),
    [
        # 1,000 bytes of 10,000 hold about 11 fixes of 100, and at most twice as many and one.
        (1000, {"fix_count": 132}, Outcome.PASS),
        (1000, {"fix_count": 133}, Outcome.FAIL),
        (0, {"fix_count": 132}, Outcome.FAIL),
        # What was lost cannot be why there is more.
        (1000, {"fix_count": 80}, Outcome.FAIL),
        # In 2.3 s an aircraft climbs by 23 m at most.
        (1000, {"max_height_ato_m": 53.0}, Outcome.PASS),
        (1000, {"max_height_ato_m": 54.0}, Outcome.FAIL),
        (1000, {"max_height_ato_m": 29.0}, Outcome.FAIL),
        (1000, {"duration_s": 22.0}, Outcome.PASS),
        (1000, {"duration_s": 23.0}, Outcome.FAIL),
        (1000, {"start": BEGIN - pd.Timedelta(seconds=12)}, Outcome.PASS),
        (1000, {"start": BEGIN - pd.Timedelta(seconds=13)}, Outcome.FAIL),
        (1000, {"start": BEGIN + pd.Timedelta(seconds=12)}, Outcome.FAIL),
    ],
)
def test_lost_bytes_may_be_why_a_value_differs_as_far_as_they_could_hold_it(
    make_log: MakeLog, lost: int, totals: dict[str, Any], outcome: Outcome
) -> None:
    # A value that agrees in any case, so that there is something to judge.
    result = lost_bytes_result(make_log, lost, **{"max_height_ato_m": 30.0, **totals})
    assert result.outcome is (
        Outcome.NOT_ASSESSABLE
        if outcome is Outcome.PASS and "max_height_ato_m" in totals
        else outcome
    )
    assert ("Not settled, since parts of the log could not be read" in result.reason) is (
        outcome is Outcome.PASS and "max_height_ato_m" not in totals
    )


def test_of_a_log_that_is_cut_short_no_total_shows_that_something_was_changed(
    make_log: MakeLog,
) -> None:
    result = lost_bytes_result(
        make_log, 0, "cut short: the file ends here", fix_count=9000, max_height_ato_m=500.0
    )
    assert (result.outcome, result.reason) == (
        Outcome.NOT_ASSESSABLE,
        "Parts of the log could not be read, which may be why its totals are others than those of "
        "its records.",
    )


def video(start_s: float, seconds: float | None, source: str = "X.video") -> dict[str, Any]:
    return {
        "start": start_s, "end": None if seconds is None else start_s + seconds, "kind": "video",
        "sensor": "visible", "source": source,
    }  # fmt: skip


OPEN = "X.video; still recording where the log ends"


@pytest.mark.parametrize(
    ("stated_s", "videos", "outcome"),
    [
        (261.0, [video(0, 12), video(20, 250)], Outcome.PASS),
        (250.0, [video(0, 12), video(20, 250)], Outcome.FAIL),
        (252.0, [video(0, 12), video(20, 250)], Outcome.PASS),
        # Some apps count tens of seconds.
        (26.0, [video(0, 12), video(20, 250)], Outcome.PASS),
        (28.0, [video(0, 12), video(20, 250)], Outcome.FAIL),
        # Some leave out the video that was never stopped.
        (12.0, [video(0, 12), video(20, 250, OPEN)], Outcome.PASS),
        (12.0, [video(0, 12), video(20, 250)], Outcome.FAIL),
        (0.0, [video(20, 250, OPEN)], Outcome.PASS),
        (60.0, [], Outcome.FAIL),
        # How long one lasted is not known.
        (60.0, [video(0, None)], Outcome.NOT_ASSESSABLE),
    ],
)
def test_the_time_of_all_videos_is_compared(
    make_log: MakeLog, stated_s: float, videos: list[dict[str, Any]], outcome: Outcome
) -> None:
    stated = LogHeaderTotals("Details", 900, video_s=stated_s)
    log = make_log(CLIMB, captures=videos, header_summary=stated)
    result = apply_rule(log, "header_mismatch")
    assert result.outcome is outcome
    if outcome is Outcome.FAIL:
        (finding,) = result.findings
        assert finding.severity is Severity.LOW
        whole_s = sum(each["end"] - each["start"] for each in videos)
        assert finding.summary == (
            f"inconsistent time of all videos: Details states {stated_s:g} s, the records hold "
            f"{whole_s:g} s"
        )


def test_a_header_beside_no_fix_and_one_without_totals_say_nothing() -> None:
    empty = header_result({}, fix_count=90)
    assert (empty.outcome, empty.reason) == (Outcome.NOT_ASSESSABLE, NO_VALUES)
    # Records hold no speed.
    slow = header_result(CLIMB, max_ground_speed_mps=9.0)
    assert (slow.outcome, slow.reason) == (Outcome.NOT_ASSESSABLE, NO_VALUES)


def test_fixes_without_a_time_have_no_duration_and_no_start() -> None:
    untimed = {**CLIMB, "time": [None, None]}
    result = header_result(untimed, fix_count=2, duration_s=60.0, start=BEGIN)
    assert result.reason == (
        "1 value in the header agrees with the records of the log: number of fixes."
    )
    # The first and the last fix with a time count.
    partly = hover_example_track_at_heights(*[1.0] * 5, time=[None, 3, 20, 40, None])
    late = header_result(partly, duration_s=37.0, start=BEGIN - pd.Timedelta(seconds=7))
    assert late.outcome is Outcome.PASS
    assert header_result(partly, duration_s=47.1).outcome is Outcome.FAIL
    assert header_result(partly, duration_s=26.9).outcome is Outcome.FAIL
    early = header_result(partly, start=BEGIN + pd.Timedelta(seconds=14))
    assert early.outcome is Outcome.FAIL


def test_the_stated_start_is_beside_the_first_fix_with_a_position() -> None:
    """The records begin without a position, and then go north-east."""
    track = hover_example_track_at_heights(
        *[1.0] * 4,
        latitude_deg=[None, 51.5, 51.502, 51.504],
        longitude_deg=[None, -1.0, -0.99, -0.98],
    )
    for latitude, longitude, outcome in (
        (51.5, -1.0, Outcome.PASS),
        (51.502, -1.0, Outcome.FAIL),
        (51.5, -0.99, Outcome.FAIL),
    ):
        place = NamedPosition("start", None, latitude, longitude, None, "Details", 900)
        home = NamedPosition("home", None, 0.0, 0.0, None, "Home", 77)
        result = header_result(track, places=(home, place))
        assert result.outcome is outcome
    (finding,) = result.findings
    assert finding.summary == (
        "inconsistent start position: Details states 51.500000, -0.990000, the records hold "
        "51.500000, -1.000000, 694 m away"
    )
    assert (finding.severity, finding.evidence[0].offset) == (Severity.MEDIUM, 900)
    nowhere = hover_example_track_at_heights(1.0, latitude_deg=[None], longitude_deg=[None])
    place = NamedPosition("start", None, 51.5, -1.0, None, "Details", 900)
    assert header_result(nowhere, places=(place,)).reason == NO_VALUES


def test_a_time_in_a_file_name_is_told_with_what_it_is_off_from_utc() -> None:
    name = "DJIFlightRecord_2026-05-14_[21-07-00].txt"
    (finding,) = header_result(CLIMB, name=name, start=BEGIN).findings
    assert finding.summary == (
        "inconsistent time in the file name: file name states 2026-05-14_[21-07-00], the records "
        "hold 2026-05-14 09:00:00 UTC, 12 h 7 min earlier"
    )
    assert finding.severity is Severity.MEDIUM
    # A header without a date is years off.
    (years,) = header_result(CLIMB, name=name.replace("2026", "2034"), start=BEGIN).findings
    assert years.summary.endswith("hold 2026-05-14 09:00:00 UTC, 2,923 days earlier")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        # Up to 14 hours before and after, and a clock may be off there as elsewhere.
        ("x_2026-05-13_[18-59-50].txt", "2 values"), ("x_2026-05-14_[23-00-10].txt", "2 values"),
        ("x_2026-05-13_[19-00-00].txt", "2 values"), ("x_2026-05-13_[18-45-00].txt", "1 of 2"),
        ("x_2026-05-14_[23-00-00].txt", "2 values"), ("x_2026-05-15_[09-00-00].txt", "1 of 2"),
        # No time at all.
        ("x_2026-05-14_[29-07-00].txt", "1 value "), ("x_2026-05-14_09-07-00.txt", "1 value "),
    ],
)  # fmt: skip
def test_the_time_in_a_name_is_of_any_zone_of_the_earth(name: str, values: str) -> None:
    result = header_result(CLIMB, name=name, start=BEGIN)
    assert result.reason.startswith(values)


def test_a_name_with_a_time_is_compared_with_a_stated_start_alone() -> None:
    name = "DJIFlightRecord_2026-05-14_[21-07-00].txt"
    assert header_result(CLIMB, name=name, fix_count=2).reason.startswith("1 value ")
    assert header_result(CLIMB, name=name).reason == NO_VALUES


def test_the_key_of_an_encrypted_log_is_asked_for() -> None:
    result = result_on_track("header_mismatch", CLIMB, log_fields={"encrypted": True})
    (observation,) = result.observations
    assert observation.remedy == "dji-audit keys request example.txt"


# motion


def motion(track: Mapping[str, Sequence[Any]], **fields: Any) -> CheckResult:
    return result_on_track("implausible_motion", track, **fields)


@pytest.mark.parametrize(
    ("aircraft", "metres", "words"),
    [
        ({}, 60.0, "No move beyond what a multirotor can do (45 m/s)."),
        ({"model": "Fixed wing"}, 100.0, "No move beyond what an aircraft with fixed wings can"),
        ({"model": "X", "larger_type": "helicopter"}, 274.9, "what a helicopter can do (250 m/s)"),
        ({"model": "X", "larger_type": "helicopter"}, 275.1, "1 move beyond what a helicopter can"),
        ({"model": "X", "larger_type": "aeroplane"}, 274.9, "what an aeroplane can do (250 m/s)"),
        ({"model": "X", "larger_type": "large drone"}, 275.1, "1 move beyond what a large drone"),
    ],
)  # fmt: skip
def test_a_move_is_compared_with_what_the_class_of_aircraft_can_do(
    aircraft: Mapping[str, Any], metres: float, words: str
) -> None:
    fields = {"aircraft": Aircraft(**aircraft)}
    result = motion(east(*[0.0] * 10, *[metres] * 10), log_fields=fields)
    assert words in result.reason
    assert (result.outcome is Outcome.FAIL) == ("1 move" in words)


def test_wings_that_any_log_of_the_flight_names_count() -> None:
    track = {**east(*[0.0] * 10, *[100.0] * 10), "height_ato_m": [20.0] * 20}
    named = {"aircraft": Aircraft(model="VTOL")}
    other = FurtherExampleLog("b.txt", track=track, log_fields=named)
    result = motion(track, other_logs=(other,))
    assert result.outcome is Outcome.PASS
    assert result.reason == "No move beyond what an aircraft with fixed wings can do (90 m/s)."


@pytest.mark.parametrize(
    ("track", "said"),
    [
        (east(*[0.0] * 12), " Heights were not compared: no log holds any."),
        (hover_example_track_at_heights(*[1.0] * 12), ""),
        ({**east(*[0.0] * 12), "height_ato_m": [1.0] * 2 + [None] * 10}, ""),
        (
            {**east(*[0.0] * 12), "height_ato_m": [1.0] + [None] * 11},
            " Heights were not compared: no log holds any.",
        ),
    ],
)
def test_heights_are_compared_where_a_log_holds_two(
    track: Mapping[str, Sequence[Any]], said: str
) -> None:
    assert motion(track).reason == f"No move beyond what a multirotor can do (45 m/s).{said}"


def test_one_move_is_told_by_its_length_its_time_and_its_two_fixes() -> None:
    times = [0.5 * second for second in range(20)]
    result = motion({**east(*[0.0] * 10, *[900.0] * 10), "time": times})
    assert result.reason == "1 move beyond what a multirotor can do (45 m/s)."
    (finding,) = result.findings
    assert finding.summary == (
        "inconsistent: moved 900 m in 0.50 s, more than 45 m/s allow for 0.5 s from 09:00:04 UTC, "
        "at 0.00000 N 0.00000 E; the positions of the log show it"
    )
    assert [(part.offset, part.value) for part in finding.evidence] == [
        (190, "0.0000000, 0.0000000"),
        (200, f"0.0000000, {900 / DEGREE_M:.7f}"),
    ]
    assert (finding.latitude_deg, finding.longitude_deg) == (0.0, 0.0)
    assert finding.start == BEGIN + pd.Timedelta(seconds=4.5)
    assert finding.end == BEGIN + pd.Timedelta(seconds=5)


def test_of_several_moves_the_greatest_is_shown() -> None:
    metres = [0.0] * 10 + [300.0] * 3 + [1300.0] * 3 + [900.0] * 10
    (finding,) = motion(east(*metres)).findings
    assert "moved 1000 m in 1.00 s" in finding.summary
    assert "the greatest of 3 such moves for 7.0 s from 09:00:09 UTC" in finding.summary
    assert [part.offset for part in finding.evidence] == [220, 230]
    assert finding.start == BEGIN + pd.Timedelta(seconds=9)
    assert finding.end == BEGIN + pd.Timedelta(seconds=16)


def test_a_height_that_leaps_is_told_as_a_rise() -> None:
    track = hover_example_track_at_heights(*[10.0] * 10, *[99.0] * 10)
    (finding,) = motion(track).findings
    assert finding.summary.startswith(
        "inconsistent: rose or sank 89 m in 1.00 s, more than 25 m/s allow for 1.0 s from "
    )
    assert [part.value for part in finding.evidence] == ["10.0", "99.0"]
    assert (finding.latitude_deg, finding.longitude_deg) == (51.5, -1.0)


@pytest.mark.parametrize("missing", ["latitude_deg", "longitude_deg"])
def test_a_height_that_leaps_where_half_of_the_position_is_known_has_none(missing: str) -> None:
    track = hover_example_track_at_heights(*[10.0] * 10, *[99.0] * 10)
    whole = list(track[missing])
    (finding,) = motion({**track, missing: [*whole[:9], None, *whole[10:]]}).findings
    assert (finding.latitude_deg, finding.longitude_deg) == (None, None)


def test_a_fix_that_the_receiver_calls_bad_and_one_without_a_position_are_passed_over() -> None:
    metres = [0.0] * 10 + [900.0] + [0.0] * 10
    heard = [True] * 10 + [False] + [None] * 10
    assert motion({**east(*metres), "fix_ok": heard}).outcome is Outcome.PASS
    assert motion(east(*metres)).outcome is Outcome.FAIL
    # Two seconds allow 90 m and the error of the fixes.
    for moved, outcome in ((114.9, Outcome.PASS), (115.1, Outcome.FAIL)):
        track = east(*[0.0] * 10, None, *[moved] * 10)
        assert motion(track).outcome is outcome


def test_a_move_north_and_east_is_as_long_as_both_together() -> None:
    for share, outcome in ((0.99, Outcome.PASS), (1.01, Outcome.FAIL)):
        moved = 70.0 * share / np.sqrt(2) / DEGREE_M
        # A degree of latitude at the equator is shorter: 110,574 m.
        track = {
            "latitude_deg": [0.0] * 10 + [moved * DEGREE_M / 110_574.3] * 10,
            "longitude_deg": [0.0] * 10 + [moved] * 10,
        }
        assert motion(track).outcome is outcome


def test_moves_are_counted() -> None:
    metres = [900.0 * (second // 12 % 2) for second in range(36)]
    assert motion(east(*metres)).reason.startswith("2 moves beyond")

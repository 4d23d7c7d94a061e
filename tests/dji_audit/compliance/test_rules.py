"""Each rule: what passes, what fails, what cannot be assessed, and the bytes that show it."""

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Finding, RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.compliance.rules import rules_by_id
from dji_audit.flights import assemble_flights
from tests.conftest import required
from tests.dji_audit.compliance.one_rule import DEGREE_M, apply_rule, flown, hover
from tests.dji_audit.conftest import MakeLog


def check(log: parsers.Log, rule: str, **changes: Any) -> RuleResult:
    """Apply one rule of the default pack, some of whose keys are changed, to the first flight."""
    result = apply_rule(log, rule, **changes)
    for finding in result.findings:
        assert finding.rule == rule
        assert finding.evidence
        for part in finding.evidence:
            assert (part.file, part.sha256) == (log.source.name, log.source.sha256)
            assert part.offset is not None
            assert 0 <= part.offset < log.source.size
            assert part.record
            assert part.field
    return result


def at(start: pd.Timestamp, seconds: float) -> pd.Timestamp:
    return start + pd.Timedelta(seconds=seconds)


@pytest.mark.parametrize("rule", sorted(rules_by_id()))
def test_no_rule_passes_or_fails_an_encrypted_log_without_its_key(
    make_log: MakeLog, rule: str
) -> None:
    result = check(make_log(encrypted=True), rule)
    assert result.outcome in (Outcome.NOT_ASSESSABLE, Outcome.NOT_APPLICABLE)


@pytest.mark.parametrize("rule", sorted(rules_by_id()))
def test_every_rule_is_not_applicable_to_a_flight_before_it_was_in_force(
    make_log: MakeLog, rule: str
) -> None:
    result = check(make_log(hover([500.0])), rule, valid_from=dt.date(2027, 1, 1))
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert result.findings == ()


@pytest.mark.parametrize("rule", sorted(rules_by_id()))
def test_every_rule_says_what_it_looks_at_and_what_it_cannot_assess(rule: str) -> None:
    known = rules_by_id()[rule]
    assert known.id == rule
    assert known.title
    assert known.looks_at.endswith(".")
    assert known.not_assessable.endswith(".")


# height_limit


def test_a_flight_at_its_height_limit_passes(make_log: MakeLog) -> None:
    result = check(make_log(hover([0.0, 120.0, 119.0]), events=flown(2)), "height_limit")
    assert result.outcome is Outcome.PASS
    assert result.reason == "Highest 120.0 m above take-off; the limit is 120 m."


def test_each_interval_above_the_height_limit_is_one_finding_with_its_peak(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    heights = [100.0] * 30
    heights[5:8] = [121.0, 125.0, 122.0]
    heights[20] = 130.0
    result = check(make_log(hover(heights)), "height_limit")
    assert result.outcome is Outcome.FAIL
    first, second = result.findings
    assert first.summary == (
        "125.0 m above take-off, 5.0 m over 120 m, for 2.0 s from 09:00:05 UTC, "
        "at 0.00000 N 0.00000 E"
    )
    assert (first.start, first.end) == (at(start, 5), at(start, 7))
    assert first.evidence[0].offset == 100 + 10 * 6
    assert first.evidence[0].value == "125.0"
    assert (second.start, second.end) == (at(start, 20), at(start, 20))
    assert result.reason.startswith("2 intervals above 120 m; highest 130.0 m above take-off.")


def test_a_dip_of_two_seconds_below_the_limit_is_no_new_interval(make_log: MakeLog) -> None:
    short = [121.0, 119.0, 121.0]
    assert len(check(make_log(hover(short)), "height_limit").findings) == 1
    long = [121.0, 119.0, 119.0, 121.0]
    assert len(check(make_log(hover(long)), "height_limit").findings) == 2


def test_a_height_that_is_not_known_is_neither_above_nor_below(make_log: MakeLog) -> None:
    edges = [math.nan, *[50.0] * 38, math.nan]
    result = check(make_log(hover(edges), events=flown(39)), "height_limit")
    assert result.outcome is Outcome.PASS
    few = [50.0] * 10 + [math.nan] * 10
    unknown = check(make_log(hover(few), events=flown(19)), "height_limit")
    assert unknown.outcome is Outcome.NOT_ASSESSABLE
    assert ": recorded for 47.3 % of the time in the air" in unknown.reason
    high = check(make_log(hover([math.nan, 150.0, math.nan])), "height_limit")
    assert high.outcome is Outcome.FAIL
    none = check(make_log(hover([math.nan] * 3), events=flown(2)), "height_limit")
    assert none.outcome is Outcome.NOT_ASSESSABLE


def test_heights_above_the_limit_with_gaps_in_which_none_is_known_are_one(
    make_log: MakeLog,
) -> None:
    high = [130.0, math.nan, math.nan, math.nan, math.nan, 131.0]
    assert len(check(make_log(hover(high)), "height_limit").findings) == 1
    apart = hover([130.0, 131.0], time=[0, 31])
    assert len(check(make_log(apart), "height_limit").findings) == 2


def test_a_log_that_ends_in_the_air_does_not_pass_the_height_limit(make_log: MakeLog) -> None:
    result = check(make_log(hover([0.0, 50.0, 60.0]), events=flown(2)[:1]), "height_limit")
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert "The logs end before the landing" in result.reason


def test_a_height_on_the_ground_after_the_landing_breaks_no_limit(make_log: MakeLog) -> None:
    log = make_log(hover([0.0, 50.0, 0.0, 500.0]), events=flown(2))
    assert check(log, "height_limit").outcome is Outcome.PASS


def test_a_height_that_only_an_encrypted_header_states_is_reported_as_that(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    header = parsers.LogHeaderTotals("Details", 900, max_height_ato_m=202.0, start=start)
    result = check(make_log(encrypted=True, header_summary=header), "height_limit")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert (finding.grade, finding.peak, finding.start) == ("reported", 202.0, start)
    assert finding.summary.startswith(
        "202.0 m above take-off, 82.0 m over 120 m, at some time of the flight on 2026-05-14"
    )
    low = parsers.LogHeaderTotals("Details", 900, max_height_ato_m=60.0, start=start)
    assert (
        check(make_log(encrypted=True, header_summary=low), "height_limit").outcome
        is Outcome.NOT_ASSESSABLE
    )


def test_a_height_above_the_sea_is_never_compared_with_a_height_above_take_off(
    make_log: MakeLog,
) -> None:
    track = {"altitude_amsl_m": [900.0, 900.0], "height_agl_m": [300.0, 300.0]}
    assert check(make_log(track), "height_limit").outcome is Outcome.NOT_ASSESSABLE


def test_a_height_rule_on_a_log_without_fixes_is_not_assessable(make_log: MakeLog) -> None:
    assert check(make_log(), "height_limit").outcome is Outcome.NOT_ASSESSABLE


def test_an_excursion_in_a_log_without_times_is_told_in_fixes(make_log: MakeLog) -> None:
    log = make_log(hover([130.0, 131.0], time=[None, None]))
    result = check(log, "height_limit", valid_from=None)
    (finding,) = result.findings
    assert finding.summary.endswith("in 2 fixes without a time")
    assert (finding.start, finding.end) == (None, None)


def test_a_pass_of_a_log_that_was_read_in_part_says_so(make_log: MakeLog) -> None:
    issues = (parsers.Issue(10, 1234, "zeros"), parsers.Issue(9, 0, ""))
    log = make_log(hover([1.0, 1.0, 1.0]), events=flown(2), issues=issues)
    result = check(log, "height_limit")
    assert result.outcome is Outcome.PASS
    assert result.reason.endswith(
        "This rests on the part that could be read: 1,234 bytes of the log were not."
    )


def test_that_it_was_not_night_may_be_otherwise_in_what_was_not_read(make_log: MakeLog) -> None:
    lost = (parsers.Issue(10, 1234, "zeros"),)
    whole, part = (
        check(make_log(hover([1.0]), issues=issues), "night_flight") for issues in ((), lost)
    )
    assert whole.outcome is part.outcome is Outcome.NOT_APPLICABLE
    assert (
        part.reason
        == f"{whole.reason} This rests on the part that could be read: 1,234 bytes of the log "
        + ("were not.")
    )
    # What rests on no log needs no such words.
    assert "could be read" not in check(make_log(issues=lost), "zones_stale").reason


def test_the_synthetic_excursion_is_found_where_and_when_it_was_written(whole: Path) -> None:
    truth = json.loads((whole.parent / "truth.json").read_text("utf-8"))["files"][whole.name]
    log = parsers.read(whole)
    result = check(log, "height_limit")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    above, peak = truth["above_120_m"], truth["max_height"]
    assert finding.start is not None
    assert finding.end is not None
    for told, wanted in ((finding.start, above["start"]), (finding.end, above["end"])):
        assert abs((told - pd.Timestamp(wanted)).total_seconds()) < 0.1
    assert finding.summary.startswith(f"{peak['height_m']} m above take-off, 11.2 m over 120 m")
    osd = log.records("OSD")
    (row,) = osd[osd["offset"] == finding.evidence[0].offset].itertuples()
    assert row.height_ato_m == pytest.approx(peak["height_m"])
    assert finding.evidence[0].offset == peak["offset"]


# distance_limit


def away(metres: list[float]) -> dict[str, Any]:
    """A track of one fix a second along the equator, so far from its zero."""
    return {"latitude_deg": [0.0] * len(metres), "longitude_deg": [m / DEGREE_M for m in metres]}


def home(
    latitude: float = 0.0, longitude: float = 0.0, kind: str = "home"
) -> parsers.NamedPosition:
    return parsers.NamedPosition(kind, None, latitude, longitude, None, "Home.latitude_deg", 77)


def test_a_flight_within_its_distance_passes_and_says_from_where(make_log: MakeLog) -> None:
    log = make_log(away([0, 499, 0]), named_positions=(home(),), events=flown(2))
    result = check(log, "distance_limit")
    assert result.outcome is Outcome.PASS
    assert result.reason == (
        "Farthest 499 m from the home point, which stands in for the pilot; the limit is 500 m."
    )


def test_a_flight_beyond_its_distance_fails_with_the_fix_and_the_home_point(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    result = check(make_log(away([0, 501, 650, 0]), named_positions=(home(),)), "distance_limit")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert finding.severity is Severity.LOW
    assert finding.summary == (
        "650 m from the home point, which stands in for the pilot, 150 m beyond 500 m, for 1.0 s "
        "from 09:00:01 UTC, at 0.00000 N 0.00450 E"
    )
    assert [part.offset for part in finding.evidence] == [120, 77]
    assert finding.start == at(start, 1)
    assert finding.longitude_deg == pytest.approx(501 / DEGREE_M)


def test_the_distance_is_from_the_pilot_where_the_log_says_where_that_is(
    make_log: MakeLog,
) -> None:
    places = (home(), home(longitude=300 / DEGREE_M, kind="pilot"))
    log = make_log(away([0, 700, 0]), named_positions=places, events=flown(2))
    result = check(log, "distance_limit")
    assert result.outcome is Outcome.PASS
    assert "400 m from the pilot's device" in result.reason


def timed(seconds: float, metres: float, kind: str, start: pd.Timestamp) -> parsers.NamedPosition:
    return parsers.NamedPosition(
        kind, at(start, seconds), 0.0, metres / DEGREE_M, None, "Home.latitude_deg", 77
    )


def test_the_distance_is_from_the_home_point_in_force(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    """A home point that is set anew beside the aircraft does not undo how far it had come."""
    homes = tuple(timed(second, metres, "home", start) for second, metres in ((0, 0), (3, 850)))
    track = away([0, 400, 860, 870, 850])
    result = check(make_log(track, named_positions=homes, events=flown(4)), "distance_limit")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert finding.peak == pytest.approx(860, abs=1)
    assert (finding.start, finding.end) == (at(start, 2), at(start, 2))


def test_one_position_of_the_pilot_far_from_its_neighbours_is_none(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    pilots = [(0, 10), (2, 0), (4, 1200), (6, 5), (8, 10)]
    places = tuple(timed(second, metres, "pilot", start) for second, metres in pilots)
    log = make_log(away([0] * 10), named_positions=places, events=flown(9))
    assert check(log, "distance_limit").outcome is Outcome.PASS
    walked = [(0, 0), (2, 400), (4, 800), (6, 1200), (8, 1600)]
    places = tuple(timed(second, metres, "pilot", start) for second, metres in walked)
    log = make_log(away([0] * 10), named_positions=places, events=flown(9))
    assert check(log, "distance_limit").outcome is Outcome.FAIL


def test_only_fixes_beyond_the_limit_are_counted(make_log: MakeLog) -> None:
    track = away([0, 600, 0, 600, 0]) | {"time": [None] * 5}
    (finding,) = check(make_log(track, named_positions=(home(),)), "distance_limit").findings
    assert finding.summary.endswith("in 2 fixes without a time")


@pytest.mark.parametrize(
    ("track", "places", "reason"),
    [
        (away([1, 2]), (), "The log shows no position of the pilot, home point or take-off."),
        ({}, (home(),), "No distance: the log holds no positions."),
    ],
)
def test_a_distance_without_both_ends_is_not_assessable(
    make_log: MakeLog, track: dict[str, Any], places: tuple[parsers.NamedPosition, ...], reason: str
) -> None:
    result = check(make_log(track, named_positions=places), "distance_limit")
    assert (result.outcome, result.reason) == (Outcome.NOT_ASSESSABLE, reason)


# geofence_event


def said(kind: str, time: float = 1, **more: Any) -> dict[str, Any]:
    return {
        "time": time, "kind": kind, "severity": "warning", "text": "GEO: zone",
        "record": "AppWarn", "source_offset": 321,
    } | more  # fmt: skip


_FLOWN = [
    {"time": 0, "kind": "takeoff", "text": "took off"},
    {"time": 2, "kind": "landing", "text": "landed"},
]


def test_silence_about_zones_passes_and_says_what_would_have_shown(make_log: MakeLog) -> None:
    events = [said("geofence.config"), said("tip"), said("warning"), *_FLOWN]
    result = check(make_log(hover([1.0, 1.0, 1.0]), events=events), "geofence_event")
    assert result.outcome is Outcome.PASS, result.reason
    assert "would have shown: warnings of zones; refusals and limits" in result.reason


@pytest.mark.parametrize(
    ("kind", "grade", "severity"),
    [
        ("geofence.breach", "reported", Severity.HIGH),
        ("geofence.action", "reported", Severity.HIGH),
        ("geofence.refused", "measured", Severity.MEDIUM),
        ("geofence.limit", "reported", Severity.MEDIUM),
        ("geofence.warning", "reported", Severity.MEDIUM),
        ("geofence.breach", "inferred", Severity.LOW),
        ("limit.height", "reported", Severity.MEDIUM),
        ("limit.distance", "reported", Severity.MEDIUM),
    ],
)
def test_each_report_of_a_zone_is_a_finding_of_its_grade(
    make_log: MakeLog, start: pd.Timestamp, kind: str, grade: str, severity: Severity
) -> None:
    log = make_log(hover([1.0, 2.0]), events=[said(kind, grade=grade, end=1.5)])
    result = check(log, "geofence_event")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert (finding.grade, finding.severity) == (grade, severity)
    assert (finding.start, finding.end) == (at(start, 1), at(start, 1.5))
    assert (finding.latitude_deg, finding.longitude_deg) == (0.0, 0.0)
    (part,) = finding.evidence
    assert (part.offset, part.record, part.field, part.value) == (
        321,
        "AppWarn",
        "text",
        "GEO: zone",
    )


@pytest.mark.parametrize(
    "event",
    [
        said("geofence.limit", grade="inferred", severity="info", text="zone state 1"),
        said("geofence.limit", text="radius limit in force", record="VisionGroup.radius_limit"),
        said("limit.height", text="at its height limit", record="Home.near_height_limit", end=1.5),
        said("geofence.warning", text="Fence breach cleared", record="STATUSTEXT.text"),
    ],
)
def test_a_setting_or_a_limit_that_held_is_a_remark(
    make_log: MakeLog, event: dict[str, Any]
) -> None:
    result = check(make_log(hover([1.0, 1.0, 1.0]), events=[event, *_FLOWN]), "geofence_event")
    assert result.outcome is Outcome.PASS, result.reason
    (finding,) = result.findings
    assert finding.informational
    assert result.outcome_of_finding(finding) == "remark"


def test_the_least_severity_never_falls_below_info(make_log: MakeLog) -> None:
    log = make_log(hover([1.0]), events=[said("geofence.warning", 0)])
    (finding,) = check(log, "geofence_event", severity=Severity.REMARK).findings
    assert finding.severity is Severity.REMARK


def test_a_log_without_flight_data_cannot_show_that_no_zone_was_reported(
    make_log: MakeLog,
) -> None:
    assert check(make_log(), "geofence_event").outcome is Outcome.NOT_ASSESSABLE
    # A track alone, as of subtitles or shutter marks, cannot say that nothing was reported.
    silent = check(make_log(hover([1.0, 1.0, 1.0])), "geofence_event")
    assert silent.outcome is Outcome.NOT_ASSESSABLE


def test_what_an_encrypted_log_says_of_zones_in_clear_is_a_finding(make_log: MakeLog) -> None:
    log = make_log(encrypted=True, events=[said("geofence.warning")])
    assert check(log, "geofence_event").outcome is Outcome.FAIL


def test_the_real_flight_at_a_boundary_is_one_finding_that_holds_each_frame_out_of_limit(
    samples: Path,
) -> None:
    name = "DJIFlightRecord_2018-06-20_[09-04-19].txt"
    (path,) = [found for found in (samples / "dji_txt").rglob("*.txt") if found.name == name]
    log = parsers.read(path)
    result = check(log, "geofence_event")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    osd = log.records("OSD").set_index("offset")
    limited = osd[osd["out_of_limit"].fillna(False).astype(bool)]
    assert len(limited) == 117
    times = log.track.set_index("source_offset")["time"]
    assert finding.start is not None and finding.end is not None
    assert all(finding.start <= times[offset] <= finding.end for offset in limited.index)
    shown = [part.offset for part in finding.evidence if part.field == "out_of_limit"]
    assert shown == [limited.index[0], limited.index[-1]]  # one run of 116 frames, one of 1
    assert {part.field for part in finding.evidence} == {
        "text",
        "near_distance_limit",
        "out_of_limit",
    }
    assert "at most 482 m from home; it stayed there for up to 72 s" in finding.summary


def test_the_evidence_of_every_finding_on_a_real_flight_is_a_record_of_that_name(
    samples: Path,
) -> None:
    paths = sorted((samples / "dji_txt").rglob("DJIFlightRecord_2018-06-20_*.txt"))
    required("flights of June 2018", bool(paths))
    for path in paths:
        log = parsers.read(path)
        offsets = {name: set(log.records(name)["offset"]) for name in log.record_counts}
        for result in audit_flight(assemble_flights(log)[0], load_policy(), AuditContext()).results:
            for part in (part for finding in result.findings for part in finding.evidence):
                # Positions and heights of the track are those of OSD records.
                record = "OSD" if part.record == "track" else part.record.partition(".")[0]
                if record != "bytes":
                    assert part.offset in offsets[record], (path.name, result.rule, part)


# log_integrity


def test_a_log_read_whole_passes_and_says_whether_it_stated_totals(make_log: MakeLog) -> None:
    bare = check(make_log(hover([1.0])), "log_integrity")
    assert (bare.outcome, bare.reason) == (Outcome.PASS, "Every byte is accounted for.")
    assert check(make_log(hover([1.0])), "header_mismatch").outcome is Outcome.NOT_ASSESSABLE
    stated = parsers.LogHeaderTotals(
        "Details", 9000, fix_count=1, max_height_ato_m=1.0, photo_count=0
    )
    agreeing = check(make_log(hover([1.0]), header_summary=stated), "header_mismatch")
    assert agreeing.outcome is Outcome.PASS
    assert agreeing.reason == (
        "3 values in the header agree with the records of the log: number of fixes, greatest "
        "height above take-off, number of photos."
    )


def test_the_holes_of_a_log_are_one_finding_and_its_remarks_another(make_log: MakeLog) -> None:
    issues = (parsers.Issue(40, 4096, "zeros"), parsers.Issue(9, 0, "odd"))
    result = check(make_log(hover([50.0]), issues=issues), "log_integrity")
    assert result.outcome is Outcome.FAIL
    hole, remark = result.findings
    assert hole.summary == (
        "flight.txt: 4,096 of 10,000 bytes (40.9 %) could not be decoded, in 1 place, 4,096 of "
        "them written in the air (first: zeros)"
    )
    assert (hole.severity, hole.evidence[0].offset) == (Severity.MEDIUM, 40)
    assert (remark.summary, remark.severity) == ("odd", Severity.REMARK)
    assert remark.informational


def test_a_log_that_is_cut_short_between_two_records_was_not_read_whole(make_log: MakeLog) -> None:
    issues = (parsers.Issue(0, 0, "cut short: the file ends early"),)
    log = make_log(hover([1.0]), issues=issues)
    result = check(log, "log_integrity")
    assert result.outcome is Outcome.FAIL
    assert result.findings[0].summary == "flight.txt: the file is cut short"
    assert result.findings[0].severity is Severity.LOW
    in_air = check(make_log(hover([50.0]), events=flown(0)[:1], issues=issues), "log_integrity")
    assert in_air.findings[0].summary == "flight.txt: the file is cut short in the air"
    assert in_air.findings[0].severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("size", "offset", "severity"),
    [(4, 6000, Severity.REMARK), (30, 6000, Severity.LOW), (60, 6000, Severity.MEDIUM),
     (400, 100, Severity.REMARK), (700, 100, Severity.LOW), (5000, 100, Severity.MEDIUM)],
)  # fmt: skip
def test_a_loss_weighs_by_its_share_and_by_whether_it_was_in_the_air(
    make_log: MakeLog, size: int, offset: int, severity: Severity
) -> None:
    """Of 10,000 bytes the last half was written while the motors ran."""
    armed = [{"time": 0, "kind": "arm", "text": "armed", "source_offset": 5500}]
    log = make_log(hover([1.0, 1.0]), events=armed, issues=(parsers.Issue(offset, size, "torn"),))
    result = check(log, "log_integrity")
    (finding,) = result.findings
    assert finding.severity is severity
    assert finding.informational is (severity is Severity.REMARK)
    assert (result.outcome is Outcome.FAIL) is (severity is not Severity.REMARK)


@pytest.mark.parametrize(
    ("missing_pct", "second", "severity"),
    [(42.0, 20, Severity.MEDIUM), (42.0, 2, Severity.REMARK), (1.8, 20, Severity.REMARK)],
)
def test_missing_frames_weigh_where_a_stretch_in_the_air_is_lost(
    make_log: MakeLog, missing_pct: float, second: int, severity: Severity
) -> None:
    events = [
        {"time": 0, "kind": "arm", "text": "armed", "source_offset": 100},
        {"time": 0, "kind": "link.signal", "value": missing_pct, "source_offset": 1,
         "text": f"1/1: 5616 frames, 4114 missing by their counter ({missing_pct} %)"},
    ]  # fmt: skip
    log = make_log(hover([20.0] * 3, time=[0, 1, second]), events=events)
    (finding,) = check(log, "log_integrity").findings
    assert finding.severity is severity
    assert ("nothing was recorded in the air for 19 s" in finding.summary) is (second == 20)


def test_bytes_that_are_framed_and_not_decoded_are_no_pass(make_log: MakeLog) -> None:
    coverage = (
        parsers.CoverageSpan(0, 7500, "records"),
        parsers.CoverageSpan(7500, 2500, "unknown"),
    )
    result = check(make_log(hover([1.0]), coverage=coverage), "log_integrity")
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.reason.startswith("75 % of the bytes of flight.txt were decoded")


def test_a_few_lost_bytes_of_many_never_read_as_all_of_them(make_log: MakeLog) -> None:
    log = make_log(hover([1.0]), size=10_000_000, issues=(parsers.Issue(40, 4, "lost"),))
    result = check(log, "log_integrity")
    assert result.reason.startswith(
        "4 of 10,000,000 bytes (less than 0.1 %) could not be decoded, none of them written in "
        "the air"
    )


def test_many_holes_are_counted_and_the_first_are_evidence(make_log: MakeLog) -> None:
    issues = tuple(parsers.Issue(100 + n, 1, "hole") for n in range(500))
    (finding,) = check(make_log(hover([1.0]), issues=issues), "log_integrity").findings
    assert "500 of 10,000 bytes (5 %) could not be decoded, in 500 places" in finding.summary
    assert len(finding.evidence) == 20


@pytest.mark.parametrize(
    ("told", "summary"),
    [
        ({"fix_count": 50}, "inconsistent number of fixes: Details states 50, the records hold 3"),
        (
            {"max_height_ato_m": 9.0},
            "inconsistent greatest height above take-off: Details states 9 m, the records hold 3 m",
        ),
        ({"photo_count": 2}, "inconsistent number of photos: Details states 2, the records hold 0"),
        ({"duration_s": 60.0}, "inconsistent duration: Details states 60 s, the records hold 2 s"),
        (
            {"max_ground_speed_mps": 20.0},
            "inconsistent greatest ground speed: Details states 20 m/s, the records hold 5 m/s",
        ),
    ],
)
def test_a_total_that_disagrees_is_an_observation_with_both_values(
    make_log: MakeLog, told: dict[str, Any], summary: str
) -> None:
    track = hover([1.0, 2.0, 3.0], ground_speed_mps=[5.0, 1.0, math.nan])
    stated = parsers.LogHeaderTotals("Details", 9000, **told)
    result = check(make_log(track, header_summary=stated), "header_mismatch")
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert finding.summary == summary
    assert (finding.evidence[0].offset, finding.evidence[0].record) == (9000, "Details")


def test_a_first_fix_long_after_the_start_that_is_stated_is_an_observation(
    make_log: MakeLog, start: pd.Timestamp
) -> None:
    stated = parsers.LogHeaderTotals("Details", 9000, start=at(start, -60))
    (finding,) = check(make_log(hover([1.0]), header_summary=stated), "header_mismatch").findings
    assert "the records hold 60 s" in finding.summary


def test_values_within_their_tolerance_agree(make_log: MakeLog, start: pd.Timestamp) -> None:
    stated = parsers.LogHeaderTotals(
        "Details", 9000, fix_count=12, start=at(start, -9), duration_s=11.0,
        max_height_ato_m=3.05, max_ground_speed_mps=5.05, photo_count=0,
    )  # fmt: skip
    track = hover([1.0, 2.0, 3.0], ground_speed_mps=[5.0, 1.0, math.nan])
    assert check(make_log(track, header_summary=stated), "header_mismatch").outcome is Outcome.PASS


def test_an_encrypted_log_keeps_its_holes_listed_and_is_not_assessable(make_log: MakeLog) -> None:
    log = make_log(encrypted=True, issues=(parsers.Issue(40, 8, "hole"),))
    result = check(log, "log_integrity")
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert len(result.findings) == 1


def test_the_synthetic_record_agrees_with_itself_and_its_damaged_copy_does_not(
    whole: Path, damaged: Path
) -> None:
    assert check(parsers.read(whole), "log_integrity").outcome is Outcome.PASS
    assert check(parsers.read(whole), "header_mismatch").outcome is Outcome.PASS
    truth = json.loads((whole.parent / "truth.json").read_text("utf-8"))["files"][damaged.name]
    result = check(parsers.read(damaged), "log_integrity")
    assert result.outcome is Outcome.FAIL
    spans = [
        (part.offset, part.offset + int(part.value))
        for finding in result.findings
        for part in finding.evidence
        if part.record == "bytes" and part.offset is not None
    ]
    for harm in truth["damage"]:
        near = min(harm["offset"], truth["size"] - 1)
        assert any(first - 64 <= near <= last + 64 for first, last in spans), (harm, spans)


def test_a_finding_cannot_be_changed_after_it_was_made(make_log: MakeLog) -> None:
    (finding,) = check(make_log(hover([200.0])), "height_limit").findings
    assert isinstance(finding, Finding)
    with pytest.raises(AttributeError):
        finding.summary = "clean"  # type: ignore[misc]


def test_remarks_alone_break_nothing_and_stay_listed(make_log: MakeLog) -> None:
    issues = (parsers.Issue(9, 0, "a secret was masked"),)
    result = check(make_log(hover([1.0]), issues=issues), "log_integrity")
    assert result.outcome is Outcome.PASS
    (remark,) = result.findings
    assert remark.severity is Severity.REMARK


def test_without_a_home_point_the_take_off_stands_in_and_is_named(make_log: MakeLog) -> None:
    left_the_ground = {
        "time": 0, "kind": "takeoff", "severity": "info", "grade": "reported", "text": "took off",
        "record": "OSD.ground_or_sky", "source_offset": 1,
    }  # fmt: skip
    log = make_log(away([0, 0, 700]), events=[left_the_ground])
    result = check(log, "distance_limit")
    assert result.outcome is Outcome.FAIL
    assert "from the take-off, which stands in for the pilot" in result.reason

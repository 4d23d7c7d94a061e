"""Rules that compare logs with themselves and with one another: clocks, gaps, what is missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import parsers
from dji_audit.compliance.audit import audit_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import Policy, load_policy
from dji_audit.compliance.rules.spoofing_signs import (
    _heights_differ_by_constant,
    _integrate_rate_over_fixes,
    _window_end_indices_and_gapless_mask,
)
from dji_audit.flights import assemble_flights
from tests.conftest import ROOT, required
from tests.dji_audit.compliance.one_rule import DEGREE_M, apply_rule, flown
from tests.dji_audit.conftest import MakeLog

CASES = ROOT.parent / "shared" / "cases"
SPOOFING = "spoofing_signs"


def eastward(seconds: Sequence[float], metres: Sequence[float], **more: Any) -> dict[str, Any]:
    rows = len(seconds)
    return {
        "time": list(seconds),
        "latitude_deg": [0.0] * rows,
        "longitude_deg": [each / DEGREE_M for each in metres],
        "height_ato_m": [20.0] * rows,
        "ground_speed_mps": [10.0] * rows,
        "course_deg": [90.0] * rows,
    } | more


def counter(seconds: Sequence[float]) -> parsers.MonotonicCounter:
    """A counter of the record that the track comes from, at the offsets of its rows."""
    offsets = np.arange(100, 100 + 10 * len(seconds), 10)
    return parsers.MonotonicCounter("OSD", "flight_time_s", "count", offsets, np.array(seconds))


def of_flight(rule: str, *logs: parsers.Log) -> RuleResult:
    policy = load_policy("common")
    only = Policy("x", "1", "x", "", {rule: policy.rules[rule]})
    (result,) = audit_flight(assemble_flights(*logs)[0], only, AuditContext()).results
    return result


# spoofing_signs


def test_motion_is_judged_by_the_aircraft_s_own_clock(make_log: MakeLog) -> None:
    """The app holds fixes of 30 s back and stamps them within 12: the aircraft seems to race."""
    own = [float(second) for second in range(61)]
    stamps = [second if second < 20 or second > 50 else 20 + (second - 20) * 0.4 for second in own]
    track = eastward(stamps, [10 * second for second in own])
    counted = make_log(
        track, events=flown(60), monotonic_counters=(counter(own),), track_record="OSD"
    )
    assert apply_rule(counted, "spoofing_signs").outcome is not Outcome.FAIL
    uncounted = make_log(track, events=flown(60))
    assert apply_rule(uncounted, "spoofing_signs").outcome is Outcome.FAIL


def test_a_counter_that_does_not_run_with_the_fixes_is_no_clock(make_log: MakeLog) -> None:
    own = [float(second) for second in range(61)]
    track = eastward(own, [10 * second for second in own])
    stuck = make_log(
        track, events=flown(60), monotonic_counters=(counter([7.0] * 61),), track_record="OSD"
    )
    assert apply_rule(stuck, "spoofing_signs").outcome is Outcome.PASS


def test_an_origin_that_is_set_while_disarmed_is_no_sign(make_log: MakeLog) -> None:
    """At boot an autopilot gives 0 m above the sea, and 584 m once its origin is set."""
    own = [float(second) for second in range(80)]
    standing = [max(0.0, 10 * (second - 40)) for second in own]
    speed = [0.0 if second < 40 else 10.0 for second in own]
    sea = [0.0 if second < 20 else 584.0 for second in own]
    track = eastward(own, standing, altitude_amsl_m=sea, ground_speed_mps=speed)
    armed = [{"time": 39, "kind": "arm", "text": "armed"}, *flown(79)[1:]]
    assert apply_rule(make_log(track, events=armed), "spoofing_signs").outcome is not Outcome.FAIL
    unarmed = apply_rule(make_log(track, events=flown(79)), "spoofing_signs")
    assert unarmed.outcome is Outcome.FAIL


def test_what_was_not_compared_is_said(make_log: MakeLog) -> None:
    own = [float(second) for second in range(61)]
    track = eastward(own, [10 * second for second in own])
    result = apply_rule(make_log(track, events=flown(60)), "spoofing_signs")
    assert result.outcome is Outcome.PASS
    assert "The altitude above sea level was not compared" in result.reason


@pytest.mark.parametrize(
    ("hole_s", "ends", "whole"),
    [
        (1.0, [10, 11, 12, 13, 14, 14], 5), (2.5, [10, 10, 11, 12, 13, 14, 14], 6),
        (2.6, [10, 10, 11, 12, 13, 14, 14], 0),
    ],
)  # fmt: skip
def test_a_window_is_whole_that_ends_within_the_track_without_a_hole(
    hole_s: float, ends: list[int], whole: int
) -> None:
    """Fifteen fixes, of which the eleventh comes late."""
    seconds = np.array([n + (hole_s - 1) * (n >= 10) for n in range(15)])
    later, is_whole = _window_end_indices_and_gapless_mask(seconds, 10.0)
    assert later[: len(ends)].tolist() == ends
    assert np.flatnonzero(is_whole).tolist() == list(range(whole))


@pytest.mark.parametrize(
    ("rate", "total"),
    [
        ([1.0, 3.0, 3.0, 5.0], [0.0, 2.0, 5.0, 13.0]),
        # A step with one unknown end uses the rate at its other end.
        ([1.0, np.nan, 3.0, 3.0], [0.0, np.nan, 5.0, 11.0]),
        ([np.nan, 2.0, 2.0, 2.0], [np.nan, 2.0, 4.0, 8.0]),
        ([1.0, 3.0, 3.0, np.nan], [0.0, 2.0, 5.0, np.nan]),
        ([np.nan] * 4, [np.nan] * 4),
    ],
)
def test_a_way_is_the_mean_of_both_ends_of_each_step(rate: list[float], total: list[float]) -> None:
    found = _integrate_rate_over_fixes(np.array([0.0, 1.0, 2.0, 4.0]), np.array(rate))
    assert found.tolist() == pytest.approx(total, nan_ok=True)


@pytest.mark.parametrize(
    ("offset", "height", "is_constant"),
    [
        ([100.0, 100.5, 100.2], [0.0, 9.0, 0.0], True),
        ([100.0, 100.51, 100.2], [0.0, 9.0, 0.0], False),
        # A height that stands still does not show whether they are one.
        ([100.0, 100.0, 100.0], [0.0, 0.5, 0.0], False),
        ([100.0, 100.0, 100.0], [0.0, 0.51, 0.0], True),
        ([100.0, np.nan, 100.0], [0.0, 9.0, 0.0], False),
        ([100.0, np.nan, 100.0], [0.0, np.nan, 9.0], True),
        ([np.nan] * 3, [0.0, 9.0, 0.0], False),
        ([10.0, 10.5, 10.2], [0.0, 5.0, 9.0], True),
        ([10.0, 10.6, 10.2], [0.0, 5.0, 9.0], False),
        ([10.0, 10.0, np.nan], [0.0, 0.5, 9.0], False),
        ([10.0, 10.0, np.nan], [0.0, 0.6, 0.0], True),
        ([np.nan] * 3, [0.0, 5.0, 9.0], False),
    ],
)
def test_two_heights_are_one_and_a_constant_within_half_a_metre(
    offset: list[float], height: list[float], is_constant: bool
) -> None:
    assert _heights_differ_by_constant(np.array(offset), np.array(height)) == is_constant


@pytest.mark.parametrize(("speed_mps", "outcome"), [(0.49, "pass"), (0.5, "not_assessable")])
def test_an_aircraft_without_a_course_hovers_below_half_a_metre_a_second(
    make_log: MakeLog, speed_mps: float, outcome: str
) -> None:
    own = [float(second) for second in range(41)]
    speeds = {"ground_speed_mps": [speed_mps] * 41, "course_deg": [np.nan] * 41}
    result = apply_rule(make_log(eastward(own, [0.0] * 41, **speeds), events=flown(40)), SPOOFING)
    assert result.outcome == outcome
    if outcome == "pass":
        assert result.reason.startswith("Position and velocity differ by at most 0 m over 10 s")


@pytest.mark.parametrize(
    ("known", "share", "outcome"), [(41, 1.0, "pass"), (39, 0.95, "pass"), (30, 29 / 40, None)]
)
def test_position_and_velocity_are_compared_for_as_long_as_both_are_known(
    make_log: MakeLog, known: int, share: float, outcome: str | None
) -> None:
    own = [float(second) for second in range(41)]
    speeds = {"ground_speed_mps": [10.0] * known + [np.nan] * (41 - known)}
    track = eastward(own, [10 * second for second in own], **speeds)
    result = apply_rule(make_log(track, events=flown(40)), SPOOFING)
    (observation,) = [each for each in result.observations if each.need == "velocity"]
    assert observation.share == pytest.approx(share)
    assert result.outcome == (outcome or "not_assessable")
    if outcome is None:
        assert "could be compared for 72.5 % of the time in the air." in result.reason


def test_each_interval_of_a_disagreement_is_told_with_its_largest(make_log: MakeLog) -> None:
    """The altitude rises by 60 m at once and, a minute later, by 50 m more."""
    own = [float(second) for second in range(141)]
    sea = [100.0 + 60.0 * (second >= 40) + 50.0 * (second >= 100) for second in own]
    track = eastward(own, [10 * second for second in own], altitude_amsl_m=sea)
    result = apply_rule(make_log(track, events=flown(140)), SPOOFING)
    assert result.reason.startswith("2 intervals in which sensors disagree.")
    first, second = result.findings
    assert first.summary.startswith(
        "inconsistent: the altitude above sea level and the height above take-off differ by 60 m "
        "over 10 s, more than the 40 m allowed for 19 s from 09:00:30 UTC"
    )
    assert [(each.field, each.offset, each.value) for each in first.evidence] == [
        ("altitude_amsl_m", 400, "100.0")
    ]
    assert (first.peak, second.peak) == (60.0, 50.0)
    assert first.start is not None
    assert first.start.second == 30
    assert first.longitude_deg == pytest.approx(300 / DEGREE_M)
    once = apply_rule(make_log(eastward(own, own, ground_speed_mps=[1.0] * 141,
                                        altitude_amsl_m=sea[:60] + [160.0] * 81),
                               events=flown(140)), SPOOFING)  # fmt: skip
    assert once.reason.startswith("1 interval in which sensors disagree.")


def test_a_difference_just_beyond_what_is_allowed_reads_as_beyond_it(make_log: MakeLog) -> None:
    own = [float(second) for second in range(61)]
    metres = [10 * second + 40.3 * (second >= 30) for second in own]
    (finding,) = apply_rule(make_log(eastward(own, metres), events=flown(60)), SPOOFING).findings
    assert "differ by 40.3 m over 10 s, more than the 40 m allowed" in finding.summary


def test_a_difference_of_position_shows_the_fix_from_which_it_is_largest(
    make_log: MakeLog,
) -> None:
    own = [float(second) for second in range(61)]
    metres = [10 * second + 30 * (second >= 30) + 30 * (second >= 35) for second in own]
    result = apply_rule(make_log(eastward(own, metres), events=flown(60)), SPOOFING)
    (finding,) = result.findings
    assert finding.summary.startswith(
        "inconsistent: position and velocity differ by 60 m over 10 s, more than the 40 m allowed"
    )
    assert finding.peak == pytest.approx(60.0, abs=0.1)
    assert [(each.field, each.offset) for each in finding.evidence] == [("position", 350)]
    assert finding.evidence[0].value == f"0.0000000, {250 / DEGREE_M:.7f}"


def test_the_altitude_counts_only_where_a_position_is_known(make_log: MakeLog) -> None:
    own = [float(second) for second in range(61)]
    sea = [100.0 + 60.0 * (20 <= second < 40) + 0.02 * second for second in own]
    track = eastward(own, [10 * second for second in own], altitude_amsl_m=sea)
    assert apply_rule(make_log(track, events=flown(60)), SPOOFING).outcome is Outcome.FAIL
    track["longitude_deg"] = [
        None if 20 <= second < 40 else 10 * second / DEGREE_M for second in own
    ]
    assert apply_rule(make_log(track, events=flown(60)), SPOOFING).findings == ()


# track_gap


@pytest.mark.parametrize(
    ("kind", "is_gap"),
    [("disarm", False), ("log.pause", False), ("tip", True)],
)
def test_a_logger_that_pauses_while_disarmed_leaves_no_gap(
    make_log: MakeLog, kind: str, is_gap: bool
) -> None:
    seconds = [*range(20), *range(40, 60)]
    track = eastward(seconds, [0.0] * 40)
    pause = {"time": 19, "kind": kind, "text": "pause"}
    result = apply_rule(make_log(track, events=[pause]), "track_gap")
    assert (result.outcome is Outcome.FAIL) is is_gap


@pytest.mark.parametrize(("time", "is_gap"), [(19, False), (40, False), (18.9, True), (40.1, True)])
def test_a_pause_from_the_last_fix_to_the_next_explains_a_gap(
    make_log: MakeLog, time: float, is_gap: bool
) -> None:
    track = eastward([*range(20), *range(40, 60)], [0.0] * 40)
    pause = {"time": time, "kind": "log.pause", "text": "pause"}
    result = apply_rule(make_log(track, events=[pause]), "track_gap")
    assert len(result.findings) == is_gap


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ((), "No gap of 10 s or more in 1 log."), ((20,), "1 gap between fixes."),
        ((20, 40), "2 gaps between fixes."),
    ],
)  # fmt: skip
def test_gaps_are_counted_and_rows_without_a_position_with_them(
    make_log: MakeLog, missing: tuple[int, ...], reason: str
) -> None:
    seconds = [float(second) for second in range(80)]
    track = eastward(seconds, seconds)
    lost = [any(first < n < first + 11 for first in missing) for n in range(80)]
    track["latitude_deg"] = [None if each else 0.0 for each in lost]
    result = apply_rule(make_log(track), "track_gap")
    assert result.reason.startswith(reason)
    for finding in result.findings:
        assert finding.summary.endswith("; 10 rows between them have no position")
    shown = [[each.offset for each in finding.evidence] for finding in result.findings]
    assert shown == [[100 + 10 * first, 210 + 10 * first] for first in missing]


def test_a_pass_counts_the_logs_without_a_gap(make_log: MakeLog) -> None:
    seconds = [float(second) for second in range(61)]
    one = make_log(eastward(seconds, seconds), name="a.txt")
    later = [second + 0.5 for second in seconds]
    other = make_log(eastward(later, later), name="b.txt", sha256="cd" * 32)
    assert of_flight("track_gap", one, other).reason.startswith("No gap of 10 s or more in 2 logs.")


# missing_log and sources_disagree


def test_one_log_alone_shows_no_missing_log(make_log: MakeLog) -> None:
    own = [float(second) for second in range(61)]
    log = make_log(eastward(own, own), events=flown(60))
    result = apply_rule(log, "missing_log")
    assert result.outcome is Outcome.NOT_ASSESSABLE
    assert result.findings == ()


def test_a_second_record_shows_what_the_first_lacks_and_holds_it(make_log: MakeLog) -> None:
    own = [float(second) for second in range(121)]
    whole = make_log(eastward(own, own), events=flown(120), name="a.txt")
    part = make_log(eastward(own[:60], own[:60]), name="b.txt", sha256="cd" * 32)
    result = of_flight("missing_log", whole, part)
    assert result.outcome is Outcome.FAIL
    (finding,) = result.findings
    assert finding.severity is Severity.LOW
    assert finding.summary.startswith("b.txt ends at 09:00:59 UTC and lacks 61 s in the air")


def test_the_time_before_a_take_off_is_none_that_a_record_lacks(make_log: MakeLog) -> None:
    """A telemetry log that waits on the ground shows no flight that the record lacks."""
    own = [float(second) for second in range(241)]
    heights = [0.0 if second < 120 else 20.0 for second in own]
    waited = make_log(
        eastward(own, own, height_ato_m=heights),
        events=[{**flown(240)[0], "time": 120}, flown(240)[1]],
        name="a.tlog",
    )
    # By a clock of its own: no fix of one log is one of the other.
    later = [second + 0.5 for second in own[118:-1]]
    record = make_log(eastward(later, later), name="b.bin", sha256="cd" * 32)
    result = of_flight("missing_log", waited, record)
    assert result.outcome is Outcome.PASS, result.reason


def test_an_export_passes_with_words_about_what_it_can_show(samples: Path) -> None:
    stem = "2445-DJIFlightRecord_2018-06-21_[[]16-43-07]"
    paths = [
        next((samples / folder).rglob(stem + suffix), None)
        for folder, suffix in (("dji_txt", ".txt"), ("dji_csv", ".csv"))
    ]
    required("a record and its export", all(paths))
    logs = [parsers.read(Path(str(path))) for path in paths]
    result = of_flight("sources_disagree", *logs)
    assert result.outcome is Outcome.PASS, result.reason
    assert "only an edit could have shown" in result.reason


# record_chain and log_integrity


def test_a_broken_cipher_chain_fails_the_chain_of_records(make_log: MakeLog) -> None:
    own = [float(second) for second in range(61)]
    reason = "2 records: the chain of the cipher is broken, one or more records are missing"
    log = make_log(
        eastward(own, own),
        monotonic_counters=(counter(own),),
        issues=tuple(parsers.Issue(300 + 10 * n, 16, reason) for n in range(40)),
    )
    result = apply_rule(log, "record_chain")
    assert result.outcome is Outcome.FAIL
    (finding,) = [each for each in result.findings if not each.informational]
    assert "missing at 40 places" in finding.summary


def read_case(name: str) -> parsers.Log:
    folder = CASES / name
    required(f"the case {name!r}", folder.is_dir())
    (path,) = folder.glob("*.txt")
    keys = parsers.load_keychains(path.with_name(path.name + ".keychains.json").read_bytes())
    (log,) = parsers.read_file(path, keys=[keys]).logs
    return log


def test_records_taken_out_of_a_real_looking_encrypted_log_are_found() -> None:
    log = read_case("dji_txt_v14_lost_records")
    assert of_flight("record_chain", log).outcome is Outcome.FAIL


def test_twelve_bad_sectors_are_one_finding() -> None:
    result = of_flight("log_integrity", read_case("dji_txt_v14_bad_sectors"))
    findings = [finding for finding in result.findings if not finding.informational]
    assert len(findings) <= 1
    assert any("could not be decoded" in finding.summary for finding in result.findings)

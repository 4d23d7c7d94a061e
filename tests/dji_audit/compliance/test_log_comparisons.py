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
from dji_audit.flights import assemble_flights
from tests.conftest import ROOT, required
from tests.dji_audit.compliance.one_rule import apply_rule, flown
from tests.dji_audit.conftest import MakeLog

DEGREE_M = 111_319.4908
CASES = ROOT.parent / "shared" / "cases"


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

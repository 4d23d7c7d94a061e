"""Where an observation stops to suffice, a policy to apply, and an acknowledgement to hold."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from dji_audit.common.plain_english import percent_text
from dji_audit.compliance.acknowledgements import (
    AcknowledgedFinding,
    _fingerprint_at_neighbouring_minute_if_any,
    _how_finding_worsened_text,
    _identifying_texts_of_untimed_finding,
    finding_fingerprint,
    findings_with_fingerprints_filled_in,
)
from dji_audit.compliance.data_needs import (
    MIN_SHARE,
    fact_in_air_data_need,
    intervals_without_recording_pause,
    supplied_input_data_need,
)
from dji_audit.compliance.findings import (
    Acknowledgement,
    AuthorisationCoverage,
    DataNeedObservation,
    Evidence,
    Finding,
    RuleResult,
)
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import PolicyEntry, PolicyError, parse_policy


def test_a_need_is_met_from_its_share_on_and_never_by_nothing() -> None:
    def is_met(share: float, min_share: float) -> bool:
        need = fact_in_air_data_need("position", min_share=min_share)
        return need.is_met(DataNeedObservation(subject="positions", share=share))

    assert is_met(0.95, 0.95) and is_met(1.0, 1.0)
    assert not is_met(0.9499, 0.95) and not is_met(0.0, 0.0)


def test_a_fact_is_needed_for_95_per_cent_of_the_time_in_the_air() -> None:
    assert MIN_SHARE == fact_in_air_data_need("position").min_share == 0.95
    assert fact_in_air_data_need("position").words.endswith(", for 95 % of the time in the air")
    assert supplied_input_data_need("zones", "zone file", "").min_share == MIN_SHARE


@pytest.mark.parametrize(
    ("step_s", "pause_s", "is_pause"),
    [
        # Up to five seconds, whatever the usual step.
        (0.1, 5.0, False), (0.1, 5.1, True),
        # Up to three usual steps.
        (2.0, 6.0, False), (2.0, 6.1, True),
        # And never more than fifteen seconds.
        (6.0, 15.0, False), (6.0, 15.1, True),
    ],
)  # fmt: skip
def test_messages_pause_where_a_log_waits_longer_than_usually(
    step_s: float, pause_s: float, is_pause: bool
) -> None:
    before = step_s * np.arange(20)
    after = before[-1] + pause_s + step_s * np.arange(20)
    found = intervals_without_recording_pause(np.concatenate([before, after]), is_of_messages=True)
    assert len(found) == (2 if is_pause else 1)
    assert found[0, 0] == 0
    assert found[-1, 1] == after[-1]


@pytest.mark.parametrize(("step_s", "is_seen"), [(5.0, True), (5.1, False)])
def test_between_two_values_five_seconds_apart_the_value_is_known_however_slow_the_log(
    step_s: float, is_seen: bool
) -> None:
    found = intervals_without_recording_pause(step_s * np.arange(20, dtype=np.float64))
    assert len(found) == is_seen


def test_one_instant_is_no_stretch_of_time() -> None:
    assert len(intervals_without_recording_pause(np.array([5.0]))) == 0
    assert intervals_without_recording_pause(np.array([5.0, 6.0])).tolist() == [[5.0, 6.0]]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100 %"), (0.9999, "99.9 %"), (0.999, "99.9 %"), (0.5, "50 %"), (0.001, "0.1 %"),
        (0.0009, "less than 0.1 %"), (0.0, "0 %"),
    ],
)  # fmt: skip
def test_a_share_is_never_rounded_up(share: float, text: str) -> None:
    assert percent_text(share) == text


# Policies


def entry(**more: Any) -> PolicyEntry:
    values = {"id": "a", "rule": "a", "status": "statute", "citation": "c"} | more
    return PolicyEntry.model_validate(values)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "applies"),
    [
        (None, None, True), (dt.date(2026, 5, 14), dt.date(2026, 5, 14), True),
        (dt.date(2026, 5, 15), None, False), (None, dt.date(2026, 5, 13), False),
    ],
)  # fmt: skip
def test_an_entry_applies_from_its_first_day_to_its_last(
    valid_from: dt.date | None, valid_to: dt.date | None, applies: bool
) -> None:
    found = entry(valid_from=valid_from, valid_to=valid_to)
    assert found.applies_on(dt.date(2026, 5, 14)) == applies


def test_an_entry_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="would never apply"):
        entry(valid_from=dt.date(2026, 5, 15), valid_to=dt.date(2026, 5, 14))
    assert (entry().severity, entry().verified) == (Severity.MEDIUM, False)


def test_an_entry_that_appears_twice_is_refused() -> None:
    text = '[pack]\nname = "p"\nversion = "1"\ntitle = "t"\nextends = "default"\n'
    rule = '[[rule]]\nid = "height_limit"\noff = true\n'
    assert "height_limit" not in parse_policy((text + rule).encode(), "p").rules
    with pytest.raises(PolicyError, match="appears twice: height_limit"):
        parse_policy((text + rule + rule).encode(), "p")


# Acknowledgements


def acknowledged(**more: Any) -> AcknowledgedFinding:
    values = {
        "fingerprint": "0123456789ab", "outcome": "fail", "severity": "medium", "peak": 100.0,
        "by": "B",
        "day": "2026-05-14", "reason": "seen",
    } | more  # fmt: skip
    return AcknowledgedFinding.model_validate(values)


def worse(row: AcknowledgedFinding, outcome: Outcome = Outcome.FAIL, **more: Any) -> str:
    values: dict[str, Any] = {
        "rule": "r", "severity": Severity.MEDIUM, "summary": "", "grade": "reported",
        "evidence": (), "peak": 100.0,
    } | more  # fmt: skip
    return _how_finding_worsened_text(row, Finding(**values), outcome)


@pytest.mark.parametrize(
    ("acknowledged_peak", "peak", "text"),
    [
        (100.0, 101.0, ""), (100.0, 101.01, "its value was 100.0 and is 101.0"),
        (100.0, 50.0, ""), (-100.0, -99.0, ""),
        (-100.0, -98.9, "its value was -100.0 and is -98.9"),
        (0.0, 0.0, ""), (0.0, 0.1, "its value was 0.0 and is 0.1"), (100.0, None, ""),
        (None, 0.1, "the acknowledgement states no value, and it is 0.1"), (None, None, ""),
    ],
)  # fmt: skip
def test_a_value_may_exceed_the_acknowledged_one_by_a_hundredth(
    acknowledged_peak: float | None, peak: float | None, text: str
) -> None:
    assert worse(acknowledged(peak=acknowledged_peak), peak=peak) == text


def test_a_graver_outcome_or_severity_counts_again_and_a_lighter_one_does_not() -> None:
    assert worse(acknowledged()) == ""
    assert worse(acknowledged(outcome="not_assessable")).startswith("its outcome was ")
    assert worse(acknowledged(), Outcome.FAIL_AUTHORISED) == ""
    assert worse(acknowledged(), severity=Severity.HIGH).startswith("its severity was medium")
    assert worse(acknowledged(), severity=Severity.LOW) == ""


# Fingerprints


def of_flight(**more: Any) -> Any:
    """Return what a fingerprint sees of a flight of two logs, the second in its third part."""
    sources = [
        SimpleNamespace(log=SimpleNamespace(source=SimpleNamespace(sha256=it)), segment_number=part)
        for it, part in (("aa", 1), ("bb", 3))
    ]
    values = {"sources": sources, "log": sources[0].log, "aircraft": SimpleNamespace(serial="S1")}
    return SimpleNamespace(**(values | more))


def shown(second: float | None = None, *, sha256: str = "aa", **more: Any) -> Finding:
    evidence = Evidence(file="f", sha256=sha256, offset=1, record="r", field="f", value="v")
    start = (
        None
        if second is None
        else pd.Timestamp("2026-05-14T09:00:00Z") + pd.Timedelta(seconds=second)
    )
    values: dict[str, Any] = {
        "rule": "r", "severity": Severity.LOW, "summary": "", "grade": "reported",
        "evidence": (evidence,), "start": start,
    } | more  # fmt: skip
    return Finding(**values)


def test_a_finding_without_a_time_is_known_by_the_log_and_field_that_show_it() -> None:
    flight = of_flight()
    assert _identifying_texts_of_untimed_finding(shown(), flight) == ("aa", "1", "r.f")
    assert _identifying_texts_of_untimed_finding(shown(sha256="bb"), flight) == ("bb", "3", "r.f")
    assert _identifying_texts_of_untimed_finding(shown(sha256="cc"), flight) == ("aa", "1", "r.f")
    assert _identifying_texts_of_untimed_finding(shown(subject="zone 7"), flight) == (
        "aa",
        "1",
        "zone 7",
    )
    assert _identifying_texts_of_untimed_finding(shown(evidence=()), flight) == ("aa", "1", "")


@pytest.mark.parametrize(
    ("second", "minutes"), [(0, -1), (29.9, -1), (30, 1), (59.9, 1), (60, 0), (90, 2)]
)
def test_a_time_lies_beside_the_nearer_minute(second: float, minutes: int) -> None:
    flight, finding = of_flight(), shown(second)
    first = shown(0)
    assert _fingerprint_at_neighbouring_minute_if_any(finding, flight) == (
        finding_fingerprint(first, flight, minutes),
    )
    assert _fingerprint_at_neighbouring_minute_if_any(shown(), flight) == ()
    other = of_flight(aircraft=SimpleNamespace(serial=None))
    assert finding_fingerprint(first, other) != finding_fingerprint(first, flight)


def test_equal_fingerprints_are_numbered_in_order_of_times_and_words() -> None:
    begin = shown(0).start
    assert begin is not None
    later = begin + pd.Timedelta(seconds=9)
    findings = [
        shown(5), shown(0, end=later), shown(0, summary="b"), shown(0, summary="a"),
        shown(0, end=begin + pd.Timedelta(seconds=4)),
    ]  # fmt: skip
    found = [
        it.fingerprint.partition("-")[2]
        for it in findings_with_fingerprints_filled_in(findings, of_flight())
    ]
    assert found == ["5", "4", "2", "", "3"]


# Outcomes


@pytest.mark.parametrize(
    ("share", "min_share", "is_met"), [(0.5, 0.5, True), (0.49, 0.5, False), (0.0, 0.0, False)]
)
def test_an_observation_suffices_from_the_share_that_a_pass_needs(
    share: float, min_share: float, is_met: bool
) -> None:
    assert DataNeedObservation(subject="", share=share, min_share=min_share).is_met == is_met
    assert DataNeedObservation(subject="", share=0.001).is_met


@pytest.mark.parametrize(
    ("outcome", "odd", "expected"),
    [
        (Outcome.FAIL, {}, "fail"), (Outcome.PASS, {}, "remark"),
        (Outcome.FAIL, {"informational": True}, "remark"),
        (Outcome.FAIL, {"severity": Severity.REMARK}, "remark"),
        (Outcome.FAIL, {"inconclusive": True}, "not_assessable"),
        (Outcome.NOT_ASSESSABLE, {}, "remark"),
        (Outcome.FAIL, {"authorisation": AuthorisationCoverage(True, (), "")}, "fail_authorised"),
        (Outcome.FAIL, {"authorisation": AuthorisationCoverage(False, (), "")}, "fail"),
        (Outcome.FAIL_ACKNOWLEDGED,
         {"acknowledgement": Acknowledgement(True, "", dt.date(2026, 5, 14), "", "", "", 2)},
         "fail_acknowledged"),
        (Outcome.FAIL,
         {"acknowledgement": Acknowledgement(False, "", dt.date(2026, 5, 14), "", "", "", 2)},
         "fail"),
    ],
)  # fmt: skip
def test_each_finding_of_a_failure_has_its_own_outcome(
    outcome: Outcome, odd: dict[str, Any], expected: str
) -> None:
    result = RuleResult(
        rule="r", title="", outcome=outcome, reason="", status="national_law", citation=""
    )
    assert result.outcome_of_finding(shown(0, **odd)) == expected
    assert result.status_text == "national law"

"""What a result comes to: who authorised or looked at findings, what was read, when it is valid."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dji_audit.compliance import audit
from dji_audit.compliance.audit import (
    _least_observed_share_of_needs,
    _not_applicable_result_unless_in_force,
    _partial_reading_caveat,
    _result_with_authorisations,
    _result_with_harmless_findings_as_remarks,
    _rule_result_with_acknowledgements,
    rule_and_parameters_of_entry,
    source_of_each_parameter,
)
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import (
    Acknowledgement,
    AuthorisationCoverage,
    DataNeedObservation,
    Finding,
    RuleResult,
)
from dji_audit.compliance.outcomes import FAILURES, Outcome, Severity
from dji_audit.compliance.policy import PolicyEntry, PolicyParameterValueAndSource, load_policy
from dji_audit.compliance.rules import CheckResult
from dji_audit.flights import Flight

FLIGHT = cast("Flight", None)
DAY = dt.date(2026, 5, 20)


def finding(**more: Any) -> Finding:
    values = {"severity": Severity.MEDIUM, "summary": "", "grade": "measured"} | more
    return Finding(rule="height_limit", evidence=(), **values)


def authorised(is_complete: bool, *references: str) -> AuthorisationCoverage:
    return AuthorisationCoverage(is_complete, references, "")


def looked_at(by: str = "A", *, holds: bool = True) -> Acknowledgement:
    return Acknowledgement(holds, by, DAY, "r", "", "0" * 12, 2)


ALL, PART = authorised(True, "A-1"), authorised(False, "A-2")


# Authorised


def authorising(covers: Mapping[str, AuthorisationCoverage]) -> AuditContext:
    """Return a context whose authorisations cover the findings of some summaries."""

    def cover(found: Finding, ids: frozenset[str], flight: Flight) -> Finding:
        assert ids == {"mine", "height_limit"}
        return replace(found, authorisation=covers.get(found.summary))

    return cast(
        "AuditContext",
        SimpleNamespace(authorisations=SimpleNamespace(finding_with_authorisation=cover)),
    )


@pytest.mark.parametrize(
    ("covers", "outcome", "reason"),
    [
        ({}, Outcome.FAIL, "Why."),
        ({"a": ALL}, Outcome.FAIL, "Why. Authorised: 1 of 2."),
        ({"a": PART}, Outcome.FAIL, "Why. Authorised: 0 of 2, 1 in part."),
        ({"a": PART, "b": PART}, Outcome.FAIL, "Why. Authorised: 0 of 2, 2 in part."),
        ({"a": ALL, "b": PART}, Outcome.FAIL, "Why. Authorised: 1 of 2, 1 in part."),
        ({"a": ALL, "b": ALL}, Outcome.FAIL_AUTHORISED, "Why. Authorised: A-1."),
        ({"a": ALL, "b": authorised(True, "A-3", "A-1")}, Outcome.FAIL_AUTHORISED,
         "Why. Authorised: A-1, A-3."),
        # What breaks nothing needs no authorisation and gets none.
        ({"c": ALL, "d": ALL}, Outcome.FAIL, "Why."),
    ],
)  # fmt: skip
def test_a_failure_is_authorised_if_each_finding_that_counts_is(
    covers: dict[str, AuthorisationCoverage], outcome: Outcome, reason: str
) -> None:
    findings = (
        finding(summary="a"), finding(summary="b"), finding(summary="c", inconclusive=True),
        finding(summary="d", informational=True),
    )  # fmt: skip
    entry = load_policy().rules["height_limit"].model_copy(update={"id": "mine"})
    result = CheckResult(Outcome.FAIL, "Why.", findings)
    found = _result_with_authorisations(result, entry, FLIGHT, authorising(covers))
    assert (found.outcome, found.reason) == (outcome, reason)
    assert [it.authorisation is not None for it in found.findings] == [
        "a" in covers, "b" in covers, False, False,
    ]  # fmt: skip
    for outcome_ in set(Outcome) - {Outcome.FAIL}:
        kept = replace(result, outcome=outcome_)
        assert _result_with_authorisations(kept, entry, FLIGHT, authorising(covers)) is kept
    assert _result_with_authorisations(result, entry, FLIGHT, AuditContext()) is result


# Acknowledged


def acknowledging(findings: Sequence[Finding]) -> AuditContext:
    """Return a context whose acknowledgements make these of the findings."""
    mark = SimpleNamespace(mark_acknowledged_findings=lambda *_: tuple(findings))
    return cast("AuditContext", SimpleNamespace(acknowledgements=mark))


@pytest.mark.parametrize(
    ("findings", "outcome", "reason"),
    [
        ([finding(acknowledgement=looked_at())], Outcome.FAIL_ACKNOWLEDGED,
         "Why. Acknowledged by A (2026-05-20)."),
        ([finding(acknowledgement=looked_at()), finding()], Outcome.FAIL,
         "Why. Acknowledged by A (2026-05-20): 1 of 2."),
        ([finding(acknowledgement=looked_at(by)) for by in "ABA"], Outcome.FAIL_ACKNOWLEDGED,
         "Why. Acknowledged by A (2026-05-20), B (2026-05-20)."),
        ([finding(acknowledgement=looked_at(by)) for by in "BA"] + [finding()], Outcome.FAIL,
         "Why. Acknowledged by B (2026-05-20), A (2026-05-20): 2 of 3."),
        # An authorised one needs nobody, and who looked at it settles no other.
        ([finding(acknowledgement=looked_at()), finding(authorisation=ALL)],
         Outcome.FAIL_ACKNOWLEDGED, "Why. Acknowledged by A (2026-05-20)."),
        ([finding(acknowledgement=looked_at(), authorisation=ALL), finding()], Outcome.FAIL,
         "Why."),
        ([finding(acknowledgement=looked_at()), finding(authorisation=PART)], Outcome.FAIL,
         "Why. Acknowledged by A (2026-05-20): 1 of 2."),
        ([finding(acknowledgement=looked_at()), finding(informational=True),
          finding(inconclusive=True), finding(severity=Severity.REMARK)],
         Outcome.FAIL_ACKNOWLEDGED, "Why. Acknowledged by A (2026-05-20)."),
        ([finding(acknowledgement=looked_at(holds=False))], Outcome.FAIL, "Why."),
        ([finding()], Outcome.FAIL, "Why."),
    ],
)  # fmt: skip
def test_a_failure_is_acknowledged_if_each_finding_that_counts_is(
    findings: list[Finding], outcome: Outcome, reason: str
) -> None:
    result = CheckResult(Outcome.FAIL, "Why.")
    context = acknowledging(findings)
    found = _rule_result_with_acknowledgements(result, FLIGHT, context)
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.findings == tuple(findings)
    for outcome_ in set(Outcome) - {Outcome.FAIL}:
        kept = replace(result, outcome=outcome_)
        assert _rule_result_with_acknowledgements(kept, FLIGHT, context) is kept
    assert _rule_result_with_acknowledgements(result, FLIGHT, AuditContext()) is result


# Outcomes of findings

ODD: tuple[dict[str, Any], ...] = (
    {}, {"informational": True}, {"inconclusive": True}, {"severity": Severity.REMARK},
)  # fmt: skip


@pytest.mark.parametrize("outcome", Outcome)
def test_what_breaks_nothing_is_a_remark(outcome: Outcome) -> None:
    findings = tuple(finding(**({"severity": Severity.HIGH} | odd)) for odd in ODD)
    found = _result_with_harmless_findings_as_remarks(
        CheckResult(outcome, "Why.", findings)
    ).findings
    broken = Severity.HIGH if outcome in FAILURES else Severity.REMARK
    assert [it.severity for it in found] == [
        broken, Severity.REMARK, Severity.HIGH, Severity.REMARK,
    ]  # fmt: skip


@pytest.mark.parametrize("outcome", Outcome)
def test_findings_of_one_rule_may_have_several_outcomes(outcome: Outcome) -> None:
    result = RuleResult(
        rule="r", title="", outcome=outcome, reason="", status="statutory_code", citation=""
    )
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, Outcome.FAIL), ({"informational": True}, "remark"),
        ({"severity": Severity.REMARK}, "remark"),
        ({"authorisation": ALL}, Outcome.FAIL_AUTHORISED), ({"authorisation": PART}, Outcome.FAIL),
        ({"acknowledgement": looked_at()}, Outcome.FAIL_ACKNOWLEDGED),
        ({"acknowledgement": looked_at(holds=False)}, Outcome.FAIL),
        ({"authorisation": ALL, "acknowledgement": looked_at()}, Outcome.FAIL_AUTHORISED),
    ]  # fmt: skip
    for more, expected in cases:
        of_failure = expected if outcome in FAILURES else "remark"
        assert result.outcome_of_finding(finding(**more)) == of_failure
    open_ = finding(inconclusive=True)
    assert result.outcome_of_finding(open_) == Outcome.NOT_ASSESSABLE
    assert (finding().breaks_rule, finding().is_authorised, finding().is_acknowledged) == (
        True, False, False,
    )  # fmt: skip
    assert result.status_text == "statutory code"


@pytest.mark.parametrize(
    ("share", "min_share", "is_met"),
    [(0.0, None, False), (0.001, None, True), (1.0, None, True), (0.95, 0.95, True),
     (0.949, 0.95, False), (0.0, 0.0, False)],
)  # fmt: skip
def test_an_observation_suffices_from_its_share_on(
    share: float, min_share: float | None, is_met: bool
) -> None:
    more: dict[str, Any] = {} if min_share is None else {"min_share": min_share}
    assert DataNeedObservation(subject="x", share=share, **more).is_met is is_met
    whole = DataNeedObservation.for_subject_seen_in_full("x", "a", "b")
    assert (whole.share, whole.sources, whole.reason) == (1.0, ("a", "b"), "")
    nothing = DataNeedObservation.for_subject_not_seen("x", "why", "what to do")
    assert (nothing.share, nothing.reason, nothing.remedy) == (0.0, "why", "what to do")


@pytest.mark.parametrize(
    ("shares", "least"), [((), None), ((0.5,), 0.5), ((1.0, 0.25, 0.5), 0.25), ((0.0, 1.0), 0.0)]
)
def test_a_result_states_the_least_share_of_its_needs(
    shares: tuple[float, ...], least: float | None
) -> None:
    seen = tuple(DataNeedObservation(subject="x", share=share) for share in shares)
    result = CheckResult(Outcome.PASS, "Why.", observations=seen)
    assert _least_observed_share_of_needs(result) == least


# What was read


def log(lost: Sequence[int] = (), *, encrypted: bool = False, truncated: bool = False) -> Any:
    return SimpleNamespace(
        issues=tuple(SimpleNamespace(size=size) for size in lost), encrypted=encrypted,
        is_truncated=truncated, source=SimpleNamespace(name="b.txt" if encrypted else "a.txt"),
    )  # fmt: skip


REST = " This rests on the part that could be read: "


@pytest.mark.parametrize(
    ("logs", "caveat"),
    [
        ([log()], ""), ([log(), log()], ""), ([log([0])], ""),
        ([log([1])], f"{REST}1 byte of the log was not."),
        ([log([1000, 234])], f"{REST}1,234 bytes of the log were not."),
        ([log([1000]), log([234, 1])], f"{REST}1,235 bytes of its logs were not."),
        ([log(encrypted=True)], ""),
        ([log(), log(encrypted=True)], f"{REST}b.txt needs a key."),
        ([log(encrypted=True), log(encrypted=True)], f"{REST}b.txt, b.txt needs a key."),
        ([log([7]), log(encrypted=True)], f"{REST}7 bytes of its logs were not."),
        ([log(truncated=True)], " The log is cut short."),
        ([log(), log(truncated=True)], " One of the logs is cut short."),
        ([log(), log(), log(truncated=True)], " One of the logs is cut short."),
        ([log(encrypted=True, truncated=True)], " The log is cut short."),
    ],
)  # fmt: skip
def test_a_result_says_what_of_the_logs_was_not_read(logs: list[Any], caveat: str) -> None:
    assert _partial_reading_caveat(cast("Flight", SimpleNamespace(logs=logs))) == caveat


# When a rule is valid

FIRST, LAST = dt.date(2026, 1, 2), dt.date(2026, 1, 9)
ON, RULES_OF = "the flight was on", "the rules applied are those of"


@pytest.mark.parametrize(
    ("since", "until", "day", "as_of", "reason"),
    [
        (None, None, None, None, None), (None, None, FIRST, None, None),
        (FIRST, None, None, None, "The date of the flight is not known."),
        (None, LAST, None, None, "The date of the flight is not known."),
        (FIRST, LAST, FIRST, None, None), (FIRST, LAST, LAST, None, None),
        (FIRST, None, dt.date(2026, 1, 1), None,
         f"The rule is valid from 2026-01-02; {ON} 2026-01-01."),
        (None, LAST, dt.date(2026, 1, 10), None,
         f"The rule is valid to 2026-01-09; {ON} 2026-01-10."),
        (FIRST, LAST, dt.date(2026, 1, 10), dt.date(2026, 1, 10),
         f"The rule is valid from 2026-01-02 to 2026-01-09; {RULES_OF} 2026-01-10."),
    ],
)  # fmt: skip
def test_a_rule_that_was_not_in_force_says_when_it_is(
    since: dt.date | None,
    until: dt.date | None,
    day: dt.date | None,
    as_of: dt.date | None,
    reason: str | None,
) -> None:
    entry = PolicyEntry(
        id="a", rule="height_limit", status="engineering", citation="x",
        valid_from=since, valid_to=until,
    )  # fmt: skip
    context = cast("AuditContext", SimpleNamespace(as_of=as_of))
    found = _not_applicable_result_unless_in_force(entry, day, context)
    assert (None if found is None else found.reason) == reason
    if found is not None:
        unknown = day is None
        expected = Outcome.NOT_ASSESSABLE if unknown else Outcome.NOT_APPLICABLE
        assert found.outcome is expected


def test_a_parameter_that_no_policy_gives_is_a_default_of_dji_audit() -> None:
    height = load_policy().rules["height_limit"]
    given = {"limit_m": PolicyParameterValueAndSource(value=60.0, source="Order 3")}
    entry = height.model_copy(update={"parameters": given})
    _, parameters = rule_and_parameters_of_entry(entry)
    sources = dict(source_of_each_parameter(entry, parameters))
    assert sources.pop("limit_m") == "Order 3"
    assert sources
    assert set(sources.values()) == {"default of dji-audit"}


# Entries that were resolved


def test_a_resolved_entry_is_remembered_as_long_as_it_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit, "_RESOLVED", {})
    height = load_policy().rules["height_limit"]
    distance = load_policy().rules["distance_limit"]
    first = rule_and_parameters_of_entry(height)
    again = rule_and_parameters_of_entry(height)
    assert again[0] is first[0]
    assert again[1] is first[1]
    assert rule_and_parameters_of_entry(distance)[0].id == "distance_limit"
    # Another entry may come to lie where one lay before.
    audit._RESOLVED[id(distance)] = audit._RESOLVED[id(height)]
    assert rule_and_parameters_of_entry(distance)[0].id == "distance_limit"


def test_no_more_than_256_entries_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = dict[int, Any]()
    monkeypatch.setattr(audit, "_RESOLVED", remembered)
    height = load_policy().rules["height_limit"]
    entries = [height.model_copy() for _ in range(260)]
    counts = []
    for entry in entries:
        rule_and_parameters_of_entry(entry)
        counts.append(len(remembered))
    assert counts[:256] == list(range(1, 257))
    assert counts[256:] == [1, 2, 3, 4]

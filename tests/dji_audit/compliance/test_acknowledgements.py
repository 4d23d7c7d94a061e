"""What a named person looked at stays listed, no longer counts, and returns when it is worse."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from pydantic import ValidationError

import parsers
from dji_audit.api import audit
from dji_audit.common.supplied_tables import SuppliedFileError, SuppliedRow
from dji_audit.compliance.acknowledgements import (
    AcknowledgedFinding,
    Acknowledgements,
    _acknowledgement_from_rows,
    _fingerprint_at_neighbouring_minute_if_any,
    _how_finding_worsened_text,
    _identifying_texts_of_untimed_finding,
    finding_fingerprint,
    findings_with_fingerprints_filled_in,
    load_acknowledgements,
)
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Evidence, Finding, RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.flights import Flight, assemble_flights
from dji_audit.report.triage import remedies_for_unchecked
from tests.dji_audit.conftest import MakeLog

HEAD = "fingerprint,outcome,severity,peak,by,day,reason,taken_back"
#: Columns that a row of a test states.
STATED = HEAD.split(",")[:-1]
#: A fingerprint that no finding has.
ANY = "0123456789ab"
#: Above 120 m once, for ten seconds, two minutes into the flight.
SECONDS = range(240)


def heights(peak_m: float, first: int = 120) -> list[float]:
    """Return heights above take-off of a flight that once goes beyond its limit, one a second."""
    inside = range(first, first + 11)
    return [0.0, *[peak_m if second in inside else 60.0 for second in SECONDS][1:-1], 0.0]


@pytest.fixture
def result(make_log: MakeLog, tmp_path: Path) -> Callable[..., RuleResult]:
    """Return what height_limit comes to on a flight, with some rows of acknowledgements."""

    def of(
        *rows: str, peak_m: float = 131.2, first: int = 120, level: Severity = Severity.MEDIUM
    ) -> RuleResult:
        flight = flight_of(make_log, peak_m, first)
        context = AuditContext()
        if rows:
            path = tmp_path / "acknowledged.csv"
            path.write_text("\n".join([HEAD, *rows]) + "\n")
            context = replace(context, acknowledgements=load_acknowledgements(path))
        entry = load_policy().rules["height_limit"].model_copy(update={"severity": level})
        return apply_policy_entry_to_flight(flight, entry, context)

    return of


def flight_of(make_log: MakeLog, peak_m: float = 131.2, first: int = 120) -> Flight:
    """Return a flight of one log with such heights."""
    log = make_log(
        {
            "height_ato_m": heights(peak_m, first),
            "latitude_deg": [50.0] * len(SECONDS),
            "longitude_deg": [-4.0] * len(SECONDS),
        },
        aircraft=parsers.Aircraft(serial="S1"),
    )
    return assemble_flights(log)[0]


def row_of(found: RuleResult, **changes: Any) -> str:
    """Return the row that acknowledges the only finding of a result."""
    (finding,) = found.findings
    values = {
        "fingerprint": finding.fingerprint, "outcome": "fail", "severity": finding.severity,
        "peak": "" if finding.peak is None else f"{finding.peak:.1f}", "by": "Insp A",
        "day": "2026-05-20", "reason": "wind gust; pilot briefed",
    } | changes  # fmt: skip
    return ",".join(str(values[name]) for name in STATED)


Result = Callable[..., RuleResult]


def test_an_acknowledged_finding_stays_listed_and_no_longer_fails(result: Result) -> None:
    open_ = result()
    assert open_.outcome is Outcome.FAIL
    settled = result(row_of(open_))
    assert settled.outcome is Outcome.FAIL_ACKNOWLEDGED
    (finding,) = settled.findings
    assert settled.outcome_of_finding(finding) == Outcome.FAIL_ACKNOWLEDGED
    assert finding.summary == open_.findings[0].summary
    assert finding.acknowledgement is not None
    text = "acknowledged by Insp A on 2026-05-20: wind gust; pilot briefed"
    assert finding.acknowledgement.text == text
    assert "Acknowledged by Insp A (2026-05-20)" in settled.reason


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"peak": 125.0}, "its value was 125.0 and is 131.2"),
        ({"peak": ""}, "the acknowledgement states no value, and it is 131.2"),
        ({"severity": "low"}, "its severity was low and is medium"),
        ({"outcome": "not_assessable"}, "its outcome was not_assessable and is fail"),
    ],
)
def test_it_counts_again_when_its_facts_are_worse(
    result: Result, changes: dict[str, Any], why: str
) -> None:
    again = result(row_of(result(), **changes))
    assert again.outcome is Outcome.FAIL
    (finding,) = again.findings
    assert again.outcome_of_finding(finding) == Outcome.FAIL
    assert finding.acknowledgement is not None
    assert not finding.acknowledgement.holds
    assert finding.acknowledgement.text.endswith(f"counts again because {why}")


@pytest.mark.parametrize("changes", [{"peak": 140.0}, {"peak": 131.0}, {"severity": "high"}])
def test_it_holds_while_its_facts_are_as_bad_or_better(
    result: Result, changes: dict[str, Any]
) -> None:
    assert result(row_of(result(), **changes)).outcome is Outcome.FAIL_ACKNOWLEDGED


@pytest.mark.parametrize("shift_s", [-1, 1, 20])
def test_a_later_version_may_find_the_start_a_little_earlier_or_later(
    result: Result, shift_s: int
) -> None:
    row = row_of(result())
    assert result(row, first=120 + shift_s).outcome is Outcome.FAIL_ACKNOWLEDGED


@pytest.mark.parametrize("shift_s", [-100, 100])
def test_another_excursion_of_the_same_flight_is_not_the_one_that_was_looked_at(
    result: Result, shift_s: int
) -> None:
    assert result(row_of(result()), first=120 + shift_s).outcome is Outcome.FAIL


def test_what_is_taken_back_counts_again_and_the_finding_tells_both(
    result: Result,
) -> None:
    given = row_of(result()) + ","
    back = row_of(result(), by="Sgt B", day="2026-06-02", reason="gust was not logged") + ",true"
    again = result(given, back)
    assert again.outcome is Outcome.FAIL
    (finding,) = again.findings
    assert finding.acknowledgement is not None
    assert not finding.acknowledgement.holds
    assert finding.acknowledgement.text == (
        "acknowledgement taken back by Sgt B on 2026-06-02: gust was not logged "
        "(before: acknowledged by Insp A on 2026-05-20: wind gust; pilot briefed)"
    )
    assert finding.acknowledgement.fingerprint == finding.fingerprint
    settled = result(given, back, row_of(result(), by="Supt C", day="2026-06-03") + ",false")
    assert settled.outcome is Outcome.FAIL_ACKNOWLEDGED
    (finding,) = settled.findings
    assert finding.acknowledgement is not None
    text = finding.acknowledgement.text
    assert text.startswith("acknowledged by Supt C on 2026-06-03: ")
    assert text.index("taken back by Sgt B") < text.index("acknowledged by Insp A")


def test_of_a_long_history_the_last_rows_are_told(result: Result) -> None:
    rows = []
    for number in range(8):
        rows += [f"{row_of(result(), by=f'Insp {number}')},"]
        rows += [f"{row_of(result(), by=f'Sgt {number}')},true"]
    (finding,) = result(*rows).findings
    assert finding.acknowledgement is not None
    assert finding.acknowledgement.text.count(" by ") == 11
    assert finding.acknowledgement.text.endswith("; 5 more)")
    assert "Sgt 7" in finding.acknowledgement.text
    assert "Insp 2:" not in finding.acknowledgement.text


@pytest.mark.parametrize(
    "rows", [[f"{ANY},true"], [f"{ANY},", f"{'b' * 12},yes"], [f"{ANY},", *[f"{ANY},true"] * 2]]
)
def test_a_row_that_takes_back_nothing_is_refused_with_its_line(
    tmp_path: Path, rows: list[str]
) -> None:
    path = tmp_path / "acknowledged.csv"
    lines = [row.replace(",", ",fail,low,,x,2026-05-20,y,") for row in rows]
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    with pytest.raises(SuppliedFileError, match=rf"line {len(rows) + 1}: taken_back: no row above"):
        load_acknowledgements(path)


def made(start_s: float | None, subject: str | None = None, summary: str = "high") -> Finding:
    """Return a finding by hand."""
    start = None if start_s is None else pd.Timestamp("2026-05-14T09:00:00Z")
    return Finding(
        rule="height_limit",
        severity=Severity.MEDIUM,
        summary=summary,
        grade="measured",
        subject=subject,
        start=start and start + pd.Timedelta(seconds=start_s or 0),
        evidence=(
            Evidence(
                file="a", sha256="00" * 32, offset=1, record="OSD", field="height", value="131"
            ),
        ),
    )


def prints(findings: Sequence[Finding], flight: Flight) -> dict[str, str]:
    """Return summary -> fingerprint."""
    return {
        each.summary: each.fingerprint
        for each in findings_with_fingerprints_filled_in(findings, flight)
    }


def test_a_fingerprint_depends_on_no_order_no_words_and_no_other_finding(
    make_log: MakeLog,
) -> None:
    flight = flight_of(make_log)
    several = [made(5, summary="a"), made(40, summary="b"), made(300, summary="c"),
               made(5, subject="zone 1", summary="d"), made(None, summary="e")]  # fmt: skip
    whole = prints(several, flight)
    assert len(set(whole.values())) == len(several)
    assert prints(several[::-1], flight) == whole
    assert prints(several[2:3], flight)["c"] == whole["c"]
    reworded = replace(several[2], summary="other words", grade="reported", peak=9.0)
    assert prints([reworded], flight)["other words"] == whole["c"]


def test_a_fingerprint_is_of_its_rule_aircraft_subject_and_minute(make_log: MakeLog) -> None:
    flight = flight_of(make_log)
    other = assemble_flights(
        make_log({"height_ato_m": [0.0, 9.0]}, aircraft=parsers.Aircraft(serial="S2"))
    )[0]
    finding = made(5)
    own = finding_fingerprint(finding, flight)
    assert own == finding_fingerprint(made(55), flight)
    for another in (
        finding_fingerprint(replace(finding, rule="distance_limit"), flight),
        finding_fingerprint(made(5, subject="zone 1"), flight),
        finding_fingerprint(made(65), flight),
        finding_fingerprint(finding, other),
    ):
        assert another != own


def test_a_fingerprint_stays_the_same_in_every_version(make_log: MakeLog) -> None:
    # Acknowledgements of a unit name it: a change here makes them all return.
    assert finding_fingerprint(made(5), flight_of(make_log)) == "5137ceb090b9"


def test_in_a_run_what_is_acknowledged_counts_neither_for_verdict_nor_exit_code(
    whole: Path, tmp_path: Path
) -> None:
    before = audit(whole)
    failing = [finding for finding in before.typed_findings if finding.outcome == Outcome.FAIL]
    assert failing
    assert before.run.verdict.exit_code == 1
    path = tmp_path / "acknowledged.toml"
    path.write_text(
        "\n".join(
            f'[[acknowledgement]]\nfingerprint = "{finding.fingerprint}"\n'
            f'severity = "{finding.severity}"\nby = "Insp A"\nday = 2026-05-20\nreason = "x"\n'
            + ("" if finding.peak is None else f"peak = {finding.peak}\n")
            for finding in reversed(failing)
        )
    )
    after = audit(whole, acknowledged=path)
    verdict = after.run.verdict
    assert verdict.exit_code == 0
    assert verdict.acknowledged == len(failing)
    assert verdict.line.startswith("0 of 1 flights need a look")
    assert len(after.typed_findings) == len(before.typed_findings)
    (flight,) = after.run.contents.flights
    assert (flight.findings, flight.worst) == (0, None)
    assert flight.outcomes.get(Outcome.FAIL, 0) == 0
    assert "acknowledged.toml" in after.run.report_json_text


def test_an_acknowledgement_that_matches_nothing_is_said_with_its_line(
    whole: Path, tmp_path: Path
) -> None:
    failing = [each for each in audit(whole).typed_findings if each.outcome == Outcome.FAIL]
    path = tmp_path / "acknowledged.csv"
    right = f"{failing[0].fingerprint},fail,high,1e9,Insp A,2026-05-20,x"
    path.write_text(f"{HEAD}\n{right}\n{ANY},fail,low,,Insp A,2026-05-20,x\n")
    after = audit(whole, acknowledged=path)
    text = f"1 acknowledgement matches no finding that counts: acknowledged.csv, line 3 ({ANY})."
    assert [it.text for it in after.run.verdict.remarks if not it.flights] == [text]
    assert text in after.run.report_json_text
    assert after.run.verdict.severities["remark"] > audit(whole).run.verdict.severities["remark"]
    (check,) = [
        it for it in remedies_for_unchecked(after.run.contents) if "acknowledgement" in it.reason
    ]
    assert check.action == "compare them with --all, or remove them"
    path.write_text(f"{HEAD}\n{right}\n")
    assert not audit(whole, acknowledged=path).run.contents.unmatched_acknowledgements


def test_of_many_that_match_nothing_the_first_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        "".join(
            f'[[acknowledgement]]\nfingerprint = "{number:012x}"\nseverity = "low"\n'
            'by = "x"\nday = 2026-05-20\nreason = "y"\n'
            for number in range(1, 9)
        )
    )
    text = load_acknowledgements(path).unmatched_rows_text({1})
    assert text.startswith("7 acknowledgements match no finding that counts: a.toml, table 2 (")
    assert text.endswith("table 6 (000000000006) and 2 more.")
    assert not load_acknowledgements(path).unmatched_rows_text(range(1, 9))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "a.toml",
            'fingerprint = "a"\n',
            "expected [[acknowledgement]] tables only, found fingerprint",
        ),
        (
            "a.toml",
            '[acknowledgement]\nby = "x"\n',
            "as a table [[acknowledgement]], in two brackets",
        ),
        ("a.toml", '[[acknowledgements]]\nby = "x"\n', "did you mean acknowledgement?"),
        ("a.toml", f"{HEAD}\n", "a CSV needs a name that ends in .csv"),
        ("a.toml", '[[acknowledgement]]\nby = "x"\n', "table 1: fingerprint: must be given"),
        ("a.csv", "fingerprint,by,day,reason\nab,x,2026-05-20,y\n", "no column severity"),
        ("a.csv", f"{HEAD}\n{ANY},fail,grave,,x,2026-05-20,y\n", "line 2: severity"),
        ("a.csv", f"{HEAD}\n{ANY},fail,low,,x,20 May,y\n", "line 2: day"),
        ("a.csv", f"{HEAD}\n{ANY},fail,low,,,2026-05-20,y\n", "line 2: by: must be given"),
        (
            "a.csv",
            f"{HEAD}\nab,fail,low,,x,2026-05-20,y\n",
            "line 2: fingerprint: 'ab' is not a finger",
        ),
        (
            "a.csv",
            f'{HEAD}\n{ANY},fail,low,,x,2026-05-20,"y\n',
            "line 2: a quotation mark is never closed",
        ),
        ("a.csv", '[[acknowledgement]]\nby = "x"\n', "a TOML file needs a name that ends in .toml"),
    ],
)
def test_a_wrong_table_is_refused_with_what_is_wrong_or_what_to_write(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SuppliedFileError) as caught:
        load_acknowledgements(path)
    assert told in str(caught.value)


# Where each of these stops


def part_of_flight(
    *shas: str, serial: str | None = "S1", segments: Sequence[int] = (0, 1, 2)
) -> Flight:
    """Return what a fingerprint sees of a flight."""
    sources = tuple(
        SimpleNamespace(log=SimpleNamespace(source=SimpleNamespace(sha256=sha)), segment_number=n)
        for sha, n in zip(shas, segments, strict=False)
    )
    log = sources[0].log if sources else None
    aircraft = SimpleNamespace(serial=serial)
    return cast("Flight", SimpleNamespace(sources=sources, log=log, aircraft=aircraft))


def shown_by(*places: tuple[str, str, str], subject: str | None = None) -> Finding:
    """Return a finding without a time, with evidence of these files, records and fields."""
    evidence = tuple(
        Evidence(file="a", sha256=sha, offset=1, record=record, field=field, value="1")
        for sha, record, field in places
    )
    return replace(made(None, subject), evidence=evidence)


@pytest.mark.parametrize(
    ("finding", "identity"),
    [
        (shown_by(), ("aa", "4", "")),
        (shown_by(subject="zone 1"), ("aa", "4", "zone 1")),
        (shown_by(("bb", "OSD", "height")), ("bb", "7", "OSD.height")),
        (shown_by(("bb", "OSD", "height"), subject="zone 1"), ("bb", "7", "zone 1")),
        # Evidence of a file that the unit supplied is of no log.
        (shown_by(("zz", "row", "limit")), ("aa", "4", "row.limit")),
        (shown_by(("zz", "row", "limit"), ("bb", "OSD", "height"), ("aa", "x", "y")),
         ("bb", "7", "row.limit")),
    ],
)  # fmt: skip
def test_a_finding_without_a_time_is_known_by_the_log_that_shows_it(
    finding: Finding, identity: tuple[str, str, str]
) -> None:
    flight = part_of_flight("aa", "bb", segments=(4, 7))
    assert _identifying_texts_of_untimed_finding(finding, flight) == identity


def test_an_aircraft_without_a_serial_is_known_by_its_log() -> None:
    def fingerprint(serial: str | None, sha: str) -> str:
        return finding_fingerprint(made(5), part_of_flight(sha, serial=serial))

    assert fingerprint("S1", "aa") == fingerprint("S1", "bb")
    assert fingerprint(None, "aa") == fingerprint("aa", "bb") != fingerprint(None, "bb")


@pytest.mark.parametrize(
    ("second", "minutes"), [(0, -1), (20, -1), (29, -1), (29.9, -1), (30, 1), (31, 1), (59, 1)]
)
def test_the_nearer_minute_is_the_other_one_that_a_start_may_fall_into(
    second: float, minutes: int
) -> None:
    flight, finding = part_of_flight("aa"), made(second)
    (other,) = _fingerprint_at_neighbouring_minute_if_any(finding, flight)
    assert other == finding_fingerprint(made(60 * minutes), flight)
    assert _fingerprint_at_neighbouring_minute_if_any(made(None), flight) == ()


def test_findings_that_agree_are_numbered_by_their_times() -> None:
    def ending(start: float | None, end: float | None, summary: str) -> Finding:
        stop = None if end is None else pd.Timestamp("2026-05-14T09:00:00Z")
        return replace(
            made(start, summary=summary), end=stop and stop + pd.Timedelta(seconds=end or 0)
        )

    flight = part_of_flight("aa")
    several = [
        ending(40, 41, "f"), ending(10, 20, "e"), ending(5, 50, "c"), ending(5, 8, "a"),
        ending(5, None, "z"), ending(5, 50, "d"), ending(5, 9, "b"),
    ]  # fmt: skip
    first = finding_fingerprint(made(5), flight)
    assert prints(several, flight) == {
        "z": first, "a": f"{first}-2", "b": f"{first}-3", "c": f"{first}-4", "d": f"{first}-5",
        "e": f"{first}-6", "f": f"{first}-7",
    }  # fmt: skip
    pair = [shown_by(("aa", "x", "y")), replace(shown_by(("aa", "x", "y")), summary="earlier")]
    untimed = finding_fingerprint(pair[0], flight)
    assert prints(pair, flight) == {"earlier": untimed, "high": f"{untimed}-2"}


def seen(**changes: Any) -> AcknowledgedFinding:
    values = {
        "fingerprint": ANY, "severity": "medium", "by": "A", "day": "2026-05-20", "reason": "r",
    } | changes  # fmt: skip
    return AcknowledgedFinding.model_validate(values)


def acknowledged_by(*rows: AcknowledgedFinding) -> Acknowledgements:
    table = SimpleNamespace(
        rows=tuple(SuppliedRow(row, None, number) for number, row in enumerate(rows, 2)),
        name="a.csv",
    )
    return Acknowledgements(cast("Any", table))


def test_a_row_of_another_finding_settles_no_neighbour() -> None:
    flight = part_of_flight("aa")
    late, early = findings_with_fingerprints_filled_in(
        [made(65, summary="l"), made(20, summary="e")], flight
    )
    table = acknowledged_by(seen(fingerprint=early.fingerprint))

    def settled(*findings: Finding) -> list[bool]:
        found = table.mark_acknowledged_findings(findings, Outcome.FAIL, flight)
        return [each.is_acknowledged for each in found]

    assert settled(late, early) == [False, True]
    assert settled(late) == [True]
    assert settled(replace(early, informational=True)) == [False]
    assert settled(replace(early, inconclusive=True)) == [False]
    assert settled(replace(early, severity=Severity.REMARK)) == [False]


@pytest.mark.parametrize(
    ("row", "finding", "why"),
    [
        ({"peak": 100.0}, {"peak": 101.0}, ""),
        ({"peak": 100.0}, {"peak": 101.1}, "its value was 100.0 and is 101.1"),
        ({"peak": -100.0}, {"peak": -99.0}, ""),
        ({"peak": -100.0}, {"peak": -98.9}, "its value was -100.0 and is -98.9"),
        ({"peak": 100.0}, {"peak": 50.0}, ""), ({"peak": 100.0}, {}, ""), ({}, {}, ""),
        ({}, {"peak": 1.0}, "the acknowledgement states no value, and it is 1.0"),
        ({}, {"severity": Severity.HIGH}, "its severity was medium and is high"),
        ({}, {"severity": Severity.LOW}, ""),
    ],
)  # fmt: skip
def test_a_finding_grows_worse_by_more_than_a_hundredth(
    row: dict[str, Any], finding: dict[str, Any], why: str
) -> None:
    worse = _how_finding_worsened_text(seen(**row), replace(made(5), **finding), Outcome.FAIL)
    assert worse == why


GRAVITY = ("pass", "not_applicable", "not_assessable", "fail_authorised", "fail_acknowledged",
           "fail")  # fmt: skip


@pytest.mark.parametrize("then", GRAVITY)
@pytest.mark.parametrize("now", GRAVITY)
def test_a_graver_outcome_is_worse(then: str, now: str) -> None:
    worse = _how_finding_worsened_text(seen(outcome=then), made(5), Outcome(now))
    is_worse = GRAVITY.index(now) > GRAVITY.index(then)
    assert worse == (f"its outcome was {then} and is {now}" if is_worse else "")


@pytest.mark.parametrize(
    ("count", "told", "rest"), [(1, 0, ""), (2, 1, ")"), (11, 10, "r)"), (12, 10, "; 1 more)")]
)
def test_ten_earlier_rows_are_told(count: int, told: int, rest: str) -> None:
    rows = [SuppliedRow(seen(by=f"Insp {n}"), None, n) for n in range(count)]
    found = _acknowledgement_from_rows(rows, made(5), Outcome.FAIL)
    assert found.text.startswith(f"acknowledged by Insp {count - 1} on 2026-05-20: r")
    assert found.text.count(" by ") == told + 1
    assert found.text.endswith(rest)
    assert (found.holds, found.by, found.number) == (True, f"Insp {count - 1}", count - 1)


@pytest.mark.parametrize(
    ("count", "begin", "end"),
    [
        (1, "1 acknowledgement matches no", "line 2 (000000000000)."),
        (2, "2 acknowledgements match no", "line 3 (000000000001)."),
        (5, "5 acknowledgements match no", "line 6 (000000000004)."),
        (6, "6 acknowledgements match no", "line 6 (000000000004) and 1 more."),
    ],
)
def test_five_rows_that_match_nothing_are_named(count: int, begin: str, end: str) -> None:
    table = acknowledged_by(*(seen(fingerprint=f"{n:012x}") for n in range(count)))
    text = table.unmatched_rows_text(())
    assert text.startswith(f"{begin} finding that counts: a.csv, line 2 (")
    assert text.endswith(end)
    # A row that somebody used stands for all rows about its finding.
    twice = acknowledged_by(seen(), seen(taken_back=True), seen(fingerprint="b" * 12))
    assert twice.unmatched_rows_text({2}).endswith(f"a.csv, line 4 ({'b' * 12}).")


@pytest.mark.parametrize(
    ("text", "is_fingerprint"),
    [(ANY, True), (f"  {ANY.upper()} ", True), (f"{ANY}-2", True), (f"{ANY}-", False),
     (ANY[:-1], False), (f"{ANY}a", False), (f"{ANY[:-1]}g", False)],
)  # fmt: skip
def test_a_fingerprint_has_twelve_digits_and_perhaps_a_number(
    text: str, is_fingerprint: bool
) -> None:
    if is_fingerprint:
        assert seen(fingerprint=text).fingerprint == text.strip().lower()
        assert not seen(fingerprint=text).taken_back
    else:
        with pytest.raises(ValidationError, match="is not a fingerprint"):
            seen(fingerprint=text)

"""What a named person looked at stays listed, no longer counts, and returns when it is worse."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parsers
from dji_audit.api import audit
from dji_audit.compliance.acknowledgements import (
    finding_fingerprint,
    fingerprinted_findings,
    load_acknowledgements,
)
from dji_audit.compliance.audit import apply_policy_entry_to_flight
from dji_audit.compliance.context import AuditContext
from dji_audit.compliance.findings import Evidence, Finding, RuleResult
from dji_audit.compliance.outcomes import Outcome, Severity
from dji_audit.compliance.policy import load_policy
from dji_audit.flights import Flight, assemble_flights
from dji_audit.report.triage import remedies_for_unchecked
from dji_audit.supplied_tables import SuppliedFileError
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
    return {each.summary: each.fingerprint for each in fingerprinted_findings(findings, flight)}


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
    assert verdict.line.startswith("0 of 1 flight need a look")
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

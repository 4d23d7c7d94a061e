"""What workers make of each flight for index and tables says what the rows of the run say."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dji_audit.compliance.policy import load_policy
from dji_audit.fleet.rows_on_disk import load_last_run_rows_of_state
from dji_audit.fleet.run import FinishedRun, RunOptions, audit_paths
from dji_audit.fleet.tables.open_database import database_path, open_fleet_database_read_only
from dji_audit.fleet.tables.schema import FLEET_TABLES
from dji_audit.fleet.tables.table_rows import RowsOfOneTable, rows_of_each_table
from dji_audit.fleet.tables.write_tables import write_fleet_tables_and_return_run_number
from dji_audit.mapper.index_page import IndexPageOptions, render_index_page_html
from dji_audit.redaction import PositionRedactionMethod
from dji_audit.report.rows import FlightRuleOutcomes, RunContents
from dji_audit.report.rule_outcomes_of_flights import (
    rule_outcomes_of_flight,
    rule_outcomes_of_flights,
)
from dji_audit.report.run_verdict import verdict_of_run
from dji_audit.report.triage import triage_of_run
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_logs"
#: What is derived from other tables, and what names the run.
NOT_OF_ROWS = {"about", "aircraft", "batteries", "payloads", "firmware", "quarantine", "tracks"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[FinishedRun, Path]:
    """Return a run over all samples, and its state."""
    state = tmp_path_factory.mktemp("run") / "state"
    options = RunOptions(policy=load_policy("default"), state=state, out=state.parent / "out")
    return audit_paths([SAMPLES], options), state


def without_rule_outcomes(contents: RunContents) -> RunContents:
    """Return the rows of a run, in memory, and no rule outcomes beside them."""
    return RunContents(
        files=tuple(contents.files),
        flights=tuple(contents.flights),
        results=tuple(contents.results),
        findings=tuple(contents.findings),
        captures=tuple(contents.captures),
        contacts=tuple(contents.contacts),
        network=tuple(contents.network),
        rules=tuple(contents.rules),
        clocks=tuple(contents.clocks),
        undeclared_clocks=tuple(contents.undeclared_clocks),
        unmatched_acknowledgements=contents.unmatched_acknowledgements,
        app_folders=tuple(contents.app_folders),
        events=tuple(contents.events),
    )


def test_rule_outcomes_are_those_of_the_rows(finished: tuple[FinishedRun, Path]) -> None:
    run, state = finished
    made: list[FlightRuleOutcomes] = [
        rule_outcomes_of_flight(
            flight, [it for it in run.contents.results if it.flight == flight.id]
        )
        for flight in run.contents.flights
    ]
    assert len(made) > 5
    assert list(run.contents.rule_outcomes) == made
    assert list(load_last_run_rows_of_state(state).rule_outcomes) == made
    assert list(rule_outcomes_of_flights(without_rule_outcomes(run.contents))) == made
    assert {need.rule for it in made for need in it.unmet_needs} <= {
        rule for it in made for rule in it.not_assessable_reasons
    }


def test_verdict_triage_and_index_are_the_same_with_and_without_rule_outcomes(
    finished: tuple[FinishedRun, Path],
) -> None:
    run, _ = finished
    bare = without_rule_outcomes(run.contents)
    options = RunOptions(policy=load_policy("default"))
    verdicts = [
        verdict_of_run(it, options.fail_on, options.allow_partial) for it in (run.contents, bare)
    ]
    assert verdicts[0] == verdicts[1] == run.verdict
    assert triage_of_run(run.contents) == triage_of_run(bare) == run.triage
    pages = [
        render_index_page_html(
            it, IndexPageOptions(basis=run.basis, generated=None, verdict_line=run.verdict.line)
        )
        for it in (run.contents, bare)
    ]
    assert pages[0] == pages[1]
    assert all(flight.id in pages[0] for flight in bare.flights)


def test_a_redacted_run_has_rule_outcomes_of_its_redacted_rows(tmp_path: Path) -> None:
    run = audit_paths(
        [SAMPLES / "00000042.BIN"],
        RunOptions(
            policy=load_policy("default"),
            out=tmp_path / "out",
            redaction=PositionRedactionMethod.OFFSET,
        ),
    )
    (rule_outcomes,) = run.contents.rule_outcomes
    (flight,) = run.contents.flights
    assert rule_outcomes == rule_outcomes_of_flight(flight, run.contents.results)


def test_the_tables_hold_what_the_rows_of_the_run_hold(
    finished: tuple[FinishedRun, Path], tmp_path: Path
) -> None:
    run, state = finished

    def all_rows() -> Iterator[object]:
        contents = run.contents
        for rows in (
            contents.files, contents.rules, contents.flights, contents.results,
            contents.findings, contents.events, contents.captures, contents.contacts,
            contents.network,
        ):  # fmt: skip
            yield from rows

    write_fleet_tables_and_return_run_number(tmp_path, all_rows(), {})
    for table in FLEET_TABLES:
        if table.name in NOT_OF_ROWS or table.name == "parts":
            continue
        order = ", ".join(f'"{name}"' for name in table.column_names)
        statement = f'SELECT * FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - of the schema
        with (
            open_fleet_database_read_only(state) as ours,
            closing(sqlite3.connect(database_path(tmp_path))) as theirs,
        ):
            found = ours.execute(statement).fetchall()
            wanted = theirs.execute(statement).fetchall()
        assert found == wanted, table.name


def test_rows_go_into_their_tables_in_the_order_of_the_columns(
    finished: tuple[FinishedRun, Path],
) -> None:
    run, _ = finished
    columns = {table.name: table.column_names for table in FLEET_TABLES}
    rows = [run.contents.results[0], run.contents.results[1], run.contents.flights[0]]
    made = {it.table: it.rows for it in rows_of_each_table(rows)}
    assert [row[columns["results"].index("rule")] for row in made["results"]] == [
        run.contents.results[0].rule,
        run.contents.results[1].rule,
    ]
    assert all(len(row) == len(columns[name]) for name, own in made.items() for row in own)
    with pytest.raises(TypeError, match="no table of a fleet"):
        rows_of_each_table([RowsOfOneTable("results", ())])

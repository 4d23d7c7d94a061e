"""``dji-audit fleet``: its commands with options and help; the rest is loaded when called."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dji_audit.cli._command_group import (
    option_for_output,
    option_with_value,
    plain_text_command_group,
)
from dji_audit.cli.fleet._answer_options import Between, Flight, Format, Out, Rows, Serial, State
from dji_audit.cli.fleet._state_argument_before_command import StateFirstGroup

fleet_app = plain_text_command_group(
    "fleet",
    "Ask what is known of a fleet: fleet STATE QUESTION. Merge states of several machines.",
    "Exit codes: 0 answered; 2 usage, or a state that cannot be read or has no tables.",
)
fleet_app.info.cls = StateFirstGroup


@fleet_app.command()
def merge(
    states: Annotated[
        list[Path],
        typer.Argument(
            metavar="STATE", readable=False, help="States to merge, such as those of --shard."
        ),
    ],
    out: Annotated[
        Path,
        option_for_output(
            "STATE", "State that gets all results; made if it is not there. Results in it stay."
        ),
    ],
) -> None:
    """Put the states of several machines into one.

    Then `audit --state STATE` over the same paths reads nothing again and gives what one machine
    would have given. Exit codes: 0 merged; 2 a state cannot be read or written.
    """
    from dji_audit.cli.fleet._merge import merge_command

    raise typer.Exit(merge_command(states, out))


@fleet_app.command()
def summary(state: State, format: Format = None, out: Out = None, rows: Rows = 200) -> None:
    """Figures: flights, hours, verdicts, findings, contacts."""
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import answer_with_fleet_summary

    write_answer(answer_with_fleet_summary(state), format, out, rows)


#: Questions about rows that have a time and a flight -> their help.
_QUESTIONS_BY_TIME = {
    "flights": "Flights: logged, and declared without a log.",
    "captures": "Photos, videos and sound recordings.",
    "contacts": "Which devices talked to whom, when, by grade.",
    "findings": "Findings, each with the bytes that show it.",
}
#: Questions about rows that belong to an aircraft.
_QUESTIONS_BY_AIRCRAFT = {
    "aircraft": "Aircraft by serial number, with their hours.",
    "batteries": "Batteries by serial number.",
    "payloads": "Cameras by serial number.",
    "firmware": "Firmware versions, since when, and which are behind.",
}
#: Questions about the fleet as a whole.
_QUESTIONS_ABOUT_ALL = {
    "gaps": "What could not be checked, and what can be done.",
    "quarantine": "Files not read in full, and why.",
}


def _write_answer_to_table_question(
    name: str,
    state: Path,
    document: tuple[str | None, Path | None, int],
    between: str | None = None,
    serial: str | None = None,
    flight: str | None = None,
) -> None:
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import answer_table_question, row_filter_from_options

    chosen = row_filter_from_options(between=between, serial=serial, flight=flight)
    write_answer(answer_table_question(state, name, chosen), *document)


def _add_question_command_by_time(name: str, summary: str) -> None:
    def ask(
        state: State,
        between: Between = None,
        serial: Serial = None,
        flight: Flight = None,
        format: Format = None,
        out: Out = None,
        rows: Rows = 50,
    ) -> None:
        _write_answer_to_table_question(name, state, (format, out, rows), between, serial, flight)

    fleet_app.command(name, help=summary)(ask)


def _add_question_command_by_aircraft(name: str, summary: str) -> None:
    def ask(
        state: State,
        serial: Serial = None,
        format: Format = None,
        out: Out = None,
        rows: Rows = 50,
    ) -> None:
        _write_answer_to_table_question(name, state, (format, out, rows), serial=serial)

    fleet_app.command(name, help=summary)(ask)


def _add_question_command_for_whole_fleet(name: str, summary: str) -> None:
    def ask(state: State, format: Format = None, out: Out = None, rows: Rows = 50) -> None:
        _write_answer_to_table_question(name, state, (format, out, rows))

    fleet_app.command(name, help=summary)(ask)


for _questions, _add_question in (
    (_QUESTIONS_BY_TIME, _add_question_command_by_time),
    (_QUESTIONS_BY_AIRCRAFT, _add_question_command_by_aircraft),
    (_QUESTIONS_ABOUT_ALL, _add_question_command_for_whole_fleet),
):
    for _name, _summary in _questions.items():
        _add_question(_name, _summary)


@fleet_app.command()
def sample(
    state: State,
    rate: Annotated[str, option_with_value("--rate", "SHARE", "Share of the flights, such as 5%.")],
    seed: Annotated[int, option_with_value("--seed", "N", "Any number; the same gives the same.")],
    format: Format = None,
    out: Out = None,
    rows: Rows = 50,
) -> None:
    """A random sample of flights, for a second look.

    The same seed gives the same flights, so that nobody can be said to have picked them.
    """
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import answer_with_random_flight_sample

    write_answer(answer_with_random_flight_sample(state, rate, seed), format, out, rows)


@fleet_app.command()
def runs(state: State, format: Format = None, out: Out = None, rows: Rows = 50) -> None:
    """The runs of a state, by number."""
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import answer_with_list_of_runs

    write_answer(answer_with_list_of_runs(state), format, out, rows)


@fleet_app.command()
def diff(
    state: State,
    before: Annotated[
        int | None, typer.Argument(metavar="RUN1", help="Number of a run; runs lists them.")
    ] = None,
    after: Annotated[
        int | None, typer.Argument(metavar="RUN2", help="Another. Without: the last.")
    ] = None,
    format: Format = None,
    out: Out = None,
    rows: Rows = 50,
) -> None:
    """What differs between two runs: flights, findings, files.

    Without numbers: between the last two.
    """
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import answer_with_run_differences

    write_answer(answer_with_run_differences(state, before, after), format, out, rows)


@fleet_app.command(context_settings={"ignore_unknown_options": True})
def place(
    state: State,
    place: Annotated[
        str, typer.Argument(metavar="LAT,LON", help="Degrees, WGS 84, such as 51.5007,-0.1246.")
    ],
    within: Annotated[
        float, option_with_value("--within", "METRES", "How near an aircraft must be.")
    ] = 500.0,
    between: Between = None,
    serial: Serial = None,
    flight: Flight = None,
    format: Format = None,
    out: Out = None,
    rows: Rows = 50,
) -> None:
    """When a place was in view of a camera, or near an aircraft."""
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import (
        answer_when_place_was_near_or_in_view,
        row_filter_from_options,
    )

    chosen = row_filter_from_options(between=between, serial=serial, flight=flight)
    write_answer(
        answer_when_place_was_near_or_in_view(state, place, within, chosen), format, out, rows
    )


@fleet_app.command()
def together(
    state: State,
    within: Annotated[
        float, option_with_value("--within", "METRES", "How near two flights must come.")
    ] = 5000.0,
    between: Between = None,
    serial: Serial = None,
    flight: Flight = None,
    format: Format = None,
    out: Out = None,
    rows: Rows = 50,
) -> None:
    """Which flights were in the air at once, and how near."""
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import (
        answer_which_flights_flew_together,
        row_filter_from_options,
    )

    chosen = row_filter_from_options(between=between, serial=serial, flight=flight)
    write_answer(answer_which_flights_flew_together(state, within, chosen), format, out, rows)


@fleet_app.command()
def sql(
    state: State,
    statement: Annotated[
        str, typer.Argument(metavar="SQL", help="One SELECT; docs/fleet_tables.md has the tables.")
    ],
    engine: Annotated[
        Literal["duckdb", "sqlite"] | None,
        typer.Option("--engine", help="Default: DuckDB where it is installed, else SQLite."),
    ] = None,
    format: Format = None,
    out: Out = None,
    rows: Rows = 50,
) -> None:
    """A question of your own in SQL; nothing is written."""
    from dji_audit.cli.fleet._print_answer import write_answer
    from dji_audit.cli.fleet._questions import sql_statement_answer

    write_answer(sql_statement_answer(state, statement, engine), format, out, rows)


@fleet_app.command()
def page(
    state: State,
    out: Annotated[
        Path,
        option_for_output("FILE", "The page; beside the results of the audit it leads to theirs."),
    ] = Path("fleet.html"),
) -> None:
    """Draw the dashboard: one sealed page that loads nothing."""
    from dji_audit.cli.fleet._dashboard_page import page_command

    raise typer.Exit(page_command(state, out))
